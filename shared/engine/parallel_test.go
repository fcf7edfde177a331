package engine

// This test lets a thousand buyers reach for a hundred units at the same time,
// through several engines that share nothing but the store, as Lambda's
// environments do. It would catch a unit sold twice and a sale that is lost.

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/supply"
)

func TestOfAThousandBuyersAtOnceExactlyAHundredGetTheHundredUnits(t *testing.T) {
	ctx, first := context.Background(), newTestEngine()
	require.NoError(t, first.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 100, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	engines := make([]*Engine, 8)
	for i := range engines {
		engines[i] = New(first.store, testCalendar, first.policy, rand.Uint64, slog.New(slog.DiscardHandler))
	}
	var buying sync.WaitGroup
	for i := range 1000 {
		buying.Go(func() {
			order := []Delivery{place(fmt.Sprint("o", i), 1)}
			for len(engines[i%len(engines)].Orders(ctx, monday, order)) > 0 { // a queue would deliver it again
			}
		})
	}
	buying.Wait()
	it := first.mustLoad(t, monday)
	accepted, rejected := 0, 0
	it.Line.Orders(func(o *supply.Order) bool {
		switch o.State {
		case supply.Reserved:
			accepted++
		case supply.Rejected:
			rejected++
		}
		return true
	})
	require.Equal(t, 100, accepted)
	require.Equal(t, 900, rejected)
	require.Equal(t, supply.Units(100), it.ReservedFutureSupply())
	require.Zero(t, it.FutureSupplyBuyable())
}
