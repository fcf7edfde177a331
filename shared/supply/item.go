package supply

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Channel is who fulfils an item's orders.
type Channel uint8

// The channels. Only FBA items sell future supply.
const (
	FBA Channel = iota
	FBM
	SFP
	channelCount
)

var channelNames = [channelCount]string{FBA: "FBA", FBM: "FBM", SFP: "SFP"}

// String returns the channel as it is published.
func (c Channel) String() string { return channelNames[c] }

// ParseChannel returns the channel named s, and whether there is one.
func ParseChannel(s string) (Channel, bool) {
	i := slices.Index(channelNames[:], s)
	return Channel(max(i, 0)), i >= 0
}

// Controls are the seller's and the operator's say over one item.
type Controls struct {
	Channel          Channel
	SafetyBuffer     Units // taken from the latest open lots
	MaxUnitsPerOrder Units // 0 = no cap
	Withheld         bool  // no new future units
}

// Inbound is what is on its way, by how far it has come. It already contains
// the units sold before arrival; adding those again would count them twice.
type Inbound struct{ Working, Shipped, Receiving Units }

// Total returns all that is on its way.
func (i Inbound) Total() Units { return i.Working + i.Shipped + i.Receiving }

// Item is one SKU of one seller in one marketplace.
//
// An Item is made afresh from its records for every use. One that was made from
// its head alone has Detailed false: of its lots it knows what the head packs
// (Ordinal, Code, Day, Exposable, Pegged), which is enough to decide orders
// until Until.
type Item struct {
	Key      ItemKey
	Listed   bool // by a shipment or by its seller; an order alone lists nothing
	Detailed bool
	Controls Controls
	Stock    Units // sellable units in the building, pending ones included; below 0 = shipped ahead of their receipt
	Lots     []Lot // ascending by Day, then Ordinal
	Ordinals uint16
	Ended    Code // why the first lot that came to nothing did; CodeNone when none did
	Inbound  Inbound
	Short    Units     // units of open orders that nothing can serve
	Until    time.Time // until then nothing changes by time alone; zero = never
	Line     *Line

	entries []Entry
	moves   []Move
	buyable Units
	peg     *Pegging
}

// Entries returns what was decided since the item was made, in order; they are
// applied to the line already.
func (it *Item) Entries() []Entry { return it.entries }

// Moves returns how the in-stock dates of lots changed since the item was made,
// at most MaxMoves of them.
func (it *Item) Moves() []Move { return it.moves }

// moved notes how a lot's date changed; what comes back has not moved.
func (it *Item) moved(l *Lot, was Day) {
	i := slices.IndexFunc(it.moves, func(m Move) bool { return m.Ordinal == l.Ordinal })
	switch {
	case l.Code.dead() || i < 0 && was == l.Day: // a lot that is over has no date to come
	case i < 0 && len(it.moves) < MaxMoves:
		it.moves = append(it.moves, Move{l.Ordinal, was, l.Day})
	case i >= 0 && it.moves[i].Was == l.Day:
		it.moves = slices.Delete(it.moves, i, i+1)
	case i >= 0:
		it.moves[i].Day = l.Day
	}
}

func (it *Item) emit(r Rules, e Entry) {
	it.Line.Apply(r.Now, it.Line.Next, &e)
	it.entries = append(it.entries, e)
}

// free is what is on hand and not set aside; below zero when units were shipped
// before they were counted in.
func (it *Item) free() Units { return it.Stock - it.Line.Pending() }

// Fulfillable returns the units that can be sold and shipped now.
func (it *Item) Fulfillable() Units { return max(0, it.free()) }

// owed returns the units that left before they were counted in: the next
// receipts belong to them.
func (it *Item) owed() Units { return max(0, -it.free()) }

// ReservedFutureSupply returns the units bought while on their way.
func (it *Item) ReservedFutureSupply() Units {
	var pegged Units
	for i := range it.Lots {
		pegged += it.Lots[i].Pegged
	}
	return max(0, pegged-it.owed())
}

// futureUnits is what new orders may take from lots, whether or not it is shown.
func (it *Item) futureUnits() Units {
	if it.forbidden() != CodeNone {
		return 0
	}
	var n Units
	for i := range it.Lots {
		n += it.Lots[i].Buyable()
	}
	return n
}

// FutureSupplyBuyable returns the units customers may buy while they are on
// their way: 0 while anything is on hand, or while a control forbids it.
func (it *Item) FutureSupplyBuyable() Units {
	if it.Fulfillable() > 0 {
		return 0
	}
	return it.futureUnits()
}

