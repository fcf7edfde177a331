package supply_test

// Works by asking a second, slow and plain telling of the state rules what random
// histories come to, and comparing; then by small histories of numbers that are
// used again. It would catch a rule that two shortcuts of the real one break
// together, a correction that leaves a trace, and a parcel that speaks for the
// next one under its number.

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "headstart/shared/supply"
)

// modelled is what the model says of a unit.
type modelled struct {
	Status   string
	StatusAt time.Time
	Arrived  time.Time
	Troubles string
	Scans    int
	Unmapped int
	ETA      time.Time // its end; of a named day the noon
	Kind     ETAKind
}

func modelledOf(u Unit) modelled {
	return modelled{u.Status.String(), u.StatusAt, u.Arrived, u.Troubles.String(), int(u.Scans), int(u.Unmapped), endOf(u.ETA), u.ETA.Kind}
}

// The model keeps everything that was ever said and finds the state anew. It
// takes scans and reports with usable times only, and lists with versions that
// differ.
func model(reports []Report, since time.Time) modelled {
	singles, list := standingOf(reports), newestOf(reports)
	list = slices.DeleteFunc(placed(list), func(s Scan) bool { return s.Retracted || s.At.Before(since) })
	list = lastLife(list)
	life := since
	if len(list) > 0 {
		begun := firstAt(list)
		for _, r := range reports {
			if r.Snapshot {
				for _, over := range endsOf(slices.DeleteFunc(placed(r.Scans), func(s Scan) bool { return s.Retracted || s.At.Before(since) })) {
					if begun.After(over.Add(30*24*time.Hour)) && begun.After(life) {
						life = begun
					}
				}
			}
		}
	}
	listed := known(list)
	singles = slices.DeleteFunc(singles, func(s Scan) bool { return s.At.Before(life) })
	for again := true; again; {
		again = false
		for _, p := range byTime(singles) {
			if !opens(p) || !p.At.After(life) {
				continue
			}
			var ends []time.Time
			for _, s := range append(slices.Clone(singles), listed...) {
				if isEnd(s) && !s.At.Before(life) && s.At.Before(p.At) {
					ends = append(ends, s.At)
				}
			}
			if end := latestFirst(singles, listed, life, p.At); len(ends) > 0 && p.At.After(end.Add(30*24*time.Hour)) {
				life, again = p.At, true
				break
			}
		}
	}
	alive := func(s Scan) bool { return !s.At.Before(life) }
	var all []Scan
	for _, s := range append(slices.Clone(singles), listed...) {
		if alive(s) {
			all = append(all, s)
		}
	}
	m := state(all)
	for _, s := range singles {
		if alive(s) {
			m.count(s)
		}
	}
	if slices.ContainsFunc(list, alive) {
		for _, s := range list {
			m.count(s)
		}
	}
	eta := arrival(reports, life)
	m.ETA, m.Kind = endOf(eta), eta.Kind
	return m
}

func (m *modelled) count(s Scan) {
	m.Scans++
	if s.Code == CodeUnknown {
		m.Unmapped++
	}
}

func byTime(scans []Scan) []Scan {
	return slices.SortedStableFunc(slices.Values(scans), func(a, b Scan) int { return a.At.Compare(b.At) })
}

func firstAt(scans []Scan) time.Time { return byTime(scans)[0].At }

// standingOf returns the single scans that stand.
func standingOf(reports []Report) (stands []Scan) {
	said := map[string][]Scan{}
	for _, r := range reports {
		if !r.Snapshot {
			for _, s := range r.Scans {
				id := s.ID
				if id == "" {
					id = fmt.Sprint(s.Status, s.Code, s.At, s.Text, s.Place)
				}
				said[id] = append(said[id], s)
			}
		}
	}
	for _, all := range said {
		last := slices.MaxFunc(all, func(a, b Scan) int {
			for _, s := range []*Scan{&a, &b} {
				if s.Retracted && s.Version.IsZero() {
					s.Version = time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC)
				}
			}
			return cmp.Or(a.Version.Compare(b.Version), yes(a.Retracted)-yes(b.Retracted), a.At.Compare(b.At), cmp.Compare(a.Code, b.Code),
				cmp.Compare(a.Status, b.Status), yes(b.Local)-yes(a.Local))
		})
		if !last.Retracted {
			stands = append(stands, last)
		}
	}
	return stands
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

func newestOf(reports []Report) []Scan {
	var newest Report
	for _, r := range reports {
		if r.Snapshot && r.Version.After(newest.Version) {
			newest = r
		}
	}
	return newest.Scans
}

