package carrier

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"

	"headstart/shared/supply"
)

// FedEx Advanced Integrated Visibility pushes the answer of its Track API: the
// whole history of a parcel or, if the subscriber chose so, the new scan alone.
// FedEx uses numbers again, and then answers with several parcels for one.
//
// Sources: developer.fedex.com/api/en-us/catalog/shipment-visibility-webhook/docs,
// "Business rules and best practices", "Monitoring failures and retry mechanism",
// and the Track API's reference; read 2026-11.
var fedex = Adapter{
	Name:     "fedex",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 5 * time.Second, // nothing is published; other providers' shortest but one
	Verify:   fedexSeal.verify,
	Parse:    parseFedEx,
	Sign:     fedexSeal.sign,
}

var fedexSeal = sealed{header: "Fdx-Signature", encode: base64.StdEncoding.EncodeToString, key: text}

type fedexPush struct {
	Output struct {
		Results each[fedexNumber] `json:"completeTrackResults"`
	} `json:"output"`
}

type fedexNumber struct {
	Number  string        `json:"trackingNumber"`
	Parcels []fedexParcel `json:"trackResults"`
}

type fedexParcel struct {
	Info struct {
		Number string `json:"trackingNumber"`
	} `json:"trackingNumberInfo"`
	Latest struct {
		Code      string `json:"code"`
		Derived   string `json:"derivedCode"`
		Text      string `json:"description"`
		Ancillary []struct {
			Reason string `json:"reason"`
		} `json:"ancillaryDetails"`
	} `json:"latestStatusDetail"`
	Scans []fedexScan `json:"scanEvents"`
	Dates []struct {
		Type string `json:"type"`
		At   string `json:"dateTime"`
	} `json:"dateAndTimes"`
	Estimated fedexWindow `json:"estimatedDeliveryTimeWindow"`
	Standard  fedexWindow `json:"standardTransitTimeWindow"`
}

type fedexWindow struct {
	Window struct {
		From string `json:"begins"`
		To   string `json:"ends"`
	} `json:"window"`
}

type fedexScan struct {
	At          string `json:"date"`
	Event       string `json:"eventType"`
	Derived     string `json:"derivedStatusCode"`
	Exception   string `json:"exceptionCode"`
	Description string `json:"eventDescription"`
	Reason      string `json:"exceptionDescription"`
	Location    struct {
		City    string `json:"city"`
		State   string `json:"stateOrProvinceCode"`
		Country string `json:"countryCode"`
	} `json:"scanLocation"`
}

// parseFedEx reads the numbers in a push. One that FedEx cannot find is no report.
func parseFedEx(body []byte) ([]supply.Report, error) {
	var push fedexPush
	var reports []supply.Report
	results := &push.Output.Results
	results.visit = func(i int, n *fedexNumber) error {
		r, err := n.report("output.completeTrackResults[" + strconv.Itoa(i) + "].")
		if err == nil && len(r.Scans)+len(r.ETAs) > 0 {
			reports = append(reports, r)
		}
		return err
	}
	if err := decode(body, &push); err != nil {
		return nil, err
	}
	if !results.there {
		return nil, invalid("output.completeTrackResults is required: this is not a FedEx push")
	}
	return reports, results.unread.err(results.count)
}

// report lets the parcel with the newest scan speak for the number. A history's
// version is its newest scan, so what comes later about an older parcel changes
// nothing.
func (n *fedexNumber) report(field string) (r supply.Report, err error) {
	for i := range n.Parcels {
		p := &n.Parcels[i]
		one := supply.Report{Issuer: "FEDEX"}
		if one.Number, err = supply.ParseTrackingNumber(field+"trackingNumber", cmp.Or(n.Number, p.Info.Number)); err != nil {
			return r, err
		}
		if err := p.read(&one, field+"trackResults["+strconv.Itoa(i)+"]."); err != nil {
			return r, err
		}
		if len(r.Scans) == 0 || newest(one.Scans).After(newest(r.Scans)) {
			r = one
		}
	}
	if len(n.Parcels) == 0 {
		_, err = supply.ParseTrackingNumber(field+"trackingNumber", n.Number)
	}
	return r, err
}

