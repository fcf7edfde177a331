package supply

// These tests let papers (bill of lading, booking) speak beside boxes, PRO numbers
// and containers, and compare what is carried with literals. They would catch a
// paper that holds up a delivery, one that is not heard at all, and one that
// speaks over what is known of the thing that is carried.

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func under(kind UnitKind, number string) UnitNews {
	return UnitNews{Number: number, Registration: Registration{Kind: kind}}
}

func dated(n UnitNews, kind ETAKind, day string, said time.Time) UnitNews {
	n.ETA, n.ETASaidAt, n.Heard = windowOn(day), said, latest(n.Heard, said)
	n.ETA.Kind = kind
	return n
}

func standing(n UnitNews, status TrackStatus, heard time.Time) UnitNews {
	n.Status, n.Heard = status, latest(n.Heard, heard)
	return n
}

func came(n UnitNews, when time.Time) UnitNews {
	n.Arrived = when
	return standing(n, Delivered, when)
}

func TestAPaperTellsWhatNobodySaidOfTheThingItself(t *testing.T) {
	early, late := lastHeard, lastHeard.Add(time.Hour)
	box, pro, container := under(TrackingNumber, "1Z1"), under(PRONumber, "PRO"), under(ContainerNumber, "BOX1")
	bol, booking := under(BillOfLadingNumber, "BOL"), under(BookingNumber, "BK")
	damaged := standing(bol, Exception, late)
	damaged.Troubles = UnitDamaged
	taken := box
	taken.Refused = NumberTaken
	full := bol
	full.Refused = NumberFull
	lost := standing(box, Exception, early)
	lost.Troubles = UnitLost
	both := standing(box, Exception, late)
	both.Troubles = UnitLost | UnitDamaged

	for name, c := range map[string]struct{ units, carried []UnitNews }{
		"no paper":                      {[]UnitNews{standing(box, InTransit, early), pro}, []UnitNews{standing(box, InTransit, early), pro}},
		"a silent paper":                {[]UnitNews{standing(box, InTransit, early), bol}, []UnitNews{standing(box, InTransit, early)}},
		"status where there is none":    {[]UnitNews{standing(box, PreTransit, early), pro, standing(bol, InTransit, late)}, []UnitNews{standing(box, PreTransit, late), standing(pro, InTransit, late)}},
		"an ETA where there is none":    {[]UnitNews{container, dated(bol, AtPort, "2026-03-10", early)}, []UnitNews{dated(container, AtPort, "2026-03-10", early)}},
		"the ETA that was said later":   {[]UnitNews{dated(container, AtDock, "2026-03-12", early), dated(bol, AtDock, "2026-03-10", late)}, []UnitNews{dated(container, AtDock, "2026-03-10", late)}},
		"an ETA that was said before":   {[]UnitNews{dated(container, AtDock, "2026-03-12", late), dated(bol, AtDock, "2026-03-14", early)}, []UnitNews{dated(container, AtDock, "2026-03-12", late)}},
		"an earlier port says nothing":  {[]UnitNews{dated(container, AtDock, "2026-03-12", early), dated(bol, AtPort, "2026-03-10", late)}, []UnitNews{dated(dated(container, AtDock, "2026-03-12", late), AtDock, "2026-03-12", early)}},
		"a port behind the dock does":   {[]UnitNews{dated(container, AtDock, "2026-03-12", early), dated(bol, AtPort, "2026-03-14", late)}, []UnitNews{dated(container, AtPort, "2026-03-14", late)}},
		"the dock for a port":           {[]UnitNews{dated(container, AtPort, "2026-03-12", early), dated(bol, AtDock, "2026-03-10", late)}, []UnitNews{dated(container, AtDock, "2026-03-10", late)}},
		"troubles join":                 {[]UnitNews{lost, damaged}, []UnitNews{both}},
		"delivery of the whole":         {[]UnitNews{standing(box, InTransit, early), pro, came(bol, late)}, []UnitNews{withArrival(standing(box, InTransit, late), late), came(pro, late)}},
		"the earliest delivery":         {[]UnitNews{came(box, late), came(bol, early)}, []UnitNews{withArrival(came(box, late), early)}},
		"its own delivery comes first":  {[]UnitNews{came(box, early), came(bol, late)}, []UnitNews{withArrival(standing(came(box, early), Delivered, late), early)}},
		"heard since, on its way":       {[]UnitNews{standing(box, InTransit, late), came(bol, early)}, []UnitNews{standing(box, InTransit, late)}},
		"papers alone are units":        {[]UnitNews{standing(bol, InTransit, early), booking}, []UnitNews{standing(bol, InTransit, early), standing(booking, InTransit, early)}},
		"one paper alone":               {[]UnitNews{standing(bol, InTransit, early)}, []UnitNews{standing(bol, InTransit, early)}},
		"another's parcel learns not":   {[]UnitNews{taken, standing(bol, InTransit, early)}, []UnitNews{taken}},
		"a paper of others says not":    {[]UnitNews{box, standing(full, InTransit, early)}, []UnitNews{box}},
		"a paper's port call and scans": {[]UnitNews{box, dated(standing(bol, InTransit, early), AtPort, "2026-03-10", late)}, []UnitNews{dated(standing(box, InTransit, early), AtPort, "2026-03-10", late)}},
	} {
		s := &Shipment{Units: c.units}
		before := append([]UnitNews(nil), c.units...)
		require.Equal(t, c.carried, s.carried(), name)
		require.Equal(t, before, s.Units, "%s: what is stored stays", name)
	}
}

