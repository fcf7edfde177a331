package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// result is what came of one post.
type result struct {
	name     string
	status   int // 0 without an answer
	accepted bool
	bytes    int
	took     time.Duration
	reply    []byte
	err      error
}

// tally counts results and shows how far they are: as a bar where somebody
// watches, as a line now and then where not.
type tally struct {
	out      io.Writer
	progress io.Writer
	watched  bool
	total    int
	start    time.Time

	mu       sync.Mutex
	count    int
	refused  int
	replied  int
	bytes    int64
	statuses map[int]int
	took     []time.Duration
	shown    time.Time
}

// newTally begins a count of total posts.
func newTally(out io.Writer, progress *os.File, total int) *tally {
	info, err := progress.Stat()
	now := time.Now()
	return &tally{out: out, progress: progress, watched: err == nil && info.Mode()&os.ModeCharDevice != 0, total: total, start: now, shown: now,
		statuses: make(map[int]int)}
}

// answered returns how many posts got an answer so far.
func (t *tally) answered() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.replied
}

// add counts a result; one that was not accepted is printed.
func (t *tally) add(r result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	t.bytes += int64(r.bytes)
	t.statuses[r.status]++
	t.took = append(t.took, r.took)
	if r.status != 0 {
		t.replied++
	}
	if !r.accepted {
		t.refused++
		t.clear()
		fmt.Fprintln(t.out, r)
	}
	t.show()
}

// String returns a result as one line.
func (r result) String() string {
	if r.err != nil {
		return fmt.Sprintf("%s: no answer: %v", r.name, r.err)
	}
	reply := strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(r.reply), "?"), func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) }), " ")
	return strings.TrimSpace(fmt.Sprintf("%s: %d %s", r.name, r.status, reply))
}

// How often progress is shown.
const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 5 * time.Second
	barWidth  = 30
)

// show shows the progress when it is due.
func (t *tally) show() {
	now := time.Now()
	every := lineEvery
	if t.watched {
		every = barEvery
	}
	if now.Sub(t.shown) < every {
		return
	}
	t.shown = now
	rate := float64(t.count) / now.Sub(t.start).Seconds()
	left := time.Duration(float64(t.total-t.count) / rate * float64(time.Second)).Round(time.Second)
	line := fmt.Sprintf("%d of %d sent, %d not accepted, %.0f/s, %s left", t.count, t.total, t.refused, rate, left)
	if !t.watched {
		fmt.Fprintln(t.progress, line)
		return
	}
	done := barWidth * t.count / t.total
	fmt.Fprintf(t.progress, "\r\033[K[%s%s] %s", strings.Repeat("#", done), strings.Repeat(".", barWidth-done), line)
}

// clear takes the bar away, so that a line can stand in its place.
func (t *tally) clear() {
	if t.watched {
		fmt.Fprint(t.progress, "\r\033[K")
	}
}

// summary prints what came of everything that was sent to an address.
func (t *tally) summary(to string, success int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	if t.count == 0 {
		return
	}
	span := time.Since(t.start)
	fmt.Fprintf(t.out, "%d of %d sent to %s: %d bytes in %s, %.1f/s\n", t.count, t.total, to, t.bytes, span.Round(time.Millisecond), float64(t.count)/span.Seconds())
	for _, status := range slices.Sorted(maps.Keys(t.statuses)) {
		says := fmt.Sprint(status)
		switch status {
		case 0:
			says = "no answer"
		case success:
			says += ", the provider's success"
		}
		fmt.Fprintf(t.out, "%8d  %s\n", t.statuses[status], says)
	}
	slices.Sort(t.took)
	fmt.Fprintf(t.out, "latency: p50 %s, p95 %s, max %s\n", shownTime(quantile(t.took, 50)), shownTime(quantile(t.took, 95)), shownTime(t.took[len(t.took)-1]))
}

func shownTime(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// quantile returns the smallest of sorted times that so many percent do not
// exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
