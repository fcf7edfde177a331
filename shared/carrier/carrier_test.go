package carrier_test

// Works by putting every adapter through the same mill: a genuine signed request,
// then everything that can be wrong with one, then everything that can be wrong
// with its body. It would catch an adapter that takes a forged or old request,
// a body that is cut, doubled, nested or not UTF-8, and one that cannot be added
// without its samples. To try more forgeries: go test -mutants 1000000.

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var mutants = flag.Int("mutants", 20_000, "forged requests tried per adapter")

// sample is what the mill needs to know of an adapter.
type sample struct {
	secret, other string   // two secrets that it can sign with
	malformed     []string // secrets that can never sign
	timed         bool     // its signature has a time
	days          int      // how old that time may be; 0 = 5 minutes
	bare          bool     // its credential says nothing of the body
	headers       []string // all are needed; the credential is in the last
	key           string   // the header that names the key: another name is a key that we do not know yet
	tail          bool     // the end of the address is part of the credential
	usual         string   // a body of events/ with one report, that of number
	number        string   // as it stands in usual, once; "" = 1ZFBA15ABC
	field         string   // the name of the tracking number in it
	foreign       bool     // its bodies are not JSON
	nested        int      // how deep the first object of usual stands
	lawful        []string // hostile bodies that this provider may send
	irrelevant    string   // a body that is authentic and no report; "" where there is none
}

func (s sample) written() string { return cmp.Or(s.number, "1ZFBA15ABC") }

func (s sample) past() time.Duration {
	return cmp.Or(time.Duration(s.days)*24*time.Hour, 5*time.Minute)
}

// samples is filled by the adapters' own tests.
var samples = map[string]sample{}

func sampleOf(name string, s sample) carrier.Adapter {
	samples[name] = s
	a, ok := carrier.Lookup(name)
	if !ok {
		panic("no adapter " + name)
	}
	return a
}

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func forEachAdapter(t *testing.T, f func(*testing.T, carrier.Adapter, sample)) {
	for _, a := range carrier.Adapters() {
		t.Run(a.Name, func(t *testing.T) {
			s, ok := samples[a.Name]
			require.True(t, ok, "a new adapter needs its row in samples")
			f(t, a, s)
		})
	}
}

func event(t testing.TB, name string) []byte {
	body, err := os.ReadFile(filepath.Join("../../events", name))
	require.NoError(t, err)
	return body
}

// fixture reads a payload that others published; they are not part of the project.
func fixture(t testing.TB, name string) []byte {
	body, err := os.ReadFile(filepath.Join("../../../shared/fixtures", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("published fixture %s is not beside this checkout", name)
	}
	require.NoError(t, err)
	return body
}

func signed(a carrier.Adapter, secret string, body []byte, at time.Time) carrier.Request {
	return a.Sign(carrier.Request{Method: http.MethodPost, Path: "/webhooks/" + a.Name + "/acme", Body: body}, secret, "msg_1", at)
}

// forEachJSONAdapter leaves out the adapters whose bodies are no JSON.
func forEachJSONAdapter(t *testing.T, f func(*testing.T, carrier.Adapter, sample)) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		if s.foreign {
			t.Skip("the bodies of this provider are not JSON")
		}
		f(t, a, s)
	})
}

// refused requires that the request is unauthenticated, that the sender learns
// nothing and that our log does.
func refused(t *testing.T, err error, forLog string) {
	t.Helper()
	require.True(t, fault.Is(err, fault.Unauthenticated), "%v", err)
	shown, ok := errors.AsType[*fault.Error](err)
	require.True(t, ok)
	require.Equal(t, "the request is not signed by a secret of this source", shown.Message)
	require.Empty(t, shown.Details)
	require.ErrorContains(t, shown.Err, forLog)
}