// AtRisk returns the units promised from lots that are no longer sure enough.
func (it *Item) AtRisk() Units {
	var n Units
	for i := range it.Lots {
		n += it.Lots[i].AtRisk()
	}
	return n
}

// InStockDate returns the day a new buyer would be promised; 0 when goods are on
// hand or nothing is for sale.
func (it *Item) InStockDate() Day {
	if it.FutureSupplyBuyable() == 0 {
		return 0
	}
	for i := range it.Lots {
		if it.Lots[i].Buyable() > 0 {
			return it.Lots[i].Day
		}
	}
	return 0
}

// Lot returns the lot of a shipment, or nil.
func (it *Item) Lot(id ShipmentID) *Lot {
	for i := range it.Lots {
		if it.Lots[i].Shipment == id {
			return &it.Lots[i]
		}
	}
	return nil
}

// forbidden returns the control that allows no new future units, or CodeNone.
func (it *Item) forbidden() Code {
	switch {
	case it.Controls.Channel != FBA:
		return NotFBA
	case it.Controls.Withheld:
		return WithheldBySeller
	}
	return CodeNone
}

// Code returns the item's verdict: why its future units are or are not for sale.
func (it *Item) Code() Code {
	if code := it.forbidden(); code != CodeNone {
		return code
	}
	if it.Fulfillable() > 0 {
		return InStock
	}
	first := CodeNone
	for i := range it.Lots {
		switch code := it.Lots[i].Code; {
		case code == Open && it.Lots[i].Buyable() > 0:
			return Buyable
		case code == Open:
			first = SoldOut
		case !code.dead() && first == CodeNone:
			first = code
		}
	}
	return cmp.Or(first, it.Ended, NoInbound)
}

// Verdict returns the item's code with its evidence. The item must be Detailed
// and advanced to r.Now.
func (it *Item) Verdict(r Rules) Verdict {
	v := Verdict{Code: it.Code(), NextChange: it.Until}
	switch v.Code {
	case NotFBA:
		v.Evidence = "fulfilled by " + it.Controls.Channel.String() + "; only FBA items sell future supply"
	case WithheldBySeller:
		v.Evidence = "the seller withholds this item"
	case InStock:
		v.Evidence = fmt.Sprintf("%d units are on hand; future supply shows when they are sold", it.Fulfillable())
	case NoInbound:
		v.Evidence = "no shipment of this item is on its way"
	case SoldOut:
		v.Evidence = fmt.Sprintf("all units sure enough to come are reserved: %d", it.ReservedFutureSupply())
	case Buyable:
		v.Evidence = fmt.Sprintf("%d units on their way, the first in stock %s", it.FutureSupplyBuyable(), cmp.Or(it.InStockDate().String(), "on a day that nobody knows"))
	default:
		for i := range it.Lots {
			// A lot that has ended is stored without its own code.
			if lot := it.Lots[i].Verdict(r); lot.Code == v.Code {
				v.Evidence = "shipment " + string(it.Lots[i].Shipment) + ": " + lot.Evidence
				break
			}
		}
	}
	return v
}

// Advance brings the item to r.Now: what is true by the clock alone. Lots are
// judged anew and holds that have run out return their units; an order whose
// buyer did not agree to a delay in time is cancelled by a commit only. Orders are pegged
// anew only where that gives them something: units of a hold, or of a lot that
// has opened. An item that is not Detailed must not be past its Until.
func (it *Item) Advance(r Rules) {
	if !it.Due(r.Now) {
		return
	}
	closed := it.closedUnits()
	it.evaluate(r)
	if it.expireHolds(r) || it.closedUnits() < closed {
		it.repeg(r)
	}
	it.Until = it.nextChange(r)
}

// closedUnits counts the expected units that no new order may take.
func (it *Item) closedUnits() (n Units) {
	for i := range it.Lots {
		n += it.Lots[i].Expected() - it.Lots[i].Exposable
	}
	return n
}

// Due reports whether Advance has something to do.
func (it *Item) Due(now time.Time) bool { return !it.Until.IsZero() && !now.Before(it.Until) }

// Sweep advances the item and pegs its orders anew: a lot that has become
// overdue gives its orders to others that can still serve them.
func (it *Item) Sweep(r Rules) {
	it.evaluate(r)
	it.expireHolds(r)
	it.lapse(r)
	it.repeg(r)
	it.Until = it.nextChange(r)
}

