package api

import (
	"context"

	"headstart/shared/engine"
)

// accountBody is the body of PUT /v1/seller.
type accountBody struct {
	Email    *string `json:"email"`
	Language string  `json:"language"`
	Version  *int64  `json:"version"`
}

func (a *api) putSeller(ctx context.Context, c *call) (engine.Answer, error) {
	var body accountBody
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.PutAccount(ctx, c.now, c.once, engine.AccountRequest(body))
}

func (a *api) getSeller(ctx context.Context, c *call) (engine.Answer, error) {
	return show(a.engine.Account(ctx, c.seller))
}
