// Package edge speaks Lambda's protocols, so that nothing else has to: an event
// of API Gateway, SQS, DynamoDB Streams or EventBridge Scheduler becomes the
// arguments of a plain function, and what the function returns becomes the
// answer the service wants. It also holds the one table that says what each kind
// of fault means to a caller of the API, to a webhook's provider and to a queue.
//
// It decides nothing about orders or shipments and imports no store.
package edge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// grace is kept back from the time Lambda gives: work that ends this early can
// still be reported record by record, while an invocation cut off by Lambda
// brings back the whole batch, done or not.
const grace = 2 * time.Second

// invoke makes a lambda.Handler of a function. It logs the function's error,
// which Lambda turns into a redelivery.
func invoke(op string, f func(ctx context.Context, event []byte) ([]byte, error)) lambda.Handler {
	return handler(func(ctx context.Context, event []byte) ([]byte, error) {
		answer, err := f(ctx, event)
		if err != nil {
			logError(ctx, op, requestID(ctx), err)
		}
		return answer, err
	})
}

func requestID(ctx context.Context) string {
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		return invocation.AwsRequestID
	}
	return ""
}

type handler func(ctx context.Context, event []byte) ([]byte, error)

func (h handler) Invoke(ctx context.Context, event []byte) ([]byte, error) { return h(ctx, event) }

// logError logs an error, once and here only; never what was being read.
func logError(ctx context.Context, op, id string, err error) {
	slog.ErrorContext(ctx, "failed", "kind", fault.Of(err).String(), "op", op, "id", id, "error", err)
}

// early returns ctx with its deadline, if it has one, moved forward by grace.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-grace))
}

// failures answers a batch: those of its ids that are in failed, in the order of
// the batch. An id that is not in the batch is a defect of ours about which
// Lambda can do nothing good; the error brings the whole batch back.
//
// Source: Lambda developer guide, "Reporting batch item failures" for SQS and
// for DynamoDB (there the id is the sequence number).
func failures[T any](batch []T, id func(*T) string, failed []string) ([]byte, error) {
	reported := make(map[string]bool, len(failed)) // whether it was found in the batch
	for _, f := range failed {
		reported[f] = false
	}
	answer, found := []byte(`{"batchItemFailures":[`), 0
	for i := range batch {
		of := id(&batch[i])
		again, bad := reported[of]
		if !bad || again {
			continue
		}
		reported[of] = true
		if found++; found > 1 {
			answer = append(answer, ',')
		}
		answer = append(answer, `{"itemIdentifier":`...)
		answer, _ = jsontext.AppendQuote(answer, of) // it was read from JSON
		answer = append(answer, '}')
	}
	if found < len(reported) {
		return nil, fault.New(fault.Internal, "UNKNOWN_RECORD", "%d records are reported as failed that are not in the batch", len(reported)-found)
	}
	return append(answer, `]}`...), nil
}

// readRecords calls read before each element of the event's Records. read must
// read that element. An event without Records is fault.Invalid, as is one that
// is not JSON.
func readRecords(event []byte, read func(*jsontext.Decoder) error) error {
	d, found := jsontext.NewDecoder(bytes.NewBuffer(event)), false
	err := readObject(d, func(name []byte) error {
		if string(name) != "Records" {
			return skip(d)
		}
		found = true
		if _, err := expect(d, '[', "a list"); err != nil {
			return err
		}
		for d.PeekKind() != ']' {
			if err := read(d); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	})
	if err == nil && !found {
		return fault.New(fault.Invalid, "INVALID_EVENT", "the event has no Records")
	}
	if err == nil {
		if _, err = d.ReadToken(); err == io.EOF {
			return nil
		}
	}
	return malformed(err)
}

// readObject calls field for each name of the object that comes next. field
// must read the value; name is valid until it does.
func readObject(d *jsontext.Decoder, field func(name []byte) error) error {
	if _, err := expect(d, '{', "an object"); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		if name = name[1 : len(name)-1]; bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote(nil, `"`+string(name)+`"`)
		}
		if err := field(name); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// expect reads the bracket or scalar that comes next and must be of the kind.
func expect(d *jsontext.Decoder, kind jsontext.Kind, what string) (raw jsontext.Value, err error) {
	if next := d.PeekKind(); next != kind && next != jsontext.KindInvalid {
		return nil, fault.New(fault.Invalid, "INVALID_EVENT", "%.80q of the event is not %s", d.StackPointer(), what)
	}
	if kind == '{' || kind == '[' {
		_, err = d.ReadToken()
		return nil, err
	}
	return d.ReadValue()
}

// skip reads past a value: ReadValue does so faster than SkipValue, and keeps
// nothing when the whole event is in memory.
func skip(d *jsontext.Decoder) error {
	_, err := d.ReadValue()
	return err
}

// malformed says where an event could not be read. It repeats nothing of what
// the event says.
func malformed(err error) error {
	if err == nil {
		return fault.New(fault.Invalid, "INVALID_EVENT", "the event has data after its end")
	}
	if fault.Of(err) == fault.Invalid {
		return err
	}
	if at, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fault.New(fault.Invalid, "INVALID_EVENT", "the event is not valid JSON at byte %d, in %.80q", at.ByteOffset, at.JSONPointer)
	}
	return fault.New(fault.Invalid, "INVALID_EVENT", "the event is empty")
}
