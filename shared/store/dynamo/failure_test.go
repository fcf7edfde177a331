package dynamo_test

// Answers the store's HTTP requests by hand, in virtual time, with what
// DynamoDB Local never does: throttling, conflicts, lost replies, unprocessed
// keys. It would catch an error with the wrong kind, a write tried too often
// or under a second token, and a key that is asked for twice or never.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
)

// request is what the store asked: the operation and its JSON.
type request struct {
	operation string
	body      map[string]any
	ctx       context.Context
}

// answer is what comes back: a status and a body, or no answer at all.
type answer struct {
	status int
	body   string
	err    error
}

// service is an HTTP client that answers without a network.
type service struct {
	asked  []request
	answer func(try int, r request) answer
}

func (s *service) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	in := request{operation: operation, ctx: r.Context()}
	if err := json.UnmarshalRead(r.Body, &in.body); err != nil {
		return nil, err
	}
	s.asked = append(s.asked, in)
	a := s.answer(len(s.asked), in)
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// open returns a store whose requests s answers.
func (s *service) open() *dynamo.Store {
	client, streams := dynamo.Clients(aws.Config{
		Region:      "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient:  s,
	})
	return dynamo.New(client, streams, "table")
}

// always answers every request the same.
func always(a answer) *service {
	return &service{answer: func(int, request) answer { return a }}
}

// then answers the first request with a, the others with ok.
func (a answer) then(ok answer) *service {
	return &service{answer: func(try int, _ request) answer {
		if try == 1 {
			return a
		}
		return ok
	}}
}

func refusal(code string) answer {
	return answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"told by the test"}`}
}

// cancelled is a transaction cancelled for the reasons, one per write.
func cancelled(reasons ...string) answer {
	var list []string
	for _, reason := range reasons {
		list = append(list, `{"Code":"`+reason+`"}`)
	}
	return answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"told by the test","CancellationReasons":[` + strings.Join(list, ",") + `]}`}
}

var (
	fine       = answer{status: 200, body: `{}`}
	throttled  = refusal("ProvisionedThroughputExceededException")
	unanswered = answer{err: syscall.ECONNRESET}
)

// the is a record to write.
func the(sort string) store.Record {
	return store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: 7, Attrs: []store.Attr{store.Int("n", 1)}}
}

// calls are all methods, each with one call that reaches DynamoDB.
var calls = map[string]func(ctx context.Context, s *dynamo.Store) error{
	"get one": func(ctx context.Context, s *dynamo.Store) error {
		_, err := s.Get(ctx, true, the("a").Key)
		return err
	},
	"get many": func(ctx context.Context, s *dynamo.Store) error {
		_, err := s.Get(ctx, true, the("a").Key, the("b").Key)
		return err
	},
	"put": func(ctx context.Context, s *dynamo.Store) error {
		_, _, err := s.Put(ctx, store.Write{Record: the("a")})
		return err
	},
	"delete": func(ctx context.Context, s *dynamo.Store) error {
		_, _, err := s.Put(ctx, store.Write{Record: the("a"), Delete: true, Expect: 6})
		return err
	},
	"put all": func(ctx context.Context, s *dynamo.Store) error {
		_, err := s.PutAll(ctx, []store.Write{{Record: the("a")}})
		return err
	},
	"list": func(ctx context.Context, s *dynamo.Store) error {
		_, _, err := s.List(ctx, store.Query{Partition: "p"})
		return err
	},
	"changes": func(ctx context.Context, s *dynamo.Store) error {
		_, _, err := s.Changes(ctx, "", 0)
		return err
	},
}

func TestEveryCallGivesAFailureItsKindAndTriesAgainOnlyWhatMayPass(t *testing.T) {
	for _, c := range []struct {
		what  string
		a     answer
		kind  fault.Kind
		tries int
	}{
		{"throttled", throttled, fault.Transient, 3},
		{"throttled by the account", refusal("RequestLimitExceeded"), fault.Transient, 3},
		{"throttled by the control plane", refusal("ThrottlingException"), fault.Transient, 3},
		{"a conflict with a transaction", refusal("TransactionConflictException"), fault.Transient, 3},
		{"its own transaction in progress", refusal("TransactionInProgressException"), fault.Transient, 3},
		{"an error of the service", answer{status: 500, body: `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}`}, fault.Transient, 3},
		{"a gateway's page", answer{status: 503, body: `<html>`}, fault.Transient, 3},
		{"a broken connection", unanswered, fault.Transient, 3},
		{"a reply cut off", answer{status: 200, body: `{"Item":{"pk":{"S`}, fault.Transient, 3},
		{"what cannot be", refusal("ValidationException"), fault.Invalid, 1},
		{"no such table", refusal("ResourceNotFoundException"), fault.Internal, 1},
		{"no permission", refusal("AccessDeniedException"), fault.Internal, 1},
		{"a code nobody knows", refusal("SomethingNewException"), fault.Internal, 1},
	} {
		for call, run := range calls {
			t.Run(c.what+" in "+call, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began, s := time.Now(), always(c.a)
					err := run(t.Context(), s.open())
					require.Error(t, err)
					require.Equal(t, c.kind, fault.Of(err), "%v", err)
					require.Len(t, s.asked, c.tries)
					require.LessOrEqual(t, time.Since(began), 150*time.Millisecond)

					if c.kind == fault.Transient && call != "changes" {
						s = c.a.then(fine)
						require.NoError(t, run(t.Context(), s.open()))
						require.Len(t, s.asked, 2)
					}
				})
			})
		}
	}
}

