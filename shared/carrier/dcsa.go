package carrier

import (
	"cmp"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/supply"
)

// The ocean carriers' common standard, Track & Trace of the Digital Container
// Shipping Association: what dcsa (2.x) and dcsa3 (3.0) share. An event is
// planned, estimated or actual, and about a document (SHIPMENT), a means of
// transport (TRANSPORT) or a container (EQUIPMENT).
//
// Sources: github.com/dcsaorg/DCSA-OpenAPI, tnt/v2, tnt/v3 and domain/event;
// github.com/dcsaorg/Conformance-Gateway, tnt/src/main/resources/standards/tnt;
// read 2026-11.

// dcsaEvent is an event of any version, in the codes of 2.x.
type dcsaEvent struct {
	id         string // "" where it has none
	kind       string // SHIPMENT, TRANSPORT, EQUIPMENT or another
	code       string
	classifier string // PLN, EST, ACT
	at, said   string // when it happens, when the event was made or changed
	versioned  bool   // it may be changed and taken back later
	retracted  bool

	issuer    string
	equipment string   // the container that the event is about
	others    []string // containers that it names
	documents []dcsaDocument
	document  string // type of the document that a SHIPMENT event is about

	empty, export bool
	facility      string
	mode          string
	unlocode      string
	spot          string // the place's name
	text          string
}

type dcsaDocument struct{ kind, number string }

// dcsaApart is the longest that an event can be from what was said of it. Beyond
// it one of the two times is none: no container is under way that long.
const dcsaApart = 5 * 365 * 24 * time.Hour

// dcsaForeign are the types of events that do not concern tracking.
var dcsaForeign = map[string]bool{
	"OPERATIONS": true, // port calls, of the just-in-time standard
	"IOT":        true, // doors, batteries, positions
	"REEFER":     true, // temperatures
}

// reports returns what the event says, once for each container that it names;
// nothing for an event that does not concern tracking, or that plans what is no
// arrival.
func (e *dcsaEvent) reports() ([]supply.Report, error) {
	if dcsaForeign[e.kind] {
		return nil, nil
	}
	r, err := e.report()
	if err != nil || len(r.Scans)+len(r.ETAs) == 0 {
		return nil, err
	}
	numbers, err := e.numbers()
	switch {
	case err != nil:
		return nil, err
	case len(numbers) == 0 && len(r.ETAs) == 0 && r.Scans[0].Code == supply.CodeInfo:
		return nil, nil // about a paper that does not travel with goods
	case len(numbers) == 0:
		return nil, invalid("equipmentReference or a reference to a booking or a transport document is required: nothing says what the event is about")
	}
	for _, d := range e.documents {
		r.Also = another(r.Also, numbers[0], d.number)
	}
	reports := make([]supply.Report, len(numbers))
	for i, number := range numbers {
		reports[i], reports[i].Number = r, number
	}
	return reports, nil
}

// report reads what is said, without the number.
func (e *dcsaEvent) report() (r supply.Report, err error) {
	r.Issuer = e.issuer
	at, local, err := moment("eventDateTime", e.at)
	if err != nil {
		return r, err
	}
	if r.SaidAt, _, err = moment("eventCreatedDateTime or eventUpdatedDateTime", e.said); err != nil {
		return r, err
	}
	rule, err := e.rule()
	switch {
	case err != nil:
		return r, err
	case e.said == "":
		return r, invalid("eventCreatedDateTime or eventUpdatedDateTime is required")
	case e.at == "" && !e.retracted:
		return r, invalid("eventDateTime is required")
	case e.at != "" && at.Sub(r.SaidAt).Abs() > dcsaApart:
		return r, invalid("eventDateTime %s and the time at which it was said, %s, are years apart", e.at, e.said)
	}
	if eta, arrives := e.estimate(rule, at, local); arrives {
		r.ETAs = []supply.Estimate{eta}
	}
	if e.classifier == "ACT" || e.retracted {
		r.Scans = []supply.Scan{e.scan(rule, at, local, r.SaidAt)}
	}
	return r, nil
}

