package memory_test

// Measures the memory store alone: a simulation makes millions of these calls.

import (
	"strconv"
	"testing"

	"headstart/shared/store"
	"headstart/shared/store/memory"
)

// head is a record of about one write unit under one of 1000 keys.
func head(keys []store.Key, i int64) store.Record {
	return store.Record{
		Key: keys[i%int64(len(keys))], Version: i + 1, Owner: "acme#A1PA6795UKMFR9", OwnerSort: "SKU",
		Attrs: []store.Attr{store.Int("n", i), store.Bytes("s", entries[:100]), store.Bytes("e", entries)},
	}
}

var entries = make([]byte, 700)

func keys() []store.Key {
	all := make([]store.Key, 1000)
	for i := range all {
		all[i] = store.Key{Partition: "I#acme#A1PA6795UKMFR9#" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Sort: "HEAD"}
	}
	return all
}

func BenchmarkPut(b *testing.B) {
	s, keys := memory.New(), keys()
	var i int64
	for b.Loop() {
		if _, ok, err := s.Put(b.Context(), store.Write{Record: head(keys, i), Expect: store.Anyhow}); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if i++; i%1000 == 0 { // as a pump does
			if err := s.Prune(strconv.FormatInt(i, 10)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s, keys := memory.New(), keys()
	for i := range int64(len(keys)) {
		s.Put(b.Context(), store.Write{Record: head(keys, i)})
	}
	var i int
	for b.Loop() {
		got, err := s.Get(b.Context(), true, keys[i%len(keys)])
		if err != nil || got[0].Version == 0 {
			b.Fatal(got, err)
		}
		i++
	}
}
