package engine

// These tests move promises and supply, carry the changes to the notes and turn the
// clock to the letter. They would catch a letter that tells what is over, one that is
// lost or told twice, one letter for each item, and notes that cost a write where
// nothing was news.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// letterbox keeps the letters that are sent, and fails as long as fails is set;
// before is called with each letter, and sees it first.
type letterbox struct {
	mu     sync.Mutex
	sent   []Letter
	fails  error
	before func()
}

func (b *letterbox) Mail(_ context.Context, l Letter) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.before != nil {
		b.before()
	}
	if b.fails != nil {
		return "", b.fails
	}
	b.sent = append(b.sent, l)
	return "id", nil
}

// newsroom is an engine whose changes are carried to the notes of letters.
type newsroom struct {
	*Engine
	*testing.T
	feed supplyFeed
	box  letterbox
}

// openNews has items that each wait for ten units of a shipment of their own, due
// on 11 March, with two orders each of two units.
func openNews(t *testing.T, skus ...supply.SKU) *newsroom {
	p := &newsroom{Engine: newTestEngine(), T: t}
	p.UseMailer(&p.box)
	p.give(t, monday.Add(-time.Hour), anna)
	p.feed.engine = p.Engine
	for _, sku := range skus {
		p.arrives(sku, "2026-03-10T12:00:00Z", 1)
		p.order(sku, string(sku)+"-1", string(sku)+"-2")
	}
	p.carry(monday)
	return p
}

func acmes(sku supply.SKU) supply.ItemKey {
	return supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: sku}
}

// arrives says when the item's shipment arrives; never for "".
func (p *newsroom) arrives(sku supply.SKU, eta string, version int64) {
	p.Helper()
	lot := arriving(supply.ShipmentID("FBA-"+sku), 10, "2026-03-10T12:00:00Z", version)
	if eta == "" {
		lot.Status = supply.ShipmentCancelled
	} else {
		lot.ETA = supply.Window{From: clock(eta), To: clock(eta)}
	}
	supplied(p.T, p.Engine, monday, acmes(sku), lot)
}

func (p *newsroom) order(sku supply.SKU, ids ...string) {
	p.Helper()
	var batch []Delivery
	for _, id := range ids {
		batch = append(batch, Delivery{ID: "m-" + id, Body: fmt.Appendf(nil, `{"type":"order.placed","orderId":%q,"seller":"acme","marketplace":%q,"placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":%q,"units":2}]}`, id, germany, sku)})
	}
	require.Empty(p, p.Orders(context.Background(), monday, batch))
}

// carry brings what has changed to the notes.
func (p *newsroom) carry(at time.Time) (changes []store.Change) {
	p.Helper()
	changes = p.feed.next(p.T)
	require.Empty(p, p.HeadChanges(context.Background(), at, changes, &heard{}))
	return changes
}

// sweep runs the sweep and returns the letters that it sent.
func (p *newsroom) sweep(at time.Time) []Letter {
	p.Helper()
	p.box.sent = nil
	_, err := p.Sweep(context.Background(), at)
	require.NoError(p, err)
	return p.box.sent
}

// letter runs the sweep and returns its one letter.
func (p *newsroom) letter(at time.Time) Letter {
	p.Helper()
	sent := p.sweep(at)
	require.Len(p, sent, 1)
	return sent[0]
}

func (p *newsroom) news() *letters {
	p.Helper()
	records, err := p.store.Get(context.Background(), true, store.NewsKey("acme"))
	require.NoError(p, err)
	n, err := readLetters(&records[0])
	require.NoError(p, err)
	return &n
}

func after(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }

func TestPromisesThatMovedAreOneLetterAQuarterOfAnHourLater(t *testing.T) {
	p := openNews(t, "KETTLE", "MUG")
	p.UseLinks(secrets(mine))
	_, err := p.PutItem(context.Background(), monday, once("name"), acmes("MUG"), Listing{ProductName: "Blue mug"})
	require.NoError(t, err)
	p.arrives("KETTLE", "2026-03-13T12:00:00Z", 2)
	p.carry(after(0))
	p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
	p.carry(after(10))
	p.arrives("KETTLE", "2026-03-20T12:00:00Z", 3)
	p.carry(after(14))
	require.Empty(t, p.sweep(after(15).Add(-time.Second)))
	l := p.letter(after(15))
	require.Equal(t, []NewsItem{
		{Marketplace: germany, SKU: "KETTLE", Moved: 2, Latest: day("2026-03-23"), LaterBy: 12},
		{Marketplace: germany, SKU: "MUG", ProductName: "Blue mug", Moved: 2, Latest: day("2026-03-18"), LaterBy: 7},
	}, l.News.Items)
	require.Nil(t, l.Program)
	link := p.unsubscribeLink(context.Background(), "acme", anna)
	require.NotEmpty(t, link)
	require.Equal(t, Letter{ID: "N/acme/1", Seller: "acme", To: anna, Language: English, Console: "https://shop.example/program", Unsubscribe: link, News: l.News}, l)
	require.Empty(t, p.sweep(after(600)), "once")

	p.arrives("MUG", "2026-03-11T12:00:00Z", 3)
	p.carry(after(600))
	l = p.letter(after(615))
	require.Equal(t, "N/acme/2", l.ID)
	require.Equal(t, []NewsItem{{Marketplace: germany, SKU: "MUG", ProductName: "Blue mug", Moved: 2, Latest: day("2026-03-12"), LaterBy: -6}}, l.News.Items)
}

func day(s string) supply.Day {
	d, err := supply.ParseDay("day", s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestWhatIsOverWhenTheLetterIsWrittenIsNotTold(t *testing.T) {
	for name, end := range map[string]func(*newsroom){
		"moved back": func(p *newsroom) { p.arrives("KETTLE", "2026-03-10T12:00:00Z", 3) },
		"served again": func(p *newsroom) {
			p.arrives("KETTLE", "", 3)
			p.carry(after(2))
			p.arrives("KETTLE", "2026-03-10T12:00:00Z", 4)
		},
		"orders gone":  func(p *newsroom) { p.cancel("KETTLE", "KETTLE-1", "KETTLE-2") },
		"back unheard": func(p *newsroom) { p.arrives("KETTLE", "2026-03-10T12:00:00Z", 3); p.feed.next(p.T) },
		"short, gone": func(p *newsroom) {
			p.arrives("KETTLE", "", 3)
			p.carry(after(2))
			p.cancel("KETTLE", "KETTLE-1", "KETTLE-2")
		},
		"back and late": func(p *newsroom) { p.carry(after(9)); p.arrives("KETTLE", "2026-03-10T12:00:00Z", 3) },
	} {
		p := openNews(t, "KETTLE")
		p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
		p.carry(after(0))
		require.Len(t, p.news().Notes, 1, name)
		end(p)
		p.carry(after(10))
		require.Empty(t, p.sweep(after(15)), name)
		require.Empty(t, p.news().Notes, name)
		require.Empty(t, p.news().Hand, name)
		require.True(t, p.news().due().IsZero(), name)
	}
}

func (p *newsroom) cancel(sku supply.SKU, ids ...string) {
	p.Helper()
	for _, id := range ids {
		body := fmt.Appendf(nil, `{"type":"order.cancelled","orderId":%q,"seller":"acme","marketplace":%q,"lines":[{"sku":%q}]}`, id, germany, sku)
		require.Empty(p, p.Orders(context.Background(), monday, []Delivery{{ID: "c-" + id, Body: body}}))
	}
}

func TestAShortfallIsToldAsItIsThen(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "", 2)
	p.carry(after(0))
	p.cancel("KETTLE", "KETTLE-1")
	p.carry(after(5))
	require.Equal(t, []NewsItem{{Marketplace: germany, SKU: "KETTLE", Short: 2}}, p.letter(after(15)).News.Items)

	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 3)
	p.carry(after(60))
	require.Equal(t, []NewsItem{{Marketplace: germany, SKU: "KETTLE", Moved: 1, Latest: day("2026-03-18")}}, p.letter(after(75)).News.Items)
}

