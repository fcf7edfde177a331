package engine

// These tests announce shipments, push carriers' reports, carry the change feed
// to the items and look at the numbers a buyer would see. They would catch news
// that never reach an item, an order of events that matters, and a batch that
// one bad record holds up.

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

// supplyFeed carries the store's changes to the items, as the stream does.
type supplyFeed struct {
	engine *Engine
	cursor string
}

// next returns what has changed since the last call.
func (f *supplyFeed) next(t *testing.T) (all []store.Change) {
	for {
		changes, next, err := f.engine.store.Changes(context.Background(), f.cursor, 0)
		require.NoError(t, err)
		f.cursor = next
		if len(changes) == 0 {
			return all
		}
		all = append(all, changes...)
	}
}

// drain carries changes until nothing changes any more.
func (f *supplyFeed) drain(t *testing.T) {
	for {
		changes := f.next(t)
		if len(changes) == 0 {
			return
		}
		require.Empty(t, f.engine.SupplyChanges(context.Background(), monday, changes))
	}
}

func withoutETA(r *NewShipment) { r.ETA = nil }

// track pushes reports and carries what follows to the items.
func (f *supplyFeed) track(t *testing.T, reports ...supply.Report) {
	for _, r := range reports {
		require.NoError(t, f.engine.Track(context.Background(), monday, "acme", []supply.Report{r}))
	}
	f.drain(t)
}

func (f *supplyFeed) lot(t *testing.T) *supply.Lot {
	it := f.engine.mustLoad(t, monday)
	require.Len(t, it.Lots, 1)
	return &it.Lots[0]
}

func shipmentStatus(t *testing.T, e *Engine, id string) string {
	v, err := e.Shipment(context.Background(), "acme", id)
	require.NoError(t, err)
	return v.Status
}

func TestACarriersETAMakesUnitsBuyableAndAReceiptTurnsThemIntoStock(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.drain(t)
	it := e.mustLoad(t, monday)
	require.Equal(t, supply.NoETA, it.Code())
	require.Equal(t, supply.Inbound{Shipped: 100}, it.Inbound)

	f.track(t, dated("1Z1", "2026-03-02T08:00:00Z", "2026-03-09T12:00:00Z"))
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())
	require.Equal(t, supply.StatusInTransit, f.lot(t).Status)
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA15ABC"))

	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("o1", 70)}))
	_, err := e.Receive(ctx, monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 40}}})
	require.NoError(t, err)
	f.drain(t)
	it = e.mustLoad(t, monday)
	require.Equal(t, []supply.Units{40, 30, 30}, []supply.Units{it.Line.Pending(), it.ReservedFutureSupply(), it.FutureSupplyBuyable()})
	require.Equal(t, supply.Inbound{Receiving: 60}, it.Inbound)

	_, err = e.Receive(ctx, monday, once("k3"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 65}, {"MUG", 3}}, Final: true})
	require.NoError(t, err)
	f.drain(t)
	it = e.mustLoad(t, monday)
	require.Equal(t, []supply.Units{70, 35, 0, 0}, []supply.Units{it.Line.Pending(), it.Fulfillable(), it.ReservedFutureSupply(), it.FutureSupplyBuyable()})
	mug, err := e.loadOne(ctx, monday, true, true, supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "MUG"})
	require.NoError(t, err)
	require.Equal(t, supply.Units(3), mug.item.Fulfillable(), "an unplanned SKU is in the building too")
}

func TestWhatACarrierSaysBeforeTheShipmentIsAnnouncedIsKept(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	f.track(t, dated("1Z-1", "2026-03-01T08:00:00Z", "2026-03-09T12:00:00Z"))
	e.mustCreate(t, "acme", "k1", withoutETA)
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA15ABC"), "at once, before the feed has run")
	f.drain(t)
	require.Equal(t, clock("2026-03-09T12:00:00Z"), f.lot(t).ETA.To)
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())
	require.Equal(t, []supply.ShipmentID{"FBA15ABC"}, e.unitOf(t, "acme", "1Z1").Shipments)
}

