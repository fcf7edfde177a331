package notice

// A mail server of the test's own plays one that takes mails, refuses, is too busy,
// hangs up or goes silent at each step. They would catch a mail that arrives
// otherwise than it was written, a letter called sent or not sent when nobody knows,
// a password sent in the clear, and an address that ends in a log.

import (
	"bufio"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"testing"

	gomail "github.com/wneessen/go-mail"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
)

// replies are what a server says instead of yes at a step: CONNECT, EHLO, MAIL, RCPT,
// DATA, BODY or RSET. "drop" hangs up.
type replies map[string]string

// post is a server and what it took.
type post struct {
	address string
	taken   chan string
	said    chan string // commands
}

func listen(t testing.TB, instead replies) *post {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &post{listener.Addr().String(), make(chan string, 9), make(chan string, 99)}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(connection, instead)
		}
	}()
	return p
}

func (p *post) serve(connection net.Conn, instead replies) {
	defer func() { _ = connection.Close() }()
	lines := bufio.NewScanner(connection)
	answer := func(step, usual string) bool {
		if other := instead[step]; other != "" {
			usual = other
		}
		if usual != "drop" {
			fmt.Fprintf(connection, "%s\r\n", usual)
		}
		return usual != "drop"
	}
	ok := answer("CONNECT", "220 post.example ESMTP")
	for ok && lines.Scan() {
		p.said <- lines.Text()
		step, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch step {
		case "EHLO", "HELO":
			ok = answer("EHLO", "250-post.example\r\n250-AUTH PLAIN\r\n250 8BITMIME")
		case "AUTH":
			ok = answer("AUTH", "235 welcome")
		case "DATA":
			if ok = answer("DATA", "354 go on"); !ok || instead["DATA"] != "" {
				continue
			}
			var body strings.Builder
			for lines.Scan() && lines.Text() != "." {
				body.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\r\n")
			}
			if ok = answer("BODY", "250 taken"); ok && instead["BODY"] == "" {
				p.taken <- body.String()
			}
		case "QUIT":
			answer("QUIT", "221 bye")
			return
		default:
			ok = answer(step, "250 fine")
		}
	}
}

func (p *post) mailer(t testing.TB, user string) *SMTP {
	s, err := NewSMTP("smtp://"+user+p.address, from)
	require.NoError(t, err)
	return s
}

