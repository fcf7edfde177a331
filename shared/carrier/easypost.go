package carrier

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	"headstart/shared/supply"
)

// EasyPost pushes an Event whose result is a Tracker with its whole history.
// In test mode every update moves all earlier scan times and the ETA, so the
// history is a snapshot and its times identify nothing.
//
// Sources: docs.easypost.com/docs/trackers, docs.easypost.com/guides/webhooks-guide,
// and the webhook check of EasyPost's own client libraries; read 2026-11.
var easypost = Adapter{
	Name:     "easypost",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 7 * time.Second,
	Verify:   easypostSeal.verify,
	Parse:    parseEasyPost,
	Sign:     easypostSeal.sign,
}

// EasyPost normalises the secret to NFKD before it uses its UTF-8 as the key.
var easypostSeal = sealed{
	header: "X-Hmac-Signature", prefix: "hmac-sha256-hex=", encode: hex.EncodeToString,
	key: func(secret string) []byte { return norm.NFKD.Bytes([]byte(secret)) },
}

type easypostEvent struct {
	Description string           `json:"description"`
	Result      *easypostTracker `json:"result"`
}

type easypostTracker struct {
	Number  string           `json:"tracking_code"`
	Carrier string           `json:"carrier"`
	Status  string           `json:"status"`
	Detail  string           `json:"status_detail"`
	Updated string           `json:"updated_at"`
	ETA     string           `json:"est_delivery_date"`
	Scans   []easypostDetail `json:"tracking_details"`
	Service struct {
		ETA string `json:"est_delivery_date_local"`
	} `json:"carrier_detail"`
}

