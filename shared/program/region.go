// Package program is the programme a seller can switch off and on: whether
// stock may be sold before it arrives, from which shipments on, and since when.
// It is pure: a Program is changed by inputs, one of them the time, and owes the
// mails that confirm its changes. It knows no store, no transport and no clock.
package program

import (
	"slices"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Region is one country's marketplace. Its code is the country's, with UK for
// the United Kingdom.
type Region struct {
	Code        string
	Marketplace supply.MarketplaceID
}

// Group is the regions that are switched together: with one decision, at one
// instant, in one record.
type Group struct {
	Name    string
	Regions []Region
}

// groups lists every region once. The first five move together; every other
// moves by itself.
//
// Source: the programme's help page; ids: SP-API marketplace ids.
var groups = []Group{
	{"EUROPE", []Region{{"UK", "A1F83G8C2ARO7P"}, {"DE", "A1PA6795UKMFR9"}, {"FR", "A13V1IB3VIYZZH"}, {"IT", "APJ6JRA9NG5V4"}, {"ES", "A1RKKUPIHCS9HS"}}},
	{"NL", []Region{{"NL", "A1805IZSGTT6HS"}}},
	{"SE", []Region{{"SE", "A2NODRKZP88ZB9"}}},
	{"PL", []Region{{"PL", "A1C3SOZRARQ6R3"}}},
	{"BE", []Region{{"BE", "AMEN7PMS3EDWL"}}},
	{"IE", []Region{{"IE", "A28R8C7NBKEWEA"}}},
	{"TR", []Region{{"TR", "A33AVAJ2PDY3EV"}}},
	{"US", []Region{{"US", "ATVPDKIKX0DER"}}},
	{"CA", []Region{{"CA", "A2EUQ1WTGCTBG2"}}},
	{"MX", []Region{{"MX", "A1AM78C64UM0Y8"}}},
	{"AU", []Region{{"AU", "A39IBJ37TRP1C6"}}},
	{"JP", []Region{{"JP", "A1VC38T7YXB528"}}},
}

// Groups returns all groups, the one of five regions first.
func Groups() []Group { return slices.Clone(groups) }

// FindGroup returns the group of that name, and whether there is one.
func FindGroup(name string) (Group, bool) {
	i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
	if i < 0 {
		return Group{}, false
	}
	return groups[i], true
}

// GroupOf returns the group that a marketplace belongs to; one that is in no
// table is a group of its own.
func GroupOf(id supply.MarketplaceID) Group {
	for _, g := range groups {
		if slices.ContainsFunc(g.Regions, func(r Region) bool { return r.Marketplace == id }) {
			return g
		}
	}
	return Group{Name: string(id), Regions: []Region{{Code: string(id), Marketplace: id}}}
}

// ParseRegion returns the region that a caller names by its code or by its
// marketplace id, and its group; fault.NotFound for any other name.
func ParseRegion(name string) (Region, Group, error) {
	for _, g := range groups {
		for _, r := range g.Regions {
			if r.Code == name || string(r.Marketplace) == name {
				return r, g, nil
			}
		}
	}
	return Region{}, Group{}, fault.New(fault.NotFound, "REGION_NOT_FOUND", "there is no region %.40q; use a country code as DE, UK or US, or a marketplace id", name)
}
