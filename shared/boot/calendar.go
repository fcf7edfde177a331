package boot

import (
	"maps"
	"slices"
	"sort"
	"sync"
	"time"
	_ "time/tzdata" // a Lambda's image and a scratch container have no zone files

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"

	"headstart/shared/supply"
)

// Calendar returns the zone and business days of a marketplace, and whether the
// marketplace is served at all. Business days are Monday to Friday less national
// holidays, known from 2000 to 2060; regional holidays are business days. The
// calendar is safe for concurrent use and allocates nothing.
func Calendar(id supply.MarketplaceID) (supply.Calendar, bool) {
	open, served := calendars[id]
	if !served {
		return nil, false
	}
	return open(), true
}

// Marketplaces returns all marketplaces that are served, sorted.
func Marketplaces() []supply.MarketplaceID { return slices.Sorted(maps.Keys(calendars)) }

// calendars has every marketplace with its zone and national holidays. Where a
// country has several zones it is that of the marketplace's own day (US) or of
// most of its docks (CA, MX, AU).
//
// Source of ids: reference "marketplace ids"; of holidays: rickar/cal v2.1.13,
// with what differs named below.
var calendars = map[supply.MarketplaceID]func() supply.Calendar{
	"A1F83G8C2ARO7P": calendarOf("Europe/London", gb.Holidays), // bank holidays of England
	"A1PA6795UKMFR9": calendarOf("Europe/Berlin", de.Holidays),
	"A13V1IB3VIYZZH": calendarOf("Europe/Paris", fr.Holidays),
	"APJ6JRA9NG5V4":  calendarOf("Europe/Rome", it.Holidays, italian),
	"A1RKKUPIHCS9HS": calendarOf("Europe/Madrid", es.Holidays),
	"A1805IZSGTT6HS": calendarOf("Europe/Amsterdam", nl.Holidays),
	"A2NODRKZP88ZB9": calendarOf("Europe/Stockholm", se.Holidays),
	"A1C3SOZRARQ6R3": calendarOf("Europe/Warsaw", pl.Holidays, polish),
	"AMEN7PMS3EDWL":  calendarOf("Europe/Brussels", be.Holidays),
	"A28R8C7NBKEWEA": calendarOf("Europe/Dublin", ie.Holidays),
	"A33AVAJ2PDY3EV": calendarOf("Europe/Istanbul", turkish),
	"ATVPDKIKX0DER":  calendarOf("America/Los_Angeles", us.Holidays),
	"A2EUQ1WTGCTBG2": calendarOf("America/Toronto", canadian),
	"A1AM78C64UM0Y8": calendarOf("America/Mexico_City", mexican),
	"A39IBJ37TRP1C6": calendarOf("Australia/Sydney", australian),
	"A1VC38T7YXB528": calendarOf("Asia/Tokyo", jp.Holidays),
}

// Holidays that the library lacks, or lists with regional ones.
var (
	// Legge 151/2025.
	italian = []*cal.Holiday{yearly(time.October, 4, 2026)}
	// Dz.U. 2024 poz. 1965.
	polish = []*cal.Holiday{yearly(time.December, 24, 2025)}
	// Canada Labour Code, general holidays: the library's list has Easter Monday
	// and the Civic Holiday too, which no federal law gives to everybody.
	canadian = []*cal.Holiday{
		ca.NewYear, ca.GoodFriday, ca.VictoriaDay, ca.CanadaDay, ca.LabourDay, ca.NationalDayForTruthAndReconciliation,
		ca.ThanksgivingDay, ca.RemembranceDay, ca.ChristmasDay, ca.BoxingDay,
	}
	// The library has lists of states only; these seven stand in each of them.
	australian = []*cal.Holiday{
		au.NewYear, au.AustraliaDay, au.GoodFriday, au.EasterMonday, au.AnzacDay, au.ChristmasDay, au.BoxingDay,
	}
	// Ley Federal del Trabajo, article 74. The library has no Mexico.
	mexican = []*cal.Holiday{
		yearly(time.January, 1, 0), monday(time.February, 1), monday(time.March, 3), yearly(time.May, 1, 0),
		yearly(time.September, 16, 0), monday(time.November, 3), yearly(time.December, 25, 0),
		{Month: time.October, Day: 1, StartYear: 2024, Func: everySixYears}, // a new president takes office
	}
	// Law 2429, civil days. The library has no Turkey; the two religious feasts
	// follow the moon and are business days here.
	turkish = []*cal.Holiday{
		yearly(time.January, 1, 0), yearly(time.April, 23, 0), yearly(time.May, 1, 2009), yearly(time.May, 19, 0),
		yearly(time.July, 15, 2017), yearly(time.August, 30, 0), yearly(time.October, 29, 0),
	}
)

