package supply

import (
	"time"
)

// OrderState is the fold of an order's entries.
type OrderState uint8

// The states of an order at one item.
const (
	Unknown     OrderState = iota
	Reserved               // accepted and open
	Rejected               // refusals only
	OrderGone              // cancelled, by the order system or by an expired hold
	OrderClosed            // finally shipped
)

// Order is what the line says of one order.
type Order struct {
	ID        OrderID
	State     OrderState
	Split     bool
	Backorder bool   // some unit was not on hand when it was accepted
	Multi     bool   // has lines for other SKUs that stand or fall with this one
	Reason    Reason // of the refusal or of the end; ReasonNone when all is well
	Seq       uint64 // sequence of the first acceptance: who came first
	Revision  uint32 // highest accepted
	Units     Units
	Shipped   Units // total shipped so far
	Allocated Units // given from what was on hand, shipped ones included
	First     Day   // first promise; never changes
	Promised  Day   // last published promise; 0 while none can be given
	Agreed    Day   // latest promise that the buyer ordered on or said yes to; Undated = to wait without one
	Silent    Day   // what silence agreed to, where the law lets it; 0 = nothing yet
	Actual    Day   // day on which the last unit was on hand; 0 = not yet
	Hold      time.Time
	Asked     int64 // unix seconds of the promise's last move
	Touched   int64 // unix seconds of the latest entry, for forgetting
	Anchor    SKU
	Siblings  []SKU

	refused refusals
}

// refusals remembers which revisions were refused and which alerts were raised.
type refusals struct {
	low   uint64   // bit r: revision r < 64 was refused
	high  []uint32 // the others
	noted uint64   // bit r: an alert for Reason r was recorded
}

func (r *refusals) add(revision uint32) {
	if revision < 64 {
		r.low |= 1 << revision
		return
	}
	r.high = append(r.high[:len(r.high):len(r.high)], revision)
}

func (r *refusals) has(revision uint32) bool {
	if revision < 64 {
		return r.low&(1<<revision) != 0
	}
	for _, known := range r.high {
		if known == revision {
			return true
		}
	}
	return false
}

// Open reports whether the order holds or waits for units.
func (o *Order) Open() bool { return o.State == Reserved }

// Waiting returns the units that are not on hand yet.
func (o *Order) Waiting() Units {
	if !o.Open() {
		return 0
	}
	return max(0, o.Units-o.Allocated)
}

// pending returns the units on hand that are set aside for the order.
func (o *Order) pending() Units {
	if !o.Open() {
		return 0
	}
	return o.Allocated - o.Shipped
}

// expired reports whether the order was only held, and the hold has run out.
func (o *Order) expired(now time.Time) bool {
	return o.Open() && !o.Hold.IsZero() && !now.Before(o.Hold)
}

// Forgettable reports whether the order has ended, or was refused, so long ago
// that no queue can bring its messages back.
func (o *Order) Forgettable(now time.Time) bool {
	return !o.Open() && o.State != Unknown && now.Sub(time.Unix(o.Touched, 0)) > ForgetAfter
}

// Line is the fold of an item's entries: every order, in the order of first
// appearance. It is changed by Apply alone, and can be taken back to a Mark
// when a commit is lost.
type Line struct {
	Next    uint64 // sequence of the next entry
	Gone    Units  // shipped units of orders that were forgotten
	orders  []Order
	byID    map[OrderID]int32
	pending Units
	shipped Units

	mark    Mark
	journal []saved
}

// Mark is a state that Undo can return to.
type Mark struct {
	next             uint64
	orders           int
	pending, shipped Units
}

type saved struct {
	at    int32
	order Order
}

// NewLine returns an empty line.
func NewLine() *Line { return &Line{byID: make(map[OrderID]int32)} }

// Totals returns a line of which only the totals are known, as a head tells
// them: enough for an item's numbers, not for any order.
func Totals(next uint64, pending, gone Units) *Line {
	return &Line{Next: next, pending: pending, Gone: gone}
}

// Mark remembers the line as it is now; there is one mark at a time.
func (l *Line) Mark() {
	l.mark = Mark{l.Next, len(l.orders), l.pending, l.shipped}
	l.journal = l.journal[:0]
}

