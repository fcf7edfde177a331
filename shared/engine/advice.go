package engine

import (
	"context"
	"time"

	"headstart/shared/advice"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// AdviceView is what an item's past says to its seller. Of an item that sold
// nothing yet it says little; what is not known is null.
type AdviceView struct {
	Marketplace  supply.MarketplaceID `json:"marketplace"`
	SKU          supply.SKU           `json:"sku"`
	ProductName  string               `json:"productName"`
	At           time.Time            `json:"at"`
	Advisories   []AdvisoryView       `json:"advisories"`
	WeeksOfCover *float64             `json:"weeksOfCover"`
	Cover        *CoverView           `json:"cover"`                   // what weeksOfCover is made of
	MedianDays   *int                 `json:"medianDaysShippedToSold"` // from the shipment's announcement to the order, over units
	Months       []MonthView          `json:"soldBeforeArrival"`
	Weeks        []WeekView           `json:"weeks"`
	StockOuts    []StockOutView       `json:"stockOuts"` // of the last 90 days
	Promises     PromisesView         `json:"promisesKept"`
	Calibration  []CalibrationView    `json:"calibration"` // of promises of which it was said how sure they are
}

// AdvisoryView is one piece of advice with what it rests on.
type AdvisoryView struct {
	Code     string             `json:"code"`
	Evidence string             `json:"evidence"`
	Numbers  map[string]float64 `json:"numbers"`
}

// CoverView is what the weeks of cover are made of: units that can still be sold,
// and the velocity per day on which a buyer could buy, of the last 13 weeks.
type CoverView struct {
	Fulfillable supply.Units `json:"fulfillableQuantity"`
	Inbound     supply.Units `json:"inboundQuantity"` // with a date, and not sold yet
	Sold        supply.Units `json:"soldQuantity"`
	DaysForSale float64      `json:"daysForSale"`
	UnitsPerDay float64      `json:"unitsPerDay"`
}

// MonthView is what was sold in one calendar month of the marketplace.
type MonthView struct {
	Month         string       `json:"month"`
	Sold          supply.Units `json:"sold"`
	BeforeArrival supply.Units `json:"soldBeforeArrival"`
	Cancelled     supply.Units `json:"cancelledBeforeArrival"` // in this month, while they were on their way
}

// WeekView is what was sold, less what was cancelled, in a week from Monday on.
type WeekView struct {
	Monday      supply.Day `json:"monday"`
	Sold        int64      `json:"sold"`
	DaysForSale float64    `json:"daysForSale"`
}

// StockOutView is a time with nothing on hand; End is null while it goes on.
type StockOutView struct {
	Start time.Time  `json:"start"`
	End   *time.Time `json:"end"`
}

// PromisesView is how many orders of units on their way were complete on their
// first promised date. Overdue ones are open and late already; they are among the
// resolved.
type PromisesView struct {
	Kept     uint32     `json:"kept"`
	Resolved uint32     `json:"resolved"`
	Overdue  uint32     `json:"overdue"`
	Rate     *float64   `json:"rate"`
	Late     []LateView `json:"late"`
}

// LateView counts promises that were kept so many days too late, or more, up to
// the next row's.
type LateView struct {
	Days  int    `json:"days"`
	Count uint32 `json:"count"`
}

// CalibrationView compares how sure promises were said to be with how many were
// kept.
type CalibrationView struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	Stated   float64 `json:"stated"` // on average
	Resolved uint32  `json:"resolved"`
	Kept     uint32  `json:"kept"`
	Rate     float64 `json:"rate"`
}

// Advice returns what an item's past says at now. It returns fault.NotFound for an
// item nobody listed.
func (e *Engine) Advice(ctx context.Context, now time.Time, key supply.ItemKey) (v AdviceView, err error) {
	l, err := e.loadOne(ctx, now, true, true, key)
	if err != nil {
		return v, err
	}
	defer e.release(l)
	if !l.item.Listed {
		return v, unknownItem(key)
	}
	records, err := e.store.Get(ctx, true, store.HistoryKey(key))
	if err != nil {
		return v, fault.Wrap(err, "reading a history")
	}
	l.advance()
	h, stock := e.readHistory(ctx, &records[0]), advice.StockOf(l.item)
	v = AdviceView{Marketplace: key.Marketplace, SKU: key.SKU, ProductName: l.card.ProductName, At: l.rules.Now,
		Advisories: advisories(h.Advise(l.rules, stock)),
		Months:     months(h), Weeks: weeks(h, l.rules), StockOuts: stockOuts(h.StockOuts(now)),
		Promises: promises(&h.Promises, l.overdue()), Calibration: calibration(&h.Promises)}
	if c, known := h.Cover(l.rules, stock); known {
		weeks, perDay, days := c.Shown()
		v.WeeksOfCover, v.Cover = &weeks, &CoverView{c.OnHand, c.Inbound, c.Sold, days, perDay}
	}
	if days, known := h.MedianDays(); known {
		v.MedianDays = &days
	}
	return v, nil
}

