// Bodies as an order system sends them, read and compared field by field with
// literals; it would catch a field that is misread, a bad value that is let in,
// and an error that does not say where.
package order_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/order"
	"headstart/shared/supply"
)

// sample is the body of the design, section 5.
const sample = `{"type":"order.placed","orderId":"113-4821-77","seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":"2026-03-01T10:00:00Z","revision":1,
 "split":false,"lines":[{"sku":"KETTLE-1","units":2}],"holdUntil":null,"priority":0,"buyer":null}`

const head = `"orderId":"113-4821-77","seller":"acme","marketplace":"A1PA6795UKMFR9"`

var placedAt = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// message is what a minimal body of type t says.
func message(t order.Type, lines ...order.Line) order.Message {
	return order.Message{Type: t, OrderID: "113-4821-77", Seller: "acme", Marketplace: "A1PA6795UKMFR9", Revision: 1, Lines: lines}
}

func TestTheDesignsSampleIsRead(t *testing.T) {
	want := message(order.Placed, order.Line{SKU: "KETTLE-1", Units: 2})
	want.PlacedAt = placedAt

	got, err := order.Parse([]byte(sample))

	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestEveryFieldIsRead(t *testing.T) {
	got, err := order.Parse([]byte(`{"shippedAt":"2026-03-05T01:00:00.5+02:00","trackingNumber":"1Z 9","carrier":"UPS","final":false,
		"buyer":"Jos\u00e9 \"J\"","priority":-7,"holdUntil":"2020-01-01T00:00:00Z","lines":[{"units":0,"sku":"\u004bETTLE-1"},{"sku":"é/ 2","units":3}],
		"split":true,"revision":4294967295,"placedAt":"2026-03-01T11:00:00+01:00","marketplace":"A1PA6795UKMFR9","seller":"acme",
		"order\u0049d":"113-4821-77","type":"order.shipped"}`))

	require.NoError(t, err)
	require.Equal(t, order.Message{
		Type: order.Shipped, OrderID: "113-4821-77", Seller: "acme", Marketplace: "A1PA6795UKMFR9", PlacedAt: placedAt,
		Revision: 4294967295, Split: true, Lines: []order.Line{{SKU: "KETTLE-1"}, {SKU: "é/ 2", Units: 3}},
		HoldUntil: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Priority: -7, Buyer: `José "J"`,
		Final: false, Carrier: "UPS", TrackingNumber: "1Z 9", ShippedAt: time.Date(2026, 3, 4, 23, 0, 0, 5e8, time.UTC),
	}, got)
}

func TestEachTypeHasItsDefaults(t *testing.T) {
	kettle := func(units supply.Units) order.Line { return order.Line{SKU: "KETTLE-1", Units: units} }
	with := func(m order.Message, change func(*order.Message)) order.Message { change(&m); return m }
	placed := with(message(order.Placed, kettle(2)), func(m *order.Message) { m.PlacedAt = placedAt })
	shipped := with(message(order.Shipped, kettle(2)), func(m *order.Message) { m.Final = true })
	for _, c := range []struct {
		name, rest string
		want       order.Message
	}{
		{"placed, no revision", `"type":"order.placed","placedAt":"2026-03-01T10:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`, placed},
		{"placed, revision 0", `"type":"order.placed","revision":0,"placedAt":"2026-03-01T10:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`, placed},
		{"placed, all optional fields null", `"type":"order.placed","revision":null,"split":null,"holdUntil":null,"priority":null,"buyer":null,"final":null,"carrier":null,"trackingNumber":null,"shippedAt":null,"placedAt":"2026-03-01T10:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`, placed},
		{"placed, final is not its own", `"type":"order.placed","final":true,"placedAt":"2026-03-01T10:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`, placed},
		{"placed, far ahead", `"type":"order.placed","placedAt":"2999-01-01T00:00:00Z","lines":[{"sku":"KETTLE-1","units":2}]`,
			with(placed, func(m *order.Message) { m.PlacedAt = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC) })},
		{"changed", `"type":"order.changed","revision":2,"lines":[{"sku":"KETTLE-1","units":3}]`,
			with(message(order.Changed, kettle(3)), func(m *order.Message) { m.Revision = 2 })},
		{"cancelled, no units", `"type":"order.cancelled","lines":[{"sku":"KETTLE-1"}]`, message(order.Cancelled, kettle(0))},
		{"cancelled, units null", `"type":"order.cancelled","lines":[{"sku":"KETTLE-1","units":null}]`, message(order.Cancelled, kettle(0))},
		{"cancelled, units ignored", `"lines":[{"sku":"KETTLE-1","units":-2.5e999}],"type":"order.cancelled"`, message(order.Cancelled, kettle(0))},
		{"cancelled, units of two lines beyond all bounds", `"lines":[{"sku":"KETTLE-1","units":999999999},{"sku":"KETTLE-1","units":999999999}],"type":"order.cancelled"`, message(order.Cancelled, kettle(0))},
		{"shipped", `"type":"order.shipped","lines":[{"sku":"KETTLE-1","units":2}]`, shipped},
		{"shipped, final null", `"type":"order.shipped","final":null,"lines":[{"sku":"KETTLE-1","units":2}]`, shipped},
		{"shipped, final", `"type":"order.shipped","final":true,"lines":[{"sku":"KETTLE-1","units":2}]`, shipped},
		{"shipped in part", `"type":"order.shipped","final":false,"lines":[{"sku":"KETTLE-1","units":2}]`,
			with(shipped, func(m *order.Message) { m.Final = false })},
		{"shipped nothing", `"type":"order.shipped","lines":[{"sku":"KETTLE-1","units":0}]`,
			with(shipped, func(m *order.Message) { m.Lines = []order.Line{kettle(0)} })},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := order.Parse([]byte("{" + head + "," + c.rest + "}"))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestBadInputNamesItsField(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, c := range []struct{ body, want string }{
		{`{` + head + `,"lines":[{"sku":"A","units":1}]}`, `type is required`},
		{`{"type":"order.paid"}`, `type is "order.paid"; it must be order.placed, order.changed, order.cancelled or order.shipped`},
		{`{"type":"Order.placed"}`, `type is "Order.placed"`},
		{`{"type":1}`, `type must be a string`},
		{placed(`"orderId":"113-4821-77",`, ``), `orderId is required`},
		{placed(`"113-4821-77"`, `null`), `orderId is required`},
		{placed(`"113-4821-77"`, `""`), `orderId is required`},
		{placed(`"113-4821-77"`, `"a b"`), `orderId "a b" may hold printable ASCII characters only`},
		{placed(`"113-4821-77"`, `113`), `orderId must be a string`},
		{placed(`"seller":"acme",`, ``), `seller is required`},
		{placed(`"acme"`, `""`), `seller is required`},
		{placed(`"acme"`, `"ACME"`), `seller "ACME" has a character other than`},
		{placed(`"acme"`, `["acme"]`), `seller must be a string`},
		{placed(`"marketplace":"A1PA6795UKMFR9",`, ``), `marketplace is required`},
		{placed(`"A1PA6795UKMFR9"`, `"de"`), `marketplace "de" has a character other than`},
		{placed(`"placedAt":"2026-03-01T10:00:00Z",`, ``), `placedAt is required`},
		{placed(`"2026-03-01T10:00:00Z"`, `null`), `placedAt is required`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-02-29T10:00:00Z"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01T10:00:00"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01T1:00:00Z"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01T10:00:00,5Z"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01T10:00:00+24:00"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `"2026-03-01T10:00:00+01:60"`), `placedAt must be a time of RFC 3339`},
		{placed(`"2026-03-01T10:00:00Z"`, `1772359200`), `placedAt must be a string`},
		{placed(`"2026-03-01T10:00:00Z"`, `"0001-01-01T00:00:00Z"`), `placedAt must lie in the years 1970 to 9999`},
		{placed(`"2026-03-01T10:00:00Z"`, `"9999-12-31T23:59:59-01:00"`), `placedAt must lie in the years 1970 to 9999`},
		{placed(`"revision":1`, `"revision":-1`), `revision is -1; it must be a whole number from 0 to 4294967295`},
		{placed(`"revision":1`, `"revision":4294967296`), `revision is 4294967296; it must be`},
		{placed(`"revision":1`, `"revision":1.0`), `revision is 1.0; it must be`},
		{placed(`"revision":1`, `"revision":"1"`), `revision must be a whole number`},
		{`{` + head + `,"type":"order.changed","lines":[{"sku":"A","units":1}]}`, `revision is required`},
		{`{` + head + `,"type":"order.changed","revision":0,"lines":[{"sku":"A","units":1}]}`, `revision is required`},
		{`{` + head + `,"type":"order.changed","revision":2,"lines":[{"sku":"A","units":1},{"sku":"B","units":0}]}`, `lines[1].units is 0; leave the line out, or send order.cancelled to give up the whole order`},
		{`{` + head + `,"type":"order.changed","revision":2,"lines":[{"sku":"A","units":-1}]}`, `lines[0].units is -1; it must be from 1 to 1000000000`},
		{`{` + head + `,"type":"order.shipped","lines":[{"sku":"A","units":-1}]}`, `lines[0].units is -1; it must be from 0 to 1000000000`},
		{`{` + head + `,"type":"order.shipped","lines":[{"sku":"A"}]}`, `lines[0].units is required`},
		{`{` + head + `,"type":"order.cancelled","lines":[{"units":1}]}`, `lines[0].sku is required`},
		{`{` + head + `,"type":"order.cancelled","lines":[{"sku":"A","units":"1"}]}`, `lines[0].units must be a whole number`},
		{`{` + head + `,"type":"order.cancelled","lines":[]}`, `lines is required`},
		{placed(`"split":false`, `"split":0`), `split must be true or false`},
		{placed(`[{"sku":"KETTLE-1","units":2}]`, `null`), `lines is required`},
		{placed(`[{"sku":"KETTLE-1","units":2}]`, `{"sku":"KETTLE-1","units":2}`), `lines must be a list of lines`},
		{placed(`"units":2}`, `"units":2},7`), `lines[1] must be a JSON object`},
		{placed(`"units":2}`, `"units":2},null`), `lines[1] must be a JSON object`},
		{placed(`"units":2}`, `"units":2},{}`), `lines[1].sku is required`},
		{placed(`"KETTLE-1"`, `5`), `lines[0].sku must be a string`},
		{placed(`"KETTLE-1"`, `"A\u0000"`), `lines[0].sku "A\x00" has a control character`},
		{placed(`"KETTLE-1"`, `"`+strings.Repeat("x", 256)+`"`), `lines[0].sku has 256 bytes; at most 255 are allowed`},
		{placed(`null,"priority"`, `"soon","priority"`), `holdUntil must be a time of RFC 3339`},
		{placed(`"priority":0`, `"priority":2147483648`), `priority is 2147483648; it must be a whole number from -2147483648 to 2147483647`},
		{placed(`"buyer":null`, `"buyer":{}`), `buyer must be a string`},
		{placed(`"buyer":null`, `"buyer":"`+long+`"`), `buyer has 201 bytes; at most 200 are allowed`},
		{placed(`"buyer":null`, `"buyer":"a\r\nBcc: b"`), `buyer has a control character`},
		{placed(`"buyer":null`, "\"buyer\":\"a\x7f\""), `buyer has a control character`},
		{placed(`"buyer":null`, `"carrier":"`+long+`"`), `carrier has 201 bytes`},
		{placed(`"buyer":null`, `"trackingNumber":"`+long+`"`), `trackingNumber has 201 bytes`},
		{placed(`"buyer":null`, `"final":"yes"`), `final must be true or false`},
		{placed(`"buyer":null`, `"shippedAt":"-"`), `shippedAt must be a time of RFC 3339`},
		{placed(`"buyer":null`, `"seller":"acme"`), `seller occurs twice`},
		{placed(`"buyer":null`, `"s\u0065ller":null`), `seller occurs twice`},
		{placed(`"units":2`, `"units":2,"units":2`), `lines[0].units occurs twice`},
		{placed(`"buyer":null`, `"note":{"a":[{"b":1,"b":2}]}`), `note.a[0].b occurs twice`},
		{placed(`"buyer":null`, `"note":1,"note":2`), `note occurs twice`},
		{placed(`"KETTLE-1"`, "\"KETTLE\xff\""), `lines[0].sku is not valid JSON at byte`},
		{placed(`"KETTLE-1"`, `"\ud800"`), `lines[0].sku is not valid JSON at byte`},
		{placed(`"KETTLE-1"`, "\"A\n\""), `lines[0].sku is not valid JSON at byte`},
		{placed(`"units":2}`, `"units":2}{`), `lines is not valid JSON at byte`},
		{sample[:len(sample)-1], `the body is not valid JSON: it ends too early`},
		{``, `the body is not valid JSON: it ends too early`},
		{`  `, `the body is not valid JSON: it ends too early`},
		{"\ufeff" + sample, `the body is not valid JSON at byte 0`},
		{sample + `{}`, `the body has data after its JSON value, at byte`},
		{sample + `]`, `the body has data after its JSON value, at byte`},
		{`[` + sample + `]`, `the body must be a JSON object`},
		{`"order.placed"`, `the body must be a JSON object`},
		{`null`, `the body must be a JSON object`},
	} {
		t.Run(c.want, func(t *testing.T) {
			refused(t, c.body, c.want)
		})
	}
}

func TestUnitsMustBeAJSONInteger(t *testing.T) {
	for units, want := range map[string]string{
		`2.0`:                  `lines[1].units is 2.0; it must be a whole number`,
		`2e0`:                  `lines[1].units is 2e0; it must be a whole number`,
		`1e9`:                  `lines[1].units is 1e9; it must be a whole number`,
		`"2"`:                  `lines[1].units must be a whole number`,
		`true`:                 `lines[1].units must be a whole number`,
		`[2]`:                  `lines[1].units must be a whole number`,
		`null`:                 `lines[1].units is required`,
		`0`:                    `lines[1].units is 0; it must be from 1`,
		`-0`:                   `lines[1].units is 0; it must be from 1`,
		`-2`:                   `lines[1].units is -2; it must be from 1`,
		`1000000001`:           `lines[1].units is 1000000001; it must be from 1 to 1000000000`,
		`9223372036854775807`:  `lines[1].units is 9223372036854775807; it must be from 1`,
		`9223372036854775808`:  `lines[1].units is 9223372036854775808; it must be a whole number`,
		`-9223372036854775809`: `lines[1].units is -9223372036854775809; it must be a whole number`,
		`NaN`:                  `lines[1].units is not valid JSON at byte`,
		`Infinity`:             `lines[1].units is not valid JSON at byte`,
		`+2`:                   `lines[1].units is not valid JSON at byte`,
		`02`:                   `lines[1] is not valid JSON at byte`,
		`0x2`:                  `lines[1] is not valid JSON at byte`,
		`.5`:                   `lines[1].units is not valid JSON at byte`,
	} {
		t.Run(units, func(t *testing.T) {
			refused(t, placed(`{"sku"`, `{"sku":"POT","units":1},{"sku"`, `"units":2`, `"units":`+units), want)
		})
	}
	m, err := order.Parse([]byte(placed(`"units":2`, `"units":1000000000`)))
	require.NoError(t, err)
	require.Equal(t, supply.MaxUnits, m.Lines[0].Units)
}

func TestLinesOfOneSKUAreSummed(t *testing.T) {
	m, err := order.Parse([]byte(placed(`{"sku":"KETTLE-1","units":2}`,
		`{"sku":"POT","units":1},{"sku":"KETTLE-1","units":2},{"sku":"kettle-1","units":5},{"units":40,"sku":"POT"},{"sku":"\u0050OT","units":300},{"sku":"KETTLE-1","units":7}`)))
	require.NoError(t, err)
	require.Equal(t, []order.Line{{SKU: "POT", Units: 341}, {SKU: "KETTLE-1", Units: 9}, {SKU: "kettle-1", Units: 5}}, m.Lines)

	m, err = order.Parse([]byte(placed(`"units":2}`, `"units":600000000},{"sku":"KETTLE-1","units":400000000}`)))
	require.NoError(t, err)
	require.Equal(t, supply.MaxUnits, m.Lines[0].Units)

	refused(t, placed(`"units":2}`, `"units":600000000},{"sku":"POT","units":1},{"sku":"KETTLE-1","units":400000001}`),
		`lines[2].units brings "KETTLE-1" to more than 1000000000 units`)
}

func TestAThousandLinesAreReadAndNoMore(t *testing.T) {
	var lines []string
	for i := range 1001 {
		lines = append(lines, fmt.Sprintf(`{"sku":"SKU-%d","units":%d}`, i, i+1))
	}

	m, err := order.Parse([]byte(placed(`{"sku":"KETTLE-1","units":2}`, strings.Join(lines[:1000], ","))))

	require.NoError(t, err)
	require.Len(t, m.Lines, 1000)
	require.Equal(t, order.Line{SKU: "SKU-999", Units: 1000}, m.Lines[999])
	refused(t, placed(`{"sku":"KETTLE-1","units":2}`, strings.Join(lines, ",")), `lines has more than 1000 lines; at most 1000 are allowed`)
}

func TestUnknownFieldsAreIgnoredAndCounted(t *testing.T) {
	m, err := order.Parse([]byte(placed(`"units":2`, `"units":2,"gift":true,"Units":3`,
		`"buyer":null`, `"buyer":null,"x":{"y":1,"z":[{"sku":"no"}," \"}] "]},"":-1.5e-3,"Type":"order.cancelled"`)))
	require.NoError(t, err)
	want := message(order.Placed, order.Line{SKU: "KETTLE-1", Units: 2})
	want.PlacedAt, want.Unknown = placedAt, 5
	require.Equal(t, want, m)
}

func TestNestingEndsAtSixteen(t *testing.T) {
	nested := func(n int) string { // the object itself is the first level
		return placed(`"buyer":null`, `"x":`+strings.Repeat(`[`, n-1)+strings.Repeat(`]`, n-1))
	}
	m, err := order.Parse([]byte(nested(16)))
	require.NoError(t, err)
	require.Equal(t, 1, m.Unknown)
	refused(t, nested(17), `the body is nested deeper than 16`)
	refused(t, placed(`"units":2`, `"units":2,"x":`+strings.Repeat(`{"a":`, 14)+`0`+strings.Repeat(`}`, 14)), `the body is nested deeper than 16`)
	refused(t, placed(`"buyer":null`, `"x":[`+strings.Repeat(`[`, 15)+strings.Repeat(`]`, 15)+`,[]]`), `the body is nested deeper than 16`)
	refused(t, nested(12_000), `the body is nested deeper than 16`)
	refused(t, nested(16)+`}`, `the body has data after`)
}

func TestABodyEndsAt256KiB(t *testing.T) {
	pad := func(n int) []byte {
		return []byte(sample + strings.Repeat(" ", n-len(sample)))
	}
	_, err := order.Parse(pad(256 << 10))
	require.NoError(t, err)
	_, err = order.Parse(pad(256<<10 + 1))
	require.Equal(t, fault.TooLarge, fault.Of(err))
	require.ErrorContains(t, err, "the body has 262145 bytes; at most 262144 are allowed")
}

func TestAMessageKeepsNoPartOfItsBody(t *testing.T) {
	body := []byte(placed(`"buyer":null`, `"buyer":"Jo"`))
	m, err := order.Parse(body)
	require.NoError(t, err)
	before := string(m.JSON())

	copy(body, bytes.Repeat([]byte("#"), len(body)))
	_, err = order.Parse([]byte(strings.ReplaceAll(sample, "KETTLE", "TEAPOT")))
	require.NoError(t, err)

	require.Equal(t, before, string(m.JSON()))
}

func TestABadNameIsNotRememberedAsAKnownOne(t *testing.T) {
	for range 3 {
		refused(t, placed(`"acme"`, `"ACME"`), `seller "ACME"`)
		refused(t, placed(`"KETTLE-1"`, `"A\u0085"`), `lines[0].sku`)
	}
}

func TestParsingIsSafeInParallel(t *testing.T) {
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			sku := fmt.Sprintf("SKU-%d", worker%3)
			body := []byte(placed(`KETTLE-1`, sku, `acme`, fmt.Sprint("s", worker)))
			for range 500 {
				m, err := order.Parse(body)
				if err != nil || string(m.Lines[0].SKU) != sku || string(m.Seller) != fmt.Sprint("s", worker) {
					t.Errorf("worker %d read %+v, %v", worker, m, err)
				}
			}
		})
	}
	group.Wait()
}

