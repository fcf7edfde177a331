package engine

// These tests turn the clock beyond the day on which a carrier should know a
// number, run the sweep and read what is published. They would catch an alert that
// comes a second early or twice, one that nobody clears, and a sweep that looks at
// what is not due.

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
	"headstart/shared/supply"
)

// heard keeps what is published.
type heard struct{ events []Event }

func (h *heard) Publish(_ context.Context, events []Event) error {
	h.events = append(h.events, events...)
	return nil
}

// alerts carries the changes since the cursor to the publisher and returns what
// it says of numbers.
func (f *supplyFeed) alerts(t *testing.T) (said []string) {
	var h heard
	changes := f.next(t)
	require.Empty(t, f.engine.HeadChanges(context.Background(), monday, changes, &h))
	for _, e := range h.events {
		if e.Alert != nil {
			said = append(said, fmt.Sprint(e.Type, " ", e.Alert.Code, " ", e.Alert.ShipmentID, " ", e.Alert.Numbers, " ", e.Seller, " ", e.Marketplace))
		}
	}
	require.Empty(t, f.engine.SupplyChanges(context.Background(), monday, changes))
	return said
}

func twoBoxes(r *NewShipment) { r.BillOfLading, r.BookingNumber = "", "" }

func TestANumberThatNoCarrierKnowsAfterADayIsAnAlertOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f, published := &supplyFeed{engine: e}, &supplyFeed{engine: e}
	sweep := func(after time.Duration) int {
		swept, err := e.Sweep(ctx, monday.Add(after))
		require.NoError(t, err)
		return swept
	}
	e.mustCreate(t, "acme", "k1", withoutETA, twoBoxes)
	f.track(t, scanned("1Z2", "2026-03-02T07:00:00Z"))
	require.Equal(t, "NOT_VALIDATED VALIDATED", e.shown(t, "FBA15ABC").Units[0].Validation+" "+e.shown(t, "FBA15ABC").Units[1].Validation)

	for _, after := range []time.Duration{0, 23 * time.Hour, 24 * time.Hour} {
		sweep(after)
		require.Empty(t, published.alerts(t), after)
		require.False(t, e.shown(t, "FBA15ABC").Units[0].Alerted)
	}
	require.Equal(t, 1, sweep(24*time.Hour+time.Second))
	require.Equal(t, []string{"alert.raised TRACKING_NOT_VALIDATED FBA15ABC [1Z1] acme A1PA6795UKMFR9"}, published.alerts(t))
	require.True(t, e.shown(t, "FBA15ABC").Units[0].Alerted)
	require.False(t, e.shown(t, "FBA15ABC").Units[1].Alerted)
	require.Zero(t, sweep(48*time.Hour))
	require.Empty(t, published.alerts(t), "once")

	f.track(t, scanned("1Z2", "2026-03-02T08:00:00Z"))
	require.Empty(t, published.alerts(t), "another's news clear nothing")
	f.track(t, scanned("1Z1", "2026-03-02T08:00:00Z"))
	require.Equal(t, []string{"alert.cleared TRACKING_NOT_VALIDATED FBA15ABC [1Z1] acme A1PA6795UKMFR9"}, published.alerts(t))
	require.Equal(t, "VALIDATED", e.shown(t, "FBA15ABC").Units[0].Validation)
}

