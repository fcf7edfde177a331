package engine

// These tests let despatch advices come before and after the shipment they speak
// of, twice and out of order, and lose a box. They would catch an advice that is
// lost between two calls, one that the seller's word does not outweigh, and units
// that are sold although their box will not come.

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

// unlistedBoxes is an edit: two boxes of which nobody says what they hold.
func unlistedBoxes(r *NewShipment) {
	r.ETA, r.BillOfLading, r.BookingNumber = nil, "BOL 9", ""
	for i := range r.Boxes {
		r.Boxes[i].Lines = nil
	}
}

// asn is what an 856 would say of the two boxes.
func asn(shipment string, numbers ...string) supply.Manifest {
	return supply.Manifest{Shipment: shipment, Numbers: numbers, SaidAt: clock("2026-03-01T12:00:00Z"), Boxes: []supply.Box{
		{ID: "U1", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 60}}},
		{ID: "00340123450000000018", TrackingID: "1Z2", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 40}}},
	}, Lines: []supply.Content{{SKU: "KETTLE-1", Units: 100}}}
}

func (e *Engine) mustLearn(t *testing.T, manifests ...supply.Manifest) {
	require.NoError(t, e.LearnContents(context.Background(), monday, "acme", manifests))
}

var boxLost = []supply.Report{
	dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"),
	dated("1Z2", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"),
	told("1Z2", "2026-03-02T08:00:00Z", supply.Exception, supply.Lost),
}

func TestWithoutADespatchAdviceALostBoxStopsTheSale(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	f.track(t, boxLost...)
	require.Equal(t, supply.QtyNotConfident, e.mustLoad(t, monday).Code())
	e.mustLearn(t, asn("FBA15ABC"))
	f.drain(t)
	require.Equal(t, supply.Units(60), e.mustLoad(t, monday).FutureSupplyBuyable(), "an advice that comes late helps too")
}

func TestADespatchAdviceMayComeBeforeOrAfterItsShipmentByAnyName(t *testing.T) {
	for name, m := range map[string]supply.Manifest{
		"the shipment's id":               asn("FBA15ABC"),
		"the bill of lading":              asn("", "bol-9"),
		"the sender's own id and a paper": asn("ASN/7781", "PRO 1", "BOL9"),
		"an id nobody knows and a paper":  asn("ASN7781", "BOL9"),
	} {
		for _, when := range []string{"before", "after", "between the call and the feed", "twice"} {
			e := newTestEngine()
			f := &supplyFeed{engine: e}
			if when == "before" || when == "twice" {
				e.mustLearn(t, m)
			}
			e.mustCreate(t, "acme", "k1", unlistedBoxes)
			if when == "between the call and the feed" {
				e.mustLearn(t, m)
			}
			f.drain(t)
			if when == "after" || when == "twice" {
				e.mustLearn(t, m, m)
			}
			f.track(t, boxLost...)
			it := e.mustLoad(t, monday)
			require.Equal(t, supply.Units(60), it.FutureSupplyBuyable(), "%s, %s", name, when)
			v := e.shown(t, "FBA15ABC")
			require.Equal(t, &ManifestView{"APPLIED", ""}, v.Manifest)
			require.Equal(t, []LineView{{SKU: "KETTLE-1", Units: 100, Removed: 40}}, v.Lines)
			require.Equal(t, []ContentFields{{"KETTLE-1", 40}}, v.Boxes[1].Lines)
		}
	}
}

func TestAnAdviceFindsTheShipmentThatGetsItsNumberLater(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustLearn(t, asn("", "PRO-77"))
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	f.drain(t)
	require.Nil(t, e.shown(t, "FBA15ABC").Manifest)
	_, err := e.PutTracking(ctx, monday, once("k2"), "FBA15ABC", TrackingRequest{ProNumber: new("PRO 77")})
	require.NoError(t, err)
	f.drain(t)
	require.Equal(t, &ManifestView{"APPLIED", ""}, e.shown(t, "FBA15ABC").Manifest)
}

func TestABoxThatAnAdviceAddsIsFollowed(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	f.track(t, scanned("1Z3", "2026-03-02T07:00:00Z"))
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	m := supply.Manifest{Shipment: "FBA15ABC", Boxes: []supply.Box{{ID: "U3", TrackingID: "1Z 3", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 5}}}}}
	e.mustLearn(t, m)
	f.drain(t)
	require.Equal(t, []supply.ShipmentID{"FBA15ABC"}, e.unitOf(t, "acme", "1Z3").Shipments)
	require.Equal(t, "IN_TRANSIT", e.shown(t, "FBA15ABC").Units[2].Status)
	require.Equal(t, BoxFields{BoxID: "U3", TrackingID: new("1Z 3"), Lines: []ContentFields{{"KETTLE-1", 5}}}, e.shown(t, "FBA15ABC").Boxes[2])
}

func TestContentsThatDoNotFitAreShownAndChangeNothing(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	m := asn("FBA15ABC")
	m.Boxes[0].Contents[0].SKU = "TOASTER"
	e.mustLearn(t, m)
	f.track(t, boxLost...)
	require.Equal(t, supply.QtyNotConfident, e.mustLoad(t, monday).Code())
	v := e.shown(t, "FBA15ABC")
	require.Equal(t, supply.PackingIgnored, v.Manifest.Status)
	require.Contains(t, v.Manifest.Reason, `"TOASTER"`)
	require.Empty(t, v.Boxes[0].Lines)
}

