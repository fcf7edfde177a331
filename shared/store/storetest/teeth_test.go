package storetest_test

// Runs the suite on stores broken on purpose, each in a process of its own,
// and requires that the laws meant to catch it do: a suite that passes a
// broken store is worth nothing.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
)

// broken is a memory store with hooks over its methods.
type broken struct {
	*memory.Store
	get     func(ctx context.Context, strong bool, keys []store.Key) ([]store.Record, error)
	put     func(ctx context.Context, w store.Write) (store.Record, bool, error)
	putAll  func(ctx context.Context, writes []store.Write) (bool, error)
	list    func(ctx context.Context, q store.Query) ([]store.Record, string, error)
	changes func(ctx context.Context, cursor string, limit int) ([]store.Change, string, error)
}

func (b *broken) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	if b.get != nil {
		return b.get(ctx, strong, keys)
	}
	return b.Store.Get(ctx, strong, keys...)
}

func (b *broken) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	if b.put != nil {
		return b.put(ctx, w)
	}
	return b.Store.Put(ctx, w)
}

func (b *broken) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	if b.putAll != nil {
		return b.putAll(ctx, writes)
	}
	return b.Store.PutAll(ctx, writes)
}

func (b *broken) List(ctx context.Context, q store.Query) ([]store.Record, string, error) {
	if b.list != nil {
		return b.list(ctx, q)
	}
	return b.Store.List(ctx, q)
}

func (b *broken) Changes(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
	if b.changes != nil {
		return b.changes(ctx, cursor, limit)
	}
	return b.Store.Changes(ctx, cursor, limit)
}

// defect breaks a store; caughtBy is a law that must fail on it.
type defect struct {
	name     string
	caughtBy string
	spoil    func(b *broken)
}

var defects = []defect{
	{"ignores the condition", "a put happens exactly when its condition holds", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			w.Expect = store.Anyhow
			return b.Store.Put(ctx, w)
		}
	}},
	{"ignores the condition of a delete", "a delete happens exactly when its condition holds", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			if w.Delete {
				w.Expect = store.Anyhow
			}
			return b.Store.Put(ctx, w)
		}
	}},
	{"does not answer the current record", "a put happens exactly when its condition holds", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			_, ok, err := b.Store.Put(ctx, w)
			return store.Record{}, ok, err
		}
	}},
	{"ignores checks", "a transaction's check holds the others to its condition", func(b *broken) {
		b.putAll = func(ctx context.Context, writes []store.Write) (bool, error) {
			return b.Store.PutAll(ctx, slices.DeleteFunc(slices.Clone(writes), func(w store.Write) bool { return w.Check }))
		}
	}},
	{"applies a transaction one by one", "a transaction's put happens exactly when its condition holds", oneByOne},
	{"applies a transaction one by one", "what was not committed is never in the feed", oneByOne},
	{"reads, compares, then writes", "compare and swap loses no increment", unlocked},
	{"reads, compares, then writes", "strong reads and conditional writes are linearizable", unlocked},
	{"reads, compares, then writes", "of many writers that expect no record one wins", unlocked},
	{"reads old states strongly", "strong reads and conditional writes are linearizable", func(b *broken) {
		old := storetest.NewFaulty(b.Store, func(storetest.Call) storetest.Fault { return storetest.StaleRead })
		b.put = old.Put
		b.get = func(ctx context.Context, _ bool, keys []store.Key) ([]store.Record, error) {
			return old.Get(ctx, false, keys...)
		}
	}},
	{"answers each key once, in an order of its own", "records come in the order of the keys, repeated ones too", func(b *broken) {
		b.get = func(ctx context.Context, strong bool, keys []store.Key) ([]store.Record, error) {
			keys = slices.Clone(keys)
			slices.SortFunc(keys, func(x, y store.Key) int { return strings.Compare(x.Sort, y.Sort) })
			return b.Store.Get(ctx, strong, slices.Compact(keys)...)
		}
	}},
	{"shares its memory", "what a caller does to its records changes nothing stored", func(b *broken) {
		last := map[store.Key]store.Record{}
		b.get = func(ctx context.Context, strong bool, keys []store.Key) ([]store.Record, error) {
			got, err := b.Store.Get(ctx, strong, keys...)
			for i := range got {
				if kept, known := last[keys[i]]; known {
					got[i] = kept
				}
				last[keys[i]] = got[i]
			}
			return got, err
		}
	}},
	{"takes any size", "a record of 400 KiB is stored and one byte more refused", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			if w.Record.Size() > store.MaxRecordBytes {
				return store.Record{}, true, nil
			}
			return b.Store.Put(ctx, w)
		}
	}},
	{"ignores the context", "a cancelled context ends every method and writes nothing", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			return b.Store.Put(context.WithoutCancel(ctx), w)
		}
	}},
	{"skips at a page's end", "pages of any size make the same list", skipping},
	{"skips at a page's end", "pages of the owner index neither skip nor repeat under writers", skipping},
	{"skips at a page's end", "pages of the due index neither skip nor repeat", skipping},
	{"orders by length first", "a partition lists its whole records in byte order", func(b *broken) {
		b.list = func(ctx context.Context, q store.Query) ([]store.Record, string, error) {
			page, next, err := b.Store.List(ctx, q)
			slices.SortStableFunc(page, func(x, y store.Record) int { return len(x.Key.Sort) - len(y.Key.Sort) })
			return page, next, err
		}
	}},
	{"matches the prefix alone", "a prefix and a start cut the list", func(b *broken) {
		b.list = func(ctx context.Context, q store.Query) ([]store.Record, string, error) {
			if q.Prefix != "" {
				q.From = ""
			}
			return b.Store.List(ctx, q)
		}
	}},
	{"lists whole records in an index", "the owner index lists the keys of an owner in byte order", func(b *broken) {
		b.list = func(ctx context.Context, q store.Query) ([]store.Record, string, error) {
			page, next, err := b.Store.List(ctx, q)
			for i := range page {
				page[i].Version = 1
			}
			return page, next, err
		}
	}},
	{"keeps an index entry that left", "the due index follows an hour moved earlier, later and away", func(b *broken) {
		b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
			if got, err := b.Store.Get(ctx, true, w.Record.Key); err == nil && w.Record.Due == 0 {
				w.Record.Due = got[0].Due
			}
			return b.Store.Put(ctx, w)
		}
	}},
	{"drops every eighth change", "every committed change comes in its key's order with both images", func(b *broken) {
		b.changes = func(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
			changes, next, err := b.Store.Changes(ctx, cursor, limit)
			return slices.DeleteFunc(changes, func(c store.Change) bool { return strings.HasSuffix(c.Sequence, "8") }), next, err
		}
	}},
	{"tells of changes last to first", "every committed change comes in its key's order with both images", func(b *broken) {
		b.changes = func(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
			changes, next, err := b.Store.Changes(ctx, cursor, limit)
			slices.Reverse(changes)
			return changes, next, err
		}
	}},
}

