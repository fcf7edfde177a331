package evaluate

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"headstart/shared/fault"
)

// unscored is how many first shipments of a history only teach.
// Source: reference "arrival", A2.
const unscored = 300

// Report is what an evaluation found.
type Report struct {
	Ours   Result `json:"ours"`
	Trust  Result `json:"trust"`  // the carrier's ETA as it is
	Fixed  Result `json:"fixed"`  // the ETA and 7 days
	Global Result `json:"global"` // the quantile of all lateness so far
	Lane   Result `json:"lane"`   // that of the finest lane with at least 20 shipments

	Calibration []Band `json:"calibration"` // of ours
	Shipments   int    `json:"shipments"`   // in the history
	Scored      int    `json:"scored"`
	Lanes       int    `json:"lanes"` // nodes that ours learnt
}

// File evaluates a history file and scores the shipments after the part from of
// it, 0 to 1, but never the first 300. It returns fault.Invalid for a file that
// cannot be read or is too short.
func File(ctx context.Context, file string, from float64) (Report, error) {
	trips, err := readHistory(file)
	if err != nil {
		return Report{}, err
	}
	first := max(unscored, int(from*float64(len(trips))))
	if first >= len(trips) {
		return Report{}, fault.New(fault.Invalid, "INVALID_INPUT", "the history has %d shipments; the first %d of them are not scored", len(trips), first)
	}
	own := newOurs()
	methods := []method{own, trust{}, trust{days: 7}, &quantile{seen: make(map[string]*tally)}, &quantile{lanes: true, seen: make(map[string]*tally)}}
	scores := make([]score, len(methods))
	for i := range scores {
		scores[i].modes = make(map[string]*[2]int)
	}
	err = walk(ctx, trips, methods, func(k int, t *trip, padding int, open bool) {
		if t.index < first {
			return
		}
		scores[k].add(t, padding, open)
		if k == 0 {
			own.stated.add(t)
		}
	})
	if err != nil {
		return Report{}, err
	}
	return Report{
		Ours: scores[0].result(), Trust: scores[1].result(), Fixed: scores[2].result(), Global: scores[3].result(), Lane: scores[4].result(),
		Calibration: own.stated.bands(), Shipments: len(trips), Scored: len(trips) - first, Lanes: len(own.nodes),
	}, nil
}

// Print writes the report as a table. spent is how long the whole evaluation
// took; zero leaves the line out.
func (r Report) Print(out io.Writer, spent time.Duration) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "method\tkept %\tdays added\tpinball\tworst mode %\topened %\tof those broken %\t")
	for _, row := range []struct {
		name string
		Result
	}{
		{"ours", r.Ours}, {"trust the ETA", r.Trust}, {"ETA + 7 days", r.Fixed}, {"global quantile", r.Global}, {"lane quantile", r.Lane},
	} {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f\t%.1f\t%.1f\t%.1f\t\n", row.name, row.Kept, row.Padding, row.Pinball, row.WorstMode, row.Opened, row.Broken)
	}
	if err := w.Flush(); err != nil {
		return fault.As(fault.Internal, err, "printing")
	}
	fmt.Fprintf(out, "\nlevel 95 %%, %d of %d shipments scored, %d lanes learnt\n\n", r.Scored, r.Shipments, r.Lanes)
	fmt.Fprintln(w, "stated from %\tcases\tstated %\ttrue %\t")
	for _, b := range r.Calibration {
		fmt.Fprintf(w, "%.0f\t%d\t%.1f\t%.1f\t\n", b.From, b.Count, b.Stated, b.True)
	}
	if err := w.Flush(); err != nil {
		return fault.As(fault.Internal, err, "printing")
	}
	if spent > 0 {
		fmt.Fprintf(out, "\n%s a shipment, all methods and the reading of the file included\n", spent/time.Duration(r.Shipments))
	}
	return nil
}
