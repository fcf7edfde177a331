package api_test

// These tests hold openapi.json and the handlers together: every route is in the
// file and nothing else is, every body is read into the fields its schema names,
// and every answer that any test of this package gets has the shape the file
// promises. They would catch a field that was added, renamed or left out on one
// side only. The validator knows the words of JSON Schema that the file uses and
// fails at any other.

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/api"
	"headstart/shared/supply"
)

type schema = map[string]any

var contract = sync.OnceValue(func() schema {
	var file schema
	if err := json.Unmarshal(api.Description, &file); err != nil {
		panic(err)
	}
	return file
})

func resolve(s schema) schema {
	ref, ok := s["$ref"].(string)
	if !ok {
		return s
	}
	found := any(contract())
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		found = found.(schema)[step]
	}
	return resolve(found.(schema))
}

// understood are the words of JSON Schema that violates checks or that say
// nothing about a value.
var understood = []string{"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "format", "pattern",
	"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "description"}

// violates returns the first way in which v is not what the schema says.
func violates(at string, s schema, v any) string {
	s = resolve(s)
	for word := range s {
		if !slices.Contains(understood, word) {
			return "the validator does not know " + word
		}
	}
	if options, ok := s["anyOf"].([]any); ok {
		var reasons []string
		for _, o := range options {
			why := violates(at, o.(schema), v)
			if why == "" {
				return ""
			}
			reasons = append(reasons, why)
		}
		return strings.Join(reasons, " and ")
	}
	if kind := kindOf(v); !typed(s["type"], kind) {
		return fmt.Sprintf("%s is %s, not %v", at, kind, s["type"])
	}
	if enum, ok := s["enum"].([]any); ok && v != nil && !slices.Contains(enum, v) {
		return fmt.Sprintf("%s is %v, not one of %v", at, v, enum)
	}
	switch v := v.(type) {
	case map[string]any:
		return violatesObject(at, s, v)
	case []any:
		return violatesArray(at, s, v)
	case string:
		return violatesText(at, s, v)
	case float64:
		if least, ok := s["minimum"].(float64); ok && v < least {
			return fmt.Sprintf("%s is %v, below %v", at, v, least)
		}
		if most, ok := s["maximum"].(float64); ok && v > most {
			return fmt.Sprintf("%s is %v, above %v", at, v, most)
		}
	}
	return ""
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
	}
	return "number"
}

func typed(wanted any, kind string) bool {
	if list, ok := wanted.([]any); ok {
		return slices.Contains(list, any(kind))
	}
	return wanted == kind
}

