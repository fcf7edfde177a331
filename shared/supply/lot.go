package supply

import (
	"fmt"
	"time"
)

// ShipmentStatus is where a shipment stands. The names are Amazon's.
// Source: SP-API fulfillmentInboundV0, ShipmentStatus.
type ShipmentStatus uint8

// The statuses, in the order of a shipment's life.
const (
	Working ShipmentStatus = iota // announced; nobody can follow it yet
	Shipped                       // a tracking number is known
	StatusInTransit
	StatusDelivered
	Receiving // some of its units are counted in
	Closed
	ShipmentCancelled
	shipmentStatusCount
)

var shipmentStatusNames = [shipmentStatusCount]string{
	Working: "WORKING", Shipped: "SHIPPED", StatusInTransit: "IN_TRANSIT", StatusDelivered: "DELIVERED",
	Receiving: "RECEIVING", Closed: "CLOSED", ShipmentCancelled: "CANCELLED",
}

// String returns the status as it is published.
func (s ShipmentStatus) String() string { return shipmentStatusNames[s] }

// Trouble is a set of what went wrong with a shipment on its way.
type Trouble uint8

// The troubles. TroubleQuantity means that boxes are lost or damaged and nobody
// listed what they held.
const (
	TroubleLost Trouble = 1 << iota
	TroubleDamaged
	TroubleReturned
	TroubleRefused
	TroubleCustoms
	TroubleQuantity
	TroubleAppointment // the dock takes only carriers that have an appointment
	TroublePaused      // it was created after the programme's cut-off
)

// Lot is one inbound shipment line of an item: the facts that carriers and the
// dock reported, and what was last found from them.
type Lot struct {
	Ordinal  uint16 // unique within the item for ever, given in order of appearance
	Shipment ShipmentID
	Created  time.Time
	Status   ShipmentStatus
	Shipped  Units // announced
	Received Units // counted in; may exceed Shipped
	Removed  Units // contents of lost and damaged boxes
	Trouble  Trouble
	ETA      Window    // the carriers' latest; the window of the latest unit not yet delivered
	Heard    time.Time // latest of creation, ETA statement and carrier event
	Arrived  time.Time // first arrival: delivery of the last unit, or the first receipt; zero = not yet
	Counted  time.Time // latest receipt; zero = none

	Outlook Outlook   // what the history of its lane says
	Dated   time.Time // when an arrival was first named, UTC; zero = not noted
	Opened  bool      // it was for sale at some time
	Basis   Window    // the ETA from which Day was made
	Padding int       // the learnt calendar days that Basis was padded with
	Version int64     // of the shipment's record that these facts were read from

	// Found by evaluation at the last commit; Pegged by the last pegging.
	Code      Code
	Day       Day // in-stock date; Undated while nobody knows
	Exposable Units
	Pegged    Units
	Slow      bool // nothing of it could be bought within 48 h of its first ETA
	Tight     bool // its arrival endangers the date of an order that it serves; see NeedBy
}

// receiptPatience is how long a delivered lot may wait for its next receipt
// before nobody may rely on it. Source: design section 1, "Shipments".
const receiptPatience = 14 * 24 * time.Hour

// Expected returns the units still to come: shipped less received and removed.
func (l *Lot) Expected() Units { return max(0, l.Shipped-l.Received-l.Removed) }

// Surplus returns the units counted in beyond what was announced.
func (l *Lot) Surplus() Units { return max(0, l.Received-l.Shipped) }

// Buyable returns the units a new order may still take.
func (l *Lot) Buyable() Units { return max(0, l.Exposable-l.Pegged) }

// AtRisk returns the units promised to orders that the lot is no longer sure
// enough to bring. It changes no status.
func (l *Lot) AtRisk() Units { return max(0, l.Pegged-l.Exposable) }

// capacity is what the lot may give to orders that are already accepted: doubt
// closes a lot to new orders, never to old ones. Of a lot that is known from its
// head alone, what is expected is not; it only shrinks with the facts, and then
// both other numbers were brought below it.
func (l *Lot) capacity() Units {
	held := max(l.Exposable, l.Pegged)
	switch {
	case l.Code.dead():
		return 0
	case l.Version == 0:
		return held
	}
	return min(l.Expected(), held)
}

// settle moves the ETA and the padding that promises are made from, unless the
// new ETA differs by less than the jitter, the padding by less than its own, and
// the promise would not precede the ETA's own day. An ETA at another place is
// another statement, however near in time.
func (l *Lot) settle(r Rules) {
	moved := l.ETA.To.Sub(l.Basis.To).Abs()
	alike := l.ETA.DateOnly == l.Basis.DateOnly && l.ETA.Kind == l.Basis.Kind
	padding := l.wanted(r.Policy)
	if l.Basis.Known() && l.ETA.Known() && alike && moved < r.Policy.Jitter && max(padding-l.Padding, l.Padding-padding) < paddingJitter &&
		InStockDay(l.Basis, l.padded(r.Policy), r.Calendar) >= ArrivalDay(l.ETA, r.Policy, r.Calendar) {
		return
	}
	l.Basis, l.Padding = l.ETA, padding
}

