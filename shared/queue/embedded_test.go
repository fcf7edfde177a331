// Runs the embedded queue over a database file with the store's own settings
// and a clock of the test's. It would catch a message delivered twice within
// its visibility, one that is lost by a restart, one that is tried for ever or
// given up too early, and a delivery that depends on clock or time zone.
package queue_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"headstart/shared/fault"
	"headstart/shared/queue"
)

// clock moves only when told. Its year is far from that of the machine, which
// goqite asks: nothing may depend on the latter.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2001, 3, 1, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time         { return c.now }
func (c *clock) pass(d time.Duration)   { c.now = c.now.Add(d) }
func (c *clock) options() queue.Options { return queue.Options{Visibility: time.Minute, Now: c.Now} }

func openFile(t *testing.T, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func newFile(t *testing.T) *sql.DB { return openFile(t, filepath.Join(t.TempDir(), "headstart.db")) }

func open(t *testing.T, db *sql.DB, name string, options queue.Options) *queue.Embedded {
	q, err := queue.Open(t.Context(), db, name, options)
	require.NoError(t, err)
	return q
}

func send(t *testing.T, q *queue.Embedded, bodies ...string) []string {
	raw := make([][]byte, len(bodies))
	for i := range bodies {
		raw[i] = []byte(bodies[i])
	}
	ids, err := q.Send(t.Context(), raw...)
	require.NoError(t, err)
	require.Len(t, ids, len(bodies))
	return ids
}

func receive(t *testing.T, q *queue.Embedded, limit int) []queue.Message {
	messages, err := q.Receive(t.Context(), limit)
	require.NoError(t, err)
	return messages
}

func requireDepth(t *testing.T, q *queue.Embedded, ready, inFlight, dead int) {
	t.Helper()
	gotReady, gotInFlight, gotDead, err := q.Depth(t.Context())
	require.NoError(t, err)
	require.Equal(t, [3]int{ready, inFlight, dead}, [3]int{gotReady, gotInFlight, gotDead}, "ready, in flight, dead")
}

func idsOf(messages []queue.Message) []string {
	ids := make([]string, len(messages))
	for i := range messages {
		ids[i] = messages[i].ID
	}
	return ids
}

func TestWhatIsSentIsReceivedOnceInTheOrderSent(t *testing.T) {
	q := open(t, newFile(t), "orders", newClock().options())
	ids := send(t, q, `{"a":1}`, "b\t\r\nß", "c")
	require.Equal(t, []queue.Message{
		{ID: ids[0], Body: []byte(`{"a":1}`), Receives: 1},
		{ID: ids[1], Body: []byte("b\t\r\nß"), Receives: 1},
	}, receive(t, q, 2))
	requireDepth(t, q, 1, 2, 0)
	require.Equal(t, []queue.Message{{ID: ids[2], Body: []byte("c"), Receives: 1}}, receive(t, q, 2))
	require.Empty(t, receive(t, q, 2))
	require.NoError(t, q.Delete(t.Context(), ids...))
	requireDepth(t, q, 0, 0, 0)
}

func TestOneMessageIsHiddenForExactlyItsVisibility(t *testing.T) {
	c := newClock()
	q := open(t, newFile(t), "orders", c.options())
	ids := send(t, q, "a")
	receive(t, q, 1)
	c.pass(time.Minute - time.Millisecond)
	require.Empty(t, receive(t, q, 1))
	requireDepth(t, q, 0, 1, 0)
	c.pass(time.Millisecond)
	requireDepth(t, q, 1, 0, 0)
	require.Equal(t, []queue.Message{{ID: ids[0], Body: []byte("a"), Receives: 2}}, receive(t, q, 1))
}

func TestReleasedMessagesComeBackAtOnceAndBeforeNewOnes(t *testing.T) {
	q := open(t, newFile(t), "orders", newClock().options())
	ids := send(t, q, "a", "b", "c")
	receive(t, q, 2)
	require.NoError(t, q.Release(t.Context(), ids[1], "m_unknown", "not\xffutf8", `"]`))
	got := receive(t, q, 10)
	require.Equal(t, []string{ids[1], ids[2]}, idsOf(got))
	require.Equal(t, 2, got[0].Receives)
	require.Equal(t, 1, got[1].Receives)
}

func TestTheBackoffDoublesAndEndsAtTheVisibility(t *testing.T) {
	c := newClock()
	options := c.options()
	options.Backoff = 10 * time.Second
	options.MaxReceives = 30
	q := open(t, newFile(t), "orders", options)
	ids := send(t, q, "a")
	for receives := 1; receives < 30; receives++ {
		require.Len(t, receive(t, q, 1), 1)
		require.NoError(t, q.Release(t.Context(), ids...))
		hidden := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute}[min(receives, 4)-1]
		c.pass(hidden - time.Millisecond)
		require.Empty(t, receive(t, q, 1), "after %d receives", receives)
		c.pass(time.Millisecond)
	}
}

