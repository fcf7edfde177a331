package engine

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// NewShipment is the body of POST /v1/shipments.
type NewShipment struct {
	ShipmentID      string          `json:"shipmentId"`
	Marketplace     string          `json:"marketplace"`
	Destination     string          `json:"destination"`
	CreatedAt       string          `json:"createdAt"` // RFC 3339; "" = now
	Mode            string          `json:"mode"`      // "" = SPD
	Carrier         CarrierFields   `json:"carrier"`
	Boxes           []BoxFields     `json:"boxes"`
	ProNumber       string          `json:"proNumber"`
	ContainerNumber string          `json:"containerNumber"`
	BillOfLading    string          `json:"billOfLading"`
	BookingNumber   string          `json:"bookingNumber"`
	Vendor          string          `json:"vendor"` // who packed it: short lines are counted by vendor
	ETA             *ETAFields      `json:"eta"`
	Appointment     *ETAFields      `json:"appointment"` // the slot booked at the dock
	Lines           []ContentFields `json:"lines"`
}

// CarrierFields is a carrier, as it is sent and shown.
type CarrierFields struct {
	Program string `json:"program"` // "" = OWN
	Name    string `json:"name"`
	SCAC    string `json:"scac"`
}

// BoxFields is a box, as it is sent and shown. In a tracking update what is
// null stays as it is.
type BoxFields struct {
	BoxID      string          `json:"boxId"`
	TrackingID *string         `json:"trackingId"`
	Lines      []ContentFields `json:"lines"`
}

// ContentFields is units of one SKU, as they are sent and shown.
type ContentFields struct {
	SKU   string `json:"sku"`
	Units int64  `json:"units"`
}

// ETAFields is the seller's own word on the arrival: two instants (RFC 3339) or
// two days (2026-03-18). Without from, the goods come at to.
type ETAFields struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// TrackingRequest is the body of PUT /v1/shipments/{id}/tracking. What is null
// or absent stays as it is; an empty number takes the known one away.
type TrackingRequest struct {
	Boxes           []BoxFields `json:"boxes"`
	ProNumber       *string     `json:"proNumber"`
	ContainerNumber *string     `json:"containerNumber"`
	BillOfLading    *string     `json:"billOfLading"`
	BookingNumber   *string     `json:"bookingNumber"`
	Version         *int64      `json:"version"`
}

// LinesRequest is the body of PUT /v1/shipments/{id}/lines: all lines, in place
// of those announced.
type LinesRequest struct {
	Lines   []ContentFields `json:"lines"`
	Version *int64          `json:"version"`
}

// ReceiptRequest is the body of POST /v1/shipments/{id}/receipts: units counted
// in since the last call.
type ReceiptRequest struct {
	Lines []ContentFields `json:"lines"`
	Final bool            `json:"final"` // closes the whole shipment
}

func invalidField(format string, args ...any) error {
	return fault.New(fault.Invalid, "INVALID_INPUT", format, args...)
}

// The longest free texts, in bytes. Source: SP-API fulfillment inbound
// 2024-03-20 for the bill of lading's kind; the others are ours.
const (
	maxName         = 100
	maxBillOfLading = 255
)

// createdAhead is how far a caller's clock may run before ours.
const createdAhead = time.Hour

// form remembers the first field that is wrong.
type form struct{ err error }

func (f *form) check(err error) { f.err = cmp.Or(f.err, err) }

// shipment returns the shipment that the body announces at now.
func (r *NewShipment) shipment(now time.Time) (supply.Shipment, error) {
	now = now.UTC().Truncate(time.Millisecond)
	var f form
	s := supply.Shipment{
		ID: supply.ShipmentID(r.ShipmentID), Marketplace: supply.MarketplaceID(r.Marketplace),
		Destination: f.text("destination", r.Destination, maxName), Created: now,
		Carrier: supply.Carrier{Name: f.text("carrier.name", r.Carrier.Name, maxName), SCAC: f.scac(r.Carrier.SCAC)},
		Vendor:  f.text("vendor", r.Vendor, maxName), Boxes: f.boxes(r.Boxes), ProNumber: f.number("proNumber", r.ProNumber), ContainerNumber: f.number("containerNumber", r.ContainerNumber),
		BillOfLading:  f.text("billOfLading", r.BillOfLading, maxBillOfLading),
		BookingNumber: f.number("bookingNumber", r.BookingNumber), Lines: f.contents("lines", r.Lines),
	}
	_, err := supply.ParseShipmentID("shipmentId", r.ShipmentID)
	f.check(err)
	_, err = supply.ParseMarketplaceID("marketplace", r.Marketplace)
	f.check(err)
	if r.CreatedAt != "" {
		s.Created, _ = f.instant("createdAt", r.CreatedAt, false)
		if s.Created.After(now.Add(createdAhead)) {
			f.check(invalidField("createdAt %q lies in the future", r.CreatedAt))
		}
	}
	var ok bool
	if s.Mode, ok = supply.ParseMode(cmp.Or(r.Mode, supply.SPD.String())); !ok {
		f.check(invalidField("mode %q is not one of SPD, LTL, FTL, OCEAN, RAIL, AIR", supply.Words(r.Mode, 40)))
	}
	if s.Carrier.Program, ok = supply.ParseProgram(cmp.Or(r.Carrier.Program, supply.OwnCarrier.String())); !ok {
		f.check(invalidField("carrier.program %q is not one of OWN, PARTNERED, GLOBAL_LOGISTICS", supply.Words(r.Carrier.Program, 40)))
	}
	if r.ETA != nil {
		s.Stated, s.StatedAt = f.window("eta", r.ETA), now
	}
	if r.Appointment != nil {
		s.Appointment = f.window("appointment", r.Appointment)
	}
	if f.err != nil {
		return s, f.err
	}
	return s, s.Announce(now)
}

