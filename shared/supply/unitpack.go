package supply

import (
	"bytes"
	"encoding/binary"
	"strings"

	"headstart/shared/fault"
)

// The encoding of a unit: a version, flags, then the fields in a fixed order.
// What is found from the two histories is not stored. There is no reader for
// version 1: no release wrote it.
const unitVersion = 2

const (
	unitHasList = 1 << iota
	unitHasOver
	unitHasWords
	unitHasFolded
	unitHasSince
)

// unitBytes is the most that a unit takes, so that its record with the longest
// key stays within one write unit. These are the parts at their fullest:
const (
	unitBytes     = 850
	momentBytes   = 6
	headBytes     = 2 + 1 + 1 + 1 + 2*momentBytes // version, flags, lengths, Heard, Since
	textBytes     = 1 + MaxScanText + 1 + MaxScanPlace
	wordsKeyBytes = 2 + 4 + 2*momentBytes
	courseBytes   = 2 + 3 + 3 + len(marks{})*(1+momentBytes) + finals*momentBytes + 1 + 2 + momentBytes
	listBytes     = 4 + 3*momentBytes + courseBytes
	foldedBytes   = momentBytes + courseBytes
	estimateBytes = 1 + maxPlace + 2*momentBytes + 7
	fixedBytes    = headBytes + textBytes + foldedBytes + 1 + 2 // and the counts of estimates and scans
)

// roomAtLeast is the room for single scans that no link may take.
const roomAtLeast = 24

// room returns the bytes left for single scans. Only what never shrinks while
// reports come is counted as it is, so that the order in which they come does not
// decide which scans are forgotten.
func (u *Unit) room() int {
	n := unitBytes - fixedBytes - len(u.Number) - len(u.Issuer) - linksBytes(u.Shipments) - estimateBytes*len(u.Estimates)
	if u.digest != 0 {
		return n - listBytes
	}
	return n - wordsKeyBytes
}

// roomAtWorst returns what room may become with these links.
func (u *Unit) roomAtWorst(links []ShipmentID) int {
	number := len(u.Number)
	if number == 0 {
		number = maxNumber
	}
	return unitBytes - fixedBytes - number - maxIssuer - linksBytes(links) - estimateBytes*maxEstimates - listBytes
}

func linksBytes(links []ShipmentID) (n int) {
	for _, id := range links {
		n += 1 + len(id)
	}
	return n
}

