// Package promise learns how late shipments are, and says how sure a date is.
//
// Lateness is what the carrier's ETA leaves unexplained: the day of arrival
// minus the day of the ETA. It is learnt as hazards: of the shipments that were
// not here yet when so many days late, how many came that day. So a shipment
// that is overdue teaches its lane each day before it arrives, and a forecast
// for it begins with "not here yet". Lanes are nodes of a hierarchy, coarse to
// fine; each node learns by itself how far to trust its own few shipments and
// how far its parent's many.
//
// The package is pure: no clock, no store, no randomness. The same history gives
// the same bytes, on machines whose logarithms round alike.
package promise

import "sort"

// Lateness is counted by the day up to 30 days early and late, and in spans that
// grow by an eighth beyond. Source: reference "arrival", A7.
const (
	daily = 30
	wider = 23 // spans from 30 to Never on either side

	// Bins is how many spans lateness is counted in. The last one is open: what
	// comes later than Never, or not at all, is in it.
	Bins = wider - 1 + daily + 1 + daily + wider

	// Never is a padding that no date can promise, in days.
	Never = 400
)

// edges holds the last day of each bin.
var edges = makeEdges()

func makeEdges() (e [Bins]int) {
	var wide [wider]int
	last := float64(daily)
	for i := range wide {
		last *= 1.12
		wide[i] = min(int(last+0.5), Never)
	}
	for i := range wider - 1 {
		e[i] = -wide[wider-2-i] // who came earlier than the earliest edge is not told apart
	}
	for i := -daily; i <= daily; i++ {
		e[wider-1+daily+i] = i
	}
	copy(e[Bins-wider:], wide[:])
	return e
}

// BinOf returns the bin of a shipment that came so many days after its ETA;
// below 0 when it came before.
func BinOf(days int) int { return min(sort.SearchInts(edges[:], days), Bins-1) }

// LastDay returns the last day of a bin, in days after the ETA; Never for the
// last one.
func LastDay(bin int) int { return edges[bin] }
