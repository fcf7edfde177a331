package edge

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// QueueRecord is one message of an SQS batch.
type QueueRecord struct {
	ID       string // messageId; names the record in the answer
	Body     []byte
	Receives int       // how often it was received, this time included; 0 when not said
	Sent     time.Time // when it was sent, UTC; zero when not said
}

// bytesPerRecord is what a record with a short body takes in an event; only the
// room that is set aside depends on it.
const bytesPerRecord = 700

// Queue returns the handler of an SQS event source with ReportBatchItemFailures.
// handle gets all records of a batch, in its order, and returns the ids of those
// that SQS must deliver again; the others are gone. Its context ends 2 s before
// Lambda would cut it off: what is not done by then is to be returned as failed.
// A record's Body shares memory with the others of its batch and may be kept.
//
// An event that cannot be read, a record without an id and an id returned that
// is not in the batch are errors: SQS delivers the whole batch again.
func Queue(handle func(ctx context.Context, records []QueueRecord) (failed []string)) lambda.Handler {
	return invoke("queue", func(ctx context.Context, event []byte) ([]byte, error) {
		records, err := readQueue(event)
		if err != nil {
			return nil, err
		}
		ctx, cancel := early(ctx)
		defer cancel()
		return failures(records, func(r *QueueRecord) string { return r.ID }, handle(ctx, records))
	})
}

// readQueue reads an SQS event. All bodies go into one piece of memory: without
// its escapes a body is never longer than it was.
func readQueue(event []byte) ([]QueueRecord, error) {
	records := make([]QueueRecord, 0, len(event)/bytesPerRecord+1)
	bodies := make([]byte, 0, len(event))
	err := readRecords(event, func(d *jsontext.Decoder) (err error) {
		var r QueueRecord
		if bodies, err = r.read(d, bodies); err != nil {
			return err
		}
		if r.ID == "" {
			return fault.New(fault.Invalid, "INVALID_EVENT", "record %d of the event has no messageId", len(records))
		}
		records = append(records, r)
		return nil
	})
	return records, err
}

// read reads one record and appends its body to bodies.
func (r *QueueRecord) read(d *jsontext.Decoder, bodies []byte) ([]byte, error) {
	err := readObject(d, func(name []byte) (err error) {
		switch string(name) {
		case "messageId":
			r.ID, err = readString(d)
		case "body":
			raw, err := expect(d, '"', "text")
			if err != nil {
				return err
			}
			start := len(bodies)
			bodies, err = jsontext.AppendUnquote(bodies, raw)
			r.Body = bodies[start:len(bodies):len(bodies)]
			return err
		case "attributes":
			err = r.readAttributes(d)
		default:
			err = skip(d)
		}
		return err
	})
	return bodies, err
}

func (r *QueueRecord) readAttributes(d *jsontext.Decoder) error {
	return readObject(d, func(name []byte) error {
		switch string(name) {
		case "ApproximateReceiveCount":
			n, err := readDecimal(d)
			r.Receives = int(n)
			return err
		case "SentTimestamp":
			ms, err := readDecimal(d)
			r.Sent = time.UnixMilli(ms).UTC()
			return err
		}
		return skip(d)
	})
}

func readString(d *jsontext.Decoder) (string, error) {
	raw, err := expect(d, '"', "text")
	if err != nil {
		return "", err
	}
	var room [64]byte
	text, err := jsontext.AppendUnquote(room[:0], raw)
	return string(text), err
}

// readDecimal reads a whole number written as a string, as SQS writes them.
func readDecimal(d *jsontext.Decoder) (int64, error) {
	raw, err := expect(d, '"', "a number in quotes")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(raw[1:len(raw)-1]), 10, 63)
	if err != nil {
		return 0, fault.New(fault.Invalid, "INVALID_EVENT", "%.80q of the event is not a whole number", d.StackPointer())
	}
	return int64(n), nil
}
