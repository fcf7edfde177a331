// Package advice tells a seller what an item's past says about its future: how
// often it ran out, how many weeks its units last, how long they travel before
// they sell, what selling before arrival has earned, and whether its promises
// were kept. All of it is read from one small record per item that outlives the
// orders it was folded from.
//
// It is pure: no I/O, no clock, no context. Time is an argument of every rule.
package advice

import (
	"cmp"
	"slices"
	"time"

	"headstart/shared/supply"
)

// Bounds of a history. Together they keep its record within a kilobyte, one
// write unit; a test holds them to it.
const (
	maxMonths  = 13 // a year and the running month
	maxWeeks   = 26
	maxSpells  = 20
	maxSources = 12
	maxStated  = 12
)

// History is what is remembered of an item beyond the 28 days after which its
// orders are forgotten. The zero History is that of an item of which nothing was
// folded yet. It is changed by Fold alone.
type History struct {
	Next     uint64    // sequence of the first entry of the line that is not folded
	Head     int64     // version of the latest head that was folded; 0 = none
	At       time.Time // of that head, whole seconds, UTC
	OnHand   bool      // a unit was on hand and free then
	ForSale  bool      // a buyer could buy then, from whatever supply
	Months   []Month   // ascending
	Weeks    []Week    // ascending
	Spells   []Spell   // ascending; the last may still go on
	Promises Promises

	travel   travel   // units sold, by days since their shipment was announced
	sources  []source // where the units that are sold next come from, first come first sold
	taken    supply.Units
	loose    supply.Units // units on hand that no shipment brought
	adjusted supply.Units // what adjustments of the stock add up to
	ordinal  uint16       // of the latest lot known
	stated   []stated
}

// Month is what was sold in one calendar month of the marketplace.
type Month struct {
	Month         int32        // months since the year 0
	Sold          supply.Units // ordered, also what was cancelled later
	BeforeArrival supply.Units // of those: not on hand when they were ordered
	Cancelled     supply.Units // cancelled in this month while they were still on their way
}

