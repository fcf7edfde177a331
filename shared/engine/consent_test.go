package engine

// These tests follow a late order in the United States from the slip to the
// buyer's answer: links that are forged, old or signed with a secret in rotation,
// two answers at once, events of very many orders. They would catch a link that
// somebody else can make, an answer that counts twice, and an event that no bus
// takes.

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

const unitedStates = supply.MarketplaceID("ATVPDKIKX0DER")

var usKettle = supply.ItemKey{Seller: "acme", Marketplace: unitedStates, SKU: "KETTLE-1"}

const mine, older, strange = "a secret of 32 bytes, more or less", "the secret of the year before it", "a secret that somebody made up ..."

func secrets(all ...string) Links {
	return Links{Base: "https://shop.example", Secrets: func(context.Context) ([]string, error) { return all, nil }}
}

// american returns an engine on the store that serves the United States alone.
func american(s store.Store, links Links) *Engine {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	calendar := func(id supply.MarketplaceID) (supply.Calendar, bool) { return weekdays{zone}, id == unitedStates }
	policy := supply.Policy{ShipDays: 1, HorizonDays: 180, StaleAfter: 2400 * time.Hour}
	e := New(s, calendar, func() supply.Policy { return policy }, rand.New(rand.NewPCG(1, 2)).Uint64, slog.New(slog.DiscardHandler))
	e.UseLinks(links)
	return e
}

// slipped has orders whose promise of 10 March moved to the 13th and then to the
// 18th: a yes is needed by the end of the 13th.
func slipped(t *testing.T, e *Engine, key supply.ItemKey, ids ...string) {
	t.Helper()
	supplied(t, e, monday, key, arriving("FBA1", 5000, "2026-03-10T20:00:00Z", 1))
	batch := make([]Delivery, len(ids))
	for i, id := range ids {
		body, err := json.Marshal(map[string]any{"type": "order.placed", "orderId": id, "seller": key.Seller, "marketplace": key.Marketplace,
			"placedAt": monday, "lines": []any{map[string]any{"sku": key.SKU, "units": 2}}})
		require.NoError(t, err)
		batch[i] = Delivery{ID: id, Body: body}
	}
	require.Empty(t, e.Orders(context.Background(), monday, batch))
	supplied(t, e, monday, key, arriving("FBA1", 5000, "2026-03-13T20:00:00Z", 2))
	supplied(t, e, monday, key, arriving("FBA1", 5000, "2026-03-18T20:00:00Z", 3))
}

func tokenOf(t *testing.T, e *Engine, id supply.OrderID) string {
	t.Helper()
	v := read(t, e, monday, usKettle, id)
	require.True(t, v.Consent.Needed)
	token, ok := strings.CutPrefix(*v.Consent.Link, "https://shop.example/c/")
	require.True(t, ok, *v.Consent.Link)
	return token
}

func TestALinkIsKnownAgainAndNoOther(t *testing.T) {
	ctx, e := context.Background(), american(memory.New(), secrets(mine))
	slipped(t, e, usKettle, "o1")
	token := tokenOf(t, e, "o1")
	d, err := e.Delay(ctx, monday, token)
	require.NoError(t, err)
	require.Equal(t, []any{supply.OrderID("o1"), supply.SKU("KETTLE-1"), *on("2026-03-13"), *on("2026-03-18"), supply.Asking, true},
		[]any{d.OrderID, d.SKU, d.Agreed, d.Promised, d.Question, d.MayCancel})

	day := *on("2026-03-18")
	other := question{usKettle, "o1", day}
	forged := []string{"", "x", "%", token[:len(token)-1], token + "A", token + "=", strings.ToUpper(token),
		*(&signer{"", strange}).link(other), *(&signer{"", mine}).link(question{usKettle, "o2", day}),
		*(&signer{"", mine}).link(question{usKettle, "o1", day + 1}), *(&signer{"", mine}).link(question{kettle, "o1", day}),
		spelling.EncodeToString(append(other.bytes(), make([]byte, 32)...))}
	signed, err := spelling.DecodeString(token)
	require.NoError(t, err)
	for i := range signed {
		changed := append([]byte(nil), signed...)
		changed[i] ^= 1
		forged = append(forged, spelling.EncodeToString(changed))
	}
	for _, f := range forged {
		_, err := e.Delay(ctx, monday, strings.TrimPrefix(f, "/c/"))
		if fault.Is(err, fault.Invalid) {
			continue // signed by us for a marketplace that is not served
		}
		require.Equal(t, fault.NotFound, fault.Of(err), f)
		_, err = e.AnswerDelay(ctx, monday, strings.TrimPrefix(f, "/c/"), false)
		require.Equal(t, fault.NotFound, fault.Of(err), f)
	}
	require.Equal(t, OrderReserved, read(t, e, monday, usKettle, "o1").Status)
}

