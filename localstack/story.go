package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// story tells what Headstart is for, through its own front doors: a parcel's
// history as EasyPost sends it, orders on the queue, calls of the API.
type story struct {
	stack   *local.Stack
	base    string
	key     string
	seller  supply.SellerID
	out     io.Writer
	now     time.Time
	name    string // of this telling; a second one leaves the first alone
	day     string // last shown to a new buyer
	tracker easypostTracker
}

const storyMarketplace = "A1PA6795UKMFR9"

func newStory(stack *local.Stack, base, key string, seller supply.SellerID, out io.Writer) *story {
	now := boot.Now()
	name := fmt.Sprintf("%d", now.Unix())
	return &story{stack: stack, base: base, key: key, seller: seller, out: out, now: now, name: name,
		tracker: easypostTracker{Object: "Tracker", ID: "trk_" + name, Mode: "production", Code: "1ZSTORY" + name, Carrier: "UPS",
			CreatedAt: now.AddDate(0, 0, -2)}}
}

func (s *story) sku() string      { return "KETTLE-" + s.name }
func (s *story) shipment() string { return "FBA" + s.name }

// tell runs the chapters in order and stops at the first that goes wrong.
func (s *story) tell(ctx context.Context) error {
	fmt.Fprintf(s.out, "The story of a hundred kettles\n\n")
	for _, chapter := range []struct {
		title string
		run   func(context.Context) error
		until func(view) bool
	}{
		{"A hundred kettles are sent off; no carrier has said when they come, so none is sold.", s.ship, func(v view) bool { return v.Inbound.Shipped == 100 }},
		{"EasyPost reports the parcel on its way, with a date: the kettles can be bought.", s.depart, func(v view) bool { return v.Buyable == 100 }},
		{"Seventy are bought before they are here.", s.buy, func(v view) bool { return v.Reserved == 70 }},
		{"The parcel is four days late: every promise moves, and says so.", s.delay, func(v view) bool { return text(v.Offer.InStockDate) > s.day }},
		{"It is delivered and counted in: the future becomes stock.", s.receive, func(v view) bool { return v.Fulfillable == 30 }},
	} {
		fmt.Fprintf(s.out, "  %s\n", chapter.title)
		if err := chapter.run(ctx); err != nil {
			return fault.Wrap(err, "the story stopped")
		}
		v, err := s.await(ctx, chapter.until)
		if err != nil {
			return err
		}
		s.day = text(v.Offer.InStockDate)
		s.show(ctx, v)
	}
	fmt.Fprintf(s.out, "Go on by hand; stop with Ctrl-C. All of it is still there after a restart, or a kill -9.\n")
	return nil
}

// view is what the story reads of an item.
type view struct {
	Fulfillable int `json:"fulfillableQuantity"`
	Pending     int `json:"pendingCustomerOrderQuantity"`
	Reserved    int `json:"reservedFutureSupplyQuantity"`
	Buyable     int `json:"futureSupplyBuyableQuantity"`
	Inbound     struct {
		Working, Shipped, Receiving int
	} `json:"inbound"`
	Offer struct {
		Status      string  `json:"status"`
		InStockDate *string `json:"inStockDate"`
	} `json:"offer"`
	Verdict struct {
		Code     string `json:"code"`
		Evidence string `json:"evidence"`
	} `json:"verdict"`
}

func (s *story) itemPath() string { return "/v1/items/" + storyMarketplace + "/" + s.sku() }

// await reads the item until the chapter's effect has come through the stream.
func (s *story) await(ctx context.Context, until func(view) bool) (v view, err error) {
	for range 200 {
		if err = s.call(ctx, http.MethodGet, s.itemPath(), nil, &v); err == nil && until(v) {
			return v, nil
		}
		timer := time.NewTimer(25 * time.Millisecond)
		select {
		case <-ctx.Done():
			return v, fault.As(fault.Transient, ctx.Err(), "the story was interrupted")
		case <-timer.C:
		}
	}
	return v, fault.New(fault.Internal, "STORY", "the numbers did not follow within 5 s: %+v, %v", v, err)
}

