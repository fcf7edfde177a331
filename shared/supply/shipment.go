package supply

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"headstart/shared/fault"
)

// Mode is how a shipment travels.
type Mode uint8

// The modes. Source: SP-API fulfillment inbound 2024-03-20, shipping modes,
// less those that differ only in who loads.
const (
	SPD Mode = iota // small parcels
	LTL             // less than a truckload
	FTL             // a full truckload
	Ocean
	Rail
	Air
	modeCount
)

var modeNames = [modeCount]string{SPD: "SPD", LTL: "LTL", FTL: "FTL", Ocean: "OCEAN", Rail: "RAIL", Air: "AIR"}

// String returns the mode as it is published.
func (m Mode) String() string { return nameAt(modeNames[:], int(m)) }

// ParseMode returns the mode named s, and whether there is one.
func ParseMode(s string) (Mode, bool) {
	i := slices.Index(modeNames[:], s)
	return Mode(max(i, 0)), i >= 0
}

// Program is the programme under which a carrier was chosen.
type Program uint8

// The programmes. Tracking is generated for all but the seller's own carrier.
const (
	OwnCarrier Program = iota
	Partnered
	GlobalLogistics
	programCount
)

var programNames = [programCount]string{OwnCarrier: "OWN", Partnered: "PARTNERED", GlobalLogistics: "GLOBAL_LOGISTICS"}

// String returns the programme as it is published.
func (p Program) String() string { return nameAt(programNames[:], int(p)) }

// ParseProgram returns the programme named s, and whether there is one.
func ParseProgram(s string) (Program, bool) {
	i := slices.Index(programNames[:], s)
	return Program(max(i, 0)), i >= 0
}

// Carrier is who carries a shipment.
type Carrier struct {
	Program Program
	Name    string
	SCAC    string // 2 to 4 letters; "" when not said
}

// Content is units of one SKU, in a shipment, a box or a receipt.
type Content struct {
	SKU   SKU
	Units Units
}

// Box is one box of a shipment.
type Box struct {
	ID         string
	TrackingID string    // as it was registered; "" = not tracked by itself
	Contents   []Content // empty = nobody said what it holds
}

// Limits of one shipment.
const (
	MaxLines = 1000 // each is an item of its own to be written when a date moves
	MaxBoxes = 5000 // their states are one record
)

// maxReceipts is how many receipts a shipment recognises when they come again.
// Source: one receipt per box of the largest shipment.
const maxReceipts = MaxBoxes

// Shipment is one shipment of one seller: what was announced, what the dock
// counted in, and what was last heard of each transport unit. What a lot of one
// of its items is told, Facts, is computed from these and never stored.
type Shipment struct {
	ID              ShipmentID
	Marketplace     MarketplaceID
	Destination     string
	Created         time.Time // UTC
	Mode            Mode
	Carrier         Carrier
	Vendor          string // who packed it; "" when not said
	Boxes           []Box
	ProNumber       string
	ContainerNumber string
	BillOfLading    string
	BookingNumber   string
	Lines           []Content // announced; a SKU that was taken back stays with 0 units
	Stated          Window    // the seller's own word on the arrival
	StatedAt        time.Time // when it was given, UTC
	Appointment     Window    // the slot that was booked at the dock; zero = none

	Cancelled bool
	Final     bool      // the dock said that nothing more will be counted in
	Received  []Content // counted in so far, unplanned SKUs included
	First     time.Time // first receipt of any unit; zero = none
	Latest    time.Time // latest receipt; zero = none
	Receipts  []uint64  // identities of the receipts counted, newest last

	Packing Packing    // what despatch advices say is in the boxes
	Units   []UnitNews // one per number, in the order of Numbers
	Watch   Watch      // what its lane still has to learn from it
	Blocked bool       // it was created after the cut-off of a programme that is paused
}

// UnitNews is what a shipment last heard under one of its numbers.
type UnitNews struct {
	Number    string // in normal form
	Version   int64  // of the unit's record; 0 = nothing was heard
	Status    TrackStatus
	Arrived   time.Time
	Troubles  UnitTrouble
	ETA       Window
	ETASaidAt time.Time
	Heard     time.Time

	Registration // no news: what the shipment itself knows of the number
}

// Registration is what a shipment itself knows of one of its numbers.
type Registration struct {
	Kind    UnitKind
	Since   time.Time   // when the number was registered, UTC; zero = not known
	Refused LinkRefusal // why the number's unit tells this shipment nothing
	Holder  ShipmentID  // who travels under the number instead; "" when nobody is named
	Alerted bool        // an alert says that no carrier knows the number
}

// LinkRefusal is why a number that a shipment registered does not lead to it.
type LinkRefusal uint8

