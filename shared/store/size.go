package store

// Size returns the record's size in bytes by DynamoDB's published rules: names
// and values, a whole number one byte per two digits plus one, bytes as they
// are. Index attributes count where they are set.
//
// Source: DynamoDB developer guide, "DynamoDB Item sizes and formats".
func (r *Record) Size() int {
	n := len(AttrPartition) + len(r.Key.Partition) + len(AttrSort) + len(r.Key.Sort) + len(AttrVersion) + intSize(r.Version)
	for i := range r.Attrs {
		n += r.Attrs[i].size()
	}
	if r.Owner != "" {
		n += ownerSize(r)
	}
	if r.Due != 0 {
		n += dueSize(r)
	}
	if r.Expires != 0 {
		n += len(AttrExpires) + intSize(r.Expires)
	}
	return n
}

func ownerSize(r *Record) int {
	return len(AttrOwner) + len(r.Owner) + len(AttrOwnerSort) + len(r.OwnerSort)
}

func dueSize(r *Record) int {
	return len(AttrDueShard) + intSize(int64(DueShard(r.Key))) + len(AttrDue) + intSize(r.Due)
}

func (a *Attr) size() int {
	switch a.Kind {
	case IntAttr:
		return len(a.Name) + intSize(a.Int)
	case TextAttr:
		return len(a.Name) + len(a.Text)
	case BytesAttr:
		return len(a.Name) + len(a.Bytes)
	}
	return 0
}

// intSize is one byte per pair of significant digits plus one, and one more for
// a minus sign. Pairs are counted from the decimal point, so 120 has two: 1|20.
func intSize(v int64) int {
	if v == 0 {
		return 1
	}
	n := 1
	if v < 0 {
		n++
	}
	for v%100 == 0 {
		v /= 100
	}
	for ; v != 0; v /= 100 {
		n++
	}
	return n
}

// The names under which DynamoDB stores what is not an Attr. Short, because
// names are paid for. Only store/dynamo and the template speak them.
const (
	AttrPartition = "pk"
	AttrSort      = "sk"
	AttrVersion   = "v"
	AttrOwner     = "own"
	AttrOwnerSort = "sku"
	AttrDueShard  = "ds"
	AttrDue       = "due"
	AttrExpires   = "ttl"
)
