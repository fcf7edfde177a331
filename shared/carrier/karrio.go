package carrier

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// Karrio, which a shipper runs itself, pushes a tracker with its whole history.
// It signs nothing: the webhook's secret stands in a header. It never tries a push
// again, and gives a webhook up after five failures.
//
// Sources: the webhook task, the serializers and the plans for tracker statuses
// and incident reasons in karrioapi/karrio; read 2026-11.
var karrio = Adapter{
	Name:     "karrio",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 30 * time.Second,
	Verify:   karrioToken.verify,
	Parse:    parseKarrio,
	Sign:     karrioToken.sign,
}

var karrioToken = token{header: "X-Event-Id"}

type karrioEvent struct {
	Event string         `json:"event"`
	Data  *karrioTracker `json:"data"`
}

type karrioTracker struct {
	Number  string       `json:"tracking_number"`
	Carrier string       `json:"carrier_name"`
	Status  string       `json:"status"`
	ETA     string       `json:"estimated_delivery"`
	Scans   []karrioScan `json:"events"`
	Meta    struct {
		Carrier string `json:"carrier"` // behind a hub that carrier_name is
	} `json:"meta"`
}

type karrioScan struct {
	Timestamp   string `json:"timestamp"`
	Date        string `json:"date"`
	Time        string `json:"time"`
	Status      string `json:"status"` // null before Karrio 2026
	Reason      string `json:"reason"`
	Description string `json:"description"`
	Location    string `json:"location"`
}

