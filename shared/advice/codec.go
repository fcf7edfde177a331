package advice

import (
	"encoding/binary"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// formatVersion is the first byte of an encoded history. Another format is
// another number, and then the history is folded anew from what the line still
// holds.
const formatVersion = 1

const (
	flagOnHand = 1 << iota
	flagForSale
)

// Append appends the encoded history: whole numbers of variable length, times and
// days as differences, so that a year of a busy item takes some 500 bytes.
func (h *History) Append(b []byte) []byte {
	w := writer{append(b, formatVersion, flag(h.OnHand, flagOnHand)|flag(h.ForSale, flagForSale))}
	w.whole(int64(h.Next), h.Head, unixOf(h.At), int64(h.taken), int64(h.loose), int64(h.ordinal))
	w.signed(int64(h.adjusted))
	w.months(h.Months)
	w.weeks(h.Weeks)
	w.spells(h.Spells)
	w.sources(h.sources)
	w.stated(h.stated)
	w.promises(&h.Promises)
	w.travel(&h.travel)
	return w.b
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

type writer struct{ b []byte }

// whole writes numbers that are not below zero.
func (w *writer) whole(numbers ...int64) {
	for _, n := range numbers {
		w.b = binary.AppendUvarint(w.b, uint64(n))
	}
}

func (w *writer) signed(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *writer) months(months []Month) {
	w.whole(int64(len(months)))
	var before int32
	for _, m := range months {
		w.whole(int64(m.Month-before), int64(m.Sold), int64(m.BeforeArrival), int64(m.Cancelled))
		before = m.Month
	}
}

func (w *writer) weeks(weeks []Week) {
	w.whole(int64(len(weeks)))
	var before int32
	for _, k := range weeks {
		w.whole(int64(k.Week - before))
		w.signed(k.Sold)
		w.whole(k.ForSale)
		before = k.Week
	}
}

// spells writes one more than a spell's seconds, and 0 for the one that goes on.
func (w *writer) spells(spells []Spell) {
	w.whole(int64(len(spells)))
	var before int64
	for _, s := range spells {
		w.signed(s.Start.Unix() - before)
		before = s.Start.Unix()
		if s.End.IsZero() {
			w.whole(0)
		} else {
			w.whole(1 + int64(s.End.Sub(s.Start)/time.Second))
		}
	}
}

func (w *writer) sources(sources []source) {
	w.whole(int64(len(sources)))
	var before supply.Day
	for _, s := range sources {
		w.whole(int64(s.ordinal), int64(s.units))
		w.signed(int64(s.day - before))
		before = s.day
	}
}

func (w *writer) stated(all []stated) {
	w.whole(int64(len(all)))
	var before supply.Day
	for _, s := range all {
		w.whole(int64(s.day-before), int64(s.how))
		before = s.day
	}
}

func (w *writer) promises(p *Promises) {
	w.whole(int64(p.Kept))
	for _, n := range p.Late {
		w.whole(int64(n))
	}
	for _, s := range p.Stated {
		w.whole(int64(s.Resolved))
		if s.Resolved > 0 {
			w.whole(int64(s.Kept), int64(s.Sum))
		}
	}
}

// travel leaves out the bins without units: how many they are stands instead.
func (w *writer) travel(t *travel) {
	empty := int64(0)
	for _, n := range t {
		if n == 0 {
			empty++
			continue
		}
		w.whole(empty, int64(n))
		empty = 0
	}
}

// Read returns the history that Append wrote; no bytes are the history of an item
// of which nothing was folded. It returns fault.Internal for anything else.
func Read(b []byte) (*History, error) {
	h := &History{}
	if len(b) == 0 {
		return h, nil
	}
	if len(b) < 2 || b[0] != formatVersion {
		return nil, corrupt(len(b))
	}
	r := reader{b: b[2:]}
	h.OnHand, h.ForSale = b[1]&flagOnHand != 0, b[1]&flagForSale != 0
	h.Next, h.Head, h.At = uint64(r.whole()), r.whole(), instantOf(r.whole())
	h.taken, h.loose, h.ordinal = supply.Units(r.whole()), supply.Units(r.whole()), uint16(r.whole())
	h.adjusted = supply.Units(r.signed())
	h.Months = r.months()
	h.Weeks = r.weeks()
	h.Spells = r.spells()
	h.sources = r.sources()
	h.stated = r.stated()
	h.Promises = r.promises()
	h.travel = r.travel()
	if r.bad {
		return nil, corrupt(len(b))
	}
	return h, nil
}

func corrupt(n int) error {
	return fault.New(fault.Internal, "CORRUPT_RECORD", "history of %d bytes is corrupt", n)
}

func instantOf(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// reader consumes numbers; once bad it stays bad and returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) whole() int64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || int64(n) < 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return int64(n)
}

func (r *reader) signed() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

// each reads a list of at most so many elements.
func (r *reader) each(most int, read func()) {
	n := r.whole()
	if n > int64(most) {
		r.b, r.bad = nil, true
	}
	for range n {
		if r.bad {
			return
		}
		read()
	}
}

func (r *reader) months() (all []Month) {
	var at int32
	r.each(maxMonths, func() {
		at += int32(r.whole())
		all = append(all, Month{at, supply.Units(r.whole()), supply.Units(r.whole()), supply.Units(r.whole())})
	})
	return all
}

func (r *reader) weeks() (all []Week) {
	var at int32
	r.each(maxWeeks, func() {
		at += int32(r.whole())
		all = append(all, Week{at, r.signed(), r.whole()})
	})
	return all
}

func (r *reader) spells() (all []Spell) {
	var at int64
	r.each(maxSpells, func() {
		at += r.signed()
		s := Spell{Start: time.Unix(at, 0).UTC()}
		if length := r.whole(); length > 0 {
			s.End = s.Start.Add(time.Duration(length-1) * time.Second)
		}
		all = append(all, s)
	})
	return all
}

func (r *reader) sources() (all []source) {
	var day int64
	r.each(maxSources, func() {
		s := source{ordinal: uint16(r.whole()), units: supply.Units(r.whole())}
		day += r.signed()
		s.day = supply.Day(day)
		all = append(all, s)
	})
	return all
}

func (r *reader) stated() (all []stated) {
	var day int64
	r.each(maxStated, func() {
		day += r.whole()
		all = append(all, stated{supply.Day(day), int(r.whole())})
	})
	return all
}

func (r *reader) promises() (p Promises) {
	p.Kept = uint32(r.whole())
	for i := range p.Late {
		p.Late[i] = uint32(r.whole())
	}
	for i := range p.Stated {
		s := &p.Stated[i]
		if s.Resolved = uint32(r.whole()); s.Resolved > 0 {
			s.Kept, s.Sum = uint32(r.whole()), uint32(r.whole())
		}
	}
	return p
}

// travel stands last, so its end is the end.
func (r *reader) travel() (t travel) {
	for bin := int64(0); len(r.b) > 0; bin++ {
		empty := r.whole()
		if empty > travelBins || bin+empty >= travelBins {
			r.b, r.bad = nil, true
			return t
		}
		bin += empty
		t[bin] = uint64(r.whole())
	}
	return t
}
