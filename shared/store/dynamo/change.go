package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// DecodeChange returns the change in one record of the batch that Lambda hands
// to a function as it reads the table's stream, and the record's sequence
// number: a batch names by it what has failed, so it is returned also beside
// an error when it can be read. It fails with fault.Invalid when record is not
// such JSON, and with fault.Internal when the item was not written by this
// store.
//
// Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB".
func DecodeChange(record []byte) (store.Change, string, error) {
	var r struct {
		Change struct {
			Keys, NewImage, OldImage map[string]attribute
			SequenceNumber           string
		} `json:"dynamodb"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return store.Change{}, r.Change.SequenceNumber, fault.As(fault.Invalid, err, "stream record: not one of a DynamoDB stream")
	}
	if r.Change.SequenceNumber == "" {
		return store.Change{}, "", fault.New(fault.Invalid, "STREAM_RECORD", "stream record: dynamodb.SequenceNumber is missing")
	}
	change, err := decodeChange(r.Change.SequenceNumber,
		items(r.Change.Keys, attribute.value), items(r.Change.OldImage, attribute.value), items(r.Change.NewImage, attribute.value))
	return change, r.Change.SequenceNumber, err
}

// attribute is an attribute as Lambda writes it: one field is set.
type attribute struct {
	S, N *string
	B    []byte
}

// value returns nil for a kind no record has.
func (a attribute) value() types.AttributeValue {
	switch {
	case a.S != nil:
		return &types.AttributeValueMemberS{Value: *a.S}
	case a.N != nil:
		return &types.AttributeValueMemberN{Value: *a.N}
	case a.B != nil:
		return &types.AttributeValueMemberB{Value: a.B}
	}
	return nil
}

func decodeRecord(r *streamtypes.StreamRecord) (store.Change, error) {
	return decodeChange(aws.ToString(r.SequenceNumber),
		items(r.Keys, streamValue), items(r.OldImage, streamValue), items(r.NewImage, streamValue))
}

func streamValue(v streamtypes.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *streamtypes.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *streamtypes.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *streamtypes.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: v.Value}
	}
	return nil
}

// items gives an image the one form that decode knows.
func items[V any](image map[string]V, value func(V) types.AttributeValue) map[string]types.AttributeValue {
	item := make(map[string]types.AttributeValue, len(image))
	for name, v := range image {
		item[name] = value(v)
	}
	return item
}

func decodeChange(sequence string, keys, before, after map[string]types.AttributeValue) (store.Change, error) {
	key, err := decodePart(keys)
	if err != nil {
		return store.Change{}, err
	}
	change := store.Change{Sequence: sequence, Key: key.Key}
	if change.Old, err = decode(before); err != nil {
		return store.Change{}, err
	}
	change.New, err = decode(after)
	return change, err
}
