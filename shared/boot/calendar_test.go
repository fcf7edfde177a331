// Every marketplace's calendar is compared with the days off of 2026 (and of odd
// years) copied from the governments' own lists, not from the library; instants
// are compared with answers worked out by hand. They would catch a marketplace
// with its neighbour's calendar, a regional holiday taken for a national one, a
// library's list gone stale, and a day counted as 24 hours.
package boot

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/jp"
	"github.com/stretchr/testify/require"

	"headstart/shared/program"
	"headstart/shared/supply"
)

func marketplace(t testing.TB, id supply.MarketplaceID) *calendar {
	c, served := Calendar(id)
	require.True(t, served, id)
	return c.(*calendar)
}

func day(t testing.TB, s string) supply.Day {
	d, err := supply.ParseDay("day", s)
	require.NoError(t, err)
	return d
}

func at(t testing.TB, s string) time.Time {
	instant, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return instant
}

// weekdaysOff returns the Mondays to Fridays of a year on which nobody works.
func weekdaysOff(t testing.TB, c *calendar, year string) string {
	var off []string
	for d := day(t, year+"-01-01"); strings.HasPrefix(d.String(), year); d++ {
		weekday := d.Date().Weekday()
		if weekday != time.Saturday && weekday != time.Sunday && c.AddBusinessDays(d-1, 1) != d {
			off = append(off, d.String()[5:])
		}
	}
	return strings.Join(off, " ")
}

