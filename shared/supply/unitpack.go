package supply

import (
	"bytes"
	"encoding/binary"
	"time"

	"headstart/shared/fault"
)

// The encoding of a unit: a version, flags, then the fields in a fixed order.
// Times are whole milliseconds since 1970 plus one, 0 when not known; what is
// found from the two histories is not stored. With every text at its limit and
// both histories full a unit takes less than 900 bytes, so that its record stays
// within one write unit.
const unitVersion = 1

const (
	unitHasETA = 1 << iota
	unitDateOnly
	unitHasList
	unitHasSingles
)

// AppendBinary appends the unit as it is stored. The bytes never change for the
// same unit: a changed golden file is a migration.
func (u Unit) AppendBinary(b []byte) []byte {
	var flags byte
	for _, f := range []struct {
		set  bool
		flag byte
	}{
		{u.ETA.Known(), unitHasETA}, {u.ETA.DateOnly, unitDateOnly}, {u.digest != 0, unitHasList}, {u.singles.count != 0, unitHasSingles},
	} {
		if f.set {
			flags |= f.flag
		}
	}
	b = append(b, unitVersion, flags)
	b = appendText(b, u.Number)
	b = appendText(b, u.Issuer)
	b = append(b, byte(len(u.Shipments)))
	for _, id := range u.Shipments {
		b = appendText(b, string(id))
	}
	b = appendMoment(b, u.Heard)
	if flags&unitHasETA != 0 {
		b = appendMoment(appendMoment(appendMoment(b, u.ETA.From), u.ETA.To), u.ETASaidAt)
	}
	if flags&unitHasList != 0 {
		b = appendMoment(b, u.Version)
		b = binary.LittleEndian.AppendUint32(b, u.digest)
		b = u.listed.append(b)
	}
	if flags&unitHasSingles != 0 {
		b = append(b, byte(len(u.Seen)))
		for _, hash := range u.Seen {
			b = binary.LittleEndian.AppendUint32(b, hash)
		}
		b = u.singles.append(b)
	}
	return b
}

// UnpackUnit returns the unit that AppendBinary wrote, or fault.Internal for
// bytes that it would not write.
func UnpackUnit(b []byte) (Unit, error) {
	r := reader{b: b}
	if version := r.byte(); version != unitVersion {
		return Unit{}, fault.New(fault.Internal, "CORRUPT_UNIT", "unit record of %d bytes has version %d; this program reads %d", len(b), version, unitVersion)
	}
	flags := r.byte()
	u := Unit{Number: r.text(r.uvarint()), Issuer: r.text(r.uvarint())}
	if n := r.below(MaxLinks + 1); n > 0 {
		u.Shipments = make([]ShipmentID, n)
	}
	for i := range u.Shipments {
		u.Shipments[i] = ShipmentID(r.text(r.uvarint()))
	}
	u.Heard = r.moment()
	if flags&unitHasETA != 0 {
		u.ETA = Window{From: r.moment(), To: r.moment(), DateOnly: flags&unitDateOnly != 0}
		u.ETASaidAt = r.moment()
	}
	if flags&unitHasList != 0 {
		u.Version, u.digest = r.moment(), r.uint32()
		u.listed = r.course()
	}
	if flags&unitHasSingles != 0 {
		u.Seen = make([]uint32, min(int(r.byte()), maxSeen))
		for i := range u.Seen {
			u.Seen[i] = r.uint32()
		}
		u.singles = r.course()
	}
	if r.bad || !bytes.Equal(b, u.AppendBinary(make([]byte, 0, 1024))) {
		return Unit{}, fault.New(fault.Internal, "CORRUPT_UNIT", "unit record of %d bytes is corrupt", len(b))
	}
	u.find()
	return u, nil
}

const (
	courseMoved = 1 << iota
	courseEver
	courseLast
	courseFirst // one bit each, from here on
	courseEnded = courseFirst << finals
)

// append writes the count, a set of the fields that follow, and these.
func (c *course) append(b []byte) []byte {
	var set uint64
	mark := func(has bool, bit uint64) {
		if has {
			set |= bit
		}
	}
	mark(!c.moved.at.IsZero(), courseMoved)
	mark(c.ever != 0, courseEver)
	mark(!c.last.At.IsZero(), courseLast)
	for i := range c.first {
		mark(!c.first[i].IsZero(), courseFirst<<i)
	}
	for i := range c.ended {
		mark(!c.ended[i].at.IsZero(), courseEnded<<i)
	}
	b = binary.AppendUvarint(b, uint64(c.count))
	b = binary.AppendUvarint(b, set)
	if set&courseMoved != 0 {
		b = appendMoment(append(b, c.moved.what), c.moved.at)
	}
	if set&courseEver != 0 {
		b = append(b, byte(c.ever))
	}
	if set&courseLast != 0 {
		b = appendMoment(append(b, byte(c.last.Status), byte(c.last.Code)), c.last.At)
		b = appendText(appendText(b, c.last.Text), c.last.Place)
	}
	for i := range c.first {
		if set&(courseFirst<<i) != 0 {
			b = appendMoment(b, c.first[i])
		}
	}
	for i := range c.ended {
		if set&(courseEnded<<i) != 0 {
			b = appendMoment(append(b, c.ended[i].what), c.ended[i].at)
		}
	}
	return b
}

func (r *reader) course() course {
	c := course{count: uint32(r.uvarint())}
	set := r.uvarint()
	if set&courseMoved != 0 {
		c.moved = r.mark(byte(trackStatusCount))
	}
	if set&courseEver != 0 {
		c.ever = UnitTrouble(r.byte()) & everlasting
	}
	if set&courseLast != 0 {
		c.last.Status, c.last.Code = TrackStatus(r.below(byte(trackStatusCount))), TrackCode(r.below(byte(trackCodeCount)))
		c.last.At = r.moment()
		c.last.Text, c.last.Place = r.text(r.uvarint()), r.text(r.uvarint())
	}
	for i := range c.first {
		if set&(courseFirst<<i) != 0 {
			c.first[i] = r.moment()
		}
	}
	for i := range c.ended {
		if set&(courseEnded<<i) != 0 {
			c.ended[i] = r.mark(byte(trackCodeCount))
		}
	}
	return c
}

func (r *reader) mark(limit byte) mark {
	what := r.below(limit)
	return mark{r.moment(), what}
}

// below reads a byte that must be less than limit.
func (r *reader) below(limit byte) byte {
	v := r.byte()
	if v >= limit {
		r.fail()
		return 0
	}
	return v
}

func (r *reader) uint32() uint32 {
	if len(r.b) < 4 {
		r.fail()
		return 0
	}
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func appendMoment(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(t.UnixMilli())+1)
}

func (r *reader) moment() time.Time {
	v := r.uvarint()
	if v == 0 {
		return time.Time{}
	}
	if v-1 > maxMillis {
		r.fail()
		return time.Time{}
	}
	return time.UnixMilli(int64(v - 1)).UTC()
}

// maxMillis is the end of the year 9999.
const maxMillis = 253402300799999
