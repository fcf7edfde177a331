// Package evaluate plays a company's own shipment history as it happened, and
// says how well the dates would have been kept: ours, and those of simpler ways
// to make a date of a carrier's ETA.
//
// Nothing is known before somebody had recorded it: a date is made with what was
// known when it was made, and the shipment teaches only afterwards.
package evaluate

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// trip is one shipment of a history. Times are days since any one day.
type trip struct {
	index  int      // in the history
	decide float64  // when a date was promised
	eta    float64  // the carrier's, at that time
	actual float64  // when it came
	reveal float64  // when that was recorded; nothing before may know it
	lane   []string // coarse to fine, without the one above all
	names  []string // the last part of each

	journey *journey            // while it is under way
	stated  [len(spans)]float64 // how sure ours was that it came so many days after its ETA
}

// late returns how many days after its ETA the shipment came.
func (t *trip) late() float64 { return t.actual - t.eta }

// days returns the same in whole days: who came within a day came by its end.
func (t *trip) days() int { return int(math.Ceil(t.late())) }

// historyColumns are what a history must have, in any order, and may have: the
// lane, coarse to fine.
var historyColumns = []string{"decide", "eta", "actual", "reveal"}

// maxLane is how many columns of the lane are used: n1, n2, n3.
const maxLane = 3

// readHistory reads a CSV file with the columns decide, eta, actual, reveal (in
// days) and n1, n2, n3 (mode, then finer), in order of decide. It returns
// fault.Invalid, naming the line and the column.
func readHistory(file string) (trips []trip, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "opening the history")
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "reading the history's first line")
	}
	at, lane, err := columns(header)
	if err != nil {
		return nil, err
	}
	for line := 2; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.As(fault.Invalid, err, "reading the history")
		}
		t, err := readTrip(row, at, lane)
		if err != nil {
			return nil, fault.Wrap(err, "line "+strconv.Itoa(line))
		}
		trips = append(trips, t)
	}
	slices.SortStableFunc(trips, func(a, b trip) int { return cmp.Compare(a.decide, b.decide) })
	for i := range trips {
		trips[i].index = i
	}
	return trips, nil
}

// columns finds where the history keeps what.
func columns(header []string) (at [4]int, lane []int, err error) {
	header = slices.Clone(header)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for i, name := range historyColumns {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return at, nil, fault.New(fault.Invalid, "INVALID_INPUT", "the history has no column %q; it needs %s, and n1, n2, n3 for the lane", name, strings.Join(historyColumns, ", "))
		}
	}
	for i := range maxLane {
		if n := slices.Index(header, "n"+strconv.Itoa(i+1)); n >= 0 {
			lane = append(lane, n)
		}
	}
	return at, lane, nil
}

func readTrip(row []string, at [4]int, lane []int) (t trip, err error) {
	for i, field := range []*float64{&t.decide, &t.eta, &t.actual, &t.reveal} {
		text := row[at[i]]
		if *field, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(*field) || math.Abs(*field) > 1e7 {
			return t, fault.New(fault.Invalid, "INVALID_INPUT", "%s %q is not a number of days", historyColumns[i], supply.Words(text, 40))
		}
	}
	t.reveal = max(t.reveal, t.actual) // nobody records what has not happened
	path := ""
	for _, i := range lane {
		path += "/" + strings.ReplaceAll(row[i], "/", "\u2215")
		t.lane, t.names = append(t.lane, path), append(t.names, row[i])
	}
	return t, nil
}

// Past is one shipment of a history. Times are days since any one day.
type Past struct {
	Decide, ETA, Actual, Reveal float64
	Names                       [maxLane]string // mode, then finer; "" where the history says no more
}

// Read returns a history in the order in which its dates were made, or
// fault.Invalid naming the line and the column.
func Read(file string) ([]Past, error) {
	trips, err := readHistory(file)
	past := make([]Past, len(trips))
	for i := range trips {
		t := &trips[i]
		past[i] = Past{Decide: t.decide, ETA: t.eta, Actual: t.actual, Reveal: t.reveal}
		copy(past[i].Names[:], t.names)
	}
	return past, err
}
