package supply

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// clockSkew is how far ahead of ours a carrier's clock may run before its word
// no longer orders anything. Source: reference "state rules" 8.
const clockSkew = 2 * time.Hour

func usable(t, received time.Time, ahead time.Duration) bool {
	return t.Year() >= 1970 && !t.After(received.Add(ahead))
}

// dating says whose word the time of a scan is.
type dating uint8

const (
	byScan   dating = iota // its own
	byReport               // the report's: the scan named no usable time
	byUs                   // our clock's: nor did the report
)

// entry is one single scan as it is kept. A scan that was taken back stays as an
// entry that says nothing, so that it is recognised when it comes again.
type entry struct {
	sight
	hash      uint32 // its identity
	top       moment // the latest time that it was ever said to have happened
	version   moment // 0 for one that is never corrected
	retracted bool
	dating    dating
}

// speaks reports whether the scan stands and belongs to the parcel that began at
// start.
func (e *entry) speaks(start moment) bool { return !e.retracted && e.at >= start }

func (e *entry) after(o *entry) bool {
	return cmp.Or(e.sight.compare(o.sight), cmp.Compare(e.hash, o.hash)) > 0
}

// edition orders what was said of one scan. Who takes a scan back without saying
// which version of it takes back all of them.
func (e *entry) edition() moment {
	if e.retracted && e.version == 0 {
		return math.MaxInt64
	}
	return e.version
}

// compare orders two statements about one scan: of the greater one everything
// stands. Of the same edition a retraction stands, then a time of the scan's own,
// then the first time that a report or we ourselves gave it, since it cannot have
// happened after that; else what is said decides, so that the order in which it
// was said does not.
func (e *entry) compare(o *entry) int {
	sight := e.sight.compare(o.sight)
	if e.dating != byScan {
		sight = cmp.Or(cmp.Compare(o.at, e.at), sight)
	}
	return cmp.Or(cmp.Compare(e.edition(), o.edition()), compareBool(e.retracted, o.retracted), cmp.Compare(o.dating, e.dating), sight)
}

// merge returns what stands of two statements about one scan. Our own clock says
// nothing of when it happened, only that it did.
func (e *entry) merge(o *entry) entry {
	stands, other := *e, o
	if o.compare(e) > 0 {
		stands, other = *o, e
	}
	if other.dating != byUs {
		stands.top = max(e.top, o.top)
	}
	return stands
}

// words are a scan's words, and which scan's of those that are kept one by one.
type words struct {
	text, place string
	sight       sight
	hash        uint32
	version     moment
}

func (w *words) compare(o *words) int {
	return cmp.Or(w.sight.compare(o.sight), cmp.Compare(w.hash, o.hash), cmp.Compare(w.version, o.version),
		cmp.Compare(w.text, o.text), cmp.Compare(w.place, o.place))
}

// of reports whether the words are those of a scan as it stands.
func (w *words) of(e *entry) bool { return w.hash == e.hash && w.version == e.version }

// toldScan is a scan made fit to be kept: Text and Place are tidied.
type toldScan struct {
	Scan
	entry
}

// told returns the report's scans, and when the provider spoke: by the
// snapshot's version, else its own word, else its latest scan. dated is false
// when it says nothing usable, so that our own clock had to do.
func (r *Report) told(received time.Time) (told []toldScan, said time.Time, dated bool) {
	said = r.said(received)
	if dated = !said.IsZero(); !dated {
		said = milli(received)
	}
	told = make([]toldScan, len(r.Scans))
	before := time.Time{}
	for i := range r.Scans {
		t := &told[i]
		t.tidy(&r.Scans[i])
		if t.usable(received) {
			before = cmp.Or(before, t.Scan.At)
		}
	}
	before = cmp.Or(before, said)
	for i := range told {
		t := &told[i]
		at := said
		switch {
		case t.usable(received):
			before, at = t.Scan.At, t.Scan.At
		case t.Scan.At.IsZero() && r.Snapshot:
			at = before // a list tells the order where it tells no time
		case dated:
			t.dating = byReport
		default:
			t.dating = byUs
		}
		t.at = momentOf(at)
		t.local = t.Local && t.dating == byScan
	}
	if r.Snapshot {
		inSequence(told)
	}
	for i := range told {
		told[i].top = told[i].at
	}
	return told, said, dated
}

// said returns when the provider spoke, or zero.
func (r *Report) said(received time.Time) (said time.Time) {
	for _, at := range []time.Time{milli(r.Version), milli(r.SaidAt)} {
		if usable(at, received, clockSkew) {
			return at
		}
	}
	for i := range r.Scans {
		s := Scan{At: milli(r.Scans[i].At), Local: r.Scans[i].Local}
		if s.usable(received) {
			said = latest(said, s.At)
		}
	}
	return said
}

// usable reports whether the scan's own time orders it. A local one may be ahead
// of our clock by the zone's whole offset.
func (s *Scan) usable(received time.Time) bool {
	if s.Local {
		return usable(s.At, received, clockSkew+time.Duration(reach)*time.Millisecond)
	}
	return usable(s.At, received, clockSkew)
}

func (t *toldScan) tidy(s *Scan) {
	t.Scan = *s
	t.Text, t.Place, t.Scan.At = Words(s.Text, MaxScanText), Words(s.Place, MaxScanPlace), milli(s.At)
	t.entry = entry{sight: sight{status: s.Status, code: s.Code}, hash: t.identity(), version: momentOf(milli(s.Version)), retracted: s.Retracted}
}

