package api

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"net/url"

	"headstart/shared/engine"
	"headstart/shared/supply"
)

// itemAdvice is what the page of one item's advice shows.
type itemAdvice struct {
	Advice    engine.AdviceView
	Stock     string // path of the item's own page
	At        string
	Numbers   []shownNumber
	Charts    []*chart
	StockOuts []shownSpan
}

// shownNumber is one number with what it is made of.
type shownNumber struct{ Name, Value, Source string }

// shownSpan is a span of time as people read it.
type shownSpan struct{ From, To string }

func (v itemAdvice) title() string { return string(v.Advice.SKU) }

func (a *api) itemPage(ctx context.Context, c *call) (any, error) {
	key, err := c.itemKey()
	if err != nil {
		return nil, err
	}
	v, err := a.engine.Advice(ctx, c.now, key)
	if err != nil {
		return nil, err
	}
	shown := itemAdvice{Advice: v, Stock: itemPath("/items/", v.Marketplace, v.SKU), At: v.At.Format(pageTime), Numbers: numbersOf(&v),
		Charts: []*chart{weeksChart(&v), monthsChart(&v), promisesChart(&v)}}
	if len(v.Calibration) > 0 {
		shown.Charts = append(shown.Charts, calibrationChart(&v))
	}
	for _, s := range v.StockOuts {
		span := shownSpan{s.Start.Format(pageTime), "now"}
		if s.End != nil {
			span.To = s.End.Format(pageTime)
		}
		shown.StockOuts = append(shown.StockOuts, span)
	}
	return shown, drawAll(shown.Charts)
}

func numbersOf(v *engine.AdviceView) []shownNumber {
	cover := shownNumber{"Weeks of cover", "not known", "less than a week of sales to judge by"}
	if c := v.Cover; c != nil {
		cover.Value = fmt.Sprint(*v.WeeksOfCover)
		cover.Source = fmt.Sprintf("%d on hand, %d on their way, %g a day; 4 to 8 are wise", c.Fulfillable, c.Inbound, c.UnitsPerDay)
	}
	days := shownNumber{"Days from shipment to sale", "not known", "no unit of a shipment is sold yet"}
	if v.MedianDays != nil {
		days.Value, days.Source = fmt.Sprint(*v.MedianDays), "median of units, from the shipment's announcement to the order"
	}
	kept := shownNumber{"Promises kept", "not known", "no promised date has come yet"}
	if p := v.Promises; p.Rate != nil {
		kept.Value = fmt.Sprintf("%.1f %%", 100**p.Rate)
		kept.Source = fmt.Sprintf("%d of %d orders, %d of them late and still open", p.Kept, p.Resolved, p.Overdue)
	}
	early := shownNumber{"Sold before arrival", "0", "units, in the months below"}
	var sum int64
	for _, m := range v.Months {
		sum += int64(m.BeforeArrival)
	}
	early.Value = fmt.Sprint(sum)
	return []shownNumber{cover, days, kept, early}
}

func weeksChart(v *engine.AdviceView) *chart {
	c := &chart{ID: "weeks", Title: "Units sold per week", First: "week from",
		About:  "Units ordered less units cancelled, and the days on which a buyer could buy: the velocity is made of both.",
		Series: []series{{Name: "units"}, {Name: "days for sale", told: true}}}
	for _, w := range v.Weeks {
		c.Names = append(c.Names, w.Monday.Date().Format("02 Jan"))
		c.Series[0].Values = append(c.Series[0].Values, float64(max(0, w.Sold)))
		c.Series[1].Values = append(c.Series[1].Values, w.DaysForSale)
	}
	return c
}

func monthsChart(v *engine.AdviceView) *chart {
	c := &chart{ID: "months", Title: "Units sold before they arrived", First: "month",
		About:  "What was on hand when it was ordered, beside what was still on its way.",
		Series: []series{{Name: "on hand"}, {Name: "before arrival"}}}
	for _, m := range v.Months {
		c.Names = append(c.Names, m.Month)
		c.Series[0].Values = append(c.Series[0].Values, float64(m.Sold-m.BeforeArrival))
		c.Series[1].Values = append(c.Series[1].Values, float64(m.BeforeArrival))
	}
	return c
}

func promisesChart(v *engine.AdviceView) *chart {
	c := &chart{ID: "promises", Title: "Promised dates", First: "days late",
		About: "Orders by how many days after their first promised date they were complete."}
	if v.Promises.Resolved == 0 {
		return c
	}
	counts := []float64{float64(v.Promises.Kept)}
	c.Names = []string{"kept"}
	for i, l := range v.Promises.Late {
		name := fmt.Sprint(l.Days)
		if i+1 == len(v.Promises.Late) {
			name += "+"
		} else if to := v.Promises.Late[i+1].Days - 1; to > l.Days {
			name += fmt.Sprintf("–%d", to)
		}
		c.Names, counts = append(c.Names, name), append(counts, float64(l.Count))
	}
	c.Names, counts = append(c.Names, "open"), append(counts, float64(v.Promises.Overdue))
	c.Series = []series{{Name: "orders", Values: counts}}
	return c
}

func calibrationChart(v *engine.AdviceView) *chart {
	c := &chart{ID: "calibration", Title: "How sure, and how often kept", First: "said to be sure",
		About:  "Of promises that were said to be 80 % sure, 80 % should be kept; percentages.",
		Series: []series{{Name: "said"}, {Name: "kept"}}}
	for _, k := range v.Calibration {
		c.Names = append(c.Names, fmt.Sprintf("%g–%g %%", percent(k.From), percent(k.To)))
		c.Series[0].Values = append(c.Series[0].Values, percent(k.Stated))
		c.Series[1].Values = append(c.Series[1].Values, percent(k.Rate))
	}
	return c
}

// percent returns a share in per cent, with one decimal.
func percent(share float64) float64 { return math.Round(share*1000) / 10 }

// listPage is what the list of advice shows.
type listPage struct {
	Items []listedItem
	Next  template.URL // the query of the next page; "" on the last
}

// listedItem is an item of the list with the path of its own page.
type listedItem struct {
	engine.AdvisedItem
	Path string
}

func (a *api) advicePage(ctx context.Context, c *call) (any, error) {
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return nil, err
	}
	query := c.URL.Query()
	found, err := a.engine.AdvisedItems(ctx, c.now, c.seller, marketplaces, query.Get("nextToken"))
	var shown listPage
	for _, item := range found.Items {
		shown.Items = append(shown.Items, listedItem{item, itemPath("/advice/", item.Marketplace, item.SKU)})
	}
	shown.Next = nextPage(query, found.NextToken)
	return shown, err
}

// nextPage returns the query of the next page of a list; "" on the last.
func nextPage(query url.Values, token string) template.URL {
	if token == "" {
		return ""
	}
	query.Set("nextToken", token)
	return template.URL(query.Encode())
}

// itemPath returns the path of an item's page below another.
func itemPath(below string, m supply.MarketplaceID, sku supply.SKU) string {
	return below + string(m) + "/" + url.PathEscape(string(sku))
}
