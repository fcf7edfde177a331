package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"headstart/shared/store"
)

var listLaws = []law{
	{"a partition lists its whole records in byte order", byteOrder},
	{"a prefix and a start cut the list", cuts},
	{"pages of any size make the same list", pages},
	{"a page's end works for another partition at most as nothing", strangeNext},
}

// awkward are sorts in byte order; UTF-16, a locale or a pattern match would
// each order or match some of them otherwise.
var awkward = []string{" ", "#", "#1", "%", "%a", "A", "B", "SEG#", "SEG#0", "SEG#a", "SEG#é", "SEG#～", "SEG#😀", "SEG$", "Z", "_", "_a", "a", "b", "é", "～", "😀"}

func awkwardRecords(s *subject) []store.Record {
	var records []store.Record
	for i, sort := range awkward {
		records = append(records, s.record(sort, int64(i+1)))
	}
	return records
}

func byteOrder(s *subject) {
	require.True(s, slices.IsSorted(awkward))
	records := awkwardRecords(s)
	other := s.record("A", 1)
	other.Key.Partition += "#"
	s.fill(append(slices.Clone(records), other))
	slices.Reverse(records)
	s.put(records...)
	slices.Reverse(records)
	got := s.walk(store.Query{Partition: s.partition, Strong: true})
	require.Equal(s, awkward, sorts(got))
	for i := range got {
		s.same(records[i], got[i])
	}
	require.Empty(s, s.walk(store.Query{Partition: s.partition + "none"}))
}

func cuts(s *subject) {
	s.fill(awkwardRecords(s))
	for _, prefix := range []string{"", "SEG#", "SEG", "#", "%", "_", "a", "é", "😀", "\U0010ffff", "nothing"} {
		for _, from := range append([]string{"", "SEG#b", "zzz", "\U0010ffff"}, awkward...) {
			want := []string{}
			for _, sort := range awkward {
				if strings.HasPrefix(sort, prefix) && sort > from {
					want = append(want, sort)
				}
			}
			for _, limit := range []int{0, 2} {
				q := store.Query{Partition: s.partition, Prefix: prefix, From: from, Strong: true, Limit: limit}
				require.Equal(s, want, sorts(s.walk(q)), "prefix %q from %q limit %d", prefix, from, limit)
			}
		}
	}
}

func pages(s *subject) {
	s.fill(awkwardRecords(s))
	for _, limit := range []int{1, 2, 3, len(awkward) - 1, len(awkward), len(awkward) + 1, 10_000} {
		for _, strong := range []bool{true, false} {
			q := store.Query{Partition: s.partition, Limit: limit, Strong: strong}
			s.eventually("the whole list", func() bool { return slices.Equal(awkward, sorts(s.walk(q))) })
		}
	}
}

func strangeNext(s *subject) {
	mine, other := s.record("b", 1), s.record("a", 1)
	second := s.record("c", 1)
	other.Key.Partition += "#other"
	last := other
	last.Key.Sort = "z"
	s.fill([]store.Record{mine, second, other, last})
	_, next, err := s.List(s.ctx(), store.Query{Partition: other.Key.Partition, Limit: 1, Strong: true})
	require.NoError(s, err)
	require.NotEmpty(s, next)
	for _, strange := range []string{next, "%%%", "\xff\x00", strings.Repeat("A", 5000)} {
		page, _, err := s.List(s.ctx(), store.Query{Partition: s.partition, Next: strange, Strong: true})
		if err != nil {
			s.refused(err)
		}
		for _, r := range page {
			require.Equal(s, s.partition, r.Key.Partition)
		}
	}
}

var indexLaws = []law{
	{"the owner index lists the keys of an owner in byte order", ownerOrder},
	{"the owner index follows a record that moves or leaves", ownerMoves},
	{"records of one owner and sort are all listed", ownerTies},
	{"pages of the owner index neither skip nor repeat under writers", ownerChurn},
	{"the due index lists what is due in a shard up to an hour", dueOrder},
	{"the due index follows an hour moved earlier, later and away", dueMoves},
	{"pages of the due index neither skip nor repeat", duePages},
}

