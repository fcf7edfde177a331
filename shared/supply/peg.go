package supply

import "slices"

// Supply is one source of units, as pegging sees it: what is on hand, or a lot.
type Supply struct {
	Day   Day // from which its units can be shipped; Undated for an overdue lot
	Units Units
}

// Demand is what one open order still waits for.
type Demand struct {
	Units Units
	Due   Day // last published promise; 0 when there is none
}

// Part is a share of a demand that one supply serves.
type Part struct {
	Supply int // index into the supplies that were pegged
	Units  Units
}

// Pegging is the answer to one Peg and the room to compute the next one in: a
// Peg no larger than a former one allocates nothing. Its zero value is ready.
// It is not safe for concurrent use, and what Parts returned holds only until
// the next Peg.
type Pegging struct {
	days   []supplyDay
	by     []int32  // per demand: the day that serves it at the latest, an index into days, or never
	line   []int32  // demands in the order in which they take units
	moving []int32  // demands that may join an earlier day
	heap   []uint64 // sizes of the promises kept so far, largest first

	kept   []bool
	shares []share
	parts  []Part
	used   []Units
}

// supplyDay is a day from which some supply can be shipped.
type supplyDay struct {
	day      Day
	capacity Units // of all supply up to this day
	slack    Units // capacity beyond what must be served by this day
	end      int32 // in line, of the demands to be served by this day
}

// never stands in for the day of a demand that no dated supply serves in time.
const never = -1

// share is what one demand got: parts[first:last].
type share struct {
	first, last int32
	day         Day
	short       Units
}

// Peg serves the demands, given in acceptance order, from the supplies, given
// by ascending Day with Undated last and usually led by what is on hand today.
// Units are from 0 to MaxUnits. A demand of no units takes nothing.
//
//  1. The demands whose Due can still be kept hold what they need for it and no
//     more, as many of them as possible; among equally many, those of fewer
//     units, and of equal sizes the earlier accepted. Undated supply keeps no
//     promise.
//  2. The rest follows in acceptance order on what is left, split over supplies
//     where needed: a broken promise by the earliest day that hurts nobody so
//     far, a demand without a promise by the last. Who finds no room by any day
//     waits, and so does everybody behind.
//  3. All move up to the days on which units remain, the earlier accepted first.
//     Then those who wait take the rest, dated or not. What no supply covers is
//     short.
//
// So, where first come was first served, a slip moves the orders of the lot that
// slipped and nobody else. And the answer is stable: pegged again with the days
// it gave as Due (a demand without a known day keeping its old Due) every demand
// gets the same day, every supply the same Used. A demand that is accepted later
// and simply takes the earliest units left therefore gets what a new Peg would
// give it.
//
// Why it is stable: after step 3 a demand ends on the very day it stands under,
// and demands of one day stand by acceptance, so the next Peg finds all of them
// in place and nothing to move up to. Nor does it keep other promises: all who
// have a day fit together now, who has none did not fit beside the kept ones,
// whose days have only become earlier, and step 1 has a single best choice.
//
// Rule: design section 1, "Pegging"; J. M. Moore, "An n job, one machine
// sequencing algorithm for minimizing the number of late jobs", 1968.
func (p *Pegging) Peg(supplies []Supply, demands []Demand) {
	p.measure(supplies, demands)
	p.keep(demands)
	p.mend(demands)
	p.moveUp(demands)
	p.serve(supplies, demands)
}

// Parts returns what the demand takes, by ascending supply; empty when nothing.
func (p *Pegging) Parts(demand int) []Part {
	s := p.shares[demand]
	return p.parts[s.first:s.last:s.last]
}

// Short returns the units of the demand that no supply covers.
func (p *Pegging) Short(demand int) Units { return p.shares[demand].short }

// Day returns the day of the demand's latest part: Undated when that part's
// supply is, and 0 when any unit is short, since no date can be known then.
func (p *Pegging) Day(demand int) Day { return p.shares[demand].day }

// Kept reports whether the demand is served wholly by its Due.
func (p *Pegging) Kept(demand int) bool { return p.kept[demand] }

// Used returns the units taken from the supply.
func (p *Pegging) Used(supply int) Units { return p.used[supply] }

// measure finds the days of supply, and for each demand the last one that keeps
// its promise.
func (p *Pegging) measure(supplies []Supply, demands []Demand) {
	p.days = slices.Grow(p.days[:0], len(supplies))
	var capacity Units
	for _, s := range supplies {
		if s.Day == Undated {
			break
		}
		capacity += s.Units
		if n := len(p.days); n > 0 && p.days[n-1].day == s.Day {
			p.days = p.days[:n-1]
		}
		p.days = append(p.days, supplyDay{day: s.Day, capacity: capacity})
	}
	p.by = slices.Grow(p.by[:0], len(demands))
	for _, d := range demands {
		p.by = append(p.by, p.lastBefore(d))
	}
}

