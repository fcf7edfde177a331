package edge

import (
	"bytes"
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// Stream returns the handler of a DynamoDB stream's event source with
// ReportBatchItemFailures.
//
// decode gets the JSON of one stream record, valid until it returns, and returns
// what the record says and its sequence number. A record that it refuses counts
// as failed and is logged; the records behind it are handled all the same,
// because Lambda gives up a batch that keeps failing, and what was not handled
// by then is lost. So handle may see a record again, and it may see one whose
// predecessor is still to come: it must be idempotent by version or sequence.
//
// handle gets what was decoded, in the order of the stream, and returns the
// sequence numbers that failed. Its context ends 2 s before Lambda would cut it
// off. All failed sequence numbers are reported in the order of the stream;
// Lambda goes on from the first.
//
// An event that cannot be read and a sequence number returned that is not in the
// batch are errors: the whole batch comes again.
func Stream[T any](decode func(record []byte) (value T, sequence string, err error),
	handle func(ctx context.Context, values []T) (failedSequences []string)) lambda.Handler {
	return invoke("stream", func(ctx context.Context, event []byte) ([]byte, error) {
		var values []T
		var sequences, undecoded []string
		err := readRecords(event, func(d *jsontext.Decoder) error {
			record, err := d.ReadValue()
			if err != nil {
				return err
			}
			value, sequence, err := decode(record)
			if err != nil {
				sequence = sequenceOf(record)
				undecoded = append(undecoded, sequence)
				logError(ctx, "decode", sequence, err)
			} else {
				values = append(values, value)
			}
			if sequence == "" {
				return fault.New(fault.Invalid, "INVALID_EVENT", "record %d of the event has no dynamodb.SequenceNumber", len(sequences))
			}
			sequences = append(sequences, sequence)
			return nil
		})
		if err != nil {
			return nil, err
		}
		ctx, cancel := early(ctx)
		defer cancel()
		return failures(sequences, func(s *string) string { return *s }, append(undecoded, handle(ctx, values)...))
	})
}

// sequenceOf returns a stream record's sequence number, or "" where it has none.
func sequenceOf(record []byte) (sequence string) {
	d := jsontext.NewDecoder(bytes.NewBuffer(record))
	_ = readObject(d, func(name []byte) error {
		if string(name) != "dynamodb" {
			return skip(d)
		}
		return readObject(d, func(name []byte) (err error) {
			if string(name) != "SequenceNumber" {
				return skip(d)
			}
			sequence, err = readString(d)
			return err
		})
	})
	return sequence
}
