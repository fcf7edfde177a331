package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
)

const (
	requestIDHeader = "x-amzn-RequestId"
	rateHeader      = "x-amzn-RateLimit-Limit"
)

// codes names an error that brought no code of its own, first in our words, then
// in Amazon's. Source of the latter: SP-API, response samples of every model.
var codes = [...][2]string{
	fault.Internal:        {"INTERNAL", "InternalFailure"},
	fault.Invalid:         {"INVALID_INPUT", "InvalidInput"},
	fault.TooLarge:        {"TOO_LARGE", "RequestEntityTooLarge"},
	fault.Unauthenticated: {"UNAUTHENTICATED", "Unauthorized"},
	fault.Forbidden:       {"FORBIDDEN", "Unauthorized"},
	fault.NotFound:        {"NOT_FOUND", "NotFound"},
	fault.Refused:         {"REFUSED", "InvalidInput"},
	fault.Conflict:        {"CONFLICT", "Conflict"},
	fault.Stale:           {"STALE", "Conflict"},
	fault.Throttled:       {"THROTTLED", "QuotaExceeded"},
	fault.Transient:       {"BUSY", "ServiceUnavailable"},
}

// errorList is the body of every error.
type errorList struct {
	Errors []errorEntry `json:"errors"`
}

type errorEntry struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details string `json:"details"`
}

func errorBody(code, message, details string) []byte {
	// Text that a caller sent may be no UTF-8; the answer always is.
	body, _ := json.Marshal(errorList{[]errorEntry{{
		strings.ToValidUTF8(code, "�"), strings.ToValidUTF8(message, "�"), strings.ToValidUTF8(details, "�")}}})
	return body
}

// fail answers with an error. What went wrong inside is logged and never shown.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.Of(err)
	if kind == fault.Unauthenticated {
		if amazon(r) {
			kind = fault.Forbidden // Amazon's model knows no 401
		} else {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
	}
	id := w.Header().Get(requestIDHeader)
	code, message, details := shown(err)
	switch {
	case kind == fault.Internal:
		a.options.Log.ErrorContext(r.Context(), "request failed", "requestId", id, "method", r.Method, "path", r.URL.EscapedPath(), "err", err)
		code, message, details = "", "internal error", "request id "+id
	case kind == fault.Transient:
		a.options.Log.WarnContext(r.Context(), "request not served", "requestId", id, "method", r.Method, "path", r.URL.EscapedPath(), "err", err)
		if code == "" {
			message, details = "briefly not able to answer; send the same request again", ""
		}
		w.Header().Set("Retry-After", "1")
	case kind == fault.Throttled:
		w.Header().Set("Retry-After", "1")
	}
	if amazon(r) {
		code = codes[kind][1]
	} else if code == "" {
		code = codes[kind][0]
	}
	a.write(w, a.options.Status(kind), errorBody(code, message, details))
}

// shown returns what a stranger may read of an error: our own words, without the
// foreign causes below them.
func shown(err error) (code, message, details string) {
	var words []string
	for {
		known, ok := errors.AsType[*fault.Error](err)
		if !ok {
			return code, strings.Join(words, ": "), details
		}
		words = append(words, known.Message)
		code, details, err = known.Code, known.Details, known.Err
	}
}
