package engine

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// quarantine returns the place of a seller's unreadable bodies in the by-seller
// index. No seller's name has capitals.
func quarantine(seller supply.SellerID) string { return "Q#" + string(seller) }

// newestFirst sorts bodies in the by-seller index, which only ascends: its time
// counts down, to a day in the year 2286.
func newestFirst(at time.Time, id string) string {
	return fmt.Sprintf("%010d#%s", 9_999_999_999-at.Unix(), id)
}

// reasonBytes is the most that is kept of why a body cannot be read.
const reasonBytes = 300

// Quarantine stores an authentic body that cannot be read, or not all of it,
// until its seller replays or dismisses it, and says so in the log, where an
// alarm counts it. The same body is kept once, as it came first.
func (e *Engine) Quarantine(ctx context.Context, now time.Time, r Raw, unread error) (id string, err error) {
	k := Kept{Raw: r, ID: r.id("unreadable"), At: now, Reason: supply.Words(unread.Error(), reasonBytes)}
	if k.Reason == "" {
		k.Reason = "it cannot be read"
	}
	if _, err = e.firstOf(ctx, now, k.ID); fault.Is(err, fault.NotFound) {
		err = e.keep(ctx, k)
	}
	if err != nil {
		return "", err
	}
	// Said also of a body that is there: who kept it may have died before saying so.
	e.log.ErrorContext(ctx, "unreadable webhook kept", "adapter", r.Adapter, "source", r.Source, "id", k.ID, "bytes", len(r.Body), "reason", k.Reason)
	return k.ID, nil
}

// QuarantinedBody is what is shown of a body in quarantine. The body itself is
// absent in a list.
type QuarantinedBody struct {
	ID         string    `json:"id"`
	Adapter    string    `json:"adapter"`
	Source     string    `json:"source"`
	ReceivedAt time.Time `json:"receivedAt"`
	Bytes      int       `json:"bytes"`
	Reason     string    `json:"reason"`
	Body       *string   `json:"body,omitzero"`       // text that can be read
	BodyBase64 *string   `json:"bodyBase64,omitzero"` // any other
}

func (k *Kept) view() QuarantinedBody {
	return QuarantinedBody{ID: k.ID, Adapter: k.Adapter, Source: k.Source, ReceivedAt: k.At, Bytes: k.bytes, Reason: k.Reason}
}

// maxShown is the longest body that is shown as text: escaped twice on its way
// out, a character may take six bytes, and Lambda answers with 6 MB at most.
const maxShown = 512 << 10

// shown returns the view with the body in it.
func (k *Kept) shown() QuarantinedBody {
	v := k.view()
	if readable := utf8.Valid(k.Body) && len(k.Body) <= maxShown && !bytes.ContainsFunc(k.Body, unprintable); readable {
		text := string(k.Body)
		v.Body = &text
	} else {
		text := base64.StdEncoding.EncodeToString(k.Body)
		v.BodyBase64 = &text
	}
	return v
}

// unprintable reports the control characters that a text does not have.
func unprintable(r rune) bool { return (r < ' ' || r == 0x7f) && !strings.ContainsRune("\t\r\n", r) }

// QuarantinePage is a page of a seller's bodies in quarantine, newest first;
// NextToken is absent on the last one.
type QuarantinePage struct {
	Items     []QuarantinedBody `json:"items"`
	NextToken string            `json:"nextToken,omitzero"`
}

// quarantinePage is how many bodies are listed at once: their first chunks are
// read for it.
const quarantinePage = 50

