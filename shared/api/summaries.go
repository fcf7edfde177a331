package api

import (
	"context"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// summariesResponse is Amazon's GetInventorySummariesResponse.
// Source: SP-API, models/fba-inventory-api-model/fbaInventory.json.
type summariesResponse struct {
	Payload    summariesResult `json:"payload"`
	Pagination pagination      `json:"pagination"`
}

type summariesResult struct {
	Granularity granularity               `json:"granularity"`
	Summaries   []engine.InventorySummary `json:"inventorySummaries"`
}

type granularity struct {
	Type string               `json:"granularityType"`
	ID   supply.MarketplaceID `json:"granularityId"`
}

type pagination struct {
	NextToken string `json:"nextToken,omitzero"`
}

const (
	granularityType   = "Marketplace"
	maxSellerSKUs     = 50
	startMonthsAtMost = 18
)

func (a *api) summaries(ctx context.Context, c *call) (engine.Answer, error) {
	query, err := summaryQuery(c)
	if err != nil {
		return engine.Answer{}, err
	}
	page, err := a.engine.Summaries(ctx, c.now, query)
	return show(summariesResponse{
		Payload:    summariesResult{granularity{granularityType, query.Marketplace}, page.Summaries},
		Pagination: pagination{page.NextToken},
	}, err)
}

func summaryQuery(c *call) (q engine.SummaryQuery, err error) {
	values, err := readQuery(c.Request)
	if err != nil {
		return q, err
	}
	q = engine.SummaryQuery{Seller: c.seller, NextToken: values.Get("nextToken")}
	if q.Marketplace, err = summaryMarketplace(values.Get("granularityType"), values.Get("granularityId"), list(values, "marketplaceIds")); err != nil {
		return q, err
	}
	if q.Details, err = boolean(values, "details"); err != nil {
		return q, err
	}
	if q.Since, err = instant(values, "startDateTime"); err != nil {
		return q, err
	}
	if !q.Since.IsZero() && q.Since.Before(oldestStart(c.now)) {
		return q, fault.New(fault.Invalid, "INVALID_INPUT", "startDateTime is more than %d months ago", startMonthsAtMost)
	}
	names := list(values, "sellerSkus")
	if sku := values.Get("sellerSku"); len(names) == 0 && sku != "" {
		names = []string{sku}
	}
	q.SKUs, err = sellerSKUs(names)
	return q, err
}

func oldestStart(now time.Time) time.Time { return now.AddDate(0, -startMonthsAtMost, 0) }

func summaryMarketplace(kind, id string, marketplaces []string) (supply.MarketplaceID, error) {
	switch {
	case kind == "":
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "granularityType is required; use %s", granularityType)
	case kind != granularityType:
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "granularityType is %q; use %s", truncated(kind), granularityType)
	case id == "":
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "granularityId is required; it is the marketplace id")
	case len(marketplaces) == 0:
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "marketplaceIds is required; it takes one marketplace id")
	case len(marketplaces) > 1:
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "marketplaceIds has %d ids; it takes one", len(marketplaces))
	case marketplaces[0] != id:
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "granularityId %q and marketplaceIds %q must name the same marketplace", truncated(id), truncated(marketplaces[0]))
	}
	return supply.ParseMarketplaceID("granularityId", id)
}

func sellerSKUs(names []string) ([]supply.SKU, error) {
	if len(names) > maxSellerSKUs {
		return nil, fault.New(fault.Invalid, "INVALID_INPUT", "sellerSkus has %d SKUs; at most %d are allowed", len(names), maxSellerSKUs)
	}
	skus := make([]supply.SKU, len(names))
	for i, name := range names {
		var err error
		if skus[i], err = supply.ParseSKU("sellerSkus", name); err != nil {
			return nil, err
		}
	}
	return skus, nil
}
