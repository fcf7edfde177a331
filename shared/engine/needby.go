package engine

import (
	"context"
	"fmt"
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

// etaNotBuyable is the alert that nothing of a shipment could be bought within 48
// hours of its first ETA.
const etaNotBuyable = "ETA_NOT_BUYABLE"

// lotAlerts are the marks of a lot that become alerts, with what they say.
var lotAlerts = []struct {
	code            string
	marked          func(*supply.Lot) bool
	raised, cleared string // %s is the shipment
}{
	{needByAtRisk, func(l *supply.Lot) bool { return l.Tight },
		"orders may miss their dates: the arrival expected now leaves less than the padding, or nobody knows it; GET /v1/shipments/%s names the day it is needed by",
		"the orders' dates of shipment %s can be kept again, have moved, or wait for other supply"},
	{etaNotBuyable, func(l *supply.Lot) bool { return l.Slow },
		"an arrival of shipment %s was named 48 hours ago, and nothing of it could be bought since; explain says why",
		"shipment %s can be bought, has arrived, or has ended"},
}

// lotAlerts opens an event for each shipment that has a mark from this commit on,
// and for each that no longer has.
func (e *Engine) lotAlerts(ctx context.Context, n *notice, before, after *store.Head) error {
	for _, a := range lotAlerts {
		if err := e.lotAlert(ctx, n, a.code, a.raised, a.cleared, markedLots(before, a.marked), markedLots(after, a.marked)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) lotAlert(ctx context.Context, n *notice, code, raised, cleared string, was, is []uint16) error {
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
			n.alert(AlertRaised, code, lot.Shipment, fmt.Sprintf(raised, lot.Shipment))
		default:
			n.alert(AlertCleared, code, lot.Shipment, fmt.Sprintf(cleared, lot.Shipment))
		}
	}
	return nil
}

// markedLots returns the ordinals of the lots that have the mark.
func markedLots(h *store.Head, marked func(*supply.Lot) bool) (ordinals []uint16) {
	for i := range h.Item.Lots {
		if marked(&h.Item.Lots[i]) {
			ordinals = append(ordinals, h.Item.Lots[i].Ordinal)
		}
	}
	slices.Sort(ordinals)
	return ordinals
}

func (n *notice) alert(t EventType, code string, id supply.ShipmentID, message string) {
	full := func(*Event) int { return ordersPerEvent } // each alert is an event of its own
	n.event(t, full).Alert = &Alert{Code: code, ShipmentID: id, Message: message}
}
