package supply_test

// Works by linking shipments to one number and asking which it leads to. It would
// catch a link that is lost, doubled, unsorted or written into a shared slice.

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	. "headstart/shared/supply"
)

func TestANumberLeadsToEightShipmentsInAnyOrderOfLinking(t *testing.T) {
	var u Unit
	for _, i := range []int{3, 1, 8, 2, 7, 5, 4, 6, 5} {
		next, ok := u.Link(ShipmentID(fmt.Sprint("FBA", i)))
		require.True(t, ok)
		u = next
	}
	require.Equal(t, []ShipmentID{"FBA1", "FBA2", "FBA3", "FBA4", "FBA5", "FBA6", "FBA7", "FBA8"}, u.Shipments)
	full, ok := u.Link("FBA9")
	require.False(t, ok)
	require.Equal(t, u, full)
	_, ok = u.Link("FBA8")
	require.True(t, ok, "known already")
}

func TestLinkingLeavesTheUnitThatWasAskedAlone(t *testing.T) {
	u, _ := Unit{}.Link("FBA2")
	u.Shipments = append(make([]ShipmentID, 0, 9), u.Shipments...) // room for an insert to write into
	a, _ := u.Link("FBA1")
	b, _ := u.Link("FBA3")
	require.Equal(t, []ShipmentID{"FBA2"}, u.Shipments)
	require.Equal(t, []ShipmentID{"FBA1", "FBA2"}, a.Shipments)
	require.Equal(t, []ShipmentID{"FBA2", "FBA3"}, b.Shipments)

	gone := a.Unlink("FBA1")
	require.Equal(t, []ShipmentID{"FBA1", "FBA2"}, a.Shipments)
	require.False(t, gone.Linked("FBA1"))
	require.True(t, gone.Linked("FBA2"))
	require.Equal(t, gone, gone.Unlink("FBA7"))
	require.Nil(t, gone.Unlink("FBA2").Shipments)
}