func (s *subject) owned(sort, owner, ownerSort string, version int64) store.Record {
	r := s.record(sort, version)
	r.Owner, r.OwnerSort = owner, ownerSort
	return r
}

// owner walks the owner index as soon as it has as many keys as it should.
func (s *subject) owner(q store.Query, want int) []store.Record {
	s.Helper()
	var got []store.Record
	q.Index = store.ByOwner
	s.eventually(fmt.Sprintf("%d keys of owner %s", want, q.Partition), func() bool {
		got = s.walk(q)
		return len(got) == want
	})
	return got
}

func ownerOrder(s *subject) {
	owner := s.partition + "#market"
	var records []store.Record
	for i, sku := range slices.Backward(awkward) {
		records = append(records, s.owned(fmt.Sprintf("r%02d", i), owner, sku, 1))
	}
	records = append(records, s.owned("other", owner+"2", "A", 1), s.record("ownerless", 1))
	records[0].Due = 480000
	s.fill(records)

	got := s.owner(store.Query{Partition: owner}, len(awkward))
	for i, r := range got {
		want := store.Record{Key: s.key(fmt.Sprintf("r%02d", i)), Owner: owner, OwnerSort: awkward[i]}
		require.Equal(s, want, r, "keys only")
	}
	skus := func(q store.Query, want int) (all []string) {
		q.Partition = owner
		for _, r := range s.owner(q, want) {
			all = append(all, r.OwnerSort)
		}
		return all
	}
	require.Equal(s, awkward[7:13], skus(store.Query{Prefix: "SEG#"}, 6))
	require.Equal(s, awkward[9:13], skus(store.Query{Prefix: "SEG#", From: "SEG#0", Limit: 2}, 4))
	require.Equal(s, awkward[6:], skus(store.Query{From: "AZ", Limit: 3}, len(awkward)-6))
}

func ownerMoves(s *subject) {
	one, two := s.partition+"1", s.partition+"2"
	s.put(s.owned("a", one, "sku", 1), s.owned("b", one, "sku2", 1))
	s.owner(store.Query{Partition: one}, 2)
	s.put(s.owned("a", two, "sku", 2))
	require.Equal(s, []string{"b"}, sorts(s.owner(store.Query{Partition: one}, 1)))
	require.Equal(s, []string{"a"}, sorts(s.owner(store.Query{Partition: two}, 1)))
	s.put(s.owned("b", one, "sku0", 2))
	s.eventually("the new sort", func() bool {
		got := s.walk(store.Query{Index: store.ByOwner, Partition: one})
		return len(got) == 1 && got[0].OwnerSort == "sku0"
	})
	s.put(s.record("a", 3)) // no owner: in the index no more
	s.owner(store.Query{Partition: two}, 0)
	_, ok, err := s.Put(s.ctx(), store.Write{Record: store.Record{Key: s.key("b")}, Expect: store.Present, Delete: true})
	require.NoError(s, err)
	require.True(s, ok)
	s.owner(store.Query{Partition: one}, 0)
}

func ownerTies(s *subject) {
	var records []store.Record
	for i := range 7 {
		r := s.owned(fmt.Sprintf("r%d", i), s.partition, "same", 1)
		r.Key.Partition += strconv.Itoa(i % 3)
		records = append(records, r)
	}
	s.fill(records)
	for _, limit := range []int{1, 2, 0} {
		got := s.owner(store.Query{Partition: s.partition, Limit: limit}, len(records))
		seen := map[store.Key]bool{}
		for _, r := range got {
			seen[r.Key] = true
		}
		require.Len(s, seen, len(records))
	}
	s.owner(store.Query{Partition: s.partition, From: "same"}, 0) // the start is exclusive, ties and all
}

