package carrier_test

// Works by reading EasyPost bodies, ours and the ones that others published, and
// by following the recorded life of two parcels. It would catch a wrong key for
// the signature, a row of the status table that means something else, an ETA off
// by a day, and a parcel of 8 scans that has more after its times were re-based.

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var easypost = sampleOf("easypost", sample{
	secret: "sécret of acme", other: "another sécret", malformed: []string{""},
	headers: []string{"X-Hmac-Signature"},
	usual:   "webhook-easypost-in-transit.json", number: "1ZFBA15ABD", field: "result.tracking_code", irrelevant: "webhook-easypost-batch.json",
})

func FuzzEasyPostParse(f *testing.F)  { fuzzParse(f, easypost) }
func FuzzEasyPostVerify(f *testing.F) { fuzzVerify(f, easypost) }

func BenchmarkEasyPostParse(b *testing.B) {
	benchmarkParse(b, "easypost", "webhook-easypost-delivered.json")
}

func utc(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

// easypostEvent wraps a tracker as EasyPost's webhook does.
func easypostEvent(tracker string) []byte {
	return []byte(`{"description":"tracker.updated","id":"evt_1","object":"Event","result":` + tracker + `}`)
}

// easypostTracker is a tracker with one scan of the status and its detail.
func easypostTracker(status, detail string) []byte {
	return easypostEvent(fmt.Sprintf(`{"tracking_code":"1Z9","status":%q,"status_detail":%q,"updated_at":"2026-03-05T00:00:00Z","tracking_details":[
		{"status":"pre_transit","datetime":"2026-03-01T10:00:00Z"},{"status":%q,"status_detail":%q,"datetime":"2026-03-04T10:00:00Z","message":"m"}]}`,
		status, detail, status, detail))
}

func TestEasyPostsPublishedSignatureVerifies(t *testing.T) {
	var vector struct{ Header, Value, Secret string }
	require.NoError(t, json.Unmarshal(fixture(t, "easypost/signature-vector.json"), &vector))
	body := fixture(t, "easypost/event-body.signed.raw.json")
	request := carrier.Request{Header: http.Header{vector.Header: {vector.Value}}, Body: body}
	require.Equal(t, "s\u00e9cret", vector.Secret)

	require.NoError(t, easypost.Verify(request, []string{vector.Secret}, now))
	require.NoError(t, easypost.Verify(request, []string{"se\u0301cret"}, now), "the same secret, typed decomposed")
	require.Equal(t, vector.Value, signed(easypost, vector.Secret, body, now).Header.Get(vector.Header))

	refused(t, easypost.Verify(request, []string{"secret", "s\u00e9cret ", "s\u00e8cret"}, now), "3 secrets")
	withNewline := carrier.Request{Header: request.Header, Body: append(body, '\n')}
	refused(t, easypost.Verify(withNewline, []string{vector.Secret}, now), "matches none")

	reports, err := easypost.Parse(body)
	require.NoError(t, err)
	require.Equal(t, "1", reports[0].Number)
	require.Len(t, reports[0].Scans, 7)
	require.Equal(t, "2024-08-05", supply.DayOf(reports[0].ETAs[0].To).String())
	require.True(t, reports[0].ETAs[0].DateOnly)
}

// The key is NFKD: a MAC made with the composed form must not pass. The value is
// a literal, computed with openssl over the published body and key 73 c3 a9 63 72 65 74.
func TestEasyPostsSignatureWithAComposedKeyIsRefused(t *testing.T) {
	body := fixture(t, "easypost/event-body.signed.raw.json")
	const composed = "7f1669d6699d0b937cc1e69402423bdd2be0a8bcf571d34a8116765f1741219b"
	request := carrier.Request{Header: http.Header{"X-Hmac-Signature": {"hmac-sha256-hex=" + composed}}, Body: body}
	refused(t, easypost.Verify(request, []string{"s\u00e9cret"}, now), "matches none")
}

func TestAnEmptyEasyPostSecretIsNoKey(t *testing.T) {
	// HMAC fills a key up with zeros, so this is the signature of the empty key.
	request := signed(easypost, "\x00", []byte("{}"), now)
	require.NoError(t, easypost.Verify(request, []string{"\x00"}, now))
	refused(t, easypost.Verify(request, []string{"", ""}, now), "matches none")
}

func TestARecordedEasyPostParcelHasItsScansOnceHoweverItsStatesArrive(t *testing.T) {
	for _, c := range []struct {
		tracker string
		states  []string
		scans   uint32
		status  supply.TrackStatus
		arrived time.Time
	}{
		{"49f396d7", []string{"1.pre_transit", "2.out_for_delivery", "3.delivered"}, 8, supply.Delivered, utc("2024-07-02T08:01:49Z")},
		{"38e3653b", []string{"1.pre_transit", "2.in_transit", "3.out_for_delivery"}, 7, supply.OutForDelivery, time.Time{}},
	} {
		var bodies [][]byte
		for _, state := range c.states {
			bodies = append(bodies, easypostEvent(string(fixture(t, filepath.Join("easypost", "progression."+c.tracker+"."+state+".json")))))
		}
		want := follow(t, easypost, bodies...)
		require.EqualValues(t, c.scans, want.Scans)
		require.Equal(t, c.status.String(), want.Status.String())
		require.Equal(t, c.arrived, want.Arrived)
		require.Equal(t, "USPS", want.Issuer)
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			require.Equal(t, want, follow(t, easypost, bodies[order[0]], bodies[order[1]], bodies[order[2]]))
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 500 {
			deliveries := append([][]byte{}, bodies...)
			for range random.IntN(9) {
				deliveries = append(deliveries, bodies[random.IntN(len(bodies))])
			}
			random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
			require.Equal(t, want, follow(t, easypost, deliveries...))
		}
	}
}

func TestEasyPostsOwnExampleWithABadClockIsDelivered(t *testing.T) {
	u := follow(t, easypost, fixture(t, "easypost/tracker.updated.ups.delivered.guide.json"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2014-11-19T10:51:54Z"), u.Arrived, "two days before the first scan, and yet")
	require.EqualValues(t, 6, u.Scans)
}

func TestAnEasyPostTrackerThatFailedSaysNothingOfTheGoods(t *testing.T) {
	u := follow(t, easypost, easypostEvent(string(fixture(t, "easypost/tracker.error.unknown.ruby.json"))))
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.Zero(t, u.Troubles)
	require.True(t, u.Heard.IsZero())
	require.EqualValues(t, 1, u.Scans)
}

func TestAnEasyPostEventWithoutItsTrackerMustBeFetched(t *testing.T) {
	_, err := easypost.Parse(fixture(t, "easypost/docs.events-retrieve.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "result is required")
}

// Every row of the two tables, by what a unit makes of it: literals from
// EasyPost's pages, not from the adapter.
func TestEasyPostsStatusesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		status, detail string
		means          supply.TrackStatus
		code           supply.TrackCode
		troubles       supply.UnitTrouble
	}{
		{"pre_transit", "status_update", supply.PreTransit, supply.StatusOnly, 0},
		{"pre_transit", "label_created", supply.PreTransit, supply.InfoReceived, 0},
		{"pre_transit", "awaiting_information", supply.PreTransit, supply.StatusOnly, 0},
		{"in_transit", "in_transit", supply.InTransit, supply.StatusOnly, 0},
		{"in_transit", "unknown", supply.InTransit, supply.StatusOnly, 0},
		{"in_transit", "arrived_at_facility", supply.InTransit, supply.ArrivedAt, 0},
		{"in_transit", "arrived_at_destination", supply.InTransit, supply.StatusOnly, 0},
		{"in_transit", "received_at_origin_facility", supply.InTransit, supply.ArrivedAt, 0},
		{"in_transit", "received_at_destination_facility", supply.InTransit, supply.ArrivedAt, 0},
		{"in_transit", "departed_facility", supply.InTransit, supply.Departed, 0},
		{"in_transit", "departed_origin_facility", supply.InTransit, supply.Departed, 0},
		{"in_transit", "transferred_to_destination_carrier", supply.InTransit, supply.Departed, 0},
		{"in_transit", "delayed", supply.InTransit, supply.Delayed, 0},
		{"in_transit", "weather_delay", supply.InTransit, supply.Delayed, 0},
		{"in_transit", "missorted", supply.InTransit, supply.Delayed, 0},
		{"in_transit", "address_correction", supply.InTransit, supply.AddressIssue, 0},
		{"in_transit", "held", supply.InTransit, supply.Held, supply.UnitHeld},
		{"in_transit", "damaged", supply.InTransit, supply.Damaged, supply.UnitDamaged},
		{"in_transit", "refused", supply.InTransit, supply.Refused, supply.UnitRefused},
		{"in_transit", "transit_exception", supply.InTransit, supply.StatusOnly, 0},
		{"in_transit", "return", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"in_transit", "expired", supply.PreTransit, supply.TrackingStopped, 0},
		{"out_for_delivery", "out_for_delivery", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"available_for_pickup", "arrived_at_pickup_location", supply.AvailableForPickup, supply.Available, 0},
		{"delivered", "arrived_at_destination", supply.Delivered, supply.StatusOnly, 0},
		{"delivered", "", supply.Delivered, supply.StatusOnly, 0},
		{"delivered", "damaged", supply.Delivered, supply.Damaged, supply.UnitDamaged},
		{"return_to_sender", "return", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"return_to_sender", "", supply.Returning, supply.StatusOnly, supply.UnitReturning},
		{"failure", "lost", supply.Exception, supply.Lost, supply.UnitLost},
		{"failure", "damaged", supply.Exception, supply.Damaged, supply.UnitDamaged},
		{"failure", "delivery_exception", supply.Exception, supply.CodeDeliveryAttempted, 0},
		{"failure", "failure", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"failure", "transit_exception", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"failure", "a detail of next year", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"cancelled", "cancelled", supply.TrackCancelled, supply.CodeCancelled, 0},
		{"in_transit", "a detail of next year", supply.InTransit, supply.StatusOnly, 0},
		{"unknown", "unknown", supply.PreTransit, supply.StatusOnly, 0},
		{"error", "unknown", supply.PreTransit, supply.TrackingStopped, 0},
		{"error", "expired", supply.PreTransit, supply.TrackingStopped, 0},
		{"a status of next year", "held", supply.PreTransit, supply.CodeUnknown, 0},
		{"DELIVERED", "", supply.PreTransit, supply.CodeUnknown, 0},
		{"", "", supply.PreTransit, supply.CodeUnknown, 0},
	} {
		u := follow(t, easypost, easypostTracker(c.status, c.detail))
		require.Equal(t, c.means.String(), u.Status.String(), "%s/%s", c.status, c.detail)
		require.Equal(t, c.code.String(), u.Last.Code.String(), "%s/%s", c.status, c.detail)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), "%s/%s", c.status, c.detail)
		require.EqualValues(t, 2, u.Scans, "an event that means nothing to us is counted all the same")
		if c.code == supply.CodeUnknown {
			require.Equal(t, strings.Join(strings.Fields(c.status+" "+c.detail+" m"), " "), u.Last.Text, "shown as it came")
			continue
		}
		require.Equal(t, "m", u.Last.Text)
	}
}

func TestAStatusThatNoScanShowsIsTheTrackersOwn(t *testing.T) {
	u := follow(t, easypost, event(t, "webhook-easypost-cancelled.json"))
	require.Equal(t, supply.TrackCancelled, u.Status)
	require.Equal(t, utc("2026-03-02T11:00:00Z"), u.StatusAt)
	require.EqualValues(t, 2, u.Scans)
}

func TestEasyPostsETAIsADayAtMidnightAndElseAnInstant(t *testing.T) {
	for _, c := range []struct {
		said, local string
		want        supply.Window
	}{
		{`"2026-03-17T00:00:00Z"`, `null`, supply.Window{From: utc("2026-03-17T00:00:00Z"), To: utc("2026-03-17T00:00:00Z"), DateOnly: true}},
		{`"2026-03-17T18:30:00Z"`, `"2026-03-16"`, supply.Window{From: utc("2026-03-17T18:30:00Z"), To: utc("2026-03-17T18:30:00Z")}},
		{`"2026-03-17T20:00:00-04:00"`, `null`, supply.Window{From: utc("2026-03-18T00:00:00Z"), To: utc("2026-03-18T00:00:00Z"), DateOnly: true}},
		{`null`, `"2026-03-16"`, supply.Window{From: utc("2026-03-16T00:00:00Z"), To: utc("2026-03-16T00:00:00Z"), DateOnly: true}},
		{`null`, `null`, supply.Window{}},
		{`""`, `""`, supply.Window{}},
	} {
		reports, err := easypost.Parse(easypostEvent(fmt.Sprintf(
			`{"tracking_code":"1","updated_at":"2026-03-01T00:00:00Z","est_delivery_date":%s,"carrier_detail":{"est_delivery_date_local":%s}}`, c.said, c.local)))
		require.NoError(t, err)
		require.Equal(t, supply.Expect(c.want), reports[0].ETAs, "%s %s", c.said, c.local)
		require.Empty(t, reports[0].Scans)
	}
}

func TestAnEasyPostTimeThatIsNoneIsNamed(t *testing.T) {
	const fields = `"tracking_code":"1","updated_at":"2026-03-01T00:00:00Z","est_delivery_date":"2026-03-01T00:00:00Z","carrier_detail":{"est_delivery_date_local":"2026-03-01"},"tracking_details":[{},{"datetime":"2026-03-01T10:00:00Z"}]`
	_, err := easypost.Parse(easypostEvent("{" + fields + "}"))
	require.NoError(t, err)
	for _, c := range []struct{ old, bad, field string }{
		{`"updated_at":"2026-03-01T00:00:00Z"`, `"updated_at":"yesterday"`, "result.updated_at"},
		{`"updated_at":"2026-03-01T00:00:00Z"`, `"updated_at":null`, "result.updated_at"},
		{`"updated_at":"2026-03-01T00:00:00Z"`, `"updated_at":"1969-03-01T00:00:00Z"`, "result.updated_at"},
		{`"est_delivery_date":"2026-03-01T00:00:00Z"`, `"est_delivery_date":"2026-02-30T00:00:00Z"`, "result.est_delivery_date"},
		{`"est_delivery_date":"2026-03-01T00:00:00Z","carrier_detail":{"est_delivery_date_local":"2026-03-01"}`, `"carrier_detail":{"est_delivery_date_local":"1.3.2026"}`, "result.carrier_detail.est_delivery_date_local"},
		{`"datetime":"2026-03-01T10:00:00Z"`, `"datetime":"2026-03-01 10:00:00"`, "result.tracking_details[1].datetime"},
	} {
		require.Contains(t, fields, c.old)
		_, err := easypost.Parse(easypostEvent("{" + strings.Replace(fields, c.old, c.bad, 1) + "}"))
		require.True(t, fault.Is(err, fault.Invalid), c.bad)
		require.ErrorContains(t, err, c.field)
	}
}

func TestWhichEasyPostEventsConcernTracking(t *testing.T) {
	for description, reports := range map[string]int{
		"tracker.created": 1, "tracker.updated": 1, "batch.created": 0, "payment.completed": 0, "tracker.purged": 0,
	} {
		body := strings.Replace(string(easypostTracker("delivered", "")), "tracker.updated", description, 1)
		got, err := easypost.Parse([]byte(body))
		require.NoError(t, err)
		require.Len(t, got, reports, description)
	}
	for _, bad := range []string{`{"result":{}}`, `{"description":null,"result":1}`, `{"description":"tracker.updated","result":1}`, `{"description":"tracker.updated","result":null}`,
		`{"description":1}`, `{"description":"batch.updated","result":1`} {
		unreadable(t, easypost, []byte(bad), bad)
	}
}

func TestAnEasyPostParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := easypost.Parse(event(t, "webhook-easypost-in-transit.json"))
	require.NoError(t, err)
	scans := reports[0].Scans
	reports[0].Scans = nil
	arrival := utc("2026-03-04T00:00:00Z")
	said := utc("2026-03-03T21:34:10Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABD", Issuer: "UPS", Snapshot: true, Version: said, SaidAt: said,
		ETAs: supply.Expect(supply.Window{From: arrival, To: arrival, DateOnly: true})}}, reports)
	require.Len(t, scans, 5)
	require.Equal(t, supply.Scan{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T05:48:00Z"), Text: "Arrived at facility", Place: "Köln, NW, DE"}, scans[3])

	u := follow(t, easypost, event(t, "webhook-easypost-delivered.json"), event(t, "webhook-easypost-in-transit.json"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-04T09:31:00Z"), u.Arrived)
	require.EqualValues(t, 8, u.Scans)

	u = follow(t, easypost, event(t, "webhook-easypost-lost.json"))
	require.Equal(t, supply.UnitLost, u.Troubles)
	require.Equal(t, supply.Exception, u.Status)
}

func TestAHostileEasyPostParcelHarmsNothing(t *testing.T) {
	reports, err := easypost.Parse(event(t, "webhook-easypost-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	scans := reports[0].Scans
	require.Len(t, scans, 3)
	require.Equal(t, supply.CodeUnknown, scans[0].Code)
	require.Equal(t, "teleported quantum_leap dereviled  [31m <script>alert('dock')</script> éééé", scans[0].Text)
	require.Equal(t, "Köln  "+strings.Repeat("x", 33), scans[0].Place)

	u := follow(t, easypost, event(t, "webhook-easypost-hostile.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-03T04:48:00Z"), u.StatusAt)
	require.Equal(t, utc("2026-03-03T06:00:00Z"), u.Heard, "not 2099")
	require.Equal(t, "UPS'; DROP TABLE UNITS;-", u.Issuer)
	require.False(t, u.ETA.DateOnly)
}
