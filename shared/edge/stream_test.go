// Stream events as DynamoDB sends them go in as JSON; it would catch a failure
// that is reported by anything but its sequence number, out of order, or that
// takes healthy records with it.
package edge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"

	"headstart/shared/edge"
	"headstart/shared/fault"
)

// streamRecord is one change of the key pk with all that DynamoDB sends along.
// Its eventID is not what a failure is reported by.
func streamRecord(sequence, pk string) string {
	return `{"eventID":"7de3041dd709b024af6f29e4fa13d34c","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"eu-central-1",` +
		`"dynamodb":{"ApproximateCreationDateTime":1479499740,"Keys":{"pk":{"S":"` + pk + `"}},"NewImage":{"v":{"N":"1"}},"SequenceNumber":"` + sequence + `","SizeBytes":112,"StreamViewType":"NEW_AND_OLD_IMAGES"},` +
		`"eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/headstart/stream/2026-03-01T00:00:00.000"}`
}

// decodeKey is a decoder as a store would write it; the key "poison" is one it
// does not understand.
func decodeKey(record []byte) (pk, sequence string, err error) {
	var r struct {
		DynamoDB struct {
			Keys           struct{ PK struct{ S string } }
			SequenceNumber string
		}
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return "", "", fault.As(fault.Invalid, err, "record")
	}
	if r.DynamoDB.Keys.PK.S == "poison" {
		return "", "", fault.New(fault.Invalid, "", "not a record of ours")
	}
	return r.DynamoDB.Keys.PK.S, r.DynamoDB.SequenceNumber, nil
}

func TestAStreamIsHandledInItsOrder(t *testing.T) {
	var got []string
	answer, err := lambda.NewHandler(edge.Stream(decodeKey, func(_ context.Context, keys []string) []string {
		got = keys
		return nil
	})).Invoke(t.Context(), sqsEvent(streamRecord("4421584500000000017450439091", "b"), streamRecord("4421584500000000017450439092", "a")))
	require.NoError(t, err)
	require.Equal(t, `{"batchItemFailures":[]}`, string(answer))
	require.Equal(t, []string{"b", "a"}, got)
}

func TestFailedChangesAreReportedBySequenceNumberInOrder(t *testing.T) {
	var got []string
	answer, err := edge.Stream(decodeKey, func(_ context.Context, keys []string) []string {
		got = keys
		return []string{"500", "100"}
	}).Invoke(t.Context(), sqsEvent(streamRecord("100", "a"), streamRecord("200", "b"), streamRecord("300", "poison"), streamRecord("400", "c"), streamRecord("500", "d")))
	require.NoError(t, err)
	require.Equal(t, `{"batchItemFailures":[{"itemIdentifier":"100"},{"itemIdentifier":"300"},{"itemIdentifier":"500"}]}`, string(answer))
	require.Equal(t, []string{"a", "b", "c", "d"}, got, "records behind a broken one are handled")
}

func TestASequenceNumberThatIsNotInTheBatchBringsBackTheWholeBatch(t *testing.T) {
	_, err := edge.Stream(decodeKey, func(context.Context, []string) []string { return []string{"7de3041dd709b024af6f29e4fa13d34c"} }).
		Invoke(t.Context(), sqsEvent(streamRecord("100", "a")))
	require.Equal(t, fault.Internal, fault.Of(err))
}

func TestAHostileStreamEventIsAnError(t *testing.T) {
	for event, want := range hostileEvents {
		t.Run(want, func(t *testing.T) { refusedStream(t, event, want) })
	}
	for record, want := range map[string]string{
		`{"dynamodb":{"Keys":{"pk":{"S":"a"}}}}`: `record 0 of the event has no dynamodb.SequenceNumber`,
		`null`:                                   `record 0 of the event has no dynamodb.SequenceNumber`,
		`"text"`:                                 `record 0 of the event has no dynamodb.SequenceNumber`,
		`{"SequenceNumber":"7","dynamodb":{"Keys":7}}`:                                     `record 0 of the event has no dynamodb.SequenceNumber`,
		`{"dynamodb":{"Keys":7,"SequenceNumber":7}}`:                                       `record 0 of the event has no dynamodb.SequenceNumber`,
		streamRecord("1", "a") + `,` + strings.Replace(streamRecord("", "b"), "S", "s", 1): `record 1 of the event has no dynamodb.SequenceNumber`,
		`{"dynamodb":{"SequenceNumber":"1","SequenceNumber":"2"}}`:                         `the event is not valid JSON`,
		`{"dynamodb":{"SequenceNumber":"1"}`:                                               `the event is not valid JSON`,
	} {
		t.Run(want, func(t *testing.T) { refusedStream(t, string(sqsEvent(record)), want) })
	}
}

func refusedStream(t *testing.T, event, want string) {
	t.Helper()
	answer, err := edge.Stream(decodeKey, func(context.Context, []string) []string {
		t.Error("a record of a broken event was handled")
		return nil
	}).Invoke(t.Context(), []byte(event))
	require.Nil(t, answer)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, want)
}

// Whatever the event holds, each record is either handled or reported.
func FuzzStream(f *testing.F) {
	f.Add(sqsEvent(streamRecord("1", "a"), streamRecord("2", "poison"), streamRecord("3", "b")))
	f.Add([]byte(`{"Records":[{"dynamodb":{"SequenceNumber":"1","Keys":[]}},{"dynamodb":{"SequenceNumber":"2"}}],"window":{}}`))
	for event := range hostileEvents {
		if len(event) < 1000 {
			f.Add([]byte(event))
		}
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		handled, refused, sequences := 0, 0, map[string]bool{}
		answer, err := edge.Stream(func(record []byte) (string, string, error) {
			key, sequence, err := decodeKey(record)
			if err != nil {
				refused++
			}
			sequences[sequence] = true
			return key, sequence, err
		}, func(_ context.Context, keys []string) []string {
			handled = len(keys)
			return nil
		}).Invoke(t.Context(), event)
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid}, fault.Of(err))
			return
		}
		var got struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		require.NoError(t, json.Unmarshal(answer, &got))
		require.LessOrEqual(t, len(got.BatchItemFailures), refused)
		require.Equal(t, refused > 0, len(got.BatchItemFailures) > 0)
		for _, failed := range got.BatchItemFailures {
			require.NotEmpty(t, failed.ItemIdentifier)
		}
		require.GreaterOrEqual(t, handled+refused, len(sequences)-1, fmt.Sprint(sequences))
	})
}
