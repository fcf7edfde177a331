package carrier_test

// Works by reading FedEx pushes of ours against literals from FedEx's pages. It
// would catch a signature over other bytes, an event or a reason that means
// something else, "arriving on time" taken for an arrival, a promise taken for an
// estimate, and the old parcel of a number that is used again.

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

var fedex = sampleOf("fedex", sample{
	secret: "security token of acme", other: "another token", malformed: []string{""},
	headers: []string{"Fdx-Signature"},
	usual:   "webhook-fedex-in-transit.json", field: "output.completeTrackResults[0].trackingNumber",
})

func FuzzFedExParse(f *testing.F)  { fuzzParse(f, fedex) }
func FuzzFedExVerify(f *testing.F) { fuzzVerify(f, fedex) }

func BenchmarkFedExParse(b *testing.B) { benchmarkParse(b, "fedex", "webhook-fedex-in-transit.json") }

// The values are literals, computed with openssl. FedEx publishes no vector, and
// its page describes the signature in three ways; this is the one that it gives
// subscribers to check with.
func TestFedExsSignatureIsTheBase64OfTheBodysHMAC(t *testing.T) {
	body := []byte(`{"output":{"completeTrackResults":[]}}`)
	secrets := []string{"security token of acme"}
	for value, good := range map[string]bool{
		"BhAu7Qak+OzQU6hOdO6pLccc6/7eeYAHIniRrINIAvM=":                     true,
		"06102eed06a4f8ecd053a84e74eea92dc71cebfede798007227891ac834802f3": false, // in hex
		"1g2wff0VGXgwX7XemNGS8wPxFQSq7XHN0KsGOEbO4UA=":                     false, // a hash of both, no HMAC
		"k+GksGRg91A+kQaRPouMm/GfxZHjvb3ooW2anqxr34o=":                     false, // of the body in hex
	} {
		err := fedex.Verify(carrier.Request{Header: http.Header{"Fdx-Signature": {value}}, Body: body}, secrets, now)
		if good {
			require.NoError(t, err)
		} else {
			refused(t, err, "matches none of 1 secrets")
		}
	}
}

// fedexPush is a push about one number with these parcels.
func fedexPush(parcels string) []byte {
	return []byte(`{"output":{"completeTrackResults":[{"trackingNumber":"7489","trackResults":[` + parcels + `]}]}}`)
}

func TestFedExsEventsAndReasonsMeanWhatTheySay(t *testing.T) {
	for row := range strings.Lines(fedexRows) {
		said, means, _ := strings.Cut(strings.TrimSpace(row), " = ")
		codes := strings.Split(said+"//", "/")
		reports, err := fedex.Parse(fedexPush(fmt.Sprintf(`{"scanEvents":[{"date":"2026-03-04T10:00:00-08:00","eventType":%q,"derivedStatusCode":%q,"exceptionCode":%q,"eventDescription":"m"}]}`,
			codes[0], codes[1], codes[2])))
		require.NoError(t, err)
		scan := reports[0].Scans[0]
		require.Equal(t, means, strings.TrimSpace(scan.Status.String()+" "+scan.Code.String()), row)
		if scan.Code == supply.CodeUnknown {
			require.Equal(t, strings.TrimSpace(codes[0]+" "+codes[1]), scan.Text)
		} else {
			require.Equal(t, "m", scan.Text)
		}
	}
}

