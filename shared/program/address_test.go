package program

// Addresses that are taken and that are refused, as literals, and what the parser
// takes read back with net/mail. They would catch an address that is two, one that
// ends a header and begins another, and one that no mail server takes.

import (
	"net/mail"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
)

var taken = []struct{ text, want string }{
	{"anna@example.com", "anna@example.com"},
	{"Anna.K+fba@Mail.EXAMPLE.com", "Anna.K+fba@mail.example.com"}, // the name's case is the mailbox's own
	{"o'neil/1=2@example.co.uk", "o'neil/1=2@example.co.uk"},
	{"a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"},
	{"headstart@localhost", "headstart@localhost"},
	{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
}

var refused = []string{
	"", "anna", "@example.com", "anna@", "anna@@example.com", "a@b@example.com",
	"a@example.com, b@example.com", "a@example.com;b@example.com", "a@example.com b@example.com",
	"Anna <anna@example.com>", "<anna@example.com>", "anna(me)@example.com", `"anna"@example.com`, `"a b"@example.com`, `a\b@example.com`,
	"anna@example.com\r\nBcc: all@example.com", "anna\n@example.com", "anna@example.com\x00", "anna@example.com\t", " anna@example.com",
	"anna@exa\u200bmple.com", "\u202eanna@example.com", "anna@münchen.de", "änna@example.com", "anna@example.com\xff",
	"anna@[127.0.0.1]", "anna@127.0.0.1", "anna@-example.com", "anna@example-.com", "anna@exam_ple.com",
	"anna@example..com", "anna@example.com.", "anna@.example.com", ".anna@example.com", "anna.@example.com", "an..na@example.com",
	strings.Repeat("a", 65) + "@example.com", "anna@" + strings.Repeat("a", 64) + ".com",
	"anna@" + strings.Repeat("abcdefghi.", 25) + "com",
	strings.Repeat("a@example.com,", 999) + "a@example.com",
}

func TestOnePlainAddressIsTakenAndNothingElse(t *testing.T) {
	for _, c := range taken {
		got, err := ParseAddress("email", c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, got)
	}
	for _, text := range refused {
		got, err := ParseAddress("email", text)
		require.Empty(t, got, "%.80q", text)
		require.True(t, fault.Is(err, fault.Invalid), "%.80q", text)
		require.True(t, strings.HasPrefix(err.Error(), "email "), "%v does not name the field", err)
		require.NotContains(t, err.Error(), "anna", "the error repeats the address")
	}
}

func TestAnAddressWithOtherLettersIsToldHowItsDomainIsWritten(t *testing.T) {
	_, err := ParseAddress("email", "anna@münchen.de")
	require.ErrorContains(t, err, "xn--")
}

func TestTheLongestAddressIsTakenAndOneByteMoreIsNot(t *testing.T) {
	const name = "anna@"
	domain := strings.Repeat("abcdefghi.", 24) + "abcdefghi"
	got, err := ParseAddress("email", name+domain)
	require.NoError(t, err)
	require.Len(t, got, maxAddress)
	_, err = ParseAddress("email", "x"+name+domain)
	require.True(t, fault.Is(err, fault.Invalid))
}

// harmless holds what was taken: it is one recipient to the standard library's
// reader too, it breaks no header, and reading it again changes nothing.
func harmless(t require.TestingT, got string) {
	require.NotContains(t, got, "\r")
	require.NotContains(t, got, "\n")
	require.LessOrEqual(t, len(got), maxAddress)
	m, err := mail.ReadMessage(strings.NewReader("To: " + got + "\r\nX-After: here\r\n\r\n"))
	require.NoError(t, err)
	require.Len(t, m.Header, 2)
	all, err := m.Header.AddressList("To")
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, mail.Address{Address: got}, *all[0])
	again, err := ParseAddress("email", got)
	require.NoError(t, err)
	require.Equal(t, got, again)
}

func TestWhatIsTakenCannotBreakAHeader(t *testing.T) {
	part := rapid.StringOfN(rapid.RuneFrom([]rune("abzAZ09.-_+'@,;:<>()[]\"\\ \t\r\n\x00\u200b\u202eü")), 1, 8, -1)
	plain := rapid.StringMatching(`[A-Za-z0-9!#$%&'*+/=?^_{|}~-]{1,9}`)
	host := rapid.StringMatching(`[a-zA-Z0-9-]{1,9}(\.[a-zA-Z0-9-]{1,9}){0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(plain, part).Draw(t, "mailbox") + "@" + rapid.OneOf(host, part).Draw(t, "domain")
		if got, err := ParseAddress("email", text); err == nil {
			harmless(t, got)
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, c := range taken {
		f.Add(c.text)
	}
	for _, text := range refused {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseAddress("email", text)
		if err == nil {
			harmless(t, got)
			require.True(t, strings.EqualFold(got, text))
			return
		}
		require.True(t, fault.Is(err, fault.Invalid))
	})
}
