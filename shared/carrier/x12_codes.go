package carrier

import "headstart/shared/supply"

// x12Says is how the time of an AT7 is meant.
type x12Says uint8

const (
	x12Happened  x12Says = iota // a scan
	x12Reached                  // a scan, and the arrival at a place on the way
	x12Attempted                // a scan that is never the same as another
	x12Expected                 // an estimate of an arrival, no scan
	x12Appointed                // a plan of an arrival
	x12Planned                  // a plan of something else
)

// x12Meaning is what a status or appointment code says.
type x12Meaning struct {
	says    x12Says
	kind    supply.ETAKind // of the arrival
	status  supply.TrackStatus
	code    supply.TrackCode
	reasons x12Reasons
}

// x12Reasons says which reasons change what a code means.
type x12Reasons uint8

const (
	x12Grave x12Reasons = iota // those that concern the goods
	x12Any                     // also those that say why the goods do not move
	x12None                    // the code itself says the worst
)

// x12Mean returns what a code and its reason mean, and both as text.
func x12Mean(code, reason []byte) (m x12Meaning, text string) {
	text = x12Text(code, 20)
	normal := len(reason) == 0 || string(reason) == "NS" || string(reason) == "NA"
	if !normal {
		text = words(text + " " + x12Text(reason, 20))
	}
	m, known := x12Codes[string(code)]
	if !known {
		s := unmapped(text)
		return x12Meaning{status: s.Status, code: s.Code}, s.Text
	}
	if string(code) == "CD" && !normal {
		m = x12Codes["AP"] // it left for a reason, and so did the goods
	}
	r, known := x12ReasonCodes[string(reason)]
	if known && (m.reasons == x12Any || m.reasons == x12Grave && r.grave) && m.says <= x12Attempted {
		m.code = r.code
	}
	return m, text
}

