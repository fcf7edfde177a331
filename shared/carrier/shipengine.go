package carrier

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// ShipEngine (sold as ShipStation API too) pushes a tracker with its whole
// history, and signs it with an RSA key that it publishes. That key signs for all
// its customers, so a source's secret is "TOKEN JWKS": a token that ends the
// address of our webhook, one blank, and the key set, either its https address
// (https://api.shipengine.com/jwks) or its JSON. ShipStation's older V1 webhooks
// are not signed and name only where to fetch; they are refused.
//
// Sources: docs.shipstation.com/apis/docs/guides/webhooks-validation and
// webhooks-schemas, and openapi.yaml of ShipEngine/shipengine-openapi; read 2026-11.
var shipengine = Adapter{
	Name:      "shipengine",
	Success:   http.StatusOK,
	MaxBody:   maxBody,
	Deadline:  5 * time.Second, // nothing is published; other providers' shortest but one
	Verify:    verifyShipEngine,
	Parse:     parseShipEngine,
	Sign:      signShipEngine,
	NewSecret: newShipEngineSecret,
	Keys:      &KeySet{URL: shipengineKeys, Fill: fillShipEngine},
}

const (
	shipengineKeyID     = "X-Shipengine-Rsa-Sha256-Key-Id"
	shipengineTime      = "X-Shipengine-Timestamp"
	shipengineSignature = "X-Shipengine-Rsa-Sha256-Signature"

	// A request older than this is refused. Source: the page on validation.
	shipengineTolerance = 5 * time.Minute

	// A modulus shorter than this can be factored. Source: NIST SP 800-131A.
	shipengineBits = 2048
)

func shipengineKeys(secret string) string {
	if _, keys := split(secret); strings.HasPrefix(keys, "https://") {
		return keys
	}
	return ""
}

func fillShipEngine(secret string, document []byte) string {
	token, _ := split(secret)
	return token + " " + string(document)
}

// verifyShipEngine asks for the token first, so that no stranger makes us fetch
// keys by naming one that we do not have.
func verifyShipEngine(req Request, secrets []string, now time.Time) error {
	sets, err := behind(req, secrets)
	if err != nil {
		return err
	}
	id, err := only(req.Header, shipengineKeyID)
	if err != nil {
		return err
	}
	timestamp, err := only(req.Header, shipengineTime)
	if err != nil {
		return err
	}
	given, err := only(req.Header, shipengineSignature)
	if err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, timestamp)
	if err != nil {
		return forged("%s is not a time in RFC 3339", shipengineTime)
	}
	if err := fresh(shipengineTime, at, now, shipengineTolerance); err != nil {
		return err
	}
	known := false
	for _, set := range sets {
		for _, key := range webKeys(set) {
			if key.ID == id {
				known = true
				if key.signed(given, shipengineDigest(timestamp, req.Body)) {
					return nil
				}
			}
		}
	}
	if !known {
		return fault.New(fault.Transient, "UNKNOWN_KEY", "the key of the signature is not known yet; send the request again")
	}
	return forged("%s matches none of %d secrets", shipengineSignature, len(secrets))
}

