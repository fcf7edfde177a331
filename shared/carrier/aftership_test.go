package carrier_test

// Works by reading AfterShip bodies, ours and two recorded ones, against literals
// from AfterShip's pages. It would catch a signature over other bytes, a tag or
// subtag that means something else, the wrong one of four delivery dates, a local
// time taken for UTC, and a revised date that an older event takes back.

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var aftership = sampleOf("aftership", sample{
	secret: "whsec of acme, as it is", other: "another secret", malformed: []string{""},
	headers: []string{"Aftership-Hmac-Sha256"},
	usual:   "webhook-aftership-in-transit.json", field: "msg.tracking_number", irrelevant: "webhook-aftership-return-approved.json",
})

func FuzzAfterShipParse(f *testing.F)  { fuzzParse(f, aftership) }
func FuzzAfterShipVerify(f *testing.F) { fuzzVerify(f, aftership) }

func BenchmarkAfterShipParse(b *testing.B) {
	benchmarkParse(b, "aftership", "webhook-aftership-delivered.json")
}

// anyOrder requires that the bodies end in the same unit in every order of
// arrival, or in 10,000 of them beyond six, and however often each comes. It
// returns that unit. All are about one unit, and readable.
func anyOrder(t *testing.T, a carrier.Adapter, bodies ...[]byte) supply.Unit {
	t.Helper()
	var reports []supply.Report
	for i, body := range bodies {
		parsed, err := a.Parse(body)
		require.NoError(t, err, "body %d", i)
		reports = append(reports, parsed...)
	}
	arriving := func(order []int) (u supply.Unit) {
		for i, n := range order {
			u, _ = u.Apply(reports[n], time.Date(2026, 12, 1, 0, i, 0, 0, time.UTC))
		}
		return u
	}
	order := make([]int, len(reports))
	for i := range order {
		order[i] = i
	}
	want := arriving(order)
	same := func(order []int) { require.Equal(t, visible(want), visible(arriving(order)), "order %v", order) }
	random := rand.New(rand.NewPCG(1, 2))
	if len(order) <= 6 {
		permute(order, 0, same)
	} else {
		tries := 10_000
		if testing.Short() {
			tries = 500
		}
		for range tries {
			random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			same(order)
		}
	}
	for range 500 {
		again := append([]int{}, order...)
		for range 1 + random.IntN(9) {
			again = append(again, random.IntN(len(reports)))
		}
		random.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		same(again)
	}
	return want
}

func permute(order []int, from int, visit func([]int)) {
	if from == len(order) {
		visit(order)
	}
	for i := from; i < len(order); i++ {
		order[from], order[i] = order[i], order[from]
		permute(order, from+1, visit)
		order[from], order[i] = order[i], order[from]
	}
}

// visible is what of a unit anybody outside its package can tell, without the
// order in which its scans arrived.
func visible(u supply.Unit) map[string]any {
	return map[string]any{
		"number": u.Number, "issuer": u.Issuer, "status": u.Status.String(), "since": u.StatusAt, "arrived": u.Arrived, "troubles": u.Troubles.String(),
		"scans": u.Scans, "last": u.Last, "eta": u.ETA, "said": u.ETASaidAt, "version": u.Version, "heard": u.Heard,
	}
}

// aftershipEvent wraps a tracking as AfterShip's webhook does.
func aftershipEvent(tracking string) []byte {
	return []byte(`{"event":"tracking_update","event_id":"94dadd60","is_tracking_first_tag":false,"msg":` + tracking + `}`)
}

// aftershipTracking has one checkpoint with the tag and subtag, after a first.
func aftershipTracking(tag, subtag string) []byte {
	return aftershipEvent(fmt.Sprintf(`{"tracking_number":"1Z9","tag":%q,"subtag":%q,"updated_at":"2026-03-05T00:00:00Z","checkpoints":[
		{"tag":"InfoReceived","checkpoint_time":"2026-03-01T10:00:00Z"},{"tag":%q,"subtag":%q,"checkpoint_time":"2026-03-04T10:00:00Z","message":"m"}]}`, tag, subtag, tag, subtag))
}

