// Pegging is held to three things: literal stories with the answers written out
// by hand; a model that is the rule word for word (every subset of promises is
// tried, every unit handed out alone);
// and properties that need no model: conservation, stability, an append equals a
// re-peg, good news delays nobody. They would catch a promise broken needlessly,
// a unit lost or given twice, and an order that moves when nothing happened.
package supply_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/supply"
)

const (
	today  supply.Day = 20500
	none   supply.Day = 0 // no promise, or no date
	future            = supply.Undated
)

// outcome is all that Peg answers, in plain values.
type outcome struct {
	days  []supply.Day
	short []supply.Units
	kept  []bool
	parts [][]supply.Part
	used  []supply.Units
}

func outcomeOf(p *supply.Pegging, supplies []supply.Supply, demands []supply.Demand) outcome {
	var o outcome
	for i := range demands {
		o.days = append(o.days, p.Day(i))
		o.short = append(o.short, p.Short(i))
		o.kept = append(o.kept, p.Kept(i))
		o.parts = append(o.parts, append([]supply.Part{}, p.Parts(i)...))
	}
	for s := range supplies {
		o.used = append(o.used, p.Used(s))
	}
	return o
}

func pegged(supplies []supply.Supply, demands []supply.Demand) outcome {
	p := new(supply.Pegging)
	p.Peg(supplies, demands)
	return outcomeOf(p, supplies, demands)
}

// singles returns n orders of one unit with the same promise.
func singles(n int, due supply.Day) []supply.Demand {
	return slices.Repeat([]supply.Demand{{Units: 1, Due: due}}, n)
}

func times(n int, day supply.Day) []supply.Day { return slices.Repeat([]supply.Day{day}, n) }

func TestANewOrderTakesTheEarliestFreeUnits(t *testing.T) { // F55
	x, y := today+10, today+20
	o := pegged([]supply.Supply{{today, 0}, {x, 70}, {y, 50}}, append(singles(70, x), supply.Demand{Units: 1}))
	require.Equal(t, append(times(70, x), y), o.days, "the 71st unit gets the second shipment's date")
	require.Equal(t, []supply.Units{0, 70, 1}, o.used)
	require.Equal(t, []supply.Part{{Supply: 2, Units: 1}}, o.parts[70])
}

func TestOneOrderIsSplitOverSuppliesAndDatedByTheLatest(t *testing.T) { // F54
	x := today + 10
	o := pegged([]supply.Supply{{today, 2}, {x, 4}}, []supply.Demand{{Units: 3}})
	require.Equal(t, []supply.Part{{0, 2}, {1, 1}}, o.parts[0])
	require.Equal(t, []supply.Day{x}, o.days)
}

func TestASlipKeepsAsManyPromisesAsEarlierSupplyAllows(t *testing.T) { // F65
	due, late := today+10, today+15
	// X had the 70 orders and slips; Y, in time, has 20 free.
	o := pegged([]supply.Supply{{today, 0}, {due, 20}, {late, 100}}, singles(70, due))
	require.Equal(t, append(times(20, due), times(50, late)...), o.days)
	require.Equal(t, []supply.Units{0, 20, 50}, o.used)
	require.True(t, o.kept[19])
	require.False(t, o.kept[20])
}

func TestASlipMovesOnlyTheOrdersOfTheLotThatSlipped(t *testing.T) { // F63
	x, y, slipped := today+10, today+20, today+15
	orders := append(singles(5, x), singles(5, y)...)
	o := pegged([]supply.Supply{{slipped, 5}, {y, 5}}, orders)
	require.Equal(t, append(times(5, slipped), times(5, y)...), o.days)
}

func TestABrokenPromiseIsNotPushedBackByAnEarlierOrderThatLosesNothing(t *testing.T) { // F62, F63
	// X, first in line, had slipped behind Y. Now Y slips too, but less: its orders
	// move with it, and X's stay though they were accepted first.
	x, y, slipped := today+30, today+20, today+25
	o := pegged([]supply.Supply{{slipped, 5}, {x, 5}}, append(singles(5, x), singles(5, y)...))
	require.Equal(t, append(times(5, x), times(5, slipped)...), o.days)
}

func TestALotThatSlipsBehindAnotherTakesItsOrdersAlongOnlyAsFarAsNeeded(t *testing.T) {
	// X slips from day 10 to day 30. Y's orders, promised for day 20, keep Y though
	// X's were accepted first: one broken promise must not break a second.
	y, slipped := today+20, today+30
	o := pegged([]supply.Supply{{y, 5}, {slipped, 5}}, append(singles(5, today+10), singles(5, y)...))
	require.Equal(t, append(times(5, slipped), times(5, y)...), o.days)
}

