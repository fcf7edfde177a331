package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"headstart/shared/fault"
)

// row is one figure. Value is null where it was not measured, Goal where there
// is none; a goal is an upper bound.
type row struct {
	Case   string   `json:"case"`
	Scheme string   `json:"scheme"`
	Metric string   `json:"metric"`
	Value  *float64 `json:"value"`
	Goal   *float64 `json:"goal"`

	timed bool // a time, or a ratio of times: neighbours move it, so it fails no run
}

func (r *row) verdict() string {
	switch {
	case r.Goal == nil:
		return ""
	case r.Value == nil:
		return "not measured"
	case *r.Value <= *r.Goal:
		return "ok"
	}
	return "MISSED"
}

// bench gathers the figures of one run.
type bench struct {
	place
	orders int
	out    interface{ Write([]byte) (int, error) }
	rows   []row
}

func (b *bench) add(name, scheme, metric string, value float64) *row {
	b.rows = append(b.rows, row{Case: name, Scheme: scheme, Metric: metric, Value: &value})
	return &b.rows[len(b.rows)-1]
}

func (r *row) atMost(goal float64) *row {
	r.Goal = &goal
	return r
}

// say prints a remark.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.out, format+"\n", args...) }

func (b *bench) introduce() {
	where := "all schemes run against DynamoDB Local at " + b.endpoint
	if b.endpoint == "" {
		where = "no HEADSTART_DYNAMODB_ENDPOINT: Headstart runs on its store in memory, the peers on a table in their client's\n" +
			"middleware; units, calls and answers are counted, client CPU is not compared; .ci/dynamodb-local starts an endpoint"
	}
	b.say("bench: seed %d, %d orders a case\n%s\n", b.seed, b.orders, where)
}

func figure(v *float64) string {
	switch {
	case v == nil:
		return "-"
	case *v >= 1000:
		return fmt.Sprintf("%.0f", *v)
	}
	return fmt.Sprintf("%.4g", *v)
}

func (b *bench) print() {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ncase\tscheme\tmetric\tvalue\tgoal\tok")
	for i := range b.rows {
		r := &b.rows[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Case, r.Scheme, r.Metric, figure(r.Value), figure(r.Goal), r.verdict())
	}
	_ = w.Flush() // what is printed is in the file as well
}

func (b *bench) write(file string) error {
	if file == "" {
		return nil
	}
	raw, err := json.MarshalIndent(b.rows, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err, "encoding the figures")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fault.As(fault.Invalid, err, "creating the folder of -out")
	}
	return fault.As(fault.Invalid, os.WriteFile(file, append(raw, '\n'), 0o644), "writing -out")
}

// missed returns an error when a goal that is a count was missed.
func (b *bench) missed() error {
	n := 0
	for i := range b.rows {
		if !b.rows[i].timed && b.rows[i].verdict() == "MISSED" {
			n++
		}
	}
	if n > 0 {
		return fault.New(fault.Refused, "MISSED", "%d goals that are counts were missed", n)
	}
	return nil
}
