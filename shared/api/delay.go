package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page below
	"encoding/base64"
	"html/template"
	"io"
	"net/http"
	"net/url"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// delayPath is where buyers answer a delay; its token is all they need.
const delayPath = "/c/{token}"

// maxAnswer bounds the body of an answer, in bytes: a form of one field.
const maxAnswer = 4 << 10

// The answers of the form.
const (
	acceptDelay = "accept"
	cancelOrder = "cancel"
)

//go:embed delay.html
var delayHTML string

// delayStyle is the page's only style; its hash lets the browser use it and no
// other.
const delayStyle = `body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}dt{font-weight:bold}dd{margin:0 0 .75rem}button{font:inherit;display:block;width:100%;min-height:3rem;margin:.75rem 0;color:#fff;background:#0b4f8a;border:2px solid #0b4f8a;border-radius:.25rem}button.cancel{color:#8a0b0b;background:#fff;border-color:#8a0b0b}`

var (
	delayPage   = template.Must(template.New("delay").Parse(delayHTML))
	delayPolicy = func() string {
		hash := sha256.Sum256([]byte(delayStyle))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}()
)

// delayView is what the page shows.
type delayView struct {
	Style     template.CSS
	Title     string
	Text      []string
	Known     bool // the link is valid: order and dates are shown
	Order     supply.OrderID
	SKU       supply.SKU
	Was, Will string
	MayWait   bool
	MayCancel bool
}

// showDelay shows the question and changes nothing: scanners of mail follow
// every link.
func (a *api) showDelay(w http.ResponseWriter, r *http.Request) {
	d, err := a.engine.Delay(r.Context(), a.clock(), r.PathValue("token"))
	a.delay(w, r, &d, err)
}

func (a *api) answerDelay(w http.ResponseWriter, r *http.Request) {
	wait, err := readAnswer(w, r)
	var d engine.Delay
	if err == nil {
		d, err = a.engine.AnswerDelay(r.Context(), a.clock(), r.PathValue("token"), wait)
	}
	a.delay(w, r, &d, err)
}

// readAnswer returns whether the buyer will wait. It returns fault.Invalid for
// anything but one of the two answers.
func readAnswer(w http.ResponseWriter, r *http.Request) (wait bool, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return false, fault.As(fault.Invalid, err, "reading an answer")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return false, fault.As(fault.Invalid, err, "reading an answer")
	}
	switch answers := form["answer"]; {
	case len(answers) == 1 && answers[0] == acceptDelay:
		return true, nil
	case len(answers) == 1 && answers[0] == cancelOrder:
		return false, nil
	}
	return false, fault.New(fault.Invalid, "INVALID_INPUT", "answer must be %s or %s", acceptDelay, cancelOrder)
}

// delay writes the page. An error says nothing of what is behind a link.
func (a *api) delay(w http.ResponseWriter, r *http.Request, d *engine.Delay, err error) {
	view, status := viewOf(d), http.StatusOK
	if err != nil {
		view, status = a.failedDelay(r, err)
	}
	view.Style = delayStyle
	var page bytes.Buffer
	if err := delayPage.Execute(&page, view); err != nil {
		a.fail(w, r, fault.As(fault.Internal, err, "writing a page"))
		return
	}
	for name, value := range map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
		"Content-Security-Policy": delayPolicy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow"} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a buyer who is gone needs no answer
}

func (a *api) failedDelay(r *http.Request, err error) (delayView, int) {
	switch kind := fault.Of(err); kind {
	case fault.NotFound, fault.Invalid:
		if kind == fault.Invalid && r.Method == http.MethodPost {
			return delayView{Title: "That is no answer", Text: []string{"Go back, and choose one of the two buttons."}}, http.StatusBadRequest
		}
		return delayView{Title: "This link is not valid", Text: []string{"It may have been cut short, or it is no longer needed. If you have a question about an order, ask the shop where you placed it."}}, http.StatusNotFound
	default:
		a.options.Log.ErrorContext(r.Context(), "delay not shown", "kind", kind.String(), "err", err)
		return delayView{Title: "Please try again", Text: []string{"This page is briefly not available. Nothing was changed; try again in a minute."}}, a.options.Status(kind)
	}
}

func viewOf(d *engine.Delay) delayView {
	v := delayView{Known: true, Order: d.OrderID, SKU: d.SKU, Was: words(d.Agreed), Will: words(d.Promised)}
	if d.Promised == 0 {
		v.Will = "not known"
	}
	switch d.Question {
	case supply.OrderOver:
		v.Title, v.Text = "Your order is cancelled", []string{"The items are no longer kept for you, and the shop returns what you paid for them."}
		if d.Reason != supply.DelayDeclined {
			v.Text = append([]string{"The law asks for your yes to this delay, and none came in time."}, v.Text...)
		}
		v.Was, v.Will = "", ""
	case supply.YesSaid:
		v.Title, v.Text, v.Was = "Thank you: your order stays", []string{"You agreed to wait."}, ""
		v.MayCancel = d.MayCancel
	case supply.Asking, supply.NotAsked:
		v.Title, v.MayWait, v.MayCancel = "Your order is late", true, d.MayCancel
		v.Text = []string{"Do you want to wait for it, or cancel it and have your money back?", silenceWords(d.Consent)}
	}
	return v
}

// silenceWords tells a buyer what happens without an answer.
//
// Source: 16 CFR 435.2(b)(1)(ii), (iii) and (b)(2); Directive 2011/83/EU Art. 18(2).
func silenceWords(c supply.Consent) string {
	switch c.Silence {
	case supply.SilenceAccepts:
		return "If you do not answer, we take it that you agree to the new date. You may cancel until the items are ready."
	case supply.SilenceCancels:
		return "If you do not answer by the end of " + words(c.By) + ", and the items have not come by then, your order is cancelled and you get your money back."
	case supply.SilenceKeeps, supply.SilenceNone:
	}
	return "If you do not answer, your order stays as it is. You keep the right to set a time for the delivery, to end the contract after it, and to have your money back without undue delay."
}

// words writes a day for people, "18 March 2026"; "" for one that nobody knows.
func words(d supply.Day) string {
	if !d.Known() {
		return ""
	}
	return d.Date().Format("2 January 2006")
}
