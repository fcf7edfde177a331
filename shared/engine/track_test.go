package engine

// These tests push reports at Track over a store that counts its calls. They
// would catch a duplicate that costs a write, a new event that costs a third
// round trip, and a report that is lost to a race.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// scanned is a report of one departure.
func scanned(number, at string) supply.Report {
	return supply.Report{Number: number, Issuer: "UPS", SaidAt: clock(at),
		Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.Departed, At: clock(at), Text: "Departed " + at}}}
}

// dated is a report of a departure with an ETA.
func dated(number, at, eta string) supply.Report {
	r := scanned(number, at)
	r.ETAs = supply.Expect(supply.Window{From: clock(eta), To: clock(eta)})
	return r
}

func told(number, at string, status supply.TrackStatus, code supply.TrackCode) supply.Report {
	return supply.Report{Number: number, Issuer: "UPS", SaidAt: clock(at), Scans: []supply.Scan{{Status: status, Code: code, At: clock(at)}}}
}

// counting counts what a store is asked, fails what fail says, and lets others
// go between: a read and its write, or the keys of one read.
type counting struct {
	store.Store
	mu                sync.Mutex
	gets, puts, bytes int
	keys              int // read
	strong            bool
	fail              func(store.Key) error
	between           func(store.Key) // before a record is put; before each key of a read but the first
}

// meanwhile returns a between that runs once, when a record of the sort is next.
func meanwhile(sort string, run func()) func(store.Key) {
	return func(k store.Key) {
		if k.Sort == sort && run != nil {
			once := run
			run = nil
			once()
		}
	}
}

func (s *counting) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	s.mu.Lock()
	s.gets, s.strong, s.keys = s.gets+1, s.strong || strong, s.keys+len(keys)
	s.mu.Unlock()
	if s.between == nil {
		return s.Store.Get(ctx, strong, keys...)
	}
	var all []store.Record
	for i, k := range keys {
		if i > 0 {
			s.between(k)
		}
		records, err := s.Store.Get(ctx, strong, k)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return all, nil
}

func (s *counting) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	s.mu.Lock()
	s.puts, s.bytes = s.puts+1, max(s.bytes, w.Record.Size())
	s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(w.Record.Key); err != nil {
			return store.Record{}, false, err
		}
	}
	if s.between != nil {
		s.between(w.Record.Key)
	}
	return s.Store.Put(ctx, w)
}

func (s *counting) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	for i := range writes {
		if s.fail != nil {
			if err := s.fail(writes[i].Record.Key); err != nil {
				return false, err
			}
		}
	}
	return s.Store.PutAll(ctx, writes)
}

func (e *Engine) unitOf(t *testing.T, seller supply.SellerID, number string) unit {
	records, err := e.store.Get(context.Background(), true, store.UnitKey(seller, number))
	require.NoError(t, err)
	u, err := store.ReadUnit(&records[0])
	require.NoError(t, err)
	return unit{u, records[0].Version}
}

func TestANewEventIsTwoRoundTripsAndOneWriteUnitAndADuplicateNoWrite(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	s := &counting{Store: e.store}
	e.store = s
	for i, at := range []string{"2026-03-02T07:00:00Z", "2026-03-02T08:00:00Z"} {
		*s = counting{Store: s.Store}
		require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1z 1", at)}))
		require.Equal(t, [2]int{1, 1}, [2]int{s.gets, s.puts}, "event %d", i)
		require.False(t, s.strong)
		require.LessOrEqual(t, s.bytes, store.UnitBytes)
	}
	*s = counting{Store: s.Store}
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T07:00:00Z"), scanned("1Z-1", "2026-03-02T08:00:00Z")}))
	require.Equal(t, [2]int{1, 0}, [2]int{s.gets, s.puts})
	u := e.unitOf(t, "acme", "1Z1")
	require.Equal(t, uint32(2), u.Scans)
	require.Equal(t, int64(2), u.version)
}

