package engine

import (
	"time"

	"headstart/shared/store"
	"headstart/shared/supply"
)

// sealing is how the entries of one commit are stored: a few bytes at the end
// of the head's tail, the bulk in segments that fill whole kilobytes, because a
// write is paid by the started kilobyte.
type sealing struct {
	tail     []byte          // the head's new tail
	segments []store.Segment // to be stored before the head
	pieces   []store.Piece   // what the head lists of them
}

// manyBytes of new entries are sealed on their own, so that a segment stored
// for a lost race can be used again on top of whatever won it.
const manyBytes = 4 << 10

// span is a run of entries that follow one another.
type span struct {
	frame   supply.Frame
	entries []supply.Entry
	sizes   []int // encoded size of each entry
	bytes   int   // of all entries, without frames
	head    int   // bounds the bytes of a frame's head
}

const (
	frameBytes = 1 + 10 + 10 + 2 + 38 // bounds the head of a frame: mark, sequence, time, cause, shipment
	moveBytes  = 3 + 5 + 5            // and each move of it
)

func newSpan(frame supply.Frame, entries []supply.Entry) span {
	s := span{frame: frame, entries: entries, sizes: make([]int, len(entries)), head: frameBytes}
	if n := len(frame.Moves); n > 0 {
		s.head += 1 + n*moveBytes
	}
	var scratch [512]byte
	for i := range entries {
		s.sizes[i] = len(supply.AppendEntry(scratch[:0], &entries[i]))
		s.bytes += s.sizes[i]
	}
	return s
}

// fit returns how many entries from the start take at most room bytes.
func (s *span) fit(room int) int {
	n := 0
	for n < len(s.sizes) && s.sizes[n] <= room {
		room -= s.sizes[n]
		n++
	}
	return n
}

func (s *span) size(from int) int {
	n := 0
	for _, size := range s.sizes[from:] {
		n += size
	}
	return n
}

// append encodes entries from..to behind b. follows and before describe the end
// of b.
func (s *span) append(b []byte, from, to int, follows uint64, before time.Time) []byte {
	if from == to {
		return b
	}
	frame := s.frame
	frame.First += uint64(from)
	b = supply.AppendFrame(b, frame, follows, before)
	for i := from; i < to; i++ {
		b = supply.AppendEntry(b, &s.entries[i])
	}
	return b
}

// sealer knows what a head has room for and makes tags.
type sealer struct {
	room     int // bytes of tail that keep the head within one write unit
	overhead int // of a segment's record
	tag      func() store.Tag
}

// tail is the end of a line as a head holds it.
type tail struct {
	bytes   []byte
	first   uint64    // sequence of its first entry
	follows uint64    // sequence a reader expects after it
	before  time.Time // time of its last frame
}

// seal decides where the entries go.
func (sl sealer) seal(old tail, s span) sealing {
	if len(old.bytes)+s.bytes+s.head <= sl.room {
		return sealing{tail: s.append(old.bytes, 0, len(s.entries), old.follows, old.before)}
	}
	if s.bytes >= manyBytes {
		n := s.fit(sl.whole(s.bytes, s.head))
		if len(old.bytes)+s.size(n)+s.head <= sl.room {
			out := sealing{tail: s.append(old.bytes, n, len(s.entries), old.follows, old.before)}
			sl.cut(&out, tail{follows: s.frame.First, first: s.frame.First}, s, n)
			return out
		}
	}
	n := s.fit(sl.whole(len(old.bytes)+s.bytes+s.head, s.head) - len(old.bytes))
	if s.size(n)+s.head > sl.room {
		n = len(s.entries)
	}
	out := sealing{tail: s.append(nil, n, len(s.entries), 0, time.Time{})}
	if len(old.bytes) == 0 {
		old = tail{follows: s.frame.First, first: s.frame.First}
	}
	sl.cut(&out, old, s, n)
	return out
}

// whole returns the largest body of at most n bytes, less a frame's head, that
// fills whole kilobytes; at least one.
func (sl sealer) whole(n, head int) int {
	kilobytes := max(1, (n+sl.overhead)/1024)
	return kilobytes*1024 - sl.overhead - head
}

// cut puts old and the first n entries into segments of at most SegmentBytes.
func (sl sealer) cut(out *sealing, old tail, s span, n int) {
	for from := 0; ; {
		to, room := from, store.SegmentBytes-len(old.bytes)-s.head
		for to < n && s.sizes[to] <= room {
			room -= s.sizes[to]
			to++
		}
		body := s.append(old.bytes, from, to, old.follows, old.before)
		end := old.follows
		if to > from {
			end = s.frame.First + uint64(to)
		}
		tag := sl.tag()
		out.segments = append(out.segments, store.Segment{Tag: tag, Body: body})
		out.pieces = append(out.pieces, store.Piece{Tag: tag, First: old.first, End: end})
		if to == n {
			return
		}
		from, old = to, tail{first: end, follows: end}
	}
}
