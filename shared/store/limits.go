package store

import (
	"strconv"
	"unicode/utf8"

	"headstart/shared/fault"
)

// DynamoDB's lengths of a partition key and a sort key in bytes.
//
// Source: DynamoDB developer guide, "Quotas".
const (
	maxPartition = 2048
	maxSort      = 1024
)

// reserved are the names a store uses itself.
var reserved = map[string]bool{
	AttrPartition: true, AttrSort: true, AttrVersion: true, AttrOwner: true,
	AttrOwnerSort: true, AttrDueShard: true, AttrDue: true, AttrExpires: true,
}

// Validate returns fault.Invalid, naming the field, when no store can hold a
// record under the key: an empty or too long part, or one that is not UTF-8.
func (k Key) Validate() error {
	if err := validText("partition", k.Partition, maxPartition); err != nil {
		return err
	}
	return validText("sort", k.Sort, maxSort)
}

// Validate returns fault.Invalid, naming the field, when Put must refuse w
// whatever is stored. Every store calls it before it does anything.
func (w *Write) Validate() error {
	if w.Check {
		return invalid("check: a Put changes something; hold a condition with PutAll")
	}
	return w.validate()
}

// ValidateAll is Validate for PutAll: each write, their number, their bytes,
// and that no two name one key.
func ValidateAll(writes []Write) error {
	if len(writes) > MaxWrites {
		return invalid("writes: %d in one transaction, at most %d", len(writes), MaxWrites)
	}
	bytes, seen := 0, make(map[Key]bool, len(writes))
	for i := range writes {
		w := &writes[i]
		if err := w.validate(); err != nil {
			return err
		}
		if seen[w.Record.Key] {
			return invalid("key %q: named by two writes of one transaction", w.Record.Key)
		}
		seen[w.Record.Key] = true
		bytes += w.bytes()
	}
	if bytes > MaxTxBytes {
		return invalid("writes: %d bytes in one transaction, at most %d", bytes, MaxTxBytes)
	}
	return nil
}

func (w *Write) validate() error {
	if err := w.Record.Key.Validate(); err != nil {
		return err
	}
	switch {
	case w.Expect < Present:
		return invalid("expect: %d is no condition", w.Expect)
	case w.Check && w.Delete:
		return invalid("check: a write checks or deletes, not both")
	case w.Check && w.Expect == Anyhow:
		return invalid("check: there is no condition to hold")
	case w.Check, w.Delete:
		return nil
	}
	return w.Record.validate()
}

// bytes is what the write counts towards MaxTxBytes: a delete or a check
// carries its key alone.
func (w *Write) bytes() int {
	if w.Check || w.Delete {
		return len(w.Record.Key.Partition) + len(w.Record.Key.Sort)
	}
	return w.Record.Size()
}

func (r *Record) validate() error {
	if r.Version <= 0 {
		return invalid("version: %d of %q, must be above zero", r.Version, r.Key)
	}
	if r.Due < 0 || r.Expires < 0 {
		return invalid("due, expires: %d and %d of %q, must not be negative", r.Due, r.Expires, r.Key)
	}
	if err := r.validateOwner(); err != nil {
		return err
	}
	for i := range r.Attrs {
		if err := r.validateAttr(i); err != nil {
			return err
		}
	}
	if size := r.Size(); size > MaxRecordBytes {
		return invalid("record %q: %d bytes, at most %d", r.Key, size, MaxRecordBytes)
	}
	return nil
}

func (r *Record) validateOwner() error {
	if r.Owner == "" && r.OwnerSort == "" {
		return nil
	}
	if err := validText("owner", r.Owner, maxPartition); err != nil {
		return err
	}
	return validText("owner sort", r.OwnerSort, maxSort)
}

func (r *Record) validateAttr(i int) error {
	a := &r.Attrs[i]
	switch {
	case a.Name == "" || !utf8.ValidString(a.Name):
		return invalid("attribute %q: the name must be UTF-8 and not empty", a.Name)
	case reserved[a.Name]:
		return invalid("attribute %q: the store uses this name itself", a.Name)
	case a.Kind > BytesAttr:
		return invalid("attribute %q: unknown kind %d", a.Name, a.Kind)
	case a.Kind == TextAttr && !utf8.ValidString(a.Text):
		return invalid("attribute %q: the text is not UTF-8; store it as bytes", a.Name)
	}
	for j := range i {
		if r.Attrs[j].Name == a.Name {
			return invalid("attribute %q: named twice", a.Name)
		}
	}
	return nil
}

// Validate returns fault.Invalid, naming the field, when the query can have no
// answer in any store.
func (q *Query) Validate() error {
	if q.Index > DueIndex {
		return invalid("index: %d is unknown", q.Index)
	}
	if q.Limit < 0 {
		return invalid("limit: %d, must not be negative", q.Limit)
	}
	if q.Strong && q.Index != Main {
		return invalid("strong: only the main index can be read strongly")
	}
	if q.Index == DueIndex {
		return q.validateShard()
	}
	if q.Until != 0 {
		return invalid("until: only the due index is cut by an hour")
	}
	if !utf8.ValidString(q.Prefix) || !utf8.ValidString(q.From) {
		return invalid("prefix, from: must be UTF-8")
	}
	return validText("partition", q.Partition, maxPartition)
}

func (q *Query) validateShard() error {
	if q.Prefix != "" || q.From != "" {
		return invalid("prefix, from: the due index is cut by an hour alone")
	}
	shard, err := strconv.Atoi(q.Partition)
	if err != nil || shard < 0 || shard >= DueShards || strconv.Itoa(shard) != q.Partition {
		return invalid("partition: %q is no shard of the due index, 0 to %d", q.Partition, DueShards-1)
	}
	return nil
}

func validText(field, text string, most int) error {
	if text == "" || len(text) > most || !utf8.ValidString(text) {
		return invalid("%s: %d bytes, must be UTF-8 of 1 to %d bytes", field, len(text), most)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "STORE_LIMIT", format, args...)
}
