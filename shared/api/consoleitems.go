package api

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"headstart/shared/engine"
	"headstart/shared/program"
	"headstart/shared/supply"
)

const (
	itemsPath   = "/items"
	consoleItem = itemsPath + "/{marketplace}/{sku}"
)

// itemList is what the list of items shows.
type itemList struct {
	Marketplaces []choice
	Statuses     []choice
	SKU          string // what the listed SKUs begin with
	Items        []listedStock
	Next         template.URL // the query of the next page; "" on the last
}

// choice is one option of a filter.
type choice struct {
	Value, Name string
	Chosen      bool
}

// listedStock is an item of the list.
type listedStock struct {
	*engine.ItemView
	Path, Place, Name string
}

// InboundUnits returns all that is on its way.
func (l listedStock) InboundUnits() supply.Units {
	return l.Inbound.Working + l.Inbound.Shipped + l.Inbound.Receiving
}

// maxListedName bounds a name in the list, in characters, so that a page of names
// stays small.
const maxListedName = 60

func (a *api) itemsPage(ctx context.Context, c *call) (any, error) {
	marketplaces, err := a.marketplaces(c)
	if err != nil {
		return nil, err
	}
	query := c.URL.Query()
	status, err := itemStatus(query.Get("status"))
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimSpace(query.Get("sku"))
	if prefix != "" {
		if _, err := supply.ParseSKU("sku", prefix); err != nil {
			return nil, err
		}
	}
	found, err := a.engine.FindItems(ctx, c.now, c.seller, marketplaces, status, prefix, query.Get("nextToken"))
	if err != nil {
		return nil, err
	}
	shown := itemList{SKU: prefix, Marketplaces: a.marketplaceChoices(query.Get("marketplace")), Next: nextPage(query, found.NextToken)}
	for _, s := range []engine.ItemStatus{engine.AllItems, engine.ActiveItems, engine.InactiveItems} {
		shown.Statuses = append(shown.Statuses, choice{string(s), string(s), s == status})
	}
	for i := range found.Items {
		item := &found.Items[i]
		shown.Items = append(shown.Items, listedStock{item, itemPath("/items/", item.Marketplace, item.SKU), placeName(item.Marketplace), shortened(item.ProductName, maxListedName)})
	}
	return shown, nil
}

func (a *api) marketplaceChoices(chosen string) []choice {
	all := []choice{{"", "all", chosen == ""}}
	for _, m := range a.options.Marketplaces {
		all = append(all, choice{string(m), placeName(m), string(m) == chosen})
	}
	return all
}

// placeName returns the code of a marketplace's country, or its id where no region
// has it.
func placeName(m supply.MarketplaceID) string {
	for _, r := range program.GroupOf(m).Regions {
		if r.Marketplace == m {
			return r.Code
		}
	}
	return string(m)
}

// shortened cuts a text to so many characters.
func shortened(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}

// stockView is what the page of one item shows.
type stockView struct {
	Item     engine.ItemView
	Place    string
	Path     string // of this page
	Advice   string // path of its advice
	Numbers  []shownNumber
	Controls []shownNumber
	Lots     []engine.LotView
	Timeline []engine.TimelineEntry // newest first
	Charts   []*chart
}

func (v stockView) title() string { return string(v.Item.SKU) }

func (a *api) stockPage(ctx context.Context, c *call) (any, error) {
	key, err := c.itemKey()
	if err != nil {
		return nil, err
	}
	item, err := a.engine.Item(ctx, c.now, key)
	if err != nil {
		return nil, err
	}
	timeline, err := a.engine.Timeline(ctx, c.now, key)
	if err != nil {
		return nil, err
	}
	v := stockView{Item: item, Place: placeName(key.Marketplace), Path: itemPath("/items/", key.Marketplace, key.SKU),
		Advice: itemPath("/advice/", key.Marketplace, key.SKU), Numbers: stockNumbers(&item.Numbers), Controls: stockControls(&item),
		Lots: item.Lots, Charts: []*chart{lotsChart(item.Lots), timelineChart(timeline.Timeline)}}
	for _, entry := range slices.Backward(timeline.Timeline) {
		v.Timeline = append(v.Timeline, entry)
	}
	return v, drawAll(v.Charts)
}

// drawAll draws the charts that have something to show.
func drawAll(all []*chart) error {
	for _, c := range all {
		if len(c.Names) == 0 {
			continue
		}
		if err := c.draw(); err != nil {
			return err
		}
	}
	return nil
}

