package carrier_test

// Works by reading events written to our own contract and the published vectors
// of Standard Webhooks. It would catch a signature over other bytes than the
// specification's, a required field that may be missing, a status or code that
// is guessed, and an ETA whose end is not the promise's.

import (
	"encoding/json"
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

var standard = sampleOf("standard", sample{
	secret: "whsec_aGVhZHN0YXJ0IHN0YW5kYXJkIHRlc3Q=", other: "whsec_YW5vdGhlciBzZWNyZXQgb2YgMjQgYnl0ZXM=",
	malformed: []string{"", "whsec_", "whsec_!", "whsec_YQ=", "whsec_YR=="}, timed: true,
	headers: []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"},
	usual:   "webhook-standard-in-transit.json", field: "trackingNumber",
})

func FuzzStandardParse(f *testing.F)  { fuzzParse(f, standard) }
func FuzzStandardVerify(f *testing.F) { fuzzVerify(f, standard) }

func BenchmarkStandardParse(b *testing.B) {
	benchmarkParse(b, "standard", "webhook-standard-in-transit.json")
}

// The example of the design, section 5.
const neutral = `{"type":"tracking.updated","trackingNumber":"1ZFBA15ABC","carrier":"UPS","status":"IN_TRANSIT","code":"DEPARTED","occurredAt":"2026-03-04T08:00:00Z",
 "eta":{"from":"2026-03-17T00:00:00Z","to":"2026-03-17T00:00:00Z"},"location":{"city":"Rotterdam","country":"NL"}}`

func TestThePublishedStandardWebhooksVectorsVerify(t *testing.T) {
	var vectors []struct {
		Secret    string
		ID        string `json:"webhook_id"`
		Timestamp int64  `json:"webhook_timestamp"`
		Body      string
		Signature string `json:"webhook_signature"`
	}
	require.NoError(t, json.Unmarshal(fixture(t, "standardwebhooks/vectors.json"), &vectors))
	require.Len(t, vectors, 2)
	for i, v := range vectors {
		at := time.Unix(v.Timestamp, 0)
		request := carrier.Request{Body: []byte(v.Body), Header: http.Header{
			"Webhook-Id": {v.ID}, "Webhook-Timestamp": {strconv.FormatInt(v.Timestamp, 10)}, "Webhook-Signature": {v.Signature},
		}}
		require.NoError(t, standard.Verify(request, []string{v.Secret}, at))
		require.NoError(t, standard.Verify(request, []string{strings.TrimPrefix(v.Secret, "whsec_")}, at), "the prefix is for people")
		require.Equal(t, v.Signature, standard.Sign(request, v.Secret, v.ID, at).Header.Get("Webhook-Signature"))

		refused(t, standard.Verify(request, []string{vectors[1-i].Secret}, at), "matches")
		refused(t, standard.Verify(request, []string{v.Secret}, at.Add(301*time.Second)), "old")
		refused(t, standard.Verify(request, []string{v.Secret}, at.Add(-301*time.Second)), "old")
		request.Body = append(request.Body, '\n')
		refused(t, standard.Verify(request, []string{v.Secret}, at), "matches")
	}
}

func TestOneOfTheFirstFiveSignaturesIsEnough(t *testing.T) {
	secret := samples["standard"].secret
	request := signed(standard, secret, []byte(neutral), now)
	genuine := request.Header.Get("Webhook-Signature")
	noise := []string{"v1,AAAA", "v1a," + genuine[3:], "v2," + genuine[3:], "garbage"}
	for n := range noise {
		request.Header.Set("Webhook-Signature", strings.Join(append(noise[:n:n], genuine), " "))
		require.NoError(t, standard.Verify(request, []string{secret}, now))
	}
	request.Header.Set("Webhook-Signature", strings.Join(append(noise, genuine), " "))
	require.NoError(t, standard.Verify(request, []string{secret}, now), "the fifth")
	request.Header.Set("Webhook-Signature", strings.Join(append(noise, "v1,BBBB", genuine), " "))
	refused(t, standard.Verify(request, []string{secret}, now), "first 5")
	request.Header.Set("Webhook-Signature", strings.Repeat(" ", 10_000)+genuine)
	refused(t, standard.Verify(request, []string{secret}, now), "first 5")
}

func TestAMessageIDCannotSwallowTheTimestamp(t *testing.T) {
	secret := samples["standard"].secret
	body := []byte("1772625600." + neutral)
	request := signed(standard, secret, body, now)
	require.NoError(t, standard.Verify(request, []string{secret}, now))
	// The same signed bytes, cut one dot later.
	request.Header.Set("Webhook-Id", "msg_1."+request.Header.Get("Webhook-Timestamp"))
	request.Header.Set("Webhook-Timestamp", "1772625600")
	request.Body = []byte(neutral)
	refused(t, standard.Verify(request, []string{secret}, now), "dot")
}

func TestATimestampIsUnixSecondsInDigits(t *testing.T) {
	secret := samples["standard"].secret
	for _, bad := range []string{"now", "1772625600.0", "-1", "+1772625600", "0x69a81b80", "1e9", " 1772625600", "99999999999999999999", "18446744073709551615", "1772625600000", "１"} {
		request := signed(standard, secret, []byte(neutral), now)
		request.Header.Set("Webhook-Timestamp", bad)
		refused(t, standard.Verify(request, []string{secret}, now), "Webhook-Timestamp")
	}
}

func TestANeutralEventIsReadWhole(t *testing.T) {
	reports, err := standard.Parse([]byte(neutral))
	require.NoError(t, err)
	at, arrival := utc("2026-03-04T08:00:00Z"), utc("2026-03-17T00:00:00Z")
	require.Equal(t, []supply.Report{{
		Number: "1ZFBA15ABC", Issuer: "UPS", SaidAt: at, ETAs: supply.Expect(supply.Window{From: arrival, To: arrival}),
		Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.Departed, At: at, Place: "Rotterdam, NL"}},
	}}, reports)
}

