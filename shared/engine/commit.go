package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// commit applies the write. When another commit won, the item is loaded anew on
// top of it and ok is false; so it is after a lost reply, for then the line
// itself tells what was decided.
func (e *Engine) commit(ctx context.Context, l *loaded, w store.Write) (ok bool, err error) {
	current, ok, err := e.store.Put(ctx, w)
	switch {
	case ok && err == nil:
		return true, l.settle(&w)
	case err != nil && !fault.Is(err, fault.Transient):
		return false, fault.Wrap(err, "committing a head")
	case err != nil:
		return false, e.reload(ctx, l, nil)
	}
	return false, e.reload(ctx, l, &current)
}

// reload brings the item to the given head record, or to the newest one.
func (e *Engine) reload(ctx context.Context, l *loaded, record *store.Record) (err error) {
	l.line.line.Undo()
	e.lines.keep(l.key, l.line)
	l.line = nil
	if record == nil || l.card != nil {
		err = e.readHeads(ctx, []*loaded{l}, l.card != nil, true)
	} else if l.head, err = store.ReadHead(l.key, record); err == nil {
		l.item = l.head.Item
	}
	if err != nil {
		return err
	}
	return e.readLine(ctx, l)
}

// settle takes note that the write was committed: the line as it is now is the
// line of the head that was written.
func (l *loaded) settle(w *store.Write) error {
	written, err := store.ReadHead(l.key, &w.Record)
	if err != nil {
		return err
	}
	l.line.line.Mark()
	l.head, l.spare = written, sealing{}
	return l.line.end.follow(written)
}

// cardWrite returns the write of the item's card under the version, to be
// committed with its head.
func (l *loaded) cardWrite(version int64) (store.Write, error) {
	before := l.card.Version
	l.card.Version = version
	record, err := l.card.Record(l.item)
	return store.Write{Record: record, Expect: before}, err
}

// itemWrites returns the writes that commit a changed detailed item, head and
// card, to be joined with others in one PutAll; segments are stored already.
// committed must be told how it went.
func (e *Engine) itemWrites(ctx context.Context, l *loaded, cause supply.Cause, about supply.ShipmentID) ([]store.Write, error) {
	version := l.head.Version + 1
	head, err := e.headWrite(ctx, l, version, cause, about)
	if err != nil {
		return nil, err
	}
	card, err := l.cardWrite(version)
	if err != nil {
		return nil, err
	}
	return []store.Write{head, card}, nil
}

// committed ends the use of an item whose writes were, or were not, applied.
func (e *Engine) committed(l *loaded, writes []store.Write, ok bool) {
	if ok && l.settle(&writes[0]) != nil {
		l.line = nil
	}
	e.release(l)
}

// changeItem loads an item with its card, applies change and commits both. A
// lost race loads, changes and commits again, so change must be repeatable; it
// may refuse by returning an error. It returns fault.Transient when it lost
// maxAttempts races.
func (e *Engine) changeItem(ctx context.Context, now time.Time, key supply.ItemKey, cause supply.Cause,
	about supply.ShipmentID, change func(*loaded) error) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		l, err := e.loadOne(ctx, now, true, attempt > 0, key)
		if err != nil {
			return err
		}
		if err := change(l); err != nil {
			e.release(l)
			return err
		}
		writes, err := e.itemWrites(ctx, l, cause, about)
		if err != nil {
			e.release(l)
			return err
		}
		ok, err := e.store.PutAll(ctx, writes)
		e.committed(l, writes, ok && err == nil)
		if ok && err == nil {
			return nil
		}
		if err != nil && !fault.Is(err, fault.Transient) {
			return fault.Wrap(err, "committing an item")
		}
	}
	return fault.New(fault.Transient, "BUSY", "item %s: lost %d races", key.SKU, maxAttempts)
}

// resupply gives an item newer facts of its shipments. Facts that the item
// knows already leave it untouched.
func (e *Engine) resupply(ctx context.Context, now time.Time, key supply.ItemKey, facts []supply.Lot,
	cause supply.Cause, about supply.ShipmentID) error {
	var opened []supply.Lot
	err := e.changeItem(ctx, now, key, cause, about, func(l *loaded) error {
		if !l.item.News(facts) {
			return fault.New(fault.Stale, "KNOWN", "item %s knows these facts", key.SKU)
		}
		before := make(map[supply.ShipmentID]bool, len(l.item.Lots))
		for i := range l.item.Lots {
			before[l.item.Lots[i].Shipment] = l.item.Lots[i].Opened
		}
		l.item.Resupply(l.rules, facts)
		opened = opened[:0]
		for _, lot := range l.item.Lots {
			if lot.Opened && !before[lot.Shipment] && !lot.Dated.IsZero() {
				opened = append(opened, lot)
			}
		}
		return nil
	})
	if fault.Is(err, fault.Stale) {
		return nil
	}
	for i := range opened {
		e.log.InfoContext(ctx, "eta to buyable", "seller", key.Seller, "marketplace", key.Marketplace, "shipment", opened[i].Shipment,
			"eta_to_buyable_seconds", int64(now.Sub(opened[i].Dated).Seconds()))
	}
	return err
}
