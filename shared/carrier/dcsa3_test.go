package carrier_test

// Works by reading the published Track & Trace 3.0 requests and ours, in the
// words of both drafts, and by changing and taking back events in every order. It
// would catch an older version that overwrites a newer one, an event that was
// taken back and still counts, two producers' events taken for one, and a
// producer who is not told which of its events could not be read.

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var dcsa3 = sampleOf("dcsa3", sample{
	secret: "a token of sixteen", other: "another token of more", malformed: []string{"", "fifteen letters"}, bare: true,
	headers: []string{"Authorization"},
	usual:   "webhook-dcsa3-loaded.json", number: "MSKU1234565", field: "equipmentReference", irrelevant: "webhook-dcsa3-sensors.json",
})

func FuzzDCSA3Parse(f *testing.F)  { fuzzParse(f, dcsa3) }
func FuzzDCSA3Verify(f *testing.F) { fuzzVerify(f, dcsa3) }

func BenchmarkDCSA3Parse(b *testing.B) { benchmarkParse(b, "dcsa3", "webhook-dcsa3-eta.json") }

// dcsa3Event is one event of a producer about container MSKU1234565.
func dcsa3Event(party, id, updated, classifier, code, more string) string {
	return fmt.Sprintf(`{"eventRouting":{"originatingParty":{"partyCode":%q,"codeListProvider":"SMDG","codeListName":"LCL"}},"eventID":%q,"eventDateTime":"2026-03-18T08:00:00Z","eventUpdatedDateTime":%q,
		"eventLocation":{"UNLocationCode":"DEDTM","facilityTypeCode":"CLOC"},"eventClassification":{"eventTypeCode":"EQUIPMENT","eventClassifierCode":%q,"equipmentEventTypeCode":%q},
		"equipmentDetails":{"equipmentReference":"MSKU1234565","emptyIndicatorCode":"LADEN"}%s}`, party, id, updated, classifier, code, more)
}

func dcsa3Events(events ...string) []byte {
	return []byte(`{"events":[` + strings.Join(events, ",") + `]}`)
}

