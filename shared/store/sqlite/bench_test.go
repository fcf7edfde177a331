package sqlite_test

// Measures puts alone and in company (what group commit is worth) and gets.

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
)

// head is a record of about one write unit.
func head(i int64) store.Record {
	return store.Record{
		Key: store.Key{Partition: fmt.Sprintf("I#acme#A1PA6795UKMFR9#SKU-%d", i), Sort: "HEAD"}, Version: i + 1,
		Owner: "acme#A1PA6795UKMFR9", OwnerSort: fmt.Sprintf("SKU-%d", i),
		Attrs: []store.Attr{store.Int("n", i), store.Text("s", strings.Repeat("x", 100)), store.Bytes("e", make([]byte, 700))},
	}
}

func BenchmarkPut(b *testing.B) {
	for _, clients := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprintf("%dclients", clients), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "headstart.db"))
			var next, failed atomic.Int64
			b.ResetTimer()
			var group sync.WaitGroup
			for range clients {
				group.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						if _, ok, err := s.Put(b.Context(), store.Write{Record: head(i)}); !ok || err != nil {
							failed.Add(1)
						}
					}
				})
			}
			group.Wait()
			require.Zero(b, failed.Load())
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "headstart.db"))
	const records = 1000
	var writes []store.Write
	for i := range int64(records) {
		writes = append(writes, store.Write{Record: head(i)})
		if len(writes) == store.MaxWrites {
			ok, err := s.PutAll(b.Context(), writes)
			require.NoError(b, err)
			require.True(b, ok)
			writes = writes[:0]
		}
	}
	var i int64
	for b.Loop() {
		got, err := s.Get(b.Context(), true, head(i%records).Key)
		if err != nil || got[0].Version == 0 {
			b.Fatal(got, err)
		}
		i++
	}
}
