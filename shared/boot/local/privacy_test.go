package local

// This test plays the life of two sellers and their buyers on the whole system, with
// mail that works, fails with the address in its error, bounces and is unsubscribed
// from, and looks for their addresses in everything that is logged, published, given
// up or stored. It would catch personal data that leaves its one place.

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
)

// The canaries: what nobody would write by chance. A part is enough to be found.
const (
	sellersCanary = "canary-7f3a@example.net"
	ownCanary     = "canary-0wn3@example.net"
	buyersCanary  = "Bea Canary-5e1d <canary-5e1d@example.com>"
)

// sightings are what must not be seen where the address has no place.
var sightings = []string{"canary-7f3a", "canary-0wn3", "canary-5e1d"}

type life struct {
	*testing.T
	*Stage
	log bytes.Buffer
	now time.Time
	n   int
}

// tick lets time pass and everything that follows happen.
func (l *life) tick(d time.Duration) {
	l.Helper()
	l.now = l.now.Add(d)
	l.Set(l.now)
	_, err := l.Sweep(context.Background())
	require.NoError(l, err)
	require.NoError(l, l.Drain(context.Background()))
}

func (l *life) call(want int, method, path, body string) []byte {
	l.Helper()
	l.n++
	status, reply, err := l.Call(context.Background(), "acme", method, path, fmt.Sprint("k", l.n), []byte(body))
	require.NoError(l, err)
	require.Equal(l, want, status, "%s %s: %s", method, path, reply)
	require.NoError(l, l.Drain(context.Background()))
	return reply
}

func (l *life) message(kind, body string) {
	l.Helper()
	l.n++
	text := fmt.Sprintf(`{"type":"order.%s","seller":"acme","marketplace":"ATVPDKIKX0DER","buyer":%q,%s}`, kind, buyersCanary, body)
	_, err := l.Enqueue(context.Background(), fmt.Sprint("m", l.n), [][]byte{[]byte(text)})
	require.NoError(l, err)
	require.NoError(l, l.Drain(context.Background()))
}

