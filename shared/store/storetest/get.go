package storetest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

var getLaws = []law{
	{"a missing record reads as version zero", missing},
	{"records come in the order of the keys, repeated ones too", orderOfKeys},
	{"every kind and extreme of an attribute comes back", attributes},
	{"any printable text is a key", printableKeys},
	{"a read that is not strong comes to the newest state", weakRead},
	{"what a caller does to its records changes nothing stored", noAlias},
	{"a cancelled context ends every method and writes nothing", cancelled},
}

func missing(s *subject) {
	got, err := s.Get(s.ctx(), true)
	require.NoError(s, err)
	require.Empty(s, got, "no keys, no records")

	s.put(s.record("here", 1))
	for _, strong := range []bool{true, false} {
		got, err = s.Get(s.ctx(), strong, s.key("gone"), s.key("here!"), s.key("her"))
		require.NoError(s, err)
		require.Len(s, got, 3)
		for _, r := range got {
			require.Zero(s, r.Version)
			require.Empty(s, r.Attrs)
		}
	}
}

func orderOfKeys(s *subject) {
	var records []store.Record
	var keys []store.Key
	for i := range 230 {
		r := s.record(fmt.Sprintf("r%03d", i), int64(i+1))
		records = append(records, r)
		keys = append(keys, r.Key, r.Key, s.key(fmt.Sprintf("gone%d", i)))
	}
	s.fill(records)
	versions := map[store.Key]int64{}
	for _, r := range records {
		versions[r.Key] = r.Version
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })

	got, err := s.Get(s.ctx(), true, keys...)
	require.NoError(s, err)
	require.Len(s, got, len(keys))
	for i, r := range got {
		require.Equal(s, versions[keys[i]], r.Version, "%d: %v", i, keys[i])
		if r.Version != 0 {
			s.same(s.record(keys[i].Sort, versions[keys[i]]), r)
		}
	}
}

func attributes(s *subject) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	r := store.Record{Key: s.key("kinds"), Version: math.MaxInt64, Expires: math.MaxUint32, Attrs: []store.Attr{
		store.Int("zero", 0), store.Int("one", 1), store.Int("minus", -1),
		store.Int("max", math.MaxInt64), store.Int("min", math.MinInt64), store.Int("round", 1_000_000_000_000_000_000),
		store.Text("empty text", ""), store.Text("text", "Grüße, 世界 😀 \"quoted\" \\ <&> \t\r\n"), store.Text("number-like", "1e3"),
		store.Bytes("empty bytes", nil), store.Bytes("also empty", []byte{}), store.Bytes("bytes", all),
		store.Int("#", 1), store.Int(":v", 2), store.Int("a.b[0]", 3), store.Int("größe 😀", 4), store.Int("size", 5), store.Int("N", 6), store.Int("n", 7),
	}}
	s.put(r)
	s.holds(r)
	got := s.load(r.Key)
	require.Equal(s, store.IntAttr, got.Attr("zero").Kind)
	require.Equal(s, store.TextAttr, got.Attr("empty text").Kind)
	require.Equal(s, store.BytesAttr, got.Attr("empty bytes").Kind)
	require.Equal(s, "1e3", got.Attr("number-like").Text)

	bare := store.Record{Key: s.key("bare"), Version: 1}
	s.put(bare)
	s.holds(bare)
	bare.Version, bare.Attrs = 2, []store.Attr{store.Int("other", 1)}
	r.Version, r.Attrs = 1, r.Attrs[:1]
	s.put(bare, r)
	s.holds(bare)
	s.holds(r) // a put replaces whole: nothing of the former record stays
}

func printableKeys(s *subject) {
	parts := []string{"#", "##", "a#b", "#a", "a#", " ", "  ", "A", "a", "é", "e\u0301", "日本", "～", "😀", "\u00a0", "%", "_", "*", "'", "\"", "\\", "/", "?", ";--", "0", "00", "null", "{}", "~"}
	version := int64(0)
	var records []store.Record
	for _, part := range parts {
		version++
		records = append(records, s.record(part, version))
		version++
		other := s.record("x", version)
		other.Key.Partition = s.partition + part
		records = append(records, other)
	}
	s.fill(records)
	for _, r := range records {
		s.same(r, s.load(r.Key))
	}
	for _, part := range parts {
		require.Len(s, s.walk(store.Query{Partition: s.partition + part}), 1, "partition ending in %q", part)
	}
}

func weakRead(s *subject) {
	for version := range int64(3) {
		r := s.record("k", version+1)
		s.put(r)
		s.eventually("the newest version", func() bool {
			got, err := s.Get(s.ctx(), false, r.Key)
			require.NoError(s, err)
			return got[0].Version == r.Version
		})
	}
}

func noAlias(s *subject) {
	want := s.record("k", 1)
	given := want.Clone()
	s.put(given)
	scribble := func(r store.Record) {
		for i := range r.Attrs {
			a := &r.Attrs[i]
			clear(a.Bytes)
			a.Int, a.Text = 99, "scribble"
		}
	}
	scribble(given)
	s.holds(want)

	got, err := s.Get(s.ctx(), true, want.Key, want.Key)
	require.NoError(s, err)
	scribble(got[0])
	s.same(want, got[1])
	s.holds(want)

	scribble(s.walk(store.Query{Partition: s.partition})[0])
	current, ok, err := s.Put(s.ctx(), store.Write{Record: want, Expect: store.Absent})
	require.NoError(s, err)
	require.False(s, ok)
	scribble(current)
	s.holds(want)

	changes, _, _ := s.follow("", 0, until(want.Key, 1))
	scribble(changes[0].New)
	s.holds(want)
	changes, _, _ = s.follow("", 0, until(want.Key, 1))
	s.same(want, changes[0].New)
}

func cancelled(s *subject) {
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	w := store.Write{Record: s.record("k", 1), Expect: store.Anyhow}
	_, getErr := s.Get(ctx, true, w.Record.Key)
	_, _, putErr := s.Put(ctx, w)
	_, allErr := s.PutAll(ctx, []store.Write{w})
	_, _, listErr := s.List(ctx, store.Query{Partition: s.partition})
	_, _, changesErr := s.Changes(ctx, "", 1)
	for method, err := range map[string]error{"Get": getErr, "Put": putErr, "PutAll": allErr, "List": listErr, "Changes": changesErr} {
		require.ErrorIs(s, err, context.Canceled, method)
		require.Equal(s, fault.Transient, fault.Of(err), method)
	}
	require.Zero(s, s.load(w.Record.Key).Version)
}
