// Runs the embedded queue in processes of its own: this test binary, started
// again. It would catch a message that kill -9 loses or that a time zone hides.
package queue_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, also on a machine without any

	"github.com/stretchr/testify/require"

	"headstart/shared/queue"
)

// childFile is the environment variable that makes this binary a child: the
// database to work on.
const childFile = "QUEUE_TEST_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		child(path)
	}
	os.Exit(m.Run())
}

// child receives everything there is, sends one message, reports both with its
// zone on one line, and waits to be killed.
func child(path string) {
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)")
	check(err)
	q, err := queue.Open(ctx, db, "orders", queue.Options{Visibility: time.Minute, Now: time.Now})
	check(err)
	messages, err := q.Receive(ctx, 100)
	check(err)
	zone := time.Now().Format("MST")
	_, err = q.Send(ctx, []byte("from "+zone))
	check(err)
	fmt.Printf("%s: %s\n", zone, strings.Join(reports(messages), ", "))
	io.Copy(io.Discard, os.Stdin)
}

// killed runs a child in the zone until it has reported, kills it and returns
// its line.
func killed(t *testing.T, path, zone string) string {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+path, "TZ="+zone)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed")
	return strings.TrimSpace(line)
}

func TestATimeZoneDoesNotHideAMessage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headstart.db")
	// Each zone is behind the one before: by local time as text, each message
	// would lie hours in the future of its receiver.
	require.Equal(t, "JST:", killed(t, path, "Asia/Tokyo"))
	require.Equal(t, "UTC: from JST#1", killed(t, path, "UTC"))
	newYork := killed(t, path, "America/New_York")
	require.Regexp(t, `^E[SD]T: from UTC#1$`, newYork)
	require.Equal(t, "HST: from "+newYork[:3]+"#1", killed(t, path, "Pacific/Honolulu"))
	// And back: what New York has in hand is hidden from Tokyo.
	require.Equal(t, "JST: from HST#1", killed(t, path, "Asia/Tokyo"))
}

func TestKillBetweenReceiveAndDeleteDeliversAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "headstart.db")
	killed(t, path, "UTC") // sent, committed, killed
	require.Equal(t, "UTC: from UTC#1", killed(t, path, "UTC"))

	now := time.Now()
	q := open(t, openFile(t, path), "orders", queue.Options{Visibility: time.Minute, Now: func() time.Time { return now }})
	require.Equal(t, []string{"from UTC#1"}, reports(receive(t, q, 10)), "the dead child's message is hidden")
	now = now.Add(2 * time.Minute)
	require.Equal(t, []string{"from UTC#2", "from UTC#2"}, reports(receive(t, q, 10)))
}

func reports(messages []queue.Message) []string {
	reports := make([]string, len(messages))
	for i, m := range messages {
		reports[i] = fmt.Sprintf("%s#%d", m.Body, m.Receives)
	}
	return reports
}
