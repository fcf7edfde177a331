package carrier_test

// Works by reading 17TRACK bodies written to its contract, against literals, and
// by telling the legs of one parcel in every mixture. It would catch a hash taken
// for an HMAC, an event list read from its wrong end, two legs out of step, a
// carrier's number that hides a parcel, and a stopped tracking taken for news.

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

var seventeentrack = sampleOf("17track", sample{
	secret: "0FBA15ABC0FBA15ABC0FBA15ABC0FBA1", other: "1FBA15ABC0FBA15ABC0FBA15ABC0FBA1", malformed: []string{"", "fifteen of them"},
	headers: []string{"Sign"},
	usual:   "webhook-17track-in-transit.json", field: "data.number",
})

func FuzzSeventeenTrackParse(f *testing.F)  { fuzzParse(f, seventeentrack) }
func FuzzSeventeenTrackVerify(f *testing.F) { fuzzVerify(f, seventeentrack) }

func BenchmarkSeventeenTrackParse(b *testing.B) {
	benchmarkParse(b, "17track", "webhook-17track-delivered.json")
}

// The values are literals, computed with openssl; 17TRACK publishes no vector.
func TestSeventeenTracksSignatureIsAPlainHashOfTheBodyAndTheKey(t *testing.T) {
	const key, genuine, hmac = "0FBA15ABC0FBA15ABC0FBA15ABC0FBA1", "02042330f150a76c2291fce2f37b5e0ed79c2e95d53037ca563a07b5410b690f", "9c1ac242508efa13e76128742472272927a1b8e16c8428b81787e83474a2e873"
	body := event(t, "webhook-17track-stopped.json")
	request := carrier.Request{Header: http.Header{"Sign": {genuine}}, Body: body}
	require.NoError(t, seventeentrack.Verify(request, []string{key}, now))
	require.Equal(t, genuine, signed(seventeentrack, key, body, now).Header.Get("sign"))
	request.Header = http.Header{"Sign": {hmac}}
	refused(t, seventeentrack.Verify(request, []string{key}, now), "matches none")
	// A slash may stand on either side of the cut, but then it is another key.
	slash := signed(seventeentrack, "0123456789abcdef", []byte("{}/x"), now)
	slash.Body = []byte("{}")
	require.NoError(t, seventeentrack.Verify(slash, []string{"x/0123456789abcdef"}, now))
	refused(t, seventeentrack.Verify(slash, []string{"0123456789abcdef"}, now), "matches none")
}

func TestASeventeenTrackParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := seventeentrack.Parse(event(t, "webhook-17track-in-transit.json"))
	require.NoError(t, err)
	said := utc("2026-03-04T05:02:10Z")
	require.Equal(t, []supply.Report{{
		Number: "1ZFBA15ABC", Also: []string{"00340434292135100186"}, Snapshot: true, Version: said, SaidAt: said,
		ETAs: supply.Expect(supply.Window{From: utc("2026-03-05T00:00:00Z"), To: utc("2026-03-06T00:00:00Z"), DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-02T00:02:00Z"), Text: "Electronic notice received"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T09:40:00Z"), Text: "Collected from Lotus Kettles Ltd", Place: "Ningbo"},
			{Status: supply.TrackUnknown, Code: supply.CodeInfo, At: utc("2026-03-02T15:10:00Z"), Text: "Sorted", Place: "Ningbo"},
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-02T17:00:00Z"), Text: "Electronic notice received by the second carrier"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-03T12:30:00Z"), Text: "Handed to the airline", Place: "Shanghai"},
			{Status: supply.InTransit, Code: supply.CustomsEntered, At: utc("2026-03-03T20:30:00Z"), Text: "Import papers handed in", Place: "Köln, NW, DE"},
			{Status: supply.InTransit, Code: supply.CustomsReleased, At: utc("2026-03-04T01:05:00Z"), Text: "Released by customs", Place: "Köln, NW, DE"},
			{Status: supply.TrackUnknown, Code: supply.CodeInfo, At: utc("2026-03-04T05:48:00Z"), Local: true, Text: "At the sorting hall", Place: "Dortmund"},
		},
	}}, reports)
}