func TestAnEarlierShipmentPullsTheEarliestOrdersForward(t *testing.T) { // F66
	earlier, x := today+4, today+10
	o := pegged([]supply.Supply{{earlier, 3}, {x, 10}}, singles(5, x))
	require.Equal(t, []supply.Day{earlier, earlier, earlier, x, x}, o.days)
}

func TestACancelledOrderLeavesItsUnitsToTheNextInLine(t *testing.T) { // F46
	x, y := today+10, today+20
	lots := []supply.Supply{{x, 2}, {y, 2}}
	o := pegged(lots, []supply.Demand{{1, x}, {1, x}, {1, y}, {1, y}})
	require.Equal(t, []supply.Day{x, x, y, y}, o.days)
	o = pegged(lots, []supply.Demand{{1, x}, {1, y}, {1, y}})
	require.Equal(t, []supply.Day{x, x, y}, o.days)
	require.Equal(t, []supply.Units{2, 1}, o.used)
}

func TestAShortReceiptLeavesTheLatestSingleOrdersShort(t *testing.T) { // F73
	o := pegged([]supply.Supply{{today, 92}}, singles(95, today+10))
	require.Equal(t, append(times(92, today), none, none, none), o.days)
	require.Equal(t, []supply.Units{0, 1, 1, 1}, o.short[91:])
}

func TestAShortReceiptBreaksTheFewestOrders(t *testing.T) { // F73, sizes that differ
	due := today + 10
	orders := []supply.Demand{{90, due}, {1, due}, {1, due}, {1, due}, {1, due}, {1, due}}
	o := pegged([]supply.Supply{{today, 92}}, orders)
	require.Equal(t, []bool{false, true, true, true, true, true}, o.kept, "the 90 alone, not the three latest")
	require.Equal(t, []supply.Units{3, 0, 0, 0, 0, 0}, o.short)
	require.Equal(t, []supply.Part{{0, 87}}, o.parts[0], "a short order still holds its parts")
	require.Equal(t, []supply.Day{none, today, today, today, today, today}, o.days)
}

func TestAPartialReceiptReleasesTheFirstOrders(t *testing.T) { // F75
	x := today + 10
	o := pegged([]supply.Supply{{today, 40}, {x, 60}}, singles(70, x))
	require.Equal(t, append(times(40, today), times(30, x)...), o.days)
	require.Equal(t, []supply.Units{40, 30}, o.used)
}

func TestWhatIsLeftServesBrokenOrdersByAcceptanceNotByTheirPromise(t *testing.T) {
	late := today + 30
	o := pegged([]supply.Supply{{late, 2}}, []supply.Demand{{1, today + 9}, {1, today + 5}, {1, today + 7}})
	require.Equal(t, []supply.Day{late, late, none}, o.days)
}

func TestUndatedSupplyServesLastAndKeepsNoPromise(t *testing.T) { // F22
	x := today + 10
	o := pegged([]supply.Supply{{x, 1}, {future, 2}}, []supply.Demand{{2, x}, {1, none}})
	require.Equal(t, []bool{false, false}, o.kept)
	require.Equal(t, []supply.Part{{0, 1}, {1, 1}}, o.parts[0])
	require.Equal(t, []supply.Day{future, future}, o.days)
	require.Equal(t, []supply.Units{0, 0}, o.short)
}

func TestAnOrderPartlyShortHasNoDate(t *testing.T) {
	o := pegged([]supply.Supply{{future, 2}}, []supply.Demand{{3, none}})
	require.Equal(t, none, o.days[0])
	require.Equal(t, supply.Units(1), o.short[0])
}

func TestNothingToServeOrToServeFromIsNoMatter(t *testing.T) {
	require.Equal(t, outcome{}, pegged(nil, nil))
	require.Equal(t, []supply.Units{4}, pegged(nil, []supply.Demand{{4, today}}).short)
	require.Equal(t, []supply.Units{0}, pegged([]supply.Supply{{today, 9}}, nil).used)
	o := pegged([]supply.Supply{{today, 1}}, []supply.Demand{{0, today}, {1, today}})
	require.Equal(t, []supply.Day{none, today}, o.days, "an order of no units takes nothing and has no date")
	require.Equal(t, []bool{false, true}, o.kept)
}