func violatesObject(at string, s schema, v map[string]any) string {
	properties, _ := s["properties"].(schema)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, there := v[name.(string)]; !there {
			return fmt.Sprintf("%s.%s is missing", at, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property, known := properties[name].(schema)
		if !known && s["additionalProperties"] == false {
			return fmt.Sprintf("%s.%s is in no schema", at, name)
		}
		if known {
			if why := violates(at+"."+name, property, v[name]); why != "" {
				return why
			}
		}
	}
	return ""
}

func violatesArray(at string, s schema, v []any) string {
	if least, ok := s["minItems"].(float64); ok && len(v) < int(least) {
		return at + " is too short"
	}
	if most, ok := s["maxItems"].(float64); ok && len(v) > int(most) {
		return at + " is too long"
	}
	for i := range v {
		if why := violates(fmt.Sprintf("%s[%d]", at, i), s["items"].(schema), v[i]); why != "" {
			return why
		}
	}
	return ""
}

func violatesText(at string, s schema, v string) string {
	if least, ok := s["minLength"].(float64); ok && len(v) < int(least) {
		return at + " is too short"
	}
	if most, ok := s["maxLength"].(float64); ok && len(v) > int(most) {
		return at + " is too long"
	}
	if pattern, ok := s["pattern"].(string); ok && !compiled(pattern).MatchString(v) {
		return fmt.Sprintf("%s is %q, which does not match %s", at, v, pattern)
	}
	layouts := map[any]string{"date": time.DateOnly, "date-time": time.RFC3339}
	if layout := layouts[s["format"]]; layout != "" {
		if _, err := time.Parse(layout, v); err != nil {
			return fmt.Sprintf("%s is %q, no %s", at, v, s["format"])
		}
		if layout == time.RFC3339 && !strings.HasSuffix(v, "Z") {
			return fmt.Sprintf("%s is %q, not in UTC", at, v)
		}
	}
	return ""
}

var patterns sync.Map

func compiled(pattern string) *regexp.Regexp {
	known, ok := patterns.Load(pattern)
	if !ok {
		known, _ = patterns.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	return known.(*regexp.Regexp)
}

// operation returns what the file says of a request; nil when it has no such path
// or method.
func operation(r *http.Request) (name string, op schema) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for path, methods := range contract()["paths"].(schema) {
		template := strings.Split(path, "/")
		if len(template) != len(segments) || slices.ContainsFunc(segments[1:], func(s string) bool { return s == "" }) {
			continue
		}
		matches := true
		for i := range template {
			matches = matches && (template[i] == segments[i] || strings.HasPrefix(template[i], "{"))
		}
		if op, ok := methods.(schema)[strings.ToLower(r.Method)].(schema); ok && matches {
			return r.Method + " " + path, op
		}
	}
	return "", nil
}

// holdToContract fails the test when an answer is not what the file promises.
func holdToContract(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	if r.Method == http.MethodHead {
		return
	}
	var answer any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer), "%s %s: %s", r.Method, r.URL, w.Body)
	name, op := operation(r)
	shape := schema{"$ref": "#/components/schemas/Error"}
	if w.Code < 400 {
		response, described := op["responses"].(schema)[fmt.Sprint(w.Code)].(schema)
		require.True(t, described, "%s answers %d, which openapi.json does not have", name, w.Code)
		shape = resolve(response)["content"].(schema)["application/json"].(schema)["schema"].(schema)
	}
	require.Empty(t, violates("answer", shape, answer), "%s %s -> %d %s", r.Method, r.URL, w.Code, w.Body)
}

func TestTheFileHasEveryRouteAndNoOther(t *testing.T) {
	var described []string
	for path, methods := range contract()["paths"].(schema) {
		for method := range methods.(schema) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	require.ElementsMatch(t, api.Routes(), described)
}

func TestTheFileHasEveryParameterAndNoOther(t *testing.T) {
	queries, writes := api.Queries(), api.Writes()
	for path, methods := range contract()["paths"].(schema) {
		for method, op := range methods.(schema) {
			known, listed := queries[strings.ToUpper(method)+" "+path]
			if !listed {
				continue // Amazon's path ignores what it does not know, as Amazon does
			}
			var described []string
			keyed, inPath := false, map[string]bool{}
			parameters, _ := op.(schema)["parameters"].([]any)
			for _, p := range parameters {
				switch p := resolve(p.(schema)); p["in"] {
				case "query":
					described = append(described, p["name"].(string))
				case "path":
					inPath["{"+p["name"].(string)+"}"] = true
				case "header":
					keyed = keyed || p["name"] == "Idempotency-Key" && p["required"] == true
				}
			}
			require.ElementsMatch(t, known, described, "%s %s", method, path)
			require.Equal(t, writes[strings.ToUpper(method)+" "+path], keyed, "%s %s: Idempotency-Key", method, path)
			for _, segment := range strings.Split(path, "/") {
				require.True(t, !strings.HasPrefix(segment, "{") || inPath[segment], "%s: %s", path, segment)
			}
		}
	}
}

func TestEveryBodyIsReadIntoTheFieldsOfItsSchema(t *testing.T) {
	for name, value := range api.Bodies() {
		sameFields(t, name, resolve(schema{"$ref": "#/components/schemas/" + name}), reflect.TypeOf(value))
	}
}

func sameFields(t *testing.T, at string, s schema, typ reflect.Type) {
	t.Helper()
	s = resolve(s)
	if options, ok := s["anyOf"].([]any); ok {
		s = resolve(options[0].(schema))
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.Slice:
		sameFields(t, at+"[]", s["items"].(schema), typ.Elem())
	case reflect.Struct:
		properties := s["properties"].(schema)
		var fields []string
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			fields = append(fields, name)
			if property, ok := properties[name].(schema); ok {
				sameFields(t, at+"."+name, property, typ.Field(i).Type)
			}
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(properties)), fields, at)
	case reflect.Map:
		require.Equal(t, "object", s["type"], at)
	default:
		kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Int64: "integer", reflect.Bool: "boolean"}
		require.True(t, typed(s["type"], kinds[typ.Kind()]), "%s is %v in the file and %s here", at, s["type"], typ)
	}
}

