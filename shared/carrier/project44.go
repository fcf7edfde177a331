package carrier

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// project44 follows shipments of all modes and pushes the whole history of one
// each time that it learns something: what happened, what is estimated, what is
// planned, all in one list of events, each at a stop of the route.
//
// It signs nothing; it sends the key that its webhook was set up with.
//
// Sources: developers.project44.com, webhook guide, guides for LTL, ocean and air
// with their appendices; support.p-44.com, article 11429513318301, "Shipment Event
// Types by Mode"; API reference v4, TrackedShipmentHistory; read 2026-11. No body
// that was really sent is published.
var project44 = Adapter{
	Name:     "project44",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 10 * time.Second, // project44 names none
	Verify:   project44Token.verify,
	Parse:    parseProject44,
	Sign:     project44Token.sign,
}

var project44Token = token{header: "X-Api-Key"}

// project44History is what GET /api/v4/shipments/{id}/tracking/history answers.
type project44History struct {
	Shipment *struct {
		project44Identified
		Route struct {
			Stops []project44Stop `json:"stops"`
		} `json:"routeInfo"`
		Related []project44Identified `json:"relatedShipments"`
	} `json:"shipment"`
	Events []project44Event `json:"events"`
	States []struct {
		Type string `json:"type"`
		From string `json:"startDateTime"`
		To   string `json:"endDateTime"`
		Stop string `json:"stopId"`
	} `json:"states"`
}

type project44Identified struct {
	Identifiers []project44Identifier `json:"identifiers"`
}

type project44Identifier struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type project44Stop struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Location struct {
		project44Identified
		Name    string `json:"name"`
		Address struct {
			City    string `json:"city"`
			State   string `json:"state"`
			Country string `json:"country"`
		} `json:"address"`
	} `json:"location"`
}

type project44Event struct {
	Type        string `json:"type"`
	Stop        string `json:"stopId"`
	At          string `json:"dateTime"` // only of what has happened
	Received    string `json:"receivedDateTime"`
	Estimate    string `json:"estimateDateTime"` // only of what has not
	Calculated  string `json:"estimateLastCalculatedDateTime"`
	Planned     string `json:"plannedDateTime"`
	PlannedEnd  string `json:"plannedEndDateTime"`
	Description string `json:"description"`
}

func parseProject44(body []byte) ([]supply.Report, error) {
	var h project44History
	if err := decode(body, &h); err != nil {
		return nil, err
	}
	if h.Shipment == nil {
		return nil, invalid("shipment is required: this is not a tracking history of project44")
	}
	r := supply.Report{Snapshot: true, Scans: make([]supply.Scan, 0, len(h.Events))}
	if err := h.name(&r); err != nil {
		return nil, err
	}
	for i := range h.Events {
		if err := h.event(&h.Events[i], &r); err != nil {
			return nil, fault.Wrap(err, "events["+strconv.Itoa(i)+"]")
		}
	}
	if err := h.customs(&r); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.Scans, func(a, b supply.Scan) int { return a.At.Compare(b.At) })
	r.Version = r.SaidAt
	return []supply.Report{r}, nil
}

// The identifiers that a unit can be known by, the one that tells it best from
// others first. Those of carriers, places, devices and people are none.
// Source: API reference, LogisticsIdentifier.
var project44Numbers = []string{"CONTAINER_ID", "PRO", "TRACKING_NUMBER", "AIR_WAYBILL", "RAIL_WAYBILL", "BILL_OF_LADING", "BOOKING_NUMBER", "ORDER"}

