package store

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Usage is what calls cost on DynamoDB, on demand, counted by its published
// rules and not by what an emulator says.
//
// Source: DynamoDB developer guide, "Read and write operations" and "Item sizes
// and formats"; a check in a transaction and a failed condition as measured by
// others, see performance.md 1.1.
type Usage struct {
	ReadUnits       float64 // an eventual read is half a unit
	TableWriteUnits int64
	IndexWriteUnits int64

	Gets, Puts, PutAlls, Lists, Changes int64 // requests; a Get is one per 100 keys
	BytesRead, BytesWritten             int64 // of records, by Record.Size
	Lost                                int64 // writes and transactions whose condition did not hold
}

// WriteUnits returns the units of the table and of its indexes together.
func (u Usage) WriteUnits() int64 { return u.TableWriteUnits + u.IndexWriteUnits }

// Calls returns the requests of all methods together.
func (u Usage) Calls() int64 { return u.Gets + u.Puts + u.PutAlls + u.Lists + u.Changes }

// Plus returns the sum.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		ReadUnits:       u.ReadUnits + v.ReadUnits,
		TableWriteUnits: u.TableWriteUnits + v.TableWriteUnits,
		IndexWriteUnits: u.IndexWriteUnits + v.IndexWriteUnits,
		Gets:            u.Gets + v.Gets, Puts: u.Puts + v.Puts, PutAlls: u.PutAlls + v.PutAlls,
		Lists: u.Lists + v.Lists, Changes: u.Changes + v.Changes,
		BytesRead: u.BytesRead + v.BytesRead, BytesWritten: u.BytesWritten + v.BytesWritten,
		Lost: u.Lost + v.Lost,
	}
}

// label is the context key of WithLabel.
type label struct{}

// WithLabel names what the calls made with the context are for, so that a
// Meter can tell uses apart; an inner name replaces an outer one.
func WithLabel(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, label{}, name)
}

// Meter adds up what the calls of Metered stores cost, by label. Its zero value
// is ready; it is safe for concurrent use.
type Meter struct {
	mu sync.Mutex
	by map[string]Usage
}

// Total returns what all calls cost since the last Reset.
func (m *Meter) Total() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	var total Usage
	for _, u := range m.by {
		total = total.Plus(u)
	}
	return total
}

// ByLabel returns the cost per label; calls without one are under "".
func (m *Meter) ByLabel() map[string]Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.by)
}

// Reset begins again at zero.
func (m *Meter) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.by = nil
}

func (m *Meter) add(ctx context.Context, u Usage) {
	name, _ := ctx.Value(label{}).(string)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil {
		m.by = map[string]Usage{}
	}
	m.by[name] = m.by[name].Plus(u)
}

// Metered returns s with its calls counted by m. A call that fails counts as a
// request and costs nothing: what a store refuses to do is not billed, and a
// store that fails on purpose belongs outside the meter.
//
// A write is billed by what it replaces, so the meter reads that first,
// uncounted, and lets writers of one record pass one at a time: exact as long
// as everybody writes through it.
func Metered(s Store, m *Meter) Store { return &metered{inner: s, meter: m} }

type metered struct {
	inner Store
	meter *Meter
	locks [64]sync.Mutex // a write holds those of its records
}

// hold locks the records of the writes, in one order for all, and returns how
// to let go.
func (s *metered) hold(writes ...Write) (release func()) {
	var stripes []int
	for i := range writes {
		stripes = append(stripes, int(hash(writes[i].Record.Key.Partition)%uint32(len(s.locks))))
	}
	slices.Sort(stripes)
	stripes = slices.Compact(stripes)
	for _, i := range stripes {
		s.locks[i].Lock()
	}
	return func() {
		for _, i := range stripes {
			s.locks[i].Unlock()
		}
	}
}

// before returns what is stored under the writes' keys.
func (s *metered) before(ctx context.Context, writes ...Write) ([]Record, error) {
	keys := make([]Key, len(writes))
	for i := range writes {
		keys[i] = writes[i].Record.Key
	}
	return s.inner.Get(ctx, true, keys...)
}

// Put implements Store.
func (s *metered) Put(ctx context.Context, w Write) (current Record, ok bool, err error) {
	cost := Usage{Puts: 1}
	defer func() { s.meter.add(ctx, cost) }()
	defer s.hold(w)()
	old := []Record{{}}
	if w.Expect != Absent { // else there is nothing to replace
		if old, err = s.before(ctx, w); err != nil {
			return Record{}, false, err
		}
	}
	current, ok, err = s.inner.Put(ctx, w)
	switch {
	case err != nil:
	case ok:
		cost.TableWriteUnits = writeUnits(&old[0], w.after())
		cost.IndexWriteUnits = indexUnits(&old[0], w.after())
		cost.BytesWritten = int64(w.after().size())
	default:
		cost.TableWriteUnits = writeUnits(&current, &Record{})
		cost.Lost = 1
	}
	return current, ok, err
}

