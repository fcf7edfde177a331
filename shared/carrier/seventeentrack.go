package carrier

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// 17TRACK follows the trackers of many carriers and pushes everything it knows of
// a number, the two legs of a parcel that changes hands beside one another and
// each with its newest event first.
//
// Source: asset.17track.net/api/document, "17TRACK API v2.2", pages "Webhook" and
// "Status", as cited by third parties (the pages themselves could not be read),
// and a recorded push; read 2026-11.
var seventeentrack = Adapter{
	Name:     "17track",
	Success:  http.StatusOK, // nothing else counts
	MaxBody:  maxBody,
	Deadline: 10 * time.Second, // not documented
	Verify:   seventeenSeal.verify,
	Parse:    parse17Track,
	Sign:     seventeenSeal.sign,
}

// The signature is a plain hash of the body, a slash and the API key. One who
// sees a request can try keys at leisure, so a short one is no key.
var seventeenSeal = sealed{
	header: "Sign", encode: hex.EncodeToString,
	key: func(secret string) []byte {
		if len(secret) < minToken {
			return nil
		}
		return []byte(secret)
	},
	mix: func(key, body []byte) []byte {
		hash := sha256.New()
		hash.Write(body)
		hash.Write([]byte("/"))
		hash.Write(key)
		return hash.Sum(nil)
	},
}

type seventeenEvent struct {
	Event string `json:"event"`
	Data  struct {
		Number  string          `json:"number"`
		Carrier loose           `json:"carrier"`
		Track   *seventeenTrack `json:"track_info"`
	} `json:"data"`
}

type seventeenTrack struct {
	Status struct {
		Status string `json:"status"`
		Sub    string `json:"sub_status"`
		Text   string `json:"sub_status_descr"`
	} `json:"latest_status"`
	Latest  seventeenScan `json:"latest_event"`
	Metrics struct {
		ETA struct {
			Source string `json:"source"`
			From   string `json:"from"`
			To     string `json:"to"`
		} `json:"estimated_delivery_date"`
	} `json:"time_metrics"`
	Misc struct {
		LocalNumber string `json:"local_number"`
	} `json:"misc_info"`
	Tracking struct {
		Providers []seventeenLeg `json:"providers"`
	} `json:"tracking"`
}

type seventeenLeg struct {
	Provider struct {
		Key loose `json:"key"`
	} `json:"provider"`
	Synced string          `json:"latest_sync_time"`
	Events []seventeenScan `json:"events"`
}

