package api_test

// These tests ask for inventory summaries as Amazon's clients do. They would
// catch a field that is not where such a client reads it, a page that skips or
// repeats a SKU while items change, a token that expires, and an inbound change
// that startDateTime does not see.

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/api"
)

func summaries(more string) string {
	return "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9&marketplaceIds=A1PA6795UKMFR9" + more
}

func found(answer map[string]any) (skus []any) {
	for _, s := range answer["payload"].(map[string]any)["inventorySummaries"].([]any) {
		skus = append(skus, s.(map[string]any)["sellerSku"])
	}
	return skus
}

func TestASummaryHasAmazonsFieldsAndTheFutureSupply(t *testing.T) {
	p := open(t)
	p.ask(200, "PUT", kettle, `{"asin":"B00KETTLE","fnSku":"X000KETTLE","productName":"Kettle"}`)
	p.announce("acme", "FBA1", 100, "2026-03-17T00:00:00Z")
	for i := range 70 {
		p.order("acme", "placed", fmt.Sprint("o", i), kettles(1))
	}
	answer := p.ask(200, "GET", summaries("&details=true"), "")
	require.Equal(t, map[string]any{"granularityType": "Marketplace", "granularityId": "A1PA6795UKMFR9"}, answer["payload"].(map[string]any)["granularity"])
	require.Equal(t, map[string]any{}, answer["pagination"])
	s := answer["payload"].(map[string]any)["inventorySummaries"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"B00KETTLE", "X000KETTLE", "KETTLE-1", "NewItem", "Kettle", 100., "2026-03-02T10:00:00Z"},
		numbers(s, "asin", "fnSku", "sellerSku", "condition", "productName", "totalQuantity", "lastUpdatedTime"))
	details := s["inventoryDetails"].(map[string]any)
	require.Equal(t, []any{0., 0., 100., 0.}, numbers(details, "fulfillableQuantity", "inboundWorkingQuantity", "inboundShippedQuantity", "inboundReceivingQuantity"))
	require.Equal(t, map[string]any{"reservedFutureSupplyQuantity": 70., "futureSupplyBuyableQuantity": 30.}, details["futureSupplyQuantity"])

	p.ask(200, "POST", "/v1/shipments/FBA1/receipts", `{"lines":[{"sku":"KETTLE-1","units":40}]}`)
	p.drain()
	p.ask(200, "POST", kettle+"/adjustments", `{"unfulfillable":{"customerDamagedQuantity":2,"expiredQuantity":1},"researching":{"researchingQuantityInLongTerm":4},"reason":"count"}`)
	details = p.ask(200, "GET", summaries("&details=true"), "")["payload"].(map[string]any)["inventorySummaries"].([]any)[0].(map[string]any)["inventoryDetails"].(map[string]any)
	require.Equal(t, map[string]any{"totalReservedQuantity": 40., "pendingCustomerOrderQuantity": 40., "pendingTransshipmentQuantity": 0., "fcProcessingQuantity": 0.}, details["reservedQuantity"])
	require.Equal(t, map[string]any{"totalResearchingQuantity": 4., "researchingQuantityBreakdown": []any{
		map[string]any{"name": "researchingQuantityInShortTerm", "quantity": 0.}, map[string]any{"name": "researchingQuantityInMidTerm", "quantity": 0.},
		map[string]any{"name": "researchingQuantityInLongTerm", "quantity": 4.}}}, details["researchingQuantity"])
	require.Equal(t, 3., details["unfulfillableQuantity"].(map[string]any)["totalUnfulfillableQuantity"])
	require.Equal(t, 60., details["inboundReceivingQuantity"])

	plain := p.ask(200, "GET", summaries(""), "")["payload"].(map[string]any)["inventorySummaries"].([]any)[0].(map[string]any)
	require.NotContains(t, plain, "inventoryDetails")
	require.Equal(t, 103., plain["totalQuantity"], "warehouse 43 and inbound 60; future supply is not added")
}

func TestPagesOfSummariesBringEachSKUOnceWhileItemsChange(t *testing.T) {
	p := open(t)
	const count = 1030
	for i := range count {
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/S-%04d", i), `{}`)
	}
	met, token, last := map[any]int{}, "", ""
	for page := 0; ; page++ {
		answer := p.ask(200, "GET", summaries("&nextToken="+token), "")
		for _, sku := range found(answer) {
			require.Greater(t, sku.(string), last, "ascending")
			last = sku.(string)
			met[sku]++
		}
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/S-%04d", page*50), `{"withheld":true}`) // read already
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/S-%04d", count-1-page), `{"asin":"B"}`) // still to come
		p.now = p.now.Add(10 * time.Minute)
		next, more := answer["pagination"].(map[string]any)["nextToken"].(string)
		if !more {
			break
		}
		require.Equal(t, url.QueryEscape(next), next, "a token needs no encoding")
		token = next
	}
	require.Len(t, met, count)
	for sku, times := range met {
		require.Equal(t, 1, times, sku)
	}
}

