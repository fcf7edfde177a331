package engine

import (
	"time"

	"headstart/shared/supply"
)

// weekdays is a calendar without holidays, in German time.
type weekdays struct{ zone *time.Location }

func (w weekdays) Day(t time.Time) supply.Day { return supply.DayOf(t.In(w.zone)) }

func (w weekdays) Start(d supply.Day) time.Time {
	y, m, day := d.Date().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, w.zone).UTC()
}

func (w weekdays) AddBusinessDays(d supply.Day, n int) supply.Day {
	for n > 0 {
		d++
		if day := d.Date().Weekday(); day != time.Saturday && day != time.Sunday {
			n--
		}
	}
	return d
}

func testCalendar(id supply.MarketplaceID) (supply.Calendar, bool) {
	zone, err := time.LoadLocation("Europe/Berlin")
	return weekdays{zone}, err == nil && id == germany
}
