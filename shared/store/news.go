package store

import (
	"strings"
	"time"

	"headstart/shared/supply"
)

const newsSort = "NEWS"

// NewsKey returns the key of what a seller is to be told by mail.
func NewsKey(seller supply.SellerID) Key { return Key{ProgramPartition(seller), newsSort} }

// ParseNewsKey reads what NewsKey wrote; ok is false for any other key.
func ParseNewsKey(k Key) (seller supply.SellerID, ok bool) {
	name, ok := strings.CutPrefix(k.Partition, "P#")
	return supply.SellerID(name), ok && k.Sort == newsSort
}

// News is what a seller is to be told by the next letter, and the letter that is in
// hand. The names are stored, so they never change.
type News struct {
	Letter   int64      `json:"n,omitempty"`     // number of the letter in hand, else of the last one
	Notes    []NewsNote `json:"notes,omitempty"` // for the next letter, oldest first
	More     int        `json:"more,omitempty"`  // items that are not noted for want of room
	Hand     []NewsNote `json:"hand,omitempty"`  // of the letter in hand
	HandMore int        `json:"handMore,omitempty"`
	Leased   time.Time  `json:"lease,omitzero"` // somebody is sending it until then; zero = nobody
	Next     time.Time  `json:"next,omitzero"`  // not to be tried before; zero = whenever it is due
	Attempts int        `json:"tries,omitempty"`
	Seen     []NewsSeen `json:"seen,omitempty"` // what was noted in the last day
}

// NewsNote is what happened to one item, or to one shipment: then SKU is empty.
type NewsNote struct {
	Marketplace supply.MarketplaceID `json:"m"`
	SKU         supply.SKU           `json:"s,omitempty"`
	At          time.Time            `json:"at"`          // when it was first noted
	Orders      []NewsOrder          `json:"o,omitempty"` // whose promise moved
	MoreOrders  int                  `json:"more,omitempty"`
	Short       bool                 `json:"short,omitempty"` // some order had no supply
	Alerts      []NewsAlert          `json:"a,omitempty"`
}

// NewsOrder is an order and the day that its seller knows of.
type NewsOrder struct {
	ID   supply.OrderID `json:"o"`
	Told supply.Day     `json:"d,omitzero"` // 0 = that there is none
}

// NewsAlert is an alert that was raised.
type NewsAlert struct {
	Code     string            `json:"c"`
	Shipment supply.ShipmentID `json:"s,omitempty"`
	Order    supply.OrderID    `json:"o,omitempty"`
}

// NewsSeen is up to which version a record's changes were noted, so that a change
// which comes twice is noted once.
type NewsSeen struct {
	Of      uint64 `json:"k"` // hash of the record's partition
	Version int64  `json:"v"`
	At      int64  `json:"t"`              // unix seconds
	Over    bool   `json:"over,omitempty"` // counted in More
}

// NewsRecord returns the news as the store keeps them, due at the instant; zero =
// never.
func NewsRecord(seller supply.SellerID, n *News, due time.Time, version int64) (Record, error) {
	packed, err := packJSON(n)
	return Record{Key: NewsKey(seller), Version: version, Due: dueHour(due), Attrs: []Attr{Bytes("body", packed)}}, err
}

// ReadNews reads what NewsRecord made; Version 0 gives no news. It returns
// fault.Internal for a damaged record.
func ReadNews(r *Record) (n News, err error) {
	if r.Version > 0 {
		err = unpackJSON(r, &n)
	}
	return n, err
}
