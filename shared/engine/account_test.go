package engine

// These tests write accounts, tell what became of letters and press unsubscribe
// links, in every order and twice, over a store that loses races and replies. They
// would catch mail to somebody who does not want it, an event about an old address
// that stops the new one, and a change that counts twice.

import (
	"bytes"
	"context"
	"log/slog"
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

const anna, carla = "anna.berg@example.net", "carla@example.org"

func (e *Engine) give(t *testing.T, at time.Time, email string) {
	t.Helper()
	_, err := e.PutAccount(context.Background(), at, once("give "+email+at.String()), AccountRequest{Email: &email})
	require.NoError(t, err)
}

func (e *Engine) reach(t *testing.T) ReachView {
	t.Helper()
	v, err := e.Account(context.Background(), "acme")
	require.NoError(t, err)
	return v.Mail
}

func (e *Engine) stopped(t *testing.T) string {
	t.Helper()
	if why := e.reach(t).Suppressed; why != nil {
		return *why
	}
	return ""
}

// losing loses the replies to the first writes of one record; and lets another
// writer in before the first of them, where there is one.
type losing struct {
	store.Store
	lose  int
	first func()
}

func (s *losing) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	current, ok, err := s.Store.Put(ctx, w)
	if s.lose > 0 {
		s.lose--
		return store.Record{}, false, fault.New(fault.Transient, "LOST_REPLY", "the reply was lost")
	}
	return current, ok, err
}

func TestAnAccountIsReplacedWholeUnderItsVersion(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	email, zero, one := anna, int64(0), int64(1)
	answer, err := e.PutAccount(ctx, monday, once("k1"), AccountRequest{Email: &email, Language: "zh", Version: &zero})
	require.NoError(t, err)
	require.Equal(t, `{"email":"anna.berg@example.net","language":"zh","account":null,"mail":{"deliverable":true,"suppressed":null,"since":null,"remedy":""},"version":1}`, string(answer.Body))
	again, err := e.PutAccount(ctx, monday, once("k1"), AccountRequest{Email: &email, Language: "zh", Version: &zero})
	require.NoError(t, err)
	require.Equal(t, answer, again, "the same key has one effect")
	_, err = e.PutAccount(ctx, monday, once("k2"), AccountRequest{Version: &zero})
	require.Equal(t, fault.Conflict, fault.Of(err))
	_, err = e.PutAccount(ctx, monday, once("k3"), AccountRequest{Version: &one})
	require.NoError(t, err)
	v, err := e.Account(ctx, "acme")
	require.NoError(t, err)
	require.Nil(t, v.Email)
	require.Equal(t, English, v.Language)
	require.Equal(t, ReachView{Remedy: "give one on the programme page or with PUT /v1/seller; the mail then follows at once"}, v.Mail)
}

func TestALostReplyToAnAccountIsNoSecondVersion(t *testing.T) {
	e := newTestEngine()
	e.store = &lossy{Store: e.store, lose: 3}
	e.give(t, monday, anna)
	v, err := e.Account(context.Background(), "acme")
	require.NoError(t, err)
	require.Equal(t, int64(1), v.Version)
}

func TestTheAccountsOwnAddressServesUntilAnotherIsSet(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.SetOwnAddress(ctx, monday, "acme", "boss@example.com"))
	require.NoError(t, e.SetOwnAddress(ctx, monday, "acme", "boss@example.com"))
	v, err := e.Account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, "b…s@example.com", *v.Account)
	require.Nil(t, v.Email)
	require.True(t, v.Mail.Deliverable)
	require.Equal(t, int64(1), v.Version, "the same address again changes nothing")
	a, err := e.account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, "boss@example.com", a.Address())
	e.give(t, monday, anna)
	a, err = e.account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, anna, a.Address())

	for _, bad := range []struct{ seller, email string }{{"Acme!", "boss@example.com"}, {"acme", "boss"}, {"acme", ""}, {"acme", "a@example.com, b@example.com"}} {
		require.Equal(t, fault.Invalid, fault.Of(e.SetOwnAddress(ctx, monday, supply.SellerID(bad.seller), bad.email)), bad)
	}
}

// outcome is an event of a letter of news, so that only the account counts.
func outcome(to, problem string, final bool, at time.Time) MailEvent {
	return MailEvent{LetterID: "N/acme/1", Seller: "acme", To: to, Problem: problem, Final: final, At: at}
}

