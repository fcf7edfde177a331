package program

import (
	"slices"
	"time"
)

// Status is where the programme stands.
type Status uint8

// The statuses. Pausing ends when the cut-off comes, Reactivating when every
// blocked shipment is open again.
const (
	Active Status = iota
	Pausing
	Paused
	Reactivating
	statusCount
)

var statusNames = [statusCount]string{Active: "ACTIVE", Pausing: "PAUSING", Paused: "PAUSED", Reactivating: "REACTIVATING"}

// String returns the status as it is published.
func (s Status) String() string { return nameAt(statusNames[:], int(s)) }

// Action is what a seller asks for.
type Action uint8

// The actions.
const (
	Pause Action = iota
	Reactivate
	actionCount
)

var actionNames = [actionCount]string{Pause: "PAUSE", Reactivate: "REACTIVATE"}

// String returns the action as it is published.
func (a Action) String() string { return nameAt(actionNames[:], int(a)) }

// Way is how a change was asked for, or confirmed.
type Way uint8

// The ways.
const (
	NoWay Way = iota
	ByAPI
	ByPage
	ByMail
	wayCount
)

var wayNames = [wayCount]string{NoWay: "", ByAPI: "API", ByPage: "PAGE", ByMail: "MAIL"}

// String returns the way as it is published; "" for none.
func (w Way) String() string { return nameAt(wayNames[:], int(w)) }

func nameAt(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return ""
}

// The limits of the programme. Two of them are 48 hours, as is the one from an
// ETA to buyable in package supply; they begin and end with different things.
//
// Source: the programme's help page.
const (
	CutOffAfter  = 72 * time.Hour // from the confirmation of a pause to its cut-off
	MailWithin   = 48 * time.Hour // from a request to its confirmation mail
	StatusWithin = 48 * time.Hour // from a request until it counts, at whatever instant it takes effect
)

// Program is the programme of one seller in one group of regions. The zero
// Program is active and was never anything else. All times are UTC.
type Program struct {
	Status  Status
	Since   time.Time // when the status began; zero = always so
	Change  Change    // the latest that was asked for
	CutOff  time.Time // shipments created then or later are blocked; zero = none
	Opening bool      // blocked shipments are being opened
	Mails   []Mail    // of the latest changes, newest last
	Alerts  Alert     // what took too long, until it is over
	History []Event   // newest last
}

// Change is one request that changed something. The zero Change says that there
// was none.
type Change struct {
	Number    int64 // 1, 2, 3, ...
	Action    Action
	Requested time.Time
	Via       Way
	Confirmed time.Time // zero = not yet
	By        Way       // what confirmed it
}

// Alert is a set of what took too long.
type Alert uint8

// The alerts.
const (
	MailOverdue   Alert = 1 << iota // no confirmation mail within MailWithin
	StatusOverdue                   // a request does not count yet, after StatusWithin
)

// Event is one line of a programme's history.
type Event struct {
	At     time.Time
	What   What
	Change int64
	Detail string // a problem, or the way; for people and for tools alike
}

// What happened. The names are published.
type What string

// What can happen to a programme.
const (
	PauseRequested        What = "PAUSE_REQUESTED"
	ReactivationRequested What = "REACTIVATION_REQUESTED"
	ChangeConfirmed       What = "CONFIRMED"
	CutOffReached         What = "CUT_OFF_REACHED"
	AllOpened             What = "REACTIVATED"
	MailSent              What = "MAIL_SENT"
	MailFailed            What = "MAIL_FAILED"
	MailWithdrawn         What = "MAIL_WITHDRAWN"
	TookTooLong           What = "OVERDUE"
)

const (
	maxHistory = 50
	maxMails   = 10
)

// second cuts an instant to the second, which is as fine as anything here counts.
func second(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

func (p *Program) note(at time.Time, what What, detail string) {
	p.History = append(p.History, Event{second(at), what, p.Change.Number, detail})
	if over := len(p.History) - maxHistory; over > 0 {
		p.History = slices.Delete(p.History, 0, over)
	}
}

// Blocks reports whether a shipment that was created then may not be sold before
// it arrives. Once it is received its units are stock as any other.
func (p *Program) Blocks(created time.Time) bool {
	return !p.CutOff.IsZero() && !created.Before(p.CutOff)
}

// CutOffAt returns the cut-off of a pause that is confirmed at an instant: one that
// is in force already, because the reactivation between was taken back, stays.
func (p *Program) CutOffAt(confirmed time.Time) time.Time {
	if !p.CutOff.IsZero() {
		return p.CutOff
	}
	return confirmed.Add(CutOffAfter)
}

// Pending reports whether the latest change does not count yet: it is not
// confirmed, or blocked shipments wait to be opened.
func (p *Program) Pending() bool {
	return p.Change.Number > 0 && p.Change.Confirmed.IsZero() || p.Opening && p.Status == Reactivating
}

// Deadline returns when a pending change is overdue; zero while nothing is
// pending.
func (p *Program) Deadline() time.Time {
	if !p.Pending() {
		return time.Time{}
	}
	return p.Change.Requested.Add(StatusWithin)
}

// EffectiveAt returns when the status takes, or took, effect; zero while that is
// not known, and for a programme that was never paused.
func (p *Program) EffectiveAt() time.Time {
	switch p.Status {
	case Pausing, Paused:
		return p.CutOff
	case Reactivating:
		return p.Change.Confirmed
	case Active:
	}
	return p.Since
}