func shipengineDigest(timestamp string, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte(timestamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// signShipEngine needs the private part of a key in the set.
func signShipEngine(req Request, secret, _ string, now time.Time) Request {
	token, set := split(secret)
	timestamp := now.UTC().Format(time.RFC3339)
	req = req.withHeader("Content-Type", "application/json").withHeader(shipengineTime, timestamp)
	for _, key := range webKeys(set) {
		public := key.public()
		if public == nil || key.D == "" {
			continue
		}
		private := rsa.PrivateKey{PublicKey: *public, D: unsigned(key.D)}
		if signature, err := rsa.SignPKCS1v15(nil, &private, crypto.SHA256, shipengineDigest(timestamp, req.Body)); err == nil {
			req.Tail = token
			return req.withHeader(shipengineKeyID, key.ID).withHeader(shipengineSignature, base64.StdEncoding.EncodeToString(signature))
		}
	}
	return req
}

// newShipEngineSecret makes a token and an RSA key whose private part stands in
// the set. crypto/rsa takes its randomness from nobody but the system, and the
// same 32 bytes must make the same secret, so the primes are searched for here.
func newShipEngineSecret(random []byte) string {
	stream := sha3.NewSHAKE256()
	stream.Write(random)
	name := make([]byte, 20)
	io.ReadFull(stream, name)
	p, q, one, e := bigPrime(stream), bigPrime(stream), big.NewInt(1), big.NewInt(65537)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	write := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	set, _ := json.Marshal(webKeySet{[]webKey{{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: hex.EncodeToString(name[16:]),
		N: write(new(big.Int).Mul(p, q)), E: write(e), D: write(new(big.Int).ModInverse(e, order)),
	}}}) // four kinds of texts always marshal
	return hex.EncodeToString(name[:16]) + " " + string(set)
}

// bigPrime returns the first prime of half a key's bits in the stream that suits
// the exponent 65537.
func bigPrime(stream io.Reader) *big.Int {
	b := make([]byte, shipengineBits/2/8)
	for {
		io.ReadFull(stream, b)
		b[0] |= 0xc0 // two such primes make a modulus of all bits
		b[len(b)-1] |= 1
		p := new(big.Int).SetBytes(b)
		if suits := new(big.Int).Mod(p, big.NewInt(65537)).Cmp(big.NewInt(1)) != 0; suits && p.ProbablyPrime(20) {
			return p
		}
	}
}

// webKey is a JSON Web Key, webKeySet a set of them. Source: RFC 7517, and RFC
// 7518 section 6.3 for RSA.
type webKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	N         string `json:"n"`
	E         string `json:"e"`
	D         string `json:"d,omitzero"`
}

type webKeySet struct {
	Keys []webKey `json:"keys"`
}

// webKeys returns the keys in a document, none when it is no key set: then its
// address has not been read yet, or did not answer with one.
func webKeys(document string) []webKey {
	var set webKeySet
	if decode([]byte(document), &set) != nil {
		return nil
	}
	return set.Keys
}

// public returns the key; nil when it is weak, or not one for RS256.
func (k *webKey) public() *rsa.PublicKey {
	n, e := unsigned(k.N), unsigned(k.E)
	fit := k.Type == "RSA" && (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == "RS256")
	if !fit || n.BitLen() < shipengineBits || e.BitLen() > 31 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// signed reports whether given, as it is written, is the key's signature.
func (k *webKey) signed(given string, digest []byte) bool {
	public := k.public()
	signature, err := base64.StdEncoding.DecodeString(given)
	return public != nil && err == nil && base64.StdEncoding.EncodeToString(signature) == given &&
		rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature) == nil
}

// unsigned reads a number of a key, 0 when it is none.
func unsigned(s string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		b = nil
	}
	return new(big.Int).SetBytes(b)
}

type shipenginePush struct {
	URL  string             `json:"resource_url"`
	Type string             `json:"resource_type"`
	Data *shipengineTracker `json:"data"`
}

type shipengineTracker struct {
	shipengineStatus
	Number    string            `json:"tracking_number"`
	Carrier   string            `json:"carrier_code"`
	ETA       string            `json:"estimated_delivery_date"`
	Delivered string            `json:"actual_delivery_date"`
	Events    []shipengineEvent `json:"events"`
}

// shipengineStatus is what a tracker and each of its events say: ShipEngine's own
// status, null in the events of many carriers, and the carrier's.
type shipengineStatus struct {
	Status    string `json:"status_code"`
	Detail    string `json:"status_detail_code"`
	Own       string `json:"carrier_status_code"`
	OwnDetail string `json:"carrier_detail_code"`
	Words     string `json:"carrier_status_description"`
}

type shipengineEvent struct {
	shipengineStatus
	At          string `json:"occurred_at"`         // UTC
	CarrierAt   string `json:"carrier_occurred_at"` // the place's own, whatever zone is written
	OldAt       string `json:"event_date"`          // UTC, of payloads before occurred_at
	Description string `json:"description"`
	City        string `json:"city_locality"`
	State       string `json:"state_province"`
	Country     string `json:"country_code"`
}

