package supply_test

// These tests date goods that are to arrive somewhere else than at our dock, and
// look at every rule that rests on the day of arrival. They would catch a port
// taken for the dock, and a lot that is overdue, or sold, by the wrong day.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/supply"
)

func TestArrivalElsewhereIsNotArrivalAtOurDock(t *testing.T) {
	cal := officeIn(t, "Europe/Berlin")
	p := supply.Policy{ReceivingDays: 1, ShipDays: 1, OnCarriage: supply.DefaultPolicy().OnCarriage}
	for kind, want := range map[supply.ETAKind][2]string{
		supply.AtDock:        {"2026-03-10", "2026-03-11"},
		supply.ForPickup:     {"2026-03-12", "2026-03-13"},
		supply.AtInlandPoint: {"2026-03-13", "2026-03-16"}, // a Friday: received on Monday
		supply.AtPort:        {"2026-03-17", "2026-03-18"},
	} {
		to := instant(t, "2026-03-09T23:30:00Z") // the 10th in Berlin
		require.Equal(t, want, days(supply.Window{From: to, To: to, Kind: kind}, p, cal), kind.String())
		day := instant(t, "2026-03-10T00:00:00Z")
		require.Equal(t, want, days(supply.Window{From: day, To: day, DateOnly: true, Kind: kind}, p, cal), kind.String())
	}
	port := supply.Window{To: instant(t, "2026-03-10T12:00:00Z"), Kind: supply.AtPort}
	p.PaddingDays, p.OnCarriage = 3, supply.OnCarriage{supply.AtPort: 5}
	require.Equal(t, [2]string{"2026-03-15", "2026-03-19"}, days(port, p, cal), "then the padding")
	p.OnCarriage[supply.AtPort] = -5
	require.Equal(t, "2026-03-10", supply.ArrivalDay(port, p, cal).String(), "never before the carrier's own day")
}

func days(eta supply.Window, p supply.Policy, cal supply.Calendar) [2]string {
	return [2]string{supply.ArrivalDay(eta, p, cal).String(), supply.InStockDay(eta, p, cal).String()}
}

func TestTheKindsAreNamedAsTheyArePublished(t *testing.T) {
	for kind, name := range map[supply.ETAKind]string{supply.AtDock: "DELIVERY", supply.ForPickup: "AVAILABLE", supply.AtInlandPoint: "ARRIVAL_INLAND", supply.AtPort: "ARRIVAL_PORT"} {
		got, ok := supply.ParseETAKind(name)
		require.True(t, ok)
		require.Equal(t, kind, got)
	}
	_, ok := supply.ParseETAKind("MOON")
	require.False(t, ok)
}

// sea is an item with one lot of 10 that is due at the port on the 10th of March.
func sea(t *testing.T, now string) (*supply.Item, supply.Lot, supply.Rules) {
	policy := supply.DefaultPolicy()
	policy.PaddingDays, policy.ReceivingDays = 0, 1
	r := supply.Rules{Policy: policy, Calendar: officeIn(t, "Europe/Berlin"), Now: instant(t, now)}
	heard := instant(t, "2026-03-09T08:00:00Z")
	fact := supply.Lot{Shipment: "FBA1", Created: heard, Status: supply.StatusInTransit, Shipped: 10, Heard: heard, Version: 1,
		ETA: supply.Window{From: instant(t, "2026-03-10T08:00:00Z"), To: instant(t, "2026-03-10T12:00:00Z"), Kind: supply.AtPort}}
	it := &supply.Item{Detailed: true, Line: supply.NewLine()}
	it.Resupply(r, []supply.Lot{fact})
	return it, fact, r
}

func TestALotIsOverdueByItsDayAtTheDock(t *testing.T) {
	it, _, r := sea(t, "2026-03-17T22:00:00Z")
	require.Equal(t, supply.Open, it.Lots[0].Code, "seven days after the port")
	require.Equal(t, "2026-03-18", it.Lots[0].Day.String())
	require.Equal(t, "in stock 2026-03-18: ETA (ARRIVAL_PORT, 7 days from the dock) until 2026-03-10T12:00:00Z, last heard 2026-03-09T08:00:00Z", it.Lots[0].Verdict(r).Evidence)
	require.Equal(t, instant(t, "2026-03-17T23:00:00Z"), it.Lots[0].Verdict(r).NextChange.UTC(), "the end of the 17th in Berlin")

	it, _, r = sea(t, "2026-03-17T23:00:00Z")
	require.Equal(t, supply.Overdue, it.Lots[0].Code)
	require.Equal(t, "the ETA window (ARRIVAL_PORT, 7 days from the dock) ended 2026-03-10T12:00:00Z; no arrival was reported", it.Lots[0].Verdict(r).Evidence)
}

func TestTheHorizonCountsToTheDayAtTheDock(t *testing.T) {
	it, _, r := sea(t, "2026-03-09T09:00:00Z")
	r.Policy.HorizonDays = 9
	it.Sweep(r)
	require.Equal(t, supply.Open, it.Lots[0].Code, "in stock on the 18th")
	r.Policy.HorizonDays = 8
	it.Sweep(r)
	require.Equal(t, supply.BeyondHorizon, it.Lots[0].Code)
}

func TestAnETAAtAnotherPlaceIsNoJitter(t *testing.T) {
	it, fact, r := sea(t, "2026-03-09T09:00:00Z")
	move := func(change func(*supply.Lot)) string {
		fact.Version++
		change(&fact)
		it.Resupply(r, []supply.Lot{fact})
		return it.Lots[0].Day.String()
	}
	require.Equal(t, "2026-03-18", move(func(l *supply.Lot) { l.ETA.To = l.ETA.To.Add(11 * time.Hour) }), "at the same port: jitter")
	require.Equal(t, "2026-03-11", move(func(l *supply.Lot) { l.ETA.To, l.ETA.Kind = l.ETA.To.Add(-11*time.Hour), supply.AtDock }), "the same instant, at the dock")
	require.Equal(t, "2026-03-13", move(func(l *supply.Lot) { l.ETA.Kind = supply.ForPickup }))
}
