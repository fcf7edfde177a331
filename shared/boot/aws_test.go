// Runs the two adapters to AWS that live here against answers made by hand; it
// would catch a stranger's source name that reaches SSM, a carrier turned away
// because SSM is briefly silent, a published event that is lost, and a key stored in
// the clear.
package boot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// answering returns a configuration whose calls all get answer(body).
func answering(t *testing.T, answer func(in map[string]any) (status int, body string)) aws.Config {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		_ = json.NewDecoder(r.Body).Decode(&in)
		status, body := answer(in)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return aws.Config{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
}

func TestASourceIsReadFromItsParameterAndKept(t *testing.T) {
	status, body, asked := 200, `{"Parameter":{"Value":"{\"seller\":\"acme\",\"secrets\":[\"s\"]}"}}`, 0
	cloud := answering(t, func(in map[string]any) (int, string) {
		asked++
		require.Equal(t, "/headstart/sources/standard/acme", in["Name"])
		require.Equal(t, true, in["WithDecryption"])
		return status, body
	})
	p := &parameterSources{client: ssm.NewFromConfig(cloud), prefix: "/headstart/sources", kept: map[string]keptSource{}}
	read := func() (Source, error) { return p.Source(t.Context(), "standard", "acme") }
	want := Source{Seller: "acme", Secrets: []string{"s"}}
	expire := func() {
		for name, k := range p.kept {
			p.kept[name] = keptSource{k.source, Now().Add(-time.Second)}
		}
	}

	for range 2 {
		got, err := read()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, 1, asked)

	expire()
	status, body = 500, `{"__type":"InternalServerError"}`
	got, err := read()
	require.NoError(t, err, "what is known counts on while SSM is away")
	require.Equal(t, want, got)

	status, body = 400, `{"__type":"ParameterNotFound"}`
	_, err = read()
	require.Equal(t, fault.NotFound, fault.Of(err), "a source that was taken away is gone")

	p.kept = map[string]keptSource{}
	status, body = 500, `{"__type":"InternalServerError"}`
	_, err = read()
	require.Equal(t, fault.Transient, fault.Of(err))

	status, body = 200, `{"Parameter":{"Value":"secret"}}`
	_, err = read()
	require.Equal(t, fault.Internal, fault.Of(err))
	require.NotContains(t, err.Error(), "secret")
}

func TestAStrangersSourceNameNeverReachesSSM(t *testing.T) {
	cloud := answering(t, func(map[string]any) (int, string) {
		require.Fail(t, "asked")
		return 500, ""
	})
	p := &parameterSources{client: ssm.NewFromConfig(cloud), prefix: "/headstart/sources", kept: map[string]keptSource{}}
	for _, name := range []string{"", "acme:2", "../acme", "acme/x", "acme ", "größe", strings.Repeat("a", 65)} {
		_, err := p.Source(t.Context(), "standard", name)
		require.Equal(t, fault.NotFound, fault.Of(err), "%q", name)
	}
}

func TestEventsArePublishedTenAtATimeAndWithinTheSizeOfACall(t *testing.T) {
	var calls []int
	failed := 0
	cloud := answering(t, func(in map[string]any) (int, string) {
		entries := in["Entries"].([]any)
		calls = append(calls, len(entries))
		size := 0
		for _, e := range entries {
			e := e.(map[string]any)
			require.Equal(t, "headstart orders.decided headstart", fmt.Sprint(e["Source"], " ", e["DetailType"], " ", e["EventBusName"]))
			size += len(e["Detail"].(string))
		}
		require.LessOrEqual(t, size, busBytes)
		return 200, fmt.Sprintf(`{"FailedEntryCount":%d}`, failed)
	})
	b := bus{eventbridge.NewFromConfig(cloud), "headstart"}
	events := make([]engine.Event, 23)
	for i := range events {
		events[i] = engine.Event{ID: fmt.Sprint(i), Type: engine.OrdersDecided, At: time.Unix(0, 0)}
	}
	require.NoError(t, b.Publish(t.Context(), events))
	require.Equal(t, []int{10, 10, 3}, calls)

	calls = nil
	for i := range 3 {
		events[i].Rejected = []engine.DecidedOrder{{Reason: strings.Repeat("x", 100<<10)}}
	}
	require.NoError(t, b.Publish(t.Context(), events[:3]))
	require.Equal(t, []int{2, 1}, calls)

	calls = nil
	require.NoError(t, b.Publish(t.Context(), nil))
	require.Empty(t, calls)

	failed = 1
	require.Equal(t, fault.Transient, fault.Of(b.Publish(t.Context(), events[:1])))
}

func TestThereIsNoFunctionWithoutAName(t *testing.T) {
	_, err := Function(t.Context(), "sweeper", func(string) string { return "" })
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, `"sweeper"`)
}

func TestAKeyForTheCloudComesWithTheAddressOfItsAccount(t *testing.T) {
	var stored []string
	cloud := answering(t, func(in map[string]any) (int, string) {
		if item, ok := in["Item"].(map[string]any); ok {
			body, err := json.Marshal(item["pk"])
			require.NoError(t, err)
			stored = append(stored, string(body))
		}
		return http.StatusOK, `{"Responses":{"headstart":[]}}`
	})
	_, err := cloudKey(t.Context(), cloud, "headstart", "acme", "no address")
	require.True(t, fault.Is(err, fault.Invalid))
	require.Empty(t, stored)
	_, err = cloudKey(t.Context(), cloud, "headstart", "acme", "a@example.com")
	require.NoError(t, err)
	require.Len(t, stored, 2)
	require.Equal(t, `{"S":"P#acme"}`, stored[0])
}

func TestAKeyForTheCloudIsStoredHashedUnderItsSeller(t *testing.T) {
	var stored string
	cloud := answering(t, func(in map[string]any) (int, string) {
		require.Equal(t, "headstart", in["TableName"])
		body, err := json.Marshal(in["Item"])
		require.NoError(t, err)
		stored = string(body)
		return http.StatusOK, "{}"
	})
	key, err := cloudKey(t.Context(), cloud, "headstart", "acme", "")
	require.NoError(t, err)
	hash := sha256.Sum256([]byte(key))
	require.Contains(t, stored, `"A#`+hex.EncodeToString(hash[:])+`"`)
	require.Contains(t, stored, `{"S":"acme"}`)
	require.NotContains(t, stored, key)
	_, err = cloudKey(t.Context(), cloud, "headstart", "Acme!", "")
	require.True(t, fault.Is(err, fault.Invalid))
}
