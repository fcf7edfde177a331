package supply

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"headstart/shared/fault"
)

// Packing is what despatch advices say is in a shipment, whoever sent them, in
// whatever order and however often: the last word on each box and on the whole.
// It never overrides the seller, see Shipment.Packed.
type Packing struct {
	Boxes    []PackedBox // ascending by ID
	Lines    []Content   // ascending by SKU, of the newest advice that says
	LinesAt  time.Time   // when Lines were said
	TooLarge bool        // more was said than one shipment can keep; then nothing is
}

// PackedBox is the last word on one box.
type PackedBox struct {
	ID         string
	TrackingID string
	TrackedAt  time.Time // when TrackingID was said
	Contents   []Content // ascending by SKU
	PackedAt   time.Time // when Contents were said
}

// Packing returns what the manifest says, fit to be kept. A time of saying that
// lies ahead of now is no time: it would outweigh every correction. It returns
// fault.Invalid naming the field for units that cannot be counted and names that
// cannot be SKUs.
func (m *Manifest) Packing(now time.Time) (p Packing, err error) {
	said := milli(m.SaidAt)
	if said.After(now.Add(clockSkew)) {
		said = time.Time{}
	}
	if len(m.Boxes) > MaxBoxes || len(m.Lines) > MaxLines {
		return Packing{TooLarge: true}, nil
	}
	if p.Lines, err = tallied("lines", m.Lines); err != nil {
		return Packing{}, err
	}
	if len(p.Lines) > 0 {
		p.LinesAt = said
	}
	for i, box := range m.Boxes {
		packed := PackedBox{TrackingID: Words(box.TrackingID, MaxNumber)}
		packed.ID = cmp.Or(Words(box.ID, MaxNumber), packed.TrackingID)
		if packed.ID == "" {
			continue // nobody could say which box it is
		}
		if packed.Contents, err = tallied(fmt.Sprintf("boxes[%d].lines", i), box.Contents); err != nil {
			return Packing{}, err
		}
		if packed.TrackingID != "" {
			packed.TrackedAt = said
		}
		if len(packed.Contents) > 0 {
			packed.PackedAt = said
		}
		p.Boxes = append(p.Boxes, packed)
	}
	p.Boxes = onePerBox(p.Boxes)
	return p, nil
}

// onePerBox returns the boxes ascending by ID, what was said twice joined.
func onePerBox(boxes []PackedBox) (each []PackedBox) {
	slices.SortStableFunc(boxes, func(a, b PackedBox) int { return cmp.Compare(a.ID, b.ID) })
	for _, b := range boxes {
		if last := len(each) - 1; last >= 0 && each[last].ID == b.ID {
			each[last] = each[last].join(b)
		} else {
			each = append(each, b)
		}
	}
	return each
}

// tallied returns units by SKU, each once.
func tallied(field string, contents []Content) (all []Content, err error) {
	units := make(map[SKU]Units, len(contents))
	for i, c := range contents {
		if _, err := ParseSKU(fmt.Sprintf("%s[%d].sku", field, i), string(c.SKU)); err != nil {
			return nil, err
		}
		if _, err := ParseUnits(fmt.Sprintf("%s[%d].units", field, i), int64(c.Units), 1); err != nil {
			return nil, err
		}
		if units[c.SKU] += c.Units; units[c.SKU] > MaxUnits {
			return nil, fault.New(fault.Invalid, "INVALID_INPUT", "%s: more than %d units of %q", field, MaxUnits, c.SKU)
		}
	}
	for sku, n := range units {
		all = append(all, Content{sku, n})
	}
	slices.SortFunc(all, bySKU)
	return all, nil
}

func bySKU(a, b Content) int { return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Units, b.Units)) }

// Empty reports whether nobody said anything.
func (p *Packing) Empty() bool { return len(p.Boxes) == 0 && len(p.Lines) == 0 && !p.TooLarge }

// Join returns what two packings say together. It is commutative, associative
// and idempotent, so that the order and the number of despatch advices do not
// matter.
func (p Packing) Join(o Packing) Packing {
	if p.TooLarge || o.TooLarge {
		return Packing{TooLarge: true}
	}
	joined := Packing{Lines: p.Lines, LinesAt: p.LinesAt, Boxes: onePerBox(slices.Concat(p.Boxes, o.Boxes))}
	if later(o.LinesAt, o.Lines, p.LinesAt, p.Lines) {
		joined.Lines, joined.LinesAt = o.Lines, o.LinesAt
	}
	if len(joined.Boxes) > MaxBoxes {
		return Packing{TooLarge: true}
	}
	return joined
}

func (b PackedBox) join(o PackedBox) PackedBox {
	if cmp.Or(o.TrackedAt.Compare(b.TrackedAt), strings.Compare(o.TrackingID, b.TrackingID)) > 0 {
		b.TrackingID, b.TrackedAt = o.TrackingID, o.TrackedAt
	}
	if later(o.PackedAt, o.Contents, b.PackedAt, b.Contents) {
		b.Contents, b.PackedAt = o.Contents, o.PackedAt
	}
	return b
}

