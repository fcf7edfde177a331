package carrier

import (
	"cmp"
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"headstart/shared/supply"
)

// TrackingMore pushes a tracking with its whole history, in its own words and in
// two legs. Webhooks of version 4 are signed, but the signature covers their time
// only: whoever sees one can put any body behind it. So a source's secret is
// "TOKEN KEY": a token that ends the address of our webhook, one blank, and the
// account's webhook secret. Version 2 and 3 sign with the account's e-mail address,
// which is no secret; they are not read.
//
// Sources: the webhook.md that TrackingMore publishes with its examples, whose
// vector shows what is signed where its prose says otherwise;
// trackingmore.com/webhook.html; read 2026-11.
var trackingmore = Adapter{
	Name:     "trackingmore",
	Success:  http.StatusOK, // the word is "200", not "a success"
	MaxBody:  maxBody,
	Deadline: 5 * time.Second, // nothing is published; other providers' shortest but one
	Verify:   verifyTrackingMore,
	Parse:    parseTrackingMore,
	Sign:     signTrackingMore,
	NewSecret: func(random []byte) string {
		half := len(random) / 2
		return hex.EncodeToString(random[:half]) + " " + hex.EncodeToString(random[half:])
	},
}

const (
	trackingmoreTime      = "Timestamp"
	trackingmoreSignature = "Signature"

	// Nobody says whether a push that is tried again has a new time. Fourteen
	// tries, each after twice the pause, end before this; the token, not the
	// time, is what keeps strangers out.
	trackingmoreTolerance = 12 * 24 * time.Hour
)

func signTrackingMore(req Request, secret, _ string, now time.Time) Request {
	token, key := split(secret)
	timestamp := strconv.FormatInt(now.Unix(), 10)
	req = req.withHeader("Content-Type", "application/json").withHeader(trackingmoreTime, timestamp)
	if token == "" {
		return req
	}
	req.Tail = token
	return req.withHeader(trackingmoreSignature, hex.EncodeToString(seal([]byte(key), []byte(timestamp))))
}

func verifyTrackingMore(req Request, secrets []string, now time.Time) error {
	keys, err := behind(req, secrets)
	if err != nil {
		return err
	}
	timestamp, err := only(req.Header, trackingmoreTime)
	if err != nil {
		return err
	}
	given, err := only(req.Header, trackingmoreSignature)
	if err != nil {
		return err
	}
	unix, err := strconv.ParseUint(timestamp, 10, 36) // 36 bits of seconds reach the year 4147
	if err != nil {
		return forged("%s is not a time in unix seconds", trackingmoreTime)
	}
	if err := fresh(trackingmoreTime, time.Unix(int64(unix), 0), now, trackingmoreTolerance); err != nil {
		return err
	}
	for _, key := range keys {
		if hmac.Equal([]byte(given), []byte(hex.EncodeToString(seal([]byte(key), []byte(timestamp))))) {
			return nil
		}
	}
	return forged("%s matches none of %d secrets", trackingmoreSignature, len(secrets))
}

type trackingmorePush struct {
	Tracking trackingmoreTracking  `json:",embed"`
	Data     *trackingmoreTracking `json:"data"`       // where the tracking is wrapped
	Verify   *struct{}             `json:"verifyInfo"` // of version 2 and 3
}

type trackingmoreTracking struct {
	Number      string          `json:"tracking_number"`
	Courier     string          `json:"courier_code"`
	Status      string          `json:"delivery_status"`
	Substatus   string          `json:"substatus"`
	Updated     string          `json:"updated_at"`
	Update      string          `json:"update_at"` // as it is written in some answers
	ETA         string          `json:"scheduled_delivery_date"`
	Latest      string          `json:"latest_checkpoint_time"`
	Origin      trackingmoreLeg `json:"origin_info"`
	Destination trackingmoreLeg `json:"destination_info"`
}

type trackingmoreLeg struct {
	Scans []trackingmoreScan `json:"trackinfo"`
}

type trackingmoreScan struct {
	At        string `json:"checkpoint_date"`
	Status    string `json:"checkpoint_delivery_status"`
	Substatus string `json:"checkpoint_delivery_substatus"`
	Text      string `json:"tracking_detail"`
	Location  string `json:"location"`
	City      string `json:"city"`
	State     string `json:"state"`
	Country   string `json:"country_iso2"`
}

