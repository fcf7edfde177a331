package engine

// These tests carry the change feed of random items to the notice reader in
// batches of any size, again and again, with processes that have just started and
// with changes that never come, and look at the bytes that are remembered. They
// would catch an order that is counted twice or not at all, a history that holds
// up the news, and a write too many.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/advice"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// historyOf returns what is remembered of an item, as bytes, and how often it was
// written.
func (e *Engine) historyOf(t *testing.T, key supply.ItemKey) (*advice.History, []byte, int64) {
	records, err := e.store.Get(context.Background(), true, store.HistoryKey(key))
	require.NoError(t, err)
	body := records[0].Attr("h").Bytes
	h, err := advice.Read(body)
	require.NoError(t, err)
	return h, body, records[0].Version
}

func (e *Engine) forgetHistory(t *testing.T, key supply.ItemKey) {
	_, _, err := e.store.Put(context.Background(), store.Write{Record: store.Record{Key: store.HistoryKey(key)}, Expect: store.Anyhow, Delete: true})
	require.NoError(t, err)
	e.Forget()
}

// notify carries changes to the notice reader.
func (e *Engine) notify(t *testing.T, changes ...store.Change) {
	t.Helper()
	require.Empty(t, e.HeadChanges(context.Background(), monday, changes, &heard{}))
}

func TestAnyBatchesOfTheFeedAreRememberedAlike(t *testing.T) {
	sold := supply.Units(0)
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 70))
		e := newTestEngine()
		list(t, e, kettle, monday)
		history(t, e, rng, 60)
		changes := (&supplyFeed{engine: e}).next(t)

		for i := range changes {
			e.notify(t, changes[i])
		}
		h, want, _ := e.historyOf(t, kettle)
		for _, m := range h.Months {
			sold += m.BeforeArrival
		}
		e.forgetHistory(t, kettle)
		readers := []*Engine{e, newTestEngine()} // two processes, each with its memory
		readers[1].store = e.store
		for from := 0; from < len(changes); {
			reader := readers[rng.IntN(2)]
			to := min(len(changes), from+1+rng.IntN(9))
			reader.notify(t, changes[max(0, from-rng.IntN(9)):to]...)
			if rng.IntN(5) == 0 {
				reader.Forget()
			}
			from = to
		}
		_, got, _ := e.historyOf(t, kettle)
		require.Equal(t, want, got, "seed %d", seed)
	}
	require.Greater(t, sold, supply.Units(300))
}

func TestTheNextChangeBringsWhatALostOneWouldHave(t *testing.T) {
	for seed := range uint64(25) {
		rng := rand.New(rand.NewPCG(seed, 71))
		e := newTestEngine()
		list(t, e, kettle, monday)
		history(t, e, rng, 60)
		changes := (&supplyFeed{engine: e}).next(t)
		e.notify(t, changes...)
		want, _, _ := e.historyOf(t, kettle)
		e.forgetHistory(t, kettle)
		for i := range changes {
			if i == len(changes)-1 || rng.IntN(3) > 0 {
				e.notify(t, changes[i])
			}
		}
		got, _, _ := e.historyOf(t, kettle)
		require.Equal(t, want.Next, got.Next)
		sum := func(h *advice.History) (n [3]supply.Units) {
			for _, m := range h.Months {
				n[0], n[1], n[2] = n[0]+m.Sold, n[1]+m.BeforeArrival, n[2]+m.Cancelled
			}
			return n
		}
		require.Equal(t, sum(want)[0], sum(got)[0], "seed %d", seed)
		require.Equal(t, sum(want)[2], sum(got)[2], "seed %d", seed)
		require.Equal(t, want.Promises, got.Promises, "seed %d", seed)
	}
}

