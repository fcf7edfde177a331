package dynamo_test

// Makes thousands of random calls through the meter and compares each one's
// units with those DynamoDB Local reports for it, and would catch a size, a
// rounding or an index write that the meter counts otherwise: most records are
// exactly as large as some units allow, or one byte larger. What Local does
// not report is left out: lost conditions, transactions, the least that the
// service bills for an empty page or for a missing record among several.

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"headstart/shared/store"
	"headstart/shared/store/dynamo"
)

// bill is what DynamoDB Local reported for the last read and the last write.
type bill struct{ read, table, index float64 }

// billed returns a client that asks for the capacity of each call and notes it.
func (b *bill) billed(client *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("bill", b.note), middleware.Before)
		})
	})
}

func (b *bill) note(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	const indexes = types.ReturnConsumedCapacityIndexes
	switch in := in.Parameters.(type) {
	case *dynamodb.PutItemInput:
		in.ReturnConsumedCapacity = indexes
	case *dynamodb.DeleteItemInput:
		in.ReturnConsumedCapacity = indexes
	case *dynamodb.GetItemInput:
		in.ReturnConsumedCapacity = indexes
	case *dynamodb.BatchGetItemInput:
		in.ReturnConsumedCapacity = indexes
	case *dynamodb.QueryInput:
		in.ReturnConsumedCapacity = indexes
	}
	out, metadata, err := next.HandleInitialize(ctx, in)
	switch out := out.Result.(type) {
	case *dynamodb.PutItemOutput:
		b.written(out.ConsumedCapacity)
	case *dynamodb.DeleteItemOutput:
		b.written(out.ConsumedCapacity)
	case *dynamodb.GetItemOutput:
		b.read = *out.ConsumedCapacity.CapacityUnits
	case *dynamodb.BatchGetItemOutput:
		b.read = *out.ConsumedCapacity[0].CapacityUnits
	case *dynamodb.QueryOutput:
		b.read = *out.ConsumedCapacity.CapacityUnits
	}
	return out, metadata, err
}

func (b *bill) written(c *types.ConsumedCapacity) {
	b.table, b.index = *c.Table.CapacityUnits, 0
	for _, index := range c.GlobalSecondaryIndexes {
		b.index += *index.CapacityUnits
	}
}

// shopper invents calls on a few keys, so that records meet their successors.
type shopper struct{ *rand.Rand }

// number is any, often with zeros at its end: DynamoDB stores pairs of digits
// from the decimal point, and no pair of zeros at the end.
func (s shopper) number() int64 {
	n := s.Int64() >> s.IntN(63)
	if zeros := s.IntN(8); zeros > 3 {
		power := int64(math.Pow10(zeros))
		n = n / power * power
	}
	if s.IntN(3) == 0 {
		n = -n
	}
	return n
}

func (s shopper) text(length int) string {
	return strings.Repeat(string([]rune("aé世😀")[s.IntN(4)]), max(0, length)/4)
}

func (s shopper) key() store.Key {
	return store.Key{Partition: []string{"I#a#m#s", "S#größe"}[s.IntN(2)], Sort: strconv.Itoa(s.IntN(8))}
}

func (s shopper) record(key store.Key) store.Record {
	r := store.Record{Key: key, Version: s.number()&math.MaxInt64 | 1}
	for i := range s.IntN(5) {
		r.Attrs = append(r.Attrs, store.Int(fmt.Sprint("n", i), s.number()))
	}
	r.Attrs = append(r.Attrs, store.Text("größe", s.text(s.IntN(60))), store.Bytes("b", nil))
	if s.IntN(2) == 0 {
		r.Owner, r.OwnerSort = "o"+strconv.Itoa(s.IntN(2)), "sku"+strconv.Itoa(s.IntN(2))
		if s.IntN(4) == 0 {
			r.Owner, r.OwnerSort = "o"+s.text(2000), "s"+s.text(s.IntN(1000))
		}
	}
	if s.IntN(2) == 0 {
		r.Due = int64(492320 + s.IntN(3)*1000)
	}
	if s.IntN(4) == 0 {
		r.Expires = 4102444800 + int64(s.IntN(1000))
	}
	fill := s.IntN(9000)
	if s.IntN(3) > 0 {
		fill = max(0, 1024*(1+s.IntN(8))+s.IntN(2)-r.Size())
	}
	r.Attrs[len(r.Attrs)-1].Bytes = make([]byte, fill)
	return r
}

