package sqlite

// Pins the stored format byte by byte (a changed literal here is a migration),
// and feeds the decoder damage: it must answer an error, never panic or take
// more memory than the body has.

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

var key = store.Key{Partition: "p", Sort: "s"}

var sample = store.Record{
	Key: key, Version: 3, Due: 100, Expires: 64, Owner: "o", OwnerSort: "sku",
	Attrs: []store.Attr{store.Int("n", -1), store.Text("t", "hé"), store.Bytes("b", []byte{0, 255})},
}

var sampleBody = []byte("\x01" + "\x06" + "\xc8\x01" + "\x80\x01" + "\x01o" + "\x03sku" + "\x03" +
	"\x00\x01n\x01" + "\x01\x01t\x03h\xc3\xa9" + "\x02\x01b\x02\x00\xff")

func TestABodyHasItsFormat(t *testing.T) {
	require.Equal(t, sampleBody, encode(&sample))
	got, err := decode(key, bytes.Clone(sampleBody))
	require.NoError(t, err)
	require.Equal(t, sample, got)
}

func TestAnEmptyBodyIsNoRecord(t *testing.T) {
	got, err := decode(key, nil)
	require.NoError(t, err)
	require.Equal(t, store.Record{}, got)
}

func TestAnyDamageOfABodyIsAnError(t *testing.T) {
	for cut := 1; cut < len(sampleBody); cut++ {
		_, err := decode(key, bytes.Clone(sampleBody[:cut]))
		require.Equal(t, fault.Internal, fault.Of(err), "cut at %d", cut)
		require.Error(t, err, "cut at %d", cut)
	}
	for name, body := range map[string][]byte{
		"another format": append([]byte{2}, sampleBody[1:]...),
		"trailing bytes": append(bytes.Clone(sampleBody), 0),
		"many attrs":     []byte("\x01\x02\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		"unknown kind":   []byte("\x01\x02\x00\x00\x00\x00\x01\x03\x01n\x01"),
		"huge length":    []byte("\x01\x02\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	} {
		_, err := decode(key, body)
		require.Error(t, err, name)
		require.Equal(t, fault.Internal, fault.Of(err), name)
	}
}

func FuzzABodyDecodesToWhatItEncodes(f *testing.F) {
	f.Add(sampleBody)
	f.Add(encode(&store.Record{Version: math.MaxInt64, Attrs: []store.Attr{store.Int("min", math.MinInt64)}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decode(key, bytes.Clone(body))
		if err != nil || len(body) == 0 {
			return
		}
		again, err := decode(key, encode(&r))
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}
