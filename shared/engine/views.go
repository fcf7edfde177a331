package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// ItemView is an item as it is at one instant. The names are Amazon's where
// Amazon has one.
type ItemView struct {
	Seller             supply.SellerID      `json:"sellerId"`
	Marketplace        supply.MarketplaceID `json:"marketplace"`
	SKU                supply.SKU           `json:"sku"`
	ASIN               string               `json:"asin"`
	FnSKU              string               `json:"fnSku"`
	ProductName        string               `json:"productName"`
	Condition          string               `json:"condition"`
	FulfillmentChannel string               `json:"fulfillmentChannel"`
	SafetyBuffer       supply.Units         `json:"safetyBuffer"`
	MaxUnitsPerOrder   *supply.Units        `json:"maxUnitsPerOrder"`
	Withheld           bool                 `json:"withheld"`
	Numbers
	Unfulfillable map[string]supply.Units `json:"unfulfillable"`
	Researching   map[string]supply.Units `json:"researching"`
	Offer         OfferView               `json:"offer"`
	Lots          []LotView               `json:"lots"`
	Verdict       VerdictView             `json:"verdict"`
	Version       int64                   `json:"version"` // changes with supply and controls, not with orders
	LastUpdated   time.Time               `json:"lastUpdatedTime"`
}

// Numbers are an item's units.
type Numbers struct {
	Fulfillable          supply.Units `json:"fulfillableQuantity"`
	PendingCustomerOrder supply.Units `json:"pendingCustomerOrderQuantity"`
	ReservedFutureSupply supply.Units `json:"reservedFutureSupplyQuantity"`
	FutureSupplyBuyable  supply.Units `json:"futureSupplyBuyableQuantity"`
	Shortfall            supply.Units `json:"shortfallQuantity"`
	AtRisk               supply.Units `json:"atRiskQuantity"`
	Inbound              InboundView  `json:"inbound"`
	Unfulfillable        supply.Units `json:"unfulfillableQuantity"`
	Researching          supply.Units `json:"researchingQuantity"`
	Warehouse            supply.Units `json:"warehouseQuantity"` // fulfillable, unfulfillable and pending
	Total                supply.Units `json:"totalQuantity"`     // warehouse and inbound; future supply is inbound already
}

// InboundView is what is on its way, by how far it has come.
type InboundView struct {
	Working   supply.Units `json:"working"`
	Shipped   supply.Units `json:"shipped"`
	Receiving supply.Units `json:"receiving"`
}

// OfferView is what a buyer's search would find.
type OfferView struct {
	Status      string      `json:"status"` // ACTIVE or INACTIVE
	InStockDate *supply.Day `json:"inStockDate"`
}

// LotView is one inbound shipment line of an item.
type LotView struct {
	Shipment    supply.ShipmentID `json:"shipmentId"`
	Status      string            `json:"status"`
	Expected    supply.Units      `json:"expected"`
	Exposable   supply.Units      `json:"exposable"`
	Reserved    supply.Units      `json:"reserved"`
	Buyable     supply.Units      `json:"buyable"`
	ETA         *WindowView       `json:"eta"`
	InStockDate *supply.Day       `json:"inStockDate"`
	Confidence  *ConfidenceView   `json:"confidence"` // nil while nothing is learnt, or with a fixed padding
	Verdict     VerdictView       `json:"verdict"`
}

// ConfidenceView is how sure a lot's date and units are: the factors, and their
// product.
type ConfidenceView struct {
	Score    float64         `json:"score"`
	Exposure supply.Exposure `json:"exposure"` // HIDDEN, NO_DATE or DATED
	Lane     string          `json:"lane"`
	Padding  int             `json:"paddingDays"`
	Withheld supply.Units    `json:"withheld"`
	Factors  []FactorView    `json:"factors"`
}

// FactorView is one factor, as a probability.
type FactorView struct {
	Name         string     `json:"name"`
	Value        float64    `json:"value"`
	Needed       *float64   `json:"needed"` // nil: it only lowers the score
	Evidence     string     `json:"evidence"`
	NextChangeAt *time.Time `json:"nextChangeAt"`
}

