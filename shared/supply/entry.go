package supply

import (
	"encoding/binary"
	"time"

	"headstart/shared/fault"
)

// EntryKind says what one entry of the line records.
type EntryKind uint8

// The kinds of an entry. An order's state is the fold of its entries.
const (
	EntryAccepted  EntryKind = iota + 1 // Units is the new target of the order, Day its promise
	EntryRefused                        // Reason says why; final for its revision, no other
	EntryCancelled                      // Reason is set when it was not the order system's wish, Units when they are to be refunded
	EntryShipped                        // Units is the total shipped so far; Full when no more will be
	EntryAllocated                      // Units on hand were given to the order for good, on Day
	EntryPromised                       // the promise moved from Was to Day; Day 0 = none can be given, for Units short. Full: the buyer agreed to Day
)

// Reason is why an order, or one revision of it, was refused or ended.
type Reason uint8

// The reasons. Below ReasonVerdict they are our own; from there on they are the
// item's verdict at the moment of the decision: Reason(ReasonVerdict + code).
const (
	ReasonNone Reason = iota
	NoSupply
	InsufficientSupply
	TooOld
	TooManyItems
	OverOrderCap
	IdempotencyMismatch
	AlreadyCancelled
	AlreadyShipped
	HoldExpired
	OtherLineRefused
	DelayNotAccepted // the law asked for a yes to a delay, and none came in time
	DelayDeclined    // the buyer cancelled because of a delay
	reasonCount
	ReasonVerdict Reason = 64
)

var reasonNames = [reasonCount]string{
	ReasonNone: "", NoSupply: "NO_SUPPLY", InsufficientSupply: "INSUFFICIENT_SUPPLY", TooOld: "TOO_OLD",
	TooManyItems: "TOO_MANY_ITEMS", OverOrderCap: "MAX_UNITS_PER_ORDER", IdempotencyMismatch: "IDEMPOTENCY_MISMATCH",
	AlreadyCancelled: "ALREADY_CANCELLED", AlreadyShipped: "ALREADY_SHIPPED", HoldExpired: "HOLD_EXPIRED",
	OtherLineRefused: "OTHER_LINE_REFUSED", DelayNotAccepted: "DELAY_NOT_ACCEPTED", DelayDeclined: "BUYER_DECLINED_DELAY",
}

// String returns the reason as it is published.
func (r Reason) String() string {
	switch {
	case r >= ReasonVerdict && Code(r-ReasonVerdict) < codeCount:
		return Code(r - ReasonVerdict).String()
	case r < reasonCount:
		return reasonNames[r]
	}
	return "UNKNOWN"
}

// Alert reports whether a refusal for this reason is somebody's mistake rather
// than a lack of goods, and so raises an alert.
func (r Reason) Alert() bool { return r == IdempotencyMismatch || r == AlreadyCancelled }

// refund reports whether an order that ended for this reason was ended here, and
// whoever took the buyer's money has yet to be told.
func (r Reason) refund() bool { return r == DelayNotAccepted || r == DelayDeclined }

// Entry is one line of the item's append-only line.
type Entry struct {
	Kind      EntryKind
	Order     OrderID
	Revision  uint32
	Units     Units
	Day       Day
	Full      bool // Allocated, Accepted: every unit is on hand now; Shipped: final; Promised: the buyer's yes
	Split     bool // Accepted: each SKU of the order stands alone
	Multi     bool // Allocated: the order is released only with its lines for other SKUs
	Reason    Reason
	Allocated Units     // Accepted: how many of Units are on hand, given for good
	Hold      time.Time // Accepted: the units return at this instant unless a later revision says otherwise
	Was       Day       // Promised: the promise before
	Anchor    SKU       // Accepted, Refused: the item that lists all lines of an order over several SKUs
	Siblings  []SKU     // at the anchor: the other SKUs of the order
}

// Cause is why a commit happened.
type Cause uint8

// The causes of a frame.
const (
	CauseOrders     Cause = iota // messages of the order queue
	CauseSupply                  // a shipment's dates or contents moved
	CauseReceipt                 // units were counted in
	CauseAdjustment              // somebody set the stock
	CauseControls                // the item's controls were replaced
	CauseClock                   // a sweep found that time had passed
	CauseRepair                  // an audit wrote a compensating entry
	CauseBuyer                   // a buyer answered the question about a delay
	causeCount
)

var causeNames = [causeCount]string{"orders", "supply", "receipt", "adjustment", "controls", "clock", "repair", "buyer"}

