package api

import (
	"cmp"
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
	view, status := delayPage(d), http.StatusOK
	if err != nil {
		view, status = a.failedDelay(r, err)
	}
	a.writeLinkPage(w, r, view, status)
}

func (a *api) failedDelay(r *http.Request, err error) (linkPage, int) {
	switch kind := fault.Of(err); kind {
	case fault.NotFound, fault.Invalid:
		if kind == fault.Invalid && r.Method == http.MethodPost {
			return linkPage{Title: "That is no answer", Text: []string{"Go back, and choose one of the two buttons."}}, http.StatusBadRequest
		}
		return linkPage{Title: "This link is not valid", Text: []string{"It may have been cut short, or it is no longer needed. If you have a question about an order, ask the shop where you placed it."}}, http.StatusNotFound
	default:
		return a.linkPageAway(r, "delay not shown", err)
	}
}

func delayPage(d *engine.Delay) linkPage {
	v := linkPage{Facts: []linkFact{{"Order", string(d.OrderID)}, {"Item", string(d.SKU)}}}
	wait, cancel := linkButton{Answer: acceptDelay, Label: "Wait for my order"}, linkButton{Answer: cancelOrder, Label: "Cancel my order", Ends: true}
	switch d.Question {
	case supply.OrderOver:
		v.Title, v.Text = "Your order is cancelled", []string{"The items are no longer kept for you, and the shop returns what you paid for them."}
		if d.Reason != supply.DelayDeclined {
			v.Text = append([]string{"The law asks for your yes to this delay, and none came in time."}, v.Text...)
		}
		return v
	case supply.YesSaid:
		v.Title, v.Text = "Thank you: your order stays", []string{"You agreed to wait."}
		v.Facts = append(v.Facts, newDate(d))
	case supply.Asking, supply.NotAsked:
		v.Title, v.Buttons = "Your order is late", []linkButton{wait}
		v.Text = []string{"Do you want to wait for it, or cancel it and have your money back?", silenceWords(d.Consent)}
		if was := words(d.Agreed); was != "" {
			v.Facts = append(v.Facts, linkFact{"Date agreed", was})
		}
		v.Facts = append(v.Facts, newDate(d))
	}
	if d.MayCancel {
		v.Buttons = append(v.Buttons, cancel)
	}
	return v
}

// newDate is when the items come now; there may be no date, or none known.
func newDate(d *engine.Delay) linkFact {
	return linkFact{"New date", cmp.Or(words(d.Promised), "not known")}
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