// overdue counts the open orders whose promise is broken already.
func (l *loaded) overdue() (n uint32) {
	l.item.Line.Orders(func(o *supply.Order) bool {
		if advice.Broken(o, l.rules.Today()) {
			n++
		}
		return true
	})
	return n
}

func advisories(all []advice.Advisory) []AdvisoryView {
	views := make([]AdvisoryView, len(all))
	for i, a := range all {
		views[i] = AdvisoryView{string(a.Code), a.Evidence, a.Numbers}
	}
	return views
}

func months(h *advice.History) []MonthView {
	views := make([]MonthView, len(h.Months))
	for i := range h.Months {
		m := &h.Months[i]
		views[i] = MonthView{m.Name(), m.Sold, m.BeforeArrival, m.Cancelled}
	}
	return views
}

func weeks(h *advice.History, r supply.Rules) []WeekView {
	views := []WeekView{}
	for _, w := range h.Span(r.Today()) {
		views = append(views, WeekView{w.Monday(), w.Sold, h.DaysForSale(&w, r)})
	}
	return views
}

func stockOuts(spells []advice.Spell) []StockOutView {
	views := make([]StockOutView, len(spells))
	for i, s := range spells {
		views[i] = StockOutView{s.Start, instantView(s.End)}
	}
	return views
}

func promises(p *advice.Promises, overdue uint32) PromisesView {
	v := PromisesView{Kept: p.Kept, Resolved: p.Resolved() + overdue, Overdue: overdue, Late: []LateView{}}
	for i, days := range advice.LateFrom() {
		v.Late = append(v.Late, LateView{days, p.Late[i]})
	}
	if rate, known := advice.Rate(v.Kept, v.Resolved); known {
		v.Rate = &rate
	}
	return v
}

func calibration(p *advice.Promises) []CalibrationView {
	views := []CalibrationView{}
	for i := range p.Stated {
		s := &p.Stated[i]
		rate, known := advice.Rate(s.Kept, s.Resolved)
		if !known {
			continue
		}
		to := 1000
		if i+1 < len(advice.StatedFrom) {
			to = advice.StatedFrom[i+1]
		}
		views = append(views, CalibrationView{float64(advice.StatedFrom[i]) / 1000, float64(to) / 1000, s.Mean(), s.Resolved, s.Kept, rate})
	}
	return views
}

// AdvisedItem is an item that something should be done about.
type AdvisedItem struct {
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	ProductName string               `json:"productName"`
	Advisories  []AdvisoryView       `json:"advisories"`
}

// AdvicePage is a page of items with advice; NextToken is absent on the last one.
type AdvicePage struct {
	Items     []AdvisedItem `json:"items"`
	NextToken string        `json:"nextToken,omitzero"`
}

// advicePage is how many items are looked at for one page: with their histories
// some 250 read units.
const advicePage = 250

// AdvisedItems returns a page of the seller's items with advice, ascending by
// marketplace and SKU. A page may be short, even empty, and still have a
// successor. It returns fault.Invalid for a token that no page returned.
func (e *Engine) AdvisedItems(ctx context.Context, now time.Time, seller supply.SellerID, marketplaces []supply.MarketplaceID, token string) (AdvicePage, error) {
	page := AdvicePage{Items: []AdvisedItem{}}
	from, err := readPosition(token)
	if err != nil {
		return page, err
	}
	var rules []supply.Rules
	var stocks []advice.Stock
	var keys []store.Key
	next, err := e.walk(ctx, now, seller, marketplaces, from, advicePage, func(s seen) bool {
		page.Items = append(page.Items, AdvisedItem{Marketplace: s.key.Marketplace, SKU: s.key.SKU, ProductName: s.card.ProductName})
		rules, stocks, keys = append(rules, s.rules), append(stocks, advice.StockOf(s.item)), append(keys, store.HistoryKey(s.key))
		return len(keys) == advicePage
	})
	if err != nil {
		return page, err
	}
	records, err := e.store.Get(ctx, false, keys...)
	if err != nil {
		return page, fault.Wrap(err, "reading histories")
	}
	advised := page.Items[:0]
	for i, item := range page.Items {
		if all := e.readHistory(ctx, &records[i]).Advise(rules[i], stocks[i]); len(all) > 0 {
			item.Advisories = advisories(all)
			advised = append(advised, item)
		}
	}
	page.Items, page.NextToken = advised, next.token()
	return page, nil
}
