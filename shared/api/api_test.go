package api_test

// These tests ask the real handlers over the real engine and the memory store,
// as a client would: by method, path, headers and bytes. Every answer that any
// of them gets is held to openapi.json (contract_test.go). They would catch a
// status that left the outcome table, a field that moved, a write that happens
// twice, and an error that says too much or too little.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/api"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

const germany, france = supply.MarketplaceID("A1PA6795UKMFR9"), supply.MarketplaceID("A13V1IB3VIYZZH")

// weekdays is a calendar without holidays, in UTC.
type weekdays struct{}

func (weekdays) Day(t time.Time) supply.Day   { return supply.DayOf(t.UTC()) }
func (weekdays) Start(d supply.Day) time.Time { return d.Date() }
func (weekdays) AddBusinessDays(d supply.Day, n int) supply.Day {
	for n > 0 {
		if d++; d.Date().Weekday() != time.Saturday && d.Date().Weekday() != time.Sunday {
			n--
		}
	}
	return d
}

// place is one installation with its sellers.
type place struct {
	t      *testing.T
	store  store.Store
	engine *engine.Engine
	http   http.Handler
	now    time.Time
	keys   map[supply.SellerID]string
	cursor string
	fresh  int
	log    bytes.Buffer
}

func open(t *testing.T, change ...func(*api.Options)) *place {
	return openOn(t, memory.New(), change...)
}

func openOn(t *testing.T, s store.Store, change ...func(*api.Options)) *place {
	p := &place{t: t, store: s, now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), keys: map[supply.SellerID]string{}}
	policy := supply.Policy{ReceivingDays: 1, ShipDays: 1, HorizonDays: 180, StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour}
	served := []supply.MarketplaceID{germany, france}
	calendar := func(id supply.MarketplaceID) (supply.Calendar, bool) {
		return weekdays{}, id == germany || id == france
	}
	p.engine = engine.New(s, calendar, func() supply.Policy { return policy }, rand.New(rand.NewPCG(1, 2)).Uint64, slog.New(slog.DiscardHandler))
	o := api.Options{Status: edge.APIStatus, Marketplaces: served, Log: slog.New(slog.NewTextHandler(&p.log, nil))}
	for _, f := range change {
		f(&o)
	}
	p.http = api.New(p.engine, func() time.Time { return p.now }, o)
	for _, seller := range []supply.SellerID{"acme", "other"} {
		key, err := p.engine.CreateKey(context.Background(), p.now, seller)
		require.NoError(t, err)
		p.keys[seller] = key
	}
	return p
}

// request is one request; what is empty takes its usual value.
type request struct {
	method, path, body string
	seller             supply.SellerID // "" = acme
	key                string          // Idempotency-Key; "" = a fresh one, "-" = none
	header             map[string]string
}

func (p *place) send(r request) *httptest.ResponseRecorder {
	p.t.Helper()
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	if r.seller == "" {
		r.seller = "acme"
	}
	req.Header.Set("Authorization", "Bearer "+p.keys[r.seller])
	if r.key == "" {
		p.fresh++
		r.key = fmt.Sprint("fresh-", p.fresh)
	}
	if r.key != "-" && r.method != "GET" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, req)
	holdToContract(p.t, req, w)
	return w
}

// ask sends and returns the decoded answer, which must have the status.
func (p *place) ask(status int, method, path, body string) map[string]any {
	p.t.Helper()
	return p.as(status, request{method: method, path: path, body: body})
}

