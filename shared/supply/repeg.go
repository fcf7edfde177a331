package supply

import "slices"

// OrderPeg is one open order with what serves it.
type OrderPeg struct {
	Order *Order
	Parts []Part // Supply 0 is what is on hand, i > 0 is Lots[i-1]
	Short Units  // what nothing can serve
}

// Pegs returns what serves each waiting order, in acceptance order, computed
// from the same rule that moves promises. It changes nothing.
func (it *Item) Pegs(r Rules) []OrderPeg {
	waiting, p := it.pegging(r)
	pegs := make([]OrderPeg, len(waiting))
	for i, o := range waiting {
		pegs[i] = OrderPeg{Order: o, Parts: slices.Clone(p.Parts(i)), Short: p.Short(i)}
	}
	return pegs
}

// pegging runs the rule over all orders that wait for units.
func (it *Item) pegging(r Rules) ([]*Order, *Pegging) {
	waiting := it.waiting()
	demands := make([]Demand, len(waiting))
	for i, o := range waiting {
		demands[i] = Demand{Units: o.Waiting(), Due: o.Promised}
	}
	if it.peg == nil {
		it.peg = new(Pegging)
	}
	it.peg.Peg(it.supplies(r), demands)
	return waiting, it.peg
}

// waiting returns the orders that wait for units, in acceptance order.
func (it *Item) waiting() []*Order {
	var all []*Order
	sorted := true
	it.Line.Orders(func(o *Order) bool {
		if o.Waiting() > 0 {
			sorted = sorted && (len(all) == 0 || all[len(all)-1].Seq < o.Seq)
			all = append(all, o)
		}
		return true
	})
	if !sorted {
		slices.SortFunc(all, func(a, b *Order) int {
			if a.Seq < b.Seq {
				return -1
			}
			return 1
		})
	}
	return all
}

// supplies returns what can serve existing orders. Units that left before they
// were counted in are taken out of the earliest lots.
func (it *Item) supplies(r Rules) []Supply {
	supplies := make([]Supply, 0, 1+len(it.Lots))
	supplies = append(supplies, Supply{Day: r.Today(), Units: it.Fulfillable()})
	owed := it.owed()
	for i := range it.Lots {
		room := it.Lots[i].capacity()
		ahead := min(owed, room)
		owed -= ahead
		supplies = append(supplies, Supply{Day: it.Lots[i].Day, Units: room - ahead})
	}
	return supplies
}

// repeg pegs all open orders anew and records what follows: units that are now
// on hand are allocated, promises that moved are promised anew.
func (it *Item) repeg(r Rules) {
	supplies := it.supplies(r)
	waiting, p := it.pegging(r)
	it.Short = 0
	moves := make([]Entry, 0, len(waiting)/8)
	for i, o := range waiting {
		moves = appendMoves(moves, r, o, p, i)
		it.Short += p.Short(i)
	}
	for i := range it.Lots {
		room := it.Lots[i].capacity()
		it.Lots[i].Pegged = p.Used(i+1) + room - supplies[i+1].Units
	}
	var answers deadline
	for _, e := range moves {
		it.emit(r, e)
		if e.Kind == EntryPromised {
			o := it.Line.Order(e.Order)
			answers.add(it, r, &o)
		}
	}
	for i, promised := range it.earliest(waiting, p) {
		it.Lots[i].Tight = it.Lots[i].tight(r, promised, it.Detailed)
	}
	it.Until = earliest(it.Until, answers.instant(r.Calendar))
}

// appendMoves appends the entries by which the order's stored state follows its
// pegs. An order served by undated supply keeps its last promise.
func appendMoves(moves []Entry, r Rules, o *Order, p *Pegging, i int) []Entry {
	if parts := p.Parts(i); len(parts) > 0 && parts[0].Supply == 0 {
		full := parts[0].Units == o.Waiting()
		moves = append(moves, Entry{Kind: EntryAllocated, Order: o.ID, Units: parts[0].Units, Day: r.Today(), Full: full, Multi: o.Multi})
		if full {
			return moves
		}
	}
	day := p.Day(i)
	if day == Undated {
		return moves
	}
	if day != o.Promised {
		moves = append(moves, Entry{Kind: EntryPromised, Order: o.ID, Units: p.Short(i), Day: day, Was: o.Promised})
	}
	return moves
}
