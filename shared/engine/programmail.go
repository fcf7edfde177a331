package engine

import (
	"context"
	"errors"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// confirmByMail sends the confirmation mail that a programme owes, if it is time
// for it. It is taken in hand by a conditional write first, so that only one sends
// it and a repetition says the same; what became of it is written afterwards. Who
// is stopped in between leaves it to the sweep. A mail that cannot be sent is no
// failure: the programme's record says why. It reports whether anything was
// written.
func (e *Engine) confirmByMail(ctx context.Context, now time.Time, seller supply.SellerID, group program.Group) (done bool, err error) {
	s, err := e.readProgram(ctx, seller, group)
	if err != nil || !s.MailDue(now) {
		return false, err
	}
	a, err := e.account(ctx, seller)
	if err != nil {
		return false, err
	}
	change := s.Change.Number
	if why := a.unreachable(); why != program.NoProblem {
		return e.changeProgram(ctx, seller, group, func(s *switched) bool {
			s.Mail().To, s.Mail().Mailbox = masked(a.Address()), mailbox(a.Address())
			return s.Failed(change, now, why)
		})
	}
	stamp := s.Begin(now, masked(a.Address()), mailbox(a.Address()))
	w, err := s.write()
	if err != nil {
		return false, err
	}
	if _, ok, err := e.store.Put(ctx, w); err != nil || !ok { // another has it in hand
		return false, fault.Wrap(err, "writing a programme")
	}
	l := s.letter(stamp)
	l.To, l.Language, l.Console, l.Unsubscribe = a.Address(), Language(a.Language), e.links.Base+"/program", e.unsubscribeLink(ctx, seller, a.Address())
	id, err := e.post(ctx, l)
	return e.changeProgram(ctx, seller, group, func(s *switched) bool {
		if err == nil {
			return s.Sent(change, now, id)
		}
		return s.Failed(change, now, problemOf(err))
	})
}

// letter returns the confirmation of the latest change, as of the stamp.
func (s *switched) letter(stamp time.Time) Letter {
	told := ProgramLetter{Paused: s.Change.Action == program.Pause, RequestedAt: s.Change.Requested, ConfirmedAt: stamp}
	for _, r := range s.group.Regions {
		told.Regions = append(told.Regions, r.Code)
	}
	if told.Paused {
		told.CutOff = s.CutOffAt(stamp)
	}
	return Letter{ID: confirmation{s.seller, s.group.Name, s.Change.Number}.id(), Seller: s.seller, Program: &told}
}

// mailPatience is how long a mail server may take. Others wait meanwhile: what is
// published stands in the same line.
const mailPatience = 10 * time.Second

// post hands a letter to the mailer. What went wrong is logged without the address.
func (e *Engine) post(ctx context.Context, l Letter) (id string, err error) {
	if e.mailer == nil {
		return "", fault.New(fault.Throttled, program.Unreachable.String(), "no mail server is set up")
	}
	ctx, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	if id, err = e.mailer.Mail(ctx, l); err != nil {
		e.log.WarnContext(ctx, "mail not sent", "letter", l.ID, "kind", fault.Of(err).String(), "problem", problemOf(err).String())
	}
	return id, err
}

// problemOf returns what a mailer's error means for the mail; see Mailer.
func problemOf(err error) program.Problem {
	switch kind := fault.Of(err); kind {
	case fault.Throttled:
		if e, ok := errors.AsType[*fault.Error](err); ok && e.Code == program.Unreachable.String() {
			return program.Unreachable
		}
		return program.Throttled
	case fault.Invalid, fault.Refused:
		return program.Rejected
	default:
		return program.NoAnswer
	}
}
