package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// OrderView is what one item says of an order. An order whose lines stand or
// fall together has one date, the latest of them, and is released when all of
// them are.
type OrderView struct {
	OrderID       supply.OrderID `json:"orderId"`
	Status        OrderStatus    `json:"status"`
	Units         supply.Units   `json:"units"`
	Reason        *string        `json:"reason"`
	Released      bool           `json:"released"`  // every unit is on hand, or has left
	OrderType     string         `json:"orderType"` // BackOrder or StandardOrder
	FirstPromised *supply.Day    `json:"firstPromised"`
	Promised      *supply.Day    `json:"promised"` // null while nobody can know it, and when the order has ended without leaving
	DeliveryDate  *supply.Day    `json:"deliveryDate"`
	Actual        *supply.Day    `json:"actual"` // the day on which the last unit was on hand
	Pegs          []PegView      `json:"pegs"`
	Revision      uint32         `json:"revision"`
	ShippedUnits  supply.Units   `json:"shippedUnits"`
	Allocated     supply.Units   `json:"allocated"` // units given from what was on hand, shipped ones included
	HoldUntil     *time.Time     `json:"holdUntil"`
	Consent       *ConsentView   `json:"consent,omitempty"` // what the law asks of the buyer of a late order
}

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses. A short order is an accepted one of which no supply covers some
// unit.
const (
	OrderReserved  OrderStatus = "RESERVED"
	OrderRejected  OrderStatus = "REJECTED"
	OrderCancelled OrderStatus = "CANCELLED"
	OrderShipped   OrderStatus = "SHIPPED"
	OrderShort     OrderStatus = "SHORTFALL"
)

// PegView is which supply serves how many units, and from which day on.
type PegView struct {
	Source string       `json:"source"` // ON_HAND or a shipment
	Units  supply.Units `json:"units"`
	Date   *supply.Day  `json:"date"`
}

const onHand = "ON_HAND"

// The order types. Source: SP-API ordersV0, OrderType.
const (
	backOrder     = "BackOrder"
	standardOrder = "StandardOrder"
)

// orderLine is one item's part of an order.
type orderLine struct {
	supply.Order
	pegs  []PegView
	short supply.Units
}

// orderReader shows orders at one instant. It opens each item once, however many
// orders have a line there.
type orderReader struct {
	engine *Engine
	now    time.Time
	rules  supply.Rules
	opened map[supply.ItemKey]*openItem
	signer *signer
}

// openItem is an item with what serves its waiting orders.
type openItem struct {
	*loaded
	pegs map[supply.OrderID]supply.OrderPeg
}

// readOrders opens an item for a reading of its orders; close must be called.
// It returns fault.NotFound when the item is not listed and has no order.
func (e *Engine) readOrders(ctx context.Context, now time.Time, key supply.ItemKey) (*orderReader, *openItem, error) {
	r := &orderReader{engine: e, now: now, opened: make(map[supply.ItemKey]*openItem)}
	if err := r.open(ctx, key); err != nil {
		return nil, nil, err
	}
	own := r.opened[key]
	if !own.item.Listed && own.item.Line.Len() == 0 {
		r.close()
		return nil, nil, unknownItem(key)
	}
	r.rules = own.rules
	return r, own, nil
}

func (r *orderReader) open(ctx context.Context, keys ...supply.ItemKey) error {
	keys = slices.DeleteFunc(keys, func(k supply.ItemKey) bool { return r.opened[k] != nil })
	items, err := r.engine.load(ctx, r.now, true, true, keys...)
	if err != nil {
		return err
	}
	for _, l := range items {
		l.advance()
		r.opened[l.key] = opened(l)
	}
	return nil
}

// opened returns an item, as it is now, with what serves its waiting orders.
func opened(l *loaded) *openItem {
	pegs := l.item.Pegs(l.rules)
	o := &openItem{l, make(map[supply.OrderID]supply.OrderPeg, len(pegs))}
	for _, p := range pegs {
		o.pegs[p.Order.ID] = p
	}
	return o
}

