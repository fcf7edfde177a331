package supply

import (
	"cmp"
	"slices"
	"time"
)

// WishKind says what an order system wants of one item.
type WishKind uint8

// The kinds of a wish.
const (
	WishTake   WishKind = iota // hold Units in all for the order
	WishCancel                 // end the order
	WishShip                   // Units in all have left; Final: no more will
)

// Wish is what one order message asks of one item.
type Wish struct {
	Kind     WishKind
	Order    OrderID
	Revision uint32
	Units    Units
	PlacedAt time.Time // zero when not said
	Hold     time.Time
	Split    bool
	Final    bool
	Refuse   Reason // already refused elsewhere, or cancelled by other than the order system, for this reason
	Anchor   SKU
	Siblings []SKU
}

// ForgetAfter is how long an id is kept after its order's end; an order placed
// longer ago that nobody knows cannot be told from a forgotten one.
// Source: 14 days in a queue and 14 in its dead-letter queue.
const ForgetAfter = 28 * 24 * time.Hour

// Decide decides a batch of wishes and records every outcome as an entry. What
// frees units comes first, so that the batch's own cancellations serve its
// orders; the rest goes by placedAt, then id, then revision. A wish that is
// known already leaves no entry. Deciding the same wishes again changes nothing.
func (it *Item) Decide(r Rules, wishes []Wish) {
	it.catchUp(r)
	sortWishes(wishes)
	if it.freeing(r, wishes) {
		it.repeg(r)
	}
	it.buyable = it.futureUnits()
	again := false
	for i := range wishes {
		if wishes[i].Kind == WishTake {
			again = it.take(r, &wishes[i]) || again
		}
	}
	if again {
		it.repeg(r)
	}
}

// catchUp does what a sweep would have done by now: a commit that finds lots
// changed by time pegs their orders anew, for no later sweep will see the change.
func (it *Item) catchUp(r Rules) {
	if it.Due(r.Now) {
		it.Sweep(r)
	}
}

func sortWishes(wishes []Wish) {
	order := func(a, b Wish) int { return a.Compare(&b) }
	if !slices.IsSortedFunc(wishes, order) {
		slices.SortStableFunc(wishes, order)
	}
}

// Compare orders the wishes of one batch as they are decided: below zero when w
// goes before o. What frees units goes before all that take some, whatever this
// says.
func (w *Wish) Compare(o *Wish) int {
	if c := w.placed().Compare(o.placed()); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(w.Order, o.Order), cmp.Compare(w.Revision, o.Revision))
}

// placed sorts wishes without a time behind those with one.
func (w *Wish) placed() time.Time {
	if w.PlacedAt.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return w.PlacedAt
}

// freeing applies the wishes that can only give units back, and reports whether
// any did.
func (it *Item) freeing(r Rules, wishes []Wish) bool {
	held := it.heldInDoubt(r, wishes)
	freed := false
	for i := range wishes {
		w := &wishes[i]
		o := it.Line.Order(w.Order)
		before := o.Waiting()
		switch {
		case w.Kind == WishCancel:
			freed = it.cancel(r, w, &o) || freed
		case w.Kind == WishShip:
			freed = it.ship(r, w, &o) || freed
		case o.Open() && w.Revision > o.Revision && w.Units < o.Units && w.Refuse == ReasonNone:
			it.accept(r, w, 0, o.Promised, false)
			it.allocate(r, w.Order, 0)
			freed = true
		}
		if held != nil {
			after := it.Line.Order(w.Order)
			it.unpeg(held[w.Order], before-after.Waiting())
		}
	}
	return freed
}

// heldInDoubt returns what each order of the wishes holds of which lot, when any
// lot's promises exceed what is sure to come: such a lot keeps serving only the
// orders it serves now, so what leaves it must be known by lot. Otherwise nil.
func (it *Item) heldInDoubt(r Rules, wishes []Wish) map[OrderID][]Part {
	if it.AtRisk() == 0 || !slices.ContainsFunc(wishes, it.known) {
		return nil
	}
	held := make(map[OrderID][]Part)
	for _, peg := range it.Pegs(r) {
		held[peg.Order.ID] = peg.Parts
	}
	return held
}

func (it *Item) known(w Wish) bool {
	o := it.Line.Order(w.Order)
	return o.Open()
}

// unpeg takes units that an order gave up out of its lots, the latest first.
func (it *Item) unpeg(parts []Part, units Units) {
	for i := len(parts) - 1; i >= 0 && units > 0; i-- {
		if lot := parts[i].Supply - 1; lot >= 0 {
			cut := min(units, parts[i].Units)
			it.Lots[lot].Pegged -= cut
			units -= cut
		}
	}
}

func (it *Item) cancel(r Rules, w *Wish, o *Order) bool {
	switch o.State {
	case OrderGone:
		return false
	case OrderClosed:
		return it.note(r, w, o, AlreadyShipped)
	}
	e := Entry{Kind: EntryCancelled, Order: w.Order}
	if w.Refuse != ReasonNone {
		e = o.ended(w.Refuse)
	}
	it.emit(r, e)
	return o.State == Reserved
}

func (it *Item) ship(r Rules, w *Wish, o *Order) bool {
	switch {
	case o.State == OrderGone:
		return it.note(r, w, o, AlreadyCancelled)
	case o.State == OrderClosed, w.Units <= o.Shipped && !w.Final:
		return false
	}
	total := max(w.Units, o.Shipped)
	it.Stock -= total - o.Shipped
	it.emit(r, Entry{Kind: EntryShipped, Order: w.Order, Units: total, Full: w.Final})
	return total > o.Allocated || w.Final && total < o.Units
}

