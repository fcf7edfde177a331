package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// recordTimeline notes in the item's outbox when its verdict changed. The
// record remembers the newest head it has seen, so a change that comes twice,
// or late, is noted once.
func (e *Engine) recordTimeline(ctx context.Context, key supply.ItemKey, before, after *store.Head) error {
	is := availabilityOf(after)
	if before.Version != 0 && is.Verdict == availabilityOf(before).Verdict || !after.Item.Listed {
		return nil
	}
	entry := TimelineEntry{At: after.At, Verdict: is.Verdict, FutureSupplyBuyable: is.FutureSupplyBuyable, InStockDate: is.InStockDate}
	if after.Cause == supply.CauseClock {
		entry.At = passed(before.Item.Until, after.At)
	}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		done, err := e.appendOutbox(ctx, key, after.Version, entry)
		if done || err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "outbox of %s: lost %d races", key.SKU, maxAttempts)
}

// passed returns the instant until when a verdict held, which a sweep found to
// have passed at the instant found.
func passed(until, found time.Time) time.Time {
	if until.IsZero() || until.After(found) {
		return found
	}
	return until
}

func (e *Engine) appendOutbox(ctx context.Context, key supply.ItemKey, version int64, entry TimelineEntry) (done bool, err error) {
	records, err := e.store.Get(ctx, true, store.OutboxKey(key))
	if err != nil {
		return false, fault.Wrap(err, "reading an outbox")
	}
	r := records[0]
	if r.Attr("seen").Int >= version {
		return true, nil
	}
	timeline, err := decodeTimeline(r.Attr("body").Text)
	if err != nil {
		return false, err
	}
	body, err := encodeTimeline(appendTimeline(timeline, entry))
	if err != nil {
		return false, err
	}
	next := store.Record{Key: store.OutboxKey(key), Version: r.Version + 1, Attrs: []store.Attr{store.Int("seen", version), store.Text("body", body)}}
	_, done, err = e.store.Put(ctx, store.Write{Record: next, Expect: r.Version})
	return done, fault.Wrap(err, "writing an outbox")
}
