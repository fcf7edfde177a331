package supply

// These tests let sellers and packers speak of the same boxes, in every order and
// more than once, and look at what is lost with a box. They would catch a packer
// who overrides the seller, contents that nobody announced, and an order of
// arrival that matters.

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
)

// unlisted returns a shipment of 100 kettles and 5 mugs in two boxes of which
// nobody says what they hold.
func unlisted(t *testing.T) *Shipment {
	s := &Shipment{ID: "FBA1", Created: announced, Mode: SPD, Lines: []Content{{"KETTLE", 100}, {"MUG", 5}},
		Boxes: []Box{{ID: "B1", TrackingID: "1Z-1"}, {ID: "B2", TrackingID: "1Z2"}}}
	require.NoError(t, s.Announce(announced))
	return s
}

func packed(t *testing.T, m Manifest) Packing {
	p, err := m.Packing(lastHeard)
	require.NoError(t, err)
	return p
}

func advised(boxes ...Box) Manifest { return Manifest{SaidAt: announced, Boxes: boxes} }

func kettles(n Units) []Content { return []Content{{"KETTLE", n}} }

func TestADespatchAdviceFillsInWhatTheSellerLeftOpen(t *testing.T) {
	s := unlisted(t)
	s.hearAll(underway("1Z1"), underway("1Z2"))
	lost := inTroubleOf("1Z2", UnitLost)
	before := *unlisted(t).hearAll(underway("1Z1"), underway("1Z2"), lost)
	require.Equal(t, TroubleQuantity, kettleLot(&before).Trouble, "nobody knows what was in it")

	require.True(t, s.Learn(packed(t, advised(Box{"B1", "", kettles(60)}, Box{"SSCC2", "1z 2", []Content{{"MUG", 5}, {"KETTLE", 30}, {"KETTLE", 10}}})), announced))
	require.Equal(t, []Box{{"B1", "1Z-1", kettles(60)}, {"B2", "1Z2", []Content{{"KETTLE", 40}, {"MUG", 5}}}}, s.Packed(), "known by its id, or by its number")
	require.Equal(t, []Box{{ID: "B1", TrackingID: "1Z-1"}, {ID: "B2", TrackingID: "1Z2"}}, s.Boxes, "what the seller said stays what the seller said")
	status, _ := s.PackingVerdict()
	require.Equal(t, PackingApplied, status)
	s.hearAll(lost)
	require.Zero(t, kettleLot(s).Trouble)
	require.Equal(t, []Units{40, 5}, []Units{kettleLot(s).Removed, s.lotOf("MUG").Removed})
}

func TestABoxThatTheSellerDoesNotListIsAddedWithItsNumber(t *testing.T) {
	s := unlisted(t)
	later := announced.Add(time.Hour)
	require.True(t, s.Learn(packed(t, advised(Box{"B3", "1Z3", []Content{{"MUG", 5}}}, Box{"B1", "1Z99", kettles(1)}, Box{ID: "B4"})), later))
	require.Equal(t, []string{"1Z1", "1Z2", "1Z3"}, numbersOf(s), "the number that the seller gave stands")
	require.Equal(t, later, s.Unit("1Z3").Since)
	require.Equal(t, "B4", s.Packed()[3].ID)
	require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B3", TrackingID: new("1Z33")}}}, later))
	require.Equal(t, Box{"B3", "1Z33", []Content{{"MUG", 5}}}, s.Packed()[2], "the seller speaks of it now")
	require.Equal(t, []string{"1Z1", "1Z2", "1Z33"}, numbersOf(s))
}

func TestTheSellersWordStandsWhateverIsPackedBeforeOrAfter(t *testing.T) {
	advice := packed(t, advised(Box{"B1", "", kettles(70)}))
	says := Tracking{Boxes: []BoxTracking{{ID: "B1", Contents: kettles(60)}}}
	for _, first := range []bool{true, false} {
		s := unlisted(t)
		if first {
			s.Learn(advice, announced)
		}
		require.NoError(t, s.Retrack(says, announced))
		if !first {
			s.Learn(advice, announced)
		}
		require.Equal(t, kettles(60), s.Packed()[0].Contents)
		status, reason := s.PackingVerdict()
		require.Equal(t, []string{"KEPT", "what the seller says of box B1 stands"}, []string{string(status), reason})
	}
	s := unlisted(t)
	require.NoError(t, s.Retrack(says, announced))
	s.Learn(packed(t, advised(Box{"B1", "1Z1", kettles(60)})), announced)
	status, reason := s.PackingVerdict()
	require.Equal(t, []string{"KEPT", ""}, []string{string(status), reason}, "they agree")
}

