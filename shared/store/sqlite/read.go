package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// Pages end before they pass these sizes, whatever their limit says.
const (
	pageBytes    = 1 << 20 // as DynamoDB's
	pageChanges  = 1000
	changesBytes = 4 << 20
)

type readStatements struct {
	get, changes *sql.Stmt
	list         [len(lists)]*sql.Stmt
}

// lists are the queries of List, see arguments. A page begins at a place,
// inclusive, and goes on in the index's order without sorting.
var lists = [...]string{
	store.Main: `select pk, sk, body, '', 0 from record
		where pk = ?1 and sk >= ?4 and sk < ?5 order by sk limit ?6`,
	store.ByOwner: `select pk, sk, null, owner_sort, 0 from record
		where owner = ?1 and (owner_sort, pk, sk) >= (?2, ?3, ?4) and owner_sort < ?5 order by owner_sort, pk, sk limit ?6`,
	store.DueIndex: `select pk, sk, null, '', due from record
		where due_shard = ?1 and (due, pk, sk) >= (?2, ?3, ?4) and due <= ?5 order by due, pk, sk limit ?6`,
}

func (r *readStatements) prepare(db *sql.DB) error {
	return prepare(db, map[**sql.Stmt]string{
		&r.get:                  `select body from record where pk = ? and sk = ?`,
		&r.list[store.Main]:     lists[store.Main],
		&r.list[store.ByOwner]:  lists[store.ByOwner],
		&r.list[store.DueIndex]: lists[store.DueIndex],
		&r.changes:              `select seq, pk, sk, old, new from change where seq > ? order by seq limit ?`,
	})
}

// Get implements store.Store; every read is strong.
func (s *Store) Get(ctx context.Context, _ bool, keys ...store.Key) ([]store.Record, error) {
	if err := alive(ctx, "get"); err != nil {
		return nil, err
	}
	for i := range keys {
		if err := keys[i].Validate(); err != nil {
			return nil, err
		}
	}
	got := make([]store.Record, len(keys))
	for i, key := range keys {
		var body []byte
		err := s.read.get.QueryRow(key.Partition, key.Sort).Scan(&body)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, classify(err, "get")
		}
		if got[i], err = decode(key, body); err != nil {
			return nil, err
		}
	}
	return got, nil
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, q store.Query) (page []store.Record, next string, err error) {
	if err := alive(ctx, "list"); err != nil {
		return nil, "", err
	}
	if err := q.Validate(); err != nil {
		return nil, "", err
	}
	args, err := arguments(q)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.read.list[q.Index].Query(args...)
	if err != nil {
		return nil, "", classify(err, "list")
	}
	defer rows.Close()
	bytes := 0
	for rows.Next() {
		r, p, err := scan(q, rows)
		if err != nil {
			return nil, "", classify(err, "list")
		}
		bytes += r.Size()
		if len(page) > 0 && (bytes > pageBytes || len(page) == q.Limit) {
			return page, p.cursor(), nil
		}
		page = append(page, r)
	}
	return page, "", classify(rows.Err(), "list")
}

// place is where a record stands in an index: by hour (due index) or text (the
// owner's sort), then by key. The main index knows the key's sort alone.
type place struct {
	hour int64
	text string
	key  store.Key
}

// cursor makes the place the first of the next page.
func (p place) cursor() string {
	return store.EncodeCursor(strconv.FormatInt(p.hour, 10), p.text, p.key.Partition, p.key.Sort)
}

// arguments are those of the list statements: partition, the first place of
// the page in three parts, the end, the number of rows.
func arguments(q store.Query) ([]any, error) {
	from, err := first(q)
	if err != nil {
		return nil, err
	}
	rows := -1 // no limit
	if q.Limit > 0 {
		rows = q.Limit + 1 // one more tells whether there is a next page
	}
	text := any(from.text)
	end := any(q.Prefix + "\xff") // above every UTF-8 text with the prefix
	if q.Index == store.DueIndex {
		text, end = from.hour, q.Until
	}
	return []any{q.Partition, text, from.key.Partition, from.key.Sort, end, rows}, nil
}

// first returns the place where the page begins.
func first(q store.Query) (p place, err error) {
	if q.Next != "" {
		parts, err := store.DecodeCursor(q.Next, 4)
		if err != nil {
			return p, err
		}
		if p.hour, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
			return p, fault.As(fault.Invalid, err, "cursor: not one that a page returned")
		}
		p.text, p.key = parts[1], store.Key{Partition: parts[2], Sort: parts[3]}
	}
	low := q.Prefix
	if q.Next == "" && q.From != "" {
		low = max(low, q.From+"\x00") // the least text above From
	}
	if q.Index == store.Main {
		p.key.Sort = max(low, p.key.Sort)
	} else if low > p.text {
		p.text, p.key = low, store.Key{}
	}
	return p, nil
}

func scan(q store.Query, rows *sql.Rows) (r store.Record, p place, err error) {
	var body []byte
	if err := rows.Scan(&p.key.Partition, &p.key.Sort, &body, &p.text, &p.hour); err != nil {
		return r, p, err
	}
	switch q.Index {
	case store.ByOwner:
		return store.Record{Key: p.key, Owner: q.Partition, OwnerSort: p.text}, p, nil
	case store.DueIndex:
		return store.Record{Key: p.key, Due: p.hour}, p, nil
	}
	r, err = decode(p.key, body)
	return r, p, err
}

// Changes implements store.Store. The cursor is the last sequence passed.
func (s *Store) Changes(ctx context.Context, cursor string, limit int) (changes []store.Change, next string, err error) {
	if err := alive(ctx, "changes"); err != nil {
		return nil, cursor, err
	}
	passed, err := sequence(cursor)
	if err != nil {
		return nil, cursor, err
	}
	if limit <= 0 {
		limit = pageChanges
	}
	rows, err := s.read.changes.Query(passed, limit)
	if err != nil {
		return nil, cursor, classify(err, "changes")
	}
	defer rows.Close()
	for bytes := 0; bytes < changesBytes && rows.Next(); {
		var seq int64
		var key store.Key
		var before, after []byte
		if err := rows.Scan(&seq, &key.Partition, &key.Sort, &before, &after); err != nil {
			return nil, cursor, classify(err, "changes")
		}
		c := store.Change{Sequence: strconv.FormatInt(seq, 10), Key: key}
		if c.Old, err = decode(key, before); err != nil {
			return nil, cursor, err
		}
		if c.New, err = decode(key, after); err != nil {
			return nil, cursor, err
		}
		changes, passed, bytes = append(changes, c), seq, bytes+len(before)+len(after)
	}
	return changes, strconv.FormatInt(passed, 10), classify(rows.Err(), "changes")
}