const zones = 14 * time.Hour

// placed returns a list with its local times where its order puts them.
func placed(list []Scan) []Scan {
	list = slices.Clone(list)
	for i := range list {
		for j := len(list) - 1; j > i; j-- {
			// The first exact time behind a local one bounds it.
			if exact := list[j]; list[i].Local && !exact.Local && !slices.ContainsFunc(list[i+1:j], func(s Scan) bool { return !s.Local }) &&
				list[i].At.After(exact.At) && list[i].At.Sub(exact.At) <= zones {
				list[i].At = exact.At
			}
		}
	}
	for i := 1; i < len(list); i++ {
		if list[i].Local && list[i].At.Before(list[i-1].At) && list[i-1].At.Sub(list[i].At) <= zones {
			list[i].At = list[i-1].At
		}
	}
	return list
}

// moving are the codes that say that something happened to the goods.
func moves(s Scan) bool {
	return !slices.Contains([]TrackCode{CodeUnknown, AppointmentSet, Rescheduled, ETAChanged, TrackingStarted, TrackingStopped, CodeInfo}, plain(s))
}

// plain returns the scan's code, or what its status alone says.
func plain(s Scan) TrackCode {
	if s.Code != StatusOnly {
		return s.Code
	}
	return map[TrackStatus]TrackCode{TrackUnknown: CodeUnknown, PreTransit: InfoReceived, InTransit: HubScan, AvailableForPickup: Available,
		OutForDelivery: CodeOutForDelivery, DeliveryAttempted: CodeDeliveryAttempted, Delivered: CodeDelivered, Exception: Held,
		Returning: ReturnStarted, Returned: CodeReturned, TrackCancelled: CodeCancelled, Expired: TrackingStopped}[s.Status]
}

func opens(s Scan) bool { return s.Status == PreTransit && moves(s) }

// The ways in which a journey ends or turns.
var turns = map[string]func(Scan) bool{
	"cancelled": func(s Scan) bool { return s.Status == TrackCancelled },
	"delivered": func(s Scan) bool { return s.Status == Delivered || s.Code == PickedUpByConsignee },
	"returning": func(s Scan) bool { return s.Status == Returning || plain(s) == ReturnStarted },
	"returned":  func(s Scan) bool { return s.Status == Returned || plain(s) == CodeReturned },
}

func isEnd(s Scan) bool {
	return moves(s) && (turns["cancelled"](s) || turns["delivered"](s) || turns["returned"](s))
}

// firsts returns the first time of each way.
func firsts(scans []Scan) map[string]time.Time {
	first := map[string]time.Time{}
	for _, s := range byTime(scans) {
		for way, is := range turns {
			if _, known := first[way]; is(s) && moves(s) && !known {
				first[way] = s.At
			}
		}
	}
	return first
}

// latestFirst returns when a parcel had ended: the last of the firsts.
func latestFirst(singles, listed []Scan, from, before time.Time) (end time.Time) {
	for _, scans := range [][]Scan{singles, listed} {
		scans = slices.DeleteFunc(slices.Clone(scans), func(s Scan) bool { return s.At.Before(from) || !s.At.Before(before) })
		for way, at := range firsts(scans) {
			if way != "returning" && at.After(end) {
				end = at
			}
		}
	}
	return end
}

// lastLife returns the scans of the last parcel in a list.
func lastLife(list []Scan) []Scan {
	for _, p := range byTime(list) {
		if end := latestFirst(list, nil, time.Time{}, p.At); opens(p) && !end.IsZero() && p.At.After(end.Add(30*24*time.Hour)) {
			return lastLife(slices.DeleteFunc(slices.Clone(list), func(s Scan) bool { return s.At.Before(p.At) }))
		}
	}
	return list
}

// endsOf returns when the parcels in a list ended.
func endsOf(list []Scan) (ends []time.Time) {
	for _, p := range byTime(list) {
		if end := latestFirst(list, nil, time.Time{}, p.At); opens(p) && !end.IsZero() && p.At.After(end.Add(30*24*time.Hour)) {
			rest := slices.DeleteFunc(slices.Clone(list), func(s Scan) bool { return s.At.Before(p.At) })
			return append(endsOf(rest), end)
		}
	}
	if end := latestFirst(list, nil, time.Time{}, hour(1e5)); !end.IsZero() {
		ends = append(ends, end)
	}
	return ends
}

