package carrier_test

// Works by reading DHL's two kinds of tracking answers, of our own writing, and by
// following what they say. It would catch a "unknown" taken for a delay, a parcel
// that came back taken for one that arrived, a local time read as if it were UTC,
// and a history that is read from its end.

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

var dhl = sampleOf("dhl", sample{
	secret: "feed0000feed0000feed0000feed0000", other: "beef0000beef0000beef0000beef0000", malformed: []string{"", "fifteen letters"},
	bare: true, tail: true,
	usual: "webhook-dhl-delivered.json", number: "GM6051123400000017", field: "shipments[0].id",
})

func FuzzDHLParse(f *testing.F)          { fuzzParse(f, dhl) }
func FuzzDHLVerify(f *testing.F)         { fuzzVerify(f, dhl) }
func BenchmarkDHLParse(b *testing.B)     { benchmarkParse(b, "dhl", "webhook-dhl-in-transit.json") }
func BenchmarkDHLShipments(b *testing.B) { benchmarkParse(b, "dhl", "webhook-dhl-delivered.json") }

func TestDHLTakesNothingButStatus200WithinFiveSeconds(t *testing.T) {
	require.Equal(t, http.StatusOK, dhl.Success)
	require.Equal(t, 5*time.Second, dhl.Deadline)
	require.Nil(t, dhl.Answer)
}

func TestAPackageOfDHLeCommerceIsReadWhole(t *testing.T) {
	got, err := dhl.Parse(event(t, "webhook-dhl-in-transit.json"))
	require.NoError(t, err)
	said, eta := utc("2026-03-04T15:20:11Z"), utc("2026-03-06T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "420100019374869903500000000017", Also: []string{"4231402267890ABD", "KETTLES-88-3", "9374869903500000000017"},
		Snapshot: true, Version: said, SaidAt: said, ETAs: supply.Expect(supply.Window{From: eta, To: eta, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-01T15:00:00Z"), Text: "LABEL CREATED"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T17:30:00Z"), Local: true, Text: "PACKAGE RECEIVED AT DHL ECOMMERCE DISTRIBUTION CENTER", Place: "Dallas, TX, US"},
			{Status: supply.InTransit, Code: supply.HubScan, At: utc("2026-03-03T02:44:00Z"), Text: "PROCESSED, BAGGED", Place: "Melrose Park, IL, US"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T07:11:09Z"), Text: "ARRIVAL DESTINATION DHL ECOMMERCE FACILITY", Place: "Edison, NJ, US"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-04T15:05:41Z"), Text: "TENDERED TO DELIVERY SERVICE PROVIDER", Place: "Edison, NJ, US"},
		},
	}}, got)
	u := follow(t, dhl, event(t, "webhook-dhl-in-transit.json"))
	require.Equal(t, supply.InTransit, u.Status, "tendered to who delivers is not delivered")
	require.EqualValues(t, 5, u.Scans)
}

