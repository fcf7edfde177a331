package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// HeadChanges publishes what the commits of items changed: it compares the two
// images of each head and reads the entries between them. Of a shipment's state
// it publishes the alerts that came and went, of a programme what it is now; and
// it sends the mails that programmes owe. It keeps no state of its own, so a
// change that comes twice is published twice under the same ids. What was
// published is folded into the items' histories and noted for the sellers' letters.
// It returns the sequences of the
// changes that are to be delivered again. Other records are ignored.
func (e *Engine) HeadChanges(ctx context.Context, now time.Time, changes []store.Change, to Publisher) (failed []string) {
	blocked := make(map[store.Key]bool)
	published := past{items: make(map[supply.ItemKey][]pastCommit)}
	var told news
	for i := range changes {
		c := &changes[i]
		tell := e.announcer(c, &published, &told)
		if tell == nil {
			continue
		}
		if blocked[c.Key] { // a later change of the same record must not overtake
			failed = append(failed, c.Sequence)
			continue
		}
		if err := tell(ctx, now, c, to); err != nil {
			e.log.WarnContext(ctx, "change goes back", "kind", fault.Of(err).String(), "key", c.Key.Partition, "err", err)
			blocked[c.Key] = true
			failed = append(failed, c.Sequence)
		}
	}
	failed = append(failed, e.remember(ctx, &published)...)
	failed = append(failed, e.noteNews(ctx, now, &told)...)
	return asDelivered(changes, failed)
}

// asDelivered returns the failed sequences once each, in the order of the changes: who
// delivers them again goes on from the first.
func asDelivered(changes []store.Change, failed []string) (sorted []string) {
	for i := range changes {
		if slices.Contains(failed, changes[i].Sequence) {
			sorted = append(sorted, changes[i].Sequence)
		}
	}
	return sorted
}

// announcer returns what publishes a change; nil for one that says nothing.
func (e *Engine) announcer(c *store.Change, published *past, told *news) func(context.Context, time.Time, *store.Change, Publisher) error {
	seller, id, isShipment := store.ParseShipmentKey(c.Key)
	switch {
	case c.New.Version == 0:
		return nil
	case c.Key.Sort == store.HeadSort:
		return func(ctx context.Context, now time.Time, c *store.Change, to Publisher) error {
			commit, events, err := e.announce(ctx, now, c, to)
			if err == nil {
				published.add(commit)
				told.item(c, &commit, events)
			}
			return err
		}
	case isShipment && c.Key == store.StateKey(seller, id):
		return func(ctx context.Context, now time.Time, c *store.Change, to Publisher) error {
			events, err := e.announceAlerts(ctx, now, c, to)
			if err == nil {
				told.shipment(c, events)
			}
			return err
		}
	}
	if _, _, ok := store.ParseProgramKey(c.Key); ok {
		return e.programChange
	}
	if _, ok := store.ParseAccountKey(c.Key); ok {
		return e.accountChange
	}
	return nil
}

// announce publishes one commit and returns it, and what was published.
func (e *Engine) announce(ctx context.Context, now time.Time, c *store.Change, to Publisher) (commit pastCommit, events []Event, err error) {
	key, ok := store.ParseItemPartition(c.Key.Partition)
	if !ok {
		return commit, nil, fault.New(fault.Internal, "CORRUPT_RECORD", "head under %q", c.Key.Partition)
	}
	before, err := store.ReadHead(key, &c.Old)
	if err != nil {
		return commit, nil, err
	}
	after, err := store.ReadHead(key, &c.New)
	if err != nil {
		return commit, nil, err
	}
	entries, err := e.entriesSince(ctx, key, after, before.Next)
	if err != nil {
		return commit, nil, err
	}
	n := newNotice(key, after)
	defer n.close(e)
	for i := range entries {
		if err := n.entry(ctx, e, now, &entries[i]); err != nil {
			return commit, nil, err
		}
	}
	n.availability(before, after)
	if err := e.lotAlerts(ctx, n, before, after); err != nil {
		return commit, nil, err
	}
	if err := e.recordTimeline(ctx, key, before, after); err != nil {
		return commit, nil, err
	}
	if len(n.events) > 0 {
		err = fault.Wrap(to.Publish(ctx, n.events), "publishing")
	}
	return pastCommit{key: key, sequence: c.Sequence, before: before, after: after, entries: entries}, n.events, err
}

// notice gathers the events of one commit.
type notice struct {
	key    supply.ItemKey
	head   *store.Head
	events []Event
	opened *loaded // the item with its orders, once a rule has asked for one
	signer *signer
}

func newNotice(key supply.ItemKey, head *store.Head) *notice { return &notice{key: key, head: head} }

// event returns the open event of the type, or opens one: also when the open
// one holds all the orders it may.
func (n *notice) event(t EventType, orders func(*Event) int) *Event {
	count := 0
	for i := len(n.events) - 1; i >= 0; i-- {
		if n.events[i].Type != t {
			continue
		}
		if orders(&n.events[i]) < ordersPerEvent {
			return &n.events[i]
		}
		count++
	}
	id := fmt.Sprintf("%s@%d:%s", store.ItemPartition(n.key), n.head.Version, t)
	if count > 0 {
		id += fmt.Sprintf(":%d", count)
	}
	n.events = append(n.events, Event{ID: id, Type: t, At: n.head.At, Cause: &EventCause{Code: n.head.Cause.String(), ShipmentID: n.head.About},
		Seller: n.key.Seller, Marketplace: n.key.Marketplace, SKU: n.key.SKU})
	return &n.events[len(n.events)-1]
}

