package local_test

// The simulation runs the real handlers of the whole system on a real store
// while everything that can go wrong does: messages come twice, late and out of
// order, processes die before and after any write, replies are lost, the store
// throttles and conflicts, handlers time out half way. At the end the faults
// stop, the dead letters are put back, and a bookkeeper who saw every message
// counts: nothing oversold, lost, done twice or stuck. Every fault has a counter
// that must be above zero, so a simulation that meets no trouble fails.
//
//	go test ./shared/boot/local -run TestSimulation -orders 1000000 -seed 7

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/sqlite"
	"headstart/shared/supply"
)

var (
	simOrders = flag.Int("orders", 20_000, "orders of the simulation on the memory store; the SQLite one gets a tenth")
	simSeed   = flag.Uint64("seed", 1, "seed of the simulated workload and its faults")
)

const (
	simMarket    = supply.MarketplaceID("A1PA6795UKMFR9")
	simSeller    = supply.SellerID("acme")
	simConsumers = 8
)

// The faults. Their rates are per call of the store, or per message.
const (
	lostRequest  = "request lost"
	lostReply    = "reply lost"
	throttled    = "throttled"
	conflict     = "transaction conflict"
	staleRead    = "stale read"
	crashBefore  = "crash before a write"
	crashAfter   = "crash after a write"
	duplicate    = "delivered twice"
	together     = "delivered to two at once"
	outOfOrder   = "cancelled before it was placed"
	partial      = "part of a batch failed"
	deadLetter   = "dead letter"
	redriven     = "redriven"
	oldWebhook   = "webhook out of order"
	sameWebhook  = "webhook twice"
	streamAgain  = "stream batch again"
	supplyRanOut = "supply ran out"
)

var simFaults = []string{lostRequest, lostReply, throttled, conflict, staleRead, crashBefore, crashAfter, duplicate, together,
	outOfOrder, partial, deadLetter, redriven, oldWebhook, sameWebhook, streamAgain, supplyRanOut}

// world is all that outlives a process.
type world struct {
	t     *testing.T
	ctx   context.Context
	store store.Store
	now   time.Time
	batch int         // messages of one delivery
	calm  atomic.Bool // the faults have stopped

	mu       sync.Mutex
	rng      *rand.Rand
	fired    map[string]int
	queue    []simMessage
	dead     []simMessage
	cursors  map[string]string
	decided  map[supply.OrderID]bool
	previous map[store.Key]store.Record // what a stale read returns
	letters  map[string]string          // what was sent to sellers, by its ID
}

type simMessage struct {
	id       string
	body     []byte
	receives int
}

func (w *world) fire(fault string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fired[fault]++
}

// chance reports whether a fault of the rate happens now.
func (w *world) chance(rate float64) bool {
	if w.calm.Load() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rng.Float64() < rate
}

// Publish implements engine.Publisher: the world hears every decision.
func (w *world) Publish(_ context.Context, events []engine.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range events {
		for _, o := range append(append(events[i].Accepted, events[i].Rejected...), events[i].Cancelled...) {
			w.decided[o.OrderID] = true
		}
	}
	return nil
}

// Send and Source complete a place; nothing of the simulation needs them.
func (w *world) Send(context.Context, ...[]byte) ([]string, error) { return []string{"kept"}, nil }

func (w *world) Source(_ context.Context, adapter, _ string) (boot.Source, error) {
	known, _ := carrier.Lookup(adapter)
	return boot.Source{Seller: simSeller, Secrets: []string{local.StageSecret(known)}}, nil
}

// process is one life of one function: its own handlers and line cache over a
// store that may end it.
type process struct {
	world    *world
	handlers *boot.Handlers
	dead     atomic.Bool
}

