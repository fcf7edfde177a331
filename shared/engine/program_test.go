package engine

// These tests switch programmes from many sides at once, play what a preview says,
// and open what a pause blocked. They would catch two requests of one click, two
// mails of one change, a preview that promises something else than what comes, and a
// shipment that slips past a pause or stays behind it.

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// postbox takes every letter.
type postbox struct {
	mu      sync.Mutex
	letters []Letter
}

// Mail implements Mailer.
func (p *postbox) Mail(_ context.Context, l Letter) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	return fmt.Sprint(len(p.letters)), nil
}

// silent publishes to nobody.
type silent struct{}

// Publish implements Publisher.
func (silent) Publish(context.Context, []Event) error { return nil }

func newSwitchedEngine(t *testing.T) (*Engine, *postbox) {
	e, box := newTestEngine(), &postbox{}
	e.UseMailer(box)
	for _, seller := range []supply.SellerID{"acme", "globex"} {
		require.NoError(t, e.SetOwnAddress(context.Background(), monday, seller, string(seller)+"@example.com"))
	}
	return e, box
}

// settleAt carries all changes and sweeps.
func (e *Engine) settleAt(t *testing.T, f *supplyFeed, now time.Time) {
	ctx := context.Background()
	for changes := f.next(t); len(changes) > 0; changes = f.next(t) {
		require.Empty(t, e.SupplyChanges(ctx, now, changes))
		require.Empty(t, e.HeadChanges(ctx, now, changes, silent{}))
	}
}

func (e *Engine) asked(t *testing.T, now time.Time, seller supply.SellerID, key, region string, a program.Action) ProgramView {
	_, err := e.AskProgram(context.Background(), now, Once{Seller: seller, Key: key}, region, a, program.ByAPI)
	require.NoError(t, err)
	v, err := e.Program(context.Background(), now, seller, region)
	require.NoError(t, err)
	return v
}

func TestManyClicksAtOnceAreOneRequestAndOneMail(t *testing.T) {
	ctx := context.Background()
	e, box := newSwitchedEngine(t)
	var clicks sync.WaitGroup
	for i := range 40 {
		seller, region := supply.SellerID("acme"), []string{"DE", "UK", "FR", "IT", "ES"}[i%5]
		if i%2 == 1 {
			seller = "globex"
		}
		clicks.Go(func() {
			_, err := e.AskProgram(ctx, monday, Once{Seller: seller, Key: fmt.Sprint("tab ", i)}, region, program.Pause, program.ByPage)
			if !fault.Is(err, fault.Transient) { // lost every race: the browser is told to try again
				require.NoError(t, err)
			}
		})
	}
	clicks.Wait()
	f := &supplyFeed{engine: e}
	changes := f.next(t)
	var readers sync.WaitGroup
	for range 6 { // the stream's readers and sweeps, side by side
		readers.Go(func() { e.HeadChanges(ctx, monday, changes, silent{}) })
		readers.Go(func() { _, _ = e.Sweep(ctx, monday) })
	}
	readers.Wait()
	e.settleAt(t, f, monday)
	require.Len(t, box.letters, 2)
	for _, seller := range []supply.SellerID{"acme", "globex"} {
		v, err := e.Program(ctx, monday, seller, "DE")
		require.NoError(t, err)
		require.Equal(t, int64(1), v.Change.Number)
		require.Equal(t, monday.Add(72*time.Hour), *v.CutOff)
		require.Len(t, v.Mails, 1)
	}
}

func TestAReactivationOpensEveryBlockedShipmentHoweverOftenItIsStopped(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	e.asked(t, monday, "acme", "pause", "DE", program.Pause)
	e.settleAt(t, f, monday)
	paused := monday.Add(73 * time.Hour)
	const many = 60
	for i := range many {
		id := fmt.Sprintf("FBA-%02d", i)
		_, err := e.CreateShipment(ctx, paused, once("announce "+id), announced(t, twoBoxes, parcelOf(id, "1Z"+id, 10), func(r *NewShipment) { r.CreatedAt = "" }))
		require.NoError(t, err)
	}
	e.settleAt(t, f, paused)
	it, err := e.Item(ctx, paused, kettle)
	require.NoError(t, err)
	require.Zero(t, it.FutureSupplyBuyable)
	require.Equal(t, "PROGRAM_PAUSED", it.Verdict.Code)

	whole := e.store
	e.asked(t, paused, "acme", "again", "DE", program.Reactivate)
	stops := 0
	for now := paused; ; now = now.Add(3 * time.Minute) {
		e.store = &stopping{Store: whole, after: 40} // the process is stopped again and again
		_, _ = e.Sweep(ctx, now)
		e.store = whole
		v, err := e.Program(ctx, now, "acme", "DE")
		require.NoError(t, err)
		if v.Status == "ACTIVE" {
			break
		}
		if stops++; stops > 50 {
			t.Fatal("it never ends")
		}
	}
	require.Greater(t, stops, 2, "it was stopped on its way")
	e.settleAt(t, f, paused)
	page, _, err := whole.List(ctx, store.BlockedQuery("acme", "EUROPE", "", 0))
	require.NoError(t, err)
	require.Empty(t, page)
	it, err = e.Item(ctx, paused, kettle)
	require.NoError(t, err)
	require.Equal(t, supply.Units(many*10), it.FutureSupplyBuyable)
}

