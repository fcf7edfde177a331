package store

import (
	"strings"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// UnitBytes is the most a unit's record takes: one write unit, whatever its
// carrier says.
const UnitBytes = 1 << 10

// UnitRecord returns a transport unit as the store keeps it. What an operator
// asks first is readable; the rest is packed.
func UnitRecord(seller supply.SellerID, u supply.Unit, version int64) Record {
	r := Record{Key: UnitKey(seller, supply.NormalNumber(u.Number)), Version: version,
		Attrs: []Attr{Text("status", u.Status.String())}}
	if len(u.Shipments) > 0 {
		ids := make([]string, len(u.Shipments))
		for i, id := range u.Shipments {
			ids[i] = string(id)
		}
		r.Attrs = append(r.Attrs, Text("shipments", strings.Join(ids, " ")))
	}
	u.Shipments = nil // readable already
	r.Attrs = append(r.Attrs, Bytes("body", u.AppendBinary(nil)))
	return r
}

// ReadUnit reads what UnitRecord made; Version 0 gives the zero Unit. It returns
// fault.Internal for a damaged record.
func ReadUnit(r *Record) (supply.Unit, error) {
	if r.Version == 0 {
		return supply.Unit{}, nil
	}
	u, err := supply.UnpackUnit(r.Attr("body").Bytes)
	for _, id := range strings.Fields(r.Attr("shipments").Text) {
		u.Shipments = append(u.Shipments, supply.ShipmentID(id))
	}
	return u, fault.Wrap(err, "reading the unit "+r.Key.Partition)
}

// ParseUnitKey reads what UnitKey wrote; ok is false for any other key.
func ParseUnitKey(k Key) (seller supply.SellerID, number string, ok bool) {
	parts := strings.SplitN(k.Partition, "#", 3)
	if len(parts) != 3 || parts[0] != "T" || k.Sort != "UNIT" {
		return "", "", false
	}
	return supply.SellerID(parts[1]), parts[2], true
}
