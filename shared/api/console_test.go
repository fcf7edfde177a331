package api_test

// These tests use the console as a browser does: with the cookie it was given, the
// forms it was shown and the headers it adds by itself. They would catch a session
// that outlives its key, a form that another site can send, a way to lead people
// elsewhere, a page whose size or cost grows with the items, and an error that is
// no page.

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	gateway "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/store"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

const firstSecret = "a secret of 32 bytes, more or less"

// consoleOn returns a place in which people can sign in.
func consoleOn(t *testing.T, s store.Store, secrets ...string) *place {
	p := openOn(t, s)
	p.secrets(append(secrets, firstSecret)...)
	return p
}

func (p *place) secrets(all ...string) {
	p.engine.UseLinks(engine.Links{Secrets: func(context.Context) ([]string, error) { return all, nil }})
}

// browser keeps a cookie and sends what it was shown.
type browser struct {
	*place
	cookie *http.Cookie
}

// signedIn returns a browser with a session of acme's.
func (p *place) signedIn() *browser {
	p.t.Helper()
	b := &browser{place: p}
	w := b.signIn(p.keys["acme"], "")
	require.Equal(p.t, http.StatusSeeOther, w.Code, w.Body)
	return b
}

func (b *browser) signIn(key, next string) *httptest.ResponseRecorder {
	return b.post("/signin", url.Values{"key": {key}, "next": {next}}, nil)
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.http.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookie = c
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest("GET", path, nil))
}

func (b *browser) post(path string, values url.Values, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	return b.do(r)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// form returns the hidden fields of the page's form that leads to the action.
func (b *browser) form(page, action string) url.Values {
	b.t.Helper()
	w := b.get(page)
	require.Equal(b.t, 200, w.Code, w.Body)
	_, form, found := strings.Cut(w.Body.String(), `action="`+action+`"`)
	require.True(b.t, found, "%s has no form that leads to %s: %s", page, action, w.Body)
	form, _, _ = strings.Cut(form, "</form>")
	values := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(form, -1) {
		values.Set(field[1], html.UnescapeString(field[2]))
	}
	return values
}

func TestAKeySignsInForTwelveHoursAndIsAskedForBefore(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := &browser{place: p}
	w := b.get("/items?status=active")
	require.Equal(t, []any{303, "/signin?next=%2Fitems%3Fstatus%3Dactive"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, "/items", b.get("/").Header().Get("Location"))
	w = b.get("/signin?next=%2Fitems%3Fstatus%3Dactive")
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), `<input type="hidden" name="next" value="/items?status=active">`)
	require.NotContains(t, w.Body.String(), "<nav", "nobody is signed in")

	w = b.signIn(p.keys["acme"], "/items?status=active")
	require.Equal(t, []any{303, "/items?status=active"}, []any{w.Code, w.Header().Get("Location")})
	require.Regexp(t, `^__Host-headstart=[A-Za-z0-9_-]+; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$`, w.Header().Get("Set-Cookie"))
	require.NotContains(t, w.Header().Get("Set-Cookie"), p.keys["acme"])
	require.Equal(t, 200, b.get("/items").Code)
	p.now = p.now.Add(12*time.Hour - time.Second)
	require.Equal(t, 200, b.get("/items").Code)
	p.now = p.now.Add(time.Second)
	require.Equal(t, 303, b.get("/items").Code)
}

func TestAWrongKeyIsRefusedWithoutAHintAndGuessingIsThrottled(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := &browser{place: p}
	var pages []string
	for _, key := range []string{"", "hs_WRONG", p.keys["acme"] + "A", strings.Repeat("x", 5000)} {
		w := b.signIn(key, "/items")
		require.Equal(t, 401, w.Code)
		require.Empty(t, w.Header().Get("Set-Cookie"))
		require.Empty(t, w.Header().Get("WWW-Authenticate"), "a browser would ask by itself")
		require.Contains(t, w.Body.String(), `role="alert"`)
		pages = append(pages, w.Body.String())
	}
	for _, page := range pages {
		require.Equal(t, pages[0], page)
	}
	for range 20 {
		require.Equal(t, 303, (&browser{place: p}).signIn(p.keys["acme"], "").Code, "right keys are no guesses")
	}
	for range 6 {
		require.Equal(t, 401, b.signIn("hs_WRONG", "").Code)
	}
	w := b.signIn(p.keys["acme"], "")
	require.Equal(t, []any{429, "10"}, []any{w.Code, w.Header().Get("Retry-After")})
	r := httptest.NewRequest("POST", "/signin", strings.NewReader("key="+p.keys["acme"]))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = "[2001:db8::1]:1"
	require.Equal(t, 303, b.do(r).Code, "another address may")
	p.now = p.now.Add(10 * time.Second)
	require.Equal(t, 303, b.signIn(p.keys["acme"], "").Code)
}