func TestAShipmentOfDHLIsReadWhole(t *testing.T) {
	got, err := dhl.Parse(event(t, "webhook-dhl-delivered.json"))
	require.NoError(t, err)
	eta := utc("2026-03-06T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "GM6051123400000017", Snapshot: true, ETAs: supply.Expect(supply.Window{From: eta, To: eta, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.StatusOnly, At: utc("2026-03-01T16:00:00Z"), Text: "LABEL CREATED"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T04:18:30Z"), Local: true, Text: "ARRIVED USPS SORT FACILITY", Place: "Henderson, NV, US"},
			{Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted, At: utc("2026-03-05T20:00:00Z"), Text: "NOTICE LEFT", Place: "New York, NY, US"},
			{Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery, At: utc("2026-03-06T12:10:00Z"), Text: "OUT FOR DELIVERY", Place: "New York, NY, US"},
			{Status: supply.Delivered, Code: supply.StatusOnly, At: utc("2026-03-06T16:42:00Z"), Text: "DELIVERED", Place: "New York, NY, US"},
		},
	}}, got)
	u := follow(t, dhl, event(t, "webhook-dhl-delivered.json"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-06T16:42:00Z"), u.Arrived)
}

func TestAParcelThatDHLReturnedDidNotArrive(t *testing.T) {
	got, err := dhl.Parse(event(t, "webhook-dhl-returned.json"))
	require.NoError(t, err)
	last := got[0].Scans[len(got[0].Scans)-1]
	require.Equal(t, supply.Returned, last.Status)
	require.Equal(t, supply.CodeReturned, last.Code)
	require.True(t, last.Local, "the name of a country is no place that a zone could be taken from")
	require.Equal(t, utc("2026-03-09T09:30:00Z"), got[0].Scans[1].At, "that of Köln, DE")
	u := follow(t, dhl, event(t, "webhook-dhl-returned.json"))
	require.Equal(t, supply.Returned, u.Status)
	require.True(t, u.Arrived.IsZero())

	onTheWay := []byte(`{"shipments":[{"id":"1","returnFlag":true,"status":{"statusCode":"transit","timestamp":"2026-03-09T10:00:00Z"},"events":[{"statusCode":"transit","timestamp":"2026-03-09T10:00:00Z"},{"statusCode":"transit","timestamp":"2026-03-02T10:00:00Z"}]}]}`)
	u = follow(t, dhl, onTheWay)
	require.Equal(t, supply.Returning, u.Status)
	require.Equal(t, supply.UnitReturning, u.Troubles)
	require.EqualValues(t, 2, u.Scans, "the status is the latest event, and counts once")
	require.Equal(t, utc("2026-03-09T10:00:00Z"), u.StatusAt)
}

// Every row of the first table, from DHL's page on status codes.
func TestDHLsStatusCodesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct {
		code, means string
		troubles    supply.UnitTrouble
	}{
		{"pre-transit", "PRE_TRANSIT ", 0}, {"transit", "IN_TRANSIT ", 0}, {"delivered", "DELIVERED ", 0}, {"failure", "EXCEPTION ", supply.UnitHeld},
		{"unknown", "UNKNOWN ", 0}, {"out-for-delivery", "UNKNOWN UNKNOWN", 0}, {"Delivered", "UNKNOWN UNKNOWN", 0}, {"", "UNKNOWN UNKNOWN", 0},
	} {
		body := []byte(fmt.Sprintf(`{"shipments":[{"id":"1","status":{"statusCode":%q,"status":"m","timestamp":"2026-03-04T10:00:00Z"}}]}`, c.code))
		got, err := dhl.Parse(body)
		require.NoError(t, err)
		require.Len(t, got[0].Scans, 1)
		require.Equal(t, c.means, got[0].Scans[0].Status.String()+" "+got[0].Scans[0].Code.String(), c.code)
		require.Equal(t, c.troubles.String(), follow(t, dhl, body).Troubles.String(), c.code)
	}
}

func TestWhatDHLCannotPlaceIsNoDelay(t *testing.T) {
	got, err := dhl.Parse(event(t, "webhook-dhl-status-only.json"))
	require.NoError(t, err)
	from, to := utc("2026-03-07T09:00:00Z"), utc("2026-03-07T13:00:00Z")
	require.Equal(t, []supply.Report{{Number: "7777777770", Snapshot: true, ETAs: supply.Expect(supply.Window{From: from, To: to}),
		Scans: []supply.Scan{{Status: supply.TrackUnknown, Code: supply.StatusOnly, At: utc("2026-03-04T09:00:00Z"), Text: "Shipment is on hold at the sender's wish"}}}}, got)
	u := follow(t, dhl, event(t, "webhook-dhl-status-only.json"))
	require.Zero(t, u.Troubles)
	require.Equal(t, supply.TrackUnknown, u.Status)
}