func TestPoisonIsADeadLetterAfterTenReceivesAndOthersGoOn(t *testing.T) {
	for _, released := range []bool{true, false} {
		t.Run(fmt.Sprintf("released=%t", released), func(t *testing.T) {
			c := newClock()
			q := open(t, newFile(t), "orders", c.options())
			poison := send(t, q, "poison")[0]
			for n := 1; n <= 10; n++ {
				good := send(t, q, "good")[0]
				got := receive(t, q, 10)
				require.ElementsMatch(t, []queue.Message{
					{ID: poison, Body: []byte("poison"), Receives: n}, {ID: good, Body: []byte("good"), Receives: 1}}, got)
				require.NoError(t, q.Delete(t.Context(), good))
				requireDepth(t, q, 0, 1, 0)
				if released {
					require.NoError(t, q.Release(t.Context(), poison))
				} else {
					c.pass(time.Minute)
				}
			}
			require.Empty(t, receive(t, q, 10))
			requireDepth(t, q, 0, 0, 1)
			dead, err := q.DeadLetters(t.Context(), 10)
			require.NoError(t, err)
			require.Equal(t, []queue.Message{{ID: poison, Body: []byte("poison"), Receives: 10}}, dead)
		})
	}
}

func TestTheTenthReleaseIsADeadLetterBeforeAnybodyReceivesAgain(t *testing.T) {
	c := newClock()
	options := c.options()
	options.Backoff = time.Second
	q := open(t, newFile(t), "orders", options)
	ids := send(t, q, "poison")
	for range 10 {
		require.Len(t, receive(t, q, 1), 1)
		require.NoError(t, q.Release(t.Context(), ids...))
		c.now = c.now.Truncate(time.Minute).Add(time.Minute)
	}
	requireDepth(t, q, 0, 0, 1)
}

// bury makes every message in the queue a dead letter.
func bury(t *testing.T, q *queue.Embedded) {
	for messages := receive(t, q, 100); len(messages) > 0; messages = receive(t, q, 100) {
		require.NoError(t, q.Release(t.Context(), idsOf(messages)...))
	}
}