// The value is a literal, computed with openssl over our own body; the vector
// that others published is not among the fixtures.
func TestAfterShipsSignatureIsTheBase64OfTheBodysHMAC(t *testing.T) {
	const secret, genuine = "whsec of acme, as it is", "MbPXhjbyXlQg7BE5kW1NVrPQX19MCnIyC9FxL+l7YQ0="
	body := event(t, "webhook-aftership-pending.json")
	request := carrier.Request{Header: http.Header{"Aftership-Hmac-Sha256": {genuine}}, Body: body}
	require.NoError(t, aftership.Verify(request, []string{secret}, now))
	require.Equal(t, genuine, signed(aftership, secret, body, now).Header.Get("aftership-hmac-sha256"))

	request.Header["Aftership-Hmac-Sha256"] = []string{"31b3d78636f25e5420ec1139916d4d56b3d05f5f4c0a72320bd1712fe97b610d"}
	refused(t, aftership.Verify(request, []string{secret}, now), "matches none")
	request.Header = http.Header{"As-Signature-Hmac-Sha256": {genuine}}
	refused(t, aftership.Verify(request, []string{secret}, now), "Aftership-Hmac-Sha256")
	request = carrier.Request{Header: http.Header{"Aftership-Hmac-Sha256": {genuine}}, Body: bytes.TrimSpace(body)}
	refused(t, aftership.Verify(request, []string{secret}, now), "matches none")
}

func TestARecordedAfterShipParcelIsDelivered(t *testing.T) {
	body := aftershipEvent(string(fixture(t, "aftership/tracking.pyaftership.0.fedex.Delivered.json")))
	reports, err := aftership.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	r := reports[0]
	require.Equal(t, []any{"1111111111111", "fedex", true, utc("2018-08-16T03:50:54Z"), utc("2018-08-16T03:50:54Z")}, []any{r.Number, r.Issuer, r.Snapshot, r.Version, r.SaidAt})
	require.Empty(t, r.ETAs)
	require.Empty(t, r.Also)
	scan := func(status supply.TrackStatus, code supply.TrackCode, at, text, place string) supply.Scan {
		return supply.Scan{Status: status, Code: code, At: utc(at), Text: text, Place: place}
	}
	require.Equal(t, []supply.Scan{
		scan(supply.PreTransit, supply.InfoReceived, "2018-07-31T14:33:00Z", "Shipment information sent to FedEx", ""),
		scan(supply.InTransit, supply.PickedUp, "2018-07-31T20:47:00Z", "Picked up", "BROOKLYN, NY"),
		scan(supply.InTransit, supply.ArrivedAt, "2018-07-31T21:51:00Z", "Arrived at FedEx location", "BROOKLYN, NY"),
		scan(supply.InTransit, supply.Departed, "2018-08-01T00:29:29Z", "Left FedEx origin facility", "BROOKLYN, NY"),
		scan(supply.Exception, supply.StatusOnly, "2018-08-01T04:13:04Z", "Shipment exception - Barcode label unreadable and replaced", "KEASBEY, NJ"),
		scan(supply.InTransit, supply.ArrivedAt, "2018-08-01T04:17:00Z", "Arrived at FedEx location", "KEASBEY, NJ"),
		scan(supply.InTransit, supply.Departed, "2018-08-01T08:30:14Z", "Departed FedEx location", "KEASBEY, NJ"),
		scan(supply.InTransit, supply.Departed, "2018-08-01T10:29:00Z", "At local FedEx facility", "DAYTON, NJ"),
		scan(supply.InTransit, supply.ArrivedAt, "2018-08-01T10:31:00Z", "Arrived at FedEx location", "DAYTON, NJ"),
		scan(supply.OutForDelivery, supply.CodeOutForDelivery, "2018-08-01T10:41:00Z", "On FedEx vehicle for delivery", "DAYTON, NJ"),
		scan(supply.Delivered, supply.CodeDelivered, "2018-08-01T17:19:47Z", "Delivered - Left at front door. Signature Service not requested.", "Deal, NJ"),
	}, r.Scans)

	u := follow(t, aftership, body, body)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2018-08-01T17:19:47Z"), u.Arrived)
	require.EqualValues(t, 11, u.Scans)
	require.Zero(t, u.Troubles, "an exception that the parcel left behind four minutes later")
	require.Equal(t, "FEDEX", u.Issuer)
}

