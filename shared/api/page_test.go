package api_test

// These tests open the pages of advice with a key, as tools do, and look at what a
// browser would obey: headers, the policy and the page's own bytes.
// They would catch a style that the policy refuses, anything fetched from
// elsewhere, a number that only a picture shows, a name that becomes markup, and
// a page that shows another seller's item.

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/advice"
	"headstart/shared/engine"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// browse asks for a page with a key.
func (p *place) browse(path, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, r)
	return w
}

// notify lets the notice reader remember what happened to items.
func (p *place) notify() {
	p.t.Helper()
	changes, _, err := p.store.Changes(p.t.Context(), "", 100_000)
	require.NoError(p.t, err)
	require.Empty(p.t, p.engine.HeadChanges(p.t.Context(), p.now, changes, nobody{}))
}

type nobody struct{}

func (nobody) Publish(context.Context, []engine.Event) error { return nil }

// soldKettles has sold kettles before they arrived, and half of them too late.
func soldKettles(t *testing.T) *place {
	p := open(t)
	p.as(200, request{method: "PUT", path: kettle, body: `{"productName":"<b>Kettle</b> & lid"}`})
	p.announce("acme", "FBA1", 20, "2026-03-05T00:00:00Z")
	p.announce("acme", "FBA2", 60, "2026-03-05T00:00:00Z")
	for i := range 4 {
		p.order("acme", "placed", fmt.Sprint("o", i), kettles(10))
	}
	for _, day := range []int{6, 12} {
		p.now = time.Date(2026, 3, day, 10, 0, 0, 0, time.UTC)
		p.as(200, request{method: "POST", path: fmt.Sprintf("/v1/shipments/FBA%d/receipts", day/6), body: `{"lines":[{"sku":"KETTLE-1","units":20}],"final":false}`})
		p.drain()
	}
	p.now = p.now.Add(14 * 24 * time.Hour)
	p.notify()
	return p
}

const kettlePage = "/advice/A1PA6795UKMFR9/KETTLE-1"

func TestThePageShowsEachNumberAsATableToo(t *testing.T) {
	p := soldKettles(t)
	w := p.browse(kettlePage, p.keys["acme"])
	require.Equal(t, 200, w.Code, w.Body)
	body := w.Body.String()
	require.Equal(t, 3, strings.Count(body, "<svg "))
	require.Equal(t, 3, strings.Count(body, `role="img" aria-labelledby="`))
	for _, c := range []string{"weeks", "months", "promises"} {
		require.Contains(t, body, `aria-labelledby="`+c+`-title `+c+`-desc"><title id="`+c+`-title">`)
	}
	for _, row := range []string{
		`<tr><th scope="row">02 Mar</th><td>40</td>`, `<tr><th scope="row">2026-03</th><td>0</td><td>40</td></tr>`,
		`<tr><th scope="row">kept</th><td>2</td></tr>`, `<tr><th scope="row">4–7</th><td>2</td></tr>`,
		`<dd>50.0 %<small>2 of 4 orders`, "LOW_COVER",
	} {
		require.Contains(t, body, row)
	}
	require.Contains(t, body, "&lt;b&gt;Kettle&lt;/b&gt; &amp; lid")
	list := p.browse("/advice", p.keys["acme"])
	require.Contains(t, list.Body.String(), `<a href="`+kettlePage+`">KETTLE-1</a>`)
	require.Contains(t, list.Body.String(), "LOW_COVER")
}

