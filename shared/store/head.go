package store

import (
	"encoding/binary"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Tag names a sealed segment of an item's line. Tags are random: a segment can
// overwrite no other, and sort keys that grow would keep DynamoDB from splitting
// a hot partition.
type Tag [8]byte

// Piece is one sealed segment as the head lists it, with the range of sequences
// that its entries lie in. Ranges may overlap: a segment sealed for a lost race
// may stand beside entries that won it.
type Piece struct {
	Tag   Tag
	First uint64 // of its first entry
	End   uint64 // after its last entry
}

// Limits of a head and of segments.
const (
	HeadBytes    = 1024      // one write unit
	MaxPieces    = 12        // segments a head lists itself; older ones stand in an index segment
	SegmentBytes = 300 << 10 // of one sealed segment
	pieceBytes   = 16
)

// Head is an item's head record: the commit point of everything that happens to
// the item. It holds the numbers, the controls, what the lots still give, where
// the sealed entries are, and the newest entries themselves.
type Head struct {
	Item    *supply.Item // its line knows totals only
	Version int64
	Card    int64 // version of the card that goes with it; 0 = none
	Next    uint64
	Gone    supply.Units
	Pending supply.Units // of the line; kept so that an audit can compare
	At      time.Time    // of the last commit, whole seconds
	Cause   supply.Cause // of the last commit
	About   supply.ShipmentID
	Pieces  []Piece
	Older   Piece // index segment that lists older pieces: First is their number, End the end of their ranges; zero = none
	Tail    []byte
	DueHour int64
}

const (
	ctlListed = 1 << iota
	ctlWithheld
)

// Record returns the head as the store keeps it.
func (h *Head) Record() Record {
	it := h.Item
	r := Record{Key: HeadKey(it.Key), Version: h.Version, Due: h.DueHour, Attrs: make([]Attr, 0, 20)}
	if it.Listed {
		r.Owner, r.OwnerSort = Owner(it.Key.Seller, it.Key.Marketplace), string(it.Key.SKU)
	}
	rfs := it.ReservedFutureSupply()
	r.Attrs = append(r.Attrs,
		Int("seq", int64(h.Next)), Int("at", h.At.Unix()), Int("stock", int64(it.Stock)),
		Int("fulfillable", max(0, int64(it.Stock-h.Pending))), Int("pending", int64(h.Pending)),
		Int("rfs", int64(rfs)), Int("fsb", int64(it.FutureSupplyBuyable())), Text("verdict", it.Code().String()))
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"short", int64(it.Short)}, {"working", int64(it.Inbound.Working)}, {"shipped", int64(it.Inbound.Shipped)},
		{"receiving", int64(it.Inbound.Receiving)}, {"gone", int64(h.Gone)}, {"card", h.Card},
	} {
		if n.value != 0 {
			r.Attrs = append(r.Attrs, Int(n.name, n.value))
		}
	}
	if !it.Until.IsZero() {
		r.Attrs = append(r.Attrs, Int("until", it.Until.UnixMilli()))
	}
	if h.Cause != supply.CauseOrders {
		r.Attrs = append(r.Attrs, Bytes("why", append([]byte{byte(h.Cause)}, h.About...)))
	}
	r.Attrs = append(r.Attrs, Bytes("ctl", packControls(it)))
	if lots := packLots(it.Lots); len(lots) > 0 {
		r.Attrs = append(r.Attrs, Bytes("lots", lots))
	}
	if len(h.Pieces) > 0 {
		r.Attrs = append(r.Attrs, Bytes("segs", packPieces(h.Pieces)))
	}
	if h.Older.End != 0 {
		r.Attrs = append(r.Attrs, Bytes("older", packPieces([]Piece{h.Older})))
	}
	if len(h.Tail) > 0 {
		r.Attrs = append(r.Attrs, Bytes("tail", h.Tail))
	}
	return r
}