func TestARecordedAfterShipTrackingThatExpiredSaysNothingOfTheGoods(t *testing.T) {
	body := aftershipEvent(string(fixture(t, "aftership/tracking.pyaftership.1.ups.Expired.json")))
	reports, err := aftership.Parse(body)
	require.NoError(t, err)
	at := utc("2018-06-22T07:21:57Z")
	require.Equal(t, []supply.Report{{Number: "2222222222222", Issuer: "ups", Snapshot: true, Version: at, SaidAt: at,
		Scans: []supply.Scan{{Status: supply.Expired, Code: supply.TrackingStopped, At: at, Text: "Expired"}}}}, reports)
	u := follow(t, aftership, body)
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.True(t, u.Heard.IsZero())
	require.Zero(t, u.Troubles)
	require.Zero(t, u.Arrived)
}

func TestAnAfterShipParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := aftership.Parse(event(t, "webhook-aftership-in-transit.json"))
	require.NoError(t, err)
	said := utc("2026-03-04T05:02:10Z")
	arrival := utc("2026-03-05T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "1ZFBA15ABC", Also: []string{"00340434292135100186"}, Issuer: "ups", Snapshot: true, Version: said, SaidAt: said,
		ETAs: []supply.Estimate{{Window: supply.Window{From: arrival, To: arrival, DateOnly: true}, Classifier: supply.Estimated}},
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-02T08:02:00Z"), Local: true, Text: "Label printed, parcel not handed over yet"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T09:40:00Z"), Text: "Collected from Lotus Kettles Ltd", Place: "Ningbo, ZJ, CHN"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-02T20:15:00Z"), Text: "Left the export hub", Place: "Shanghai, SH, CHN"},
			{Status: supply.InTransit, Code: supply.CustomsEntered, At: utc("2026-03-03T20:30:00Z"), Text: "Import papers handed in", Place: "Köln, NW, DEU"},
			{Status: supply.InTransit, Code: supply.CustomsReleased, At: utc("2026-03-04T01:05:00Z"), Text: "Released by customs", Place: "Köln, NW, DEU"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T05:48:00Z"), Local: true, Text: "At the sorting hall", Place: "HUB DORTMUND 2"},
		},
	}}, reports)
}

func TestAnAfterShipParcelEndsTheSameHoweverItsEventsArrive(t *testing.T) {
	inTransit, revised, delivered := event(t, "webhook-aftership-in-transit.json"), event(t, "webhook-aftership-edd-revised.json"), event(t, "webhook-aftership-delivered.json")
	u := anyOrder(t, aftership, inTransit, revised, delivered)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-05T10:04:00Z"), u.Arrived)
	require.EqualValues(t, 8, u.Scans)
	require.Zero(t, u.Troubles)

	u = anyOrder(t, aftership, inTransit, revised)
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-12T00:00:00Z"), u.ETA.To, "the revised date, whatever came first")
	require.Equal(t, utc("2026-03-04T09:30:00Z"), u.ETASaidAt)
	require.EqualValues(t, 6, u.Scans)

	u = anyOrder(t, aftership, inTransit, event(t, "webhook-aftership-returning.json"))
	require.Equal(t, supply.Returned, u.Status, "what is delivered after it turned back is delivered to the sender")
	require.Zero(t, u.Arrived)
	require.Equal(t, supply.UnitRefused|supply.UnitReturning|supply.UnitReturned, u.Troubles)
}

