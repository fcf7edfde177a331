package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page below
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// The pages for people: no script, nothing from elsewhere, one style.

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var pages = template.Must(template.New("").Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(pageCSS) }}).Parse(pageHTML))

// pagePolicy lets a page use its own style and nothing else.
var pagePolicy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", styleHash())

func styleHash() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is one row of the table of pages. Its handler returns what its template
// shows.
type page struct {
	path     string
	query    []string
	template string
	show     func(context.Context, *call) (any, error)
}

func (a *api) pages() []page {
	return []page{
		{"/advice", []string{"marketplace", "nextToken"}, "list", a.advicePage},
		{"/advice/{marketplace}/{sku}", nil, "item", a.itemPage},
	}
}

// servePage answers one request for a page.
func (a *api) servePage(w http.ResponseWriter, r *http.Request, p page) {
	c := &call{Request: r, now: a.clock()}
	shown, err := func() (any, error) {
		var err error
		if c.seller, err = a.signIn(r, c.now); err != nil {
			return nil, err
		}
		if err := knownQuery(r, p.query); err != nil {
			return nil, err
		}
		return p.show(r.Context(), c)
	}()
	if err != nil {
		a.failPage(w, r, err)
		return
	}
	a.writePage(w, r, http.StatusOK, p.template, shown)
}

// signIn returns whose key the request brings. A browser sends the key as the
// password of HTTP Basic, under any name. Pages alone take it so: they change
// nothing, and a browser adds it also to what another site makes it send.
func (a *api) signIn(r *http.Request, now time.Time) (supply.SellerID, error) {
	if _, key, ok := r.BasicAuth(); ok {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return a.authenticate(r, now)
}

func (a *api) writePage(w http.ResponseWriter, r *http.Request, status int, name string, shown any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, shown); err != nil {
		a.options.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.EscapedPath(), "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who is gone needs no answer
}

// failPage shows an error. What went wrong inside is logged and never shown.
func (a *api) failPage(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.Of(err)
	_, message, _ := shown(err)
	switch kind {
	case fault.Unauthenticated:
		w.Header().Set("WWW-Authenticate", `Basic realm="Headstart: any name, and your key as the password", charset="UTF-8"`)
	case fault.Internal:
		a.options.Log.ErrorContext(r.Context(), "page failed", "path", r.URL.EscapedPath(), "err", err)
		message = "internal error, request id " + w.Header().Get(requestIDHeader)
	case fault.Transient:
		w.Header().Set("Retry-After", "1")
	}
	status := a.options.Status(kind)
	a.writePage(w, r, status, "error", struct{ Title, Message string }{http.StatusText(status), message})
}

// listPage is what the list of advice shows.
type listPage struct {
	Items []listedItem
	Next  template.URL // the query of the next page; "" on the last
}

// listedItem is an item of the list with the path of its own page.
type listedItem struct {
	engine.AdvisedItem
	Path string
}

func (a *api) advicePage(ctx context.Context, c *call) (any, error) {
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return nil, err
	}
	query := c.URL.Query()
	found, err := a.engine.AdvisedItems(ctx, c.now, c.seller, marketplaces, query.Get("nextToken"))
	var shown listPage
	for _, item := range found.Items {
		shown.Items = append(shown.Items, listedItem{item, "/advice/" + string(item.Marketplace) + "/" + url.PathEscape(string(item.SKU))})
	}
	if found.NextToken != "" {
		next := url.Values{"nextToken": {found.NextToken}}
		if m := query.Get("marketplace"); m != "" {
			next.Set("marketplace", m)
		}
		shown.Next = template.URL(next.Encode())
	}
	return shown, err
}
