package engine

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// at is one committed entry with its place in the line.
type at struct {
	seq   uint64
	frame supply.Frame
	entry supply.Entry
}

func (e *Engine) catchUp(ctx context.Context, l *loaded, kept *keptLine) error {
	known := kept.line.Next
	if known == l.head.Next && known != 0 {
		return kept.end.follow(l.head)
	}
	news, err := e.entriesSince(ctx, l.key, l.head, known)
	if err != nil {
		return err
	}
	for i := range news {
		kept.line.Apply(news[i].frame.At, news[i].seq, &news[i].entry)
	}
	kept.line.Next = l.head.Next
	return kept.end.follow(l.head)
}

// entriesSince returns the entries of the head's line from known on, in order.
func (e *Engine) entriesSince(ctx context.Context, key supply.ItemKey, head *store.Head, known uint64) ([]at, error) {
	var news []at
	collect := func(f supply.Frame, seq uint64, entry *supply.Entry) error {
		if seq >= known {
			news = append(news, at{seq, f, *entry})
		}
		return nil
	}
	if err := supply.Decode(head.Tail, 0, collect); err != nil {
		return nil, err
	}
	if uint64(len(news)) < head.Next-known {
		pieces, err := e.readPieces(ctx, key, head, known)
		if err != nil {
			return nil, err
		}
		for _, p := range pieces {
			if err := supply.Decode(p.body, p.First, collect); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(news, func(a, b at) int { return cmp.Compare(a.seq, b.seq) })
	return news, nil
}

// follow makes t the tail of the head.
func (t *tail) follow(h *store.Head) error {
	if bytes.Equal(t.bytes, h.Tail) && len(h.Tail) > 0 {
		return nil
	}
	*t = tail{bytes: h.Tail, first: h.Next}
	return supply.Decode(h.Tail, 0, func(f supply.Frame, seq uint64, _ *supply.Entry) error {
		t.first, t.follows, t.before = min(t.first, seq), seq+1, f.At
		return nil
	})
}

// piece is a segment with its body.
type piece struct {
	store.Piece
	body []byte
}

// readPieces reads the segments that hold entries from known on.
func (e *Engine) readPieces(ctx context.Context, key supply.ItemKey, head *store.Head, known uint64) ([]piece, error) {
	pieces := head.Pieces
	if head.Older.End > known {
		older, err := e.readIndex(ctx, key, head.Older.Tag)
		if err != nil {
			return nil, err
		}
		pieces = append(older, pieces...)
	}
	wanted := make(map[store.Tag]store.Piece, len(pieces))
	for _, p := range pieces {
		if p.End > known {
			wanted[p.Tag] = p
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	if known == 0 && len(wanted) > 2 {
		return e.queryPieces(ctx, key, wanted)
	}
	return e.getPieces(ctx, key, wanted, nil)
}

func (e *Engine) readIndex(ctx context.Context, key supply.ItemKey, tag store.Tag) ([]store.Piece, error) {
	records, err := e.store.Get(ctx, false, store.SegmentKey(key, tag))
	if err == nil && records[0].Version == 0 {
		records, err = e.store.Get(ctx, true, store.SegmentKey(key, tag))
	}
	if err != nil {
		return nil, fault.Wrap(err, "reading an index segment")
	}
	return store.ReadIndex(&records[0])
}

// queryPieces loads a cold line in one query; what an old replica does not show
// yet is fetched by its key.
func (e *Engine) queryPieces(ctx context.Context, key supply.ItemKey, wanted map[store.Tag]store.Piece) ([]piece, error) {
	var found []piece
	for next := ""; ; {
		page, more, err := e.store.List(ctx, store.SegmentQuery(key, next))
		if err != nil {
			return nil, fault.Wrap(err, "listing segments")
		}
		for i := range page {
			tag, _ := store.SegmentTag(page[i].Key)
			if p, ok := wanted[tag]; ok {
				found = append(found, piece{p, store.SegmentBody(&page[i])})
				delete(wanted, tag)
			}
		}
		if next = more; next == "" {
			return e.getPieces(ctx, key, wanted, found)
		}
	}
}

func (e *Engine) getPieces(ctx context.Context, key supply.ItemKey, wanted map[store.Tag]store.Piece, found []piece) ([]piece, error) {
	for _, strong := range []bool{false, true} {
		if len(wanted) == 0 {
			break
		}
		keys := make([]store.Key, 0, len(wanted))
		for tag := range wanted {
			keys = append(keys, store.SegmentKey(key, tag))
		}
		records, err := e.store.Get(ctx, strong, keys...)
		if err != nil {
			return nil, fault.Wrap(err, "reading segments")
		}
		for i := range records {
			if records[i].Version == 0 {
				continue
			}
			tag, _ := store.SegmentTag(records[i].Key)
			found = append(found, piece{wanted[tag], store.SegmentBody(&records[i])})
			delete(wanted, tag)
		}
	}
	if len(wanted) > 0 {
		// A compaction may have replaced them since the head was read.
		return nil, fault.New(fault.Transient, "BUSY", "%d segments of item %s are gone; its head is being replaced", len(wanted), key.SKU)
	}
	return found, nil
}