func TestReportsOfOneUnitInOnePushAreOneWrite(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{
		scanned("1Z1", "2026-03-02T07:00:00Z"), scanned("1Z2", "2026-03-02T07:00:00Z"), scanned("1Z1", "2026-03-02T08:00:00Z")}))
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1Z1").version)
	require.Equal(t, uint32(2), e.unitOf(t, "acme", "1Z1").Scans)
	require.Equal(t, uint32(1), e.unitOf(t, "acme", "1Z2").Scans)
	require.Zero(t, e.unitOf(t, "other", "1Z1").version, "the number is this seller's")
}

func TestAReportThatLosesARaceIsAppliedToWhatWon(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	s := &counting{Store: e.store}
	e.store = s
	s.between = meanwhile("UNIT", func() {
		require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T08:00:00Z")}))
	})
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T07:00:00Z")}))
	u := e.unitOf(t, "acme", "1Z1")
	require.Equal(t, uint32(2), u.Scans)
	require.Equal(t, int64(2), u.version)
}

func TestManyCarriersPushingAtOnceLoseNothing(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	var once sync.Mutex
	random := e.random
	e.random = func() uint64 { once.Lock(); defer once.Unlock(); return random() }
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 2 {
				report := scanned("1Z1", fmt.Sprintf("2026-03-02T07:%02d:00Z", i))
				for {
					err := e.Track(ctx, monday, "acme", []supply.Report{report})
					if !fault.Is(err, fault.Transient) {
						require.NoError(t, err)
						break
					}
				}
			}
		})
	}
	all.Wait()
	u := e.unitOf(t, "acme", "1Z1")
	require.Equal(t, uint32(16), u.Scans)
	require.Equal(t, int64(16), u.version)
}

func TestAPushOfManyUnitsIsLeftToTheQueue(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	var reports []supply.Report
	for i := range 11 {
		reports = append(reports, scanned(fmt.Sprint("1Z", i), "2026-03-02T07:00:00Z"))
	}
	require.NoError(t, e.Track(ctx, monday, "acme", reports[:10]))
	require.Equal(t, fault.TooLarge, fault.Of(e.Track(ctx, monday, "acme", reports)))
	require.Zero(t, e.unitOf(t, "acme", "1Z10").version)
}

func TestANumberThatCannotBeOneIsInvalid(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for _, number := range []string{"", " - ", strings.Repeat("1", 65)} {
		err := e.Track(ctx, monday, "acme", []supply.Report{scanned(number, "2026-03-02T07:00:00Z")})
		require.Equal(t, fault.Invalid, fault.Of(err), number)
		require.ErrorContains(t, err, "trackingNumber")
	}
}

func TestAnotherCarriersReportUnderTheSameNumberMovesNothing(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T07:00:00Z")}))
	other := told("1Z1", "2026-03-02T08:00:00Z", supply.Delivered, supply.CodeDelivered)
	other.Issuer = "USPS"
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{other}))
	require.Equal(t, supply.InTransit, e.unitOf(t, "acme", "1Z1").Status)
}

// along returns the report as it leads to its unit by other numbers too.
func along(r supply.Report, also ...string) supply.Report {
	r.Also = also
	return r
}

