package boot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
)

// keptNote is the tracking queue's message: a body that waits to be worked off.
type keptNote struct {
	Kept string `json:"kept"`
}

// workOffLater keeps a body whole and has the tracking queue bring it back.
func (h *Handlers) workOffLater(ctx context.Context, now time.Time, raw engine.Raw) error {
	id, err := h.engine.Keep(ctx, now, raw)
	if err != nil {
		return fault.As(fault.Transient, err, "neither the units nor the body could be stored")
	}
	note, err := json.Marshal(keptNote{id})
	if err != nil {
		return fault.As(fault.Internal, err, "encoding a note")
	}
	_, err = h.place.Tracking.Send(ctx, note)
	return err
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
	return h.engine.TrackKept(ctx, h.place.Clock(), note.Kept, h.Read)
}
