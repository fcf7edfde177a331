// Dates are checked against answers worked out by hand on a printed calendar,
// with zones from the embedded database. They would catch a window's start taken
// for its end, hours counted for days, and a promise before the carrier's own
// ETA. The marketplaces' real holidays are tested in package boot.
package supply_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"headstart/shared/supply"
)

// office works from Monday to Friday but for its holidays.
type office struct {
	zone     *time.Location
	holidays map[string]bool
}

func (o office) Day(t time.Time) supply.Day { return supply.DayOf(t.In(o.zone)) }

func (o office) Start(d supply.Day) time.Time {
	y, m, day := d.Date().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, o.zone)
}

func (o office) AddBusinessDays(d supply.Day, n int) supply.Day {
	for n > 0 {
		d++
		if w := d.Date().Weekday(); w != time.Saturday && w != time.Sunday && !o.holidays[d.String()] {
			n--
		}
	}
	return d
}

func officeIn(t *testing.T, zone string, holidays ...string) office {
	location, err := time.LoadLocation(zone)
	require.NoError(t, err)
	o := office{location, map[string]bool{}}
	for _, h := range holidays {
		o.holidays[h] = true
	}
	return o
}

func instant(t *testing.T, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

func TestDatesFollowFromTheEndOfTheWindow(t *testing.T) {
	defaults := supply.DefaultPolicy()
	quick := supply.Policy{PaddingDays: 0, ReceivingDays: 1, ShipDays: 1}
	for _, c := range []struct {
		name                      string
		zone                      string
		from, to                  string
		dateOnly                  bool
		policy                    supply.Policy
		arrival, inStock, deliver string
	}{
		{"F61 with the defaults: Tuesday, 3 days, 2 business days, 1 business day", "Europe/Berlin",
			"2026-03-17T08:00:00Z", "2026-03-17T16:00:00Z", false, defaults, "2026-03-17", "2026-03-24", "2026-03-25"},
		{"F61 without padding", "Europe/Berlin",
			"2026-03-17T00:00:00Z", "2026-03-17T00:00:00Z", false, quick, "2026-03-17", "2026-03-18", "2026-03-19"},
		{"F62 five days later is five days later", "Europe/Berlin",
			"2026-03-22T08:00:00Z", "2026-03-22T16:00:00Z", false, supply.Policy{PaddingDays: 1, ReceivingDays: 1, ShipDays: 1}, "2026-03-22", "2026-03-24", "2026-03-25"},
		{"F90 the window's end counts", "Europe/Berlin",
			"2026-03-17T00:00:00Z", "2026-03-19T12:00:00Z", false, quick, "2026-03-19", "2026-03-20", "2026-03-23"},
		{"F81 a Friday and one business day over a holiday is Tuesday", "Europe/Berlin",
			"2026-05-22T10:00:00Z", "2026-05-22T10:00:00Z", false, quick, "2026-05-22", "2026-05-26", "2026-05-27"},
		{"padding ends on a weekend: receiving begins on Monday", "Europe/Berlin",
			"2026-03-18T10:00:00Z", "2026-03-18T10:00:00Z", false, supply.Policy{PaddingDays: 3, ReceivingDays: 1, ShipDays: 0}, "2026-03-18", "2026-03-23", "2026-03-23"},
		{"F82 late in the day of 25 hours", "Europe/Berlin",
			"2026-10-25T22:30:00Z", "2026-10-25T22:30:00Z", false, quick, "2026-10-25", "2026-10-26", "2026-10-27"},
		{"F82 the instant after the day of 25 hours", "Europe/Berlin",
			"2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", false, quick, "2026-10-26", "2026-10-27", "2026-10-28"},
		{"F82 the day of 23 hours", "Europe/Berlin",
			"2026-03-29T21:59:59Z", "2026-03-29T21:59:59Z", false, quick, "2026-03-29", "2026-03-30", "2026-03-31"},
		{"an instant is a day earlier on the other side of the world", "America/Los_Angeles",
			"2026-03-17T00:00:00Z", "2026-03-17T00:00:00Z", false, quick, "2026-03-16", "2026-03-17", "2026-03-18"},
		{"a day is the same day everywhere", "America/Los_Angeles",
			"2026-03-17T00:00:00Z", "2026-03-17T00:00:00Z", true, quick, "2026-03-17", "2026-03-18", "2026-03-19"},
		{"never before the carrier's own day", "Europe/Berlin",
			"2026-03-17T10:00:00Z", "2026-03-17T10:00:00Z", false, supply.Policy{PaddingDays: -2}, "2026-03-17", "2026-03-17", "2026-03-17"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal := officeIn(t, c.zone, "2026-05-25")
			eta := supply.Window{From: instant(t, c.from), To: instant(t, c.to), DateOnly: c.dateOnly}
			require.Equal(t, c.arrival, supply.ArrivalDay(eta, c.policy, cal).String())
			inStock := supply.InStockDay(eta, c.policy, cal)
			require.Equal(t, c.inStock, inStock.String())
			require.Equal(t, c.deliver, supply.DeliveryDay(inStock, c.policy, cal).String())
		})
	}
}

func TestWhatNobodyKnowsHasNoDate(t *testing.T) {
	cal := officeIn(t, "Europe/Berlin")
	require.Equal(t, supply.Day(0), supply.ArrivalDay(supply.Window{}, supply.DefaultPolicy(), cal))
	require.Equal(t, supply.Day(0), supply.InStockDay(supply.Window{}, supply.DefaultPolicy(), cal))
	require.Equal(t, supply.Day(0), supply.DeliveryDay(0, supply.DefaultPolicy(), cal))
	require.Equal(t, supply.Undated, supply.DeliveryDay(supply.Undated, supply.DefaultPolicy(), cal))
}
