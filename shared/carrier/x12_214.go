package carrier

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"time"

	"headstart/shared/supply"
)

// x12Status reads a transaction set 214. Its loops (LX) may all speak of one
// shipment, which the header and any of them name, or each of another: they do
// when two of them name different PRO numbers, or different bills of lading where
// there is no PRO. Then what the header says names none of them.
type x12Status struct {
	body   *x12Body
	first  int // the set's first report in the body
	issuer string

	header   x12Names
	loops    x12Names
	units    map[string]int // PRO numbers and bills of lading to reports
	named    int            // reports in units
	common   int            // the report of loops without such a name, plus one; 0 = none
	orphans  int            // events in it
	attempts map[x12Attempt]int

	inLoop bool
	names  x12Names   // of the loop
	events []x12Event // of the loop
	place  x12Place   // the loop's latest
	ahead  bool       // place stands before the event that it belongs to
}

// x12Event is an AT7. Where it happened, and so its zone, may follow it.
type x12Event struct {
	x12Meaning
	text   string
	wall   x12Wall
	zone   []byte // time code
	where  x12Place
	placed bool
}

// x12Attempt is an attempt to deliver, as far as it is told.
type x12Attempt struct {
	report int
	scan   supply.Scan
}

// x12MaxEvents is how many AT7 one loop may hold; the standard allows 10.
const x12MaxEvents = 1000

// start begins a set; what it needs for its loops it takes from the last.
func (s *x12Status) start(b *x12Body) {
	*s = x12Status{body: b, first: len(b.reports), header: s.header[:0], loops: s.loops[:0], names: s.names[:0], events: s.events[:0]}
}

func (s *x12Status) segment(e x12Segment) {
	switch e.tag() {
	case "B10":
		s.header.add(x12PRO, e.at(1))
		s.header.add(x12Shipment, e.at(2))
		s.issuer = x12Text(e.at(3), 20)
	case "LX":
		s.endLoop()
		s.inLoop = true
	case "L11":
		names := &s.header
		if s.inLoop {
			names = &s.names
		}
		names.add(x12References[string(e.at(2))], e.at(1))
	case "AT7":
		s.event(e)
	case "MS1":
		s.located(x12Place{e.at(1), e.at(2), e.at(3)})
	case "Q5": // older senders have it in place of MS1
		s.located(x12Place{e.at(6), e.at(7), e.at(8)})
	case "AT8":
		s.pieces(e.at(4))
	}
}

// event reads an AT7: a status, or an appointment.
func (s *x12Status) event(e x12Segment) {
	code, reason := e.at(1), e.at(2)
	if len(code) == 0 {
		code, reason = e.at(3), e.at(4)
	}
	day, clock, zone := e.at(5), e.at(6), e.at(7)
	if len(day) == 6 && len(clock) == 2 { // release 3070 has the century here
		clock, zone = e.at(7), e.at(8)
	}
	wall, dated := x12WallOf(day, clock)
	switch {
	case len(code) == 0:
		s.body.lose(errX12Code)
		return
	case !dated:
		s.body.lose(errX12Day)
		return
	case len(s.events) == x12MaxEvents:
		s.body.lose(errX12Loop)
		return
	}
	s.body.total++
	event := x12Event{wall: wall, zone: zone, where: s.place, placed: s.ahead}
	event.x12Meaning, event.text = x12Mean(code, reason)
	s.events = append(s.events, event)
	s.ahead = false
}

// located is told where an event happened: those that wait for a place, else the
// next one.
func (s *x12Status) located(p x12Place) {
	s.place, s.ahead = p, true
	for i := len(s.events) - 1; i >= 0 && !s.events[i].placed; i-- {
		s.events[i].where, s.events[i].placed = p, true
		s.ahead = false
	}
}

// pieces matter where only a part was delivered.
func (s *x12Status) pieces(raw []byte) {
	if n := len(s.events); n > 0 && s.events[n-1].code == supply.DeliveredPartial && x12Number(raw) > 0 {
		s.events[n-1].text += ", " + string(raw) + " pieces"
	}
}

func (s *x12Status) endLoop() {
	switch {
	case len(s.events) == 0:
	case !s.body.holds(len(s.events)):
		for range s.events {
			s.body.lost.note(errX12Dense)
		}
	default:
		report := s.shipment()
		for i := range s.events {
			s.tell(report, &s.events[i])
		}
	}
	s.names, s.events, s.place, s.ahead = s.names[:0], s.events[:0], x12Place{}, false
}

// shipment returns the report of the shipment that the loop speaks of.
func (s *x12Status) shipment() int {
	s.loops.join(s.names)
	pro, bill := s.names.number(x12PRO), s.names.number(x12Bill)
	key := cmp.Or(pro, bill)
	if key == "" {
		s.orphans += len(s.events)
		if s.common == 0 {
			s.common = s.report(nil) + 1
		}
		return s.common - 1
	}
	numbers := s.names.numbers()
	i, known := s.units[key]
	if !known {
		i, known = s.billed(pro, bill)
	}
	if !known {
		if s.named++; s.named > 1 {
			s.body.expect()
		}
		i = s.report(numbers)
	}
	s.index(pro, i)
	s.index(bill, i)
	r := &s.body.reports[i]
	for _, number := range numbers {
		r.Also = another(r.Also, r.Number, number)
	}
	return i
}

// billed returns the report that was known by its bill of lading only, until now
// that a loop names its PRO number too.
func (s *x12Status) billed(pro, bill string) (i int, known bool) {
	i, known = s.units[bill]
	if !known || s.body.reports[i].Number != bill {
		return 0, false
	}
	s.body.reports[i].Number = pro
	return i, true
}

