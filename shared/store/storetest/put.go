package storetest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
)

var putLaws = []law{
	{"a put happens exactly when its condition holds", func(s *subject) { conditions(s, store.Write{}) }},
	{"a delete happens exactly when its condition holds", func(s *subject) { conditions(s, store.Write{Delete: true}) }},
	{"a deleted record is gone from get and list and may come again", deleted},
}

var putAllLaws = []law{
	{"a transaction's put happens exactly when its condition holds", func(s *subject) { together(s, store.Write{}) }},
	{"a transaction's delete happens exactly when its condition holds", func(s *subject) { together(s, store.Write{Delete: true}) }},
	{"a transaction's check holds the others to its condition", func(s *subject) { together(s, store.Write{Check: true}) }},
	{"a transaction applies all of 100 writes or none", hundred},
	{"a transaction of no writes is ok", func(s *subject) {
		ok, err := s.PutAll(s.ctx(), nil)
		require.NoError(s, err)
		require.True(s, ok)
	}},
}

// condition is one row of the truth table of Write.Expect.
type condition struct {
	stored int64 // version before the write, 0: none
	expect int64
	ok     bool
}

var truth = []condition{
	{0, store.Absent, true}, {7, store.Absent, false},
	{0, store.Present, false}, {7, store.Present, true},
	{0, store.Anyhow, true}, {7, store.Anyhow, true},
	{0, 7, false}, {7, 7, true}, {7, 6, false}, {7, 8, false}, {7, 70, false},
}

func (c condition) String() string { return fmt.Sprintf("stored %d, expect %d", c.stored, c.expect) }

// prepare stores what the row asks for and returns it, and the write to try.
func (c condition) prepare(s *subject, row int, w store.Write) (before store.Record, try store.Write) {
	key := s.key(fmt.Sprintf("row%02d", row))
	before = store.Record{Key: key}
	if c.stored != 0 {
		before = s.record(key.Sort, c.stored)
		before.Owner, before.OwnerSort, before.Due = s.partition, key.Sort, 480000
		s.put(before)
	}
	w.Expect = c.expect
	w.Record = s.record(key.Sort, 8)
	w.Record.Attrs = append(w.Record.Attrs, store.Text("only", "in the new one"))
	return before, w
}

// after is what must be stored once the write was tried.
func (c condition) after(before store.Record, w store.Write) store.Record {
	switch {
	case !c.ok || w.Check:
		return before
	case w.Delete:
		return store.Record{Key: before.Key}
	}
	return w.Record
}

func conditions(s *subject, kind store.Write) {
	for row, c := range truth {
		before, w := c.prepare(s, row, kind)
		current, ok, err := s.Put(s.ctx(), w)
		require.NoError(s, err, c)
		require.Equal(s, c.ok, ok, c)
		if !ok {
			s.same(before, current)
		}
		s.holds(c.after(before, w))
	}
}

func together(s *subject, kind store.Write) {
	for row, c := range truth {
		if kind.Check && c.expect == store.Anyhow {
			continue // no condition: refused, see the limits
		}
		before, w := c.prepare(s, row, kind)
		first, last := s.record(fmt.Sprintf("first%02d", row), 1), s.record(fmt.Sprintf("last%02d", row), 1)
		ok, err := s.PutAll(s.ctx(), []store.Write{{Record: first}, w, {Record: last}})
		require.NoError(s, err, c)
		require.Equal(s, c.ok, ok, c)
		s.holds(c.after(before, w))
		for _, other := range []store.Record{first, last} {
			if !c.ok {
				other = store.Record{Key: other.Key}
			}
			s.holds(other)
		}
	}
}

func deleted(s *subject) {
	r := s.record("k", 1)
	s.put(r)
	_, ok, err := s.Put(s.ctx(), store.Write{Record: store.Record{Key: r.Key}, Expect: 1, Delete: true})
	require.NoError(s, err)
	require.True(s, ok)
	require.Zero(s, s.load(r.Key).Version)
	require.Empty(s, s.walk(store.Query{Partition: s.partition, Strong: true}))

	r.Version = 2
	_, ok, err = s.Put(s.ctx(), store.Write{Record: r, Expect: store.Absent})
	require.NoError(s, err)
	require.True(s, ok)
	s.holds(r)
}

func hundred(s *subject) {
	var writes []store.Write
	for i := range store.MaxWrites {
		writes = append(writes, store.Write{Record: s.record(fmt.Sprintf("w%03d", i), 1)})
	}
	ok, err := s.PutAll(s.ctx(), writes)
	require.NoError(s, err)
	require.True(s, ok)
	require.Len(s, s.walk(store.Query{Partition: s.partition, Strong: true}), len(writes))

	for i := range writes {
		writes[i].Record.Version, writes[i].Expect = 2, 1
	}
	writes[len(writes)-1].Expect = 9
	ok, err = s.PutAll(s.ctx(), writes)
	require.NoError(s, err)
	require.False(s, ok)
	for _, r := range s.walk(store.Query{Partition: s.partition, Strong: true}) {
		require.EqualValues(s, 1, r.Version, r.Key.Sort)
	}

	more := append(writes, store.Write{Record: s.record("one too many", 1)})
	_, err = s.PutAll(s.ctx(), more)
	s.refused(err)
}

var limitLaws = []law{
	{"a record of 400 KiB is stored and one byte more refused", biggest},
	{"a transaction over 4 MiB is refused", biggestTransaction},
	{"what no store can hold is refused and changes nothing", unholdable},
	{"a key or query that can name nothing is refused", unnameable},
}

