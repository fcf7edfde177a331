package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// A pause leaves a mark for each shipment that it blocks, written with the
// shipment; so a reactivation finds them without looking at all shipments.

// block sees to it that a shipment which is about to be announced is blocked where
// the programme says so. It returns the writes that go with the shipment's: the
// mark, and the condition that the programme is still the one that was read. A
// cut-off is known three days before it counts, so that one which does not block
// needs no condition.
func (p *switched) block(s *supply.Shipment) []store.Write {
	if !p.Blocks(s.Created) {
		return nil
	}
	s.Blocked = true
	mark := store.Record{Key: store.BlockedKey(p.seller, p.group.Name, s.ID), Version: 1, Attrs: []store.Attr{store.Int("created", s.Created.UnixMilli())}}
	return []store.Write{
		{Record: mark, Expect: store.Anyhow},
		{Record: store.Record{Key: store.ProgramKey(p.seller, p.group.Name)}, Expect: p.version, Check: true},
	}
}

// openBlocked opens every shipment that the programme blocks no more, each with
// its mark in one transaction, and then tells the programme that none is left. It
// may be stopped at any moment and begun anew: what is open has no mark.
func (e *Engine) openBlocked(ctx context.Context, now time.Time, seller supply.SellerID, group program.Group) error {
	s, err := e.readProgram(ctx, seller, group)
	if err != nil || !s.Opening {
		return err
	}
	query := store.BlockedQuery(seller, group.Name, "", 0)
	for {
		page, next, err := e.store.List(ctx, query)
		if err != nil {
			return fault.Wrap(err, "listing blocked shipments")
		}
		for i := range page {
			if s.Blocks(time.UnixMilli(page[i].Attr("created").Int)) {
				continue // by a later pause
			}
			if err := e.openOne(ctx, seller, &page[i]); err != nil {
				return err
			}
		}
		if query.Next = next; next == "" {
			break
		}
	}
	_, err = e.changeProgram(ctx, seller, group, func(s *switched) bool { return s.Opened(now.UTC().Truncate(time.Second)) })
	return err
}

func (e *Engine) openOne(ctx context.Context, seller supply.SellerID, mark *store.Record) error {
	id, ok := store.ParseBlockedKey(mark.Key)
	if !ok {
		return fault.New(fault.Internal, "CORRUPT_RECORD", "a mark under %q %q", mark.Key.Partition, mark.Key.Sort)
	}
	unmark := store.Write{Record: store.Record{Key: mark.Key}, Expect: store.Anyhow, Delete: true}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		s, err := e.readShipment(ctx, seller, string(id))
		if err != nil {
			return err
		}
		writes := []store.Write{unmark}
		if s.Blocked {
			s.Blocked = false
			state, err := store.OpenedRecord(seller, &s.Shipment, s.version+1, s.contents)
			if err != nil {
				return err
			}
			writes = append(writes, store.Write{Record: state, Expect: s.version})
		}
		ok, err := e.store.PutAll(ctx, writes)
		if err != nil && !fault.Is(err, fault.Transient) {
			return fault.Wrap(err, "opening a blocked shipment")
		}
		if ok && err == nil {
			return nil
		}
	}
	return fault.New(fault.Transient, "BUSY", "shipment %s: lost %d races", id, maxAttempts)
}