func TestWhatStopsMail(t *testing.T) {
	for name, row := range map[string]struct {
		event MailEvent
		want  string
	}{
		"the mailbox does not exist":   {outcome(anna, "BOUNCED", true, monday), "BOUNCED"},
		"letters of another case":      {outcome("Anna.Berg@Example.NET", "BOUNCED", true, monday), "BOUNCED"},
		"the mailbox is full":          {outcome(anna, "BOUNCED", false, monday), ""},
		"called spam":                  {outcome(anna, "COMPLAINED", false, monday), "COMPLAINED"},
		"refused by the mail server":   {outcome(anna, "REJECTED", false, monday), ""},
		"it arrived":                   {outcome(anna, "", false, monday), ""},
		"a word that nobody knows":     {outcome(anna, "OPENED", true, monday), ""},
		"an earlier address":           {outcome(carla, "BOUNCED", true, monday), ""},
		"no address":                   {outcome("", "BOUNCED", true, monday), ""},
		"before the address was given": {outcome(anna, "BOUNCED", true, monday.Add(-2*time.Hour)), ""},
		"without its instant":          {outcome(anna, "BOUNCED", true, time.Time{}), "BOUNCED"},
	} {
		ctx, e := context.Background(), newTestEngine()
		e.give(t, monday.Add(-time.Hour), anna)
		for range 2 {
			require.Empty(t, e.MailEvents(ctx, monday.Add(time.Minute), []MailEvent{row.event}), name)
		}
		require.Equal(t, row.want, e.stopped(t), name)
		a, err := e.account(ctx, "acme")
		require.NoError(t, err)
		if want := int64(1); row.want == "" {
			require.Equal(t, want, a.version, name)
		} else {
			require.Equal(t, want+1, a.version, "%s: twice is once", name)
		}
	}
}

func TestAnEventOfALetterBeforeTheAddressWasGivenAgainStopsNothing(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.give(t, monday, anna)
	late := outcome(anna, "BOUNCED", true, monday.Add(time.Minute))
	require.Empty(t, e.MailEvents(ctx, monday, []MailEvent{late}))
	require.Equal(t, "BOUNCED", e.stopped(t))
	e.give(t, monday.Add(time.Hour), anna)
	require.Empty(t, e.stopped(t))
	require.Empty(t, e.MailEvents(ctx, monday.Add(2*time.Hour), []MailEvent{late}))
	require.Empty(t, e.stopped(t))
}

func TestWhatStoppedMailEndsWithTheAddress(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	require.NoError(t, e.SetOwnAddress(ctx, monday, "acme", "boss@example.com"))
	e.give(t, monday, anna)
	require.Empty(t, e.MailEvents(ctx, monday, []MailEvent{outcome(anna, "COMPLAINED", false, monday)}))
	require.NoError(t, e.SetOwnAddress(ctx, monday, "acme", "chief@example.com"))
	require.Equal(t, "COMPLAINED", e.stopped(t), "mail goes where it went")
	_, err := e.PutAccount(ctx, monday, once("k"), AccountRequest{})
	require.NoError(t, err)
	require.True(t, e.reach(t).Deliverable, "the account's own address never complained")
}

func TestAnEventOfAnUnknownSellerIsDroppedWithoutItsAddress(t *testing.T) {
	var log bytes.Buffer
	ctx, e := context.Background(), newTestEngine()
	e.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	nobody := outcome(anna, "BOUNCED", true, monday)
	nobody.Seller = "nobody"
	none := outcome(anna, "BOUNCED", true, monday)
	none.Seller = ""
	require.Empty(t, e.MailEvents(ctx, monday, []MailEvent{nobody, none}))
	require.Equal(t, 2, strings.Count(log.String(), "mail event of"))
	require.NotContains(t, log.String(), "anna")
	require.NotContains(t, log.String(), "example.net")
	records, err := e.store.Get(ctx, true, store.AccountKey("nobody"))
	require.NoError(t, err)
	require.Zero(t, records[0].Version)
}

func TestAnEventThatCannotBeWrittenComesAgain(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.give(t, monday, anna)
	inner := e.store
	events := []MailEvent{outcome(anna, "", false, monday), outcome(anna, "REJECTED", false, monday), outcome(anna, "BOUNCED", true, monday)}
	e.store = broken{inner}
	require.Equal(t, []int{2}, e.MailEvents(ctx, monday, events))
	e.store = &losing{Store: inner, lose: 2}
	require.Empty(t, e.MailEvents(ctx, monday, events))
	require.Equal(t, "BOUNCED", e.stopped(t))
	a, err := e.account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, int64(2), a.version)
}