func TestRememberingCostsOneWriteUnitPerItemAndBatch(t *testing.T) {
	e := newTestEngine()
	s := &counting{Store: e.store}
	stocked(t, e, monday, kettle, 5)
	supplied(t, e, monday, kettle, arriving("FBA1", 5000, "2026-03-09T12:00:00Z", 1))
	feed := &supplyFeed{engine: e}
	e.notify(t, feed.next(t)...)
	for i := range 200 {
		require.Empty(t, e.Orders(context.Background(), monday, []Delivery{place(fmt.Sprint("o", i), 3)}))
	}
	changes := feed.next(t)
	_, _, before := e.historyOf(t, kettle)
	e.store = s
	e.notify(t, changes...)
	_, _, after := e.historyOf(t, kettle)
	require.Equal(t, before+1, after, "200 commits, one write")
	require.LessOrEqual(t, s.bytes, 1024)

	s.puts, s.keys = 0, 0
	e.notify(t, changes...)
	require.Zero(t, s.puts, "what comes again writes nothing")
	require.LessOrEqual(t, s.keys, 1+2*len(changes))
}

func TestTwoReadersRememberOnce(t *testing.T) {
	e := newTestEngine()
	stocked(t, e, monday, kettle, 50)
	feed := &supplyFeed{engine: e}
	e.notify(t, feed.next(t)...)
	require.Empty(t, e.Orders(context.Background(), monday, []Delivery{place("o1", 3)}))
	changes := feed.next(t)
	e.store = &counting{Store: e.store, between: meanwhile(store.HistorySort, func() { e.notify(t, changes...) })}
	e.notify(t, changes...)
	h, _, _ := e.historyOf(t, kettle)
	require.EqualValues(t, 3, h.Months[0].Sold)
}

func TestAHistoryThatCannotBeWrittenComesAgainAndOneThatCannotBeReadBeginsAnew(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	stocked(t, e, monday, kettle, 50)
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("o1", 3)}))
	changes := (&supplyFeed{engine: e}).next(t)
	s := &counting{Store: e.store}
	e.store = s
	s.fail = func(k store.Key) error {
		if k.Sort == store.HistorySort {
			return fault.New(fault.Transient, "BUSY", "throttled")
		}
		return nil
	}
	var h heard
	var heads []string
	for i := range changes {
		if changes[i].Key.Sort == store.HeadSort {
			heads = append(heads, changes[i].Sequence)
		}
	}
	require.Equal(t, heads, e.HeadChanges(ctx, monday, changes, &h))
	require.NotEmpty(t, h.events, "the news is told")
	s.fail = nil
	e.notify(t, changes...)
	_, want, version := e.historyOf(t, kettle)

	_, _, err := e.store.Put(ctx, store.Write{Expect: version, Record: store.Record{Key: store.HistoryKey(kettle), Version: version + 1,
		Attrs: []store.Attr{store.Bytes("h", []byte("nonsense"))}}})
	require.NoError(t, err)
	e.notify(t, changes...)
	_, got, _ := e.historyOf(t, kettle)
	require.Equal(t, want, got)
}

func TestOrdersThatACompactionForgotStayRemembered(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	stocked(t, e, monday, kettle, 50)
	feed := &supplyFeed{engine: e}
	for i := range 10 {
		require.Empty(t, e.Orders(ctx, monday, []Delivery{place(fmt.Sprint("o", i), 3)}))
		say(t, e, monday, "shipped", fmt.Sprint("o", i), units("KETTLE-1", 3))
	}
	e.notify(t, feed.next(t)...)
	later := monday.Add(30 * 24 * time.Hour)
	l, err := e.loadOne(ctx, later, true, true, kettle)
	require.NoError(t, err)
	done, err := e.compact(ctx, l)
	require.True(t, done)
	require.NoError(t, err)
	_, _, before := e.historyOf(t, kettle)
	changes := feed.next(t)
	e.notify(t, changes...)
	_, _, after := e.historyOf(t, kettle)
	require.Equal(t, before, after, "a compaction says nothing worth remembering")
	require.NotEmpty(t, changes)
	say(t, e, later, "placed", "new", units("KETTLE-1", 2))
	e.notify(t, feed.next(t)...)
	say(t, e, later, "placed", "newer", units("KETTLE-1", 1))
	e.notify(t, feed.next(t)...)
	h, _, _ := e.historyOf(t, kettle)
	require.Len(t, h.Months, 2)
	require.EqualValues(t, 30, h.Months[0].Sold)
	require.EqualValues(t, 3, h.Months[1].Sold)
	require.Equal(t, 2, e.folded.lines[kettle].line.Len(), "what is forgotten is not kept for this either")
}

