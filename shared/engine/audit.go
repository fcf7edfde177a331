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

// ItemAudit is an item's ledger replayed from its first entry, beside what its
// records say.
type ItemAudit struct {
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	Orders      int                  `json:"orders"`
	Entries     int                  `json:"entries"`
	Equal       bool                 `json:"equal"`
	Drift       []Drift              `json:"drift"`
	Edits       []store.Edit         `json:"edits"` // what was changed by hand or repaired, and why
}

// Drift is a counter that does not say what the ledger adds up to.
type Drift struct {
	Counter  string       `json:"counter"`
	Recorded supply.Units `json:"recorded"`
	Replayed supply.Units `json:"replayed"`
}

// AuditPage is a page of an audit; NextToken is absent on the last one.
type AuditPage struct {
	Equal     bool        `json:"equal"`
	Items     []ItemAudit `json:"items"`
	NextToken string      `json:"nextToken,omitzero"`
}

// auditEntries bounds what is replayed for one page; one item is replayed at a
// time, so memory is bounded by the largest item.
const auditEntries = 100_000

// Audit replays the ledgers of a seller's items, ascending by marketplace and
// SKU, and compares. It changes nothing. It returns fault.Invalid for a token
// that no page returned.
func (e *Engine) Audit(ctx context.Context, now time.Time, seller supply.SellerID, marketplaces []supply.MarketplaceID, token string) (AuditPage, error) {
	page := AuditPage{Equal: true, Items: []ItemAudit{}}
	from, err := readPosition(token)
	if err != nil {
		return page, err
	}
	entries, failed := 0, error(nil)
	next, err := e.walk(ctx, now, seller, marketplaces, from, walkMost, func(s seen) (enough bool) {
		r, err := e.replay(ctx, now, s.key)
		if err != nil {
			failed = err
			return true
		}
		a := r.audit()
		page.Items, page.Equal = append(page.Items, a), page.Equal && a.Equal
		entries += a.Entries
		return len(page.Items) == itemPage || entries >= auditEntries
	})
	if failed != nil {
		return page, failed
	}
	page.NextToken = next.token()
	return page, err
}

// Repair makes an item's records say what its ledger adds up to, by a commit of
// its own that keeps what was wrong, and answers with the audit it acted on. It
// returns fault.NotFound for an item nobody listed.
func (e *Engine) Repair(ctx context.Context, now time.Time, once Once, key supply.ItemKey) (Answer, error) {
	var before ItemAudit
	show := func(seen) any { return before }
	return e.writeItem(ctx, now, once, key, supply.CauseRepair, show, func(l *loaded) error {
		if !l.item.Listed {
			return unknownItem(key)
		}
		r, err := e.replay(ctx, now, key)
		if err != nil {
			return err
		}
		before = r.audit()
		if before.Equal {
			return nil
		}
		for _, d := range before.Drift {
			l.edited(d.Counter, d.Recorded, d.Replayed, "audit")
		}
		l.item.Stock = r.stock()
		l.item.Sweep(l.rules)
		before.Edits = l.card.Edits
		return nil
	})
}

// replayed is an item with a line folded anew from all its entries.
type replayed struct {
	record  *store.Record // the head as it is stored
	head    *store.Head
	card    *store.Card
	item    *supply.Item
	rules   supply.Rules
	entries int
}

// replay reads an item's records, at one version of them, and folds its line
// anew, whatever is cached.
func (e *Engine) replay(ctx context.Context, now time.Time, key supply.ItemKey) (*replayed, error) {
	rules, err := e.rules(key.Marketplace, now)
	if err != nil {
		return nil, err
	}
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return nil, err
		}
		records, err := e.store.Get(ctx, true, store.HeadKey(key), store.CardKey(key))
		if err != nil {
			return nil, fault.Wrap(err, "reading an item")
		}
		r := &replayed{record: &records[0], rules: rules}
		if r.head, err = store.ReadHead(key, r.record); err != nil {
			return nil, err
		}
		if r.head.Card != records[1].Version {
			continue
		}
		if r.card, err = store.ReadCard(&records[1], r.head.Item); err != nil {
			return nil, err
		}
		entries, err := e.entriesSince(ctx, key, r.head, 0)
		if fault.Is(err, fault.Transient) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r.fold(entries)
		return r, nil
	}
	return nil, fault.New(fault.Transient, "BUSY", "item %s changes faster than it can be replayed", key.SKU)
}

func (r *replayed) fold(entries []at) {
	r.item, r.entries = r.head.Item, len(entries)
	r.item.Line = supply.NewLine()
	r.item.Line.Gone = r.head.Gone
	for i := range entries {
		r.item.Line.Apply(entries[i].frame.At, entries[i].seq, &entries[i].entry)
	}
	sortLots(r.item.Lots)
}

// stock is what was counted in and adjusted, less what left.
func (r *replayed) stock() supply.Units {
	stock := r.card.Received + r.card.Adjusted - r.item.Line.ShippedUnits()
	for i := range r.item.Lots {
		stock += r.item.Lots[i].Received
	}
	return stock
}

// swept reports whether pegs must be what a new pegging gives. They may lag
// behind the clock until a sweep has looked at the item.
func (r *replayed) swept() bool {
	return r.head.DueHour == 0 || r.head.DueHour > r.head.At.Unix()/3600
}

// audit compares every counter of the records with what the ledger adds up to.
func (r *replayed) audit() ItemAudit {
	it := r.item
	a := ItemAudit{Marketplace: it.Key.Marketplace, SKU: it.Key.SKU, Orders: it.Line.Len(), Entries: r.entries, Drift: []Drift{}, Edits: r.card.Edits}
	compare := func(counter string, recorded, replayed supply.Units) {
		if recorded != replayed {
			a.Drift = append(a.Drift, Drift{counter, recorded, replayed})
		}
	}
	stored := func(name string) supply.Units { return supply.Units(r.record.Attr(name).Int) }

	compare("stock", stored("stock"), r.stock())
	it.Stock = r.stock()
	compare("pending", stored("pending"), it.Line.Pending())
	compare("fulfillable", stored("fulfillable"), it.Fulfillable())
	short := it.Short
	if r.swept() {
		var pegged []supply.Units
		pegged, short = it.Repegged(r.rules)
		for i := range it.Lots {
			compare(fmt.Sprintf("pegged to %s", it.Lots[i].Shipment), it.Lots[i].Pegged, pegged[i])
			it.Lots[i].Pegged = pegged[i]
		}
	}
	compare("shortfall", stored("short"), short)
	compare("reservedFutureSupply", stored("rfs"), r.waiting()-short)
	compare("futureSupplyBuyable", stored("fsb"), it.FutureSupplyBuyable())
	inbound := r.inbound()
	compare("working", stored("working"), inbound.Working)
	compare("shipped", stored("shipped"), inbound.Shipped)
	compare("receiving", stored("receiving"), inbound.Receiving)
	a.Equal = len(a.Drift) == 0
	return a
}

// waiting is what open orders wait for.
func (r *replayed) waiting() (units supply.Units) {
	r.item.Line.Orders(func(o *supply.Order) bool {
		units += o.Waiting()
		return true
	})
	return units
}

// inbound is what the lots' facts say is on its way.
func (r *replayed) inbound() (in supply.Inbound) {
	fresh := *r.item
	fresh.Lots = slices.Clone(fresh.Lots)
	fresh.Line = supply.Totals(r.item.Line.Next, r.item.Line.Pending(), 0)
	fresh.Until = time.Unix(0, 1)
	fresh.Advance(r.rules)
	return fresh.Inbound
}
