// Package carrier reads what tracking providers push at us. Each provider has
// one file: how its requests are authenticated, on the raw bytes and before
// anything is parsed, and how its bodies become supply.Reports, with its
// statuses in a table. Adding a provider is one file and one row of Adapters.
//
// It does no I/O and reads no clock. It decides nothing about goods: what a
// report means for a transport unit is package supply's.
package carrier

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Request is a webhook as it came in. Body is the bytes that were sent, after
// the transport's own encoding (base64 of API Gateway, chunks) is undone.
type Request struct {
	Method string
	Path   string
	Header http.Header
	Query  url.Values
	Body   []byte
}

// Adapter is one provider's contract. Its functions are pure and safe for
// concurrent use.
type Adapter struct {
	Name    string // the {adapter} of /webhooks/{adapter}/{source}
	Success int    // HTTP status that the provider takes for success
	MaxBody int    // bytes; a longer body is fault.TooLarge and not verified

	// Verify returns nil when one of secrets signed the request. Anything else
	// is fault.Unauthenticated: the message is for the sender and tells nothing,
	// the wrapped error names the check that failed. Without secrets nothing is
	// ever authentic.
	Verify func(req Request, secrets []string, now time.Time) error

	// Parse returns the reports in a body, none when an authentic event does not
	// concern tracking. It returns fault.Invalid, naming the field, for a body
	// that can never be read.
	Parse func(body []byte) ([]supply.Report, error)

	// Sign returns the headers with which the provider would send body, for our
	// own sender and tests. A secret that cannot be one signs nothing, so that
	// Verify refuses the request.
	Sign func(secret string, body []byte, id string, now time.Time) http.Header
}

// Adapters returns all adapters, in alphabetical order.
func Adapters() []Adapter { return []Adapter{easypost, standard} }

// Lookup returns the adapter with the name.
func Lookup(name string) (Adapter, bool) {
	all := Adapters()
	if i := slices.IndexFunc(all, func(a Adapter) bool { return a.Name == name }); i >= 0 {
		return all[i], true
	}
	return Adapter{}, false
}

// maxBody is the design's limit for JSON, section 5.
const maxBody = 1 << 20

// maxDepth is deeper than any provider nests and shallow enough for any stack.
const maxDepth = 32

// forged refuses a request. The format is for our own log.
func forged(format string, args ...any) error {
	return &fault.Error{
		Kind: fault.Unauthenticated, Code: "BAD_SIGNATURE", Message: "the request is not signed by a secret of this source",
		Err: fault.New(fault.Unauthenticated, "BAD_SIGNATURE", format, args...),
	}
}

// only returns the one value of a header. Several would let a proxy check
// another than we do.
func only(h http.Header, name string) (string, error) {
	if values := h.Values(name); len(values) != 1 || values[0] == "" {
		return "", forged("header %s has %d values; exactly one is needed", name, len(values))
	}
	return h.Get(name), nil
}

// seal returns the HMAC-SHA256 of the parts, one after the other.
func seal(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// invalid refuses a body for what a field holds.
func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "UNREADABLE_BODY", format, args...)
}

// decode reads one JSON value. Names twice in an object, invalid UTF-8, text
// after the value and nesting beyond maxDepth are refused; unknown names are
// ignored.
func decode(body []byte, v any) error {
	if len(body) > maxBody {
		return fault.New(fault.TooLarge, "TOO_LARGE", "the body has %d bytes; at most %d are allowed", len(body), maxBody)
	}
	if deeper(body, maxDepth) {
		return invalid("the body nests deeper than %d levels", maxDepth)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &fault.Error{Kind: fault.Invalid, Code: "UNREADABLE_BODY", Message: "the body is not the JSON of this provider", Err: err}
	}
	return nil
}

// deeper reports whether JSON nests deeper than limit. The decoder recurses, so
// this is asked first; of what is not JSON it may say anything.
func deeper(body []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i += quoted(body[i+1:]) + 1
		case '{', '[':
			if depth++; depth > limit {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// quoted returns where the string ends that begins before b.
func quoted(b []byte) int {
	for end := 0; ; end++ {
		next := bytes.IndexByte(b[end:], '"')
		if next < 0 {
			return len(b)
		}
		end += next
		escapes := end - len(bytes.TrimRight(b[:end], "\\"))
		if escapes%2 == 0 {
			return end
		}
	}
}

// instant reads an RFC 3339 time; the zero time when s is empty.
func instant(field, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 {
		return time.Time{}, invalid("%s %q is not a time since 1970; write it as 2006-01-02T15:04:05Z", field, supply.Words(s, 40))
	}
	return t.UTC(), nil
}

// day reads a calendar day as a window that holds in any zone.
func day(field, s string) (supply.Window, error) {
	d, err := supply.ParseDay(field, supply.Words(s, 40))
	if err != nil {
		return supply.Window{}, err
	}
	return supply.Window{From: d.Date(), To: d.Date(), DateOnly: true}, nil
}

// place joins what is known of a scan's place.
func place(parts ...string) string {
	known := slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return supply.Words(strings.Join(known, ", "), supply.MaxScanPlace)
}
