package main

// Works by writing a past whose truth is plain, letting a fresh stack learn from
// it, and asking what it promises then. It would catch a past that is learnt
// twice, one that teaches nothing, and modes that are taken for others.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// pastFile writes a past of one carrier by sea whose every shipment is so many
// days late.
func pastFile(t *testing.T, shipments, late int) string {
	var rows strings.Builder
	rows.WriteString("decide,eta,actual,reveal,n1,n2,n3\n")
	for i := range shipments {
		fmt.Fprintf(&rows, "%d,%d,%d,%d,Ocean,Maersk,Tea Co\n", i, i+14, i+14+late, i+14+late)
	}
	file := filepath.Join(t.TempDir(), "past.csv")
	require.NoError(t, os.WriteFile(file, []byte(rows.String()), 0o600))
	return file
}

func TestALearntPastIsWhatANewShipmentIsPromisedBy(t *testing.T) {
	folder, past := t.TempDir(), pastFile(t, 400, 5)
	var out bytes.Buffer
	require.NoError(t, learnCommand(t.Context(), []string{past, "-dir", folder}, &out, io.Discard))
	require.Contains(t, out.String(), "400 shipments taught the lanes of acme: 5 records") // three nodes and two switches
	err := learnCommand(t.Context(), []string{past, "-dir", folder}, io.Discard, io.Discard)
	require.True(t, fault.Is(err, fault.Conflict), "%v", err)
	require.NoError(t, learnCommand(t.Context(), []string{past, "-dir", folder, "-replace"}, io.Discard, io.Discard))

	stack, err := local.Open(t.Context(), folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer stack.Close()
	key, err := stack.Welcome(t.Context(), "acme")
	require.NoError(t, err)
	require.Equal(t, 5, paddingOf(t, stack, key, "OCEAN", "Maersk"))
	require.Equal(t, 3, paddingOf(t, stack, key, "SPD", "Maersk"), "parcels have learnt nothing")
}

func TestALearningThatIsStoppedStoresNothing(t *testing.T) {
	folder, past := t.TempDir(), pastFile(t, 400, 5)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, learnCommand(ctx, []string{past, "-dir", folder}, io.Discard, io.Discard))
	require.NoError(t, learnCommand(t.Context(), []string{past, "-dir", folder}, io.Discard, io.Discard), "without -replace")
}

func TestAPastSaysItsModesInItsOwnWords(t *testing.T) {
	for name, want := range map[string]supply.Mode{
		"Direct Drop/Air": supply.Air, "From RDC/Air Charter": supply.Air, "From RDC/Ocean": supply.Ocean, "Truck": supply.FTL, "sea freight": supply.Ocean,
		"RAIL": supply.Rail, "LTL": supply.LTL, "Parcel": supply.SPD, "": supply.SPD,
	} {
		require.Equal(t, want.String(), modeOf(name).String(), name)
	}
}

// paddingOf announces a shipment and returns the days that are added to its ETA.
func paddingOf(t *testing.T, stack *local.Stack, key, mode, carrier string) int {
	id := mode + "-1"
	body := fmt.Sprintf(`{"shipmentId":%q,"marketplace":"A1PA6795UKMFR9","mode":%q,"carrier":{"name":%q},"proNumber":"P%s","eta":{"to":%q},"lines":[{"sku":%[1]q,"units":5}]}`,
		id, mode, carrier, mode, soon(14))
	call := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Idempotency-Key", id)
		w := httptest.NewRecorder()
		stack.HTTP().ServeHTTP(w, r)
		return w
	}
	require.Equal(t, http.StatusCreated, call("POST", "/v1/shipments", body).Code)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); stack.Run(ctx) }()
	defer func() { stop(); <-done }()
	var item struct {
		Lots []struct {
			Confidence *struct {
				Padding int `json:"paddingDays"`
			}
		}
	}
	require.Eventually(t, func() bool {
		w := call("GET", "/v1/items/A1PA6795UKMFR9/"+id, "")
		return w.Code == http.StatusOK && json.Unmarshal(w.Body.Bytes(), &item) == nil && len(item.Lots) == 1 && item.Lots[0].Confidence != nil
	}, 20*time.Second, 10*time.Millisecond)
	return item.Lots[0].Confidence.Padding
}
