// Package order is the language of the order queue: one JSON body for all
// types of message, read strictly where a mistake would cost a promise and
// leniently where it would not (unknown fields are ignored and counted).
package order

import (
	"time"

	"headstart/shared/supply"
)

// Type says what an order system wants.
type Type uint8

// The types of message.
const (
	Placed    Type = iota + 1 // order.placed: revision 1 unless said otherwise
	Changed                   // order.changed: target units of a higher revision
	Cancelled                 // order.cancelled: units are ignored
	Shipped                   // order.shipped: units are the total shipped so far
)

// Line is what the order wants of one SKU; lines for the same SKU are summed
// by Parse, so a SKU occurs once.
type Line struct {
	SKU   supply.SKU
	Units supply.Units
}

// Message is one parsed body. Times are UTC; a zero time was null or absent.
type Message struct {
	Type           Type
	OrderID        supply.OrderID
	Seller         supply.SellerID
	Marketplace    supply.MarketplaceID
	PlacedAt       time.Time
	Revision       uint32
	Split          bool
	Lines          []Line
	HoldUntil      time.Time
	Priority       int32
	Buyer          string
	Final          bool // Shipped only: no more will be shipped
	Carrier        string
	TrackingNumber string
	ShippedAt      time.Time
	Unknown        int // unknown fields that were ignored
}
