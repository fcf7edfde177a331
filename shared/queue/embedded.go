package queue

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"maragu.dev/goqite"

	"headstart/shared/fault"
)

// Options are the terms of delivery of an Embedded queue.
type Options struct {
	Visibility  time.Duration    // how long a received message is hidden; 0 means DefaultVisibility
	MaxReceives int              // deliveries before the dead-letter table; 0 means DefaultMaxReceives
	Backoff     time.Duration    // hides a released message, doubled at each receive, never longer than Visibility; 0: visible at once
	Now         func() time.Time // required; any zone
}

// MaxReceiveBatch is the largest batch of SQS messages that AWS hands to one
// Lambda invocation.
const MaxReceiveBatch = 10_000

// What a zero Options means.
const (
	DefaultVisibility  = 3 * time.Minute // six times the 30 seconds a handler may take, as AWS advises
	DefaultMaxReceives = 10              // the redrive policy of the queues on AWS
)

// Embedded is a durable queue in a SQLite database: what a method reports as
// done survives kill -9 and, with synchronous FULL, a power cut. It is safe for
// concurrent use, by several processes too. Unless said otherwise its methods
// fail with fault.Transient only: the database could not do it now, nothing
// was changed, ask again.
//
// A message waits in goqite's table until it is received for the first time.
// It then moves to a table of ours, which holds what goqite cannot keep for us:
// visibility by the caller's clock (goqite compares local times as text), a
// receive count without an end to delivery, and receives by the thousand in
// one statement. From there it is deleted, or it moves to the dead-letter table.
type Embedded struct {
	db      *sql.DB
	name    string
	arrived *goqite.Queue
	options Options
}

// Repairs what a kill between goqite's own three statements left out, then adds
// our tables. Times are milliseconds since 1970 UTC.
const schema = `
create index if not exists goqite_queue_created_idx on goqite (queue, created);
create table if not exists queue_delivered (
  id text primary key,
  queue text not null,
  body blob not null,
  receives integer not null,
  visible_at integer not null
) strict;
create index if not exists queue_delivered_visible on queue_delivered (queue, visible_at);
create table if not exists queue_dead (
  id text primary key,
  queue text not null,
  body blob not null,
  receives integer not null,
  died_at integer not null
) strict;
create index if not exists queue_dead_died on queue_dead (queue, died_at);`

// Open returns the queue called name in db, creating its tables where they do
// not exist. Any number of queues may share a database. It returns
// fault.Invalid for a name or an option that makes no sense.
func Open(ctx context.Context, db *sql.DB, name string, options Options) (*Embedded, error) {
	if options.Visibility == 0 {
		options.Visibility = DefaultVisibility
	}
	if options.MaxReceives == 0 {
		options.MaxReceives = DefaultMaxReceives
	}
	if name == "" || options.Visibility < 0 || options.MaxReceives < 0 || options.Backoff < 0 || options.Now == nil {
		return nil, fault.New(fault.Invalid, "INVALID_INPUT",
			"queue %q: it needs a name, a clock, and no option below zero", name)
	}
	if err := setup(ctx, db); err != nil {
		return nil, fault.As(fault.Transient, err, "queue "+name+": open")
	}
	return &Embedded{
		db: db, name: name, options: options,
		// goqite receives nothing here; its own end to delivery is out of
		// reach all the same, should somebody look into the file with it.
		arrived: goqite.New(goqite.NewOpts{DB: db, Name: name, MaxReceive: math.MaxInt32}),
	}, nil
}

// setup runs goqite's schema even where it exists, which fails at its first
// statement and harms nothing: so two processes may open a new file at once.
func setup(ctx context.Context, db *sql.DB) error {
	failed := goqite.Setup(ctx, db)
	if _, err := db.ExecContext(ctx, `select 1 from goqite limit 0`); err != nil {
		return failed
	}
	_, err := db.ExecContext(ctx, schema)
	return err
}

