package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// shipment is a shipment as it was read, or is about to be written: version is
// that of its state, contents that of its contents; 0 = not stored.
type shipment struct {
	supply.Shipment
	version  int64
	contents int64
}

// CreateShipment announces a shipment and answers with its view. It returns
// fault.Invalid naming the field, fault.TooLarge for more than one shipment can
// hold, fault.Conflict when the seller has a shipment of that id or a parcel is
// another shipment's, and fault.Refused for a number that too many share.
func (e *Engine) CreateShipment(ctx context.Context, now time.Time, once Once, r NewShipment) (Answer, error) {
	return e.write(ctx, now, once, func(ctx context.Context) ([]store.Write, Answer, error) {
		announced, err := r.shipment(now)
		if err != nil {
			return nil, Answer{}, err
		}
		if _, err := e.rules(announced.Marketplace, now); err != nil {
			return nil, Answer{}, err
		}
		group := program.GroupOf(announced.Marketplace)
		known, err := e.store.Get(ctx, true, store.StateKey(once.Seller, announced.ID), store.ProgramKey(once.Seller, group.Name))
		if err != nil {
			return nil, Answer{}, fault.Wrap(err, "reading a shipment")
		}
		if known[0].Version != 0 {
			return nil, Answer{}, fault.New(fault.Conflict, "SHIPMENT_EXISTS", "shipmentId %q exists already; choose another, or change that one", announced.ID)
		}
		if err := e.checkNumbers(ctx, once.Seller, &announced, numbersOf(announced.Units)); err != nil {
			return nil, Answer{}, err
		}
		p, err := openProgram(once.Seller, group, &known[1])
		if err != nil {
			return nil, Answer{}, err
		}
		blocked := p.block(&announced)
		if _, err := e.watch(ctx, now, once.Seller, &announced, false); err != nil {
			return nil, Answer{}, err
		}
		writes, answer, err := e.shipmentWrites(ctx, once.Seller, http.StatusCreated, &shipment{Shipment: announced})
		return append(writes, blocked...), answer, err
	})
}

// Shipment returns a shipment as its carriers and the dock last told it, or
// fault.NotFound.
func (e *Engine) Shipment(ctx context.Context, seller supply.SellerID, id string) (ShipmentView, error) {
	s, err := e.readShipment(ctx, seller, id)
	if err != nil {
		return ShipmentView{}, err
	}
	view, err := e.showShipment(ctx, seller, &s)
	if err != nil {
		return ShipmentView{}, err
	}
	return view, e.showNeeds(ctx, seller, &s, &view)
}

// PutTracking replaces the shipment's numbers that are given; every other box
// and number stays. It returns fault.Conflict when the version given is not the
// current one or a parcel is another shipment's, and fault.Refused for a shipment
// that has ended or a number that too many share.
func (e *Engine) PutTracking(ctx context.Context, now time.Time, once Once, id string, r TrackingRequest) (Answer, error) {
	return e.changeShipment(ctx, now, once, id, r.Version, func(ctx context.Context, s *supply.Shipment) (bool, error) {
		t, err := r.tracking()
		if err != nil {
			return false, err
		}
		if err := s.Retrack(t, now); err != nil {
			return false, err
		}
		return true, e.checkNumbers(ctx, once.Seller, s, t.Named())
	})
}

// PutLines replaces the units that were announced. Failures are PutTracking's.
func (e *Engine) PutLines(ctx context.Context, now time.Time, once Once, id string, r LinesRequest) (Answer, error) {
	return e.changeShipment(ctx, now, once, id, r.Version, func(_ context.Context, s *supply.Shipment) (bool, error) {
		lines, err := contents("lines", r.Lines)
		if err != nil {
			return false, err
		}
		return true, s.Relines(lines, now)
	})
}

// CancelShipment ends a shipment: nothing of it is to come. It returns
// fault.Refused for a closed one; cancelling twice is once.
func (e *Engine) CancelShipment(ctx context.Context, now time.Time, once Once, id string) (Answer, error) {
	return e.changeShipment(ctx, now, once, id, nil, func(_ context.Context, s *supply.Shipment) (bool, error) {
		return s.Cancel()
	})
}

