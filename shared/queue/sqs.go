package queue

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
)

// Limits of one SendMessageBatch. Source: SQS API reference, SendMessageBatch.
const (
	maxBatchMessages = 10
	maxBatchBytes    = 1 << 20
)

// Tries of what is left of one batch, beside the client's own retries of a
// request that failed as a whole. Three waits take 0.7 s at the most, which a
// webhook's sender can bear.
const (
	maxSendTries  = 4
	firstSendWait = 100 * time.Millisecond
)

// SQS sends to an Amazon SQS queue. It is safe for concurrent use.
type SQS struct {
	client *sqs.Client
	url    string
}

// NewSQS returns the queue at queueURL.
func NewSQS(client *sqs.Client, queueURL string) *SQS { return &SQS{client, queueURL} }

// Send sends the bodies in batches and returns their ids in the same order once
// SQS has stored them all. It returns fault.TooLarge or fault.Invalid, having
// sent nothing, for a body that SQS would refuse. With fault.Transient it says
// how many were not sent: some or all of the others were, their ids are
// returned, and sending all again sends those twice.
func (q *SQS) Send(ctx context.Context, bodies ...[]byte) (ids []string, err error) {
	if err := check(bodies); err != nil {
		return nil, err
	}
	ids = make([]string, len(bodies))
	for from := 0; from < len(bodies); {
		to := from + batchLen(bodies[from:])
		if err := q.sendBatch(ctx, bodies[from:to], ids[from:to]); err != nil {
			return ids, fault.As(fault.Transient, err, strconv.Itoa(missing(ids))+" of "+strconv.Itoa(len(ids))+" messages were not sent")
		}
		from = to
	}
	return ids, nil
}

// batchLen returns how many of the first bodies fit into one batch.
func batchLen(bodies [][]byte) int {
	n, size := 0, 0
	for n < min(len(bodies), maxBatchMessages) && size+len(bodies[n]) <= maxBatchBytes {
		size += len(bodies[n])
		n++
	}
	return n
}

// sendBatch fills in the ids, trying again with what SQS could not store.
func (q *SQS) sendBatch(ctx context.Context, bodies [][]byte, ids []string) error {
	for try := 1; ; try++ {
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries(bodies, ids)})
		if err != nil {
			return err
		}
		for _, sent := range out.Successful {
			if i, err := strconv.Atoi(aws.ToString(sent.Id)); err == nil && i >= 0 && i < len(ids) {
				ids[i] = aws.ToString(sent.MessageId)
			}
		}
		if missing(ids) == 0 {
			return nil
		}
		if try == maxSendTries {
			return refusal(out.Failed)
		}
		wait(ctx, firstSendWait<<(try-1))
	}
}

// entries holds the bodies without an id; an entry is called by its place.
func entries(bodies [][]byte, ids []string) []types.SendMessageBatchRequestEntry {
	left := make([]types.SendMessageBatchRequestEntry, 0, len(bodies))
	for i, body := range bodies {
		if ids[i] == "" {
			left = append(left, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
		}
	}
	return left
}

func missing(ids []string) (n int) {
	for _, id := range ids {
		if id == "" {
			n++
		}
	}
	return n
}

// refusal is SQS's own word on the first message it could not store.
func refusal(failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return fault.New(fault.Transient, "NOT_SENT", "SQS does not say why")
	}
	return fault.New(fault.Transient, "NOT_SENT", "SQS says %s: %s", aws.ToString(failed[0].Code), aws.ToString(failed[0].Message))
}

// wait takes at least half of d, at most d: so that senders who failed together
// do not come back together. It ends early with the context, which the next
// request then reports.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Redrive starts the move of all dead letters back to the queue they came from
// and returns without waiting for its end. It returns fault.NotFound when the
// queue has no dead-letter queue, and fault.Transient when SQS did not start
// the move, as it does while another one is under way.
func (q *SQS) Redrive(ctx context.Context) error {
	source, err := q.deadLetterQueue(ctx)
	if err != nil {
		return err
	}
	_, err = q.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &source})
	return fault.As(fault.Transient, err, "redrive "+q.url)
}

// deadLetterQueue returns the ARN that the queue's redrive policy names.
func (q *SQS) deadLetterQueue(ctx context.Context) (arn string, err error) {
	name := types.QueueAttributeNameRedrivePolicy
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", fault.As(fault.Transient, err, "redrive "+q.url)
	}
	var policy struct {
		DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	}
	text := out.Attributes[string(name)]
	if err := json.Unmarshal([]byte(text), &policy); err != nil || policy.DeadLetterTargetArn == "" {
		return "", fault.New(fault.NotFound, "NO_DEAD_LETTER_QUEUE", "queue %s has no dead-letter queue; give it a redrive policy", q.url)
	}
	return policy.DeadLetterTargetArn, nil
}
