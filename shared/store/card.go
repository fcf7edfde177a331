package store

import (
	"encoding/json"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Card is what an item shows beside its numbers, and the facts its lots were
// judged from. It is written together with the head whenever supply or controls
// change; orders never touch it.
type Card struct {
	Version       int64                   `json:"-"`
	ASIN          string                  `json:"asin,omitempty"`
	FnSKU         string                  `json:"fnSku,omitempty"`
	ProductName   string                  `json:"productName,omitempty"`
	Condition     string                  `json:"condition,omitempty"`
	Unfulfillable map[string]supply.Units `json:"unfulfillable,omitempty"` // by Amazon's name of the kind
	Researching   map[string]supply.Units `json:"researching,omitempty"`   // by Amazon's name of the span
	Adjusted      supply.Units            `json:"adjusted,omitempty"`      // sum of all adjustments of the stock
	Received      supply.Units            `json:"received,omitempty"`      // counted in by lots that the card no longer lists
	Lots          []CardLot               `json:"lots,omitempty"`
	Edits         []Edit                  `json:"edits,omitempty"`
}

// CardLot is the facts of one lot. Times are UTC.
type CardLot struct {
	Ordinal  uint16                `json:"n"`
	Shipment supply.ShipmentID     `json:"shipment"`
	Created  time.Time             `json:"created"`
	Status   supply.ShipmentStatus `json:"status"`
	Shipped  supply.Units          `json:"shipped"`
	Received supply.Units          `json:"received,omitempty"`
	Removed  supply.Units          `json:"removed,omitempty"`
	Trouble  supply.Trouble        `json:"trouble,omitempty"`
	ETA      supply.Window         `json:"eta"`
	Basis    supply.Window         `json:"basis"`
	Heard    time.Time             `json:"heard"`
	Arrived  time.Time             `json:"arrived,omitzero"`
	Counted  time.Time             `json:"counted,omitzero"`
	Version  int64                 `json:"version"`
	Padding  int                   `json:"padding,omitempty"`
	Dated    time.Time             `json:"dated,omitzero"`
	Opened   bool                  `json:"opened,omitempty"`
	Outlook  supply.Outlook        `json:"outlook,omitzero"`
}

// Edit is who changed what by hand, and why; the newest last.
type Edit struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Reason string    `json:"reason,omitempty"`
}

// Record returns the card as the store keeps it, with the lots of it.
func (c *Card) Record(it *supply.Item) (Record, error) {
	c.Lots = c.Lots[:0]
	for i := range it.Lots {
		c.Lots = append(c.Lots, cardLot(&it.Lots[i]))
	}
	body, err := json.Marshal(c)
	if err != nil {
		return Record{}, fault.As(fault.Internal, err, "encoding a card")
	}
	return Record{Key: CardKey(it.Key), Version: c.Version, Attrs: []Attr{Text("body", string(body))}}, nil
}

// ReadCard reads what Record made and gives the item of the head its lots'
// facts. Version 0 gives an empty card.
func ReadCard(r *Record, it *supply.Item) (*Card, error) {
	c := &Card{Version: r.Version}
	if r.Version != 0 {
		if err := json.Unmarshal([]byte(r.Attr("body").Text), c); err != nil {
			return nil, fault.As(fault.Internal, err, "decoding card "+r.Key.Partition)
		}
	}
	lots := make([]supply.Lot, 0, len(c.Lots))
	for i := range c.Lots {
		lots = append(lots, c.Lots[i].lot(it))
	}
	it.Lots, it.Detailed = lots, true
	return c, nil
}

func cardLot(l *supply.Lot) CardLot {
	return CardLot{Ordinal: l.Ordinal, Shipment: l.Shipment, Created: l.Created, Status: l.Status, Shipped: l.Shipped,
		Received: l.Received, Removed: l.Removed, Trouble: l.Trouble, ETA: l.ETA, Basis: l.Basis, Heard: l.Heard,
		Arrived: l.Arrived, Counted: l.Counted, Version: l.Version, Padding: l.Padding, Dated: l.Dated, Opened: l.Opened, Outlook: l.Outlook}
}

// lot joins the facts with what the head packs of the same lot. A lot that the
// head no longer packs is over.
func (c *CardLot) lot(it *supply.Item) supply.Lot {
	l := supply.Lot{Ordinal: c.Ordinal, Shipment: c.Shipment, Created: c.Created, Status: c.Status, Shipped: c.Shipped,
		Received: c.Received, Removed: c.Removed, Trouble: c.Trouble, ETA: c.ETA, Basis: c.Basis, Heard: c.Heard,
		Arrived: c.Arrived, Counted: c.Counted, Version: c.Version, Padding: c.Padding, Dated: c.Dated, Opened: c.Opened, Outlook: c.Outlook,
		Code: supply.Received, Day: supply.Undated}
	for i := range it.Lots {
		if packed := &it.Lots[i]; packed.Ordinal == c.Ordinal {
			l.Code, l.Day, l.Exposable, l.Pegged = packed.Code, packed.Day, packed.Exposable, packed.Pegged
			l.Tight, l.Slow = packed.Tight, packed.Slow
		}
	}
	return l
}