// daysOf2026 has one row per marketplace of reference "marketplace ids".
var daysOf2026 = []struct {
	country string
	id      supply.MarketplaceID
	zone    string
	off     string
}{
	{"GB", "A1F83G8C2ARO7P", "Europe/London", "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"},
	{"DE", "A1PA6795UKMFR9", "Europe/Berlin", "01-01 04-03 04-06 05-01 05-14 05-25 12-25"},
	{"FR", "A13V1IB3VIYZZH", "Europe/Paris", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 11-11 12-25"},
	{"IT", "APJ6JRA9NG5V4", "Europe/Rome", "01-01 01-06 04-06 05-01 06-02 12-08 12-25"},
	{"ES", "A1RKKUPIHCS9HS", "Europe/Madrid", "01-01 01-06 04-03 05-01 10-12 12-08 12-25"},
	{"US", "ATVPDKIKX0DER", "America/Los_Angeles", "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"},
	{"CA", "A2EUQ1WTGCTBG2", "America/Toronto", "01-01 04-03 05-18 07-01 09-07 09-30 10-12 11-11 12-25 12-28"},
	{"MX", "A1AM78C64UM0Y8", "America/Mexico_City", "01-01 02-02 03-16 05-01 09-16 11-16 12-25"},
	{"NL", "A1805IZSGTT6HS", "Europe/Amsterdam", "01-01 04-03 04-06 04-27 05-05 05-14 05-25 12-25"},
	{"SE", "A2NODRKZP88ZB9", "Europe/Stockholm", "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31"},
	{"PL", "A1C3SOZRARQ6R3", "Europe/Warsaw", "01-01 01-06 04-06 05-01 06-04 11-11 12-24 12-25"},
	{"BE", "AMEN7PMS3EDWL", "Europe/Brussels", "01-01 04-06 05-01 05-14 05-25 07-21 11-11 12-25"},
	{"IE", "A28R8C7NBKEWEA", "Europe/Dublin", "01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25"},
	{"TR", "A33AVAJ2PDY3EV", "Europe/Istanbul", "01-01 04-23 05-01 05-19 07-15 10-29"},
	{"AU", "A39IBJ37TRP1C6", "Australia/Sydney", "01-01 01-26 04-03 04-06 12-25 12-28"},
	{"JP", "A1VC38T7YXB528", "Asia/Tokyo", "01-01 01-12 02-11 02-23 03-20 04-29 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23"},
}

func TestEveryMarketplaceKeepsItsNationalHolidaysAndItsZone(t *testing.T) {
	for _, m := range daysOf2026 {
		c := marketplace(t, m.id)
		require.Equal(t, m.off, weekdaysOff(t, c, "2026"), m.country)
		require.Equal(t, m.zone, c.zone.String(), m.country)
	}
	require.Len(t, calendars, len(daysOf2026), "a marketplace without a row here")
}

func TestAnUnknownMarketplaceIsNotServed(t *testing.T) {
	c, served := Calendar("A1PA6795UKMFR8")
	require.False(t, served)
	require.Nil(t, c)
}

func TestHolidaysThatMoveOrBeginAreRightInOtherYears(t *testing.T) {
	for _, c := range []struct {
		why, year, off string
		id             supply.MarketplaceID
	}{
		{"New Year of 2022, a Saturday, was observed on Friday the year before", "2021",
			"01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31", "ATVPDKIKX0DER"},
		{"Christmas on a Saturday and Boxing Day on a Sunday", "2021", "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28", "A1F83G8C2ARO7P"},
		{"Christmas on a Sunday; the jubilee", "2022", "01-03 04-15 04-18 05-02 06-02 06-03 08-29 12-26 12-27", "A1F83G8C2ARO7P"},
		{"the first San Francesco on a weekday", "2027", "01-01 01-06 03-29 06-02 10-04 11-01 12-08", "APJ6JRA9NG5V4"},
		{"before San Francesco", "2024", "01-01 04-01 04-25 05-01 08-15 11-01 12-25 12-26", "APJ6JRA9NG5V4"},
		{"before Christmas Eve became one", "2024", "01-01 04-01 05-01 05-03 05-30 08-15 11-01 11-11 12-25 12-26", "A1C3SOZRARQ6R3"},
		{"the president takes office", "2024", "01-01 02-05 03-18 05-01 09-16 10-01 11-18 12-25", "A1AM78C64UM0Y8"},
		{"and not a year later", "2025", "01-01 02-03 03-17 05-01 09-16 11-17 12-25", "A1AM78C64UM0Y8"},
		{"but six years later", "2030", "01-01 02-04 03-18 05-01 09-16 10-01 11-18 12-25", "A1AM78C64UM0Y8"},
		{"King's Day on a Sunday is Saturday", "2025", "01-01 04-18 04-21 05-05 05-29 06-09 12-25 12-26", "A1805IZSGTT6HS"},
	} {
		require.Equal(t, c.off, weekdaysOff(t, marketplace(t, c.id), c.year), c.why)
	}
}

func TestRegionalHolidaysAreBusinessDays(t *testing.T) { // F129
	for _, c := range []struct {
		id      supply.MarketplaceID
		holiday string
		where   string
	}{
		{"A1PA6795UKMFR9", "2026-01-06", "Epiphany in Bavaria"},
		{"A1PA6795UKMFR9", "2026-06-04", "Corpus Christi in Bavaria"},
		{"A1F83G8C2ARO7P", "2026-08-03", "the summer bank holiday in Scotland"},
		{"A2EUQ1WTGCTBG2", "2026-08-03", "the Civic Holiday in Ontario"},
		{"A2EUQ1WTGCTBG2", "2026-02-16", "Family Day in Ontario"},
		{"A39IBJ37TRP1C6", "2026-06-08", "the King's Birthday in New South Wales"},
		{"A1RKKUPIHCS9HS", "2026-05-15", "San Isidro in Madrid"},
	} {
		d := day(t, c.holiday)
		require.Equal(t, d, marketplace(t, c.id).AddBusinessDays(d-1, 1), c.where)
	}
}

func TestBusinessDaysAreCountedAfterTheDay(t *testing.T) {
	c := marketplace(t, "A1PA6795UKMFR9")
	for _, x := range []struct {
		from string
		n    int
		to   string
	}{
		{"2026-05-22", 1, "2026-05-26"}, // F81: Friday, over Whit Monday
		{"2026-05-23", 0, "2026-05-23"}, // no day asked for: the Saturday itself
		{"2026-05-23", 1, "2026-05-26"},
		{"2026-04-02", 1, "2026-04-07"}, // Maundy Thursday, over Easter
		{"2026-12-24", 2, "2026-12-29"}, // Christmas on a Friday
		{"2026-12-31", 1, "2027-01-04"},
		{"2026-03-17", 5, "2026-03-24"},
		{"2026-03-17", -3, "2026-03-17"},
	} {
		require.Equal(t, x.to, c.AddBusinessDays(day(t, x.from), x.n).String(), "%s + %d", x.from, x.n)
	}
	require.Equal(t, supply.Undated, c.AddBusinessDays(supply.Undated, 2))
	require.Equal(t, supply.Day(0), c.AddBusinessDays(0, 2))
}

func TestPromisesAreRightOverHolidaysAndDaysOf25Hours(t *testing.T) { // F61, F81, F82
	c := marketplace(t, "A1PA6795UKMFR9")
	for _, x := range []struct{ eta, inStock, delivery string }{
		{"2026-03-17T16:00:00Z", "2026-03-24", "2026-03-25"}, // the worked example
		{"2026-05-19T16:00:00Z", "2026-05-27", "2026-05-28"}, // padding to Friday, Whit Monday in between
		{"2026-10-25T22:59:59Z", "2026-10-30", "2026-11-02"}, // the last second of the long day
		{"2026-10-25T23:00:00Z", "2026-11-02", "2026-11-03"}, // one second later: padding to Thursday
	} {
		to := at(t, x.eta)
		inStock := supply.InStockDay(supply.Window{From: to, To: to}, supply.DefaultPolicy(), c)
		require.Equal(t, x.inStock, inStock.String(), x.eta)
		require.Equal(t, x.delivery, supply.DeliveryDay(inStock, supply.DefaultPolicy(), c).String(), x.eta)
	}
}

func TestADayIsAsLongAsItsZoneSays(t *testing.T) { // F82
	for _, x := range []struct {
		id    supply.MarketplaceID
		day   string
		start string
		hours int
	}{
		{"A1PA6795UKMFR9", "2026-10-25", "2026-10-24T22:00:00Z", 25},
		{"A1PA6795UKMFR9", "2026-03-29", "2026-03-28T23:00:00Z", 23},
		{"A1PA6795UKMFR9", "2026-07-01", "2026-06-30T22:00:00Z", 24},
		{"A1F83G8C2ARO7P", "2026-03-29", "2026-03-29T00:00:00Z", 23},
		{"ATVPDKIKX0DER", "2026-11-01", "2026-11-01T07:00:00Z", 25},
		{"A39IBJ37TRP1C6", "2026-10-04", "2026-10-03T14:00:00Z", 23},
		{"A1VC38T7YXB528", "2026-03-17", "2026-03-16T15:00:00Z", 24},
		{"A1AM78C64UM0Y8", "2026-04-05", "2026-04-05T06:00:00Z", 24}, // Mexico gave up changing its clocks in 2022
	} {
		c, d := marketplace(t, x.id), day(t, x.day)
		start, end := c.Start(d), c.Start(d+1)
		require.Equal(t, at(t, x.start), start, x.day)
		require.Equal(t, time.Duration(x.hours)*time.Hour, end.Sub(start), x.day)
		require.Equal(t, d, c.Day(start))
		require.Equal(t, d-1, c.Day(start.Add(-time.Nanosecond)))
		require.Equal(t, d, c.Day(end.Add(-time.Nanosecond)))
	}
}

func TestADayWithoutMidnightBeginsWithItsFirstInstant(t *testing.T) {
	for _, x := range []struct{ zone, day, start string }{
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},      // 00:00 jumps to 01:00
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // the same, west of Greenwich
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},    // midnight comes twice: the first
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},      // a day that Samoa left out
	} {
		zone, err := time.LoadLocation(x.zone)
		require.NoError(t, err)
		c := &calendar{zone: zone}
		require.Equal(t, at(t, x.start), c.Start(day(t, x.day)), x.zone)
	}
}

