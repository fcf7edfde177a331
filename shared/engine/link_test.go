package engine

// These tests let several shipments register the same numbers, one after the
// other, at the same moment and after another parcel had the number, and look at
// what may be sold. They would catch a parcel that is sold by two shipments, a
// container whose news do not reach all it carries, and a new parcel that begins
// where the one before it ended.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// parcelOf returns an edit: shipment id of n kettles in one box under the number,
// with an arrival that the seller states.
func parcelOf(id, number string, n int64) func(*NewShipment) {
	return func(r *NewShipment) {
		r.ShipmentID, r.BillOfLading, r.BookingNumber, r.CreatedAt = id, "", "", ""
		r.Boxes = []BoxFields{{BoxID: id + "U1", TrackingID: &number, Lines: []ContentFields{{"KETTLE-1", n}}}}
		r.Lines = []ContentFields{{"KETTLE-1", n}}
	}
}

// inContainer returns an edit: shipment id of n kettles in the container.
func inContainer(id, container string, n int64) func(*NewShipment) {
	return func(r *NewShipment) {
		parcelOf(id, "", n)(r)
		r.Boxes, r.ContainerNumber, r.ETA, r.Mode, r.Carrier = nil, container, nil, "OCEAN", CarrierFields{}
	}
}

func (e *Engine) shown(t *testing.T, id string) ShipmentView {
	v, err := e.Shipment(context.Background(), "acme", id)
	require.NoError(t, err)
	return v
}

func (e *Engine) lotOf(t *testing.T, id supply.ShipmentID) LotView {
	v, err := e.Item(context.Background(), monday, kettle)
	require.NoError(t, err)
	for _, l := range v.Lots {
		if l.Shipment == id {
			return l
		}
	}
	return LotView{}
}

func TestAParcelOfALiveShipmentIsRefusedToAnother(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z 1", 10))
	f.drain(t)
	_, err := e.CreateShipment(ctx, monday, once("k2"), announced(t, parcelOf("FBA2", "1z1", 10)))
	require.Equal(t, fault.Conflict, fault.Of(err))
	require.EqualError(t, err, `TRACKING_NUMBER "1z1" is shipment FBA1's, which has not ended; take it away there first, or give the number of this shipment's own label`)
	require.Equal(t, []string{"NUMBER_TAKEN", "FBA1"}, []string{err.(*fault.Error).Code, err.(*fault.Error).Details})
	_, err = e.Shipment(ctx, "acme", "FBA2")
	require.Equal(t, fault.NotFound, fault.Of(err), "nothing is written")

	e.mustCreate(t, "acme", "k3", parcelOf("FBA2", "1Z2", 10))
	f.drain(t)
	for name, r := range map[string]TrackingRequest{
		"a box":               {Boxes: []BoxFields{{BoxID: "FBA2U1", TrackingID: new("1Z1")}}},
		"as a PRO number":     {ProNumber: new("1Z1")},
		"as a bill of lading": {BillOfLading: new("1Z1")},
	} {
		_, err = e.PutTracking(ctx, monday, once("k4"), "FBA2", r)
		require.Equal(t, "NUMBER_TAKEN", err.(*fault.Error).Code, name)
	}
	_, err = e.PutTracking(ctx, monday, once("k5"), "FBA1", TrackingRequest{Boxes: []BoxFields{{BoxID: "FBA1U1", TrackingID: new("1Z1")}}})
	require.NoError(t, err, "its own number")
	e.mustCreate(t, "other", "k1", parcelOf("FBA2", "1Z1", 10))
	e.mustCreate(t, "acme", "k6", inContainer("FBA3", "MSKU1", 10))
	f.drain(t)
	_, err = e.CreateShipment(ctx, monday, once("k7"), announced(t, parcelOf("FBA4", "MSKU1", 10)))
	require.Equal(t, "NUMBER_TAKEN", err.(*fault.Error).Code, "nor is a container another's parcel")
}