func TestAdaptersAreFoundByName(t *testing.T) {
	var names []string
	for _, a := range carrier.Adapters() {
		names = append(names, a.Name)
		found, ok := carrier.Lookup(a.Name)
		require.True(t, ok)
		require.Equal(t, a.Name, found.Name)
		require.Equal(t, 2, a.Success/100)
		if samples[a.Name].foreign {
			require.Equal(t, 4<<20, a.MaxBody, "of X12")
		} else {
			require.Equal(t, 1<<20, a.MaxBody)
		}
		require.GreaterOrEqual(t, a.Deadline, 3*time.Second)
	}
	require.True(t, slices.IsSorted(names))
	require.Equal(t, len(names), len(slices.Compact(names)))
	_, ok := carrier.Lookup("pigeon")
	require.False(t, ok)
}

func TestAGenuineRequestIsAuthentic(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		require.NoError(t, a.Verify(signed(a, s.secret, body, now), []string{s.secret}, now))
		require.NoError(t, a.Verify(signed(a, s.secret, nil, now), []string{s.secret}, now), "even without a body")
		if a.NewSecret != nil {
			secret := a.NewSecret([]byte("0123456789abcdef0123456789abcdef"))
			require.NoError(t, a.Verify(signed(a, secret, body, now), []string{secret}, now), "a secret of our own making")
			require.NotEqual(t, secret, a.NewSecret([]byte("0123456789abcdef0123456789abcdeF")))
		}
	})
}

func TestDuringARotationEitherSecretIsGood(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		both := append([]string{s.secret, s.other}, s.malformed...)
		require.NoError(t, a.Verify(signed(a, s.secret, body, now), both, now))
		require.NoError(t, a.Verify(signed(a, s.other, body, now), both, now))
		refused(t, a.Verify(signed(a, s.secret, body, now), []string{s.other}, now), "secrets")
	})
}

func TestWithoutASecretNothingIsAuthentic(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		refused(t, a.Verify(signed(a, s.secret, body, now), nil, now), "secrets")
		for _, bad := range s.malformed {
			request := signed(a, bad, body, now)
			refused(t, a.Verify(request, []string{bad}, now), "")
			refused(t, a.Verify(signed(a, s.secret, body, now), []string{bad}, now), "secrets")
		}
	})
}

func TestEveryHeaderIsNeededOnce(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		for _, name := range s.headers {
			request := signed(a, s.secret, body, now)
			value := request.Header.Get(name)
			require.NotEmpty(t, value)
			for _, values := range [][]string{nil, {}, {""}, {value, value}, {value, "x"}, {value[:len(value)-1]}, {"x" + value}, {value + "x"}} {
				request.Header[name] = values
				err := a.Verify(request, []string{s.secret}, now)
				if name == s.key && fault.Is(err, fault.Transient) {
					continue
				}
				refused(t, err, "")
			}
		}
	})
}

func TestTheEndOfTheAddressIsComparedWhereItIsASecret(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		if !s.tail {
			t.Skip("the address of this provider's webhooks is no secret")
		}
		request := signed(a, s.secret, event(t, s.usual), now)
		genuine := request.Tail
		require.NotEmpty(t, genuine)
		for _, bad := range []string{"", genuine[1:], genuine[:len(genuine)-1], genuine + "x", strings.ToUpper(genuine), genuine + "/" + genuine} {
			if request.Tail = bad; bad != genuine {
				refused(t, a.Verify(request, []string{s.secret}, now), "")
			}
		}
	})
}

func TestTheSignatureIsComparedAsItIsWritten(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		request := signed(a, s.secret, event(t, s.usual), now)
		if len(s.headers) == 0 {
			t.Skip("the credential is in the address")
		}
		name := s.headers[len(s.headers)-1]
		genuine := request.Header.Get(name)
		for _, spelled := range []string{strings.ToUpper(genuine), strings.ToLower(genuine), strings.TrimRight(genuine, "="), genuine + "=", "v2" + genuine[2:]} {
			if spelled != genuine {
				request.Header.Set(name, spelled)
				refused(t, a.Verify(request, []string{s.secret}, now), "matches")
			}
		}
	})
}

