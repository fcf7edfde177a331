package carrier_test

// Works by reading TrackingMore bodies of ours against literals from its pages,
// and the signature that TrackingMore published. It would catch a signature that
// opens without the token, a pickup taken for a delivery, a local time taken for
// UTC, a leg told from its end, and a body of an older version.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

const trackingmoreToken = "5f0c1d7a9e3b4628"

var trackingmore = sampleOf("trackingmore", sample{
	secret: trackingmoreToken + " webhook secret of acme", other: "another-token-of-acme another secret",
	malformed: []string{"", trackingmoreToken, trackingmoreToken + " ", "too-short-a-tok webhook secret of acme"},
	timed:     true, days: 12, bare: true, tail: true, headers: []string{"Timestamp", "Signature"},
	usual: "webhook-trackingmore-in-transit.json", field: "data.tracking_number",
})

func FuzzTrackingMoreParse(f *testing.F)  { fuzzParse(f, trackingmore) }
func FuzzTrackingMoreVerify(f *testing.F) { fuzzVerify(f, trackingmore) }

func BenchmarkTrackingMoreParse(b *testing.B) {
	benchmarkParse(b, "trackingmore", "webhook-trackingmore-in-transit.json")
}

func TestTrackingMoresPublishedSignatureVerifiesBesideTheToken(t *testing.T) {
	var vector struct {
		Secret, Timestamp string
		Signature         string `json:"signature_hex"`
	}
	require.NoError(t, json.Unmarshal(fixture(t, "trackingmore/signature-vector.v4.json"), &vector))
	unix, err := strconv.ParseInt(vector.Timestamp, 10, 64)
	require.NoError(t, err)
	then := time.Unix(unix, 0)
	request := func(tail, signature, timestamp, body string) carrier.Request {
		return carrier.Request{Tail: tail, Body: []byte(body), Header: http.Header{"Timestamp": {timestamp}, "Signature": {signature}}}
	}
	secrets := []string{trackingmoreToken + " " + vector.Secret}
	genuine := request(trackingmoreToken, vector.Signature, vector.Timestamp, "{}")
	require.NoError(t, trackingmore.Verify(genuine, secrets, then))
	require.NoError(t, trackingmore.Verify(request(trackingmoreToken, vector.Signature, vector.Timestamp, `{"any":"body"}`), secrets, then), "it says nothing of the body")
	require.Equal(t, vector.Signature, signed(trackingmore, secrets[0], nil, then).Header.Get("Signature"))

	refused(t, trackingmore.Verify(request("", vector.Signature, vector.Timestamp, "{}"), secrets, then), "token of none of 1 secrets")
	refused(t, trackingmore.Verify(request("5f0c1d7a9e3b4629", vector.Signature, vector.Timestamp, "{}"), secrets, then), "token of none of 1 secrets")
	refused(t, trackingmore.Verify(genuine, []string{vector.Secret}, then), "token of none of 1 secrets")
	refused(t, trackingmore.Verify(request(trackingmoreToken, vector.Signature, "1662371529", "{}"), secrets, then), "matches none")
	refused(t, trackingmore.Verify(request(trackingmoreToken, vector.Signature, "01662371528", "{}"), secrets, then), "matches none")
	refused(t, trackingmore.Verify(request(trackingmoreToken, vector.Signature, "2022-09-05T09:52:08Z", "{}"), secrets, then), "not a time in unix seconds")
	// The prose of TrackingMore's page: the base64 of the body's HMAC; by openssl.
	refused(t, trackingmore.Verify(request(trackingmoreToken, "/83YZmEfzFTHw5BcDHKbMtv6Xn/nmEqE3G78ZnuSa6I=", vector.Timestamp, "{}"), secrets, then), "matches none")
}

// trackingmoreTracking is a tracking with one scan of the status and substatus,
// after a first.
func trackingmoreTracking(status, substatus string) []byte {
	return fmt.Appendf(nil, `{"data":{"tracking_number":"1Z9","delivery_status":%q,"substatus":%q,"origin_info":{"trackinfo":[
		{"checkpoint_date":"2026-03-04T10:00:00","tracking_detail":"m","checkpoint_delivery_status":%[1]q,"checkpoint_delivery_substatus":%[2]q},
		{"checkpoint_date":"2026-03-01T10:00:00","checkpoint_delivery_status":"inforeceived"}]}}}`, status, substatus)
}

