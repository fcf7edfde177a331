package notice

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	netmail "net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
)

// The tags that a mail carries through SES and back in its events.
const (
	sellerTag = "seller"
	letterTag = "letter"
)

// SES sends letters through Amazon SES. It implements engine.Mailer.
type SES struct {
	client           *sesv2.Client
	from             string
	configurationSet string
}

// NewSES returns the Mailer that sends from an address through a configuration set,
// whose events ReadEvent reads; "" = none, then nobody hears of bounces. A call is
// never repeated by itself: whoever calls knows whether to. It returns fault.Invalid
// for an address that mails cannot come from.
func NewSES(config aws.Config, from, configurationSet string) (*SES, error) {
	from, err := program.ParseAddress("the sender's address", from)
	if err != nil {
		return nil, err
	}
	client := sesv2.NewFromConfig(config, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	return &SES{client, from, configurationSet}, nil
}

// Mail implements engine.Mailer. The name it returns is SES's message id.
func (s *SES) Mail(ctx context.Context, l engine.Letter) (string, error) {
	if err := check(l); err != nil {
		return "", err
	}
	words, err := Render(l)
	if err != nil {
		return "", err
	}
	out, err := s.client.SendEmail(ctx, s.request(l, words))
	if err != nil {
		return "", sesFault(l, err)
	}
	return aws.ToString(out.MessageId), nil
}

func (s *SES) request(l engine.Letter, words Mail) *sesv2.SendEmailInput {
	content := func(text string) *types.Content {
		return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
	}
	from := netmail.Address{Name: sender, Address: s.from}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from.String()),
		Destination:      &types.Destination{ToAddresses: []string{l.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(words.Subject), Body: &types.Body{Text: content(words.Text), Html: content(words.HTML)}}},
		EmailTags: []types.MessageTag{
			{Name: aws.String(sellerTag), Value: aws.String(string(l.Seller))},
			{Name: aws.String(letterTag), Value: aws.String(tagOf(l.ID))}},
	}
	for _, h := range unsubscribing(l) {
		in.Content.Simple.Headers = append(in.Content.Simple.Headers, types.MessageHeader{Name: aws.String(h.name), Value: aws.String(h.value)})
	}
	if s.configurationSet != "" {
		in.ConfigurationSetName = aws.String(s.configurationSet)
	}
	return in
}

// tagOf writes a letter's id with the characters that a tag may have.
//
// Source: SES API v2 reference, MessageTag.
func tagOf(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

func idOf(tag string) (string, error) {
	id, err := base64.RawURLEncoding.Strict().DecodeString(tag)
	return string(id), err
}

// sesCodes says what SES's own errors mean for a letter; none was sent.
//
// Source: SES API v2 reference, SendEmail and Common Error Types.
var sesCodes = map[string]refusal{
	"TooManyRequestsException":           busy,
	"LimitExceededException":             busy,
	"SendingPausedException":             busy,
	"AccountSuspendedException":          busy,
	"ThrottlingException":                busy,
	"Throttling":                         busy,
	"MessageRejected":                    rejected,
	"MailFromDomainNotVerifiedException": rejected,
	"BadRequestException":                rejected,
	"NotFoundException":                  rejected,
}

// refusal is what a mail server's no means for a letter.
type refusal struct {
	kind fault.Kind
	code string
}

var (
	busy     = refusal{fault.Throttled, "THROTTLED"}
	gone     = refusal{fault.Throttled, "UNREACHABLE"}
	rejected = refusal{fault.Refused, "REJECTED"}
	unknown  = refusal{fault.Transient, "NO_ANSWER"}
)

// of says so of a letter. What the server said is not repeated: it may have the
// address in it.
func (r refusal) of(l engine.Letter, why string) error {
	return fault.New(r.kind, r.code, "letter %q of seller %s: %s", l.ID, l.Seller, why)
}

func sesFault(l engine.Letter, err error) error {
	if api, answered := errors.AsType[smithy.APIError](err); answered {
		why := "SES answers " + visible(api.ErrorCode(), maxName)
		if known, ok := sesCodes[api.ErrorCode()]; ok {
			return known.of(l, why)
		}
		if status := statusOf(err); 400 <= status && status < 500 { // it does not let us in
			return gone.of(l, why)
		}
		return unknown.of(l, why)
	}
	if neverConnected(err) {
		return gone.of(l, "SES cannot be reached")
	}
	return unknown.of(l, "SES has not answered")
}

func statusOf(err error) int {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

// neverConnected reports whether a call failed before anything was sent.
func neverConnected(err error) bool {
	if _, noName := errors.AsType[*net.DNSError](err); noName {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}
