package engine

// These tests walk every world that up to six inputs can bring about: pauses,
// reactivations, confirmations on the page, shipments and three days that pass, of
// two sellers with two groups of regions each. An input is played without a fault,
// with everything sent and delivered twice, with the mail server away, and with
// every fault at every call of the store and of the mail server. Worlds from which
// all that follows is the same are walked once. Every step is held to change nothing
// of another seller or group; so the faults need to be walked for one of them at a
// time, and the sequences over all four without. They would catch a state without
// its mail, a mail without its state, two different confirmations of one change, a
// region that is apart from its group, and a shipment that stays blocked.

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
	"headstart/shared/supply"
)

// modelPlace is one seller in one group of regions.
type modelPlace struct {
	seller supply.SellerID
	region program.Region
	group  program.Group
}

func modelPlaces(t *testing.T) (all []modelPlace) {
	for _, seller := range []supply.SellerID{"acme", "globex"} {
		for _, name := range []string{"DE", "US"} {
			region, group, err := program.ParseRegion(name)
			require.NoError(t, err)
			all = append(all, modelPlace{seller, region, group})
		}
	}
	return all
}

// world is all that the future depends on.
type world struct {
	now     time.Time
	records []store.Record
	letters map[string]string // what was sent, by its ID
	depth   int
	path    string // how it came about, for the reader of a failure
}

// modelInput is one thing that happens from outside.
type modelInput struct {
	name string
	at   *modelPlace // nil = everywhere
	play func(*model)
}

// model is one world in which one input is being played.
type model struct {
	t       *testing.T
	engine  *Engine
	inner   store.Store
	faulty  *storetest.Faulty
	now     time.Time
	cursor  string
	letters map[string]string
	sent    []string // in this step
	calls   []storetest.Call
	mail    func(n int) storetest.Fault
	mails   int
	twice   bool
	places  []modelPlace
	path    string
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	require.Fail(m.t, fmt.Sprintf(format, args...), m.path)
}

// Mail implements Mailer: it takes the letter and holds it to what is stored.
func (m *model) Mail(ctx context.Context, l Letter) (string, error) {
	m.mails++
	trouble := storetest.NoFault
	if m.mail != nil {
		trouble = m.mail(m.mails)
	}
	switch trouble {
	case storetest.Throttled:
		return "", fault.New(fault.Throttled, "THROTTLED", "too many")
	case storetest.CrashBefore:
		panic(storetest.Crash{Fault: trouble})
	}
	m.take(ctx, l)
	switch trouble {
	case storetest.CrashAfter:
		panic(storetest.Crash{Fault: trouble})
	case storetest.LostReply:
		return "", fault.New(fault.Transient, "LOST", "no answer")
	}
	return l.ID, nil
}

func (m *model) take(ctx context.Context, l Letter) {
	body, err := json.Marshal(l)
	require.NoError(m.t, err)
	if before, ok := m.letters[l.ID]; ok && before != string(body) {
		m.fail("two confirmations of one change:\n%s\n%s", before, body)
	}
	m.letters[l.ID] = string(body)
	m.sent = append(m.sent, l.ID)
	for _, p := range m.places {
		number, ok := strings.CutPrefix(l.ID, fmt.Sprintf("P/%s/%s/", p.seller, p.group.Name))
		if !ok {
			continue
		}
		s := m.stored(ctx, p)
		i := slices.IndexFunc(s.Mails, func(owed program.Mail) bool { return fmt.Sprint(owed.Change) == number })
		if i < 0 || (s.Mails[i].Action == program.Pause) != l.Program.Paused || len(l.Program.Regions) != len(p.group.Regions) {
			m.fail("mail without its state: %s", body)
		}
		return
	}
	m.fail("a mail to nobody: %s", body)
}

// Publish implements Publisher: the regions of a group are told as one.
func (m *model) Publish(_ context.Context, events []Event) error {
	told := map[string]int{}
	for i := range events {
		if e := &events[i]; e.Type == ProgramChanged {
			told[fmt.Sprint(e.Seller, program.GroupOf(e.Marketplace).Name, e.Program.Status, instantText(e.Program.EffectiveAt), e.At)]++
		}
	}
	for what, n := range told {
		if n != 1 && n != 5 {
			m.fail("%d regions were told apart from the others: %s", n, what)
		}
	}
	return nil
}

