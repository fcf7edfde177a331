package engine

import (
	"context"
	"time"

	"headstart/shared/supply"
)

// BucketsRequest says which days are asked about; what is zero takes its usual
// value: from today on, thirteen weeks, by week.
type BucketsRequest struct {
	From, To string
	By       string
}

// BucketsView is an item's supply by the day from which it can be shipped.
type BucketsView struct {
	At          time.Time            `json:"at"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	By          string               `json:"by"`
	Buckets     []BucketView         `json:"buckets"`
	Before      BucketUnits          `json:"before"`  // of the first bucket
	After       BucketUnits          `json:"after"`   // from the last bucket's end on
	Undated     BucketUnits          `json:"undated"` // on their way, nobody knows until when
	Total       BucketUnits          `json:"total"`   // of all of these
	Numbers     Numbers              `json:"numbers"` // the item's own, which the total adds up to
}

// BucketView is the days from From to before To.
type BucketView struct {
	From supply.Day `json:"from"`
	To   supply.Day `json:"to"`
	BucketUnits
}

// BucketUnits are units of one bucket.
type BucketUnits struct {
	OnHand   supply.Units `json:"onHand"`   // free, in the bucket of today
	Buyable  supply.Units `json:"buyable"`  // on hand, and what orders may take of what is on its way
	Expected supply.Units `json:"expected"` // on their way
	Reserved supply.Units `json:"reserved"` // of those, bought already
}

// bucketDays bounds the days of one request.
const bucketDays = 731

// days returns the first and the last day asked about and the step.
func (q *BucketsRequest) days(today supply.Day) (from, to supply.Day, by supply.Step, err error) {
	from, by = today, supply.ByWeek
	if q.From != "" {
		if from, err = supply.ParseDay("from", q.From); err != nil {
			return 0, 0, 0, err
		}
	}
	to = from + 13*7
	if q.To != "" {
		if to, err = supply.ParseDay("to", q.To); err != nil {
			return 0, 0, 0, err
		}
	}
	known := true
	if q.By != "" {
		by, known = supply.ParseStep(q.By)
	}
	switch {
	case !known:
		err = invalidField("by is %q; use day, week or month", supply.Words(q.By, 40))
	case to <= from:
		err = invalidField("to %s is not after from %s; to is exclusive", to, from)
	case to-from > bucketDays:
		err = invalidField("from %s to %s are %d days; at most %d are answered at once", from, to, to-from, bucketDays)
	}
	return from, to, by, err
}

// Buckets returns how many units of an item can be had from which day on. It
// returns fault.NotFound for an item nobody listed and fault.Invalid naming the
// parameter.
func (e *Engine) Buckets(ctx context.Context, now time.Time, key supply.ItemKey, q BucketsRequest) (v BucketsView, err error) {
	err = e.look(ctx, now, []supply.ItemKey{key}, func(s seen) error {
		if !s.item.Listed {
			return unknownItem(key)
		}
		from, to, by, err := q.days(s.rules.Today())
		if err != nil {
			return err
		}
		o := s.item.Buckets(s.rules, from, to, by)
		v = BucketsView{At: s.rules.Now, Marketplace: key.Marketplace, SKU: key.SKU, By: by.String(), Numbers: s.numbers(),
			Before: bucketUnits(o.Before), After: bucketUnits(o.After), Undated: bucketUnits(o.Undated), Total: bucketUnits(o.Total())}
		for _, b := range o.Days {
			v.Buckets = append(v.Buckets, BucketView{b.From, b.To, bucketUnits(b)})
		}
		return nil
	})
	return v, err
}

func bucketUnits(b supply.Bucket) BucketUnits {
	return BucketUnits{b.OnHand, b.Buyable, b.Expected, b.Reserved}
}
