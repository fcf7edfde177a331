package main

// These tests post files, first to a server that notes what it gets, then to a
// real stack. They would catch a file that is left out, sent unsigned, out of
// turn or too fast, an answer that is counted wrong, a secret that is printed,
// and an interruption that loses the count.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// noted is a server that answers with what answer says and notes every body.
type noted struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	seen   []carrier.Request
	open   int // requests at once
	most   int
}

func note(t *testing.T, answer func(n int) (status int, body string)) *noted {
	s := &noted{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.open++
		s.most = max(s.most, s.open)
		s.bodies = append(s.bodies, string(body))
		s.seen = append(s.seen, carrier.Request{Method: r.Method, Path: r.URL.Path, Header: r.Header, Query: r.URL.Query(), Body: body})
		status, reply := answer(len(s.bodies))
		s.mu.Unlock()
		defer func() { s.mu.Lock(); s.open--; s.mu.Unlock() }()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, reply)
	}))
	t.Cleanup(s.Close)
	return s
}

func taken(int) (int, string) { return 200, "" }

const sendSecret = "whsec_c2VuZCBzaWducyBsaWtlIHRoZSBwcm92aWRlciE="

// nowhere is where nobody watches the progress.
func nowhere(t *testing.T) *os.File {
	f, err := os.Create(filepath.Join(t.TempDir(), "progress"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// folderOf writes files with their own names as contents and returns the folder.
func folderOf(t *testing.T, names ...string) string {
	folder := t.TempDir()
	for _, name := range names {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600))
	}
	return folder
}

func send(t *testing.T, s *noted, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := sendCommand(t.Context(), append([]string{"standard/acme", "-to", s.URL, "-secret", sendSecret}, args...), strings.NewReader("what comes in"), &out, nowhere(t))
	require.NotContains(t, out.String(), sendSecret)
	return out.String(), err
}

func TestSendSignsAndPostsFilesFoldersAndWhatComesInInTheirOrder(t *testing.T) {
	s := note(t, taken)
	folder := folderOf(t, "b.json", "a/2.json", "a/1.json", ".hidden", ".git/config", "a/.DS_Store")
	single := filepath.Join(folderOf(t, ".asked-for"), ".asked-for")
	out, err := send(t, s, folder, "-n", "2", "-", single)
	require.NoError(t, err)
	list := []string{"a/1.json", "a/2.json", "b.json", "what comes in", ".asked-for"}
	require.Equal(t, slices.Concat(list, list), s.bodies)
	adapter, _ := carrier.Lookup("standard")
	ids := map[string]bool{}
	for _, r := range s.seen {
		require.Equal(t, "/webhooks/standard/acme", r.Path)
		require.NoError(t, adapter.Verify(r, []string{sendSecret}, time.Now()))
		ids[r.Header.Get("Webhook-Id")] = true
	}
	require.Len(t, ids, 10, "a delivery is not another's retry")
	require.Equal(t, 1, s.most)
	require.Regexp(t, `^10 of 10 sent to http://127\.0\.0\.1:\d+/webhooks/standard/acme: 90 bytes in \S+, [\d.]+/s\n`+
		` {6}10  200, the provider's success\nlatency: p50 \S+s, p95 \S+s, max \S+s\n$`, out)
}

func TestSendPrintsWhatIsNotAcceptedAndFails(t *testing.T) {
	s := note(t, func(n int) (int, string) {
		return []int{200, 401, 202, 413}[n-1], strings.Repeat("a é\n", []int{0, 0, 1, 300}[n-1])
	})
	folder := folderOf(t, "1", "2", "3", "4")
	out, err := send(t, s, folder)
	require.Equal(t, fault.Refused, fault.Of(err))
	require.ErrorContains(t, err, "3 of 4 were not accepted")
	lines := strings.Split(out, "\n")
	require.Equal(t, []string{folder + "/2: 401", folder + "/3: 202 a é", folder + "/4: 413 " + strings.Repeat("a é ", 39) + "a é"}, lines[:3])
	require.Contains(t, out, "       1  200, the provider's success\n       1  202\n       1  401\n       1  413\n")
}

func TestSendDoesNotFollowARedirectNorHideThatNobodyAnswers(t *testing.T) {
	s := note(t, func(int) (int, string) { return 307, "" })
	_, err := send(t, s, folderOf(t, "1"))
	require.ErrorContains(t, err, "1 of 1 were not accepted")
	s.Close()
	out, err := send(t, s, folderOf(t, "1", "2"))
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, "does not answer")
	require.Empty(t, out)

	n := 0
	s = note(t, func(int) (int, string) {
		if n++; n == 2 {
			panic(http.ErrAbortHandler)
		}
		return 200, ""
	})
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	out, err = send(t, s, folderOf(t, "1", "2"))
	require.ErrorContains(t, err, "1 of 2 were not accepted")
	require.Contains(t, out, "/2: no answer: ")
	require.Contains(t, out, "       1  no answer\n")
}

