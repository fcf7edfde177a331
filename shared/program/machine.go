package program

import "time"

// Input is what can happen to a programme.
type Input uint8

// The inputs. Confirm is a mail that was taken, or a seller who said yes on the
// page; Clock is the time alone; Open is that no shipment is left to be opened.
const (
	AskPause Input = iota
	AskReactivation
	Confirm
	Clock
	Open
	inputCount
)

var inputNames = [inputCount]string{AskPause: "pause requested", AskReactivation: "reactivation requested",
	Confirm: "confirmed", Clock: "cut-off reached", Open: "all opened"}

// String returns the input's name.
func (i Input) String() string { return nameAt(inputNames[:], int(i)) }

// rule says what an input does in a status. A nil do does nothing: the input was
// said before, or speaks of something that is over.
type rule struct {
	why string
	do  func(*Program, time.Time, Way)
}

// rules is the state machine, every status with every input.
//
// Source: features F96 to F108; where they are silent, what a seller would expect.
var rules = [statusCount][inputCount]rule{
	Active: {
		AskPause:        {"begins a pause", begin(Pause, Pausing)},
		AskReactivation: {"it is active", nil},
		Confirm:         {"nothing waits for it", nil},
		Clock:           {"there is no cut-off", nil},
		Open:            {"nothing was to be opened", nil},
	},
	Pausing: {
		AskPause:        {"the same request", nil},
		AskReactivation: {"takes the pause back", begin(Reactivate, Reactivating)},
		Confirm:         {"the cut-off is known", confirmPause},
		Clock:           {"pauses", reachCutOff},
		Open:            {"what an earlier pause blocked is open", opened},
	},
	Paused: {
		AskPause:        {"it is paused", nil},
		AskReactivation: {"begins a reactivation", begin(Reactivate, Reactivating)},
		Confirm:         {"it is confirmed", nil},
		Clock:           {"the cut-off is over", nil},
		Open:            {"what an earlier pause blocked is open", opened},
	},
	Reactivating: {
		AskPause:        {"takes the reactivation back", begin(Pause, Pausing)},
		AskReactivation: {"the same request", nil},
		Confirm:         {"the cut-off is lifted", confirmReactivation},
		Clock:           {"the cut-off holds until the reactivation counts", nil},
		Open:            {"is active", activate},
	},
}

// apply gives the programme an input and reports whether it changed anything.
func (p *Program) apply(in Input, at time.Time, way Way) bool {
	do := rules[p.Status][in].do
	if do == nil {
		return false
	}
	do(p, at, way)
	return true
}

// Ask asks for an action. It reports false for one that was asked for already, or
// has nothing to do.
func (p *Program) Ask(a Action, at time.Time, via Way) bool {
	in := AskPause
	if a == Reactivate {
		in = AskReactivation
	}
	return p.apply(in, at, via)
}

// begin takes on a change and owes its mail. A mail that still waits speaks of
// what is over, and is not sent any more.
func begin(a Action, next Status) func(*Program, time.Time, Way) {
	what := map[Action]What{Pause: PauseRequested, Reactivate: ReactivationRequested}[a]
	return func(p *Program, at time.Time, via Way) {
		p.withdraw(at)
		p.Change = Change{Number: p.Change.Number + 1, Action: a, Requested: at, Via: via}
		p.Status, p.Since, p.Alerts = next, at, 0
		p.note(at, what, via.String())
		p.owe()
	}
}

// confirmPause lets the cut-off be known.
func confirmPause(p *Program, at time.Time, by Way) {
	if p.confirm(at, by) {
		p.CutOff = p.CutOffAt(at)
	}
}

func confirmReactivation(p *Program, at time.Time, by Way) {
	if !p.confirm(at, by) {
		return
	}
	p.Opening = p.Opening || !p.CutOff.IsZero()
	p.CutOff = time.Time{}
	if !p.Opening {
		activate(p, at, by)
	}
}

// confirm notes the confirmation; the first counts.
func (p *Program) confirm(at time.Time, by Way) bool {
	if !p.Change.Confirmed.IsZero() {
		return false
	}
	p.Change.Confirmed, p.Change.By = at, by
	p.note(at, ChangeConfirmed, by.String())
	return true
}

func reachCutOff(p *Program, _ time.Time, _ Way) {
	p.Status, p.Since = Paused, p.CutOff
	p.note(p.CutOff, CutOffReached, "")
}

func opened(p *Program, _ time.Time, _ Way) { p.Opening = false }

func activate(p *Program, at time.Time, _ Way) {
	p.Status, p.Since, p.Opening = Active, at, false
	p.note(at, AllOpened, "")
}

// Opened tells that no blocked shipment is left to be opened. It reports whether
// anybody waited for that.
func (p *Program) Opened(at time.Time) bool { return p.Opening && p.apply(Open, at, NoWay) }

// Advance brings the programme to now, and reports whether time alone changed
// anything.
func (p *Program) Advance(now time.Time) (changed bool) {
	if !p.Change.Confirmed.IsZero() && p.Blocks(now) {
		changed = p.apply(Clock, now, NoWay)
	}
	return p.watch(now) || changed
}

// watch raises the alerts of what takes too long, and drops those of what is over.
func (p *Program) watch(now time.Time) bool {
	before, alerts := p.Alerts, Alert(0)
	if at := p.mailDue(); !at.IsZero() && !now.Before(at) {
		alerts |= MailOverdue
	}
	if at := p.Deadline(); !at.IsZero() && !now.Before(at) {
		alerts |= StatusOverdue
	}
	for _, a := range []struct {
		alert Alert
		name  string
	}{{MailOverdue, "confirmation mail"}, {StatusOverdue, "status"}} {
		if alerts&^before&a.alert != 0 {
			p.note(now, TookTooLong, a.name)
		}
	}
	p.Alerts = alerts
	return alerts != before
}

// mailDue returns when the confirmation mail of the latest change is overdue;
// zero when it was sent.
func (p *Program) mailDue() time.Time {
	m := p.Mail()
	if m == nil || !m.Sent.IsZero() {
		return time.Time{}
	}
	return p.Change.Requested.Add(MailWithin)
}

// Due returns the next instant at which time alone changes anything, or at which
// the mail that is owed is to be tried; zero = never.
func (p *Program) Due() (next time.Time) {
	earlier := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if p.Status == Pausing && !p.Change.Confirmed.IsZero() {
		earlier(p.CutOff)
	}
	if p.Alerts&MailOverdue == 0 {
		earlier(p.mailDue())
	}
	if p.Alerts&StatusOverdue == 0 {
		earlier(p.Deadline())
	}
	if p.Opening {
		earlier(p.Change.Requested)
	}
	if m := p.Mail(); m != nil {
		earlier(m.due())
	}
	return next
}
