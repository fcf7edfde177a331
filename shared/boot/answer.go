package boot

import (
	"encoding/json"
	"errors"
	"net/http"

	"headstart/shared/fault"
)

// Refuse answers with the status and the error as a body; what went wrong inside
// stays inside.
func Refuse(w http.ResponseWriter, status int, err error) {
	known, ok := errors.AsType[*fault.Error](err)
	if !ok || known.Kind == fault.Internal {
		known = fault.New(fault.Internal, "INTERNAL", "internal error")
	}
	Reply(w, status, map[string]any{"errors": []map[string]string{
		{"code": known.Code, "message": known.Error(), "details": known.Details}}})
}

// Reply answers with a body as JSON.
func Reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