// events is a feed of one event per seller.
type events struct{}

func (events) Events(_ context.Context, seller supply.SellerID, after int64, limit int) ([]json.RawMessage, int64, error) {
	if after > 0 {
		return nil, after, nil
	}
	return []json.RawMessage{json.RawMessage(fmt.Sprintf(`{"id":"e1","type":"orders.decided","seller":%q}`, seller))}, 1, nil
}

func TestEveryPathAnswersAsDescribed(t *testing.T) {
	p := open(t, func(o *api.Options) { o.Feed, o.Read = events{}, (&parcels{}).read })
	p.announce("acme", "FBA1", 100, "2026-03-05T00:00:00Z")
	replayed, dismissed := p.quarantine("acme", "1Z1"), p.quarantine("acme", "1Z2")
	p.order("acme", "placed", "o1", kettles(4))
	answered := map[string]bool{}
	for _, r := range []request{
		{method: "POST", path: "/v1/shipments", body: `{"shipmentId":"FBA2","marketplace":"A1PA6795UKMFR9","destination":"DTM2","createdAt":"2026-03-01T00:00:00Z","mode":"SPD",
			"carrier":{"program":"OWN","name":"UPS","scac":"UPSN"},"boxes":[{"boxId":"FBA2U1","trackingId":"1Z999","lines":[{"sku":"MUG","units":5}]}],"billOfLading":"B1","eta":{"from":"2026-03-09","to":"2026-03-10"},"lines":[{"sku":"MUG","units":5}]}`},
		{method: "GET", path: "/v1/shipments/FBA2"},
		{method: "PUT", path: "/v1/shipments/FBA2/tracking", body: `{"boxes":[{"boxId":"FBA2U1","trackingId":"1Z998"}],"proNumber":"P"}`},
		{method: "PUT", path: "/v1/shipments/FBA2/lines", body: `{"lines":[{"sku":"MUG","units":6}]}`},
		{method: "POST", path: "/v1/shipments/FBA2/receipts", body: `{"lines":[{"sku":"MUG","units":1},{"sku":"SURPRISE","units":2}]}`},
		{method: "POST", path: "/v1/shipments/FBA2/cancel", body: `{}`},
		{method: "GET", path: "/v1/items"},
		{method: "PUT", path: kettle, body: `{"maxUnitsPerOrder":9}`},
		{method: "GET", path: kettle},
		{method: "POST", path: kettle + "/adjustments", body: `{"fulfillableQuantity":1,"reason":"count"}`},
		{method: "POST", path: "/v1/quote", key: "-", body: `{"marketplace":"A1PA6795UKMFR9","split":true,"lines":[{"sku":"KETTLE-1","units":2},{"sku":"NONE","units":1}]}`},
		{method: "POST", path: kettle + "/quote", key: "-", body: `{"units":2,"placedAt":"2026-03-02T09:00:00Z"}`},
		{method: "POST", path: kettle + "/what-if", key: "-", body: `{"slip":{"shipmentId":"FBA1","days":4},"receipt":{"shipmentId":"FBA1","units":3,"final":true},"withhold":true}`},
		{method: "POST", path: "/v1/shipments/FBA1/what-if", key: "-", body: `{"slip":{"eta":{"from":"2026-03-09","to":"2026-03-10"}},"receipt":{"lines":[{"sku":"KETTLE-1","units":3}],"final":true}}`},
		{method: "GET", path: "/v1/shipments/FBA1/slip-report?since=2026-03-01"},
		{method: "GET", path: kettle + "/buckets?from=2026-03-01&to=2026-06-01&by=month"},
		{method: "GET", path: kettle + "/explain"},
		{method: "GET", path: kettle + "/timeline"},
		{method: "GET", path: kettle + "/advice"},
		{method: "GET", path: "/v1/program"},
		{method: "POST", path: "/v1/program/DE/pause"},
		{method: "GET", path: "/v1/program/A1PA6795UKMFR9"},
		{method: "GET", path: "/v1/program/DE/preview?action=reactivate"},
		{method: "POST", path: "/v1/program/UK/confirm"},
		{method: "POST", path: "/v1/program/DE/resend"},
		{method: "POST", path: "/v1/program/DE/reactivate", body: `{}`},
		{method: "GET", path: "/v1/advice"},
		{method: "GET", path: kettle + "/orders"},
		{method: "GET", path: kettle + "/orders/o1"},
		{method: "GET", path: "/v1/audit?marketplace=A1PA6795UKMFR9"},
		{method: "POST", path: "/v1/audit", body: `{"marketplace":"A1PA6795UKMFR9","sku":"KETTLE-1"}`},
		{method: "GET", path: "/v1/quarantine"},
		{method: "GET", path: "/v1/quarantine/" + replayed},
		{method: "POST", path: "/v1/quarantine/" + replayed + "/replay"},
		{method: "DELETE", path: "/v1/quarantine/" + dismissed},
		{method: "PUT", path: "/v1/seller", body: `{"email":"anna@example.net","language":"zh","version":0}`},
		{method: "GET", path: "/v1/seller"},
		{method: "GET", path: "/v1/events?limit=5"},
		{method: "GET", path: "/v1/openapi.json"},
		{method: "GET", path: "/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId=A1PA6795UKMFR9&marketplaceIds=A1PA6795UKMFR9&details=true"},
	} {
		w := p.send(r)
		require.Less(t, w.Code, 300, "%s %s: %s", r.method, r.path, w.Body)
		name, _ := operation(httptest.NewRequest(r.method, r.path, nil))
		answered[name] = true
	}
	require.ElementsMatch(t, api.Routes(), slices.Collect(maps.Keys(answered)), "each path is answered")
}

func TestTheServedFileNamesTheMarketplacesOfThisPlace(t *testing.T) {
	served := open(t).ask(200, "GET", "/v1/openapi.json", "")
	enum := served["components"].(schema)["schemas"].(schema)["Marketplace"].(schema)["enum"]
	require.Equal(t, []any{string(france), string(germany)}, enum)
}

func TestTheFeedIsReadFromTheTokenOn(t *testing.T) {
	p := open(t, func(o *api.Options) { o.Feed = events{} })
	page := p.ask(200, "GET", "/v1/events", "")
	require.Len(t, page["events"], 1)
	require.Equal(t, "acme", page["events"].([]any)[0].(schema)["seller"])
	page = p.ask(200, "GET", "/v1/events?nextToken="+page["nextToken"].(string), "")
	require.Empty(t, page["events"])
	require.Equal(t, "1", page["nextToken"])
	for _, query := range []string{"?nextToken=x", "?nextToken=-1", "?limit=0", "?limit=501", "?limit=x"} {
		p.refused(400, request{method: "GET", path: "/v1/events" + query})
	}
}
