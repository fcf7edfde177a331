package carrier_test

// Works by reading the published Track & Trace 2.2 events and callbacks written
// to the contract, row by row of its codes. It would catch a plan that is taken
// for what happened, a port or a shipper's yard for our dock, one id for two
// events, an event given to the wrong number, and a bad event that takes its
// neighbours along.

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

const dcsaSecret, dcsaOther = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY=", "RkVEQ0JBOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="

var dcsa = sampleOf("dcsa", sample{
	secret: dcsaSecret, other: dcsaOther,
	malformed: []string{"", "0123456789abcdef0123456789abcdef!", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY", // no padding
		base64.StdEncoding.EncodeToString(make([]byte, 31)), base64.StdEncoding.EncodeToString(make([]byte, 65))},
	headers: []string{"Notification-Signature"},
	usual:   "webhook-dcsa-discharged.json", number: "MSKU1234565", field: "equipmentReference", irrelevant: "webhook-dcsa-port-call.json",
	nested: 1, lawful: []string{"a list"},
})

func FuzzDCSAParse(f *testing.F)  { fuzzParse(f, dcsa) }
func FuzzDCSAVerify(f *testing.F) { fuzzVerify(f, dcsa) }

func BenchmarkDCSAParse(b *testing.B) { benchmarkParse(b, "dcsa", "webhook-dcsa-arrivals.json") }

// dcsaEvents is a callback's body. An event is its members, with the classifier
// ACT and times of its own unless it has them.
func dcsaEvents(events ...string) []byte {
	for i, e := range events {
		for member, value := range map[string]string{"eventClassifierCode": "ACT", "eventDateTime": "2026-03-15T10:00:00Z", "eventCreatedDateTime": "2026-03-15T11:00:00Z"} {
			if !strings.Contains(e, member) {
				e += `,"` + member + `":"` + value + `"`
			}
		}
		events[i] = "{" + e + "}"
	}
	return []byte("[" + strings.Join(events, ",") + "]")
}

// dcsaBox is an event of container MSKU1234565 at a facility.
func dcsaBox(code, load, facility string) string {
	return fmt.Sprintf(`"eventID":"b-%s-%s","eventType":"EQUIPMENT","equipmentEventTypeCode":%q,"equipmentReference":"MSKU1234565","emptyIndicatorCode":%q,
		"transportCall":{"UNLocationCode":"DEHAM","facilityTypeCode":%q}`, code, load, code, load, facility)
}

// dcsaPaper is an event of a document about that container.
func dcsaPaper(code, document string) string {
	return fmt.Sprintf(`"eventID":"p-%s","eventType":"SHIPMENT","shipmentEventTypeCode":%q,"documentTypeCode":%q,"documentID":"D-1","references":[{"referenceType":"EQ","referenceValue":"MSKU1234565"}]`, code, code, document)
}

// dcsaArrival is a vessel's, train's or truck's arrival with that container.
func dcsaArrival(classifier, at, said, place, facility, mode string) []byte {
	return dcsaEvents(fmt.Sprintf(`"eventID":"a-%s-%s","eventType":"TRANSPORT","transportEventTypeCode":"ARRI","eventClassifierCode":%q,"eventDateTime":%q,"eventCreatedDateTime":%q,
		"transportCall":{"UNLocationCode":%q,"facilityTypeCode":%q,"modeOfTransport":%q},"references":[{"referenceType":"EQ","referenceValue":"MSKU1234565"}]`,
		classifier, at, classifier, at, said, place, facility, mode))
}

// No vector is published; these were made with openssl. The second key is the
// example of the standard.
func TestASignatureOfDCSAMadeByOthersVerifies(t *testing.T) {
	body := []byte(`[{"eventID":"1","eventType":"IOT"}]`)
	for secret, digits := range map[string]string{
		dcsaSecret: "09773652b1685f507d4b5a7cb2a89282d3412f0e2eb301428483605494f3828d",
		"MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDM2NTc4NjIzODk3NDY5MDgyNzM0OTg3MTIzNzg2NA==": "6eb692a08243b5b894f7926496b23e2f8679ffbbf17e8074e634efb83cf29803",
	} {
		request := carrier.Request{Header: http.Header{"Notification-Signature": {"sha256=" + digits}}, Body: body}
		require.NoError(t, dcsa.Verify(request, []string{secret}, now))
		refused(t, dcsa.Verify(request, []string{dcsaOther}, now), "matches none")
		for _, bad := range []string{digits, "sha512=" + digits, " sha256=" + digits, "sha256=" + strings.ToUpper(digits)} {
			request.Header.Set("Notification-Signature", bad)
			refused(t, dcsa.Verify(request, []string{secret}, now), "matches none")
		}
	}
	require.Equal(t, http.StatusNoContent, dcsa.Success)
	require.Equal(t, dcsaSecret, dcsa.Secret([]byte("0123456789abcdef0123456789ABCDEF")))
}

