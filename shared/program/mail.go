package program

import (
	"slices"
	"time"
)

// Mail is the one mail that confirms a change. It is owed by the write that made
// the change, and sent afterwards, at least once.
type Mail struct {
	Change    int64
	Action    Action
	Stamp     time.Time // the confirmation that it speaks of; the same each time it is sent
	Attempts  int
	Leased    time.Time // somebody is sending it until then; zero = nobody
	Doubt     bool      // an attempt ended without an answer: it may have been sent
	Next      time.Time // not to be tried before; zero = at once
	Sent      time.Time // taken by the mail server
	Again     bool      // it was sent, and is asked for once more
	ID        string    // the mail server's name for it
	To        string    // the address it went to, masked
	Mailbox   uint64    // the same address, so that another one is noticed; a hash
	Problem   Problem   // why it is not sent, or did not come
	Withdrawn bool      // what it would say was over before it was sent
}

// Problem is why a mail is not sent, or did not come.
type Problem uint8

// The problems.
const (
	NoProblem    Problem = iota
	NoAddress            // the seller has given none
	Unsubscribed         // the seller wants no mail
	Bounced              // the mailbox does not exist, or refuses
	Complained           // the seller called an earlier mail spam
	Rejected             // the mail server refuses the address or the mail
	Throttled            // the mail server takes no more for the moment
	Unreachable          // the mail server is away
	NoAnswer             // it was handed over, and nobody knows whether it was taken
	OtherAddress         // it went to an address that is not the seller's now
	problemCount
)

var problemNames = [problemCount]string{NoProblem: "", NoAddress: "NO_ADDRESS", Unsubscribed: "UNSUBSCRIBED", Bounced: "BOUNCED",
	Complained: "COMPLAINED", Rejected: "REJECTED", Throttled: "THROTTLED", Unreachable: "UNREACHABLE", NoAnswer: "NO_ANSWER", OtherAddress: "OTHER_ADDRESS"}

// String returns the problem as it is published; "" for none.
func (p Problem) String() string { return nameAt(problemNames[:], int(p)) }

// ParseProblem returns the problem named s, and whether there is one.
func ParseProblem(s string) (Problem, bool) {
	i := slices.Index(problemNames[:], s)
	return Problem(max(i, 0)), i > 0
}

// Passing reports whether trying again may help by itself; for the others the
// seller must do something.
func (p Problem) Passing() bool { return p == Throttled || p == Unreachable || p == NoAnswer }

// LeaseFor is how long somebody who is sending a mail may take. Who is killed
// meanwhile leaves it to others after that.
const LeaseFor = 2 * time.Minute

// waits is how long to wait after the first, second, ... attempt that failed; the
// last counts for all that follow.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// Wait returns how long to wait after so many attempts to send a mail.
func Wait(attempts int) time.Duration { return waits[min(max(attempts, 1), len(waits))-1] }

// Mail returns the mail of the latest change; nil when there was none.
func (p *Program) Mail() *Mail {
	if len(p.Mails) == 0 {
		return nil
	}
	return &p.Mails[len(p.Mails)-1]
}

// MailOf returns the mail of a change; nil when it is not known any more.
func (p *Program) MailOf(change int64) *Mail {
	i := slices.IndexFunc(p.Mails, func(m Mail) bool { return m.Change == change })
	if i < 0 {
		return nil
	}
	return &p.Mails[i]
}

func (p *Program) owe() {
	p.Mails = append(p.Mails, Mail{Change: p.Change.Number, Action: p.Change.Action})
	if over := len(p.Mails) - maxMails; over > 0 {
		p.Mails = slices.Delete(p.Mails, 0, over)
	}
}

// withdraw drops the mail that waits.
func (p *Program) withdraw(at time.Time) {
	m := p.Mail()
	if m == nil {
		return
	}
	m.Again = false
	if m.Sent.IsZero() && !m.Withdrawn {
		m.Withdrawn = true
		p.note(at, MailWithdrawn, m.Problem.String())
	}
}

// due returns when the mail is to be tried; zero = never, unless somebody asks.
func (m *Mail) due() time.Time {
	switch {
	case m.done() || m.Withdrawn:
		return time.Time{}
	case !m.Leased.IsZero():
		return m.Leased
	case m.Problem != NoProblem && !m.Problem.Passing(), m.lapsed():
		return time.Time{}
	case m.Next.IsZero():
		return epoch
	}
	return m.Next
}

// done reports whether nobody waits for the mail.
func (m *Mail) done() bool { return !m.Sent.IsZero() && !m.Again }

// lapsed reports whether a mail that may have been sent was tried for so long that
// its words are old: whoever wants it must ask.
func (m *Mail) lapsed() bool { return m.Doubt && !m.Next.Before(m.Stamp.Add(MailWithin)) }

