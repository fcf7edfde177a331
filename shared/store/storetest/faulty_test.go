package storetest_test

// Drives Faulty over the memory store: a fault that did something other than
// its name, or was counted without having happened, would show here.

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/store/storetest"
)

func record(sort string, version int64) store.Record {
	return store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: version, Owner: "o", OwnerSort: sort}
}

func TestAFaultyStoreWithoutFaultsKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return storetest.NewFaulty(memory.New(), storetest.Never) })
}

func TestEachFaultDoesWhatItsNameSays(t *testing.T) {
	crash := errors.New("crashed")
	cases := []struct {
		fault    storetest.Fault
		happened bool
		kind     fault.Kind
	}{
		{storetest.LostRequest, false, fault.Transient},
		{storetest.LostReply, true, fault.Transient},
		{storetest.Throttled, false, fault.Transient},
		{storetest.Conflict, false, fault.Transient},
		{storetest.CrashBefore, false, fault.Internal},
		{storetest.CrashAfter, true, fault.Internal},
	}
	writes := map[string]func(s store.Store) (bool, error){
		"Put": func(s store.Store) (bool, error) {
			_, ok, err := s.Put(t.Context(), store.Write{Record: record("k", 1)})
			return ok, err
		},
		"PutAll": func(s store.Store) (bool, error) {
			return s.PutAll(t.Context(), []store.Write{{Record: record("k", 1)}})
		},
	}
	for _, c := range cases {
		for method, write := range writes {
			inner := memory.New()
			faulty := storetest.NewFaulty(inner, storetest.At(1, c.fault))
			ok, err := func() (ok bool, err error) {
				defer func() {
					if p, crashed := recover().(storetest.Crash); crashed {
						require.Equal(t, c.fault, p.Fault)
						err = crash
					}
				}()
				return write(faulty)
			}()
			require.False(t, ok)
			require.Equal(t, c.kind, fault.Of(err), "%s %s: %v", c.fault, method, err)
			got, _ := inner.Get(t.Context(), true, record("k", 1).Key)
			require.Equal(t, c.happened, got[0].Version == 1, "%s %s", c.fault, method)
			require.Equal(t, 1, faulty.Fired()[c.fault.String()])
			require.Equal(t, 1, faulty.Calls())

			ok, err = write(faulty)
			require.NoError(t, err)
			require.Equal(t, !c.happened, ok, "the second call has no fault")
		}
	}
}

func TestAReplyThatToldOfNothingIsNoLostReply(t *testing.T) {
	faulty := storetest.NewFaulty(memory.New(), storetest.At(1, storetest.LostReply))
	_, _, err := faulty.Put(t.Context(), store.Write{Record: record("k", 1), Expect: 7})
	require.True(t, fault.Is(err, fault.Transient))
	require.Zero(t, faulty.Fired()["lost reply"])
}

func TestAStaleReadAnswersAsBeforeTheLastWrite(t *testing.T) {
	faulty := storetest.NewFaulty(memory.New(), storetest.Never)
	for version := range int64(2) {
		_, ok, err := faulty.Put(t.Context(), store.Write{Record: record("k", version+1), Expect: version})
		require.NoError(t, err)
		require.True(t, ok)
	}
	_, _, err := faulty.Put(t.Context(), store.Write{Record: record("new", 1)})
	require.NoError(t, err)
	faulty.SetPlan(func(storetest.Call) storetest.Fault { return storetest.StaleRead })

	got, err := faulty.Get(t.Context(), false, record("k", 0).Key, record("new", 0).Key)
	require.NoError(t, err)
	require.EqualValues(t, 1, got[0].Version)
	require.Zero(t, got[1].Version)
	got, err = faulty.Get(t.Context(), true, record("k", 0).Key)
	require.NoError(t, err)
	require.EqualValues(t, 2, got[0].Version, "a strong read is never stale")

	page, _, err := faulty.List(t.Context(), store.Query{Partition: "p"})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.EqualValues(t, 1, page[0].Version)
	page, _, err = faulty.List(t.Context(), store.Query{Index: store.ByOwner, Partition: "o"})
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, store.Record{Key: record("k", 0).Key, Owner: "o", OwnerSort: "k"}, page[0], "an index page holds keys only, stale or not")
	page, _, err = faulty.List(t.Context(), store.Query{Partition: "p", Strong: true})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, 3, faulty.Fired()["stale read"])
}

// script makes the same calls on a store and returns which failed, and how.
func script(t *testing.T, faulty *storetest.Faulty) (trace []string) {
	for i := range int64(400) {
		func() {
			defer func() {
				if p, crashed := recover().(storetest.Crash); crashed {
					trace = append(trace, p.String())
				}
			}()
			var err error
			switch i % 3 {
			case 0:
				_, _, err = faulty.Put(t.Context(), store.Write{Record: record("k", i+1), Expect: store.Anyhow})
			case 1:
				_, err = faulty.PutAll(t.Context(), []store.Write{{Record: record("k", i+1), Expect: store.Anyhow}})
			case 2:
				_, err = faulty.Get(t.Context(), false, record("k", 1).Key)
			}
			if err != nil {
				trace = append(trace, err.Error())
			}
		}()
	}
	return trace
}

func TestOneSeedMakesOneTraceAndFiresEveryFault(t *testing.T) {
	var rates storetest.Rates
	for _, f := range storetest.Faults() {
		rates[f] = 0.05
	}
	run := func(seed uint64) ([]string, *storetest.Faulty) {
		faulty := storetest.NewFaulty(memory.New(), storetest.Random(seed, rates))
		return script(t, faulty), faulty
	}
	one, faulty := run(1)
	again, _ := run(1)
	other, _ := run(2)
	require.Equal(t, one, again)
	require.NotEqual(t, one, other)
	require.Len(t, faulty.Fired(), len(storetest.Faults()))
	for name, times := range faulty.Fired() {
		require.Positive(t, times, name)
	}
}