func TestAnAlertIsToldWhileItStands(t *testing.T) {
	raise := func() *newsroom {
		p := openNews(t, "KETTLE")
		_, err := p.Sweep(context.Background(), clock("2026-03-11T10:00:00Z")) // its arrival is overdue
		require.NoError(t, err)
		p.carry(clock("2026-03-11T10:00:00Z"))
		require.NotEmpty(t, p.news().Notes)
		return p
	}
	require.Equal(t, []NewsAlert{{"NEED_BY_AT_RISK", "FBA-KETTLE"}}, raise().letter(clock("2026-03-11T10:15:00Z")).News.Items[0].Alerts)

	p := raise()
	lot := arriving("FBA-KETTLE", 10, "2026-03-10T12:00:00Z", 2)
	lot.Status, lot.Received = supply.Receiving, 10
	require.NoError(t, p.resupply(context.Background(), clock("2026-03-11T10:01:00Z"), acmes("KETTLE"), []supply.Lot{lot}, supply.CauseReceipt, "FBA-KETTLE"))
	p.carry(clock("2026-03-11T10:01:00Z"))
	for _, l := range p.sweep(clock("2026-03-11T10:15:00Z")) {
		require.Empty(t, l.News.Items[0].Alerts)
	}
}

func TestNumbersThatNoCarrierKnowsAreToldOfTheirShipment(t *testing.T) {
	p := openNews(t)
	p.mustCreate(t, "acme", "k1", withoutETA, twoBoxes)
	p.carry(monday)
	_, err := p.Sweep(context.Background(), monday.Add(25*time.Hour))
	require.NoError(t, err)
	p.carry(monday.Add(25 * time.Hour))
	before := p.news()
	require.Len(t, before.Notes, 1)
	require.Equal(t, []NewsItem{{Marketplace: germany, Alerts: []NewsAlert{{"TRACKING_NOT_VALIDATED", "FBA15ABC"}}}}, p.letter(monday.Add(26*time.Hour)).News.Items)

	n := p.news() // the same notes again, of a shipment that is cancelled meanwhile
	n.Notes = before.Notes
	ok, err := p.putNews(context.Background(), "acme", n)
	require.True(t, ok && err == nil)
	_, err = p.CancelShipment(context.Background(), monday, once("k2"), "FBA15ABC")
	require.NoError(t, err)
	require.Empty(t, p.sweep(monday.Add(30*time.Hour)))
}

func TestAChangeThatComesTwiceIsToldOnce(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "2026-03-13T12:00:00Z", 2)
	first := p.carry(after(0))
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 3)
	all := append(first, p.carry(after(1))...)
	version := p.news().version
	require.Empty(t, p.HeadChanges(context.Background(), after(2), all, &heard{}))
	require.Equal(t, version, p.news().version, "nothing new is written")
	p.letter(after(15))
	for _, at := range []time.Time{after(16), after(23 * 60)} {
		require.Empty(t, p.HeadChanges(context.Background(), at, all, &heard{}))
		require.Empty(t, p.sweep(at.Add(time.Hour)))
	}
}

