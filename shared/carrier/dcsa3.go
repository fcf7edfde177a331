package carrier

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// dcsa3 takes the events that a Track & Trace 3.0 producer posts to BASE/events,
// BASE being the address of the source. An event is told again when it changes:
// the one with the latest eventUpdatedDateTime stands, and isRetracted takes it
// back. Whoever reads the answer learns which events could not be read.
//
// An event that is taken back need not say what it was about. Then nobody can
// tell whose it was, and the answer asks for its references.
//
// The standard is still at work. Its codes became words (LOAD is now LOADED),
// fields lost "Code" from their names, one originating party became a list;
// either is read. How producers authenticate it leaves open: here with a token,
// as "Authorization: Bearer" or in the address.
//
// Source: those of package file dcsa.go; TNT_v3.0.0.yaml of 2026-01 and 2026-10.
var dcsa3 = Adapter{
	Name:     "dcsa3",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 10 * time.Second, // assumed: the standard names none
	Verify:   dcsa3Token.verify,
	Parse:    parseDCSA3,
	Sign:     dcsa3Token.sign,
	Answer:   answerDCSA3,
}

var dcsa3Token = token{header: "Authorization", prefix: "Bearer ", endpoints: []string{"events"}}

// dcsa3Version is the version of the standard that every answer must name.
const dcsa3Version = "3.0.0"

type dcsa3Event struct {
	Routing struct {
		Party   dcsa3Party      `json:"originatingParty"`
		Parties few[dcsa3Party] `json:"originatingParties"`
	} `json:"eventRouting"`
	ID        string       `json:"eventID"`
	Retracted bool         `json:"isRetracted"`
	At        string       `json:"eventDateTime"`
	UpdatedAt string       `json:"eventUpdatedDateTime"`
	Location  dcsaLocation `json:"eventLocation"`
	Reason    string       `json:"reason"`
	What      struct {
		Type           string `json:"eventTypeCode"`
		TypeWord       string `json:"eventType"`
		Classifier     string `json:"eventClassifierCode"`
		ClassifierWord string `json:"eventClassifier"`
		Shipment       string `json:"shipmentEventTypeCode"`
		ShipmentWord   string `json:"shipmentEventType"`
		Transport      string `json:"transportEventTypeCode"`
		TransportWord  string `json:"transportEventType"`
		Equipment      string `json:"equipmentEventTypeCode"`
		EquipmentWord  string `json:"equipmentEventType"`
	} `json:"eventClassification"`
	Shipment struct {
		Document   dcsa3Reference      `json:"documentReference"`
		Documents  few[dcsa3Reference] `json:"additionalDocumentReferences"`
		References few[dcsa3Reference] `json:"shipmentReferences"`
	} `json:"shipmentDetails"`
	Transport struct {
		Delay  string      `json:"delayReasonCode"`
		Delays few[string] `json:"delayReasonCodes"`
		Call   struct {
			Mode   string `json:"modeOfTransport"`
			Vessel struct {
				Name string `json:"vesselName"`
			} `json:"vesselTransport"`
		} `json:"transportCall"`
	} `json:"transportDetails"`
	Equipment struct {
		Container string `json:"equipmentReference"`
		Empty     string `json:"emptyIndicatorCode"`
		EmptyWord string `json:"emptyIndicator"`
		Movement  string `json:"movementType"`
		Phase     string `json:"transportPhase"`
	} `json:"equipmentDetails"`
}

type dcsa3Party struct {
	Code string `json:"partyCode"`
	List string `json:"codeListProvider"`
	Name string `json:"codeListName"`
}

type dcsa3Reference struct {
	Type     string `json:"typeCode"`
	TypeWord string `json:"type"`
	Value    string `json:"reference"`
}

func (r *dcsa3Reference) kind() string { return dcsa3Code(cmp.Or(r.Type, r.TypeWord)) }

func parseDCSA3(body []byte) (reports []supply.Report, err error) {
	var list struct {
		Events each[dcsa3Event] `json:"events"`
	}
	list.Events.visit = func(i int, e *dcsa3Event) error {
		said, err := e.event().reports()
		reports = append(reports, said...)
		return fault.Wrap(err, "events["+strconv.Itoa(i)+"]")
	}
	if err := decode(body, &list); err != nil {
		return nil, err
	}
	if !list.Events.there {
		return nil, invalid("events is required: this is not a list of Track & Trace events")
	}
	return reports, list.Events.unread.err(list.Events.count)
}

// event returns the event in the words that both versions share.
func (e *dcsa3Event) event() *dcsaEvent {
	what, call := &e.What, &e.Transport.Call
	kind := cmp.Or(what.Type, what.TypeWord)
	d := dcsaEvent{
		kind:       kind,
		classifier: dcsa3Code(cmp.Or(what.Classifier, what.ClassifierWord)),
		code:       dcsa3Code(cmp.Or(what.Shipment, what.ShipmentWord, what.Transport, what.TransportWord, what.Equipment, what.EquipmentWord)),
		at:         e.At, said: e.UpdatedAt, versioned: true, retracted: e.Retracted,
		equipment: e.Equipment.Container, document: e.Shipment.Document.kind(),
		empty:    cmp.Or(e.Equipment.Empty, e.Equipment.EmptyWord) == "EMPTY",
		export:   cmp.Or(e.Equipment.Movement, e.Equipment.Phase) == "EXPORT",
		facility: dcsa3Code(cmp.Or(e.Location.Facility, e.Location.FacilityWord)), mode: call.Mode,
		unlocode: e.Location.UNLocode, spot: e.Location.name(),
	}
	d.text = dcsaJoin(append([]string{d.code, call.Vessel.Name, e.Reason, e.Transport.Delay}, e.Transport.Delays...)...)
	e.identify(&d)
	d.refer(d.document, e.Shipment.Document.Value)
	for _, list := range [...]few[dcsa3Reference]{e.Shipment.Documents, e.Shipment.References} {
		for i := range list {
			d.refer(list[i].kind(), list[i].Value)
		}
	}
	return &d
}

