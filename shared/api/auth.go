package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// authenticate returns whose key the request brings: as a bearer, or in the
// header that Amazon's clients use.
func (a *api) authenticate(r *http.Request, now time.Time) (supply.SellerID, error) {
	bearer := r.Header.Get("x-amz-access-token")
	if scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		bearer = strings.TrimSpace(key)
	}
	if bearer == "" {
		return "", fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "no key came with the request; send Authorization: Bearer with a key of this service")
	}
	return a.sellerOf(r.Context(), engine.HashKey(bearer), now)
}

// keyed reports whether a request brings a key, right or wrong.
func keyed(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.Header.Get("x-amz-access-token") != ""
}

// sellerOf returns whose key has the hash, or fault.Unauthenticated.
func (a *api) sellerOf(ctx context.Context, key engine.KeyHash, now time.Time) (supply.SellerID, error) {
	if seller, ok := a.keys.find(key, now); ok {
		return seller, nil
	}
	seller, err := a.engine.SellerOf(ctx, key)
	if err == nil {
		a.keys.keep(key, seller, now)
	}
	return seller, err
}

// keyCache remembers for a short while whose a key is, so that a request does
// not cost a read for it.
type keyCache struct {
	mu    sync.Mutex
	known map[engine.KeyHash]knownKey
}

type knownKey struct {
	seller supply.SellerID
	until  time.Time
}

const (
	keyKept     = time.Minute // a key that was taken back works for so long at most
	maxKeysKept = 10_000
)

func (k *keyCache) find(key engine.KeyHash, now time.Time) (supply.SellerID, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.known[key]
	return known.seller, ok && now.Before(known.until)
}

func (k *keyCache) keep(key engine.KeyHash, seller supply.SellerID, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxKeysKept {
		k.known = make(map[engine.KeyHash]knownKey)
	}
	k.known[key] = knownKey{seller, now.Add(keyKept)}
}

// DefaultFBARate is the limit of Amazon's paths where none is configured, in
// requests per second and seller: no client that honours Amazon's 2 meets it.
const DefaultFBARate = 1000

// The wrong keys that an address may try: so many at once, and then one in ten
// seconds, in each process.
const (
	guessRate  = 0.1
	guessBurst = 10
)

// limiter is a token bucket for each seller, or whoever it is asked about: so many
// requests per second, and as many at once unless burst says more.
type limiter struct {
	rate    float64
	burst   float64
	mu      sync.Mutex
	buckets map[supply.SellerID]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// take lets one request through or returns fault.Throttled.
func (l *limiter) take(seller supply.SellerID, now time.Time) error {
	burst := max(1, l.rate, l.burst)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil || len(l.buckets) >= maxKeysKept {
		l.buckets = make(map[supply.SellerID]bucket)
	}
	b, known := l.buckets[seller]
	if !known {
		b = bucket{tokens: burst, at: now}
	}
	b.tokens = min(burst, b.tokens+l.rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	allowed := b.tokens >= 1
	if allowed {
		b.tokens--
	}
	l.buckets[seller] = b
	if !allowed {
		return fault.New(fault.Throttled, "QuotaExceeded", "You exceeded your quota for the requested resource.")
	}
	return nil
}

// giveBack lets one more request through, for one that should not have counted.
func (l *limiter) giveBack(who supply.SellerID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[who]
	b.tokens++
	l.buckets[who] = b
}