func TestContentsThatWereNotAnnouncedChangeNothing(t *testing.T) {
	for name, c := range map[string]struct {
		m      Manifest
		reason string
	}{
		"another SKU":          {advised(Box{"B1", "", []Content{{"TOASTER", 1}}}, Box{"B2", "", kettles(1)}), `with the despatch advice boxes[0].lines[0].units: the boxes hold more units of "TOASTER" than lines announce`},
		"more than announced":  {advised(Box{"B1", "", kettles(60)}, Box{"B2", "", kettles(41)}), `with the despatch advice boxes[1].lines[0].units: the boxes hold more units of "KETTLE" than lines announce`},
		"more in all":          {Manifest{Lines: kettles(101), Boxes: []Box{{"B1", "", kettles(1)}}}, `the despatch advice has 101 units of "KETTLE"; 100 are announced`},
		"another SKU in all":   {Manifest{Lines: []Content{{"TOASTER", 1}}}, `the despatch advice has 1 units of "TOASTER"; 0 are announced`},
		"more boxes than many": {Manifest{Boxes: make([]Box, MaxBoxes+1)}, "despatch advices name more than the 5000 boxes and 1000 lines of one shipment"},
	} {
		s := unlisted(t)
		require.True(t, s.Learn(packed(t, c.m), announced), name)
		require.Equal(t, s.Boxes, s.Packed(), name)
		status, reason := s.PackingVerdict()
		require.Equal(t, []string{"IGNORED", c.reason}, []string{string(status), reason}, name)
		require.Equal(t, Units(100), kettleLot(s).Expected(), name)
	}
	s := unlisted(t)
	s.Learn(packed(t, advised(Box{"B1", "1Z9", []Content{{"TOASTER", 1}}}, Box{"B3", "1Z3", nil})), announced)
	require.Equal(t, []string{"1Z1", "1Z2"}, numbersOf(s))
	require.NoError(t, s.Relines([]Content{{"KETTLE", 100}, {"TOASTER", 1}}, announced.Add(time.Hour)))
	status, _ := s.PackingVerdict()
	require.Equal(t, PackingApplied, status, "it fits since the seller announces more")
	require.Equal(t, []string{"1Z1", "1Z2", "1Z3"}, numbersOf(s))
}

func TestTheLastWordOfThePackersStands(t *testing.T) {
	said := func(hours int, boxes ...Box) Packing {
		m := advised(boxes...)
		m.SaidAt = announced.Add(time.Duration(hours) * time.Hour)
		return packed(t, m)
	}
	s := unlisted(t)
	require.True(t, s.Learn(said(2, Box{"B1", "", kettles(50)}), announced))
	require.False(t, s.Learn(said(1, Box{"B1", "", kettles(60)}), announced), "older")
	require.False(t, s.Learn(said(2, Box{"B1", "", kettles(50)}), announced), "known")
	require.True(t, s.Learn(said(3, Box{"B1", "1Z1", nil}), announced))
	require.Equal(t, kettles(50), s.Packed()[0].Contents, "what a later one leaves out stays")
	require.True(t, s.Learn(said(4, Box{"B1", "", kettles(55)}), announced))
	require.Equal(t, kettles(55), s.Packed()[0].Contents)
	ahead := packed(t, Manifest{SaidAt: lastHeard.Add(3 * time.Hour), Boxes: []Box{{"B1", "", kettles(1)}}})
	require.Zero(t, ahead.Boxes[0].PackedAt, "nobody speaks from the future")
	s.Final = true
	require.False(t, s.Learn(said(9, Box{"B1", "", kettles(1)}), announced), "closed")
}

