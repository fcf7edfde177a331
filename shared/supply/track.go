package supply

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"headstart/shared/fault"
)

// TrackStatus is where a transport unit stands, in the carrier's eyes.
type TrackStatus uint8

// The statuses, in the order in which a shipment normally meets them.
// Source: reference "normalised event", section 3.2.
const (
	TrackUnknown TrackStatus = iota
	PreTransit
	InTransit
	AvailableForPickup
	OutForDelivery
	DeliveryAttempted
	Delivered
	Exception
	Returning
	Returned
	TrackCancelled
	Expired // the tracker stopped, not the goods
	trackStatusCount
)

var trackStatusNames = [trackStatusCount]string{
	TrackUnknown: "UNKNOWN", PreTransit: "PRE_TRANSIT", InTransit: "IN_TRANSIT", AvailableForPickup: "AVAILABLE_FOR_PICKUP",
	OutForDelivery: "OUT_FOR_DELIVERY", DeliveryAttempted: "DELIVERY_ATTEMPTED", Delivered: "DELIVERED",
	Exception: "EXCEPTION", Returning: "RETURNING", Returned: "RETURNED", TrackCancelled: "CANCELLED", Expired: "EXPIRED",
}

// String returns the status as it is published: OUT_FOR_DELIVERY.
func (s TrackStatus) String() string { return nameAt(trackStatusNames[:], int(s)) }

// ParseTrackStatus reads what String wrote, or returns fault.Invalid naming field.
func ParseTrackStatus(field, s string) (TrackStatus, error) {
	i := slices.Index(trackStatusNames[:], s)
	if i < 0 {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s %q is not one of %s", field, Words(s, 40), strings.Join(trackStatusNames[:], ", "))
	}
	return TrackStatus(i), nil
}

func nameAt(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "UNKNOWN"
}

// ETAKind is the place that an arrival is at. Only the first is our dock; goods
// that reached another place still have a way to go.
type ETAKind uint8

// The kinds, from the nearest to our dock to the farthest.
// Source: reference "normalised event", section 3.1.
const (
	AtDock        ETAKind = iota // delivery
	ForPickup                    // ready to be fetched at a terminal or a depot
	AtInlandPoint                // rail ramp, inland depot, delivery terminal
	AtPort                       // port or airport of discharge
	etaKindCount
)

var etaKindNames = [etaKindCount]string{AtDock: "DELIVERY", ForPickup: "AVAILABLE", AtInlandPoint: "ARRIVAL_INLAND", AtPort: "ARRIVAL_PORT"}

// String returns the kind as it is published: ARRIVAL_PORT.
func (k ETAKind) String() string { return nameAt(etaKindNames[:], int(k)) }

// Window is a span in which the goods are to arrive; its end makes the promise.
// The zero Window means that nobody has said.
type Window struct {
	From, To time.Time // UTC
	DateOnly bool      // the statement named a day: To's UTC date is the day in any zone
	Kind     ETAKind   // where
}

// Known reports whether anybody has named an arrival.
func (w Window) Known() bool { return !w.To.IsZero() }

// MaxScanText and MaxScanPlace are the bytes of a carrier's words that are kept.
const (
	MaxScanText  = 80
	MaxScanPlace = 40
)

// Classifier says how sure an arrival is. Source: DCSA, eventClassifierCode.
type Classifier uint8

// The classifiers. A later one is never overridden by an earlier one.
const (
	Planned   Classifier = iota // PLN: a schedule
	Estimated                   // EST: somebody looked at where the goods are
	Actual                      // ACT: it happened
	classifierCount
)

var classifierNames = [classifierCount]string{Planned: "PLN", Estimated: "EST", Actual: "ACT"}

// String returns the classifier as it is published: EST.
func (c Classifier) String() string { return nameAt(classifierNames[:], int(c)) }

// ETASource is who made an estimate.
type ETASource uint8

// The sources.
const (
	FromCarrier    ETASource = iota
	FromAggregator           // who follows many carriers and computes dates of its own
	FromTerminal
	etaSourceCount
)

var etaSourceNames = [etaSourceCount]string{FromCarrier: "CARRIER", FromAggregator: "AGGREGATOR", FromTerminal: "TERMINAL"}

// String returns the source as it is published: CARRIER.
func (s ETASource) String() string { return nameAt(etaSourceNames[:], int(s)) }

// Estimate is what somebody said of one arrival: at our dock, or at a place on
// the way. What was said last of the same kind and place replaces what was said
// before, unless it is less sure. An Estimate without a known Window takes back
// what was said before it; a provider that merely leaves its estimate out says
// nothing, and gives no Estimate.
type Estimate struct {
	Window
	Classifier Classifier
	Source     ETASource
	Place      string    // tells two ports of one journey apart: UN/LOCODE or the like; "" for the one that the kind names
	SaidAt     time.Time // UTC; zero = when the report was said
}

// Expect returns the carrier's estimate that the goods arrive in w; nothing when
// w is not known.
func Expect(w Window) []Estimate {
	if !w.Known() {
		return nil
	}
	return []Estimate{{Window: w, Classifier: Estimated}}
}

// Scan is one thing that a carrier says happened to a transport unit. It is
// always an actual event: what is planned or expected goes into Report.ETAs.
type Scan struct {
	ID        string    // the provider's own id of the scan; "" where it has none
	Version   time.Time // of a scan that its provider may correct: the newest of one ID stands; zero = it never does
	Retracted bool      // the provider takes the scan with this ID back
	Status    TrackStatus
	Code      TrackCode
	At        time.Time // when it happened, UTC; zero when not said
	Local     bool      // At is a local time of an unknown zone, read as if UTC: up to 14 h off
	Text      string    // the carrier's words, shortened to MaxScanText; of CodeUnknown the raw code
	Place     string    // city or facility, shortened to MaxScanPlace
}