// The refusals. A unit that others hold brings this shipment nothing.
const (
	Linkable     LinkRefusal = iota
	NumberTaken              // a parcel belongs to one shipment, and another has it
	NumberFull               // as many shipments as can share a unit share it
	OtherCarrier             // another carrier than the shipment's speaks under the number
	refusalCount
)

var refusalNames = [refusalCount]string{Linkable: "", NumberTaken: "NUMBER_TAKEN", NumberFull: "NUMBER_FULL", OtherCarrier: "OTHER_CARRIER"}

// String returns the refusal as it is published; "" for Linkable.
func (r LinkRefusal) String() string { return nameAt(refusalNames[:], int(r)) }

// held reports whether the number's unit brings others' goods.
func (r LinkRefusal) held() bool { return r == NumberTaken || r == NumberFull }

// News returns what a shipment must know of the unit; version is that of the
// unit's record.
func (u *Unit) News(version int64) UnitNews {
	return UnitNews{Number: NormalNumber(u.Number), Version: version, Status: u.Status, Arrived: u.Arrived,
		Troubles: u.Troubles, ETA: u.ETA, ETASaidAt: u.ETASaidAt, Heard: u.Heard}
}

// Same reports whether n and o say the same, whatever their versions.
func (n *UnitNews) Same(o *UnitNews) bool {
	return n.Number == o.Number && n.Status == o.Status && n.Troubles == o.Troubles && n.Arrived.Equal(o.Arrived) &&
		n.ETA.DateOnly == o.ETA.DateOnly && n.ETA.Kind == o.ETA.Kind && n.ETA.From.Equal(o.ETA.From) && n.ETA.To.Equal(o.ETA.To) &&
		n.ETASaidAt.Equal(o.ETASaidAt) && n.Heard.Equal(o.Heard)
}

// UnitKind says what a transport unit's number is.
type UnitKind uint8

// The kinds of number.
const (
	TrackingNumber UnitKind = iota
	PRONumber
	ContainerNumber
	BillOfLadingNumber
	BookingNumber
	unitKindCount
)

var unitKindNames = [unitKindCount]string{TrackingNumber: "TRACKING_NUMBER", PRONumber: "PRO", ContainerNumber: "CONTAINER",
	BillOfLadingNumber: "BOL", BookingNumber: "BOOKING"}

// String returns the kind as it is published.
func (k UnitKind) String() string { return nameAt(unitKindNames[:], int(k)) }

// Document reports whether the number is that of a paper about the whole
// shipment rather than of something that is carried.
func (k UnitKind) Document() bool { return k == BillOfLadingNumber || k == BookingNumber }

// Shared reports whether one unit of this kind may carry the goods of several
// shipments. A parcel is one shipment's.
func (k UnitKind) Shared() bool { return k != TrackingNumber }

// Number is one number that a shipment travels under.
type Number struct {
	Written string // as it was registered
	Normal  string // as it is compared
	Kind    UnitKind
}

// MaxNumber bounds a number in normal form, in bytes.
const MaxNumber = maxNumber

// Numbers returns what the shipment travels under: the boxes with a tracking id,
// the PRO number, the container and the papers, whichever are given, each once. A
// text that no carrier could have for a number (N/A) is none.
func (s *Shipment) Numbers() []Number {
	boxes := s.Packed()
	numbers := make([]Number, 0, len(boxes)+4)
	seen := make(map[string]bool, len(boxes)+4)
	add := func(written string, kind UnitKind) {
		if written == "" {
			return
		}
		_, err := ParseTrackingNumber("number", written)
		if normal := NormalNumber(written); err == nil && !seen[normal] {
			seen[normal] = true
			numbers = append(numbers, Number{written, normal, kind})
		}
	}
	for i := range boxes {
		add(boxes[i].TrackingID, TrackingNumber)
	}
	add(s.ProNumber, PRONumber)
	add(s.ContainerNumber, ContainerNumber)
	add(s.BillOfLading, BillOfLadingNumber)
	add(s.BookingNumber, BookingNumber)
	return numbers
}

// Unit returns what was heard of the number in normal form, or nil when the
// shipment does not travel under it.
func (s *Shipment) Unit(normal string) *UnitNews {
	for i := range s.Units {
		if s.Units[i].Number == normal {
			return &s.Units[i]
		}
	}
	return nil
}

// CarriedBy reports whether the shipment may travel with the issuer of a number:
// it may unless the issuer and the shipment's carrier are both known and differ.
// A seller writes "Deutsche Post DHL" where a provider says "dhl", so a name that
// holds the other is the same. Source: design section 3, "Webhooks".
func (s *Shipment) CarriedBy(issuer string) bool {
	unknown := true
	for _, own := range []string{s.Carrier.Name, s.Carrier.SCAC} {
		if own == "" {
			continue
		}
		unknown = false
		if SameIssuer(own, issuer) || holds(own, issuer) || holds(issuer, own) {
			return true
		}
	}
	return unknown
}

