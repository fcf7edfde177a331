package engine

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Delivery is one message of the order queue, as it was received.
type Delivery struct {
	ID   string // the queue's, to report a failure by
	Body []byte
}

const (
	// maxSKUs is how many SKUs an order may have that stands or falls as a whole:
	// one transaction, with room for other records. Source: feature F59.
	maxSKUs = 90
	// commitWidth is how many heads are read in one call and then committed at
	// the same time. DynamoDB's BatchGetItem would take 100, but the sooner a
	// head is written after it was read, the fewer races are lost: with five
	// consumers on 1,000 SKUs by Zipf's law, 100 cost 22 % more write units than
	// the floor, 16 cost 7 %.
	commitWidth = 16
)

// Orders decides a batch of order messages: one conditional write per item,
// however many orders the batch has for it. It returns the ids of the messages
// that are to be delivered again: the unreadable ones, which end in the
// dead-letter queue, and those whose item lost every race or could not be
// stored. A message that was decided before has no further effect.
func (e *Engine) Orders(ctx context.Context, now time.Time, batch []Delivery) (failed []string) {
	b := orderBatch{engine: e, now: now, failed: make(map[string]bool)}
	for i := range batch {
		b.add(ctx, &batch[i])
	}
	slices.SortStableFunc(b.wholes, func(v, w whole) int { return v.wish().Compare(w.wish()) })
	for i := range b.wholes {
		b.commitSingles(ctx, b.before(&b.wholes[i]))
		b.settleWhole(ctx, &b.wholes[i])
	}
	b.commitSingles(ctx, slices.DeleteFunc(b.items, func(it itemWishes) bool { return len(it.wishes) == 0 }))
	for i := range batch {
		if b.failed[batch[i].ID] {
			failed = append(failed, batch[i].ID)
		}
	}
	return failed
}

// orderBatch is a batch on its way: its wishes by item, and the orders that
// need several items to agree.
type orderBatch struct {
	engine *Engine
	now    time.Time
	items  []itemWishes
	index  map[supply.ItemKey]int
	wholes []whole

	mu     sync.Mutex
	failed map[string]bool
}

// itemWishes is what a batch asks of one item, and by which messages.
type itemWishes struct {
	key    supply.ItemKey
	wishes []supply.Wish
	ids    []string
}

// whole is an order over several SKUs that is accepted or refused as one.
type whole struct {
	id    string
	parts []itemWishes
}

// wish returns what the order asks of its first item; all its wishes are placed
// at the same time.
func (w *whole) wish() *supply.Wish { return &w.parts[0].wishes[0] }

// before takes out of the batch what is decided before the order at its items:
// what can only free units, and what was placed earlier.
func (b *orderBatch) before(w *whole) (earlier []itemWishes) {
	for i := range w.parts {
		at, known := b.index[w.parts[i].key]
		if !known {
			continue
		}
		all := b.items[at]
		now, later := itemWishes{key: all.key}, itemWishes{key: all.key}
		for j := range all.wishes {
			wish, to := &all.wishes[j], &later
			if wish.Kind != supply.WishTake || wish.Compare(w.wish()) < 0 {
				to = &now
			}
			to.wishes, to.ids = append(to.wishes, *wish), append(to.ids, all.ids[j])
		}
		b.items[at] = later
		if len(now.wishes) > 0 {
			earlier = append(earlier, now)
		}
	}
	return earlier
}

func (b *orderBatch) fail(ctx context.Context, err error, ids ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		b.failed[id] = true
	}
	b.engine.log.WarnContext(ctx, "order messages go back", "kind", fault.Of(err).String(), "messages", len(ids), "id", ids[0], "err", err)
}

func (b *orderBatch) add(ctx context.Context, d *Delivery) {
	m, err := order.Parse(d.Body)
	if err == nil {
		_, err = b.engine.rules(m.Marketplace, b.now)
	}
	if err != nil {
		b.fail(ctx, err, d.ID)
		return
	}
	if len(m.Lines) > 1 && !m.Split && (m.Type == order.Placed || m.Type == order.Changed) && len(m.Lines) <= maxSKUs {
		b.wholes = append(b.wholes, newWhole(d.ID, &m))
		return
	}
	for i := range m.Lines {
		b.wish(d.ID, itemKey(&m, i), newWish(&m, i))
	}
}

