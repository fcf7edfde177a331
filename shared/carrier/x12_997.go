package carrier

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// acknowledgeX12 answers a body with functional acknowledgements (997), one for
// each group; with nothing when it has no group, or no ISA that says whom to
// answer. Acknowledgements are not acknowledged, or two machines would talk for
// ever.
//
// Source: stedi.com/edi/x12-004010/997.
func acknowledgeX12(req Request, _ []string, _ error, now time.Time) (http.Header, []byte) {
	b, _ := readX12(req.Body, true)
	var answer bytes.Buffer
	for i := range b.interchanges {
		b.interchanges[i].acknowledge(&answer, now.UTC())
	}
	if answer.Len() == 0 {
		return nil, nil
	}
	return http.Header{"Content-Type": {x12Type}}, answer.Bytes()
}

// acknowledge writes the answer to an interchange, from its receiver to its
// sender, under its own control numbers: the answer to the same is the same.
func (x *x12Interchange) acknowledge(to *bytes.Buffer, now time.Time) {
	w := &x12Writer{Buffer: to, marks: x.marks}
	isa := x.marks.split(nil, x.header)
	var first x12Segment
	groups := 0
	for _, g := range x.groups {
		gs := x.marks.split(nil, g.header)
		if string(gs.at(1)) == "FA" {
			continue
		}
		if groups++; groups == 1 {
			first = gs
			blank := fmt.Sprintf("%10s", "")
			w.write("ISA", "00", blank, "00", blank,
				isa.text(7), fmt.Sprintf("%-15s", isa.at(8)), isa.text(5), fmt.Sprintf("%-15s", isa.at(6)),
				now.Format("060102"), now.Format("1504"), isa.text(11), isa.text(12), isa.text(13), "0", isa.text(15), w.component())
			w.write("GS", "FA", gs.text(3), gs.text(2), now.Format("20060102"), now.Format("1504"), gs.text(6), "X", gs.text(8))
		}
		w.group(g, gs, fmt.Sprintf("%04d", groups))
	}
	if groups > 0 {
		w.write("GE", strconv.Itoa(groups), first.text(6))
		w.write("IEA", "1", isa.text(13))
	}
}

// x12Writer writes segments with the separators of an interchange. What it is
// given are elements of that interchange, so that no separator is in them.
type x12Writer struct {
	*bytes.Buffer
	marks    x12Marks
	segments int // of the set
}

func (w *x12Writer) write(elements ...string) {
	w.segments++
	for i, e := range elements {
		if i > 0 {
			w.WriteByte(w.marks.element)
		}
		w.WriteString(e)
	}
	w.WriteByte(w.marks.end)
}

// component returns the component separator, or one that is still free where the
// interchange has none of its own.
func (w *x12Writer) component() string {
	for _, c := range []byte{w.marks.component, '>', ':', '|'} {
		if x12Mark(c) && c != w.marks.element && c != w.marks.end {
			return string([]byte{c})
		}
	}
	return "" // never: one of three is free
}

// group writes the 997 of one group.
func (w *x12Writer) group(g *x12Group, gs x12Segment, control string) {
	w.segments = 0
	w.write("ST", "997", control)
	w.write("AK1", gs.text(1), gs.text(6))
	for _, set := range g.sets {
		st := w.marks.split(nil, set.header)
		w.write("AK2", st.text(1), st.text(2))
		w.write(append([]string{"AK5"}, x12Chars(set.verdict, set.fault)...)...)
	}
	verdict, accepted := g.verdict()
	trailer := []string{"AK9", string(rune(verdict)), strconv.Itoa(g.stated), strconv.Itoa(len(g.sets)), strconv.Itoa(accepted)}
	w.write(append(trailer, x12Chars(g.faults...)...)...)
	w.write("SE", strconv.Itoa(w.segments+1), control)
}

// x12Chars returns an element for each code; 0 is none.
func x12Chars(codes ...byte) (elements []string) {
	for _, c := range codes {
		if c != 0 {
			elements = append(elements, string(rune(c)))
		}
	}
	return elements
}

// verdict returns what the group is worth (element 715) and how many of its sets
// are accepted.
func (g *x12Group) verdict() (verdict byte, accepted int) {
	verdict = x12Accepted
	if len(g.faults) > 0 {
		verdict = x12Flawed
	}
	for _, set := range g.sets {
		if set.verdict == x12Flawed {
			verdict = x12Flawed
		}
		if set.verdict != x12Rejected {
			accepted++
		}
	}
	switch {
	case accepted == len(g.sets):
		return verdict, accepted
	case accepted > 0:
		return x12Partly, accepted
	}
	return x12Rejected, 0
}