func (s *story) show(ctx context.Context, v view) {
	fmt.Fprintf(s.out, "      on the way %d   reserved %d   buyable %d   in stock for orders %d   free %d   next date %s   %s\n",
		v.Inbound.Working+v.Inbound.Shipped+v.Inbound.Receiving, v.Reserved, v.Buyable, v.Pending, v.Fulfillable, s.day, v.Verdict.Code)
	var order struct {
		Status        string  `json:"status"`
		FirstPromised *string `json:"firstPromised"`
		Promised      *string `json:"promised"`
		Released      bool    `json:"released"`
	}
	if s.call(ctx, http.MethodGet, s.itemPath()+"/orders/"+s.order(0), nil, &order) == nil {
		fmt.Fprintf(s.out, "      order %s: %s, first promised %s, now %s, all on hand: %v\n", s.order(0), order.Status, text(order.FirstPromised), text(order.Promised), order.Released)
	}
	fmt.Fprintln(s.out)
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func (s *story) ship(ctx context.Context) error {
	return s.call(ctx, http.MethodPost, "/v1/shipments", map[string]any{
		"shipmentId": s.shipment(), "marketplace": storyMarketplace, "mode": "SPD", "carrier": map[string]any{"program": "OWN", "name": "UPS"},
		"boxes": []any{map[string]any{"boxId": s.shipment() + "U000001", "trackingId": s.tracker.Code}},
		"lines": []any{map[string]any{"sku": s.sku(), "units": 100}},
	}, nil)
}

func (s *story) depart(ctx context.Context) error {
	s.tracker.scan("pre_transit", "label_created", "Shipment information received", "", s.now.Add(-30*time.Hour))
	s.tracker.scan("in_transit", "departed_facility", "Departed from facility", "Rotterdam", s.now.Add(-6*time.Hour))
	return s.report(ctx, 6)
}

func (s *story) buy(ctx context.Context) error {
	var messages []any
	for i := range 70 {
		messages = append(messages, map[string]any{"type": "order.placed", "orderId": s.order(i), "seller": s.seller, "marketplace": storyMarketplace,
			"placedAt": s.now.Format(time.RFC3339), "lines": []any{map[string]any{"sku": s.sku(), "units": 1}}})
	}
	return s.call(ctx, http.MethodPost, "/queues/orders", messages, nil)
}

func (s *story) order(i int) string { return fmt.Sprintf("113-%s-%02d", s.name, i) }

func (s *story) delay(ctx context.Context) error {
	s.tracker.scan("in_transit", "delayed", "Delayed by weather", "Venlo", s.now.Add(-time.Hour))
	return s.report(ctx, 10)
}

func (s *story) receive(ctx context.Context) error {
	s.tracker.scan("delivered", "arrived_at_destination", "Delivered", "Dortmund", s.now)
	if err := s.report(ctx, 10); err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, "/v1/shipments/"+s.shipment()+"/receipts", map[string]any{
		"lines": []any{map[string]any{"sku": s.sku(), "units": 100}}, "final": true}, nil)
}

// report sends the parcel's whole history, signed as EasyPost signs.
func (s *story) report(ctx context.Context, etaDays int) error {
	s.tracker.version++
	s.tracker.UpdatedAt = s.now.Add(time.Duration(s.tracker.version) * time.Second)
	eta := s.now.AddDate(0, 0, etaDays).Truncate(24 * time.Hour)
	s.tracker.ETA = &eta
	body, err := json.Marshal(map[string]any{"object": "Event", "id": fmt.Sprintf("evt_%s_%d", s.name, s.tracker.version),
		"description": "tracker.updated", "mode": "production", "created_at": s.now, "updated_at": s.tracker.UpdatedAt, "result": s.tracker})
	if err != nil {
		return fault.As(fault.Internal, err, "encoding an event")
	}
	adapter, ok := carrier.Lookup("easypost")
	if !ok {
		return fault.New(fault.Internal, "STORY", "there is no EasyPost adapter")
	}
	secret, err := s.stack.Secret(ctx, "easypost", string(s.seller))
	if err != nil {
		return err
	}
	push := adapter.Push(string(s.seller), body, secret, "", s.now)
	return s.send(ctx, push.Method, push.Path, push.Header, body, nil)
}

func (s *story) call(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fault.As(fault.Internal, err, "encoding a call")
		}
	}
	header := http.Header{"Authorization": {"Bearer " + s.key}, "Idempotency-Key": {s.name + path}}
	return s.send(ctx, method, path, header, text, into)
}

func (s *story) send(ctx context.Context, method, path string, header http.Header, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return fault.As(fault.Internal, err, path)
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fault.As(fault.Transient, err, path)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		return fault.New(fault.Internal, "STORY", "%s %s answered %d: %s", method, path, response.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	return fault.As(fault.Internal, json.Unmarshal(text, into), path)
}

// easypostTracker is a parcel as EasyPost describes it.
// Source: EasyPost's API reference, Tracker object.
type easypostTracker struct {
	Object    string         `json:"object"`
	ID        string         `json:"id"`
	Mode      string         `json:"mode"`
	Code      string         `json:"tracking_code"`
	Carrier   string         `json:"carrier"`
	Status    string         `json:"status"`
	Detail    string         `json:"status_detail"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	ETA       *time.Time     `json:"est_delivery_date"`
	Scans     []easypostScan `json:"tracking_details"`
	version   int
}

type easypostScan struct {
	Object   string            `json:"object"`
	Message  string            `json:"message"`
	Status   string            `json:"status"`
	Detail   string            `json:"status_detail"`
	At       time.Time         `json:"datetime"`
	Location map[string]string `json:"tracking_location"`
}

func (t *easypostTracker) scan(status, detail, message, city string, at time.Time) {
	t.Status, t.Detail = status, detail
	t.Scans = append(t.Scans, easypostScan{Object: "TrackingDetail", Message: message, Status: status, Detail: detail,
		At: at.Truncate(time.Second), Location: map[string]string{"city": city}})
}
