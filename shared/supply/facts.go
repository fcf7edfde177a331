package supply

import (
	"cmp"
	"slices"
	"time"
)

// unitFates says what becomes of a shipment when all its units share a trouble,
// in order of precedence. gone units bring nothing to the dock, so that a single
// one takes its contents along.
var unitFates = []struct {
	unit     UnitTrouble
	shipment Trouble
	gone     bool
}{
	{UnitLost, TroubleLost, true},
	{UnitDamaged, TroubleDamaged, true},
	{UnitReturned | UnitReturning, TroubleReturned, true},
	{UnitRefused, TroubleRefused, false}, // may be brought again, until it turns back
}

// fate returns the trouble that decides about the unit, and whether it will not
// come; 0 when nothing decides against it. What was refused and yet delivered
// came.
func (n *UnitNews) fate() (t Trouble, gone bool) {
	for _, f := range unitFates {
		if n.Troubles&f.unit != 0 && (f.gone || n.Arrived.IsZero()) {
			return f.shipment, f.gone
		}
	}
	return 0, false
}

// void reports whether the label was cancelled or is another shipment's: the
// goods, if they travel, do so under another number.
func (n *UnitNews) void() bool { return n.Status == TrackCancelled || n.Refused.held() }

// carried returns the units that bring the goods, told also what the papers say
// of the whole shipment. A paper is a unit of its own only where nothing else is
// known to carry the goods; so it never holds up a delivery. All that is found of
// a shipment is found from these.
func (s *Shipment) carried() []UnitNews {
	var units, papers []UnitNews
	for i := range s.Units {
		if s.Units[i].Kind.Document() {
			papers = append(papers, s.Units[i])
		}
	}
	switch len(papers) {
	case 0:
		return s.Units
	case len(s.Units):
		units = slices.Clone(papers)
	default:
		units = slices.DeleteFunc(slices.Clone(s.Units), func(n UnitNews) bool { return n.Kind.Document() })
	}
	for i := range units {
		for j := range papers { // a paper learns nothing new from itself
			units[i].learn(&papers[j])
		}
	}
	return units
}

// learn adds what a paper about the whole shipment says: the ETA that was said
// later, every trouble, where the unit stands if nobody said so of the unit
// itself, and the arrival, unless the unit was heard of since, on its way. A
// number that is another shipment's learns nothing, and teaches nothing.
func (n *UnitNews) learn(paper *UnitNews) {
	if n.Refused.held() || paper.Refused.held() {
		return
	}
	if n.outdated(paper) {
		n.ETA, n.ETASaidAt = paper.ETA, paper.ETASaidAt
	}
	if n.Status == TrackUnknown {
		n.Status = paper.Status
	}
	if !n.Arrived.IsZero() || !n.Heard.After(paper.Arrived) {
		n.Arrived = earliest(n.Arrived, paper.Arrived)
	}
	n.Troubles |= paper.Troubles
	n.Heard = latest(n.Heard, paper.Heard)
}

// outdated reports whether the paper's ETA stands instead of the unit's own: it
// was said since, and where it is farther from our dock also for later, as
// between the places of one unit (see Unit.Arrival).
func (n *UnitNews) outdated(paper *UnitNews) bool {
	if !paper.ETA.Known() || !n.ETA.Known() {
		return paper.ETA.Known()
	}
	return paper.ETASaidAt.After(n.ETASaidAt) && (paper.ETA.Kind <= n.ETA.Kind || paper.ETA.end().After(n.ETA.end()))
}

// movedStatus are the statuses of a unit that is, or was, on its way.
var movedStatus = [trackStatusCount]bool{
	InTransit: true, AvailableForPickup: true, OutForDelivery: true, DeliveryAttempted: true,
	Delivered: true, Exception: true, Returning: true, Returned: true,
}

// shipmentRule is one row of the state machine.
type shipmentRule struct {
	status ShipmentStatus
	holds  func(*Shipment) bool
}