func (p *place) as(status int, r request) map[string]any {
	p.t.Helper()
	w := p.send(r)
	require.Equal(p.t, status, w.Code, "%s %s: %s", r.method, r.path, w.Body)
	var answer map[string]any
	require.NoError(p.t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer
}

// refused asks and returns the one error.
func (p *place) refused(status int, r request) map[string]any {
	p.t.Helper()
	list := p.as(status, r)["errors"].([]any)
	require.Len(p.t, list, 1)
	return list[0].(map[string]any)
}

// drain lets the change feed bring shipments to their items.
func (p *place) drain() {
	p.t.Helper()
	for {
		changes, next, err := p.store.Changes(context.Background(), p.cursor, 0)
		require.NoError(p.t, err)
		if p.cursor = next; len(changes) == 0 {
			return
		}
		require.Empty(p.t, p.engine.SupplyChanges(context.Background(), p.now, changes))
	}
}

const kettle = "/v1/items/A1PA6795UKMFR9/KETTLE-1"

// announce makes 100 kettles buyable for the seller.
func (p *place) announce(seller supply.SellerID, id string, units int, eta string) {
	p.t.Helper()
	p.as(201, request{method: "POST", path: "/v1/shipments", seller: seller, body: fmt.Sprintf(
		`{"shipmentId":%q,"marketplace":"A1PA6795UKMFR9","mode":"LTL","proNumber":"PRO-%s-%s","eta":{"from":%[4]q,"to":%[4]q},"lines":[{"sku":"KETTLE-1","units":%[5]d}]}`,
		id, seller, id, eta, units)})
	p.drain()
}

func (p *place) order(seller supply.SellerID, kind, id string, rest string) {
	p.t.Helper()
	failed := p.engine.Orders(context.Background(), p.now, []engine.Delivery{{ID: id, Body: fmt.Appendf(nil,
		`{"type":"order.%s","orderId":%q,"seller":%q,"marketplace":"A1PA6795UKMFR9","placedAt":%q,%s}`, kind, id, seller, p.now.Format(time.RFC3339), rest)}})
	require.Empty(p.t, failed)
}

func kettles(units int) string { return fmt.Sprintf(`"lines":[{"sku":"KETTLE-1","units":%d}]`, units) }

func numbers(item map[string]any, names ...string) (values []any) {
	for _, name := range names {
		values = append(values, item[name])
	}
	return values
}

func TestSeventyOfAHundredUnitsAreSoldBeforeTheyArrive(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA15ABC", 100, "2026-03-17T00:00:00Z")
	for i := range 70 {
		p.order("acme", "placed", fmt.Sprintf("o-%02d", i), kettles(1))
	}
	item := p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{0., 0., 70., 30., 0., 0., 0., 100.}, numbers(item, "fulfillableQuantity", "pendingCustomerOrderQuantity",
		"reservedFutureSupplyQuantity", "futureSupplyBuyableQuantity", "shortfallQuantity", "atRiskQuantity", "warehouseQuantity", "totalQuantity"))
	require.Equal(t, map[string]any{"working": 0., "shipped": 100., "receiving": 0.}, item["inbound"])
	require.Equal(t, map[string]any{"status": "ACTIVE", "inStockDate": "2026-03-18"}, item["offer"])
	require.Equal(t, "BUYABLE", item["verdict"].(map[string]any)["code"])
	require.Equal(t, "2026-03-12T10:00:00Z", item["verdict"].(map[string]any)["nextChangeAt"])
	lot := item["lots"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"FBA15ABC", "SHIPPED", 100., 100., 70., 30., "2026-03-18"},
		numbers(lot, "shipmentId", "status", "expected", "exposable", "reserved", "buyable", "inStockDate"))
	require.Equal(t, map[string]any{"from": "2026-03-17T00:00:00Z", "to": "2026-03-17T00:00:00Z", "kind": "DELIVERY", "precision": "INSTANT"}, lot["eta"])

	o := p.ask(200, "GET", kettle+"/orders/o-00", "")
	require.Equal(t, []any{"o-00", "RESERVED", 1., nil, false, "BackOrder", "2026-03-18", "2026-03-18", "2026-03-19", nil},
		numbers(o, "orderId", "status", "units", "reason", "released", "orderType", "firstPromised", "promised", "deliveryDate", "actual"))
	require.Equal(t, []any{map[string]any{"source": "FBA15ABC", "units": 1., "date": "2026-03-18"}}, o["pegs"])

	p.ask(200, "POST", "/v1/shipments/FBA15ABC/receipts", `{"lines":[{"sku":"KETTLE-1","units":40}]}`)
	p.drain()
	item = p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{0., 40., 30., 30.}, numbers(item, "fulfillableQuantity", "pendingCustomerOrderQuantity", "reservedFutureSupplyQuantity", "futureSupplyBuyableQuantity"))
	require.Equal(t, map[string]any{"working": 0., "shipped": 0., "receiving": 60.}, item["inbound"])
	o = p.ask(200, "GET", kettle+"/orders/o-00", "")
	require.Equal(t, []any{true, "2026-03-02", "2026-03-03", 1.}, numbers(o, "released", "actual", "deliveryDate", "allocated"))
	require.Equal(t, []any{map[string]any{"source": "ON_HAND", "units": 1., "date": "2026-03-02"}}, o["pegs"])

	p.ask(200, "POST", "/v1/shipments/FBA15ABC/receipts", `{"lines":[{"sku":"KETTLE-1","units":65}],"final":true}`)
	p.drain()
	item = p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{35., 70., 0., 0., 105., 105.}, numbers(item, "fulfillableQuantity", "pendingCustomerOrderQuantity",
		"reservedFutureSupplyQuantity", "futureSupplyBuyableQuantity", "warehouseQuantity", "totalQuantity"))
	require.Equal(t, "IN_STOCK", item["verdict"].(map[string]any)["code"])
}

