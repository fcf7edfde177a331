package engine

// These tests call the shipment use cases as the API does and compare whole
// answers, or the field that an error names. They would catch a field that is
// lost on the way to the record, a number that is erased by another box, and an
// error that does not say what to change.

import (
	"context"
	"strings"
	"testing"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

const announcement = `{"shipmentId":"FBA15ABC","marketplace":"A1PA6795UKMFR9","destination":"DTM2","createdAt":"2026-03-01T09:00:00+01:00",
	"mode":"SPD","carrier":{"program":"PARTNERED","name":"UPS","scac":"upsn"},
	"boxes":[{"boxId":"U1","trackingId":"1Z 1","lines":[{"sku":"KETTLE-1","units":60}]},{"boxId":"U2","trackingId":"1Z2","lines":[{"sku":"KETTLE-1","units":40}]}],
	"billOfLading":"BOL 9","bookingNumber":"BK-7","eta":{"from":"2026-03-16","to":"2026-03-17"},"lines":[{"sku":"KETTLE-1","units":100}]}`

func announced(t *testing.T, edit ...func(*NewShipment)) NewShipment {
	var r NewShipment
	require.NoError(t, json.Unmarshal([]byte(announcement), &r, json.RejectUnknownMembers(true)))
	for _, change := range edit {
		change(&r)
	}
	return r
}

func (e *Engine) mustCreate(t *testing.T, seller supply.SellerID, key string, edit ...func(*NewShipment)) {
	answer, err := e.CreateShipment(context.Background(), monday, Once{Seller: seller, Key: key}, announced(t, edit...))
	require.NoError(t, err)
	require.Equal(t, 201, answer.Status)
}

func viewed(t *testing.T, answer Answer, err error) (v ShipmentView) {
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(answer.Body, &v))
	return v
}

func TestAnAnnouncedShipmentIsShownAsItWasSent(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	answer, err := e.CreateShipment(ctx, monday, once("k1"), announced(t))
	require.NoError(t, err)
	require.Equal(t, 201, answer.Status)
	require.JSONEq(t, `{"shipmentId":"FBA15ABC","marketplace":"A1PA6795UKMFR9","status":"SHIPPED","destination":"DTM2","createdAt":"2026-03-01T08:00:00Z",
		"mode":"SPD","carrier":{"program":"PARTNERED","name":"UPS","scac":"UPSN"},
		"boxes":[{"boxId":"U1","trackingId":"1Z 1","lines":[{"sku":"KETTLE-1","units":60}]},{"boxId":"U2","trackingId":"1Z2","lines":[{"sku":"KETTLE-1","units":40}]}],
		"proNumber":null,"containerNumber":null,"billOfLading":"BOL 9","blocked":false,"bookingNumber":"BK-7","vendor":null,"appointment":null,"manifest":null,
		"eta":{"from":"2026-03-16T00:00:00Z","to":"2026-03-17T00:00:00Z","kind":"DELIVERY","precision":"DATE"},"needBy":null,"needByAtRisk":false,"arrivedAt":null,
		"units":[{"number":"1Z 1","kind":"TRACKING_NUMBER","validation":"NOT_VALIDATED","alerted":false,"notLinked":null,"status":"UNKNOWN","troubles":"","events":0,"unmappedScans":0,"eta":null,"lastScan":null},
			{"number":"1Z2","kind":"TRACKING_NUMBER","validation":"NOT_VALIDATED","alerted":false,"notLinked":null,"status":"UNKNOWN","troubles":"","events":0,"unmappedScans":0,"eta":null,"lastScan":null},
			{"number":"BOL 9","kind":"BOL","validation":"NOT_VALIDATED","alerted":false,"notLinked":null,"status":"UNKNOWN","troubles":"","events":0,"unmappedScans":0,"eta":null,"lastScan":null},
			{"number":"BK-7","kind":"BOOKING","validation":"NOT_VALIDATED","alerted":false,"notLinked":null,"status":"UNKNOWN","troubles":"","events":0,"unmappedScans":0,"eta":null,"lastScan":null}],
		"lines":[{"sku":"KETTLE-1","units":100,"received":0,"removed":0,"needBy":null,"needByAtRisk":false}],"discrepancies":[],"version":1}`, string(answer.Body))

	shown, err := e.Shipment(ctx, "acme", "FBA15ABC")
	require.NoError(t, err)
	require.Equal(t, viewed(t, answer, nil), shown)
}

