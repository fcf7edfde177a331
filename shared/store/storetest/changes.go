package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
)

var changeLaws = []law{
	{"every committed change comes in its key's order with both images", everyChange},
	{"the feed goes on from any cursor", resume},
	{"what was not committed is never in the feed", nothingLost},
	{"the feed waits at its end", feedEnd},
}

// chain requires that each key's changes follow on one another without a gap.
func (s *subject) chain(changes []store.Change) {
	s.Helper()
	at := map[store.Key]store.Record{}
	for _, c := range changes {
		before, known := at[c.Key]
		if !known {
			before = store.Record{Key: c.Key}
		}
		s.same(before, c.Old)
		at[c.Key] = c.New
	}
}

func everyChange(s *subject) {
	a, b := s.dueAt("a", 1, 7), s.owned("b", s.partition, "sku", 1)
	var want []store.Record
	for version := range int64(5) {
		a.Version, b.Version = version+1, version+1
		s.put(a)
		ok, err := s.PutAll(s.ctx(), []store.Write{{Record: b, Expect: version}, {Record: a, Expect: a.Version, Check: true}})
		require.NoError(s, err)
		require.True(s, ok)
		want = append(want, a, b)
	}
	_, ok, err := s.Put(s.ctx(), store.Write{Record: store.Record{Key: a.Key}, Expect: 5, Delete: true})
	require.NoError(s, err)
	require.True(s, ok)
	want = append(want, store.Record{Key: a.Key})

	got, _, _ := s.follow("", 0, func(all []store.Change) bool { return len(all) >= len(want) })
	require.Len(s, got, len(want))
	s.chain(got)
	for _, r := range want {
		found := false
		for _, c := range got {
			if c.Key == r.Key && c.New.Version == r.Version {
				s.same(r, c.New)
				found = true
			}
		}
		require.True(s, found, "%v version %d", r.Key, r.Version)
	}
}

func resume(s *subject) {
	want := map[store.Key]int64{}
	for version := range int64(12) {
		for k := range 3 {
			r := s.record(fmt.Sprintf("k%d", k), version+1)
			r.Key.Partition += fmt.Sprint(k)
			s.put(r)
			want[r.Key] = r.Version
		}
	}
	all, cursors, seen := s.follow("", 5, reached(want))
	require.Len(s, all, 36)
	s.chain(all)
	for i, cursor := range cursors[:len(cursors)-1] {
		rest, _, _ := s.follow(cursor, 7, func(rest []store.Change) bool { return seen[i]+len(rest) >= len(all) })
		s.chain(append(all[:seen[i]:seen[i]], rest...))
		require.Len(s, rest, len(all)-seen[i])
	}
}

func nothingLost(s *subject) {
	s.put(s.record("a", 1))
	ghost := s.record("ghost", 1)
	lost := []store.Write{
		{Record: s.record("a", 2), Expect: 9},
		{Record: s.record("a", 2), Expect: store.Absent},
		{Record: ghost, Expect: store.Present},
		{Record: s.record("a", 2), Expect: 9, Delete: true},
	}
	for _, w := range lost {
		_, ok, err := s.Put(s.ctx(), w)
		require.NoError(s, err)
		require.False(s, ok)
		ok, err = s.PutAll(s.ctx(), []store.Write{{Record: s.record("companion", 1)}, w})
		require.NoError(s, err)
		require.False(s, ok)
	}
	for _, w := range []store.Write{{Record: ghost, Expect: store.Anyhow, Delete: true}, {Record: ghost, Expect: store.Absent, Delete: true}} {
		_, ok, err := s.Put(s.ctx(), w)
		require.NoError(s, err)
		require.True(s, ok, "there is nothing to delete, and that is fine")
	}
	over := sized(s.record("over", 1), store.MaxRecordBytes+1)
	_, err := s.PutAll(s.ctx(), []store.Write{{Record: s.record("companion", 1)}, {Record: over}})
	s.refused(err)
	ok, err := s.PutAll(s.ctx(), []store.Write{{Record: s.record("a", 1), Expect: 1, Check: true}, {Record: s.record("end", 1)}})
	require.NoError(s, err)
	require.True(s, ok)

	got, _, _ := s.follow("", 0, until(s.key("end"), 1))
	require.Len(s, got, 2, "the first and the last write, and no check: %v", got)
	s.chain(got)
}

func feedEnd(s *subject) {
	s.put(s.record("a", 1))
	_, cursors, _ := s.follow("", 0, until(s.key("a"), 1))
	cursor := cursors[len(cursors)-1]
	for range 3 {
		changes, next, err := s.Changes(s.ctx(), cursor, 10)
		require.NoError(s, err)
		require.Empty(s, s.ownChanges(changes))
		cursor = next
	}
	s.put(s.record("a", 2))
	got, _, _ := s.follow(cursor, 10, until(s.key("a"), 2))
	require.Len(s, got, 1)
	require.EqualValues(s, 1, got[0].Old.Version)
}

func (s *subject) ownChanges(changes []store.Change) (own []store.Change) {
	for _, c := range changes {
		if c.Key.Partition == s.partition {
			own = append(own, c)
		}
	}
	return own
}