// paddingJitter is by how many days a learnt padding must differ to move promises
// while the carrier says nothing new: each shipment that arrives teaches a little.
const paddingJitter = 2

// wanted returns the days that the lane's history adds to the ETA. A lot whose
// date is in doubt keeps what it has: doubt closes it to new orders and moves no
// old one.
func (l *Lot) wanted(p Policy) int {
	switch {
	case !l.Outlook.Known():
		return p.PaddingDays
	case l.Outlook.Padding <= p.Confidence.MaxPadding:
		return l.Outlook.Padding
	case l.Basis.Known():
		return l.Padding
	}
	return p.Confidence.MaxPadding
}

// padded returns the policy with the lot's own padding.
func (l *Lot) padded(p Policy) Policy {
	if p.Learnt {
		p.PaddingDays = l.Padding
	}
	return p
}

// day returns the lot's in-stock date at r.Now, were its code what it is.
func (l *Lot) day(code Code, r Rules) Day {
	switch {
	case code == Overdue, code == Open && l.soldUndated(r):
		return Undated
	case !l.Arrived.IsZero():
		return max(r.Today(), r.Calendar.AddBusinessDays(r.Calendar.Day(l.Arrived), r.Policy.ReceivingDays))
	case !l.Basis.Known():
		return Undated
	}
	return InStockDay(l.Basis, l.padded(r.Policy), r.Calendar)
}

// overdueAt returns the first instant at which the lot is overdue; zero when
// nothing was promised yet.
func (l *Lot) overdueAt(r Rules) time.Time {
	if !l.Arrived.IsZero() {
		latest := l.Arrived
		if l.Counted.After(latest) {
			latest = l.Counted
		}
		return latest.Add(receiptPatience)
	}
	if !l.ETA.Known() {
		return time.Time{}
	}
	return r.Calendar.Start(ArrivalDay(l.ETA, r.Policy, r.Calendar) + 1)
}

// gate closes a lot for one reason. Its evidence is made only when it is shown.
type gate struct {
	code     Code
	closed   func(l *Lot, r Rules) bool
	evidence func(l *Lot, r Rules) string
}

func inTrouble(t Trouble) func(*Lot, Rules) bool {
	return func(l *Lot, _ Rules) bool { return l.Trouble&t != 0 }
}

func says(text string) func(*Lot, Rules) string {
	return func(*Lot, Rules) string { return text }
}