func (s *x12Status) index(number string, report int) {
	if s.units == nil {
		s.units = make(map[string]int)
	}
	if _, known := s.units[number]; !known && number != "" {
		s.units[number] = report
	}
}

// report adds a report about the shipment with the numbers.
func (s *x12Status) report(numbers []string) int {
	r := supply.Report{Issuer: s.issuer, SaidAt: s.body.said}
	if len(numbers) > 0 {
		r.Number, r.Also = numbers[0], numbers[1:]
	}
	s.body.reports = append(s.body.reports, r)
	return len(s.body.reports) - 1
}

// tell adds an event to a report. Without a place of its own it happened where the
// loop's last did.
func (s *x12Status) tell(report int, e *x12Event) {
	r := &s.body.reports[report]
	if !e.placed {
		e.where = s.place
	}
	zone, where := zoneOf(e.zone, e.where.state, e.where.country), s.body.where.of(e.where)
	if estimate, ok := e.estimate(zone, where); ok {
		r.ETAs = append(r.ETAs, estimate)
	}
	scan := supply.Scan{Status: e.status, Code: e.code, Text: e.text, Place: where}
	switch e.says {
	case x12Expected:
		return
	case x12Planned, x12Appointed: // when the plan was made is not said
		scan.Text = words(e.text + " " + e.wall.String())
	case x12Attempted:
		scan.At, scan.Local = e.wall.in(zone)
		scan.Text = s.attempt(report, scan)
	default:
		scan.At, scan.Local = e.wall.in(zone)
		scan.At = scan.At.Truncate(time.Minute) // who repeats an event may add its seconds
	}
	s.body.scan(report, scan)
}

// attempt returns the scan's text, numbered when the set has told the same
// before: two attempts are two, even within a minute.
func (s *x12Status) attempt(report int, scan supply.Scan) string {
	if s.attempts == nil {
		s.attempts = make(map[x12Attempt]int)
	}
	key := x12Attempt{report, scan}
	if s.attempts[key]++; s.attempts[key] > 1 {
		return scan.Text + " #" + strconv.Itoa(s.attempts[key])
	}
	return scan.Text
}

// estimate returns the arrival that an event speaks of, if it does.
func (e *x12Event) estimate(zone *time.Location, where string) (to supply.Estimate, ok bool) {
	switch e.says {
	case x12Reached:
		to.Classifier = supply.Actual
	case x12Expected:
		to.Classifier = supply.Estimated
	case x12Appointed:
		to.Classifier = supply.Planned
	default:
		return to, false
	}
	to.Window = e.wall.window(zone, e.kind)
	if e.kind != supply.AtDock { // there is one dock, and many terminals
		to.Place = where
	}
	return to, to.Known()
}

func (s *x12Status) drop() { s.body.reports = s.body.reports[:s.first] }

// end names the reports, now that all loops are known, and drops those that came
// to say nothing.
func (s *x12Status) end() {
	s.endLoop()
	reports := s.body.reports[s.first:]
	if s.named <= 1 { // one shipment, by all its names
		s.header.join(s.loops)
		if len(reports) == 2 {
			reports[0].ETAs = append(reports[0].ETAs, reports[1].ETAs...)
			reports[0].Scans = append(reports[0].Scans, reports[1].Scans...)
			reports = reports[:1]
		}
	}
	numbers := s.header.numbers()
	for i := range reports {
		switch common := s.first+i == s.common-1; {
		case len(numbers) > 0 && (common || s.named <= 1):
			reports[i].Number, reports[i].Also = numbers[0], numbers[1:]
		case common:
			reports[i] = supply.Report{}
			for range s.orphans {
				s.body.lost.note(errX12Nowhere)
			}
		}
	}
	reports = slices.DeleteFunc(reports, func(r supply.Report) bool { return len(r.ETAs)+len(r.Scans) == 0 })
	s.body.reports = s.body.reports[:s.first+len(reports)]
}

// A 214 takes at least so many bytes to name a shipment and to say what happened
// to it. A body that packs more into it than that, beyond the spare, is meant to
// exhaust our memory.
const (
	x12MinShipment = 48
	x12MinEvent    = 28
	x12Spare       = 64
)

// holds reports whether the body's size can hold so many events more.
func (b *x12Body) holds(events int) bool {
	b.events += events
	size := len(b.reader.body)
	return b.events <= size/x12MinEvent+x12Spare && len(b.reports) < size/x12MinShipment+x12Spare
}

// expect makes room for as many reports as the body has loops, since they speak
// of different shipments: growing step by step would take several times as much.
func (b *x12Body) expect() {
	if len(b.reports) == cap(b.reports) {
		size := len(b.reader.body)
		b.reports = slices.Grow(b.reports, min(bytes.Count(b.reader.body, []byte("LX")), size/x12MinShipment)+1)
	}
}

// scan adds a scan to a report. While events of one shipment follow each other
// they share one piece of memory, of the size that the body needs.
func (b *x12Body) scan(report int, scan supply.Scan) {
	r := &b.reports[report]
	n := len(r.Scans)
	if b.scans == nil {
		size := len(b.reader.body)
		b.scans = make([]supply.Scan, 0, min(bytes.Count(b.reader.body, []byte("AT7")), size/x12MinEvent+x12Spare))
	}
	if len(b.scans) == cap(b.scans) || n > 0 && b.latest != report {
		if n == cap(r.Scans) {
			r.Scans = slices.Grow(r.Scans, n)
		}
		r.Scans = append(r.Scans, scan)
		return
	}
	b.scans = append(b.scans, scan)
	r.Scans = b.scans[len(b.scans)-1-n : len(b.scans) : len(b.scans)]
	b.latest = report
}
