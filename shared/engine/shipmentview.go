package engine

import (
	"context"
	"net/http"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// ShipmentView is a shipment as the API shows it. Instants are UTC; what is not
// known is null.
type ShipmentView struct {
	ShipmentID      supply.ShipmentID    `json:"shipmentId"`
	Marketplace     supply.MarketplaceID `json:"marketplace"`
	Status          string               `json:"status"`
	Destination     *string              `json:"destination"`
	CreatedAt       time.Time            `json:"createdAt"`
	Mode            string               `json:"mode"`
	Carrier         CarrierFields        `json:"carrier"`
	Boxes           []BoxFields          `json:"boxes"`
	ProNumber       *string              `json:"proNumber"`
	ContainerNumber *string              `json:"containerNumber"`
	BillOfLading    *string              `json:"billOfLading"`
	BookingNumber   *string              `json:"bookingNumber"`
	Vendor          *string              `json:"vendor"`
	Manifest        *ManifestView        `json:"manifest"`
	ETA             *WindowView          `json:"eta"`
	Appointment     *WindowView          `json:"appointment"`
	NeedBy          *supply.Day          `json:"needBy"`       // the earliest of its lines; null while no order with a date hangs on it
	NeedByAtRisk    bool                 `json:"needByAtRisk"` // of any line
	Blocked         bool                 `json:"blocked"`      // created after the cut-off of a programme that is paused
	ArrivedAt       *time.Time           `json:"arrivedAt"`
	Units           []UnitView           `json:"units"`
	Lines           []LineView           `json:"lines"`
	Discrepancies   []ContentFields      `json:"discrepancies"` // counted in beyond what was announced; below 0 what a closed shipment did not bring
	Version         int64                `json:"version"`       // changes with the plan and the receipts, not with carriers' news
}

// ManifestView is what became of what despatch advices say is in a shipment.
type ManifestView struct {
	Status supply.PackingStatus `json:"status"` // APPLIED, KEPT or IGNORED
	Reason string               `json:"reason"`
}

// UnitView is what was heard under one number of a shipment.
type UnitView struct {
	Number     string         `json:"number"`
	Kind       string         `json:"kind"` // TRACKING_NUMBER, PRO, CONTAINER, BOL or BOOKING
	Validation string         `json:"validation"`
	Alerted    bool           `json:"alerted"` // no carrier knows the number, 24 h after it was registered
	NotLinked  *NotLinkedView `json:"notLinked"`
	Status     string         `json:"status"`
	Troubles   string         `json:"troubles"`      // LOST DAMAGED …, separated by blanks
	Events     uint32         `json:"events"`        // distinct scans
	Unmapped   uint32         `json:"unmappedScans"` // those whose code nobody mapped: they move nothing
	ETA        *UnitETAView   `json:"eta"`
	LastScan   *ScanView      `json:"lastScan"`
}

// UnitETAView is when a unit arrives, and who says so.
type UnitETAView struct {
	WindowView
	Classifier string     `json:"classifier"` // PLN, EST or ACT
	Source     string     `json:"source"`     // CARRIER, AGGREGATOR or TERMINAL
	SaidAt     *time.Time `json:"saidAt"`
	Place      string     `json:"place"`
}

// NotLinkedView is why a number does not lead to its shipment, and which shipment
// it leads to instead.
type NotLinkedView struct {
	Code       string  `json:"code"` // NUMBER_TAKEN, NUMBER_FULL or OTHER_CARRIER
	ShipmentID *string `json:"shipmentId"`
}

// The validation statuses of a number. Source: SP-API fulfillment inbound
// 2024-03-20, SpdTrackingItem.
const (
	validated    = "VALIDATED"
	notValidated = "NOT_VALIDATED"
)

// ScanView is the latest scan of a unit.
type ScanView struct {
	Status string     `json:"status"`
	Code   string     `json:"code"`
	At     *time.Time `json:"at"`
	Text   string     `json:"text"`
	Place  string     `json:"place"`
}

// LineView is one announced line and what became of it.
type LineView struct {
	SKU      supply.SKU   `json:"sku"`
	Units    supply.Units `json:"units"`
	Received supply.Units `json:"received"`
	Removed  supply.Units `json:"removed"` // in boxes that will not come

	NeedBy       *supply.Day `json:"needBy"`       // the latest arrival that breaks no promise of the orders it serves
	NeedByAtRisk bool        `json:"needByAtRisk"` // the ETA leaves less than the padding, or nobody knows it
}

func (e *Engine) answerShipment(ctx context.Context, seller supply.SellerID, status int, s *shipment) (Answer, error) {
	view, err := e.showShipment(ctx, seller, s)
	if err == nil && status != http.StatusCreated { // a new one has no items yet
		err = e.showNeeds(ctx, seller, s, &view)
	}
	if err != nil {
		return Answer{}, err
	}
	answer, err := answerWith(view)
	answer.Status = status
	return answer, err
}

// showShipment shows a shipment with its units as they are now, whether or not
// the change feed has brought their news to the shipment yet.
func (e *Engine) showShipment(ctx context.Context, seller supply.SellerID, s *shipment) (ShipmentView, error) {
	units, err := e.readUnits(ctx, seller, &s.Shipment)
	if err != nil {
		return ShipmentView{}, err
	}
	for i := range units {
		s.Hear(units[i].News(units[i].version))
	}
	view := e.viewShipment(s)
	for i, number := range s.Numbers() {
		view.Units = append(view.Units, viewUnit(&s.Shipment, number, &units[i].Unit))
	}
	return view, nil
}

// readUnits returns the shipment's units in the order of its numbers. One that
// belongs to another shipment or carrier, or to a later parcel of the number, is
// as if nothing was heard of it.
func (e *Engine) readUnits(ctx context.Context, seller supply.SellerID, s *supply.Shipment) ([]unit, error) {
	numbers := s.Numbers()
	keys := make([]store.Key, len(numbers))
	for i := range numbers {
		keys[i] = store.UnitKey(seller, numbers[i].Normal)
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, fault.Wrap(err, "reading units")
	}
	units := make([]unit, len(numbers))
	for i := range records {
		u, err := store.ReadUnit(&records[i])
		if err != nil {
			return nil, err
		}
		if !s.CarriedBy(u.Issuer) {
			continue
		}
		news := s.Unit(numbers[i].Normal)
		switch fresh := news == nil || news.Version == 0; {
		case u.Linked(s.ID):
			units[i] = unit{u, records[i].Version}
		case len(u.Shipments) == 0 && fresh: // the change feed will link it
			units[i] = unit{begun(s, numbers[i].Normal, u, nil), records[i].Version}
		}
	}
	return units, nil
}

func (e *Engine) viewShipment(s *shipment) ShipmentView {
	carriage := e.policy().OnCarriage
	view := ShipmentView{
		ShipmentID: s.ID, Marketplace: s.Marketplace, Status: s.Status().String(), Destination: textView(s.Destination),
		CreatedAt: s.Created, Mode: s.Mode.String(),
		Carrier:   CarrierFields{Program: s.Carrier.Program.String(), Name: s.Carrier.Name, SCAC: s.Carrier.SCAC},
		ProNumber: textView(s.ProNumber), ContainerNumber: textView(s.ContainerNumber), BillOfLading: textView(s.BillOfLading),
		BookingNumber: textView(s.BookingNumber), Vendor: textView(s.Vendor), ETA: windowView(s.ETA(carriage)), Appointment: windowView(s.Appointment), ArrivedAt: instantView(s.Arrived()), Blocked: s.Blocked, Discrepancies: contentsView(s.Discrepancies()), Version: s.contents,
	}
	if status, reason := s.PackingVerdict(); status != "" {
		view.Manifest = &ManifestView{status, reason}
	}
	for _, box := range s.Packed() {
		view.Boxes = append(view.Boxes, BoxFields{BoxID: box.ID, TrackingID: textView(box.TrackingID), Lines: contentsView(box.Contents)})
	}
	facts := s.Facts(s.version, carriage)
	for _, l := range s.Lines {
		if l.Units > 0 {
			view.Lines = append(view.Lines, LineView{SKU: l.SKU, Units: l.Units, Received: facts[l.SKU].Received, Removed: facts[l.SKU].Removed})
		}
	}
	return view
}

// viewUnit shows a number with what its shipment heard under it; u is the unit
// itself, for what the shipment need not know.
func viewUnit(s *supply.Shipment, number supply.Number, u *supply.Unit) UnitView {
	view := UnitView{Number: number.Written, Kind: number.Kind.String(), Validation: notValidated, Events: u.Scans, Unmapped: u.Unmapped, ETA: unitETAView(u)}
	if news := s.Unit(number.Normal); news != nil {
		view.Status, view.Troubles, view.Alerted = news.Status.String(), news.Troubles.String(), news.Alerted
		if s.Validated(news) {
			view.Validation = validated
		}
		if news.Refused != supply.Linkable {
			view.NotLinked = &NotLinkedView{news.Refused.String(), textView(string(news.Holder))}
		}
	}
	if u.Scans > 0 {
		view.LastScan = &ScanView{Status: u.Last.Status.String(), Code: u.Last.Code.String(), At: instantView(u.Last.At), Text: u.Last.Text, Place: u.Last.Place}
	}
	return view
}

func unitETAView(u *supply.Unit) *UnitETAView {
	arrival, known := u.Arrival()
	if !known {
		return nil
	}
	return &UnitETAView{WindowView: *windowView(arrival.Window), Classifier: arrival.Classifier.String(), Source: arrival.Source.String(),
		SaidAt: instantView(arrival.SaidAt), Place: arrival.Place}
}

func contentsView(contents []supply.Content) []ContentFields {
	view := make([]ContentFields, len(contents))
	for i, c := range contents {
		view[i] = ContentFields{SKU: string(c.SKU), Units: int64(c.Units)}
	}
	return view
}

// textView is null where nothing was said.
func textView(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
