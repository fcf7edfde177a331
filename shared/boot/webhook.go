package boot

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/carrier"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Webhook returns the handler of POST /webhooks/{adapter}/{source}: it verifies
// the raw bytes, makes what they say durable, and only then gives the provider's
// own success. Probes by HEAD and GET are answered with 200.
func (h *Handlers) Webhook() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/{adapter}/{source}", func(w http.ResponseWriter, r *http.Request) {
		status, err := h.receive(r)
		if err != nil {
			h.place.Log.WarnContext(r.Context(), "webhook not taken", "kind", fault.Of(err).String(),
				"adapter", r.PathValue("adapter"), "source", r.PathValue("source"), "err", err)
		}
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "5")
		}
		if status >= http.StatusBadRequest {
			Refuse(w, status, turnedAway(status, err))
			return
		}
		w.WriteHeader(status)
	})
	mux.HandleFunc("GET /webhooks/{adapter}/{source}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

// turnedAway returns what a sender may know of err: a stranger learns neither
// what is wrong with a signature nor which sources exist.
func turnedAway(status int, err error) error {
	if status == http.StatusUnauthorized {
		return fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "the request is not signed with a secret of this source, or not now; check the address, the secret and the clock")
	}
	if status >= http.StatusInternalServerError {
		return fault.New(fault.Of(err), "BUSY", "not stored; send the same request again")
	}
	return err
}

// receive returns the status that the provider gets, and why.
func (h *Handlers) receive(r *http.Request) (status int, err error) {
	adapter, ok := carrier.Lookup(r.PathValue("adapter"))
	if !ok {
		return http.StatusNotFound, fault.New(fault.NotFound, "UNKNOWN_ADAPTER", "no adapter %q", r.PathValue("adapter"))
	}
	answer := func(err error) (int, error) {
		if status, success := edge.WebhookStatus(fault.Of(err)); err != nil && !success {
			return status, err
		}
		return adapter.Success, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, int64(adapter.MaxBody)))
	if err != nil {
		if _, large := err.(*http.MaxBytesError); large {
			return answer(fault.New(fault.TooLarge, "TOO_LARGE", "the body has more than %d bytes", adapter.MaxBody))
		}
		return answer(fault.As(fault.Transient, err, "reading the body"))
	}
	source, err := h.place.Sources.Source(r.Context(), adapter.Name, r.PathValue("source"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return http.StatusUnauthorized, err // a stranger does not learn which sources exist
	}
	if err != nil {
		return answer(err)
	}
	request := carrier.Request{Method: r.Method, Path: r.URL.Path, Header: r.Header, Query: r.URL.Query(), Body: body}
	if err := adapter.Verify(request, source.Secrets, h.place.Clock()); err != nil {
		return answer(err)
	}
	return answer(h.accept(r.Context(), adapter, source.Seller, r.PathValue("source"), body))
}

// accept makes an authentic body durable: in the units it speaks of, or whole
// when it cannot be read or cannot be written there now.
func (h *Handlers) accept(ctx context.Context, adapter carrier.Adapter, seller supply.SellerID, source string, body []byte) error {
	now := h.place.Clock()
	kept := engine.Raw{Adapter: adapter.Name, Source: source, Seller: seller, Body: body}
	reports, err := adapter.Parse(body)
	if err == nil {
		err = h.engine.Track(ctx, now, seller, reports)
	}
	switch fault.Of(err) {
	case fault.Invalid:
		if _, keeping := h.engine.Quarantine(ctx, now, kept); keeping != nil {
			return keeping
		}
		return err
	case fault.Transient, fault.TooLarge:
	default:
		return err
	}
	id, keeping := h.engine.Keep(ctx, now, kept)
	if keeping != nil {
		return fault.As(fault.Transient, err, "neither the units nor the body could be stored")
	}
	note, err := json.Marshal(keptNote{id})
	if err != nil {
		return fault.As(fault.Internal, err, "encoding a note")
	}
	_, err = h.place.Tracking.Send(ctx, note)
	return err
}

// keptNote is the tracking queue's message: a body that waits to be worked off.
type keptNote struct {
	Kept string `json:"kept"`
}

// TrackingQueue returns the handler that works off bodies kept whole.
func (h *Handlers) TrackingQueue() lambda.Handler {
	return edge.Queue(func(ctx context.Context, records []edge.QueueRecord) (failed []string) {
		for i := range records {
			err := h.workOff(ctx, records[i].Body)
			if err == nil {
				continue
			}
			again := edge.QueueRedelivers(fault.Of(err))
			h.place.Log.WarnContext(ctx, "kept body not worked off", "kind", fault.Of(err).String(), "again", again, "id", records[i].ID, "err", err)
			if again {
				failed = append(failed, records[i].ID)
			}
		}
		return failed
	})
}

func (h *Handlers) workOff(ctx context.Context, message []byte) error {
	var note keptNote
	if err := json.Unmarshal(message, &note); err != nil {
		return fault.As(fault.Invalid, err, "tracking message")
	}
	return h.engine.TrackKept(ctx, h.place.Clock(), note.Kept, func(adapter string, body []byte) ([]supply.Report, error) {
		a, ok := carrier.Lookup(adapter)
		if !ok {
			return nil, fault.New(fault.Invalid, "UNKNOWN_ADAPTER", "no adapter %q", adapter)
		}
		return a.Parse(body)
	})
}