func TestAMailServerGetsTheLetterAsItWasWritten(t *testing.T) {
	for kind, write := range kinds {
		p := listen(t, nil)
		l := letter()
		l.Language = "zh"
		write(&l)
		id, err := p.mailer(t, "").Mail(t.Context(), l)
		require.NoError(t, err)
		got, want := read(t, strings.NewReader(<-p.taken)), render(t, l)
		require.Equal(t, want.Subject, got.subject, kind)
		require.Equal(t, strings.TrimSpace(want.Text), strings.TrimSpace(got.text))
		require.Equal(t, strings.TrimSpace(want.HTML), strings.TrimSpace(got.html))
		require.Equal(t, id, got.Get("Message-ID"))
		require.Equal(t, l.Unsubscribe != "", got.Get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
		close(p.said)
		var envelope []string
		for line := range p.said {
			if strings.Contains(line, "<") {
				envelope = append(envelope, line)
			}
		}
		require.Equal(t, []string{"MAIL FROM:<programme@headstart.example> BODY=8BITMIME", "RCPT TO:<anna@example.com>"}, envelope)
	}
}

func TestTheSameLetterHasTheSameMessageID(t *testing.T) {
	p := listen(t, nil)
	s := p.mailer(t, "")
	first, err := s.Mail(t.Context(), pauseTo("anna@example.com"))
	require.NoError(t, err)
	again, err := s.Mail(t.Context(), pauseTo("anna@example.com"))
	require.NoError(t, err)
	other := pauseTo("anna@example.com")
	other.ID = "P/acme/EUROPE/2"
	third, err := s.Mail(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NotEqual(t, first, third)
	_, err = mail.ParseAddress(first)
	require.NoError(t, err, "a Message-ID is written as an address is")
}

func TestEveryAnswerOfAMailServerMeansWhatTheEngineIsPromised(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for _, c := range []struct {
		why     string
		instead replies
		kind    fault.Kind
		code    string
	}{
		{"not now", replies{"CONNECT": "421 too busy"}, fault.Throttled, "UNREACHABLE"},
		{"does not speak to us", replies{"CONNECT": "554 no"}, fault.Throttled, "UNREACHABLE"},
		{"hangs up at once", replies{"CONNECT": "drop"}, fault.Throttled, "UNREACHABLE"},
		{"refuses the sender for now", replies{"MAIL": "451 4.7.1 later, " + from}, fault.Throttled, "THROTTLED"},
		{"refuses the sender", replies{"MAIL": "550 5.7.1 not you, " + from}, fault.Refused, "REJECTED"},
		{"greylists", replies{"RCPT": "450 4.2.0 <" + canary + "> greylisted"}, fault.Throttled, "THROTTLED"},
		{"does not know the mailbox", replies{"RCPT": "550 5.1.1 <" + canary + "> unknown"}, fault.Refused, "REJECTED"},
		{"hangs up at the recipient", replies{"RCPT": "drop"}, fault.Throttled, "UNREACHABLE"},
		{"takes no contents now", replies{"DATA": "452 full"}, fault.Throttled, "THROTTLED"},
		{"hangs up before the contents", replies{"DATA": "drop"}, fault.Throttled, "UNREACHABLE"},
		{"refuses the contents", replies{"BODY": "554 5.6.0 spam to " + canary}, fault.Refused, "REJECTED"},
		{"too busy for the contents", replies{"BODY": "451 4.3.0 later"}, fault.Throttled, "THROTTLED"},
		{"hangs up after the contents", replies{"BODY": "drop"}, fault.Transient, "NO_ANSWER"},
	} {
		p := listen(t, c.instead)
		_, err := p.mailer(t, "").Mail(t.Context(), pauseTo(canary))
		known(t, err, c.kind, c.code)
		require.NotContains(t, err.Error(), "canary", c.why)
		require.NotContains(t, err.Error(), from, c.why)
		require.Empty(t, p.taken, c.why)
	}
	s, err := NewSMTP("smtp://"+closed.Addr().String(), from)
	require.NoError(t, err)
	_, err = s.Mail(t.Context(), pauseTo(canary))
	known(t, err, fault.Throttled, "UNREACHABLE")
}

func TestAMailThatWasTakenIsSentWhateverComesAfter(t *testing.T) {
	for _, instead := range []replies{{"RSET": "drop"}, {"RSET": "500 what"}, {"QUIT": "drop"}} {
		p := listen(t, instead)
		_, err := p.mailer(t, "").Mail(t.Context(), pauseTo(canary))
		require.NoError(t, err, "%v", instead)
		require.Len(t, p.taken, 1)
	}
}

func TestASignInThatFailsIsTheServersAndNamesNobody(t *testing.T) {
	p := listen(t, replies{"AUTH": "535 5.7.8 " + canary + " is unknown"})
	_, err := p.mailer(t, "canary%40secret.example:pa55word@").Mail(t.Context(), pauseTo(canary))
	known(t, err, fault.Throttled, "UNREACHABLE")
	require.NotContains(t, err.Error(), "canary")
	require.NotContains(t, err.Error(), "pa55word")
}

func TestOnlyThisMachineMayBeSpokenToInTheClear(t *testing.T) {
	for host, policy := range map[string]gomail.TLSPolicy{"localhost": gomail.TLSOpportunistic, "127.0.0.1": gomail.TLSOpportunistic, "::1": gomail.TLSOpportunistic,
		"mail.example.com": gomail.TLSMandatory, "10.0.0.1": gomail.TLSMandatory, "localhost.example.com": gomail.TLSMandatory} {
		require.Equal(t, policy, startTLS(host), host)
	}
}

func TestAServersAddressThatMakesNoSenseIsRefusedWithoutItsPassword(t *testing.T) {
	for _, server := range []string{"", "smtp://", "mail.example.com:587", "https://user:pa55word@mail.example.com", "smtp://user:pa55word@mail.example.com:port",
		"smtp://user:pa55word@mail.example.com:99999", "smtp://user:pa55word@mail.example.com/path", "smtp://user:pa55word@mail.example.com?tls=no", "smtp://user:pa55word@[::1", "smtp://user:pa55word\n@mail.example.com"} {
		_, err := NewSMTP(server, from)
		require.True(t, fault.Is(err, fault.Invalid), server)
		require.NotContains(t, err.Error(), "pa55word")
	}
	for _, server := range []string{"smtp://user:pa55word@mail.example.com", "smtps://user:pa55word@mail.example.com", "smtp://127.0.0.1:1025", "smtp://[::1]:1025/"} {
		_, err := NewSMTP(server, from)
		require.NoError(t, err)
	}
	_, err := NewSMTP("smtp://127.0.0.1:1025", "nobody")
	require.True(t, fault.Is(err, fault.Invalid))
}
