package supply

// These tests tell one order's story under each law: promises that move, answers
// and silence, day by day. They would catch an order that ends a day too early or
// too late, one that ends although its date is kept, and a yes that counts for
// more than was asked. A second telling of the rule, which looks through the
// whole history each time, is held against the one that keeps three dates.

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	unitedStates MarketplaceID = "ATVPDKIKX0DER"
	germany      MarketplaceID = "A1PA6795UKMFR9"
	japan        MarketplaceID = "A1VC38T7YXB528"
)

// late is an order of 1 March whose promise is moved by hand. Its days are days
// of March.
type late struct {
	item  *Item
	rules Rules
}

func march(day int) Day {
	return DayOf(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC)) + Day(day)
}

func newLate(m MarketplaceID) *late {
	l := &late{item: &Item{Key: ItemKey{"acme", m, "KETTLE-1"}, Detailed: true, Line: NewLine()},
		rules: Rules{Policy: DefaultPolicy(), Calendar: flatCalendar{}}}
	l.at(1)
	l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: "o", Revision: 1, Units: 2, Day: march(10)})
	return l
}

func (l *late) at(day int) { l.rules.Now = march(day).Date().Add(9 * time.Hour) }

// move moves the promise on a day of March, 0 = none can be given.
func (l *late) move(on, to int) {
	l.at(on)
	day := Day(0)
	if to != 0 {
		day = march(to)
	}
	o := l.item.Line.Order("o")
	l.item.emit(l.rules, Entry{Kind: EntryPromised, Order: "o", Day: day, Was: o.Promised})
}

// asked returns what is asked of the buyer, in days of March.
func (l *late) asked() (Silence, int) {
	o := l.item.Line.Order("o")
	c := o.Consent(LawOf(l.item.Key.Marketplace), l.rules.Calendar)
	if c.By == 0 {
		return c.Silence, 0
	}
	return c.Silence, int(c.By - march(0))
}

func TestWhatABuyerIsAskedAboutADelay(t *testing.T) {
	type moves [][2]int // on a day, to a day
	for _, c := range []struct {
		name    string
		market  MarketplaceID
		moves   moves
		silence Silence
		by      int
	}{
		{"the promise stands", unitedStates, nil, SilenceNone, 0},
		{"an earlier date is no delay", unitedStates, moves{{2, 5}}, SilenceNone, 0},
		{"an earlier date taken back is none either", unitedStates, moves{{2, 5}, {3, 10}}, SilenceNone, 0},
		{"a day late", unitedStates, moves{{2, 11}}, SilenceAccepts, 11},
		{"30 days late", unitedStates, moves{{2, 40}}, SilenceAccepts, 40},
		{"31 days late", unitedStates, moves{{2, 41}}, SilenceCancels, 40},
		{"nobody knows how late", unitedStates, moves{{2, 0}}, SilenceCancels, 40},
		{"told when the date has passed", unitedStates, moves{{12, 20}}, SilenceAccepts, 20},
		{"late twice", unitedStates, moves{{2, 12}, {3, 13}}, SilenceCancels, 12},
		{"late twice, the second time nobody knows", unitedStates, moves{{2, 12}, {3, 0}}, SilenceCancels, 12},
		{"late three times before an answer", unitedStates, moves{{2, 12}, {3, 13}, {4, 90}}, SilenceCancels, 12},
		{"late twice, told on the day after", unitedStates, moves{{2, 12}, {13, 14}}, SilenceCancels, 13},
		{"the second delay is taken back", unitedStates, moves{{2, 12}, {3, 13}, {4, 12}}, SilenceAccepts, 12},
		{"both are taken back", unitedStates, moves{{2, 12}, {3, 13}, {4, 10}}, SilenceNone, 0},
		{"what silence accepted stays accepted", unitedStates, moves{{2, 12}, {3, 9}, {4, 12}}, SilenceAccepts, 12},
		{"a long first delay becomes short", unitedStates, moves{{2, 41}, {3, 20}}, SilenceAccepts, 20},
		{"and longer again", unitedStates, moves{{2, 41}, {3, 20}, {4, 21}}, SilenceCancels, 20},
		{"a date again after none", unitedStates, moves{{2, 0}, {3, 40}}, SilenceAccepts, 40},
		{"told of a long delay when the time to answer is over", unitedStates, moves{{45, 90}}, SilenceCancels, 45},
		{"in the EU nothing ends by silence", germany, moves{{2, 11}}, SilenceKeeps, 0},
		{"however late", germany, moves{{2, 11}, {3, 90}, {4, 0}}, SilenceKeeps, 0},
		{"nor is silence a yes there", germany, moves{{2, 12}, {3, 11}}, SilenceKeeps, 0},
		{"a kept date is kept there too", germany, moves{{2, 12}, {3, 10}}, SilenceNone, 0},
		{"no law, no question", japan, moves{{2, 41}, {3, 0}}, SilenceNone, 0},
	} {
		l := newLate(c.market)
		for _, m := range c.moves {
			l.move(m[0], m[1])
		}
		silence, by := l.asked()
		require.Equal(t, fmt.Sprint(c.silence, " ", c.by), fmt.Sprint(silence, " ", by), c.name)
	}
}