func stockNumbers(n *engine.Numbers) []shownNumber {
	in := n.Inbound
	all := []shownNumber{
		{"Available", fmt.Sprint(n.Fulfillable), "on hand and free to sell"},
		{"Future Supply Buyable", fmt.Sprint(n.FutureSupplyBuyable), "on the way, sure enough, and free to sell"},
		{"Reserved Future Supply", fmt.Sprint(n.ReservedFutureSupply), "on the way, and bought"},
		{"Inbound", fmt.Sprint(in.Working + in.Shipped + in.Receiving), fmt.Sprintf("%d working, %d shipped, %d receiving", in.Working, in.Shipped, in.Receiving)},
		{"Pending customer order", fmt.Sprint(n.PendingCustomerOrder), "on hand, and given to open orders"},
	}
	for _, seldom := range []struct {
		units supply.Units
		name  string
		what  string
	}{
		{n.Shortfall, "Shortfall", "bought, and no supply covers it"},
		{n.AtRisk, "At risk", "bought, and no longer sure"},
		{n.Unfulfillable, "Unfulfillable", "on hand, not fit to sell"},
		{n.Researching, "Researching", "being looked for"},
	} {
		if seldom.units > 0 {
			all = append(all, shownNumber{seldom.name, fmt.Sprint(seldom.units), seldom.what})
		}
	}
	return all
}

func stockControls(v *engine.ItemView) []shownNumber {
	most, withheld := "none", "no"
	if v.MaxUnitsPerOrder != nil {
		most = fmt.Sprint(*v.MaxUnitsPerOrder)
	}
	if v.Withheld {
		withheld = "yes"
	}
	return []shownNumber{
		{"Fulfilment channel", v.FulfillmentChannel, ""},
		{"Safety buffer", fmt.Sprint(v.SafetyBuffer), "units of the latest lots that are not sold"},
		{"Most units per order", most, ""},
		{"Withheld", withheld, "by you, from being sold before it arrives"},
	}
}

// lotsChart shows the open lots by the day on which their units can be had.
func lotsChart(lots []engine.LotView) *chart {
	c := &chart{ID: "lots-by-day", Title: "Units by in-stock date", First: "in stock",
		About:  "Units of the shipments on their way, by the day on which they can be had.",
		Series: []series{{Name: "reserved"}, {Name: "buyable"}, {Name: "expected", told: true}}}
	for i := range lots {
		l := &lots[i]
		if l.InStockDate == nil {
			continue
		}
		name := l.InStockDate.Date().Format(pageDay)
		at := slices.Index(c.Names, name)
		if at < 0 {
			at = len(c.Names)
			c.Names = append(c.Names, name)
			for s := range c.Series {
				c.Series[s].Values = append(c.Series[s].Values, 0)
			}
		}
		for s, units := range []supply.Units{l.Reserved, l.Buyable, l.Expected} {
			c.Series[s].Values[at] += float64(units)
		}
	}
	return c
}

// timelineMost is how many changes the chart of a timeline shows; its list has
// them all.
const timelineMost = 24

func timelineChart(entries []engine.TimelineEntry) *chart {
	c := &chart{ID: "over-time", Title: "Future Supply Buyable over time", First: "since",
		About:  "Units for sale before their arrival, each time that selling began or stopped, or the reason changed.",
		Series: []series{{Name: "future supply buyable"}}}
	for _, e := range entries[max(0, len(entries)-timelineMost):] {
		c.Names = append(c.Names, e.At.UTC().Format("02 Jan 15:04"))
		c.Series[0].Values = append(c.Series[0].Values, float64(e.FutureSupplyBuyable))
	}
	return c
}

// orderList is what the page of an item's orders shows.
type orderList struct {
	SKU    supply.SKU
	Place  string
	Path   string // of the item's page
	Orders []engine.OrderView
	Next   template.URL // the query of the next page; "" on the last
}

func (v orderList) title() string { return "Orders of " + string(v.SKU) }

func (a *api) ordersPage(ctx context.Context, c *call) (any, error) {
	key, err := c.itemKey()
	if err != nil {
		return nil, err
	}
	query := c.URL.Query()
	found, err := a.engine.OrdersOf(ctx, c.now, key, query.Get("nextToken"))
	if err != nil {
		return nil, err
	}
	return orderList{SKU: key.SKU, Place: placeName(key.Marketplace), Path: itemPath("/items/", key.Marketplace, key.SKU),
		Orders: found.Orders, Next: nextPage(query, found.NextToken)}, nil
}
