// Package local runs the whole system on one machine: Stack in one process over
// one SQLite file, for real use; Stage with a clock turned by hand on any store,
// for scenarios and tests. Both are places for the handlers of package boot,
// kept apart from it so that no Lambda function carries a database along.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"headstart/shared/boot"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/queue"
	"headstart/shared/store"
	"headstart/shared/store/sqlite"
	"headstart/shared/supply"
)

// Stack is the whole system in one process, over one database file: the API, the
// webhooks, the queues, the change feed and the sweep, run by the handlers that
// run on AWS. What it answers with success is committed and survives kill -9.
type Stack struct {
	handlers *boot.Handlers
	store    *sqlite.Store
	feed     *feed
	orders   *queue.Embedded
	tracking *queue.Embedded
	log      *slog.Logger
	clock    func() time.Time
	wake     *bell
	folder   string
}

const (
	sweepEvery = 15 * time.Second
	idlePoll   = 500 * time.Millisecond // for what another process put into the file
	pruneEvery = time.Hour
	changeKept = 24 * time.Hour
)

// Open opens or creates the stack in the folder. Two processes may not
// serve one folder at the same time.
func Open(ctx context.Context, folder string, policy supply.Policy, log *slog.Logger) (*Stack, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fault.As(fault.Invalid, err, "creating the data folder")
	}
	records, err := sqlite.Open(filepath.Join(folder, "headstart.db"))
	if err != nil {
		return nil, err
	}
	l := &Stack{store: records, log: log, clock: boot.Now, wake: newBell(), folder: folder}
	if err := l.open(ctx, policy); err != nil {
		return nil, errors.Join(err, records.Close())
	}
	return l, nil
}

func (l *Stack) open(ctx context.Context, policy supply.Policy) (err error) {
	if l.feed, err = openFeed(ctx, l.store.DB()); err != nil {
		return err
	}
	options := queue.Options{Now: l.clock, Backoff: 200 * time.Millisecond}
	if l.orders, err = queue.Open(ctx, l.store.DB(), "orders", options); err != nil {
		return err
	}
	if l.tracking, err = queue.Open(ctx, l.store.DB(), "tracking", options); err != nil {
		return err
	}
	for _, q := range []*queue.Embedded{l.orders, l.tracking} {
		if _, err := q.ReleaseAll(ctx); err != nil { // what a killed process had in hand
			return err
		}
	}
	l.handlers = boot.New(boot.Place{Store: l.store, Clock: l.clock, Policy: func() supply.Policy { return policy },
		Sources: fileSources{sourcesPath(l.folder)}, Tracking: ringing{l.tracking, l.wake}, Publisher: l.feed, Feed: l.feed,
		Random: rand.Uint64, Log: l.log})
	l.Serve(PublicURL)
	return addLinkSecret(linksPath(l.folder))
}

// Mails lets a mail server have the letters to sellers; without one they wait. It must
// be called before the first use.
func (l *Stack) Mails(to engine.Mailer) { l.handlers.Engine().UseMailer(to) }

// PublicURL is where the stack of one machine is reached unless Serve says
// otherwise.
const PublicURL = "http://127.0.0.1:8080"

// Serve sets the address in front of buyers' links, without a slash at its end.
// It must be called before the first use.
func (l *Stack) Serve(base string) {
	l.handlers.Engine().UseLinks(engine.Links{Base: base, Secrets: boot.LinkSecrets(fileSources{linksPath(l.folder)})})
}

// Close ends the use of the file.
func (l *Stack) Close() error { return l.store.Close() }

// Welcome makes a seller's bearer key and webhook secrets where they do not
// exist yet, and returns the key. What other sellers have stays.
func (l *Stack) Welcome(ctx context.Context, seller supply.SellerID) (key string, err error) {
	if err := addSources(sourcesPath(l.folder), seller); err != nil {
		return "", err
	}
	path := filepath.Join(l.folder, string(seller)+".key")
	if known, err := os.ReadFile(path); err == nil {
		return string(known), nil
	}
	if key, err = l.handlers.Engine().CreateKey(ctx, l.clock(), seller); err != nil {
		return "", err
	}
	return key, fault.As(fault.Internal, os.WriteFile(path, []byte(key), 0o600), "keeping the key")
}

