package supply

// These tests build one shipment each, tell it what sellers, carriers and the
// dock would, and compare the facts its lots are given with literals. They would
// catch a lost box that stays for sale, a partly delivered shipment that counts
// as delivered, and a date that depends on the order in which boxes are heard.

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	announced = instant("2026-03-01T08:00:00Z")
	lastHeard = instant("2026-03-04T08:00:00Z")
	docked    = instant("2026-03-12T08:00:00Z")
)

func windowOn(day string) Window {
	return Window{From: instant(day + "T06:00:00Z"), To: instant(day + "T18:00:00Z")}
}

// parcels returns a shipment of three boxes with 50, 30 and 20 kettles.
func parcels(t *testing.T) *Shipment {
	s := &Shipment{ID: "FBA1", Created: announced, Mode: SPD, Lines: []Content{{"KETTLE", 100}}, Boxes: []Box{
		{"B1", "1Z-1", []Content{{"KETTLE", 50}}},
		{"B2", "1z 2", []Content{{"KETTLE", 30}}},
		{"B3", "1Z3", []Content{{"KETTLE", 20}}},
	}}
	require.NoError(t, s.Announce(announced))
	return s
}

func underway(number string) UnitNews {
	return UnitNews{Number: number, Version: 1, Status: InTransit, Heard: lastHeard, ETA: windowOn("2026-03-10"), ETASaidAt: lastHeard}
}

func inTroubleOf(number string, troubles UnitTrouble) UnitNews {
	n := underway(number)
	n.Version, n.Status, n.Troubles = 2, Exception, troubles
	return n
}

func arrivedAt(number string, when time.Time) UnitNews {
	n := underway(number)
	n.Version, n.Status, n.Arrived = 3, Delivered, when
	return n
}

func (s *Shipment) hearAll(news ...UnitNews) *Shipment {
	for _, n := range news {
		s.Hear(n)
	}
	return s
}

func kettleLot(s *Shipment) *Lot { return s.lotOf("KETTLE") }

func (s *Shipment) lotOf(sku SKU) *Lot {
	lot := s.Facts(7, OnCarriage{})[sku]
	return &lot
}

func TestAShipmentWithoutANumberIsWorkingAndWithOneIsShipped(t *testing.T) {
	s := &Shipment{ID: "FBA1", Created: announced, Mode: LTL, Lines: []Content{{"KETTLE", 100}}}
	require.NoError(t, s.Announce(announced))
	require.Equal(t, &Lot{Shipment: "FBA1", Created: announced, Status: Working, Shipped: 100, Heard: announced, Version: 7}, kettleLot(s))

	require.NoError(t, s.Retrack(Tracking{ProNumber: new("440-123")}, announced))
	require.Equal(t, Shipped, kettleLot(s).Status)
	require.Equal(t, []Number{{"440-123", "440123", PRONumber}}, s.Numbers())
}

func TestAShipmentTravelsUnderEveryNumberGivenEachOnce(t *testing.T) {
	s := parcels(t)
	s.Boxes = append(s.Boxes, Box{ID: "B4", TrackingID: "1z1"}, Box{ID: "B5"})
	s.ProNumber, s.ContainerNumber = "PRO 7", "msku 123456-7"
	require.Equal(t, []Number{
		{"1Z-1", "1Z1", TrackingNumber}, {"1z 2", "1Z2", TrackingNumber}, {"1Z3", "1Z3", TrackingNumber},
		{"PRO 7", "PRO7", PRONumber}, {"msku 123456-7", "MSKU1234567", ContainerNumber},
	}, s.Numbers())
}

func TestStatusFollowsWhatIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Shipment)
		status ShipmentStatus
	}{
		"numbers alone":          {func(*Shipment) {}, Shipped},
		"a label printed":        {func(s *Shipment) { s.hearAll(UnitNews{Number: "1Z1", Version: 1, Status: PreTransit}) }, Shipped},
		"one box moving":         {func(s *Shipment) { s.hearAll(underway("1Z1")) }, StatusInTransit},
		"one of three delivered": {func(s *Shipment) { s.hearAll(arrivedAt("1Z1", docked)) }, StatusInTransit},
		"two delivered, one lost": {func(s *Shipment) {
			s.hearAll(arrivedAt("1Z1", docked), arrivedAt("1Z2", docked), inTroubleOf("1Z3", UnitLost))
		}, StatusDelivered},
		"two delivered, one refused": {func(s *Shipment) {
			s.hearAll(arrivedAt("1Z1", docked), arrivedAt("1Z2", docked), inTroubleOf("1Z3", UnitRefused))
		}, StatusInTransit},
		"all delivered": {func(s *Shipment) {
			s.hearAll(arrivedAt("1Z1", docked), arrivedAt("1Z2", docked), arrivedAt("1Z3", docked))
		}, StatusDelivered},
		"all lost with their contents": {func(s *Shipment) {
			s.hearAll(inTroubleOf("1Z1", UnitLost), inTroubleOf("1Z2", UnitLost), inTroubleOf("1Z3", UnitLost))
		}, StatusInTransit},
		"some counted in":    {func(s *Shipment) { s.mustReceive(1, Content{"KETTLE", 40}) }, Receiving},
		"all counted in":     {func(s *Shipment) { s.mustReceive(1, Content{"KETTLE", 100}) }, Closed},
		"the rest lost":      {func(s *Shipment) { s.hearAll(inTroubleOf("1Z3", UnitLost)).mustReceive(1, Content{"KETTLE", 80}) }, Closed},
		"closed by the dock": {func(s *Shipment) { s.Final = true }, Closed},
		"cancelled":          {func(s *Shipment) { s.Cancelled = true }, ShipmentCancelled},
		"counted in all the same": {func(s *Shipment) {
			s.Cancelled = true
			s.mustReceive(1, Content{"KETTLE", 40})
		}, ShipmentCancelled},
		"every label cancelled": {func(s *Shipment) {
			for _, n := range []string{"1Z1", "1Z2", "1Z3"} {
				s.hearAll(UnitNews{Number: n, Version: 1, Status: TrackCancelled})
			}
		}, Working},
	} {
		s := parcels(t)
		c.change(s)
		require.Equal(t, c.status, s.Status(), name)
	}
}

func (s *Shipment) mustReceive(receipt uint64, lines ...Content) {
	if changed, err := s.Receive(receipt, lines, false, docked); err != nil || !changed {
		panic("the receipt was not counted")
	}
}

func TestEveryUnitStatusSaysWhetherTheGoodsMove(t *testing.T) {
	moving := map[TrackStatus]bool{InTransit: true, AvailableForPickup: true, OutForDelivery: true, DeliveryAttempted: true,
		Delivered: true, Exception: true, Returning: true, Returned: true}
	for status := range trackStatusCount {
		s := parcels(t).hearAll(UnitNews{Number: "1Z1", Version: 1, Status: status})
		require.Equal(t, moving[status], s.Status() == StatusInTransit, status.String())
	}
}

func TestTheWindowIsThatOfTheLatestBoxNotYetDelivered(t *testing.T) {
	s := parcels(t)
	late, later := underway("1Z1"), underway("1Z2")
	late.ETA, later.ETA = windowOn("2026-03-11"), windowOn("2026-03-14")
	s.hearAll(late, later)
	require.Equal(t, windowOn("2026-03-14"), s.ETA(OnCarriage{}), "a box that nobody has dated does not hold up the others")

	gone := arrivedAt("1Z2", docked)
	gone.ETA = windowOn("2026-03-14")
	require.Equal(t, windowOn("2026-03-11"), s.hearAll(gone).ETA(OnCarriage{}))

	first := arrivedAt("1Z1", docked)
	first.ETA = windowOn("2026-03-11")
	require.False(t, s.hearAll(first).ETA(OnCarriage{}).Known(), "nobody has dated the third box")
	require.Equal(t, windowOn("2026-03-14"), s.hearAll(arrivedAt("1Z3", docked)).ETA(OnCarriage{}), "all delivered: the last")
	require.Equal(t, docked, kettleLot(s).Arrived)
}

