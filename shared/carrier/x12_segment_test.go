package carrier_test

// Works by writing one message in every way in which senders separate, wrap, cut
// and damage it. It would catch a reader that knows one separator only, takes half
// a message for a whole one, or can be made to spend time, memory or a panic.

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

func TestX12SendsATokenOrTheAddressHoldsIt(t *testing.T) {
	secrets := []string{"b0c1-token-of-acme"}
	for why, c := range map[string]struct {
		request carrier.Request
		good    bool
	}{
		"header":      {carrier.Request{Header: http.Header{"Authorization": {"Bearer b0c1-token-of-acme"}}}, true},
		"address":     {carrier.Request{Tail: "b0c1-token-of-acme"}, true},
		"parameter":   {carrier.Request{Query: url.Values{"token": {"b0c1-token-of-acme"}}}, true},
		"nothing":     {carrier.Request{}, false},
		"no scheme":   {carrier.Request{Header: http.Header{"Authorization": {"b0c1-token-of-acme"}}}, false},
		"good, bad":   {carrier.Request{Header: http.Header{"Authorization": {"Bearer b0c1-token-of-acme"}}, Tail: "b0c1-token-of-acmf"}, false},
		"ISA's own":   {carrier.Request{Body: []byte("ISA*00*          *01*b0c1-token*")}, false},
		"bad, header": {carrier.Request{Header: http.Header{"Authorization": {"Bearer b0c1-token-of-acm"}}, Tail: "b0c1-token-of-acme"}, false},
	} {
		if err := x12.Verify(c.request, secrets, now); c.good {
			require.NoError(t, err, why)
		} else {
			refused(t, err, "")
		}
	}
	require.Equal(t, "application/edi-x12", signed(x12, secrets[0], nil, now).Header.Get("Content-Type"))
}

// x12Usual is a message whose text may be separated in any way.
func x12Usual() string { return string(x12Told("AT7*D1*NS***20260304*0930*CT~MS1*Dallas*TX*US")) }

func TestX12IsReadHoweverItIsSeparated(t *testing.T) {
	plain := x12Usual()
	want := x12Reports(t, []byte(plain))
	require.Len(t, want, 1)
	require.Equal(t, supply.Delivered, want[0].Scans[0].Status)

	group, end := strings.Index(plain, "GS*"), strings.Index(plain, "IEA*")
	for why, body := range map[string]string{
		"lines":                          strings.ReplaceAll(plain, "~", "~\n"),
		"lines of DOS":                   strings.ReplaceAll(plain, "~", "~\r\n"),
		"only line ends":                 strings.ReplaceAll(plain, "~", "\n"),
		"only line ends of DOS":          strings.ReplaceAll(plain, "~", "\r\n"),
		"only line ends of Mac":          strings.ReplaceAll(plain, "~", "\r"),
		"blanks behind":                  strings.ReplaceAll(plain, "~", "~   \n\n") + "\n \t\x00\x1a",
		"blanks before":                  "\r\n  " + strings.ReplaceAll(plain, "~", "~\n      "),
		"a byte order mark":              "\xef\xbb\xbf" + plain,
		"empty segments":                 strings.ReplaceAll(plain, "~", "~~~"),
		"pipes and quotes":               strings.NewReplacer("*", "|", "~", "'", ">", ":").Replace(plain),
		"control characters":             strings.NewReplacer("*", "\x1d", "~", "\x1c", ">", "\x1f").Replace(plain),
		"tabs":                           strings.ReplaceAll(plain, "*", "\t"),
		"a mainframe's line end":         strings.ReplaceAll(plain, "~", "\x85"),
		"blanks in elements":             strings.ReplaceAll(strings.ReplaceAll(plain, "*D1*", "* D1 *"), "*4401239876*", "*4401239876   *"),
		"empty elements behind":          strings.ReplaceAll(plain, "*Dallas*TX*US~", "*Dallas*TX*US****~"),
		"no blanks in ISA":               strings.ReplaceAll(plain, "          ", ""),
		"ISA16 left out, on lines":       strings.ReplaceAll(strings.Replace(plain, "*P*>~", "*P*~", 1), "~", "~\n"),
		"ISA16 left out":                 strings.Replace(plain, "*P*>~", "*P*~", 1),
		"ISA16 left out, line ends only": strings.ReplaceAll(strings.Replace(plain, "*P*>~", "*P*~", 1), "~", "\n"),
		"ISA16 as the element separator": strings.Replace(plain, "*P*>~", "*P**~", 1),
		"a blank before the end of ISA":  strings.Replace(plain, "*P*>~", "*P*> ~", 1),
		"wrapped after 80 characters":    wrapped(plain, 80),
		"wrapped after 9 characters":     wrapped(plain, 9),
		"no envelope but the group":      plain[group:end],
		"the group on lines":             strings.ReplaceAll(plain[group:end], "~", "\r\n"),
		"no last separator":              strings.TrimSuffix(plain, "~"),
	} {
		reports, err := x12.Parse([]byte(body))
		require.NoError(t, err, why)
		require.Equal(t, want, reports, why)
	}
	fragment := plain[strings.Index(plain, "ST*"):strings.Index(plain, "GE*")]
	want[0].SaidAt = time.Time{}
	for why, body := range map[string]string{
		"no envelope at all": fragment,
		"the same, on lines": strings.ReplaceAll(fragment, "~", "\n"),
		"no last separator":  strings.TrimSuffix(fragment, "~"),
		"with a third ST":    strings.Replace(fragment, "*0001~B10", "*0001*004010~B10", 1),
		"without blanks":     strings.Replace(fragment, "*0001~B10", "*0001 ~B10", 1),
	} {
		require.Equal(t, want, x12Reports(t, []byte(body)), why)
	}
}