func TestThePagesPolicyRefusesNothingThatThePageNeeds(t *testing.T) {
	p := soldKettles(t)
	for _, path := range []string{kettlePage, "/advice", "/advice?nextToken=x", "/advice/A1PA6795UKMFR9/NONE"} {
		w := p.browse(path, p.keys["acme"])
		body := w.Body.String()
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(body)
		require.NotNil(t, style, path)
		script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(body)
		require.NotNil(t, script, path)
		require.Equal(t, "default-src 'none'; style-src '"+hashOf(style[1])+"'; script-src '"+hashOf(script[1])+"'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			w.Header().Get("Content-Security-Policy"))
		require.Equal(t, 1, strings.Count(body, "<script"))
		for _, refused := range []string{"style=", "javascript:", "http:", "https:", "url(", "<link", "<img", "onload"} {
			require.NotContains(t, body, refused, path)
		}
		require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	}
}

func hashOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestThePicturesAreWellFormedAndWearThePagesInk(t *testing.T) {
	p := soldKettles(t)
	body := p.browse(kettlePage, p.keys["acme"]).Body.String()
	pictures := regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAllString(body, -1)
	require.Len(t, pictures, 3)
	for _, svg := range pictures {
		decoder := xml.NewDecoder(strings.NewReader(svg))
		inks := map[string]int{}
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			if start, ok := token.(xml.StartElement); ok {
				for _, a := range start.Attr {
					if a.Name.Local == "fill" || a.Name.Local == "stroke" {
						inks[a.Value]++
					}
				}
			}
		}
		require.Positive(t, inks["currentColor"])
		require.Positive(t, inks["rgb(47,126,188)"])
		delete(inks, "rgb(196,111,20)")
		require.Len(t, inks, 3, "the ink, the bars and none: %v", inks)
		require.Less(t, len(svg), 12_000)
	}
}

func TestAKeyShowsItsOwnItemsAlone(t *testing.T) {
	p := soldKettles(t)
	w := p.browse(kettlePage, "wrong")
	require.Equal(t, 401, w.Code)
	require.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
	require.Equal(t, 404, p.browse(kettlePage, p.keys["other"]).Code)
	require.NotContains(t, p.browse("/advice", p.keys["other"]).Body.String(), "KETTLE")
	require.Equal(t, 400, p.browse("/advice?page=2", p.keys["acme"]).Code)
	require.Equal(t, 400, p.browse("/advice/nowhere/KETTLE-1", p.keys["acme"]).Code)

	r := httptest.NewRequest("GET", kettlePage, nil)
	r.SetBasicAuth("acme", p.keys["acme"])
	w = httptest.NewRecorder()
	p.http.ServeHTTP(w, r)
	require.Equal(t, 401, w.Code, "a browser sends a password also where another site sends it")
}

func TestAnItemWithoutAPastHasAPageToo(t *testing.T) {
	p := open(t)
	p.as(200, request{method: "PUT", path: "/v1/items/A1PA6795UKMFR9/A%2FB%20%23%3F", body: `{}`})
	w := p.browse("/advice/A1PA6795UKMFR9/A%2FB%20%23%3F", p.keys["acme"])
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), "<h1>A/B #?</h1>")
	require.Equal(t, 3, strings.Count(w.Body.String(), "Nothing to show yet."))
	require.Contains(t, w.Body.String(), "There is nothing to advise.")
	require.NotContains(t, w.Body.String(), "<svg")
}

func TestAChartOfHowSurePromisesWereIsDrawnOnceAnyWasSaid(t *testing.T) {
	p := soldKettles(t)
	key := store.HistoryKey(supply.ItemKey{Seller: "acme", Marketplace: germany, SKU: "KETTLE-1"})
	records, err := p.store.Get(t.Context(), true, key)
	require.NoError(t, err)
	h, err := advice.Read(records[0].Attr("h").Bytes)
	require.NoError(t, err)
	h.Promises.Stated[4] = advice.Stated{Resolved: 100, Kept: 79, Sum: 82_000}
	_, ok, err := p.store.Put(t.Context(), store.Write{Expect: records[0].Version,
		Record: store.Record{Key: key, Version: records[0].Version + 1, Attrs: []store.Attr{store.Bytes("h", h.Append(nil))}}})
	require.NoError(t, err)
	require.True(t, ok)
	body := p.browse(kettlePage, p.keys["acme"]).Body.String()
	require.Contains(t, body, `<tr><th scope="row">80–90 %</th><td>82</td><td>79</td></tr>`)
	require.Equal(t, 4, strings.Count(body, "</svg>"))
	calibration := p.ask(200, "GET", kettle+"/advice", "")["calibration"].([]any)
	require.Equal(t, []any{map[string]any{"from": .8, "to": .9, "stated": .82, "resolved": 100., "kept": 79., "rate": .79}}, calibration)
}