// eventType / derivedStatusCode / exceptionCode = what it means.
const fedexRows = `OC = PRE_TRANSIT INFO_RECEIVED
	OX = PRE_TRANSIT INFO_RECEIVED
	MD = PRE_TRANSIT INFO_RECEIVED
	EP = PRE_TRANSIT
	AP = PRE_TRANSIT
	PD = PRE_TRANSIT DELAYED
	PY = PRE_TRANSIT DELAYED
	DR = PRE_TRANSIT DELAYED
	PU = IN_TRANSIT PICKED_UP
	PX = IN_TRANSIT PICKED_UP
	IP = IN_TRANSIT PICKED_UP
	DO = IN_TRANSIT DROPPED_OFF
	OF = IN_TRANSIT ARRIVED
	LO = IN_TRANSIT DEPARTED
	AR = IN_TRANSIT ARRIVED
	AF = IN_TRANSIT ARRIVED
	SF = IN_TRANSIT ARRIVED
	FD = IN_TRANSIT ARRIVED
	AA = IN_TRANSIT ARRIVED
	AC = IN_TRANSIT ARRIVED
	AX = IN_TRANSIT ARRIVED
	PL = IN_TRANSIT ARRIVED
	PF = IN_TRANSIT DEPARTED
	DP = IN_TRANSIT DEPARTED
	EO = IN_TRANSIT DEPARTED
	EA = IN_TRANSIT
	IT = IN_TRANSIT
	IX = IN_TRANSIT
	OW = IN_TRANSIT
	TR = IN_TRANSIT HUB_SCAN
	CP = IN_TRANSIT CUSTOMS_ENTERED
	CC = IN_TRANSIT CUSTOMS_RELEASED
	RA = IN_TRANSIT ADDRESS_ISSUE
	PR = IN_TRANSIT ADDRESS_ISSUE
	AS = IN_TRANSIT ADDRESS_ISSUE
	HL = AVAILABLE_FOR_PICKUP
	HP = AVAILABLE_FOR_PICKUP AVAILABLE
	ED = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	OD = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	OD/IT = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	AD = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	DL = DELIVERED DELIVERED
	DE = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	SE = EXCEPTION
	CD = EXCEPTION CUSTOMS_HOLD
	DD = EXCEPTION DELAYED
	DY = EXCEPTION DELAYED
	HA = EXCEPTION HELD
	RT = EXCEPTION HELD
	RS = RETURNING RETURN_STARTED
	CA = CANCELLED CANCELLED
	US = UNKNOWN ETA_CHANGED
	AE = UNKNOWN ETA_CHANGED
	AO = UNKNOWN ETA_CHANGED
	DS = UNKNOWN INFO
	PM = UNKNOWN INFO
	CH = UNKNOWN INFO
	IN = UNKNOWN INFO
	SP = UNKNOWN INFO
	RR = UNKNOWN INFO
	RM = UNKNOWN INFO
	RC = UNKNOWN INFO
	RP = UNKNOWN INFO
	LP = UNKNOWN INFO
	RG = UNKNOWN INFO
	RD = UNKNOWN INFO
	Z9/IN = PRE_TRANSIT INFO_RECEIVED
	Z9/PU = IN_TRANSIT PICKED_UP
	Z9/IT = IN_TRANSIT
	Z9/OD = OUT_FOR_DELIVERY OUT_FOR_DELIVERY
	Z9/HL = AVAILABLE_FOR_PICKUP
	Z9/DL = DELIVERED DELIVERED
	Z9/DE = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	Z9/SE = EXCEPTION
	Z9/DY = EXCEPTION DELAYED
	Z9/RL = EXCEPTION DELAYED
	Z9/RS = RETURNING RETURN_STARTED
	Z9/CA = CANCELLED CANCELLED
	Z9/ZZ = UNKNOWN UNKNOWN
	dl/dl = UNKNOWN UNKNOWN
	DE/DE/03 = EXCEPTION ADDRESS_ISSUE
	DE/DE/07 = EXCEPTION REFUSED
	DE/DE/10 = EXCEPTION DAMAGED
	SE/SE/37 = EXCEPTION DAMAGED
	SE/SE/14 = EXCEPTION HELD
	SE/SE/59 = EXCEPTION HELD
	SE/SE/29 = EXCEPTION ADDRESS_ISSUE
	DE/DE/12 = EXCEPTION DELAYED
	SE/SE/18 = EXCEPTION DELAYED
	DY/DY/84 = EXCEPTION DELAYED
	SE/SE/85 = EXCEPTION DELAYED
	SE/SE/50 = EXCEPTION CUSTOMS_HOLD
	DY/DY/55 = EXCEPTION CUSTOMS_HOLD
	DE/DE/002 = EXCEPTION ADDRESS_ISSUE
	DE/DE/003 = EXCEPTION ADDRESS_ISSUE
	DE/DE/006 = EXCEPTION REFUSED
	DE/DE/012 = EXCEPTION DELAYED
	DE/DE/015 = EXCEPTION HELD
	DE/DE/027 = EXCEPTION DELAYED
	SE/SE/082 = EXCEPTION DELAYED
	DE/DE/010 = EXCEPTION HELD
	DE/DE/007 = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	DE/DE/08 = DELIVERY_ATTEMPTED DELIVERY_ATTEMPTED
	PU/PU/07 = IN_TRANSIT PICKED_UP
	DL/DL/07 = DELIVERED DELIVERED
	DL/DL/09 = DELIVERED DAMAGED
	DL/DL/025 = IN_TRANSIT DEPARTED
	DL/DL/028 = IN_TRANSIT DEPARTED
	DL/DL/026 = RETURNED RETURNED`