func TestANamedDayIsLaterThanAnInstantOfItsMorning(t *testing.T) {
	day := Window{From: instant("2026-03-10T00:00:00Z"), To: instant("2026-03-10T00:00:00Z"), DateOnly: true}
	morning := Window{To: instant("2026-03-10T11:00:00Z")} // still the 9th in some zone
	evening := Window{To: instant("2026-03-10T13:00:00Z")} // already the 11th in some zone
	for _, w := range []Window{morning.later(day, OnCarriage{}), day.later(morning, OnCarriage{})} {
		require.Equal(t, day, w)
	}
	for _, w := range []Window{evening.later(day, OnCarriage{}), day.later(evening, OnCarriage{}), Window{}.later(evening, OnCarriage{}), evening.later(Window{}, OnCarriage{})} {
		require.Equal(t, evening, w)
	}
}

func TestTheCarriersWordBeatsTheSellersUnlessTheSellerSpokeSince(t *testing.T) {
	s := parcels(t)
	s.Stated, s.StatedAt = windowOn("2026-03-09"), announced
	require.Equal(t, windowOn("2026-03-09"), s.ETA(OnCarriage{}))

	s.hearAll(underway("1Z1"), underway("1Z2"))
	require.Equal(t, windowOn("2026-03-10"), s.ETA(OnCarriage{}))
	require.Equal(t, windowOn("2026-03-09"), s.etaOf(s.Unit("1Z3"), OnCarriage{}), "the seller's word stands for the box nobody heard of")

	early := underway("1Z1")
	early.Version, early.ETA = 2, windowOn("2026-03-05")
	require.Equal(t, windowOn("2026-03-05"), s.etaOf(&early, OnCarriage{}), "also when the carrier is faster")

	s.StatedAt = lastHeard.Add(time.Hour)
	require.Equal(t, windowOn("2026-03-10"), s.ETA(OnCarriage{}), "nothing is promised before the carrier's own day")
	s.Stated = windowOn("2026-03-20")
	require.Equal(t, windowOn("2026-03-20"), s.ETA(OnCarriage{}))
	require.Equal(t, lastHeard.Add(time.Hour), kettleLot(s).Heard)
}

func TestALostBoxTakesItsOwnContentsOut(t *testing.T) {
	for _, trouble := range []UnitTrouble{UnitLost, UnitDamaged, UnitReturning, UnitReturned} {
		s := parcels(t).hearAll(underway("1Z1"), underway("1Z2"), inTroubleOf("1Z3", trouble))
		lot := kettleLot(s)
		require.Equal(t, Units(20), lot.Removed, trouble.String())
		require.Equal(t, Units(80), lot.Expected(), trouble.String())
		require.Zero(t, lot.Trouble, trouble.String())
	}
	s := parcels(t).hearAll(inTroubleOf("1Z3", UnitLost))
	found := underway("1Z3")
	found.Version = 3
	require.Zero(t, kettleLot(s.hearAll(found)).Removed, "a box that is found brings its contents back")
}

func TestABoxWithUnknownContentsMakesTheQuantityUncertain(t *testing.T) {
	s := parcels(t)
	s.Boxes[2].Contents = nil
	s.hearAll(underway("1Z1"), underway("1Z2"), inTroubleOf("1Z3", UnitLost))
	require.Equal(t, TroubleQuantity, kettleLot(s).Trouble)
	require.Zero(t, kettleLot(s).Removed)
}

func TestTroubleOfOneBoxAndOfAll(t *testing.T) {
	for name, c := range map[string]struct {
		one, all UnitTrouble
		is       [2]Trouble
	}{
		"lost":           {UnitLost, UnitLost, [2]Trouble{0, TroubleLost}},
		"damaged":        {UnitDamaged, UnitDamaged, [2]Trouble{0, TroubleDamaged}},
		"returned":       {UnitReturning, UnitReturned, [2]Trouble{0, TroubleReturned}},
		"refused":        {UnitRefused, UnitRefused, [2]Trouble{TroubleQuantity, TroubleRefused}},
		"partial":        {UnitPartial, UnitPartial, [2]Trouble{TroubleQuantity, TroubleQuantity}},
		"customs":        {UnitCustoms, UnitCustoms, [2]Trouble{TroubleCustoms, TroubleCustoms}},
		"held":           {UnitHeld, UnitHeld, [2]Trouble{TroubleCustoms, TroubleCustoms}},
		"lost, returned": {UnitLost, UnitReturned, [2]Trouble{0, TroubleLost | TroubleReturned}},
	} {
		s := parcels(t).hearAll(underway("1Z1"), underway("1Z2"), inTroubleOf("1Z3", c.one))
		require.Equal(t, c.is[0], kettleLot(s).Trouble, name)
		s = parcels(t).hearAll(inTroubleOf("1Z1", c.all), inTroubleOf("1Z2", c.all), inTroubleOf("1Z3", c.one))
		require.Equal(t, c.is[1], kettleLot(s).Trouble, name)
	}
}

