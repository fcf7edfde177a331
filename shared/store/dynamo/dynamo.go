// Package dynamo is the store on Amazon DynamoDB: one table, two sparse
// indexes that hold keys only, and the table's stream as the change feed. A
// record is one item, its attributes are the item's, and what is no attribute
// has the short names of package store. The condition of a write is DynamoDB's
// own condition on the version.
//
// It is tested against DynamoDB Local, which differs from the service:
//
//	what                        DynamoDB               DynamoDB Local 3.3.0
//	a concurrent transaction    TransactionConflict    waits its turn, never raised
//	throttling                  1,000 writes/s a key   never
//	units of a transaction      twice the plain ones   2 however many records
//	units of a lost condition   billed, not reported   not reported
//	units of an empty page      the least there is     0
//	units of a missing record   the least there is     0 among several
//	reads without strong        may be old             always the newest
//	index reads                 may be old             always the newest
//	expiry                      hours or days late     not in the first 50 minutes
//	shards of the stream        many, split and ended  one
//
// So conflicts, throttling, lost replies, unprocessed keys and several shards
// are tested with HTTP answers made by hand.
package dynamo

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// Store keeps records in one DynamoDB table. It is safe for concurrent use.
//
// A reply may be lost after the write has happened. PutAll is asked again
// under one token, so its answer stays true. A Put asked again then finds its
// own record and loses the condition against it: current is what the caller
// wrote, or no record after a delete. A caller that must know compares.
type Store struct {
	db      *dynamodb.Client
	streams *dynamodbstreams.Client
	table   string
	feed    atomic.Pointer[string] // the stream's ARN once it is known
}

var _ store.Store = (*Store)(nil)

// New returns a store on the table, which must exist. The clients are those of
// Clients or Local: they carry the retry rules.
func New(client *dynamodb.Client, streams *dynamodbstreams.Client, table string) *Store {
	return &Store{db: client, streams: streams, table: table}
}

// DynamoDB's conditions. A record's version is never absent, so a condition on
// it also says that the record exists.
var (
	ifAbsent  = aws.String("attribute_not_exists(" + store.AttrPartition + ")")
	ifPresent = aws.String("attribute_exists(" + store.AttrPartition + ")")
	ifVersion = aws.String(store.AttrVersion + " = :v")
)

// condition returns the expression of w's condition and its values; nil and
// nil when there is none.
func condition(w *store.Write) (*string, map[string]types.AttributeValue) {
	switch w.Expect {
	case store.Anyhow:
		return nil, nil
	case store.Absent:
		return ifAbsent, nil
	case store.Present:
		return ifPresent, nil
	}
	return ifVersion, map[string]types.AttributeValue{":v": number(w.Expect)}
}

// Put applies one write; see store.Store. A write that meets a transaction on
// its record, or is throttled, is tried three times before it is
// fault.Transient.
func (s *Store) Put(ctx context.Context, w store.Write) (current store.Record, ok bool, err error) {
	if err := w.Validate(); err != nil {
		return store.Record{}, false, err
	}
	if w.Delete {
		err = s.delete(ctx, &w)
	} else {
		err = s.put(ctx, &w)
	}
	if err == nil {
		return store.Record{}, true, nil
	}
	if lost, is := errors.AsType[*types.ConditionalCheckFailedException](err); is {
		current, err = decode(lost.Item)
		return current, false, err
	}
	return store.Record{}, false, classify(err, "put "+name(w.Record.Key))
}

func (s *Store) put(ctx context.Context, w *store.Write) error {
	expression, values := condition(w)
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: encode(&w.Record),
		ConditionExpression: expression, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return err
}

func (s *Store) delete(ctx context.Context, w *store.Write) error {
	expression, values := condition(w)
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: encodeKey(w.Record.Key),
		ConditionExpression: expression, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return err
}

// PutAll applies all writes or none in one transaction; see store.Store. It
// costs twice the units of single writes. A conflict with another transaction
// or throttling is tried three times before it is fault.Transient.
func (s *Store) PutAll(ctx context.Context, writes []store.Write) (ok bool, err error) {
	if err := store.ValidateAll(writes); err != nil || len(writes) == 0 {
		return err == nil, err
	}
	items := make([]types.TransactWriteItem, len(writes))
	for i := range writes {
		items[i] = s.action(&writes[i])
	}
	// The client adds one ClientRequestToken per call, the same for its retries.
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	if err == nil || kindOf(err) == fault.Conflict {
		return err == nil, nil
	}
	return false, classify(err, "put all with "+name(writes[0].Record.Key))
}

func (s *Store) action(w *store.Write) types.TransactWriteItem {
	expression, values := condition(w)
	switch {
	case w.Check:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: encodeKey(w.Record.Key),
			ConditionExpression: expression, ExpressionAttributeValues: values,
		}}
	case w.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: encodeKey(w.Record.Key),
			ConditionExpression: expression, ExpressionAttributeValues: values,
		}}
	}
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: encode(&w.Record),
		ConditionExpression: expression, ExpressionAttributeValues: values,
	}}
}

// name is how a message names a record.
func name(key store.Key) string { return key.Partition + " " + key.Sort }