// Send adds the bodies, all or none, and returns their ids in the same order
// once they are committed. It returns fault.TooLarge or fault.Invalid for a
// body that SQS would refuse.
func (q *Embedded) Send(ctx context.Context, bodies ...[]byte) (ids []string, err error) {
	err = q.change(ctx, "send", func(tx *sql.Tx) error {
		ids, err = q.SendTx(ctx, tx, bodies...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// SendTx is Send within the caller's transaction: the messages exist when it
// is committed, and not at all otherwise.
func (q *Embedded) SendTx(ctx context.Context, tx *sql.Tx, bodies ...[]byte) (ids []string, err error) {
	if err := check(bodies); err != nil {
		return nil, err
	}
	ids = make([]string, len(bodies))
	for i, body := range bodies {
		id, err := q.arrived.SendAndGetIDTx(ctx, tx, goqite.Message{Body: body})
		if err != nil {
			return nil, fault.As(fault.Transient, err, "queue "+q.name+": send")
		}
		ids[i] = string(id)
	}
	return ids, nil
}

// Receive returns up to limit messages, MaxReceiveBatch at the most, those
// waiting for another try first, and hides them from every receiver for the
// visibility timeout. The count of receives is committed before it returns.
// None are no error.
func (q *Embedded) Receive(ctx context.Context, limit int) (messages []Message, err error) {
	limit = min(max(limit, 0), MaxReceiveBatch)
	err = q.change(ctx, "receive", func(tx *sql.Tx) error {
		now := q.now()
		if err := q.bury(ctx, tx, now); err != nil {
			return err
		}
		hidden := now + q.options.Visibility.Milliseconds()
		if messages, err = q.again(ctx, tx, limit, now, hidden); err != nil || len(messages) == limit {
			return err
		}
		first, err := q.first(ctx, tx, limit-len(messages), hidden)
		messages = append(messages, first...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// again receives messages that were received before.
func (q *Embedded) again(ctx context.Context, tx *sql.Tx, limit int, now, hidden int64) ([]Message, error) {
	return messagesOf(tx.QueryContext(ctx, `
		update queue_delivered set receives = receives + 1, visible_at = ?
		where id in (select id from queue_delivered where queue = ? and visible_at <= ? order by visible_at limit ?)
		returning id, body, receives`, hidden, q.name, now, limit))
}

// first receives messages for the first time.
func (q *Embedded) first(ctx context.Context, tx *sql.Tx, limit int, hidden int64) ([]Message, error) {
	messages, err := messagesOf(tx.QueryContext(ctx, `
		insert into queue_delivered (id, queue, body, receives, visible_at)
		select id, queue, body, 1, ? from goqite where queue = ? order by created, rowid limit ?
		returning id, body, receives`, hidden, q.name, limit))
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	ids := make([]string, len(messages))
	for i := range messages {
		ids[i] = messages[i].ID
	}
	_, err = tx.ExecContext(ctx, `delete from goqite where id in (select value from json_each(?))`, list(ids))
	return messages, err
}

// bury moves what is visible and was received often enough to the dead-letter
// table.
func (q *Embedded) bury(ctx context.Context, tx *sql.Tx, now int64) error {
	const spent = ` from queue_delivered where queue = ? and visible_at <= ? and receives >= ?`
	_, err := tx.ExecContext(ctx, `
		insert into queue_dead (id, queue, body, receives, died_at)
		select id, queue, body, receives, visible_at`+spent, q.name, now, q.options.MaxReceives)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `delete`+spent, q.name, now, q.options.MaxReceives)
	return err
}

// Delete removes received messages for good, all or none. One that is not
// there any more is passed over; one in the dead-letter table stays there.
func (q *Embedded) Delete(ctx context.Context, ids ...string) error {
	return q.change(ctx, "delete", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			delete from queue_delivered where queue = ? and id in (select value from json_each(?))`, q.name, list(ids))
		return err
	})
}

// Release gives received messages back before their visibility timeout: they
// are visible after the backoff, those received often enough are dead letters
// at once. One that is not there any more is passed over.
func (q *Embedded) Release(ctx context.Context, ids ...string) error {
	return q.change(ctx, "release", func(tx *sql.Tx) error {
		now := q.now()
		// 20 doublings are beyond every visibility timeout and within 64 bits.
		_, err := tx.ExecContext(ctx, `
			update queue_delivered
			set visible_at = ?1 + iif(receives >= ?2, 0, min(?3, ?4 << min(receives - 1, 20)))
			where queue = ?5 and id in (select value from json_each(?6))`,
			now, q.options.MaxReceives, q.options.Visibility.Milliseconds(), q.options.Backoff.Milliseconds(), q.name, list(ids))
		if err != nil {
			return err
		}
		return q.bury(ctx, tx, now)
	})
}

// ReleaseAll makes every received message visible at once, whoever has it, and
// returns how many there were. It is for a process that knows itself to be the
// only receiver: at its start, after the one before was killed with messages in
// hand, and wherever time is not to be waited for.
func (q *Embedded) ReleaseAll(ctx context.Context) (n int, err error) {
	err = q.change(ctx, "release all", func(tx *sql.Tx) error {
		now := q.now()
		n, err = affected(tx.ExecContext(ctx, `
			update queue_delivered set visible_at = ? where queue = ? and visible_at > ?`, now, q.name, now))
		if err != nil {
			return err
		}
		return q.bury(ctx, tx, now)
	})
	return n, err
}

// DeadLetters returns up to limit messages of the dead-letter table, the
// longest dead first, and leaves them there.
func (q *Embedded) DeadLetters(ctx context.Context, limit int) ([]Message, error) {
	limit = max(limit, 0) // to SQLite a limit below zero is none
	messages, err := messagesOf(q.db.QueryContext(ctx, `
		select id, body, receives from queue_dead where queue = ? order by died_at, rowid limit ?`, q.name, limit))
	return messages, fault.As(fault.Transient, err, "queue "+q.name+": dead letters")
}

// Redrive puts dead letters back as if they had never been received, all of
// them when no id is given, and returns how many there were. An id without a
// dead letter is passed over.
func (q *Embedded) Redrive(ctx context.Context, ids ...string) (n int, err error) {
	const chosen = ` from queue_dead where queue = ? and (? or id in (select value from json_each(?)))`
	err = q.change(ctx, "redrive", func(tx *sql.Tx) error {
		n, err = affected(tx.ExecContext(ctx, `
			insert into queue_delivered (id, queue, body, receives, visible_at)
			select id, queue, body, 0, ?`+chosen, q.now(), q.name, len(ids) == 0, list(ids)))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `delete`+chosen, q.name, len(ids) == 0, list(ids))
		return err
	})
	return n, err
}

// Depth returns how many messages could be received now, are hidden, and are
// dead letters. One that was received often enough counts as ready until a
// Receive or Release notices.
func (q *Embedded) Depth(ctx context.Context) (ready, inFlight, dead int, err error) {
	err = q.db.QueryRowContext(ctx, `
		select (select count(*) from goqite where queue = ?1)
		     + (select count(*) from queue_delivered where queue = ?1 and visible_at <= ?2),
		       (select count(*) from queue_delivered where queue = ?1 and visible_at > ?2),
		       (select count(*) from queue_dead where queue = ?1)`, q.name, q.now()).Scan(&ready, &inFlight, &dead)
	return ready, inFlight, dead, fault.As(fault.Transient, err, "queue "+q.name+": depth")
}

// change runs do in one transaction. The first statement of each do writes, so
// that SQLite waits for its turn at the start instead of giving up half-way.
func (q *Embedded) change(ctx context.Context, op string, do func(*sql.Tx) error) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback()
		err = do(tx)
	}
	if err == nil {
		err = tx.Commit()
	}
	if _, classified := errors.AsType[*fault.Error](err); classified {
		return err
	}
	return fault.As(fault.Transient, err, "queue "+q.name+": "+op)
}

func (q *Embedded) now() int64 { return q.options.Now().UnixMilli() }

// list writes ids as a JSON array, for json_each. Its text may be anything: an
// id is only ever compared.
func list(ids []string) string {
	text, _ := json.Marshal(ids, jsontext.AllowInvalidUTF8(true))
	return string(text)
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func messagesOf(rows *sql.Rows, err error) ([]Message, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var messages []Message
	for rows.Next() {
		var m Message
		if err := rows.Scan(&m.ID, &m.Body, &m.Receives); err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	return messages, rows.Err()
}
