package carrier

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"

	"headstart/shared/supply"
)

// EPCIS is GS1's standard for saying what happened to which goods, where and
// why: whoever keeps such records captures them here, one at a time or as a
// document, or has a subscription push them. Unlike any carrier it also says
// what is packed in what. Reports are about logistic units, by their SSCC, and
// containers; what an event says of trade items alone is contents, or nothing.
//
// An event is never changed; one with an error declaration takes back the event
// of the same id. The standard leaves the id out at will; then the values that
// are read here identify the event, whatever its JSON looks like.
//
// XML, and so EPCIS 1, is not read. The standard rolls a capture back for one
// bad event unless it is asked to proceed; here it always proceeds.
//
// Sources: EPCIS and CBV 2.0.1 with its REST bindings, ref.gs1.org/standards/epcis
// and github.com/gs1/EPCIS; EPC Tag Data Standard 2.0; GS1 Digital Link 1.2;
// read 2026-11.
var epcis = Adapter{
	Name:     "epcis",
	Success:  http.StatusAccepted, // of capture; of the single event and the push any 2xx is one
	MaxBody:  maxBody,
	Deadline: 30 * time.Second, // the standard names none
	Verify:   epcisToken.verify,
	Parse:    parseEPCIS,
	Sign:     epcisToken.sign,
	Contents: epcisContents,
	Answer:   answerEPCIS,
	Probe:    probeEPCIS,
}

// The standard leaves authentication to the implementation.
var epcisToken = token{header: "Authorization", prefix: "Bearer ", endpoints: []string{"capture", "events"}}

// epcisEvent is an event of any of the five types; what a type does not have
// stays empty.
type epcisEvent struct {
	Type        string          `json:"type"`
	ID          string          `json:"eventID"`
	At          string          `json:"eventTime"`
	Action      string          `json:"action"`
	Step        string          `json:"bizStep"`
	Disposition string          `json:"disposition"`
	Parent      string          `json:"parentID"`
	EPCs        []string        `json:"epcList"`
	Children    []string        `json:"childEPCs"`
	Inputs      []string        `json:"inputEPCList"`
	Outputs     []string        `json:"outputEPCList"`
	Quantities  []epcisQuantity `json:"quantityList"`
	Packed      []epcisQuantity `json:"childQuantityList"`
	ReadPoint   epcisPlace      `json:"readPoint"`
	Location    epcisPlace      `json:"bizLocation"`
	Papers      []struct {
		Type  string `json:"type"`
		Value string `json:"bizTransaction"`
	} `json:"bizTransactionList"`
	Lasting struct {
		Set []string `json:"set"`
	} `json:"persistentDisposition"`
	Error *struct {
		Declared string `json:"declarationTime"`
	} `json:"errorDeclaration"`
}

type epcisQuantity struct {
	Class string `json:"epcClass"`
	Count loose  `json:"quantity"`
	Unit  string `json:"uom"`
}

type epcisPlace struct {
	ID string `json:"id"`
}

type epcisEvents struct {
	Events each[epcisEvent] `json:"eventList"`
}

// epcisDocument is a capture document, the result of a query, or one event.
type epcisDocument struct {
	epcisEvent
	Created string `json:"creationDate"`
	Body    struct {
		epcisEvents
		Query struct {
			Results epcisEvents `json:"resultsBody"`
		} `json:"queryResults"`
	} `json:"epcisBody"`
}

var epcisTypes = []string{"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"}

// readEPCIS visits the events of a body, one after the other; field is what the
// event's own fields are named after. It returns when the document was made,
// zero when not said, and either what is wrong with the whole body or, as
// unread, what is wrong with some of its events.
func readEPCIS(body []byte, visit func(field string, e *epcisEvent) error) (created time.Time, unread, err error) {
	if strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 100)])), "<") {
		return created, nil, invalid("the body is XML; send the JSON of EPCIS 2.0")
	}
	typed := func(field string, e *epcisEvent) error {
		if !slices.Contains(epcisTypes, e.Type) {
			return invalid("%stype %q is none of %s", field, supply.Words(e.Type, 40), strings.Join(epcisTypes, ", "))
		}
		return visit(field, e)
	}
	var doc epcisDocument
	lists := []*each[epcisEvent]{&doc.Body.Events, &doc.Body.Query.Results.Events}
	for _, list := range lists {
		list.visit = func(i int, e *epcisEvent) error { return typed("eventList["+strconv.Itoa(i)+"].", e) }
	}
	if err := decode(body, &doc); err != nil {
		return created, nil, err
	}
	list := lists[0]
	switch doc.Type {
	case "EPCISDocument":
	case "EPCISQueryDocument":
		list = lists[1]
	default:
		return created, nil, typed("", &doc.epcisEvent)
	}
	if !list.there {
		return created, nil, invalid("eventList is required in an %s", doc.Type)
	}
	created, err = instant("creationDate", doc.Created)
	return created, list.unread.err(list.count), err
}

