package boot

import (
	"context"

	"headstart/shared/supply"
)

// Source is one sender of webhooks: it belongs to one seller and signs with any
// of its secrets, several during a rotation.
type Source struct {
	Seller  supply.SellerID `json:"seller"`
	Secrets []string        `json:"secrets"`
}

// Sources answers who may send to POST /webhooks/{adapter}/{source}. It returns
// fault.NotFound for a source that does not exist.
type Sources interface {
	Source(ctx context.Context, adapter, source string) (Source, error)
}