// AppendBinary appends the unit as it is stored. The bytes never change for the
// same unit: a changed golden file is a migration.
func (u Unit) AppendBinary(b []byte) []byte {
	flags := len(b) + 1
	b = append(b, unitVersion, 0)
	has := func(is bool, flag byte) bool {
		if is {
			b[flags] |= flag
		}
		return is
	}
	b = appendText(b, u.Number)
	b = appendText(b, u.Issuer)
	b = append(b, byte(len(u.Shipments)))
	for _, id := range u.Shipments {
		b = appendText(b, string(id))
	}
	b = appendMoment(b, momentOf(u.Heard))
	if has(!u.Since.IsZero(), unitHasSince) {
		b = appendMoment(b, momentOf(u.Since))
	}
	b = append(b, byte(len(u.Estimates)))
	for i := range u.Estimates {
		b = u.Estimates[i].append(b)
	}
	if has(u.digest != 0, unitHasList) {
		b = binary.LittleEndian.AppendUint32(b, u.digest)
		b = u.listed.append(appendMoment(appendMoment(b, momentOf(u.Version)), u.begun))
	}
	if has(u.over != 0, unitHasOver) {
		b = appendMoment(b, u.over)
	}
	if has(u.words != words{}, unitHasWords) {
		b = u.words.append(b, u.digest == 0)
	}
	if has(u.till != 0, unitHasFolded) {
		b = u.folded.append(appendMoment(b, u.till))
	}
	b = binary.AppendUvarint(b, uint64(len(u.entries)))
	for i := range u.entries {
		b = u.entries[i].append(b)
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
	u := r.unit(r.byte())
	if r.bad || !bytes.Equal(b, u.AppendBinary(make([]byte, 0, 1024))) {
		return Unit{}, fault.New(fault.Internal, "CORRUPT_UNIT", "unit record of %d bytes is corrupt", len(b))
	}
	u.find()
	return u, nil
}

func (r *reader) unit(flags byte) (u Unit) {
	u.Number, u.Issuer = r.text(r.uvarint()), r.text(r.uvarint())
	for range r.below(MaxLinks + 1) {
		u.Shipments = append(u.Shipments, ShipmentID(r.text(r.uvarint())))
	}
	u.Heard = r.moment().time()
	if flags&unitHasSince != 0 {
		u.Since = r.moment().time()
	}
	for range r.below(maxEstimates + 1) {
		u.Estimates = append(u.Estimates, r.estimate())
	}
	if flags&unitHasList != 0 {
		u.digest, u.Version, u.begun = r.uint32(), r.moment().time(), r.moment()
		u.listed = r.course()
	}
	if flags&unitHasOver != 0 {
		u.over = r.moment()
	}
	if flags&unitHasWords != 0 {
		u.words = r.words(flags&unitHasList == 0)
	}
	if flags&unitHasFolded != 0 {
		u.till = r.moment()
		u.folded = r.course()
	}
	if n := r.uvarint(); n > 0 && n <= unitBytes {
		u.entries = make([]entry, n)
	}
	for i := range u.entries {
		e := r.entryOf()
		if i > 0 && e.hash <= u.entries[i-1].hash {
			r.fail()
		}
		u.entries[i] = e
	}
	return u
}

// The head of an estimate: two bits each for its kind, classifier and source.
const (
	estimateDateOnly = 1 << 6
	estimateKnown    = 1 << 7
)

func (e *Estimate) append(b []byte) []byte {
	head := byte(e.Kind) | byte(e.Classifier)<<2 | byte(e.Source)<<4
	if e.DateOnly {
		head |= estimateDateOnly
	}
	if e.Known() {
		head |= estimateKnown
	}
	b = append(b, head)
	b = append(append(b, e.Place...), "\x00\x00\x00\x00\x00"[len(e.Place):]...)
	b = appendMoment(b, momentOf(e.SaidAt))
	if e.Known() {
		to := momentOf(e.To)
		b = appendMoment(b, to)
		b = binary.AppendUvarint(b, uint64(to-momentOf(e.From)))
	}
	return b
}

func (r *reader) estimate() (e Estimate) {
	head := r.byte()
	e.Kind, e.Classifier, e.Source = ETAKind(head&3), Classifier(head>>2&3), ETASource(head>>4&3)
	if e.Classifier >= classifierCount || e.Source >= etaSourceCount {
		r.fail()
	}
	e.DateOnly = head&estimateDateOnly != 0
	e.Place = strings.TrimRight(r.text(maxPlace), "\x00")
	e.SaidAt = r.moment().time()
	if head&estimateKnown != 0 {
		to := r.moment()
		span := r.uvarint()
		if span >= uint64(to) {
			r.fail()
			return e
		}
		e.From, e.To = (to - moment(span)).time(), to.time()
	}
	return e
}

// append writes the words, and which scan's they are if that is not the last of
// the snapshot.
func (w *words) append(b []byte, keyed bool) []byte {
	b = appendText(appendText(b, w.text), w.place)
	if keyed {
		b = w.sight.append(b)
		b = binary.LittleEndian.AppendUint32(b, w.hash)
		b = appendMoment(b, w.version)
	}
	return b
}

func (r *reader) words(keyed bool) (w words) {
	w.text, w.place = r.text(r.uvarint()), r.text(r.uvarint())
	if keyed {
		w.sight, w.hash, w.version = r.sight(), r.uint32(), r.moment()
	}
	return w
}

// localBit stands beside a code, a status or a milestone.
const localBit = 0x80

func (s *sight) append(b []byte) []byte {
	return appendMoment(append(b, byte(s.status), withLocal(byte(s.code), s.local)), s.at)
}

func (r *reader) sight() (s sight) {
	s.status = TrackStatus(r.below(byte(trackStatusCount)))
	code, local := r.local(byte(trackCodeCount))
	return sight{r.moment(), s.status, TrackCode(code), local}
}

func withLocal(what byte, local bool) byte {
	if local {
		return what | localBit
	}
	return what
}

// local reads what withLocal made of a byte less than limit.
func (r *reader) local(limit byte) (what byte, local bool) {
	b := r.byte()
	if b&^localBit >= limit {
		r.fail()
		return 0, false
	}
	return b &^ localBit, b&localBit != 0
}

const (
	courseEver = 1 << iota
	courseLast
	courseUnmapped
	courseMark  // one bit each, from here on
	courseFirst = courseMark << len(marks{})
)

// append writes the count, a set of the fields that follow, and these.
func (c *course) append(b []byte) []byte {
	var set uint64
	note := func(has bool, bit uint64) {
		if has {
			set |= bit
		}
	}
	note(c.ever != 0, courseEver)
	note(c.last.at != 0, courseLast)
	note(c.unmapped != 0, courseUnmapped)
	for k := range c.marks {
		note(c.marks[k].at != 0, courseMark<<k)
	}
	for i := range c.first {
		note(c.first[i] != 0, courseFirst<<i)
	}
	b = binary.AppendUvarint(b, uint64(c.count))
	b = binary.AppendUvarint(b, set)
	if set&courseEver != 0 {
		b = append(b, byte(c.ever))
	}
	if set&courseLast != 0 {
		b = c.last.append(b)
	}
	if set&courseUnmapped != 0 {
		b = binary.AppendUvarint(b, uint64(c.unmapped))
	}
	for k := range c.marks {
		if m := c.marks[k]; m.at != 0 {
			b = appendMoment(append(b, withLocal(m.what, m.local)), m.at)
		}
	}
	for _, at := range c.first {
		if at != 0 {
			b = appendMoment(b, at)
		}
	}
	return b
}

func (r *reader) course() (c course) {
	c.count = r.count()
	set := r.uvarint()
	if set&courseEver != 0 {
		c.ever = UnitTrouble(r.byte()) & everlasting
	}
	if set&courseLast != 0 {
		c.last = r.sight()
	}
	if set&courseUnmapped != 0 {
		c.unmapped = r.count()
	}
	for k := range c.marks {
		if set&(courseMark<<k) != 0 {
			limit := byte(trackCodeCount)
			if k == 0 {
				limit = byte(trackStatusCount)
			}
			what, local := r.local(limit)
			c.marks[k] = mark{r.moment(), what, local}
		}
	}
	for i := range c.first {
		if set&(courseFirst<<i) != 0 {
			c.first[i] = r.moment()
		}
	}
	return c
}

func (r *reader) count() uint32 {
	n := r.uvarint()
	if n > maxCount {
		r.fail()
		return 0
	}
	return uint32(n)
}

// The head of a single scan has 16 bits: a status in 4 and a code in 6, each with
// room for more of them, then these.
const (
	entryCode      = 1 << 4
	entryLocal     = 1 << 10
	entryVersioned = 1 << 11
	entryRetracted = 1 << 12
	entryDating    = 1 << 13 // 2 bits
	entryTop       = 1 << 15
)

const _ = uint(entryCode-trackStatusCount) * uint(entryLocal/entryCode-trackCodeCount) // they fit

func (e *entry) head() (head uint16) {
	head = uint16(e.status) | uint16(e.code)*entryCode | uint16(e.dating)*entryDating
	for _, f := range []struct {
		set bool
		bit uint16
	}{{e.local, entryLocal}, {e.version != 0, entryVersioned}, {e.retracted, entryRetracted}, {e.top != e.at, entryTop}} {
		if f.set {
			head |= f.bit
		}
	}
	return head
}

func (e *entry) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, e.head())
	b = binary.LittleEndian.AppendUint32(b, e.hash)
	b = appendMoment(b, e.at)
	if e.version != 0 {
		b = appendMoment(b, e.version)
	}
	if e.top != e.at {
		b = appendMoment(b, e.top)
	}
	return b
}

