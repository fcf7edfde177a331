// Package memory is a store in memory: for simulations and tests, as fast as
// it can be with one lock. Stored records are never changed in place, so they
// are copied for a reader outside the lock. It forgets everything with the
// process, deletes nothing on its own, and keeps every change until Prune.
package memory

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// Store implements store.Store.
type Store struct {
	mu      sync.Mutex
	records map[store.Key]*store.Record
	indexes map[indexName]*index
	feed    []change
	pruned  int // changes that went before feed[0]
}

// change is one change of the feed; its sequence is its place there.
type change struct{ old, now *store.Record }

// none stands for a record that is not there.
var none = &store.Record{}

// New returns an empty store.
func New() *Store {
	return &Store{records: map[store.Key]*store.Record{}, indexes: map[indexName]*index{}}
}

// Get implements store.Store; every read is strong.
func (s *Store) Get(ctx context.Context, _ bool, keys ...store.Key) ([]store.Record, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	for i := range keys {
		if err := keys[i].Validate(); err != nil {
			return nil, err
		}
	}
	found := make([]*store.Record, len(keys))
	s.mu.Lock()
	for i := range keys {
		found[i] = s.record(keys[i])
	}
	s.mu.Unlock()
	return clones(found), nil
}

// record returns what is stored, for reading only.
func (s *Store) record(key store.Key) *store.Record {
	if r := s.records[key]; r != nil {
		return r
	}
	return none
}

func clones(records []*store.Record) []store.Record {
	own := make([]store.Record, len(records))
	for i := range records {
		own[i] = records[i].Clone()
	}
	return own
}

// Put implements store.Store.
func (s *Store) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if err := alive(ctx); err != nil {
		return store.Record{}, false, err
	}
	if err := w.Validate(); err != nil {
		return store.Record{}, false, err
	}
	now := after(&w)
	s.mu.Lock()
	current := s.record(w.Record.Key)
	ok := w.Holds(current.Version)
	if ok {
		s.apply(w.Record.Key, now)
	}
	s.mu.Unlock()
	if ok {
		return store.Record{}, true, nil
	}
	return current.Clone(), false, nil
}

// PutAll implements store.Store.
func (s *Store) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if err := alive(ctx); err != nil {
		return false, err
	}
	if err := store.ValidateAll(writes); err != nil {
		return false, err
	}
	now := make([]*store.Record, len(writes))
	for i := range writes {
		now[i] = after(&writes[i])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range writes {
		if !writes[i].Holds(s.record(writes[i].Record.Key).Version) {
			return false, nil
		}
	}
	for i := range writes {
		if !writes[i].Check {
			s.apply(writes[i].Record.Key, now[i])
		}
	}
	return true, nil
}

// after is what a write leaves, in memory of its own.
func after(w *store.Write) *store.Record {
	if w.Delete || w.Check {
		return none
	}
	own := w.Record.Clone()
	return &own
}

// apply changes the record, its places in the indexes, and the feed.
func (s *Store) apply(key store.Key, now *store.Record) {
	old := s.record(key)
	if old == none && now == none {
		return
	}
	s.place(old, now)
	if now == none {
		delete(s.records, key)
	} else {
		s.records[key] = now
	}
	s.feed = append(s.feed, change{old, now})
}

// Changes implements store.Store. The cursor is the number of changes passed.
func (s *Store) Changes(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
	if err := alive(ctx); err != nil {
		return nil, cursor, err
	}
	passed, err := position(cursor)
	if err != nil {
		return nil, cursor, err
	}
	if limit <= 0 {
		limit = pageChanges
	}
	s.mu.Lock()
	from := min(max(passed, s.pruned), s.pruned+len(s.feed))
	to := min(from+limit, s.pruned+len(s.feed))
	passing := slices.Clone(s.feed[from-s.pruned : to-s.pruned])
	s.mu.Unlock()
	changes := make([]store.Change, len(passing))
	for i, c := range passing {
		key := c.now.Key
		if c.now == none {
			key = c.old.Key
		}
		changes[i] = store.Change{Sequence: strconv.Itoa(from + i + 1), Key: key, Old: c.old.Clone(), New: c.now.Clone()}
	}
	return changes, strconv.Itoa(to), nil
}

// pageChanges is how many changes one call returns at most unless told.
const pageChanges = 1000

// Prune forgets the changes up to the cursor, which Changes returned:
// everything its slowest reader has dealt with. It returns fault.Invalid for
// any other text.
func (s *Store) Prune(cursor string) error {
	passed, err := position(cursor)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(max(passed-s.pruned, 0), len(s.feed))
	clear(s.feed[:n]) // the images may go, while the array is still the feed's
	s.feed, s.pruned = s.feed[n:], s.pruned+n
	return nil
}

func position(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "STORE_CURSOR", "cursor: %q is none that Changes returned", cursor)
	}
	return n, nil
}

func alive(ctx context.Context) error {
	return fault.As(fault.Transient, ctx.Err(), "memory store")
}
