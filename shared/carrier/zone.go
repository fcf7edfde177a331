package carrier

import (
	"fmt"
	"sync"
	"time"
)

// zoneOf returns the zone that the code of a clock names (the two letters or
// digits of X12's element 623), else the one that the place is wholly in: a state
// of North America, or a country. Nil when neither is known.
//
// Source: stedi.com/edi/x12-004010/segment/AT7: without a code the time is local.
func zoneOf[S ~string | ~[]byte](code, state, country S) *time.Location {
	z := zones()
	if zone := z.codes[string(code)]; zone != nil {
		return zone
	}
	switch string(country) {
	case "", "US", "USA", "CA", "CAN":
		return z.states[string(state)]
	}
	return z.countries[string(country)]
}

// zoneTable finds zones; a zone that this machine does not know is in none.
type zoneTable struct{ codes, states, countries map[string]*time.Location }

// zones loads the zones once. Programs carry them along (boot embeds them).
var zones = sync.OnceValue(func() zoneTable {
	t := zoneTable{codeOffsets(), make(map[string]*time.Location), make(map[string]*time.Location)}
	fill := func(m map[string]*time.Location, rows []zoneRow) {
		for _, row := range rows {
			zone, err := time.LoadLocation(row.zone)
			for i := 0; err == nil && i+2 <= len(row.places); i += 3 {
				m[row.places[i:i+2]] = zone
			}
		}
	}
	fill(t.codes, codeZones)
	fill(t.states, stateZones)
	fill(t.countries, countryZones)
	return t
})

// zoneRow is a zone and what is wholly in it: codes of two letters, each
// followed by a blank.
type zoneRow struct{ zone, places string }

// codeZones are the codes that leave summer time to the date.
// Source: stedi.com/edi/x12/element/623.
var codeZones = []zoneRow{
	{"America/St_Johns", "NT"},
	{"America/Halifax", "TT"}, // Atlantic
	{"America/New_York", "ET"},
	{"America/Chicago", "CT"},
	{"America/Denver", "MT"}, // Arizona, which keeps MS all year, is not meant
	{"America/Los_Angeles", "PT"},
	{"America/Anchorage", "AT"}, // Alaska
	{"Pacific/Honolulu", "HT"},  // Hawaii and the Aleutians, of which the former has the docks
}

// codeOffsets returns the codes that name an offset. Source: the same.
func codeOffsets() map[string]*time.Location {
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

// stateZones are the states and provinces with one zone. Those that are split
// are not there: AK AZ (the Navajo Nation has summer time) FL ID IN KS KY MI ND
// NE NV OR SD TN TX, and BC NL NT NU ON QC SK.
// Source: IANA time zone database, northamerica.
var stateZones = []zoneRow{
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

// countryZones are countries with one zone, as far as lorries, trains and
// ships send status messages from there; Germany's second, Büsingen, has kept the
// same time since 1981. Source: the same, zone.tab.
var countryZones = []zoneRow{
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
