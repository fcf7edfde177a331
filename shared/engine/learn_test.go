package engine

// Works by letting shipments arrive late, on the day or never, sweeping as the
// schedule does, and comparing what lanes have learnt with a replay that knows the
// answer. It would catch a shipment that teaches twice or not at all, whatever
// fails meanwhile, a push or an order that writes what all shipments share, a date
// that is decided twice, and a lot that is sold although its lane breaks its dates.

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/promise"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
	"headstart/shared/supply"
)

func newLearningEngine(s store.Store) *Engine {
	return New(s, testCalendar, supply.DefaultPolicy, testRandom(), slog.New(slog.DiscardHandler))
}

// parcel announces a parcel of its own SKU that is to arrive on the noon of a day
// of March 2026.
func parcel(id string, day int, edit ...func(*NewShipment)) []func(*NewShipment) {
	eta := ETAFields{To: fmt.Sprintf("2026-03-%02dT12:00:00Z", day)}
	return append([]func(*NewShipment){twoBoxes, parcelOf(id, "1Z"+id, 10), func(r *NewShipment) {
		r.ETA, r.Carrier = &eta, CarrierFields{Name: "UPS"}
	}}, edit...)
}

func (e *Engine) send(t *testing.T, f *supplyFeed, n, day int, edit ...func(*NewShipment)) {
	for i := range n {
		id := fmt.Sprintf("FBA%d-%d", day, i)
		e.mustCreate(t, "acme", id, parcel(id, day, edit...)...)
	}
	f.drain(t)
}

func (e *Engine) sweepAt(t *testing.T, f *supplyFeed, at string) {
	_, err := e.Sweep(context.Background(), clock(at))
	require.NoError(t, err)
	f.drain(t)
}

func (e *Engine) kept(t *testing.T, name string) *store.Record {
	records, err := e.store.Get(context.Background(), true, store.LatenessKey("acme", name))
	require.NoError(t, err)
	return &records[0]
}

// taughtNode is the node of the lane of UPS's parcels after so many arrivals.
func (e *Engine) taughtNode(t *testing.T) []byte {
	return e.kept(t, "N:SPD/OWN/UPS").Attr("body").Bytes
}

func arrived(id, at string) supply.Report {
	return supply.Report{Number: "1Z" + id, SaidAt: clock(at), Scans: []supply.Scan{{Status: supply.Delivered, Code: supply.CodeDelivered, At: clock(at)}}}
}

func TestALaneLearnsEachShipmentOnceWhateverFails(t *testing.T) {
	reference := new(promise.Node)
	for range 40 {
		l := promise.Watch(-7)
		l.Arrive([]*promise.Node{new(promise.Node), reference}, 2)
	}
	lost := 0
	for seed := range uint64(12) {
		faulty := storetest.NewFaulty(memory.New(), storetest.Never)
		e := newLearningEngine(faulty)
		f := &supplyFeed{engine: e}
		e.send(t, f, 40, 9)
		for i := range 40 {
			id := fmt.Sprintf("FBA9-%d", i)
			require.NoError(t, e.Track(context.Background(), clock("2026-03-11T10:00:00Z"), "acme", []supply.Report{arrived(id, "2026-03-11T09:00:00Z")}))
		}
		f.drain(t)
		faulty.SetPlan(storetest.Random(seed, storetest.Rates{storetest.LostRequest: 0.05, storetest.LostReply: 0.3, storetest.Throttled: 0.05, storetest.Conflict: 0.05}))
		for range 6 {
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { _, _ = e.Sweep(context.Background(), clock("2026-03-12T05:00:00Z")) })
			}
			both.Wait()
		}
		faulty.SetPlan(storetest.Never)
		e.sweepAt(t, f, "2026-03-12T06:00:00Z")
		e.sweepAt(t, f, "2026-03-13T06:00:00Z")
		node, err := promise.UnpackNode(e.taughtNode(t))
		require.NoError(t, err)
		learnt, wanted := promise.Foretell([]*promise.Node{&node}, -7), promise.Foretell([]*promise.Node{reference}, -7)
		for day := range 30 {
			require.InDelta(t, wanted.By(day), learnt.By(day), 1e-9, "seed %d, day %d", seed, day)
		}
		require.Equal(t, reference.AppendBinary(nil)[:1+8*promise.Bins], e.taughtNode(t)[:1+8*promise.Bins], "seed %d: forty arrivals, no more and no less", seed)
		lost += faulty.Fired()["lost reply"]
	}
	require.Positive(t, lost)
}

