package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Raw is an authentic body as a carrier sent it.
type Raw struct {
	Adapter string // which contract it follows
	Source  string // which of the seller's sources it came from
	Seller  supply.SellerID
	Body    []byte
}

// Kept is a body that was kept whole.
type Kept struct {
	Raw
	ID         string
	At         time.Time
	Unreadable bool // no adapter can read it; otherwise it waits to be worked off
}

// pendingKept is how long a body that waits, or has been worked off, is kept.
// Source: 14 days in the tracking queue and 14 in its dead-letter queue.
const pendingKept = 28 * 24 * time.Hour

// chunkBytes is the most of a packed body in one record.
const chunkBytes = 300 << 10

// unreadable is the place of all unreadable bodies in the by-seller index. No
// seller's name has capitals.
const unreadable = "Q#UNREADABLE"

// Keep stores a body that cannot be worked off now and returns the id under
// which TrackKept finds it. The same body of the same source has the same id.
func (e *Engine) Keep(ctx context.Context, now time.Time, r Raw) (id string, err error) {
	return e.keep(ctx, Kept{Raw: r, At: now})
}

// Quarantine stores an authentic body that cannot be read, for ever, and says so
// in the log, where an alarm counts it. The same body is kept once.
func (e *Engine) Quarantine(ctx context.Context, now time.Time, r Raw) (id string, err error) {
	id, err = e.keep(ctx, Kept{Raw: r, At: now, Unreadable: true})
	if err == nil {
		e.log.ErrorContext(ctx, "unreadable webhook kept", "adapter", r.Adapter, "source", r.Source, "id", id, "bytes", len(r.Body))
	}
	return id, err
}

// keep writes the chunks behind the first, then the first: a body whose first
// chunk is there is whole.
func (e *Engine) keep(ctx context.Context, k Kept) (id string, err error) {
	k.ID = k.Raw.id()
	packed := store.Pack(k.Body)
	chunks := (len(packed) + chunkBytes - 1) / chunkBytes
	for i := chunks - 1; i >= 0; i-- {
		part := packed[i*chunkBytes : min((i+1)*chunkBytes, len(packed))]
		r := store.Record{Key: store.RawKey(k.ID, chunkName(i)), Version: 1, Attrs: []store.Attr{store.Bytes("body", part)}}
		if !k.Unreadable {
			r.Expires = k.At.Add(pendingKept).Unix()
		}
		if i == 0 {
			k.describe(&r, chunks)
		}
		if _, _, err := e.store.Put(ctx, store.Write{Record: r, Expect: store.Anyhow}); err != nil {
			return "", fault.Wrap(err, "keeping a body")
		}
	}
	return k.ID, nil
}

// id names a body by its content, so that a provider's retries are one.
func (r *Raw) id() string {
	hash := sha256.New()
	for _, part := range []string{string(r.Seller), r.Adapter, r.Source} {
		hash.Write([]byte(part))
		hash.Write([]byte{0})
	}
	hash.Write(r.Body)
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

func chunkName(i int) string { return fmt.Sprintf("%03d", i) }

// describe completes the first chunk.
func (k *Kept) describe(r *store.Record, chunks int) {
	r.Attrs = append(r.Attrs, store.Text("adapter", k.Adapter), store.Text("source", k.Source), store.Text("seller", string(k.Seller)),
		store.Int("chunks", int64(chunks)), store.Int("at_unix_s", k.At.Unix()))
	if k.Unreadable {
		r.Attrs = append(r.Attrs, store.Int("unreadable", 1))
		r.Owner, r.OwnerSort = unreadable, k.ID
	}
}

// Kept returns a body that was kept, or fault.NotFound when there is none of the
// id, or its time has passed.
func (e *Engine) Kept(ctx context.Context, now time.Time, id string) (Kept, error) {
	first, err := e.store.Get(ctx, true, store.RawKey(id, chunkName(0)))
	if err != nil {
		return Kept{}, fault.Wrap(err, "reading a kept body")
	}
	r := &first[0]
	if r.Version == 0 || r.Expires != 0 && r.Expires <= now.Unix() {
		return Kept{}, fault.New(fault.NotFound, "NOT_KEPT", "no body is kept under the id %q", id)
	}
	packed := r.Attr("body").Bytes
	var keys []store.Key
	for i := 1; i < int(r.Attr("chunks").Int); i++ {
		keys = append(keys, store.RawKey(id, chunkName(i)))
	}
	rest, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return Kept{}, fault.Wrap(err, "reading a kept body")
	}
	for i := range rest {
		packed = append(packed, rest[i].Attr("body").Bytes...)
	}
	body, err := store.Unpack(packed)
	return Kept{
		Raw: Raw{Adapter: r.Attr("adapter").Text, Source: r.Attr("source").Text, Seller: supply.SellerID(r.Attr("seller").Text), Body: body},
		ID:  id, At: time.Unix(r.Attr("at_unix_s").Int, 0).UTC(), Unreadable: r.Attr("unreadable").Int != 0,
	}, fault.Wrap(err, "reading the kept body "+id)
}

// Unreadable returns a page of the ids of the bodies that no adapter could read,
// and where the next page begins; "" at the end.
func (e *Engine) Unreadable(ctx context.Context, next string) (ids []string, more string, err error) {
	page, more, err := e.store.List(ctx, store.Query{Index: store.ByOwner, Partition: unreadable, Next: next})
	for i := range page {
		ids = append(ids, page[i].OwnerSort)
	}
	return ids, more, fault.Wrap(err, "listing unreadable bodies")
}

// TrackKept works off a body that Keep stored: parse reads it by its adapter's
// contract. Working it off twice changes nothing. It returns fault.NotFound when
// the body is gone, what parse returned, and fault.Transient for what cannot be
// written now.
func (e *Engine) TrackKept(ctx context.Context, now time.Time, id string, parse func(adapter string, body []byte) ([]supply.Report, error)) error {
	k, err := e.Kept(ctx, now, id)
	if err != nil {
		return err
	}
	reports, err := parse(k.Adapter, k.Body)
	if err != nil {
		return fault.Wrap(err, "reading the kept body "+id)
	}
	units, err := byUnit(reports)
	if err != nil {
		return fault.Wrap(err, "reading the kept body "+id)
	}
	return e.track(ctx, now, k.Seller, units)
}
