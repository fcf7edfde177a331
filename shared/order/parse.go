package order

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Limits of one body.
const (
	MaxBodyBytes = 256 << 10 // what a queue takes in one message; longer is fault.TooLarge
	MaxLines     = 1000      // before lines of one SKU are summed
	maxDepth     = 16        // the known fields need 3; nobody nests an order deeper by honest means
	maxText      = 200       // bytes of buyer, carrier and trackingNumber
)

// noUnits marks a type whose units are ignored.
const noUnits supply.Units = -1

// rules says what each type asks for beyond orderId, seller, marketplace and
// lines. Source: design section 5, "Order systems".
var rules = [...]struct {
	name     string
	lowest   supply.Units // of one line
	placedAt bool         // is required
	revision bool         // is required
}{
	Placed:    {name: "order.placed", lowest: 1, placedAt: true},
	Changed:   {name: "order.changed", lowest: 1, revision: true},
	Cancelled: {name: "order.cancelled", lowest: noUnits},
	Shipped:   {name: "order.shipped", lowest: 0},
}

// String returns the type as it is written in a body: "order.placed".
func (t Type) String() string { return rules[t].name }

// field is one known name and how its value is read.
type field struct {
	name string
	read func(*parser) error
}

// A null counts as absent everywhere, so no reader ever sees one.
var messageFields = []field{
	{"type", (*parser).readType},
	{"orderId", func(p *parser) error { return name(p, &p.msg.OrderID, nil, supply.ParseOrderID) }},
	{"seller", func(p *parser) error { return name(p, &p.msg.Seller, &p.seller, supply.ParseSellerID) }},
	{"marketplace", func(p *parser) error {
		return name(p, &p.msg.Marketplace, &p.marketplace, supply.ParseMarketplaceID)
	}},
	{"placedAt", func(p *parser) error { return p.instant(&p.msg.PlacedAt) }},
	{"revision", func(p *parser) error { return whole(p, &p.msg.Revision, 0, 1<<32-1) }},
	{"split", func(p *parser) error { return p.boolean(&p.msg.Split) }},
	{"lines", (*parser).readLines},
	{"holdUntil", func(p *parser) error { return p.instant(&p.msg.HoldUntil) }},
	{"priority", func(p *parser) error { return whole(p, &p.msg.Priority, -1<<31, 1<<31-1) }},
	{"buyer", func(p *parser) error { return p.text(&p.msg.Buyer) }},
	{"final", func(p *parser) error { return p.boolean(&p.msg.Final) }},
	{"carrier", func(p *parser) error { return p.text(&p.msg.Carrier) }},
	{"trackingNumber", func(p *parser) error { return p.text(&p.msg.TrackingNumber) }},
	{"shippedAt", func(p *parser) error { return p.instant(&p.msg.ShippedAt) }},
}

var lineFields = []field{
	{"sku", func(p *parser) error { return name(p, &p.last().sku, &p.sku, supply.ParseSKU) }},
	{"units", (*parser).readUnits},
}

// line is one line as it was read, before its type says what it must hold.
type line struct {
	sku   supply.SKU
	units int64
	given bool  // units are there and a number
	bad   error // why units are not a whole number
}

// parser reads one body at a time. The seller, the marketplace and the SKU of
// the body before are kept, because a queue's messages repeat them.
type parser struct {
	cursor
	msg         Message
	lines       []line
	field       string // being read, for errors
	inLines     bool
	seller      supply.SellerID
	marketplace supply.MarketplaceID
	sku         supply.SKU
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

// Parse returns the message that body holds. It keeps no part of body and is
// safe for concurrent use.
//
// Lines of one SKU are summed into one. A body of more than MaxBodyBytes is
// fault.TooLarge; everything else that is wrong is fault.Invalid and names the
// field: not JSON, nested more than 16 deep, a name twice in one object, invalid
// UTF-8, a missing field, a value out of its range. How many SKUs one order may
// have is a rule of the business and not checked here.
func Parse(body []byte) (Message, error) {
	if len(body) > MaxBodyBytes {
		return Message{}, fault.New(fault.TooLarge, "TOO_LARGE", "the body has %d bytes; at most %d are allowed", len(body), MaxBodyBytes)
	}
	if !jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true)) {
		return Message{}, notJSON(body)
	}
	p := parsers.Get().(*parser)
	defer parsers.Put(p)
	m, err := p.message(body)
	if err == nil && m.Unknown > 0 && !jsontext.Value(body).IsValid() {
		return Message{}, notJSON(body) // object finds known names that occur twice, not the others
	}
	return m, err
}

