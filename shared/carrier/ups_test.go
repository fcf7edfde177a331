package carrier_test

// Works by reading UPS activities, ours and UPS's own example, against literals
// from its specification. It would catch a loaded vehicle taken for a delivery, a
// local time taken for GMT, a date of delivery of years ago, and hours of another
// zone.

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

var ups = sampleOf("ups", sample{
	secret: "5f0c1d7a9e3b4628", other: "another-token-of-acme", malformed: []string{"", "too-short-secret"[:15]},
	bare: true, headers: []string{"Credential"},
	usual: "webhook-ups-out-for-delivery.json", field: "trackingNumber",
})

func FuzzUPSParse(f *testing.F)  { fuzzParse(f, ups) }
func FuzzUPSVerify(f *testing.F) { fuzzVerify(f, ups) }

func BenchmarkUPSParse(b *testing.B) { benchmarkParse(b, "ups", "webhook-ups-out-for-delivery.json") }

func TestUPSSendsTheCredentialOrTheAddressHoldsIt(t *testing.T) {
	secrets := []string{"5f0c1d7a9e3b4628"}
	for why, c := range map[string]struct {
		request carrier.Request
		good    bool
	}{
		"header":               {carrier.Request{Header: http.Header{"Credential": {"5f0c1d7a9e3b4628"}}}, true},
		"address":              {carrier.Request{Tail: "5f0c1d7a9e3b4628"}, true},
		"parameter":            {carrier.Request{Query: url.Values{"token": {"5f0c1d7a9e3b4628"}}}, true},
		"nothing":              {carrier.Request{}, false},
		"a credential's type":  {carrier.Request{Header: http.Header{"Credential": {"Bearer 5f0c1d7a9e3b4628"}}}, false},
		"good and bad":         {carrier.Request{Header: http.Header{"Credential": {"5f0c1d7a9e3b4628"}}, Tail: "5f0c1d7a9e3b4629"}, false},
		"an HMAC of the body":  {carrier.Request{Header: http.Header{"X-Hub-Signature": {"5f0c1d7a9e3b4628"}}}, false},
		"another header of it": {carrier.Request{Header: http.Header{"Authorization": {"5f0c1d7a9e3b4628"}}}, false},
	} {
		if err := ups.Verify(c.request, secrets, now); c.good {
			require.NoError(t, err, why)
		} else {
			refused(t, err, "")
		}
	}
}

func TestUPSsOwnExampleIsOutForDelivery(t *testing.T) {
	body := fixture(t, "ups/track-alert.1.json")
	reports, err := ups.Parse(body)
	require.NoError(t, err)
	day, at := utc("2024-04-23T00:00:00Z"), utc("2024-04-23T13:15:19Z")
	require.Equal(t, []supply.Report{{Number: "1Z204W4R0308071865", Issuer: "UPS", SaidAt: at,
		ETAs:  supply.Expect(supply.Window{From: day, To: day, DateOnly: true}),
		Scans: []supply.Scan{{Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery, At: at, Text: "Out for Delivery", Place: "Charlotte, NC, US"}},
	}}, reports)
	u := follow(t, ups, body, body)
	require.Equal(t, supply.OutForDelivery, u.Status)
	require.Equal(t, at, u.StatusAt)
	require.EqualValues(t, 1, u.Scans)
}

func TestUPSsTypesAndCodesMeanWhatTheySay(t *testing.T) {
	for _, c := range []struct{ kind, code, delivered, means, text string }{
		{"M", "MP", "", "PRE_TRANSIT INFO_RECEIVED", "m"},
		{"M", "ZZ", "", "PRE_TRANSIT INFO_RECEIVED", "m"},
		{"MV", "", "", "CANCELLED CANCELLED", "m"},
		{"I", "XD", "", "IN_TRANSIT DROPPED_OFF", "m"},
		{"I", "OR", "", "IN_TRANSIT PICKED_UP", "m"},
		{"I", "AR", "", "IN_TRANSIT ARRIVED", "m"},
		{"I", "OD", "", "IN_TRANSIT HUB_SCAN", "m"},
		{"I", "DP", "", "IN_TRANSIT DEPARTED", "m"},
		{"I", "YP", "", "IN_TRANSIT HUB_SCAN", "m"},
		{"I", "OT", "", "OUT_FOR_DELIVERY OUT_FOR_DELIVERY", "m"},
		{"I", "ZZ", "", "IN_TRANSIT ", "m"},
		{"I", "", "", "IN_TRANSIT ", "m"},
		{"I", "FS", "", "IN_TRANSIT ", "m"},
		{"X", "ZZ", "", "EXCEPTION ", "m"},
		{"U", "ZZ", "", "UNKNOWN ETA_CHANGED", "m"},
		{"D", "FS", "20260304", "DELIVERED DELIVERED", "m"},
		{"D", "FS", "", "DELIVERED DELIVERED", "m"},
		{"D", "ZZ", "20260304", "DELIVERED DELIVERED", "m"},
		{"D", "ZZ", "", "UNKNOWN UNKNOWN", "D ZZ"},
		{"D", "", "", "UNKNOWN UNKNOWN", "D"},
		{"D", "YP", "", "IN_TRANSIT HUB_SCAN", "m"},
		{"D", "OT", "", "OUT_FOR_DELIVERY OUT_FOR_DELIVERY", "m"},
		{"Q", "OT", "", "UNKNOWN UNKNOWN", "Q OT"},
		{"i", "OT", "", "UNKNOWN UNKNOWN", "i OT"},
		{"", "", "", "UNKNOWN UNKNOWN", "no status"},
	} {
		reports, err := ups.Parse(fmt.Appendf(nil, `{"trackingNumber":"1Z9","activityStatus":{"type":%q,"code":%q,"description":"m"},"actualDeliveryDate":%q}`, c.kind, c.code, c.delivered))
		require.NoError(t, err)
		scan := reports[0].Scans[0]
		require.Equal(t, c.means, scan.Status.String()+" "+scan.Code.String(), "%s/%s", c.kind, c.code)
		require.Equal(t, c.text, scan.Text)
	}
}

