package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// SupplyChanges carries what happened to transport units and shipments to the
// items they bring: news of units are folded into their shipment's state,
// registered numbers are linked to their units, and every item that the batch
// touches is told once what is true of its shipments now. Changes of other
// records are ignored.
//
// It returns the sequences of the changes that must come again. Since it acts on
// what is stored, not on what a change once said, changes may come twice, late
// and in any order.
func (e *Engine) SupplyChanges(ctx context.Context, now time.Time, changes []store.Change) (failed []string) {
	b := supplyBatch{engine: e, now: now, shipments: map[store.Key]*shipmentNews{}, items: map[supply.ItemKey]*itemNews{}, failed: map[string]bool{}}
	for i := range changes {
		if err := b.add(&changes[i]); err != nil {
			b.fail(ctx, err, changes[i].Sequence)
		}
	}
	for _, n := range b.order {
		if err := b.fold(ctx, n); err != nil {
			b.fail(ctx, err, n.sequences...)
		}
	}
	for _, it := range b.itemOrder {
		if err := e.resupply(ctx, now, it.key, it.facts, it.cause, it.about); err != nil {
			b.fail(ctx, err, it.sequences...)
		}
	}
	for i := range changes {
		if b.failed[changes[i].Sequence] {
			failed = append(failed, changes[i].Sequence)
		}
	}
	return failed
}

// supplyBatch is one batch of changes on its way to the items.
type supplyBatch struct {
	engine    *Engine
	now       time.Time
	shipments map[store.Key]*shipmentNews // by the key of their state
	order     []*shipmentNews
	items     map[supply.ItemKey]*itemNews
	itemOrder []*itemNews
	failed    map[string]bool
}

// shipmentNews is what a batch says of one shipment.
type shipmentNews struct {
	seller    supply.SellerID
	id        supply.ShipmentID
	units     []unit   // that carriers spoke of
	replanned bool     // its numbers changed, so that units must be linked
	before    []string // numbers it had at some time
	receipt   bool     // units were counted in
	sequences []string
}

// itemNews is what a batch says to one item.
type itemNews struct {
	key       supply.ItemKey
	facts     []supply.Lot
	cause     supply.Cause
	about     supply.ShipmentID
	sequences []string
}

func (b *supplyBatch) fail(ctx context.Context, err error, sequences ...string) {
	b.engine.log.WarnContext(ctx, "supply change goes back", "kind", fault.Of(err).String(), "err", err, "changes", len(sequences))
	for _, s := range sequences {
		b.failed[s] = true
	}
}

// of returns what the batch says of a shipment, noting that the change does.
func (b *supplyBatch) of(seller supply.SellerID, id supply.ShipmentID, sequence string) *shipmentNews {
	key := store.StateKey(seller, id)
	n := b.shipments[key]
	if n == nil {
		n = &shipmentNews{seller: seller, id: id}
		b.shipments[key] = n
		b.order = append(b.order, n)
	}
	n.sequences = append(n.sequences, sequence)
	return n
}

func (b *supplyBatch) add(c *store.Change) error {
	if c.New.Version == 0 {
		return nil
	}
	if seller, _, ok := store.ParseUnitKey(c.Key); ok {
		return b.addUnit(seller, c)
	}
	if seller, id, ok := store.ParseShipmentKey(c.Key); ok && c.Key == store.StateKey(seller, id) {
		return b.addState(seller, id, c)
	}
	return nil
}

// addUnit takes what a carrier said of a registered unit. A change that only
// linked the unit is no news: who linked it takes along what it knows.
func (b *supplyBatch) addUnit(seller supply.SellerID, c *store.Change) error {
	old, err := store.ReadUnit(&c.Old)
	if err != nil {
		return err
	}
	u, err := store.ReadUnit(&c.New)
	if err != nil || len(u.Shipments) == 0 {
		return err
	}
	before, after := old.News(0), u.News(0)
	before.Number = after.Number
	if before.Same(&after) {
		return nil
	}
	for _, id := range u.Shipments {
		n := b.of(seller, id, c.Sequence)
		n.units = append(n.units, unit{u, c.New.Version})
	}
	return nil
}

// addState takes what a call of the API did to a shipment. A state that was
// written for news of a unit is done with: that unit's change brought it to the
// items, or comes again.
func (b *supplyBatch) addState(seller supply.SellerID, id supply.ShipmentID, c *store.Change) error {
	old, err := store.ReadState(&c.Old)
	if err != nil {
		return err
	}
	state, err := store.ReadState(&c.New)
	if err != nil || !state.BySeller {
		return err
	}
	n := b.of(seller, id, c.Sequence)
	n.receipt = n.receipt || state.Received != old.Received
	n.replanned = n.replanned || !slices.Equal(old.Numbers, state.Numbers)
	n.before = append(n.before, old.Numbers...)
	return nil
}

