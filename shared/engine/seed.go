package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"headstart/shared/fault"
	"headstart/shared/promise"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// Outcome is a shipment of the past. Times are days since any one day.
type Outcome struct {
	Shipment supply.Shipment // mode, carrier, vendor and destination
	Dated    float64         // when its arrival was named
	ETA      int             // the day that was named
	Arrived  int             // the day on which it came
	Known    float64         // when that was recorded
}

// Seed lets a seller's lanes learn from shipments of the past, each date as it
// would have been made with what was known then, and stores what they learnt. It
// returns how many records that is. done is told after each shipment that taught;
// a context that ends stops the work before anything is stored. Lanes that have
// learnt are kept: it returns fault.Conflict unless replace is set.
func (e *Engine) Seed(ctx context.Context, seller supply.SellerID, outcomes []Outcome, replace bool, done func()) (records int, err error) {
	l := &lessons{engine: e, seller: seller, version: map[string]int64{}, nodes: map[string]*promise.Node{},
		switches: map[string]*promise.Switch{}, touched: map[string]bool{}}
	policy := e.policy()
	for _, step := range inOrder(outcomes) {
		if err := ctx.Err(); err != nil {
			return 0, fault.As(fault.Transient, err, "learning")
		}
		o := &outcomes[step.outcome]
		s, late := &o.Shipment, o.Arrived-o.ETA
		if !step.known {
			l.promised(policy, s, o)
			continue
		}
		lane := l.pupils(s)
		learner := promise.Watch(min(int(o.Dated)-o.ETA, late))
		learner.Arrive(lane, late)
		l.decide(s, late > s.Watch.Padding)
		done()
	}
	return e.plant(ctx, l, replace)
}

// pastStep is a moment of the past: a date was made, or an arrival was recorded.
type pastStep struct {
	at      float64
	known   bool
	outcome int
}

func inOrder(outcomes []Outcome) []pastStep {
	steps := make([]pastStep, 0, 2*len(outcomes))
	for i := range outcomes {
		steps = append(steps, pastStep{outcomes[i].Dated, false, i}, pastStep{max(outcomes[i].Known, outcomes[i].Dated), true, i})
	}
	slices.SortStableFunc(steps, func(a, b pastStep) int { return cmp.Compare(a.at, b.at) })
	return steps
}

// promised notes what would have been promised of a shipment.
func (l *lessons) promised(p supply.Policy, s *supply.Shipment, o *Outcome) {
	names := s.LaneNames()
	if top := nodePrefix + names[0]; l.nodes[top] == nil {
		prior := priorOf(s)
		l.nodes[top] = &prior
	}
	for _, name := range []string{names[0], everything} {
		if l.switches[switchPrefix+name] == nil {
			l.switches[switchPrefix+name] = new(promise.Switch)
		}
	}
	f, gate := promise.Foretell(l.lane(s), int(o.Dated)-o.ETA), gateOf(p.Confidence)
	s.Watch.Padding, s.Watch.Candidate = gate.Padding(&f), gate.Candidate(&f)
}

// plant stores what was learnt.
func (e *Engine) plant(ctx context.Context, l *lessons, replace bool) (records int, err error) {
	names := slices.Sorted(maps.Keys(l.touched))
	expect := store.Absent
	if replace {
		expect = store.Anyhow
	}
	for _, w := range l.writes(names) {
		w.Expect = expect
		_, ok, err := e.store.Put(ctx, w)
		if err != nil {
			return records, fault.Wrap(err, "storing what lanes have learnt")
		}
		if !ok {
			return records, fault.New(fault.Conflict, "LANES_KNOWN", "the lanes of seller %s have learnt already; -replace forgets that", l.seller)
		}
		records++
	}
	return records, nil
}