func TestOnlyTheNumbersThatARequestNamesAreRead(t *testing.T) {
	e := newTestEngine()
	s := &counting{Store: e.store}
	e.store = s
	e.mustCreate(t, "acme", "k1")
	read := func(key string, box BoxFields) int {
		*s = counting{Store: s.Store}
		_, err := e.PutTracking(context.Background(), monday, once(key), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{box}})
		require.NoError(t, err)
		return s.keys
	}
	none := read("k2", BoxFields{BoxID: "U1", Lines: []ContentFields{{"KETTLE-1", 60}}})
	require.Equal(t, none+1, read("k3", BoxFields{BoxID: "U1", TrackingID: new("1Z1")}))
}

// TestOfTwoWhoRegisterAParcelAtOnceOneSellsIt lets two calls race: neither sees
// the other, and the change feed decides, whichever it hears first.
func TestOfTwoWhoRegisterAParcelAtOnceOneSellsIt(t *testing.T) {
	for _, winner := range []supply.ShipmentID{"FBA1", "FBA2"} {
		ctx, e := context.Background(), newTestEngine()
		f := &supplyFeed{engine: e}
		e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10))
		e.mustCreate(t, "acme", "k2", parcelOf("FBA2", "1Z1", 10))
		changes := f.next(t)
		require.Empty(t, e.SupplyChanges(ctx, monday, changesOf(changes, winner)))
		require.Empty(t, e.SupplyChanges(ctx, monday, changes))
		f.drain(t)

		loser := map[supply.ShipmentID]string{"FBA1": "FBA2", "FBA2": "FBA1"}[winner]
		require.Equal(t, []supply.ShipmentID{winner}, e.unitOf(t, "acme", "1Z1").Shipments)
		lot := e.lotOf(t, supply.ShipmentID(loser))
		require.Equal(t, "NO_TRACKING", lot.Verdict.Code, "although its seller states an arrival")
		require.NotNil(t, lot.ETA)
		require.Zero(t, lot.Exposable)
		v := e.shown(t, loser)
		require.Equal(t, "WORKING", v.Status)
		require.Equal(t, &NotLinkedView{"NUMBER_TAKEN", new(string(winner))}, v.Units[0].NotLinked)
		require.Nil(t, e.shown(t, string(winner)).Units[0].NotLinked)
		require.Equal(t, supply.Units(10), e.mustLoad(t, monday).FutureSupplyBuyable(), "ten kettles, not twenty")

		f.track(t, dated("1Z1", "2026-03-02T08:00:00Z", "2026-03-09T12:00:00Z"))
		require.Equal(t, "WORKING", shipmentStatus(t, e, loser), "the winner's news are not the loser's")
		require.Equal(t, supply.Units(10), e.mustLoad(t, monday).FutureSupplyBuyable())

		_, err := e.PutTracking(ctx, monday, once("k3"), loser, TrackingRequest{Boxes: []BoxFields{{BoxID: loser + "U1", TrackingID: new("1Z1")}}})
		require.Equal(t, "NUMBER_TAKEN", err.(*fault.Error).Code)
		_, err = e.PutTracking(ctx, monday, once("k4"), loser, TrackingRequest{Boxes: []BoxFields{{BoxID: loser + "U1", TrackingID: new("1Z2")}}})
		require.NoError(t, err)
		f.drain(t)
		require.Equal(t, supply.Units(20), e.mustLoad(t, monday).FutureSupplyBuyable(), "with its own number it sells its own")
	}
}

