package order

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/fault"
)

// cursor walks over JSON that is known to be valid, one object as a whole: so
// there is always a next token until the object ends, and commas and colons
// tell it nothing. Checking first and walking then takes little more than half
// the time of a reader that checks each token.
type cursor struct {
	json    []byte
	at      int
	depth   int
	scratch []byte
}

// kind returns the first byte of what comes next.
func (c *cursor) kind() byte {
	for at := c.at; ; at++ {
		switch b := c.json[at]; b {
		case ' ', '\t', '\n', '\r', ',', ':':
		default:
			c.at = at
			return b
		}
	}
}

// enter and leave read the bracket that comes next.
func (c *cursor) enter() { c.at++; c.depth++ }
func (c *cursor) leave() { c.at++; c.depth-- }

// str reads the string that comes next and returns what it says, valid until
// the next call.
func (c *cursor) str() []byte {
	c.kind()
	json, start, escaped := c.json, c.at+1, false
	end := start
	for ; json[end] != '"'; end++ {
		if json[end] == '\\' {
			escaped = true
			end++
		}
	}
	c.at = end + 1
	if !escaped {
		return json[start:end]
	}
	c.scratch, _ = jsontext.AppendUnquote(c.scratch[:0], json[start-1:end+1]) // valid as a whole
	return c.scratch
}

// scalar reads the number, true, false or null that comes next.
func (c *cursor) scalar() []byte {
	c.kind()
	for start := c.at; ; c.at++ {
		switch c.json[c.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return c.json[start:c.at]
		}
	}
}

// skip reads past the value that comes next and returns the greatest depth that
// was met in it.
func (c *cursor) skip() (deepest int) {
	for outside := c.depth; ; {
		switch c.kind() {
		case '{', '[':
			c.enter()
			deepest = max(deepest, c.depth)
		case '}', ']':
			c.leave()
		case '"':
			c.str()
		default:
			c.scalar()
		}
		if c.depth == outside {
			return deepest
		}
	}
}

// notJSON says where body is not valid JSON. Of the body it repeats field names
// only.
func notJSON(body []byte) error {
	reader := jsontext.NewDecoder(bytes.NewReader(body))
	_, err := reader.ReadValue()
	if err == nil {
		return fault.New(fault.Invalid, "INVALID_INPUT", "the body has data after its JSON value, at byte %d", reader.InputOffset())
	}
	at, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok || at.Err == io.ErrUnexpectedEOF:
		return fault.New(fault.Invalid, "INVALID_INPUT", "the body is not valid JSON: it ends too early")
	case strings.Count(string(at.JSONPointer), "/") > maxDepth:
		return tooDeep()
	case at.Err == jsontext.ErrDuplicateName:
		return fault.New(fault.Invalid, "INVALID_INPUT", "%.80s occurs twice", path(at.JSONPointer))
	}
	return fault.New(fault.Invalid, "INVALID_INPUT", "%.80s is not valid JSON at byte %d", path(at.JSONPointer), at.ByteOffset)
}

func tooDeep() error {
	return fault.New(fault.Invalid, "INVALID_INPUT", "the body is nested deeper than %d", maxDepth)
}

// path writes a JSON pointer as the fields are written elsewhere:
// "lines[3].units".
func path(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		switch {
		case strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	if b.Len() == 0 {
		return "the body"
	}
	return b.String()
}
