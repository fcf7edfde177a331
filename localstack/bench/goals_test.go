package main

// These tests run the bench's own cases, smaller and inside the process, and
// hold every goal that is a count; no time is looked at. They would catch a
// write, a read or an allocation more per order, and a check that lets a wrong
// answer pass.

import (
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func small() *bench {
	return &bench{place: place{seed: 7, log: slog.New(slog.DiscardHandler)}, orders: 3000, out: io.Discard}
}

func TestEveryGoalThatIsACountIsReached(t *testing.T) {
	for _, c := range cases {
		if c.name == "zipf5" {
			continue // how often five consumers meet is chance; see the next test
		}
		t.Run(c.name, func(t *testing.T) {
			b := small()
			require.NoError(t, c.run(t.Context(), b))
			for i := range b.rows {
				r := &b.rows[i]
				t.Logf("%s %s: %s, goal %s", r.Scheme, r.Metric, figure(r.Value), figure(r.Goal))
				require.True(t, r.timed || r.verdict() != "MISSED", "%s is %s, goal %s", r.Metric, figure(r.Value), figure(r.Goal))
			}
		})
	}
}

// A warm environment reads the head of each batch, and of what it sealed itself
// nothing but the list of older segments, once in twelve.
func TestAWarmEnvironmentReadsNoSegment(t *testing.T) {
	w := draw(7, shape{orders: 30 * 200, batch: 200, skus: 1, pick: one})
	c, err := small().count(t.Context(), openOurs, w, 1, 0)
	require.NoError(t, err)
	require.LessOrEqual(t, c.reads, 0.5*float64(len(w.batches))+2)
	require.LessOrEqual(t, c.perOrder(c.writes), 1.13*c.floor())
}

// However unlucky, a lost race costs one write, and no consumer loses every
// other one.
func TestFiveConsumersMeetSeldom(t *testing.T) {
	const orders, skus = 6000, 1000
	w := draw(7, zipfShape(orders))
	c, err := small().count(t.Context(), openOurs, w, 5, 1)
	require.NoError(t, err)
	t.Logf("%.3f x the floor, %d of %d writes lost, %.3f read units an order", c.perOrder(c.writes)/c.floor(), c.lost, c.touched, c.perOrder(c.reads))
	require.Less(t, c.perOrder(c.writes)/c.floor(), 1.5)
	require.LessOrEqual(t, c.perOrder(c.reads), goalZipf5Reads)
}

func TestAWrongAnswerFailsTheCheck(t *testing.T) {
	for _, s := range schemes {
		for name, falsify := range map[string]func(w *workload, id string){
			"an order that was not decided": func(w *workload, _ string) {
				w.orders["113-0000000-0000000"] = wanted{"113-0000000-0000000", skuName(0), 1}
			},
			"other units": func(w *workload, id string) {
				o := w.orders[id]
				o.units++
				w.orders[id] = o
			},
			"oversold": func(w *workload, _ string) { w.stock[skuName(0)] = 1 },
		} {
			t.Run(fmt.Sprintf("%s/%s", s.name, name), func(t *testing.T) {
				w := draw(7, shape{orders: 20, batch: 10, skus: 1, pick: one})
				c, err := small().count(t.Context(), s.open, w, 1, 0)
				require.NoError(t, err)
				falsify(w, w.batches[0][0].wanted.id)
				_, err = c.scheme.check(t.Context(), w)
				require.ErrorContains(t, err, "wrong answer")
			})
		}
	}
}