func TestAnOldOrFutureRequestIsRefusedWhereATimeIsSigned(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		past := s.past()
		for _, c := range []struct {
			ahead time.Duration
			good  bool
		}{
			{0, true}, {-past, true}, {5 * time.Minute, true},
			{-past - time.Second, false}, {5*time.Minute + time.Second, false}, {-past - 24*time.Hour, false}, {365 * 24 * time.Hour, false},
		} {
			err := a.Verify(signed(a, s.secret, body, now.Add(c.ahead)), []string{s.secret}, now)
			if c.good || !s.timed {
				require.NoError(t, err, "%s ahead", c.ahead)
			} else {
				refused(t, err, "old")
			}
		}
	})
}

func TestNoForgeryIsAccepted(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		seed := uint64(time.Now().UnixNano())
		random := rand.New(rand.NewPCG(seed, 0))
		body := []byte(`{"trackingNumber":"1ZFBA15ABC","status":"DELIVERED"}`)
		genuine := signed(a, s.secret, body, now)
		for i := range *mutants {
			forged := mutate(random, genuine, s)
			require.Error(t, a.Verify(forged, []string{s.secret, s.other}, now), "seed %d, mutant %d: %+v", seed, i, forged)
		}
		require.NoError(t, a.Verify(genuine, []string{s.secret}, now), "mutants share no memory with what they are made of")
	})
}

// mutate returns a request that differs from r in one place that is signed.
func mutate(random *rand.Rand, r carrier.Request, s sample) carrier.Request {
	r.Header = maps.Clone(r.Header)
	if body := random.IntN(8) < 3; body && !s.bare {
		r.Body = change(random, r.Body)
		return r
	}
	if s.tail && (len(s.headers) == 0 || random.IntN(2) == 0) {
		r.Tail = string(change(random, []byte(r.Tail)))
		return r
	}
	name := s.headers[random.IntN(len(s.headers))]
	switch value := r.Header.Get(name); random.IntN(5) {
	case 0:
		r.Header.Del(name)
	case 1:
		r.Header.Set(name, r.Header.Get(s.headers[(slices.Index(s.headers, name)+1)%len(s.headers)])+"0")
	default:
		r.Header.Set(name, string(change(random, []byte(value))))
	}
	return r
}

// change returns b with one byte replaced, inserted or taken away, but not one
// that HTTP or the list of signatures may hold anywhere: a blank.
func change(random *rand.Rand, b []byte) []byte {
	i, c := random.IntN(len(b)), byte('!'+random.IntN(94))
	switch random.IntN(4) {
	case 0:
		return slices.Insert(slices.Clone(b), i, c)
	case 1:
		return slices.Delete(slices.Clone(b), i, i+1)
	case 2:
		b = slices.Clone(b)
		b[i] ^= 1 << random.IntN(8)
		return b
	}
	b = slices.Clone(b)
	if b[i] == c {
		c = b[i] ^ 1
	}
	b[i] = c
	return b
}

// unreadable requires that the body can never be read.
func unreadable(t *testing.T, a carrier.Adapter, body []byte, why string) {
	t.Helper()
	reports, err := a.Parse(body)
	require.True(t, fault.Is(err, fault.Invalid), "%s: %v", why, err)
	require.Nil(t, reports)
}

func TestABodyThatIsCutIsUnreadable(t *testing.T) {
	forEachJSONAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := bytes.TrimSpace(event(t, s.usual))
		for n := range body {
			unreadable(t, a, body[:n], fmt.Sprintf("cut at %d", n))
		}
	})
}

