package carrier

import (
	"cmp"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"headstart/shared/supply"
)

// Terminal49 follows containers by sea and by rail and pushes one JSON:API
// notification per event. The event, its container and its shipment are
// resources beside it, in "included"; which of them are there depends on the
// event. All that happened or is expected there is read, whatever the
// notification is about.
//
// The number is the container's. What concerns a whole shipment, or the only
// container of one, goes by its bill of lading. Some notifications come without
// either, as Terminal49 itself says (the rows marked bare): only its API could
// tell what they are about. They are no report and nobody's mistake; what can be
// said again of the container, its availability and its ETAs, comes with the next
// notification that holds it.
//
// A scan is known by its event and its time, not by Terminal49's id: the same
// move, told under a second tracking request, has a second id, and a move is
// taken back by its time alone, see terminal49Moves.
//
// Sources: github.com/Terminal49/API, docs/api-docs: webhooks/payloads,
// webhooks/event-catalog, webhooks/best-practices, useful-info/webhook-events-examples,
// in-depth-guides/{webhooks,event-timestamps,holds-and-fees}; read 2026-11.
var terminal49 = Adapter{
	Name:     "terminal49",
	Success:  http.StatusOK, // 201, 202 and 204 are taken too, nothing else
	MaxBody:  maxBody,
	Deadline: 5 * time.Second, // assumed: there is a timeout, and no page says which
	Verify:   terminal49Seal.verify,
	Parse:    parseTerminal49,
	Sign:     terminal49Seal.sign,
}

var terminal49Seal = sealed{header: "X-T49-Webhook-Signature", encode: hex.EncodeToString, key: text}

type terminal49Notice struct {
	Data struct {
		Attributes struct {
			Event     string `json:"event"`
			CreatedAt string `json:"created_at"`
		} `json:"attributes"`
		Relationships struct {
			Reference terminal49Link `json:"reference_object"`
		} `json:"relationships"`
	} `json:"data"`
	Included each[terminal49Resource] `json:"included"`
}

type terminal49Ref struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type terminal49Link struct {
	Data terminal49Ref `json:"data"`
}

// terminal49Resource is a resource of any type; what its type does not have
// stays empty.
type terminal49Resource struct {
	terminal49Ref
	Attributes struct {
		Name string `json:"name"` // of a place

		Number      string           `json:"number"` // of a container
		Arrived     string           `json:"pod_arrived_at"`
		FullOut     string           `json:"pod_full_out_at"`
		InlandETA   string           `json:"ind_eta_at"`
		InlandATA   string           `json:"ind_ata_at"`
		InlandOut   string           `json:"final_destination_full_out_at"`
		InlandZone  string           `json:"final_destination_timezone"`
		EmptyIn     string           `json:"empty_terminated_at"`
		Pickup      bool             `json:"available_for_pickup"`
		Holds       []terminal49Hold `json:"holds_at_pod_terminal"`
		PODZone     string           `json:"pod_timezone"`
		BOL         string           `json:"bill_of_lading_number"` // of a shipment
		NormalBOL   string           `json:"normalized_number"`
		Line        string           `json:"shipping_line_scac"`
		POD         string           `json:"port_of_discharge_locode"`
		PODETA      string           `json:"pod_eta_at"`
		PODATA      string           `json:"pod_ata_at"`
		Destination string           `json:"destination_locode"`
		FinalETA    string           `json:"destination_eta_at"`
		FinalATA    string           `json:"destination_ata_at"`
		FinalZone   string           `json:"destination_timezone"`

		Request string `json:"request_number"` // of a tracking request
		SCAC    string `json:"scac"`
		Failed  string `json:"failed_reason"`

		Event       string             `json:"event"` // of an event
		CreatedAt   string             `json:"created_at"`
		Timestamp   string             `json:"timestamp"`
		Estimated   string             `json:"estimated_timestamp"`
		Invalidated string             `json:"invalidated_at"`
		Source      string             `json:"data_source"`
		Locode      string             `json:"location_locode"`
		Zone        string             `json:"timezone"`
		Changes     *terminal49Changes `json:"changeset"`
	} `json:"attributes"`
	Relationships struct {
		Container  terminal49Link `json:"container"`
		Shipment   terminal49Link `json:"shipment"`
		Location   terminal49Link `json:"location"`
		Port       terminal49Link `json:"port"`
		Containers struct {
			Data []struct{} `json:"data"` // how many is all that matters
		} `json:"containers"`
	} `json:"relationships"`
}

