package carrier_test

// Works by reading ShipEngine bodies of both shapes against literals from its
// pages, and signatures that openssl made. It would catch a signature over other
// bytes or by a weak key, a stranger who makes us fetch keys, a status or detail
// that means something else, and a history told from its end.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// The key and the signatures below are by openssl 3: genrsa 2048, and dgst -sign
// over "2026-03-04T12:00:00Z." and shipengineBody.
const (
	shipengineN       = "tPUoe2j6Xlkq6UyAhL5EvuBb_8xArU8ful-T8cNf6XOlbF-blexqkRP5d99p_IN_jmaE81qMXLncR5wv-7n7Q7Bfx7piPYG9J0NuOdEH219PM-AWazCSN7u1rGFduUmaWyM2dA4E6iRKv2OERqfwfioE-NygZurJaySSlsCJVl1O3Qy-aETISJY6MaGWGTp1CxLIq6eqYZFjsE8HGuV90vy1SKgBxTBpQ8bCdMlgTQjiMiGB_W2Mf6SnTPPFuS1rILCQrQNbSZzFeoQtok8xZCkr84U21iZIl_Eur8vKzUojkQezfjTzv4JPmCvxh_gqRDFele6NgrWF5BMWr7j5Uw"
	shipengineD       = "A1lkP0B9DLqWOjvHE_ZpsR0-ImWTFUZZIFnFpS1ukgvtAKRBB28qG8PCgsIqC1C0JLXfG7w0doTjDJkvAgkCm0kDkZtoAd70WfuVnQyHq4fZXA7vAJ96jEGXX7RbXTh0wTS8RT1H_FadBMCLI8ROSfPDNXZ4KnkSLq4tPVEdBEdCkXBWvF3QrObiwL23jXRsqu12nNTqrVYoCm3OvltKil7flcKJHqDFcWD1WwsoYFOc2Kl5XTgPLDC5gO6mrMrITfbVF6W-R-PbZjO0f69PZo0Pt-p_Leojp0MjQ-WMl1jvcBFN5rU8-9Kc2a-ggFz-fr2l5VI1_XcUFx-gHWCULQ"
	shipengineBody    = `{"resource_type":"API_TRACK","data":{"tracking_number":"1ZFBA15ABC","status_code":"DE"}}`
	shipengineGenuine = "bfTTZV+uhvWTgws8VXvF1nQzh4EqGAPWYmZn/goB6CO3a2uc7uAbIm4xgfIDUP8ymRHlZtN0mIDHlWBa20zzGbhJfg85XuSggbjUK4qu17CiE+4VXkSqBd7x8GptEYuTT0dm+00152OJ9o7j+KtboZ90TSagJJ5E1vz11062cWTkkF+DTfZcxT4oOUdqnBEMC2wWn+U6XfkqkfUwfTWWwbyMDo4SJKpIBKlBsUtk2mq/nzeTkeUNDgyp2r1PQK5rDpDuzsSNOSsTg9W+UYidHF8uP3D1gx68EzfiTqcqoQLTbHbbMF/BqiAFzNU7fNPbHPaRiL5+kvmp+If16iVEdQ=="
	shipengineSHA512  = "rgvVbkHZAMItgrmVp+k/ksWmEu+DJoIx/zri6SSKkbmQSMPHtIYeyI7HXsVxnQS6DwPCZArd8TlDIlvG0rskzlDt53yDiJShyPwWvm5Lo4Ijm6MORpBlwZDDX4t2EX63NP0/08A/Oy5oSHiXZ0yb0jeTaBP0B9Xz2Fxa/G3mRWAAfB9RfjeEklk1xXiBEpcCpjboMxP3XfBfCu6KV0P7BojY/OB9WzQgjCS87DuPso0FiA/esamFJwpQGrIrPhsT0EUrh31bahIOAukJ8WZTs1jeiqK5s8pbaoxN2GIgIbnSV0s25fg5c8YxVYJ8zbbk6cUPSWe7Uijd4MmFUlnafw=="
	shipenginePSS     = "i1QTdXtcPSZNwYgaO/orSDF761LC6V0nViLW91pbDYu5LqFfebDOjz9OULA4V86+u9hK68veTsZSIonsc/aHIY1aTjgAwY2ctQ3FsI3iC3sMqZ7LhO7bGTiU6KmoZicXoaScYE2MSehZ42u4r4DVdfsAkLD/ifVgPCqW6/1vcgDcR3GhYzMfLaM2JkaGo2yyWgvLPD6VeVPpPXxqhfTkUh7Vi70EVMAVuseHkZfnIRGj9iUNLvvyhH/L/kNYwu1PggQliHaMs3WCApOxtY94aTnc12Ahobmv7JELrWoRKFTq2DROBmr37qfsuVX811ItxaA5iIPEMS75OVKd/bqpew=="
	shipengineUntimed = "FQL6A9Vq1J6sqeRDT7yKr6RDmUrxWkDW799EQuy43vAgIUSF1KSUaqtWsBMIu1zcrzJRAGLx7KgQs6dKfECrVX+wn3rvSAC7Ex40vnMxtu8QBwrZrhOb1tQfOlhKoxZcPSNbNBkNNLqw7JyfkByKwcEXYYCX0YoG1jFzxB14JTVmO2H9wmhF0otac8FpWyyMOLVVwsRUiB8IvskEFbrGaJrZKwR8UCzm+4hEayLi/xlyvxrsp02t/Vnf9mZmsvO1hMUfPMLbZyZG4nlDQTORIw4KtggaDrmlovz+Xfhqn3CYePLX4km3hOpAIWZD9FhuNVeaCA/TMisNW5DbrMZJIQ=="

	// Of 1,024 bits, with its signature over the same bytes.
	shipengineWeakN = "vv13Xc3GeW4rFuIofINbneC39JMnQcl5RNLCV37qek2WyAMc2fY5UOnhfr14vbt1gECL-uwZ8IL-t7Z-jjYpcdteNcbmQtbNj3HvD7taTWazoIQ9vulzWqA1NDJNhUVc01d0vx6LwtSNaUZq23HpKsxwTITHfXRKkgmD2mYrGDU"
	shipengineWeak  = "XBKgqftCpCUllRG2svDkFhlDJSq1KJPiBwrrW3osIBIQMQ5vl6t0uwa6SPEWx6RiByTN/xpOx3XUtHDevZgCrTfzsC7t/Pb6EShqSDOHhHcB1R/um2dBa8VOPnTj+zoBjPDYspfTgKizxhXRXgAURGdAY0fOu9N7vTccorlwiic="

	shipengineToken = "5f0c1d7a9e3b4628"
)