// Source: stedi.com/edi/x12-004030/element/1650 for the statuses, with the codes
// that zenbridge.io/edi-dictionary/X12/4050 and reference 2.14 have more, and
// stedi.com/edi/x12-004060/element/1652 for the appointments; statuses by
// reference "normalised event" 3.5. The lists share no code, so that senders who
// put an appointment in the place of a status are understood.
var x12Codes = map[string]x12Meaning{
	"A3": {status: supply.Returned, code: supply.CodeReturned, reasons: x12None},
	"A7": {status: supply.Exception, code: supply.Refused, reasons: x12None},
	"A9": {status: supply.Exception, code: supply.Damaged, reasons: x12None},
	"AF": {status: supply.InTransit, code: supply.PickedUp},
	"AG": {says: x12Expected}, // delivery
	"AH": {says: x12Attempted, status: supply.DeliveryAttempted, code: supply.CodeDeliveryAttempted, reasons: x12Any},
	"AI": {status: supply.Returning, code: supply.ReturnStarted, reasons: x12None}, // reconsigned: it goes to somebody else
	"AJ": {status: supply.PreTransit, code: supply.StatusOnly},                     // tendered
	"AM": {status: supply.InTransit, code: supply.Loaded},
	"AN": {status: supply.InTransit, code: supply.StatusOnly}, // diverted to air
	"AP": {status: supply.DeliveryAttempted, code: supply.CodeDeliveryAttempted, reasons: x12Any},
	"AR": {says: x12Reached, kind: supply.AtInlandPoint, status: supply.InTransit, code: supply.ArrivedAt},      // at the last ramp, not at the dock
	"AV": {says: x12Reached, kind: supply.ForPickup, status: supply.AvailableForPickup, code: supply.Available}, // for delivery
	"AW": {says: x12Reached, kind: supply.ForPickup, status: supply.AvailableForPickup, code: supply.Available},
	"B6": {says: x12Expected, kind: supply.AtInlandPoint},                   // the carrier's terminal
	"BA": {status: supply.InTransit, code: supply.PickedUp},                 // by the connecting line
	"BC": {status: supply.Exception, code: supply.Held, reasons: x12Any},    // stored on the way
	"BO": {status: supply.Exception, code: supply.Delayed, reasons: x12Any}, // the wagon is out of order
	"BR": {status: supply.InTransit, code: supply.StatusOnly},               // and in order again
	"C1": {says: x12Planned, code: supply.CodeInfo},                         // a departure is no arrival
	"CA": {status: supply.TrackCancelled, code: supply.CodeCancelled, reasons: x12None},
	"CB": {status: supply.Delivered, code: supply.CodeDelivered}, // the rest of a part
	"CD": {status: supply.Delivered, code: supply.CodeDelivered}, // who leaves the consignee without a reason has delivered
	"CL": {status: supply.PreTransit, code: supply.Loaded},       // the trailer is closed
	"CP": {status: supply.PreTransit, code: supply.Loaded},       // loaded, not yet gone
	"D1": {status: supply.Delivered, code: supply.CodeDelivered}, // unloaded at the consignee: the delivery
	"DE": {says: x12Planned, code: supply.CodeInfo},              // last free day
	"DO": {code: supply.CodeInfo},                                // a paper
	"I1": {status: supply.InTransit, code: supply.GateIn},        // of which ramp is not said
	"J1": {status: supply.InTransit, code: supply.Departed},      // delivered to the next carrier, not to us
	"K1": {status: supply.InTransit, code: supply.CustomsEntered},
	"L1": {status: supply.PreTransit, code: supply.StatusOnly},
	"NB": {status: supply.InTransit, code: supply.StatusOnly},
	"OA": {status: supply.InTransit, code: supply.GateOut},
	"OO": {code: supply.CodeInfo}, // papers without goods
	"P1": {status: supply.InTransit, code: supply.Departed},
	"PA": {status: supply.InTransit, code: supply.DeliveredPartial}, // the rest is still on its way
	"PR": {status: supply.Exception, code: supply.CustomsHold, reasons: x12None},
	"R1": {status: supply.InTransit, code: supply.StatusOnly},
	"RH": {status: supply.InTransit, code: supply.StatusOnly}, // released, of which hold is not said
	"RL": {status: supply.InTransit, code: supply.Departed},
	"S1": {status: supply.OutForDelivery, code: supply.ArrivedAt}, // the trailer stands at the consignee, unopened
	"SD": {status: supply.Exception, code: supply.Delayed, reasons: x12Any},
	"UC": {status: supply.InTransit, code: supply.StatusOnly},
	"X1": {status: supply.OutForDelivery, code: supply.ArrivedAt},                                          // at the consignee's gate: not delivered
	"X2": {says: x12Expected},                                                                              // at the consignee
	"X3": {status: supply.PreTransit, code: supply.StatusOnly},                                             // the lorry came to fetch
	"X4": {says: x12Reached, kind: supply.AtInlandPoint, status: supply.InTransit, code: supply.ArrivedAt}, // some read it as a departure: the standard decides
	"X5": {status: supply.OutForDelivery, code: supply.ArrivedAt},                                          // at the consignee's dock, still loaded
	"X6": {status: supply.InTransit, code: supply.StatusOnly},
	"X8": {status: supply.PreTransit, code: supply.StatusOnly},
	"XB": {code: supply.CodeInfo}, // acknowledged, or the proof of delivery is in: senders disagree

	"AA": {says: x12Planned, code: supply.CodeInfo}, // to pick up
	"AB": {says: x12Appointed, code: supply.AppointmentSet},
	"AC": {says: x12Appointed, code: supply.AppointmentSet}, // estimated
	"ED": {says: x12Planned, code: supply.CodeInfo},         // not before: a wish, no plan
	"EP": {says: x12Planned, code: supply.CodeInfo},
	"LD": {says: x12Planned, code: supply.CodeInfo}, // not after
	"LP": {says: x12Planned, code: supply.CodeInfo},
	"X9": {says: x12Appointed, code: supply.AppointmentSet}, // secured
	"XA": {says: x12Planned, code: supply.CodeInfo},
}

type x12Reason struct {
	code  supply.TrackCode
	grave bool
}

// Source: stedi.com/edi/x12-004040/element/1651, of 80 reasons those that change
// what is known of the goods.
var x12ReasonCodes = map[string]x12Reason{
	"AK": {supply.Damaged, true},          // rewrapped in the hub
	"BS": {supply.Refused, true},          // by the customer
	"BT": {supply.ReturnStarted, true},    // to the shipper
	"RC": {supply.ReturnStarted, true},    // reconsigned, as AI
	"S1": {supply.DeliveredPartial, true}, // delivery shortage
	"A2": {supply.AddressIssue, false},
	"A5": {supply.AddressIssue, false}, // unable to locate
	"AR": {supply.CustomsHold, false},  // papers
	"AS": {supply.CustomsHold, false},
	"BD": {supply.CustomsHold, false},
	"CA": {supply.CustomsHold, false},
	"B4": {supply.Held, false}, // for payment
	"BB": {supply.Held, false}, // by the shipper
	"C2": {supply.Held, false}, // credit
	"C3": {supply.Held, false}, // suspended
	"P2": {supply.Held, false}, // inspection
}