func itemKey(m *order.Message, line int) supply.ItemKey {
	return supply.ItemKey{Seller: m.Seller, Marketplace: m.Marketplace, SKU: m.Lines[line].SKU}
}

func newWish(m *order.Message, line int) supply.Wish {
	w := supply.Wish{Order: m.OrderID, Revision: m.Revision, Units: m.Lines[line].Units, PlacedAt: m.PlacedAt,
		Hold: m.HoldUntil, Split: m.Split, Final: m.Final}
	switch m.Type {
	case order.Cancelled:
		w.Kind = supply.WishCancel
	case order.Shipped:
		w.Kind = supply.WishShip
	case order.Placed, order.Changed:
		if len(m.Lines) > maxSKUs && !m.Split {
			w.Refuse = supply.TooManyItems
		}
	}
	return w
}

func newWhole(id string, m *order.Message) whole {
	w := whole{id: id, parts: make([]itemWishes, len(m.Lines))}
	anchor := 0
	for i := range m.Lines {
		if m.Lines[i].SKU < m.Lines[anchor].SKU {
			anchor = i
		}
	}
	for i := range m.Lines {
		wish := newWish(m, i)
		if i == anchor {
			for j := range m.Lines {
				if j != anchor {
					wish.Siblings = append(wish.Siblings, m.Lines[j].SKU)
				}
			}
		} else {
			wish.Anchor = m.Lines[anchor].SKU
		}
		w.parts[i] = itemWishes{key: itemKey(m, i), wishes: []supply.Wish{wish}, ids: []string{id}}
	}
	return w
}

func (b *orderBatch) wish(id string, key supply.ItemKey, w supply.Wish) {
	if b.index == nil {
		b.index = make(map[supply.ItemKey]int)
	}
	at, known := b.index[key]
	if !known {
		at = len(b.items)
		b.items = append(b.items, itemWishes{key: key})
		b.index[key] = at
	}
	b.items[at].wishes = append(b.items[at].wishes, w)
	b.items[at].ids = append(b.items[at].ids, id)
}

// commitSingles decides the items one by one, some at a time, from a random
// one on: the items that sell most come first in every batch, and consumers that
// begin together would meet at each of them.
func (b *orderBatch) commitSingles(ctx context.Context, singles []itemWishes) {
	if n := uint64(len(singles)); n > 1 {
		first := b.engine.random() % n
		singles = slices.Concat(singles[first:], singles[:first])
	}
	for group := range slices.Chunk(singles, commitWidth) {
		keys := make([]supply.ItemKey, len(group))
		for i := range group {
			keys[i] = group[i].key
		}
		items, err := b.engine.load(ctx, b.now, false, false, keys...)
		if err != nil {
			for i := range group {
				b.fail(ctx, err, group[i].ids...)
			}
			continue
		}
		b.commitGroup(ctx, items, group)
	}
}

func (b *orderBatch) commitGroup(ctx context.Context, items []*loaded, group []itemWishes) {
	var running sync.WaitGroup
	for i := range items {
		running.Go(func() {
			if err := b.engine.decide(ctx, items[i], group[i].wishes); err != nil {
				b.fail(ctx, err, group[i].ids...)
			}
		})
	}
	running.Wait()
}

// decide applies wishes to one item and commits what they changed.
func (e *Engine) decide(ctx context.Context, l *loaded, wishes []supply.Wish) error {
	defer func() { e.release(l) }()
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		if err := e.detail(ctx, l); err != nil {
			return err
		}
		l.item.Decide(l.rules, wishes)
		if !l.changed() {
			return nil
		}
		w, err := e.headWrite(ctx, l, l.head.Card, supply.CauseOrders, "")
		if err != nil {
			return err
		}
		if done, err := e.commit(ctx, l, w); done || err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "item %s: lost %d races", l.key.SKU, maxAttempts)
}