func TestAnAfterShipTrackingWithoutNewsIsNoSignOfTheGoods(t *testing.T) {
	reports, err := aftership.Parse(event(t, "webhook-aftership-pending.json"))
	require.NoError(t, err)
	at := utc("2026-03-03T12:00:00Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABF", Snapshot: true, Version: at, SaidAt: at,
		Scans: []supply.Scan{{Status: supply.TrackUnknown, Code: supply.TrackingStopped, At: at, Text: "Wrong carrier"}}}}, reports)
	u := follow(t, aftership, event(t, "webhook-aftership-pending.json"))
	require.Equal(t, supply.TrackUnknown, u.Status)
	require.Zero(t, u.Heard)
	require.Empty(t, u.Issuer, "unrecognized is no courier")
}

func TestAfterShipsTagsAndSubtagsMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		tag, subtag string
		means       supply.TrackStatus
		code        supply.TrackCode
		troubles    supply.UnitTrouble
	}{
		{"Pending", "Pending_001", supply.PreTransit, supply.TrackingStopped, 0},
		{"Pending", "Pending_006", supply.PreTransit, supply.TrackingStopped, 0},
		{"InfoReceived", "InfoReceived_001", supply.PreTransit, supply.InfoReceived, 0},
		{"InfoReceived", "", supply.PreTransit, supply.StatusOnly, 0},
		{"InTransit", "", supply.InTransit, supply.StatusOnly, 0},
		{"InTransit", "InTransit_001", supply.InTransit, supply.StatusOnly, 0},
		{"InTransit", "InTransit_002", supply.InTransit, supply.PickedUp, 0},
		{"InTransit", "InTransit_003", supply.InTransit, supply.ArrivedAt, 0},
		{"InTransit", "InTransit_004", supply.InTransit, supply.ArrivedAt, 0},
		{"InTransit", "InTransit_005", supply.InTransit, supply.CustomsReleased, 0},
		{"InTransit", "InTransit_006", supply.InTransit, supply.CustomsEntered, 0},
		{"InTransit", "InTransit_007", supply.InTransit, supply.Departed, 0},
		{"InTransit", "InTransit_008", supply.InTransit, supply.StatusOnly, 0},
		{"InTransit", "InTransit_009", supply.InTransit, supply.AddressIssue, 0},
		{"InTransit", "InTransit_013", supply.InTransit, supply.StatusOnly, 0},
		{"OutForDelivery", "", supply.OutForDelivery, supply.StatusOnly, 0},
		{"OutForDelivery", "OutForDelivery_001", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"OutForDelivery", "OutForDelivery_002", supply.AvailableForPickup, supply.Available, 0},
		{"OutForDelivery", "OutForDelivery_003", supply.PreTransit, supply.CodeInfo, 0},
		{"OutForDelivery", "OutForDelivery_004", supply.PreTransit, supply.AppointmentSet, 0},
		{"AttemptFail", "", supply.DeliveryAttempted, supply.StatusOnly, 0},
		{"AttemptFail", "AttemptFail_001", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"AttemptFail", "AttemptFail_002", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"AttemptFail", "AttemptFail_003", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"Delivered", "", supply.Delivered, supply.StatusOnly, 0},
		{"Delivered", "Delivered_001", supply.Delivered, supply.CodeDelivered, 0},
		{"Delivered", "Delivered_002", supply.Delivered, supply.PickedUpByConsignee, 0},
		{"Delivered", "Delivered_003", supply.Delivered, supply.CodeDelivered, 0},
		{"Delivered", "Delivered_004", supply.Delivered, supply.CodeDelivered, 0},
		{"Delivered", "Delivered_005", supply.Delivered, supply.CodeDelivered, 0},
		{"AvailableForPickup", "", supply.AvailableForPickup, supply.StatusOnly, 0},
		{"AvailableForPickup", "AvailableForPickup_001", supply.AvailableForPickup, supply.Available, 0},
		{"Exception", "", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"Exception", "Exception_001", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"Exception", "Exception_002", supply.Exception, supply.AddressIssue, 0},
		{"Exception", "Exception_003", supply.Exception, supply.Refused, supply.UnitRefused},
		{"Exception", "Exception_004", supply.Exception, supply.CustomsHold, supply.UnitCustoms},
		{"Exception", "Exception_005", supply.Exception, supply.Delayed, 0},
		{"Exception", "Exception_006", supply.Exception, supply.Held, supply.UnitHeld},
		{"Exception", "Exception_007", supply.Exception, supply.AddressIssue, 0},
		{"Exception", "Exception_008", supply.Exception, supply.Held, supply.UnitHeld},
		{"Exception", "Exception_009", supply.Exception, supply.Held, supply.UnitHeld},
		{"Exception", "Exception_010", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"Exception", "Exception_011", supply.Returned, supply.CodeReturned, supply.UnitReturning | supply.UnitReturned},
		{"Exception", "Exception_012", supply.Exception, supply.Damaged, supply.UnitDamaged},
		{"Exception", "Exception_013", supply.Exception, supply.Lost, supply.UnitLost},
		{"Exception", "Exception_016", supply.Exception, supply.Delayed, 0},
		{"Exception", "Exception_017", supply.Exception, supply.Delayed, 0},
		{"Exception", "Exception_018", supply.Exception, supply.CustomsHold, supply.UnitCustoms},
		{"Exception", "Exception_021", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"Expired", "Expired_001", supply.PreTransit, supply.TrackingStopped, 0},
		{"Expired", "", supply.PreTransit, supply.TrackingStopped, 0},
		{"A tag of next year", "Exception_013", supply.Exception, supply.Lost, supply.UnitLost},
	} {
		u := follow(t, aftership, aftershipTracking(c.tag, c.subtag))
		name := c.tag + "/" + c.subtag
		require.Equal(t, c.means.String(), u.Status.String(), name)
		require.Equal(t, c.code.String(), u.Last.Code.String(), name)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), name)
		require.EqualValues(t, 2, u.Scans, name)
		require.Equal(t, "m", u.Last.Text, name)
	}
	for _, c := range [][3]string{
		{"A tag of next year", "Beyond_001", "A tag of next year Beyond_001"}, {"DELIVERED", "", "DELIVERED"}, {"delivered", "delivered_001", "delivered delivered_001"}, {"", "", "no status"},
	} {
		u := follow(t, aftership, aftershipTracking(c[0], c[1]))
		require.Equal(t, supply.PreTransit, u.Status)
		require.Equal(t, supply.CodeUnknown, u.Last.Code)
		require.Equal(t, c[2], u.Last.Text, "the raw tag, not the courier's words")
		require.Zero(t, u.Troubles)
	}
}

