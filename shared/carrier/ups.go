package carrier

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// UPS Track Alert pushes one activity per request for the 14 days of a
// subscription. It signs nothing: the credential that the subscriber chose comes
// back in a header.
//
// Source: UPSTrackAlert.yaml of UPS-API/api-documentation, read 2026-11.
var ups = Adapter{
	Name:     "ups",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 5 * time.Second, // nothing is published; other providers' shortest but one
	Verify:   upsToken.verify,
	Parse:    parseUPS,
	Sign:     upsToken.sign,
}

var upsToken = token{header: "Credential"}

type upsActivity struct {
	Number    string `json:"trackingNumber"`
	LocalDate string `json:"localActivityDate"`
	LocalTime string `json:"localActivityTime"`
	Date      string `json:"gmtActivityDate"`
	Time      string `json:"gmtActivityTime"`
	Offset    string `json:"gmtOffset"`
	Location  struct {
		City    string `json:"city"`
		State   string `json:"stateProvince"`
		Country string `json:"country"`
	} `json:"activityLocation"`
	Status struct {
		Type        string `json:"type"`
		Code        string `json:"code"`
		Description string `json:"description"`
	} `json:"activityStatus"`
	Scheduled string `json:"scheduledDeliveryDate"`
	Delivered string `json:"actualDeliveryDate"`
	From      string `json:"deliveryStartTime"`
	To        string `json:"deliveryEndTime"`
}

// parseUPS reads one activity, or a list of them.
func parseUPS(body []byte) ([]supply.Report, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		var a upsActivity
		if err := decode(body, &a); err != nil {
			return nil, err
		}
		report, err := a.report("")
		if err != nil {
			return nil, err
		}
		return []supply.Report{report}, nil
	}
	var reports []supply.Report
	list := each[upsActivity]{visit: func(i int, a *upsActivity) error {
		report, err := a.report("[" + strconv.Itoa(i) + "].")
		if err == nil {
			reports = append(reports, report)
		}
		return err
	}}
	if err := decode(body, &list); err != nil {
		return nil, err
	}
	if list.count == 0 {
		return nil, invalid("the list holds no activity")
	}
	return reports, list.unread.err(list.count)
}

// report reads an activity; field is where it stands.
func (a *upsActivity) report(field string) (r supply.Report, err error) {
	r.Issuer = "UPS"
	// The documented example begins with a blank.
	if r.Number, err = supply.ParseTrackingNumber(field+"trackingNumber", strings.TrimSpace(a.Number)); err != nil {
		return r, err
	}
	scan := a.scan()
	if scan.At, scan.Local, err = a.at(field); err != nil {
		return r, err
	}
	if !scan.Local {
		r.SaidAt = scan.At
	}
	r.Scans = []supply.Scan{scan}
	if scan.Status == supply.Delivered {
		return r, nil // the date scheduled before stays in the message, years old in UPS's own example
	}
	eta, err := a.eta(field, scan)
	r.ETAs = supply.Expect(eta)
	return r, err
}

// at returns when it happened: GMT where that is given, else local time with its
// offset, else local time.
func (a *upsActivity) at(field string) (at time.Time, local bool, err error) {
	if a.Date != "" && a.Time != "" {
		at, err = upsTime(field+"gmtActivityDate and gmtActivityTime", a.Date, a.Time)
		return at, false, err
	}
	if at, err = upsTime(field+"localActivityDate and localActivityTime", a.LocalDate, a.LocalTime); err != nil || at.IsZero() {
		return at, false, err
	}
	if zone, err := time.Parse("-07:00", a.Offset); err == nil {
		_, offset := zone.Zone()
		return at.Add(-time.Duration(offset) * time.Second), false, nil
	}
	return at, true, nil
}

// upsTime reads a date and a time of day, 000000 when it is missing; the zero
// time without a date.
func upsTime(field, date, clock string) (time.Time, error) {
	if date == "" {
		return time.Time{}, nil
	}
	if clock == "" {
		clock = "000000"
	}
	at, err := time.Parse("20060102150405", date+clock)
	if err != nil || at.Year() < 1970 {
		return time.Time{}, invalid("%s %q is not a time since 1970; write it as 20060102 and 150405", field, supply.Words(date+" "+clock, 40))
	}
	return at, nil
}