// wrapped breaks lines as mail and punched cards did.
func wrapped(s string, width int) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\r\n")
		s = s[width:]
	}
	return b.String() + s
}

func TestEveryInterchangeHasItsOwnSeparators(t *testing.T) {
	one := x12Usual()
	two := strings.NewReplacer("*", "|", "~", "\n", ">", "^", "4401239876", "4401239877").Replace(one)
	reports := x12Reports(t, []byte(one+two+one))
	require.Len(t, reports, 3)
	require.Equal(t, "4401239877", reports[1].Number)
	require.Equal(t, reports[0], reports[2])
}

func TestAnInterchangeInsideAnotherCutsThatOff(t *testing.T) {
	inner := x12Usual()
	outer := strings.ReplaceAll(inner, "4401239876", "4401239870")
	for at, want := range map[string][]string{
		"AT7*": {"4401239876"},               // the set around it has no end
		"GE*":  {"4401239870", "4401239876"}, // that one has
		"IEA*": {"4401239870", "4401239876"},
	} {
		reports, err := x12.Parse([]byte(strings.Replace(outer, at, inner+at, 1)))
		require.True(t, fault.Is(err, fault.Invalid))
		require.ErrorContains(t, err, "no trailer")
		var got []string
		for _, r := range reports {
			got = append(got, r.Number)
		}
		require.Equal(t, want, got, at)
	}
}

