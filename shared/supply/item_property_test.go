package supply

// These tests drive one item through long random histories of shipments,
// orders, receipts, corrections and time, and hold every state against what
// must always be true. They would catch a unit that is counted twice, sold
// twice or lost, and a promise that moves without cause. The failing seed is
// printed; it alone replays the history.

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var histories = flag.Int("histories", 2_000, "random histories per property")

type flatCalendar struct{}

func (flatCalendar) Day(t time.Time) Day              { return DayOf(t.UTC()) }
func (flatCalendar) Start(d Day) time.Time            { return d.Date() }
func (flatCalendar) AddBusinessDays(d Day, n int) Day { return d + Day(n) }

// life is one item with what a bookkeeper beside it would have written down.
type life struct {
	rng      *rand.Rand
	rules    Rules
	item     *Item
	facts    map[ShipmentID]Lot
	received Units
	adjusted Units
	log      []string
	orders   int
}

func newLife(seed uint64) *life {
	policy := Policy{PaddingDays: 0, ReceivingDays: 1, ShipDays: 1, HorizonDays: 60, StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour}
	return &life{rng: rand.New(rand.NewPCG(seed, 7)), facts: make(map[ShipmentID]Lot),
		rules: Rules{Policy: policy, Calendar: flatCalendar{}, Now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
		item:  &Item{Detailed: true, Line: NewLine()}}
}

func (l *life) note(format string, args ...any) {
	l.log = append(l.log, l.rules.Now.Format("01-02T15:04 ")+fmt.Sprintf(format, args...))
}

func (l *life) step() {
	switch l.rng.IntN(12) {
	case 0, 1:
		l.ship()
	case 2:
		l.move()
	case 3:
		l.receive()
	case 4:
		l.trouble()
	case 5, 6, 7, 8:
		l.wish()
	case 9:
		l.adjust()
	case 10:
		l.rules.Now = l.rules.Now.Add(time.Duration(l.rng.IntN(72)) * time.Hour)
		l.note("sweep")
		l.item.Sweep(l.rules)
	case 11:
		c := l.item.Controls
		c.SafetyBuffer = Units(l.rng.IntN(6))
		l.note("buffer %d", c.SafetyBuffer)
		l.item.Control(l.rules, c)
	}
}

func (l *life) ship() {
	id := ShipmentID(fmt.Sprintf("S%d", len(l.facts)))
	eta := l.rules.Now.Add(time.Duration(24+l.rng.IntN(24*40)) * time.Hour)
	l.tell(Lot{Shipment: id, Created: l.rules.Now, Status: Shipped, Shipped: Units(1 + l.rng.IntN(12)), Heard: l.rules.Now, ETA: Window{From: eta, To: eta}})
}

func (l *life) some() (Lot, bool) {
	if len(l.facts) == 0 {
		return Lot{}, false
	}
	return l.facts[ShipmentID(fmt.Sprintf("S%d", l.rng.IntN(len(l.facts))))], true
}

func (l *life) tell(fact Lot) {
	fact.Version++
	l.received += fact.Received - l.facts[fact.Shipment].Received
	l.facts[fact.Shipment] = fact
	l.note("fact %s status %s shipped %d received %d trouble %d eta %s", fact.Shipment, fact.Status, fact.Shipped, fact.Received, fact.Trouble, fact.ETA.To.Format("01-02"))
	l.item.Resupply(l.rules, []Lot{fact})
}

func (l *life) move() {
	if fact, ok := l.some(); ok {
		eta := fact.ETA.To.Add(time.Duration(l.rng.IntN(24*20)-24*8) * time.Hour)
		fact.ETA, fact.Heard = Window{From: eta, To: eta}, l.rules.Now
		l.tell(fact)
	}
}

func (l *life) receive() {
	if fact, ok := l.some(); ok && fact.Status != ShipmentCancelled {
		fact.Received += Units(l.rng.IntN(int(fact.Shipped) + 2))
		fact.Status, fact.Counted = Receiving, l.rules.Now
		if fact.Arrived.IsZero() {
			fact.Arrived = l.rules.Now
		}
		if l.rng.IntN(3) == 0 {
			fact.Status = Closed
		}
		l.tell(fact)
	}
}

func (l *life) trouble() {
	if fact, ok := l.some(); ok && fact.Received == 0 {
		switch l.rng.IntN(4) {
		case 0:
			fact.Trouble |= TroubleLost
		case 1:
			fact.Trouble ^= TroubleCustoms
		case 2:
			fact.Status = ShipmentCancelled
		case 3:
			fact.Removed = min(fact.Shipped, fact.Removed+Units(l.rng.IntN(3)))
		}
		l.tell(fact)
	}
}

func (l *life) wish() {
	var wishes []Wish
	for range 1 + l.rng.IntN(3) {
		w := Wish{Kind: WishTake, Revision: 1, Units: Units(1 + l.rng.IntN(4)), PlacedAt: l.rules.Now}
		if l.orders > 0 && l.rng.IntN(3) == 0 {
			w.Order, w.Revision = OrderID(fmt.Sprintf("o%d", l.rng.IntN(l.orders))), uint32(1+l.rng.IntN(4))
			w.Kind = WishKind(l.rng.IntN(3))
			w.Final = l.rng.IntN(2) == 0
		} else {
			w.Order = OrderID(fmt.Sprintf("o%d", l.orders))
			l.orders++
		}
		if l.rng.IntN(8) == 0 {
			w.Hold = l.rules.Now.Add(time.Duration(l.rng.IntN(48)) * time.Hour)
		}
		wishes = append(wishes, w)
	}
	l.note("wishes %+v", wishes)
	short := l.item.Short
	takes := true
	for _, w := range wishes {
		takes = takes && w.Kind == WishTake
	}
	l.item.Decide(l.rules, wishes)
	if takes && l.item.Short > short && l.item.AtRisk() == 0 {
		panic("an accepted order made a shortfall")
	}
}

func (l *life) adjust() {
	units := Units(l.rng.IntN(6))
	l.note("adjust to %d", units)
	l.adjusted += units - l.item.free()
	l.item.Adjust(l.rules, units)
}

// check holds the state against what must always be true.
func (l *life) check(t require.TestingT) {
	it := l.item
	var expected, pegged, waiting, pending Units
	for i := range it.Lots {
		lot := &it.Lots[i]
		require.GreaterOrEqual(t, lot.Pegged, Units(0), "pegged of %s", lot.Shipment)
		if lot.Code.Over() {
			require.Zero(t, lot.Pegged, "a lot that is over serves nobody: %s", lot.Shipment)
			continue
		}
		require.LessOrEqual(t, lot.Pegged, lot.Expected(), "no lot promises more than it may bring: %s", lot.Shipment)
		require.LessOrEqual(t, lot.Exposable, lot.Expected(), "nor exposes more: %s", lot.Shipment)
		expected += lot.Expected()
		pegged += lot.Pegged
	}
	it.Line.Orders(func(o *Order) bool {
		waiting += o.Waiting()
		pending += o.pending()
		require.LessOrEqual(t, o.Allocated, max(o.Units, o.Shipped), "order %s", o.ID)
		if o.Open() && o.Waiting() == 0 && o.Shipped < o.Units {
			require.NotZero(t, o.Actual, "an order with all units on hand is released: %s", o.ID)
		}
		return true
	})
	rfs, fsb := it.ReservedFutureSupply(), it.FutureSupplyBuyable()
	require.GreaterOrEqual(t, rfs, Units(0))
	require.GreaterOrEqual(t, fsb, Units(0))
	require.LessOrEqual(t, rfs+fsb, expected, "RFS + FSB is on its way")
	require.LessOrEqual(t, expected, it.Inbound.Total(), "and inbound contains it")
	require.Equal(t, pending, it.Line.Pending(), "the running sum of pending units")
	require.Equal(t, waiting, rfs+it.Short, "every waiting unit is reserved or short")
	require.Equal(t, l.received+l.adjusted-it.Line.ShippedUnits(), it.Stock, "stock is what came in less what left")
	if it.Fulfillable() > 0 {
		require.Zero(t, waiting, "nobody waits while units are free")
		require.Zero(t, fsb, "the future is hidden while units are on hand")
	}
}

// steady holds that pegging again changes nothing: what appends did is what the
// whole rule would do.
func (l *life) steady(t require.TestingT) {
	before, entries := make([]Units, len(l.item.Lots)), len(l.item.Entries())
	for i := range l.item.Lots {
		before[i] = l.item.Lots[i].Pegged
	}
	l.item.repeg(l.rules)
	require.Len(t, l.item.Entries(), entries, "pegging again moves no promise: %+v", l.item.Entries()[entries:])
	for i := range before {
		require.Equal(t, before[i], l.item.Lots[i].Pegged, "pegging again moves no unit of %s", l.item.Lots[i].Shipment)
	}
}

func play(t *testing.T, seed uint64, steps int, check func(*life, require.TestingT)) {
	l := newLife(seed)
	defer func() {
		if failed := recover(); failed != nil || t.Failed() {
			for _, line := range l.log {
				t.Log(line)
			}
			t.Fatalf("seed %d: %v", seed, failed)
		}
	}()
	for range steps {
		l.step()
		check(l, t)
	}
}

func TestNoHistoryLosesOrDoublesAUnit(t *testing.T) {
	for seed := range uint64(*histories) {
		play(t, seed, 25, (*life).check)
	}
}

func TestAnItemThatAppendedIsSteady(t *testing.T) {
	for seed := range uint64(*histories) {
		play(t, seed, 25, (*life).steady)
	}
}

func TestALineReplaysToTheSameOrders(t *testing.T) {
	for seed := range uint64(*histories / 10) {
		l := newLife(seed)
		for range 40 {
			l.step()
		}
		frame := Frame{First: 0, At: l.rules.Now}
		body := AppendFrame(nil, frame, 0, time.Time{})
		for i := range l.item.Entries() {
			body = AppendEntry(body, &l.item.Entries()[i])
		}
		again := NewLine()
		require.NoError(t, Decode(body, 0, func(f Frame, seq uint64, e *Entry) error {
			again.Apply(f.At, seq, e)
			return nil
		}))
		require.Equal(t, l.item.Line.Len(), again.Len())
		l.item.Line.Orders(func(o *Order) bool {
			same := again.Order(o.ID)
			same.Touched, same.Asked = o.Touched, o.Asked
			require.Equal(t, *o, same, "seed %d", seed)
			return true
		})
	}
}
