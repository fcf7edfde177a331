package sqlite

// Looks inside: how jobs share a transaction, and how SQLite plans the lists.
// It would catch one call's failure reaching another, and a list that sorts or
// scans.

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

func openFile(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "headstart.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// puts returns a job that puts a record under the sort.
func puts(sort string) job {
	c := encoded(store.Write{Record: store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: 1}})
	return job{func(t *transaction) error { return t.apply(&c, nil) }, make(chan error, 1)}
}

func TestAFailingJobTakesNoOtherWithIt(t *testing.T) {
	s := openFile(t)
	broken := fault.New(fault.Internal, "TEST", "broken")
	half := puts("half")
	bad := job{func(t *transaction) error {
		if err := half.do(t); err != nil {
			return err
		}
		return broken
	}, make(chan error, 1)}
	a, b := puts("a"), puts("b")
	s.commit([]job{a, bad, b})
	require.NoError(t, <-a.done)
	require.Equal(t, error(broken), <-bad.done)
	require.NoError(t, <-b.done)
	page, _, err := s.List(t.Context(), store.Query{Partition: "p"})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, "a", page[0].Key.Sort)
	require.Equal(t, "b", page[1].Key.Sort)
	changes, _, err := s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, changes, 2)
}

func TestWaitingJobsShareOneTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openFile(t)
		wait := make(chan struct{})
		go s.run(t.Context(), "hold", func(*transaction) error { <-wait; return nil })
		synctest.Wait() // the hold has begun
		const waiting = 20
		transactions := make(chan *sql.Tx, waiting)
		done := make(chan error, waiting)
		for range waiting {
			go func() {
				done <- s.run(t.Context(), "join", func(tx *transaction) error { transactions <- tx.Tx; return nil })
			}()
		}
		synctest.Wait() // all stand in line
		close(wait)
		different := map[*sql.Tx]bool{}
		for range waiting {
			require.NoError(t, <-done)
			different[<-transactions] = true
		}
		require.Len(t, different, 1)
	})
}

func TestACallerWhoseTimeIsUpWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openFile(t)
		wait := make(chan struct{})
		held, hurried := make(chan error, 1), make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { held <- s.run(ctx, "hold", func(*transaction) error { <-wait; return nil }) }()
		synctest.Wait()
		go func() {
			_, _, err := s.Put(ctx, store.Write{Record: store.Record{Key: key, Version: 1}})
			hurried <- err
		}()
		synctest.Wait()
		cancel()
		require.Equal(t, fault.Transient, fault.Of(<-held), "begun: the outcome is unknown")
		require.ErrorIs(t, <-hurried, context.Canceled)
		close(wait)
		got, err := s.Get(t.Context(), true, key)
		require.NoError(t, err)
		require.Zero(t, got[0].Version, "what had not begun never happens")
	})
}

func TestNoListSortsOrScans(t *testing.T) {
	s := openFile(t)
	queries := map[string][]any{
		lists[store.Main]:     {"p", "", "", "", "\xff", 10},
		lists[store.ByOwner]:  {"p", "", "", "", "\xff", 10},
		lists[store.DueIndex]: {"1", 0, "", "", 9, 10},
	}
	for query, args := range queries {
		plan := explain(t, s.reader, query, args)
		require.Contains(t, plan, "SEARCH record")
		require.NotContains(t, plan, "SCAN")
		require.NotContains(t, plan, "TEMP B-TREE")
	}
}

func explain(t *testing.T, db *sql.DB, query string, args []any) string {
	rows, err := db.Query("explain query plan "+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		plan = append(plan, step)
	}
	require.NoError(t, rows.Err())
	t.Log(plan)
	return strings.Join(plan, "\n")
}
