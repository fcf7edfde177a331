package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/supply"
)

// The goals, all upper bounds. Source: the project's first issue, "Must reach".
const (
	goalHotOverFloor   = 1.13
	goalHotRatio       = 1.0 / 100 // ours / one transaction per order
	goalHotCPURatio    = 1.0 / 25
	goalHotAllocs      = 16
	goalZipf1OverFloor = 1.05
	goalZipf5OverFloor = 1.10
	goalZipf5Reads     = 0.35
	goalSpread         = 1.05
	goalColdReads      = 45
	goalDuplicates     = 0.08
	goalPegTime        = 2 * time.Millisecond
	goalEntryOverID    = 12 // bytes of an entry beside its order id
)

const (
	together   = 1000 // messages of a batch
	peerOrders = 1000 // for a peer where nothing is timed: what it costs does not depend on how many there are
	peerShare  = 5    // of a batch that is timed, a peer with one call or more an order gets the n-th part
	idBytes    = len("113-4821771-0000001")
)

// cases are run in this order.
var cases = []struct {
	name string
	run  func(context.Context, *bench) error
}{
	{"hot", hot}, {"zipf1", zipf1}, {"zipf5", zipf5}, {"spread", spread}, {"duplicates", duplicates},
	{"cold", cold}, {"webhook", webhook}, {"pegging", pegging}, {"sold out", soldOut},
}

// counted is what a run over a workload came to.
type counted struct {
	usage
	messages, touched int
	entryBytes        float64
	scheme            scheme
}

// floor is the fewest write units per order of a design that keeps every item
// current: one write for each item of a batch, and the entries' bytes.
func (c *counted) floor() float64 {
	return float64(c.touched)/float64(c.messages) + c.entryBytes/1024
}

func (c *counted) perOrder(total float64) float64 { return total / float64(c.messages) }

// count runs a scheme over a workload and checks what it stored. The first warm
// batches only fill caches and heads; the others are counted.
func (b *bench) count(ctx context.Context, open opener, w *workload, consumers, warm int) (*counted, error) {
	s, err := open(ctx, b.place, w.stock)
	if err != nil {
		return nil, err
	}
	handlers := make([]lambda.Handler, consumers)
	for i := range handlers {
		handlers[i] = s.consumer()
	}
	if err := consume(ctx, handlers, w.batches[:warm]); err != nil {
		return nil, err
	}
	s.reset()
	rest := w.from(warm)
	if err := consume(ctx, handlers, rest.batches); err != nil {
		return nil, err
	}
	c := &counted{messages: rest.messages(), touched: rest.touched(), scheme: s}
	if c.usage, err = s.usage(ctx); err == nil {
		err = b.agree(&c.usage)
	}
	if err != nil {
		return nil, err
	}
	c.entryBytes, err = s.check(ctx, w)
	return c, err
}

// report adds what every scheme has, and returns the row of the write units.
func (b *bench) report(name, scheme string, c *counted) (writes *row) {
	b.add(name, scheme, "read_units_per_order", c.perOrder(c.reads))
	b.add(name, scheme, "calls_per_order", c.perOrder(c.calls))
	return b.add(name, scheme, "write_units_per_order", c.perOrder(c.writes))
}

// agree compares the meter with what DynamoDB Local said, where it said it.
func (b *bench) agree(u *usage) error {
	if u.metered != u.reported {
		return wrong("the meter counts %.0f units for %d single-item writes, DynamoDB Local reports %.0f", u.metered, u.compared, u.reported)
	}
	b.compared, b.agreed = b.compared+u.compared, b.agreed+u.reported
	return nil
}

// peers counts the other schemes on a workload of the same shape.
func (b *bench) peers(ctx context.Context, name string, w *workload, consumers int) error {
	for _, s := range schemes[1:] {
		c, err := b.count(ctx, s.open, w, consumers, 0)
		if err != nil {
			return err
		}
		b.report(name, s.name, c)
	}
	return nil
}

func (b *bench) hotShape() shape { return shape{orders: b.orders, batch: together, skus: 1, pick: one} }

// hot is one SKU that all orders are for.
func hot(ctx context.Context, b *bench) error {
	w := draw(b.seed, b.hotShape())
	c, err := b.count(ctx, openOurs, w, 1, 0)
	if err != nil {
		return err
	}
	b.report("hot", "ours", c).atMost(goalHotOverFloor * c.floor())
	b.add("hot", "ours", "write_units_over_floor", c.perOrder(c.writes)/c.floor()).atMost(goalHotOverFloor)
	b.add("hot", "ours", "entry_bytes", c.entryBytes).atMost(float64(idBytes + goalEntryOverID))
	return race(ctx, b, w, c.perOrder(c.writes))
}

