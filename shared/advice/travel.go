package advice

import "headstart/shared/supply"

// travel counts units by the days from the announcement of their shipment to
// their sale: single days for six weeks, weeks up to half a year, and the rest.
type travel [travelBins]uint64

const (
	travelDays  = 42
	travelWeeks = 20
	travelBins  = travelDays + travelWeeks + 1
	// travelUnits is how many units are remembered at full weight: beyond, all
	// counts are halved, so that the past fades and numbers stay small.
	travelUnits = 20_000
)

func (t *travel) add(days int, units supply.Units) {
	if units <= 0 {
		return
	}
	t[travelBin(max(0, days))] += uint64(units)
	for t.total() > travelUnits {
		for i := range t {
			t[i] /= 2
		}
	}
}

func travelBin(days int) int {
	if days < travelDays {
		return days
	}
	return min(travelBins-1, travelDays+(days-travelDays)/7)
}

// binDays returns the days that a bin stands for: the middle of a week.
func binDays(bin int) int {
	if bin < travelDays {
		return bin
	}
	return travelDays + (bin-travelDays)*7 + 3
}

func (t *travel) total() (units uint64) {
	for _, n := range t {
		units += n
	}
	return units
}

// median returns the least number of days within which at least half of the
// units were sold; false when none was.
func (t *travel) median() (days int, known bool) {
	total, sum := t.total(), uint64(0)
	for bin, n := range t {
		sum += n
		if n > 0 && 2*sum >= total {
			return binDays(bin), true
		}
	}
	return 0, false
}