// Quarantined returns a page of the seller's unreadable bodies. It returns
// fault.Invalid for a token that no page returned.
func (e *Engine) Quarantined(ctx context.Context, seller supply.SellerID, token string) (QuarantinePage, error) {
	keys, next, err := e.store.List(ctx, store.Query{Index: store.ByOwner, Partition: quarantine(seller), Limit: quarantinePage, Next: token})
	if err != nil {
		return QuarantinePage{}, fault.Wrap(err, "listing the quarantine")
	}
	page := QuarantinePage{Items: make([]QuarantinedBody, 0, len(keys)), NextToken: next}
	wanted := make([]store.Key, len(keys))
	for i := range keys {
		wanted[i] = keys[i].Key
	}
	records, err := e.store.Get(ctx, true, wanted...)
	if err != nil {
		return QuarantinePage{}, fault.Wrap(err, "listing the quarantine")
	}
	for i := range records {
		if records[i].Version == 0 {
			continue // replayed since: the index follows a little later
		}
		_, id, _ := strings.Cut(keys[i].OwnerSort, "#")
		k := described(id, &records[i])
		page.Items = append(page.Items, k.view())
	}
	return page, nil
}

// quarantined returns a body of the seller's quarantine, without what follows
// its first chunk.
func (e *Engine) quarantined(ctx context.Context, now time.Time, seller supply.SellerID, id string) (Kept, error) {
	k, err := e.firstOf(ctx, now, id)
	if err == nil && (k.Seller != seller || k.Reason == "") {
		err = notKept(id)
	}
	return k, err
}

// QuarantinedBody returns a body of the seller's quarantine with all its bytes,
// or fault.NotFound.
func (e *Engine) QuarantinedBody(ctx context.Context, now time.Time, seller supply.SellerID, id string) (QuarantinedBody, error) {
	k, err := e.quarantined(ctx, now, seller, id)
	if err == nil {
		k, err = e.restOf(ctx, k)
	}
	return k.shown(), err
}

// Settled is the answer to a replay or a dismissal.
type Settled struct {
	ID      string `json:"id"`
	Status  string `json:"status"` // REPLAYED or DISMISSED
	Reports int    `json:"reports"`
}

// Replay reads a body in quarantine with today's adapters. One that can be read
// whole is tracked and leaves the quarantine; it is old news or none, and never
// moves a unit back. It returns fault.NotFound for a body that is not in the
// seller's quarantine, fault.Refused for one that still cannot be read, and
// fault.Transient for what cannot be written now: the body stays, and the same
// call goes on where it ended.
func (e *Engine) Replay(ctx context.Context, now time.Time, once Once, id string, read Reader) (Answer, error) {
	return e.settle(ctx, now, once, id, func(k Kept) (Settled, error) {
		k, err := e.restOf(ctx, k)
		if err != nil {
			return Settled{}, err
		}
		unread, reports, err := e.takeKept(ctx, now, k, read)
		if err == nil && unread != nil {
			err = fault.New(fault.Refused, "STILL_UNREADABLE", "the body still cannot be read and stays: %s", supply.Words(unread.Error(), reasonBytes))
		}
		return Settled{ID: id, Status: "REPLAYED", Reports: reports}, err
	})
}

// Dismiss deletes a body in quarantine that nobody will replay. It returns
// fault.NotFound for one that is not in the seller's quarantine.
func (e *Engine) Dismiss(ctx context.Context, now time.Time, once Once, id string) (Answer, error) {
	return e.settle(ctx, now, once, id, func(Kept) (Settled, error) { return Settled{ID: id, Status: "DISMISSED"}, nil })
}

// settle deletes a body and keeps the answer, in one transaction.
func (e *Engine) settle(ctx context.Context, now time.Time, once Once, id string, how func(Kept) (Settled, error)) (Answer, error) {
	return e.write(ctx, now, once, func(ctx context.Context) ([]store.Write, Answer, error) {
		k, err := e.quarantined(ctx, now, once.Seller, id)
		if err != nil {
			return nil, Answer{}, err
		}
		settled, err := how(k)
		if err != nil {
			return nil, Answer{}, err
		}
		writes := make([]store.Write, k.chunks)
		for i := range writes {
			writes[i] = store.Write{Record: store.Record{Key: store.RawKey(id, chunkName(i))}, Expect: store.Anyhow, Delete: true}
		}
		writes[0].Expect = store.Present // of two who settle it, one does
		body, err := json.Marshal(settled)
		return writes, Answer{Status: http.StatusOK, Body: body}, fault.As(fault.Internal, err, "encoding an answer")
	})
}