// race gives every batch to each scheme in turn, so that a busy neighbour slows
// all of them, and compares the medians. Nothing is metered meanwhile.
func race(ctx context.Context, b *bench, w *workload, oursWrites float64) error {
	p := b.place
	p.timed = true
	runners := make([]runner, len(schemes))
	for i, s := range schemes {
		opened, err := s.open(ctx, p, w.stock)
		if err != nil {
			return err
		}
		runners[i] = runner{scheme: opened, name: s.name, handler: opened.consumer(), work: w}
		if s.each {
			runners[i].work = w.part(peerShare)
		}
	}
	for round := range w.batches {
		for i := range runners {
			r := &runners[(i+round)%len(runners)]
			if err := r.turn(ctx, r.work.batches[round]); err != nil {
				return err
			}
		}
	}
	for i := range runners {
		r := &runners[i]
		if _, err := r.scheme.check(ctx, r.work); err != nil {
			return err
		}
		cpu, allocs := r.medians()
		counts := b.endpoint != "" || i == 0
		if b.endpoint != "" {
			b.add("hot", r.name, "cpu_us_per_order", cpu).timed = true
		}
		if counts {
			b.add("hot", r.name, "allocs_per_order", allocs)
		}
		if i == 0 {
			b.rows[len(b.rows)-1].atMost(goalHotAllocs)
			continue
		}
		used, err := r.scheme.usage(ctx)
		if err != nil {
			return err
		}
		c := &counted{usage: used, messages: r.work.messages()}
		b.report("hot", r.name, c)
		if r.name == "awstx" {
			b.add("hot", "ours", "write_units_ratio", oursWrites/c.perOrder(c.writes)).atMost(goalHotRatio)
			ours, _ := runners[0].medians()
			ratio := b.add("hot", "ours", "cpu_ratio", ours/cpu).atMost(goalHotCPURatio)
			ratio.timed = true
			if b.endpoint == "" {
				ratio.Value = nil
			}
		}
	}
	return nil
}

// runner is a scheme in the race.
type runner struct {
	scheme  scheme
	name    string
	work    *workload
	handler lambda.Handler
	cpu     []float64 // microseconds per order, of each round
	allocs  []float64
}

func (r *runner) turn(ctx context.Context, batch []message) error {
	payload, err := event(batch)
	if err != nil {
		return err
	}
	var answer []byte
	used, err := measure(func() (err error) {
		answer, err = r.handler.Invoke(ctx, payload)
		return err
	})
	if err != nil {
		return err
	}
	n := float64(len(batch))
	r.cpu, r.allocs = append(r.cpu, float64(used.cpu.Nanoseconds())/1e3/n), append(r.allocs, float64(used.allocs)/n)
	again, err := failed(answer, batch)
	if err == nil && len(again) > 0 {
		err = deliver(ctx, r.handler, again)
	}
	return err
}

// medians leaves out the first round, which opens connections.
func (r *runner) medians() (cpu, allocs float64) {
	median := func(all []float64) float64 {
		sorted := slices.Sorted(slices.Values(all[1:]))
		return sorted[len(sorted)/2]
	}
	return median(r.cpu), median(r.allocs)
}

func zipfShape(orders int) shape {
	const skus = 1000
	return shape{orders: orders, batch: together, skus: skus, pick: zipf(skus)}
}

func zipf1(ctx context.Context, b *bench) error {
	c, err := b.zipf(ctx, "zipf1", 1, goalZipf1OverFloor)
	if err == nil {
		b.report("zipf1", "ours", c).atMost(goalZipf1OverFloor * c.floor())
	}
	return err
}

func zipf5(ctx context.Context, b *bench) error {
	c, err := b.zipf(ctx, "zipf5", 5, goalZipf5OverFloor)
	if err != nil {
		return err
	}
	b.report("zipf5", "ours", c).atMost(goalZipf5OverFloor * c.floor())
	b.add("zipf5", "ours", "read_units_per_order_warm", c.perOrder(c.reads)).atMost(goalZipf5Reads)
	b.add("zipf5", "ours", "lost_races_per_order", c.perOrder(float64(c.lost)))
	return nil
}

// zipf is the realistic case: some SKUs are hot, most are not. Half of the
// batches warm caches and fill heads; the other half is counted.
func (b *bench) zipf(ctx context.Context, name string, consumers int, goal float64) (*counted, error) {
	w := draw(b.seed, zipfShape(b.orders))
	c, err := b.count(ctx, openOurs, w, consumers, len(w.batches)/2)
	if err != nil {
		return nil, err
	}
	b.add(name, "ours", "write_units_over_floor", c.perOrder(c.writes)/c.floor()).atMost(goal)
	return c, b.peers(ctx, name, draw(b.seed, zipfShape(min(consumers, 2)*peerOrders)), consumers)
}

