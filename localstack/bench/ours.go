package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

// ours is Headstart through its real handlers.
type ours struct {
	store store.Store
	meter *store.Meter
	bill  *bill // what DynamoDB Local said; nil without one
	clock atomic.Int64
	seed  uint64
}

// openOurs returns Headstart with the stock on its way, in shipments that have
// been registered, so that every order is one for future supply.
func openOurs(ctx context.Context, p place, stock map[string]int64) (scheme, error) {
	o := &ours{store: memory.New(), meter: new(store.Meter), seed: p.seed}
	if err := o.ship(ctx, p, stock); err != nil {
		return nil, err
	}
	if p.endpoint != "" {
		if err := o.move(ctx, p, stock); err != nil {
			return nil, err
		}
	}
	if !p.timed { // the meter reads before it writes, which would be timed too
		o.store = store.Metered(o.store, o.meter)
	}
	return o, nil
}

// move copies the items from the store in memory to a new table of DynamoDB
// Local, which would take a minute to be told of a thousand items one by one.
func (o *ours) move(ctx context.Context, p place, stock map[string]int64) error {
	client, streams := dynamo.Local(p.endpoint)
	table := p.table("ours")
	if err := dynamo.CreateTable(ctx, client, table); err != nil {
		return err
	}
	var keys []store.Key
	for sku := range stock {
		keys = append(keys, store.HeadKey(itemKey(sku)), store.CardKey(itemKey(sku)))
	}
	records, err := o.store.Get(ctx, true, keys...)
	if err != nil {
		return err
	}
	if !p.timed {
		o.bill = new(bill)
		client = o.bill.asked(client)
	}
	o.store = dynamo.New(client, streams, table)
	for together := range slices.Chunk(records, store.MaxWrites) {
		writes := make([]store.Write, len(together))
		for i := range together {
			writes[i] = store.Write{Record: together[i], Expect: store.Absent}
		}
		if ok, err := o.store.PutAll(ctx, writes); err != nil || !ok {
			return fault.Wrap(err, "moving items")
		}
	}
	return nil
}

// linesTogether is how many SKUs one shipment brings.
const linesTogether = 200

func (o *ours) ship(ctx context.Context, p place, stock map[string]int64) error {
	stage := local.NewStage(o.store, 0, p.log)
	stage.Set(start)
	skus := make([]string, 0, len(stock))
	for sku := range stock {
		skus = append(skus, sku)
	}
	slices.Sort(skus)
	for i := 0; len(skus) > 0; i++ {
		n := min(linesTogether, len(skus))
		var lines []map[string]any
		for _, sku := range skus[:n] {
			lines = append(lines, map[string]any{"sku": sku, "units": stock[sku]})
		}
		skus = skus[n:]
		id := fmt.Sprintf("FBA%04d", i)
		if err := call(ctx, stage, http.MethodPost, "/v1/shipments", id, map[string]any{
			"shipmentId": id, "marketplace": marketplace, "mode": "SPD", "lines": lines,
			"boxes": []any{map[string]any{"boxId": id + "U000001", "trackingId": "1Z" + id}},
			"eta":   map[string]any{"from": start.AddDate(0, 0, 7), "to": start.AddDate(0, 0, 8)},
		}); err != nil {
			return err
		}
	}
	return stage.Drain(ctx)
}

func call(ctx context.Context, stage *local.Stage, method, path, key string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fault.As(fault.Internal, err, "encoding a call")
	}
	status, reply, err := stage.Call(ctx, seller, method, path, key, raw)
	if err == nil && status >= 300 {
		err = fault.New(fault.Internal, "CALL", "%s %s: status %d, %s", method, path, status, reply)
	}
	return err
}

// consumer is a new environment of the order queue's function: an engine that
// remembers nothing. Its clock goes one second on with every batch.
func (o *ours) consumer() lambda.Handler {
	o.seed++
	random := rand.New(rand.NewPCG(o.seed, 0))
	return boot.New(boot.Place{
		Store: o.store, Clock: func() time.Time { return start.Add(time.Duration(o.clock.Add(1)) * time.Second) },
		Policy: supply.DefaultPolicy, Random: random.Uint64, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}).OrderQueue()
}

