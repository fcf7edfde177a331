package engine

import (
	"context"
	"encoding/binary"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// subscription is what an unsubscribe link stands for: mail of a seller to one
// mailbox. Once the seller is told elsewhere, the links in old mails do nothing.
type subscription struct {
	seller supply.SellerID
	box    uint64
}

// subscriptionVersion heads the token's bytes. Behind it stand the seller behind
// its length, the mailbox in eight bytes, and the signature.
const subscriptionVersion = 1

func (s subscription) bytes() []byte {
	return binary.BigEndian.AppendUint64(appendText([]byte{subscriptionVersion}, string(s.seller)), s.box)
}

func readSubscription(b []byte) (s subscription, ok bool) {
	if len(b) == 0 || b[0] != subscriptionVersion {
		return s, false
	}
	seller, b, ok := cutText(b[1:])
	if !ok || len(b) != 8 {
		return s, false
	}
	return subscription{supply.SellerID(seller), binary.BigEndian.Uint64(b)}, true
}

// unsubscribeLink returns where one click ends all mail of the seller to the
// address; "" where no links are set up, or for the moment nothing signs them: a
// mail without it is better than none.
func (e *Engine) unsubscribeLink(ctx context.Context, seller supply.SellerID, address string) string {
	secrets, err := e.links.usable(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "letter without its unsubscribe link", "kind", fault.Of(err).String(), "err", err)
	}
	if err != nil || len(secrets) == 0 || e.links.Base == "" {
		return ""
	}
	return e.links.Base + "/u/" + forUnsubscribe.token(secrets[0], subscription{seller, mailbox(address)}.bytes())
}

// Subscription is what stands behind an unsubscribe link.
type Subscription struct {
	To      string // masked; "" when the seller is told elsewhere now
	Stopped bool   // no mail is sent there any more
}

func (a *account) subscription(s subscription) Subscription {
	if mailbox(a.Address()) != s.box {
		return Subscription{Stopped: true}
	}
	return Subscription{To: masked(a.Address()), Stopped: a.Suppressed != program.NoProblem}
}

// Subscription returns what the token's link shows; it changes nothing. It returns
// fault.NotFound for a token that was not made here.
func (e *Engine) Subscription(ctx context.Context, token string) (Subscription, error) {
	s, err := openToken(ctx, e.links, forUnsubscribe, token, readSubscription)
	if err != nil {
		return Subscription{}, err
	}
	a, err := e.account(ctx, s.seller)
	return a.subscription(s), err
}

// Unsubscribe ends all mail to the address that the token stands for, once, however
// often it is asked. It returns fault.NotFound as Subscription does.
func (e *Engine) Unsubscribe(ctx context.Context, now time.Time, token string) (left Subscription, err error) {
	s, err := openToken(ctx, e.links, forUnsubscribe, token, readSubscription)
	if err != nil {
		return left, err
	}
	err = e.changeAccount(ctx, s.seller, func(a *account) (bool, error) {
		changed := a.suppress(s.box, program.Unsubscribed, now)
		left = a.subscription(s)
		return changed, nil
	})
	return left, err
}