func TestSigningInLeadsToAPageOfThisPlaceAlone(t *testing.T) {
	p := consoleOn(t, memory.New())
	for next, want := range map[string]string{
		"/items?status=active&nextToken=a": "/items?status=active&nextToken=a", "/advice/A1PA6795UKMFR9/A%2FB%20%23": "/advice/A1PA6795UKMFR9/A%2FB%20%23",
		"": "/items", "//evil.example": "/items", `/\evil.example`: "/items", "https://evil.example/items": "/items", "https:/items": "/items", "javascript:alert(1)": "/items",
		"///evil.example": "/items", "/items/..//evil.example": "/items", "/items\r\nSet-Cookie: a=b": "/items", "/items\x00": "/items", "/\tevil.example": "/items", `/items/\evil.example`: "/items", "\t//evil.example": "/items",
		"items": "/items", "/v1/items": "/items", "/": "/items", "/signin": "/items", "/items%zz": "/items", "//u@evil.example/items": "/items", "/items/ü": "/items",
	} {
		w := (&browser{place: p}).signIn(p.keys["acme"], next)
		require.Equal(t, []any{303, want}, []any{w.Code, w.Header().Get("Location")}, "%q", next)
		w = (&browser{place: p}).get("/signin?" + url.Values{"next": {next}}.Encode())
		require.Contains(t, w.Body.String(), `name="next" value="`+html.EscapeString(want)+`"`, "%q", next)
	}
}

func TestASessionEndsWithItsKey(t *testing.T) {
	s := memory.New()
	p := consoleOn(t, s)
	b := p.signedIn()
	require.Equal(t, 200, b.get("/items").Code)
	hash := engine.HashKey(p.keys["acme"])
	key := store.BearerKey(fmt.Sprintf("%x", hash[:]))
	records, err := s.Get(t.Context(), true, key)
	require.NoError(t, err)
	_, ok, err := s.Put(t.Context(), store.Write{Expect: records[0].Version, Delete: true, Record: store.Record{Key: key}})
	require.NoError(t, err)
	require.True(t, ok)
	p.now = p.now.Add(time.Minute)
	require.Equal(t, 303, b.get("/items").Code)
	require.Equal(t, 401, b.signIn(p.keys["acme"], "").Code)
}

func TestOnlyASessionThatWasSignedHereCounts(t *testing.T) {
	p := consoleOn(t, memory.New(), "an old secret of many bytes")
	b := p.signedIn()
	genuine := *b.cookie
	p.secrets(firstSecret, "an old secret of many bytes")
	require.Equal(t, 200, b.get("/items").Code, "a secret that no longer signs is accepted still")
	for i := range genuine.Value {
		letter := byte('A')
		if genuine.Value[i] == 'A' {
			letter = 'B'
		}
		b.cookie = &http.Cookie{Name: genuine.Name, Value: genuine.Value[:i] + string(letter) + genuine.Value[i+1:]}
		require.Equal(t, 303, b.get("/items").Code, "letter %d changed", i)
	}
	for _, value := range []string{"", "AAAA", genuine.Value + "A", genuine.Value[1:], strings.Repeat("A", 300)} {
		b.cookie = &http.Cookie{Name: genuine.Name, Value: value}
		require.Equal(t, 303, b.get("/items").Code, value)
	}
	b.cookie = &genuine
	require.Equal(t, 200, b.get("/items").Code)
	p.secrets(firstSecret)
	require.Equal(t, 303, b.get("/items").Code, "its secret is gone")
}

func TestACookieOpensPagesAndNothingElse(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := p.signedIn()
	for _, path := range []string{"/v1/items", "/v1/advice", "/fba/inventory/v1/summaries"} {
		require.Contains(t, []int{401, 403}, b.get(path).Code, path)
	}
	require.Equal(t, 200, p.browse("/items", p.keys["acme"]).Code, "tools bring their key")
	require.Equal(t, 401, p.browse("/items", "wrong").Code)
}

