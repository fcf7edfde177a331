// SQS events as Lambda hands them over go in as JSON, the answer comes out as
// JSON; it would catch a body that is unescaped wrongly, a failed record that is
// not reported, and a broken event that is taken for an empty one.
package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/edge"
	"headstart/shared/fault"
)

const body = `{"type":"order.placed","orderId":"113-4821-77","seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":"2026-03-01T10:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]}`

// sqsRecord is one record with all that SQS sends along.
func sqsRecord(id, body string) string {
	return `{"messageId":"` + id + `","receiptHandle":"AQEBzbVv2DQlNbTCs/hXqXlkX7v0a5uT1Q==","body":` + strconv.Quote(body) +
		`,"attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1772359200123","SenderId":"AROAIWPX5BD2BHG722MW4:sender","ApproximateFirstReceiveTimestamp":"1772359200456"},` +
		`"messageAttributes":{"trace":{"stringValue":"1-5e","stringListValues":[],"binaryListValues":[],"dataType":"String"}},` +
		`"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:orders","awsRegion":"eu-central-1"}`
}

func sqsEvent(records ...string) []byte {
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

// none is the handler whose every record is done.
func none(context.Context, []edge.QueueRecord) []string { return nil }

func TestAQueueRecordIsReadAsItWasSent(t *testing.T) {
	quoted := "a \"b\" \\ \n é \u2028 \x7f"
	asJSON, err := json.Marshal(quoted)
	require.NoError(t, err)
	escaped := strings.Replace(sqsRecord("id-2", "X"), `"X"`, string(asJSON), 1)
	var got []edge.QueueRecord
	answer, err := edge.Queue(func(_ context.Context, records []edge.QueueRecord) []string {
		got = records
		return nil
	}).Invoke(t.Context(), sqsEvent(sqsRecord("059f36b4-87a3-44ab-83d2-661975830a7d", body), escaped,
		`{"attributes":{},"messageId":"id-3","body":""}`, `{"messageId":"id\u002d4","b\u006fdy":"x"}`))

	require.NoError(t, err)
	require.Equal(t, `{"batchItemFailures":[]}`, string(answer))
	sent := time.Date(2026, 3, 1, 10, 0, 0, 123e6, time.UTC)
	require.Equal(t, []edge.QueueRecord{
		{ID: "059f36b4-87a3-44ab-83d2-661975830a7d", Body: []byte(body), Receives: 3, Sent: sent},
		{ID: "id-2", Body: []byte(quoted), Receives: 3, Sent: sent},
		{ID: "id-3", Body: []byte{}},
		{ID: "id-4", Body: []byte("x")},
	}, got)
	require.Equal(t, body, string(append(got[0].Body, '!')[:len(body)]))
	require.Equal(t, quoted, string(got[1].Body), "a body grows into its neighbour")
}

func TestFailedRecordsAreReportedInTheOrderOfTheBatch(t *testing.T) {
	batch := make([]string, 10)
	for i := range batch {
		batch[i] = sqsRecord(fmt.Sprint("id", i+1), body)
	}
	batch[7], batch[4] = batch[8], sqsRecord(`\"`, body) // one id twice, one to be quoted
	for _, c := range []struct {
		failed []string
		want   string
	}{
		{nil, `{"batchItemFailures":[]}`},
		{[]string{"id3"}, `{"batchItemFailures":[{"itemIdentifier":"id3"}]}`},
		{[]string{`"`}, `{"batchItemFailures":[{"itemIdentifier":"\""}]}`},
		{[]string{"id9", "id1", "id9"}, `{"batchItemFailures":[{"itemIdentifier":"id1"},{"itemIdentifier":"id9"}]}`},
	} {
		answer, err := lambda.NewHandler(edge.Queue(func(context.Context, []edge.QueueRecord) []string { return c.failed })).
			Invoke(t.Context(), sqsEvent(batch...))
		require.NoError(t, err)
		require.Equal(t, c.want, string(answer))
	}
}

func TestAnIdThatIsNotInTheBatchBringsBackTheWholeBatch(t *testing.T) {
	for _, failed := range [][]string{{"id2"}, {"id1", ""}, {"id1", "ID1"}} {
		answer, err := edge.Queue(func(context.Context, []edge.QueueRecord) []string { return failed }).
			Invoke(t.Context(), sqsEvent(sqsRecord("id1", body)))
		require.Nil(t, answer)
		require.Equal(t, fault.Internal, fault.Of(err))
		require.ErrorContains(t, err, "1 records are reported as failed that are not in the batch")
	}
}

// hostileRecords are events of which nothing may be handled.
var hostileEvents = map[string]string{
	"":                                    `the event is empty`,
	`{`:                                   `the event is not valid JSON`,
	`null`:                                `"" of the event is not an object`,
	`[]`:                                  `"" of the event is not an object`,
	`{}`:                                  `the event has no Records`,
	`{"records":[]}`:                      `the event has no Records`,
	`{"Records":{}}`:                      `"/Records" of the event is not a list`,
	`{"Records":null}`:                    `"/Records" of the event is not a list`,
	`{"Records":[]}{}`:                    `the event has data after its end`,
	`{"Records":[],"Records":[]}`:         `the event is not valid JSON`,
	`{"Records":[]`:                       `the event is not valid JSON`,
	`{"Records":[,]}`:                     `the event is not valid JSON`,
	"{\"Records\":[],\"x\":\"\xff\"}":     `the event is not valid JSON`,
	`{"x":` + strings.Repeat("[", 20_000): `the event is not valid JSON`,
}

func TestAHostileQueueEventIsAnError(t *testing.T) {
	for event, want := range hostileEvents {
		t.Run(want, func(t *testing.T) { refusedQueue(t, event, want) })
	}
	for record, want := range map[string]string{
		`null`:                                    `"/Records" of the event is not an object`,
		`{}`:                                      `record 0 of the event has no messageId`,
		`{"body":"x"}`:                            `record 0 of the event has no messageId`,
		`{"messageId":"","body":"x"}`:             `record 0 of the event has no messageId`,
		`{"messageId":7,"body":"x"}`:              `"/Records/0/messageId" of the event is not text`,
		`{"messageId":"a","body":{}}`:             `"/Records/0/body" of the event is not text`,
		`{"messageId":"a","body":null}`:           `"/Records/0/body" of the event is not text`,
		`{"messageId":"a","messageId":"b"}`:       `the event is not valid JSON`,
		`{"messageId":"a","body":"\ud800"}`:       `the event is not valid JSON`,
		"{\"messageId\":\"a\",\"body\":\"\xc3\"}": `the event is not valid JSON`,
		"{\"messageId\":\"a\",\"body\":\"\n\"}":   `the event is not valid JSON`,
		`{"messageId":"a","attributes":[]}`:       `"/Records/0/attributes" of the event is not an object`,
		`{"messageId":"a","attributes":{"ApproximateReceiveCount":1}}`:           `"/Records/0/attributes/ApproximateReceiveCount" of the event is not a number in quotes`,
		`{"messageId":"a","attributes":{"ApproximateReceiveCount":"-1"}}`:        `"/Records/0/attributes/ApproximateReceiveCount" of the event is not a whole number`,
		`{"messageId":"a","attributes":{"SentTimestamp":"9223372036854775808"}}`: `"/Records/0/attributes/SentTimestamp" of the event is not a whole number`,
		`{"messageId":"a","attributes":{"SentTimestamp":""}}`:                    `"/Records/0/attributes/SentTimestamp" of the event is not a whole number`,
		sqsRecord("a", body) + `,` + sqsRecord("", body):                         `record 1 of the event has no messageId`,
		sqsRecord("a", body) + ` ` + sqsRecord("b", body):                        `the event is not valid JSON`,
	} {
		t.Run(want, func(t *testing.T) { refusedQueue(t, string(sqsEvent(record)), want) })
	}
}

func refusedQueue(t *testing.T, event, want string) {
	t.Helper()
	answer, err := edge.Queue(func(context.Context, []edge.QueueRecord) []string {
		t.Error("a record of a broken event was handled")
		return nil
	}).Invoke(t.Context(), []byte(event))
	require.Nil(t, answer)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, want)
}