func TestStartDateTimeSeesInboundChangesAndTheClock(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.ask(200, "PUT", "/v1/items/A1PA6795UKMFR9/POT", `{}`)
	p.now = p.now.Add(time.Hour)
	since := "&startDateTime=" + p.now.Format(time.RFC3339)
	require.Empty(t, found(p.ask(200, "GET", summaries(since), "")))
	p.ask(200, "PUT", "/v1/shipments/FBA1/lines", `{"lines":[{"sku":"KETTLE-1","units":12}]}`)
	p.drain()
	require.Equal(t, []any{"KETTLE-1"}, found(p.ask(200, "GET", summaries(since), "")), "only what is inbound changed")
	require.Equal(t, []any{"KETTLE-1"}, found(p.ask(200, "GET", summaries(since+"&sellerSkus=POT"), "")), "it wins over the SKU filters")
	require.Len(t, found(p.ask(200, "GET", summaries("&startDateTime=2026-03-02T11:00:00%2B01:00"), "")), 2)
	require.Len(t, found(p.ask(200, "GET", summaries("&startDateTime=2026-03-02T11:00:00+01:00"), "")), 2)

	p.now = time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	require.Equal(t, []any{"KETTLE-1"}, found(p.ask(200, "GET", summaries("&startDateTime=2026-03-06T00:00:00Z"), "")), "it became overdue by the clock alone")
}

func TestStartDateTimeTravelsInTheToken(t *testing.T) {
	p := open(t)
	for i := range 60 {
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/OLD-%02d", i), `{}`)
	}
	p.now = p.now.Add(time.Hour)
	since := "&startDateTime=" + p.now.Format(time.RFC3339)
	for i := range 60 {
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/A-%02d", i), `{}`)
	}
	first := p.ask(200, "GET", summaries(since), "")
	require.Len(t, found(first), 50)
	token := "&nextToken=" + first["pagination"].(map[string]any)["nextToken"].(string)
	for _, more := range []string{token, token + since} {
		require.Len(t, found(p.ask(200, "GET", summaries(more), "")), 10)
	}
	p.refused(400, request{method: "GET", path: summaries(token + "&startDateTime=2026-03-01T00:00:00Z")})
	p.refused(400, request{method: "GET", path: strings.ReplaceAll(summaries(token), "A1PA6795UKMFR9", "A13V1IB3VIYZZH")})
}

func TestSKUsAreNamedByRepeatedKeysOrCommas(t *testing.T) {
	p := open(t)
	for _, sku := range []string{"A", "B", "C%2C1"} {
		p.ask(200, "PUT", "/v1/items/A1PA6795UKMFR9/"+sku, `{}`)
	}
	for query, want := range map[string][]any{
		"&sellerSkus=B&sellerSkus=A": {"A", "B"}, "&sellerSkus=A,B,NOBODY": {"A", "B"}, "&sellerSkus=A%2CB": {"A", "B"}, "&sellerSku=B": {"B"},
		"&sellerSku=C,1": {"C,1"}, "&sellerSkus=C%2C1&sellerSkus=A": {"A", "C,1"}, "&sellerSkus=A&sellerSku=B": {"A"}, "&sellerSkus=A,A": {"A"},
		"&sellerSkus=NOBODY": nil, "": {"A", "B", "C,1"}, "&details=false&unknown=1": {"A", "B", "C,1"},
	} {
		require.Equal(t, want, found(p.ask(200, "GET", summaries(query), "")), query)
	}
}

func TestErrorsReadAsAmazons(t *testing.T) {
	p := open(t)
	for path, says := range map[string]string{
		"/fba/inventory/v1/summaries": "granularityType", "/fba/inventory/v1/summaries?granularityType=Country": "granularityType",
		"/fba/inventory/v1/summaries?granularityType=Marketplace": "granularityId", "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9": "marketplaceIds",
		summaries("&marketplaceIds=A13V1IB3VIYZZH"): "marketplaceIds", "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9&marketplaceIds=A13V1IB3VIYZZH": "same",
		"/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=X&marketplaceIds=X": "X", summaries("&details=1"): "details",
		summaries("&startDateTime=yesterday"): "startDateTime", summaries("&startDateTime=2024-08-01T00:00:00Z"): "18 months", summaries("&nextToken=nonsense"): "nextToken",
		summaries("&sellerSkus=" + strings.Repeat("x,", 50) + "y"): "at most 50", summaries("&sellerSku=%00"): "control", summaries("&sellerSku=%f"): "percent",
	} {
		e := p.refused(400, request{method: "GET", path: path})
		require.Equal(t, "InvalidInput", e["code"])
		require.Contains(t, e["message"], says, path)
	}
	w := p.send(request{method: "GET", path: summaries(""), header: map[string]string{"Authorization": ""}})
	require.Equal(t, 403, w.Code)
	require.Contains(t, w.Body.String(), `"code":"Unauthorized"`)
	w = p.send(request{method: "GET", path: "/fba/inventory/v1/nothing"})
	require.Equal(t, 404, w.Code)
	require.Contains(t, w.Body.String(), `"code":"NotFound"`)
	require.Equal(t, "1000.0", w.Header().Get("x-amzn-RateLimit-Limit"))
	require.Empty(t, p.send(request{method: "GET", path: kettle}).Header().Get("x-amzn-RateLimit-Limit"))
}

func TestOverTheRateIsQuotaExceededForThatSellerAlone(t *testing.T) {
	p := open(t, func(o *api.Options) { o.FBARate = 2 })
	for range 2 {
		p.ask(200, "GET", summaries(""), "")
	}
	w := p.send(request{method: "GET", path: summaries("")})
	require.Equal(t, 429, w.Code)
	require.Contains(t, w.Body.String(), `"code":"QuotaExceeded"`)
	require.Equal(t, "2.0", w.Header().Get("x-amzn-RateLimit-Limit"))
	p.as(200, request{method: "GET", path: summaries(""), seller: "other"})
	p.ask(200, "PUT", kettle, `{}`)
	p.now = p.now.Add(500 * time.Millisecond)
	p.ask(200, "GET", summaries(""), "")
	p.refused(429, request{method: "GET", path: summaries("")})
}
