// Sends requests to the webhook handler over the memory store, with a provider
// made up for each rule, in a bubble where time stands still until all wait. It
// would catch an answer that comes too late or before the body is safe, a token
// in the log, and a provider that is not answered in its own words.
package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

// The secrets of the one source, fake/acme.
const oldSecret, newSecret = "the old secret of the source", "the new secret of the source"

// world is a place with one provider whose contract a test chooses.
type world struct {
	t       *testing.T
	adapter carrier.Adapter
	store   *moody
	queue   memoryQueue
	log     bytes.Buffer
	hook    http.Handler
	*Handlers
	secrets []string
	away    func(ctx context.Context) error // of the sources
}

// moody is a store that does to calls on some partitions what it is told.
type moody struct {
	store.Store
	partitions string // beginning of those that mood meets
	mood       func(ctx context.Context) error
}

func (m *moody) meets(ctx context.Context, k store.Key) error {
	if m.mood != nil && strings.HasPrefix(k.Partition, m.partitions) {
		return m.mood(ctx)
	}
	return nil
}

func (m *moody) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	for _, k := range keys {
		if err := m.meets(ctx, k); err != nil {
			return nil, err
		}
	}
	return m.Store.Get(ctx, strong, keys...)
}

func (m *moody) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if err := m.meets(ctx, w.Record.Key); err != nil {
		return store.Record{}, false, err
	}
	return m.Store.Put(ctx, w)
}

// hang answers when the caller gives up, as a connection to nowhere does.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func refuse(context.Context) error { return fault.New(fault.Transient, "AWAY", "not now") }

// memoryQueue is a queue that can be away.
type memoryQueue struct {
	sent [][]byte
	mood func(context.Context) error
}

func (q *memoryQueue) Send(ctx context.Context, bodies ...[]byte) ([]string, error) {
	if q.mood != nil {
		if err := q.mood(ctx); err != nil {
			return nil, err
		}
	}
	q.sent = append(q.sent, bodies...)
	return make([]string, len(bodies)), nil
}

// Source implements Sources.
func (w *world) Source(ctx context.Context, _, source string) (Source, error) {
	if w.away != nil {
		if err := w.away(ctx); err != nil {
			return Source{}, err
		}
	}
	if source != "acme" {
		return Source{}, fault.New(fault.NotFound, "UNKNOWN_SOURCE", "no source %s", source)
	}
	return Source{Seller: "acme", Secrets: w.secrets}, nil
}

// parcelsOf reads a body of parcels, one a line; "bad" can never be read, and a
// code behind a blank is one that no table has.
func parcelsOf(body []byte) (reports []supply.Report, unread error) {
	for line := range strings.Lines(string(body)) {
		number, code, unknown := strings.Cut(strings.TrimSpace(line), " ")
		if number == "bad" {
			unread = fault.New(fault.Invalid, "UNREADABLE_BODY", "a line is bad")
			continue
		}
		scan := supply.Scan{Status: supply.InTransit, Code: supply.Departed, At: time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)}
		if unknown {
			scan = supply.Scan{Code: supply.CodeUnknown, Text: code}
		}
		reports = append(reports, supply.Report{Number: number, Scans: []supply.Scan{scan}})
	}
	return reports, unread
}

func inHeader(q carrier.Request, secrets []string, _ time.Time) error {
	if slices.Contains(secrets, q.Header.Get("Secret")) {
		return nil
	}
	return fault.New(fault.Unauthenticated, "BAD_SIGNATURE", "no secret")
}

func newWorld(t *testing.T, change ...func(*carrier.Adapter)) *world {
	w := &world{t: t, secrets: []string{oldSecret, newSecret}, store: &moody{Store: memory.New()}}
	w.adapter = carrier.Adapter{Name: "fake", Success: http.StatusNoContent, MaxBody: 1000, Deadline: 4 * time.Second, Verify: inHeader, Parse: parcelsOf}
	for _, f := range change {
		f(&w.adapter)
	}
	w.Handlers = New(Place{Store: w.store, Clock: Now, Policy: supply.DefaultPolicy, Sources: w, Tracking: &w.queue,
		Random: func() uint64 { return 0 }, Log: slog.New(slog.NewJSONHandler(&w.log, nil))})
	w.lookup = func(name string) (carrier.Adapter, bool) { return w.adapter, name == w.adapter.Name }
	w.hook = w.Webhook()
	return w
}

// send sends a body signed with the new secret.
func (w *world) send(body string) *httptest.ResponseRecorder {
	return w.request(context.Background(), http.MethodPost, "/webhooks/fake/acme", newSecret, body)
}

