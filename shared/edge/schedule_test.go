// Scheduler events go in as JSON; it would catch a sweep that is refused for
// what its event says, or whose error is swallowed.
package edge_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"

	"headstart/shared/edge"
	"headstart/shared/fault"
)

func TestAScheduleRunsWhateverItsEventSays(t *testing.T) {
	for _, event := range []string{
		`{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.scheduler","account":"123456789012","time":"2026-03-01T10:00:00Z","region":"eu-central-1","resources":["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/sweep"],"detail":"{}"}`,
		`{"time":"yesterday"}`, `{"time":7}`, `{}`, `null`, `"sweep"`,
	} {
		runs := 0
		answer, err := lambda.NewHandler(edge.Schedule(func(context.Context) error { runs++; return nil })).Invoke(t.Context(), []byte(event))
		require.NoError(t, err, event)
		require.Equal(t, "null", string(answer), event)
		require.Equal(t, 1, runs, event)
	}
}

func TestAnEventThatIsNotJSONRunsNothing(t *testing.T) {
	for _, event := range []string{``, `{`, `{}{}`, "\xff"} {
		_, err := edge.Schedule(func(context.Context) error { t.Error("ran"); return nil }).Invoke(t.Context(), []byte(event))
		require.Equal(t, fault.Invalid, fault.Of(err), event)
	}
}

func TestAFailedRunFailsItsInvocation(t *testing.T) {
	away := errors.New("away")
	answer, err := edge.Schedule(func(context.Context) error { return away }).Invoke(t.Context(), []byte(`{}`))
	require.ErrorIs(t, err, away)
	require.Nil(t, answer)
}
