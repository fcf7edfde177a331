package boot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"headstart/shared/carrier"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Webhook returns the handler of everything below /webhooks/{adapter}/{source}.
// A POST is verified on its raw bytes, made durable, and only then answered with
// the provider's own success, before the provider stops waiting. HEAD, GET and
// OPTIONS are a provider's look at whether we are there.
func (h *Handlers) Webhook() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, ok := addressed(r.URL.Path)
		adapter, known := h.lookup(to.adapter)
		switch {
		case !ok:
			Refuse(w, http.StatusNotFound, fault.New(fault.NotFound, "NOT_FOUND", "webhooks go to /webhooks/ADAPTER/SOURCE"))
		case !known:
			Refuse(w, http.StatusNotFound, fault.New(fault.NotFound, "UNKNOWN_ADAPTER", "no adapter %q", supply.Words(to.adapter, 40)))
		case r.Method == http.MethodPost:
			h.push(w, r, adapter, to)
		case slices.Contains(probes, r.Method):
			h.probe(w, r, adapter, to)
		default:
			w.Header().Set("Allow", strings.Join(probes, ", ")+", POST")
			Refuse(w, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "METHOD_NOT_ALLOWED", "send a webhook with POST"))
		}
	})
}

var probes = []string{http.MethodGet, http.MethodHead, http.MethodOptions}

// address is what a webhook's path says. Its tail may be a secret: it goes to
// the adapter and nowhere else.
type address struct{ adapter, source, tail string }

// addressed reads a path. It does not ask for it to be clean: some providers
// put an endpoint of their own behind an address that ends with a slash.
func addressed(path string) (to address, ok bool) {
	rest, ok := strings.CutPrefix(path, "/webhooks/")
	parts := append(strings.SplitN(rest, "/", 3), "", "")
	to = address{parts[0], parts[1], strings.Trim(parts[2], "/")}
	return to, ok && to.adapter != "" && to.source != ""
}

// probe answers a provider that looks whether we are there. Nothing is verified
// and nothing is kept.
func (h *Handlers) probe(w http.ResponseWriter, r *http.Request, a carrier.Adapter, to address) {
	if a.Probe == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	source, err := h.place.Sources.Source(r.Context(), a.Name, to.source)
	if err != nil && !unknownSource(err) {
		h.turnAway(w, r, to.shy(), fault.As(fault.Transient, err, "reading the secrets"))
		return
	}
	status, header, body := a.Probe(asked(r, to), source.Secrets)
	answer(w, status, header, body)
}

// asked is the request as the adapter sees it, without its body.
func asked(r *http.Request, to address) carrier.Request {
	return carrier.Request{Method: r.Method, Path: r.URL.Path, Tail: to.tail, Header: r.Header, Query: r.URL.Query()}
}

func answer(w http.ResponseWriter, status int, header http.Header, body []byte) {
	maps.Copy(w.Header(), header)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a provider who is gone needs no answer
}

// unknownSource tells a source that does not exist from secrets that cannot be
// read now.
func unknownSource(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid)
}

// shy returns the address as it may be logged before the source is known to
// exist: it could be a secret in the wrong place. Its beginning is enough to
// find a name that is spelt wrong.
func (to address) shy() address {
	return address{adapter: to.adapter, source: fmt.Sprintf("%.12s…", to.source)}
}

// push takes one webhook and answers it.
func (h *Handlers) push(w http.ResponseWriter, r *http.Request, a carrier.Adapter, to address) {
	half, most, cancel := patience(r.Context(), a.Deadline)
	defer cancel()
	source, err := h.place.Sources.Source(half, a.Name, to.source)
	if unknownSource(err) { // a stranger does not learn which sources exist
		err = fault.New(fault.Unauthenticated, "UNKNOWN_SOURCE", "there is no such source")
	}
	if err != nil {
		h.turnAway(w, r, to.shy(), late(half, err))
		return
	}
	request, secrets, err := h.authentic(half, r, a, to, source.Secrets)
	var unread error
	if err == nil {
		unread, err = h.accept(half, most, a, engine.Raw{Adapter: a.Name, Source: to.source, Seller: source.Seller, Body: request.Body})
	}
	switch {
	case err != nil:
		h.turnAway(w, r, to, err)
	case a.Answer == nil:
		w.WriteHeader(a.Success)
	default:
		header, body := a.Answer(request, secrets, unread, h.place.Clock())
		answer(w, a.Success, header, body)
	}
}

// patience returns the contexts in which a webhook is to be stored: half of the
// time that the provider waits, or that Lambda gives, for the units' records,
// and nine tenths for all; the rest is for the answer's way back.
func patience(ctx context.Context, deadline time.Duration) (half, most context.Context, cancel func()) {
	if end, ok := ctx.Deadline(); ok {
		deadline = min(deadline, end.Sub(Now()))
	}
	most, cancelMost := context.WithTimeout(ctx, deadline*9/10)
	half, cancelHalf := context.WithTimeout(most, deadline/2)
	return half, most, func() { cancelHalf(); cancelMost() }
}

