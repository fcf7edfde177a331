package store

import (
	"encoding/hex"
	"strings"

	"headstart/shared/supply"
)

// The keys of the one table. A part that anybody may choose freely always
// stands last, so that no value can be taken for another key.
// Source: design section 3.

// The sorts of an item's records.
const (
	HeadSort   = "HEAD"
	CardSort   = "CARD"
	OutboxSort = "OUTBOX"
	// HistorySort is the sort of what is remembered when orders are forgotten.
	HistorySort = "HISTORY"
	segPrefix   = "SEG#"
)

// ItemPartition returns the partition of an item: I#seller#marketplace#sku.
func ItemPartition(k supply.ItemKey) string {
	return "I#" + string(k.Seller) + "#" + string(k.Marketplace) + "#" + string(k.SKU)
}

// ParseItemPartition reads what ItemPartition wrote; ok is false for any other
// partition.
func ParseItemPartition(partition string) (k supply.ItemKey, ok bool) {
	parts := strings.SplitN(partition, "#", 4)
	if len(parts) != 4 || parts[0] != "I" {
		return supply.ItemKey{}, false
	}
	return supply.ItemKey{Seller: supply.SellerID(parts[1]), Marketplace: supply.MarketplaceID(parts[2]), SKU: supply.SKU(parts[3])}, true
}

// HeadKey returns the key of an item's head, the record that commits it.
func HeadKey(k supply.ItemKey) Key { return Key{ItemPartition(k), HeadSort} }

// CardKey returns the key of an item's card.
func CardKey(k supply.ItemKey) Key { return Key{ItemPartition(k), CardSort} }

// OutboxKey returns the key of what was published and sent of an item.
func OutboxKey(k supply.ItemKey) Key { return Key{ItemPartition(k), OutboxSort} }

// HistoryKey returns the key of what is remembered of an item beyond its orders.
func HistoryKey(k supply.ItemKey) Key { return Key{ItemPartition(k), HistorySort} }

// SegmentKey returns the key of a sealed segment of an item's line.
func SegmentKey(k supply.ItemKey, tag Tag) Key {
	return Key{ItemPartition(k), segPrefix + hex.EncodeToString(tag[:])}
}

// ShipmentPartition returns the partition of a shipment: S#seller#shipment.
func ShipmentPartition(seller supply.SellerID, id supply.ShipmentID) string {
	return "S#" + string(seller) + "#" + string(id)
}

// StateKey returns the key of a shipment's state.
func StateKey(seller supply.SellerID, id supply.ShipmentID) Key {
	return Key{ShipmentPartition(seller, id), "STATE"}
}

// ContentsKey returns the key of a shipment's lines, boxes and receipts.
func ContentsKey(seller supply.SellerID, id supply.ShipmentID) Key {
	return Key{ShipmentPartition(seller, id), "CONTENTS"}
}

// UnitKey returns the key of a transport unit by its normalised number.
func UnitKey(seller supply.SellerID, number string) Key {
	return Key{"T#" + string(seller) + "#" + number, "UNIT"}
}

// PackingKey returns the key of what despatch advices say of a shipment that is
// not announced yet.
func PackingKey(seller supply.SellerID, id supply.ShipmentID) Key {
	return Key{ShipmentPartition(seller, id), "PACKING"}
}

// NumberPackingKey returns the key of what despatch advices say of a shipment that
// they know by a number alone.
func NumberPackingKey(seller supply.SellerID, number string) Key {
	return Key{UnitKey(seller, number).Partition, "PACKING"}
}

// LatenessKey returns the key of one thing that a seller's shipments have taught.
func LatenessKey(seller supply.SellerID, node string) Key {
	return Key{"L#" + string(seller) + "#" + node, "LATENESS"}
}

// BearerKey returns the key of an API key by the hex of its SHA-256.
func BearerKey(hash string) Key { return Key{"A#" + hash, "KEY"} }

// IdempotencyKey returns the key under which an API write's answer is kept.
func IdempotencyKey(seller supply.SellerID, key string) Key {
	return Key{"K#" + string(seller) + "#" + key, "KEY"}
}

// RawKey returns the key of one chunk of a body that was kept whole.
func RawKey(id string, chunk string) Key { return Key{"Q#" + id, chunk} }

// Owner returns the partition of the by-seller index.
func Owner(seller supply.SellerID, marketplace supply.MarketplaceID) string {
	return string(seller) + "#" + string(marketplace)
}

func parseTag(sort string) (tag Tag, ok bool) {
	digits, found := strings.CutPrefix(sort, segPrefix)
	if !found || len(digits) != hex.EncodedLen(len(tag)) {
		return tag, false
	}
	_, err := hex.Decode(tag[:], []byte(digits))
	return tag, err == nil
}

// DiscardKey returns the key of a list of segments that are no longer needed.
func DiscardKey(k supply.ItemKey, tag Tag) Key {
	return Key{ItemPartition(k), "DROP#" + hex.EncodeToString(tag[:])}
}
