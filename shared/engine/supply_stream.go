package engine

import (
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
	if err != nil || !state.BySeller && !state.Anew {
		return err
	}
	n := b.of(seller, id, c.Sequence)
	if state.Anew {
		return nil
	}
	n.receipt = n.receipt || state.Received != old.Received
	n.replanned = n.replanned || !slices.EqualFunc(old.Units, state.Units, sameRegistration)
	n.before = append(n.before, numbersOf(old.Units)...)
	return nil
}

// sameRegistration reports whether a number is registered as it was: given again
// after a refusal, it is registered anew.
func sameRegistration(a, b supply.UnitNews) bool {
	return a.Number == b.Number && a.Since.Equal(b.Since) && a.Refused == b.Refused
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
	var refusals []refusal
	if n.replanned {
		var linked []unit
		if linked, refusals, err = e.linkUnits(ctx, n.seller, &s.Shipment, n.before); err != nil {
			return err
		}
		if err := e.learnKept(ctx, b.now, n.seller, &s, linked); err != nil {
			return err
		}
		n.units = append(n.units, linked...)
	}
	if err := e.hear(ctx, b.now, n.seller, &s, n.units, refusals); err != nil {
		return err
	}
	facts := s.Facts(s.version, e.policy().OnCarriage)
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

// hear folds news of units into a shipment's state, and which numbers do not lead
// to it, and commits it when they say anything new. The state's version rises with it, and so does that of the
// facts. A lost race hears again on what won.
func (e *Engine) hear(ctx context.Context, now time.Time, seller supply.SellerID, s *shipment, units []unit, refusals []refusal) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		changed := false
		for _, no := range refusals {
			changed = s.Refuse(no.number, no.why, no.holder) || changed
		}
		for i := range units {
			if units[i].Linked(s.ID) && s.CarriedBy(units[i].Issuer) {
				changed = s.Hear(units[i].News(units[i].version)) || changed
			}
		}
		watched, err := e.watch(ctx, now, seller, &s.Shipment, changed)
		if err != nil {
			return err
		}
		if !changed && !watched {
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
