package engine

// These tests send real message bodies through Orders on the memory store and
// look at the numbers that a buyer would see. They would catch a unit counted
// twice, a promise that moved without cause and a duplicate with an effect.

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

const germany = supply.MarketplaceID("A1PA6795UKMFR9")

var kettle = supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "KETTLE-1"}

func clock(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var monday = clock("2026-03-02T10:00:00Z")

func newTestEngine() *Engine {
	policy := supply.Policy{PaddingDays: 0, ReceivingDays: 1, ShipDays: 1, HorizonDays: 180, StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour}
	return New(memory.New(), testCalendar, func() supply.Policy { return policy }, testRandom(), slog.New(slog.DiscardHandler))
}

// testRandom returns a source that many may draw from at once.
func testRandom() func() uint64 {
	rng := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	return func() uint64 { mu.Lock(); defer mu.Unlock(); return rng.Uint64() }
}

func arriving(id supply.ShipmentID, units supply.Units, eta string, version int64) supply.Lot {
	at := clock(eta)
	return supply.Lot{Shipment: id, Created: monday, Status: supply.Shipped, Shipped: units, Heard: at.Add(-72 * time.Hour),
		ETA: supply.Window{From: at, To: at}, Version: version}
}

func place(id string, units int) Delivery {
	return Delivery{ID: "m-" + id, Body: fmt.Appendf(nil, `{"type":"order.placed","orderId":%q,"seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":"KETTLE-1","units":%d}]}`, id, units)}
}

func (e *Engine) mustLoad(t *testing.T, now time.Time) *supply.Item {
	l, err := e.loadOne(context.Background(), now, true, true, kettle)
	require.NoError(t, err)
	defer e.release(l)
	l.item.Advance(l.rules)
	return l.item
}

func TestSeventyOfAHundredUnitsOnTheirWayAreSoldAndThirtyAreLeft(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 100, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	for i := range 70 {
		require.Empty(t, e.Orders(ctx, monday, []Delivery{place(fmt.Sprint("o", i), 1), place(fmt.Sprint("o", i), 1)}))
	}
	it := e.mustLoad(t, monday)
	require.Equal(t, supply.Units(70), it.ReservedFutureSupply())
	require.Equal(t, supply.Units(30), it.FutureSupplyBuyable())
	require.Equal(t, supply.Inbound{Shipped: 100}, it.Inbound)
	o := it.Line.Order("o0")
	require.Equal(t, "2026-03-10", o.Promised.String())

	received := arriving("FBA1", 100, "2026-03-09T12:00:00Z", 2)
	received.Received, received.Status, received.Arrived, received.Counted = 40, supply.Receiving, monday, monday
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{received}, supply.CauseReceipt, "FBA1"))
	it = e.mustLoad(t, monday)
	require.Equal(t, supply.Units(40), it.Line.Pending())
	require.Equal(t, supply.Units(30), it.ReservedFutureSupply())
	require.Equal(t, supply.Units(30), it.FutureSupplyBuyable())
	require.Equal(t, supply.Inbound{Receiving: 60}, it.Inbound)

	received.Received, received.Status, received.Version = 105, supply.Closed, 3
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{received}, supply.CauseReceipt, "FBA1"))
	it = e.mustLoad(t, monday)
	require.Equal(t, supply.Units(70), it.Line.Pending())
	require.Equal(t, supply.Units(35), it.Fulfillable())
	require.Zero(t, it.ReservedFutureSupply())
	require.Zero(t, it.FutureSupplyBuyable())
}

func TestAColdEngineReadsTheLineThatAWarmOneWrote(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 5000, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
	for batch := range 40 {
		var many []Delivery
		for i := range 150 {
			many = append(many, place(fmt.Sprintf("113-4821771-%07d", batch*150+i), 1))
		}
		require.Empty(t, e.Orders(ctx, monday, many))
	}
	warm := e.mustLoad(t, monday)
	require.Equal(t, supply.Units(5000), warm.ReservedFutureSupply())
	require.Equal(t, 6000, warm.Line.Len())
	e.Forget()
	cold := e.mustLoad(t, monday)
	require.Equal(t, 6000, cold.Line.Len())
	warm.Line.Orders(func(o *supply.Order) bool {
		require.Equal(t, *o, cold.Line.Order(o.ID))
		return true
	})
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("113-4821771-0000000", 1)}))
	require.Equal(t, 6000, e.mustLoad(t, monday).Line.Len())
}