// name says which shipment the report is about. A bill or booking that it is
// related to leads to the same goods; a container that a bill is related to holds
// only a part of them.
func (h *project44History) name(r *supply.Report) (err error) {
	var number string
	own := h.Shipment.Identifiers
	for _, kind := range project44Numbers {
		for _, id := range own {
			switch {
			case id.Type != kind:
			case number == "":
				number = id.Value
			default:
				r.Also = another(r.Also, number, id.Value)
			}
		}
	}
	if r.Number, err = supply.ParseTrackingNumber("shipment.identifiers", number); err != nil {
		return err
	}
	for _, related := range h.Shipment.Related {
		for _, id := range related.Identifiers {
			if id.Type == "BILL_OF_LADING" || id.Type == "BOOKING_NUMBER" {
				r.Also = another(r.Also, r.Number, id.Value)
			}
		}
	}
	if i := slices.IndexFunc(own, func(id project44Identifier) bool { return id.Type == "CARRIER_SCAC" }); i >= 0 {
		r.Issuer = own[i].Value
	}
	return nil
}

// stop returns the stop with the id, nil for an event on the way between two, and
// whether it is the last of its kind: goods change ships in ports that are ports
// of discharge, too, and a lorry may deliver to others first.
func (h *project44History) stop(id string) (stop *project44Stop, last bool) {
	stops := h.Shipment.Route.Stops
	i := slices.IndexFunc(stops, func(s project44Stop) bool { return s.ID == id && id != "" })
	if i < 0 {
		return nil, false
	}
	stop = &stops[i]
	return stop, !slices.ContainsFunc(stops[i+1:], func(s project44Stop) bool { return s.Type == stop.Type || s.delivers() && stop.delivers() })
}

func (s project44Stop) delivers() bool { return s.Type == "DESTINATION" || s.Type == "DELIVERY" }

// where names a stop for people.
func (s *project44Stop) where() string {
	if s == nil {
		return ""
	}
	a := s.Location.Address
	if a.City == "" {
		return place(s.Location.Name, a.Country)
	}
	return place(a.City, a.State, a.Country)
}

// code tells a stop from others of its kind: UN/LOCODE, else project44's id.
func (s *project44Stop) code() string {
	for _, id := range s.Location.Identifiers {
		if id.Type == "UN_LOCODE" || id.Type == "PORT_UN_LOCODE" {
			return place(id.Value)
		}
	}
	return place(s.ID)
}

// event adds what an event says: that it happened, or when it is planned and
// expected to.
func (h *project44History) event(e *project44Event, r *supply.Report) error {
	at, local, err := moment("dateTime", e.At)
	if err != nil {
		return err
	}
	received, _, err := moment("receivedDateTime", e.Received)
	if err != nil {
		return err
	}
	calculated, _, err := moment("estimateLastCalculatedDateTime", e.Calculated)
	if err != nil {
		return err
	}
	r.SaidAt = latest(r.SaidAt, latest(received, calculated))
	stop, last := h.stop(e.Stop)
	kind, arrives := h.arrival(e, stop, last)
	if at.IsZero() {
		if arrives {
			return e.expect(kind, stop, calculated, r)
		}
		return nil
	}
	s, known := project44Events[e.Type]
	if !known {
		s = unmapped(e.Type)
	}
	if s.Code == supply.CodeDelivered && stop != nil && !last {
		s = supply.Scan{Status: supply.InTransit, Code: supply.DeliveredPartial} // the lorry goes on to another delivery
	}
	s.At, s.Local, s.Place = at, local, stop.where()
	s.Text = words(s.Text, e.Description, e.Type)
	r.Scans = append(r.Scans, s)
	if arrives && kind != supply.AtDock {
		r.ETAs = append(r.ETAs, supply.Estimate{Window: supply.Window{From: at, To: at, Kind: kind}, Classifier: supply.Actual, Source: supply.FromAggregator, Place: stop.code()})
	}
	return nil
}

