package carrier

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// Ship24 follows the trackers of many couriers and pushes only the events that
// are new since its last push, several trackings at a time. Its own examples have
// texts where numbers, truth values and null should be, so everything is read
// leniently, and what cannot be read takes nothing else along.
//
// Sources: docs.ship24.com/webhooks/specification, .../authentication and
// .../delivery, docs.ship24.com/status and docs.ship24.com/data-format, and the
// OpenAPI file in Ship24's client library; read 2026-11.
var ship24 = Adapter{
	Name:     "ship24",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 10 * time.Second, // not documented
	Verify:   ship24Token.verify,
	Parse:    parseShip24,
	Sign:     ship24Token.sign,
}

var ship24Token = token{header: "Authorization", prefix: "Bearer "}

type ship24Tracking struct {
	Metadata struct {
		Generated loose `json:"generatedAt"`
	} `json:"metadata"`
	Tracker struct {
		Number loose `json:"trackingNumber"`
	} `json:"tracker"`
	Shipment struct {
		Delivery struct {
			ETA     loose `json:"estimatedDeliveryDate"`
			Courier struct {
				From loose `json:"from"`
				To   loose `json:"to"`
			} `json:"courierEstimatedDeliveryDate"`
		} `json:"delivery"`
		Numbers []struct {
			Number loose `json:"tn"`
		} `json:"trackingNumbers"`
	} `json:"shipment"`
	Events []ship24Event `json:"events"`
}

type ship24Event struct {
	ID        loose `json:"eventId"`
	Text      loose `json:"status"`
	Occurred  loose `json:"occurrenceDatetime"`
	Datetime  loose `json:"datetime"`  // deprecated, as are the next two
	NoTime    loose `json:"hasNoTime"` // true: the time of day is made up
	Offset    loose `json:"utcOffset"` // of the place where it occurred
	Location  loose `json:"location"`
	Code      loose `json:"statusCode"`
	Milestone loose `json:"statusMilestone"`
}

// parseShip24 leaves the issuer open: one tracking may lead through several
// couriers, and an event names that of its own leg.
func parseShip24(body []byte) ([]supply.Report, error) {
	var message struct {
		Trackings each[ship24Tracking] `json:"trackings"`
	}
	var reports []supply.Report
	list, more := &message.Trackings, 0
	list.visit = func(i int, t *ship24Tracking) error {
		report, err := t.report("trackings["+strconv.Itoa(i)+"].", list.unread.note)
		if err == nil {
			reports = append(reports, report)
			more += max(0, len(t.Events)-1)
		}
		return err
	}
	if err := decode(body, &message); err != nil {
		return nil, err
	}
	if !list.there {
		return nil, invalid("trackings is required: this is not a Ship24 webhook")
	}
	return reports, list.unread.err(list.count + more)
}

// report reads a tracking; without a number nothing of it is of use, and what
// else cannot be read is noted and left out.
func (t *ship24Tracking) report(field string, note func(error)) (r supply.Report, err error) {
	r = supply.Report{Scans: make([]supply.Scan, 0, len(t.Events))}
	if r.Number, err = supply.ParseTrackingNumber(field+"tracker.trackingNumber", string(t.Tracker.Number)); err != nil {
		return r, err
	}
	for _, n := range t.Shipment.Numbers {
		r.Also = another(r.Also, r.Number, string(n.Number))
	}
	if r.SaidAt, err = instant(field+"metadata.generatedAt", string(t.Metadata.Generated)); err != nil {
		note(err)
	}
	if r.ETAs, err = t.etas(field + "shipment.delivery."); err != nil {
		note(err)
	}
	for i := range t.Events {
		scan, err := t.Events[i].scan(field + "events[" + strconv.Itoa(i) + "].")
		if err != nil {
			note(err)
			continue
		}
		r.Scans = append(r.Scans, scan)
	}
	return r, nil
}

// etas returns the courier's own estimate, else Ship24's.
func (t *ship24Tracking) etas(field string) ([]supply.Estimate, error) {
	delivery := &t.Shipment.Delivery
	window, err := span(field+"courierEstimatedDeliveryDate", string(delivery.Courier.From), string(delivery.Courier.To))
	if err != nil || window.Known() {
		return supply.Expect(window), err
	}
	window, err = span(field+"estimatedDeliveryDate", string(delivery.ETA), "")
	etas := supply.Expect(window)
	for i := range etas {
		etas[i].Source = supply.FromAggregator
	}
	return etas, err
}

