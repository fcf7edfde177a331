package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// loaded is an item as it was read: its value with the folded line, the card
// (nil unless asked for), and the head it came from. A missing item has version
// 0 and an empty, unlisted item.
type loaded struct {
	key   supply.ItemKey
	rules supply.Rules
	item  *supply.Item
	card  *store.Card
	head  *store.Head
	line  *keptLine
	spare sealing // segments that a lost race left, stored already
}

// load reads items, with their cards when detailed. Without strong the state
// may be some milliseconds old, which the write condition notices. Every loaded
// item must be given back by release.
func (e *Engine) load(ctx context.Context, now time.Time, detailed, strong bool, keys ...supply.ItemKey) ([]*loaded, error) {
	items := make([]*loaded, len(keys))
	for i, key := range keys {
		rules, err := e.rules(key.Marketplace, now)
		if err != nil {
			return nil, err
		}
		items[i] = &loaded{key: key, rules: rules}
	}
	if err := e.readHeads(ctx, items, detailed, strong); err != nil {
		return nil, err
	}
	for _, l := range items {
		if err := e.readLine(ctx, l); err != nil {
			e.release(items...)
			return nil, err
		}
	}
	return items, nil
}

// loadOne is load for one item.
func (e *Engine) loadOne(ctx context.Context, now time.Time, detailed, strong bool, key supply.ItemKey) (*loaded, error) {
	items, err := e.load(ctx, now, detailed, strong, key)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// release gives the lines back to the cache, without what was not committed.
func (e *Engine) release(items ...*loaded) {
	for _, l := range items {
		if l.line != nil {
			l.line.line.Undo()
			e.lines.keep(l.key, l.line)
			l.line = nil
		}
	}
}

func (e *Engine) readHeads(ctx context.Context, items []*loaded, detailed, strong bool) error {
	keys := make([]store.Key, 0, 2*len(items))
	for _, l := range items {
		keys = append(keys, store.HeadKey(l.key))
	}
	if detailed {
		for _, l := range items {
			keys = append(keys, store.CardKey(l.key))
		}
	}
	records, err := e.store.Get(ctx, strong, keys...)
	if err != nil {
		return fault.Wrap(err, "reading heads")
	}
	for i, l := range items {
		if l.head, err = store.ReadHead(l.key, &records[i]); err != nil {
			return err
		}
		l.item = l.head.Item
		if detailed {
			if err := e.readCard(ctx, l, &records[len(items)+i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readCard joins head and card. They are committed together but read one after
// the other, so a card of another version is read again with its head.
func (e *Engine) readCard(ctx context.Context, l *loaded, card *store.Record) (err error) {
	for attempt := 0; card.Version != l.head.Card; attempt++ {
		if attempt == maxAttempts {
			return fault.New(fault.Transient, "BUSY", "item %s changes faster than it can be read", l.key.SKU)
		}
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		records, err := e.store.Get(ctx, true, store.HeadKey(l.key), store.CardKey(l.key))
		if err != nil {
			return fault.Wrap(err, "reading a card")
		}
		if l.head, err = store.ReadHead(l.key, &records[0]); err != nil {
			return err
		}
		l.item, card = l.head.Item, &records[1]
	}
	l.card, err = store.ReadCard(card, l.item)
	return err
}

// readLine folds the item's line: what is kept of it is caught up with what the
// head lists.
func (e *Engine) readLine(ctx context.Context, l *loaded) error {
	kept := e.lines.take(l.key)
	if kept == nil || kept.line.Next > l.head.Next {
		// A line ahead of an eventually consistent head would hide that the head is old.
		kept = &keptLine{line: supply.NewLine()}
	}
	if err := e.catchUp(ctx, l, kept); err != nil {
		return err
	}
	kept.line.Gone = l.head.Gone
	kept.line.Mark()
	l.line, l.item.Line = kept, kept.line
	return nil
}

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

// changed reports whether there is anything to commit.
func (l *loaded) changed() bool { return len(l.item.Entries()) > 0 }

// headWrite returns the write that commits the item, after storing the segments
// it needs. It may be called again for the same loaded item after reload.
func (e *Engine) headWrite(ctx context.Context, l *loaded, cause supply.Cause, about supply.ShipmentID) (store.Write, error) {
	next := l.head.Clone()
	next.Version, next.At = l.head.Version+1, l.rules.Now.Truncate(time.Second)
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
	frame := supply.Frame{First: l.head.Next, At: next.At, Cause: cause, About: about}
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

// cardWrite returns the write of the item's card, to be committed with its head.
func (l *loaded) cardWrite(head *store.Write) (store.Write, error) {
	before := l.card.Version
	l.card.Version = head.Record.Version
	record, err := l.card.Record(l.item)
	return store.Write{Record: record, Expect: before}, err
}

// itemWrites returns the writes that commit a changed detailed item, head and
// card, to be joined with others in one PutAll; segments are stored already.
// committed must be told how it went.
func (e *Engine) itemWrites(ctx context.Context, l *loaded, cause supply.Cause, about supply.ShipmentID) ([]store.Write, error) {
	head, err := e.headWrite(ctx, l, cause, about)
	if err != nil {
		return nil, err
	}
	card, err := l.cardWrite(&head)
	if err != nil {
		return nil, err
	}
	head.Record.SetInt("card", card.Record.Version)
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
	err := e.changeItem(ctx, now, key, cause, about, func(l *loaded) error {
		if !l.item.News(facts) {
			return fault.New(fault.Stale, "KNOWN", "item %s knows these facts", key.SKU)
		}
		l.item.Resupply(l.rules, facts)
		return nil
	})
	if fault.Is(err, fault.Stale) {
		return nil
	}
	return err
}
