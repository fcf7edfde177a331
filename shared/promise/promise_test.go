package promise_test

// Works by teaching lanes whose truth is known and asking what they say. It would
// catch a bin off by a day, a shipment that teaches a day twice or not at all, a
// forecast that forgets that the shipment is not here yet, a node that trusts
// three shipments of its own more than thousands of its parent's, and a history
// that does not end in the same bytes when it is played again.

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
	"headstart/shared/promise"
)

func TestBinsAreDaysNearTheETAAndSpansBeyond(t *testing.T) {
	require.Equal(t, 106, promise.Bins)
	for day := -30; day <= 30; day++ {
		require.Equal(t, day, promise.LastDay(promise.BinOf(day)))
	}
	for _, c := range []struct{ day, last int }{
		{31, 34}, {34, 34}, {35, 38}, {399, 400}, {400, 400}, {5000, 400}, {-31, -30}, {-34, -34}, {-35, -34}, {-9999, -363},
	} {
		require.Equal(t, c.last, promise.LastDay(promise.BinOf(c.day)), "day %d", c.day)
	}
	for bin := 1; bin < promise.Bins; bin++ {
		require.Less(t, promise.LastDay(bin-1), promise.LastDay(bin))
	}
}

// taught is a lane of new nodes that learnt shipments with the lateness, each
// seen from two weeks before its ETA.
func taught(depth int, days ...int) []*promise.Node {
	lane := make([]*promise.Node, depth)
	for i := range lane {
		lane[i] = new(promise.Node)
	}
	for _, d := range days {
		teach(lane, d)
	}
	return lane
}

func teach(lane []*promise.Node, days int) {
	l := promise.Watch(-14)
	l.Arrive(lane, days)
}

func TestAForecastIsTheShareThatHadComeByThen(t *testing.T) {
	var days []int
	for range 100 {
		days = append(days, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9)
	}
	f := promise.Foretell(taught(1, days...), -14)
	require.InDelta(t, 0, f.By(-1), 0.001)
	require.InDelta(t, 0.8, f.By(0), 0.01)
	require.InDelta(t, 0.8, f.By(1), 0.01)
	require.InDelta(t, 0.9, f.By(2), 0.01)
	require.InDelta(t, 1, f.By(9), 0.02)
	require.Equal(t, 2, f.Padding(0.85))
	require.Equal(t, 9, f.Padding(0.95))
}

func TestWhoIsNotHereYetIsForetoldFromHere(t *testing.T) {
	var days []int
	for range 200 {
		days = append(days, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6)
	}
	lane := taught(1, days...)
	overdue := promise.Foretell(lane, 1)
	require.Zero(t, overdue.By(0), "that day is over")
	require.InDelta(t, 0.5, overdue.By(5), 0.02, "of those overdue, half came on the fifth day")
	require.Equal(t, 6, overdue.Padding(0.9))
}

func TestAnOverdueShipmentTeachesBeforeItArrives(t *testing.T) {
	lane := taught(1)
	for range 50 {
		teach(lane, 0)
	}
	before := promise.Foretell(lane, -14)
	for range 50 { // a strike: nobody arrives, and nobody has arrived late before
		l := promise.Watch(-14)
		for clock := -14; clock <= 10; clock++ {
			l.Survive(lane, clock)
			l.Survive(lane, clock)
		}
	}
	during := promise.Foretell(lane, -14)
	require.Greater(t, before.By(0), 0.95)
	require.InDelta(t, 0.5, during.By(0), 0.02, "of a hundred, fifty were not here")
	require.Equal(t, promise.Never, during.Padding(0.95))
}

func TestSurvivingByTheDayTeachesWhatArrivingAtOnceDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, days := rapid.IntRange(-60, 20).Draw(t, "from"), rapid.IntRange(-70, 500).Draw(t, "days")
		atOnce, daily := taught(3), taught(3)
		l := promise.Watch(from)
		l.Arrive(atOnce, days)
		l = promise.Watch(from)
		for clock := from; clock < days; clock += rapid.IntRange(1, 9).Draw(t, "step") {
			l.Survive(daily, clock)
		}
		l.Arrive(daily, days)
		require.Equal(t, atOnce, daily)
	})
}

