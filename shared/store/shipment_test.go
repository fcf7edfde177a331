package store

// These tests write shipments as records and read them back, small
// ones field by field and the largest allowed ones for their size. They would
// catch a field that is forgotten, a pair of records that do not belong together
// and a shipment that its carriers' news make too large to be written.

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

var shipDay = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func fullShipment() supply.Shipment {
	return supply.Shipment{
		ID: "FBA15ABC", Marketplace: "A1PA6795UKMFR9", Destination: "DTM2", Created: shipDay, Mode: supply.Ocean,
		Carrier: supply.Carrier{Program: supply.GlobalLogistics, Name: "Maersk", SCAC: "MAEU"},
		Boxes: []supply.Box{
			{ID: "U1", TrackingID: "1Z 1", Contents: []supply.Content{{SKU: "KETTLE-1", Units: 60}}},
			{ID: "U2"},
		},
		ProNumber: "440-123", ContainerNumber: "MSKU1234567", BillOfLading: "BOL 9", BookingNumber: "BK-7",
		Lines:  []supply.Content{{SKU: "KETTLE-1", Units: 100}, {SKU: "Ärmel <2>", Units: 0}},
		Stated: supply.Window{From: shipDay.Add(time.Hour), To: shipDay.Add(48 * time.Hour), DateOnly: true}, StatedAt: shipDay.Add(time.Minute),
		Cancelled: true, Final: true, Received: []supply.Content{{SKU: "MUG", Units: 3}}, First: shipDay.Add(72 * time.Hour),
		Latest: shipDay.Add(73 * time.Hour), Receipts: []uint64{1, 1<<64 - 1},
		Packing: supply.Packing{
			Boxes: []supply.PackedBox{
				{ID: "00340123450000000018", TrackingID: "1Z3", TrackedAt: shipDay, Contents: []supply.Content{{SKU: "KETTLE-1", Units: 7}}, PackedAt: shipDay.Add(time.Hour)},
				{ID: "U2"},
			},
			Lines: []supply.Content{{SKU: "KETTLE-1", Units: 67}}, LinesAt: shipDay.Add(time.Minute),
		},
		Units: []supply.UnitNews{
			{Number: "1Z1", Version: 4, Status: supply.Delivered, Arrived: shipDay.Add(time.Millisecond), Troubles: supply.UnitDamaged | supply.UnitLost,
				ETA: supply.Window{From: shipDay, To: shipDay, DateOnly: true, Kind: supply.AtInlandPoint}, ETASaidAt: shipDay.Add(2 * time.Hour), Heard: shipDay.Add(3 * time.Hour)},
			{Number: "440123", Registration: supply.Registration{Kind: supply.PRONumber, Since: shipDay, Refused: supply.NumberFull, Holder: "FBA2"}},
			{Number: "MSKU1234567", Registration: supply.Registration{Kind: supply.ContainerNumber, Since: shipDay, Alerted: true}},
			{Number: "BOL9", Registration: supply.Registration{Kind: supply.BillOfLadingNumber}},
		},
	}
}

func TestAShipmentReadsBackAsItWasWritten(t *testing.T) {
	want := fullShipment()
	state, contents, err := ShipmentRecords("acme", &want, 7)
	require.NoError(t, err)
	require.Equal(t, Key{"S#acme#FBA15ABC", "STATE"}, state.Key)
	require.Equal(t, Key{"S#acme#FBA15ABC", "CONTENTS"}, contents.Key)
	got, ok, err := ReadShipment(&state, &contents)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, want, got)

	require.Equal(t, "CANCELLED", state.Attr("status").Text)
	news, err := ReadState(&state)
	require.NoError(t, err)
	require.Equal(t, StateNews{BySeller: true, Received: 3, Units: want.Units}, news)
}

