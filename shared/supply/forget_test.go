package supply

// Works by telling a unit of more single scans than its record holds, in random
// orders, and comparing what is kept with the plain answer. It would catch scans
// kept by order of arrival, a repetition that counts again or undoes a correction
// once its scan is forgotten, and a record that outgrows its bound.

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var forgetDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func forgetHour(h int) time.Time { return forgetDay.Add(time.Duration(h) * time.Hour) }

// received is our clock, later than all scans.
var forgetReceived = forgetHour(5000)

// crowdOf draws scans without ids, several of them at the same hour.
func crowdOf(rng *rand.Rand, n int) []Scan {
	scans := make([]Scan, n)
	for i := range scans {
		scans[i] = Scan{Status: TrackStatus(rng.IntN(int(trackStatusCount))), Code: TrackCode(rng.IntN(int(trackCodeCount))),
			At: forgetHour(rng.IntN(2 * n)), Text: fmt.Sprint(i)}
	}
	return scans
}

// tellAll tells the scans in reports of random size.
func tellAll(rng *rand.Rand, u Unit, scans []Scan) Unit {
	for len(scans) > 0 {
		n := 1 + rng.IntN(min(9, len(scans)))
		u, _ = u.Apply(Report{Number: "MSKU1234567", SaidAt: forgetHour(4000), Scans: scans[:n]}, forgetReceived)
		scans = scans[n:]
	}
	return u
}

// uncounted is a unit less the counts of forgotten scans.
func uncounted(u Unit) Unit {
	u.folded.count, u.folded.unmapped = 0, 0
	u.find()
	return u
}

func TestTheScansThatAreKeptDoNotDependOnTheOrderInWhichTheyCame(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		scans := crowdOf(rng, 20+rng.IntN(150))
		slices.SortFunc(scans, func(a, b Scan) int { return a.At.Compare(b.At) })
		want := tellAll(rng, Unit{}, scans)
		require.EqualValues(t, len(scans), want.Scans, "in order of time all are counted")
		for range 5 {
			rng.Shuffle(len(scans), func(i, j int) { scans[i], scans[j] = scans[j], scans[i] })
			got := tellAll(rng, Unit{}, scans)
			require.Equal(t, uncounted(want), uncounted(got))
			require.Equal(t, uncounted(want).AppendBinary(nil), uncounted(got).AppendBinary(nil))
			require.LessOrEqual(t, got.Scans, want.Scans, "what comes late is not counted, for it may be a repetition")
			require.GreaterOrEqual(t, int(got.Scans), len(got.entries))
		}
	}
}

func TestWhatIsForgottenStillSaysWhereTheUnitStands(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 2))
		scans := crowdOf(rng, 60+rng.IntN(100))
		u := tellAll(rng, Unit{}, scans)
		var all, forgotten course
		kept := make(map[uint32]bool)
		for i := range u.entries {
			kept[u.entries[i].hash] = true
		}
		for i := range scans {
			var told toldScan
			told.tidy(&scans[i])
			told.at = momentOf(scans[i].At)
			all.see(&told.entry, false)
			if !kept[told.hash] {
				forgotten.see(&told.entry, false)
				require.LessOrEqual(t, told.at, u.till)
			} else {
				require.Greater(t, told.at, u.till, "all of one time are forgotten together")
			}
		}
		require.NotEmpty(t, u.entries)
		require.NotZero(t, u.till)
		forgotten.count, forgotten.unmapped = u.folded.count, u.folded.unmapped
		require.Equal(t, forgotten, u.folded)
		status, at := all.status()
		require.Equal(t, []any{status, at, all.arrived().time(), all.troubles()}, []any{u.Status, u.StatusAt, u.Arrived, u.Troubles})
	}
}

func TestARepetitionOfWhatIsForgottenChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	scans := crowdOf(rng, 200)
	u := tellAll(rng, Unit{}, scans)
	for i := range scans {
		again, changed := u.Apply(Report{Number: "MSKU1234567", SaidAt: forgetHour(4000), Scans: scans[i : i+1]}, forgetReceived)
		require.False(t, changed)
		require.Equal(t, u, again)
	}
}

// crowded tells a unit more scans than it can keep, all later than hour 200.
func crowded(u Unit) Unit {
	var scans []Scan
	for i := range 80 {
		scans = append(scans, Scan{ID: fmt.Sprint("later", i), Status: InTransit, Code: Departed, At: forgetHour(200 + i)})
	}
	u, _ = u.Apply(Report{Number: "MSKU1234567", SaidAt: forgetHour(4000), Scans: scans}, forgetReceived)
	return u
}

