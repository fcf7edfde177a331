package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

var raceLaws = []law{
	{"of many writers that expect no record one wins", oneCreates},
	{"compare and swap loses no increment", increments},
	{"concurrent transactions keep the sum", transfers},
	{"strong reads and conditional writes are linearizable", linearizable},
}

// all runs n clients at once and requires that none failed.
func (s *subject) all(n int, client func(ctx context.Context, i int) error) {
	s.Helper()
	var group sync.WaitGroup
	failed := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			failed[i] = client(s.ctx(), i)
		})
	}
	close(start)
	group.Wait()
	require.NoError(s, errors.Join(failed...))
}

func oneCreates(s *subject) {
	for round := range 20 {
		var winners atomic.Int64
		s.all(8, func(ctx context.Context, i int) error {
			_, ok, err := s.Put(ctx, store.Write{Record: s.record(fmt.Sprint("k", round), int64(i+1))})
			if ok {
				winners.Add(1)
			}
			return err
		})
		require.EqualValues(s, 1, winners.Load())
	}
}

// increments counts in an attribute and in the version; a lost race goes on
// from the record it was answered.
func increments(s *subject) {
	const clients, each = 8, 25
	var lost atomic.Int64
	s.all(clients, func(ctx context.Context, _ int) error {
		current := store.Record{}
		for done := 0; done < each; {
			next := store.Record{Key: s.key("counter"), Version: current.Version + 1, Attrs: []store.Attr{store.Int("n", current.Attr("n").Int+1)}}
			stored, ok, err := s.Put(ctx, store.Write{Record: next, Expect: current.Version})
			switch {
			case err != nil:
				return err
			case ok:
				current = next
				done++
			default:
				current = stored
				lost.Add(1)
			}
		}
		return nil
	})
	got := s.load(s.key("counter"))
	require.EqualValues(s, clients*each, got.Version)
	require.EqualValues(s, clients*each, got.Attr("n").Int)
	require.Positive(s, lost.Load(), "nobody lost: there was no race")
	s.chain(first(s.follow("", 0, until(s.key("counter"), clients*each))))
}

func first(changes []store.Change, _ []string, _ []int) []store.Change { return changes }

// transfers move units between accounts in transactions of two; a conflict
// leaves the outcome unknown, and either is right.
func transfers(s *subject) {
	const accounts, opening = 4, 1000
	for i := range accounts {
		s.put(store.Record{Key: s.key(fmt.Sprint(i)), Version: 1, Attrs: []store.Attr{store.Int("n", opening)}})
	}
	var moved, lost atomic.Int64
	s.all(6, func(ctx context.Context, client int) error {
		random := rand.New(rand.NewPCG(7, uint64(client)))
		for range 25 {
			ok, err := s.transfer(ctx, random.Perm(accounts), int64(random.IntN(50)+1))
			switch {
			case err != nil && fault.Of(err) != fault.Transient:
				return err
			case ok:
				moved.Add(1)
			default:
				lost.Add(1)
			}
		}
		return nil
	})
	var sum, versions int64
	for i := range accounts {
		r := s.load(s.key(fmt.Sprint(i)))
		sum += r.Attr("n").Int
		versions += r.Version - 1
	}
	require.EqualValues(s, accounts*opening, sum)
	require.GreaterOrEqual(s, versions, 2*moved.Load())
	require.Positive(s, moved.Load())
	s.Logf("%d transfers, %d lost", moved.Load(), lost.Load())
}

func (s *subject) transfer(ctx context.Context, accounts []int, units int64) (bool, error) {
	got, err := s.Get(ctx, true, s.key(fmt.Sprint(accounts[0])), s.key(fmt.Sprint(accounts[1])))
	if err != nil {
		return false, err
	}
	var writes []store.Write
	for i, change := range []int64{-units, units} {
		next := store.Record{Key: got[i].Key, Version: got[i].Version + 1, Attrs: []store.Attr{store.Int("n", got[i].Attr("n").Int+change)}}
		writes = append(writes, store.Write{Record: next, Expect: got[i].Version})
	}
	return s.PutAll(ctx, writes)
}

// operation is one call of a history on one key: a strong read, or a write of
// version on condition.
type operation struct {
	key     store.Key
	write   bool
	expect  int64
	version int64
}

// outcome is what came back: the stored version, and whether a write won.
type outcome struct {
	version int64
	ok      bool
}

// register is the sequential law: the state is the stored version.
var register = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[store.Key][]porcupine.Operation{}
		for _, o := range history {
			key := o.Input.(operation).key
			by[key] = append(by[key], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		stored, in, out := state.(int64), input.(operation), output.(outcome)
		w := store.Write{Expect: in.expect}
		switch {
		case !in.write:
			return out.version == stored, stored
		case w.Holds(stored):
			return out.ok, in.version
		}
		return !out.ok && out.version == stored, stored
	},
}

// linearizable checks histories of real concurrent clients. Time is a counter
// that ticks before and after each call, which orders calls as a clock would.
func linearizable(s *subject) {
	const clients, calls = 8, 60
	var clock, versions atomic.Int64
	histories := make([][]porcupine.Operation, clients)
	s.all(clients, func(ctx context.Context, client int) error {
		random := rand.New(rand.NewPCG(11, uint64(client)))
		seen := map[store.Key]int64{}
		for range calls {
			in := s.draw(random, seen)
			if in.write {
				in.version = versions.Add(1)
			}
			called := clock.Add(1)
			out, err := s.perform(ctx, in)
			if err != nil {
				return err
			}
			histories[client] = append(histories[client], porcupine.Operation{
				ClientId: client, Input: in, Call: called, Output: out, Return: clock.Add(1)})
			seen[in.key] = out.version
		}
		return nil
	})
	verdict := porcupine.CheckOperationsTimeout(register, slices.Concat(histories...), time.Minute)
	require.Equal(s, porcupine.Ok, verdict)
}

// draw invents the next call of a client that remembers what it saw last.
func (s *subject) draw(random *rand.Rand, seen map[store.Key]int64) operation {
	in := operation{key: s.key(fmt.Sprint(random.IntN(2)))}
	in.write = random.IntN(2) == 0
	in.expect = seen[in.key]
	if random.IntN(8) == 0 {
		in.expect = []int64{store.Anyhow, store.Present, store.Absent}[random.IntN(3)]
	}
	return in
}

func (s *subject) perform(ctx context.Context, in operation) (outcome, error) {
	if !in.write {
		got, err := s.Get(ctx, true, in.key)
		if err != nil {
			return outcome{}, err
		}
		return outcome{version: got[0].Version}, nil
	}
	r := store.Record{Key: in.key, Version: in.version}
	current, ok, err := s.Put(ctx, store.Write{Record: r, Expect: in.expect})
	if ok {
		current.Version = in.version
	}
	return outcome{version: current.Version, ok: ok}, err
}
