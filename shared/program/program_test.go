package program

// The state machine is held to a table that was written by hand, every status with
// every input; then the mail that each change owes, instant by instant. They would
// catch an input that is taken for another, a cut-off a second off, a mail that says
// two things, and a limit that is mistaken for another.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func at(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }

// made returns a programme in the status; a confirmed one where confirmed is set.
func made(t *testing.T, status Status, confirmed bool) Program {
	var p Program
	send := func(now time.Time) {
		p.Begin(now, "a…e@example.com", 7)
		require.True(t, p.Sent(p.Change.Number, now, "id"))
	}
	if status == Active {
		return p
	}
	require.True(t, p.Ask(Pause, at(-200), ByAPI))
	if status == Pausing && !confirmed {
		return p
	}
	send(at(-200))
	if status == Pausing {
		p.CutOff = at(1)
		return p
	}
	require.True(t, p.Advance(at(-100)))
	if status == Reactivating {
		require.True(t, p.Ask(Reactivate, at(-10), ByAPI))
		if confirmed {
			send(at(-10))
		}
	}
	require.Equal(t, status, p.Status)
	return p
}

func TestEveryStatusAnswersEveryInput(t *testing.T) {
	const same = "does nothing"
	for _, row := range strings.Split(strings.TrimSpace(`
ACTIVE        no   pause requested         PAUSING, change 1, mail owed, no cut-off
ACTIVE        no   reactivation requested  does nothing
ACTIVE        no   confirmed               does nothing
ACTIVE        no   cut-off reached         does nothing
ACTIVE        no   all opened              does nothing
PAUSING       no   pause requested         does nothing
PAUSING       no   reactivation requested  REACTIVATING, change 2, mail owed, no cut-off
PAUSING       no   confirmed               PAUSING, change 1, mail owed, cut-off in 72 h
PAUSING       no   cut-off reached         does nothing
PAUSING       no   all opened              does nothing
PAUSING       yes  pause requested         does nothing
PAUSING       yes  reactivation requested  REACTIVATING, change 2, mail owed, cut-off in 1 h
PAUSING       yes  confirmed               does nothing
PAUSING       yes  cut-off reached         does nothing
PAUSING       yes  all opened              does nothing
PAUSED        yes  pause requested         does nothing
PAUSED        yes  reactivation requested  REACTIVATING, change 2, mail owed, cut-off in -128 h
PAUSED        yes  confirmed               does nothing
PAUSED        yes  cut-off reached         does nothing
PAUSED        yes  all opened              does nothing
REACTIVATING  no   pause requested         PAUSING, change 3, mail owed, cut-off in -128 h
REACTIVATING  no   reactivation requested  does nothing
REACTIVATING  no   confirmed               REACTIVATING, change 2, mail owed, no cut-off, opening
REACTIVATING  no   cut-off reached         does nothing
REACTIVATING  no   all opened              does nothing
REACTIVATING  yes  pause requested         PAUSING, change 3, mail owed, no cut-off, opening
REACTIVATING  yes  reactivation requested  does nothing
REACTIVATING  yes  confirmed               does nothing
REACTIVATING  yes  cut-off reached         does nothing
REACTIVATING  yes  all opened              ACTIVE, change 2, no cut-off
`), "\n") {
		t.Run(row, func(t *testing.T) {
			fields := strings.Fields(row)
			var status Status
			for s := Active; s < statusCount; s++ {
				if s.String() == fields[0] {
					status = s
				}
			}
			p := made(t, status, fields[1] == "yes")
			before := p.Change
			rest := strings.TrimSpace(strings.SplitN(row, fields[1]+"  ", 2)[1])
			input, want := "", ""
			for in := AskPause; in < inputCount; in++ {
				if after, ok := strings.CutPrefix(rest, in.String()); ok {
					input, want = in.String(), strings.TrimSpace(after)
				}
			}
			changed := map[string]func() bool{
				"pause requested":        func() bool { return p.Ask(Pause, noon, ByAPI) },
				"reactivation requested": func() bool { return p.Ask(Reactivate, noon, ByAPI) },
				"confirmed":              func() bool { return p.ConfirmOnPage(noon) },
				"cut-off reached":        func() bool { s := p.Status; p.Advance(noon); return p.Status != s },
				"all opened":             func() bool { return p.Opened(noon) },
			}[input]()
			require.Equal(t, want != same, changed)
			if want == same {
				require.Equal(t, before, p.Change)
				return
			}
			require.Equal(t, want, told(&p))
		})
	}
	for s := range rules {
		for in := range rules[s] {
			require.NotEmpty(t, rules[s][in].why, "%s, %s", Status(s), Input(in))
		}
	}
}

