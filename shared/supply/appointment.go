package supply

import (
	"slices"
)

// docksByAppointment are the marketplaces whose docks take only carriers with a
// standing appointment, and pallets whose carrier booked one: those carriers, as
// letters of their names.
// Source: sellercentral.amazon.com.au, help item TBBP39NRMSMZK98.
var docksByAppointment = map[MarketplaceID][]string{
	"A39IBJ37TRP1C6": {"AUSTRALIAPOST", "AUSPOST", "STARTRACK", "TLA", "TOLL", "TNT"}, // Australia; StarTrack is Australia Post's
}

// hasAppointment reports whether the dock will take the shipment when it comes.
func (s *Shipment) hasAppointment() bool {
	standing, asked := docksByAppointment[s.Marketplace]
	if !asked || s.Mode != SPD && s.Appointment.Known() {
		return true
	}
	name := lettersOf(s.Carrier.Name)
	return slices.ContainsFunc(standing, func(carrier string) bool {
		return name == carrier || len(carrier) > 3 && holds(name, carrier) || carrier == lettersOf(s.Carrier.SCAC)
	})
}