type terminal49Hold struct {
	Name        string `json:"name"`
	Status      string `json:"status"`
	Description string `json:"description"`
}

// terminal49Changes are fields of a container, each with its value before and
// after.
type terminal49Changes struct {
	Holds      [][]terminal49Hold `json:"holds_at_pod_terminal"`
	Pickup     []loose            `json:"available_for_pickup"`
	Departed   []loose            `json:"pol_vessel_departed_at"`
	Arrived    []loose            `json:"pod_arrived_at"`
	Discharged []loose            `json:"pod_discharged_at"`
	FullOut    []loose            `json:"pod_full_out_at"`
	Unloaded   []loose            `json:"ind_rail_unloaded_at"`
	InlandOut  []loose            `json:"final_destination_full_out_at"`
	EmptyIn    []loose            `json:"empty_terminated_at"`
}

// terminal49Reading is a notification while it is read.
type terminal49Reading struct {
	event      string
	reference  terminal49Ref // what the notification is about
	said       time.Time
	resources  []*terminal49Resource
	known      map[terminal49Ref]*terminal49Resource
	containers []*terminal49Resource
	shipments  []*terminal49Resource
	told       bool // that was among them
	reports    []supply.Report
	at         map[string]int // where in reports a number stands
	unread     unread
}

func parseTerminal49(body []byte) ([]supply.Report, error) {
	n := terminal49Reading{known: make(map[terminal49Ref]*terminal49Resource), at: make(map[string]int)}
	var notice terminal49Notice
	notice.Included.visit = n.keep
	if err := decode(body, &notice); err != nil {
		return nil, err
	}
	n.event, n.reference = notice.Data.Attributes.Event, notice.Data.Relationships.Reference.Data
	switch {
	case n.event == "":
		return nil, invalid("data.attributes.event is required: this is not a Terminal49 notification")
	case terminal49Events[n.event].foreign:
		return nil, nil
	}
	var err error
	if n.said, err = instant("data.attributes.created_at", notice.Data.Attributes.CreatedAt); err != nil {
		return nil, err
	}
	n.unread = notice.Included.unread
	for _, one := range n.resources {
		n.read(one)
	}
	if !n.told { // nothing but its name is left of the event
		n.happened(&terminal49Resource{terminal49Ref: n.reference})
	}
	n.reports = slices.DeleteFunc(n.reports, func(r supply.Report) bool { return len(r.Scans)+len(r.ETAs) == 0 })
	return slices.Clip(n.reports), n.unread.err(max(notice.Included.count, n.unread.count))
}

// keep holds on to the resources that can say something.
func (n *terminal49Reading) keep(_ int, read *terminal49Resource) error {
	copied := *read
	one := &copied
	switch {
	case one.Type == "container":
		n.containers = append(n.containers, one)
	case one.Type == "shipment":
		n.shipments = append(n.shipments, one)
	case one.Type == "vessel", one.Type == "terminal":
		return nil
	}
	n.resources = append(n.resources, one)
	n.known[one.terminal49Ref] = one
	return nil
}

func (n *terminal49Reading) read(one *terminal49Resource) {
	switch {
	case one.Type == "container":
		n.report(one, n.named(one.Relationships.Shipment, n.shipments))
	case one.Type == "shipment" && len(n.containers) == 0:
		n.report(nil, one)
	case one.Type == "tracking_request" && strings.HasPrefix(n.event, "tracking_request."):
		n.requested(one)
	case one.Type == "container_updated_event":
		n.updated(one)
	case one.Attributes.Event != "" || one.terminal49Ref == n.reference:
		n.happened(one)
	}
}