// Undo takes the line back to the last Mark.
func (l *Line) Undo() {
	for i := len(l.journal) - 1; i >= 0; i-- {
		l.orders[l.journal[i].at] = l.journal[i].order
	}
	for i := l.mark.orders; i < len(l.orders); i++ {
		delete(l.byID, l.orders[i].ID)
	}
	l.orders = l.orders[:l.mark.orders]
	l.Next, l.pending, l.shipped = l.mark.next, l.mark.pending, l.mark.shipped
	l.journal = l.journal[:0]
}

// Order returns what is known of an order; State Unknown when nothing is.
func (l *Line) Order(id OrderID) Order {
	if at, ok := l.byID[id]; ok {
		return l.orders[at]
	}
	return Order{}
}

// Len returns the number of orders the line knows.
func (l *Line) Len() int { return len(l.orders) }

// Orders calls visit for every order in acceptance order of their appearance.
// The orders must not be changed.
func (l *Line) Orders(visit func(*Order) bool) {
	for i := range l.orders {
		if !visit(&l.orders[i]) {
			return
		}
	}
}

// Pending returns the on-hand units set aside for open orders.
func (l *Line) Pending() Units { return l.pending }

// ShippedUnits returns all units that ever left, forgotten orders included.
func (l *Line) ShippedUnits() Units { return l.Gone + l.shipped }

// Apply folds one committed entry.
func (l *Line) Apply(at time.Time, seq uint64, e *Entry) {
	i, known := l.byID[e.Order]
	if !known {
		i = int32(len(l.orders))
		l.orders = append(l.orders, Order{ID: e.Order})
		l.byID[e.Order] = i
	} else if int(i) < l.mark.orders {
		l.journal = append(l.journal, saved{i, l.orders[i]})
	}
	o := &l.orders[i]
	l.pending -= o.pending()
	l.shipped -= o.Shipped
	o.fold(at, seq, e)
	o.Touched = at.Unix()
	l.pending += o.pending()
	l.shipped += o.Shipped
	l.Next = seq + 1
}

// fold is the whole meaning of an entry. Cancelled and finally shipped win over
// all; else the highest accepted revision.
func (o *Order) fold(at time.Time, seq uint64, e *Entry) {
	switch e.Kind {
	case EntryAccepted:
		o.accept(seq, e)
	case EntryRefused:
		o.refuse(e)
	case EntryCancelled:
		if o.State != OrderClosed {
			o.State, o.Reason = OrderGone, e.Reason
		}
	case EntryShipped:
		o.Shipped = max(o.Shipped, e.Units)
		o.Allocated = max(o.Allocated, o.Shipped)
		if e.Full && o.State != OrderGone {
			o.State, o.Reason = OrderClosed, ReasonNone
		}
	case EntryAllocated:
		o.Allocated += e.Units
		if e.Full {
			o.Actual = e.Day
		}
	case EntryPromised:
		if e.Full {
			o.agree(e.Day)
		} else {
			o.delayed(at, e.Day)
		}
	}
}

func (o *Order) accept(seq uint64, e *Entry) {
	if o.State == OrderGone || o.State == OrderClosed {
		return
	}
	if o.State != Reserved {
		o.State, o.Seq, o.First, o.Units = Reserved, seq, e.Day, 0
		o.Split, o.Anchor, o.Siblings = e.Split, e.Anchor, e.Siblings
		o.Multi = e.Anchor != "" || len(e.Siblings) > 0
	}
	if e.Units > o.Units {
		o.Actual = 0
		o.Agreed = max(o.Agreed, e.Day) // who orders more does so on the date of all
	}
	if e.Full {
		o.Actual = e.Day
	}
	o.Reason, o.Backorder = ReasonNone, o.Backorder || !e.Full
	o.Revision, o.Units, o.Promised, o.Hold = e.Revision, e.Units, e.Day, e.Hold
	o.Allocated = min(o.Allocated+e.Allocated, max(e.Units, o.Shipped))
}

func (o *Order) refuse(e *Entry) {
	if e.Reason.Alert() {
		o.refused.noted |= 1 << e.Reason
		return
	}
	o.refused.add(e.Revision)
	if o.State == Unknown || o.State == Rejected {
		o.State, o.Reason, o.Units = Rejected, e.Reason, e.Units
		o.Anchor, o.Siblings = e.Anchor, e.Siblings
	}
}