func instantText(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.String()
}

func (m *model) stored(ctx context.Context, p modelPlace) switched {
	records, err := m.inner.Get(ctx, true, store.ProgramKey(p.seller, p.group.Name))
	require.NoError(m.t, err)
	s, err := openProgram(p.seller, p.group, &records[0])
	require.NoError(m.t, err)
	return s
}

// survive runs what may crash, and reports whether it did.
func survive(run func()) (crashed bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(storetest.Crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	run()
	return false
}

// ask sends a request until it is answered, as a client does, under one key.
func (m *model) ask(key string, call func(Once) error) {
	for range 3 {
		var err error
		if crashed := survive(func() { err = call(Once{Seller: "", Key: key}) }); !crashed && !fault.Is(err, fault.Transient) {
			require.True(m.t, err == nil || fault.Is(err, fault.Refused) || fault.Is(err, fault.Conflict), "%v: %s", err, m.path)
			return
		}
	}
}

// request is one click, or two.
func (m *model) request(p modelPlace, call func(context.Context, Once) error) {
	ctx := context.Background()
	keys := []string{"first"}
	if m.twice {
		keys = append(keys, "second")
	}
	for _, key := range keys {
		m.ask(key, func(o Once) error {
			o.Seller = p.seller
			return call(ctx, o)
		})
	}
}

func (m *model) drain(now time.Time) {
	ctx := context.Background()
	for {
		changes, next, err := m.inner.Changes(ctx, m.cursor, 0)
		require.NoError(m.t, err)
		if len(changes) == 0 {
			return
		}
		again := m.twice
		for range 20 {
			var failed []string
			crashed := survive(func() {
				failed = append(m.engine.SupplyChanges(ctx, now, changes), m.engine.HeadChanges(ctx, now, changes, m)...)
			})
			if !crashed && len(failed) == 0 {
				if !again {
					break
				}
				again = false
			}
		}
		m.cursor = next
	}
}

func (m *model) sweep(now time.Time) {
	survive(func() { _, _ = m.engine.Sweep(context.Background(), now) })
	m.drain(now)
}

func (p modelPlace) ask(action program.Action) func(*model) {
	return func(m *model) {
		m.request(p, func(ctx context.Context, o Once) error {
			_, err := m.engine.AskProgram(ctx, m.now, o, p.region.Code, action, program.ByAPI)
			return err
		})
	}
}

func (p modelPlace) confirm(m *model) {
	m.request(p, func(ctx context.Context, o Once) error {
		_, err := m.engine.ConfirmProgram(ctx, m.now, o, p.region.Code)
		return err
	})
}

const modelShipment = "FBA-MODEL"

func (p modelPlace) announce(m *model) {
	m.request(p, func(ctx context.Context, o Once) error {
		_, err := m.engine.CreateShipment(ctx, m.now, o, NewShipment{ShipmentID: p.shipment(), Marketplace: string(p.region.Marketplace), Mode: "SPD",
			Carrier: CarrierFields{Name: "UPS"}, Lines: []ContentFields{{SKU: "PAN-1", Units: 10}}})
		return err
	})
}

func (p modelPlace) shipment() string { return modelShipment + "-" + p.group.Name }

func modelInputs(places []modelPlace) (all []modelInput) {
	for _, p := range places {
		name := string(p.seller) + "/" + p.group.Name
		all = append(all, modelInput{"pause " + name, &p, p.ask(program.Pause)}, modelInput{"reactivate " + name, &p, p.ask(program.Reactivate)},
			modelInput{"confirm " + name, &p, p.confirm}, modelInput{"announce " + name, &p, p.announce})
	}
	return append(all, modelInput{"72 hours", nil, func(*model) {}})
}

// trouble is how the playing of an input is disturbed.
type trouble struct {
	name  string
	store storetest.Plan
	mail  func(n int) storetest.Fault
	twice bool
	away  bool // the mail server, until the next input
}

func (w *world) open(t *testing.T, places []modelPlace, in modelInput, x trouble) *model {
	ctx := context.Background()
	m := &model{t: t, inner: memory.New(), letters: map[string]string{}, places: places, twice: x.twice, mail: x.mail,
		now: w.now, path: w.path + " > " + in.name + " (" + x.name + ")"}
	for id, body := range w.letters {
		m.letters[id] = body
	}
	for i := range w.records {
		_, ok, err := m.inner.Put(ctx, store.Write{Record: w.records[i].Clone()})
		require.True(t, ok && err == nil)
	}
	_, cursor, err := m.inner.Changes(ctx, "", 0)
	require.NoError(t, err)
	m.cursor = cursor
	m.faulty = storetest.NewFaulty(m.inner, func(c storetest.Call) storetest.Fault {
		m.calls = append(m.calls, c)
		return x.store(c)
	})
	n := uint64(0)
	policy := supply.DefaultPolicy()
	policy.Learnt = false
	german := func(supply.MarketplaceID) (supply.Calendar, bool) { return testCalendar("A1PA6795UKMFR9") }
	m.engine = New(m.faulty, german, func() supply.Policy { return policy }, func() uint64 { n++; return n << 48 }, slog.New(slog.DiscardHandler))
	m.engine.UseMailer(m)
	return m
}

// play lets the input happen and everything that follows from it, and returns the
// world as it is then, the calls of the store and how many mails it took.
func (w *world) play(t *testing.T, places []modelPlace, in modelInput, x trouble) (world, []storetest.Call, int) {
	m := w.open(t, places, in, x)
	if in.name == "72 hours" {
		m.now = m.now.Add(72 * time.Hour)
	}
	in.play(m)
	m.drain(m.now)
	m.sweep(m.now)
	calls, mails := m.calls, m.mails
	m.faulty.SetPlan(storetest.Never)
	if !x.away {
		m.mail = nil
	}
	for _, later := range []int{3, 9, 30, 95} { // minutes: for a lease to end, and for the tries after it
		m.sweep(m.now.Add(time.Duration(later) * time.Minute))
	}
	m.now = m.now.Add(95 * time.Minute)
	m.hold(w, in, x)
	return world{now: m.now, records: m.records(), letters: m.letters, depth: w.depth + 1, path: m.path}, calls, mails
}

// hold checks what must be so once the world has come to rest.
func (m *model) hold(before *world, in modelInput, x trouble) {
	ctx := context.Background()
	for _, p := range m.places {
		if in.at != nil && (p.seller != in.at.seller || p.group.Name != in.at.group.Name) {
			m.holdStill(ctx, before, p)
			continue
		}
		s := m.stored(ctx, p)
		m.holdMail(p, &s, x)
		if x.name == "" {
			m.holdRegions(ctx, p)
		}
		m.holdShipment(ctx, p, &s)
	}
	if x.name != "" && x.name != "twice" {
		return
	}
	slices.Sort(m.sent)
	if once := slices.Compact(slices.Clone(m.sent)); len(once) != len(m.sent) {
		m.fail("a mail was sent twice without need: %v", m.sent)
	}
}

// holdStill checks that nothing of another place changed. What waited for the mail
// server may have been sent meanwhile: so much time has passed.
func (m *model) holdStill(ctx context.Context, before *world, p modelPlace) {
	old := before.record(store.ProgramKey(p.seller, p.group.Name))
	was, err := openProgram(p.seller, p.group, old)
	require.NoError(m.t, err)
	if is := m.stored(ctx, p); is.version != was.version && was.Due().IsZero() {
		m.fail("%s in %s changed by what happened elsewhere: %+v", p.seller, p.group.Name, is.Program)
	}
}

func (w *world) record(key store.Key) *store.Record {
	for i := range w.records {
		if w.records[i].Key == key {
			return &w.records[i]
		}
	}
	return &store.Record{}
}

func (m *model) holdMail(p modelPlace, s *switched, x trouble) {
	if s.Change.Number == 0 {
		return
	}
	body, sent := m.letters[fmt.Sprintf("P/%s/%s/%d", p.seller, p.group.Name, s.Change.Number)]
	mail := s.Mail()
	if !mail.Sent.IsZero() && !sent || !x.away && mail.Sent.IsZero() {
		m.fail("state without its mail: %+v", s.Program)
	}
	if !x.away && s.Change.Confirmed.IsZero() {
		m.fail("a mail that was sent confirms: %+v", s.Program)
	}
	if !sent || s.Change.Confirmed.IsZero() {
		return
	}
	var l Letter
	require.NoError(m.t, json.Unmarshal([]byte(body), &l))
	if !l.Program.ConfirmedAt.Equal(s.Change.Confirmed) || s.Change.Action == program.Pause && !l.Program.CutOff.Equal(s.CutOff) {
		m.fail("the mail says something else than the state:\n%s\n%+v", body, s.Program)
	}
}

func (m *model) holdRegions(ctx context.Context, p modelPlace) {
	var first string
	for _, r := range p.group.Regions {
		v, err := m.engine.Program(ctx, m.now, p.seller, r.Code)
		require.NoError(m.t, err)
		v.Region, v.Marketplace = "", ""
		body, err := json.Marshal(v)
		require.NoError(m.t, err)
		if first == "" {
			first = string(body)
		}
		if first != string(body) {
			m.fail("%s is apart from the others", r.Code)
		}
	}
}

func (m *model) holdShipment(ctx context.Context, p modelPlace, s *switched) {
	found, err := m.engine.readShipment(ctx, p.seller, p.shipment())
	if fault.Is(err, fault.NotFound) {
		return
	}
	require.NoError(m.t, err)
	marks, err := m.inner.Get(ctx, true, store.BlockedKey(p.seller, p.group.Name, found.ID))
	require.NoError(m.t, err)
	if found.Blocked != (marks[0].Version > 0) || found.Blocked != s.Blocks(found.Created) {
		m.fail("blocked %v, marked %v, created %s: %+v", found.Blocked, marks[0].Version > 0, found.Created, s.Program)
	}
	it, err := m.engine.Item(ctx, m.now, supply.ItemKey{Seller: p.seller, Marketplace: p.region.Marketplace, SKU: "PAN-1"})
	require.NoError(m.t, err)
	if paused := it.Lots[0].Verdict.Code == supply.ProgramPaused.String(); paused != found.Blocked {
		m.fail("the item says %s, the shipment blocked %v", it.Lots[0].Verdict.Code, found.Blocked)
	}
}

// records returns what is stored; the answers to requests are not part of a world.
func (m *model) records() (all []store.Record) {
	ctx := context.Background()
	keys := []store.Key{}
	for _, p := range m.places {
		key := supply.ItemKey{Seller: p.seller, Marketplace: p.region.Marketplace, SKU: "PAN-1"}
		keys = append(keys, store.ProgramKey(p.seller, p.group.Name), store.AccountKey(p.seller), store.BlockedKey(p.seller, p.group.Name, supply.ShipmentID(p.shipment())),
			store.StateKey(p.seller, supply.ShipmentID(p.shipment())), store.ContentsKey(p.seller, supply.ShipmentID(p.shipment())),
			store.HeadKey(key), store.CardKey(key))
	}
	records, err := m.inner.Get(ctx, true, keys...)
	require.NoError(m.t, err)
	seen := map[store.Key]bool{}
	for i := range records {
		if records[i].Version > 0 && !seen[records[i].Key] {
			seen[records[i].Key] = true
			all = append(all, records[i])
		}
	}
	return all
}

// key names the world by all that the future depends on: not by when things
// happened, only by whether they are over; sellers and groups are alike.
func (w *world) key(t *testing.T, places []modelPlace) string {
	var parts []string
	for _, p := range places {
		var state string
		if r := w.record(store.ProgramKey(p.seller, p.group.Name)); r.Version > 0 {
			s, err := openProgram(p.seller, p.group, r)
			require.NoError(t, err)
			state = fmt.Sprint(s.Status, s.Change.Action, s.Change.Confirmed.IsZero(), s.Change.By, s.CutOff.IsZero(), s.Blocks(w.now), s.Opening, s.Alerts)
			if mail := s.Mail(); mail != nil {
				state += fmt.Sprint(mail.Sent.IsZero(), mail.Again, mail.Doubt, mail.Leased.IsZero(), mail.Problem, mail.Withdrawn, mail.Stamp.IsZero(), min(mail.Attempts, 4))
			}
		}
		id := supply.ShipmentID(p.shipment())
		state += fmt.Sprint(w.record(store.StateKey(p.seller, id)).Version > 0, w.record(store.BlockedKey(p.seller, p.group.Name, id)).Version > 0)
		parts = append(parts, p.group.Name+" "+state)
	}
	slices.Sort(parts) // the two sellers are alike; their groups are named
	return strings.Join(parts, "|")
}

// walk plays all sequences of so many inputs, each in every way that disturbed says,
// and returns how many worlds there are.
func walkWorlds(t *testing.T, places []modelPlace, depth int, ways func(*world, modelInput) []world) int {
	start := world{now: monday, letters: map[string]string{}}
	for _, seller := range []supply.SellerID{"acme", "globex"} {
		r, err := store.AccountRecord(seller, &store.Account{Own: string(seller) + "@example.com"}, 1)
		require.NoError(t, err)
		start.records = append(start.records, r)
	}
	seen, frontier := map[string]bool{start.key(t, places): true}, []world{start}
	for range depth {
		var next []world
		for i := range frontier {
			for _, in := range modelInputs(places) {
				for _, w := range ways(&frontier[i], in) {
					if key := w.key(t, places); !seen[key] {
						seen[key] = true
						next = append(next, w)
					}
				}
			}
		}
		frontier = next
	}
	return len(seen)
}

func TestNoFaultPartsTheProgrammeFromItsMails(t *testing.T) {
	t.Parallel()
	for _, p := range modelPlaces(t)[:2] {
		t.Run(p.group.Name, func(t *testing.T) {
			t.Parallel()
			depth, steps := 6, 0
			if testing.Short() {
				depth = 2
			}
			places := []modelPlace{p}
			worlds := walkWorlds(t, places, depth, func(w *world, in modelInput) []world { return w.disturbed(t, places, in, &steps) })
			t.Logf("%d inputs: %d worlds, %d steps", depth, worlds, steps)
			require.Greater(t, worlds, 10)
		})
	}
}

func TestNoSequenceOverSellersAndRegionsPartsTheProgrammeFromItsMails(t *testing.T) {
	t.Parallel()
	depth, steps := 6, 0
	if testing.Short() {
		depth = 2
	}
	places := modelPlaces(t)
	worlds := walkWorlds(t, places, depth, func(w *world, in modelInput) (all []world) {
		ways := []trouble{{}, {name: "twice", twice: true}}
		if w.depth < 1 {
			ways = append(ways, trouble{name: "mail server away", away: true, mail: func(int) storetest.Fault { return storetest.Throttled }})
		}
		for _, x := range ways {
			x.store = storetest.Never
			next, _, _ := w.play(t, places, in, x)
			steps++
			all = append(all, next)
		}
		return all
	})
	t.Logf("%d inputs: %d worlds, %d steps", depth, worlds, steps)
	require.Greater(t, worlds, 20)
}

// disturbed plays the input in every way that it can be disturbed.
func (w *world) disturbed(t *testing.T, places []modelPlace, in modelInput, steps *int) (all []world) {
	play := func(x trouble) ([]storetest.Call, int) {
		if x.store == nil {
			x.store = storetest.Never
		}
		next, calls, mails := w.play(t, places, in, x)
		*steps++
		all = append(all, next)
		return calls, mails
	}
	calls, mails := play(trouble{})
	play(trouble{name: "twice", twice: true})
	if mails > 0 {
		play(trouble{name: "mail server away", away: true, mail: func(int) storetest.Fault { return storetest.Throttled }})
	}
	for _, f := range []storetest.Fault{storetest.LostReply, storetest.CrashBefore, storetest.CrashAfter} {
		for n := 1; n <= mails; n++ {
			play(trouble{name: fmt.Sprintf("mail %d: %s", n, f), mail: func(i int) storetest.Fault {
				if i == n {
					return f
				}
				return storetest.NoFault
			}})
		}
		for _, c := range calls {
			if c.Suits(f) {
				play(trouble{name: fmt.Sprintf("%s at call %d", f, c.N), store: storetest.At(c.N, f)})
			}
		}
	}
	return all
}
