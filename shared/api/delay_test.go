package api_test

// These tests open and press the page behind a buyer's link over the real engine.
// They would catch a page that changes something by being looked at, one that runs
// or leaks what it must not, and an error that tells a guesser anything.

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// delayed returns a place in which an order's promise moved from 6 to 18 March,
// and the path of its buyer's link.
func delayed(t *testing.T, id string) (*place, string) {
	p := open(t)
	p.engine.UseLinks(engine.Links{Base: "https://shop.example", Secrets: func(context.Context) ([]string, error) {
		return []string{"a secret of 32 bytes, more or less"}, nil
	}})
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.announce("acme", "FBA2", 10, "2026-03-17T00:00:00Z")
	p.order("acme", "placed", id, kettles(2))
	p.ask(200, "POST", "/v1/shipments/FBA1/cancel", "{}")
	p.drain()
	return p, p.linkOf()
}

func (p *place) linkOf() string {
	p.t.Helper()
	order := p.ask(200, "GET", kettle+"/orders", "")["orders"].([]any)[0].(map[string]any)
	path, ok := strings.CutPrefix(order["consent"].(map[string]any)["link"].(string), "https://shop.example")
	require.True(p.t, ok)
	return path
}

// press sends a form, or opens the page when there is none.
func (p *place) press(path, form string) *httptest.ResponseRecorder {
	method := "POST"
	if form == "" {
		method = "GET"
	}
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(form)))
	return w
}

func (p *place) version() int64 {
	records, err := p.store.Get(context.Background(), true, store.HeadKey(supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "KETTLE-1"}))
	require.NoError(p.t, err)
	return records[0].Version
}

func TestOpeningALinkShowsTheDelayAndChangesNothing(t *testing.T) {
	p, link := delayed(t, "<i>o1</i>&")
	before := p.version()
	w := p.press(link, "")
	require.Equal(t, 200, w.Code, w.Body)
	page := w.Body.String()
	for _, want := range []string{`<html lang="en">`, "<h1>Your order is late</h1>", "&lt;i&gt;o1&lt;/i&gt;&amp;", "KETTLE-1", "6 March 2026", "18 March 2026",
		`<form method="post">`, `name="answer" value="accept"`, `name="answer" value="cancel"`, "If you do not answer, your order stays as it is."} {
		require.Contains(t, page, want)
	}
	for _, refused := range []string{"acme", "<script", "<i>", "http://", "https://", "style="} {
		require.NotContains(t, page, refused)
	}
	head := httptest.NewRecorder()
	p.http.ServeHTTP(head, httptest.NewRequest("HEAD", link, nil))
	require.Equal(t, 200, head.Code)
	require.Equal(t, before, p.version())
}

func TestThePageRunsNothingAndIsKeptByNobody(t *testing.T) {
	p, link := delayed(t, "o1")
	for _, w := range []*httptest.ResponseRecorder{p.press(link, ""), p.press(link, "answer=accept"), p.press("/c/forged", ""), p.press(link, "answer=x")} {
		style := regexp.MustCompile(`<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
		hash := sha256.Sum256([]byte(style[1]))
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow",
			"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		} {
			require.Equal(t, want, w.Header().Get(name))
		}
	}
}

func TestTheFirstAnswerCountsOnce(t *testing.T) {
	p, link := delayed(t, "o1")
	require.Contains(t, p.press(link, "answer=accept").Body.String(), "Thank you: your order stays")
	answered := p.version()
	for _, form := range []string{"answer=accept", "answer=cancel", ""} {
		w := p.press(link, form)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), "Thank you: your order stays")
		require.NotContains(t, w.Body.String(), "<button")
	}
	require.Equal(t, answered, p.version())
	require.Equal(t, "RESERVED", p.ask(200, "GET", kettle+"/orders/o1", "")["status"])

	p, link = delayed(t, "o1")
	require.Equal(t, 8., p.ask(200, "GET", kettle, "")["futureSupplyBuyableQuantity"])
	require.Contains(t, p.press(link, "answer=cancel").Body.String(), "Your order is cancelled")
	require.Equal(t, 10., p.ask(200, "GET", kettle, "")["futureSupplyBuyableQuantity"])
	answered = p.version()
	for _, form := range []string{"answer=cancel", "answer=accept", ""} {
		require.Contains(t, p.press(link, form).Body.String(), "Your order is cancelled")
	}
	require.Equal(t, answered, p.version())
	o := p.ask(200, "GET", kettle+"/orders/o1", "")
	require.Equal(t, []any{"CANCELLED", "BUYER_DECLINED_DELAY"}, numbers(o, "status", "reason"))
}

func TestWhoAgreedToWaitWithoutADateMayStillCancel(t *testing.T) {
	p, _ := delayed(t, "o1")
	p.ask(200, "POST", "/v1/shipments/FBA2/cancel", "{}")
	p.drain()
	link := p.linkOf()
	require.Contains(t, p.press(link, "").Body.String(), "<dt>New date</dt><dd>not known</dd>")
	require.Contains(t, p.press(link, "answer=accept").Body.String(), "Thank you: your order stays")
	require.Nil(t, p.ask(200, "GET", kettle+"/orders/o1", "")["consent"].(map[string]any)["agreedTo"])
	require.Contains(t, p.press(link, "answer=cancel").Body.String(), "Your order is cancelled")
}

func TestWhatIsNoAnswerChangesNothing(t *testing.T) {
	p, link := delayed(t, "o1")
	before := p.version()
	for _, form := range []string{"answer=", "answer=perhaps", "answer=accept&answer=cancel", "reply=accept", `{"answer":"accept"}`, "answer=%zz", "%", strings.Repeat("answer=accept&", 1000)} {
		require.Equal(t, 400, p.press(link, form).Code, form)
	}
	for _, method := range []string{"PUT", "DELETE", "PATCH"} {
		w := httptest.NewRecorder()
		p.http.ServeHTTP(w, httptest.NewRequest(method, link, strings.NewReader("answer=cancel")))
		require.Equal(t, 405, w.Code)
		require.Equal(t, "GET, HEAD, POST", w.Header().Get("Allow"))
	}
	require.Equal(t, before, p.version())
}

func TestALinkThatIsNotOrNoLongerValidTellsNothing(t *testing.T) {
	p, link := delayed(t, "o1")
	none := p.press("/c/x", "")
	require.Equal(t, 404, none.Code)
	forged := []string{link[:len(link)-1], link + "A", "/c/" + strings.Repeat("A", 200), "/c/%00"}
	p.ask(200, "POST", "/v1/shipments/FBA2/cancel", "{}") // the promise moves again
	p.drain()
	for _, path := range append(forged, link) {
		for _, form := range []string{"", "answer=accept", "answer=cancel"} {
			w := p.press(path, form)
			require.Equal(t, 404, w.Code, path)
			require.Equal(t, none.Body.String(), w.Body.String(), path)
		}
	}
	p.order("acme", "cancelled", "o1", kettles(2))
	require.Equal(t, 404, p.press(link, "").Code, "the order system ended it")
}

func TestAPageThatCannotBeShownNowSaysSoAndNoMore(t *testing.T) {
	p, link := delayed(t, "o1")
	p.engine.UseLinks(engine.Links{Secrets: func(context.Context) ([]string, error) {
		return nil, fault.New(fault.Transient, "AWAY", "the vault at 10.0.0.1 is away")
	}})
	for _, form := range []string{"", "answer=cancel"} {
		w := p.press(link, form)
		require.Equal(t, 503, w.Code)
		require.Contains(t, w.Body.String(), "Please try again")
		require.NotContains(t, w.Body.String(), "10.0.0.1")
	}
}
