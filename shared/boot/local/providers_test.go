// Has every provider push its files of events/ through its own credential to the
// real stack, and strangers try the same; pushes of many units, of good and bad
// events together, and stores that fail half way, go through the stage. It would
// catch an adapter that works alone and not here, a success that the provider
// does not take for one, a stranger who gets in, and a secret in the log.
package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

// lines is a log that handlers may write to at once.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// opened returns a fresh stack with acme's sources, and its log.
func opened(t *testing.T) (*local.Stack, *lines) {
	log := &lines{}
	stack, err := local.Open(context.Background(), t.TempDir(), supply.DefaultPolicy(), slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	_, err = stack.Welcome(context.Background(), "acme")
	require.NoError(t, err)
	return stack, log
}

// files returns what is in events/ of a provider.
func files(t *testing.T, adapter string) map[string][]byte {
	names, err := filepath.Glob("../../../events/webhook-" + adapter + "-*")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(names), 3, "%s: usual, edge and hostile", adapter)
	all := make(map[string][]byte, len(names))
	for _, name := range names {
		all[filepath.Base(name)], err = os.ReadFile(name)
		require.NoError(t, err)
	}
	return all
}

func deliver(h http.Handler, q carrier.Request) *httptest.ResponseRecorder {
	address := url.URL{Path: q.Path, RawQuery: q.Query.Encode()}
	r := httptest.NewRequest(q.Method, address.String(), bytes.NewReader(q.Body))
	r.Header = q.Header.Clone()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryProviderIsTakenByItsCredentialAndAnsweredInItsWords(t *testing.T) {
	stack, _ := opened(t)
	for _, a := range carrier.Adapters() {
		t.Run(a.Name, func(t *testing.T) {
			secret, err := stack.Secret(context.Background(), a.Name, "acme")
			require.NoError(t, err)
			for name, body := range files(t, a.Name) {
				push := a.Push("acme", body, secret, "msg_1", boot.Now())
				w := deliver(stack.HTTP(), push)
				require.Equal(t, a.Success, w.Code, "%s: %s", name, w.Body)
				if a.Answer == nil {
					require.Empty(t, w.Body.String(), name)
				}
			}
			for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodOptions} {
				for _, end := range []string{"", "/", "/" + strings.Repeat("f", 64)} {
					w := deliver(stack.HTTP(), carrier.Request{Method: method, Path: "/webhooks/" + a.Name + "/acme" + end})
					require.Equal(t, 2, w.Code/100, "%s %s", method, end)
				}
			}
			require.Equal(t, 200, deliver(stack.HTTP(), carrier.Request{Method: http.MethodHead, Path: "/webhooks/" + a.Name + "/acme"}).Code)
		})
	}
}

// forgeries are the requests that strangers try: the genuine one without its
// credential, with one of another source, and with each part replaced.
func forgeries(a carrier.Adapter, genuine carrier.Request, canary string) (all []carrier.Request) {
	bare := genuine
	bare.Header, bare.Path = http.Header{"Content-Type": {"application/json"}}, "/webhooks/"+a.Name+"/acme"
	inPath, inQuery := bare, bare
	inPath.Path += "/" + canary
	inQuery.Query = url.Values{"token": {canary}}
	all = append(all, bare, inPath, inQuery, a.Push("acme", genuine.Body, a.Secret([]byte(canary + canary)[:32]), "msg_1", boot.Now()))
	for name := range genuine.Header {
		if name == "Content-Type" {
			continue
		}
		changed := genuine
		changed.Header = genuine.Header.Clone()
		changed.Header.Set(name, canary)
		all = append(all, changed)
	}
	return all
}

func TestNoProvidersNameOpensTheDoorToStrangersOrPutsASecretIntoTheLog(t *testing.T) {
	const canary = "c4n4ryc4n4ryc4n4ryc4n4ry"
	stack, log := opened(t)
	var secrets []string
	for _, a := range carrier.Adapters() {
		secret, err := stack.Secret(context.Background(), a.Name, "acme")
		require.NoError(t, err)
		secrets = append(secrets, secret)
		body := []byte(`{"canary":"never read"}`)
		genuine := a.Push("acme", body, secret, "msg_1", boot.Now())
		for i, forged := range forgeries(a, genuine, canary) {
			code := deliver(stack.HTTP(), forged).Code
			unknownKey := a.Keys != nil && code == http.StatusServiceUnavailable
			require.True(t, code == http.StatusUnauthorized || unknownKey, "%s: forgery %d is answered with %d", a.Name, i, code)
		}
		require.Equal(t, a.Success, deliver(stack.HTTP(), genuine).Code, a.Name)
	}
	require.Equal(t, len(carrier.Adapters()), strings.Count(log.String(), `"msg":"unreadable webhook kept"`)+readableAnyway(t), "the genuine ones alone are kept")
	for _, secret := range append(secrets, canary) {
		at := strings.Index(log.String(), secret)
		require.Negative(t, at, "a secret is in the log: %.300s", log.String()[max(0, at-200):])
	}
}

