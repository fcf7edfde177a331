package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"headstart/shared/store"
	"headstart/shared/supply"
)

// SlipReport is what changes of one shipment did to promises, oldest first. It is
// read from the ledgers of its items, so it reaches as far back as these: 28 days
// beyond the end of an order. NextToken is absent on the last page.
type SlipReport struct {
	ShipmentID  supply.ShipmentID    `json:"shipmentId"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	Slips       []Slip               `json:"slips"`
	Text        []string             `json:"text"`
	NextToken   string               `json:"nextToken,omitzero"`
}

// Slip is what one commit did to the promises of one item: the moved, kept and
// short units are those that were reserved under a date before. The dates are
// those of the item's part of each order.
type Slip struct {
	At          time.Time      `json:"at"`
	SKU         supply.SKU     `json:"sku"`
	Cause       EventCause     `json:"cause"`
	InStockDate *DayChange     `json:"inStockDate"` // of this shipment; null when it did not move
	Reserved    supply.Units   `json:"reservedUnits"`
	MovedUnits  supply.Units   `json:"movedUnits"`
	KeptUnits   supply.Units   `json:"keptUnits"`
	ShortUnits  supply.Units   `json:"shortUnits"`   // of orders that lost their date, since some unit of them has no supply
	Dateless    supply.Units   `json:"undatedUnits"` // of orders that had no date before
	Moved       []SlippedOrder `json:"moved"`
	Short       []ShortOrder   `json:"short"`

	seq uint64 // of its first entry
}

// DayChange is a day before and after; null where nobody knew it.
type DayChange struct {
	From *supply.Day `json:"from"`
	To   *supply.Day `json:"to"`
}

// SlippedOrder has another promise than before: Days later, or earlier when below
// zero. From is null when it had none.
type SlippedOrder struct {
	OrderID supply.OrderID `json:"orderId"`
	Units   supply.Units   `json:"units"` // that wait for the date
	From    *supply.Day    `json:"from"`
	To      supply.Day     `json:"to"`
	Days    int            `json:"days"`
}

// slippedMost is how many orders a page of a report names, about: a slip is never
// cut in two.
const slippedMost = 5000

// SlipReport returns which orders changes of a shipment's arrival or contents
// moved since an instant ("" = ever), by how much and why. It returns
// fault.NotFound for a shipment nobody announced and fault.Invalid for a bad
// instant or token.
func (e *Engine) SlipReport(ctx context.Context, now time.Time, seller supply.SellerID, id, since, token string) (SlipReport, error) {
	from, after, err := readSlipToken(token)
	if err != nil {
		return SlipReport{}, err
	}
	var f form
	var begin time.Time
	if since != "" {
		begin, _ = f.instant("since", since, true)
	}
	if f.err != nil {
		return SlipReport{}, f.err
	}
	s, err := e.readShipment(ctx, seller, id)
	if err != nil {
		return SlipReport{}, err
	}
	report := SlipReport{ShipmentID: s.ID, Marketplace: s.Marketplace, Slips: []Slip{}, Text: []string{}}
	named := 0
	for _, sku := range slices.Sorted(maps.Keys(s.Facts(s.version, e.policy().OnCarriage))) {
		if sku < from {
			continue
		}
		slips, err := e.slips(ctx, now, supply.ItemKey{Seller: seller, Marketplace: s.Marketplace, SKU: sku}, s.ID)
		if err != nil {
			return SlipReport{}, err
		}
		for _, slip := range slips {
			if slip.At.Before(begin) || sku == from && slip.seq <= after {
				continue
			}
			if named >= slippedMost {
				return report.cut(from, after), nil
			}
			report.Slips = append(report.Slips, slip)
			named += 1 + len(slip.Moved) + len(slip.Short)
			from, after = sku, slip.seq
		}
	}
	return report.cut("", 0), nil
}

// cut ends a page behind the slip of that item and sequence.
func (r SlipReport) cut(sku supply.SKU, seq uint64) SlipReport {
	if sku != "" {
		r.NextToken = store.EncodeCursor(string(sku), strconv.FormatUint(seq, 10))
	}
	slices.SortStableFunc(r.Slips, func(a, b Slip) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.SKU, b.SKU)) })
	for i := range r.Slips {
		r.Text = append(r.Text, r.Slips[i].sentence(r.ShipmentID))
	}
	return r
}

func readSlipToken(token string) (supply.SKU, uint64, error) {
	if token == "" {
		return "", 0, nil
	}
	parts, err := store.DecodeCursor(token, 2)
	if err != nil {
		return "", 0, badToken()
	}
	seq, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return "", 0, badToken()
	}
	return supply.SKU(parts[0]), seq, nil
}

// slips reads from the item's ledger what changes of the shipment did.
func (e *Engine) slips(ctx context.Context, now time.Time, key supply.ItemKey, id supply.ShipmentID) ([]Slip, error) {
	l, err := e.loadOne(ctx, now, true, true, key)
	if err != nil {
		return nil, err
	}
	defer e.release(l)
	lot := l.item.Lot(id)
	if lot == nil {
		return nil, nil
	}
	entries, err := e.entriesSince(ctx, key, l.head, 0)
	if err != nil {
		return nil, err
	}
	b := slipBook{key: key, id: id, ordinal: lot.Ordinal, line: supply.NewLine()}
	for i := range entries {
		b.read(&entries[i])
	}
	b.end()
	return b.slips, nil
}

// slipBook folds a ledger and keeps of each commit that concerns a shipment which
// promises it moved.
type slipBook struct {
	key     supply.ItemKey
	id      supply.ShipmentID
	ordinal uint16
	line    *supply.Line
	frame   supply.Frame
	waiting map[supply.OrderID]supply.Units // before the promises moved; nil = none has
	slip    Slip
	slips   []Slip
}

func (b *slipBook) read(a *at) {
	if !sameCommit(&a.frame, &b.frame) {
		b.end()
		b.frame = a.frame
	}
	switch a.entry.Kind {
	case supply.EntryAllocated, supply.EntryPromised:
		b.move(a)
	case supply.EntryAccepted, supply.EntryRefused, supply.EntryCancelled, supply.EntryShipped:
	}
	b.line.Apply(a.frame.At, a.seq, &a.entry)
}

// sameCommit reports whether two frames head entries of one commit: a long one is
// stored in pieces.
func sameCommit(a, b *supply.Frame) bool {
	return a.At.Equal(b.At) && a.Cause == b.Cause && a.About == b.About && slices.Equal(a.Moves, b.Moves)
}

// move notes an entry by which a promise follows supply.
func (b *slipBook) move(a *at) {
	own := slices.IndexFunc(b.frame.Moves, func(m supply.Move) bool { return m.Ordinal == b.ordinal })
	if b.frame.About != b.id && own < 0 {
		return
	}
	e := &a.entry
	if slices.ContainsFunc(b.slip.Moved, func(o SlippedOrder) bool { return e.Kind == supply.EntryPromised && o.OrderID == e.Order }) {
		b.end() // two commits within one second
	}
	if b.waiting == nil {
		b.begin(a)
		if own >= 0 {
			b.slip.InStockDate = &DayChange{dayView(b.frame.Moves[own].Was), dayView(b.frame.Moves[own].Day)}
		}
	}
	if e.Kind != supply.EntryPromised || e.Full { // Full: a buyer agreed to the date
		return
	}
	o := b.line.Order(e.Order)
	units := min(o.Waiting(), b.waiting[e.Order]) // none of an order that had no date
	if !e.Day.Known() {
		b.slip.ShortUnits += units
		b.slip.Short = append(b.slip.Short, ShortOrder{OrderID: e.Order, Units: e.Units})
		return
	}
	b.slip.MovedUnits += units
	moved := SlippedOrder{OrderID: e.Order, Units: o.Waiting(), From: dayView(e.Was), To: e.Day}
	if e.Was.Known() {
		moved.Days = int(e.Day - e.Was)
	}
	b.slip.Moved = append(b.slip.Moved, moved)
}

// begin counts what is promised before the first promise moves.
func (b *slipBook) begin(a *at) {
	b.waiting = make(map[supply.OrderID]supply.Units)
	b.slip = Slip{At: a.frame.At, SKU: b.key.SKU, Cause: EventCause{a.frame.Cause.String(), a.frame.About}, seq: a.seq,
		Moved: []SlippedOrder{}, Short: []ShortOrder{}}
	b.line.Orders(func(o *supply.Order) bool {
		switch n := o.Waiting(); {
		case n > 0 && o.Promised.Known():
			b.waiting[o.ID] = n
			b.slip.Reserved += n
		case n > 0:
			b.slip.Dateless += n
		}
		return true
	})
}

// end keeps what was gathered of a commit, if any promise moved.
func (b *slipBook) end() {
	if len(b.slip.Moved)+len(b.slip.Short) > 0 {
		b.slip.KeptUnits = b.slip.Reserved - b.slip.MovedUnits - b.slip.ShortUnits
		b.slips = append(b.slips, b.slip)
	}
	b.waiting, b.slip = nil, Slip{}
}

// sentence says for people what the numbers say.
func (s *Slip) sentence(id supply.ShipmentID) string {
	why := "by " + s.Cause.Code
	if s.Cause.ShipmentID != "" {
		why += " of " + string(s.Cause.ShipmentID)
	}
	if s.InStockDate != nil {
		why += fmt.Sprintf(", %s in stock %s instead of %s", id, dayText(s.InStockDate.To), dayText(s.InStockDate.From))
	}
	return fmt.Sprintf("%s %s: %s: of %d reserved units %d have another date, %d keep theirs, %d lost it.",
		s.At.Format(time.RFC3339), s.SKU, why, s.Reserved, s.MovedUnits, s.KeptUnits, s.ShortUnits)
}

func dayText(d *supply.Day) string {
	if d == nil {
		return "on an unknown day"
	}
	return d.String()
}
