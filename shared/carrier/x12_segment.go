package carrier

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"headstart/shared/supply"
)

// x12Segment is a tag and its elements, without blanks around them.
type x12Segment [][]byte

func (s x12Segment) tag() string { return string(s[0]) }

// at returns element i, counted from 1; nil when the segment is shorter.
func (s x12Segment) at(i int) []byte {
	if i < len(s) {
		return s[i]
	}
	return nil
}

// text returns element i as it came.
func (s x12Segment) text(i int) string { return string(s.at(i)) }

// x12Marks are the separators of an interchange.
type x12Marks struct {
	element, end byte
	component    byte // 0 where ISA leaves it out
}

const (
	x12MaxElements = 40 // LIN, the longest that we read, has 31
	x12MaxHeader   = 64 // bytes of an element of ISA, GS or ST; the longest has 35
)

// split appends the elements of a segment to s. Elements beyond x12MaxElements
// are left away.
func (m x12Marks) split(s x12Segment, raw []byte) x12Segment {
	for len(s) < x12MaxElements {
		i := bytes.IndexByte(raw, m.element)
		if i < 0 {
			return append(s, x12Trim(raw))
		}
		s = append(s, x12Trim(raw[:i]))
		raw = raw[i+1:]
	}
	return s
}

// x12Reader walks through the segments of a body.
type x12Reader struct {
	body    []byte
	rest    []byte // of body, still to be read
	marks   x12Marks
	raw     []byte     // the segment as it came
	segment x12Segment // the same, split; valid until the next
}

// openX12 finds out how a body is separated: by its ISA, or where the envelope
// was taken off by its GS or ST.
func openX12(body []byte) (*x12Reader, error) {
	body = x12Trim(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	r := &x12Reader{body: body, rest: body, segment: make(x12Segment, 0, x12MaxElements)}
	var known bool
	switch {
	case bytes.HasPrefix(body, []byte("ISA")):
		_, r.marks, known = x12Header(body)
	case bytes.HasPrefix(body, []byte("GS")):
		r.marks, known = x12Bare(body, 8)
	case bytes.HasPrefix(body, []byte("ST")):
		r.marks, known = x12Bare(body, 2)
	default:
		return nil, invalid("the body is no X12: it begins with none of ISA, GS and ST")
	}
	if !known {
		return nil, invalid("the separators cannot be told from the body's first segment")
	}
	return r, nil
}

// next moves to the next segment that is not empty. Every ISA brings its own
// separators. A last segment without its end may be cut off, which only a
// trailer survives.
func (r *x12Reader) next() bool {
	for {
		if r.rest = x12TrimLeft(r.rest); len(r.rest) == 0 {
			return false
		}
		if size, marks, ok := x12Header(r.rest); ok {
			r.raw, r.rest, r.marks = r.rest[:size], r.rest[size:], marks
			r.segment = marks.split(r.segment[:0], r.raw)
			return true
		}
		raw, rest, ended := bytes.Cut(r.rest, []byte{r.marks.end})
		r.rest = rest
		if r.raw = r.unwrap(raw); len(r.raw) == 0 {
			continue
		}
		r.segment = r.marks.split(r.segment[:0], r.raw)
		switch r.segment.tag() {
		case "SE", "GE", "IEA":
			return true
		}
		return ended
	}
}

// unwrap undoes what line ends do to a segment.
func (r *x12Reader) unwrap(raw []byte) []byte {
	raw = x12Trim(raw)
	if r.marks.end == '\n' || r.marks.end == '\r' {
		// A sender that leaves ISA16 out has its terminator there, and at the end
		// of every line.
		for len(raw) > 0 && raw[len(raw)-1] == r.marks.component {
			raw = raw[:len(raw)-1]
		}
		return raw
	}
	if bytes.ContainsAny(raw, "\r\n") {
		return slices.DeleteFunc(bytes.Clone(raw), func(c byte) bool { return c == '\r' || c == '\n' })
	}
	return raw
}

// x12Header reads the separators from an ISA and returns its size with its end.
// They are found by counting elements, for not everybody fills them up to their
// fixed width.
func x12Header(b []byte) (size int, m x12Marks, ok bool) {
	if !bytes.HasPrefix(b, []byte("ISA")) {
		return 0, m, false
	}
	at, element, ok := x12Elements(b, 3, 16)
	if !ok || at == len(b) {
		return 0, m, false
	}
	m = x12Marks{element: element, component: b[at]}
	at++
	end := at + len(b[at:]) - len(bytes.TrimLeft(b[at:], " "))
	if end < len(b) && x12Mark(b[end]) {
		m.end, end = b[end], end+1
	} else {
		m.end, m.component, end = m.component, 0, at // ISA16 is left out
	}
	return end, m, x12Mark(m.end) && m.end != element
}

// x12Bare reads the separators from a GS or ST of n elements: the last is made
// of letters and digits.
func x12Bare(b []byte, n int) (m x12Marks, ok bool) {
	at, element, ok := x12Elements(b, 2, n)
	if !ok {
		return m, false
	}
	for ; at < len(b) && (x12Alphanumeric(b[at]) || b[at] == element || b[at] == ' '); at++ {
	}
	if at == len(b) {
		return m, false
	}
	return x12Marks{element: element, end: b[at]}, x12Mark(b[at])
}

// x12Elements returns where element n of a header begins, whose tag has the
// given size.
func x12Elements(b []byte, tag, n int) (at int, element byte, ok bool) {
	if len(b) <= tag || !x12Mark(b[tag]) || b[tag] == '\r' || b[tag] == '\n' {
		return 0, 0, false
	}
	element = b[tag]
	at = tag + 1
	for range n - 1 {
		i := bytes.IndexByte(b[at:min(len(b), at+x12MaxHeader)], element)
		if i < 0 {
			return 0, 0, false
		}
		at += i + 1
	}
	return at, element, true
}

// x12Mark reports whether a character may separate.
func x12Mark(c byte) bool { return c != 0 && c != ' ' && !x12Alphanumeric(c) }

func x12Alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// x12Text returns an element's text, fit to be stored and shown.
func x12Text(raw []byte, limit int) string {
	head := raw[:min(len(raw), x12MaxText)]
	for cut := 1; len(head) < len(raw) && cut < utf8.UTFMax && !utf8.RuneStart(raw[len(head)]); cut++ {
		head = head[:len(head)-1]
	}
	return supply.Words(x12UTF8(head), limit)
}

// x12MaxText is longer than any text that we keep, in bytes.
const x12MaxText = 1000

// x12UTF8 returns an element in UTF-8. What is not that already is ISO 8859-1,
// whose characters are the first of Unicode.
func x12UTF8(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	latin := make([]rune, len(raw))
	for i, c := range raw {
		latin[i] = rune(c)
	}
	return string(latin)
}

// x12Number returns the whole number that an element holds; -1 when it is none
// or has more than nine digits.
func x12Number(raw []byte) (n int) {
	if len(raw) == 0 || len(raw) > 9 {
		return -1
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// x12Trim takes blanks, line ends and other control characters off both ends.
func x12Trim(raw []byte) []byte {
	raw = x12TrimLeft(raw)
	for len(raw) > 0 && raw[len(raw)-1] <= ' ' {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func x12TrimLeft(raw []byte) []byte {
	for len(raw) > 0 && raw[0] <= ' ' {
		raw = raw[1:]
	}
	return raw
}
