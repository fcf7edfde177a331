package api

import (
	"context"

	"headstart/shared/engine"
)

func (a *api) quote(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.QuoteRequest
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Quote(ctx, c.now, c.seller, body))
}

// itemQuoteBody is the body of POST …/quote of an item.
type itemQuoteBody struct {
	Units    int64  `json:"units"`
	PlacedAt string `json:"placedAt"`
}

func (a *api) quoteItem(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	var body itemQuoteBody
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.QuoteItem(ctx, c.now, key, body.Units, body.PlacedAt))
}

func (a *api) buckets(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	query := c.URL.Query()
	asked := engine.BucketsRequest{From: query.Get("from"), To: query.Get("to"), By: query.Get("by")}
	return show(a.engine.Buckets(ctx, c.now, key, asked))
}

func (a *api) whatIf(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	var body engine.ItemWhatIf
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.WhatIf(ctx, c.now, key, body))
}

func (a *api) shipmentWhatIf(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.ShipmentWhatIf
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.ShipmentWhatIf(ctx, c.now, c.seller, c.PathValue("shipmentId"), body))
}

func (a *api) slipReport(ctx context.Context, c *call) (engine.Answer, error) {
	query := c.URL.Query()
	return show(a.engine.SlipReport(ctx, c.now, c.seller, c.PathValue("shipmentId"), query.Get("since"), query.Get("nextToken")))
}