func TestAfterShipsDeliveryDateIsTheCouriersBeforeAnybodyElses(t *testing.T) {
	window := func(from, to string) supply.Window {
		return supply.Window{From: utc(from + "T00:00:00Z"), To: utc(to + "T00:00:00Z"), DateOnly: true}
	}
	const (
		courier  = `"courier_estimated_delivery_date":{"estimated_delivery_date":"2026-03-10","estimated_delivery_date_min":null,"estimated_delivery_date_max":null},`
		between  = `"courier_estimated_delivery_date":{"estimated_delivery_date":"2026-03-10","estimated_delivery_date_min":"2026-03-09T08:00:00","estimated_delivery_date_max":"2026-03-12T18:00:00"},`
		expected = `"expected_delivery":"2026-03-11",`
		latest   = `"latest_estimated_delivery":{"type":"specific","source":"AfterShip AI","datetime":"2026-03-12","datetime_min":null,"datetime_max":null},`
		carriers = `"latest_estimated_delivery":{"type":"range","source":"Carrier EDD","datetime":"2026-03-12","datetime_min":"2026-03-11","datetime_max":"2026-03-13"},`
		own      = `"aftership_estimated_delivery_date":{"estimated_delivery_date":"2026-03-14","estimated_delivery_date_min":"2026-03-13","estimated_delivery_date_max":"2026-03-16","confidence_score":0.9},`
		ownDay   = `"aftership_estimated_delivery_date":{"estimated_delivery_date":"2026-03-14"},`
	)
	for _, c := range []struct {
		why, fields string
		want        supply.Window
		source      supply.ETASource
	}{
		{"all four", courier + expected + latest + own, window("2026-03-10", "2026-03-10"), supply.FromCarrier},
		{"the courier's window", between + expected, window("2026-03-09", "2026-03-12"), supply.FromCarrier},
		{"the older name", expected + latest + own, window("2026-03-11", "2026-03-11"), supply.FromCarrier},
		{"the latest", latest + own, window("2026-03-12", "2026-03-12"), supply.FromAggregator},
		{"the latest, the carrier's", carriers + own, window("2026-03-11", "2026-03-13"), supply.FromCarrier},
		{"AfterShip's own window", own, window("2026-03-13", "2026-03-16"), supply.FromAggregator},
		{"AfterShip's own day", ownDay, window("2026-03-14", "2026-03-14"), supply.FromAggregator},
		{"an instant", `"expected_delivery":"2026-03-11T18:30:00+01:00",`, supply.Window{From: utc("2026-03-11T17:30:00Z"), To: utc("2026-03-11T17:30:00Z")}, supply.FromCarrier},
		{"midnight is a day where it is written", `"expected_delivery":"2026-03-11T00:00:00+01:00",`, window("2026-03-11", "2026-03-11"), supply.FromCarrier},
		{"a time without a zone is a day", `"expected_delivery":"2026-03-11T18:30:00",`, window("2026-03-11", "2026-03-11"), supply.FromCarrier},
		{"ends exchanged", `"latest_estimated_delivery":{"datetime_min":"2026-03-13","datetime_max":"2026-03-11"},`, window("2026-03-11", "2026-03-13"), supply.FromAggregator},
		{"only the end", `"latest_estimated_delivery":{"datetime_max":"2026-03-11"},`, window("2026-03-11", "2026-03-11"), supply.FromAggregator},
		{"ends in two zones", `"latest_estimated_delivery":{"datetime_min":"2026-03-05T08:00:00+09:00","datetime_max":"2026-03-04T00:00:00-08:00"},`, window("2026-03-04", "2026-03-05"), supply.FromAggregator},
	} {
		reports, err := aftership.Parse(aftershipEvent(`{` + c.fields + `"tracking_number":"1","updated_at":"2026-03-01T00:00:00Z"}`))
		require.NoError(t, err, c.why)
		require.Equal(t, []supply.Estimate{{Window: c.want, Classifier: supply.Estimated, Source: c.source}}, reports[0].ETAs, c.why)
		require.Empty(t, reports[0].Scans)
	}
	for _, none := range []string{``, `"expected_delivery":null,"latest_estimated_delivery":null,"aftership_estimated_delivery_date":null,"courier_estimated_delivery_date":null,`,
		`"expected_delivery":"","latest_estimated_delivery":{"type":null,"source":null,"datetime":null},`} {
		reports, err := aftership.Parse(aftershipEvent(`{` + none + `"tracking_number":"1","updated_at":"2026-03-01T00:00:00Z"}`))
		require.NoError(t, err)
		require.Empty(t, reports[0].ETAs, "left out is not taken back")
	}
}

