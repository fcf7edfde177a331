package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

const (
	seller      = "acme"
	marketplace = "A1PA6795UKMFR9"
)

// start is the bench's own time; one run differs from another by nothing else.
var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// wanted is one order of the workload: one SKU, as the peers can do no more.
type wanted struct {
	id    string // 19 characters
	sku   string
	units int64
}

// message is an order on its way, with the queue's id.
type message struct {
	id string
	wanted
}

// workload is a case's input: the batches in the order they are received, and
// what every SKU can sell.
type workload struct {
	batches [][]message
	orders  map[string]wanted // the different ones, by id
	stock   map[string]int64  // by SKU
}

// touched returns how many (batch, SKU) pairs there are: the fewest writes of a
// design that keeps every item current after each batch.
func (w *workload) touched() (n int) {
	for _, batch := range w.batches {
		skus := make(map[string]bool)
		for _, m := range batch {
			skus[m.sku] = true
		}
		n += len(skus)
	}
	return n
}

// messages returns how many messages all batches hold.
func (w *workload) messages() (n int) {
	for _, batch := range w.batches {
		n += len(batch)
	}
	return n
}

// from returns the workload's batches from the i-th on; its orders and stock stay.
func (w *workload) from(i int) *workload {
	return &workload{batches: w.batches[i:], orders: w.orders, stock: w.stock}
}

// part returns the workload of the first n-th part of every batch, for which
// the stock is plenty.
func (w *workload) part(n int) *workload {
	p := &workload{orders: make(map[string]wanted), stock: w.stock}
	for _, batch := range w.batches {
		batch = batch[:max(1, len(batch)/n)]
		for _, m := range batch {
			p.orders[m.wanted.id] = m.wanted
		}
		p.batches = append(p.batches, batch)
	}
	return p
}

// shape says how a workload is drawn.
type shape struct {
	orders     int
	batch      int
	skus       int
	pick       func(r *rand.Rand, i int) int // the SKU of the i-th order
	duplicates float64                       // share of messages that repeat an earlier order
	short      int64                         // units that stock falls short of demand, of every SKU
}

// draw makes the workload; the same seed and shape make the same one.
func draw(seed uint64, s shape) *workload {
	random := rand.New(rand.NewPCG(seed, uint64(s.orders)))
	w := &workload{orders: make(map[string]wanted, s.orders), stock: make(map[string]int64, s.skus)}
	var known []wanted
	var all []message
	for len(known) < s.orders {
		var o wanted
		if len(known) > 0 && random.Float64() < s.duplicates {
			o = known[random.IntN(len(known))]
		} else {
			i := len(known)
			o = wanted{fmt.Sprintf("113-4821771-%07d", i), skuName(s.pick(random, i)), 1 + random.Int64N(3)}
			known = append(known, o)
			w.orders[o.id] = o
			if _, listed := w.stock[o.sku]; !listed {
				w.stock[o.sku] = -s.short
			}
			w.stock[o.sku] += o.units
		}
		all = append(all, message{fmt.Sprintf("%08x-7d3c-4bb1-9c2a-%012x", len(all), random.Uint64()>>16), o})
	}
	for len(all) > 0 {
		n := min(s.batch, len(all))
		w.batches, all = append(w.batches, all[:n]), all[n:]
	}
	return w
}

func skuName(i int) string { return fmt.Sprintf("KETTLE-%04d", i) }

// one, each and zipf are the ways to pick a SKU.
func one(*rand.Rand, int) int { return 0 }

func each(n int) func(*rand.Rand, int) int { return func(_ *rand.Rand, i int) int { return i % n } }

// zipf picks by Zipf's law with exponent 1.1, the k-th SKU k^-1.1 as often as
// the first.
func zipf(n int) func(*rand.Rand, int) int {
	var law *rand.Zipf
	return func(r *rand.Rand, _ int) int {
		if law == nil {
			law = rand.NewZipf(r, 1.1, 1, uint64(n-1))
		}
		return int(law.Uint64())
	}
}

// body is the message's JSON as an order system writes it.
func (m *message) body() string {
	return fmt.Sprintf(`{"type":"order.placed","orderId":%q,"seller":%q,"marketplace":%q,"placedAt":%q,"revision":1,"split":false,"lines":[{"sku":%q,"units":%d}],"holdUntil":null,"priority":0,"buyer":null}`,
		m.wanted.id, seller, marketplace, start.Add(-time.Hour).Format(time.RFC3339), m.sku, m.units)
}

// receipt has the length of a receipt handle of SQS.
var receipt = func() string {
	b := make([]byte, 0, 200)
	for i := range cap(b) {
		b = append(b, "AQEBzGk7+/0wVtR"[i%15])
	}
	return string(b)
}()

// event is the batch as Lambda hands it to a function.
func event(batch []message) ([]byte, error) {
	e := events.SQSEvent{Records: make([]events.SQSMessage, len(batch))}
	for i := range batch {
		e.Records[i] = events.SQSMessage{
			MessageId: batch[i].id, ReceiptHandle: receipt, Body: batch[i].body(),
			Attributes: map[string]string{"ApproximateReceiveCount": "1", "SentTimestamp": "1772445600000",
				"SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": "1772445600001"},
			MessageAttributes: map[string]events.SQSMessageAttribute{}, Md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:orders", AWSRegion: "eu-central-1",
		}
	}
	b, err := json.Marshal(e)
	return b, fault.As(fault.Internal, err, "encoding a batch")
}

// failed reads the answer to a batch and returns the messages to deliver again.
func failed(answer []byte, batch []message) (again []message, err error) {
	var response events.SQSEventResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fault.As(fault.Internal, err, "reading the answer to a batch")
	}
	named := make(map[string]bool, len(response.BatchItemFailures))
	for _, f := range response.BatchItemFailures {
		named[f.ItemIdentifier] = true
	}
	for _, m := range batch {
		if named[m.id] {
			again = append(again, m)
		}
	}
	return again, nil
}

func itemKey(sku string) supply.ItemKey {
	return supply.ItemKey{Seller: seller, Marketplace: marketplace, SKU: supply.SKU(sku)}
}