// PutAll implements Store. A transaction writes each record twice, prepare and
// commit, and is billed whether its conditions held or not; its index entries
// are written once, afterwards.
func (s *metered) PutAll(ctx context.Context, writes []Write) (ok bool, err error) {
	cost := Usage{PutAlls: 1}
	defer func() { s.meter.add(ctx, cost) }()
	defer s.hold(writes...)()
	old, err := s.before(ctx, writes...)
	if err != nil {
		return false, err
	}
	ok, err = s.inner.PutAll(ctx, writes)
	if err != nil {
		return false, err
	}
	for i := range writes {
		w := &writes[i]
		if w.Check {
			cost.TableWriteUnits += 2 * writeUnits(&old[i], &Record{})
			continue
		}
		cost.TableWriteUnits += 2 * writeUnits(&old[i], w.after())
		if ok {
			cost.IndexWriteUnits += indexUnits(&old[i], w.after())
			cost.BytesWritten += int64(w.after().size())
		}
	}
	if !ok {
		cost.Lost = 1
	}
	return ok, nil
}

// Get implements Store. Each record is rounded up alone; a missing one costs
// the least there is, a repeated key is read once.
func (s *metered) Get(ctx context.Context, strong bool, keys ...Key) ([]Record, error) {
	got, err := s.inner.Get(ctx, strong, keys...)
	cost := Usage{}
	seen := make(map[Key]bool, len(keys))
	for i := range got {
		if !seen[keys[i]] {
			seen[keys[i]] = true
			cost.ReadUnits += readUnits(got[i].size(), strong)
			cost.BytesRead += int64(got[i].size())
		}
	}
	cost.Gets = max(1, ceil(len(seen), batchGetKeys))
	if len(keys) == 0 {
		cost.Gets = 0
	}
	s.meter.add(ctx, cost)
	return got, err
}

// List implements Store. A page is rounded up as a whole.
func (s *metered) List(ctx context.Context, q Query) ([]Record, string, error) {
	page, next, err := s.inner.List(ctx, q)
	cost, bytes := Usage{Lists: 1}, 0
	for i := range page {
		bytes += entrySize(q.Index, &page[i])
	}
	if err == nil {
		cost.ReadUnits, cost.BytesRead = readUnits(bytes, q.Strong), int64(bytes)
	}
	s.meter.add(ctx, cost)
	return page, next, err
}

// Changes implements Store. A function that is fed by the stream pays nothing
// for reading it.
func (s *metered) Changes(ctx context.Context, cursor string, limit int) ([]Change, string, error) {
	s.meter.add(ctx, Usage{Changes: 1})
	return s.inner.Changes(ctx, cursor, limit)
}

// The units of DynamoDB.
const (
	writeUnitBytes = 1 << 10
	readUnitBytes  = 4 << 10
	batchGetKeys   = 100 // of one BatchGetItem
)

func ceil(n, unit int) int64 { return int64((n + unit - 1) / unit) }

// size is Size, or 0 for a record that is not there.
func (r *Record) size() int {
	if r.Version == 0 {
		return 0
	}
	return r.Size()
}

// after is what a write leaves.
func (w *Write) after() *Record {
	if w.Delete {
		return &Record{}
	}
	return &w.Record
}

// writeUnits is billed by the larger of before and after, a missing record
// as the smallest.
func writeUnits(before, after *Record) int64 {
	return max(1, ceil(max(before.size(), after.size()), writeUnitBytes))
}

func readUnits(bytes int, strong bool) float64 {
	units := float64(max(1, ceil(bytes, readUnitBytes)))
	if !strong {
		units /= 2
	}
	return units
}

// indexUnits is the cost in both indexes: an entry comes, goes, or does both
// when it moves; an entry that stays is not written, whatever else changed.
func indexUnits(before, after *Record) (units int64) {
	for _, index := range []Index{ByOwner, DueIndex} {
		was, is := entrySize(index, before), entrySize(index, after)
		if was != 0 && is != 0 && sameEntry(index, before, after) {
			continue
		}
		units += ceil(was, writeUnitBytes) + ceil(is, writeUnitBytes)
	}
	return units
}

func sameEntry(index Index, a, b *Record) bool {
	if index == ByOwner {
		return a.Owner == b.Owner && a.OwnerSort == b.OwnerSort
	}
	return a.Due == b.Due
}

// entrySize is what a record takes in an index: all of it in Main, its key and
// the index's own elsewhere, 0 where it has no entry.
func entrySize(index Index, r *Record) int {
	key := len(AttrPartition) + len(r.Key.Partition) + len(AttrSort) + len(r.Key.Sort)
	switch {
	case index == Main:
		return r.size()
	case index == ByOwner && r.Owner != "":
		return key + ownerSize(r)
	case index == DueIndex && r.Due != 0:
		return key + dueSize(r)
	}
	return 0
}
