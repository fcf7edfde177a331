package engine

import (
	"context"
	"encoding/binary"

	"headstart/shared/supply"
)

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

func (q question) bytes() []byte {
	b := []byte{tokenVersion}
	for _, text := range []string{string(q.key.Seller), string(q.key.Marketplace), string(q.key.SKU), string(q.order)} {
		b = appendText(b, text)
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
		if texts[i], b, ok = cutText(b); !ok {
			return q, false
		}
	}
	if len(b) != 4 {
		return q, false
	}
	q.key = supply.ItemKey{Seller: supply.SellerID(texts[0]), Marketplace: supply.MarketplaceID(texts[1]), SKU: supply.SKU(texts[2])}
	q.order, q.day = supply.OrderID(texts[3]), supply.Day(binary.BigEndian.Uint32(b))
	return q, true
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

func (s *signer) link(q question) *string {
	if s.secret == "" {
		return nil
	}
	link := s.base + "/c/" + forConsent.token(s.secret, q.bytes())
	return &link
}

// read returns what a token was made for, or fault.NotFound when it was not made
// with any of the secrets.
func (l Links) read(ctx context.Context, token string) (question, error) {
	return openToken(ctx, l, forConsent, token, readQuestion)
}