func TestWithoutASecretThePageSaysHowToMakeOne(t *testing.T) {
	p := open(t)
	b := &browser{place: p}
	for _, w := range []*httptest.ResponseRecorder{b.get("/signin"), b.signIn(p.keys["acme"], "")} {
		require.Equal(t, 503, w.Code)
		require.Contains(t, w.Body.String(), "consent/links")
		require.Contains(t, w.Body.String(), "openssl rand -hex 32")
		require.Empty(t, w.Header().Get("Set-Cookie"))
	}
	p.secrets("too short")
	require.Equal(t, 500, b.get("/signin").Code)
	require.Contains(t, p.log.String(), "give it at least 16")
}

func TestAFormCountsOnlyFromItsOwnPage(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := p.signedIn()
	cookie := *b.cookie
	form := b.form("/items", "/signout")
	other := p.signedIn().form("/items", "/signout")
	signed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	require.NoError(t, err)
	require.NotEqual(t, base64.RawURLEncoding.EncodeToString(signed[len(signed)-32:]), form.Get("token"), "a page must not show what signs the cookie")
	with := func(name, value string) url.Values {
		changed := url.Values{}
		for n, v := range form {
			changed[n] = v
		}
		changed.Set(name, value)
		return changed
	}
	for name, c := range map[string]struct {
		values url.Values
		header map[string]string
		want   int
	}{
		"no token":            {with("token", ""), nil, 403},
		"a forged token":      {with("token", strings.Repeat("A", 43)), nil, 403},
		"another's token":     {with("token", other.Get("token")), nil, 403},
		"another site":        {form, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"a neighbouring site": {form, map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"an old browser":      {form, map[string]string{"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, 403},
		"no key of its own":   {with("once", ""), nil, 400},
		"an unknown field":    {with("more", "1"), nil, 400},
		"no form":             {form, map[string]string{"Content-Type": "text/plain"}, 400},
		"too much":            {with("once", strings.Repeat("x", 9000)), nil, 413},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.post("/signout", c.values, c.header)
			require.Equal(t, c.want, w.Code, w.Body)
			require.Contains(t, w.Body.String(), "<main id", "it is a page like the others")
			require.Equal(t, cookie.Value, b.cookie.Value, "nobody is signed out")
		})
	}
	w := b.post("/signin", url.Values{"key": {p.keys["other"]}}, map[string]string{"Sec-Fetch-Site": "cross-site"})
	require.Equal(t, 403, w.Code, "no other site signs anybody in")
	w = b.post("/signout", form, nil)
	require.Equal(t, []any{303, "/signin"}, []any{w.Code, w.Header().Get("Location")})
	require.Regexp(t, `^__Host-headstart=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict$`, w.Header().Get("Set-Cookie"))
	require.Equal(t, 303, b.get("/items").Code)
	require.Equal(t, 303, b.post("/signout", form, nil).Code, "there is nothing to end")
}

func TestErrorsArePagesToo(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := p.signedIn()
	for path, want := range map[string]int{
		"/items/A1PA6795UKMFR9/NONE": 404, "/items/nowhere/A": 400, "/items/A1PA6795UKMFR9": 404, "/items/": 404, "/items//": 404, "/items?status=odd": 400,
		"/items?page=2": 400, "/items?nextToken=x": 400, "/items?sku=%00": 400, "/program/none/at/all": 404, "/signout": 405,
	} {
		w := b.get(path)
		require.Equal(t, want, w.Code, path)
		require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"), path)
		require.Contains(t, w.Body.String(), `<nav aria-label="Main">`, path)
	}
	w := b.do(httptest.NewRequest("DELETE", "/items", nil))
	require.Equal(t, []any{405, "GET, HEAD"}, []any{w.Code, w.Header().Get("Allow")})
	require.Contains(t, w.Body.String(), "DELETE is not possible here; use GET, HEAD.")
	require.Equal(t, 404, (&browser{place: p}).get("/items/").Code)
	require.Contains(t, b.get("/elsewhere").Header().Get("Content-Type"), "json")
}

func TestEveryPageGuardsItself(t *testing.T) {
	p := consoleOn(t, memory.New())
	b := p.signedIn()
	for _, w := range []*httptest.ResponseRecorder{b.get("/items"), b.get("/signin"), b.get("/items/A1PA6795UKMFR9/NONE"), b.get("/signout"), b.signIn("wrong", ""), b.get("/advice")} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		} {
			require.Equal(t, want, w.Header().Get(name))
		}
		require.Regexp(t, `^default-src 'none'; style-src 'sha256-[^']{44}'; script-src 'sha256-[^']{44}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$`,
			w.Header().Get("Content-Security-Policy"))
	}
}

