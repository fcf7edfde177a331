package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"headstart/shared/boot"
	"headstart/shared/carrier"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Stage is a place whose clock is turned by hand, for scenarios and tests: the
// real handlers on any store, the order queue and the change feed worked off
// when asked. It is not safe for concurrent use.
type Stage struct {
	handlers  *boot.Handlers
	store     store.Store
	settle    time.Duration
	now       time.Time
	policy    supply.Policy
	api, hook http.Handler
	keys      map[supply.SellerID]string
	published []engine.Event
	mails     stageMailer
	orders    stageQueue
	tracking  stageQueue
	cursors   map[string]string
}

// StageSecret signs the webhooks of a Stage.
func StageSecret(a carrier.Adapter) string {
	return a.Secret([]byte("scenarios sign their webhooks..."))
}

// stageLinkSecret signs the buyers' links of a Stage, so that a scenario knows
// them before they are made.
const stageLinkSecret = "scenarios sign their buyers' links"

// stageReceives is how often a message is delivered before it is a dead letter,
// as in the template.
const stageReceives = 10

// NewStage returns a Stage on a fresh store. settle is how long a change may
// take to appear in the store's feed: zero for a feed that is never late.
func NewStage(s store.Store, settle time.Duration, log *slog.Logger) *Stage {
	st := &Stage{store: s, settle: settle, policy: supply.DefaultPolicy(), keys: make(map[supply.SellerID]string), cursors: make(map[string]string)}
	seeded := rand.New(rand.NewPCG(uint64(boot.Now().UnixNano()), 1))
	links := engine.Links{Base: PublicURL, Secrets: func(context.Context) ([]string, error) { return []string{stageLinkSecret}, nil }}
	st.handlers = boot.New(boot.Place{Store: s, Links: links, Clock: func() time.Time { return st.now }, Policy: st.Policy, Sources: stageSources{},
		Tracking: &st.tracking, Publisher: st, Mailer: &st.mails, Random: seeded.Uint64, Log: log})
	st.api, st.hook = st.handlers.API(), st.handlers.Webhook()
	st.orders.name, st.tracking.name = "orders", "tracking"
	return st
}

// stageSources lets every adapter have a source named like its seller.
type stageSources struct{}

// Source implements boot.Sources.
func (stageSources) Source(_ context.Context, adapter, source string) (boot.Source, error) {
	seller, err := supply.ParseSellerID("source", source)
	known, _ := carrier.Lookup(adapter)
	return boot.Source{Seller: seller, Secrets: []string{StageSecret(known)}}, err
}

// Set turns the clock to now, UTC.
func (st *Stage) Set(now time.Time) { st.now = now.UTC() }

// Policy and SetPolicy are the operator's choice.
func (st *Stage) Policy() supply.Policy { return st.policy }

// SetPolicy replaces the policy; it counts from the next decision on.
func (st *Stage) SetPolicy(p supply.Policy) { st.policy = p }

// Engine returns the use cases behind the handlers.
func (st *Stage) Engine() *engine.Engine { return st.handlers.Engine() }

// Publish implements engine.Publisher.
func (st *Stage) Publish(_ context.Context, events []engine.Event) error {
	st.published = append(st.published, events...)
	return nil
}

// Published returns what was published since it was last asked.
func (st *Stage) Published() []engine.Event {
	events := st.published
	st.published = nil
	return events
}