func decidedOrders(e *Event) int { return len(e.Accepted) + len(e.Rejected) + len(e.Cancelled) }

func known(d supply.Day) *supply.Day {
	if !d.Known() {
		return nil
	}
	return &d
}

func (n *notice) entry(ctx context.Context, e *Engine, now time.Time, a *at) error {
	entry := &a.entry
	switch entry.Kind {
	case supply.EntryAccepted:
		n.decided(entry, func(ev *Event, o DecidedOrder) { ev.Accepted = append(ev.Accepted, o) })
	case supply.EntryRefused:
		n.refused(entry)
	case supply.EntryCancelled:
		n.cancelled(entry)
	case supply.EntryPromised:
		return n.promised(ctx, e, now, entry)
	case supply.EntryShipped:
		return nil
	case supply.EntryAllocated:
	}
	if entry.Full {
		return n.released(ctx, e, now, entry)
	}
	return nil
}

// cancelled tells that an order ended and, where it was ended here, that money
// is to be returned.
func (n *notice) cancelled(entry *supply.Entry) {
	ended := *entry
	ended.Units = 0
	n.decided(&ended, func(ev *Event, o DecidedOrder) { ev.Cancelled = append(ev.Cancelled, o) })
	if entry.Units > 0 {
		ev := n.event(OrdersRefundDue, func(ev *Event) int { return len(ev.Refunds) })
		ev.Refunds = append(ev.Refunds, RefundDue{entry.Order, entry.Units, entry.Reason.String(), supply.LawOf(n.key.Marketplace).Source})
	}
}

func (n *notice) decided(entry *supply.Entry, add func(*Event, DecidedOrder)) {
	o := DecidedOrder{OrderID: entry.Order, Revision: entry.Revision, Units: entry.Units, Reason: entry.Reason.String()}
	if entry.Kind == supply.EntryAccepted {
		o.Promised = known(entry.Day)
	}
	add(n.event(OrdersDecided, decidedOrders), o)
}

func (n *notice) refused(entry *supply.Entry) {
	if entry.Reason != supply.IdempotencyMismatch { // that revision was decided before, and stays so
		n.decided(entry, func(ev *Event, o DecidedOrder) { ev.Rejected = append(ev.Rejected, o) })
	}
	if !entry.Reason.Alert() {
		return
	}
	alert := n.event(AlertRaised, func(*Event) int { return ordersPerEvent })
	alert.Alert = &Alert{Code: entry.Reason.String(), OrderID: entry.Order,
		Message: fmt.Sprintf("revision %d with %d units contradicts what is recorded; the record stands", entry.Revision, entry.Units)}
}

// promised tells that a promise moved, with what the buyer must be asked. A
// buyer's yes moves nothing.
func (n *notice) promised(ctx context.Context, e *Engine, now time.Time, entry *supply.Entry) error {
	if entry.Full {
		return nil
	}
	consent, err := n.consent(ctx, e, now, entry)
	if err != nil {
		return err
	}
	if !entry.Day.Known() {
		ev := n.event(SupplyShortfall, shortOrders)
		ev.Short = append(ev.Short, ShortOrder{OrderID: entry.Order, Units: entry.Units, Consent: consent})
		return nil
	}
	moved := MovedOrder{OrderID: entry.Order, From: known(entry.Was), To: entry.Day, Consent: consent}
	if entry.Was.Known() {
		moved.Days = int(entry.Day - entry.Was)
	}
	ev := n.event(PromiseChanged, movedOrders)
	ev.Moved = append(ev.Moved, moved)
	return nil
}

// released tells that an order is complete: at this item, and for an order that
// stands or falls as a whole at all its items, by whichever was last.
func (n *notice) released(ctx context.Context, e *Engine, now time.Time, entry *supply.Entry) error {
	if entry.Multi || entry.Anchor != "" || len(entry.Siblings) > 0 {
		whole, err := e.Order(ctx, now, n.key, entry.Order)
		if err != nil || !whole.Released {
			return err
		}
	}
	ev := n.event(OrdersReleased, func(ev *Event) int { return len(ev.Released) })
	ev.Released = append(ev.Released, ReleasedOrder{OrderID: entry.Order, Actual: entry.Day})
	return nil
}

// availability opens an event when what a shop shows has changed.
func (n *notice) availability(before, after *store.Head) bool {
	is := availabilityOf(after)
	if before.Version != 0 && is.same(availabilityOf(before)) || before.Version == 0 && !after.Item.Listed {
		return false
	}
	n.event(AvailabilityChanged, func(*Event) int { return ordersPerEvent }).Availability = &is
	return true
}

func availabilityOf(h *store.Head) Availability {
	return Availability{Fulfillable: h.Item.Fulfillable(), ReservedFutureSupply: h.Item.ReservedFutureSupply(),
		FutureSupplyBuyable: h.Item.FutureSupplyBuyable(), InStockDate: known(h.Item.InStockDate()), Verdict: h.Item.Code().String()}
}

func (a Availability) same(b Availability) bool {
	day := func(d *supply.Day) supply.Day {
		if d == nil {
			return 0
		}
		return *d
	}
	sameDay := day(a.InStockDate) == day(b.InStockDate)
	a.InStockDate, b.InStockDate = nil, nil
	return a == b && sameDay
}