func (p *Pegging) lastBefore(d Demand) int32 {
	if d.Units <= 0 || !d.Due.Known() {
		return never
	}
	from, to := 0, len(p.days)
	for from < to {
		if middle := (from + to) / 2; p.days[middle].day <= d.Due {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return int32(from) - 1 // never, when the first day is too late
}

// keep chooses the promises that are kept. With capacity cumulated by day this
// is 1||ΣU, one machine and the fewest late jobs: a demand's time is its units,
// its due date the capacity up to its Due. Moore and Hodgson's rule is exact,
// and dropping the latest among the largest makes its choice the only one.
func (p *Pegging) keep(demands []Demand) {
	p.kept = zeros(p.kept, len(demands))
	p.heap = slices.Grow(p.heap[:0], len(demands))
	p.lineUp()
	var taken Units
	ordered := 0 // length of the heap proper; what follows was not needed yet
	for _, i := range p.line {
		p.kept[i] = true
		p.heap = append(p.heap, uint64(demands[i].Units)<<32|uint64(i))
		if taken += demands[i].Units; taken <= p.days[p.by[i]].capacity {
			continue
		}
		for ; ordered < len(p.heap); ordered++ {
			siftUp(p.heap, ordered)
		}
		dropped := uint32(p.heap[0])
		p.kept[dropped] = false
		taken -= demands[dropped].Units
		p.heap = popped(p.heap)
		ordered--
	}
}

// lineUp orders the demands by the day that serves them, then by acceptance.
func (p *Pegging) lineUp() {
	for d := range p.days {
		p.days[d].end = 0
	}
	for _, d := range p.by {
		if d != never {
			p.days[d].end++
		}
	}
	all := int32(0)
	for d := range p.days {
		all, p.days[d].end = all+p.days[d].end, all
	}
	p.line = slices.Grow(p.line[:0], len(p.by))[:all]
	for i, d := range p.by {
		if d != never {
			p.line[p.days[d].end] = int32(i)
			p.days[d].end++
		}
	}
}

// mend finds the day that serves each demand without a kept promise.
func (p *Pegging) mend(demands []Demand) {
	p.slacken(demands)
	last := len(p.days) - 1
	waiting := last < 0
	for i, d := range demands {
		if p.kept[i] {
			continue
		}
		p.by[i] = never
		waiting = waiting || d.Units > p.days[last].slack
		if waiting || d.Units <= 0 {
			continue
		}
		day := last
		for day > 0 && d.Due.Known() && d.Units <= p.days[day-1].slack {
			day--
		}
		p.by[i] = int32(day)
		for ; day <= last; day++ {
			p.days[day].slack -= d.Units
		}
	}
}

// slacken computes the slack of each day beside the kept promises.
func (p *Pegging) slacken(demands []Demand) {
	for i, d := range demands {
		if p.kept[i] {
			p.days[p.by[i]].slack -= d.Units
		}
	}
	var due Units
	for d := range p.days {
		due += p.days[d].slack
		p.days[d].slack = p.days[d].capacity + due
	}
}

// moveUp puts all demands in line. From the last day to the first, those who end
// before the day begins join the day before, where acceptance decides again.
func (p *Pegging) moveUp(demands []Demand) {
	p.lineUp()
	var end Units // of those without a place
	for _, i := range p.line {
		end += demands[i].Units
	}
	place := len(p.line)
	p.moving = slices.Grow(p.moving[:0], len(demands))
	for d := len(p.days) - 1; d >= 0; d-- {
		var begin Units
		var first int32
		if d > 0 {
			begin, first = p.days[d-1].capacity, p.days[d-1].end
		}
		p.moving = merged(p.moving, p.line[first:p.days[d].end])
		for n := len(p.moving); n > 0 && end > begin; n-- {
			i := p.moving[n-1]
			p.moving = p.moving[:n-1]
			end -= demands[i].Units
			place-- // never below the days that are still to come
			p.line[place] = i
		}
	}
	for i, d := range demands {
		if p.by[i] == never && d.Units > 0 {
			p.line = append(p.line, int32(i))
		}
	}
}

// serve gives each demand of the line the earliest units left.
func (p *Pegging) serve(supplies []Supply, demands []Demand) {
	p.parts = slices.Grow(p.parts[:0], len(demands)+len(supplies))
	p.shares = zeros(p.shares, len(demands))
	p.used = zeros(p.used, len(supplies))
	from := 0
	for _, i := range p.line {
		s := share{first: int32(len(p.parts)), short: demands[i].Units}
		for s.short > 0 && from < len(supplies) {
			n := min(s.short, supplies[from].Units-p.used[from])
			if n <= 0 {
				from++
				continue
			}
			p.parts = append(p.parts, Part{Supply: from, Units: n})
			p.used[from] += n
			s.short -= n
			s.day = supplies[from].Day
		}
		s.last = int32(len(p.parts))
		if s.short > 0 {
			s.day = 0
		}
		p.shares[i] = s
	}
}

// merged returns the ascending a with the ascending b; a must have the room.
func merged(a, b []int32) []int32 {
	left, place := len(a), len(a)+len(b)
	a = a[:place]
	for len(b) > 0 {
		place--
		if last := b[len(b)-1]; left == 0 || a[left-1] < last {
			a[place] = last
			b = b[:len(b)-1]
		} else {
			left--
			a[place] = a[left]
		}
	}
	return a
}

// siftUp makes heap[:i+1] a heap, largest first, of a heap[:i] that is one.
func siftUp(heap []uint64, i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if heap[parent] >= heap[i] {
			return
		}
		heap[parent], heap[i] = heap[i], heap[parent]
		i = parent
	}
}

// popped returns the heap without its largest.
func popped(heap []uint64) []uint64 {
	last := len(heap) - 1
	heap[0] = heap[last]
	heap = heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < last && heap[child+1] > heap[child] {
			child++
		}
		if child >= last || heap[i] >= heap[child] {
			return heap
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}

// zeros returns n zero values, in s where they fit.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}
