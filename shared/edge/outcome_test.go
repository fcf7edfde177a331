// The outcome table is printed and compared with testdata/outcomes.txt, which a
// carrier's support desk can read; -update writes it anew. It would catch a kind
// without a row and an outcome that was changed unseen.
package edge

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // hostile events are logged by the thousand
	os.Exit(m.Run())
}

func printed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s  %-3s  %-7s  %s\n", "kind", "API", "webhook", "queue")
	for _, kind := range fault.Kinds() {
		webhook, queue := "success", "delete"
		if status, ok := WebhookStatus(kind); !ok {
			webhook = fmt.Sprint(status)
		}
		if QueueRedelivers(kind) {
			queue = "redeliver"
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%-16s  %-3d  %-7s  %-9s  %s", kind, APIStatus(kind), webhook, queue, outcomes[kind].then), " "))
	}
	return b.String()
}

func TestTheOutcomesAreThosePublished(t *testing.T) {
	const golden = "testdata/outcomes.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(printed()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), printed())
}

func TestEveryKindHasAnOutcome(t *testing.T) {
	require.Len(t, outcomes, len(fault.Kinds()))
	for _, kind := range fault.Kinds() {
		require.NotEmpty(t, http.StatusText(APIStatus(kind)), kind)
		if status, ok := WebhookStatus(kind); !ok {
			require.GreaterOrEqual(t, status, 400, kind)
		}
	}
}

// A provider that is told to send again must be told so for the queue's reason.
func TestWhatMayYetSucceedIsNeverDropped(t *testing.T) {
	for _, kind := range fault.Kinds() {
		if APIStatus(kind) >= 500 {
			_, ok := WebhookStatus(kind)
			require.False(t, ok, kind)
			require.True(t, QueueRedelivers(kind), kind)
		}
	}
}
