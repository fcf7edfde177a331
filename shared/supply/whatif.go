package supply

import (
	"slices"
	"time"

	"headstart/shared/fault"
)

// Available returns the units that one order placed at r.Now could get: free on
// hand, and buyable on their way. It brings the item to r.Now, as an order does.
func (it *Item) Available(r Rules) Units {
	it.catchUp(r)
	return it.Fulfillable() + it.futureUnits()
}

// Suppose makes the shipment what it would be if its carriers said at now that
// all that is still on its way arrives when moved says. moved is given the window
// known of a unit, zero where there is none, and returns a zero one to say
// nothing of it; c decides which of two statements brings the goods later. It returns fault.Refused for a shipment that has ended or arrived, and where
// moved says nothing of any unit.
func (s *Shipment) Suppose(moved func(Window) Window, c OnCarriage, now time.Time) error {
	if err := s.open(); err != nil {
		return err
	}
	if !s.Arrived().IsZero() {
		return fault.New(fault.Refused, "SHIPMENT_ARRIVED", "shipment %s has arrived; its arrival can no longer move", s.ID)
	}
	said := false
	if len(s.Units) == 0 {
		if eta := moved(s.Stated); eta.Known() {
			s.Stated, s.StatedAt, said = eta, now, true
		}
	}
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		n := &s.Units[i]
		if eta := moved(s.etaOf(n, c)); eta.Known() && n.Arrived.IsZero() {
			n.ETA, n.ETASaidAt, n.Heard, said = eta, now, latest(n.Heard, now), true
		}
	}
	if !said {
		return fault.New(fault.Refused, "NO_ETA", "nobody has named an arrival of shipment %s; suppose one with eta", s.ID)
	}
	return nil
}
