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

// Window is a span in which the goods are to arrive; its end makes the promise.
// The zero Window means that nobody has said.
type Window struct {
	From, To time.Time // UTC
	DateOnly bool      // the statement named a day: To's UTC date is the day in any zone
}

// Known reports whether anybody has named an arrival.
func (w Window) Known() bool { return !w.To.IsZero() }

// MaxScanText and MaxScanPlace are the bytes of a carrier's words that are kept.
const (
	MaxScanText  = 80
	MaxScanPlace = 40
)

// Scan is one thing that a carrier says happened to a transport unit. It is
// always an actual event: what is planned or expected goes into Report.ETA.
type Scan struct {
	ID     string // the provider's own id of the scan; "" where it has none
	Status TrackStatus
	Code   TrackCode
	At     time.Time // when it happened, UTC; zero when not said
	Text   string    // the carrier's words, shortened to MaxScanText
	Place  string    // city or facility, shortened to MaxScanPlace
}

// Words makes a stranger's text fit to be stored and shown: printable
// characters only (no control characters, no invisible ones that turn the
// writing direction), at most limit bytes, cut between characters.
func Words(s string, limit int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return ' '
	}, s))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

// Report is one carrier statement about one transport unit, in our words.
type Report struct {
	Number   string    // as the carrier wrote it
	Issuer   string    // the carrier, as its slug or SCAC; "" when not said
	Snapshot bool      // Scans is the whole history, not what is new
	Version  time.Time // the provider's version of a snapshot; zero when it has none
	SaidAt   time.Time // when the provider said it, UTC; never our own clock
	ETA      Window
	Scans    []Scan
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