// shipengineKey is a key set with one key of the members.
func shipengineKey(members string) string { return `{"keys":[{` + members + `}]}` }

func shipenginePublic(id string) string {
	return shipengineKey(`"kty":"RSA","use":"sig","alg":"RS256","kid":"` + id + `","n":"` + shipengineN + `","e":"AQAB"`)
}

func shipenginePrivate(id string) string {
	return shipengineKey(`"kty":"RSA","kid":"` + id + `","n":"` + shipengineN + `","e":"AQAB","d":"` + shipengineD + `"`)
}

var shipengine = sampleOf("shipengine", sample{
	secret: shipengineToken + " " + shipenginePrivate("2026-a"), other: "another-token-of-acme" + " " + shipenginePrivate("2026-b"),
	malformed: []string{"", shipengineToken, shipengineToken + " ", "short " + shipenginePrivate("2026-a"), "0123456789abcdef {}",
		"0123456789abcdef " + shipenginePublic("2026-a"), "0123456789abcdef https://api.shipengine.com/jwks"},
	timed: true, tail: true, key: "X-Shipengine-Rsa-Sha256-Key-Id",
	headers: []string{"X-Shipengine-Rsa-Sha256-Key-Id", "X-Shipengine-Timestamp", "X-Shipengine-Rsa-Sha256-Signature"},
	usual:   "webhook-shipengine-in-transit.json", field: "data.tracking_number", irrelevant: "webhook-shipengine-batch.json",
})

func FuzzShipEngineParse(f *testing.F)  { fuzzParse(f, shipengine) }
func FuzzShipEngineVerify(f *testing.F) { fuzzVerify(f, shipengine) }

func BenchmarkShipEngineParse(b *testing.B) {
	benchmarkParse(b, "shipengine", "webhook-shipengine-in-transit.json")
}

// shipengineRequest is the vector's request with another signature and timestamp.
func shipengineRequest(signature, timestamp string) carrier.Request {
	return carrier.Request{Tail: shipengineToken, Body: []byte(shipengineBody), Header: http.Header{
		"X-Shipengine-Rsa-Sha256-Key-Id": {"2026-a"}, "X-Shipengine-Timestamp": {timestamp}, "X-Shipengine-Rsa-Sha256-Signature": {signature},
	}}
}

func TestShipEnginesSignatureIsRSAOverTheTimeAndTheBody(t *testing.T) {
	const at = "2026-03-04T12:00:00Z"
	secrets := []string{shipengineToken + " " + shipenginePublic("2026-a")}
	require.NoError(t, shipengine.Verify(shipengineRequest(shipengineGenuine, at), secrets, now))
	ours := signed(shipengine, shipengineToken+" "+shipenginePrivate("2026-a"), []byte(shipengineBody), now)
	require.Equal(t, shipengineGenuine, ours.Header.Get("X-Shipengine-Rsa-Sha256-Signature"))
	require.Equal(t, at, ours.Header.Get("X-Shipengine-Timestamp"))

	for why, request := range map[string]carrier.Request{
		"SHA-512":             shipengineRequest(shipengineSHA512, at),
		"PSS":                 shipengineRequest(shipenginePSS, at),
		"the body alone":      shipengineRequest(shipengineUntimed, at),
		"another time":        shipengineRequest(shipengineGenuine, "2026-03-04T12:00:01Z"),
		"the time, respelled": shipengineRequest(shipengineGenuine, "2026-03-04T13:00:00+01:00"),
		"a line end in it":    shipengineRequest(shipengineGenuine[:40]+"\n"+shipengineGenuine[40:], at),
		"a stray low bit":     shipengineRequest(strings.Replace(shipengineGenuine, "dQ==", "dR==", 1), at),
		"no base64":           shipengineRequest("%", at),
		"too short":           shipengineRequest("AAAA", at),
	} {
		t.Log(why)
		refused(t, shipengine.Verify(request, secrets, now), "matches none of 1 secrets")
	}
	longer := shipengineRequest(shipengineGenuine, at)
	longer.Body = append(longer.Body, '\n')
	refused(t, shipengine.Verify(longer, secrets, now), "matches none of 1 secrets")
	refused(t, shipengine.Verify(shipengineRequest(shipengineGenuine, "1772625600"), secrets, now), "RFC 3339")
}

