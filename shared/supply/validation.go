package supply

import (
	"slices"
	"time"
)

// validationPatience is how long a number may wait for its carrier's first word
// before somebody should look whether it is mistyped.
// Source: SP-API fulfillment inbound 2024-03-20, SpdTrackingItem,
// trackingNumberValidationStatus; feature F119.
const validationPatience = 24 * time.Hour

// Validated reports whether a carrier knows the number: it spoke under it. A
// paper needs no word of its own once anything of its shipment was heard.
func (s *Shipment) Validated(n *UnitNews) bool {
	if !n.Kind.Document() {
		return !n.Heard.IsZero()
	}
	return slices.ContainsFunc(s.Units, func(any UnitNews) bool { return !any.Heard.IsZero() })
}

// awaited reports whether carriers are still to speak: nobody needs to look for
// the number of goods that are there, or that will not come.
func (s *Shipment) awaited() bool { return s.open() == nil && s.Arrived().IsZero() }

// unknown reports whether no carrier knows a number of a shipment that is awaited.
func (s *Shipment) unknown(n *UnitNews) bool { return !n.Since.IsZero() && !s.Validated(n) }

// ValidationDue returns when Alert first has something to say; zero = never,
// unless somebody speaks first.
func (s *Shipment) ValidationDue() (due time.Time) {
	if !s.awaited() {
		return due
	}
	for i := range s.Units {
		if n := &s.Units[i]; !n.Alerted && s.unknown(n) {
			due = earliest(due, n.Since.Add(validationPatience+time.Second))
		}
	}
	return due
}

// Alert marks the numbers that no carrier has known for more than 24 h since
// they were registered, and reports whether any is new. The mark goes when
// somebody speaks, when the number is replaced, and when the goods are there.
func (s *Shipment) Alert(now time.Time) (changed bool) {
	if !s.awaited() {
		return false
	}
	for i := range s.Units {
		if n := &s.Units[i]; !n.Alerted && s.unknown(n) && now.Sub(n.Since) > validationPatience {
			n.Alerted, changed = true, true
		}
	}
	return changed
}

// calm takes back the marks that Alert would no longer set.
func (s *Shipment) calm() {
	awaited := true
	for i := range s.Units {
		if n := &s.Units[i]; n.Alerted {
			awaited = awaited && s.awaited()
			n.Alerted = awaited && s.unknown(n)
		}
	}
}
