package carrier

import (
	"slices"

	"headstart/shared/supply"
)

// x12Rank is what a reference is to a shipment; of several, the first names it.
type x12Rank uint8

const (
	x12NoName   x12Rank = iota // leads to no shipment, or to several
	x12PRO                     // the carrier's number
	x12Shipment                // the shipper's
	x12Bill                    // bill of lading
	x12Shippers                // a further one of the shipper's
	x12Tracking                // a further one of the carrier's
	x12Booking
	x12Container
)

// x12References are qualifiers of L11 and REF. Source: stedi.com/edi/x12-004010/element/128.
var x12References = map[string]x12Rank{
	"CN": x12PRO,
	"BM": x12Bill,
	"SI": x12Shippers,
	"2I": x12Tracking,
	"BN": x12Booking,
	"OC": x12Container, // ocean container
	"PO": x12NoName,    // one order may come in several shipments
}

// x12Names are the numbers of a shipment, each once.
type x12Names []x12Name

type x12Name struct {
	rank   x12Rank
	number string
}

// add takes a reference if it can be a tracking number; others lead nowhere.
func (n *x12Names) add(rank x12Rank, raw []byte) {
	if rank == x12NoName || len(raw) > 64 { // a number has at most so many bytes
		return
	}
	if number, err := supply.ParseTrackingNumber("", string(raw)); err == nil {
		n.join(x12Names{{rank, number}})
	}
}

// join takes the names of others, up to one and maxAlso.
func (n *x12Names) join(others x12Names) {
	for _, o := range others {
		i := slices.IndexFunc(*n, func(k x12Name) bool { return k.number == o.number })
		switch {
		case i >= 0:
			(*n)[i].rank = min((*n)[i].rank, o.rank)
		case len(*n) <= maxAlso:
			*n = append(*n, o)
		}
	}
}

// number returns the first number of a rank; "" without one.
func (n x12Names) number(rank x12Rank) string {
	for _, name := range n {
		if name.rank == rank {
			return name.number
		}
	}
	return ""
}

// numbers returns them all, the best first.
func (n x12Names) numbers() []string {
	all := make([]string, 0, len(n))
	for rank := x12PRO; rank <= x12Container; rank++ {
		for _, name := range n {
			if name.rank == rank {
				all = append(all, name.number)
			}
		}
	}
	return all
}