// Every row of the second table, in both forms: in a package the words alone
// speak, in a shipment they refine a way or a failure.
func TestTheWordsOfDHLeCommerceMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct{ words, packages, transit, delivered string }{
		{"LABEL CREATED", "PRE_TRANSIT INFO_RECEIVED", "PRE_TRANSIT INFO_RECEIVED", "DELIVERED "},
		{"ELECTRONIC NOTIFICATION", "PRE_TRANSIT INFO_RECEIVED", "PRE_TRANSIT INFO_RECEIVED", "DELIVERED "},
		{"EN ROUTE TO DHL ECOMMERCE", "PRE_TRANSIT INFO_RECEIVED", "PRE_TRANSIT INFO_RECEIVED", "DELIVERED "},
		{"EN ROUTE", "UNKNOWN INFO", "IN_TRANSIT ", "DELIVERED "},
		{"PACKAGE RECEIVED AT DHL ECOMMERCE DISTRIBUTION CENTER", "IN_TRANSIT PICKED_UP", "IN_TRANSIT PICKED_UP", "DELIVERED "},
		{"PROCESSED", "IN_TRANSIT HUB_SCAN", "IN_TRANSIT HUB_SCAN", "DELIVERED "},
		{"PROCESSED THROUGH SORT FACILITY", "IN_TRANSIT HUB_SCAN", "IN_TRANSIT HUB_SCAN", "DELIVERED "},
		{"PROCESSED THROUGH USPS SORT FACILITY", "IN_TRANSIT HUB_SCAN", "IN_TRANSIT HUB_SCAN", "DELIVERED "},
		{"DEPARTURE ORIGIN DHL ECOMMERCE FACILITY", "IN_TRANSIT DEPARTED", "IN_TRANSIT DEPARTED", "DELIVERED "},
		{"ARRIVAL DHL ECOMMERCE FACILITY", "IN_TRANSIT ARRIVED", "IN_TRANSIT ARRIVED", "DELIVERED "},
		{"ARRIVAL DESTINATION DHL ECOMMERCE FACILITY", "IN_TRANSIT ARRIVED", "IN_TRANSIT ARRIVED", "DELIVERED "},
		{"TENDERED TO DELIVERY SERVICE PROVIDER", "IN_TRANSIT DEPARTED", "IN_TRANSIT DEPARTED", "DELIVERED "},
		{"ARRIVED USPS SORT FACILITY", "IN_TRANSIT ARRIVED", "IN_TRANSIT ARRIVED", "DELIVERED "},
		{"ARRIVAL AT POST OFFICE", "IN_TRANSIT ARRIVED", "IN_TRANSIT ARRIVED", "DELIVERED "},
		{"OUT FOR DELIVERY", "OUT_FOR_DELIVERY OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY OUT_FOR_DELIVERY", "DELIVERED "},
		{"NOTICE LEFT", "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED", "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED", "DELIVERED "},
		{"NOTICE LEFT (NO SECURE LOCATION AVAILABLE)", "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED", "DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED", "DELIVERED "},
		{"ARRIVAL AT PICK-UP-POINT", "AVAILABLE_FOR_PICKUP AVAILABLE", "AVAILABLE_FOR_PICKUP AVAILABLE", "DELIVERED "},
		{"AVAILABLE FOR PICKUP", "AVAILABLE_FOR_PICKUP AVAILABLE", "AVAILABLE_FOR_PICKUP AVAILABLE", "DELIVERED "},
		{"VISIBLE DAMAGE", "EXCEPTION DAMAGED", "EXCEPTION DAMAGED", "DELIVERED "},
		{"RETURN TO SENDER", "RETURNING RETURN_STARTED", "RETURNING RETURN_STARTED", "DELIVERED "},
		{"UNCLAIMED/BEING RETURNED TO SENDER", "RETURNING RETURN_STARTED", "RETURNING RETURN_STARTED", "DELIVERED "},
		{"DELIVERED", "DELIVERED DELIVERED", "IN_TRANSIT ", "DELIVERED "},
		{"WORDS OF NEXT YEAR", "UNKNOWN UNKNOWN", "IN_TRANSIT ", "DELIVERED "},
	} {
		for _, words := range []string{c.words, " " + c.words[:1] + c.words[1:] + " "} {
			body := fmt.Sprintf(`{"packages":[{"package":{"dhlPackageId":"1"},"events":[{"date":"2026-03-04","time":"10:00:00Z","primaryEventId":9,"primaryEventDescription":%q}]}]}`, words)
			got, err := dhl.Parse([]byte(body))
			require.NoError(t, err)
			s := got[0].Scans[0]
			require.Equal(t, c.packages, s.Status.String()+" "+s.Code.String(), c.words)
		}
		for code, means := range map[string]string{"transit": c.transit, "delivered": c.delivered} {
			body := fmt.Sprintf(`{"shipments":[{"id":"1","status":{"statusCode":%q,"description":%q,"timestamp":"2026-03-04T10:00:00Z"}}]}`, code, c.words)
			got, err := dhl.Parse([]byte(body))
			require.NoError(t, err)
			s := got[0].Scans[0]
			require.Equal(t, means, s.Status.String()+" "+s.Code.String(), "%s %s", code, c.words)
			require.Equal(t, c.words, s.Text)
		}
	}
}