// Each handler must leave itself time to report: all of them are held to it.
func TestWorkEndsTwoSecondsBeforeLambdaCutsItOff(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	var got time.Time
	look := func(ctx context.Context) {
		var ok bool
		got, ok = ctx.Deadline()
		require.True(t, ok)
	}
	for name, c := range map[string]struct {
		handler lambda.Handler
		event   []byte
	}{
		"queue": {edge.Queue(func(ctx context.Context, _ []edge.QueueRecord) []string { look(ctx); return nil }), sqsEvent()},
		"stream": {edge.Stream(func([]byte) (int, string, error) { return 0, "1", nil },
			func(ctx context.Context, _ []int) []string { look(ctx); return nil }), sqsEvent()},
		"schedule": {edge.Schedule(func(ctx context.Context) error { look(ctx); return nil }), []byte(`{}`)},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithDeadline(t.Context(), deadline)
			defer cancel()
			_, err := c.handler.Invoke(ctx, c.event)
			require.NoError(t, err)
			require.Equal(t, deadline.Add(-2*time.Second), got)
		})
	}
}

func TestWithoutADeadlineWorkHasNone(t *testing.T) {
	_, err := edge.Queue(func(ctx context.Context, _ []edge.QueueRecord) []string {
		_, ok := ctx.Deadline()
		require.False(t, ok)
		return nil
	}).Invoke(t.Context(), sqsEvent())
	require.NoError(t, err)
}