func (it *Item) expireHolds(r Rules) bool {
	var expired []OrderID
	it.Line.Orders(func(o *Order) bool {
		if o.expired(r.Now) {
			expired = append(expired, o.ID)
		}
		return true
	})
	for _, id := range expired {
		it.emit(r, Entry{Kind: EntryCancelled, Order: id, Reason: HoldExpired})
	}
	return len(expired) > 0
}

// evaluate judges every lot anew, takes the safety buffer from the latest open
// ones, and counts what is on its way.
func (it *Item) evaluate(r Rules) {
	it.Inbound, it.Ended = Inbound{}, CodeNone
	for i := range it.Lots {
		l, was := &it.Lots[i], it.Lots[i].Day
		l.evaluate(r)
		it.moved(l, was)
		it.Inbound.add(l)
		if l.Code.dead() && l.Code != Received {
			it.Ended = cmp.Or(it.Ended, l.Code)
		}
	}
	slices.SortFunc(it.Lots, func(a, b Lot) int {
		if a.Day != b.Day {
			return int(a.Day) - int(b.Day)
		}
		return int(a.Ordinal) - int(b.Ordinal)
	})
	buffer := it.Controls.SafetyBuffer
	for i := len(it.Lots) - 1; i >= 0 && buffer > 0; i-- {
		cut := min(buffer, it.Lots[i].Exposable)
		it.Lots[i].Exposable -= cut
		buffer -= cut
	}
}

func (in *Inbound) add(l *Lot) {
	if l.Code.dead() {
		return
	}
	switch l.Status {
	case Working:
		in.Working += l.Expected()
	case Shipped, StatusInTransit, StatusDelivered:
		in.Shipped += l.Expected()
	case Receiving:
		in.Receiving += l.Expected()
	case Closed, ShipmentCancelled:
	}
}

// nextChange returns the next instant at which anything changes by time alone.
func (it *Item) nextChange(r Rules) time.Time {
	var next time.Time
	earlier := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for i := range it.Lots {
		l := &it.Lots[i]
		if l.Code.dead() {
			continue
		}
		earlier(l.nextChange(r))
		if !l.Slow {
			earlier(l.slowAt())
		}
		if !l.Arrived.IsZero() && l.Day.Known() {
			earlier(r.Calendar.Start(l.Day + 1)) // a lot at the dock is never dated before today
		}
	}
	var answers deadline
	it.Line.Orders(func(o *Order) bool {
		if o.Open() && !o.Hold.IsZero() {
			earlier(o.Hold)
		}
		answers.add(it, r, o)
		return true
	})
	earlier(answers.instant(r.Calendar))
	return next
}

// Adjust sets the free units on hand; waiting orders take what becomes free at
// once.
func (it *Item) Adjust(r Rules, fulfillable Units) {
	it.Stock = fulfillable + it.Line.Pending()
	it.Sweep(r)
}

// Control replaces the controls.
func (it *Item) Control(r Rules, c Controls) {
	it.Controls, it.Listed = c, true
	it.Sweep(r)
}

// News reports whether any fact is newer than what is known.
func (it *Item) News(facts []Lot) bool {
	return slices.ContainsFunc(facts, func(f Lot) bool {
		l := it.Lot(f.Shipment)
		return l == nil || f.Version > l.Version
	})
}

// Resupply replaces what is known of shipments' lines by newer facts and pegs
// all open orders anew. Units counted in since then join the stock. A fact with
// a Version not above the known one changes nothing, so facts may come twice
// and in any order.
func (it *Item) Resupply(r Rules, facts []Lot) {
	for i := range facts {
		it.learn(r, &facts[i])
	}
	it.Sweep(r)
}

func (it *Item) learn(r Rules, fact *Lot) {
	it.Listed = true
	l := it.Lot(fact.Shipment)
	if l == nil {
		it.Ordinals++
		it.Lots = append(it.Lots, Lot{Ordinal: it.Ordinals, Shipment: fact.Shipment, Day: Undated})
		l = &it.Lots[len(it.Lots)-1]
	} else if fact.Version <= l.Version {
		return
	}
	it.Stock += fact.Received - l.Received
	known := *l
	*l = *fact
	l.Ordinal, l.Pegged, l.Exposable, l.Day = known.Ordinal, known.Pegged, known.Exposable, known.Day
	l.Basis, l.Padding, l.Opened = known.Basis, known.Padding, known.Opened
	l.settle(r)
}
