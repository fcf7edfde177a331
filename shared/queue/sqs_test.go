// Speaks to SQS through the SDK: to a queue of ours that answers as SQS would
// and refuses on request, and to fauxqs where HEADSTART_SQS_ENDPOINT names one.
// It would catch a message lost or doubled by a partial failure, a batch above
// SQS's limits, and a retry that never ends.
package queue_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/queue"
)

var badBodies = []struct {
	body []byte
	kind fault.Kind
	says string
}{
	{bytes.Repeat([]byte{'x'}, queue.MaxBodyBytes+1), fault.TooLarge, "has 262145 bytes; send at most 262144"},
	{[]byte{}, fault.Invalid, "is empty; send text in UTF-8"},
	{nil, fault.Invalid, "is empty; send text in UTF-8"},
	{[]byte("a\xffb"), fault.Invalid, "is not valid UTF-8; send text in UTF-8"},
	{[]byte("a\x00b"), fault.Invalid, "holds a control character; send text in UTF-8"},
	{[]byte("a\x1fb"), fault.Invalid, "holds a control character; send text in UTF-8"},
	{[]byte("a\uFFFEb"), fault.Invalid, "holds a control character; send text in UTF-8"},
	{[]byte("a\uFFFFb"), fault.Invalid, "holds a control character; send text in UTF-8"},
}

func clientOf(transport aws.HTTPClient, endpoint string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "eu-central-1", BaseEndpoint: &endpoint, HTTPClient: transport,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// fakeSQS stores what it is sent, and refuses the messages that refuses names.
type fakeSQS struct {
	requests int
	stored   []string // in order of arrival
	refuses  func(request int, body string) bool
	redrive  string // the redrive policy; "" means none
	moved    string // source of the last move
	down     bool   // every request fails as a whole
}

const fakeURL = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders"

func (f *fakeSQS) queue() *queue.SQS {
	return queue.NewSQS(clientOf(f, "https://sqs.eu-central-1.amazonaws.com"), fakeURL)
}

type batchEntry struct{ Id, MessageBody string }

// Do answers in SQS's JSON protocol.
func (f *fakeSQS) Do(r *http.Request) (*http.Response, error) {
	f.requests++
	if f.down {
		return respond(http.StatusServiceUnavailable, map[string]any{"__type": "ServiceUnavailable"})
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var in struct {
		QueueUrl, SourceArn string
		Entries             []batchEntry
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	switch r.Header.Get("X-Amz-Target") {
	case "AmazonSQS.SendMessageBatch":
		return f.store(in.Entries)
	case "AmazonSQS.GetQueueAttributes":
		attributes := map[string]string{}
		if f.redrive != "" {
			attributes["RedrivePolicy"] = f.redrive
		}
		return respond(http.StatusOK, map[string]any{"Attributes": attributes})
	case "AmazonSQS.StartMessageMoveTask":
		f.moved = in.SourceArn
		return respond(http.StatusOK, map[string]any{"TaskHandle": "handle"})
	}
	return respond(http.StatusBadRequest, map[string]any{"__type": "UnsupportedOperation"})
}

func (f *fakeSQS) store(entries []batchEntry) (*http.Response, error) {
	size := 0
	successful, failed := []map[string]any{}, []map[string]any{}
	for _, e := range entries {
		size += len(e.MessageBody)
		if f.refuses != nil && f.refuses(f.requests, e.MessageBody) {
			failed = append(failed, map[string]any{"Id": e.Id, "Code": "InternalError", "Message": "try again", "SenderFault": false})
			continue
		}
		f.stored = append(f.stored, e.MessageBody)
		sum := md5.Sum([]byte(e.MessageBody))
		successful = append(successful, map[string]any{
			"Id": e.Id, "MessageId": fmt.Sprintf("id-%d", len(f.stored)), "MD5OfMessageBody": hex.EncodeToString(sum[:])})
	}
	if len(entries) == 0 || len(entries) > 10 || size > 1<<20 {
		return respond(http.StatusBadRequest, map[string]any{"__type": "BatchRequestTooLong"})
	}
	return respond(http.StatusOK, map[string]any{"Successful": successful, "Failed": failed})
}

func respond(status int, body any) (*http.Response, error) {
	text, err := json.Marshal(body)
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(text))}, err
}

func numbered(n int) (bodies [][]byte) {
	for i := range n {
		bodies = append(bodies, fmt.Appendf(nil, "order %d", i+1))
	}
	return bodies
}

func TestSQSGetsBatchesOfTen(t *testing.T) {
	f := &fakeSQS{}
	ids, err := f.queue().Send(t.Context(), numbered(25)...)
	require.NoError(t, err)
	require.Equal(t, 3, f.requests)
	require.Len(t, f.stored, 25)
	require.Len(t, ids, 25)
	require.Equal(t, "order 25", f.stored[24])
	require.Equal(t, "id-1", ids[0])
	require.Equal(t, "id-25", ids[24])
}

func TestSQSGetsNoBatchAboveOneMebibyte(t *testing.T) {
	f := &fakeSQS{}
	large := []byte(strings.Repeat("x", queue.MaxBodyBytes))
	ids, err := f.queue().Send(t.Context(), large, large, large, large, large, []byte("small"))
	require.NoError(t, err)
	require.Equal(t, 2, f.requests)
	require.Len(t, ids, 6)
}

func TestSQSGetsNothingWhenOneBodyIsBad(t *testing.T) {
	f := &fakeSQS{}
	for _, c := range badBodies {
		ids, err := f.queue().Send(t.Context(), append(numbered(11), c.body)...)
		require.Equal(t, c.kind, fault.Of(err), c.says)
		require.ErrorContains(t, err, "message 12 of 12 "+c.says)
		require.Nil(t, ids)
	}
	require.Zero(t, f.requests)
	_, err := f.queue().Send(t.Context())
	require.NoError(t, err)
	require.Zero(t, f.requests)
}

func TestOnlyWhatSQSCouldNotStoreIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSQS{refuses: func(request int, body string) bool {
			return request == 1 && body != "order 2" || request == 2 && body == "order 5"
		}}
		ids, err := f.queue().Send(t.Context(), numbered(5)...)
		require.NoError(t, err)
		require.Equal(t, []string{"order 2", "order 1", "order 3", "order 4", "order 5"}, f.stored)
		require.Equal(t, []string{"id-2", "id-1", "id-3", "id-4", "id-5"}, ids)
		require.Equal(t, 3, f.requests)
	})
}