// Receive counts in what the dock counted since the last receipt. One receipt
// counts once, however long after it comes again.
func (e *Engine) Receive(ctx context.Context, now time.Time, once Once, id string, r ReceiptRequest) (Answer, error) {
	return e.changeShipment(ctx, now, once, id, nil, func(_ context.Context, s *supply.Shipment) (bool, error) {
		lines, err := contents("lines", r.Lines)
		if err != nil {
			return false, err
		}
		if len(lines) == 0 && !r.Final {
			return false, invalidField("lines is empty; give what was counted in, or final true to close the shipment")
		}
		return s.Receive(once.identity(), lines, r.Final, now.UTC().Truncate(time.Millisecond))
	})
}

// identity names the request beyond the time for which its answer is kept.
func (o Once) identity() uint64 {
	sum := sha256.Sum256(append([]byte(o.Key), o.Hash[:]...))
	return binary.BigEndian.Uint64(sum[:])
}

// changeShipment makes one write of the API to one shipment. expect, when given,
// must be the version that the caller saw.
func (e *Engine) changeShipment(ctx context.Context, now time.Time, once Once, id string, expect *int64,
	change func(context.Context, *supply.Shipment) (changed bool, err error)) (Answer, error) {
	return e.write(ctx, now, once, func(ctx context.Context) ([]store.Write, Answer, error) {
		s, err := e.readShipment(ctx, once.Seller, id)
		if err != nil {
			return nil, Answer{}, err
		}
		if expect != nil && *expect != s.contents {
			return nil, Answer{}, conflict(strconv.FormatInt(s.contents, 10), "version is %d; the shipment's is %d: read it again and decide anew", *expect, s.contents)
		}
		changed, err := change(ctx, &s.Shipment)
		if err != nil {
			return nil, Answer{}, err
		}
		if changed {
			return e.shipmentWrites(ctx, once.Seller, http.StatusOK, &s)
		}
		answer, err := e.answerShipment(ctx, once.Seller, http.StatusOK, &s)
		return nil, answer, err
	})
}

// shipmentWrites returns the writes of a changed shipment, and the answer that
// shows it as it will be.
func (e *Engine) shipmentWrites(ctx context.Context, seller supply.SellerID, status int, s *shipment) ([]store.Write, Answer, error) {
	next := *s
	next.version, next.contents = s.version+1, s.version+1
	state, contents, err := store.ShipmentRecords(seller, &next.Shipment, next.version)
	if err != nil {
		return nil, Answer{}, err
	}
	answer, err := e.answerShipment(ctx, seller, status, &next)
	return []store.Write{{Record: state, Expect: s.version}, {Record: contents, Expect: s.contents}}, answer, err
}

// numbersOf returns the numbers, in normal form.
func numbersOf(units []supply.UnitNews) []string {
	numbers := make([]string, len(units))
	for i := range units {
		numbers[i] = units[i].Number
	}
	return numbers
}

// readShipment reads a shipment by the id that a caller sent, or returns
// fault.NotFound.
func (e *Engine) readShipment(ctx context.Context, seller supply.SellerID, id string) (s shipment, err error) {
	parsed, err := supply.ParseShipmentID("shipmentId", id)
	if err != nil {
		return s, err
	}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return s, err
		}
		records, err := e.store.Get(ctx, true, store.StateKey(seller, parsed), store.ContentsKey(seller, parsed))
		if err != nil {
			return s, fault.Wrap(err, "reading a shipment")
		}
		if records[0].Version == 0 {
			return s, fault.New(fault.NotFound, "SHIPMENT_NOT_FOUND", "there is no shipment %q; announce it with POST /v1/shipments", parsed)
		}
		found, ok, err := store.ReadShipment(&records[0], &records[1])
		if err != nil || ok {
			return shipment{found, records[0].Version, records[1].Version}, err
		}
	}
	return s, fault.New(fault.Transient, "BUSY", "shipment %s changes faster than it can be read", parsed)
}