func TestASeventeenTrackParcelEndsTheSameHoweverItsEventsArrive(t *testing.T) {
	inTransit, delivered, lost, stopped := event(t, "webhook-17track-in-transit.json"), event(t, "webhook-17track-delivered.json"), event(t, "webhook-17track-lost.json"), event(t, "webhook-17track-stopped.json")
	u := anyOrder(t, seventeentrack, inTransit, delivered)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-05T10:04:00Z"), u.Arrived)
	require.EqualValues(t, 10, u.Scans)

	u = anyOrder(t, seventeentrack, inTransit, lost)
	require.Equal(t, supply.UnitLost, u.Troubles, "which only the latest status says")
	require.EqualValues(t, 9, u.Scans)
	require.Equal(t, "Search ended", u.Last.Text)

	with, without := follow(t, seventeentrack, inTransit, stopped), follow(t, seventeentrack, inTransit)
	require.Equal(t, supply.InTransit, with.Status)
	require.Zero(t, with.Arrived, "who stops asking has delivered nothing")
	require.Equal(t, without.Heard, with.Heard)
	require.Equal(t, without.Troubles, with.Troubles)
	require.Equal(t, supply.Delivered, follow(t, seventeentrack, stopped, delivered).Status)
}

func TestAStoppedSeventeenTrackingSaysNothingOfTheGoods(t *testing.T) {
	reports, err := seventeentrack.Parse(event(t, "webhook-17track-stopped.json"))
	require.NoError(t, err)
	stop := supply.Scan{Status: supply.Expired, Code: supply.TrackingStopped, Text: "TRACKING_STOPPED"}
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABC", Scans: []supply.Scan{stop}}}, reports)

	body := strings.Replace(string(event(t, "webhook-17track-delivered.json")), "TRACKING_UPDATED", "TRACKING_STOPPED", 1)
	reports, err = seventeentrack.Parse([]byte(body))
	require.NoError(t, err)
	require.True(t, reports[0].Snapshot)
	require.Len(t, reports[0].Scans, 11)
	stop.At = reports[0].Version
	require.Equal(t, stop, reports[0].Scans[10])
	require.Equal(t, supply.Delivered, follow(t, seventeentrack, []byte(body)).Status)
}

// seventeenTrack has one event of the stage and sub_status, after a first, and
// the latest status.
func seventeenTrack(stage, sub, status, latest string) []byte {
	return fmt.Appendf(nil, `{"event":"TRACKING_UPDATED","data":{"number":"1Z9","carrier":100002,"track_info":{"latest_status":{"status":%q,"sub_status":%q},
		"latest_event":{"time_utc":"2026-03-04T11:00:00Z","description":"l"},"tracking":{"providers":[{"provider":{"key":100002},"latest_sync_time":"2026-03-05T00:00:00Z","events":[
		{"time_utc":"2026-03-04T10:00:00Z","stage":%q,"sub_status":%q,"description":"m"},{"time_utc":"2026-03-01T10:00:00Z","stage":"InfoReceived"}]}]}}}}`, status, latest, stage, sub)
}

func TestSeventeenTracksStatusesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		stage, sub string
		means      supply.TrackStatus
		code       supply.TrackCode
		troubles   supply.UnitTrouble
	}{
		{"NotFound", "", supply.PreTransit, supply.TrackingStopped, 0},
		{"NotFound", "NotFound_Other", supply.PreTransit, supply.TrackingStopped, 0},
		{"NotFound", "NotFound_InvalidCode", supply.PreTransit, supply.TrackingStopped, 0},
		{"InfoReceived", "InfoReceived", supply.PreTransit, supply.InfoReceived, 0},
		{"InTransit", "", supply.InTransit, supply.StatusOnly, 0},
		{"InTransit", "InTransit_PickedUp", supply.InTransit, supply.PickedUp, 0},
		{"InTransit", "InTransit_Departure", supply.InTransit, supply.Departed, 0},
		{"InTransit", "InTransit_Arrival", supply.InTransit, supply.ArrivedAt, 0},
		{"InTransit", "InTransit_CustomsProcessing", supply.InTransit, supply.CustomsEntered, 0},
		{"InTransit", "InTransit_CustomsReleased", supply.InTransit, supply.CustomsReleased, 0},
		{"InTransit", "InTransit_CustomsRequiringInformation", supply.InTransit, supply.CustomsHold, supply.UnitCustoms},
		{"InTransit", "InTransit_Other", supply.InTransit, supply.StatusOnly, 0},
		{"", "InTransit_OfNextYear", supply.InTransit, supply.StatusOnly, 0},
		{"Delivered", "InTransit_OfNextYear", supply.Delivered, supply.CodeDelivered, 0},
		{"PickedUp", "", supply.InTransit, supply.PickedUp, 0},
		{"Departure", "", supply.InTransit, supply.Departed, 0},
		{"Arrival", "", supply.InTransit, supply.ArrivedAt, 0},
		{"Returning", "", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"Returned", "", supply.Returned, supply.CodeReturned, supply.UnitReturning | supply.UnitReturned},
		{"Expired", "", supply.PreTransit, supply.TrackingStopped, 0},
		{"Expired", "Expired_Other", supply.PreTransit, supply.TrackingStopped, 0},
		{"AvailableForPickup", "", supply.AvailableForPickup, supply.Available, 0},
		{"AvailableForPickup", "AvailableForPickup_Other", supply.AvailableForPickup, supply.Available, 0},
		{"OutForDelivery", "", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"OutForDelivery", "OutForDelivery_Other", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"DeliveryFailure", "", supply.DeliveryAttempted, supply.StatusOnly, 0},
		{"DeliveryFailure", "DeliveryFailure_NoBody", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"DeliveryFailure", "DeliveryFailure_Security", supply.DeliveryAttempted, supply.CustomsHold, supply.UnitCustoms},
		{"DeliveryFailure", "DeliveryFailure_Rejected", supply.DeliveryAttempted, supply.Refused, supply.UnitRefused},
		{"DeliveryFailure", "DeliveryFailure_InvalidAddress", supply.DeliveryAttempted, supply.AddressIssue, 0},
		{"DeliveryFailure", "DeliveryFailure_Other", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"Delivered", "", supply.Delivered, supply.CodeDelivered, 0},
		{"Delivered", "Delivered_Other", supply.Delivered, supply.CodeDelivered, 0},
		{"Exception", "", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"Exception", "Exception_Returning", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"Exception", "Exception_Returned", supply.Returned, supply.CodeReturned, supply.UnitReturning | supply.UnitReturned},
		{"Exception", "Exception_NoBody", supply.Exception, supply.AddressIssue, 0},
		{"Exception", "Exception_Security", supply.Exception, supply.CustomsHold, supply.UnitCustoms},
		{"Exception", "Exception_Damage", supply.Exception, supply.Damaged, supply.UnitDamaged},
		{"Exception", "Exception_Rejected", supply.Exception, supply.Refused, supply.UnitRefused},
		{"Exception", "Exception_Delayed", supply.Exception, supply.Delayed, 0},
		{"Exception", "Exception_Lost", supply.Exception, supply.Lost, supply.UnitLost},
		{"Exception", "Exception_Destroyed", supply.Exception, supply.Lost, supply.UnitLost},
		{"Exception", "Exception_Cancel", supply.TrackCancelled, supply.CodeCancelled, 0},
		{"Exception", "Exception_Other", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"", "", supply.PreTransit, supply.CodeInfo, 0},
	} {
		name := c.stage + "/" + c.sub
		u := follow(t, seventeentrack, seventeenTrack(c.stage, c.sub, "", ""))
		require.Equal(t, c.means.String(), u.Status.String(), name)
		require.Equal(t, c.code.String(), u.Last.Code.String(), name)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), name)
		require.EqualValues(t, 2, u.Scans, name)
		require.Equal(t, "m", u.Last.Text, name)
		require.Equal(t, "UPS", u.Issuer)
	}
	for _, c := range [][3]string{{"Teleported", "", "Teleported"}, {"", "Teleported_Twice", "Teleported_Twice"}, {"delivered", "delivered_other", "delivered delivered_other"}} {
		u := follow(t, seventeentrack, seventeenTrack(c[0], c[1], "", ""))
		require.Equal(t, supply.PreTransit, u.Status, c[0])
		require.Equal(t, supply.CodeUnknown, u.Last.Code)
		require.Equal(t, c[2], u.Last.Text)
	}
}

