package store

import (
	"encoding/base64"
	"encoding/binary"

	"headstart/shared/fault"
)

// EncodeCursor packs the parts of a position into one text that is safe in a
// URL; DecodeCursor unpacks it. A cursor travels through callers, so it must
// say where in the queried partition to go on, never which partition.
func EncodeCursor(parts ...string) string {
	var packed []byte
	for _, part := range parts {
		packed = binary.AppendUvarint(packed, uint64(len(part)))
		packed = append(packed, part...)
	}
	return base64.RawURLEncoding.EncodeToString(packed)
}

// DecodeCursor returns exactly n parts, or fault.Invalid for a text that
// EncodeCursor did not make of n parts.
func DecodeCursor(cursor string, n int) ([]string, error) {
	packed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "cursor: not one that a page returned")
	}
	parts := make([]string, 0, n)
	for len(packed) > 0 {
		length, width := binary.Uvarint(packed)
		if width <= 0 || length > uint64(len(packed)-width) {
			return nil, invalid("cursor: not one that a page returned")
		}
		end := width + int(length)
		parts, packed = append(parts, string(packed[width:end])), packed[end:]
	}
	if len(parts) != n {
		return nil, invalid("cursor: not one that a page of this index returned")
	}
	return parts, nil
}
