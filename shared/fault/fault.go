// Package fault says what an error means for the one who asked: may the same
// request succeed later, and whose move is it. It knows no transport; package
// edge holds the one table that turns a Kind into an HTTP status or a queue's
// verdict.
package fault

import (
	"errors"
	"fmt"
)

// Kind is what a caller must do differently about an error. The list is
// closed: a new Kind must change an outcome in edge's table, otherwise it is
// only a message.
type Kind uint8

// The kinds. The zero value is Internal, so an error nobody classified is
// never mistaken for a harmless one.
const (
	Internal        Kind = iota // a defect of ours; the request may be sent again
	Invalid                     // can never succeed as it stands
	TooLarge                    // over a published limit
	Unauthenticated             // who is asking is unknown
	Forbidden                   // who is asking is known and may not
	NotFound                    // the thing named does not exist for this caller
	Refused                     // a rule of the business says no
	Conflict                    // a compare-and-swap or an idempotency key does not match
	Stale                       // already known, or superseded; nothing to do
	Throttled                   // asked too often
	Transient                   // lost every race, or a store that is briefly away
	kindCount
)

var kindNames = [kindCount]string{
	Internal: "internal", Invalid: "invalid", TooLarge: "too large",
	Unauthenticated: "unauthenticated", Forbidden: "forbidden", NotFound: "not found",
	Refused: "refused", Conflict: "conflict", Stale: "stale", Throttled: "throttled",
	Transient: "transient",
}

// String returns the kind's name in lower case.
func (k Kind) String() string { return kindNames[k] }

// Kinds returns every kind, in the order of their declaration.
func Kinds() []Kind {
	all := make([]Kind, kindCount)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// Error is the one error type that crosses a package boundary.
type Error struct {
	Kind    Kind
	Code    string // stable and machine-readable, upper snake case: NO_SUPPLY
	Message string // names the field and says what to do next
	Details string // the current value, a limit, a list; may be empty
	Err     error  // the cause; never shown to a stranger
}

// Error returns the message, then the cause when there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of the kind, with a stable code and a formatted message.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap adds the fact op to err and keeps err's kind and code; an err without a
// kind becomes Internal. Wrap of nil is nil.
func Wrap(err error, op string) error {
	if err == nil {
		return nil
	}
	kept := &Error{Message: op, Err: err}
	if known, ok := errors.AsType[*Error](err); ok {
		kept.Kind, kept.Code, kept.Details = known.Kind, known.Code, known.Details
	}
	return kept
}

// As classifies a foreign error: it returns err with the kind and a message of
// ours. As of nil is nil.
func As(kind Kind, err error, op string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Message: op, Err: err}
}

// Of returns the kind of err; Internal when it has none.
func Of(err error) Kind {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Kind
	}
	return Internal
}

// Is reports whether err is not nil and has the kind.
func Is(err error, kind Kind) bool { return err != nil && Of(err) == kind }
