package engine

// These tests play random histories, ask what would be, then do it, and hold the
// answer to what came of it. They would catch an answer that is computed by
// another rule than the deed, and one that leaves a trace.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// outlook is an engine with a random history of kettles and mugs on their way.
type outlook struct {
	*rapid.T
	engine *Engine
	feed   *supplyFeed
	t      *testing.T
	now    time.Time
	heard  heard
	orders int
	keys   int
}

var skus = []supply.SKU{"KETTLE-1", "MUG"}

func (o *outlook) key(sku supply.SKU) supply.ItemKey {
	return supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: sku}
}

func (o *outlook) sku() supply.SKU { return rapid.SampledFrom(skus).Draw(o.T, "sku") }

func (o *outlook) once() Once {
	o.keys++
	return once(fmt.Sprint("k", o.keys))
}

func (o *outlook) number(what string, least, most int) int {
	return rapid.IntRange(least, most).Draw(o.T, what)
}

func (o *outlook) eta() time.Time {
	return o.now.Add(time.Duration(24*o.number("eta days", -1, 20)+o.number("eta hours", 0, 23)) * time.Hour).Truncate(time.Second)
}

// carry brings all changes to the items at the present instant, and publishes.
func (o *outlook) carry() {
	for changes := o.feed.next(o.t); len(changes) > 0; changes = o.feed.next(o.t) {
		require.Empty(o, o.engine.SupplyChanges(context.Background(), o.now, changes))
		require.Empty(o, o.engine.HeadChanges(context.Background(), o.now, changes, &o.heard))
	}
}

func (o *outlook) estimate(shipment int, eta time.Time) {
	report := supply.Report{Number: fmt.Sprint("1Z", shipment), Issuer: "UPS", SaidAt: o.now,
		ETAs: supply.Expect(supply.Window{From: eta, To: eta})}
	require.NoError(o, o.engine.Track(context.Background(), o.now, "acme", []supply.Report{report}))
}

func (o *outlook) receive(shipment int, r ReceiptRequest) {
	_, err := o.engine.Receive(context.Background(), o.now, o.once(), fmt.Sprint("FBA", shipment), r)
	require.NoError(o, err)
}

func (o *outlook) place(id, lines string, split bool) {
	o.send("placed", id, lines, fmt.Sprintf(`,"split":%t`, split))
}

// send is an order message with more fields.
func (o *outlook) send(kind, id, lines, more string) {
	body := fmt.Appendf(nil, `{"type":"order.%s","orderId":%q,"seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":%q,"lines":[%s]%s}`,
		kind, id, o.now.Format(time.RFC3339), lines, more)
	require.Empty(o, o.engine.Orders(context.Background(), o.now, []Delivery{{ID: id, Body: body}}))
}

const shipmentsOfOutlook = 3

// lived plays some weeks and leaves the clock where something may be due.
func lived(t *testing.T, r *rapid.T) *outlook {
	o := underWay(t, r)
	for range o.number("steps", 6, 18) {
		o.step()
	}
	return o
}

// underWay announces the shipments.
func underWay(t *testing.T, r *rapid.T) *outlook {
	e := newTestEngine()
	if rapid.Bool().Draw(r, "learnt padding") {
		e.policy = supply.DefaultPolicy
	}
	o := &outlook{T: r, engine: e, feed: &supplyFeed{engine: e}, t: t, now: monday}
	for i := range shipmentsOfOutlook {
		eta := o.eta()
		_, err := e.CreateShipment(context.Background(), o.now, o.once(), NewShipment{ShipmentID: fmt.Sprint("FBA", i), Marketplace: string(germany),
			Boxes: []BoxFields{{BoxID: "U", TrackingID: new(fmt.Sprint("1Z", i))}}, ETA: &ETAFields{To: eta.Format(time.RFC3339)},
			Lines: []ContentFields{{"KETTLE-1", int64(o.number("kettles", 2, 16))}, {"MUG", int64(o.number("mugs", 2, 16))}}})
		require.NoError(o, err)
	}
	o.carry()
	return o
}