func (w *world) start() *process {
	p := &process{world: w}
	w.mu.Lock()
	seed := w.rng.Uint64()
	w.mu.Unlock()
	var random sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 3))
	p.handlers = boot.New(boot.Place{Store: p, Clock: func() time.Time { return w.now }, Policy: supply.DefaultPolicy, Sources: w, Tracking: w,
		Publisher: w, Mailer: p, Log: slog.New(slog.DiscardHandler), Random: func() uint64 {
			random.Lock()
			defer random.Unlock()
			return rng.Uint64()
		}})
	return p
}

var errDead = fault.New(fault.Transient, "DEAD", "the process has ended")

// trouble decides what goes wrong before a call.
func (p *process) trouble() error {
	switch {
	case p.dead.Load():
		return errDead
	case p.world.chance(0.01):
		p.world.fire(lostRequest)
		return fault.New(fault.Transient, "LOST", "request lost")
	case p.world.chance(0.01):
		p.world.fire(throttled)
		return fault.New(fault.Transient, "THROTTLED", "throttled")
	}
	return nil
}

// before and after surround a write.
func (p *process) before() error {
	if err := p.trouble(); err != nil {
		return err
	}
	if p.world.chance(0.01) {
		p.world.fire(conflict)
		return fault.New(fault.Transient, "CONFLICT", "a transaction holds the record")
	}
	if p.world.chance(0.02) {
		p.world.fire(crashBefore)
		p.dead.Store(true)
		return errDead
	}
	return nil
}

func (p *process) after() error {
	if p.world.chance(0.02) {
		p.world.fire(crashAfter)
		p.dead.Store(true)
		return errDead
	}
	if p.world.chance(0.01) {
		p.world.fire(lostReply)
		return fault.New(fault.Transient, "LOST", "reply lost")
	}
	return nil
}

// Get implements store.Store; a read that is not strong may be old.
func (p *process) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	if err := p.trouble(); err != nil {
		return nil, err
	}
	records, err := p.world.store.Get(ctx, strong, keys...)
	if err != nil || strong || !p.world.chance(0.05) {
		return records, err
	}
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	for i, key := range keys {
		if old, ok := p.world.previous[key]; ok {
			records[i] = old
			p.world.fired[staleRead]++
		}
	}
	return records, nil
}

func (p *process) remember(key store.Key) func() {
	if key.Sort != store.HeadSort {
		return func() {}
	}
	old, err := p.world.store.Get(p.world.ctx, true, key)
	return func() {
		p.world.mu.Lock()
		defer p.world.mu.Unlock()
		if err == nil {
			p.world.previous[key] = old[0]
		}
	}
}

// Put implements store.Store.
func (p *process) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if err := p.before(); err != nil {
		return store.Record{}, false, err
	}
	note := p.remember(w.Record.Key)
	current, ok, err := p.world.store.Put(ctx, w)
	if ok && err == nil {
		note()
	}
	if late := p.after(); late != nil {
		return store.Record{}, false, late
	}
	return current, ok, err
}

// PutAll implements store.Store.
func (p *process) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if err := p.before(); err != nil {
		return false, err
	}
	ok, err := p.world.store.PutAll(ctx, writes)
	if late := p.after(); late != nil {
		return false, late
	}
	return ok, err
}

// List implements store.Store.
func (p *process) List(ctx context.Context, q store.Query) ([]store.Record, string, error) {
	if err := p.trouble(); err != nil {
		return nil, "", err
	}
	return p.world.store.List(ctx, q)
}

// Changes implements store.Store.
func (p *process) Changes(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
	return p.world.store.Changes(ctx, cursor, limit)
}

// take removes up to n random messages from the queue for one delivery; some
// stay for a second consumer at the same time.
func (w *world) take(n int) (batch []simMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(batch) < n && len(w.queue) > 0 {
		i := w.rng.IntN(len(w.queue))
		last := len(w.queue) - 1
		m := w.queue[i]
		w.queue[i] = w.queue[last]
		w.queue = w.queue[:last]
		m.receives++
		batch = append(batch, m)
		if !w.calm.Load() && w.rng.Float64() < 0.02 {
			w.queue = append(w.queue, m)
			w.fired[together]++
		}
	}
	return batch
}