// arrival returns where an event brings the goods, false when it is not an
// arrival that anybody could wait for.
func (h *project44History) arrival(e *project44Event, stop *project44Stop, last bool) (supply.ETAKind, bool) {
	switch {
	case e.Type == "DELIVERY":
		return supply.AtDock, stop == nil || last
	case e.Type != "ARRIVAL_AT_STOP" || stop == nil || !last:
		return 0, false
	case stop.Type == "PORT_OF_DISCHARGE", stop.Type == "AIRPORT":
		return supply.AtPort, true
	case stop.delivers() && h.sails():
		return supply.AtInlandPoint, true // a bill of lading's destination is a ramp or a depot as often as our dock
	case stop.delivers():
		return supply.AtDock, true
	}
	return 0, false
}

// sails reports whether the route has a port or an airport.
func (h *project44History) sails() bool {
	return slices.ContainsFunc(h.Shipment.Route.Stops, func(s project44Stop) bool {
		return s.Type == "PORT_OF_LOADING" || s.Type == "PORT_OF_DISCHARGE" || s.Type == "AIRPORT"
	})
}

// expect adds what is planned and what is estimated of an arrival.
func (e *project44Event) expect(kind supply.ETAKind, stop *project44Stop, calculated time.Time, r *supply.Report) error {
	planned, err := span("plannedDateTime", e.Planned, e.PlannedEnd)
	if err != nil {
		return err
	}
	estimated, err := span("estimateDateTime", e.Estimate, "")
	if err != nil {
		return err
	}
	for _, one := range []supply.Estimate{
		{Window: planned, Classifier: supply.Planned},
		{Window: estimated, Classifier: supply.Estimated, SaidAt: calculated},
	} {
		if one.Source, one.Kind = supply.FromAggregator, kind; kind != supply.AtDock {
			one.Place = stop.code()
		}
		if one.Known() {
			r.ETAs = append(r.ETAs, one)
		}
	}
	return nil
}

// customs adds the times at which customs held the goods, which no event tells.
func (h *project44History) customs(r *supply.Report) error {
	for i, state := range h.States {
		if state.Type != "CUSTOMS_HOLD" {
			continue
		}
		stop, _ := h.stop(state.Stop)
		for _, end := range []struct {
			name, at string
			code     supply.TrackCode
		}{{"startDateTime", state.From, supply.CustomsHold}, {"endDateTime", state.To, supply.CustomsReleased}} {
			at, local, err := moment(end.name, end.at)
			if err != nil {
				return fault.Wrap(err, "states["+strconv.Itoa(i)+"]")
			}
			if !at.IsZero() {
				r.Scans = append(r.Scans, supply.Scan{Status: supply.InTransit, Code: end.code, At: at, Local: local, Text: state.Type, Place: stop.where()})
			}
		}
	}
	return nil
}

