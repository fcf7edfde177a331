package engine

// These tests read orders as their seller does, on their way through slips,
// losses, receipts and shipping. They would catch a date that nobody can keep
// still shown, pegs that do not add up to the order, and an order over several
// SKUs that looks released before its last line is.

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

var mug = supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "MUG"}

func say(t *testing.T, e *Engine, at time.Time, kind, id, rest string) {
	t.Helper()
	require.Empty(t, e.Orders(context.Background(), at, []Delivery{{ID: id, Body: fmt.Appendf(nil,
		`{"type":"order.%s","orderId":%q,"seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":%q,%s}`, kind, id, at.Format(time.RFC3339), rest)}}))
}

func units(sku string, n int) string { return fmt.Sprintf(`"lines":[{"sku":%q,"units":%d}]`, sku, n) }

func supplied(t *testing.T, e *Engine, at time.Time, key supply.ItemKey, lots ...supply.Lot) {
	t.Helper()
	require.NoError(t, e.resupply(context.Background(), at, key, lots, supply.CauseSupply, lots[0].Shipment))
}

func stocked(t *testing.T, e *Engine, at time.Time, key supply.ItemKey, n supply.Units) {
	t.Helper()
	list(t, e, key, at)
	_, err := e.Adjust(context.Background(), at, once(fmt.Sprint("stock ", key, at.UnixNano())), key, Adjustment{Fulfillable: &n, Reason: "count"})
	require.NoError(t, err)
}

func read(t *testing.T, e *Engine, at time.Time, key supply.ItemKey, id supply.OrderID) OrderView {
	t.Helper()
	v, err := e.Order(context.Background(), at, key, id)
	require.NoError(t, err)
	var pegged supply.Units
	for _, p := range v.Pegs {
		require.Positive(t, p.Units)
		pegged += p.Units
	}
	switch v.Status {
	case OrderReserved:
		require.Equal(t, v.Units, pegged, "pegs of %+v", v)
	case OrderShort:
		require.LessOrEqual(t, pegged, v.Units, "pegs of %+v; in an order over several SKUs another line may be the short one", v)
	case OrderRejected, OrderCancelled:
		require.Zero(t, pegged)
	case OrderShipped:
	}
	return v
}

func on(s string) *supply.Day {
	d, err := supply.ParseDay("day", s)
	if err != nil {
		panic(err)
	}
	return &d
}

func TestAMixedOrderIsServedFromHandAndFromWhatComes(t *testing.T) {
	e := newTestEngine()
	stocked(t, e, monday, kettle, 2)
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-09T12:00:00Z", 1))
	say(t, e, monday, "placed", "o1", units("KETTLE-1", 3))
	v := read(t, e, monday, kettle, "o1")
	require.Equal(t, []PegView{{onHand, 2, on("2026-03-02")}, {"FBA1", 1, on("2026-03-10")}}, v.Pegs)
	require.Equal(t, OrderView{OrderID: "o1", Status: OrderReserved, Units: 3, OrderType: backOrder, Pegs: v.Pegs, Revision: 1, Allocated: 2,
		FirstPromised: on("2026-03-10"), Promised: on("2026-03-10"), DeliveryDate: on("2026-03-11")}, v)

	say(t, e, monday, "placed", "o2", units("KETTLE-1", 9))
	v = read(t, e, monday, kettle, "o2")
	require.Equal(t, OrderRejected, v.Status)
	require.Equal(t, "INSUFFICIENT_SUPPLY", *v.Reason)
}

