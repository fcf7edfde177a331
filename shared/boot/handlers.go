// Package boot is the composition root: it builds the handlers of all functions
// from what a place provides, on AWS and on one machine alike. It is the only
// package that knows everything, and the only one that asks what time it is.
package boot

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/api"
	"headstart/shared/carrier"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Place is what differs between AWS and one machine.
type Place struct {
	Store     store.Store
	Clock     func() time.Time
	Policy    func() supply.Policy
	Sources   Sources          // who may send webhooks, and how they sign
	Tracking  Sender           // the queue for pushes that are worked off later
	Publisher engine.Publisher // where published events go
	Feed      api.Feed         // where they can be read again; nil where a bus carries them away
	Links     engine.Links     // how buyers' links are made
	Mailer    engine.Mailer    // who sends letters to sellers; nil = nobody, they wait
	Random    func() uint64
	Log       *slog.Logger
}

// Sender puts messages on a queue; they are stored when it returns.
type Sender interface {
	Send(ctx context.Context, bodies ...[]byte) (ids []string, err error)
}

// Handlers are the functions of the system, each ready for its event source.
type Handlers struct {
	place   Place
	engine  *engine.Engine
	lookup  func(adapter string) (carrier.Adapter, bool)
	keys    *keySets
	secrets seldom // which secret of a source is in use
}

// New returns the handlers of a place.
func New(p Place) *Handlers {
	cases := engine.New(p.Store, Calendar, p.Policy, p.Random, p.Log)
	cases.UseLinks(p.Links)
	cases.UseMailer(p.Mailer)
	return &Handlers{place: p, engine: cases,
		lookup: carrier.Lookup, keys: newKeySets(p.Clock, p.Log), secrets: seldom{every: time.Hour}}
}

// Engine returns the use cases behind the handlers.
func (h *Handlers) Engine() *engine.Engine { return h.engine }

// API returns the handler of sellers' and tools' calls.
func (h *Handlers) API() http.Handler {
	return api.New(h.engine, h.place.Clock, api.Options{Status: edge.APIStatus, Marketplaces: Marketplaces(), Read: h.Read, Feed: h.place.Feed, Log: h.place.Log})
}

// OrderQueue returns the handler of order messages.
func (h *Handlers) OrderQueue() lambda.Handler {
	return edge.Queue(func(ctx context.Context, records []edge.QueueRecord) []string {
		batch := make([]engine.Delivery, len(records))
		for i := range records {
			batch[i] = engine.Delivery{ID: records[i].ID, Body: records[i].Body}
		}
		return h.engine.Orders(ctx, h.place.Clock(), batch)
	})
}

// SupplyChanges folds changes of units and shipments into items. It returns the
// sequences of those that must come again.
func (h *Handlers) SupplyChanges(ctx context.Context, changes []store.Change) []string {
	return h.engine.SupplyChanges(ctx, h.place.Clock(), changes)
}

// HeadChanges publishes what changes of items mean to the world. It returns the
// sequences of those that must come again.
func (h *Handlers) HeadChanges(ctx context.Context, changes []store.Change) []string {
	return h.engine.HeadChanges(ctx, h.place.Clock(), changes, h.place.Publisher)
}

// Sweep brings up to date what time alone has changed.
func (h *Handlers) Sweep(ctx context.Context) (swept int, err error) {
	return h.engine.Sweep(ctx, h.place.Clock())
}
