package promise

import (
	"encoding/binary"
	"math"

	"headstart/shared/fault"
)

// trusts are the weights that a node tries for its parent's word, in shipments:
// with 8, eight shipments of its own count as much as all that its parent says.
// Which of them foretold the node's arrivals best decides how far each is heard,
// so that nobody has to choose one for lanes that differ.
var trusts = [...]float64{2, 8, 30, 120, 500}

const (
	memory      = 1000 // shipments after which a node has forgotten most of what it learnt
	trustMemory = 500  // the same of how its trusts did
)

// Node is what one lane has learnt. The zero Node knows nothing and says what
// its parent says. As it is stored it takes NodeBytes.
type Node struct {
	atRisk  [Bins]float32        // shipments that were not here yet when the bin began
	arrived [Bins]float32        // of those, who came in it
	loss    [len(trusts)]float32 // how badly each trust foretold the arrivals, in nats
}

// NodeBytes is the size of a stored node.
const NodeBytes = 1 + 4*(2*Bins+len(trusts))

const nodeVersion = 1

// AppendBinary appends the node as it is stored: the same history, the same
// bytes.
func (n *Node) AppendBinary(b []byte) []byte {
	b = append(b, nodeVersion)
	for _, values := range [...][]float32{n.atRisk[:], n.arrived[:], n.loss[:]} {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}

// UnpackNode returns the node that AppendBinary wrote, or fault.Internal for
// bytes that it would not write.
func UnpackNode(b []byte) (n Node, err error) {
	if len(b) != NodeBytes || b[0] != nodeVersion {
		return Node{}, fault.New(fault.Internal, "CORRUPT_NODE", "a lateness record has %d bytes; this program reads %d of version %d", len(b), NodeBytes, nodeVersion)
	}
	b = b[1:]
	for _, values := range [...][]float32{n.atRisk[:], n.arrived[:], n.loss[:]} {
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
			if v := float64(values[i]); math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				return Node{}, fault.New(fault.Internal, "CORRUPT_NODE", "a lateness record holds %v", v)
			}
			b = b[4:]
		}
	}
	return n, nil
}

// decayed rounds the product by itself: some machines would else fuse it into
// the sum that follows, and end in other bytes.
func decayed(v float32, keep float64) float32 { return float32(float64(v) * keep) }

// forget makes room for what is learnt next.
func (n *Node) forget() {
	const keep = 1 - 1.0/memory
	for b := range Bins {
		n.atRisk[b] = decayed(n.atRisk[b], keep)
		n.arrived[b] = decayed(n.arrived[b], keep)
	}
}