// later reports whether a was said after b; of two things said at once one is
// later by what it says, so that the order of arrival does not decide.
func later(aAt time.Time, a []Content, bAt time.Time, b []Content) bool {
	return cmp.Or(aAt.Compare(bAt), slices.CompareFunc(a, b, bySKU)) > 0
}

// Same reports whether p and o say the same.
func (p *Packing) Same(o *Packing) bool {
	return p.TooLarge == o.TooLarge && p.LinesAt.Equal(o.LinesAt) && slices.Equal(p.Lines, o.Lines) &&
		slices.EqualFunc(p.Boxes, o.Boxes, func(a, b PackedBox) bool {
			return a.ID == b.ID && a.TrackingID == b.TrackingID && a.TrackedAt.Equal(b.TrackedAt) && a.PackedAt.Equal(b.PackedAt) &&
				slices.Equal(a.Contents, b.Contents)
		})
}

// Learn adds what despatch advices say and reports whether that is news. A
// shipment that has ended learns nothing.
func (s *Shipment) Learn(p Packing, now time.Time) (changed bool) {
	joined := s.Packing.Join(p)
	if s.open() != nil || joined.Same(&s.Packing) {
		return false
	}
	s.Packing = joined
	s.follow(now)
	return true
}

// PackingStatus is what became of what despatch advices say.
type PackingStatus string

// The statuses.
const (
	PackingApplied PackingStatus = "APPLIED" // it fills in what the seller left open
	PackingKept    PackingStatus = "KEPT"    // the seller had said it all; the seller's word stands
	PackingIgnored PackingStatus = "IGNORED" // it does not fit what the seller announced, and changes nothing
)

// Packed returns the boxes as the seller listed them, completed by what despatch
// advices say: boxes that the seller does not list, contents of boxes that list
// none, and tracking ids of boxes that have none.
func (s *Shipment) Packed() []Box {
	boxes, _, _ := s.packed()
	return boxes
}

// PackingVerdict returns what became of what despatch advices say, and why; ""
// when there was none.
func (s *Shipment) PackingVerdict() (status PackingStatus, reason string) {
	_, status, reason = s.packed()
	return status, reason
}

func (s *Shipment) packed() (boxes []Box, status PackingStatus, reason string) {
	if s.Packing.Empty() {
		return s.Boxes, "", ""
	}
	if reason := s.Packing.misfit(s.Lines); reason != "" {
		return s.Boxes, PackingIgnored, reason
	}
	boxes, filled, kept := s.completed()
	if err := checkBoxes(boxes, s.Lines); err != nil {
		return s.Boxes, PackingIgnored, "with the despatch advice " + err.Error()
	}
	if kept != "" {
		reason = "what the seller says of box " + kept + " stands"
	}
	if filled {
		return boxes, PackingApplied, reason
	}
	return boxes, PackingKept, reason
}

// misfit says how the packing as a whole contradicts what is announced; "" when
// it does not.
func (p *Packing) misfit(lines []Content) string {
	if p.TooLarge {
		return fmt.Sprintf("despatch advices name more than the %d boxes and %d lines of one shipment", MaxBoxes, MaxLines)
	}
	announced := make(map[SKU]Units, len(lines))
	for _, l := range lines {
		announced[l.SKU] = l.Units
	}
	for _, l := range p.Lines {
		if l.Units > announced[l.SKU] {
			return fmt.Sprintf("the despatch advice has %d units of %q; %d are announced", l.Units, l.SKU, announced[l.SKU])
		}
	}
	return ""
}

// completed returns the seller's boxes with what the packing adds, whether it
// adds anything, and the first box of which it says something else. A box is
// known by its id, else by its number.
func (s *Shipment) completed() (boxes []Box, filled bool, kept string) {
	boxes = slices.Clone(s.Boxes)
	at := make(map[string]int, 2*len(boxes))
	for i := range boxes {
		if number := NormalNumber(boxes[i].TrackingID); number != "" {
			at["#"+number] = i
		}
		at[boxes[i].ID] = i
	}
	for _, said := range s.Packing.Boxes {
		i, known := at[said.ID]
		if !known {
			i, known = at["#"+NormalNumber(said.TrackingID)]
		}
		if !known {
			boxes, filled = append(boxes, Box{said.ID, said.TrackingID, said.Contents}), true
			continue
		}
		box := &boxes[i]
		if box.TrackingID == "" && said.TrackingID != "" {
			box.TrackingID, filled = said.TrackingID, true
		}
		switch {
		case len(said.Contents) == 0:
		case len(box.Contents) == 0:
			box.Contents, filled = said.Contents, true
		case kept == "" && !sameUnits(box.Contents, said.Contents):
			kept = box.ID
		}
	}
	return boxes, filled, kept
}

func sameUnits(a, b []Content) bool {
	a, b = slices.SortedFunc(slices.Values(a), bySKU), slices.SortedFunc(slices.Values(b), bySKU)
	return slices.Equal(a, b)
}
