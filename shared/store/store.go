// Package store is the contract between the engine and the database: records
// with a version, one conditional write as the commit point, two sparse
// indexes and a change feed. It holds the contract, the keys, the codecs of
// the records and the conformance suite (storetest); dynamo, sqlite and memory
// implement it. It knows no rule of the business.
package store

import (
	"context"
	"slices"
)

// Key names a record. Records with the same Partition are stored together and
// are listed in the byte order of Sort.
type Key struct{ Partition, Sort string }

// DueShard returns the partition of the due index that holds key: FNV-1a of
// Key.Partition (32 bits) modulo DueShards. It is stored, so it never changes.
func DueShard(key Key) int { return int(hash(key.Partition) % DueShards) }

// hash is FNV-1a with its published parameters.
func hash(text string) uint32 {
	const offset, prime = 2166136261, 16777619
	h := uint32(offset)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * prime
	}
	return h
}

// Attr is one named value of a record: exactly one of a whole number, a text
// or bytes. Names count towards the record's size, as they do in DynamoDB.
type Attr struct {
	Name  string
	Kind  AttrKind
	Int   int64
	Text  string
	Bytes []byte
}

// AttrKind says which value an Attr holds.
type AttrKind uint8

// The kinds of an Attr.
const (
	IntAttr AttrKind = iota
	TextAttr
	BytesAttr
)

// Int, Text and Bytes make an Attr.
func Int(name string, v int64) Attr    { return Attr{Name: name, Kind: IntAttr, Int: v} }
func Text(name, v string) Attr         { return Attr{Name: name, Kind: TextAttr, Text: v} }
func Bytes(name string, v []byte) Attr { return Attr{Name: name, Kind: BytesAttr, Bytes: v} }

// Record is one item of the table.
//
// Version is the write condition: it is chosen by the writer, above zero, and
// a reader that gets Version 0 got nothing. Attrs keep the order they were
// written in on one store; a reader must look them up by name.
//
// Owner and OwnerSort place the record in the by-seller index, Due in the due
// index; a record with empty values is in neither (both indexes are sparse and
// hold keys only). Expires is when the store may delete the record on its own;
// it may do so late or never, so a reader compares the time itself.
type Record struct {
	Key       Key
	Version   int64
	Attrs     []Attr
	Owner     string // by-seller partition: seller#marketplace
	OwnerSort string // by-seller sort: the SKU
	Due       int64  // hour since 1970 UTC in which a sweep must look at it; 0 = never
	Expires   int64  // unix seconds; 0 = never
}

// Attr returns the named value; its zero value when the record has none.
func (r *Record) Attr(name string) Attr {
	for i := range r.Attrs {
		if r.Attrs[i].Name == name {
			return r.Attrs[i]
		}
	}
	return Attr{}
}

// Clone returns a record that shares no memory with r.
func (r *Record) Clone() Record {
	c := *r
	c.Attrs = slices.Clone(r.Attrs)
	size := 0
	for i := range c.Attrs {
		size += len(c.Attrs[i].Bytes)
	}
	own := make([]byte, 0, size) // one piece for all
	for i := range c.Attrs {
		if a := &c.Attrs[i]; a.Bytes != nil {
			start := len(own)
			own = append(own, a.Bytes...)
			a.Bytes = own[start:len(own):len(own)]
		}
	}
	return c
}

// Conditions of a Write other than "the stored version is exactly n".
const (
	Absent  int64 = 0  // there must be no such record
	Anyhow  int64 = -1 // no condition: for records written once under a random name
	Present int64 = -2 // there must be such a record
)

// Write is one conditional change.
type Write struct {
	Record Record
	Expect int64 // a version above zero, or Absent, Anyhow, Present
	Delete bool  // remove instead of put; only Record.Key counts
	Check  bool  // change nothing, only hold the condition (PutAll only)
}

// Holds reports whether the condition holds for a record stored with version
// (0: none).
func (w *Write) Holds(version int64) bool {
	switch w.Expect {
	case Anyhow:
		return true
	case Present:
		return version != 0
	}
	return version == w.Expect
}

// Limits every store enforces with fault.Invalid.
const (
	MaxRecordBytes = 400 << 10 // DynamoDB's item size, names and values
	MaxWrites      = 100       // actions of one transaction
	MaxTxBytes     = 4 << 20   // bytes of one transaction
	DueShards      = 16        // partitions of the due index
)

// Store is what the engine needs of a database. Every method is safe for
// concurrent use and respects the context. Failures by kind: fault.Transient
// for throttling, a lost connection and a transaction conflict (the write may
// or may not have happened: read before deciding); fault.Invalid for a limit;
// fault.Internal for the rest. A lost condition is not an error of Put: it is
// an answer.
type Store interface {
	// Get returns the records of keys, in the order of keys; a missing one has
	// Version 0. strong asks for the newest committed state; without it a
	// reader may see a state some milliseconds old. Any number of keys, also
	// the same one twice. The records are the caller's to change.
	Get(ctx context.Context, strong bool, keys ...Key) ([]Record, error)

	// Put applies one write. When the condition does not hold nothing changes,
	// ok is false and current is the stored record (Version 0: none); when it
	// holds, current says nothing.
	Put(ctx context.Context, w Write) (current Record, ok bool, err error)

	// PutAll applies all writes or none, no two on one key. When any condition
	// does not hold ok is false and nothing changed. No writes: ok.
	PutAll(ctx context.Context, writes []Write) (ok bool, err error)

	// List returns a page in ascending order. A page may be shorter than the
	// limit and still have a successor; next is empty at the end.
	List(ctx context.Context, q Query) (page []Record, next string, err error)

	// Changes returns the committed changes after the cursor, oldest first: in
	// commit order for any one key. The empty cursor is the beginning of what
	// is kept (at least 24 hours). next is where to go on, also when nothing
	// came. A change is delivered at least once; a call may bring nothing
	// although more is to come. limit 0: the store's own page. A write that
	// leaves a record exactly as it was need not be delivered.
	Changes(ctx context.Context, cursor string, limit int) (changes []Change, next string, err error)
}

// Index says which order a Query walks.
type Index uint8

// The indexes. Main holds whole records; the other two hold keys only, so
// their pages carry Key, Owner, OwnerSort or Due, and neither Version nor Attrs.
const (
	Main     Index = iota // Partition, then Sort; Prefix and From restrict Sort
	ByOwner               // Owner, then OwnerSort; Prefix and From restrict OwnerSort
	DueIndex              // shard (Partition = decimal number), then Due; Until restricts Due
)

// Query is one page of an index.
type Query struct {
	Index     Index
	Partition string // Main: the partition; ByOwner: the owner; DueIndex: "0".."15"
	Prefix    string
	From      string // exclusive start of a first page; Next, when set, is where to go on instead
	Until     int64  // DueIndex: hours up to and including this one
	Strong    bool   // Main only
	Limit     int    // 0: the store's own page
	Next      string // the value a former page returned
}

// Change is one committed change. Old has Version 0 for an insert, New for a
// removal. Sequence identifies the change within the feed, for reporting the
// ones that failed.
type Change struct {
	Sequence string
	Key      Key
	Old, New Record
}
