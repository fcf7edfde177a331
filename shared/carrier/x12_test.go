package carrier_test

// Works by reading status messages written as carriers write them, each code and
// each trap against a literal. It would catch an arrival taken for a delivery, an
// event told of another shipment than its loop names, a local time read in the
// wrong zone, and a retry that counts twice.

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

var x12 = sampleOf("x12", sample{
	secret: "b0c1-token-of-acme", other: "another-token-of-acme", malformed: []string{"", "too-short-secret"[:15]},
	bare: true, headers: []string{"Authorization"}, foreign: true,
	usual: "webhook-x12-in-transit.edi", number: "4401239876", irrelevant: "webhook-x12-tender-response.edi",
})

func FuzzX12Parse(f *testing.F)  { fuzzParse(f, x12) }
func FuzzX12Verify(f *testing.F) { fuzzVerify(f, x12) }

func BenchmarkX12Parse(b *testing.B) { benchmarkParse(b, "x12", "webhook-x12-delivered.edi") }

// x12Bodies wraps sets, whose segments are separated by ~, as their sender would.
// A set begins with its beginning segment.
func x12Bodies(sets ...string) []byte {
	var b strings.Builder
	b.WriteString("ISA*00*          *00*          *02*ALDW           *ZZ*HEADSTART      *260304*1215*U*00401*000000007*0*P*>~" +
		"GS*QM*ALDW*HEADSTART*20260304*1215*7*X*004010~")
	for i, set := range sets {
		kind := map[string]string{"B10": "214", "BSN": "856"}[set[:3]]
		if kind == "" {
			kind = "990"
		}
		fmt.Fprintf(&b, "ST*%s*%04d~%s~SE*%d*%04d~", kind, i+1, set, strings.Count(set, "~")+3, i+1)
	}
	fmt.Fprintf(&b, "GE*%d*7~IEA*1*000000007~", len(sets))
	return []byte(b.String())
}

// x12Told is a message about PRO 4401239876 with one loop.
func x12Told(loop string) []byte {
	return x12Bodies("B10*4401239876*FBA15ABC*ALDW~LX*1~" + loop)
}

func x12Reports(t *testing.T, body []byte) []supply.Report {
	t.Helper()
	reports, err := x12.Parse(body)
	require.NoError(t, err)
	return reports
}

// x12Scan returns the one scan that a loop tells.
func x12Scan(t *testing.T, loop string) supply.Scan {
	t.Helper()
	reports := x12Reports(t, x12Told(loop))
	require.Len(t, reports, 1)
	require.Len(t, reports[0].Scans, 1)
	return reports[0].Scans[0]
}

func x12Instant(kind supply.ETAKind, class supply.Classifier, place, at string) supply.Estimate {
	return supply.Estimate{Window: supply.Window{From: utc(at), To: utc(at), Kind: kind}, Classifier: class, Place: place}
}

func x12Day(class supply.Classifier, day string) supply.Estimate {
	at := utc(day + "T00:00:00Z")
	return supply.Estimate{Window: supply.Window{From: at, To: at, DateOnly: true}, Classifier: class}
}