// Name returns "2026-03".
func (m *Month) Name() string {
	return time.Date(int(m.Month/12), time.Month(m.Month%12+1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// Week is what happened in one week of the marketplace, from Monday on.
type Week struct {
	Week    int32
	Sold    int64 // units ordered less units cancelled; below 0 when more came back
	ForSale int64 // seconds in which a buyer could buy
}

// Monday returns the first day of the week.
func (w *Week) Monday() supply.Day { return monday(w.Week) }

// Spell is a time with nothing on hand; End is zero while it goes on.
type Spell struct{ Start, End time.Time }

// source is one shipment line as a source of units; the first of them sell first.
type source struct {
	ordinal uint16
	day     supply.Day // on which the shipment was announced
	units   supply.Units
}

// stated is how sure the promises for a day were said to be, in thousandths.
type stated struct {
	day supply.Day
	how int
}

// Supply is what a commit knows of an item's sources.
type Supply struct {
	Lots     []supply.Lot
	Adjusted supply.Units // sum of all adjustments of the stock
}

// Entry is one committed entry of the line.
type Entry struct {
	Seq uint64
	At  time.Time
	supply.Entry
}

// Commit is one commit of an item.
type Commit struct {
	Version int64     // of its head
	At      time.Time // whole seconds, UTC
	OnHand  bool      // a unit is on hand and free now
	ForSale bool      // a buyer can buy now
	Supply  *Supply   // nil = as it was
	Entries []Entry   // all from History.Next on
	Next    uint64    // sequence behind the last of them
	Stated  int       // how sure its promises are said to be, in thousandths; 0 = nothing is said
}

// Fold takes one commit into the history and its entries into the line, which
// must stand at h.Next. It returns false, and changes nothing, for a commit that
// is folded already or that has nothing to remember. Of the rules the calendar and the policy count; the time is
// the commit's.
//
// Commits may be folded in any batches and as often as they come: the same
// commits in their order give the same history. Of a commit that never came the
// next one brings the entries, but not a spell that began and ended within it.
func (h *History) Fold(r supply.Rules, line *supply.Line, c Commit) bool {
	if c.Version <= h.Head || h.silent(&c) {
		return false
	}
	r.Now = c.At
	if c.Supply != nil {
		h.learn(r, c.Supply)
	}
	h.pass(r.Calendar, c.At)
	for i := range c.Entries {
		var next *Entry
		if i+1 < len(c.Entries) {
			next = &c.Entries[i+1]
		}
		h.entry(r.Calendar, line, &c.Entries[i], next, c.Stated)
	}
	h.observe(c.At, c.OnHand)
	h.Next, h.Head, h.At, h.ForSale = max(h.Next, c.Next), c.Version, latest(h.At, c.At), c.ForSale
	return true
}

// silent reports whether the commit has nothing to remember: such as a sweep's,
// which moved nothing but the hour of the next.
func (h *History) silent(c *Commit) bool {
	return h.Head != 0 && len(c.Entries) == 0 && c.Supply == nil && c.OnHand == h.OnHand && c.ForSale == h.ForSale
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// pass adds the time since the last commit to the weeks, when a buyer could buy.
func (h *History) pass(cal supply.Calendar, to time.Time) {
	if h.Head == 0 || !h.ForSale {
		return
	}
	forSale(cal, h.At, to, func(week int32, seconds int64) { h.week(week).ForSale += seconds })
}

// forSale cuts a span of time into weeks, at most as many as are kept.
func forSale(cal supply.Calendar, from, to time.Time, add func(week int32, seconds int64)) {
	if oldest := cal.Start(monday(weekOf(cal.Day(to)) - maxWeeks + 1)); from.Before(oldest) {
		from = oldest
	}
	for from.Before(to) {
		week := weekOf(cal.Day(from))
		end := cal.Start(monday(week + 1))
		if end.After(to) {
			end = to
		}
		add(week, int64(end.Sub(from)/time.Second))
		from = end
	}
}

// weekOf returns the number of the week; 1970-01-05 was a Monday and began week 1.
func weekOf(d supply.Day) int32 { return (int32(d) + 3) / 7 }

func monday(week int32) supply.Day { return supply.Day(week*7 - 3) }

func monthOf(d supply.Day) int32 {
	date := d.Date()
	return int32(date.Year()*12 + int(date.Month()) - 1)
}

func (h *History) week(n int32) *Week {
	return slot(&h.Weeks, maxWeeks, Week{Week: n}, func(a, b Week) int { return cmp.Compare(a.Week, b.Week) })
}

func (h *History) month(n int32) *Month {
	return slot(&h.Months, maxMonths, Month{Month: n}, func(a, b Month) int { return cmp.Compare(a.Month, b.Month) })
}

// slot returns the element of an ascending list that compares equal to fresh, or
// inserts fresh, for which the first element makes room. What is older than all
// that are kept is counted nowhere.
func slot[T any](list *[]T, most int, fresh T, compare func(a, b T) int) *T {
	i, found := slices.BinarySearchFunc(*list, fresh, compare)
	if found {
		return &(*list)[i]
	}
	if len(*list) == most {
		if i == 0 {
			return &fresh
		}
		*list = slices.Delete(*list, 0, 1)
		i--
	}
	*list = slices.Insert(*list, i, fresh)
	return &(*list)[i]
}

// spellGap is how long units must be on hand to end a stock-out: a cancelled
// order's unit that sells again within the day is no restocking.
const spellGap = 24 * time.Hour

// observe notes whether units are on hand. An item that never had any is new, not
// out of stock.
func (h *History) observe(at time.Time, onHand bool) {
	was := h.OnHand
	h.OnHand = onHand
	last := len(h.Spells) - 1
	switch {
	case was && !onHand && last >= 0 && at.Sub(h.Spells[last].End) < spellGap:
		h.Spells[last].End = time.Time{}
	case was && !onHand:
		h.Spells = append(h.Spells, Spell{Start: at})
		h.Spells = h.Spells[max(0, len(h.Spells)-maxSpells):]
	case !was && onHand && last >= 0:
		h.Spells[last].End = at
	}
}