func TestNotesAreFoldedOnceThoughRacesAndRepliesAreLost(t *testing.T) {
	p := openNews(t, "KETTLE", "MUG")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	changes := p.feed.next(t)
	p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
	others := p.feed.next(t)
	inner := p.store
	p.store = onNews{&losing{Store: inner, lose: 1, first: func() {
		require.Empty(t, p.HeadChanges(context.Background(), after(0), others, &heard{}))
	}}, inner}
	require.Empty(t, p.HeadChanges(context.Background(), after(0), changes, &heard{}))
	require.Len(t, p.news().Notes, 2)
	require.Equal(t, int64(2), p.news().version)

	p.arrives("MUG", "2026-03-24T12:00:00Z", 3)
	changes = p.feed.next(t)
	p.store = onNews{broken{inner}, inner}
	failed := p.HeadChanges(context.Background(), after(1), changes, &heard{})
	require.NotEmpty(t, failed, "what could not be noted comes again")
	require.Equal(t, asDelivered(changes, failed), failed)
	p.store = inner
	require.Empty(t, p.HeadChanges(context.Background(), after(1), changes, &heard{}))
	require.Equal(t, []int{14, 7}, []int{p.letter(after(15)).News.Items[0].LaterBy, p.box.sent[0].News.Items[1].LaterBy})
}

func TestWhatComesAgainIsNamedOnceInTheOrderOfTheFeed(t *testing.T) {
	changes := []store.Change{{Sequence: "1"}, {Sequence: "2"}, {Sequence: "3"}, {Sequence: "4"}}
	require.Equal(t, []string{"1", "3"}, asDelivered(changes, []string{"3", "1", "3"}))
	require.Empty(t, asDelivered(changes, nil))
}

// deaf takes nothing of one item.
type deaf supply.SKU

func (d deaf) Publish(_ context.Context, events []Event) error {
	if events[0].SKU == supply.SKU(d) {
		return fault.New(fault.Transient, "BUS", "the bus is full")
	}
	return nil
}

func TestNewsThatCannotBeNotedComeAgainBeforeWhatFailedLater(t *testing.T) {
	p := openNews(t, "KETTLE", "MUG")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
	var heads []store.Change
	for _, c := range p.feed.next(t) {
		if c.Key.Sort == store.HeadSort {
			heads = append(heads, c)
		}
	}
	p.store = onNews{broken{p.store}, p.store}
	require.Equal(t, []string{heads[0].Sequence, heads[1].Sequence}, p.HeadChanges(context.Background(), after(0), heads, deaf("MUG")))
}

// onNews uses one store for the writes of news, and the other for all else.
type onNews struct {
	news newsStore
	store.Store
}

type newsStore interface {
	Put(context.Context, store.Write) (store.Record, bool, error)
}

func (s onNews) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if _, ok := store.ParseNewsKey(w.Record.Key); ok {
		return s.news.Put(ctx, w)
	}
	return s.Store.Put(ctx, w)
}

func TestALetterThatWasSentAndNotMarkedIsRepeatedAsTheSame(t *testing.T) {
	p := openNews(t, "KETTLE", "MUG")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	inner := p.store
	p.box.before = func() { p.store = onNews{broken{inner}, inner} } // killed between sending and marking
	_, err := p.sendNews(context.Background(), after(15), "acme")
	require.Error(t, err)
	require.Len(t, p.box.sent, 1)
	p.store, p.box.before = inner, nil

	p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
	p.arrives("KETTLE", "2026-03-18T12:00:00Z", 3)
	p.carry(after(16))
	require.Empty(t, p.sweep(after(16)), "somebody may be sending it")
	again := p.letter(after(17))
	require.Equal(t, "N/acme/1", again.ID)
	require.Equal(t, []NewsItem{{Marketplace: germany, SKU: "KETTLE", Moved: 2, Latest: day("2026-03-19"), LaterBy: 8}}, again.News.Items, "as it is now")
	require.Empty(t, p.sweep(after(30)))
	next := p.letter(after(31))
	require.Equal(t, "N/acme/2", next.ID)
	require.Len(t, next.News.Items, 2)
}

func TestTwoSweepsAtOnceSendOneLetter(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _, err := p.sendNews(context.Background(), after(20), "acme"); require.NoError(t, err) })
	}
	wait.Wait()
	require.Len(t, p.box.sent, 1)
}