func TestTheLoserGetsTheNumberWhenItIsGivenAgainOnceItIsFree(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10))
	e.mustCreate(t, "acme", "k2", parcelOf("FBA2", "1Z1", 10))
	f.track(t, scanned("1Z1", "2026-03-02T08:00:00Z"))
	_, err := e.CancelShipment(ctx, monday, once("k3"), "FBA1")
	require.NoError(t, err)
	f.drain(t)
	require.Zero(t, e.mustLoad(t, monday).FutureSupplyBuyable(), "nobody said whose the parcel is now")
	_, err = e.PutTracking(ctx, monday, once("k4"), "FBA2", TrackingRequest{Boxes: []BoxFields{{BoxID: "FBA2U1", TrackingID: new("1Z1")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA2"}, e.unitOf(t, "acme", "1Z1").Shipments)
	require.Equal(t, supply.Units(10), e.mustLoad(t, monday).FutureSupplyBuyable())
	require.Nil(t, e.shown(t, "FBA2").Units[0].NotLinked)
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA2"))
}

func TestABoxWithAnothersLabelMayNotCome(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10))
	e.mustCreate(t, "acme", "k2", parcelOf("FBA2", "1Z1", 10), func(r *NewShipment) {
		r.Boxes = append(r.Boxes, BoxFields{BoxID: "FBA2U2", TrackingID: new("1Z2")})
		r.Lines[0].Units = 30
	})
	f.track(t, dated("1Z2", "2026-03-02T08:00:00Z", "2026-03-09T12:00:00Z"))
	require.Equal(t, "QTY_NOT_CONFIDENT", e.lotOf(t, "FBA2").Verdict.Code)
	require.Equal(t, supply.Units(10), e.mustLoad(t, monday).FutureSupplyBuyable())
}

func TestNewsOfAContainerReachEveryShipmentInIt(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	f.track(t, dated("MSKU-1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z")) // before anybody registers it
	e.mustCreate(t, "acme", "k1", inContainer("FBA1", "MSKU 1", 10))
	e.mustCreate(t, "acme", "k2", inContainer("FBA2", "MSKU 1", 20))
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA1", "FBA2"}, e.unitOf(t, "acme", "MSKU1").Shipments)
	require.Equal(t, supply.Units(30), e.mustLoad(t, monday).FutureSupplyBuyable())
	f.track(t, told("MSKU1", "2026-03-02T08:00:00Z", supply.Exception, supply.CustomsHold))
	for _, id := range []supply.ShipmentID{"FBA1", "FBA2"} {
		require.Equal(t, "CUSTOMS_HOLD", e.lotOf(t, id).Verdict.Code)
	}
	_, err := e.CancelShipment(ctx, monday, once("k3"), "FBA1")
	require.NoError(t, err)
	f.track(t, told("MSKU1", "2026-03-02T09:00:00Z", supply.Delivered, supply.CodeDelivered))
	require.Equal(t, "DELIVERED", shipmentStatus(t, e, "FBA2"))
	require.Equal(t, supply.Units(20), e.mustLoad(t, monday).FutureSupplyBuyable())

	_, err = e.PutTracking(ctx, monday, once("k4"), "FBA2", TrackingRequest{ContainerNumber: new("MSKU2")})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA1"}, e.unitOf(t, "acme", "MSKU1").Shipments, "each lets go of its own link")
}

func TestANumberLeadsToSoManyShipmentsAndNoMore(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	for i := range supply.MaxLinks {
		e.mustCreate(t, "acme", fmt.Sprint("k", i), inContainer(fmt.Sprint("FBA", i), "MSKU1", 1))
	}
	e.mustCreate(t, "acme", "race", inContainer("LATE", "MSKU1", 1), func(r *NewShipment) { r.ETA = &ETAFields{To: "2026-03-09"} })
	f.drain(t)
	require.Len(t, e.unitOf(t, "acme", "MSKU1").Shipments, supply.MaxLinks)
	require.Equal(t, "NUMBER_FULL", e.shown(t, "LATE").Units[0].NotLinked.Code)
	require.Equal(t, "NO_TRACKING", e.lotOf(t, "LATE").Verdict.Code, "nobody would tell it of the container")

	_, err := e.CreateShipment(ctx, monday, once("more"), announced(t, inContainer("MORE", "MSKU1", 1)))
	require.Equal(t, fault.Refused, fault.Of(err))
	require.EqualError(t, err, `CONTAINER "MSKU1" leads to 8 shipments, as many as can share one; give this shipment another number`)
	_, err = e.CancelShipment(ctx, monday, once("cancel"), "FBA0")
	require.NoError(t, err)
	e.mustCreate(t, "acme", "more", inContainer("MORE", "MSKU1", 1))
	f.drain(t)
	require.True(t, linkedTo(e.unitOf(t, "acme", "MSKU1"), "MORE"), "one has ended")
}

func linkedTo(u unit, id supply.ShipmentID) bool { return u.Linked(id) }

// TestShipmentsInOneContainerFareAsEachWouldAlone plays the same news to shipments
// in one container and to their twins in containers of their own, in random
// orders, batches and repetitions, and then sells all there is.
func TestShipmentsInOneContainerFareAsEachWouldAlone(t *testing.T) {
	news := []supply.Report{
		dated("MSKU1", "2026-03-01T07:00:00Z", "2026-03-09T12:00:00Z"),
		told("MSKU1", "2026-03-01T08:00:00Z", supply.Exception, supply.CustomsHold),
		told("MSKU1", "2026-03-01T09:00:00Z", supply.InTransit, supply.CustomsReleased),
		dated("MSKU1", "2026-03-01T10:00:00Z", "2026-03-12T12:00:00Z"),
		scanned("MSKU1", "2026-03-01T11:00:00Z"),
	}
	for seed := range uint64(40) {
		ctx, rng := context.Background(), rand.New(rand.NewPCG(seed, 9))
		e := newTestEngine()
		f := &supplyFeed{engine: e}
		var steps []func()
		shipments := 2 + rng.IntN(supply.MaxLinks+1) // sometimes more than fit
		for i := range shipments {
			steps = append(steps, func() {
				_, err := e.CreateShipment(ctx, monday, once(fmt.Sprint("k", i)), announced(t, inContainer(fmt.Sprint("FBA", i), "MSKU1", 10)))
				if err != nil {
					require.Equal(t, "NUMBER_FULL", err.(*fault.Error).Code)
				}
			})
		}
		for range 2 {
			for _, r := range news {
				steps = append(steps, func() { require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{r})) })
			}
		}
		rng.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		var waiting []store.Change
		for _, step := range steps {
			step()
			waiting = append(waiting, f.next(t)...)
			rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
			n := rng.IntN(len(waiting) + 1)
			require.Empty(t, e.SupplyChanges(ctx, monday, waiting[:n]))
			waiting = waiting[n:]
		}
		require.Empty(t, e.SupplyChanges(ctx, monday, waiting))
		f.drain(t)

		alone := newTestEngine()
		alone.mustCreate(t, "acme", "k1", inContainer("FBA0", "MSKU1", 10))
		(&supplyFeed{engine: alone}).track(t, news...)
		want := alone.mustLoad(t, monday).Lots[0]
		linked := e.unitOf(t, "acme", "MSKU1").Shipments
		require.Len(t, linked, min(shipments, supply.MaxLinks), "seed %d", seed)
		it := e.mustLoad(t, monday)
		for _, id := range linked {
			got := *it.Lot(id)
			require.Equal(t, []any{want.Status, want.Trouble, want.ETA, want.Heard, want.Code, want.Day, want.Exposable},
				[]any{got.Status, got.Trouble, got.ETA, got.Heard, got.Code, got.Day, got.Exposable}, "seed %d: %s", seed, id)
		}
		there := 10 * len(linked)
		require.Equal(t, supply.Units(there), it.FutureSupplyBuyable(), "seed %d: nothing of those who found no room", seed)
		require.Empty(t, e.Orders(ctx, monday, []Delivery{place("all", there), place("one-more", 1)}))
		it = e.mustLoad(t, monday)
		require.Equal(t, []supply.OrderState{supply.Reserved, supply.Rejected}, []supply.OrderState{it.Line.Order("all").State, it.Line.Order("one-more").State}, "seed %d", seed)
	}
}

