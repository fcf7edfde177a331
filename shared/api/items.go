package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// itemBody is the body of PUT /v1/items/{marketplace}/{sku}.
type itemBody struct {
	FulfillmentChannel string `json:"fulfillmentChannel"`
	ASIN               string `json:"asin"`
	FnSKU              string `json:"fnSku"`
	ProductName        string `json:"productName"`
	Condition          string `json:"condition"`
	SafetyBuffer       int64  `json:"safetyBuffer"`
	MaxUnitsPerOrder   *int64 `json:"maxUnitsPerOrder"`
	Withheld           bool   `json:"withheld"`
	Version            *int64 `json:"version"`
}

// Longest texts of an item in bytes. Source: Amazon's listing templates for the
// name; the rest is well above what is in use.
const (
	maxName = 1000
	maxID   = 64
)

func (b *itemBody) listing() (p engine.Listing, err error) {
	channel, ok := supply.ParseChannel(cmp.Or(b.FulfillmentChannel, supply.FBA.String()))
	if !ok {
		return p, fault.New(fault.Invalid, "INVALID_INPUT", "fulfillmentChannel is %q; use FBA, FBM or SFP", truncated(b.FulfillmentChannel))
	}
	p = engine.Listing{Version: b.Version, Controls: supply.Controls{Channel: channel, Withheld: b.Withheld}}
	if p.Controls.SafetyBuffer, err = supply.ParseUnits("safetyBuffer", b.SafetyBuffer, 0); err != nil {
		return p, err
	}
	if b.MaxUnitsPerOrder != nil {
		if p.Controls.MaxUnitsPerOrder, err = supply.ParseUnits("maxUnitsPerOrder", *b.MaxUnitsPerOrder, 1); err != nil {
			return p, err
		}
	}
	for _, t := range []struct {
		name  string
		from  string
		to    *string
		limit int
	}{
		{"asin", b.ASIN, &p.ASIN, maxID}, {"fnSku", b.FnSKU, &p.FnSKU, maxID},
		{"productName", b.ProductName, &p.ProductName, maxName}, {"condition", b.Condition, &p.Condition, maxID},
	} {
		if *t.to, err = text(t.name, t.from, t.limit); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (a *api) putItem(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	var body itemBody
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	listing, err := body.listing()
	if err != nil {
		return engine.Answer{}, err
	}
	return a.engine.PutItem(ctx, c.now, c.once, key, listing)
}

func (a *api) getItem(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Item(ctx, c.now, key))
}

func (a *api) listItems(ctx context.Context, c *call) (engine.Answer, error) {
	status, err := itemStatus(c.URL.Query().Get("status"))
	if err != nil {
		return engine.Answer{}, err
	}
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Items(ctx, c.now, c.seller, marketplaces, status, c.URL.Query().Get("nextToken")))
}

// adjustmentBody is the body of POST …/adjustments.
type adjustmentBody struct {
	Fulfillable   *int64           `json:"fulfillableQuantity"`
	ChangeFrom    *int64           `json:"changeFromQuantity"`
	Unfulfillable map[string]int64 `json:"unfulfillable"`
	Researching   map[string]int64 `json:"researching"`
	Reason        string           `json:"reason"`
}

const maxReason = 500

func (b *adjustmentBody) adjustment() (adj engine.Adjustment, err error) {
	if adj.Reason, err = text("reason", b.Reason, maxReason); err != nil {
		return adj, err
	}
	switch {
	case strings.TrimSpace(b.Reason) == "":
		return adj, fault.New(fault.Invalid, "INVALID_INPUT", "reason is required; say why the units change")
	case b.Fulfillable == nil && b.ChangeFrom != nil:
		return adj, fault.New(fault.Invalid, "INVALID_INPUT", "changeFromQuantity needs fulfillableQuantity beside it")
	case b.Fulfillable == nil && len(b.Unfulfillable) == 0 && len(b.Researching) == 0:
		return adj, fault.New(fault.Invalid, "INVALID_INPUT", "fulfillableQuantity, unfulfillable or researching is required; nothing would change")
	}
	if adj.Fulfillable, err = optionalUnits("fulfillableQuantity", b.Fulfillable); err != nil {
		return adj, err
	}
	if adj.ChangeFrom, err = optionalUnits("changeFromQuantity", b.ChangeFrom); err != nil {
		return adj, err
	}
	if adj.Unfulfillable, err = kinds("unfulfillable", b.Unfulfillable, engine.UnfulfillableKinds); err != nil {
		return adj, err
	}
	adj.Researching, err = kinds("researching", b.Researching, engine.ResearchingSpans)
	return adj, err
}

func optionalUnits(name string, n *int64) (*supply.Units, error) {
	if n == nil {
		return nil, nil
	}
	units, err := supply.ParseUnits(name, *n, 0)
	return &units, err
}

func kinds(name string, counted map[string]int64, known []string) (map[string]supply.Units, error) {
	units := make(map[string]supply.Units, len(counted))
	for kind, n := range counted {
		if !slices.Contains(known, kind) {
			return nil, fault.New(fault.Invalid, "UNKNOWN_FIELD", "%s.%s is not a kind; use %s", name, truncated(kind), strings.Join(known, ", "))
		}
		var err error
		if units[kind], err = supply.ParseUnits(name+"."+kind, n, 0); err != nil {
			return nil, err
		}
	}
	return units, nil
}

func (a *api) adjust(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	var body adjustmentBody
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	adjustment, err := body.adjustment()
	if err != nil {
		return engine.Answer{}, err
	}
	return a.engine.Adjust(ctx, c.now, c.once, key, adjustment)
}

func (a *api) explain(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Explain(ctx, c.now, key))
}

func (a *api) timeline(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Timeline(ctx, c.now, key))
}

func (a *api) listOrders(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.OrdersOf(ctx, c.now, key, c.URL.Query().Get("nextToken")))
}

func (a *api) getOrder(ctx context.Context, c *call) (engine.Answer, error) {
	key, err := c.itemKey()
	if err != nil {
		return engine.Answer{}, err
	}
	id, err := supply.ParseOrderID("orderId", c.PathValue("orderId"))
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.Order(ctx, c.now, key, id))
}
