package store_test

// Known answers for what is stored or billed for ever: sizes by DynamoDB's
// rules, shards, cursors. Only literals: a changed rule must fail here.

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

func TestARecordHasDynamoDBsSize(t *testing.T) {
	bare := store.Record{Key: store.Key{Partition: "p", Sort: "s"}, Version: 1}
	with := func(change func(r *store.Record)) store.Record {
		r := bare.Clone()
		change(&r)
		return r
	}
	attr := func(a store.Attr) store.Record {
		return with(func(r *store.Record) { r.Attrs = []store.Attr{a} })
	}
	for name, c := range map[string]struct {
		r    store.Record
		want int
	}{
		"pk p, sk s, v 1":               {bare, 3 + 3 + 1 + 2},
		"version of 19 digits":          {with(func(r *store.Record) { r.Version = math.MaxInt64 }), 3 + 3 + 1 + 11},
		"text of two-byte letters":      {attr(store.Text("t", "éé")), 9 + 1 + 4},
		"empty text":                    {attr(store.Text("t", "")), 9 + 1},
		"bytes":                         {attr(store.Bytes("bb", make([]byte, 700))), 9 + 2 + 700},
		"0":                             {attr(store.Int("n", 0)), 9 + 1 + 1},
		"7":                             {attr(store.Int("n", 7)), 9 + 1 + 2},
		"12":                            {attr(store.Int("n", 12)), 9 + 1 + 2},
		"123":                           {attr(store.Int("n", 123)), 9 + 1 + 3},
		"-123":                          {attr(store.Int("n", -123)), 9 + 1 + 4},
		"1000: zeros at its end":        {attr(store.Int("n", 1000)), 9 + 1 + 2},
		"the least number":              {attr(store.Int("n", math.MinInt64)), 9 + 1 + 12},
		"owner o, sku s":                {with(func(r *store.Record) { r.Owner, r.OwnerSort = "o", "s" }), 9 + 4 + 4},
		"due in shard 15 at 480123":     {with(func(r *store.Record) { r.Due = 480123 }), 9 + 4 + 3 + 4},
		"expires at 1772323200 seconds": {with(func(r *store.Record) { r.Expires = 1772323200 }), 9 + 3 + 5},
	} {
		require.Equal(t, c.want, c.r.Size(), name)
	}
}

// The vectors are those of the FNV reference code.
func TestAShardIsFNV1a(t *testing.T) {
	for partition, hash := range map[string]uint32{"": 0x811c9dc5, "a": 0xe40c292c, "foobar": 0xbf9cf968} {
		require.Equal(t, int(hash%16), store.DueShard(store.Key{Partition: partition, Sort: "any"}), partition)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	attrs := func() []store.Attr {
		return []store.Attr{store.Bytes("b", []byte{1}), store.Bytes("c", []byte{2}), store.Bytes("nil", nil), store.Bytes("empty", []byte{})}
	}
	r := store.Record{Version: 1, Attrs: attrs()}
	c := r.Clone()
	require.Equal(t, attrs(), c.Attrs)
	c.Attrs[0].Bytes = append(c.Attrs[0].Bytes, 8)
	require.Equal(t, []byte{2}, c.Attrs[1].Bytes, "its attributes share nothing with each other")
	c.Attrs[0].Bytes[0] = 9
	c.Attrs[1].Bytes[0] = 9
	c.Attrs[0].Name = "x"
	require.Equal(t, attrs(), r.Attrs)
}

func TestACursorComesBackInItsParts(t *testing.T) {
	for _, parts := range [][]string{{"a"}, {"", "#\x00é", ""}, {"480123", "sku", "I#acme", "HEAD"}} {
		cursor := store.EncodeCursor(parts...)
		require.Regexp(t, `^[A-Za-z0-9_-]+$`, cursor)
		got, err := store.DecodeCursor(cursor, len(parts))
		require.NoError(t, err)
		require.Equal(t, parts, got)
		_, err = store.DecodeCursor(cursor, len(parts)+1)
		require.Equal(t, fault.Invalid, fault.Of(err))
	}
	for _, foreign := range []string{"%", "AA A", "BQ", "_____________w", store.EncodeCursor("abc")[:4] + "!"} {
		_, err := store.DecodeCursor(foreign, 1)
		require.Equal(t, fault.Invalid, fault.Of(err), foreign)
		require.Error(t, err)
	}
}