// What a batch repeats must not be allocated for each of its messages.
func TestParseAllocatesLittle(t *testing.T) {
	body := []byte(sample)
	allocs := testing.AllocsPerRun(1000, func() { _, _ = order.Parse(body) })
	t.Logf("%.0f allocations for the sample body", allocs)
	require.LessOrEqual(t, allocs, 4.0)
}

func TestMemoryStaysInProportionToTheBody(t *testing.T) {
	var names, lines strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&names, `"%x":0,`, i)
	}
	for range 1000 {
		lines.WriteString(`{"sku":"` + strings.Repeat("S", 200) + `","units":1},`)
	}
	for name, body := range map[string]string{
		"unknown names": placed(`"buyer":null`, names.String()+`"buyer":null`),
		"long lines":    placed(`{"sku"`, lines.String()+`{"sku"`),
		"deep":          placed(`"buyer":null`, `"x":`+strings.Repeat(`[`, 120_000)+strings.Repeat(`]`, 120_000)),
		"long number":   placed(`"units":2`, `"units":`+strings.Repeat("9", 250_000)),
		"long text":     placed(`"buyer":null`, `"buyer":"`+strings.Repeat(`\u00e9`, 40_000)+`"`),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = order.Parse([]byte(body))
			runtime.ReadMemStats(&after)
			used := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d bytes for a body of %d", used, len(body))
			require.Less(t, used, uint64(32*len(body))) // in all, not at one time: what grew and was dropped counts too
		})
	}
}

// The peer is what anybody writes first; it checks nothing but types.
func BenchmarkParse(b *testing.B) {
	body := []byte(sample)
	for name, read := range map[string]func() error{
		"ours": func() error { _, err := order.Parse(body); return err },
		"peer": func() error { return json.Unmarshal(body, new(plainMessage)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// placed returns the sample with each old text, which must occur, replaced by
// its new one.
func placed(oldnew ...string) string {
	body := sample
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(body, oldnew[i]) {
			panic("the sample has no " + oldnew[i])
		}
		body = strings.Replace(body, oldnew[i], oldnew[i+1], 1)
	}
	return body
}

// refused asserts that the body is fault.Invalid with a message that begins
// with want.
func refused(t *testing.T, body, want string) {
	t.Helper()
	m, err := order.Parse([]byte(body))
	require.Error(t, err)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.True(t, strings.HasPrefix(err.Error(), want), "got %q, want %q", err, want)
	require.Equal(t, order.Message{}, m)
}