func TestABodyMayHoldWhatWeDoNotKnow(t *testing.T) {
	forEachJSONAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		want, err := a.Parse(body)
		require.NoError(t, err)
		require.Len(t, want, 1)
		for why, member := range map[string]string{
			"unknown name":                    `"x":{"y":[1,true,null]},`,
			"number out of range":             `"x":[1e999999,-1e-999999,` + strings.Repeat("9", 10_000) + `],`,
			"brackets in a text":              `"x":"` + strings.Repeat(`[{`, 500) + `",`,
			"quotes in a text":                `"x":"\"` + strings.Repeat(`\\\"[`, 500) + `\\",`,
			"a text that ends in a backslash": `"x":"\\","y":"` + strings.Repeat(`[`, 40) + `",`,
			"deepest nesting":                 `"x":` + strings.Repeat(`[`, 31-s.nested) + strings.Repeat(`]`, 31-s.nested) + `,`,
			"own names deeper":                `"x":{"trackingNumber":"2","result":{"tracking_code":"2"},"status":"DELIVERED"},`,
			"own names, cased":                `"Status":"DELIVERED","TrackingNumber":"2","Result":{"tracking_code":"2"},`,
		} {
			got, err := a.Parse(with(body, member))
			require.NoError(t, err, why)
			require.Equal(t, want, got, why)
		}
		got, err := a.Parse(append([]byte(" \t\r\n"), append(body, " \n"...)...))
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// with returns the body with a member put first in its first object.
func with(body []byte, member string) []byte {
	before, after, _ := bytes.Cut(body, []byte("{"))
	return slices.Concat(before, []byte("{"+member), after)
}

func TestHostileJSONIsUnreadable(t *testing.T) {
	forEachJSONAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		number := []byte(`"` + s.written())
		require.Equal(t, 1, bytes.Count(body, number))
		for why, hostile := range map[string][]byte{
			"empty": nil, "blank": []byte(" \n"), "null": []byte("null"), "a list": []byte("[]"), "a text": []byte(`"x"`), "a number": []byte("1"),
			"not JSON": []byte("<xml/>"), "an empty object": []byte("{}"), "only opening": bytes.Repeat([]byte("["), 1000),
			"one too deep":           with(body, `"x":`+strings.Repeat(`[`, 32)+strings.Repeat(`]`, 32)+`,`),
			"far too deep":           with(body, `"x":`+strings.Repeat(`{"x":`, 100_000)+`1`+strings.Repeat(`}`, 100_000)+`,`),
			"a name twice":           with(body, `"x":1,"x":1,`),
			"a name twice, escaped":  with(body, `"x":1,"\u0078":1,`),
			"a name twice, deep":     with(body, `"x":{"y":1,"y":2},`),
			"text behind":            append(slices.Clone(body), 'x'),
			"a second value":         append(slices.Clone(body), body...),
			"invalid UTF-8":          bytes.Replace(body, number, []byte("\"\xff"), 1),
			"invalid UTF-8, ignored": with(body, "\"x\":\"\xc3\x28\","),
			"half a surrogate":       with(body, `"x":"\ud800",`),
			"a raw NUL":              bytes.Replace(body, number, []byte("\"1Z\x00"), 1),
			"an escaped NUL":         bytes.Replace(body, number, []byte(`"1Z\u0000`), 1),
			"a raw line end":         bytes.Replace(body, number, []byte("\"1Z\n"), 1),
			"a byte order mark":      append([]byte("\xef\xbb\xbf"), body...),
			"NaN":                    with(body, `"x":NaN,`),
			"a comment":              with(body, `/* x */`),
			"a trailing comma":       bytes.Replace(body, []byte("}"), []byte(",}"), 1),
		} {
			if !slices.Contains(s.lawful, why) {
				unreadable(t, a, hostile, why)
			}
		}
	})
}

func TestATrackingNumberIsNamedWhenItIsNone(t *testing.T) {
	forEachJSONAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		for _, bad := range []string{`""`, `null`, `"-"`, `"1Z/9"`, `"1Z\u0000"`, `"１Ｚ９"`, `"` + strings.Repeat("9", 65) + `"`} {
			_, err := a.Parse(bytes.Replace(body, []byte(`"`+s.written()+`"`), []byte(bad), 1))
			require.True(t, fault.Is(err, fault.Invalid), bad)
			require.ErrorContains(t, err, s.field, bad)
		}
		_, err := a.Parse(bytes.Replace(body, []byte(`"`+s.written()+`"`), []byte("[12]"), 1))
		require.True(t, fault.Is(err, fault.Invalid))
		require.ErrorContains(t, err, s.field[strings.LastIndex(s.field, ".")+1:])
	})
}