func withArrival(n UnitNews, when time.Time) UnitNews {
	n.Arrived = when
	return n
}

// consignment returns a shipment of two boxes, 60 and 40 kettles, with both papers.
func consignment(t *testing.T) *Shipment {
	s := &Shipment{ID: "FBA1", Created: announced, Mode: Ocean, Lines: []Content{{"KETTLE", 100}}, BillOfLading: "BOL 9", BookingNumber: "BK-7",
		Boxes: []Box{{"B1", "1Z1", []Content{{"KETTLE", 60}}}, {"B2", "1Z2", []Content{{"KETTLE", 40}}}}}
	require.NoError(t, s.Announce(announced))
	return s
}

func TestAPaperNeverHoldsUpADelivery(t *testing.T) {
	s := consignment(t)
	require.Equal(t, []Number{{"1Z1", "1Z1", TrackingNumber}, {"1Z2", "1Z2", TrackingNumber}, {"BOL 9", "BOL9", BillOfLadingNumber}, {"BK-7", "BK7", BookingNumber}}, s.Numbers())
	s.hearAll(arrivedAt("1Z1", docked), arrivedAt("1Z2", docked), underway("BOL9"))
	require.Equal(t, StatusDelivered, s.Status())
	require.Equal(t, docked, s.Arrived())
}

func TestAShipmentWithPapersAloneTravelsUnderThem(t *testing.T) {
	s := &Shipment{ID: "FBA1", Created: announced, Mode: Ocean, Lines: []Content{{"KETTLE", 100}}, BillOfLading: "BOL 9", BookingNumber: "BK-7"}
	require.NoError(t, s.Announce(announced))
	require.Equal(t, Shipped, s.Status(), "a number is registered")
	news := underway("BOL9")
	news.ETA.Kind = AtPort
	require.Equal(t, news.ETA, s.hearAll(news).ETA(usualOnCarriage))
	require.Equal(t, StatusInTransit, s.Status())
	require.Equal(t, StatusDelivered, s.hearAll(arrivedAt("BOL9", docked)).Status(), "whatever the silent booking says")
	lost := consignment(t).hearAll(inTroubleOf("BOL9", UnitLost))
	require.Equal(t, TroubleLost, kettleLot(lost).Trouble, "the whole shipment")
}

func TestWhatAPaperIsCalledMayBeNoNumber(t *testing.T) {
	s := &Shipment{ID: "FBA1", Created: announced, Lines: []Content{{"KETTLE", 100}}, BillOfLading: "N/A"}
	require.NoError(t, s.Announce(announced))
	require.Empty(t, s.Numbers())
	require.Equal(t, Working, s.Status())
	s.BillOfLading, s.ProNumber = "440 123", "440-123"
	require.Equal(t, []Number{{"440-123", "440123", PRONumber}}, s.Numbers(), "what is carried comes before the paper of the same number")
}

func TestWindowsAtDifferentPlacesAreComparedAtTheDock(t *testing.T) {
	s := consignment(t)
	port, dock := underway("1Z1"), underway("1Z2")
	port.ETA, dock.ETA = windowOn("2026-03-10"), windowOn("2026-03-14")
	port.ETA.Kind = AtPort
	s.hearAll(port, dock)
	require.Equal(t, port.ETA, s.ETA(usualOnCarriage), "the 10th at the port is the 17th at the dock")
	require.Equal(t, dock.ETA, s.ETA(OnCarriage{AtPort: 3}), "the 13th")
	require.Equal(t, port.ETA, s.Facts(7, usualOnCarriage)["KETTLE"].ETA)
	s.Stated, s.StatedAt = windowOn("2026-03-16"), lastHeard.Add(time.Hour)
	require.Equal(t, port.ETA, s.ETA(usualOnCarriage), "nor does the seller's word bring the goods before the carrier's day at the dock")
	require.Equal(t, s.Stated, s.ETA(OnCarriage{AtPort: 5}))
}

func TestNewsOfAnotherPlaceAreNews(t *testing.T) {
	s := consignment(t).hearAll(underway("1Z1"))
	port := underway("1Z1")
	port.Version, port.ETA.Kind = 2, AtPort
	require.True(t, s.Hear(port))
	require.Equal(t, AtPort, s.Unit("1Z1").ETA.Kind)
}

func TestFactsWithPapersDoNotDependOnTheOrderOfNews(t *testing.T) {
	news := []UnitNews{underway("1Z1"), underway("1Z2"), underway("BOL9"), inTroubleOf("1Z2", UnitDamaged), arrivedAt("BK7", docked), inTroubleOf("BOL9", UnitCustoms)}
	want := *consignment(t).hearAll(news...).lotOf("KETTLE")
	require.Equal(t, Units(40), want.Removed)
	rng := rand.New(rand.NewPCG(4, 2))
	for range 500 {
		rng.Shuffle(len(news), func(i, j int) { news[i], news[j] = news[j], news[i] })
		s := consignment(t)
		for range 2 { // twice each
			s.hearAll(news...)
		}
		require.Equal(t, want, *s.lotOf("KETTLE"))
	}
}