func told(p *Program) string {
	text := fmt.Sprintf("%s, change %d", p.Status, p.Change.Number)
	if p.Mail().Sent.IsZero() {
		text += ", mail owed"
	}
	if p.CutOff.IsZero() {
		text += ", no cut-off"
	} else {
		text += fmt.Sprintf(", cut-off in %g h", p.CutOff.Sub(noon).Hours())
	}
	if p.Opening {
		text += ", opening"
	}
	return text
}

func TestTheCutOffIsSeventyTwoHoursAfterTheConfirmationToTheSecond(t *testing.T) {
	var p Program
	require.True(t, p.Ask(Pause, at(0), ByPage))
	require.False(t, p.Blocks(at(1000)), "nothing is blocked before the confirmation")
	require.Equal(t, at(3), p.Begin(at(3), "a…e@example.com", 7))
	require.False(t, p.Blocks(at(1000)), "a mail that is on its way confirms nothing yet")
	require.True(t, p.Sent(1, at(3).Add(time.Minute), "id"))
	require.Equal(t, at(75), p.CutOff)
	require.False(t, p.Blocks(at(75).Add(-time.Second)))
	require.True(t, p.Blocks(at(75)))
	require.False(t, p.Advance(at(75).Add(-time.Second)))
	require.Equal(t, at(75), p.Due())
	require.True(t, p.Advance(at(75).Add(time.Hour)))
	require.Equal(t, Paused, p.Status)
	require.Equal(t, at(75), p.EffectiveAt(), "it was so from the cut-off on, whenever that was noticed")
	require.Equal(t, at(75), p.Since)
}

func TestAMailSaysTheSameHoweverOftenItIsTried(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	require.True(t, p.MailDue(at(0)))
	first := p.Begin(at(0), "x", 7)
	require.False(t, p.MailDue(at(0).Add(LeaseFor-time.Second)), "somebody has it in hand")
	require.True(t, p.MailDue(at(0).Add(LeaseFor)), "who had it is gone")
	require.Equal(t, first, p.Begin(at(1), "x", 7), "it may have been sent, so its words stand")
	require.True(t, p.Failed(1, at(1), Throttled), "this one was not, but the first may have been")
	require.Equal(t, first, p.Begin(at(2), "x", 7))
	require.True(t, p.Sent(1, at(2), "id"))
	require.False(t, p.Sent(1, at(2), "id"), "told twice")
	require.Equal(t, first, p.Change.Confirmed)
}

func TestAMailThatWasNeverSentSaysAnotherTimeWhenItIs(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(0), "x", 7)
	require.True(t, p.Failed(1, at(0), Unreachable))
	require.False(t, p.MailDue(at(0).Add(waits[0]-time.Second)))
	require.True(t, p.MailDue(at(0).Add(waits[0])))
	require.Equal(t, at(30), p.Begin(at(30), "x", 7), "the 72 hours begin when a mail is sent")
	require.True(t, p.Sent(1, at(30), "id"))
	require.Equal(t, at(102), p.CutOff)
}

func TestTriesAreFartherAndFartherApart(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	now := at(0)
	var gaps []time.Duration
	for range 6 {
		p.Begin(now, "x", 7)
		p.Failed(1, now, Throttled)
		gaps = append(gaps, p.Due().Sub(now))
		now = p.Due()
	}
	require.Equal(t, []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour, time.Hour}, gaps)
}