// Call makes one call of the API as the seller.
func (st *Stage) Call(ctx context.Context, seller, method, path, key string, body []byte) (status int, reply []byte, err error) {
	id, err := supply.ParseSellerID("seller", seller)
	if err != nil {
		return 0, nil, err
	}
	if err := st.welcome(ctx, id); err != nil {
		return 0, nil, err
	}
	header := http.Header{"Authorization": {"Bearer " + st.keys[id]}, "Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return serve(ctx, st.api, method, path, header, body)
}

// welcome gives a seller a key and an account whose address is SELLER@example.com.
func (st *Stage) welcome(ctx context.Context, id supply.SellerID) (err error) {
	if st.keys[id] != "" {
		return nil
	}
	if st.keys[id], err = st.Engine().CreateKey(ctx, st.now, id); err != nil {
		return err
	}
	record, err := store.AccountRecord(id, &store.Account{Own: string(id) + "@example.com"}, 1)
	if err == nil {
		_, _, err = st.store.Put(ctx, store.Write{Record: record, Expect: store.Absent})
	}
	return err
}

// stageMailer keeps the letters that are sent, or fails as it is told to.
type stageMailer struct {
	sent  []engine.Letter
	fails error
}

// Mail implements engine.Mailer.
func (m *stageMailer) Mail(_ context.Context, l engine.Letter) (string, error) {
	if m.fails != nil {
		return "", m.fails
	}
	m.sent = append(m.sent, l)
	return fmt.Sprintf("stage-%d", len(m.sent)), nil
}

// stageFailures are what a mail server can answer, by the problem it makes.
var stageFailures = map[string]error{
	"UP": nil, "THROTTLED": fault.New(fault.Throttled, "THROTTLED", "too many mails"), "UNREACHABLE": fault.New(fault.Throttled, "UNREACHABLE", "connection refused"),
	"REJECTED": fault.New(fault.Refused, "REJECTED", "no such mailbox"), "NO_ANSWER": fault.New(fault.Transient, "NO_ANSWER", "connection lost"),
}

// MailServer lets the mail server answer so from now on: UP, THROTTLED, UNREACHABLE,
// REJECTED or NO_ANSWER.
func (st *Stage) MailServer(state string) error {
	fails, known := stageFailures[state]
	if !known {
		return fault.New(fault.Invalid, "INVALID_INPUT", "mailServer is %q; it must be UP, THROTTLED, UNREACHABLE, REJECTED or NO_ANSWER", state)
	}
	st.mails.fails = fails
	return nil
}

// Mailed returns the letters that were sent since it was last asked.
func (st *Stage) Mailed() []engine.Letter {
	letters := st.mails.sent
	st.mails.sent = nil
	return letters
}

// Webhook signs the body as the adapter's provider would and delivers it to
// "adapter/source".
func (st *Stage) Webhook(ctx context.Context, to, id string, body []byte) (status int, reply []byte, err error) {
	name, source, _ := strings.Cut(to, "/")
	adapter, ok := carrier.Lookup(name)
	if !ok {
		return 0, nil, fault.New(fault.Invalid, "INVALID_INPUT", "webhook is %q; there is no adapter %s", to, name)
	}
	push := adapter.Push(source, body, StageSecret(adapter), id, st.now)
	return serve(ctx, st.hook, push.Method, push.Path, push.Header, body)
}

func serve(ctx context.Context, h http.Handler, method, path string, header http.Header, body []byte) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fault.As(fault.Invalid, err, "request")
	}
	request.Header, request.RequestURI = header, path
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	reply, err := io.ReadAll(recorder.Result().Body)
	return recorder.Code, reply, fault.As(fault.Internal, err, "answer")
}

// Enqueue delivers the bodies as one batch of the order queue and returns the
// handler's answer; what failed is delivered again by Drain.
func (st *Stage) Enqueue(ctx context.Context, id string, bodies [][]byte) (reply []byte, err error) {
	for i, body := range bodies {
		st.orders.add(fmt.Sprintf("%s.%d", id, i), body)
	}
	return st.orders.deliver(ctx, st.handlers.OrderQueue())
}

// DeadLetters returns how many order messages were given up.
func (st *Stage) DeadLetters() int { return len(st.orders.dead) }

// Redrive puts the dead letters back on the order queue.
func (st *Stage) Redrive() {
	for _, m := range st.orders.dead {
		st.orders.add(m.id, m.body)
	}
	st.orders.dead = nil
}

// Sweep runs the scheduled sweep.
func (st *Stage) Sweep(ctx context.Context) (int, error) { return st.handlers.Sweep(ctx) }

