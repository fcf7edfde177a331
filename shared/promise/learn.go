package promise

import "math"

// Learner follows one shipment through the bins and teaches the nodes of its
// lane what each day shows. It holds what must be remembered of a shipment under
// way; the nodes are handed in.
type Learner struct {
	Entered int // the bin in which the shipment stood when it was first seen
	Taught  int // the first bin that it has not taught yet
}

// Watch begins with a shipment whose ETA is clock days away, below 0: still to
// come.
func Watch(clock int) Learner {
	bin := BinOf(clock)
	return Learner{Entered: bin, Taught: bin}
}

// Survive teaches that the shipment was not here by the end of the day that is
// clock days after its ETA. Saying it twice teaches once.
func (l *Learner) Survive(lane []*Node, clock int) {
	to := BinOf(clock)
	if LastDay(to) <= clock {
		to++
	}
	to = min(to, Bins-1) // nobody survives the open end
	for ; l.Taught < to; l.Taught++ {
		for _, n := range lane {
			n.atRisk[l.Taught]++
		}
	}
}

// Arrive teaches that the shipment came days after its ETA, below 0: before it.
// Days that it is known by now not to have survived, because the news of its
// arrival came late, are taken back. It ends the shipment's teaching.
func (l *Learner) Arrive(lane []*Node, days int) {
	bin := max(BinOf(days), l.Entered)
	judge(lane, l.Entered, bin)
	for _, n := range lane {
		for b := l.Taught; b <= bin; b++ {
			n.atRisk[b]++
		}
		for b := bin + 1; b < l.Taught; b++ {
			n.atRisk[b] = max(0, n.atRisk[b]-1)
		}
		n.arrived[bin]++
		n.forget()
	}
	l.Taught = bin + 1
}

// worstLoss bounds what one arrival can cost a trust: what it held for one in a
// million.
const worstLoss = 1e-6

// judge tells each node below the first how well each of its trusts foretold
// this arrival, before the node learns of it.
func judge(lane []*Node, first, bin int) {
	var m mixer
	m.foretell(lane, first, func(n *Node) {
		for i := range trusts {
			likely := m.tried[i][bin]
			if bin > first {
				likely -= m.tried[i][bin-1]
			}
			n.loss[i] = decayed(n.loss[i], 1-1.0/trustMemory) + float32(-math.Log(max(likely, worstLoss)))
		}
	})
}