func TestWhatIsNoX12IsRefused(t *testing.T) {
	isa := x12Usual()[:106]
	for why, body := range map[string]string{
		"empty": "", "blank": " \r\n\t", "JSON": `{"trackingNumber":"1"}`, "XML": "<ISA/>", "EDIFACT": "UNB+UNOA:1+A+B+250318:0915+1'", "a word": "ISABEL", "tag": "ISA", "two tags": "ISAGSST",
		"a bare tag": "ST", "an empty GS": "GS*", "an empty ST": "ST*", "ST without an end": "ST*214*0001", "GS without an end": "GS*QM*A*B*20260304*1215*7*X*004010",
		"ISA alone, cut": isa[:104], "ISA of 15 elements": strings.Replace(isa, "*U*", "*", 1) + "GS~", "ISA of endless elements": strings.Replace(isa, "ALDW", strings.Repeat("A", 100), 1),
		"a letter separates": strings.ReplaceAll(isa, "*", "X"), "a digit separates": strings.ReplaceAll(isa, "*", "0"), "a blank separates": strings.ReplaceAll(isa, "*", " "),
		"NUL separates": strings.ReplaceAll(isa, "*", "\x00"), "a line end separates": strings.ReplaceAll(isa, "*", "\n"),
		"equal separators": strings.Replace(isa, ">~", ">*", 1) + "GS*QM*", "all equal": strings.NewReplacer(">", "*", "~", "*").Replace(isa),
		"a set before its header": "SE*1*0001~" + isa, "lower case": strings.ToLower(x12Usual()), "in UTF-16": "\xff\xfeI\x00S\x00A\x00*\x00",
		"only terminators": strings.Repeat("~", 4<<20), "only stars": strings.Repeat("*", 4<<20), "only ISA": strings.Repeat("ISA", 1<<20),
	} {
		unreadable(t, x12, []byte(body), why)
		manifests, err := x12.Contents([]byte(body))
		require.True(t, fault.Is(err, fault.Invalid), why)
		require.Nil(t, manifests)
		header, answer := x12.Answer(carrier.Request{Body: []byte(body)}, nil, err, now)
		require.Nil(t, header, why)
		require.Nil(t, answer, why)
	}
}

func TestAMessageThatIsCutIsTakenWholeOrNotAtAll(t *testing.T) {
	for _, file := range []string{"webhook-x12-in-transit.edi", "webhook-x12-delivered.edi", "webhook-x12-loops.edi", "webhook-x12-asn.edi"} {
		body := bytes.TrimSpace(event(t, file))
		reports, err := x12.Parse(body)
		require.NoError(t, err)
		manifests, err := x12.Contents(body)
		require.NoError(t, err)
		trailer := bytes.LastIndex(body, []byte("IEA")) + len("IEA")
		for n := range body {
			cut, err := x12.Parse(body[:n])
			if n < trailer {
				require.True(t, fault.Is(err, fault.Invalid), "%s cut at %d: %v", file, n, err)
			}
			if len(cut) > 0 {
				require.Equal(t, reports, cut, "%s cut at %d", file, n)
			}
			packed, again := x12.Contents(body[:n])
			require.Equal(t, err, again)
			if len(packed) > 0 {
				require.Equal(t, manifests, packed, "%s cut at %d", file, n)
			}
		}
	}
}

func TestASetWithoutItsEndLeavesItsNeighboursAlone(t *testing.T) {
	three := string(x12Bodies("B10*P1**A~LX*1~AT7*D1", "B10*P2**A~LX*1~AT7*D1~AT7*X6*NS***2026", "B10*P3**A~LX*1~AT7*D1"))
	reports, err := x12.Parse([]byte(strings.Replace(three, "~SE*6*0002", "", 1)))
	require.True(t, fault.Is(err, fault.Invalid))
	require.ErrorContains(t, err, "1 of 3 events")
	require.Len(t, reports, 2)
	require.Equal(t, "P1", reports[0].Number)
	require.Equal(t, "P3", reports[1].Number)
}

func TestWrongCountsStopNothing(t *testing.T) {
	plain := x12Usual()
	want := x12Reports(t, []byte(plain))
	for _, c := range [][2]string{
		{"SE*6*0001", "SE*4*0001"}, {"SE*6*0001", "SE*6*0002"}, {"SE*6*0001", "SE"}, {"SE*6*0001", "SE*x*"},
		{"GE*1*7", "GE*3*7"}, {"GE*1*7", "GE*1*8"}, {"GE*1*7", "GE"}, {"IEA*1*000000007", "IEA*2*000000001"}, {"GE*1*7~", ""},
	} {
		require.Contains(t, plain, c[0])
		require.Equal(t, want, x12Reports(t, []byte(strings.Replace(plain, c[0], c[1], 1))), c[1])
	}
}