func TestEveryStatusAndCodeOfTheContractIsRead(t *testing.T) {
	// Literals from the contract, reference "normalised event" 3.2.
	const statuses = "UNKNOWN PRE_TRANSIT IN_TRANSIT AVAILABLE_FOR_PICKUP OUT_FOR_DELIVERY DELIVERY_ATTEMPTED DELIVERED EXCEPTION RETURNING RETURNED CANCELLED EXPIRED"
	const codes = "INFO_RECEIVED PICKED_UP DROPPED_OFF DEPARTED ARRIVED HUB_SCAN LOADED DISCHARGED GATE_IN GATE_OUT STUFFED STRIPPED BERTHED RAIL_LOADED RAIL_UNLOADED " +
		"CUSTOMS_ENTERED CUSTOMS_HOLD CUSTOMS_RELEASED INSPECTED AVAILABLE APPOINTMENT_SET RESCHEDULED OUT_FOR_DELIVERY DELIVERY_ATTEMPTED DELIVERED DELIVERED_PARTIAL " +
		"PICKED_UP_BY_CONSIGNEE EMPTY_RETURNED HELD DELAYED DAMAGED LOST REFUSED ADDRESS_ISSUE RETURN_STARTED RETURNED CANCELLED ETA_CHANGED TRACKING_STARTED TRACKING_STOPPED INFO"
	for _, status := range strings.Fields(statuses) {
		reports, err := standard.Parse([]byte(strings.Replace(neutral, "IN_TRANSIT", status, 1)))
		require.NoError(t, err, status)
		require.Equal(t, status, reports[0].Scans[0].Status.String())
	}
	for _, code := range strings.Fields(codes) {
		reports, err := standard.Parse([]byte(strings.Replace(neutral, "DEPARTED", code, 1)))
		require.NoError(t, err, code)
		require.Equal(t, code, reports[0].Scans[0].Code.String())
	}
	require.Len(t, strings.Fields(statuses), int(supply.Expired)+1)
	require.Len(t, strings.Fields(codes), int(supply.CodeInfo))
}

func TestOnlyFourFieldsAreRequired(t *testing.T) {
	reports, err := standard.Parse(event(t, "webhook-standard-minimal.json"))
	require.NoError(t, err)
	at := utc("2026-03-16T23:59:59.999Z")
	require.Equal(t, []supply.Report{{Number: "MSKU 123456-7", SaidAt: at,
		Scans: []supply.Scan{{Status: supply.AvailableForPickup, Code: supply.StatusOnly, At: at}}}}, reports)

	reports, err = standard.Parse([]byte(`{"type":"tracking.updated","trackingNumber":"1","carrier":null,"status":"DELIVERED","code":null,"occurredAt":"2026-03-16T10:00:00Z","eta":null,"location":null}`))
	require.NoError(t, err)
	require.Empty(t, reports[0].ETAs)
	require.Equal(t, supply.Delivered, follow(t, standard, event(t, "webhook-standard-delivered.json")).Status)
}

