// Package carrier reads what tracking providers push at us. Each provider has
// one file: how its requests are authenticated, on the raw bytes and before
// anything is parsed, how its bodies become supply.Reports, with its statuses in
// a table, and how it wants to be answered. Adding a provider is one file and one
// row of Adapters.
//
// It does no I/O and reads no clock. It decides nothing about goods: what a
// report means for a transport unit is package supply's.
package carrier

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"time"

	"headstart/shared/supply"
)

// Request is a webhook as it came in. Body is the bytes that were sent, after
// the transport's own encoding (base64 of API Gateway, chunks) is undone.
type Request struct {
	Method string
	Path   string
	Tail   string // what follows /webhooks/{adapter}/{source}/, without slashes at its ends; "" for nothing
	Header http.Header
	Query  url.Values
	Body   []byte
}

// Adapter is one provider's contract. Its functions are pure and safe for
// concurrent use.
type Adapter struct {
	Name     string        // the {adapter} of /webhooks/{adapter}/{source}
	Success  int           // HTTP status that the provider takes for success
	MaxBody  int           // bytes; a longer body is fault.TooLarge and not verified
	Deadline time.Duration // how long the provider waits for an answer

	// Verify returns nil when one of secrets signed the request. Anything else
	// is fault.Unauthenticated: the message is for the sender and tells nothing,
	// the wrapped error names the check that failed. Without secrets nothing is
	// ever authentic. Only an adapter with Keys returns fault.Transient, for a
	// signature by a key that the set does not hold.
	Verify func(req Request, secrets []string, now time.Time) error

	// Parse returns the reports in a body, none when an authentic event does not
	// concern tracking. It returns fault.Invalid, naming the field, for a body
	// that can never be read. Where a body holds several events, those that can
	// be read are returned beside the fault.Invalid for the others.
	Parse func(body []byte) ([]supply.Report, error)

	// Sign returns the request with the credential that the provider would add,
	// for our own sender and tests. id is the delivery's, where the provider has
	// one. A secret that cannot be one signs nothing, so that Verify refuses.
	Sign func(req Request, secret, id string, now time.Time) Request

	// NewSecret makes a secret as the provider, or we for it, would choose it, of
	// 32 random bytes. Nil: their hex digits.
	NewSecret func(random []byte) string

	// Contents returns what a body says is in a shipment; nil for providers that
	// never do. Its errors are those of Parse.
	Contents func(body []byte) ([]supply.Manifest, error)

	// Answer returns the headers and the body of the success; nil where the
	// status says it all. unread is what Parse and Contents could not read.
	Answer func(req Request, secrets []string, unread error, now time.Time) (http.Header, []byte)

	// Probe answers HEAD, GET and OPTIONS; nil: 200 and nothing else.
	Probe func(req Request, secrets []string) (status int, header http.Header, body []byte)

	// Keys is set where the provider signs with keys that it publishes.
	Keys *KeySet
}

// KeySet says where a provider publishes the keys that it signs with. The caller
// fetches and keeps the document; an adapter does no I/O.
type KeySet struct {
	// URL returns the address of the document that a source's secret names; ""
	// when the secret holds the keys themselves.
	URL func(secret string) string

	// Fill returns the secret with the document in the place of its address.
	Fill func(secret string, document []byte) string
}

// Adapters returns all adapters, in alphabetical order.
func Adapters() []Adapter {
	return []Adapter{
		seventeentrack,
		aftership,
		dcsa,
		dcsa3,
		dhl,
		easypost,
		epcis,
		fedex,
		karrio,
		project44,
		ship24,
		shipengine,
		shippo,
		standard,
		terminal49,
		trackingmore,
		ups,
		x12,
	}
}

// Secret makes a secret for a source of this adapter, of 32 random bytes.
func (a Adapter) Secret(random []byte) string {
	if a.NewSecret == nil {
		return hex.EncodeToString(random)
	}
	return a.NewSecret(random)
}

// Push returns the request with which the provider would post body to the
// source. Its Path is that of our own address.
func (a Adapter) Push(source string, body []byte, secret, id string, now time.Time) Request {
	req := a.Sign(Request{Method: http.MethodPost, Body: body}, secret, id, now)
	req.Path = "/webhooks/" + a.Name + "/" + source
	if req.Tail != "" {
		req.Path += "/" + url.PathEscape(req.Tail)
	}
	return req
}

// Lookup returns the adapter with the name.
func Lookup(name string) (Adapter, bool) {
	all := Adapters()
	if i := slices.IndexFunc(all, func(a Adapter) bool { return a.Name == name }); i >= 0 {
		return all[i], true
	}
	return Adapter{}, false
}
