package supply

import "time"

// Regime is what a law asks of a seller who will not keep a promised date.
type Regime uint8

// The regimes.
const (
	NoRegime Regime = iota // nothing is asked
	FTC                    // a short first delay needs no word, all others an explicit yes, else the order ends
	EU                     // nothing ends by silence; the buyer may end the contract
)

// Law is the regime of one marketplace and where it is written.
type Law struct {
	Regime Regime
	Source string
}

// laws are the regimes by marketplace; a marketplace without a row has NoRegime.
// What a statute gives where nothing was agreed, 30 days in all of these, is not
// applied: each order is accepted on a promised date or expressly without one.
//
// 16 CFR 435.2(b)(1)(ii): a first definite delay of at most 30 days is accepted
// by silence. (b)(1)(iii), (c)(2): a longer or indefinite one ends the order
// unless the buyer agrees within 30 days of the promised date. (b)(2), (c)(3):
// each further delay ends it unless the buyer agrees before the date agreed last
// has passed.
//
// Directive 2011/83/EU Art. 18(1): delivery on the agreed date. Art. 18(2): after
// it the buyer sets an additional period and may then terminate. Art. 18(3): what
// was paid is returned without undue delay. The Consumer Rights Act says the same
// in s. 28(3), (7) to (9).
var laws = map[MarketplaceID]Law{
	"ATVPDKIKX0DER":  {FTC, "16 CFR 435.2"},
	"A1PA6795UKMFR9": {EU, "Directive 2011/83/EU, Art. 18"}, // Germany
	"A13V1IB3VIYZZH": {EU, "Directive 2011/83/EU, Art. 18"}, // France
	"APJ6JRA9NG5V4":  {EU, "Directive 2011/83/EU, Art. 18"}, // Italy
	"A1RKKUPIHCS9HS": {EU, "Directive 2011/83/EU, Art. 18"}, // Spain
	"A1805IZSGTT6HS": {EU, "Directive 2011/83/EU, Art. 18"}, // Netherlands
	"A2NODRKZP88ZB9": {EU, "Directive 2011/83/EU, Art. 18"}, // Sweden
	"A1C3SOZRARQ6R3": {EU, "Directive 2011/83/EU, Art. 18"}, // Poland
	"AMEN7PMS3EDWL":  {EU, "Directive 2011/83/EU, Art. 18"}, // Belgium
	"A28R8C7NBKEWEA": {EU, "Directive 2011/83/EU, Art. 18"}, // Ireland
	"A1F83G8C2ARO7P": {EU, "Consumer Rights Act 2015, s. 28"},
}

// LawOf returns the law on delays at a marketplace.
func LawOf(id MarketplaceID) Law { return laws[id] }

const (
	silentDelay Day = 30 // days of a first delay that silence accepts. 16 CFR 435.2(b)(1)(ii)
	answerDays  Day = 30 // days after the promised date for the yes to a longer one. 16 CFR 435.2(b)(1)(iii)(B)
)

// Silence is what it means that a buyer who was told of a delay says nothing.
type Silence uint8

// The meanings. SilenceNone: there is nothing to answer.
const (
	SilenceNone    Silence = iota
	SilenceAccepts         // it counts as a yes; the buyer may still cancel
	SilenceCancels         // it counts as a no: the order ends
	SilenceKeeps           // it counts as nothing: the order stays, with all the buyer's rights
	silenceCount
)

var silenceNames = [silenceCount]string{"", "ACCEPTS", "CANCELS", "KEEPS"}

// String returns the meaning as it is published.
func (s Silence) String() string { return silenceNames[s] }

// Consent is what the law asks of a buyer whose order is late.
type Consent struct {
	Law     Law
	Silence Silence
	By      Day // last day for an answer in the marketplace's zone; 0 = any, until the goods are there
	Agreed  Day // until when the buyer waits without being asked; Undated = for as long as it takes
}

// Needed reports whether only an explicit yes keeps the order.
func (c Consent) Needed() bool { return c.Silence == SilenceCancels }

// Consent returns what is asked about the order under the law. An order whose
// units are all on hand is late no more, and an order over several SKUs that
// stands or falls as a whole is its order system's to ask about: one item alone
// does not know its date. Who ordered what was sold without a date is not asked
// either: no date is broken.
//
// A deadline is never before the day on which the buyer was told: who learns of
// a delay only when its date has passed still has that day.
func (o *Order) Consent(l Law, cal Calendar) Consent {
	c := Consent{Law: l, Agreed: o.Agreed}
	kept := o.Promised.Known() && o.Promised <= o.Agreed
	silent := max(o.Agreed, o.Silent)
	switch {
	case l.Regime == NoRegime, o.Multi, o.Waiting() == 0, o.First == Undated:
	case l.Regime == EU && !kept:
		c.Silence = SilenceKeeps
	case l.Regime == EU:
	case o.Agreed == Undated: // 435.2(b)(1)(iii): who agreed to an indefinite delay may cancel at any time
		c.Silence = SilenceAccepts
	case kept:
		c.Agreed = silent
	case o.Promised.Known() && o.Promised <= silent:
		c.Silence, c.By, c.Agreed = SilenceAccepts, o.Promised, silent
	case o.Silent == 0:
		c.Silence, c.By = SilenceCancels, o.Agreed+answerDays
	default:
		c.Silence, c.By, c.Agreed = SilenceCancels, silent, silent
	}
	if c.By != 0 {
		c.By = max(c.By, cal.Day(time.Unix(o.Asked, 0)))
	}
	return c
}

