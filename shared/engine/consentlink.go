package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Links is how buyers' links are made and known again. The zero Links makes
// none and knows none.
type Links struct {
	Base string // what stands before /c/TOKEN, without a slash at its end
	// Secrets returns what signs: the first signs, all are accepted. It returns
	// fault.NotFound where none was set up. It is called for each use.
	Secrets func(context.Context) ([]string, error)
}

// UseLinks sets how links are made. It must be called before the first use.
func (e *Engine) UseLinks(l Links) { e.links = l }

// question is which order's buyer was told of which promise. A link stands for
// it, whatever the answer will be; it ends when the promise moves.
type question struct {
	key   supply.ItemKey
	order supply.OrderID
	day   supply.Day // 0 = none can be given
}

// tokenVersion heads a token's bytes. Behind it stand seller, marketplace, SKU
// and order, each behind its length, the day in four bytes, and the signature.
const tokenVersion = 1

// leastSecret bounds a secret, in bytes: a shorter one can be guessed.
const leastSecret = 16

func (q question) bytes() []byte {
	b := []byte{tokenVersion}
	for _, text := range []string{string(q.key.Seller), string(q.key.Marketplace), string(q.key.SKU), string(q.order)} {
		b = append(append(b, byte(len(text))), text...)
	}
	return binary.BigEndian.AppendUint32(b, uint32(q.day))
}

func readQuestion(b []byte) (q question, ok bool) {
	if len(b) == 0 || b[0] != tokenVersion {
		return q, false
	}
	b = b[1:]
	var texts [4]string
	for i := range texts {
		if len(b) == 0 || len(b) <= int(b[0]) {
			return q, false
		}
		texts[i], b = string(b[1:1+b[0]]), b[1+int(b[0]):]
	}
	if len(b) != 4 {
		return q, false
	}
	q.key = supply.ItemKey{Seller: supply.SellerID(texts[0]), Marketplace: supply.MarketplaceID(texts[1]), SKU: supply.SKU(texts[2])}
	q.order, q.day = supply.OrderID(texts[3]), supply.Day(binary.BigEndian.Uint32(b))
	return q, true
}

// spelling is strict, so that a token has one spelling only.
var spelling = base64.RawURLEncoding.Strict()

func signature(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("headstart consent\x00")) // the secret signs nothing else
	mac.Write(body)
	return mac.Sum(nil)
}

// signer makes links with one secret; a signer without one makes none.
type signer struct{ base, secret string }

func (l Links) signer(ctx context.Context) (*signer, error) {
	secrets, err := l.usable(ctx)
	if err != nil || len(secrets) == 0 {
		return &signer{}, err
	}
	return &signer{l.Base, secrets[0]}, nil
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
			return nil, fault.New(fault.Internal, "SHORT_SECRET", "a secret of buyers' links has %d bytes; give it at least %d", len(s), leastSecret)
		}
	}
	return secrets, fault.Wrap(err, "reading the secrets of buyers' links")
}

func (s *signer) link(q question) *string {
	if s.secret == "" {
		return nil
	}
	body := q.bytes()
	link := s.base + "/c/" + spelling.EncodeToString(append(body, signature(s.secret, body)...))
	return &link
}

// read returns what a token was made for, or fault.NotFound when it was not made
// with any of the secrets.
func (l Links) read(ctx context.Context, token string) (question, error) {
	signed, err := spelling.DecodeString(token)
	if err != nil || len(signed) < sha256.Size {
		return question{}, unknownLink()
	}
	body, mac := signed[:len(signed)-sha256.Size], signed[len(signed)-sha256.Size:]
	q, whole := readQuestion(body)
	if !whole {
		return question{}, unknownLink() // what is no token asks nobody for secrets
	}
	secrets, err := l.usable(ctx)
	if err != nil {
		return question{}, err
	}
	for _, secret := range secrets {
		if hmac.Equal(mac, signature(secret, body)) {
			return q, nil
		}
	}
	return question{}, unknownLink()
}
