// Messages of the mail queue are worked off on a store in memory; it would catch news
// of a mail that is lost, that blocks the queue for ever, or that puts an address into
// the log.
package boot

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"headstart/shared/config"
	"headstart/shared/store/memory"
	"headstart/shared/supply"
)

func TestTheMailQueueKeepsWhatItCannotReadAndDropsWhatSaysNothing(t *testing.T) {
	text, err := os.ReadFile("../../events/mail-queue-bounced.json")
	require.NoError(t, err)
	var event struct{ Records []map[string]any }
	require.NoError(t, json.Unmarshal(text, &event))
	good := event.Records[0]["body"].(string)
	record := func(id, body string) map[string]any { return map[string]any{"messageId": id, "body": body} }
	event.Records = []map[string]any{record("bounced", good), record("sent", strings.Replace(good, "Email Bounced", "Email Sent", 1)),
		record("broken", good[:len(good)-1]), record("foreign", strings.Replace(good, `["acme"]`, `["ACME anna@example.com"]`, 1))}
	text, err = json.Marshal(event)
	require.NoError(t, err)

	var log bytes.Buffer
	h := New(Place{Store: memory.New(), Clock: func() time.Time { return at(t, "2026-03-04T09:00:06Z") },
		Policy: supply.DefaultPolicy, Random: func() uint64 { return 1 }, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	answer, err := h.MailQueue().Invoke(t.Context(), text)
	require.NoError(t, err)
	require.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"broken"},{"itemIdentifier":"foreign"}]}`, string(answer))
	require.Contains(t, log.String(), "mail event not read")
	require.NotContains(t, log.String(), "anna")
}

func TestAStackWithoutASenderSendsNoMail(t *testing.T) {
	mailer, err := cloudMailer(aws.Config{}, config.Config{})
	require.NoError(t, err)
	require.Nil(t, mailer)
	mailer, err = cloudMailer(aws.Config{Region: "eu-central-1"}, config.Config{MailFrom: "programme@shop.example"})
	require.NoError(t, err)
	require.NotNil(t, mailer)
	_, err = cloudMailer(aws.Config{}, config.Config{MailFrom: "two, addresses"})
	require.Error(t, err)
}
