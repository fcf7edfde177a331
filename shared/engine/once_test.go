package engine

// These tests make writes of the API against a store that loses races and
// replies on purpose, and count what they did. They would catch a retry that
// acts twice, an answer that is kept without its effect, and a key that lets a
// second request pass.

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
)

var counterKey = store.Key{Partition: "Z#counter", Sort: "COUNTER"}

// count is an attempt that raises a counter by one and answers with it.
func (e *Engine) count(ctx context.Context) ([]store.Write, Answer, error) {
	known, err := e.store.Get(ctx, true, counterKey)
	if err != nil {
		return nil, Answer{}, err
	}
	next := known[0].Version + 1
	return []store.Write{{Record: store.Record{Key: counterKey, Version: next}, Expect: known[0].Version}},
		Answer{Status: 200, Body: fmt.Append(nil, next)}, nil
}

func (e *Engine) counted(t *testing.T) int64 {
	records, err := e.store.Get(context.Background(), true, counterKey)
	require.NoError(t, err)
	return records[0].Version
}

func asking(t *testing.T, key, body string) Once {
	o, err := NewOnce("acme", key, "POST", "/v1/shipments", []byte(body))
	require.NoError(t, err)
	return o
}

// lossy commits and then says it does not know, lose times.
type lossy struct {
	store.Store
	lose int
}

func (s *lossy) PutAll(ctx context.Context, writes []store.Write) (bool, error) {
	ok, err := s.Store.PutAll(ctx, writes)
	if s.lose > 0 {
		s.lose--
		return false, fault.New(fault.Transient, "LOST_REPLY", "the reply was lost")
	}
	return ok, err
}

func TestTheSameRequestHasOneEffectAndOneAnswer(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for range 3 {
		answer, err := e.write(ctx, monday, asking(t, "k1", "{}"), e.count)
		require.NoError(t, err)
		require.Equal(t, Answer{Status: 200, Body: []byte("1")}, answer)
	}
	answer, err := e.write(ctx, monday, asking(t, "k2", "{}"), e.count)
	require.NoError(t, err)
	require.Equal(t, []byte("2"), answer.Body)
	require.Equal(t, int64(2), e.counted(t))
}

func TestAKeyUsedForAnotherRequestIsAConflict(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	_, err := e.write(ctx, monday, asking(t, "k1", "{}"), e.count)
	require.NoError(t, err)
	for _, other := range []Once{asking(t, "k1", "{ }"), must(NewOnce("acme", "k1", "PUT", "/v1/shipments", []byte("{}"))), must(NewOnce("acme", "k1", "POST", "/v1/shipment", []byte("s{}")))} {
		_, err := e.write(ctx, monday, other, e.count)
		require.Equal(t, fault.Conflict, fault.Of(err))
		require.Equal(t, "IDEMPOTENCY_KEY_REUSED", err.(*fault.Error).Code)
	}
	_, err = e.write(ctx, monday, must(NewOnce("other", "k1", "PUT", "/", nil)), e.count)
	require.NoError(t, err, "another seller's keys are its own")
	require.Equal(t, int64(2), e.counted(t))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAnAnswerIsForgottenAfter28DaysToTheSecond(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	for _, c := range []struct {
		after   time.Duration
		counter string
	}{{0, "1"}, {28*24*time.Hour - time.Second, "1"}, {28 * 24 * time.Hour, "2"}, {29 * 24 * time.Hour, "2"}} {
		answer, err := e.write(ctx, monday.Add(c.after), asking(t, "k1", "{}"), e.count)
		require.NoError(t, err)
		require.Equal(t, c.counter, string(answer.Body), c.after)
	}
}

func TestALostReplyIsNoSecondEffect(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.store = &lossy{e.store, 1}
	answer, err := e.write(ctx, monday, asking(t, "k1", "{}"), e.count)
	require.NoError(t, err)
	require.Equal(t, "1", string(answer.Body))
	require.Equal(t, int64(1), e.counted(t))
}

func TestTheSameRequestTwiceAtOnceHasTheAnswerOfTheFirst(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	tries := 0
	answer, err := e.write(ctx, monday, asking(t, "k1", "{}"), func(ctx context.Context) ([]store.Write, Answer, error) {
		tries++
		first, err := e.write(ctx, monday, asking(t, "k1", "{}"), e.count)
		require.NoError(t, err)
		require.Equal(t, "1", string(first.Body))
		return []store.Write{{Record: store.Record{Key: counterKey, Version: 9}, Expect: store.Anyhow}}, Answer{Status: 200, Body: []byte("9")}, nil
	})
	require.NoError(t, err)
	require.Equal(t, "1", string(answer.Body))
	require.Equal(t, int64(1), e.counted(t))
	require.Equal(t, 1, tries)
}

func TestARefusedWriteKeepsNothingUnderItsKey(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	_, err := e.write(ctx, monday, asking(t, "k1", "{}"), func(context.Context) ([]store.Write, Answer, error) {
		return nil, Answer{}, fault.New(fault.Refused, "NO", "not now")
	})
	require.Equal(t, fault.Refused, fault.Of(err))
	_, err = e.write(ctx, monday, asking(t, "k1", "{}"), e.count)
	require.NoError(t, err)
}

func TestWritersOfOneRecordAllSucceedAndTheSameRequestCountsOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.random = func() uint64 { return 7 }
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			for { // a caller retries what was transient
				_, err := e.write(ctx, monday, asking(t, fmt.Sprint("k", i%6), "{}"), e.count)
				if !fault.Is(err, fault.Transient) {
					require.NoError(t, err)
					return
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, int64(6), e.counted(t))
}

func TestARaceLostTooOftenIsTransient(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	tries := 0
	_, err := e.write(ctx, monday, asking(t, "k1", "{}"), func(context.Context) ([]store.Write, Answer, error) {
		tries++
		return []store.Write{{Record: store.Record{Key: counterKey, Version: 2}, Expect: 1}}, Answer{Status: 200}, nil
	})
	require.Equal(t, fault.Transient, fault.Of(err))
	require.Equal(t, maxAttempts, tries)
}

func TestAnAnswerTooLargeToKeepIsRefusedBeforeAnyEffect(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	noise := make([]byte, store.MaxRecordBytes)
	_, _ = rand.Read(noise)
	_, err := e.write(ctx, monday, asking(t, "k1", "{}"), func(ctx context.Context) ([]store.Write, Answer, error) {
		writes, _, err := e.count(ctx)
		return writes, Answer{Status: 200, Body: noise}, err
	})
	require.Equal(t, fault.TooLarge, fault.Of(err))
	require.Zero(t, e.counted(t))
}

func TestAKeyMustBeGivenAndReadable(t *testing.T) {
	for key, code := range map[string]string{"": "IDEMPOTENCY_KEY_REQUIRED", strings.Repeat("k", 256): "INVALID_INPUT", "k\n": "INVALID_INPUT", "ü": "INVALID_INPUT"} {
		_, err := NewOnce("acme", key, "POST", "/", nil)
		require.Equal(t, fault.Invalid, fault.Of(err), "%q", key)
		require.Equal(t, code, err.(*fault.Error).Code, "%q", key)
	}
	_, err := NewOnce("acme", strings.Repeat("k", 255), "POST", "/", nil)
	require.NoError(t, err)
}
