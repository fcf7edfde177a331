// Publishes keys from a server of its own and turns the clock by hand; it would
// catch a flood of requests to the provider, a webhook that waits for what is
// known already, keys taken from whoever can change them on their way, and a
// provider's outage that turns its own webhooks away.
package boot

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/carrier"
	"headstart/shared/fault"
)

// publisher serves a provider's keys.
type publisher struct {
	*httptest.Server
	fetches atomic.Int32
	mu      sync.Mutex
	status  int
	keys    string
	hold    chan struct{} // an answer waits for it, where it is set
}

func publish(t *testing.T, keys string) *publisher {
	p := &publisher{status: 200, keys: keys}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.fetches.Add(1)
		p.mu.Lock()
		status, keys, hold := p.status, p.keys, p.hold
		p.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(keys))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) now(status int, keys string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.keys = status, keys
}

// clock is turned by hand.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(1_772_611_200+c.seconds.Load(), 0).UTC() }
func (c *clock) turn(by time.Duration) { c.seconds.Add(int64(by / time.Second)) }

// named are secrets that are addresses; filled they read "keys of it".
var named = &carrier.KeySet{
	URL: func(secret string) string {
		address, _ := strings.CutPrefix(secret, "at ")
		return strings.TrimPrefix(address, secret)
	},
	Fill: func(_ string, document []byte) string { return string(document) },
}

func keysAt(t *testing.T) (*keySets, *clock, func(address string, anew bool) (string, error)) {
	c := &clock{}
	k := newKeySets(c.now, slog.New(slog.DiscardHandler))
	return k, c, func(address string, anew bool) (string, error) {
		filled, err := k.fill(t.Context(), named, []string{"at " + address}, anew)
		if err != nil {
			return "", err
		}
		return filled[0], nil
	}
}

