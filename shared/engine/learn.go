package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/promise"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// watch begins to follow a shipment for its lane, or asks its lane anew after
// something was heard. It reports whether that changed anything.
func (e *Engine) watch(ctx context.Context, now time.Time, seller supply.SellerID, s *supply.Shipment, heard bool) (changed bool, err error) {
	r, err := e.rules(s.Marketplace, now)
	if err != nil || !r.Policy.Learnt {
		return false, err
	}
	w, eta := &s.Watch, supply.ArrivalDay(s.ETA(r.Policy.OnCarriage), r.Policy, r.Calendar)
	first := w.Since.IsZero()
	dated := w.Dated.IsZero() && eta.Known() && s.Arrived().IsZero()
	if !first && !dated && !heard {
		return false, nil
	}
	l, err := e.openLessons(ctx, seller, s)
	if err != nil {
		return false, err
	}
	if first {
		w.Since = r.Now.Truncate(time.Second)
	}
	if !eta.Known() {
		eta = r.Today()
	}
	w.Outlook = l.foretell(r, s, eta)
	if dated {
		begin(r, w, eta)
	}
	return true, nil
}

// begin notes what was promised of a shipment whose arrival is named for the
// first time.
func begin(r supply.Rules, w *supply.Watch, eta supply.Day) {
	c := r.Policy.Confidence
	entered := promise.Watch(int(r.Today() - eta))
	w.Dated, w.ETA, w.Entered, w.Taught = r.Now.Truncate(time.Second), eta, entered.Entered, entered.Taught
	w.Padding, w.Candidate = w.Outlook.Padding, w.Outlook.Padding <= c.MaxPadding
	w.Again = r.Calendar.Start(r.Today() + 1)
}

// lessonSize is how many shipments teach at once. Each brings its state, up to
// three nodes, two switches and a vendor, of which many share some: a store writes
// at most 100 records as one.
const lessonSize = 14

// learn lets lanes learn from shipments that are late, have arrived or are counted
// in: what they teach and that they have taught it is written as one, so that
// nothing is learnt twice. It returns how many had something to teach.
func (e *Engine) learn(ctx context.Context, now time.Time, seller supply.SellerID, ids []supply.ShipmentID) (taught int, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return 0, err
		}
		writes, err := e.lesson(ctx, now, seller, ids)
		if err != nil || len(writes) == 0 {
			return 0, err
		}
		ok, err := e.store.PutAll(ctx, writes)
		if err != nil && !fault.Is(err, fault.Transient) {
			return 0, fault.Wrap(err, "writing what lanes have shown")
		}
		if ok {
			return len(ids), nil
		}
	}
	return 0, fault.New(fault.Transient, "BUSY", "the lanes of seller %s: lost %d races", seller, maxAttempts)
}

// lesson returns what is to be written after the shipments have taught.
func (e *Engine) lesson(ctx context.Context, now time.Time, seller supply.SellerID, ids []supply.ShipmentID) (writes []store.Write, err error) {
	var class []shipment
	var plain []*supply.Shipment
	for _, id := range ids {
		s, err := e.readShipment(ctx, seller, string(id))
		if err != nil {
			return nil, err
		}
		if s.Teaches(now) {
			class = append(class, s)
		}
	}
	for i := range class {
		plain = append(plain, &class[i].Shipment)
	}
	if len(class) == 0 {
		return nil, nil
	}
	l, err := e.openLessons(ctx, seller, plain...)
	if err != nil {
		return nil, err
	}
	for i := range class {
		state, err := l.teach(now, &class[i])
		if err != nil {
			return nil, err
		}
		writes = append(writes, store.Write{Record: state, Expect: class[i].version})
	}
	seen := map[string]bool{}
	for _, s := range plain {
		var fresh []string
		for _, name := range namesOf(s) {
			if !seen[name] {
				seen[name] = true
				fresh = append(fresh, name)
			}
		}
		writes = append(writes, l.writes(fresh)...)
	}
	return writes, nil
}

// teach lets a shipment teach what it can by now, and returns its state.
func (l *lessons) teach(now time.Time, s *shipment) (store.Record, error) {
	r, err := l.engine.rules(s.Marketplace, now)
	if err != nil {
		return store.Record{}, err
	}
	w, before := &s.Watch, s.Watch.Outlook
	if !w.Dated.IsZero() && !w.Arrived {
		l.lateness(r, &s.Shipment)
	}
	if s.LinesClosed() && !w.Counted {
		l.count(&s.Shipment)
	}
	w.Again = r.Calendar.Start(r.Today() + 1)
	eta := supply.ArrivalDay(s.ETA(r.Policy.OnCarriage), r.Policy, r.Calendar)
	told := false // an overdue lot sells nothing, whatever its lane says
	if eta >= r.Today() && eta.Known() && s.Arrived().IsZero() && r.Policy.Learnt {
		w.Outlook = l.foretell(r, &s.Shipment, eta)
		told = w.Outlook.Differs(&before, r.Policy.Confidence)
	}
	return store.TaughtRecord(l.seller, &s.Shipment, s.version+1, s.contents, told)
}

// lateness teaches the days that a shipment has not arrived on, or has.
func (l *lessons) lateness(r supply.Rules, s *supply.Shipment) {
	w, arrived := &s.Watch, s.Arrived()
	yesterday := int(r.Today() - 1 - w.ETA)
	if arrived.IsZero() && yesterday < 0 {
		return // the day of arrival will tell of these days at once
	}
	lane := l.pupils(s)
	learner := promise.Learner{Entered: w.Entered, Taught: w.Taught}
	if arrived.IsZero() {
		learner.Survive(lane, yesterday)
	} else {
		late := int(r.Calendar.Day(arrived) - w.ETA)
		learner.Arrive(lane, late)
		l.decide(s, late > w.Padding)
		w.Arrived = true
	}
	if yesterday >= w.Padding {
		l.decide(s, true)
	}
	if yesterday >= promise.Never { // nothing is left to learn from it
		w.Arrived = true
	}
	w.Entered, w.Taught = learner.Entered, learner.Taught
}

// decide counts, once, whether a date that looked sure enough was broken.
func (l *lessons) decide(s *supply.Shipment, broke bool) {
	w := &s.Watch
	if w.Decided || !w.Candidate {
		return
	}
	w.Decided = true
	for _, name := range []string{s.LaneNames()[0], everything} {
		l.switches[switchPrefix+name].Resolve(broke)
		l.touched[switchPrefix+name] = true
	}
}

// count teaches how much of each announced line came. What is lost on the way is
// short as well: a buyer waits for it all the same.
func (l *lessons) count(s *supply.Shipment) {
	received := make(map[supply.SKU]supply.Units, len(s.Received))
	for _, c := range s.Received {
		received[c.SKU] = c.Units
	}
	name := receiptPrefix + s.VendorName()
	for _, line := range s.Lines {
		l.receipts[name].Count(int64(received[line.SKU]), int64(line.Units))
	}
	s.Watch.Counted, l.touched[name] = true, true
}
