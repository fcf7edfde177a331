package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"headstart/shared/fault"
)

// Links is how links are made that need no login, and known again. The zero Links
// makes none and knows none.
type Links struct {
	Base string // what stands before the path, as /c/TOKEN, without a slash at its end
	// Secrets returns what signs: the first signs, all are accepted. It returns
	// fault.NotFound where none was set up. It is called for each use.
	Secrets func(context.Context) ([]string, error)
}

// UseLinks sets how links are made. It must be called before the first use.
func (e *Engine) UseLinks(l Links) { e.links = l }

// purpose is what a signature is for, and stands in front of what it signs: the
// secret signs nothing else, and a token of one purpose is none of another.
type purpose string

const (
	forConsent     purpose = "headstart consent\x00"
	forUnsubscribe purpose = "headstart unsubscribe\x00"
)

// leastSecret bounds a secret, in bytes: a shorter one can be guessed.
const leastSecret = 16

// spelling is strict, so that a token has one spelling only.
var spelling = base64.RawURLEncoding.Strict()

func (p purpose) signature(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(p))
	mac.Write(body)
	return mac.Sum(nil)
}

// token returns the body with its signature, as it stands in a link.
func (p purpose) token(secret string, body []byte) string {
	return spelling.EncodeToString(append(body, p.signature(secret, body)...))
}

// usable returns the secrets; none where none was set up.
func (l Links) usable(ctx context.Context) ([]string, error) {
	if l.Secrets == nil {
		return nil, nil
	}
	secrets, err := l.Secrets(ctx)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	for _, s := range secrets {
		if len(s) < leastSecret {
			return nil, fault.New(fault.Internal, "SHORT_SECRET", "a secret of signed links has %d bytes; give it at least %d", len(s), leastSecret)
		}
	}
	return secrets, fault.Wrap(err, "reading the secrets of signed links")
}

// openToken returns what read makes of a token's body, or fault.NotFound when read
// does not know it or it was not signed for the purpose with any of the secrets.
func openToken[T any](ctx context.Context, l Links, p purpose, token string, read func([]byte) (T, bool)) (T, error) {
	var none T
	signed, err := spelling.DecodeString(token)
	if err != nil || len(signed) < sha256.Size {
		return none, unknownLink()
	}
	body, mac := signed[:len(signed)-sha256.Size], signed[len(signed)-sha256.Size:]
	found, whole := read(body)
	if !whole {
		return none, unknownLink() // what is no token asks nobody for secrets
	}
	ours, err := l.signed(ctx, p, body, mac)
	switch {
	case err != nil:
		return none, err
	case !ours:
		return none, unknownLink()
	}
	return found, nil
}

// signed reports whether the signature was made for the purpose and the body with
// any of the secrets.
func (l Links) signed(ctx context.Context, p purpose, body, signature []byte) (bool, error) {
	secrets, err := l.usable(ctx)
	if err != nil {
		return false, err
	}
	for _, secret := range secrets {
		if hmac.Equal(signature, p.signature(secret, body)) {
			return true, nil
		}
	}
	return false, nil
}

func unknownLink() error {
	return fault.New(fault.NotFound, "NOT_FOUND", "the link is not, or no longer, valid")
}

// appendText appends a text behind its length; cutText takes it off again.
func appendText(b []byte, text string) []byte { return append(append(b, byte(len(text))), text...) }

func cutText(b []byte) (text string, rest []byte, ok bool) {
	if len(b) == 0 || len(b) <= int(b[0]) {
		return "", nil, false
	}
	return string(b[1 : 1+b[0]]), b[1+int(b[0]):], true
}