func TestAShipEngineKeyThatWeDoNotKnowYetIsWaitedFor(t *testing.T) {
	request := shipengineRequest(shipengineGenuine, "2026-03-04T12:00:00Z")
	for why, set := range map[string]string{
		"another key": shipenginePublic("2025-z"), "no key": `{"keys":[]}`, "its address alone": "https://api.shipengine.com/jwks",
		"an outage": "<html>502</html>", "a key twice in one": shipengineKey(`"kid":"2026-a","kid":"2026-a"`),
	} {
		err := shipengine.Verify(request, []string{shipengineToken + " " + set}, now)
		require.True(t, fault.Is(err, fault.Transient), "%s: %v", why, err)
		shown, _ := errors.AsType[*fault.Error](err)
		require.Equal(t, "UNKNOWN_KEY", shown.Code, why)

		stranger := request
		stranger.Tail = "5f0c1d7a9e3b4629"
		refused(t, shipengine.Verify(stranger, []string{shipengineToken + " " + set}, now), "token of none of 1 secrets")
	}
	old := shipengineRequest(shipengineGenuine, "2026-03-04T11:54:59Z")
	refused(t, shipengine.Verify(old, []string{shipengineToken + " {}"}, now), "old")

	address := shipengineToken + " https://api.shipengine.com/jwks"
	require.Equal(t, "https://api.shipengine.com/jwks", shipengine.Keys.URL(address))
	filled := shipengine.Keys.Fill(address, []byte(shipenginePublic("2026-a")))
	require.NoError(t, shipengine.Verify(request, []string{filled}, now))
	require.NoError(t, shipengine.Verify(request, []string{shipengine.Keys.Fill(filled, []byte(shipenginePublic("2026-a")))}, now))
	for _, none := range []string{filled, "", shipengineToken, "short https://api.shipengine.com/jwks", shipengineToken + " http://api.shipengine.com/jwks"} {
		require.Empty(t, shipengine.Keys.URL(none), none)
	}
}

func TestOnlyAStrongRSAKeyForSignaturesVerifies(t *testing.T) {
	const at = "2026-03-04T12:00:00Z"
	n := `"n":"` + shipengineN + `"`
	for members, good := range map[string]bool{
		`"kid":"2026-a","kty":"RSA","e":"AQAB",` + n:                                   true,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","use":"sig","alg":"RS256","x":[1],` + n: true,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","use":"enc",` + n:                       false,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","alg":"RS512",` + n:                     false,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","alg":"none",` + n:                      false,
		`"kid":"2026-a","kty":"EC","e":"AQAB",` + n:                                    false,
		`"kid":"2026-a","e":"AQAB",` + n:                                               false,
		`"kid":"2026-a","kty":"RSA",` + n:                                              false,
		`"kid":"2026-a","kty":"RSA","e":"AQ",` + n:                                     false,
		`"kid":"2026-a","kty":"RSA","e":"AQAAAAAAAQAB",` + n:                           false,
		`"kid":"2026-a","kty":"RSA","e":"AQAB"`:                                        false,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","n":"` + shipengineN + `=="`:            false,
		`"kid":"2026-a","kty":"RSA","e":"AQAB","n":"` + shipengineN[1:] + `"`:          false,
	} {
		err := shipengine.Verify(shipengineRequest(shipengineGenuine, at), []string{shipengineToken + " " + shipengineKey(members)}, now)
		if good {
			require.NoError(t, err, members)
		} else {
			refused(t, err, "matches none")
		}
	}
	weak := shipengineKey(`"kid":"2026-a","kty":"RSA","e":"AQAB","n":"` + shipengineWeakN + `"`)
	refused(t, shipengine.Verify(shipengineRequest(shipengineWeak, at), []string{shipengineToken + " " + weak}, now), "matches none")
	both := strings.Replace(shipenginePublic("2026-a"), "[", `[{"kid":"2026-a","kty":"RSA","e":"AQAB","n":"`+shipengineWeakN+`"},`, 1)
	require.NoError(t, shipengine.Verify(shipengineRequest(shipengineGenuine, at), []string{shipengineToken + " " + both}, now))
}

