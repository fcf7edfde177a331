package carrier_test

// Works by comparing the acknowledgements of messages, good and bad, with what
// the standard prescribes, byte by byte. It would catch a count that is wrong, an
// acceptance of what was not read, and an acknowledgement of an acknowledgement.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
)

// x12Answer returns the 997 to a body, a segment a line.
func x12Answer(t *testing.T, body string) string {
	t.Helper()
	reports, err := x12.Parse([]byte(body))
	header, answer := x12.Answer(carrier.Request{Body: []byte(body)}, nil, err, now)
	if answer == nil {
		require.Nil(t, header)
		return ""
	}
	require.Equal(t, "application/edi-x12", header.Get("Content-Type"))
	again, err := x12.Parse(answer)
	require.NoError(t, err, "an answer is X12: %s", answer)
	require.Empty(t, again)
	_, none := x12.Answer(carrier.Request{Body: answer}, nil, nil, now)
	require.Empty(t, none, "acknowledgements are not acknowledged")
	_, same := x12.Answer(carrier.Request{Body: []byte(body)}, nil, nil, now)
	require.Equal(t, answer, same)
	_ = reports
	return strings.ReplaceAll(string(answer), "~", "~\n")
}

const x12AnswerHead = `ISA*00*          *00*          *ZZ*HEADSTART      *02*ALDW           *260304*1200*U*00401*000000007*0*P*>~
GS*FA*HEADSTART*ALDW*20260304*1200*7*X*004010~
`

func TestAMessageThatWasReadIsAcknowledged(t *testing.T) {
	require.Equal(t, x12AnswerHead+`ST*997*0001~
AK1*QM*7~
AK2*214*0001~
AK5*A~
AK9*A*1*1*1~
SE*6*0001~
GE*1*7~
IEA*1*000000007~
`, x12Answer(t, x12Usual()))
}

func TestEachSetIsAcknowledgedForItself(t *testing.T) {
	sets := string(x12Bodies(
		"B10*P1**A~LX*1~AT7*D1",                               // good
		"B10*P1**A~LX*1~AT7*D1~LX*2~AT7*X6*NS***20269999",     // a part is good
		"B10***A~LX*1~AT7*D1",                                 // nothing is
		"B10*P1**A~LX*1~AT7*D1",                               // miscounted, below
		"B10*P1**A~LX*1~AT7*D1",                               // no end, below
		"B10*P1**A~LX*1~AT7*D1",                               // another end, below
		"B10*P1**A~L11*B1*BM",                                 // says nothing
		"B1*ALDW*LOAD77*20260301*A",                           // none of our business
		"BSN*00*S1*20260302*1610~HL*1**I~LIN**SK*A~SN1**1*EA", // a notice
		"BSN*00*S1*20260302*1610~HL*1**I~LIN**SK*A~SN1**1*CA", // one that cannot be counted
	))
	sets = strings.Replace(sets, "SE*5*0004", "SE*4*0004", 1)
	sets = strings.Replace(sets, "SE*5*0005~", "", 1)
	sets = strings.Replace(sets, "SE*5*0006", "SE*5*0009", 1)
	require.Equal(t, x12AnswerHead+`ST*997*0001~
AK1*QM*7~
AK2*214*0001~
AK5*A~
AK2*214*0002~
AK5*E*5~
AK2*214*0003~
AK5*R*5~
AK2*214*0004~
AK5*E*4~
AK2*214*0005~
AK5*R*2~
AK2*214*0006~
AK5*E*3~
AK2*214*0007~
AK5*A~
AK2*990*0008~
AK5*A~
AK2*856*0009~
AK5*A~
AK2*856*0010~
AK5*R*5~
AK9*P*10*10*7~
SE*24*0001~
GE*1*7~
IEA*1*000000007~
`, x12Answer(t, sets))
}

