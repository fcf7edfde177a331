package supply

import (
	"cmp"
	"slices"
	"time"
)

// maxEstimates is how many kinds and places of arrival a unit keeps apart.
const maxEstimates = 6

// estimate keeps what stands of each kind and place: a plan never overrides an
// estimate, nor an estimate what happened; else what was said last stands; of two
// said at once the later, so that nothing is promised too early. Where there are
// too many places the earliest arrival is forgotten, which is not the last one.
func (u *Unit) estimate(e Estimate) {
	e, ok := e.tidied()
	if !ok {
		return
	}
	u.Heard = latest(u.Heard, e.SaidAt)
	at, known := slices.BinarySearchFunc(u.Estimates, e, Estimate.compareSlot)
	switch {
	case !known:
		u.Estimates = slices.Insert(slices.Clip(u.Estimates), at, e)
	case e.compare(u.Estimates[at]) > 0:
		u.Estimates = slices.Clone(u.Estimates)
		u.Estimates[at] = e
	}
	if len(u.Estimates) > maxEstimates {
		first := slices.MinFunc(u.Estimates, func(a, b Estimate) int { return a.To.Compare(b.To) })
		u.Estimates = slices.DeleteFunc(u.Estimates, func(e Estimate) bool { return e.compareSlot(first) == 0 })
	}
}

func (e Estimate) compareSlot(o Estimate) int {
	return cmp.Or(cmp.Compare(e.Kind, o.Kind), cmp.Compare(e.Place, o.Place))
}

// compare orders two statements about one arrival; the greater one stands.
func (e Estimate) compare(o Estimate) int {
	return cmp.Or(cmp.Compare(e.Classifier, o.Classifier), e.SaidAt.Compare(o.SaidAt), e.To.Compare(o.To), e.From.Compare(o.From),
		compareBool(e.DateOnly, o.DateOnly), cmp.Compare(e.Source, o.Source))
}

// tidied returns the estimate as it is kept; false when it says nothing. One that
// takes back what was said is as sure as an estimate, whatever it claims: what
// happened is taken back by no forecast.
func (e Estimate) tidied() (Estimate, bool) {
	if e.Kind >= etaKindCount || e.Classifier >= classifierCount || e.Source >= etaSourceCount {
		return e, false
	}
	e.Place = placeMark(e.Place)
	if e.From.IsZero() && e.To.IsZero() {
		return Estimate{Window: Window{Kind: e.Kind}, Classifier: Estimated, Source: e.Source, Place: e.Place, SaidAt: e.SaidAt}, true
	}
	e.Window = e.Window.tidied()
	return e, e.Known()
}

// tidied returns w in UTC with From set and not after To; not Known when it names
// no usable time.
func (w Window) tidied() Window {
	w.From, w.To = milli(w.From), milli(w.To)
	if w.To.IsZero() {
		return Window{Kind: w.Kind}
	}
	if w.From.IsZero() || w.From.After(w.To) {
		w.From = w.To
	}
	return w
}

// maxPlace is the bytes of a place in a unit's record: those of a UN/LOCODE.
const maxPlace = 5

// placeMark returns what tells places apart: a UN/LOCODE as it is, of a longer
// name a mark that nobody can read.
func placeMark(place string) string {
	place = NormalNumber(Words(place, 4*MaxScanPlace))
	if len(place) <= maxPlace {
		return place
	}
	const alphabet = upper + lower + digits + "+/"
	h, mark := fold(hashText(hashStart, place)), []byte{'#'}
	for len(mark) < maxPlace {
		mark = append(mark, alphabet[h%64])
		h /= 64
	}
	return string(mark)
}

// Arrival returns the statement that makes the arrival, and false when there is
// none: of the places of one kind the last, since a port of transshipment is not
// where the journey ends; of the kinds the one nearest to our dock, unless one
// that is farther away was named since and for later. What was said of an earlier
// parcel of the number does not count.
func (u *Unit) Arrival() (arrival Estimate, known bool) {
	for kind := range etaKindCount {
		last, ok := u.lastOf(kind)
		if ok && (!known || last.SaidAt.After(arrival.SaidAt) && last.end().After(arrival.end())) {
			arrival, known = last, true
		}
	}
	return arrival, known
}

// lastOf returns the last known arrival of one kind; of equal ones what was said
// last.
func (u *Unit) lastOf(kind ETAKind) (last Estimate, known bool) {
	for _, e := range u.Estimates {
		if e.Kind != kind || !e.Known() || momentOf(e.SaidAt) < u.born {
			continue
		}
		if !known || cmp.Or(e.end().Compare(last.end()), e.SaidAt.Compare(last.SaidAt)) > 0 {
			last, known = e, true
		}
	}
	return last, known
}

// end returns when the window ends; a named day counts as its noon in UTC, which
// is on that day in every zone.
func (w Window) end() time.Time {
	if w.DateOnly {
		return w.To.Add(12 * time.Hour)
	}
	return w.To
}
