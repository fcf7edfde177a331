package carrier

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// maxBody is the design's limit for JSON, section 5.
const maxBody = 1 << 20

// maxDepth is deeper than any provider nests and shallow enough for any stack.
const maxDepth = 32

// invalid refuses a body for what a field holds.
func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "UNREADABLE_BODY", format, args...)
}

// decode reads one JSON value. Names twice in an object, invalid UTF-8, text
// after the value and nesting beyond maxDepth are refused; unknown names are
// ignored.
func decode(body []byte, v any) error {
	if len(body) > maxBody {
		return fault.New(fault.TooLarge, "TOO_LARGE", "the body has %d bytes; at most %d are allowed", len(body), maxBody)
	}
	if deeper(body, maxDepth) {
		return invalid("the body nests deeper than %d levels", maxDepth)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &fault.Error{Kind: fault.Invalid, Code: "UNREADABLE_BODY", Message: "the body is not the JSON of this provider", Err: err}
	}
	return nil
}

// deeper reports whether JSON nests deeper than limit. The decoder recurses, so
// this is asked first; of what is not JSON it may say anything.
func deeper(body []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i += quoted(body[i+1:]) + 1
		case '{', '[':
			if depth++; depth > limit {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// quoted returns where the string ends that begins before b.
func quoted(b []byte) int {
	for end := 0; ; end++ {
		next := bytes.IndexByte(b[end:], '"')
		if next < 0 {
			return len(b)
		}
		end += next
		escapes := end - len(bytes.TrimRight(b[:end], "\\"))
		if escapes%2 == 0 {
			return end
		}
	}
}

// loose is a text of providers whose types vary: a text, or a number, true or
// false as it is written, or null, which is "".
type loose string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *loose) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	t, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch t.Kind() {
	case 'n':
		*l = ""
	case '"', '0', 't', 'f':
		*l = loose(t.String())
	default:
		return invalid("%s is neither a text nor a number", d.StackPointer())
	}
	return nil
}

