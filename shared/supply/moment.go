package supply

import "time"

// moment is a time as a unit keeps it: whole milliseconds since 1970 plus one;
// 0 = not known, which is before all others.
type moment int64

// momentOf returns t, which milli made, as a moment.
func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixMilli()) + 1
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m) - 1).UTC()
}

// first returns the earlier of two moments that are known.
func (m moment) first(o moment) moment {
	if m == 0 || o != 0 && o < m {
		return o
	}
	return m
}

// eternity is after every moment: the end of the year 9999, as milli bounds it.
const eternity moment = 253402300800000 + 1

// hours is a span of moments.
const hours moment = 3600 * 1000

// milli returns t in UTC as it is stored, in whole milliseconds; zero for a time
// before 1970 or after 9999, which nobody can mean.
func milli(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest returns the earlier of two times; zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
