package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/supply"
)

// QuoteRequest is the body of POST /v1/quote: an order that might be placed.
type QuoteRequest struct {
	Marketplace string          `json:"marketplace"`
	Split       bool            `json:"split"`    // each SKU is decided alone; otherwise all or none
	PlacedAt    string          `json:"placedAt"` // RFC 3339; "" = now
	Lines       []ContentFields `json:"lines"`
}

// Quote is what an order would get if it were placed at this instant. Nothing is
// held for it.
type Quote struct {
	At           time.Time            `json:"at"`
	Marketplace  supply.MarketplaceID `json:"marketplace"`
	Split        bool                 `json:"split"`
	Accepted     bool                 `json:"accepted"`     // every line
	Reason       *string              `json:"reason"`       // of the first line that is refused for itself
	Promised     *supply.Day          `json:"promised"`     // the latest of the accepted lines
	DeliveryDate *supply.Day          `json:"deliveryDate"` // with the buyer
	Lines        []QuotedLine         `json:"lines"`        // ascending by SKU
}

// QuotedLine is what one SKU of a quote would get.
type QuotedLine struct {
	SKU          supply.SKU   `json:"sku"`
	Units        supply.Units `json:"units"`
	Accepted     bool         `json:"accepted"`
	Reason       *string      `json:"reason"`
	Available    supply.Units `json:"availableQuantity"` // to one order, on hand and on their way
	OrderType    string       `json:"orderType"`
	Promised     *supply.Day  `json:"promised"`
	DeliveryDate *supply.Day  `json:"deliveryDate"`
	Pegs         []PegView    `json:"pegs"`
}

// ItemQuote is a quote of one item.
type ItemQuote struct {
	At          time.Time            `json:"at"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	QuotedLine
}

// message returns the order that is asked about. No order can have its id.
func (q *QuoteRequest) message(seller supply.SellerID, now time.Time) (m order.Message, err error) {
	var f form
	m = order.Message{Type: order.Placed, Seller: seller, Revision: 1, Split: q.Split, PlacedAt: now}
	m.Marketplace, err = supply.ParseMarketplaceID("marketplace", q.Marketplace)
	f.check(err)
	if q.PlacedAt != "" {
		m.PlacedAt, _ = f.instant("placedAt", q.PlacedAt, false)
	}
	for _, c := range f.contents("lines", q.Lines) {
		m.Lines = append(m.Lines, order.Line(c))
	}
	if len(q.Lines) == 0 {
		f.check(invalidField("lines is empty; name what would be ordered"))
	}
	slices.SortFunc(m.Lines, func(a, b order.Line) int { return cmp.Compare(a.SKU, b.SKU) })
	return m, f.err
}

// Quote returns what an order would get if it were placed now, by deciding it on
// items that are then taken back: it commits nothing and holds nothing. An item
// that nobody listed refuses, as it would an order. It returns fault.Invalid
// naming the field.
func (e *Engine) Quote(ctx context.Context, now time.Time, seller supply.SellerID, q QuoteRequest) (Quote, error) {
	m, err := q.message(seller, now)
	if err != nil {
		return Quote{}, err
	}
	if len(m.Lines) > quotedMost {
		return Quote{}, fault.New(fault.TooLarge, "TOO_LARGE", "lines has %d SKUs; a quote takes at most %d, ask for them in parts", len(m.Lines), quotedMost)
	}
	keys := make([]supply.ItemKey, len(m.Lines))
	for i := range keys {
		keys[i] = itemKey(&m, i)
	}
	items, err := e.load(ctx, now, true, true, keys...)
	if err != nil {
		return Quote{}, err
	}
	defer e.release(items...) // and with them all that was decided
	return quoted(items, &m), nil
}

// quoted decides the order on the items, each with its line of it.
func quoted(items []*loaded, m *order.Message) Quote {
	asked := newWhole("", m)
	available := make([]supply.Units, len(items))
	for i, l := range items {
		available[i] = l.item.Available(l.rules)
		if m.Split {
			asked.parts[i].wishes[0] = newWish(m, i)
		}
	}
	if !m.Split {
		asked.refuse(refusedBy(items, &asked))
	}
	rules := items[0].rules
	v := Quote{At: rules.Now, Marketplace: m.Marketplace, Split: m.Split, Accepted: true}
	for i, l := range items {
		l.item.Decide(l.rules, asked.parts[i].wishes)
		v.add(l.quoted(m, i, available[i]))
	}
	if v.Promised != nil {
		v.DeliveryDate = dayView(supply.DeliveryDay(*v.Promised, rules.Policy, rules.Calendar))
	}
	return v
}

// quotedMost is how many SKUs are quoted at once, split or not: all are read and
// held for the one answer.
const quotedMost = maxSKUs

// refuse notes at every line why the order is not granted; ReasonNone grants it.
func (w *whole) refuse(reason supply.Reason, at int) {
	if reason == supply.ReasonNone {
		return
	}
	for i := range w.parts {
		w.parts[i].wishes[0].Refuse = supply.OtherLineRefused
	}
	w.parts[at].wishes[0].Refuse = reason
}

// quoted returns what the item decided about the line.
func (l *loaded) quoted(m *order.Message, line int, available supply.Units) QuotedLine {
	o := opened(l).line(m.OrderID)
	v := QuotedLine{SKU: l.key.SKU, Units: m.Lines[line].Units, Accepted: o.Open(), Available: available, OrderType: standardOrder, Pegs: o.pegs}
	if !v.Accepted {
		reason := o.Reason.String()
		v.Reason = &reason
		return v
	}
	if o.Backorder {
		v.OrderType = backOrder
	}
	v.Promised = dayView(o.Promised)
	v.DeliveryDate = dayView(supply.DeliveryDay(o.Promised, l.rules.Policy, l.rules.Calendar))
	return v
}

func (q *Quote) add(line QuotedLine) {
	q.Lines = append(q.Lines, line)
	q.Accepted = q.Accepted && line.Accepted
	other := supply.OtherLineRefused.String()
	if line.Reason != nil && (q.Reason == nil || *q.Reason == other) {
		q.Reason = line.Reason
	}
	if line.Promised != nil && (q.Promised == nil || *q.Promised < *line.Promised) {
		q.Promised = line.Promised
	}
}

// QuoteItem is Quote for units of one item.
func (e *Engine) QuoteItem(ctx context.Context, now time.Time, key supply.ItemKey, units int64, placedAt string) (ItemQuote, error) {
	q := QuoteRequest{Marketplace: string(key.Marketplace), PlacedAt: placedAt, Lines: []ContentFields{{SKU: string(key.SKU), Units: units}}}
	if _, err := supply.ParseUnits("units", units, 1); err != nil {
		return ItemQuote{}, err
	}
	v, err := e.Quote(ctx, now, key.Seller, q)
	if err != nil {
		return ItemQuote{}, err
	}
	return ItemQuote{v.At, v.Marketplace, v.Lines[0]}, nil
}