// stopping is a store that is away after so many calls.
type stopping struct {
	store.Store
	after int
}

func (s *stopping) count() error {
	if s.after--; s.after < 0 {
		return fault.New(fault.Internal, "STOPPED", "the process was stopped")
	}
	return nil
}

// Get implements store.Store.
func (s *stopping) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	if err := s.count(); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, strong, keys...)
}

// PutAll implements store.Store.
func (s *stopping) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if err := s.count(); err != nil {
		return false, err
	}
	return s.Store.PutAll(ctx, writes)
}

func TestAShipmentThatIsAnnouncedWhileTheProgrammeIsReactivatedIsNotLeftBehind(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	e.asked(t, monday, "acme", "pause", "DE", program.Pause)
	e.settleAt(t, f, monday)
	paused := monday.Add(73 * time.Hour)
	whole := e.store
	e.store = &between{Store: whole, first: func() { // the shipment has read the programme, and not yet written
		e.store = whole
		e.asked(t, paused, "acme", "again", "DE", program.Reactivate)
		e.settleAt(t, f, paused)
	}}
	_, err := e.CreateShipment(ctx, paused, once("late"), announced(t, twoBoxes, parcelOf("FBA-LATE", "1ZLATE", 10), func(r *NewShipment) { r.CreatedAt = "" }))
	require.NoError(t, err)
	e.settleAt(t, f, paused)
	v, err := e.Shipment(ctx, "acme", "FBA-LATE")
	require.NoError(t, err)
	require.False(t, v.Blocked)
	it, err := e.Item(ctx, paused, kettle)
	require.NoError(t, err)
	require.Equal(t, supply.Units(10), it.FutureSupplyBuyable)
}

// between lets something happen before the first write.
type between struct {
	store.Store
	first func()
}

// Put implements store.Store.
func (s *between) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.Store.Put(ctx, w)
}

// PutAll implements store.Store.
func (s *between) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.Store.PutAll(ctx, writes)
}

func TestTwoWhoSendAtOnceSendOneMail(t *testing.T) {
	ctx := context.Background()
	e, box := newSwitchedEngine(t)
	e.asked(t, monday, "acme", "pause", "DE", program.Pause)
	whole := e.store
	e.store = &between{Store: whole, first: func() { // one has read what is owed, and the other is faster
		e.store = whole
		_, err := e.Sweep(ctx, monday)
		require.NoError(t, err)
	}}
	_, err := e.Sweep(ctx, monday)
	require.NoError(t, err)
	require.Len(t, box.letters, 1)
}

func TestWhatALaterPauseBlocksIsNotOpenedWithTheRest(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	announce := func(id string, now time.Time) {
		_, err := e.CreateShipment(ctx, now, once(id), announced(t, twoBoxes, parcelOf(id, "1Z"+id, 10), func(r *NewShipment) { r.CreatedAt = "" }))
		require.NoError(t, err)
	}
	europe, _ := program.FindGroup("EUROPE")
	e.asked(t, monday, "acme", "one", "DE", program.Pause)
	e.settleAt(t, f, monday)
	first := monday.Add(73 * time.Hour)
	announce("FIRST", first)
	e.settleAt(t, f, first)
	e.asked(t, first, "acme", "two", "DE", program.Reactivate)
	_, err := e.confirmByMail(ctx, first, "acme", europe) // confirmed, and stopped before anything was opened
	require.NoError(t, err)
	require.Equal(t, "PAUSING", e.asked(t, first, "acme", "three", "DE", program.Pause).Status)
	_, err = e.confirmByMail(ctx, first, "acme", europe)
	require.NoError(t, err)
	second := first.Add(73 * time.Hour)
	announce("SECOND", second)
	_, err = e.Sweep(ctx, second)
	require.NoError(t, err)
	for id, blocked := range map[string]bool{"FIRST": false, "SECOND": true} {
		v, err := e.Shipment(ctx, "acme", id)
		require.NoError(t, err)
		require.Equal(t, blocked, v.Blocked, id)
	}
	v, err := e.Program(ctx, second, "acme", "DE")
	require.NoError(t, err)
	require.Equal(t, "PAUSED", v.Status)
	s, err := e.readProgram(ctx, "acme", europe)
	require.NoError(t, err)
	require.Zero(t, s.Due(), "nothing is left to be done")
}

