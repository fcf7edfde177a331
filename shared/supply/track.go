package supply

import "time"

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

// Window is a span in which the goods are to arrive; its end makes the promise.
// The zero Window means that nobody has said.
type Window struct {
	From, To time.Time // UTC
	DateOnly bool      // the statement named a day: To's UTC date is the day in any zone
}

// Known reports whether anybody has named an arrival.
func (w Window) Known() bool { return !w.To.IsZero() }

// Scan is one thing that a carrier says happened to a transport unit.
type Scan struct {
	ID     string // the provider's own id of the scan; "" where it has none
	Status TrackStatus
	Code   TrackCode
	At     time.Time // when it happened, UTC; zero when not said
	Text   string    // the carrier's words, shortened to 80 bytes
	Place  string    // city or facility, shortened to 40 bytes
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
	trackCodeCount
)