func holds(name, part string) bool {
	name, part = lettersOf(name), lettersOf(part)
	return len(part) >= 3 && strings.Contains(name, part)
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

// Announce checks what the fields of a new shipment say together and begins to
// follow its numbers from now on. It returns fault.Invalid or fault.TooLarge
// naming the field.
func (s *Shipment) Announce(now time.Time) error {
	if err := checkLines(s.Lines); err != nil {
		return err
	}
	if err := checkBoxes(s.Boxes, s.Lines); err != nil {
		return err
	}
	s.follow(now)
	return nil
}

func checkLines(lines []Content) error {
	if len(lines) == 0 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "lines is empty; a shipment has at least one")
	}
	if len(lines) > MaxLines {
		return fault.New(fault.TooLarge, "TOO_LARGE", "lines has %d entries, those taken back included; at most %d are allowed, split the shipment", len(lines), MaxLines)
	}
	return nil
}

// checkBoxes holds boxes to lines: no box may hold what is not announced.
func checkBoxes(boxes []Box, lines []Content) error {
	if len(boxes) > MaxBoxes {
		return fault.New(fault.TooLarge, "TOO_LARGE", "boxes has %d entries; at most %d are allowed, split the shipment", len(boxes), MaxBoxes)
	}
	room := make(map[SKU]Units, len(lines))
	for _, l := range lines {
		room[l.SKU] = l.Units
	}
	ids := make(map[string]bool, len(boxes))
	for i, box := range boxes {
		if ids[box.ID] {
			return fault.New(fault.Invalid, "INVALID_INPUT", "boxes[%d].boxId %q occurs twice", i, box.ID)
		}
		ids[box.ID] = true
		for j, c := range box.Contents {
			if room[c.SKU] -= c.Units; room[c.SKU] < 0 {
				return fault.New(fault.Invalid, "INVALID_INPUT", "boxes[%d].lines[%d].units: the boxes hold more units of %q than lines announce", i, j, c.SKU)
			}
		}
	}
	return nil
}

// follow makes Units what Numbers says, keeping what was heard and registering
// at now what is new.
func (s *Shipment) follow(now time.Time) {
	known := make(map[string]UnitNews, len(s.Units))
	for _, n := range s.Units {
		known[n.Number] = n
	}
	numbers := s.Numbers()
	s.Units = make([]UnitNews, len(numbers))
	for i, n := range numbers {
		unit, old := known[n.Normal]
		if !old {
			unit = UnitNews{Number: n.Normal, Registration: Registration{Since: milli(now)}}
		}
		unit.Kind = n.Kind
		s.Units[i] = unit
	}
}

// open returns fault.Refused when the shipment's plan can no longer change.
func (s *Shipment) open() error {
	switch {
	case s.Cancelled:
		return fault.New(fault.Refused, "SHIPMENT_CANCELLED", "shipment %s is cancelled; announce a new one", s.ID)
	case s.Final:
		return fault.New(fault.Refused, "SHIPMENT_CLOSED", "shipment %s is closed; announce a new one", s.ID)
	}
	return nil
}

// Tracking is what a seller says about a shipment's numbers. What it does not
// mention stays as it is: a box that is given says nothing of the others, a nil
// number nothing at all. An empty number takes the known one away.
type Tracking struct {
	Boxes                                                   []BoxTracking
	ProNumber, ContainerNumber, BillOfLading, BookingNumber *string
}

// BoxTracking is what a seller says about one box, by its id.
type BoxTracking struct {
	ID         string
	TrackingID *string
	Contents   []Content // nil: as known
}

// Named returns the numbers that are given, in normal form.
func (t *Tracking) Named() (numbers []string) {
	given := []*string{t.ProNumber, t.ContainerNumber, t.BillOfLading, t.BookingNumber}
	for i := range t.Boxes {
		given = append(given, t.Boxes[i].TrackingID)
	}
	for _, number := range given {
		if number != nil && NormalNumber(*number) != "" {
			numbers = append(numbers, NormalNumber(*number))
		}
	}
	return numbers
}

