package carrier

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// DHL eCommerce Americas pushes one package at a time, with its whole history,
// newest first, in the form in which its tracking API answers. DHL has two such
// forms, and both are read: packages, of eCommerce's own API, whose events have
// words and a clock with its zone; and shipments, of the API for all of DHL,
// whose events have a status code and a clock whose zone, as a rule, only the
// place tells.
//
// It signs nothing, and only status 200 is a success to it.
//
// Sources: developer.dhl.com/api-reference/tracking-webhooks-dhl-ecommerce-americas,
// …/tracking-dhl-ecommerce-americas, …/shipment-tracking, and
// support-developer.dhl.com, articles 47001197243, 47001251141 and 47001251916;
// read 2026-11.
var dhl = Adapter{
	Name:     "dhl",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 5 * time.Second,
	Verify:   token{}.verify,
	Parse:    parseDHL,
	Sign:     token{}.sign,
}

type dhlPush struct {
	At        string            `json:"timestamp"`
	Packages  each[dhlPackage]  `json:"packages"`
	Shipments each[dhlShipment] `json:"shipments"`
}

// dhlPackage is a package of the tracking API of eCommerce Americas.
type dhlPackage struct {
	Package struct {
		Tracking     loose  `json:"trackingId"`
		DHL          loose  `json:"dhlPackageId"`
		Own          loose  `json:"packageId"` // the shipper's
		Confirmation loose  `json:"deliveryConfirmationNumber"`
		ETA          string `json:"expectedDelivery"`
	} `json:"package"`
	Events []struct {
		Date   string `json:"date"`
		Time   string `json:"time"`
		Zone   string `json:"timeZone"`
		Place  string `json:"location"`
		ID     loose  `json:"primaryEventId"`
		Words  string `json:"primaryEventDescription"`
		Detail string `json:"secondaryEventDescription"`
	} `json:"events"`
}

// dhlShipment is a shipment of the tracking API for all of DHL.
type dhlShipment struct {
	ID     loose `json:"id"`
	Return bool  `json:"returnFlag"` // on its way back, or there
	dhlArrival
	Status *dhlEvent  `json:"status"` // the latest event, as a rule
	Events []dhlEvent `json:"events"`
}

type dhlArrival struct {
	At    string `json:"estimatedTimeOfDelivery"`
	Frame struct {
		From string `json:"estimatedFrom"`
		To   string `json:"estimatedThrough"`
	} `json:"estimatedDeliveryTimeFrame"`
}

type dhlEvent struct {
	At          string `json:"timestamp"`
	Code        string `json:"statusCode"`
	Status      string `json:"status"`
	Description string `json:"description"`
	Location    struct {
		Address struct {
			Locality string `json:"addressLocality"`
			Country  string `json:"countryCode"`
		} `json:"address"`
	} `json:"location"`
}

func parseDHL(body []byte) (reports []supply.Report, err error) {
	var push dhlPush
	keep := func(r supply.Report, err error) error {
		if err == nil {
			reports = append(reports, r)
		}
		return err
	}
	push.Packages.visit = func(i int, p *dhlPackage) error { return keep(p.report("packages[" + strconv.Itoa(i) + "].")) }
	push.Shipments.visit = func(i int, s *dhlShipment) error { return keep(s.report("shipments[" + strconv.Itoa(i) + "].")) }
	if err := decode(body, &push); err != nil {
		return nil, err
	}
	if !push.Packages.there && !push.Shipments.there {
		return nil, invalid("packages or shipments is required: this is not a DHL tracking push")
	}
	said, _, err := moment("timestamp", push.At)
	if err != nil {
		return nil, err
	}
	for i := range reports {
		reports[i].SaidAt, reports[i].Version = said, said
	}
	unread := push.Packages.unread
	if push.Shipments.there {
		unread = push.Shipments.unread
	}
	return reports, unread.err(push.Packages.count + push.Shipments.count)
}

