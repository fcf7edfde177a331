package carrier_test

// Works by reading histories of our own writing, made to project44's documents,
// since none that was sent is published. It would catch a port taken for our
// dock, a plan taken for a fact, a delivery to somebody else taken for ours, and
// a tracking that stopped taken for goods that arrived.

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/supply"
)

var project44 = sampleOf("project44", sample{
	secret: "abad1dea0000abad1dea0000abad1dea", other: "0ff1ce000ff1ce000ff1ce000ff1ce00", malformed: []string{"", "fifteen letters"},
	bare: true, headers: []string{"X-Api-Key"},
	usual: "webhook-project44-two-deliveries.json", number: "TL-2026-17", field: "shipment.identifiers",
})

func FuzzProject44Parse(f *testing.F)  { fuzzParse(f, project44) }
func FuzzProject44Verify(f *testing.F) { fuzzVerify(f, project44) }

func BenchmarkProject44Parse(b *testing.B) {
	benchmarkParse(b, "project44", "webhook-project44-ocean.json")
}

func p44Estimate(kind supply.ETAKind, class supply.Classifier, place, from, to, said string, day bool) supply.Estimate {
	e := supply.Estimate{Window: supply.Window{From: utc(from), To: utc(to), Kind: kind, DateOnly: day}, Classifier: class, Source: supply.FromAggregator, Place: place}
	if said != "" {
		e.SaidAt = utc(said)
	}
	return e
}

