package engine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// switched is the programme of a seller in a group of regions as it was read;
// version 0 = it was never switched.
type switched struct {
	program.Program
	seller  supply.SellerID
	group   program.Group
	version int64
}

func (e *Engine) readProgram(ctx context.Context, seller supply.SellerID, group program.Group) (switched, error) {
	records, err := e.store.Get(ctx, true, store.ProgramKey(seller, group.Name))
	if err != nil {
		return switched{}, fault.Wrap(err, "reading a programme")
	}
	return openProgram(seller, group, &records[0])
}

func openProgram(seller supply.SellerID, group program.Group, r *store.Record) (switched, error) {
	p, err := store.ReadProgram(r)
	return switched{p, seller, group, r.Version}, err
}

// write returns the write that commits the programme as it is now.
func (s *switched) write() (store.Write, error) {
	record, err := store.ProgramRecord(s.seller, s.group.Name, &s.Program, s.version+1)
	return store.Write{Record: record, Expect: s.version}, err
}

// changeProgram gives a programme inputs until one commit wins. It reports false
// when there was nothing to change.
func (e *Engine) changeProgram(ctx context.Context, seller supply.SellerID, group program.Group, change func(*switched) bool) (changed bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, err
		}
		s, err := e.readProgram(ctx, seller, group)
		if err != nil || !change(&s) {
			return false, err
		}
		w, err := s.write()
		if err != nil {
			return false, err
		}
		_, ok, err := e.store.Put(ctx, w)
		if err != nil && !fault.Is(err, fault.Transient) {
			return false, fault.Wrap(err, "writing a programme")
		}
		if ok && err == nil {
			return true, nil
		}
	}
	return false, fault.New(fault.Transient, "BUSY", "the programme of seller %s in %s: lost %d races", seller, group.Name, maxAttempts)
}

// Program returns the programme of the region's group, as it is at now; or
// fault.NotFound for a region that does not exist.
func (e *Engine) Program(ctx context.Context, now time.Time, seller supply.SellerID, region string) (ProgramView, error) {
	r, group, err := program.ParseRegion(region)
	if err != nil {
		return ProgramView{}, err
	}
	s, err := e.readProgram(ctx, seller, group)
	if err != nil {
		return ProgramView{}, err
	}
	a, err := e.account(ctx, seller)
	return s.view(now, r, &a), err
}

// Programs returns the programmes of all groups, the one of five regions first.
func (e *Engine) Programs(ctx context.Context, now time.Time, seller supply.SellerID) ([]ProgramView, error) {
	groups := program.Groups()
	keys := make([]store.Key, len(groups))
	for i, g := range groups {
		keys[i] = store.ProgramKey(seller, g.Name)
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, fault.Wrap(err, "reading programmes")
	}
	a, err := e.account(ctx, seller)
	if err != nil {
		return nil, err
	}
	views := make([]ProgramView, len(groups))
	for i, g := range groups {
		s, err := openProgram(seller, g, &records[i])
		if err != nil {
			return nil, err
		}
		views[i] = s.view(now, g.Regions[0], &a)
	}
	return views, nil
}

// AskProgram asks for a pause or a reactivation of the region's group, all of its
// regions as one, and answers with its view. Asking for what was asked for
// already, or is so, changes nothing.
func (e *Engine) AskProgram(ctx context.Context, now time.Time, once Once, region string, action program.Action, via program.Way) (Answer, error) {
	return e.writeProgram(ctx, now, once, region, func(s *switched) (bool, error) {
		return s.Ask(action, now.UTC().Truncate(time.Second), via), nil
	})
}

// ConfirmProgram confirms the latest change where its mail cannot be sent: what the
// answer shows is the confirmation. A change that is confirmed stays as it is.
func (e *Engine) ConfirmProgram(ctx context.Context, now time.Time, once Once, region string) (Answer, error) {
	return e.writeProgram(ctx, now, once, region, func(s *switched) (bool, error) {
		if s.Change.Number == 0 {
			return false, fault.New(fault.Refused, "NOTHING_TO_CONFIRM", "the programme in %s was never paused", s.group.Name)
		}
		return s.ConfirmOnPage(now.UTC()), nil
	})
}

// ResendProgramMail sends the confirmation of the latest change again, in the same
// words. It returns fault.Throttled when it was sent a moment ago, and
// fault.Refused when there is none.
func (e *Engine) ResendProgramMail(ctx context.Context, now time.Time, once Once, region string) (Answer, error) {
	return e.writeProgram(ctx, now, once, region, func(s *switched) (bool, error) {
		if s.Change.Number == 0 {
			return false, fault.New(fault.Refused, "NO_MAIL", "the programme in %s was never paused, so there is no mail to send again", s.group.Name)
		}
		ok, wait := s.Resend(now.UTC())
		if wait > 0 {
			return false, fault.New(fault.Throttled, "SENT_A_MOMENT_AGO", "the mail was sent a moment ago; ask again in %s, and look among unwanted mail", wait.Round(time.Second))
		}
		return ok, nil
	})
}