func TestDHLsClocksAreThoseOfTheirPlaces(t *testing.T) {
	for _, c := range []struct {
		at, place, country, want string
		local                    bool
	}{
		{"2026-07-01T10:00:00", "Edison, NJ, US", "US", "2026-07-01T14:00:00Z", false},
		{"2026-01-01T10:00:00", "Edison, NJ, US", "", "2026-01-01T15:00:00Z", false},
		{"2026-07-01T10:00:00", "Köln", "DE", "2026-07-01T08:00:00Z", false},
		{"2026-07-01T10:00:00", "Köln, DE", "", "2026-07-01T08:00:00Z", false},
		{"2026-07-01T10:00:00", "Dallas, TX, US", "US", "2026-07-01T10:00:00Z", true},
		{"2026-07-01T10:00:00", "", "", "2026-07-01T10:00:00Z", true},
		{"2026-07-01T10:00:00", "Somewhere", "ZZ", "2026-07-01T10:00:00Z", true},
		{"2026-07-01", "Köln", "DE", "2026-07-01T00:00:00Z", true},
		{"2026-07-01T10:00:00+05:00", "Köln", "DE", "2026-07-01T05:00:00Z", false},
		{"2026-07-01T10:00:00Z", "Köln", "DE", "2026-07-01T10:00:00Z", false},
	} {
		body := fmt.Sprintf(`{"shipments":[{"id":"1","events":[{"statusCode":"transit","timestamp":%q,"location":{"address":{"addressLocality":%q,"countryCode":%q}}}]}]}`, c.at, c.place, c.country)
		got, err := dhl.Parse([]byte(body))
		require.NoError(t, err)
		require.Equal(t, utc(c.want), got[0].Scans[0].At, "%+v", c)
		require.Equal(t, c.local, got[0].Scans[0].Local, "%+v", c)
	}
	for zone, want := range map[string]string{"ET": "2026-07-01T14:00:00Z", "CT": "2026-07-01T15:00:00Z", "MT": "2026-07-01T16:00:00Z", "PT": "2026-07-01T17:00:00Z",
		"EDT": "2026-07-01T14:00:00Z", "EST": "2026-07-01T15:00:00Z", "PDT": "2026-07-01T17:00:00Z", "LT": "", "": "", "XYZ": ""} {
		got, err := dhl.Parse([]byte(fmt.Sprintf(`{"packages":[{"package":{"dhlPackageId":"1"},"events":[{"date":"2026-07-01","time":"10:00:00","timeZone":%q,"primaryEventDescription":"PROCESSED"}]}]}`, zone)))
		require.NoError(t, err)
		require.Equal(t, want == "", got[0].Scans[0].Local, zone)
		if want != "" {
			require.Equal(t, utc(want), got[0].Scans[0].At, zone)
		}
	}
}

func TestDHLsETAIsItsFrameElseItsDay(t *testing.T) {
	for _, c := range []struct {
		fields   string
		from, to string
		day      bool
	}{
		{`"estimatedTimeOfDelivery":"2026-03-07T12:00:00Z","estimatedDeliveryTimeFrame":{"estimatedFrom":"2026-03-08T10:00:00Z","estimatedThrough":"2026-03-08T14:00:00Z"}`, "2026-03-08T10:00:00Z", "2026-03-08T14:00:00Z", false},
		{`"estimatedDeliveryTimeFrame":{"estimatedThrough":"2026-03-10"}`, "2026-03-10T00:00:00Z", "2026-03-10T00:00:00Z", true},
		{`"estimatedTimeOfDelivery":"2026-03-07T18:00:00"`, "2026-03-07T00:00:00Z", "2026-03-07T00:00:00Z", true},
		{`"estimatedTimeOfDelivery":"2026-03-07T18:00:00-05:00"`, "2026-03-07T23:00:00Z", "2026-03-07T23:00:00Z", false},
		{`"estimatedTimeOfDelivery":null,"estimatedDeliveryTimeFrame":null`, "", "", false},
	} {
		got, err := dhl.Parse([]byte(`{"shipments":[{"id":"1",` + c.fields + `}]}`))
		require.NoError(t, err)
		if c.to == "" {
			require.Empty(t, got[0].ETAs)
			continue
		}
		require.Equal(t, supply.Expect(supply.Window{From: utc(c.from), To: utc(c.to), DateOnly: c.day}), got[0].ETAs, c.fields)
	}
}