func (w *world) request(ctx context.Context, method, path, secret, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Secret", secret)
	recorder := httptest.NewRecorder()
	w.hook.ServeHTTP(recorder, r)
	return recorder
}

// knows reports whether a parcel's unit is stored.
func (w *world) knows(number string) bool {
	w.t.Helper()
	records, err := w.store.Store.Get(context.Background(), true, store.UnitKey("acme", number))
	require.NoError(w.t, err)
	return records[0].Version != 0
}

func (w *world) quarantined() []engine.QuarantinedBody {
	w.t.Helper()
	page, err := w.Engine().Quarantined(context.Background(), "acme", "")
	require.NoError(w.t, err)
	return page.Items
}

// workOffQueue delivers what was sent to the tracking queue.
func (w *world) workOffQueue() {
	w.t.Helper()
	for _, body := range w.queue.sent {
		event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"messageId": "m", "body": string(body)}}})
		require.NoError(w.t, err)
		answer, err := w.TrackingQueue().Invoke(context.Background(), event)
		require.NoError(w.t, err)
		require.Equal(w.t, `{"batchItemFailures":[]}`, string(answer))
	}
}

func TestAnAddressEndsWithWhatBelongsToTheAdapter(t *testing.T) {
	for path, want := range map[string]address{
		"/webhooks/dcsa/acme":             {"dcsa", "acme", ""},
		"/webhooks/dcsa/acme/":            {"dcsa", "acme", ""},
		"/webhooks/dcsa/acme/events":      {"dcsa", "acme", "events"},
		"/webhooks/dcsa/acme//events/":    {"dcsa", "acme", "events"},
		"/webhooks/dcsa/acme/token/event": {"dcsa", "acme", "token/event"},
	} {
		got, ok := addressed(path)
		require.True(t, ok, path)
		require.Equal(t, want, got, path)
	}
	for _, path := range []string{"", "/", "/webhooks", "/webhooks/", "/webhooks/dcsa", "/webhooks/dcsa/", "/webhooks//acme", "/hooks/dcsa/acme", "webhooks/dcsa/acme"} {
		_, ok := addressed(path)
		require.False(t, ok, path)
	}
}

func TestTheAdapterSeesTheDecodedEndOfTheAddress(t *testing.T) {
	var got carrier.Request
	w := newWorld(t, func(a *carrier.Adapter) {
		a.Verify = func(q carrier.Request, _ []string, _ time.Time) error { got = q; return nil }
	})
	require.Equal(t, 204, w.request(t.Context(), "POST", "/webhooks/fake/acme/to%20ken%2Fx/events?token=a&b=c", "s", "1ZA").Code)
	require.Equal(t, "to ken/x/events", got.Tail)
	require.Equal(t, []string{"a"}, got.Query["token"])
	require.Equal(t, []any{"POST", "s", "1ZA"}, []any{got.Method, got.Header.Get("Secret"), string(got.Body)})
}

func TestAProbeIsAnsweredAndAsksNobody(t *testing.T) {
	nobody := func(a *carrier.Adapter) {
		a.Verify = func(carrier.Request, []string, time.Time) error { t.Error("verified"); return nil }
		a.Parse = func([]byte) ([]supply.Report, error) { t.Error("parsed"); return nil, nil }
	}
	w := newWorld(t, nobody)
	w.away = func(context.Context) error { t.Error("asked for secrets"); return nil }
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for _, path := range []string{"/webhooks/fake/acme", "/webhooks/fake/nobody", "/webhooks/fake/acme/token/events"} {
			answer := w.request(t.Context(), method, path, "", "")
			require.Equal(t, "200 ", fmt.Sprint(answer.Code, " ", answer.Body), "%s %s", method, path)
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE", "CONNECT", "TRACE"} {
		answer := w.request(t.Context(), method, "/webhooks/fake/acme", "", "")
		require.Equal(t, []any{405, "GET, HEAD, OPTIONS, POST"}, []any{answer.Code, answer.Header().Get("Allow")}, method)
	}
	for path, code := range map[string]string{"/webhooks/pigeon/acme": "UNKNOWN_ADAPTER", "/webhooks/fake": "NOT_FOUND", "/webhooks/fake/": "NOT_FOUND"} {
		for _, method := range []string{"GET", "POST"} {
			answer := w.request(t.Context(), method, path, newSecret, "1ZA")
			require.Equal(t, 404, answer.Code)
			require.Contains(t, answer.Body.String(), `"code":"`+code+`"`)
		}
	}
	require.Empty(t, w.queue.sent)
	require.False(t, w.knows("1ZA"))
}