func TestThePublishedTrackAndTrace3EventsAreReadWhole(t *testing.T) {
	at := utc("2026-01-20T12:30:00Z")
	for name, want := range map[string]supply.Report{
		"equipment": {Number: "APZU4812090", SaidAt: utc("2026-01-20T14:20:00Z"), Scans: []supply.Scan{{
			ID: "SMDG LCL EXCO evt-equip-001-2026-01-20T14:15:00Z", Version: utc("2026-01-20T14:20:00Z"), Status: supply.InTransit, Code: supply.Loaded,
			At: utc("2026-01-20T14:15:00Z"), Text: "LOAD", Place: "Example Container Yard, NLRTM"}}},
		"shipment": {Number: "HHL71800000", Also: []string{"ABC709951"}, SaidAt: utc("2025-01-23T01:23:45Z"), Scans: []supply.Scan{{
			ID: "SMDG LCL EXCO evt-ship-001", Version: utc("2025-01-23T01:23:45Z"), Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-01-20T10:00:00Z"), Text: "CONF"}}},
		"transport": {Number: "HHL71800000", Also: []string{"ABC709951"}, SaidAt: utc("2025-01-25T01:23:45Z"),
			ETAs: []supply.Estimate{{Window: supply.Window{From: at, To: at, Kind: supply.AtPort}, Classifier: supply.Actual, Place: "DEHAM"}},
			Scans: []supply.Scan{{ID: "SMDG LCL EXCO evt-trans-001-2026-01-20T12:30:00Z", Version: utc("2025-01-25T01:23:45Z"), Status: supply.InTransit, Code: supply.ArrivedAt,
				At: at, Text: "ARRI Example Vessel Alpha", Place: "Sample Port Terminal, DEHAM"}}},
	} {
		reports, err := dcsa3.Parse(fixture(t, "dcsa/tnt-300-request-"+name+".json"))
		require.NoError(t, err, name)
		require.Equal(t, []supply.Report{want}, reports, name)
		u := follow(t, dcsa3, fixture(t, "dcsa/tnt-300-request-"+name+".json"))
		require.Equal(t, want.Scans[0].Status, u.Status, "%s, though it was said a year before it happened", name)
		require.Equal(t, want.Scans[0].At, u.StatusAt)
		require.True(t, u.Arrived.IsZero())
	}
}

func TestBothDraftsOfTrackAndTrace3SayTheSame(t *testing.T) {
	reports, err := dcsa3.Parse(event(t, "webhook-dcsa3-words-of-october.json"))
	require.NoError(t, err)
	at := utc("2026-03-17T07:20:00Z")
	require.Equal(t, []supply.Report{{Number: "HLXU1234568", Also: []string{"HLCUHAM260100001"}, Issuer: "HLCU", SaidAt: utc("2026-03-17T07:30:00Z"),
		ETAs: []supply.Estimate{{Window: supply.Window{From: at, To: at, Kind: supply.ForPickup}, Classifier: supply.Actual, Place: "DEDUI"}},
		Scans: []supply.Scan{{ID: "SMDG LCL HLC gate-7", Version: utc("2026-03-17T07:30:00Z"), Status: supply.AvailableForPickup, Code: supply.Available, At: at,
			Text: "AVPU", Place: "Duisburg, DEDUI"}}}}, reports)
	for word, code := range map[string]string{
		"equipment AVAILABLE_FOR_DROP_OFF": "AVDO", "equipment AVAILABLE_FOR_PICKUP": "AVPU", "equipment CROSSED": "CROS", "equipment CUSTOMS_RELEASED": "CUSR",
		"equipment CUSTOMS_SELECTED_FOR_INSPECTION": "CUSI", "equipment CUSTOMS_SELECTED_FOR_SCAN": "CUSS", "equipment DISCHARGED": "DISC", "equipment DROPPED_OFF": "DROP",
		"equipment GATED_IN": "GTIN", "equipment GATED_OUT": "GTOT", "equipment INSPECTED": "INSP", "equipment LOADED": "LOAD", "equipment PICKED_UP": "PICK", "equipment REMOVED": "RMVD",
		"equipment RESEALED": "RSEA", "equipment STRIPPED": "STRP", "equipment STUFFED": "STUF", "transport ARRIVED": "ARRI", "transport DEPARTED": "DEPA",
		"shipment APPROVED": "APPR", "shipment CANCELLED": "CANC", "shipment COMPLETED": "CMPL", "shipment CONFIRMED": "CONF", "shipment DECLINED": "REJE", "shipment DRAFTED": "DRFT",
		"shipment ISSUED": "ISSU", "shipment ON_HOLD": "HOLD", "shipment PENDING_APPROVAL": "PENA", "shipment PENDING_UPDATE": "PENU", "shipment RECEIVED": "RECE", "shipment REJECTED": "REJE",
		"shipment RELEASED": "RELS", "shipment REQUESTED": "REQS", "shipment SUBMITTED": "SUBM", "shipment SURRENDERED": "SURR", "shipment VOIDED": "VOID", "shipment CANCELLATION_CONFIRMED": "CANC",
	} {
		kind, w, _ := strings.Cut(word, " ")
		told := func(type_, classifier, suffix, value, document string) []supply.Report {
			body := dcsa3Events(strings.NewReplacer(`"eventTypeCode":"EQUIPMENT"`, `"`+type_+`":"`+strings.ToUpper(kind)+`"`, `"eventClassifierCode":"ACT"`, classifier, `"equipmentEventTypeCode":"LOAD"`, `"`+kind+suffix+`":"`+value+`"`).
				Replace(dcsa3Event("MSK", "e1", "2026-03-18T09:00:00Z", "ACT", "LOAD", `,"shipmentDetails":{"documentReference":{`+document+`,"reference":"B1"}}`)))
			reports, err := dcsa3.Parse(body)
			require.NoError(t, err, word)
			return reports
		}
		old := told("eventTypeCode", `"eventClassifierCode":"ACT"`, "EventTypeCode", code, `"typeCode":"BKG"`)
		require.Equal(t, old, told("eventType", `"eventClassifier":"ACTUAL"`, "EventType", w, `"type":"BOOKING"`), word)
		require.NotEqual(t, supply.CodeUnknown, old[0].Scans[0].Code, word)
	}
}

func TestWordsOfPlacesPapersAndPhasesAreThoseOfTheCodes(t *testing.T) {
	arrival := func(place, details, paper string) supply.Report {
		reports, err := dcsa3.Parse(dcsa3Events(`{"eventID":"e1","eventDateTime":"2026-03-18T08:00:00Z","eventUpdatedDateTime":"2026-03-01T08:00:00Z","eventLocation":{"UNLocationCode":"DEDTM",` + place + `},
			"eventClassification":{"eventTypeCode":"TRANSPORT","eventClassifier":"ESTIMATED","transportEventType":"ARRIVED"},"equipmentDetails":{` + details + `},"shipmentDetails":{"documentReference":` + paper + `}}`))
		require.NoError(t, err)
		if len(reports) == 0 {
			return supply.Report{}
		}
		return reports[0]
	}
	const bill = `{"type":"TRANSPORT_DOCUMENT","reference":"T1"}`
	for word, kind := range map[string]supply.ETAKind{
		"PORT_TERMINAL": supply.AtPort, "RAMP": supply.AtInlandPoint, "INLAND_TERMINAL": supply.AtInlandPoint, "DEPOT": supply.AtInlandPoint, "OFF_DOCK_STORAGE": supply.AtInlandPoint,
		"CONTAINER_FREIGHT_STATION": supply.AtInlandPoint, "CUSTOMER_LOCATION": supply.AtDock,
	} {
		require.Equal(t, kind, arrival(`"facilityType":"`+word+`"`, "", bill).ETAs[0].Kind, word)
	}
	require.Empty(t, arrival(`"facilityType":"BORDER"`, "", bill).ETAs)
	require.Empty(t, arrival(`"facilityType":"WAYPOINT"`, "", bill).ETAs)
	require.Equal(t, supply.Estimated, arrival(`"facilityType":"RAMP"`, "", bill).ETAs[0].Classifier)
	for word, number := range map[string]string{"TRANSPORT_DOCUMENT": "T1", "BOOKING": "T1", "SHIPPING_INSTRUCTIONS": "T1", "CARRIER_BOOKING_REQUEST": "T1"} {
		require.Equal(t, number, arrival(`"facilityType":"RAMP"`, "", strings.Replace(bill, "TRANSPORT_DOCUMENT", word, 1)).Number, word)
	}
	for _, phase := range []string{`"movementType":"EXPORT"`, `"transportPhase":"EXPORT"`} {
		require.Empty(t, arrival(`"facilityType":"CUSTOMER_LOCATION"`, phase, bill).ETAs, "the shipper's yard is not our dock")
	}
	require.NotEmpty(t, arrival(`"facilityType":"CUSTOMER_LOCATION"`, `"transportPhase":"IMPORT"`, bill).ETAs)
}

func TestOnTheWayOutNothingIsDelivered(t *testing.T) {
	for _, c := range []struct {
		code, empty, facility string
		status                supply.TrackStatus
	}{
		{"GTIN", "EMPTY", "DEPO", supply.TrackUnknown}, {"DROP", "LADEN", "CLOC", supply.TrackUnknown}, {"STRP", "LADEN", "CLOC", supply.TrackUnknown},
		{"GTOT", "LADEN", "RAMP", supply.InTransit}, {"LOAD", "LADEN", "POTE", supply.InTransit},
	} {
		out := strings.NewReplacer("CLOC", c.facility, `"emptyIndicatorCode":"LADEN"`, `"emptyIndicatorCode":"`+c.empty+`","movementType":"EXPORT"`).
			Replace(dcsa3Event("MSK", "e1", "2026-03-18T09:00:00Z", "ACT", c.code, ""))
		u := follow(t, dcsa3, dcsa3Events(out))
		require.Equal(t, c.status.String(), u.Status.String(), c.code)
		require.True(t, u.Arrived.IsZero(), c.code)
	}
}

func TestTheLatestVersionOfAnEventStands(t *testing.T) {
	loaded := dcsa3Events(dcsa3Event("MSK", "e0", "2026-02-01T00:00:00Z", "ACT", "LOAD", `,"x":1`))
	first := dcsa3Event("MSK", "e1", "2026-03-18T08:05:00Z", "ACT", "DROP", "")
	moved := strings.Replace(dcsa3Event("MSK", "e1", "2026-03-18T12:00:00Z", "ACT", "DROP", ""), "2026-03-18T08:00:00Z", "2026-03-18T10:30:00Z", 1)
	u := anyOrder(t, dcsa3, loaded, dcsa3Events(first), dcsa3Events(moved))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-18T10:30:00Z"), u.Arrived)
	require.EqualValues(t, 2, u.Scans)

	held := dcsa3Event("MSK", "e1", "2026-03-18T13:00:00Z", "ACT", "CUSI", "")
	u = anyOrder(t, dcsa3, loaded, dcsa3Events(first), dcsa3Events(moved), dcsa3Events(held))
	require.True(t, u.Arrived.IsZero(), "it was no delivery at all")
	require.Equal(t, supply.UnitCustoms, u.Troubles)
}

func TestAnEventThatIsTakenBackDidNotHappen(t *testing.T) {
	loaded := dcsa3Events(dcsa3Event("MSK", "e0", "2026-02-01T00:00:00Z", "ACT", "LOAD", ""))
	u := anyOrder(t, dcsa3, loaded, event(t, "webhook-dcsa3-delivered.json"))
	require.Equal(t, supply.Delivered, u.Status)
	u = anyOrder(t, dcsa3, loaded, event(t, "webhook-dcsa3-delivered.json"), event(t, "webhook-dcsa3-retracted.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.EqualValues(t, 1, u.Scans)
	again := strings.Replace(string(event(t, "webhook-dcsa3-delivered.json")), "2026-03-18T08:05:00Z", "2026-03-18T14:00:00Z", 1)
	u = anyOrder(t, dcsa3, loaded, event(t, "webhook-dcsa3-delivered.json"), event(t, "webhook-dcsa3-retracted.json"), []byte(again))
	require.Equal(t, supply.Delivered, u.Status, "and then it did after all")

	// What an event that is taken back holds beside its number is not needed.
	short := `{"eventRouting":{"originatingParty":{"partyCode":"MSK","codeListProvider":"SMDG","codeListName":"LCL"}},"eventID":"box-1-drop","isRetracted":true,"eventUpdatedDateTime":"2026-03-18T12:00:00Z","equipmentDetails":{"equipmentReference":"MSKU1234565"}}`
	require.Equal(t, supply.InTransit, anyOrder(t, dcsa3, loaded, event(t, "webhook-dcsa3-delivered.json"), dcsa3Events(short)).Status)
	for _, bad := range []string{strings.Replace(short, `"equipmentReference":"MSKU1234565"`, ``, 1), strings.Replace(short, `"2026-03-18T12:00:00Z"`, `null`, 1)} {
		_, err := dcsa3.Parse(dcsa3Events(bad))
		require.True(t, fault.Is(err, fault.Invalid), bad)
	}
}

func TestAnEstimateIsReplacedAndTakenBack(t *testing.T) {
	told := func(updated, at, more string) []byte {
		return []byte(strings.NewReplacer("2026-03-16T04:00:00+01:00", at, "2026-03-03T06:00:00Z", updated, `"eventID"`, more+`"eventID"`).Replace(string(event(t, "webhook-dcsa3-eta.json"))))
	}
	first, later := told("2026-03-03T06:00:00Z", "2026-03-16T04:00:00+01:00", ""), told("2026-03-05T06:00:00Z", "2026-03-14T04:00:00+01:00", "")
	u := anyOrder(t, dcsa3, first)
	require.Equal(t, "MSKU1234565", u.Number)
	require.Equal(t, supply.AtPort, u.ETA.Kind)
	require.Equal(t, utc("2026-03-14T03:00:00Z"), anyOrder(t, dcsa3, first, later).ETA.To)
	back := told("2026-03-06T06:00:00Z", "2026-03-14T04:00:00+01:00", `"isRetracted":true,`)
	u = anyOrder(t, dcsa3, first, later, back)
	require.False(t, u.ETA.Known(), "nobody says any more")
	require.EqualValues(t, 0, u.Scans)
	u = anyOrder(t, dcsa3, first, later, back, told("2026-03-07T06:00:00Z", "2026-03-19T04:00:00+01:00", ""))
	require.Equal(t, utc("2026-03-19T03:00:00Z"), u.ETA.To)
}

func TestTwoProducersMayUseOneID(t *testing.T) {
	a, b := dcsa3Event("MSK", "e1", "2026-03-18T09:00:00Z", "ACT", "GTIN", ""), dcsa3Event("FORW", "e1", "2026-03-18T10:00:00Z", "ACT", "CROS", "")
	u := anyOrder(t, dcsa3, dcsa3Events(a), dcsa3Events(b))
	require.EqualValues(t, 2, u.Scans)
	require.Equal(t, "MAEU", u.Issuer)
	several := strings.Replace(a, `"originatingParty":{"partyCode":"MSK","codeListProvider":"SMDG","codeListName":"LCL"}`, `"originatingParties":[{"partyCode":"TERM"},{"partyCode":"MSK","codeListProvider":"SMDG","codeListName":"LCL"}]`, 1)
	reports, err := dcsa3.Parse(dcsa3Events(several))
	require.NoError(t, err)
	require.Equal(t, "TERM SMDG LCL MSK e1", reports[0].Scans[0].ID)
	require.Equal(t, "MAEU", reports[0].Issuer)
	reports, err = dcsa3.Parse(dcsa3Events(strings.Replace(a, `"eventID":"e1",`, "", 1)))
	require.NoError(t, err)
	require.Empty(t, reports[0].Scans[0].ID)
	require.True(t, reports[0].Scans[0].Version.IsZero(), "without an id nothing replaces it")
}

func TestAProducerIsToldWhichEventsCouldNotBeRead(t *testing.T) {
	answer := func(body []byte) (feedback []map[string]string) {
		_, err := dcsa3.Parse(body)
		header, answered := dcsa3.Answer(carrier.Request{Body: body}, nil, err, now)
		require.Equal(t, "application/json", header.Get("Content-Type"))
		require.Equal(t, "3.0.0", header.Get("API-Version"))
		var read struct{ FeedbackElements []map[string]string }
		require.NoError(t, json.Unmarshal(answered, &read), "%s", answered)
		return read.FeedbackElements
	}
	require.Empty(t, answer(event(t, "webhook-dcsa3-eta.json")))
	body := event(t, "webhook-dcsa3-one-good-unreadable.json")
	reports, err := dcsa3.Parse(body)
	require.ErrorContains(t, err, "3 of 4 events")
	require.Len(t, reports, 1)
	feedback := answer(body)
	require.Len(t, feedback, 3)
	for i, want := range []struct{ path, message string }{{"$.events[0]", "eventDateTime"}, {"$.events[2]", "equipmentReference"}, {"$.events[3]", "type"}} {
		require.Equal(t, want.path, feedback[i]["propertyPath"])
		require.Contains(t, feedback[i]["message"], want.message)
		require.Equal(t, "ERROR", feedback[i]["severity"])
		require.NotEmpty(t, feedback[i]["code"])
	}
	for _, unreadable := range []string{`{"events":null}`, `{}`, `not JSON`, `{"events":[{"eventID":"1","eventID":"2"}]}`} {
		feedback = answer([]byte(unreadable))
		require.Len(t, feedback, 1, unreadable)
		require.Equal(t, "$", feedback[0]["propertyPath"])
	}
	require.Len(t, answer([]byte(`{"events":[`+strings.Repeat(`{},`, 500)+`{}]}`)), 100)
	_, answered := dcsa3.Answer(carrier.Request{Body: event(t, "webhook-dcsa3-eta.json")}, nil, errors.ErrUnsupported, now)
	require.JSONEq(t, `{}`, string(answered), "what is wrong on our side is not the producer's business")
}

func TestAProducerMayAppendItsOwnPathToTheAddress(t *testing.T) {
	secret := samples["dcsa3"].secret
	for _, tail := range []string{"", "events", secret, secret + "/events"} {
		request := carrier.Request{Tail: tail}
		if !strings.HasPrefix(tail, secret) {
			request = signed(dcsa3, secret, nil, now)
			request.Tail = tail
		}
		require.NoError(t, dcsa3.Verify(request, []string{secret}, now), tail)
	}
	refused(t, dcsa3.Verify(carrier.Request{Tail: "events"}, []string{secret}, now), "neither")
	refused(t, dcsa3.Verify(carrier.Request{Tail: "a token of fifteen/events"}, []string{secret}, now), "token")
}

func TestAHostileListOfEventsHarmsNothing(t *testing.T) {
	reports, err := dcsa3.Parse(event(t, "webhook-dcsa3-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 202)
	require.Equal(t, "EQUIPMENT TELEPORTED", reports[0].Scans[0].Text)
	require.Equal(t, "Dortmund "+strings.Repeat("ö", 15), reports[0].Scans[0].Place)
	require.Equal(t, supply.CodeUnknown, reports[201].Scans[0].Code)
	u := follow(t, dcsa3, event(t, "webhook-dcsa3-hostile.json"))
	require.True(t, u.Arrived.IsZero())
	require.Zero(t, u.Troubles)
}
