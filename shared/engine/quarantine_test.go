package engine

// These tests put bodies aside, list, read, replay and dismiss them, as their
// seller and as another one, with lost races and crashes between. They would
// catch a body that is shown to a stranger, one that leaves before it was read,
// a replay that moves a unit back, and an alarm that nobody hears.

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

var strangeBody = fault.New(fault.Invalid, "UNREADABLE_BODY", "event 2 has no time")

// reading returns a Reader that finds the reports and cannot read the rest.
func reading(unread error, reports ...supply.Report) Reader {
	return func(string, []byte) (Read, error) { return Read{Reports: reports}, unread }
}

func settledAs(t *testing.T, answer Answer, err error) Settled {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, 200, answer.Status)
	var s Settled
	require.NoError(t, json.Unmarshal(answer.Body, &s))
	return s
}

func TestTheQuarantineListsNewestFirstAndEachSellerItsOwn(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	const bodies = 2*quarantinePage + 3
	for i := range bodies {
		must(e.Quarantine(ctx, monday.Add(time.Duration(i)*time.Minute), pushed(fmt.Append(nil, i)), strangeBody))
	}
	other := pushed([]byte("1"))
	other.Seller = "other"
	must(e.Quarantine(ctx, monday, other, strangeBody))
	var seen []QuarantinedBody
	for token, more := "", true; more; more = token != "" {
		page, err := e.Quarantined(ctx, "acme", token)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), quarantinePage)
		seen, token = append(seen, page.Items...), page.NextToken
	}
	require.Len(t, seen, bodies)
	for i, b := range seen {
		require.Equal(t, monday.Add(time.Duration(bodies-1-i)*time.Minute), b.ReceivedAt)
		require.Equal(t, []any{"easypost", "acme-1", "event 2 has no time", len(fmt.Append(nil, bodies-1-i))}, []any{b.Adapter, b.Source, b.Reason, b.Bytes})
		require.Nil(t, b.Body, "a list shows no bodies")
	}
	page, err := e.Quarantined(ctx, "other", "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	page, err = e.Quarantined(ctx, "nobody", "")
	require.NoError(t, err)
	require.Equal(t, []QuarantinedBody{}, page.Items)
	_, err = e.Quarantined(ctx, "acme", "no token")
	require.Equal(t, fault.Invalid, fault.Of(err))
}

func TestAListReadsLittleOfLongBodies(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, 4<<20)
	_, _ = rand.Read(noise)
	must(e.Quarantine(ctx, monday, pushed(noise), strangeBody))
	meter := &store.Meter{}
	e.store = store.Metered(e.store, meter)
	page, err := e.Quarantined(ctx, "acme", "")
	require.NoError(t, err)
	require.Equal(t, 4<<20, page.Items[0].Bytes)
	require.Less(t, meter.Total().BytesRead, int64(6<<10))
}

func TestABodyIsShownAsTextWhereItIsOne(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, 4<<20)
	_, _ = rand.Read(noise)
	for name, c := range map[string]struct {
		body []byte
		text bool
	}{
		"JSON": {[]byte(`{"a":"é"}`), true}, "empty": {nil, true}, "lines": {[]byte("ISA*00~\r\n\tGS~"), true},
		"no UTF-8": {[]byte("caf\xe9"), false}, "control characters": {[]byte("ISA\x1d00\x1e"), false}, "DEL": {[]byte("\x7f"), false},
		"at the limit": {bytes.Repeat([]byte("<"), maxShown), true}, "longer": {bytes.Repeat([]byte("<"), maxShown+1), false}, "X12's limit": {noise, false},
	} {
		b, err := e.QuarantinedBody(ctx, monday, "acme", must(e.Quarantine(ctx, monday, pushed(c.body), strangeBody)))
		require.NoError(t, err, name)
		if c.text {
			require.Equal(t, string(c.body), *b.Body, name)
			require.Nil(t, b.BodyBase64, name)
			continue
		}
		require.Nil(t, b.Body, name)
		got, err := base64.StdEncoding.DecodeString(*b.BodyBase64)
		require.NoError(t, err)
		require.True(t, bytes.Equal(c.body, got), name)
	}
	// What Lambda answers with, 6 MB, holds the longest text and the longest body:
	// encoding/json writes "<" in six bytes.
	require.Less(t, 6*maxShown, 6<<20-64<<10)
	require.Less(t, base64.StdEncoding.EncodedLen(4<<20), 6<<20-64<<10)
}

