package order

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON returns the body that Parse reads as m; see AppendJSON.
func (m Message) JSON() []byte { return m.AppendJSON(nil) }

// AppendJSON appends to dst the body that Parse reads as m, but for Unknown,
// whose fields nobody kept. The texts of m must be valid UTF-8 and its times
// lie in the years 1970 to 9999, as they do after Parse.
func (m Message) AppendJSON(dst []byte) []byte {
	dst = appendText(append(dst, '{'), "type", m.Type.String())
	dst = appendText(append(dst, ','), "orderId", string(m.OrderID))
	dst = appendText(append(dst, ','), "seller", string(m.Seller))
	dst = appendText(append(dst, ','), "marketplace", string(m.Marketplace))
	dst = appendTime(dst, "placedAt", m.PlacedAt)
	dst = strconv.AppendUint(append(dst, `,"revision":`...), uint64(m.Revision), 10)
	dst = strconv.AppendBool(append(dst, `,"split":`...), m.Split)
	dst = m.appendLines(append(dst, `,"lines":`...))
	dst = appendTime(dst, "holdUntil", m.HoldUntil)
	dst = strconv.AppendInt(append(dst, `,"priority":`...), int64(m.Priority), 10)
	dst = appendOptional(dst, "buyer", m.Buyer)
	if m.Type == Shipped {
		dst = strconv.AppendBool(append(dst, `,"final":`...), m.Final)
	}
	dst = appendOptional(dst, "carrier", m.Carrier)
	dst = appendOptional(dst, "trackingNumber", m.TrackingNumber)
	dst = appendTime(dst, "shippedAt", m.ShippedAt)
	return append(dst, '}')
}

func (m Message) appendLines(dst []byte) []byte {
	dst = append(dst, '[')
	for i, l := range m.Lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, '{'), "sku", string(l.SKU))
		if rules[m.Type].lowest != noUnits {
			dst = strconv.AppendInt(append(dst, `,"units":`...), int64(l.Units), 10)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendText(dst []byte, name, s string) []byte {
	dst = append(append(append(dst, '"'), name...), `":`...)
	dst, _ = jsontext.AppendQuote(dst, s) // fails for invalid UTF-8 only, and appends even then
	return dst
}

func appendOptional(dst []byte, name, s string) []byte {
	if s == "" {
		return dst
	}
	return appendText(append(dst, ','), name, s)
}

func appendTime(dst []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":"`...)
	return append(t.UTC().AppendFormat(dst, time.RFC3339Nano), '"')
}