// named returns the resource that a link names, or the only one where there is
// no link.
func (n *terminal49Reading) named(link terminal49Link, all []*terminal49Resource) *terminal49Resource {
	switch {
	case link.Data.ID != "":
		return n.known[link.Data]
	case len(all) == 1:
		return all[0]
	}
	return nil
}

// about returns the container and the shipment of an event.
func (n *terminal49Reading) about(event *terminal49Resource) (container, shipment *terminal49Resource) {
	container = n.named(event.Relationships.Container, n.containers)
	link := event.Relationships.Shipment
	if container != nil && link.Data.ID == "" {
		link = container.Relationships.Shipment
	}
	return container, n.named(link, n.shipments)
}

// report returns the report about a container, or about a shipment where there
// is no container; nil when there is neither, or when its number is none. With
// it come the ETAs that the two hold.
func (n *terminal49Reading) report(container, shipment *terminal49Resource) *supply.Report {
	switch {
	case container != nil:
		return n.numbered("container.attributes.number", container.Attributes.Number, container, shipment)
	case shipment != nil:
		return n.numbered("shipment.attributes.bill_of_lading_number", shipment.Attributes.BOL, nil, shipment)
	}
	return nil
}

func (n *terminal49Reading) numbered(field, written string, container, shipment *terminal49Resource) *supply.Report {
	number, err := supply.ParseTrackingNumber(field, written)
	if err != nil {
		n.unread.note(err)
		return nil
	}
	key := supply.NormalNumber(number)
	i, known := n.at[key]
	if !known {
		i = len(n.reports)
		n.at[key] = i
		one := supply.Report{Number: number, SaidAt: n.said}
		if shipment != nil {
			one.Issuer = shipment.Attributes.Line
			one.Also = another(nil, number, shipment.Attributes.BOL)
			one.Also = another(one.Also, number, shipment.Attributes.NormalBOL)
		}
		one.ETAs = n.expected(container, shipment)
		n.reports = append(n.reports, one)
	}
	return &n.reports[i]
}

// expected returns when the goods arrive at the port of discharge and, where
// they go on by rail, at the end of the rails. A shipment that has arrived says
// so of its vessel, which is not every container's.
func (n *terminal49Reading) expected(container, shipment *terminal49Resource) (etas []supply.Estimate) {
	var none terminal49Resource
	c, s := &cmp.Or(container, &none).Attributes, &cmp.Or(shipment, &none).Attributes
	if container == nil {
		c.Arrived, c.InlandATA = s.PODATA, s.FinalATA
	}
	podZone, inlandZone := cmp.Or(c.PODZone, s.PODZone), cmp.Or(c.InlandZone, s.FinalZone)
	for _, e := range [...]struct {
		field, actual, expected, zone string
		kind                          supply.ETAKind
	}{
		{"pod_eta_at", c.Arrived, s.PODETA, podZone, supply.AtPort},
		{"destination_eta_at", c.InlandATA, cmp.Or(c.InlandETA, s.FinalETA), inlandZone, supply.AtInlandPoint},
	} {
		text, classifier := e.expected, supply.Estimated
		if e.actual != "" {
			text, classifier = e.actual, supply.Actual
		}
		if at := n.when(e.field, text); !at.IsZero() {
			w := terminal49Window(at, e.zone)
			w.Kind = e.kind
			etas = append(etas, supply.Estimate{Window: w, Classifier: classifier, Source: supply.FromAggregator, SaidAt: n.said})
		}
	}
	return etas
}

// when reads a time, and notes what is none.
func (n *terminal49Reading) when(field, s string) time.Time {
	at, err := instant(field, s)
	if err != nil {
		n.unread.note(err)
	}
	return at
}

// terminal49Window is the window of a time in a zone. Without a zone Terminal49
// does not know the place, and the time is the place's own, written as if it
// were UTC: of that the day is right.
func terminal49Window(at time.Time, zone string) supply.Window {
	if zone == "" {
		return supply.Window{From: dayOf(at), To: dayOf(at), DateOnly: true}
	}
	return supply.Window{From: at, To: at}
}