func TestWhatTheClockChangesIsReadAtOnceAndCommittedByNobody(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.order("acme", "placed", "held", `"holdUntil":"2026-03-02T10:15:00Z",`+kettles(10))
	require.Equal(t, 0., p.ask(200, "GET", kettle, "")["futureSupplyBuyableQuantity"])
	before, err := p.store.Get(context.Background(), true, store.HeadKey(supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "KETTLE-1"}))
	require.NoError(t, err)

	p.now = time.Date(2026, 3, 2, 10, 15, 0, 1e6, time.UTC)
	item := p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{10., 0., "2026-03-02T10:15:00Z"}, numbers(item, "futureSupplyBuyableQuantity", "reservedFutureSupplyQuantity", "lastUpdatedTime"))
	o := p.ask(200, "GET", kettle+"/orders/held", "")
	require.Equal(t, []any{"CANCELLED", "HOLD_EXPIRED", nil, "2026-03-06"}, numbers(o, "status", "reason", "promised", "firstPromised"))

	p.now = time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)
	item = p.ask(200, "GET", kettle, "")
	require.Equal(t, "OVERDUE", item["verdict"].(map[string]any)["code"])
	require.Equal(t, map[string]any{"status": "INACTIVE", "inStockDate": nil}, item["offer"])
	x := p.ask(200, "GET", kettle+"/explain", "")
	require.Equal(t, "OVERDUE", x["verdict"].(map[string]any)["code"])

	after, err := p.store.Get(context.Background(), true, store.HeadKey(supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "KETTLE-1"}))
	require.NoError(t, err)
	require.Equal(t, before, after, "a read must commit nothing")
}

func TestTheExplanationSaysWhatTheGatesDecide(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.order("acme", "placed", "o1", kettles(4))
	x := p.ask(200, "GET", kettle+"/explain", "")
	item := p.ask(200, "GET", kettle, "")
	require.Equal(t, item["verdict"], x["verdict"])
	lot := x["lots"].([]any)[0].(map[string]any)
	for _, g := range lot["gates"].([]any) {
		require.Equal(t, true, g.(map[string]any)["passed"], g)
	}
	require.Contains(t, fmt.Sprint(x["text"]), "4 are reserved and 6 may be bought")
	require.Contains(t, fmt.Sprint(x["text"]), "Time alone can change this at 2026-03-06T00:00:00Z.")

	p.now = p.now.AddDate(0, 0, 30)
	x = p.ask(200, "GET", kettle+"/explain", "")
	var closed []any
	for _, g := range x["lots"].([]any)[0].(map[string]any)["gates"].([]any) {
		if gate := g.(map[string]any); gate["passed"] == false {
			closed = append(closed, gate["code"])
			require.NotEmpty(t, gate["evidence"])
		}
	}
	require.Equal(t, []any{"OVERDUE", "STALE"}, closed, "in order of precedence")
	require.Equal(t, "OVERDUE", x["verdict"].(map[string]any)["code"])
	require.Contains(t, fmt.Sprint(x["text"]), "OVERDUE: the ETA window ended 2026-03-05T00:00:00Z")
	require.Contains(t, fmt.Sprint(x["text"]), "Also STALE: nothing heard since")

	p.ask(200, "PUT", kettle, `{"fulfillmentChannel":"FBM","withheld":true}`)
	x = p.ask(200, "GET", kettle+"/explain", "")
	gates := x["gates"].([]any)
	require.Equal(t, []any{"NOT_FBA", false}, numbers(gates[0].(map[string]any), "code", "passed"))
	require.Equal(t, []any{"WITHHELD_BY_SELLER", false}, numbers(gates[1].(map[string]any), "code", "passed"))
	require.Equal(t, "NOT_FBA", x["verdict"].(map[string]any)["code"])
}