// soldPart has 100 kettles on their way, of which 70 are bought.
func soldPart(t *testing.T) *browser {
	p := consoleOn(t, memory.New())
	p.as(200, request{method: "PUT", path: kettle, body: `{"productName":"<b>Kettle</b> & lid","safetyBuffer":0,"maxUnitsPerOrder":80}`})
	p.announce("acme", "FBA1", 100, "2026-03-17T00:00:00Z")
	p.order("acme", "placed", "<o1>", kettles(70))
	p.notify()
	return p.signedIn()
}

func TestTheListOpensTheQuantity(t *testing.T) {
	b := soldPart(t)
	page := b.get("/items").Body.String()
	require.Contains(t, page, `<h2><a href="/items/A1PA6795UKMFR9/KETTLE-1">KETTLE-1</a></h2><p class="faint">&lt;b&gt;Kettle&lt;/b&gt; &amp; lid · DE</p>`)
	require.Contains(t, page, `<details><summary>0 available</summary><dl><div><dt>Available</dt><dd>0</dd></div><div><dt>Inbound</dt><dd>100</dd></div>`+
		`<div><dt>Future Supply Buyable</dt><dd>30</dd></div><div><dt>Reserved Future Supply</dt><dd>70</dd></div></dl></details>`)
	require.Contains(t, page, `<p>ACTIVE, in stock 2026-03-18<small>BUYABLE</small></p>`)
	require.Contains(t, page, `<a href="/items" aria-current="page">Items</a>`)
	other := &browser{place: b.place}
	other.signIn(b.keys["other"], "")
	require.NotContains(t, other.get("/items").Body.String(), "KETTLE")
	require.Equal(t, 404, other.get("/items/A1PA6795UKMFR9/KETTLE-1").Code)
}

func TestTheListIsFilteredAndGoesOn(t *testing.T) {
	p := consoleOn(t, memory.New())
	for i := range 120 {
		p.as(200, request{method: "PUT", path: fmt.Sprintf("/v1/items/A1PA6795UKMFR9/CUP-%03d", i), body: "{}"})
	}
	p.as(200, request{method: "PUT", path: "/v1/items/A13V1IB3VIYZZH/CUP-%2F%3F%23", body: "{}"})
	p.announce("acme", "FBA1", 100, "2026-03-17T00:00:00Z")
	b := p.signedIn()
	listed := func(query string) (skus []string) {
		for path := "/items?" + query; path != ""; {
			page := b.get(path).Body.String()
			found := regexp.MustCompile(`<h2><a href="/items/[^"]*">([^<]*)</a>`).FindAllStringSubmatch(page, -1)
			require.LessOrEqual(t, len(found), 50)
			for _, f := range found {
				skus = append(skus, f[1])
			}
			path = ""
			if next := regexp.MustCompile(`<a rel="next" href="([^"]*)">`).FindStringSubmatch(page); next != nil {
				path = html.UnescapeString(next[1])
			}
		}
		return skus
	}
	require.Len(t, listed(""), 122)
	require.Len(t, listed("marketplace=A1PA6795UKMFR9"), 121)
	require.Equal(t, []string{"KETTLE-1"}, listed("status=active"))
	require.Len(t, listed("status=inactive&sku=CUP"), 121)
	require.Equal(t, []string{"CUP-/?#", "CUP-110", "CUP-111"}, append(listed("sku=CUP-%2F"), listed("sku=CUP-11&status=inactive")[:2]...))
	require.Empty(t, listed("sku=cup"))
	require.Equal(t, 404, b.get("/items/A13V1IB3VIYZZH/NONE").Code)
	require.Equal(t, 200, b.get("/items/A13V1IB3VIYZZH/CUP-%2F%3F%23").Code)
	page := b.get("/items?marketplace=A1PA6795UKMFR9&status=active&sku=KET").Body.String()
	for _, kept := range []string{`<option value="A1PA6795UKMFR9" selected>DE</option>`, `<option selected>active</option>`, `name="sku" value="KET"`} {
		require.Contains(t, page, kept)
	}
}

