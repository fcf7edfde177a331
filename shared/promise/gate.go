package promise

import (
	"math/bits"

	"headstart/shared/fault"
)

// Gate is when a lot may be sold by its date. Source: design section 2.
type Gate struct {
	Level      float64 // how sure the date must be, 0 to 1; below 0.95 the forecast is known to be over-confident
	MaxPadding int     // days that may be added to the carrier's ETA for it
	MaxBroken  int     // of the last SwitchSpan candidates, how many may have broken their date
}

// DefaultGate returns the values of the design, section 2.
func DefaultGate() Gate { return Gate{Level: 0.95, MaxPadding: 7, MaxBroken: SwitchSpan / 10} }

// Candidate reports whether a forecast is sure enough. What is a candidate
// counts for the switch, sold or not.
func (g Gate) Candidate(f *Forecast) bool { return f.Padding(g.Level) <= g.MaxPadding }

// Padding returns the days to add to the carrier's ETA: never less than none,
// whatever the lane's history, because the carrier knows this shipment.
func (g Gate) Padding(f *Forecast) int { return max(0, f.Padding(g.Level)) }

// SwitchSpan is how many resolved candidates a Switch remembers.
const SwitchSpan = 50

// Switch stops selling when dates that looked sure enough were broken too often:
// a forecast learns slowly what everybody can see. The zero Switch has seen
// nothing and is off.
type Switch struct {
	broken uint64 // newest candidate in the lowest bit
	seen   uint8  // up to SwitchSpan
}

// Resolve takes in a candidate whose date has passed or that has arrived.
func (s *Switch) Resolve(broke bool) {
	s.broken <<= 1
	if broke {
		s.broken |= 1
	}
	s.broken &= 1<<SwitchSpan - 1
	s.seen = min(s.seen+1, SwitchSpan)
}

// Broken returns how many of the last Seen candidates broke their date.
func (s *Switch) Broken() int { return bits.OnesCount64(s.broken) }

// Seen returns how many candidates Broken is out of, at most SwitchSpan.
func (s *Switch) Seen() int { return int(s.seen) }

// Stops reports whether the switch forbids new sales.
func (s *Switch) Stops(g Gate) bool { return s.Broken() > g.MaxBroken }

// AppendBinary appends the switch as it is stored, in 8 bytes.
func (s *Switch) AppendBinary(b []byte) []byte {
	v := s.broken | uint64(s.seen)<<SwitchSpan
	for i := range 8 {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

// UnpackSwitch returns the switch that AppendBinary wrote, or fault.Internal for
// bytes that it would not write.
func UnpackSwitch(b []byte) (s Switch, err error) {
	var v uint64
	if len(b) == 8 {
		for i := range 8 {
			v |= uint64(b[i]) << (8 * i)
		}
		s = Switch{broken: v & (1<<SwitchSpan - 1), seen: uint8(v >> SwitchSpan)}
	}
	if len(b) != 8 || v>>SwitchSpan > SwitchSpan || bits.Len64(s.broken) > int(s.seen) {
		return Switch{}, fault.New(fault.Internal, "CORRUPT_SWITCH", "a kill switch record of %d bytes is corrupt", len(b))
	}
	return s, nil
}
