package engine

// These tests keep bodies and read them back, small, large and twice. They would
// catch a body that is cut, one that is worked off twice with two effects, and
// one that is forgotten before its time.

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

func pushed(body []byte) Raw {
	return Raw{Adapter: "easypost", Source: "acme-1", Seller: "acme", Body: body}
}

func TestAKeptBodyReadsBackByteByByte(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, 4<<20)
	_, _ = rand.Read(noise)
	for _, body := range [][]byte{{}, []byte(`{"a":1}`), noise} {
		id, err := e.Keep(ctx, monday, pushed(body))
		require.NoError(t, err)
		k, err := e.Kept(ctx, monday, id)
		require.NoError(t, err)
		require.True(t, bytes.Equal(body, k.Body))
		k.Body = nil
		require.Equal(t, len(body), k.bytes)
		k.bytes, k.chunks = 0, 0
		require.Equal(t, Kept{Raw: pushed(nil), ID: id, At: monday}, k)
		again, err := e.Keep(ctx, monday.Add(time.Hour), pushed(body))
		require.NoError(t, err)
		require.Equal(t, id, again, "a provider's retry is the same body")
	}
	other := pushed([]byte(`{"a":1}`))
	other.Seller = "other"
	require.NotEqual(t, must(e.Keep(ctx, monday, pushed([]byte(`{"a":1}`)))), must(e.Keep(ctx, monday, other)))
}

func TestABodyThatWaitedTooLongIsGoneAndAnUnreadableOneStays(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	waiting := must(e.Keep(ctx, monday, pushed([]byte("1"))))
	strange := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	require.NotEqual(t, waiting, strange, "one that waits never displaces one that must be looked at")
	_, err := e.Kept(ctx, monday.Add(pendingKept-time.Second), waiting)
	require.NoError(t, err)
	_, err = e.Kept(ctx, monday.Add(pendingKept), waiting)
	require.Equal(t, fault.NotFound, fault.Of(err))
	_, err = e.Kept(ctx, monday.AddDate(10, 0, 0), strange)
	require.NoError(t, err)
}

func TestABodyKeptInPartIsNotThere(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, 1<<20)
	_, _ = rand.Read(noise)
	raw := pushed(noise)
	e.store = &counting{Store: e.store, fail: func(k store.Key) error {
		if k.Sort == "001" {
			return fault.New(fault.Transient, "AWAY", "the store is away")
		}
		return nil
	}}
	_, err := e.Keep(ctx, monday, raw)
	require.Equal(t, fault.Transient, fault.Of(err))
	_, err = e.Kept(ctx, monday, raw.id("waiting"))
	require.Equal(t, fault.NotFound, fault.Of(err))
}

func TestAKeptBodyIsWorkedOffOnceHoweverOftenItComes(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id := must(e.Keep(ctx, monday, pushed([]byte("a push of many units"))))
	read := func(adapter string, body []byte) (found Read, err error) {
		require.Equal(t, "easypost", adapter)
		require.Equal(t, "a push of many units", string(body))
		for i := range 12 {
			found.Reports = append(found.Reports, scanned("1Z"+string(rune('A'+i)), "2026-03-02T07:00:00Z"))
		}
		return found, nil
	}
	for range 2 {
		require.NoError(t, e.TrackKept(ctx, monday, id, read))
		require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZL").version)
	}
	for _, none := range []string{"", "none", strings.Repeat("0", 32), strings.Repeat("\xff", 3000)} {
		require.Equal(t, fault.NotFound, fault.Of(e.TrackKept(ctx, monday, none, read)))
	}
}

