package sqlite_test

// Holds the sqlite store to the suite of all stores, and to what is its own:
// the file. A write lost by kill -9, a file misread after an update, or a feed
// pruned too far would show here.

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/sqlite"
	"headstart/shared/store/storetest"
)

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestSqliteKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "headstart.db")) })
}

func put(t *testing.T, s *sqlite.Store, r store.Record, expect int64) {
	t.Helper()
	_, ok, err := s.Put(t.Context(), store.Write{Record: r, Expect: expect})
	require.NoError(t, err)
	require.True(t, ok)
}

func record(sort string, version int64) store.Record {
	return store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: version, Attrs: []store.Attr{store.Text("t", sort)}}
}

func TestAFileOpenedAgainHoldsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name?%41#é.db")
	s := open(t, path)
	put(t, s, record("a", 1), store.Absent)
	put(t, s, record("a", 2), 1)
	_, cursor, err := s.Changes(t.Context(), "", 1)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	file, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), file.Mode(), "for its owner alone")
	require.Positive(t, file.Size(), "this file and no other")

	s = open(t, path)
	got, err := s.Get(t.Context(), true, record("a", 0).Key)
	require.NoError(t, err)
	require.Equal(t, record("a", 2), got[0])
	changes, _, err := s.Changes(t.Context(), cursor, 0)
	require.NoError(t, err)
	require.Len(t, changes, 1)
	require.EqualValues(t, 2, changes[0].New.Version)
}

func TestTheFileIsWrittenThroughAtEachCommit(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"} {
		var got string
		require.NoError(t, s.DB().QueryRow("pragma "+pragma).Scan(&got))
		require.Equal(t, want, got, pragma)
	}
}

func TestAFileOfANewerProgramIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headstart.db")
	s := open(t, path)
	_, err := s.DB().Exec("pragma user_version = 2")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = sqlite.Open(path)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, "has schema 2 and this program knows 1")
}

func TestWhatIsNoFileOfOursIsRefused(t *testing.T) {
	letter := filepath.Join(t.TempDir(), "letter.txt")
	require.NoError(t, os.WriteFile(letter, []byte(strings.Repeat("Dear Sir or Madam, ", 100)), 0o600))
	for _, path := range []string{"", ":memory:", letter, filepath.Join(t.TempDir(), "no", "such", "folder", "x.db"), t.TempDir()} {
		_, err := sqlite.Open(path)
		require.Error(t, err, path)
		require.Equal(t, fault.Invalid, fault.Of(err), "%s: %v", path, err)
	}
}

func TestAClosedStoreAnswersAnError(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "twice is once")
	_, _, err := s.Put(t.Context(), store.Write{Record: record("a", 1)})
	require.Equal(t, fault.Transient, fault.Of(err))
	_, err = s.Get(t.Context(), true, record("a", 0).Key)
	require.Error(t, err)
}

func TestOneTokenTellsOfManyCommitsAndNoneOfALostRace(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	told := func() bool {
		select {
		case <-s.Notify():
			return true
		default:
			return false
		}
	}
	require.False(t, told())
	put(t, s, record("a", 1), store.Absent)
	put(t, s, record("a", 2), 1)
	require.True(t, told())
	require.False(t, told())
	_, ok, err := s.Put(t.Context(), store.Write{Record: record("a", 3), Expect: 9})
	require.NoError(t, err)
	require.False(t, ok)
	_, err = s.Prune(t.Context(), "9", farFuture)
	require.NoError(t, err)
	require.False(t, told(), "a pump that prunes must not wake itself")
}

// The change table is stamped by the machine's clock, which a test neither
// reads nor sets: these two lie on either side of it.
var (
	longAgo   = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
)

func TestPruneRemovesWhatIsOldAndRead(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	const changes = 1234 // more than two parts of a sweep
	for first := range int64(changes) {
		put(t, s, record("a", first+1), first)
	}
	_, cursor, err := s.Changes(t.Context(), "", 1000)
	require.NoError(t, err)
	_, next, err := s.Changes(t.Context(), cursor, 200)
	require.NoError(t, err)

	n, err := s.Prune(t.Context(), next, longAgo)
	require.NoError(t, err)
	require.Zero(t, n, "read, but not old")
	n, err = s.Prune(t.Context(), "", farFuture)
	require.NoError(t, err)
	require.Zero(t, n, "old, but not read")
	n, err = s.Prune(t.Context(), next, farFuture)
	require.NoError(t, err)
	require.Equal(t, 1200, n)
	left, _, err := s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, left, changes-1200)
	require.EqualValues(t, 1201, left[0].New.Version)

	n, err = s.Prune(t.Context(), "999999", farFuture)
	require.NoError(t, err)
	require.Equal(t, changes-1200, n)
	put(t, s, record("a", changes+1), changes)
	left, _, err = s.Changes(t.Context(), strconv.Itoa(changes), 0)
	require.NoError(t, err)
	require.Len(t, left, 1, "a sequence is not used again")
	_, err = s.Prune(t.Context(), "x", farFuture)
	require.Equal(t, fault.Invalid, fault.Of(err))
}