func TestAFedExParcelOfOursIsReadWhole(t *testing.T) {
	reports, err := fedex.Parse(event(t, "webhook-fedex-in-transit.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "1ZFBA15ABC", Issuer: "FEDEX", Snapshot: true, Version: utc("2026-03-03T09:14:00Z"),
		ETAs: []supply.Estimate{
			{Window: supply.Window{From: utc("2026-03-04T18:30:00Z"), To: utc("2026-03-04T18:30:00Z")}, Classifier: supply.Planned},
			{Window: supply.Window{From: utc("2026-03-05T17:15:00Z"), To: utc("2026-03-05T21:15:00Z")}, Classifier: supply.Estimated},
		},
		Scans: []supply.Scan{
			{Status: supply.PreTransit, Code: supply.InfoReceived, At: utc("2026-03-01T21:30:57Z"), Text: "Shipment information sent to FedEx"},
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-02T00:05:00Z"), Text: "Package available for clearance", Place: "COSTA MESA, CA, US"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-03T05:51:00Z"), Text: "Arrived at FedEx hub", Place: "MEMPHIS, TN, US"},
			{Status: supply.InTransit, Code: supply.Departed, At: utc("2026-03-03T09:14:00Z"), Text: "Departed FedEx hub", Place: "MEMPHIS, TN, US"},
		}}}, reports)
}

func TestFedExsDatesAreEstimatesOrPromises(t *testing.T) {
	const scan = `"scanEvents":[{"date":"2026-03-04T10:00:00-08:00","eventType":"IT"}]`
	at := func(c supply.Classifier, s string) supply.Estimate {
		return supply.Estimate{Window: supply.Window{From: utc(s), To: utc(s)}, Classifier: c}
	}
	day := func(c supply.Classifier, s string) supply.Estimate {
		e := at(c, s+"T00:00:00Z")
		e.DateOnly = true
		return e
	}
	for why, c := range map[string]struct {
		said string
		want []supply.Estimate
	}{
		"nothing":               {`"estimatedDeliveryTimeWindow":{"window":{}},"standardTransitTimeWindow":{"window":{}},"dateAndTimes":[]`, nil},
		"null":                  {`"estimatedDeliveryTimeWindow":null,"standardTransitTimeWindow":null,"dateAndTimes":null`, nil},
		"a date":                {`"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-03-05T20:00:00-05:00"}]`, []supply.Estimate{at(supply.Estimated, "2026-03-06T01:00:00Z")}},
		"a day, as FedEx does":  {`"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-03-05T00:00:00-06:00"}]`, []supply.Estimate{day(supply.Estimated, "2026-03-05")}},
		"a day, plainly":        {`"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-03-05"}]`, []supply.Estimate{day(supply.Estimated, "2026-03-05")}},
		"a window beats a date": {`"estimatedDeliveryTimeWindow":{"window":{"ends":"2026-03-06T10:00:00Z"}},"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-03-05"}]`, []supply.Estimate{at(supply.Estimated, "2026-03-06T10:00:00Z")}},
		"the commitment":        {`"dateAndTimes":[{"type":"COMMITMENT","dateTime":"2026-03-05"}]`, []supply.Estimate{day(supply.Planned, "2026-03-05")}},
		"an appointment":        {`"dateAndTimes":[{"type":"COMMITMENT","dateTime":"2026-03-05"},{"type":"APPOINTMENT_DELIVERY","dateTime":"2026-03-07"}]`, []supply.Estimate{day(supply.Planned, "2026-03-07")}},
		"what is no delivery":   {`"dateAndTimes":[{"type":"SHIP","dateTime":"2026-03-05"},{"type":"ESTIMATED_PICKUP","dateTime":"2026-03-05"},{"type":"ESTIMATED_ARRIVAL_AT_GATEWAY","dateTime":"2026-03-05"},{"type":"ACTUAL_DELIVERY","dateTime":"x"}]`, nil},
		"both":                  {`"standardTransitTimeWindow":{"window":{"ends":"2026-03-04"}},"estimatedDeliveryTimeWindow":{"window":{"begins":"2026-03-06T08:00:00Z","ends":"2026-03-06T08:00:00Z"}}`, []supply.Estimate{day(supply.Planned, "2026-03-04"), at(supply.Estimated, "2026-03-06T08:00:00Z")}},
	} {
		reports, err := fedex.Parse(fedexPush(`{` + scan + `,` + c.said + `}`))
		require.NoError(t, err, why)
		require.Equal(t, c.want, reports[0].ETAs, why)

		delivered := strings.Replace(scan, `"IT"`, `"DL"`, 1)
		reports, err = fedex.Parse(fedexPush(`{` + delivered + `,` + c.said + `}`))
		require.NoError(t, err, why)
		require.Empty(t, reports[0].ETAs, "what is delivered is expected no more: %s", why)
	}
}