func TestTrackingMoresStatusesMeanWhatTheySay(t *testing.T) {
	for row := range strings.Lines(trackingmoreRows) {
		said, means, _ := strings.Cut(strings.TrimSpace(row), " = ")
		status, substatus, _ := strings.Cut(said, "/")
		reports, err := trackingmore.Parse(trackingmoreTracking(status, substatus))
		require.NoError(t, err)
		scans := reports[0].Scans
		require.Len(t, scans, 2, row)
		require.Equal(t, means, strings.TrimSpace(scans[1].Status.String()+" "+scans[1].Code.String()), row)
		if scans[1].Code == supply.CodeUnknown {
			require.Equal(t, strings.TrimSpace(status+" "+substatus), scans[1].Text)
		} else {
			require.Equal(t, "m", scans[1].Text)
		}
	}
}

const trackingmoreRows = `pending/ = UNKNOWN TRACKING_STARTED
	notfound/ = UNKNOWN
	notfound/notfound001 = PRE_TRANSIT INFO_RECEIVED
	notfound/notfound002 = UNKNOWN INFO
	inforeceived/ = PRE_TRANSIT INFO_RECEIVED
	inforeceived/inforeceived001 = PRE_TRANSIT INFO_RECEIVED
	transit/ = IN_TRANSIT
	transit/transit001 = IN_TRANSIT
	transit/transit002 = IN_TRANSIT ARRIVED
	transit/transit003 = IN_TRANSIT ARRIVED
	transit/transit004 = IN_TRANSIT ARRIVED
	transit/transit005 = IN_TRANSIT CUSTOMS_RELEASED
	transit/transit006 = IN_TRANSIT DEPARTED
	transit/transit007 = IN_TRANSIT DEPARTED
	transit/transit999 = IN_TRANSIT
	pickup/ = IN_TRANSIT ARRIVED
	pickup/pickup001 = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	pickup/pickup002 = AVAILABLE_FOR_PICKUP AVAILABLE
	pickup/pickup003 = AVAILABLE_FOR_PICKUP
	delivered/ = DELIVERED
	delivered/delivered001 = DELIVERED DELIVERED
	delivered/delivered002 = DELIVERED PICKED_UP_BY_CONSIGNEE
	delivered/delivered003 = DELIVERED DELIVERED
	delivered/delivered004 = DELIVERED DELIVERED
	undelivered/ = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	undelivered/undelivered001 = DELIVERY_ATTEMPTED ADDRESS_ISSUE
	undelivered/undelivered002 = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	undelivered/undelivered003 = DELIVERY_ATTEMPTED ADDRESS_ISSUE
	undelivered/undelivered004 = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	exception/ = EXCEPTION
	exception/exception004 = EXCEPTION HELD
	exception/exception005 = EXCEPTION
	exception/exception006 = EXCEPTION CUSTOMS_HOLD
	exception/exception007 = EXCEPTION LOST
	exception/exception008 = CANCELLED CANCELLED
	exception/exception009 = EXCEPTION REFUSED
	exception/exception010 = RETURNED RETURNED
	exception/exception011 = RETURNING RETURN_STARTED
	exception/exception018 = EXCEPTION
	expired/ = EXPIRED TRACKING_STOPPED
	expired/expired001 = EXPIRED TRACKING_STOPPED
	Delivered/ = UNKNOWN UNKNOWN
	arrived/arrived001 = UNKNOWN UNKNOWN
	arrived/delivered001 = DELIVERED DELIVERED
	/delivered001 = DELIVERED DELIVERED`

func TestATrackingMoreParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := trackingmore.Parse(event(t, "webhook-trackingmore-in-transit.json"))
	require.NoError(t, err)
	day, said := utc("2026-03-06T00:00:00Z"), utc("2026-03-03T06:50:41Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABC", Issuer: "yanwen", Snapshot: true, Version: said, SaidAt: said,
		ETAs: supply.Expect(supply.Window{From: day, To: day, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-02-20T18:00:00Z"), Local: true, Text: "Shipment information received"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-02-24T03:10:00Z"), Local: true, Text: "Departed from airport", Place: "SHENZHEN - CHINA"},
			{Status: supply.InTransit, Code: supply.CustomsReleased, At: utc("2026-02-28T11:02:00Z"), Local: true, Text: "Cleared customs", Place: "LOS ANGELES, CA, US"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-02T21:40:00Z"), Local: true, Text: "Arrived at USPS facility", Place: "RENO, NV, US"},
		}}}, reports)

	u := follow(t, trackingmore, event(t, "webhook-trackingmore-returned.json"))
	require.Equal(t, supply.Returning, u.Status)
	require.Equal(t, "RETURNING", u.Troubles.String())
}