func TestWhatAPreviewSaysIsWhatThenHappens(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	for i := range 3 {
		_, err := e.CreateShipment(ctx, monday, once(fmt.Sprint("old", i)), announced(t, twoBoxes, parcelOf(fmt.Sprintf("OLD-%d", i), fmt.Sprintf("1ZOLD%d", i), 10), func(r *NewShipment) { r.CreatedAt = "" }))
		require.NoError(t, err)
	}
	e.settleAt(t, f, monday)
	require.Empty(t, e.Orders(ctx, monday, []Delivery{place("a", 15)}))
	before, err := e.PreviewProgram(ctx, monday, "acme", "DE", program.Pause, "")
	require.NoError(t, err)
	require.Empty(t, before.Touched)
	require.Len(t, before.Kept, 3)
	require.Equal(t, 1, before.Orders)
	require.Equal(t, monday.Add(72*time.Hour), *before.CutOff)
	e.asked(t, monday, "acme", "pause", "DE", program.Pause)
	e.settleAt(t, f, monday)
	paused := monday.Add(73 * time.Hour)
	e.holdPreview(t, paused, before)
	for i := range 2 {
		_, err := e.CreateShipment(ctx, paused, once(fmt.Sprint("new", i)), announced(t, twoBoxes, parcelOf(fmt.Sprintf("NEW-%d", i), fmt.Sprintf("1ZNEW%d", i), 10), func(r *NewShipment) { r.CreatedAt = "" }))
		require.NoError(t, err)
	}
	e.settleAt(t, f, paused)
	opens, err := e.PreviewProgram(ctx, paused, "acme", "ES", program.Reactivate, "")
	require.NoError(t, err)
	require.Len(t, opens.Touched, 2)
	require.Len(t, opens.Kept, 3)
	e.asked(t, paused, "acme", "again", "DE", program.Reactivate)
	e.settleAt(t, f, paused)
	e.holdPreview(t, paused, opens)
}

// holdPreview compares what is for sale with what the preview said.
func (e *Engine) holdPreview(t *testing.T, now time.Time, v PreviewView) {
	it, err := e.Item(context.Background(), now, kettle)
	require.NoError(t, err)
	lots := map[supply.ShipmentID]LotView{}
	for _, l := range it.Lots {
		lots[l.Shipment] = l
	}
	for _, s := range append(v.Touched, v.Kept...) {
		require.Equal(t, s.After, lots[s.Shipment].Buyable, s.Shipment)
		require.Equal(t, s.Reserved, lots[s.Shipment].Reserved, s.Shipment)
	}
}

func TestAPreviewOfManyItemsComesInPages(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	const items = 250
	for i := range items {
		_, err := e.CreateShipment(ctx, monday, once(fmt.Sprint(i)), announced(t, twoBoxes, parcelOf(fmt.Sprintf("FBA-%03d", i), fmt.Sprintf("1Z%03d", i), 1), func(r *NewShipment) {
			r.CreatedAt, r.Lines[0].SKU = "", fmt.Sprintf("SKU-%03d", i)
			r.Boxes[0].Lines = nil
		}))
		require.NoError(t, err)
	}
	e.settleAt(t, f, monday)
	seen, token, pages := map[supply.SKU]bool{}, "", 0
	for {
		v, err := e.PreviewProgram(ctx, monday, "acme", "DE", program.Pause, token)
		require.NoError(t, err)
		for _, s := range v.Kept {
			require.False(t, seen[s.SKU], "%s twice", s.SKU)
			seen[s.SKU] = true
		}
		if pages++; v.NextToken == "" {
			break
		}
		require.NotEqual(t, token, v.NextToken)
		token = v.NextToken
	}
	require.Len(t, seen, items)
	require.Equal(t, 3, pages)
	_, err := e.PreviewProgram(ctx, monday, "acme", "DE", program.Pause, "nonsense")
	require.Equal(t, fault.Invalid, fault.Of(err))
}