func TestAnAlertGoesWithItsNumber(t *testing.T) {
	for name, end := range map[string]func(*Engine) (Answer, error){
		"replaced": func(e *Engine) (Answer, error) {
			return e.PutTracking(context.Background(), monday.Add(25*time.Hour), once("k2"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("1Z9")}, {BoxID: "U2", TrackingID: new("")}}})
		},
		"cancelled": func(e *Engine) (Answer, error) {
			return e.CancelShipment(context.Background(), monday, once("k2"), "FBA15ABC")
		},
		"counted in": func(e *Engine) (Answer, error) {
			return e.Receive(context.Background(), monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 1}}})
		},
	} {
		ctx, e := context.Background(), newTestEngine()
		published := &supplyFeed{engine: e}
		e.mustCreate(t, "acme", "k1", withoutETA, twoBoxes)
		_, err := e.Sweep(ctx, monday.Add(25*time.Hour))
		require.NoError(t, err)
		require.Equal(t, []string{"alert.raised TRACKING_NOT_VALIDATED FBA15ABC [1Z1 1Z2] acme A1PA6795UKMFR9"}, published.alerts(t), name)
		_, err = end(e)
		require.NoError(t, err)
		require.Equal(t, []string{"alert.cleared TRACKING_NOT_VALIDATED FBA15ABC [1Z1 1Z2] acme A1PA6795UKMFR9"}, published.alerts(t), name)
		_, err = e.Sweep(ctx, monday.Add(26*time.Hour))
		require.NoError(t, err)
		require.Empty(t, published.alerts(t), name)
	}
}

func TestASweepReadsOnlyShipmentsWithNumbersThatAreDue(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	for i := range 20 {
		id := fmt.Sprint("FBA", i)
		e.mustCreate(t, "acme", id, withoutETA, parcelOf(id, "1Z"+id, 1), withoutETA)
	}
	for i := 1; i < 20; i++ {
		f.track(t, scanned(fmt.Sprint("1ZFBA", i), "2026-03-02T07:00:00Z"))
	}
	s := &counting{Store: e.store}
	e.store = s
	swept, err := e.Sweep(ctx, monday.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, swept)
	require.Equal(t, 2, s.keys, "one shipment's two records")
}

func TestASweepThatLosesARaceLooksAgain(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f, published := &supplyFeed{engine: e}, &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA, twoBoxes)
	f.drain(t)
	s := &counting{Store: e.store}
	s.between = meanwhile("STATE", func() { f.track(t, scanned("1Z2", "2026-03-02T07:00:00Z")) })
	e.store = s
	_, err := e.Sweep(ctx, monday.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{"alert.raised TRACKING_NOT_VALIDATED FBA15ABC [1Z1] acme A1PA6795UKMFR9"}, published.alerts(t))
}

func TestAnAlertNamesUpTo500NumbersAndIsTheSameEventEachTime(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1", withoutETA, twoBoxes, func(r *NewShipment) {
		r.Boxes = nil
		for i := range 501 {
			r.Boxes = append(r.Boxes, BoxFields{BoxID: fmt.Sprint(i), TrackingID: new(fmt.Sprint("1Z", i))})
		}
	})
	f := &supplyFeed{engine: e}
	f.drain(t)
	_, err := e.Sweep(ctx, monday.Add(25*time.Hour))
	require.NoError(t, err)
	changes := f.next(t)
	var h heard
	for range 2 {
		require.Empty(t, e.HeadChanges(ctx, monday, changes, &h))
	}
	require.Len(t, h.events, 4)
	require.Equal(t, []int{500, 1}, []int{len(h.events[0].Alert.Numbers), len(h.events[1].Alert.Numbers)})
	require.Equal(t, []string{"S#acme#FBA15ABC@2:alert.raised", "S#acme#FBA15ABC@2:alert.raised:1"}, []string{h.events[0].ID, h.events[1].ID})
	require.Equal(t, h.events[:2], h.events[2:])
	require.Equal(t, supply.SKU(""), h.events[0].SKU)
}

func TestAStateSaysWhenItIsDueAndHowManyAlertsItHas(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	state := func() *store.Record {
		records, err := e.store.Get(ctx, true, store.StateKey("acme", "FBA15ABC"))
		require.NoError(t, err)
		return &records[0]
	}
	e.mustCreate(t, "acme", "k1", withoutETA, twoBoxes)
	require.Equal(t, monday.Add(24*time.Hour+time.Second).Unix()/3600, state().Due)
	require.Zero(t, state().Attr(store.AlertsAttr).Int)
	_, err := e.Sweep(ctx, monday.Add(25*time.Hour))
	require.NoError(t, err)
	require.Zero(t, state().Due)
	require.Equal(t, int64(2), state().Attr(store.AlertsAttr).Int)
}
