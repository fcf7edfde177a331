// The goal is a count and a time: 10,000 open orders over 50 lots, in under 2 ms
// and without an allocation once warm. The count is a test, because it cannot be
// noisy; the time is printed by the benchmark. Each case ends with the check that
// the answer is a whole one.
package supply_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/supply"
)

// workload is one state of an item with 10,000 open orders over 50 lots.
type workload struct {
	name     string
	supplies []supply.Supply
	demands  []supply.Demand
}

const (
	benchOrders = 10_000
	benchLots   = 50
	benchSeed   = 11
)

func workloads() []workload {
	random := rand.New(rand.NewPCG(benchSeed, 0))
	var all []workload
	for _, w := range []struct {
		name  string
		size  func() supply.Units
		slip  func(lot int) supply.Day
		share supply.Units // capacity per 100 units wanted
	}{
		{"all keepable", func() supply.Units { return 1 }, func(int) supply.Day { return 0 }, 110},
		{"heavy slip", func() supply.Units { return 1 }, func(lot int) supply.Day { return supply.Day(lot % 2 * 90) }, 110},
		{"random sizes", func() supply.Units { return 1 + supply.Units(random.IntN(20)) }, func(int) supply.Day { return 0 }, 110},
		{"random sizes, heavy slip, short", func() supply.Units { return 1 + supply.Units(random.IntN(20)) }, func(lot int) supply.Day { return supply.Day(lot % 2 * 90) }, 90},
	} {
		demands := make([]supply.Demand, benchOrders)
		var wanted supply.Units
		for i := range demands {
			demands[i].Units = w.size()
			wanted += demands[i].Units
		}
		lot := max(1, wanted*w.share/100/benchLots)
		now := make([]supply.Supply, 1, 1+benchLots) // nothing on hand
		now[0].Day = today
		for s := range benchLots {
			now = append(now, supply.Supply{Day: today + supply.Day(3*s), Units: lot})
		}
		var ahead supply.Units
		for i := range demands {
			ahead += demands[i].Units
			demands[i].Due = now[1+min(int(ahead/lot), benchLots-1)].Day
		}
		random.Shuffle(len(demands), func(i, j int) { // years of slips leave promises out of order
			if random.IntN(4) == 0 {
				demands[i], demands[j] = demands[j], demands[i]
			}
		})
		for s := range benchLots {
			now[1+s].Day += w.slip(s)
		}
		slices.SortStableFunc(now, func(a, b supply.Supply) int { return cmp.Compare(a.Day, b.Day) })
		all = append(all, workload{w.name, now, demands})
	}
	return append(all, crowd())
}

// crowd is the worst for moving up: half of the orders are promised for the last
// day, all could be served on the first, and they meet others on every day.
func crowd() workload {
	w := workload{name: "all move up"}
	for s := range benchLots + 1 {
		w.supplies = append(w.supplies, supply.Supply{Day: today + supply.Day(s), Units: benchOrders})
	}
	for i := range benchOrders {
		due := today + benchLots
		if i < benchOrders/2 {
			due = today + supply.Day(i%benchLots)
		}
		w.demands = append(w.demands, supply.Demand{Units: 1, Due: due})
	}
	return w
}

// whole fails unless every unit wanted is either served or short.
func whole(t testing.TB, w workload, p *supply.Pegging) (kept int) {
	var wanted, given supply.Units
	for i, d := range w.demands {
		wanted += d.Units
		given += p.Short(i)
		if p.Kept(i) {
			kept++
		}
	}
	for s := range w.supplies {
		given += p.Used(s)
	}
	require.Equal(t, wanted, given)
	return kept
}

func TestAWarmPegAllocatesNothing(t *testing.T) {
	p := new(supply.Pegging)
	for _, w := range workloads() {
		p.Peg(w.supplies, w.demands)
		require.Zero(t, testing.AllocsPerRun(3, func() { p.Peg(w.supplies, w.demands) }), w.name)
		require.NotZero(t, whole(t, w, p), w.name)
	}
}

func BenchmarkPeg10kOrdersOver50Lots(b *testing.B) {
	for _, w := range workloads() {
		b.Run(w.name, func(b *testing.B) {
			p := new(supply.Pegging)
			p.Peg(w.supplies, w.demands)
			b.ReportAllocs()
			best := time.Hour // a neighbour on the machine makes the mean longer, not the best
			for b.Loop() {
				start := time.Now()
				p.Peg(w.supplies, w.demands)
				best = min(best, time.Since(start))
			}
			b.ReportMetric(float64(best.Nanoseconds()), "best-ns/op")
			b.ReportMetric(float64(whole(b, w, p)), "kept")
		})
	}
}
