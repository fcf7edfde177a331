package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// maxUnitsPerPush is how many transport units one push may touch while the
// provider waits for its answer; a larger one is kept whole and worked off from
// the queue. Source: design section 3, "Webhooks".
const maxUnitsPerPush = 10

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

// unitReports is what one push says under one number, and the others under which
// the same goods may travel.
type unitReports struct {
	number  string   // in normal form
	also    []string // in normal form, in the order in which they are to be tried
	reports []supply.Report
}

// byUnit groups reports by their number, in order of appearance. It returns
// fault.Invalid for a report without a usable number, beside what can be used.
func byUnit(reports []supply.Report) (units []unitReports, unusable error) {
	at := make(map[string]int)
	for _, r := range reports {
		number, ok := usableNumber(r.Number)
		if !ok {
			unusable = cmp.Or(unusable, invalidField("trackingNumber %q must have 1 to %d characters", supply.Words(r.Number, 80), supply.MaxNumber))
			continue
		}
		i, known := at[number]
		if !known {
			i = len(units)
			at[number] = i
			units = append(units, unitReports{number: number})
		}
		unit := &units[i]
		unit.reports = append(unit.reports, r)
		for _, other := range r.Also {
			if other, ok := usableNumber(other); ok && other != number && !slices.Contains(unit.also, other) {
				unit.also = append(unit.also, other)
			}
		}
	}
	return units, unusable
}

// usableNumber returns a number in normal form, and whether it can be one.
func usableNumber(s string) (normal string, ok bool) {
	normal = supply.NormalNumber(s)
	return normal, normal != "" && len(normal) <= supply.MaxNumber
}

// track reads all units at once and writes those that have news, one by one.
func (e *Engine) track(ctx context.Context, now time.Time, seller supply.SellerID, units []unitReports) error {
	var keys []store.Key
	for i := range units {
		keys = append(keys, store.UnitKey(seller, units[i].number))
		for _, number := range units[i].also {
			keys = append(keys, store.UnitKey(seller, number))
		}
	}
	// An old copy costs a lost race, not a lost report.
	records, err := e.store.Get(ctx, false, keys...)
	if err != nil {
		return fault.Wrap(err, "reading units")
	}
	told, err := destined(units, records)
	if err != nil {
		return err
	}
	for i := range told {
		_, err := e.changeUnit(ctx, seller, told[i].record, func(u supply.Unit) (supply.Unit, bool, error) {
			next, changed := e.apply(ctx, now, u, told[i].reports)
			return next, changed, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// destination is what is written to one unit.
type destination struct {
	record  store.Record // as it was read
	reports []supply.Report
}

// destined returns which units are told what; records are those of the reports'
// numbers, each followed by its others. What is said under several numbers is
// told to the first that a shipment travels under; while none is registered to
// all of them, so that whichever is registered later finds the history.
func destined(units []unitReports, records []store.Record) (all []destination, err error) {
	at := make(map[string]int, len(records))
	for i := range units {
		numbers := append([]string{units[i].number}, units[i].also...)
		ways := records[:len(numbers)]
		records = records[len(numbers):]
		first, last, err := registered(ways)
		if err != nil {
			return nil, err
		}
		for j := first; j < last; j++ {
			to, known := at[numbers[j]]
			if !known {
				to = len(all)
				at[numbers[j]] = to
				all = append(all, destination{record: ways[j]})
			}
			reports := units[i].reports
			if j > 0 {
				reports = under(numbers[j], reports)
			}
			all[to].reports = append(all[to].reports, reports...)
		}
	}
	return all, nil
}

// registered returns the range of the first record that leads to a shipment, or
// of all when none does.
func registered(ways []store.Record) (first, last int, err error) {
	if len(ways) == 1 {
		return 0, 1, nil // the usual push, which need not be read twice
	}
	for i := range ways {
		u, err := store.ReadUnit(&ways[i])
		if err != nil {
			return 0, 0, err
		}
		if len(u.Shipments) > 0 {
			return i, i + 1, nil
		}
	}
	return 0, len(ways), nil
}

// under returns the reports as they are told under another of their numbers. Who
// issued that one they do not say: it may be the next carrier's.
func under(number string, reports []supply.Report) []supply.Report {
	told := slices.Clone(reports)
	for i := range told {
		told[i].Number, told[i].Issuer = number, ""
	}
	return told
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