func TestTheLargestBodyIsReadAndOneByteMoreIsNot(t *testing.T) {
	forEachJSONAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		body := event(t, s.usual)
		padded := func(size int) []byte {
			small := with(body, `"x":"",`)
			return with(body, `"x":"`+strings.Repeat("x", size-len(small))+`",`)
		}
		largest := padded(a.MaxBody)
		require.Len(t, largest, a.MaxBody)
		require.NoError(t, a.Verify(signed(a, s.secret, largest, now), []string{s.secret}, now))
		got, err := a.Parse(largest)
		require.NoError(t, err)
		require.Len(t, got, 1)
		_, err = a.Parse(padded(a.MaxBody + 1))
		require.True(t, fault.Is(err, fault.TooLarge), "%v", err)
		_, err = a.Parse(bytes.Repeat([]byte("["), a.MaxBody))
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestWhatDoesNotConcernTrackingIsNoReport(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, s sample) {
		if s.irrelevant == "" {
			t.Skip("every event of this provider concerns tracking")
		}
		got, err := a.Parse(event(t, s.irrelevant))
		require.NoError(t, err)
		require.Empty(t, got)
	})
}

// TestReportsAreFitToBeStored parses all our payloads.
func TestReportsAreFitToBeStored(t *testing.T) {
	forEachAdapter(t, func(t *testing.T, a carrier.Adapter, _ sample) {
		files, err := filepath.Glob("../../events/webhook-" + a.Name + "-*")
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), 3, "an adapter comes with a usual, an odd and a hostile payload")
		for _, file := range files {
			reports, err := a.Parse(event(t, filepath.Base(file)))
			if !strings.Contains(file, "-unreadable") {
				require.NoError(t, err, file)
			}
			fit(t, reports)
		}
	})
}

// fit requires what package supply relies on.
func fit(t require.TestingT, reports []supply.Report) {
	for _, r := range reports {
		for _, number := range append([]string{r.Number}, r.Also...) {
			_, err := supply.ParseTrackingNumber("number", number)
			require.NoError(t, err)
		}
		require.Equal(t, time.UTC, r.SaidAt.Location())
		require.Equal(t, time.UTC, r.Version.Location())
		for _, e := range r.ETAs {
			require.Equal(t, time.UTC, e.From.Location())
			require.Equal(t, time.UTC, e.To.Location())
			require.Equal(t, time.UTC, e.SaidAt.Location())
			require.False(t, e.From.After(e.To))
			require.NotEqual(t, "UNKNOWN", e.Kind.String())
		}
		for _, s := range r.Scans {
			require.Equal(t, time.UTC, s.At.Location())
			require.True(t, s.Version.IsZero() || s.ID != "", "a scan that may be corrected needs an id")
			require.True(t, s.Code != supply.CodeUnknown || s.Text != "", "a code that nobody mapped is shown as it came")
			require.LessOrEqual(t, len(s.Text), supply.MaxScanText)
			require.LessOrEqual(t, len(s.Place), supply.MaxScanPlace)
			require.Equal(t, supply.Words(s.Text, supply.MaxScanText), s.Text)
			require.Equal(t, supply.Words(s.Place, supply.MaxScanPlace), s.Place)
		}
	}
}

// follow returns the unit after the bodies, each received a minute later. All
// are about one unit, and readable.
func follow(t require.TestingT, a carrier.Adapter, bodies ...[]byte) (u supply.Unit) {
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, body := range bodies {
		reports, _ := a.Parse(body)
		for _, r := range reports {
			at = at.Add(time.Minute)
			u, _ = u.Apply(r, at)
		}
	}
	return u
}