func TestAnOverdueShipmentTeachesItsLaneBeforeItArrives(t *testing.T) {
	e := newLearningEngine(memory.New())
	f := &supplyFeed{engine: e}
	e.send(t, f, 5, 9)
	e.sweepAt(t, f, "2026-03-09T22:30:00Z") // the day of the ETA is not over, in Berlin
	require.Zero(t, e.kept(t, "N:SPD/OWN/UPS").Version)
	e.sweepAt(t, f, "2026-03-09T23:30:00Z")
	first := e.taughtNode(t)
	require.NotNil(t, first)
	e.sweepAt(t, f, "2026-03-10T09:30:00Z")
	require.Equal(t, first, e.taughtNode(t), "one day teaches once")
	e.sweepAt(t, f, "2026-03-11T00:30:00Z")
	require.NotEqual(t, first, e.taughtNode(t))
}

func TestNeitherAPushNorAnOrderNorAReceiptWritesWhatShipmentsShare(t *testing.T) {
	s := &counting{Store: memory.New()}
	e := newLearningEngine(s)
	var written []string
	s.fail = func(k store.Key) error {
		if k.Sort == "LATENESS" {
			written = append(written, k.Partition)
		}
		return nil
	}
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", twoBoxes)
	f.drain(t)
	f.track(t, dated("1Z1", "2026-03-02T08:00:00Z", "2026-03-09T12:00:00Z"))
	require.Empty(t, e.Orders(context.Background(), monday, []Delivery{place("o1", 2)}))
	_, err := e.Receive(context.Background(), monday, once("k2"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 100}}, Final: true})
	require.NoError(t, err)
	f.drain(t)
	require.Empty(t, written)
	e.sweepAt(t, f, "2026-03-02T12:00:00Z")
	require.NotEmpty(t, written, "the sweep does")
}

func TestALaneThatBreaksItsDatesSellsNothingNewUntilItKeepsThemAgain(t *testing.T) {
	e := newLearningEngine(memory.New())
	f := &supplyFeed{engine: e}
	e.send(t, f, 5, 9)
	for day := 10; day <= 13; day++ {
		e.sweepAt(t, f, fmt.Sprintf("2026-03-%02dT05:00:00Z", day))
	}
	lot := func(id string) *supply.Lot {
		l, err := e.loadOne(context.Background(), monday, true, true, supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: supply.SKU(id)})
		require.NoError(t, err)
		return &l.item.Lots[0]
	}
	probe := func(id string, day int) *supply.Lot {
		e.mustCreate(t, "acme", id, parcel(id, day, func(r *NewShipment) { r.Lines[0].SKU, r.Boxes[0].Lines = id, nil })...)
		f.drain(t)
		return lot(id)
	}
	five := probe("FIVE", 20)
	require.Equal(t, supply.Record{Broken: 5, Of: 5}, five.Outlook.Dates)
	require.Equal(t, supply.Record{Broken: 5, Of: 5}, five.Outlook.All)

	e.send(t, f, 1, 8, func(r *NewShipment) { r.Carrier.Name = "DHL" }) // a lane that looks sure still
	e.sweepAt(t, f, "2026-03-18T05:00:00Z")
	six := probe("SIX", 21)
	require.Equal(t, supply.DateNotConfident, six.Code)
	require.Equal(t, supply.Record{Broken: 6, Of: 6}, six.Outlook.Dates)
	for i := range 5 { // they come at last, and are decided already
		require.NoError(t, e.Track(context.Background(), monday, "acme", []supply.Report{arrived(fmt.Sprintf("FBA9-%d", i), "2026-03-18T09:00:00Z")}))
	}
	f.drain(t)
	e.sweepAt(t, f, "2026-03-19T05:00:00Z")
	require.Equal(t, supply.Record{Broken: 6, Of: 6}, probe("SEVEN", 21).Outlook.Dates)
}