func TestAnItemIsReplacedWholeAndUnderItsVersion(t *testing.T) {
	p := open(t)
	first := p.ask(200, "PUT", kettle, `{"asin":"B00KETTLE","fnSku":"X000KETTLE","productName":"Kettle","condition":"UsedGood","safetyBuffer":3,"maxUnitsPerOrder":5,"withheld":true,"fulfillmentChannel":"SFP"}`)
	require.Equal(t, first, p.ask(200, "GET", kettle, ""), "the answer is the item")
	require.Equal(t, []any{"B00KETTLE", "X000KETTLE", "Kettle", "UsedGood", 3., 5., true, "SFP"},
		numbers(first, "asin", "fnSku", "productName", "condition", "safetyBuffer", "maxUnitsPerOrder", "withheld", "fulfillmentChannel"))
	second := p.ask(200, "PUT", kettle, fmt.Sprintf(`{"productName":"Pot","version":%v}`, first["version"]))
	require.Equal(t, []any{"", "", "Pot", "NewItem", 0., nil, false, "FBA"},
		numbers(second, "asin", "fnSku", "productName", "condition", "safetyBuffer", "maxUnitsPerOrder", "withheld", "fulfillmentChannel"))
	e := p.refused(409, request{method: "PUT", path: kettle, body: fmt.Sprintf(`{"version":%v}`, first["version"])})
	require.Equal(t, []any{"CONFLICT", fmt.Sprint(second["version"])}, numbers(e, "code", "details"))
	require.Equal(t, "Pot", p.ask(200, "GET", kettle, "")["productName"])
}

func TestOrdersDoNotDisturbAVersionThatASellerHolds(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	version := p.ask(200, "GET", kettle, "")["version"]
	p.order("acme", "placed", "o1", kettles(1))
	p.ask(200, "PUT", kettle, fmt.Sprintf(`{"safetyBuffer":1,"version":%v}`, version))
}

func TestAnAdjustmentSetsFreeUnitsAndWaitingOrdersTakeThem(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.order("acme", "placed", "o1", kettles(4))
	item := p.ask(200, "POST", kettle+"/adjustments", `{"fulfillableQuantity":6,"changeFromQuantity":0,"reason":"found behind the door"}`)
	require.Equal(t, []any{2., 4., 0.}, numbers(item, "fulfillableQuantity", "pendingCustomerOrderQuantity", "reservedFutureSupplyQuantity"))
	e := p.refused(409, request{method: "POST", path: kettle + "/adjustments", body: `{"fulfillableQuantity":9,"changeFromQuantity":6,"reason":"again"}`})
	require.Equal(t, []any{"CONFLICT", "2"}, numbers(e, "code", "details"))
	item = p.ask(200, "POST", kettle+"/adjustments", `{"unfulfillable":{"customerDamagedQuantity":2,"expiredQuantity":3},"researching":{"researchingQuantityInMidTerm":1},"reason":"count"}`)
	require.Equal(t, []any{2., 5., 1., 11., 21.}, numbers(item, "fulfillableQuantity", "unfulfillableQuantity", "researchingQuantity", "warehouseQuantity", "totalQuantity"))
	require.Equal(t, 2., item["unfulfillable"].(map[string]any)["customerDamagedQuantity"])
	item = p.ask(200, "POST", kettle+"/adjustments", `{"unfulfillable":{"customerDamagedQuantity":0},"reason":"sold to a jobber"}`)
	require.Equal(t, []any{3., 1.}, numbers(item, "unfulfillableQuantity", "researchingQuantity"), "what is not named stays")

	edits := p.ask(200, "GET", "/v1/audit", "")["items"].([]any)[0].(map[string]any)["edits"].([]any)
	require.Equal(t, []any{"fulfillableQuantity 0 -> 6", "found behind the door"}, numbers(edits[0].(map[string]any), "what", "reason"))
	require.Equal(t, []any{"customerDamagedQuantity 2 -> 0", "sold to a jobber"}, numbers(edits[len(edits)-1].(map[string]any), "what", "reason"))
	p.refused(404, request{method: "POST", path: "/v1/items/A1PA6795UKMFR9/NOBODY/adjustments", body: `{"fulfillableQuantity":1,"reason":"x"}`})
}

func TestAmazonsRowAddsUp(t *testing.T) {
	p := open(t)
	p.ask(200, "PUT", kettle, `{}`)
	p.ask(200, "POST", kettle+"/adjustments", `{"fulfillableQuantity":30,"unfulfillable":{"defectiveQuantity":5},"reason":"count"}`)
	p.order("acme", "placed", "o1", kettles(10))
	for _, s := range []string{
		`{"shipmentId":"W","marketplace":"A1PA6795UKMFR9","lines":[{"sku":"KETTLE-1","units":10}]}`,
		`{"shipmentId":"S","marketplace":"A1PA6795UKMFR9","proNumber":"S1","lines":[{"sku":"KETTLE-1","units":5}]}`,
		`{"shipmentId":"R","marketplace":"A1PA6795UKMFR9","proNumber":"R1","lines":[{"sku":"KETTLE-1","units":6}]}`,
	} {
		p.ask(201, "POST", "/v1/shipments", s)
	}
	p.ask(200, "POST", "/v1/shipments/R/receipts", `{"lines":[{"sku":"KETTLE-1","units":1}]}`)
	p.drain()
	p.ask(200, "POST", kettle+"/adjustments", `{"fulfillableQuantity":20,"reason":"Amazon's example"}`)
	item := p.ask(200, "GET", kettle, "")
	require.Equal(t, []any{20., 5., 10., 35., 55.}, numbers(item, "fulfillableQuantity", "unfulfillableQuantity", "pendingCustomerOrderQuantity", "warehouseQuantity", "totalQuantity"))
	require.Equal(t, map[string]any{"working": 10., "shipped": 5., "receiving": 5.}, item["inbound"])
}

