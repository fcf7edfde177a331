package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"headstart/shared/boot/local"
	"headstart/shared/fault"
	"headstart/shared/store"
)

// webhook sends every event of some parcels twice, signed, to the real handler:
// what a new event costs to accept for good, and what a repeat does.
func webhook(ctx context.Context, b *bench) error {
	opened, err := openOurs(ctx, b.place, map[string]int64{skuName(0): 1000})
	if err != nil {
		return err
	}
	o := opened.(*ours)
	stage := local.NewStage(o.store, 0, b.log)
	stage.Set(start)
	const parcels, scans = 50, 8
	var fresh, repeated store.Usage
	for i := range parcels {
		for scan := range scans {
			for again, sum := range []*store.Usage{&fresh, &repeated} {
				o.reset()
				if err := hear(ctx, stage, i, scan, again); err != nil {
					return err
				}
				*sum = sum.Plus(o.meter.Total())
			}
		}
	}
	const n = parcels * scans
	b.add("webhook", "ours", "write_units_per_event", float64(fresh.WriteUnits())/n).atMost(1)
	b.add("webhook", "ours", "calls_per_event", float64(fresh.Calls())/n).atMost(2)
	b.add("webhook", "ours", "read_units_per_event", fresh.ReadUnits/n)
	b.add("webhook", "ours", "write_units_per_duplicate", float64(repeated.WriteUnits())/n).atMost(0)
	b.add("webhook", "ours", "calls_per_duplicate", float64(repeated.Calls())/n)
	return o.heard(ctx, parcels, scans)
}

func parcel(i int) string { return fmt.Sprintf("1ZBENCH%04d", i) }

// hear delivers one scan of one parcel; again tells its deliveries apart.
func hear(ctx context.Context, stage *local.Stage, number, scan, again int) error {
	body, err := json.Marshal(map[string]any{
		"type": "tracking.updated", "trackingNumber": parcel(number), "carrier": "UPS", "status": "IN_TRANSIT", "code": "DEPARTED",
		"occurredAt": start.Add(time.Duration(scan-scansAgo) * time.Hour), "location": map[string]string{"city": "Rotterdam", "country": "NL"},
	})
	if err != nil {
		return fault.As(fault.Internal, err, "encoding a webhook")
	}
	status, reply, err := stage.Webhook(ctx, "standard/"+seller, fmt.Sprintf("msg_%d_%d_%d", number, scan, again), body)
	if err == nil && status != http.StatusOK {
		err = fault.New(fault.Internal, "WEBHOOK", "status %d, %s", status, reply)
	}
	return err
}

// scansAgo is how many hours before the bench's start the first scan happened.
const scansAgo = 20

// heard checks that every parcel's record saw each scan once: its version counts
// its changes.
func (o *ours) heard(ctx context.Context, parcels, scans int) error {
	for i := range parcels {
		records, err := o.store.Get(ctx, true, store.UnitKey(seller, parcel(i)))
		if err != nil {
			return err
		}
		if records[0].Version != int64(scans) {
			return wrong("parcel %s took %d changes for %d scans", parcel(i), records[0].Version, scans)
		}
	}
	return nil
}
