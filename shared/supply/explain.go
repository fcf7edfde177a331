package supply

// Check is what one gate says of a lot. Evidence is given where the gate is
// closed.
type Check struct {
	Code     Code
	Passed   bool
	Evidence string
}

// Checks asks every gate about the lot at r.Now, in order of precedence: the
// first that is not passed is the lot's verdict, and a lot that passes all of
// them is OPEN.
func (l *Lot) Checks(r Rules) []Check {
	checks := make([]Check, len(gates))
	for i := range gates {
		checks[i] = Check{Code: gates[i].code, Passed: !gates[i].closed(l, r)}
		if !checks[i].Passed {
			checks[i].Evidence = gates[i].evidence(l, r)
		}
	}
	return checks
}

// Repegged returns what the Pegged of every lot and the item's Short would be
// if all open orders were pegged anew on the days and codes found at the last
// commit. It changes nothing. What every commit stores equals it; an audit
// compares.
func (it *Item) Repegged(r Rules) (pegged []Units, short Units) {
	supplies := it.supplies(r)
	waiting, p := it.pegging(r)
	pegged = make([]Units, len(it.Lots))
	for i := range it.Lots {
		pegged[i] = p.Used(i+1) + it.Lots[i].capacity() - supplies[i+1].Units
	}
	for i := range waiting {
		short += p.Short(i)
	}
	return pegged, short
}
