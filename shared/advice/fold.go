package advice

import (
	"cmp"
	"slices"

	"headstart/shared/supply"
)

// entry folds one entry: what it changes is the difference between the order as
// it was and as it is.
func (h *History) entry(cal supply.Calendar, line *supply.Line, e, next *Entry, how int) {
	was := line.Order(e.Order)
	line.Apply(e.At, e.Seq, &e.Entry)
	is := line.Order(e.Order)
	day := cal.Day(e.At)
	if sold := held(&is) - held(&was); sold > 0 {
		early := min(sold, ordered(&was, &is, e, next))
		h.sell(day, sold, early)
		if early > 0 {
			h.state(is.First, how)
		}
	} else if sold < 0 {
		h.week(weekOf(day)).Sold += int64(sold)
		h.taken = max(0, h.taken+sold)
	}
	if lost := givenUp(&was, &is, e); lost > 0 {
		h.month(monthOf(day)).Cancelled += lost
	}
	h.resolve(day, &was, &is, e)
}

// held returns the units that an order stands for.
func held(o *supply.Order) supply.Units {
	if o.Open() {
		return max(o.Units, o.Shipped)
	}
	return o.Shipped
}

// ordered returns how many of the units that an acceptance adds are not on hand.
// What an order that grows takes from the units on hand stands in the entry right
// behind its acceptance.
func ordered(was, is *supply.Order, e, next *Entry) supply.Units {
	if e.Kind != supply.EntryAccepted {
		return 0
	}
	early := is.Waiting() - was.Waiting()
	if next != nil && next.Kind == supply.EntryAllocated && next.Order == e.Order && next.Seq == e.Seq+1 && next.At.Equal(e.At) {
		early -= next.Units
	}
	return max(0, early)
}

// givenUp returns the units that an order gave back while they were on their way.
func givenUp(was, is *supply.Order, e *Entry) supply.Units {
	switch {
	case !was.Open():
		return 0
	case e.Kind == supply.EntryCancelled:
		return was.Waiting()
	case e.Kind == supply.EntryShipped && !is.Open():
		return max(0, was.Units-max(was.Allocated, is.Shipped))
	case e.Kind == supply.EntryAccepted:
		return max(0, was.Waiting()-is.Waiting())
	}
	return 0
}

// sell counts units that were ordered on the day, of which early were not on hand.
// Units that no shipment brought are sold before those of shipments, and those of
// the shipment announced first before all others, as pegging gives the earliest
// away first. A cancelled unit is for sale again; its first sale stays counted.
func (h *History) sell(day supply.Day, units, early supply.Units) {
	h.week(weekOf(day)).Sold += int64(units)
	month := h.month(monthOf(day))
	month.Sold += units
	month.BeforeArrival += early

	loose := min(h.loose, units-early)
	h.loose -= loose
	units -= loose
	behind := h.taken
	for _, s := range h.sources {
		if behind >= s.units {
			behind -= s.units
			continue
		}
		n := min(units, s.units-behind)
		behind = 0
		h.travel.add(int(day-s.day), n)
		h.taken += n
		units -= n
	}
}

// learn takes what is known of the item's sources. Units that somebody found are
// on hand; units that somebody missed were on hand.
func (h *History) learn(r supply.Rules, s *Supply) {
	found := s.Adjusted - h.adjusted
	h.adjusted = s.Adjusted
	missed := max(0, -found)
	loose := min(h.loose, missed)
	h.loose += max(0, found) - loose
	h.taken += missed - loose

	lots := slices.Clone(s.Lots)
	slices.SortFunc(lots, func(a, b supply.Lot) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	for i := range lots {
		h.source(r, &lots[i])
	}
	for len(h.sources) > maxSources {
		h.taken = max(0, h.taken-h.sources[0].units)
		h.sources = slices.Delete(h.sources, 0, 1)
	}
}

// source notes how many units a lot brings: what was counted in, and what is
// still to come of one that has not ended.
func (h *History) source(r supply.Rules, l *supply.Lot) {
	units := l.Received
	if !l.Verdict(r).Code.Over() {
		units += l.Expected()
	}
	if l.Ordinal > h.ordinal {
		h.ordinal = l.Ordinal
		h.sources = append(h.sources, source{ordinal: l.Ordinal, day: r.Calendar.Day(l.Created), units: units})
		return
	}
	for i := range h.sources {
		if h.sources[i].ordinal == l.Ordinal {
			h.sources[i].units = units
		}
	}
}

// state notes how sure a promise is said to be.
func (h *History) state(day supply.Day, how int) {
	if how <= 0 || !day.Known() {
		return
	}
	slot(&h.stated, maxStated, stated{day: day}, func(a, b stated) int { return cmp.Compare(a.day, b.day) }).how = min(how, 1000)
}

// resolve notes whether a promise was kept, when it is known: on the day the last
// unit is on hand, or has left without having been counted in. A buyer who
// cancels leaves it open, unless its day has passed: then it was broken.
func (h *History) resolve(day supply.Day, was, is *supply.Order, e *Entry) {
	if !is.Backorder || !is.First.Known() || !was.Open() || was.Actual != 0 {
		return
	}
	switch {
	case e.Kind == supply.EntryAllocated && e.Full:
		day = e.Day
	case e.Kind == supply.EntryShipped && !is.Open():
	case e.Kind == supply.EntryCancelled && day > is.First:
	default:
		return
	}
	i := slices.IndexFunc(h.stated, func(s stated) bool { return s.day == is.First })
	how := 0
	if i >= 0 {
		how = h.stated[i].how
	}
	h.Promises.add(int(day-is.First), how)
}