func TestTwoBoxesKeepTheirOwnTracking(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), dated("1Z2", "2026-03-02T08:00:00Z", "2026-03-12T12:00:00Z"))
	require.Equal(t, clock("2026-03-12T12:00:00Z"), f.lot(t).ETA.To)

	f.track(t, told("1Z2", "2026-03-02T09:00:00Z", supply.Delivered, supply.CodeDelivered))
	require.Equal(t, supply.StatusInTransit, f.lot(t).Status, "one of two")
	require.Equal(t, clock("2026-03-09T12:00:00Z"), f.lot(t).ETA.To)
	v, err := e.Shipment(context.Background(), "acme", "FBA15ABC")
	require.NoError(t, err)
	require.Equal(t, []string{"IN_TRANSIT", "DELIVERED"}, []string{v.Units[0].Status, v.Units[1].Status})
	require.Equal(t, uint32(2), v.Units[1].Events)
	require.Equal(t, "DELIVERED", v.Units[1].LastScan.Code)

	f.track(t, told("1Z1", "2026-03-02T09:30:00Z", supply.Delivered, supply.CodeDelivered), scanned("1Z1", "2026-03-02T06:00:00Z"))
	require.Equal(t, supply.StatusDelivered, f.lot(t).Status, "an older scan does not move it back")
	require.Equal(t, clock("2026-03-02T09:30:00Z"), f.lot(t).Arrived)
}

func TestALostBoxEndsItsShareWithinTheSameEvent(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), told("1Z2", "2026-03-02T08:00:00Z", supply.Exception, supply.Lost))
	require.Equal(t, supply.Units(60), e.mustLoad(t, monday).FutureSupplyBuyable())
	f.track(t, told("1Z1", "2026-03-02T08:00:00Z", supply.Exception, supply.Lost))
	require.Equal(t, supply.LotLost, e.mustLoad(t, monday).Code())
}

func TestACancelledShipmentBringsNothing(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1")
	f.drain(t)
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())
	_, err := e.CancelShipment(context.Background(), monday, once("k2"), "FBA15ABC")
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, supply.Cancelled, e.mustLoad(t, monday).Code())
	v, err := e.Item(context.Background(), monday, kettle)
	require.NoError(t, err)
	require.Equal(t, "shipment FBA15ABC: the shipment was cancelled", v.Verdict.Evidence, "also from what is stored")
}

func TestLinesTakenBackBringNothing(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1")
	f.drain(t)
	_, err := e.PutLines(context.Background(), monday, once("k2"), "FBA15ABC", LinesRequest{Lines: []ContentFields{{"MUG", 5}}})
	require.NoError(t, err)
	f.drain(t)
	require.Zero(t, e.mustLoad(t, monday).FutureSupplyBuyable())
	require.Zero(t, f.lot(t).Expected())
}

func TestANumberMovesFromOneShipmentToAnother(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	second := func(r *NewShipment) { r.ShipmentID, r.ETA = "FBA2", nil }
	e.mustCreate(t, "acme", "k1", withoutETA)
	e.mustCreate(t, "acme", "k2", second) // nobody is linked yet, so nobody can tell
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"))
	require.Equal(t, []supply.ShipmentID{"FBA15ABC"}, e.unitOf(t, "acme", "1Z1").Shipments, "the first that has not ended keeps it")
	require.Equal(t, "WORKING", shipmentStatus(t, e, "FBA2"))

	_, err := e.PutTracking(ctx, monday, once("k3"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("1Z9")}, {BoxID: "U2", TrackingID: new("")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Empty(t, e.unitOf(t, "acme", "1Z1").Shipments, "let go")
	require.Equal(t, []supply.ShipmentID{"FBA15ABC"}, e.unitOf(t, "acme", "1Z9").Shipments)
	require.Equal(t, "SHIPPED", shipmentStatus(t, e, "FBA15ABC"), "what was heard under the old number no longer counts")

	_, err = e.PutTracking(ctx, monday, once("k4"), "FBA2", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("")}}})
	require.NoError(t, err)
	f.drain(t)
	_, err = e.PutTracking(ctx, monday, once("k5"), "FBA2", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("1Z1")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA2"}, e.unitOf(t, "acme", "1Z1").Shipments)
	require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA2"), "its history comes along")
}