func (p *fedexParcel) read(r *supply.Report, field string) (err error) {
	r.Scans = make([]supply.Scan, len(p.Scans), len(p.Scans)+1)
	for i := range p.Scans {
		if r.Scans[i], err = p.Scans[i].scan(field + "scanEvents[" + strconv.Itoa(i) + "]."); err != nil {
			return err
		}
	}
	if len(r.Scans) == 0 && p.Latest.Code != "" {
		r.Scans = append(r.Scans, p.latest())
	}
	oldestFirst(r.Scans)
	// A scan alone is news, unless it is the first of a history.
	if r.Snapshot = len(r.Scans) > 1 || len(r.Scans) == 1 && r.Scans[0].Code == supply.InfoReceived; r.Snapshot {
		r.Version = newest(r.Scans)
	}
	if slices.ContainsFunc(r.Scans, func(s supply.Scan) bool { return s.Status == supply.Delivered }) {
		return nil // the dates that it was expected on stay in the answer
	}
	r.ETAs, err = p.etas(field)
	return err
}

// etas returns what FedEx estimates and, as a plan, what it promised.
func (p *fedexParcel) etas(field string) (etas []supply.Estimate, err error) {
	for _, said := range []struct {
		name       string
		window     fedexWindow
		types      []string // of dateAndTimes, which serve where the window is empty
		classifier supply.Classifier
	}{
		{"standardTransitTimeWindow", p.Standard, []string{"APPOINTMENT_DELIVERY", "COMMITMENT"}, supply.Planned},
		{"estimatedDeliveryTimeWindow", p.Estimated, []string{"ESTIMATED_DELIVERY"}, supply.Estimated},
	} {
		w, err := span(field+said.name, said.window.Window.From, said.window.Window.To)
		for _, kind := range said.types {
			for i := range p.Dates {
				if d := &p.Dates[i]; err == nil && !w.Known() && d.Type == kind {
					w, err = span(field+"dateAndTimes["+strconv.Itoa(i)+"]", d.At, "")
				}
			}
		}
		if err != nil {
			return nil, err
		}
		if w.Known() {
			etas = append(etas, supply.Estimate{Window: w, Classifier: said.classifier})
		}
	}
	return etas, nil
}

func (e *fedexScan) scan(field string) (s supply.Scan, err error) {
	if s = fedexMeaning(e.Event, e.Derived, e.Exception); s.Code != supply.CodeUnknown {
		s.Text = words(e.Reason, e.Description)
	}
	s.Place = place(e.Location.City, e.Location.State, e.Location.Country)
	s.At, s.Local, err = moment(field+"date", e.At)
	return s, err
}

// latest is the status of a parcel that has no scan.
func (p *fedexParcel) latest() supply.Scan {
	reason := ""
	if len(p.Latest.Ancillary) > 0 {
		reason = p.Latest.Ancillary[0].Reason
	}
	s := fedexMeaning(p.Latest.Code, p.Latest.Derived, reason)
	if s.Code != supply.CodeUnknown {
		s.Text = words(p.Latest.Text)
	}
	return s
}

// fedexMeaning returns what an event means: its type, or the status that FedEx
// derives where the type is new to us, and what went wrong.
func fedexMeaning(event, derived, exception string) supply.Scan {
	s, known := fedexEvents[event]
	if !known {
		s, known = fedexDerived[derived]
	}
	if !known {
		return unmapped(event, derived)
	}
	reasons := fedexExceptions
	switch s.Status {
	case supply.Delivered:
		reasons = fedexDeliveries
	case supply.DeliveryAttempted, supply.Exception:
	default:
		return s // reasons stand behind ordinary scans too, and mean nothing there
	}
	if worse, known := reasons[exception]; known {
		return worse
	}
	return s
}

