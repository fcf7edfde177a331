package promise

import (
	"encoding/binary"
	"math"

	"headstart/shared/fault"
)

// shares is how many spans the part of a line that came is counted in: span i
// holds what came up to i of shares, rounded down; the last one is whole lines.
const shares = 100

// Receipts is what one vendor's closed lines have shown: how much of what was
// announced the dock counted in. The zero Receipts has seen nothing and says what
// its prior says. As it is stored it takes ReceiptsBytes.
type Receipts struct {
	lines [shares + 1]float32
}

// ReceiptsBytes is the size of stored Receipts.
const ReceiptsBytes = 1 + 4*(shares+1)

// The prior of a vendor of whom nothing is known: 5 of 100 lines come short, the
// usual short one by a fifth. It weighs as much as ten lines, so that one short
// line of a new vendor counts, and a hundred good ones make it forgotten.
// Source: reference "arrival", A5: 0.5 % where orders are counted out, 3 to 7 %
// where nothing is known of the vendor.
const (
	priorLines = 10
	priorShort = 0.05
)

// priorShares says how a short line of an unknown vendor is short.
var priorShares = [...]struct {
	share int // of shares
	part  float64
}{{95, 0.3}, {80, 0.5}, {50, 0.2}}

const lineMemory = 200 // lines after which a vendor has mostly forgotten

// Count takes in a line whose shipment is closed: so many units of so many
// announced were counted in. What is over is whole.
func (r *Receipts) Count(received, announced int64) {
	if announced <= 0 {
		return
	}
	for i := range r.lines {
		r.lines[i] = decayed(r.lines[i], 1-1.0/lineMemory)
	}
	r.lines[min(max(0, received)*shares/announced, shares)]++
}

// belief returns the lines of each share, those of the prior included.
func (r *Receipts) belief() (b [shares + 1]float64, total float64) {
	b[shares] = priorLines * (1 - priorShort)
	for _, p := range priorShares {
		b[p.share] = priorLines * priorShort * p.part
	}
	for i := range b {
		b[i] += float64(r.lines[i])
		total += b[i]
	}
	return b, total
}

// Short returns the probability that the next line comes short.
func (r *Receipts) Short() float64 {
	b, total := r.belief()
	return 1 - b[shares]/total
}

// Sure returns the part of a line, 0 to 1, that comes with the probability level.
func (r *Receipts) Sure(level float64) float64 {
	b, total := r.belief()
	below := 0.0
	for i := range b {
		if below += b[i]; below > (1-level)*total {
			return float64(i) / shares
		}
	}
	return 1
}

// AppendBinary appends the receipts as they are stored: the same history, the
// same bytes.
func (r *Receipts) AppendBinary(b []byte) []byte {
	b = append(b, nodeVersion)
	for _, v := range r.lines {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// UnpackReceipts returns the receipts that AppendBinary wrote, or fault.Internal
// for bytes that it would not write.
func UnpackReceipts(b []byte) (r Receipts, err error) {
	if len(b) != ReceiptsBytes || b[0] != nodeVersion {
		return r, fault.New(fault.Internal, "CORRUPT_NODE", "a vendor's receipts have %d bytes; this program reads %d of version %d", len(b), ReceiptsBytes, nodeVersion)
	}
	for i := range r.lines {
		r.lines[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[1+4*i:]))
		if v := float64(r.lines[i]); math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return Receipts{}, fault.New(fault.Internal, "CORRUPT_NODE", "a vendor's receipts hold %v", v)
		}
	}
	return r, nil
}
