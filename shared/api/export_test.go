package api

import "headstart/shared/engine"

// Routes returns the method and path of every row of the table.
func Routes() (all []string) {
	for _, r := range (&api{}).routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}

// Queries returns the parameters that each path of /v1 knows.
func Queries() map[string][]string {
	all := map[string][]string{}
	for _, r := range (&api{}).routes() {
		if r.path != summariesPath {
			all[r.method+" "+r.path] = r.query
		}
	}
	return all
}

// Writes returns whether each path needs an Idempotency-Key.
func Writes() map[string]bool {
	all := map[string]bool{}
	for _, r := range (&api{}).routes() {
		all[r.method+" "+r.path] = r.method != "GET" && !r.asks()
	}
	return all
}

// Bodies returns a value of each type that a body is read into, by its schema.
func Bodies() map[string]any {
	return map[string]any{"AccountIn": accountBody{}, "ItemIn": itemBody{}, "Adjustment": adjustmentBody{}, "Repair": repairBody{}, "NewShipment": engine.NewShipment{},
		"Tracking": engine.TrackingRequest{}, "Lines": engine.LinesRequest{}, "Receipt": engine.ReceiptRequest{},
		"QuoteIn": engine.QuoteRequest{}, "ItemQuoteIn": itemQuoteBody{}, "WhatIfIn": engine.ItemWhatIf{}, "ShipmentWhatIfIn": engine.ShipmentWhatIf{}}
}

// Description is the embedded file.
var Description = description
