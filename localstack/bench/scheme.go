package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/fault"
)

// place is where the schemes run.
type place struct {
	endpoint string // of a DynamoDB Local; "" = inside this process
	seed     uint64
	timed    bool // nothing but the scheme itself may cost time
	log      *slog.Logger
}

// table returns a name for a fresh table.
func (p place) table(scheme string) string {
	return fmt.Sprintf("bench-%s-%016x", scheme, rand.Uint64())
}

// usage is what a scheme consumed since its reset.
type usage struct {
	writes, reads, calls float64
	lost                 int // writes and transactions whose condition did not hold

	// Single-item writes that DynamoDB Local reported the units of: how many,
	// our meter's units for them, and Local's.
	compared          int
	metered, reported float64
}

// scheme is one way to commit orders, on a table of its own.
type scheme interface {
	consumer() lambda.Handler // a fresh environment of the function
	reset()
	usage(ctx context.Context) (usage, error)
	// check reads what is stored and fails unless all orders were decided
	// exactly once and nothing was oversold. entryBytes is what an order took
	// in the line, 0 for a scheme without one.
	check(ctx context.Context, w *workload) (entryBytes float64, err error)
}

type opener func(ctx context.Context, p place, stock map[string]int64) (scheme, error)

// schemes are the designs, ours first.
var schemes = []struct {
	name string
	open opener
	each bool // at least one call for each order
}{
	{"ours", openOurs, false},
	{"awstx", openPeer("awstx", perOrder, hasOrder), true},
	{"powertools", openPeer("powertools", guarded, hasGuard), true},
	{"grouptx", openPeer("grouptx", grouped, hasOrder), false},
}

func wrong(format string, args ...any) error {
	return fault.New(fault.Internal, "WRONG", "wrong answer: "+format, args...)
}

// deliveries bounds how often a batch's failures are delivered again, as the
// queue's dead-letter rule does.
const deliveries = 10

// deliver hands a batch to a handler, and what failed again, later and later, as a
// queue does: a message may have to wait for another consumer that has it in hand.
func deliver(ctx context.Context, h lambda.Handler, batch []message) error {
	for n := range deliveries {
		if n > 0 {
			time.Sleep(time.Millisecond << n)
		}
		payload, err := event(batch)
		if err != nil {
			return err
		}
		answer, err := h.Invoke(ctx, payload)
		if err != nil {
			return err
		}
		if batch, err = failed(answer, batch); err != nil || len(batch) == 0 {
			return err
		}
	}
	return wrong("%d messages failed %d times", len(batch), deliveries)
}

// consume lets the handlers take the batches from one queue, side by side.
func consume(ctx context.Context, handlers []lambda.Handler, batches [][]message) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan []message)
	var workers sync.WaitGroup
	for _, h := range handlers {
		workers.Go(func() {
			for batch := range queue {
				if err := deliver(ctx, h, batch); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, batch := range batches {
		queue <- batch
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// spent is what this process used for some work.
type spent struct {
	cpu    time.Duration
	allocs uint64
}

// measure runs work after a garbage collection, so that nobody pays for the
// leavings of another.
func measure(work func() error) (spent, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	err := work()
	used := cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return spent{used, after.Mallocs - before.Mallocs}, err
}