// Source: support.p-44.com, article 11429513318301; for LTL, the appendix of its
// guide. Types of the API reference that no page explains, and that do not speak
// for themselves, have no row.
var project44Events = map[string]supply.Scan{
	// Ocean, rail, air and lorries.
	"GATE_OUT_EMPTY":       {Status: supply.PreTransit, Code: supply.GateOut}, // to be filled; nothing is on its way yet
	"GATE_IN_FULL":         {Status: supply.InTransit, Code: supply.GateIn},
	"LOAD":                 {Status: supply.InTransit, Code: supply.Loaded},
	"DEPARTURE_FROM_STOP":  {Status: supply.InTransit, Code: supply.Departed},
	"ARRIVAL_AT_STOP":      {Status: supply.InTransit, Code: supply.ArrivedAt}, // even at the last stop, it is still to be unloaded
	"DISCHARGE":            {Status: supply.InTransit, Code: supply.Discharged},
	"GATE_OUT_FULL":        {Status: supply.OutForDelivery, Code: supply.GateOut},  // on the last lorry
	"GATE_IN_EMPTY":        {Status: supply.Delivered, Code: supply.EmptyReturned}, // somebody has emptied it
	"DELIVERY":             {Status: supply.Delivered, Code: supply.CodeDelivered}, // at a stop before the last one, of a part
	"FLIGHT_BOOKING":       {Status: supply.PreTransit, Code: supply.InfoReceived},
	"MANIFEST":             {Status: supply.PreTransit, Code: supply.InfoReceived}, // a count on paper
	"RECEIVE_FROM_SHIPPER": {Status: supply.InTransit, Code: supply.PickedUp},
	"RECEIVE_FROM_CARRIER": {Status: supply.InTransit, Code: supply.ArrivedAt}, // one carrier hands over to the next
	"LOAD_ONTO_VEHICLE":    {Status: supply.InTransit, Code: supply.Loaded},
	"UNLOAD_FROM_VEHICLE":  {Status: supply.InTransit, Code: supply.Discharged}, // at any airport
	"CONSIGNEE_NOTIFY":     {Code: supply.CodeInfo},                             // the goods are where they were
	"RETURN_TO_SENDER":     {Status: supply.Returning, Code: supply.ReturnStarted},

	// LTL, with the names of the other modes for the same.
	"PICKED_UP":                   {Status: supply.InTransit, Code: supply.PickedUp},
	"PICKUP_MISSED":               {Status: supply.PreTransit, Code: supply.Delayed},
	"EXCEPTION_PICKUP_MISSED":     {Status: supply.PreTransit, Code: supply.Delayed},
	"OUT_FOR_DELIVERY":            {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"DELIVERY_MISSED":             {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"EXCEPTION_DELIVERY_MISSED":   {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"DELAYED":                     {Status: supply.InTransit, Code: supply.Delayed},
	"EXCEPTION_DELAYED":           {Status: supply.InTransit, Code: supply.Delayed},
	"EXCEPTION_LATE_DEPARTURE":    {Status: supply.InTransit, Code: supply.Delayed},
	"EXCEPTION_MISSED_CONNECTION": {Status: supply.InTransit, Code: supply.Delayed},
	"HELD":                        {Status: supply.Exception, Code: supply.Held},
	"EXCEPTION_HELD":              {Status: supply.Exception, Code: supply.Held},
	"EXCEPTION":                   {Status: supply.Exception, Code: supply.StatusOnly}, // of which kind only words say
	"INFO":                        {Code: supply.CodeInfo},                             // only words

	// Of the tracking, the papers and the lorry's phone, not of the goods.
	"TRACKING_INITIATE":            {Code: supply.TrackingStarted},
	"TRACKING_START":               {Code: supply.TrackingStarted},
	"TRACKING_COMPLETE":            {Status: supply.Expired, Code: supply.TrackingStopped}, // no more will be said; a delivery has an event of its own
	"TRACKING_STOP":                {Status: supply.Expired, Code: supply.TrackingStopped},
	"TRACKING_FAILED":              {Status: supply.Expired, Code: supply.TrackingStopped},
	"TRACKING_END_BY_USER":         {Status: supply.Expired, Code: supply.TrackingStopped},
	"TRACKING_END_DUE_TO_TIMEOUT":  {Status: supply.Expired, Code: supply.TrackingStopped},
	"SHARING_STOPPED":              {Status: supply.Expired, Code: supply.TrackingStopped},
	"DRIVER_DENY_TRACKING":         {Code: supply.CodeInfo},
	"MISSING_EQUIPMENT_IDENTIFIER": {Code: supply.CodeInfo},
	"ENTERED_GEOFENCE":             {Code: supply.CodeInfo}, // a lorry near a place may pass it
	"EXITED_GEOFENCE":              {Code: supply.CodeInfo},
	"DOCUMENT_ADD":                 {Code: supply.CodeInfo},
	"DOCUMENT_REMOVE":              {Code: supply.CodeInfo},
	"COST_UPDATE":                  {Code: supply.CodeInfo},
	"ISSUE_FREIGHT_BILL":           {Code: supply.CodeInfo},
	"LAST_FREE_DAY":                {Code: supply.CodeInfo}, // a deadline
}