func TestAdviceSaysWhatTheNumbersSay(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	_, err := e.Advice(ctx, monday, kettle)
	require.True(t, fault.Is(err, fault.NotFound))
	list(t, e, kettle, monday)
	v, err := e.Advice(ctx, monday, kettle)
	require.NoError(t, err)
	require.Nil(t, v.WeeksOfCover)
	require.Nil(t, v.MedianDays)
	require.Nil(t, v.Promises.Rate)
	require.Empty(t, v.Advisories)

	feed := &supplyFeed{engine: e}
	day := func(n int) time.Time { return monday.Add(time.Duration(n) * 24 * time.Hour) }
	supplied(t, e, monday, kettle, arriving("FBA1", 100, "2026-03-09T12:00:00Z", 1))
	require.Empty(t, e.Orders(ctx, day(2), []Delivery{place("o1", 20), place("o2", 10)}))
	e.notify(t, feed.next(t)...)
	v, err = e.Advice(ctx, day(9), kettle)
	require.NoError(t, err)
	require.Equal(t, PromisesView{Resolved: 2, Overdue: 2, Rate: v.Promises.Rate, Late: v.Promises.Late}, v.Promises, "promised for the 10th, and today is the 11th")
	require.Zero(t, *v.Promises.Rate)
	require.Equal(t, 2, *v.MedianDays)
	require.Equal(t, []MonthView{{"2026-03", 30, 30, 0}}, v.Months)

	page, err := e.AdvisedItems(ctx, day(9), "acme", []supply.MarketplaceID{germany}, "")
	require.NoError(t, err)
	require.Empty(t, page.NextToken)
	require.Len(t, page.Items, 1)
	require.Equal(t, "LOW_COVER", page.Items[0].Advisories[0].Code)
	require.Equal(t, page.Items[0].Advisories, v.Advisories)
	_, err = e.AdvisedItems(ctx, day(9), "acme", []supply.MarketplaceID{germany}, "nonsense")
	require.True(t, fault.Is(err, fault.Invalid))
}

func TestItemsThatNeedAdviceComeInPages(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for i := range advicePage + 5 {
		key := supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: supply.SKU(fmt.Sprintf("SKU-%03d", i))}
		list(t, e, key, monday)
		if i%100 == 4 {
			h := advice.History{}
			for k := range 7 { // on hand, out, on hand, ...
				h.Fold(supply.Rules{Calendar: weekdays{time.UTC}}, supply.NewLine(), advice.Commit{Version: int64(k + 1), At: monday.Add(time.Duration(k-7) * 48 * time.Hour), OnHand: k%2 == 0})
			}
			_, _, err := e.store.Put(ctx, store.Write{Expect: store.Absent, Record: store.Record{Key: store.HistoryKey(key), Version: 1, Attrs: []store.Attr{store.Bytes("h", h.Append(nil))}}})
			require.NoError(t, err)
		}
	}
	var found []supply.SKU
	token, pages := "", 0
	for {
		page, err := e.AdvisedItems(ctx, monday, "acme", []supply.MarketplaceID{germany}, token)
		require.NoError(t, err)
		for _, item := range page.Items {
			require.Equal(t, "CHRONIC_OOS", item.Advisories[0].Code)
			found = append(found, item.SKU)
		}
		pages++
		if token = page.NextToken; token == "" {
			break
		}
	}
	require.Equal(t, 2, pages)
	require.Equal(t, []supply.SKU{"SKU-004", "SKU-104", "SKU-204"}, found)
}
