package supply

import (
	"cmp"
	"slices"
	"time"
)

// course is what a set of scans says together. Seeing scans in any order and
// joining courses in any order gives the same course, and but for the counts it
// does not matter how often.
type course struct {
	count, unmapped uint32         // distinct scans, and those with a code that nobody mapped; at most maxCount
	marks           marks          // latest of each kind
	first           [finals]moment // earliest scan of each kind that ends or turns the journey
	ever            UnitTrouble    // troubles that never end
	last            sight          // latest scan of all
}

// maxCount bounds a count in the record.
const maxCount = 1<<16 - 1

// sight is a scan, less its words.
type sight struct {
	at     moment
	status TrackStatus
	code   TrackCode
	local  bool // at may be off by reach
}

// compare orders scans by time, then by what they say, so that the latest of a
// set does not depend on who is asked first.
func (s sight) compare(o sight) int {
	if s.at != o.at {
		return cmp.Compare(s.at, o.at)
	}
	return cmp.Or(cmp.Compare(s.code, o.code), cmp.Compare(s.status, o.status), compareBool(o.local, s.local))
}

func (s sight) scan() Scan {
	return Scan{At: s.at.time(), Status: s.status, Code: s.code, Local: s.local}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// mark is a scan's time with its rank as a milestone: the place of its status, or
// of its code, among the constants, which stand in the order in which a shipment
// meets them. Of the statuses only those that move can be ranked here: PRE_TRANSIT,
// IN_TRANSIT, AVAILABLE_FOR_PICKUP, OUT_FOR_DELIVERY, DELIVERY_ATTEMPTED,
// EXCEPTION. What ends a journey is decided apart; see status.
type mark struct {
	at    moment
	what  uint8
	local bool
}

// marks are the latest scan that moved the unit, and for each endable trouble
// the latest that began or ended it.
type marks [1 + len(endable)]mark

var endable = [...]UnitTrouble{UnitLost, UnitHeld, UnitCustoms, UnitPartial}

const everlasting = UnitDamaged | UnitRefused

func (m *marks) local() bool {
	return slices.ContainsFunc(m[:], func(m mark) bool { return m.local })
}

// later returns the later mark; of equal times the one farther along.
func (m mark) later(o mark) mark {
	if o.at > m.at || o.at == m.at && cmp.Or(cmp.Compare(o.what, m.what), compareBool(m.local, o.local)) > 0 {
		return o
	}
	return m
}

// reach is how far a local time of an unknown zone may be off, either way.
// Source: reference "state rules" 6; zones go from UTC-12 to UTC+14.
const reach = 14 * hours

// farther returns o instead of m when it is farther along and nobody can tell
// whether it was before the latest mark of all.
func (m mark) farther(o, latest mark) mark {
	vague := (o.local || latest.local) && o.at != 0 && o.at >= latest.at-reach
	if vague && cmp.Or(cmp.Compare(o.what, m.what), cmp.Compare(o.at, m.at)) > 0 {
		return o
	}
	return m
}

const (
	firstCancelled = iota
	firstDelivered
	firstReturning
	firstReturned
	finals
)

// saying is what one scan says.
type saying struct {
	moves  bool // it is the first of the marks, by its status
	code   TrackCode
	begins UnitTrouble
	ends   UnitTrouble
	finals [finals]bool
}

func (e *entry) says() (s saying) {
	if s.code = e.code; e.code == StatusOnly {
		s.code = plainCodes[e.status]
	}
	rule := &codeRules[s.code]
	if !rule.moves {
		return s
	}
	s.begins, s.ends = rule.begins, rule.ends
	switch e.status {
	case TrackUnknown, Expired:
	case TrackCancelled:
		s.finals[firstCancelled] = true
	case Delivered:
		s.finals[firstDelivered] = true
	case Returning:
		s.finals[firstReturning] = true
	case Returned:
		s.finals[firstReturned] = true
	default:
		s.moves = true
	}
	switch s.code {
	case PickedUpByConsignee:
		s.finals[firstDelivered] = true
	case ReturnStarted:
		s.finals[firstReturning] = true
	case CodeReturned:
		s.finals[firstReturned] = true
	}
	return s
}

// mark returns the scan as one of the marks; the zero mark where it is none.
func (e *entry) mark(s *saying, k int) mark {
	switch {
	case k == 0 && s.moves:
		return mark{e.at, uint8(e.status), e.local}
	case k > 0 && (s.begins|s.ends)&endable[k-1] != 0:
		return mark{e.at, uint8(s.code), e.local}
	}
	return mark{}
}

// see adds a scan. Of equal times the one farther along is the later, but in a
// list the one that stands later.
func (c *course) see(e *entry, listed bool) {
	c.count = min(c.count+1, maxCount)
	if e.code == CodeUnknown {
		c.unmapped = min(c.unmapped+1, maxCount)
	}
	said := e.says()
	for k := range c.marks {
		m := e.mark(&said, k)
		if listed && m.at != 0 && m.at == c.marks[k].at {
			c.marks[k] = m
		}
		c.marks[k] = c.marks[k].later(m)
	}
	for i, is := range said.finals {
		if is {
			c.first[i] = c.first[i].first(e.at)
		}
	}
	c.ever |= said.begins & everlasting
	if listed && e.at == c.last.at || e.sight.compare(c.last) > 0 {
		c.last = e.sight
	}
}

// join returns what two sets of scans say together.
func (c course) join(o *course) course {
	c.count, c.unmapped = min(c.count+o.count, maxCount), min(c.unmapped+o.unmapped, maxCount)
	for k := range c.marks {
		c.marks[k] = c.marks[k].later(o.marks[k])
	}
	for i := range c.first {
		c.first[i] = c.first[i].first(o.first[i])
	}
	c.ever |= o.ever
	if o.last.compare(c.last) > 0 {
		c.last = o.last
	}
	return c
}

// since returns what is left of c when what happened before a moment no longer
// speaks. Troubles that never end have no time of their own: they stay unless all
// happened before.
func (c course) since(start moment) course {
	if c.last.at < start {
		return course{}
	}
	for k := range c.marks {
		if c.marks[k].at < start {
			c.marks[k] = mark{}
		}
	}
	for i := range c.first {
		if c.first[i] < start {
			c.first[i] = 0
		}
	}
	return c
}

// returning returns when the unit turned back; 0 if it did not.
func (c *course) returning() moment {
	return c.first[firstReturning].first(c.first[firstReturned])
}

// arrived returns the first delivery, unless the unit had turned back by then:
// what the carrier delivers after that goes to the sender.
func (c *course) arrived() moment {
	delivered, back := c.first[firstDelivered], c.returning()
	if back != 0 && delivered >= back {
		return 0
	}
	return delivered
}

// status returns where the unit stands and since when. What ends a journey is
// not undone by anything dated later or arriving later, and a return outranks a
// delivery, which outranks a cancelled label.
func (c *course) status() (TrackStatus, time.Time) {
	status, at := TrackStatus(c.marks[0].what), c.marks[0].at
	first := &c.first
	switch {
	case first[firstReturned] != 0:
		status, at = Returned, first[firstReturned]
	case c.arrived() != 0:
		status, at = Delivered, c.arrived()
	case first[firstDelivered] != 0:
		status, at = Returned, first[firstDelivered]
	case first[firstReturning] != 0:
		status, at = Returning, first[firstReturning]
	case first[firstCancelled] != 0:
		status, at = TrackCancelled, first[firstCancelled]
	}
	return status, at.time()
}

func (c *course) troubles() UnitTrouble {
	t := c.ever
	for i, trouble := range endable {
		t |= codeRules[c.marks[1+i].what].begins & trouble
	}
	if c.returning() != 0 {
		t |= UnitReturning
	}
	if status, _ := c.status(); status == Returned {
		t |= UnitReturned
	}
	return t
}

// reuseAfter is how long after the end of a parcel its number may be given to
// another one.
const reuseAfter = 30 * 24 * hours

// endOf returns when a parcel with these first scans had ended, as far as they
// lie from start to before; 0 if it had not.
func endOf(first *[finals]moment, start, before moment) (end moment) {
	for _, i := range [...]int{firstCancelled, firstDelivered, firstReturned} {
		if at := first[i]; at >= start && at < before {
			end = max(end, at)
		}
	}
	return end
}

// reuse returns the start of the last parcel that single scans announce more
// than 30 days after the end of the one before, and that end; 0 when there is
// none. Scans before since do not speak; known is what else is known to have
// happened.
func reuse(scans []entry, since moment, known ...*course) (start, ended moment) {
	if !mayBeReused(scans, since, known) {
		return 0, 0 // as ever: spare it the sorting
	}
	scans = slices.Clone(scans)
	slices.SortFunc(scans, func(a, b entry) int { return a.sight.compare(b.sight) })
	var first [finals]moment
	for i := range scans {
		e := &scans[i]
		if !e.speaks(since) {
			continue
		}
		if e.announces() {
			end := endOf(&first, start, e.at)
			for _, c := range known {
				end = max(end, endOf(&c.first, start, e.at))
			}
			if end != 0 && e.at > end+reuseAfter {
				start, ended, first = e.at, end, [finals]moment{}
			}
		}
		e.end(&first)
	}
	return start, ended
}

// mayBeReused reports whether anything ended long before the last announcement.
func mayBeReused(scans []entry, since moment, known []*course) bool {
	var announced moment
	for i := range scans {
		if e := &scans[i]; e.speaks(since) && e.announces() {
			announced = max(announced, e.at)
		}
	}
	before := announced - reuseAfter
	var first [finals]moment
	for i := range scans {
		if e := &scans[i]; e.at < before && e.speaks(since) {
			e.end(&first)
		}
	}
	end := endOf(&first, since, before)
	for _, c := range known {
		end = max(end, endOf(&c.first, since, before))
	}
	return end != 0
}

// end notes what the scan ends.
func (e *entry) end(first *[finals]moment) {
	for i, is := range e.says().finals {
		if is {
			first[i] = first[i].first(e.at)
		}
	}
}

// announces reports whether a scan opens the life of a parcel.
func (e *entry) announces() bool {
	return e.status == PreTransit && (e.code == StatusOnly || codeRules[e.code].moves)
}

// snapshot is what a list of scans says.
type snapshot struct {
	course
	begun moment // its earliest scan
	over  moment // the end of its parcel, or of the one before; 0 while it goes on
	words words  // of its last scan
}

// listOf returns what a list says of the parcel that it ends with.
func listOf(told []toldScan, since moment) (s snapshot) {
	scans := make([]entry, len(told))
	for i := range told {
		scans[i] = told[i].entry
	}
	start, ended := reuse(scans, since)
	for i := range scans {
		e := &scans[i]
		if !e.speaks(max(start, since)) {
			continue
		}
		s.see(e, true)
		s.begun = s.begun.first(e.at)
		if s.last == e.sight {
			s.words = words{text: told[i].Text, place: told[i].Place}
		}
	}
	s.over = ended.first(endOf(&s.first, 0, eternity))
	return s
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