func TestWhatIsNotSaidHasADefault(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	v := viewed(t, must(e.CreateShipment(ctx, monday, once("k1"), NewShipment{ShipmentID: "S1", Marketplace: string(germany), Lines: []ContentFields{{"KETTLE-1", 5}}})), nil)
	require.Equal(t, "WORKING", v.Status)
	require.Equal(t, monday, v.CreatedAt)
	require.Equal(t, "SPD", v.Mode)
	require.Equal(t, CarrierFields{Program: "OWN"}, v.Carrier)
	require.Nil(t, v.ETA)
}

func TestAnErrorNamesItsField(t *testing.T) {
	many := make([]ContentFields, supply.MaxLines+1)
	for field, edit := range map[string]func(*NewShipment){
		"shipmentId is required":               func(r *NewShipment) { r.ShipmentID = "" },
		`shipmentId "FBA#1"`:                   func(r *NewShipment) { r.ShipmentID = "FBA#1" },
		"marketplace is required":              func(r *NewShipment) { r.Marketplace = "" },
		`marketplace "ATVPDKIKX0DER" is not`:   func(r *NewShipment) { r.Marketplace = "ATVPDKIKX0DER" },
		"destination must be printable":        func(r *NewShipment) { r.Destination = "DTM2\x00" },
		`createdAt "yesterday"`:                func(r *NewShipment) { r.CreatedAt = "yesterday" },
		"lies in the future":                   func(r *NewShipment) { r.CreatedAt = "2026-03-02T11:00:01Z" },
		`createdAt "0001-01-01T00:00:00Z"`:     func(r *NewShipment) { r.CreatedAt = "0001-01-01T00:00:00Z" },
		`mode "TRUCK"`:                         func(r *NewShipment) { r.Mode = "TRUCK" },
		`carrier.program "AMAZON"`:             func(r *NewShipment) { r.Carrier.Program = "AMAZON" },
		"carrier.name must":                    func(r *NewShipment) { r.Carrier.Name = strings.Repeat("u", 101) },
		"carrier.scac":                         func(r *NewShipment) { r.Carrier.SCAC = "UPS1" },
		"boxes[1].boxId is required":           func(r *NewShipment) { r.Boxes[1].BoxID = "" },
		`boxes[1].boxId "U1" occurs twice`:     func(r *NewShipment) { r.Boxes[1].BoxID = "U1" },
		"boxes[0].trackingId":                  func(r *NewShipment) { r.Boxes[0].TrackingID = new("1Z/1") },
		"boxes[1].lines[0].sku is required":    func(r *NewShipment) { r.Boxes[1].Lines[0].SKU = "" },
		"boxes[1].lines[0].units: the boxes":   func(r *NewShipment) { r.Boxes[1].Lines[0].Units = 41 },
		"proNumber has 65 characters":          func(r *NewShipment) { r.ProNumber = strings.Repeat("1", 65) },
		"containerNumber":                      func(r *NewShipment) { r.ContainerNumber = "MSKU#1" },
		"billOfLading must":                    func(r *NewShipment) { r.BillOfLading = " 9" },
		"eta.to":                               func(r *NewShipment) { r.ETA.To = "" },
		"eta.from":                             func(r *NewShipment) { r.ETA.From = "9999-12-31T23:59:59-12:00" },
		"must both be instants or both be":     func(r *NewShipment) { r.ETA.From = "2026-03-16T00:00:00Z" },
		`eta.from "2026-03-18" is after`:       func(r *NewShipment) { r.ETA.From = "2026-03-18" },
		"lines is empty":                       func(r *NewShipment) { r.Lines, r.Boxes = nil, nil },
		"lines[0].units is 0":                  func(r *NewShipment) { r.Lines[0].Units = 0 },
		"lines[0].units is 1000000001":         func(r *NewShipment) { r.Lines[0].Units = 1_000_000_001 },
		`lines[1].sku "KETTLE-1" occurs twice`: func(r *NewShipment) { r.Lines = append(r.Lines, r.Lines[0]) },
		"lines has 1001 entries":               func(r *NewShipment) { r.Lines = many },
		"boxes has 5001 entries": func(r *NewShipment) {
			r.Boxes = make([]BoxFields, supply.MaxBoxes+1)
			for i := range r.Boxes {
				r.Boxes[i].BoxID = "U" + strings.Repeat("0", i%60) + string(rune('A'+i/60%26)) + string(rune('a'+i/60/26))
			}
		},
	} {
		e := newTestEngine()
		_, err := e.CreateShipment(context.Background(), monday, once("k1"), announced(t, edit))
		require.ErrorContains(t, err, field)
		require.Contains(t, []fault.Kind{fault.Invalid, fault.TooLarge}, fault.Of(err), field)
		_, err = e.Shipment(context.Background(), "acme", "FBA15ABC")
		require.Equal(t, fault.NotFound, fault.Of(err), field)
	}
}