// String returns the cause as it is published, in lower case.
func (c Cause) String() string { return causeNames[c] }

// Frame heads the entries of one commit.
type Frame struct {
	First uint64    // sequence of the frame's first entry
	At    time.Time // whole seconds, UTC
	Cause Cause
	About ShipmentID // the shipment that caused it; "" for orders
	Moves []Move     // lots whose in-stock date it changed
}

// Move is how a commit changed the in-stock date of a lot; Undated where nobody
// knew it.
type Move struct {
	Ordinal  uint16
	Was, Day Day
}

// MaxMoves is how many moves a frame holds; of more at once the others are not
// told apart. Source: as many lots of one item as one container may bring.
const MaxMoves = 48

// The encoding of the line: frames of entries, one after the other, without a
// length of the whole. An entry of an order with an id of n bytes takes n+6
// bytes as a rule: kind and flags, length of the id, the id, revision, units
// and day as variable-length integers. Everything rarer stands in an extension.
const (
	frameMark = 7 // takes the place of a kind

	flagFull  = 1 << 3
	flagSplit = 1 << 4
	flagExt   = 1 << 5
	flagMulti = 1 << 6

	flagJump  = 1 << 3 // frame: the sequence does not follow on
	flagAbout = 1 << 4 // frame: cause and shipment follow
	flagMoves = 1 << 5 // frame: moves of lots follow
)

// The fields of an extension, in the order they are written.
const (
	extReason = 1 << iota
	extAllocated
	extHold
	extWas
	extAnchor
	extSiblings
)

// dayEpoch makes today's days fit two bytes until 2042.
var dayEpoch = DayOf(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))

// appendDay writes 0 for a day that is not known, else one more than the days
// since the epoch, with the sign in the lowest bit.
func appendDay(b []byte, d Day) []byte {
	if d == 0 {
		return append(b, 0)
	}
	since := int64(d - dayEpoch)
	return binary.AppendUvarint(b, uint64(since<<1^since>>63)+1)
}

// AppendFrame appends the frame's head. follows is the sequence that a reader
// expects next; at is the time of the frame before it in the same piece (zero
// for the first).
func AppendFrame(b []byte, f Frame, follows uint64, before time.Time) []byte {
	mark := byte(frameMark)
	if f.First != follows {
		mark |= flagJump
	}
	if f.Cause != CauseOrders || f.About != "" {
		mark |= flagAbout
	}
	if len(f.Moves) > 0 {
		mark |= flagMoves
	}
	b = append(b, mark)
	if mark&flagJump != 0 {
		b = binary.AppendUvarint(b, f.First)
	}
	var base int64
	if !before.IsZero() {
		base = before.Unix()
	}
	b = binary.AppendVarint(b, f.At.Unix()-base)
	if mark&flagAbout != 0 {
		b = append(b, byte(f.Cause), byte(len(f.About)))
		b = append(b, f.About...)
	}
	if mark&flagMoves != 0 {
		b = appendMoved(b, f.Moves)
	}
	return b
}

func appendMoved(b []byte, moves []Move) []byte {
	b = append(b, byte(len(moves)))
	for _, m := range moves {
		b = binary.AppendUvarint(b, uint64(m.Ordinal))
		b = appendDay(appendDay(b, m.Was), m.Day)
	}
	return b
}

// AppendEntry appends one entry.
func AppendEntry(b []byte, e *Entry) []byte {
	ext := e.extension()
	head := byte(e.Kind)
	if e.Full {
		head |= flagFull
	}
	if e.Split {
		head |= flagSplit
	}
	if e.Multi {
		head |= flagMulti
	}
	if ext != 0 {
		head |= flagExt
	}
	b = append(b, head, byte(len(e.Order)))
	b = append(b, e.Order...)
	b = binary.AppendUvarint(b, uint64(e.Revision))
	b = binary.AppendUvarint(b, uint64(e.Units))
	b = appendDay(b, e.Day)
	if ext != 0 {
		b = e.appendExtension(append(b, ext), ext)
	}
	return b
}

func (e *Entry) extension() (ext byte) {
	for _, field := range []struct {
		set bool
		bit byte
	}{
		{e.Reason != ReasonNone, extReason}, {e.Allocated != 0, extAllocated}, {!e.Hold.IsZero(), extHold},
		{e.Was != 0, extWas}, {e.Anchor != "", extAnchor}, {len(e.Siblings) > 0, extSiblings},
	} {
		if field.set {
			ext |= field.bit
		}
	}
	return ext
}