func TestADHLPushThatCannotBeReadIsNamed(t *testing.T) {
	for body, field := range map[string]string{
		`{"packages":null}`: "packages or shipments is required", `{"shipments":{}}`: "shipments", `{"timestamp":"x","packages":[]}`: "timestamp",
		`{"shipments":[{"id":"1","events":[{},{"timestamp":"x"}]}]}`:                    "shipments[0].events[1]: timestamp",
		`{"shipments":[{"id":"1","status":{"timestamp":"x"}}]}`:                         "shipments[0].status: timestamp",
		`{"shipments":[{"id":"1","estimatedTimeOfDelivery":"x"}]}`:                      "shipments[0].estimatedTimeOfDelivery",
		`{"shipments":[{"id":"1","estimatedDeliveryTimeFrame":{"estimatedFrom":"x"}}]}`: "shipments[0].estimatedDeliveryTimeFrame",
		`{"packages":[{}]}`: "packages[0].package.trackingId",
		`{"packages":[{"package":{"packageId":"1","expectedDelivery":"x"}}]}`:           "packages[0].package.expectedDelivery",
		`{"packages":[{"package":{"packageId":"1"},"events":[{"date":"2026-13-01"}]}]}`: "packages[0].events[0]: date and time",
	} {
		unreadable(t, dhl, []byte(body), body)
		_, err := dhl.Parse([]byte(body))
		require.ErrorContains(t, err, field, body)
	}
	got, err := dhl.Parse([]byte(`{"shipments":[{"id":"1","events":[{"timestamp":"x"}]},{"id":"2"}]}`))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "1 of 2 events cannot be read")
	require.Len(t, got, 1)
	require.Equal(t, "2", got[0].Number)
}

func TestDHLsHistoriesEndAlikeHoweverTheyArrive(t *testing.T) {
	at := func(n int, events string) []byte {
		return []byte(fmt.Sprintf(`{"timestamp":"2026-03-0%dT00:00:00Z","packages":[{"package":{"dhlPackageId":"1"},"events":[%s]}]}`, n, events))
	}
	const e1 = `{"date":"2026-03-01","time":"09:00:00","timeZone":"ET","primaryEventDescription":"LABEL CREATED"}`
	const e2 = `{"date":"2026-03-02","time":"09:00:00","timeZone":"ET","primaryEventDescription":"PROCESSED"}`
	const e3 = `{"date":"2026-03-03","time":"09:00:00","timeZone":"ET","primaryEventDescription":"OUT FOR DELIVERY"}`
	const e4 = `{"date":"2026-03-04","time":"09:00:00","timeZone":"ET","primaryEventDescription":"DELIVERED"}`
	bodies := [][]byte{at(2, e1), at(3, e2+","+e1), at(4, e3+","+e2+","+e1), at(5, e4+","+e3+","+e2+","+e1), at(3, e1+","+e2)}
	want := follow(t, dhl, bodies...)
	require.Equal(t, supply.Delivered, want.Status)
	require.EqualValues(t, 4, want.Scans)
	require.Equal(t, utc("2026-03-04T14:00:00Z"), want.Arrived)
	everyOrder(bodies, func(order [][]byte) {
		require.Equal(t, want.AppendBinary(nil), follow(t, dhl, append(order, order[0], order[2])...).AppendBinary(nil))
	})
}

func TestAHostileDHLShipmentHarmsNothing(t *testing.T) {
	got, err := dhl.Parse(event(t, "webhook-dhl-hostile.json"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, 304, len(got[0].Scans))
	u := follow(t, dhl, event(t, "webhook-dhl-hostile.json"))
	require.Equal(t, "1Z-HOSTILE.9", got[0].Number)
	require.False(t, u.StatusAt.After(utc("2026-12-02T00:00:00Z")), "not 2099")
	require.False(t, u.Heard.After(utc("2026-12-02T00:00:00Z")))
}