// numbers returns the containers that the event is about, or else the document.
func (e *dcsaEvent) numbers() ([]string, error) {
	written, field := []string{e.equipment}, "equipmentReference"
	if e.equipment == "" {
		written, field = e.others, "references"
	}
	slices.SortStableFunc(e.documents, func(a, b dcsaDocument) int { return cmp.Compare(dcsaNumbers[b.kind], dcsaNumbers[a.kind]) })
	if len(written) == 0 && len(e.documents) > 0 {
		written, field = []string{e.documents[0].number}, "document reference"
	}
	var numbers []string
	seen := make(map[string]bool, len(written))
	for _, w := range written {
		number, err := supply.ParseTrackingNumber(field, w)
		if err != nil {
			return nil, err
		}
		if key := supply.NormalNumber(number); !seen[key] {
			seen[key] = true
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}

// refer notes a reference: to a container, or to a document that leads to goods.
func (e *dcsaEvent) refer(kind, number string) {
	switch {
	case kind == "EQ":
		e.others = append(e.others, number)
	case dcsaNumbers[kind] > 0 && number != "":
		e.documents = append(e.documents, dcsaDocument{kind, number})
	}
}

// dcsaNumbers are the documents whose numbers lead to goods, the best highest.
// Source: documentTypeCode, domain/event.
var dcsaNumbers = map[string]int{
	"TRD": 4, // bill of lading or sea waybill: one per shipment, and what shippers register
	"BOL": 4,
	"BKG": 3, // booking
	"BOK": 3, // the same, before 2.0
	"SHI": 2, // shipping instruction
	"CBR": 1, // request for a booking, before it has a number
}

// scan is what happened. It is known by its id; without one, by what it says.
func (e *dcsaEvent) scan(rule dcsaRule, at time.Time, local bool, said time.Time) supply.Scan {
	s := supply.Scan{
		ID: e.id, Retracted: e.retracted, Status: rule.status, Code: rule.code, At: at, Local: local,
		Text: words(e.text, e.code), Place: place(e.spot, e.unlocode),
	}
	if e.versioned && e.id != "" {
		s.Version = said
	}
	if s.Code == supply.CodeUnknown {
		s.Text = unmapped(e.kind, e.code).Text
	}
	return s
}

// estimate returns the arrival that the event is. An actual delivery is no
// estimate any more; on the way out to the port of loading nothing arrives here.
func (e *dcsaEvent) estimate(rule dcsaRule, at time.Time, local bool) (eta supply.Estimate, arrives bool) {
	kind, arrives := e.arrival(rule.arrives)
	if !arrives || e.export || kind == supply.AtDock && e.classifier == "ACT" {
		return eta, false
	}
	eta.Classifier = dcsaClassifiers[e.classifier]
	if kind != supply.AtDock {
		eta.Place = supply.Words(cmp.Or(e.unlocode, e.spot), supply.MaxScanPlace)
	}
	switch {
	case e.retracted:
	case local:
		eta.Window = supply.Window{From: dayOf(at), To: dayOf(at), DateOnly: true}
	default:
		eta.Window = supply.Window{From: at, To: at}
	}
	eta.Kind = kind
	return eta, true
}

var dcsaClassifiers = map[string]supply.Classifier{"PLN": supply.Planned, "EST": supply.Estimated, "ACT": supply.Actual}

// dcsaArrival is how to tell where an event arrives.
type dcsaArrival uint8

const (
	nowhere     dcsaArrival = iota
	whereItIs               // the place says what it is
	toBeFetched             // it waits there
	atTheDock
)

func (e *dcsaEvent) arrival(a dcsaArrival) (kind supply.ETAKind, arrives bool) {
	switch a {
	case toBeFetched:
		return supply.ForPickup, true
	case atTheDock:
		return supply.AtDock, true
	case whereItIs:
		if e.facility == "" {
			kind, arrives = dcsaModes[e.mode]
			return kind, arrives
		}
		kind, arrives = dcsaFacilities[e.facility]
	}
	return kind, arrives
}

// Source: facilityTypeCode, domain/event. A border and a waypoint are passed.
var dcsaFacilities = map[string]supply.ETAKind{
	"POTE": supply.AtPort,
	"INTE": supply.AtInlandPoint,
	"RAMP": supply.AtInlandPoint,
	"DEPO": supply.AtInlandPoint,
	"OFFD": supply.AtInlandPoint,
	"COYA": supply.AtInlandPoint, // container yard, now OFFD
	"COFS": supply.AtInlandPoint, // it is unpacked there for several consignees
	"CLOC": supply.AtDock,        // the customer's own place; the shipper's where the phase says EXPORT
}

// Source: modeOfTransport, domain/event. Where nobody says what the place is, it
// is the one farthest from us that the vehicle can reach.
var dcsaModes = map[string]supply.ETAKind{
	"VESSEL": supply.AtPort,
	"BARGE":  supply.AtPort,
	"RAIL":   supply.AtInlandPoint,
	"TRUCK":  supply.AtInlandPoint, // never the dock unless the facility says so
}

// rule returns what the event says of the goods: the most particular row.
func (e *dcsaEvent) rule() (dcsaRule, error) {
	switch {
	case e.retracted && e.kind == "":
		return dcsaRule{}, nil
	case e.kind != "SHIPMENT" && e.kind != "TRANSPORT" && e.kind != "EQUIPMENT":
		return dcsaRule{}, invalid("eventType %q is none of SHIPMENT, TRANSPORT, EQUIPMENT", supply.Words(e.kind, 40))
	case !e.retracted && e.classifier != "PLN" && e.classifier != "EST" && e.classifier != "ACT":
		return dcsaRule{}, invalid("eventClassifierCode %q is none of PLN, EST, ACT", supply.Words(e.classifier, 40))
	}
	as := e.as()
	rule, known := dcsaRules[dcsaWhat{e.code, as}]
	if !known && as == emptyAtCustomer {
		rule, known = dcsaRules[dcsaWhat{e.code, empty}]
	}
	if !known {
		rule = dcsaRules[dcsaWhat{e.code, ""}]
	}
	switch {
	case e.export && rule.status == supply.Delivered:
		rule = dcsaRule{code: supply.CodeInfo} // an empty box that was not needed
	case e.export && rule.status == supply.OutForDelivery:
		rule.status = supply.InTransit
	}
	return rule, nil
}

// as returns the circumstance that decides what a code says. Unpacking without a
// place is the consignee's: 2.2 gives such events no facility.
func (e *dcsaEvent) as() string {
	customer := e.facility == "CLOC" || e.code == "STRP" && e.facility == ""
	switch {
	case e.kind == "SHIPMENT":
		return dcsaPapers[e.document]
	case e.kind == "TRANSPORT":
		return ""
	case e.empty && customer:
		return emptyAtCustomer
	case e.empty:
		return empty
	case customer:
		return atCustomer
	}
	return ""
}

// The circumstances.
const (
	empty           = "EMPTY"
	atCustomer      = "CLOC"
	emptyAtCustomer = "EMPTY CLOC"
	ofBooking       = "BKG"
	ofCustoms       = "CUS"
)

// Source: documentTypeCode, domain/event.
var dcsaPapers = map[string]string{
	"":    ofBooking, // not said
	"BKG": ofBooking,
	"BOK": ofBooking,
	"CBR": ofBooking,
	"CUS": ofCustoms, // customs inspection, 2.x
	"CUC": ofCustoms, // customs clearance, 3.0
}

// dcsaWhat is a code and the circumstance in which it is used.
type dcsaWhat struct{ code, as string }

// dcsaRule is what an event says once it is actual, and which arrival it is.
type dcsaRule struct {
	status  supply.TrackStatus
	code    supply.TrackCode
	arrives dcsaArrival
}

// Source: transportEventTypeCode, equipmentEventTypeCode, shipmentEventTypeCode
// and emptyIndicatorCode, domain/event; what they say of a parcel is the
// reference's, "status mapping". A code without a row moves nothing.
var dcsaRules = map[dcsaWhat]dcsaRule{
	{"ARRI", ""}: {supply.InTransit, supply.ArrivedAt, whereItIs}, // even at the customer: arrived is not unloaded
	{"DEPA", ""}: {supply.InTransit, supply.Departed, nowhere},

	{"LOAD", ""}:              {supply.InTransit, supply.Loaded, nowhere},
	{"LOAD", empty}:           {supply.TrackUnknown, supply.CodeInfo, nowhere}, // nothing of ours is in it
	{"DISC", ""}:              {supply.InTransit, supply.Discharged, nowhere},  // its arrival was the vessel's
	{"DISC", empty}:           {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"GTIN", ""}:              {supply.InTransit, supply.GateIn, nowhere}, // into a terminal, at either end
	{"GTIN", atCustomer}:      {supply.InTransit, supply.GateIn, atTheDock},
	{"GTIN", empty}:           {supply.Delivered, supply.EmptyReturned, nowhere}, // empty, so it was unloaded before
	{"GTIN", emptyAtCustomer}: {supply.PreTransit, supply.GateIn, nowhere},       // the shipper will fill it
	{"GTOT", ""}:              {supply.OutForDelivery, supply.GateOut, nowhere},
	{"GTOT", atCustomer}:      {supply.InTransit, supply.GateOut, nowhere}, // filled, it leaves the shipper
	{"GTOT", empty}:           {supply.PreTransit, supply.GateOut, nowhere},
	{"GTOT", emptyAtCustomer}: {supply.Delivered, supply.EmptyReturned, nowhere}, // unloaded, it leaves the consignee
	{"PICK", ""}:              {supply.InTransit, supply.PickedUp, nowhere},      // by the trucker, at either end
	{"PICK", empty}:           {supply.PreTransit, supply.PickedUp, nowhere},
	{"PICK", emptyAtCustomer}: {supply.Delivered, supply.EmptyReturned, nowhere},
	{"DROP", ""}:              {supply.InTransit, supply.DroppedOff, nowhere},
	{"DROP", atCustomer}:      {supply.Delivered, supply.CodeDelivered, atTheDock},
	{"DROP", empty}:           {supply.Delivered, supply.EmptyReturned, nowhere},
	{"DROP", emptyAtCustomer}: {supply.PreTransit, supply.DroppedOff, nowhere},
	{"STUF", ""}:              {supply.PreTransit, supply.Stuffed, nowhere},
	{"STRP", ""}:              {supply.InTransit, supply.Stripped, nowhere}, // at a freight station: the goods have a way to go
	{"STRP", atCustomer}:      {supply.Delivered, supply.Stripped, atTheDock},
	{"STRP", emptyAtCustomer}: {supply.Delivered, supply.Stripped, atTheDock}, // emptied by it
	{"INSP", ""}:              {supply.TrackUnknown, supply.Inspected, nowhere},
	{"RSEA", ""}:              {supply.TrackUnknown, supply.CodeInfo, nowhere}, // its seal was replaced
	{"RMVD", ""}:              {supply.TrackUnknown, supply.CodeInfo, nowhere}, // its seal was removed
	{"AVPU", ""}:              {supply.AvailableForPickup, supply.Available, toBeFetched},
	{"AVPU", empty}:           {supply.TrackUnknown, supply.CodeInfo, nowhere}, // an empty box for the shipper
	{"AVDO", ""}:              {supply.TrackUnknown, supply.CodeInfo, nowhere}, // the terminal would take it
	{"CROS", ""}:              {supply.InTransit, supply.HubScan, nowhere},     // a border
	{"CUSS", ""}:              {supply.Exception, supply.CustomsHold, nowhere}, // customs will scan it
	{"CUSI", ""}:              {supply.Exception, supply.CustomsHold, nowhere}, // customs will open it
	{"CUSR", ""}:              {supply.InTransit, supply.CustomsReleased, nowhere},

	{"RECE", ofBooking}: {supply.PreTransit, supply.InfoReceived, nowhere},
	{"CONF", ofBooking}: {supply.PreTransit, supply.InfoReceived, nowhere},
	{"CANC", ofBooking}: {supply.TrackCancelled, supply.CodeCancelled, nowhere},
	{"VOID", ofBooking}: {supply.TrackCancelled, supply.CodeCancelled, nowhere},
	{"CANC", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere}, // a paper, not the goods
	{"VOID", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere}, // a bill of lading is made void to be issued anew
	{"HOLD", ""}:        {supply.Exception, supply.Held, nowhere},        // what its papers wait for, the goods wait for
	{"HOLD", ofCustoms}: {supply.Exception, supply.CustomsHold, nowhere},
	{"RELS", ""}:        {supply.InTransit, supply.HubScan, nowhere}, // ends the hold, if there was one
	{"RELS", ofCustoms}: {supply.InTransit, supply.CustomsReleased, nowhere},
	{"RECE", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere}, // this and what follows is paperwork
	{"CONF", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"DRFT", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"PENA", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"PENU", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"PENC", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"REJE", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere}, // it is corrected and sent again
	{"APPR", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"ISSU", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"SURR", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"SUBM", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"REQS", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere},
	{"CMPL", ""}:        {supply.TrackUnknown, supply.CodeInfo, nowhere}, // of a booking: all its papers are done
}

// dcsaCarrier returns the SCAC of a carrier, as other providers write it; "" for
// a code of a list that they do not use.
func dcsaCarrier(code, list string) string {
	switch list {
	case "NMFTA":
		return code
	case "SMDG":
		return dcsaSCAC[code]
	}
	return ""
}

// dcsaSCAC maps SMDG's liner codes. Sources: SMDG liner code list, smdg.org; the
// SCAC of each line, terminal49.com/tools/scac-carrier-codes.json.
var dcsaSCAC = map[string]string{
	"MSK": "MAEU", // Maersk
	"MSC": "MSCU",
	"CMA": "CMDU",
	"HLC": "HLCU", // Hapag-Lloyd
	"ONE": "ONEY",
	"EMC": "EGLV", // Evergreen
	"HMM": "HDMU",
	"YML": "YMLU", // Yang Ming
	"ZIM": "ZIMU",
	"COS": "COSU", // COSCO
	"OOL": "OOLU", // OOCL
}

// dcsaOf returns the code that belongs to a type of event.
func dcsaOf(kind, shipment, transport, equipment string) string {
	switch kind {
	case "SHIPMENT":
		return shipment
	case "TRANSPORT":
		return transport
	}
	return equipment
}

// dcsaJoin joins what is known of an event for people.
func dcsaJoin(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// dcsaLocation is a place of any version.
type dcsaLocation struct {
	Name         string `json:"locationName"`
	UNLocode     string `json:"UNLocationCode"`
	Facility     string `json:"facilityTypeCode"`
	FacilityWord string `json:"facilityType"`
	Address      struct {
		City string `json:"city"`
	} `json:"address"`
}

func (l *dcsaLocation) name() string { return cmp.Or(l.Name, l.Address.City) }

// maxFew is more than any provider puts into one list of a single event.
const maxFew = 4096

// few is a list of at most maxFew elements. A longer one is refused: empty
// objects cost a sender three bytes each and us a hundred.
type few[T any] []T

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (f *few[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*f = nil
	switch t, err := d.ReadToken(); {
	case err != nil || t.Kind() == 'n':
		return err
	case t.Kind() != '[':
		return invalid("%s is no list", d.StackPointer())
	}
	for d.PeekKind() != ']' {
		if len(*f) == maxFew {
			return invalid("%s has more than %d elements", d.StackPointer().Parent(), maxFew)
		}
		var one T
		*f = append(*f, one)
		if err := json.UnmarshalDecode(d, &(*f)[len(*f)-1]); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}
