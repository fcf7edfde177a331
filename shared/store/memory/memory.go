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
	records map[store.Key]store.Record
	indexes map[indexName]*index
	feed    []store.Change // without Sequence, which is the place in the feed
	pruned  int            // changes that went before feed[0]
}

// New returns an empty store.
func New() *Store {
	return &Store{records: map[store.Key]store.Record{}, indexes: map[indexName]*index{}}
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
	got := make([]store.Record, len(keys))
	s.mu.Lock()
	for i := range keys {
		got[i] = s.records[keys[i]]
	}
	s.mu.Unlock()
	for i := range got {
		got[i] = got[i].Clone()
	}
	return got, nil
}

// Put implements store.Store.
func (s *Store) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if err := alive(ctx); err != nil {
		return store.Record{}, false, err
	}
	if err := w.Validate(); err != nil {
		return store.Record{}, false, err
	}
	w.Record = w.Record.Clone()
	s.mu.Lock()
	current := s.records[w.Record.Key]
	ok := w.Holds(current.Version)
	if ok {
		s.apply(&w)
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
	writes = slices.Clone(writes)
	for i := range writes {
		writes[i].Record = writes[i].Record.Clone()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range writes {
		if !writes[i].Holds(s.records[writes[i].Record.Key].Version) {
			return false, nil
		}
	}
	for i := range writes {
		if !writes[i].Check {
			s.apply(&writes[i])
		}
	}
	return true, nil
}

// apply changes the record, its places in the indexes, and the feed.
func (s *Store) apply(w *store.Write) {
	key := w.Record.Key
	old, now := s.records[key], w.Record
	if w.Delete {
		now = store.Record{}
	}
	if old.Version == 0 && now.Version == 0 {
		return
	}
	s.place(&old, &now)
	if now.Version == 0 {
		delete(s.records, key)
	} else {
		s.records[key] = now
	}
	s.feed = append(s.feed, store.Change{Key: key, Old: old, New: now})
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
	changes := slices.Clone(s.feed[from-s.pruned : to-s.pruned])
	s.mu.Unlock()
	for i := range changes {
		c := &changes[i]
		c.Sequence = strconv.Itoa(from + i + 1)
		c.Old, c.New = c.Old.Clone(), c.New.Clone()
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