func TestACancelledLabelLeavesTheQuantityUncertain(t *testing.T) {
	s := parcels(t).hearAll(underway("1Z1"), underway("1Z2"), UnitNews{Number: "1Z3", Version: 1, Status: TrackCancelled})
	require.Equal(t, TroubleQuantity, kettleLot(s).Trouble)
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B3", TrackingID: new("1Z33")}}}, announced))
	require.Zero(t, kettleLot(s).Trouble, "the box has a new label")
	require.Equal(t, []Content{{"KETTLE", 20}}, s.Boxes[2].Contents)
}

func TestWhatTheDockCountsInIsNotAllLost(t *testing.T) {
	s := parcels(t).hearAll(inTroubleOf("1Z1", UnitLost), inTroubleOf("1Z2", UnitLost), inTroubleOf("1Z3", UnitLost))
	s.Boxes[0].Contents = nil
	require.Equal(t, TroubleLost, kettleLot(s).Trouble)
	s.mustReceive(1, Content{"KETTLE", 40})
	require.Equal(t, TroubleQuantity, kettleLot(s).Trouble)
	require.Equal(t, Receiving, kettleLot(s).Status)
}

func TestArrivalEndsACustomsHold(t *testing.T) {
	s := parcels(t).hearAll(underway("1Z1"), underway("1Z2"), inTroubleOf("1Z3", UnitCustoms))
	require.Equal(t, TroubleCustoms, kettleLot(s).Trouble)
	s.mustReceive(1, Content{"KETTLE", 1})
	require.Zero(t, kettleLot(s).Trouble)
	require.Equal(t, docked, kettleLot(s).Arrived, "a receipt is an arrival")
}

func TestWhatWasRefusedAndYetDeliveredCame(t *testing.T) {
	s := parcels(t)
	for _, number := range []string{"1Z1", "1Z2", "1Z3"} {
		n := arrivedAt(number, docked)
		n.Troubles = UnitRefused
		s.hearAll(n)
	}
	require.Zero(t, kettleLot(s).Trouble)
	require.Equal(t, StatusDelivered, kettleLot(s).Status)
}

func TestReceiptsAddUpAndEachCountsOnce(t *testing.T) {
	s := parcels(t)
	s.mustReceive(1, Content{"KETTLE", 40})
	changed, err := s.Receive(1, []Content{{"KETTLE", 40}}, false, docked)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, Units(60), kettleLot(s).Expected())

	later := docked.Add(time.Hour)
	_, err = s.Receive(2, []Content{{"KETTLE", 65}, {"MUG", 3}}, false, later)
	require.NoError(t, err)
	require.Equal(t, &Lot{Shipment: "FBA1", Created: announced, Status: Closed, Shipped: 100, Received: 105, Heard: announced,
		Arrived: docked, Counted: later, Version: 7}, kettleLot(s))
	require.Equal(t, Units(5), kettleLot(s).Surplus())
	require.Equal(t, Units(3), s.lotOf("MUG").Received)
	require.Zero(t, s.lotOf("MUG").Shipped)
	require.Equal(t, []Content{{"KETTLE", 5}, {"MUG", 3}}, s.Discrepancies())
}

func TestAShortFinalReceiptClosesAndSaysWhatIsMissing(t *testing.T) {
	s := parcels(t)
	s.Lines = append(s.Lines, Content{"MUG", 7})
	_, err := s.Receive(1, []Content{{"KETTLE", 92}}, true, docked)
	require.NoError(t, err)
	require.Equal(t, Closed, s.lotOf("MUG").Status)
	require.Equal(t, []Content{{"KETTLE", -8}, {"MUG", -7}}, s.Discrepancies())
	s.mustReceive(2, Content{"KETTLE", 8})
	require.Equal(t, Units(100), kettleLot(s).Received, "found later, counted in all the same")
	require.Equal(t, Closed, s.Status(), "what is closed stays closed")
}

