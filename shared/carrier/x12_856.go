package carrier

import (
	"bytes"
	"cmp"
	"strings"

	"headstart/shared/supply"
)

// x12Notice reads a transaction set 856, an advance ship notice, into a Manifest.
// A manifest that is known in part would be taken for the whole, so the first
// thing in it that cannot be counted refuses the set.
//
// Levels (HL) are found by their parents' numbers. A level may name only a parent
// that came before it, so none is its own ancestor; one whose parent is not known
// belongs to the shipment and to no box.
type x12Notice struct {
	body    *x12Body
	refused error

	manifest supply.Manifest
	names    x12Names
	purpose  string

	levels  map[int]x12Level // by HL-01
	id      int              // of the open level; -1 without one
	level   x12Level         // the open level
	boxes   []x12Box
	skus    []supply.SKU
	items   map[supply.SKU]int // places in skus, plus one
	entries []x12Entry
}

// x12Level is what a level of the hierarchy is inside of: places in boxes and
// skus, plus one; 0 = none.
type x12Level struct {
	box, item int32
	own       bool // the level is the box itself
	counted   bool // the item's units are counted, so that those of its boxes are not
}

// x12Box is a pack or a tare (pallet).
type x12Box struct {
	sscc, id, tracking string
	outer              bool // it holds other boxes
	filled             bool // it holds units that are in no other
}

// x12Entry is a SN1.
type x12Entry struct {
	box, item int32
	counted   bool // it is a part of what another entry counts
	units     supply.Units
}

// x12MaxLevels is as many levels as a shipment of the most boxes can have.
const x12MaxLevels = 10 * supply.MaxBoxes

func (n *x12Notice) segment(e x12Segment) {
	if n.refused != nil {
		return
	}
	switch e.tag() {
	case "BSN":
		n.purpose = x12Text(e.at(1), 20)
		n.manifest.Shipment = x12Text(e.at(2), 64)
		n.manifest.SaidAt = x12Said(e.at(3), e.at(4))
	case "HL":
		n.refused = n.enter(e)
	case "TD3":
		n.container(e.at(2), e.at(3))
	case "REF":
		n.reference(x12References[string(e.at(1))], e.at(2))
	case "MAN":
		n.mark(e)
	case "LIN":
		n.refused = n.item(e)
	case "SN1":
		n.refused = n.shipped(e)
	}
}

func (n *x12Notice) enter(e x12Segment) error {
	if len(n.levels) == x12MaxLevels {
		return invalid("HL: a notice may have %d levels", x12MaxLevels)
	}
	level := n.levels[x12Number(e.at(2))]
	level.own = false
	switch string(e.at(3)) {
	case "T", "P":
		if len(n.boxes) == supply.MaxBoxes {
			return invalid("HL: a shipment may have %d boxes", supply.MaxBoxes)
		}
		if level.box > 0 {
			n.boxes[level.box-1].outer = true
		}
		n.boxes = append(n.boxes, x12Box{})
		level.box, level.own = int32(len(n.boxes)), true
	}
	n.id = x12Number(e.at(1))
	n.keep(level)
	return nil
}

// keep is the open level from now on, also for those below it.
func (n *x12Notice) keep(level x12Level) {
	n.level = level
	if n.levels == nil {
		n.levels = make(map[int]x12Level)
	}
	if n.id >= 0 {
		n.levels[n.id] = level
	}
}

// container takes a container's number (ISO 6346). Numbers of trailers come back
// with other goods.
func (n *x12Notice) container(owner, serial []byte) {
	if len(owner) == 4 && owner[3] == 'U' && len(serial) == 7 && x12Number(serial) >= 0 {
		n.names.add(x12Container, []byte(string(owner)+string(serial)))
	}
}

// reference takes a number of the shipment, or of the box at whose level it
// stands; an item's leads nowhere.
func (n *x12Notice) reference(rank x12Rank, raw []byte) {
	switch {
	case n.level.box == 0:
		n.names.add(rank, raw)
	case n.level.own && (rank == x12PRO || rank == x12Tracking):
		n.track(raw)
	}
}

