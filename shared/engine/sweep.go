package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Sweep looks at every record that is due: items whose lots or holds time has
// changed, shipments with numbers that no carrier has known for too long, and
// segments that a compaction has replaced, programmes with a cut-off that has come,
// a mail that is owed or a limit that has passed, and sellers with news. Its cost follows what
// is due, not what exists. It may run late, twice or beside another sweep, and
// may be stopped at any moment: what is left is found due by the next. One
// record's failure does not stop the others; the failures come back joined.
// swept is how many records were brought up to date.
func (e *Engine) Sweep(ctx context.Context, now time.Time) (swept int, err error) {
	s := sweep{engine: e, now: now, class: map[supply.SellerID][]supply.ShipmentID{}}
	for shard := range store.DueShards {
		query := store.Query{Index: store.DueIndex, Partition: strconv.Itoa(shard), Until: now.Unix() / 3600}
		for {
			page, next, err := e.store.List(ctx, query)
			if err != nil {
				return s.swept, fault.Wrap(err, "listing what is due")
			}
			for i := range page {
				s.note(ctx, page[i].Key.Partition, s.record(ctx, page[i].Key))
			}
			if query.Next = next; next == "" {
				break
			}
		}
	}
	for _, seller := range slices.Sorted(maps.Keys(s.class)) {
		s.note(ctx, string(seller), s.teach(ctx, seller))
	}
	return s.swept, errors.Join(s.failures...)
}

// sweep is one walk over what is due.
type sweep struct {
	engine   *Engine
	now      time.Time
	class    map[supply.SellerID][]supply.ShipmentID // with something to teach their lanes
	swept    int
	failures []error
}

func (s *sweep) note(ctx context.Context, what string, err error) {
	if err != nil {
		s.engine.log.WarnContext(ctx, "record not swept", "kind", fault.Of(err).String(), "key", what, "err", err)
		s.failures = append(s.failures, err)
	}
}

func (s *sweep) record(ctx context.Context, key store.Key) (err error) {
	e, done := s.engine, false
	item, ok := store.ParseItemPartition(key.Partition)
	seller, id, isShipment := store.ParseShipmentKey(key)
	_, _, isProgram := store.ParseProgramKey(key)
	told, isNews := store.ParseNewsKey(key)
	switch {
	case isShipment && key == store.StateKey(seller, id):
		return s.shipment(ctx, seller, id)
	case isProgram:
		done, err = e.sweepProgram(ctx, s.now, key)
	case isNews:
		done, err = e.sendNews(ctx, s.now, told)
	case !ok:
		return fault.New(fault.Internal, "CORRUPT_RECORD", "a record under %q is due", key.Partition)
	case key.Sort == store.HeadSort:
		done, err = e.sweepItem(ctx, s.now, item)
	default:
		done, err = e.discard(ctx, s.now, key)
	}
	if done {
		s.swept++
	}
	return err
}

// shipment notes what is due of a shipment and puts it in its seller's class if
// it has something to teach.
func (s *sweep) shipment(ctx context.Context, seller supply.SellerID, id supply.ShipmentID) error {
	done, teaches, err := s.engine.sweepShipment(ctx, s.now, seller, id)
	if done {
		s.swept++
	}
	if err != nil || !teaches {
		return err
	}
	if s.class[seller] = append(s.class[seller], id); len(s.class[seller]) < lessonSize {
		return nil
	}
	return s.teach(ctx, seller)
}

func (s *sweep) teach(ctx context.Context, seller supply.SellerID) error {
	taught, err := s.engine.learn(ctx, s.now, seller, s.class[seller])
	delete(s.class, seller)
	s.swept += taught
	return err
}

// lookAgain returns when a sweep looks for orders to forget in a line that has
// segments: once they can be old enough, and not every hour.
func lookAgain(lastCommit, now time.Time) time.Time {
	again := lastCommit.Add(supply.ForgetAfter)
	if soonest := now.Add(lookForCompaction); again.Before(soonest) {
		return soonest
	}
	return again
}

// sweepItem brings an item up to date and moves its due hour later; only a
// sweep does that.
func (e *Engine) sweepItem(ctx context.Context, now time.Time, key supply.ItemKey) (done bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, err
		}
		l, err := e.loadOne(ctx, now, true, true, key)
		if err != nil {
			return false, err
		}
		due := l.item.Due(now)
		if due {
			l.item.Sweep(l.rules)
		}
		if compacted, err := e.compact(ctx, l); err != nil || compacted {
			return compacted, err
		}
		later := earlierDue(0, l.item.Until)
		if len(l.head.Pieces) > 0 || l.head.Older.End != 0 {
			later = earlierDue(later, lookAgain(l.head.At, now))
		}
		if !due && later == l.head.DueHour {
			e.release(l)
			return false, nil
		}
		w, err := e.headWrite(ctx, l, l.head.Card, supply.CauseClock, "")
		if err == nil {
			w.Record.Due = later
			done, err = e.commit(ctx, l, w)
		}
		e.release(l)
		if done || err != nil {
			return done, err
		}
	}
	return false, fault.New(fault.Transient, "BUSY", "item %s: lost %d races", key.SKU, maxAttempts)
}