func TestAnEarlyPromiseOutOfReachLosesItsPlaceToThoseThatCanBeKept(t *testing.T) {
	// The first order was promised for yesterday: nothing can keep that.
	o := pegged([]supply.Supply{{today, 1}, {today + 5, 1}}, []supply.Demand{{1, today - 1}, {1, today}})
	require.Equal(t, []supply.Day{today + 5, today}, o.days)
}

func TestEqualDaysOfTwoSuppliesAreOneDay(t *testing.T) {
	x := today + 3
	o := pegged([]supply.Supply{{x, 1}, {x, 1}}, []supply.Demand{{1, today + 9}, {1, today + 5}})
	require.Equal(t, []supply.Day{x, x}, o.days)
	require.Equal(t, [][]supply.Part{{{0, 1}}, {{1, 1}}}, o.parts, "within one day the earlier accepted takes the first supply")
}

func TestAnOrderMovesUpOverSeveralDaysAtOnce(t *testing.T) {
	// The small order, accepted first, is promised last; the unit left on the first
	// day is its own, and the big ones behind it keep their days.
	a, b, c := today+1, today+2, today+3
	lots := []supply.Supply{{a, 3}, {b, 2}, {c, 2}}
	o := pegged(lots, []supply.Demand{{1, c}, {2, a}, {2, b}, {2, c}})
	require.Equal(t, []supply.Day{a, a, b, c}, o.days)
	require.Equal(t, []supply.Units{3, 2, 2}, o.used)
}

// check tries 2,000 cases: rules about ties are seldom at stake in a hundred.
func check(t *testing.T, property func(*rapid.T)) {
	for range 20 {
		rapid.Check(t, property)
	}
}

// draw returns a case with many ties in day and size, where rules go wrong.
func draw(t *rapid.T, maxSupplies, maxDemands int) ([]supply.Supply, []supply.Demand) {
	days := rapid.OneOf(rapid.Int32Range(1, 6), rapid.Just(int32(900)))
	units := rapid.OneOf(rapid.Int64Range(0, 4), rapid.Int64Range(0, 12))
	supplies := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) supply.Supply {
		day := today + supply.Day(days.Draw(t, "day"))
		if rapid.IntRange(0, 7).Draw(t, "undated") == 0 {
			day = future
		}
		return supply.Supply{Day: day, Units: supply.Units(units.Draw(t, "units"))}
	}), 0, maxSupplies).Draw(t, "supplies")
	slices.SortStableFunc(supplies, func(a, b supply.Supply) int { return cmp.Compare(a.Day, b.Day) })
	demands := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) supply.Demand {
		due := today + supply.Day(days.Draw(t, "due")) - 1
		if rapid.IntRange(0, 7).Draw(t, "unpromised") == 0 {
			due = none
		}
		return supply.Demand{Units: supply.Units(rapid.Int64Range(0, 5).Draw(t, "need")), Due: due}
	}), 0, maxDemands).Draw(t, "demands")
	return supplies, demands
}

// fits reports whether all demands that have a Due can be served by it.
func fits(supplies []supply.Supply, demands []supply.Demand) bool {
	for _, last := range demands {
		var need, have supply.Units
		for _, d := range demands {
			if d.Due != none && d.Due <= last.Due {
				need += d.Units
			}
		}
		for _, s := range supplies {
			if s.Day <= last.Due {
				have += s.Units
			}
		}
		if need > have {
			return false
		}
	}
	return true
}

// best tries every subset of the promises, the others taken back: the most kept;
// among equally many the one whose largest (then second largest, …) is smallest,
// equal sizes by acceptance.
func best(supplies []supply.Supply, demands []supply.Demand) []supply.Demand {
	bySize := make([]int, len(demands))
	for i := range bySize {
		bySize[i] = i
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(demands[a].Units, demands[b].Units) })
	found, most, least := make([]supply.Demand, len(demands)), 0, 0
	for chosen := range 1 << len(demands) {
		kept, count, cost := slices.Clone(demands), 0, 0
		for rank, i := range bySize {
			switch {
			case chosen>>i&1 == 0:
				kept[i].Due = none
			case kept[i].Due != none && kept[i].Units > 0:
				count++
				cost |= 1 << rank
			}
		}
		if (count > most || count == most && cost < least) && fits(supplies, kept) {
			found, most, least = kept, count, cost
		}
	}
	for i := range demands {
		found[i].Units = demands[i].Units
	}
	return found
}

