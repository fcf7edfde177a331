// Sends webhooks that are not taken to the real handler; it would catch an answer
// without a reason, one that tells a stranger which sources exist, an address
// that is redirected, and a second seller who gets no secrets or takes away the
// first one's.
package local_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot/local"
	"headstart/shared/supply"
)

func TestAWebhookThatIsNotTakenIsAnsweredWithItsReason(t *testing.T) {
	local, err := local.Open(context.Background(), t.TempDir(), supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, local.Close()) }()
	_, err = local.Welcome(context.Background(), "acme")
	require.NoError(t, err)
	post := func(path, body string) (int, string) {
		w := httptest.NewRecorder()
		local.HTTP().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	status, known := post("/webhooks/standard/acme", "{}")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, known, `{"errors":[{"code":"UNAUTHENTICATED",`)
	status, unknown := post("/webhooks/standard/nobody", "{}")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, known, unknown)
	status, body := post("/webhooks/standard/acme", strings.Repeat(" ", 1<<20+1))
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.Contains(t, body, `"code":"TOO_LARGE"`)
	for _, path := range []string{"//webhooks/standard/acme", "/webhooks/standard/../standard/acme", "/webhooks//standard/acme"} {
		status, _ = post(path, "{}")
		require.NotEqual(t, http.StatusOK, status, path)
	}
	for _, path := range []string{"/webhooks/standard/acme//events", "/webhooks/standard/acme/./events", "/webhooks/standard/acme/"} {
		status, body = post(path, "{}")
		require.Equal(t, known, body, "%s: no provider follows a redirect", path)
		require.Equal(t, http.StatusUnauthorized, status)
	}
	status, body = post("/webhooks/pigeon/acme", "{}")
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, body, `"code":"UNKNOWN_ADAPTER"`)
}

func TestASecondSellerGetsAKeyAndSourcesAndTakesNobodysAway(t *testing.T) {
	folder := t.TempDir()
	welcome := func(seller supply.SellerID) (key string) {
		stack, err := local.Open(context.Background(), folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		defer func() { require.NoError(t, stack.Close()) }()
		key, err = stack.Welcome(context.Background(), seller)
		require.NoError(t, err)
		for _, adapter := range []string{"easypost", "standard"} {
			secret, err := stack.Secret(context.Background(), adapter, "acme")
			require.NoError(t, err)
			key += " " + secret
			_, err = stack.Secret(context.Background(), adapter, string(seller))
			require.NoError(t, err)
		}
		return key
	}
	first := welcome("acme")
	require.NotEqual(t, first, welcome("beta"))
	require.Equal(t, first, welcome("acme"))
}
