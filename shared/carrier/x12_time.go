package carrier

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"headstart/shared/supply"
)

// x12Day reads an element 373: CCYYMMDD, or YYMMDD before release 4010.
func x12Day(raw []byte) (day time.Time, ok bool) {
	n := x12Number(raw)
	switch len(raw) {
	case 6:
		n += 20_000_000
	case 8:
	default:
		return day, false
	}
	year, month, date := n/10_000, time.Month(n/100%100), n%100
	day = time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	return day, n > 0 && year >= 1970 && day.Month() == month && day.Day() == date
}

// x12Clock reads an element 337: HHMM, or HHMMSS with up to two digits of
// fractions, which are left away. 2400 is the end of the day.
func x12Clock(raw []byte) (since time.Duration, ok bool) {
	if len(raw) < 4 || len(raw) > 8 || len(raw) == 5 || x12Number(raw) < 0 {
		return 0, false
	}
	hour, minute, second := x12Number(raw[:2]), x12Number(raw[2:4]), 0
	if len(raw) >= 6 {
		second = x12Number(raw[4:6])
	}
	since = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return since, minute < 60 && second < 60 && since <= 24*time.Hour
}

// x12Wall is a day and a time of day as they are written, read as if UTC.
type x12Wall struct {
	time.Time      // zero when no day is written
	timed     bool // a time of day is written
}

// String returns the day and the time as they are written.
func (w x12Wall) String() string {
	switch {
	case w.IsZero():
		return ""
	case w.timed:
		return w.Format("2006-01-02 15:04")
	}
	return w.Format(time.DateOnly)
}

// x12WallOf reads a day and a time of day, both of which may be absent.
func x12WallOf(day, clock []byte) (w x12Wall, ok bool) {
	if len(day) == 0 {
		return w, true
	}
	if w.Time, ok = x12Day(day); !ok || len(clock) == 0 {
		return w, ok
	}
	since, ok := x12Clock(clock)
	return x12Wall{w.Add(since), true}, ok
}

// x12Said reads when a group or a notice was made. The zone of its sender is not
// written anywhere, so the time is taken as if it were UTC: it tells which of two
// statements of one sender is newer, and is up to 14 h off. Zero when it is none.
func x12Said(day, clock []byte) time.Time {
	w, ok := x12WallOf(day, clock)
	if !ok {
		return time.Time{}
	}
	return w.Time
}

// in returns the instant, and whether it is still local because its zone or its
// time of day is not known.
func (w x12Wall) in(zone *time.Location) (at time.Time, local bool) {
	if w.IsZero() {
		return w.Time, false
	}
	if zone == nil || !w.timed {
		return w.Time, true
	}
	y, m, d := w.Date()
	return time.Date(y, m, d, w.Hour(), w.Minute(), w.Second(), 0, zone).UTC(), false
}

// window is an arrival at that moment: the day where no more is known, which then
// holds in any zone.
func (w x12Wall) window(zone *time.Location, kind supply.ETAKind) supply.Window {
	at, local := w.in(zone)
	if local {
		at = at.Truncate(24 * time.Hour)
	}
	return supply.Window{From: at, To: at, DateOnly: local, Kind: kind}
}

// x12Place is where something happened, as it came.
type x12Place struct{ city, state, country []byte }

// x12Where shows places; of the same place again and again, the same text.
type x12Where struct {
	last x12Place
	text string
}

func (w *x12Where) of(p x12Place) string {
	same := bytes.Equal(p.city, w.last.city) && bytes.Equal(p.state, w.last.state) && bytes.Equal(p.country, w.last.country)
	if !same {
		w.last, w.text = p, place(x12Text(p.city, supply.MaxScanPlace), x12Text(p.state, 20), x12Text(p.country, 20))
	}
	return w.text
}

// x12Zone returns the zone that a time code names, else the place's if it has
// just one; nil when it is not known. Source: stedi.com/edi/x12-004010/segment/AT7:
// without a code the time is local.
func x12Zone(code []byte, p x12Place) *time.Location {
	z := x12Zones()
	if zone := z.codes[string(code)]; zone != nil {
		return zone
	}
	switch country := string(p.country); country {
	case "", "US", "USA", "CA", "CAN":
		return z.states[string(p.state)]
	default:
		return z.countries[country]
	}
}

// x12ZoneTable finds zones; a zone that this machine does not know is in none.
type x12ZoneTable struct{ codes, states, countries map[string]*time.Location }

// x12Zones loads the zones once. Programs carry them along (boot embeds them).
var x12Zones = sync.OnceValue(func() x12ZoneTable {
	t := x12ZoneTable{x12Offsets(), make(map[string]*time.Location), make(map[string]*time.Location)}
	fill := func(m map[string]*time.Location, rows []x12ZoneRow) {
		for _, row := range rows {
			zone, err := time.LoadLocation(row.zone)
			for i := 0; err == nil && i+2 <= len(row.places); i += 3 {
				m[row.places[i:i+2]] = zone
			}
		}
	}
	fill(t.codes, x12CodeZones)
	fill(t.states, x12StateZones)
	fill(t.countries, x12CountryZones)
	return t
})

// x12ZoneRow is a zone and what is wholly in it: codes of two letters, each
// followed by a blank.
type x12ZoneRow struct{ zone, places string }