// message reads body, which is valid JSON but for names that occur twice.
func (p *parser) message(body []byte) (Message, error) {
	p.cursor = cursor{json: body, scratch: p.scratch}
	p.msg, p.lines = Message{Final: true}, p.lines[:0]
	p.field, p.inLines = "", false
	err := p.object(messageFields)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return Message{}, err
	}
	return p.msg, nil
}

// object reads one JSON object of which the fields in known are understood. What
// is not understood is read past and counted.
func (p *parser) object(known []field) error {
	if err := p.expect('{', "a JSON object"); err != nil {
		return err
	}
	p.enter()
	for met := uint32(0); p.kind() != '}'; {
		i := find(known, p.str())
		if i < 0 {
			p.msg.Unknown++
			if p.skip() > maxDepth {
				return tooDeep()
			}
			continue
		}
		p.field = known[i].name
		if met&(1<<i) != 0 {
			return p.invalid("occurs twice")
		}
		met |= 1 << i
		read := known[i].read
		if p.kind() == 'n' {
			read = (*parser).null
		}
		if err := read(p); err != nil {
			return err
		}
	}
	p.leave()
	return nil
}

// find returns the index of the field called name, or -1.
func find(known []field, name []byte) int {
	for i := range known {
		if string(name) == known[i].name {
			return i
		}
	}
	return -1
}

func (p *parser) null() error {
	p.scalar()
	return nil
}

func (p *parser) readType() error {
	if err := p.expect('"', "a string"); err != nil {
		return err
	}
	s := p.str()
	for t := Placed; int(t) < len(rules); t++ {
		if string(s) == rules[t].name {
			p.msg.Type = t
			return nil
		}
	}
	return p.invalid("is %.40q; it must be order.placed, order.changed, order.cancelled or order.shipped", s)
}

func (p *parser) readLines() error {
	if err := p.expect('[', "a list of lines"); err != nil {
		return err
	}
	p.enter()
	p.inLines = true
	for p.kind() != ']' {
		if len(p.lines) == MaxLines {
			return fault.New(fault.Invalid, "INVALID_INPUT", "lines has more than %d lines; at most %d are allowed", MaxLines, MaxLines)
		}
		p.field, p.lines = "", append(p.lines, line{})
		if err := p.object(lineFields); err != nil {
			return err
		}
	}
	p.inLines = false
	p.leave()
	return nil
}

// readUnits accepts any number, because the type that says whether units count
// may stand behind them.
func (p *parser) readUnits() error {
	if err := p.expectNumber(); err != nil {
		return err
	}
	l := p.last()
	l.bad = whole(p, &l.units, -1<<63, 1<<63-1)
	l.given = true
	return nil
}

func (p *parser) last() *line { return &p.lines[len(p.lines)-1] }

// expect returns nil when what comes next begins with first; it reads nothing.
func (p *parser) expect(first byte, want string) error {
	if p.kind() != first {
		return p.invalid("must be %s", want)
	}
	return nil
}

func (p *parser) expectNumber() error {
	if first := p.kind(); first != '-' && (first < '0' || first > '9') {
		return p.invalid("must be a whole number")
	}
	return nil
}

// name reads a string that parse accepts into to. One that equals the known one
// is not parsed again.
func name[T ~string](p *parser, to, known *T, parse func(field, s string) (T, error)) error {
	if err := p.expect('"', "a string"); err != nil {
		return err
	}
	s := p.str()
	if known != nil && len(s) > 0 && string(s) == string(*known) {
		*to = *known
		return nil
	}
	parsed, err := parse(p.field, string(s))
	if err != nil {
		_, err = parse(p.where(), string(s))
		return err
	}
	if known != nil {
		*known = parsed
	}
	*to = parsed
	return nil
}

// whole reads a JSON integer from lowest to highest into n.
func whole[T int32 | uint32 | int64](p *parser, n *T, lowest, highest int64) error {
	if err := p.expectNumber(); err != nil {
		return err
	}
	raw := p.scalar()
	v, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || v < lowest || v > highest {
		return p.invalid("is %.40s; it must be a whole number from %d to %d, without point or exponent", raw, lowest, highest)
	}
	*n = T(v)
	return nil
}

func (p *parser) boolean(b *bool) error {
	if first := p.kind(); first != 't' && first != 'f' {
		return p.invalid("must be true or false")
	}
	*b = p.scalar()[0] == 't'
	return nil
}