func TestTheNewestParcelOfAFedExNumberSpeaks(t *testing.T) {
	again := event(t, "webhook-fedex-number-used-again.json")
	reports, err := fedex.Parse(again)
	require.NoError(t, err)
	require.Len(t, reports, 1, "a number that FedEx does not find says nothing")
	require.Equal(t, "776094FBA15ABD", reports[0].Number)
	require.Len(t, reports[0].Scans, 2)
	require.Equal(t, utc("2026-03-04T16:52:00Z"), reports[0].Version)
	require.Equal(t, "2026-03-04", supply.DayOf(reports[0].ETAs[0].To).String())

	swapped := fedexPush(`{"scanEvents":[{"date":"2026-03-04T08:00:00Z","eventType":"OD"},{"date":"2026-03-01T08:00:00Z","eventType":"OC"}]},
		{"scanEvents":[{"date":"2024-04-26T08:00:00Z","eventType":"DL"},{"date":"2024-04-24T08:00:00Z","eventType":"OC"}]},{"error":{"code":"X"}}`)
	u := follow(t, fedex, swapped)
	require.Equal(t, supply.OutForDelivery, u.Status)

	older := fedexPush(`{"scanEvents":[{"date":"2024-04-26T08:00:00Z","eventType":"DL"},{"date":"2024-04-25T08:00:00Z","eventType":"OD"},{"date":"2024-04-24T08:00:00Z","eventType":"OC"}]}`)
	u = anyOrder(t, fedex, swapped, older)
	require.Equal(t, supply.OutForDelivery, u.Status, "what is said later of the older parcel changes nothing")
	require.Zero(t, u.Arrived)
	require.EqualValues(t, 2, u.Scans)
}

func TestAFedExPushHoldsTheHistoryOrOneScan(t *testing.T) {
	for why, c := range map[string]struct {
		events   string
		snapshot bool
	}{
		"a history":               {"OD PU OC", true},
		"the first of a history":  {"OC", true},
		"one that is new":         {"OD", false},
		"a delivery alone":        {"DL", false},
		"told from the beginning": {"OC PU OD", true},
	} {
		var scans []string
		for i, code := range strings.Fields(c.events) {
			scans = append(scans, fmt.Sprintf(`{"date":"2026-03-0%dT08:00:00Z","eventType":%q}`, 9-i, code))
		}
		reports, err := fedex.Parse(fedexPush(`{"scanEvents":[` + strings.Join(scans, ",") + `]}`))
		require.NoError(t, err)
		require.Equal(t, c.snapshot, reports[0].Snapshot, why)
		require.Equal(t, c.snapshot, !reports[0].Version.IsZero(), why)
	}
	reports, err := fedex.Parse(event(t, "webhook-fedex-refused-alone.json"))
	require.NoError(t, err)
	require.Equal(t, []supply.Report{{Number: "7489FBA15ABF", Issuer: "FEDEX",
		Scans: []supply.Scan{{Status: supply.Exception, Code: supply.Refused, At: utc("2026-03-04T20:41:00Z"), Text: "Refused by recipient", Place: "RENO, NV, US"}},
	}}, reports)

	reports, err = fedex.Parse(fedexPush(`{"latestStatusDetail":{"code":"DE","derivedCode":"DE","description":"d","ancillaryDetails":[{"reason":"07"}]}}`))
	require.NoError(t, err)
	require.Equal(t, []supply.Scan{{Status: supply.Exception, Code: supply.Refused, Text: "d"}}, reports[0].Scans, "a parcel without scans has a status")
	reports, err = fedex.Parse(fedexPush(`{"latestStatusDetail":{"code":"Q1","derivedCode":"Q2","description":"d"}}`))
	require.NoError(t, err)
	require.Equal(t, []supply.Scan{{Code: supply.CodeUnknown, Text: "Q1 Q2"}}, reports[0].Scans)
	reports, err = fedex.Parse(fedexPush(`{"estimatedDeliveryTimeWindow":{"window":{"ends":"2026-03-04"}}}`))
	require.NoError(t, err)
	require.Len(t, reports, 1, "an estimate alone is news")
	for _, none := range []string{`{}`, `{"error":{"code":"TRACKING.TRACKINGNUMBER.NOTFOUND"}}`, ``} {
		reports, err = fedex.Parse(fedexPush(none))
		require.NoError(t, err)
		require.Empty(t, reports)
	}
}