func TestWhatCannotBeReadInAKeptBodyStopsNothingAndIsPutAside(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id := must(e.Keep(ctx, monday, pushed([]byte("one good, one bad"))))
	read := func(string, []byte) (Read, error) {
		return Read{Reports: []supply.Report{scanned("1ZA", "2026-03-02T07:00:00Z")}}, strangeBody
	}
	e.store = &counting{Store: e.store, fail: func(k store.Key) error {
		if k.Sort == "000" {
			return fault.New(fault.Transient, "AWAY", "the store is away")
		}
		return nil
	}}
	require.Equal(t, fault.Transient, fault.Of(e.TrackKept(ctx, monday, id, read)), "the queue brings it again until it is put aside")
	e.store = e.store.(*counting).Store
	require.NoError(t, e.TrackKept(ctx, monday, id, read))
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZA").version)
	page, err := e.Quarantined(ctx, "acme", "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, "event 2 has no time", page.Items[0].Reason)
}

// adviceFor is an advice of a shipment; "" names none, which nobody can use.
func adviceFor(id string) supply.Manifest {
	return supply.Manifest{Shipment: id, Lines: []supply.Content{{SKU: "KETTLE-1", Units: 5}}}
}

func (e *Engine) advised(t *testing.T, id supply.ShipmentID) bool {
	records, err := e.store.Get(context.Background(), true, store.PackingKey("acme", id))
	require.NoError(t, err)
	return records[0].Version != 0
}

func TestAnAdviceThatNobodyCanUseStopsNoOther(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	found := Read{Reports: []supply.Report{scanned("1ZA", "2026-03-02T07:00:00Z")}, Manifests: []supply.Manifest{adviceFor("FBA1"), adviceFor(""), adviceFor("FBA2")}}
	unusable, err := e.Take(ctx, monday, "acme", found)
	require.NoError(t, err)
	require.ErrorContains(t, unusable, "names no shipment")
	require.True(t, e.advised(t, "FBA1") && e.advised(t, "FBA2"))
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZA").version)

	found.Manifests[1] = adviceFor("FBA3")
	id := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	answer, err := e.Replay(ctx, monday, once("1"), id, func(string, []byte) (Read, error) { return found, nil })
	require.Equal(t, Settled{ID: id, Status: "REPLAYED", Reports: 1}, settledAs(t, answer, err))
	require.True(t, e.advised(t, "FBA3"))
}

func TestAReportThatNobodyCanUseStopsNoAdvice(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	unusable, err := e.Take(ctx, monday, "acme", Read{Reports: []supply.Report{{}}, Manifests: []supply.Manifest{adviceFor("FBA1")}})
	require.NoError(t, err)
	require.Equal(t, fault.Invalid, fault.Of(unusable))
	require.True(t, e.advised(t, "FBA1"))
}

func TestElevenUnitsOrAdvicesAreTooManyToBeWaitedFor(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	var found Read
	for i := range maxUnitsPerPush {
		found.Reports = append(found.Reports, scanned(fmt.Sprint("1Z", i), "2026-03-02T07:00:00Z"), scanned(fmt.Sprint("1Z", i), "2026-03-02T08:00:00Z"))
		found.Manifests = append(found.Manifests, adviceFor(fmt.Sprint("FBA", i)))
	}
	_, err := e.Take(ctx, monday, "acme", found)
	require.NoError(t, err, "ten of each are not")
	for _, more := range []Read{{Reports: append(found.Reports, scanned("1ZX", "2026-03-02T07:00:00Z"))}, {Manifests: append(found.Manifests, adviceFor("FBAX"))}} {
		_, err := e.Take(ctx, monday, "acme", more)
		require.Equal(t, fault.TooLarge, fault.Of(err))
		id := must(e.Keep(ctx, monday, pushed(fmt.Append(nil, len(more.Reports)))))
		require.NoError(t, e.TrackKept(ctx, monday, id, func(string, []byte) (Read, error) { return more, nil }))
	}
	require.True(t, e.advised(t, "FBAX"))
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZX").version)
}

// A push that says nothing of interest costs nothing.
func TestNothingReadIsNothingAsked(t *testing.T) {
	e := newTestEngine()
	s := &counting{Store: e.store}
	e.store = s
	_, err := e.Take(context.Background(), monday, "acme", Read{})
	require.NoError(t, err)
	require.Zero(t, s.gets+s.puts)
}
