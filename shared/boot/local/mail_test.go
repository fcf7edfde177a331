package local_test

// One machine pauses a programme and its mail is looked for in the folder; it would
// catch a letter that nobody takes to the mailer, and a place for mails that is
// silently none.

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot/local"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

func TestAPauseOnOneMachineIsConfirmedByAFile(t *testing.T) { // F96
	folder := t.TempDir()
	stack, err := local.Open(t.Context(), folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, stack.Close()) }()
	mails := filepath.Join(folder, "mails")
	mailer, err := local.Mailer(mails, "headstart@localhost")
	require.NoError(t, err)
	stack.Mails(mailer)
	key, err := stack.Welcome(t.Context(), "acme")
	require.NoError(t, err)
	working, halt := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); stack.Run(working) }()
	defer func() { halt(); <-done }()

	call := func(method, path, body string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Idempotency-Key", path)
		w := httptest.NewRecorder()
		stack.HTTP().ServeHTTP(w, r)
		require.Less(t, w.Code, http.StatusMultipleChoices, "%s", w.Body)
	}
	call(http.MethodPut, "/v1/seller", `{"email":"anna@example.com","language":"de"}`)
	call(http.MethodPost, "/v1/program/DE/pause", "")
	require.Eventually(t, func() bool { found, _ := filepath.Glob(mails + "/*.eml"); return len(found) == 1 }, 20*time.Second, 20*time.Millisecond)
	found, _ := filepath.Glob(mails + "/*.eml")
	text, err := os.ReadFile(found[0])
	require.NoError(t, err)
	require.Contains(t, string(text), "anna@example.com")
	require.Contains(t, string(text), "List-Unsubscribe: <http")
	require.Contains(t, string(text), "Stichzeitpunkt")
}

func TestMailsGoToAServerOrAFolder(t *testing.T) {
	for _, to := range []string{"smtp://127.0.0.1:1025", "smtps://user:password@mail.example.com", t.TempDir()} {
		mailer, err := local.Mailer(to, "headstart@localhost")
		require.NoError(t, err)
		require.NotNil(t, mailer)
	}
	for _, c := range [][2]string{{"smtp://", "headstart@localhost"}, {t.TempDir(), "Headstart"}} {
		_, err := local.Mailer(c[0], c[1])
		require.True(t, fault.Is(err, fault.Invalid))
	}
}