func TestALetterThatTheMailServerDoesNotTakeWaitsAndIsWrittenAnew(t *testing.T) {
	for _, code := range []string{"THROTTLED", "UNREACHABLE"} {
		p := openNews(t, "KETTLE", "MUG", "PAN")
		p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
		p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
		p.carry(after(0))
		p.box.fails = fault.New(fault.Throttled, code, "no")
		for _, minute := range []int{15, 16, 21, 36, 96} { // then after 1, 5, 15, 60, 60, ... minutes
			require.Empty(t, p.sweep(after(minute)))
			require.Equal(t, after(minute), p.news().Next.Add(-program.Wait(p.news().Attempts)))
			require.Empty(t, p.sweep(p.news().Next.Add(-time.Second)))
		}
		p.box.fails = nil
		p.arrives("KETTLE", "2026-03-10T12:00:00Z", 3)
		p.arrives("MUG", "2026-03-18T12:00:00Z", 3)
		p.arrives("PAN", "2026-03-17T12:00:00Z", 2)
		p.carry(after(100))
		require.Equal(t, []NewsItem{{Marketplace: germany, SKU: "MUG", Moved: 2, Latest: day("2026-03-19"), LaterBy: 8},
			{Marketplace: germany, SKU: "PAN", Moved: 2, Latest: day("2026-03-18"), LaterBy: 7}}, p.letter(after(156)).News.Items, "one letter for all that waits")
		require.Zero(t, p.news().Attempts)
	}
}

func TestWithoutAMailServerNewsWait(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.UseMailer(nil)
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	require.Empty(t, p.sweep(after(15)))
	p.UseMailer(&p.box)
	require.Len(t, p.letter(after(16)).News.Items, 1)
}

func TestALetterOfWhichNobodyKnowsIsRepeatedUnderItsNumberForADay(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	p.box.fails = fault.New(fault.Transient, "TIMEOUT", "no answer")
	require.Empty(t, p.sweep(after(15)))
	p.box.fails = nil
	require.Equal(t, "N/acme/1", p.letter(after(16)).ID)

	p.arrives("KETTLE", "2026-03-24T12:00:00Z", 3)
	p.carry(after(100))
	p.box.fails = fault.New(fault.Transient, "TIMEOUT", "no answer")
	for at := after(115); at.Before(after(100).Add(25 * time.Hour)); at = at.Add(time.Hour) {
		require.Empty(t, p.sweep(at))
	}
	p.box.fails = nil
	require.Empty(t, p.sweep(after(100).Add(40*time.Hour)))
	require.True(t, p.news().due().IsZero())
}

func TestALetterThatIsRefusedIsGivenUp(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	p.box.fails = fault.New(fault.Refused, "REJECTED", "no")
	require.Empty(t, p.sweep(after(15)))
	p.box.fails = nil
	require.Empty(t, p.sweep(after(600)))
	require.True(t, p.news().due().IsZero())
}

func TestNobodyIsToldWhoCannotBeAndWhatIsADayOldIsDropped(t *testing.T) {
	for name, stop := range map[string]func(*newsroom){
		"no address": func(p *newsroom) {
			_, err := p.PutAccount(context.Background(), monday, once("none"), AccountRequest{})
			require.NoError(t, err)
		},
		"bounced": func(p *newsroom) {
			require.Empty(t, p.MailEvents(context.Background(), monday, []MailEvent{outcome(anna, "BOUNCED", true, monday)}))
		},
	} {
		p := openNews(t, "KETTLE", "MUG")
		stop(p)
		p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
		p.carry(after(0))
		require.Empty(t, p.sweep(after(15)), name)
		p.arrives("MUG", "2026-03-17T12:00:00Z", 2)
		p.carry(after(16))
		writes := p.news().version
		require.Empty(t, p.sweep(after(74)), name)
		require.Equal(t, writes, p.news().version, "%s: looked at once an hour", name)
		for at := after(75); at.Before(after(24*60 + 10)); at = at.Add(time.Hour) {
			require.Empty(t, p.sweep(at), name)
		}
		require.Len(t, p.news().Notes, 2, name)
		p.sweep(after(24*60 + 15))
		require.Len(t, p.news().Notes, 1, name)
		p.give(t, after(24*60+16), carla)
		l := p.letter(after(25*60 + 15))
		require.Equal(t, carla, l.To, name)
		require.Equal(t, supply.SKU("MUG"), l.News.Items[0].SKU, name)
		require.Len(t, l.News.Items, 1, name)
	}
}