func TestAnErrorIsLoggedOnceAndWithoutTheBody(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"})

	_, err := edge.Queue(none).Invoke(ctx, sqsEvent(sqsRecord("a", "anna@example.com"), `{"body":"anna@example.com"}`))
	require.Error(t, err)
	_, err = edge.Schedule(func(context.Context) error { return fault.As(fault.Transient, errors.New("away"), "sweep") }).Invoke(ctx, []byte(`{}`))
	require.Error(t, err)

	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	for i, want := range []map[string]string{
		{"kind": "invalid", "op": "queue", "id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "error": "record 1 of the event has no messageId"},
		{"kind": "transient", "op": "schedule", "id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "error": "sweep: away"},
	} {
		var line map[string]string
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &line))
		delete(line, "time")
		want["level"], want["msg"] = "ERROR", "failed"
		require.Equal(t, want, line)
	}
	require.NotContains(t, log.String(), "anna")
}

// Allocations are a promise of the project: 4 for a record beside its body.
func TestReadingABatchAllocatesLittle(t *testing.T) {
	event := batchOf(1000)
	handler := edge.Queue(none)
	allocs := testing.AllocsPerRun(20, func() { _, _ = handler.Invoke(t.Context(), event) })
	t.Logf("%.2f allocations for each of 1000 records", allocs/1000)
	require.LessOrEqual(t, allocs, 4*1000.0)
}

// batchOf returns an event of n records of 758 bytes.
func batchOf(n int) []byte {
	records := make([]string, n)
	for i := range records {
		record := sqsRecord(fmt.Sprintf("059f36b4-87a3-44ab-83d2-%012d", i), body)
		records[i] = strings.Replace(record, `"messageAttributes":{"trace":{"stringValue":"1-5e","stringListValues":[],"binaryListValues":[],"dataType":"String"}}`, `"messageAttributes":{}`, 1)
		if pad := 758 - len(records[i]); pad > 0 {
			records[i] = strings.Replace(records[i], `uT1Q==`, strings.Repeat("x", pad)+`uT1Q==`, 1)
		}
	}
	return sqsEvent(records...)
}

// The peer is what a handler written with the events package does.
func BenchmarkQueue(b *testing.B) {
	const records = 1000
	event := batchOf(records)
	perRecord := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		b.ReportMetric(float64(len(event))/records, "B/record-in")
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		seen := 0
		handler := edge.Queue(func(_ context.Context, all []edge.QueueRecord) []string {
			for i := range all {
				seen += len(all[i].Body)
			}
			return nil
		})
		for b.Loop() {
			if _, err := handler.Invoke(b.Context(), event); err != nil {
				b.Fatal(err)
			}
		}
		require.Equal(b, b.N*records*len(body), seen)
		perRecord(b)
	})
	b.Run("peer", func(b *testing.B) {
		b.ReportAllocs()
		seen := 0
		handler := lambda.NewHandler(func(_ context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
			for i := range event.Records {
				seen += len(event.Records[i].Body)
			}
			return events.SQSEventResponse{}, nil
		})
		for b.Loop() {
			if _, err := handler.Invoke(b.Context(), event); err != nil {
				b.Fatal(err)
			}
		}
		require.Equal(b, b.N*records*len(body), seen)
		perRecord(b)
	})
}

// What Queue accepts, a general JSON library must read in the same way.
func FuzzQueue(f *testing.F) {
	f.Add(sqsEvent(sqsRecord("a", body), sqsRecord("b", "\"\\\n")))
	f.Add([]byte(`{"x":[{}],"Records":[{"messageId":"a","body":"\u00e9\ud83d\ude00","attributes":{"ApproximateReceiveCount":"007"}}]}`))
	for event := range hostileEvents {
		if len(event) < 1000 {
			f.Add([]byte(event))
		}
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		var got []edge.QueueRecord
		answer, err := edge.Queue(func(_ context.Context, records []edge.QueueRecord) (failed []string) {
			got = records
			for i := range records {
				failed = append(failed, records[i].ID)
			}
			return failed
		}).Invoke(t.Context(), event)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.Of(err))
			return
		}
		var want struct {
			Records []struct {
				ID         string `json:"messageId"`
				Body       string `json:"body"`
				Attributes struct {
					Receives string `json:"ApproximateReceiveCount"`
					Sent     string `json:"SentTimestamp"`
				} `json:"attributes"`
			}
		}
		require.NoError(t, jsonv2.Unmarshal(event, &want))
		require.Len(t, got, len(want.Records))
		ids := map[string]bool{}
		for i, w := range want.Records {
			receives, _ := strconv.Atoi(w.Attributes.Receives)
			ms, _ := strconv.ParseInt(w.Attributes.Sent, 10, 64)
			require.Equal(t, w.ID, got[i].ID)
			require.Equal(t, w.Body, string(got[i].Body))
			require.Equal(t, receives, got[i].Receives)
			if !got[i].Sent.IsZero() {
				require.Equal(t, ms, got[i].Sent.UnixMilli())
			}
			ids[w.ID] = true
		}
		var reported struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		require.NoError(t, json.Unmarshal(answer, &reported))
		require.Len(t, reported.BatchItemFailures, len(ids))
	})
}
