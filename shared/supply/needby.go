package supply

// NeedByDay returns the latest local day on which goods may reach the dock and
// still be in stock on the day they are promised for; 0 when none is. The padding
// is no part of it: that is for arrivals that nobody can be sure of.
//
// Rule: feature F78, the earliest promise less the handling.
func NeedByDay(promised Day, p Policy, cal Calendar) Day {
	if !promised.Known() {
		return 0
	}
	day := promised
	for cal.AddBusinessDays(day, p.ReceivingDays) > promised {
		day--
	}
	return day
}

// NeedBy returns the latest day on which a shipment may arrive and break no
// promise of the orders that it serves, 0 when it serves none that has a date;
// and whether that is at risk. The item must be as it was committed, with r.Now
// the instant of the commit.
func (it *Item) NeedBy(r Rules, id ShipmentID) (day Day, atRisk bool) {
	waiting, p := it.pegging(r)
	promised := it.earliest(waiting, p)
	for i := range it.Lots {
		if it.Lots[i].Shipment == id {
			return NeedByDay(promised[i], r.Policy, r.Calendar), it.Lots[i].tight(r, promised[i], it.Detailed)
		}
	}
	return 0, false
}

// earliest returns for each lot the earliest promise of the orders it serves; 0
// where there is none.
func (it *Item) earliest(waiting []*Order, p *Pegging) []Day {
	promised := make([]Day, len(it.Lots))
	for i, o := range waiting {
		for _, part := range p.Parts(i) {
			if part.Supply == 0 || !o.Promised.Known() {
				continue
			}
			if day := &promised[part.Supply-1]; *day == 0 || o.Promised < *day {
				*day = o.Promised
			}
		}
	}
	return promised
}

// tight reports whether the promise may break: nobody knows any more when the lot
// comes, or the ETA as it stands, with padding and receiving, is behind it. So it
// warns while the padding is being used up, before the promise is broken: a lot
// whose own date moves has its orders promised anew at once, and then nothing is
// tight. Of a lot that is known from its head alone the ETA is not; what was found
// stays until that is read again.
func (l *Lot) tight(r Rules, promised Day, detailed bool) bool {
	switch {
	case !promised.Known() || l.Code.dead():
		return false
	case !l.Day.Known():
		return true
	case !detailed:
		return l.Tight
	}
	return l.Arrived.IsZero() && InStockDay(l.ETA, l.padded(r.Policy), r.Calendar) > promised
}