func (w *world) put(messages ...simMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range messages {
		if m.receives >= 10 {
			w.dead = append(w.dead, m)
			w.fired[deadLetter]++
		} else {
			w.queue = append(w.queue, m)
		}
	}
}

// consume is a function's life after life: it dies and is started again.
func (w *world) consume() {
	p := w.start()
	for {
		batch := w.take(w.batch)
		if len(batch) == 0 {
			return
		}
		failed, answered := p.deliver(batch)
		if !answered || p.dead.Load() {
			w.put(batch...)
			p = w.start()
			continue
		}
		var back []simMessage
		for _, m := range batch {
			if failed[m.id] {
				back = append(back, m)
			} else if w.chance(0.03) {
				w.fire(duplicate)
				back = append(back, simMessage{id: m.id, body: m.body})
			}
		}
		if len(failed) > 0 && len(failed) < len(batch) {
			w.fire(partial)
		}
		w.put(back...)
	}
}

func (p *process) deliver(batch []simMessage) (failed map[string]bool, answered bool) {
	type record struct {
		ID   string `json:"messageId"`
		Body string `json:"body"`
	}
	event := map[string][]record{"Records": {}}
	for _, m := range batch {
		event["Records"] = append(event["Records"], record{m.id, string(m.body)})
	}
	payload, err := json.Marshal(event)
	require.NoError(p.world.t, err)
	reply, err := p.handlers.OrderQueue().Invoke(p.world.ctx, payload)
	if err != nil {
		return nil, false
	}
	var answer struct {
		Failures []struct{ ItemIdentifier string } `json:"batchItemFailures"`
	}
	require.NoError(p.world.t, json.Unmarshal(reply, &answer))
	failed = make(map[string]bool)
	for _, f := range answer.Failures {
		failed[f.ItemIdentifier] = true
	}
	return failed, true
}

// follow works off the change feed once, to its end, dying on the way.
func (w *world) follow() {
	p := w.start()
	for name, handle := range map[string]func(*process, []store.Change) []string{
		"supply": func(p *process, c []store.Change) []string { return p.handlers.SupplyChanges(w.ctx, c) },
		"notice": func(p *process, c []store.Change) []string { return p.handlers.HeadChanges(w.ctx, c) },
	} {
		for {
			changes, next, err := w.store.Changes(w.ctx, w.cursors[name], 200)
			require.NoError(w.t, err)
			if len(changes) == 0 {
				break
			}
			for len(changes) > 0 {
				failed := handle(p, changes)
				if p.dead.Load() {
					p = w.start()
					w.fire(streamAgain)
					continue
				}
				if len(failed) == 0 {
					break
				}
				w.fire(streamAgain)
				at := slices.IndexFunc(changes, func(c store.Change) bool { return c.Sequence == failed[0] })
				changes = changes[at:]
			}
			w.cursors[name] = next
		}
	}
}

// book is what the bookkeeper knows of one order.
type book struct {
	sku       supply.SKU
	units     supply.Units
	cancelled bool
}

type simulation struct {
	*world
	books    map[supply.OrderID]book
	supplied map[supply.SKU]supply.Units
	eta      map[supply.SKU]time.Time
}

func (s *simulation) send(m order.Message) {
	s.queue = append(s.queue, simMessage{id: fmt.Sprintf("m%d", len(s.queue)), body: m.JSON()})
}

