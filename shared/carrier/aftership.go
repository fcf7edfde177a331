package carrier

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// AfterShip follows the trackers of many couriers. Each of its three events,
// a new status, a revised delivery date and a tracking without news, carries the
// whole tracking, so all are read alike: as a snapshot.
//
// Nothing but the body is signed, and a retry comes up to eleven days late with
// the time of the first attempt, so an old event is no sign of a forgery; it
// finds a newer snapshot and changes nothing.
//
// Sources: aftership.com/docs/tracking/webhook, pages "Webhook Overview",
// "Webhook Specifications", "Webhook Signature" and "Webhook Changelog" (2026-07),
// and the models of AfterShip's own client libraries; read 2026-11.
var aftership = Adapter{
	Name:     "aftership",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 10 * time.Second, // not documented
	Verify:   aftershipSeal.verify,
	Parse:    parseAfterShip,
	Sign:     aftershipSeal.sign,
}

// The Returns and Shipping products of AfterShip use other headers; this is Tracking's.
var aftershipSeal = sealed{header: "Aftership-Hmac-Sha256", encode: base64.StdEncoding.EncodeToString, key: text}

type aftershipEvent struct {
	Event    string             `json:"event"`
	Tracking *aftershipTracking `json:"msg"`
	At       int64              `json:"ts"` // unix seconds
}

type aftershipTracking struct {
	Number       string                `json:"tracking_number"`
	Slug         string                `json:"slug"`
	Tag          string                `json:"tag"`
	Subtag       string                `json:"subtag"`
	Message      string                `json:"subtag_message"`
	Updated      string                `json:"updated_at"`
	Returning    bool                  `json:"return_to_sender"`
	Delivered    string                `json:"shipment_delivery_date"`
	Checkpoints  []aftershipCheckpoint `json:"checkpoints"`
	FirstMile    aftershipMile         `json:"first_mile"`
	LastMile     aftershipMile         `json:"last_mile"`
	NextCouriers []aftershipMile       `json:"next_couriers"`

	Courier  aftershipDate `json:"courier_estimated_delivery_date"`
	Expected string        `json:"expected_delivery"` // the courier's, before 2025-01
	Own      aftershipDate `json:"aftership_estimated_delivery_date"`
	Latest   struct {
		Source string `json:"source"`
		At     string `json:"datetime"`
		From   string `json:"datetime_min"`
		To     string `json:"datetime_max"`
	} `json:"latest_estimated_delivery"`
}

type aftershipDate struct {
	Date string `json:"estimated_delivery_date"`
	Min  string `json:"estimated_delivery_date_min"`
	Max  string `json:"estimated_delivery_date_max"`
}

type aftershipMile struct {
	Number string `json:"tracking_number"`
}

type aftershipCheckpoint struct {
	At       string `json:"checkpoint_time"`
	Message  string `json:"message"`
	Tag      string `json:"tag"`
	Subtag   string `json:"subtag"`
	City     string `json:"city"`
	State    string `json:"state"`
	Country  string `json:"country_iso3"`
	Region   string `json:"country_region"` // its name since 2025-01
	Location string `json:"location"`
}

