package supply

import (
	"fmt"
	"strings"
	"time"
)

// Share is a part or a probability, in ten-thousandths.
type Share uint16

// Whole is the share of everything, and the probability of what is sure.
const Whole Share = 10_000

// String returns the share in per cent: 97.5 %.
func (s Share) String() string { return fmt.Sprintf("%.1f %%", float64(s)/100) }

// Of returns the share of n units, rounded down: never more than is sure.
func (s Share) Of(n Units) Units { return Units(int64(n) * int64(s) / int64(Whole)) }

// Outlook is what the history of a shipment's lane says of it: when such
// shipments come, and how much of what was announced. The zero Outlook says
// nothing. It is asked again whenever something is heard of the shipment, and
// once a day while it is late.
type Outlook struct {
	Lane    string // whose history it is: mode and programme, then carrier, then vendor or destination
	Padding int    // calendar days to add to the ETA to be as sure as the policy asks; at least 0
	OnTime  Share  // probability of being at the dock within the padding that the policy allows
	Comes   Share  // probability of being there within two months of the ETA
	Dates   Record // of what looked sure enough, by mode and programme
	All     Record // the same, of everything the seller sent
	Vendor  string // whose receipts Short and Sure are from; "" = everybody's
	Short   Share  // probability that a line comes short
	Sure    Share  // part of the announced units that comes with the policy's certainty of quantity
}

// Known reports whether there is an outlook.
func (o *Outlook) Known() bool { return o.Lane != "" }

// Differs reports whether items should be told of o in place of old: another
// padding, another answer, or a probability that has moved by a hundredth.
func (o *Outlook) Differs(old *Outlook, c Confidence) bool {
	_, _, stops := o.stopped(c)
	_, _, stopped := old.stopped(c)
	moved := func(a, b Share) bool { return max(a, b)-min(a, b) >= Whole/100 }
	return o.Padding != old.Padding || stops != stopped || moved(o.OnTime, old.OnTime) || moved(o.Short, old.Short) || moved(o.Sure, old.Sure)
}

// Record is how often dates that had looked sure enough were broken, of the
// latest that are decided.
type Record struct{ Broken, Of int }

// Confidence is how sure a promise must be. Source: design section 2.
type Confidence struct {
	Level      Share // of the date; below 95 % what the history states is known to be too confident
	MaxPadding int   // days that may be added to the ETA to reach it
	MaxBroken  int   // of the latest 50 decided dates; more close the lane
	MaxShort   Share // probability of a short line, from which on only the sure part is sold
	Quantity   Share // how sure that part is
}

// DefaultConfidence returns the values of the design, section 2. A tenth of all
// lines short is what no vendor with clean paperwork shows.
// Source: reference "arrival", A5.
func DefaultConfidence() Confidence {
	return Confidence{Level: 9500, MaxPadding: 7, MaxBroken: 5, MaxShort: 1000, Quantity: 9000}
}

// stopped returns the record that forbids new sales; false when neither does.
func (o *Outlook) stopped(c Confidence) (whose string, r Record, is bool) {
	switch {
	case o.Dates.Broken > c.MaxBroken:
		return strings.Join(strings.SplitN(o.Lane, "/", 3)[:2], "/"), o.Dates, true
	case o.All.Broken > c.MaxBroken:
		return "all shipments", o.All, true
	}
	return "", Record{}, false
}

// doubtful reports whether the lane's history speaks against the lot's date. What
// is at the dock has its date.
func (l *Lot) doubtful(r Rules) bool {
	o, c := &l.Outlook, r.Policy.Confidence
	if !r.Policy.Learnt || !o.Known() || !l.Arrived.IsZero() {
		return false
	}
	_, _, stopped := o.stopped(c)
	return stopped || o.Padding > c.MaxPadding
}

// soldUndated reports whether the lot is sold without a date: its goods come for
// sure, but nobody knows when. Not while its lane breaks the dates it looked sure
// of: then nothing that it says is to be trusted.
func (l *Lot) soldUndated(r Rules) bool {
	c := r.Policy.Confidence
	_, _, stopped := l.Outlook.stopped(c)
	return r.Policy.SellUndated && l.doubtful(r) && !stopped && l.Outlook.Comes >= c.Level
}

