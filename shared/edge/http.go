package edge

import (
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"headstart/shared/fault"
)

// HTTP returns the handler of an API Gateway HTTP API (payload format 2.0) that
// serves each event with h. A header that came several times reaches h as one,
// joined by commas, as the gateway joins it; cookies and the raw query arrive as
// they were sent. The gateway decodes the path before it calls: an encoded slash
// in a path cannot be told from a real one.
//
// An answer that is not valid UTF-8 is sent in base64. The gateway takes at most
// 6 MB of it.
func HTTP(h http.Handler) lambda.Handler {
	typed := lambda.NewHandler(func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		request, err := request(ctx, &event)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		answer := recorder{header: http.Header{}}
		h.ServeHTTP(&answer, request)
		return answer.response(request.Method), nil
	})
	return invoke("http", typed.Invoke)
}

// request returns the request that the event describes, or fault.Invalid for an
// event that the gateway does not send.
func request(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	sender := &event.RequestContext.HTTP
	if sender.Method == "" || !strings.HasPrefix(event.RawPath, "/") {
		return nil, fault.New(fault.Invalid, "INVALID_EVENT", "the event is not one of an HTTP API, payload format 2.0")
	}
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, fault.New(fault.Invalid, "INVALID_EVENT", "body of the event is not base64")
		}
	}
	header := http.Header{}
	for name, value := range event.Headers {
		header.Set(name, value)
	}
	if len(event.Cookies) > 0 {
		header.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	target := &url.URL{Path: event.RawPath, RawQuery: event.RawQueryString}
	r, err := http.NewRequestWithContext(ctx, sender.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "method of the event")
	}
	r.URL, r.RequestURI = target, target.RequestURI()
	r.Header, r.Host = header, header.Get("Host")
	header.Del("Host")                                    // as net/http does
	r.RemoteAddr = net.JoinHostPort(sender.SourceIP, "0") // the gateway does not say the port
	return r, nil
}

// recorder is the http.ResponseWriter that keeps what a handler answers.
type recorder struct {
	header http.Header // as the handler still changes it
	sent   http.Header // as it was when the status was set
	status int
	body   bytes.Buffer
}

// Header returns the headers to be sent; changes after WriteHeader have no effect.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader sets the status. The first call counts; informational ones do not.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status, r.sent = status, r.header.Clone()
	}
}

// Write keeps b.
func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// response returns what was recorded as the gateway wants it. As net/http does,
// it names the type of a body that the handler left unnamed and drops the body
// of an answer that may have none.
func (r *recorder) response(method string) events.APIGatewayV2HTTPResponse {
	r.WriteHeader(http.StatusOK)
	body := r.body.Bytes()
	if len(body) > 0 && r.sent.Get("Content-Type") == "" {
		r.sent.Set("Content-Type", http.DetectContentType(body))
	}
	if method == http.MethodHead || r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		body = nil
	}
	answer := events.APIGatewayV2HTTPResponse{StatusCode: r.status, Headers: make(map[string]string, len(r.sent)), Body: string(body)}
	answer.Cookies = r.sent.Values("Set-Cookie")
	r.sent.Del("Set-Cookie")
	for name, values := range r.sent {
		answer.Headers[name] = strings.Join(values, ", ")
	}
	if !utf8.Valid(body) {
		answer.Body, answer.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return answer
}
