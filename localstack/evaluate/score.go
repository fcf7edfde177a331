package evaluate

import "math"

// fewest is how many scored shipments a mode must have to be its method's worst.
const fewest = 50

// score is how well a method's dates were kept.
type score struct {
	n, kept        int
	padding, loss  float64
	opened, broken int
	modes          map[string]*[2]int // shipments, kept
}

func (s *score) add(t *trip, padding int, open bool) {
	late := t.late()
	s.n++
	s.padding += float64(padding)
	kept := late <= float64(padding)
	if kept {
		s.kept++
		s.loss += (1 - level) * (float64(padding) - late)
	} else {
		s.loss += level * (late - float64(padding))
	}
	if open {
		s.opened++
		if late > max(0, float64(padding)) {
			s.broken++
		}
	}
	mode := laneName(t, min(1, len(t.lane)))
	if s.modes[mode] == nil {
		s.modes[mode] = new([2]int)
	}
	s.modes[mode][0]++
	if kept {
		s.modes[mode][1]++
	}
}

// Result is one row of the table; shares in per cent from 0 to 100.
type Result struct {
	Kept      float64 `json:"kept95"`      // shipments that came by their date
	Padding   float64 `json:"pad95"`       // days added to the ETA, on average; a date that cannot be made counts 400
	Pinball   float64 `json:"pinball95"`   // loss of the quantile, in days
	WorstMode float64 `json:"worstMode95"` // kept in the mode (n1) where it is worst, of those with at least 50 shipments
	Opened    float64 `json:"opened"`      // shipments sold before they arrived
	Broken    float64 `json:"broken"`      // of those, how many came after their date
}

func (s *score) result() Result {
	share := func(part, whole int) float64 {
		if whole == 0 {
			return 0
		}
		return round(100 * float64(part) / float64(whole))
	}
	r := Result{Kept: share(s.kept, s.n), Padding: round(s.padding / float64(s.n)), Pinball: round(s.loss / float64(s.n)),
		Opened: share(s.opened, s.n), Broken: share(s.broken, s.opened), WorstMode: share(s.kept, s.n)}
	for _, m := range s.modes {
		if m[0] >= fewest {
			r.WorstMode = min(r.WorstMode, share(m[1], m[0]))
		}
	}
	return r
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// bands are the confidences that the calibration tells apart, from each up to
// the next.
var bands = [...]float64{0.5, 0.8, 0.9, 0.95, 0.98, 0.99}

// spans are the lateness whose confidence is checked, in days.
var spans = [...]int{0, 3, 7}

// calibration compares what was stated with what came.
type calibration [len(bands)]struct {
	n    int
	said float64
	came int
}

func (c *calibration) add(t *trip) {
	for i, days := range spans {
		for b := len(bands) - 1; b >= 0; b-- {
			if t.stated[i] >= bands[b] {
				c[b].n++
				c[b].said += t.stated[i]
				if t.late() <= float64(days) {
					c[b].came++
				}
				break
			}
		}
	}
}

// Band is one row of the calibration, in per cent.
type Band struct {
	From   float64 `json:"from"`
	Count  int     `json:"count"`
	Stated float64 `json:"stated"` // on average
	True   float64 `json:"true"`
}

func (c *calibration) bands() (all []Band) {
	for b, row := range c {
		if row.n > 0 {
			all = append(all, Band{100 * bands[b], row.n, round(100 * row.said / float64(row.n)), round(100 * float64(row.came) / float64(row.n))})
		}
	}
	return all
}