// broken writes nothing.
type broken struct{ store.Store }

func (broken) Put(context.Context, store.Write) (store.Record, bool, error) {
	return store.Record{}, false, fault.New(fault.Internal, "DISK", "the disk is full")
}

// confirming has a programme whose pause was confirmed by a mail to anna.
func confirming(t *testing.T, sent bool) (*Engine, func() program.Mail) {
	t.Helper()
	ctx, e := context.Background(), newTestEngine()
	e.give(t, monday.Add(-time.Hour), anna)
	var p program.Program
	require.True(t, p.Ask(program.Pause, monday, program.ByAPI))
	p.Begin(monday, masked(anna), mailbox(anna))
	if sent {
		require.True(t, p.Sent(1, monday, "id"))
	}
	record, err := store.ProgramRecord("acme", "EUROPE", &p, 1)
	require.NoError(t, err)
	_, ok, err := e.store.Put(ctx, store.Write{Record: record})
	require.True(t, ok && err == nil)
	return e, func() program.Mail {
		records, err := e.store.Get(ctx, true, store.ProgramKey("acme", "EUROPE"))
		require.NoError(t, err)
		now, err := store.ReadProgram(&records[0])
		require.NoError(t, err)
		require.Equal(t, sent, !now.CutOff.IsZero(), "what became of a mail changes no date")
		return *now.Mail()
	}
}

func confirmationEvent(to, problem string, final bool, after time.Duration) MailEvent {
	return MailEvent{LetterID: "P/acme/EUROPE/1", Seller: "acme", To: to, Problem: problem, Final: final, At: monday.Add(after)}
}

func TestTheProgrammeSaysWhatBecameOfItsMail(t *testing.T) {
	for name, row := range map[string]struct {
		events []MailEvent
		mail   program.Problem
		stop   string
	}{
		"bounced":               {[]MailEvent{confirmationEvent(anna, "BOUNCED", true, time.Minute)}, program.Bounced, "BOUNCED"},
		"bounced, no address":   {[]MailEvent{confirmationEvent("", "BOUNCED", true, time.Minute)}, program.Bounced, "BOUNCED"},
		"full":                  {[]MailEvent{confirmationEvent(anna, "BOUNCED", false, time.Minute)}, program.Bounced, ""},
		"rejected":              {[]MailEvent{confirmationEvent(anna, "REJECTED", false, time.Minute)}, program.Rejected, ""},
		"arrived":               {[]MailEvent{confirmationEvent(anna, "", false, time.Minute)}, program.NoProblem, ""},
		"spam after a bounce":   {[]MailEvent{confirmationEvent(anna, "BOUNCED", false, 1), confirmationEvent(anna, "COMPLAINED", false, 2), confirmationEvent(anna, "BOUNCED", false, 1)}, program.Complained, "COMPLAINED"},
		"another mailbox":       {[]MailEvent{confirmationEvent(carla, "BOUNCED", true, time.Minute)}, program.NoProblem, ""},
		"an earlier sending":    {[]MailEvent{confirmationEvent(anna, "BOUNCED", false, -5*time.Minute)}, program.NoProblem, ""},
		"a clock a little slow": {[]MailEvent{confirmationEvent(anna, "BOUNCED", false, -5*time.Second)}, program.Bounced, ""},
		"another change":        {[]MailEvent{{LetterID: "P/acme/EUROPE/2", Seller: "acme", To: anna, Problem: "BOUNCED", At: monday}}, program.NoProblem, ""},
		"another seller":        {[]MailEvent{{LetterID: "P/acme/EUROPE/1", Seller: "other", To: anna, Problem: "COMPLAINED", At: monday}}, program.NoProblem, ""},
		"another group":         {[]MailEvent{{LetterID: "P/acme/US/1", Seller: "acme", To: anna, Problem: "BOUNCED", At: monday}}, program.NoProblem, ""},
		"no name of ours":       {[]MailEvent{{LetterID: "P/acme/EUROPE/x", Seller: "acme", To: anna, Problem: "BOUNCED", At: monday}}, program.NoProblem, ""},
	} {
		e, mail := confirming(t, true)
		for range 2 {
			require.Empty(t, e.MailEvents(context.Background(), monday.Add(time.Hour), row.events), name)
		}
		require.Equal(t, row.mail.String(), mail().Problem.String(), name)
		require.Equal(t, row.stop, e.stopped(t), name)
	}
}