func (n *x12Notice) track(raw []byte) {
	box := &n.boxes[n.level.box-1]
	if number, err := supply.ParseTrackingNumber("", string(raw)); err == nil && box.tracking == "" {
		box.tracking = number
	}
}

// x12Purposes are the purposes of a notice that says what is in a shipment now.
// A cancellation or a change of parts is for people to act upon.
// Source: stedi.com/edi/x12-004010/element/353.
var x12Purposes = map[string]bool{
	"":   true,
	"00": true, // original
	"05": true, // replace
	"06": true, // confirmation
	"07": true, // duplicate
	"14": true, // advance notification
}

type x12Marking uint8

const (
	x12SSCC    x12Marking = iota + 1
	x12Own                // the shipper's number of the box
	x12Carried            // the carrier's number of the box
)

// x12Qualifiers are those of MAN that are another for each box; UC, for one, is
// the same on all boxes of a kind. Source: stedi.com/edi/x12-004010/element/88.
var x12Qualifiers = map[string]x12Marking{
	"GM": x12SSCC,
	"AA": x12SSCC,
	"CP": x12Carried,
	"UP": x12Carried,
	"CA": x12Own, // case
	"MC": x12Own, // master carton
	"SM": x12Own,
	"SS": x12Own, // skid
}

// mark reads the marks and numbers of a box. A range (MAN-03) names several
// boxes at once without saying what is in which, so it names none.
func (n *x12Notice) mark(e x12Segment) {
	for i := 1; i <= 4 && n.level.own; i += 3 {
		if len(e.at(i+2)) > 0 {
			continue
		}
		box, number := &n.boxes[n.level.box-1], x12Text(e.at(i+1), 64)
		switch x12Qualifiers[string(e.at(i))] {
		case x12SSCC:
			if len(number) == 20 {
				number = strings.TrimPrefix(number, "00") // the application identifier
			}
			box.sscc = cmp.Or(box.sscc, number)
		case x12Own:
			box.id = cmp.Or(box.id, number)
		case x12Carried:
			n.track(e.at(i + 1))
		}
	}
}

// x12SKUs are the qualifiers of the numbers that may be our SKU, the likeliest
// first. Source: stedi.com/edi/x12-004010/element/235.
var x12SKUs = []string{
	"SK", // stock keeping unit
	"VN", // vendor's item number
	"BP", // buyer's part number
	"VP", // vendor's part number
	"IN", // buyer's item number
	"UP", // GTIN-12, as it stands
	"EN", // GTIN-13
	"UK", // GTIN-14
}

// item reads a LIN: the units that follow are of its SKU.
func (n *x12Notice) item(e x12Segment) error {
	sku, err := x12SKU(e)
	if err != nil {
		return err
	}
	if n.items[sku] == 0 {
		if len(n.skus) == supply.MaxLines {
			return invalid("LIN: a shipment may have %d SKUs", supply.MaxLines)
		}
		if n.items == nil {
			n.items = make(map[supply.SKU]int)
		}
		n.skus = append(n.skus, sku)
		n.items[sku] = len(n.skus)
	}
	level := n.level
	level.item, level.counted = int32(n.items[sku]), false
	n.keep(level)
	return nil
}

func x12SKU(e x12Segment) (supply.SKU, error) {
	var unfit error
	for _, qualifier := range x12SKUs {
		for i := 2; i+1 < len(e); i += 2 {
			if string(e[i]) != qualifier || len(e[i+1]) == 0 {
				continue
			}
			sku, err := supply.ParseSKU("LIN", x12UTF8(e[i+1]))
			if err == nil {
				return sku, nil
			}
			unfit = cmp.Or(unfit, err)
		}
	}
	return "", cmp.Or(unfit, invalid("LIN names no SKU by %s", strings.Join(x12SKUs, ", ")))
}