type easypostDetail struct {
	Message     string `json:"message"`
	Description string `json:"description"`
	Status      string `json:"status"`
	Detail      string `json:"status_detail"`
	At          string `json:"datetime"`
	Location    struct {
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"tracking_location"`
}

// parseEasyPost reads tracker events; those about batches, payments and the
// like are authentic and none of our business, whatever their result looks like.
func parseEasyPost(body []byte) ([]supply.Report, error) {
	var event easypostEvent
	if err := decode(body, &event); err != nil {
		var other struct {
			Description string `json:"description"`
		}
		if decode(body, &other) == nil && other.Description != "" && !easypostTracks(other.Description) {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case event.Description == "":
		return nil, invalid("description is required: this is not an EasyPost event")
	case !easypostTracks(event.Description):
		return nil, nil
	case event.Result == nil:
		return nil, invalid("result is required: a %s event without its tracker must be fetched", event.Description)
	}
	report, err := event.Result.report()
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

func easypostTracks(description string) bool {
	return description == "tracker.created" || description == "tracker.updated"
}

func (t *easypostTracker) report() (r supply.Report, err error) {
	r = supply.Report{Issuer: t.Carrier, Snapshot: true, Scans: make([]supply.Scan, 0, len(t.Scans)+1)}
	if r.Number, err = supply.ParseTrackingNumber("result.tracking_code", t.Number); err != nil {
		return r, err
	}
	if t.Updated == "" {
		return r, invalid("result.updated_at is required: it says which of two histories is newer")
	}
	if r.Version, err = instant("result.updated_at", t.Updated); err != nil {
		return r, err
	}
	r.SaidAt = r.Version
	eta, err := t.eta()
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i := range t.Scans {
		scan, err := t.Scans[i].scan(i)
		if err != nil {
			return r, err
		}
		r.Scans = append(r.Scans, scan)
	}
	summary := easypostScan(t.Status, t.Detail, "")
	summary.At = r.Version
	if !slices.ContainsFunc(r.Scans, func(s supply.Scan) bool { return s.Status == summary.Status }) && t.Status != "" {
		r.Scans = append(r.Scans, summary) // a cancelled label, for one, has no scan
	}
	return r, nil
}

// eta returns the tracker's ETA. Midnight UTC is how EasyPost writes a day.
func (t *easypostTracker) eta() (supply.Window, error) {
	if t.ETA == "" && t.Service.ETA != "" {
		return day("result.carrier_detail.est_delivery_date_local", t.Service.ETA)
	}
	at, err := instant("result.est_delivery_date", t.ETA)
	return supply.Window{From: at, To: at, DateOnly: !at.IsZero() && at.Equal(at.Truncate(24*time.Hour))}, err
}

func (d *easypostDetail) scan(i int) (supply.Scan, error) {
	said := words(d.Message, d.Description)
	s := easypostScan(d.Status, d.Detail, said)
	at, err := instant("result.tracking_details["+strconv.Itoa(i)+"].datetime", d.At)
	s.At = at
	s.Text = words(s.Text, said)
	s.Place = place(d.Location.City, d.Location.State, d.Location.Country)
	return s, err
}

// easypostScan returns what a status and its detail mean. The status decides
// where the unit stands; the detail, which EasyPost calls advisory, adds only
// what went wrong. An unknown status moves nothing, an unknown detail is none.
func easypostScan(status, detail, said string) supply.Scan {
	s, known := easypostStatuses[status]
	if !known {
		return unmapped(status, detail, said)
	}
	if code, known := easypostDetails[detail]; known && s.Code == supply.StatusOnly {
		s.Code = code
	}
	return s
}

// Source: docs.easypost.com/docs/trackers, "Tracker statuses".
var easypostStatuses = map[string]supply.Scan{
	"unknown":              {Status: supply.TrackUnknown, Code: supply.StatusOnly}, // no scan yet, or one that EasyPost cannot place
	"pre_transit":          {Status: supply.PreTransit, Code: supply.StatusOnly},
	"in_transit":           {Status: supply.InTransit, Code: supply.StatusOnly},
	"out_for_delivery":     {Status: supply.OutForDelivery, Code: supply.StatusOnly},
	"delivered":            {Status: supply.Delivered, Code: supply.StatusOnly},
	"available_for_pickup": {Status: supply.AvailableForPickup, Code: supply.StatusOnly},
	"return_to_sender":     {Status: supply.Returning, Code: supply.StatusOnly}, // on its way back; a delivery after it is one to the sender
	"failure":              {Status: supply.Exception, Code: supply.StatusOnly}, // attempts and losses alike; not the end
	"cancelled":            {Status: supply.TrackCancelled, Code: supply.StatusOnly},
	"error":                {Status: supply.TrackUnknown, Code: supply.TrackingStopped}, // the tracker failed, nothing is known of the goods
}

// Source: the same page, "Status details".
var easypostDetails = map[string]supply.TrackCode{
	"address_correction":                 supply.AddressIssue,
	"arrived_at_destination":             supply.StatusOnly, // said of deliveries and of the last hub: the status tells which
	"arrived_at_facility":                supply.ArrivedAt,
	"arrived_at_pickup_location":         supply.Available,
	"awaiting_information":               supply.StatusOnly,
	"cancelled":                          supply.CodeCancelled,
	"damaged":                            supply.Damaged,
	"delayed":                            supply.Delayed,
	"delivery_exception":                 supply.CodeDeliveryAttempted, // the carrier was at the door
	"departed_facility":                  supply.Departed,
	"departed_origin_facility":           supply.Departed,
	"expired":                            supply.TrackingStopped, // the tracker's end, whatever the status beside it
	"failure":                            supply.StatusOnly,
	"held":                               supply.Held,
	"in_transit":                         supply.StatusOnly,
	"label_created":                      supply.InfoReceived,
	"lost":                               supply.Lost,
	"missorted":                          supply.Delayed, // it will come, by a detour
	"out_for_delivery":                   supply.CodeOutForDelivery,
	"received_at_destination_facility":   supply.ArrivedAt, // a facility, not our dock
	"received_at_origin_facility":        supply.ArrivedAt,
	"refused":                            supply.Refused,
	"return":                             supply.ReturnStarted, // even where the status still says in_transit
	"status_update":                      supply.StatusOnly,
	"transferred_to_destination_carrier": supply.Departed,
	"transit_exception":                  supply.StatusOnly, // with failure it holds the unit, else it is a scan like others
	"unknown":                            supply.StatusOnly,
	"weather_delay":                      supply.Delayed,
}
