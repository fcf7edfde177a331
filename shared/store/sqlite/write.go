package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// batchJobs is how many waiting calls one transaction takes at most: enough to
// share a disk flush, few enough that nobody waits long.
const batchJobs = 128

// job is one call that waits for the writing goroutine. do may run twice: once
// in a batch that another job broke, once alone.
type job struct {
	do   func(t *transaction) error
	done chan error
}

// transaction is what a job writes in.
type transaction struct {
	*sql.Tx
	statements *writeStatements
	changed    bool // a row was added to the feed
}

type writeStatements struct{ load, put, remove, change, expired, prune *sql.Stmt }

func (w *writeStatements) prepare(db *sql.DB) error {
	return prepare(db, map[**sql.Stmt]string{
		&w.load: `select version, body from record where pk = ? and sk = ?`,
		&w.put: `insert into record (pk, sk, version, body, owner, owner_sort, due_shard, due, expires) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict do update set version = excluded.version, body = excluded.body, owner = excluded.owner, owner_sort = excluded.owner_sort,
			due_shard = excluded.due_shard, due = excluded.due, expires = excluded.expires`,
		&w.remove:  `delete from record where pk = ? and sk = ?`,
		&w.change:  `insert into change (pk, sk, old, new) values (?, ?, ?, ?)`,
		&w.expired: `select pk, sk, body from record where expires <= ? order by expires limit ?`,
		&w.prune: `delete from change where seq in (
			select seq from (select seq, at from change where seq <= ? order by seq limit ?) where at < ?)`,
	})
}

func prepare(db *sql.DB, statements map[**sql.Stmt]string) error {
	for to, query := range statements {
		prepared, err := db.Prepare(query)
		if err != nil {
			return err
		}
		*to = prepared
	}
	return nil
}

// run hands do to the writing goroutine and returns once it is committed. When
// the context ends first the outcome is unknown and do may still be running.
func (s *Store) run(ctx context.Context, op string, do func(t *transaction) error) error {
	if err := alive(ctx, op); err != nil {
		return err
	}
	j := job{do, make(chan error, 1)}
	select {
	case s.jobs <- j:
	case <-ctx.Done():
		return alive(ctx, op)
	case <-s.closing:
		return fault.New(fault.Transient, "STORE_CLOSED", "sqlite store: %s: the store is closed", op)
	}
	select {
	case err := <-j.done:
		return classify(err, op)
	case <-ctx.Done():
		return alive(ctx, op)
	}
}

// serve is the writing goroutine.
func (s *Store) serve() {
	defer close(s.stopped)
	for {
		select {
		case <-s.closing:
			return
		case first := <-s.jobs:
			s.commit(s.gather(first))
		}
	}
}

