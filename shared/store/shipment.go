package store

import (
	"encoding/json"
	"strings"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// A shipment is two records. STATE holds what carriers keep changing, so that a
// push rewrites nothing else; its version is the shipment's, and every change of
// the shipment raises it. CONTENTS holds what the seller planned and the dock
// counted, and is written in one transaction with STATE, under its version.
// STATE names the version of the CONTENTS it goes with: two records are read
// one after the other, and only a matching pair is a shipment.

// Room that is kept free when a shipment is planned, so that what happens to it
// later can always be written.
const (
	roomPerUnit     = 64       // packed bytes of all that carriers say of one unit
	roomForReceipts = 96 << 10 // identities of 5,000 receipts, and SKUs nobody announced
	roomForKeys     = 2 << 10  // keys and readable attributes
)

// Who wrote a state.
const (
	bySeller  = "seller"  // a call of the API: numbers, lines or receipts
	byCarrier = "carrier" // news of a unit, folded in
	byLane    = "lane"    // its lane has another outlook
	byProgram = "program" // the programme was reactivated
)

// ShipmentRecords returns both records of a shipment that a call of the API
// changed. It returns fault.TooLarge, naming boxes, when the plan leaves no
// room for what carriers and the dock will say of it.
func ShipmentRecords(seller supply.SellerID, s *supply.Shipment, version int64) (state, contents Record, err error) {
	silent := *s
	silent.Units = make([]supply.UnitNews, len(s.Units))
	for i := range s.Units {
		silent.Units[i].Number, silent.Units[i].Since = s.Units[i].Number, s.Units[i].Since
	}
	bare, err := stateRecord(seller, &silent, version, version, bySeller)
	if err != nil {
		return state, contents, err
	}
	if need := bare.Size() + roomPerUnit*len(s.Units); need > MaxRecordBytes-roomForKeys {
		return state, contents, fault.New(fault.TooLarge, "TOO_LARGE", "boxes: %d transport units are more than one shipment can follow; split it", len(s.Units))
	}
	if state, err = stateRecord(seller, s, version, version, bySeller); err != nil {
		return state, contents, err
	}
	if contents, err = contentsRecord(seller, s, version); err != nil {
		return state, contents, err
	}
	room := MaxRecordBytes - roomForKeys
	if len(s.Receipts) == 0 {
		room -= roomForReceipts
	}
	if size := contents.Size(); size > room {
		return state, contents, fault.New(fault.TooLarge, "TOO_LARGE", "boxes and lines take %d bytes packed, more than the %d of one shipment; split it", size, room)
	}
	return state, contents, nil
}

// TaughtRecord is StateRecord of a shipment that taught its lane. told says that
// its items must be told what the lane makes of it now.
func TaughtRecord(seller supply.SellerID, s *supply.Shipment, version, contents int64, told bool) (Record, error) {
	by := byCarrier
	if told {
		by = byLane
	}
	return stateRecord(seller, s, version, contents, by)
}

// OpenedRecord is StateRecord of a shipment that a pause blocks no more.
func OpenedRecord(seller supply.SellerID, s *supply.Shipment, version, contents int64) (Record, error) {
	return stateRecord(seller, s, version, contents, byProgram)
}

// StateRecord returns the state of a shipment after news of its units; contents
// is the version of the CONTENTS it goes with.
func StateRecord(seller supply.SellerID, s *supply.Shipment, version, contents int64) (Record, error) {
	return stateRecord(seller, s, version, contents, byCarrier)
}

func stateRecord(seller supply.SellerID, s *supply.Shipment, version, contents int64, by string) (Record, error) {
	var received int64
	for _, c := range s.Received {
		received += int64(c.Units)
	}
	units := make([]unitBody, len(s.Units))
	alerts := int64(0)
	for i := range s.Units {
		units[i] = unitBodyOf(&s.Units[i])
		if s.Units[i].Alerted {
			alerts++
		}
	}
	packed, err := packJSON(units)
	r := Record{Key: StateKey(seller, s.ID), Version: version, Due: dueHour(s.SweepDue()), Attrs: []Attr{
		Text("status", s.Status().String()), Int("received", received), Int("contents", contents), Text("by", by),
		Bytes("body", packed),
	}}
	if !s.Watch.Since.IsZero() && err == nil {
		var watch []byte
		watch, err = packJSON(watchBody(s.Watch))
		r.Attrs = append(r.Attrs, Bytes("watch", watch))
	}
	if s.Blocked {
		r.Attrs = append(r.Attrs, Int("blocked", 1))
	}
	if alerts > 0 {
		r.Attrs = append(r.Attrs, Int(AlertsAttr, alerts))
	}
	return r, err
}

// AlertsAttr is the attribute of a state whose shipment has alerts: how many. Who
// publishes alerts needs only the changes of states that have it, or had it.
const AlertsAttr = "alerts"

func dueHour(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return max(1, at.Unix()/3600)
}

func contentsRecord(seller supply.SellerID, s *supply.Shipment, version int64) (Record, error) {
	body := contentsBody{
		Destination: s.Destination, Created: s.Created, Mode: s.Mode.String(),
		Program: s.Carrier.Program.String(), Carrier: s.Carrier.Name, SCAC: s.Carrier.SCAC,
		Boxes: make([]boxBody, len(s.Boxes)), Pro: s.ProNumber, Container: s.ContainerNumber, BOL: s.BillOfLading, Booking: s.BookingNumber,
		Vendor: s.Vendor, Appointment: windowBody(s.Appointment), Lines: contentBodies(s.Lines), Stated: windowBody(s.Stated), StatedAt: s.StatedAt,
		Cancelled: s.Cancelled, Final: s.Final, Received: contentBodies(s.Received),
		First: s.First, Latest: s.Latest, Receipts: s.Receipts, Packing: packingBodyOf(&s.Packing),
	}
	for i, b := range s.Boxes {
		body.Boxes[i] = boxBody{b.ID, b.TrackingID, contentBodies(b.Contents)}
	}
	packed, err := packJSON(body)
	return Record{Key: ContentsKey(seller, s.ID), Version: version, Attrs: []Attr{
		Text("marketplace", string(s.Marketplace)), Bytes("body", packed),
	}}, err
}

// ReadShipment reads a matching pair of records. ok is false when contents is
// not the one that state goes with, so that both must be read again. It returns
// fault.Internal for a damaged record.
func ReadShipment(state, contents *Record) (s supply.Shipment, ok bool, err error) {
	if contents.Version != state.Attr("contents").Int {
		return s, false, nil
	}
	var units []unitBody
	var body contentsBody
	if err := unpackJSON(state, &units); err != nil {
		return s, false, err
	}
	if err := unpackJSON(contents, &body); err != nil {
		return s, false, err
	}
	_, id, _ := ParseShipmentKey(state.Key)
	s = body.shipment()
	s.ID, s.Marketplace = id, supply.MarketplaceID(contents.Attr("marketplace").Text)
	s.Units = unitNews(units)
	s.Blocked = state.Attr("blocked").Int != 0
	s.Watch, err = readWatch(state)
	return s, true, err
}

// StateNews is what a change of a state says without the rest of the shipment.
type StateNews struct {
	BySeller bool              // a call of the API wrote it, so that numbers or quantities may have changed
	Anew     bool              // nothing was heard of it, but its lane or the programme has more to say to its items
	Received int64             // units counted in so far
	Units    []supply.UnitNews // what is known under each number
}

// ReadState reads what a state alone tells; Version 0 gives the zero StateNews.
func ReadState(r *Record) (StateNews, error) {
	if r.Version == 0 {
		return StateNews{}, nil
	}
	var units []unitBody
	if err := unpackJSON(r, &units); err != nil {
		return StateNews{}, err
	}
	by := r.Attr("by").Text
	return StateNews{BySeller: by == bySeller, Anew: by == byLane || by == byProgram, Received: r.Attr("received").Int, Units: unitNews(units)}, nil
}

// ParseShipmentKey reads what StateKey and ContentsKey wrote; ok is false for
// any other key.
func ParseShipmentKey(k Key) (seller supply.SellerID, id supply.ShipmentID, ok bool) {
	parts := strings.SplitN(k.Partition, "#", 3)
	if len(parts) != 3 || parts[0] != "S" {
		return "", "", false
	}
	return supply.SellerID(parts[1]), supply.ShipmentID(parts[2]), true
}

// The bodies are JSON, packed. Their names are stored, so they never change.

type unitBody struct {
	Number    string             `json:"n"`
	Version   int64              `json:"v,omitempty"`
	Status    supply.TrackStatus `json:"s,omitempty"`
	Arrived   time.Time          `json:"a,omitzero"`
	Troubles  supply.UnitTrouble `json:"t,omitempty"`
	ETA       supply.Window      `json:"e,omitzero"`
	ETASaidAt time.Time          `json:"w,omitzero"`
	Heard     time.Time          `json:"h,omitzero"`

	Kind    supply.UnitKind    `json:"k,omitempty"`
	Since   time.Time          `json:"i,omitzero"`
	Refused supply.LinkRefusal `json:"f,omitempty"`
	Holder  supply.ShipmentID  `json:"o,omitempty"`
	Alerted bool               `json:"x,omitempty"`
}

func unitBodyOf(n *supply.UnitNews) unitBody {
	return unitBody{Number: n.Number, Version: n.Version, Status: n.Status, Arrived: n.Arrived, Troubles: n.Troubles,
		ETA: n.ETA, ETASaidAt: n.ETASaidAt, Heard: n.Heard,
		Kind: n.Kind, Since: n.Since, Refused: n.Refused, Holder: n.Holder, Alerted: n.Alerted}
}

func unitNews(bodies []unitBody) []supply.UnitNews {
	var units []supply.UnitNews
	for _, b := range bodies {
		units = append(units, supply.UnitNews{Number: b.Number, Version: b.Version, Status: b.Status, Arrived: b.Arrived, Troubles: b.Troubles,
			ETA: b.ETA, ETASaidAt: b.ETASaidAt, Heard: b.Heard,
			Registration: supply.Registration{Kind: b.Kind, Since: b.Since, Refused: b.Refused, Holder: b.Holder, Alerted: b.Alerted}})
	}
	return units
}

type contentsBody struct {
	Destination string        `json:"destination,omitempty"`
	Created     time.Time     `json:"created"`
	Mode        string        `json:"mode"`
	Program     string        `json:"program"`
	Carrier     string        `json:"carrier,omitempty"`
	SCAC        string        `json:"scac,omitempty"`
	Boxes       []boxBody     `json:"boxes,omitempty"`
	Pro         string        `json:"pro,omitempty"`
	Container   string        `json:"container,omitempty"`
	BOL         string        `json:"bol,omitempty"`
	Booking     string        `json:"booking,omitempty"`
	Vendor      string        `json:"vendor,omitempty"`
	Appointment windowBody    `json:"appointment,omitzero"`
	Lines       []contentBody `json:"lines"`
	Stated      windowBody    `json:"stated,omitzero"`
	StatedAt    time.Time     `json:"statedAt,omitzero"`
	Cancelled   bool          `json:"cancelled,omitempty"`
	Final       bool          `json:"final,omitempty"`
	Received    []contentBody `json:"received,omitempty"`
	First       time.Time     `json:"first,omitzero"`
	Latest      time.Time     `json:"latest,omitzero"`
	Receipts    []uint64      `json:"receipts,omitempty"`
	Packing     packingBody   `json:"packing,omitzero"`
}

type windowBody struct {
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	DateOnly bool      `json:"day,omitempty"`

	Kind supply.ETAKind `json:"kind,omitempty"`
}

// watchBody is what its lane has still to learn from a shipment.
type watchBody struct {
	Since     time.Time      `json:"since"`
	Dated     time.Time      `json:"dated,omitzero"`
	ETA       supply.Day     `json:"eta,omitempty"`
	Entered   int            `json:"entered,omitempty"`
	Taught    int            `json:"taught,omitempty"`
	Padding   int            `json:"padding,omitempty"`
	Candidate bool           `json:"candidate,omitempty"`
	Decided   bool           `json:"decided,omitempty"`
	Arrived   bool           `json:"arrived,omitempty"`
	Counted   bool           `json:"counted,omitempty"`
	Again     time.Time      `json:"again,omitzero"`
	Outlook   supply.Outlook `json:"outlook,omitzero"`
}

func readWatch(state *Record) (supply.Watch, error) {
	packed := state.Attr("watch").Bytes
	if packed == nil {
		return supply.Watch{}, nil
	}
	body, err := Unpack(packed)
	var w watchBody
	if err == nil {
		err = fault.As(fault.Internal, json.Unmarshal(body, &w), "its JSON is damaged")
	}
	return supply.Watch(w), fault.Wrap(err, "reading the watch of "+state.Key.Partition)
}

type boxBody struct {
	ID         string        `json:"id"`
	TrackingID string        `json:"t,omitempty"`
	Contents   []contentBody `json:"c,omitempty"`
}

type contentBody struct {
	SKU   supply.SKU   `json:"s"`
	Units supply.Units `json:"u"`
}

func contentBodies(contents []supply.Content) []contentBody {
	bodies := make([]contentBody, len(contents))
	for i, c := range contents {
		bodies[i] = contentBody(c)
	}
	return bodies
}

func contentsOf(bodies []contentBody) []supply.Content {
	if len(bodies) == 0 {
		return nil
	}
	contents := make([]supply.Content, len(bodies))
	for i, b := range bodies {
		contents[i] = supply.Content(b)
	}
	return contents
}

func (b *contentsBody) shipment() supply.Shipment {
	// A name that is no longer known reads as the first of its list.
	mode, _ := supply.ParseMode(b.Mode)
	program, _ := supply.ParseProgram(b.Program)
	s := supply.Shipment{
		Destination: b.Destination, Created: b.Created, Mode: mode,
		Carrier: supply.Carrier{Program: program, Name: b.Carrier, SCAC: b.SCAC},
		Vendor:  b.Vendor, Appointment: supply.Window(b.Appointment), ProNumber: b.Pro, ContainerNumber: b.Container, BillOfLading: b.BOL, BookingNumber: b.Booking,
		Lines: contentsOf(b.Lines), Stated: supply.Window(b.Stated), StatedAt: b.StatedAt,
		Cancelled: b.Cancelled, Final: b.Final, Received: contentsOf(b.Received),
		First: b.First, Latest: b.Latest, Receipts: b.Receipts, Packing: b.Packing.packing(),
	}
	for _, box := range b.Boxes {
		s.Boxes = append(s.Boxes, supply.Box{ID: box.ID, TrackingID: box.TrackingID, Contents: contentsOf(box.Contents)})
	}
	return s
}

func packJSON(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	return Pack(body), fault.As(fault.Internal, err, "packing a shipment")
}

func unpackJSON(r *Record, v any) error {
	body, err := Unpack(r.Attr("body").Bytes)
	if err == nil {
		err = fault.As(fault.Internal, json.Unmarshal(body, v), "its JSON is damaged")
	}
	return fault.Wrap(err, "reading the record "+r.Key.Partition+" "+r.Key.Sort)
}
