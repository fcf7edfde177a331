package boot

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"headstart/shared/config"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/notice"
)

// MailQueue returns the handler of what the mail server says of mails that it took.
func (h *Handlers) MailQueue() lambda.Handler {
	return edge.Queue(func(ctx context.Context, records []edge.QueueRecord) (failed []string) {
		var events []engine.MailEvent
		var ids []string // of the messages that the events came in
		for i := range records {
			event, err := notice.ReadEvent(records[i].Body)
			switch kind := fault.Of(err); {
			case err == nil:
				events, ids = append(events, event), append(ids, records[i].ID)
			case edge.QueueRedelivers(kind):
				h.place.Log.WarnContext(ctx, "mail event not read", "kind", kind.String(), "id", records[i].ID, "err", err)
				failed = append(failed, records[i].ID)
			}
		}
		for _, i := range h.engine.MailEvents(ctx, h.place.Clock(), events) {
			failed = append(failed, ids[i])
		}
		return failed
	})
}

// cloudMailer sends mails through SES; nil where the stack has no address to send
// from, then they wait.
func cloudMailer(cloud aws.Config, c config.Config) (engine.Mailer, error) {
	if c.MailFrom == "" {
		return nil, nil
	}
	return notice.NewSES(cloud, c.MailFrom, c.MailConfigurationSet)
}