func TestHolidaysDoNotDependOnTheMachinesZone(t *testing.T) {
	require.Equal(t, time.UTC, cal.DefaultLoc)
}

func TestACalendarIsSafeForConcurrentUseFromItsFirst(t *testing.T) {
	open := calendarOf("Asia/Tokyo", jp.Holidays)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { open().AddBusinessDays(20500, 30) })
	}
	wait.Wait()
}

func TestACalendarAllocatesNothing(t *testing.T) {
	c := marketplace(t, "A1PA6795UKMFR9")
	now, d := at(t, "2026-03-17T16:00:00Z"), day(t, "2026-03-17")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = c.AddBusinessDays(c.Day(now), 5)
		_ = c.Start(d)
	}))
}

func BenchmarkAddFiveBusinessDays(b *testing.B) {
	c, d := marketplace(b, "A1PA6795UKMFR9"), day(b, "2026-03-17")
	b.ReportAllocs()
	for b.Loop() {
		c.AddBusinessDays(d, 5)
	}
}

func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		calendarOf("Europe/London", jp.Holidays)()
	}
}

func TestEveryMarketplaceIsARegionOfTheProgramme(t *testing.T) {
	seen := map[supply.MarketplaceID]bool{}
	for _, group := range program.Groups() {
		for _, region := range group.Regions {
			require.False(t, seen[region.Marketplace], "%s twice", region.Marketplace)
			seen[region.Marketplace] = true
		}
	}
	require.ElementsMatch(t, Marketplaces(), slices.Collect(maps.Keys(seen)))
}