// writeProgram makes one write of the API to the programme of the region's group.
func (e *Engine) writeProgram(ctx context.Context, now time.Time, once Once, region string, change func(*switched) (bool, error)) (Answer, error) {
	r, group, err := program.ParseRegion(region)
	if err != nil {
		return Answer{}, err
	}
	return e.write(ctx, now, once, func(ctx context.Context) (writes []store.Write, answer Answer, err error) {
		s, err := e.readProgram(ctx, once.Seller, group)
		if err != nil {
			return nil, Answer{}, err
		}
		a, err := e.account(ctx, once.Seller)
		if err != nil {
			return nil, Answer{}, err
		}
		advanced := s.Advance(now)
		changed, err := change(&s)
		if err != nil {
			return nil, Answer{}, err
		}
		if advanced || changed {
			w, err := s.write()
			if err != nil {
				return nil, Answer{}, err
			}
			s.version, writes = w.Record.Version, []store.Write{w}
		}
		answer, err = answerWith(s.view(now, r, &a))
		answer.Status = http.StatusOK
		return writes, answer, err
	})
}

// view shows the programme as it is at now.
func (s *switched) view(now time.Time, asked program.Region, a *account) ProgramView {
	p := s.Program
	p.Advance(now)
	v := ProgramView{Region: asked.Code, Marketplace: asked.Marketplace, Group: s.group.Name, Status: p.Status.String(),
		EffectiveAt: instantView(p.EffectiveAt()), CutOff: instantView(p.CutOff), Pending: p.Pending(), Deadline: instantView(p.Deadline()),
		Overdue: []string{}, Mails: []MailView{}, History: []HistoryView{}, Version: s.version}
	for _, r := range s.group.Regions {
		v.Regions = append(v.Regions, RegionView{r.Code, r.Marketplace, v.Status, v.EffectiveAt})
	}
	for _, late := range overdues {
		if p.Alerts&late.alert != 0 {
			v.Overdue = append(v.Overdue, late.name)
		}
	}
	if c := p.Change; c.Number > 0 {
		v.Change = &ChangeView{c.Number, c.Action.String(), c.Requested, c.Via.String(), instantView(c.Confirmed), c.By.String()}
	}
	for i := len(p.Mails) - 1; i >= 0; i-- {
		v.Mails = append(v.Mails, mailView(&p.Mails[i], a))
	}
	if len(v.Mails) > 0 {
		v.Mail = &v.Mails[0]
	}
	for i := len(p.History) - 1; i >= 0; i-- {
		h := p.History[i]
		v.History = append(v.History, HistoryView{h.At, string(h.What), h.Change, h.Detail})
	}
	return v
}

// overdues names what can take too long: in the view, and as an alert.
var overdues = []struct {
	alert      program.Alert
	name, code string
	message    string
	over       string
}{
	{program.MailOverdue, "CONFIRMATION_MAIL", "CONFIRMATION_MAIL_OVERDUE", "no confirmation mail within 48 h of the request; the programme page says why",
		"the confirmation mail was sent, or is not needed any more"},
	{program.StatusOverdue, "STATUS", "PROGRAM_STATUS_OVERDUE", "the request does not count yet, 48 h after it; confirm it on the programme page",
		"the request counts, or was taken back"},
}

func mailView(m *program.Mail, a *account) MailView {
	v := MailView{Change: m.Change, Action: m.Action.String(), Status: "OWED", SentAt: instantView(m.Sent), To: m.To, Attempts: m.Attempts}
	problem := m.Problem
	switch {
	case m.Withdrawn:
		v.Status = "WITHDRAWN"
	case problem == program.Bounced || problem == program.Rejected || m.Sent.IsZero() && problem != program.NoProblem:
		v.Status = "FAILED"
	case !m.Sent.IsZero():
		v.Status = "SENT"
	}
	if v.Status == "SENT" && problem == program.NoProblem && m.Mailbox != mailbox(a.Address()) {
		problem = program.OtherAddress
	}
	if problem != program.NoProblem && !m.Withdrawn {
		d := diagnoses[problem]
		v.Diagnosis = &DiagnosisView{problem.String(), d.evidence, d.remedy}
		if problem == program.OtherAddress {
			v.Diagnosis.Evidence = fmt.Sprintf(d.evidence, m.To)
		}
	}
	if v.Status == "FAILED" && problem.Passing() && !m.Next.IsZero() {
		v.NextTryAt = instantView(m.Next)
	}
	return v
}

// diagnoses says for people why a mail is not there, and what to do. Whatever the
// problem, the page shows the true status, and a change can be confirmed there.
var diagnoses = map[program.Problem]struct{ evidence, remedy string }{
	program.NoAddress:    {"no mail address is known", "give one on the programme page or with PUT /v1/seller; the mail then follows at once"},
	program.Unsubscribed: {"the address was unsubscribed from all mail of this service", "save the address again on the programme page or with PUT /v1/seller to have mail again"},
	program.Bounced:      {"the mailbox does not exist, or refuses mail", "correct the address on the programme page or with PUT /v1/seller"},
	program.Complained:   {"an earlier mail was reported as unwanted, so nothing is sent there any more", "save the address again on the programme page or with PUT /v1/seller to have mail again"},
	program.Rejected:     {"the mail server refused the mail or the address", "check the address; an operator finds the reason in the log under the mail's id"},
	program.Throttled:    {"the mail server takes no more mail for the moment", "nothing: the mail is tried again by itself"},
	program.Unreachable:  {"the mail server is away, or none is set up", "nothing: the mail is tried again by itself; an operator may have to set up a mail server"},
	program.NoAnswer:     {"the mail was handed over and the mail server did not answer, so it may have arrived", "look into the mailbox; the same mail is tried again by itself for 48 h"},
	program.OtherAddress: {"it went to %s, which is not the address of the account now", "look there, or send it again"},
}
