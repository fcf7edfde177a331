package api

import (
	"context"
	_ "embed" // the description below
	"slices"

	"github.com/go-json-experiment/json"

	"headstart/shared/engine"
	"headstart/shared/supply"
)

// description is the OpenAPI 3.1 file; a test holds it and the handlers together.
//
//go:embed openapi.json
var description []byte

// openAPI returns the description with the marketplaces that are served here.
func openAPI(served []supply.MarketplaceID) []byte {
	if len(served) == 0 {
		return description
	}
	var file map[string]any
	if err := json.Unmarshal(description, &file); err != nil {
		panic("openapi.json is embedded and no JSON: " + err.Error())
	}
	schemas := file["components"].(map[string]any)["schemas"].(map[string]any)
	schemas["Marketplace"].(map[string]any)["enum"] = slices.Sorted(slices.Values(served))
	body, err := json.Marshal(file, json.Deterministic(true))
	if err != nil {
		panic("openapi.json cannot be written again: " + err.Error())
	}
	return body
}

func (a *api) getOpenAPI(context.Context, *call) (engine.Answer, error) {
	return engine.Answer{Status: 200, Body: a.openapi}, nil
}
