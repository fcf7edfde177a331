package carrier

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"headstart/shared/supply"
)

// standard is our own neutral event, signed by the Standard Webhooks scheme: the
// way in for a carrier, a forwarder or a warehouse that has no contract of its
// own. Here an unknown status or code is the sender's mistake, and refused.
//
// Sources: design section 5, "Carriers"; standardwebhooks.com, specification
// 1.0.0, read 2026-11.
var standard = Adapter{
	Name:      "standard",
	Success:   http.StatusOK,
	MaxBody:   maxBody,
	Deadline:  15 * time.Second,
	Verify:    verifyStandard,
	Parse:     parseStandard,
	Sign:      signStandard,
	NewSecret: func(random []byte) string { return standardPrefix + base64.StdEncoding.EncodeToString(random) },
}

const (
	standardID        = "Webhook-Id"
	standardTime      = "Webhook-Timestamp"
	standardSignature = "Webhook-Signature"
	standardVersion   = "v1,"
	standardPrefix    = "whsec_"

	// A request older or newer than this is refused. Source: the libraries of
	// the specification.
	standardTolerance = 5 * time.Minute

	// A sender that rotates has two keys; more than this is somebody guessing.
	standardSignatures = 5
)

// standardKey returns the key in a secret, nil when it has none.
func standardKey(secret string) []byte {
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(secret, standardPrefix))
	if err != nil || len(key) == 0 {
		return nil
	}
	return key
}

// standardSeal is one entry of the signature header.
func standardSeal(key []byte, id, timestamp string, body []byte) string {
	return standardVersion + base64.StdEncoding.EncodeToString(seal(key, []byte(id+"."+timestamp+"."), body))
}

func signStandard(req Request, secret, id string, now time.Time) Request {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	req = req.withHeader("Content-Type", "application/json").withHeader(standardID, id).withHeader(standardTime, timestamp)
	if key := standardKey(secret); key != nil {
		req = req.withHeader(standardSignature, standardSeal(key, id, timestamp, req.Body))
	}
	return req
}

func verifyStandard(req Request, secrets []string, now time.Time) error {
	id, err := only(req.Header, standardID)
	if err != nil {
		return err
	}
	timestamp, err := only(req.Header, standardTime)
	if err != nil {
		return err
	}
	given, err := only(req.Header, standardSignature)
	if err != nil {
		return err
	}
	if strings.Contains(id, ".") {
		return forged("%s holds a dot, which would let its end pass for the timestamp", standardID)
	}
	unix, err := strconv.ParseUint(timestamp, 10, 36) // 36 bits of seconds reach the year 4147
	if err != nil {
		return forged("%s is not a time in unix seconds", standardTime)
	}
	if age := now.Sub(time.Unix(int64(unix), 0)); age.Abs() > standardTolerance {
		return forged("%s is %s old; at most %s either way is allowed", standardTime, age, standardTolerance)
	}
	signatures := strings.SplitN(given, " ", standardSignatures+1)
	signatures = signatures[:min(len(signatures), standardSignatures)]
	for _, secret := range secrets {
		key := standardKey(secret)
		if key == nil {
			continue
		}
		want := []byte(standardSeal(key, id, timestamp, req.Body))
		for _, signature := range signatures {
			if hmac.Equal([]byte(signature), want) {
				return nil
			}
		}
	}
	return forged("none of the first %d entries of %s matches any of %d secrets", len(signatures), standardSignature, len(secrets))
}

type standardEvent struct {
	Type       string          `json:"type"`
	Number     string          `json:"trackingNumber"`
	Carrier    string          `json:"carrier"`
	Status     string          `json:"status"`
	Code       string          `json:"code"`
	OccurredAt string          `json:"occurredAt"`
	ETA        *standardWindow `json:"eta"`
	Location   struct {
		City    string `json:"city"`
		Country string `json:"country"`
	} `json:"location"`
}

type standardWindow struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// parseStandard reads one event. It carries no time of its own making, so what
// it says of the ETA was said when the event occurred.
func parseStandard(body []byte) ([]supply.Report, error) {
	var event standardEvent
	if err := decode(body, &event); err != nil {
		return nil, err
	}
	if event.Type != "tracking.updated" {
		return nil, invalid("type is %q; it must be tracking.updated", supply.Words(event.Type, 40))
	}
	number, err := supply.ParseTrackingNumber("trackingNumber", event.Number)
	if err != nil {
		return nil, err
	}
	scan, err := event.scan()
	if err != nil {
		return nil, err
	}
	eta, err := event.ETA.window()
	if err != nil {
		return nil, err
	}
	return []supply.Report{{
		Number: number, Issuer: event.Carrier, SaidAt: scan.At, ETAs: supply.Expect(eta), Scans: []supply.Scan{scan},
	}}, nil
}

func (e *standardEvent) scan() (s supply.Scan, err error) {
	if s.Status, err = supply.ParseTrackStatus("status", e.Status); err != nil {
		return s, err
	}
	if s.Code, err = supply.ParseTrackCode("code", e.Code); err != nil {
		return s, err
	}
	if e.OccurredAt == "" {
		return s, invalid("occurredAt is required")
	}
	s.At, err = instant("occurredAt", e.OccurredAt)
	s.Place = place(e.Location.City, e.Location.Country)
	return s, err
}

// window reads the ETA, absent or null included. Both ends are instants, or
// calendar days, which hold in any zone.
func (w *standardWindow) window() (to supply.Window, err error) {
	if w == nil {
		return to, nil
	}
	if w.To == "" {
		return to, invalid("eta.to is required: the end of the window makes the promise")
	}
	if to, err = standardEnd("eta.to", w.To); err != nil || w.From == "" {
		return to, err
	}
	from, err := standardEnd("eta.from", w.From)
	switch {
	case err != nil:
	case from.DateOnly != to.DateOnly:
		err = invalid("eta.from and eta.to must both be times or both be days")
	case from.To.After(to.To):
		err = invalid("eta.from %s is after eta.to %s", w.From, w.To)
	}
	to.From = from.From
	return to, err
}

func standardEnd(field, s string) (supply.Window, error) {
	if len(s) == len(time.DateOnly) {
		return day(field, s)
	}
	at, err := instant(field, s)
	return supply.Window{From: at, To: at}, err
}
