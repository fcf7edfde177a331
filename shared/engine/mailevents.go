package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// Letters are named by what they tell: P/seller/group/change confirms a change of
// a programme, N/seller/number tells news.
const (
	programLetterPrefix = "P/"
	newsLetterPrefix    = "N/"
)

// confirmation is which change's mail a letter was.
type confirmation struct {
	seller supply.SellerID
	group  string
	change int64
}

// id names the letter.
func (c confirmation) id() string {
	return fmt.Sprintf("%s%s/%s/%d", programLetterPrefix, c.seller, c.group, c.change)
}

// readConfirmation reads the name of a letter that confirms a change; ok is false
// for any other.
func readConfirmation(id string) (c confirmation, ok bool) {
	name, ok := strings.CutPrefix(id, programLetterPrefix)
	parts := strings.Split(name, "/")
	if !ok || len(parts) != 3 {
		return c, false
	}
	change, err := strconv.ParseInt(parts[2], 10, 64)
	return confirmation{supply.SellerID(parts[0]), parts[1], change}, err == nil
}

// MailEvents notes what became of letters after they were taken: mail to an address
// that refuses it for good, or calls it spam, stops, and the programme says so of
// the confirmation. Events may come late, twice and in any order, and of an address
// where the seller is not told any more. It returns the indexes of those that must
// come again.
func (e *Engine) MailEvents(ctx context.Context, now time.Time, events []MailEvent) (again []int) {
	for i := range events {
		if err := e.mailEvent(ctx, now, &events[i]); err != nil {
			e.log.WarnContext(ctx, "mail event goes back", "kind", fault.Of(err).String(), "letter", events[i].LetterID, "err", err)
			again = append(again, i)
		}
	}
	return again
}

func (e *Engine) mailEvent(ctx context.Context, now time.Time, ev *MailEvent) error {
	why, isProblem := program.ParseProblem(ev.Problem)
	if !isProblem {
		return nil // it arrived
	}
	if _, err := supply.ParseSellerID("seller", string(ev.Seller)); err != nil {
		e.log.WarnContext(ctx, "mail event of no seller", "letter", ev.LetterID)
		return nil
	}
	at, box := ev.At, mailbox(ev.To)
	if at.IsZero() {
		at = now
	}
	if c, ok := readConfirmation(ev.LetterID); ok && c.seller == ev.Seller {
		went, err := e.confirmationCame(ctx, c, at, now, box, why)
		if err != nil {
			return err
		}
		if box == 0 { // the event names no address: the programme knows where its mail went
			box = went
		}
	}
	if why != program.Complained && (why != program.Bounced || !ev.Final) {
		return nil
	}
	return e.changeAccount(ctx, ev.Seller, func(a *account) (bool, error) {
		if a.version == 0 {
			e.log.WarnContext(ctx, "mail event of an unknown seller", "seller", ev.Seller, "letter", ev.LetterID)
		}
		return a.suppress(box, why, at), nil
	})
}

// clocksDiffer is how much earlier than here a mail server's clock may say that
// something happened; far less than from one sending of a mail to the next.
const clocksDiffer = time.Minute

// confirmationCame notes in a programme what became of the mail of a change, and
// returns the mailbox that it went to. A mail that is being sent must be marked
// first: then the event comes again.
func (e *Engine) confirmationCame(ctx context.Context, c confirmation, at, now time.Time, box uint64, why program.Problem) (went uint64, err error) {
	group, ok := program.FindGroup(c.group)
	if !ok {
		return 0, nil
	}
	sending := false
	_, err = e.changeProgram(ctx, c.seller, group, func(s *switched) bool {
		m := s.MailOf(c.change)
		if m == nil { // too long ago
			return false
		}
		if sending = m.Leased.After(now); sending {
			return false
		}
		went = m.Mailbox
		return tells(m, at, box, why) && s.Came(c.change, now, why)
	})
	if sending {
		return 0, fault.New(fault.Transient, "BUSY", "letter %d of %s is being sent", c.change, c.seller)
	}
	return went, err
}

// tells reports whether the event is news of the mail as it was sent last: it is
// about the mailbox that the mail went to, and not about an earlier sending. What
// became of it is told once, beyond that a mail which came was called spam.
func tells(m *program.Mail, at time.Time, box uint64, why program.Problem) bool {
	if box != 0 && box != m.Mailbox || at.Before(m.Sent.Add(-clocksDiffer)) {
		return false
	}
	told := m.Problem == program.Bounced || m.Problem == program.Complained || m.Problem == program.Rejected
	return !told || why == program.Complained
}
