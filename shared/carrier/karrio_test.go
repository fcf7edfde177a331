package carrier_test

// Works by reading Karrio bodies of ours against literals from its serializers. It
// would catch a status or a reason that means something else, a false Z taken for
// UTC, an afternoon taken for a morning, and a hub taken for the carrier.

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var karrio = sampleOf("karrio", sample{
	secret: "5f0c1d7a9e3b4628", other: "another-secret-of-acme", malformed: []string{"", "too-short-a-tok"},
	bare: true, headers: []string{"X-Event-Id"},
	usual: "webhook-karrio-in-transit.json", field: "data.tracking_number", irrelevant: "webhook-karrio-shipment.json",
})

func FuzzKarrioParse(f *testing.F)  { fuzzParse(f, karrio) }
func FuzzKarrioVerify(f *testing.F) { fuzzVerify(f, karrio) }

func BenchmarkKarrioParse(b *testing.B) {
	benchmarkParse(b, "karrio", "webhook-karrio-in-transit.json")
}

func TestKarriosSecretStandsInAHeader(t *testing.T) {
	secrets := []string{"5f0c1d7a9e3b4628"}
	require.NoError(t, karrio.Verify(carrier.Request{Header: http.Header{"X-Event-Id": {"5f0c1d7a9e3b4628"}}}, secrets, now))
	refused(t, karrio.Verify(carrier.Request{Header: http.Header{"X-Event-Id": {"5f0c1d7a9e3b4629"}}}, secrets, now), "matches none of 1 secrets")
	refused(t, karrio.Verify(carrier.Request{Header: http.Header{"X-Event": {"5f0c1d7a9e3b4628"}}}, secrets, now), "neither a header nor the address")
}

// karrioTracker is a tracker with one event of the status and reason, after a
// first.
func karrioTracker(status, reason string) []byte {
	return fmt.Appendf(nil, `{"event":"tracker_updated","data":{"tracking_number":"1Z9","status":%q,"events":[
		{"date":"2026-03-04","time":"10:00","description":"m","status":%[1]q,"reason":%[2]q},{"date":"2026-03-01","status":"pending"}]}}`, status, reason)
}

func TestKarriosStatusesMeanWhatTheySay(t *testing.T) {
	for row := range strings.Lines(karrioRows) {
		said, means, _ := strings.Cut(strings.TrimSpace(row), " = ")
		status, reason, _ := strings.Cut(said, "/")
		reports, err := karrio.Parse(karrioTracker(status, reason))
		require.NoError(t, err)
		scans := reports[0].Scans
		require.Len(t, scans, 2, row)
		require.Equal(t, means, strings.TrimSpace(scans[1].Status.String()+" "+scans[1].Code.String()), row)
		if scans[1].Code == supply.CodeUnknown {
			require.Equal(t, status, scans[1].Text)
		} else {
			require.Equal(t, "m", scans[1].Text)
		}
	}
}

const karrioRows = `unknown/ = UNKNOWN
	pending/ = PRE_TRANSIT
	picked_up/ = IN_TRANSIT PICKED_UP
	in_transit/ = IN_TRANSIT
	on_hold/ = EXCEPTION HELD
	delivery_delayed/ = EXCEPTION DELAYED
	out_for_delivery/ = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	delivery_failed/ = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	ready_for_pickup/ = AVAILABLE_FOR_PICKUP AVAILABLE
	delivered/ = DELIVERED DELIVERED
	return_to_sender/ = RETURNING RETURN_STARTED
	cancelled/ = CANCELLED CANCELLED
	DELIVERED/ = UNKNOWN UNKNOWN
	next_year/carrier_parcel_lost = UNKNOWN UNKNOWN
	on_hold/carrier_damaged_parcel = EXCEPTION DAMAGED
	on_hold/carrier_parcel_lost = EXCEPTION LOST
	delivery_failed/consignee_refused = DELIVERY_ATTEMPTED REFUSED
	return_to_sender/consignee_refused = RETURNING REFUSED
	delivery_failed/carrier_address_not_found = DELIVERY_ATTEMPTED ADDRESS_ISSUE
	delivery_failed/consignee_incorrect_address = DELIVERY_ATTEMPTED ADDRESS_ISSUE
	on_hold/customs_delay = EXCEPTION CUSTOMS_HOLD
	on_hold/customs_documentation = EXCEPTION CUSTOMS_HOLD
	on_hold/customs_duties_unpaid = EXCEPTION CUSTOMS_HOLD
	on_hold/customs_prohibited = EXCEPTION CUSTOMS_HOLD
	on_hold/customs_inspection = EXCEPTION CUSTOMS_HOLD
	on_hold/regulatory_hold = EXCEPTION CUSTOMS_HOLD
	on_hold/carrier_sorting_error = EXCEPTION DELAYED
	on_hold/carrier_not_enough_time = EXCEPTION DELAYED
	on_hold/carrier_vehicle_issue = EXCEPTION DELAYED
	on_hold/carrier_capacity_exceeded = EXCEPTION DELAYED
	on_hold/carrier_mechanical_delay = EXCEPTION DELAYED
	on_hold/carrier_delay = EXCEPTION DELAYED
	on_hold/weather_delay = EXCEPTION DELAYED
	on_hold/natural_disaster = EXCEPTION DELAYED
	on_hold/force_majeure = EXCEPTION DELAYED
	on_hold/delivery_delayed = EXCEPTION DELAYED
	delivery_delayed/parcel_being_researched = EXCEPTION HELD
	delivery_delayed/security_issue = EXCEPTION HELD
	delivery_delayed/delivery_exception_hold = EXCEPTION HELD
	delivery_delayed/delivery_exception_undeliverable = EXCEPTION HELD
	delivery_failed/consignee_not_home = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	in_transit/customs_delay = IN_TRANSIT
	delivered/carrier_parcel_lost = DELIVERED DELIVERED`

func TestAKarrioParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := karrio.Parse(event(t, "webhook-karrio-in-transit.json"))
	require.NoError(t, err)
	day := utc("2026-03-05T00:00:00Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABC", Issuer: "fedex", Snapshot: true,
		ETAs: supply.Expect(supply.Window{From: day, To: day, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.StatusOnly, At: utc("2026-03-01T00:00:00Z"), Local: true, Text: "Shipment information sent to FedEx", Place: "56003, US"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T00:05:00Z"), Text: "Picked up", Place: "MANKATO, MN, 56001, US"},
			{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-02T14:31:00Z"), Local: true, Text: "Arrived at FedEx location", Place: "KEASBEY, NJ, 08832, US"},
			{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-03T01:29:00Z"), Local: true, Text: "Departed FedEx location", Place: "KEASBEY, NJ, 08832, US"},
		}}}, reports)
}

func TestKarriosTrackerSaysWhatItsEventsDoNot(t *testing.T) {
	reports, err := karrio.Parse(event(t, "webhook-karrio-created-without-statuses.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABD", Issuer: "ups", Snapshot: true, Scans: []supply.Scan{
		{Code: supply.CodeInfo, At: utc("2026-03-03T21:29:00Z"), Local: true, Text: "Departure scan", Place: "ONTARIO CA US"},
		{Status: supply.Delivered, Code: supply.CodeDelivered, At: utc("2026-03-04T09:50:00Z"), Local: true, Text: "Delivered", Place: "RENO NV US"},
	}}}, reports)

	reports, err = karrio.Parse(event(t, "webhook-karrio-refused-behind-a-hub.json"))
	require.NoError(t, err)
	at := utc("2026-03-04T10:12:00Z")
	require.Equal(t, []supply.Report{{Number: "9400FBA15ABE", Issuer: "usps", Snapshot: true, Scans: []supply.Scan{
		{Status: supply.DeliveryAttempted, Code: supply.Refused, At: at, Local: true, Text: "Refused", Place: "RENO, NV"},
		{Status: supply.Returning, Code: supply.ReturnStarted, At: at, Local: true},
	}}}, reports)
	u := follow(t, karrio, event(t, "webhook-karrio-refused-behind-a-hub.json"))
	require.Equal(t, supply.Returning, u.Status)
	require.Equal(t, "REFUSED RETURNING", u.Troubles.String())

	for data, scans := range map[string]int{``: 0, `,"status":"pending"`: 1, `,"status":"never heard","events":[{}]`: 2} {
		reports, err := karrio.Parse([]byte(`{"event":"tracker_created","data":{"tracking_number":"1Z9"` + data + `}}`))
		require.NoError(t, err)
		require.Len(t, reports[0].Scans, scans, data)
	}
}