func TestAFinalReceiptOfNothingIsNoArrival(t *testing.T) {
	s := parcels(t)
	_, err := s.Receive(1, nil, true, docked)
	require.NoError(t, err)
	require.Equal(t, Closed, s.Status())
	require.True(t, s.Arrived().IsZero())
}

func TestUnitsBeyondWhatCanBeCountedAreRefusedWhole(t *testing.T) {
	s := parcels(t)
	s.mustReceive(1, Content{"KETTLE", MaxUnits})
	_, err := s.Receive(2, []Content{{"MUG", 1}, {"KETTLE", 1}}, true, docked)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, "lines[1].units")
	require.Equal(t, []Content{{"KETTLE", MaxUnits}}, s.Received)
	require.False(t, s.Final)
}

func TestANumberThatIsNotMentionedStays(t *testing.T) {
	s := parcels(t).hearAll(underway("1Z1"))
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B2", TrackingID: new("1Z22")}, {ID: "B9", TrackingID: new("1Z9")}}, ProNumber: new("PRO7")}, announced))
	require.Equal(t, []string{"1Z1", "1Z22", "1Z3", "1Z9", "PRO7"}, numbersOf(s))
	require.Equal(t, InTransit, s.Unit("1Z1").Status, "what was heard of another box is kept")
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B1", TrackingID: new("")}, {ID: "B3"}}, ProNumber: new("")}, announced))
	require.Equal(t, []string{"1Z22", "1Z3", "1Z9"}, numbersOf(s))
	require.Equal(t, Shipped, s.Status(), "what was heard under a number that was taken away no longer counts")
}

func numbersOf(s *Shipment) (numbers []string) {
	for _, n := range s.Units {
		numbers = append(numbers, n.Number)
	}
	return numbers
}

func TestLinesMayFallBelowWhatIsCountedInAndNeverBelowNothing(t *testing.T) {
	s := parcels(t)
	s.mustReceive(1, Content{"KETTLE", 40})
	require.NoError(t, s.Relines([]Content{{"KETTLE", 30}}, announced))
	require.Zero(t, kettleLot(s).Expected())
	require.Equal(t, Units(10), kettleLot(s).Surplus())

	require.NoError(t, s.Relines([]Content{{"MUG", 5}}, announced))
	lot := kettleLot(s)
	require.Equal(t, [2]Units{40, 40}, [2]Units{lot.Shipped, lot.Received}, "taken back: nothing is to come")
	require.Equal(t, Units(5), s.lotOf("MUG").Expected())
	require.Equal(t, Receiving, lot.Status)

	require.Equal(t, fault.Invalid, fault.Of(s.Relines(nil, announced)))
}

func TestAPlanThatHasEndedIsNotChanged(t *testing.T) {
	for code, end := range map[string]func(*Shipment){
		"SHIPMENT_CANCELLED": func(s *Shipment) { s.Cancelled = true },
		"SHIPMENT_CLOSED":    func(s *Shipment) { s.Final = true },
	} {
		s := parcels(t)
		end(s)
		for _, err := range []error{s.Retrack(Tracking{}, announced), s.Relines([]Content{{"KETTLE", 1}}, announced)} {
			require.Equal(t, fault.Refused, fault.Of(err), code)
			require.Equal(t, code, err.(*fault.Error).Code)
		}
	}
	s := parcels(t)
	changed, err := s.Cancel()
	require.True(t, changed)
	require.NoError(t, err)
	changed, err = s.Cancel()
	require.False(t, changed)
	require.NoError(t, err)
	s = parcels(t)
	s.Final = true
	_, err = s.Cancel()
	require.Equal(t, fault.Refused, fault.Of(err))
}

