package promise

// Prior is what is believed of a lane before anything of it is known.
type Prior struct {
	OnTime float64 // share that is at the dock by the day of the ETA
	Tail   float64 // of those late by a day, the share that is late by another
}

// Node returns the prior as a node that has seen so many shipments of it, each
// followed from two weeks before its ETA. A node above all others takes them at
// their word; learnt ones outweigh them after as many shipments.
func (p Prior) Node(shipments float64) (n Node) {
	start, still := BinOf(-14), shipments
	for b := start; b < Bins-1; b++ {
		n.atRisk[b] = float32(still)
		came := 0.0
		switch days := LastDay(b); {
		case days == 0:
			came = still * p.OnTime
		case days > 0:
			came = still
			for range days - max(LastDay(b-1), 0) {
				came *= p.Tail
			}
			came = still - came
		}
		n.arrived[b] = float32(came)
		still -= came
	}
	n.atRisk[Bins-1], n.arrived[Bins-1] = float32(still), float32(still)
	return n
}