func TestWhatTheSellerMustMendIsNotTriedByItself(t *testing.T) {
	for why := NoAddress; why < problemCount; why++ {
		var p Program
		p.Ask(Pause, at(0), ByAPI)
		p.Begin(at(0), "x", 7)
		p.Failed(1, at(0), why)
		require.Equal(t, why.Passing(), p.MailDue(at(47)), why.String())
		require.True(t, p.Retry())
		require.True(t, p.MailDue(at(47)), "once the seller did something: %s", why)
	}
}

func TestAMailInDoubtIsTriedForTwoDaysAndThenOnlyWhenAsked(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(0), "x", 7)
	p.Failed(1, at(0), NoAnswer)
	require.True(t, p.MailDue(at(1)))
	p.Begin(at(47.5), "x", 7)
	p.Failed(1, at(47.5), NoAnswer)
	p.Begin(at(48.5), "x", 7)
	p.Failed(1, at(48.5), NoAnswer)
	require.False(t, p.MailDue(at(100)))
	ok, _ := p.Resend(at(100))
	require.True(t, ok)
	require.Equal(t, at(100), p.Begin(at(100), "x", 7), "what was said two days ago does not count any more")
}

func TestTheConfirmationOnThePageCountsAndTheMailFollowsWithTheSameWords(t *testing.T) {
	var p Program
	require.False(t, p.ConfirmOnPage(at(0)), "there is nothing to confirm")
	p.Ask(Pause, at(0), ByPage)
	p.Failed(1, at(0), NoAddress)
	require.True(t, p.ConfirmOnPage(at(5)))
	require.False(t, p.ConfirmOnPage(at(6)))
	require.Equal(t, Change{Number: 1, Action: Pause, Requested: at(0), Via: ByPage, Confirmed: at(5), By: ByPage}, p.Change)
	require.Equal(t, at(77), p.CutOff)
	require.True(t, p.Retry())
	require.Equal(t, at(5), p.Begin(at(9), "x", 7))
	require.True(t, p.Sent(1, at(9), "id"))
	require.Equal(t, ByPage, p.Change.By)
	require.Equal(t, at(77), p.CutOff)
}

func TestAPageConfirmationTakesTheInstantOfAMailThatMayBeOnItsWay(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(1), "x", 7)
	require.True(t, p.ConfirmOnPage(at(2)))
	require.Equal(t, at(73), p.CutOff)
}

func TestACutOffNeverLiesInThePast(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(0), "x", 7)
	require.True(t, p.Sent(1, at(100), "id"), "the answer took four days")
	require.Equal(t, at(100), p.CutOff)
	require.Equal(t, Paused, p.Status)
	ok, _ := p.Resend(at(110))
	require.True(t, ok)
	require.Equal(t, at(28), p.Begin(at(110), "x", 7), "a repetition says what counts")
}

func TestAMailThatWaitsIsDroppedWhenItsChangeIsOver(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Failed(1, at(0), Throttled)
	p.Ask(Reactivate, at(1), ByAPI)
	require.True(t, p.Mails[0].Withdrawn)
	require.False(t, p.Mails[1].Withdrawn)
	require.False(t, p.Failed(9, at(1), Throttled), "a change that nobody knows")
	p.Begin(at(1), "x", 7)
	require.True(t, p.Sent(1, at(1), "late"), "the first was on its way all the same")
	require.Equal(t, Reactivating, p.Status, "and confirms nothing that is over")
	require.True(t, p.Sent(2, at(1), "id"))
	require.Equal(t, Active, p.Status, "no cut-off had come, so nothing is to be opened")
}

