package api

import (
	"net/http"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// unsubscribePath is where a seller ends mail to an address; its token is all that
// is needed.
const unsubscribePath = "/u/{token}"

// showSubscription shows what a click would end, and changes nothing: scanners of
// mail follow every link.
func (a *api) showSubscription(w http.ResponseWriter, r *http.Request) {
	s, err := a.engine.Subscription(r.Context(), r.PathValue("token"))
	a.subscription(w, r, s, err)
}

// unsubscribe takes the page's button and a mail program's one click alike. That
// somebody posts to the link says it all: the body is not read.
//
// Source: RFC 8058 section 3.2.
func (a *api) unsubscribe(w http.ResponseWriter, r *http.Request) {
	s, err := a.engine.Unsubscribe(r.Context(), a.clock(), r.PathValue("token"))
	a.subscription(w, r, s, err)
}

func (a *api) subscription(w http.ResponseWriter, r *http.Request, s engine.Subscription, err error) {
	view, status := subscriptionPage(s), http.StatusOK
	switch fault.Of(err) {
	case fault.NotFound:
		view, status = linkPage{Title: "This link is not valid", Text: []string{"It may have been cut short. Open it again from the mail, or ask who runs this service."}}, http.StatusNotFound
	default:
		if err != nil {
			view, status = a.linkPageAway(r, "subscription not shown", err)
		}
	}
	a.writeLinkPage(w, r, view, status)
}

func subscriptionPage(s engine.Subscription) linkPage {
	switch {
	case s.To == "":
		return linkPage{Title: "No mail goes to this address", Text: []string{"The account is told at another address now, or at none. There is nothing left to end here."}}
	case s.Stopped:
		return linkPage{Title: "No more mail is sent to you", Facts: []linkFact{{"Address", s.To}},
			Text: []string{"The programme's page still shows everything that a mail would have said. Whoever gives the address for the account again is told again."}}
	}
	return linkPage{Title: "End all mail to you?", Facts: []linkFact{{"Address", s.To}},
		Text:    []string{"You will no longer be told by mail when the programme is paused or reactivated, when promised dates move, or when supply is short."},
		Buttons: []linkButton{{Answer: "unsubscribe", Label: "End all mail", Ends: true}}}
}
