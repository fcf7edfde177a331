package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// ConsentView is what the law asks of the buyer of a late order, and what the
// buyer has agreed to.
type ConsentView struct {
	Needed   bool        `json:"needed"`          // only an explicit yes keeps the order
	Silence  *string     `json:"silence"`         // what no answer means: ACCEPTS, CANCELS or KEEPS; null when nothing is asked
	By       *supply.Day `json:"by"`              // last day for an answer in the marketplace's zone; null: until the goods are there
	AgreedTo *supply.Day `json:"agreedTo"`        // until when the buyer waits; null: for as long as it takes
	Lapsed   bool        `json:"lapsed,omitzero"` // the yes did not come in time: the order is about to be cancelled
	Law      string      `json:"law"`
	Link     *string     `json:"link"` // where the buyer answers, without a login; null where links are not set up
}

// consent returns the view of what is asked about an order; nil when nothing is,
// and nothing but the order itself was agreed. sign is made when it is first
// needed.
func (e *Engine) consent(ctx context.Context, sign **signer, r supply.Rules, key supply.ItemKey, o *supply.Order) (*ConsentView, error) {
	law := supply.LawOf(key.Marketplace)
	c := o.Consent(law, r.Calendar)
	asked := c.Silence != supply.SilenceNone
	if !asked && (law.Regime == supply.NoRegime || !o.Open() || o.Agreed == o.First) {
		return nil, nil
	}
	v := &ConsentView{Needed: c.Needed(), By: known(c.By), AgreedTo: known(c.Agreed), Lapsed: c.Lapsed(r), Law: law.Source}
	if !asked {
		return v, nil
	}
	silence := c.Silence.String()
	v.Silence = &silence
	if *sign == nil {
		var err error
		if *sign, err = e.links.signer(ctx); err != nil {
			return nil, err
		}
	}
	v.Link = (*sign).link(question{key, o.ID, o.Promised})
	return v, nil
}

// consent returns what the buyer of the entry's order must be asked about the
// promise that the entry made.
func (n *notice) consent(ctx context.Context, e *Engine, now time.Time, entry *supply.Entry) (*ConsentView, error) {
	if supply.LawOf(n.key.Marketplace).Regime == supply.NoRegime {
		return nil, nil
	}
	if n.opened == nil {
		var err error
		if n.opened, err = e.loadOne(ctx, now, false, true, n.key); err != nil {
			return nil, err
		}
	}
	o := n.opened.item.Line.Order(entry.Order)
	if o.Promised != entry.Day {
		return nil, nil // it moved again, which a later event tells
	}
	return e.consent(ctx, &n.signer, n.opened.rules, n.key, &o)
}

func (n *notice) close(e *Engine) {
	if n.opened != nil {
		e.release(n.opened)
	}
}

// linkBytes bounds the links of one event, so that it stays within the 256 KiB
// that EventBridge takes: 500 orders without theirs are up to 150 KB.
const linkBytes = 80 << 10

func movedOrders(e *Event) int {
	links := 0
	for i := range e.Moved {
		links += e.Moved[i].Consent.bytes()
	}
	return crowded(len(e.Moved), links)
}

func shortOrders(e *Event) int {
	links := 0
	for i := range e.Short {
		links += e.Short[i].Consent.bytes()
	}
	return crowded(len(e.Short), links)
}

func (v *ConsentView) bytes() int {
	if v == nil || v.Link == nil {
		return 0
	}
	return len(*v.Link)
}

// crowded returns how many orders an event holds; as many as it may when it has
// no room for another link.
func crowded(orders, links int) int {
	if links > linkBytes {
		return ordersPerEvent
	}
	return orders
}

// Delay is what a buyer is told of a late order behind a link: nothing of who
// bought what for how much.
type Delay struct {
	OrderID   supply.OrderID
	SKU       supply.SKU
	Agreed    supply.Day // the date before this delay; Undated = to wait for as long as it takes
	Promised  supply.Day // 0 = nobody knows
	Consent   supply.Consent
	Question  supply.Question // never NotAsked
	MayCancel bool
	Reason    supply.Reason // why the order is over
}

func (l *loaded) delay(q question) (d Delay, err error) {
	asked, mayCancel := l.item.Question(l.rules, q.order, q.day)
	if asked == supply.NotAsked {
		return d, unknownLink()
	}
	o := l.item.Line.Order(q.order)
	c := o.Consent(supply.LawOf(q.key.Marketplace), l.rules.Calendar)
	agreed := c.Agreed
	if c.Silence == supply.SilenceAccepts {
		agreed = o.Agreed // silence is about to agree to this very delay
	}
	return Delay{OrderID: o.ID, SKU: q.key.SKU, Agreed: agreed, Promised: o.Promised, Consent: c, Question: asked, MayCancel: mayCancel, Reason: o.Reason}, nil
}

// Delay returns what the token's link shows; it changes nothing. It returns
// fault.NotFound for a token that was not made here, and once its promise has
// moved again or its order went its way.
func (e *Engine) Delay(ctx context.Context, now time.Time, token string) (Delay, error) {
	q, err := e.links.read(ctx, token)
	if err != nil {
		return Delay{}, err
	}
	l, err := e.loadOne(ctx, now, true, true, q.key)
	if err != nil {
		return Delay{}, err
	}
	defer e.release(l)
	l.advance()
	return l.delay(q)
}

// AnswerDelay records what the buyer behind the token says, to wait or to
// cancel, and returns what stands then: the first answer does, however often and
// whatever is answered after it. It returns fault.NotFound as Delay does.
func (e *Engine) AnswerDelay(ctx context.Context, now time.Time, token string, wait bool) (Delay, error) {
	q, err := e.links.read(ctx, token)
	if err != nil {
		return Delay{}, err
	}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return Delay{}, err
		}
		d, done, err := e.tryAnswer(ctx, now, q, wait)
		if done || err != nil {
			return d, err
		}
	}
	return Delay{}, fault.New(fault.Transient, "BUSY", "item %s: lost %d races", q.key.SKU, maxAttempts)
}

func (e *Engine) tryAnswer(ctx context.Context, now time.Time, q question, wait bool) (d Delay, done bool, err error) {
	l, err := e.loadOne(ctx, now, true, true, q.key)
	if err != nil {
		return d, false, err
	}
	defer e.release(l)
	l.item.AnswerDelay(l.rules, q.order, q.day, wait)
	d, unasked := l.delay(q)
	if !l.changed() {
		return d, true, unasked
	}
	w, err := e.headWrite(ctx, l, l.head.Card, supply.CauseBuyer, "")
	if err != nil {
		return d, false, err
	}
	if done, err = e.commit(ctx, l, w); done {
		err = unasked
	}
	return d, done, err
}