func TestAdvicesThatWaitAreTakenTogether(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	for _, box := range asn("").Boxes {
		e.mustLearn(t, supply.Manifest{Numbers: []string{"BOL 9"}, Boxes: []supply.Box{box}})
	}
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	f.track(t, boxLost...)
	require.Equal(t, []LineView{{SKU: "KETTLE-1", Units: 100, Removed: 40}}, e.shown(t, "FBA15ABC").Lines)
	require.Equal(t, []ContentFields{{"KETTLE-1", 60}}, e.shown(t, "FBA15ABC").Boxes[0].Lines)
}

func TestAnAdviceWaitsFor28DaysAndNoLonger(t *testing.T) {
	for wait, applied := range map[time.Duration]bool{28*24*time.Hour - time.Second: true, 28 * 24 * time.Hour: false} {
		ctx, e := context.Background(), newTestEngine()
		f := &supplyFeed{engine: e}
		require.NoError(t, e.LearnContents(ctx, monday.Add(-wait), "acme", []supply.Manifest{asn("FBA15ABC")}))
		e.mustCreate(t, "acme", "k1", unlistedBoxes)
		f.drain(t)
		require.Equal(t, applied, e.shown(t, "FBA15ABC").Manifest != nil, wait)
	}
}

func TestAnAdviceThatNobodyCouldFindIsInvalid(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for reason, m := range map[string]supply.Manifest{
		"names no shipment": {Shipment: "ASN/7781", Numbers: []string{" ", fmt.Sprintf("%065d", 1)}, Boxes: asn("").Boxes},
		"boxes[0].lines":    {Shipment: "FBA1", Boxes: []supply.Box{{ID: "U1", Contents: []supply.Content{{SKU: "KETTLE-1"}}}}},
	} {
		err := e.LearnContents(ctx, monday, "acme", []supply.Manifest{m})
		require.Equal(t, fault.Invalid, fault.Of(err), reason)
		require.ErrorContains(t, err, reason)
	}
	s := &counting{Store: e.store}
	e.store = s
	e.mustLearn(t, supply.Manifest{Shipment: "FBA1"})
	require.Zero(t, s.keys, "an advice that says nothing reads nothing")
}

func TestTheSameAdviceIsOneWriteAndANoneTheSecondTime(t *testing.T) {
	e := newTestEngine()
	e.mustCreate(t, "acme", "k1", unlistedBoxes)
	before := e.shown(t, "FBA15ABC").Version
	for range 3 {
		e.mustLearn(t, asn("FBA15ABC"))
	}
	require.Equal(t, before+1, e.shown(t, "FBA15ABC").Version)
	s := &counting{Store: e.store}
	e.store = s
	for range 3 {
		e.mustLearn(t, asn("", "PRO77"))
	}
	require.Equal(t, 1, s.puts)
}

func TestAnAdviceThatLosesARaceIsNotLost(t *testing.T) {
	for name, c := range map[string]struct {
		sort string
		m    supply.Manifest
	}{
		"the shipment is announced while the advice is kept": {"PACKING", asn("FBA15ABC")},
		"a box is told of while the advice is written":       {"CONTENTS", asn("", "PRO77")},
	} {
		ctx, e := context.Background(), newTestEngine()
		f := &supplyFeed{engine: e}
		if c.sort == "CONTENTS" {
			e.mustCreate(t, "acme", "k1", unlistedBoxes, func(r *NewShipment) { r.ProNumber = "PRO77" })
			f.drain(t)
		}
		s := &counting{Store: e.store}
		s.between = meanwhile(c.sort, func() {
			if c.sort == "PACKING" {
				e.mustCreate(t, "acme", "k1", unlistedBoxes)
				f.drain(t) // finds nothing kept yet
				return
			}
			_, err := e.PutTracking(ctx, monday, once("k2"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", Lines: []ContentFields{{"KETTLE-1", 50}}}}})
			require.NoError(t, err)
		})
		e.store = s
		e.mustLearn(t, c.m)
		f.drain(t)
		v := e.shown(t, "FBA15ABC")
		require.Equal(t, supply.PackingApplied, v.Manifest.Status, name)
		require.Equal(t, []ContentFields{{"KETTLE-1", 40}}, v.Boxes[1].Lines, name)
	}
}

// TestAdvicesAndCallsInAnyOrderEndInTheSameShipment plays advices, the seller's
// calls and the carriers' news in random orders and batches.
func TestAdvicesAndCallsInAnyOrderEndInTheSameShipment(t *testing.T) {
	second := supply.Manifest{Numbers: []string{"BOL 9"}, SaidAt: clock("2026-03-01T13:00:00Z"),
		Boxes: []supply.Box{{ID: "U3", TrackingID: "1Z3", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 7}}}, {ID: "U1", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 50}}}}}
	var want string
	for seed := range uint64(60) {
		ctx, e := context.Background(), newTestEngine()
		rng := rand.New(rand.NewPCG(seed, 5))
		f := &supplyFeed{engine: e}
		steps := []func(){
			func() { e.mustLearn(t, asn("FBA15ABC")) }, func() { e.mustLearn(t, second) }, func() { e.mustLearn(t, second, asn("FBA15ABC")) },
			func() { e.mustCreate(t, "acme", "k1", unlistedBoxes) },
		}
		for _, r := range boxLost {
			steps = append(steps, func() { require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{r})) })
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
		v := e.shown(t, "FBA15ABC")
		got := fmt.Sprint(v.Boxes[0].Lines, v.Boxes[1].Lines, v.Boxes[2].Lines, v.Manifest, v.Lines, numbersShown(v), e.mustLoad(t, monday).FutureSupplyBuyable())
		if want == "" {
			want = got
			require.Equal(t, supply.Units(60), e.mustLoad(t, monday).FutureSupplyBuyable(), "100 less the 40 of the lost box")
		}
		require.Equal(t, want, got, "seed %d", seed)
	}
}
