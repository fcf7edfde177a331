package api

import (
	"context"

	"headstart/shared/engine"
)

func (a *api) advice(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Advice(ctx, c.now, key))
}

func (a *api) listAdvice(ctx context.Context, c *call) (engine.Answer, error) {
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.AdvisedItems(ctx, c.now, c.seller, marketplaces, c.URL.Query().Get("nextToken")))
}