// known returns what a unit remembers of a list: of each way to turn the first,
// of what moves it and of each trouble the last, and every damage.
func known(list []Scan) (kept []Scan) {
	for way, at := range firsts(list) {
		i := slices.IndexFunc(list, func(s Scan) bool { return s.At.Equal(at) && turns[way](s) && moves(s) })
		only := Scan{At: at, Status: TrackUnknown, Code: map[string]TrackCode{"returning": ReturnStarted, "returned": CodeReturned}[way], Local: list[i].Local}
		if way == "cancelled" || way == "delivered" {
			only.Status, only.Code = map[string]TrackStatus{"cancelled": TrackCancelled, "delivered": Delivered}[way], Inspected
		}
		kept = append(kept, only)
	}
	lastOf := func(is func(Scan) bool, keep func(Scan) Scan) {
		var last *Scan
		for i := range list {
			if s := &list[i]; moves(*s) && is(*s) && (last == nil || !s.At.Before(last.At)) {
				last = s
			}
		}
		if last != nil {
			kept = append(kept, keep(*last))
		}
	}
	lastOf(plainly, func(s Scan) Scan { s.Code = Inspected; return s })
	for trouble := range ending {
		touches := func(s Scan) bool {
			return slices.Contains(beginning[trouble], plain(s)) || slices.Contains(ending[trouble], plain(s))
		}
		lastOf(touches, func(s Scan) Scan { return Scan{At: s.At, Code: plain(s), Local: s.Local, Text: trouble} })
	}
	if len(list) > 0 {
		end := byTime(list)[len(list)-1].At // no time of its own: it speaks as long as anything does
		for _, code := range []TrackCode{Damaged, Refused} {
			if slices.ContainsFunc(list, func(s Scan) bool { return s.Code == code }) {
				kept = append(kept, Scan{At: end, Code: code, Text: "ever"})
			}
		}
	}
	return kept
}

// plainly reports whether a scan says where the unit is and ends nothing.
func plainly(s Scan) bool {
	return slices.Contains([]TrackStatus{PreTransit, InTransit, AvailableForPickup, OutForDelivery, DeliveryAttempted, Exception}, s.Status)
}

var (
	handling = []TrackCode{PickedUp, DroppedOff, Departed, ArrivedAt, HubScan, Loaded, Discharged, GateIn, GateOut, Stuffed, Stripped, RailLoaded,
		RailUnloaded, Available, CodeOutForDelivery, CodeDeliveryAttempted, CodeDelivered, DeliveredPartial, PickedUpByConsignee, EmptyReturned}
	beginning = map[string][]TrackCode{"LOST": {Lost}, "HELD": {Held}, "CUSTOMS_HOLD": {CustomsHold}, "DELIVERED_PARTIAL": {DeliveredPartial}}
	ending    = map[string][]TrackCode{"LOST": handling, "HELD": handling,
		"CUSTOMS_HOLD":      {CustomsReleased, CodeOutForDelivery, CodeDeliveryAttempted, CodeDelivered, DeliveredPartial, PickedUpByConsignee, EmptyReturned},
		"DELIVERED_PARTIAL": {CodeDelivered, PickedUpByConsignee}}
)

// latestOf returns the scan that decides: the latest, or of those that may be the
// latest the one of the highest rank.
func latestOf(scans []Scan, rank func(Scan) int) (Scan, bool) {
	if len(scans) == 0 {
		return Scan{}, false
	}
	nominal := slices.MaxFunc(scans, func(a, b Scan) int {
		return cmp.Or(a.At.Compare(b.At), rank(a)-rank(b), yes(b.Local)-yes(a.Local))
	})
	best := nominal
	for _, s := range scans {
		if (s.Local || nominal.Local) && nominal.At.Sub(s.At) <= zones && cmp.Or(rank(s)-rank(best), s.At.Compare(best.At)) > 0 {
			best = s
		}
	}
	return best, true
}

