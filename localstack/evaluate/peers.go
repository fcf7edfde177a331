package evaluate

import "headstart/shared/promise"

// trust promises what the carrier says, plus a fixed number of days.
type trust struct{ days int }

func (m trust) date(*trip) (int, bool) { return m.days, true }
func (trust) dawn(float64)             {}
func (trust) record(*trip)             {}

// enough is how many shipments a lane must have before its own quantile counts.
const enough = 20

// quantile promises the quantile of all lateness recorded so far: of everything,
// or of the finest lane that has enough shipments.
type quantile struct {
	lanes bool
	seen  map[string]*tally
}

// tally counts lateness by the day; what is beyond Never days is at its ends.
type tally struct {
	n     int
	count [2*promise.Never + 1]int
}

func (m *quantile) date(t *trip) (int, bool) {
	padding := promise.Never
	for i := len(t.lane); i >= 0; i-- {
		seen := m.seen[laneName(t, i)]
		if i > 0 && (!m.lanes || seen == nil || seen.n < enough) || seen == nil {
			continue
		}
		padding = seen.at(level)
		break
	}
	return padding, padding <= promise.DefaultGate().MaxPadding
}

func (m *quantile) dawn(float64) {}

func (m *quantile) record(t *trip) {
	for i := range len(t.lane) + 1 {
		name := laneName(t, i)
		if m.seen[name] == nil {
			m.seen[name] = new(tally)
		}
		m.seen[name].n++
		m.seen[name].count[min(max(t.days(), -promise.Never), promise.Never)+promise.Never]++
	}
}

// laneName returns the lane of the depth; 0 is everything.
func laneName(t *trip, depth int) string {
	if depth == 0 {
		return ""
	}
	return t.lane[depth-1]
}

// at returns the smallest lateness that the share p did not exceed.
func (c *tally) at(p float64) int {
	sum := 0
	for i, n := range c.count {
		if sum += n; float64(sum) >= p*float64(c.n) {
			return i - promise.Never
		}
	}
	return promise.Never
}
