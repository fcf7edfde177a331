package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// ItemWhatIf is the body of POST …/what-if of an item: what might happen to its
// supply, in this order.
type ItemWhatIf struct {
	Slip     *SlipFields        `json:"slip"`
	Receipt  *ItemReceiptFields `json:"receipt"`
	Withhold bool               `json:"withhold"` // the seller withholds the item
}

// SlipFields is another arrival: so many days later, or earlier when below zero,
// or at a time of its own.
type SlipFields struct {
	ShipmentID string     `json:"shipmentId"`
	Days       *int64     `json:"days"`
	ETA        *ETAFields `json:"eta"`
}

// ItemReceiptFields is what the dock might count in of one item.
type ItemReceiptFields struct {
	ShipmentID string `json:"shipmentId"`
	Units      int64  `json:"units"`
	Final      bool   `json:"final"`
}

// ShipmentWhatIf is the body of POST …/what-if of a shipment.
type ShipmentWhatIf struct {
	Slip    *ArrivalFields  `json:"slip"`
	Receipt *ReceiptRequest `json:"receipt"`
}

// ArrivalFields is SlipFields of a shipment that is known already.
type ArrivalFields struct {
	Days *int64     `json:"days"`
	ETA  *ETAFields `json:"eta"`
}

// Supposition is an item before and after what might happen.
type Supposition struct {
	At            time.Time            `json:"at"`
	Marketplace   supply.MarketplaceID `json:"marketplace"`
	SKU           supply.SKU           `json:"sku"`
	Before        ItemState            `json:"before"`
	After         ItemState            `json:"after"`
	MovedOrders   int                  `json:"movedOrders"` // with another date
	KeptOrders    int                  `json:"keptOrders"`  // with the same
	ShortOrders   int                  `json:"shortOrders"` // with units that nothing could serve
	Orders        []SupposedOrder      `json:"orders"`      // those that wait for units: those that change first, then by acceptance
	OrdersOmitted int                  `json:"ordersOmitted"`
}

// ItemState is what GET of the item would answer of its supply.
type ItemState struct {
	Numbers
	Offer   OfferView   `json:"offer"`
	Lots    []LotView   `json:"lots"`
	Verdict VerdictView `json:"verdict"`
}

// SupposedOrder is the item's part of an order before and after.
type SupposedOrder struct {
	OrderID   supply.OrderID `json:"orderId"`
	Units     supply.Units   `json:"units"` // it waits for
	From      *supply.Day    `json:"from"`
	To        *supply.Day    `json:"to"`
	Days      int            `json:"days"`
	Allocated supply.Units   `json:"allocated"` // of them, on hand after
	Shortfall supply.Units   `json:"shortfallQuantity"`
}

func (o *SupposedOrder) changes() bool {
	return o.Allocated > 0 || o.Shortfall > 0 || (o.From == nil) != (o.To == nil) || o.Days != 0
}

const (
	supposedOrders = 500  // listed for one item
	supposedItems  = 90   // of one shipment
	supposedDays   = 3650 // that a shipment may slip
)

// WhatIf returns what an item would be if something happened to its supply now,
// computed by the functions that would do it, on a copy: it commits nothing. It
// returns fault.NotFound for an item or a shipment nobody announced,
// fault.Refused for what cannot happen to the shipment, and fault.Invalid naming
// the field.
func (e *Engine) WhatIf(ctx context.Context, now time.Time, key supply.ItemKey, q ItemWhatIf) (Supposition, error) {
	var happenings []happening
	if q.Slip != nil {
		happenings = append(happenings, happening{q.Slip.ShipmentID, e.slip(ArrivalFields{q.Slip.Days, q.Slip.ETA}, now), true})
	}
	if q.Receipt != nil {
		counted := ReceiptRequest{Final: q.Receipt.Final}
		if q.Receipt.Units != 0 || !q.Receipt.Final { // none of them came: the shipment is closed without
			counted.Lines = []ContentFields{{string(key.SKU), q.Receipt.Units}}
		}
		happenings = append(happenings, happening{q.Receipt.ShipmentID, countIn(counted, now), false})
	}
	if len(happenings) == 0 && !q.Withhold {
		return Supposition{}, invalidField("nothing is supposed; give slip, receipt or withhold")
	}
	told, err := e.happen(ctx, now, key.Seller, happenings)
	if err != nil {
		return Supposition{}, err
	}
	var steps []step
	for _, t := range told {
		fact, ok := t.facts[key.SKU]
		if !ok || t.marketplace != key.Marketplace {
			return Supposition{}, fault.New(fault.Refused, "NO_SUCH_LINE", "shipment %s brings nothing of %q to marketplace %s", t.id, key.SKU, key.Marketplace)
		}
		steps = append(steps, resupplied(fact))
	}
	if q.Withhold {
		steps = append(steps, withheld)
	}
	return e.suppose(ctx, now, key, steps)
}