func TestAnAfterShipHistoryIsAsNewAsItsTrackingOrItsEvent(t *testing.T) {
	for _, c := range []struct{ updated, ts, want string }{
		{`"2026-03-04T05:00:00+00:00"`, `0`, "2026-03-04T05:00:00Z"},
		{`"2026-03-04T05:00:00+00:00"`, `1772614800`, "2026-03-04T09:00:00Z"},
		{`"2026-03-04T11:00:00+00:00"`, `1772614800`, "2026-03-04T11:00:00Z"},
		{`null`, `1772614800`, "2026-03-04T09:00:00Z"},
	} {
		reports, err := aftership.Parse([]byte(`{"event":"edd_revise","msg":{"tracking_number":"1","updated_at":` + c.updated + `},"ts":` + c.ts + `}`))
		require.NoError(t, err)
		require.Equal(t, utc(c.want), reports[0].Version)
		require.Equal(t, utc(c.want), reports[0].SaidAt)
	}
}

func TestWhatNoAfterShipCheckpointShowsIsTheTrackingsOwn(t *testing.T) {
	const head = `{"tracking_number":"1","updated_at":"2026-03-05T00:00:00Z",`
	for _, c := range []struct {
		why, tracking string
		want          []supply.Scan
	}{
		{"delivered without a checkpoint, as recorded", `"tag":"Delivered","subtag":"Delivered_001","subtag_message":"Delivered","checkpoints":[]}`,
			[]supply.Scan{{Status: supply.Delivered, Code: supply.CodeDelivered, At: utc("2026-03-05T00:00:00Z"), Text: "Delivered"}}},
		{"and when it was delivered", `"tag":"Delivered","shipment_delivery_date":"2026-03-04T11:00:00","checkpoints":[]}`,
			[]supply.Scan{{Status: supply.Delivered, Code: supply.StatusOnly, At: utc("2026-03-04T11:00:00Z"), Local: true}}},
		{"and where", `"tag":"Delivered","shipment_delivery_date":"2026-03-04T11:00:00+01:00","checkpoints":[]}`,
			[]supply.Scan{{Status: supply.Delivered, Code: supply.StatusOnly, At: utc("2026-03-04T10:00:00Z")}}},
		{"a return that only the flag shows", `"tag":"InTransit","return_to_sender":true,"checkpoints":[{"tag":"InTransit","checkpoint_time":"2026-03-04T10:00:00Z"}]}`,
			[]supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-04T10:00:00Z")}, {Status: supply.Returning, Code: supply.ReturnStarted, At: utc("2026-03-05T00:00:00Z")}}},
		{"a return that a checkpoint shows", `"tag":"Exception","subtag":"Exception_011","return_to_sender":true,"checkpoints":[{"tag":"Exception","subtag":"Exception_011","checkpoint_time":"2026-03-04T10:00:00Z"}]}`,
			[]supply.Scan{{Status: supply.Returned, Code: supply.CodeReturned, At: utc("2026-03-04T10:00:00Z")}}},
		{"a place of the newer versions", `"tag":"InTransit","checkpoints":[{"tag":"InTransit","city":"Essen","country_region":"DEU","postal_code":"45127"},{"tag":"InTransit","location":"Essen, hall 2"}]}`,
			[]supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly, Place: "Essen, DEU"}, {Status: supply.InTransit, Code: supply.StatusOnly, Place: "Essen, hall 2"}}},
		{"no tag", `"tag":null,"checkpoints":[]}`, []supply.Scan{}},
	} {
		reports, err := aftership.Parse(aftershipEvent(head + c.tracking))
		require.NoError(t, err, c.why)
		require.Equal(t, c.want, reports[0].Scans, c.why)
	}
}