// Source: the webhook's page "Reason codes", event types, and the Track API's
// "Tracking status codes".
var fedexEvents = map[string]supply.Scan{
	"OC": {Status: supply.PreTransit, Code: supply.InfoReceived},
	"OX": {Status: supply.PreTransit, Code: supply.InfoReceived}, // told to USPS, which will carry it
	"MD": {Status: supply.PreTransit, Code: supply.InfoReceived}, // manifest data
	"EP": {Status: supply.PreTransit, Code: supply.StatusOnly},   // on the way to fetch it
	"AP": {Status: supply.PreTransit, Code: supply.StatusOnly},   // there to fetch it
	"PD": {Status: supply.PreTransit, Code: supply.Delayed},
	"PY": {Status: supply.PreTransit, Code: supply.Delayed},
	"DR": {Status: supply.PreTransit, Code: supply.Delayed}, // the vehicle came for nothing
	"PU": {Status: supply.InTransit, Code: supply.PickedUp},
	"PX": {Status: supply.InTransit, Code: supply.PickedUp},
	"IP": {Status: supply.InTransit, Code: supply.PickedUp}, // in FedEx's possession
	"DO": {Status: supply.InTransit, Code: supply.DroppedOff},
	"OF": {Status: supply.InTransit, Code: supply.ArrivedAt}, // origin facility
	"LO": {Status: supply.InTransit, Code: supply.Departed},
	"AR": {Status: supply.InTransit, Code: supply.ArrivedAt},
	"AF": {Status: supply.InTransit, Code: supply.ArrivedAt}, // local facility, not our dock
	"SF": {Status: supply.InTransit, Code: supply.ArrivedAt},
	"FD": {Status: supply.InTransit, Code: supply.ArrivedAt}, // FedEx's destination, not ours
	"AA": {Status: supply.InTransit, Code: supply.ArrivedAt},
	"AC": {Status: supply.InTransit, Code: supply.ArrivedAt}, // at Canada Post
	"AX": {Status: supply.InTransit, Code: supply.ArrivedAt}, // at USPS
	"PL": {Status: supply.InTransit, Code: supply.ArrivedAt}, // plane landed
	"PF": {Status: supply.InTransit, Code: supply.Departed},  // plane in flight
	"DP": {Status: supply.InTransit, Code: supply.Departed},
	"EO": {Status: supply.InTransit, Code: supply.Departed},
	"EA": {Status: supply.InTransit, Code: supply.StatusOnly}, // en route to the airport, or export approved: one code for both
	"IT": {Status: supply.InTransit, Code: supply.StatusOnly},
	"IX": {Status: supply.InTransit, Code: supply.StatusOnly},
	"OW": {Status: supply.InTransit, Code: supply.StatusOnly},
	"TR": {Status: supply.InTransit, Code: supply.HubScan},
	"CP": {Status: supply.InTransit, Code: supply.CustomsEntered},
	"CC": {Status: supply.InTransit, Code: supply.CustomsReleased},
	"RA": {Status: supply.InTransit, Code: supply.AddressIssue}, // somebody asked for another address
	"PR": {Status: supply.InTransit, Code: supply.AddressIssue},
	"AS": {Status: supply.InTransit, Code: supply.AddressIssue},
	"HL": {Status: supply.AvailableForPickup, Code: supply.StatusOnly},
	"HP": {Status: supply.AvailableForPickup, Code: supply.Available},
	"ED": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"OD": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"AD": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery}, // at the door, not yet through it
	"DL": {Status: supply.Delivered, Code: supply.CodeDelivered},
	"DE": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted}, // delivery exception; the reason is in the exception code
	"SE": {Status: supply.Exception, Code: supply.StatusOnly},
	"CD": {Status: supply.Exception, Code: supply.CustomsHold}, // clearance delay
	"DD": {Status: supply.Exception, Code: supply.Delayed},
	"DY": {Status: supply.Exception, Code: supply.Delayed},
	"HA": {Status: supply.Exception, Code: supply.Held}, // it will be held elsewhere, as somebody asked
	"RT": {Status: supply.Exception, Code: supply.Held}, // a return is asked for, which is not yet one
	"RS": {Status: supply.Returning, Code: supply.ReturnStarted},
	"CA": {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"US": {Code: supply.ETAChanged},
	"AE": {Code: supply.ETAChanged}, // "arriving early" is no arrival
	"AO": {Code: supply.ETAChanged}, // nor is "arriving on time"
	"DS": {Code: supply.CodeInfo},   // a vehicle dispatched: for a pickup or for a delivery
	"PM": {Code: supply.CodeInfo},
	"CH": {Code: supply.CodeInfo},
	"IN": {Code: supply.CodeInfo}, // an intervention; as a derived status it is the label
	"SP": {Code: supply.CodeInfo}, // the pieces have different statuses
	"RR": {Code: supply.CodeInfo}, // delivery options: asked for, changed, taken back
	"RM": {Code: supply.CodeInfo},
	"RC": {Code: supply.CodeInfo},
	"RP": {Code: supply.CodeInfo}, // the links of return labels
	"LP": {Code: supply.CodeInfo},
	"RG": {Code: supply.CodeInfo},
	"RD": {Code: supply.CodeInfo},
}