func TestTheSameRandomBytesMakeTheSameShipEngineSecret(t *testing.T) {
	secret := shipengine.Secret([]byte("0123456789abcdef0123456789abcdef"))
	require.Equal(t, secret, shipengine.Secret([]byte("0123456789abcdef0123456789abcdef")))
	require.Regexp(t, `^[0-9a-f]{32} \{"keys":\[\{"kty":"RSA","use":"sig","alg":"RS256","kid":"[0-9a-f]{8}","n":"[\w-]{342}","e":"AQAB","d":"[\w-]{339,342}"\}\]\}$`, secret)
	require.Less(t, len(secret), 4096, "a secret of the Parameter Store has at most 4 KiB")

	for i := range byte(6) { // a key that is short of a bit would be refused as weak
		secret := shipengine.Secret([]byte("0123456789abcdef0123456789abcde" + string('0'+i)))
		request := signed(shipengine, secret, []byte(shipengineBody), now)
		require.NoError(t, shipengine.Verify(request, []string{secret}, now))
	}
}

// shipengineTracker is a tracker with one event of the status and detail, after
// a first.
func shipengineTracker(status, detail string) []byte {
	return fmt.Appendf(nil, `{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9","status_code":%q,"status_detail_code":%q,"events":[
		{"occurred_at":"2026-03-04T10:00:00Z","description":"m","status_code":%[1]q,"status_detail_code":%[2]q},
		{"occurred_at":"2026-03-01T10:00:00Z","status_code":"NY"}]}}`, status, detail)
}

func TestShipEnginesStatusesMeanWhatTheySay(t *testing.T) {
	for row := range strings.Lines(shipengineRows) {
		said, means, _ := strings.Cut(strings.TrimSpace(row), " = ")
		status, detail, _ := strings.Cut(said, "/")
		reports, err := shipengine.Parse(shipengineTracker(status, detail))
		require.NoError(t, err)
		scans := reports[0].Scans
		require.Len(t, scans, 2, row)
		require.Equal(t, means, strings.TrimSpace(scans[1].Status.String()+" "+scans[1].Code.String()), row)
		if scans[1].Code == supply.CodeUnknown {
			require.Equal(t, strings.TrimSpace(status+" "+detail), scans[1].Text)
		} else {
			require.Equal(t, "m", scans[1].Text)
		}
	}
}