// parseShipEngine reads tracking events; those about batches, rates and the like
// are authentic and none of our business, whatever their data looks like.
func parseShipEngine(body []byte) ([]supply.Report, error) {
	var push shipenginePush
	if err := decode(body, &push); err != nil {
		var other struct {
			Type string `json:"resource_type"`
		}
		if decode(body, &other) == nil && other.Type != "" && !shipengineTracks(other.Type) {
			return nil, nil
		}
		return nil, err
	}
	switch {
	case push.Type == "":
		return nil, invalid("resource_type is required: this is not a ShipEngine event")
	case !shipengineTracks(push.Type):
		return nil, nil
	case push.Data == nil:
		return nil, invalid("data is required: a %s event without its tracker must be fetched", push.Type)
	}
	report, err := push.report()
	if err != nil {
		return nil, err
	}
	return []supply.Report{report}, nil
}

func shipengineTracks(kind string) bool { return kind == "API_TRACK" || kind == "TRACK_EVENT_V2" }

func (p *shipenginePush) report() (r supply.Report, err error) {
	t := p.Data
	r = supply.Report{Issuer: p.issuer(), Snapshot: true, Scans: make([]supply.Scan, 0, len(t.Events)+1)}
	if r.Number, err = supply.ParseTrackingNumber("data.tracking_number", t.Number); err != nil {
		return r, err
	}
	eta, err := span("data.estimated_delivery_date", t.ETA, "")
	if err != nil {
		return r, err
	}
	r.ETAs = supply.Expect(eta)
	for i := range t.Events {
		scan, err := t.Events[i].scan("data.events["+strconv.Itoa(i)+"]", r.Issuer)
		if err != nil {
			return r, err
		}
		r.Scans = append(r.Scans, scan)
	}
	oldestFirst(r.Scans)
	return r, t.summarise(&r)
}

// issuer returns the carrier. Older payloads name it only in the address that
// the tracker can be fetched from, …/tracking/usps/9400… or …?carrier_code=usps.
func (p *shipenginePush) issuer() string {
	code := p.Data.Carrier
	if u, err := url.Parse(p.URL); err == nil && code == "" {
		code = u.Query().Get("carrier_code")
		if _, path, ok := strings.Cut(u.Path, "/tracking/"); ok {
			code, _, _ = strings.Cut(path, "/")
		}
	}
	if name, known := shipengineCarriers[code]; known {
		return name
	}
	return code
}

// Source: codes in payloads of ShipStation's users. Resellers of a carrier's
// labels have codes of their own; the parcel is the carrier's.
var shipengineCarriers = map[string]string{
	"stamps_com":     "usps",
	"endicia":        "usps",
	"ups_walleted":   "ups",
	"fedex_walleted": "fedex",
}

func (e *shipengineEvent) scan(field, issuer string) (s supply.Scan, err error) {
	s, said := e.means(issuer)
	if !said {
		s.Code = supply.CodeInfo // the carrier's words alone: they move nothing
	}
	if s.Code != supply.CodeUnknown {
		s.Text = words(e.Description, e.Words)
	}
	s.Place = place(e.City, e.State, e.Country)
	switch {
	case e.At != "":
		s.At, s.Local, err = moment(field+".occurred_at", e.At)
	case e.OldAt != "":
		s.At, s.Local, err = moment(field+".event_date", e.OldAt)
	default:
		// Its zone is not known, and a Z behind it is as false as none.
		s.At, _, err = written(field+".carrier_occurred_at", e.CarrierAt)
		s.At, s.Local = wallClock(s.At), e.CarrierAt != ""
	}
	return s, err
}

// wallClock returns the time that t's own clock shows, as if it were UTC.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// summarise adds the tracker's own status: from many carriers, events have none.
func (t *shipengineTracker) summarise(r *supply.Report) (err error) {
	sum, said := t.means(r.Issuer)
	if !said {
		return nil
	}
	if sum.Code != supply.CodeUnknown {
		sum.Text = words(t.Words)
	}
	if sum.Status == supply.Delivered {
		sum.At, sum.Local, err = moment("data.actual_delivery_date", t.Delivered)
	}
	r.Scans = sumUp(r.Scans, sum)
	return err
}