// fold brings a shipment up to date and notes what its items must know.
func (b *supplyBatch) fold(ctx context.Context, n *shipmentNews) error {
	e := b.engine
	s, err := e.readShipment(ctx, n.seller, string(n.id))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if n.replanned {
		linked, err := e.linkUnits(ctx, n.seller, &s.Shipment, n.before)
		if err != nil {
			return err
		}
		n.units = append(n.units, linked...)
	}
	if err := e.hear(ctx, n.seller, &s, n.units); err != nil {
		return err
	}
	facts := s.Facts(s.version)
	for _, sku := range slices.Sorted(maps.Keys(facts)) {
		b.tell(supply.ItemKey{Seller: n.seller, Marketplace: s.Marketplace, SKU: sku}, facts[sku], n)
	}
	return nil
}

// tell notes a fact for an item. A receipt gives the commit its name, else the
// shipment that came first.
func (b *supplyBatch) tell(key supply.ItemKey, lot supply.Lot, n *shipmentNews) {
	it := b.items[key]
	if it == nil {
		it = &itemNews{key: key, cause: supply.CauseSupply, about: n.id}
		b.items[key] = it
		b.itemOrder = append(b.itemOrder, it)
	}
	if n.receipt && it.cause != supply.CauseReceipt {
		it.cause, it.about = supply.CauseReceipt, n.id
	}
	it.facts = append(it.facts, lot)
	it.sequences = append(it.sequences, n.sequences...)
}

// hear folds news of units into a shipment's state and commits it when they say
// anything new. The state's version rises with it, and so does that of the
// facts. A lost race hears again on what won.
func (e *Engine) hear(ctx context.Context, seller supply.SellerID, s *shipment, units []unit) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		changed := false
		for i := range units {
			if units[i].Linked(s.ID) && s.CarriedBy(units[i].Issuer) {
				changed = s.Hear(units[i].News(units[i].version)) || changed
			}
		}
		if !changed {
			return nil
		}
		state, err := store.StateRecord(seller, &s.Shipment, s.version+1, s.contents)
		if err != nil {
			return err
		}
		_, ok, err := e.store.Put(ctx, store.Write{Record: state, Expect: s.version})
		if err != nil {
			return fault.Wrap(err, "writing a shipment's state")
		}
		if ok {
			s.version++
			return nil
		}
		if *s, err = e.readShipment(ctx, seller, string(s.ID)); err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "shipment %s: lost %d races", s.ID, maxAttempts)
}

// linkUnits makes the shipment's numbers lead to it: a unit that a carrier spoke
// of first is linked with all it knows, one that nobody spoke of is stored to
// wait for its first report, and a number that the shipment had before and has
// no longer is let go. It returns the units that are linked now. It may be
// interrupted anywhere and run again.
func (e *Engine) linkUnits(ctx context.Context, seller supply.SellerID, s *supply.Shipment, before []string) (linked []unit, err error) {
	numbers := s.Numbers()
	keys := make([]store.Key, 0, len(numbers)+len(before))
	for i := range numbers {
		keys = append(keys, store.UnitKey(seller, numbers[i].Normal))
	}
	for _, number := range before {
		if s.Unit(number) == nil {
			keys = append(keys, store.UnitKey(seller, number))
		}
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, fault.Wrap(err, "reading units")
	}
	for i := range records {
		u, err := e.changeUnit(ctx, seller, records[i], func(u supply.Unit) (supply.Unit, bool, error) {
			if i < len(numbers) {
				return e.link(ctx, seller, s, numbers[i], u)
			}
			return u.Unlink(s.ID), u.Linked(s.ID), nil
		})
		if err != nil {
			return nil, err
		}
		if u.Linked(s.ID) {
			linked = append(linked, u)
		}
	}
	return linked, nil
}

// link returns the unit as it belongs to the shipment. It stays as it is when
// the carriers differ, when the shipment has ended, or when another shipment
// that has not ended travels under the same number. What is known of a unit
// whose shipment was received belongs to that one: carriers use numbers again.
func (e *Engine) link(ctx context.Context, seller supply.SellerID, s *supply.Shipment, number supply.Number, u supply.Unit) (supply.Unit, bool, error) {
	if u.Linked(s.ID) || ended(s) {
		return u, false, nil
	}
	if !s.CarriedBy(u.Issuer) {
		e.log.WarnContext(ctx, "unit not linked: another carrier", "shipment", s.ID, "number", number.Normal, "carrier", u.Issuer)
		return u, false, nil
	}
	for _, id := range u.Shipments {
		holder, err := e.readShipment(ctx, seller, string(id))
		switch {
		case fault.Is(err, fault.NotFound):
			u = u.Unlink(id)
		case err != nil:
			return u, false, err
		case holder.Unit(number.Normal) == nil, holder.Cancelled:
			u = u.Unlink(id)
		case !ended(&holder.Shipment):
			e.log.WarnContext(ctx, "unit not linked: another shipment has the number", "shipment", s.ID, "number", number.Normal, "holder", id)
			return u, false, nil
		default:
			u = supply.Unit{}
		}
	}
	u.Number = cmp.Or(u.Number, number.Written)
	u, linked := u.Link(s.ID)
	return u, linked, nil
}

func ended(s *supply.Shipment) bool {
	status := s.Status()
	return status == supply.Closed || status == supply.ShipmentCancelled
}