// changesOf returns the changes of one shipment's records.
func changesOf(changes []store.Change, id supply.ShipmentID) []store.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c store.Change) bool { return c.Key.Partition != store.ShipmentPartition("acme", id) })
}

func TestANumberThatMovesIsNotLostWhicheverShipmentIsHeardFirst(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.drain(t)
	_, err := e.PutTracking(ctx, monday, once("k2"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("")}}})
	require.NoError(t, err)
	e.mustCreate(t, "acme", "k3", func(r *NewShipment) {
		r.ShipmentID, r.ETA, r.Boxes = "FBA2", nil, []BoxFields{{BoxID: "U1", TrackingID: new("1Z1")}}
	})
	changes := f.next(t)
	require.Empty(t, e.SupplyChanges(ctx, monday, changesOf(changes, "FBA2")))
	require.Empty(t, e.SupplyChanges(ctx, monday, changesOf(changes, "FBA15ABC")))
	require.Equal(t, []supply.ShipmentID{"FBA2"}, e.unitOf(t, "acme", "1Z1").Shipments)
}

func TestAShipmentLetsGoOnlyOfItsOwnUnits(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	e.mustCreate(t, "acme", "k2", func(r *NewShipment) { r.ShipmentID, r.ETA = "FBA2", nil })
	f.drain(t)
	_, err := e.PutTracking(ctx, monday, once("k3"), "FBA2", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA15ABC"}, e.unitOf(t, "acme", "1Z1").Shipments)
}

func TestAShipmentThatHasEndedTakesNoUnitBack(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	first := f.next(t)
	require.Empty(t, e.SupplyChanges(ctx, monday, first))
	_, err := e.CancelShipment(ctx, monday, once("k2"), "FBA15ABC")
	require.NoError(t, err)
	e.mustCreate(t, "acme", "k3", func(r *NewShipment) { r.ShipmentID, r.ETA = "FBA2", nil })
	f.track(t, scanned("1Z1", "2026-03-02T07:00:00Z"))
	_, err = e.Receive(ctx, monday, once("k4"), "FBA2", ReceiptRequest{Final: true})
	require.NoError(t, err)
	f.drain(t)
	require.Empty(t, e.SupplyChanges(ctx, monday, first))
	require.Equal(t, uint32(1), e.unitOf(t, "acme", "1Z1").Scans, "what the later shipment went through is not forgotten")
}

func TestNewsThatLoseARaceAreHeardOnWhatWon(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.drain(t)
	one, two := dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), dated("1Z2", "2026-03-02T07:00:00Z", "2026-03-10T12:00:00Z")
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{one}))
	first := f.next(t)
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{two}))
	second := f.next(t)
	s := &counting{Store: e.store}
	e.store = s
	s.between = meanwhile("STATE", func() {
		_, err := e.Receive(ctx, monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 40}}})
		require.NoError(t, err)
		require.Empty(t, e.SupplyChanges(ctx, monday, second))
	})
	require.Empty(t, e.SupplyChanges(ctx, monday, first))
	f.drain(t)
	lot := f.lot(t)
	require.Equal(t, clock("2026-03-10T12:00:00Z"), lot.ETA.To)
	require.Equal(t, supply.Units(40), lot.Received)
	state, err := e.readShipment(ctx, "acme", "FBA15ABC")
	require.NoError(t, err)
	require.Equal(t, []supply.TrackStatus{supply.InTransit, supply.InTransit}, []supply.TrackStatus{state.Units[0].Status, state.Units[1].Status})
}

func TestAShipmentIsNeverReadHalfOldAndHalfNew(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1", withoutETA)
	s := &counting{Store: e.store}
	e.store = s
	s.between = meanwhile("CONTENTS", func() {
		_, err := e.Receive(ctx, monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 40}}})
		require.NoError(t, err)
	})
	read, err := e.readShipment(ctx, "acme", "FBA15ABC")
	require.NoError(t, err)
	require.Equal(t, [2]int64{2, 2}, [2]int64{read.version, read.contents})
	require.Equal(t, []supply.Content{{SKU: "KETTLE-1", Units: 40}}, read.Received)
}

