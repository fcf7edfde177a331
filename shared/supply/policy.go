package supply

import "time"

// Policy is what an operator chose. The zero Policy is not usable; start from
// DefaultPolicy.
type Policy struct {
	PaddingDays   int           // calendar days between the carrier's ETA and what we believe
	ReceivingDays int           // business days from the dock to the shelf
	ShipDays      int           // business days from the shelf to the buyer
	HorizonDays   int           // calendar days ahead within which a lot may be sold
	StaleAfter    time.Duration // a shipment silent for so long sells nothing
	Jitter        time.Duration // an ETA that moves less than this moves no promise
}

// DefaultPolicy returns the values of the design, section 2.
func DefaultPolicy() Policy {
	return Policy{
		PaddingDays: 3, ReceivingDays: 2, ShipDays: 1, HorizonDays: 180,
		StaleAfter: 240 * time.Hour, Jitter: 12 * time.Hour,
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
