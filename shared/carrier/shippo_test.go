package carrier_test

// Works by reading Shippo bodies, ours, one recorded and one of Shippo's pages,
// against literals, and by offering every mixture of signature and token. It
// would catch a token that passes where a signature is due, a scan counted again
// because its object_id changed, a local time taken for UTC, and a substatus that
// outweighs the status beside it.

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var shippo = sampleOf("shippo", sample{
	secret: "hmac:the key of Shippo's support", other: "hmac:another key", malformed: []string{"", "hmac:", "too short"}, timed: true,
	headers: []string{"Shippo-Auth-Signature"},
	usual:   "webhook-shippo-in-transit.json", field: "data.tracking_number", irrelevant: "webhook-shippo-label-bought.json",
})

func FuzzShippoParse(f *testing.F)  { fuzzParse(f, shippo) }
func FuzzShippoVerify(f *testing.F) { fuzzVerify(f, shippo) }

func BenchmarkShippoParse(b *testing.B) { benchmarkParse(b, "shippo", "webhook-shippo-delivered.json") }

// The value is a literal, computed with openssl; Shippo publishes no vector.
func TestShipposSignatureIsTheHexHMACOfTheTimeAndTheBody(t *testing.T) {
	const secret, genuine = "hmac:the key of Shippo's support", "t=1772625600,v1=ae6b70831f51c07f72aeaf1a2e7e5233505bd9c2f02a43380b5a6fc5b2ed1c99"
	body := event(t, "webhook-shippo-held.json")
	at := time.Unix(1772625600, 0)
	request := carrier.Request{Header: http.Header{"Shippo-Auth-Signature": {genuine}}, Body: body}
	require.NoError(t, shippo.Verify(request, []string{secret}, at))
	require.NoError(t, shippo.Verify(request, []string{secret}, at.Add(5*time.Minute)))
	require.NoError(t, shippo.Verify(request, []string{secret}, at.Add(-5*time.Minute)))
	require.Equal(t, genuine, signed(shippo, secret, body, at).Header.Get("Shippo-Auth-Signature"))

	refused(t, shippo.Verify(request, []string{secret}, at.Add(5*time.Minute+time.Second)), "old")
	refused(t, shippo.Verify(request, []string{secret}, at.Add(-5*time.Minute-time.Second)), "old")
	for _, bad := range []string{
		genuine[len("t="):], "t=" + genuine, genuine[len("t=1772625600,"):], genuine[:len("t=1772625600")], "t=1772625600", "t=,v1=" + genuine[len("t=1772625600,v1="):], "t=1772625601" + genuine[len("t=1772625600"):],
		"v1=" + genuine[len("t=1772625600,v1="):] + ",t=1772625600", genuine + ",v1=0", strings.Replace(genuine, ",", ", ", 1), strings.Replace(genuine, "v1", "v0", 1),
		strings.Replace(genuine, "t=", "t=+", 1), strings.Replace(genuine, "t=", "t=-", 1), strings.Replace(genuine, "1772625600", "99999999999999999999", 1),
	} {
		request.Header["Shippo-Auth-Signature"] = []string{bad}
		refused(t, shippo.Verify(request, []string{secret}, at), "matches none of 1 secrets")
	}
	request = carrier.Request{Header: http.Header{"Shippo-Signature": {genuine}, "Shippo-Webhook-Signature": {genuine}}, Body: body}
	refused(t, shippo.Verify(request, []string{secret}, at), "exactly one is needed")
}

