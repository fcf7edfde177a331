package supply

// Supply is one source of units, as pegging sees it: what is on hand, or a lot.
type Supply struct {
	Day   Day // from which its units can be shipped; Undated for an overdue lot
	Units Units
}

// Demand is what one open order still waits for.
type Demand struct {
	Units Units
	Due   Day // last published promise; 0 when there is none
}

// Part is a share of a demand that one supply serves.
type Part struct {
	Supply int // index into the supplies that were pegged
	Units  Units
}