func TestOnlyAMatchingPairIsAShipment(t *testing.T) {
	s := fullShipment()
	_, contents, err := ShipmentRecords("acme", &s, 7)
	require.NoError(t, err)
	state, err := StateRecord("acme", &s, 9, 7)
	require.NoError(t, err)
	_, ok, err := ReadShipment(&state, &contents)
	require.NoError(t, err)
	require.True(t, ok)
	news, err := ReadState(&state)
	require.NoError(t, err)
	require.False(t, news.BySeller)

	_, newer, err := ShipmentRecords("acme", &s, 10)
	require.NoError(t, err)
	_, ok, err = ReadShipment(&state, &newer)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestADamagedRecordIsNotAShipment(t *testing.T) {
	s := fullShipment()
	state, contents, err := ShipmentRecords("acme", &s, 7)
	require.NoError(t, err)
	for _, r := range []*Record{&state, &contents} {
		kept := r.Clone()
		body := r.Attr("body").Bytes
		body[len(body)/2] ^= 0xff
		_, _, err := ReadShipment(&state, &contents)
		require.Equal(t, fault.Internal, fault.Of(err))
		*r = kept
	}
}

// crowd returns a shipment of n boxes under long random numbers, and everything
// a carrier can say of each.
func crowd(n int) supply.Shipment {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(length int) string {
		b := make([]byte, length)
		for i := range b {
			b[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rng.IntN(36)]
		}
		return string(b)
	}
	moment := func() time.Time { return shipDay.Add(time.Duration(rng.Int64N(1e10)) * time.Millisecond) }
	s := supply.Shipment{ID: "FBA15ABC", Marketplace: "A1PA6795UKMFR9", Created: shipDay, Lines: []supply.Content{{SKU: "KETTLE-1", Units: supply.Units(n)}}}
	for i := range n {
		number := "1Z" + random(16)
		s.Boxes = append(s.Boxes, supply.Box{ID: fmt.Sprintf("FBA15ABCU%06d", i), TrackingID: number, Contents: []supply.Content{{SKU: "KETTLE-1", Units: 1}}})
		s.Units = append(s.Units, supply.UnitNews{Number: number, Version: rng.Int64N(200), Status: supply.TrackStatus(rng.IntN(10)), Arrived: moment(),
			Troubles: supply.UnitTrouble(rng.IntN(256)), ETA: supply.Window{From: moment(), To: moment(), Kind: supply.ETAKind(rng.IntN(4))}, ETASaidAt: moment(), Heard: moment(),
			Registration: supply.Registration{Since: shipDay, Alerted: rng.IntN(2) == 0, Refused: supply.LinkRefusal(rng.IntN(4))}})
	}
	return s
}

func TestTheLargestShipmentCanStillBeWrittenWhenEverythingIsHeard(t *testing.T) {
	s := crowd(supply.MaxBoxes)
	state, contents, err := ShipmentRecords("acme", &s, 1)
	require.NoError(t, err)
	t.Logf("%d boxes: STATE %d bytes, CONTENTS %d bytes", len(s.Boxes), state.Size(), contents.Size())
	for range supply.MaxBoxes {
		s.Receipts = append(s.Receipts, rand.Uint64())
	}
	state, contents, err = ShipmentRecords("acme", &s, 2)
	require.NoError(t, err)
	require.LessOrEqual(t, max(state.Size(), contents.Size()), MaxRecordBytes)
}

func TestAPlanWithoutRoomForNewsIsTooLarge(t *testing.T) {
	s := crowd(2 * supply.MaxBoxes)
	_, _, err := ShipmentRecords("acme", &s, 1)
	require.Equal(t, fault.TooLarge, fault.Of(err))
	require.ErrorContains(t, err, "boxes")

	s = fullShipment()
	s.Receipts = nil
	for i := range 4000 {
		s.Boxes = append(s.Boxes, supply.Box{ID: fmt.Sprint(i), Contents: []supply.Content{{SKU: supply.SKU(fmt.Sprintf("%x", randomBytes(100))), Units: 1}}})
	}
	_, _, err = ShipmentRecords("acme", &s, 1)
	require.Equal(t, fault.TooLarge, fault.Of(err))
	require.ErrorContains(t, err, "boxes")
}

func TestAPlanLeavesRoomForReceipts(t *testing.T) {
	s := fullShipment()
	s.Receipts = nil
	for i := 0; ; i++ {
		s.Boxes = append(s.Boxes, supply.Box{ID: fmt.Sprint(i), Contents: []supply.Content{{SKU: supply.SKU(fmt.Sprintf("%x", randomBytes(100))), Units: 1}}})
		if i%200 != 0 {
			continue
		}
		if _, _, err := ShipmentRecords("acme", &s, 1); fault.Is(err, fault.TooLarge) {
			break
		}
	}
	s.Receipts = []uint64{1}
	_, _, err := ShipmentRecords("acme", &s, 1)
	require.NoError(t, err, "what was planned can be counted in")
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func TestKeysOfShipmentsAndUnitsReadBack(t *testing.T) {
	seller, id, ok := ParseShipmentKey(StateKey("acme", "FBA-1"))
	require.Equal(t, []any{supply.SellerID("acme"), supply.ShipmentID("FBA-1"), true}, []any{seller, id, ok})
	_, _, ok = ParseShipmentKey(UnitKey("acme", "1Z#1"))
	require.False(t, ok)
	seller, number, ok := ParseUnitKey(UnitKey("acme", "1Z#1"))
	require.Equal(t, []any{supply.SellerID("acme"), "1Z#1", true}, []any{seller, number, ok})
	_, _, ok = ParseUnitKey(StateKey("acme", "FBA-1"))
	require.False(t, ok)
}

func TestPackedBytesReadBackAndDamageIsNoticed(t *testing.T) {
	for _, body := range [][]byte{nil, []byte("x"), randomBytes(1 << 16)} {
		got, err := Unpack(Pack(body))
		require.NoError(t, err)
		require.Equal(t, string(body), string(got))
	}
	packed := Pack([]byte("sold before it arrives"))
	packed[len(packed)-6] ^= 1
	_, err := Unpack(packed)
	require.Equal(t, fault.Internal, fault.Of(err))
	_, err = Unpack(nil)
	require.Equal(t, fault.Internal, fault.Of(err))
}

func TestWhatDespatchAdvicesSayReadsBackUnderBothItsKeys(t *testing.T) {
	want := fullShipment().Packing
	for sort, key := range map[string]Key{"S#acme#FBA-1": PackingKey("acme", "FBA-1"), "T#acme#BOL9": NumberPackingKey("acme", "BOL9")} {
		require.Equal(t, Key{sort, "PACKING"}, key)
		_, _, unit := ParseUnitKey(key)
		require.False(t, unit, "the change feed does not take it for a unit")
		r, err := PackingRecord(key, &want, 3, 99)
		require.NoError(t, err)
		require.Equal(t, []int64{3, 99}, []int64{r.Version, r.Expires})
		got, err := ReadPacking(&r)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	none, err := ReadPacking(&Record{})
	require.NoError(t, err)
	require.True(t, none.Empty())
	r, err := PackingRecord(PackingKey("acme", "FBA-1"), &supply.Packing{TooLarge: true}, 1, 99)
	require.NoError(t, err)
	got, err := ReadPacking(&r)
	require.NoError(t, err)
	require.Equal(t, supply.Packing{TooLarge: true}, got)
	r.Attrs[0].Bytes[15] ^= 1
	_, err = ReadPacking(&r)
	require.Equal(t, fault.Internal, fault.Of(err))
}

func TestAStateIsDueWhenACarrierShouldKnowItsNumbers(t *testing.T) {
	s := fullShipment()
	s.Cancelled, s.Final, s.First, s.Units[0].Arrived = false, false, time.Time{}, time.Time{}
	state, err := StateRecord("acme", &s, 9, 7)
	require.NoError(t, err)
	require.Equal(t, shipDay.Add(24*time.Hour).Unix()/3600, state.Due)
	require.Equal(t, int64(1), state.Attr(AlertsAttr).Int)
	s.Units[1].Heard, s.Units[2].Alerted = shipDay, false
	state, err = StateRecord("acme", &s, 10, 7)
	require.NoError(t, err)
	require.Equal(t, shipDay.Add(24*time.Hour).Unix()/3600, state.Due, "the container is next")
	require.Zero(t, state.Attr(AlertsAttr))
	s.Units[2].Heard = shipDay
	state, err = StateRecord("acme", &s, 11, 7)
	require.NoError(t, err)
	require.Zero(t, state.Due)
}
