package carrier_test

// Works by reading Ship24 bodies, ours and the example of its OpenAPI file,
// against literals. It would catch a Z believed that stands behind a local time, a
// flag that is text taken for its opposite, one bad event that takes its
// neighbours along, and Ship24's own date taken for the courier's.

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var ship24 = sampleOf("ship24", sample{
	secret: "apik_0FBA15ABC_for_webhooks", other: "another secret of 24 letters", malformed: []string{"", "fifteen of them"},
	bare: true, headers: []string{"Authorization"},
	usual: "webhook-ship24-in-transit.json", field: "trackings[0].tracker.trackingNumber",
})

func FuzzShip24Parse(f *testing.F)  { fuzzParse(f, ship24) }
func FuzzShip24Verify(f *testing.F) { fuzzVerify(f, ship24) }

func BenchmarkShip24Parse(b *testing.B) { benchmarkParse(b, "ship24", "webhook-ship24-customs.json") }

func TestShip24SendsItsSecretAsABearerToken(t *testing.T) {
	const secret = "apik_0FBA15ABC_for_webhooks"
	body := event(t, "webhook-ship24-delivered.json")
	request := signed(ship24, secret, body, now)
	require.Equal(t, "Bearer "+secret, request.Header.Get("Authorization"))
	for _, bad := range []string{secret, "bearer " + secret, "Basic " + secret, "Bearer", "Bearer ", "Bearer  " + secret, "Bearer " + secret + " "} {
		request.Header.Set("Authorization", bad)
		refused(t, ship24.Verify(request, []string{secret}, now), "")
	}
	require.NoError(t, ship24.Verify(carrier.Request{Query: url.Values{"token": {secret}}, Body: body}, []string{secret}, now), "or at the end of an address of our own")
	request = signed(ship24, secret, body, now)
	request.Query = url.Values{"token": {"another"}}
	refused(t, ship24.Verify(request, []string{secret}, now), "matches none")
	refused(t, ship24.Verify(carrier.Request{Header: http.Header{}, Body: body}, []string{secret}, now), "token of any of 1 secrets")
}

func TestShip24sOwnExampleIsDeliveredInItsLocalTime(t *testing.T) {
	body := fixture(t, "ship24/webhook.openapi-example.json")
	reports, err := ship24.Parse(body)
	require.NoError(t, err)
	arrival := utc("2025-03-04T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "9400115901047177598206", Also: []string{"9400111202544843610364"}, SaidAt: utc("2025-03-04T17:13:35Z"),
		ETAs: supply.Expect(supply.Window{From: arrival, To: arrival, DateOnly: true}),
		Scans: []supply.Scan{{ID: "ee8ebe96-4eae-4a91-9a99-8f3afa6a0f46", Status: supply.Delivered, Code: supply.CodeDelivered,
			At: utc("2025-03-04T17:12:57Z"), Local: true, Text: "Delivered to the addressee", Place: "SAN RAFAEL, CA 94901"}},
	}}, reports)
	u := anyOrder(t, ship24, body, body)
	require.Equal(t, supply.Delivered, u.Status)
	require.EqualValues(t, 1, u.Scans)
	require.Empty(t, u.Issuer)
}