func TestRedriveStartsTheCountAgain(t *testing.T) {
	c := newClock()
	options := c.options()
	options.MaxReceives = 2
	q := open(t, newFile(t), "orders", options)
	ids := send(t, q, "a", "b", "c")
	bury(t, q)
	requireDepth(t, q, 0, 0, 3)
	c.pass(14 * 24 * time.Hour)

	n, err := q.Redrive(t.Context(), ids[1], "m_unknown")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	requireDepth(t, q, 1, 0, 2)
	require.Equal(t, []queue.Message{{ID: ids[1], Body: []byte("b"), Receives: 1}}, receive(t, q, 10))

	n, err = q.Redrive(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.ElementsMatch(t, []string{ids[0], ids[2]}, idsOf(receive(t, q, 10)))
	requireDepth(t, q, 0, 3, 0)
}

func TestDeadLettersAreListedOldestFirstUpToTheLimit(t *testing.T) {
	c := newClock()
	options := c.options()
	options.MaxReceives = 1
	q := open(t, newFile(t), "orders", options)
	var ids []string
	for _, body := range []string{"a", "b", "c"} {
		ids = append(ids, send(t, q, body)...)
		bury(t, q)
		c.pass(time.Second)
	}
	dead, err := q.DeadLetters(t.Context(), 2)
	require.NoError(t, err)
	require.Equal(t, ids[:2], idsOf(dead))
	none, err := q.DeadLetters(t.Context(), -1)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestQueuesInOneFileDoNotMix(t *testing.T) {
	db, options := newFile(t), newClock().options()
	options.MaxReceives = 1
	orders, tracking := open(t, db, "orders", options), open(t, db, "tracking", options)
	ids := send(t, orders, "dead")
	bury(t, orders)
	ids = append(ids, send(t, orders, "in flight")...)
	receive(t, orders, 1)
	ids = append(ids, send(t, orders, "ready")...)

	require.Empty(t, receive(t, tracking, 10))
	require.NoError(t, tracking.Delete(t.Context(), ids...))
	require.NoError(t, tracking.Release(t.Context(), ids...))
	released, err := tracking.ReleaseAll(t.Context())
	require.NoError(t, err)
	require.Zero(t, released)
	for _, chosen := range [][]string{nil, ids} {
		n, err := tracking.Redrive(t.Context(), chosen...)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	dead, err := tracking.DeadLetters(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, dead)
	requireDepth(t, tracking, 0, 0, 0)
	requireDepth(t, orders, 1, 1, 1)
}

func TestTheCallersTransactionDecidesWhetherAMessageExists(t *testing.T) {
	db := newFile(t)
	q := open(t, db, "orders", newClock().options())
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		ids, err := q.SendTx(t.Context(), tx, []byte("a"), []byte("b"))
		require.NoError(t, err)
		if !commit {
			require.NoError(t, tx.Rollback())
			require.Empty(t, receive(t, q, 10))
			continue
		}
		require.NoError(t, tx.Commit())
		require.Equal(t, ids, idsOf(receive(t, q, 10)))
	}
}

func TestARestartKeepsEveryMessageAndEveryCount(t *testing.T) {
	c := newClock()
	options := c.options()
	options.MaxReceives = 2
	path := filepath.Join(t.TempDir(), "headstart.db")
	db := openFile(t, path)
	q := open(t, db, "orders", options)
	ids := send(t, q, "dead", "in flight", "ready")
	receive(t, q, 1)
	require.NoError(t, q.Release(t.Context(), ids[0]))
	receive(t, q, 2) // "dead" for the second time, and "in flight"
	require.NoError(t, q.Release(t.Context(), ids[0]))
	require.NoError(t, db.Close())

	q = open(t, openFile(t, path), "orders", options)
	requireDepth(t, q, 1, 1, 1)
	require.Equal(t, []queue.Message{{ID: ids[2], Body: []byte("ready"), Receives: 1}}, receive(t, q, 10))
	c.pass(time.Minute)
	require.ElementsMatch(t, []queue.Message{
		{ID: ids[1], Body: []byte("in flight"), Receives: 2}, {ID: ids[2], Body: []byte("ready"), Receives: 2}}, receive(t, q, 10))
}

func TestReleaseAllNeedsNoTimeToPassAndCountsTheReceives(t *testing.T) {
	options := newClock().options()
	options.MaxReceives = 2
	options.Backoff = time.Hour
	q := open(t, newFile(t), "orders", options)
	ids := send(t, q, "a", "b")
	receive(t, q, 10)
	n, err := q.ReleaseAll(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.ElementsMatch(t, []queue.Message{
		{ID: ids[0], Body: []byte("a"), Receives: 2}, {ID: ids[1], Body: []byte("b"), Receives: 2}}, receive(t, q, 10))
	n, err = q.ReleaseAll(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	requireDepth(t, q, 0, 0, 2)
}

// persist asks again while the database is held by another process, as the
// contract of fault.Transient says a caller may.
func persist(t *testing.T, do func() error) {
	err := do()
	for fault.Is(err, fault.Transient) {
		err = do()
	}
	require.NoError(t, err)
}

func TestConcurrentReceiversNeverShareAMessage(t *testing.T) {
	const senders, receivers, each = 4, 6, 250
	path := filepath.Join(t.TempDir(), "headstart.db")
	options := newClock().options()
	var sending, receiving sync.WaitGroup
	got := make(chan queue.Message, senders*each*2)
	var handles []*queue.Embedded // a file handle each, as processes have
	for range senders + receivers {
		handles = append(handles, open(t, openFile(t, path), "orders", options))
	}
	for _, q := range handles[:senders] {
		sending.Go(func() {
			for i := 0; i < each; i += 10 {
				persist(t, func() error {
					_, err := q.Send(t.Context(), slices.Repeat([][]byte{[]byte("order")}, 10)...)
					return err
				})
			}
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	for _, q := range handles[senders:] {
		receiving.Go(func() {
			for last := false; !last; {
				last = ctx.Err() != nil // one more look after the senders are done
				for more := true; more; {
					var messages []queue.Message
					persist(t, func() (err error) {
						messages, err = q.Receive(t.Context(), 7)
						return err
					})
					for _, m := range messages {
						got <- m
					}
					more = len(messages) > 0
				}
			}
		})
	}
	sending.Wait()
	stop()
	receiving.Wait()
	close(got)
	seen := map[string]bool{}
	for m := range got {
		require.False(t, seen[m.ID], "%s was delivered twice", m.ID)
		require.Equal(t, 1, m.Receives)
		seen[m.ID] = true
	}
	require.Len(t, seen, senders*each)
}

func TestTenThousandMessagesAreOneBatch(t *testing.T) {
	q := open(t, newFile(t), "orders", newClock().options())
	bodies := make([][]byte, 10_003)
	for i := range bodies {
		bodies[i] = fmt.Appendf(nil, "order %d", i)
	}
	ids, err := q.Send(t.Context(), bodies...)
	require.NoError(t, err)
	messages := receive(t, q, 20_000)
	require.Len(t, messages, queue.MaxReceiveBatch)
	require.Equal(t, ids[:10_000], idsOf(messages))
	require.Equal(t, []byte("order 9999"), messages[9999].Body)
	require.NoError(t, q.Release(t.Context(), ids[:10_000]...))
	again := receive(t, q, 10_000)
	require.NoError(t, q.Delete(t.Context(), idsOf(again)...))
	require.Equal(t, ids[10_000:], idsOf(receive(t, q, 10_000)))
	requireDepth(t, q, 0, 3, 0)
}

func TestAskingForNothingReceivesNothing(t *testing.T) {
	q := open(t, newFile(t), "orders", newClock().options())
	send(t, q, "a")
	require.Empty(t, receive(t, q, 0))
	require.Empty(t, receive(t, q, -1))
	require.Empty(t, send(t, q))
	require.NoError(t, q.Delete(t.Context()))
	require.NoError(t, q.Release(t.Context()))
	requireDepth(t, q, 1, 0, 0)
}

func TestOneBadBodyKeepsTheWholeSendOut(t *testing.T) {
	q := open(t, newFile(t), "orders", newClock().options())
	for _, c := range badBodies {
		ids, err := q.Send(t.Context(), []byte("good"), c.body)
		require.Equal(t, c.kind, fault.Of(err), c.says)
		require.ErrorContains(t, err, "message 2 of 2 "+c.says)
		require.Nil(t, ids)
	}
	requireDepth(t, q, 0, 0, 0)
	send(t, q, strings.Repeat("x", queue.MaxBodyBytes))
	require.Len(t, receive(t, q, 1)[0].Body, queue.MaxBodyBytes)
}

func TestOptionsThatMakeNoSenseAreRefused(t *testing.T) {
	now := newClock().Now
	for _, c := range []struct {
		name    string
		options queue.Options
	}{
		{"", queue.Options{Now: now}},
		{"orders", queue.Options{}},
		{"orders", queue.Options{Now: now, Visibility: -1}},
		{"orders", queue.Options{Now: now, MaxReceives: -1}},
		{"orders", queue.Options{Now: now, Backoff: -1}},
	} {
		_, err := queue.Open(t.Context(), newFile(t), c.name, c.options)
		require.Equal(t, fault.Invalid, fault.Of(err), "%q %+v", c.name, c.options)
	}
}

func TestADatabaseThatCannotIsTransient(t *testing.T) {
	db := newFile(t)
	q := open(t, db, "orders", newClock().options())
	require.NoError(t, db.Close())
	_, failed := q.Send(t.Context(), []byte("a"))
	require.Equal(t, fault.Transient, fault.Of(failed))
	_, failed = q.Receive(t.Context(), 1)
	require.Equal(t, fault.Transient, fault.Of(failed))
	_, failed = q.DeadLetters(t.Context(), 1)
	require.Equal(t, fault.Transient, fault.Of(failed))
	_, _, _, failed = q.Depth(t.Context())
	require.Equal(t, fault.Transient, fault.Of(failed))
	_, failed = queue.Open(t.Context(), db, "orders", newClock().options())
	require.Equal(t, fault.Transient, fault.Of(failed))
}

// The kill happens between goqite's own statements, which are not one
// transaction.
func TestAHalfMadeSchemaIsRepaired(t *testing.T) {
	db := newFile(t)
	open(t, db, "orders", newClock().options())
	_, err := db.Exec(`drop index goqite_queue_created_idx; drop table queue_delivered; drop table queue_dead`)
	require.NoError(t, err)
	q := open(t, db, "orders", newClock().options())
	send(t, q, "a")
	require.Len(t, receive(t, q, 1), 1)
	var indexes int
	require.NoError(t, db.QueryRow(`select count(*) from sqlite_master where name = 'goqite_queue_created_idx'`).Scan(&indexes))
	require.Equal(t, 1, indexes)
}

// BenchmarkEmbedded sends, receives and deletes 10,000 order messages of 300
// bytes in one call each, to a real file.
func BenchmarkEmbedded(b *testing.B) {
	const batch = 10_000
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "headstart.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	require.NoError(b, err)
	defer db.Close()
	q, err := queue.Open(b.Context(), db, "orders", newClock().options())
	require.NoError(b, err)
	bodies := slices.Repeat([][]byte{[]byte(strings.Repeat("o", 300))}, batch)
	var sending, receiving, deleting time.Duration
	for b.Loop() {
		start := b.Elapsed()
		_, err := q.Send(b.Context(), bodies...)
		require.NoError(b, err)
		sent := b.Elapsed()
		messages, err := q.Receive(b.Context(), batch)
		require.NoError(b, err)
		require.Len(b, messages, batch)
		received := b.Elapsed()
		require.NoError(b, q.Delete(b.Context(), idsOf(messages)...))
		sending, receiving, deleting = sending+sent-start, receiving+received-sent, deleting+b.Elapsed()-received
	}
	perSecond := func(d time.Duration) float64 { return float64(batch*b.N) / d.Seconds() }
	b.ReportMetric(perSecond(sending), "sent/s")
	b.ReportMetric(perSecond(receiving), "received/s")
	b.ReportMetric(perSecond(deleting), "deleted/s")
}