// ReadHead reads what Record made; a record of Version 0 gives the head of an
// item that nobody listed. It returns fault.Internal for a corrupt record.
func ReadHead(key supply.ItemKey, r *Record) (*Head, error) {
	it := &supply.Item{Key: key}
	h := &Head{Item: it, Version: r.Version, DueHour: r.Due}
	for i := range r.Attrs {
		if !h.read(&r.Attrs[i]) {
			return nil, fault.New(fault.Internal, "CORRUPT_RECORD", "head %q: attribute %s is corrupt", r.Key.Partition, r.Attrs[i].Name)
		}
	}
	it.Line = supply.Totals(h.Next, h.Pending, h.Gone)
	return h, nil
}

func (h *Head) read(a *Attr) (ok bool) {
	it := h.Item
	ok = true
	switch a.Name {
	case "seq":
		h.Next = uint64(a.Int)
	case "at":
		h.At = time.Unix(a.Int, 0).UTC()
	case "stock":
		it.Stock = supply.Units(a.Int)
	case "pending":
		h.Pending = supply.Units(a.Int)
	case "short":
		it.Short = supply.Units(a.Int)
	case "working":
		it.Inbound.Working = supply.Units(a.Int)
	case "shipped":
		it.Inbound.Shipped = supply.Units(a.Int)
	case "receiving":
		it.Inbound.Receiving = supply.Units(a.Int)
	case "gone":
		h.Gone = supply.Units(a.Int)
	case "card":
		h.Card = a.Int
	case "until":
		it.Until = time.UnixMilli(a.Int).UTC()
	case "why":
		if ok = len(a.Bytes) > 0; ok {
			h.Cause, h.About = supply.Cause(a.Bytes[0]), supply.ShipmentID(a.Bytes[1:])
		}
	case "ctl":
		ok = unpackControls(a.Bytes, it)
	case "lots":
		it.Lots, ok = unpackLots(a.Bytes)
	case "segs":
		h.Pieces, ok = unpackPieces(a.Bytes)
	case "older":
		var older []Piece
		if older, ok = unpackPieces(a.Bytes); ok && len(older) == 1 {
			h.Older = older[0]
		}
	case "tail":
		h.Tail = a.Bytes
	}
	return ok
}

func packControls(it *supply.Item) []byte {
	var flags byte
	if it.Listed {
		flags |= ctlListed
	}
	if it.Controls.Withheld {
		flags |= ctlWithheld
	}
	b := []byte{flags, byte(it.Controls.Channel), byte(it.Ended)}
	b = binary.AppendUvarint(b, uint64(it.Ordinals))
	b = binary.AppendUvarint(b, uint64(it.Controls.SafetyBuffer))
	return binary.AppendUvarint(b, uint64(it.Controls.MaxUnitsPerOrder))
}

func unpackControls(b []byte, it *supply.Item) bool {
	if len(b) < 6 {
		return false
	}
	it.Listed, it.Controls.Withheld = b[0]&ctlListed != 0, b[0]&ctlWithheld != 0
	it.Controls.Channel, it.Ended = supply.Channel(b[1]), supply.Code(b[2])
	var fields [3]uint64
	rest := b[3:]
	for i := range fields {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return false
		}
		fields[i], rest = v, rest[n:]
	}
	it.Ordinals = uint16(fields[0])
	it.Controls.SafetyBuffer, it.Controls.MaxUnitsPerOrder = supply.Units(fields[1]), supply.Units(fields[2])
	return len(rest) == 0
}

// A packed lot is 16 bytes: ordinal, code, marks, day, exposable, pegged.
const lotBytes = 16

// The marks of a lot.
const (
	lotTight = 1 << iota // its arrival endangers a promise
	lotSlow              // it has an arrival, and for too long nothing of it could be bought
)

func packLots(lots []supply.Lot) []byte {
	b := make([]byte, 0, len(lots)*lotBytes)
	for i := range lots {
		l := &lots[i]
		if l.Code.Over() && l.Pegged == 0 {
			continue
		}
		b = binary.BigEndian.AppendUint16(b, l.Ordinal)
		marks := byte(0)
		if l.Tight {
			marks |= lotTight
		}
		if l.Slow {
			marks |= lotSlow
		}
		b = append(b, byte(l.Code), marks)
		b = binary.BigEndian.AppendUint32(b, uint32(l.Day))
		b = binary.BigEndian.AppendUint32(b, uint32(l.Exposable))
		b = binary.BigEndian.AppendUint32(b, uint32(l.Pegged))
	}
	return b
}

