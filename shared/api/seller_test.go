package api_test

// These tests set a seller's address over HTTP, and open and press the link that
// ends mail to it. They would catch an address that is told to somebody else, a
// page that ends mail by being looked at, a mail program's one click that is
// refused, and a link that works beyond its address.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash/fnv"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
)

// subscribed returns a place whose sellers have unsubscribe links, and acme an
// address.
func subscribed(t *testing.T) *place {
	p := open(t)
	p.engine.UseLinks(engine.Links{Base: "https://shop.example", Secrets: func(context.Context) ([]string, error) {
		return []string{"a secret of 32 bytes, more or less"}, nil
	}})
	p.ask(200, "PUT", "/v1/seller", `{"email":"anna.berg@example.net"}`)
	return p
}

// ending returns the path of the link in a mail of acme to the address, written
// here as links in old mails are.
func ending(address string) string {
	box := fnv.New64a()
	box.Write([]byte(address))
	body := append([]byte("\x01\x04acme"), box.Sum(nil)...)
	mac := hmac.New(sha256.New, []byte("a secret of 32 bytes, more or less"))
	mac.Write([]byte("headstart unsubscribe\x00"))
	mac.Write(body)
	return "/u/" + base64.RawURLEncoding.EncodeToString(mac.Sum(body))
}

func TestASellerSaysWhereAndInWhichLanguageToBeTold(t *testing.T) {
	p := open(t)
	none := p.ask(200, "GET", "/v1/seller", "")
	require.Equal(t, []any{nil, "en", nil, 0.}, numbers(none, "email", "language", "account", "version"))
	require.Equal(t, map[string]any{"deliverable": false, "suppressed": nil, "since": nil,
		"remedy": "give one on the programme page or with PUT /v1/seller; the mail then follows at once"}, none["mail"])

	set := p.ask(200, "PUT", "/v1/seller", `{"email":"anna.berg@example.net","language":"de"}`)
	require.Equal(t, []any{"anna.berg@example.net", "de", 1.}, numbers(set, "email", "language", "version"))
	require.Equal(t, map[string]any{"deliverable": true, "suppressed": nil, "since": nil, "remedy": ""}, set["mail"])
	require.Equal(t, set, p.ask(200, "GET", "/v1/seller", ""))
	require.Nil(t, p.as(200, request{method: "GET", path: "/v1/seller", seller: "other"})["email"])

	p.refused(409, request{method: "PUT", path: "/v1/seller", body: `{"email":"b@example.net","version":0}`})
	emptied := p.ask(200, "PUT", "/v1/seller", `{"version":1}`)
	require.Equal(t, []any{nil, "en", 2.}, numbers(emptied, "email", "language", "version"))
}

func TestWhatIsNoAddressAndNoLanguageIsRefusedByName(t *testing.T) {
	p := open(t)
	for body, field := range map[string]string{
		`{"email":"a@b@c"}`: "email", `{"email":"a@example.net\r\nBcc: b@example.net"}`: "email", `{"email":""}`: "email", `{"email":7}`: "email",
		`{"language":"nl"}`: "language", `{"language":"EN"}`: "language", `{"mail":"a@example.net"}`: "mail", `{"version":"1"}`: "version",
	} {
		answer := p.refused(400, request{method: "PUT", path: "/v1/seller", body: body})
		require.Contains(t, answer["message"], field, body)
	}
	require.Equal(t, 0., p.ask(200, "GET", "/v1/seller", "")["version"])
}

func TestOpeningAnUnsubscribeLinkChangesNothing(t *testing.T) {
	p := subscribed(t)
	for _, method := range []string{"GET", "HEAD", "GET"} {
		w := httptest.NewRecorder()
		p.http.ServeHTTP(w, httptest.NewRequest(method, ending("anna.berg@example.net"), nil))
		require.Equal(t, 200, w.Code)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		if method == "GET" {
			require.Contains(t, w.Body.String(), "<h1>End all mail to you?</h1>")
			require.Contains(t, w.Body.String(), "a…g@example.net")
			require.Equal(t, 1, strings.Count(w.Body.String(), "<button"))
			require.NotContains(t, w.Body.String(), "anna.berg")
		}
	}
	require.Equal(t, 1., p.ask(200, "GET", "/v1/seller", "")["version"])
}

func TestOneClickEndsMailOnceAndTheSellersOwnWordBeginsItAgain(t *testing.T) {
	for name, body := range map[string]string{"the page's button": "answer=unsubscribe", "a mail program": "List-Unsubscribe=One-Click",
		"a mail program's form": "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"} {
		p := subscribed(t)
		for range 3 {
			w := p.press(ending("anna.berg@example.net"), body)
			require.Equal(t, 200, w.Code, name)
			require.Contains(t, w.Body.String(), "No more mail is sent to you")
			require.NotContains(t, w.Body.String(), "<button")
			require.Empty(t, w.Header().Get("Set-Cookie"))
		}
		account := p.ask(200, "GET", "/v1/seller", "")
		require.Equal(t, 2., account["version"], "once")
		mail := account["mail"].(map[string]any)
		require.Equal(t, []any{false, "UNSUBSCRIBED"}, numbers(mail, "deliverable", "suppressed"))
		require.NotNil(t, mail["since"])
		require.Contains(t, mail["remedy"], "PUT /v1/seller")
		require.Contains(t, p.press(ending("anna.berg@example.net"), "").Body.String(), "No more mail is sent to you")

		p.ask(200, "PUT", "/v1/seller", `{"email":"anna.berg@example.net"}`)
		mail = p.ask(200, "GET", "/v1/seller", "")["mail"].(map[string]any)
		require.Equal(t, []any{true, nil, nil, ""}, numbers(mail, "deliverable", "suppressed", "since", "remedy"))
	}
}

func TestALinkToAnEarlierAddressEndsNothing(t *testing.T) {
	p := subscribed(t)
	old := ending("anna.berg@example.net")
	p.ask(200, "PUT", "/v1/seller", `{"email":"carla@example.net"}`)
	for _, body := range []string{"", "List-Unsubscribe=One-Click"} {
		w := p.press(old, body)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), "No mail goes to this address")
		require.NotContains(t, w.Body.String(), "example.net")
	}
	require.Equal(t, 2., p.ask(200, "GET", "/v1/seller", "")["version"])
}

func TestAForgedUnsubscribeLinkTellsAndEndsNothing(t *testing.T) {
	p := subscribed(t)
	good := ending("anna.berg@example.net")
	shown, err := p.engine.Subscription(context.Background(), strings.TrimPrefix(good, "/u/"))
	require.NoError(t, err)
	require.Equal(t, engine.Subscription{To: "a…g@example.net"}, shown)
	for _, path := range []string{"/u/forged", good + "A", good[:len(good)-1], "/u/" + strings.ToUpper(good[3:]), "/u/AQ"} {
		for _, body := range []string{"", "List-Unsubscribe=One-Click"} {
			w := p.press(path, body)
			require.Equal(t, 404, w.Code, path)
			require.Contains(t, w.Body.String(), "This link is not valid")
		}
	}
	require.Equal(t, 404, p.press("/c/"+good[3:], "").Code, "a token of one purpose is none of another")
	for _, method := range []string{"PUT", "DELETE"} {
		w := httptest.NewRecorder()
		p.http.ServeHTTP(w, httptest.NewRequest(method, good, nil))
		require.Equal(t, 405, w.Code)
	}
	require.Equal(t, 1., p.ask(200, "GET", "/v1/seller", "")["version"])
}