// requested reads what became of a request to track a number. It says nothing
// of the goods.
func (n *terminal49Reading) requested(one *terminal49Resource) {
	_, shipment := n.about(one)
	n.told = true
	if r := n.numbered("tracking_request.attributes.request_number", one.Attributes.Request, nil, shipment); r != nil {
		r.Issuer = cmp.Or(r.Issuer, one.Attributes.SCAC)
		rule, mapped := terminal49Events[n.event]
		scan := supply.Scan{Status: rule.status, Code: rule.code}
		if !mapped {
			scan = unmapped(n.event)
		}
		scan.At, scan.Text = n.said, words(strings.TrimSpace(n.event+" "+one.Attributes.Failed))
		r.Scans = append(r.Scans, scan)
	}
}

// owner returns the report that an event belongs to, with its container and
// shipment. Where the container is left out, the shipment speaks for it if it has
// no other.
func (n *terminal49Reading) owner(event *terminal49Resource, name string, rule terminal49Rule) (report *supply.Report, container, shipment *terminal49Resource) {
	n.told = n.told || name == n.event
	container, shipment = n.about(event)
	if container == nil && shipment != nil && !rule.whole && len(n.containers)+len(shipment.Relationships.Containers.Data) != 1 {
		shipment = nil
	}
	if container == nil && shipment == nil && !rule.bare {
		n.unread.note(invalid("included holds neither the container nor the shipment of %s", supply.Words(name, 60)))
	}
	return n.report(container, shipment), container, shipment
}

// happened reads a transport event, an estimate, or another event that has a
// time. What does not say its name is what the notification is about.
func (n *terminal49Reading) happened(event *terminal49Resource) {
	a := &event.Attributes
	name, unread := cmp.Or(a.Event, n.event), n.unread.count
	rule := terminal49Events[name]
	report, container, shipment := n.owner(event, name, rule)
	switch {
	case report == nil, rule.over && terminal49Out(container, shipment):
		return // of a container that was fetched nobody can say more than that it is not there
	case name == "container.transport.full_out" && terminal49Onward(shipment) && a.Locode == shipment.Attributes.POD:
		rule.status = supply.InTransit // out of the port, and on by rail
	}
	said := cmp.Or(n.when("created_at", a.CreatedAt), n.said)
	if shipment != nil && a.Locode != "" && (a.Locode == shipment.Attributes.POD || a.Locode == shipment.Attributes.Destination) {
		rule.onTheWay = false // this is the one that the shipment goes to
	}
	move := terminal49Move{
		name: name, rule: rule, at: n.when("timestamp", cmp.Or(a.Estimated, a.Timestamp)), zone: a.Zone,
		source: a.Source, locode: a.Locode, place: n.where(event), said: cmp.Or(n.when("invalidated_at", a.Invalidated), said),
		gone: a.Invalidated != "",
	}
	if n.unread.count == unread {
		move.into(report)
	}
}

// where returns the place of an event, by name where it is included.
func (n *terminal49Reading) where(event *terminal49Resource) string {
	name := ""
	for _, link := range [...]terminal49Link{event.Relationships.Location, event.Relationships.Port} {
		if at := n.known[link.Data]; at != nil {
			name = cmp.Or(name, at.Attributes.Name)
		}
	}
	return place(name, event.Attributes.Locode)
}

// terminal49Onward reports whether a shipment goes on by rail from its port.
func terminal49Onward(shipment *terminal49Resource) bool {
	return shipment != nil && shipment.Attributes.Destination != ""
}

// terminal49Out reports whether a container has left its last terminal.
func terminal49Out(container, shipment *terminal49Resource) bool {
	if container == nil {
		return false
	}
	c := &container.Attributes
	return c.EmptyIn != "" || c.InlandOut != "" || c.FullOut != "" && !terminal49Onward(shipment)
}

// terminal49Move is something that happened to a container or is expected to.
type terminal49Move struct {
	name   string
	rule   terminal49Rule
	at     time.Time
	zone   string // "" = at is a local time
	source string
	locode string
	place  string
	said   time.Time
	gone   bool // it is taken back
}