func confidenceView(l *supply.Lot, r supply.Rules) *ConfidenceView {
	factors := l.Factors(r)
	if len(factors) == 0 || l.Code.Over() {
		return nil
	}
	v := ConfidenceView{Score: 1, Exposure: l.Exposure(r), Lane: l.Outlook.Lane, Padding: l.Padding, Withheld: l.Withheld(r.Policy)}
	for _, f := range factors {
		one := FactorView{Name: f.Name, Value: probability(f.Value), Evidence: f.Evidence, NextChangeAt: instantView(f.Changes)}
		if f.Needed > 0 {
			needed := probability(f.Needed)
			one.Needed = &needed
		}
		v.Factors = append(v.Factors, one)
		v.Score *= one.Value
	}
	v.Score = math.Round(v.Score*1e4) / 1e4
	return &v
}

func probability(s supply.Share) float64 { return float64(s) / float64(supply.Whole) }

// WindowView is a span of arrival, UTC.
type WindowView struct {
	From      *time.Time `json:"from"`
	To        time.Time  `json:"to"`
	Kind      string     `json:"kind"`      // where: DELIVERY, AVAILABLE, ARRIVAL_INLAND or ARRIVAL_PORT
	Precision string     `json:"precision"` // INSTANT, WINDOW or DATE: a named day, in whatever zone
}

// VerdictView is why something is, or is not, sold before it arrives.
type VerdictView struct {
	Code         string     `json:"code"`
	Evidence     string     `json:"evidence"`
	NextChangeAt *time.Time `json:"nextChangeAt"`
}

// The names of the breakdowns, in Amazon's order.
// Source: SP-API fbaInventory v1, UnfulfillableQuantity and ResearchingQuantityEntry.
var (
	UnfulfillableKinds = []string{"customerDamagedQuantity", "warehouseDamagedQuantity", "distributorDamagedQuantity",
		"carrierDamagedQuantity", "defectiveQuantity", "expiredQuantity"}
	ResearchingSpans = []string{"researchingQuantityInShortTerm", "researchingQuantityInMidTerm", "researchingQuantityInLongTerm"}
)

// seen is an item as it is at the instant of a reading.
type seen struct {
	*loaded
	changed time.Time // the latest instant at which it changed, by a commit or by the clock
}

// look shows items as they are at now and commits nothing: what the clock alone
// has changed is evaluated, an item nobody listed is shown unlisted. Orders are
// read only where the clock has changed something they may have a part in;
// elsewhere the head's totals of them do, so that a look costs a head and a
// card. visit must not keep what it is shown.
func (e *Engine) look(ctx context.Context, now time.Time, keys []supply.ItemKey, visit func(seen) error) error {
	items := make([]*loaded, len(keys))
	for i, key := range keys {
		rules, err := e.rules(key.Marketplace, now)
		if err != nil {
			return err
		}
		items[i] = &loaded{key: key, rules: rules}
	}
	if err := e.readHeads(ctx, items, true, true); err != nil {
		return err
	}
	defer func() { e.release(items...) }()
	for _, l := range items {
		if l.item.Due(now) {
			if err := e.readLine(ctx, l); err != nil {
				return err
			}
		}
		if err := visit(l.advance()); err != nil {
			return err
		}
	}
	return nil
}

// advance brings a detailed item to now. Its lots stand as its card lists them,
// which is how they stood when the card was written.
func (l *loaded) advance() seen {
	s := seen{l, l.head.At}
	sortLots(l.item.Lots)
	if l.item.Due(l.rules.Now) && l.item.Until.After(s.changed) {
		s.changed = l.item.Until
	}
	l.item.Advance(l.rules)
	return s
}

func sortLots(lots []supply.Lot) {
	slices.SortFunc(lots, func(a, b supply.Lot) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Ordinal, b.Ordinal))
	})
}