func TestATerminatorInTextIsTextThatNobodyReads(t *testing.T) {
	want := x12Reports(t, x12Bodies("B10*P1**A~LX*1~AT7*D1"))
	for _, text := range []string{"N3*12 HARBOUR ~ WAY", "N3*A~~B", "N3*~LX STREET", "N3*~AT7", "N3*ROOM ~ISA", "N3*~ST", "NTE*~*~*", "K1*D1~DELIVERED*AT7"} {
		reports, err := x12.Parse(x12Bodies("B10*P1**A~" + text + "~LX*1~AT7*D1"))
		if text == "N3*~AT7" { // an event without anything, which is nobody's
			require.ErrorContains(t, err, "neither a status nor an appointment")
		} else if text == "N3*~ST" { // this one could be a header, and cuts the set
			require.ErrorContains(t, err, "no trailer")
			require.Empty(t, reports)
			continue
		} else {
			require.NoError(t, err, text)
		}
		require.Equal(t, want, reports, text)
	}
}

func TestTextThatIsNotUTF8IsLatin(t *testing.T) {
	for _, c := range []struct{ city, want string }{
		{"K\xf6ln", "Köln, DE"}, {"Köln", "Köln, DE"}, {"Stra\xdfe \xa9", "Straße ©, DE"}, {"\xff\xfe\xe9", "ÿþé, DE"},
		{"A\x00B", "A B, DE"}, {"A\x85B\x9f", "A B, DE"}, {"\u202eA\u2066", "A, DE"}, {"日本", "日本, DE"}, {"\xa0", "DE"},
		{strings.Repeat("\xe9", 100), strings.Repeat("é", 20)}, {strings.Repeat("x", 2000), strings.Repeat("x", 40)},
		{strings.Repeat("日", 2000), strings.Repeat("日", 13) + ","},
	} {
		require.Equal(t, c.want, x12Scan(t, "AT7*X6~MS1*"+c.city+"**DE").Place, "%q", c.city)
	}
	require.Equal(t, "É1", x12Scan(t, "AT7*\xc91*").Text, "an unknown code is shown")
	for _, number := range []string{"PRO\xe9", "PRO\x001", "P/1", strings.Repeat("9", 65), "１２", "-"} {
		require.Equal(t, "FBA1", x12Reports(t, x12Bodies("B10*"+number+"*FBA1*A~LX*1~AT7*X6"))[0].Number, "%q is no number", number)
	}
}

func TestTheHostileMessageIsHarmless(t *testing.T) {
	reports := x12Reports(t, event(t, "webhook-x12-hostile.edi"))
	require.Len(t, reports, 1)
	require.Equal(t, "4401239877", reports[0].Number, "not the reference with a path in it, nor the statement")
	require.Equal(t, "142750993", reports[0].Also[0])
	require.Len(t, reports[0].Also, 8)
	require.Len(t, reports[0].Scans, 5)
	require.Equal(t, supply.Scan{Status: supply.InTransit, Code: supply.StatusOnly, At: utc("2026-03-04T11:44:00Z"), Text: "X6"}, reports[0].Scans[0])
	require.Equal(t, supply.Scan{Code: supply.CodeUnknown, At: utc("2026-03-04T05:00:00Z"), Text: "QQ ZZ", Place: "München, BBBBBBBBBBBBBBBBBBBB, DE"}, reports[0].Scans[1])

	u := follow(t, x12, event(t, "webhook-x12-hostile.edi"))
	require.Equal(t, supply.Delivered, u.Status)
	require.Equal(t, utc("2026-03-04T12:15:00Z"), u.Arrived, "said without a day, so when it was said")
	require.True(t, u.Heard.Before(utc("2026-12-31T00:00:00Z")), "not in the year 9999")
}

func TestALoopOrABodyMayBePackedOnlySoDense(t *testing.T) {
	reports, err := x12.Parse(x12Told(strings.Repeat("AT7*X6*NS***20260304*0930*CT~", 1000) + "AT7*D1*NS***20260304*0930*CT"))
	require.ErrorContains(t, err, "1 of 1001 events cannot be read; the first: LX has more than 1000 AT7")
	require.Len(t, reports[0].Scans, 1000)

	reports, err = x12.Parse(x12Told("AT7*D1" + strings.Repeat("~LX~AT7*D1", 20_000)))
	require.ErrorContains(t, err, "the body says more than its size can hold")
	require.Len(t, reports[0].Scans, (200_000+250)/28+64)

	var loops strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&loops, "~LX~L11*%X*CN~AT7*D1", i)
	}
	reports, err = x12.Parse(x12Told("AT7*D1" + loops.String()))
	require.ErrorContains(t, err, "the body says more than its size can hold")
	require.InDelta(t, loops.Len()/48, len(reports), 100)
}