func TestAnEventWaitsForTheMarkOfItsMail(t *testing.T) {
	e, mail := confirming(t, false)
	bounced := []MailEvent{confirmationEvent(anna, "BOUNCED", true, time.Second)}
	require.Equal(t, []int{0}, e.MailEvents(context.Background(), monday.Add(time.Minute), bounced))
	require.Equal(t, program.NoProblem, mail().Problem)
	require.Empty(t, e.stopped(t))
	require.Empty(t, e.MailEvents(context.Background(), monday.Add(3*time.Minute), bounced), "who sent it never came back")
	require.Equal(t, program.Bounced, mail().Problem)
	require.Equal(t, "BOUNCED", e.stopped(t))
}

// unsubscribing returns an engine with links, and the token in a mail to anna.
func unsubscribing(t *testing.T) (*Engine, string) {
	t.Helper()
	e := newTestEngine()
	e.UseLinks(secrets(mine))
	e.give(t, monday.Add(-time.Hour), anna)
	return e, strings.TrimPrefix(e.unsubscribeLink(context.Background(), "acme", anna), "https://shop.example/u/")
}

func TestUnsubscribingOnceEndsMailAndLookingEndsNothing(t *testing.T) {
	ctx := context.Background()
	e, token := unsubscribing(t)
	s, err := e.Subscription(ctx, token)
	require.NoError(t, err)
	require.Equal(t, Subscription{To: "a…g@example.net"}, s)
	require.True(t, e.reach(t).Deliverable)
	for range 3 {
		s, err = e.Unsubscribe(ctx, monday, token)
		require.NoError(t, err)
		require.Equal(t, Subscription{To: "a…g@example.net", Stopped: true}, s)
	}
	since := monday
	require.Equal(t, ReachView{Suppressed: new("UNSUBSCRIBED"), Since: &since, Remedy: diagnoses[program.Unsubscribed].remedy}, e.reach(t))
	a, err := e.account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, int64(2), a.version)
}

func TestManyClicksAtOnceAreOneAndALostReplyIsNoSecond(t *testing.T) {
	ctx := context.Background()
	e, token := unsubscribing(t)
	e.store = &losing{Store: e.store, lose: 1}
	_, err := e.Unsubscribe(ctx, monday, token)
	require.NoError(t, err)
	require.Equal(t, "UNSUBSCRIBED", e.stopped(t))

	e, token = unsubscribing(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _, err := e.Unsubscribe(ctx, monday, token); require.NoError(t, err) })
	}
	wait.Wait()
	a, err := e.account(ctx, "acme")
	require.NoError(t, err)
	require.Equal(t, int64(2), a.version)
}

func TestAClickBesideANewAddressEndsNothing(t *testing.T) {
	ctx := context.Background()
	e, token := unsubscribing(t)
	e.store = &losing{Store: e.store, first: func() { e.give(t, monday, carla) }}
	s, err := e.Unsubscribe(ctx, monday, token)
	require.NoError(t, err)
	require.Equal(t, Subscription{Stopped: true}, s)
	require.True(t, e.reach(t).Deliverable)
}

func TestALinkIsKnownByItsSecretsAlone(t *testing.T) {
	ctx := context.Background()
	e, token := unsubscribing(t)
	for _, bad := range []string{"", "x", token[:len(token)-1], token + "A", "AQ", spelling.EncodeToString([]byte{1, 4, 'a', 'c', 'm', 'e'}),
		forUnsubscribe.token(strange, subscription{"acme", mailbox(anna)}.bytes()), forConsent.token(mine, subscription{"acme", mailbox(anna)}.bytes())} {
		_, err := e.Unsubscribe(ctx, monday, bad)
		require.Equal(t, fault.NotFound, fault.Of(err), bad)
	}
	require.True(t, e.reach(t).Deliverable)
	e.UseLinks(secrets(older, mine))
	_, err := e.Subscription(ctx, token)
	require.NoError(t, err, "a secret in rotation")
	e.UseLinks(secrets())
	require.Empty(t, e.unsubscribeLink(ctx, "acme", anna))
	e.UseLinks(Links{Secrets: secrets(mine).Secrets})
	require.Empty(t, e.unsubscribeLink(ctx, "acme", anna), "nobody knows where it would lead")
	e.UseLinks(secrets("short"))
	require.Empty(t, e.unsubscribeLink(ctx, "acme", anna))
}
