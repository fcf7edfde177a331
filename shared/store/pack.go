package store

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"

	"headstart/shared/fault"
)

// packers are reused: a fresh one costs more memory than all it packs.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Pack returns the bytes as gzip, which any tool reads and whose checksum
// notices a damaged record.
func Pack(b []byte) []byte {
	var packed bytes.Buffer
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&packed)
	// A bytes.Buffer fails at nothing.
	_, _ = w.Write(b)
	_ = w.Close()
	return packed.Bytes()
}

// Unpack returns what Pack was given, or fault.Internal when the bytes are
// damaged.
func Unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fault.As(fault.Internal, err, "the packed bytes are no gzip")
	}
	b, err := io.ReadAll(r)
	return b, fault.As(fault.Internal, err, "the packed bytes are damaged")
}