func (r *orderReader) close() {
	for _, o := range r.opened {
		r.engine.release(o.loaded)
	}
}

// line returns the item's part of the order; its state is Unknown when the item
// has none.
func (o *openItem) line(id supply.OrderID) orderLine {
	line := orderLine{Order: o.item.Line.Order(id)}
	line.pegs = []PegView{}
	switch line.State {
	case supply.Reserved:
		o.reserved(&line)
	case supply.OrderClosed:
		line.peg(onHand, line.Shipped, dayView(line.Actual))
	case supply.Unknown, supply.Rejected, supply.OrderGone:
	}
	return line
}

func (o *openItem) reserved(line *orderLine) {
	today := o.rules.Today()
	day := today
	if line.Actual.Known() {
		day = line.Actual
	}
	line.peg(onHand, max(line.Allocated, line.Shipped), &day)
	peg := o.pegs[line.ID]
	line.short = peg.Short
	for _, part := range peg.Parts {
		if part.Supply == 0 {
			line.peg(onHand, part.Units, &today)
			continue
		}
		lot := &o.item.Lots[part.Supply-1]
		line.peg(string(lot.Shipment), part.Units, dayView(lot.Day))
	}
}

func (line *orderLine) peg(source string, units supply.Units, date *supply.Day) {
	if units > 0 {
		line.pegs = append(line.pegs, PegView{source, units, date})
	}
}

// released reports whether every unit of the line is on hand or has left.
func (line *orderLine) released() bool {
	switch line.State {
	case supply.Reserved:
		return line.Waiting() == 0
	case supply.OrderClosed:
		return line.Shipped > 0
	}
	return false
}

// siblings returns the other SKUs that stand or fall with the line. They are
// listed at the order's anchor, which is opened for it.
func (r *orderReader) siblings(ctx context.Context, at *openItem, line *orderLine) ([]supply.ItemKey, error) {
	if !line.Multi {
		return nil, nil
	}
	listed := line.Siblings
	var others []supply.ItemKey
	if line.Anchor != "" {
		anchor := at.key
		anchor.SKU = line.Anchor
		if err := r.open(ctx, anchor); err != nil {
			return nil, err
		}
		others = append(others, anchor)
		order := r.opened[anchor].item.Line.Order(line.ID)
		listed = order.Siblings
	}
	for _, sku := range listed {
		if other := at.key; sku != other.SKU {
			other.SKU = sku
			others = append(others, other)
		}
	}
	return others, nil
}

// view returns the item's view of one of its orders.
func (r *orderReader) view(ctx context.Context, at *openItem, id supply.OrderID) (OrderView, error) {
	own := at.line(id)
	if own.State == supply.Unknown {
		return OrderView{}, fault.New(fault.NotFound, "NOT_FOUND", "item %s has no order %s; it may not have been decided yet, or was forgotten 28 days after its end", at.key.SKU, id)
	}
	others, err := r.siblings(ctx, at, &own)
	if err != nil {
		return OrderView{}, err
	}
	if err := r.open(ctx, slices.Clone(others)...); err != nil {
		return OrderView{}, err
	}
	lines := []orderLine{own}
	for _, key := range others {
		if line := r.opened[key].line(id); line.Open() || line.State == supply.OrderClosed { // a line cancelled alone no longer holds the others back
			lines = append(lines, line)
		}
	}
	v := r.combine(lines)
	v.Consent, err = r.engine.consent(ctx, &r.signer, r.rules, at.key, &own.Order)
	return v, err
}

