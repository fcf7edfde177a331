package carrier

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// Shippo pushes a Track with its whole history. The envelope has no id and no
// time, and a scan's object_id is another at every push, so scans are told apart
// by what they say, and histories by when Shippo last touched one of their scans.
//
// A source has one of two kinds of secret. A plain one is a token that we made
// up, which Shippo repeats at the end of the address or as its parameter "token".
// One that begins with "hmac:" is the key that Shippo's support gave out: then
// every request must carry the signature, and a token alone is no longer enough.
//
// Events of Shippo's test mode ("test":true) are read like any other: the source
// was registered for them, and they move nothing unless their number is in use.
//
// Whatever Shippo is answered with 4xx, other than 408 and 429, it does not send
// again.
//
// Sources: docs.goshippo.com/docs/tracking/tracking and .../webhooksecurity, and
// a Track that the client library of Shippo recorded; read 2026-11.
var shippo = Adapter{
	Name:     "shippo",
	Success:  http.StatusOK,
	MaxBody:  maxBody,
	Deadline: 3 * time.Second,
	Verify:   verifyShippo,
	Parse:    parseShippo,
	Sign:     signShippo,
}

const (
	shippoHeader    = "Shippo-Auth-Signature"
	shippoKey       = "hmac:"
	shippoTolerance = 5 * time.Minute
)