func TestTheLargestX12BodyIsReadAndOneByteMoreIsNot(t *testing.T) {
	filled := func(size int, filler string) []byte {
		small := x12Usual()
		return []byte(strings.Replace(small, "B10*", strings.Repeat(filler, (size-len(small))/len(filler))+"B10*", 1))
	}
	want := x12Reports(t, []byte(x12Usual()))
	for _, filler := range []string{"~", "\n", "*", "N3*x~", "LX~"} {
		body := filled(4<<20, filler)
		require.Greater(t, len(body), 4<<20-8)
		reports, err := x12.Parse(body)
		if filler == "*" { // of which B10 becomes the last element
			require.ErrorContains(t, err, "neither B10 nor L11")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, reports, "%q", filler)
	}
	for _, read := range []func([]byte) error{
		func(b []byte) error { _, err := x12.Parse(b); return err },
		func(b []byte) error { _, err := x12.Contents(b); return err },
	} {
		require.True(t, fault.Is(read(append(filled(4<<20, "~"), bytes.Repeat([]byte("~"), 4<<20)...)), fault.TooLarge))
	}
}

// Whatever is repeated in a message, twice as much of it takes about twice the
// time, and a bounded share of memory.
func TestNothingThatIsRepeatedTakesMoreThanItsShareOfTime(t *testing.T) {
	if testing.Short() {
		t.Skip("measures 40 bodies of a megabyte")
	}
	head, tail, _ := strings.Cut(x12Usual(), "LX*1~")
	notice := strings.Replace(head, "ST*214", "ST*856", 1) + "BSN*00*A~HL*1**S~"
	for _, piece := range []string{
		"~", "*", "\n", "\r", "A", "~*", "ISA", "ISA~", "ISA*", "ISA****************>~", "GS~", "GE~", "IEA~", "ST~", "SE~", "ST*214*1~SE*1*1~", "ST*214*1~AT7*D1~SE*1*1~",
		"LX~", "AT7~", "AT7*D1~", "LX~AT7*D1~", "LX~AT7*ZZ~", "LX~L11*A*BM~AT7*D1~", "L11*A*CN~", "MS1*A*B~", "MS1*A~AT7*D1~", "AT7*D1~MS1*A~", "LX~AT7*AH~", "AT7*D1*\n*~", "LX~AT7*D1****2026~", "LX~AT7*X4****20260304~MS1*A~", "AT8*****9~",
	} {
		requireLinear(t, piece, head, tail)
	}
	for _, piece := range []string{"HL*1*1*P~", "HL*2*1*I~", "HL*2*3*T~", "MAN*GM*1~", "LIN**SK*A~", "SN1**1*EA~", "LIN**SK*A~SN1**1*EA~", "HL*2*1*P~LIN**SK*A~SN1**1*EA~", "REF*CN*A~", "TD3**MSKU*1234567~"} {
		requireLinear(t, piece, notice, tail)
	}
}

func requireLinear(t *testing.T, piece, head, tail string) {
	t.Helper()
	spent := func(size int) (least time.Duration) {
		body := []byte(head + strings.Repeat(piece, size/len(piece)) + tail)
		least = time.Hour
		for range 3 {
			start := time.Now()
			_, _ = x12.Parse(body)
			least = min(least, time.Since(start))
		}
		return least
	}
	var small, large time.Duration
	for range 5 { // a machine that others share may be slow once, but not each time
		if small, large = spent(128<<10), spent(1<<20); large < 40*small+100*time.Millisecond {
			return
		}
	}
	require.Fail(t, "not linear", "%q: 128 KiB in %s, 1 MiB in %s", piece, small, large)
}