func TestWhatCannotBeCountedIsNamed(t *testing.T) {
	for field, m := range map[string]Manifest{
		"lines[0].units":          {Lines: []Content{{"KETTLE", 0}}},
		"boxes[1].lines[0].units": advised(Box{ID: "B1"}, Box{"B2", "", kettles(-1)}),
		"boxes[0].lines[1].sku":   advised(Box{"B1", "", []Content{{"KETTLE", 1}, {"", 1}}}),
		"boxes[0].lines: more":    advised(Box{"B1", "", []Content{{"KETTLE", MaxUnits}, {"KETTLE", 1}}}),
	} {
		_, err := m.Packing(lastHeard)
		require.Equal(t, fault.Invalid, fault.Of(err), field)
		require.ErrorContains(t, err, field)
	}
	p := packed(t, advised(Box{"\x00\u202e", "", kettles(1)}, Box{" B\t1 ", strings.Repeat("9", 99), kettles(1)}, Box{"", "1Z7", kettles(2)}))
	require.Equal(t, []string{"1Z7", "B 1"}, []string{p.Boxes[0].ID, p.Boxes[1].ID}, "without an id its number, without either nothing")
	require.Len(t, p.Boxes[1].TrackingID, 64)
}

// somePacking draws small packings that speak of the same few boxes.
func somePacking(t *rapid.T) Packing {
	m := Manifest{SaidAt: announced.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "said")) * time.Hour)}
	if rapid.Bool().Draw(t, "lines") {
		m.Lines = kettles(Units(rapid.IntRange(1, 120).Draw(t, "all")))
	}
	for range rapid.IntRange(0, 4).Draw(t, "boxes") {
		b := Box{ID: fmt.Sprint("B", rapid.IntRange(1, 3).Draw(t, "id"))}
		if rapid.Bool().Draw(t, "tracked") {
			b.TrackingID = fmt.Sprint("1Z", rapid.IntRange(1, 4).Draw(t, "number"))
		}
		if rapid.Bool().Draw(t, "listed") {
			b.Contents = kettles(Units(rapid.IntRange(1, 60).Draw(t, "units")))
		}
		m.Boxes = append(m.Boxes, b)
	}
	p, err := m.Packing(lastHeard)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPackingsJoinInAnyOrderAnyNumberOfTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := somePacking(t), somePacking(t), somePacking(t)
		require.Equal(t, a.Join(b), b.Join(a))
		require.Equal(t, a.Join(b).Join(c), a.Join(b.Join(c)))
		ab := a.Join(b)
		require.Equal(t, ab, ab.Join(a))
		require.Equal(t, a, a.Join(Packing{}))
	})
}

func TestFactsDoNotDependOnTheOrderOfWhatSellersPackersAndCarriersSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, two := somePacking(t), somePacking(t)
		says := []func(*Shipment){
			func(s *Shipment) { s.Learn(one, announced) },
			func(s *Shipment) { s.Learn(two, announced) },
			func(s *Shipment) { require.NoError(t, s.Relines([]Content{{"KETTLE", 110}}, announced)) },
			func(s *Shipment) {
				require.NoError(t, s.Retrack(Tracking{Boxes: []BoxTracking{{ID: "B2", Contents: kettles(20)}}}, announced))
			},
			func(s *Shipment) { s.hearAll(inTroubleOf("1Z1", UnitLost)) },
			func(s *Shipment) { s.hearAll(underway("1Z2")) },
		}
		tell := func(order []int) Lot {
			s := &Shipment{ID: "FBA1", Created: announced, Lines: kettles(100), Boxes: []Box{{ID: "B1", TrackingID: "1Z1"}, {ID: "B2", TrackingID: "1Z2"}}}
			require.NoError(t, s.Announce(announced))
			for _, i := range order {
				says[i](s)
			}
			return s.Facts(7, OnCarriage{})["KETTLE"]
		}
		order := []int{0, 1, 2, 3, 4, 5}
		want := tell(order)
		require.LessOrEqual(t, want.Removed, want.Shipped)
		got := tell(slices.Concat(rapid.Permutation(order).Draw(t, "order"), []int{1, 0}))
		require.Equal(t, want, got)
	})
}
