package store_test

// Each row is a call whose price AWS publishes, with the price as a literal; a
// unit too many or too few anywhere would show here.

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
)

func key(sort string) store.Key { return store.Key{Partition: "p", Sort: sort} }

// sized is a record of exactly so many bytes by Record.Size: 13 without the fill.
func sized(sort string, version int64, bytes int) store.Record {
	r := store.Record{Key: key(sort), Version: version, Attrs: []store.Attr{store.Bytes("fill", nil)}}
	r.Attrs[0].Bytes = make([]byte, bytes-r.Size())
	return r
}

func owned(r store.Record, owner, sku string) store.Record {
	r.Owner, r.OwnerSort = owner, sku
	return r
}

func due(r store.Record, hour int64) store.Record {
	r.Due = hour
	return r
}

// long makes an index entry of more than one unit.
func long(length int) string { return fmt.Sprintf("%0*d", length, 7) }

// call makes one call on a store that holds the row's records.
type call func(ctx context.Context, s store.Store) error

func get(strong bool, sorts ...string) call {
	return func(ctx context.Context, s store.Store) error {
		var keys []store.Key
		for _, sort := range sorts {
			keys = append(keys, key(sort))
		}
		_, err := s.Get(ctx, strong, keys...)
		return err
	}
}

func put(w store.Write) call {
	return func(ctx context.Context, s store.Store) error {
		_, _, err := s.Put(ctx, w)
		return err
	}
}

func putAll(writes ...store.Write) call {
	return func(ctx context.Context, s store.Store) error {
		_, err := s.PutAll(ctx, writes)
		return err
	}
}

func list(q store.Query) call {
	return func(ctx context.Context, s store.Store) error {
		_, _, err := s.List(ctx, q)
		return err
	}
}

func gone(sort string) store.Record { return store.Record{Key: key(sort)} }