func (e *ship24Event) scan(field string) (s supply.Scan, err error) {
	s = ship24Meaning(string(e.Milestone), string(e.Code))
	s.ID = string(e.ID)
	if s.At, s.Local, err = e.at(field); err != nil {
		return s, err
	}
	s.Text, s.Place = words(s.Text, string(e.Text)), place(string(e.Location))
	return s, nil
}

// at returns when an event occurred. The datetime is the local time with a Z
// behind it unless Ship24 knew the offset, so it is the last resort.
func (e *ship24Event) at(field string) (at time.Time, local bool, err error) {
	ahead, known := ship24Offset(string(e.Offset))
	if at, local, err = moment(field+"occurrenceDatetime", string(e.Occurred)); at.IsZero() && err == nil {
		at, _, err = moment(field+"datetime", string(e.Datetime))
		local = !at.IsZero() && !known
	} else if local && known {
		at, local = at.Add(-ahead), false
	}
	if strings.HasPrefix(string(e.NoTime), "true") && !at.IsZero() {
		local = true // a day, in some zone
	}
	return at, local, err
}

// ship24Offset returns how far a zone is ahead of UTC, and whether s is one.
func ship24Offset(s string) (ahead time.Duration, known bool) {
	for _, layout := range [...]string{"Z07:00", "Z0700", "Z07"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, seconds := t.Zone()
			return time.Duration(seconds) * time.Second, true
		}
	}
	return 0, false
}

// ship24Meaning returns what a code means, or else the milestone that the
// shipment had reached by then, which no event lacks.
func ship24Meaning(milestone, code string) supply.Scan {
	if s, known := ship24Scans[code]; known {
		return s
	}
	if s, known := ship24Scans[milestone]; known {
		return s
	}
	return unmapped(milestone, code)
}

// Source: docs.ship24.com/status, "statusMilestone" and "statusCode and
// statusCategory".
var ship24Scans = map[string]supply.Scan{
	"pending":              {Status: supply.TrackUnknown, Code: supply.TrackingStopped}, // nothing found: no sign of the goods
	"info_received":        {Status: supply.PreTransit, Code: supply.StatusOnly},
	"in_transit":           {Status: supply.InTransit, Code: supply.StatusOnly},
	"out_for_delivery":     {Status: supply.OutForDelivery, Code: supply.StatusOnly},
	"failed_attempt":       {Status: supply.DeliveryAttempted, Code: supply.StatusOnly},
	"available_for_pickup": {Status: supply.AvailableForPickup, Code: supply.StatusOnly},
	"delivered":            {Status: supply.Delivered, Code: supply.StatusOnly},
	"exception":            {Status: supply.Exception, Code: supply.StatusOnly}, // not the end

	"data_order_created":     {Status: supply.PreTransit, Code: supply.InfoReceived},
	"data_order_cancelled":   {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"data_delivery_proposed": {Status: supply.InTransit, Code: supply.CodeInfo},       // days to choose from
	"data_delivery_decided":  {Status: supply.InTransit, Code: supply.AppointmentSet}, // a plan

	"transit_handover":                 {Status: supply.InTransit, Code: supply.PickedUp},
	"transit_origin_country_departure": {Status: supply.InTransit, Code: supply.Departed},
	"destination_arrival":              {Status: supply.InTransit, Code: supply.ArrivedAt}, // in the country, not at our dock

	"customs_received":  {Status: supply.InTransit, Code: supply.CustomsEntered},
	"customs_exception": {Status: supply.Exception, Code: supply.CustomsHold},
	"customs_rejected":  {Status: supply.Exception, Code: supply.CustomsHold}, // held until customs thinks again, or it turns back
	"customs_cleared":   {Status: supply.InTransit, Code: supply.CustomsReleased},

	"delivery_available_for_pickup": {Status: supply.AvailableForPickup, Code: supply.Available},
	"delivery_out_for_delivery":     {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"delivery_attempted":            {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"delivery_exception":            {Status: supply.Exception, Code: supply.StatusOnly}, // anything from a full van to a wrong address
	"delivery_refused":              {Status: supply.Exception, Code: supply.Refused},
	"delivery_delivered":            {Status: supply.Delivered, Code: supply.CodeDelivered},

	"exception_return":    {Status: supply.Returning, Code: supply.ReturnStarted}, // on its way back or there: the weaker of the two
	"exception_lost":      {Status: supply.Exception, Code: supply.Lost},
	"exception_discarded": {Status: supply.Exception, Code: supply.Lost}, // destroyed: as little will come
}
