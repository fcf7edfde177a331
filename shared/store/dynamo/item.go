package dynamo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// encode returns the item of a valid record.
func encode(r *store.Record) map[string]types.AttributeValue {
	item := make(map[string]types.AttributeValue, len(r.Attrs)+8)
	item[store.AttrPartition] = text(r.Key.Partition)
	item[store.AttrSort] = text(r.Key.Sort)
	item[store.AttrVersion] = number(r.Version)
	for i := range r.Attrs {
		item[r.Attrs[i].Name] = encodeAttr(&r.Attrs[i])
	}
	if r.Owner != "" {
		item[store.AttrOwner] = text(r.Owner)
		item[store.AttrOwnerSort] = text(r.OwnerSort)
	}
	if r.Due != 0 {
		item[store.AttrDueShard] = number(int64(store.DueShard(r.Key)))
		item[store.AttrDue] = number(r.Due)
	}
	if r.Expires != 0 {
		item[store.AttrExpires] = number(r.Expires)
	}
	return item
}

func encodeAttr(a *store.Attr) types.AttributeValue {
	switch a.Kind {
	case store.IntAttr:
		return number(a.Int)
	case store.TextAttr:
		return text(a.Text)
	}
	if a.Bytes == nil {
		return &types.AttributeValueMemberB{Value: []byte{}} // nil would be sent as null
	}
	return &types.AttributeValueMemberB{Value: a.Bytes}
}

func encodeKey(key store.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		store.AttrPartition: text(key.Partition), store.AttrSort: text(key.Sort),
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// decode returns the record of a whole item; no item is no record. It fails
// with fault.Internal when the item is not one that encode made.
func decode(item map[string]types.AttributeValue) (store.Record, error) {
	if len(item) == 0 {
		return store.Record{}, nil
	}
	var r store.Record
	if len(item) > 3 { // key and version
		r.Attrs = make([]store.Attr, 0, len(item)-3)
	}
	if err := fill(&r, item); err != nil {
		return store.Record{}, err
	}
	return whole(r)
}

// decodePart is decode for an index entry, which has neither version nor
// attributes.
func decodePart(item map[string]types.AttributeValue) (store.Record, error) {
	var r store.Record
	err := fill(&r, item)
	return r, err
}

func fill(r *store.Record, item map[string]types.AttributeValue) error {
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberN:
			if err := setNumber(r, name, v.Value); err != nil {
				return err
			}
		case *types.AttributeValueMemberS:
			setText(r, name, v.Value)
		case *types.AttributeValueMemberB:
			r.Attrs = append(r.Attrs, store.Bytes(name, v.Value))
		default:
			return foreign(name)
		}
	}
	return nil
}

// whole finishes a record whose attributes were set one by one: it must have a
// version, and its attributes get an order that does not change from read to
// read.
func whole(r store.Record) (store.Record, error) {
	if r.Version <= 0 {
		return store.Record{}, fault.New(fault.Internal, "STORE_FOREIGN_ITEM", "item %s: no version; not written by this store", name(r.Key))
	}
	slices.SortFunc(r.Attrs, func(a, b store.Attr) int { return strings.Compare(a.Name, b.Name) })
	return r, nil
}

func setText(r *store.Record, name, value string) {
	switch name {
	case store.AttrPartition:
		r.Key.Partition = value
	case store.AttrSort:
		r.Key.Sort = value
	case store.AttrOwner:
		r.Owner = value
	case store.AttrOwnerSort:
		r.OwnerSort = value
	default:
		r.Attrs = append(r.Attrs, store.Text(name, value))
	}
}

func setNumber(r *store.Record, name, value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fault.As(fault.Internal, err, "attribute "+name+": not a whole number of 64 bits")
	}
	switch name {
	case store.AttrVersion:
		r.Version = n
	case store.AttrDue:
		r.Due = n
	case store.AttrDueShard: // follows from the key
	case store.AttrExpires:
		r.Expires = n
	default:
		r.Attrs = append(r.Attrs, store.Int(name, n))
	}
	return nil
}

func foreign(name string) error {
	return fault.New(fault.Internal, "STORE_FOREIGN_ITEM", "attribute %s: neither number, text nor bytes; not written by this store", name)
}
