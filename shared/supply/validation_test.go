package supply

// These tests register numbers, let carriers speak or not, and turn the clock to
// the second around 24 h. They would catch an alert that comes a second early, one
// that comes twice, and one that stays when it no longer holds.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

func alertedNumbers(s *Shipment) (numbers []string) {
	for _, n := range s.Units {
		if n.Alerted {
			numbers = append(numbers, n.Number)
		}
	}
	return numbers
}

func TestANumberThatNoCarrierKnowsForMoreThanADayIsAnAlert(t *testing.T) {
	s := parcels(t)
	require.Equal(t, announced.Add(day+time.Second), s.ValidationDue())
	require.False(t, s.Alert(announced.Add(day)))
	require.Empty(t, alertedNumbers(s))
	s.hearAll(underway("1Z2"))
	require.True(t, s.Alert(announced.Add(day+time.Second)))
	require.Equal(t, []string{"1Z1", "1Z3"}, alertedNumbers(s))
	require.False(t, s.Alert(announced.Add(3*day)), "once")
	require.Zero(t, s.ValidationDue())

	s.hearAll(underway("1Z3"))
	require.Equal(t, []string{"1Z1"}, alertedNumbers(s), "heard")
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B1", TrackingID: new("1Z11")}}}, announced.Add(2*day)))
	require.Empty(t, alertedNumbers(s), "replaced")
	require.Equal(t, announced.Add(3*day+time.Second), s.ValidationDue(), "the new number has its own day")
}

func TestNobodyLooksForTheNumberOfGoodsThatAreNotAwaited(t *testing.T) {
	for name, end := range map[string]func(*Shipment){
		"cancelled": func(s *Shipment) { require.True(t, first(s.Cancel())) },
		"received":  func(s *Shipment) { s.mustReceive(1, Content{"KETTLE", 1}) },
		"closed":    func(s *Shipment) { require.True(t, first(s.Receive(1, nil, true, docked))) },
		"delivered": func(s *Shipment) {
			s.hearAll(arrivedAt("1Z1", docked), arrivedAt("1Z2", docked), arrivedAt("1Z3", docked))
		},
	} {
		s := parcels(t)
		end(s)
		require.Zero(t, s.ValidationDue(), name)
		require.False(t, s.Alert(announced.Add(2*day)), name)

		s = parcels(t)
		require.True(t, s.Alert(announced.Add(2*day)))
		end(s)
		require.Empty(t, alertedNumbers(s), "%s: the alerts go", name)
	}
}

func first(changed bool, _ error) bool { return changed }

func TestAPaperIsKnownAsSoonAsAnythingOfItsShipmentIs(t *testing.T) {
	s := consignment(t)
	require.False(t, s.Validated(s.Unit("BOL9")))
	s.hearAll(underway("1Z1"))
	require.True(t, s.Validated(s.Unit("1Z1")))
	require.False(t, s.Validated(s.Unit("1Z2")))
	require.True(t, s.Validated(s.Unit("BOL9")))
	require.True(t, s.Alert(announced.Add(2*day)))
	require.Equal(t, []string{"1Z2"}, alertedNumbers(s))

	s = consignment(t)
	require.True(t, s.Alert(announced.Add(2*day)))
	require.Equal(t, []string{"1Z1", "1Z2", "BOL9", "BK7"}, alertedNumbers(s))
	s.hearAll(underway("BOL9"))
	require.Equal(t, []string{"1Z1", "1Z2"}, alertedNumbers(s), "a paper's word makes no parcel known")
}

func TestANumberThatIsNotThisShipmentsOwnIsRegisteredAnewWhenItIsGivenAgain(t *testing.T) {
	s := parcels(t)
	require.True(t, s.Refuse("1Z1", NumberTaken, "FBA9"))
	require.False(t, s.Refuse("1Z1", NumberTaken, "FBA9"))
	require.Equal(t, TroubleQuantity, kettleLot(s).Trouble, "its box may not come")
	later := announced.Add(time.Hour)
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B2", TrackingID: new("1Z2")}}}, later))
	require.Equal(t, NumberTaken, s.Unit("1Z1").Refused, "not mentioned")
	require.Equal(t, announced, s.Unit("1Z2").Since, "not refused: as it was")
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B1", TrackingID: new("1z-1")}}}, later))
	require.Equal(t, Registration{Since: later}, s.Unit("1Z1").Registration)
	require.Zero(t, kettleLot(s).Trouble)
}

func TestAShipmentWhoseOnlyNumberIsAnothersHasNoTracking(t *testing.T) {
	for why, status := range map[LinkRefusal]ShipmentStatus{NumberTaken: Working, NumberFull: Working, OtherCarrier: Shipped, Linkable: Shipped} {
		s := &Shipment{ID: "FBA1", Created: announced, Mode: FTL, ContainerNumber: "MSKU1", Lines: []Content{{"KETTLE", 100}},
			Stated: windowOn("2026-03-10"), StatedAt: announced}
		require.NoError(t, s.Announce(announced))
		s.Refuse("MSKU1", why, "FBA9")
		require.Equal(t, status, s.Status(), why.String())
	}
}