// sized fills the record with bytes up to exactly size.
func sized(r store.Record, size int) store.Record {
	r.Attrs = append(r.Attrs, store.Bytes("fill", nil))
	fill := make([]byte, size-r.Size())
	for i := range fill {
		fill[i] = byte(i * 31)
	}
	r.Attrs[len(r.Attrs)-1].Bytes = fill
	return r
}

func biggest(s *subject) {
	plain := s.record("plain", 1)
	indexed := s.record("indexed", 1)
	indexed.Owner, indexed.OwnerSort, indexed.Due = s.partition, "sku", 480000
	for _, r := range []store.Record{plain, indexed} {
		full := sized(r, store.MaxRecordBytes)
		require.Equal(s, 400*1024, full.Size())
		s.put(full)
		s.holds(full)

		over := sized(r, store.MaxRecordBytes+1)
		over.Version = 2
		_, _, err := s.Put(s.ctx(), store.Write{Record: over, Expect: store.Anyhow})
		s.refused(err)
		_, err = s.PutAll(s.ctx(), []store.Write{{Record: over, Expect: store.Anyhow}})
		s.refused(err)
		s.holds(full)
	}
	require.Len(s, s.walk(store.Query{Partition: s.partition, Strong: true}), 2)
}

func biggestTransaction(s *subject) {
	var writes []store.Write
	for i := range 11 {
		writes = append(writes, store.Write{Record: sized(s.record(fmt.Sprintf("w%02d", i), 1), store.MaxRecordBytes)})
	}
	_, err := s.PutAll(s.ctx(), writes)
	s.refused(err)
	require.Zero(s, s.load(writes[0].Record.Key).Version)

	ok, err := s.PutAll(s.ctx(), writes[:10])
	require.NoError(s, err)
	require.True(s, ok)
	require.Len(s, s.walk(store.Query{Partition: s.partition, Strong: true}), 10, "more than one page holds, all the same")
}

func unholdable(s *subject) {
	good := s.record("k", 1)
	bad := map[string]func(w *store.Write){
		"version zero":         func(w *store.Write) { w.Record.Version = 0 },
		"version negative":     func(w *store.Write) { w.Record.Version = -1 },
		"unknown condition":    func(w *store.Write) { w.Expect = -3 },
		"no partition":         func(w *store.Write) { w.Record.Key.Partition = "" },
		"no sort":              func(w *store.Write) { w.Record.Key.Sort = "" },
		"key not UTF-8":        func(w *store.Write) { w.Record.Key.Sort = "a\xff" },
		"text not UTF-8":       func(w *store.Write) { w.Record.Attrs[1].Text = "a\xff" },
		"owner without sort":   func(w *store.Write) { w.Record.Owner = "o" },
		"sort without owner":   func(w *store.Write) { w.Record.OwnerSort = "s" },
		"due negative":         func(w *store.Write) { w.Record.Due = -1 },
		"expires negative":     func(w *store.Write) { w.Record.Expires = -1 },
		"no attribute name":    func(w *store.Write) { w.Record.Attrs[0].Name = "" },
		"attribute name twice": func(w *store.Write) { w.Record.Attrs[0].Name = "t" },
		"name of the store":    func(w *store.Write) { w.Record.Attrs[0].Name = store.AttrVersion },
		"unknown kind":         func(w *store.Write) { w.Record.Attrs[0].Kind = 9 },
		"delete and check":     func(w *store.Write) { w.Delete, w.Check = true, true },
		"long sort":            func(w *store.Write) { w.Record.Key.Sort = string(make([]byte, 1025)) },
	}
	for what, spoil := range bad {
		s.Log(what)
		w := store.Write{Record: good.Clone()}
		spoil(&w)
		_, _, err := s.Put(s.ctx(), w)
		s.refused(err)
		_, err = s.PutAll(s.ctx(), []store.Write{w, {Record: s.record("other", 1)}})
		s.refused(err)
	}
	_, _, err := s.Put(s.ctx(), store.Write{Record: good, Check: true})
	s.refused(err) // a check is a transaction's
	_, err = s.PutAll(s.ctx(), []store.Write{{Record: good, Expect: store.Anyhow, Check: true}})
	s.refused(err) // a check of nothing
	_, err = s.PutAll(s.ctx(), []store.Write{{Record: good}, {Record: good, Expect: store.Absent, Check: true}})
	s.refused(err) // two on one key
	require.Empty(s, s.walk(store.Query{Partition: s.partition, Strong: true}))
}

func unnameable(s *subject) {
	for _, key := range []store.Key{{}, {Partition: s.partition}, {Sort: "a"}, s.key("a\xff")} {
		_, err := s.Get(s.ctx(), true, s.key("fine"), key)
		s.refused(err)
	}
	for _, q := range []store.Query{
		{}, {Index: store.ByOwner}, {Index: store.DueIndex}, {Index: 9, Partition: "a"},
		{Index: store.DueIndex, Partition: "16"}, {Index: store.DueIndex, Partition: "-1"}, {Index: store.DueIndex, Partition: "01"},
		{Index: store.ByOwner, Partition: "a", Strong: true}, {Partition: "a", Limit: -1}, {Partition: "a", Prefix: "\xff"},
	} {
		_, _, err := s.List(s.ctx(), q)
		s.refused(err)
	}
	_, _, err := s.Changes(s.ctx(), "no cursor of mine \x00", 1)
	s.refused(err)
}