func TestAReceiptTeachesItsVendorOnceTheShipmentIsClosed(t *testing.T) {
	e := newLearningEngine(memory.New())
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", twoBoxes, func(r *NewShipment) { r.Vendor = "Tea & Co" })
	f.drain(t)
	receive := func(key string, units int64, final bool) {
		_, err := e.Receive(context.Background(), monday, once(key), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", units}}, Final: final})
		require.NoError(t, err)
		f.drain(t)
		e.sweepAt(t, f, "2026-03-02T12:00:00Z")
	}
	receive("k2", 40, false)
	require.Zero(t, e.kept(t, "R:TEACO").Version, "more may come")
	receive("k3", 40, true)
	require.EqualValues(t, 1, e.kept(t, "R:TEACO").Version)
	got, err := promise.UnpackReceipts(e.kept(t, "R:TEACO").Attr("body").Bytes)
	require.NoError(t, err)
	require.EqualValues(t, 0.8, got.Sure(0.9))
	e.sweepAt(t, f, "2026-03-04T12:00:00Z")
	require.EqualValues(t, 1, e.kept(t, "R:TEACO").Version, "once")
}

func TestWhatLanesHaveLearntTakesOneWriteUnitARecord(t *testing.T) {
	e := newLearningEngine(memory.New())
	f := &supplyFeed{engine: e}
	longest := func(r *NewShipment) {
		r.Carrier, r.Vendor = CarrierFields{Name: strings.Repeat("C", 100)}, strings.Repeat("V", 100)
	}
	e.send(t, f, 2, 9, longest)
	e.sweepAt(t, f, "2026-03-14T05:00:00Z")
	lane := strings.Repeat("C", 100) + "/" + strings.Repeat("V", 100)
	for _, name := range []string{"N:SPD/OWN", "N:SPD/OWN/" + strings.Repeat("C", 100), "N:SPD/OWN/" + lane, "S:SPD/OWN", "S:*"} {
		r := e.kept(t, name)
		require.Positive(t, r.Version, name)
		if name != "N:SPD/OWN/"+lane { // the longest names take a second unit
			require.LessOrEqual(t, r.Size(), 1024, name)
		}
	}
}

func TestALessonIsOneTransactionWhateverItsShipmentsShare(t *testing.T) {
	for what, c := range map[string]struct {
		edit   func(int) func(*NewShipment)
		writes int
	}{
		"one lane": {func(int) func(*NewShipment) { return func(*NewShipment) {} }, lessonSize + 3 + 2},
		"nothing": {func(i int) func(*NewShipment) {
			return func(r *NewShipment) {
				r.Carrier.Name, r.Vendor, r.Mode = fmt.Sprint("C", i), fmt.Sprint("V", i), supply.Mode(i%6).String()
			}
		}, lessonSize + 6 + 2*lessonSize + 6 + 1},
	} {
		e := newLearningEngine(memory.New())
		f := &supplyFeed{engine: e}
		var ids []supply.ShipmentID
		for i := range lessonSize {
			id := fmt.Sprint("FBA", i)
			ids = append(ids, supply.ShipmentID(id))
			e.mustCreate(t, "acme", id, parcel(id, 9, c.edit(i))...)
		}
		f.drain(t)
		writes, err := e.lesson(context.Background(), clock("2026-03-29T05:00:00Z"), "acme", ids)
		require.NoError(t, err)
		require.Len(t, writes, c.writes, what)
		require.LessOrEqual(t, len(writes), store.MaxWrites)
	}
}

func TestAFixedPaddingLearnsNothing(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.send(t, f, 3, 9)
	e.sweepAt(t, f, "2026-03-14T05:00:00Z")
	s, err := e.readShipment(context.Background(), "acme", "FBA9-0")
	require.NoError(t, err)
	require.Equal(t, supply.Watch{}, s.Watch)
	require.Zero(t, e.kept(t, "N:SPD/OWN").Version)
}

func TestADateIsKeptToItsLastDayAndCountsOnlyWhereItLookedSure(t *testing.T) {
	for _, c := range []struct {
		why     string
		day     int
		padding int
		want    supply.Record
	}{
		{"on the last day", 12, 3, supply.Record{Broken: 0, Of: 1}},
		{"a day later", 13, 3, supply.Record{Broken: 1, Of: 1}},
		{"nobody was sure of it", 13, 8, supply.Record{}},
	} {
		e := newLearningEngine(memory.New())
		f := &supplyFeed{engine: e}
		e.send(t, f, 1, 9)
		if c.padding > 7 { // the lane got worse before the arrival was named
			s, err := e.readShipment(context.Background(), "acme", "FBA9-0")
			require.NoError(t, err)
			s.Watch.Padding, s.Watch.Candidate = c.padding, false
			state, err := store.TaughtRecord("acme", &s.Shipment, s.version+1, s.contents, false)
			require.NoError(t, err)
			_, ok, err := e.store.Put(context.Background(), store.Write{Record: state, Expect: s.version})
			require.True(t, ok && err == nil)
		}
		at := fmt.Sprintf("2026-03-%02dT09:00:00Z", c.day)
		require.NoError(t, e.Track(context.Background(), clock(at), "acme", []supply.Report{arrived("FBA9-0", at)}))
		f.drain(t)
		e.sweepAt(t, f, "2026-03-14T05:00:00Z")
		s, err := e.readShipment(context.Background(), "acme", "FBA9-0")
		require.NoError(t, err)
		require.True(t, s.Watch.Arrived)
		l, err := e.openLessons(context.Background(), "acme", &s.Shipment)
		require.NoError(t, err)
		all := l.switches[switchPrefix+everything]
		require.Equal(t, c.want, supply.Record{Broken: all.Broken(), Of: all.Seen()}, c.why)
	}
}

func TestALessonGivesWayToNewsThatComeMeanwhile(t *testing.T) {
	e := newLearningEngine(memory.New())
	f := &supplyFeed{engine: e}
	e.send(t, f, 1, 9)
	writes, err := e.lesson(context.Background(), clock("2026-03-12T05:00:00Z"), "acme", []supply.ShipmentID{"FBA9-0"})
	require.NoError(t, err)
	require.NoError(t, e.Track(context.Background(), monday, "acme", []supply.Report{arrived("FBA9-0", "2026-03-11T09:00:00Z")}))
	f.drain(t)
	ok, err := e.store.PutAll(context.Background(), writes)
	require.NoError(t, err)
	require.False(t, ok, "it would forget the arrival")
}

func TestHowLongItTookFromAnETAToBuyableIsSaidOnce(t *testing.T) {
	var said bytes.Buffer
	e := newLearningEngine(memory.New())
	e.log = slog.New(slog.NewJSONHandler(&said, nil))
	at := monday
	carry := func(f *supplyFeed) {
		for changes := f.next(t); len(changes) > 0; changes = f.next(t) {
			require.Empty(t, e.SupplyChanges(context.Background(), at, changes))
		}
	}
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", twoBoxes, func(r *NewShipment) { r.Marketplace, r.ETA = string(germany), &ETAFields{To: "2026-03-20T12:00:00Z"} })
	require.NoError(t, e.Track(context.Background(), at, "acme", []supply.Report{told("1Z1", "2026-03-02T08:00:00Z", supply.Exception, supply.Held)}))
	carry(f)
	require.NotContains(t, said.String(), "eta to buyable", "it is held")
	at = monday.Add(50 * time.Hour)
	require.NoError(t, e.Track(context.Background(), at, "acme", []supply.Report{scanned("1Z1", "2026-03-04T11:00:00Z")}))
	carry(f)
	require.Contains(t, said.String(), `"eta_to_buyable_seconds":180000`)
	said.Reset()
	at = monday.Add(60 * time.Hour)
	require.NoError(t, e.Track(context.Background(), at, "acme", []supply.Report{scanned("1Z1", "2026-03-04T21:00:00Z")}))
	carry(f)
	require.NotContains(t, said.String(), "eta to buyable")
}
