package engine

import (
	"context"
	"hash/fnv"
	"strings"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// account is a seller's account as it was read; version 0 = none is stored.
type account struct {
	store.Account
	version int64
}

// account reads where and how a seller is told.
func (e *Engine) account(ctx context.Context, seller supply.SellerID) (account, error) {
	records, err := e.store.Get(ctx, true, store.AccountKey(seller))
	if err != nil {
		return account{}, fault.Wrap(err, "reading an account")
	}
	found, err := store.ReadAccount(&records[0])
	return account{found, records[0].Version}, err
}

// mailbox names an address without telling it.
func mailbox(address string) uint64 {
	if address == "" {
		return 0
	}
	hash := fnv.New64a()
	hash.Write([]byte(strings.ToLower(address)))
	return hash.Sum64()
}

// masked shows an address to its owner and to nobody else: a…n@example.com.
func masked(address string) string {
	name, domain, found := strings.Cut(address, "@")
	letters := []rune(name)
	if !found || len(letters) == 0 {
		return ""
	}
	if len(letters) < 3 {
		return "…@" + domain
	}
	return string(letters[0]) + "…" + string(letters[len(letters)-1]) + "@" + domain
}