// Lapsed reports whether the yes that is needed did not come in time.
func (c Consent) Lapsed(r Rules) bool { return c.Needed() && r.Today() > c.By }

// delayed takes note that the promise moved. The first delay that silence
// accepts is remembered as the last one of its kind.
func (o *Order) delayed(at time.Time, day Day) {
	o.Promised, o.Asked = day, at.Unix()
	if o.Silent == 0 && day > o.Agreed && day <= o.Agreed+silentDelay {
		o.Silent = day
	}
}

// agree takes note that the buyer said yes to a delay until day, 0 for one that
// nobody can date. Silence accepts no delay after it.
func (o *Order) agree(day Day) {
	if day == 0 {
		day = Undated
	}
	o.Agreed = max(o.Agreed, day)
	o.Silent = max(o.Silent, o.Agreed)
}

// ended returns the entry that ends the order here, of the units to be refunded.
func (o *Order) ended(reason Reason) Entry {
	return Entry{Kind: EntryCancelled, Order: o.ID, Units: o.Units - o.Shipped, Reason: reason}
}

// lapse ends the orders whose buyers did not agree in time.
func (it *Item) lapse(r Rules) {
	law := LawOf(it.Key.Marketplace)
	if law.Regime != FTC {
		return
	}
	var lapsed []Entry
	it.Line.Orders(func(o *Order) bool {
		if o.Consent(law, r.Calendar).Lapsed(r) {
			lapsed = append(lapsed, o.ended(DelayNotAccepted))
		}
		return true
	})
	for _, e := range lapsed {
		it.emit(r, e)
	}
}

// deadline is the earliest of the days by whose end orders need a yes; its zero
// value knows of none. It is asked for many orders and makes one instant of them.
type deadline struct{ by Day }

func (d *deadline) add(it *Item, r Rules, o *Order) {
	law := LawOf(it.Key.Marketplace)
	if law.Regime != FTC {
		return
	}
	if c := o.Consent(law, r.Calendar); c.Needed() && !c.Lapsed(r) && (d.by == 0 || c.By < d.by) {
		d.by = c.By
	}
}

// instant returns when the first of them is over; zero = never.
func (d deadline) instant(cal Calendar) time.Time {
	if d.by == 0 {
		return time.Time{}
	}
	return cal.Start(d.by + 1)
}

// Question is where the question stands that a buyer was asked about one delay.
type Question uint8

// The states of a question.
const (
	NotAsked  Question = iota // never, or no longer: the promise moved again, or the order went its way
	Asking                    // the buyer may agree or cancel
	YesSaid                   // the buyer agreed
	OrderOver                 // the buyer cancelled, or did not answer in time
)

// Question returns where the question about the delay until day, 0 for one that
// nobody can date, stands at r.Now. mayCancel is whether the buyer can cancel.
func (it *Item) Question(r Rules, id OrderID, day Day) (q Question, mayCancel bool) {
	o := it.Line.Order(id)
	c := o.Consent(LawOf(it.Key.Marketplace), r.Calendar)
	switch {
	case o.Promised != day:
		return NotAsked, false
	case o.State == OrderGone && o.Reason.refund(), c.Lapsed(r):
		return OrderOver, false
	case !o.Open() || o.Waiting() == 0 || c.Law.Regime == NoRegime || o.Multi:
		return NotAsked, false
	case o.Agreed == Undated:
		return YesSaid, c.Silence != SilenceNone
	case o.Agreed == day && day > o.First:
		return YesSaid, false
	case c.Silence == SilenceNone:
		return NotAsked, false
	}
	return Asking, true
}

// AnswerDelay records what a buyer says to the delay until day: to wait, or to
// cancel, which frees the units. An answer to a question that is not asked, or
// was answered, changes nothing. The item must be Detailed.
func (it *Item) AnswerDelay(r Rules, id OrderID, day Day, wait bool) {
	it.catchUp(r)
	q, mayCancel := it.Question(r, id, day)
	switch {
	case wait && q == Asking:
		it.emit(r, Entry{Kind: EntryPromised, Order: id, Day: day, Was: day, Full: true})
		it.Until = it.nextChange(r)
	case !wait && mayCancel:
		it.Decide(r, []Wish{{Kind: WishCancel, Order: id, Refuse: DelayDeclined}})
	}
}