// supplyAll registers a shipment per SKU and lets its carrier report, out of
// order and twice, while processes die.
func (s *simulation) supplyAll(skus int, perSKU supply.Units) {
	for i := range skus {
		sku := supply.SKU(fmt.Sprintf("SKU-%03d", i))
		s.supplied[sku] = perSKU
		number := fmt.Sprintf("1Z%06d", i)
		shipment := engine.NewShipment{ShipmentID: fmt.Sprintf("FBA%06d", i), Marketplace: string(simMarket), Mode: "SPD",
			Boxes: []engine.BoxFields{{BoxID: "B1", TrackingID: &number}}, Lines: []engine.ContentFields{{SKU: string(sku), Units: int64(perSKU)}}}
		s.until(func(p *process) error {
			once, err := engine.NewOnce(simSeller, number, "POST", "/v1/shipments", []byte(number))
			require.NoError(s.t, err)
			_, err = p.handlers.Engine().CreateShipment(s.ctx, s.now, once, shipment)
			return err
		})
		reports := make([]supply.Report, 4)
		for j := range reports {
			eta := s.now.AddDate(0, 0, 6+(j*3)%5)
			s.eta[sku] = eta
			reports[j] = supply.Report{Number: number, SaidAt: s.now.Add(time.Duration(j-10) * time.Hour), ETAs: supply.Expect(supply.Window{From: eta, To: eta}),
				Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.HubScan, At: s.now.Add(time.Duration(j-10) * time.Hour), Text: fmt.Sprint("hub ", j)}}}
		}
		order := s.rng.Perm(len(reports))
		if !slices.IsSorted(order) {
			s.fire(oldWebhook)
		}
		for _, j := range append(order, order[0]) {
			s.until(func(p *process) error {
				return p.handlers.Engine().Track(s.ctx, s.now, simSeller, []supply.Report{reports[j]})
			})
		}
		s.fire(sameWebhook)
	}
}

// until repeats what a sender would repeat: everything that was not answered.
func (s *simulation) until(do func(*process) error) {
	for {
		p := s.start()
		if err := do(p); err == nil && !p.dead.Load() {
			return
		}
	}
}

// demand queues the orders: more than there is, with changes of mind, shuffled
// by the way they are taken.
func (s *simulation) demand(orders, skus int) {
	for i := range orders {
		id := supply.OrderID(fmt.Sprintf("113-%07d", i))
		b := book{sku: supply.SKU(fmt.Sprintf("SKU-%03d", s.rng.IntN(skus))), units: supply.Units(1 + s.rng.IntN(3))}
		m := order.Message{Type: order.Placed, OrderID: id, Seller: simSeller, Marketplace: simMarket, PlacedAt: s.now, Revision: 1,
			Lines: []order.Line{{SKU: b.sku, Units: b.units}}}
		s.send(m)
		for range s.rng.IntN(5) / 3 { // the producer itself sends about every third twice
			s.send(m)
		}
		if s.rng.IntN(10) == 0 {
			b.cancelled = true
			cancel := m
			cancel.Type, cancel.PlacedAt = order.Cancelled, time.Time{}
			s.send(cancel)
			s.fire(outOfOrder)
		}
		s.books[id] = b
	}
	s.queue = append(s.queue, simMessage{id: "poison", body: []byte(`{"type":"order.placed","orderId":`)})
}

func (s *simulation) run() {
	const rounds = 3
	for round := range rounds {
		s.switchAll(round)
		var running sync.WaitGroup
		for range simConsumers {
			running.Go(s.consume)
		}
		running.Wait()
		s.follow()
		s.passTime()
	}
	s.calm.Store(true)
	s.mu.Lock()
	for _, m := range s.dead {
		s.queue = append(s.queue, simMessage{id: m.id, body: m.body})
		s.fired[redriven]++
	}
	s.dead = nil
	s.mu.Unlock()
	s.consume()
	s.follow()
	s.now = s.now.Add(time.Hour)
	s.passTime()
	s.settleMails(rounds)
}

// known reads back what the system says of every order.
func (s *simulation) known(p *process, skus int) map[supply.OrderID]engine.OrderView {
	all := make(map[supply.OrderID]engine.OrderView, len(s.books))
	for i := range skus {
		key := supply.ItemKey{Seller: simSeller, Marketplace: simMarket, SKU: supply.SKU(fmt.Sprintf("SKU-%03d", i))}
		for token, more := "", true; more; more = token != "" {
			page, err := p.handlers.Engine().OrdersOf(s.ctx, s.now, key, token)
			require.NoError(s.t, err)
			for _, o := range page.Orders {
				all[o.OrderID] = o
			}
			token = page.NextToken
		}
	}
	return all
}