func TestAReplayedBodyIsTrackedAndGone(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, 1<<20)
	_, _ = rand.Read(noise)
	id := must(e.Quarantine(ctx, monday, pushed(noise), strangeBody))
	read := func(adapter string, body []byte) (Read, error) {
		require.Equal(t, "easypost", adapter)
		require.True(t, bytes.Equal(noise, body))
		return Read{Reports: []supply.Report{scanned("1ZA", "2026-03-02T07:00:00Z"), scanned("1ZB", "2026-03-02T07:00:00Z")}}, nil
	}
	answer, err := e.Replay(ctx, monday, once("1"), id, read)
	require.Equal(t, Settled{ID: id, Status: "REPLAYED", Reports: 2}, settledAs(t, answer, err))
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZB").version)
	again, err := e.Replay(ctx, monday, once("1"), id, nil)
	require.NoError(t, err)
	require.Equal(t, answer, again, "the same request has the same answer")
	_, err = e.Replay(ctx, monday, once("2"), id, read)
	require.Equal(t, fault.NotFound, fault.Of(err))
	page, err := e.Quarantined(ctx, "acme", "")
	require.NoError(t, err)
	require.Empty(t, page.Items)
	for i := range 5 {
		left, err := e.store.Get(ctx, true, store.RawKey(id, chunkName(i)))
		require.NoError(t, err)
		require.Zero(t, left[0].Version, "chunk %d is left behind", i)
	}
}

func TestABodyThatStillCannotBeReadStaysAndWhatCanBeIsTracked(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	_, err := e.Replay(ctx, monday, once("1"), id, reading(strangeBody, scanned("1ZA", "2026-03-02T07:00:00Z")))
	require.Equal(t, fault.Refused, fault.Of(err))
	require.ErrorContains(t, err, "event 2 has no time")
	require.Equal(t, int64(1), e.unitOf(t, "acme", "1ZA").version)
	require.NotEmpty(t, must(e.QuarantinedBody(ctx, monday, "acme", id)))
	answer, err := e.Replay(ctx, monday, once("1"), id, reading(nil))
	require.Equal(t, "REPLAYED", settledAs(t, answer, err).Status, "a refusal is no answer that is kept: the same key goes on after a fix")
}

func TestAReplayAfterNewerNewsMovesNothingBack(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	old := told("1ZA", "2026-03-02T07:00:00Z", supply.InTransit, supply.Departed)
	id := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{told("1ZA", "2026-03-02T09:00:00Z", supply.Delivered, supply.CodeDelivered)}))
	for range 2 {
		answer, err := e.Replay(ctx, monday, once(id), id, reading(nil, old))
		require.Equal(t, "REPLAYED", settledAs(t, answer, err).Status)
		require.Equal(t, supply.Delivered, e.unitOf(t, "acme", "1ZA").Status)
		id = must(e.Quarantine(ctx, monday, pushed([]byte("2")), strangeBody))
	}
}

func TestADismissedBodyIsGoneAndNothingElse(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id, stays := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody)), must(e.Quarantine(ctx, monday, pushed([]byte("2")), strangeBody))
	for range 2 {
		answer, err := e.Dismiss(ctx, monday, once("1"), id)
		require.Equal(t, Settled{ID: id, Status: "DISMISSED"}, settledAs(t, answer, err))
	}
	_, err := e.Dismiss(ctx, monday, once("2"), id)
	require.Equal(t, fault.NotFound, fault.Of(err))
	page, err := e.Quarantined(ctx, "acme", "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, stays, page.Items[0].ID)
}