func state(scans []Scan) (m modelled) {
	var ways, movers []Scan
	troubles := map[string]bool{}
	for _, s := range scans {
		if !moves(s) {
			continue
		}
		if s.Text != "ever" && s.Text != "LOST" && s.Text != "HELD" && s.Text != "CUSTOMS_HOLD" && s.Text != "DELIVERED_PARTIAL" {
			ways = append(ways, s)
			if plainly(s) {
				movers = append(movers, s)
			}
		}
		troubles["DAMAGED"] = troubles["DAMAGED"] || s.Code == Damaged
		troubles["REFUSED"] = troubles["REFUSED"] || s.Code == Refused
	}
	for trouble, begin := range beginning {
		var touching []Scan
		for _, s := range scans {
			forMe := s.Text == trouble || beginning[s.Text] == nil && s.Text != "ever"
			if moves(s) && forMe && (slices.Contains(begin, plain(s)) || slices.Contains(ending[trouble], plain(s))) {
				touching = append(touching, s)
			}
		}
		last, ok := latestOf(touching, func(s Scan) int { return int(plain(s)) })
		troubles[trouble] = ok && slices.Contains(begin, plain(last))
	}
	first := firsts(ways)
	back := firsts(ways)["returning"]
	if returned, ok := first["returned"]; ok && (back.IsZero() || returned.Before(back)) {
		back = returned
	}
	delivered, isDelivered := first["delivered"]
	came := isDelivered && (back.IsZero() || delivered.Before(back))
	if came {
		m.Arrived = delivered
	}
	troubles["RETURNING"] = !back.IsZero()
	status, at := TrackUnknown, time.Time{}
	if last, ok := latestOf(movers, func(s Scan) int { return int(s.Status) }); ok {
		status, at = last.Status, last.At
	}
	cancelled, isCancelled := first["cancelled"]
	returned, isReturned := first["returned"]
	switch {
	case isReturned:
		status, at = Returned, returned
	case came:
		status, at = Delivered, delivered
	case isDelivered:
		status, at = Returned, delivered
	case !back.IsZero():
		status, at = Returning, back
	case isCancelled:
		status, at = TrackCancelled, cancelled
	}
	troubles["RETURNED"] = status == Returned
	m.Status, m.StatusAt = status.String(), at
	var names UnitTrouble
	for i, name := range []string{"LOST", "HELD", "CUSTOMS_HOLD", "DELIVERED_PARTIAL", "DAMAGED", "REFUSED", "RETURNING", "RETURNED"} {
		if troubles[name] {
			names |= 1 << i
		}
	}
	m.Troubles = names.String()
	return m
}

func endOf(w Window) time.Time { return w.To.Add(time.Duration(12*yes(w.DateOnly)) * time.Hour) }

// arrival returns the window that makes the arrival.
func arrival(reports []Report, life time.Time) (eta Window) {
	stands := map[string]Estimate{}
	for _, r := range reports {
		for _, e := range r.ETAs {
			if e.SaidAt.IsZero() {
				e.SaidAt = r.SaidAt
				if r.Snapshot {
					e.SaidAt = r.Version
				}
			}
			if !e.Known() {
				e.Classifier = Estimated
			} else if e.From.IsZero() || e.From.After(e.To) {
				e.From = e.To
			}
			slot := fmt.Sprint(e.Kind, e.Place)
			old, known := stands[slot]
			if !known || cmp.Or(cmp.Compare(e.Classifier, old.Classifier), e.SaidAt.Compare(old.SaidAt), e.To.Compare(old.To),
				e.From.Compare(old.From), yes(e.DateOnly)-yes(old.DateOnly)) > 0 {
				stands[slot] = e
			}
		}
	}
	end := func(e Estimate) time.Time { return endOf(e.Window) }
	var best *Estimate
	for _, kind := range []ETAKind{AtDock, ForPickup, AtInlandPoint, AtPort} {
		var last *Estimate
		for _, e := range stands {
			if e.Kind == kind && e.Known() && !e.SaidAt.Before(life) &&
				(last == nil || cmp.Or(end(e).Compare(end(*last)), e.SaidAt.Compare(last.SaidAt)) > 0) {
				last = &e
			}
		}
		if last != nil && (best == nil || last.SaidAt.After(best.SaidAt) && end(*last).After(end(*best))) {
			best = last
		}
	}
	if best == nil {
		return Window{}
	}
	return best.Window
}

func TestTheStateIsWhatTheRulesSayOfEverythingEverSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := drawHistory(t, 4, 30)
		for i := range reports {
			r := &reports[i]
			r.Version = time.Time{}
			if r.Snapshot {
				r.Version = hour(float64(i) + 0.5)
			}
			r.SaidAt = hour(float64(i))
			for j := range r.Scans {
				if r.Scans[j].At.IsZero() {
					r.Scans[j].At = hour(float64(j))
				}
				if r.Snapshot {
					r.Scans[j].ID = ""
				}
			}
		}
		since := rapid.SampledFrom([]time.Time{{}, hour(4), hour(600)}).Draw(t, "since")
		u := Unit{}.Restart(since)
		for _, r := range rapid.Permutation(reports).Draw(t, "order") {
			u, _ = u.Apply(r, received)
		}
		require.Equal(t, model(reports, since), modelledOf(u))
	})
}