func TestWhatIsWrongWithANeutralEventIsNamed(t *testing.T) {
	_, err := standard.Parse([]byte(neutral))
	require.NoError(t, err)
	for _, c := range []struct{ old, bad, field string }{
		{`"type":"tracking.updated",`, ``, "type"},
		{`tracking.updated`, `tracking.update`, "type"},
		{`"trackingNumber":"1ZFBA15ABC",`, ``, "trackingNumber is required"},
		{`"status":"IN_TRANSIT",`, ``, "status"},
		{`"IN_TRANSIT"`, `"TELEPORTED"`, "status"},
		{`"IN_TRANSIT"`, `"in_transit"`, "status"},
		{`"IN_TRANSIT"`, `2`, "status"},
		{`"DEPARTED"`, `"ARRIVED_AT"`, "code"},
		{`"DEPARTED"`, `"UNKNOWN"`, "code"},
		{`"DEPARTED"`, `["DEPARTED"]`, "code"},
		{`"occurredAt":"2026-03-04T08:00:00Z",`, ``, "occurredAt is required"},
		{`"2026-03-04T08:00:00Z"`, `"2026-03-04T08:00:00"`, "occurredAt"},
		{`"2026-03-04T08:00:00Z"`, `"2026-03-04"`, "occurredAt"},
		{`"2026-03-04T08:00:00Z"`, `"1969-12-31T23:59:59Z"`, "occurredAt"},
		{`"2026-03-04T08:00:00Z"`, `1772611200`, "occurredAt"},
		{`"from":"2026-03-17T00:00:00Z"`, `"from":"2026-03-17T00:00:01Z"`, "eta.from"},
		{`"from":"2026-03-17T00:00:00Z"`, `"from":"2026-03-17"`, "eta.from"},
		{`"from":"2026-03-17T00:00:00Z"`, `"from":"soon"`, "eta.from"},
		{`"to":"2026-03-17T00:00:00Z"`, `"to":null`, "eta.to"},
		{`"to":"2026-03-17T00:00:00Z"`, `"to":"2026-02-30"`, "eta.to"},
		{`"from":"2026-03-17T00:00:00Z","to":"2026-03-17T00:00:00Z"`, ``, "eta.to"},
		{`{"from":"2026-03-17T00:00:00Z","to":"2026-03-17T00:00:00Z"}`, `"2026-03-17"`, "eta"},
		{`{"city":"Rotterdam","country":"NL"}`, `"Rotterdam"`, "location"},
	} {
		require.Contains(t, neutral, c.old)
		_, err := standard.Parse([]byte(strings.Replace(neutral, c.old, c.bad, 1)))
		require.True(t, fault.Is(err, fault.Invalid), "%s for %s", c.bad, c.old)
		require.ErrorContains(t, err, c.field)
	}
}

func TestAnETAIsAWindowOfInstantsOrOfDays(t *testing.T) {
	for _, c := range []struct {
		eta  string
		want supply.Window
	}{
		{`{"from":"2026-03-17T08:00:00+01:00","to":"2026-03-18T16:00:00Z"}`, supply.Window{From: utc("2026-03-17T07:00:00Z"), To: utc("2026-03-18T16:00:00Z")}},
		{`{"to":"2026-03-18T16:00:00Z"}`, supply.Window{From: utc("2026-03-18T16:00:00Z"), To: utc("2026-03-18T16:00:00Z")}},
		{`{"from":"2026-03-17","to":"2026-03-18"}`, supply.Window{From: utc("2026-03-17T00:00:00Z"), To: utc("2026-03-18T00:00:00Z"), DateOnly: true}},
		{`{"to":"2026-03-18"}`, supply.Window{From: utc("2026-03-18T00:00:00Z"), To: utc("2026-03-18T00:00:00Z"), DateOnly: true}},
	} {
		reports, err := standard.Parse([]byte(strings.Replace(neutral, `{"from":"2026-03-17T00:00:00Z","to":"2026-03-17T00:00:00Z"}`, c.eta, 1)))
		require.NoError(t, err, c.eta)
		require.Equal(t, supply.Expect(c.want), reports[0].ETAs, c.eta)
	}
}

func TestOurNeutralEventsTellTheStoryOfOneUnit(t *testing.T) {
	inTransit, customs := event(t, "webhook-standard-in-transit.json"), event(t, "webhook-standard-customs-hold.json")
	lost, delivered := event(t, "webhook-standard-lost.json"), event(t, "webhook-standard-delivered.json")

	u := follow(t, standard, inTransit, customs)
	require.Equal(t, supply.UnitCustoms, u.Troubles)
	require.Equal(t, supply.Window{From: utc("2026-03-19T00:00:00Z"), To: utc("2026-03-20T00:00:00Z"), DateOnly: true}, u.ETA)
	require.Equal(t, u, follow(t, standard, inTransit, customs, inTransit, customs, customs))

	require.Equal(t, supply.UnitLost|supply.UnitCustoms, follow(t, standard, lost, customs, inTransit).Troubles)
	u = follow(t, standard, delivered, lost, customs, inTransit)
	require.Zero(t, u.Troubles, "what was delivered was found")
	require.Equal(t, utc("2026-03-17T09:42:00Z"), u.Arrived)
	require.EqualValues(t, 4, u.Scans)
}

func TestAHostileNeutralEventHarmsNothing(t *testing.T) {
	reports, err := standard.Parse(event(t, "webhook-standard-hostile.json"))
	require.NoError(t, err)
	require.Equal(t, supply.OutForDelivery, reports[0].Scans[0].Status)
	require.Equal(t, supply.StatusOnly, reports[0].Scans[0].Code)
	require.Equal(t, "Dortmund "+strings.Repeat("ö", 15), reports[0].Scans[0].Place, "40 bytes, cut between letters; the country is lost")
	u := follow(t, standard, event(t, "webhook-standard-hostile.json"))
	require.Equal(t, "UPS", u.Issuer)
	require.Equal(t, utc("2026-03-17T11:15:00Z"), u.StatusAt)
}