// readableAnyway counts the providers to whom a JSON object of strange fields is
// a push that tells nothing.
func readableAnyway(t *testing.T) (n int) {
	for _, a := range carrier.Adapters() {
		if _, err := a.Parse([]byte(`{"canary":"never read"}`)); err == nil {
			n++
		}
	}
	require.Less(t, n, len(carrier.Adapters())/2)
	return n
}

// discharged is a bundle of container discharges, one event each.
func discharged(t *testing.T, containers ...string) []byte {
	var bundle []map[string]any
	require.NoError(t, json.Unmarshal(files(t, "dcsa")["webhook-dcsa-discharged.json"], &bundle))
	var all []map[string]any
	for i, number := range containers {
		event := map[string]any{}
		for name, value := range bundle[0] {
			event[name] = value
		}
		event["equipmentReference"], event["eventID"] = number, fmt.Sprintf("00000000-0000-4000-9000-%012d", i)
		all = append(all, event)
	}
	body, err := json.Marshal(all)
	require.NoError(t, err)
	return body
}

// containers announces so many shipments, one in each container.
func containers(t *testing.T, st *local.Stage, n int) (numbers []string) {
	st.Set(time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC))
	for i := range n {
		number := fmt.Sprintf("MSKU%07d", i)
		body := fmt.Sprintf(`{"shipmentId":"FBA%d","marketplace":"A1PA6795UKMFR9","mode":"OCEAN","containerNumber":%q,"eta":{"to":"2026-03-20"},"lines":[{"sku":"KETTLE-1","units":1}]}`, i, number)
		status, reply, err := st.Call(t.Context(), "acme", "POST", "/v1/shipments", number, []byte(body))
		require.NoError(t, err)
		require.Equal(t, 201, status, "%s", reply)
		numbers = append(numbers, number)
	}
	st.Set(time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC))
	return numbers
}

// heard returns how many scans the container of a shipment has.
func heard(t *testing.T, st *local.Stage, i int) int {
	status, reply, err := st.Call(t.Context(), "acme", "GET", fmt.Sprintf("/v1/shipments/FBA%d", i), "", nil)
	require.NoError(t, err)
	require.Equal(t, 200, status, "%s", reply)
	return strings.Count(string(reply), `"DISCHARGED"`)
}

func quarantined(t *testing.T, st *local.Stage) []engine.QuarantinedBody {
	page, err := st.Engine().Quarantined(t.Context(), "acme", "")
	require.NoError(t, err)
	return page.Items
}

func TestAPushOfManyContainersIsWorkedOffFromTheQueue(t *testing.T) {
	st := local.NewStage(memory.New(), 0, slog.New(slog.DiscardHandler))
	numbers := containers(t, st, 25)
	status, _, err := st.Webhook(t.Context(), "dcsa/acme", "msg_1", discharged(t, numbers...))
	require.NoError(t, err)
	require.Equal(t, 204, status)
	require.Zero(t, heard(t, st, 24), "it waits in the queue")
	require.NoError(t, st.Drain(t.Context()))
	for i := range numbers {
		require.NotZero(t, heard(t, st, i), "container %d", i)
	}
	require.Empty(t, quarantined(t, st))
}

func TestABadEventStopsNoneOfItsNeighbours(t *testing.T) {
	for _, n := range []int{3, 25} { // told at once, and from the queue
		st := local.NewStage(memory.New(), 0, slog.New(slog.DiscardHandler))
		numbers := containers(t, st, n)
		body := bytes.Replace(discharged(t, numbers...), []byte(`"eventDateTime":"2026-03-16T10:12:00+01:00"`), []byte(`"eventDateTime":"half past nine"`), 1)
		status, _, err := st.Webhook(t.Context(), "dcsa/acme", "msg_1", body)
		require.NoError(t, err)
		require.Equal(t, 204, status)
		require.NoError(t, st.Drain(t.Context()))
		require.Zero(t, heard(t, st, 0))
		for i := 1; i < n; i++ {
			require.NotZero(t, heard(t, st, i), "container %d", i)
		}
		aside := quarantined(t, st)
		require.Len(t, aside, 1)
		require.Contains(t, aside[0].Reason, "half past nine")

		mended := bytes.Replace(body, []byte("half past nine"), []byte("2026-03-16T10:12:00+01:00"), 1)
		status, _, err = st.Webhook(t.Context(), "dcsa/acme", "msg_2", mended)
		require.NoError(t, err)
		require.Equal(t, 204, status)
		require.NoError(t, st.Drain(t.Context()))
		require.NotZero(t, heard(t, st, 0))
	}
}