func TestANumberIsTakenOverFromAShipmentThatHasEnded(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(*Engine) (Answer, error)
		status string
	}{
		"cancelled: the same goods, announced anew": {func(e *Engine) (Answer, error) {
			return e.CancelShipment(context.Background(), monday, once("k2"), "FBA15ABC")
		}, "IN_TRANSIT"},
		"received: the carrier uses the number again": {func(e *Engine) (Answer, error) {
			return e.Receive(context.Background(), monday, once("k2"), "FBA15ABC", ReceiptRequest{Final: true})
		}, "SHIPPED"},
	} {
		e := newTestEngine()
		f := &supplyFeed{engine: e}
		e.mustCreate(t, "acme", "k1")
		f.track(t, scanned("1Z1", "2026-03-02T07:00:00Z"))
		_, err := c.end(e)
		require.NoError(t, err)
		f.drain(t)
		e.mustCreate(t, "acme", "k3", func(r *NewShipment) { r.ShipmentID = "FBA2" })
		f.drain(t)
		require.Equal(t, c.status, shipmentStatus(t, e, "FBA2"), name)
		require.Equal(t, []supply.ShipmentID{"FBA2"}, e.unitOf(t, "acme", "1Z1").Shipments, name)
	}
}

func TestALetGoNumberDoesNotComeBackWithAnOldChange(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.drain(t)
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z")}))
	old := f.next(t)
	_, err := e.PutTracking(ctx, monday, once("k2"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("")}}})
	require.NoError(t, err)
	f.drain(t)
	require.Empty(t, e.SupplyChanges(ctx, monday, old))
	require.False(t, f.lot(t).ETA.Known())
}

func TestAnotherCarriersUnitIsNotLinked(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	usps := dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z")
	usps.Issuer = "USPS"
	f.track(t, usps)
	e.mustCreate(t, "acme", "k1", withoutETA)
	f.drain(t)
	require.Empty(t, e.unitOf(t, "acme", "1Z1").Shipments)
	require.Equal(t, supply.NoETA, e.mustLoad(t, monday).Code())

	usps.Number = "1Z2" // registered first, so it is linked already when the stranger speaks
	f.track(t, usps)
	require.Equal(t, supply.NoETA, e.mustLoad(t, monday).Code())
	require.Equal(t, "SHIPPED", shipmentStatus(t, e, "FBA15ABC"))
}

func TestTwoSellersMayUseTheSameShipmentIDAndNumber(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	e.mustCreate(t, "other", "k1", withoutETA)
	f.track(t, dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"))
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())
	others, err := e.loadOne(context.Background(), monday, true, true, supply.ItemKey{Seller: "other", Marketplace: germany, SKU: "KETTLE-1"})
	require.NoError(t, err)
	require.Equal(t, supply.NoETA, others.item.Code())
}

func TestABatchWritesEachItemOnceAndOneShipmentsStateOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	e.mustCreate(t, "acme", "k2", func(r *NewShipment) {
		r.ShipmentID = "FBA2"
		r.Boxes = []BoxFields{{BoxID: "U1", TrackingID: new("1Z3")}}
	})
	f.drain(t)
	head, state := versionsOf(t, e)
	for _, r := range []supply.Report{
		dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), dated("1Z2", "2026-03-02T07:00:00Z", "2026-03-10T12:00:00Z"),
		dated("1Z1", "2026-03-02T08:00:00Z", "2026-03-11T12:00:00Z"), dated("1Z3", "2026-03-02T08:00:00Z", "2026-03-12T12:00:00Z"),
	} {
		require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{r}))
	}
	batch := f.next(t)
	require.Len(t, batch, 4)
	require.Empty(t, e.SupplyChanges(ctx, monday, batch))
	nextHead, nextState := versionsOf(t, e)
	require.Equal(t, [2]int64{1, 1}, [2]int64{nextHead - head, nextState - state})
	f.drain(t)
	require.Empty(t, e.SupplyChanges(ctx, monday, batch))
	again, stateAgain := versionsOf(t, e)
	require.Equal(t, [2]int64{nextHead, nextState}, [2]int64{again, stateAgain}, "a batch that comes again writes nothing")
}

