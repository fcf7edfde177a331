package carrier

import (
	"bytes"
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
