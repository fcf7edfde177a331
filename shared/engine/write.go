package engine

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// headWrite returns the write that commits the item together with the card of
// that version, after storing the segments it needs. It may be called again for the same loaded item after reload.
func (e *Engine) headWrite(ctx context.Context, l *loaded, card int64, cause supply.Cause, about supply.ShipmentID) (store.Write, error) {
	next := l.head.Clone()
	next.Version, next.Card, next.At = l.head.Version+1, card, l.rules.Now.Truncate(time.Second)
	next.Next, next.Pending, next.Gone = l.item.Line.Next, l.item.Line.Pending(), l.item.Line.Gone
	next.DueHour, next.Cause, next.About = earlierDue(l.head.DueHour, l.item.Until), cause, about
	out, err := e.sealEntries(ctx, l, next, cause, about)
	if err != nil {
		return store.Write{}, err
	}
	next.Pieces, next.Tail = append(next.Pieces, out.pieces...), out.tail
	if err := e.rollPieces(ctx, l, next); err != nil {
		return store.Write{}, err
	}
	return store.Write{Record: next.Record(), Expect: l.head.Version}, nil
}

// earlierDue moves the hour of the next sweep earlier, never later: only a sweep
// that finds nothing due does that, so that a commit pays for the index seldom.
func earlierDue(due int64, until time.Time) int64 {
	if until.IsZero() {
		return due
	}
	hour := max(1, until.Unix()/3600)
	if due == 0 {
		return hour
	}
	return min(due, hour)
}

// sealEntries seals the new entries and stores the segments, using again what a lost
// race has stored already.
func (e *Engine) sealEntries(ctx context.Context, l *loaded, next *store.Head, cause supply.Cause, about supply.ShipmentID) (sealing, error) {
	entries := l.item.Entries()
	if len(entries) == 0 {
		return sealing{tail: next.Tail}, nil
	}
	frame := supply.Frame{First: l.head.Next, At: next.At, Cause: cause, About: about, Moves: l.item.Moves()}
	sl := sealer{room: roomFor(next), overhead: store.SegmentOverhead(l.key), tag: e.newTag}
	end := l.line.end
	end.bytes = slices.Clone(end.bytes)
	out := sl.seal(end, newSpan(frame, entries))
	for i := range out.segments {
		seg := &out.segments[i]
		if j := l.storedAlready(seg); j >= 0 {
			out.pieces[i].Tag, seg.Tag = l.spare.segments[j].Tag, l.spare.segments[j].Tag
			continue
		}
		if _, _, err := e.store.Put(ctx, store.Write{Record: seg.Record(l.key), Expect: store.Anyhow}); err != nil {
			return sealing{}, fault.Wrap(err, "storing a segment")
		}
		l.spare.segments = append(l.spare.segments, *seg)
	}
	return out, nil
}

func (l *loaded) storedAlready(seg *store.Segment) int {
	return slices.IndexFunc(l.spare.segments, func(s store.Segment) bool {
		return slices.Equal(s.Body, seg.Body)
	})
}

// roomFor returns how long the tail may be while the head stays within whole
// write units: one as a rule, more for an item with very many lots.
func roomFor(h *store.Head) int {
	const leastTail = 256
	probe := *h
	probe.Tail, probe.Pieces = []byte{0}, append(slices.Clone(h.Pieces), store.Piece{})
	record := probe.Record()
	fixed := record.Size() - 1
	units := (fixed + leastTail + store.HeadBytes - 1) / store.HeadBytes
	return units*store.HeadBytes - fixed
}

// lookForCompaction is when a sweep looks at a line that has grown an index.
const lookForCompaction = 24 * time.Hour

// rollPieces moves the head's list into an index segment when it is full.
func (e *Engine) rollPieces(ctx context.Context, l *loaded, next *store.Head) error {
	if len(next.Pieces) <= store.MaxPieces {
		return nil
	}
	var all []store.Piece
	if next.Older.End != 0 {
		older, err := e.readIndex(ctx, l.key, next.Older.Tag)
		if err != nil {
			return err
		}
		all = append(older, store.Piece{Tag: next.Older.Tag}) // holds no entries; listed so that a compaction deletes it
	}
	all = append(all, next.Pieces...)
	index := store.IndexSegment(e.newTag(), all)
	if _, _, err := e.store.Put(ctx, store.Write{Record: index.Record(l.key), Expect: store.Anyhow}); err != nil {
		return fault.Wrap(err, "storing an index segment")
	}
	next.Older, next.Pieces = store.Piece{Tag: index.Tag, First: uint64(len(all)), End: endOf(all)}, nil
	next.DueHour = earlierDue(next.DueHour, next.At.Add(lookForCompaction))
	return nil
}

// endOf returns the end of the pieces' ranges.
func endOf(pieces []store.Piece) (end uint64) {
	for _, p := range pieces {
		end = max(end, p.End)
	}
	return end
}

func (e *Engine) newTag() (tag store.Tag) {
	binary.BigEndian.PutUint64(tag[:], e.random())
	return tag
}