// Words makes a stranger's text fit to be stored and shown: printable
// characters only (no control characters, no invisible ones that turn the
// writing direction), at most limit bytes, cut between characters.
func Words(s string, limit int) string {
	if strings.IndexFunc(s, oddRune) >= 0 {
		s = strings.Map(shown, s)
	}
	s = strings.TrimSpace(s)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

func oddRune(r rune) bool { return r < ' ' || r > '~' }

func shown(r rune) rune {
	switch {
	case unicode.IsPrint(r):
		return r
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return ' '
}

// Report is one carrier statement about one transport unit, in our words.
type Report struct {
	Number   string    // as the carrier wrote it
	Also     []string  // other numbers that lead to the same goods: bill of lading, booking, the next carrier's number
	Issuer   string    // the carrier, as its slug or SCAC; "" when not said
	Snapshot bool      // Scans is the whole history in the order in which it happened, not what is new
	Version  time.Time // the provider's version of a snapshot; zero when it has none
	SaidAt   time.Time // when the provider said it, UTC; never our own clock; zero when not said
	ETAs     []Estimate
	Scans    []Scan
}

// Manifest is what somebody who packed a shipment says is in it: a despatch
// advice (X12 856) or an EPCIS event.
type Manifest struct {
	Shipment string    // the sender's id of the shipment; "" when not said
	Numbers  []string  // PRO, bill of lading, container, booking: any of them leads to the shipment
	SaidAt   time.Time // UTC
	Boxes    []Box     // with a SSCC or an id of their own, and what they hold
	Lines    []Content // units of each SKU in all; empty when only the boxes say
}

// TrackCode is the fine event behind a status. The list is closed; a provider
// code without a row in its adapter's table is CodeInfo or CodeUnknown and moves
// no state. Source: reference "normalised event", section 3.2.
type TrackCode uint8

// The codes.
const (
	CodeUnknown TrackCode = iota // not in the adapter's table: kept, counted, moves nothing
	InfoReceived
	PickedUp
	DroppedOff
	Departed
	ArrivedAt
	HubScan
	Loaded
	Discharged
	GateIn
	GateOut
	Stuffed
	Stripped
	Berthed
	RailLoaded
	RailUnloaded
	CustomsEntered
	CustomsHold
	CustomsReleased
	Inspected
	Available
	AppointmentSet
	Rescheduled
	CodeOutForDelivery
	CodeDeliveryAttempted
	CodeDelivered
	DeliveredPartial
	PickedUpByConsignee
	EmptyReturned
	Held
	Delayed
	Damaged
	Lost
	Refused
	AddressIssue
	ReturnStarted
	CodeReturned
	CodeCancelled
	ETAChanged
	TrackingStarted
	TrackingStopped
	CodeInfo
	StatusOnly // the provider named a status and no finer event; it has no name of its own
	trackCodeCount
)

var trackCodeNames = [trackCodeCount]string{
	CodeUnknown: "UNKNOWN", InfoReceived: "INFO_RECEIVED", PickedUp: "PICKED_UP", DroppedOff: "DROPPED_OFF",
	Departed: "DEPARTED", ArrivedAt: "ARRIVED", HubScan: "HUB_SCAN", Loaded: "LOADED", Discharged: "DISCHARGED",
	GateIn: "GATE_IN", GateOut: "GATE_OUT", Stuffed: "STUFFED", Stripped: "STRIPPED", Berthed: "BERTHED",
	RailLoaded: "RAIL_LOADED", RailUnloaded: "RAIL_UNLOADED", CustomsEntered: "CUSTOMS_ENTERED",
	CustomsHold: "CUSTOMS_HOLD", CustomsReleased: "CUSTOMS_RELEASED", Inspected: "INSPECTED", Available: "AVAILABLE",
	AppointmentSet: "APPOINTMENT_SET", Rescheduled: "RESCHEDULED", CodeOutForDelivery: "OUT_FOR_DELIVERY",
	CodeDeliveryAttempted: "DELIVERY_ATTEMPTED", CodeDelivered: "DELIVERED", DeliveredPartial: "DELIVERED_PARTIAL",
	PickedUpByConsignee: "PICKED_UP_BY_CONSIGNEE", EmptyReturned: "EMPTY_RETURNED", Held: "HELD", Delayed: "DELAYED",
	Damaged: "DAMAGED", Lost: "LOST", Refused: "REFUSED", AddressIssue: "ADDRESS_ISSUE", ReturnStarted: "RETURN_STARTED",
	CodeReturned: "RETURNED", CodeCancelled: "CANCELLED", ETAChanged: "ETA_CHANGED", TrackingStarted: "TRACKING_STARTED",
	TrackingStopped: "TRACKING_STOPPED", CodeInfo: "INFO", StatusOnly: "",
}

// String returns the code as it is published: RAIL_UNLOADED; "" for StatusOnly.
func (c TrackCode) String() string { return nameAt(trackCodeNames[:], int(c)) }

// ParseTrackCode reads the code named s, StatusOnly when s is empty, or returns
// fault.Invalid naming field. Nobody may say UNKNOWN: it is what we say of a
// code that we do not know.
func ParseTrackCode(field, s string) (TrackCode, error) {
	i := slices.Index(trackCodeNames[:], s)
	if i <= int(CodeUnknown) {
		return 0, fault.New(fault.Invalid, "INVALID_INPUT", "%s %q is not one of %s", field, Words(s, 40),
			strings.Join(trackCodeNames[InfoReceived:StatusOnly], ", "))
	}
	return TrackCode(i), nil
}