// Retrack replaces the numbers. A unit whose number is taken away is no longer
// followed, and what was heard of it no longer counts. A number that was refused
// and is given again is registered anew. It returns fault.Refused for a shipment
// that is cancelled or closed.
func (s *Shipment) Retrack(t Tracking, now time.Time) error {
	if err := s.open(); err != nil {
		return err
	}
	s.Boxes = slices.Clone(s.Boxes)
	at := make(map[string]int, len(s.Boxes))
	for i := range s.Boxes {
		at[s.Boxes[i].ID] = i
	}
	for _, told := range t.Boxes {
		i, known := at[told.ID]
		if !known {
			i = len(s.Boxes)
			at[told.ID] = i
			s.Boxes = append(s.Boxes, Box{ID: told.ID})
		}
		box := &s.Boxes[i]
		box.TrackingID = given(told.TrackingID, box.TrackingID)
		if told.Contents != nil {
			box.Contents = told.Contents
		}
	}
	s.ProNumber = given(t.ProNumber, s.ProNumber)
	s.ContainerNumber = given(t.ContainerNumber, s.ContainerNumber)
	s.BillOfLading = given(t.BillOfLading, s.BillOfLading)
	s.BookingNumber = given(t.BookingNumber, s.BookingNumber)
	if err := checkBoxes(s.Boxes, s.Lines); err != nil {
		return err
	}
	for _, number := range t.Named() {
		if n := s.Unit(number); n != nil && n.Refused != Linkable {
			n.Registration = Registration{Since: milli(now)}
		}
	}
	s.follow(now)
	return nil
}

func given(number *string, known string) string {
	if number == nil {
		return known
	}
	return *number
}

// Relines replaces the announced units. They may go below what orders have
// taken, which makes a shortfall, and below what was counted in, which makes a
// discrepancy: neither is impossible. It returns fault.Refused for a shipment
// that is cancelled or closed.
func (s *Shipment) Relines(lines []Content, now time.Time) error {
	if err := s.open(); err != nil {
		return err
	}
	next := slices.Clone(lines)
	for _, old := range s.Lines {
		if !slices.ContainsFunc(lines, func(l Content) bool { return l.SKU == old.SKU }) {
			next = append(next, Content{SKU: old.SKU})
		}
	}
	if err := cmp.Or(checkLines(lines), checkLines(next)); err != nil {
		return err
	}
	s.Lines = next
	s.follow(now) // what despatch advices say of the boxes may fit only now, or no longer
	return nil
}

// Cancel ends the shipment and reports whether that is news. What is counted in
// already, or arrives all the same, stays counted in. It returns fault.Refused
// for a closed shipment.
func (s *Shipment) Cancel() (changed bool, err error) {
	if s.Cancelled {
		return false, nil
	}
	if err := s.open(); err != nil {
		return false, err
	}
	s.Cancelled = true
	s.calm()
	return true, nil
}

// Receive counts in what the dock counted since the last receipt and reports
// whether that is news: a receipt with a known identity is not counted again.
// final closes the whole shipment, whatever is still missing. More units than
// announced, SKUs that were not announced, and goods of a cancelled or closed
// shipment are counted in too: they are in the building.
//
// It returns fault.Invalid for units beyond what can be counted.
func (s *Shipment) Receive(receipt uint64, lines []Content, final bool, now time.Time) (changed bool, err error) {
	if slices.Contains(s.Receipts, receipt) {
		return false, nil
	}
	received := slices.Clone(s.Received)
	for i, l := range lines {
		at := slices.IndexFunc(received, func(c Content) bool { return c.SKU == l.SKU })
		if at < 0 {
			at = len(received)
			received = append(received, Content{SKU: l.SKU})
		}
		if received[at].Units += l.Units; received[at].Units > MaxUnits {
			return false, fault.New(fault.Invalid, "INVALID_INPUT", "lines[%d].units: %d units of %q would be counted in; at most %d can be", i, received[at].Units, l.SKU, MaxUnits)
		}
	}
	s.Received = received
	s.Receipts = append(slices.Clone(s.Receipts), receipt)
	s.Receipts = s.Receipts[max(0, len(s.Receipts)-maxReceipts):]
	s.Final = s.Final || final
	if len(lines) > 0 {
		s.First, s.Latest = earliest(s.First, now), latest(s.Latest, now)
	}
	s.calm()
	return true, nil
}

// Hear takes newer news of a unit and reports whether they say anything new.
// News of a number that the shipment does not travel under, or not newer than
// the known ones, change nothing.
func (s *Shipment) Hear(n UnitNews) (changed bool) {
	known := s.Unit(n.Number)
	if known == nil || n.Version <= known.Version || known.Same(&n) {
		return false
	}
	n.Registration = known.Registration
	*known = n
	s.calm()
	return true
}

// Refuse notes why a number does not lead to the shipment, Linkable when it does
// now, and reports whether that is news.
func (s *Shipment) Refuse(number string, why LinkRefusal, holder ShipmentID) (changed bool) {
	n := s.Unit(number)
	if n == nil || n.Refused == why && n.Holder == holder {
		return false
	}
	n.Refused, n.Holder = why, holder
	return true
}