func TestAnotherSellersBodyAndOneThatWaitsAreInNoQuarantine(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	theirs := pushed([]byte("1"))
	theirs.Seller = "other"
	for _, id := range []string{must(e.Quarantine(ctx, monday, theirs, strangeBody)), must(e.Keep(ctx, monday, pushed([]byte("1")))), "", "x", strings.Repeat("g", 32)} {
		_, err := e.QuarantinedBody(ctx, monday, "acme", id)
		require.Equal(t, fault.NotFound, fault.Of(err), id)
		_, err = e.Dismiss(ctx, monday, once("d"+id), id)
		require.Equal(t, fault.NotFound, fault.Of(err), id)
		_, err = e.Replay(ctx, monday, once("r"+id), id, reading(nil))
		require.Equal(t, fault.NotFound, fault.Of(err), id)
	}
}

// One of two settles a body; the other learns that it is gone.
func TestOfTwoWhoSettleABodyOneDoes(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	_, err := e.Replay(ctx, monday, once("slow"), id, func(string, []byte) (Read, error) {
		_, err := e.Dismiss(ctx, monday, once("quick"), id)
		require.NoError(t, ignoreGone(err))
		return Read{}, nil
	})
	require.Equal(t, fault.NotFound, fault.Of(err))
}

func ignoreGone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func TestAReplayThatCannotBeWrittenNowChangesNothingOfTheBody(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	id := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	whole := e.store
	e.store = &counting{Store: whole, fail: func(k store.Key) error {
		if k.Sort == "UNIT" {
			return fault.New(fault.Transient, "AWAY", "the store is away")
		}
		return nil
	}}
	_, err := e.Replay(ctx, monday, once("1"), id, reading(nil, scanned("1ZA", "2026-03-02T07:00:00Z")))
	require.Equal(t, fault.Transient, fault.Of(err))
	e.store = whole
	answer, err := e.Replay(ctx, monday, once("1"), id, reading(nil, scanned("1ZA", "2026-03-02T07:00:00Z")))
	require.Equal(t, 1, settledAs(t, answer, err).Reports)
}

// The template's filter counts the line; whoever kept the body may have died
// before it was written.
func TestEveryDeliveryOfAnUnreadableBodyIsSaidAndKeptOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	var log bytes.Buffer
	e.log = slog.New(slog.NewJSONHandler(&log, nil))
	s := &counting{Store: e.store}
	e.store = s
	first := must(e.Quarantine(ctx, monday, pushed([]byte("1")), strangeBody))
	require.Equal(t, first, must(e.Quarantine(ctx, monday.Add(time.Hour), pushed([]byte("1")), strangeBody)))
	require.Equal(t, 1, s.puts)
	require.Equal(t, 2, strings.Count(log.String(), `"msg":"unreadable webhook kept"`))
	require.Contains(t, log.String(), `"reason":"event 2 has no time"`)
	b, err := e.QuarantinedBody(ctx, monday, "acme", first)
	require.NoError(t, err)
	require.Equal(t, monday, b.ReceivedAt)
}

func TestAReasonIsFitToBeStoredAndNeverEmpty(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for i, c := range []struct{ says, want string }{
		{"\x00\u202e", "it cannot be read"}, {"bad \xff\u202ebyte", "bad \ufffdbyte"}, {strings.Repeat("x", 4000), strings.Repeat("x", reasonBytes)},
	} {
		b, err := e.QuarantinedBody(ctx, monday, "acme", must(e.Quarantine(ctx, monday, pushed(fmt.Append(nil, i)), fault.New(fault.Invalid, "X", "%s", c.says))))
		require.NoError(t, err)
		require.Equal(t, c.want, b.Reason)
	}
}
