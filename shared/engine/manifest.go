package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// packingKept is how long a despatch advice waits for its shipment.
const packingKept = 28 * 24 * time.Hour

// LearnContents takes what despatch advices say is in shipments. A shipment is
// found by the sender's id of it, else by any number that leads to it, which may
// be several shipments. An advice whose shipment is not known yet is kept for 28
// days and taken when its shipment is announced, or gets one of its numbers. The
// same advices, in any order and any number of times, end in the same shipments.
//
// It returns fault.Invalid for an advice that can never be used: it names no
// shipment, or its contents are no units of SKUs. Those before it are taken.
func (e *Engine) LearnContents(ctx context.Context, now time.Time, seller supply.SellerID, manifests []supply.Manifest) error {
	for i := range manifests {
		packing, err := manifests[i].Packing(now)
		if err != nil {
			return err
		}
		a, err := adviceOf(&manifests[i], packing)
		if err != nil {
			return err
		}
		if packing.Empty() {
			continue
		}
		if err := e.learnAdvice(ctx, now, seller, a); err != nil {
			return fault.Wrap(err, "taking a despatch advice")
		}
	}
	return nil
}

// despatchAdvice is what one despatch advice says, and of which shipment.
type despatchAdvice struct {
	id      supply.ShipmentID // "" when it names none
	numbers []string          // in normal form
	packing supply.Packing
}

func adviceOf(m *supply.Manifest, p supply.Packing) (despatchAdvice, error) {
	a := despatchAdvice{packing: p}
	if id, err := supply.ParseShipmentID("shipment", m.Shipment); err == nil {
		a.id = id
	}
	for _, number := range m.Numbers {
		if n := supply.NormalNumber(number); n != "" && len(n) <= supply.MaxNumber {
			a.numbers = append(a.numbers, n)
		}
	}
	if a.id == "" && len(a.numbers) == 0 {
		return a, invalidField("the despatch advice names no shipment: it needs a shipment id, or a number of at most %d characters", supply.MaxNumber)
	}
	return a, nil
}

// learnAdvice tells the shipments that are known; when there are none the advice
// is kept, and they are looked for again: one that is announced meanwhile finds
// the advice, or is found here.
func (e *Engine) learnAdvice(ctx context.Context, now time.Time, seller supply.SellerID, a despatchAdvice) error {
	for _, kept := range []bool{false, true} {
		ids, err := e.despatched(ctx, seller, a)
		if err != nil {
			return err
		}
		taken := false
		for _, id := range ids {
			open, err := e.tellPacking(ctx, now, seller, id, a.packing)
			if err != nil {
				return err
			}
			taken = taken || open
		}
		if taken || kept {
			return nil
		}
		if err := e.keepPacking(ctx, now, a.keys(seller), a.packing); err != nil {
			return err
		}
	}
	return nil
}

// keys returns where the advice waits for its shipment.
func (a *despatchAdvice) keys(seller supply.SellerID) (keys []store.Key) {
	if a.id != "" {
		keys = append(keys, store.PackingKey(seller, a.id))
	}
	for _, number := range a.numbers {
		keys = append(keys, store.NumberPackingKey(seller, number))
	}
	return keys
}

// despatched returns the shipments that the advice speaks of: the one it names,
// else those that its numbers lead to.
func (e *Engine) despatched(ctx context.Context, seller supply.SellerID, a despatchAdvice) (ids []supply.ShipmentID, err error) {
	keys := []store.Key{store.StateKey(seller, a.id)}
	for _, number := range a.numbers {
		keys = append(keys, store.UnitKey(seller, number))
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, fault.Wrap(err, "looking for the shipment")
	}
	if records[0].Version != 0 {
		return []supply.ShipmentID{a.id}, nil
	}
	for i := range records[1:] {
		u, err := store.ReadUnit(&records[1+i])
		if err != nil {
			return nil, err
		}
		ids = append(ids, u.Shipments...)
	}
	return ids, nil
}

