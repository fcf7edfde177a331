package engine

import (
	"context"
	"math"

	"headstart/shared/fault"
	"headstart/shared/promise"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// A seller's history of lateness is one record a node of the hierarchy: mode and
// programme, then carrier, then vendor or destination. Beside them stand the kill
// switches, of a mode and programme and of everything, and what each vendor's
// receipts have shown. All are written by the sweep alone, many shipments at a
// time, so that no push and no order ever waits for one.
const (
	nodePrefix    = "N:"
	switchPrefix  = "S:"
	receiptPrefix = "R:"
	everything    = "*" // of a switch: whatever the mode
)

// priors are what is believed of a mode and programme before anything of it is
// known: with the usual parcel and truck three days make 95 %, as the design has
// it. Programmes that generate the tracking are late as often, but seldom by much.
// They weigh as much as priorShipments.
//
// Source: design section 2; for the sea reference "arrival", A6 (65 % of vessels
// on time, late ones by 4.9 days), less what carriers correct on the way; the
// other numbers are ours.
var priors = map[supply.Mode][2]promise.Prior{
	supply.SPD:   {{OnTime: 0.82, Tail: 0.60}, {OnTime: 0.81, Tail: 0.50}},
	supply.LTL:   {{OnTime: 0.82, Tail: 0.60}, {OnTime: 0.81, Tail: 0.50}},
	supply.FTL:   {{OnTime: 0.82, Tail: 0.60}, {OnTime: 0.81, Tail: 0.50}},
	supply.Air:   {{OnTime: 0.82, Tail: 0.60}, {OnTime: 0.81, Tail: 0.50}},
	supply.Rail:  {{OnTime: 0.76, Tail: 0.70}, {OnTime: 0.76, Tail: 0.66}},
	supply.Ocean: {{OnTime: 0.70, Tail: 0.75}, {OnTime: 0.70, Tail: 0.71}},
}

const priorShipments = 200

func priorOf(s *supply.Shipment) promise.Node {
	managed := 0
	if s.Carrier.Program != supply.OwnCarrier {
		managed = 1
	}
	return priors[s.Mode][managed].Node(priorShipments)
}

// lessons are the records of one seller that a group of shipments learns from and
// teaches.
type lessons struct {
	engine   *Engine
	seller   supply.SellerID
	version  map[string]int64
	nodes    map[string]*promise.Node // of those in no record nil, unless they stand above all others
	switches map[string]*promise.Switch
	receipts map[string]*promise.Receipts
	touched  map[string]bool // what was taught
}

// namesOf returns the records that a shipment's lane is in.
func namesOf(s *supply.Shipment) (names []string) {
	lane := s.LaneNames()
	for _, node := range lane {
		names = append(names, nodePrefix+node)
	}
	return append(names, switchPrefix+lane[0], switchPrefix+everything, receiptPrefix+s.VendorName())
}

// openLessons reads what is known of the lanes of some shipments.
func (e *Engine) openLessons(ctx context.Context, seller supply.SellerID, shipments ...*supply.Shipment) (*lessons, error) {
	l := &lessons{engine: e, seller: seller, version: map[string]int64{}, nodes: map[string]*promise.Node{},
		switches: map[string]*promise.Switch{}, receipts: map[string]*promise.Receipts{}, touched: map[string]bool{}}
	var names []string
	var keys []store.Key
	for _, s := range shipments {
		for _, name := range namesOf(s) {
			if _, known := l.version[name]; !known {
				l.version[name] = 0
				names, keys = append(names, name), append(keys, store.LatenessKey(seller, name))
			}
		}
	}
	records, err := e.store.Get(ctx, true, keys...)
	if err != nil {
		return nil, fault.Wrap(err, "reading what lanes have shown")
	}
	for i := range records {
		if err := l.read(names[i], &records[i]); err != nil {
			return nil, err
		}
	}
	for _, s := range shipments {
		if top := nodePrefix + s.LaneNames()[0]; l.nodes[top] == nil {
			prior := priorOf(s)
			l.nodes[top] = &prior
		}
	}
	return l, nil
}

func (l *lessons) read(name string, r *store.Record) (err error) {
	l.version[name] = r.Version
	body := r.Attr("body").Bytes
	switch name[:len(nodePrefix)] {
	case nodePrefix:
		if r.Version != 0 {
			var n promise.Node
			n, err = promise.UnpackNode(body)
			l.nodes[name] = &n
		}
	case switchPrefix:
		s := promise.Switch{}
		if r.Version != 0 {
			s, err = promise.UnpackSwitch(body)
		}
		l.switches[name] = &s
	case receiptPrefix:
		got := promise.Receipts{}
		if r.Version != 0 {
			got, err = promise.UnpackReceipts(body)
		}
		l.receipts[name] = &got
	}
	return err
}

// writes returns what was taught, as it is to be stored.
func (l *lessons) writes(names []string) (writes []store.Write) {
	for _, name := range names {
		if !l.touched[name] {
			continue
		}
		var body []byte
		switch name[:len(nodePrefix)] {
		case nodePrefix:
			body = l.nodes[name].AppendBinary(nil)
		case switchPrefix:
			body = l.switches[name].AppendBinary(nil)
		case receiptPrefix:
			body = l.receipts[name].AppendBinary(nil)
		}
		record := store.Record{Key: store.LatenessKey(l.seller, name), Version: l.version[name] + 1, Attrs: []store.Attr{store.Bytes("body", body)}}
		writes = append(writes, store.Write{Record: record, Expect: l.version[name]})
	}
	return writes
}

// lane returns the nodes of a shipment, coarse to fine; nil where nothing was
// learnt yet.
func (l *lessons) lane(s *supply.Shipment) (lane []*promise.Node) {
	for _, name := range s.LaneNames() {
		lane = append(lane, l.nodes[nodePrefix+name])
	}
	return lane
}

// pupils is lane for teaching: what was not there begins.
func (l *lessons) pupils(s *supply.Shipment) []*promise.Node {
	for _, name := range s.LaneNames() {
		if l.nodes[nodePrefix+name] == nil {
			l.nodes[nodePrefix+name] = new(promise.Node)
		}
		l.touched[nodePrefix+name] = true
	}
	return l.lane(s)
}

// foretell returns what the lane says of a shipment whose arrival at the dock is
// named for the day eta.
func (l *lessons) foretell(r supply.Rules, s *supply.Shipment, eta supply.Day) supply.Outlook {
	f := promise.Foretell(l.lane(s), int(r.Today()-eta))
	c := r.Policy.Confidence
	names, gate := s.LaneNames(), gateOf(c)
	own, all, vendor := l.switches[switchPrefix+names[0]], l.switches[switchPrefix+everything], l.receipts[receiptPrefix+s.VendorName()]
	finest := names[0]
	for _, name := range names {
		if l.nodes[nodePrefix+name] != nil {
			finest = name
		}
	}
	return supply.Outlook{
		Lane: finest, Padding: gate.Padding(&f), OnTime: share(f.By(c.MaxPadding)), Comes: share(f.By(twoMonths)),
		Dates: supply.Record{Broken: own.Broken(), Of: own.Seen()}, All: supply.Record{Broken: all.Broken(), Of: all.Seen()},
		Vendor: s.VendorName(), Short: share(vendor.Short()), Sure: share(vendor.Sure(float64(c.Quantity) / float64(supply.Whole))),
	}
}

const twoMonths = 60 // days

func gateOf(c supply.Confidence) promise.Gate {
	return promise.Gate{Level: float64(c.Level) / float64(supply.Whole), MaxPadding: c.MaxPadding, MaxBroken: c.MaxBroken}
}

// share rounds to the nearest ten-thousandth, so that what is stated does not
// depend on how a sum was rounded.
func share(p float64) supply.Share { return supply.Share(math.Round(p * float64(supply.Whole))) }