// combine returns the view of the first line, dated by all of them.
func (r *orderReader) combine(lines []orderLine) OrderView {
	own := &lines[0]
	v := OrderView{OrderID: own.ID, Status: status(lines), Units: own.Units, OrderType: standardOrder, Pegs: own.pegs,
		Revision: own.Revision, ShippedUnits: own.Shipped, Allocated: own.Allocated, HoldUntil: instantView(own.Hold)}
	if own.Backorder {
		v.OrderType = backOrder
	}
	if own.Reason != supply.ReasonNone {
		reason := own.Reason.String()
		v.Reason = &reason
	}
	v.Released = !slices.ContainsFunc(lines, func(l orderLine) bool { return !l.released() })
	v.FirstPromised = latest(lines, func(l *orderLine) supply.Day { return l.First })
	v.Actual = latest(lines, func(l *orderLine) supply.Day { return l.Actual })
	if v.Status == OrderRejected || v.Status == OrderCancelled {
		return v
	}
	v.Promised = latest(lines, func(l *orderLine) supply.Day { return l.Promised })
	if inStock := cmp.Or(v.Actual, v.Promised); inStock != nil {
		v.DeliveryDate = dayView(supply.DeliveryDay(*inStock, r.rules.Policy, r.rules.Calendar))
	}
	return v
}

// latest returns the latest day of the lines, nil when any line has none.
func latest(lines []orderLine, day func(*orderLine) supply.Day) *supply.Day {
	var last supply.Day
	for i := range lines {
		d := day(&lines[i])
		if !d.Known() {
			return nil
		}
		last = max(last, d)
	}
	return dayView(last)
}

func status(lines []orderLine) OrderStatus {
	switch lines[0].State {
	case supply.Rejected:
		return OrderRejected
	case supply.OrderGone:
		return OrderCancelled
	case supply.OrderClosed:
		return OrderShipped
	}
	if slices.ContainsFunc(lines, func(l orderLine) bool { return l.short > 0 }) {
		return OrderShort
	}
	return OrderReserved
}

// Order returns what an item says of an order, or fault.NotFound when it knows
// no such order.
func (e *Engine) Order(ctx context.Context, now time.Time, key supply.ItemKey, id supply.OrderID) (OrderView, error) {
	r, own, err := e.readOrders(ctx, now, key)
	if err != nil {
		return OrderView{}, err
	}
	defer r.close()
	return r.view(ctx, own, id)
}

// OrderPage is a page of an item's orders; NextToken is absent on the last one.
type OrderPage struct {
	Orders    []OrderView `json:"orders"`
	NextToken string      `json:"nextToken,omitzero"`
}

const (
	orderPage  = 100 // rows of a page
	openedMost = 200 // items opened for one page, so that orders over many SKUs make a page shorter, not slower
)

// OrdersOf returns a page of an item's orders, ascending by id, so that orders
// that come and go meanwhile neither hide nor repeat another. It returns
// fault.NotFound when the item is not listed and has no order, and fault.Invalid
// for a token that no page returned.
func (e *Engine) OrdersOf(ctx context.Context, now time.Time, key supply.ItemKey, token string) (OrderPage, error) {
	after, err := readOrderToken(token)
	if err != nil {
		return OrderPage{}, err
	}
	r, own, err := e.readOrders(ctx, now, key)
	if err != nil {
		return OrderPage{}, err
	}
	defer r.close()
	page := OrderPage{Orders: []OrderView{}}
	for _, id := range own.orderIDs(after) {
		if len(page.Orders) == orderPage || len(r.opened) > openedMost {
			page.NextToken = store.EncodeCursor(string(after))
			return page, nil
		}
		v, err := r.view(ctx, own, id)
		if err != nil {
			return OrderPage{}, err
		}
		page.Orders = append(page.Orders, v)
		after = id
	}
	return page, nil
}

// orderIDs returns the ids of the item's orders behind after, ascending.
func (o *openItem) orderIDs(after supply.OrderID) (ids []supply.OrderID) {
	o.item.Line.Orders(func(order *supply.Order) bool {
		if order.ID > after {
			ids = append(ids, order.ID)
		}
		return true
	})
	slices.Sort(ids)
	return ids
}

func readOrderToken(token string) (supply.OrderID, error) {
	if token == "" {
		return "", nil
	}
	parts, err := store.DecodeCursor(token, 1)
	if err != nil {
		return "", badToken()
	}
	return supply.OrderID(parts[0]), nil
}
