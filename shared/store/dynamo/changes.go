package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// maxChanges is how many records one GetRecords gives.
//
// Source: DynamoDB Streams API reference, GetRecords.
const maxChanges = 1000

// position is how far a shard of the stream was read. The iterator is kept
// because only iterators that follow each other cross a stretch of the stream
// without records. It lives 15 minutes; After is good for ever.
type position struct {
	After    string `json:"after,omitzero"`    // the last sequence number read
	Iterator string `json:"iterator,omitzero"` // where DynamoDB said to go on
	Done     bool   `json:"done,omitzero"`     // closed, and read to its end
}

// reader is one call of Changes.
type reader struct {
	streams *dynamodbstreams.Client
	arn     string
	limit   int
	changes []store.Change
}

// Changes returns committed changes; see store.Store. The cursor is a position
// for each shard of the stream, as JSON; a shard is read once its parent is
// read to the end. Scenarios and tests read the stream this way. On AWS,
// Lambda reads it, and DecodeChange takes what Lambda hands over.
func (s *Store) Changes(ctx context.Context, cursor string, limit int) ([]store.Change, string, error) {
	at, err := decodeCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	arn, err := s.streamARN(ctx)
	if err != nil {
		return nil, "", err
	}
	shards, err := s.shards(ctx, arn)
	if err != nil {
		return nil, "", err
	}
	if limit <= 0 {
		limit = maxChanges
	}
	r := reader{streams: s.streams, arn: arn, limit: limit}
	next := make(map[string]position, len(shards)) // shards that are gone are forgotten
	for _, shard := range parentsFirst(shards) {
		id, parent := aws.ToString(shard.ShardId), aws.ToString(shard.ParentShardId)
		next[id] = at[id]
		if before, listed := next[parent]; listed && !before.Done {
			continue
		}
		if next[id], err = r.read(ctx, id, at[id]); err != nil {
			return nil, "", err
		}
	}
	return r.changes, encodeCursor(next), nil
}

func decodeCursor(cursor string) (map[string]position, error) {
	if cursor == "" {
		return nil, nil
	}
	var at map[string]position
	err := json.Unmarshal([]byte(cursor), &at)
	return at, fault.As(fault.Invalid, err, "cursor: not a value a former call returned")
}

func encodeCursor(at map[string]position) string {
	text, _ := json.Marshal(at, json.Deterministic(true)) // texts and flags marshal
	return string(text)
}

// streamARN returns the name of the table's stream.
func (s *Store) streamARN(ctx context.Context) (string, error) {
	if known := s.feed.Load(); known != nil {
		return *known, nil
	}
	out, err := s.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.table})
	if err != nil {
		return "", classify(err, "describe table "+s.table)
	}
	if out.Table.LatestStreamArn == nil {
		return "", fault.New(fault.Internal, "STORE_NO_STREAM", "table %s: it has no stream", s.table)
	}
	s.feed.Store(out.Table.LatestStreamArn)
	return *out.Table.LatestStreamArn, nil
}

// shards returns all shards the stream still has.
func (s *Store) shards(ctx context.Context, arn string) ([]types.Shard, error) {
	var all []types.Shard
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &arn}
	for {
		out, err := s.streams.DescribeStream(ctx, in)
		if err != nil {
			return nil, classify(err, "describe stream of table "+s.table)
		}
		all = append(all, out.StreamDescription.Shards...)
		in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId
		if in.ExclusiveStartShardId == nil {
			return all, nil
		}
	}
}

// parentsFirst orders shards so that each stands after its parent.
func parentsFirst(shards []types.Shard) []types.Shard {
	waiting := make(map[string]bool, len(shards))
	for _, shard := range shards {
		waiting[aws.ToString(shard.ShardId)] = true
	}
	ordered := make([]types.Shard, 0, len(shards))
	for before := -1; before < len(ordered); {
		before = len(ordered)
		for _, shard := range shards {
			id := aws.ToString(shard.ShardId)
			if waiting[id] && !waiting[aws.ToString(shard.ParentShardId)] {
				ordered = append(ordered, shard)
				delete(waiting, id)
			}
		}
	}
	return ordered
}

// read appends the shard's changes until its end, the limit or an empty page,
// and returns how far it came.
func (r *reader) read(ctx context.Context, id string, at position) (position, error) {
	for !at.Done && len(r.changes) < r.limit {
		page, err := r.page(ctx, id, &at)
		if err != nil {
			return at, err
		}
		for i := range page.Records {
			change, err := decodeRecord(page.Records[i].Dynamodb)
			if err != nil {
				return at, err
			}
			r.changes = append(r.changes, change)
			at.After = change.Sequence
		}
		at.Iterator, at.Done = aws.ToString(page.NextShardIterator), page.NextShardIterator == nil
		if len(page.Records) == 0 {
			break
		}
	}
	return at, nil
}

// page returns the records at a position. It goes on with the iterator it was
// left; when that has expired, after the last sequence number; when that is no
// longer kept, at the oldest that is.
func (r *reader) page(ctx context.Context, id string, at *position) (*dynamodbstreams.GetRecordsOutput, error) {
	for {
		out, err := r.records(ctx, id, at)
		_, expired := errors.AsType[*types.ExpiredIteratorException](err)
		_, trimmed := errors.AsType[*types.TrimmedDataAccessException](err)
		switch {
		case err == nil:
			return out, nil
		case expired && at.Iterator != "":
			at.Iterator = ""
		case trimmed && (at.Iterator != "" || at.After != ""):
			at.Iterator, at.After = "", ""
		default:
			return nil, classify(err, "read stream shard "+id)
		}
	}
}

func (r *reader) records(ctx context.Context, id string, at *position) (*dynamodbstreams.GetRecordsOutput, error) {
	iterator := &at.Iterator
	if at.Iterator == "" {
		in := &dynamodbstreams.GetShardIteratorInput{
			StreamArn: &r.arn, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		}
		if at.After != "" {
			in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &at.After
		}
		out, err := r.streams.GetShardIterator(ctx, in)
		if err != nil {
			return nil, err
		}
		iterator = out.ShardIterator
	}
	return r.streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
		ShardIterator: iterator, Limit: aws.Int32(int32(min(maxChanges, r.limit-len(r.changes)))),
	})
}