func TestAShip24ParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := ship24.Parse(event(t, "webhook-ship24-in-transit.json"))
	require.NoError(t, err)
	arrival := utc("2026-03-05T00:00:00Z")
	id := func(n int) string { return fmt.Sprintf("fba15abc-0000-4000-8000-%012d", n) }
	require.Equal(t, []supply.Report{{
		Number: "1ZFBA15ABC", Also: []string{"JD0146000055"}, SaidAt: utc("2026-03-03T20:00:12.345Z"),
		ETAs: supply.Expect(supply.Window{From: arrival, To: arrival, DateOnly: true}),
		Scans: []supply.Scan{
			{ID: id(4), Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T19:10:00Z"), Text: "Arrived at the airport of destination", Place: "Köln"},
			{ID: id(3), Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-03T04:15:00Z"), Local: true, Text: "Sorted", Place: "Shanghai"},
			{ID: id(2), Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T09:40:00Z"), Text: "Collected from Lotus Kettles Ltd", Place: "Ningbo"},
			{ID: id(1), Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-02T00:00:00Z"), Local: true, Text: "Label made"},
		},
	}}, reports)
}

func TestAShip24ParcelEndsTheSameHoweverItsEventsArrive(t *testing.T) {
	// The five trackings hold eight events of one parcel, each told once or twice.
	inTransit, customs, delivered := event(t, "webhook-ship24-in-transit.json"), event(t, "webhook-ship24-customs.json"), event(t, "webhook-ship24-delivered.json")
	u := anyOrder(t, ship24, inTransit, customs)
	require.Zero(t, u.Troubles, "customs let it go, whatever is heard first")
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-06T00:00:00Z"), u.ETA.To, "what was said last")

	u = anyOrder(t, ship24, inTransit, customs, delivered, inTransit, delivered)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-05T10:04:00Z"), u.Arrived)
	require.EqualValues(t, 8, u.Scans)
	require.Zero(t, u.Troubles)
}

func TestWhatCannotBeReadOfAShip24PushTakesNothingAlong(t *testing.T) {
	reports, err := ship24.Parse(event(t, "webhook-ship24-some-events-unreadable.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, `trackings[0].events[1].occurrenceDatetime "half past nine"`)
	require.ErrorContains(t, err, "5 of 10 events")
	require.Len(t, reports, 3)
	require.Equal(t, []string{"1ZFBA15ABG", "1ZFBA15ABF", "1ZFBA15ABE"}, []string{reports[0].Number, reports[1].Number, reports[2].Number})
	require.Len(t, reports[0].Scans, 2)
	require.Equal(t, supply.OutForDelivery, reports[0].Scans[1].Status)
	require.Empty(t, reports[1].ETAs)
	require.Zero(t, reports[1].SaidAt)
	require.Len(t, reports[2].Scans, 4)

	reports, err = ship24.Parse([]byte(`{"trackings":[]}`))
	require.NoError(t, err)
	require.Empty(t, reports)
	for _, bad := range []string{`{"trackings":null}`, `{"trackings":{}}`, `{"tracking":[]}`, `{"trackings":[{"tracker":{"trackingNumber":"1"}}`} {
		unreadable(t, ship24, []byte(bad), bad)
	}
	for _, c := range []struct{ tracking, field string }{
		{`{}`, "trackings[1].tracker.trackingNumber is required"},
		{`{"tracker":{"trackingNumber":{}}}`, "element 1"},
		{`{"tracker":{"trackingNumber":"2"},"metadata":{"generatedAt":"2026-03-05"}}`, "trackings[1].metadata.generatedAt"},
		{`{"tracker":{"trackingNumber":"2"},"shipment":{"delivery":{"estimatedDeliveryDate":"2026-02-30"}}}`, "trackings[1].shipment.delivery.estimatedDeliveryDate"},
		{`{"tracker":{"trackingNumber":"2"},"shipment":{"delivery":{"courierEstimatedDeliveryDate":{"to":"soon"}}}}`, "trackings[1].shipment.delivery.courierEstimatedDeliveryDate"},
		{`{"tracker":{"trackingNumber":"2"},"events":[{"datetime":"never"}]}`, "trackings[1].events[0].datetime"},
		{`{"tracker":{"trackingNumber":"2"},"events":{}}`, "element 1"},
	} {
		reports, err := ship24.Parse([]byte(`{"trackings":[{"tracker":{"trackingNumber":"1"}},` + c.tracking + `,{"tracker":{"trackingNumber":3}}]}`))
		require.True(t, fault.Is(err, fault.Invalid), c.tracking)
		require.ErrorContains(t, err, c.field)
		require.Equal(t, "1", reports[0].Number)
		require.Equal(t, "3", reports[len(reports)-1].Number, "a number that is one")
	}
}

func TestAShip24EventIsDatedWhereItOccurred(t *testing.T) {
	for _, c := range []struct {
		event string
		want  string
		local bool
	}{
		{`"occurrenceDatetime":"2026-03-04T05:48:00","datetime":"2026-03-04T05:48:00.000Z","utcOffset":null`, "2026-03-04T05:48:00Z", true},
		{`"occurrenceDatetime":"2026-03-04T05:48:00","datetime":"2026-03-04T05:48:00.000Z","utcOffset":"null,"`, "2026-03-04T05:48:00Z", true},
		{`"occurrenceDatetime":"2026-03-04T05:48:00","utcOffset":"+01:00"`, "2026-03-04T04:48:00Z", false},
		{`"occurrenceDatetime":"2026-03-04T05:48:00","utcOffset":"-0530"`, "2026-03-04T11:18:00Z", false},
		{`"occurrenceDatetime":"2026-03-04T05:48:00","utcOffset":"+01"`, "2026-03-04T04:48:00Z", false},
		{`"occurrenceDatetime":"2026-03-04T05:48:00","utcOffset":"Z"`, "2026-03-04T05:48:00Z", false},
		{`"occurrenceDatetime":"2026-03-04T05:48:00+02:00","utcOffset":"+01:00"`, "2026-03-04T03:48:00Z", false},
		{`"occurrenceDatetime":"2026-03-04T05:48:00.000Z"`, "2026-03-04T05:48:00Z", false},
		{`"occurrenceDatetime":"2026-03-04"`, "2026-03-04T00:00:00Z", true},
		{`"occurrenceDatetime":"2026-03-04T00:00:00","utcOffset":"+01:00","hasNoTime":true`, "2026-03-03T23:00:00Z", true},
		{`"occurrenceDatetime":"2026-03-04T00:00:00+01:00","hasNoTime":"true,"`, "2026-03-03T23:00:00Z", true},
		{`"occurrenceDatetime":"2026-03-04T05:48:00+01:00","hasNoTime":"false,"`, "2026-03-04T04:48:00Z", false},
		{`"occurrenceDatetime":null,"datetime":"2026-03-04T05:48:00.000Z"`, "2026-03-04T05:48:00Z", true},
		{`"datetime":"2026-03-04T05:48:00.000Z","utcOffset":"+01:00"`, "2026-03-04T05:48:00Z", false},
		{`"occurrenceDatetime":"","datetime":null,"hasNoTime":true`, "", false},
	} {
		reports, err := ship24.Parse([]byte(`{"trackings":[{"tracker":{"trackingNumber":"1"},"events":[{` + c.event + `}]}]}`))
		require.NoError(t, err, c.event)
		s := reports[0].Scans[0]
		if c.want == "" {
			require.Zero(t, s.At)
		} else {
			require.Equal(t, utc(c.want), s.At, c.event)
		}
		require.Equal(t, c.local, s.Local, c.event)
	}
}

func TestAShip24ETAIsTheCouriersBeforeTheirs(t *testing.T) {
	day := func(s string) supply.Window {
		return supply.Window{From: utc(s + "T00:00:00Z"), To: utc(s + "T00:00:00Z"), DateOnly: true}
	}
	for _, c := range []struct {
		delivery string
		want     supply.Window
		source   supply.ETASource
	}{
		{`{"estimatedDeliveryDate":"2026-03-09T18:00:00","courierEstimatedDeliveryDate":{"from":"2026-03-05T08:00:00","to":"2026-03-05T18:00:00"}}`, day("2026-03-05"), supply.FromCarrier},
		{`{"estimatedDeliveryDate":"2026-03-09","courierEstimatedDeliveryDate":{"from":null,"to":"2026-03-05"}}`, day("2026-03-05"), supply.FromCarrier},
		{`{"estimatedDeliveryDate":"2026-03-09","courierEstimatedDeliveryDate":{"from":null,"to":null}}`, day("2026-03-09"), supply.FromAggregator},
		{`{"estimatedDeliveryDate":"2026-03-09T18:00:00","courierEstimatedDeliveryDate":null}`, day("2026-03-09"), supply.FromAggregator},
		{`{"courierEstimatedDeliveryDate":{"from":"2026-03-05T08:00:00Z","to":"2026-03-05T18:00:00+01:00"}}`, supply.Window{From: utc("2026-03-05T08:00:00Z"), To: utc("2026-03-05T17:00:00Z")}, supply.FromCarrier},
	} {
		reports, err := ship24.Parse([]byte(`{"trackings":[{"tracker":{"trackingNumber":"1"},"shipment":{"delivery":` + c.delivery + `}}]}`))
		require.NoError(t, err, c.delivery)
		require.Equal(t, []supply.Estimate{{Window: c.want, Classifier: supply.Estimated, Source: c.source}}, reports[0].ETAs, c.delivery)
	}
	for _, none := range []string{`null`, `{}`, `{"estimatedDeliveryDate":null,"courierEstimatedDeliveryDate":{}}`} {
		reports, err := ship24.Parse([]byte(`{"trackings":[{"tracker":{"trackingNumber":"1"},"shipment":{"delivery":` + none + `}}]}`))
		require.NoError(t, err)
		require.Empty(t, reports[0].ETAs)
	}
}

func TestShip24sMilestonesAndCodesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		milestone, code string
		means           supply.TrackStatus
		is              supply.TrackCode
		troubles        supply.UnitTrouble
	}{
		{"pending", "", supply.PreTransit, supply.TrackingStopped, 0},
		{"info_received", "", supply.PreTransit, supply.StatusOnly, 0},
		{"in_transit", "", supply.InTransit, supply.StatusOnly, 0},
		{"out_for_delivery", "", supply.OutForDelivery, supply.StatusOnly, 0},
		{"failed_attempt", "", supply.DeliveryAttempted, supply.StatusOnly, 0},
		{"available_for_pickup", "", supply.AvailableForPickup, supply.StatusOnly, 0},
		{"delivered", "", supply.Delivered, supply.StatusOnly, 0},
		{"exception", "", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"info_received", "data_order_created", supply.PreTransit, supply.InfoReceived, 0},
		{"exception", "data_order_cancelled", supply.TrackCancelled, supply.CodeCancelled, 0},
		{"in_transit", "data_delivery_proposed", supply.PreTransit, supply.CodeInfo, 0},
		{"in_transit", "data_delivery_decided", supply.PreTransit, supply.AppointmentSet, 0},
		{"in_transit", "transit_handover", supply.InTransit, supply.PickedUp, 0},
		{"in_transit", "transit_origin_country_departure", supply.InTransit, supply.Departed, 0},
		{"in_transit", "destination_arrival", supply.InTransit, supply.ArrivedAt, 0},
		{"in_transit", "customs_received", supply.InTransit, supply.CustomsEntered, 0},
		{"exception", "customs_exception", supply.Exception, supply.CustomsHold, supply.UnitCustoms},
		{"exception", "customs_rejected", supply.Exception, supply.CustomsHold, supply.UnitCustoms},
		{"in_transit", "customs_cleared", supply.InTransit, supply.CustomsReleased, 0},
		{"available_for_pickup", "delivery_available_for_pickup", supply.AvailableForPickup, supply.Available, 0},
		{"out_for_delivery", "delivery_out_for_delivery", supply.OutForDelivery, supply.CodeOutForDelivery, 0},
		{"failed_attempt", "delivery_attempted", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, 0},
		{"exception", "delivery_exception", supply.Exception, supply.StatusOnly, supply.UnitHeld},
		{"exception", "delivery_refused", supply.Exception, supply.Refused, supply.UnitRefused},
		{"delivered", "delivery_delivered", supply.Delivered, supply.CodeDelivered, 0},
		{"exception", "exception_return", supply.Returning, supply.ReturnStarted, supply.UnitReturning},
		{"exception", "exception_lost", supply.Exception, supply.Lost, supply.UnitLost},
		{"exception", "exception_discarded", supply.Exception, supply.Lost, supply.UnitLost},
		{"delivered", "a code of next year", supply.Delivered, supply.StatusOnly, 0},
		{"a milestone of next year", "exception_lost", supply.Exception, supply.Lost, supply.UnitLost},
	} {
		name := c.milestone + "/" + c.code
		u := follow(t, ship24, ship24Push(c.milestone, c.code))
		require.Equal(t, c.means.String(), u.Status.String(), name)
		require.Equal(t, c.is.String(), u.Last.Code.String(), name)
		require.Equal(t, c.troubles.String(), u.Troubles.String(), name)
		require.EqualValues(t, 2, u.Scans, name)
		require.Equal(t, "m", u.Last.Text, name)
	}
	for _, c := range [][3]string{{"teleported", "beamed", "teleported beamed"}, {"Delivered", "", "Delivered"}, {"", "", "no status"}} {
		u := follow(t, ship24, ship24Push(c[0], c[1]))
		require.Equal(t, supply.PreTransit, u.Status, c[0])
		require.Equal(t, supply.CodeUnknown, u.Last.Code)
		require.Equal(t, c[2], u.Last.Text)
	}
}

// ship24Push has one event of the milestone and code, before a first.
func ship24Push(milestone, code string) []byte {
	return fmt.Appendf(nil, `{"trackings":[{"tracker":{"trackingNumber":"1Z9"},"events":[
		{"eventId":"2","status":"m","occurrenceDatetime":"2026-03-04T10:00:00Z","statusMilestone":%q,"statusCode":%q},
		{"eventId":"1","occurrenceDatetime":"2026-03-01T10:00:00Z","statusMilestone":"info_received","statusCode":null}]}]}`, milestone, code)
}

func TestAHostileShip24PushHarmsNothing(t *testing.T) {
	body := event(t, "webhook-ship24-hostile.json")
	reports, err := ship24.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 1)
	r := reports[0]
	require.Equal(t, []string{"123456789012", "true"}, r.Also)
	require.Len(t, r.Scans, 34)
	require.Equal(t, supply.Scan{ID: "17", Status: supply.TrackUnknown, Code: supply.CodeUnknown, At: utc("2099-01-01T00:00:00Z"), Text: "beamed null,", Place: "Dortmund  " + strings.Repeat("é", 15)}, r.Scans[0])
	require.Equal(t, "false", r.Scans[1].Text, "a milestone that is no text")
	require.True(t, r.Scans[1].Local)
	require.Equal(t, "no status", r.Scans[2].Text)

	u := follow(t, ship24, body)
	require.Equal(t, supply.InTransit, u.Status)
	require.Zero(t, u.Arrived)
	require.Zero(t, u.Troubles)
	require.False(t, u.Heard.After(utc("2026-12-01T00:01:00Z")), "not 2099")
}