// detail reads the card of an item that time alone has changed: its head no
// longer says what its lots give. The card itself stays as it is.
func (e *Engine) detail(ctx context.Context, l *loaded) error {
	if l.card != nil || !l.item.Due(l.rules.Now) {
		return nil
	}
	l.card = &store.Card{}
	return e.reload(ctx, l, nil)
}

// commitAll applies the writes of several items as one; the head of items[i] is
// the i-th write whose key is a head. When it could not, all are loaded anew.
func (e *Engine) commitAll(ctx context.Context, items []*loaded, writes []store.Write) (ok bool, err error) {
	ok, err = e.store.PutAll(ctx, writes)
	if err != nil && !fault.Is(err, fault.Transient) {
		return false, fault.Wrap(err, "committing heads")
	}
	for _, l := range items {
		switch {
		case ok && err == nil:
			err := l.settle(headOf(writes, l.key))
			if err != nil {
				return false, err
			}
		default:
			if err := e.reload(ctx, l, nil); err != nil {
				return false, err
			}
		}
	}
	return ok && err == nil, nil
}

func headOf(writes []store.Write, key supply.ItemKey) *store.Write {
	head := store.HeadKey(key)
	i := slices.IndexFunc(writes, func(w store.Write) bool { return w.Record.Key == head })
	return &writes[i]
}

// settleWhole decides an order over several SKUs: all lines or none.
func (b *orderBatch) settleWhole(ctx context.Context, w *whole) {
	slices.SortFunc(w.parts, func(a, b itemWishes) int { return cmp.Compare(a.key.SKU, b.key.SKU) })
	keys := make([]supply.ItemKey, len(w.parts))
	for i := range w.parts {
		keys[i] = w.parts[i].key
	}
	items, err := b.engine.load(ctx, b.now, false, false, keys...)
	if err == nil {
		err = b.engine.decideWhole(ctx, items, w)
		b.engine.release(items...)
	}
	if err != nil {
		b.fail(ctx, err, w.id)
	}
}

func (e *Engine) decideWhole(ctx context.Context, items []*loaded, w *whole) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		for _, l := range items {
			if err := e.detail(ctx, l); err != nil {
				return err
			}
		}
		if reason, at := refusedBy(items, w); reason != supply.ReasonNone {
			return e.refuseWhole(ctx, items, w, reason, at)
		}
		done, err := e.acceptWhole(ctx, items, w)
		if done || err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "order over %d SKUs: lost %d races", len(items), maxAttempts)
}

// refusedBy returns why a line of the order cannot be granted, and which;
// ReasonNone when all can.
func refusedBy(items []*loaded, w *whole) (supply.Reason, int) {
	for i, l := range items {
		if reason := l.item.Refusal(l.rules, w.parts[i].wishes[0]); reason != supply.ReasonNone {
			return reason, i
		}
	}
	return supply.ReasonNone, 0
}

// refuseWhole records the refusal at every item. It need not be one commit: a
// redelivery finds the first recorded refusal and completes the others.
func (e *Engine) refuseWhole(ctx context.Context, items []*loaded, w *whole, reason supply.Reason, at int) error {
	for i, l := range items {
		wish := slices.Clone(w.parts[i].wishes)
		wish[0].Refuse = supply.OtherLineRefused
		if i == at {
			wish[0].Refuse = reason
		}
		if err := e.decide(ctx, l, wish); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) acceptWhole(ctx context.Context, items []*loaded, w *whole) (done bool, err error) {
	var writes []store.Write
	var touched []*loaded
	for i, l := range items {
		l.item.Decide(l.rules, w.parts[i].wishes)
		if !l.changed() {
			writes = append(writes, store.Write{Record: store.Record{Key: store.HeadKey(l.key)}, Expect: l.head.Version, Check: true})
			continue
		}
		head, err := e.headWrite(ctx, l, l.head.Card, supply.CauseOrders, "")
		if err != nil {
			return false, err
		}
		touched = append(touched, l)
		writes = append(writes, head)
	}
	if len(touched) == 0 {
		return true, nil
	}
	return e.commitAll(ctx, touched, writes)
}