// Drain works off both queues and the change feed until nothing moves: failed
// messages are delivered again until they are accepted or dead.
func (st *Stage) Drain(ctx context.Context) error {
	for idle := time.Duration(0); ; {
		moved, err := st.round(ctx)
		switch {
		case err != nil:
			return err
		case moved:
			idle = 0
		case idle >= st.settle:
			return nil
		default:
			const poll = 5 * time.Millisecond
			if err := sleep(ctx, poll); err != nil {
				return fault.As(fault.Transient, err, "draining")
			}
			idle += poll
		}
	}
}

func (st *Stage) round(ctx context.Context) (moved bool, err error) {
	for _, q := range []struct {
		queue   *stageQueue
		handler lambdaHandler
	}{{&st.orders, st.handlers.OrderQueue()}, {&st.tracking, st.handlers.TrackingQueue()}} {
		if len(q.queue.waiting) > 0 {
			if _, err := q.queue.deliver(ctx, q.handler); err != nil {
				return false, err
			}
			moved = true
		}
	}
	for _, r := range []struct {
		name   string
		handle func(context.Context, []store.Change) []string
	}{{"supply", st.handlers.SupplyChanges}, {"notice", st.handlers.HeadChanges}} {
		changes, next, err := st.store.Changes(ctx, st.cursors[r.name], changesTogether)
		if err != nil {
			return false, err
		}
		for try := 0; len(changes) > 0 && try < stageReceives; try++ {
			moved = true
			failed := r.handle(ctx, changes)
			if len(failed) == 0 {
				break
			}
			changes = from(changes, failed)
		}
		st.cursors[r.name] = next
	}
	return moved, nil
}

// stageQueue is a queue in memory that speaks Lambda's protocol to its handler.
type stageQueue struct {
	name    string
	waiting []stageMessage
	dead    []stageMessage
	sent    int
}

type stageMessage struct {
	id       string
	body     []byte
	receives int
}

type lambdaHandler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

func (q *stageQueue) add(id string, body []byte) {
	q.waiting = append(q.waiting, stageMessage{id: id, body: body})
}

// Send implements Sender.
func (q *stageQueue) Send(_ context.Context, bodies ...[]byte) (ids []string, err error) {
	for _, body := range bodies {
		q.sent++
		id := fmt.Sprintf("%s-%d", q.name, q.sent)
		q.add(id, body)
		ids = append(ids, id)
	}
	return ids, nil
}

// deliver hands all waiting messages to the handler as one batch.
func (q *stageQueue) deliver(ctx context.Context, h lambdaHandler) ([]byte, error) {
	type record struct {
		ID         string            `json:"messageId"`
		Body       string            `json:"body"`
		Attributes map[string]string `json:"attributes"`
	}
	event := struct {
		Records []record `json:"Records"`
	}{Records: make([]record, len(q.waiting))}
	for i := range q.waiting {
		q.waiting[i].receives++
		event.Records[i] = record{q.waiting[i].id, string(q.waiting[i].body), map[string]string{"ApproximateReceiveCount": fmt.Sprint(q.waiting[i].receives)}}
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, fault.As(fault.Internal, err, "encoding a batch")
	}
	reply, err := h.Invoke(ctx, payload)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(reply, &answer); err != nil {
		return nil, fault.As(fault.Internal, err, "reading the answer to a batch")
	}
	failed := make(map[string]bool, len(answer.Failures))
	for _, f := range answer.Failures {
		failed[f.ID] = true
	}
	q.sort(failed)
	return reply, nil
}

// sort keeps what failed for the next delivery, or among the dead.
func (q *stageQueue) sort(failed map[string]bool) {
	delivered := q.waiting
	q.waiting = nil
	for _, m := range delivered {
		switch {
		case !failed[m.id]:
		case m.receives >= stageReceives:
			q.dead = append(q.dead, m)
		default:
			q.waiting = append(q.waiting, m)
		}
	}
}
