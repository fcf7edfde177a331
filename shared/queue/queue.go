// Package queue sends and receives messages, at least once each, in no
// promised order. SQS speaks to Amazon's queue, from which Lambda receives for
// us; Embedded is the same thing on one machine, inside the database file of
// the store. Both accept and refuse the same bodies. It knows nothing of what a
// body means.
package queue

import (
	"unicode/utf8"

	"headstart/shared/fault"
)

// Message is one delivery of a body. ID is the same at each delivery, Receives
// counts the deliveries, this one included.
type Message struct {
	ID       string
	Body     []byte
	Receives int
}

// MaxBodyBytes is the largest body a queue takes. SQS itself takes 1 MiB since
// August 2025; a quarter of it leaves room for four messages in one request
// and for a region or an emulator that has the older limit.
const MaxBodyBytes = 256 << 10

// check returns fault.TooLarge or fault.Invalid for the first body that SQS
// would refuse, naming its place.
//
// Source: SQS API reference, SendMessage, MessageBody.
func check(bodies [][]byte) error {
	for i, body := range bodies {
		if len(body) > MaxBodyBytes {
			return fault.New(fault.TooLarge, "MESSAGE_TOO_LARGE",
				"message %d of %d has %d bytes; send at most %d", i+1, len(bodies), len(body), MaxBodyBytes)
		}
		if wrong := unsendable(body); wrong != "" {
			return fault.New(fault.Invalid, "INVALID_INPUT",
				"message %d of %d %s; send text in UTF-8", i+1, len(bodies), wrong)
		}
	}
	return nil
}

// unsendable says what makes body no text in the sense of XML 1.0, or "".
func unsendable(body []byte) string {
	switch {
	case len(body) == 0:
		return "is empty"
	case !utf8.Valid(body):
		return "is not valid UTF-8"
	}
	for _, r := range string(body) {
		control := r < 0x20 && r != '\t' && r != '\n' && r != '\r'
		if control || r == 0xFFFE || r == 0xFFFF {
			return "holds a control character"
		}
	}
	return ""
}