func TestSendingEndsAfterFourTriesAndCountsWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSQS{refuses: func(_ int, body string) bool { return body == "order 12" }}
		start := time.Now()
		ids, err := f.queue().Send(t.Context(), numbered(25)...)
		require.Equal(t, fault.Transient, fault.Of(err))
		require.EqualError(t, err, "6 of 25 messages were not sent: SQS says InternalError: try again")
		require.Equal(t, 1+4, f.requests)
		require.Len(t, f.stored, 19)
		require.Equal(t, "id-19", ids[19])
		require.Equal(t, "", ids[11])
		require.LessOrEqual(t, time.Since(start), 700*time.Millisecond)
		require.GreaterOrEqual(t, time.Since(start), 350*time.Millisecond)
	})
}

func TestAQueueThatIsAwayIsTransient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSQS{down: true}
		_, err := f.queue().Send(t.Context(), numbered(3)...)
		require.Equal(t, fault.Transient, fault.Of(err))
		require.ErrorContains(t, err, "3 of 3 messages were not sent")
		require.Equal(t, fault.Transient, fault.Of(f.queue().Redrive(t.Context())))
	})
}

func TestACancelledSenderDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSQS{refuses: func(int, string) bool { return true }}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := f.queue().Send(ctx, numbered(1)...)
		require.Equal(t, fault.Transient, fault.Of(err))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, f.requests)
		require.Equal(t, 10*time.Millisecond, time.Since(start))
	})
}

func TestRedriveMovesTheDeadLetterQueueOfTheRedrivePolicy(t *testing.T) {
	f := &fakeSQS{redrive: `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:orders-dead","maxReceiveCount":10}`}
	require.NoError(t, f.queue().Redrive(t.Context()))
	require.Equal(t, "arn:aws:sqs:eu-central-1:123456789012:orders-dead", f.moved)
}

func TestAQueueWithoutDeadLettersCannotBeRedriven(t *testing.T) {
	for _, policy := range []string{"", "{}", "nonsense"} {
		f := &fakeSQS{redrive: policy}
		require.Equal(t, fault.NotFound, fault.Of(f.queue().Redrive(t.Context())), policy)
		require.Empty(t, f.moved)
	}
}

func TestAnSQSEmulatorReceivesWhatWasSent(t *testing.T) {
	endpoint := os.Getenv("HEADSTART_SQS_ENDPOINT")
	if endpoint == "" {
		t.Skip("HEADSTART_SQS_ENDPOINT is not set: nothing is sent to a real SQS server (.ci/sqs-local go test ./shared/queue starts one)")
	}
	client := clientOf(http.DefaultClient, endpoint)
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("orders-" + rand.Text())})
	require.NoError(t, err)
	q := queue.NewSQS(client, *created.QueueUrl)

	sent := append(numbered(23), []byte(strings.Repeat("ß", queue.MaxBodyBytes/2)), []byte("{\"tab\":\"\t\"}\n"))
	ids, err := q.Send(t.Context(), sent...)
	require.NoError(t, err)
	want := map[string]string{}
	for i, id := range ids {
		want[id] = string(sent[i])
	}
	require.Len(t, want, len(sent), "an id for each message")

	got := map[string]string{}
	for len(got) < len(want) {
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: created.QueueUrl, MaxNumberOfMessages: 10})
		require.NoError(t, err)
		require.NotEmpty(t, out.Messages, "%d of %d messages arrived", len(got), len(want))
		for _, m := range out.Messages {
			got[*m.MessageId] = *m.Body
		}
	}
	require.Equal(t, want, got)

	_, err = queue.NewSQS(client, *created.QueueUrl+"-missing").Send(t.Context(), numbered(1)...)
	require.Equal(t, fault.Transient, fault.Of(err))
	require.Equal(t, fault.NotFound, fault.Of(q.Redrive(t.Context())))
}