func (o *outlook) step() {
	switch o.number("step", 0, 12) {
	case 0:
		o.now = o.now.Add(time.Duration(o.number("hours", 1, 60)) * time.Hour)
	case 1:
		_, err := o.engine.Sweep(context.Background(), o.now)
		require.NoError(o, err)
	case 2:
		o.estimate(o.number("shipment", 0, shipmentsOfOutlook-1), o.eta())
	case 3:
		lines := []ContentFields{{string(o.sku()), int64(o.number("received", 1, 4))}}
		o.receive(o.number("shipment", 0, shipmentsOfOutlook-1), ReceiptRequest{Lines: lines, Final: o.number("final", 0, 5) == 0})
	case 4:
		_, err := o.engine.PutItem(context.Background(), o.now, o.once(), o.key(o.sku()),
			Listing{Controls: supply.Controls{SafetyBuffer: supply.Units(o.number("buffer", 0, 4)), MaxUnitsPerOrder: supply.Units(o.number("cap", 0, 4) * 2)}})
		require.NoError(o, err)
	case 5:
		o.send("shipped", fmt.Sprint("o", o.number("order", 1, 9)), o.lines(), `,"final":false`)
	case 6:
		o.orders++
		o.send("placed", fmt.Sprint("o", o.orders), o.lines(), fmt.Sprintf(`,"holdUntil":%q`, o.now.Add(5*time.Hour).Format(time.RFC3339)))
	default:
		o.orders++
		o.place(fmt.Sprint("o", o.orders), o.lines(), o.number("split", 0, 1) == 0)
	}
	o.carry()
}

func (o *outlook) lines() string {
	var lines []string
	for _, l := range o.basket() {
		lines = append(lines, fmt.Sprintf(`{"sku":%q,"units":%d}`, l.SKU, l.Units))
	}
	return strings.Join(lines, ",")
}

// basket is what a buyer might want.
func (o *outlook) basket() (lines []ContentFields) {
	wanted := rapid.SampledFrom([][]supply.SKU{{"KETTLE-1"}, {"MUG"}, {"KETTLE-1", "MUG"}, {"MUG", "NEVER-HEARD-OF"}}).Draw(o.T, "basket")
	for _, sku := range wanted {
		lines = append(lines, ContentFields{string(sku), int64(o.number("units", 1, 5))})
	}
	return lines
}

// nothingChanged holds that no record was written since the last carry.
func (o *outlook) nothingChanged() { require.Empty(o, o.feed.next(o.t), "a question wrote something") }

func asJSON(t require.TestingT, v any) string {
	text, err := json.Marshal(v, json.Deterministic(true))
	require.NoError(t, err)
	return string(text)
}

// often tries enough histories for each kind of change to occur.
func often(t *testing.T, property func(*rapid.T)) {
	for range 5 {
		rapid.Check(t, property)
	}
}

// occurred holds that the histories had what a property is about. Short runs try a
// fifth of them, which may meet none.
func occurred[N ~int | ~int32 | ~int64](t *testing.T, n N) {
	t.Helper()
	if n == 0 && testing.Short() {
		t.Log("too few histories to meet it")
		return
	}
	require.Positive(t, n)
}

