package evaluate

// Works by playing histories written here, whose right answers are plain, and
// the public ones beside the checkout, against the goals. It would catch a date
// that knows what nobody had recorded yet, a shipment scored twice or not at
// all, a goal that is missed, and a file that is read wrongly without a word.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/promise"
)

// written writes a history and returns its file.
func written(t *testing.T, header string, rows ...string) string {
	file := filepath.Join(t.TempDir(), "history.csv")
	require.NoError(t, os.WriteFile(file, []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600))
	return file
}

const header = "id,decide,eta,actual,reveal,n1,n2,n3"

// steady is a history of one shipment a day, each late by what late says.
func steady(n int, late func(i int) float64) (rows []string) {
	for i := range n {
		eta := float64(i + 14)
		rows = append(rows, fmt.Sprintf("S-%d,%d,%g,%g,%g,AIR,DE,ACME", i, i, eta, eta+late(i), eta+late(i)))
	}
	return rows
}

func TestShipmentsThatAreAlwaysOnTimeNeedNoPadding(t *testing.T) {
	r, err := File(t.Context(), written(t, header, steady(1000, func(int) float64 { return 0 })...), 0)
	require.NoError(t, err)
	require.Equal(t, 1000, r.Shipments)
	require.Equal(t, 700, r.Scored, "the first 300 only teach")
	require.Equal(t, Result{Kept: 100, WorstMode: 100, Opened: 100}, r.Ours)
	require.Equal(t, Result{Kept: 100, Padding: 7, Pinball: 0.35, WorstMode: 100, Opened: 100}, r.Fixed)
	require.Equal(t, 4, r.Lanes, "all, AIR, AIR/DE, AIR/DE/ACME")
}

func TestTheScoresAreWhatTheyAreCalled(t *testing.T) {
	r, err := File(t.Context(), written(t, header, steady(1300, func(i int) float64 { return float64(i % 10 / 9 * 10) })...), 0)
	require.NoError(t, err)
	// Every tenth shipment is ten days late.
	require.Equal(t, Result{Kept: 90, Padding: 0, Pinball: 0.95, WorstMode: 90, Opened: 100, Broken: 10}, r.Trust)
	require.Equal(t, Result{Kept: 90, Padding: 7, Pinball: 0.6, WorstMode: 90, Opened: 100, Broken: 10}, r.Fixed)
	require.Equal(t, Result{Kept: 100, Padding: 10, Pinball: 0.45, WorstMode: 100}, r.Lane)
	require.InDelta(t, 100, r.Ours.Kept, 0.2)
	require.Zero(t, r.Ours.Opened, "ten days are more than the gate allows")
}

// spy is a method that checks what it is told against the history.
type spy struct {
	t     *testing.T
	now   float64
	known map[int]bool
}

func (s *spy) date(t *trip) (int, bool) {
	require.GreaterOrEqual(s.t, t.decide, s.now)
	s.now = t.decide
	return 0, true
}
func (s *spy) dawn(day float64) {
	require.GreaterOrEqual(s.t, day, float64(int(s.now)))
	s.now = max(s.now, day)
}
func (s *spy) record(t *trip) {
	require.False(s.t, s.known[t.index])
	s.known[t.index] = true
	s.now = max(s.now, t.reveal)
}

func TestNothingIsKnownBeforeItIsRecorded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var trips []trip
	for i := range 500 {
		eta := float64(i)/3 + 5
		actual := eta + random.Float64()*20 - 5
		trips = append(trips, trip{index: i, decide: float64(i) / 3, eta: eta, actual: actual, reveal: actual + random.Float64()*5})
	}
	s := &spy{t: t, known: make(map[int]bool)}
	dated := 0
	err := walk(t.Context(), trips, []method{s}, func(_ int, asked *trip, _ int, _ bool) {
		dated++
		for i := range trips {
			require.Equal(t, trips[i].reveal <= asked.decide && i < asked.index, s.known[i])
		}
	})
	require.NoError(t, err)
	require.Equal(t, 500, dated)
}

func TestAnEvaluationCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := File(ctx, written(t, header, steady(400, func(int) float64 { return 0 })...), 0)
	require.ErrorIs(t, err, context.Canceled)
}

func TestAHistoryThatCannotBeReadIsRefusedByLineAndColumn(t *testing.T) {
	for want, rows := range map[string][]string{
		`no column "reveal"`:    {"decide,eta,actual"},
		`line 3: actual "soon"`: {header, "a,1,2,3,3,x,y,z", "b,1,2,soon,3,x,y,z"},
		`line 2: eta "NaN"`:     {header, "a,1,NaN,3,3,x,y,z"},
		`line 2: decide "1e30"`: {header, "a,1e30,2,3,3,x,y,z"},
		"wrong number":          {header, "a,1,2"},
		"first 300":             {header, "a,1,2,3,3,x,y,z"},
		"first line":            {""},
	} {
		file := written(t, rows[0], rows[1:]...)
		if rows[0] == "" {
			require.NoError(t, os.WriteFile(file, nil, 0o600))
		}
		_, err := File(t.Context(), file, 0)
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", want, err)
		require.ErrorContains(t, err, want)
	}
	_, err := File(t.Context(), filepath.Join(t.TempDir(), "none.csv"), 0)
	require.True(t, fault.Is(err, fault.Invalid))
}

func TestColumnsMayStandInAnyOrderAndTheLaneMayBeShort(t *testing.T) {
	rows := []string{}
	for i := range 400 {
		rows = append(rows, fmt.Sprintf("%d,SEA/X,%d,%d,%d", i+20, i, i+20, i+20))
	}
	trips, err := readHistory(written(t, "\ufeffactual,n1,decide,eta,reveal", rows...))
	require.NoError(t, err)
	require.Len(t, trips, 400)
	require.Equal(t, trip{index: 7, decide: 7, eta: 27, actual: 27, reveal: 27, lane: []string{"/SEA\u2215X"}, names: []string{"SEA/X"}}, trips[7])
}

// history returns a public history that lies beside the checkout.
func history(t *testing.T, name string) string {
	file := filepath.Join("../../../shared/data", name)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skipf("the public history %s is not beside this checkout", name)
	}
	return file
}

// The goals were set for scms14 before the method was finished; nothing in it was
// chosen on the part that is scored here.
func TestTheGoalsAreMetOnThePublicHistory(t *testing.T) {
	r, err := File(t.Context(), history(t, "scms14.csv"), 0.4)
	require.NoError(t, err)
	var table bytes.Buffer
	require.NoError(t, r.Print(&table, 0))
	t.Log("\n" + table.String())

	require.Equal(t, 3580, r.Scored)
	require.InDelta(t, 80.8, r.Trust.Kept, 0.1, "as published")
	require.InDelta(t, 3.82, r.Trust.Pinball, 0.01, "as published")
	require.GreaterOrEqual(t, r.Ours.Kept, 93.5)
	require.LessOrEqual(t, r.Ours.Pinball, 2.11)
	require.GreaterOrEqual(t, r.Ours.WorstMode, 85.0)
	require.GreaterOrEqual(t, r.Ours.Opened, 44.0)
	require.LessOrEqual(t, r.Ours.Broken, 3.2)
	for _, b := range r.Calibration {
		if b.From >= 95 {
			require.InDelta(t, b.True, b.Stated, 2, "what is stated from %g %% up is true", b.From)
		}
	}
	require.LessOrEqual(t, promise.NodeBytes, 1024)
}

func TestALaterPromiseIsABetterOne(t *testing.T) {
	early, err := File(t.Context(), history(t, "scms14.csv"), 0.4)
	require.NoError(t, err)
	later, err := File(t.Context(), history(t, "scms7.csv"), 0.4)
	require.NoError(t, err)
	require.Less(t, later.Ours.Pinball, early.Ours.Pinball, "a week before the ETA more is known than two weeks before")
	require.GreaterOrEqual(t, later.Ours.Kept, 93.5)
}
