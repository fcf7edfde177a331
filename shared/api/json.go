package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// Limits of a JSON body, beyond those of its fields.
const (
	maxDepth  = 32
	maxDigits = 32 // of a number as it is written; every field holds far less
)

// decode reads a body strictly: one object, no field that v does not name, no
// name twice, valid UTF-8. It returns fault.Invalid naming the field.
func decode(body []byte, v any) error {
	if err := scan(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		return semantic(wrong)
	}
	return syntactic(err)
}

// scan checks what the shape of a body may be, whatever it says.
func scan(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for first := true; ; first = false {
		token, err := d.ReadToken()
		switch {
		case err == io.EOF && !first:
			return nil
		case err != nil:
			return syntactic(err)
		case first && token.Kind() != '{':
			return fault.New(fault.Invalid, "INVALID_JSON", "the body must be a JSON object, {…}")
		case d.StackDepth() > maxDepth:
			return fault.New(fault.Invalid, "INVALID_JSON", "%s is nested more than %d deep", field(d.StackPointer()), maxDepth)
		case token.Kind() == '0' && len(token.String()) > maxDigits:
			return fault.New(fault.Invalid, "INVALID_INPUT", "%s has a number of %d characters; at most %d are read", field(d.StackPointer()), len(token.String()), maxDigits)
		}
	}
}

func syntactic(err error) error {
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok:
		return fault.New(fault.Invalid, "INVALID_JSON", "the body is empty or ends within its JSON")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fault.New(fault.Invalid, "INVALID_JSON", "%s occurs twice", field(wrong.JSONPointer))
	}
	return fault.New(fault.Invalid, "INVALID_JSON", "the body is not valid JSON at byte %d, near %s: %v", wrong.ByteOffset, field(wrong.JSONPointer), wrong.Err)
}

func semantic(wrong *json.SemanticError) error {
	name := field(wrong.JSONPointer)
	switch {
	case errors.Is(wrong, json.ErrUnknownName):
		return fault.New(fault.Invalid, "UNKNOWN_FIELD", "%s is not a field of this request; leave it out", name)
	case errors.Is(wrong, strconv.ErrRange):
		return fault.New(fault.Invalid, "INVALID_INPUT", "%s is out of range", name)
	}
	return fault.New(fault.Invalid, "INVALID_INPUT", "%s must be %s", name, wanted(wrong.GoType))
}

// wanted says what a field of the type takes.
func wanted(t reflect.Type) string {
	if t == nil {
		return "of another type"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[time.Time]() {
		return "an instant, written as 2006-01-02T15:04:05Z"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list, […]"
	case reflect.Struct, reflect.Map:
		return "an object, {…}"
	}
	return "a whole number"
}

// field writes a JSON pointer as people do: lines[0].units.
func field(p jsontext.Pointer) string {
	if p == "" {
		return "the body"
	}
	var name strings.Builder
	for token := range p.Tokens() {
		if _, err := strconv.Atoi(token); err == nil && name.Len() > 0 {
			fmt.Fprintf(&name, "[%s]", token)
			continue
		}
		if name.Len() > 0 {
			name.WriteByte('.')
		}
		name.WriteString(token)
	}
	return truncated(name.String())
}

// truncated keeps an answer from growing with what was sent.
func truncated(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// text returns s when it has at most limit bytes and no control character, or
// fault.Invalid naming the field.
func text(name, s string, limit int) (string, error) {
	if len(s) > limit {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s has %d bytes; at most %d are allowed", name, len(s), limit)
	}
	if !utf8.ValidString(s) {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s is not valid UTF-8", name)
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s has a control character", name)
		}
	}
	return s, nil
}

// show is the answer 200 with v.
func show(v any, err error) (engine.Answer, error) {
	if err != nil {
		return engine.Answer{}, err
	}
	body, err := json.Marshal(v, json.Deterministic(true))
	return engine.Answer{Status: 200, Body: body}, fault.As(fault.Internal, err, "encoding an answer")
}