func TestALetterIsBoundedAndCountsTheRest(t *testing.T) {
	skus := make([]supply.SKU, 53)
	for i := range skus {
		skus[i] = supply.SKU(fmt.Sprintf("S%02d", i))
	}
	p := openNews(t, skus...)
	for round := range 2 {
		for _, sku := range skus {
			p.arrives(sku, fmt.Sprintf("2026-03-%dT12:00:00Z", 17+round), int64(2+round))
		}
		p.carry(after(round))
	}
	l := p.letter(after(15))
	require.Len(t, l.News.Items, 50)
	require.Equal(t, 3, l.News.More, "each once, however often it moved")
	require.Zero(t, p.news().More)
}

func TestManyOrdersOfAnItemAreCounted(t *testing.T) {
	p := openNews(t)
	lot := arriving("FBA1", 100, "2026-03-10T12:00:00Z", 1)
	supplied(t, p.Engine, monday, acmes("KETTLE"), lot)
	for i := range 30 {
		p.order("KETTLE", fmt.Sprint("o", i))
	}
	for version, eta := range []string{"2026-03-17T12:00:00Z", "2026-03-24T12:00:00Z"} {
		lot.Version, lot.ETA = int64(version+2), supply.Window{From: clock(eta), To: clock(eta)}
		supplied(t, p.Engine, monday, acmes("KETTLE"), lot)
		p.carry(after(version))
	}
	require.Len(t, p.news().Notes[0].Orders, 20)
	require.Equal(t, 30, p.letter(after(15)).News.Items[0].Moved)
}

func TestNewsCostOneUnitABatchAndNothingWhereThereIsNone(t *testing.T) {
	p := openNews(t, "KETTLE", "MUG", "PAN")
	var cost store.Meter
	p.store = store.Metered(p.store, &cost)
	spent := func(changes []store.Change) store.Usage {
		var batch news
		told := &past{items: map[supply.ItemKey][]pastCommit{}}
		for i := range changes {
			if tell := p.announcer(&changes[i], told, &batch); tell != nil {
				require.NoError(t, tell(context.Background(), after(0), &changes[i], &heard{}))
			}
		}
		cost.Reset()
		require.Empty(t, p.noteNews(context.Background(), after(0), &batch))
		return cost.Total()
	}
	for _, sku := range []supply.SKU{"KETTLE", "MUG", "PAN"} {
		p.arrives(sku, "2026-03-17T12:00:00Z", 2)
	}
	first := spent(p.feed.next(t))
	require.Equal(t, []int64{1, 1, 1}, []int64{first.TableWriteUnits, first.IndexWriteUnits, first.Puts}, "three items, one write, one entry of the due index")
	p.arrives("MUG", "2026-03-24T12:00:00Z", 3)
	second := spent(p.feed.next(t))
	require.Equal(t, []int64{1, 0, 1}, []int64{second.TableWriteUnits, second.IndexWriteUnits, second.Puts})
	p.order("MUG", "o9")
	require.Zero(t, spent(p.feed.next(t)), "an order that is accepted is no news")
}

func TestALetterNamesNoOrderAndNoBuyer(t *testing.T) {
	p := openNews(t, "KETTLE")
	p.arrives("KETTLE", "2026-03-17T12:00:00Z", 2)
	p.carry(after(0))
	require.False(t, strings.Contains(fmt.Sprintf("%+v", *p.letter(after(15)).News), "KETTLE-1"))
}