// What ShipEngine sends = what it means, from the descriptions in its openapi.yaml.
const shipengineRows = `UN/ = UNKNOWN INFO
	NY/ = PRE_TRANSIT
	AC/ = IN_TRANSIT PICKED_UP
	IT/ = IN_TRANSIT
	DE/ = DELIVERED
	SP/ = AVAILABLE_FOR_PICKUP
	AT/ = DELIVERY_ATTEMPTED
	EX/ = EXCEPTION
	it/ = UNKNOWN UNKNOWN
	ZZ/NEXT_YEAR = UNKNOWN UNKNOWN
	IT/NEXT_YEAR = IN_TRANSIT
	ZZ/DELIVERED = DELIVERED DELIVERED
	/DELIVERED = DELIVERED DELIVERED
	/INFORMATION = UNKNOWN INFO
	UN/CARRIER_STATUS_NOT_MAPPED = UNKNOWN INFO
	NY/SHIPMENT_CREATED = PRE_TRANSIT INFO_RECEIVED
	NY/AWAITING_PICKUP_DROP_OFF = PRE_TRANSIT
	AC/DROPPED_OFF = IN_TRANSIT DROPPED_OFF
	AC/ELEC_ADVICE_RECD_BY_CARRIER = PRE_TRANSIT INFO_RECEIVED
	AC/PICKED_UP = IN_TRANSIT PICKED_UP
	IT/CUSTOMS_CLEARED = IN_TRANSIT CUSTOMS_RELEASED
	IT/CUSTOMS_PROCESSING = IN_TRANSIT CUSTOMS_ENTERED
	IT/DELIVERY_ARRANGED_WITH_RECIPIENT = IN_TRANSIT APPOINTMENT_SET
	IT/HUB_SCAN_OUT = IN_TRANSIT DEPARTED
	IT/HUB_SCAN_IN = IN_TRANSIT ARRIVED
	IT/IN_TRANSIT = IN_TRANSIT
	IT/INFORMATION = IN_TRANSIT
	IT/PARCEL_OVER_LABELLED = IN_TRANSIT
	IT/PARCEL_UPDATE_NOTIFICATION = IN_TRANSIT
	IT/RECEIVED_BY_CARRIER = IN_TRANSIT PICKED_UP
	IT/RECEIVED_LOCAL_DELIVERY_DEPOT = IN_TRANSIT ARRIVED
	IT/SUB_CONTRACTOR_EVENT = IN_TRANSIT
	IT/SUB_CONTRACTOR_RECEIVED = IN_TRANSIT ARRIVED
	IT/PARCEL_REDIRECTED = IN_TRANSIT ADDRESS_ISSUE
	IT/DELIVERY_SCHEDULED = IN_TRANSIT APPOINTMENT_SET
	IT/HUB_PROCESSING = IN_TRANSIT HUB_SCAN
	IT/DELIVERY_RESCHEDULED = IN_TRANSIT RESCHEDULED
	AT/ATTEMPTED_DELIVERY = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	AT/ATTEMPTED_DELIVERY_FINAL = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	DE/COD_AMOUNT_PAID = DELIVERED
	AT/CUSTOMER_CARDED = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	IT/OUT_FOR_DELIVERY = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	SP/AWAITING_COLLECTION_FROM_PICKUP_POINT = AVAILABLE_FOR_PICKUP AVAILABLE
	SP/COLLECT_AT_LOCAL_PO = AVAILABLE_FOR_PICKUP AVAILABLE
	SP/CUSTOMER_TO_COLLECT_FROM_CARRIER = AVAILABLE_FOR_PICKUP AVAILABLE
	DE/DELIVERED_TO_RECEPTION = DELIVERED DELIVERED
	DE/DELIVERED = DELIVERED DELIVERED
	DE/DELIVERED_DAMAGED = DELIVERED DAMAGED
	DE/DELIVERED_IN_PART = DELIVERED DELIVERED_PARTIAL
	DE/DELIVERED_SPECIFIED_SAFE_PLACE = DELIVERED DELIVERED
	DE/DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION = AVAILABLE_FOR_PICKUP AVAILABLE
	DE/DELIVERED_TO_NEIGHBOUR = DELIVERED DELIVERED
	DE/DELIVERED_TO_PO_BOX = DELIVERED DELIVERED
	DE/PARCEL_COLLECTED_FROM_PICKUP_POINT = DELIVERED PICKED_UP_BY_CONSIGNEE
	DE/POST_TRANSIT_STATUS = DELIVERED
	DE/PROOF_OF_DELIVERY = DELIVERED DELIVERED
	EX/PICKUP_FAILED = PRE_TRANSIT DELAYED
	EX/NOT_YET_RECEIVED_BY_CARRIER = PRE_TRANSIT DELAYED
	EX/PARCEL_DAMAGED = EXCEPTION DAMAGED
	EX/ADDRESS_QUERY = EXCEPTION ADDRESS_ISSUE
	EX/CARRIER_DELAYS = EXCEPTION DELAYED
	EX/DELAYED_NOT_CARRIER = EXCEPTION DELAYED
	EX/HELD_BY_CARRIER = EXCEPTION HELD
	EX/HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING = EXCEPTION CUSTOMS_HOLD
	EX/HELD_BY_CUSTOMS = EXCEPTION CUSTOMS_HOLD
	EX/INCORRECT_DECLARATION = EXCEPTION DELAYED
	EX/MISROUTED = EXCEPTION DELAYED
	EX/PARCEL_REPACKED = EXCEPTION DAMAGED
	EX/RECD_BY_CARRIER_NO_ELEC_ADVICE = IN_TRANSIT PICKED_UP
	AT/COD_AMOUNT_NOT_PAID = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	AT/CUSTOMER_IDENTIFICATION_FAILED = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	AT/NO_ACCESS_TO_RECIPIENTS_ADDRESS = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	EX/CANCELLED = CANCELLED CANCELLED
	EX/CUSTOMER_MOVED = RETURNING RETURN_STARTED
	EX/HAZARDOUS_PROHIBITED = RETURNING RETURN_STARTED
	EX/NOT_COLLECTED_FROM_PICKUP_POINT = RETURNING RETURN_STARTED
	EX/NOT_DELIVERED = RETURNING RETURN_STARTED
	EX/NOT_DELIVERED_ADDRESSEE_DECEASED = EXCEPTION HELD
	EX/PARCEL_DISPOSED = EXCEPTION LOST
	EX/PARCEL_LOST = EXCEPTION LOST
	EX/PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY = RETURNING RETURN_STARTED
	EX/REFUSED_BY_CUSTOMER = RETURNING REFUSED
	EX/RETURN_TO_SENDER = RETURNING RETURN_STARTED
	EX/UNSPECIFIED_EXCEPTION = EXCEPTION
	EX/TRACKING_EXPIRED = EXPIRED TRACKING_STOPPED
	EX/DUTY_NOT_PAID = EXCEPTION CUSTOMS_HOLD
	EX/PARCEL_REDIRECTED_BY_CARRIER = EXCEPTION ADDRESS_ISSUE
	SP/DELIVERED_TO_PICKUP_POINT = AVAILABLE_FOR_PICKUP ARRIVED
	EX/UNDELIVERABLE_RETURNED_TO_SENDER = RETURNED RETURNED
	NY/AWAITING_DESPATCH = PRE_TRANSIT
	NY/AWAITING_ELECTRONIC_ADVICE = PRE_TRANSIT
	NY/COLLECTION_REQUESTED = PRE_TRANSIT
	EX/COLLECTION_FAILED = PRE_TRANSIT DELAYED
	AC/COLLECTION_MADE = IN_TRANSIT PICKED_UP
	AC/DESPATCHED = IN_TRANSIT DROPPED_OFF
	AT/ATTEMPTED_DELIVERY_2ND = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	AT/ATTEMPTED_DELIVERY_3RD = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	AT/INVALID_METHOD_OF_PAYMENT = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	DE/DELIVERED_TO_LOCKER_COLLECTION_POINT = AVAILABLE_FOR_PICKUP AVAILABLE
	IT/MISSORTED = EXCEPTION DELAYED
	IT/ROUTING_ERROR = EXCEPTION DELAYED
	IT/HELD_BY_EXPORT_CUSTOMS = EXCEPTION CUSTOMS_HOLD
	IT/HELD_BY_IMPORT_CUSTOMS = EXCEPTION CUSTOMS_HOLD
	EX/CANCELLED_BEFORE_DESPATCH = CANCELLED CANCELLED
	IT/PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL = IN_TRANSIT
	IT/PARCEL_UPDATE_NOTIFICATION_VIA_SMS = IN_TRANSIT`

func TestAShipEngineParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := shipengine.Parse(event(t, "webhook-shipengine-in-transit.json"))
	require.NoError(t, err)
	day := utc("2026-03-05T00:00:00Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABC", Issuer: "ups", Snapshot: true,
		ETAs: supply.Expect(supply.Window{From: day, To: day, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-01T09:12:00Z"), Text: "Shipper created a label, the carrier has not received the package yet.", Place: "DE"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T16:40:00Z"), Local: true, Text: "Pickup scan", Place: "Leipzig, SN"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T18:02:00Z"), Text: "Arrived at facility", Place: "Köln, NW, DE"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-03T21:10:00Z"), Text: "Departed from facility", Place: "Köln, NW, DE"},
		}}}, reports)
}

func TestAnOlderShipEnginePayloadNamesItsCarrierInTheAddress(t *testing.T) {
	reports, err := shipengine.Parse(event(t, "webhook-shipengine-delivered-old-shape.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "9400111FBA15ABD", Issuer: "usps", Snapshot: true, Scans: []supply.Scan{
		{Code: supply.CodeInfo, At: utc("2026-03-02T02:33:38.252Z"), Text: "Accepted at USPS Origin Facility", Place: "AUSTIN, TX"},
		{Code: supply.CodeInfo, At: utc("2026-03-04T13:10:00Z"), Text: "Out for Delivery", Place: "RENO, NV"},
		{Status: supply.Delivered, Code: supply.StatusOnly, At: utc("2026-03-04T17:45:26.734Z"), Text: "Delivered, Front Desk/Reception", Place: "RENO, NV"},
	}}}, reports)

	for address, issuer := range map[string]string{
		"https://api.shipengine.com/v1/tracking/usps/9400":                                 "usps",
		"https://api.shipengine.com/v1/tracking?carrier_code=fedex&tracking_number=9400":   "fedex",
		"https://api.shipengine.com/v1/tracking?tracking_number=9400&carrier_code=endicia": "usps",
		"https://api.shipstation.com/v2/labels/se-1/track":                                 "",
		"%zz": "", "": "",
	} {
		reports, err := shipengine.Parse(fmt.Appendf(nil, `{"resource_type":"API_TRACK","resource_url":%q,"data":{"tracking_number":"9400"}}`, address))
		require.NoError(t, err)
		require.Equal(t, issuer, reports[0].Issuer, address)
	}
}

func TestAResellersLabelIsTheCarriersParcel(t *testing.T) {
	u := follow(t, shipengine, event(t, "webhook-shipengine-refused.json"))
	require.Equal(t, "UPS", u.Issuer)
	require.Equal(t, supply.Returning, u.Status)
	require.Equal(t, "REFUSED RETURNING", u.Troubles.String())
	require.Zero(t, u.Arrived)
}

func TestUPSsOwnCodesStandInForDetailsThatShipEngineHasNone(t *testing.T) {
	body := event(t, "webhook-shipengine-ups-without-details.json")
	reports, err := shipengine.Parse(body)
	require.NoError(t, err)
	day := utc("2026-03-04T00:00:00Z")
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABF", Issuer: "ups", Snapshot: true,
		ETAs: supply.Expect(supply.Window{From: day, To: day, DateOnly: true}),
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-01T15:00:00Z"), Text: "Label Created", Place: "Fresno, CA, US"},
			{Status: supply.InTransit, Code: supply.DroppedOff, At: utc("2026-03-01T18:05:00Z"), Text: "Dropped off at The UPS Store", Place: "Fresno, CA, US"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T01:20:00Z"), Text: "We Have Your Package", Place: "Fresno, CA, US"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-03T22:40:00Z"), Text: "On the Way", Place: "Fresno, CA, US"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T10:12:00Z"), Text: "On the Way", Place: "Sparks, NV, US"},
			{Status: supply.InTransit, Code: supply.HubScan, At: utc("2026-03-04T13:58:40Z"), Text: "Loaded on Delivery Vehicle", Place: "Reno, NV, US"},
			{Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery, At: utc("2026-03-04T14:31:07Z"), Text: "Out for Delivery", Place: "Reno, NV, US"},
		}}}, reports)
	require.Equal(t, supply.OutForDelivery, follow(t, shipengine, body).Status)

	for said, means := range map[string]string{
		`"carrier_code":"ups_walleted","status_code":"IT","carrier_status_code":"I","carrier_detail_code":"OT"`:                           "OUT_FOR_DELIVERY OUT_FOR_DELIVERY",
		`"carrier_code":"ups","carrier_status_code":"I","carrier_detail_code":"OT"`:                                                       "OUT_FOR_DELIVERY OUT_FOR_DELIVERY",
		`"carrier_code":"ups","status_code":"IT","carrier_status_code":"I","carrier_detail_code":"ZZ"`:                                    "IN_TRANSIT ",
		`"carrier_code":"ups","status_code":"IT","status_detail_code":"HUB_SCAN_IN","carrier_status_code":"I","carrier_detail_code":"OT"`: "IN_TRANSIT ARRIVED",
		`"carrier_code":"dpd","status_code":"IT","carrier_status_code":"I","carrier_detail_code":"OT"`:                                    "IN_TRANSIT ",
	} {
		reports, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9",` + said + `}}`))
		require.NoError(t, err)
		require.Len(t, reports[0].Scans, 1, said)
		require.Equal(t, means, reports[0].Scans[0].Status.String()+" "+reports[0].Scans[0].Code.String(), said)
	}
}

