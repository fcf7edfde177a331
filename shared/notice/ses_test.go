package notice

// SES is played by a server of this test, which keeps what arrives and answers as it
// is told: with each of SES's errors, not at all, or by hanging up. They would catch a
// field of the request that SES reads otherwise, an error that is taken for another,
// a call that is repeated by itself, and an address that ends in a log.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// canary is an address that must never be in an error.
const canary = "canary.bird@secret.example"

func sesAt(t testing.TB, endpoint string) *SES {
	s, err := NewSES(aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}, from, "mails")
	require.NoError(t, err)
	return s
}

func served(t testing.TB, handler http.HandlerFunc) *SES {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return sesAt(t, server.URL)
}

func pauseTo(address string) engine.Letter {
	l := letter()
	kinds["paused"](&l)
	l.To = address
	return l
}

func TestSESGetsTheLetterAsItsAPIReadsIt(t *testing.T) {
	var got map[string]any
	s := served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &got)
		got["path"] = r.Method + " " + r.URL.Path
		fmt.Fprint(w, `{"MessageId":"0102-000000"}`)
	})
	l := pauseTo("anna@example.com")
	id, err := s.Mail(t.Context(), l)
	require.NoError(t, err)
	require.Equal(t, "0102-000000", id)
	words := render(t, l)
	utf8 := func(text string) map[string]any { return map[string]any{"Data": text, "Charset": "UTF-8"} }
	require.Equal(t, map[string]any{
		"path":                 "POST /v2/email/outbound-emails",
		"FromEmailAddress":     `"Headstart" <programme@headstart.example>`,
		"Destination":          map[string]any{"ToAddresses": []any{"anna@example.com"}},
		"ConfigurationSetName": "mails",
		"EmailTags": []any{map[string]any{"Name": "seller", "Value": "acme"},
			map[string]any{"Name": "letter", "Value": "UC9hY21lL0VVUk9QRS8x"}},
		"Content": map[string]any{"Simple": map[string]any{
			"Subject": utf8(words.Subject), "Body": map[string]any{"Text": utf8(words.Text), "Html": utf8(words.HTML)},
			"Headers": []any{map[string]any{"Name": "List-Unsubscribe", "Value": "<https://headstart.example/u/token>"},
				map[string]any{"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}}}},
	}, got)
}

func TestEveryErrorOfSESMeansWhatTheEngineIsPromised(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		kind   fault.Kind
		code   string
	}{
		{"TooManyRequestsException", 429, fault.Throttled, "THROTTLED"},
		{"LimitExceededException", 400, fault.Throttled, "THROTTLED"},
		{"SendingPausedException", 400, fault.Throttled, "THROTTLED"},
		{"AccountSuspendedException", 400, fault.Throttled, "THROTTLED"},
		{"ThrottlingException", 400, fault.Throttled, "THROTTLED"},
		{"MessageRejected", 400, fault.Refused, "REJECTED"},
		{"MailFromDomainNotVerifiedException", 400, fault.Refused, "REJECTED"},
		{"BadRequestException", 400, fault.Refused, "REJECTED"},
		{"NotFoundException", 404, fault.Refused, "REJECTED"},
		{"AccessDeniedException", 403, fault.Throttled, "UNREACHABLE"},
		{"UnrecognizedClientException", 403, fault.Throttled, "UNREACHABLE"},
		{"InternalFailure", 500, fault.Transient, "NO_ANSWER"},
		{"ServiceUnavailable", 503, fault.Transient, "NO_ANSWER"},
	} {
		var calls atomic.Int32
		s := served(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			w.Header().Set("X-Amzn-ErrorType", c.name)
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"message":"Address %s is not verified"}`, canary)
		})
		_, err := s.Mail(t.Context(), pauseTo(canary))
		known(t, err, c.kind, c.code)
		require.Contains(t, err.Error(), c.name)
		require.NotContains(t, err.Error(), "canary")
		require.EqualValues(t, 1, calls.Load(), "%s: called again", c.name)
	}
}

func TestASESThatIsAwayIsToldFromOneThatDoesNotAnswer(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	release := make(chan struct{})
	defer close(release)
	for _, c := range []struct {
		why  string
		ses  *SES
		kind fault.Kind
		code string
	}{
		{"nobody listens", sesAt(t, "http://"+closed.Addr().String()), fault.Throttled, "UNREACHABLE"},
		{"no such name", sesAt(t, "http://nobody.invalid"), fault.Throttled, "UNREACHABLE"},
		{"hangs up", served(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), fault.Transient, "NO_ANSWER"},
		{"says nothing", served(t, func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-release:
			}
		}), fault.Transient, "NO_ANSWER"},
		{"half an answer", served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"Mess`)
		}), fault.Transient, "NO_ANSWER"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_, err := c.ses.Mail(ctx, pauseTo(canary))
		cancel()
		known(t, err, c.kind, c.code)
		require.NotContains(t, err.Error(), "canary", c.why)
	}
}

func TestSESIsNotAskedForALetterThatCannotBeOneMail(t *testing.T) {
	s := served(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	for _, to := range []string{"", "anna@example.com,bob@example.com", "anna@example.com\r\nBcc: bob@example.com", strings.Repeat("a@example.com,", 1000)} {
		_, err := s.Mail(t.Context(), pauseTo(to))
		known(t, err, fault.Invalid, "REJECTED")
	}
	_, err := NewSES(aws.Config{}, "a@b, c@d", "")
	require.True(t, fault.Is(err, fault.Invalid))
}