// into adds the move to the report: as a scan when it happened, as an estimate
// when it is, or is expected to be, an arrival.
func (m *terminal49Move) into(r *supply.Report) {
	if e, arrives := m.estimate(); arrives {
		r.ETAs = append(r.ETAs, e)
	}
	if m.rule.estimated {
		return
	}
	s := supply.Scan{
		Retracted: m.gone, Status: m.rule.status, Code: m.rule.code, At: m.at, Local: m.zone == "" && !m.at.IsZero(),
		Text: words(strings.TrimPrefix(strings.TrimPrefix(m.name, "container."), "transport.")), Place: m.place,
	}
	if s.Code == supply.CodeUnknown {
		s.Text = unmapped(m.name).Text
	}
	if !m.at.IsZero() {
		s.ID, s.Version = m.name+"@"+m.at.Format(time.RFC3339), m.said
	}
	r.Scans = append(r.Scans, s)
}

// estimate returns the arrival that the move is. On the way there are several
// ports and ramps, told apart by their code.
func (m *terminal49Move) estimate() (e supply.Estimate, arrives bool) {
	rule := m.rule
	if rule.arrives == nil || rule.onTheWay && m.locode == "" || m.at.IsZero() {
		return e, false
	}
	e = supply.Estimate{Classifier: supply.Actual, Source: terminal49Sources[m.source], SaidAt: m.said}
	if rule.estimated {
		e.Classifier = supply.Estimated
	}
	if rule.onTheWay {
		e.Place = supply.Words(m.locode, supply.MaxScanPlace)
	}
	if !m.gone && !rule.over {
		e.Window = terminal49Window(m.at, m.zone)
	}
	e.Kind = *rule.arrives
	return e, true
}

// updated reads what matters here of a container's changes: its holds, its
// availability, and the moves that are no longer true.
func (n *terminal49Reading) updated(event *terminal49Resource) {
	unread := n.unread.count
	report, container, shipment := n.owner(event, "container.updated", terminal49Rule{})
	changes, at := event.Attributes.Changes, n.when("timestamp", event.Attributes.Timestamp)
	if report == nil || changes == nil || n.unread.count > unread {
		return
	}
	if !terminal49Out(container, shipment) { // the terminal's word ends at its gate
		changes.held(container, at, report)
	}
	for _, m := range changes.moves() {
		if len(m.change) != 2 || m.change[0] == "" || m.change[1] != "" {
			continue
		}
		back := terminal49Move{name: m.name, rule: terminal49Events[m.name], at: n.when(m.name, string(m.change[0])), zone: "UTC", said: at, gone: true}
		if !back.at.IsZero() {
			back.into(report)
		}
	}
}

// moves are the fields of a container that repeat the time of a move. Terminal49
// takes a move back by setting its field to null; that the event was invalidated
// is not pushed. Source: webhooks/payloads, "Milestone fields reverting to null";
// which field is which event, by the values in its examples.
func (c *terminal49Changes) moves() [7]struct {
	change []loose
	name   string
} {
	return [...]struct {
		change []loose
		name   string
	}{
		{c.Departed, "container.transport.vessel_departed"},
		{c.Arrived, "container.transport.vessel_arrived"},
		{c.Discharged, "container.transport.vessel_discharged"},
		{c.Unloaded, "container.transport.rail_unloaded"},
		{c.FullOut, "container.transport.full_out"},
		{c.InlandOut, "container.transport.full_out"},
		{c.EmptyIn, "container.transport.empty_in"},
	}
}

// held tells the report what changed of the holds, and whether the container can
// be fetched now: that takes the terminal's word and no hold.
// Source: in-depth-guides/holds-and-fees.
func (c *terminal49Changes) held(container *terminal49Resource, at time.Time, r *supply.Report) {
	var before, after []terminal49Hold
	pickup, changed := false, len(c.Holds) == 2
	if container != nil {
		pickup, after = container.Attributes.Pickup, container.Attributes.Holds
	}
	if changed {
		before, after = c.Holds[0], c.Holds[1]
	}
	tell := func(status supply.TrackStatus, code supply.TrackCode, text string) {
		r.Scans = append(r.Scans, supply.Scan{Status: status, Code: code, At: at, Text: words(text)})
	}
	for _, by := range terminal49Holders {
		was, is := by.hold(before), by.hold(after)
		switch {
		case changed && is != "":
			tell(supply.Exception, by.begins, is)
		case changed && was != "":
			tell(supply.InTransit, by.ends, "released: "+was)
		}
	}
	name := ""
	switch lost := len(c.Pickup) == 2 && c.Pickup[0] == "true" && c.Pickup[1] != "true"; {
	case lost:
		name = "container.transport.not_available"
	case (changed || len(c.Pickup) == 2) && pickup && !terminal49Active(after):
		name = "container.transport.available"
	default:
		return
	}
	move := terminal49Move{name: name, rule: terminal49Events[name], at: at, zone: "UTC", source: "terminal", said: at}
	move.into(r)
}