func TestAGroupIsWorthWhatItsSetsAre(t *testing.T) {
	good, flawed, bad := "B10*P1**A~LX*1~AT7*D1", "B10*P1**A~LX*1~AT7*D1~AT7", "B10***A~LX*1~AT7*D1"
	for want, body := range map[string]string{
		"AK9*A*2*2*2~":     string(x12Bodies(good, good)),
		"AK9*E*2*2*2~":     string(x12Bodies(good, flawed)),
		"AK9*P*3*3*2~":     string(x12Bodies(good, flawed, bad)),
		"AK9*R*2*2*0~":     string(x12Bodies(bad, bad)),
		"AK9*A*0*0*0~":     string(x12Bodies()),
		"AK9*E*3*1*1*5~":   strings.Replace(string(x12Bodies(good)), "GE*1*7", "GE*3*7", 1),
		"AK9*E*0*1*1*5~":   strings.Replace(string(x12Bodies(good)), "GE*1*7", "GE**7", 1),
		"AK9*E*1*1*1*4~":   strings.Replace(string(x12Bodies(good)), "GE*1*7", "GE*1*8", 1),
		"AK9*E*3*1*1*4*5~": strings.Replace(string(x12Bodies(good)), "GE*1*7", "GE*3*8", 1),
		"AK9*E*1*1*1*3~":   strings.Replace(string(x12Bodies(good)), "GE*1*7~", "", 1),
		"AK9*R*1*1*0*3~":   string(x12Bodies(good))[:180], // cut within its set
		"AK9*P*2*2*1*3~":   strings.Split(string(x12Bodies(good, good)), "SE*5*0002")[0],
	} {
		require.Contains(t, x12Answer(t, body), "\n"+want+"\n")
	}
}

func TestEveryGroupOfEveryInterchangeIsAnswered(t *testing.T) {
	one := x12Usual()
	group := one[strings.Index(one, "GS*"):strings.Index(one, "IEA*")]
	acknowledgement := strings.NewReplacer("GS*QM", "GS*FA", "ST*214", "ST*997", "*7*X", "*8*X", "GE*1*7", "GE*1*8").Replace(group)
	ships := strings.NewReplacer("GS*QM", "GS*SH", "*7*X", "*9*X", "GE*1*7", "GE*1*9").Replace(group)
	two := strings.NewReplacer("*", "|", "~", "'", ">", ":", "ALDW  ", "HLVN  ", "000000007", "000000044").Replace(one)

	got := x12Answer(t, strings.Replace(one, "IEA*", acknowledgement+ships+"IEA*", 1)+two)
	require.Equal(t, x12AnswerHead+`ST*997*0001~
AK1*QM*7~
AK2*214*0001~
AK5*A~
AK9*A*1*1*1~
SE*6*0001~
ST*997*0002~
AK1*SH*9~
AK2*214*0001~
AK5*A~
AK9*A*1*1*1~
SE*6*0002~
GE*2*7~
IEA*1*000000007~
`+strings.Join([]string{
		"ISA|00|          |00|          |ZZ|HEADSTART      |02|HLVN           |260304|1200|U|00401|000000044|0|P|:", "GS|FA|HEADSTART|ALDW|20260304|1200|7|X|004010",
		"ST|997|0001", "AK1|QM|7", "AK2|214|0001", "AK5|A", "AK9|A|1|1|1", "SE|6|0001", "GE|1|7", "IEA|1|000000044", "",
	}, "'"), got)
}

func TestWhoDoesNotSayWhomToAnswerGetsNone(t *testing.T) {
	plain := x12Usual()
	require.Empty(t, x12Answer(t, plain[strings.Index(plain, "GS*"):strings.Index(plain, "IEA*")]))
	require.Empty(t, x12Answer(t, plain[strings.Index(plain, "ST*"):strings.Index(plain, "GE*")]))
	require.Empty(t, x12Answer(t, plain[:106]+"IEA*0*000000007~"))
	require.Empty(t, x12Answer(t, "not X12"))
	require.Empty(t, x12Answer(t, strings.NewReplacer("GS*QM", "GS*FA", "ST*214", "ST*997").Replace(plain)))
}

func TestTheAnswerIsWrittenAsTheMessageWas(t *testing.T) {
	for component, body := range map[string]string{
		">": x12Usual(),
		":": strings.ReplaceAll(x12Usual(), ">", ":"),
		"^": strings.ReplaceAll(x12Usual(), ">", "^"),
		// Where there is none, or one that separates something else already, any will do.
		"|": strings.Replace(strings.NewReplacer("*", ":", "~", ">").Replace(x12Usual()), ":P:>>", ":P:>", 1),
	} {
		_, answer := x12.Answer(carrier.Request{Body: []byte(body)}, nil, nil, now)
		require.Equal(t, 106, strings.Index(string(answer), "GS"), "%q", answer)
		require.Equal(t, component, string(answer[104]), "%q", answer)
	}
	lines := strings.ReplaceAll(x12Usual(), "~", "\n")
	_, answer := x12.Answer(carrier.Request{Body: []byte(lines)}, nil, nil, now)
	require.Equal(t, 10, strings.Count(string(answer), "\n"))
	_, later := x12.Answer(carrier.Request{Body: []byte(lines)}, nil, nil, now.In(time.FixedZone("", 9*3600)).Add(time.Hour))
	require.Contains(t, string(later), "*260304*1300*", "in UTC")
}