// Source: derivedStatusCode and derivedCode as the Track API answers them.
var fedexDerived = map[string]supply.Scan{
	"IN": {Status: supply.PreTransit, Code: supply.InfoReceived}, // label created
	"PU": {Status: supply.InTransit, Code: supply.PickedUp},
	"IT": {Status: supply.InTransit, Code: supply.StatusOnly},
	"OD": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"HL": {Status: supply.AvailableForPickup, Code: supply.StatusOnly},
	"DL": {Status: supply.Delivered, Code: supply.CodeDelivered},
	"DE": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"SE": {Status: supply.Exception, Code: supply.StatusOnly},
	"DY": {Status: supply.Exception, Code: supply.Delayed},
	"RL": {Status: supply.Exception, Code: supply.Delayed}, // running late
	"RS": {Status: supply.Returning, Code: supply.ReturnStarted},
	"CA": {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
}

// The reasons of exceptions that change what may be promised: two digits are
// Express's, three are Ground's, and 07 is not 007. Source: FedEx's exception
// codes; X12 element 641 has Express's numbers.
var fedexExceptions = map[string]supply.Scan{
	"03":  {Status: supply.Exception, Code: supply.AddressIssue},
	"07":  {Status: supply.Exception, Code: supply.Refused},
	"10":  {Status: supply.Exception, Code: supply.Damaged}, // damaged, delivery not completed
	"37":  {Status: supply.Exception, Code: supply.Damaged}, // observed on the way
	"14":  {Status: supply.Exception, Code: supply.Held},    // undeliverable
	"59":  {Status: supply.Exception, Code: supply.Held},
	"29":  {Status: supply.Exception, Code: supply.AddressIssue}, // reroute requested
	"12":  {Status: supply.Exception, Code: supply.Delayed},      // on the wrong route
	"18":  {Status: supply.Exception, Code: supply.Delayed},      // missorted
	"84":  {Status: supply.Exception, Code: supply.Delayed},      // beyond FedEx's control
	"85":  {Status: supply.Exception, Code: supply.Delayed},      // mechanical
	"50":  {Status: supply.Exception, Code: supply.CustomsHold},  // papers missing
	"55":  {Status: supply.Exception, Code: supply.CustomsHold},
	"002": {Status: supply.Exception, Code: supply.AddressIssue},
	"003": {Status: supply.Exception, Code: supply.AddressIssue},
	"006": {Status: supply.Exception, Code: supply.Refused},
	"012": {Status: supply.Exception, Code: supply.Delayed}, // on the wrong route
	"015": {Status: supply.Exception, Code: supply.Held},
	"027": {Status: supply.Exception, Code: supply.Delayed}, // no attempt was made
	"082": {Status: supply.Exception, Code: supply.Delayed}, // weather
	"010": {Status: supply.Exception, Code: supply.Held},    // must be inspected: open or damaged
}

// Deliveries that are not quite what their event type says. Source: as above.
var fedexDeliveries = map[string]supply.Scan{
	"09":  {Status: supply.Delivered, Code: supply.Damaged},
	"025": {Status: supply.InTransit, Code: supply.Departed},    // to USPS, which goes on with it
	"028": {Status: supply.InTransit, Code: supply.Departed},    // to a connecting carrier
	"026": {Status: supply.Returned, Code: supply.CodeReturned}, // to the shipper
}