func TestTheLatestSeventeenTrackStatusIsAddedWhereNoEventShowsIt(t *testing.T) {
	at, before := utc("2026-03-04T11:00:00Z"), utc("2026-03-04T10:00:00Z")
	words := supply.Scan{Status: supply.TrackUnknown, Code: supply.CodeInfo, At: before, Text: "m"}
	for _, c := range []struct {
		why, stage, sub, status, latest string
		want                            []supply.Scan
	}{
		{"the event shows it", "Delivered", "", "Delivered", "Delivered_Other", nil},
		{"the event says more", "", "InTransit_Arrival", "InTransit", "InTransit_Other", nil},
		{"the newest event has but words", "", "", "Delivered", "Delivered_Other", []supply.Scan{{Status: supply.Delivered, Code: supply.CodeDelivered, At: before, Text: "m"}}},
		{"and the tracking ended", "", "", "Expired", "", []supply.Scan{words, {Status: supply.Expired, Code: supply.TrackingStopped, At: at, Text: "l"}}},
		{"and nobody knows the status", "", "", "Teleported", "", []supply.Scan{words, {Status: supply.TrackUnknown, Code: supply.CodeUnknown, At: at, Text: "Teleported"}}},
		{"the hold is over", "Exception", "", "InTransit", "InTransit_Other", []supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly, At: at, Text: "l"}}},
		{"the event says less", "Exception", "", "Exception", "Exception_Damage", []supply.Scan{{Status: supply.Exception, Code: supply.Damaged, At: at, Text: "l"}}},
		{"only a sub_status", "", "", "", "Exception_Lost", []supply.Scan{{Status: supply.Exception, Code: supply.Lost, At: before, Text: "m"}}},
		{"the tracking ended", "InTransit", "", "Expired", "Expired_Other", []supply.Scan{{Status: supply.Expired, Code: supply.TrackingStopped, At: at, Text: "l"}}},
		{"nobody knows it", "InTransit", "", "Teleported", "", []supply.Scan{{Status: supply.TrackUnknown, Code: supply.CodeUnknown, At: at, Text: "Teleported"}}},
	} {
		reports, err := seventeentrack.Parse(seventeenTrack(c.stage, c.sub, c.status, c.latest))
		require.NoError(t, err, c.why)
		added := reports[0].Scans[2:]
		if c.stage+c.sub == "" {
			added = reports[0].Scans[1:]
		}
		require.Equal(t, c.want, append([]supply.Scan(nil), added...), c.why)
	}
	reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1Z9","track_info":{"latest_status":{"status":"NotFound","sub_status":"NotFound_InvalidCode","sub_status_descr":"no such number"},"latest_event":null,
		"tracking":{"providers":[{"latest_sync_time":"2026-03-05T00:00:00Z","events":[]}]}}}}`))
	require.NoError(t, err)
	require.Equal(t, []supply.Scan{{Status: supply.TrackUnknown, Code: supply.TrackingStopped, At: utc("2026-03-05T00:00:00Z"), Text: "no such number"}}, reports[0].Scans)
}

func TestASeventeenTrackEventIsDatedByTheBestOfItsThreeTimes(t *testing.T) {
	for _, c := range []struct {
		times string
		want  string
		local bool
	}{
		{`"time_utc":"2026-03-04T04:48:00Z","time_iso":"2026-03-04T09:00:00+01:00"`, "2026-03-04T04:48:00Z", false},
		{`"time_utc":null,"time_iso":"2026-03-04T05:48:00+01:00","time_raw":{"date":"2026-03-01"}`, "2026-03-04T04:48:00Z", false},
		{`"time_iso":"2026-03-04T05:48:00"`, "2026-03-04T05:48:00Z", true},
		{`"time_raw":{"date":"2026-03-04","time":"05:48:00","timezone":"+01:00"}`, "2026-03-04T04:48:00Z", false},
		{`"time_raw":{"date":"2026-03-04","time":"05:48:00","timezone":null}`, "2026-03-04T05:48:00Z", true},
		{`"time_raw":{"date":"2026-03-04","time":"05:48","timezone":"Europe/Berlin"}`, "2026-03-04T05:48:00Z", true},
		{`"time_raw":{"date":"2026-03-04","time":null,"timezone":null}`, "2026-03-04T00:00:00Z", true},
		{`"time_raw":{"date":"2026-03-04","time":null,"timezone":"+01:00"}`, "2026-03-04T00:00:00Z", true},
		{`"time_raw":null`, "", false},
	} {
		reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"tracking":{"providers":[{"events":[{"stage":"InTransit",` + c.times + `}]}]}}}}`))
		require.NoError(t, err, c.times)
		require.Len(t, reports[0].Scans, 1)
		if c.want == "" {
			require.Zero(t, reports[0].Scans[0].At)
		} else {
			require.Equal(t, utc(c.want), reports[0].Scans[0].At, c.times)
		}
		require.Equal(t, c.local, reports[0].Scans[0].Local, c.times)
	}
}