func TestAShipmentIsAnnouncedOnce(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	e.mustCreate(t, "acme", "k1")
	_, err := e.CreateShipment(ctx, monday, once("k2"), announced(t))
	require.Equal(t, fault.Conflict, fault.Of(err))
	require.ErrorContains(t, err, "shipmentId")
	e.mustCreate(t, "other", "k1")
}

func TestATrackingUpdateOfOneBoxLeavesTheOther(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	v := viewed(t, must(e.PutTracking(ctx, monday, once("k2"), "FBA15ABC", TrackingRequest{
		Boxes: []BoxFields{{BoxID: "U2", TrackingID: new("1Z22")}, {BoxID: "U3", TrackingID: new("1Z3")}}, ProNumber: new("440123")})), nil)
	require.Equal(t, []string{"1Z 1", "1Z22", "1Z3", "440123", "BOL 9", "BK-7"}, numbersShown(v))
	require.Equal(t, []ContentFields{{"KETTLE-1", 40}}, v.Boxes[1].Lines)
	v = viewed(t, must(e.PutTracking(ctx, monday, once("k3"), "FBA15ABC", TrackingRequest{Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("")}}, ProNumber: new("")})), nil)
	require.Equal(t, []string{"1Z22", "1Z3", "BOL 9", "BK-7"}, numbersShown(v))
	require.Equal(t, "BOL 9", *v.BillOfLading)

	for field, r := range map[string]TrackingRequest{
		"boxes[0].trackingId": {Boxes: []BoxFields{{BoxID: "U1", TrackingID: new("#")}}},
		"occurs twice":        {Boxes: []BoxFields{{BoxID: "U1"}, {BoxID: "U1"}}},
		"proNumber":           {ProNumber: new(strings.Repeat("1", 65))},
		"billOfLading":        {BillOfLading: new("\t")},
		"bookingNumber":       {BookingNumber: new("BK/7")},
	} {
		_, err := e.PutTracking(ctx, monday, once("k4"), "FBA15ABC", r)
		require.Equal(t, fault.Invalid, fault.Of(err), field)
		require.ErrorContains(t, err, field)
	}
}

func numbersShown(v ShipmentView) (numbers []string) {
	for _, u := range v.Units {
		numbers = append(numbers, u.Number)
	}
	return numbers
}

func TestAPlanSeenLongAgoIsNotReplaced(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	v := viewed(t, must(e.PutLines(ctx, monday, once("k2"), "FBA15ABC", LinesRequest{Lines: []ContentFields{{"KETTLE-1", 110}}, Version: new(int64(1))})), nil)
	require.Equal(t, int64(2), v.Version)
	_, err := e.PutLines(ctx, monday, once("k3"), "FBA15ABC", LinesRequest{Lines: []ContentFields{{"KETTLE-1", 120}}, Version: new(int64(1))})
	require.Equal(t, fault.Conflict, fault.Of(err))
	require.Equal(t, "2", err.(*fault.Error).Details)
	_, err = e.PutTracking(ctx, monday, once("k4"), "FBA15ABC", TrackingRequest{Version: new(int64(1))})
	require.Equal(t, fault.Conflict, fault.Of(err))
}

func TestCarriersNewsDoNotMakeAPlanOld(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	feed := &supplyFeed{engine: e}
	feed.drain(t)
	require.NoError(t, e.Track(ctx, monday, "acme", []supply.Report{scanned("1Z1", "2026-03-02T09:00:00Z")}))
	feed.drain(t)
	_, err := e.PutLines(ctx, monday, once("k2"), "FBA15ABC", LinesRequest{Lines: []ContentFields{{"KETTLE-1", 110}}, Version: new(int64(1))})
	require.NoError(t, err)
}

