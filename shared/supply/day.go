package supply

import (
	"time"

	"headstart/shared/fault"
)

// Day is a calendar day in a marketplace's own zone, counted from 1970-01-01.
// The zero value means "not known"; no promise was ever made for that day.
type Day int32

// Undated sorts after every real day: supply that will come, nobody knows when.
const Undated Day = 1<<31 - 1

// DayOf returns the calendar day of t in t's own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2026-03-18", or returns fault.Invalid naming field.
func ParseDay(field, s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s %q is not a day; write it as 2006-01-02", field, s)
	}
	return DayOf(t), nil
}

// Known reports whether d is a real day.
func (d Day) Known() bool { return d != 0 && d != Undated }

// Date returns midnight UTC of the day, for arithmetic on dates only.
func (d Day) Date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String returns "2026-03-18", or "" for a day that is not known.
func (d Day) String() string {
	if !d.Known() {
		return ""
	}
	return d.Date().Format(time.DateOnly)
}

// MarshalText and UnmarshalText make a Day "2026-03-18" in JSON; use *Day or
// omitzero where an unknown day must be null or absent.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	parsed, err := ParseDay("day", string(b))
	*d = parsed
	return err
}

// Calendar is a marketplace's zone and business days. Implementations are pure
// functions of their arguments and safe for concurrent use.
type Calendar interface {
	// Day returns the local calendar day of the instant t.
	Day(t time.Time) Day
	// Start returns the instant at which the local day d begins.
	Start(d Day) time.Time
	// AddBusinessDays returns the n-th business day after d (Monday to Friday
	// less national holidays). With n = 0 it returns d itself, whatever it is.
	AddBusinessDays(d Day, n int) Day
}
