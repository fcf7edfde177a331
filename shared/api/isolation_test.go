package api_test

// This test gives two sellers the same shipment ids, SKUs, tracking numbers,
// order ids and idempotency keys, marks everything one of them said, and lets
// the other ask at random, with the first one's ids, tokens and keys. It would
// catch any path, token or cache by which one seller's data is shown to another
// or changed by one.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/api"
)

// secret marks what acme alone said.
const secret = "ACME-SECRET"

func TestNoRequestShowsOrChangesAnotherSellersData(t *testing.T) {
	p := open(t, func(o *api.Options) { o.Read = (&parcels{}).read })
	var tokens []string
	setUp := []request{
		{method: "PUT", path: kettle, body: `{"productName":"` + secret + `","asin":"` + secret + `","safetyBuffer":7}`, key: "key-1"},
		{method: "POST", path: "/v1/shipments", key: "key-2", body: `{"shipmentId":"FBA1","marketplace":"A1PA6795UKMFR9","destination":"` + secret + `","proNumber":"PRO1","billOfLading":"` + secret + `",
			"boxes":[{"boxId":"` + secret + `","trackingId":"1Z1"}],"eta":{"to":"2026-03-09"},"lines":[{"sku":"KETTLE-1","units":777}]}`},
		{method: "POST", path: kettle + "/adjustments", body: `{"fulfillableQuantity":777,"reason":"` + secret + `"}`, key: "key-3"},
	}
	for _, r := range setUp {
		require.Less(t, p.send(r).Code, 300)
	}
	for i := range 120 {
		p.as(200, request{method: "PUT", path: fmt.Sprintf("/v1/items/A1PA6795UKMFR9/SKU-%03d", i), body: `{"productName":"` + secret + `"}`})
		p.order("acme", "placed", fmt.Sprintf("%s-%03d", secret, i), `"lines":[{"sku":"KETTLE-1","units":1}]`)
	}
	p.order("acme", "placed", "o1", kettles(1))
	p.drain()
	var bodies []string
	for i := range 60 {
		bodies = append(bodies, p.quarantine("acme", fmt.Sprintf("%s bad %d", secret, i)))
	}
	p.quarantine("other", "1Z1")
	for _, path := range []string{"/v1/items", kettle + "/orders", "/v1/audit", "/v1/quarantine", "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9&marketplaceIds=A1PA6795UKMFR9"} {
		body := p.send(request{method: "GET", path: path}).Body.String()
		require.Contains(t, body, secret, "the marks must be where they could leak: %s", path)
		_, token, found := strings.Cut(body, `"nextToken":"`)
		require.True(t, found, path)
		token, _, _ = strings.Cut(token, `"`)
		tokens = append(tokens, token)
	}
	_, p.cursor, _ = p.store.Changes(context.Background(), p.cursor, 100_000)

	rng := rand.New(rand.NewPCG(3, 4))
	answered := map[int]int{}
	for range 1500 {
		r := randomRequest(rng, setUp, tokens, bodies)
		w := p.send(r)
		answered[w.Code]++
		require.NotContains(t, w.Body.String(), secret, "%s %s %s", r.method, r.path, r.body)
		require.NotContains(t, w.Body.String(), "777", "%s %s %s", r.method, r.path, r.body)
		p.onlyOthersChanged()
	}
	require.Greater(t, answered[http.StatusOK], 200, "%v: the requests must get somewhere", answered)
	require.Greater(t, answered[http.StatusNotFound], 20, "%v", answered)

	item := p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{secret, 7., 656., 121.}, numbers(item, "productName", "safetyBuffer", "fulfillableQuantity", "pendingCustomerOrderQuantity"))
	require.Equal(t, "RESERVED", p.ask(200, "GET", kettle+"/orders/o1", "")["status"])
	require.Equal(t, secret, p.ask(200, "GET", "/v1/shipments/FBA1", "")["destination"])
	for _, id := range bodies {
		require.Contains(t, p.ask(200, "GET", "/v1/quarantine/"+id, "")["body"], secret)
	}
}