func unknownItem(key supply.ItemKey) error {
	return fault.New(fault.NotFound, "NOT_FOUND", "no item has the SKU %q in marketplace %s; PUT it, or announce a shipment of it", key.SKU, key.Marketplace)
}

func (s seen) numbers() Numbers {
	it := s.item
	n := Numbers{
		Fulfillable: it.Fulfillable(), PendingCustomerOrder: it.Line.Pending(),
		ReservedFutureSupply: it.ReservedFutureSupply(), FutureSupplyBuyable: it.FutureSupplyBuyable(),
		Shortfall: it.Short, AtRisk: it.AtRisk(),
		Inbound:       InboundView(it.Inbound),
		Unfulfillable: sum(s.card.Unfulfillable), Researching: sum(s.card.Researching),
	}
	n.Warehouse = n.Fulfillable + n.Unfulfillable + n.PendingCustomerOrder
	n.Total = n.Warehouse + it.Inbound.Total()
	return n
}

func sum(breakdown map[string]supply.Units) (total supply.Units) {
	for _, n := range breakdown {
		total += n
	}
	return total
}

// breakdown returns the units of every name, also where there are none.
func breakdown(names []string, known map[string]supply.Units) map[string]supply.Units {
	all := make(map[string]supply.Units, len(names))
	for _, name := range names {
		all[name] = known[name]
	}
	return all
}

func (s seen) view() ItemView {
	it, card := s.item, s.card
	v := ItemView{
		Seller: s.key.Seller, Marketplace: s.key.Marketplace, SKU: s.key.SKU,
		ASIN: card.ASIN, FnSKU: card.FnSKU, ProductName: card.ProductName, Condition: cmp.Or(card.Condition, DefaultCondition),
		FulfillmentChannel: it.Controls.Channel.String(), SafetyBuffer: it.Controls.SafetyBuffer, Withheld: it.Controls.Withheld,
		Numbers:       s.numbers(),
		Unfulfillable: breakdown(UnfulfillableKinds, card.Unfulfillable), Researching: breakdown(ResearchingSpans, card.Researching),
		Offer: s.offer(), Lots: s.lots(), Verdict: verdictView(it.Verdict(s.rules)),
		Version: card.Version, LastUpdated: s.changed,
	}
	if it.Controls.MaxUnitsPerOrder > 0 {
		v.MaxUnitsPerOrder = &it.Controls.MaxUnitsPerOrder
	}
	return v
}

func (s seen) offer() OfferView {
	if !s.active() {
		return OfferView{Status: "INACTIVE"}
	}
	return OfferView{Status: "ACTIVE", InStockDate: dayView(s.item.InStockDate())}
}

// active reports whether a buyer can buy the item now, from whatever supply.
func (s seen) active() bool {
	return s.item.Listed && (s.item.Fulfillable() > 0 || s.item.FutureSupplyBuyable() > 0)
}

// lots returns the view of every lot. Units that left before they were counted
// in are taken out of the earliest lots, as pegging does, so that what is
// reserved adds up to the item's.
func (s seen) lots() []LotView {
	it := s.item
	views := make([]LotView, len(it.Lots))
	ahead := max(0, it.Line.Pending()-it.Stock)
	for i := range it.Lots {
		l := &it.Lots[i]
		cut := min(ahead, l.Pegged)
		ahead -= cut
		views[i] = LotView{Shipment: l.Shipment, Status: l.Status.String(), Expected: l.Expected(), Exposable: l.Exposable,
			Reserved: l.Pegged - cut, Buyable: l.Buyable(), ETA: windowView(l.ETA), Confidence: confidenceView(l, s.rules), Verdict: verdictView(l.Verdict(s.rules))}
		if !l.Code.Over() {
			views[i].InStockDate = dayView(l.Day)
		}
	}
	return views
}

func windowView(w supply.Window) *WindowView {
	if !w.Known() {
		return nil
	}
	return &WindowView{From: instantView(w.From), To: w.To.UTC(), Kind: w.Kind.String(), Precision: precision(w)}
}