// identify sets the id and the issuer. Ids are one producer's; the parties with
// which the event began make them unique.
func (e *dcsa3Event) identify(d *dcsaEvent) {
	parties := e.Routing.Parties
	if len(parties) == 0 {
		parties = few[dcsa3Party]{e.Routing.Party}
	}
	for _, p := range parties {
		d.issuer = cmp.Or(d.issuer, dcsaCarrier(p.Code, p.List))
		d.id = dcsaJoin(d.id, p.List, p.Name, p.Code)
	}
	if d.id = dcsaJoin(d.id, e.ID); e.ID == "" {
		d.id = ""
	}
}

// dcsa3Code returns the code that a word of 3.0 stands for, else s itself.
func dcsa3Code(s string) string { return cmp.Or(dcsa3Words[s], s) }

// Source: TNT_v3.0.0.yaml of 2026-10. A word without a row is a code of 2.x or
// not known.
var dcsa3Words = map[string]string{
	"ACTUAL": "ACT", "ESTIMATED": "EST", "PLANNED": "PLN",

	"ARRIVED": "ARRI", "DEPARTED": "DEPA",

	"AVAILABLE_FOR_DROP_OFF": "AVDO", "AVAILABLE_FOR_PICKUP": "AVPU", "CROSSED": "CROS", "CUSTOMS_RELEASED": "CUSR",
	"CUSTOMS_SELECTED_FOR_INSPECTION": "CUSI", "CUSTOMS_SELECTED_FOR_SCAN": "CUSS", "DISCHARGED": "DISC", "DROPPED_OFF": "DROP",
	"GATED_IN": "GTIN", "GATED_OUT": "GTOT", "INSPECTED": "INSP", "LOADED": "LOAD", "PICKED_UP": "PICK", "REMOVED": "RMVD",
	"RESEALED": "RSEA", "STRIPPED": "STRP", "STUFFED": "STUF",

	"APPROVED": "APPR", "CANCELLED": "CANC", "COMPLETED": "CMPL", "CONFIRMED": "CONF", "DECLINED": "REJE", "DRAFTED": "DRFT",
	"ISSUED": "ISSU", "ON_HOLD": "HOLD", "PENDING_APPROVAL": "PENA", "PENDING_UPDATE": "PENU", "RECEIVED": "RECE", "REJECTED": "REJE",
	"RELEASED": "RELS", "REQUESTED": "REQS", "SUBMITTED": "SUBM", "SURRENDERED": "SURR", "VOIDED": "VOID",
	"CANCELLATION_CONFIRMED": "CANC", // of a booking; that it was asked for cancels nothing

	"BOOKING": "BKG", "CARRIER_BOOKING_REQUEST": "CBR", "SHIPPING_INSTRUCTIONS": "SHI", "TRANSPORT_DOCUMENT": "TRD",
	"CUSTOMS_CLEARANCE": "CUC", "EQUIPMENT_REFERENCE": "EQ",

	"BORDER": "BORD", "CUSTOMER_LOCATION": "CLOC", "DEPOT": "DEPO", "CONTAINER_FREIGHT_STATION": "COFS", "INLAND_TERMINAL": "INTE",
	"OFF_DOCK_STORAGE": "OFFD", "PORT_TERMINAL": "POTE", "WAYPOINT": "WAYP",
}

// dcsa3Feedback says what became of one event.
type dcsa3Feedback struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Path     string `json:"propertyPath"`
}

// maxDCSA3Feedback bounds an answer; a producer whose events are all bad learns
// it from the first.
const maxDCSA3Feedback = 100

// answerDCSA3 names every event that could not be read.
func answerDCSA3(req Request, _ []string, unread error, _ time.Time) (http.Header, []byte) {
	var answer struct {
		Feedback []dcsa3Feedback `json:"feedbackElements,omitempty"`
	}
	tell := func(path string, err error) error {
		if known, ok := errors.AsType[*fault.Error](err); ok && len(answer.Feedback) < maxDCSA3Feedback {
			answer.Feedback = append(answer.Feedback, dcsa3Feedback{"ERROR", known.Code, known.Message, path})
		}
		return nil
	}
	if unread != nil {
		var list struct {
			Events each[jsontext.Value] `json:"events"`
		}
		list.Events.visit = func(i int, raw *jsontext.Value) error {
			var e dcsa3Event
			path := "$.events[" + strconv.Itoa(i) + "]"
			if err := json.Unmarshal(*raw, &e, jsontext.AllowDuplicateNames(true)); err != nil {
				return tell(path, invalid("a field holds another type than the standard's"))
			}
			_, err := e.event().reports()
			return tell(path, err)
		}
		if decode(req.Body, &list) != nil || len(answer.Feedback) == 0 {
			tell("$", unread)
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		body = []byte("{}") // it cannot be: the messages are printable text
	}
	return http.Header{"Content-Type": {"application/json"}, "Api-Version": {dcsa3Version}}, body
}