func unpackLots(b []byte) ([]supply.Lot, bool) {
	if len(b)%lotBytes != 0 {
		return nil, false
	}
	lots := make([]supply.Lot, 0, len(b)/lotBytes)
	for ; len(b) > 0; b = b[lotBytes:] {
		lots = append(lots, supply.Lot{
			Ordinal: binary.BigEndian.Uint16(b), Code: supply.Code(b[2]), Tight: b[3]&lotTight != 0, Slow: b[3]&lotSlow != 0,
			Day:       supply.Day(binary.BigEndian.Uint32(b[4:])),
			Exposable: supply.Units(binary.BigEndian.Uint32(b[8:])),
			Pegged:    supply.Units(binary.BigEndian.Uint32(b[12:])),
		})
	}
	return lots, true
}

func packPieces(pieces []Piece) []byte {
	b := make([]byte, 0, len(pieces)*pieceBytes)
	for _, p := range pieces {
		b = append(b, p.Tag[:]...)
		b = binary.BigEndian.AppendUint32(b, uint32(p.First))
		b = binary.BigEndian.AppendUint32(b, uint32(p.End))
	}
	return b
}

func unpackPieces(b []byte) ([]Piece, bool) {
	if len(b)%pieceBytes != 0 {
		return nil, false
	}
	pieces := make([]Piece, 0, len(b)/pieceBytes)
	for ; len(b) > 0; b = b[pieceBytes:] {
		pieces = append(pieces, Piece{Tag(b[:8]), uint64(binary.BigEndian.Uint32(b[8:])), uint64(binary.BigEndian.Uint32(b[12:]))})
	}
	return pieces, true
}

// Segment is a sealed part of a line, or the list of older parts. It is written
// once and never changed.
type Segment struct {
	Tag     Tag
	Index   bool // Body is a list of pieces, not of entries
	Body    []byte
	Expires int64 // unix seconds; set when another segment has taken its place
}

// Record returns the segment as the store keeps it.
func (s *Segment) Record(key supply.ItemKey) Record {
	name := "d"
	if s.Index {
		name = "x"
	}
	return Record{Key: SegmentKey(key, s.Tag), Version: 1, Attrs: []Attr{Bytes(name, s.Body)}, Expires: s.Expires}
}

// SegmentOverhead returns the bytes of a segment's record beside its body.
func SegmentOverhead(key supply.ItemKey) int {
	r := (&Segment{}).Record(key)
	return r.Size()
}

// IndexSegment returns the segment that lists pieces.
func IndexSegment(tag Tag, pieces []Piece) Segment {
	return Segment{Tag: tag, Index: true, Body: packPieces(pieces)}
}

// SegmentBody returns the entries of a segment's record.
func SegmentBody(r *Record) []byte { return r.Attr("d").Bytes }

// ReadIndex returns the pieces that an index segment lists.
func ReadIndex(r *Record) ([]Piece, error) {
	pieces, ok := unpackPieces(r.Attr("x").Bytes)
	if !ok || len(pieces) == 0 {
		return nil, fault.New(fault.Internal, "CORRUPT_RECORD", "index segment %q %q is corrupt", r.Key.Partition, r.Key.Sort)
	}
	return pieces, nil
}

// SegmentQuery lists all segments of an item, live or superseded.
func SegmentQuery(key supply.ItemKey, next string) Query {
	return Query{Index: Main, Partition: ItemPartition(key), Prefix: segPrefix, Next: next}
}

// SegmentTag returns the tag in a segment's key.
func SegmentTag(k Key) (tag Tag, ok bool) {
	return parseTag(k.Sort)
}

// Clone returns a copy whose slices may be appended to.
func (h *Head) Clone() *Head {
	c := *h
	c.Pieces, c.Tail = slices.Clone(h.Pieces), slices.Clone(h.Tail)
	return &c
}