// spread has no two orders of a batch on one SKU. Each SKU comes back often
// enough (62 times in 1,250 orders) that heads fill up and are sealed.
func spread(ctx context.Context, b *bench) error {
	const skus = 20
	draws := func(orders int) *workload {
		return draw(b.seed, shape{orders: orders, batch: skus, skus: skus, pick: each(skus)})
	}
	c, err := b.count(ctx, openOurs, draws(b.orders/8), 1, 0)
	if err != nil {
		return err
	}
	b.report("spread", "ours", c).atMost(goalSpread)
	return b.peers(ctx, "spread", draws(peerOrders/2), 1)
}

// duplicates is the hot SKU once more, in batches of 99, with and without every
// twentieth message being a repeat.
func duplicates(ctx context.Context, b *bench) error {
	const share = 0.05
	for i, s := range schemes {
		shape := shape{orders: b.orders, batch: groupSize, skus: 1, pick: one}
		if i > 0 {
			shape.orders = peerOrders / 2
		}
		plain, err := b.count(ctx, s.open, draw(b.seed, shape), 1, 0)
		if err != nil {
			return err
		}
		shape.duplicates = share
		repeated, err := b.count(ctx, s.open, draw(b.seed, shape), 1, 0)
		if err != nil {
			return err
		}
		b.add("duplicates", s.name, "write_units_per_order", repeated.writes/float64(shape.orders))
		extra := b.add("duplicates", s.name, "extra_write_units_ratio", repeated.writes/plain.writes-1)
		if i == 0 {
			extra.atMost(goalDuplicates)
		}
	}
	return nil
}

// cold lets a new environment meet an item with 10,000 live orders: it reads the
// whole line to know that the one order it is sent is there already.
func cold(ctx context.Context, b *bench) error {
	w := draw(b.seed, shape{orders: 10_000, batch: together, skus: 1, pick: one})
	c, err := b.count(ctx, openOurs, w, 1, 0)
	if err != nil {
		return err
	}
	c.scheme.reset()
	if err := deliver(ctx, c.scheme.consumer(), w.batches[0][:1]); err != nil {
		return err
	}
	used, err := c.scheme.usage(ctx)
	b.add("cold", "ours", "read_units_10000_live_orders", used.reads).atMost(goalColdReads)
	b.add("cold", "ours", "write_units", used.writes).atMost(0)
	return err
}

// soldOut is a check alone: supply runs out under two consumers and repeats.
func soldOut(ctx context.Context, b *bench) error {
	const skus, short = 5, 100
	w := draw(b.seed, shape{orders: 2000, batch: 100, skus: skus, pick: each(skus), duplicates: 0.05, short: short})
	for _, s := range schemes {
		if _, err := b.count(ctx, s.open, w, 2, 0); err != nil {
			return err
		}
	}
	b.say("Checked: in every case, and with supply %d units short on %d SKUs under two consumers and 5 %% repeats, every\n"+
		"scheme decided all orders exactly once, its numbers add up and nothing is oversold.", short, skus)
	return nil
}

// pegging pegs 10,000 open orders over 50 lots, half of which slipped behind all
// others: most promises are in doubt.
func pegging(_ context.Context, b *bench) error {
	const orders, lots, rounds = 10_000, 50, 41
	random := rand.New(rand.NewPCG(b.seed, 0))
	first := supply.DayOf(start)
	demands := make([]supply.Demand, orders)
	var units supply.Units
	for i := range demands {
		demands[i] = supply.Demand{Units: 1 + supply.Units(random.IntN(20)), Due: first + supply.Day(3*(1+i*lots/orders))}
		units += demands[i].Units
	}
	supplies := []supply.Supply{{Day: first}} // nothing on hand
	for lot := range lots {
		supplies = append(supplies, supply.Supply{Day: first + supply.Day(3*(1+lot)+lot%2*90), Units: units / lots})
	}
	slices.SortStableFunc(supplies, func(a, b supply.Supply) int { return int(a.Day) - int(b.Day) })
	var p supply.Pegging
	p.Peg(supplies, demands)
	times := make([]float64, rounds)
	used, err := measure(func() error {
		for i := range times {
			began := time.Now()
			p.Peg(supplies, demands)
			times[i] = float64(time.Since(began).Nanoseconds())
		}
		return nil
	})
	slices.Sort(times)
	b.add("pegging", "ours", "ns_per_peg", times[rounds/2]).atMost(float64(goalPegTime)).timed = true
	b.add("pegging", "ours", "allocs_per_order", float64(used.allocs/rounds)/orders).atMost(0)
	var given supply.Units
	for i := range demands {
		given += p.Short(i)
	}
	for i := range supplies {
		given += p.Used(i)
	}
	if given != units {
		return wrong("%d units were pegged or short of %d", given, units)
	}
	return err
}