func TestAnAdapterMayAnswerProbesItself(t *testing.T) {
	w := newWorld(t, func(a *carrier.Adapter) {
		a.Probe = func(q carrier.Request, secrets []string) (int, http.Header, []byte) {
			return 299, http.Header{"Limit": {fmt.Sprint(q.Method, " ", q.Tail, " ", q.Query.Get("challenge"), " ", len(secrets))}}, []byte("hello")
		}
	})
	answer := w.request(t.Context(), "OPTIONS", "/webhooks/fake/acme/capture?challenge=7", "", "")
	require.Equal(t, []any{299, "OPTIONS capture 7 2", "hello"}, []any{answer.Code, answer.Header().Get("Limit"), answer.Body.String()})
	require.Equal(t, "OPTIONS capture  0", w.request(t.Context(), "OPTIONS", "/webhooks/fake/nobody/capture", "", "").Header().Get("Limit"))
	w.away = refuse
	answer = w.request(t.Context(), "GET", "/webhooks/fake/acme", "", "")
	require.Equal(t, []any{503, "5"}, []any{answer.Code, answer.Header().Get("Retry-After")})
}

func TestTheAnswerIsTheProvidersOwn(t *testing.T) {
	w := newWorld(t)
	answer := w.send("1ZA")
	require.Equal(t, []any{204, "", 0}, []any{answer.Code, answer.Body.String(), len(answer.Header())})
	require.True(t, w.knows("1ZA"))

	w = newWorld(t, func(a *carrier.Adapter) {
		a.Success = 202
		a.Answer = func(q carrier.Request, secrets []string, unread error, now time.Time) (http.Header, []byte) {
			return http.Header{"Location": {fmt.Sprint("/capture/", len(q.Body), len(secrets))}}, fmt.Appendf(nil, "%v %v", unread, now.IsZero())
		}
	})
	answer = w.send("1ZA\nbad")
	require.Equal(t, []any{202, "/capture/7 2", "a line is bad false"}, []any{answer.Code, answer.Header().Get("Location"), answer.Body.String()})
	require.Equal(t, "<nil> false", w.send("1ZA").Body.String())
}

func TestWhatCannotBeReadStopsNothingAndIsPutAside(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		require.Equal(t, 204, w.send("1ZA\nbad\n1ZB").Code)
	}
	require.True(t, w.knows("1ZA") && w.knows("1ZB"))
	aside := w.quarantined()
	require.Len(t, aside, 1)
	require.Equal(t, []any{"fake", "acme", "a line is bad", 11}, []any{aside[0].Adapter, aside[0].Source, aside[0].Reason, aside[0].Bytes})
	require.Equal(t, 204, w.send("bad").Code)
	require.Equal(t, 204, w.send("1ZC").Code)
	require.Len(t, w.quarantined(), 2)
	require.Empty(t, w.queue.sent)
}

func TestAReportWithoutAUsableNumberIsPutAside(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 204, w.send(strings.Repeat("Z", 65)).Code)
	require.Contains(t, w.quarantined()[0].Reason, "trackingNumber")
}

func TestAPushOfManyUnitsIsWorkedOffFromTheQueueAndItsUnreadablePartPutAside(t *testing.T) {
	w := newWorld(t)
	var body strings.Builder
	for i := range 25 {
		fmt.Fprintf(&body, "1Z%d\n", i)
	}
	require.Equal(t, 204, w.send(body.String()+"bad").Code)
	require.False(t, w.knows("1Z24"))
	require.Len(t, w.queue.sent, 1)
	require.Len(t, w.quarantined(), 1)
	w.workOffQueue()
	for i := range 25 {
		require.True(t, w.knows(fmt.Sprint("1Z", i)), i)
	}
	require.Len(t, w.quarantined(), 1, "it is there once")
}

// A store that refuses the body itself is a defect of ours: the provider must
// not think that we have it.
func TestABodyThatNoStoreTakesIsNotAnsweredWithSuccess(t *testing.T) {
	w := newWorld(t)
	w.store.partitions, w.store.mood = "Q#", func(context.Context) error { return fault.New(fault.Invalid, "STORE_LIMIT", "too much") }
	require.Equal(t, 500, w.send("bad").Code)
}