// call makes one random call and returns its name, and the read units that
// DynamoDB Local does not report for it.
func (s shopper) call(ctx context.Context, on store.Store) (name string, unreported float64, err error) {
	key, strong := s.key(), s.IntN(2) == 0
	switch s.IntN(10) {
	case 0:
		_, err := on.Get(ctx, strong, key)
		return "get", 0, err
	case 1:
		keys := []store.Key{key, {Partition: key.Partition, Sort: key.Sort + "0"}, key}
		records, err := on.Get(ctx, strong, keys...)
		return "get many", least(strong) * float64(missing(records[:2])), err
	case 2:
		page, _, err := on.List(ctx, store.Query{Partition: key.Partition, Strong: strong, Limit: s.IntN(4)})
		return "list", least(strong) * float64(1-min(1, len(page))), err
	case 3:
		page, _, err := on.List(ctx, store.Query{Index: store.ByOwner, Partition: "o" + strconv.Itoa(s.IntN(2)), Limit: s.IntN(4)})
		return "list by owner", least(false) * float64(1-min(1, len(page))), err
	case 4:
		page, _, err := on.List(ctx, store.Query{Index: store.DueIndex, Partition: strconv.Itoa(store.DueShard(key)), Until: 500000})
		return "list due", least(false) * float64(1-min(1, len(page))), err
	case 5, 6:
		_, _, err := on.Put(ctx, store.Write{Record: store.Record{Key: key}, Expect: store.Anyhow, Delete: true})
		return "delete", 0, err
	}
	_, _, err = on.Put(ctx, store.Write{Record: s.record(key), Expect: store.Anyhow})
	return "put", 0, err
}

// least is the price of reading nothing.
func least(strong bool) float64 {
	if strong {
		return 1
	}
	return 0.5
}

func missing(records []store.Record) (n int) {
	for i := range records {
		if records[i].Version == 0 {
			n++
		}
	}
	return n
}

func TestTheMeterCountsWhatDynamoDBReports(t *testing.T) {
	client, streams, table := local(t)
	var reported bill
	var meter store.Meter
	s := store.Metered(dynamo.New(reported.billed(client), streams, table), &meter)
	const calls, seed = 3000, 20260301
	random := shopper{rand.New(rand.NewPCG(seed, 0))}
	var total store.Usage
	var writes bill
	for i := range calls {
		meter.Reset()
		reported = bill{}
		name, unreported, err := random.call(t.Context(), s)
		require.NoError(t, err)
		counted := meter.Total()
		total = total.Plus(counted)
		require.Equal(t, reported.table, float64(counted.TableWriteUnits), "call %d, %s: table write units", i, name)
		require.Equal(t, reported.index, float64(counted.IndexWriteUnits), "call %d, %s: index write units", i, name)
		if counted.Puts == 0 { // a put's read is the meter's own
			require.Equal(t, reported.read+unreported, counted.ReadUnits, "call %d, %s: read units", i, name)
		}
		writes.table, writes.index = writes.table+reported.table, writes.index+reported.index
	}
	t.Logf("seed %d, %d calls: %d table and %d index write units, %.1f read units, as reported",
		seed, calls, total.TableWriteUnits, total.IndexWriteUnits, total.ReadUnits)
	require.Positive(t, writes.index)
	require.Greater(t, writes.table, float64(total.Puts), "some records take more than one unit")
}