func TestAShippoSourceHasATokenOrASignature(t *testing.T) {
	const token, key = "0123456789abcdef0123456789abcdef", "hmac:the key of Shippo's support"
	body := event(t, "webhook-shippo-in-transit.json")
	inPath := signed(shippo, token, body, now)
	require.Equal(t, token, inPath.Tail)
	require.Empty(t, inPath.Header.Get("Shippo-Auth-Signature"))
	inQuery := carrier.Request{Query: url.Values{"token": {token}}, Body: body}
	sealed := signed(shippo, key, body, now)
	require.Empty(t, sealed.Tail)
	both := sealed
	both.Tail = token

	for _, request := range []carrier.Request{inPath, inQuery, both} {
		require.NoError(t, shippo.Verify(request, []string{token}, now))
		require.NoError(t, shippo.Verify(request, []string{"ffffffffffffffffffffffffffffffff", token}, now), "during a rotation")
		refused(t, shippo.Verify(request, []string{"ffffffffffffffffffffffffffffffff"}, now), "matches none of 1 secrets")
	}
	refused(t, shippo.Verify(sealed, []string{token}, now), "token of any of 1 secrets")
	refused(t, shippo.Verify(sealed, nil, now), "0 secrets")

	for _, request := range []carrier.Request{sealed, both} {
		require.NoError(t, shippo.Verify(request, []string{key}, now))
		require.NoError(t, shippo.Verify(request, []string{token, key}, now))
	}
	for _, request := range []carrier.Request{inPath, inQuery} {
		refused(t, shippo.Verify(request, []string{key}, now), "Shippo-Auth-Signature")
		refused(t, shippo.Verify(request, []string{token, key}, now), "Shippo-Auth-Signature")
	}
	for _, given := range []string{key, strings.TrimPrefix(key, "hmac:"), "hmac:"} {
		refused(t, shippo.Verify(carrier.Request{Tail: given, Body: body}, []string{key}, now), "Shippo-Auth-Signature")
	}
	require.NoError(t, shippo.Verify(signed(shippo, shippo.Secret([]byte("0123456789abcdef0123456789abcdef")), body, now), []string{shippo.Secret([]byte("0123456789abcdef0123456789abcdef"))}, now))
}

func TestNoShippoTokenIsGuessed(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef"
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for range *mutants {
		request := carrier.Request{Tail: string(change(random, []byte(token)))}
		if random.IntN(2) == 0 {
			request = carrier.Request{Query: url.Values{"token": {request.Tail}}}
		}
		require.Error(t, shippo.Verify(request, []string{token}, now), "%+v", request)
	}
}

func TestARecordedShippoParcelHasElevenScansHoweverOftenItIsTold(t *testing.T) {
	track := fixture(t, "shippo/track.cassette.test_create.0.json")
	body := []byte(`{"event":"track_updated","test":false,"data":` + string(track) + `}`)
	reports, err := shippo.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	r := reports[0]
	require.Equal(t, []any{"9205590164917337534322", "usps", true}, []any{r.Number, r.Issuer, r.Snapshot})
	require.Equal(t, utc("2016-12-09T01:40:17.515Z"), r.Version)
	require.Equal(t, r.Version, r.SaidAt)
	require.Equal(t, supply.Expect(supply.Window{From: utc("2016-12-08T00:00:00Z"), To: utc("2016-12-08T00:00:00Z"), DateOnly: true}), r.ETAs)
	scan := func(status supply.TrackStatus, at, text, place string) supply.Scan {
		return supply.Scan{Status: status, Code: supply.StatusOnly, At: utc(at), Local: true, Text: supply.Words(text, supply.MaxScanText), Place: place}
	}
	require.Equal(t, []supply.Scan{
		scan(supply.TrackUnknown, "2016-12-07T00:00:00Z", "The USPS has received the electronic shipment information and is awaiting the item.", ""),
		scan(supply.TrackUnknown, "2016-12-07T02:00:00Z", "The shipping label has been created and the USPS is awaiting the item.", "San Francisco, CA, US"),
		scan(supply.InTransit, "2016-12-07T19:04:00Z", "Your shipment has been accepted at the USPS origin facility.", "San Francisco, CA, US"),
		scan(supply.InTransit, "2016-12-07T20:19:00Z", "Your shipment has arrived at the USPS origin facility.", "San Francisco, CA, US"),
		scan(supply.InTransit, "2016-12-07T21:45:00Z", "Your shipment has departed the USPS facility.", "San Francisco, CA, US"),
		scan(supply.InTransit, "2016-12-07T22:05:00Z", "Your shipment has arrived at the USPS facility.", "Oakland, CA, US"),
		scan(supply.InTransit, "2016-12-08T03:25:00Z", "Your shipment has departed the USPS facility.", "Oakland, CA, US"),
		scan(supply.InTransit, "2016-12-08T06:40:00Z", "Your shipment has arrived at the post office.", "Berkeley, CA, US"),
		scan(supply.InTransit, "2016-12-08T10:19:00Z", "Your shipment has been sorted completely.", "Berkeley, CA, US"),
		scan(supply.InTransit, "2016-12-08T10:29:00Z", "Your shipment is out for delivery.", "Berkeley, CA, US"),
		scan(supply.Delivered, "2016-12-08T15:19:00Z", "Your shipment has been delivered at the destination mailbox.", "Berkeley, CA, US"),
	}, r.Scans)

	// The same Track as a second read told it: every object_id is another.
	n := 0
	again := regexp.MustCompile(`"object_id": "[0-9a-f]{32}"`).ReplaceAllFunc(body, func([]byte) []byte { n++; return fmt.Appendf(nil, `"object_id": "%032x"`, n) })
	require.Equal(t, 12, n)
	u := anyOrder(t, shippo, body, again, again)
	require.EqualValues(t, 11, u.Scans, "not 22")
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, "USPS", u.Issuer)
	require.Equal(t, visible(follow(t, shippo, body)), visible(u))
}

