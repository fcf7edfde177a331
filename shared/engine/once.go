package engine

import (
	"context"
	"crypto/sha256"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Once names one write of the API for ever: the same seller, key and request
// have one effect and one answer, however often they are sent.
type Once struct {
	Seller supply.SellerID
	Key    string   // the Idempotency-Key header, 1 to 255 printable ASCII characters
	Hash   [32]byte // of the request, so that a key used for two requests is noticed
}

// NewOnce returns the Once of a request. It returns fault.Invalid for a key that
// is missing or malformed.
func NewOnce(seller supply.SellerID, key, method, path string, body []byte) (Once, error) {
	if key == "" {
		return Once{}, fault.New(fault.Invalid, "IDEMPOTENCY_KEY_REQUIRED", "the header Idempotency-Key is required on every write; send a fresh value per write and the same one on a retry")
	}
	if len(key) > 255 {
		return Once{}, fault.New(fault.Invalid, "INVALID_INPUT", "the header Idempotency-Key has %d characters; at most 255 are allowed", len(key))
	}
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return Once{}, fault.New(fault.Invalid, "INVALID_INPUT", "the header Idempotency-Key may hold printable ASCII characters only")
		}
	}
	hash := sha256.New()
	for _, part := range []string{method, path} {
		hash.Write([]byte(part))
		hash.Write([]byte{0})
	}
	hash.Write(body)
	return Once{Seller: seller, Key: key, Hash: [32]byte(hash.Sum(nil))}, nil
}

// Answer is what the API says to a request.
type Answer struct {
	Status int
	Body   []byte // JSON
}

// answerKept is how long the answer to a key is kept. Source: design section 3.
const answerKept = 28 * 24 * time.Hour

// write makes one write of the API durable: what attempt wants to change and
// the answer to the key are committed together or not at all. A key that was
// answered before gets that answer again. attempt runs once more after a lost
// race or an unknown outcome, so it must read what it changes each time.
//
// It returns fault.Conflict for a key that was used for another request, what
// attempt returned, and fault.Transient when every race was lost.
func (e *Engine) write(ctx context.Context, now time.Time, once Once,
	attempt func(context.Context) ([]store.Write, Answer, error)) (Answer, error) {
	for try := range maxAttempts {
		if err := e.pause(ctx, try); err != nil {
			return Answer{}, err
		}
		known, err := e.answered(ctx, now, once)
		if err != nil || known.answer.Status != 0 {
			return known.answer, err
		}
		writes, answer, err := attempt(ctx)
		if err != nil {
			return Answer{}, err
		}
		keep, err := onceWrite(once, answer, known.version, now)
		if err != nil {
			return Answer{}, err
		}
		ok, err := e.store.PutAll(ctx, append(writes, keep))
		if ok {
			return answer, nil
		}
		if err != nil && !fault.Is(err, fault.Transient) {
			return Answer{}, fault.Wrap(err, "writing under the idempotency key "+once.Key)
		}
	}
	return Answer{}, fault.New(fault.Transient, "BUSY", "others kept changing the same record; send the request again under the same Idempotency-Key")
}

// answered is what is stored under a key: its answer when there is a live one,
// and the version that a new answer replaces.
type answered struct {
	answer  Answer
	version int64
}

func (e *Engine) answered(ctx context.Context, now time.Time, once Once) (answered, error) {
	records, err := e.store.Get(ctx, true, store.IdempotencyKey(once.Seller, once.Key))
	if err != nil {
		return answered{}, fault.Wrap(err, "reading the idempotency key "+once.Key)
	}
	r := &records[0]
	if r.Version == 0 || r.Expires <= now.Unix() {
		return answered{version: r.Version}, nil
	}
	if string(r.Attr("hash").Bytes) != string(once.Hash[:]) {
		return answered{}, fault.New(fault.Conflict, "IDEMPOTENCY_KEY_REUSED", "the Idempotency-Key %q was used for another request; send a fresh one", once.Key)
	}
	body, err := store.Unpack(r.Attr("body").Bytes)
	if err != nil {
		return answered{}, fault.Wrap(err, "reading the answer to the idempotency key "+once.Key)
	}
	return answered{Answer{Status: int(r.Attr("status").Int), Body: body}, r.Version}, nil
}

// onceWrite keeps the answer under its key in place of an expired one.
func onceWrite(once Once, a Answer, replaces int64, now time.Time) (store.Write, error) {
	w := store.Write{Expect: replaces, Record: store.Record{
		Key: store.IdempotencyKey(once.Seller, once.Key), Version: replaces + 1, Expires: now.Add(answerKept).Unix(),
		Attrs: []store.Attr{store.Bytes("hash", once.Hash[:]), store.Int("status", int64(a.Status)), store.Bytes("body", store.Pack(a.Body))},
	}}
	if size := w.Record.Size(); size > store.MaxRecordBytes {
		return w, fault.New(fault.TooLarge, "TOO_LARGE", "the answer would have %d bytes packed, more than the %d that can be kept; send less in one request", size, store.MaxRecordBytes)
	}
	return w, nil
}