func TestARelabelledParcelIsAnExplicitChangeAndSellsOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10), withoutETA)
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"))
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("o1", 7)}))

	// The next carrier's label is on the same box; until somebody says so it is
	// nobody's parcel.
	other := dated("9400-1", "2026-03-02T09:00:00Z", "2026-03-11T12:00:00Z")
	other.Issuer = "USPS"
	f.track(t, other)
	require.Equal(t, supply.Units(3), e.mustLoad(t, monday).FutureSupplyBuyable())
	f.track(t, told("1Z1", "2026-03-02T08:00:00Z", supply.TrackCancelled, supply.CodeCancelled))
	require.Zero(t, e.mustLoad(t, monday).FutureSupplyBuyable(), "the label is void, and what becomes of the box unknown")

	_, err := e.PutTracking(ctx, monday, once("k2"), "FBA1", TrackingRequest{Boxes: []BoxFields{{BoxID: "FBA1U1", TrackingID: new("94001")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, "OTHER_CARRIER", e.shown(t, "FBA1").Units[0].NotLinked.Code, "the shipment is announced with UPS")
	require.Empty(t, e.unitOf(t, "acme", "1Z1").Shipments)

	usps := other
	usps.Number, usps.Issuer = "94002", "UPS Mail Innovations"
	f.track(t, usps)
	_, err = e.PutTracking(ctx, monday, once("k3"), "FBA1", TrackingRequest{Boxes: []BoxFields{{BoxID: "FBA1U1", TrackingID: new("94002")}}})
	require.NoError(t, err)
	f.drain(t)
	it := e.mustLoad(t, monday)
	require.Equal(t, []supply.Units{7, 3}, []supply.Units{it.ReservedFutureSupply(), it.FutureSupplyBuyable()}, "the same ten kettles")
	require.Equal(t, "2026-03-12", it.Line.Order("o1").Promised.String())
	f.track(t, told("1Z1", "2026-03-02T10:00:00Z", supply.Delivered, supply.CodeDelivered))
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA1"), "the old label says nothing any more")
}

func TestGoodsThatMoveToAnotherShipmentAreSoldOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10), func(r *NewShipment) {
		r.Boxes = append(r.Boxes, BoxFields{BoxID: "FBA1U2", TrackingID: new("1Z2"), Lines: []ContentFields{{"KETTLE-1", 5}}})
		r.Lines[0].Units = 15
	})
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), dated("1Z2", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"))
	_, err := e.CreateShipment(ctx, monday, once("k2"), announced(t, parcelOf("FBA2", "1Z2", 5)))
	require.Equal(t, "NUMBER_TAKEN", err.(*fault.Error).Code, "not before the first shipment gives it up")

	_, err = e.PutTracking(ctx, monday, once("k3"), "FBA1", TrackingRequest{Boxes: []BoxFields{{BoxID: "FBA1U2", TrackingID: new(""), Lines: []ContentFields{}}}})
	require.NoError(t, err)
	_, err = e.PutLines(ctx, monday, once("k4"), "FBA1", LinesRequest{Lines: []ContentFields{{"KETTLE-1", 10}}})
	require.NoError(t, err)
	f.drain(t)
	e.mustCreate(t, "acme", "k2", parcelOf("FBA2", "1Z2", 5))
	f.drain(t)
	require.Equal(t, supply.Units(15), e.mustLoad(t, monday).FutureSupplyBuyable())
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA2"), "with what is known of the parcel")
}

