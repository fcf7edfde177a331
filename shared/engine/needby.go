package engine

import (
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// needByAtRisk is the alert that a shipment's arrival endangers promises.
const needByAtRisk = "NEED_BY_AT_RISK"

// showNeeds completes the view of a shipment with the days by which its items
// need it, as they were committed last. Orders are read only of items that have
// sold units on their way. Nobody needs what has ended.
func (e *Engine) showNeeds(ctx context.Context, seller supply.SellerID, s *shipment, view *ShipmentView) error {
	rules, err := e.rules(s.Marketplace, time.Time{})
	if status := s.Status(); err != nil || status == supply.Closed || status == supply.ShipmentCancelled {
		return err
	}
	for lines := range slices.Chunk(view.Lines, walkPage) {
		items := make([]*loaded, len(lines))
		for i := range lines {
			items[i] = &loaded{key: supply.ItemKey{Seller: seller, Marketplace: s.Marketplace, SKU: lines[i].SKU}, rules: rules}
		}
		if err := e.readHeads(ctx, items, true, true); err != nil {
			return err
		}
		for i, l := range items {
			day, atRisk, err := e.needBy(ctx, l, s.ID)
			if err != nil {
				return err
			}
			lines[i].NeedBy, lines[i].NeedByAtRisk = dayView(day), atRisk
			view.NeedByAtRisk = view.NeedByAtRisk || atRisk
			if day.Known() && (view.NeedBy == nil || day < *view.NeedBy) {
				view.NeedBy = lines[i].NeedBy
			}
		}
	}
	return nil
}

// needBy returns the day by which a detailed item needs the shipment, 0 when no
// promise hangs on it, and whether it is at risk.
func (e *Engine) needBy(ctx context.Context, l *loaded, id supply.ShipmentID) (day supply.Day, atRisk bool, err error) {
	sold := slices.ContainsFunc(l.item.Lots, func(lot supply.Lot) bool { return lot.Pegged > 0 })
	if !sold || l.item.Lot(id) == nil {
		return 0, false, nil
	}
	if err := e.readLine(ctx, l); err != nil {
		return 0, false, err
	}
	defer e.release(l)
	l.rules.Now = l.head.At
	day, atRisk = l.item.NeedBy(l.rules, id)
	return day, atRisk, nil
}

// needAlerts opens an event for each shipment whose arrival endangers promises of
// the item from this commit on, and for each that no longer does.
func (e *Engine) needAlerts(ctx context.Context, n *notice, before, after *store.Head) error {
	was, is := tightLots(before), tightLots(after)
	if slices.Equal(was, is) {
		return nil
	}
	records, err := e.store.Get(ctx, true, store.CardKey(n.key))
	if err != nil {
		return fault.Wrap(err, "reading a card")
	}
	card, err := store.ReadCard(&records[0], &supply.Item{})
	if err != nil {
		return err
	}
	for _, lot := range card.Lots { // a lot keeps its ordinal for ever
		switch tight := slices.Contains(is, lot.Ordinal); {
		case tight == slices.Contains(was, lot.Ordinal):
		case tight:
			n.alert(AlertRaised, lot.Shipment, "orders may miss their dates: the arrival expected now leaves less than the padding, or nobody knows it; GET /v1/shipments/"+string(lot.Shipment)+" names the day it is needed by")
		default:
			n.alert(AlertCleared, lot.Shipment, "the orders' dates can be kept again, have moved, or wait for other supply")
		}
	}
	return nil
}

// tightLots returns the ordinals of the lots whose arrival endangers a promise.
func tightLots(h *store.Head) (ordinals []uint16) {
	for i := range h.Item.Lots {
		if h.Item.Lots[i].Tight {
			ordinals = append(ordinals, h.Item.Lots[i].Ordinal)
		}
	}
	slices.Sort(ordinals)
	return ordinals
}

func (n *notice) alert(t EventType, id supply.ShipmentID, message string) {
	full := func(*Event) int { return ordersPerEvent } // each alert is an event of its own
	n.event(t, full).Alert = &Alert{Code: needByAtRisk, ShipmentID: id, Message: message}
}
