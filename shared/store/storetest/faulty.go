package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// Fault is one way in which a call of a store goes wrong. The list is closed;
// every fault that a simulation asks for must have fired (Faulty.Fired).
type Fault uint8

// The faults. The errors are all fault.Transient, as the contract says: a
// caller cannot tell LostRequest from LostReply, and must not need to.
const (
	NoFault     Fault = iota
	LostRequest       // an error; nothing happened
	LostReply         // an error, of a write that happened
	Throttled         // an error; nothing happened, the store is busy
	Conflict          // an error of a write; a transaction had its record
	StaleRead         // a read that is not strong answers as if the last write of each record had not been
	CrashBefore       // the process ends before the call does anything
	CrashAfter        // the process ends after a write happened, before it is told
	faultCount
)

var faultNames = [faultCount]string{
	NoFault: "none", LostRequest: "lost request", LostReply: "lost reply", Throttled: "throttled",
	Conflict: "transaction conflict", StaleRead: "stale read", CrashBefore: "crash before", CrashAfter: "crash after",
}

// String returns the fault's name.
func (f Fault) String() string { return faultNames[f] }

// Faults returns all of them but NoFault.
func Faults() []Fault {
	var all []Fault
	for f := LostRequest; f < faultCount; f++ {
		all = append(all, f)
	}
	return all
}

// Call is one call of a store, for a Plan to decide on.
type Call struct {
	N      int // from 1
	Method string
	Write  bool // Put or PutAll
	Weak   bool // Get or List that is not strong
}

// Suits reports whether the fault can happen to such a call.
func (c Call) Suits(f Fault) bool {
	switch f {
	case LostReply, Conflict, CrashAfter:
		return c.Write
	case StaleRead:
		return c.Weak
	}
	return f != NoFault
}

// Plan decides which fault happens to a call; one that does not suit it is no
// fault. It is called by one goroutine at a time, in the order of Call.N.
type Plan func(Call) Fault

// Never is the plan without faults.
func Never(Call) Fault { return NoFault }

// At returns the plan that lets the fault happen to call n alone.
func At(n int, f Fault) Plan {
	return func(c Call) Fault {
		if c.N == n {
			return f
		}
		return NoFault
	}
}

// Rates are the probabilities of the faults per call they suit; their sum is
// at most 1.
type Rates [faultCount]float64

// Random returns a plan drawn from the seed: the same seed and calls make the
// same faults.
func Random(seed uint64, rates Rates) Plan {
	random := rand.New(rand.NewPCG(seed, 0))
	return func(c Call) Fault {
		left := random.Float64()
		for f := LostRequest; f < faultCount; f++ {
			if !c.Suits(f) {
				continue
			}
			if left < rates[f] {
				return f
			}
			left -= rates[f]
		}
		return NoFault
	}
}

// Crash is what Faulty panics with when the process is to end: whoever plays
// the process recovers it.
type Crash struct {
	Fault Fault
	Call  Call
}

// String says where the crash was.
func (c Crash) String() string {
	return fmt.Sprintf("%s call %d (%s)", c.Fault, c.Call.N, c.Call.Method)
}

// Faulty is a store that fails by plan and is lawful otherwise. It is safe for
// concurrent use; only one caller at a time makes it repeatable. A
// store.Metered belongs inside it: what is billed is what truly happened.
type Faulty struct {
	inner store.Store

	mu     sync.Mutex
	plan   Plan
	calls  int
	fired  [faultCount]int
	before map[store.Key]store.Record // what a record was before its last write through Faulty
}

// NewFaulty wraps a store.
func NewFaulty(inner store.Store, plan Plan) *Faulty {
	return &Faulty{inner: inner, plan: plan, before: map[store.Key]store.Record{}}
}

// SetPlan replaces the plan from the next call on; Call.N goes on counting.
func (f *Faulty) SetPlan(plan Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = plan
}

// Calls returns how many calls were made.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// Fired returns how often each fault made a difference, by name, also 0. A
// reply that told of a lost condition was no LostReply, and a StaleRead found
// something stale.
func (f *Faulty) Fired() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	by := make(map[string]int, faultCount)
	for _, fault := range Faults() {
		by[fault.String()] = f.fired[fault]
	}
	return by
}