func TestEveryCallEndsWithItsContext(t *testing.T) {
	for call, run := range calls {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				silent := &service{answer: func(_ int, r request) answer {
					<-r.ctx.Done()
					return answer{err: r.ctx.Err()}
				}}
				ctx, stop := context.WithTimeout(t.Context(), time.Second)
				defer stop()
				err := run(ctx, silent.open())
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, fault.Transient, fault.Of(err))
				require.Len(t, silent.asked, 1)
			})
		})
	}
}

func TestAReadIsAsStrongAsItIsAskedToBe(t *testing.T) {
	for _, strong := range []bool{true, false} {
		wire := always(fine)
		s := wire.open()
		_, err := s.Get(t.Context(), strong, the("a").Key)
		require.NoError(t, err)
		_, _, err = s.List(t.Context(), store.Query{Partition: "p", Strong: strong})
		require.NoError(t, err)
		_, err = s.Get(t.Context(), strong, the("a").Key, the("b").Key)
		require.NoError(t, err)
		require.Len(t, wire.asked, 3)
		require.Equal(t, strong, wire.asked[0].body["ConsistentRead"])
		require.Equal(t, strong, wire.asked[1].body["ConsistentRead"])
		require.Equal(t, strong, wire.asked[2].body["RequestItems"].(map[string]any)["table"].(map[string]any)["ConsistentRead"])
	}
}

func TestATryEndsAfterFiveSeconds(t *testing.T) {
	for _, given := range []aws.HTTPClient{nil, awshttp.NewBuildableClient()} {
		client, streams := dynamo.Clients(aws.Config{HTTPClient: given})
		require.Equal(t, 5*time.Second, client.Options().HTTPClient.(*awshttp.BuildableClient).GetTimeout())
		require.Equal(t, 5*time.Second, streams.Options().HTTPClient.(*awshttp.BuildableClient).GetTimeout())
	}
}