func versionsOf(t *testing.T, e *Engine) (head, state int64) {
	records, err := e.store.Get(context.Background(), true, store.HeadKey(kettle), store.StateKey("acme", "FBA15ABC"))
	require.NoError(t, err)
	return records[0].Version, records[1].Version
}

func TestWhatTheReaderWroteItselfCostsNothingMore(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	require.Empty(t, e.SupplyChanges(ctx, monday, f.next(t)))
	linked := f.next(t)
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T07:00:00Z")}))
	require.Empty(t, e.SupplyChanges(ctx, monday, f.next(t)))
	folded := f.next(t)
	s := &counting{Store: e.store}
	e.store = s
	for name, changes := range map[string][]store.Change{"units": linked, "states": folded} {
		require.True(t, slices.ContainsFunc(changes, func(c store.Change) bool {
			_, _, unit := store.ParseUnitKey(c.Key)
			return unit == (name == "units")
		}), name)
		require.Empty(t, e.SupplyChanges(ctx, monday, changes))
	}
	require.Zero(t, s.keys)
}

func TestOneBadRecordDoesNotHoldUpTheOthers(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	e.mustCreate(t, "acme", "k2", func(r *NewShipment) {
		r.ShipmentID, r.ETA, r.Lines, r.Boxes = "FBA2", nil, []ContentFields{{"MUG", 5}}, []BoxFields{{BoxID: "U1", TrackingID: new("1Z3")}}
	})
	f.drain(t)
	mug := supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "MUG"}
	failing := &counting{Store: e.store, fail: func(k store.Key) error {
		if k.Partition == store.ItemPartition(mug) {
			return fault.New(fault.Internal, "BROKEN", "this item cannot be written")
		}
		return nil
	}}
	e.store = failing
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{dated("1Z3", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z")}))
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z")}))
	batch := f.next(t)
	damaged := batch[1]
	damaged.Sequence = "damaged"
	damaged.New = damaged.New.Clone()
	damaged.New.Attrs = []store.Attr{store.Bytes("body", []byte{9})}
	require.Equal(t, []string{"damaged", batch[0].Sequence}, e.SupplyChanges(ctx, monday, append([]store.Change{damaged}, batch...)))
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())

	failing.fail = nil
	require.Empty(t, e.SupplyChanges(ctx, monday, batch[:1]), "brought again, it is done")
	l, err := e.loadOne(ctx, monday, true, true, mug)
	require.NoError(t, err)
	require.Equal(t, supply.Units(5), l.item.FutureSupplyBuyable())
}

func TestTheTimelineSaysWhetherUnitsWereCountedIn(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1")
	f.drain(t)
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("o1", 2)}))
	_, err := e.Receive(ctx, monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 40}}})
	require.NoError(t, err)
	f.drain(t)
	l, err := e.loadOne(ctx, monday, true, true, kettle)
	require.NoError(t, err)
	var frames []string
	require.NoError(t, supply.Decode(l.head.Tail, 0, func(fr supply.Frame, _ uint64, _ *supply.Entry) error {
		frames = append(frames, fr.Cause.String()+" "+string(fr.About))
		return nil
	}))
	require.Equal(t, []string{"orders ", "receipt FBA15ABC"}, frames)
}