func TestAQuoteIsWhatAnOrderPlacedNowGets(t *testing.T) { // F79
	accepted, refused := 0, 0
	often(t, func(r *rapid.T) {
		o := lived(t, r)
		q := QuoteRequest{Marketplace: string(germany), Split: o.number("split", 0, 1) == 0, Lines: o.basket()}
		quote, err := o.engine.Quote(context.Background(), o.now, "acme", q)
		require.NoError(o, err)
		again, err := o.engine.Quote(context.Background(), o.now, "acme", q)
		require.NoError(o, err)
		require.Equal(o, asJSON(o, quote), asJSON(o, again))
		o.nothingChanged()

		o.orders++
		var lines []string
		for _, l := range q.Lines {
			lines = append(lines, fmt.Sprintf(`{"sku":%q,"units":%d}`, l.SKU, l.Units))
		}
		o.place("asked", strings.Join(lines, ","), q.Split)
		for _, line := range quote.Lines {
			is, err := o.engine.Order(context.Background(), o.now, o.key(line.SKU), "asked")
			require.NoError(o, err)
			require.Equal(o, line.Accepted, is.Status == OrderReserved, "%s: %+v", line.SKU, is)
			require.Equal(o, line.Reason, is.Reason)
			if !line.Accepted {
				refused++
				continue
			}
			accepted++
			promised, delivered := line.Promised, line.DeliveryDate
			if !q.Split {
				promised, delivered = quote.Promised, quote.DeliveryDate
			}
			require.Equal(o, []*supply.Day{promised, promised, delivered}, []*supply.Day{is.FirstPromised, is.Promised, is.DeliveryDate})
			require.Equal(o, line.Pegs, is.Pegs)
			require.Equal(o, line.OrderType, is.OrderType)
			require.LessOrEqual(o, line.Units, line.Available)
		}
	})
	occurred(t, accepted)
	occurred(t, refused)
}

// doing is something that may happen: as it is asked about, and as it is done.
type doing struct {
	asked ItemWhatIf
	done  func()
}

func (o *outlook) doing(sku supply.SKU) doing {
	i := o.number("shipment", 0, shipmentsOfOutlook-1)
	id := fmt.Sprint("FBA", i)
	switch o.number("what", 0, 3) {
	case 0:
		eta := o.eta()
		return doing{ItemWhatIf{Slip: &SlipFields{ShipmentID: id, ETA: &ETAFields{To: eta.Format(time.RFC3339)}}}, func() { o.estimate(i, eta) }}
	case 1:
		days := int64(o.number("days", -9, 15))
		s, err := o.engine.readHeard(context.Background(), "acme", id)
		require.NoError(o, err)
		eta := s.ETA(o.engine.policy().OnCarriage).To.AddDate(0, 0, int(days))
		return doing{ItemWhatIf{Slip: &SlipFields{ShipmentID: id, Days: &days}}, func() { o.estimate(i, eta) }}
	case 2:
		units, final := int64(o.number("counted", 0, 9)), o.number("final", 0, 1) == 0
		counted := ReceiptRequest{Final: final}
		if units > 0 || !final {
			units = max(1, units)
			counted.Lines = []ContentFields{{string(sku), units}}
		}
		return doing{ItemWhatIf{Receipt: &ItemReceiptFields{id, units, final}}, func() { o.receive(i, counted) }}
	}
	return doing{ItemWhatIf{Withhold: true}, func() {
		c := o.open(sku).item.Controls
		c.Withheld = true
		_, err := o.engine.PutItem(context.Background(), o.now, o.once(), o.key(sku), Listing{Controls: c})
		require.NoError(o, err)
	}}
}

// open returns the item with its orders; what is done to it is taken back.
func (o *outlook) open(sku supply.SKU) *openItem {
	l, err := o.engine.loadOne(context.Background(), o.now, true, true, o.key(sku))
	require.NoError(o, err)
	defer o.engine.release(l)
	l.advance()
	return opened(l)
}

func (o *outlook) state(sku supply.SKU) ItemState {
	v, err := o.engine.Item(context.Background(), o.now, o.key(sku))
	require.NoError(o, err)
	return ItemState{v.Numbers, v.Offer, v.Lots, v.Verdict}
}

