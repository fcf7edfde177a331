package carrier

import (
	"bytes"
	"net/http"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// x12 is the EDI of North American carriers and suppliers. Status messages (214)
// become reports, advance ship notices (856) say what is in a shipment; other
// transaction sets are authentic and none of our business. What was read is
// acknowledged by a 997.
//
// The reader is as tolerant as senders are careless: it takes the separators that
// ISA declares, or that a bare GS or ST shows, lines ended or wrapped anywhere,
// segments in any order, wrong counts and text with a segment terminator in it.
// Text that is not UTF-8 is ISO 8859-1. But a transaction set counts whole:
// without its SE it may be cut off within a number, and nothing of it is taken.
//
// Sources: stedi.com/edi/x12-004010 (segments and code lists of release 4010)
// and the habits of senders in the reference, "carrier webhook contracts" 2.14;
// read 2026-11.
var x12 = Adapter{
	Name:     "x12",
	Success:  http.StatusOK,
	MaxBody:  x12MaxBody,
	Deadline: 30 * time.Second,
	Verify:   x12Token.verify,
	Parse: func(body []byte) ([]supply.Report, error) {
		b, err := readX12(body, false)
		return b.reports, err
	},
	Contents: func(body []byte) ([]supply.Manifest, error) {
		b, err := readX12(body, false)
		return b.manifests, err
	},
	Sign: func(req Request, secret, id string, now time.Time) Request {
		return x12Token.sign(req, secret, id, now).withHeader("Content-Type", x12Type)
	},
	Answer: acknowledgeX12,
}

// x12Token: X12 leaves security to its transport.
var x12Token = token{header: "Authorization", prefix: "Bearer "}

const (
	x12Type    = "application/edi-x12" // source: RFC 1767
	x12MaxBody = 4 << 20               // the design's limit for X12, section 5
)

// x12Body is what a body says, and what a 997 must know of it.
type x12Body struct {
	reports      []supply.Report
	manifests    []supply.Manifest
	lost         unread
	total        int // events and notices, the lost among them
	answering    bool
	interchanges []x12Interchange // when answering

	inside bool      // an interchange, between ISA and IEA
	group  *x12Group // between GS and GE
	said   time.Time // when the group was made, by its sender's clock
	set    x12Open

	reader *x12Reader
	events int           // of sets 214
	scans  []supply.Scan // of all reports, one after the other
	latest int           // the report that has the last of them
	where  x12Where
	status x12Status
	notice x12Notice
}

// x12Interchange, x12Group and x12Set keep their headers as they came.
type x12Interchange struct {
	header []byte
	marks  x12Marks
	groups []*x12Group
}

type x12Group struct {
	header  []byte
	control []byte
	sets    []x12Set
	stated  int    // its sets, by the trailer's count
	faults  []byte // element 716
}

type x12Set struct {
	header  []byte
	verdict byte // element 717
	fault   byte // element 718; 0 for none
}

// x12Open is the set between ST and SE; without a header there is none.
type x12Open struct {
	x12Set
	control  []byte
	segments int
	reader   x12Content // nil for a set that is none of our business
	total    int        // of the body when the set began
	lost     int        // the same
}

// x12Content reads the segments of one set. What it finds goes to the body: end
// keeps it, drop takes it back.
type x12Content interface {
	segment(s x12Segment)
	end()
	drop()
}

// Source: stedi.com/edi/x12-004010/element/715 and 717, 716, 718.
const (
	x12Accepted = 'A'
	x12Flawed   = 'E' // accepted, but errors were noted
	x12Partly   = 'P' // some sets of the group are rejected
	x12Rejected = 'R'

	x12GroupCut     = '3' // trailer missing
	x12GroupControl = '4' // another control number in the trailer
	x12GroupCount   = '5' // another number of sets in the trailer

	x12SetCut     = '2' // trailer missing
	x12SetControl = '3' // another control number in the trailer
	x12SetCount   = '4' // another number of segments in the trailer
	x12SetErrors  = '5' // segments in error
)

// readX12 reads a body in one pass; answering also notes what a 997 needs. It
// returns what can be read, beside fault.Invalid when something cannot;
// fault.TooLarge for a body over the limit.
func readX12(body []byte, answering bool) (*x12Body, error) {
	b := &x12Body{answering: answering}
	if len(body) > x12MaxBody {
		return b, fault.New(fault.TooLarge, "TOO_LARGE", "the body has %d bytes; at most %d are allowed", len(body), x12MaxBody)
	}
	r, err := openX12(body)
	if err != nil {
		return b, err
	}
	b.reader = r
	for r.next() {
		b.take(r)
	}
	b.endInterchange(false)
	return b, b.lost.err(b.total)
}

func (b *x12Body) take(r *x12Reader) {
	s := r.segment
	b.set.segments++
	switch s.tag() {
	case "ISA":
		if s.at(16) == nil {
			return // no header: text that looks like one
		}
		b.endInterchange(false)
		b.inside = true
		b.said = x12Said(s.at(9), s.at(10))
		if b.answering {
			b.interchanges = append(b.interchanges, x12Interchange{header: r.raw, marks: r.marks})
		}
	case "IEA":
		b.endInterchange(true)
	case "GS":
		b.endGroup(nil)
		b.startGroup(r)
	case "GE":
		b.endGroup(s)
	case "ST":
		b.endSet(nil)
		b.startSet(r)
	case "SE":
		b.endSet(s)
	default:
		if b.set.reader != nil {
			b.set.reader.segment(s)
		}
	}
}

// These say what cannot be read, and are made once: there may be a million.
var (
	errX12Cut     = invalid("ISA, GS or ST has no trailer: the body may be cut off")
	errX12Dense   = invalid("the body says more than its size can hold")
	errX12Loop    = invalid("LX has more than %d AT7", x12MaxEvents)
	errX12Code    = invalid("AT7 has neither a status nor an appointment")
	errX12Day     = invalid("AT7 has a day that is not CCYYMMDD, or a time that is not HHMM")
	errX12Nowhere = invalid("neither B10 nor L11 names the shipment of an AT7")
)

// lose counts an event or a notice that cannot be read.
func (b *x12Body) lose(err error) {
	b.total++
	b.lost.note(err)
}

func (b *x12Body) endInterchange(whole bool) {
	b.endSet(nil)
	if !whole && (b.inside || b.group != nil) {
		b.lose(errX12Cut)
	}
	b.endGroup(nil)
	b.inside, b.said = false, time.Time{}
}

func (b *x12Body) startGroup(r *x12Reader) {
	s := r.segment
	b.group = &x12Group{header: r.raw, control: s.at(6)}
	if said := x12Said(s.at(4), s.at(5)); !said.IsZero() {
		b.said = said
	}
	if b.answering && b.inside {
		last := &b.interchanges[len(b.interchanges)-1]
		last.groups = append(last.groups, b.group)
	}
}

// endGroup ends the open group, if there is one, by its trailer; nil: it has none.
func (b *x12Body) endGroup(trailer x12Segment) {
	b.endSet(nil)
	g := b.group
	if g == nil {
		return
	}
	b.group = nil
	g.stated = len(g.sets)
	if trailer == nil {
		g.faults = append(g.faults, x12GroupCut)
		return
	}
	if !bytes.Equal(trailer.at(2), g.control) {
		g.faults = append(g.faults, x12GroupControl)
	}
	if stated := x12Number(trailer.at(1)); stated != len(g.sets) {
		g.faults = append(g.faults, x12GroupCount)
		g.stated = max(0, stated)
	}
}

func (b *x12Body) startSet(r *x12Reader) {
	b.set = x12Open{
		x12Set: x12Set{header: r.raw, verdict: x12Accepted}, control: r.segment.at(2), segments: 1,
		total: b.total, lost: b.lost.count,
	}
	switch string(r.segment.at(1)) {
	case "214":
		b.status.start(b)
		b.set.reader = &b.status
	case "856":
		b.notice = x12Notice{body: b, id: -1}
		b.set.reader = &b.notice
	}
}

// endSet ends the open set, if there is one, by its trailer; nil: it has none.
func (b *x12Body) endSet(trailer x12Segment) {
	if b.set.header == nil {
		return
	}
	set := b.set
	b.set = x12Open{}
	switch {
	case trailer == nil:
		if set.reader != nil {
			set.reader.drop()
		}
		b.total, b.lost.count = set.total, set.lost
		b.lose(errX12Cut)
		set.verdict, set.fault = x12Rejected, x12SetCut
	default:
		if set.reader != nil {
			set.reader.end()
		}
		b.judge(&set, trailer)
	}
	if b.answering && b.group != nil {
		b.group.sets = append(b.group.sets, set.x12Set)
	}
}

// judge says what a whole set is worth. Wrong counts have never meant that the
// content was bad, so they are told to the sender and stop nothing.
func (b *x12Body) judge(set *x12Open, trailer x12Segment) {
	total, lost := b.total-set.total, b.lost.count-set.lost
	switch {
	case lost > 0 && lost == total:
		set.verdict, set.fault = x12Rejected, x12SetErrors
	case lost > 0:
		set.verdict, set.fault = x12Flawed, x12SetErrors
	case !bytes.Equal(trailer.at(2), set.control):
		set.verdict, set.fault = x12Flawed, x12SetControl
	case x12Number(trailer.at(1)) != set.segments:
		set.verdict, set.fault = x12Flawed, x12SetCount
	}
}
