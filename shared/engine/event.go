package engine

import (
	"context"
	"time"

	"headstart/shared/supply"
)

// Event is what the world is told of one commit of one item, or of one shipment or
// programme; then SKU is absent. Events are delivered at least once; ID is the same each
// time, so a consumer drops what it has seen. Days are in the marketplace's zone,
// instants in UTC.
type Event struct {
	ID          string               `json:"id"`
	Type        EventType            `json:"type"`
	At          time.Time            `json:"at"`
	Seller      supply.SellerID      `json:"seller"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku,omitempty"`
	Cause       *EventCause          `json:"cause,omitempty"`

	Availability *Availability   `json:"availability,omitempty"`
	Accepted     []DecidedOrder  `json:"accepted,omitempty"`
	Rejected     []DecidedOrder  `json:"rejected,omitempty"`
	Cancelled    []DecidedOrder  `json:"cancelled,omitempty"`
	Released     []ReleasedOrder `json:"released,omitempty"`
	Moved        []MovedOrder    `json:"moved,omitempty"`
	Refunds      []RefundDue     `json:"refunds,omitempty"`
	Short        []ShortOrder    `json:"short,omitempty"`
	Program      *ProgramState   `json:"program,omitempty"`
	Alert        *Alert          `json:"alert,omitempty"`
}

// EventType is the published name of an event.
type EventType string

// The events. Source: design section 5.
const (
	AvailabilityChanged EventType = "availability.changed"
	OrdersDecided       EventType = "orders.decided"
	OrdersReleased      EventType = "orders.released"
	OrdersRefundDue     EventType = "orders.refund_due"
	PromiseChanged      EventType = "promise.changed"
	SupplyShortfall     EventType = "supply.shortfall"
	ProgramChanged      EventType = "program.changed"
	AlertRaised         EventType = "alert.raised"
	AlertCleared        EventType = "alert.cleared"
)

// EventCause is why the commit happened.
type EventCause struct {
	Code       string            `json:"code"`
	ShipmentID supply.ShipmentID `json:"shipmentId,omitempty"`
}

// Availability is what a shop must show from now on.
type Availability struct {
	Fulfillable          supply.Units `json:"fulfillableQuantity"`
	ReservedFutureSupply supply.Units `json:"reservedFutureSupplyQuantity"`
	FutureSupplyBuyable  supply.Units `json:"futureSupplyBuyableQuantity"`
	InStockDate          *supply.Day  `json:"inStockDate"`
	Verdict              string       `json:"verdict"`
}

// DecidedOrder is the outcome of one revision of one order at this item. A
// cancel ends the order whatever its revision and units, and names neither.
type DecidedOrder struct {
	OrderID  supply.OrderID `json:"orderId"`
	Revision uint32         `json:"revision,omitzero"`
	Units    supply.Units   `json:"units,omitzero"`
	Promised *supply.Day    `json:"promised,omitempty"`
	Reason   string         `json:"reason,omitempty"`
}

// ReleasedOrder has all its units on hand.
type ReleasedOrder struct {
	OrderID supply.OrderID `json:"orderId"`
	Actual  supply.Day     `json:"actual"`
}

// MovedOrder has another promise than before: Days later, or earlier when below
// zero. From is null when there was none.
type MovedOrder struct {
	OrderID supply.OrderID `json:"orderId"`
	From    *supply.Day    `json:"from"`
	To      supply.Day     `json:"to"`
	Days    int            `json:"days"`
	Consent *ConsentView   `json:"consent,omitempty"` // what the buyer must be told and asked, where a law says so
}

// ShortOrder cannot be served: Units of it have no supply.
type ShortOrder struct {
	OrderID supply.OrderID `json:"orderId"`
	Units   supply.Units   `json:"units"`
	Consent *ConsentView   `json:"consent,omitempty"` // as with a promise that moved
}

// RefundDue is an order that was cancelled here: whoever took the money for the
// units must return it.
type RefundDue struct {
	OrderID supply.OrderID `json:"orderId"`
	Units   supply.Units   `json:"units"`
	Reason  string         `json:"reason"`
	Law     string         `json:"law"`
}

// Alert is what a person should look at: somebody's mistake with an order, numbers
// of a shipment that no carrier knows, or a shipment whose arrival endangers the
// promises of an item.
type Alert struct {
	Code       string            `json:"code"`
	OrderID    supply.OrderID    `json:"orderId,omitempty"`
	ShipmentID supply.ShipmentID `json:"shipmentId,omitempty"`
	Numbers    []string          `json:"numbers,omitempty"` // in normal form, up to 500
	Message    string            `json:"message"`
}

// Publisher carries events to whoever listens. It may be called again with the
// same events; it returns fault.Transient when it could not take them all.
type Publisher interface {
	Publish(ctx context.Context, events []Event) error
}

// ordersPerEvent bounds one event. Source: design section 5.
const ordersPerEvent = 500
