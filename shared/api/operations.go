package api

import (
	"context"
	"encoding/json"
	"strconv"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

func (a *api) audit(ctx context.Context, c *call) (engine.Answer, error) {
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Audit(ctx, c.now, c.seller, marketplaces, c.URL.Query().Get("nextToken")))
}

// repairBody is the body of POST /v1/audit: the item to put right.
type repairBody struct {
	Marketplace string `json:"marketplace"`
	SKU         string `json:"sku"`
}

func (a *api) repair(ctx context.Context, c *call) (engine.Answer, error) {
	var body repairBody
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	marketplace, err := supply.ParseMarketplaceID("marketplace", body.Marketplace)
	if err != nil {
		return engine.Answer{}, err
	}
	sku, err := supply.ParseSKU("sku", body.SKU)
	if err != nil {
		return engine.Answer{}, err
	}
	return a.engine.Repair(ctx, c.now, c.once, supply.ItemKey{Seller: c.seller, Marketplace: marketplace, SKU: sku})
}

// Feed is where the published events of one machine are read. It returns the
// seller's events behind the after-th of the feed, oldest first, at most limit
// of them, and the number to go on with, also when nothing came. It is safe for
// concurrent use.
type Feed interface {
	Events(ctx context.Context, seller supply.SellerID, after int64, limit int) (events []json.RawMessage, next int64, err error)
}

// eventPage is a page of the feed; its token always leads on.
type eventPage struct {
	Events    []json.RawMessage `json:"events"`
	NextToken string            `json:"nextToken"`
}

const maxEvents = 500 // of a page

func (a *api) events(ctx context.Context, c *call) (engine.Answer, error) {
	if a.options.Feed == nil {
		return engine.Answer{}, fault.New(fault.NotFound, "NOT_FOUND", "this installation keeps no feed; its events go to the event bus")
	}
	query := c.URL.Query()
	limit, err := count(query, "limit", 100, maxEvents)
	if err != nil {
		return engine.Answer{}, err
	}
	after, err := eventToken(query.Get("nextToken"))
	if err != nil {
		return engine.Answer{}, err
	}
	events, next, err := a.options.Feed.Events(ctx, c.seller, after, limit)
	return show(eventPage{events, strconv.FormatInt(next, 10)}, err)
}

func eventToken(token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	after, err := strconv.ParseInt(token, 10, 64)
	if err != nil || after < 0 {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "nextToken is not one that a page returned; leave it out to begin anew")
	}
	return after, nil
}