func TestEveryMarketplaceOfTheEUAndTheUnitedKingdomHasItsLaw(t *testing.T) {
	count := map[Regime]int{}
	for id, law := range laws {
		require.NotEmpty(t, law.Source, id)
		count[law.Regime]++
	}
	require.Equal(t, map[Regime]int{FTC: 1, EU: 10}, count)
	require.Equal(t, Law{FTC, "16 CFR 435.2"}, LawOf(unitedStates))
	require.Equal(t, Law{EU, "Directive 2011/83/EU, Art. 18"}, LawOf(germany))
	require.Equal(t, Law{EU, "Consumer Rights Act 2015, s. 28"}, LawOf("A1F83G8C2ARO7P"))
	require.Equal(t, Law{}, LawOf(japan))
}

func TestSilenceEndsAnOrderWithTheLastDayAndNotASecondBefore(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 12)
	l.move(3, 20)
	l.item.Sweep(l.rules)
	require.Equal(t, march(13).Date(), l.item.Until)
	l.rules.Now = march(13).Date().Add(-time.Nanosecond)
	l.item.Sweep(l.rules)
	o := l.item.Line.Order("o")
	require.Equal(t, Reserved, o.State)
	require.False(t, o.Consent(LawOf(unitedStates), l.rules.Calendar).Lapsed(l.rules))
	l.rules.Now = march(13).Date()
	require.True(t, o.Consent(LawOf(unitedStates), l.rules.Calendar).Lapsed(l.rules))
	l.item.Advance(l.rules)
	require.True(t, l.item.Line.Order("o").State == Reserved, "a reading cancels nothing")
	require.True(t, l.item.Until.IsZero(), "and shows no instant that has passed")
	l.item.Sweep(l.rules)
	o = l.item.Line.Order("o")
	require.Equal(t, []any{OrderGone, DelayNotAccepted}, []any{o.State, o.Reason})
	require.Equal(t, Entry{Kind: EntryCancelled, Order: "o", Units: 2, Reason: DelayNotAccepted}, l.item.Entries()[len(l.item.Entries())-1])
}

func TestTheFirstDeadlineOfAllOrdersIsLookedAtFirst(t *testing.T) {
	l := newLate(unitedStates)
	for i, by := range []int{15, 12, 14} {
		id := OrderID(fmt.Sprint("p", i))
		l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: id, Revision: 1, Units: 1, Day: march(10)})
		l.item.emit(l.rules, Entry{Kind: EntryPromised, Order: id, Day: march(by)})
		l.item.emit(l.rules, Entry{Kind: EntryPromised, Order: id, Day: march(90)})
	}
	for _, by := range []int{12, 14, 15} {
		require.Equal(t, march(by+1).Date(), l.item.nextChange(l.rules))
		l.rules.Now = march(by + 1).Date()
		l.item.lapse(l.rules)
	}
	require.True(t, l.item.nextChange(l.rules).IsZero())
}

