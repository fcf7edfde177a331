// Random bodies, read once by Parse and once by a plain struct and a general
// JSON library: both must agree about every body, whatever it holds. It would
// catch a panic, a walk that loses its place, and a message that cannot be
// written and read again.
package order_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/supply"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(placed(`"units":2`, `"units":2,"gift":[{},[1.5e3,"\u00e9\\"]]`, `"buyer":null`, `"b\u0075yer":"J\"o","x":{"x":{"x":null}}`)))
	f.Add([]byte(`{` + head + `,"type":"order.cancelled","lines":[{"sku":"A","units":-2.5e999},{"sku":"A"}]}`))
	f.Add([]byte(`{"lines":[{"sku":"é","units":1},{"sku":"é","units":999999999}],"type":"order.changed","revision":4294967295,` + head + `}`))
	f.Add([]byte(`{` + head + `,"type":"order.shipped","final":false,"carrier":"UPS","trackingNumber":"1Z","shippedAt":"2026-03-05T01:00:00.123456789+02:00","lines":[{"sku":"A","units":0}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := order.Parse(body)
		want, ok := plainly(body)
		require.Equal(t, ok, err == nil, "error %v", err)
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid, fault.TooLarge}, fault.Of(err))
			return
		}
		got.Unknown = 0
		require.Equal(t, want, got)
		again, err := order.Parse(got.JSON())
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

type plainLine struct {
	SKU   *string         `json:"sku"`
	Units *jsontext.Value `json:"units"`
}

type plainMessage struct {
	Type           *string      `json:"type"`
	OrderID        *string      `json:"orderId"`
	Seller         *string      `json:"seller"`
	Marketplace    *string      `json:"marketplace"`
	PlacedAt       *time.Time   `json:"placedAt"`
	Revision       *uint32      `json:"revision"`
	Split          bool         `json:"split"`
	Lines          []*plainLine `json:"lines"`
	HoldUntil      *time.Time   `json:"holdUntil"`
	Priority       int32        `json:"priority"`
	Buyer          string       `json:"buyer"`
	Final          *bool        `json:"final"`
	Carrier        string       `json:"carrier"`
	TrackingNumber string       `json:"trackingNumber"`
	ShippedAt      *time.Time   `json:"shippedAt"`
}

// plainly reads body with general means only, slowly.
func plainly(body []byte) (order.Message, bool) {
	var w plainMessage
	if len(body) > 256<<10 || jsontext.Value(body).Kind() != '{' || json.Unmarshal(body, &w) != nil || depth(body) > 16 {
		return order.Message{}, false
	}
	m := order.Message{Revision: 1, Split: w.Split, Priority: w.Priority, Buyer: w.Buyer, Carrier: w.Carrier, TrackingNumber: w.TrackingNumber}
	var errs []error
	check := func(err error) { errs = append(errs, err) }
	m.Type = map[string]order.Type{"order.placed": 1, "order.changed": 2, "order.cancelled": 3, "order.shipped": 4}[or(w.Type)]
	m.Final = m.Type == order.Shipped && (w.Final == nil || *w.Final)
	var err error
	m.OrderID, err = supply.ParseOrderID("", or(w.OrderID))
	check(err)
	m.Seller, err = supply.ParseSellerID("", or(w.Seller))
	check(err)
	m.Marketplace, err = supply.ParseMarketplaceID("", or(w.Marketplace))
	check(err)
	if or(w.Revision) != 0 {
		m.Revision = *w.Revision
	} else if m.Type == order.Changed {
		return order.Message{}, false
	}
	for _, at := range []struct {
		from *time.Time
		to   *time.Time
	}{{w.PlacedAt, &m.PlacedAt}, {w.HoldUntil, &m.HoldUntil}, {w.ShippedAt, &m.ShippedAt}} {
		if at.from == nil {
			continue
		}
		if *at.to = at.from.UTC(); at.to.Year() < 1970 || at.to.Year() > 9999 {
			return order.Message{}, false
		}
	}
	for _, text := range []string{m.Buyer, m.Carrier, m.TrackingNumber} {
		if text != "" {
			_, err := supply.ParseSKU("", text) // refuses the same characters
			check(err)
		}
		if len(text) > 200 {
			return order.Message{}, false
		}
	}
	check(plainLines(w.Lines, &m))
	return m, m.Type != 0 && (m.Type != order.Placed || w.PlacedAt != nil) && errors.Join(errs...) == nil
}

func plainLines(lines []*plainLine, m *order.Message) error {
	bad := fault.New(fault.Invalid, "", "")
	if len(lines) == 0 || len(lines) > 1000 {
		return bad
	}
	for _, l := range lines {
		if l == nil {
			return bad
		}
		sku, err := supply.ParseSKU("", or(l.SKU))
		if err != nil || l.Units != nil && l.Units.Kind() != '0' && l.Units.Kind() != 'n' {
			return bad
		}
		var units int64
		if m.Type != order.Cancelled {
			lowest := map[bool]int64{true: 0, false: 1}[m.Type == order.Shipped]
			if l.Units == nil || l.Units.Kind() == 'n' || json.Unmarshal(*l.Units, &units) != nil || units < lowest || units > 1e9 {
				return bad
			}
		}
		m.Lines = append(m.Lines, order.Line{SKU: sku, Units: supply.Units(units)})
	}
	var sums []order.Line
next:
	for _, l := range m.Lines {
		for i := range sums {
			if sums[i].SKU == l.SKU {
				if sums[i].Units += l.Units; sums[i].Units > 1e9 {
					return bad
				}
				continue next
			}
		}
		sums = append(sums, l)
	}
	m.Lines = sums
	return nil
}

func or[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func depth(body []byte) (deepest int) {
	reader := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := reader.ReadToken(); err == io.EOF {
			return deepest
		} else if err != nil {
			return 1 << 30
		}
		deepest = max(deepest, reader.StackDepth())
	}
}

func TestEveryMessageIsWrittenAsItWasRead(t *testing.T) {
	want := order.Message{
		Type: order.Shipped, OrderID: "113", Seller: "acme", Marketplace: "A1", PlacedAt: placedAt, Revision: 7, Split: true,
		Lines:     []order.Line{{SKU: "a\"\\ é<ü", Units: 0}, {SKU: "b", Units: supply.MaxUnits}},
		HoldUntil: placedAt.Add(time.Hour), Priority: -3, Buyer: "J\u2028o", Carrier: "UPS", TrackingNumber: "1Z",
		ShippedAt: placedAt.Add(time.Nanosecond),
	}
	got, err := order.Parse(want.JSON())
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, `{"type":"order.cancelled","orderId":"113","seller":"acme","marketplace":"A1","revision":1,"split":false,"lines":[{"sku":"K"}],"priority":0}`,
		string(order.Message{Type: order.Cancelled, OrderID: "113", Seller: "acme", Marketplace: "A1", Revision: 1, Lines: []order.Line{{SKU: "K", Units: 4}}}.JSON()))
}