// size returns how many bytes append adds.
func (e *entry) size() int {
	n := 2 + 4 + momentBytes
	if e.version != 0 {
		n += momentBytes
	}
	if e.top != e.at {
		n += momentBytes
	}
	return n
}

func (r *reader) entryOf() (e entry) {
	head := uint16(r.byte()) | uint16(r.byte())<<8
	e.status = TrackStatus(head % entryCode)
	e.code = TrackCode(head % entryLocal / entryCode)
	e.dating = dating(head % entryTop / entryDating)
	if e.status >= trackStatusCount || e.code >= trackCodeCount || e.dating > byUs {
		r.fail()
		return entry{}
	}
	e.local, e.retracted = head&entryLocal != 0, head&entryRetracted != 0
	e.hash, e.at = r.uint32(), r.moment()
	if head&entryVersioned != 0 {
		e.version = r.moment()
	}
	if e.top = e.at; head&entryTop != 0 {
		e.top = r.moment()
	}
	return e
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

// appendMoment writes 6 bytes, which last until the year 10889.
func appendMoment(b []byte, m moment) []byte {
	return append(b, byte(m), byte(m>>8), byte(m>>16), byte(m>>24), byte(m>>32), byte(m>>40))
}

func (r *reader) moment() moment {
	if len(r.b) < momentBytes {
		r.fail()
		return 0
	}
	low, high := binary.LittleEndian.Uint32(r.b), binary.LittleEndian.Uint16(r.b[4:])
	r.b = r.b[momentBytes:]
	m := moment(low) | moment(high)<<32
	if m >= eternity {
		r.fail()
		return 0
	}
	return m
}