func TestAYesIsGoodForWhatWasAskedAndNoMore(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 12)
	l.move(3, 20)
	l.item.AnswerDelay(l.rules, "o", march(20), true)
	l.item.AnswerDelay(l.rules, "o", march(20), true)
	require.Len(t, l.item.Entries(), 4, "said twice is said once")
	require.True(t, l.item.Until.IsZero())
	silence, _ := l.asked()
	require.Equal(t, SilenceNone, silence)
	q, mayCancel := l.item.Question(l.rules, "o", march(20))
	require.Equal(t, []any{YesSaid, false}, []any{q, mayCancel})
	l.item.AnswerDelay(l.rules, "o", march(20), false)
	require.Equal(t, Reserved, l.item.Line.Order("o").State, "the first answer stands")
	l.move(4, 19)
	silence, _ = l.asked()
	require.Equal(t, SilenceNone, silence)
	l.move(5, 21)
	silence, by := l.asked()
	require.Equal(t, []any{SilenceCancels, 20}, []any{silence, by}, "silence accepts nothing after a yes")
}

func TestAFirstLongDelayThatIsAcceptedIsTheDateFromThenOn(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 60)
	l.item.AnswerDelay(l.rules, "o", march(60), true)
	l.move(3, 61)
	silence, by := l.asked()
	require.Equal(t, []any{SilenceCancels, 60}, []any{silence, by})
}

func TestWhoAgreesToWaitWithoutADateIsNotAskedAgainAndMayCancelAtAnyTime(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 0)
	l.item.AnswerDelay(l.rules, "o", 0, true)
	for _, to := range []int{0, 90, 200} {
		l.move(3, to)
		silence, by := l.asked()
		require.Equal(t, []any{SilenceAccepts, 0}, []any{silence, by})
	}
	l.at(300)
	l.item.Sweep(l.rules)
	o := l.item.Line.Order("o")
	require.Equal(t, Reserved, o.State)
	l.item.AnswerDelay(l.rules, "o", o.Promised, false)
	o = l.item.Line.Order("o")
	require.Equal(t, []any{OrderGone, DelayDeclined}, []any{o.State, o.Reason})
}

func TestAnAnswerToAnotherDelayThanTheOneToldChangesNothing(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 12)
	l.move(3, 20)
	before := len(l.item.Entries())
	for _, day := range []Day{0, march(10), march(12), march(19), march(21), Undated} {
		l.item.AnswerDelay(l.rules, "o", day, true)
		l.item.AnswerDelay(l.rules, "o", day, false)
	}
	l.item.AnswerDelay(l.rules, "unknown", 0, true)
	require.Len(t, l.item.Entries(), before)
}

func TestAnAnswerAfterTheDeadlineComesTooLate(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 12)
	l.move(3, 20)
	l.item.Until = march(13).Date()
	l.at(13)
	q, mayCancel := l.item.Question(l.rules, "o", march(20))
	require.Equal(t, []any{OrderOver, false}, []any{q, mayCancel}, "before any sweep")
	l.item.AnswerDelay(l.rules, "o", march(20), true)
	o := l.item.Line.Order("o")
	require.Equal(t, []any{OrderGone, DelayNotAccepted}, []any{o.State, o.Reason})
	q, _ = l.item.Question(l.rules, "o", march(20))
	require.Equal(t, OrderOver, q)
}