// onlyOthersChanged drains the change feed and looks at every key in it.
func (p *place) onlyOthersChanged() {
	p.t.Helper()
	changes, next, err := p.store.Changes(context.Background(), p.cursor, 0)
	require.NoError(p.t, err)
	p.cursor = next
	for _, c := range changes {
		require.False(p.t, strings.HasPrefix(c.Key.Partition[1:], "#acme#"), "%v", c.Key)
	}
	require.Empty(p.t, p.engine.SupplyChanges(context.Background(), p.now, changes))
}

func randomRequest(rng *rand.Rand, setUp []request, tokens, bodies []string) request {
	pick := func(choices ...string) string { return choices[rng.IntN(len(choices))] }
	item := "/v1/items/" + pick("A1PA6795UKMFR9", "A1PA6795UKMFR9", "A13V1IB3VIYZZH") + "/" + pick("KETTLE-1", "KETTLE-1", "SKU-001", "..%2Facme%2FKETTLE-1", "acme%23A1PA6795UKMFR9%23KETTLE-1", "%2523")
	shipment := "/v1/shipments/" + pick("FBA1", "FBA1", "FBA2")
	token, body := pick(append(tokens, "", "x")...), "/v1/quarantine/"+pick(bodies...)
	units := fmt.Sprint(1 + rng.IntN(9))
	lines := `{"lines":[{"sku":"` + pick("KETTLE-1", "SKU-001") + `","units":` + units + `}]}`
	key := pick("", "", "key-1", "key-2", "key-3")
	summaries := "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9&marketplaceIds=A1PA6795UKMFR9&details=true"
	requests := []request{
		{method: "GET", path: "/v1/items?nextToken=" + token}, {method: "GET", path: "/v1/items?status=active"},
		{method: "GET", path: item}, {method: "GET", path: item + "/explain"}, {method: "GET", path: item + "/timeline"},
		{method: "GET", path: item + "/orders?nextToken=" + token}, {method: "GET", path: item + "/orders/" + pick("o1", "o2")},
		{method: "GET", path: "/v1/audit?nextToken=" + token}, {method: "GET", path: shipment},
		{method: "GET", path: item + "/advice"}, {method: "GET", path: "/v1/advice?nextToken=" + token},
		{method: "GET", path: summaries + "&nextToken=" + token}, {method: "GET", path: summaries + "&sellerSkus=KETTLE-1,SKU-001"},
		{method: "GET", path: summaries + "&startDateTime=2026-01-01T00:00:00Z"},
		{method: "PUT", path: item, body: `{"productName":"mine","withheld":` + pick("true", "false") + `,"version":` + pick("null", "1", "2") + `}`, key: key},
		{method: "POST", path: item + "/adjustments", body: `{"fulfillableQuantity":` + units + `,"reason":"mine"}`, key: key},
		{method: "POST", path: "/v1/shipments", body: `{"shipmentId":"` + pick("FBA1", "FBA2") + `","marketplace":"A1PA6795UKMFR9","proNumber":"PRO1","eta":{"to":"2026-03-10"},` + lines[1:], key: key},
		{method: "PUT", path: shipment + "/tracking", body: `{"proNumber":"` + pick("PRO1", "PRO2") + `","boxes":[{"boxId":"B","trackingId":"1Z1"}]}`, key: key},
		{method: "PUT", path: shipment + "/lines", body: lines, key: key},
		{method: "POST", path: shipment + "/receipts", body: lines, key: key},
		{method: "POST", path: shipment + "/cancel", key: key},
		{method: "POST", path: "/v1/audit", body: `{"marketplace":"A1PA6795UKMFR9","sku":"` + pick("KETTLE-1", "SKU-001") + `"}`, key: key},
		{method: "GET", path: "/v1/quarantine?nextToken=" + token}, {method: "GET", path: body},
		{method: "POST", path: body + "/replay", key: key}, {method: "DELETE", path: body, key: key},
	}
	r := requests[rng.IntN(len(requests))]
	if rng.IntN(40) == 0 {
		r = setUp[rng.IntN(len(setUp))] // the very request and key of the other seller
		r.body = strings.ReplaceAll(strings.ReplaceAll(r.body, secret, "mine"), "777", "5")
	}
	r.seller = "other"
	return r
}
