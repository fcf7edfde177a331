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