func (p *dhlPackage) report(field string) (r supply.Report, err error) {
	id := &p.Package
	r = supply.Report{Snapshot: true, Scans: make([]supply.Scan, len(p.Events))}
	if r.Number, err = supply.ParseTrackingNumber(field+"package.trackingId", string(cmp.Or(id.Tracking, id.DHL, id.Own))); err != nil {
		return r, err
	}
	for _, number := range []loose{id.DHL, id.Own, id.Confirmation} {
		r.Also = another(r.Also, r.Number, string(number))
	}
	eta, err := span(field+"package.expectedDelivery", id.ETA, "")
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i, e := range p.Events {
		s, known := dhlWords[strings.ToUpper(strings.TrimSpace(e.Words))]
		if !known {
			s = unmapped(string(e.ID), e.Words)
		}
		s.Text, s.Place = words(s.Text, e.Words+detail(e.Detail)), place(e.Place)
		if s.At, s.Local, err = dhlTime("date and time", strings.TrimSpace(e.Date+" "+e.Time), e.Zone, e.Place, ""); err != nil {
			return r, fault.Wrap(err, field+"events["+strconv.Itoa(i)+"]")
		}
		r.Scans[i] = s
	}
	oldestFirst(r.Scans)
	return r, nil
}

func detail(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

func (s *dhlShipment) report(field string) (r supply.Report, err error) {
	r = supply.Report{Snapshot: true, Scans: make([]supply.Scan, 0, len(s.Events)+1)}
	if r.Number, err = supply.ParseTrackingNumber(field+"id", string(s.ID)); err != nil {
		return r, err
	}
	eta, err := s.window(field)
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i := range s.Events {
		scan, err := s.scan(&s.Events[i])
		if err != nil {
			return r, fault.Wrap(err, field+"events["+strconv.Itoa(i)+"]")
		}
		r.Scans = append(r.Scans, scan)
	}
	oldestFirst(r.Scans)
	if s.Status == nil {
		return r, nil
	}
	summary, err := s.scan(s.Status)
	if err != nil {
		return r, fault.Wrap(err, field+"status")
	}
	if s.Return && summary.Status == supply.InTransit {
		summary.Status, summary.Code = supply.Returning, supply.ReturnStarted // since when, no event says
	}
	switch n := len(r.Scans); {
	case n > 0 && r.Scans[n-1].At.Equal(summary.At):
		r.Scans[n-1] = summary
	case !slices.ContainsFunc(r.Scans, func(one supply.Scan) bool { return one.Status == summary.Status }):
		r.Scans = append(r.Scans, summary) // some of DHL's divisions have no other event
	}
	return r, nil
}

// window returns the frame of the delivery, or its time or day where DHL names
// no frame.
func (a *dhlArrival) window(field string) (supply.Window, error) {
	if a.Frame.To != "" || a.Frame.From != "" {
		return span(field+"estimatedDeliveryTimeFrame", a.Frame.From, a.Frame.To)
	}
	return span(field+"estimatedTimeOfDelivery", a.At, "")
}

// scan reads an event. Its code says where the shipment is; its words say more
// of a way or a failure, but never that it was delivered.
func (s *dhlShipment) scan(e *dhlEvent) (scan supply.Scan, err error) {
	scan, known := dhlStatuses[e.Code]
	if !known {
		scan = unmapped(e.Code, e.Status)
	}
	if scan.Status == supply.InTransit || scan.Status == supply.Exception {
		for _, text := range []string{e.Status, e.Description} {
			if finer, ok := dhlWords[strings.ToUpper(text)]; ok && finer.Status != supply.Delivered && finer.Code != supply.CodeInfo {
				scan = finer
				break
			}
		}
	}
	if s.Return && scan.Status == supply.Delivered {
		scan.Status, scan.Code = supply.Returned, supply.CodeReturned // to the sender
	}
	address := e.Location.Address
	scan.At, scan.Local, err = dhlTime("timestamp", e.At, "", address.Locality, address.Country)
	if strings.HasSuffix(address.Locality, ", "+address.Country) {
		address.Country = ""
	}
	scan.Text, scan.Place = words(scan.Text, e.Description, e.Status), place(address.Locality, address.Country)
	return scan, err
}

// dhlTime reads a time that is local where it names no offset; then the zone is
// what zone says, ET for one, else that of the place, which reads "Town, ST, US"
// in North America.
func dhlTime(field, at, zone, where, country string) (time.Time, bool, error) {
	t, local, err := moment(field, at)
	if err != nil || !local {
		return t, false, err
	}
	state := ""
	if i := strings.LastIndex(where, ", "); i >= 0 && len(where) == i+4 {
		country = cmp.Or(country, where[i+2:])
		state = strings.TrimSpace(where[strings.LastIndexByte(where[:i], ',')+1 : i])
	}
	if in := dhlZone(zone, state, country); in != nil && len(at) > len(time.DateOnly) {
		y, m, d := t.Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, in).UTC(), false, nil
	}
	return t, true, nil
}