func one(s Scan) Report {
	return Report{Number: "MSKU1234567", SaidAt: forgetHour(4000), Scans: []Scan{s}}
}

func TestWhatWasTakenBackIsSilentForEver(t *testing.T) {
	event := Scan{ID: "e1", Status: Delivered, Code: CodeDelivered, At: forgetHour(10)}
	gone := Scan{ID: "e1", Retracted: true, At: forgetHour(11)}
	u, _ := Unit{}.Apply(one(event), forgetReceived)
	u, _ = u.Apply(one(gone), forgetReceived)
	u = crowded(u)
	require.False(t, u.knows(hashOf("e1")), "forgotten")
	for _, again := range []Scan{event, gone} {
		next, changed := u.Apply(one(again), forgetReceived)
		require.False(t, changed)
		require.Equal(t, InTransit, next.Status)
	}
}

func hashOf(id string) uint32 { s := Scan{ID: id}; return s.identity() }

func TestAnOverruledVersionDoesNotComeBackWhenItsScanIsForgotten(t *testing.T) {
	first := Scan{ID: "e1", Version: forgetHour(20), Status: Delivered, Code: CodeDelivered, At: forgetHour(190)}
	second := Scan{ID: "e1", Version: forgetHour(21), Status: InTransit, Code: Departed, At: forgetHour(5)}
	u, _ := Unit{}.Apply(one(first), forgetReceived)
	u, _ = u.Apply(one(second), forgetReceived)
	u, _ = u.Apply(one(Scan{Status: InTransit, Code: Loaded, At: forgetHour(100)}), forgetReceived)
	u = crowded(u)
	require.False(t, u.knows(hashOf("e1")))
	next, changed := u.Apply(one(first), forgetReceived)
	require.False(t, changed)
	require.Equal(t, InTransit, next.Status)
}

func TestAScanIsForgottenNoSoonerThanItsLatestDate(t *testing.T) {
	u, _ := Unit{}.Apply(one(Scan{ID: "e1", Version: forgetHour(20), Status: InTransit, Code: Departed, At: forgetHour(4000)}), forgetReceived)
	u, _ = u.Apply(one(Scan{ID: "e1", Version: forgetHour(21), Status: InTransit, Code: Departed, At: forgetHour(5)}), forgetReceived)
	u = crowded(u)
	require.True(t, u.knows(hashOf("e1")))
	back, err := UnpackUnit(u.AppendBinary(nil))
	require.NoError(t, err)
	require.Equal(t, u, back)
}

func TestTheStartOfAParcelIsKeptWhenItsAnnouncementIsForgotten(t *testing.T) {
	u, _ := Unit{}.Apply(Report{Number: "MSKU1234567", SaidAt: forgetHour(4000), Scans: []Scan{
		{ID: "a", Status: Delivered, Code: CodeDelivered, At: forgetHour(-1000)},
		{ID: "b", Status: Exception, Code: Damaged, At: forgetHour(-1001)},
		{ID: "c", Status: PreTransit, Code: InfoReceived, At: forgetHour(1)},
		{ID: "d", Status: InTransit, Code: CustomsHold, At: forgetHour(2)},
	}}, forgetReceived)
	u = crowded(u)
	require.False(t, u.knows(hashOf("d")))
	require.Equal(t, forgetHour(1), u.Since)
	require.Equal(t, []any{InTransit, UnitCustoms, uint32(82)}, []any{u.Status, u.Troubles, u.Scans})
}

func TestADeliveryIsFoundBehindThatOfAnEarlierParcelThoughBothAreForgotten(t *testing.T) {
	u, _ := Unit{}.Apply(one(Scan{ID: "a", Status: Delivered, Code: CodeDelivered, At: forgetHour(99)}), forgetReceived)
	u = crowded(u)
	require.False(t, u.knows(hashOf("a")))
	u = u.Restart(forgetHour(1000))
	u, _ = u.Apply(one(Scan{ID: "b", Status: Delivered, Code: CodeDelivered, At: forgetHour(1001)}), forgetReceived)
	for i := range 80 {
		u, _ = u.Apply(one(Scan{ID: fmt.Sprint("last", i), Status: InTransit, Code: Departed, At: forgetHour(1002 + i)}), forgetReceived)
	}
	require.False(t, u.knows(hashOf("b")))
	require.Equal(t, forgetHour(1001), u.Arrived)
}