func TestAContainerOfProject44IsReadWhole(t *testing.T) {
	got, err := project44.Parse(event(t, "webhook-project44-ocean.json"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	said := utc("2026-02-23T00:00:00Z")
	require.Equal(t, []supply.Estimate{
		p44Estimate(supply.AtPort, supply.Planned, "DEHAM", "2026-03-24T05:00:00Z", "2026-03-24T17:00:00Z", "", false),
		p44Estimate(supply.AtPort, supply.Estimated, "DEHAM", "2026-03-26T13:00:00Z", "2026-03-26T13:00:00Z", "2026-02-23T00:00:00Z", false),
		p44Estimate(supply.AtInlandPoint, supply.Estimated, "s5", "2026-03-30T07:00:00Z", "2026-03-30T07:00:00Z", "2026-02-22T16:00:00Z", false),
		p44Estimate(supply.AtDock, supply.Planned, "", "2026-03-31T00:00:00Z", "2026-03-31T00:00:00Z", "", true),
	}, got[0].ETAs, "of the port where ships are changed nobody needs an ETA")
	require.Equal(t, []supply.Scan{
		{Code: supply.TrackingStarted, At: utc("2026-02-10T08:00:00Z"), Text: "TRACKING_INITIATE"},
		{Status: supply.PreTransit, Code: supply.GateOut, At: utc("2026-02-12T02:00:00Z"), Text: "GATE_OUT_EMPTY", Place: "Shenzhen, CN"},
		{Status: supply.InTransit, Code: supply.GateIn, At: utc("2026-02-14T08:20:00Z"), Text: "GATE_IN_FULL", Place: "Yantian, CN"},
		{Status: supply.InTransit, Code: supply.Loaded, At: utc("2026-02-16T14:15:00Z"), Text: "LOAD", Place: "Yantian, CN"},
		{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-02-17T03:30:00Z"), Text: "DEPARTURE_FROM_STOP", Place: "Yantian, CN"},
		{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-02-21T20:00:00Z"), Text: "ARRIVAL_AT_STOP", Place: "Tanjung Pelepas, MY"},
		{Status: supply.InTransit, Code: supply.Discharged, At: utc("2026-02-22T11:00:00Z"), Text: "DISCHARGE", Place: "Tanjung Pelepas, MY"},
	}, got[0].Scans)
	got[0].ETAs, got[0].Scans = nil, nil
	require.Equal(t, supply.Report{Number: "MSKU1234565", Also: []string{"BKG-5512", "MAEU77881234"}, Issuer: "MAEU", Snapshot: true, Version: said, SaidAt: said}, got[0])

	u := follow(t, project44, event(t, "webhook-project44-ocean.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-02-22T11:00:00Z"), u.StatusAt)
}

func TestALTLShipmentOfProject44IsFollowedToItsDelivery(t *testing.T) {
	got, err := project44.Parse(event(t, "webhook-project44-ltl.json"))
	require.NoError(t, err)
	require.Equal(t, "4401230017", got[0].Number, "the PRO tells a shipment best")
	require.Equal(t, []string{"BOL-7781"}, got[0].Also)
	require.Equal(t, "UPGF", got[0].Issuer)
	require.Empty(t, got[0].ETAs, "what has happened is no longer expected")
	require.Len(t, got[0].Scans, 8)
	u := follow(t, project44, event(t, "webhook-project44-ltl.json"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-05T20:40:00Z"), u.Arrived)
	require.Equal(t, "UPS", u.Issuer)
}

func TestALorryThatDeliversToOthersFirstHasNotDelivered(t *testing.T) {
	got, err := project44.Parse(event(t, "webhook-project44-two-deliveries.json"))
	require.NoError(t, err)
	require.Equal(t, "TL-2026-17", got[0].Number)
	require.Equal(t, []supply.Estimate{
		p44Estimate(supply.AtDock, supply.Planned, "", "2026-03-05T14:00:00Z", "2026-03-05T18:00:00Z", "", false),
		p44Estimate(supply.AtDock, supply.Estimated, "", "2026-03-05T15:30:00Z", "2026-03-05T15:30:00Z", "2026-03-04T20:51:00Z", false),
	}, got[0].ETAs)
	u := follow(t, project44, event(t, "webhook-project44-two-deliveries.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.True(t, u.Arrived.IsZero())
	require.Equal(t, supply.UnitPartial, u.Troubles)

	whole := strings.Replace(string(event(t, "webhook-project44-two-deliveries.json")), `"type": "DELIVERY", "stopId": "2"`, `"type": "DELIVERY", "stopId": "3"`, 1)
	u = follow(t, project44, []byte(whole))
	require.Equal(t, supply.Delivered, u.Status)
	require.Zero(t, u.Troubles)
}

func TestABillOfLadingSpeaksForNoneOfItsContainers(t *testing.T) {
	got, err := project44.Parse(event(t, "webhook-project44-bill.json"))
	require.NoError(t, err)
	require.Equal(t, "MAEU77881234", got[0].Number)
	require.Equal(t, []string{"BKG-5512"}, got[0].Also)
	u := follow(t, project44, event(t, "webhook-project44-bill.json"))
	require.NotEqual(t, supply.Delivered, u.Status, "the tracking is complete, which is not a delivery")
	require.Zero(t, u.Troubles, "customs held it, and let it go")
	require.Equal(t, []supply.TrackCode{supply.TrackingStarted, supply.CustomsHold, supply.CustomsReleased, supply.TrackingStopped},
		[]supply.TrackCode{got[0].Scans[0].Code, got[0].Scans[1].Code, got[0].Scans[2].Code, got[0].Scans[3].Code})

	held := strings.Replace(string(event(t, "webhook-project44-bill.json")), `"endDateTime": "2026-03-28T10:00:00+0100"`, `"endDateTime": null`, 1)
	require.Equal(t, supply.UnitCustoms, follow(t, project44, []byte(held)).Troubles)
}

func TestTheNumberThatTellsAShipmentBestIsItsOwn(t *testing.T) {
	kinds := []string{"CONTAINER_ID", "PRO", "TRACKING_NUMBER", "AIR_WAYBILL", "RAIL_WAYBILL", "BILL_OF_LADING", "BOOKING_NUMBER", "ORDER"}
	for i := range kinds {
		var list, also []string
		for j, kind := range kinds[i:] {
			list = append([]string{fmt.Sprintf(`{"type":%q,"value":"N%d"}`, kind, i+j)}, list...)
			if j > 0 {
				also = append(also, fmt.Sprint("N", i+j))
			}
		}
		got, err := project44.Parse([]byte(`{"shipment":{"identifiers":[{"type":"VESSEL_IMO_NUMBER","value":"9778791"},` + strings.Join(list, ",") + `]}}`))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("N", i), got[0].Number)
		require.Equal(t, also, got[0].Also)
	}
}

// p44Route is a history of one event at the stop "x" of a route of these types.
func p44Route(event string, stops ...string) []byte {
	var list []string
	for i, kind := range stops {
		id := fmt.Sprint(i)
		if strings.HasPrefix(kind, "*") {
			kind, id = kind[1:], "x"
		}
		list = append(list, fmt.Sprintf(`{"id":%q,"type":%q}`, id, kind))
	}
	return []byte(`{"shipment":{"identifiers":[{"type":"PRO","value":"1"}],"routeInfo":{"stops":[` + strings.Join(list, ",") + `]}},"events":[{"stopId":"x",` + event + `}]}`)
}

func TestTheStopDecidesWhatAnArrivalIs(t *testing.T) {
	for _, c := range []struct {
		event string
		stops []string
		kind  string
	}{
		{"ARRIVAL_AT_STOP", []string{"ORIGIN", "*DESTINATION"}, "DELIVERY"},
		{"ARRIVAL_AT_STOP", []string{"PICKUP", "*DELIVERY"}, "DELIVERY"},
		{"ARRIVAL_AT_STOP", []string{"PICKUP", "*DELIVERY", "DELIVERY"}, ""},
		{"ARRIVAL_AT_STOP", []string{"PICKUP", "*DELIVERY", "DESTINATION"}, ""},
		{"ARRIVAL_AT_STOP", []string{"PICKUP", "*DELIVERY", "RETURN"}, "DELIVERY"},
		{"ARRIVAL_AT_STOP", []string{"*ORIGIN", "DESTINATION"}, ""},
		{"ARRIVAL_AT_STOP", []string{"ORIGIN", "*HUB", "DESTINATION"}, ""},
		{"ARRIVAL_AT_STOP", []string{"PORT_OF_LOADING", "*PORT_OF_DISCHARGE", "DESTINATION"}, "ARRIVAL_PORT"},
		{"ARRIVAL_AT_STOP", []string{"PORT_OF_LOADING", "*PORT_OF_DISCHARGE", "PORT_OF_LOADING", "PORT_OF_DISCHARGE"}, ""},
		{"ARRIVAL_AT_STOP", []string{"*PORT_OF_LOADING", "PORT_OF_DISCHARGE"}, ""},
		{"ARRIVAL_AT_STOP", []string{"PORT_OF_LOADING", "PORT_OF_DISCHARGE", "*DESTINATION"}, "ARRIVAL_INLAND"},
		{"ARRIVAL_AT_STOP", []string{"AIRPORT", "*AIRPORT", "DESTINATION"}, "ARRIVAL_PORT"},
		{"ARRIVAL_AT_STOP", []string{"*AIRPORT", "AIRPORT"}, ""},
		{"ARRIVAL_AT_STOP", []string{"ORIGIN"}, ""},
		{"DELIVERY", []string{"PORT_OF_LOADING", "PORT_OF_DISCHARGE", "*DESTINATION"}, "DELIVERY"},
		{"DELIVERY", []string{"PICKUP", "*DELIVERY", "DELIVERY"}, ""},
		{"DELIVERY", nil, "DELIVERY"},
		{"DEPARTURE_FROM_STOP", []string{"ORIGIN", "*DESTINATION"}, ""},
		{"GATE_OUT_FULL", []string{"PORT_OF_LOADING", "*PORT_OF_DISCHARGE"}, ""},
	} {
		got, err := project44.Parse(p44Route(`"type":"`+c.event+`","estimateDateTime":"2026-03-10T10:00:00Z"`, c.stops...))
		require.NoError(t, err)
		require.Empty(t, got[0].Scans, "what is expected has not happened")
		if c.kind == "" {
			require.Empty(t, got[0].ETAs, "%+v", c)
			continue
		}
		require.Len(t, got[0].ETAs, 1, "%+v", c)
		require.Equal(t, c.kind, got[0].ETAs[0].Kind.String(), "%+v", c)
		require.Equal(t, supply.Estimated, got[0].ETAs[0].Classifier)

		got, err = project44.Parse(p44Route(`"type":"`+c.event+`","dateTime":"2026-03-10T10:00:00Z","estimateDateTime":"2026-03-11T10:00:00Z"`, c.stops...))
		require.NoError(t, err)
		require.Len(t, got[0].Scans, 1)
		if c.kind == "DELIVERY" {
			require.Empty(t, got[0].ETAs, "delivery needs no estimate")
			continue
		}
		at := utc("2026-03-10T10:00:00Z")
		require.Equal(t, at, got[0].ETAs[0].From)
		require.Equal(t, at, got[0].ETAs[0].To)
		require.Equal(t, supply.Actual, got[0].ETAs[0].Classifier)
	}
}

// Every row of the table, from project44's pages on event types.
func TestEveryEventTypeOfProject44MeansWhatItSays(t *testing.T) {
	rows := map[string]string{
		"GATE_OUT_EMPTY": "PRE_TRANSIT GATE_OUT", "GATE_IN_FULL": "IN_TRANSIT GATE_IN", "LOAD": "IN_TRANSIT LOADED", "DEPARTURE_FROM_STOP": "IN_TRANSIT DEPARTED",
		"ARRIVAL_AT_STOP": "IN_TRANSIT ARRIVED", "DISCHARGE": "IN_TRANSIT DISCHARGED", "GATE_OUT_FULL": "OUT_FOR_DELIVERY GATE_OUT", "GATE_IN_EMPTY": "DELIVERED EMPTY_RETURNED",
		"DELIVERY": "DELIVERED DELIVERED", "FLIGHT_BOOKING": "PRE_TRANSIT INFO_RECEIVED", "MANIFEST": "PRE_TRANSIT INFO_RECEIVED", "RECEIVE_FROM_SHIPPER": "IN_TRANSIT PICKED_UP",
		"RECEIVE_FROM_CARRIER": "IN_TRANSIT ARRIVED", "LOAD_ONTO_VEHICLE": "IN_TRANSIT LOADED", "UNLOAD_FROM_VEHICLE": "IN_TRANSIT DISCHARGED", "CONSIGNEE_NOTIFY": "UNKNOWN INFO",
		"RETURN_TO_SENDER": "RETURNING RETURN_STARTED", "PICKED_UP": "IN_TRANSIT PICKED_UP", "PICKUP_MISSED": "PRE_TRANSIT DELAYED", "EXCEPTION_PICKUP_MISSED": "PRE_TRANSIT DELAYED",
		"OUT_FOR_DELIVERY": "OUT_FOR_DELIVERY OUT_FOR_DELIVERY", "DELIVERY_MISSED": "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED", "EXCEPTION_DELIVERY_MISSED": "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED",
		"DELAYED": "IN_TRANSIT DELAYED", "EXCEPTION_DELAYED": "IN_TRANSIT DELAYED", "EXCEPTION_LATE_DEPARTURE": "IN_TRANSIT DELAYED", "EXCEPTION_MISSED_CONNECTION": "IN_TRANSIT DELAYED",
		"HELD": "EXCEPTION HELD", "EXCEPTION_HELD": "EXCEPTION HELD", "EXCEPTION": "EXCEPTION ", "INFO": "UNKNOWN INFO",
		"TRACKING_INITIATE": "UNKNOWN TRACKING_STARTED", "TRACKING_START": "UNKNOWN TRACKING_STARTED", "TRACKING_COMPLETE": "EXPIRED TRACKING_STOPPED", "TRACKING_STOP": "EXPIRED TRACKING_STOPPED",
		"TRACKING_FAILED": "EXPIRED TRACKING_STOPPED", "TRACKING_END_BY_USER": "EXPIRED TRACKING_STOPPED", "TRACKING_END_DUE_TO_TIMEOUT": "EXPIRED TRACKING_STOPPED", "SHARING_STOPPED": "EXPIRED TRACKING_STOPPED",
		"DRIVER_DENY_TRACKING": "UNKNOWN INFO", "MISSING_EQUIPMENT_IDENTIFIER": "UNKNOWN INFO", "ENTERED_GEOFENCE": "UNKNOWN INFO", "EXITED_GEOFENCE": "UNKNOWN INFO",
		"DOCUMENT_ADD": "UNKNOWN INFO", "DOCUMENT_REMOVE": "UNKNOWN INFO", "COST_UPDATE": "UNKNOWN INFO", "ISSUE_FREIGHT_BILL": "UNKNOWN INFO", "LAST_FREE_DAY": "UNKNOWN INFO",
		"UNKNOWN": "UNKNOWN UNKNOWN", "ROLLOVER": "UNKNOWN UNKNOWN", "delivery": "UNKNOWN UNKNOWN",
	}
	for kind, means := range rows {
		got, err := project44.Parse(p44Route(`"type":"`+kind+`","dateTime":"2026-03-10T10:00:00Z","description":"m"`, "ORIGIN", "*DESTINATION"))
		require.NoError(t, err)
		s := got[0].Scans[0]
		require.Equal(t, means, s.Status.String()+" "+s.Code.String(), kind)
		if s.Code == supply.CodeUnknown {
			require.Equal(t, kind, s.Text, "shown as it came")
		} else {
			require.Equal(t, "m", s.Text)
		}
	}
}

func TestAProject44HistoryThatCannotBeReadIsNamed(t *testing.T) {
	const good = `{"shipment":{"identifiers":[{"type":"PRO","value":"1"}]},"states":[{"type":"CUSTOMS_HOLD","startDateTime":"2026-03-01T00:00:00Z","endDateTime":"2026-03-01T00:00:00Z"}],
		"events":[{},{"type":"DELIVERY","plannedDateTime":"2026-03-01","plannedEndDateTime":"2026-03-02","estimateDateTime":"2026-03-03","estimateLastCalculatedDateTime":"2026-03-04","receivedDateTime":"2026-03-05","dateTime":null}]}`
	got, err := project44.Parse([]byte(good))
	require.NoError(t, err)
	require.Len(t, got[0].ETAs, 2)
	for old, field := range map[string]string{
		`"2026-03-02"`: "events[1]: plannedDateTime", `"2026-03-03"`: "events[1]: estimateDateTime", `"2026-03-04"`: "events[1]: estimateLastCalculatedDateTime", `"2026-03-05"`: "events[1]: receivedDateTime",
		`"dateTime":null`: "events[1]: dateTime", `"startDateTime":"2026-03-01T00:00:00Z"`: "states[0]: startDateTime", `"endDateTime":"2026-03-01T00:00:00Z"`: "states[0]: endDateTime",
	} {
		require.Contains(t, good, old)
		bad := `"soon"`
		if i := strings.Index(old, ":"); strings.Contains(old, "DateTime\":") || strings.HasPrefix(old, `"dateTime`) {
			bad = old[:i+1] + bad
		}
		body := []byte(strings.Replace(good, old, bad, 1))
		unreadable(t, project44, body, old)
		_, err := project44.Parse(body)
		require.ErrorContains(t, err, field)
	}
	for _, body := range []string{`{"events":[]}`, `{"shipment":null}`, `{"shipment":{}}`, `{"shipment":{"identifiers":[{"type":"CARRIER_SCAC","value":"MAEU"},{"type":"PURCHASE_ORDER","value":"1"}]}}`} {
		unreadable(t, project44, []byte(body), body)
	}
}

func TestProject44sHistoriesEndAlikeHoweverTheyArrive(t *testing.T) {
	history := func(events ...string) []byte {
		return []byte(`{"shipment":{"identifiers":[{"type":"PRO","value":"1"}]},"events":[` + strings.Join(events, ",") + `]}`)
	}
	happened := func(kind string, day int) string {
		return fmt.Sprintf(`{"type":%q,"dateTime":"2026-03-%02dT10:00:00Z","receivedDateTime":"2026-03-%02dT11:00:00Z"}`, kind, day, day)
	}
	const eta = `{"type":"DELIVERY","estimateDateTime":"2026-03-09T10:00:00Z","estimateLastCalculatedDateTime":"2026-03-03T12:00:00Z"}`
	bodies := [][]byte{
		history(happened("PICKED_UP", 1)), history(happened("PICKED_UP", 1), happened("DEPARTURE_FROM_STOP", 2)),
		history(happened("PICKED_UP", 1), happened("DEPARTURE_FROM_STOP", 2), happened("DELAYED", 3), eta),
		history(happened("PICKED_UP", 1), happened("DEPARTURE_FROM_STOP", 2), happened("DELAYED", 3), happened("OUT_FOR_DELIVERY", 9)),
		history(happened("PICKED_UP", 1), happened("DEPARTURE_FROM_STOP", 2), happened("DELAYED", 3), happened("OUT_FOR_DELIVERY", 9), happened("DELIVERY", 10)),
	}
	want := follow(t, project44, bodies...)
	require.Equal(t, supply.Delivered, want.Status)
	require.EqualValues(t, 5, want.Scans)
	everyOrder(bodies, func(order [][]byte) {
		require.Equal(t, want.AppendBinary(nil), follow(t, project44, append(order, order[1], order[3])...).AppendBinary(nil))
	})
}

func TestTheKeyOfProject44MayStandInTheAddress(t *testing.T) {
	s := samples["project44"]
	require.NoError(t, project44.Verify(carrier.Request{Tail: s.secret}, []string{s.secret}, now))
	require.NoError(t, project44.Verify(carrier.Request{Query: map[string][]string{"token": {s.secret}}}, []string{s.secret}, now))
	refused(t, project44.Verify(carrier.Request{Tail: s.other}, []string{s.secret}, now), "matches none")
}

func TestAHostileProject44HistoryHarmsNothing(t *testing.T) {
	got, err := project44.Parse(event(t, "webhook-project44-hostile.json"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Len(t, got[0].Also, 8)
	require.Equal(t, "1Z-HOSTILE.9", got[0].Number)
	for _, e := range got[0].ETAs {
		require.LessOrEqual(t, len(e.Place), supply.MaxScanPlace)
		require.NotContains(t, e.Place, "\x00")
	}
	u := follow(t, project44, event(t, "webhook-project44-hostile.json"))
	require.False(t, u.StatusAt.After(utc("2026-12-02T00:00:00Z")), "not 2099")
	require.LessOrEqual(t, len(u.Issuer), 24)
}
