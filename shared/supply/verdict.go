package supply

import "time"

// Code is why a lot or an item is, or is not, sold. Both lists are closed and
// stand in order of precedence: the first that holds is the verdict.
type Code uint8

// The verdicts of a lot, then those of an item.
const (
	CodeNone Code = iota
	Cancelled
	LotLost
	LotDamaged
	LotReturned
	LotRefused
	Received
	OnCustomsHold
	ProgramPaused
	NoTracking
	NoETA
	Overdue
	Stale
	BeyondHorizon
	NoAppointment
	DateNotConfident
	QtyNotConfident
	Open

	NotFBA
	WithheldBySeller
	StockAlert
	MarkdownActive
	InStock
	NoInbound
	SoldOut
	Buyable
	codeCount
)

var codeNames = [codeCount]string{
	CodeNone: "", Cancelled: "CANCELLED", LotLost: "LOST", LotDamaged: "DAMAGED", LotReturned: "RETURNED",
	LotRefused: "REFUSED", Received: "RECEIVED", OnCustomsHold: "CUSTOMS_HOLD", ProgramPaused: "PROGRAM_PAUSED",
	NoTracking: "NO_TRACKING", NoETA: "NO_ETA", Overdue: "OVERDUE", Stale: "STALE", BeyondHorizon: "BEYOND_HORIZON",
	NoAppointment: "NO_APPOINTMENT", DateNotConfident: "DATE_NOT_CONFIDENT", QtyNotConfident: "QTY_NOT_CONFIDENT",
	Open: "OPEN", NotFBA: "NOT_FBA", WithheldBySeller: "WITHHELD_BY_SELLER", StockAlert: "STOCK_ALERT",
	MarkdownActive: "MARKDOWN_ACTIVE", InStock: "IN_STOCK", NoInbound: "NO_INBOUND", SoldOut: "SOLD_OUT",
	Buyable: "BUYABLE",
}

// String returns the code as it is published: BEYOND_HORIZON.
func (c Code) String() string { return codeNames[c] }

// dead verdicts leave a lot nothing to give, not even to orders it serves now.
func (c Code) dead() bool {
	switch c {
	case Cancelled, LotLost, LotDamaged, LotReturned, Received:
		return true
	}
	return false
}

// Over reports whether a lot of this code has come to its end: nothing of it is
// still to come.
func (c Code) Over() bool { return c.dead() }

// Verdict is a code with what it rests on.
type Verdict struct {
	Code       Code
	Evidence   string    // the facts, for people
	NextChange time.Time // the next instant at which it can change by time alone, UTC; zero = never
}
