package notice

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
)

// SMTP sends letters through a server that speaks SMTP. It implements engine.Mailer.
type SMTP struct {
	host    string
	options []mail.Option
	from    string
}

// smtpPatience is how long the server may take for one step.
const smtpPatience = 20 * time.Second

// NewSMTP returns the Mailer that sends from an address through the server of
// smtp://user:password@host:587, which must offer STARTTLS unless it is this machine,
// or of smtps://user:password@host:465. It returns fault.Invalid, and does not repeat
// the address, which has a password in it.
func NewSMTP(server, from string) (*SMTP, error) {
	from, err := program.ParseAddress("the sender's address", from)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, badServer()
	}
	options := []mail.Option{mail.WithTimeout(smtpPatience)}
	port := u.Port()
	switch u.Scheme {
	case "smtp":
		options = append(options, mail.WithTLSPolicy(startTLS(u.Hostname())))
	case "smtps":
		options = append(options, mail.WithSSL())
	default:
		return nil, badServer()
	}
	if port == "" {
		port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, badServer()
	}
	options = append(options, mail.WithPort(number))
	if password, given := u.User.Password(); given {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	if _, err := mail.NewClient(u.Hostname(), options...); err != nil {
		return nil, badServer()
	}
	return &SMTP{u.Hostname(), options, from}, nil
}

func badServer() error {
	return fault.New(fault.Invalid, "INVALID_CONFIG", "the mail server's address makes no sense; give smtp://user:password@host:587 or smtps://user:password@host:465")
}

// startTLS says whether a server must encrypt: on this machine nobody listens.
func startTLS(host string) mail.TLSPolicy {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return mail.TLSOpportunistic
	}
	return mail.TLSMandatory
}

// Mail implements engine.Mailer. The name it returns is the mail's Message-ID.
func (s *SMTP) Mail(ctx context.Context, l engine.Letter) (string, error) {
	m, err := message(l, s.from)
	if err != nil {
		return "", err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return "", gone.of(l, "the mail server's options are not understood")
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil { // or it does not let us in, which is not the letter's fault
		return "", gone.of(l, "the mail server cannot be reached, or refuses to talk")
	}
	defer func() { _ = client.CloseWithSMTPClient(connection) }()
	err = client.SendWithSMTPClient(connection, m)
	if err == nil || m.IsDelivered() { // what fails after that is of no importance
		return m.GetMessageID(), nil
	}
	return "", smtpFault(l, err)
}

// smtpFault says what became of a letter: the server's code counts where it gave one;
// without one the letter is lost on the way once its contents were begun.
//
// Source: RFC 5321 section 4.2.1.
func smtpFault(l engine.Letter, err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return unknown.of(l, "the mail server has not answered")
	}
	why := "the mail server answers " + strconv.Itoa(failed.ErrorCode()) + " while " + failed.Reason.String()
	switch code := failed.ErrorCode(); {
	case 400 <= code && code < 500:
		return busy.of(l, why)
	case code >= 500:
		return rejected.of(l, why)
	case failed.Reason == mail.ErrWriteContent || failed.Reason == mail.ErrSMTPDataClose:
		return unknown.of(l, "the mail server took the letter and has not answered")
	}
	return gone.of(l, "the mail server hung up")
}