// parseEPCIS returns one report for each logistic unit and container of each
// event.
func parseEPCIS(body []byte) (reports []supply.Report, err error) {
	created, unread, err := readEPCIS(body, func(field string, e *epcisEvent) error {
		about, err := e.objects(field)
		if err != nil {
			return err
		}
		scan, err := e.scan(field)
		if err != nil || len(about.numbers) == 0 {
			return err
		}
		scans, also := []supply.Scan{scan}, e.papers(epcisPapers...)
		reports = slices.Grow(reports, len(about.numbers))
		for _, number := range about.numbers {
			reports = append(reports, supply.Report{Number: number, Also: also, Scans: scans})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range reports {
		reports[i].SaidAt = created
	}
	return reports, unread
}

// epcisContents returns what was packed into a logistic unit, and what was
// shipped under the numbers of logistic units and papers. SKUs are GTINs of 14
// digits. An event that was declared an error says nothing.
func epcisContents(body []byte) (manifests []supply.Manifest, err error) {
	_, unread, err := readEPCIS(body, func(field string, e *epcisEvent) error {
		about, err := e.objects(field)
		if err != nil {
			return err
		}
		at, err := e.at(field)
		if err != nil || e.Error != nil || len(about.items) == 0 {
			return err
		}
		if m := e.manifest(about, at); len(m.Numbers) > 0 {
			manifests = append(manifests, m)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return manifests, unread
}

// manifest returns what the event says is in something, without Numbers when it
// says nothing of the kind.
func (e *epcisEvent) manifest(about epcisObjects, at time.Time) supply.Manifest {
	m := supply.Manifest{SaidAt: at}
	if advices := e.papers("desadv"); len(advices) == 1 {
		m.Shipment = advices[0]
	}
	switch {
	case e.Type == "AggregationEvent" && e.Action == "ADD" && about.parent != "":
		m.Numbers = append([]string{about.parent}, e.papers(epcisPapers...)...)
		m.Boxes = []supply.Box{{ID: about.parent, TrackingID: about.parent, Contents: about.items}}
	case e.Type == "ObjectEvent" && cbv(e.Step) == "shipping":
		m.Numbers = append(about.numbers, e.papers(epcisPapers...)...)
		m.Lines = about.items
	}
	return m
}

func (e *epcisEvent) at(field string) (time.Time, error) {
	if e.At == "" {
		return time.Time{}, invalid("%seventTime is required", field)
	}
	return instant(field+"eventTime", e.At)
}

// scan returns what happened. The first version of an event is its own time's,
// so that a later declaration of its error is newer.
func (e *epcisEvent) scan(field string) (supply.Scan, error) {
	s := e.meaning()
	at, err := e.at(field)
	if err != nil {
		return s, err
	}
	s.At, s.Version = at, at
	if s.ID = e.ID; s.ID == "" {
		s.ID = e.fingerprint(at)
	}
	s.Place = e.place()
	if s.Text == "" {
		s.Text = words(strings.TrimSpace(cbv(e.Step)+" "+cbv(e.Disposition)), e.Type+" "+e.Action)
	}
	if e.Error != nil {
		declared, err := instant(field+"errorDeclaration.declarationTime", e.Error.Declared)
		if err != nil {
			return s, err
		}
		s.Retracted = true
		if s.Version = declared; !declared.After(at) { // an event may be wrong just because it is dated ahead
			s.Version = at.Add(time.Millisecond)
		}
	}
	return s, nil
}

// meaning returns what the business step says, and what the dispositions make
// of it: trouble is added to the step, and a step that may be either ours or a
// hub's is decided.
func (e *epcisEvent) meaning() supply.Scan {
	s, known := epcisSteps[cbv(e.Step)]
	if e.Step == "" {
		s.Code, known = supply.CodeInfo, e.Disposition == ""
	}
	for _, disposition := range append([]string{e.Disposition}, e.Lasting.Set...) {
		d, ours := epcisDispositions[cbv(disposition)]
		known = known || ours && (e.Step == "" || d.Code != supply.CodeInfo)
		switch {
		case !ours || d.Code == supply.CodeInfo:
		case d.Status == supply.Exception:
			s.Status, s.Code = cmp.Or(s.Status, d.Status), d.Code
		case s.Status == supply.Delivered && d.Status == supply.InTransit:
			s.Status, s.Code = supply.InTransit, supply.ArrivedAt // received by a hub
		case s.Status == supply.Delivered:
			s.Status, s.Code = supply.Returned, supply.CodeReturned // received by the sender
		case s.Status == supply.TrackUnknown || d.Status == supply.Returning:
			s = d
		}
	}
	if !known {
		return unmapped(e.Step, e.Disposition)
	}
	return s
}

// fingerprint identifies an event without an id, by the values that are read
// here. Lists count without order; when it was recorded, and that it was
// declared an error, do not count.
func (e *epcisEvent) fingerprint(at time.Time) string {
	h, line := sha256.New(), []byte(nil)
	write := func(values ...string) {
		for _, v := range values {
			line = append(append(line[:0], v...), 0)
			h.Write(line)
		}
	}
	set := func(values []string) {
		slices.Sort(values)
		write(strconv.Itoa(len(values)))
		write(values...)
	}
	write(e.Type, at.Format(time.RFC3339Nano), e.Action, cbv(e.Step), cbv(e.Disposition), e.ReadPoint.ID, e.Location.ID, e.Parent)
	for _, ids := range [][]string{e.EPCs, e.Children, e.Inputs, e.Outputs, e.Lasting.Set} {
		set(ids)
	}
	for _, quantities := range [][]epcisQuantity{e.Quantities, e.Packed} {
		all := make([]string, len(quantities))
		for i, q := range quantities {
			all[i] = q.Class + " " + string(q.Count) + " " + q.Unit
		}
		set(all)
	}
	papers := make([]string, len(e.Papers))
	for i, p := range e.Papers {
		papers[i] = cbv(p.Type) + " " + p.Value
	}
	set(papers)
	return "sha-256;" + hex.EncodeToString(h.Sum(nil)[:16])
}

// place names where the event was, by the number of the place or what comes
// closest to it.
func (e *epcisEvent) place() string {
	id := cmp.Or(e.ReadPoint.ID, e.Location.ID)
	if id == "" {
		return ""
	}
	if key, number, err := gs1Key("place", id); err == nil && key == gs1Place {
		return number
	}
	return place(id[strings.LastIndexByte(id, ':')+1:])
}

// The business transactions whose numbers goods travel under. Others are about
// the goods: a purchase order, for example, may come in several shipments.
// Source: CBV 2.0, 7.3.
var epcisPapers = []string{"bol"}

// papers returns the numbers of the business transactions of some kinds, each
// once: what follows the author in urn:epcglobal:cbv:bt:<GLN>:<number>, or the
// last word of a web address.
func (e *epcisEvent) papers(kinds ...string) (numbers []string) {
	for _, p := range e.Papers {
		if slices.Contains(kinds, cbv(p.Type)) {
			numbers = another(numbers, "", p.Value[strings.LastIndexAny(p.Value, ":/")+1:])
		}
	}
	return numbers
}

// epcisObjects is what an event is about.
type epcisObjects struct {
	parent  string           // the logistic unit or container that the others are in
	numbers []string         // logistic units and containers, the parent first
	items   []supply.Content // trade items, in the order in which they are named first
	at      map[string]int   // where a GTIN stands in items
}

func (e *epcisEvent) objects(field string) (o epcisObjects, err error) {
	if e.Parent != "" {
		if err := o.add(field+"parentID", e.Parent, 1); err != nil {
			return o, err
		}
		if len(o.numbers) > 0 {
			o.parent = o.numbers[0]
		}
	}
	for _, list := range []struct {
		name string
		ids  []string
	}{{"epcList", e.EPCs}, {"childEPCs", e.Children}, {"inputEPCList", e.Inputs}, {"outputEPCList", e.Outputs}} {
		for _, id := range list.ids {
			if err := o.add(field+list.name, id, 1); err != nil {
				return o, err
			}
		}
	}
	for _, list := range []struct {
		name       string
		quantities []epcisQuantity
	}{{"quantityList", e.Quantities}, {"childQuantityList", e.Packed}} {
		for i := range list.quantities {
			units, err := list.quantities[i].units(field + list.name)
			if err != nil {
				return o, err
			}
			if err := o.add(field+list.name, list.quantities[i].Class, units); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// add counts units of a trade item, or notes the number of a logistic unit.
func (o *epcisObjects) add(field, id string, units supply.Units) error {
	key, number, err := gs1Key(field, id)
	switch {
	case err != nil:
		return err
	case key == gs1Unit:
		o.numbers = append(o.numbers, number)
	case key == gs1Item && units > 0:
		at, known := o.at[number]
		if !known {
			if o.at == nil {
				o.at = make(map[string]int)
			}
			at = len(o.items)
			o.at[number] = at
			o.items = append(o.items, supply.Content{SKU: supply.SKU(number)})
		}
		if o.items[at].Units += units; o.items[at].Units > supply.MaxUnits {
			return invalid("%s: more than %d units of GTIN %s", field, supply.MaxUnits, number)
		}
	}
	return nil
}

// Units of measure that count pieces; all others measure, and a quantity
// without one counts. Source: UN/ECE recommendation 20.
var epcisPieces = []string{"", "EA", "C62", "H87"}

// units returns how many pieces a quantity is, 0 when it is not said in pieces.
func (q *epcisQuantity) units(field string) (supply.Units, error) {
	if q.Count == "" || !slices.Contains(epcisPieces, q.Unit) {
		return 0, nil
	}
	n, err := strconv.ParseFloat(string(q.Count), 64)
	if err != nil || n != math.Trunc(n) || n < 0 || n > float64(supply.MaxUnits) {
		return 0, invalid("%s: quantity %q is no number of pieces from 0 to %d", field, supply.Words(string(q.Count), 40), supply.MaxUnits)
	}
	return supply.Units(n), nil
}

// gs1Kind is what kind of thing a GS1 key identifies.
type gs1Kind uint8

const (
	gs1Other gs1Kind = iota
	gs1Unit          // SSCC, 18 digits, or the number of a container
	gs1Item          // GTIN, 14 digits, with or without a serial number
	gs1Place         // GLN, 13 digits
)

// EPC identifiers have the digits of a key without its check digit, the company
// first. Source: EPC Tag Data Standard 2.0, sections 6 and 7.
var epcSchemes = []struct {
	prefix string
	kind   gs1Kind
	digits int
	moved  bool // the first digit after the company stands first in the key
}{
	{"urn:epc:id:sscc:", gs1Unit, 17, true},
	{"urn:epc:id:sgtin:", gs1Item, 13, true},
	{"urn:epc:class:lgtin:", gs1Item, 13, true},
	{"urn:epc:idpat:sgtin:", gs1Item, 13, true},
	{"urn:epc:id:sgln:", gs1Place, 12, false},
}

const epcContainer = "urn:epc:id:bic:"

// gs1Key reads an EPC identifier or a GS1 Digital Link. A URI of another kind is
// gs1Other.
func gs1Key(field, id string) (gs1Kind, string, error) {
	for _, s := range epcSchemes {
		rest, ok := strings.CutPrefix(id, s.prefix)
		if !ok {
			continue
		}
		company, rest, _ := strings.Cut(rest, ".")
		reference, _, _ := strings.Cut(rest, ".")
		if len(company)+len(reference) != s.digits || company == "" || reference == "" || !numeric(company) || !numeric(reference) {
			return gs1Other, "", invalid("%s %q has not the %d digits of its kind", field, supply.Words(id, 60), s.digits)
		}
		key := make([]byte, 0, 18)
		if s.moved {
			key, reference = append(key, reference[0]), reference[1:]
		}
		key = append(append(key, company...), reference...)
		return s.kind, string(append(key, checkDigit(key))), nil
	}
	if number, ok := strings.CutPrefix(id, epcContainer); ok {
		_, err := supply.ParseTrackingNumber(field, number)
		return gs1Unit, number, err
	}
	scheme, rest, ok := strings.Cut(id, ":")
	if !ok || scheme == "" || rest == "" {
		return gs1Other, "", invalid("%s %q is not a URI", field, supply.Words(id, 60))
	}
	kind, number := digitalLink(rest)
	return kind, number, nil
}

// linkKeys are the application identifiers of the keys in a path, with the
// lengths that they may have. Source: GS1 Digital Link 1.2, 4.4.
var linkKeys = map[string]struct {
	kind    gs1Kind
	lengths []int
}{
	"00":  {gs1Unit, []int{18}},
	"01":  {gs1Item, []int{14, 13, 12, 8}},
	"414": {gs1Place, []int{13}},
}

// digitalLink returns the first key in the path of a web address, which any
// domain may serve.
func digitalLink(address string) (gs1Kind, string) {
	path, ok := strings.CutPrefix(address, "//")
	for ok {
		var name string
		name, path, ok = strings.Cut(path, "/")
		number, _, _ := strings.Cut(path, "/")
		number, _, _ = strings.Cut(number, "?")
		if key := linkKeys[name]; slices.Contains(key.lengths, len(number)) && numeric(number) {
			if key.kind == gs1Item {
				number = strings.Repeat("0", 14-len(number)) + number
			}
			return key.kind, number
		}
	}
	return gs1Other, ""
}

func numeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

// checkDigit returns the last digit of a GS1 key. Source: GS1 General
// Specifications, 7.9.1.
func checkDigit(digits []byte) byte {
	sum := 0
	for i, d := range digits {
		weight := 1 + 2*((len(digits)-i)%2) // 3 for the last digit, then 1 and 3 in turn
		sum += weight * int(d-'0')
	}
	return byte('0' + (10-sum%10)%10)
}

// cbv returns the bare word of a value of the Core Business Vocabulary, which
// may be written as a word, as an EPC URN or as a web address; any other value
// as it is.
func cbv(value string) string {
	if strings.HasPrefix(value, "urn:epcglobal:cbv:") {
		return value[strings.LastIndexByte(value, ':')+1:]
	}
	for _, prefix := range []string{"https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/", "cbv:"} {
		if rest, ok := strings.CutPrefix(value, prefix); ok {
			return rest[strings.IndexByte(rest, '-')+1:]
		}
	}
	return value
}

// Source: CBV 2.0, 7.1, "Business steps". One that is about goods at rest, about
// their paperwork or about their sale is a remark.
var epcisSteps = map[string]supply.Scan{
	"accepting":               {Code: supply.CodeInfo},                            // by a carrier or by the consignee: not said
	"arriving":                {Status: supply.InTransit, Code: supply.ArrivedAt}, // at any place; receiving ends the way
	"assembling":              {Code: supply.CodeInfo},
	"collecting":              {Code: supply.CodeInfo}, // for disposal or recycling, not by a carrier
	"commissioning":           {Status: supply.PreTransit, Code: supply.InfoReceived},
	"consigning":              {Status: supply.InTransit, Code: supply.PickedUp}, // shipping and the next one's acceptance in one
	"creating_class_instance": {Code: supply.CodeInfo},
	"cycle_counting":          {Code: supply.CodeInfo},
	"decommissioning":         {Code: supply.CodeInfo},                           // the label's end, as a rule after the goods were received
	"departing":               {Status: supply.InTransit, Code: supply.Departed}, // of which leg is not said
	"destroying":              {Status: supply.Exception, Code: supply.Lost},     // what is destroyed never comes
	"disassembling":           {Code: supply.CodeInfo},
	"dispensing":              {Code: supply.CodeInfo},
	"encoding":                {Code: supply.CodeInfo},
	"entering_exiting":        {Code: supply.CodeInfo},                       // by a shop's customer
	"holding":                 {Status: supply.Exception, Code: supply.Held}, // set aside until somebody decides
	"inspecting":              {Code: supply.CodeInfo},                       // of quality, not by customs
	"installing":              {Code: supply.CodeInfo},
	"killing":                 {Code: supply.CodeInfo}, // of the tag
	"loading":                 {Status: supply.InTransit, Code: supply.Loaded},
	"other":                   {Code: supply.CodeInfo},
	"packing":                 {Status: supply.PreTransit, Code: supply.Stuffed},
	"picking":                 {Status: supply.PreTransit, Code: supply.InfoReceived},
	"receiving":               {Status: supply.Delivered, Code: supply.CodeDelivered}, // unless a disposition says that it goes on
	"removing":                {Code: supply.CodeInfo},
	"repackaging":             {Code: supply.CodeInfo},
	"repairing":               {Code: supply.CodeInfo},
	"replacing":               {Code: supply.CodeInfo},
	"reserving":               {Code: supply.CodeInfo},
	"retail_selling":          {Code: supply.CodeInfo},
	"sampling":                {Code: supply.CodeInfo},
	"sensor_reporting":        {Code: supply.CodeInfo},
	"shipping":                {Status: supply.InTransit, Code: supply.Departed},
	"staging_outbound":        {Status: supply.PreTransit, Code: supply.InfoReceived},
	"stock_taking":            {Code: supply.CodeInfo},
	"stocking":                {Code: supply.CodeInfo}, // into the shelf, of goods that were received
	"storing":                 {Code: supply.CodeInfo}, // at either end of the way
	"transporting":            {Status: supply.InTransit, Code: supply.HubScan},
	"unloading":               {Status: supply.InTransit, Code: supply.Discharged}, // from a vehicle anywhere
	"unpacking":               {Status: supply.InTransit, Code: supply.Stripped},   // receiving, not this, is the delivery
	"void_shipping":           {Status: supply.Exception, Code: supply.Held},       // it stayed behind, until it is shipped again
}

// Source: CBV 2.0, 7.2, "Dispositions". One that says how goods are offered for
// sale, or how a check of theirs ended, is a remark.
var epcisDispositions = map[string]supply.Scan{
	"active":                  {Code: supply.CodeInfo},
	"available":               {Code: supply.CodeInfo},
	"completeness_inferred":   {Code: supply.CodeInfo},
	"completeness_verified":   {Code: supply.CodeInfo},
	"conformant":              {Code: supply.CodeInfo},
	"container_closed":        {Code: supply.CodeInfo},
	"container_open":          {Code: supply.CodeInfo},
	"damaged":                 {Status: supply.Exception, Code: supply.Damaged},
	"destroyed":               {Status: supply.Exception, Code: supply.Lost},
	"dispensed":               {Code: supply.CodeInfo},
	"disposed":                {Status: supply.Exception, Code: supply.Lost},
	"encoded":                 {Code: supply.CodeInfo},
	"expired":                 {Status: supply.Exception, Code: supply.Held}, // of food and drugs, not of a tracker
	"in_progress":             {Code: supply.CodeInfo},
	"in_transit":              {Status: supply.InTransit, Code: supply.StatusOnly}, // makes of a receiving one by a hub
	"inactive":                {Code: supply.CodeInfo},
	"mismatch_class":          {Code: supply.CodeInfo}, // what is short, the receipt counts
	"mismatch_instance":       {Code: supply.CodeInfo},
	"mismatch_quantity":       {Code: supply.CodeInfo},
	"needs_replacement":       {Code: supply.CodeInfo},
	"no_pedigree_match":       {Status: supply.Exception, Code: supply.Held}, // must not be sold
	"non_conformant":          {Code: supply.CodeInfo},
	"non_sellable_other":      {Status: supply.Exception, Code: supply.Held},
	"partially_dispensed":     {Code: supply.CodeInfo},
	"recalled":                {Status: supply.Exception, Code: supply.Held}, // must not be sold, wherever it is
	"reserved":                {Code: supply.CodeInfo},
	"retail_sold":             {Code: supply.CodeInfo},
	"returned":                {Status: supply.Returning, Code: supply.ReturnStarted}, // with receiving, it is back
	"sellable_accessible":     {Code: supply.CodeInfo},
	"sellable_not_accessible": {Code: supply.CodeInfo},
	"stolen":                  {Status: supply.Exception, Code: supply.Lost},
	"unavailable":             {Code: supply.CodeInfo},
	"unknown":                 {Code: supply.CodeInfo}, // the condition, not the whereabouts
}

const (
	epcisVersion = "GS1-EPCIS-Version"
	captureStep  = "/capture/"
	captureMAC   = 16 // bytes
)

// The most events that a sender should put into one capture; more are read, if
// the body is short enough.
const captureLimit = 1000

// answerEPCIS names the capture job, which is over when it is answered.
func answerEPCIS(req Request, secrets []string, unread error, now time.Time) (http.Header, []byte) {
	h := make(http.Header)
	h.Set(epcisVersion, "2.0")
	if len(secrets) > 0 {
		source := captureSource(req)
		h.Set("Location", source+captureStep+captureID(secrets[0], source, now, unread == nil))
	}
	return h, nil
}

// captureSource is the address of a source: /webhooks/epcis/{source}.
func captureSource(req Request) string {
	parts := strings.SplitN(req.Path, "/", 5)
	return strings.Join(parts[:min(len(parts), 4)], "/")
}

// captureID is the name of a capture job and its whole record: when it was,
// whether all events could be read, and a MAC, so that nobody makes one up.
func captureID(secret, source string, at time.Time, whole bool) string {
	record := uint64(at.UnixMilli()) << 1
	if whole {
		record |= 1
	}
	b := binary.BigEndian.AppendUint64(nil, record)
	mac := seal([]byte(secret), []byte("capture job of "+source+"\n"), b)
	return base64.RawURLEncoding.EncodeToString(append(b, mac[:captureMAC]...))
}

// captureJob returns the record in a job's name, false when none of the secrets
// made it.
func captureJob(id, source string, secrets []string) (at time.Time, whole, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(b) != 8+captureMAC {
		return at, false, false
	}
	record := binary.BigEndian.Uint64(b)
	at, whole = time.UnixMilli(int64(record>>1)).UTC(), record&1 == 1
	for _, secret := range secrets {
		ok = hmac.Equal([]byte(id), []byte(captureID(secret, source, at, whole))) || ok
	}
	return at, whole, ok
}

// probeEPCIS tells what may be captured, and how a capture ended.
func probeEPCIS(req Request, secrets []string) (status int, header http.Header, body []byte) {
	header = make(http.Header)
	header.Set(epcisVersion, "2.0")
	if req.Method == http.MethodOptions {
		header.Set("Allow", "GET, HEAD, OPTIONS, POST")
		header.Set("GS1-EPCIS-Capture-Limit", strconv.Itoa(captureLimit))
		header.Set("GS1-EPCIS-Capture-File-Size-Limit", strconv.Itoa(maxBody))
		return http.StatusNoContent, header, nil
	}
	_, id, asked := strings.Cut("/"+req.Tail, captureStep)
	if !asked {
		return http.StatusOK, header, nil
	}
	at, whole, ok := captureJob(id, captureSource(req), secrets)
	if !ok {
		return http.StatusNotFound, nil, nil
	}
	header.Set("Content-Type", "application/json")
	return http.StatusOK, header, captureReport(id, at, whole)
}

// captureReport writes a capture job as the standard does.
func captureReport(id string, at time.Time, whole bool) []byte {
	type problem struct {
		Type  string `json:"type"`
		Title string `json:"title"`
	}
	when, problems := at.Format(time.RFC3339Nano), []problem{}
	if !whole {
		problems = []problem{{"epcisException:ValidationException", "some events could not be read; they are kept, the others were captured"}}
	}
	b, err := json.Marshal(struct {
		ID        string    `json:"captureID"`
		Created   string    `json:"createdAt"`
		Finished  string    `json:"finishedAt"`
		Running   bool      `json:"running"`
		Success   bool      `json:"success"`
		Behaviour string    `json:"captureErrorBehaviour"`
		Errors    []problem `json:"errors"`
	}{id, when, when, false, whole, "proceed", problems})
	if err != nil {
		return nil
	}
	return b
}