func TestAStrangerIsTurnedAwayAndLearnsNothing(t *testing.T) {
	w := newWorld(t)
	forged := w.request(t.Context(), "POST", "/webhooks/fake/acme", "guess", "1ZA")
	require.Equal(t, 401, forged.Code)
	nobody := w.request(t.Context(), "POST", "/webhooks/fake/nobody", newSecret, "1ZA")
	require.Equal(t, []any{401, forged.Body.String()}, []any{nobody.Code, nobody.Body.String()})
	large := w.send(strings.Repeat("x", 1001))
	require.Equal(t, 413, large.Code)
	require.Contains(t, large.Body.String(), `"code":"TOO_LARGE"`)
	require.Equal(t, 204, w.send(strings.Repeat("x", 60)+strings.Repeat(" ", 940)).Code)
	require.False(t, w.knows("1ZA"))
}

func TestWhatCannotBeStoredIsNeverTheProvidersFault(t *testing.T) {
	busy := func(w *world, body string) {
		t.Helper()
		answer := w.send(body)
		require.Equal(t, []any{503, "5"}, []any{answer.Code, answer.Header().Get("Retry-After")})
		require.Contains(t, answer.Body.String(), `"code":"BUSY"`)
	}
	w := newWorld(t)
	w.store.mood = refuse
	busy(w, "1ZA")
	busy(w, "bad")
	w.store.partitions = "T#"
	require.Equal(t, 204, w.send("1ZA").Code, "the body is safe")
	w.queue.mood = refuse
	busy(w, "1ZB")
	w.store.mood, w.queue.mood = nil, nil
	w.away = refuse
	busy(w, "1ZA")
	w.away = nil
	w.workOffQueue()
	require.True(t, w.knows("1ZA"))
	require.False(t, w.knows("1ZB"))
	require.Empty(t, w.quarantined())
}

// elapsed sends a body and returns the status and how long it took.
func (w *world) elapsed(ctx context.Context, body string) (status int, took time.Duration) {
	start := time.Now()
	status = w.request(ctx, "POST", "/webhooks/fake/acme", newSecret, body).Code
	return status, time.Since(start)
}

func TestTheAnswerComesWhileTheProviderStillListens(t *testing.T) {
	bubble := func(name string, f func(t *testing.T, w *world)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) }) })
	}
	const half, most = 2 * time.Second, 3600 * time.Millisecond // of the four that the provider waits
	bubble("units that hang leave half of the time for the body", func(t *testing.T, w *world) {
		w.store.partitions, w.store.mood = "T#", hang
		status, took := w.elapsed(t.Context(), "1ZA\nbad")
		require.Equal(t, []any{204, half}, []any{status, took})
		require.Len(t, w.quarantined(), 1)
		w.store.mood = nil
		w.workOffQueue()
		require.True(t, w.knows("1ZA"))
	})
	bubble("a store that hangs", func(t *testing.T, w *world) {
		w.store.mood = hang
		status, took := w.elapsed(t.Context(), "1ZA")
		require.Equal(t, []any{503, most}, []any{status, took})
	})
	bubble("a store that hangs for what cannot be read", func(t *testing.T, w *world) {
		w.store.mood = hang
		status, took := w.elapsed(t.Context(), "bad")
		require.Equal(t, []any{503, most}, []any{status, took})
	})
	bubble("a queue that hangs", func(t *testing.T, w *world) {
		w.store.partitions, w.store.mood, w.queue.mood = "T#", refuse, hang
		status, took := w.elapsed(t.Context(), "1ZA")
		require.Equal(t, []any{503, most}, []any{status, took})
	})
	bubble("secrets that hang", func(t *testing.T, w *world) {
		w.away = hang
		status, took := w.elapsed(t.Context(), "1ZA")
		require.Equal(t, []any{503, half}, []any{status, took})
	})
	bubble("Lambda gives less time than the provider", func(t *testing.T, w *world) {
		w.store.mood = hang
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		status, took := w.elapsed(ctx, "1ZA")
		require.Equal(t, []any{503, 900 * time.Millisecond}, []any{status, took})
	})
}

func TestTheOperatorLearnsOnceAnHourWhichSecretIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		lines := func() int { return strings.Count(w.log.String(), `"msg":"webhook secret in use"`) }
		for range 3 {
			require.Equal(t, 204, w.send("1ZA").Code)
		}
		require.Equal(t, 1, lines())
		require.Contains(t, w.log.String(), `"adapter":"fake","source":"acme","secret":2,"of":2}`)
		w.request(t.Context(), "POST", "/webhooks/fake/acme", oldSecret, "1ZA")
		require.Equal(t, 2, lines())
		require.Contains(t, w.log.String(), `"secret":1,"of":2}`)
		time.Sleep(time.Hour - time.Second)
		w.send("1ZA")
		require.Equal(t, 2, lines())
		time.Sleep(time.Second)
		w.send("1ZA")
		require.Equal(t, 3, lines())
		w.secrets = []string{newSecret}
		time.Sleep(time.Hour)
		w.send("1ZA")
		require.Equal(t, 3, lines(), "there is nothing to learn of one secret")
		for _, secret := range []string{oldSecret, newSecret} {
			require.NotContains(t, w.log.String(), secret)
		}
	})
}