func TestOrdersThatNeedNoAnswer(t *testing.T) {
	for name, entry := range map[string]Entry{
		"all units are on hand": {Kind: EntryAllocated, Order: "o", Units: 2, Day: march(5), Full: true},
		"it has left":           {Kind: EntryShipped, Order: "o", Units: 2, Full: true},
		"it was cancelled":      {Kind: EntryCancelled, Order: "o"},
	} {
		l := newLate(unitedStates)
		l.move(2, 12)
		l.move(3, 20)
		l.item.emit(l.rules, entry)
		silence, _ := l.asked()
		require.Equal(t, SilenceNone, silence, name)
		q, mayCancel := l.item.Question(l.rules, "o", march(20))
		require.Equal(t, []any{NotAsked, false}, []any{q, mayCancel}, name)
		before := l.item.Line.Order("o")
		l.at(13)
		l.item.Sweep(l.rules)
		require.Equal(t, before, l.item.Line.Order("o"), name)
	}
	l := newLate(unitedStates)
	l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: "p", Revision: 1, Units: 1, Day: march(10), Siblings: []SKU{"MUG"}})
	l.item.emit(l.rules, Entry{Kind: EntryPromised, Order: "p", Day: march(90)})
	p := l.item.Line.Order("p")
	require.Equal(t, SilenceNone, p.Consent(LawOf(unitedStates), l.rules.Calendar).Silence, "several SKUs that stand or fall as one")
	for _, m := range []MarketplaceID{unitedStates, germany} {
		l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: OrderID(m), Revision: 1, Units: 1, Day: Undated})
		for _, day := range []Day{Undated, march(90), 0, march(200)} {
			o := l.item.Line.Order(OrderID(m))
			require.Equal(t, SilenceNone, o.Consent(LawOf(m), l.rules.Calendar).Silence, "sold without a date")
			l.item.emit(l.rules, Entry{Kind: EntryPromised, Order: o.ID, Day: day})
		}
	}
}

func TestWhoOrdersMoreDoesSoOnTheNewDate(t *testing.T) {
	l := newLate(unitedStates)
	l.move(2, 12)
	l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: "o", Revision: 2, Units: 1, Day: march(12)})
	l.move(3, 13)
	silence, by := l.asked()
	require.Equal(t, []any{SilenceCancels, 12}, []any{silence, by}, "who orders less agrees to nothing")
	l.item.emit(l.rules, Entry{Kind: EntryAccepted, Order: "o", Revision: 3, Units: 5, Day: march(15)})
	silence, _ = l.asked()
	require.Equal(t, SilenceNone, silence)
	l.move(4, 16)
	silence, by = l.asked()
	require.Equal(t, []any{SilenceCancels, 15}, []any{silence, by})
}

func TestASlipWithinADecisionSetsItsDeadline(t *testing.T) {
	l := newLife(1)
	l.item.Key.Marketplace = unitedStates
	eta := func(day int) Window { return Window{From: march(day).Date(), To: march(day).Date()} }
	l.rules.Now = march(1).Date()
	fact := func(id ShipmentID, units Units, day int) Lot {
		return Lot{Shipment: id, Version: 1, Created: l.rules.Now, Status: Shipped, Shipped: units, Heard: l.rules.Now, ETA: eta(day)}
	}
	l.item.Resupply(l.rules, []Lot{fact("A", 2, 9), fact("B", 9, 50)})
	take := func(id OrderID, revision uint32, units Units) {
		l.item.Decide(l.rules, []Wish{{Kind: WishTake, Order: id, Revision: revision, Units: units, PlacedAt: l.rules.Now}})
	}
	take("first", 1, 1)
	take("second", 1, 1)
	l.item.Until = time.Time{}
	l.item.repeg(l.rules)
	require.True(t, l.item.Until.IsZero(), "nobody is late")
	l.item.Lots[0].Removed, l.item.Lots[0].Shipped = 0, 1
	l.item.repeg(l.rules)
	second := l.item.Line.Order("second")
	require.Equal(t, march(51), second.Promised)
	require.Equal(t, march(41).Date(), l.item.Until, "31 days after the promise of the 10th")
}

// told is one thing in the history of an order.
type told struct {
	day Day // on which
	to  Day // promised, 0 = none; or agreed to
	yes bool
}

