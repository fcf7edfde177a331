// Package storetest is the law of a store: one suite that every
// implementation of store.Store passes, and Faulty, a store that fails on
// purpose. Every case works in partitions of its own, so an implementation may
// hand out one shared table again and again.
package storetest

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// patience is how long an answer that may come late is waited for: a change
// feed on a loaded machine, not a healthy one.
const patience = 60 * time.Second

// Run holds the stores that open returns to the contract; open is called once
// per case and cleans up by t.Cleanup. An answer that the contract allows to
// come late (a read that is not strong, an index, the change feed) is waited
// for, at most a minute.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	RunWithin(t, patience, open)
}

// RunWithin is Run with another time to wait for late answers.
func RunWithin(t *testing.T, patience time.Duration, open func(t *testing.T) store.Store) {
	for _, l := range laws() {
		t.Run(l.name, func(t *testing.T) {
			l.hold(&subject{T: t, Store: open(t), partition: "t#" + rand.Text(), patience: patience})
		})
	}
}

// Laws returns the names of all cases of the suite.
func Laws() []string {
	var names []string
	for _, l := range laws() {
		names = append(names, l.name)
	}
	return names
}

func laws() []law {
	return slices.Concat(getLaws, putLaws, putAllLaws, limitLaws, listLaws, indexLaws, changeLaws, raceLaws)
}

// law is one case; its name is the sentence it proves.
type law struct {
	name string
	hold func(s *subject)
}

// subject is the store under test with the partition of one case.
type subject struct {
	*testing.T
	store.Store
	partition string
	patience  time.Duration
}

func (s *subject) ctx() context.Context { return s.Context() }

func (s *subject) key(sort string) store.Key {
	return store.Key{Partition: s.partition, Sort: sort}
}

// record is a record of every kind of attribute.
func (s *subject) record(sort string, version int64) store.Record {
	return store.Record{
		Key: s.key(sort), Version: version,
		Attrs:   []store.Attr{store.Int("n", version), store.Text("t", "text of "+sort), store.Bytes("b", []byte{0, 1, byte(version)})},
		Expires: 4102444800 + version,
	}
}

// put writes unconditionally and must succeed.
func (s *subject) put(records ...store.Record) {
	s.Helper()
	for _, r := range records {
		_, ok, err := s.Put(s.ctx(), store.Write{Record: r, Expect: store.Anyhow})
		require.NoError(s, err)
		require.True(s, ok, "a write without a condition is never lost")
	}
}

// fill writes many records quickly.
func (s *subject) fill(records []store.Record) {
	s.Helper()
	for chunk := range slices.Chunk(records, store.MaxWrites) {
		var writes []store.Write
		for _, r := range chunk {
			writes = append(writes, store.Write{Record: r, Expect: store.Absent})
		}
		ok, err := s.PutAll(s.ctx(), writes)
		require.NoError(s, err)
		require.True(s, ok)
	}
}

// load returns what is stored under the key now.
func (s *subject) load(key store.Key) store.Record {
	s.Helper()
	got, err := s.Get(s.ctx(), true, key)
	require.NoError(s, err)
	require.Len(s, got, 1)
	return got[0]
}

// holds requires that exactly the record is stored under its key; Version 0
// stands for none.
func (s *subject) holds(want store.Record) {
	s.Helper()
	s.same(want, s.load(want.Key))
}

// same compares two records as a reader sees them: attributes by name.
func (s *subject) same(want, got store.Record) {
	s.Helper()
	require.Equal(s, want.Version, got.Version)
	if want.Version == 0 {
		return
	}
	require.Equal(s, named(want.Attrs), named(got.Attrs))
	want.Attrs, got.Attrs = nil, nil
	require.Equal(s, want, got)
}

// named returns the attributes by name; empty bytes are bytes, nil or not.
func named(attrs []store.Attr) map[string]store.Attr {
	by := make(map[string]store.Attr, len(attrs))
	for _, a := range attrs {
		if a.Kind == store.BytesAttr {
			a.Bytes = append([]byte{}, a.Bytes...)
		}
		by[a.Name] = a
	}
	return by
}

func (s *subject) refused(err error) {
	s.Helper()
	require.Error(s, err)
	require.Equal(s, fault.Invalid, fault.Of(err), "%v", err)
}

// eventually waits for an answer that may come late.
func (s *subject) eventually(what string, done func() bool) {
	s.Helper()
	ctx, stop := context.WithTimeout(s.ctx(), s.patience)
	defer stop()
	for !done() {
		if !pause(ctx) {
			require.Fail(s, "never came true: "+what)
		}
	}
}

// pause waits a moment; false when ctx is over.
func pause(ctx context.Context) bool {
	moment := time.NewTimer(5 * time.Millisecond)
	defer moment.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-moment.C:
		return true
	}
}

// walk reads a query to its end.
func (s *subject) walk(q store.Query) []store.Record {
	s.Helper()
	var all []store.Record
	for {
		page, next, err := s.List(s.ctx(), q)
		require.NoError(s, err)
		if q.Limit > 0 {
			require.LessOrEqual(s, len(page), q.Limit)
		}
		all = append(all, page...)
		if next == "" {
			return all
		}
		require.NotEqual(s, q.Next, next, "a page leads to itself")
		q.Next = next
	}
}

// own keeps what belongs to this case: an index may be shared.
func (s *subject) own(records []store.Record) []store.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r store.Record) bool {
		return !strings.HasPrefix(r.Key.Partition, s.partition)
	})
}

func sorts(records []store.Record) []string {
	names := make([]string, 0, len(records))
	for _, r := range records {
		names = append(names, r.Key.Sort)
	}
	return names
}

// follow reads the change feed from the cursor until enough says so, leaving
// out other cases' changes and repeats. cursors are all it passed, from the
// first on, and seen is how many changes came before each.
func (s *subject) follow(cursor string, limit int, enough func([]store.Change) bool) (got []store.Change, cursors []string, seen []int) {
	s.Helper()
	known := map[string]bool{}
	s.eventually("the changes", func() bool {
		changes, next, err := s.Changes(s.ctx(), cursor, limit)
		require.NoError(s, err)
		if limit > 0 {
			require.LessOrEqual(s, len(changes), limit)
		}
		for _, c := range changes {
			if strings.HasPrefix(c.Key.Partition, s.partition) && !known[c.Sequence] {
				known[c.Sequence] = true
				got = append(got, c)
			}
		}
		cursor = next
		cursors, seen = append(cursors, cursor), append(seen, len(got))
		return enough(got)
	})
	return got, cursors, seen
}

// until is an end for follow: the key reached the version.
func until(key store.Key, version int64) func([]store.Change) bool {
	return func(all []store.Change) bool {
		return slices.ContainsFunc(all, func(c store.Change) bool { return c.Key == key && c.New.Version == version })
	}
}

// reached is an end for follow: every key is at its version.
func reached(want map[store.Key]int64) func([]store.Change) bool {
	return func(all []store.Change) bool {
		at := map[store.Key]int64{}
		for _, c := range all {
			at[c.Key] = c.New.Version
		}
		return maps.Equal(at, want)
	}
}