func TestKarriosTimesAreTheCarriersOwn(t *testing.T) {
	for _, c := range []struct {
		times, at string
		local     bool
	}{
		{`"timestamp":"2026-03-04T09:50:00.000Z","date":"2026-03-04","time":"09:50"`, "2026-03-04T09:50:00Z", true},
		{`"timestamp":"2026-03-04T09:50:00+01:00"`, "2026-03-04T08:50:00Z", false},
		{`"timestamp":"2026-03-04T09:50:00"`, "2026-03-04T09:50:00Z", true},
		{`"timestamp":null,"date":"2026-03-04","time":"09:50"`, "2026-03-04T09:50:00Z", true},
		{`"date":"2026-03-04","time":"09:50 AM"`, "2026-03-04T09:50:00Z", true},
		{`"date":"2026-03-04","time":"09:50 PM"`, "2026-03-04T21:50:00Z", true},
		{`"date":"2026-03-04","time":"12:01 PM"`, "2026-03-04T12:01:00Z", true},
		{`"date":"2026-03-04","time":"12:01 AM"`, "2026-03-04T00:01:00Z", true},
		{`"date":"2026-03-04","time":"00:00 AM"`, "2026-03-04T00:00:00Z", true},
		{`"date":"2026-03-04","time":"14:29 PM"`, "2026-03-04T14:29:00Z", true},
		{`"date":"2026-03-04"`, "2026-03-04T00:00:00Z", true},
	} {
		reports, err := karrio.Parse([]byte(`{"event":"tracker_updated","data":{"tracking_number":"1Z9","events":[{` + c.times + `}]}}`))
		require.NoError(t, err)
		require.Equal(t, utc(c.at), reports[0].Scans[0].At, c.times)
		require.Equal(t, c.local, reports[0].Scans[0].Local, c.times)
	}
	for field, data := range map[string]string{
		"data.estimated_delivery":  `"estimated_delivery":"soon"`,
		"data.events[1].timestamp": `"events":[{},{"timestamp":"x"}]`,
		"data.events[0].date":      `"events":[{"date":"4.3.2026"}]`,
		"data.events[0].time":      `"events":[{"date":"2026-03-04","time":"noon"}]`,
	} {
		_, err := karrio.Parse([]byte(`{"event":"tracker_updated","data":{"tracking_number":"1Z9",` + data + `}}`))
		require.True(t, fault.Is(err, fault.Invalid), field)
		require.ErrorContains(t, err, field)
	}
	_, err := karrio.Parse([]byte(`{"event":"tracker_updated","data":{"tracking_number":"1Z9","events":[{"date":"2026-03-04","time":"10:00 Uhr"}]}}`))
	require.ErrorContains(t, err, "data.events[0].time")
}

func TestWhichKarrioEventsConcernTracking(t *testing.T) {
	for kind, reports := range map[string]int{"tracker_created": 1, "tracker_updated": 1, "shipment_cancelled": 0, "pickup_closed": 0, "tracker_deleted": 0} {
		got, err := karrio.Parse(fmt.Appendf(nil, `{"event":%q,"data":{"tracking_number":"1Z9"}}`, kind))
		require.NoError(t, err)
		require.Len(t, got, reports, kind)
	}
	for _, bad := range []string{`{"data":{"tracking_number":"1Z9"}}`, `{"event":"tracker_updated"}`, `{"event":"tracker_updated","data":null}`,
		`{"event":"tracker_updated","data":[]}`, `{"event":"","data":[]}`, `{"event":"shipment_purchased","data":[}`} {
		unreadable(t, karrio, []byte(bad), bad)
	}
}

func TestAKarrioParcelEndsTheSameHoweverItsPushesArrive(t *testing.T) {
	var pushes [][]byte
	var scans []string
	for i, status := range strings.Fields("pending picked_up on_hold in_transit out_for_delivery delivered") {
		scans = append([]string{fmt.Sprintf(`{"date":"2026-03-0%d","time":"10:00","description":"scan %d","status":%q}`, 1+i, i, status)}, scans...)
		pushes = append(pushes, fmt.Appendf(nil, `{"event":"tracker_updated","data":{"tracking_number":"1Z9","carrier_name":"ups","status":%q,"estimated_delivery":"2026-03-0%d","events":[%s]}}`,
			status, 6+i%2, strings.Join(scans, ",")))
	}
	u := anyOrder(t, karrio, pushes...)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-06T10:00:00Z"), u.Arrived)
	require.EqualValues(t, 6, u.Scans)
	require.Zero(t, u.Troubles)
}

func TestAHostileKarrioParcelHarmsNothing(t *testing.T) {
	reports, err := karrio.Parse(event(t, "webhook-karrio-hostile.json"))
	require.NoError(t, err)
	scans := reports[0].Scans
	require.Len(t, scans, 153)
	require.Equal(t, "Q  [31mQ", scans[152].Text)
	require.Equal(t, supply.StatusOnly, scans[150].Code, "a reason behind an ordinary scan means nothing")

	u := follow(t, karrio, event(t, "webhook-karrio-hostile.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-03T01:29:00Z"), u.StatusAt)
	require.Zero(t, u.Troubles)
}
