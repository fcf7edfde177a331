package engine

import (
	"cmp"
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// refusal is why a number does not lead to the shipment that registered it; the
// zero why says that it does.
type refusal struct {
	number string // in normal form
	why    supply.LinkRefusal
	holder supply.ShipmentID
}

// holder is a shipment of the same seller that a unit leads to already.
type holder struct {
	id   supply.ShipmentID
	kind supply.UnitKind // what the number is to that shipment
	live bool            // it has not ended
	end  time.Time       // when it ended; zero when nobody knows
}

// holders returns the shipments that a unit leads to, but for self and for those
// that gave the number up: cancelled, replaced, or never its own.
func (e *Engine) holders(ctx context.Context, seller supply.SellerID, self supply.ShipmentID, number string, u *supply.Unit) (all []holder, err error) {
	for _, id := range u.Shipments {
		if id == self {
			continue
		}
		s, err := e.readShipment(ctx, seller, string(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if news := s.Unit(number); news != nil && !s.Cancelled {
			all = append(all, holder{id, news.Kind, !ended(&s.Shipment), s.Latest})
		}
	}
	return all, nil
}

// claim returns the unit as it also leads to the shipment, which must not have
// ended. It is as it was when the shipment may not have it, or has it already.
//
// A parcel belongs to one shipment that has not ended; every other number may be
// shared. What is known of a unit whose shipments were all received is theirs:
// carriers use numbers again.
func (e *Engine) claim(ctx context.Context, seller supply.SellerID, s *supply.Shipment, number supply.Number, u supply.Unit) (next supply.Unit, no refusal, changed bool, err error) {
	no.number = number.Normal
	if u.Linked(s.ID) {
		return u, no, false, nil
	}
	if no.why = supply.OtherCarrier; !s.CarriedBy(u.Issuer) {
		return u, no, false, nil
	}
	others, err := e.holders(ctx, seller, s.ID, number.Normal, &u)
	if err != nil {
		return u, no, false, err
	}
	next = u
	next.Shipments = nil
	for _, o := range others {
		if !o.live {
			continue
		}
		if no.why, no.holder = supply.NumberTaken, o.id; !number.Kind.Shared() || !o.kind.Shared() {
			return u, no, false, nil
		}
		next, _ = next.Link(o.id)
	}
	if len(next.Shipments) == 0 {
		next = begun(s, number.Normal, next, others)
	}
	next.Number = cmp.Or(next.Number, number.Written)
	if next, changed = next.Link(s.ID); !changed {
		no.why = supply.NumberFull
		return u, no, false, nil
	}
	return next, refusal{number: number.Normal}, true, nil
}

// begun returns what is known of a unit that this shipment alone travels under
// from now on, without what is known of an earlier parcel. before are the ended
// shipments that had the number.
//
// An earlier parcel ended when its shipment did: if the unit moves since, that is
// the new one. Else the new one begins with its shipment, since drivers and
// carriers are late with the last scans of the old one. Where no shipment is known
// that had the number, a parcel that ended more than 30 days before this shipment
// was created was another one. Source: reference "state rules" 9.
func begun(s *supply.Shipment, number string, u supply.Unit, before []holder) supply.Unit {
	if len(before) == 0 {
		if long := s.Created.Add(-reuseAfter); terminal[u.Status] && u.StatusAt.Before(long) {
			return u.Restart(long)
		}
		return u
	}
	end := before[0].end
	for _, h := range before {
		if h.end.IsZero() {
			return u.Restart(s.Unit(number).Since)
		}
		if h.end.After(end) {
			end = h.end
		}
	}
	next := u.Restart(end)
	if moves := next.Status != supply.TrackUnknown && !(terminal[next.Status] && next.StatusAt.Before(s.Created)); moves {
		return next
	}
	return next.Restart(s.Created)
}

// reuseAfter is how long after a parcel's end its number is another parcel's.
const reuseAfter = 30 * 24 * time.Hour

// terminal are the statuses that end a parcel.
var terminal = map[supply.TrackStatus]bool{supply.Delivered: true, supply.Returned: true, supply.TrackCancelled: true}

// checkNumbers returns fault.Conflict when a parcel that the shipment names is
// another shipment's, and fault.Refused when a number leads to as many shipments
// as it can. named are the numbers that the caller gave, in normal form.
func (e *Engine) checkNumbers(ctx context.Context, seller supply.SellerID, s *supply.Shipment, named []string) error {
	given := make(map[string]bool, len(named))
	for _, number := range named {
		given[number] = true
	}
	var numbers []supply.Number
	var keys []store.Key
	for _, n := range s.Numbers() {
		if given[n.Normal] {
			numbers = append(numbers, n)
			keys = append(keys, store.UnitKey(seller, n.Normal))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return fault.Wrap(err, "reading units")
	}
	for i := range records {
		u, err := store.ReadUnit(&records[i])
		if err != nil {
			return err
		}
		_, no, _, err := e.claim(ctx, seller, s, numbers[i], u)
		if err != nil {
			return err
		}
		if err := no.fault(numbers[i]); err != nil {
			return err
		}
	}
	return nil
}

// fault returns what the caller of the API is told; nil when the number may be
// registered. Another carrier's number may: the carrier may be mistaken.
func (r refusal) fault(number supply.Number) error {
	switch r.why {
	case supply.NumberTaken:
		err := fault.New(fault.Conflict, r.why.String(), "%s %q is shipment %s's, which has not ended; take it away there first, or give the number of this shipment's own label",
			number.Kind, number.Written, r.holder)
		err.Details = string(r.holder)
		return err
	case supply.NumberFull:
		return fault.New(fault.Refused, r.why.String(), "%s %q leads to %d shipments, as many as can share one; give this shipment another number", number.Kind, number.Written, supply.MaxLinks)
	}
	return nil
}

// linkUnits makes the shipment's numbers lead to it: a unit that a carrier spoke
// of first is linked with all it knows, one that nobody spoke of is stored to
// wait for its first report, and a number that the shipment had before and has
// no longer is let go. It returns the units that are linked now, and of every
// number whether it is. It may be interrupted anywhere and run again.
func (e *Engine) linkUnits(ctx context.Context, seller supply.SellerID, s *supply.Shipment, before []string) (linked []unit, refusals []refusal, err error) {
	var numbers []supply.Number
	if !ended(s) {
		numbers = s.Numbers()
	}
	keys := make([]store.Key, 0, len(numbers)+len(before))
	for i := range numbers {
		keys = append(keys, store.UnitKey(seller, numbers[i].Normal))
	}
	for _, number := range before {
		if s.Unit(number) == nil {
			keys = append(keys, store.UnitKey(seller, number))
		}
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, nil, fault.Wrap(err, "reading units")
	}
	for i := range records {
		var no refusal
		u, err := e.changeUnit(ctx, seller, records[i], func(u supply.Unit) (next supply.Unit, changed bool, err error) {
			if i >= len(numbers) {
				return u.Unlink(s.ID), u.Linked(s.ID), nil
			}
			next, no, changed, err = e.claim(ctx, seller, s, numbers[i], u)
			return next, changed, err
		})
		if err != nil {
			return nil, nil, err
		}
		if i < len(numbers) && u.Linked(s.ID) {
			linked = append(linked, u)
		}
		if no.why != supply.Linkable {
			e.log.WarnContext(ctx, "unit not linked", "why", no.why.String(), "shipment", s.ID, "number", no.number, "holder", no.holder, "carrier", u.Issuer)
		}
		if no.number != "" {
			refusals = append(refusals, no)
		}
	}
	return linked, refusals, nil
}

func ended(s *supply.Shipment) bool {
	status := s.Status()
	return status == supply.Closed || status == supply.ShipmentCancelled
}