func (o *ours) reset() {
	o.meter.Reset()
	if o.bill != nil {
		o.bill.reset()
	}
}

func (o *ours) usage(context.Context) (usage, error) {
	u := o.meter.Total()
	sum := usage{writes: float64(u.WriteUnits()), reads: u.ReadUnits, calls: float64(u.Calls()), lost: int(u.Lost)}
	if o.bill != nil && u.Lost == 0 && u.PutAlls == 0 { // what Local cannot report
		sum.compared, sum.metered, sum.reported = int(u.Puts), sum.writes, o.bill.total()
	}
	return sum, nil
}

// line is what the stored bytes of one item say.
type line struct {
	entries, bytes int
	sold           map[string]int64 // units by accepted order
	refused        map[string]bool
	head           *store.Head
}

// readItem reads an item's line from the store's records alone: no engine and no
// cache has a say.
func (o *ours) readItem(ctx context.Context, sku string) (*line, error) {
	key := itemKey(sku)
	records, err := o.store.Get(ctx, true, store.HeadKey(key))
	if err != nil {
		return nil, err
	}
	l := &line{sold: make(map[string]int64), refused: make(map[string]bool)}
	if l.head, err = store.ReadHead(key, &records[0]); err != nil {
		return nil, err
	}
	if err := l.read(sku, l.head.Tail, 0); err != nil {
		return nil, err
	}
	pieces := l.head.Pieces
	if l.head.Older.End != 0 {
		older, err := o.store.Get(ctx, true, store.SegmentKey(key, l.head.Older.Tag))
		if err != nil {
			return nil, err
		}
		list, err := store.ReadIndex(&older[0])
		if err != nil {
			return nil, err
		}
		pieces = append(list, pieces...)
	}
	for _, p := range pieces {
		segment, err := o.store.Get(ctx, true, store.SegmentKey(key, p.Tag))
		if err != nil {
			return nil, err
		}
		if err := l.read(sku, store.SegmentBody(&segment[0]), p.First); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *line) read(sku string, piece []byte, first uint64) error {
	l.bytes += len(piece)
	return supply.Decode(piece, first, func(_ supply.Frame, _ uint64, e *supply.Entry) error {
		l.entries++
		id := string(e.Order)
		switch _, twice := l.sold[id]; {
		case twice || l.refused[id]:
			return wrong("order %s was decided twice at %s", id, sku)
		case e.Kind == supply.EntryAccepted:
			l.sold[id] = int64(e.Units)
		case e.Kind == supply.EntryRefused:
			l.refused[id] = true
		default:
			return wrong("order %s has an entry of kind %d that nobody asked for", id, e.Kind)
		}
		return nil
	})
}

// check reads every item back and returns the bytes an entry takes on average,
// frames included.
func (o *ours) check(ctx context.Context, w *workload) (entryBytes float64, err error) {
	entries, bytes, decided := 0, 0, 0
	for sku, stock := range w.stock {
		l, err := o.readItem(ctx, sku)
		if err != nil {
			return 0, err
		}
		entries, bytes, decided = entries+l.entries, bytes+l.bytes, decided+len(l.sold)+len(l.refused)
		var sold int64
		for id, units := range l.sold {
			if asked := w.orders[id]; asked.sku != sku || asked.units != units {
				return 0, wrong("order %s has %d units of %s, wanted %d of %s", id, units, sku, asked.units, asked.sku)
			}
			sold += units
		}
		if reserved := int64(l.head.Item.ReservedFutureSupply()); reserved != sold || sold > stock {
			return 0, wrong("%s: the head says %d units, the orders %d, the stock was %d", sku, reserved, sold, stock)
		}
		if len(l.refused) > 0 && !unfit(w, l.refused, stock-sold) {
			return 0, wrong("%s: an order was refused that %d units would have served", sku, stock-sold)
		}
	}
	if decided != len(w.orders) {
		return 0, wrong("%d orders were decided of %d", decided, len(w.orders))
	}
	return float64(bytes) / float64(entries), nil
}

// unfit reports whether every refused order wants more than what was left.
func unfit(w *workload, refused map[string]bool, left int64) bool {
	for id := range refused {
		if w.orders[id].units <= left {
			return false
		}
	}
	return true
}