func TestReceiptsAddUpAndOneCountsOnceForEver(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	first := ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 40}}}
	for _, now := range []time.Duration{0, time.Hour, 40 * 24 * time.Hour} { // the answer is forgotten after 28 days, the receipt is not
		v := viewed(t, must(e.Receive(ctx, monday.Add(now), once("k2"), "FBA15ABC", first)), nil)
		require.Equal(t, []LineView{{SKU: "KETTLE-1", Units: 100, Received: 40}}, v.Lines, now)
		require.Equal(t, "RECEIVING", v.Status)
	}
	v := viewed(t, must(e.Receive(ctx, monday, once("k3"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", 65}, {"MUG", 2}}})), nil)
	require.Equal(t, "CLOSED", v.Status)
	require.Equal(t, []ContentFields{{"KETTLE-1", 5}, {"MUG", 2}}, v.Discrepancies)

	_, err := e.Receive(ctx, monday, once("k4"), "FBA15ABC", ReceiptRequest{})
	require.ErrorContains(t, err, "lines is empty")
	_, err = e.Receive(ctx, monday, once("k5"), "FBA15ABC", ReceiptRequest{Lines: []ContentFields{{"KETTLE-1", -1}}})
	require.ErrorContains(t, err, "lines[0].units is -1")
}

func TestAnEndedShipmentIsNotPlannedAnew(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	e.mustCreate(t, "acme", "k1")
	require.Equal(t, "CANCELLED", viewed(t, must(e.CancelShipment(ctx, monday, once("k2"), "FBA15ABC")), nil).Status)
	require.Equal(t, "CANCELLED", viewed(t, must(e.CancelShipment(ctx, monday, once("k3"), "FBA15ABC")), nil).Status)
	_, err := e.PutLines(ctx, monday, once("k4"), "FBA15ABC", LinesRequest{Lines: []ContentFields{{"KETTLE-1", 1}}})
	require.Equal(t, fault.Refused, fault.Of(err))
	for _, id := range []string{"FBA15XYZ", "a#b"} {
		_, err = e.CancelShipment(ctx, monday, once("k5"), id)
		require.Contains(t, []fault.Kind{fault.NotFound, fault.Invalid}, fault.Of(err))
		_, err = e.Shipment(ctx, "acme", id)
		require.Contains(t, []fault.Kind{fault.NotFound, fault.Invalid}, fault.Of(err))
	}
	_, err = e.Shipment(ctx, "other", "FBA15ABC")
	require.Equal(t, fault.NotFound, fault.Of(err), "another seller does not see it")
}

func TestAScanThatNobodyMappedIsCountedAndShownAsItCame(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1")
	strange := told("1Z1", "2026-03-02T09:00:00Z", supply.TrackUnknown, supply.CodeUnknown)
	strange.Scans[0].Text = "QX: Warehouse ghost"
	f.track(t, scanned("1Z1", "2026-03-02T08:00:00Z"), strange)
	u := e.shown(t, "FBA15ABC").Units[0]
	require.Equal(t, []any{"IN_TRANSIT", uint32(2), uint32(1), "UNKNOWN", "QX: Warehouse ghost"}, []any{u.Status, u.Events, u.Unmapped, u.LastScan.Code, u.LastScan.Text})
	require.Equal(t, "VALIDATED", u.Validation, "the carrier knows the number, whatever it says")
}

func TestAnETAIsShownWithWhereAndByWhomItWasSaid(t *testing.T) {
	e := newTestEngine()
	f := &supplyFeed{engine: e}
	e.mustCreate(t, "acme", "k1", withoutETA)
	day := clock("2026-03-14T00:00:00Z")
	f.track(t, supply.Report{Number: "1Z1", SaidAt: clock("2026-03-02T08:00:00Z"), ETAs: []supply.Estimate{{
		Window: supply.Window{To: day, DateOnly: true, Kind: supply.AtPort}, Classifier: supply.Planned, Source: supply.FromTerminal, Place: "DEHAM"}}})
	window := WindowView{From: &day, To: day, Kind: "ARRIVAL_PORT", Precision: "DATE"}
	v := e.shown(t, "FBA15ABC")
	require.Equal(t, &window, v.ETA)
	require.Equal(t, &UnitETAView{window, "PLN", "TERMINAL", new(clock("2026-03-02T08:00:00Z")), "DEHAM"}, v.Units[0].ETA)
	require.Equal(t, &window, e.lotOf(t, "FBA15ABC").ETA)
	require.Equal(t, supply.AtPort, e.mustLoad(t, monday).Lots[0].Basis.Kind, "also as it is stored")
	for want, w := range map[string]supply.Window{"INSTANT": {From: day, To: day}, "WINDOW": {From: day.Add(-time.Hour), To: day}, "DATE": {From: day.Add(-24 * time.Hour), To: day, DateOnly: true}} {
		require.Equal(t, want, windowView(w).Precision)
	}
}