// gates stand in order of precedence; a lot that passes all of them is OPEN.
// Source: design sections 1 ("Verdicts") and 2.
var gates = []gate{
	{Cancelled, func(l *Lot, _ Rules) bool { return l.Status == ShipmentCancelled }, says("the shipment was cancelled")},
	{LotLost, inTrouble(TroubleLost), says("the carrier reported the whole shipment lost")},
	{LotDamaged, inTrouble(TroubleDamaged), says("the carrier reported the whole shipment damaged")},
	{LotReturned, inTrouble(TroubleReturned), says("the carrier is returning the shipment to its sender")},
	{LotRefused, inTrouble(TroubleRefused), says("the consignee refused the shipment")},
	{Received, func(l *Lot, _ Rules) bool { return l.Status == Closed || l.Expected() == 0 },
		func(l *Lot, _ Rules) string {
			return fmt.Sprintf("%d of %d units are counted in, none is to come", l.Received, l.Shipped)
		}},
	{OnCustomsHold, inTrouble(TroubleCustoms), says("customs or the carrier holds the shipment")},
	{ProgramPaused, inTrouble(TroublePaused),
		func(l *Lot, _ Rules) string {
			return fmt.Sprintf("the programme is paused and the shipment was created %s, not before the cut-off; its units are for sale once they are received, or when the programme is reactivated", stamp(l.Created))
		}},
	{NoTracking, func(l *Lot, _ Rules) bool { return l.Status == Working && l.Arrived.IsZero() },
		says("no number leads to the shipment: register a tracking number, PRO number, container, bill of lading or booking")},
	{NoETA, func(l *Lot, _ Rules) bool { return !l.ETA.Known() && l.Arrived.IsZero() },
		says("no carrier has named an arrival")},
	{Overdue, func(l *Lot, r Rules) bool { at := l.overdueAt(r); return !at.IsZero() && !r.Now.Before(at) },
		func(l *Lot, r Rules) string {
			if !l.Arrived.IsZero() {
				return fmt.Sprintf("arrived %s; no receipt for 14 days", stamp(l.Arrived))
			}
			return fmt.Sprintf("the ETA window%s ended %s; no arrival was reported", l.ETA.onward(r.Policy), stamp(l.ETA.To))
		}},
	{Stale, func(l *Lot, r Rules) bool {
		return l.Arrived.IsZero() && !r.Now.Before(l.Heard.Add(r.Policy.StaleAfter))
	},
		func(l *Lot, r Rules) string {
			return fmt.Sprintf("nothing heard since %s; silent shipments are withdrawn after %g h", stamp(l.Heard), r.Policy.StaleAfter.Hours())
		}},
	{BeyondHorizon, func(l *Lot, r Rules) bool {
		day := l.day(Open, r)
		return day.Known() && day > r.Today()+Day(r.Policy.HorizonDays)
	},
		func(l *Lot, r Rules) string {
			return fmt.Sprintf("in stock %s, more than %d days ahead", l.day(Open, r), r.Policy.HorizonDays)
		}},
	{NoAppointment, func(l *Lot, _ Rules) bool { return l.Trouble&TroubleAppointment != 0 && l.Arrived.IsZero() },
		says("the dock takes only carriers with a standing appointment, or pallets whose carrier booked one")},
	{DateNotConfident, func(l *Lot, r Rules) bool { return l.doubtful(r) && !l.soldUndated(r) }, (*Lot).doubt},
	{QtyNotConfident, func(l *Lot, r Rules) bool {
		withheld := l.Withheld(r.Policy)
		return l.Trouble&TroubleQuantity != 0 || withheld > 0 && withheld == l.Expected()
	},
		func(l *Lot, r Rules) string {
			if l.Trouble&TroubleQuantity == 0 {
				return l.shortText(r.Policy)
			}
			return "a box is lost or damaged and the shipment does not say what each box holds"
		}},
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// codeAt returns the lot's code at r.Now.
func (l *Lot) codeAt(r Rules) Code {
	for i := range gates {
		if gates[i].closed(l, r) {
			return gates[i].code
		}
	}
	return Open
}

// Verdict returns why the lot is or is not sold at r.Now, from the same gates
// that decide what is sold.
func (l *Lot) Verdict(r Rules) Verdict {
	v := Verdict{Code: l.codeAt(r), NextChange: l.nextChange(r)}
	for i := range gates {
		if gates[i].code == v.Code {
			v.Evidence = gates[i].evidence(l, r)
		}
	}
	if v.Code == Open {
		v.Evidence = fmt.Sprintf("in stock %s: %s", l.day(Open, r), l.basisText(r.Policy))
		if l.soldUndated(r) {
			v.Evidence = "sold without a date: " + l.doubt(r)
		}
		if l.Withheld(r.Policy) > 0 {
			v.Evidence += ". " + QtyNotConfident.String() + ": " + l.shortText(r.Policy)
		}
	}
	return v
}

func (l *Lot) basisText(p Policy) string {
	if !l.Arrived.IsZero() {
		return "arrived " + stamp(l.Arrived)
	}
	return "ETA" + l.Basis.onward(p) + " until " + stamp(l.Basis.To) + ", last heard " + stamp(l.Heard)
}

// onward says for people where an arrival is and how far that is from our dock;
// "" at the dock itself.
func (w Window) onward(p Policy) string {
	if w.Kind == AtDock {
		return ""
	}
	return fmt.Sprintf(" (%s, %d days from the dock)", w.Kind, p.OnCarriage[w.Kind])
}

// nextChange asks the gates themselves at each instant at which time alone may
// change their answer, and returns the first with another answer.
func (l *Lot) nextChange(r Rules) time.Time {
	instants := []time.Time{l.overdueAt(r), l.Heard.Add(r.Policy.StaleAfter)}
	if day := l.day(Open, r); day.Known() {
		instants = append(instants, r.Calendar.Start(day-Day(r.Policy.HorizonDays)))
	}
	now, next := l.codeAt(r), time.Time{}
	for _, at := range instants {
		if at.After(r.Now) && (next.IsZero() || at.Before(next)) {
			then := r
			then.Now = at
			if l.codeAt(then) != now {
				next = at
			}
		}
	}
	return next
}

// etaToBuyable is how long after its first ETA a lot may take to be for sale.
// Source: the programme's page, feature F12.
const etaToBuyable = 48 * time.Hour

// slowAt returns the first instant at which a lot that was never for sale is slow;
// zero when it cannot be. What is too far ahead is not late, nor what its seller
// does not want to be sold.
func (l *Lot) slowAt() time.Time {
	if l.Dated.IsZero() || l.Opened || l.Code.dead() || l.Code == BeyondHorizon || l.Code == ProgramPaused || !l.Arrived.IsZero() {
		return time.Time{}
	}
	return l.Dated.Add(etaToBuyable + time.Second)
}

// evaluate refreshes what is found from the facts. Exposable is before the
// item's safety buffer.
func (l *Lot) evaluate(r Rules) {
	l.Code = l.codeAt(r)
	l.Day = l.day(l.Code, r)
	l.Exposable = 0
	if l.Code == Open {
		l.Opened = true
		l.Exposable = l.Expected() - l.Withheld(r.Policy)
	}
	at := l.slowAt()
	l.Slow = !at.IsZero() && !r.Now.Before(at)
}
