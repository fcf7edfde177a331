package store

import (
	"time"

	"headstart/shared/supply"
)

// packingBody is what despatch advices say of a shipment, as it is stored.
type packingBody struct {
	Boxes    []packedBoxBody `json:"boxes,omitempty"`
	Lines    []contentBody   `json:"lines,omitempty"`
	LinesAt  time.Time       `json:"at,omitzero"`
	TooLarge bool            `json:"tooLarge,omitempty"`
}

type packedBoxBody struct {
	ID         string        `json:"id"`
	TrackingID string        `json:"t,omitempty"`
	TrackedAt  time.Time     `json:"ta,omitzero"`
	Contents   []contentBody `json:"c,omitempty"`
	PackedAt   time.Time     `json:"ca,omitzero"`
}

// IsZero lets JSON leave a packing out that says nothing.
func (b packingBody) IsZero() bool { return len(b.Boxes) == 0 && len(b.Lines) == 0 && !b.TooLarge }

func packingBodyOf(p *supply.Packing) packingBody {
	b := packingBody{LinesAt: p.LinesAt, TooLarge: p.TooLarge}
	if len(p.Lines) > 0 {
		b.Lines = contentBodies(p.Lines)
	}
	for _, box := range p.Boxes {
		body := packedBoxBody{ID: box.ID, TrackingID: box.TrackingID, TrackedAt: box.TrackedAt, PackedAt: box.PackedAt}
		if len(box.Contents) > 0 {
			body.Contents = contentBodies(box.Contents)
		}
		b.Boxes = append(b.Boxes, body)
	}
	return b
}

func (b *packingBody) packing() supply.Packing {
	p := supply.Packing{Lines: contentsOf(b.Lines), LinesAt: b.LinesAt, TooLarge: b.TooLarge}
	for _, box := range b.Boxes {
		p.Boxes = append(p.Boxes, supply.PackedBox{ID: box.ID, TrackingID: box.TrackingID, TrackedAt: box.TrackedAt,
			Contents: contentsOf(box.Contents), PackedAt: box.PackedAt})
	}
	return p
}

// PackingRecord returns what despatch advices said under a key of PackingKey or
// NumberPackingKey, for a shipment that is not known yet. It returns
// fault.Internal for what cannot be encoded.
func PackingRecord(key Key, p *supply.Packing, version, expires int64) (Record, error) {
	body, err := packJSON(packingBodyOf(p))
	return Record{Key: key, Version: version, Expires: expires, Attrs: []Attr{Bytes("body", body)}}, err
}

// ReadPacking reads what PackingRecord made; Version 0 gives the zero Packing. It
// returns fault.Internal for a damaged record.
func ReadPacking(r *Record) (supply.Packing, error) {
	if r.Version == 0 {
		return supply.Packing{}, nil
	}
	var body packingBody
	err := unpackJSON(r, &body)
	return body.packing(), err
}