func TestShipposOwnExampleIsDeliveredWhateverItsSubstatus(t *testing.T) {
	body := fixture(t, "shippo/webhook.track_updated.docs-example.json")
	reports, err := shippo.Parse(body)
	require.NoError(t, err)
	at, said, arrival := utc("2016-07-23T00:00:00Z"), utc("2019-08-24T14:15:22Z"), utc("2019-08-24T14:15:22Z")
	require.Equal(t, []supply.Report{{Number: "9205590164917312751089", Issuer: "usps", Snapshot: true, Version: said, SaidAt: said,
		ETAs: supply.Expect(supply.Window{From: arrival, To: arrival}),
		Scans: []supply.Scan{{Status: supply.Delivered, Code: supply.StatusOnly, At: at, Local: true,
			Text: "Your shipment has been delivered at the destination mailbox.", Place: "Las Vegas, NV, US"}}}}, reports)
	require.Equal(t, supply.Delivered, follow(t, shippo, body).Status)
}

func TestAShippoParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := shippo.Parse(event(t, "webhook-shippo-in-transit.json"))
	require.NoError(t, err)
	said, arrival := utc("2026-03-04T05:02:10.5Z"), utc("2026-03-05T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "1ZFBA15ABC", Issuer: "ups", Snapshot: true, Version: said, SaidAt: said,
		ETAs: supply.Expect(supply.Window{From: arrival, To: arrival, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-02T08:02:00Z"), Local: true, Text: "Label made, parcel awaited"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T17:40:00Z"), Local: true, Text: "Collected from Lotus Kettles Ltd", Place: "Ningbo, ZJ, CN"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-03T04:15:00Z"), Local: true, Text: "Left the export hub", Place: "Shanghai, SH, CN"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T05:48:00Z"), Local: true, Text: "At the sorting hall", Place: "Dortmund, NW, DE"},
		},
	}}, reports)
}

func TestAShippoParcelEndsTheSameHoweverItsEventsArrive(t *testing.T) {
	inTransit, held, delivered := event(t, "webhook-shippo-in-transit.json"), event(t, "webhook-shippo-held.json"), event(t, "webhook-shippo-delivered.json")
	u := anyOrder(t, shippo, inTransit, held)
	require.Equal(t, supply.UnitHeld, u.Troubles)
	require.Equal(t, supply.Exception, u.Status)
	require.Equal(t, utc("2026-03-05T00:00:00Z"), u.ETA.To, "an ETA that is left out is not taken back")

	u = anyOrder(t, shippo, inTransit, held, delivered)
	require.Equal(t, supply.Delivered, u.Status)
	require.Zero(t, u.Troubles)
	require.EqualValues(t, 6, u.Scans, "the newest history, from which the hold is gone")

	u = anyOrder(t, shippo, inTransit, event(t, "webhook-shippo-returned.json"))
	require.Equal(t, supply.Returned, u.Status)
	require.Zero(t, u.Arrived)
}

func TestShipposStatusesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		status, substatus string
		means             supply.TrackStatus
		code              supply.TrackCode
		troubles          supply.UnitTrouble
	}{
		{"UNKNOWN", "", supply.PreTransit, supply.StatusOnly, 0},
		{"UNKNOWN", "other", supply.PreTransit, supply.StatusOnly, 0},
		{"PRE_TRANSIT", "", supply.PreTransit, supply.StatusOnly, 0},
		{"PRE_TRANSIT", "information_received", supply.PreTransit, supply.InfoReceived, 0},
		{"TRANSIT", "", supply.InTransit, supply.StatusOnly, 0},
		{"TRANSIT", "address_issue", supply.Exception, supply.AddressIssue, 0},
		{"TRANSIT", "contact_carrier", supply.Exception, supply.Held, supply.UnitHeld},
		{"TRANSIT", "delayed", supply.Exception, supply.Delayed, 0},
		{"TRANSIT", "delivery_attempted", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"TRANSIT", "delivery_rescheduled", supply.PreTransit, supply.Rescheduled, 0},
		{"TRANSIT", "delivery_scheduled", supply.PreTransit, supply.AppointmentSet, 0},
		{"TRANSIT", "location_inaccessible", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"TRANSIT", "notice_left", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"TRANSIT", "out_for_delivery", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"TRANSIT", "package_accepted", supply.InTransit, supply.PickedUp, 0},
		{"TRANSIT", "package_arrived", supply.InTransit, supply.ArrivedAt, 0},
		{"TRANSIT", "package_damaged", supply.Exception, supply.Damaged, supply.UnitDamaged},
		{"TRANSIT", "package_departed", supply.InTransit, supply.Departed, 0},
		{"TRANSIT", "package_forwarded", supply.InTransit, supply.StatusOnly, 0},
		{"TRANSIT", "package_held", supply.Exception, supply.Held, supply.UnitHeld},
		{"TRANSIT", "package_processed", supply.InTransit, supply.HubScan, 0},
		{"TRANSIT", "package_processing", supply.InTransit, supply.HubScan, 0},
		{"TRANSIT", "pickup_available", supply.AvailableForPickup, supply.Available, 0},
		{"TRANSIT", "reschedule_delivery", supply.Exception, supply.Held, supply.UnitHeld},
		{"TRANSIT", "a substatus of next year", supply.InTransit, supply.StatusOnly, 0},
		{"TRANSIT", "delivered", supply.InTransit, supply.StatusOnly, 0},
		{"DELIVERED", "", supply.Delivered, supply.StatusOnly, 0},
		{"DELIVERED", "delivered", supply.Delivered, supply.CodeDelivered, 0},
		{"DELIVERED", "package_lost", supply.Delivered, supply.StatusOnly, 0},
		{"RETURNED", "", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"RETURNED", "return_to_sender", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"RETURNED", "package_unclaimed", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"FAILURE", "", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"FAILURE", "package_undeliverable", supply.Exception, supply.Held, supply.UnitHeld},
		{"FAILURE", "package_disposed", supply.Exception, supply.Lost, supply.UnitLost},
		{"FAILURE", "package_lost", supply.Exception, supply.Lost, supply.UnitLost},
	} {
		name := c.status + "/" + c.substatus
		u := follow(t, shippo, shippoTrack(c.status, c.substatus))
		require.Equal(t, c.means.String(), u.Status.String(), name)
		require.Equal(t, c.code.String(), u.Last.Code.String(), name)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), name)
		require.EqualValues(t, 2, u.Scans, name)
		require.Equal(t, "m", u.Last.Text, name)
	}
	for _, c := range [][3]string{{"QUARANTINED", "delivered", "QUARANTINED delivered"}, {"delivered", "", "delivered"}, {"", "", "no status"}, {"DELIVERED/delivered", "", "DELIVERED/delivered"}, {"TRANSIT/", "", "TRANSIT/"}} {
		u := follow(t, shippo, shippoTrack(c[0], c[1]))
		require.Equal(t, supply.PreTransit, u.Status, c[0])
		require.Equal(t, supply.CodeUnknown, u.Last.Code)
		require.Equal(t, c[2], u.Last.Text)
	}
}

// shippoTrack has one scan of the status and substatus, after a first.
func shippoTrack(status, substatus string) []byte {
	return fmt.Appendf(nil, `{"event":"track_updated","data":{"tracking_number":"1Z9","carrier":"ups","tracking_history":[
		{"status":"PRE_TRANSIT","status_date":"2026-03-01T10:00:00Z","object_created":"2026-03-01T11:00:00Z"},
		{"status":%q,"substatus":{"code":%q,"text":"s"},"status_details":"m","status_date":"2026-03-04T10:00:00Z","object_created":"2026-03-04T11:00:00Z"}]}}`, status, substatus)
}