// dying loses the reply to every write while it is told to, or hangs.
type dying struct {
	store.Store
	mood func(ctx context.Context, write func() error) error
}

func (d *dying) Put(ctx context.Context, w store.Write) (r store.Record, ok bool, err error) {
	write := func() error {
		r, ok, err = d.Store.Put(ctx, w)
		return err
	}
	if d.mood == nil {
		return r, ok, write()
	}
	return r, ok, d.mood(ctx, write)
}

func TestAPushIsTakenOnceHoweverTheStoreDiesMeanwhile(t *testing.T) {
	lost := fault.New(fault.Transient, "LOST", "the reply is lost")
	for name, mood := range map[string]func(context.Context, func() error) error{
		"before the write": func(context.Context, func() error) error { return lost },
		"after the write":  func(_ context.Context, write func() error) error { _ = write(); return lost },
		"by hanging":       func(ctx context.Context, _ func() error) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { dieAndComeAgain(t, mood) })
		})
	}
}

func dieAndComeAgain(t *testing.T, mood func(context.Context, func() error) error) {
	d := &dying{Store: memory.New()}
	st := local.NewStage(d, 0, slog.New(slog.DiscardHandler))
	numbers := containers(t, st, 2)
	d.mood = mood
	start := time.Now()
	status, reply, err := st.Webhook(t.Context(), "dcsa/acme", "msg_1", discharged(t, numbers...))
	require.NoError(t, err)
	require.Equal(t, 503, status, "%s", reply)
	a, _ := carrier.Lookup("dcsa")
	require.Less(t, time.Since(start), a.Deadline)
	d.mood = nil
	for range 2 {
		status, _, err = st.Webhook(t.Context(), "dcsa/acme", "msg_1", discharged(t, numbers...))
		require.NoError(t, err)
		require.Equal(t, 204, status)
	}
	require.NoError(t, st.Drain(t.Context()))
	once := heard(t, st, 0)
	require.NotZero(t, once)
	require.Equal(t, once, heard(t, st, 1))
}

func TestTheFirstSellerHasASourceWithEveryProviderAndKeepsThose(t *testing.T) {
	folder := t.TempDir()
	read := func() map[string]boot.Source {
		text, err := os.ReadFile(filepath.Join(folder, "sources.json"))
		require.NoError(t, err)
		info, err := os.Stat(filepath.Join(folder, "sources.json"))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		var all map[string]boot.Source
		require.NoError(t, json.Unmarshal(text, &all))
		return all
	}
	welcome := func() {
		stack, err := local.Open(t.Context(), folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		_, err = stack.Welcome(t.Context(), "acme")
		require.NoError(t, err)
		require.NoError(t, stack.Close())
	}
	welcome()
	first := read()
	require.Len(t, first, len(carrier.Adapters()))
	seen := map[string]bool{}
	for name, source := range first {
		require.Equal(t, supply.SellerID("acme"), source.Seller)
		require.Len(t, source.Secrets, 1)
		seen[source.Secrets[0]] = true
		require.True(t, strings.HasSuffix(name, "/acme"))
	}
	require.Len(t, seen, len(first), "each has a secret of its own")

	// A program that knows one more provider adds its source, and touches no other.
	delete(first, "easypost/acme")
	first["standard/acme"] = boot.Source{Seller: "acme", Secrets: []string{"mine", "older"}}
	text, err := json.Marshal(first)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "sources.json"), text, 0o600))
	welcome()
	second := read()
	require.NotEmpty(t, second["easypost/acme"].Secrets)
	delete(second, "easypost/acme")
	require.Equal(t, first, second)
	left, err := filepath.Glob(filepath.Join(folder, "sources.json*"))
	require.NoError(t, err)
	require.True(t, slices.Equal([]string{filepath.Join(folder, "sources.json")}, left))
}

func TestTheStackMakesASecretForBuyersLinksOnceAndShowsItToItsOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	open := func() (boot.Source, []byte) {
		stack, err := local.Open(t.Context(), folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		require.NoError(t, stack.Close())
		text, err := os.ReadFile(filepath.Join(folder, "links.json"))
		require.NoError(t, err)
		var all map[string]boot.Source
		require.NoError(t, json.Unmarshal(text, &all))
		require.Len(t, all, 1)
		return all["consent/links"], text
	}
	source, first := open()
	require.Len(t, source.Secrets, 1)
	require.Len(t, source.Secrets[0], 64)
	info, err := os.Stat(filepath.Join(folder, "links.json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	_, again := open()
	require.Equal(t, string(first), string(again))
}
