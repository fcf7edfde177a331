package supply

// Works on one lot and one shipment that a pause blocks. It would catch a blocked
// unit that is sold, a reservation that is lost to a pause, and an alert about what
// the seller himself does not want to be sold.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPauseClosesALotAndAlertsNobody(t *testing.T) {
	r := learnt()
	l := lotUntil(20, outlookOf(4))
	l.Dated, l.Trouble, l.Pegged = r.Now, TroublePaused, 7
	for _, after := range []time.Duration{0, 49 * time.Hour} {
		at := r
		at.Now = r.Now.Add(after)
		l.Heard = at.Now
		l.settle(at)
		l.evaluate(at)
		require.Equal(t, ProgramPaused, l.Code)
		require.Zero(t, l.Exposable)
		require.False(t, l.Slow, "what its seller has paused is not late to be sold")
		require.Equal(t, Units(7), l.capacity(), "orders that hold units of it keep them")
		require.Contains(t, l.Verdict(at).Evidence, "not before the cut-off")
	}
	l.Trouble = TroubleCustoms | TroublePaused
	require.Equal(t, OnCustomsHold, l.codeAt(r), "what stops the goods themselves comes first")
	l.Trouble, l.ETA = TroublePaused, Window{}
	require.Equal(t, ProgramPaused, l.codeAt(r))
}

func TestABlockedShipmentTellsItsItemsUntilItIsOpened(t *testing.T) {
	s := Shipment{ID: "FBA1", Created: learnt().Now, Lines: []Content{{"PAN-1", 10}}, Blocked: true}
	require.NotZero(t, s.Facts(1, OnCarriage{})["PAN-1"].Trouble&TroublePaused)
	s.Blocked = false
	require.Zero(t, s.Facts(2, OnCarriage{})["PAN-1"].Trouble&TroublePaused)
}