func TestSendKeepsItsRateAndItsConnections(t *testing.T) {
	s := note(t, taken)
	start := time.Now()
	_, err := send(t, s, folderOf(t, "1"), "-n", "21", "-rate", "100")
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(start), 200*time.Millisecond)
	require.Len(t, s.bodies, 21)

	var together sync.WaitGroup
	together.Add(3)
	s = note(t, taken)
	s.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		together.Done() // each waits for the others: with fewer connections none would answer
		together.Wait()
	})
	_, err = send(t, s, folderOf(t, "1", "2", "3"), "-c", "3")
	require.NoError(t, err)
}

func TestAnInterruptedSendSaysHowFarItCame(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := note(t, func(n int) (int, string) {
		if n == 3 {
			cancel()
		}
		return 200, ""
	})
	var out bytes.Buffer
	err := sendCommand(ctx, []string{"standard/acme", folderOf(t, "1"), "-to", s.URL, "-secret", sendSecret, "-n", "1000000"}, nil, &out, nowhere(t))
	require.ErrorContains(t, err, fmt.Sprintf("interrupted: %d of 1000000 sent", len(s.bodies)))
	require.Contains(t, out.String(), fmt.Sprintf("%8d  200, the provider's success", len(s.bodies)), "what was on its way counts")
	require.Less(t, len(s.bodies), 10)
}

func names() string {
	var all []string
	for _, a := range carrier.Adapters() {
		all = append(all, a.Name)
	}
	return strings.Join(all, ", ")
}

func TestSendSaysWhatIsWrongWithItsArguments(t *testing.T) {
	s := note(t, taken)
	file := filepath.Join(folderOf(t, "1"), "1")
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "send wants ADAPTER/SOURCE"}, {[]string{"standard/acme"}, "send wants ADAPTER/SOURCE"},
		{[]string{"standard", file}, "send wants ADAPTER/SOURCE"}, {[]string{"standard/", file}, "send wants ADAPTER/SOURCE"},
		{[]string{"standard/acme/x", file}, "send wants ADAPTER/SOURCE"},
		{[]string{"pigeon/acme", file}, `there is no adapter "pigeon"; there are ` + names()},
		{[]string{"standard/acme", "no such file"}, "no such file"}, {[]string{"standard/acme", t.TempDir()}, "there is nothing to send in"},
		{[]string{"standard/acme", file, "-rate", "-1"}, "-rate must not be negative"}, {[]string{"standard/acme", file, "-n", "0"}, "at least 1"},
		{[]string{"standard/acme", file, "-c", "0"}, "at least 1"}, {[]string{"standard/acme", file, "-q"}, "flag provided but not defined"},
		{[]string{"standard/acme", file, "-to", "http://a b"}, "is no address"},
	} {
		err := sendCommand(t.Context(), append([]string{"-to", s.URL, "-secret", sendSecret}, c.args...), nil, io.Discard, nowhere(t))
		require.Equal(t, fault.Invalid, fault.Of(err), c.args)
		require.ErrorContains(t, err, c.says)
	}
	err := sendCommand(t.Context(), []string{"standard/acme", file, "-dir", t.TempDir()}, nil, io.Discard, nowhere(t))
	require.ErrorContains(t, err, "holds no stack; start one with go run ./localstack")
	require.Empty(t, s.bodies)
}