// gather adds the jobs that wait already: they came during the last commit.
func (s *Store) gather(first job) []job {
	batch := []job{first}
	for len(batch) < batchJobs {
		select {
		case j := <-s.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the jobs in one transaction and answers them. When one of them
// fails nothing is committed, so each is run again, alone.
func (s *Store) commit(batch []job) {
	tx, err := s.writer.Begin()
	t := &transaction{Tx: tx, statements: &s.write}
	for i := 0; err == nil && i < len(batch); i++ {
		if err = batch[i].do(t); err != nil && len(batch) > 1 {
			tx.Rollback()
			for _, j := range batch {
				s.commit([]job{j})
			}
			return
		}
	}
	switch {
	case err == nil:
		err = tx.Commit()
	case tx != nil:
		tx.Rollback()
	}
	if err == nil && t.changed {
		select {
		case s.committed <- struct{}{}:
		default: // a token is there already
		}
	}
	for _, j := range batch {
		j.done <- err
	}
}

// change is a write with its body encoded, by the caller and not by the
// goroutine that everybody waits for.
type change struct {
	store.Write
	body []byte
}

func encoded(w store.Write) change {
	if w.Delete || w.Check {
		return change{w, nil}
	}
	return change{w, encode(&w.Record)}
}

// Put implements store.Store.
func (s *Store) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if err := w.Validate(); err != nil {
		return store.Record{}, false, err
	}
	c := encoded(w)
	var ok bool
	var body []byte
	err := s.run(ctx, "put", func(t *transaction) (err error) {
		ok, body, err = t.holds(&c)
		if err != nil || !ok {
			return err
		}
		return t.apply(&c, body)
	})
	if err != nil || ok {
		return store.Record{}, err == nil, err
	}
	current, err := decode(w.Record.Key, body)
	return current, false, err
}

// PutAll implements store.Store.
func (s *Store) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if err := store.ValidateAll(writes); err != nil {
		return false, err
	}
	changes := make([]change, len(writes))
	for i := range writes {
		changes[i] = encoded(writes[i])
	}
	var ok bool
	err := s.run(ctx, "put all", func(t *transaction) (err error) {
		ok, err = t.applyAll(changes)
		return err
	})
	if err != nil {
		return false, err
	}
	return ok, nil
}

// applyAll looks at every condition before it changes anything: a transaction
// that does not hold shares its SQLite transaction with others.
func (t *transaction) applyAll(changes []change) (bool, error) {
	before := make([][]byte, len(changes))
	for i := range changes {
		ok, body, err := t.holds(&changes[i])
		if err != nil || !ok {
			return false, err
		}
		before[i] = body
	}
	for i := range changes {
		if changes[i].Check {
			continue
		}
		if err := t.apply(&changes[i], before[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// holds returns whether the condition holds, and the stored body.
func (t *transaction) holds(c *change) (ok bool, body []byte, err error) {
	var version int64
	key := c.Record.Key
	err = t.Stmt(t.statements.load).QueryRow(key.Partition, key.Sort).Scan(&version, &body)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return c.Holds(version), body, err
}

// apply writes the record, which was stored as before, and its change.
func (t *transaction) apply(c *change, before []byte) error {
	r := &c.Record
	var err error
	switch {
	case c.Delete && before == nil:
		return nil
	case c.Delete:
		_, err = t.Stmt(t.statements.remove).Exec(r.Key.Partition, r.Key.Sort)
	default:
		_, err = t.Stmt(t.statements.put).Exec(columns(r, c.body)...)
	}
	if err != nil {
		return err
	}
	t.changed = true
	_, err = t.Stmt(t.statements.change).Exec(r.Key.Partition, r.Key.Sort, null(before), null(c.body))
	return err
}

// columns are the arguments of put: null where the record is in no index.
func columns(r *store.Record, body []byte) []any {
	args := []any{r.Key.Partition, r.Key.Sort, r.Version, body, nil, nil, nil, nil, nil}
	if r.Owner != "" {
		args[4], args[5] = r.Owner, r.OwnerSort
	}
	if r.Due != 0 {
		args[6], args[7] = store.DueShard(r.Key), r.Due
	}
	if r.Expires != 0 {
		args[8] = r.Expires
	}
	return args
}

func null(image []byte) any {
	if image == nil {
		return nil
	}
	return image
}

// sweepRows is how many rows one transaction of Prune or Expire removes, so
// that writers get their turn in between.
const sweepRows = 500

// Prune removes the changes that came before the instant and lie at or before
// the cursor, which Changes returned to the slowest reader; it returns how many.
// It may be interrupted and goes on the next time. It returns fault.Invalid for
// a cursor of another store.
func (s *Store) Prune(ctx context.Context, cursor string, before time.Time) (int, error) {
	passed, err := sequence(cursor)
	if err != nil {
		return 0, err
	}
	return s.sweep(ctx, "prune", func(t *transaction) (int, error) {
		result, err := t.Stmt(t.statements.prune).Exec(passed, sweepRows, before.Unix())
		if err != nil {
			return 0, err
		}
		n, err := result.RowsAffected()
		return int(n), err
	})
}

// Expire deletes the records whose Expires is at or before now and returns how
// many; each is a change. It may be interrupted and goes on the next time.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	return s.sweep(ctx, "expire", func(t *transaction) (int, error) {
		expired, err := t.expired(now)
		for i := 0; err == nil && i < len(expired); i++ {
			c := change{Write: store.Write{Record: store.Record{Key: expired[i].key}, Delete: true}}
			err = t.apply(&c, expired[i].body)
		}
		return len(expired), err
	})
}

// sweep runs part until it finds less than a full one's work.
func (s *Store) sweep(ctx context.Context, op string, part func(t *transaction) (int, error)) (total int, err error) {
	for {
		var removed int
		err := s.run(ctx, op, func(t *transaction) (err error) {
			removed, err = part(t)
			return err
		})
		if err != nil {
			return total, err
		}
		if total += removed; removed < sweepRows {
			return total, nil
		}
	}
}

// stored is a record as the file has it.
type stored struct {
	key  store.Key
	body []byte
}

func (t *transaction) expired(now time.Time) ([]stored, error) {
	rows, err := t.Stmt(t.statements.expired).Query(now.Unix(), sweepRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []stored
	for rows.Next() {
		var r stored
		if err := rows.Scan(&r.key.Partition, &r.key.Sort, &r.body); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// sequence is the position behind a cursor of Changes.
func sequence(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "STORE_CURSOR", "cursor: %q is none that Changes returned", cursor)
	}
	return n, nil
}