// dhlZone returns the zone that a label of a clock names, ET or EDT for one, else
// the one that the whole place has; nil when neither is known.
func dhlZone(label, state, country string) *time.Location {
	if len(label) == 3 {
		label = label[:2] // X12 leaves the T away
	}
	return zoneOf(label, state, country)
}

// Source: support-developer.dhl.com, article 47001197243. More codes are
// announced there, and not in use.
var dhlStatuses = map[string]supply.Scan{
	"pre-transit": {Status: supply.PreTransit, Code: supply.StatusOnly},
	"transit":     {Status: supply.InTransit, Code: supply.StatusOnly},
	"delivered":   {Status: supply.Delivered, Code: supply.StatusOnly},    // with returnFlag, to the sender
	"failure":     {Status: supply.Exception, Code: supply.StatusOnly},    // an attempt, customs, expired at the service point, on its way back
	"unknown":     {Status: supply.TrackUnknown, Code: supply.StatusOnly}, // DHL has no simple code for it: not a delay
}

// dhlWords are the words of eCommerce Americas, in upper case. DHL publishes no
// list: these are those of answers that its customers' programs have recorded,
// so others will come. Source: as above, and public code that reads such answers.
var dhlWords = map[string]supply.Scan{
	"LABEL CREATED":             {Status: supply.PreTransit, Code: supply.InfoReceived},
	"ELECTRONIC NOTIFICATION":   {Status: supply.PreTransit, Code: supply.InfoReceived},
	"EN ROUTE TO DHL ECOMMERCE": {Status: supply.PreTransit, Code: supply.InfoReceived}, // the shipper still has it
	"EN ROUTE":                  {Code: supply.CodeInfo},                                // the status once more, with the time of the answer
	"PACKAGE RECEIVED AT DHL ECOMMERCE DISTRIBUTION CENTER": {Status: supply.InTransit, Code: supply.PickedUp},
	"PROCESSED":                                  {Status: supply.InTransit, Code: supply.HubScan},
	"PROCESSED THROUGH SORT FACILITY":            {Status: supply.InTransit, Code: supply.HubScan},
	"PROCESSED THROUGH USPS SORT FACILITY":       {Status: supply.InTransit, Code: supply.HubScan},
	"DEPARTURE ORIGIN DHL ECOMMERCE FACILITY":    {Status: supply.InTransit, Code: supply.Departed},
	"ARRIVAL DHL ECOMMERCE FACILITY":             {Status: supply.InTransit, Code: supply.ArrivedAt},
	"ARRIVAL DESTINATION DHL ECOMMERCE FACILITY": {Status: supply.InTransit, Code: supply.ArrivedAt}, // DHL's destination, not the goods'
	"TENDERED TO DELIVERY SERVICE PROVIDER":      {Status: supply.InTransit, Code: supply.Departed},  // to the post, which delivers
	"ARRIVED USPS SORT FACILITY":                 {Status: supply.InTransit, Code: supply.ArrivedAt},
	"ARRIVAL AT POST OFFICE":                     {Status: supply.InTransit, Code: supply.ArrivedAt}, // that of the carrier, nobody fetches it there
	"OUT FOR DELIVERY":                           {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"NOTICE LEFT":                                {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"NOTICE LEFT (NO SECURE LOCATION AVAILABLE)": {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"ARRIVAL AT PICK-UP-POINT":                   {Status: supply.AvailableForPickup, Code: supply.Available},
	"AVAILABLE FOR PICKUP":                       {Status: supply.AvailableForPickup, Code: supply.Available},
	"VISIBLE DAMAGE":                             {Status: supply.Exception, Code: supply.Damaged},
	"RETURN TO SENDER":                           {Status: supply.Returning, Code: supply.ReturnStarted},
	"UNCLAIMED/BEING RETURNED TO SENDER":         {Status: supply.Returning, Code: supply.ReturnStarted},
	"DELIVERED":                                  {Status: supply.Delivered, Code: supply.CodeDelivered},
}