// each is a list that is read element by element: visit gets one after the
// other, and what it keeps is all that stays in memory. An element that holds
// something else than it should, or that visit refuses, is noted in unread and
// takes no neighbour along; what is no JSON makes the whole body unreadable.
type each[T any] struct {
	visit  func(i int, element *T) error
	unread unread
	count  int
	there  bool // the list may be empty, but it is not null or left out
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *each[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if t, err := d.ReadToken(); err != nil || t.Kind() == 'n' {
		return err
	} else if e.there = t.Kind() == '['; !e.there {
		return invalid("%s is not a list", d.StackPointer())
	}
	for ; d.PeekKind() != ']'; e.count++ {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := e.one(raw); err != nil {
			e.unread.note(err)
		}
	}
	_, err := d.ReadToken()
	return err
}

// one reads an element whose syntax is known to be right.
func (e *each[T]) one(raw jsontext.Value) error {
	element := new(T)
	if err := json.Unmarshal(raw, element, jsontext.AllowDuplicateNames(true)); err != nil {
		return &fault.Error{Kind: fault.Invalid, Code: "UNREADABLE_BODY", Message: fmt.Sprintf("element %d is not the JSON of this provider", e.count), Err: err}
	}
	return e.visit(e.count, element)
}

// instant reads an RFC 3339 time; the zero time when s is empty.
func instant(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 {
		return time.Time{}, invalid("%s %q is not a time since 1970; write it as 2006-01-02T15:04:05Z", field, supply.Words(s, 40))
	}
	return t.UTC(), nil
}

// momentLayouts are how providers write times: with their offset, and without.
var momentLayouts = []struct {
	layout string
	local  bool
}{
	{time.RFC3339, false}, {"2006-01-02T15:04:05Z0700", false}, {"2006-01-02T15:04Z07:00", false},
	{"2006-01-02 15:04:05Z07:00", false}, {"2006-01-02 15:04:05 Z07:00", false}, {"2006-01-02 15:04:05 Z0700", false},
	{"2006-01-02T15:04:05", true}, {"2006-01-02 15:04:05", true}, {"2006-01-02T15:04", true}, {"2006-01-02 15:04", true},
	{time.DateOnly, true},
}

// moment reads a time of a provider that may leave the zone, the seconds or the
// time of day out; local says that the zone is not known and the time is written
// as if it were UTC. It returns the zero time when s is empty.
func moment(field, s string) (at time.Time, local bool, err error) {
	at, local, err = written(field, s)
	return at.UTC(), local, err
}

// written is moment in the zone that s names.
func written(field, s string) (at time.Time, local bool, err error) {
	if s == "" {
		return time.Time{}, false, nil
	}
	const day = len(time.DateOnly)
	zoned := len(s) > day && (s[len(s)-1] == 'Z' || strings.ContainsAny(s[day:], "+-"))
	colon := zoned && (s[len(s)-1] == 'Z' || s[len(s)-3] == ':')
	for _, l := range momentLayouts {
		// A failed attempt costs more than all the rest.
		if l.local == zoned || zoned && colon != strings.HasSuffix(l.layout, ":00") || len(s) > day && len(l.layout) > day && s[day] != l.layout[day] {
			continue
		}
		if t, err := time.Parse(l.layout, s); err == nil && t.Year() >= 1970 {
			return t, l.local, nil
		}
	}
	return time.Time{}, false, invalid("%s %q is not a time since 1970; write it as 2006-01-02T15:04:05Z", field, supply.Words(s, 40))
}

// span reads a window whose ends are written as moment reads them. An end
// without a zone, or at midnight of its own, names a day; then both ends are
// days, which hold in any zone. One end alone is both, and ends in the wrong
// order are exchanged: the later one makes the promise. Without any end it
// returns the zero Window.
func span(field, from, to string) (supply.Window, error) {
	if from == "" && to == "" {
		return supply.Window{}, nil
	}
	first, firstDay, err := spanEnd(field, cmp.Or(from, to))
	if err != nil {
		return supply.Window{}, err
	}
	last, lastDay, err := spanEnd(field, cmp.Or(to, from))
	if err != nil {
		return supply.Window{}, err
	}
	w := supply.Window{From: first.UTC(), To: last.UTC(), DateOnly: firstDay || lastDay}
	if w.DateOnly {
		w.From, w.To = dayOf(first), dayOf(last)
	}
	if w.From.After(w.To) {
		w.From, w.To = w.To, w.From
	}
	return w, nil
}

func spanEnd(field, s string) (at time.Time, day bool, err error) {
	at, local, err := written(field, s)
	hour, minute, second := at.Clock()
	return at, local || hour+minute+second == 0, err
}

// dayOf returns the day of t where t was written, at midnight UTC.
func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// day reads a calendar day as a window that holds in any zone.
func day(field, s string) (supply.Window, error) {
	d, err := supply.ParseDay(field, supply.Words(s, 40))
	if err != nil {
		return supply.Window{}, err
	}
	return supply.Window{From: d.Date(), To: d.Date(), DateOnly: true}, nil
}

// oldestFirst turns a history around that begins with its end.
func oldestFirst(scans []supply.Scan) {
	if n := len(scans); n > 1 && scans[0].At.After(scans[n-1].At) {
		slices.Reverse(scans)
	}
}

// sumUp adds the status that a provider sums its history up with, where no scan
// has it. The newest scan gets it if that has but words, else it is a scan of its
// own, as old as the newest one. A status that no table holds is not one that
// means nothing.
func sumUp(scans []supply.Scan, sum supply.Scan) []supply.Scan {
	unmapped := sum.Code == supply.CodeUnknown
	if n := len(scans); n > 0 {
		last := &scans[n-1]
		for i := range scans {
			if scans[i].At.After(last.At) {
				last = &scans[i]
			}
		}
		if sum.At.IsZero() {
			sum.At, sum.Local = last.At, last.Local
		}
		if !unmapped && last.Status == supply.TrackUnknown && last.Code == supply.CodeInfo {
			last.Status, last.Code = sum.Status, sum.Code
		}
	}
	if slices.ContainsFunc(scans, func(s supply.Scan) bool { return s.Status == sum.Status && (s.Code == supply.CodeUnknown) == unmapped }) {
		return scans
	}
	return append(scans, sum)
}

// place joins what is known of a scan's place.
func place(parts ...string) string {
	known := slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return supply.Words(strings.Join(known, ", "), supply.MaxScanPlace)
}

// maxAlso bounds the other numbers of one parcel. Two couriers and a master
// bill are four; more would be somebody's list of parcels.
const maxAlso = 8

// another adds a number that leads to the same goods as own. What is no tracking
// number, or is known, is left out.
func another(known []string, own, number string) []string {
	same := func(one string) bool { return supply.NormalNumber(one) == supply.NormalNumber(number) }
	if _, err := supply.ParseTrackingNumber("number", number); err != nil || len(known) == maxAlso || same(own) || slices.ContainsFunc(known, same) {
		return known
	}
	return append(known, number)
}

// words is a scan's text: the first of the carrier's own words that says
// anything.
func words(texts ...string) string {
	for _, s := range texts {
		if w := supply.Words(s, supply.MaxScanText); w != "" {
			return w
		}
	}
	return ""
}

// unmapped is a scan with a status or code that no table holds: it is kept and
// counted, moves nothing, and shows the raw code to whoever looks.
func unmapped(raw ...string) supply.Scan {
	known := slices.DeleteFunc(raw, func(s string) bool { return s == "" })
	text := words(strings.Join(known, " "))
	if text == "" {
		text = "no status"
	}
	return supply.Scan{Status: supply.TrackUnknown, Code: supply.CodeUnknown, Text: text}
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// newest returns when the latest of the scans happened; zero without one.
func newest(scans []supply.Scan) (at time.Time) {
	for i := range scans {
		if scans[i].At.After(at) {
			at = scans[i].At
		}
	}
	return at
}

// unread gathers what of a body could not be read, so that one bad event does
// not take its neighbours along.
type unread struct {
	first error
	count int
}

func (u *unread) note(err error) {
	if u.first == nil {
		u.first = err
	}
	u.count++
}

// err returns nil when all was read.
func (u *unread) err(total int) error {
	if u.count == 0 {
		return nil
	}
	return fault.Wrap(u.first, fmt.Sprintf("%d of %d events cannot be read; the first", u.count, total))
}