func yearly(month time.Month, day, since int) *cal.Holiday {
	return &cal.Holiday{Month: month, Day: day, StartYear: since, Func: cal.CalcDayOfMonth}
}

func monday(month time.Month, nth int) *cal.Holiday {
	return &cal.Holiday{Month: month, Weekday: time.Monday, Offset: nth, Func: cal.CalcWeekdayOffset}
}

func everySixYears(h *cal.Holiday, year int) time.Time {
	if (year-h.StartYear)%6 != 0 {
		return time.Time{}
	}
	return cal.CalcDayOfMonth(h, year)
}

// The library computes dates in the machine's zone, where a midnight may be
// missing and the date then be the day before.
func init() { cal.DefaultLoc = time.UTC }

// calendarOf returns a calendar that is made once, when it is first asked for: a
// function must not wait at its cold start for marketplaces it never sees, and
// the library's definitions for Japan must not be computed twice at once.
func calendarOf(zone string, holidays ...[]*cal.Holiday) func() supply.Calendar {
	return sync.OnceValue(func() supply.Calendar {
		location, err := time.LoadLocation(zone)
		if err != nil {
			panic(err) // a misspelt row of the table above, on any machine
		}
		return &calendar{location, daysOff(slices.Concat(holidays...))}
	})
}

// calendar implements supply.Calendar.
type calendar struct {
	zone     *time.Location
	holidays []supply.Day // ascending
}

// daysOff returns the days on which the holidays are observed, ascending.
func daysOff(holidays []*cal.Holiday) []supply.Day {
	var days []supply.Day
	for year := 1999; year <= 2061; year++ { // New Year may be observed the year before
		for _, h := range holidays {
			if _, observed := h.Calc(year); !observed.IsZero() {
				days = append(days, supply.DayOf(observed))
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// Day returns the local calendar day of the instant t.
func (c *calendar) Day(t time.Time) supply.Day { return supply.DayOf(t.In(c.zone)) }

// Start returns the first instant, to the second and in UTC, whose local day is
// d or later. Where clocks jump over midnight that is not 00:00, and where a
// zone left out the day it is the start of the next.
func (c *calendar) Start(d supply.Day) time.Time {
	const reach = 26 * time.Hour // no zone was ever farther from UTC
	from := d.Date().Add(-reach)
	seconds := sort.Search(int(2*reach/time.Second), func(s int) bool {
		return c.Day(from.Add(time.Duration(s)*time.Second)) >= d
	})
	return from.Add(time.Duration(seconds) * time.Second)
}

// AddBusinessDays returns the n-th business day after d; d itself with n = 0 or
// when d is not known.
func (c *calendar) AddBusinessDays(d supply.Day, n int) supply.Day {
	if !d.Known() {
		return d
	}
	for n > 0 {
		d++
		if c.works(d) {
			n--
		}
	}
	return d
}

func (c *calendar) works(d supply.Day) bool {
	switch d.Date().Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	_, off := slices.BinarySearch(c.holidays, d)
	return !off
}