func TestOtherCouriersNumbersOfAnAfterShipParcelLeadToIt(t *testing.T) {
	reports, err := aftership.Parse(aftershipEvent(`{"tracking_number":"1Z-9","updated_at":"2026-03-05T00:00:00Z","first_mile":{"tracking_number":"LP1"},"last_mile":{"tracking_number":"1z9"},
		"next_couriers":[{"slug":"usps","tracking_number":"94001"},{"tracking_number":"lp-1"},{"tracking_number":null},{"tracking_number":"<b>"},{}]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"LP1", "94001"}, reports[0].Also)

	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf(`{"tracking_number":"N%d"}`, i))
	}
	reports, err = aftership.Parse(aftershipEvent(`{"tracking_number":"1Z9","updated_at":"2026-03-05T00:00:00Z","next_couriers":[` + strings.Join(many, ",") + `]}`))
	require.NoError(t, err)
	require.Len(t, reports[0].Also, 8)
}

func TestWhatIsWrongWithAnAfterShipEventIsNamed(t *testing.T) {
	const good = `{"event":"tracking_update","msg":{"tracking_number":"1","updated_at":"2026-03-01T00:00:00Z","expected_delivery":"2026-03-05","tag":"Delivered","shipment_delivery_date":"2026-03-04","checkpoints":[{},{"checkpoint_time":"2026-03-01T10:00:00"}]},"ts":1772614800}`
	_, err := aftership.Parse([]byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, bad, field string }{
		{`"event":"tracking_update",`, ``, "event is required"},
		{`"updated_at":"2026-03-01T00:00:00Z"`, `"updated_at":"yesterday"`, "msg.updated_at"},
		{`"updated_at":"2026-03-01T00:00:00Z"`, `"updated_at":"2026-03-01T00:00:00"`, "msg.updated_at"},
		{`"ts":1772614800`, `"ts":-1`, "ts"},
		{`"ts":1772614800`, `"ts":1772614800000`, "ts"},
		{`"ts":1772614800`, `"ts":"now"`, "ts"},
		{`"ts":1772614800`, `"ts":1e400`, "ts"},
		{`"expected_delivery":"2026-03-05"`, `"expected_delivery":"soon"`, "msg.expected_delivery"},
		{`"expected_delivery":"2026-03-05"`, `"expected_delivery":20260305`, "expected_delivery"},
		{`"expected_delivery":"2026-03-05"`, `"latest_estimated_delivery":{"datetime_max":"2026-02-30"}`, "msg.latest_estimated_delivery"},
		{`"shipment_delivery_date":"2026-03-04"`, `"shipment_delivery_date":"04.03.2026"`, "msg.shipment_delivery_date"},
		{`"checkpoint_time":"2026-03-01T10:00:00"`, `"checkpoint_time":"1969-03-01T10:00:00"`, "msg.checkpoints[1].checkpoint_time"},
	} {
		require.Contains(t, good, c.old)
		_, err := aftership.Parse([]byte(strings.Replace(good, c.old, c.bad, 1)))
		require.True(t, fault.Is(err, fault.Invalid), c.bad)
		require.ErrorContains(t, err, c.field)
	}
	for _, bad := range []string{`{"event":"tracking_update"}`, `{"event":"edd_revise","msg":null}`, `{"event":"edd_revise","msg":[]}`,
		`{"event":"tracking_pending_time","msg":{"tracking_number":"1"}}`, `{"event":7,"msg":{}}`, `{"event":"return.approved","msg":1`} {
		unreadable(t, aftership, []byte(bad), bad)
	}
}

func TestAHostileAfterShipParcelHarmsNothing(t *testing.T) {
	body := event(t, "webhook-aftership-hostile.json")
	reports, err := aftership.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	r := reports[0]
	require.Equal(t, []string{"JD1"}, r.Also)
	require.Len(t, r.Scans, 45, "an unknown tag of the tracking beside an unknown one of a checkpoint")
	require.Equal(t, supply.Scan{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2099-01-01T00:00:00Z"), Text: "From the future derevileD", Place: "Dortmund   , " + strings.Repeat("x", 27)}, r.Scans[0])
	require.Equal(t, strings.Repeat("é", 40), r.Scans[1].Text)
	require.Equal(t, "no status", r.Scans[2].Text)
	require.Equal(t, "Quarantine Quarantine_001", r.Scans[4].Text)

	u := follow(t, aftership, body)
	require.Equal(t, supply.InTransit, u.Status)
	require.Zero(t, u.Arrived)
	require.False(t, u.Heard.After(utc("2026-03-04T06:00:00.999Z")), "not 2099")
	require.Equal(t, "1ZFBA15ABH", supply.NormalNumber(u.Number))
}
