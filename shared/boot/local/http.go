package local

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// maxRequest bounds a request before it is parsed. Source: design section 5.
const maxRequest = 1 << 20

// readBodies reads one JSON value, or the elements of a JSON array.
func readBodies(w http.ResponseWriter, r *http.Request) ([][]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, fault.New(fault.TooLarge, "TOO_LARGE", "the body has more than %d bytes; send fewer messages at a time", maxRequest)
	}
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("[")) {
		return [][]byte{body}, nil
	}
	var elements []jsontext.Value
	if err := jsonv2.Unmarshal(body, &elements); err != nil {
		return nil, fault.New(fault.Invalid, "INVALID_INPUT", "the body begins like a JSON array and is none; send one message or an array of them")
	}
	bodies := make([][]byte, len(elements))
	for i := range elements {
		bodies[i] = elements[i]
	}
	return bodies, nil
}

// bearer returns the token of the Authorization header; "" when there is none.
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}
