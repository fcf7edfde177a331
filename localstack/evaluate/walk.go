package evaluate

import (
	"container/heap"
	"context"
	"math"

	"headstart/shared/fault"
)

// level is how sure the dates are to be.
const level = 0.95

// method is one way to turn an ETA into a date.
type method interface {
	// date returns the days to add to the ETA of a shipment that is decided on
	// now, so that it is kept with the level, and whether it would be sold.
	date(t *trip) (padding int, open bool)

	// dawn begins a day; shipments under way are not here yet.
	dawn(day float64)

	// record learns of an arrival.
	record(t *trip)
}

// walk goes through the history once, as it happened, and tells score of every
// date.
func walk(ctx context.Context, trips []trip, methods []method, score func(method int, t *trip, padding int, open bool)) error {
	var underway arrivals
	today := math.Inf(-1)
	for i := range trips {
		t := &trips[i]
		for len(underway) > 0 && underway[0].reveal <= t.decide {
			came := heap.Pop(&underway).(*trip)
			for _, m := range methods {
				m.record(came)
			}
		}
		if day := math.Floor(t.decide); day > today {
			if ctx.Err() != nil {
				return fault.As(fault.Transient, ctx.Err(), "playing the history")
			}
			today = day
			for _, m := range methods {
				m.dawn(day)
			}
		}
		for k, m := range methods {
			padding, open := m.date(t)
			score(k, t, padding, open)
		}
		heap.Push(&underway, t)
	}
	return nil
}

// arrivals are the shipments under way, next recorded arrival first. It is a
// heap.Interface.
type arrivals []*trip

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	return a[i].reveal < a[j].reveal || a[i].reveal == a[j].reveal && a[i].index < a[j].index
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(t any)   { *a = append(*a, t.(*trip)) }
func (a *arrivals) Pop() any {
	last := len(*a) - 1
	t := (*a)[last]
	*a = (*a)[:last]
	return t
}
