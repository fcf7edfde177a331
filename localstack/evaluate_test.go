package main

// Works by evaluating a history written here through the command itself. It
// would catch a flag that is not heard and a JSON that a script cannot read.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

func TestEvaluatePrintsATableOrOneObject(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("id,decide,eta,actual,reveal,n1,n2,n3\n")
	for i := range 1000 {
		fmt.Fprintf(&rows, "S-%d,%d,%d,%d,%d,AIR,DE,ACME\n", i, i, i+14, i+14+i%2, i+15)
	}
	file := filepath.Join(t.TempDir(), "history.csv")
	require.NoError(t, os.WriteFile(file, []byte(rows.String()), 0o600))

	var table, object bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"evaluate", file}, &table))
	require.Regexp(t, `trust the ETA +50\.0 `, table.String())
	require.Contains(t, table.String(), "700 of 1000 shipments scored")

	require.NoError(t, run(t.Context(), []string{"evaluate", "-from", "0.4", file, "-from", "0.5", "-json"}, &object))
	var report map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object.Bytes(), &report))
	require.JSONEq(t, "500", string(report["scored"]), "of a repeated flag the last counts")
	for _, name := range []string{"ours", "trust", "fixed", "global", "lane"} {
		var row map[string]float64
		require.NoError(t, json.Unmarshal(report[name], &row), name)
		for _, figure := range []string{"kept95", "pad95", "pinball95", "worstMode95", "opened", "broken"} {
			require.Contains(t, row, figure)
		}
	}

	for _, args := range [][]string{{}, {file, file}, {file, "-from", "1"}, {file, "-from", "-0.1"}, {file, "-from", "NaN"}} {
		require.True(t, fault.Is(run(t.Context(), append([]string{"evaluate"}, args...), &table), fault.Invalid), "%v", args)
	}
}