func TestKeysAreFetchedOnceAndKept(t *testing.T) {
	p := publish(t, "A")
	k, c, keys := keysAt(t)
	var asking sync.WaitGroup
	p.hold = make(chan struct{})
	for range 20 {
		asking.Go(func() {
			got, err := keys(p.URL, false)
			if err != nil || got != "A" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	close(p.hold)
	asking.Wait()
	require.Equal(t, int32(1), p.fetches.Load())
	c.turn(keySetFresh)
	got, err := keys(p.URL, false)
	require.NoError(t, err)
	require.Equal(t, "A", got)
	require.Equal(t, int32(1), p.fetches.Load())
	filled, err := k.fill(t.Context(), named, []string{"the keys themselves", "at " + p.URL}, false)
	require.NoError(t, err)
	require.Equal(t, []string{"the keys themselves", "A"}, filled)
	filled, err = k.fill(t.Context(), nil, []string{"a secret"}, true)
	require.NoError(t, err)
	require.Equal(t, []string{"a secret"}, filled)
}

func TestOldKeysServeWhileNewOnesAreFetched(t *testing.T) {
	p := publish(t, "A")
	_, c, keys := keysAt(t)
	_, err := keys(p.URL, false)
	require.NoError(t, err)
	hold := make(chan struct{})
	p.mu.Lock()
	p.keys, p.hold = "B", hold
	p.mu.Unlock()
	c.turn(keySetFresh + time.Second)
	for range 5 {
		got, err := keys(p.URL, false)
		require.NoError(t, err)
		require.Equal(t, "A", got, "nobody waits")
	}
	close(hold)
	require.Eventually(t, func() bool { got, _ := keys(p.URL, false); return got == "B" }, 5*time.Second, time.Millisecond)
	require.Equal(t, int32(2), p.fetches.Load())
}

func TestAFloodOfUnknownKeysIsOneFetchAMinute(t *testing.T) {
	p := publish(t, "A")
	_, c, keys := keysAt(t)
	_, err := keys(p.URL, false)
	require.NoError(t, err)
	p.now(200, "B")
	for minute := range 3 {
		for range 60 {
			_, err := keys(p.URL, true)
			require.NoError(t, err)
			c.turn(time.Second)
		}
		require.Equal(t, int32(1+minute), p.fetches.Load())
	}
	got, err := keys(p.URL, true)
	require.NoError(t, err)
	require.Equal(t, "B", got)
}

func TestWithoutKeysAProviderIsAskedToComeAgain(t *testing.T) {
	p := publish(t, "A")
	_, c, keys := keysAt(t)
	p.now(500, "")
	for range 10 {
		_, err := keys(p.URL, false)
		require.Equal(t, fault.Transient, fault.Of(err))
	}
	require.Equal(t, int32(1), p.fetches.Load(), "an outage is not made worse")
	p.now(200, "A")
	c.turn(keySetPatient)
	got, err := keys(p.URL, false)
	require.NoError(t, err)
	require.Equal(t, "A", got)
	p.Close()
	c.turn(keySetFresh + time.Hour)
	for range 3 {
		got, err := keys(p.URL, true)
		require.NoError(t, err, "old keys are better than none")
		require.Equal(t, "A", got)
	}
}

func TestKeysComeOnlyFromWhereTheyArePublished(t *testing.T) {
	p := publish(t, "A")
	for why, prepare := range map[string]func() string{
		"redirected":       func() string { p.now(302, "A"); return p.URL },
		"moved for ever":   func() string { p.now(301, "A"); return p.URL },
		"no content":       func() string { p.now(204, ""); return p.URL },
		"one byte too big": func() string { p.now(200, strings.Repeat("x", keySetBytes+1)); return p.URL },
		"not over TLS":     func() string { return "http://keys.example.com/jwks" },
		"TLS not trusted":  func() string { return strings.Replace(tlsPublisher(t).URL, "http:", "https:", 1) },
		"a file":           func() string { return "file:///etc/passwd" },
		"no host":          func() string { return "https:///jwks" },
		"no address":       func() string { return "https://[" },
	} {
		_, _, keys := keysAt(t)
		_, err := keys(prepare(), false)
		require.Equal(t, fault.Transient, fault.Of(err), why)
	}
	p.now(200, strings.Repeat("x", keySetBytes))
	_, _, keys := keysAt(t)
	got, err := keys(p.URL, false)
	require.NoError(t, err)
	require.Len(t, got, keySetBytes)
	for host, ours := range map[string]bool{"127.0.0.1": true, "127.9.9.9": true, "::1": true, "localhost": true,
		"127.0.0.1.example.com": false, "10.0.0.1": false, "": false, "localhost.example.com": false} {
		require.Equal(t, ours, loopback(host), host)
	}
}

func tlsPublisher(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("A")) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestWhoGivesUpWaitingTakesNothingFromOthers(t *testing.T) {
	p := publish(t, "A")
	p.hold = make(chan struct{})
	k, _, keys := keysAt(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := k.fill(gone, named, []string{"at " + p.URL}, false)
	require.Equal(t, fault.Transient, fault.Of(err))
	close(p.hold)
	got, err := keys(p.URL, false)
	require.NoError(t, err)
	require.Equal(t, "A", got)
	require.Equal(t, int32(1), p.fetches.Load())
}

// A provider that signs with keys of its own: the body names the key.
func TestAWebhookByANewKeyIsTakenOnceTheKeyIsPublished(t *testing.T) {
	p := publish(t, "A")
	w := newWorld(t, func(a *carrier.Adapter) {
		a.Keys = named
		a.Verify = func(q carrier.Request, secrets []string, _ time.Time) error {
			for _, keys := range secrets {
				if strings.Contains(keys, q.Header.Get("Secret")) {
					return nil
				}
			}
			return fault.New(fault.Transient, "UNKNOWN_KEY", "no such key")
		}
	})
	c := &clock{}
	w.secrets, w.keys = []string{"at " + p.URL}, newKeySets(c.now, slog.New(slog.DiscardHandler))
	by := func(key string) int { return w.request(t.Context(), "POST", "/webhooks/fake/acme", key, "1ZA").Code }
	require.Equal(t, 204, by("A"))
	require.Equal(t, 503, by("B"), "not forged for certain: it is to come again")
	require.Equal(t, int32(1), p.fetches.Load())
	p.now(200, "AB")
	c.turn(keySetPause)
	require.Equal(t, 204, by("B"))
	require.Equal(t, 204, by("A"))
	require.Equal(t, int32(2), p.fetches.Load())
	p.now(200, "B")
	c.turn(keySetFresh)
	require.Equal(t, 503, by("C"))
	require.Equal(t, 503, by("A"), "a withdrawn key ends")
	require.NotContains(t, w.log.String(), p.URL)
}