// SetOwnAddress sets where the seller is told until another address is set.
func (l *Stack) SetOwnAddress(ctx context.Context, seller supply.SellerID, email string) error {
	return l.handlers.Engine().SetOwnAddress(ctx, l.clock(), seller, email)
}

// Seed lets a seller's lanes learn from the past, as Engine.Seed does.
func (l *Stack) Seed(ctx context.Context, seller supply.SellerID, outcomes []engine.Outcome, replace bool, done func()) (int, error) {
	return l.handlers.Engine().Seed(ctx, seller, outcomes, replace, done)
}

// Secret returns what the source signs with.
func (l *Stack) Secret(ctx context.Context, adapter, source string) (string, error) {
	return Secret(ctx, l.folder, adapter, source)
}

// HTTP returns the handler of everything that is reached by HTTP.
func (l *Stack) HTTP() http.Handler {
	mux, hook := http.NewServeMux(), l.ring(l.handlers.Webhook())
	mux.Handle("/", l.ring(l.handlers.API()))
	mux.HandleFunc("POST /queues/orders", l.enqueue)
	mux.HandleFunc("GET /queues/orders", l.depth)
	mux.HandleFunc("POST /queues/orders/redrive", l.redrive)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Past the mux, which would redirect a path that is not clean: providers
		// follow nothing, and what they add to an address is their choice.
		if strings.HasPrefix(r.URL.Path, "/webhooks/") {
			hook.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ring wakes the readers after each request, so that what it changed shows at once.
func (l *Stack) ring(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		l.wake.ring()
	})
}

// Run works off the queues, the change feed and the clock until the context
// ends. A failure is logged and tried again.
func (l *Stack) Run(ctx context.Context) {
	changes := func(name string, handle func(context.Context, []store.Change) []string) func(context.Context) (bool, error) {
		return (&reader{name, l.feed, l.store, handle, l.log}).step
	}
	var running sync.WaitGroup
	for _, step := range []func(context.Context) (bool, error){
		changes("supply", l.handlers.SupplyChanges), changes("notice", l.handlers.HeadChanges),
		l.deliver(l.orders, l.handlers.OrderQueue()), l.deliver(l.tracking, l.handlers.TrackingQueue()),
	} {
		running.Go(func() { l.work(ctx, step) })
	}
	running.Go(func() { every(ctx, sweepEvery, l.sweep) })
	running.Go(func() { every(ctx, pruneEvery, l.prune) })
	running.Wait()
}

func (l *Stack) work(ctx context.Context, step func(context.Context) (bool, error)) {
	for ctx.Err() == nil {
		heard := l.wake.heard()
		worked, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.ErrorContext(ctx, "work failed; trying again", "kind", fault.Of(err).String(), "err", err)
		}
		if worked {
			l.wake.ring()
			continue
		}
		timer := time.NewTimer(idlePoll)
		select {
		case <-ctx.Done():
		case <-heard:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (l *Stack) sweep(ctx context.Context) {
	if swept, err := l.handlers.Sweep(ctx); err != nil {
		l.log.ErrorContext(ctx, "sweep failed in part", "swept", swept, "err", err)
	}
	l.wake.ring()
}

// prune drops what the change feed no longer needs.
func (l *Stack) prune(ctx context.Context) {
	slowest := ""
	for _, name := range []string{"supply", "notice"} {
		cursor, err := l.feed.cursor(ctx, name)
		if err != nil || cursor == "" {
			return
		}
		if slowest == "" || len(cursor) < len(slowest) || len(cursor) == len(slowest) && cursor < slowest {
			slowest = cursor
		}
	}
	if _, err := l.store.Prune(ctx, slowest, l.clock().Add(-changeKept)); err != nil {
		l.log.WarnContext(ctx, "pruning the change feed", "err", err)
	}
	if _, err := l.store.Expire(ctx, l.clock()); err != nil {
		l.log.WarnContext(ctx, "deleting expired records", "err", err)
	}
}

func every(ctx context.Context, span time.Duration, run func(context.Context)) {
	for sleep(ctx, span) == nil {
		run(ctx)
	}
}

// batchMessages is how many messages one delivery takes, as in the template.
const batchMessages = 1000

// deliver returns the step that hands one batch of a queue to its handler.
func (l *Stack) deliver(q *queue.Embedded, h lambdaHandler) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		messages, err := q.Receive(ctx, batchMessages)
		if err != nil || len(messages) == 0 {
			return false, err
		}
		batch := stageQueue{waiting: make([]stageMessage, len(messages))}
		for i, m := range messages {
			batch.waiting[i] = stageMessage{m.ID, m.Body, m.Receives - 1}
		}
		if _, err := batch.deliver(ctx, h); err != nil {
			return false, errors.Join(err, q.Release(ctx, ids(messages)...))
		}
		failed := make(map[string]bool)
		for _, m := range append(batch.waiting, batch.dead...) {
			failed[m.id] = true
		}
		var done, back []string
		for _, id := range ids(messages) {
			if failed[id] {
				back = append(back, id)
			} else {
				done = append(done, id)
			}
		}
		return true, errors.Join(q.Delete(ctx, done...), q.Release(ctx, back...))
	}
}

