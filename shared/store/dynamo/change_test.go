package dynamo_test

// Decodes stream records as Lambda hands them over, written to Lambda's
// documentation and made from DynamoDB Local's own stream, and would catch an
// attribute that is lost or changes its kind on that way, and a bad record
// whose sequence number is not reported.

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
)

const modified = `{
	"eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1",
	"dynamodb": {
		"ApproximateCreationDateTime": 1772355600,
		"Keys": {"pk": {"S": "I#acme#A1PA6795UKMFR9#KETTLE-1"}, "sk": {"S": "HEAD"}},
		"OldImage": {"pk": {"S": "I#acme#A1PA6795UKMFR9#KETTLE-1"}, "sk": {"S": "HEAD"}, "v": {"N": "8"}},
		"NewImage": {"pk": {"S": "I#acme#A1PA6795UKMFR9#KETTLE-1"}, "sk": {"S": "HEAD"}, "v": {"N": "9"},
			"own": {"S": "acme#A1PA6795UKMFR9"}, "sku": {"S": "KETTLE-1"}, "ds": {"N": "3"}, "due": {"N": "492321"}, "ttl": {"N": "1774947600"},
			"n": {"N": "-70"}, "t": {"S": "Grüße"}, "e": {"S": ""}, "b": {"B": "AP8="}, "z": {"B": ""}},
		"SequenceNumber": "4421584500000000017450439091", "SizeBytes": 226, "StreamViewType": "NEW_AND_OLD_IMAGES"
	},
	"eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/headstart/stream/2026-03-01T00:00:00.000"
}`

func TestALambdaRecordIsAChange(t *testing.T) {
	key := store.Key{Partition: "I#acme#A1PA6795UKMFR9#KETTLE-1", Sort: "HEAD"}
	change, sequence, err := dynamo.DecodeChange([]byte(modified))
	require.NoError(t, err)
	require.Equal(t, "4421584500000000017450439091", sequence)
	require.Equal(t, store.Change{
		Sequence: sequence, Key: key,
		Old: store.Record{Key: key, Version: 8},
		New: store.Record{
			Key: key, Version: 9, Owner: "acme#A1PA6795UKMFR9", OwnerSort: "KETTLE-1", Due: 492321, Expires: 1774947600,
			Attrs: []store.Attr{
				store.Bytes("b", []byte{0, 255}), store.Text("e", ""), store.Int("n", -70), store.Text("t", "Grüße"), store.Bytes("z", []byte{}),
			},
		},
	}, change)
}

func TestALambdaRecordOfAnInsertHasNoOldAndOfARemovalNoNew(t *testing.T) {
	const image = `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"1"}}`
	record := store.Record{Key: store.Key{Partition: "p", Sort: "a"}, Version: 1}
	for side, want := range map[string]store.Change{
		"NewImage": {Sequence: "1", Key: record.Key, New: record},
		"OldImage": {Sequence: "1", Key: record.Key, Old: record},
	} {
		change, _, err := dynamo.DecodeChange([]byte(`{"dynamodb":{"Keys":{"pk":{"S":"p"},"sk":{"S":"a"}},"` + side + `":` + image + `,"SequenceNumber":"1"}}`))
		require.NoError(t, err)
		require.Equal(t, want, change)
	}
}