// mended gives every broken promise, in acceptance order, the earliest day that
// hurts nobody who has one already, and every demand without a promise the last;
// from the first that finds no room, all wait.
func mended(supplies []supply.Supply, demands, kept []supply.Demand) []supply.Demand {
	due := slices.Clone(kept)
	for i, d := range demands {
		if kept[i].Due != none || d.Units == 0 {
			continue
		}
		for s := 0; s < len(supplies) && due[i].Due == none && supplies[s].Day != future; s++ {
			isLast := s+1 == len(supplies) || supplies[s+1].Day == future
			if d.Due == none && !isLast {
				continue
			}
			due[i].Due = supplies[s].Day
			if !fits(supplies, due) {
				due[i].Due = none
			}
		}
		if due[i].Due == none {
			break
		}
	}
	return due
}

// moveUp changes each Due to a day of supply, then, from the last day to the
// first, lets those who would be served before it begins join the day before.
func moveUp(supplies []supply.Supply, due []supply.Demand) {
	for i, d := range due { // a promise between two days of supply is one for the first of them
		for _, s := range supplies {
			if s.Day <= d.Due {
				due[i].Due = s.Day
			}
		}
	}
	for s := len(supplies) - 1; s > 0; s-- {
		day, before := supplies[s].Day, supplies[s-1].Day
		var begin, taken supply.Units
		for _, earlier := range supplies {
			if earlier.Day < day {
				begin += earlier.Units
			}
		}
		for _, d := range due {
			if d.Due != none && d.Due < day {
				taken += d.Units
			}
		}
		for i := range due {
			if due[i].Due == day {
				if taken += due[i].Units; taken <= begin {
					due[i].Due = before
				}
			}
		}
	}
}

// round is the whole rule, one unit at a time.
func round(supplies []supply.Supply, demands []supply.Demand) outcome {
	kept := best(supplies, demands)
	due := mended(supplies, demands, kept)
	moveUp(supplies, due)
	line := make([]int, len(demands))
	for i := range line {
		line[i] = i
	}
	slices.SortStableFunc(line, func(a, b int) int {
		if (due[a].Due == none) != (due[b].Due == none) {
			return cmp.Compare(due[b].Due, due[a].Due)
		}
		return cmp.Compare(due[a].Due, due[b].Due)
	})
	o := outcome{
		days: make([]supply.Day, len(demands)), short: make([]supply.Units, len(demands)),
		kept: make([]bool, len(demands)), parts: make([][]supply.Part, len(demands)),
		used: make([]supply.Units, len(supplies)),
	}
	for _, i := range line {
		o.kept[i] = kept[i].Due != none && demands[i].Units > 0
		o.parts[i] = []supply.Part{}
		for range demands[i].Units {
			s := 0
			for s < len(supplies) && o.used[s] == supplies[s].Units {
				s++
			}
			if s == len(supplies) {
				o.short[i]++
				o.days[i] = none
				continue
			}
			o.used[s]++
			o.days[i] = supplies[s].Day
			if n := len(o.parts[i]); n > 0 && o.parts[i][n-1].Supply == s {
				o.parts[i][n-1].Units++
			} else {
				o.parts[i] = append(o.parts[i], supply.Part{Supply: s, Units: 1})
			}
		}
	}
	return o
}

// promised returns the demands as they stand once the answer is published.
func promised(demands []supply.Demand, days []supply.Day) []supply.Demand {
	next := slices.Clone(demands)
	for i, day := range days {
		if day.Known() {
			next[i].Due = day
		}
	}
	return next
}

func TestPegIsTheRuleWordForWord(t *testing.T) {
	p := new(supply.Pegging) // one for all cases: what a former Peg left must not matter
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 4, 7)
		want := round(supplies, demands)
		p.Peg(supplies, demands)
		got := outcomeOf(p, supplies, demands)
		for i := range demands {
			require.Equal(t, want.days[i], got.days[i])
			require.Equal(t, want.short[i], got.short[i])
			require.Equal(t, want.kept[i], got.kept[i])
			require.Equal(t, want.parts[i], got.parts[i])
		}
		require.True(t, slices.Equal(want.used, got.used), "used %v, want %v", got.used, want.used)
	})
}

func TestPegHandsOutEveryUnitOnceAndNoneThatIsNotThere(t *testing.T) {
	p := new(supply.Pegging)
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 12, 60)
		p.Peg(supplies, demands)
		used := make([]supply.Units, len(supplies))
		for i, d := range demands {
			got, last := p.Short(i), -1
			for _, part := range p.Parts(i) {
				require.Greater(t, part.Supply, last, "parts ascend by supply")
				require.Positive(t, part.Units)
				last = part.Supply
				got += part.Units
				used[part.Supply] += part.Units
			}
			require.Equal(t, d.Units, got)
			day := p.Day(i)
			require.Equal(t, p.Kept(i), day.Known() && day <= d.Due, "kept means: the day is no later than the promise")
			if d.Units > 0 && p.Short(i) == 0 {
				require.Equal(t, supplies[last].Day, day)
			} else {
				require.Equal(t, none, day)
			}
		}
		for s := range supplies {
			require.Equal(t, used[s], p.Used(s))
			require.LessOrEqual(t, p.Used(s), supplies[s].Units)
		}
	})
}