func terminal49Active(holds []terminal49Hold) bool {
	return slices.ContainsFunc(holds, func(h terminal49Hold) bool { return h.Status == "hold" })
}

// terminal49Holder is who holds containers, and how that is told.
type terminal49Holder struct {
	customs      bool
	begins, ends supply.TrackCode
}

// Who must let a container go decides what the hold is to us.
var terminal49Holders = [...]terminal49Holder{
	{customs: true, begins: supply.CustomsHold, ends: supply.CustomsReleased},
	{customs: false, begins: supply.Held, ends: supply.HubScan}, // handled again; whether it can be fetched is another matter
}

// hold returns the first active hold of the holder, "" for none. One that is
// pending is expected and holds nothing yet.
func (by terminal49Holder) hold(holds []terminal49Hold) string {
	for _, h := range holds {
		if h.Status == "hold" && terminal49Customs[h.Name] == by.customs {
			return strings.TrimSpace(h.Name + " " + h.Description)
		}
	}
	return ""
}

// Source: in-depth-guides/holds-and-fees, "Hold types". What is not named here
// is the terminal's or the line's: freight, TMF, other, and what may come.
var terminal49Customs = map[string]bool{
	"customs": true,
	"USDA":    true, // an inspection of plants and food, before customs lets go
	"VACIS":   true, // an X-ray by customs
}

// Source: "data_source" in useful-info/webhook-events-examples. What has no
// source is Terminal49's own.
var terminal49Sources = map[string]supply.ETASource{
	"shipping_line": supply.FromCarrier,
	"rail":          supply.FromCarrier, // of the last leg
	"terminal":      supply.FromTerminal,
	"ais":           supply.FromAggregator, // the vessel's own signal, read by Terminal49
	"":              supply.FromAggregator,
}

// terminal49Rule is what an event says.
type terminal49Rule struct {
	status    supply.TrackStatus
	code      supply.TrackCode
	arrives   *supply.ETAKind // it is an arrival there
	onTheWay  bool            // at one of several such places, named by its code
	over      bool            // the arrival is no longer true
	estimated bool            // it is expected, and has not happened
	whole     bool            // it concerns the shipment, not one container
	bare      bool            // it may come without container and shipment
	foreign   bool            // it does not concern tracking
}

var (
	terminal49Port   = new(supply.AtPort)
	terminal49Inland = new(supply.AtInlandPoint)
	terminal49Pickup = new(supply.ForPickup)
)