func TestWhatIfIsWhatDoingItGives(t *testing.T) { // F184
	moved, short := 0, 0
	often(t, func(r *rapid.T) {
		o := lived(t, r)
		o.now = o.now.Add(time.Minute)
		sku := o.sku()
		d := o.doing(sku)
		before := o.state(sku)
		v, err := o.engine.WhatIf(context.Background(), o.now, o.key(sku), d.asked)
		o.nothingChanged()
		require.Equal(o, asJSON(o, before), asJSON(o, o.state(sku)), "asking changed the item")
		if fault.Is(err, fault.Refused) { // the shipment has ended or arrived
			return
		}
		require.NoError(o, err)
		require.Equal(o, asJSON(o, before), asJSON(o, v.Before))
		d.done()
		o.carry()
		require.Equal(o, asJSON(o, o.state(sku)), asJSON(o, v.After), "%s", asJSON(o, d.asked))
		is := o.open(sku)
		for _, order := range v.Orders {
			line := is.line(order.OrderID)
			require.Equal(o, dayView(line.Promised), order.To, "order %s", order.OrderID)
			require.Equal(o, line.short, order.Shortfall, "order %s", order.OrderID)
			require.Equal(o, order.Units-order.Allocated, line.Waiting(), "order %s", order.OrderID)
		}
		require.Equal(o, len(v.Orders), v.MovedOrders+v.KeptOrders+v.ShortOrders)
		moved, short = moved+v.MovedOrders, short+v.ShortOrders
	})
	occurred(t, moved)
	occurred(t, short)
}

func TestBucketsAddUpToTheItem(t *testing.T) { // F80
	undated, hand := false, false
	often(t, func(r *rapid.T) {
		o := lived(t, r)
		_, err := o.engine.Sweep(context.Background(), o.now) // pegs move by a commit; an order would be one
		require.NoError(o, err)
		key := o.key(o.sku())
		q, err := o.engine.QuoteItem(context.Background(), o.now, key, 1, "")
		require.NoError(o, err)
		from := supply.DayOf(o.now) + supply.Day(o.number("from", -20, 20))
		to := from + supply.Day(o.number("days", 1, 60))
		v, err := o.engine.Buckets(context.Background(), o.now, key, BucketsRequest{From: from.String(), To: to.String(),
			By: rapid.SampledFrom([]string{"day", "week", "month"}).Draw(r, "by")})
		require.NoError(o, err)
		is, err := o.engine.Item(context.Background(), o.now, key)
		require.NoError(o, err)
		sum := BucketUnits{}
		add := func(b BucketUnits) {
			sum = BucketUnits{sum.OnHand + b.OnHand, sum.Buyable + b.Buyable, sum.Expected + b.Expected, sum.Reserved + b.Reserved}
		}
		day := from
		for _, b := range v.Buckets {
			require.Equal(o, day, b.From, "no day is left out and none is in two")
			require.Greater(o, b.To, b.From)
			add(b.BucketUnits)
			day = b.To
		}
		require.Equal(o, to, day)
		add(v.Before)
		add(v.After)
		add(v.Undated)
		require.Equal(o, v.Total, sum)
		require.Equal(o, is.Numbers, v.Numbers)
		require.Equal(o, is.Fulfillable, sum.OnHand)
		require.Equal(o, is.ReservedFutureSupply, sum.Reserved)
		require.Equal(o, is.Inbound.Working+is.Inbound.Shipped+is.Inbound.Receiving, sum.Expected)
		require.Equal(o, q.Available, sum.Buyable, "what one order could get")
		if sum.OnHand == 0 {
			require.Equal(o, is.FutureSupplyBuyable, sum.Buyable)
		}
		undated, hand = undated || v.Undated.Expected > 0, hand || v.Total.OnHand > 0
	})
	require.True(t, undated && hand)
}

// committed returns the item as it is stored, whatever the clock says.
func (o *outlook) committed(sku supply.SKU) *supply.Item {
	l, err := o.engine.loadOne(context.Background(), o.now, true, true, o.key(sku))
	require.NoError(o, err)
	o.engine.release(l)
	return l.item
}