// epoch stands for "at once" where zero means never.
var epoch = time.Unix(0, 0).UTC()

// MailDue reports whether the confirmation of the latest change is to be sent.
func (p *Program) MailDue(now time.Time) bool {
	m := p.Mail()
	if m == nil {
		return false
	}
	at := m.due()
	return !at.IsZero() && !now.Before(at)
}

// Begin takes the mail in hand, to be committed before it is sent: so it says the
// same however often it is sent, and only one sends it. It returns the
// confirmation that the mail speaks of.
func (p *Program) Begin(now time.Time, to string, mailbox uint64) (stamp time.Time) {
	m := p.Mail()
	if !m.Leased.IsZero() { // who began before never came back
		m.Doubt = true
	}
	switch {
	case !p.Change.Confirmed.IsZero():
		m.Stamp = p.Change.Confirmed
	case m.Stamp.IsZero():
		m.Stamp = second(now)
	}
	m.Attempts++
	m.Leased, m.To, m.Mailbox = now.Add(LeaseFor), to, mailbox
	return m.Stamp
}

// Sent notes that the mail of a change was taken, which confirms the change. It
// reports false for a change whose mail is not known any more.
func (p *Program) Sent(change int64, now time.Time, id string) bool {
	m := p.MailOf(change)
	if m == nil || m.done() {
		return false
	}
	m.Sent, m.ID, m.Problem, m.Leased, m.Next = second(now), id, NoProblem, time.Time{}, time.Time{}
	m.Again, m.Withdrawn = false, false
	p.note(now, MailSent, m.Action.String())
	if change == p.Change.Number {
		p.confirmBy(ByMail, now)
	}
	return true
}

// Failed notes that the mail of a change was not sent, and why. Unless it may have
// been sent all the same, what it said never was.
func (p *Program) Failed(change int64, now time.Time, why Problem) bool {
	m := p.MailOf(change)
	if m == nil || m.done() {
		return false
	}
	m.Doubt = m.Doubt || why == NoAnswer
	if !m.Doubt && p.Change.Confirmed.IsZero() {
		m.Stamp = time.Time{}
	}
	m.Leased, m.Next = time.Time{}, now.Add(Wait(m.Attempts))
	if m.Problem != why {
		m.Problem = why
		p.note(now, MailFailed, why.String())
	}
	return true
}

// Came notes what became of a mail that was taken: that it bounced, for one. It
// changes no date: the change was confirmed, and the page shows it.
func (p *Program) Came(change int64, now time.Time, why Problem) bool {
	m := p.MailOf(change)
	if m == nil || m.Problem == why {
		return false
	}
	m.Problem = why
	p.note(now, MailFailed, why.String())
	return true
}

// Retry lets the mail be tried at once: the seller has done something about it.
func (p *Program) Retry() bool {
	m := p.Mail()
	if m == nil || m.done() || m.Withdrawn || m.Problem == NoProblem || !m.Leased.IsZero() {
		return false
	}
	if m.lapsed() && p.Change.Confirmed.IsZero() {
		m.Stamp, m.Doubt = time.Time{}, false
	}
	m.Problem, m.Next, m.Attempts = NoProblem, time.Time{}, 0
	return true
}

// resendEvery is how often a mail that was sent may be asked for again.
const resendEvery = 5 * time.Minute

// Resend asks for the mail of the latest change once more, with the same words. It
// returns how long to wait when it was sent a moment ago.
func (p *Program) Resend(now time.Time) (ok bool, wait time.Duration) {
	m := p.Mail()
	if m == nil {
		return false, 0
	}
	if m.Sent.IsZero() {
		return p.Retry(), 0
	}
	if next := m.Sent.Add(resendEvery); now.Before(next) {
		return false, next.Sub(now)
	}
	m.Again, m.Problem, m.Next, m.Attempts = true, NoProblem, time.Time{}, 0
	return true, 0
}

// ConfirmOnPage notes that the seller confirmed the latest change on the page. If a
// mail of it may be on its way, its instant counts, so that there are never two.
func (p *Program) ConfirmOnPage(now time.Time) bool {
	if p.Change.Number == 0 || !p.Change.Confirmed.IsZero() {
		return false
	}
	m := p.Mail()
	if m.Stamp.IsZero() {
		m.Stamp = second(now)
	}
	p.confirmBy(ByPage, now)
	return true
}

// confirmBy confirms the latest change at the instant that its mail speaks of; a
// cut-off never lies in the past, where shipments were promised to be sold.
func (p *Program) confirmBy(by Way, now time.Time) {
	at := p.Mail().Stamp
	if soonest := now.Add(-CutOffAfter); at.Before(soonest) {
		at = soonest
	}
	p.apply(Confirm, at, by)
	p.Advance(now) // the cut-off may be an older one that has come
}
