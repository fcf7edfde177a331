package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// SummaryQuery is Amazon's getInventorySummaries, parsed.
type SummaryQuery struct {
	Seller      supply.SellerID
	Marketplace supply.MarketplaceID
	Details     bool
	Since       time.Time    // only what changed at or after it, inbound units included; zero = all
	SKUs        []supply.SKU // only these; ignored when Since is set
	NextToken   string
}

// SummaryPage is a page of summaries; NextToken is absent on the last one.
type SummaryPage struct {
	Summaries []InventorySummary
	NextToken string
}

// InventorySummary is one item in Amazon's words.
// Source: SP-API fbaInventory v1, InventorySummary; futureSupplyQuantity is not
// in the model but is returned in practice.
type InventorySummary struct {
	ASIN        string            `json:"asin"`
	FnSKU       string            `json:"fnSku"`
	SellerSKU   supply.SKU        `json:"sellerSku"`
	Condition   string            `json:"condition"`
	Details     *InventoryDetails `json:"inventoryDetails,omitempty"`
	LastUpdated time.Time         `json:"lastUpdatedTime"`
	ProductName string            `json:"productName"`
	Total       supply.Units      `json:"totalQuantity"`
	Stores      []string          `json:"stores"`
}

// InventoryDetails are a summary's units.
type InventoryDetails struct {
	Fulfillable      supply.Units            `json:"fulfillableQuantity"`
	InboundWorking   supply.Units            `json:"inboundWorkingQuantity"`
	InboundShipped   supply.Units            `json:"inboundShippedQuantity"`
	InboundReceiving supply.Units            `json:"inboundReceivingQuantity"`
	Reserved         ReservedQuantity        `json:"reservedQuantity"`
	Researching      ResearchingQuantity     `json:"researchingQuantity"`
	Unfulfillable    map[string]supply.Units `json:"unfulfillableQuantity"`
	FutureSupply     FutureSupplyQuantity    `json:"futureSupplyQuantity"`
}

// ReservedQuantity is what stands in the building and is not for sale. Transfers
// and processing are nothing this system knows of.
type ReservedQuantity struct {
	Total                supply.Units `json:"totalReservedQuantity"`
	PendingCustomerOrder supply.Units `json:"pendingCustomerOrderQuantity"`
	PendingTransshipment supply.Units `json:"pendingTransshipmentQuantity"`
	FCProcessing         supply.Units `json:"fcProcessingQuantity"`
}

// ResearchingQuantity is what is being looked for.
type ResearchingQuantity struct {
	Total     supply.Units       `json:"totalResearchingQuantity"`
	Breakdown []ResearchingEntry `json:"researchingQuantityBreakdown"`
}

// ResearchingEntry is how much has been looked for how long.
type ResearchingEntry struct {
	Name     string       `json:"name"`
	Quantity supply.Units `json:"quantity"`
}

// FutureSupplyQuantity is what is sold, and may be sold, before it arrives.
type FutureSupplyQuantity struct {
	Reserved supply.Units `json:"reservedFutureSupplyQuantity"`
	Buyable  supply.Units `json:"futureSupplyBuyableQuantity"`
}

// Summaries returns a page of a seller's items, ascending by SKU. A token is a
// place among the items, so it does not expire and writes between two pages
// neither hide nor repeat an item; it carries the query's Since. Where few items
// changed, a page may be short, even empty, and still have a successor. It
// returns fault.Invalid for a token that no page of this query returned.
func (e *Engine) Summaries(ctx context.Context, now time.Time, q SummaryQuery) (page SummaryPage, err error) {
	from, since, err := q.position()
	if err != nil {
		return page, err
	}
	page.Summaries = []InventorySummary{}
	if since.IsZero() && len(q.SKUs) > 0 {
		page.Summaries, err = e.summariesOf(ctx, now, q)
		return page, err
	}
	next, err := e.walk(ctx, now, q.Seller, []supply.MarketplaceID{q.Marketplace}, from, walkMost, func(s seen) bool {
		if !s.changed.Before(since) {
			page.Summaries = append(page.Summaries, s.summary(q.Details))
		}
		return len(page.Summaries) == itemPage
	})
	if next != (position{}) {
		page.NextToken = store.EncodeCursor(string(next.marketplace), string(next.sku), formatSince(since))
	}
	return page, err
}

func (e *Engine) summariesOf(ctx context.Context, now time.Time, q SummaryQuery) ([]InventorySummary, error) {
	found := []InventorySummary{}
	skus := slices.Compact(slices.Sorted(slices.Values(q.SKUs)))
	keys := make([]supply.ItemKey, len(skus))
	for i, sku := range skus {
		keys[i] = supply.ItemKey{Seller: q.Seller, Marketplace: q.Marketplace, SKU: sku}
	}
	err := e.look(ctx, now, keys, func(s seen) error {
		if s.item.Listed {
			found = append(found, s.summary(q.Details))
		}
		return nil
	})
	return found, err
}

func formatSince(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// position reads the query's token: where to go on and since when.
func (q *SummaryQuery) position() (position, time.Time, error) {
	if q.NextToken == "" {
		return position{}, q.Since, nil
	}
	parts, err := store.DecodeCursor(q.NextToken, 3)
	if err != nil || parts[0] != string(q.Marketplace) {
		return position{}, time.Time{}, badToken()
	}
	sku, err := supply.ParseSKU("nextToken", parts[1])
	if err != nil {
		return position{}, time.Time{}, badToken()
	}
	from := position{marketplace: q.Marketplace, sku: sku}
	if parts[2] == "" {
		return from, time.Time{}, nil
	}
	since, err := time.Parse(time.RFC3339Nano, parts[2])
	if err != nil {
		return position{}, time.Time{}, badToken()
	}
	if !q.Since.IsZero() && !q.Since.Equal(since) {
		return position{}, time.Time{}, fault.New(fault.Invalid, "INVALID_INPUT", "startDateTime is not the one that nextToken was made for; send the same one again")
	}
	return from, since, nil
}

func (s seen) summary(details bool) InventorySummary {
	n := s.numbers()
	sum := InventorySummary{ASIN: s.card.ASIN, FnSKU: s.card.FnSKU, SellerSKU: s.key.SKU,
		Condition: cmp.Or(s.card.Condition, DefaultCondition), LastUpdated: s.changed, ProductName: s.card.ProductName,
		Total: n.Total, Stores: []string{}}
	if !details {
		return sum
	}
	sum.Details = &InventoryDetails{
		Fulfillable: n.Fulfillable, InboundWorking: n.Inbound.Working, InboundShipped: n.Inbound.Shipped, InboundReceiving: n.Inbound.Receiving,
		Reserved:      ReservedQuantity{Total: n.PendingCustomerOrder, PendingCustomerOrder: n.PendingCustomerOrder},
		Researching:   ResearchingQuantity{Total: n.Researching},
		Unfulfillable: breakdown(UnfulfillableKinds, s.card.Unfulfillable),
		FutureSupply:  FutureSupplyQuantity{n.ReservedFutureSupply, n.FutureSupplyBuyable},
	}
	sum.Details.Unfulfillable["totalUnfulfillableQuantity"] = n.Unfulfillable
	for _, span := range ResearchingSpans {
		sum.Details.Researching.Breakdown = append(sum.Details.Researching.Breakdown, ResearchingEntry{span, s.card.Researching[span]})
	}
	return sum
}