func (e *Entry) appendExtension(b []byte, ext byte) []byte {
	if ext&extReason != 0 {
		b = append(b, byte(e.Reason))
	}
	if ext&extAllocated != 0 {
		b = binary.AppendUvarint(b, uint64(e.Allocated))
	}
	if ext&extHold != 0 {
		b = binary.AppendVarint(b, e.Hold.UnixMilli())
	}
	if ext&extWas != 0 {
		b = appendDay(b, e.Was)
	}
	if ext&extAnchor != 0 {
		b = appendText(b, string(e.Anchor))
	}
	if ext&extSiblings != 0 {
		b = binary.AppendUvarint(b, uint64(len(e.Siblings)))
		for _, sku := range e.Siblings {
			b = appendText(b, string(sku))
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Decode walks the frames and entries of one piece in order. next is the
// sequence of the piece's first entry unless its first frame says otherwise.
// It returns fault.Internal when the bytes are not what AppendFrame and
// AppendEntry write.
func Decode(piece []byte, next uint64, visit func(Frame, uint64, *Entry) error) error {
	r := reader{b: piece}
	var frame Frame
	for len(r.b) > 0 {
		head := r.byte()
		if head&7 == frameMark {
			frame = r.frame(head, next, frame.At)
			next = frame.First
			continue
		}
		entry := r.entry(head)
		if r.bad || frame.At.IsZero() {
			return fault.New(fault.Internal, "CORRUPT_LINE", "line piece of %d bytes is corrupt before its last %d", len(piece), len(r.b))
		}
		if err := visit(frame, next, &entry); err != nil {
			return err
		}
		next++
	}
	if r.bad {
		return fault.New(fault.Internal, "CORRUPT_LINE", "line piece of %d bytes ends within an entry", len(piece))
	}
	return nil
}

// reader consumes bytes; once bad it stays bad and returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() {
	r.b, r.bad = nil, true
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) text(n uint64) string {
	if n > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	v := string(r.b[:n])
	r.b = r.b[n:]
	return v
}

func (r *reader) day() Day {
	v := r.uvarint()
	if v == 0 {
		return 0
	}
	v--
	return Day(int64(v>>1)^-int64(v&1)) + dayEpoch
}

func (r *reader) frame(head byte, next uint64, before time.Time) Frame {
	f := Frame{First: next}
	if head&flagJump != 0 {
		f.First = r.uvarint()
	}
	var base int64
	if !before.IsZero() {
		base = before.Unix()
	}
	f.At = time.Unix(base+r.varint(), 0).UTC()
	if head&flagAbout != 0 {
		f.Cause = Cause(r.byte())
		f.About = ShipmentID(r.text(uint64(r.byte())))
	}
	if head&flagMoves != 0 {
		f.Moves = r.moves(int(r.byte()))
	}
	if f.Cause >= causeCount {
		r.fail()
	}
	return f
}

func (r *reader) moves(n int) (moves []Move) {
	if n > MaxMoves {
		r.fail()
	}
	for range n {
		moves = append(moves, Move{Ordinal: uint16(r.uvarint()), Was: r.day(), Day: r.day()})
	}
	return moves
}

func (r *reader) entry(head byte) Entry {
	e := Entry{Kind: EntryKind(head & 7), Full: head&flagFull != 0, Split: head&flagSplit != 0, Multi: head&flagMulti != 0}
	if e.Kind == 0 || e.Kind > EntryPromised {
		r.fail()
		return e
	}
	e.Order = OrderID(r.text(uint64(r.byte())))
	e.Revision = uint32(r.uvarint())
	e.Units = Units(r.uvarint())
	e.Day = r.day()
	if head&flagExt != 0 {
		r.extension(&e, r.byte())
	}
	return e
}

func (r *reader) extension(e *Entry, ext byte) {
	if ext&extReason != 0 {
		e.Reason = Reason(r.byte())
	}
	if ext&extAllocated != 0 {
		e.Allocated = Units(r.uvarint())
	}
	if ext&extHold != 0 {
		e.Hold = time.UnixMilli(r.varint()).UTC()
	}
	if ext&extWas != 0 {
		e.Was = r.day()
	}
	if ext&extAnchor != 0 {
		e.Anchor = SKU(r.text(r.uvarint()))
	}
	if ext&extSiblings != 0 {
		n := r.uvarint()
		if n > uint64(len(r.b)) {
			r.fail()
			return
		}
		e.Siblings = make([]SKU, 0, n)
		for range n {
			e.Siblings = append(e.Siblings, SKU(r.text(r.uvarint())))
		}
	}
}