// x12Each are the units of measure that are one unit of the SKU. A case holds as
// many as nobody says here. Source: stedi.com/edi/x12-004010/element/355.
var x12Each = map[string]bool{"EA": true, "PC": true, "UN": true}

// shipped reads a SN1: units of the item.
func (n *x12Notice) shipped(e x12Segment) error {
	whole, fraction, _ := bytes.Cut(e.at(2), []byte("."))
	units := x12Number(whole)
	switch {
	case n.level.item == 0:
		return invalid("SN1 has no LIN before it")
	case units < 0 || len(bytes.Trim(fraction, "0")) > 0:
		return invalid("SN1-02 %q is not a whole number of units", x12Text(e.at(2), 20))
	case !x12Each[string(e.at(3))]:
		return invalid("SN1-03 %q is not a unit of the SKU: write EA", x12Text(e.at(3), 20))
	}
	level := n.level
	n.entries = append(n.entries, x12Entry{level.box, level.item, level.counted, supply.Units(units)})
	if level.box > 0 {
		n.boxes[level.box-1].filled = true
	}
	level.counted = true
	n.keep(level)
	return nil
}

func (n *x12Notice) drop() {}

func (n *x12Notice) end() {
	if n.refused == nil {
		n.refused = n.build()
	}
	if n.refused != nil {
		n.body.lose(n.refused)
		return
	}
	n.body.total++
	n.body.manifests = append(n.body.manifests, n.manifest)
}

// build finishes the manifest.
func (n *x12Notice) build() error {
	n.manifest.Numbers = n.names.numbers()
	if !x12Purposes[n.purpose] {
		return invalid("BSN-01 %q does not say what is in a shipment now", n.purpose)
	}
	if n.manifest.Shipment == "" && len(n.manifest.Numbers) == 0 {
		return invalid("neither BSN-02 nor REF names the shipment")
	}
	places := n.list()
	if err := n.fill(places); err != nil {
		return err
	}
	if len(n.manifest.Lines)+len(n.manifest.Boxes) == 0 {
		return invalid("the notice lists neither units nor boxes")
	}
	return nil
}

// list lists the boxes, each once, and returns the place in the list of each box
// of the notice, plus one; 0 for a box without a name or with boxes in it.
func (n *x12Notice) list() []int32 {
	places, ids := make([]int32, len(n.boxes)), make(map[string]int32, len(n.boxes))
	for i := range n.boxes {
		box := &n.boxes[i]
		id := cmp.Or(box.sscc, box.id, box.tracking)
		if id == "" || box.outer && !box.filled {
			continue
		}
		if ids[id] == 0 {
			n.manifest.Boxes = append(n.manifest.Boxes, supply.Box{ID: id, TrackingID: box.tracking})
			ids[id] = int32(len(n.manifest.Boxes))
		}
		places[i] = ids[id]
	}
	return places
}

// fill adds the units up: of each SKU in all, and in each box that has a place.
func (n *x12Notice) fill(places []int32) error {
	lines := make([]supply.Units, len(n.skus))
	contents := make(map[[2]int32]int) // box and SKU to the place in the box
	for _, e := range n.entries {
		if !e.counted {
			lines[e.item-1] += e.units
		}
		if e.units > 0 && e.box > 0 && places[e.box-1] > 0 {
			box := &n.manifest.Boxes[places[e.box-1]-1]
			i, known := contents[[2]int32{places[e.box-1], e.item}]
			if !known {
				i = len(box.Contents)
				contents[[2]int32{places[e.box-1], e.item}] = i
				box.Contents = append(box.Contents, supply.Content{SKU: n.skus[e.item-1]})
			}
			box.Contents[i].Units += e.units
		}
	}
	for i, units := range lines {
		if units > supply.MaxUnits {
			return invalid("the units of SKU %q exceed %d", n.skus[i], supply.MaxUnits)
		}
		if units > 0 {
			n.manifest.Lines = append(n.manifest.Lines, supply.Content{SKU: n.skus[i], Units: units})
		}
	}
	return nil
}