func TestAShippoStatusThatNoScanShowsIsTheTracksOwn(t *testing.T) {
	const head = `{"event":"track_updated","data":{"tracking_number":"1","carrier":"ups",`
	for _, c := range []struct {
		why, track string
		want       []supply.Scan
		version    string
	}{
		{"no history", `"tracking_history":[],"tracking_status":{"status":"TRANSIT","status_date":"2026-03-04T10:00:00Z","object_updated":"2026-03-04T11:00:00Z"}}}`,
			[]supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-04T10:00:00Z"), Local: true}}, "2026-03-04T11:00:00Z"},
		{"a scan shows it", `"tracking_history":[{"status":"TRANSIT","object_updated":"2026-03-04T12:00:00Z"}],"tracking_status":{"status":"TRANSIT","object_created":"2026-03-04T11:00:00Z"}}}`,
			[]supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly}}, "2026-03-04T12:00:00Z"},
		{"nothing known", `"tracking_history":null,"tracking_status":null}}`, []supply.Scan{}, ""},
		{"newest first", `"tracking_history":[{"status":"TRANSIT","status_date":"2026-03-04T10:00:00Z","object_created":"2026-03-04T11:00:00Z"},{"status":"PRE_TRANSIT","status_date":"2026-03-01T10:00:00Z","object_created":"2026-03-01T11:00:00Z","object_updated":"2026-03-01T12:00:00Z"}]}}`,
			[]supply.Scan{{Status: supply.PreTransit, Code: supply.StatusOnly, At: utc("2026-03-01T10:00:00Z"), Local: true}, {Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-04T10:00:00Z"), Local: true}}, "2026-03-04T11:00:00Z"},
	} {
		reports, err := shippo.Parse([]byte(head + c.track))
		require.NoError(t, err, c.why)
		require.Equal(t, c.want, reports[0].Scans, c.why)
		if c.version == "" {
			require.Zero(t, reports[0].Version)
		} else {
			require.Equal(t, utc(c.version), reports[0].Version, c.why)
		}
		require.Empty(t, reports[0].ETAs)
	}
}

func TestAShippoTransactionIsKeptForALook(t *testing.T) {
	_, err := shippo.Parse(event(t, "webhook-shippo-transaction-unreadable.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "data.carrier is required")
	_, err = shippo.Parse([]byte(`{"event":"track_updated","data":{"tracking_number":"1Z9","tracking_status":"TRANSIT","rate":"7"}}`))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "tracking_status")
}

func TestWhatIsWrongWithAShippoEventIsNamed(t *testing.T) {
	const good = `{"event":"track_updated","data":{"tracking_number":"1","carrier":"ups","eta":"2026-03-05T00:00:00Z","tracking_status":{"status_date":"2026-03-01T10:00:00Z"},"tracking_history":[{},{"status_date":"2026-03-02T10:00:00Z","object_created":"2026-03-03T10:00:00Z","object_updated":"2026-03-04T10:00:00Z"}]}}`
	_, err := shippo.Parse([]byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, bad, field string }{
		{`"event":"track_updated",`, ``, "event is required"},
		{`"carrier":"ups",`, ``, "data.carrier"},
		{`2026-03-05T00:00:00Z`, `soon`, "data.eta"},
		{`2026-03-01T10:00:00Z`, `1900-01-01T00:00:00Z`, "data.tracking_status.status_date"},
		{`2026-03-02T10:00:00Z`, `2026-03-32`, "data.tracking_history[1].status_date"},
		{`2026-03-03T10:00:00Z`, `2026-03-03`, "data.tracking_history[1].object_created"},
		{`2026-03-04T10:00:00Z`, `yesterday`, "data.tracking_history[1].object_updated"},
	} {
		require.Equal(t, 1, strings.Count(good, c.old))
		_, err := shippo.Parse([]byte(strings.Replace(good, c.old, c.bad, 1)))
		require.True(t, fault.Is(err, fault.Invalid), c.bad)
		require.ErrorContains(t, err, c.field)
	}
	for _, bad := range []string{`{"event":"track_updated"}`, `{"event":"track_updated","data":null}`, `{"event":"track_updated","data":[]}`, `{"event":1,"data":{}}`, `{"event":"batch_created","data":1`} {
		unreadable(t, shippo, []byte(bad), bad)
	}
}

func TestAHostileShippoParcelHarmsNothing(t *testing.T) {
	body := event(t, "webhook-shippo-hostile.json")
	reports, err := shippo.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	scans := reports[0].Scans
	require.Len(t, scans, 45)
	require.Equal(t, supply.Scan{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-04T04:00:00Z"), Local: true, Text: "<b>Faster retsaF</b>", Place: "Dortmund " + strings.Repeat("é", 15)}, scans[0])
	require.Equal(t, "QUARANTINED delivered", scans[1].Text)
	require.True(t, slices.ContainsFunc(scans, func(s supply.Scan) bool { return s.Text == "no status" }))

	u := follow(t, shippo, body)
	require.Zero(t, u.Arrived)
	require.Zero(t, u.Troubles)
	require.False(t, u.Heard.After(utc("2026-03-05T00:00:00Z")), "not 2099")
	require.Equal(t, "UPS; DROP TABLE UNITS", u.Issuer)
}
