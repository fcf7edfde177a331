package memory_test

// Holds the memory store to the suite of all stores, and to its own Prune: a
// change forgotten too early would show here.

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}

func TestPruneForgetsWhatWasReadAndNoMore(t *testing.T) {
	s := memory.New()
	for version := range int64(5) {
		_, ok, err := s.Put(t.Context(), store.Write{Record: store.Record{Key: store.Key{Partition: "p", Sort: "s"}, Version: version + 1}, Expect: version})
		require.NoError(t, err)
		require.True(t, ok)
	}
	_, cursor, err := s.Changes(t.Context(), "", 3)
	require.NoError(t, err)
	require.NoError(t, s.Prune(cursor))
	require.NoError(t, s.Prune(""))
	left, end, err := s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, left, 2)
	require.Equal(t, "4", left[0].Sequence)
	require.EqualValues(t, 4, left[0].New.Version)
	require.NoError(t, s.Prune("4"))
	left, _, err = s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.EqualValues(t, 5, left[0].New.Version)
	require.NoError(t, s.Prune(end+"0"), "a cursor beyond the end")
	none, again, err := s.Changes(t.Context(), cursor, 0)
	require.NoError(t, err)
	require.Empty(t, none)
	require.Equal(t, end, again)
	require.Equal(t, fault.Invalid, fault.Of(s.Prune("x")))
}

func TestAPageEndsBeforeOneMebibyte(t *testing.T) {
	s := memory.New()
	for i := range 5 {
		r := store.Record{Key: store.Key{Partition: "p", Sort: fmt.Sprint(i)}, Version: 1, Attrs: []store.Attr{store.Bytes("b", make([]byte, 300<<10))}}
		_, _, err := s.Put(t.Context(), store.Write{Record: r})
		require.NoError(t, err)
	}
	page, next, err := s.List(t.Context(), store.Query{Partition: "p"})
	require.NoError(t, err)
	require.Len(t, page, 3)
	page, next, err = s.List(t.Context(), store.Query{Partition: "p", Next: next})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Empty(t, next)
}
