package supply_test

// Works by telling a unit about single scans beyond its usual life: corrected,
// unmapped, of an earlier parcel. It would catch a parcel that inherits another's
// past, a shipment that is told of a parcel which is not its own, and words shown
// under the wrong scan.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "headstart/shared/supply"
)

func worded(s Scan, text string) Scan {
	s.Text = text
	return s
}

func TestTheWordsShownAreThoseOfTheLatestScanThatStands(t *testing.T) {
	first, second := worded(scan(1, InTransit, Departed), "On its way"), worded(event("e1", 1, 5, Delivered, CodeDelivered), "Delivered")
	u := (&unitCase{}).apply(only(first), only(second))
	require.Equal(t, "Delivered", u.Last.Text)
	u, _ = u.Apply(only(worded(event("e1", 2, 5, Delivered, CodeDelivered), "Delivered to a neighbour")), received)
	require.Equal(t, "Delivered to a neighbour", u.Last.Text)
	inEveryOrder([]Report{only(first), only(second), only(gone("e1", 2))}, func(reports []Report) {
		u := (&unitCase{}).apply(reports...)
		require.Equal(t, scan(1, InTransit, Departed), u.Last, "its words are forgotten, and no other's stand under it")
	})
	u, _ = u.Apply(only(worded(local(9, InTransit, HubScan), "Back")), received)
	require.Equal(t, worded(local(9, InTransit, HubScan), "Back"), u.Last)
}

func TestTheWordsOfAListAreThoseOfItsLastScan(t *testing.T) {
	a, b := worded(scan(1, InTransit, Departed), "On its way"), worded(scan(5, InTransit, ArrivedAt), "There")
	require.Equal(t, b, (&unitCase{}).apply(list(10, a, b)).Last)
	inEveryOrder([]Report{list(10, a, b), list(11, a)}, func(reports []Report) {
		require.Equal(t, a, (&unitCase{}).apply(reports...).Last)
	})
	inEveryOrder([]Report{list(10, a), only(b)}, func(reports []Report) {
		require.Equal(t, scan(5, InTransit, ArrivedAt), (&unitCase{}).apply(reports...).Last, "one scan's words are kept, the list's")
	})
}

func TestCodesThatNobodyMappedAreCountedWhileTheyStand(t *testing.T) {
	odd := event("e1", 0, 3, InTransit, CodeUnknown)
	u := (&unitCase{}).apply(list(10, scan(1, InTransit, Departed), worded(scan(2, TrackUnknown, CodeUnknown), "X9")), only(odd))
	require.EqualValues(t, 2, u.Unmapped)
	require.EqualValues(t, 3, u.Scans)
	require.Equal(t, hour(1), u.StatusAt)
	u, _ = u.Apply(only(gone("e1", 0)), received)
	require.EqualValues(t, 1, u.Unmapped)
	u, _ = u.Apply(list(11, scan(1, InTransit, Departed)), received)
	require.Zero(t, u.Unmapped)
}

// linked is a unit that leads to a shipment and was delivered at hour 7.
func linked() Unit {
	u, _ := Unit{}.Link("FBA15ABC")
	u, _ = u.Apply(list(10, scan(1, PreTransit, InfoReceived), scan(7, Delivered, CodeDelivered)), received)
	return u
}

func TestANewParcelLeadsToNoShipmentOfTheOneBefore(t *testing.T) {
	for name, r := range map[string]Report{
		"announced":                     only(scan(800, PreTransit, InfoReceived)),
		"begun in a newer list":         list(900, scan(800, InTransit, PickedUp)),
		"announced in the list's later": list(900, scan(1, PreTransit, InfoReceived), scan(7, Delivered, CodeDelivered), scan(800, PreTransit, InfoReceived)),
	} {
		u, changed := linked().Apply(r, received)
		require.True(t, changed, name)
		require.Empty(t, u.Shipments, name)
		require.True(t, u.Arrived.IsZero(), name)

		u, _ = u.Link("FBA2")
		again, changed := u.Apply(r, received)
		require.False(t, changed, "its own shipment stays: %s", name)
		require.Equal(t, u, again)
		again, _ = u.Apply(list(901, scan(801, InTransit, Departed)), received)
		require.True(t, again.Linked("FBA2"), name)
	}
}

