package sqlite

import (
	"encoding/binary"

	"headstart/shared/fault"
	"headstart/shared/store"
)

// bodyFormat is the first byte of a stored body: all of a record but its key.
//
// Format 1: version and due as varints, expires as varint, owner, owner's sort
// (each a length and that many bytes), the number of attributes, and each
// attribute as its kind, its name and its value: a varint, or a length and that
// many bytes. A length and a number are unsigned varints.
const bodyFormat = 1

// encode returns the record's body.
func encode(r *store.Record) []byte {
	b := make([]byte, 0, r.Size()+8*len(r.Attrs)+32)
	b = append(b, bodyFormat)
	b = binary.AppendVarint(b, r.Version)
	b = binary.AppendVarint(b, r.Due)
	b = binary.AppendVarint(b, r.Expires)
	b = appendText(b, r.Owner)
	b = appendText(b, r.OwnerSort)
	b = binary.AppendUvarint(b, uint64(len(r.Attrs)))
	for i := range r.Attrs {
		a := &r.Attrs[i]
		b = append(b, byte(a.Kind))
		b = appendText(b, a.Name)
		switch a.Kind {
		case store.IntAttr:
			b = binary.AppendVarint(b, a.Int)
		case store.TextAttr:
			b = appendText(b, a.Text)
		case store.BytesAttr:
			b = binary.AppendUvarint(b, uint64(len(a.Bytes)))
			b = append(b, a.Bytes...)
		}
	}
	return b
}

func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

// decode returns the record of a body; an empty body is no record. The
// record's bytes are parts of body, which the caller gives away. It returns
// fault.Internal for a body that encode did not make.
func decode(key store.Key, body []byte) (store.Record, error) {
	if len(body) == 0 {
		return store.Record{}, nil
	}
	if body[0] != bodyFormat {
		return store.Record{}, fault.New(fault.Internal, "STORE_FORMAT", "record %q: body format %d, this program knows %d", key, body[0], bodyFormat)
	}
	d := reader{left: body[1:]}
	r := store.Record{Key: key, Version: d.varint(), Due: d.varint(), Expires: d.varint(), Owner: d.text(), OwnerSort: d.text()}
	attrs := d.uvarint()
	if attrs > uint64(len(d.left)) { // each takes two bytes at least
		d.broken = true
	}
	if attrs > 0 && !d.broken {
		r.Attrs = make([]store.Attr, attrs)
	}
	for i := range r.Attrs {
		r.Attrs[i] = d.attr()
	}
	if d.broken || len(d.left) != 0 {
		return store.Record{}, fault.New(fault.Internal, "STORE_FORMAT", "record %q: its body is damaged", key)
	}
	return r, nil
}

// reader takes values off the front of a body; once broken it returns zeros.
type reader struct {
	left   []byte
	broken bool
}

func (d *reader) attr() store.Attr {
	a := store.Attr{Kind: store.AttrKind(d.octet()), Name: d.text()}
	switch a.Kind {
	case store.IntAttr:
		a.Int = d.varint()
	case store.TextAttr:
		a.Text = d.text()
	case store.BytesAttr:
		a.Bytes = d.bytes()
	default:
		d.broken = true
	}
	return a
}

func (d *reader) octet() byte {
	if len(d.left) == 0 {
		d.broken = true
		return 0
	}
	first := d.left[0]
	d.left = d.left[1:]
	return first
}

func (d *reader) varint() int64 {
	v, width := binary.Varint(d.left)
	d.skip(width)
	return v
}

func (d *reader) uvarint() uint64 {
	v, width := binary.Uvarint(d.left)
	d.skip(width)
	return v
}

func (d *reader) skip(width int) {
	if width <= 0 {
		d.broken, d.left = true, nil
		return
	}
	d.left = d.left[width:]
}

func (d *reader) bytes() []byte {
	length := d.uvarint()
	if length > uint64(len(d.left)) {
		d.broken, d.left = true, nil
		return nil
	}
	taken := d.left[:length:length]
	d.left = d.left[length:]
	return taken
}

func (d *reader) text() string { return string(d.bytes()) }