func TestATrackingMoreTrackingMayStandAloneAndSumUpItsScans(t *testing.T) {
	reports, err := trackingmore.Parse(event(t, "webhook-trackingmore-ready-for-pickup-flat.json"))
	require.NoError(t, err)
	said := utc("2026-03-04T05:47:20Z")
	require.Equal(t, []supply.Report{{Number: "RR050349FBA15ABD", Issuer: "phlpost", Snapshot: true, Version: said, SaidAt: said, Scans: []supply.Scan{
		{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T16:05:00Z"), Local: true, Text: "At the local office", Place: "Manila"},
		{Status: supply.AvailableForPickup, Code: supply.Available, At: utc("2026-03-04T11:20:00Z"), Local: true},
	}}}, reports)

	for data, scans := range map[string]int{
		``:                               0,
		`,"delivery_status":"pending"`:   1,
		`,"delivery_status":"delivered"`: 1,
		`,"delivery_status":"delivered","destination_info":{"trackinfo":[{"checkpoint_delivery_status":"delivered"}]}`: 1,
		`,"delivery_status":"lost in space","origin_info":{"trackinfo":[{"checkpoint_delivery_status":"notfound"}]}`:   2,
	} {
		reports, err := trackingmore.Parse([]byte(`{"tracking_number":"1Z9"` + data + `}`))
		require.NoError(t, err)
		require.Len(t, reports[0].Scans, scans, data)
	}
}

func TestATrackingMoreTimeThatIsNoneIsNamed(t *testing.T) {
	for field, data := range map[string]string{
		"data.updated_at":                                    `"updated_at":"x"`,
		"data.scheduled_delivery_date":                       `"scheduled_delivery_date":"soon"`,
		"data.latest_checkpoint_time":                        `"delivery_status":"delivered","latest_checkpoint_time":"x"`,
		"data.origin_info.trackinfo[1].checkpoint_date":      `"origin_info":{"trackinfo":[{},{"checkpoint_date":"2026-02-30 10:00:00"}]}`,
		"data.destination_info.trackinfo[0].checkpoint_date": `"destination_info":{"trackinfo":[{"checkpoint_date":"1969-01-01"}]}`,
	} {
		_, err := trackingmore.Parse([]byte(`{"data":{"tracking_number":"1Z9",` + data + `}}`))
		require.True(t, fault.Is(err, fault.Invalid), field)
		require.ErrorContains(t, err, field)
	}
}

func TestAnOlderVersionOfTrackingMoresWebhookIsNamed(t *testing.T) {
	body := event(t, "webhook-trackingmore-version-2-unreadable.json")
	unreadable(t, trackingmore, body, "version 2")
	_, err := trackingmore.Parse(body)
	require.ErrorContains(t, err, "verifyInfo")
	require.ErrorContains(t, err, "version 4")
}

func TestATrackingMoreParcelEndsTheSameHoweverItsPushesArrive(t *testing.T) {
	var pushes [][]byte
	var scans []string
	for i, code := range strings.Fields("inforeceived001 transit001 exception006 transit005 pickup001 delivered001") {
		status := strings.TrimRight(code, "0123456789")
		scans = append([]string{fmt.Sprintf(`{"checkpoint_date":"2026-03-0%dT10:00:00","tracking_detail":"scan %d","checkpoint_delivery_status":%q,"checkpoint_delivery_substatus":%q}`, 1+i, i, status, code)}, scans...)
		pushes = append(pushes, fmt.Appendf(nil, `{"data":{"tracking_number":"1Z9","courier_code":"usps","delivery_status":%q,"substatus":%q,"updated_at":"2026-03-0%dT20:00:00Z","scheduled_delivery_date":"2026-03-0%d","origin_info":{"trackinfo":[%s]}}}`,
			status, code, 1+i, 6+i%2, strings.Join(scans, ",")))
	}
	u := anyOrder(t, trackingmore, pushes...)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-06T10:00:00Z"), u.Arrived)
	require.EqualValues(t, 6, u.Scans)
	require.Zero(t, u.Troubles)
}

func TestAHostileTrackingMoreParcelHarmsNothing(t *testing.T) {
	reports, err := trackingmore.Parse(event(t, "webhook-trackingmore-hostile.json"))
	require.NoError(t, err)
	scans := reports[0].Scans
	require.Len(t, scans, 153, "its summary is as unknown as a scan of it")
	require.Equal(t, "beamed  [31mup", scans[152].Text)

	u := follow(t, trackingmore, event(t, "webhook-trackingmore-hostile.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-02T21:40:00Z"), u.StatusAt)
	require.Zero(t, u.Troubles)
}