func TestUPSsTimeIsGMTOrLocal(t *testing.T) {
	for _, c := range []struct {
		fields, at string
		local      bool
	}{
		{`"localActivityDate":"20260304","localActivityTime":"071519","gmtActivityDate":"20260304","gmtActivityTime":"151519"`, "2026-03-04T15:15:19Z", false},
		{`"localActivityDate":"20260304","localActivityTime":"231519","gmtOffset":"-08:00"`, "2026-03-05T07:15:19Z", false},
		{`"localActivityDate":"20260304","localActivityTime":"011519","gmtOffset":"+01:00"`, "2026-03-04T00:15:19Z", false},
		{`"localActivityDate":"20260304","localActivityTime":"071519"`, "2026-03-04T07:15:19Z", true},
		{`"localActivityDate":"20260304","localActivityTime":"071519","gmtOffset":"PST"`, "2026-03-04T07:15:19Z", true},
		{`"localActivityDate":"20260304","localActivityTime":"071519","gmtActivityDate":"20260304","gmtActivityTime":""`, "2026-03-04T07:15:19Z", true},
		{`"localActivityDate":"20260304"`, "2026-03-04T00:00:00Z", true},
	} {
		reports, err := ups.Parse([]byte(`{"trackingNumber":"1Z9","activityStatus":{"type":"I"},` + c.fields + `}`))
		require.NoError(t, err)
		scan := reports[0].Scans[0]
		require.Equal(t, utc(c.at), scan.At, c.fields)
		require.Equal(t, c.local, scan.Local, c.fields)
		require.Equal(t, c.local, reports[0].SaidAt.IsZero(), c.fields)
	}
	reports, err := ups.Parse([]byte(`{"trackingNumber":"1Z9","activityStatus":{"type":"I"}}`))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "1Z9", Issuer: "UPS", Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.StatusOnly}}}}, reports)
}

func TestUPSsDayOfDeliveryHasHoursOnlyOnTheLastMile(t *testing.T) {
	at := func(s string) supply.Window { return supply.Window{From: utc(s), To: utc(s)} }
	day := at("2026-03-05T00:00:00Z")
	day.DateOnly = true
	const times = `"localActivityDate":"20260304","localActivityTime":"071519","gmtActivityDate":"20260304","gmtActivityTime":"151519",`
	for _, c := range []struct {
		why, status, fields string
		want                supply.Window
	}{
		{"a day", "I/DP", times + `"scheduledDeliveryDate":"20260305"`, day},
		{"hours of another zone", "I/DP", times + `"scheduledDeliveryDate":"20260305","deliveryStartTime":"150000","deliveryEndTime":"170000"`, day},
		{"hours", "I/OT", times + `"scheduledDeliveryDate":"20260305","deliveryStartTime":"150000","deliveryEndTime":"170000"`,
			supply.Window{From: utc("2026-03-05T23:00:00Z"), To: utc("2026-03-06T01:00:00Z")}},
		{"an end alone", "I/OT", times + `"scheduledDeliveryDate":"20260305","deliveryEndTime":"170000"`, at("2026-03-06T01:00:00Z")},
		{"a beginning alone", "I/OT", times + `"scheduledDeliveryDate":"20260305","deliveryStartTime":"170000"`, day},
		{"the end before the beginning", "I/OT", times + `"scheduledDeliveryDate":"20260305","deliveryStartTime":"170000","deliveryEndTime":"150000"`, at("2026-03-05T23:00:00Z")},
		{"nobody knows the zone", "I/OT", `"localActivityDate":"20260304","localActivityTime":"071519","scheduledDeliveryDate":"20260305","deliveryEndTime":"170000"`, day},
		{"nobody knows the local time", "I/OT", `"gmtActivityDate":"20260304","gmtActivityTime":"151519","scheduledDeliveryDate":"20260305","deliveryEndTime":"170000"`, day},
		{"moved", "U/", times + `"scheduledDeliveryDate":"20260305"`, day},
		{"none", "I/OT", times + `"scheduledDeliveryDate":"","deliveryEndTime":"170000"`, supply.Window{}},
		{"stale after delivery", "D/FS", times + `"scheduledDeliveryDate":"20191014","actualDeliveryDate":"20260304"`, supply.Window{}},
	} {
		kind, code, _ := strings.Cut(c.status, "/")
		reports, err := ups.Parse(fmt.Appendf(nil, `{"trackingNumber":"1Z9","activityStatus":{"type":%q,"code":%q},%s}`, kind, code, c.fields))
		require.NoError(t, err, c.why)
		require.Equal(t, supply.Expect(c.want), reports[0].ETAs, c.why)
	}
}