// means returns what is said. The detail is finer and decides; one that is only a
// remark leaves the status as it is. UPS's events have no detail, and to
// ShipEngine the vehicle that comes to us is a status like all before it; but they
// have UPS's own codes.
func (t *shipengineStatus) means(issuer string) (s supply.Scan, said bool) {
	own, known := upsCodes[t.Own+"/"+t.OwnDetail]
	if known && issuer == "ups" && t.Detail == "" {
		return own, true
	}
	s, known = shipengineStatuses[t.Status]
	finer, detailed := shipengineDetails[t.Detail]
	switch {
	case detailed && finer.Status != supply.TrackUnknown:
		return finer, true
	case known:
		return s, true
	case detailed:
		return finer, true
	}
	return unmapped(t.Status, t.Detail), t.Status != "" || t.Detail != ""
}

// Source: openapi.yaml, status_code.
var shipengineStatuses = map[string]supply.Scan{
	"UN": {Code: supply.CodeInfo}, // ShipEngine cannot place it
	"NY": {Status: supply.PreTransit, Code: supply.StatusOnly},
	"AC": {Status: supply.InTransit, Code: supply.PickedUp}, // accepted: the carrier has it
	"IT": {Status: supply.InTransit, Code: supply.StatusOnly},
	"DE": {Status: supply.Delivered, Code: supply.StatusOnly},
	"SP": {Status: supply.AvailableForPickup, Code: supply.StatusOnly}, // delivered to a collection point, which is not our dock
	"AT": {Status: supply.DeliveryAttempted, Code: supply.StatusOnly},
	"EX": {Status: supply.Exception, Code: supply.StatusOnly}, // not the end
}