func TestPersonalDataStaysInItsPlace(t *testing.T) {
	l := &life{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	log := slog.New(slog.NewJSONHandler(&l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	before := slog.Default()
	slog.SetDefault(log) // edge logs there
	defer slog.SetDefault(before)
	l.Stage = NewStage(memory.New(), 0, log)
	l.Set(l.now)
	var letters []engine.Letter
	var published []engine.Event

	l.call(200, "GET", "/v1/seller", "")
	require.NoError(t, l.Engine().SetOwnAddress(context.Background(), l.now, "acme", ownCanary))
	l.call(200, "PUT", "/v1/seller", fmt.Sprintf(`{"email":%q,"language":"de"}`, sellersCanary))
	l.call(400, "PUT", "/v1/seller", fmt.Sprintf(`{"email":"%s, %s"}`, sellersCanary, ownCanary))
	l.call(400, "PUT", "/v1/seller", fmt.Sprintf(`{"email":%q,"language":%q}`, sellersCanary, sellersCanary))
	l.sells("2026-03-10T00:00:00Z")
	l.message("placed", `"orderId":"o1","placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`)
	l.message("placed", `"orderId":"o1","placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":"KETTLE-1","units":3}]`)
	l.message("placed", `"orderId":"o2","placedAt":"then","lines":[]`)
	l.message("changed", `"orderId":"o3","revision":0,"buyer":1,"lines":7`)
	require.NotZero(t, l.DeadLetters())

	for _, fails := range []error{fault.New(fault.Throttled, "THROTTLED", "454 too many mails to <%s>", sellersCanary), fault.New(fault.Throttled, "UNREACHABLE", "no route for %s", sellersCanary),
		fault.New(fault.Transient, "NO_ANSWER", "after RCPT TO:<%s>", sellersCanary), fault.New(fault.Refused, "REJECTED", "550 <%s> no such user", sellersCanary)} {
		l.mails.fails = fails
		l.call(200, "POST", "/v1/program/US/pause", `{}`)
		l.slips()
		l.tick(20 * time.Minute)
		l.call(200, "POST", "/v1/program/US/reactivate", `{}`)
		l.tick(2 * time.Hour)
	}
	l.mails.fails = nil
	l.tick(26 * time.Hour)
	l.call(200, "POST", "/v1/program/US/pause", `{}`)
	l.slips()
	l.tick(20 * time.Minute)
	letters = append(letters, l.Mailed()...)
	require.NotEmpty(t, letters)
	var events []engine.MailEvent
	news := 0
	for _, mail := range letters {
		require.Equal(t, sellersCanary, mail.To)
		if mail.News != nil {
			news++
		}
		for _, problem := range []string{"BOUNCED", "REJECTED", "COMPLAINED", ""} {
			events = append(events, engine.MailEvent{LetterID: mail.ID, Seller: mail.Seller, To: mail.To, Problem: problem, Final: true, At: l.now},
				engine.MailEvent{LetterID: mail.ID, Seller: "nobody", To: mail.To, Problem: problem, Final: true, At: l.now})
		}
	}
	require.NotZero(t, news)
	require.Greater(t, len(letters), news, "confirmations too")
	require.Empty(t, l.Engine().MailEvents(context.Background(), l.now, events))
	l.call(200, "POST", "/v1/program/US/reactivate", `{}`)
	l.tick(time.Hour)
	require.Contains(t, string(l.call(200, "GET", "/v1/program/US", "")), `"BOUNCED"`)

	l.call(200, "PUT", "/v1/seller", fmt.Sprintf(`{"email":%q}`, sellersCanary))
	token := strings.TrimPrefix(letters[0].Unsubscribe, PublicURL+"/u/")
	require.NotEmpty(t, token)
	l.call(200, "GET", "/u/"+token, "")
	l.call(200, "POST", "/u/"+token, "List-Unsubscribe=One-Click")
	require.Contains(t, string(l.call(200, "GET", "/v1/seller", "")), `"UNSUBSCRIBED"`)
	l.tick(96 * time.Hour)
	published = l.Published()
	require.Greater(t, len(published), 10)

	for _, line := range []string{"mail not sent", "mail event of an unknown seller"} {
		require.Contains(t, l.log.String(), line)
	}
	l.nowhere("the log", l.log.Bytes(), sightings)
	l.nowhere("published events", fmt.Appendf(nil, "%+v", published), sightings)
	for _, m := range append(l.orders.dead, l.tracking.dead...) { // what an order system sent is there as it was sent
		l.nowhere("dead letters", m.body, sightings[:2])
	}
	l.onlyInTheAccount()
}

// sells announces a shipment of kettles that arrives then.
func (l *life) sells(eta string) {
	l.call(201, "POST", "/v1/shipments", fmt.Sprintf(`{"shipmentId":"FBA1","marketplace":"ATVPDKIKX0DER","mode":"SPD","boxes":[{"boxId":"FBA1U1","trackingId":"1ZFBA1"}],
		"eta":{"from":%q,"to":%[1]q},"lines":[{"sku":"KETTLE-1","units":100}]}`, eta))
}

// slips lets the shipment come four days later than was known.
func (l *life) slips() {
	l.n++
	body := fmt.Sprintf(`{"type":"tracking.updated","trackingNumber":"1ZFBA1","carrier":"UPS","status":"IN_TRANSIT","occurredAt":%q,"eta":{"from":%q,"to":%[2]q}}`,
		l.now.Format(time.RFC3339), time.Date(2026, 3, 14+l.n, 0, 0, 0, 0, time.UTC).Format(time.RFC3339))
	status, reply, err := l.Webhook(context.Background(), "standard/acme", fmt.Sprint("w", l.n), []byte(body))
	require.NoError(l, err)
	require.Less(l, status, 300, "%s", reply)
	require.NoError(l, l.Drain(context.Background()))
}

func (l *life) nowhere(where string, text []byte, canaries []string) {
	l.Helper()
	for _, canary := range canaries {
		if at := bytes.Index(text, []byte(canary)); at >= 0 {
			require.Fail(l, "a canary was seen", "%s in %s: %.300q", canary, where, text[max(0, at-150):])
		}
	}
}

// onlyInTheAccount looks into every record that was ever written, packed or not.
func (l *life) onlyInTheAccount() {
	l.Helper()
	changes, _, err := l.store.Changes(context.Background(), "", 1<<20)
	require.NoError(l, err)
	require.NotEmpty(l, changes)
	accounts := 0
	for i := range changes {
		for _, r := range []*store.Record{&changes[i].Old, &changes[i].New} {
			text := fmt.Appendf(nil, "%v %v %v", r.Key, r.Owner, r.OwnerSort)
			for _, a := range r.Attrs {
				text = append(append(text, a.Text...), a.Bytes...)
				if plain, err := store.Unpack(a.Bytes); err == nil {
					text = append(text, plain...)
				}
			}
			canaries := sightings
			if r.Key == store.AccountKey("acme") {
				require.False(l, bytes.Contains(text, []byte("canary-5e1d")))
				accounts += bytes.Count(text, []byte("canary-7f3a"))
				continue
			}
			l.nowhere(fmt.Sprint("the record ", r.Key), text, canaries)
		}
	}
	require.NotZero(l, accounts, "the canary is found where it belongs")
}