func TestAnOrderFromHandIsAStandardOrderReleasedToday(t *testing.T) {
	e := newTestEngine()
	stocked(t, e, monday, kettle, 2)
	say(t, e, monday, "placed", "o1", units("KETTLE-1", 2))
	v := read(t, e, monday.AddDate(0, 0, 1), kettle, "o1")
	require.True(t, v.Released)
	require.Equal(t, standardOrder, v.OrderType)
	require.Equal(t, []*supply.Day{on("2026-03-02"), on("2026-03-03")}, []*supply.Day{v.Actual, v.DeliveryDate})
	require.Equal(t, []PegView{{onHand, 2, on("2026-03-02")}}, v.Pegs)

	say(t, e, monday, "shipped", "o1", `"final":false,`+units("KETTLE-1", 1))
	v = read(t, e, monday, kettle, "o1")
	require.Equal(t, []any{OrderReserved, supply.Units(1), true}, []any{v.Status, v.ShippedUnits, v.Released})
	say(t, e, monday, "shipped", "o1", units("KETTLE-1", 2))
	v = read(t, e, monday, kettle, "o1")
	require.Equal(t, []any{OrderShipped, supply.Units(2), true}, []any{v.Status, v.ShippedUnits, v.Released})
}

func TestADelayMovesThePromiseAndNeverTheFirst(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-09T12:00:00Z", 1))
	say(t, e, monday, "placed", "o1", units("KETTLE-1", 3))
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-16T12:00:00Z", 2))
	v := read(t, e, monday, kettle, "o1")
	require.Equal(t, []*supply.Day{on("2026-03-10"), on("2026-03-17"), on("2026-03-18")}, []*supply.Day{v.FirstPromised, v.Promised, v.DeliveryDate})
}

func TestWhatNoSupplyServesIsAShortfallWithoutADate(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-09T12:00:00Z", 1))
	say(t, e, monday, "placed", "o1", units("KETTLE-1", 3))
	lost := arriving("FBA1", 4, "2026-03-09T12:00:00Z", 2)
	lost.Trouble = supply.TroubleLost
	supplied(t, e, monday, kettle, lost)
	v := read(t, e, monday, kettle, "o1")
	require.Equal(t, OrderShort, v.Status)
	require.Equal(t, on("2026-03-10"), v.FirstPromised)
	require.Nil(t, v.Promised)
	require.Nil(t, v.DeliveryDate)
	item, err := e.Item(context.Background(), monday, kettle)
	require.NoError(t, err)
	require.Equal(t, supply.Units(3), item.Numbers.Shortfall)
}

func TestAnOverdueLotKeepsTheLastPromiseUntilSupplySaysOtherwise(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-09T12:00:00Z", 1))
	say(t, e, monday, "placed", "o1", units("KETTLE-1", 3))
	late := clock("2026-03-11T00:00:00Z")
	_, err := e.Sweep(context.Background(), late)
	require.NoError(t, err)
	v := read(t, e, late, kettle, "o1")
	require.Equal(t, on("2026-03-10"), v.Promised)
	require.Equal(t, []PegView{{"FBA1", 3, nil}}, v.Pegs)
}

func TestAnOrderOverSeveralSKUsHasTheLatestDateOfItsLines(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 9, "2026-03-09T12:00:00Z", 1))
	supplied(t, e, monday, mug, arriving("FBA2", 9, "2026-03-16T12:00:00Z", 1))
	say(t, e, monday, "placed", "both", `"lines":[{"sku":"KETTLE-1","units":1},{"sku":"MUG","units":2}]`)
	say(t, e, monday, "placed", "apart", `"split":true,"lines":[{"sku":"KETTLE-1","units":1},{"sku":"MUG","units":2}]`)
	for _, key := range []supply.ItemKey{kettle, mug} {
		v := read(t, e, monday, key, "both")
		require.Equal(t, []*supply.Day{on("2026-03-17"), on("2026-03-17"), on("2026-03-18")}, []*supply.Day{v.FirstPromised, v.Promised, v.DeliveryDate}, key.SKU)
	}
	require.Equal(t, on("2026-03-10"), read(t, e, monday, kettle, "apart").Promised)
	require.Equal(t, []PegView{{"FBA1", 1, on("2026-03-10")}}, read(t, e, monday, kettle, "both").Pegs, "pegs are the item's own")

	received := arriving("FBA1", 9, "2026-03-09T12:00:00Z", 2)
	received.Received, received.Status, received.Arrived, received.Counted = 9, supply.Closed, monday, monday
	supplied(t, e, monday, kettle, received)
	require.False(t, read(t, e, monday, kettle, "both").Released, "the mugs are still on their way")
	require.Nil(t, read(t, e, monday, kettle, "both").Actual)
	require.True(t, read(t, e, monday, kettle, "apart").Released)

	tuesday := monday.AddDate(0, 0, 1)
	received = arriving("FBA2", 9, "2026-03-16T12:00:00Z", 2)
	received.Received, received.Status, received.Arrived, received.Counted = 1, supply.Receiving, tuesday, tuesday
	received.Trouble = supply.TroubleLost
	supplied(t, e, tuesday, mug, received)
	for _, key := range []supply.ItemKey{kettle, mug} {
		v := read(t, e, tuesday, key, "both")
		require.Nil(t, v.Promised, "%s: a line is short, so nobody knows", key.SKU)
	}
	v, err := e.Order(context.Background(), tuesday, kettle, "both")
	require.NoError(t, err)
	require.Equal(t, OrderShort, v.Status)

	received.Received, received.Status, received.Trouble, received.Version = 9, supply.Closed, 0, 3
	supplied(t, e, tuesday, mug, received)
	for _, key := range []supply.ItemKey{kettle, mug} {
		v := read(t, e, tuesday, key, "both")
		require.True(t, v.Released, key.SKU)
		require.Equal(t, on("2026-03-03"), v.Actual, "%s: the day of the last line", key.SKU)
	}
}

