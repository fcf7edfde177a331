package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// DefaultCondition is what an item is in when its seller did not say.
// Source: SP-API fbaInventory v1, InventorySummary.condition.
const DefaultCondition = "NewItem"

// Listing is all that a seller says of an item; what is left out is back at its
// default.
type Listing struct {
	Controls    supply.Controls
	ASIN        string
	FnSKU       string
	ProductName string
	Condition   string
	Version     *int64 // of the item that the seller saw; nil replaces any
}

// PutItem lists an item, or replaces what its seller said of it, and answers
// with the item. It returns fault.Conflict, with the current version as details,
// when the item is not the one the seller saw.
func (e *Engine) PutItem(ctx context.Context, now time.Time, once Once, key supply.ItemKey, p Listing) (Answer, error) {
	return e.writeItem(ctx, now, once, key, supply.CauseControls, itemView, func(l *loaded) error {
		if p.Version != nil && *p.Version != l.card.Version {
			return conflict(strconv.FormatInt(l.card.Version, 10), "version is %d, the item's is %d; read it again", *p.Version, l.card.Version)
		}
		l.item.Control(l.rules, p.Controls)
		l.card.ASIN, l.card.FnSKU, l.card.ProductName, l.card.Condition = p.ASIN, p.FnSKU, p.ProductName, p.Condition
		return nil
	})
}

// Adjustment sets an item's units to what somebody counted. A nil number, and a
// kind or span that is not named, stays as it is.
type Adjustment struct {
	Fulfillable   *supply.Units
	ChangeFrom    *supply.Units           // the fulfillable units the counter saw; nil changes from any
	Unfulfillable map[string]supply.Units // by UnfulfillableKinds
	Researching   map[string]supply.Units // by ResearchingSpans
	Reason        string
}

// Adjust sets an item's units, keeps why, and answers with the item. Waiting
// orders take what becomes free at once, so the answer may show less. It returns
// fault.NotFound for an item nobody listed and fault.Conflict, with the current
// units as details, when the fulfillable units are not those the counter saw.
func (e *Engine) Adjust(ctx context.Context, now time.Time, once Once, key supply.ItemKey, a Adjustment) (Answer, error) {
	return e.writeItem(ctx, now, once, key, supply.CauseAdjustment, itemView, func(l *loaded) error {
		if !l.item.Listed {
			return unknownItem(key)
		}
		current := l.item.Fulfillable()
		if a.ChangeFrom != nil && *a.ChangeFrom != current {
			return conflict(fmt.Sprint(current), "changeFromQuantity is %d, the item has %d fulfillable units; count again", *a.ChangeFrom, current)
		}
		if a.Fulfillable != nil {
			before := l.item.Stock
			l.item.Adjust(l.rules, *a.Fulfillable)
			l.card.Adjusted += l.item.Stock - before
			l.edited("fulfillableQuantity", current, *a.Fulfillable, a.Reason)
		}
		l.recount(&l.card.Unfulfillable, a.Unfulfillable, a.Reason)
		l.recount(&l.card.Researching, a.Researching, a.Reason)
		return nil
	})
}

// recount replaces the units of the kinds that were counted.
func (l *loaded) recount(known *map[string]supply.Units, counted map[string]supply.Units, reason string) {
	next := maps.Clone(*known)
	if next == nil {
		next = make(map[string]supply.Units, len(counted))
	}
	for _, kind := range slices.Sorted(maps.Keys(counted)) {
		l.edited(kind, next[kind], counted[kind], reason)
		next[kind] = counted[kind]
	}
	*known = next
}

// maxEdits bounds what an item keeps of the changes made to it by hand: they are
// written again with every change of its supply.
const maxEdits = 20

// edited keeps who changed a number by hand, and why.
func (l *loaded) edited(what string, from, to supply.Units, reason string) {
	edit := store.Edit{At: l.rules.Now, What: fmt.Sprintf("%s %d -> %d", what, from, to), Reason: reason}
	l.card.Edits = append(l.card.Edits, edit)
	l.card.Edits = l.card.Edits[max(0, len(l.card.Edits)-maxEdits):]
}

func conflict(current, format string, args ...any) error {
	err := fault.New(fault.Conflict, "CONFLICT", format, args...)
	err.Details = current
	return err
}

