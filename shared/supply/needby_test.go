// Need-by days are checked against days worked out by hand and against the
// meaning of the word: one day later breaks a promise. It would catch a padding
// that is taken off, a weekend that is forgotten, and an alert that comes too
// late or stays.
package supply_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/supply"
)

func dayOf(t *testing.T, s string) supply.Day {
	d, err := supply.ParseDay("day", s)
	require.NoError(t, err)
	return d
}

func TestTheNeedByDayIsTheLatestArrivalThatIsReceivedInTime(t *testing.T) { // F78
	berlin := officeIn(t, "Europe/Berlin", "2026-04-03", "2026-04-06")
	for _, c := range []struct {
		promised  string
		receiving int
		want      string
	}{
		{"2026-03-18", 0, "2026-03-18"},
		{"2026-03-18", 1, "2026-03-17"}, // Wednesday, Tuesday
		{"2026-03-18", 2, "2026-03-16"},
		{"2026-03-16", 1, "2026-03-15"}, // what comes on a Sunday is received on Monday
		{"2026-03-16", 2, "2026-03-12"}, // on Friday it would be received on Tuesday
		{"2026-04-07", 1, "2026-04-06"}, // Good Friday and Easter Monday
		{"2026-04-07", 2, "2026-04-01"},
	} {
		policy := supply.Policy{PaddingDays: 3, ReceivingDays: c.receiving}
		require.Equal(t, c.want, supply.NeedByDay(dayOf(t, c.promised), policy, berlin).String(), "%+v", c)
	}
	require.Zero(t, supply.NeedByDay(none, supply.DefaultPolicy(), berlin))
}

func TestADayLaterThanNeededBreaksThePromise(t *testing.T) {
	berlin := officeIn(t, "Europe/Berlin", "2026-04-03", "2026-04-06")
	rapid.Check(t, func(r *rapid.T) {
		promised := dayOf(t, "2026-03-20") + supply.Day(rapid.IntRange(0, 30).Draw(r, "day"))
		policy := supply.Policy{ReceivingDays: rapid.IntRange(0, 5).Draw(r, "receiving")}
		day := supply.NeedByDay(promised, policy, berlin)
		require.LessOrEqual(r, berlin.AddBusinessDays(day, policy.ReceivingDays), promised)
		require.Greater(r, berlin.AddBusinessDays(day+1, policy.ReceivingDays), promised)
	})
}

// dated returns a fact of a lot of four units with that ETA.
func dated(t *testing.T, eta string, version int64) supply.Lot {
	at := instant(t, eta)
	return supply.Lot{Shipment: "FBA1", Status: supply.Shipped, Shipped: 4, Heard: at.Add(-72 * time.Hour), ETA: supply.Window{From: at, To: at}, Version: version}
}

func TestAShipmentIsTightWhileItsPaddingIsUsedUpAndNoDateHasMoved(t *testing.T) { // F78
	policy := supply.Policy{PaddingDays: 3, ReceivingDays: 1, HorizonDays: 180, StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour}
	rules := supply.Rules{Policy: policy, Calendar: officeIn(t, "UTC"), Now: instant(t, "2026-03-02T10:00:00Z")}
	it := &supply.Item{Detailed: true, Line: supply.NewLine()}
	tell := func(eta string, version int64) { it.Resupply(rules, []supply.Lot{dated(t, eta, version)}) }
	at := func(now string) {
		rules.Now = instant(t, now)
		it.Sweep(rules)
	}
	is := func(day string, atRisk bool, why string) {
		t.Helper()
		by, risk := it.NeedBy(rules, "FBA1")
		require.Equal(t, []any{day, atRisk, atRisk}, []any{by.String(), risk, it.Lot("FBA1").Tight}, why)
	}
	tell("2026-03-10T20:00:00Z", 1)
	is("", false, "nobody has bought any")
	it.Decide(rules, []supply.Wish{{Order: "o1", Revision: 1, Units: 1}})
	require.Equal(t, "2026-03-16", it.Line.Order("o1").Promised.String()) // Tuesday, 3 days, Monday
	is("2026-03-15", false, "a new promise has its whole padding")
	tell("2026-03-11T06:00:00Z", 2)
	require.Equal(t, "2026-03-16", it.Line.Order("o1").Promised.String())
	is("2026-03-15", false, "Saturday the 14th instead of Friday the 13th is received on Monday too")

	tell("2026-03-12T20:00:00Z", 3)
	require.Equal(t, "2026-03-16", it.Line.Order("o1").Promised.String())
	tell("2026-03-13T05:00:00Z", 4) // 9 hours later, and a day: Monday the 16th is no longer soon enough
	require.Equal(t, "2026-03-16", it.Line.Order("o1").Promised.String(), "so little moves no date")
	is("2026-03-15", true, "but it uses up the padding")
	tell("2026-03-12T20:00:00Z", 5)
	is("2026-03-15", false, "and comes back")

	at("2026-03-13T00:00:00Z")
	is("2026-03-15", true, "its day has passed, and nobody knows when it comes")
	tell("2026-03-18T12:00:00Z", 6)
	require.Equal(t, "2026-03-23", it.Line.Order("o1").Promised.String())
	is("2026-03-22", false, "the date has moved, so nothing is at risk any more")
	at("2026-03-19T00:00:00Z")
	is("2026-03-22", true, "overdue again")
	it.Decide(rules, []supply.Wish{{Kind: supply.WishCancel, Order: "o1"}})
	is("", false, "nobody waits for it")
}