func TestAReportIsToldUnderTheFirstOfItsNumbersThatAShipmentTravelsUnder(t *testing.T) {
	for name, c := range map[string]struct {
		registered []string // container, bill of lading
		told       []string
	}{
		"none: whichever is registered later finds it": {nil, []string{"MSKU1", "BOL9"}},
		"its own number": {[]string{"MSKU1", "BOL9"}, []string{"MSKU1"}},
		"the paper":      {[]string{"", "BOL9"}, []string{"BOL9"}},
	} {
		ctx, e := context.Background(), newTestEngine()
		f := &supplyFeed{engine: e}
		if c.registered != nil {
			e.mustCreate(t, "acme", "k1", inContainer("FBA1", c.registered[0], 10), func(r *NewShipment) { r.BillOfLading = c.registered[1] })
			f.drain(t)
		}
		require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{along(dated("MSKU1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), "bol-9", "BOL 9", "msku1", " - ")}))
		var told []string
		for _, number := range []string{"MSKU1", "BOL9"} {
			if e.unitOf(t, "acme", number).Scans > 0 {
				told = append(told, number)
			}
		}
		require.Equal(t, c.told, told, name)
		if c.registered == nil {
			require.Empty(t, e.unitOf(t, "acme", "BOL9").Issuer, "UPS's report does not say who issued that number")
			e.mustCreate(t, "acme", "k1", inContainer("FBA1", "", 10), func(r *NewShipment) { r.BillOfLading = "BOL 9" })
		}
		f.drain(t)
		require.Equal(t, "IN_TRANSIT", shipmentStatus(t, e, "FBA1"), name)
		require.Equal(t, supply.Units(10), e.mustLoad(t, monday).FutureSupplyBuyable(), name)
	}
}

func TestAReportOfSeveralNumbersStaysTwoRoundTripsAndADuplicateWritesNothing(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	s := &counting{Store: e.store}
	e.store = s
	push := func(reports ...supply.Report) [3]int {
		*s = counting{Store: s.Store}
		require.NoError(t, e.Track(ctx, monday, "acme", reports))
		require.False(t, s.strong)
		return [3]int{s.gets, s.keys, s.puts}
	}
	first := along(scanned("MSKU1", "2026-03-02T07:00:00Z"), "BOL9")
	require.Equal(t, [3]int{1, 2, 2}, push(first), "nobody registered either")
	require.Equal(t, [3]int{1, 2, 0}, push(first))
	require.Equal(t, [3]int{1, 4, 3}, push(along(scanned("MSKU1", "2026-03-02T08:00:00Z"), "BOL9"), along(scanned("MSKU2", "2026-03-02T08:00:00Z"), "BOL9")),
		"the paper of both is written once")
	e.mustCreate(t, "acme", "k1", inContainer("FBA1", "MSKU1", 10))
	(&supplyFeed{engine: e}).drain(t)
	require.Equal(t, [3]int{1, 2, 1}, push(along(scanned("MSKU1", "2026-03-02T09:00:00Z"), "BOL9")))
	require.Equal(t, [3]int{1, 2, 0}, push(along(scanned("MSKU1", "2026-03-02T09:00:00Z"), "BOL9")))
	require.LessOrEqual(t, s.bytes, store.UnitBytes)
}

func TestOnlyTheUnitsOfAPushAreCountedNotTheirPapers(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	var reports []supply.Report
	for i := range 10 {
		reports = append(reports, along(scanned(fmt.Sprint("MSKU", i), "2026-03-02T07:00:00Z"), "BOL9", fmt.Sprint("BK", i)))
	}
	require.NoError(t, e.Track(ctx, monday, "acme", reports))
	require.Equal(t, fault.TooLarge, fault.Of(e.Track(ctx, monday, "acme", append(reports, scanned("MSKU10", "2026-03-02T07:00:00Z")))))
}

func TestTheNextCarriersNumberLeadsToTheSameGoods(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	f := &supplyFeed{engine: e}
	usps := scanned("94001", "2026-03-02T06:00:00Z")
	usps.Issuer = "USPS"
	f.track(t, usps)
	e.mustCreate(t, "acme", "k1", parcelOf("FBA1", "94001", 10), func(r *NewShipment) { r.Carrier, r.ETA = CarrierFields{Name: "USPS"}, nil })
	f.drain(t)
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{along(dated("1Z1", "2026-03-02T07:00:00Z", "2026-03-09T12:00:00Z"), "9400-1")}))
	f.drain(t)
	require.Equal(t, "2026-03-09T12:00:00Z", e.shown(t, "FBA1").ETA.To.Format(time.RFC3339))
	require.Equal(t, "USPS", e.unitOf(t, "acme", "94001").Issuer)
}