// parseKarrio reads tracker events; those about shipments, orders and pickups are
// authentic and none of our business, whatever their data looks like.
func parseKarrio(body []byte) ([]supply.Report, error) {
	var event karrioEvent
	if err := decode(body, &event); err != nil {
		var other struct {
			Event string `json:"event"`
		}
		if decode(body, &other) == nil && other.Event != "" && !karrioTracks(other.Event) {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case event.Event == "":
		return nil, invalid("event is required: this is not a Karrio event")
	case !karrioTracks(event.Event):
		return nil, nil
	case event.Data == nil:
		return nil, invalid("data is required: a %s event has a tracker", event.Event)
	}
	report, err := event.Data.report()
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

func karrioTracks(event string) bool { return event == "tracker_created" || event == "tracker_updated" }

func (t *karrioTracker) report() (r supply.Report, err error) {
	r = supply.Report{Issuer: cmp.Or(t.Meta.Carrier, t.Carrier), Snapshot: true, Scans: make([]supply.Scan, 0, len(t.Scans)+1)}
	if r.Number, err = supply.ParseTrackingNumber("data.tracking_number", t.Number); err != nil {
		return r, err
	}
	eta, err := span("data.estimated_delivery", t.ETA, "")
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i := range t.Scans {
		scan, err := t.Scans[i].scan("data.events[" + strconv.Itoa(i) + "].")
		if err != nil {
			return r, err
		}
		r.Scans = append(r.Scans, scan)
	}
	oldestFirst(r.Scans)
	if t.Status != "" {
		r.Scans = sumUp(r.Scans, karrioMeaning(t.Status, ""))
	}
	return r, nil
}

func (e *karrioScan) scan(field string) (s supply.Scan, err error) {
	s.Code = supply.CodeInfo // without a status, the carrier's words alone: they move nothing
	if e.Status != "" {
		s = karrioMeaning(e.Status, e.Reason)
	}
	if s.Code != supply.CodeUnknown {
		s.Text = words(e.Description)
	}
	s.Place = place(e.Location)
	s.At, s.Local, err = e.at(field)
	return s, err
}

// at returns when it happened. Karrio writes the carrier's local time, and in
// timestamps a Z behind it that means nothing; another offset is the carrier's.
func (e *karrioScan) at(field string) (at time.Time, local bool, err error) {
	if e.Timestamp != "" {
		at, local, err = moment(field+"timestamp", e.Timestamp)
		return at, local || strings.HasSuffix(e.Timestamp, "Z"), err
	}
	if at, local, err = moment(field+"date", e.Date); err != nil || e.Time == "" || at.IsZero() {
		return at, local, err
	}
	clock, err := karrioClock(field+"time", e.Time)
	return at.Add(clock), local, err
}

// karrioClock reads a time of day: 14:29, 02:29 PM or, as some of Karrio's
// connectors write it, 14:29 PM.
func karrioClock(field, s string) (time.Duration, error) {
	clock, half, _ := strings.Cut(s, " ")
	t, err := time.Parse("15:04", clock)
	if err != nil || half != "" && half != "AM" && half != "PM" {
		return 0, invalid("%s %q is not a time of day; write it as 15:04", field, supply.Words(s, 40))
	}
	since := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	switch {
	case half == "PM" && t.Hour() < 12:
		since += 12 * time.Hour
	case half == "AM" && t.Hour() == 12:
		since -= 12 * time.Hour
	}
	return since, nil
}

// karrioMeaning returns what a status means and, where it is a trouble, its
// reason. Karrio derives reasons from the carriers' codes, and finds some behind
// ordinary scans, where they mean nothing.
func karrioMeaning(status, reason string) supply.Scan {
	s, known := karrioStatuses[status]
	if !known {
		return unmapped(status)
	}
	switch s.Status {
	case supply.Exception, supply.DeliveryAttempted, supply.Returning:
		if code, known := karrioReasons[reason]; known {
			s.Code = code
		}
	}
	return s
}

// Source: TrackerStatus in Karrio's serializers.
var karrioStatuses = map[string]supply.Scan{
	"unknown":          {Status: supply.TrackUnknown, Code: supply.StatusOnly}, // Karrio does not know the carrier's code
	"pending":          {Status: supply.PreTransit, Code: supply.StatusOnly},
	"picked_up":        {Status: supply.InTransit, Code: supply.PickedUp},
	"in_transit":       {Status: supply.InTransit, Code: supply.StatusOnly},
	"on_hold":          {Status: supply.Exception, Code: supply.Held},
	"delivery_delayed": {Status: supply.Exception, Code: supply.Delayed},
	"out_for_delivery": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"delivery_failed":  {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"ready_for_pickup": {Status: supply.AvailableForPickup, Code: supply.Available},
	"delivered":        {Status: supply.Delivered, Code: supply.CodeDelivered},
	"return_to_sender": {Status: supply.Returning, Code: supply.ReturnStarted},
	"cancelled":        {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
}

// Source: TrackingIncidentReason in Karrio's units. Reasons that leave the status
// as it is (nobody at home, no access) have no row.
var karrioReasons = map[string]supply.TrackCode{
	"carrier_damaged_parcel":           supply.Damaged,
	"carrier_parcel_lost":              supply.Lost,
	"consignee_refused":                supply.Refused,
	"carrier_address_not_found":        supply.AddressIssue,
	"consignee_incorrect_address":      supply.AddressIssue,
	"customs_delay":                    supply.CustomsHold,
	"customs_documentation":            supply.CustomsHold,
	"customs_duties_unpaid":            supply.CustomsHold,
	"customs_prohibited":               supply.CustomsHold,
	"customs_inspection":               supply.CustomsHold,
	"regulatory_hold":                  supply.CustomsHold,
	"carrier_sorting_error":            supply.Delayed, // it will come, by a detour
	"carrier_not_enough_time":          supply.Delayed,
	"carrier_vehicle_issue":            supply.Delayed,
	"carrier_capacity_exceeded":        supply.Delayed,
	"carrier_mechanical_delay":         supply.Delayed,
	"carrier_delay":                    supply.Delayed,
	"weather_delay":                    supply.Delayed,
	"natural_disaster":                 supply.Delayed,
	"force_majeure":                    supply.Delayed,
	"delivery_delayed":                 supply.Delayed,
	"parcel_being_researched":          supply.Held, // not found, not yet lost
	"security_issue":                   supply.Held,
	"delivery_exception_hold":          supply.Held,
	"delivery_exception_undeliverable": supply.Held,
}
