package boot

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"headstart/shared/carrier"
	"headstart/shared/fault"
)

// keySets fetches the keys that providers publish, and keeps them: a webhook
// waits for a fetch only while there is nothing else to go by.
type keySets struct {
	client *http.Client
	clock  func() time.Time
	log    *slog.Logger

	mu   sync.Mutex
	kept map[string]*keySet // by address
}

// keySet is one published document.
type keySet struct {
	document []byte // nil until a fetch has succeeded
	fetched  time.Time
	tried    time.Time
	failure  error
	busy     chan struct{} // closed when the fetch under way ends; nil while there is none
}

const (
	keySetBytes   = 64 << 10
	keySetTime    = 2 * time.Second // of one fetch; the shortest deadline of a provider is 3 s
	keySetFresh   = 24 * time.Hour  // an older one is fetched again beside the traffic, so that withdrawn keys end
	keySetPause   = time.Minute     // between two fetches, so that forgers cannot make us flood the provider
	keySetPatient = 5 * time.Second // the same while there is no document at all
)

func newKeySets(clock func() time.Time, log *slog.Logger) *keySets {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &keySets{clock: clock, log: log, kept: make(map[string]*keySet), client: &http.Client{Transport: transport, Timeout: keySetTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// fill returns the secrets with the documents that they name; anew first asks
// for documents newer than those that are kept. It returns fault.Transient
// while there is no document.
func (k *keySets) fill(ctx context.Context, keys *carrier.KeySet, secrets []string, anew bool) ([]string, error) {
	if keys == nil {
		return secrets, nil
	}
	filled := make([]string, len(secrets))
	for i, secret := range secrets {
		filled[i] = secret
		address := keys.URL(secret)
		if address == "" {
			continue
		}
		document, err := k.document(ctx, address, anew)
		if err != nil {
			return nil, err
		}
		filled[i] = keys.Fill(secret, document)
	}
	return filled, nil
}

// document returns what is kept of an address. It waits for a fetch when nothing
// is kept, or anew.
func (k *keySets) document(ctx context.Context, address string, anew bool) ([]byte, error) {
	s, busy := k.look(address, anew)
	if busy != nil {
		select {
		case <-busy:
		case <-ctx.Done():
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case s.document != nil:
		return s.document, nil
	case s.failure != nil:
		return nil, s.failure
	}
	return nil, fault.New(fault.Transient, "NO_KEYS", "the provider's keys are not here yet")
}

// look returns the entry of an address, begins a fetch that is due, and returns
// what to wait for; nil when the entry will do.
func (k *keySets) look(address string, anew bool) (*keySet, <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.kept[address]
	if s == nil {
		s = &keySet{}
		k.kept[address] = s
	}
	now, pause := k.clock(), keySetPause
	if s.document == nil {
		anew, pause = true, keySetPatient
	}
	due := (anew || now.Sub(s.fetched) > keySetFresh) && (s.tried.IsZero() || now.Sub(s.tried) >= pause)
	if due && s.busy == nil {
		s.tried, s.busy = now, make(chan struct{})
		go k.fetch(s, address)
	}
	if !anew || s.busy == nil {
		return s, nil
	}
	return s, s.busy
}

// fetch replaces the document of an entry, or notes why it cannot. It belongs to
// no request: one that gives up takes nothing from the others.
func (k *keySets) fetch(s *keySet, address string) {
	document, err := k.get(address)
	k.mu.Lock()
	defer k.mu.Unlock()
	if s.failure = err; err == nil {
		s.document, s.fetched = document, s.tried
	} else {
		k.log.Warn("keys of a provider not fetched", "host", hostOf(address), "err", err)
	}
	close(s.busy)
	s.busy = nil
}

// get reads a document. Whoever can change it on its way can forge everything,
// so it comes over TLS, or from this machine, and from nowhere else.
func (k *keySets) get(address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fault.New(fault.Transient, "NO_KEYS", "the address of the provider's keys must begin with https://")
	}
	response, err := k.client.Get(address)
	if err != nil {
		if at, ok := errors.AsType[*url.Error](err); ok {
			err = at.Err // without the address: it may be part of a secret
		}
		return nil, fault.As(fault.Transient, err, "fetching the provider's keys")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fault.New(fault.Transient, "NO_KEYS", "asked for its keys, the provider answers with status %d", response.StatusCode)
	}
	document, err := io.ReadAll(io.LimitReader(response.Body, keySetBytes+1))
	if err == nil && len(document) > keySetBytes {
		return nil, fault.New(fault.Transient, "NO_KEYS", "the provider's keys have more than %d bytes", keySetBytes)
	}
	return document, fault.As(fault.Transient, err, "fetching the provider's keys")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostOf returns what may be said of an address in a log.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return ""
}