// hanging is a mail server that never answers.
type hanging struct{}

// Mail implements Mailer.
func (hanging) Mail(ctx context.Context, _ Letter) (string, error) {
	<-ctx.Done()
	return "", fault.As(fault.Transient, ctx.Err(), "sending a mail")
}

func TestAMailServerThatNeverAnswersHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := newSwitchedEngine(t)
		e.UseMailer(hanging{})
		f := &supplyFeed{engine: e}
		e.asked(t, monday, "acme", "pause", "JP", program.Pause)
		began := time.Now()
		e.settleAt(t, f, monday)
		require.Equal(t, mailPatience, time.Since(began))
		v, err := e.Program(t.Context(), monday, "acme", "JP")
		require.NoError(t, err)
		require.Equal(t, "NO_ANSWER", v.Mail.Diagnosis.Code)
		require.True(t, v.Pending)
	})
}

func TestWithoutAMailServerThePageSaysSo(t *testing.T) {
	e, _ := newSwitchedEngine(t)
	e.mailer = nil
	f := &supplyFeed{engine: e}
	e.asked(t, monday, "acme", "pause", "JP", program.Pause)
	e.settleAt(t, f, monday)
	v, err := e.Program(context.Background(), monday, "acme", "JP")
	require.NoError(t, err)
	require.Equal(t, "UNREACHABLE", v.Mail.Diagnosis.Code)
	require.True(t, v.Pending)
}

func TestWhatAPauseCosts(t *testing.T) {
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	f.next(t)
	meter := new(store.Meter)
	e.store = store.Metered(e.store, meter)
	e.asked(t, monday, "acme", "pause", "DE", program.Pause)
	e.settleAt(t, f, monday)
	used := meter.Total()
	t.Logf("five regions: %d write units, %g read units", used.WriteUnits(), used.ReadUnits)
	require.LessOrEqual(t, used.WriteUnits(), int64(14), "the request and its answer, the mail in hand, the mail sent, and the index of what is due")

	meter.Reset()
	_, err := e.CreateShipment(context.Background(), monday, once("one"), announced(t, twoBoxes, parcelOf("FBA-1", "1Z1", 1), func(r *NewShipment) { r.CreatedAt = "" }))
	require.NoError(t, err)
	free := meter.Total()
	later := monday.Add(73 * time.Hour)
	meter.Reset()
	_, err = e.CreateShipment(context.Background(), later, once("two"), announced(t, twoBoxes, parcelOf("FBA-2", "1Z2", 1), func(r *NewShipment) { r.CreatedAt = "" }))
	require.NoError(t, err)
	require.Equal(t, free.WriteUnits()+4, meter.Total().WriteUnits(), "a blocked shipment costs its mark and a check, in a transaction")
	require.Equal(t, free.Calls(), meter.Total().Calls())
}

func TestASweepCostsWhatIsDueNotWhatIsPaused(t *testing.T) {
	ctx := context.Background()
	e, _ := newSwitchedEngine(t)
	f := &supplyFeed{engine: e}
	const sellers = 200
	for i := range sellers {
		seller := supply.SellerID(fmt.Sprint("seller-", i))
		require.NoError(t, e.SetOwnAddress(ctx, monday, seller, "ops@example.com"))
		at := monday
		if i < 3 {
			at = monday.Add(-2 * time.Hour) // their cut-off comes two hours sooner
		}
		e.asked(t, at, seller, "pause", "DE", program.Pause)
		e.settleAt(t, f, at)
	}
	meter := new(store.Meter)
	e.store = store.Metered(e.store, meter)
	swept, err := e.Sweep(ctx, monday.Add(71*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 3, swept)
	used := meter.Total()
	t.Logf("%d write units and %d calls for 3 of %d paused programmes", used.WriteUnits(), used.Calls(), sellers)
	require.LessOrEqual(t, used.WriteUnits(), int64(3*4))
	require.LessOrEqual(t, used.Calls(), int64(store.DueShards+3*5))
	e.settleAt(t, f, monday.Add(71*time.Hour))
	meter.Reset()
	swept, err = e.Sweep(ctx, monday.Add(71*time.Hour))
	require.NoError(t, err)
	require.Zero(t, swept)
	require.Zero(t, meter.Total().WriteUnits(), "a sweep that finds nothing due writes nothing")
	require.Equal(t, int64(store.DueShards), meter.Total().Calls(), "and looks at nothing but the index")
}