// tellPacking gives a shipment what an advice says of it, in one transaction, and
// reports whether it could still learn. It returns fault.Transient when it lost
// maxAttempts races.
func (e *Engine) tellPacking(ctx context.Context, now time.Time, seller supply.SellerID, id supply.ShipmentID, p supply.Packing) (open bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, err
		}
		s, err := e.readShipment(ctx, seller, string(id))
		if fault.Is(err, fault.NotFound) {
			return false, nil
		}
		if err != nil || ended(&s.Shipment) {
			return false, err
		}
		if ok, err := e.writePacking(ctx, now, seller, &s, p); ok || err != nil {
			return true, err
		}
	}
	return false, fault.New(fault.Transient, "BUSY", "shipment %s: lost %d races", id, maxAttempts)
}

// writePacking commits what the shipment learns. ok is false when another commit
// won; s is then out of date.
func (e *Engine) writePacking(ctx context.Context, now time.Time, seller supply.SellerID, s *shipment, p supply.Packing) (ok bool, err error) {
	if !s.Learn(p, now) {
		return true, nil
	}
	version := s.version + 1
	state, contents, err := store.ShipmentRecords(seller, &s.Shipment, version)
	if fault.Is(err, fault.TooLarge) && !p.TooLarge {
		return e.writePacking(ctx, now, seller, s, supply.Packing{TooLarge: true})
	}
	if err != nil {
		return false, err
	}
	if ok, err = e.store.PutAll(ctx, []store.Write{{Record: state, Expect: s.version}, {Record: contents, Expect: s.contents}}); ok {
		s.version, s.contents = version, version
	}
	return ok, fault.Wrap(err, "writing what is in a shipment")
}

// keepPacking joins what is said to what waits under the keys.
func (e *Engine) keepPacking(ctx context.Context, now time.Time, keys []store.Key, p supply.Packing) error {
	for _, key := range keys {
		if err := e.keepPackingAt(ctx, now, key, p); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) keepPackingAt(ctx context.Context, now time.Time, key store.Key, p supply.Packing) error {
	records, err := e.store.Get(ctx, true, key)
	if err != nil {
		return fault.Wrap(err, "reading a kept despatch advice")
	}
	record := records[0]
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		known, err := waiting(&record, now)
		if err != nil {
			return err
		}
		next := known.Join(p)
		if next.Same(&known) {
			return nil
		}
		kept, err := store.PackingRecord(key, &next, record.Version+1, now.Add(packingKept).Unix())
		if err == nil && kept.Size() > store.MaxRecordBytes {
			kept, err = store.PackingRecord(key, &supply.Packing{TooLarge: true}, record.Version+1, now.Add(packingKept).Unix())
		}
		if err != nil {
			return err
		}
		current, ok, err := e.store.Put(ctx, store.Write{Record: kept, Expect: record.Version})
		if ok || err != nil {
			return fault.Wrap(err, "keeping a despatch advice")
		}
		record = current
	}
	return fault.New(fault.Transient, "BUSY", "a kept despatch advice lost %d races", maxAttempts)
}

// waiting returns what waits in a record; nothing once its time has passed.
func waiting(r *store.Record, now time.Time) (supply.Packing, error) {
	if r.Expires <= now.Unix() {
		return supply.Packing{}, nil
	}
	return store.ReadPacking(r)
}

// learnKept gives a shipment that was announced, or got a number, what despatch
// advices said of it before. linked are the units that lead to it.
func (e *Engine) learnKept(ctx context.Context, now time.Time, seller supply.SellerID, s *shipment, linked []unit) error {
	keys := []store.Key{store.PackingKey(seller, s.ID)}
	for i := range linked {
		number := supply.NormalNumber(linked[i].Number)
		if n := s.Unit(number); n != nil && n.Kind.Shared() { // an advice names no parcels
			keys = append(keys, store.NumberPackingKey(seller, number))
		}
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return fault.Wrap(err, "reading kept despatch advices")
	}
	var all supply.Packing
	for i := range records {
		p, err := waiting(&records[i], now)
		if err != nil {
			return err
		}
		all = all.Join(p)
	}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		if ok, err := e.writePacking(ctx, now, seller, s, all); ok || err != nil {
			return err
		}
		if *s, err = e.readShipment(ctx, seller, string(s.ID)); err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "shipment %s: lost %d races", s.ID, maxAttempts)
}
