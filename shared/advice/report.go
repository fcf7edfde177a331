package advice

import (
	"time"

	"headstart/shared/supply"
)

// Broken reports whether an open order's promise is broken already: its first
// date has passed and not all of its units are on hand.
func Broken(o *supply.Order, today supply.Day) bool {
	return o.Open() && o.Backorder && o.Actual == 0 && o.First.Known() && today > o.First
}

// Rate returns kept of resolved with three decimals; false when none is resolved.
func Rate(kept, resolved uint32) (rate float64, known bool) {
	if resolved == 0 {
		return 0, false
	}
	return round(float64(kept)/float64(resolved), 3), true
}

// Mean returns how sure the promises were said to be, on average, from 0 to 1.
func (s *Stated) Mean() float64 {
	return round(float64(s.Sum)/float64(s.Resolved)/1000, 3)
}

// Shown returns the numbers as they are shown, with one decimal.
func (c *Cover) Shown() (weeks, perDay, daysForSale float64) {
	return round(c.Weeks(), 1), round(c.PerDay(), 1), round(c.ForSale.Hours()/24, 1)
}

// DaysForSale returns how many days of the week a buyer could buy, until now.
func (h *History) DaysForSale(w *Week, r supply.Rules) float64 {
	seconds := w.ForSale
	if h.ForSale && weekOf(r.Calendar.Day(h.At)) <= w.Week {
		forSale(r.Calendar, h.At, r.Now, func(week int32, more int64) {
			if week == w.Week {
				seconds += more
			}
		})
	}
	return round((time.Duration(seconds)*time.Second).Hours()/24, 1)
}

// Span returns the end of the list of weeks up to today without a gap: also those
// in which nothing happened, as far as they are remembered.
func (h *History) Span(today supply.Day) (weeks []Week) {
	if len(h.Weeks) == 0 {
		return nil
	}
	now := weekOf(today)
	for n := max(h.Weeks[0].Week, now-maxWeeks+1); n <= now; n++ {
		weeks = append(weeks, Week{Week: n})
		for _, w := range h.Weeks {
			if w.Week == n {
				weeks[len(weeks)-1] = w
			}
		}
	}
	return weeks
}