func TestTheFirstPageOfTenThousandItemsIsSmallAndCheap(t *testing.T) {
	var meter store.Meter
	p := consoleOn(t, store.Metered(memory.New(), &meter))
	name := strings.Repeat("一个名字很长的不锈钢水壶", 20)
	for i := range 10_000 {
		key := supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: supply.SKU(fmt.Sprintf("LONG-SKU-OF-A-BUSY-SELLER-%06d", i))}
		once, err := engine.NewOnce("acme", fmt.Sprint("seed-", i), "PUT", "/", nil)
		require.NoError(t, err)
		_, err = p.engine.PutItem(t.Context(), p.now, once, key, engine.Listing{ProductName: name, ASIN: "B000000000"})
		require.NoError(t, err)
	}
	b := p.signedIn()
	b.get("/items")
	meter.Reset()
	began := time.Now()
	w := b.get("/items")
	took := time.Since(began)
	cost := meter.Total()
	require.Equal(t, 200, w.Code)
	require.Equal(t, 50, strings.Count(w.Body.String(), "<details>"))
	require.Less(t, w.Body.Len(), 50_000)
	require.LessOrEqual(t, cost.Calls(), int64(6), "%+v", cost)
	require.LessOrEqual(t, cost.BytesRead, int64(50*3_000), "%+v", cost)
	require.Zero(t, cost.WriteUnits())
	t.Logf("the first page of 10,000 items: %d bytes, %v, %d calls of the store, %d bytes read", w.Body.Len(), took, cost.Calls(), cost.BytesRead)
}

func TestAnItemsPageSaysWhy(t *testing.T) {
	b := soldPart(t)
	page := b.get("/items/A1PA6795UKMFR9/KETTLE-1").Body.String()
	for _, want := range []string{
		"<h1>KETTLE-1</h1>", "&lt;b&gt;Kettle&lt;/b&gt; &amp; lid · DE", `<a href="/advice/A1PA6795UKMFR9/KETTLE-1">Advice</a>`, `<a href="/items/A1PA6795UKMFR9/KETTLE-1/orders">Orders</a>`,
		"<dt>Future Supply Buyable</dt><dd>30<small>", "<dt>Reserved Future Supply</dt><dd>70<small>", "<dt>Inbound</dt><dd>100<small>", "<dt>Most units per order</dt><dd>80</dd>",
		"<h3>FBA1 <small>", "<li>100 expected, 70 reserved, 30 buyable</li>", "<li>In stock 2026-03-18</li>", "<strong>OPEN</strong>", "Can change by time alone at <time datetime=",
		`<tr><th scope="row">2026-03-18</th><td>70</td><td>30</td><td>100</td></tr>`, `<strong>SELLING_BEGAN</strong> BUYABLE: 100 buyable, in stock 2026-03-18`,
		`<time datetime="2026-03-02T10:00:00Z">2026-03-02 10:00 UTC</time>`,
	} {
		require.Contains(t, page, want)
	}
	require.Equal(t, 2, strings.Count(page, "<svg "))
	orders := b.get("/items/A1PA6795UKMFR9/KETTLE-1/orders").Body.String()
	require.Contains(t, orders, `<tr><th scope="row">&lt;o1&gt;</th><td>RESERVED</td><td>70</td><td>2026-03-18</td><td>2026-03-18</td><td>70 FBA1 </td></tr>`)
	require.Equal(t, 404, b.get("/items/A1PA6795UKMFR9/NONE/orders").Code)
}

// The gateway carries cookies beside the headers, both ways.
func TestASessionGoesThroughTheGateway(t *testing.T) {
	p := consoleOn(t, memory.New())
	door := edge.HTTP(p.http)
	send := func(method, path, body string, cookies []string) gateway.APIGatewayV2HTTPResponse {
		event := gateway.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Cookies: cookies, Body: base64.StdEncoding.EncodeToString([]byte(body)), IsBase64Encoded: true,
			Headers: map[string]string{"host": "console.example.com", "origin": "https://console.example.com", "content-type": "application/x-www-form-urlencoded"}}
		event.RequestContext.HTTP.Method, event.RequestContext.HTTP.SourceIP = method, "203.0.113.9"
		sent, err := json.Marshal(event)
		require.NoError(t, err)
		reply, err := door.Invoke(t.Context(), sent)
		require.NoError(t, err)
		var answer gateway.APIGatewayV2HTTPResponse
		require.NoError(t, json.Unmarshal(reply, &answer))
		return answer
	}
	answer := send("POST", "/signin", url.Values{"key": {p.keys["acme"]}, "next": {"/program"}}.Encode(), nil)
	require.Equal(t, []any{303, "/program"}, []any{answer.StatusCode, answer.Headers["Location"]})
	require.Len(t, answer.Cookies, 1)
	cookie, _, _ := strings.Cut(answer.Cookies[0], ";")
	require.Equal(t, 303, send("GET", "/program", "", []string{"other=1"}).StatusCode)
	answer = send("GET", "/program", "", []string{"other=1", cookie})
	require.Equal(t, 200, answer.StatusCode)
	require.Contains(t, answer.Body, "<h1>Programme</h1>")
}