// precision says how exactly an arrival was named.
// Source: reference "normalised event", section 3.1.
func precision(w supply.Window) string {
	switch {
	case w.DateOnly:
		return "DATE"
	case w.From.Equal(w.To):
		return "INSTANT"
	}
	return "WINDOW"
}

func verdictView(v supply.Verdict) VerdictView {
	return VerdictView{Code: v.Code.String(), Evidence: v.Evidence, NextChangeAt: instantView(v.NextChange)}
}

// dayView and instantView are null where nothing is known.
func dayView(d supply.Day) *supply.Day {
	if !d.Known() {
		return nil
	}
	return &d
}

func instantView(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// answerWith returns the answer 200 that shows v.
func answerWith(v any) (Answer, error) {
	body, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return Answer{}, fault.As(fault.Internal, err, "encoding an answer")
	}
	return Answer{Status: 200, Body: body}, nil
}

// position is where a walk over a seller's items goes on: behind this item.
type position struct {
	marketplace supply.MarketplaceID
	sku         supply.SKU
	prefix      string // only SKUs that begin so are walked
}

// walkPage is how many items a walk reads at once.
const walkPage = 50

// walk visits a seller's listed items as they are at now, ascending by
// marketplace and SKU, from behind the position on, until visit has enough or
// about most were looked at. It returns where to go on; the zero position means
// that none is left. Its order is the items' own, so that writes between two
// walks neither hide nor repeat an item. It returns fault.Invalid for a
// marketplace that is not served.
func (e *Engine) walk(ctx context.Context, now time.Time, seller supply.SellerID, marketplaces []supply.MarketplaceID,
	from position, most int, visit func(seen) (enough bool)) (position, error) {
	marketplaces = slices.Sorted(slices.Values(marketplaces))
	for i, m := range marketplaces {
		if _, err := e.rules(m, now); err != nil {
			return position{}, err
		}
		if m < from.marketplace {
			continue
		}
		if m > from.marketplace {
			from = position{marketplace: m, prefix: from.prefix}
		}
		end, err := e.walkOne(ctx, now, seller, &from, &most, visit)
		if err != nil {
			return position{}, err
		}
		if !end || most <= 0 && i < len(marketplaces)-1 {
			return from, nil
		}
	}
	return position{}, nil
}

// walkOne walks the items of the position's marketplace and moves the position;
// end means that none of them is left.
func (e *Engine) walkOne(ctx context.Context, now time.Time, seller supply.SellerID, from *position, most *int, visit func(seen) (enough bool)) (end bool, err error) {
	for !end {
		var keys []supply.ItemKey
		if keys, end, err = e.listItems(ctx, seller, *from); err != nil {
			return false, err
		}
		enough := false
		err = e.look(ctx, now, keys, func(s seen) error {
			if !enough {
				from.sku = s.key.SKU
				enough = s.item.Listed && visit(s)
			}
			return nil
		})
		if err != nil {
			return false, err
		}
		*most -= len(keys)
		if enough || *most <= 0 {
			*most = 0
			return end && from.sku == keys[len(keys)-1].SKU, nil
		}
	}
	return true, nil
}

// listItems returns the next items of the position's marketplace; end means that
// no other follows them.
func (e *Engine) listItems(ctx context.Context, seller supply.SellerID, from position) (keys []supply.ItemKey, end bool, err error) {
	query := store.Query{Index: store.ByOwner, Partition: store.Owner(seller, from.marketplace), From: string(from.sku), Prefix: from.prefix, Limit: walkPage}
	for {
		page, next, err := e.store.List(ctx, query)
		if err != nil {
			return nil, false, fault.Wrap(err, "listing items")
		}
		for i := range page {
			keys = append(keys, supply.ItemKey{Seller: seller, Marketplace: from.marketplace, SKU: supply.SKU(page[i].OwnerSort)})
		}
		if query.Next = next; next == "" || len(keys) > 0 {
			return keys, next == "", nil
		}
	}
}