func TestTwoLegsOfASeventeenTrackParcelAreOneHistory(t *testing.T) {
	leg := func(events ...string) string {
		for i := range events {
			text, at, _ := strings.Cut(events[i], " ")
			events[i] = fmt.Sprintf(`{"description":%q,"time_utc":%q}`, text, at)
		}
		return `{"events":[` + strings.Join(events, ",") + `]}`
	}
	for _, c := range []struct {
		legs []string
		want string
	}{
		{[]string{leg("c 2026-03-03T00:00:00Z", "b 2026-03-02T00:00:00Z", "a 2026-03-01T00:00:00Z")}, "a b c"},
		{[]string{leg("b 2026-03-02T00:00:00Z", "a 2026-03-01T00:00:00Z"), leg("d 2026-03-04T00:00:00Z", "c 2026-03-03T00:00:00Z")}, "a b c d"},
		{[]string{leg("d 2026-03-04T00:00:00Z", "c 2026-03-03T00:00:00Z"), leg("b 2026-03-02T00:00:00Z", "a 2026-03-01T00:00:00Z")}, "a b c d"},
		{[]string{leg("d 2026-03-04T00:00:00Z", "a 2026-03-01T00:00:00Z"), leg("c 2026-03-03T00:00:00Z", "b 2026-03-02T00:00:00Z")}, "a b c d"},
		{[]string{leg("d 2026-03-01T00:00:00Z", "c 2026-03-03T00:00:00Z"), leg("b 2026-03-02T00:00:00Z", "a 2026-03-01T00:00:00Z")}, "a b c d"},
		{[]string{leg("c", "b 2026-03-02T00:00:00Z"), leg("d 2026-03-03T00:00:00Z", "a 2026-03-01T00:00:00Z")}, "a b c d"},
		{[]string{leg("b 2026-03-01T00:00:00Z", "c 2026-03-02T00:00:00Z")}, "c b"},
	} {
		reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"tracking":{"providers":[` + strings.Join(c.legs, ",") + `]}}}}`))
		require.NoError(t, err)
		var got []string
		for _, s := range reports[0].Scans {
			got = append(got, s.Text)
		}
		require.Equal(t, c.want, strings.Join(got, " "))
	}

	// The history is as new as the carrier that was asked last.
	for _, synced := range [][2]string{{"2026-03-04T09:00:00Z", "2026-03-05T09:00:00Z"}, {"2026-03-05T09:00:00Z", "2026-03-04T09:00:00Z"}} {
		reports, err := seventeentrack.Parse(fmt.Appendf(nil, `{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"tracking":{"providers":[{"latest_sync_time":%q},{"latest_sync_time":%q},{}]}}}}`, synced[0], synced[1]))
		require.NoError(t, err)
		require.Equal(t, utc("2026-03-05T09:00:00Z"), reports[0].Version)
		require.Equal(t, reports[0].Version, reports[0].SaidAt)
	}
}

func TestASeventeenTrackCarrierIsNamedWhereThereIsOne(t *testing.T) {
	for _, c := range []struct {
		carrier string
		legs    []string
		want    string
	}{
		{"100002", nil, "UPS"}, {"100002", []string{"100002"}, "UPS"}, {`"100002"`, []string{"100002", "100002"}, "UPS"},
		{"100003", nil, "FEDEX"}, {"21051", nil, "USPS"}, {"100001", nil, "DHL"},
		{"3011", []string{"100002"}, ""}, {"100002", []string{"3011"}, ""}, {"100002", []string{"100002", "21051"}, ""}, {"3011", []string{"3011"}, ""}, {"0", []string{"100002"}, ""}, {"null", nil, ""},
	} {
		for i := range c.legs {
			c.legs[i] = `{"provider":{"key":` + c.legs[i] + `}}`
		}
		reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1","carrier":` + c.carrier + `,"track_info":{"tracking":{"providers":[` + strings.Join(c.legs, ",") + `]}}}}`))
		require.NoError(t, err)
		require.Equal(t, c.want, reports[0].Issuer, "%v", c)
	}
}

