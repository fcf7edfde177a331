package engine

import (
	"cmp"
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
	ID     string
	At     time.Time // when it came, UTC
	Reason string    // why it cannot be read; "" for a body that waits to be worked off
	bytes  int       // of the body
	chunks int       // records that hold it
}

// Read is what an adapter found in a body.
type Read struct {
	Reports   []supply.Report
	Manifests []supply.Manifest
}

// Reader reads a body by the contract of the named adapter. An error means that
// not all of it can be read, ever; what can be is returned beside it.
type Reader func(adapter string, body []byte) (Read, error)

// pendingKept is how long a body that waits, or has been worked off, is kept.
// Source: 14 days in the tracking queue and 14 in its dead-letter queue.
const pendingKept = 28 * 24 * time.Hour

// The first record of a body is read for every line of a list, so it is small.
const (
	firstBytes = 4 << 10
	chunkBytes = 300 << 10
)

// Keep stores a body that cannot be worked off now and returns the id under
// which TrackKept finds it. The same body of the same source has the same id.
func (e *Engine) Keep(ctx context.Context, now time.Time, r Raw) (id string, err error) {
	k := Kept{Raw: r, ID: r.id("waiting"), At: now}
	return k.ID, e.keep(ctx, k)
}

// id names a body by its content and by why it is kept, so that a provider's
// retries are one and a body that waits never displaces one that a person must
// look at.
func (r *Raw) id(why string) string {
	hash := sha256.New()
	for _, part := range []string{why, string(r.Seller), r.Adapter, r.Source} {
		hash.Write([]byte(part))
		hash.Write([]byte{0})
	}
	hash.Write(r.Body)
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// keep writes the chunks behind the first, then the first: a body whose first
// chunk is there is whole.
func (e *Engine) keep(ctx context.Context, k Kept) error {
	packed := store.Pack(k.Body)
	chunks := [][]byte{packed[:min(firstBytes, len(packed))]}
	for rest := packed[len(chunks[0]):]; len(rest) > 0; rest = rest[len(chunks[len(chunks)-1]):] {
		chunks = append(chunks, rest[:min(chunkBytes, len(rest))])
	}
	for i := len(chunks) - 1; i >= 0; i-- {
		r := store.Record{Key: store.RawKey(k.ID, chunkName(i)), Version: 1, Attrs: []store.Attr{store.Bytes("body", chunks[i])}}
		if k.Reason == "" {
			r.Expires = k.At.Add(pendingKept).Unix()
		}
		if i == 0 {
			k.describe(&r, len(chunks))
		}
		if _, _, err := e.store.Put(ctx, store.Write{Record: r, Expect: store.Anyhow}); err != nil {
			return fault.Wrap(err, "keeping a body")
		}
	}
	return nil
}

func chunkName(i int) string { return fmt.Sprintf("%03d", i) }

// describe completes the first chunk.
func (k *Kept) describe(r *store.Record, chunks int) {
	r.Attrs = append(r.Attrs, store.Text("adapter", k.Adapter), store.Text("source", k.Source), store.Text("seller", string(k.Seller)),
		store.Int("chunks", int64(chunks)), store.Int("bytes", int64(len(k.Body))), store.Int("at_unix_s", k.At.Unix()))
	if k.Reason != "" {
		r.Attrs = append(r.Attrs, store.Text("reason", k.Reason))
		r.Owner, r.OwnerSort = quarantine(k.Seller), newestFirst(k.At, k.ID)
	}
}

// described reads what describe wrote; Body is the first chunk.
func described(id string, r *store.Record) Kept {
	return Kept{
		Raw: Raw{Adapter: r.Attr("adapter").Text, Source: r.Attr("source").Text, Seller: supply.SellerID(r.Attr("seller").Text), Body: r.Attr("body").Bytes},
		ID:  id, At: time.Unix(r.Attr("at_unix_s").Int, 0).UTC(), Reason: r.Attr("reason").Text,
		bytes: int(r.Attr("bytes").Int), chunks: int(r.Attr("chunks").Int),
	}
}

// firstOf returns what the first chunk of a body holds, or fault.NotFound.
func (e *Engine) firstOf(ctx context.Context, now time.Time, id string) (Kept, error) {
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 {
		return Kept{}, notKept(id)
	}
	first, err := e.store.Get(ctx, true, store.RawKey(id, chunkName(0)))
	if err != nil {
		return Kept{}, fault.Wrap(err, "reading a kept body")
	}
	if r := &first[0]; r.Version == 0 || r.Expires != 0 && r.Expires <= now.Unix() {
		return Kept{}, notKept(id)
	}
	return described(id, &first[0]), nil
}

func notKept(id string) error {
	return fault.New(fault.NotFound, "NOT_FOUND", "no body is kept under the id %q", supply.Words(id, 40))
}

// restOf completes what firstOf returned.
func (e *Engine) restOf(ctx context.Context, k Kept) (Kept, error) {
	var keys []store.Key
	for i := 1; i < k.chunks; i++ {
		keys = append(keys, store.RawKey(k.ID, chunkName(i)))
	}
	rest, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return Kept{}, fault.Wrap(err, "reading a kept body")
	}
	packed := k.Body
	for i := range rest {
		packed = append(packed, rest[i].Attr("body").Bytes...)
	}
	k.Body, err = store.Unpack(packed)
	return k, fault.Wrap(err, "reading the kept body "+k.ID)
}