// ShipmentSupposition is what would become of all items of a shipment.
type ShipmentSupposition struct {
	ShipmentID supply.ShipmentID `json:"shipmentId"`
	Items      []Supposition     `json:"items"` // ascending by SKU
}

// ShipmentWhatIf is WhatIf for all items of a shipment. It returns
// fault.TooLarge for more of them than one answer can hold.
func (e *Engine) ShipmentWhatIf(ctx context.Context, now time.Time, seller supply.SellerID, id string, q ShipmentWhatIf) (v ShipmentSupposition, err error) {
	var happenings []happening
	if q.Slip != nil {
		happenings = append(happenings, happening{id, e.slip(*q.Slip, now), true})
	}
	if q.Receipt != nil {
		happenings = append(happenings, happening{id, countIn(*q.Receipt, now), false})
	}
	if len(happenings) == 0 {
		return v, invalidField("nothing is supposed; give slip or receipt")
	}
	told, err := e.happen(ctx, now, seller, happenings)
	if err != nil {
		return v, err
	}
	last := told[len(told)-1]
	if len(last.facts) > supposedItems {
		return v, fault.New(fault.TooLarge, "TOO_LARGE", "shipment %s has %d SKUs; at most %d are answered at once, ask for its items", last.id, len(last.facts), supposedItems)
	}
	v.ShipmentID = last.id
	for _, sku := range slices.Sorted(maps.Keys(last.facts)) {
		var steps []step
		for _, t := range told {
			if fact, ok := t.facts[sku]; ok { // what is counted in unplanned is not known before
				steps = append(steps, resupplied(fact))
			}
		}
		item, err := e.suppose(ctx, now, supply.ItemKey{Seller: seller, Marketplace: last.marketplace, SKU: sku}, steps)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
	}
	return v, nil
}

// happening is something that happens to a shipment, by the id that a caller sent.
type happening struct {
	shipment string
	happens  func(*supply.Shipment) error
	heard    bool // a carrier says it, so the lane is asked anew
}

// telling is what the items of a shipment would be told of a happening.
type telling struct {
	id          supply.ShipmentID
	marketplace supply.MarketplaceID
	facts       map[supply.SKU]supply.Lot
}

// happen lets things happen, one after the other, to shipments as all that their
// carriers have said by now makes them. Nothing of it is stored.
func (e *Engine) happen(ctx context.Context, now time.Time, seller supply.SellerID, happenings []happening) (told []telling, err error) {
	known := make(map[string]*shipment, len(happenings))
	for _, h := range happenings {
		s := known[h.shipment]
		if s == nil {
			if s, err = e.readHeard(ctx, seller, h.shipment); err != nil {
				return nil, err
			}
			known[h.shipment] = s
		}
		if err := h.happens(&s.Shipment); err != nil {
			return nil, err
		}
		if _, err := e.watch(ctx, now, seller, &s.Shipment, h.heard); err != nil {
			return nil, err
		}
		s.version++
		told = append(told, telling{s.ID, s.Marketplace, s.Facts(s.version, e.policy().OnCarriage)})
	}
	return told, nil
}

// readHeard reads a shipment with its units as they are now.
func (e *Engine) readHeard(ctx context.Context, seller supply.SellerID, id string) (*shipment, error) {
	s, err := e.readShipment(ctx, seller, id)
	if err != nil {
		return nil, err
	}
	units, err := e.readUnits(ctx, seller, &s.Shipment)
	if err != nil {
		return nil, err
	}
	for i := range units {
		s.Hear(units[i].News(units[i].version))
	}
	return &s, nil
}

// slip moves the arrival of what is still on its way.
func (e *Engine) slip(to ArrivalFields, now time.Time) func(*supply.Shipment) error {
	return func(s *supply.Shipment) error {
		var f form
		var move func(supply.Window) supply.Window
		switch {
		case (to.Days == nil) == (to.ETA == nil):
			f.check(invalidField("slip needs either days or eta"))
		case to.ETA != nil:
			eta := f.window("slip.eta", to.ETA)
			move = func(supply.Window) supply.Window { return eta }
		case *to.Days < -supposedDays || *to.Days > supposedDays:
			f.check(invalidField("slip.days is %d; at most %d either way are supposed", *to.Days, supposedDays))
		default:
			move = func(w supply.Window) supply.Window { return later(w, int(*to.Days)) }
		}
		if f.err != nil {
			return f.err
		}
		return s.Suppose(move, e.policy().OnCarriage, now.UTC().Truncate(time.Millisecond))
	}
}