func TestNewsThatComesLateTakesBackWhatWasThoughtSurvived(t *testing.T) {
	known, late := taught(2), taught(2)
	teach(known, 3)
	l := promise.Watch(-14)
	for clock := -14; clock < 12; clock++ { // arrived on the third day, recorded on the twelfth
		l.Survive(late, clock)
	}
	l.Arrive(late, 3)
	a, b := promise.Foretell(known, -14), promise.Foretell(late, -14)
	for day := -14; day < 60; day++ {
		require.InDelta(t, a.By(day), b.By(day), 1e-9, "day %d", day)
	}
}

func TestWhoWasFirstSeenLateSaysNothingOfTheDaysBefore(t *testing.T) {
	lane := taught(1)
	for range 100 {
		teach(lane, 0)
	}
	before := promise.Foretell(lane, -14)
	for range 100 {
		l := promise.Watch(20) // handed over when it was three weeks late
		l.Arrive(lane, 25)
	}
	after := promise.Foretell(lane, -14)
	require.InDelta(t, before.By(0), after.By(0), 0.02)
}

func TestALaneOfAFewShipmentsSaysWhatItsParentSays(t *testing.T) {
	global, late, fresh := new(promise.Node), new(promise.Node), new(promise.Node)
	for range 1000 {
		teach([]*promise.Node{global}, 0)
	}
	for range 200 {
		teach([]*promise.Node{global, late}, 10)
	}
	teach([]*promise.Node{global, fresh}, 10)
	own := promise.Foretell([]*promise.Node{global, late}, -14)
	require.Less(t, own.By(5), 0.1, "two hundred shipments of its own")
	unknown := promise.Foretell([]*promise.Node{global, fresh}, -14)
	everywhere := promise.Foretell([]*promise.Node{global}, -14)
	require.InDelta(t, everywhere.By(5), unknown.By(5), 0.2, "one of its own")
	require.Equal(t, everywhere, promise.Foretell([]*promise.Node{global, nil, nil}, -14), "nothing learnt: the parent's word")
}

func TestALaneUnlikeItsParentLearnsToTrustItself(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	global, odd := new(promise.Node), new(promise.Node)
	shipments := 0
	for shipments < 40 {
		for range 20 {
			teach([]*promise.Node{global, new(promise.Node)}, random.IntN(3))
		}
		teach([]*promise.Node{global, odd}, 12)
		shipments++
	}
	f := promise.Foretell([]*promise.Node{global, odd}, -14)
	require.Less(t, f.By(5), 0.25, "its own forty shipments outweigh eight hundred others, because those never foretold them")
}

func TestNobodyArrivesWhereNothingWasEverLearnt(t *testing.T) {
	f := promise.Foretell(nil, -14)
	require.Equal(t, promise.Never, f.Padding(0.5))
	f = promise.Foretell([]*promise.Node{nil, new(promise.Node)}, -14)
	require.Equal(t, promise.Never, f.Padding(0.5))
	require.Zero(t, f.By(399))
	require.EqualValues(t, 1, f.By(promise.Never), "the open end holds what never comes")
}

func TestAForecastIsAProbability(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lane := taught(rapid.IntRange(1, 4).Draw(t, "depth"))
		for range rapid.IntRange(0, 60).Draw(t, "shipments") {
			deep := rapid.IntRange(1, len(lane)).Draw(t, "deep")
			l := promise.Watch(rapid.IntRange(-40, 30).Draw(t, "seen"))
			l.Survive(lane[:deep], rapid.IntRange(-40, 450).Draw(t, "survived"))
			if rapid.Bool().Draw(t, "arrives") {
				l.Arrive(lane[:deep], rapid.IntRange(-500, 500).Draw(t, "days"))
			}
		}
		f := promise.Foretell(lane, rapid.IntRange(-60, 300).Draw(t, "clock"))
		last := 0.0
		for day := -400; day <= promise.Never; day++ {
			p := f.By(day)
			require.False(t, math.IsNaN(p))
			require.GreaterOrEqual(t, p, last-1e-9, "day %d", day)
			require.LessOrEqual(t, p, 1+1e-9)
			last = p
		}
		require.InDelta(t, 1, last, 1e-9)
		for _, level := range []float64{0.5, 0.9, 0.95, 0.99} {
			if days := f.Padding(level); days < promise.Never {
				require.GreaterOrEqual(t, f.By(days), level)
			}
		}
		require.LessOrEqual(t, f.Padding(0.5), f.Padding(0.95))
	})
}