// Source: webhooks/event-catalog (all 43 events); which come bare:
// webhooks/payloads, "Events with a minimal included array", and the example of
// container.transport.delivered.
var terminal49Events = map[string]terminal49Rule{
	"tracking_request.succeeded":         {code: supply.TrackingStarted, whole: true}, // says nothing of the goods
	"tracking_request.failed":            {code: supply.TrackingStopped, whole: true}, // the line does not know the number, which may be wrong
	"tracking_request.awaiting_manifest": {status: supply.PreTransit, code: supply.StatusOnly, whole: true},
	"tracking_request.tracking_stopped":  {status: supply.Expired, code: supply.TrackingStopped, whole: true}, // all delivered, or somebody gave up: no delivery

	"container.transport.empty_out":                               {status: supply.PreTransit, code: supply.GateOut}, // the empty box goes to the shipper
	"container.transport.full_in":                                 {status: supply.InTransit, code: supply.GateIn},
	"container.transport.vessel_loaded":                           {status: supply.InTransit, code: supply.Loaded},
	"container.transport.vessel_departed":                         {status: supply.InTransit, code: supply.Departed},
	"container.transport.transshipment_arrived":                   {status: supply.InTransit, code: supply.ArrivedAt, arrives: terminal49Port, onTheWay: true}, // not our port
	"container.transport.transshipment_discharged":                {status: supply.InTransit, code: supply.Discharged},
	"container.transport.transshipment_loaded":                    {status: supply.InTransit, code: supply.Loaded},
	"container.transport.transshipment_departed":                  {status: supply.InTransit, code: supply.Departed},
	"container.transport.feeder_arrived":                          {status: supply.InTransit, code: supply.ArrivedAt, arrives: terminal49Port, onTheWay: true}, // at either end of the voyage
	"container.transport.feeder_discharged":                       {status: supply.InTransit, code: supply.Discharged},
	"container.transport.feeder_loaded":                           {status: supply.InTransit, code: supply.Loaded},
	"container.transport.feeder_departed":                         {status: supply.InTransit, code: supply.Departed},
	"container.transport.vessel_arrived":                          {status: supply.InTransit, code: supply.ArrivedAt, arrives: terminal49Port}, // the vessel, maybe without a berth; a port is not our dock
	"container.transport.vessel_berthed":                          {status: supply.InTransit, code: supply.Berthed},
	"container.transport.vessel_discharged":                       {status: supply.InTransit, code: supply.Discharged},
	"container.transport.available":                               {status: supply.AvailableForPickup, code: supply.Available, arrives: terminal49Pickup, bare: true},
	"container.transport.not_available":                           {status: supply.InTransit, code: supply.Held, arrives: terminal49Pickup, over: true, bare: true}, // somebody holds it, and nobody says who
	"container.transport.full_out":                                {status: supply.OutForDelivery, code: supply.GateOut},                                            // out of the terminal, not yet at the dock
	"container.transport.delivered":                               {status: supply.Delivered, code: supply.CodeDelivered, bare: true},                               // by the word of one of Terminal49's users
	"container.transport.empty_in":                                {status: supply.Delivered, code: supply.EmptyReturned},                                           // empty, so it was unloaded before
	"container.transport.rail_loaded":                             {status: supply.InTransit, code: supply.RailLoaded},
	"container.transport.rail_departed":                           {status: supply.InTransit, code: supply.Departed},
	"container.transport.rail_arrived":                            {status: supply.InTransit, code: supply.ArrivedAt, arrives: terminal49Inland, onTheWay: true}, // at a ramp, maybe not the last
	"container.transport.rail_unloaded":                           {status: supply.InTransit, code: supply.RailUnloaded},
	"container.transport.arrived_at_inland_destination":           {status: supply.InTransit, code: supply.ArrivedAt, arrives: terminal49Inland}, // the end of the rails, not our dock
	"container.transport.estimated.vessel_departed":               {estimated: true, bare: true},                                                 // no arrival
	"container.transport.estimated.vessel_arrived":                {arrives: terminal49Port, estimated: true, bare: true},
	"shipment.estimated.arrival":                                  {arrives: terminal49Port, estimated: true, whole: true},
	"container.transport.estimated.arrived_at_inland_destination": {arrives: terminal49Inland, estimated: true, bare: true},

	"container.created":                     {code: supply.TrackingStarted},
	"container.updated":                     {code: supply.CodeInfo}, // the changes say it
	"container.pod_terminal_changed":        {code: supply.CodeInfo},
	"container.pickup_lfd.changed":          {code: supply.CodeInfo}, // when storage begins to cost
	"container.pickup_lfd_line.changed":     {code: supply.CodeInfo},
	"container.pickup_lfd_terminal.changed": {code: supply.CodeInfo},
	"container.pickup_lfd_rail.changed":     {code: supply.CodeInfo},
	"container.pickup_appointment.changed":  {code: supply.AppointmentSet, bare: true}, // a plan

	"document.extracted":         {foreign: true},
	"document.extraction_failed": {foreign: true},
}
