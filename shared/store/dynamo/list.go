package dynamo

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"headstart/shared/store"
)

// index is how DynamoDB walks a store.Index.
type index struct {
	name            *string // nil: the table itself
	partition, sort string
	numeric         bool // both attributes are numbers
}

var indexes = [...]index{
	store.Main:     {partition: store.AttrPartition, sort: store.AttrSort},
	store.ByOwner:  {name: aws.String(ByOwnerIndex), partition: store.AttrOwner, sort: store.AttrOwnerSort},
	store.DueIndex: {name: aws.String(DueIndex), partition: store.AttrDueShard, sort: store.AttrDue, numeric: true},
}

// List returns a page; see store.Store. The store's own page is 1 MB.
func (s *Store) List(ctx context.Context, q store.Query) (page []store.Record, next string, err error) {
	if err := q.Validate(); err != nil {
		return nil, "", err
	}
	in, err := s.query(&q)
	if err != nil {
		return nil, "", err
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", classify(err, "list "+q.Partition)
	}
	page, cut, err := decodePage(&q, out.Items)
	if err != nil || cut || len(out.LastEvaluatedKey) == 0 {
		return page, "", err
	}
	last, err := decodePart(out.LastEvaluatedKey)
	return page, encodeNext(&q, &last), err
}

func (s *Store) query(q *store.Query) (*dynamodb.QueryInput, error) {
	ix := &indexes[q.Index]
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: ix.name, ConsistentRead: &q.Strong,
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": ix.value(q.Partition)},
	}
	where := ix.partition + " = :p"
	switch from := q.From; {
	case q.Index == store.DueIndex:
		where += " AND " + ix.sort + " <= :s"
		in.ExpressionAttributeValues[":s"] = number(q.Until)
	case from != "" && from >= q.Prefix && q.Next == "":
		where += " AND " + ix.sort + " > :s"
		in.ExpressionAttributeValues[":s"] = text(from)
	case q.Prefix != "":
		where += " AND begins_with(" + ix.sort + ", :s)"
		in.ExpressionAttributeValues[":s"] = text(q.Prefix)
	}
	in.KeyConditionExpression = &where
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	var err error
	in.ExclusiveStartKey, err = decodeNext(q)
	return in, err
}

func (ix *index) value(s string) types.AttributeValue {
	if ix.numeric {
		return &types.AttributeValueMemberN{Value: s}
	}
	return text(s)
}

// decodePage reports cut when it met the end of the prefix: DynamoDB takes one
// condition on the sort key, and a page that starts after From has no room for
// the prefix.
func decodePage(q *store.Query, items []map[string]types.AttributeValue) (page []store.Record, cut bool, err error) {
	page = make([]store.Record, 0, len(items))
	for _, item := range items {
		record, err := decodeEntry(q.Index, item)
		if err != nil {
			return nil, false, err
		}
		if !strings.HasPrefix(sortOf(q.Index, &record), q.Prefix) {
			return page, true, nil
		}
		page = append(page, record)
	}
	return page, false, nil
}

func decodeEntry(ix store.Index, item map[string]types.AttributeValue) (store.Record, error) {
	if ix == store.Main {
		return decode(item)
	}
	return decodePart(item)
}

func sortOf(ix store.Index, r *store.Record) string {
	switch ix {
	case store.Main:
		return r.Key.Sort
	case store.ByOwner:
		return r.OwnerSort
	}
	return strconv.FormatInt(r.Due, 10)
}

// encodeNext names the record a page ended with: its key, and its place in the
// index.
func encodeNext(q *store.Query, last *store.Record) string {
	return store.EncodeCursor(last.Key.Partition, last.Key.Sort, sortOf(q.Index, last))
}

func decodeNext(q *store.Query) (map[string]types.AttributeValue, error) {
	if q.Next == "" {
		return nil, nil
	}
	last, err := store.DecodeCursor(q.Next, 3)
	if err != nil {
		return nil, err
	}
	ix := &indexes[q.Index]
	start := encodeKey(store.Key{Partition: last[0], Sort: last[1]})
	start[ix.partition], start[ix.sort] = ix.value(q.Partition), ix.value(last[2])
	return start, nil
}
