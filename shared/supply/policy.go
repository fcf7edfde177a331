package supply

import (
	"slices"
	"time"
)

// Policy is what an operator chose. The zero Policy is not usable; start from
// DefaultPolicy.
type Policy struct {
	Learnt        bool          // the padding is what a shipment's lane has shown, and its gate and kill switch hold
	PaddingDays   int           // calendar days between the carrier's ETA and what we believe, where nothing is learnt
	ReceivingDays int           // business days from the dock to the shelf
	ShipDays      int           // business days from the shelf to the buyer
	HorizonDays   int           // calendar days ahead within which a lot may be sold
	StaleAfter    time.Duration // a shipment silent for so long sells nothing
	Jitter        time.Duration // an ETA that moves less than this moves no promise
	OnCarriage    OnCarriage    // from the place that an ETA is at to our dock
	Confidence    Confidence    // how sure a promise must be; it counts where Learnt
	SellUndated   bool          // sell without a date what comes for sure, nobody knows when

	// Levels replace the level of the confidence in some marketplaces.
	Levels map[MarketplaceID]Share
}

// In returns the policy of one marketplace.
func (p Policy) In(id MarketplaceID) Policy {
	if level, ok := p.Levels[id]; ok {
		p.Confidence.Level = level
	}
	return p
}

// OnCarriage is how many calendar days goods need to our dock from each kind of
// place that an arrival can be at.
type OnCarriage [etaKindCount]int

// ParseETAKind returns the kind named s, and whether there is one.
func ParseETAKind(s string) (ETAKind, bool) {
	i := slices.Index(etaKindNames[:], s)
	return ETAKind(max(i, 0)), i >= 0
}

// usualOnCarriage is what goods usually need. A carrier that is slower on a lane
// says so with an ETA at the dock, which then counts instead.
var usualOnCarriage = OnCarriage{
	AtDock:        0, // already here
	ForPickup:     2, // a day to get a truck and a slot, a day to drive
	AtInlandPoint: 3, // unloading from the train first, then as above
	AtPort:        7, // discharge 1 to 2 days, customs 1 to 3, then as above
}

// DefaultPolicy returns the values of the design, section 2, and the usual
// on-carriage.
func DefaultPolicy() Policy {
	return Policy{
		Learnt: true, PaddingDays: 3, ReceivingDays: 2, ShipDays: 1, HorizonDays: 180,
		StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour, OnCarriage: usualOnCarriage,
		Confidence: DefaultConfidence(),
	}
}

// Rules is all that a rule needs beside the facts: the policy, the
// marketplace's calendar and the time.
type Rules struct {
	Policy   Policy
	Calendar Calendar
	Now      time.Time // UTC
}

// Today returns the marketplace's local day.
func (r Rules) Today() Day { return r.Calendar.Day(r.Now) }