// Two places of one request may hold different secrets of a rotation; none of
// them alone is good for it, and that is no reason to refuse.
func TestARequestMayNeedBothSecretsOfARotation(t *testing.T) {
	w := newWorld(t, func(a *carrier.Adapter) {
		a.Verify = func(q carrier.Request, secrets []string, now time.Time) error {
			if !slices.Contains(secrets, q.Tail) {
				return fault.New(fault.Unauthenticated, "BAD_SIGNATURE", "no secret")
			}
			return inHeader(q, secrets, now)
		}
	})
	require.Equal(t, 204, w.request(t.Context(), "POST", "/webhooks/fake/acme/"+strings.ReplaceAll(oldSecret, " ", "%20"), newSecret, "1ZA").Code)
	require.NotContains(t, w.log.String(), "secret in use")
}

func TestATokenInTheAddressNeverReachesTheLog(t *testing.T) {
	const canary = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry"
	w := newWorld(t)
	for _, path := range []string{
		"/webhooks/fake/acme/" + canary, "/webhooks/fake/acme?token=" + canary, "/webhooks/fake/acme/x/" + canary + "/events",
		"/webhooks/fake/" + canary, "/webhooks/fake/" + canary + "/acme", "/webhooks/pigeon/acme/" + canary,
	} {
		for _, method := range []string{"POST", "GET", "PUT"} {
			for _, mood := range []func(context.Context) error{nil, refuse} {
				w.store.mood, w.away = mood, nil
				if method == "POST" && path[len("/webhooks/fake/")] == 'c' {
					w.away = mood
				}
				for _, body := range []string{"1ZA", "bad", strings.Repeat("x", 1001), "1ZA odd"} {
					w.request(t.Context(), method, path, "guess", body)
					w.request(t.Context(), method, path, newSecret, body)
				}
			}
		}
	}
	for text, logged := range map[string]bool{canary[:13]: false, `"source":"acme"`: true, `"kind":"transient"`: true,
		`"source":"c4n4ryc4n4ry…"`: true /* enough to find a name that is spelt wrong */} {
		at := strings.Index(w.log.String(), text)
		require.Equal(t, logged, at >= 0, "%s: %.300s", text, w.log.String()[max(0, at-150):])
	}
}

func TestCodesThatNoTableHasAreSaidOnceAPushAndCounted(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 204, w.send("1ZA ODD\n1ZA ODD\n1ZB\u202e odd\x00er\n1ZC").Code)
	require.Equal(t, 2, strings.Count(w.log.String(), `"msg":"unmapped carrier code"`))
	require.Contains(t, w.log.String(), `"level":"WARN","msg":"unmapped carrier code","adapter":"fake","source":"acme","code":"ODD","scans":2}`)
	require.Contains(t, w.log.String(), `"code":"odd er","scans":1}`)
	w.log.Reset()
	var body strings.Builder
	for i := range 30 {
		fmt.Fprintf(&body, "1ZA C%d\n1ZA C%d\n", i, i)
	}
	require.Equal(t, 204, w.send(body.String()).Code)
	require.Equal(t, maxUnmapped+1, strings.Count(w.log.String(), `"msg":"unmapped carrier code"`))
	require.Contains(t, w.log.String(), `"code":"and others","scans":20}`)
}

func TestABodyIsReadForWhatItSaysOfContentsToo(t *testing.T) {
	bad := fault.New(fault.Invalid, "UNREADABLE_BODY", "no contents")
	w := newWorld(t, func(a *carrier.Adapter) {
		a.Contents = func(body []byte) ([]supply.Manifest, error) { return []supply.Manifest{{Shipment: string(body)}}, bad }
	})
	found, err := w.Read("fake", []byte("1ZA"))
	require.Equal(t, bad, err)
	require.Equal(t, "1ZA", found.Manifests[0].Shipment)
	require.Len(t, found.Reports, 1)
	_, err = w.Read("fake", []byte("bad"))
	require.ErrorContains(t, err, "a line is bad", "the first of both")
	_, err = w.Read("pigeon", nil)
	require.Equal(t, fault.Invalid, fault.Of(err))
}
