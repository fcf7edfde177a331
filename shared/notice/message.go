package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/wneessen/go-mail"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
)

// sender is the name beside the address that mails come from.
const sender = "Headstart"

// maxID is the longest name of a letter, in bytes: encoded it fits into a tag of SES.
const maxID = 190

// maxLink is the longest address of a page, in bytes: SES takes headers of 996.
const maxLink = 800

// header is a line of a mail's head beside those that every mail has.
type header struct{ name, value string }

// check refuses a letter that cannot become one mail to one address.
func check(l engine.Letter) error {
	if l.ID == "" || len(l.ID) > maxID {
		return fault.New(fault.Invalid, "REJECTED", "the letter's id has %d bytes; 1 to %d are allowed", len(l.ID), maxID)
	}
	if _, err := program.ParseAddress("the letter's address", l.To); err != nil {
		return fault.New(fault.Invalid, "REJECTED", "letter %q: %v", l.ID, err)
	}
	if l.Unsubscribe != "" && !isLink(l.Unsubscribe) {
		return fault.New(fault.Invalid, "REJECTED", "letter %q: its unsubscribe link is no address of a page", l.ID)
	}
	return nil
}

// isLink reports whether s can stand between < and > of a header as it is.
func isLink(s string) bool {
	u, err := url.Parse(s)
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == ',' }) < 0
	return err == nil && plain && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= maxLink
}

// unsubscribing is how a mail program offers to end the mails. One click is for https
// alone.
//
// Source: RFC 2369 section 3.2, RFC 8058 section 3.1.
func unsubscribing(l engine.Letter) []header {
	if l.Unsubscribe == "" {
		return nil
	}
	all := []header{{"List-Unsubscribe", "<" + l.Unsubscribe + ">"}}
	if strings.HasPrefix(l.Unsubscribe, "https://") {
		all = append(all, header{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"})
	}
	return all
}

// digest names a letter in letters and digits, whatever its id is made of.
func digest(l engine.Letter) string {
	sum := sha256.Sum256([]byte(l.ID))
	return hex.EncodeToString(sum[:16])
}

// message writes a letter as a message that comes from an address. Its Message-ID is
// the letter's own, so the same letter sent twice can be told from two letters.
func message(l engine.Letter, from string) (*mail.Msg, error) {
	if err := check(l); err != nil {
		return nil, err
	}
	words, err := Render(l)
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if m.FromFormat(sender, from) != nil || m.To(l.To) != nil {
		return nil, fault.New(fault.Invalid, "REJECTED", "letter %q: its address, or the sender's, cannot be written", l.ID)
	}
	m.Subject(words.Subject)
	m.SetMessageIDWithValue(digest(l) + from[strings.LastIndexByte(from, '@'):])
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	for _, h := range unsubscribing(l) {
		m.SetGenHeaderPreformatted(mail.Header(h.name), h.value)
	}
	m.SetBodyString(mail.TypeTextPlain, words.Text)
	m.AddAlternativeString(mail.TypeTextHTML, words.HTML)
	return m, nil
}