func TestALineThatWasCancelledAloneNoLongerHoldsTheOthersBack(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 9, "2026-03-09T12:00:00Z", 1))
	supplied(t, e, monday, mug, arriving("FBA2", 9, "2026-03-16T12:00:00Z", 1))
	say(t, e, monday, "placed", "both", `"lines":[{"sku":"KETTLE-1","units":1},{"sku":"MUG","units":2}]`)
	say(t, e, monday, "cancelled", "both", `"lines":[{"sku":"MUG"}]`)
	require.Equal(t, on("2026-03-10"), read(t, e, monday, kettle, "both").Promised)
	require.Equal(t, OrderCancelled, read(t, e, monday, mug, "both").Status)
}

func TestReadingOrdersLeavesTheLineAsItWas(t *testing.T) {
	e := newTestEngine()
	supplied(t, e, monday, kettle, arriving("FBA1", 4, "2026-03-09T12:00:00Z", 1))
	say(t, e, monday, "placed", "o1", `"holdUntil":"2026-03-02T11:00:00Z",`+units("KETTLE-1", 3))
	require.Equal(t, OrderCancelled, read(t, e, monday.Add(2*time.Hour), kettle, "o1").Status)
	require.Equal(t, OrderReserved, read(t, e, monday, kettle, "o1").Status, "an earlier instant, the same line")
	_, err := e.Order(context.Background(), monday, kettle, "o2")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestAPageOfOrdersOverManySKUsIsShortAndGoesOn(t *testing.T) {
	e := newTestEngine()
	stocked(t, e, monday, kettle, 1000)
	for o := range 8 {
		lines := `{"sku":"KETTLE-1","units":1}`
		for s := range 60 {
			sku := supply.SKU(fmt.Sprintf("S-%d-%02d", o, s))
			stocked(t, e, monday, supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: sku}, 1)
			lines += fmt.Sprintf(`,{"sku":%q,"units":1}`, sku)
		}
		say(t, e, monday, "placed", fmt.Sprint("o", o), `"lines":[`+lines+`]`)
	}
	var ids []supply.OrderID
	pages := 0
	for token := ""; ; pages++ {
		page, err := e.OrdersOf(context.Background(), monday, kettle, token)
		require.NoError(t, err)
		for _, o := range page.Orders {
			require.True(t, o.Released)
			ids = append(ids, o.OrderID)
		}
		if token = page.NextToken; token == "" {
			break
		}
	}
	require.Equal(t, []supply.OrderID{"o0", "o1", "o2", "o3", "o4", "o5", "o6", "o7"}, ids)
	require.Positive(t, pages)
}
