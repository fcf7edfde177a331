package store

// These tests write transport units as records and read them back, an ordinary
// one and the fullest ones that carriers and sellers can make. They would catch a
// field that is forgotten and a record that leaves its one write unit.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

func TestAUnitReadsBackAsItWasWritten(t *testing.T) {
	u, changed := supply.Unit{Shipments: []supply.ShipmentID{"FBA15ABC", "FBA2"}}.Restart(shipDay.Add(-time.Hour)).
		Apply(supply.Report{Number: "1z 999-1", Issuer: "UPS", SaidAt: shipDay,
			ETAs:  supply.Expect(supply.Window{To: shipDay.Add(48 * time.Hour), Kind: supply.AtPort}),
			Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.Departed, At: shipDay, Text: "Departed", Place: "Köln", Local: true}}}, shipDay)
	require.True(t, changed)
	r := UnitRecord("acme", u, 3)
	require.Equal(t, Key{"T#acme#1Z9991", "UNIT"}, r.Key)
	require.Equal(t, "IN_TRANSIT", r.Attr("status").Text)
	require.Equal(t, "FBA15ABC FBA2", r.Attr("shipments").Text)
	got, err := ReadUnit(&r)
	require.NoError(t, err)
	require.Equal(t, u, got)

	none, err := ReadUnit(&Record{})
	require.NoError(t, err)
	require.Equal(t, supply.Unit{}, none)
	r.Attrs[len(r.Attrs)-1].Bytes = nil
	_, err = ReadUnit(&r)
	require.Equal(t, fault.Internal, fault.Of(err))
}

// tell reports 90 scans with long words and ids, versions and retractions among
// them, and ETAs at more places than a unit keeps apart.
func tell(u supply.Unit, snapshot bool) supply.Unit {
	report := supply.Report{Number: u.Number, Issuer: strings.Repeat("I", 30), Snapshot: snapshot, Version: shipDay, SaidAt: shipDay}
	for i := range 9 {
		report.ETAs = append(report.ETAs, supply.Estimate{Window: supply.Window{From: shipDay, To: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Kind: supply.ETAKind(i % 4)},
			Place: fmt.Sprint("TERMINAL", i), SaidAt: shipDay})
	}
	for i := range 90 {
		at := shipDay.Add(-time.Duration(i)*time.Hour + time.Millisecond)
		report.Scans = append(report.Scans, supply.Scan{ID: fmt.Sprint(i), Version: at, Retracted: i%7 == 6, Local: i%5 == 0,
			Status: supply.TrackStatus(i % 12), Code: supply.TrackCode(i % 42), At: at, Text: strings.Repeat("w", 80), Place: strings.Repeat("p", 40)})
	}
	u, _ = u.Apply(report, shipDay)
	return u
}

func TestTheFullestUnitTakesOneWriteUnit(t *testing.T) {
	for _, c := range []struct {
		number string
		links  int // that the record has room for
	}{{strings.Repeat("Z", 64), 6}, {"MSKU1234567", 8}} {
		u := supply.Unit{Number: c.number}.Restart(shipDay.Add(-1000 * time.Hour))
		for i := range supply.MaxLinks {
			u, _ = u.Link(supply.ShipmentID(fmt.Sprint("sh", i, strings.Repeat("S", 35))))
		}
		require.Len(t, u.Shipments, c.links)
		u = tell(tell(u, true), false)
		require.Len(t, u.Estimates, 6)
		r := UnitRecord(supply.SellerID(strings.Repeat("s", 32)), u, 1<<40)
		t.Logf("fullest unit of %d shipments: %d bytes", c.links, r.Size())
		require.LessOrEqual(t, r.Size(), UnitBytes)
		back, err := ReadUnit(&r)
		require.NoError(t, err)
		require.Equal(t, u, back)
	}
}