func TestAStatusMessageOfOursIsReadWhole(t *testing.T) {
	require.Equal(t, []supply.Report{{
		Number: "4401239876", Also: []string{"FBA15ABC", "BOL88213"}, Issuer: "ALDW", SaidAt: utc("2026-03-04T12:15:00Z"),
		ETAs: []supply.Estimate{x12Instant(supply.AtInlandPoint, supply.Actual, "Little Rock, AR, US", "2026-03-04T11:10:00Z")},
		Scans: []supply.Scan{
			{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-03T22:30:00Z"), Text: "AF", Place: "Dallas, TX, US"},
			{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T11:10:00Z"), Text: "X4", Place: "Little Rock, AR, US"},
		},
	}}, x12Reports(t, event(t, "webhook-x12-in-transit.edi")))
	require.Empty(t, x12Reports(t, event(t, "webhook-x12-asn.edi")), "an advance ship notice says where nothing is")
}

func TestReferencesOnlyInsideTheLoopsTellWhoseTheyAre(t *testing.T) {
	said := utc("2026-03-04T21:00:00Z")
	require.Equal(t, []supply.Report{
		{
			Number: "HAL0092211", Also: []string{"AB7"}, Issuer: "HLVN", SaidAt: said,
			Scans: []supply.Scan{
				{Status: supply.PreTransit, Code: supply.StatusOnly, At: utc("2026-03-04T08:06:00Z"), Text: "X3", Place: "Immingham, GB"},
				{Status: supply.InTransit, Code: supply.PickedUp, At: utc("2026-03-04T09:31:00Z"), Text: "AF", Place: "Immingham, GB"},
			},
		},
		{
			Number: "HAL0092298", Also: []string{"AB9"}, Issuer: "HLVN", SaidAt: said,
			ETAs: []supply.Estimate{x12Instant(supply.AtInlandPoint, supply.Actual, "Calais, FR", "2026-03-04T17:15:00Z")},
			Scans: []supply.Scan{
				{Status: supply.InTransit, Code: supply.ArrivedAt, At: utc("2026-03-04T17:15:00Z"), Text: "X4", Place: "Calais, FR"},
				{Status: supply.Exception, Code: supply.CustomsHold, At: utc("2026-03-04T19:40:00Z"), Text: "SD AS", Place: "Calais, FR"},
			},
		},
	}, x12Reports(t, event(t, "webhook-x12-loops.edi")))
}

func TestEstimatesAndAppointmentsAreNoEvents(t *testing.T) {
	reports := x12Reports(t, event(t, "webhook-x12-estimates.edi"))
	require.Len(t, reports, 1)
	require.Equal(t, []supply.Estimate{
		x12Instant(supply.AtInlandPoint, supply.Estimated, "Columbus, OH, US", "2026-03-05T12:00:00Z"),
		x12Day(supply.Estimated, "2026-03-06"), // Tennessee has two zones, so only the day is known
		x12Day(supply.Estimated, "2026-03-06"),
		x12Instant(supply.AtDock, supply.Planned, "", "2026-03-06T18:00:00Z"),
	}, reports[0].ETAs)
	require.Equal(t, []supply.Scan{{Code: supply.AppointmentSet, Text: "AB 2026-03-06 13:00", Place: "Trenton, NJ, US"}}, reports[0].Scans)

	u := follow(t, x12, event(t, "webhook-x12-estimates.edi"))
	require.Equal(t, supply.TrackUnknown, u.Status, "nothing has happened yet")
	require.Equal(t, supply.AtDock, u.ETA.Kind)
	require.Equal(t, supply.Estimated, u.ETAClassifier, "a plan does not override an estimate")
	require.Equal(t, "2026-03-06", supply.DayOf(u.ETA.To).String())
}

// Every row of the table of codes, by what a unit makes of it.
func TestX12CodesMeanWhatTheStandardSays(t *testing.T) {
	for _, c := range []struct {
		code     string
		means    supply.TrackStatus
		last     supply.TrackCode
		troubles string
	}{
		{"A3", supply.Returned, supply.CodeReturned, "RETURNING RETURNED"},
		{"A7", supply.Exception, supply.Refused, "REFUSED"},
		{"A9", supply.Exception, supply.Damaged, "DAMAGED"},
		{"AF", supply.InTransit, supply.PickedUp, ""},
		{"AH", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, ""},
		{"AI", supply.Returning, supply.ReturnStarted, "RETURNING"},
		{"AJ", supply.PreTransit, supply.StatusOnly, ""},
		{"AM", supply.InTransit, supply.Loaded, ""},
		{"AN", supply.InTransit, supply.StatusOnly, ""},
		{"AP", supply.DeliveryAttempted, supply.CodeDeliveryAttempted, ""},
		{"AR", supply.InTransit, supply.ArrivedAt, ""},
		{"AV", supply.AvailableForPickup, supply.Available, ""},
		{"AW", supply.AvailableForPickup, supply.Available, ""},
		{"BA", supply.InTransit, supply.PickedUp, ""},
		{"BC", supply.Exception, supply.Held, "HELD"},
		{"BO", supply.Exception, supply.Delayed, ""},
		{"BR", supply.InTransit, supply.StatusOnly, ""},
		{"C1", supply.TrackUnknown, supply.CodeInfo, ""},
		{"CA", supply.TrackCancelled, supply.CodeCancelled, ""},
		{"CB", supply.Delivered, supply.CodeDelivered, ""},
		{"CD", supply.Delivered, supply.CodeDelivered, ""},
		{"CL", supply.PreTransit, supply.Loaded, ""},
		{"CP", supply.PreTransit, supply.Loaded, ""},
		{"D1", supply.Delivered, supply.CodeDelivered, ""},
		{"DE", supply.TrackUnknown, supply.CodeInfo, ""},
		{"DO", supply.TrackUnknown, supply.CodeInfo, ""},
		{"I1", supply.InTransit, supply.GateIn, ""},
		{"J1", supply.InTransit, supply.Departed, ""},
		{"K1", supply.InTransit, supply.CustomsEntered, ""},
		{"L1", supply.PreTransit, supply.StatusOnly, ""},
		{"NB", supply.InTransit, supply.StatusOnly, ""},
		{"OA", supply.InTransit, supply.GateOut, ""},
		{"OO", supply.TrackUnknown, supply.CodeInfo, ""},
		{"P1", supply.InTransit, supply.Departed, ""},
		{"PA", supply.InTransit, supply.DeliveredPartial, "DELIVERED_PARTIAL"},
		{"PR", supply.Exception, supply.CustomsHold, "CUSTOMS_HOLD"},
		{"R1", supply.InTransit, supply.StatusOnly, ""},
		{"RH", supply.InTransit, supply.StatusOnly, ""},
		{"RL", supply.InTransit, supply.Departed, ""},
		{"S1", supply.OutForDelivery, supply.ArrivedAt, ""},
		{"SD", supply.Exception, supply.Delayed, ""},
		{"UC", supply.InTransit, supply.StatusOnly, ""},
		{"X1", supply.OutForDelivery, supply.ArrivedAt, ""},
		{"X3", supply.PreTransit, supply.StatusOnly, ""},
		{"X4", supply.InTransit, supply.ArrivedAt, ""},
		{"X5", supply.OutForDelivery, supply.ArrivedAt, ""},
		{"X6", supply.InTransit, supply.StatusOnly, ""},
		{"X8", supply.PreTransit, supply.StatusOnly, ""},
		{"XB", supply.TrackUnknown, supply.CodeInfo, ""},
		{"AA", supply.TrackUnknown, supply.CodeInfo, ""},
		{"AB", supply.TrackUnknown, supply.AppointmentSet, ""},
		{"AC", supply.TrackUnknown, supply.AppointmentSet, ""},
		{"ED", supply.TrackUnknown, supply.CodeInfo, ""},
		{"EP", supply.TrackUnknown, supply.CodeInfo, ""},
		{"LD", supply.TrackUnknown, supply.CodeInfo, ""},
		{"LP", supply.TrackUnknown, supply.CodeInfo, ""},
		{"X9", supply.TrackUnknown, supply.AppointmentSet, ""},
		{"XA", supply.TrackUnknown, supply.CodeInfo, ""},
		{"QQ", supply.TrackUnknown, supply.CodeUnknown, ""},
		{"d1", supply.TrackUnknown, supply.CodeUnknown, ""},
	} {
		for _, reason := range []string{"", "*NS", "*NA"} {
			u := follow(t, x12, x12Told("AT7*"+c.code+reason+strings.Repeat("*", 3-min(1, len(reason)))+"*20260304*0930*UT"))
			require.Equal(t, c.last.String(), u.Last.Code.String(), c.code)
			require.Equal(t, c.troubles, u.Troubles.String(), c.code)
			require.EqualValues(t, 1, u.Scans, c.code)
			require.True(t, strings.HasPrefix(u.Last.Text, c.code), "%s shows %q", c.code, u.Last.Text)
			require.Equal(t, c.means == supply.TrackUnknown, u.StatusAt.IsZero(), c.code)
			require.Equal(t, c.means.String(), u.Status.String(), c.code)
		}
	}
}

func TestOnlyTheDeliveryIsAnArrivalAtTheDock(t *testing.T) {
	for _, code := range []string{"X1", "X5", "S1", "AV", "AR", "X4", "J1", "P1", "AF", "CP", "PA", "AH", "XB", "QQ"} {
		require.True(t, follow(t, x12, x12Told("AT7*"+code+"*NS***20260304*0930*UT")).Arrived.IsZero(), code)
	}
	for _, code := range []string{"D1", "CD", "CB"} {
		require.Equal(t, utc("2026-03-04T09:30:00Z"), follow(t, x12, x12Told("AT7*"+code+"*NS***20260304*0930*UT")).Arrived, code)
	}
	for reason, arrived := range map[string]bool{"": true, "NS": true, "NA": true, "B1": false, "BG": false} {
		u := follow(t, x12, x12Told("AT7*CD*"+reason+"***20260304*0930*UT"))
		require.Equal(t, arrived, !u.Arrived.IsZero(), "who leaves with reason %q", reason)
	}
}

func TestArrivalsThatAreExpectedOrReachedOnTheWayAreEstimates(t *testing.T) {
	for code, want := range map[string]supply.Estimate{
		"AG": x12Instant(supply.AtDock, supply.Estimated, "", "2026-03-04T09:30:00Z"),
		"X2": x12Instant(supply.AtDock, supply.Estimated, "", "2026-03-04T09:30:00Z"),
		"B6": x12Instant(supply.AtInlandPoint, supply.Estimated, "Laredo, TX", "2026-03-04T09:30:00Z"),
		"X4": x12Instant(supply.AtInlandPoint, supply.Actual, "Laredo, TX", "2026-03-04T09:30:00Z"),
		"AR": x12Instant(supply.AtInlandPoint, supply.Actual, "Laredo, TX", "2026-03-04T09:30:00Z"),
		"AV": x12Instant(supply.ForPickup, supply.Actual, "Laredo, TX", "2026-03-04T09:30:00Z"),
		"AW": x12Instant(supply.ForPickup, supply.Actual, "Laredo, TX", "2026-03-04T09:30:00Z"),
		"AB": x12Instant(supply.AtDock, supply.Planned, "", "2026-03-04T09:30:00Z"),
		"AC": x12Instant(supply.AtDock, supply.Planned, "", "2026-03-04T09:30:00Z"),
		"X9": x12Instant(supply.AtDock, supply.Planned, "", "2026-03-04T09:30:00Z"),
	} {
		for _, at7 := range []string{"AT7*" + code + "*NS**", "AT7***" + code + "*NA"} {
			reports := x12Reports(t, x12Told(at7+"*20260304*0930*UT~MS1*Laredo*TX"))
			require.Equal(t, []supply.Estimate{want}, reports[0].ETAs, at7)
			require.Equal(t, code == "AG" || code == "X2" || code == "B6", len(reports[0].Scans) == 0, "what is estimated has not happened: %s", code)
		}
	}
	for _, code := range []string{"C1", "DE", "AA", "XA", "ED", "EP", "LD", "LP", "X1", "X5", "D1", "I1", "X6"} {
		require.Empty(t, x12Reports(t, x12Told("AT7*"+code+"*NS***20260304*0930*UT"))[0].ETAs, code)
	}
	require.Empty(t, x12Reports(t, x12Told("AT7*AG*NS")), "an estimate without a day estimates nothing")
	require.Equal(t, supply.Scan{Code: supply.CodeInfo, Text: "C1 2026-03-04"}, x12Scan(t, "AT7*C1****20260304"))
	require.Equal(t, supply.Scan{Code: supply.CodeInfo, Text: "DE"}, x12Scan(t, "AT7*DE"))
}

func TestAReasonThatConcernsTheGoodsOutweighsTheStatus(t *testing.T) {
	for _, c := range []struct {
		code, reason string
		means        supply.TrackStatus
		last         supply.TrackCode
	}{
		{"X6", "AK", supply.InTransit, supply.Damaged},
		{"D1", "AK", supply.Delivered, supply.Damaged},
		{"D1", "S1", supply.Delivered, supply.DeliveredPartial},
		{"AP", "BS", supply.DeliveryAttempted, supply.Refused},
		{"SD", "BT", supply.Returning, supply.ReturnStarted},
		{"X6", "RC", supply.Returning, supply.ReturnStarted},
		{"AH", "A2", supply.DeliveryAttempted, supply.AddressIssue},
		{"AP", "A5", supply.DeliveryAttempted, supply.AddressIssue},
		{"SD", "AR", supply.Exception, supply.CustomsHold},
		{"SD", "AS", supply.Exception, supply.CustomsHold},
		{"SD", "BD", supply.Exception, supply.CustomsHold},
		{"BC", "CA", supply.Exception, supply.CustomsHold},
		{"SD", "B4", supply.Exception, supply.Held},
		{"SD", "BB", supply.Exception, supply.Held},
		{"AH", "C2", supply.DeliveryAttempted, supply.Held},
		{"SD", "C3", supply.Exception, supply.Held},
		{"BO", "P2", supply.Exception, supply.Held},
		// These say why it is late, which the status says already.
		{"SD", "AO", supply.Exception, supply.Delayed},
		{"AH", "B1", supply.DeliveryAttempted, supply.CodeDeliveryAttempted},
		{"AH", "AA", supply.DeliveryAttempted, supply.CodeDeliveryAttempted},
		{"SD", "ZZ", supply.Exception, supply.Delayed},
		// What moves is neither held nor lost in a search for its address.
		{"X6", "AS", supply.InTransit, supply.StatusOnly},
		{"X4", "B4", supply.InTransit, supply.ArrivedAt},
		{"D1", "A2", supply.Delivered, supply.CodeDelivered},
		// The code itself says the worst.
		{"A7", "AK", supply.Exception, supply.Refused},
		{"A9", "BS", supply.Exception, supply.Damaged},
		{"PR", "AK", supply.Exception, supply.CustomsHold},
		{"CA", "BS", supply.TrackCancelled, supply.CodeCancelled},
		{"A3", "S1", supply.Returned, supply.CodeReturned},
		{"CD", "BS", supply.DeliveryAttempted, supply.Refused},
	} {
		u := follow(t, x12, x12Told("AT7*"+c.code+"*"+c.reason+"***20260304*0930*UT"))
		require.Equal(t, c.means.String(), u.Status.String(), "%s %s", c.code, c.reason)
		require.Equal(t, c.last.String(), u.Last.Code.String(), "%s %s", c.code, c.reason)
		require.Equal(t, c.code+" "+c.reason, u.Last.Text)
	}
}

func TestAnUnknownCodeMovesNothingAndIsSeen(t *testing.T) {
	u := follow(t, x12, x12Told("AT7*X6*NS***20260304*0930*UT"), x12Told("AT7*QQ*Z9***20260305*0930*UT"))
	require.Equal(t, supply.InTransit, u.Status)
	require.Equal(t, utc("2026-03-04T09:30:00Z"), u.StatusAt)
	require.EqualValues(t, 1, u.Unmapped)
	require.Equal(t, "QQ Z9", u.Last.Text)
	require.Equal(t, "no status", x12Scan(t, "AT7*\u202e").Text)
}

func TestAShipmentIsNamedByItsBestNumber(t *testing.T) {
	for _, c := range []struct {
		set    string
		number string
		also   []string
	}{
		{"B10*PRO1*LOAD1*ABCD~LX*1~AT7*X6", "PRO1", []string{"LOAD1"}},
		{"B10**LOAD1*ABCD~L11*PRO1*CN~LX*1~AT7*X6", "PRO1", []string{"LOAD1"}},
		{"B10*PRO1*LOAD1*ABCD~L11*PRO2*CN~L11*BOL1*BM~LX*1~AT7*X6", "PRO1", []string{"PRO2", "LOAD1", "BOL1"}},
		{"B10**LOAD1*ABCD~L11*BOL1*BM~LX*1~AT7*X6", "LOAD1", []string{"BOL1"}},
		{"B10***ABCD~L11*BOL1*BM~LX*1~AT7*X6", "BOL1", nil},
		{"B10***ABCD~L11*SI1*SI~L11*2I1*2I~L11*BN1*BN~L11*OC1*OC~LX*1~AT7*X6", "SI1", []string{"2I1", "BN1", "OC1"}},
		{"B10***ABCD~LX*1~AT7*X6~L11*2I1*2I", "2I1", nil},
		{"B10*PRO1**ABCD~L11*4500021354*PO~L11*CUST1*CR~LX*1~AT7*X6", "PRO1", nil}, // an order has several shipments
		{"B10*N/A*LOAD1*ABCD~LX*1~AT7*X6", "LOAD1", nil},
		{"B10*PRO1*PRO1*ABCD~L11*PRO1*BM~LX*1~AT7*X6~L11*PRO1*CN", "PRO1", nil},
		{"B10*PRO1**ABCD~AT7*X6~L11*BOL1*BM", "PRO1", []string{"BOL1"}}, // no LX at all
		{"B10**HAL1*HLVN~LX*1~MS1*Hull**GB~AT7*X3~L11*HAL1*CN~L11*AB7*BM~N1*SH*Halvorsen", "HAL1", []string{"AB7"}},
		{"B10*2969952*49321852*HGTR~LX*1~AT7*X6*NS***20250114*0544*CT~MS1****-100.51*25.7252*W*N~MS2*HGTR*1351~L11*142750993*2I", "2969952", []string{"49321852", "142750993"}},
	} {
		reports := x12Reports(t, x12Bodies(c.set))
		require.Len(t, reports, 1, c.set)
		require.Equal(t, c.number, reports[0].Number, c.set)
		require.ElementsMatch(t, c.also, reports[0].Also, c.set)
	}
}

func TestLoopsThatNameDifferentShipmentsAreToldApart(t *testing.T) {
	for set, want := range map[string][]string{
		// The header names the shipment, the loops repeat or complete its names.
		"B10*P1*L1*A~LX*1~AT7*X3~L11*P1*CN~L11*B1*BM~LX*2~AT7*AF~L11*P1*CN~LX*3~AT7*X6": {"P1 L1 B1: X3 AF X6"},
		// Two bills of lading are two shipments, and the header's names are nobody's.
		"B10*P1*L1*A~LX*1~AT7*X3~L11*B1*BM~LX*2~AT7*D1~L11*B2*BM": {"B1: X3", "B2: D1"},
		// Two PRO numbers are two shipments even under one bill of lading.
		"B10**L1*A~LX*1~AT7*X3~L11*P1*CN~L11*B1*BM~LX*2~AT7*D1~L11*P2*CN~L11*B1*BM": {"P1 B1: X3", "P2 B1: D1"},
		// A loop that leaves the PRO number out is known by its bill of lading.
		"B10***A~LX*1~AT7*X3~L11*P1*CN~L11*B1*BM~LX*2~AT7*AF~L11*B2*BM~LX*3~AT7*D1~L11*B1*BM": {"P1 B1: X3 D1", "B2: AF"},
		// And before one that names it.
		"B10***A~LX*1~AT7*X3~L11*B1*BM~LX*2~AT7*AF~L11*B2*BM~LX*3~AT7*D1~L11*P1*CN~L11*B1*BM": {"P1 B1: X3 D1", "B2: AF"},
		// A loop without names speaks of the header's shipment.
		"B10*P1*L1*A~LX*1~AT7*X3~LX*2~AT7*AF~L11*P2*CN~LX*3~AT7*X6~L11*P3*CN": {"P1 L1: X3", "P2: AF", "P3: X6"},
		// Alternating.
		"B10***A~LX*1~AT7*X3~L11*P1*CN~LX*2~AT7*X3~L11*P2*CN~LX*3~AT7*AF~L11*P1*CN~LX*4~AT7*AF~L11*P2*CN~LX*5~AT7*X6~L11*P1*CN": {"P1: X3 AF X6", "P2: X3 AF"},
	} {
		var got []string
		for _, r := range x12Reports(t, x12Bodies(set)) {
			text := strings.Join(append([]string{r.Number}, r.Also...), " ") + ":"
			for _, s := range r.Scans {
				text += " " + s.Text
			}
			got = append(got, text)
		}
		require.ElementsMatch(t, want, got, set)
	}
}

func TestAnEventWhoseShipmentNobodyNamesIsUnread(t *testing.T) {
	reports, err := x12.Parse(x12Bodies("B10***A~LX*1~AT7*X3~LX*2~AT7*AF~AT7*X6", "B10*P1**A~LX*1~AT7*X6"))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "3 of 4 events")
	require.ErrorContains(t, err, "neither B10 nor L11")
	require.Len(t, reports, 1)
	require.Equal(t, "P1", reports[0].Number)

	reports, err = x12.Parse(x12Bodies("B10***A~LX*1~AT7*X3~LX*2~AT7*AF~L11*P1*CN~LX*3~AT7*AF~L11*P2*CN"))
	require.ErrorContains(t, err, "1 of 3 events")
	require.Len(t, reports, 2)
}

func TestOnlySoManyNumbersOfAShipmentAreKept(t *testing.T) {
	set := "B10*P1*L1*A~LX*1~AT7*X3"
	for i := range 100 {
		set += fmt.Sprintf("~L11*2I%d*2I", i)
	}
	require.Len(t, x12Reports(t, x12Bodies(set))[0].Also, 8)
	require.Len(t, x12Reports(t, x12Bodies(strings.ReplaceAll(set, "~LX*1", "~L11*P1*CN~LX*1")))[0].Also, 8)
}

func TestThePlaceMayStandBeforeOrBehindItsEvent(t *testing.T) {
	for loop, want := range map[string]string{
		"AT7*X6~MS1*A*TX":                            "A, TX",
		"MS1*A*TX~AT7*X6":                            "A, TX",
		"AT7*X6~MS1*A*TX~AT7*AF~MS1*B*OK":            "A, TX|B, OK",
		"MS1*A*TX~AT7*X6~MS1*B*OK~AT7*AF":            "A, TX|B, OK",
		"MS1*A*TX~AT7*X6~AT7*AF":                     "A, TX|A, TX",
		"AT7*X6~AT7*AF~MS1*A*TX":                     "A, TX|A, TX",
		"AT7*X6~MS1*A*TX~AT7*AF":                     "A, TX|A, TX",
		"AT7*X6~Q5******A*TX*US":                     "A, TX, US",
		"Q5******A*TX*US~AT7*X6":                     "A, TX, US",
		"AT7*X6~MS2*ABCD*12~L11*1*2I~AT8*G~MS1*A*TX": "A, TX",
		"AT7*X6":                                      "",
		"AT7*X6~MS1*A*TX~LX*2~AT7*AF":                 "A, TX|",
		"AT7*X6~LX*2~MS1*B*OK~AT7*AF":                 "|B, OK",
		"AT7*X6~MS1**TX":                              "TX",
		"AT7*X6~MS1****-100.51*25.7252*W*N":           "",
		"AT7*X6~MS1*A*TX*US*100.51*25.7252*W*N*78040": "A, TX, US",
	} {
		var got []string
		for _, s := range x12Reports(t, x12Told(loop))[0].Scans {
			got = append(got, s.Place)
		}
		require.Equal(t, want, strings.Join(got, "|"), loop)
	}
}

func TestADayAndATimeAreReadAsTheyAreWritten(t *testing.T) {
	for at7, want := range map[string]struct {
		at    string
		local bool
	}{
		"20260304*0930*UT":     {"2026-03-04T09:30:00Z", false},
		"20260304*093045*UT":   {"2026-03-04T09:30:00Z", false},
		"20260304*0930459*UT":  {"2026-03-04T09:30:00Z", false},
		"20260304*09304599*UT": {"2026-03-04T09:30:00Z", false},
		"20260304*0000*UT":     {"2026-03-04T00:00:00Z", false},
		"20260304*2400*UT":     {"2026-03-05T00:00:00Z", false},
		"20260304*0930":        {"2026-03-04T09:30:00Z", true},
		"20260304*0930*LT":     {"2026-03-04T09:30:00Z", true},
		"20260304*0930*XX":     {"2026-03-04T09:30:00Z", true},
		"20260304":             {"2026-03-04T00:00:00Z", true},
		"20260304**ET":         {"2026-03-04T00:00:00Z", true},
		"260304*0930*UT":       {"2026-03-04T09:30:00Z", false},
		"260304*20*0930*UT":    {"2026-03-04T09:30:00Z", false}, // release 3070
		"20260308*0230*ET":     {"2026-03-08T06:30:00Z", false}, // does not exist
		"20261101*0130*ET":     {"2026-11-01T05:30:00Z", false}, // exists twice
		"20240229*0930*UT":     {"2024-02-29T09:30:00Z", false},
		"99991231*2359*UT":     {"9999-12-31T23:59:00Z", false},
	} {
		s := x12Scan(t, "AT7*X6*NS***"+at7)
		require.Equal(t, utc(want.at), s.At, at7)
		require.Equal(t, want.local, s.Local, at7)
	}
	require.True(t, x12Scan(t, "AT7*D1*NS").At.IsZero())
	for _, bad := range []string{
		"20260230*0930", "20261301*0930", "20260100*0930", "00000000*0930", "2026034*0930", "2026-03-04*0930", "19691231*0930", "2026030A*0930", "202603041*0930", "today",
		"20260304*930", "20260304*2401", "20260304*2460", "20260304*09:30", "20260304*093060", "20260304*09304", "20260304*093045999", "20260304*-930",
	} {
		reports, err := x12.Parse(x12Told("AT7*X6*NS***" + bad + "*UT~LX*2~AT7*D1*NS***20260304*1000*UT"))
		require.True(t, fault.Is(err, fault.Invalid), bad)
		require.ErrorContains(t, err, "1 of 2 events cannot be read; the first: AT7 has a day", bad)
		require.Len(t, reports, 1, bad)
		require.Len(t, reports[0].Scans, 1, bad)
		require.Equal(t, "D1", reports[0].Scans[0].Text)
	}
}

// Every code of element 623 with its offset in January and in July.
func TestTimeCodesNameTheirOffsets(t *testing.T) {
	codes := "01 +01 +01|02 +02 +02|03 +03 +03|04 +04 +04|05 +05 +05|06 +06 +06|07 +07 +07|08 +08 +08|09 +09 +09|10 +10 +10|11 +11 +11|12 +12 +12|" +
		"13 -12 -12|14 -11 -11|15 -10 -10|16 -09 -09|17 -08 -08|18 -07 -07|19 -06 -06|20 -05 -05|21 -04 -04|22 -03 -03|23 -02 -02|24 -01 -01|" +
		"25 -02:30 -02:30|26 -03:30 -03:30|27 +05:30 +05:30|28 +09:30 +09:30|29 +10:30 +10:30|" +
		"AD -08 -08|AS -09 -09|AT -09 -08|CD -05 -05|CS -06 -06|CT -06 -05|ED -04 -04|ES -05 -05|ET -05 -04|GM +00 +00|HD -09 -09|HS -10 -10|HT -10 -10|" +
		"MD -06 -06|MS -07 -07|MT -07 -06|ND -02:30 -02:30|NS -03:30 -03:30|NT -03:30 -02:30|PD -07 -07|PS -08 -08|PT -08 -07|TD -03 -03|TS -04 -04|TT -04 -03|UT +00 +00"
	require.Equal(t, 55, strings.Count(codes, "|")+1)
	for row := range strings.SplitSeq(codes, "|") {
		code, offsets, _ := strings.Cut(row, " ")
		requireOffsets(t, offsets, code, "*MX", row) // no zone of Mexico's
	}
}

// requireOffsets requires the offsets of noon in January and in July, or that
// none is known.
func requireOffsets(t *testing.T, offsets, code, place, why string) {
	t.Helper()
	january, july, _ := strings.Cut(offsets, " ")
	for day, offset := range map[string]string{"01": january, "07": july} {
		s := x12Scan(t, "AT7*X6*NS***2026"+day+"15*1200*"+code+"~MS1*Anywhere*"+place)
		if offset == "local" {
			require.True(t, s.Local, why)
			require.Equal(t, utc("2026-"+day+"-15T12:00:00Z"), s.At, why)
			continue
		}
		if len(offset) == 3 {
			offset += ":00"
		}
		require.False(t, s.Local, why)
		require.Equal(t, utc("2026-"+day+"-15T12:00:00"+offset), s.At, why)
	}
}

// Every state, province and country that has one zone, and those that must not be
// taken for having one.
func TestALocalTimeIsResolvedByAPlaceWithOneZone(t *testing.T) {
	for offsets, places := range map[string]string{
		"-05 -04":     "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
		"-06 -05":     "AL AR IA IL LA MN MO MS OK WI MB",
		"-07 -06":     "CO MT NM UT WY AB",
		"-08 -07":     "CA WA",
		"-10 -10":     "HI",
		"-04 -04":     "PR VI",
		"-04 -03":     "NB NS PE",
		"-07 -07":     "YT",
		"local local": "AK AZ FL ID IN KS KY MI ND NE NV OR SD TN TX BC NL NT NU ON QC SK XX GU",
	} {
		for state := range strings.SplitSeq(places, " ") {
			for _, country := range []string{"", "*US", "*USA", "*CA", "*CAN"} {
				for _, code := range []string{"LT", "", "??"} {
					requireOffsets(t, offsets, code, state+country, state+country)
				}
			}
		}
	}
	for offsets, places := range map[string]string{
		"+00 +01": "GB IE",
		"+01 +02": "AT BE CH CZ DE DK FR HR HU IT LI LU MT NL NO PL SE SI SK",
		"+02 +03": "BG EE FI GR IL LT LV RO EG",
		"+03 +03": "TR",
		"+09 +09": "JP KR", "+08 +08": "HK PH SG TW", "+07 +07": "TH VN", "+05:30 +05:30": "IN LK", "+06 +06": "BD", "+05 +05": "PK", "+04 +04": "AE",
		"+02 +02": "ZA", "+01 +01": "MA",
		"-06 -06": "CR GT HN NI SV", "-05 -05": "CO JM PA PE", "-04 -04": "DO PR VI",
		"local local": "MX BR AU CN RU ES PT US CA USA CAN XX GBR gb",
	} {
		for country := range strings.SplitSeq(places, " ") {
			requireOffsets(t, offsets, "LT", "*"+country, country)
		}
	}
	requireOffsets(t, "+01 +02", "LT", "CO*IT", "a province of Italy is no state")
	requireOffsets(t, "-06 -05", "CT", "*GB", "the code decides, not the place")
}

func TestAnETAAtALocalTimeOfAnUnknownZoneIsItsDay(t *testing.T) {
	reports := x12Reports(t, x12Told("AT7*AG*NS***20260306*2300*LT~MS1*Memphis*TN*US~LX*2~AT7*X4*NS***20260304*0100~MS1*Memphis*TN*US"))
	require.Equal(t, x12Day(supply.Estimated, "2026-03-06"), reports[0].ETAs[0])
	reached := x12Day(supply.Actual, "2026-03-04")
	reached.Kind, reached.Place = supply.AtInlandPoint, "Memphis, TN, US"
	require.Equal(t, reached, reports[0].ETAs[1])
}

func TestTheGroupSaysWhenItWasSaid(t *testing.T) {
	body := string(x12Told("AT7*X6"))
	require.Equal(t, utc("2026-03-04T12:15:00Z"), x12Reports(t, []byte(body))[0].SaidAt)
	for _, c := range []struct{ old, new, said string }{
		{"*20260304*1215*7", "*20260305*131530*7", "2026-03-05T13:15:30Z"},
		{"*20260304*1215*7", "*260306*1415*7", "2026-03-06T14:15:00Z"},
		{"*20260304*1215*7", "*20269999*1215*7", "2026-03-04T12:15:00Z"}, // the interchange's
		{"*20260304*1215*7", "***7", "2026-03-04T12:15:00Z"},
	} {
		require.Contains(t, body, c.old)
		require.Equal(t, utc(c.said), x12Reports(t, []byte(strings.Replace(body, c.old, c.new, 1)))[0].SaidAt)
	}
	bare := strings.Replace(strings.Replace(body, "*260304*1215*U", "*999999*1215*U", 1), "*20260304*1215*7", "***7", 1)
	require.True(t, x12Reports(t, []byte(bare))[0].SaidAt.IsZero())
}

func TestAnEventThatComesAgainUnderOtherControlNumbersIsOne(t *testing.T) {
	first := string(x12Told("AT7*X1*NS***20260304*0930*CT~MS1*Dallas*TX*US"))
	again := []string{
		strings.NewReplacer("000000007", "000000008", "*7*X", "*8*X", "GE*1*7", "GE*1*8", "*0001", "*0815").Replace(first),
		strings.Replace(first, "*20260304*1215*", "*20260304*1815*", 1),
		strings.Replace(first, "*0930*CT", "*093017*CT", 1),
		string(x12Told("MS1*Dallas*TX*US~AT7*X1*NS***20260304*0930*CT")),
		string(x12Told("AT7*X1****20260304*0930*CT~MS1*Dallas*TX*US")),
	}
	u := follow(t, x12, []byte(first))
	for _, body := range again {
		require.NotEqual(t, first, body)
		next := follow(t, x12, []byte(first), []byte(body))
		require.EqualValues(t, 1, next.Scans, body)
		require.Equal(t, u.Last, next.Last)
	}
	for _, other := range []string{
		"AT7*X1*NS***20260304*0931*CT~MS1*Dallas*TX*US", "AT7*X1*AG***20260304*0930*CT~MS1*Dallas*TX*US",
		"AT7*X5*NS***20260304*0930*CT~MS1*Dallas*TX*US", "AT7*X1*NS***20260304*0930*CT~MS1*Waco*TX*US",
	} {
		require.EqualValues(t, 2, follow(t, x12, []byte(first), x12Told(other)).Scans, other)
	}
}

func TestEveryAttemptToDeliverIsKept(t *testing.T) {
	twice := x12Told("AT7*AH*A1***20260304*0930*UT~LX*2~AT7*AH*A1***20260304*0930*UT~LX*3~AT7*AH*A1***20260304*093017*UT~LX*4~AT7*AH*B1***20260304*0930*UT")
	scans := x12Reports(t, twice)[0].Scans
	require.Len(t, scans, 4)
	require.Equal(t, []string{"AH A1", "AH A1 #2", "AH A1", "AH B1"}, []string{scans[0].Text, scans[1].Text, scans[2].Text, scans[3].Text})
	require.Equal(t, utc("2026-03-04T09:30:17Z"), scans[2].At, "to the second")
	require.EqualValues(t, 4, follow(t, x12, twice).Scans)
	require.EqualValues(t, 4, follow(t, x12, twice, twice).Scans, "and yet a retry is a retry")
	other := x12Told("AT7*X1*A1***20260304*0930*UT~LX*2~AT7*X1*A1***20260304*0930*UT")
	require.EqualValues(t, 1, follow(t, x12, other).Scans, "any other event said twice is one")
}

func TestAPartOfADeliverySaysHowMuch(t *testing.T) {
	require.Equal(t, "PA, 3 pieces", x12Scan(t, "AT7*PA*NS***20260304*0930*UT~AT8*G*L*1840*3").Text)
	for _, loop := range []string{"AT7*PA~AT8*G*L*1840", "AT7*PA~AT8*G*L*1840*x", "AT7*PA~AT8*G*L*1840*0", "AT8*G*L*1840*3~AT7*PA"} {
		require.Equal(t, "PA", x12Scan(t, loop).Text)
	}
	require.Equal(t, "D1", x12Scan(t, "AT7*D1~AT8*G*L*1840*3").Text)
	u := follow(t, x12, x12Told("AT7*PA*NS***20260304*0930*UT"), x12Told("AT7*CB*NS***20260305*0930*UT"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Zero(t, u.Troubles, "the rest has come")
}

func TestAStoryEndsTheSameInEveryOrder(t *testing.T) {
	delivered := anyOrder(t, x12, event(t, "webhook-x12-in-transit.edi"), event(t, "webhook-x12-estimates.edi"), event(t, "webhook-x12-delivered.edi"))
	require.Equal(t, supply.Delivered, delivered.Status)
	require.Equal(t, utc("2026-03-06T15:52:00Z"), delivered.Arrived, "D1; X1 the day before was turned away")
	require.EqualValues(t, 9, delivered.Scans)
	require.Equal(t, "ALDW", delivered.Issuer)
	require.Zero(t, delivered.Troubles)

	held := anyOrder(t, x12,
		x12Told("AT7*AF*NS***20260301*0800*UT"), x12Told("AT7*K1*NS***20260302*0800*UT"), x12Told("AT7*PR*NS***20260302*0900*UT"),
		x12Told("AT7*X4*NS***20260303*0900*UT"), x12Told("AT7*AG*NS***20260305*0900*UT"), x12Told("AT7*SD*AO***20260304*0900*UT"))
	require.Equal(t, "EXCEPTION", held.Status.String())
	require.Equal(t, "CUSTOMS_HOLD", held.Troubles.String(), "who arrives at a terminal is not through customs")

	released := anyOrder(t, x12, x12Told("AT7*PR*NS***20260302*0900*UT"), x12Told("AT7*X1*NS***20260303*0900*UT"), x12Told("AT7*D1*NS***20260303*1000*UT"))
	require.Equal(t, "DELIVERED", released.Status.String())
	require.Zero(t, released.Troubles)
}

// The usual day's end of a busy carrier: a set with a loop for each stop of each
// load.
func x12Batch(loops int, shipments int) []byte {
	var set strings.Builder
	set.WriteString("B10**LOAD77*HLVN")
	for i := range loops {
		fmt.Fprintf(&set, "~LX*%d~MS1*Immingham**GB~AT7*X3*NS***20260304*%02d%02d*LT~L11*HAL%07d*CN~L11*AB%d*BM",
			i+1, i/60%24, i%60, i%shipments, i%shipments)
	}
	set.WriteString("~N1*SH*Halvorsen Carriers")
	return x12Bodies(set.String())
}

func TestTenThousandLoopsTakeTimeAndMemoryInProportion(t *testing.T) {
	spent := func(body []byte) (least time.Duration, bytes uint64) {
		least = time.Hour
		for range 5 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := x12.Parse(body)
			least = min(least, time.Since(start))
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			bytes = after.TotalAlloc - before.TotalAlloc
		}
		return least, bytes
	}
	for _, shipments := range []int{1, 7, 1 << 20} {
		small, large := x12Batch(1000, shipments), x12Batch(10_000, shipments)
		reports := x12Reports(t, large)
		require.Len(t, reports, min(shipments, 10_000))
		scans := 0
		for _, r := range reports {
			scans += len(r.Scans)
		}
		require.Equal(t, 10_000, scans)

		fast, few := spent(small)
		slow, many := spent(large)
		t.Logf("%d shipments: 1,000 loops in %s, 10,000 in %s; %.1f bytes are taken per byte of the body", min(shipments, 10_000), fast, slow, float64(many)/float64(len(large)))
		require.Less(t, slow, 50*fast+50*time.Millisecond, "ten times the loops, not a hundred times the time")
		require.Less(t, many, 15*few)
		require.LessOrEqual(t, many, uint64(8*len(large)))
	}
}