// shipmentRules is the state machine: the first rule that holds is the status.
// It has no memory of its own, so facts may come in any order.
var shipmentRules = []shipmentRule{
	{ShipmentCancelled, func(s *Shipment) bool { return s.Cancelled }},
	{Closed, func(s *Shipment) bool { return s.Final || !s.First.IsZero() && s.toCome() == 0 }},
	{Receiving, func(s *Shipment) bool { return !s.First.IsZero() }},
	{StatusDelivered, func(s *Shipment) bool { return !s.delivered().IsZero() }},
	{StatusInTransit, func(s *Shipment) bool {
		return slices.ContainsFunc(s.carried(), func(n UnitNews) bool { return movedStatus[n.Status] })
	}},
	{Shipped, func(s *Shipment) bool {
		return slices.ContainsFunc(s.carried(), func(n UnitNews) bool { return !n.void() })
	}},
	{Working, func(*Shipment) bool { return true }},
}

// Status returns where the shipment stands.
func (s *Shipment) Status() ShipmentStatus {
	i := slices.IndexFunc(shipmentRules, func(r shipmentRule) bool { return r.holds(s) })
	return shipmentRules[i].status
}

// toCome returns the units still expected, of all SKUs.
func (s *Shipment) toCome() (n Units) {
	for _, lot := range s.quantities() {
		n += lot.Expected()
	}
	return n
}

// delivered returns when the last unit that still comes was delivered; zero
// while one is on its way, or when none comes.
func (s *Shipment) delivered() (last time.Time) {
	units := s.carried()
	for i := range units {
		n := &units[i]
		_, gone := n.fate()
		switch {
		case !n.Arrived.IsZero():
			last = latest(last, n.Arrived)
		case !gone && !n.void():
			return time.Time{}
		}
	}
	return last
}

// Arrived returns when the goods came: delivery of the last unit or the first
// receipt, whichever was first; zero while neither has happened.
func (s *Shipment) Arrived() time.Time { return earliest(s.delivered(), s.First) }

// Heard returns when anybody last said something about the shipment.
func (s *Shipment) Heard() time.Time {
	heard := s.Created
	if s.Stated.Known() {
		heard = latest(heard, s.StatedAt)
	}
	for i := range s.Units {
		heard = latest(heard, s.Units[i].Heard)
	}
	return heard
}

// ETA returns the arrival window of the latest unit not yet delivered; once all
// are, the window of the latest. Arrivals at different places are compared by
// when they bring the goods to the dock. A unit that nobody has dated does not
// hold up the others: the boxes of a shipment travel together.
func (s *Shipment) ETA(c OnCarriage) Window {
	units := s.carried()
	if len(units) == 0 {
		return s.Stated
	}
	var pending, all Window
	coming := false
	for i := range units {
		n := &units[i]
		eta := s.etaOf(n, c)
		all = all.later(eta, c)
		if _, gone := n.fate(); n.Arrived.IsZero() && !gone && !n.void() {
			coming = true
			pending = pending.later(eta, c)
		}
	}
	if coming {
		return pending
	}
	return all
}

// etaOf returns a unit's own window: the carrier's, unless the seller has stated
// one since; but no statement of the seller brings the goods before the
// carrier's day.
func (s *Shipment) etaOf(n *UnitNews, c OnCarriage) Window {
	if s.Stated.Known() && n.ETASaidAt.Before(s.StatedAt) {
		return n.ETA.later(s.Stated, c)
	}
	return n.ETA
}

// later returns the window that brings the goods to the dock later.
func (w Window) later(o Window, c OnCarriage) Window {
	if !w.Known() || o.Known() && o.atDock(c).After(w.atDock(c)) {
		return o
	}
	return w
}

// atDock returns when a window brings the goods to the dock at the latest.
func (w Window) atDock(c OnCarriage) time.Time { return w.end().AddDate(0, 0, max(0, c[w.Kind])) }

