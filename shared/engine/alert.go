package engine

import (
	"context"
	"fmt"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// trackingNotValidated is the alert that no carrier knows a number.
const trackingNotValidated = "TRACKING_NOT_VALIDATED"

// sweepShipment notes which of a shipment's numbers no carrier has known for too
// long. Whoever reads the changes of its state publishes that.
// It also reports whether the shipment has something to teach its lane.
func (e *Engine) sweepShipment(ctx context.Context, now time.Time, seller supply.SellerID, id supply.ShipmentID) (done, teaches bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, false, err
		}
		s, err := e.readShipment(ctx, seller, string(id))
		if err != nil {
			return false, false, err
		}
		teaches = s.Teaches(now)
		if !s.Alert(now) {
			return false, teaches, nil
		}
		state, err := store.StateRecord(seller, &s.Shipment, s.version+1, s.contents)
		if err != nil {
			return false, false, err
		}
		if _, done, err = e.store.Put(ctx, store.Write{Record: state, Expect: s.version}); done || err != nil {
			return done, teaches, fault.Wrap(err, "writing a shipment's state")
		}
	}
	return false, false, fault.New(fault.Transient, "BUSY", "shipment %s: lost %d races", id, maxAttempts)
}

// announceAlerts publishes which numbers of a shipment nobody knows from this
// change of its state on, and of which that no longer holds. The ids of the
// events come from the change, so one that comes twice says nothing new. It returns
// what was published.
func (e *Engine) announceAlerts(ctx context.Context, now time.Time, c *store.Change, to Publisher) (events []Event, err error) {
	before, err := alerted(&c.Old)
	if err != nil {
		return nil, err
	}
	after, err := alerted(&c.New)
	if err != nil {
		return nil, err
	}
	raised, cleared := without(after, before), without(before, after)
	if len(raised)+len(cleared) == 0 {
		return nil, nil
	}
	seller, id, _ := store.ParseShipmentKey(c.Key)
	s, err := e.readShipment(ctx, seller, string(id)) // only its contents know its marketplace
	if err != nil {
		return nil, err
	}
	event := Event{At: now.UTC().Truncate(time.Second), Seller: seller, Marketplace: s.Marketplace}
	events = alertEvents(event, c, AlertRaised, raised, "no carrier has spoken under the number for 24 h since it was registered; compare it with the label")
	events = append(events, alertEvents(event, c, AlertCleared, cleared, "a carrier spoke, the number was replaced, or the goods are no longer awaited")...)
	return events, fault.Wrap(to.Publish(ctx, events), "publishing")
}

// alerted returns the numbers of a state that have an alert; most states have none.
func alerted(r *store.Record) (numbers []string, err error) {
	if r.Attr(store.AlertsAttr).Int == 0 {
		return nil, nil
	}
	state, err := store.ReadState(r)
	for i := range state.Units {
		if state.Units[i].Alerted {
			numbers = append(numbers, state.Units[i].Number)
		}
	}
	return numbers, err
}

// without returns what is in a and not in b, in a's order.
func without(a, b []string) (rest []string) {
	known := make(map[string]bool, len(b))
	for _, number := range b {
		known[number] = true
	}
	for _, number := range a {
		if !known[number] {
			rest = append(rest, number)
		}
	}
	return rest
}

// alertEvents returns the alert of the numbers, as many of them in one event as
// one may name.
func alertEvents(e Event, c *store.Change, t EventType, numbers []string, message string) (events []Event) {
	_, id, _ := store.ParseShipmentKey(c.Key)
	for i := 0; i < len(numbers); i += ordersPerEvent {
		e.ID, e.Type = fmt.Sprintf("%s@%d:%s", c.Key.Partition, c.New.Version, t), t
		if i > 0 {
			e.ID += fmt.Sprintf(":%d", i/ordersPerEvent)
		}
		e.Alert = &Alert{Code: trackingNotValidated, ShipmentID: id, Numbers: numbers[i:min(i+ordersPerEvent, len(numbers))], Message: message}
		events = append(events, e)
	}
	return events
}