func TestAScanOfAnEarlierParcelIsForgottenWithoutATrace(t *testing.T) {
	u := Unit{}.Restart(forgetHour(100))
	u, _ = u.Apply(one(Scan{ID: "a", Status: Delivered, Code: CodeDelivered, At: forgetHour(99)}), forgetReceived)
	u = crowded(u)
	require.False(t, u.knows(hashOf("a")))
	late, changed := u.Apply(one(Scan{Status: Delivered, Code: CodeDelivered, At: forgetHour(98)}), forgetReceived)
	require.False(t, changed)
	require.Equal(t, []any{InTransit, uint32(80)}, []any{late.Status, late.Scans})
}

func TestAScanThatOnlyAReportOrWeCanDateIsNotFoldedWhenItComesLate(t *testing.T) {
	u := crowded(Unit{})
	for _, at := range []time.Time{{}, forgetHour(9000)} {
		late, changed := u.Apply(Report{Number: "MSKU1234567", SaidAt: forgetHour(100), Scans: []Scan{{Status: Delivered, Code: CodeDelivered, At: at}}}, forgetReceived)
		require.False(t, changed)
		require.Equal(t, InTransit, late.Status)
	}
}

func TestALinkMakesRoomForItself(t *testing.T) {
	u := crowded(Unit{})
	n := len(u.entries)
	for i := range MaxLinks {
		next, ok := u.Link(ShipmentID(fmt.Sprint(i, strings.Repeat("S", 37))))
		require.True(t, ok)
		require.LessOrEqual(t, len(next.AppendBinary(nil)), unitBytes)
		require.Len(t, next.Unlink(next.Shipments[0]).entries, len(next.entries))
		u = next
	}
	require.Less(t, len(u.entries), n)
	require.NotEmpty(t, u.entries)
	require.EqualValues(t, 80, u.Scans)
	back, err := UnpackUnit(u.AppendBinary(nil))
	require.NoError(t, err)
	require.Equal(t, u, back)
}

func TestNoReportMakesARecordOutgrowItsBound(t *testing.T) {
	end := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 4))
		u := Unit{Number: strings.Repeat("9", 1+rng.IntN(maxNumber))}.Restart(forgetDay)
		for i := range rng.IntN(MaxLinks + 1) {
			u, _ = u.Link(ShipmentID(fmt.Sprint(i, strings.Repeat("S", rng.IntN(38)))))
		}
		for range 12 {
			r := Report{Number: u.Number, Issuer: strings.Repeat("I", 30), Snapshot: rng.IntN(3) == 0, Version: end.Add(-time.Duration(rng.IntN(9)) * time.Hour), SaidAt: end}
			for i := range rng.IntN(40) {
				at := end.Add(-time.Duration(rng.IntN(1000)) * time.Hour)
				r.Scans = append(r.Scans, Scan{ID: fmt.Sprint(rng.IntN(60)), Version: at.Add(time.Duration(i) * time.Minute), Retracted: rng.IntN(9) == 0,
					Status: TrackStatus(rng.IntN(int(trackStatusCount))), Code: TrackCode(rng.IntN(int(trackCodeCount))), At: at, Local: rng.IntN(2) == 0,
					Text: strings.Repeat("t", 100), Place: strings.Repeat("p", 100)})
			}
			for range rng.IntN(9) {
				r.ETAs = append(r.ETAs, Estimate{Window: Window{From: forgetDay, To: end, Kind: ETAKind(rng.IntN(int(etaKindCount)))},
					Classifier: Classifier(rng.IntN(3)), Source: ETASource(rng.IntN(3)), Place: fmt.Sprint("TERMINAL", rng.IntN(5)), SaidAt: end})
			}
			u, _ = u.Apply(r, end)
			packed := u.AppendBinary(nil)
			require.LessOrEqual(t, len(packed), unitBytes)
			size := 0
			for i := range u.entries {
				size += u.entries[i].size()
				require.Len(t, u.entries[i].append(nil), u.entries[i].size())
			}
			require.LessOrEqual(t, len(packed), unitBytes-u.room()+size)
			back, err := UnpackUnit(packed)
			require.NoError(t, err)
			require.Equal(t, u, back)
			again, changed := u.Apply(r, end)
			require.False(t, changed, "said twice is said once")
			require.Equal(t, u, again)
		}
	}
}