func TestWhatNoShipEngineEventSaysTheTrackerSays(t *testing.T) {
	for _, c := range []struct {
		why, data string
		status    supply.TrackStatus
		since     string
		local     bool
		scans     int
	}{
		{"no event at all", `"status_code":"NY"`, supply.PreTransit, "", false, 1},
		{"delivered, and when", `"status_code":"DE","actual_delivery_date":"2026-03-04T09:00:00Z"`, supply.Delivered, "2026-03-04T09:00:00Z", false, 1},
		{"an event without a status is the newest", `"status_code":"DE","events":[{"occurred_at":"2026-03-04T09:00:00Z"},{"occurred_at":"2026-03-03T09:00:00Z"}]`, supply.Delivered, "2026-03-04T09:00:00Z", false, 2},
		{"told from the beginning", `"status_code":"DE","events":[{"occurred_at":"2026-03-03T09:00:00Z"},{"occurred_at":"2026-03-04T09:00:00Z"}]`, supply.Delivered, "2026-03-04T09:00:00Z", false, 2},
		{"the newest stands in the middle", `"status_code":"DE","events":[{"occurred_at":"2026-03-02T09:00:00Z"},{"occurred_at":"2026-03-04T09:00:00Z"},{"occurred_at":"2026-03-03T09:00:00Z"}]`, supply.Delivered, "2026-03-04T09:00:00Z", false, 3},
		{"the newest event says something else", `"status_code":"EX","events":[{"occurred_at":"2026-03-04T09:00:00","status_code":"IT"}]`, supply.Exception, "2026-03-04T09:00:00Z", true, 2},
		{"an event says it already", `"status_code":"DE","actual_delivery_date":"2026-03-05T00:00:00","events":[{"occurred_at":"2026-03-04T09:00:00Z","status_code":"DE"}]`, supply.Delivered, "2026-03-04T09:00:00Z", false, 1},
		{"nobody knows it", `"status_code":"ZZ","events":[{"occurred_at":"2026-03-04T09:00:00Z"}]`, supply.TrackUnknown, "2026-03-04T09:00:00Z", false, 2},
		{"nobody says it", `"events":[{"occurred_at":"2026-03-04T09:00:00Z"}]`, supply.TrackUnknown, "2026-03-04T09:00:00Z", false, 1},
	} {
		reports, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9",` + c.data + `}}`))
		require.NoError(t, err, c.why)
		scans := reports[0].Scans
		require.Len(t, scans, c.scans, c.why)
		last := scans[len(scans)-1]
		for _, s := range scans {
			if s.At.After(last.At) {
				last = s
			}
		}
		require.Equal(t, c.status.String(), last.Status.String(), c.why)
		require.Equal(t, c.local, last.Local, c.why)
		if c.since == "" {
			require.Zero(t, last.At, c.why)
		} else {
			require.Equal(t, utc(c.since), last.At, c.why)
		}
	}
}

func TestAShipEngineTimeWithoutAZoneIsLocal(t *testing.T) {
	for _, c := range []struct {
		times string
		at    string
		local bool
	}{
		{`"occurred_at":"2026-03-04T09:00:00Z","carrier_occurred_at":"2026-03-04T01:00:00"`, "2026-03-04T09:00:00Z", false},
		{`"occurred_at":"2026-03-04T09:00:00+01:00"`, "2026-03-04T08:00:00Z", false},
		{`"occurred_at":"2026-03-04T09:00:00"`, "2026-03-04T09:00:00Z", true},
		{`"carrier_occurred_at":"2026-03-04T01:00:00Z"`, "2026-03-04T01:00:00Z", true},
		{`"carrier_occurred_at":"2026-03-04T01:00:00-08:00"`, "2026-03-04T01:00:00Z", true},
		{`"event_date":"2026-03-04T09:00:00.5Z"`, "2026-03-04T09:00:00.5Z", false},
	} {
		reports, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9","events":[{` + c.times + `}]}}`))
		require.NoError(t, err)
		require.Equal(t, utc(c.at), reports[0].Scans[0].At, c.times)
		require.Equal(t, c.local, reports[0].Scans[0].Local, c.times)
	}
	reports, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9","events":[{}]}}`))
	require.NoError(t, err)
	require.Equal(t, []supply.Scan{{Code: supply.CodeInfo}}, reports[0].Scans)
}

