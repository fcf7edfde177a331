package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the pages below
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// The pages for people: one look, nothing from elsewhere, and a small script that
// all of them do without.

//go:embed page.html
var pageHTML string

//go:embed console.html
var consoleHTML string

//go:embed page.css
var pageCSS string

//go:embed console.js
var pageScript string

var pages = template.Must(template.Must(template.New("").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(pageCSS) },
	"script": func() template.JS { return template.JS(pageScript) },
	"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"utc":    func(t time.Time) string { return t.UTC().Format(pageTime) },
}).Parse(pageHTML)).Parse(consoleHTML))

// pageTime is how people read an instant, and pageDay a day.
const pageTime, pageDay = "2006-01-02 15:04 UTC", "2006-01-02"

// pageHeaders keep a page to itself: it uses its own style and script and nothing
// else, sends its forms home, and stands in nobody's frame, cache or log.
var pageHeaders = map[string]string{
	"Content-Type":  "text/html; charset=utf-8",
	"Cache-Control": "no-store",
	"Content-Security-Policy": fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		sourceHash(pageCSS), sourceHash(pageScript)),
	"Cross-Origin-Opener-Policy": "same-origin",
	"Permissions-Policy":         "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":            "no-referrer",
	"X-Content-Type-Options":     "nosniff",
}

func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is one row of the table of pages. Its handler returns what its template
// shows.
type page struct {
	path     string
	query    []string
	template string
	title    string // "" = what is shown names itself
	show     func(context.Context, *call) (any, error)
}

// form is one row of the table of what pages can be told. Its handler returns
// where to go on.
type form struct {
	path   string
	fields []string // beside the token and the key of the request
	back   string   // the page that it stands on, which shows what went wrong
	do     func(context.Context, http.ResponseWriter, *call, url.Values) (where string, err error)
}

func (a *api) pages() []page {
	return []page{
		{programPath, []string{"done"}, "program", "Programme", a.programPage},
		{groupPath + "/preview", []string{"action", "nextToken"}, "preview", "", a.previewPage},
		{itemsPath, []string{"marketplace", "status", "sku", "nextToken"}, "items", "Items", a.itemsPage},
		{consoleItem, nil, "stock", "", a.stockPage},
		{consoleItem + "/orders", []string{"nextToken"}, "orders", "", a.ordersPage},
		{"/advice", []string{"marketplace", "nextToken"}, "list", "Advice", a.advicePage},
		{"/advice/{marketplace}/{sku}", nil, "item", "", a.itemPage},
	}
}

func (a *api) forms() []form {
	return append(a.programForms(), form{"/signout", nil, itemsPath, a.signOut})
}

// link is an entry of the navigation; Here marks the one that the page belongs to.
type link struct {
	Path, Name string
	Here       bool
}

// frame is what every page shows, around what is its own.
type frame struct {
	Title   string
	Path    string          // the page's, for the navigation
	Seller  supply.SellerID // "" = nobody is signed in
	Token   string          // what the session's forms carry; "" without a session
	Problem string          // what went wrong with the form that was sent
	Body    any
}

// Once returns a fresh key: a form that is sent twice is one request.
func (frame) Once() string { return rand.Text() }

// Nav returns the navigation of somebody who is signed in.
func (f frame) Nav() []link {
	all := []link{{Path: programPath, Name: "Programme"}, {Path: itemsPath, Name: "Items"}, {Path: "/advice", Name: "Advice"}}
	for i := range all {
		all[i].Here = f.Path == all[i].Path || strings.HasPrefix(f.Path, all[i].Path+"/")
	}
	return all
}

// titled is a body that names its page.
type titled interface{ title() string }

func (a *api) mountPages(mux *http.ServeMux, allowed map[string][]string) {
	for _, p := range a.pages() {
		mux.HandleFunc("GET "+p.path, func(w http.ResponseWriter, r *http.Request) { a.servePage(w, r, p) })
		allowed[p.path] = append(allowed[p.path], http.MethodGet)
	}
	for _, f := range a.forms() {
		mux.HandleFunc("POST "+f.path, func(w http.ResponseWriter, r *http.Request) { a.serveForm(w, r, f) })
		allowed[f.path] = append(allowed[f.path], http.MethodPost)
	}
	mux.HandleFunc("GET "+signInPath, a.showSignIn)
	mux.HandleFunc("POST "+signInPath, a.signIn)
	allowed[signInPath] = []string{http.MethodGet, http.MethodPost}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { seeOther(w, itemsPath) })
}

// console reports whether a path belongs to the pages, whose errors are pages too.
func console(r *http.Request) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return slices.Contains([]string{"items", "advice", "program", "signin", "signout"}, first)
}

// servePage answers one request for a page.
func (a *api) servePage(w http.ResponseWriter, r *http.Request, p page) {
	c := &call{Request: r, now: a.clock()}
	err := a.enter(c)
	if err == nil {
		err = knownQuery(r, p.query)
	}
	if err == nil {
		err = a.showPage(w, c, p, http.StatusOK, "")
	}
	if err != nil {
		a.failPage(w, c, r.URL.RequestURI(), err)
	}
}

func (a *api) showPage(w http.ResponseWriter, c *call, p page, status int, problem string) error {
	shown, err := p.show(c.Context(), c)
	if err != nil {
		return err
	}
	f := frame{Title: p.title, Problem: problem, Body: shown}
	if t, ok := shown.(titled); ok {
		f.Title = t.title()
	}
	return a.writePage(w, c, status, p.template, f)
}

