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

// Link returns the unit as it also leads to the shipment; false when it is full:
// when it leads to MaxLinks already, or the ids and the number are so long that
// its record could not hold what carriers may still say.
func (u Unit) Link(id ShipmentID) (Unit, bool) {
	at, found := slices.BinarySearch(u.Shipments, id)
	if found {
		return u, true
	}
	links := slices.Insert(slices.Clone(u.Shipments), at, id)
	if len(links) > MaxLinks || u.roomAtWorst(links) < roomAtLeast {
		return u, false
	}
	u.Shipments = links
	u.squeeze()
	u.find()
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