// Source: openapi.yaml, status_detail_code: the 75 of today, then those that only
// its earlier versions have. The zero status leaves the one beside it alone.
var shipengineDetails = map[string]supply.Scan{
	"SHIPMENT_CREATED":                             {Status: supply.PreTransit, Code: supply.InfoReceived},
	"AWAITING_PICKUP_DROP_OFF":                     {Status: supply.PreTransit, Code: supply.StatusOnly},
	"ELEC_ADVICE_RECD_BY_CARRIER":                  {Status: supply.PreTransit, Code: supply.InfoReceived}, // the data, not the parcel
	"PICKUP_FAILED":                                {Status: supply.PreTransit, Code: supply.Delayed},
	"NOT_YET_RECEIVED_BY_CARRIER":                  {Status: supply.PreTransit, Code: supply.Delayed},
	"DROPPED_OFF":                                  {Status: supply.InTransit, Code: supply.DroppedOff},
	"PICKED_UP":                                    {Status: supply.InTransit, Code: supply.PickedUp},
	"RECEIVED_BY_CARRIER":                          {Status: supply.InTransit, Code: supply.PickedUp},
	"RECD_BY_CARRIER_NO_ELEC_ADVICE":               {Status: supply.InTransit, Code: supply.PickedUp}, // late for want of data, but there
	"HUB_SCAN_IN":                                  {Status: supply.InTransit, Code: supply.ArrivedAt},
	"HUB_SCAN_OUT":                                 {Status: supply.InTransit, Code: supply.Departed},
	"HUB_PROCESSING":                               {Status: supply.InTransit, Code: supply.HubScan},
	"IN_TRANSIT":                                   {Status: supply.InTransit, Code: supply.StatusOnly},
	"RECEIVED_LOCAL_DELIVERY_DEPOT":                {Status: supply.InTransit, Code: supply.ArrivedAt}, // a depot, not our dock
	"SUB_CONTRACTOR_RECEIVED":                      {Status: supply.InTransit, Code: supply.ArrivedAt},
	"CUSTOMS_PROCESSING":                           {Status: supply.InTransit, Code: supply.CustomsEntered}, // processing is no hold yet
	"CUSTOMS_CLEARED":                              {Status: supply.InTransit, Code: supply.CustomsReleased},
	"DELIVERY_ARRANGED_WITH_RECIPIENT":             {Status: supply.InTransit, Code: supply.AppointmentSet},
	"DELIVERY_SCHEDULED":                           {Status: supply.InTransit, Code: supply.AppointmentSet},
	"DELIVERY_RESCHEDULED":                         {Status: supply.InTransit, Code: supply.Rescheduled},
	"PARCEL_REDIRECTED":                            {Status: supply.InTransit, Code: supply.AddressIssue}, // to another address than the label's
	"OUT_FOR_DELIVERY":                             {Status: supply.OutForDelivery, Code: supply.CodeOutForDelivery},
	"ATTEMPTED_DELIVERY":                           {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"ATTEMPTED_DELIVERY_FINAL":                     {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted}, // a return is said by a code of its own
	"CUSTOMER_CARDED":                              {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"COD_AMOUNT_NOT_PAID":                          {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"CUSTOMER_IDENTIFICATION_FAILED":               {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"NO_ACCESS_TO_RECIPIENTS_ADDRESS":              {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"AWAITING_COLLECTION_FROM_PICKUP_POINT":        {Status: supply.AvailableForPickup, Code: supply.Available},
	"COLLECT_AT_LOCAL_PO":                          {Status: supply.AvailableForPickup, Code: supply.Available},
	"CUSTOMER_TO_COLLECT_FROM_CARRIER":             {Status: supply.AvailableForPickup, Code: supply.Available},
	"DELIVERED_TO_PICKUP_POINT":                    {Status: supply.AvailableForPickup, Code: supply.ArrivedAt}, // "delivered" to a shop
	"DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION":   {Status: supply.AvailableForPickup, Code: supply.Available}, // must be fetched: not our dock
	"DELIVERED":                                    {Status: supply.Delivered, Code: supply.CodeDelivered},
	"DELIVERED_TO_RECEPTION":                       {Status: supply.Delivered, Code: supply.CodeDelivered},
	"DELIVERED_SPECIFIED_SAFE_PLACE":               {Status: supply.Delivered, Code: supply.CodeDelivered},
	"DELIVERED_TO_NEIGHBOUR":                       {Status: supply.Delivered, Code: supply.CodeDelivered}, // the carrier's part is done
	"DELIVERED_TO_PO_BOX":                          {Status: supply.Delivered, Code: supply.CodeDelivered},
	"PROOF_OF_DELIVERY":                            {Status: supply.Delivered, Code: supply.CodeDelivered},
	"PARCEL_COLLECTED_FROM_PICKUP_POINT":           {Status: supply.Delivered, Code: supply.PickedUpByConsignee},
	"DELIVERED_DAMAGED":                            {Status: supply.Delivered, Code: supply.Damaged},
	"DELIVERED_IN_PART":                            {Status: supply.Delivered, Code: supply.DeliveredPartial},
	"UNSPECIFIED_EXCEPTION":                        {Status: supply.Exception, Code: supply.StatusOnly},
	"PARCEL_DAMAGED":                               {Status: supply.Exception, Code: supply.Damaged},
	"PARCEL_REPACKED":                              {Status: supply.Exception, Code: supply.Damaged}, // it was damaged before it was repacked
	"PARCEL_LOST":                                  {Status: supply.Exception, Code: supply.Lost},
	"PARCEL_DISPOSED":                              {Status: supply.Exception, Code: supply.Lost}, // it will never come
	"ADDRESS_QUERY":                                {Status: supply.Exception, Code: supply.AddressIssue},
	"PARCEL_REDIRECTED_BY_CARRIER":                 {Status: supply.Exception, Code: supply.AddressIssue},
	"CARRIER_DELAYS":                               {Status: supply.Exception, Code: supply.Delayed},
	"DELAYED_NOT_CARRIER":                          {Status: supply.Exception, Code: supply.Delayed},
	"MISROUTED":                                    {Status: supply.Exception, Code: supply.Delayed}, // it will come, by a detour
	"INCORRECT_DECLARATION":                        {Status: supply.Exception, Code: supply.Delayed}, // and yet moving on
	"HELD_BY_CARRIER":                              {Status: supply.Exception, Code: supply.Held},
	"NOT_DELIVERED_ADDRESSEE_DECEASED":             {Status: supply.Exception, Code: supply.Held},        // nobody has said that it returns
	"HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING": {Status: supply.Exception, Code: supply.CustomsHold}, // for customs' papers
	"HELD_BY_CUSTOMS":                              {Status: supply.Exception, Code: supply.CustomsHold},
	"DUTY_NOT_PAID":                                {Status: supply.Exception, Code: supply.CustomsHold}, // customs keeps it, and may dispose of it
	"CUSTOMER_MOVED":                               {Status: supply.Returning, Code: supply.ReturnStarted},
	"HAZARDOUS_PROHIBITED":                         {Status: supply.Returning, Code: supply.ReturnStarted}, // will not be delivered
	"NOT_COLLECTED_FROM_PICKUP_POINT":              {Status: supply.Returning, Code: supply.ReturnStarted},
	"NOT_DELIVERED":                                {Status: supply.Returning, Code: supply.ReturnStarted},
	"PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY":         {Status: supply.Returning, Code: supply.ReturnStarted}, // will not be delivered
	"REFUSED_BY_CUSTOMER":                          {Status: supply.Returning, Code: supply.Refused},
	"RETURN_TO_SENDER":                             {Status: supply.Returning, Code: supply.ReturnStarted},
	"UNDELIVERABLE_RETURNED_TO_SENDER":             {Status: supply.Returned, Code: supply.CodeReturned}, // is back, not on its way
	"CANCELLED":                                    {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"TRACKING_EXPIRED":                             {Status: supply.Expired, Code: supply.TrackingStopped}, // the tracker's end, not the parcel's
	"CARRIER_STATUS_NOT_MAPPED":                    {Code: supply.CodeInfo},                                // ShipEngine has no row for the carrier's code
	"INFORMATION":                                  {Code: supply.CodeInfo},
	"PARCEL_OVER_LABELLED":                         {Code: supply.CodeInfo},
	"PARCEL_UPDATE_NOTIFICATION":                   {Code: supply.CodeInfo},
	"SUB_CONTRACTOR_EVENT":                         {Code: supply.CodeInfo},
	"COD_AMOUNT_PAID":                              {Code: supply.CodeInfo},
	"POST_TRANSIT_STATUS":                          {Code: supply.CodeInfo}, // more words about a delivery that the status tells

	"AWAITING_DESPATCH":                    {Status: supply.PreTransit, Code: supply.StatusOnly},
	"AWAITING_ELECTRONIC_ADVICE":           {Status: supply.PreTransit, Code: supply.StatusOnly},
	"COLLECTION_REQUESTED":                 {Status: supply.PreTransit, Code: supply.StatusOnly},
	"COLLECTION_FAILED":                    {Status: supply.PreTransit, Code: supply.Delayed},
	"COLLECTION_MADE":                      {Status: supply.InTransit, Code: supply.PickedUp},
	"DESPATCHED":                           {Status: supply.InTransit, Code: supply.DroppedOff}, // handed over
	"ATTEMPTED_DELIVERY_2ND":               {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"ATTEMPTED_DELIVERY_3RD":               {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"INVALID_METHOD_OF_PAYMENT":            {Status: supply.DeliveryAttempted, Code: supply.CodeDeliveryAttempted},
	"DELIVERED_TO_LOCKER_COLLECTION_POINT": {Status: supply.AvailableForPickup, Code: supply.Available}, // a locker must be emptied
	"MISSORTED":                            {Status: supply.Exception, Code: supply.Delayed},
	"ROUTING_ERROR":                        {Status: supply.Exception, Code: supply.Delayed},
	"HELD_BY_EXPORT_CUSTOMS":               {Status: supply.Exception, Code: supply.CustomsHold},
	"HELD_BY_IMPORT_CUSTOMS":               {Status: supply.Exception, Code: supply.CustomsHold},
	"CANCELLED_BEFORE_DESPATCH":            {Status: supply.TrackCancelled, Code: supply.CodeCancelled},
	"PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL": {Code: supply.CodeInfo},
	"PARCEL_UPDATE_NOTIFICATION_VIA_SMS":   {Code: supply.CodeInfo},
}