var prices = []struct {
	name string
	held []store.Record
	call call
	want store.Usage
}{
	{"get strong of 4096 bytes", []store.Record{sized("a", 1, 4096)}, get(true, "a"), store.Usage{Gets: 1, ReadUnits: 1, BytesRead: 4096}},
	{"get strong of 4097 bytes", []store.Record{sized("a", 1, 4097)}, get(true, "a"), store.Usage{Gets: 1, ReadUnits: 2, BytesRead: 4097}},
	{"get eventual of 4097 bytes", []store.Record{sized("a", 1, 4097)}, get(false, "a"), store.Usage{Gets: 1, ReadUnits: 1, BytesRead: 4097}},
	{"get of a missing record", nil, get(true, "a"), store.Usage{Gets: 1, ReadUnits: 1}},
	{"get eventual of a missing record", nil, get(false, "a"), store.Usage{Gets: 1, ReadUnits: 0.5}},
	{"get of two rounds each up, a repeated key once", []store.Record{sized("a", 1, 100), sized("b", 1, 5000)}, get(true, "a", "b", "a"), store.Usage{Gets: 1, ReadUnits: 3, BytesRead: 5100}},
	{"get of no keys", nil, get(true), store.Usage{}},

	{"put new of 1024 bytes", nil, put(store.Write{Record: sized("a", 1, 1024)}), store.Usage{Puts: 1, TableWriteUnits: 1, BytesWritten: 1024}},
	{"put new of 1025 bytes", nil, put(store.Write{Record: sized("a", 1, 1025)}), store.Usage{Puts: 1, TableWriteUnits: 2, BytesWritten: 1025}},
	{"put that shrinks 5 KiB to 20 bytes", []store.Record{sized("a", 1, 5120)}, put(store.Write{Record: sized("a", 2, 20), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 5, BytesWritten: 20}},
	{"put that grows 20 bytes to 5 KiB", []store.Record{sized("a", 1, 20)}, put(store.Write{Record: sized("a", 2, 5120), Expect: store.Anyhow}), store.Usage{Puts: 1, TableWriteUnits: 5, BytesWritten: 5120}},
	{"put anyhow over what is there", []store.Record{sized("a", 1, 3000)}, put(store.Write{Record: sized("a", 2, 20), Expect: store.Anyhow}), store.Usage{Puts: 1, TableWriteUnits: 3, BytesWritten: 20}},
	{"lost put on nothing", nil, put(store.Write{Record: sized("a", 2, 5000), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, Lost: 1}},
	{"lost put on 3000 bytes", []store.Record{sized("a", 1, 3000)}, put(store.Write{Record: sized("a", 2, 20)}), store.Usage{Puts: 1, TableWriteUnits: 3, Lost: 1}},
	{"delete of 3000 bytes", []store.Record{sized("a", 1, 3000)}, put(store.Write{Record: gone("a"), Expect: 1, Delete: true}), store.Usage{Puts: 1, TableWriteUnits: 3}},
	{"delete of nothing", nil, put(store.Write{Record: gone("a"), Expect: store.Anyhow, Delete: true}), store.Usage{Puts: 1, TableWriteUnits: 1}},

	{"put new in both indexes", nil, put(store.Write{Record: owned(due(sized("a", 1, 100), 9), "o", "s")}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 2, BytesWritten: 117}},
	{"put that leaves the index keys", []store.Record{owned(due(sized("a", 1, 100), 9), "o", "s")}, put(store.Write{Record: owned(due(sized("a", 2, 100), 9), "o", "s"), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, BytesWritten: 117}},
	{"put that moves the hour", []store.Record{owned(due(sized("a", 1, 100), 9), "o", "s")}, put(store.Write{Record: owned(due(sized("a", 2, 100), 8), "o", "s"), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 2, BytesWritten: 117}},
	{"put that moves the owner", []store.Record{owned(sized("a", 1, 100), "o", "s")}, put(store.Write{Record: owned(sized("a", 2, 100), "x", "s"), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 2, BytesWritten: 108}},
	{"put that moves the owner's sort", []store.Record{owned(sized("a", 1, 100), "o", "s")}, put(store.Write{Record: owned(sized("a", 2, 100), "o", "t"), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 2, BytesWritten: 108}},
	{"put that leaves the due index", []store.Record{due(sized("a", 1, 100), 9)}, put(store.Write{Record: sized("a", 2, 100), Expect: 1}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 1, BytesWritten: 100}},
	{"lost put that would have moved the hour", []store.Record{due(sized("a", 1, 100), 9)}, put(store.Write{Record: due(sized("a", 2, 100), 8), Expect: 7}), store.Usage{Puts: 1, TableWriteUnits: 1, Lost: 1}},
	{"delete from both indexes", []store.Record{owned(due(sized("a", 1, 100), 9), "o", "s")}, put(store.Write{Record: gone("a"), Expect: 1, Delete: true}), store.Usage{Puts: 1, TableWriteUnits: 1, IndexWriteUnits: 2}},
	{"an index entry of 1017 bytes", nil, put(store.Write{Record: owned(sized("a", 1, 20), long(1004), "s")}), store.Usage{Puts: 1, TableWriteUnits: 2, IndexWriteUnits: 1, BytesWritten: 1031}},
	{"an index entry of 1025 bytes", nil, put(store.Write{Record: owned(sized("a", 1, 20), long(1012), "s")}), store.Usage{Puts: 1, TableWriteUnits: 2, IndexWriteUnits: 2, BytesWritten: 1039}},

	{"transaction of one put", nil, putAll(store.Write{Record: sized("a", 1, 1025)}), store.Usage{PutAlls: 1, TableWriteUnits: 4, BytesWritten: 1025}},
	{"transaction of put, delete and check", []store.Record{sized("b", 1, 3000), sized("c", 1, 100)},
		putAll(store.Write{Record: owned(sized("a", 1, 100), "o", "s")}, store.Write{Record: gone("b"), Expect: 1, Delete: true}, store.Write{Record: gone("c"), Expect: 1, Check: true}),
		store.Usage{PutAlls: 1, TableWriteUnits: 2 + 6 + 2, IndexWriteUnits: 1, BytesWritten: 108}},
	{"cancelled transaction", []store.Record{sized("b", 1, 3000)},
		putAll(store.Write{Record: owned(sized("a", 1, 100), "o", "s")}, store.Write{Record: gone("b"), Expect: 9, Check: true}),
		store.Usage{PutAlls: 1, TableWriteUnits: 2 + 6, Lost: 1}},

	{"page of three records rounded once", []store.Record{sized("a", 1, 1500), sized("b", 1, 1500), sized("c", 1, 1500)}, list(store.Query{Partition: "p", Strong: true}), store.Usage{Lists: 1, ReadUnits: 2, BytesRead: 4500}},
	{"page of two by its limit", []store.Record{sized("a", 1, 1500), sized("b", 1, 1500), sized("c", 1, 1500)}, list(store.Query{Partition: "p", Strong: true, Limit: 2}), store.Usage{Lists: 1, ReadUnits: 1, BytesRead: 3000}},
	{"page eventual", []store.Record{sized("a", 1, 5000)}, list(store.Query{Partition: "p"}), store.Usage{Lists: 1, ReadUnits: 1, BytesRead: 5000}},
	{"empty page", nil, list(store.Query{Partition: "p"}), store.Usage{Lists: 1, ReadUnits: 0.5}},
	{"page of the owner index counts keys alone", []store.Record{owned(sized("a", 1, 5000), "o", "s"), owned(sized("b", 1, 5000), "o", "t")}, list(store.Query{Index: store.ByOwner, Partition: "o"}), store.Usage{Lists: 1, ReadUnits: 0.5, BytesRead: 28}},
	{"page of the due index counts keys alone", []store.Record{due(sized("a", 1, 5000), 9)}, list(store.Query{Index: store.DueIndex, Partition: "15", Until: 9}), store.Usage{Lists: 1, ReadUnits: 0.5, BytesRead: 15}},

	{"the stream is free", nil, func(ctx context.Context, s store.Store) error { _, _, err := s.Changes(ctx, "", 0); return err }, store.Usage{Changes: 1}},
}

func TestACallCostsWhatDynamoDBAsks(t *testing.T) {
	for _, p := range prices {
		inner, meter := memory.New(), &store.Meter{}
		for _, r := range p.held {
			_, ok, err := inner.Put(t.Context(), store.Write{Record: r})
			require.NoError(t, err)
			require.True(t, ok)
		}
		require.NoError(t, p.call(t.Context(), store.Metered(inner, meter)), p.name)
		require.Equal(t, p.want, meter.Total(), p.name)
	}
}

func TestAGetOf250KeysIsThreeRequests(t *testing.T) {
	meter := &store.Meter{}
	var sorts []string
	for i := range 250 {
		sorts = append(sorts, fmt.Sprint(i))
	}
	require.NoError(t, get(false, sorts...)(t.Context(), store.Metered(memory.New(), meter)))
	require.Equal(t, store.Usage{Gets: 3, ReadUnits: 125}, meter.Total())
}

func TestACallThatIsRefusedCostsNothing(t *testing.T) {
	meter := &store.Meter{}
	err := put(store.Write{Record: sized("a", 0, 20)})(t.Context(), store.Metered(memory.New(), meter))
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.Equal(t, store.Usage{Puts: 1}, meter.Total())
}

func TestCostsAreToldApartByLabel(t *testing.T) {
	meter := &store.Meter{}
	s := store.Metered(memory.New(), meter)
	order := store.WithLabel(t.Context(), "order")
	require.NoError(t, put(store.Write{Record: sized("a", 1, 2000)})(order, s))
	require.NoError(t, get(true, "a")(store.WithLabel(order, "sweep"), s))
	require.NoError(t, get(true, "a")(t.Context(), s))
	read := store.Usage{Gets: 1, ReadUnits: 1, BytesRead: 2000}
	require.Equal(t, map[string]store.Usage{
		"order": {Puts: 1, TableWriteUnits: 2, BytesWritten: 2000}, "sweep": read, "": read,
	}, meter.ByLabel())
	require.EqualValues(t, 3, meter.Total().Calls())
	require.EqualValues(t, 2, meter.Total().WriteUnits())
	meter.Reset()
	require.Equal(t, store.Usage{}, meter.Total())
}

// Racing writers of growing and shrinking records: each success must be billed
// by what it truly replaced, which the change feed knows.
func TestWritersWhoRaceAreBilledByWhatTheyReplaced(t *testing.T) {
	inner, meter := memory.New(), &store.Meter{}
	s := store.Metered(inner, meter)
	var group sync.WaitGroup
	for client := range 8 {
		group.Go(func() {
			for i := range 200 {
				r := due(sized("a", int64(client*1000+i+1), 20+1000*(client+i)%9000), int64(i%3+1))
				if i%2 == 0 {
					s.Put(t.Context(), store.Write{Record: r, Expect: store.Anyhow})
				} else {
					s.PutAll(t.Context(), []store.Write{{Record: r, Expect: store.Anyhow}})
				}
			}
		})
	}
	group.Wait()
	changes, _, err := inner.Changes(t.Context(), "", 10_000)
	require.NoError(t, err)
	require.Len(t, changes, 1600)
	var table, index int64
	for _, c := range changes {
		size := max(c.New.Size(), c.Old.Size())
		units := int64(size+1023) / 1024
		if c.New.Version%2 == 0 { // i was odd: a transaction
			units *= 2
		}
		table += units
		switch {
		case c.Old.Version == 0:
			index++
		case c.Old.Due != c.New.Due:
			index += 2
		}
	}
	require.Equal(t, table, meter.Total().TableWriteUnits)
	require.Equal(t, index, meter.Total().IndexWriteUnits)
}

func TestAMeteredStoreKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.Metered(memory.New(), &store.Meter{}) })
}