func TestTheTwoLimitsOf48HoursAreTwo(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Failed(1, at(0), NoAddress)
	require.Equal(t, at(48), p.Deadline())
	require.False(t, p.Advance(at(48).Add(-time.Second)))
	require.True(t, p.Advance(at(48)))
	require.Equal(t, MailOverdue|StatusOverdue, p.Alerts)
	require.True(t, p.ConfirmOnPage(at(49)))
	require.Equal(t, MailOverdue, p.Alerts, "the status counts; the mail is still missing")
	require.Zero(t, p.Deadline())
	p.Retry()
	p.Begin(at(50), "x", 7)
	p.Sent(1, at(50), "id")
	require.Zero(t, p.Alerts)

	var q Program
	q.Ask(Pause, at(0), ByAPI)
	q.Failed(1, at(0), NoAddress)
	require.True(t, q.Advance(at(49)))
	require.True(t, q.Ask(Reactivate, at(50), ByAPI))
	require.Zero(t, q.Alerts, "what took too long was taken back")
}

func TestAResentMailIsNotOverdueAndAskedForSeldom(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(0), "x", 7)
	p.Sent(1, at(0), "id")
	ok, wait := p.Resend(at(0).Add(time.Minute))
	require.False(t, ok)
	require.Equal(t, 4*time.Minute, wait)
	ok, wait = p.Resend(at(60))
	require.True(t, ok)
	require.Zero(t, wait)
	require.True(t, p.MailDue(at(60)))
	p.Advance(at(60))
	require.Zero(t, p.Alerts, "it was sent in time")
	require.Equal(t, at(0), p.Begin(at(60), "x", 7))
	require.True(t, p.Sent(1, at(60), "id2"))
	require.False(t, p.MailDue(at(1000)))
}

func TestNothingIsFinerThanASecond(t *testing.T) {
	var p Program
	now := at(0).Add(700 * time.Millisecond)
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(now, "x", 7)
	p.Sent(1, now, "id")
	require.Equal(t, at(0), p.Mail().Sent)
	require.Equal(t, at(72), p.CutOff)
	for _, e := range p.History {
		require.Equal(t, at(0), e.At, e.What)
	}
}

func TestABounceMovesNoDate(t *testing.T) {
	var p Program
	p.Ask(Pause, at(0), ByAPI)
	p.Begin(at(0), "x", 7)
	p.Sent(1, at(0), "id")
	require.True(t, p.Came(1, at(2), Bounced))
	require.False(t, p.Came(1, at(3), Bounced), "told twice")
	require.False(t, p.Came(9, at(3), Bounced), "a mail that nobody knows")
	require.Equal(t, at(72), p.CutOff)
	require.Equal(t, Bounced, p.Mail().Problem)
}

func TestAHistoryKeepsTheLatestFifty(t *testing.T) {
	var p Program
	for i := range 40 {
		p.Ask([]Action{Pause, Reactivate}[i%2], at(float64(i)), ByAPI)
	}
	require.Len(t, p.History, maxHistory)
	require.Len(t, p.Mails, maxMails)
	require.Equal(t, int64(40), p.Change.Number)
	require.Equal(t, Event{at(39), ReactivationRequested, 40, "API"}, p.History[maxHistory-1])
}

func TestARegionIsNamedByItsCodeOrItsMarketplace(t *testing.T) {
	for _, name := range []string{"UK", "DE", "FR", "IT", "ES", "A1RKKUPIHCS9HS"} {
		_, group, err := ParseRegion(name)
		require.NoError(t, err)
		require.Equal(t, "EUROPE", group.Name)
		require.Len(t, group.Regions, 5)
	}
	r, group, err := ParseRegion("US")
	require.NoError(t, err)
	require.Equal(t, Group{"US", []Region{r}}, group)
	for _, name := range []string{"", "de", "EUROPE", "GB", "A1"} {
		_, _, err := ParseRegion(name)
		require.Error(t, err, name)
	}
	require.Equal(t, "EUROPE", GroupOf("A1F83G8C2ARO7P").Name)
	require.Equal(t, "NEW", GroupOf("NEW").Name)
}
