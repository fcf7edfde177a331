package engine

// These tests let time pass: holds run out, lots become overdue, lines are
// compacted. They would catch a rule that waits for a sweep, a sweep that
// changes what it should not, and an order forgotten too early.

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
	"headstart/shared/supply"
)

func TestAHoldEndsAtItsInstantEvenWhenNoSweepRuns(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 1, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	held := place("a", 1)
	held.Body = []byte(strings.Replace(string(held.Body), `"lines"`, `"holdUntil":"2026-03-02T10:15:00Z","lines"`, 1))
	require.Empty(t, e.Orders(ctx, monday, []Delivery{held}))
	require.Empty(t, e.Orders(ctx, monday.Add(15*time.Minute-time.Millisecond), []Delivery{place("b", 1)}))
	it := e.mustLoad(t, monday.Add(15*time.Minute-time.Millisecond))
	require.Equal(t, supply.Rejected, it.Line.Order("b").State)
	require.Equal(t, "SOLD_OUT", it.Line.Order("b").Reason.String())
	require.Zero(t, it.FutureSupplyBuyable())

	late := monday.Add(15*time.Minute + time.Millisecond)
	require.Equal(t, supply.Units(1), e.mustLoad(t, late).FutureSupplyBuyable())
	require.Empty(t, e.Orders(ctx, late, []Delivery{place("c", 1)}))
	it = e.mustLoad(t, late)
	require.Equal(t, supply.OrderGone, it.Line.Order("a").State)
	require.Equal(t, "HOLD_EXPIRED", it.Line.Order("a").Reason.String())
	require.Equal(t, supply.Reserved, it.Line.Order("c").State)
}

func TestASweepMovesTheOrdersOfAnOverdueLotToSupplyThatStillComes(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 2, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("a", 1), place("b", 1)}))
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA2", 1, "2026-03-16T12:00:00Z", 1)}, supply.CauseSupply, "FBA2"))

	next := clock("2026-03-09T23:00:00Z") // midnight in Germany
	it := e.mustLoad(t, next)
	require.Equal(t, supply.Overdue, it.Lot("FBA1").Code)
	require.Equal(t, "2026-03-10", it.Line.Order("a").Promised.String(), "a read moves no promise")

	swept, err := e.Sweep(ctx, next)
	require.NoError(t, err)
	require.Equal(t, 1, swept)
	it = e.mustLoad(t, next)
	require.Equal(t, "2026-03-17", it.Line.Order("a").Promised.String())
	require.Equal(t, "2026-03-10", it.Line.Order("b").Promised.String(), "an order on overdue supply keeps its last promise")

	swept, err = e.Sweep(ctx, next)
	require.NoError(t, err)
	require.Zero(t, swept, "a second sweep finds nothing")
}

func TestACompactionForgetsEndedOrdersAfter28DaysAndNoOther(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 9000, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	for batch := range 30 {
		var many []Delivery
		for i := range 200 {
			many = append(many, place(fmt.Sprintf("113-4821771-%07d", batch*200+i), 1))
		}
		require.Empty(t, e.Orders(ctx, monday, many))
	}
	var done []Delivery
	for i := range 5900 {
		done = append(done, Delivery{ID: fmt.Sprint(i), Body: fmt.Appendf(nil, `{"type":"order.shipped","orderId":"113-4821771-%07d","seller":"acme","marketplace":"A1PA6795UKMFR9","lines":[{"sku":"KETTLE-1","units":1}]}`, i)})
	}
	require.Empty(t, e.Orders(ctx, monday, done))
	before := e.mustLoad(t, monday)
	require.Equal(t, supply.Units(100), before.ReservedFutureSupply())

	_, err := e.Sweep(ctx, monday.Add(27*24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 6000, e.mustLoad(t, monday).Line.Len())
	later := monday.Add(29 * 24 * time.Hour)
	_, err = e.Sweep(ctx, later)
	require.NoError(t, err)
	it := e.mustLoad(t, later)
	require.Equal(t, 100, it.Line.Len())
	require.Equal(t, before.Line.ShippedUnits(), it.Line.ShippedUnits())
	require.Equal(t, "2026-03-10", it.Line.Order("113-4821771-0005999").Promised.String())

	_, err = e.Sweep(ctx, later.Add(3*time.Hour))
	require.NoError(t, err)
	page, _, err := e.store.List(ctx, store.SegmentQuery(kettle, ""))
	require.NoError(t, err)
	require.Len(t, page, 1, "superseded segments are gone, the compacted one stays")
}

func TestAnOrderThatComesBeforeTheSweepLeavesItNothingToMiss(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 10, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("a", 3)}))
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA2", 10, "2026-03-16T12:00:00Z", 1)}, supply.CauseSupply, "FBA2"))
	overdue := clock("2026-03-09T23:01:00Z")
	require.Empty(t, e.Orders(ctx, overdue, []Delivery{place("b", 1)}))
	_, err := e.Sweep(ctx, overdue.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, "2026-03-17", e.mustLoad(t, overdue).Line.Order("a").Promised.String())
}