// Kept returns a body that was kept, or fault.NotFound when there is none of the
// id, or its time has passed.
func (e *Engine) Kept(ctx context.Context, now time.Time, id string) (Kept, error) {
	k, err := e.firstOf(ctx, now, id)
	if err != nil {
		return Kept{}, err
	}
	return e.restOf(ctx, k)
}

// TrackKept works off a body that Keep stored. Working it off twice changes
// nothing; what cannot be read in it goes to quarantine. It returns
// fault.NotFound when the body is gone and fault.Transient for what cannot be
// written now.
func (e *Engine) TrackKept(ctx context.Context, now time.Time, id string, read Reader) error {
	k, err := e.Kept(ctx, now, id)
	if err != nil {
		return err
	}
	unread, _, err := e.takeKept(ctx, now, k, read)
	if err == nil && unread != nil {
		_, err = e.Quarantine(ctx, now, k.Raw, unread)
	}
	return err
}

// takeKept makes all that can be read in a kept body durable. It returns why the
// rest cannot be read, and how many reports could.
func (e *Engine) takeKept(ctx context.Context, now time.Time, k Kept, read Reader) (unread error, reports int, err error) {
	found, unread := read(k.Adapter, k.Body)
	units, unusable := byUnit(found.Reports)
	useless, err := e.take(ctx, now, k.Seller, units, found.Manifests)
	return cmp.Or(unread, unusable, useless), len(found.Reports), err
}

// Take makes what was read in a push durable: reports in their units' records,
// contents in their shipments'. unusable is why some of it never can be; the
// rest is taken. It returns fault.TooLarge for more than ten units or despatch
// advices, and fault.Transient for what cannot be written now: on these two the
// caller keeps the body (Keep) and has it worked off later (TrackKept), whatever
// of it was written already.
func (e *Engine) Take(ctx context.Context, now time.Time, seller supply.SellerID, found Read) (unusable, err error) {
	units, unusable := byUnit(found.Reports)
	if n := max(len(units), len(found.Manifests)); n > maxUnitsPerPush {
		return unusable, fault.New(fault.TooLarge, "MANY_UNITS", "the push speaks of %d units or shipments; more than %d are worked off from the queue", n, maxUnitsPerPush)
	}
	useless, err := e.take(ctx, now, seller, units, found.Manifests)
	return cmp.Or(unusable, useless), err
}

// take tells units and shipments one by one; an advice that nobody can use stops
// no other.
func (e *Engine) take(ctx context.Context, now time.Time, seller supply.SellerID, units []unitReports, advices []supply.Manifest) (useless, err error) {
	if len(units) > 0 {
		if err := e.track(ctx, now, seller, units); err != nil {
			return nil, err
		}
	}
	for i := range advices {
		err := e.LearnContents(ctx, now, seller, advices[i:i+1])
		if fault.Is(err, fault.Invalid) {
			useless = cmp.Or(useless, err)
			continue
		}
		if err != nil {
			return useless, err
		}
	}
	return useless, nil
}