func TestThePublishedTrackAndTraceEventsAreReadWhole(t *testing.T) {
	paper := func(id, said, also string) supply.Report {
		return supply.Report{Number: "APZU4812090", Also: []string{also}, SaidAt: utc(said), Scans: []supply.Scan{{
			ID: "SHIPMENT " + id, Code: supply.CodeInfo, At: utc("2019-11-11T23:11:00Z"), Text: "DRFT The following attributes are missing..."}}}
	}
	arrival := func(id, said string) supply.Report {
		at := utc("2021-01-09T13:12:56Z")
		return supply.Report{Number: "APZU4812090", Also: []string{"reserved-HHL123", "ABC123123123"}, SaidAt: utc(said),
			ETAs:  []supply.Estimate{{Window: supply.Window{From: at, To: at, Kind: supply.AtPort}, Classifier: supply.Actual, Place: "FRPAR"}},
			Scans: []supply.Scan{{ID: "TRANSPORT " + id, Status: supply.InTransit, Code: supply.ArrivedAt, At: at, Text: "ARRI King of the Seas WEA Bad weather", Place: "FRPAR"}}}
	}
	reports, err := dcsa.Parse(fixture(t, "dcsa/tnt-220-response.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{
		arrival("3cecb101-7a1a-43a4-9d62-e88a131651e2", "2021-01-23T12:34:56Z"),
		paper("3cecb101-7a1a-43a4-9d62-e88a131651e3", "2021-01-23T12:34:56Z", "reserved-HHL123"),
		// ...e4 and ...e7 expect an empty container to be loaded: nothing of ours.
		arrival("3cecb101-7a1a-43a4-9d62-e88a131651e5", "2021-01-09T14:12:56Z"),
		paper("3cecb101-7a1a-43a4-9d62-e88a131651e6", "2021-01-09T14:12:56Z", "ABC123123123"),
		paper("3cecb101-7a1a-43a4-9d62-e88a131651e8", "2021-01-01T14:12:56Z", "reserved-HHL123"),
	}, reports)
	u := anyOrder(t, dcsa, fixture(t, "dcsa/tnt-220-response.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.EqualValues(t, 5, u.Scans)
	require.Equal(t, utc("2021-01-09T13:12:56Z"), u.ETA.To)
	require.Equal(t, supply.AtPort, u.ETA.Kind)
}

func TestThePublishedWrongEventsAreRefusedAndTheRightOnesRead(t *testing.T) {
	reports, err := dcsa.Parse(fixture(t, "dcsa/tnt-220-response-wrong-date-times.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "6 of 7 events")
	require.Len(t, reports, 1)
	require.Equal(t, "reserved-HHL123", reports[0].Number)
	require.Empty(t, reports[0].Scans[0].ID, "the standard lets the id be left out")

	reports, err = dcsa.Parse(fixture(t, "dcsa/tnt-220-response-wrong-structure.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "2 of 2 events")
	require.ErrorContains(t, err, "eventType")
	require.Empty(t, reports)
}

func TestEveryFaultOfADCSAEventIsNamed(t *testing.T) {
	good := string(dcsaEvents(dcsaBox("DISC", "LADEN", "POTE")))
	for _, c := range []struct{ old, bad, field string }{
		{`"eventType":"EQUIPMENT"`, `"eventType":"PIGEON"`, "eventType"},
		{`"eventType":"EQUIPMENT"`, `"eventType":null`, "eventType"},
		{`"eventClassifierCode":"ACT"`, `"eventClassifierCode":"REQ"`, "eventClassifierCode"},
		{`"eventClassifierCode":"ACT"`, `"eventClassifierCode":null`, "eventClassifierCode"},
		{`"2026-03-15T11:00:00Z"`, `null`, "eventCreatedDateTime"},
		{`"2026-03-15T11:00:00Z"`, `"2026 03 15 11:00:00"`, "eventCreatedDateTime"},
		{`"2026-03-15T11:00:00Z"`, `"1999-03-15T11:00:00Z"`, "years apart"},
		{`"2026-03-15T11:00:00Z"`, `"2099-03-15T11:00:00Z"`, "years apart"},
		{`"2026-03-15T10:00:00Z"`, `null`, "eventDateTime is required"},
		{`"2026-03-15T10:00:00Z"`, `"2026/03/15 10:00:00 +01:00"`, "eventDateTime"},
		{`"2026-03-15T10:00:00Z"`, `1773568800`, "eventDateTime"},
		{`"MSKU1234565"`, `"MSKU/1234565"`, "equipmentReference"},
		{`"MSKU1234565"`, `null`, "equipmentReference"},
		{`"transportCall":{`, `"references":[7],"transportCall":{`, "references"},
		{`"transportCall":{`, `"references":{"EQ":1},"transportCall":{`, "references"},
		{`"transportCall":{`, `"references":[` + strings.Repeat(`{},`, 4_096) + `{}],"transportCall":{`, "4096"},
	} {
		require.Contains(t, good, c.old)
		body := strings.Replace(good, c.old, c.bad, 1)
		body = strings.TrimSuffix(body, "]") + "," + strings.TrimPrefix(string(dcsaEvents(dcsaBox("GTOT", "LADEN", "POTE"))), "[")
		reports, err := dcsa.Parse([]byte(body))
		require.True(t, fault.Is(err, fault.Invalid), c.bad)
		require.ErrorContains(t, err, c.field)
		require.ErrorContains(t, err, "1 of 2 events")
		require.Len(t, reports, 1, "%s: its neighbour is read", c.bad)
		require.Equal(t, supply.GateOut, reports[0].Scans[0].Code)
	}
	for _, bad := range []string{`{}`, `{"events":[]}`, `null`, `"x"`} {
		unreadable(t, dcsa, []byte(bad), bad)
	}
	reports, err := dcsa.Parse([]byte(`[]`))
	require.NoError(t, err)
	require.Empty(t, reports)
	reports, err = dcsa.Parse(event(t, "webhook-dcsa-one-good-unreadable.json"))
	require.ErrorContains(t, err, "3 of 4 events")
	require.Len(t, reports, 1)
}

// One row per code and circumstance: literals of the standard's lists.
func TestDCSAsCodesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		event    string
		status   supply.TrackStatus
		code     string
		troubles supply.UnitTrouble
	}{
		{`"eventType":"TRANSPORT","transportEventTypeCode":"DEPA","equipmentReference":"MSKU1234565"`, supply.InTransit, "DEPARTED", 0},
		{`"eventType":"TRANSPORT","transportEventTypeCode":"ARRI","equipmentReference":"MSKU1234565","transportCall":{"facilityTypeCode":"CLOC"}`, supply.InTransit, "ARRIVED", 0},
		{dcsaBox("LOAD", "LADEN", "POTE"), supply.InTransit, "LOADED", 0},
		{dcsaBox("LOAD", "EMPTY", "POTE"), supply.PreTransit, "INFO", 0},
		{dcsaBox("DISC", "LADEN", "POTE"), supply.InTransit, "DISCHARGED", 0},
		{dcsaBox("DISC", "EMPTY", "POTE"), supply.PreTransit, "INFO", 0},
		{dcsaBox("GTIN", "LADEN", "POTE"), supply.InTransit, "GATE_IN", 0},
		{dcsaBox("GTIN", "LADEN", "CLOC"), supply.InTransit, "GATE_IN", 0},
		{dcsaBox("GTIN", "EMPTY", "DEPO"), supply.Delivered, "EMPTY_RETURNED", 0},
		{dcsaBox("GTIN", "EMPTY", "CLOC"), supply.PreTransit, "GATE_IN", 0},
		{dcsaBox("GTOT", "LADEN", "POTE"), supply.OutForDelivery, "GATE_OUT", 0},
		{dcsaBox("GTOT", "LADEN", "RAMP"), supply.OutForDelivery, "GATE_OUT", 0},
		{dcsaBox("GTOT", "LADEN", "CLOC"), supply.InTransit, "GATE_OUT", 0},
		{dcsaBox("GTOT", "EMPTY", "DEPO"), supply.PreTransit, "GATE_OUT", 0},
		{dcsaBox("GTOT", "EMPTY", "CLOC"), supply.Delivered, "EMPTY_RETURNED", 0},
		{dcsaBox("PICK", "LADEN", "POTE"), supply.InTransit, "PICKED_UP", 0},
		{dcsaBox("PICK", "EMPTY", "DEPO"), supply.PreTransit, "PICKED_UP", 0},
		{dcsaBox("PICK", "EMPTY", "CLOC"), supply.Delivered, "EMPTY_RETURNED", 0},
		{dcsaBox("DROP", "LADEN", "RAMP"), supply.InTransit, "DROPPED_OFF", 0},
		{dcsaBox("DROP", "LADEN", ""), supply.InTransit, "DROPPED_OFF", 0},
		{dcsaBox("DROP", "LADEN", "CLOC"), supply.Delivered, "DELIVERED", 0},
		{dcsaBox("DROP", "EMPTY", "DEPO"), supply.Delivered, "EMPTY_RETURNED", 0},
		{dcsaBox("DROP", "EMPTY", "CLOC"), supply.PreTransit, "DROPPED_OFF", 0},
		{dcsaBox("STUF", "LADEN", "CLOC"), supply.PreTransit, "STUFFED", 0},
		{dcsaBox("STRP", "LADEN", "CLOC"), supply.Delivered, "STRIPPED", 0},
		{dcsaBox("STRP", "EMPTY", "CLOC"), supply.Delivered, "STRIPPED", 0},
		{dcsaBox("STRP", "LADEN", ""), supply.Delivered, "STRIPPED", 0}, // 2.2 gives it no facility
		{dcsaBox("STRP", "EMPTY", ""), supply.Delivered, "STRIPPED", 0},
		{dcsaBox("STRP", "LADEN", "COFS"), supply.InTransit, "STRIPPED", 0},
		{dcsaBox("STRP", "EMPTY", "COFS"), supply.InTransit, "STRIPPED", 0},
		{dcsaBox("INSP", "LADEN", "POTE"), supply.PreTransit, "INSPECTED", 0},
		{dcsaBox("RSEA", "LADEN", "POTE"), supply.PreTransit, "INFO", 0},
		{dcsaBox("RMVD", "LADEN", "POTE"), supply.PreTransit, "INFO", 0},
		{dcsaBox("AVPU", "LADEN", "POTE"), supply.AvailableForPickup, "AVAILABLE", 0},
		{dcsaBox("AVPU", "EMPTY", "DEPO"), supply.PreTransit, "INFO", 0},
		{dcsaBox("AVDO", "LADEN", "POTE"), supply.PreTransit, "INFO", 0},
		{dcsaBox("CROS", "LADEN", "BORD"), supply.InTransit, "HUB_SCAN", 0},
		{dcsaBox("CUSS", "LADEN", "POTE"), supply.Exception, "CUSTOMS_HOLD", supply.UnitCustoms},
		{dcsaBox("CUSI", "LADEN", "POTE"), supply.Exception, "CUSTOMS_HOLD", supply.UnitCustoms},
		{dcsaBox("CUSR", "LADEN", "POTE"), supply.InTransit, "CUSTOMS_RELEASED", 0},
		{dcsaBox("WARP", "LADEN", "POTE"), supply.PreTransit, "UNKNOWN", 0}, // a code of next year
		{dcsaPaper("RECE", "BKG"), supply.PreTransit, "INFO_RECEIVED", 0},
		{dcsaPaper("CONF", "CBR"), supply.PreTransit, "INFO_RECEIVED", 0},
		{dcsaPaper("CONF", "TRD"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("RECE", "SHI"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("DRFT", "SHI"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("PENA", "SHI"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("PENU", "SHI"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("PENC", "BKG"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("REJE", "BKG"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("APPR", "SHI"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("ISSU", "TRD"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("SURR", "TRD"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("SUBM", "VGM"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("REQS", "SRM"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("CMPL", "BKG"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("VOID", "TRD"), supply.PreTransit, "INFO", 0}, // it will be issued anew
		{dcsaPaper("VOID", "BKG"), supply.TrackCancelled, "CANCELLED", 0},
		{dcsaPaper("CANC", "BKG"), supply.TrackCancelled, "CANCELLED", 0},
		{dcsaPaper("CANC", "VGM"), supply.PreTransit, "INFO", 0},
		{dcsaPaper("HOLD", "SRM"), supply.Exception, "HELD", supply.UnitHeld},
		{dcsaPaper("HOLD", "CUS"), supply.Exception, "CUSTOMS_HOLD", supply.UnitCustoms},
		{dcsaPaper("HOLD", "CUC"), supply.Exception, "CUSTOMS_HOLD", supply.UnitCustoms},
		{dcsaPaper("RELS", "SRM"), supply.InTransit, "HUB_SCAN", 0},
		{dcsaPaper("RELS", "CUS"), supply.InTransit, "CUSTOMS_RELEASED", 0},
	} {
		u := follow(t, dcsa, dcsaEvents(dcsaBox("STUF", "LADEN", "CLOC")+`,"eventDateTime":"2026-03-01T10:00:00Z"`), dcsaEvents(c.event))
		require.Equal(t, c.status.String(), u.Status.String(), c.event)
		require.Equal(t, c.code, u.Last.Code.String(), c.event)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), c.event)
		require.Equal(t, c.status == supply.Delivered, !u.Arrived.IsZero(), c.event)
	}
	u := follow(t, dcsa, dcsaEvents(dcsaBox("WARP", "LADEN", "POTE")))
	require.Equal(t, "EQUIPMENT WARP", u.Last.Text)
}

func TestWhatIsPlannedOrEstimatedDidNotHappen(t *testing.T) {
	for _, classifier := range []string{"PLN", "EST"} {
		for _, event := range []string{dcsaBox("DISC", "LADEN", "POTE"), dcsaBox("GTOT", "LADEN", "POTE"), dcsaBox("CUSI", "LADEN", "POTE"), dcsaPaper("HOLD", "CUS")} {
			reports, err := dcsa.Parse(dcsaEvents(event + `,"eventClassifierCode":"` + classifier + `"`))
			require.NoError(t, err)
			require.Empty(t, reports, event)
		}
		for _, event := range []string{dcsaBox("DROP", "LADEN", "CLOC"), dcsaBox("AVPU", "LADEN", "POTE")} {
			reports, err := dcsa.Parse(dcsaEvents(event + `,"eventClassifierCode":"` + classifier + `"`))
			require.NoError(t, err)
			require.Empty(t, reports[0].Scans, event)
			require.Len(t, reports[0].ETAs, 1, event)
			require.Equal(t, classifier, reports[0].ETAs[0].Classifier.String())
		}
	}
}

func TestWhereAnArrivalIsFollowsFromTheFacilityElseFromTheVehicle(t *testing.T) {
	for _, c := range []struct{ facility, mode, kind string }{
		{"POTE", "VESSEL", "ARRIVAL_PORT"}, {"POTE", "TRUCK", "ARRIVAL_PORT"}, {"RAMP", "RAIL", "ARRIVAL_INLAND"}, {"INTE", "BARGE", "ARRIVAL_INLAND"},
		{"DEPO", "TRUCK", "ARRIVAL_INLAND"}, {"OFFD", "TRUCK", "ARRIVAL_INLAND"}, {"COYA", "TRUCK", "ARRIVAL_INLAND"}, {"COFS", "TRUCK", "ARRIVAL_INLAND"},
		{"CLOC", "TRUCK", "DELIVERY"}, {"", "VESSEL", "ARRIVAL_PORT"}, {"", "BARGE", "ARRIVAL_PORT"}, {"", "RAIL", "ARRIVAL_INLAND"}, {"", "TRUCK", "ARRIVAL_INLAND"},
		{"BORD", "TRUCK", ""}, {"BOCR", "TRUCK", ""}, {"WAYP", "VESSEL", ""}, {"", "", ""}, {"MOON", "VESSEL", ""}, {"", "ROCKET", ""},
	} {
		for _, classifier := range []supply.Classifier{supply.Planned, supply.Estimated, supply.Actual} {
			reports, err := dcsa.Parse(dcsaArrival(classifier.String(), "2026-03-16T04:00:00+01:00", "2026-03-03T06:00:00Z", "DEHAM", c.facility, c.mode))
			require.NoError(t, err)
			var said []supply.Estimate
			for _, r := range reports {
				said = append(said, r.ETAs...)
			}
			if c.kind == "" || c.kind == "DELIVERY" && classifier == supply.Actual {
				require.Empty(t, said, "%s %s", c.facility, c.mode)
				continue
			}
			require.Len(t, said, 1, "%s %s", c.facility, c.mode)
			require.Equal(t, c.kind, said[0].Kind.String(), "%s %s", c.facility, c.mode)
			require.Equal(t, classifier, said[0].Classifier)
			require.Equal(t, utc("2026-03-16T03:00:00Z"), said[0].To)
			require.Equal(t, said[0].To, said[0].From)
			if c.kind == "DELIVERY" {
				require.Empty(t, said[0].Place)
			} else {
				require.Equal(t, "DEHAM", said[0].Place)
			}
		}
	}
}

func TestAPlanNeverOverridesAnEstimateNorAnEstimateWhatHappened(t *testing.T) {
	planned := dcsaArrival("PLN", "2026-03-12T04:00:00Z", "2026-03-09T00:00:00Z", "DEHAM", "POTE", "VESSEL") // said last
	estimated := dcsaArrival("EST", "2026-03-16T04:00:00Z", "2026-03-03T06:00:00Z", "DEHAM", "POTE", "VESSEL")
	onTheWay := dcsaArrival("ACT", "2026-02-23T17:15:00Z", "2026-02-23T18:00:00Z", "SGSIN", "POTE", "VESSEL")
	u := anyOrder(t, dcsa, planned, estimated, onTheWay)
	require.Equal(t, utc("2026-03-16T04:00:00Z"), u.ETA.To)
	require.Equal(t, supply.Estimated, u.ETAClassifier)
	require.Equal(t, supply.InTransit, u.Status)
	happened := dcsaArrival("ACT", "2026-03-15T21:40:00Z", "2026-03-15T22:00:00Z", "DEHAM", "POTE", "VESSEL")
	late := dcsaArrival("EST", "2026-03-18T04:00:00Z", "2026-03-17T00:00:00Z", "DEHAM", "POTE", "VESSEL")
	u = anyOrder(t, dcsa, planned, estimated, onTheWay, happened, late)
	require.Equal(t, utc("2026-03-15T21:40:00Z"), u.ETA.To)
	require.Equal(t, supply.Actual, u.ETAClassifier)

	u = anyOrder(t, dcsa, event(t, "webhook-dcsa-arrivals.json"))
	require.Equal(t, "CMAU7654321", u.Number)
	require.Equal(t, utc("2026-03-16T03:00:00Z"), u.ETA.To)
}

func TestTheLifeOfAContainerEndsAlikeInEveryOrder(t *testing.T) {
	at := func(day, event string) []byte {
		return dcsaEvents(event + `,"eventDateTime":"2026-` + day + `T10:00:00+08:00","eventCreatedDateTime":"2026-` + day + `T12:00:00+08:00"`)
	}
	story := [][]byte{
		at("02-01", dcsaPaper("CONF", "BKG")), at("02-03", dcsaBox("GTOT", "EMPTY", "DEPO")), at("02-04", dcsaBox("STUF", "LADEN", "CLOC")),
		at("02-05", dcsaBox("GTIN", "LADEN", "POTE")), at("02-06", dcsaBox("LOAD", "LADEN", "POTE")),
		dcsaArrival("EST", "2026-03-16T04:00:00Z", "2026-03-03T06:00:00Z", "DEHAM", "POTE", "VESSEL"), dcsaArrival("ACT", "2026-03-15T21:40:00Z", "2026-03-15T22:00:00Z", "DEHAM", "POTE", "VESSEL"),
		at("03-16", dcsaBox("DISC", "LADEN", "POTE")), at("03-17", dcsaPaper("HOLD", "CUS")), at("03-18", strings.Replace(dcsaPaper("RELS", "CUS"), "p-", "r-", 1)),
	}
	u := anyOrder(t, dcsa, story...)
	require.Equal(t, supply.InTransit, u.Status)
	require.Zero(t, u.Troubles)
	require.EqualValues(t, 9, u.Scans)
	require.Equal(t, supply.UnitCustoms, anyOrder(t, dcsa, story[:9]...).Troubles)
	story = append(story, at("03-19", dcsaBox("GTOT", "LADEN", "POTE")), at("03-20", dcsaBox("STRP", "LADEN", "")), at("03-22", dcsaBox("GTIN", "EMPTY", "DEPO")))
	u = anyOrder(t, dcsa, story...)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-20T02:00:00Z"), u.Arrived, "when it was unpacked, not when the empty box came back")
	require.EqualValues(t, 12, u.Scans)
	require.Equal(t, supply.UnitCustoms, follow(t, dcsa, dcsaEvents(dcsaPaper("HOLD", "CUS"))).Troubles)
	require.Zero(t, anyOrder(t, dcsa, event(t, "webhook-dcsa-customs-hold.json")).Troubles)
}

func TestAnEventIsReadByTheCodeOfItsTypeWhereverThatStands(t *testing.T) {
	scan := func(members string) supply.Scan {
		reports, err := dcsa.Parse(dcsaEvents(members + `,"equipmentReference":"MSKU1234565"`))
		require.NoError(t, err)
		return reports[0].Scans[0]
	}
	const all = `"shipmentEventTypeCode":"HOLD","transportEventTypeCode":"DEPA","equipmentEventTypeCode":"DISC"`
	require.Equal(t, supply.Held, scan(`"eventType":"SHIPMENT","documentTypeCode":"SRM",`+all).Code)
	require.Equal(t, supply.Departed, scan(`"eventType":"TRANSPORT",`+all).Code)
	require.Equal(t, supply.Discharged, scan(`"eventType":"EQUIPMENT",`+all).Code)
	require.Equal(t, supply.GateOut, scan(`"eventType":"EQUIPMENT","eventTypeCode":"GTOT"`).Code, "before 2.2")
	require.Equal(t, supply.CustomsHold, scan(`"eventType":"SHIPMENT","eventTypeCode":"HOLD","shipmentInformationTypeCode":"CUS"`).Code)

	elsewhere := scan(`"eventType":"EQUIPMENT","equipmentEventTypeCode":"DROP","emptyIndicatorCode":"LADEN","facilityTypeCode":"CLOC","eventLocation":{"UNLocationCode":"DEDTM","address":{"city":"Dortmund"}},
		"transportCall":{"UNLocationCode":"DEHAM","facilityTypeCode":"POTE","location":{"locationName":"Hamburg"}}`)
	require.Equal(t, supply.Delivered, elsewhere.Status, "the box is at the customer's, its vessel in the port")
	require.Equal(t, "Dortmund, DEDTM", elsewhere.Place)
}

func TestOneIDMayBeTwoEvents(t *testing.T) {
	u := anyOrder(t, dcsa, event(t, "webhook-dcsa-one-id-two-events.json"))
	require.EqualValues(t, 2, u.Scans)
	require.Equal(t, "HMMU1234563", u.Number)
	twice := []byte("[" + strings.Trim(strings.TrimSpace(string(event(t, "webhook-dcsa-discharged.json"))), "[]") + "," +
		strings.Trim(strings.TrimSpace(string(event(t, "webhook-dcsa-discharged.json"))), "[]") + "]")
	require.EqualValues(t, 1, follow(t, dcsa, twice).Scans)
	without := dcsaEvents(strings.Replace(dcsaBox("DISC", "LADEN", "POTE"), `"eventID":"b-DISC-LADEN",`, "", 1))
	require.EqualValues(t, 1, anyOrder(t, dcsa, without).Scans, "without an id it is known by what it says")
}

func TestWhatHappenedAheadOfItsReportIsKeptAsItWasSaid(t *testing.T) {
	reports, err := dcsa.Parse(dcsaEvents(dcsaBox("DISC", "LADEN", "POTE") + `,"eventDateTime":"2026-03-15T18:30:00+09:00","eventCreatedDateTime":"2026-03-15T09:00:00Z"`))
	require.NoError(t, err)
	require.Equal(t, utc("2026-03-15T09:30:00Z"), reports[0].Scans[0].At)
	require.Equal(t, utc("2026-03-15T09:00:00Z"), reports[0].SaidAt)

	reports, err = dcsa.Parse(dcsaEvents(dcsaBox("AVPU", "LADEN", "POTE") + `,"eventDateTime":"2026-03-15T18:30:00"`))
	require.NoError(t, err)
	require.True(t, reports[0].Scans[0].Local, "a carrier that leaves the offset out")
	require.Equal(t, supply.Window{From: utc("2026-03-15T00:00:00Z"), To: utc("2026-03-15T00:00:00Z"), DateOnly: true, Kind: supply.ForPickup}, reports[0].ETAs[0].Window)
}

func TestWhatAnEventIsAbout(t *testing.T) {
	const arrival = `"eventType":"TRANSPORT","transportEventTypeCode":"ARRI","transportCall":{"UNLocationCode":"DEHAM","facilityTypeCode":"POTE"}`
	const box, two = `{"referenceType":"EQ","referenceValue":"CMAU7654321"}`, `{"referenceType":"EQ","referenceValue":"CMAU7654321"},{"referenceType":"EQ","referenceValue":"TGBU 765432-0"},{"referenceType":"EQ","referenceValue":"cmau7654321"}`
	const papers = `"documentReferences":[{"documentReferenceType":"SHI","documentReferenceValue":"S1"},{"documentReferenceType":"BKG","documentReferenceValue":"B1"},
		{"documentReferenceType":"TRD","documentReferenceValue":"T1"},{"documentReferenceType":"CBR","documentReferenceValue":"R1"},{"documentReferenceType":"VGM","documentReferenceValue":"V1"},{"documentReferenceType":"TRD","documentReferenceValue":"T/1"}]`
	for _, c := range []struct {
		event   string
		numbers string
		also    string
	}{
		{arrival + `,"equipmentReference":"MSKU1234565","references":[` + box + `]`, "MSKU1234565", ""},
		{arrival + `,"references":[` + box + `]`, "CMAU7654321", ""},
		{arrival + `,"references":[` + two + `]`, "CMAU7654321 TGBU 765432-0", ""},
		{arrival + `,"references":[` + box + `],` + papers, "CMAU7654321", "T1 B1 S1 R1"},
		{arrival + `,` + papers, "T1", "B1 S1 R1"},
		{arrival + `,"documentReferences":[{"documentReferenceType":"BOL","documentReferenceValue":"L1"},{"documentReferenceType":"BKG","documentReferenceValue":"B1"}]`, "L1", "B1"},
		{arrival + `,"documentReferences":[{"documentReferenceType":"BKG","documentReferenceValue":"B1"}],"references":[{"referenceType":"FF","referenceValue":"F1"},{"referenceType":"PO","referenceValue":"P1"}]`, "B1", ""},
		{`"eventType":"SHIPMENT","shipmentEventTypeCode":"CONF","documentTypeCode":"BKG","documentID":"B7"`, "B7", ""},
		{`"eventType":"SHIPMENT","shipmentEventTypeCode":"ISSU","documentTypeCode":"TRD","documentID":"T7","references":[` + box + `]`, "CMAU7654321", "T7"},
		{`"eventType":"SHIPMENT","shipmentEventTypeCode":"SUBM","documentTypeCode":"VGM","documentID":"V7"`, "", ""}, // a paper that does not travel
	} {
		reports, err := dcsa.Parse(dcsaEvents(c.event))
		require.NoError(t, err, c.event)
		var numbers []string
		for _, r := range reports {
			numbers = append(numbers, r.Number)
			require.Equal(t, c.also, strings.Join(r.Also, " "), c.event)
		}
		require.Equal(t, c.numbers, strings.Join(numbers, " "), c.event)
	}
	for _, nobody := range []string{arrival, arrival + `,"references":[{"referenceType":"FF","referenceValue":"F1"}]`, `"eventType":"SHIPMENT","shipmentEventTypeCode":"HOLD","documentTypeCode":"CUS","documentID":"C7"`} {
		_, err := dcsa.Parse(dcsaEvents(nobody))
		require.True(t, fault.Is(err, fault.Invalid), nobody)
		require.ErrorContains(t, err, "equipmentReference")
	}
	_, err := dcsa.Parse(dcsaEvents(arrival + `,"documentReferences":[{"documentReferenceType":"BKG","documentReferenceValue":"B/1"}]`))
	require.ErrorContains(t, err, "document reference")
}

// The shape of 3.0 Beta 1: metadata and payload apart, and an event that names
// another that it takes back.
func TestTheBetaOfTrackAndTraceIsReadToo(t *testing.T) {
	meta := func(id, said, more string) string {
		return `{"metadata":{"eventID":"` + id + `","eventCreatedDateTime":"` + said + `","eventType":"EQUIPMENT","publisher":{"partyName":"CMA CGM","carrierCode":"CMA","carrierCodeListProvider":"SMDG"},"publisherRole":"CA"` + more + `}`
	}
	const payload = `"payload":{"eventClassifierCode":"ACT","eventDateTime":"2026-03-18T08:00:00Z","equipmentEventTypeCode":"DROP","equipmentReference":"CMAU7654321","emptyIndicatorCode":"LADEN",
		"transportCall":{"facilityTypeCode":"CLOC","location":{"locationName":"Dock 4","UNLocationCode":"DEDTM"},"vessel":{"name":"NORDSTERN"}},"relatedDocumentReferences":[{"type":"BKG","value":"B1"}],"references":[{"type":"EQ","value":"CMAU7654321"}]}`
	dropped := []byte("[" + meta("e1", "2026-03-18T08:05:00Z", "") + "," + payload + "}]")
	reports, err := dcsa.Parse(dropped)
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "CMAU7654321", Also: []string{"B1"}, Issuer: "CMDU", SaidAt: utc("2026-03-18T08:05:00Z"), Scans: []supply.Scan{{
		ID: "CMA EQUIPMENT e1", Version: utc("2026-03-18T08:05:00Z"), Status: supply.Delivered, Code: supply.CodeDelivered, At: utc("2026-03-18T08:00:00Z"), Text: "DROP NORDSTERN", Place: "Dock 4, DEDTM"}}}}, reports)

	back := []byte("[" + meta("e2", "2026-03-18T12:00:00Z", `,"retractedEventID":"e1"`) + "," + payload + "}]")
	u := anyOrder(t, dcsa, dropped, back)
	require.True(t, u.Arrived.IsZero())
	require.EqualValues(t, 0, u.Scans)

	_, err = dcsa.Parse(fixture(t, "dcsa/tnt-300beta1-retractedTransportEventExample.json"))
	require.True(t, fault.Is(err, fault.Invalid), "it takes back an event and does not say whose")
	require.ErrorContains(t, err, "nothing says what the event is about")
	reports, err = dcsa.Parse([]byte(`[{"eventID":"e2","eventCreatedDateTime":"2026-03-18T12:00:00Z","eventType":"EQUIPMENT","retractedEventID":"e1","eventClassifierCode":"ACT","eventDateTime":"2026-03-18T08:00:00Z","equipmentEventTypeCode":"DISC","equipmentReference":"CMAU7654321"}]`))
	require.NoError(t, err)
	require.False(t, reports[0].Scans[0].Retracted, "2.x takes nothing back")
}

func TestACarriersCodeIsComparableOrNotSaid(t *testing.T) {
	for code, want := range map[string]string{
		`"MAEU","carrierCodeListProvider":"NMFTA"`: "MAEU", `"MSK","carrierCodeListProvider":"SMDG"`: "MAEU", `"MSC","carrierCodeListProvider":"SMDG"`: "MSCU",
		`"CMA","carrierCodeListProvider":"SMDG"`: "CMDU", `"HLC","carrierCodeListProvider":"SMDG"`: "HLCU", `"ONE","carrierCodeListProvider":"SMDG"`: "ONEY",
		`"EMC","carrierCodeListProvider":"SMDG"`: "EGLV", `"HMM","carrierCodeListProvider":"SMDG"`: "HDMU", `"YML","carrierCodeListProvider":"SMDG"`: "YMLU",
		`"ZIM","carrierCodeListProvider":"SMDG"`: "ZIMU", `"COS","carrierCodeListProvider":"SMDG"`: "COSU", `"OOL","carrierCodeListProvider":"SMDG"`: "OOLU",
		`"EXCO","carrierCodeListProvider":"SMDG"`: "", `"MSK","carrierCodeListProvider":"ZZZ"`: "", `"MAEU"`: "",
	} {
		reports, err := dcsa.Parse(dcsaEvents(dcsaBox("DISC", "LADEN", "POTE") + `,"publisher":{"carrierCode":` + code + `}`))
		require.NoError(t, err)
		require.Equal(t, want, reports[0].Issuer, code)
	}
}

func TestAHostileCallbackHarmsNothing(t *testing.T) {
	reports, err := dcsa.Parse(event(t, "webhook-dcsa-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 201, "a vessel's arrival is that of its 200 containers; the balloon arrives nowhere")
	require.Len(t, reports[1].Also, 8)
	var u supply.Unit
	for _, r := range reports {
		if r.Number == "MSKU1234565" {
			u, _ = u.Apply(r, now)
		}
	}
	require.Equal(t, "EQUIPMENT XPLD", u.Last.Text)
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.Zero(t, u.Troubles)
}