type seventeenScan struct {
	ISO string `json:"time_iso"`
	UTC string `json:"time_utc"`
	Raw struct {
		Date string `json:"date"`
		Time string `json:"time"`
		Zone string `json:"timezone"`
	} `json:"time_raw"`
	Text     string `json:"description"`
	Location string `json:"location"`
	Stage    string `json:"stage"`
	Sub      string `json:"sub_status"`
	Address  struct {
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"address"`
}

// parse17Track reads the two events there are. That 17TRACK gave up says nothing
// of the goods, and least of all that they were delivered.
func parse17Track(body []byte) ([]supply.Report, error) {
	var event seventeenEvent
	if err := decode(body, &event); err != nil {
		return nil, err
	}
	stopped := event.Event == "TRACKING_STOPPED"
	if !stopped && event.Event != "TRACKING_UPDATED" {
		return nil, invalid("event is %q; it must be TRACKING_UPDATED or TRACKING_STOPPED", supply.Words(event.Event, 40))
	}
	number, err := supply.ParseTrackingNumber("data.number", event.Data.Number)
	if err != nil {
		return nil, err
	}
	r := supply.Report{Number: number}
	if track := event.Data.Track; track != nil {
		r.Issuer = track.issuer(string(event.Data.Carrier))
		if err := track.read(&r); err != nil {
			return nil, err
		}
	} else if !stopped {
		return nil, invalid("data.track_info is required: raise the webhook to version 2")
	}
	if stopped {
		r.Scans = append(r.Scans, supply.Scan{Status: supply.Expired, Code: supply.TrackingStopped, At: r.Version, Text: event.Event})
	}
	return []supply.Report{r}, nil
}

// issuer returns the carrier's name where only one carrier is involved. Of two,
// either may have given out the number that the seller knows.
func (t *seventeenTrack) issuer(carrier string) string {
	name := seventeenCarriers[carrier]
	for i := range t.Tracking.Providers {
		if seventeenCarriers[string(t.Tracking.Providers[i].Provider.Key)] != name {
			return ""
		}
	}
	return name
}

// seventeenCarriers has the numbers whose carriers other providers know by the
// same name. Source: res.17track.net/asset/carrier/info/apicarrier.all.json, as
// cited by third parties; that of UPS is also in the recorded push.
var seventeenCarriers = map[string]string{
	"100001": "DHL", // Express
	"100002": "UPS",
	"100003": "FEDEX",
	"21051":  "USPS",
}

// read adds what the tracking says to the report. The time of the last question
// to a carrier is the only version there is.
func (t *seventeenTrack) read(r *supply.Report) error {
	r.Snapshot, r.Also = true, another(nil, r.Number, t.Misc.LocalNumber)
	for i := range t.Tracking.Providers {
		synced, err := instant("data.track_info.tracking.providers["+strconv.Itoa(i)+"].latest_sync_time", t.Tracking.Providers[i].Synced)
		if err != nil {
			return err
		}
		r.Version = latest(r.Version, synced)
	}
	r.SaidAt = r.Version
	eta, err := span("data.track_info.time_metrics.estimated_delivery_date", t.Metrics.ETA.From, t.Metrics.ETA.To)
	if err != nil {
		return err
	}
	if r.ETAs = supply.Expect(eta); eta.Known() && !strings.EqualFold(t.Metrics.ETA.Source, "official") {
		r.ETAs[0].Source = supply.FromAggregator // 17TRACK's own reckoning
	}
	if r.Scans, err = t.scans(); err != nil {
		return err
	}
	return t.summarise(r)
}

// scans returns the events of all legs, oldest first. Within a leg the carrier's
// order stands, whatever its clock; between legs only the clock can tell.
func (t *seventeenTrack) scans() ([]supply.Scan, error) {
	type timed struct {
		scan supply.Scan
		when time.Time // never before the scan that the same carrier lists below it
	}
	total := 0
	for i := range t.Tracking.Providers {
		total += len(t.Tracking.Providers[i].Events)
	}
	all := make([]timed, 0, total)
	for i := range t.Tracking.Providers {
		events, when := t.Tracking.Providers[i].Events, time.Time{}
		for j := len(events) - 1; j >= 0; j-- {
			scan, err := events[j].scan("data.track_info.tracking.providers[" + strconv.Itoa(i) + "].events[" + strconv.Itoa(j) + "].")
			if err != nil {
				return nil, err
			}
			when = latest(when, scan.At)
			all = append(all, timed{scan, when})
		}
	}
	if len(t.Tracking.Providers) > 1 {
		slices.SortStableFunc(all, func(a, b timed) int { return a.when.Compare(b.when) })
	}
	scans := make([]supply.Scan, len(all), len(all)+2)
	for i := range all {
		scans[i] = all[i].scan
	}
	return scans, nil
}

func (s *seventeenScan) scan(field string) (scan supply.Scan, err error) {
	scan = seventeenMeaning(s.Stage, s.Sub)
	if scan.At, scan.Local, err = s.at(field); err != nil {
		return scan, err
	}
	scan.Text = words(scan.Text, s.Text)
	if scan.Place = place(s.Location); scan.Place == "" {
		scan.Place = place(s.Address.City, s.Address.State, s.Address.Country)
	}
	return scan, nil
}

// at returns when an event happened: by 17TRACK's reckoning in UTC, or as the
// carrier wrote it, mostly without a zone.
func (s *seventeenScan) at(field string) (at time.Time, local bool, err error) {
	raw := s.Raw.Date
	switch {
	case s.UTC != "":
		return moment(field+"time_utc", s.UTC)
	case s.ISO != "":
		return moment(field+"time_iso", s.ISO)
	case s.Raw.Date != "" && s.Raw.Time != "":
		raw += "T" + s.Raw.Time
	}
	if at, local, err = moment(field+"time_raw", raw+s.Raw.Zone); err != nil {
		return moment(field+"time_raw", raw) // with a zone that we cannot read
	}
	return at, local, nil
}

// summarise adds the latest status where no event shows it. Most events have
// neither stage nor sub_status, so the status may be the only word that the goods
// are moving again, or are lost. The newest event gets it if that has but words.
func (t *seventeenTrack) summarise(r *supply.Report) (err error) {
	if t.Status.Status == "" && t.Status.Sub == "" {
		return nil
	}
	sum, shown := seventeenMeaning(t.Status.Status, t.Status.Sub), supply.TrackUnknown
	named := sum.Code == supply.StatusOnly
	for i := range r.Scans {
		if r.Scans[i].Status != supply.TrackUnknown {
			shown = r.Scans[i].Status
		}
		named = named || r.Scans[i].Code == sum.Code
	}
	if shown == sum.Status && named {
		return nil
	}
	if n := len(r.Scans); n > 0 && r.Scans[n-1].Code == supply.CodeInfo && sum.Code != supply.CodeUnknown && sum.Code != supply.TrackingStopped {
		r.Scans[n-1].Status, r.Scans[n-1].Code = sum.Status, sum.Code
		return nil
	}
	if sum.At, sum.Local, err = t.Latest.at("data.track_info.latest_event."); err != nil {
		return err
	}
	if sum.At.IsZero() {
		sum.At = r.Version
	}
	sum.Text = words(sum.Text, t.Status.Text, t.Latest.Text)
	r.Scans = append(r.Scans, sum)
	return nil
}

// seventeenMeaning returns what a sub_status means, or else the status or stage
// that it stands beside, or else the one that its name begins with.
func seventeenMeaning(status, sub string) supply.Scan {
	if status == "" && sub == "" {
		return supply.Scan{Status: supply.TrackUnknown, Code: supply.CodeInfo} // words that 17TRACK did not sort
	}
	main, _, _ := strings.Cut(sub, "_")
	for _, name := range [...]string{sub, status, main} {
		if s, known := seventeenScans[name]; known {
			return s
		}
	}
	return unmapped(status, sub)
}

// Source: asset.17track.net/api/document, "Main status" and "Sub status", as
// cited by third parties.
var seventeenScans = map[string]supply.Scan{
	"NotFound":           {Status: supply.TrackUnknown, Code: supply.TrackingStopped}, // no carrier knows the number: no sign of the goods
	"InfoReceived":       {Status: supply.PreTransit, Code: supply.InfoReceived},
	"InTransit":          {Status: supply.InTransit, Code: supply.StatusOnly},
	"Expired":            {Status: supply.Expired, Code: supply.TrackingStopped}, // 30 days without an event end the tracking
	"AvailableForPickup": {Status: supply.AvailableForPickup, Code: supply.Available},
	"OutForDelivery":     {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"DeliveryFailure":    {Status: supply.DeliveryAttempted, Code: supply.StatusOnly},
	"Delivered":          {Status: supply.Delivered, Code: supply.CodeDelivered},
	"Exception":          {Status: supply.Exception, Code: supply.StatusOnly},

	// Stages of events that are no status of their own.
	"PickedUp":  {Status: supply.InTransit, Code: supply.PickedUp},
	"Departure": {Status: supply.InTransit, Code: supply.Departed},  // from the country of origin
	"Arrival":   {Status: supply.InTransit, Code: supply.ArrivedAt}, // in the country of destination, not at our dock
	"Returning": {Status: supply.Returning, Code: supply.ReturnStarted},
	"Returned":  {Status: supply.Returned, Code: supply.CodeReturned},

	"NotFound_Other":       {Status: supply.TrackUnknown, Code: supply.TrackingStopped},
	"NotFound_InvalidCode": {Status: supply.TrackUnknown, Code: supply.TrackingStopped}, // no number of this carrier

	"InTransit_PickedUp":                    {Status: supply.InTransit, Code: supply.PickedUp},
	"InTransit_Departure":                   {Status: supply.InTransit, Code: supply.Departed},
	"InTransit_Arrival":                     {Status: supply.InTransit, Code: supply.ArrivedAt},
	"InTransit_CustomsProcessing":           {Status: supply.InTransit, Code: supply.CustomsEntered},
	"InTransit_CustomsReleased":             {Status: supply.InTransit, Code: supply.CustomsReleased},
	"InTransit_CustomsRequiringInformation": {Status: supply.InTransit, Code: supply.CustomsHold}, // until somebody answers
	"InTransit_Other":                       {Status: supply.InTransit, Code: supply.StatusOnly},

	"Expired_Other":            {Status: supply.Expired, Code: supply.TrackingStopped},
	"AvailableForPickup_Other": {Status: supply.AvailableForPickup, Code: supply.Available},
	"OutForDelivery_Other":     {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},

	"DeliveryFailure_NoBody":         {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"DeliveryFailure_Security":       {Status: supply.DeliveryAttempted, Code: supply.CustomsHold}, // security, customs or a fee
	"DeliveryFailure_Rejected":       {Status: supply.DeliveryAttempted, Code: supply.Refused},
	"DeliveryFailure_InvalidAddress": {Status: supply.DeliveryAttempted, Code: supply.AddressIssue},
	"DeliveryFailure_Other":          {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},

	"Delivered_Other": {Status: supply.Delivered, Code: supply.CodeDelivered}, // the usual one, despite its name

	"Exception_Returning": {Status: supply.Returning, Code: supply.ReturnStarted},
	"Exception_Returned":  {Status: supply.Returned, Code: supply.CodeReturned},
	"Exception_NoBody":    {Status: supply.Exception, Code: supply.AddressIssue}, // the consignee cannot be found
	"Exception_Security":  {Status: supply.Exception, Code: supply.CustomsHold},  // security, customs or a fee
	"Exception_Damage":    {Status: supply.Exception, Code: supply.Damaged},
	"Exception_Rejected":  {Status: supply.Exception, Code: supply.Refused},
	"Exception_Delayed":   {Status: supply.Exception, Code: supply.Delayed},
	"Exception_Lost":      {Status: supply.Exception, Code: supply.Lost},
	"Exception_Destroyed": {Status: supply.Exception, Code: supply.Lost}, // as little will come
	"Exception_Cancel":    {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"Exception_Other":     {Status: supply.Exception, Code: supply.StatusOnly},
}
