package supply

// ArrivalDay returns the marketplace's local day on which the goods are to be at
// the dock: the day of the window's end, and from any other place than the dock
// the days of the on-carriage. A window that named a day is that day in every
// zone. It returns 0 when nobody has named an arrival.
func ArrivalDay(eta Window, p Policy, cal Calendar) Day {
	onward := Day(max(0, p.OnCarriage[eta.Kind]))
	switch {
	case !eta.Known():
		return 0
	case eta.DateOnly:
		return DayOf(eta.To.UTC()) + onward
	}
	return cal.Day(eta.To) + onward
}

// InStockDay returns the day on which goods with this ETA can be shipped to
// buyers: arrival at the dock, padding in calendar days, receiving in business
// days. It is never before the carrier's own day, whatever the padding, and 0
// when nobody has named an arrival.
//
// Rule: design section 2.
func InStockDay(eta Window, p Policy, cal Calendar) Day {
	arrival := ArrivalDay(eta, p, cal)
	if !arrival.Known() {
		return 0
	}
	return cal.AddBusinessDays(arrival+Day(max(0, p.PaddingDays)), p.ReceivingDays)
}

// DeliveryDay returns the day on which what is in stock on the day inStock is
// with the buyer, the ship days later in business days. A day that is not known
// stays as it is.
//
// Rule: design section 2.
func DeliveryDay(inStock Day, p Policy, cal Calendar) Day {
	if !inStock.Known() {
		return inStock
	}
	return cal.AddBusinessDays(inStock, p.ShipDays)
}