// trouble returns what is wrong with the shipment as a whole. Units that all
// come to nothing decide it; a part of them takes its own contents out, or makes
// the quantity uncertain where nobody listed those. Goods that the dock counts
// in are not all lost, whatever the carrier says.
func (s *Shipment) trouble() (t Trouble) {
	whole, bad, arrived := Trouble(0), 0, !s.Arrived().IsZero()
	if !s.hasAppointment() {
		t |= TroubleAppointment
	}
	if s.Blocked {
		t |= TroublePaused
	}
	units, listed := s.carried(), s.listed()
	for i := range units {
		n := &units[i]
		fate, gone := n.fate()
		whole |= fate
		if fate != 0 {
			bad++
		}
		if fate != 0 && !(gone && listed[n.Number]) || n.void() || n.Troubles&UnitPartial != 0 {
			t |= TroubleQuantity
		}
		// A carrier's own hold stops the goods as customs does.
		if n.Troubles&(UnitCustoms|UnitHeld) != 0 && !arrived {
			t |= TroubleCustoms
		}
	}
	if bad > 0 && bad == len(units) && s.First.IsZero() {
		return whole
	}
	return t
}

// listed returns the numbers that stand on boxes alone, all of which say what
// they hold.
func (s *Shipment) listed() map[string]bool {
	all := make(map[string]bool)
	for _, box := range s.Packed() {
		number := NormalNumber(box.TrackingID)
		known, seen := all[number]
		all[number] = len(box.Contents) > 0 && (known || !seen)
	}
	return all
}

// quantities returns the units of each SKU: announced, counted in, and gone with
// their boxes.
func (s *Shipment) quantities() map[SKU]Lot {
	lots := make(map[SKU]Lot, len(s.Lines)+len(s.Received))
	for _, l := range s.Lines {
		lots[l.SKU] = Lot{Shipped: l.Units}
	}
	for _, c := range s.Received {
		lot := lots[c.SKU]
		lot.Received = c.Units
		lots[c.SKU] = lot
	}
	s.remove(lots)
	for _, l := range s.Lines {
		if lot := lots[l.SKU]; l.Units == 0 {
			lot.Shipped = lot.Received // taken back: nothing is to come, nor was too much
			lots[l.SKU] = lot
		}
	}
	return lots
}

// remove takes the contents of the boxes that do not come out of the lots.
func (s *Shipment) remove(lots map[SKU]Lot) {
	gone := make(map[string]bool)
	for _, n := range s.carried() {
		if _, is := n.fate(); is {
			gone[n.Number] = true
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, box := range s.Packed() {
		if !gone[NormalNumber(box.TrackingID)] {
			continue
		}
		for _, c := range box.Contents {
			lot := lots[c.SKU]
			lot.Removed = min(lot.Removed+c.Units, lot.Shipped)
			lots[c.SKU] = lot
		}
	}
}

// Facts returns what each of the shipment's items must know: its lot, without
// what the item itself finds. version is that of the shipment's record; c decides
// which of several units comes last. A SKU that was counted in without being
// announced has a lot of no units; one that was taken back has nothing to come.
func (s *Shipment) Facts(version int64, c OnCarriage) map[SKU]Lot {
	status, trouble, eta, heard, arrived := s.Status(), s.trouble(), s.ETA(c), s.Heard(), s.Arrived()
	lots := s.quantities()
	for sku, q := range lots {
		lots[sku] = Lot{
			Shipment: s.ID, Created: s.Created, Status: status, Trouble: trouble, ETA: eta,
			Heard: heard, Arrived: arrived, Counted: s.Latest, Version: version, Outlook: s.Watch.Outlook, Dated: s.Watch.Dated,
			Shipped: q.Shipped, Received: q.Received, Removed: q.Removed,
		}
	}
	return lots
}

// Discrepancies returns, by SKU, how many units more than announced were counted
// in; below zero what a closed shipment did not bring.
func (s *Shipment) Discrepancies() []Content {
	over := make(map[SKU]Units, len(s.Lines))
	for _, l := range s.Lines {
		over[l.SKU] -= l.Units
	}
	for _, c := range s.Received {
		over[c.SKU] += c.Units
	}
	all := make([]Content, 0, len(over))
	for sku, n := range over {
		if n > 0 || n < 0 && s.Final {
			all = append(all, Content{sku, n})
		}
	}
	slices.SortFunc(all, func(a, b Content) int { return cmp.Compare(a.SKU, b.SKU) })
	return all
}