// begin decides the call's fault and lets those happen that keep the call from
// doing anything.
func (f *Faulty) begin(c Call) (Call, Fault, error) {
	f.mu.Lock()
	f.calls++
	c.N = f.calls
	planned := f.plan(c)
	f.mu.Unlock()
	if !c.Suits(planned) {
		return c, NoFault, nil
	}
	switch planned {
	case LostRequest, Throttled, Conflict:
		f.fire(planned)
		return c, planned, failure(planned, c)
	case CrashBefore:
		f.fire(planned)
		panic(Crash{planned, c})
	}
	return c, planned, nil
}

// end lets those faults happen that follow a write; changed says whether the
// write did anything.
func (f *Faulty) end(c Call, planned Fault, changed bool) error {
	if changed && (planned == LostReply || planned == CrashAfter) {
		f.fire(planned)
	}
	switch planned {
	case LostReply:
		return failure(planned, c)
	case CrashAfter:
		panic(Crash{planned, c})
	}
	return nil
}

func (f *Faulty) fire(planned Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fired[planned]++
}

func failure(planned Fault, c Call) error {
	return fault.New(fault.Transient, "STORE_FAULT", "%s at call %d (%s)", planned, c.N, c.Method)
}

// Put implements store.Store.
func (f *Faulty) Put(ctx context.Context, w store.Write) (store.Record, bool, error) {
	c, planned, err := f.begin(Call{Method: "Put", Write: true})
	if err != nil {
		return store.Record{}, false, err
	}
	before := f.images(ctx, w)
	current, ok, err := f.inner.Put(ctx, w)
	if err != nil {
		return current, ok, err
	}
	f.remember(before, ok)
	if err := f.end(c, planned, ok); err != nil {
		return store.Record{}, false, err
	}
	return current, ok, nil
}

// PutAll implements store.Store.
func (f *Faulty) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	c, planned, err := f.begin(Call{Method: "PutAll", Write: true})
	if err != nil {
		return false, err
	}
	before := f.images(ctx, writes...)
	ok, err := f.inner.PutAll(ctx, writes)
	if err != nil {
		return ok, err
	}
	f.remember(before, ok)
	if err := f.end(c, planned, ok); err != nil {
		return false, err
	}
	return ok, nil
}

// Get implements store.Store.
func (f *Faulty) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	_, planned, err := f.begin(Call{Method: "Get", Weak: !strong})
	if err != nil {
		return nil, err
	}
	got, err := f.inner.Get(ctx, strong, keys...)
	if err == nil && planned == StaleRead {
		f.age(keys, got)
	}
	return got, err
}

// List implements store.Store. A stale page of an index lacks the records that
// were inserted last; one that moved within the index stands where it is now.
func (f *Faulty) List(ctx context.Context, q store.Query) ([]store.Record, string, error) {
	_, planned, err := f.begin(Call{Method: "List", Weak: !q.Strong})
	if err != nil {
		return nil, "", err
	}
	page, next, err := f.inner.List(ctx, q)
	if err != nil || planned != StaleRead {
		return page, next, err
	}
	keys := make([]store.Key, len(page))
	old := make([]store.Record, len(page))
	for i := range page {
		keys[i], old[i] = page[i].Key, page[i]
	}
	f.age(keys, old)
	kept := page[:0]
	for i := range old {
		switch {
		case old[i].Key == store.Key{}: // not there yet
		case q.Index == store.Main:
			kept = append(kept, old[i])
		default:
			kept = append(kept, page[i])
		}
	}
	return kept, next, nil
}

// Changes implements store.Store.
func (f *Faulty) Changes(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
	if _, _, err := f.begin(Call{Method: "Changes"}); err != nil {
		return nil, cursor, err
	}
	return f.inner.Changes(ctx, cursor, limit)
}

// age replaces each record by what it was before its last write.
func (f *Faulty) age(keys []store.Key, got []store.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stale := false
	for i, key := range keys {
		if old, written := f.before[key]; written {
			got[i], stale = old.Clone(), true
		}
	}
	if stale {
		f.fired[StaleRead]++
	}
}

// images returns what the writes are about to change.
func (f *Faulty) images(ctx context.Context, writes ...store.Write) map[store.Key]store.Record {
	var keys []store.Key
	for i := range writes {
		if !writes[i].Check {
			keys = append(keys, writes[i].Record.Key)
		}
	}
	got, err := f.inner.Get(ctx, true, keys...)
	if err != nil {
		return nil // the write fails for the same reason, or is merely never seen stale
	}
	by := make(map[store.Key]store.Record, len(keys))
	for i, key := range keys {
		by[key] = got[i]
	}
	return by
}

func (f *Faulty) remember(before map[store.Key]store.Record, changed bool) {
	if !changed {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, old := range before {
		f.before[key] = old
	}
}