func TestExpireDeletesWhatIsPastItsTime(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	expires := map[string]int64{"never": 0, "before": now.Unix() - 1, "now": now.Unix(), "after": now.Unix() + 1}
	for sort, at := range expires {
		r := record(sort, 1)
		r.Expires = at
		put(t, s, r, store.Absent)
	}
	n, err := s.Expire(t.Context(), now)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	page, _, err := s.List(t.Context(), store.Query{Partition: "p"})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, "after", page[0].Key.Sort)
	require.Equal(t, "never", page[1].Key.Sort)
	changes, _, err := s.Changes(t.Context(), "4", 0)
	require.NoError(t, err)
	require.Len(t, changes, 2)
	for _, c := range changes {
		require.EqualValues(t, 1, c.Old.Version)
		require.Zero(t, c.New.Version)
	}
}

func TestTwoStoresOnOneFileKeepEachOthersConditions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headstart.db")
	stores := []*sqlite.Store{open(t, path), open(t, path)}
	var group sync.WaitGroup
	failed := make(chan error, len(stores))
	for _, s := range stores {
		group.Go(func() {
			var version int64
			for done := 0; done < 50; {
				current, ok, err := s.Put(t.Context(), store.Write{Record: record("counter", version+1), Expect: version})
				if err != nil {
					failed <- err
					return
				}
				if !ok {
					version = current.Version
					continue
				}
				version++
				done++
			}
		})
	}
	group.Wait()
	require.Empty(t, failed)
	got, err := stores[0].Get(t.Context(), true, record("counter", 0).Key)
	require.NoError(t, err)
	require.EqualValues(t, 100, got[0].Version)
}

func TestPagesAndFeedsEndByTheirBytes(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "headstart.db"))
	for i := range 20 {
		r := record(fmt.Sprint("k", i), 1)
		r.Attrs = append(r.Attrs, store.Bytes("b", make([]byte, 300<<10)))
		put(t, s, r, store.Absent)
	}
	page, next, err := s.List(t.Context(), store.Query{Partition: "p"})
	require.NoError(t, err)
	require.Len(t, page, 3, "at most 1 MiB")
	require.NotEmpty(t, next)
	changes, next, err := s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, changes, 14, "the one that passes 4 MiB is the last")
	rest, _, err := s.Changes(t.Context(), next, 0)
	require.NoError(t, err)
	require.Len(t, rest, 6)
}

const victim = "HEADSTART_KILLED_STORE"

// TestAKilledProcessKeepsWhatItAnswered kills a writer again and again: the
// file must hold every version it was told of, and a feed without a gap.
func TestAKilledProcessKeepsWhatItAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headstart.db")
	for round := range 5 {
		ctx, kill := context.WithCancel(t.Context())
		run := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestAWriterThatIsKilled$")
		run.Env = append(os.Environ(), victim+"="+path)
		answers, err := run.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, run.Start())
		answered := map[string]int64{}
		lines := bufio.NewScanner(answers)
		for n := 0; lines.Scan(); n++ {
			var sort string
			var version int64
			_, err := fmt.Sscanf(lines.Text(), "answered %s %d", &sort, &version)
			require.NoError(t, err, lines.Text())
			answered[sort] = version
			if n == 40+17*round {
				kill() // SIGKILL; what it still printed is read all the same
			}
		}
		require.Error(t, run.Wait())
		requireAll(t, path, answered)
		kill()
	}
}

func requireAll(t *testing.T, path string, answered map[string]int64) {
	t.Helper()
	require.Len(t, answered, 4)
	s := open(t, path)
	at := map[string]int64{}
	for cursor := ""; ; {
		changes, next, err := s.Changes(t.Context(), cursor, 0)
		require.NoError(t, err)
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			require.Equal(t, at[c.Key.Sort], c.Old.Version)
			at[c.Key.Sort] = c.New.Version
		}
		cursor = next
	}
	for sort, version := range answered {
		got, err := s.Get(t.Context(), true, record(sort, 0).Key)
		require.NoError(t, err)
		require.GreaterOrEqual(t, got[0].Version, version, sort)
		require.Equal(t, at[sort], got[0].Version, "the feed and the record are one commit")
	}
	require.NoError(t, s.Close())
}

// TestAWriterThatIsKilled is the other process of the test above.
func TestAWriterThatIsKilled(t *testing.T) {
	path := os.Getenv(victim)
	if path == "" {
		t.Skip("TestAKilledProcessKeepsWhatItAnswered runs this in a process of its own")
	}
	s := open(t, path)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			sort := fmt.Sprint("k", i)
			var version int64
			for {
				current, ok, err := s.Put(t.Context(), store.Write{Record: record(sort, version+1), Expect: version})
				if err != nil {
					t.Error(err)
					return
				}
				if version = version + 1; !ok {
					version = current.Version
					continue
				}
				fmt.Printf("answered %s %d\n", sort, version)
			}
		})
	}
	group.Wait()
}