// x12CodeZones are the codes that leave summer time to the date.
// Source: stedi.com/edi/x12/element/623.
var x12CodeZones = []x12ZoneRow{
	{"America/St_Johns", "NT"},
	{"America/Halifax", "TT"}, // Atlantic
	{"America/New_York", "ET"},
	{"America/Chicago", "CT"},
	{"America/Denver", "MT"}, // Arizona, which keeps MS all year, is not meant
	{"America/Los_Angeles", "PT"},
	{"America/Anchorage", "AT"}, // Alaska
	{"Pacific/Honolulu", "HT"},  // Hawaii and the Aleutians, of which the former has the docks
}

// x12Offsets returns the codes that name an offset. Source: the same.
func x12Offsets() map[string]*time.Location {
	codes := map[string]*time.Location{"UT": time.UTC, "GM": time.UTC}
	offset := func(code string, d time.Duration) { codes[code] = time.FixedZone("", int(d.Seconds())) }
	for h := 1; h <= 12; h++ {
		offset(fmt.Sprintf("%02d", h), time.Duration(h)*time.Hour)
		offset(fmt.Sprintf("%02d", 25-h), -time.Duration(h)*time.Hour) // 13 is twelve behind UTC, 24 is one
	}
	for code, d := range map[string]time.Duration{
		"25": -150 * time.Minute, "26": -210 * time.Minute, "27": 330 * time.Minute, "28": 570 * time.Minute, "29": 630 * time.Minute,
	} {
		offset(code, d)
	}
	for letter, standard := range map[string]time.Duration{
		"N": -210 * time.Minute, "T": -4 * time.Hour, "E": -5 * time.Hour, "C": -6 * time.Hour,
		"M": -7 * time.Hour, "P": -8 * time.Hour, "A": -9 * time.Hour, "H": -10 * time.Hour,
	} {
		offset(letter+"S", standard)
		offset(letter+"D", standard+time.Hour)
	}
	return codes
}

// x12StateZones are the states and provinces with one zone. Those that are split
// are not there: AK AZ (the Navajo Nation has summer time) FL ID IN KS KY MI ND
// NE NV OR SD TN TX, and BC NL NT NU ON QC SK.
// Source: IANA time zone database, northamerica.
var x12StateZones = []x12ZoneRow{
	{"America/New_York", "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV"},
	{"America/Chicago", "AL AR IA IL LA MN MO MS OK WI"},
	{"America/Denver", "CO MT NM UT WY"},
	{"America/Los_Angeles", "CA WA"},
	{"Pacific/Honolulu", "HI"},
	{"America/Puerto_Rico", "PR VI"},
	{"America/Halifax", "NS PE"},
	{"America/Moncton", "NB"},
	{"America/Winnipeg", "MB"},
	{"America/Edmonton", "AB"},
	{"America/Whitehorse", "YT"},
}

// x12CountryZones are countries with one zone, as far as lorries, trains and
// ships send status messages from there; Germany's second, Büsingen, has kept the
// same time since 1981. Source: the same, zone.tab.
var x12CountryZones = []x12ZoneRow{
	{"America/Puerto_Rico", "PR VI"},
	{"America/Guatemala", "GT"}, {"America/El_Salvador", "SV"}, {"America/Tegucigalpa", "HN"}, {"America/Managua", "NI"},
	{"America/Costa_Rica", "CR"}, {"America/Panama", "PA"}, {"America/Santo_Domingo", "DO"}, {"America/Jamaica", "JM"},
	{"America/Bogota", "CO"}, {"America/Lima", "PE"},
	{"Europe/London", "GB"}, {"Europe/Dublin", "IE"},
	{"Europe/Paris", "FR"}, {"Europe/Berlin", "DE"}, {"Europe/Amsterdam", "NL"}, {"Europe/Brussels", "BE"}, {"Europe/Luxembourg", "LU"},
	{"Europe/Zurich", "CH LI"}, {"Europe/Vienna", "AT"}, {"Europe/Rome", "IT"}, {"Europe/Malta", "MT"},
	{"Europe/Copenhagen", "DK"}, {"Europe/Stockholm", "SE"}, {"Europe/Oslo", "NO"}, {"Europe/Helsinki", "FI"},
	{"Europe/Warsaw", "PL"}, {"Europe/Prague", "CZ"}, {"Europe/Bratislava", "SK"}, {"Europe/Budapest", "HU"},
	{"Europe/Ljubljana", "SI"}, {"Europe/Zagreb", "HR"}, {"Europe/Bucharest", "RO"}, {"Europe/Sofia", "BG"}, {"Europe/Athens", "GR"},
	{"Europe/Tallinn", "EE"}, {"Europe/Riga", "LV"}, {"Europe/Vilnius", "LT"}, {"Europe/Istanbul", "TR"},
	{"Asia/Tokyo", "JP"}, {"Asia/Seoul", "KR"}, {"Asia/Taipei", "TW"}, {"Asia/Hong_Kong", "HK"}, {"Asia/Singapore", "SG"},
	{"Asia/Bangkok", "TH"}, {"Asia/Ho_Chi_Minh", "VN"}, {"Asia/Manila", "PH"}, {"Asia/Kolkata", "IN"}, {"Asia/Colombo", "LK"},
	{"Asia/Dhaka", "BD"}, {"Asia/Karachi", "PK"}, {"Asia/Dubai", "AE"}, {"Asia/Jerusalem", "IL"},
	{"Africa/Johannesburg", "ZA"}, {"Africa/Cairo", "EG"}, {"Africa/Casablanca", "MA"},
}