// ends is the rule told once more: whether an order first promised for first,
// with this history, has ended by silence at the start of today.
func ends(first Day, history []told, today Day) bool {
	bound, asked, forever, short, yes := first, Day(0), false, false, false
	current := first
	for i, h := range history {
		switch {
		case h.yes && h.to == 0:
			forever = true
		case h.yes:
			yes, bound = true, max(bound, h.to)
		default:
			current, asked = h.to, h.day
			firstShort := h.to > first && h.to-first <= 30
			for _, before := range history[:i] {
				if before.yes || before.to > first && before.to-first <= 30 {
					firstShort = false
				}
			}
			if firstShort {
				short, bound = true, max(bound, h.to)
			}
		}
	}
	if forever || current != 0 && current <= bound {
		return false
	}
	last := bound
	if !short && !yes {
		last = first + 30
	}
	return today > max(last, asked)
}

// TestAnOrderEndsBySilenceExactlyWhenTheLawSaysSo plays random shipments, slips,
// losses, answers and time against three orders.
func TestAnOrderEndsBySilenceExactlyWhenTheLawSaysSo(t *testing.T) {
	lapsed, stayed, answered := 0, 0, 0
	for seed := range uint64(*histories / 4) {
		l := newLife(seed)
		l.item.Key.Marketplace = unitedStates
		l.rules.Policy.HorizonDays, l.rules.Policy.StaleAfter = 700, 10000*time.Hour
		l.ship()
		for _, id := range []OrderID{"a", "b", "c"} {
			l.item.Decide(l.rules, []Wish{{Kind: WishTake, Order: id, Revision: 1, Units: Units(1 + l.rng.IntN(3)), PlacedAt: l.rules.Now}})
		}
		first, history, read := map[OrderID]Day{}, map[OrderID][]told{}, 0
		for range 30 {
			l.rules.Now = l.rules.Now.Add(time.Duration(1+l.rng.IntN(200)) * time.Hour)
			over := map[OrderID]bool{}
			for id := range first {
				over[id] = ends(first[id], history[id], l.rules.Today())
			}
			lateStep(l)
			for _, e := range l.item.Entries()[read:] {
				read++
				switch {
				case e.Kind == EntryAccepted:
					first[e.Order] = e.Day
				case e.Kind == EntryPromised:
					history[e.Order] = append(history[e.Order], told{day: l.rules.Today(), to: e.Day, yes: e.Full})
					if e.Full {
						answered++
					}
				case e.Kind == EntryCancelled && e.Reason == DelayNotAccepted:
					require.True(t, over[e.Order], "seed %d: order %s ended on %s; first %s, %v", seed, e.Order, l.rules.Today(), first[e.Order], history[e.Order])
					lapsed++
				}
			}
			for id := range over {
				if o := l.item.Line.Order(id); over[id] && o.Waiting() > 0 {
					require.Fail(t, "an order outlived its law", "seed %d: order %s on %s; first %s, %v", seed, id, l.rules.Today(), first[id], history[id])
				} else if !over[id] && o.Open() && len(history[id]) > 0 {
					stayed++
				}
			}
			l.check(t)
		}
	}
	require.Positive(t, lapsed)
	require.Positive(t, stayed)
	require.Positive(t, answered)
}

func lateStep(l *life) {
	switch l.rng.IntN(8) {
	case 0:
		l.ship()
	case 1, 2, 3:
		l.move()
	case 4:
		l.trouble()
	case 5:
		l.receive()
	case 6:
		id := OrderID([]string{"a", "b", "c"}[rand.New(rand.NewPCG(uint64(l.rules.Now.Unix()), 1)).IntN(3)])
		o := l.item.Line.Order(id)
		l.item.AnswerDelay(l.rules, id, o.Promised, l.rng.IntN(4) > 0)
	case 7:
		l.item.Sweep(l.rules)
	}
	l.item.Sweep(l.rules)
}
