package memory

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// indexName names one partition of one index.
type indexName struct {
	kind      store.Index
	partition string
}

// index is the order of one partition. It is sorted when it is read, not when
// it is written: loads come in bulk.
type index struct {
	places   []place
	unsorted bool
}

// place is where a record stands: by hour (due index), by text (the sort, or
// the owner's), then by key.
type place struct {
	hour int64
	text string
	key  store.Key
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.hour, o.hour), strings.Compare(p.text, o.text),
		strings.Compare(p.key.Partition, o.key.Partition), strings.Compare(p.key.Sort, o.key.Sort))
}

func (x *index) add(p place) {
	last := len(x.places) - 1
	x.unsorted = x.unsorted || last >= 0 && x.places[last].compare(p) > 0
	x.places = append(x.places, p)
}

func (x *index) remove(p place) {
	x.sort()
	at, _ := slices.BinarySearchFunc(x.places, p, place.compare)
	x.places = slices.Delete(x.places, at, at+1)
}

func (x *index) sort() {
	if x.unsorted {
		slices.SortFunc(x.places, place.compare)
		x.unsorted = false
	}
}

// where returns the record's place in the index; false when it has none.
func where(kind store.Index, r *store.Record) (indexName, place, bool) {
	switch {
	case r.Version == 0:
	case kind == store.Main:
		return indexName{kind, r.Key.Partition}, place{text: r.Key.Sort, key: r.Key}, true
	case kind == store.ByOwner && r.Owner != "":
		return indexName{kind, r.Owner}, place{text: r.OwnerSort, key: r.Key}, true
	case kind == store.DueIndex && r.Due != 0:
		return indexName{kind, strconv.Itoa(store.DueShard(r.Key))}, place{hour: r.Due, key: r.Key}, true
	}
	return indexName{}, place{}, false
}

// place moves a record from its old places to its new ones.
func (s *Store) place(old, now *store.Record) {
	if old.Key == now.Key && old.Owner == now.Owner && old.OwnerSort == now.OwnerSort && old.Due == now.Due {
		return
	}
	for _, kind := range []store.Index{store.Main, store.ByOwner, store.DueIndex} {
		oldName, oldPlace, was := where(kind, old)
		newName, newPlace, is := where(kind, now)
		if was == is && oldName == newName && oldPlace == newPlace {
			continue
		}
		if was {
			s.indexes[oldName].remove(oldPlace)
			if len(s.indexes[oldName].places) == 0 {
				delete(s.indexes, oldName)
			}
		}
		if is {
			if s.indexes[newName] == nil {
				s.indexes[newName] = &index{}
			}
			s.indexes[newName].add(newPlace)
		}
	}
}

// The size of a page when the query names none: as DynamoDB, a page ends
// before it passes 1 MiB.
const pageBytes = 1 << 20

// List implements store.Store.
func (s *Store) List(ctx context.Context, q store.Query) ([]store.Record, string, error) {
	if err := alive(ctx); err != nil {
		return nil, "", err
	}
	if err := q.Validate(); err != nil {
		return nil, "", err
	}
	past, err := start(q)
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	page, next := s.page(q, past)
	s.mu.Unlock()
	return clones(page), next, nil
}

// start returns whether a place lies at or past the beginning of the page.
func start(q store.Query) (past func(place) bool, err error) {
	if q.Next == "" {
		return func(p place) bool { return p.text >= q.Prefix && (q.From == "" || p.text > q.From) }, nil
	}
	parts, err := store.DecodeCursor(q.Next, 4)
	if err != nil {
		return nil, err
	}
	hour, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "cursor: not one that a page returned")
	}
	after := place{hour, parts[1], store.Key{Partition: parts[2], Sort: parts[3]}}
	return func(p place) bool { return p.text >= q.Prefix && p.compare(after) > 0 }, nil
}

func (s *Store) page(q store.Query, past func(place) bool) (page []*store.Record, next string) {
	x := s.indexes[indexName{q.Index, q.Partition}]
	if x == nil {
		return nil, ""
	}
	x.sort()
	first := sort.Search(len(x.places), func(i int) bool { return past(x.places[i]) })
	bytes := 0
	for i := first; i < len(x.places) && within(q, x.places[i]); i++ {
		r := s.entry(q, x.places[i])
		bytes += r.Size()
		if len(page) > 0 && (bytes > pageBytes || len(page) == q.Limit) {
			return page, x.places[i-1].cursor()
		}
		page = append(page, r)
	}
	return page, ""
}

func within(q store.Query, p place) bool {
	if q.Index == store.DueIndex {
		return p.hour <= q.Until
	}
	return strings.HasPrefix(p.text, q.Prefix)
}

// entry is what the index holds of a record.
func (s *Store) entry(q store.Query, p place) *store.Record {
	switch q.Index {
	case store.ByOwner:
		return &store.Record{Key: p.key, Owner: q.Partition, OwnerSort: p.text}
	case store.DueIndex:
		return &store.Record{Key: p.key, Due: p.hour}
	}
	return s.records[p.key]
}

func (p place) cursor() string {
	return store.EncodeCursor(strconv.FormatInt(p.hour, 10), p.text, p.key.Partition, p.key.Sort)
}
