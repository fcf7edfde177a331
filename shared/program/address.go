package program

import (
	"strings"

	"headstart/shared/fault"
)

// The limits of an address, in bytes.
//
// Source: RFC 5321 section 4.5.3.1 and RFC 1035 section 2.3.4.
const (
	maxAddress   = 254
	maxMailbox   = 64
	maxHostLabel = 63
)

const (
	letters  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	atomText = letters + digits + "!#$%&'*+-/=?^_`{|}~" // RFC 5322 section 3.2.3
)

// ParseAddress returns text as the one address that mail can go to, its domain in
// lower case, or fault.Invalid naming field. It takes less than mail allows: no
// names beside the address, no comments, no quotes, no IP addresses, ASCII alone. So
// what it takes is one recipient and stays one wherever it is written. Errors do not
// repeat the address.
func ParseAddress(field, text string) (string, error) {
	if text == "" {
		return "", badAddress(field, "is required")
	}
	if len(text) > maxAddress {
		return "", badAddress(field, "is longer than an address can be")
	}
	if !only(text, atomText+".@") {
		return "", badAddress(field, "has a character that a plain address has not; a domain with other letters is written as its DNS name, xn--...")
	}
	mailbox, domain, _ := strings.Cut(text, "@")
	if !isMailbox(mailbox) || !isDomain(domain) {
		return "", badAddress(field, "is not of the form name@example.com")
	}
	return mailbox + "@" + strings.ToLower(domain), nil
}

func badAddress(field, why string) error {
	return fault.New(fault.Invalid, "INVALID_INPUT", "%s %s; give one plain address, as name@example.com", field, why)
}

// isMailbox reports whether s is words with single dots between them.
func isMailbox(s string) bool {
	if len(s) > maxMailbox {
		return false
	}
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || !only(word, atomText) {
			return false
		}
	}
	return true
}

// isDomain reports whether s is a host's name that is no number. One label is
// enough: mail stays on the machine then.
func isDomain(s string) bool {
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > maxHostLabel || !only(label, letters+digits+"-") || strings.Trim(label, "-") != label {
			return false
		}
		last = label
	}
	return !only(last, digits)
}

func only(s, alphabet string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) < 0
}
