package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page below
	"encoding/base64"
	"html/template"
	"net/http"

	"headstart/shared/fault"
)

// The pages behind signed links, for people without a login: a heading, facts,
// sentences and one form. They run nothing, and load nothing.

//go:embed linkpage.html
var linkPageHTML string

// linkStyle is the pages' only style; its hash lets the browser use it and no
// other.
const linkStyle = `body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}dt{font-weight:bold}dd{margin:0 0 .75rem}button{font:inherit;display:block;width:100%;min-height:3rem;margin:.75rem 0;color:#fff;background:#0b4f8a;border:2px solid #0b4f8a;border-radius:.25rem}button.cancel{color:#8a0b0b;background:#fff;border-color:#8a0b0b}`

var (
	linkPageTemplate = template.Must(template.New("link").Parse(linkPageHTML))
	linkPolicy       = func() string {
		hash := sha256.Sum256([]byte(linkStyle))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}()
)

// linkPage is what a page shows.
type linkPage struct {
	Style   template.CSS
	Title   string
	Facts   []linkFact
	Text    []string
	Buttons []linkButton
}

type linkFact struct{ Name, Value string }

// linkButton sends its Answer as the form's only field.
type linkButton struct {
	Answer, Label string
	Ends          bool // it ends something
}

func (a *api) writeLinkPage(w http.ResponseWriter, r *http.Request, view linkPage, status int) {
	view.Style = linkStyle
	var page bytes.Buffer
	if err := linkPageTemplate.Execute(&page, view); err != nil {
		a.fail(w, r, fault.As(fault.Internal, err, "writing a page"))
		return
	}
	for name, value := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
		"Content-Security-Policy": linkPolicy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow"} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a reader who is gone needs no answer
}

// linkPageAway is the page for an error that is not the reader's.
func (a *api) linkPageAway(r *http.Request, what string, err error) (linkPage, int) {
	kind := fault.Of(err)
	a.options.Log.ErrorContext(r.Context(), what, "kind", kind.String(), "err", err)
	return linkPage{Title: "Please try again", Text: []string{"This page is briefly not available. Nothing was changed; try again in a minute."}}, a.options.Status(kind)
}
