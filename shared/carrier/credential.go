package carrier

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"time"

	"headstart/shared/fault"
)

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

// text is the key of a provider that uses the bytes of its secret as they are.
func text(secret string) []byte { return []byte(secret) }

// withHeader returns the request with a header set, sharing nothing that it
// changes. An empty value sets nothing.
func (r Request) withHeader(name, value string) Request {
	if r.Header = r.Header.Clone(); r.Header == nil {
		r.Header = make(http.Header)
	}
	if value != "" {
		r.Header.Set(name, value)
	}
	return r
}

// sealed is the commonest scheme: one header with the HMAC-SHA256 of the body.
// It has no time to check, so a replay is told from a retry only by having no
// effect. The digits are compared as the provider writes them; another spelling
// of the same number is not its signature.
type sealed struct {
	header string
	prefix string
	encode func(mac []byte) string
	key    func(secret string) []byte    // empty for a text that is no secret
	mix    func(key, body []byte) []byte // nil: HMAC-SHA256
}

func (s sealed) signature(secret string, body []byte) string {
	key := s.key(secret)
	if len(key) == 0 {
		return ""
	}
	if s.mix != nil {
		return s.prefix + s.encode(s.mix(key, body))
	}
	return s.prefix + s.encode(seal(key, body))
}

func (s sealed) sign(req Request, secret, _ string, _ time.Time) Request {
	return req.withHeader("Content-Type", "application/json").withHeader(s.header, s.signature(secret, req.Body))
}

func (s sealed) verify(req Request, secrets []string, _ time.Time) error {
	given, err := only(req.Header, s.header)
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		if want := s.signature(secret, req.Body); want != "" && hmac.Equal([]byte(given), []byte(want)) {
			return nil
		}
	}
	return forged("%s matches none of %d secrets", s.header, len(secrets))
}

// minToken is the shortest secret, in bytes, that may stand for a signature: a
// shorter one can be guessed.
const minToken = 16

// token is the scheme of providers that sign nothing: a secret that the source
// and we share stands in a header, at the end of the webhook's address, or as
// its parameter "token". Whoever reads it can forge, so the address must be
// https. Each of these places that holds anything must hold a secret.
type token struct {
	header    string   // "" where the provider sends none
	prefix    string   // of the header's value: "Bearer "
	endpoints []string // what the provider itself adds to the end of the address
}

func (k token) sign(req Request, secret, _ string, _ time.Time) Request {
	req = req.withHeader("Content-Type", "application/json")
	switch {
	case len(secret) < minToken:
	case k.header != "":
		req = req.withHeader(k.header, k.prefix+secret)
	default:
		req.Tail = secret
	}
	return req
}

func (k token) verify(req Request, secrets []string, _ time.Time) error {
	given := append([]string{k.tail(req.Tail)}, req.Query["token"]...)
	if k.header != "" && len(req.Header.Values(k.header)) > 0 {
		value, err := only(req.Header, k.header)
		if err != nil {
			return err
		}
		bare, ok := strings.CutPrefix(value, k.prefix)
		if !ok {
			return forged("%s matches none of %d secrets: it does not begin with %q", k.header, len(secrets), k.prefix)
		}
		given = append(given, bare)
	}
	given = slices.DeleteFunc(given, func(s string) bool { return s == "" })
	if len(given) == 0 {
		return forged("neither a header nor the address holds a token of any of %d secrets", len(secrets))
	}
	for _, one := range given {
		if !slices.ContainsFunc(secrets, func(secret string) bool {
			return len(secret) >= minToken && hmac.Equal([]byte(one), []byte(secret))
		}) {
			return forged("the token matches none of %d secrets", len(secrets))
		}
	}
	return nil
}

// split returns the parts of a secret of the form "TOKEN REST", of providers whose
// signature does not prove that a request is meant for the source: one key signs
// for all their customers, or it signs too little. So the end of the address
// holds a token as well, which is asked for first. Both are "" for a text of
// another form.
func split(secret string) (token, rest string) {
	token, rest, _ = strings.Cut(secret, " ")
	if len(token) < minToken || rest == "" {
		return "", ""
	}
	return token, rest
}

// behind returns the REST of those secrets whose TOKEN the address holds.
func behind(req Request, secrets []string) (rests []string, err error) {
	for _, secret := range secrets {
		if front, rest := split(secret); (token{}).verify(req, []string{front}, time.Time{}) == nil {
			rests = append(rests, rest)
		}
	}
	if len(rests) == 0 {
		return nil, forged("the address holds the token of none of %d secrets", len(secrets))
	}
	return rests, nil
}

// clockSkew is how far ahead of ours a sender's clock may run.
const clockSkew = 5 * time.Minute

// fresh refuses a signed time that is older than past or beyond clockSkew.
func fresh(header string, at, now time.Time, past time.Duration) error {
	if age := now.Sub(at); age > past || age < -clockSkew {
		return forged("%s is %s old; at most %s is allowed, and %s ahead", header, age, past, clockSkew)
	}
	return nil
}

// tail returns the address's end without what the provider added.
func (k token) tail(tail string) string {
	for _, e := range k.endpoints {
		if rest, ok := strings.CutSuffix(tail, e); ok && (rest == "" || strings.HasSuffix(rest, "/")) {
			return strings.TrimSuffix(rest, "/")
		}
	}
	return tail
}
