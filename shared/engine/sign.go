package engine

import (
	"context"

	"headstart/shared/fault"
)

// What the console signs.
const (
	ForSession purpose = "headstart session\x00" // who a browser is signed in as
	ForForm    purpose = "headstart form\x00"    // a form of that session
)

// Sign returns the signature of a body under the first secret of the links. It
// returns fault.NotFound where no secret is set up.
func (e *Engine) Sign(ctx context.Context, p purpose, body []byte) ([]byte, error) {
	secrets, err := e.links.usable(ctx)
	if err != nil {
		return nil, err
	}
	if len(secrets) == 0 {
		return nil, fault.New(fault.NotFound, "NO_SECRET", "no secret is set up that signs links and sessions")
	}
	return p.signature(secrets[0], body), nil
}

// Signed reports whether the signature was made by Sign for the purpose and the
// body, with any of the secrets.
func (e *Engine) Signed(ctx context.Context, p purpose, body, signature []byte) (bool, error) {
	return e.links.signed(ctx, p, body, signature)
}