// kinds of history that a number may have before a shipment registers it.
func TestAShipmentTakesOfANumbersHistoryOnlyItsOwn(t *testing.T) {
	created := monday
	end := func(days int) string { return created.AddDate(0, 0, -days).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		history []supply.Report
		status  string
		events  uint32
	}{
		"on its way":                                {[]supply.Report{scanned("1Z1", end(40))}, "IN_TRANSIT", 1},
		"delivered 31 days before":                  {[]supply.Report{scanned("1Z1", end(33)), told("1Z1", end(31), supply.Delivered, supply.CodeDelivered)}, "SHIPPED", 0},
		"returned 31 days before":                   {[]supply.Report{told("1Z1", end(31), supply.Returned, supply.CodeReturned)}, "SHIPPED", 0},
		"cancelled 31 days before":                  {[]supply.Report{told("1Z1", end(31), supply.TrackCancelled, supply.CodeCancelled)}, "SHIPPED", 0},
		"delivered 29 days before":                  {[]supply.Report{told("1Z1", end(29), supply.Delivered, supply.CodeDelivered)}, "DELIVERED", 1},
		"long on its way, delivered 29 days before": {[]supply.Report{scanned("1Z1", end(40)), told("1Z1", end(29), supply.Delivered, supply.CodeDelivered)}, "DELIVERED", 2},
		"delivered long ago, and scanned 2":         {[]supply.Report{told("1Z1", end(31), supply.Delivered, supply.CodeDelivered), scanned("1Z1", end(2))}, "IN_TRANSIT", 1},
	} {
		e := newTestEngine()
		f := &supplyFeed{engine: e}
		f.track(t, c.history...)
		answer, err := e.CreateShipment(context.Background(), monday, once("k1"), announced(t, parcelOf("FBA1", "1Z1", 10)))
		before := viewed(t, answer, err)
		f.drain(t)
		after := e.shown(t, "FBA1")
		require.Equal(t, []any{c.status, c.events}, []any{after.Status, after.Units[0].Events}, name)
		require.Equal(t, []any{c.status, c.events}, []any{before.Status, before.Units[0].Events}, "%s: at once", name)
		require.Equal(t, []supply.ShipmentID{"FBA1"}, e.unitOf(t, "acme", "1Z1").Shipments, name)
	}
}