func TestItemsAreListedByWhetherABuyerCanBuyThem(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.ask(200, "PUT", "/v1/items/A13V1IB3VIYZZH/EMPTY", `{}`)
	skus := func(query string) (found []any) {
		for _, item := range p.ask(200, "GET", "/v1/items"+query, "")["items"].([]any) {
			found = append(found, item.(map[string]any)["sku"])
		}
		return found
	}
	require.Equal(t, []any{"KETTLE-1"}, skus("?status=active"))
	require.Equal(t, []any{"EMPTY"}, skus("?status=inactive"))
	require.Equal(t, []any{"EMPTY", "KETTLE-1"}, skus(""))
	require.Equal(t, []any{"KETTLE-1"}, skus("?status=all&marketplace=A1PA6795UKMFR9"))
	p.order("acme", "placed", "o1", kettles(10))
	require.Empty(t, skus("?status=active"), "sold out")
	require.Equal(t, "INVALID_MARKETPLACE", p.refused(400, request{method: "GET", path: "/v1/items?marketplace=NOWHERE"})["code"])
	p.refused(400, request{method: "GET", path: "/v1/items?status=maybe"})
	require.Contains(t, p.refused(400, request{method: "GET", path: "/v1/items?marketplaceid=A1PA6795UKMFR9"})["message"], "marketplaceid")
	p.refused(400, request{method: "GET", path: "/v1/items?nextToken=%21"})
	p.refused(400, request{method: "GET", path: "/v1/items?status=active&status=all"})
	p.refused(400, request{method: "GET", path: "/v1/items?status=%zz"})
}

func TestPagesOfItemsAndOrdersNeitherSkipNorRepeat(t *testing.T) {
	p := open(t)
	for i := range 130 {
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/S-%03d", i), `{}`)
	}
	met := map[any]int{}
	for path := "/v1/items"; path != ""; {
		page := p.ask(200, "GET", path, "")
		for _, item := range page["items"].([]any) {
			met[item.(map[string]any)["sku"]]++
		}
		p.ask(200, "PUT", fmt.Sprintf("/v1/items/A1PA6795UKMFR9/S-%03d", len(met)), `{"withheld":true}`) // a write between two pages
		path = ""
		if token, more := page["nextToken"].(string); more {
			path = "/v1/items?nextToken=" + token
		}
	}
	require.Len(t, met, 130)
	for sku, times := range met {
		require.Equal(t, 1, times, sku)
	}

	p.announce("acme", "FBA1", 300, "2026-03-05T00:00:00Z")
	for i := range 250 {
		p.order("acme", "placed", fmt.Sprintf("o-%03d", i), kettles(1))
	}
	var ids []any
	for path := kettle + "/orders"; path != ""; {
		page := p.ask(200, "GET", path, "")
		for _, o := range page["orders"].([]any) {
			ids = append(ids, o.(map[string]any)["orderId"])
		}
		p.order("acme", "cancelled", "o-000", kettles(1))
		path = ""
		if token, more := page["nextToken"].(string); more {
			path = kettle + "/orders?nextToken=" + token
		}
	}
	require.Len(t, ids, 250)
	require.Equal(t, "o-000", ids[0])
	require.Equal(t, "o-249", ids[249])
}