func parseTrackingMore(body []byte) ([]supply.Report, error) {
	var push trackingmorePush
	if err := decode(body, &push); err != nil {
		return nil, err
	}
	if push.Verify != nil {
		return nil, invalid("verifyInfo is of a webhook of version 2 or 3; choose version 4 in TrackingMore's settings")
	}
	tracking, field := &push.Tracking, ""
	if push.Data != nil {
		tracking, field = push.Data, "data."
	}
	report, err := tracking.report(field)
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

// report reads a tracking; field is where it stands.
func (t *trackingmoreTracking) report(field string) (r supply.Report, err error) {
	r = supply.Report{Issuer: t.Courier, Snapshot: true, Scans: make([]supply.Scan, 0, len(t.Origin.Scans)+len(t.Destination.Scans)+1)}
	if r.Number, err = supply.ParseTrackingNumber(field+"tracking_number", t.Number); err != nil {
		return r, err
	}
	if r.Version, _, err = moment(field+"updated_at", cmp.Or(t.Updated, t.Update)); err != nil {
		return r, err
	}
	r.SaidAt = r.Version
	eta, err := span(field+"scheduled_delivery_date", t.ETA, "")
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for _, leg := range []struct {
		name  string
		scans []trackingmoreScan
	}{{"origin_info", t.Origin.Scans}, {"destination_info", t.Destination.Scans}} {
		first := len(r.Scans)
		for i := range leg.scans {
			scan, err := leg.scans[i].scan(field + leg.name + ".trackinfo[" + strconv.Itoa(i) + "].")
			if err != nil {
				return r, err
			}
			r.Scans = append(r.Scans, scan)
		}
		oldestFirst(r.Scans[first:])
	}
	return r, t.summarise(&r, field)
}

func (s *trackingmoreScan) scan(field string) (supply.Scan, error) {
	scan := trackingmoreMeaning(s.Status, s.Substatus)
	if scan.Code != supply.CodeUnknown {
		scan.Text = words(s.Text)
	}
	if scan.Place = place(s.City, s.State, s.Country); scan.Place == "" {
		scan.Place = place(s.Location)
	}
	var err error
	scan.At, scan.Local, err = moment(field+"checkpoint_date", s.At)
	return scan, err
}

// summarise adds the tracking's own status.
func (t *trackingmoreTracking) summarise(r *supply.Report, field string) (err error) {
	if t.Status == "" && t.Substatus == "" {
		return nil
	}
	sum := trackingmoreMeaning(t.Status, t.Substatus)
	sum.At, sum.Local, err = moment(field+"latest_checkpoint_time", t.Latest)
	r.Scans = sumUp(r.Scans, sum)
	return err
}

// trackingmoreMeaning returns what a status and its substatus mean. The substatus
// is finer and decides; an unknown one leaves the status as it is.
func trackingmoreMeaning(status, substatus string) supply.Scan {
	if s, known := trackingmoreSubstatuses[substatus]; known {
		return s
	}
	if s, known := trackingmoreStatuses[status]; known {
		return s
	}
	return unmapped(status, substatus)
}

// Source: trackingmore.com/docs/logistics_status.php, main statuses.
var trackingmoreStatuses = map[string]supply.Scan{
	"pending":      {Status: supply.TrackUnknown, Code: supply.TrackingStarted}, // the tracker is new; nothing is known of the goods
	"notfound":     {Status: supply.TrackUnknown, Code: supply.StatusOnly},
	"inforeceived": {Status: supply.PreTransit, Code: supply.InfoReceived},
	"transit":      {Status: supply.InTransit, Code: supply.StatusOnly},
	"pickup":       {Status: supply.InTransit, Code: supply.ArrivedAt}, // out for delivery or to be fetched: at the last station, in any case
	"undelivered":  {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"delivered":    {Status: supply.Delivered, Code: supply.StatusOnly},
	"exception":    {Status: supply.Exception, Code: supply.StatusOnly},    // not the end
	"expired":      {Status: supply.Expired, Code: supply.TrackingStopped}, // the tracker's end, not the parcel's
}

// Source: the same page, substatuses, with those that came later.
var trackingmoreSubstatuses = map[string]supply.Scan{
	"notfound001":     {Status: supply.PreTransit, Code: supply.InfoReceived}, // "info received", of an older time
	"notfound002":     {Status: supply.TrackUnknown, Code: supply.CodeInfo},
	"inforeceived001": {Status: supply.PreTransit, Code: supply.InfoReceived},
	"transit001":      {Status: supply.InTransit, Code: supply.StatusOnly},
	"transit002":      {Status: supply.InTransit, Code: supply.ArrivedAt},
	"transit003":      {Status: supply.InTransit, Code: supply.ArrivedAt}, // the delivery facility, not our dock
	"transit004":      {Status: supply.InTransit, Code: supply.ArrivedAt}, // the country
	"transit005":      {Status: supply.InTransit, Code: supply.CustomsReleased},
	"transit006":      {Status: supply.InTransit, Code: supply.Departed},
	"transit007":      {Status: supply.InTransit, Code: supply.Departed},
	"pickup001":       {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"pickup002":       {Status: supply.AvailableForPickup, Code: supply.Available},
	"pickup003":       {Status: supply.AvailableForPickup, Code: supply.StatusOnly}, // the consignee is asked before the last mile
	"delivered001":    {Status: supply.Delivered, Code: supply.CodeDelivered},
	"delivered002":    {Status: supply.Delivered, Code: supply.PickedUpByConsignee},
	"delivered003":    {Status: supply.Delivered, Code: supply.CodeDelivered},
	"delivered004":    {Status: supply.Delivered, Code: supply.CodeDelivered}, // at the door or with a neighbour: the courier's part is done
	"undelivered001":  {Status: supply.DeliveryAttempted, Code: supply.AddressIssue},
	"undelivered002":  {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"undelivered003":  {Status: supply.DeliveryAttempted, Code: supply.AddressIssue},
	"undelivered004":  {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"exception004":    {Status: supply.Exception, Code: supply.Held}, // unclaimed
	"exception005":    {Status: supply.Exception, Code: supply.StatusOnly},
	"exception006":    {Status: supply.Exception, Code: supply.CustomsHold},
	"exception007":    {Status: supply.Exception, Code: supply.Lost}, // lost or damaged: gone, until it is seen again
	"exception008":    {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"exception009":    {Status: supply.Exception, Code: supply.Refused},
	"exception010":    {Status: supply.Returned, Code: supply.CodeReturned},
	"exception011":    {Status: supply.Returning, Code: supply.ReturnStarted},
	"expired001":      {Status: supply.Expired, Code: supply.TrackingStopped},
}