func TestShipEnginesETAIsADayUnlessItIsAnInstant(t *testing.T) {
	for said, want := range map[string]supply.Window{
		`null`:                        {},
		`"2026-03-05T00:00:00"`:       {From: utc("2026-03-05T00:00:00Z"), To: utc("2026-03-05T00:00:00Z"), DateOnly: true},
		`"2026-03-05T00:00:00Z"`:      {From: utc("2026-03-05T00:00:00Z"), To: utc("2026-03-05T00:00:00Z"), DateOnly: true},
		`"2026-03-05T17:00:00"`:       {From: utc("2026-03-05T00:00:00Z"), To: utc("2026-03-05T00:00:00Z"), DateOnly: true},
		`"2026-03-05T17:00:00-05:00"`: {From: utc("2026-03-05T22:00:00Z"), To: utc("2026-03-05T22:00:00Z")},
	} {
		reports, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9","estimated_delivery_date":` + said + `}}`))
		require.NoError(t, err)
		require.Equal(t, supply.Expect(want), reports[0].ETAs, said)
	}
}

func TestAShipEngineTimeThatIsNoneIsNamed(t *testing.T) {
	for field, data := range map[string]string{
		"data.estimated_delivery_date":       `"estimated_delivery_date":"soon"`,
		"data.actual_delivery_date":          `"status_code":"DE","actual_delivery_date":"5.3.2026"`,
		"data.events[1].occurred_at":         `"events":[{},{"occurred_at":"2026-02-30T00:00:00Z"}]`,
		"data.events[0].carrier_occurred_at": `"events":[{"carrier_occurred_at":"10:00"}]`,
		"data.events[0].event_date":          `"events":[{"event_date":"1969-01-01T00:00:00Z"}]`,
	} {
		_, err := shipengine.Parse([]byte(`{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9",` + data + `}}`))
		require.True(t, fault.Is(err, fault.Invalid), field)
		require.ErrorContains(t, err, field)
	}
}

func TestAShipEnginePointerWithoutDataMustBeFetched(t *testing.T) {
	body := event(t, "webhook-shipengine-thin-unreadable.json")
	unreadable(t, shipengine, body, "thin")
	_, err := shipengine.Parse(body)
	require.ErrorContains(t, err, "must be fetched")
	refused(t, shipengine.Verify(carrier.Request{Body: body, Header: http.Header{}}, []string{samples["shipengine"].secret}, now), "")
	refused(t, shipengine.Verify(carrier.Request{Body: body, Header: http.Header{}, Tail: shipengineToken}, []string{samples["shipengine"].secret}, now), "has 0 values")

	for kind, readable := range map[string]bool{"API_BATCH": true, "SHIP_NOTIFY": true, "API_TRACKER": true, "API_TRACK": false, "TRACK_EVENT_V2": false, "": false} {
		reports, err := shipengine.Parse([]byte(`{"resource_type":"` + kind + `","data":["se-1"]}`))
		require.Equal(t, readable, err == nil, kind)
		require.Empty(t, reports, kind)
	}
}

// Each push repeats the history, so the parcel's is what the longest list says,
// whatever order the pushes arrive in.
func TestAShipEngineParcelEndsTheSameHoweverItsPushesArrive(t *testing.T) {
	var pushes [][]byte
	var events []string // newest first
	for i, code := range []string{"NY/SHIPMENT_CREATED", "AC/PICKED_UP", "EX/HELD_BY_CUSTOMS", "IT/CUSTOMS_CLEARED", "IT/OUT_FOR_DELIVERY", "DE/DELIVERED"} {
		status, detail, _ := strings.Cut(code, "/")
		said := fmt.Sprintf(`"status_code":%q,"status_detail_code":%q`, status, detail)
		at := now.Add(time.Duration(i) * time.Hour).Format(time.RFC3339)
		events = slices.Insert(events, 0, fmt.Sprintf(`{"occurred_at":%q,"description":"scan %d",%s}`, at, i, said))
		pushes = append(pushes, fmt.Appendf(nil, `{"resource_type":"API_TRACK","data":{"tracking_number":"1Z9","carrier_code":"ups",%s,"estimated_delivery_date":"2026-03-0%dT00:00:00","events":[%s]}}`,
			said, 4+i%2, strings.Join(events, ",")))
	}
	u := anyOrder(t, shipengine, pushes...)
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, now.Add(5*time.Hour), u.Arrived)
	require.EqualValues(t, 6, u.Scans)
	require.Zero(t, u.Troubles)
}

func TestAHostileShipEngineParcelHarmsNothing(t *testing.T) {
	reports, err := shipengine.Parse(event(t, "webhook-shipengine-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Empty(t, reports[0].Issuer)
	scans := reports[0].Scans
	require.Len(t, scans, 203)
	require.Equal(t, "ZZ", scans[202].Text)
	require.Equal(t, "Köln  "+strings.Repeat("x", 33), scans[202].Place)
	require.Equal(t, utc("2026-03-02T15:48:00Z"), scans[200].At)
	require.Equal(t, supply.ArrivedAt, scans[200].Code)

	u := follow(t, shipengine, event(t, "webhook-shipengine-hostile.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-02T15:48:00Z"), u.StatusAt)
	require.Equal(t, utc("2026-03-02T15:48:00Z"), u.Heard, "not 2099")
	require.Zero(t, u.Troubles)
}