func TestANewParcelBeginsWhereTheReceivedOneEnded(t *testing.T) {
	received := monday
	for name, c := range map[string]struct {
		after  []supply.Report
		status string
	}{
		"nothing since":                {nil, "SHIPPED"},
		"scanned since":                {[]supply.Report{scanned("1Z1", "2026-03-02T12:00:00Z")}, "IN_TRANSIT"},
		"the driver's scan comes late": {[]supply.Report{told("1Z1", "2026-03-02T11:00:00Z", supply.Delivered, supply.CodeDelivered)}, "SHIPPED"},
		"an old scan is repeated":      {[]supply.Report{scanned("1Z1", "2026-03-02T07:00:00Z")}, "SHIPPED"},
		"an old delivery is repeated":  {[]supply.Report{told("1Z1", "2026-03-02T09:00:00Z", supply.Delivered, supply.CodeDelivered)}, "SHIPPED"},
		"an old scan is not yet known": {[]supply.Report{scanned("1Z1", "2026-03-02T08:30:00Z")}, "SHIPPED"},
	} {
		for _, linkedFirst := range []bool{false, true} {
			ctx, e := context.Background(), newTestEngine()
			f := &supplyFeed{engine: e}
			e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "1Z1", 10))
			f.track(t, scanned("1Z1", "2026-03-02T07:00:00Z"), told("1Z1", "2026-03-02T09:00:00Z", supply.Delivered, supply.CodeDelivered))
			_, err := e.Receive(ctx, received, once("k2"), "FBA1", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 10}}})
			require.NoError(t, err)
			f.drain(t)
			later := monday.Add(3 * time.Hour)
			create := func() {
				_, err := e.CreateShipment(ctx, later, once("k3"), announced(t, parcelOf("FBA2", "1Z1", 10)))
				require.NoError(t, err)
				f.drain(t)
			}
			if linkedFirst {
				create()
			}
			for _, r := range c.after {
				require.NoError(t, e.Track(ctx, later, "acme", []supply.Report{r}))
			}
			f.drain(t)
			if !linkedFirst {
				create()
			}
			status := c.status
			if linkedFirst && name == "scanned since" {
				status = "SHIPPED" // what came to be known too late, of a time when nobody had announced the shipment
			}
			require.Equal(t, status, shipmentStatus(t, e, "FBA2"), "%s, linked first: %v", name, linkedFirst)
			require.Equal(t, "CLOSED", shipmentStatus(t, e, "FBA1"), name)
		}
	}
}
