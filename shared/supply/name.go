package supply

import (
	"strings"
	"unicode/utf8"

	"headstart/shared/fault"
)

// SellerID names a seller, e.g. "acme". 1 to 32 of a-z, 0-9 and '-'.
type SellerID string

// MarketplaceID is Amazon's id of a marketplace, e.g. "A1PA6795UKMFR9" (Germany).
type MarketplaceID string

// SKU is the seller's name of an item, e.g. "KETTLE-1". 1 to 255 bytes of
// printable UTF-8, kept as written: leading zeros and case count.
type SKU string

// ShipmentID names a shipment of one seller, e.g. "FBA15ABC". 1 to 38 of
// A-Z, a-z, 0-9 and '-'.
type ShipmentID string

// OrderID names an order of one seller, e.g. "113-4821-77". 1 to 64 printable
// ASCII characters without a blank.
type OrderID string

// Units counts pieces of one SKU.
type Units int64

// MaxUnits bounds every single quantity, so that no sum of the at most 2^31
// quantities a record can hold leaves an int64, and a lot's share fits its four
// packed bytes.
const MaxUnits Units = 1_000_000_000

// ItemKey names an item: what one seller offers under one SKU in one marketplace.
type ItemKey struct {
	Seller      SellerID
	Marketplace MarketplaceID
	SKU         SKU
}

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
)

// ParseSellerID returns s as a SellerID, or fault.Invalid naming field.
func ParseSellerID(field, s string) (SellerID, error) {
	return SellerID(s), parseName(field, s, 32, lower+digits+"-")
}

// ParseShipmentID returns s as a ShipmentID, or fault.Invalid naming field.
// Source: SP-API fulfillment inbound 2024-03-20, shipmentId.
func ParseShipmentID(field, s string) (ShipmentID, error) {
	return ShipmentID(s), parseName(field, s, 38, upper+lower+digits+"-")
}

// ParseMarketplaceID returns s as a MarketplaceID, or fault.Invalid naming
// field. Whether the marketplace is served is the calendar's to say.
func ParseMarketplaceID(field, s string) (MarketplaceID, error) {
	return MarketplaceID(s), parseName(field, s, 20, upper+digits)
}

func parseName(field, s string, limit int, alphabet string) error {
	if s == "" {
		return fault.New(fault.Invalid, "INVALID_INPUT", "%s is required", field)
	}
	if len(s) > limit {
		return fault.New(fault.Invalid, "INVALID_INPUT", "%s has %d characters; at most %d are allowed", field, len(s), limit)
	}
	if strings.Trim(s, alphabet) != "" {
		return fault.New(fault.Invalid, "INVALID_INPUT", "%s %q has a character other than %s", field, s, alphabet)
	}
	return nil
}

// ParseSKU returns s as a SKU, or fault.Invalid naming field.
// Source: SP-API fulfillment inbound 2024-03-20, msku (at most 255).
func ParseSKU(field, s string) (SKU, error) {
	if s == "" {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s is required", field)
	}
	if len(s) > 255 {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s has %d bytes; at most 255 are allowed", field, len(s))
	}
	if !utf8.ValidString(s) {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s is not valid UTF-8", field)
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s %q has a control character", field, s)
		}
	}
	return SKU(s), nil
}

// ParseOrderID returns s as an OrderID, or fault.Invalid naming field.
func ParseOrderID(field, s string) (OrderID, error) {
	if s == "" {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s is required", field)
	}
	if len(s) > 64 {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s has %d characters; at most 64 are allowed", field, len(s))
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s %q may hold printable ASCII characters only", field, s)
		}
	}
	return OrderID(s), nil
}

// ParseUnits returns n as Units when lowest <= n <= MaxUnits, or fault.Invalid
// naming field.
func ParseUnits(field string, n int64, lowest Units) (Units, error) {
	if Units(n) < lowest || Units(n) > MaxUnits {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s is %d; it must be from %d to %d", field, n, lowest, MaxUnits)
	}
	return Units(n), nil
}