func TestPeggingAgainMovesNothing(t *testing.T) {
	p := new(supply.Pegging)
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 12, 60)
		p.Peg(supplies, demands)
		first := outcomeOf(p, supplies, demands)
		for _, closed := range []bool{false, true} {
			again := slices.Clone(supplies)
			for s := range again {
				if closed { // to new orders: what is pegged now is all it has
					again[s].Units = first.used[s]
				}
			}
			p.Peg(again, promised(demands, first.days))
			second := outcomeOf(p, again, demands)
			require.Equal(t, first.days, second.days)
			require.Equal(t, first.used, second.used)
			for i := range demands {
				require.Equal(t, first.days[i].Known(), second.kept[i])
			}
		}
	})
}

func TestAnAppendEqualsARepeg(t *testing.T) {
	p := new(supply.Pegging)
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 12, 60)
		p.Peg(supplies, demands)
		before := outcomeOf(p, supplies, demands)
		line := promised(demands, before.days)
		used := before.used
		days := before.days
		for range rapid.IntRange(1, 5).Draw(t, "appends") {
			wanted := supply.Units(rapid.Int64Range(1, 9).Draw(t, "wanted"))
			left, day := wanted, none
			for s := range supplies { // the cheap append: the earliest free units
				if n := min(left, supplies[s].Units-used[s]); n > 0 {
					used[s] += n
					left -= n
					day = supplies[s].Day
				}
			}
			if left > 0 {
				day = none
			}
			days = append(days, day)
			line = append(line, supply.Demand{Units: wanted})
			p.Peg(supplies, line)
			after := outcomeOf(p, supplies, line)
			require.Equal(t, days, after.days)
			require.Equal(t, used, after.used)
			line = promised(line, days)
		}
	})
}

func TestGoodNewsDelaysNobody(t *testing.T) {
	p := new(supply.Pegging)
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 12, 60)
		p.Peg(supplies, demands)
		before := outcomeOf(p, supplies, demands)
		line := promised(demands, before.days)
		for i := range line {
			if !before.days[i].Known() { // an old promise that can be kept again would count as much as a new one
				line[i].Due = none
			}
		}
		left := -1
		if len(line) > 0 && rapid.Bool().Draw(t, "cancel") {
			left = rapid.IntRange(0, len(line)-1).Draw(t, "left")
			line[left].Units = 0
		} else {
			supplies = append([]supply.Supply{{today, supply.Units(rapid.Int64Range(1, 20).Draw(t, "found"))}}, supplies...)
		}
		p.Peg(supplies, line)
		for i := range line {
			if i != left && before.days[i].Known() {
				require.True(t, p.Kept(i), "order %d was promised for %v and moved to %v", i, before.days[i], p.Day(i))
			}
		}
	})
}

func TestASlipMovesNoOrderOfAnotherLot(t *testing.T) { // F63
	p := new(supply.Pegging)
	check(t, func(t *rapid.T) {
		supplies, demands := draw(t, 12, 60)
		supplies = slices.CompactFunc(supplies, func(a, b supply.Supply) bool { return a.Day == b.Day })
		for i := range demands { // accepted one by one, each in the first free unit
			demands[i] = supply.Demand{Units: min(demands[i].Units, 1)}
		}
		p.Peg(supplies, demands)
		before := outcomeOf(p, supplies, demands)
		if len(supplies) == 0 {
			return
		}
		slipped := rapid.IntRange(0, len(supplies)-1).Draw(t, "slipped")
		after := slices.Clone(supplies)
		if after[slipped].Day != future {
			after[slipped].Day += supply.Day(rapid.Int32Range(1, 9).Draw(t, "by"))
		}
		slices.SortStableFunc(after, func(a, b supply.Supply) int { return cmp.Compare(a.Day, b.Day) })
		p.Peg(after, promised(demands, before.days))
		for i := range demands {
			if before.days[i].Known() && before.parts[i][0].Supply != slipped {
				require.Equal(t, before.days[i], p.Day(i), "order %d was not on the lot that slipped", i)
			}
		}
	})
}