// settle counts what is left, as a bookkeeper would.
func (s *simulation) settle(skus int) {
	require.NotEmpty(s.t, s.dead)
	for _, m := range s.dead {
		require.Equal(s.t, "poison", m.id, "the poison message alone is left among the dead")
	}
	p := s.start()
	taken := make(map[supply.SKU]supply.Units)
	lost, double, oversold, stuck := 0, 0, 0, 0
	known := s.known(p, skus)
	for id, b := range s.books {
		o, ok := known[id]
		switch {
		case !ok, !s.decided[id]:
			lost++
		case b.cancelled && o.Status == engine.OrderReserved:
			stuck++
		case !b.cancelled && o.Status == engine.OrderCancelled:
			lost++
		case o.Status == engine.OrderReserved && o.Units != b.units:
			double++
		}
		if o.Status == engine.OrderReserved {
			taken[b.sku] += o.Units
		}
		if o.Status == engine.OrderRejected {
			s.fired[supplyRanOut]++
		}
	}
	for i := range skus {
		sku := supply.SKU(fmt.Sprintf("SKU-%03d", i))
		view, err := p.handlers.Engine().Item(s.ctx, s.now, supply.ItemKey{Seller: simSeller, Marketplace: simMarket, SKU: sku})
		require.NoError(s.t, err)
		if taken[sku] > s.supplied[sku] || view.Shortfall > 0 {
			oversold++
		}
		require.Equal(s.t, taken[sku], view.ReservedFutureSupply, "reserved of %s is what its orders hold", sku)
		require.Equal(s.t, s.supplied[sku]-taken[sku], view.FutureSupplyBuyable, "buyable of %s is the rest", sku)
		require.Equal(s.t, s.eta[sku].Truncate(time.Second), view.Lots[0].ETA.To.Truncate(time.Second), "the newest ETA of %s stands", sku)
	}
	page, err := p.handlers.Engine().Audit(s.ctx, s.now, simSeller, []supply.MarketplaceID{simMarket}, "")
	require.NoError(s.t, err)
	require.True(s.t, page.Equal, "the ledgers add up: %+v", page.Items)
	for _, name := range slices.Sorted(maps.Keys(s.fired)) {
		s.t.Logf("%-34s %8d", name, s.fired[name])
	}
	s.t.Logf("orders %d: oversold %d, lost %d, double %d, stuck %d", len(s.books), oversold, lost, double, stuck)
	require.Zero(s.t, oversold+lost+double+stuck)
	for _, name := range append(simFaults, mailFaults...) {
		require.Positive(s.t, s.fired[name], "the fault %q never happened: the simulation proves nothing about it", name)
	}
}

func simulate(t *testing.T, s store.Store, orders int) {
	skus := 25 + orders/2500
	sim := &simulation{books: make(map[supply.OrderID]book), supplied: make(map[supply.SKU]supply.Units), eta: make(map[supply.SKU]time.Time),
		world: &world{t: t, ctx: t.Context(), store: s, batch: 250 + orders/500, now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), rng: rand.New(rand.NewPCG(*simSeed, 11)),
			fired: make(map[string]int), cursors: make(map[string]string), decided: make(map[supply.OrderID]bool), letters: make(map[string]string), previous: make(map[store.Key]store.Record)}}
	t.Logf("seed %d, %d orders", *simSeed, orders)
	sim.supplyAll(skus, supply.Units(orders*2*7/10/skus))
	sim.follow()
	sim.demand(orders, skus)
	sim.run()
	sim.settle(skus)
}

func TestSimulationInMemory(t *testing.T) { simulate(t, memory.New(), *simOrders) }

func TestSimulationOnSQLite(t *testing.T) {
	s, err := sqlite.Open(filepath.Join(t.TempDir(), "sim.db"))
	require.NoError(t, err)
	defer s.Close()
	simulate(t, s, max(2000, *simOrders/10)) // fewer would not meet every fault
}
