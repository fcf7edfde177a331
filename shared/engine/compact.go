package engine

import (
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

const (
	// compactPieces is how many segments an item gathers before they are merged:
	// a cold load is paid by bytes, not by segments, so few merges are worth
	// their writes.
	compactPieces = 64
	// supersededFor is how long a replaced segment is kept for readers that hold
	// an older head. Source: design section 3, "Compaction".
	supersededFor = time.Hour
)

// compact rewrites an item's line into few large segments when it has gathered
// many, or when most of its orders may be forgotten: ended, and 28 days old. It
// commits under the head's version; done is false when there was nothing worth
// doing or another commit won, and then l is as it was. After a compaction l is
// used up.
func (e *Engine) compact(ctx context.Context, l *loaded) (done bool, err error) {
	if l.changed() || !l.worthCompacting() {
		return false, nil
	}
	entries, err := e.entriesSince(ctx, l.key, l.head, 0)
	if err != nil {
		return false, err
	}
	gone := l.head.Gone
	forgotten := func(a at) bool {
		o := l.item.Line.Order(a.entry.Order)
		return o.Forgettable(l.rules.Now)
	}
	l.item.Line.Orders(func(o *supply.Order) bool {
		if o.Forgettable(l.rules.Now) {
			gone += o.Shipped
		}
		return true
	})
	entries = slices.DeleteFunc(entries, forgotten)
	old, err := e.livePieces(ctx, l)
	if err != nil {
		return false, err
	}
	next := l.head.Clone()
	next.Version, next.Gone = l.head.Version+1, gone
	next.Tail, next.Older, next.DueHour = nil, store.Piece{}, earlierDue(0, l.item.Until)
	if next.Pieces, err = e.storeCompacted(ctx, l.key, entries); err != nil {
		return false, err
	}
	if err := e.rollPieces(ctx, l, next); err != nil {
		return false, err
	}
	writes := []store.Write{{Record: next.Record(), Expect: l.head.Version}}
	if len(old) > 0 {
		writes = append(writes, store.Write{Record: discardLater(l.key, e.newTag(), old, l.rules.Now), Expect: store.Absent})
	}
	ok, err := e.store.PutAll(ctx, writes)
	e.release(l)
	if !ok || err != nil {
		return false, err
	}
	e.lines.take(l.key)
	return true, nil
}

func (l *loaded) worthCompacting() bool {
	pieces := len(l.head.Pieces) + int(l.head.Older.First)
	forgettable := 0
	l.item.Line.Orders(func(o *supply.Order) bool {
		if o.Forgettable(l.rules.Now) {
			forgettable++
		}
		return true
	})
	return pieces > compactPieces || forgettable > 0 && 2*forgettable >= l.item.Line.Len()
}

// livePieces returns the tags of all segments that the head relies on.
func (e *Engine) livePieces(ctx context.Context, l *loaded) ([]store.Piece, error) {
	pieces := slices.Clone(l.head.Pieces)
	if l.head.Older.End == 0 {
		return pieces, nil
	}
	older, err := e.readIndex(ctx, l.key, l.head.Older.Tag)
	return append(append(pieces, older...), l.head.Older), err
}

// storeCompacted writes the entries into full segments, each commit's frame as
// it was.
func (e *Engine) storeCompacted(ctx context.Context, key supply.ItemKey, entries []at) (pieces []store.Piece, err error) {
	var body []byte
	var follows, first uint64
	var before time.Time
	flush := func() error {
		tag := e.newTag()
		segment := store.Segment{Tag: tag, Body: body}
		if _, _, err := e.store.Put(ctx, store.Write{Record: segment.Record(key), Expect: store.Anyhow}); err != nil {
			return fault.Wrap(err, "storing a compacted segment")
		}
		pieces = append(pieces, store.Piece{Tag: tag, First: first, End: follows})
		body, before = nil, time.Time{}
		return nil
	}
	for i := range entries {
		a := &entries[i]
		if len(body) == 0 {
			first, follows = a.seq, a.seq
		}
		if before.IsZero() || a.seq != follows || entries[i-1].frame.First != a.frame.First {
			frame := a.frame
			frame.First = a.seq
			body = supply.AppendFrame(body, frame, follows, before)
			before = frame.At
		}
		body = supply.AppendEntry(body, &a.entry)
		follows = a.seq + 1
		if len(body) > store.SegmentBytes-1024 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if len(body) > 0 {
		err = flush()
	}
	return pieces, err
}

// discardLater is the record by which a sweep finds superseded segments.
func discardLater(key supply.ItemKey, tag store.Tag, old []store.Piece, now time.Time) store.Record {
	list := store.IndexSegment(tag, old)
	r := list.Record(key)
	r.Key = store.DiscardKey(key, tag)
	r.Due = now.Add(supersededFor).Unix()/3600 + 1
	return r
}

// discard deletes superseded segments, then the list of them; it may be stopped
// and run again.
func (e *Engine) discard(ctx context.Context, now time.Time, key store.Key) (bool, error) {
	records, err := e.store.Get(ctx, true, key)
	if err != nil || records[0].Version == 0 || records[0].Due > now.Unix()/3600 {
		return false, err
	}
	item, _ := store.ParseItemPartition(key.Partition)
	pieces, err := store.ReadIndex(&records[0])
	if err != nil {
		return false, err
	}
	for _, p := range pieces {
		gone := store.Write{Record: store.Record{Key: store.SegmentKey(item, p.Tag)}, Expect: store.Anyhow, Delete: true}
		if _, _, err := e.store.Put(ctx, gone); err != nil {
			return false, fault.Wrap(err, "deleting a superseded segment")
		}
	}
	_, _, err = e.store.Put(ctx, store.Write{Record: store.Record{Key: key}, Expect: store.Anyhow, Delete: true})
	return true, fault.Wrap(err, "deleting a list of superseded segments")
}
