package edge

import (
	"net/http"

	"headstart/shared/fault"
)

// success stands for the provider's own success status: every provider names
// its own, and an answer other than that makes it send again.
const success = 0

// outcomes is the one table that says what a kind of fault means outside, as
// fault.Kind counts. A cell that the design leaves open, because the kind does
// not come up there, holds what loses nothing and asks nobody in vain.
//
// Source: design section 5, "Outcomes".
var outcomes = [...]struct {
	api       int
	webhook   int  // an HTTP status, or success
	redeliver bool // by the queue, until the dead-letter queue; otherwise the record is deleted
	then      string
}{
	fault.Internal:        {http.StatusInternalServerError, http.StatusInternalServerError, true, ""},
	fault.Invalid:         {http.StatusBadRequest, success, true, "a webhook's body is kept in quarantine and raises an alarm; a queue's record ends in the dead-letter queue"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, http.StatusRequestEntityTooLarge, true, "a queue's record ends in the dead-letter queue"},
	fault.Unauthenticated: {http.StatusUnauthorized, http.StatusUnauthorized, true, "does not come up in a queue"},
	fault.Forbidden:       {http.StatusForbidden, http.StatusUnauthorized, true, "does not come up in a queue"},
	fault.NotFound:        {http.StatusNotFound, success, false, "a webhook's event is kept, without a link"},
	fault.Refused:         {http.StatusUnprocessableEntity, success, false, "recorded and published; does not come up in a webhook"},
	fault.Conflict:        {http.StatusConflict, success, false, "recorded, with an alert; does not come up in a webhook"},
	fault.Stale:           {http.StatusOK, success, false, "nothing to do"},
	fault.Throttled:       {http.StatusTooManyRequests, http.StatusTooManyRequests, true, "does not come up in a queue"},
	fault.Transient:       {http.StatusServiceUnavailable, http.StatusServiceUnavailable, true, ""},
}

// APIStatus returns the HTTP status with which the API answers an error of the
// kind.
func APIStatus(kind fault.Kind) int { return outcomes[kind].api }

// WebhookStatus returns the HTTP status with which a webhook answers an error of
// the kind; when ok is true that is the provider's own success status, and
// status is 0.
func WebhookStatus(kind fault.Kind) (status int, ok bool) {
	status = outcomes[kind].webhook
	return status, status == success
}

// QueueRedelivers reports whether a queue's record that met an error of the kind
// is delivered again, and so in the end goes to the dead-letter queue, or is
// deleted because nothing can or need be done about it.
func QueueRedelivers(kind fault.Kind) bool { return outcomes[kind].redeliver }
