package evaluate

import (
	"math"

	"headstart/shared/promise"
)

// ours is the product's own method: package promise, its gate and its kill
// switch, fed as the daily sweep feeds it.
type ours struct {
	gate     promise.Gate
	nodes    map[string]*promise.Node
	switches map[string]*promise.Switch
	underway []*journey
	stated   calibration
}

// journey is a shipment under way.
type journey struct {
	*trip
	promise.Learner
	lane      []*promise.Node
	padding   int
	candidate bool // its outcome counts for the switch, and has not yet
	here      bool
}

func newOurs() *ours {
	return &ours{gate: promise.DefaultGate(), nodes: make(map[string]*promise.Node), switches: make(map[string]*promise.Switch)}
}

// lane returns the nodes of a shipment, made where there are none. A column that
// is empty adds no node: it would learn what the one above learns.
func (o *ours) laneOf(t *trip) []*promise.Node {
	lane := []*promise.Node{o.node("")}
	for _, name := range t.lane {
		lane = append(lane, o.node(name))
	}
	return lane
}

func (o *ours) node(name string) *promise.Node {
	n := o.nodes[name]
	if n == nil {
		n = new(promise.Node)
		o.nodes[name] = n
	}
	return n
}

// switchesOf returns the kill switches that watch a shipment: that of all, and
// of its mode.
func (o *ours) switchesOf(t *trip) []*promise.Switch {
	names := []string{""}
	if len(t.lane) > 0 {
		names = append(names, t.lane[0])
	}
	var watching []*promise.Switch
	for _, name := range names {
		if o.switches[name] == nil {
			o.switches[name] = new(promise.Switch)
		}
		watching = append(watching, o.switches[name])
	}
	return watching
}

func (o *ours) date(t *trip) (padding int, open bool) {
	clock := int(math.Floor(t.decide - t.eta))
	j := &journey{trip: t, Learner: promise.Watch(clock), lane: o.laneOf(t)}
	forecast := promise.Foretell(j.lane, clock)
	j.padding, j.candidate = o.gate.Padding(&forecast), o.gate.Candidate(&forecast)
	o.underway = append(o.underway, j)
	t.journey = j
	for i, days := range spans {
		t.stated[i] = forecast.By(days)
	}
	open = j.candidate
	for _, s := range o.switchesOf(t) {
		open = open && !s.Stops(o.gate)
	}
	return forecast.Padding(level), open
}

// dawn teaches what every shipment still under way has survived, and counts the
// dates that have passed.
func (o *ours) dawn(day float64) {
	coming := o.underway[:0]
	for _, j := range o.underway {
		if j.here {
			continue
		}
		clock := int(math.Floor(day-j.eta)) - 1 // yesterday has ended
		j.Survive(j.lane, clock)
		// Who waits at the dock knows the day after that a date was missed,
		// however late the arrival is recorded.
		if clock >= j.padding && j.days() > j.padding {
			o.resolve(j, true)
		}
		coming = append(coming, j)
	}
	clear(o.underway[len(coming):])
	o.underway = coming
}

func (o *ours) record(t *trip) {
	j := t.journey
	j.here, t.journey = true, nil
	o.resolve(j, j.days() > j.padding)
	j.Arrive(j.lane, j.days())
}

// resolve counts a candidate once.
func (o *ours) resolve(j *journey, broke bool) {
	if !j.candidate {
		return
	}
	j.candidate = false
	for _, s := range o.switchesOf(j.trip) {
		s.Resolve(broke)
	}
}