// ownerChurn reads pages while others insert and update: what was there from
// the beginning comes exactly once, what is new at most once.
func ownerChurn(s *subject) {
	const old = 60
	for i := range old {
		s.put(s.owned(fmt.Sprintf("old%02d", i), s.partition, fmt.Sprintf("sku%02d", i), 1))
	}
	s.owner(store.Query{Partition: s.partition}, old)
	stop, failed := make(chan struct{}), make(chan error, 2)
	var writers sync.WaitGroup
	churn := func(change func(i int) store.Record) {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, _, err := s.Put(s.ctx(), store.Write{Record: change(i), Expect: store.Anyhow}); err != nil {
				failed <- err
				return
			}
		}
	}
	writers.Go(func() {
		churn(func(i int) store.Record {
			return s.owned(fmt.Sprintf("new%d", i), s.partition, fmt.Sprintf("sku%02d+%d", i%old, i), 1)
		})
	})
	writers.Go(func() {
		churn(func(i int) store.Record {
			return s.owned(fmt.Sprintf("old%02d", i%old), s.partition, fmt.Sprintf("sku%02d", i%old), int64(i+2))
		})
	})
	for range 3 {
		times := map[string]int{}
		for _, r := range s.walk(store.Query{Index: store.ByOwner, Partition: s.partition, Limit: 7}) {
			times[r.Key.Sort]++
			require.Equal(s, 1, times[r.Key.Sort], r.Key.Sort)
		}
		for i := range old {
			require.Equal(s, 1, times[fmt.Sprintf("old%02d", i)], "old%02d", i)
		}
	}
	close(stop)
	writers.Wait()
	require.Empty(s, failed)
}

// due walks a shard until the case's own keys are as they should be.
func (s *subject) due(shard int, until int64, want ...string) {
	s.Helper()
	var got []string
	s.eventually(fmt.Sprintf("due in shard %d until %d: %q", shard, until, want), func() bool {
		got = sorts(s.own(s.walk(store.Query{Index: store.DueIndex, Partition: strconv.Itoa(shard), Until: until, Limit: 50})))
		return slices.Equal(want, got) || len(want) == 0 && len(got) == 0
	})
}

func (s *subject) dueAt(sort string, version, hour int64) store.Record {
	r := s.record(sort, version)
	r.Due = hour
	return r
}

func dueOrder(s *subject) {
	s.fill([]store.Record{s.dueAt("c", 1, 9), s.dueAt("a", 1, 100), s.dueAt("b", 1, 10), s.record("never", 1)})
	shard := store.DueShard(s.key(""))
	s.due(shard, 100, "c", "b", "a")
	s.due(shard, 99, "c", "b")
	s.due(shard, 10, "c", "b")
	s.due(shard, 9, "c")
	s.due(shard, 8)
	s.due((shard+1)%store.DueShards, 1000)
	for _, r := range s.own(s.walk(store.Query{Index: store.DueIndex, Partition: strconv.Itoa(shard), Until: 9})) {
		require.Equal(s, store.Record{Key: s.key("c"), Due: 9}, r, "keys only")
	}
}

func dueMoves(s *subject) {
	shard := store.DueShard(s.key(""))
	s.put(s.dueAt("a", 1, 20), s.dueAt("b", 1, 30))
	s.due(shard, 40, "a", "b")
	s.put(s.dueAt("b", 2, 10))
	s.due(shard, 40, "b", "a")
	s.due(shard, 10, "b")
	s.put(s.dueAt("b", 3, 50))
	s.due(shard, 40, "a")
	s.put(s.record("a", 2))
	s.due(shard, 50, "b")
	_, _, err := s.Put(s.ctx(), store.Write{Record: store.Record{Key: s.key("b")}, Expect: 3, Delete: true})
	require.NoError(s, err)
	s.due(shard, 50)
}

func duePages(s *subject) {
	const records = 45
	var all []store.Record
	for i := range records {
		all = append(all, s.dueAt(fmt.Sprintf("r%02d", i), 1, int64(5+i/10)))
	}
	s.fill(all)
	shard := strconv.Itoa(store.DueShard(s.key("")))
	for _, limit := range []int{1, 4, 0} {
		var got []store.Record
		s.eventually("all that is due", func() bool {
			got = s.own(s.walk(store.Query{Index: store.DueIndex, Partition: shard, Until: 9, Limit: limit}))
			return len(got) == records
		})
		seen := map[string]bool{}
		for i, r := range got {
			seen[r.Key.Sort] = true
			require.EqualValues(s, 5+i/10, r.Due)
		}
		require.Len(s, seen, records)
	}
}
