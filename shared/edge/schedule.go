package edge

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// Schedule returns the handler of an EventBridge schedule. Whatever JSON the
// schedule sends, run is called once. The event's time is left aside: a sweep
// that comes late acts on the world as it is then. run's context ends 2 s before
// Lambda would cut it off; its error is the invocation's, and Lambda tries again.
func Schedule(run func(ctx context.Context) error) lambda.Handler {
	return invoke("schedule", func(ctx context.Context, event []byte) ([]byte, error) {
		if !jsontext.Value(event).IsValid() {
			return nil, fault.New(fault.Invalid, "INVALID_EVENT", "the event is not valid JSON")
		}
		ctx, cancel := early(ctx)
		defer cancel()
		if err := run(ctx); err != nil {
			return nil, err
		}
		return []byte("null"), nil
	})
}