func TestAPutWhoseReplyWasLostMeetsItsOwnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unanswered.then(answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
			"Item":{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"7"},"n":{"N":"1"}}}`})
		current, ok, err := s.open().Put(t.Context(), store.Write{Record: the("a"), Expect: 6})
		require.NoError(t, err)
		require.False(t, ok)
		require.Equal(t, the("a"), current)
		require.Len(t, s.asked, 2)
		require.Equal(t, "ALL_OLD", s.asked[0].body["ReturnValuesOnConditionCheckFailure"])
	})
}

func TestALostConditionAgainstNoRecordIsVersionZero(t *testing.T) {
	s := always(refusal("ConditionalCheckFailedException"))
	current, ok, err := s.open().Put(t.Context(), store.Write{Record: the("a"), Expect: 6})
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, current)
	require.Len(t, s.asked, 1)
}

func TestATransactionIsTriedUnderOneTokenAndTheNextUnderAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unanswered.then(fine)
		opened := s.open()
		for range 2 {
			ok, err := opened.PutAll(t.Context(), []store.Write{{Record: the("a")}, {Record: the("b")}})
			require.NoError(t, err)
			require.True(t, ok)
		}
		require.Len(t, s.asked, 3)
		token := func(i int) any { return s.asked[i].body["ClientRequestToken"] }
		require.NotEmpty(t, token(0))
		require.Equal(t, token(0), token(1))
		require.NotEqual(t, token(1), token(2))
	})
}

func TestACancelledTransactionIsWhatItsGravestReasonIs(t *testing.T) {
	for _, c := range []struct {
		reasons []string
		kind    fault.Kind // Conflict: no error, the condition was lost
		tries   int
	}{
		{[]string{"None", "ConditionalCheckFailed"}, fault.Conflict, 1},
		{[]string{"TransactionConflict", "ConditionalCheckFailed", "None"}, fault.Conflict, 1},
		{[]string{"TransactionConflict", "None"}, fault.Transient, 3},
		{[]string{"None", "ThrottlingError"}, fault.Transient, 3},
		{[]string{"ProvisionedThroughputExceeded"}, fault.Transient, 3},
		{[]string{"ConditionalCheckFailed", "ValidationError"}, fault.Invalid, 1},
		{[]string{"ItemCollectionSizeLimitExceeded", "TransactionConflict"}, fault.Invalid, 1},
		{[]string{"TransactionConflict", "SomethingNew"}, fault.Internal, 1},
		{[]string{"None"}, fault.Internal, 1},
		{nil, fault.Internal, 1},
	} {
		t.Run(fmt.Sprint(c.reasons), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := always(cancelled(c.reasons...))
				ok, err := s.open().PutAll(t.Context(), []store.Write{{Record: the("a")}, {Record: the("b")}})
				require.False(t, ok)
				if c.kind == fault.Conflict {
					require.NoError(t, err)
				} else {
					require.Error(t, err)
					require.Equal(t, c.kind, fault.Of(err), "%v", err)
				}
				require.Len(t, s.asked, c.tries)

				if c.kind == fault.Transient {
					s = cancelled(c.reasons...).then(fine)
					ok, err = s.open().PutAll(t.Context(), []store.Write{{Record: the("a")}, {Record: the("b")}})
					require.NoError(t, err)
					require.True(t, ok)
				}
			})
		})
	}
}

// batch answers a BatchGetItem with the first n of its keys, each a record of
// version 7, and leaves the others unprocessed.
func batch(r request, n int) answer {
	asked := keysOf(r)
	n = min(n, len(asked))
	var items, left []any
	for _, key := range asked[:n] {
		items = append(items, map[string]any{"pk": key["pk"], "sk": key["sk"], "v": map[string]any{"N": "7"}})
	}
	for _, key := range asked[n:] {
		left = append(left, key)
	}
	out := map[string]any{"Responses": map[string]any{"table": items}}
	if len(left) > 0 {
		out["UnprocessedKeys"] = map[string]any{"table": map[string]any{"Keys": left}}
	}
	var body bytes.Buffer
	if err := json.MarshalWrite(&body, out); err != nil {
		panic(err)
	}
	return answer{status: 200, body: body.String()}
}

func keysOf(r request) (keys []map[string]any) {
	for _, key := range r.body["RequestItems"].(map[string]any)["table"].(map[string]any)["Keys"].([]any) {
		keys = append(keys, key.(map[string]any))
	}
	return keys
}

func manyKeys(n int) (keys []store.Key) {
	for i := range n {
		keys = append(keys, store.Key{Partition: "p", Sort: fmt.Sprintf("%03d", i)})
	}
	return keys
}

func TestKeysLeftUnprocessedAreAskedAgainUntilAllAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(_ int, r request) answer { return batch(r, 30) }}
		keys := manyKeys(250)
		got, err := s.open().Get(t.Context(), true, append(keys, keys...)...)
		require.NoError(t, err)
		require.Len(t, got, 500)
		for i, record := range got {
			require.Equal(t, keys[i%250], record.Key)
		}
		answered := 0
		for _, r := range s.asked {
			require.LessOrEqual(t, len(keysOf(r)), 100)
			answered += min(30, len(keysOf(r)))
		}
		require.Equal(t, 250, answered, "no key is asked for once it is answered")
	})
}

func TestKeysLeftUnprocessedThreeTimesAreTransient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{answer: func(try int, r request) answer {
			if try == 3 {
				return batch(r, 1) // progress: the count of failures begins anew
			}
			return batch(r, 0)
		}}
		began := time.Now()
		_, err := s.open().Get(t.Context(), true, manyKeys(5)...)
		require.Error(t, err)
		require.Equal(t, fault.Transient, fault.Of(err))
		require.Len(t, s.asked, 6)
		require.LessOrEqual(t, time.Since(began), 300*time.Millisecond)
		require.Positive(t, time.Since(began))
	})
}

func TestWaitingForUnprocessedKeysEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &service{answer: func(_ int, r request) answer {
			stop()
			return batch(r, 0)
		}}
		_, err := s.open().Get(ctx, true, manyKeys(5)...)
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, s.asked, 1)
	})
}

func TestAnItemOfAnotherWriterIsAnInternalFault(t *testing.T) {
	for what, item := range map[string]string{
		"no version":    `{"pk":{"S":"p"},"sk":{"S":"a"}}`,
		"a fraction":    `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"1"},"n":{"N":"1.5"}}`,
		"over 64 bits":  `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"1"},"n":{"N":"9223372036854775808"}}`,
		"another kind":  `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"1"},"n":{"BOOL":true}}`,
		"a negative":    `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"N":"-1"}}`,
		"a textual one": `{"pk":{"S":"p"},"sk":{"S":"a"},"v":{"S":"1"}}`,
	} {
		t.Run(what, func(t *testing.T) {
			s := always(answer{status: 200, body: `{"Item":` + item + `}`})
			_, err := s.open().Get(t.Context(), true, the("a").Key)
			require.Error(t, err)
			require.Equal(t, fault.Internal, fault.Of(err))
		})
	}
}