func TestBoxesHoldNoMoreThanIsAnnounced(t *testing.T) {
	for field, s := range map[string]*Shipment{
		"boxes[1].lines[0].units": {Lines: []Content{{"KETTLE", 10}}, Boxes: []Box{{ID: "B1", Contents: []Content{{"KETTLE", 6}}}, {ID: "B2", Contents: []Content{{"KETTLE", 5}}}}},
		"boxes[0].lines[0].units": {Lines: []Content{{"KETTLE", 10}}, Boxes: []Box{{ID: "B1", Contents: []Content{{"MUG", 1}}}}},
		"boxes[1].boxId":          {Lines: []Content{{"KETTLE", 10}}, Boxes: []Box{{ID: "B1"}, {ID: "B1"}}},
		"lines is empty":          {},
	} {
		err := s.Announce(announced)
		require.Equal(t, fault.Invalid, fault.Of(err))
		require.ErrorContains(t, err, field)
	}
	many := &Shipment{Lines: make([]Content, MaxLines+1)}
	require.Equal(t, fault.TooLarge, fault.Of(many.Announce(announced)))
	many = &Shipment{Lines: []Content{{"KETTLE", 1}}, Boxes: make([]Box, MaxBoxes+1)}
	require.Equal(t, fault.TooLarge, fault.Of(many.Announce(announced)))
}

func TestACarrierMatchesUnlessBothSidesKnowItAndDiffer(t *testing.T) {
	for _, c := range []struct {
		carrier Carrier
		issuer  string
		same    bool
	}{
		{Carrier{}, "UPS", true},
		{Carrier{Name: "UPS"}, "", true},
		{Carrier{Name: "UPS", SCAC: "UPSN"}, "ups", true},
		{Carrier{Name: "UPS Ground"}, "UPS", true},
		{Carrier{Name: "Deutsche Post", SCAC: "DHL"}, "dhl-express", true},
		{Carrier{Name: "Deutsche Post DHL"}, "dhl", true},
		{Carrier{Name: "DHL"}, "DHLExpress", true},
		{Carrier{SCAC: "UPSN"}, "UPS", true},
		{Carrier{Name: "UPS"}, "USPS", false},
		{Carrier{Name: "Maersk", SCAC: "MAEU"}, "MSCU", false},
	} {
		require.Equal(t, c.same, (&Shipment{Carrier: c.carrier}).CarriedBy(c.issuer), "%v %q", c.carrier, c.issuer)
	}
}

func TestNewsInAnyOrderAnyNumberOfTimesEndInTheSameFacts(t *testing.T) {
	var news []UnitNews
	for _, number := range []string{"1Z1", "1Z2", "1Z3"} {
		for version := range int64(5) {
			n := underway(number)
			n.Version, n.Heard = version+1, lastHeard.Add(time.Duration(version)*time.Hour)
			n.ETA = windowOn([]string{"2026-03-10", "2026-03-13", "2026-03-11", "2026-03-11", "2026-03-12"}[version])
			news = append(news, n)
		}
	}
	news = append(news, UnitNews{Number: "1Z3", Version: 6, Status: Exception, Troubles: UnitLost, Heard: lastHeard})
	want := &Lot{Shipment: "FBA1", Created: announced, Status: StatusInTransit, Shipped: 100, Removed: 20, Heard: lastHeard.Add(4 * time.Hour),
		ETA: windowOn("2026-03-12"), Version: 7}
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		s := parcels(t)
		for range 3 {
			rng.Shuffle(len(news), func(i, j int) { news[i], news[j] = news[j], news[i] })
			s.hearAll(news...)
		}
		require.Equal(t, want, kettleLot(s), "seed %d", seed)
	}
}

func TestNewsOfAStrangeNumberChangeNothing(t *testing.T) {
	s := parcels(t)
	require.False(t, s.Hear(underway("1Z77")))
	require.True(t, s.Hear(underway("1Z1")))
	same := underway("1Z1")
	same.Version = 9
	require.False(t, s.Hear(same), "the same words under a newer version are no news")
}

func TestNamesOfModesAndProgrammesReadBack(t *testing.T) {
	for m := range modeCount {
		got, ok := ParseMode(m.String())
		require.True(t, ok)
		require.Equal(t, m, got)
	}
	for p := range programCount {
		got, ok := ParseProgram(p.String())
		require.True(t, ok)
		require.Equal(t, p, got)
	}
	_, mode := ParseMode("TRUCK")
	_, program := ParseProgram("")
	require.False(t, mode || program)
}
