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

// The place of the secrets that sign buyers' links, among the sources: no
// carrier has that name, so nobody can push to it.
const linksAdapter, linksSource = "consent", "links"

// LinkSecrets returns the secrets that sign buyers' links; it returns
// fault.NotFound while there are none.
func LinkSecrets(from Sources) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		s, err := from.Source(ctx, linksAdapter, linksSource)
		return s.Secrets, err
	}
}

// Sources answers who may send to POST /webhooks/{adapter}/{source}. It returns
// fault.NotFound for a source that does not exist.
type Sources interface {
	Source(ctx context.Context, adapter, source string) (Source, error)
}