// Exposure is how much of a lot buyers see.
type Exposure string

// The exposures. Source: feature F11.
const (
	Hidden  Exposure = "HIDDEN"  // nothing new is sold
	NoDate  Exposure = "NO_DATE" // sold, and promised for no day
	ForADay Exposure = "DATED"   // sold for its in-stock date
)

// Exposure returns how much of the lot buyers see at r.Now.
func (l *Lot) Exposure(r Rules) Exposure {
	switch {
	case l.codeAt(r) != Open:
		return Hidden
	case l.soldUndated(r):
		return NoDate
	}
	return ForADay
}

func (l *Lot) doubt(r Rules) string {
	o, c := &l.Outlook, r.Policy.Confidence
	if whose, record, stopped := o.stopped(c); stopped {
		return fmt.Sprintf("of the latest %d dates of %s %d were broken, more than %d: nothing new is sold until that is better", record.Of, whose, record.Broken, c.MaxBroken)
	}
	return fmt.Sprintf("%s of %s arrive within %d days of the ETA; %s are needed", o.OnTime, o.Lane, c.MaxPadding, c.Level)
}

// Withheld returns the units that the vendor's receipts say may not come.
func (l *Lot) Withheld(p Policy) Units {
	o := &l.Outlook
	if !p.Learnt || !o.Known() || o.Short <= p.Confidence.MaxShort {
		return 0
	}
	sure := o.Sure.Of(l.Shipped-min(l.Removed, l.Shipped)) - l.Received
	return l.Expected() - max(0, min(l.Expected(), sure))
}

func (l *Lot) shortText(p Policy) string {
	o := &l.Outlook
	return fmt.Sprintf("%s of the lines of %s come short, with %s certainty %d of the %d units still to come do",
		o.Short, vendorText(o.Vendor), p.Confidence.Quantity, l.Expected()-l.Withheld(p), l.Expected())
}

func vendorText(vendor string) string {
	if vendor == "" {
		return "vendors nobody named"
	}
	return vendor
}

// Factor is one number that a lot's confidence is made of.
type Factor struct {
	Name     string
	Value    Share
	Needed   Share // below it less or nothing is sold; 0 = it only lowers the score
	Evidence string
	Changes  time.Time // the next instant at which time alone changes it, UTC; zero = never
}

// Factors returns what makes a lot more or less sure, apart from the gates that
// are open or closed. The score of a lot is their product.
func (l *Lot) Factors(r Rules) []Factor {
	o, c := &l.Outlook, r.Policy.Confidence
	if !o.Known() || !r.Policy.Learnt {
		return nil
	}
	date := Factor{Name: "date", Value: o.OnTime, Needed: c.Level,
		Evidence: fmt.Sprintf("%s: at the dock within %d days of the ETA; %s sure with %s", o.Lane, c.MaxPadding, c.Level, paddingText(o.Padding))}
	if !l.Arrived.IsZero() {
		date.Value, date.Evidence = Whole, "arrived "+stamp(l.Arrived)
	}
	quantity := Factor{Name: "quantity", Value: Whole - o.Short, Needed: Whole - c.MaxShort,
		Evidence: fmt.Sprintf("%s of the lines of %s come short", o.Short, vendorText(o.Vendor))}
	return []Factor{date, quantity, l.liveness(r)}
}

func paddingText(days int) string {
	if days >= Never {
		return "no padding at all"
	}
	return fmt.Sprintf("%d days of padding", days)
}

// Never is a padding that no date can promise, in days.
const Never = 400

// silences say what is left of the confidence in a shipment of which nothing was
// heard for so long. Source: feature F92; the values are ours.
var silences = []struct {
	after time.Duration
	left  Share
}{{72 * time.Hour, 9000}, {48 * time.Hour, 9700}, {24 * time.Hour, 9900}}

func (l *Lot) liveness(r Rules) Factor {
	f := Factor{Name: "liveness", Value: Whole, Evidence: "last heard " + stamp(l.Heard)}
	if !l.Arrived.IsZero() {
		return f
	}
	for _, s := range silences {
		at := l.Heard.Add(s.after)
		if !r.Now.Before(at) {
			f.Value = min(f.Value, s.left)
		} else {
			f.Changes = at // the list ends with the shortest
		}
	}
	return f
}
