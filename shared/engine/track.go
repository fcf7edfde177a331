package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// maxUnitsPerPush is how many transport units one push may touch while the
// provider waits for its answer; a larger one is kept whole and worked off from
// the queue. Source: design section 3, "Webhooks".
const maxUnitsPerPush = 10

// maxNumber bounds a carrier's number in normal form, in bytes.
// Source: SP-API fulfillment inbound 2024-03-20, trackingId.
const maxNumber = 64

// Track makes carriers' reports durable: what they say is part of their units'
// records when it returns. A number that no shipment has registered is kept the
// same way and waits for its shipment. Reports that say nothing new write
// nothing.
//
// It returns fault.Invalid for a report without a usable number,
// fault.TooLarge for more than ten units and fault.Transient for what cannot be
// written now; on the last two the caller keeps the body (Keep) and has it
// worked off later (TrackKept), whatever of it was written already.
func (e *Engine) Track(ctx context.Context, now time.Time, seller supply.SellerID, reports []supply.Report) error {
	units, err := byUnit(reports)
	if err != nil {
		return err
	}
	if len(units) > maxUnitsPerPush {
		return fault.New(fault.TooLarge, "MANY_UNITS", "the push speaks of %d transport units; more than %d are worked off from the queue", len(units), maxUnitsPerPush)
	}
	return e.track(ctx, now, seller, units)
}

// unitReports is what one push says of one unit.
type unitReports struct {
	number  string // in normal form
	reports []supply.Report
}

// byUnit groups reports by their unit, in order of appearance.
func byUnit(reports []supply.Report) ([]unitReports, error) {
	var units []unitReports
	at := make(map[string]int)
	for _, r := range reports {
		number := supply.NormalNumber(r.Number)
		if number == "" || len(number) > maxNumber {
			return nil, invalidField("trackingNumber %q must have 1 to %d characters", supply.Words(r.Number, 80), maxNumber)
		}
		i, known := at[number]
		if !known {
			i = len(units)
			at[number] = i
			units = append(units, unitReports{number: number})
		}
		units[i].reports = append(units[i].reports, r)
	}
	return units, nil
}

// track reads all units at once and writes those that have news, one by one.
func (e *Engine) track(ctx context.Context, now time.Time, seller supply.SellerID, units []unitReports) error {
	keys := make([]store.Key, len(units))
	for i := range units {
		keys[i] = store.UnitKey(seller, units[i].number)
	}
	// An old copy costs a lost race, not a lost report.
	records, err := e.store.Get(ctx, false, keys...)
	if err != nil {
		return fault.Wrap(err, "reading units")
	}
	for i := range units {
		_, err := e.changeUnit(ctx, seller, records[i], func(u supply.Unit) (supply.Unit, bool, error) {
			next, changed := e.apply(ctx, now, u, units[i].reports)
			return next, changed, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// apply tells a unit what was reported of it.
func (e *Engine) apply(ctx context.Context, now time.Time, u supply.Unit, reports []supply.Report) (next supply.Unit, changed bool) {
	next = u
	for _, r := range reports {
		if !supply.SameIssuer(next.Issuer, r.Issuer) {
			e.log.WarnContext(ctx, "report of another carrier than the unit's", "number", next.Number, "carrier", supply.NormalIssuer(r.Issuer), "known", next.Issuer)
			continue
		}
		after, news := next.Apply(r, now.UTC())
		next, changed = after, changed || news
	}
	return next, changed
}

// unit is a transport unit as it is stored; version 0 = it is not.
type unit struct {
	supply.Unit
	version int64
}

// changeUnit commits what change makes of a unit, under the version it was read
// with, and returns the unit as it is stored then. A lost race hands over the
// record that won, and change is asked again. It returns fault.Transient after
// maxAttempts losses.
func (e *Engine) changeUnit(ctx context.Context, seller supply.SellerID, record store.Record,
	change func(supply.Unit) (next supply.Unit, changed bool, err error)) (unit, error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return unit{}, err
		}
		u, err := store.ReadUnit(&record)
		if err != nil {
			return unit{}, err
		}
		next, changed, err := change(u)
		if err != nil || !changed {
			return unit{u, record.Version}, err
		}
		version := record.Version + 1
		current, ok, err := e.store.Put(ctx, store.Write{Record: store.UnitRecord(seller, next, version), Expect: record.Version})
		if err != nil {
			return unit{}, fault.Wrap(err, "writing the unit "+next.Number)
		}
		if ok {
			return unit{next, version}, nil
		}
		record = current
	}
	return unit{}, fault.New(fault.Transient, "BUSY", "a transport unit lost %d races", maxAttempts)
}