func TestALinkShowsTheDateBeforeTheDelay(t *testing.T) {
	e := american(memory.New(), secrets(mine))
	slipped(t, e, usKettle, "o1")
	supplied(t, e, monday, usKettle, arriving("FBA1", 5000, "2026-03-13T20:00:00Z", 4)) // back to what silence accepts
	link := *read(t, e, monday, usKettle, "o1").Consent.Link
	d, err := e.Delay(context.Background(), monday, strings.TrimPrefix(link, "https://shop.example/c/"))
	require.NoError(t, err)
	require.Equal(t, []any{*on("2026-03-10"), *on("2026-03-13"), supply.SilenceAccepts}, []any{d.Agreed, d.Promised, d.Consent.Silence})
}

func TestALastCharacterThatSaysNothingMustBeTheOneWeWrite(t *testing.T) {
	e := american(memory.New(), secrets(mine))
	for _, id := range []string{"o", "o1", "o12"} {
		token := strings.TrimPrefix(*(&signer{"", mine}).link(question{usKettle, supply.OrderID(id), 9}), "/c/")
		spellings := 0
		for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			if _, err := e.links.read(context.Background(), token[:len(token)-1]+string(last)); err == nil {
				spellings++
			}
		}
		require.Equal(t, 1, spellings, "%d characters", len(token))
	}
}

func TestSecretsMayBeReplacedOneByOne(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	e := american(s, secrets(older))
	slipped(t, e, usKettle, "o1")
	token := tokenOf(t, e, "o1")
	e = american(s, secrets(mine, older))
	require.NotEqual(t, token, tokenOf(t, e, "o1"), "the first signs")
	_, err := e.Delay(ctx, monday, token)
	require.NoError(t, err, "all are accepted")
	e = american(s, secrets(mine))
	_, err = e.Delay(ctx, monday, token)
	require.Equal(t, fault.NotFound, fault.Of(err))
}

func TestWithoutASecretTheQuestionIsToldAndNoLinkIsMade(t *testing.T) {
	missing := Links{Secrets: func(context.Context) ([]string, error) {
		return nil, fault.New(fault.NotFound, "UNKNOWN_SOURCE", "none")
	}}
	for name, links := range map[string]Links{"not used": {}, "not set up": missing, "none left": secrets()} {
		e := american(memory.New(), links)
		slipped(t, e, usKettle, "o1")
		v := read(t, e, monday, usKettle, "o1")
		require.True(t, v.Consent.Needed, name)
		require.Nil(t, v.Consent.Link, name)
		_, err := e.Delay(context.Background(), monday, strings.TrimPrefix(*(&signer{"", mine}).link(question{usKettle, "o1", *on("2026-03-18")}), "/c/"))
		require.Equal(t, fault.NotFound, fault.Of(err), name)
		empty := question{usKettle, "o1", *on("2026-03-18")}.bytes()
		_, err = e.Delay(context.Background(), monday, spelling.EncodeToString(append(empty, forConsent.signature("", empty)...)))
		require.Equal(t, fault.NotFound, fault.Of(err), name)
	}
	e := american(memory.New(), secrets("fifteen bytes .")) // can be guessed
	slipped(t, e, usKettle, "o1")
	_, err := e.Order(context.Background(), monday, usKettle, "o1")
	require.ErrorContains(t, err, "a secret of signed links has 15 bytes")
}

func TestOfTwoAnswersAtOnceOneCountsAndBothBuyersHearWhich(t *testing.T) {
	for seed := range 40 {
		s := memory.New()
		e := american(s, secrets(mine))
		slipped(t, e, usKettle, "o1")
		token := tokenOf(t, e, "o1")
		var told [6]Delay
		var running sync.WaitGroup
		for i := range told {
			running.Go(func() {
				var err error
				told[i], err = american(s, secrets(mine)).AnswerDelay(context.Background(), monday, token, (i+seed)%2 == 0)
				if err != nil {
					panic(err)
				}
			})
		}
		running.Wait()
		for i := range told {
			require.Equal(t, told[0].Question, told[i].Question)
		}
		entries := american(s, Links{}).itemEntries(t, usKettle)
		answers := 0
		for _, a := range entries {
			if a.entry.Kind == supply.EntryCancelled || a.entry.Kind == supply.EntryPromised && a.entry.Full {
				answers++
			}
		}
		require.Equal(t, 1, answers)
	}
}

// itemEntries returns the whole line of an item, in order.
func (e *Engine) itemEntries(t *testing.T, key supply.ItemKey) []at {
	l, err := e.loadOne(context.Background(), monday, false, true, key)
	require.NoError(t, err)
	defer e.release(l)
	all, err := e.entriesSince(context.Background(), key, l.head, 0)
	require.NoError(t, err)
	return all
}

