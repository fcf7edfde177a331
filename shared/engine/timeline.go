package engine

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// TimelineEntry is one change of an item's verdict: when the selling of its
// future supply began or stopped, and why.
type TimelineEntry struct {
	At                  time.Time     `json:"at"`
	Event               TimelineEvent `json:"event"`
	Verdict             string        `json:"verdict"`
	FutureSupplyBuyable supply.Units  `json:"futureSupplyBuyableQuantity"`
	InStockDate         *supply.Day   `json:"inStockDate"`
}

// TimelineEvent says what a change of the verdict meant for the selling of
// future supply.
type TimelineEvent string

// The events of a timeline.
const (
	SellingBegan   TimelineEvent = "SELLING_BEGAN"
	SellingStopped TimelineEvent = "SELLING_STOPPED"
	ReasonChanged  TimelineEvent = "REASON_CHANGED" // not for sale before nor after
)

// maxTimeline bounds what an item keeps of its timeline: 500 entries of some
// 130 bytes stay far from a record's 400 KB.
const maxTimeline = 500

// appendTimeline appends an entry, naming its event, unless its verdict is the
// last one's: then nothing began or stopped. The oldest entries make room.
func appendTimeline(old []TimelineEntry, e TimelineEntry) []TimelineEntry {
	sold := false
	if len(old) > 0 {
		last := old[len(old)-1]
		if last.Verdict == e.Verdict {
			return old
		}
		sold = last.Verdict == supply.Buyable.String()
	}
	switch {
	case e.Verdict == supply.Buyable.String():
		e.Event = SellingBegan
	case sold:
		e.Event = SellingStopped
	default:
		e.Event = ReasonChanged
	}
	old = append(old, e)
	return old[max(0, len(old)-maxTimeline):]
}

// outbox is the body of an item's outbox record.
type outbox struct {
	Timeline []TimelineEntry `json:"timeline"`
}

// decodeTimeline reads the body of an outbox record; an empty body is an empty
// timeline.
func decodeTimeline(body string) ([]TimelineEntry, error) {
	if body == "" {
		return nil, nil
	}
	var o outbox
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return nil, fault.As(fault.Internal, err, "decoding a timeline")
	}
	return o.Timeline, nil
}

// encodeTimeline returns the body of an outbox record.
func encodeTimeline(entries []TimelineEntry) (string, error) {
	body, err := json.Marshal(outbox{entries})
	return string(body), fault.As(fault.Internal, err, "encoding a timeline")
}

// TimelineView is an item's timeline, oldest first.
type TimelineView struct {
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	Timeline    []TimelineEntry      `json:"timeline"`
}

// Timeline returns when the selling of an item's future supply began and
// stopped, and why, as far as it was published: a change by the clock alone
// appears when the next commit or sweep has found it. It returns fault.NotFound
// for an item nobody listed.
func (e *Engine) Timeline(ctx context.Context, now time.Time, key supply.ItemKey) (TimelineView, error) {
	view := TimelineView{Marketplace: key.Marketplace, SKU: key.SKU}
	if _, err := e.Item(ctx, now, key); err != nil {
		return view, err
	}
	records, err := e.store.Get(ctx, true, store.OutboxKey(key))
	if err != nil {
		return view, fault.Wrap(err, "reading a timeline")
	}
	view.Timeline, err = decodeTimeline(records[0].Attr("body").Text)
	return view, err
}
