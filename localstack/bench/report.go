package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	out    io.Writer
	rows   []row

	compared int     // single-item writes whose units DynamoDB Local reported
	agreed   float64 // those units, which our meter counted the same
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
	b.say("bench: seed %d, %d orders a case", b.seed, b.orders)
	if b.endpoint == "" {
		b.say("No HEADSTART_DYNAMODB_ENDPOINT: Headstart runs on its store in memory, the peers on a table in their client's\n" +
			"middleware. Units, calls and answers are counted; client CPU is not compared, and allocations are without the\n" +
			"client's. .ci/dynamodb-local CMD runs CMD with an endpoint.")
	} else {
		b.say("All schemes run against DynamoDB Local at %s. Client CPU and allocations are this process's, in turns of one\n"+
			"batch a scheme with nothing metered, medians of the rounds.", b.endpoint)
	}
	b.say("Write units go by DynamoDB's published rules, index writes included, lost conditions billed, cancelled transactions\n" +
		"billed in full. A goal is an upper bound; the floor is items touched / orders + entry bytes / 1024.\n")
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

// sort puts ours first in each case; the cases stay in the order they were run.
func (b *bench) sort() {
	at := make(map[string]int)
	for i := range schemes {
		at[schemes[i].name] = i
	}
	for _, r := range b.rows {
		if at[r.Case] == 0 {
			at[r.Case] = len(at)
		}
	}
	slices.SortStableFunc(b.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(at[a.Case], at[b.Case]), cmp.Compare(at[a.Scheme], at[b.Scheme]))
	})
}

func (b *bench) print() {
	if b.compared > 0 {
		b.say("The meter counted the same %.0f write units as DynamoDB Local for %d single-item writes.", b.agreed, b.compared)
	}
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
