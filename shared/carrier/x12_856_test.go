package carrier_test

// Works by reading advance ship notices of every hierarchy that suppliers use
// against the boxes and units that are in them. It would catch units counted
// twice, a box with another's contents, a case taken for a unit, and a notice
// known in part taken for the whole.

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// FuzzX12Contents holds what is read from any bytes to what shipments rely on,
// and the acknowledgement to being X12.
func FuzzX12Contents(f *testing.F) {
	files, err := filepath.Glob("../../events/webhook-x12-*")
	require.NoError(f, err)
	for _, file := range files {
		f.Add(event(f, filepath.Base(file)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		manifests, err := x12.Contents(body)
		_, same := x12.Parse(body)
		require.Equal(t, same, err)
		for _, m := range manifests {
			require.True(t, m.Shipment != "" || len(m.Numbers) > 0)
			require.Positive(t, len(m.Lines)+len(m.Boxes))
			require.Equal(t, time.UTC, m.SaidAt.Location())
			packing, err := m.Packing(now)
			require.NoError(t, err, "units can be counted, and SKUs be SKUs")
			require.False(t, packing.Empty())
			require.Len(t, packing.Boxes, len(m.Boxes), "each box once")
		}
		if _, answer := x12.Answer(carrier.Request{Body: body}, nil, err, now); answer != nil {
			reports, err := x12.Parse(answer)
			require.NoError(t, err, "%q", answer)
			require.Empty(t, reports)
			_, none := x12.Answer(carrier.Request{Body: answer}, nil, nil, now)
			require.Empty(t, none)
		}
	})
}

func x12Manifests(t *testing.T, sets ...string) []supply.Manifest {
	t.Helper()
	manifests, err := x12.Contents(x12Bodies(sets...))
	require.NoError(t, err)
	return manifests
}

// x12Packed is what a notice with these levels says, as text.
func x12Packed(t *testing.T, levels string) string {
	t.Helper()
	manifests := x12Manifests(t, "BSN*00*S1*20260302*1610~"+levels)
	require.Len(t, manifests, 1)
	text := func(contents []supply.Content) (s string) {
		for _, c := range contents {
			s += fmt.Sprintf(" %s=%d", c.SKU, c.Units)
		}
		return s
	}
	all := "all" + text(manifests[0].Lines)
	for _, box := range manifests[0].Boxes {
		all += "|" + box.ID
		if box.TrackingID != "" {
			all += "#" + box.TrackingID
		}
		all += text(box.Contents)
	}
	return all
}

func TestAnAdvanceShipNoticeOfOursIsReadWhole(t *testing.T) {
	manifests, err := x12.Contents(event(t, "webhook-x12-asn.edi"))
	require.NoError(t, err)
	require.Equal(t, []supply.Manifest{{
		Shipment: "FBA15ABC", Numbers: []string{"4401239876", "BOL88213"}, SaidAt: utc("2026-03-02T16:10:00Z"),
		Boxes: []supply.Box{
			{ID: "106141410000000017", TrackingID: "1ZFBA15ABC", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 24}}},
			{ID: "106141410000000024", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 12}, {SKU: "MUG-2", Units: 30}}},
			{ID: "106141410000000031", Contents: []supply.Content{{SKU: "MUG-2", Units: 40}}},
		},
		Lines: []supply.Content{{SKU: "KETTLE-1", Units: 36}, {SKU: "MUG-2", Units: 70}},
	}}, manifests)
	none, err := x12.Contents(event(t, "webhook-x12-delivered.edi"))
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestBoxesHoldWhatTheirLevelsSay(t *testing.T) {
	const item = "~LIN**SK*A~SN1**10*EA"
	for why, c := range map[string]struct{ levels, want string }{
		"shipment, order, item":        {"HL*1**S~HL*2*1*O~HL*3*2*I" + item + "~HL*4*2*I~LIN**SK*B~SN1**5*EA", "all A=10 B=5"},
		"shipment, order, pack, item":  {"HL*1**S~HL*2*1*O~HL*3*2*P~MAN*GM*1~HL*4*3*I" + item + "~HL*5*2*P~MAN*GM*2~HL*6*5*I" + item, "all A=20|1 A=10|2 A=10"},
		"with a pallet around":         {"HL*1**S~HL*2*1*T~MAN*GM*9~HL*3*2*P~MAN*GM*1~HL*4*3*I" + item + "~HL*5*2*P~MAN*GM*2~HL*6*5*I" + item, "all A=20|1 A=10|2 A=10"},
		"a pallet without packs":       {"HL*1**S~HL*2*1*O~HL*3*2*T~MAN*GM*9~HL*4*3*I" + item, "all A=10|9 A=10"},
		"a pallet with both":           {"HL*1**S~HL*2*1*T~MAN*GM*9~HL*3*2*I" + item + "~HL*4*2*P~MAN*GM*1~HL*5*4*I" + item, "all A=20|9 A=10|1 A=10"},
		"items before their packs":     {"HL*1**S~HL*2*1*I~LIN**SK*A~SN1**30*EA~HL*3*2*P~MAN*GM*1~SN1**20*EA~HL*4*2*P~MAN*GM*2~SN1**10*EA", "all A=30|1 A=20|2 A=10"},
		"the same without their units": {"HL*1**S~HL*2*1*I~LIN**SK*A~SN1**30*EA~HL*3*2*P~MAN*GM*1~HL*4*2*P~MAN*GM*2", "all A=30|1|2"},
		"units only in the packs":      {"HL*1**S~HL*2*1*I~LIN**SK*A~HL*3*2*P~MAN*GM*1~SN1**20*EA~HL*4*2*P~MAN*GM*2~SN1**10*EA", "all A=30|1 A=20|2 A=10"},
		"items in the pack's level":    {"HL*1**S~HL*2*1*P~MAN*GM*1" + item + "~LIN**SK*B~SN1**5*EA", "all A=10 B=5|1 A=10 B=5"},
		"no levels at all":             {"LIN**SK*A~SN1**10*EA", "all A=10"},
		"a SKU twice in a box":         {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*2*I" + item + "~HL*4*2*I" + item, "all A=20|1 A=20"},
		"a box twice":                  {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*2*I" + item + "~HL*4*1*P~MAN*GM*1~HL*5*4*I" + item, "all A=20|1 A=20"},
		"boxes by turns":               {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*1*P~MAN*GM*2~HL*4*2*I" + item + "~HL*5*3*I" + item + "~HL*6*2*I" + item, "all A=30|1 A=20|2 A=10"},
		"a box without a name":         {"HL*1**S~HL*2*1*P~HL*3*2*I" + item, "all A=10"},
		"a box that nobody filled":     {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*1*I" + item, "all A=10|1"},
		"marks behind the items":       {"HL*1**S~HL*2*1*P" + item + "~MAN*GM*1", "all A=10|1 A=10"},
		"no units":                     {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*2*I~LIN**SK*A~SN1**0*EA", "all|1"},
		"numbers with zeros":           {"HL*001**S~HL*002*1*P~MAN*GM*1~HL*3*02*I" + item, "all A=10|1 A=10"},
		// Levels whose parents are not there, are the level itself, or come later.
		"a parent that is missing":  {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*9*I" + item, "all A=10|1"},
		"no parent":                 {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3**I" + item, "all A=10|1"},
		"its own parent":            {"HL*1**S~HL*2*2*P~MAN*GM*1~HL*3*3*I" + item, "all A=10|1"},
		"parents of each other":     {"HL*1*2*P~MAN*GM*1~HL*2*1*P~MAN*GM*2~HL*3*2*I" + item, "all A=10|2 A=10"},
		"a parent to come":          {"HL*3*2*I" + item + "~HL*2*1*P~MAN*GM*1~HL*1**S", "all A=10|1"},
		"a number used twice":       {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*2*1*P~MAN*GM*2~HL*3*2*I" + item, "all A=10|1|2 A=10"},
		"numbers that are none":     {"HL*A**S~HL*B*A*P~MAN*GM*1~HL*C*B*I" + item + "~HL*-1*B*I" + item, "all A=20|1"},
		"a kind of level not known": {"HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*2*K~HL*4*3*I" + item, "all A=10|1 A=10"},
		"marks outside of a box":    {"HL*1**S~MAN*GM*1~HL*2*1*P~MAN*GM*2~HL*3*2*I~MAN*GM*3" + item, "all A=10|2 A=10"},
	} {
		require.Equal(t, c.want, x12Packed(t, c.levels), why)
	}
}

func TestABoxIsNamedByItsMarks(t *testing.T) {
	for marks, want := range map[string]string{
		"MAN*GM*00106141410000000017":    "106141410000000017",
		"MAN*GM*106141410000000017":      "106141410000000017",
		"MAN*AA*106141410000000017":      "106141410000000017",
		"MAN*GM*10106141410000000017":    "10106141410000000017", // not the identifier of a SSCC
		"MAN*GM*1**CP*1Z9":               "1#1Z9",
		"MAN*CP*1Z9**GM*1":               "1#1Z9",
		"MAN*GM*1~MAN*CP*1Z9":            "1#1Z9",
		"MAN*GM*1~MAN*UP*1Z9~MAN*CP*1Z8": "1#1Z9",
		"MAN*CP*1Z9":                     "1Z9#1Z9",
		"MAN*CA*7~MAN*GM*1":              "1",
		"MAN*CA*7":                       "7", "MAN*MC*7": "7", "MAN*SM*7": "7", "MAN*SS*7": "7",
		"MAN*GM*1~MAN*GM*2":    "1",
		"MAN*GM*1~REF*2I*1Z9":  "1#1Z9",
		"MAN*GM*1~REF*CN*1Z9":  "1#1Z9",
		"MAN*GM*1~REF*BM*B9":   "1",
		"MAN*GM*1~MAN*CP*1Z/9": "1",
		"MAN*GM* 1 \u202e":     "1",
	} {
		require.Equal(t, "all A=10|"+want+" A=10", x12Packed(t, "HL*1**S~HL*2*1*P~"+marks+"~HL*3*2*I~LIN**SK*A~SN1**10*EA"), marks)
	}
	for _, marks := range []string{"MAN*UC*10614141000012", "MAN*GM*1*9", "MAN*L*7", "MAN*ZZ*7", "MAN*GM", "MAN"} {
		require.Equal(t, "all A=10", x12Packed(t, "HL*1**S~HL*2*1*P~"+marks+"~HL*3*2*I~LIN**SK*A~SN1**10*EA"), "the same on many boxes: %s", marks)
	}
	long := x12Packed(t, "HL*1**S~HL*2*1*P~MAN*CA*"+strings.Repeat("7", 100)+"~HL*3*2*I~LIN**SK*A~SN1**10*EA")
	require.Equal(t, "all A=10|"+strings.Repeat("7", 64)+" A=10", long)
}

func TestTheSKUIsTheLikeliestOfTheItemsNumbers(t *testing.T) {
	for lin, want := range map[string]string{
		"LIN**SK*S*VN*V*BP*B*UP*U":                      "S",
		"LIN*1*UP*U*SK*S":                               "S",
		"LIN**VN*V*BP*B*UP*U":                           "V",
		"LIN**BP*B*VP*P*UP*U":                           "B",
		"LIN**VP*P*IN*I*EN*E":                           "P",
		"LIN**IN*I*UP*U":                                "I",
		"LIN**UP*012345678905*EN*4006381333931":         "012345678905",
		"LIN**EN*4006381333931*UK*1":                    "4006381333931",
		"LIN**UK*10012345678902":                        "10012345678902",
		"LIN**ON*O*CB*C*SK*S":                           "S",
		"LIN**SK**VN*V":                                 "V",
		"LIN**SK*\x85*VN*V":                             "V",
		"LIN**SK*K\xf6ln":                               "Köln",
		"LIN**SK*Köln":                                  "Köln",
		"LIN**SK*a b/c=1":                               "a b/c=1",
		"LIN**SK*" + strings.Repeat("S", 256) + "*VN*V": "V",
	} {
		require.Equal(t, "all "+want+"=10", x12Packed(t, "HL*1**I~"+lin+"~SN1**10*EA"), "%q", lin)
	}
}

func TestANoticeThatIsKnownInPartIsNoNotice(t *testing.T) {
	const whole = "BSN*00*S1*20260302*1610~HL*1**S~HL*2*1*P~MAN*GM*1~HL*3*2*I~LIN**SK*A~SN1**10*EA"
	for set, why := range map[string]string{
		strings.Replace(whole, "*EA", "*CA", 1):                         `SN1-03 "CA"`,
		strings.Replace(whole, "*EA", "", 1):                            `SN1-03 ""`,
		strings.Replace(whole, "*10*", "*1.5*", 1):                      `SN1-02 "1.5"`,
		strings.Replace(whole, "*10*", "*-1*", 1):                       `SN1-02 "-1"`,
		strings.Replace(whole, "*10*", "**", 1):                         `SN1-02 ""`,
		strings.Replace(whole, "*10*", "*1e3*", 1):                      `SN1-02 "1e3"`,
		strings.Replace(whole, "*10*", "*9999999999*", 1):               `SN1-02`,
		strings.Replace(whole, "LIN**SK*A~", "", 1):                     "SN1 has no LIN",
		strings.Replace(whole, "*SK*", "*ON*", 1):                       "LIN names no SKU",
		strings.Replace(whole, "*A~", "*~", 1):                          "LIN names no SKU",
		strings.Replace(whole, "*A~", "*\x81~", 1):                      "LIN",
		strings.Replace(whole, "*00*S1", "*01*S1", 1):                   `BSN-01 "01"`,
		strings.Replace(whole, "*00*S1", "*04*S1", 1):                   `BSN-01 "04"`,
		strings.Replace(whole, "*S1*", "**", 1):                         "names the shipment",
		"BSN*00*S1*20260302*1610~HL*1**S":                               "neither units nor boxes",
		whole + strings.Repeat("~LIN**SK*A~SN1**999999999*EA", 2):       `SKU "A"`,
		whole + strings.Repeat("~HL*9*1*P", supply.MaxBoxes):            "5000 boxes",
		"BSN*00*S1" + x12Repeated("~LIN**SK*A%d~SN1**1*EA", 1001):       "1000 SKUs",
		"BSN*00*S1~LIN**SK*A~SN1**1*EA" + x12Repeated("~HL*%d", 50_001): "50000 levels",
	} {
		manifests, err := x12.Contents(x12Bodies(whole, set))
		require.True(t, fault.Is(err, fault.Invalid), why)
		require.ErrorContains(t, err, "1 of 2 events cannot be read; the first: ")
		require.ErrorContains(t, err, why)
		require.Len(t, manifests, 1, "its neighbour is")
	}
	for _, set := range []string{
		strings.Replace(whole, "*00*S1", "*05*S1", 1), strings.Replace(whole, "*00*S1", "*06*S1", 1), strings.Replace(whole, "*00*S1", "*07*S1", 1),
		strings.Replace(whole, "*00*S1", "*14*S1", 1), strings.Replace(whole, "*00*S1", "**S1", 1),
		strings.Replace(whole, "*EA", "*PC", 1), strings.Replace(whole, "*EA", "*UN", 1), strings.Replace(whole, "*10*", "*10.00*", 1), strings.Replace(whole, "*10*", "*0010.*", 1),
	} {
		require.Equal(t, x12Manifests(t, whole), x12Manifests(t, set), set)
	}
	_, err := x12.Contents(x12Bodies("BSN*00*S1" + x12Repeated("~LIN**SK*A%d~SN1**1*EA", 1000)))
	require.NoError(t, err)
	_, err = x12.Contents(x12Bodies("BSN*00*S1" + x12Repeated("~HL*%d**P", supply.MaxBoxes) + "~MAN*GM*1"))
	require.NoError(t, err)
}

func x12Repeated(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestANoticeLeadsToItsShipmentByEveryNumber(t *testing.T) {
	const item = "~HL*2*1*I~LIN**SK*A~SN1**10*EA"
	for head, want := range map[string][]string{
		"BSN*00*S1~HL*1**S~REF*BM*B1~REF*CN*P1~REF*2I*T1":             {"P1", "B1", "T1"},
		"BSN*00*S1~HL*1**S~REF*BN*BK1~TD3*CN*MSKU*1234567":            {"BK1", "MSKU1234567"},
		"BSN*00*S1~HL*1**S~TD3*TL*HJBT*123456~TD3*TL**1234567":        {}, // trailers come again with other goods
		"BSN*00*S1~HL*1**S~TD3*CN*MSKU*123456~TD3*CN*MSKU*123456A":    {},
		"BSN*00*S1~HL*1**S~REF*OC*MSKU1234567~REF*PO*4500021354":      {"MSKU1234567"},
		"BSN*00*S1~HL*1**S~REF*BM*B1~REF*BM*B1~REF*BM*B/1~REF*BM":     {"B1"},
		"BSN*00*S1~HL*1**S~TD5*B*2*UPSN~PRF*4500021354~REF*IA*VENDOR": {},
	} {
		require.Equal(t, want, x12Manifests(t, head+item)[0].Numbers, head)
	}
	require.Equal(t, []string{"B1"}, x12Manifests(t, "BSN*00*S1~HL*1**S~REF*BM*B1~HL*2*1*P~MAN*GM*1~REF*CN*P2~REF*BM*B2~HL*3*2*I~REF*CN*P3~LIN**SK*A~SN1**10*EA")[0].Numbers,
		"the numbers of boxes and items are theirs")
	bare := x12Manifests(t, "BSN*00**20260302*1610~REF*BM*B1~LIN**SK*A~SN1**10*EA")[0]
	require.Empty(t, bare.Shipment)
	require.Equal(t, []string{"B1"}, bare.Numbers)

	require.Equal(t, utc("2026-03-02T16:10:30Z"), x12Manifests(t, "BSN*00*S1*20260302*161030"+item)[0].SaidAt)
	require.Equal(t, utc("2026-03-02T00:00:00Z"), x12Manifests(t, "BSN*00*S1*20260302"+item)[0].SaidAt)
	require.True(t, x12Manifests(t, "BSN*00*S1*tomorrow*1610"+item)[0].SaidAt.IsZero())
	require.Equal(t, strings.Repeat("S", 64), x12Manifests(t, "BSN*00*"+strings.Repeat("S", 200)+item)[0].Shipment)
}

func TestNoticesAndStatusesMayComeTogether(t *testing.T) {
	body := x12Bodies("BSN*00*S1~LIN**SK*A~SN1**10*EA", "B10*P1**A~LX*1~AT7*D1", "BSN*00*S2~LIN**SK*A~SN1**10*CA", "BSN*00*S3~LIN**SK*B~SN1**5*EA")
	reports, err := x12.Parse(body)
	require.ErrorContains(t, err, "1 of 4 events")
	require.Len(t, reports, 1)
	manifests, same := x12.Contents(body)
	require.Equal(t, err, same)
	require.Len(t, manifests, 2)
	require.Equal(t, "S3", manifests[1].Shipment)
	require.Equal(t, []supply.Content{{SKU: "B", Units: 5}}, manifests[1].Lines, "nothing of the one before")
}
