// Package engine holds the use cases, one file each: what happens when an order
// message, a carrier's push, a call of the API, a change of a record or a tick
// of the clock comes in. It loads, applies a pure rule of package supply and
// commits under the version it read; a lost race is tried again on what won.
//
// It knows no transport and no clock: callers hand in the time.
package engine

import (
	"context"
	"log/slog"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Engine runs the use cases on one store. It is safe for concurrent use. Its
// memory of orders (the line cache) only saves reads; it may be dropped at any
// moment.
type Engine struct {
	store    store.Store
	calendar func(supply.MarketplaceID) (supply.Calendar, bool)
	policy   func() supply.Policy
	log      *slog.Logger
	lines    *lineCache
	folded   *lineCache // lines as far as they are folded into histories
	random   func() uint64
	links    Links
	mailer   Mailer
}

// New returns an Engine. calendar answers for every served marketplace; policy
// is asked at each use, so that an operator's change takes effect at once;
// random seeds segment tags and retry jitter.
func New(s store.Store, calendar func(supply.MarketplaceID) (supply.Calendar, bool), policy func() supply.Policy,
	random func() uint64, log *slog.Logger) *Engine {
	return &Engine{store: s, calendar: calendar, policy: policy, log: log,
		lines: newLineCache(maxKeptOrders), folded: newLineCache(maxFoldedOrders), random: random}
}

// UseMailer sets who sends letters; without one every letter waits, with the
// problem UNREACHABLE. It must be called before the first use.
func (e *Engine) UseMailer(m Mailer) { e.mailer = m }

// rules returns what a rule of the marketplace needs at the instant now, or
// fault.Invalid when the marketplace is not served.
func (e *Engine) rules(id supply.MarketplaceID, now time.Time) (supply.Rules, error) {
	calendar, ok := e.calendar(id)
	if !ok {
		return supply.Rules{}, fault.New(fault.Invalid, "INVALID_MARKETPLACE", "marketplace %q is not served; GET /v1/openapi.json lists those that are", id)
	}
	return supply.Rules{Policy: e.policy().In(id), Calendar: calendar, Now: now.UTC()}, nil
}

// maxAttempts bounds how often a lost race is tried again. Five losers in a row
// mean a hot record; the queue or the caller brings the work back.
const maxAttempts = 8

// pause waits before the attempt-th try, with jitter, at most until the context
// ends. The first try does not wait.
func (e *Engine) pause(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return ctx.Err()
	}
	limit := min(time.Duration(1)<<attempt, 64) * time.Millisecond
	timer := time.NewTimer(time.Duration(e.random() % uint64(limit)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.As(fault.Transient, ctx.Err(), "waiting for another try")
	case <-timer.C:
		return nil
	}
}
