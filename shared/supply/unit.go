package supply

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"headstart/shared/fault"
)

// UnitTrouble is a set of what went wrong with one transport unit.
type UnitTrouble uint8

// The troubles of a unit. Those that a later scan can end are ended by time
// order, never by arrival order; the others end only when the carrier takes the
// scan back.
const (
	UnitLost      UnitTrouble = 1 << iota // ends when the unit is handled again
	UnitHeld                              // the same
	UnitCustoms                           // ends when customs releases it, or when it is seen beyond customs
	UnitPartial                           // a part was delivered; ends with the full delivery
	UnitDamaged                           // never ends
	UnitRefused                           // never ends
	UnitReturning                         // never ends: a later delivery is one to the sender
	UnitReturned                          // never ends
)

var unitTroubleNames = [...]string{"LOST", "HELD", "CUSTOMS_HOLD", "DELIVERED_PARTIAL", "DAMAGED", "REFUSED", "RETURNING", "RETURNED"}

// String returns the troubles by name, separated by blanks; "" for none.
func (t UnitTrouble) String() string {
	var names []string
	for i, name := range unitTroubleNames {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// maxSeen is how many hashes of single scans a unit remembers. Only the count of
// scans rests on them: a scan that was forgotten and comes again changes nothing
// else, because course.join is idempotent.
const maxSeen = 64

// maxIssuer bounds the carrier's name in the record, in bytes.
const maxIssuer = 24

// clockSkew is how far ahead of ours a carrier's clock may run before its word
// no longer orders anything. Source: reference "state rules" 8.
const clockSkew = 2 * time.Hour

// Unit is what is known of one transport unit: a box, a PRO number, a container.
//
// Two histories are kept apart: what the newest snapshot says (a provider that
// always repeats everything: its newest list replaces the older one whole) and
// what single scans add up to (a provider that says each thing once). So the
// same reports in any order, any number of times, end in the same Unit.
//
// The fields from Status to Last are found from these two by Apply and
// UnpackUnit; setting them by hand is not stored.
type Unit struct {
	Number    string       // as it was registered; the normal form when a carrier spoke first
	Issuer    string       // the carrier, see NormalIssuer; "" while nobody said
	Shipments []ShipmentID // that travel under the number, sorted, at most MaxLinks; none while it is not registered

	Status   TrackStatus
	StatusAt time.Time // when the unit reached Status, UTC
	Arrived  time.Time // first delivery that is not one to the sender; zero = not delivered
	Troubles UnitTrouble
	Scans    uint32 // distinct scans, without those that a snapshot has taken back
	Last     Scan   // the latest scan, for people

	ETA       Window
	ETASaidAt time.Time // when the carrier said ETA
	Version   time.Time // of the newest accepted snapshot; zero without one
	Heard     time.Time // latest scan or ETA statement, by the carrier's clock; never moves back
	Seen      []uint32  // hashes of the single scans counted, in order of arrival, at most 64

	digest  uint32 // of the newest snapshot; 0 without one
	listed  course // what the newest snapshot says
	singles course // what single scans say
}

// Apply returns the unit after one report, and whether anything changed: a
// report that was applied before changes nothing. received is our own clock, in
// UTC; it is used only where the carrier's own times are missing or more than
// two hours ahead of it. u is not changed and shares no memory with next.
//
// A report of another carrier than the unit's (SameIssuer) changes nothing.
// A unit whose number the carrier gives to a new parcel stays what it was.
//
// Source: reference "state rules" 1 to 8; features F86 to F88.
func (u Unit) Apply(r Report, received time.Time) (next Unit, changed bool) {
	if !SameIssuer(u.Issuer, r.Issuer) {
		return u, false
	}
	next = u
	next.Seen = slices.Clone(u.Seen)
	next.Number = cmp.Or(u.Number, NormalNumber(r.Number))
	next.Issuer = cmp.Or(u.Issuer, NormalIssuer(r.Issuer))
	told, said, dated := r.told(received)
	fresh := false
	if r.Snapshot {
		next.replace(told, said, dated)
	} else {
		fresh = next.add(told)
	}
	// What only our own clock can date counts once.
	if dated || fresh {
		for _, e := range r.ETAs {
			next.estimate(e.Window, said)
		}
	}
	next.find()
	return next, !next.same(&u)
}

// replace takes the newer of two snapshots whole. Lists of the same version are
// told apart by their length, then by their content.
func (u *Unit) replace(told []toldScan, said time.Time, dated bool) {
	version, digest := time.Time{}, digestOf(told)
	if dated {
		version = said
		for i := range told {
			u.hear(&told[i].Scan)
		}
	}
	if cmp.Or(version.Compare(u.Version), cmp.Compare(uint32(len(told)), u.listed.count), cmp.Compare(digest, u.digest)) <= 0 {
		return
	}
	u.Version, u.digest, u.listed = version, digest, course{}
	for i := range told {
		u.listed = u.listed.join(told[i].course())
	}
}

// add joins single scans to those known, and counts the new ones.
func (u *Unit) add(told []toldScan) (fresh bool) {
	for i := range told {
		t := &told[i]
		known := slices.Contains(u.Seen, t.hash)
		if known && t.ours {
			continue
		}
		c := t.course()
		if known {
			c.count = 0
		} else {
			fresh = true
			u.Seen = append(u.Seen, t.hash)
		}
		u.singles = u.singles.join(c)
		u.hear(&t.Scan)
	}
	u.Seen = u.Seen[max(0, len(u.Seen)-maxSeen):]
	return fresh
}

// hear notes that the carrier is alive. That its tracker stopped is no news of
// the goods.
func (u *Unit) hear(s *Scan) {
	if s.Status != Expired && s.Code != TrackingStopped {
		u.Heard = latest(u.Heard, s.At)
	}
}

// estimate keeps the ETA said last; of two said at once, the later one, so that
// nothing is promised too early. No ETA takes none away.
func (u *Unit) estimate(w Window, said time.Time) {
	w = w.tidied()
	if !w.Known() {
		return
	}
	u.Heard = latest(u.Heard, said)
	order := cmp.Or(said.Compare(u.ETASaidAt), w.To.Compare(u.ETA.To), w.From.Compare(u.ETA.From))
	if order > 0 || order == 0 && w.DateOnly {
		u.ETA, u.ETASaidAt = w, said
	}
}

// same reports whether u and o would be stored alike.
func (u *Unit) same(o *Unit) bool {
	return u.Number == o.Number && u.Issuer == o.Issuer && slices.Equal(u.Shipments, o.Shipments) &&
		u.ETA == o.ETA && u.ETASaidAt.Equal(o.ETASaidAt) && u.Version.Equal(o.Version) && u.Heard.Equal(o.Heard) &&
		u.digest == o.digest && u.listed == o.listed && u.singles == o.singles && slices.Equal(u.Seen, o.Seen)
}

// find sets what follows from the two histories.
func (u *Unit) find() {
	c := u.listed.join(u.singles)
	u.Status, u.StatusAt = c.status()
	u.Arrived = c.arrived()
	u.Troubles = c.troubles()
	u.Scans, u.Last = c.count, c.last
}

// toldScan is a scan made fit to be folded.
type toldScan struct {
	Scan        // words tidied; At is the time that orders it
	hash uint32 // identity of a single scan
	ours bool   // At is our own clock's
}

// told returns the report's scans, and when the provider spoke: by the
// snapshot's version, else its own word, else its latest scan. dated is false
// when it says nothing usable, so that our own clock had to do.
func (r *Report) told(received time.Time) (told []toldScan, said time.Time, dated bool) {
	usable := func(t time.Time) bool { return t.Year() >= 1970 && !t.After(received.Add(clockSkew)) }
	before := time.Time{}
	for i := range r.Scans {
		if at := milli(r.Scans[i].At); usable(at) {
			before = cmp.Or(before, at)
			said = latest(said, at)
		}
	}
	for _, at := range []time.Time{milli(r.SaidAt), milli(r.Version)} {
		if usable(at) {
			said = at
		}
	}
	if dated = !said.IsZero(); !dated {
		said = milli(received)
	}
	before = cmp.Or(before, said)
	told = make([]toldScan, len(r.Scans))
	for i := range r.Scans {
		s := r.Scans[i]
		s.Text, s.Place, s.At = Words(s.Text, MaxScanText), Words(s.Place, MaxScanPlace), milli(s.At)
		t := toldScan{Scan: s, hash: s.hash()}
		switch {
		case usable(s.At):
			before = s.At
		case s.At.IsZero() && r.Snapshot:
			t.At = before // a list tells the order where it tells no time
		default:
			t.At, t.ours = said, !dated
		}
		t.ID = ""
		told[i] = t
	}
	return told, said, dated
}

// hash identifies a single scan: by the provider's id, else by what it says. It
// is stored, so it never changes.
func (s *Scan) hash() uint32 {
	if s.ID != "" {
		return fold(hashText(hashStart, s.ID))
	}
	var b [10]byte
	b[0], b[1] = byte(s.Status), byte(s.Code)
	binary.LittleEndian.PutUint64(b[2:], uint64(s.At.UnixMilli()))
	return fold(hashText(hashText(hashText(hashStart, string(b[:])), s.Text), s.Place))
}

// digestOf identifies a snapshot's content; never 0.
func digestOf(told []toldScan) uint32 {
	h := uint64(hashStart)
	for i := range told {
		h = (h ^ uint64(told[i].hash)) * hashPrime
	}
	return max(1, fold(h))
}

// FNV-1a, 64 bits.
const hashStart, hashPrime = 14695981039346656037, 1099511628211

// hashText adds s and an end mark that no tidied text holds.
func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return (h ^ 0xff) * hashPrime
}

func fold(h uint64) uint32 { return uint32(h>>32) ^ uint32(h) }

// course is what a set of scans says together. join is commutative, associative
// and, but for the count, idempotent: that is what makes the order and the
// number of deliveries not matter.
type course struct {
	count uint32
	moved mark               // latest scan that ends nothing; what is a TrackStatus
	first [finals]time.Time  // earliest scan of each kind that ends or turns the journey
	ended [len(endable)]mark // latest scan that began or ended each endable trouble; what is a TrackCode
	ever  UnitTrouble        // troubles that never end
	last  Scan               // latest scan of all
}

// mark is a time with a rank that decides between equal times.
type mark struct {
	at   time.Time
	what uint8
}

const (
	firstCancelled = iota
	firstDelivered
	firstReturning
	firstReturned
	finals
)

var endable = [...]UnitTrouble{UnitLost, UnitHeld, UnitCustoms, UnitPartial}

const everlasting = UnitDamaged | UnitRefused

// course returns what one scan says.
func (t *toldScan) course() course {
	c := course{count: 1, last: t.Scan}
	code := t.Code
	if code == StatusOnly {
		code = plainCodes[t.Status]
	}
	rule := codeRules[code]
	if !rule.moves {
		return c
	}
	switch t.Status {
	case TrackUnknown, Expired:
	case TrackCancelled:
		c.first[firstCancelled] = t.At
	case Delivered:
		c.first[firstDelivered] = t.At
	case Returning:
		c.first[firstReturning] = t.At
	case Returned:
		c.first[firstReturned] = t.At
	default:
		c.moved = mark{t.At, uint8(t.Status)}
	}
	switch code {
	case PickedUpByConsignee:
		c.first[firstDelivered] = t.At
	case ReturnStarted:
		c.first[firstReturning] = t.At
	case CodeReturned:
		c.first[firstReturned] = t.At
	}
	for i, trouble := range endable {
		if (rule.begins|rule.ends)&trouble != 0 {
			c.ended[i] = mark{t.At, uint8(code)}
		}
	}
	c.ever = rule.begins & everlasting
	return c
}

// join returns what two sets of scans say together.
func (c course) join(o course) course {
	c.count += o.count
	c.moved = c.moved.later(o.moved)
	for i := range c.first {
		c.first[i] = earliest(c.first[i], o.first[i])
	}
	for i := range c.ended {
		c.ended[i] = c.ended[i].later(o.ended[i])
	}
	c.ever |= o.ever
	if o.last.after(&c.last) {
		c.last = o.last
	}
	return c
}

// returning returns when the unit turned back; zero if it did not.
func (c *course) returning() time.Time {
	return earliest(c.first[firstReturning], c.first[firstReturned])
}

// arrived returns the first delivery, unless the unit had turned back by then:
// what the carrier delivers after that goes to the sender.
func (c *course) arrived() time.Time {
	delivered, back := c.first[firstDelivered], c.returning()
	if !back.IsZero() && !delivered.Before(back) {
		return time.Time{}
	}
	return delivered
}

// status returns where the unit stands and since when. What ends a journey is
// not undone by anything dated later or arriving later, and a return outranks a
// delivery, which outranks a cancelled label.
func (c *course) status() (TrackStatus, time.Time) {
	first, back := &c.first, c.returning()
	switch {
	case !first[firstReturned].IsZero():
		return Returned, first[firstReturned]
	case !c.arrived().IsZero():
		return Delivered, c.arrived()
	case !first[firstDelivered].IsZero():
		return Returned, first[firstDelivered]
	case !back.IsZero():
		return Returning, back
	case !first[firstCancelled].IsZero():
		return TrackCancelled, first[firstCancelled]
	}
	return TrackStatus(c.moved.what), c.moved.at
}

func (c *course) troubles() UnitTrouble {
	t := c.ever
	for i, trouble := range endable {
		t |= codeRules[c.ended[i].what].begins & trouble
	}
	if !c.returning().IsZero() {
		t |= UnitReturning
	}
	if status, _ := c.status(); status == Returned {
		t |= UnitReturned
	}
	return t
}

func (m mark) later(o mark) mark {
	if cmp.Or(o.at.Compare(m.at), cmp.Compare(o.what, m.what)) > 0 {
		return o
	}
	return m
}

// after orders scans by time, then by what they say, so that the latest of a
// set does not depend on who is asked first.
func (s *Scan) after(o *Scan) bool {
	return cmp.Or(s.At.Compare(o.At), cmp.Compare(s.Code, o.Code), cmp.Compare(s.Status, o.Status),
		cmp.Compare(s.Text, o.Text), cmp.Compare(s.Place, o.Place)) > 0
}

// codeRule is what a code says of the goods.
type codeRule struct {
	moves        bool        // an actual event; anything else is a plan, a remark or the tracker's own business
	begins, ends UnitTrouble // troubles
}

const (
	handled = UnitLost | UnitHeld   // who handles a unit has it and lets it go on
	beyond  = handled | UnitCustoms // customs does not let go what it holds
	whole   = beyond | UnitPartial
)

// codeRules has one row per code. Source: reference "normalised event" 3.2 and
// "state rules"; which code ends which trouble is our own decision.
var codeRules = [trackCodeCount]codeRule{
	CodeUnknown:           {}, // a code nobody mapped moves nothing
	InfoReceived:          {moves: true},
	PickedUp:              {moves: true, ends: handled},
	DroppedOff:            {moves: true, ends: handled},
	Departed:              {moves: true, ends: handled},
	ArrivedAt:             {moves: true, ends: handled},
	HubScan:               {moves: true, ends: handled},
	Loaded:                {moves: true, ends: handled},
	Discharged:            {moves: true, ends: handled},
	GateIn:                {moves: true, ends: handled},
	GateOut:               {moves: true, ends: handled},
	Stuffed:               {moves: true, ends: handled},
	Stripped:              {moves: true, ends: handled},
	Berthed:               {moves: true}, // the vessel was handled, not the unit
	RailLoaded:            {moves: true, ends: handled},
	RailUnloaded:          {moves: true, ends: handled},
	CustomsEntered:        {moves: true},
	CustomsHold:           {moves: true, begins: UnitCustoms},
	CustomsReleased:       {moves: true, ends: UnitCustoms},
	Inspected:             {moves: true}, // an inspection is not yet a release
	Available:             {moves: true, ends: handled},
	AppointmentSet:        {}, // a plan
	Rescheduled:           {}, // a plan
	CodeOutForDelivery:    {moves: true, ends: beyond},
	CodeDeliveryAttempted: {moves: true, ends: beyond},
	CodeDelivered:         {moves: true, ends: whole},
	DeliveredPartial:      {moves: true, begins: UnitPartial, ends: beyond},
	PickedUpByConsignee:   {moves: true, ends: whole},
	EmptyReturned:         {moves: true, ends: beyond},
	Held:                  {moves: true, begins: UnitHeld},
	Delayed:               {moves: true}, // the ETA says by how much
	Damaged:               {moves: true, begins: UnitDamaged},
	Lost:                  {moves: true, begins: UnitLost},
	Refused:               {moves: true, begins: UnitRefused},
	AddressIssue:          {moves: true}, // late, but on its way
	ReturnStarted:         {moves: true},
	CodeReturned:          {moves: true},
	CodeCancelled:         {moves: true},
	ETAChanged:            {}, // an estimate
	TrackingStarted:       {}, // the tracker's business
	TrackingStopped:       {}, // the tracker's business
	CodeInfo:              {}, // a remark
}

// plainCodes is what a status alone says.
var plainCodes = [trackStatusCount]TrackCode{
	TrackUnknown:       CodeUnknown,
	PreTransit:         InfoReceived,
	InTransit:          HubScan,
	AvailableForPickup: Available,
	OutForDelivery:     CodeOutForDelivery,
	DeliveryAttempted:  CodeDeliveryAttempted,
	Delivered:          CodeDelivered,
	Exception:          Held, // something is wrong and nobody says what: rely on nothing until it moves again
	Returning:          ReturnStarted,
	Returned:           CodeReturned,
	TrackCancelled:     CodeCancelled,
	Expired:            TrackingStopped,
}

// NormalNumber returns the form in which numbers are compared and stored as
// keys: upper case, without blanks and dashes. People and carriers write the
// same number as "1Z 999 AA1" on a label, "1z999aa1" in a form and
// "MSKU 123456-7" on a container.
func NormalNumber(s string) string { return separators.Replace(strings.ToUpper(s)) }

var separators = strings.NewReplacer(" ", "", "-", "")

// ParseTrackingNumber returns s as it was written, or fault.Invalid naming
// field. Source: SP-API fulfillment inbound 2024-03-20, trackingId and
// freightBillNumber: 1 to 64 of ^[a-zA-Z0-9-._ ]*$. At least one must be a
// letter or a digit, or the number would have no normal form.
func ParseTrackingNumber(field, s string) (string, error) {
	if err := parseName(field, s, 64, upper+lower+digits+"-._ "); err != nil {
		return "", err
	}
	if !strings.ContainsAny(s, upper+lower+digits) {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s %q has neither a letter nor a digit", field, s)
	}
	return s, nil
}

// issuerAliases maps carriers' codes to their name. Sources:
// retailreadyedi.com/docs/shipping/tracking-and-carriers (SCAC), and the
// carrierCode values of FedEx's Track API (FDXE, FDXG, FXFR, FXSP).
var issuerAliases = map[string]string{
	"UPSN": "UPS", "UPGF": "UPS",
	"FDEG": "FEDEX", "FDEN": "FEDEX", "FXNL": "FEDEX", "FDXE": "FEDEX", "FDXG": "FEDEX", "FXFR": "FEDEX", "FXSP": "FEDEX",
}

// NormalIssuer returns the form in which carriers are compared: upper case, one
// name for all known codes of a carrier, at most 24 bytes.
func NormalIssuer(s string) string {
	s = Words(strings.ToUpper(s), maxIssuer)
	return cmp.Or(issuerAliases[s], s)
}

// SameIssuer reports whether two names may mean the same carrier: they do unless
// both are known and differ. Source: design section 3, "Webhooks".
func SameIssuer(a, b string) bool {
	a, b = NormalIssuer(a), NormalIssuer(b)
	return a == "" || b == "" || a == b
}

// tidied returns w in UTC with From set and not after To; the zero Window when
// it names no usable time.
func (w Window) tidied() Window {
	w.From, w.To = milli(w.From), milli(w.To)
	if w.To.IsZero() {
		return Window{}
	}
	if w.From.IsZero() || w.From.After(w.To) {
		w.From = w.To
	}
	return w
}

// milli returns t in UTC as it is stored, in whole milliseconds; zero for a time
// before 1970 or after 9999, which nobody can mean.
func milli(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest returns the earlier of two times; zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
