package promise

import "math"

// Forecast says how likely a shipment is here by when, given that it is not here
// yet.
type Forecast struct {
	first int           // the bin in which the shipment stands now
	late  [Bins]float64 // by the end of each bin from first on, the probability that it came
}

// By returns the probability that the shipment comes at most so many days after
// its ETA.
func (f *Forecast) By(days int) float64 {
	bin := BinOf(days)
	if LastDay(bin) > days {
		bin-- // within a span of several days nothing is known of its first ones
	}
	if bin < f.first {
		return 0
	}
	return f.late[bin]
}

// Padding returns how many days must be added to the ETA so that the shipment is
// here by then with the probability level; Never when no date is so sure. It may
// be below 0: what to promise then is the caller's.
func (f *Forecast) Padding(level float64) int {
	for bin := f.first; bin < Bins-1; bin++ {
		if f.late[bin] >= level {
			return LastDay(bin)
		}
	}
	return Never
}

// Foretell returns what the nodes of a lane, coarse to fine, say of a shipment
// whose ETA is clock days away (below 0: still to come) and that is not here
// yet. Nodes may be nil where nothing was learnt. Without any node nothing ever
// comes.
func Foretell(lane []*Node, clock int) (f Forecast) {
	var m mixer
	m.foretell(lane, BinOf(clock), nil)
	f.first, f.late = m.first, m.late
	return f
}

// mixer goes down a lane and gathers its forecast.
type mixer struct {
	first  int
	hazard [Bins]float64              // of the node above
	late   [Bins]float64              // of the node just asked, all trusts together
	tried  [len(trusts)][Bins]float64 // the same by each trust
}

// foretell asks each node what it makes of its parent's word. watch, when not
// nil, sees each node's trusts before they are mixed into the next one.
func (m *mixer) foretell(lane []*Node, first int, watch func(*Node)) {
	m.first = first
	for depth, n := range lane {
		if depth == 0 {
			m.root(n)
			continue
		}
		if n == nil {
			continue // it says what its parent says
		}
		m.shrink(n)
		if watch != nil {
			watch(n)
		}
		m.settle()
	}
}

// root takes the node above all others at its word.
func (m *mixer) root(n *Node) {
	if n == nil {
		n = &Node{}
	}
	for b := range Bins {
		m.hazard[b] = float64(n.arrived[b]) / (float64(n.atRisk[b]) + 1)
	}
	m.late = lateness(&m.hazard, m.first)
}

// shrink lets each trust weigh the node's shipments against its parent's word.
func (m *mixer) shrink(n *Node) {
	weights := n.weights()
	m.late = [Bins]float64{}
	for i, k := range trusts {
		var hazard [Bins]float64
		for b := m.first; b < Bins-1; b++ {
			borrowed := float64(k * m.hazard[b])
			hazard[b] = (float64(n.arrived[b]) + borrowed) / (float64(n.atRisk[b]) + k)
		}
		m.tried[i] = lateness(&hazard, m.first)
		for b := m.first; b < Bins; b++ {
			m.late[b] += float64(weights[i] * m.tried[i][b])
		}
	}
}

// settle makes the mixture the word of the next node's parent.
func (m *mixer) settle() {
	still := 1.0
	for b := m.first; b < Bins-1; b++ {
		rest := 1 - m.late[b]
		if still > 0 {
			m.hazard[b] = 1 - rest/still
		}
		still = rest
	}
}

// lateness turns hazards into the probability of having come by the end of each
// bin. What never comes stays in the last one.
func lateness(hazard *[Bins]float64, first int) (late [Bins]float64) {
	still := 1.0
	for b := first; b < Bins-1; b++ {
		still *= 1 - hazard[b]
		late[b] = 1 - still
	}
	late[Bins-1] = 1
	return late
}

// weights says how far each trust is heard: by how well it did, in the ratio of
// likelihoods.
func (n *Node) weights() (w [len(trusts)]float64) {
	best := float64(n.loss[0])
	for _, l := range n.loss {
		best = min(best, float64(l))
	}
	total := 0.0
	for i, l := range n.loss {
		w[i] = math.Exp(best - float64(l))
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
	return w
}