func TestFedExPushesEndTheSameHoweverTheyArrive(t *testing.T) {
	codes := strings.Fields("OC PU AR DE DP OD DL")
	var histories, alone [][]byte
	var scans []string
	for i, code := range codes {
		scan := fmt.Sprintf(`{"date":"2026-03-0%dT08:00:00-08:00","eventType":%q,"eventDescription":"scan %d","exceptionCode":"08"}`, 1+i, code, i)
		scans = append([]string{scan}, scans...)
		histories = append(histories, fedexPush(`{"scanEvents":[`+strings.Join(scans, ",")+`]}`))
		alone = append(alone, fedexPush(`{"scanEvents":[`+scan+`]}`))
	}
	for why, pushes := range map[string][][]byte{"histories": histories, "scans alone": alone} {
		u := anyOrder(t, fedex, pushes...)
		require.Equal(t, supply.Delivered, u.Status, why)
		require.Equal(t, utc("2026-03-07T16:00:00Z"), u.Arrived, why)
		require.EqualValues(t, 7, u.Scans, why)
		require.Zero(t, u.Troubles, why)
	}
}

func TestAFedExTimeThatIsNoneIsNamedAndItsNeighboursAreRead(t *testing.T) {
	for field, parcel := range map[string]string{
		"trackResults[0].scanEvents[1].date":          `{"scanEvents":[{},{"date":"yesterday"}]}`,
		"trackResults[1].dateAndTimes[0]":             `{},{"dateAndTimes":[{"type":"ESTIMATED_DELIVERY","dateTime":"2026-02-30"}]}`,
		"trackResults[0].estimatedDeliveryTimeWindow": `{"estimatedDeliveryTimeWindow":{"window":{"begins":"x"}}}`,
		"trackResults[0].standardTransitTimeWindow":   `{"standardTransitTimeWindow":{"window":{"ends":"1969-01-01"}}}`,
	} {
		body := `{"output":{"completeTrackResults":[{"trackingNumber":"1","trackResults":[` + parcel + `]},{"trackingNumber":"2","trackResults":[{"scanEvents":[{"eventType":"DL"}]}]},{"trackingNumber":7}]}}`
		reports, err := fedex.Parse([]byte(body))
		require.True(t, fault.Is(err, fault.Invalid), field)
		require.ErrorContains(t, err, "2 of 3 events cannot be read")
		require.ErrorContains(t, err, "output.completeTrackResults[0]."+field)
		require.Len(t, reports, 1)
		require.Equal(t, "2", reports[0].Number)
	}
	for _, bad := range []string{`{"output":{}}`, `{"output":null}`, `{"output":{"completeTrackResults":null}}`, `{"output":{"completeTrackResults":{}}}`, `{"errors":[{"code":"X"}]}`} {
		unreadable(t, fedex, []byte(bad), bad)
	}
	reports, err := fedex.Parse([]byte(`{"output":{"completeTrackResults":[]}}`))
	require.NoError(t, err)
	require.Empty(t, reports)
}

func TestAHostileFedExPushHarmsNothing(t *testing.T) {
	reports, err := fedex.Parse(event(t, "webhook-fedex-hostile.json"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	scans := reports[0].Scans
	require.Len(t, scans, 153)
	require.Equal(t, "QQ Q  [31mQ", scans[152].Text)
	require.Equal(t, supply.Departed, scans[150].Code, "a reason behind an ordinary scan means nothing")
	require.Equal(t, utc("2026-03-04T10:00:00Z"), reports[0].ETAs[0].From, "the ends were the wrong way round")

	u := follow(t, fedex, event(t, "webhook-fedex-hostile.json"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-03T09:14:00Z"), u.StatusAt)
	require.Zero(t, u.Troubles)
}
