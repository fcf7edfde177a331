package supply_test

// Works by telling a unit estimates of several kinds, places and grades in every
// order and asking for the arrival. It would catch a plan that displaces an
// estimate, a port of transshipment taken for the last one, and an ETA that
// nobody says any more.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "headstart/shared/supply"
)

// eta is an estimate of an arrival at hour to, said at hour said.
func eta(kind ETAKind, place string, sure Classifier, said, to float64) Estimate {
	return Estimate{Window: Window{From: hour(to), To: hour(to), Kind: kind}, Classifier: sure, Place: place, SaidAt: hour(said)}
}

// back takes back what was said until then.
func back(kind ETAKind, place string, said float64) Estimate {
	return Estimate{Window: Window{Kind: kind}, Classifier: Estimated, Place: place, SaidAt: hour(said)}
}

func expecting(e Estimate) Report { return Report{Number: "1Z9", SaidAt: hour(1), ETAs: []Estimate{e}} }

func TestTheArrivalIsWhatStandsOfAllEstimates(t *testing.T) {
	for _, c := range []struct {
		name string
		said []Estimate
		want Estimate // zero: none
	}{
		{"the estimate said last stands", []Estimate{eta(AtDock, "", Estimated, 5, 200), eta(AtDock, "", Estimated, 6, 150)}, eta(AtDock, "", Estimated, 6, 150)},
		{"a plan never overrides an estimate", []Estimate{eta(AtDock, "", Estimated, 5, 200), eta(AtDock, "", Planned, 9, 150)}, eta(AtDock, "", Estimated, 5, 200)},
		{"an estimate never overrides what happened", []Estimate{eta(AtPort, "", Actual, 5, 5), eta(AtPort, "", Estimated, 9, 150)}, eta(AtPort, "", Actual, 5, 5)},
		{"of two said at once the later stands", []Estimate{eta(AtDock, "", Estimated, 5, 200), eta(AtDock, "", Estimated, 5, 150)}, eta(AtDock, "", Estimated, 5, 200)},
		{"an estimate is taken back", []Estimate{eta(AtDock, "", Estimated, 5, 200), back(AtDock, "", 6)}, Estimate{}},
		{"a plan as well", []Estimate{eta(AtDock, "", Planned, 5, 200), back(AtDock, "", 4)}, Estimate{}},
		{"but not what was said since", []Estimate{eta(AtDock, "", Estimated, 5, 200), back(AtDock, "", 4)}, eta(AtDock, "", Estimated, 5, 200)},
		{"nor what was said at once", []Estimate{eta(AtDock, "", Estimated, 5, 200), back(AtDock, "", 5)}, eta(AtDock, "", Estimated, 5, 200)},
		{"nor what happened", []Estimate{eta(AtPort, "", Actual, 5, 5), back(AtPort, "", 9)}, eta(AtPort, "", Actual, 5, 5)},
		{"nor another kind", []Estimate{eta(AtPort, "", Estimated, 5, 200), back(AtDock, "", 9)}, eta(AtPort, "", Estimated, 5, 200)},
		{"nor another place", []Estimate{eta(AtPort, "NLRTM", Estimated, 5, 200), back(AtPort, "DEHAM", 9)}, eta(AtPort, "NLRTM", Estimated, 5, 200)},
		{"a port of transshipment is not the last", []Estimate{eta(AtPort, "NLRTM", Estimated, 5, 200), eta(AtPort, "SGSIN", Estimated, 9, 100)}, eta(AtPort, "NLRTM", Estimated, 5, 200)},
		{"arrived or not", []Estimate{eta(AtPort, "NLRTM", Planned, 5, 200), eta(AtPort, "SGSIN", Actual, 9, 9)}, eta(AtPort, "NLRTM", Planned, 5, 200)},
		{"a place is the same however it is written", []Estimate{eta(AtPort, "nl rtm", Estimated, 5, 200), eta(AtPort, "NLRTM", Estimated, 9, 100)}, eta(AtPort, "NLRTM", Estimated, 9, 100)},
		{"the kind nearest to our dock counts", []Estimate{eta(AtPort, "NLRTM", Estimated, 9, 100), eta(AtDock, "", Estimated, 9, 200)}, eta(AtDock, "", Estimated, 9, 200)},
		{"earlier or not", []Estimate{eta(AtPort, "NLRTM", Estimated, 5, 300), eta(AtDock, "", Estimated, 9, 200)}, eta(AtDock, "", Estimated, 9, 200)},
		{"until a farther one is named since for later", []Estimate{eta(AtPort, "NLRTM", Estimated, 10, 300), eta(AtDock, "", Estimated, 9, 200)}, eta(AtPort, "NLRTM", Estimated, 10, 300)},
		{"not for earlier", []Estimate{eta(AtPort, "NLRTM", Estimated, 10, 200), eta(AtDock, "", Estimated, 9, 200)}, eta(AtDock, "", Estimated, 9, 200)},
		{"each kind is held to the one that counts so far",
			[]Estimate{eta(AtDock, "", Estimated, 5, 200), eta(ForPickup, "", Estimated, 9, 250), eta(AtInlandPoint, "", Estimated, 8, 300), eta(AtPort, "", Estimated, 10, 240)},
			eta(ForPickup, "", Estimated, 9, 250)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var reports []Report
			for _, e := range c.said {
				reports = append(reports, expecting(e))
			}
			inEveryOrder(reports, func(reports []Report) {
				u := (&unitCase{}).apply(append(reports, reports[0])...)
				got, known := u.Arrival()
				require.Equal(t, c.want.Known(), known)
				require.Equal(t, c.want, got)
				require.Equal(t, c.want.Window, u.ETA)
				require.Equal(t, []any{c.want.SaidAt, c.want.Classifier, c.want.Source}, []any{u.ETASaidAt, u.ETAClassifier, u.ETASource})
			})
		})
	}
}