// instant reads an RFC 3339 time of the years 1970 to 9999. Beyond them a time
// could not be written again, and the zero time means that there is none.
func (p *parser) instant(t *time.Time) error {
	if err := p.expect('"', "a string"); err != nil {
		return err
	}
	s := p.str()
	if err := t.UnmarshalText(s); err != nil || !strict(s) {
		return p.invalid("must be a time of RFC 3339 such as 2026-03-01T10:00:00Z")
	}
	if *t = t.UTC(); t.Year() < 1970 || t.Year() > 9999 {
		return p.invalid("must lie in the years 1970 to 9999")
	}
	return nil
}

// strict reports whether s, which package time could read, is RFC 3339 as well:
// package time also takes an hour of one digit, a decimal comma and a zone of a
// day and more. Source: RFC 3339, section 5.6; go.dev/issue/54580.
func strict(s []byte) bool {
	n := len(s)
	return n >= len("2006-01-02T15:04:05Z") && s[len("2006-01-02T15")] == ':' && s[len("2006-01-02T15:04:05")] != ',' &&
		(s[n-1] == 'Z' || string(s[n-len("15:04"):n-len(":04")]) < "24" && string(s[n-len("04"):]) < "60")
}

// text reads free text. Errors do not repeat it: it may name a person.
func (p *parser) text(to *string) error {
	if err := p.expect('"', "a string"); err != nil {
		return err
	}
	s := string(p.str())
	if len(s) > maxText {
		return p.invalid("has %d bytes; at most %d are allowed", len(s), maxText)
	}
	for _, r := range s {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return p.invalid("has a control character")
		}
	}
	*to = s
	return nil
}

// where names the value being read: "lines[3].units".
func (p *parser) where() string {
	switch {
	case p.inLines:
		return lineField(len(p.lines)-1, p.field)
	case p.field == "":
		return "the body"
	}
	return p.field
}

func lineField(i int, field string) string {
	return strings.TrimSuffix("lines["+strconv.Itoa(i)+"]."+field, ".")
}

func (p *parser) invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "INVALID_INPUT", "%s "+format, append([]any{p.where()}, args...)...)
}

// check holds what was read against the rules of its type and completes it.
func (p *parser) check() error {
	m, rule := &p.msg, &rules[p.msg.Type]
	for _, required := range [...]struct {
		field string
		given bool
	}{
		{"type", m.Type != 0},
		{"orderId", m.OrderID != ""},
		{"seller", m.Seller != ""},
		{"marketplace", m.Marketplace != ""},
		{"placedAt", !rule.placedAt || !m.PlacedAt.IsZero()},
		{"revision", !rule.revision || m.Revision != 0},
		{"lines", len(p.lines) > 0},
	} {
		if !required.given {
			return missing(required.field)
		}
	}
	m.Revision = max(m.Revision, 1)
	m.Final = m.Final && m.Type == Shipped
	return p.sum()
}

// sum makes the message's lines out of those read, one for each SKU in order of
// appearance.
func (p *parser) sum() error {
	at := make(map[supply.SKU]int)
	sums := make([]Line, 0, len(p.lines))
	for i := range p.lines {
		sku := p.lines[i].sku
		units, err := p.wanted(i)
		if err != nil {
			return err
		}
		first, again := at[sku]
		if !again {
			at[sku] = len(sums)
			sums = append(sums, Line{sku, units})
			continue
		}
		if sums[first].Units += units; sums[first].Units > supply.MaxUnits {
			return fault.New(fault.Invalid, "INVALID_INPUT", "%s brings %q to more than %d units", lineField(i, "units"), sku, supply.MaxUnits)
		}
	}
	p.msg.Lines = sums
	return nil
}

// wanted returns the units of line i, 0 for a type whose units are ignored.
func (p *parser) wanted(i int) (supply.Units, error) {
	l, lowest := &p.lines[i], rules[p.msg.Type].lowest
	switch {
	case l.sku == "":
		return 0, missing(lineField(i, "sku"))
	case lowest == noUnits:
		return 0, nil
	case !l.given:
		return 0, missing(lineField(i, "units"))
	case l.bad != nil:
		return 0, l.bad
	case l.units == 0 && p.msg.Type == Changed:
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s is 0; leave the line out, or send order.cancelled to give up the whole order", lineField(i, "units"))
	case l.units < int64(lowest) || l.units > int64(supply.MaxUnits):
		return supply.ParseUnits(lineField(i, "units"), l.units, lowest)
	}
	return supply.Units(l.units), nil
}

func missing(field string) error {
	return fault.New(fault.Invalid, "INVALID_INPUT", "%s is required", field)
}
