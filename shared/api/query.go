package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// readQuery returns the parameters of a request, or fault.Invalid where they are
// not percent-encoded.
func readQuery(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "the parameters behind the ? are not percent-encoded")
	}
	return query, nil
}

// itemKey returns the item that the path names.
func (c *call) itemKey() (supply.ItemKey, error) {
	marketplace, err := supply.ParseMarketplaceID("marketplace", c.PathValue("marketplace"))
	if err != nil {
		return supply.ItemKey{}, err
	}
	sku, err := supply.ParseSKU("sku", c.PathValue("sku"))
	return supply.ItemKey{Seller: c.seller, Marketplace: marketplace, SKU: sku}, err
}

// marketplaces returns the one that the request filters by, or all that are
// served.
func (a *api) marketplaces(c *call) ([]supply.MarketplaceID, error) {
	name := c.URL.Query().Get("marketplace")
	if name == "" && len(a.options.Marketplaces) > 0 {
		return a.options.Marketplaces, nil
	}
	id, err := supply.ParseMarketplaceID("marketplace", name)
	return []supply.MarketplaceID{id}, err
}

func itemStatus(s string) (engine.ItemStatus, error) {
	status := engine.ItemStatus(cmp.Or(s, string(engine.AllItems)))
	switch status {
	case engine.AllItems, engine.ActiveItems, engine.InactiveItems:
		return status, nil
	}
	return "", fault.New(fault.Invalid, "INVALID_INPUT", "status is %q; use active, inactive or all", s)
}

// list returns a parameter of several values: one name per value, or one name
// with the values between commas. A value that itself holds a comma must come in
// the first form, beside another.
func list(query url.Values, name string) []string {
	values := query[name]
	if len(values) == 1 {
		values = strings.Split(values[0], ",")
	}
	return slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
}

func boolean(query url.Values, name string) (bool, error) {
	switch s := query.Get(name); s {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, fault.New(fault.Invalid, "INVALID_INPUT", "%s is %q; use true or false", name, s)
	}
}

// instant reads an ISO 8601 instant, or a day, which begins at midnight UTC. A
// plus sign that was not percent-encoded arrives as a blank.
func instant(query url.Values, name string) (time.Time, error) {
	s := strings.ReplaceAll(query.Get(name), " ", "+")
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "INVALID_INPUT", "%s %q is not an ISO 8601 instant; write it as 2006-01-02T15:04:05Z", name, s)
}

// count reads a whole number from 1 to most; missing is what it is without one.
func count(query url.Values, name string, missing, most int) (int, error) {
	s := query.Get(name)
	if s == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s is %q; it must be a whole number from 1 to %d", name, s, most)
	}
	return n, nil
}