// eta returns the day of delivery. The hours of it are the consignee's, whose
// zone is known only once the unit is on the vehicle that comes to it.
func (a *upsActivity) eta(field string, scan supply.Scan) (w supply.Window, err error) {
	day, err := upsTime(field+"scheduledDeliveryDate", a.Scheduled, "")
	if err != nil || day.IsZero() {
		return w, err
	}
	here, err := upsTime(field+"localActivityDate and localActivityTime", a.LocalDate, a.LocalTime)
	if err != nil || a.To == "" || here.IsZero() || scan.Local || scan.Status != supply.OutForDelivery {
		return supply.Window{From: day, To: day, DateOnly: true}, err
	}
	ahead := here.Sub(scan.At)
	if w.To, err = upsTime(field+"scheduledDeliveryDate and deliveryEndTime", a.Scheduled, a.To); err != nil {
		return w, err
	}
	w.To = w.To.Add(-ahead)
	w.From = w.To
	if a.From != "" {
		w.From, err = upsTime(field+"scheduledDeliveryDate and deliveryStartTime", a.Scheduled, a.From)
		if w.From = w.From.Add(-ahead); w.From.After(w.To) {
			w.From = w.To
		}
	}
	return w, err
}

// scan returns what the type and the code mean. The code is finer and decides;
// an unknown one leaves the type as it is. Delivery information is no delivery
// until it has a date: UPS calls a loaded vehicle by the same type.
func (a *upsActivity) scan() supply.Scan {
	s, known := upsCodes[a.Status.Type+"/"+a.Status.Code]
	if !known {
		s, known = upsTypes[a.Status.Type]
	}
	if !known || s.Status == supply.Delivered && a.Delivered == "" && a.Status.Code != "FS" {
		s = unmapped(a.Status.Type, a.Status.Code)
	} else {
		s.Text = words(a.Status.Description)
	}
	s.Place = place(a.Location.City, a.Location.State, a.Location.Country)
	return s
}

// Source: UPSTrackAlert.yaml, "Status types" and activityStatus.type.
var upsTypes = map[string]supply.Scan{
	"M":  {Status: supply.PreTransit, Code: supply.InfoReceived},
	"MV": {Status: supply.TrackCancelled, Code: supply.CodeCancelled}, // the label is void
	"I":  {Status: supply.InTransit, Code: supply.StatusOnly},
	"X":  {Status: supply.Exception, Code: supply.StatusOnly},    // out of the normal; it may still be in time
	"U":  {Status: supply.TrackUnknown, Code: supply.ETAChanged}, // only the date moved
	"D":  {Status: supply.Delivered, Code: supply.CodeDelivered},
}

// Source: the same file, examples of the webhook, and codes that ShipEngine hands
// on; UPS publishes no list.
var upsCodes = map[string]supply.Scan{
	"M/MP": {Status: supply.PreTransit, Code: supply.InfoReceived},
	"I/XD": {Status: supply.InTransit, Code: supply.DroppedOff}, // at a shop of UPS
	"I/OR": {Status: supply.InTransit, Code: supply.PickedUp},   // "UPS has your package"
	"I/DP": {Status: supply.InTransit, Code: supply.Departed},
	"I/AR": {Status: supply.InTransit, Code: supply.ArrivedAt},
	"I/YP": {Status: supply.InTransit, Code: supply.HubScan}, // "preparing for delivery"
	"I/OD": {Status: supply.InTransit, Code: supply.HubScan}, // on the vehicle, which has not left
	"I/OT": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"D/YP": {Status: supply.InTransit, Code: supply.HubScan},
	"D/OT": {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery}, // "delivery information", not a delivery
	"D/FS": {Status: supply.Delivered, Code: supply.CodeDelivered},
}
