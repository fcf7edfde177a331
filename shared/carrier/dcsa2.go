package carrier

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// dcsa takes the callback of a Track & Trace 2.x subscription: a list of events.
// The carrier is asked for the subscription with the secret in its body, and
// signs every list with it. An event is told once and does not change; what was
// estimated is told again as another event. Who makes the first draft of 3.0
// (Beta 1) wraps the same events, and is read too; there an event may name
// another that it takes back.
//
// One event id may be used for an event of the vessel and one of the container
// (HMM does), so the type is part of a scan's identity. The id is 40 digits at
// CMA CGM and left out elsewhere; nothing is expected of it.
//
// Sources: those of package file dcsa.go; the key and its length:
// github.com/dcsaorg/DCSA-Event-Core, MessageSignatureHandler.
var dcsa = Adapter{
	Name:      "dcsa",
	Success:   http.StatusNoContent, // the standard takes nothing else
	MaxBody:   maxBody,              // the reference implementation halves a list that is too long
	Deadline:  10 * time.Second,     // assumed: the standard names none
	Verify:    dcsaSeal.verify,
	Parse:     parseDCSA,
	Sign:      dcsaSeal.sign,
	NewSecret: base64.StdEncoding.EncodeToString,
}

// The header's digits may be capitals by the standard's pattern; the reference
// implementation writes small ones, and only those are taken.
var dcsaSeal = sealed{header: "Notification-Signature", prefix: "sha256=", encode: hex.EncodeToString, key: dcsaKey}

// A key has 32 to 64 bytes.
const dcsaKeyMin, dcsaKeyMax = 32, 64

// dcsaKey returns the key in a secret, nil for a text that is none.
func dcsaKey(secret string) []byte {
	key, err := base64.StdEncoding.Strict().DecodeString(secret)
	if err != nil || len(key) < dcsaKeyMin || len(key) > dcsaKeyMax {
		return nil
	}
	return key
}

type dcsa2Event struct {
	dcsa2Metadata // 2.x
	dcsa2Payload
	Metadata *dcsa2Metadata `json:"metadata"` // 3.0 Beta 1
	Payload  *dcsa2Payload  `json:"payload"`
}

type dcsa2Metadata struct {
	ID        string `json:"eventID"`
	CreatedAt string `json:"eventCreatedDateTime"`
	Type      string `json:"eventType"`
	Retracted string `json:"retractedEventID"`
	Publisher struct {
		Carrier string `json:"carrierCode"`
		List    string `json:"carrierCodeListProvider"`
	} `json:"publisher"`
}

type dcsa2Payload struct {
	Classifier string `json:"eventClassifierCode"`
	At         string `json:"eventDateTime"`
	Shipment   string `json:"shipmentEventTypeCode"`
	Transport  string `json:"transportEventTypeCode"`
	Equipment  string `json:"equipmentEventTypeCode"`
	Old        string `json:"eventTypeCode"` // of any of them, before 2.2

	Container string       `json:"equipmentReference"`
	Empty     string       `json:"emptyIndicatorCode"`
	Facility  string       `json:"facilityTypeCode"` // since 2.3
	Location  dcsaLocation `json:"eventLocation"`
	Call      struct {
		UNLocode string       `json:"UNLocationCode"`
		Facility string       `json:"facilityTypeCode"`
		Mode     string       `json:"modeOfTransport"`
		Location dcsaLocation `json:"location"`
		Vessel   struct {
			Name     string `json:"vesselName"`
			BetaName string `json:"name"`
		} `json:"vessel"`
	} `json:"transportCall"`

	DocumentID   string              `json:"documentID"` // of a shipment event
	BetaDocument string              `json:"documentReference"`
	Document     string              `json:"documentTypeCode"`
	OldDocument  string              `json:"shipmentInformationTypeCode"` // before 2.2
	Documents    few[dcsa2Reference] `json:"documentReferences"`
	BetaRelated  few[dcsa2Reference] `json:"relatedDocumentReferences"`
	References   few[dcsa2Reference] `json:"references"`

	Delay  string `json:"delayReasonCode"`
	Remark string `json:"changeRemark"`
	Reason string `json:"reason"`
}

type dcsa2Reference struct {
	DocumentType  string `json:"documentReferenceType"`
	DocumentValue string `json:"documentReferenceValue"`
	Type          string `json:"referenceType"`
	Value         string `json:"referenceValue"`
	BetaType      string `json:"type"`
	BetaValue     string `json:"value"`
}

func parseDCSA(body []byte) (reports []supply.Report, err error) {
	events := each[dcsa2Event]{visit: func(i int, e *dcsa2Event) error {
		said, err := e.event().reports()
		reports = append(reports, said...)
		return fault.Wrap(err, "event "+strconv.Itoa(i))
	}}
	if err := decode(body, &events); err != nil {
		return nil, err
	}
	if !events.there {
		return nil, invalid("the body is null; it must be a list of events")
	}
	return reports, events.unread.err(events.count)
}

// event returns the event in the words that both versions share.
func (e *dcsa2Event) event() *dcsaEvent {
	meta, body, beta := &e.dcsa2Metadata, &e.dcsa2Payload, e.Metadata != nil
	if beta {
		meta = e.Metadata
	}
	if e.Payload != nil {
		body = e.Payload
	}
	d := dcsaEvent{
		kind: meta.Type, code: cmp.Or(dcsaOf(meta.Type, body.Shipment, body.Transport, body.Equipment), body.Old), classifier: body.Classifier,
		at: body.At, said: meta.CreatedAt, versioned: beta, retracted: beta && meta.Retracted != "",
		issuer: dcsaCarrier(meta.Publisher.Carrier, meta.Publisher.List), equipment: body.Container, document: cmp.Or(body.Document, body.OldDocument),
		empty: body.Empty == "EMPTY", mode: body.Call.Mode,
		// The container may be elsewhere than the vessel that it belongs to.
		facility: cmp.Or(body.Facility, body.Location.Facility, body.Call.Facility),
		unlocode: cmp.Or(body.Location.UNLocode, body.Call.UNLocode, body.Call.Location.UNLocode),
		spot:     cmp.Or(body.Location.name(), body.Call.Location.name()),
	}
	if id := cmp.Or(meta.Retracted, meta.ID); id != "" {
		d.id = dcsaJoin(meta.Publisher.Carrier, meta.Type, id)
	}
	d.text = dcsaJoin(d.code, cmp.Or(body.Call.Vessel.Name, body.Call.Vessel.BetaName), body.Delay, body.Remark, body.Reason)
	d.refer(d.document, cmp.Or(body.DocumentID, body.BetaDocument))
	for _, list := range [...]few[dcsa2Reference]{body.Documents, body.BetaRelated, body.References} {
		for i := range list {
			r := &list[i]
			d.refer(cmp.Or(r.DocumentType, r.Type, r.BetaType), cmp.Or(r.DocumentValue, r.Value, r.BetaValue))
		}
	}
	return &d
}