func TestAYesSurvivesACompactionAndAColdStart(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	e := american(s, secrets(mine))
	slipped(t, e, usKettle, "o1", "o2")
	_, err := e.AnswerDelay(ctx, monday, tokenOf(t, e, "o1"), true)
	require.NoError(t, err)
	l, err := e.loadOne(ctx, monday, true, true, usKettle)
	require.NoError(t, err)
	l.head.Older.First = compactPieces + 1 // as many segments as nobody waits for in a test
	entries, err := e.entriesSince(ctx, usKettle, l.head, 0)
	require.NoError(t, err)
	done, err := e.compact(ctx, l)
	require.NoError(t, err)
	require.True(t, done)

	cold := american(s, secrets(mine))
	require.Equal(t, entries, cold.itemEntries(t, usKettle))
	deadline := clock("2026-03-14T07:00:00Z")
	_, err = cold.Sweep(ctx, deadline)
	require.NoError(t, err)
	require.Equal(t, []OrderStatus{OrderReserved, OrderCancelled}, []OrderStatus{read(t, cold, deadline, usKettle, "o1").Status, read(t, cold, deadline, usKettle, "o2").Status})
	require.Equal(t, on("2026-03-18"), read(t, cold, deadline, usKettle, "o1").Consent.AgreedTo)
}

func TestAnEventOfManyOrdersStaysSmallEnoughForTheBus(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	long := secrets(mine)
	long.Base = "https://" + strings.Repeat("a", 192)
	e := american(s, long)
	key := supply.ItemKey{Seller: supply.SellerID(strings.Repeat("s", 32)), Marketplace: unitedStates, SKU: supply.SKU(strings.Repeat("K", 255))}
	ids := make([]string, 700)
	for i := range ids {
		ids[i] = fmt.Sprintf("%064d", i)
	}
	var h heard
	cursor := ""
	publish := func() {
		changes, next, err := s.Changes(ctx, cursor, 0)
		require.NoError(t, err)
		require.Empty(t, e.HeadChanges(ctx, monday, changes, &h))
		cursor = next
	}
	slipped(t, e, key, ids...)
	publish()
	lost := arriving("FBA1", 5000, "2026-03-18T20:00:00Z", 4)
	lost.Trouble = supply.TroubleLost
	supplied(t, e, monday, key, lost)
	publish()
	deadline := clock("2026-03-14T07:00:00Z")
	_, err := e.Sweep(ctx, deadline)
	require.NoError(t, err)
	publish()
	seen, links, moved, short, refunds := map[string]bool{}, 0, 0, 0, 0
	for _, event := range h.events {
		text, err := json.Marshal(event)
		require.NoError(t, err)
		require.Less(t, len(text), 240<<10, "%s", event.Type)
		require.False(t, seen[event.ID], "%s", event.ID)
		seen[event.ID] = true
		moved, short, refunds = moved+len(event.Moved), short+len(event.Short), refunds+len(event.Refunds)
		for _, m := range event.Moved {
			if m.Consent != nil {
				links++
			}
		}
		for _, m := range event.Short {
			if m.Consent.Link != nil {
				links++
			}
		}
		require.LessOrEqual(t, max(len(event.Moved), len(event.Short), len(event.Refunds)), 500)
	}
	require.Equal(t, []int{1400, 700, 700, 1400}, []int{moved, short, refunds, links}, "the first slip was told when the second was known")
}

func TestAnEventTellsWithTheLinksThatItsNoticeNeeds(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	e := american(s, secrets(mine))
	supplied(t, e, monday, usKettle, arriving("FBA1", 5, "2026-03-10T20:00:00Z", 1))
	require.Empty(t, e.Orders(ctx, monday, []Delivery{{ID: "1", Body: fmt.Appendf(nil,
		`{"type":"order.placed","orderId":"o1","seller":"acme","marketplace":%q,"placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":"KETTLE-1","units":1}]}`, unitedStates)}}))
	_, before, err := s.Changes(ctx, "", 0)
	require.NoError(t, err)
	supplied(t, e, monday, usKettle, arriving("FBA1", 5, "2026-05-10T20:00:00Z", 2))
	changes, _, err := s.Changes(ctx, before, 0)
	require.NoError(t, err)

	away := american(s, Links{Secrets: func(context.Context) ([]string, error) {
		return nil, fault.New(fault.Transient, "AWAY", "no answer")
	}})
	var h heard
	require.NotEmpty(t, away.HeadChanges(ctx, monday, changes, &h), "a notice without its link would be one too few")
	require.Empty(t, h.events)

	require.Empty(t, e.HeadChanges(ctx, monday, changes, &h))
	require.Equal(t, PromiseChanged, h.events[0].Type)
	v := read(t, e, monday, usKettle, "o1")
	require.Equal(t, v.Consent, h.events[0].Moved[0].Consent)
	require.Equal(t, on("2026-04-09"), v.Consent.By)

	_, err = e.AnswerDelay(ctx, monday, tokenOf(t, e, "o1"), true)
	require.NoError(t, err)
	changes, _, err = s.Changes(ctx, before, 0)
	require.NoError(t, err)
	again := heard{}
	require.Empty(t, e.HeadChanges(ctx, monday, changes[len(changes)-1:], &again))
	require.Empty(t, again.events, "a yes moves nothing")
}
