package supply

import "slices"

// MaxLinks is how many shipments may travel under one number: a container or a
// PRO number carries several, a parcel one.
const MaxLinks = 8

// Linked reports whether the shipment travels under the unit's number.
func (u *Unit) Linked(id ShipmentID) bool {
	_, found := slices.BinarySearch(u.Shipments, id)
	return found
}

// Link returns the unit as it also leads to the shipment; false when it leads to
// as many as it can already. u shares no memory with what is returned.
func (u Unit) Link(id ShipmentID) (Unit, bool) {
	at, found := slices.BinarySearch(u.Shipments, id)
	if found {
		return u, true
	}
	if len(u.Shipments) == MaxLinks {
		return u, false
	}
	u.Shipments = slices.Insert(slices.Clone(u.Shipments), at, id)
	return u, true
}

// Unlink returns the unit as it no longer leads to the shipment.
func (u Unit) Unlink(id ShipmentID) Unit {
	at, found := slices.BinarySearch(u.Shipments, id)
	switch {
	case found && len(u.Shipments) == 1:
		u.Shipments = nil
	case found:
		u.Shipments = slices.Delete(slices.Clone(u.Shipments), at, at+1)
	}
	return u
}