// tracking returns what the body says about the numbers.
func (r *TrackingRequest) tracking() (supply.Tracking, error) {
	var f form
	t := supply.Tracking{ProNumber: r.ProNumber, ContainerNumber: r.ContainerNumber, BillOfLading: r.BillOfLading, BookingNumber: r.BookingNumber}
	for i := range r.Boxes {
		box := f.box(i, &r.Boxes[i])
		told := supply.BoxTracking{ID: box.ID, TrackingID: r.Boxes[i].TrackingID}
		if r.Boxes[i].Lines != nil {
			told.Contents = append([]supply.Content{}, box.Contents...)
		}
		t.Boxes = append(t.Boxes, told)
	}
	f.distinctBoxes(r.Boxes)
	f.number("proNumber", deref(r.ProNumber))
	f.number("containerNumber", deref(r.ContainerNumber))
	f.text("billOfLading", deref(r.BillOfLading), maxBillOfLading)
	f.number("bookingNumber", deref(r.BookingNumber))
	return t, f.err
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func contents(field string, fields []ContentFields) ([]supply.Content, error) {
	var f form
	return f.contents(field, fields), f.err
}

// contents reads units of SKUs, each named once.
func (f *form) contents(field string, fields []ContentFields) []supply.Content {
	if len(fields) > supply.MaxLines {
		f.check(fault.New(fault.TooLarge, "TOO_LARGE", "%s has %d entries; at most %d are allowed", field, len(fields), supply.MaxLines))
		return nil
	}
	read := make([]supply.Content, len(fields))
	seen := make(map[supply.SKU]bool, len(fields))
	for i, c := range fields {
		sku, err := supply.ParseSKU(fmt.Sprintf("%s[%d].sku", field, i), c.SKU)
		f.check(err)
		if seen[sku] {
			f.check(invalidField("%s[%d].sku %q occurs twice", field, i, sku))
		}
		seen[sku] = true
		units, err := supply.ParseUnits(fmt.Sprintf("%s[%d].units", field, i), c.Units, 1)
		f.check(err)
		read[i] = supply.Content{SKU: sku, Units: units}
	}
	return read
}

func (f *form) boxes(fields []BoxFields) []supply.Box {
	if len(fields) == 0 {
		return nil
	}
	boxes := make([]supply.Box, len(fields))
	for i := range fields {
		boxes[i] = f.box(i, &fields[i])
	}
	f.distinctBoxes(fields)
	return boxes
}

func (f *form) distinctBoxes(fields []BoxFields) {
	seen := make(map[string]bool, len(fields))
	for i := range fields {
		if seen[fields[i].BoxID] {
			f.check(invalidField("boxes[%d].boxId %q occurs twice", i, fields[i].BoxID))
		}
		seen[fields[i].BoxID] = true
	}
}

func (f *form) box(i int, fields *BoxFields) supply.Box {
	field := fmt.Sprintf("boxes[%d]", i)
	box := supply.Box{ID: f.text(field+".boxId", fields.BoxID, 64)}
	if box.ID == "" {
		f.check(invalidField("%s.boxId is required", field))
	}
	box.TrackingID = f.number(field+".trackingId", deref(fields.TrackingID))
	if len(fields.Lines) > 0 {
		box.Contents = f.contents(field+".lines", fields.Lines)
	}
	return box
}

// number reads a tracking id, or the number of a freight bill, a container or a
// booking; "" is none.
func (f *form) number(field, s string) string {
	if s == "" {
		return ""
	}
	number, err := supply.ParseTrackingNumber(field, s)
	f.check(err)
	return number
}

// text reads free text that people are shown.
func (f *form) text(field, s string, limit int) string {
	if supply.Words(s, limit) != s {
		f.check(invalidField("%s must be printable text of at most %d bytes, without blanks at its ends", field, limit))
	}
	return s
}

// scac reads a Standard Carrier Alpha Code: 2 to 4 letters. Source: NMFTA.
func (f *form) scac(s string) string {
	if s != "" && (len(s) < 2 || len(s) > 4 || strings.Trim(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		f.check(invalidField("carrier.scac %q must be 2 to 4 letters", supply.Words(s, 40)))
	}
	return strings.ToUpper(s)
}

// instant reads an RFC 3339 time, or a day where days are allowed.
func (f *form) instant(field, s string, days bool) (t time.Time, day bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil && days {
		t, err = time.Parse(time.DateOnly, s)
		day = true
	}
	t = t.UTC().Truncate(time.Millisecond)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		f.check(invalidField("%s %q is not an instant like 2026-03-18T08:00:00Z", field, supply.Words(s, 40)))
	}
	return t, day
}

func (f *form) window(field string, fields *ETAFields) supply.Window {
	to, toDay := f.instant(field+".to", fields.To, true)
	from, fromDay := to, toDay
	if fields.From != "" {
		from, fromDay = f.instant(field+".from", fields.From, true)
	}
	switch {
	case fromDay != toDay:
		f.check(invalidField("%s.from and %s.to must both be instants or both be days", field, field))
	case from.After(to):
		f.check(invalidField("%s.from %q is after %s.to %q", field, fields.From, field, fields.To))
	}
	return supply.Window{From: from, To: to, DateOnly: toDay}
}