func TestANamedDayEndsAtItsNoonInEveryZone(t *testing.T) {
	day := eta(AtPort, "NLRTM", Estimated, 5, 240)
	day.DateOnly = true
	for _, c := range []struct {
		to   float64
		want float64
	}{{251, 240}, {253, 253}} {
		u := (&unitCase{}).apply(expecting(day), expecting(eta(AtPort, "BEANR", Estimated, 5, c.to)))
		require.Equal(t, hour(c.want), u.ETA.To)
	}
}

func TestAnETAOfAnEarlierParcelIsNotThisOnes(t *testing.T) {
	for name, reports := range map[string][]Report{
		"a single scan begins the parcel": {only(scan(7, Delivered, CodeDelivered)), expecting(eta(AtDock, "", Estimated, 5, 900)), only(scan(800, PreTransit, StatusOnly))},
		"a list begins it":                {list(10, scan(7, Delivered, CodeDelivered)), expecting(eta(AtDock, "", Estimated, 5, 900)), list(900, scan(800, InTransit, Departed))},
	} {
		inEveryOrder(reports, func(reports []Report) {
			require.Zero(t, (&unitCase{}).apply(reports...).ETA, name)
		})
		u := (&unitCase{}).apply(append(reports, expecting(eta(AtDock, "", Estimated, 800, 950)))...)
		require.Equal(t, hour(950), u.ETA.To, name)
	}
}

func TestAnETAIsDatedByItsOwnWordOrTheReports(t *testing.T) {
	own := eta(AtDock, "", Estimated, 9, 200)
	require.Equal(t, hour(9), (&unitCase{}).apply(expecting(own)).ETASaidAt)
	own.SaidAt = time.Time{}
	require.Equal(t, hour(1), (&unitCase{}).apply(expecting(own)).ETASaidAt)
	own.SaidAt = hour(1003) // more than two hours ahead of our clock
	require.Equal(t, hour(1), (&unitCase{}).apply(expecting(own)).ETASaidAt)
	own.SaidAt = hour(1002)
	u := (&unitCase{}).apply(expecting(own))
	require.Equal(t, hour(1002), u.ETASaidAt)
	require.Equal(t, hour(1002), u.Heard)

	r := expecting(own)
	r.SaidAt = time.Time{}
	require.Equal(t, own.SaidAt, (&unitCase{}).apply(r).ETASaidAt, "its own word needs no dated report")
}