// hear takes what was published of an item: moved must name each order whose
// published date changes, from that date, and no other.
func (o *outlook) hear(published map[string]supply.Day) {
	day := func(d *supply.Day) supply.Day {
		if d == nil {
			return 0
		}
		return *d
	}
	for _, e := range o.heard.events {
		at := func(id supply.OrderID) string { return string(e.SKU) + " " + string(id) }
		for _, a := range e.Accepted {
			published[at(a.OrderID)] = day(a.Promised)
		}
		for _, m := range e.Moved {
			require.Equal(o, published[at(m.OrderID)], day(m.From), "%s", at(m.OrderID))
			require.NotEqual(o, m.To, day(m.From), "%s is told of a change that is none", at(m.OrderID))
			published[at(m.OrderID)] = m.To
		}
		for _, s := range e.Short {
			require.NotZero(o, published[at(s.OrderID)], "%s is short already", at(s.OrderID))
			published[at(s.OrderID)] = 0
		}
	}
	o.heard.events = nil
}

func TestWhoIsToldOfAChangeIsWhoseDateChanged(t *testing.T) { // F63, F68
	moved := 0
	often(t, func(r *rapid.T) {
		o := underWay(t, r)
		published := map[string]supply.Day{}
		for range o.number("steps", 6, 18) {
			o.step()
			for _, e := range o.heard.events {
				moved += len(e.Moved)
			}
			o.hear(published)
			for _, sku := range skus {
				o.committed(sku).Line.Orders(func(order *supply.Order) bool {
					if order.Open() {
						require.Equal(o, order.Promised, published[string(sku)+" "+string(order.ID)], "%s %s", sku, order.ID)
					}
					return true
				})
			}
		}
	})
	occurred(t, moved)
}

func TestASlipReportNamesWhoMovedAndCountsWhoDidNot(t *testing.T) { // F67
	moved, kept, short := supply.Units(0), supply.Units(0), supply.Units(0)
	often(t, func(r *rapid.T) {
		o := lived(t, r)
		shipment := o.number("shipment", 0, shipmentsOfOutlook-1)
		id := supply.ShipmentID(fmt.Sprint("FBA", shipment))
		report := func() []Slip {
			v, err := o.engine.SlipReport(context.Background(), o.now, "acme", string(id), "", "")
			require.NoError(o, err)
			require.Len(o, v.Text, len(v.Slips))
			return v.Slips
		}
		o.now = o.now.Add(time.Hour)
		_, err := o.engine.Sweep(context.Background(), o.now) // holds that have run out are nobody's reservation
		require.NoError(o, err)
		o.carry()
		told, waiting := len(report()), map[supply.SKU]supply.Units{}
		for _, sku := range skus {
			it := o.committed(sku)
			waiting[sku] = it.ReservedFutureSupply() + it.Short
		}
		o.now, o.heard.events = o.now.Add(time.Minute), nil
		if o.number("what", 0, 2) == 0 {
			o.receive(shipment, ReceiptRequest{Lines: []ContentFields{{string(o.sku()), int64(o.number("counted", 1, 9))}}, Final: true})
		} else {
			o.estimate(shipment, o.eta())
		}
		o.carry()
		slips := report()[told:]
		var named, heard []MovedOrder
		for _, s := range slips {
			require.Equal(o, s.Reserved, s.MovedUnits+s.KeptUnits+s.ShortUnits)
			require.Equal(o, waiting[s.SKU], s.Reserved+s.Dateless)
			require.Equal(o, id, s.Cause.ShipmentID)
			if s.InStockDate != nil {
				require.NotEqual(o, s.InStockDate.From, s.InStockDate.To)
			}
			for _, m := range s.Moved {
				named = append(named, MovedOrder{OrderID: m.OrderID, From: m.From, To: m.To, Days: m.Days})
			}
			moved, kept, short = moved+s.MovedUnits, kept+s.KeptUnits, short+s.ShortUnits
		}
		for _, e := range o.heard.events {
			for _, m := range e.Moved {
				m.Consent = nil // what buyers are asked is no part of the report
				heard = append(heard, m)
			}
		}
		require.ElementsMatch(o, heard, named)
	})
	occurred(t, min(moved, kept, short))
}

