package engine

// These tests run random histories through the use cases and replay them: every
// counter of the head must be what the ledger adds up to, whatever happened, and
// a counter that somebody spoils must be found and put right. They would catch a
// unit lost or counted twice by any path, and an audit that sees nothing.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

var acmeItems = []supply.MarketplaceID{germany}

func once(key string) Once { return Once{Seller: "acme", Key: key} }

func list(t *testing.T, e *Engine, key supply.ItemKey, at time.Time) {
	t.Helper()
	_, err := e.PutItem(context.Background(), at, once(fmt.Sprint("list ", key, at.UnixNano())), key, Listing{})
	require.NoError(t, err)
}

func audited(t *testing.T, e *Engine, at time.Time) ItemAudit {
	t.Helper()
	page, err := e.Audit(context.Background(), at, "acme", acmeItems, "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0]
}

// history does n random things to the kettle and returns the time it ends at.
func history(t *testing.T, e *Engine, rng *rand.Rand, n int) time.Time {
	ctx, now := context.Background(), monday
	lots := map[int]*supply.Lot{}
	for i := range n {
		now = now.Add(time.Duration(rng.IntN(20)) * time.Hour)
		switch op := rng.IntN(10); {
		case op < 5:
			require.Empty(t, e.Orders(ctx, now, []Delivery{place(fmt.Sprint("o", i), 1+rng.IntN(6))}))
		case op < 6:
			body := fmt.Appendf(nil, `{"type":"order.cancelled","orderId":"o%d","seller":"acme","marketplace":"A1PA6795UKMFR9","lines":[{"sku":"KETTLE-1"}]}`, rng.IntN(i+1))
			require.Empty(t, e.Orders(ctx, now, []Delivery{{ID: "c", Body: body}}))
		case op < 7:
			body := fmt.Appendf(nil, `{"type":"order.shipped","orderId":"o%d","seller":"acme","marketplace":"A1PA6795UKMFR9","final":%t,"lines":[{"sku":"KETTLE-1","units":%d}]}`,
				rng.IntN(i+1), rng.IntN(2) == 0, 1+rng.IntN(4))
			require.Empty(t, e.Orders(ctx, now, []Delivery{{ID: "s", Body: body}}))
		case op < 9:
			k := rng.IntN(4)
			lot := lots[k]
			if lot == nil {
				fresh := arriving(supply.ShipmentID(fmt.Sprint("FBA", k)), supply.Units(5+rng.IntN(20)), now.Add(72*time.Hour).Format(time.RFC3339), 0)
				lot, lots[k] = &fresh, &fresh
			}
			lot.Version++
			lot.Heard = now
			switch rng.IntN(3) {
			case 0:
				lot.ETA.To = now.Add(time.Duration(24+rng.IntN(500)) * time.Hour)
			case 1:
				lot.Received, lot.Status, lot.Counted = lot.Received+supply.Units(rng.IntN(9)), supply.Receiving, now
				if lot.Arrived.IsZero() {
					lot.Arrived = now
				}
			case 2:
				if rng.IntN(4) == 0 {
					lot.Trouble = supply.TroubleLost
				}
			}
			require.NoError(t, e.resupply(ctx, now, kettle, []supply.Lot{*lot}, supply.CauseSupply, lot.Shipment))
		default:
			units := supply.Units(rng.IntN(8))
			_, err := e.Adjust(ctx, now, once(fmt.Sprint("a", i)), kettle, Adjustment{Fulfillable: &units, Reason: "count"})
			require.NoError(t, err)
		}
	}
	return now
}

func TestAfterAnyHistoryTheLedgerAddsUpToTheRecords(t *testing.T) {
	for seed := range uint64(60) {
		e := newTestEngine()
		list(t, e, kettle, monday)
		now := history(t, e, rand.New(rand.NewPCG(seed, 7)), 60)
		a := audited(t, e, now)
		require.True(t, a.Equal, "seed %d: %+v", seed, a.Drift)
		require.Positive(t, a.Entries)
		_, err := e.Sweep(context.Background(), now.Add(1000*time.Hour))
		require.NoError(t, err)
		a = audited(t, e, now.Add(1000*time.Hour))
		require.True(t, a.Equal, "swept, seed %d: %+v", seed, a.Drift)
	}
}

func TestASpoiltCounterIsFoundRepairedAndRemembered(t *testing.T) {
	ctx := context.Background()
	for _, counter := range []string{"stock", "pending", "fulfillable", "rfs", "fsb", "short", "working", "shipped", "receiving"} {
		t.Run(counter, func(t *testing.T) {
			e := newTestEngine()
			list(t, e, kettle, monday)
			require.NoError(t, e.resupply(ctx, monday, kettle, []supply.Lot{arriving("FBA1", 100, "2026-03-09T12:00:00Z", 1)}, supply.CauseSupply, "FBA1"))
			require.Empty(t, e.Orders(ctx, monday, []Delivery{place("o1", 70)}))
			require.True(t, audited(t, e, monday).Equal)

			spoil(t, e, counter)
			a := audited(t, e, monday)
			require.False(t, a.Equal)
			answer, err := e.Repair(ctx, monday, once("repair"), kettle)
			require.NoError(t, err)
			require.Contains(t, string(answer.Body), `"drift":[{`)

			a = audited(t, e, monday)
			require.True(t, a.Equal, "%+v", a.Drift)
			require.NotEmpty(t, a.Edits)
			require.Equal(t, "audit", a.Edits[0].Reason)
			v, err := e.Item(ctx, monday, kettle)
			require.NoError(t, err)
			require.Equal(t, supply.Units(70), v.Numbers.ReservedFutureSupply)
			require.Equal(t, supply.Units(30), v.Numbers.FutureSupplyBuyable)
		})
	}
}

func spoil(t *testing.T, e *Engine, counter string) {
	ctx := context.Background()
	records, err := e.store.Get(ctx, true, store.HeadKey(kettle))
	require.NoError(t, err)
	head := records[0]
	spoilt := store.Int(counter, head.Attr(counter).Int+3)
	head.Attrs = append(slices.DeleteFunc(head.Attrs, func(a store.Attr) bool { return a.Name == counter }), spoilt)
	_, ok, err := e.store.Put(ctx, store.Write{Record: head, Expect: head.Version})
	require.NoError(t, err)
	require.True(t, ok)
}

func TestRepairingAnItemNobodyListedIsNotFound(t *testing.T) {
	_, err := newTestEngine().Repair(context.Background(), monday, once("r"), kettle)
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestAnAuditIsPagedAndEachItemComesOnce(t *testing.T) {
	e, count := newTestEngine(), 120
	for i := range count {
		list(t, e, supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: supply.SKU(fmt.Sprintf("S%03d", i))}, monday)
	}
	met := map[supply.SKU]int{}
	for token := ""; ; {
		page, err := e.Audit(context.Background(), monday, "acme", acmeItems, token)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 50)
		for _, a := range page.Items {
			met[a.SKU]++
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	require.Len(t, met, count)
}