func TestAUPSTimeThatIsNoneIsNamed(t *testing.T) {
	for fields, name := range map[string]string{
		`"gmtActivityDate":"20260231","gmtActivityTime":"000000"`:                                                            "gmtActivityDate",
		`"gmtActivityDate":"20260304","gmtActivityTime":"250000"`:                                                            "gmtActivityTime",
		`"localActivityDate":"2026-03-04"`:                                                                                   "localActivityDate",
		`"localActivityDate":"19690304","localActivityTime":"000000"`:                                                        "localActivityDate",
		`"scheduledDeliveryDate":"soon"`:                                                                                     "scheduledDeliveryDate",
		`"gmtActivityDate":"20260304","gmtActivityTime":"151519","localActivityDate":"x","scheduledDeliveryDate":"20260304"`: "localActivityDate",
		`"gmtActivityDate":"20260304","gmtActivityTime":"151519","localActivityDate":"20260304","localActivityTime":"071519","scheduledDeliveryDate":"20260304","deliveryEndTime":"5pm"`:                            "deliveryEndTime",
		`"gmtActivityDate":"20260304","gmtActivityTime":"151519","localActivityDate":"20260304","localActivityTime":"071519","scheduledDeliveryDate":"20260304","deliveryStartTime":"1","deliveryEndTime":"170000"`: "deliveryStartTime",
	} {
		_, err := ups.Parse([]byte(`{"trackingNumber":"1Z9","activityStatus":{"type":"I","code":"OT"},` + fields + `}`))
		require.True(t, fault.Is(err, fault.Invalid), fields)
		require.ErrorContains(t, err, name)
	}
}

func TestUPSMaySendSeveralActivities(t *testing.T) {
	reports, err := ups.Parse(event(t, "webhook-ups-several.json"))
	require.NoError(t, err)
	require.Len(t, reports, 3)
	require.Equal(t, utc("2026-03-03T05:29:01Z"), reports[1].Scans[0].At)
	require.True(t, reports[2].Scans[0].Local)

	reports, err = ups.Parse(event(t, "webhook-ups-one-unreadable.json"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "1 of 2 events cannot be read")
	require.ErrorContains(t, err, "[0].localActivityDate")
	require.Len(t, reports, 1, "its neighbour can")
	require.Equal(t, supply.PickedUp, reports[0].Scans[0].Code)

	for _, bad := range []string{"[]", " \n[", "[1]", "[{}]", `[{"trackingNumber":"1Z9"}`} {
		unreadable(t, ups, []byte(bad), bad)
	}
}

func TestAUPSParcelEndsTheSameHoweverItsActivitiesArrive(t *testing.T) {
	var activities [][]byte
	for i, status := range []string{"M/MP", "I/OR", "I/DP", "X/A1", "I/DP", "U/U1", "I/YP", "I/OT", "D/FS"} {
		kind, code, _ := strings.Cut(status, "/")
		activities = append(activities, fmt.Appendf(nil, `{"trackingNumber":"1Z9","gmtActivityDate":"2026030%d","gmtActivityTime":"100000","activityStatus":{"type":%q,"code":%q},"scheduledDeliveryDate":"202603%02d"}`,
			1+i, kind, code, 8+i))
	}
	u := anyOrder(t, ups, activities...)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-09T10:00:00Z"), u.Arrived)
	require.EqualValues(t, 9, u.Scans)
	require.Zero(t, u.Troubles)
	require.Equal(t, utc("2026-03-15T00:00:00Z"), u.ETA.To, "what was said last before the delivery")
}

func TestAStaleUPSDateChangesNothing(t *testing.T) {
	reports, err := ups.Parse(event(t, "webhook-ups-delivered-stale-date.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABD", Issuer: "UPS", SaidAt: utc("2026-03-04T17:50:04Z"),
		Scans: []supply.Scan{{Status: supply.Delivered, Code: supply.CodeDelivered, At: utc("2026-03-04T17:50:04Z"), Text: "Delivered", Place: "RENO, NV, US"}},
	}}, reports)
}

func TestHostileUPSActivitiesHarmNothing(t *testing.T) {
	body := event(t, "webhook-ups-hostile.json")
	reports, err := ups.Parse(body)
	require.NoError(t, err)
	require.Len(t, reports, 4)
	require.Equal(t, "Q Q  [31mQ", reports[0].Scans[0].Text)
	require.Equal(t, "D ZZ", reports[1].Scans[0].Text)
	require.Equal(t, "no status", reports[2].Scans[0].Text)

	u := follow(t, ups, body)
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-03T14:00:00Z"), u.StatusAt)
	require.Zero(t, u.Arrived)
	require.Zero(t, u.Troubles)
}