func TestAShipmentKeepsItsParcelWhateverElseIsHeard(t *testing.T) {
	for name, r := range map[string]Report{
		"a late scan":                       only(scan(800, InTransit, Departed)),
		"an announcement within 30 days":    only(scan(700, PreTransit, InfoReceived)),
		"a list that begins within 30 days": list(900, scan(700, InTransit, Departed)),
	} {
		u, _ := linked().Apply(r, received)
		require.True(t, u.Linked("FBA15ABC"), name)
	}
	u, _ := Unit{}.Link("FBA2")
	u, _ = u.Apply(list(900, scan(1, PreTransit, InfoReceived), scan(7, Delivered, CodeDelivered), scan(800, PreTransit, InfoReceived)), received)
	require.True(t, u.Linked("FBA2"), "whoever registered the number before anything was heard follows the latest parcel")
	require.Equal(t, PreTransit, u.Status)

	u, _ = Unit{}.Link("FBA2")
	u, _ = u.Apply(list(900, scan(800, PreTransit, InfoReceived)), received)
	u, _ = u.Apply(list(10, scan(7, Delivered, CodeDelivered)), received)
	require.True(t, u.Linked("FBA2"), "news of an earlier parcel that come late say nothing of this one")
	require.Equal(t, PreTransit, u.Status)

	u, _ = u.Apply(list(990, scan(820, InTransit, Departed), scan(830, Delivered, CodeDelivered)), received)
	u, _ = u.Apply(list(991, scan(825, InTransit, Departed), scan(830, Delivered, CodeDelivered)), received)
	require.True(t, u.Linked("FBA2"), "a list that loses its head is still about the parcel that it ended with")
}

func TestWhatIsDatedBeforeARestartDoesNotSpeak(t *testing.T) {
	old := saidAt(5, only(scan(1, Exception, Damaged), scan(4, Delivered, CodeDelivered)))
	old.ETAs = Expect(arrivesA)
	before := (&unitCase{}).apply(old, list(6, scan(2, Exception, Lost)))
	u := before.Restart(hour(10))
	require.Equal(t, hour(10), u.Since)
	require.Equal(t, []any{TrackUnknown, UnitTrouble(0), uint32(0), Window{}, Scan{}}, []any{u.Status, u.Troubles, u.Scans, u.ETA, u.Last})
	require.True(t, u.Arrived.IsZero())
	require.Equal(t, before.Heard, u.Heard, "never moves back")
	back, err := UnpackUnit(u.AppendBinary(nil))
	require.NoError(t, err)
	requireSame(t, u, back)

	again, changed := u.Apply(old, received)
	require.False(t, changed, "known, though it does not speak")
	require.Equal(t, u, again)
	again, changed = u.Apply(list(6, scan(2, Exception, Lost)), received)
	require.False(t, changed)
	require.Equal(t, u, again)
	again, _ = u.Apply(list(7, scan(2, Exception, Lost), scan(10, InTransit, Departed)), received)
	require.Equal(t, []any{InTransit, UnitTrouble(0), uint32(1)}, []any{again.Status, again.Troubles, again.Scans})

	require.Equal(t, u, u.Restart(hour(9)), "never goes back")
	require.Equal(t, u, u.Restart(time.Time{}))
}

func TestALateScanOfAnEarlierParcelIsKnownAndSilent(t *testing.T) {
	u := Unit{}.Restart(hour(10))
	u, changed := u.Apply(only(event("e1", 1, 9, Delivered, CodeDelivered)), received)
	require.True(t, changed, "remembered")
	require.Zero(t, u.Scans)
	require.Equal(t, TrackUnknown, u.Status)
	_, changed = u.Apply(only(event("e1", 1, 9, Delivered, CodeDelivered)), received)
	require.False(t, changed)
	u, _ = u.Apply(only(event("e1", 2, 10, Delivered, CodeDelivered)), received)
	require.Equal(t, Delivered, u.Status, "dated anew it is this parcel's")
}

func TestWhatAListSaysOfBothParcelsIsToldApartByTime(t *testing.T) {
	u := (&unitCase{}).apply(list(30, scan(1, PreTransit, InfoReceived), scan(4, Delivered, CodeDelivered), scan(6, InTransit, CustomsHold), scan(12, InTransit, ArrivedAt)))
	require.Equal(t, Delivered, u.Status)
	u = u.Restart(hour(10))
	require.Equal(t, []any{InTransit, UnitTrouble(0)}, []any{u.Status, u.Troubles})
	require.True(t, u.Arrived.IsZero())
}