func TestASeventeenTrackETAIsTheCarriersOrTheirs(t *testing.T) {
	day := func(s string) supply.Window {
		return supply.Window{From: utc(s + "T00:00:00Z"), To: utc(s + "T00:00:00Z"), DateOnly: true}
	}
	for _, c := range []struct {
		eta    string
		want   supply.Window
		source supply.ETASource
	}{
		{`{"source":"Official","from":"2026-03-05T00:00:00+01:00","to":"2026-03-05T00:00:00+01:00"}`, day("2026-03-05"), supply.FromCarrier},
		{`{"source":"17TRACK","from":"2026-03-05","to":"2026-03-05"}`, day("2026-03-05"), supply.FromAggregator},
		{`{"source":null,"from":null,"to":"2026-03-05"}`, day("2026-03-05"), supply.FromAggregator},
		{`{"source":"official","from":"2026-03-05T08:00:00Z","to":"2026-03-05T12:00:00Z"}`, supply.Window{From: utc("2026-03-05T08:00:00Z"), To: utc("2026-03-05T12:00:00Z")}, supply.FromCarrier},
	} {
		reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"time_metrics":{"estimated_delivery_date":` + c.eta + `}}}}`))
		require.NoError(t, err)
		require.Equal(t, []supply.Estimate{{Window: c.want, Classifier: supply.Estimated, Source: c.source}}, reports[0].ETAs, c.eta)
	}
	reports, err := seventeentrack.Parse([]byte(`{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"time_metrics":{"estimated_delivery_date":{"source":null,"from":null,"to":null}}}}}`))
	require.NoError(t, err)
	require.Empty(t, reports[0].ETAs)
}

func TestWhatIsWrongWithASeventeenTrackEventIsNamed(t *testing.T) {
	const good = `{"event":"TRACKING_UPDATED","data":{"number":"1","track_info":{"latest_status":{"status":"Delivered"},"latest_event":{"time_utc":"2026-03-06T10:00:00Z"},"time_metrics":{"estimated_delivery_date":{"to":"2026-03-05"}},
		"tracking":{"providers":[{},{"latest_sync_time":"2026-03-04T00:00:00Z","events":[{"stage":"InTransit"},{"time_utc":"2026-03-01T10:00:00Z"},{"time_iso":"2026-03-02T10:00:00Z"},{"time_raw":{"date":"2026-03-03"}}]}]}}}}`
	_, err := seventeentrack.Parse([]byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, bad, field string }{
		{`TRACKING_UPDATED`, `TRACKING_PAUSED`, "event is"},
		{`"event":"TRACKING_UPDATED",`, ``, "event is"},
		{`"number":"1",`, ``, "data.number is required"},
		{`"track_info"`, `"track"`, "data.track_info is required"},
		{`2026-03-06T10:00:00Z`, `soon`, "data.track_info.latest_event.time_utc"},
		{`2026-03-05`, `2026-02-30`, "data.track_info.time_metrics.estimated_delivery_date"},
		{`2026-03-04T00:00:00Z`, `2026-03-04`, "data.track_info.tracking.providers[1].latest_sync_time"},
		{`2026-03-01T10:00:00Z`, `01/03/2026`, "data.track_info.tracking.providers[1].events[1].time_utc"},
		{`2026-03-02T10:00:00Z`, `1066-10-14T10:00:00Z`, "data.track_info.tracking.providers[1].events[2].time_iso"},
		{`"date":"2026-03-03"`, `"date":"2026-03-03","time":"25:61"`, "data.track_info.tracking.providers[1].events[3].time_raw"},
	} {
		require.Contains(t, good, c.old)
		_, err := seventeentrack.Parse([]byte(strings.Replace(good, c.old, c.bad, 1)))
		require.True(t, fault.Is(err, fault.Invalid), c.bad)
		require.ErrorContains(t, err, c.field)
	}
	_, err = seventeentrack.Parse(event(t, "webhook-17track-version-1-unreadable.json"))
	require.ErrorContains(t, err, "raise the webhook to version 2")
}

func TestAHostileSeventeenTrackParcelHarmsNothing(t *testing.T) {
	body := event(t, "webhook-17track-hostile.json")
	reports, err := seventeentrack.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	r := reports[0]
	require.Empty(t, r.Also)
	require.Empty(t, r.Issuer)
	require.Len(t, r.Scans, 44, "an unknown latest status beside an unknown stage")
	require.Equal(t, "Beamed", r.Scans[43].Text)
	require.Equal(t, "Dortmund "+strings.Repeat("é", 15), r.Scans[43].Place)

	u := follow(t, seventeentrack, body)
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.Zero(t, u.Arrived)
	require.Zero(t, u.Troubles)
	require.False(t, u.Heard.After(utc("2026-12-01T00:01:00Z")), "not 2099")
}