// later returns the window so many days later; of an unknown one nothing.
func later(w supply.Window, days int) supply.Window {
	if !w.Known() {
		return w
	}
	if w.To = w.To.AddDate(0, 0, days); !w.From.IsZero() {
		w.From = w.From.AddDate(0, 0, days)
	}
	return w
}

// countIn is a receipt, as the dock would send it.
func countIn(r ReceiptRequest, now time.Time) func(*supply.Shipment) error {
	return func(s *supply.Shipment) error {
		lines, err := contents("receipt.lines", r.Lines)
		if err != nil {
			return err
		}
		if len(lines) == 0 && !r.Final {
			return invalidField("receipt.lines is empty; give what would be counted in, or final true")
		}
		// Identities of receipts are hashes, so none that was counted has this one.
		_, err = s.Receive(uint64(len(s.Receipts)), lines, r.Final, now.UTC().Truncate(time.Millisecond))
		return err
	}
}

// step is something that happens to an item.
type step func(*loaded) error

func resupplied(fact supply.Lot) step {
	return func(l *loaded) error {
		l.item.Resupply(l.rules, []supply.Lot{fact})
		return nil
	}
}

func withheld(l *loaded) error {
	if !l.item.Listed {
		return unknownItem(l.key)
	}
	controls := l.item.Controls
	controls.Withheld = true
	l.item.Control(l.rules, controls)
	return nil
}

// suppose shows an item as it is and as it would be after the steps.
func (e *Engine) suppose(ctx context.Context, now time.Time, key supply.ItemKey, steps []step) (v Supposition, err error) {
	l, err := e.loadOne(ctx, now, true, true, key)
	if err != nil {
		return v, err
	}
	defer func() { e.release(l) }()
	fresh := *l.item
	fresh.Lots = slices.Clone(l.item.Lots)
	v = Supposition{At: l.rules.Now, Marketplace: key.Marketplace, SKU: key.SKU, Orders: []SupposedOrder{}}
	v.Before = l.advance().state()
	before := l.awaited()
	l.line.line.Undo()
	l.item = &fresh // as it was stored: what happens, happens to that
	for _, happens := range steps {
		if err := happens(l); err != nil {
			return v, err
		}
	}
	forgetEnded(l.item.Lots)
	v.After = l.advance().state()
	v.compare(before, opened(l))
	return v, nil
}

// forgetEnded leaves of lots that are over what a commit would leave of them.
func forgetEnded(lots []supply.Lot) {
	for i := range lots {
		if lots[i].Code.Over() && lots[i].Pegged == 0 {
			lots[i].Day = supply.Undated
		}
	}
}

func (s seen) state() ItemState {
	return ItemState{Numbers: s.numbers(), Offer: s.offer(), Lots: s.lots(), Verdict: verdictView(s.item.Verdict(s.rules))}
}

// awaited returns the orders that wait for units, in acceptance order.
func (l *loaded) awaited() (all []supply.Order) {
	for _, p := range l.item.Pegs(l.rules) {
		all = append(all, *p.Order)
	}
	return all
}

// compare lists what becomes of the orders.
func (v *Supposition) compare(before []supply.Order, after *openItem) {
	for _, was := range before {
		is := after.line(was.ID)
		o := SupposedOrder{OrderID: was.ID, Units: was.Waiting(), From: dayView(was.Promised), To: dayView(is.Promised),
			Allocated: is.Allocated - was.Allocated, Shortfall: is.short}
		if o.From != nil && o.To != nil {
			o.Days = int(is.Promised - was.Promised)
		}
		switch {
		case o.Shortfall > 0:
			v.ShortOrders++
		case was.Promised != is.Promised:
			v.MovedOrders++
		default:
			v.KeptOrders++
		}
		v.Orders = append(v.Orders, o)
	}
	slices.SortStableFunc(v.Orders, func(a, b SupposedOrder) int { return cmp.Compare(rank(&a), rank(&b)) })
	v.OrdersOmitted = max(0, len(v.Orders)-supposedOrders)
	v.Orders = v.Orders[:len(v.Orders)-v.OrdersOmitted]
}

func rank(o *SupposedOrder) int {
	if o.changes() {
		return 0
	}
	return 1
}