// fuzzParse holds an adapter to its contract on any bytes: no panic, an error of
// a kind that the caller can act on, reports fit to be stored and applied, and
// memory in proportion to the body.
func fuzzParse(f *testing.F, a carrier.Adapter) {
	files, err := filepath.Glob("../../events/webhook-" + a.Name + "-*")
	require.NoError(f, err)
	for _, file := range files {
		f.Add(event(f, filepath.Base(file)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reports, err := a.Parse(body)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge), "%v", err)
		}
		fit(t, reports)
		require.LessOrEqual(t, len(reports), 1+len(body)/4, "no report comes from nothing")
		received := time.Date(2026, 12, 1, 0, 1, 0, 0, time.UTC)
		units := make(map[string]supply.Unit)
		for _, r := range reports {
			number := supply.NormalNumber(r.Number)
			u, _ := units[number].Apply(r, received)
			units[number] = u
			again, changed := u.Apply(r, received)
			require.False(t, changed, "said twice is said once")
			require.Equal(t, u, again)
		}
		for _, u := range units {
			packed := u.AppendBinary(nil)
			require.LessOrEqual(t, len(packed), 900)
			back, err := supply.UnpackUnit(packed)
			require.NoError(t, err)
			require.Equal(t, packed, back.AppendBinary(nil))
		}
	})
}

// fuzzVerify offers any credential and body: only the genuine credential of that
// very body may pass.
func fuzzVerify(f *testing.F, a carrier.Adapter) {
	s := samples[a.Name]
	genuine := signed(a, s.secret, []byte("{}"), now)
	header := func(i int) string {
		if i >= len(s.headers) {
			return ""
		}
		return genuine.Header.Get(s.headers[i])
	}
	f.Add(header(0), header(1), header(2), genuine.Tail, []byte("{}"))
	f.Add(header(0), header(1), header(2), genuine.Tail, []byte("{ }"))
	f.Add(header(1), header(0), header(2), "", []byte("{}"))
	f.Fuzz(func(t *testing.T, first, second, third, tail string, body []byte) {
		request := carrier.Request{Header: http.Header{}, Tail: tail, Body: body}
		for i, value := range []string{first, second, third}[:len(s.headers)] {
			request.Header[http.CanonicalHeaderKey(s.headers[i])] = []string{value}
		}
		if a.Verify(request, []string{s.secret}, now) != nil {
			return
		}
		at := now
		if s.timed {
			at = signedAt(t, a, s.past(), first, second, third)
		}
		again := a.Sign(carrier.Request{Body: body}, s.secret, first, at)
		if s.tail {
			require.Equal(t, again.Tail, tail)
		}
		if n := len(s.headers); n > 0 {
			given := request.Header.Get(s.headers[n-1]) // one credential, or several with blanks between them
			require.Contains(t, append(strings.Split(given, " "), given), again.Header.Get(s.headers[n-1]))
		}
	})
}

// signedAt finds the time in a timed signature: a header in RFC 3339, or the
// digits of one.
func signedAt(t *testing.T, a carrier.Adapter, past time.Duration, headers ...string) time.Time {
	for _, h := range headers {
		if at, err := time.Parse(time.RFC3339, h); err == nil {
			return at
		}
		for _, word := range strings.FieldsFunc(h, func(r rune) bool { return r < '0' || r > '9' }) {
			if unix, err := strconv.ParseInt(word, 10, 64); err == nil && now.Sub(time.Unix(unix, 0)).Abs() <= past {
				return time.Unix(unix, 0)
			}
		}
	}
	require.Fail(t, a.Name+" accepted a signature without a time")
	return time.Time{}
}

// benchmarkParse prints megabytes per second of wall clock and, for a shared
// machine, per second of processor time.
func benchmarkParse(b *testing.B, adapter, file string) {
	a, _ := carrier.Lookup(adapter)
	body := event(b, file)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		if _, err := a.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
	spent := processorTime(b) - before
	b.ReportMetric(float64(b.N)*float64(len(body))/1e6/spent.Seconds(), "MB/cpu-s")
}

func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkVerify(b *testing.B) {
	for _, a := range carrier.Adapters() {
		b.Run(a.Name, func(b *testing.B) {
			s := samples[a.Name]
			request := signed(a, s.secret, event(b, s.usual), now)
			b.SetBytes(int64(len(request.Body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := a.Verify(request, []string{s.secret}, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
