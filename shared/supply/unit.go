package supply

import (
	"cmp"
	"slices"
	"strings"
	"time"
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

// Unit is what is known of one transport unit: a box, a PRO number, a container,
// or a paper about the whole shipment.
//
// Two histories are kept apart: what the newest snapshot says (a provider that
// always repeats everything: its newest list replaces the older one whole) and
// single scans, one by one (a provider that says each thing once, and may
// correct it or take it back). The state is found from these two and from
// nothing else, so the same reports in any order, any number of times, end in
// the same Unit.
//
// A record has room for some forty single scans. Where more come, the earliest
// are forgotten one by one, but for what they add up to; see forget.
//
// The fields from Status to ETASource are found by Apply, Restart and
// UnpackUnit; setting them by hand is not stored. Units share memory, so nobody
// writes into a unit's slices.
type Unit struct {
	Number    string       // as it was registered; the normal form when a carrier spoke first
	Issuer    string       // the carrier, see NormalIssuer; "" while nobody said
	Shipments []ShipmentID // that travel under the number, sorted, at most MaxLinks; none while it is not registered
	Since     time.Time    // what is dated before it is an earlier parcel's; zero = nothing is; see Restart

	Status   TrackStatus
	StatusAt time.Time // when the unit reached Status, UTC
	Arrived  time.Time // first delivery that is not one to the sender; zero = not delivered
	Troubles UnitTrouble
	Scans    uint32 // distinct scans that stand, of this parcel
	Unmapped uint32 // those of them with a code that nobody mapped
	Last     Scan   // the latest of them, for people; its words only where they are known

	ETA           Window    // see Arrival; the zero Window while nobody says
	ETASaidAt     time.Time // when it was said
	ETAClassifier Classifier
	ETASource     ETASource

	Version   time.Time  // of the newest accepted snapshot; zero without one
	Heard     time.Time  // latest scan or ETA statement, by the carrier's clock; never moves back
	Estimates []Estimate // what stands of each kind and place, sorted by these, at most maxEstimates

	digest uint32 // of the newest snapshot; 0 without one
	listed course // what the newest snapshot says
	begun  moment // its earliest scan
	over   moment // earliest end of a parcel in any snapshot

	entries []entry // single scans, sorted by their hash
	folded  course  // what the forgotten ones say
	till    moment  // the latest of these; 0 while none is forgotten

	words words  // of the latest scan of the snapshot, or of all single scans where there is no snapshot
	born  moment // found: what happened before is an earlier parcel's
}

// Apply returns the unit after one report, and whether anything changed: a
// report that was applied before changes nothing. received is our own clock, in
// UTC; it is used only where the carrier's own times are missing or ahead of it
// by more than clocks and zones differ. u is not changed.
//
// A report of another carrier than the unit's (SameIssuer) changes nothing.
//
// When the report shows that the carrier has given the number to a new parcel
// (see life), the unit is that parcel from then on and leads to no shipment any
// more: those that it led to travelled in the parcel before, which had ended.
//
// Source: reference "state rules" 1 to 9; features F86 to F88.
func (u Unit) Apply(r Report, received time.Time) (next Unit, changed bool) {
	if !SameIssuer(u.Issuer, r.Issuer) {
		return u, false
	}
	next = u
	next.Number = cmp.Or(u.Number, NormalNumber(r.Number))
	next.Issuer = cmp.Or(u.Issuer, NormalIssuer(r.Issuer))
	told, said, dated := r.told(received)
	fresh := false
	if r.Snapshot {
		next.replace(told, said, dated)
	} else {
		fresh = next.add(told)
	}
	for _, e := range r.ETAs {
		if at := milli(e.SaidAt); usable(at, received, clockSkew) {
			e.SaidAt = at
		} else if e.SaidAt = said; !dated && !fresh {
			continue // what only our own clock can date counts once
		}
		next.estimate(e)
	}
	next.squeeze()
	next.find()
	if next.succeeds(&u) {
		next.Shipments = nil
	}
	return next, !next.same(&u)
}

// Restart returns the unit as it follows a parcel that began at since: what is
// dated before is an earlier parcel's, and neither those scans nor the ETAs that
// were said before speak any more. Whoever links a unit to a shipment says so
// when the number was used before. It never goes back to an earlier time.
//
// A scan dated before since that comes late is remembered, so that its
// repetition and its correction are recognised, but it neither counts nor moves
// anything; a correction that dates it after since makes it speak. Of forgotten
// scans, and of a list until its provider sends a newer one, only the latest of
// each kind and the first end of the journey are known, and speak if they are
// dated since.
func (u Unit) Restart(since time.Time) Unit {
	since = milli(since)
	if !since.After(u.Since) {
		return u
	}
	u.Since = since
	u.folded = u.folded.since(momentOf(since)) // or what is folded next would hide behind it
	u.find()
	return u
}

// succeeds reports whether u is a new parcel under the number of before, which
// had ended.
func (u *Unit) succeeds(before *Unit) bool {
	ended := before.Status == Delivered || before.Status == Returned || before.Status == TrackCancelled
	return ended && u.born > momentOf(before.StatusAt)+reuseAfter
}

// replace takes the newer of two snapshots whole. Lists of the same version are
// told apart by their length, then by their content.
func (u *Unit) replace(told []toldScan, said time.Time, dated bool) {
	list := listOf(told, momentOf(u.Since))
	u.over = u.over.first(list.over)
	version, digest := time.Time{}, digestOf(told)
	if dated {
		version = said
		for i := range told {
			u.hear(&told[i].entry)
		}
	}
	if cmp.Or(version.Compare(u.Version), cmp.Compare(list.count, u.listed.count), cmp.Compare(digest, u.digest)) <= 0 {
		return
	}
	u.Version, u.digest, u.listed, u.begun, u.words = version, digest, list.course, list.begun, list.words
}

// hear notes that the carrier is alive. That its tracker stopped is no news of
// the goods.
func (u *Unit) hear(e *entry) {
	if e.status != Expired && e.code != TrackingStopped {
		u.Heard = latest(u.Heard, e.at.time())
	}
}

// same reports whether u and o would be stored alike.
func (u *Unit) same(o *Unit) bool {
	return u.Number == o.Number && u.Issuer == o.Issuer && slices.Equal(u.Shipments, o.Shipments) && u.Since.Equal(o.Since) &&
		u.Version.Equal(o.Version) && u.Heard.Equal(o.Heard) && slices.Equal(u.Estimates, o.Estimates) &&
		u.digest == o.digest && u.listed == o.listed && u.begun == o.begun && u.over == o.over &&
		slices.Equal(u.entries, o.entries) && u.folded == o.folded && u.till == o.till && u.words == o.words
}

// find sets what follows from the two histories.
func (u *Unit) find() {
	u.born = u.life()
	early, list := u.folded.since(u.born), u.listed.since(u.born)
	c := early.join(&list)
	var last *entry
	local := early.marks.local() || list.marks.local()
	for i := range u.entries {
		if e := &u.entries[i]; e.speaks(u.born) {
			c.see(e, false)
			local = local || e.local
			if last == nil || e.after(last) {
				last = e
			}
		}
	}
	if local {
		c.marks = u.farthest(&c, &early, &list)
	}
	u.Status, u.StatusAt = c.status()
	u.Arrived = c.arrived().time()
	u.Troubles = c.troubles()
	u.Scans, u.Unmapped = c.count, c.unmapped
	u.Last = c.last.scan()
	if u.digest != 0 && c.last == list.last || u.digest == 0 && last != nil && c.last == last.sight && u.words.of(last) {
		u.Last.Text, u.Last.Place = u.words.text, u.words.place
	}
	arrival, _ := u.Arrival()
	u.ETA, u.ETASaidAt, u.ETAClassifier, u.ETASource = arrival.Window, arrival.SaidAt, arrival.Classifier, arrival.Source
}

// farthest returns the marks of c, less sure of the order of local times: of the
// scans that may be the latest, the one that is farthest along decides.
// early and list are parts of c.
func (u *Unit) farthest(c, early, list *course) marks {
	far := c.marks
	for k := range far {
		far[k] = far[k].farther(early.marks[k], c.marks[k]).farther(list.marks[k], c.marks[k])
	}
	for i := range u.entries {
		if e := &u.entries[i]; e.speaks(u.born) {
			said := e.says()
			for k := range far {
				far[k] = far[k].farther(e.mark(&said, k), c.marks[k])
			}
		}
	}
	return far
}

// life returns the moment at which the parcel began that the number is used for
// now; 0 when nothing shows that there was one before. Source: reference "state
// rules" 9, with 30 days for "long after".
//
// A parcel has ended when it was delivered, returned or cancelled. A new one
// begins with a single scan that announces it, or with the earliest scan of a
// snapshot, more than 30 days after that.
func (u *Unit) life() moment {
	life := momentOf(u.Since)
	if u.over != 0 && u.begun > u.over+reuseAfter {
		life = max(life, u.begun)
	}
	early, list := u.folded.since(life), u.listed.since(life)
	start, _ := reuse(u.entries, life, &early, &list)
	return max(life, start)
}