// turnAway answers a webhook that was not taken, and says why in the log: never
// with the path or the query, which may hold a secret.
func (h *Handlers) turnAway(w http.ResponseWriter, r *http.Request, to address, err error) {
	h.place.Log.WarnContext(r.Context(), "webhook not taken", "kind", fault.Of(err).String(), "adapter", to.adapter, "source", to.source, "err", err)
	status, success := edge.WebhookStatus(fault.Of(err))
	if success { // a store that refuses the body itself: the provider must not think that we have it
		status = http.StatusInternalServerError
	}
	switch {
	case status == http.StatusUnauthorized:
		err = fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "the request is not signed with a secret of this source, or not now; check the address, the secret and the clock")
	case status >= http.StatusInternalServerError:
		err = fault.New(fault.Of(err), "BUSY", "not stored; send the same request again")
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	Refuse(w, status, err)
}

// authentic reads a request and returns it, with the secrets of its source, once
// one of them has signed it.
func (h *Handlers) authentic(ctx context.Context, r *http.Request, a carrier.Adapter, to address, named []string) (q carrier.Request, secrets []string, err error) {
	q = asked(r, to)
	if q.Body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, int64(a.MaxBody))); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return q, nil, fault.New(fault.TooLarge, "TOO_LARGE", "the body has more than %d bytes", a.MaxBody)
		}
		return q, nil, fault.As(fault.Transient, err, "reading the body")
	}
	if secrets, err = h.verify(ctx, a, q, named); err == nil {
		h.noteSecret(ctx, a, q, to.source, secrets)
	}
	return q, secrets, err
}

// verify returns the secrets, with the keys that they name in their place, one
// of which signed the request.
func (h *Handlers) verify(ctx context.Context, a carrier.Adapter, q carrier.Request, named []string) (secrets []string, err error) {
	for _, anew := range []bool{false, true} {
		if secrets, err = h.keys.fill(ctx, a.Keys, named, anew); err != nil {
			return nil, err
		}
		if err = a.Verify(q, secrets, h.place.Clock()); !fault.Is(err, fault.Transient) {
			break // it is signed, or forged: only a key that nobody knows may be a new one
		}
	}
	return secrets, err
}

// noteSecret tells the operator who rotates a source's secrets, once an hour,
// which of them its provider signs with: the others may go.
func (h *Handlers) noteSecret(ctx context.Context, a carrier.Adapter, q carrier.Request, source string, secrets []string) {
	if len(secrets) < 2 {
		return
	}
	now := h.place.Clock()
	i := slices.IndexFunc(secrets, func(secret string) bool { return a.Verify(q, []string{secret}, now) == nil })
	if i >= 0 && h.secrets.due(fmt.Sprint(a.Name, "/", source, " ", i), now) {
		h.place.Log.InfoContext(ctx, "webhook secret in use", "adapter", a.Name, "source", source, "secret", i+1, "of", len(secrets))
	}
}

// accept makes an authentic body durable: in the units that it speaks of, or
// whole when that cannot be done now or the provider would stop waiting. What
// cannot be read in it is no error of the one who sent it: the body is kept for
// a person to look at, and why is returned.
func (h *Handlers) accept(half, most context.Context, a carrier.Adapter, raw engine.Raw) (unread, err error) {
	now := h.place.Clock()
	found, unread := read(a, raw.Body)
	h.noteUnmapped(most, raw, found.Reports)
	unusable, err := h.engine.Take(half, now, raw.Seller, found)
	if err = late(half, err); fault.Is(err, fault.Transient) || fault.Is(err, fault.TooLarge) {
		err = late(most, h.workOffLater(most, now, raw))
	}
	if unread = cmp.Or(unread, unusable); err == nil && unread != nil {
		_, err = h.engine.Quarantine(most, now, raw, unread)
		err = late(most, err)
	}
	return unread, err
}

// late makes any failure of what ran out of time one that passes.
func late(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fault.As(fault.Transient, err, "the store takes too long")
	}
	return err
}

// maxUnmapped is how many codes of one push are said one by one.
const maxUnmapped = 20

// noteUnmapped says which codes no table of the adapter has, each once, with how
// many scans have it. They move nothing, but somebody should put them in.
func (h *Handlers) noteUnmapped(ctx context.Context, raw engine.Raw, reports []supply.Report) {
	scans, codes := map[string]int{}, []string{}
	for i := range reports {
		for _, s := range reports[i].Scans {
			if s.Code != supply.CodeUnknown {
				continue
			}
			code := supply.Words(s.Text, supply.MaxScanText)
			if scans[code] == 0 && len(codes) >= maxUnmapped {
				code = "and others"
			}
			if scans[code]++; scans[code] == 1 {
				codes = append(codes, code)
			}
		}
	}
	for _, code := range codes {
		h.place.Log.WarnContext(ctx, "unmapped carrier code", "adapter", raw.Adapter, "source", raw.Source, "code", code, "scans", scans[code])
	}
}