func oneByOne(b *broken) {
	b.putAll = func(ctx context.Context, writes []store.Write) (bool, error) {
		if err := store.ValidateAll(writes); err != nil {
			return false, err
		}
		for _, w := range writes {
			if w.Check {
				continue
			}
			if _, ok, err := b.Store.Put(ctx, w); !ok {
				return false, err
			}
		}
		return true, nil
	}
}

func unlocked(b *broken) {
	b.put = func(ctx context.Context, w store.Write) (store.Record, bool, error) {
		got, err := b.Store.Get(ctx, true, w.Record.Key)
		if err != nil || !w.Holds(got[0].Version) {
			return got[0], false, err
		}
		runtime.Gosched() // the window, which a fast store hardly opens
		w.Expect = store.Anyhow
		return b.Store.Put(ctx, w)
	}
}

func skipping(b *broken) {
	b.list = func(ctx context.Context, q store.Query) ([]store.Record, string, error) {
		page, next, err := b.Store.List(ctx, q)
		if q.Next != "" && len(page) > 0 {
			page = page[1:]
		}
		return page, next, err
	}
}

const planted = "HEADSTART_PLANTED_DEFECT"

func TestTheSuiteCatchesPlantedDefects(t *testing.T) {
	laws := storetest.Laws()
	for i, d := range defects {
		require.Contains(t, laws, d.caughtBy)
		t.Run(d.name+"/"+d.caughtBy, func(t *testing.T) {
			pattern := fmt.Sprintf("^TestAStoreWithAPlantedDefect$/^%s$", strings.ReplaceAll(d.caughtBy, " ", "_"))
			run := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+pattern, "-test.v")
			run.Env = append(os.Environ(), fmt.Sprintf("%s=%d", planted, i))
			output, err := run.CombinedOutput()
			require.Error(t, err, "%s", output)
			require.True(t, bytes.Contains(output, []byte("--- FAIL: TestAStoreWithAPlantedDefect/"+strings.ReplaceAll(d.caughtBy, " ", "_"))), "%s", output)
		})
	}
}

// TestAStoreWithAPlantedDefect is the other process of the test above.
func TestAStoreWithAPlantedDefect(t *testing.T) {
	var which int
	if _, err := fmt.Sscan(os.Getenv(planted), &which); err != nil {
		t.Skip("no defect is planted; TestTheSuiteCatchesPlantedDefects runs this with one")
	}
	storetest.RunWithin(t, time.Second, func(*testing.T) store.Store {
		b := &broken{Store: memory.New()}
		defects[which].spoil(b)
		return b
	})
}
