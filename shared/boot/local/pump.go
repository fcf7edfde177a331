package local

import (
	"context"
	"log/slog"
	"time"

	"headstart/shared/store"
)

const (
	// changesTogether is how many changes a reader takes at once.
	changesTogether = 1000
	// readerTries is how often a batch of changes is tried before what still
	// fails is given up with an error in the log, as Lambda's bounded retries do:
	// one bad record must not stop all others for ever. With the pauses below
	// that is a quarter of an hour, longer than any passing trouble of a disk.
	readerTries = 200
	readerPause = 5 * time.Second
)

// reader carries committed changes to one handler, in order, at least once.
type reader struct {
	name   string
	feed   *feed
	source store.Store
	handle func(context.Context, []store.Change) (failed []string)
	log    *slog.Logger
}

// step handles one batch and reports whether there was one.
func (r *reader) step(ctx context.Context) (worked bool, err error) {
	cursor, err := r.feed.cursor(ctx, r.name)
	if err != nil {
		return false, err
	}
	changes, next, err := r.source.Changes(ctx, cursor, changesTogether)
	if err != nil || len(changes) == 0 {
		return false, err
	}
	for try := 1; ; try++ {
		failed := r.handle(ctx, changes)
		if len(failed) == 0 {
			break
		}
		changes = from(changes, failed)
		if try == readerTries {
			r.log.ErrorContext(ctx, "changes given up", "reader", r.name, "changes", len(failed), "id", failed[0])
			break
		}
		if err := sleep(ctx, min(readerPause, time.Duration(try*try)*10*time.Millisecond)); err != nil {
			return true, err
		}
	}
	return true, r.feed.advance(ctx, r.name, next)
}

// from returns the changes from the first failed one on, as a stream delivers
// them again.
func from(changes []store.Change, failed []string) []store.Change {
	for i := range changes {
		if changes[i].Sequence == failed[0] {
			return changes[i:]
		}
	}
	return changes
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