func TestAWindowThatNamesNoUsableTimeTakesNothingBack(t *testing.T) {
	for _, w := range []Window{{To: time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC)}, {From: hour(5)}, {To: hour(5), Kind: 9}} {
		u := (&unitCase{}).apply(expecting(eta(AtDock, "", Estimated, 5, 200)), expecting(Estimate{Window: w, Classifier: Estimated, SaidAt: hour(9)}))
		require.Equal(t, hour(200), u.ETA.To)
		require.Len(t, u.Estimates, 1)
	}
	for _, odd := range []Estimate{{Window: arrivesA, Classifier: 9}, {Window: arrivesA, Source: 9}} {
		require.Empty(t, (&unitCase{}).apply(expecting(odd)).Estimates)
	}
}

func TestOfTooManyPlacesTheEarliestArrivalsAreForgotten(t *testing.T) {
	var reports []Report
	for i := range 9 {
		reports = append(reports, expecting(eta(AtPort, fmt.Sprint("PORT OF CALL ", i), Estimated, 5, float64(100+(i*4)%9))))
	}
	want := (&unitCase{}).apply(reports...)
	require.Len(t, want.Estimates, 6)
	require.Equal(t, hour(108), want.ETA.To)
	for _, e := range want.Estimates {
		require.False(t, e.To.Before(hour(103)))
	}
	inEveryOrder(reports[:8], func(reports []Report) {
		u := (&unitCase{}).apply(reports...)
		u, _ = u.Apply(expecting(eta(AtPort, "PORT OF CALL 8", Estimated, 5, 105)), received)
		require.Equal(t, want, u)
	})
	u, changed := want.Apply(reports[0], received) // forgotten
	require.False(t, changed)
	require.Equal(t, want, u)
}

func TestAPlaceKeepsItsUNLOCODEOrAMark(t *testing.T) {
	u := (&unitCase{}).apply(expecting(eta(AtPort, "nl rtm", Estimated, 5, 200)), expecting(eta(AtPort, "Rotterdam ECT Delta\x00", Estimated, 5, 200)))
	require.Equal(t, "NLRTM", u.Estimates[1].Place)
	require.Regexp(t, `^#[A-Za-z0-9+/]{4}$`, u.Estimates[0].Place)
	require.Equal(t, u.Estimates[0].Place, (&unitCase{}).apply(expecting(eta(AtPort, "ROTTERDAM ect delta", Estimated, 5, 200))).Estimates[0].Place)
	require.NotEqual(t, u.Estimates[0].Place, (&unitCase{}).apply(expecting(eta(AtPort, "ROTTERDAM ect delta 2", Estimated, 5, 200))).Estimates[0].Place)
}

func TestEstimatesOfOneUnitAreNotWrittenIntoByAnother(t *testing.T) {
	u := (&unitCase{}).apply(expecting(eta(AtDock, "", Estimated, 5, 200)), expecting(eta(AtPort, "", Estimated, 5, 100)))
	before := u.AppendBinary(nil)
	a, _ := u.Apply(expecting(eta(AtInlandPoint, "", Estimated, 5, 150)), received)
	b, _ := u.Apply(expecting(eta(AtDock, "", Estimated, 6, 250)), received)
	c, _ := a.Apply(expecting(eta(ForPickup, "", Estimated, 6, 250)), received)
	require.Equal(t, before, u.AppendBinary(nil))
	require.Equal(t, []int{3, 2, 4}, []int{len(a.Estimates), len(b.Estimates), len(c.Estimates)})
	require.Equal(t, hour(200), a.Estimates[0].To)
}