// inSequence moves the local times of a list, within their reach, to where its
// order puts them: not after the next scan of a known time, not before the scan
// in front.
func inSequence(told []toldScan) {
	next := eternity
	for i := len(told) - 1; i >= 0; i-- {
		t := &told[i]
		switch {
		case !t.local:
			next = t.at
		case t.at > next && t.at-next <= reach:
			t.at = next
		}
	}
	for i := 1; i < len(told); i++ {
		t, before := &told[i], told[i-1].at
		if t.local && t.at < before && before-t.at <= reach {
			t.at = before
		}
	}
}

// add keeps single scans, and reports whether any is new.
func (u *Unit) add(told []toldScan) (fresh bool) {
	if len(told) == 0 {
		return false
	}
	for i := range told {
		t := &told[i]
		if t.dating == byUs && u.knows(t.hash) {
			continue
		}
		u.hear(&t.entry)
		if w := (words{t.Text, t.Place, t.sight, t.hash, t.version}); u.digest == 0 && !t.retracted && w.compare(&u.words) > 0 {
			u.words = w
		}
	}
	news := reduced(told)
	merged := make([]entry, 0, len(u.entries)+len(news))
	known := u.entries
	for i := range news {
		t := &news[i]
		for len(known) > 0 && known[0].hash < t.hash {
			merged, known = append(merged, known[0]), known[1:]
		}
		switch {
		case len(known) > 0 && known[0].hash == t.hash:
			merged, known = append(merged, known[0].merge(&t.entry)), known[1:]
		case t.top <= u.till:
			u.late(t)
		default:
			merged, fresh = append(merged, t.entry), true
		}
	}
	u.entries = append(merged, known...)
	return fresh
}

func (u *Unit) knows(hash uint32) bool {
	_, known := slices.BinarySearchFunc(u.entries, hash, func(e entry, hash uint32) int { return cmp.Compare(e.hash, hash) })
	return known
}

// reduced returns one scan for each identity, sorted by it. It changes told.
func reduced(told []toldScan) []toldScan {
	slices.SortFunc(told, func(a, b toldScan) int { return cmp.Compare(a.hash, b.hash) })
	kept := told[:0]
	for i := range told {
		if n := len(kept); n > 0 && kept[n-1].hash == told[i].hash {
			kept[n-1].entry = kept[n-1].merge(&told[i].entry)
			continue
		}
		kept = append(kept, told[i])
	}
	return kept
}

// late takes a scan that is older than all that are kept, of which nobody
// remembers whether it came before. One without an id and with a time of its own
// can be neither corrected nor taken back, so that it may be folded, if need be
// twice, but not counted. Any other may be a repetition of what was taken back
// or dated anew since, and says nothing.
func (u *Unit) late(t *toldScan) {
	if t.ID != "" || t.dating != byScan || !t.speaks(momentOf(u.Since)) {
		return
	}
	count, unmapped := u.folded.count, u.folded.unmapped
	u.folded.see(&t.entry, false)
	u.folded.count, u.folded.unmapped = count, unmapped
}

// squeeze forgets single scans until the others fit the record.
func (u *Unit) squeeze() {
	size := 0
	for i := range u.entries {
		size += u.entries[i].size()
	}
	if room := u.room(); size > room {
		u.forget(room)
	}
}

// forget folds the earliest single scans, for good, until the others take no
// more than room bytes: all of one time together, so that the scans that are
// kept do not depend on the order in which they came. What is folded can no
// longer be corrected or taken back.
//
// Where the folded ones belong to a later parcel than the first, the start of
// that parcel is kept as Since: the scan that shows it is forgotten too.
func (u *Unit) forget(room int) {
	byTop := slices.Clone(u.entries)
	slices.SortFunc(byTop, func(a, b entry) int { return cmp.Compare(b.top, a.top) })
	for i := range byTop {
		if room -= byTop[i].size(); room < 0 {
			u.till = byTop[i].top
			break
		}
	}
	life, kept := u.life(), make([]entry, 0, len(u.entries))
	for i := range u.entries {
		e := &u.entries[i]
		if e.top > u.till {
			kept = append(kept, *e)
			continue
		}
		if e.speaks(life) && life > momentOf(u.Since) {
			u.Since, u.folded = life.time(), u.folded.since(life)
		}
		if e.speaks(momentOf(u.Since)) {
			u.folded.see(e, false)
		}
	}
	u.entries = kept
}

// identity identifies a single scan: by the provider's id, else by what it says. It
// is stored, so it never changes.
func (s *Scan) identity() uint32 {
	if s.ID != "" {
		return fold(hashText(hashStart, s.ID))
	}
	return fold(s.content())
}

func (s *Scan) content() uint64 {
	var b [10]byte
	b[0], b[1] = byte(s.Status), byte(s.Code)
	binary.LittleEndian.PutUint64(b[2:], uint64(s.At.UnixMilli()))
	return hashText(hashText(hashText(hashStart, string(b[:])), s.Text), s.Place)
}

// digestOf identifies a snapshot's content; never 0.
func digestOf(told []toldScan) uint32 {
	h := uint64(hashStart)
	for i := range told {
		t := &told[i]
		h = (h ^ t.content()) * hashPrime
		if t.Retracted {
			h++
		}
		if t.Local {
			h += 2
		}
	}
	return max(1, fold(h))
}

// FNV-1a, 64 bits.
const hashStart, hashPrime = 14695981039346656037, 1099511628211

// hashText adds s and an end mark that no tidied text holds.
func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return (h ^ 0xff) * hashPrime
}

func fold(h uint64) uint32 { return uint32(h>>32) ^ uint32(h) }