// parseAfterShip reads the events about a tracking; another product's event is
// none of our business, whatever its msg looks like.
func parseAfterShip(body []byte) ([]supply.Report, error) {
	var event aftershipEvent
	if err := decode(body, &event); err != nil {
		var other struct {
			Event string `json:"event"`
		}
		if decode(body, &other) == nil && other.Event != "" && !aftershipTracks(other.Event) {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case event.Event == "":
		return nil, invalid("event is required: this is not an AfterShip event")
	case !aftershipTracks(event.Event):
		return nil, nil
	case event.Tracking == nil:
		return nil, invalid("msg is required: a %s event holds its tracking", event.Event)
	}
	report, err := event.report()
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

func aftershipTracks(event string) bool {
	return event == "tracking_update" || event == "edd_revise" || event == "tracking_pending_time"
}

func (e *aftershipEvent) report() (r supply.Report, err error) {
	t := e.Tracking
	r = supply.Report{Snapshot: true, Also: t.also(), Scans: make([]supply.Scan, 0, len(t.Checkpoints)+2)}
	if r.Number, err = supply.ParseTrackingNumber("msg.tracking_number", t.Number); err != nil {
		return r, err
	}
	if t.Slug != "unrecognized" { // AfterShip's word for a courier that it cannot tell
		r.Issuer = t.Slug
	}
	if r.Version, err = e.version(); err != nil {
		return r, err
	}
	r.SaidAt = r.Version
	if r.ETAs, err = t.etas(); err != nil {
		return r, err
	}
	for i := range t.Checkpoints {
		scan, err := t.Checkpoints[i].scan(i)
		if err != nil {
			return r, err
		}
		r.Scans = append(r.Scans, scan)
	}
	return r, t.summarise(&r)
}

// version is the later of when the tracking was updated and when the event
// occurred: a revised date alone need not touch the tracking.
func (e *aftershipEvent) version() (time.Time, error) {
	updated, err := instant("msg.updated_at", e.Tracking.Updated)
	switch at := time.Unix(e.At, 0).UTC(); {
	case err != nil:
		return updated, err
	case e.At < 0 || at.Year() > 9999:
		return updated, invalid("ts %d is not a time since 1970 in unix seconds", e.At)
	case e.At == 0 && updated.IsZero():
		return updated, invalid("msg.updated_at or ts is required: it says which of two histories is newer")
	case e.At > 0 && at.After(updated):
		return at, nil
	}
	return updated, nil
}

// also returns the numbers that other couriers gave the same parcel.
func (t *aftershipTracking) also() (numbers []string) {
	for _, mile := range append([]aftershipMile{t.FirstMile, t.LastMile}, t.NextCouriers...) {
		numbers = another(numbers, t.Number, mile.Number)
	}
	return numbers
}

// etas returns the estimate of who is nearest to the parcel: the courier's, else
// the latest of anybody's, else AfterShip's own prediction. They may be months
// apart, and only one of them can be kept.
func (t *aftershipTracking) etas() ([]supply.Estimate, error) {
	for _, eta := range []struct {
		field, day, from, to string
		source               supply.ETASource
	}{
		{"courier_estimated_delivery_date", t.Courier.Date, t.Courier.Min, t.Courier.Max, supply.FromCarrier},
		{"expected_delivery", t.Expected, "", "", supply.FromCarrier},
		{"latest_estimated_delivery", t.Latest.At, t.Latest.From, t.Latest.To, aftershipSource(t.Latest.Source)},
		{"aftership_estimated_delivery_date", t.Own.Date, t.Own.Min, t.Own.Max, supply.FromAggregator},
	} {
		window, err := span("msg."+eta.field, cmp.Or(eta.from, eta.day), cmp.Or(eta.to, eta.day))
		if err != nil {
			return nil, err
		}
		if window.Known() {
			return []supply.Estimate{{Window: window, Classifier: supply.Estimated, Source: eta.source}}, nil
		}
	}
	return nil, nil
}

// aftershipSource reads the source of the latest estimate, which is the
// carrier, AfterShip's prediction, or a rule that the seller made there. The
// field is described, its values are not, so anything unknown is AfterShip's.
func aftershipSource(source string) supply.ETASource {
	if lower := strings.ToLower(source); strings.Contains(lower, "carrier") || strings.Contains(lower, "courier") {
		return supply.FromCarrier
	}
	return supply.FromAggregator
}

func (c *aftershipCheckpoint) scan(i int) (supply.Scan, error) {
	s := aftershipScan(c.Tag, c.Subtag)
	at, local, err := moment("msg.checkpoints["+strconv.Itoa(i)+"].checkpoint_time", c.At)
	s.At, s.Local = at, local
	s.Text = words(s.Text, c.Message)
	s.Place = cmp.Or(place(c.City, c.State, cmp.Or(c.Country, c.Region)), place(c.Location))
	return s, err
}

// summarise adds what the tracking says of itself and no checkpoint shows.
func (t *aftershipTracking) summarise(r *supply.Report) (err error) {
	turned := func(s supply.Scan) bool { return s.Status == supply.Returning || s.Status == supply.Returned }
	if t.Returning && !slices.ContainsFunc(r.Scans, turned) {
		r.Scans = append(r.Scans, supply.Scan{Status: supply.Returning, Code: supply.ReturnStarted, At: r.Version})
	}
	if t.Tag == "" {
		return nil
	}
	sum := aftershipScan(t.Tag, t.Subtag)
	sum.At, sum.Text = r.Version, words(sum.Text, t.Message)
	if sum.Status == supply.Delivered && t.Delivered != "" {
		if sum.At, sum.Local, err = moment("msg.shipment_delivery_date", t.Delivered); err != nil {
			return err
		}
	}
	r.Scans = sumUp(r.Scans, sum)
	return nil
}

// aftershipScan returns what a subtag means, or else its tag: new subtags come
// several times a year.
func aftershipScan(tag, subtag string) supply.Scan {
	if s, known := aftershipScans[subtag]; known {
		return s
	}
	if s, known := aftershipScans[tag]; known {
		return s
	}
	return unmapped(tag, subtag)
}

// Sources: aftership.com/docs/tracking/enum/delivery-statuses and
// .../enum/delivery-sub-statuses; of 2026, support.aftership.com, "Learn About
// Delivery Sub-Status".
var aftershipScans = map[string]supply.Scan{
	"Pending":            {Status: supply.TrackUnknown, Code: supply.TrackingStopped}, // nothing found yet, or the wrong courier asked: no sign of the goods
	"InfoReceived":       {Status: supply.PreTransit, Code: supply.StatusOnly},
	"InTransit":          {Status: supply.InTransit, Code: supply.StatusOnly},
	"OutForDelivery":     {Status: supply.OutForDelivery, Code: supply.StatusOnly},
	"AttemptFail":        {Status: supply.DeliveryAttempted, Code: supply.StatusOnly},
	"Delivered":          {Status: supply.Delivered, Code: supply.StatusOnly},
	"AvailableForPickup": {Status: supply.AvailableForPickup, Code: supply.StatusOnly},
	"Exception":          {Status: supply.Exception, Code: supply.StatusOnly},    // not the end: a torn label is one, and in transit again minutes later
	"Expired":            {Status: supply.Expired, Code: supply.TrackingStopped}, // no news for 30 days ends the tracking, not the parcel

	"InfoReceived_001": {Status: supply.PreTransit, Code: supply.InfoReceived},

	"InTransit_001": {Status: supply.InTransit, Code: supply.StatusOnly},
	"InTransit_002": {Status: supply.InTransit, Code: supply.PickedUp},
	"InTransit_003": {Status: supply.InTransit, Code: supply.ArrivedAt},
	"InTransit_004": {Status: supply.InTransit, Code: supply.ArrivedAt}, // in the country of destination
	"InTransit_005": {Status: supply.InTransit, Code: supply.CustomsReleased},
	"InTransit_006": {Status: supply.InTransit, Code: supply.CustomsEntered},
	"InTransit_007": {Status: supply.InTransit, Code: supply.Departed},
	"InTransit_008": {Status: supply.InTransit, Code: supply.StatusOnly},   // the trouble is over
	"InTransit_009": {Status: supply.InTransit, Code: supply.AddressIssue}, // on its way, to another address

	"OutForDelivery_001": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"OutForDelivery_002": {Status: supply.AvailableForPickup, Code: supply.Available}, // until it had a tag of its own
	"OutForDelivery_003": {Status: supply.OutForDelivery, Code: supply.CodeInfo},      // somebody was called; nothing moved
	"OutForDelivery_004": {Status: supply.OutForDelivery, Code: supply.AppointmentSet},

	"AttemptFail_001": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"AttemptFail_002": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"AttemptFail_003": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},

	"Delivered_001": {Status: supply.Delivered, Code: supply.CodeDelivered},
	"Delivered_002": {Status: supply.Delivered, Code: supply.PickedUpByConsignee},
	"Delivered_003": {Status: supply.Delivered, Code: supply.CodeDelivered},
	"Delivered_004": {Status: supply.Delivered, Code: supply.CodeDelivered},
	"Delivered_005": {Status: supply.Delivered, Code: supply.CodeDelivered}, // at a neighbour's: the courier is done with it

	"AvailableForPickup_001": {Status: supply.AvailableForPickup, Code: supply.Available},

	"Exception_001": {Status: supply.Exception, Code: supply.StatusOnly},
	"Exception_002": {Status: supply.Exception, Code: supply.AddressIssue}, // the consignee has moved
	"Exception_003": {Status: supply.Exception, Code: supply.Refused},
	"Exception_004": {Status: supply.Exception, Code: supply.CustomsHold}, // called delayed, but customs has it and says not until when
	"Exception_005": {Status: supply.Exception, Code: supply.Delayed},
	"Exception_006": {Status: supply.Exception, Code: supply.Held}, // until somebody pays
	"Exception_007": {Status: supply.Exception, Code: supply.AddressIssue},
	"Exception_008": {Status: supply.Exception, Code: supply.Held}, // nobody fetched it
	"Exception_009": {Status: supply.Exception, Code: supply.Held}, // the courier will not carry it as it is: not refused by us
	"Exception_010": {Status: supply.Returning, Code: supply.ReturnStarted},
	"Exception_011": {Status: supply.Returned, Code: supply.CodeReturned},
	"Exception_012": {Status: supply.Exception, Code: supply.Damaged},
	"Exception_013": {Status: supply.Exception, Code: supply.Lost},
	"Exception_016": {Status: supply.Exception, Code: supply.Delayed},     // a detour or a breakdown
	"Exception_017": {Status: supply.Exception, Code: supply.Delayed},     // weather
	"Exception_018": {Status: supply.Exception, Code: supply.CustomsHold}, // papers that an authority wants are missing
}