// note records an alert once; it frees nothing.
func (it *Item) note(r Rules, w *Wish, o *Order, reason Reason) bool {
	if reason.Alert() && o.refused.noted&(1<<reason) == 0 {
		it.emit(r, Entry{Kind: EntryRefused, Order: w.Order, Revision: w.Revision, Units: w.Units, Reason: reason})
	}
	return false
}

// take decides one wish for units, and reports whether all must be pegged anew:
// an order that changes its units keeps its place in the line, so others may
// have to give way to it, or may follow up.
func (it *Item) take(r Rules, w *Wish) (moved bool) {
	o := it.Line.Order(w.Order)
	switch {
	case o.State == OrderGone && o.Reason != ReasonNone && w.Revision > o.Revision:
		return it.note(r, w, &o, AlreadyCancelled)
	case o.State == OrderGone, o.State == OrderClosed, o.refused.has(w.Revision):
		return false
	case o.Open() && w.Revision == o.Revision:
		if w.Units != o.Units {
			it.note(r, w, &o, IdempotencyMismatch)
		}
		return false
	case o.Open() && w.Revision < o.Revision:
		return false
	}
	if reason := it.refusal(r, w, &o); reason != ReasonNone {
		it.emit(r, Entry{Kind: EntryRefused, Order: w.Order, Revision: w.Revision, Units: w.Units,
			Reason: reason, Anchor: w.Anchor, Siblings: w.Siblings})
		return false
	}
	it.grant(r, w, &o)
	return o.Open() && w.Units != o.Units
}

// Refusal returns why the item would refuse the wish, or did refuse it before;
// ReasonNone when it would grant it or has done so. It changes nothing.
func (it *Item) Refusal(r Rules, w Wish) Reason {
	it.catchUp(r)
	it.buyable = it.futureUnits()
	o := it.Line.Order(w.Order)
	switch {
	case o.refused.has(w.Revision):
		return cmp.Or(o.Reason, OtherLineRefused)
	case o.State == OrderGone, o.State == OrderClosed, o.Open() && w.Revision <= o.Revision:
		return ReasonNone
	}
	return it.refusal(r, &w, &o)
}

// missing returns the units that a wish asks for beyond what its order has.
func (w *Wish) missing(o *Order) Units {
	if o.Open() {
		return w.Units - max(o.Units, o.Shipped)
	}
	return w.Units - o.Shipped
}

// refusal returns why the wish cannot be granted, or ReasonNone.
func (it *Item) refusal(r Rules, w *Wish, o *Order) Reason {
	limit := it.Controls.MaxUnitsPerOrder
	available := it.Fulfillable() + it.buyable
	switch {
	case w.Refuse != ReasonNone:
		return w.Refuse
	case o.State == Unknown && !w.PlacedAt.IsZero() && r.Now.Sub(w.PlacedAt) > ForgetAfter:
		return TooOld
	case limit > 0 && w.Units > limit:
		return OverOrderCap
	case w.missing(o) <= available:
		return ReasonNone
	case !it.Listed:
		return NoSupply
	case available == 0:
		return ReasonVerdict + Reason(it.Code())
	}
	return InsufficientSupply
}

// grant takes the units: on hand first, then the earliest lots.
func (it *Item) grant(r Rules, w *Wish, o *Order) {
	missing := max(0, w.missing(o))
	onHand := min(missing, it.Fulfillable())
	day := r.Today()
	if o.Waiting() > 0 {
		day = o.Promised
	}
	if late := it.reserve(missing - onHand); late != 0 {
		day = max(day, late)
	}
	if o.Open() {
		it.accept(r, w, 0, day, false)
		it.allocate(r, w.Order, onHand)
	} else {
		it.accept(r, w, onHand, day, onHand == missing)
	}
	if !w.Hold.IsZero() && (it.Until.IsZero() || w.Hold.Before(it.Until)) {
		it.Until = w.Hold
	}
}

// reserve takes units from the earliest lots and returns the day of the latest;
// 0 when there was nothing to take.
func (it *Item) reserve(units Units) (day Day) {
	for i := 0; i < len(it.Lots) && units > 0; i++ {
		l := &it.Lots[i]
		if n := min(units, l.Buyable()); n > 0 {
			l.Pegged += n
			it.buyable -= n
			units -= n
			day = max(day, l.Day)
		}
	}
	return day
}

func (it *Item) accept(r Rules, w *Wish, onHand Units, day Day, full bool) {
	it.emit(r, Entry{Kind: EntryAccepted, Order: w.Order, Revision: w.Revision, Units: w.Units, Day: day, Full: full,
		Split: w.Split, Allocated: onHand, Hold: w.Hold, Anchor: w.Anchor, Siblings: w.Siblings})
}

// allocate gives an order units on hand for good.
func (it *Item) allocate(r Rules, id OrderID, units Units) {
	o := it.Line.Order(id)
	full := units == o.Waiting()
	if units > 0 || full && o.Actual == 0 {
		it.emit(r, Entry{Kind: EntryAllocated, Order: id, Units: units, Day: r.Today(), Full: full, Multi: o.Multi})
	}
}
