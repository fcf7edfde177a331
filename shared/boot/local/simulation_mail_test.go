package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// The part of the simulation that switches programmes: sellers pause and reactivate
// while processes die and the mail server takes no more, takes a mail and does not
// say so, or is away. At the end every change has its mail, and no two mails of one
// change differ.

const (
	mailThrottled = "mail throttled"
	mailAway      = "mail server away"
	mailLost      = "mail taken, answer lost"
	mailAgain     = "mail sent again"
)

var mailFaults = []string{mailThrottled, mailAway, mailLost, mailAgain}

const switchers = 30

func switcher(i int) supply.SellerID { return supply.SellerID(fmt.Sprint("switcher-", i)) }

// Mail implements engine.Mailer.
func (p *process) Mail(_ context.Context, l engine.Letter) (string, error) {
	w := p.world
	switch {
	case p.dead.Load():
		return "", errDead
	case w.chance(0.15):
		w.fire(mailThrottled)
		return "", fault.New(fault.Throttled, "THROTTLED", "too many")
	case w.chance(0.1):
		w.fire(mailAway)
		return "", fault.New(fault.Throttled, "UNREACHABLE", "connection refused")
	}
	body, err := json.Marshal(l)
	require.NoError(w.t, err)
	w.mu.Lock()
	before, known := w.letters[l.ID]
	w.letters[l.ID] = string(body)
	w.mu.Unlock()
	if known {
		w.fire(mailAgain)
		require.Equal(w.t, before, string(body), "two confirmations of one change")
	}
	if w.chance(0.15) {
		w.fire(mailLost)
		return "", fault.New(fault.Transient, "LOST", "no answer")
	}
	return l.ID, nil
}

// switchAll lets every switcher ask for what is the round's turn, each by two clicks.
func (s *simulation) switchAll(round int) {
	action := []program.Action{program.Pause, program.Reactivate}[round%2]
	for i := range switchers {
		s.until(func(p *process) error {
			return p.handlers.Engine().SetOwnAddress(s.ctx, s.now, switcher(i), "ops@example.com")
		})
		for click := range 2 {
			s.until(func(p *process) error {
				once, err := engine.NewOnce(switcher(i), fmt.Sprint(round, click), "POST", "/v1/program/DE", nil)
				require.NoError(s.t, err)
				_, err = p.handlers.Engine().AskProgram(s.ctx, s.now, once, []string{"DE", "UK"}[click], action, program.ByAPI)
				return err
			})
		}
	}
}

// passTime sweeps once in a while, as a schedule does.
func (s *simulation) passTime() {
	for range 6 {
		s.now = s.now.Add(4 * time.Minute)
		s.until(func(p *process) error { _, err := p.handlers.Sweep(s.ctx); return err })
		s.follow()
	}
}

// settleMails holds every programme to its mails.
func (s *simulation) settleMails(rounds int) {
	p := s.start()
	for i := range switchers {
		v, err := p.handlers.Engine().Program(s.ctx, s.now, switcher(i), "DE")
		require.NoError(s.t, err)
		require.Equal(s.t, int64(rounds), v.Change.Number, "two clicks are one request")
		require.Equal(s.t, "MAIL", v.Change.ConfirmedBy, "%+v", v)
		require.Equal(s.t, "SENT", v.Mail.Status)
		require.Contains(s.t, s.letters, fmt.Sprintf("P/%s/EUROPE/%d", switcher(i), rounds))
	}
}