func TestProgressIsABarWhereSomebodyWatchesAndALineWhereNot(t *testing.T) {
	for _, c := range []struct {
		watched bool
		want    string
	}{
		{true, "\r\033[K[" + strings.Repeat("#", 15) + strings.Repeat(".", 15) + "] 2 of 4 sent, 1 not accepted, "},
		{false, "2 of 4 sent, 1 not accepted, "},
	} {
		var out, progress bytes.Buffer
		count := newTally(&out, nowhere(t), 4)
		require.False(t, count.watched)
		count.progress, count.watched = &progress, c.watched
		count.add(result{name: "a", status: 200, accepted: true})
		require.Empty(t, progress.String(), "not yet due")
		count.shown = time.Now().Add(-lineEvery)
		count.add(result{name: "b", status: 500, reply: []byte("{\n \"a\":\t\x1b[31m1}")})
		require.Contains(t, progress.String(), c.want)
		require.Equal(t, "b: 500 { \"a\": [31m1}\n", out.String(), "a stranger's escape sequences do nothing to a terminal")
	}
}

func TestTheQuantilesAreOfWhatWasMeasured(t *testing.T) {
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(i+1))
	}
	for percent, want := range map[int]time.Duration{0: 1, 1: 1, 50: 50, 95: 95, 100: 100} {
		require.Equal(t, want, quantile(times, percent))
	}
	require.Equal(t, time.Duration(7), quantile([]time.Duration{7}, 95))
	require.Equal(t, time.Duration(2), quantile([]time.Duration{1, 2}, 95))
}

func TestASecretIsMadeForEachAdapter(t *testing.T) {
	for _, adapter := range carrier.Adapters() {
		var one, two bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"secret", adapter.Name}, &one))
		require.NoError(t, run(t.Context(), []string{"secret", adapter.Name}, &two))
		require.NotEqual(t, one.String(), two.String())
		secret := strings.TrimSuffix(one.String(), "\n")
		require.NotContains(t, secret, "\n")
		push := adapter.Push("acme", []byte("{}"), secret, "msg_1", time.Now())
		require.NoError(t, adapter.Verify(push, []string{secret}, time.Now()), adapter.Name)
	}
	require.ErrorContains(t, run(t.Context(), []string{"secret", "pigeon"}, io.Discard), "there is no adapter")
	require.ErrorContains(t, run(t.Context(), []string{"secret"}, io.Discard), "secret wants one ADAPTER")
}

// Every provider's files, posted to the real binary as its welcome says.
func TestAStackTakesEveryProvidersFiles(t *testing.T) {
	binary, folder := build(t), t.TempDir()
	r := launch(t, binary, folder)
	for _, adapter := range carrier.Adapters() {
		files, err := filepath.Glob("../events/webhook-" + adapter.Name + "-*")
		require.NoError(t, err)
		require.NotEmpty(t, files, adapter.Name)
		var out bytes.Buffer
		args := append([]string{"send", adapter.Name + "/acme", "-to", r.base, "-dir", folder, "-c", "2"}, files...)
		require.NoError(t, run(t.Context(), args, &out), "%s\n%s", adapter.Name, &out)
		require.Contains(t, out.String(), fmt.Sprintf("%8d  %d, the provider's success", len(files), adapter.Success))
	}
	forged := filepath.Join("..", "events", "webhook-easypost-in-transit.json")
	var out bytes.Buffer
	err := run(t.Context(), []string{"send", "easypost/acme", forged, "-to", r.base, "-secret", "a guess"}, &out)
	require.ErrorContains(t, err, "1 of 1 were not accepted")
	require.Regexp(t, regexp.MustCompile(`webhook-easypost-in-transit\.json: 401 \{"errors":\[\{"code":"UNAUTHENTICATED"`), out.String())
	status, quarantine := r.send(http.MethodGet, "/v1/quarantine", "", nil)
	require.Equal(t, 200, status)
	var page struct {
		Items []struct{ Adapter, Reason string }
	}
	require.NoError(t, json.Unmarshal(quarantine, &page))
	for _, item := range page.Items {
		t.Log(item.Adapter, item.Reason)
	}
	require.NoError(t, r.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, r.cmd.Wait())
	_, err = local.Secret(t.Context(), folder, "easypost", string(supply.SellerID("acme")))
	require.NoError(t, err)
}

// A client that opens a connection and sends nothing counts as busy for as long
// as a stack waits at its end.
func TestWhoHoldsAConnectionDoesNotSpoilTheEnd(t *testing.T) {
	r := launch(t, build(t), t.TempDir())
	held, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.base, "http://"))
	require.NoError(t, err)
	defer held.Close()
	status, _ := r.send(http.MethodGet, "/v1/openapi.json", "", nil)
	require.Equal(t, 200, status, "the server has seen both")
	require.NoError(t, r.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, r.cmd.Wait())
}
