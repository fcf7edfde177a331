package engine

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// keyPrefix lets people and secret scanners know a bearer key when they see one.
const keyPrefix = "hs_"

// CreateKey makes a bearer key for the seller and returns it. Only its hash is
// stored, so nobody can show it again. It returns fault.Invalid for a seller
// whose name is malformed.
func (e *Engine) CreateKey(ctx context.Context, now time.Time, seller supply.SellerID) (string, error) {
	if _, err := supply.ParseSellerID("seller", string(seller)); err != nil {
		return "", err
	}
	plain := keyPrefix + rand.Text()
	_, ok, err := e.store.Put(ctx, store.Write{Expect: store.Absent, Record: store.Record{Key: bearerKey(HashKey(plain)), Version: 1,
		Attrs: []store.Attr{store.Text("seller", string(seller)), store.Int("created", now.Unix())}}})
	if err != nil {
		return "", fault.Wrap(err, "storing a bearer key")
	}
	if !ok {
		return "", fault.New(fault.Transient, "BUSY", "the key that was drawn exists; ask for another")
	}
	return plain, nil
}

// Seller returns whose bearer key it is, or fault.Unauthenticated.
func (e *Engine) Seller(ctx context.Context, bearer string) (supply.SellerID, error) {
	return e.SellerOf(ctx, HashKey(bearer))
}

// SellerOf returns whose bearer key has the hash, or fault.Unauthenticated.
func (e *Engine) SellerOf(ctx context.Context, hash KeyHash) (supply.SellerID, error) {
	records, err := e.store.Get(ctx, false, bearerKey(hash))
	if err != nil {
		return "", fault.Wrap(err, "reading a bearer key")
	}
	if records[0].Version == 0 {
		return "", fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "the bearer key is not known; send Authorization: Bearer with a key of this service")
	}
	return supply.SellerID(records[0].Attr("seller").Text), nil
}

// KeyHash is all that is kept of a bearer key.
type KeyHash [sha256.Size]byte

// HashKey returns the hash of a bearer key.
func HashKey(bearer string) KeyHash { return sha256.Sum256([]byte(bearer)) }

func bearerKey(hash KeyHash) store.Key { return store.BearerKey(hex.EncodeToString(hash[:])) }