func TestTheSameKeyAndRequestHaveOneEffectAndOneAnswer(t *testing.T) {
	p := open(t)
	p.announce("acme", "FBA1", 100, "2026-03-05T00:00:00Z")
	writes := []request{
		{method: "PUT", path: "/v1/items/A1PA6795UKMFR9/POT", body: `{"productName":"Pot"}`},
		{method: "POST", path: kettle + "/adjustments", body: `{"unfulfillable":{"defectiveQuantity":5},"reason":"count"}`},
		{method: "POST", path: "/v1/shipments", body: `{"shipmentId":"FBA2","marketplace":"A1PA6795UKMFR9","lines":[{"sku":"MUG","units":5}]}`},
		{method: "PUT", path: "/v1/shipments/FBA2/tracking", body: `{"proNumber":"P2"}`},
		{method: "PUT", path: "/v1/shipments/FBA2/lines", body: `{"lines":[{"sku":"MUG","units":7}]}`},
		{method: "POST", path: "/v1/shipments/FBA2/receipts", body: `{"lines":[{"sku":"MUG","units":2}]}`},
		{method: "POST", path: "/v1/shipments/FBA2/cancel"},
		{method: "POST", path: "/v1/audit", body: `{"marketplace":"A1PA6795UKMFR9","sku":"KETTLE-1"}`},
	}
	for i, w := range writes {
		w.key = fmt.Sprint("key ", i)
		first := p.send(w)
		require.Less(t, first.Code, 300, "%s %s: %s", w.method, w.path, first.Body)
		p.now = p.now.Add(time.Hour)
		again := p.send(w)
		require.Equal(t, first.Code, again.Code)
		require.Equal(t, first.Body.Bytes(), again.Body.Bytes(), "%s %s", w.method, w.path)
		other := w
		other.body = strings.Replace(w.body, "{", "{ ", 1) + " "
		require.Equal(t, "IDEMPOTENCY_KEY_REUSED", p.refused(409, other)["code"])
		w.key = "-"
		require.Equal(t, "IDEMPOTENCY_KEY_REQUIRED", p.refused(400, w)["code"])
		w.key = "not\tprintable"
		p.refused(400, w)
	}
	p.drain()
	mug := p.ask(200, "GET", "/v1/items/A1PA6795UKMFR9/MUG", "")
	require.Equal(t, 2., mug["fulfillableQuantity"], "a receipt that came twice counts once")
}

func TestAKeyThatWasRefusedMayBeUsedForTheMendedRequest(t *testing.T) {
	p := open(t)
	p.refused(400, request{method: "PUT", path: kettle, body: `{"safetyBuffer":-1}`, key: "k"})
	p.as(200, request{method: "PUT", path: kettle, body: `{"safetyBuffer":1}`, key: "k"})
}

