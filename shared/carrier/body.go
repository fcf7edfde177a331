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

// A body may hold no more than this, so that a short one cannot take much memory:
// {} in a list becomes an event of up to a kilobyte. The longest body then takes
// no more than eight times its length. What holds more is kept for a person.
const (
	maxDepth = 32     // deeper than any provider nests, and shallow enough for any stack
	maxItems = 5000   // in all lists together, other than texts
	maxTexts = 12_000 // in all lists together
)

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
	if err := measure(body); err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &fault.Error{Kind: fault.Invalid, Code: "UNREADABLE_BODY", Message: "the body is not the JSON of this provider", Err: err}
	}
	return nil
}

// measure refuses JSON that nests too deep or lists too much. It is asked before
// the decoder, which recurses and allocates; of what is not JSON it may say
// anything.
func measure(body []byte) error {
	var lists uint64 // bit by bit the levels, the innermost last: is it a list?
	depth, items, texts, begins := 0, 0, 0, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c <= ' ' {
			continue
		}
		if begins && c != ']' {
			if c == '"' {
				texts++
			} else {
				items++
			}
		}
		begins = c == '[' || c == ',' && lists&1 == 1
		switch c {
		case '"':
			i += quoted(body[i+1:]) + 1
		case '{', '[':
			if depth++; depth > maxDepth {
				return invalid("the body nests deeper than %d levels", maxDepth)
			}
			if lists <<= 1; c == '[' {
				lists |= 1
			}
		case '}', ']':
			depth--
			lists >>= 1
		}
	}
	if items > maxItems || texts > maxTexts {
		return fault.New(fault.TooLarge, "TOO_LARGE", "the lists of the body have %d elements and %d texts; at most %d and %d are allowed", items, texts, maxItems, maxTexts)
	}
	return nil
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
	visit  func(i int, element *T) error // element is the next one's afterwards
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
	element := new(T)
	for ; d.PeekKind() != ']'; e.count++ {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := e.one(raw, element); err != nil {
			e.unread.note(err)
		}
	}
	_, err := d.ReadToken()
	return err
}

// syntaxRead asks no more what the list's own decoder has asked already.
var syntaxRead = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// one reads an element whose syntax is known to be right.
func (e *each[T]) one(raw jsontext.Value, element *T) error {
	var empty T
	*element = empty
	if err := json.Unmarshal(raw, element, syntaxRead); err != nil {
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
	strict, local := rfc3339(s)
	at, err = time.Parse(time.RFC3339, strict)
	if err != nil || at.Year() < 1970 {
		return time.Time{}, false, invalid("%s %q is not a time since 1970; write it as 2006-01-02T15:04:05Z", field, supply.Words(s, 40))
	}
	return at, local, nil
}

// rfc3339 completes a time that leaves out the T, the seconds, the colon of the
// offset, or the time of day; local says that it had no offset. What is no such
// time comes back as none.
func rfc3339(s string) (strict string, local bool) {
	const day = len(time.DateOnly)
	if len(s) == day {
		return s + "T00:00:00Z", true
	}
	if len(s) <= day || s[day] != 'T' && s[day] != ' ' {
		return "", false
	}
	clock, zone := strings.TrimLeft(s[day+1:], " "), ""
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zone = strings.TrimRight(clock[:i], " "), clock[i:]
	}
	local = zone == ""
	if strings.IndexByte(clock, ':') == 1 {
		clock = "0" + clock
	}
	switch len(zone) {
	case 0:
		zone = "Z"
	case len("+0000"):
		zone = zone[:3] + ":" + zone[3:]
	}
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	return s[:day] + "T" + clock + zone, local
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
	last, lastDay := first, firstDay
	if err == nil && from != "" && to != "" {
		last, lastDay, err = spanEnd(field, to)
	}
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
	normal := supply.NormalNumber(number)
	same := func(one string) bool { return supply.NormalNumber(one) == normal }
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
