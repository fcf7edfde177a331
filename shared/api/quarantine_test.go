package api_test

// These tests put webhooks aside, as a carrier's unreadable push does, and let
// their seller list, read, replay and dismiss them over HTTP. They would catch a
// body that does not come out as it came in, a refusal that does not say why,
// and a write without its key.

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/api"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// parcels reads bodies of tracking numbers with a scan each, one a line; "bad"
// is no number until it is mended.
type parcels struct{ mended bool }

func (r *parcels) read(_ string, body []byte) (found engine.Read, err error) {
	for line := range strings.Lines(string(body)) {
		number := strings.TrimSpace(line)
		if number == "bad" && !r.mended {
			err = fault.New(fault.Invalid, "UNREADABLE_BODY", "line %d is bad", len(found.Reports)+1)
			continue
		}
		found.Reports = append(found.Reports, supply.Report{Number: number, Scans: []supply.Scan{{Status: supply.InTransit, Code: supply.Departed, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}})
	}
	return found, err
}

// quarantine puts a body aside and returns its id.
func (p *place) quarantine(seller supply.SellerID, body string) (id string) {
	p.t.Helper()
	id, err := p.engine.Quarantine(context.Background(), p.now, engine.Raw{Adapter: "easypost", Source: string(seller), Seller: seller, Body: []byte(body)},
		fault.New(fault.Invalid, "UNREADABLE_BODY", "%q is no event", body))
	require.NoError(p.t, err)
	return id
}

func TestAPushInQuarantineIsListedReadReplayedAndGone(t *testing.T) {
	reader := &parcels{}
	p := open(t, func(o *api.Options) { o.Read = reader.read })
	p.announce("acme", "FBA1", 10, "2026-03-05T00:00:00Z")
	p.ask(200, "PUT", "/v1/shipments/FBA1/tracking", `{"proNumber":"1Z1"}`)
	id := p.quarantine("acme", "1Z1\nbad")
	entry := map[string]any{"id": id, "adapter": "easypost", "source": "acme", "receivedAt": "2026-03-02T10:00:00Z", "bytes": 7., "reason": `"1Z1\nbad" is no event`}
	require.Equal(t, map[string]any{"items": []any{entry}}, p.ask(200, "GET", "/v1/quarantine", ""))
	entry["body"] = "1Z1\nbad"
	require.Equal(t, entry, p.ask(200, "GET", "/v1/quarantine/"+id, ""))

	replay := request{method: "POST", path: "/v1/quarantine/" + id + "/replay", key: "replay-1"}
	e := p.refused(422, replay)
	require.Equal(t, "STILL_UNREADABLE", e["code"])
	require.Contains(t, e["message"], "line 2 is bad")
	require.Equal(t, entry, p.ask(200, "GET", "/v1/quarantine/"+id, ""), "it stays")
	p.drain()
	require.Equal(t, "IN_TRANSIT", p.ask(200, "GET", "/v1/shipments/FBA1", "")["status"], "what could be read of it counts")

	reader.mended = true
	for range 2 {
		require.Equal(t, map[string]any{"id": id, "status": "REPLAYED", "reports": 2.}, p.as(200, replay))
	}
	require.Equal(t, map[string]any{"items": []any{}}, p.ask(200, "GET", "/v1/quarantine", ""))
	for _, r := range []request{{method: "GET", path: "/v1/quarantine/" + id}, {method: "DELETE", path: "/v1/quarantine/" + id}, {method: "POST", path: replay.path}} {
		require.Equal(t, "NOT_FOUND", p.refused(404, r)["code"])
	}
}

func TestAPushIsDismissedOnceAndUnderItsKey(t *testing.T) {
	p := open(t, func(o *api.Options) { o.Read = (&parcels{}).read })
	id := p.quarantine("acme", "1")
	dismissal := request{method: "DELETE", path: "/v1/quarantine/" + id, key: "dismiss-1"}
	for range 2 {
		require.Equal(t, map[string]any{"id": id, "status": "DISMISSED", "reports": 0.}, p.as(200, dismissal))
	}
	require.Empty(t, p.ask(200, "GET", "/v1/quarantine", "")["items"])
	again := p.quarantine("acme", "2")
	require.Equal(t, "IDEMPOTENCY_KEY_REUSED", p.refused(409, request{method: "DELETE", path: "/v1/quarantine/" + again, key: "dismiss-1"})["code"])
	require.Equal(t, "IDEMPOTENCY_KEY_REQUIRED", p.refused(400, request{method: "DELETE", path: "/v1/quarantine/" + again, key: "-"})["code"])
	require.Equal(t, "UNKNOWN_FIELD", p.refused(400, request{method: "POST", path: "/v1/quarantine/" + again + "/replay", body: `{"force":true}`})["code"])
	require.Len(t, p.ask(200, "GET", "/v1/quarantine", "")["items"], 1)
}

func TestABodyThatIsNoTextComesInBase64(t *testing.T) {
	p := open(t)
	body := "ISA\x1d00\x1e" + strings.Repeat("~", 1000)
	shown := p.ask(200, "GET", "/v1/quarantine/"+p.quarantine("acme", body), "")
	require.Equal(t, base64.StdEncoding.EncodeToString([]byte(body)), shown["bodyBase64"])
	require.NotContains(t, shown, "body")
}

func TestPagesOfTheQuarantineNeitherSkipNorRepeat(t *testing.T) {
	p := open(t)
	seen := map[any]bool{}
	for i := range 120 {
		p.now = p.now.Add(time.Duration(i%3) * time.Second)
		p.quarantine("acme", fmt.Sprint(i))
	}
	for token, more := "", true; more; {
		page := p.ask(200, "GET", "/v1/quarantine?nextToken="+token, "")
		for _, entry := range page["items"].([]any) {
			id := entry.(map[string]any)["id"]
			require.False(t, seen[id])
			seen[id] = true
		}
		token, more = page["nextToken"].(string)
	}
	require.Len(t, seen, 120)
	p.refused(400, request{method: "GET", path: "/v1/quarantine?nextToken=x"})
	p.refused(400, request{method: "GET", path: "/v1/quarantine?status=pending"})
}
