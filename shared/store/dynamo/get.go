package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// maxGet is how many keys one BatchGetItem takes.
//
// Source: DynamoDB API reference, BatchGetItem.
const maxGet = 100

// Get returns the records of keys; see store.Store. One key is one GetItem,
// more are a BatchGetItem for every hundred different ones.
func (s *Store) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	for _, key := range keys {
		if err := key.Validate(); err != nil {
			return nil, err
		}
	}
	if len(keys) == 1 {
		record, err := s.getOne(ctx, strong, keys[0])
		return []store.Record{record}, err
	}
	return s.getMany(ctx, strong, keys)
}

func (s *Store) getOne(ctx context.Context, strong bool, key store.Key) (store.Record, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: encodeKey(key), ConsistentRead: &strong,
	})
	if err != nil {
		return store.Record{}, classify(err, "get "+name(key))
	}
	return decode(out.Item)
}

func (s *Store) getMany(ctx context.Context, strong bool, keys []store.Key) ([]store.Record, error) {
	records := make([]store.Record, len(keys))
	first := make(map[store.Key]int, len(keys)) // DynamoDB refuses a key named twice
	wanted := make([]map[string]types.AttributeValue, 0, len(keys))
	for i, key := range keys {
		if _, twice := first[key]; !twice {
			first[key] = i
			wanted = append(wanted, encodeKey(key))
		}
	}
	take := func(item map[string]types.AttributeValue) error {
		record, err := decode(item)
		records[first[record.Key]] = record
		return err
	}
	if err := s.getBatches(ctx, strong, wanted, take); err != nil {
		return nil, err
	}
	for i, key := range keys {
		if from := first[key]; from != i {
			records[i] = records[from].Clone()
		}
	}
	return records, nil
}

// getBatches asks for the wanted keys until each is answered. DynamoDB leaves
// keys unprocessed when an answer grows over 16 MB or the table is busy: an
// answer without a single item counts as a failed try.
func (s *Store) getBatches(ctx context.Context, strong bool, wanted []map[string]types.AttributeValue, take func(map[string]types.AttributeValue) error) error {
	for failed := 0; len(wanted) > 0; {
		batch := wanted[:min(maxGet, len(wanted))]
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: batch, ConsistentRead: &strong}},
		})
		if err != nil {
			return classify(err, "get records")
		}
		for _, item := range out.Responses[s.table] {
			if err := take(item); err != nil {
				return err
			}
		}
		left := out.UnprocessedKeys[s.table].Keys
		wanted = append(wanted[len(batch):], left...)
		if len(left) < len(batch) {
			failed = 0
			continue
		}
		if failed++; failed == maxAttempts {
			return fault.New(fault.Transient, "STORE_BUSY", "get records: %d keys left unprocessed", len(wanted))
		}
		pause(ctx, backoff(failed))
	}
	return nil
}

// pause waits for d, or until ctx ends: the next call notices that.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
