package supply

import "time"

// Watch is what must be remembered of a shipment while its lane learns from it.
// Lateness is counted against the arrival that was named first: later ones are
// corrections, and nobody who bought in between was told them.
type Watch struct {
	Since     time.Time // when watching began, UTC; zero = not watched
	Dated     time.Time // when an arrival was first named, UTC; zero = none yet
	ETA       Day       // its day at the dock
	Entered   int       // the bin of lateness in which the shipment stood then
	Taught    int       // the first bin that it has not taught yet
	Padding   int       // the days that its date was padded with
	Candidate bool      // its date looked sure enough
	Decided   bool      // whether that date was kept counts already
	Arrived   bool      // its arrival is learnt, so that nothing of its lateness is left to learn
	Counted   bool      // its receipts are learnt
	Again     time.Time // when time alone teaches more, UTC
	Outlook   Outlook   // what the lane said last
}

// LearnDue returns when the shipment next has something to teach; a time that is
// over means now, zero never, unless somebody speaks first.
func (s *Shipment) LearnDue() time.Time {
	w := &s.Watch
	switch arrived := s.Arrived(); {
	case w.Since.IsZero() || s.Cancelled:
		return time.Time{}
	case s.LinesClosed() && !w.Counted:
		return latest(s.Latest, w.Since)
	case w.Dated.IsZero() || w.Arrived:
		return time.Time{}
	case !arrived.IsZero():
		return arrived
	}
	return w.Again
}

// Teaches reports whether the shipment has something to teach by now.
func (s *Shipment) Teaches(now time.Time) bool {
	due := s.LearnDue()
	return !due.IsZero() && !now.Before(due)
}

// LinesClosed reports whether all is counted in that will be, so that what is
// short is short.
func (s *Shipment) LinesClosed() bool { return s.Status() == Closed && !s.First.IsZero() }

// SweepDue returns when a sweep next has to look at the shipment; zero = never,
// unless somebody speaks first.
func (s *Shipment) SweepDue() time.Time { return earliest(s.ValidationDue(), s.LearnDue()) }

// LaneNames returns the nodes of the hierarchy that a shipment belongs to, coarse
// to fine. A part that nobody named ends it.
func (s *Shipment) LaneNames() (names []string) {
	name := s.Mode.String() + "/" + s.Carrier.Program.String()
	names = append(names, name)
	carrier := lettersOf(s.Carrier.SCAC)
	if carrier == "" {
		carrier = lettersOf(s.Carrier.Name)
	}
	last := lettersOf(s.Vendor)
	if last == "" {
		last = lettersOf(s.Destination)
	}
	for _, part := range []string{carrier, last} {
		if part == "" {
			break
		}
		name += "/" + part
		names = append(names, name)
	}
	return names
}

// VendorName returns the name under which the vendor's receipts are kept; "" when
// nobody named one.
func (s *Shipment) VendorName() string { return lettersOf(s.Vendor) }