func TestASKUMayHoldAnyPrintableCharacter(t *testing.T) {
	p := open(t)
	for _, sku := range []string{"A/B", "50% off", "Ärmel 7", "a?b#c", "x//y", "007", "q\"uote", "a+b", "..", "コップ"} {
		var escaped strings.Builder
		for _, b := range []byte(sku) {
			fmt.Fprintf(&escaped, "%%%02X", b)
		}
		path := "/v1/items/A1PA6795UKMFR9/" + escaped.String()
		require.Equal(t, sku, p.ask(200, "PUT", path, `{"productName":"thing"}`)["sku"])
		require.Equal(t, sku, p.ask(200, "GET", path, "")["sku"])
		require.Equal(t, sku, p.ask(200, "GET", path+"/explain", "")["sku"])
		require.Empty(t, p.ask(200, "GET", path+"/orders", "")["orders"])
	}
	require.Len(t, p.ask(200, "GET", "/v1/items", "")["items"], 10)
	for _, path := range []string{"/v1/items/A1PA6795UKMFR9/%00", "/v1/items/A1PA6795UKMFR9/%FF", "/v1/items/A1PA6795UKMFR9/" + strings.Repeat("x", 256), "/v1/items/lower/X"} {
		p.refused(400, request{method: "GET", path: path})
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	p := open(t)
	for _, path := range []string{kettle, kettle + "/explain", kettle + "/timeline", kettle + "/orders", kettle + "/orders/o1", "/v1/shipments/FBA1",
		"/v1", "/v1/", "/v1/items/", "/v1/items/A1PA6795UKMFR9", kettle + "/", kettle + "/buckets", "/v2/items", "/v1//items", "/v1/items/../audit", "/fba", "/fba/inventory/v1/summaries/", "/v1/events"} {
		p.refused(404, request{method: "GET", path: path})
	}
	p.ask(200, "PUT", kettle, `{}`)
	require.Contains(t, p.refused(404, request{method: "GET", path: kettle + "/orders/o1"})["message"], "o1")
	require.Equal(t, "INVALID_MARKETPLACE", p.refused(400, request{method: "GET", path: "/v1/items/NOWHERE/X"})["code"])
}

func TestAnOrderOfAnUnlistedItemCanBeRead(t *testing.T) {
	p := open(t)
	p.order("acme", "placed", "o1", kettles(3))
	p.refused(404, request{method: "GET", path: kettle})
	o := p.ask(200, "GET", kettle+"/orders/o1", "")
	require.Equal(t, []any{"REJECTED", "NO_SUPPLY", 3., nil, nil, nil, false}, numbers(o, "status", "reason", "units", "firstPromised", "promised", "deliveryDate", "released"))
	require.Empty(t, o["pegs"])
}

func TestAnotherMethodIsRefusedWithThoseThatArePossible(t *testing.T) {
	p := open(t)
	w := p.send(request{method: "DELETE", path: kettle})
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD, PUT", w.Header().Get("Allow"))
	require.Contains(t, w.Body.String(), "METHOD_NOT_ALLOWED")
	require.Equal(t, "POST", p.send(request{method: "GET", path: "/v1/shipments"}).Header().Get("Allow"))
	p.ask(200, "PUT", kettle, `{}`)
	require.Equal(t, 200, p.send(request{method: "HEAD", path: kettle}).Code)
}

func TestWhoAsksIsKnownFromTheKeyAlone(t *testing.T) {
	p := open(t)
	p.ask(200, "PUT", kettle, `{}`)
	none := map[string]string{"Authorization": ""}
	w := p.send(request{method: "GET", path: kettle, header: none})
	require.Equal(t, 401, w.Code)
	require.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
	for _, header := range []map[string]string{
		{"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer "}, {"Authorization": "Basic " + p.keys["acme"]},
		{"Authorization": p.keys["acme"]}, {"Authorization": "Bearer " + strings.ToLower(p.keys["acme"])}, {"Authorization": "Bearer " + strings.Repeat("x", 9000)},
	} {
		require.Equal(t, "UNAUTHENTICATED", p.refused(401, request{method: "GET", path: kettle, header: header})["code"], header)
	}
	for _, header := range []map[string]string{
		{"Authorization": "", "x-amz-access-token": p.keys["acme"]}, {"Authorization": "bearer " + p.keys["acme"]},
	} {
		p.as(200, request{method: "GET", path: kettle, header: header})
	}
	p.as(200, request{method: "GET", path: "/v1/openapi.json", header: none})
	records, err := p.store.Get(context.Background(), true, store.BearerKey(p.keys["acme"]))
	require.NoError(t, err)
	require.Zero(t, records[0].Version, "a key is stored by its hash alone")
}

func TestAKeyThatWasTakenBackEndsWithinAMinute(t *testing.T) {
	p := open(t)
	p.ask(200, "PUT", kettle, `{}`)
	ctx := context.Background()
	page, _, err := p.store.Changes(ctx, "", 0)
	require.NoError(t, err)
	for _, c := range page {
		if strings.HasPrefix(c.Key.Partition, "A#") {
			_, _, err := p.store.Put(ctx, store.Write{Record: store.Record{Key: c.Key}, Expect: store.Present, Delete: true})
			require.NoError(t, err)
		}
	}
	p.ask(200, "GET", kettle, "")
	p.now = p.now.Add(time.Minute)
	p.refused(401, request{method: "GET", path: kettle})
}

func TestHostileBodiesAreRefusedByName(t *testing.T) {
	p := open(t)
	p.ask(200, "PUT", kettle, `{}`)
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for _, c := range []struct{ body, says string }{
		{``, "empty"}, {` `, "empty"}, {`null`, "object"}, {`[]`, "object"}, {`"x"`, "object"}, {`7`, "object"}, {`{`, "JSON"}, {`{}{}`, "JSON"}, {`{} x`, "JSON"},
		{`{"withheld":true,"withheld":true}`, "withheld occurs twice"}, {`{"nonsense":1}`, "nonsense"}, {`{"Withheld":true}`, "Withheld"},
		{`{"safetyBuffer":"3"}`, "safetyBuffer must be a whole number"}, {`{"safetyBuffer":1.5}`, "safetyBuffer must be a whole number"}, {`{"safetyBuffer":-1}`, "safetyBuffer"},
		{`{"safetyBuffer":1000000001}`, "safetyBuffer"}, {`{"safetyBuffer":99999999999999999999}`, "safetyBuffer"}, {`{"safetyBuffer":` + strings.Repeat("9", 5000) + `}`, "safetyBuffer has a number of 5000"},
		{`{"safetyBuffer":1e999999999}`, "safetyBuffer"}, {`{"maxUnitsPerOrder":0}`, "maxUnitsPerOrder"}, {`{"withheld":"yes"}`, "withheld must be true or false"},
		{`{"fulfillmentChannel":"fba"}`, "fulfillmentChannel"}, {`{"asin":7}`, "asin must be a text"}, {`{"asin":"` + strings.Repeat("x", 65) + `"}`, "asin has 65 bytes"},
		{`{"productName":"a\u0000b"}`, "productName has a control character"}, {"{\"productName\":\"a\nb\"}", "productName"}, {"{\"productName\":\"\xff\"}", "productName"},
		{"{\"\xff\":1}", "JSON"}, {`{"productName":"\ud800"}`, "productName"}, {deep, "deep"}, {`{"a":` + strings.Repeat("[", 10000), "deep"}, {`{"version":true}`, "version must be a whole number"},
		{`{"asin":["x"]}`, "asin must be a text"}, {"\xef\xbb\xbf{}", "JSON"},
	} {
		e := p.refused(400, request{method: "PUT", path: kettle, body: c.body})
		require.Contains(t, e["message"], c.says, "%.60s", c.body)
		require.Less(t, len(fmt.Sprint(e)), 1000)
	}
	for _, c := range []struct{ body, says string }{
		{`{"fulfillableQuantity":1}`, "reason"}, {`{"fulfillableQuantity":1,"reason":"  "}`, "reason"}, {`{"reason":"x"}`, "fulfillableQuantity"}, {`{"changeFromQuantity":1,"reason":"x"}`, "fulfillableQuantity"},
		{`{"fulfillableQuantity":-1,"reason":"x"}`, "fulfillableQuantity"}, {`{"unfulfillable":{"lost":1},"reason":"x"}`, "unfulfillable.lost"}, {`{"unfulfillable":{"expiredQuantity":-1},"reason":"x"}`, "unfulfillable.expiredQuantity"},
		{`{"unfulfillable":{"expiredQuantity":"1"},"reason":"x"}`, "unfulfillable.expiredQuantity must be a whole number"}, {`{"fulfillableQuantity":1,"reason":"` + strings.Repeat("x", 501) + `"}`, "reason has 501"},
	} {
		require.Contains(t, p.refused(400, request{method: "POST", path: kettle + "/adjustments", body: c.body})["message"], c.says, c.body)
	}
	for _, c := range []struct{ body, says string }{
		{`{"lines":[{"sku":"A","units":"7"}]}`, "lines[0].units must be a whole number"}, {`{"lines":[{"sku":"A","units":1},{"sku":"B","units":1,"x":2}]}`, "lines[1].x"}, {`{"lines":{}}`, "lines must be a list"},
	} {
		require.Contains(t, p.refused(400, request{method: "POST", path: "/v1/shipments", body: c.body})["message"], c.says, c.body)
	}
	require.Equal(t, 1., p.ask(200, "GET", kettle, "")["version"], "nothing of all that was written")
}

func TestABodyOfOneMebibyteIsReadAndAByteMoreIsNot(t *testing.T) {
	p := open(t)
	most := "{" + strings.Repeat(" ", api.MaxBodyBytes-2) + "}"
	p.ask(200, "PUT", kettle, most)
	require.Equal(t, "TOO_LARGE", p.refused(413, request{method: "PUT", path: kettle, body: most + " "})["code"])
}

// broken is a store that fails, or panics, at every read.
type broken struct {
	store.Store
	fail func() error
}

func (b *broken) Get(ctx context.Context, strong bool, keys ...store.Key) ([]store.Record, error) {
	if b.fail != nil {
		return nil, b.fail()
	}
	return b.Store.Get(ctx, strong, keys...)
}

func TestWhatGoesWrongInsideIsLoggedAndNeverShown(t *testing.T) {
	s := &broken{Store: memory.New()}
	p := openOn(t, s)
	p.ask(200, "PUT", kettle, `{}`)
	s.fail = func() error { return fault.New(fault.Internal, "SECRET", "table secret-table is corrupt") }
	w := p.send(request{method: "GET", path: kettle})
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "ecret")
	id := w.Header().Get("x-amzn-RequestId")
	require.NotEmpty(t, id)
	require.Contains(t, w.Body.String(), id)
	require.Contains(t, p.log.String(), "secret-table")
	require.Contains(t, p.log.String(), id)

	s.fail = func() error { return fault.As(fault.Transient, context.DeadlineExceeded, "reading secret-table") }
	w = p.send(request{method: "GET", path: kettle})
	require.Equal(t, 503, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.NotContains(t, w.Body.String(), "ecret")

	s.fail = func() error { panic("secret panic") }
	w = p.send(request{method: "GET", path: kettle})
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "ecret")
	require.Contains(t, p.log.String(), "secret panic")
}

func TestEveryAnswerHasItsOwnRequestID(t *testing.T) {
	p := open(t)
	seen := map[string]bool{}
	for _, path := range []string{kettle, "/nowhere", "/v1/openapi.json", "/fba/inventory/v1/summaries", "/v1/shipments"} {
		w := p.send(request{method: "GET", path: path})
		seen[w.Header().Get("x-amzn-RequestId")] = true
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	}
	require.Len(t, seen, 5)
	require.NotContains(t, seen, "")
}