func ids(messages []queue.Message) []string {
	all := make([]string, len(messages))
	for i := range messages {
		all[i] = messages[i].ID
	}
	return all
}

// enqueue takes one order message, or an array of them, for the caller's own
// items; it is committed to the queue when the answer is 202.
func (l *Stack) enqueue(w http.ResponseWriter, r *http.Request) {
	bodies, err := l.orderBodies(w, r)
	if err == nil {
		var sent []string
		if sent, err = l.orders.Send(r.Context(), bodies...); err == nil {
			l.wake.ring()
			boot.Reply(w, http.StatusAccepted, map[string]any{"messageIds": sent})
			return
		}
	}
	boot.Refuse(w, edge.APIStatus(fault.Of(err)), err)
}

func (l *Stack) orderBodies(w http.ResponseWriter, r *http.Request) ([][]byte, error) {
	seller, err := l.caller(r)
	if err != nil {
		return nil, err
	}
	bodies, err := readBodies(w, r)
	if err != nil {
		return nil, err
	}
	for i, body := range bodies {
		m, err := order.Parse(body)
		if err != nil {
			return nil, fault.Wrap(err, fmt.Sprintf("message %d", i))
		}
		if m.Seller != seller {
			return nil, fault.New(fault.Forbidden, "FORBIDDEN", "message %d: seller %q is not the key's", i, m.Seller)
		}
	}
	return bodies, nil
}

func (l *Stack) caller(r *http.Request) (supply.SellerID, error) {
	return l.handlers.Engine().Seller(r.Context(), bearer(r))
}

func (l *Stack) depth(w http.ResponseWriter, r *http.Request) {
	_, err := l.caller(r)
	if err == nil {
		var ready, inFlight, dead int
		if ready, inFlight, dead, err = l.orders.Depth(r.Context()); err == nil {
			boot.Reply(w, http.StatusOK, map[string]any{"ready": ready, "inFlight": inFlight, "dead": dead})
			return
		}
	}
	boot.Refuse(w, edge.APIStatus(fault.Of(err)), err)
}

func (l *Stack) redrive(w http.ResponseWriter, r *http.Request) {
	_, err := l.caller(r)
	if err == nil {
		var n int
		if n, err = l.orders.Redrive(r.Context()); err == nil {
			l.wake.ring()
			boot.Reply(w, http.StatusOK, map[string]any{"redriven": n})
			return
		}
	}
	boot.Refuse(w, edge.APIStatus(fault.Of(err)), err)
}

// ringing is a queue that wakes its readers.
type ringing struct {
	*queue.Embedded
	bell *bell
}

// Send implements Sender.
func (q ringing) Send(ctx context.Context, bodies ...[]byte) ([]string, error) {
	sent, err := q.Embedded.Send(ctx, bodies...)
	q.bell.ring()
	return sent, err
}

// bell wakes all who wait for work.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

func newBell() *bell { return &bell{ch: make(chan struct{})} }

func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}

var _ engine.Publisher = (*feed)(nil)