func TestABadLambdaRecordIsRefusedUnderItsSequenceNumber(t *testing.T) {
	const number = "4421584500000000017450439091"
	for what, c := range map[string]struct {
		record, sequence string
		kind             fault.Kind
	}{
		"no JSON":             {"{", "", fault.Invalid},
		"no change":           {`{"eventName":"MODIFY"}`, "", fault.Invalid},
		"no sequence number":  {strings.Replace(modified, `"SequenceNumber"`, `"Number"`, 1), "", fault.Invalid},
		"a name twice":        {strings.Replace(modified, `"sk": {"S": "HEAD"}`, `"pk": {"S": "HEAD"}`, 1), "", fault.Invalid},
		"bytes not base64":    {strings.Replace(modified, `AP8=`, `AP8`, 1), "", fault.Invalid},
		"something after it":  {modified + "{}", number, fault.Invalid},
		"a list":              {strings.Replace(modified, `{"N": "-70"}`, `{"L": []}`, 1), number, fault.Internal},
		"a null":              {strings.Replace(modified, `{"N": "-70"}`, `{"NULL": true}`, 1), number, fault.Internal},
		"a fraction":          {strings.Replace(modified, `"-70"`, `"0.5"`, 1), number, fault.Internal},
		"an exponent":         {strings.Replace(modified, `"-70"`, `"1E3"`, 1), number, fault.Internal},
		"no version":          {strings.Replace(modified, `"v": {"N": "9"},`, ``, 1), number, fault.Internal},
		"an old one of a map": {strings.Replace(modified, `{"N": "8"}`, `{"M": {}}`, 1), number, fault.Internal},
	} {
		t.Run(what, func(t *testing.T) {
			_, sequence, err := dynamo.DecodeChange([]byte(c.record))
			require.Error(t, err)
			require.Equal(t, c.kind, fault.Of(err), "%v", err)
			require.Equal(t, c.sequence, sequence)
		})
	}
}

func FuzzDecodeChange(f *testing.F) {
	f.Add([]byte(modified))
	f.Add([]byte(`{"dynamodb":{"Keys":{"pk":{"S":"p"}},"NewImage":{"v":{"B":""}},"SequenceNumber":"1"}}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		change, sequence, err := dynamo.DecodeChange(record)
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid, fault.Internal}, fault.Of(err))
			return
		}
		require.Equal(t, change.Sequence, sequence)
		require.NotEmpty(t, sequence)
	})
}

// lambda writes an image as Lambda does.
func lambda(t *testing.T, image map[string]types.AttributeValue) map[string]any {
	out := map[string]any{}
	for name, value := range image {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out[name] = map[string]any{"S": v.Value}
		case *types.AttributeValueMemberN:
			out[name] = map[string]any{"N": v.Value}
		case *types.AttributeValueMemberB:
			out[name] = map[string]any{"B": base64.StdEncoding.EncodeToString(v.Value)}
		default:
			require.Fail(t, "unexpected attribute", "%s: %T", name, value)
		}
	}
	return out
}

func TestLambdaAndChangesDecodeTheSame(t *testing.T) {
	client, streams, table := local(t)
	s := dynamo.New(client, streams, table)
	key := store.Key{Partition: "I#acme#m#Größe", Sort: "HEAD"}
	for version := int64(1); version <= 3; version++ {
		r := store.Record{Key: key, Version: version, Owner: "acme#m", OwnerSort: "Größe", Due: version, Expires: 4102444800,
			Attrs: []store.Attr{store.Bytes("b", []byte{0, byte(version)}), store.Bytes("e", nil), store.Int("n", -version), store.Text("t", "")}}
		_, ok, err := s.Put(t.Context(), store.Write{Record: r, Expect: version - 1})
		require.NoError(t, err)
		require.True(t, ok)
	}
	_, ok, err := s.Put(t.Context(), store.Write{Record: store.Record{Key: key}, Expect: 3, Delete: true})
	require.NoError(t, err)
	require.True(t, ok)

	changes, _, err := s.Changes(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, changes, 4)
	for i, record := range rawRecords(t, client, streams, table) {
		text, err := json.Marshal(map[string]any{"eventName": record.EventName, "dynamodb": map[string]any{
			"Keys": lambda(t, record.Dynamodb.Keys), "OldImage": lambda(t, record.Dynamodb.OldImage),
			"NewImage": lambda(t, record.Dynamodb.NewImage), "SequenceNumber": record.Dynamodb.SequenceNumber}})
		require.NoError(t, err)
		change, _, err := dynamo.DecodeChange(text)
		require.NoError(t, err)
		require.Equal(t, changes[i], change)
	}
}

// rawRecords reads the table's one shard from its beginning.
func rawRecords(t *testing.T, client *dynamodb.Client, streams *dynamodbstreams.Client, table string) []types.Record {
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	require.NoError(t, err)
	arn := described.Table.LatestStreamArn
	stream, err := streams.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	require.NoError(t, err)
	iterator, err := streams.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
		StreamArn: arn, ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	require.NoError(t, err)
	page, err := streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator, Limit: aws.Int32(1000)})
	require.NoError(t, err)
	return page.Records
}