// shippoKeys returns those of the secrets that sign.
func shippoKeys(secrets []string) (keys []string) {
	for _, secret := range secrets {
		if key, ok := strings.CutPrefix(secret, shippoKey); ok && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// shippoSeal is the whole header.
func shippoSeal(key, timestamp string, body []byte) string {
	return "t=" + timestamp + ",v1=" + hex.EncodeToString(seal([]byte(key), []byte(timestamp+"."), body))
}

func signShippo(req Request, secret, id string, now time.Time) Request {
	keys := shippoKeys([]string{secret})
	if len(keys) == 0 {
		return token{}.sign(req, secret, id, now)
	}
	timestamp := strconv.FormatInt(now.Unix(), 10)
	return req.withHeader("Content-Type", "application/json").withHeader(shippoHeader, shippoSeal(keys[0], timestamp, req.Body))
}

func verifyShippo(req Request, secrets []string, now time.Time) error {
	keys := shippoKeys(secrets)
	if len(keys) == 0 {
		return token{}.verify(req, secrets, now)
	}
	given, err := only(req.Header, shippoHeader)
	if err != nil {
		return err
	}
	timestamp, _, _ := strings.Cut(strings.TrimPrefix(given, "t="), ",")
	unix, err := strconv.ParseUint(timestamp, 10, 36) // 36 bits of seconds reach the year 4147
	if err != nil {
		return forged("%s matches none of %d secrets: it does not begin with t=<unix seconds>", shippoHeader, len(keys))
	}
	if err := fresh(shippoHeader, time.Unix(int64(unix), 0), now, shippoTolerance); err != nil {
		return err
	}
	for _, key := range keys {
		if hmac.Equal([]byte(given), []byte(shippoSeal(key, timestamp, req.Body))) {
			return nil
		}
	}
	return forged("%s matches none of %d secrets", shippoHeader, len(keys))
}

type shippoEvent struct {
	Event string       `json:"event"`
	Track *shippoTrack `json:"data"`
}

type shippoTrack struct {
	Number  string       `json:"tracking_number"`
	Carrier string       `json:"carrier"`
	ETA     string       `json:"eta"`
	Status  *shippoScan  `json:"tracking_status"`
	History []shippoScan `json:"tracking_history"`
}

type shippoScan struct {
	Status    string `json:"status"`
	Substatus struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"substatus"`
	Details  string `json:"status_details"`
	At       string `json:"status_date"`
	Created  string `json:"object_created"`
	Updated  string `json:"object_updated"`
	Location struct {
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"location"`
}

// parseShippo reads tracking events; those about labels and batches are
// authentic and none of our business, whatever their data looks like.
func parseShippo(body []byte) ([]supply.Report, error) {
	var event shippoEvent
	if err := decode(body, &event); err != nil {
		var other struct {
			Event string `json:"event"`
		}
		if decode(body, &other) == nil && other.Event != "" && other.Event != "track_updated" {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case event.Event == "":
		return nil, invalid("event is required: this is not a Shippo event")
	case event.Event != "track_updated":
		return nil, nil
	case event.Track == nil:
		return nil, invalid("data is required: a track_updated event holds its Track")
	}
	report, err := event.Track.report()
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

// report reads a Track. Accounts that stayed on an API version before 2018-02-08
// are sent a Transaction instead, of which no description is left: better kept
// for a look than half understood.
func (t *shippoTrack) report() (r supply.Report, err error) {
	r = supply.Report{Issuer: t.Carrier, Snapshot: true, Scans: make([]supply.Scan, 0, len(t.History)+1)}
	if r.Number, err = supply.ParseTrackingNumber("data.tracking_number", t.Number); err != nil {
		return r, err
	}
	if t.Carrier == "" {
		return r, invalid("data.carrier is required: this is the Transaction of an API version before 2018-02-08; raise the version of the account")
	}
	eta, err := span("data.eta", t.ETA, "")
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i := range t.History {
		scan, touched, err := t.History[i].scan("data.tracking_history[" + strconv.Itoa(i) + "].")
		if err != nil {
			return r, err
		}
		r.Scans, r.Version = append(r.Scans, scan), latest(r.Version, touched)
	}
	oldestFirst(r.Scans)
	if t.Status != nil {
		scan, touched, err := t.Status.scan("data.tracking_status.")
		if err != nil {
			return r, err
		}
		r.Scans, r.Version = sumUp(r.Scans, scan), latest(r.Version, touched)
	}
	r.SaidAt = r.Version
	return r, nil
}

// scan returns a scan and when Shippo last touched it. The two clocks differ:
// Shippo's own is UTC, but the carrier's local time is passed on with a Z that
// it does not deserve. In the recorded Track a parcel is out for delivery in
// California at 10:29Z and delivered at 15:19Z, and Shippo first heard of it at
// 19:40Z and 01:40Z.
func (c *shippoScan) scan(field string) (s supply.Scan, touched time.Time, err error) {
	s = shippoMeaning(c.Status, c.Substatus.Code)
	if s.At, _, err = moment(field+"status_date", c.At); err != nil {
		return s, touched, err
	}
	s.Local = !s.At.IsZero()
	s.Text = words(s.Text, c.Details, c.Substatus.Text)
	s.Place = place(c.Location.City, c.Location.State, c.Location.Country)
	created, err := instant(field+"object_created", c.Created)
	if err != nil {
		return s, touched, err
	}
	updated, err := instant(field+"object_updated", c.Updated)
	return s, latest(created, updated), err
}

// shippoMeaning returns what a status and its substatus mean. One substatus
// belongs to one status; beside another, as in Shippo's own example, it is none.
func shippoMeaning(status, substatus string) supply.Scan {
	if s, known := shippoScans[[2]string{status, substatus}]; known {
		return s
	}
	if s, known := shippoScans[[2]string{status, ""}]; known {
		return s
	}
	return unmapped(status, substatus)
}

// Source: docs.goshippo.com/docs/tracking/tracking, "Tracking statuses" and
// "Substatuses".
var shippoScans = map[[2]string]supply.Scan{
	{"UNKNOWN", ""}:     {Status: supply.TrackUnknown, Code: supply.StatusOnly}, // a scan that Shippo cannot place; its text says what it is
	{"PRE_TRANSIT", ""}: {Status: supply.PreTransit, Code: supply.StatusOnly},
	{"TRANSIT", ""}:     {Status: supply.InTransit, Code: supply.StatusOnly},
	{"DELIVERED", ""}:   {Status: supply.Delivered, Code: supply.StatusOnly},
	{"RETURNED", ""}:    {Status: supply.Returning, Code: supply.ReturnStarted}, // on its way back or there: the weaker of the two
	{"FAILURE", ""}:     {Status: supply.Exception, Code: supply.StatusOnly},

	{"UNKNOWN", "other"}:                    {Status: supply.TrackUnknown, Code: supply.StatusOnly},
	{"PRE_TRANSIT", "information_received"}: {Status: supply.PreTransit, Code: supply.InfoReceived},

	{"TRANSIT", "address_issue"}:         {Status: supply.Exception, Code: supply.AddressIssue},
	{"TRANSIT", "contact_carrier"}:       {Status: supply.Exception, Code: supply.Held}, // it waits for a call of ours
	{"TRANSIT", "delayed"}:               {Status: supply.Exception, Code: supply.Delayed},
	{"TRANSIT", "delivery_attempted"}:    {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	{"TRANSIT", "delivery_rescheduled"}:  {Status: supply.InTransit, Code: supply.Rescheduled},    // a plan
	{"TRANSIT", "delivery_scheduled"}:    {Status: supply.InTransit, Code: supply.AppointmentSet}, // a plan
	{"TRANSIT", "location_inaccessible"}: {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	{"TRANSIT", "notice_left"}:           {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	{"TRANSIT", "out_for_delivery"}:      {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	{"TRANSIT", "package_accepted"}:      {Status: supply.InTransit, Code: supply.PickedUp},
	{"TRANSIT", "package_arrived"}:       {Status: supply.InTransit, Code: supply.ArrivedAt}, // at a facility, not our dock
	{"TRANSIT", "package_damaged"}:       {Status: supply.Exception, Code: supply.Damaged},
	{"TRANSIT", "package_departed"}:      {Status: supply.InTransit, Code: supply.Departed},
	{"TRANSIT", "package_forwarded"}:     {Status: supply.InTransit, Code: supply.StatusOnly}, // to the next facility or another address: it moves
	{"TRANSIT", "package_held"}:          {Status: supply.Exception, Code: supply.Held},
	{"TRANSIT", "package_processed"}:     {Status: supply.InTransit, Code: supply.HubScan},
	{"TRANSIT", "package_processing"}:    {Status: supply.InTransit, Code: supply.HubScan},
	{"TRANSIT", "pickup_available"}:      {Status: supply.AvailableForPickup, Code: supply.Available},
	{"TRANSIT", "reschedule_delivery"}:   {Status: supply.Exception, Code: supply.Held}, // it waits until we name a day

	{"DELIVERED", "delivered"}:        {Status: supply.Delivered, Code: supply.CodeDelivered},
	{"RETURNED", "return_to_sender"}:  {Status: supply.Returning, Code: supply.ReturnStarted},
	{"RETURNED", "package_unclaimed"}: {Status: supply.Returning, Code: supply.ReturnStarted}, // nobody fetched it

	{"FAILURE", "package_undeliverable"}: {Status: supply.Exception, Code: supply.Held}, // what becomes of it is not said
	{"FAILURE", "package_disposed"}:      {Status: supply.Exception, Code: supply.Lost}, // destroyed: as little will come
	{"FAILURE", "package_lost"}:          {Status: supply.Exception, Code: supply.Lost},
}