// enter finds out who asks: by a bearer key, as tools do, or by the cookie of a
// session, as browsers do.
func (a *api) enter(c *call) (err error) {
	if keyed(c.Request) {
		c.seller, err = a.authenticate(c.Request, c.now)
		return err
	}
	if c.session, err = a.session(c.Request, c.now); err == nil {
		c.seller = c.session.seller
	}
	return err
}

// writePage writes a page in the frame of who is signed in.
func (a *api) writePage(w http.ResponseWriter, c *call, status int, name string, f frame) (err error) {
	f.Seller, f.Path = c.seller, c.URL.Path
	if c.session != nil {
		if f.Token, err = a.formToken(c.Context(), c.session); err != nil {
			return err
		}
	}
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, f); err != nil {
		return fault.As(fault.Internal, err, "writing the page "+name)
	}
	for header, value := range pageHeaders {
		w.Header().Set(header, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who is gone needs no answer
	return nil
}

// maxForm bounds the body of a form, in bytes.
const maxForm = 8 << 10

// crossOrigin refuses what another site lets a browser send.
var crossOrigin = http.NewCrossOriginProtection()

// serveForm takes one form and leads on to a page, so that a reload asks again for
// the page and not for the change.
func (a *api) serveForm(w http.ResponseWriter, r *http.Request, f form) {
	c := &call{Request: r, now: a.clock()}
	where, err := a.takeForm(w, c, f)
	if err == nil {
		seeOther(w, where)
		return
	}
	if status, message, ours := a.told(err); ours && c.seller != "" && f.back != "" {
		if p, found := a.pageAt(f.back); found && a.showPage(w, c, p, status, message) == nil {
			return
		}
	}
	a.failPage(w, c, f.back, err)
}

func (a *api) pageAt(path string) (page, bool) {
	all := a.pages()
	i := slices.IndexFunc(all, func(p page) bool { return p.path == path })
	if i < 0 {
		return page{}, false
	}
	return all[i], true
}

// told returns what is shown beside the form that was sent, where the sender can
// do something about it.
func (a *api) told(err error) (status int, message string, ours bool) {
	kind := fault.Of(err)
	_, message, _ = shown(err)
	switch kind {
	case fault.Invalid, fault.Refused, fault.Conflict, fault.TooLarge, fault.Throttled:
		return a.options.Status(kind), message + ".", true
	case fault.Transient:
		return a.options.Status(kind), "This is briefly not possible. Load this page again: what was sent is then done once, or is done already.", true
	default:
		return 0, "", false
	}
}

func (a *api) takeForm(w http.ResponseWriter, c *call, f form) (string, error) {
	if err := crossOrigin.Check(c.Request); err != nil {
		return "", fault.New(fault.Forbidden, "CROSS_ORIGIN", "the form was sent from another site; open the page here and send it again")
	}
	if err := a.enter(c); err != nil {
		return "", err
	}
	values, err := readForm(w, c.Request, append([]string{"token", "once"}, f.fields...))
	if err != nil {
		return "", err
	}
	if err := a.ownForm(c, values.Get("token")); err != nil {
		return "", err
	}
	c.sent = values
	key := values.Get("once")
	if key == "" {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "the form has no key of its own; load the page again and send it from there")
	}
	values.Del("token")
	if c.once, err = engine.NewOnce(c.seller, "page "+key, c.Method, c.URL.EscapedPath(), []byte(values.Encode())); err != nil {
		return "", err
	}
	return f.do(c.Context(), w, c, values)
}

// readForm returns the fields of a form, each at most once, or fault.Invalid.
func readForm(w http.ResponseWriter, r *http.Request, known []string) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Invalid, "INVALID_INPUT", "the Content-Type must be application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, fault.New(fault.TooLarge, "TOO_LARGE", "the form has more than %d bytes", maxForm)
	}
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "the form ended early")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "the form is not percent-encoded")
	}
	for name, all := range values {
		if !slices.Contains(known, name) || len(all) > 1 {
			return nil, fault.New(fault.Invalid, "INVALID_INPUT", "the field %.40q is unknown or given twice; this form knows %q", name, known)
		}
	}
	return values, nil
}

// seeOther leads a browser on to a path of this place.
func seeOther(w http.ResponseWriter, where string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", where)
	w.WriteHeader(http.StatusSeeOther)
}

// failPage shows an error, or asks a browser that brings no session to sign in and
// come back to next. What went wrong inside is logged and never shown.
func (a *api) failPage(w http.ResponseWriter, c *call, next string, err error) {
	kind := fault.Of(err)
	_, message, _ := shown(err)
	switch kind {
	case fault.Unauthenticated:
		if !keyed(c.Request) {
			seeOther(w, signInPath+"?"+url.Values{"next": {next}}.Encode())
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
	case fault.Internal:
		a.options.Log.ErrorContext(c.Context(), "page failed", "path", c.URL.EscapedPath(), "err", err)
		message = "internal error, request id " + w.Header().Get(requestIDHeader)
	case fault.Transient:
		w.Header().Set("Retry-After", "1")
		message = "briefly not able to answer; load the page again"
	}
	a.errorPage(w, c, a.options.Status(kind), message)
}

// errorPage shows what is wrong in the frame of all pages.
func (a *api) errorPage(w http.ResponseWriter, c *call, status int, message string) {
	if err := a.writePage(w, c, status, "error", frame{Title: http.StatusText(status), Body: message}); err != nil {
		a.options.Log.ErrorContext(c.Context(), "page failed", "path", c.URL.EscapedPath(), "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

// strayPage answers a request for which there is no page, or no such method.
func (a *api) strayPage(w http.ResponseWriter, r *http.Request, status int, message string) {
	c := &call{Request: r, now: a.clock()}
	if err := a.enter(c); err != nil {
		c.seller, c.session = "", nil
	}
	a.errorPage(w, c, status, message)
}