// writeItem makes one write of the API to one item: change is applied to the
// item as it is at now and committed, with its card, together with the answer
// that show makes of it.
func (e *Engine) writeItem(ctx context.Context, now time.Time, once Once, key supply.ItemKey, cause supply.Cause,
	show func(seen) any, change func(*loaded) error) (Answer, error) {
	return e.write(ctx, now, once, func(ctx context.Context) ([]store.Write, Answer, error) {
		l, err := e.loadOne(ctx, now, true, true, key)
		if err != nil {
			return nil, Answer{}, err
		}
		// Whether the commit succeeds is not known here, so the line goes back to
		// the cache as it was read; its next reader catches up.
		defer func() { e.release(l) }()
		s := l.advance()
		if err := change(l); err != nil {
			return nil, Answer{}, err
		}
		writes, err := e.itemWrites(ctx, l, cause, "")
		if err != nil {
			return nil, Answer{}, err
		}
		s.changed = now.Truncate(time.Second).UTC()
		answer, err := answerWith(show(s))
		return writes, answer, err
	})
}

func itemView(s seen) any { return s.view() }

// Item returns an item as it is at now, or fault.NotFound when nobody listed it.
func (e *Engine) Item(ctx context.Context, now time.Time, key supply.ItemKey) (v ItemView, err error) {
	err = e.look(ctx, now, []supply.ItemKey{key}, func(s seen) error {
		if !s.item.Listed {
			return unknownItem(key)
		}
		v = s.view()
		return nil
	})
	return v, err
}

// ItemStatus says which items are listed.
type ItemStatus string

// The statuses. An active item is one that a buyer can buy now, from what is on
// hand or from what is on its way.
const (
	AllItems      ItemStatus = "all"
	ActiveItems   ItemStatus = "active"
	InactiveItems ItemStatus = "inactive"
)

// ItemPage is a page of items; NextToken is absent on the last one.
type ItemPage struct {
	Items     []ItemView `json:"items"`
	NextToken string     `json:"nextToken,omitzero"`
}

const (
	itemPage = 50  // rows of a page; Amazon's page of summaries
	walkMost = 500 // items looked at for one page, so that a rare status is not paid for in one call
)

// Items returns a page of a seller's items, ascending by marketplace and SKU. A
// page may be short, even empty, and still have a successor. It returns
// fault.Invalid for a token that no page returned.
func (e *Engine) Items(ctx context.Context, now time.Time, seller supply.SellerID, marketplaces []supply.MarketplaceID,
	status ItemStatus, token string) (page ItemPage, err error) {
	return e.FindItems(ctx, now, seller, marketplaces, status, "", token)
}

// FindItems is Items of the SKUs that begin with the prefix; no others are read.
func (e *Engine) FindItems(ctx context.Context, now time.Time, seller supply.SellerID, marketplaces []supply.MarketplaceID,
	status ItemStatus, prefix, token string) (page ItemPage, err error) {
	from, err := readPosition(token)
	if err != nil {
		return page, err
	}
	from.prefix = prefix
	next, err := e.walk(ctx, now, seller, marketplaces, from, walkMost, func(s seen) bool {
		if status == AllItems || s.active() == (status == ActiveItems) {
			page.Items = append(page.Items, s.view())
		}
		return len(page.Items) == itemPage
	})
	page.NextToken = next.token()
	return page, err
}

// token returns the position as a caller carries it; "" at the end. It names no
// seller: that is always who asks.
func (p position) token() string {
	if p.marketplace == "" {
		return ""
	}
	return store.EncodeCursor(string(p.marketplace), string(p.sku))
}

func readPosition(token string) (position, error) {
	if token == "" {
		return position{}, nil
	}
	parts, err := store.DecodeCursor(token, 2)
	if err != nil {
		return position{}, badToken()
	}
	marketplace, err := supply.ParseMarketplaceID("nextToken", parts[0])
	if err != nil {
		return position{}, badToken()
	}
	sku, err := supply.ParseSKU("nextToken", parts[1])
	if err != nil {
		return position{}, badToken()
	}
	return position{marketplace: marketplace, sku: sku}, nil
}

func badToken() error {
	return fault.New(fault.Invalid, "INVALID_INPUT", "nextToken is not one that a page returned; leave it out to begin anew")
}
