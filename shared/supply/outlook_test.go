package supply

// Works on one lot whose lane says now this, now that. It would catch a promise
// that moves because another shipment was a day late, an old order that loses its
// date to doubt, units that are sold although their vendor never sends them, and a
// fixed padding that is doubted all the same.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type everyDay struct{}

func (everyDay) Day(t time.Time) Day                 { return DayOf(t.UTC()) }
func (everyDay) Start(d Day) time.Time               { return d.Date() }
func (everyDay) AddBusinessDays(d Day, days int) Day { return d + Day(days) }

func learnt() Rules {
	p := DefaultPolicy()
	p.ReceivingDays = 0
	return Rules{Policy: p, Calendar: everyDay{}, Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

func outlookOf(padding int) Outlook {
	return Outlook{Lane: "OCEAN/OWN/MAEU", Padding: padding, OnTime: 9700, Short: 500, Sure: Whole}
}

func lotUntil(day int, o Outlook) Lot {
	at := time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC)
	return Lot{Shipment: "FBA1", Status: Shipped, Shipped: 100, ETA: Window{From: at, To: at}, Heard: learnt().Now, Created: learnt().Now, Outlook: o, Version: 1}
}

func TestTheLanesPaddingIsAddedAndMovesOnlyByTwoDaysOrWithTheETA(t *testing.T) {
	r := learnt()
	l := lotUntil(10, outlookOf(4))
	for _, c := range []struct {
		why     string
		eta     int
		padding int
		want    string
	}{
		{"first", 10, 4, "2026-03-14"}, {"a day more", 10, 5, "2026-03-14"}, {"a day less", 10, 3, "2026-03-14"},
		{"two days more", 10, 6, "2026-03-16"}, {"two less", 10, 4, "2026-03-14"},
		{"a new ETA takes what the lane says now", 12, 5, "2026-03-17"},
		{"out of bounds keeps what it has", 12, 8, "2026-03-17"}, {"for ever", 12, Never, "2026-03-17"},
		{"a new ETA, and still in doubt", 15, Never, "2026-03-20"},
	} {
		next := lotUntil(c.eta, outlookOf(c.padding))
		l.ETA, l.Outlook = next.ETA, next.Outlook
		l.settle(r)
		require.Equal(t, c.want, l.day(Open, r).String(), c.why)
	}
	fresh := lotUntil(10, outlookOf(Never))
	fresh.settle(r)
	require.Equal(t, "2026-03-17", fresh.day(Open, r).String(), "seven days are the most that is ever added")
	unknown := lotUntil(10, Outlook{})
	unknown.settle(r)
	require.Equal(t, "2026-03-13", unknown.day(Open, r).String(), "nothing known: three days")
}

func TestDoubtClosesALotToNewOrdersAndSaysWhy(t *testing.T) {
	for _, c := range []struct {
		why      string
		change   func(*Lot, *Policy)
		code     Code
		evidence string
	}{
		{"sure", func(*Lot, *Policy) {}, Open, ""},
		{"seven days", func(l *Lot, _ *Policy) { l.Outlook.Padding = 7 }, Open, ""},
		{"eight days", func(l *Lot, _ *Policy) { l.Outlook.Padding, l.Outlook.OnTime = 8, 4000 }, DateNotConfident, "40.0 % of OCEAN/OWN/MAEU arrive within 7 days of the ETA; 95.0 % are needed"},
		{"five broken", func(l *Lot, _ *Policy) { l.Outlook.Dates = Record{5, 50} }, Open, ""},
		{"six broken", func(l *Lot, _ *Policy) { l.Outlook.Dates = Record{6, 50} }, DateNotConfident, "of the latest 50 dates of OCEAN/OWN 6 were broken, more than 5: nothing new is sold until that is better"},
		{"six of all", func(l *Lot, _ *Policy) { l.Outlook.All = Record{6, 7} }, DateNotConfident, "of the latest 7 dates of all shipments 6 were broken, more than 5: nothing new is sold until that is better"},
		{"at the dock", func(l *Lot, _ *Policy) { l.Outlook.Padding, l.Arrived = Never, learnt().Now }, Open, ""},
		{"a fixed padding", func(l *Lot, p *Policy) { l.Outlook.Padding, p.Learnt = Never, false }, Open, ""},
		{"no appointment", func(l *Lot, _ *Policy) { l.Trouble, l.Outlook.Padding = TroubleAppointment, Never }, NoAppointment, "the dock takes only carriers with a standing appointment, or pallets whose carrier booked one"},
	} {
		r, l := learnt(), lotUntil(10, outlookOf(3))
		c.change(&l, &r.Policy)
		l.settle(r)
		l.evaluate(r)
		require.Equal(t, c.code.String(), l.Code.String(), c.why)
		if c.code != Open {
			require.Equal(t, c.evidence, l.Verdict(r).Evidence, c.why)
			require.Zero(t, l.Exposable, c.why)
			l.Pegged = 70
			require.EqualValues(t, 70, l.capacity(), "never to old orders")
		} else {
			require.EqualValues(t, 100, l.Exposable, c.why)
		}
	}
}

func TestWhatComesForSureIsSoldWithoutADateWhereTheOperatorWantsIt(t *testing.T) {
	for _, c := range []struct {
		why      string
		change   func(*Lot, *Policy)
		exposure Exposure
	}{
		{"wanted, and sure to come", func(*Lot, *Policy) {}, NoDate},
		{"not wanted", func(_ *Lot, p *Policy) { p.SellUndated = false }, Hidden},
		{"not sure to come", func(l *Lot, _ *Policy) { l.Outlook.Comes = 9499 }, Hidden},
		{"its lane breaks its dates", func(l *Lot, _ *Policy) { l.Outlook.Dates.Broken = 6 }, Hidden},
		{"all lanes do", func(l *Lot, _ *Policy) { l.Outlook.All.Broken = 6 }, Hidden},
		{"sure of the day", func(l *Lot, _ *Policy) { l.Outlook.Padding = 7 }, ForADay},
		{"lost", func(l *Lot, _ *Policy) { l.Trouble = TroubleLost }, Hidden},
		{"arrived", func(l *Lot, _ *Policy) { l.Arrived = learnt().Now }, ForADay},
	} {
		r, l := learnt(), lotUntil(10, outlookOf(Never))
		l.Outlook.Comes, r.Policy.SellUndated = 9500, true
		c.change(&l, &r.Policy)
		l.settle(r)
		l.evaluate(r)
		require.Equal(t, c.exposure, l.Exposure(r), c.why)
		require.Equal(t, c.exposure != Hidden, l.Exposable == 100, c.why)
		if c.exposure == NoDate {
			require.Equal(t, Undated, l.Day, c.why)
		}
		if c.exposure == ForADay {
			require.True(t, l.Day.Known(), c.why)
		}
	}
}

func TestOnlyWhatAVendorSurelySendsIsSold(t *testing.T) {
	for _, c := range []struct {
		short, sure Share
		received    Units
		removed     Units
		want        Units
		code        Code
	}{
		{1000, 8000, 0, 0, 100, Open}, // a tenth of the lines short is not too much
		{1001, 8000, 0, 0, 80, Open},
		{1001, 9299, 0, 0, 92, Open}, // rounded down
		{1001, 8000, 50, 0, 30, Open},
		{1001, 8000, 80, 0, 0, QtyNotConfident},
		{1001, 8000, 0, 10, 72, Open}, // of the 90 that are still on their way
		{1001, 0, 0, 0, 0, QtyNotConfident},
		{1001, Whole, 0, 0, 100, Open},
	} {
		r, l := learnt(), lotUntil(10, outlookOf(3))
		l.Outlook.Short, l.Outlook.Sure, l.Received, l.Removed = c.short, c.sure, c.received, c.removed
		l.settle(r)
		l.evaluate(r)
		require.Equal(t, c.want, l.Exposable, "%+v", c)
		require.Equal(t, c.code.String(), l.Code.String(), "%+v", c)
	}
	r, l := learnt(), lotUntil(10, outlookOf(3))
	l.Outlook.Short, l.Outlook.Sure, r.Policy.Learnt = Whole, 0, false
	l.settle(r)
	l.evaluate(r)
	require.EqualValues(t, 100, l.Exposable, "a fixed padding doubts nothing")
}

func TestSilenceLowersTheConfidenceAtADayTwoAndThree(t *testing.T) {
	r, l := learnt(), lotUntil(20, outlookOf(3))
	for after, want := range map[time.Duration]Share{
		0: Whole, 24*time.Hour - 1: Whole, 24 * time.Hour: 9900, 48*time.Hour - 1: 9900, 48 * time.Hour: 9700,
		72*time.Hour - 1: 9700, 72 * time.Hour: 9000, 200 * time.Hour: 9000,
	} {
		r.Now = l.Heard.Add(after)
		f := l.Factors(r)[2]
		require.Equal(t, want, f.Value, after)
		if after < 72*time.Hour {
			later := r
			later.Now = f.Changes.Add(-1)
			require.Equal(t, want, l.Factors(later)[2].Value, "not before it says")
			later.Now = f.Changes
			require.NotEqual(t, want, l.Factors(later)[2].Value, "then")
		} else {
			require.Zero(t, f.Changes)
		}
	}
	l.Arrived = r.Now
	require.Equal(t, []Share{Whole, Whole}, []Share{l.Factors(r)[0].Value, l.Factors(r)[2].Value}, "it is here")
}

func TestItemsAreToldWhatMatters(t *testing.T) {
	c, old := DefaultConfidence(), outlookOf(3)
	for why, change := range map[string]func(*Outlook){
		"padding": func(o *Outlook) { o.Padding++ }, "a hundredth": func(o *Outlook) { o.OnTime -= 100 }, "the switch": func(o *Outlook) { o.Dates.Broken = 6 },
		"short": func(o *Outlook) { o.Short += 100 }, "sure": func(o *Outlook) { o.Sure -= 100 },
	} {
		o := old
		change(&o)
		require.True(t, o.Differs(&old, c), why)
	}
	for why, change := range map[string]func(*Outlook){
		"nothing": func(*Outlook) {}, "less": func(o *Outlook) { o.OnTime -= 99 }, "a broken date of few": func(o *Outlook) { o.Dates = Record{5, 6} },
	} {
		o := old
		change(&o)
		require.False(t, o.Differs(&old, c), why)
	}
}

func TestDocksByAppointment(t *testing.T) {
	slot := Window{From: learnt().Now, To: learnt().Now}
	for _, c := range []struct {
		market   MarketplaceID
		mode     Mode
		carrier  Carrier
		slot     Window
		eligible bool
	}{
		{"A39IBJ37TRP1C6", SPD, Carrier{Name: "Toll Group"}, Window{}, true},
		{"A39IBJ37TRP1C6", SPD, Carrier{Name: "australia post"}, Window{}, true},
		{"A39IBJ37TRP1C6", LTL, Carrier{SCAC: "TNT"}, Window{}, true},
		{"A39IBJ37TRP1C6", SPD, Carrier{Name: "Atlantla Freight"}, Window{}, false}, // TLA is a whole name
		{"A39IBJ37TRP1C6", SPD, Carrier{}, Window{}, false},
		{"A39IBJ37TRP1C6", SPD, Carrier{Name: "Nobody"}, slot, false}, // parcels book nothing
		{"A39IBJ37TRP1C6", LTL, Carrier{Name: "Nobody"}, slot, true},
		{"A1PA6795UKMFR9", SPD, Carrier{Name: "Nobody"}, Window{}, true},
	} {
		s := Shipment{Marketplace: c.market, Mode: c.mode, Carrier: c.carrier, Appointment: c.slot}
		require.Equal(t, c.eligible, s.hasAppointment(), "%+v", c)
	}
}

func TestALaneEndsWhereNobodyNamedMore(t *testing.T) {
	for want, s := range map[string]Shipment{
		"OCEAN/GLOBAL_LOGISTICS":  {Mode: Ocean, Carrier: Carrier{Program: GlobalLogistics}, Destination: "DTM2", Vendor: "Tea"},
		"SPD/OWN/UPS":             {Carrier: Carrier{Name: "Ups!"}},
		"SPD/OWN/UPSN":            {Carrier: Carrier{Name: "UPS", SCAC: "UPSN"}},
		"SPD/OWN/UPS/DTM2":        {Carrier: Carrier{Name: "UPS"}, Destination: "DTM2"},
		"SPD/OWN/UPS/TEAPOTSGMBH": {Carrier: Carrier{Name: "UPS"}, Destination: "DTM2", Vendor: "Teapots GmbH"},
	} {
		names := s.LaneNames()
		require.Equal(t, want, names[len(names)-1])
	}
}
