package engine

import (
	"context"
	"time"

	"headstart/shared/program"
	"headstart/shared/supply"
)

// previewLots is how many inbound shipment lines a page of a preview shows, or a
// few more: those of its last item.
const previewLots = 100

// PreviewProgram returns what a pause or a reactivation of the region's group would
// do to what is on its way, computed by the functions that would do it, page by
// page. A pause touches no shipment that exists: it blocks those that are created
// from its cut-off on.
func (e *Engine) PreviewProgram(ctx context.Context, now time.Time, seller supply.SellerID, region string, action program.Action, token string) (PreviewView, error) {
	_, group, err := program.ParseRegion(region)
	if err != nil {
		return PreviewView{}, err
	}
	s, err := e.readProgram(ctx, seller, group)
	if err != nil {
		return PreviewView{}, err
	}
	s.Advance(now)
	v := PreviewView{Action: action.String(), Status: s.Status.String(), Touched: []PreviewShipment{}, Kept: []PreviewShipment{}}
	var steps []step
	if action == program.Pause {
		v.CutOff = instantView(s.CutOffAt(now.UTC().Truncate(time.Second)))
	} else {
		steps = append(steps, reopened)
	}
	return v, e.previewItems(ctx, now, seller, group, steps, token, &v)
}

func (e *Engine) previewItems(ctx context.Context, now time.Time, seller supply.SellerID, group program.Group, steps []step, token string, v *PreviewView) error {
	from, err := readPosition(token)
	if err != nil {
		return err
	}
	var marketplaces []supply.MarketplaceID
	for _, r := range group.Regions {
		if _, served := e.calendar(r.Marketplace); served {
			marketplaces = append(marketplaces, r.Marketplace)
		}
	}
	var keys []supply.ItemKey
	var created []map[supply.ShipmentID]time.Time
	lots := 0
	next, err := e.walk(ctx, now, seller, marketplaces, from, walkPage*20, func(s seen) bool {
		if found := onTheWay(s.item); len(found) > 0 {
			keys, created, lots = append(keys, s.key), append(created, found), lots+len(found)
		}
		return lots >= previewLots
	})
	if err != nil {
		return err
	}
	for i, key := range keys {
		if err := e.previewItem(ctx, now, key, created[i], steps, v); err != nil {
			return err
		}
	}
	v.NextToken = next.token()
	return nil
}

// onTheWay returns the shipments that are for sale, reserved or blocked, and when
// they were created.
func onTheWay(it *supply.Item) map[supply.ShipmentID]time.Time {
	found := make(map[supply.ShipmentID]time.Time)
	for i := range it.Lots {
		if l := &it.Lots[i]; l.Buyable() > 0 || l.Pegged > 0 || l.Code == supply.ProgramPaused {
			found[l.Shipment] = l.Created
		}
	}
	return found
}

func (e *Engine) previewItem(ctx context.Context, now time.Time, key supply.ItemKey, created map[supply.ShipmentID]time.Time, steps []step, v *PreviewView) error {
	supposed, err := e.suppose(ctx, now, key, steps)
	if err != nil {
		return err
	}
	after := make(map[supply.ShipmentID]supply.Units, len(supposed.After.Lots))
	for _, l := range supposed.After.Lots {
		after[l.Shipment] = l.Buyable
	}
	for _, l := range supposed.Before.Lots {
		at, shows := created[l.Shipment]
		if !shows {
			continue
		}
		shown := PreviewShipment{l.Shipment, key.Marketplace, key.SKU, at, l.Reserved, l.Buyable, after[l.Shipment]}
		if shown.After != shown.Buyable {
			v.Touched = append(v.Touched, shown)
		} else {
			v.Kept = append(v.Kept, shown)
		}
	}
	v.Orders += supposed.MovedOrders + supposed.KeptOrders + supposed.ShortOrders
	return nil
}

// reopened supposes that the programme blocks none of the item's lots.
func reopened(l *loaded) error {
	for i := range l.item.Lots {
		l.item.Lots[i].Trouble &^= supply.TroublePaused
	}
	l.item.Sweep(l.rules)
	return nil
}