// story is everything that happens to one shipment, in the order of its clock.
var story = []supply.Report{
	told("1Z1", "2026-03-01T06:00:00Z", supply.PreTransit, supply.InfoReceived),
	dated("1Z1", "2026-03-01T07:00:00Z", "2026-03-09T12:00:00Z"),
	dated("1Z2", "2026-03-01T08:00:00Z", "2026-03-10T12:00:00Z"),
	dated("1Z1", "2026-03-01T09:00:00Z", "2026-03-12T12:00:00Z"),
	told("1Z2", "2026-03-01T10:00:00Z", supply.Exception, supply.CustomsHold),
	told("1Z2", "2026-03-01T11:00:00Z", supply.InTransit, supply.CustomsReleased),
	told("1Z2", "2026-03-01T12:00:00Z", supply.Exception, supply.Damaged),
	dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-11T12:00:00Z"),
	{Number: "1Z1", Issuer: "UPS", Snapshot: true, SaidAt: clock("2026-03-02T08:00:00Z"), Version: clock("2026-03-02T08:00:00Z"), Scans: []supply.Scan{
		{Status: supply.InTransit, Code: supply.PickedUp, At: clock("2026-03-01T05:00:00Z")},
		{Status: supply.InTransit, Code: supply.HubScan, At: clock("2026-03-02T06:00:00Z")}}},
}

// TestAnyOrderOfReportsAndChangesEndsInTheSameFacts plays the story and its
// shipment's announcement in a random order, with duplicates, and carries the
// changes in random batches, late, twice and out of order.
func TestAnyOrderOfReportsAndChangesEndsInTheSameFacts(t *testing.T) {
	want := supply.Lot{Ordinal: 1, Shipment: "FBA15ABC", Created: clock("2026-03-01T08:00:00Z"), Status: supply.StatusInTransit,
		Shipped: 100, Removed: 40, ETA: supply.Window{From: clock("2026-03-11T12:00:00Z"), To: clock("2026-03-11T12:00:00Z")},
		Heard: clock("2026-03-02T07:00:00Z")}
	for seed := range uint64(150) {
		ctx, e := context.Background(), newTestEngine()
		rng := rand.New(rand.NewPCG(seed, 3))
		f := &supplyFeed{engine: e}
		var waiting, seen []store.Change
		carry := func() {
			waiting = append(waiting, f.next(t)...)
			seen = append(seen, waiting...)
			if len(seen) > 0 && rng.IntN(3) == 0 { // an old change comes once more
				waiting = append(waiting, seen[rng.IntN(len(seen))])
			}
			rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
			n := rng.IntN(len(waiting) + 1)
			require.Empty(t, e.SupplyChanges(ctx, monday, waiting[:n]))
			waiting = slices.Delete(waiting, 0, n)
		}
		steps := slices.Concat(story, story)
		steps = append(steps, supply.Report{})
		rng.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, r := range steps {
			if r.Number == "" {
				e.mustCreate(t, "acme", "k1", withoutETA)
			} else {
				require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{r}))
			}
			carry()
		}
		for len(waiting) > 0 {
			carry()
		}
		f.drain(t)
		got := *f.lot(t)
		got.Version, got.Basis, got.Code, got.Day, got.Exposable, got.Opened = 0, supply.Window{}, 0, 0, 0, false
		require.Equal(t, want, got, "seed %d", seed)
		require.Equal(t, supply.Units(60), e.mustLoad(t, monday).FutureSupplyBuyable(), "seed %d", seed)
	}
}

func TestAShipmentOfManyBoxesIsRegisteredFollowedAndCountedIn(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA, func(r *NewShipment) {
		r.Boxes = nil
		for i := range 2000 {
			r.Boxes = append(r.Boxes, BoxFields{BoxID: fmt.Sprintf("U%06d", i), TrackingID: new(fmt.Sprintf("1Z%016d", i*7919))})
		}
	})
	f.drain(t)
	f.track(t, dated(fmt.Sprintf("1Z%016d", 1999*7919), "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"))
	require.Equal(t, supply.Units(100), e.mustLoad(t, monday).FutureSupplyBuyable())
	s := &counting{Store: e.store}
	e.store = s
	_, err := e.Receive(ctx, monday.Add(time.Minute), once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 100}}})
	require.NoError(t, err)
	*s = counting{Store: s.Store}
	f.drain(t)
	require.Less(t, s.keys, 20, "a receipt reads no units")
	require.Equal(t, "CLOSED", shipmentStatus(t, e, "FBA15ABC"))
}
