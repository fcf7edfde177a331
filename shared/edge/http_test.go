// HTTP API events go in as JSON, an http.Handler serves them, the answer comes
// out as JSON; it would catch a part of a request that gets lost or changed on
// the way, and an answer that the gateway would not send as it was written.
package edge_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"

	"headstart/shared/edge"
	"headstart/shared/fault"
)

// httpEvent is an event with all that the gateway sends along; more is JSON to
// be added to it.
func httpEvent(method, path, query, more string) []byte {
	return fmt.Appendf(nil, `{"version":"2.0","routeKey":"$default","rawPath":%q,"rawQueryString":%q,`+
		`"headers":{"accept":"*/*","content-type":"application/json","host":"api.example.com","x-forwarded-for":"203.0.113.9","x-list":"a,b"},`+
		`"requestContext":{"accountId":"123456789012","apiId":"aaaaaaaaaa","domainName":"api.example.com","domainPrefix":"api","http":{"method":%q,"path":%q,"protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"curl/8"},`+
		`"requestId":"LV7fzho-PHcEJPw=","routeKey":"$default","stage":"$default","time":"21/Apr/2026:15:08:21 +0000","timeEpoch":1587481701067},"isBase64Encoded":false%s}`,
		path, query, method, path, more)
}

func serve(t *testing.T, h http.HandlerFunc, event []byte) string {
	t.Helper()
	answer, err := lambda.NewHandler(edge.HTTP(h)).Invoke(t.Context(), event)
	require.NoError(t, err)
	return string(answer)
}

func TestARequestArrivesAsItWasSent(t *testing.T) {
	type key struct{}
	var got *http.Request
	var body []byte
	h := edge.HTTP(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	event := httpEvent("POST", "/v1/items/A1PA6795UKMFR9/a b%é?#", "q=1&q=%2F+x", `,"cookies":["a=1","b=2"],"body":"{\"lines\":\"é\"}"`)

	_, err := h.Invoke(context.WithValue(t.Context(), key{}, "kept"), event)

	require.NoError(t, err)
	require.Equal(t, "POST", got.Method)
	require.Equal(t, "/v1/items/A1PA6795UKMFR9/a b%é?#", got.URL.Path)
	require.Equal(t, "/v1/items/A1PA6795UKMFR9/a%20b%25%C3%A9%3F%23?q=1&q=%2F+x", got.RequestURI)
	require.Equal(t, []string{"1", "/ x"}, got.URL.Query()["q"])
	require.Equal(t, http.Header{"Accept": {"*/*"}, "Content-Type": {"application/json"}, "X-Forwarded-For": {"203.0.113.9"}, "X-List": {"a,b"}, "Cookie": {"a=1; b=2"}}, got.Header)
	require.Len(t, got.Cookies(), 2)
	require.Equal(t, "api.example.com", got.Host)
	require.Equal(t, "203.0.113.9:0", got.RemoteAddr)
	require.Equal(t, `{"lines":"é"}`, string(body))
	require.Equal(t, int64(14), got.ContentLength)
	require.Equal(t, "kept", got.Context().Value(key{}))
}

func TestABodyInBase64ArrivesAsBytes(t *testing.T) {
	raw := []byte{0, 0xff, '"', '\n'}
	var body []byte
	event := httpEvent("POST", "/webhooks/standard/acme", "", `,"body":"`+base64.StdEncoding.EncodeToString(raw)+`"`)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(event, &fields))
	fields["isBase64Encoded"] = true
	event, err := json.Marshal(fields)
	require.NoError(t, err)

	serve(t, func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }, event)

	require.Equal(t, raw, body)
}

func TestAnAnswerGoesOutAsItWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, method string
		h            http.HandlerFunc
		want         string
	}{
		{"nothing written", "GET", func(http.ResponseWriter, *http.Request) {},
			`{"statusCode":200,"headers":{},"multiValueHeaders":null,"body":"","cookies":null}`},
		{"JSON", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("content-type", "application/json")
			w.WriteHeader(http.StatusConflict)
			w.WriteHeader(http.StatusOK)
			w.Header().Set("Too", "late")
			_, _ = io.WriteString(w, `{"errors":[`)
			_, _ = io.WriteString(w, `"é"]}`)
		}, `{"statusCode":409,"headers":{"Content-Type":"application/json"},"multiValueHeaders":null,"body":"{\"errors\":[\"é\"]}","cookies":null}`},
		{"unnamed text", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "hello")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"multiValueHeaders":null,"body":"hello","cookies":null}`},
		{"bytes", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte{0x1f, 0x8b, 0})
		}, `{"statusCode":200,"headers":{"Content-Encoding":"gzip","Content-Type":"text/html"},"multiValueHeaders":null,"body":"H4sA","isBase64Encoded":true,"cookies":null}`},
		{"several values", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Vary"] = []string{"Accept", "Cookie"}
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2", HttpOnly: true})
			w.WriteHeader(http.StatusNoContent)
			_, _ = io.WriteString(w, "no")
		}, `{"statusCode":204,"headers":{"Content-Type":"text/plain; charset=utf-8","Vary":"Accept, Cookie"},"multiValueHeaders":null,"body":"","cookies":["a=1","b=2; HttpOnly"]}`},
		{"HEAD", "HEAD", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
			`{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"multiValueHeaders":null,"body":"","cookies":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, serve(t, c.h, httpEvent(c.method, "/", "", "")))
		})
	}
}

// The gateway's limits are not known to the handler's own mux: both must agree.
func TestARoutersPatternsSeeTheDecodedPath(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/items/{marketplace}/{sku}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.PathValue("sku"))
	})
	answer := serve(t, mux.ServeHTTP, httpEvent("GET", "/v1/items/A1PA6795UKMFR9/KETTLE 1%20", "", ""))
	var got events.APIGatewayV2HTTPResponse
	require.NoError(t, json.Unmarshal([]byte(answer), &got))
	require.Equal(t, "KETTLE 1%20", got.Body)
}

func TestAHostileHTTPEventIsAnError(t *testing.T) {
	h := edge.HTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("served") }))
	for name, event := range map[string][]byte{
		"another service's": sqsEvent(sqsRecord("a", body)),
		"empty object":      []byte(`{}`),
		"format 1.0":        []byte(`{"version":"1.0","path":"/","httpMethod":"GET","requestContext":{"httpMethod":"GET"}}`),
		"no path":           httpEvent("GET", "", "", ""),
		"relative path":     httpEvent("GET", "v1", "", ""),
		"odd method":        httpEvent("G T", "/", "", ""),
		"not base64":        []byte(`{"rawPath":"/","requestContext":{"http":{"method":"POST"}},"isBase64Encoded":true,"body":"*"}`),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Invoke(t.Context(), event)
			require.Equal(t, fault.Invalid, fault.Of(err))
		})
	}
	_, err := h.Invoke(t.Context(), []byte(`{`))
	require.Error(t, err)
}