func TestNoPromiseIsBeforeTheCarriersOwnDay(t *testing.T) {
	held := 0
	often(t, func(r *rapid.T) {
		o := underWay(t, r)
		for range o.number("steps", 6, 18) {
			o.step()
			for _, sku := range skus {
				it, rules := o.committed(sku), o.open(sku).rules
				for _, peg := range it.Pegs(rules) {
					if peg.Short > 0 || slices.ContainsFunc(peg.Parts, func(p supply.Part) bool { return p.Supply > 0 && !it.Lots[p.Supply-1].Day.Known() }) {
						continue // nobody can date the order: it has no date, or keeps the one that was said last
					}
					for _, part := range peg.Parts {
						if part.Supply == 0 || !it.Lots[part.Supply-1].Arrived.IsZero() {
							continue // it is here
						}
						arrival := supply.ArrivalDay(it.Lots[part.Supply-1].ETA, rules.Policy, rules.Calendar)
						require.GreaterOrEqual(o, peg.Order.Promised, arrival, "%s %s", sku, peg.Order.ID)
						held++
					}
				}
			}
		}
	})
	occurred(t, held)
}

func TestAShipmentSaysByWhenItIsNeededAndAlertsOncePerChange(t *testing.T) { // F78
	needed, raised, cleared := 0, 0, 0
	often(t, func(r *rapid.T) {
		o := underWay(t, r)
		alerted := map[string]bool{}
		for range o.number("steps", 6, 18) {
			o.step()
			for _, e := range o.heard.events {
				if e.Alert == nil || e.Alert.Code != needByAtRisk {
					continue
				}
				at := string(e.SKU) + " " + string(e.Alert.ShipmentID)
				require.Equal(o, alerted[at], e.Type == AlertCleared, "%s: %s", at, e.Type)
				alerted[at] = e.Type == AlertRaised
				if alerted[at] {
					raised++
				} else {
					cleared++
				}
			}
			o.heard.events = nil
			for i := range shipmentsOfOutlook {
				needed += o.holdNeeds(supply.ShipmentID(fmt.Sprint("FBA", i)), alerted)
			}
		}
	})
	occurred(t, min(needed, raised, cleared))
}

// holdNeeds holds a shipment's need-by days to the orders that hang on it, and the
// alerts to what is stored.
func (o *outlook) holdNeeds(id supply.ShipmentID, alerted map[string]bool) (needed int) {
	v, err := o.engine.Shipment(context.Background(), "acme", string(id))
	require.NoError(o, err)
	var first *supply.Day
	for _, line := range v.Lines {
		it, rules := o.committed(line.SKU), o.open(line.SKU).rules
		repegged, _ := it.Repegged(rules)
		for i := range it.Lots {
			require.Equal(o, repegged[i], it.Lots[i].Pegged, "what orders took one by one is what pegging them all gives: %s", it.Lots[i].Shipment)
		}
		require.Equal(o, it.Lot(id).Tight, alerted[string(line.SKU)+" "+string(id)], "%s %s", id, line.SKU)
		var promised supply.Day
		for _, peg := range it.Pegs(rules) {
			for _, part := range peg.Parts {
				if part.Supply > 0 && it.Lots[part.Supply-1].Shipment == id && peg.Order.Promised.Known() && (promised == 0 || peg.Order.Promised < promised) {
					promised = peg.Order.Promised
				}
			}
		}
		require.Equal(o, dayView(supply.NeedByDay(promised, rules.Policy, rules.Calendar)), line.NeedBy, "%s %s", id, line.SKU)
		if line.NeedBy != nil && (first == nil || *line.NeedBy < *first) {
			first = line.NeedBy
		}
		if line.NeedBy != nil {
			needed++
		}
	}
	require.Equal(o, first, v.NeedBy)
	return needed
}