func TestTheSameHistoryEndsInTheSameBytes(t *testing.T) {
	play := func(stored bool) (bytes []byte) {
		random := rand.New(rand.NewPCG(7, 7))
		lanes := make([]promise.Node, 8)
		for range 2000 {
			lane := []*promise.Node{&lanes[0], &lanes[1+random.IntN(2)], &lanes[3+random.IntN(5)]}
			l := promise.Watch(-random.IntN(20))
			l.Survive(lane, random.IntN(10)-5)
			l.Arrive(lane, random.IntN(30)-8)
			if stored {
				for i := range lanes {
					back, err := promise.UnpackNode(lanes[i].AppendBinary(nil))
					require.NoError(t, err)
					lanes[i] = back
				}
			}
		}
		for i := range lanes {
			bytes = lanes[i].AppendBinary(bytes)
		}
		return bytes
	}
	once := play(false)
	require.Equal(t, once, play(false))
	require.Equal(t, once, play(true), "stored after each shipment")
	require.LessOrEqual(t, promise.NodeBytes, 1024-100, "a record with its key stays within one write unit")
}

func TestACorruptNodeIsRefused(t *testing.T) {
	good := taught(1, 1, 2, 3)[0].AppendBinary(nil)
	for why, bad := range map[string][]byte{
		"empty": nil, "short": good[:len(good)-1], "long": append(append([]byte{}, good...), 0), "of another version": append([]byte{9}, good[1:]...),
		"not a number": append([]byte{good[0], 0, 0, 0xc0, 0x7f}, good[5:]...), "negative": append([]byte{good[0], 0, 0, 0x80, 0xbf}, good[5:]...),
	} {
		_, err := promise.UnpackNode(bad)
		require.True(t, fault.Is(err, fault.Internal), why)
	}
}

func TestTheGateAsksForASureDateNearTheETA(t *testing.T) {
	g := promise.DefaultGate()
	for _, c := range []struct {
		late    int // of every tenth shipment
		open    bool
		padding int
	}{{7, true, 7}, {8, false, 8}, {-2, true, 0}} {
		var days []int
		for range 100 {
			days = append(days, -2, -2, -2, -2, -2, -2, -2, -2, -2, c.late)
		}
		f := promise.Foretell(taught(1, days...), -14)
		require.Equal(t, c.open, g.Candidate(&f), "every tenth %d days late", c.late)
		require.Equal(t, c.padding, g.Padding(&f), "never before the carrier's own day")
	}
}

func TestTheSwitchStopsAtMoreThanATenthOfTheLastFifty(t *testing.T) {
	g := promise.DefaultGate()
	var s promise.Switch
	require.False(t, s.Stops(g))
	for range 5 {
		s.Resolve(true)
		require.False(t, s.Stops(g))
	}
	s.Resolve(true)
	require.True(t, s.Stops(g), "the sixth")
	require.Equal(t, 6, s.Seen())
	for range 44 {
		s.Resolve(false)
	}
	require.Equal(t, 50, s.Seen())
	require.True(t, s.Stops(g))
	s.Resolve(false)
	require.Equal(t, 5, s.Broken(), "the first is forgotten")
	require.False(t, s.Stops(g))
	require.Equal(t, 50, s.Seen())
}

func TestASwitchIsStoredInEightBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s promise.Switch
		for _, broke := range rapid.SliceOfN(rapid.Bool(), 0, 120).Draw(t, "outcomes") {
			s.Resolve(broke)
			packed := s.AppendBinary(nil)
			require.Len(t, packed, 8)
			back, err := promise.UnpackSwitch(packed)
			require.NoError(t, err)
			require.Equal(t, s, back)
		}
	})
	for _, bad := range [][]byte{nil, make([]byte, 7), make([]byte, 9), {1, 0, 0, 0, 0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		_, err := promise.UnpackSwitch(bad)
		require.True(t, fault.Is(err, fault.Internal))
	}
}

func BenchmarkForetell(b *testing.B) {
	lane := taught(4, 0, 0, 0, 1, 2, 3, 5, 9)
	b.ReportAllocs()
	for b.Loop() {
		_ = promise.Foretell(lane, -14)
	}
}

func BenchmarkArrive(b *testing.B) {
	lane := taught(4, 0, 0, 0, 1, 2, 3, 5, 9)
	b.ReportAllocs()
	for b.Loop() {
		l := promise.Watch(-14)
		l.Arrive(lane, 2)
	}
}
