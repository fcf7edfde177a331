package main

// Every scenario is played from its file, as a reader would play it, on each
// store: the output must be the golden file's, byte for byte, versions
// included. So that a golden file that was recorded from a mistake cannot pass,
// the numbers that the features promise stand here too, worked out by hand from
// the rules. It would catch a changed rule, a store that answers differently,
// and a file that says nonsense and is played all the same.

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/boot/local"
	"headstart/shared/fault"
)

var update = flag.Bool("update", false, "write the golden files from what the memory store prints")

const scenarioFolder = "scenarios"

func scenarioNames(t *testing.T) []string {
	files, err := filepath.Glob(filepath.Join(scenarioFolder, "*.jsonl"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 24)
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".jsonl")
	}
	return files
}

func freshStage(t *testing.T, store string) *local.Stage {
	stage, end, err := local.FreshStage(context.Background(), store, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(end)
	return stage
}

func played(t *testing.T, store, name string) []byte {
	var out bytes.Buffer
	require.NoError(t, playScenario(context.Background(), freshStage(t, store), filepath.Join(scenarioFolder, name+".jsonl"), &out))
	return out.Bytes()
}

func TestEveryScenarioPrintsItsGoldenFileOnEveryStore(t *testing.T) {
	for _, store := range []string{"memory", "sqlite", "dynamo"} {
		t.Run(store, func(t *testing.T) {
			if store == "dynamo" && os.Getenv(local.DynamoEndpoint) == "" {
				t.Skipf("%s is not set; .ci/dynamodb-local runs a command with one", local.DynamoEndpoint)
			}
			for _, name := range scenarioNames(t) {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					holdToGolden(t, store, name)
				})
			}
		})
	}
}

func holdToGolden(t *testing.T, store, name string) {
	golden := filepath.Join(scenarioFolder, name+".golden")
	got := played(t, store, name)
	if *update && store == "memory" {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "go test ./localstack -run Scenario -update writes it; then read what it says")
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		require.Equal(t, wantLines[i], gotLines[i], "line %d of %s", i+1, golden)
	}
	require.Equal(t, len(wantLines), len(gotLines), "lines of %s", golden)
}

func TestEveryScenarioSaysWhatItShows(t *testing.T) {
	for _, name := range scenarioNames(t) {
		text, err := os.ReadFile(filepath.Join(scenarioFolder, name+".jsonl"))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# "), "%s begins with a comment", name)
		require.NotEmpty(t, promises[name], "%s promises something", name)
	}
}

func TestEveryScenarioKeepsThePromisesOfTheFeatures(t *testing.T) {
	for name, rows := range promises {
		t.Run(name, func(t *testing.T) {
			said := hear(t, played(t, "memory", name))
			for _, p := range rows {
				for _, term := range strings.Split(p.want, "; ") {
					path, want, _ := strings.Cut(term, "=")
					require.Equal(t, want, dig(t, said[p.line].from(p.from), path), "%s, line %d, %s: %s", p.feature, p.line, p.from, path)
				}
			}
		})
	}
}

func TestEveryFeatureOfTheseStoriesIsPromisedSomewhere(t *testing.T) {
	shown := map[string]bool{}
	for _, rows := range promises {
		for _, p := range rows {
			shown[p.feature] = true
		}
	}
	for _, f := range []string{"1-13", "16-28", "30-35", "37", "39-55", "57-67", "69-84", "86-92", "95-108", "119", "151-152", "174-177", "182-185"} {
		first, last, ranged := strings.Cut(f, "-")
		if !ranged {
			last = first
		}
		from, err := strconv.Atoi(first)
		require.NoError(t, err)
		to, err := strconv.Atoi(last)
		require.NoError(t, err)
		for n := from; n <= to; n++ {
			if slices.Contains(elsewhere, n) {
				continue
			}
			require.True(t, shown[fmt.Sprintf("F%d", n)], "no scenario promises F%d", n)
		}
	}
}

// elsewhere are features within the ranges above that no scenario can show.
var elsewhere = []int{
	29, 38, // properties of many random lists of events
	56, // optional priority classes, not built
	68, // mails, not built
	85, // the runner always signs rightly
}

// reply is what one line of a scenario answered and published.
type reply struct {
	Line   int
	Status int
	Body   any
	Event  map[string]any
	Mail   map[string]any
	events []any
	mails  []any
}

// hear reads a scenario's output by line.
func hear(t *testing.T, output []byte) map[int]*reply {
	replies := make(map[int]*reply)
	for _, line := range bytes.Split(bytes.TrimSpace(output), []byte("\n")) {
		var r reply
		require.NoError(t, json.Unmarshal(line, &r), "%s", line)
		if r.Event == nil && r.Mail == nil {
			replies[r.Line] = &r
			continue
		}
		said := replies[r.Line]
		require.NotNil(t, said, "an event of line %d before its answer", r.Line)
		if r.Mail != nil {
			said.mails = append(said.mails, r.Mail)
		} else {
			said.events = append(said.events, r.Event)
		}
	}
	return replies
}

// from returns the answer, the status, the mails, or the events of a type: all of
// them, or one item's after a slash.
func (r *reply) from(what string) any {
	switch what {
	case "answer":
		return r.Body
	case "http":
		return map[string]any{"status": float64(r.Status)}
	case "mails":
		return r.mails
	}
	kind, sku, one := strings.Cut(what, "/")
	found := []any{}
	for _, e := range r.events {
		if event := e.(map[string]any); event["type"] == kind && (!one || event["sku"] == sku) {
			found = append(found, event)
		}
	}
	return found
}

// dig returns the JSON at a path of names and indices; # is a list's length.
func dig(t *testing.T, value any, path string) string {
	for _, name := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[name]
			if !ok {
				return "absent"
			}
			value = inner
		case []any:
			if name == "#" {
				return strconv.Itoa(len(v))
			}
			i, err := strconv.Atoi(name)
			require.NoError(t, err)
			if i >= len(v) {
				return "absent"
			}
			value = v[i]
		default:
			return fmt.Sprintf("%v, which has no %s", v, name)
		}
	}
	text, err := jsonv2.Marshal(value, jsonv2.Deterministic(true))
	require.NoError(t, err)
	return string(text)
}

func TestAPoisonMessageIsADeadLetterAfterTenReceivesAndMayBeRedriven(t *testing.T) {
	stage, ctx := freshStage(t, "memory"), context.Background()
	path := filepath.Join(t.TempDir(), "poison.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"at":"2026-03-02T09:00:00Z","queue":"orders","bodies":["nonsense",{"type":"order.placed","orderId":"113-1","seller":"acme","marketplace":"A1PA6795UKMFR9","placedAt":"2026-03-02T09:00:00Z","lines":[{"sku":"KETTLE-1","units":1}]}]}`), 0o600))
	var out bytes.Buffer
	require.NoError(t, playScenario(ctx, stage, path, &out))
	require.Equal(t, 1, stage.DeadLetters())
	stage.Redrive()
	require.Zero(t, stage.DeadLetters())
	require.NoError(t, stage.Drain(ctx))
	require.Equal(t, 1, stage.DeadLetters(), "nobody has mended it")
	require.Empty(t, stage.Published(), "and the other message is not decided again")
}

func TestAnUnreadableWebhookIsPutAside(t *testing.T) {
	stage, ctx := freshStage(t, "memory"), context.Background()
	require.NoError(t, playScenario(ctx, stage, filepath.Join(scenarioFolder, "37-bad-input.jsonl"), io.Discard))
	page, err := stage.Engine().Quarantined(ctx, "acme", "")
	require.NoError(t, err)
	require.Len(t, page.Items, 3)
}

func TestABodyOfMoreThanAMebibyteIsTooLarge(t *testing.T) {
	for size, status := range map[int]int{1 << 20: 400, 1<<20 + 1: 413} {
		path := filepath.Join(t.TempDir(), "large.jsonl")
		body := `{"x":"` + strings.Repeat("x", size-len(`{"x":""}`)) + `"}`
		require.NoError(t, os.WriteFile(path, []byte(`{"at":"2026-03-02T09:00:00Z","do":"PUT /v1/items/A1PA6795UKMFR9/KETTLE-1","body":`+body+"}\n"+
			`{"at":"2026-03-02T09:00:00Z","webhook":"standard/acme","body":`+body+"}\n"), 0o600))
		var out bytes.Buffer
		require.NoError(t, playScenario(context.Background(), freshStage(t, "memory"), path, &out))
		said := hear(t, out.Bytes())
		require.Equal(t, status, said[1].Status)
		require.Equal(t, map[int]int{400: 200, 413: 413}[status], said[2].Status, "a readable size, but no event: put aside")
	}
}

func TestAWebhookMayStandInAFileOfItsOwn(t *testing.T) {
	folder := t.TempDir()
	event, err := os.ReadFile("../events/webhook-easypost-in-transit.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "event.json"), event, 0o600))
	path := filepath.Join(folder, "file.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"at":"2026-03-04T09:00:00Z","webhook":"easypost/acme","file":"event.json"}
{"at":"2026-03-04T09:00:00Z","do":"POST /v1/shipments","body":{"shipmentId":"FBA15ABD","marketplace":"A1PA6795UKMFR9","boxes":[{"boxId":"1","trackingId":"1ZFBA15ABD"}],"lines":[{"sku":"KETTLE-1","units":100}]}}`), 0o600))
	var out bytes.Buffer
	require.NoError(t, playScenario(context.Background(), freshStage(t, "memory"), path, &out))
	said := hear(t, out.Bytes())
	require.Equal(t, 200, said[1].Status)
	require.Equal(t, `"1ZFBA15ABD"`, dig(t, said[2].Body, "units.0.number"))
	require.Equal(t, `"IN_TRANSIT"`, dig(t, said[2].Body, "status"))
}

func TestAMalformedScenarioIsRefusedByItsLine(t *testing.T) {
	const good = `{"at":"2026-03-02T09:00:00Z","get":"/v1/items"}`
	for line, reason := range map[string]string{
		`{"at":"2026-03-02T09:00:00Z","get":"/v1/items","gte":1}`:                        "gte",
		`{"at":"2026-03-02T09:00:00Z","policy":{"paddingDay":1}}`:                        "paddingDay",
		`{"at":"2026-03-02T09:00:00Z","policy":{"paddingDays":-1}}`:                      "policy.paddingDays is -1",
		`{"at":"2026-03-02T09:00:00Z","policy":{"horizonDays":3651}}`:                    "policy.horizonDays is 3651",
		`{"at":"2026-03-02T09:00:00Z","policy":{"onCarriageDays":{"ARRIVAL_PORT":366}}}`: "policy.onCarriageDays.ARRIVAL_PORT is 366",
		`{"at":"2026-03-02T09:00:00Z","policy":{"onCarriageDays":{"ARRIVAL_MOON":1}}}`:   "policy.onCarriageDays.ARRIVAL_MOON",
		`{"at":"2026-03-02T08:59:59Z","get":"/v1/items"}`:                                "goes back",
		`{"get":"/v1/items"}`:                                                               "at is missing",
		`{"at":"yesterday","get":"/v1/items"}`:                                              "not a step",
		`{"at":"2026-03-02T09:00:00Z"}`:                                                     "a step needs one of do, get, webhook, queue, schedule, policy",
		`{"at":"2026-03-02T09:00:00Z","note":"nothing else"}`:                               "a step needs one of",
		`{"at":"2026-03-02T09:00:00Z","get":"/v1/items","schedule":"sweep"}`:                "a step holds only one of",
		`{"at":"2026-03-02T09:00:00Z","get":"/v1/items","get":"/v1/audit"}`:                 "duplicate",
		`{"at":"2026-03-02T09:00:00Z","get":"/v1/items","body":{}}`:                         "body means nothing beside get",
		`{"at":"2026-03-02T09:00:00Z","webhook":"standard/acme","body":{},"key":"k"}`:       "key means nothing beside webhook",
		`{"at":"2026-03-02T09:00:00Z","webhook":"standard/acme","body":{},"file":"x.json"}`: "only one of body and file",
		`{"at":"2026-03-02T09:00:00Z","queue":"orders","seller":"other","body":{}}`:         "seller means nothing beside queue",
		`{"at":"2026-03-02T09:00:00Z","queue":"orders"}`:                                    "needs a body or bodies",
		`{"at":"2026-03-02T09:00:00Z","queue":"tracking","body":{}}`:                        `queue is "tracking"`,
		`{"at":"2026-03-02T09:00:00Z","schedule":"tidy"}`:                                   `schedule is "tidy"`,
		`{"at":"2026-03-02T09:00:00Z","webhook":"pigeon/acme","body":{}}`:                   "there is no adapter pigeon",
		`{"at":"2026-03-02T09:00:00Z","webhook":"standard/acme","file":"not-there.json"}`:   "not-there.json",
		`{"at":"2026-03-02T09:00:00Z","do":"/v1/shipments"}`:                                "write METHOD and path",
		`{"at":"2026-03-02T09:00:00Z","get":"/v1/items","seller":"Acme & Sons"}`:            "seller",
		`this is not JSON`: "not a step",
		`[]`:               "not a step",
		good + ` {}`:       "not a step",
		`{"at":"2026-03-02T09:00:00Z","get":"/v1`:    "not a step",
		`{"at":"2026-03-02T09:00:00Z","get":"\xff"}`: "not a step",
		`{"` + strings.Repeat("x", 17<<20) + `":1}`:  "too long",
	} {
		path := filepath.Join(t.TempDir(), "bad.jsonl")
		require.NoError(t, os.WriteFile(path, []byte("# a story\n"+good+"\n"+line+"\n"), 0o600))
		var out bytes.Buffer
		err := run(context.Background(), []string{"scenario", path, "-store", "memory"}, &out)
		require.Equal(t, fault.Invalid, fault.Of(err), "%.80s: %v", line, err)
		require.Contains(t, err.Error(), "line 3", "%.80s", line)
		require.Contains(t, err.Error(), reason, "%.80s", line)
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")), "what was well-formed was played")
	}
}

func TestTheCommandFailsOnAMalformedFileNamingTheLine(t *testing.T) {
	binary, path := build(t), filepath.Join(t.TempDir(), "bad.jsonl")
	require.NoError(t, os.WriteFile(path, []byte("\n{}\n"), 0o600))
	for _, args := range [][]string{{"scenario", path, "-store", "memory"}, {"scenario", "-store", "memory", path}} {
		out, err := exec.Command(binary, args...).CombinedOutput()
		exit, ok := err.(*exec.ExitError)
		require.True(t, ok, "%v", err)
		require.Equal(t, 1, exit.ExitCode())
		require.Contains(t, string(out), path+" line 2")
	}
}

func TestTheScenarioCommandSaysWhatItWants(t *testing.T) {
	for _, args := range [][]string{{"scenario"}, {"scenario", "a", "b"}, {"scenario", "a", "-store", "paper"}, {"scenario", "not-there.jsonl", "-store", "memory"}} {
		require.Equal(t, fault.Invalid, fault.Of(run(context.Background(), args, io.Discard)), args)
	}
}

// promise is what one line of a scenario must answer or publish, by the rules.
// from is answer, http, or an event's type, with /SKU for one item's. want lists
// path=JSON, parted by "; ".
type promise struct {
	feature string
	line    int
	from    string
	want    string
}

// promises are by scenario. 2026-03-02 is a Monday; with an ETA of Tuesday
// 2026-03-10 and one business day to receive, goods are in stock on Wednesday
// the 11th and with the buyer on the 12th.
var promises = map[string][]promise{
	"01-sold-before-it-arrives": {
		{"F1", 4, "availability.changed", `0.availability.verdict="NO_TRACKING"`},
		{"F1", 5, "answer", `futureSupplyBuyableQuantity=0; inbound.working=100; inbound.shipped=0; verdict.code="NO_TRACKING"; offer.status="INACTIVE"`},
		{"F30", 6, "answer", `status="SHIPPED"`},
		{"F30", 7, "answer", `futureSupplyBuyableQuantity=0; inbound.working=0; inbound.shipped=100; verdict.code="NO_ETA"`},
		{"F1", 8, "http", `status=200`},
		{"F1", 8, "availability.changed", `0.availability.futureSupplyBuyableQuantity=100; 0.availability.inStockDate="2026-03-18"`},
		{"F1", 9, "answer", `futureSupplyBuyableQuantity=100; reservedFutureSupplyQuantity=0; verdict.code="BUYABLE"; offer.status="ACTIVE"; offer.inStockDate="2026-03-18"; fulfillableQuantity=0`},
		{"F37", 10, "orders.decided", `0.accepted.0.promised="2026-03-18"`},
		{"F37", 10, "availability.changed", `0.availability.reservedFutureSupplyQuantity=1; 0.availability.futureSupplyBuyableQuantity=99`},
		{"F25", 12, "answer", `inbound.shipped=100; lots.0.expected=100`},
		{"F24", 12, "answer", `fulfillableQuantity=0`},
		{"F26", 12, "answer", `lots.0.reserved=70; lots.0.buyable=30; reservedFutureSupplyQuantity=70; futureSupplyBuyableQuantity=30; inbound.shipped=100; fulfillableQuantity=0; totalQuantity=100`},
		{"F57", 13, "answer", `orderType="BackOrder"; status="RESERVED"; released=false; firstPromised="2026-03-18"; promised="2026-03-18"; deliveryDate="2026-03-19"; actual=null`},
		{"F31", 15, "answer", `fulfillableQuantity=0; reservedFutureSupplyQuantity=70; futureSupplyBuyableQuantity=30; inbound.shipped=100`},
		{"F75", 16, "answer", `status="RECEIVING"`},
		{"F75", 16, "orders.released", `0.released.#=2; 0.released.0.orderId="113-0000001"; 0.released.1.orderId="113-0000002"`},
		{"F31", 17, "answer", `inbound.receiving=60; inbound.shipped=0; pendingCustomerOrderQuantity=40; reservedFutureSupplyQuantity=30; futureSupplyBuyableQuantity=30; fulfillableQuantity=0; totalQuantity=100`},
		{"F75", 18, "answer", `allocated=10; pegs.0={"date":"2026-03-18","source":"ON_HAND","units":10}; pegs.1={"date":"2026-03-18","source":"FBA15ABC","units":30}; status="RESERVED"; released=false`},
		{"F76", 19, "answer", `status="CLOSED"`},
		{"F76", 19, "orders.released", `0.released.0.orderId="113-0000003"`},
		{"F76", 19, "promise.changed", `#=0`},
		{"F76", 20, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=0; pendingCustomerOrderQuantity=70; fulfillableQuantity=30; inbound.receiving=0; inbound.shipped=0; totalQuantity=100; verdict.code="IN_STOCK"; offer.status="ACTIVE"`},
		{"F76", 21, "answer", `pegs=[{"date":"2026-03-18","source":"ON_HAND","units":40}]; released=true; firstPromised="2026-03-18"; promised="2026-03-18"; actual="2026-03-18"`},
	},
	"02-no-arrival-named": {
		{"F4", 4, "availability.changed", `0.availability.verdict="NO_ETA"`},
		{"F4", 5, "answer", `lots.0.verdict.code="NO_ETA"; lots.0.inStockDate=null; futureSupplyBuyableQuantity=0; verdict.code="NO_ETA"; offer.inStockDate=null; offer.status="INACTIVE"; inbound.shipped=100`},
		{"F4", 6, "orders.decided", `0.rejected.0.reason="NO_ETA"`},
		{"F4", 6, "answer", `batchItemFailures.#=0`},
		{"F4", 7, "answer", `status="REJECTED"; reason="NO_ETA"; promised=null; firstPromised=null`},
		{"F4", 8, "availability.changed", `#=0`},
		{"F4", 9, "answer", `futureSupplyBuyableQuantity=0; verdict.code="NO_ETA"`},
		{"F4", 11, "answer", `futureSupplyBuyableQuantity=100; verdict.code="BUYABLE"; offer.inStockDate="2026-03-11"`},
		{"F4", 12, "orders.decided", `#=0`},
		{"F4", 13, "orders.decided", `0.accepted.0.promised="2026-03-11"`},
		{"F4", 14, "orders.decided", `0.rejected.0.reason="NO_SUPPLY"`},
	},
	"03-on-hand-hides-the-future": {
		{"F2", 6, "answer", `lots.0.buyable=10; fulfillableQuantity=1; futureSupplyBuyableQuantity=0; verdict.code="IN_STOCK"; offer.inStockDate=null; offer.status="ACTIVE"`},
		{"F3", 7, "orders.released", `0.released.0.orderId="113-1"`},
		{"F3", 7, "availability.changed", `0.availability.futureSupplyBuyableQuantity=10`},
		{"F3", 8, "answer", `fulfillableQuantity=0; futureSupplyBuyableQuantity=10; pendingCustomerOrderQuantity=1; verdict.code="BUYABLE"; offer.inStockDate="2026-03-11"`},
		{"F3", 9, "answer", `orderType="StandardOrder"; released=true; promised="2026-03-02"; actual="2026-03-02"; deliveryDate="2026-03-03"`},
		{"F2", 11, "answer", `fulfillableQuantity=1; futureSupplyBuyableQuantity=0; pendingCustomerOrderQuantity=0; verdict.code="IN_STOCK"`},
	},
	"04-listing-active": {
		{"F13", 4, "answer", `items.#=0`},
		{"F13", 6, "answer", `items.#=1; items.0.sku="KETTLE-1"; items.0.offer.status="ACTIVE"`},
		{"F13", 8, "answer", `items.#=0`},
		{"F13", 9, "answer", `items.#=1; items.0.verdict.code="SOLD_OUT"; items.0.offer.status="INACTIVE"`},
		{"F13", 11, "answer", `items.#=1`},
		{"F13", 14, "answer", `items.#=1; items.0.fulfillableQuantity=3`},
	},
	"05-beyond-the-horizon": {
		{"F18", 5, "answer", `futureSupplyBuyableQuantity=0; verdict.code="BEYOND_HORIZON"; verdict.nextChangeAt="2026-03-24T23:00:00Z"; offer.status="INACTIVE"`},
		{"F18", 6, "orders.decided", `0.rejected.0.reason="BEYOND_HORIZON"`},
		{"F18", 7, "answer", `futureSupplyBuyableQuantity=0; verdict.code="BEYOND_HORIZON"`},
		{"F18", 8, "answer", `futureSupplyBuyableQuantity=50; verdict.code="BUYABLE"; offer.inStockDate="2026-09-21"`},
		{"F18", 9, "orders.decided", `0.accepted.0.promised="2026-09-21"`},
	},
	"06-safety-buffer": {
		{"F33", 6, "answer", `lots.#=2; lots.0.shipmentId="FBA1"; lots.0.buyable=60; lots.1.shipmentId="FBA2"; lots.1.buyable=40; futureSupplyBuyableQuantity=100; reservedFutureSupplyQuantity=0`},
		{"F19", 7, "answer", `futureSupplyBuyableQuantity=90; lots.0.buyable=60; lots.1.exposable=30; lots.1.buyable=30`},
		{"F33", 9, "answer", `lots.0.reserved=60; lots.0.buyable=0; lots.1.reserved=10; lots.1.buyable=20; reservedFutureSupplyQuantity=70; futureSupplyBuyableQuantity=20; atRiskQuantity=0`},
		{"F19", 10, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=70; atRiskQuantity=20; shortfallQuantity=0`},
		{"F19", 10, "promise.changed", `#=0`},
		{"F19", 10, "supply.shortfall", `#=0`},
		{"F19", 11, "answer", `status="RESERVED"; promised="2026-03-18"`},
		{"F19", 12, "orders.decided", `0.rejected.0.reason="SOLD_OUT"`},
	},
	"07-withheld-and-fulfilled-by-merchant": {
		{"F20", 6, "availability.changed", `0.availability.verdict="WITHHELD_BY_SELLER"`},
		{"F20", 7, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=7; verdict.code="WITHHELD_BY_SELLER"; offer.status="INACTIVE"; shortfallQuantity=0; atRiskQuantity=0`},
		{"F20", 8, "orders.decided", `0.rejected.0.reason="WITHHELD_BY_SELLER"`},
		{"F21", 10, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=7; verdict.code="NOT_FBA"; inbound.shipped=100`},
		{"F21", 11, "orders.decided", `0.rejected.0.reason="NOT_FBA"`},
		{"F20", 12, "answer", `status="RESERVED"; promised="2026-03-11"`},
		{"F21", 13, "answer", `verdict.code="NOT_FBA"`},
		{"F20", 14, "answer", `futureSupplyBuyableQuantity=93`},
		{"F21", 14, "answer", `verdict.code="BUYABLE"`},
	},
	"08-overdue": {
		{"F22", 7, "answer", `futureSupplyBuyableQuantity=97; verdict.code="BUYABLE"; verdict.nextChangeAt="2026-03-10T23:00:00Z"`},
		{"F22", 8, "answer", `lots.0.inStockDate=null; futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=3; verdict.code="OVERDUE"; offer.status="INACTIVE"`},
		{"F22", 9, "orders.decided", `0.rejected.0.reason="OVERDUE"`},
		{"F22", 10, "promise.changed", `#=0`},
		{"F22", 10, "supply.shortfall", `#=0`},
		{"F22", 11, "answer", `pegs.0={"date":null,"source":"FBA1","units":3}; status="RESERVED"; promised="2026-03-11"`},
		{"F22", 12, "promise.changed", `0.moved.0.days=6; 0.moved.0.from="2026-03-11"; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-17"`},
		{"F22", 13, "answer", `futureSupplyBuyableQuantity=97; verdict.code="BUYABLE"; offer.inStockDate="2026-03-17"`},
		{"F22", 15, "answer", `futureSupplyBuyableQuantity=97; offer.inStockDate="2026-03-20"`},
		{"F22", 16, "promise.changed", `0.moved.0.days=3; 0.moved.0.from="2026-03-17"; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-20"`},
		{"F22", 17, "answer", `verdict.code="BUYABLE"`},
		{"F22", 18, "answer", `futureSupplyBuyableQuantity=0; verdict.code="OVERDUE"`},
		{"F22", 19, "orders.released", `0.released.0={"actual":"2026-03-31","orderId":"113-1"}`},
		{"F22", 20, "answer", `pendingCustomerOrderQuantity=3; fulfillableQuantity=97; reservedFutureSupplyQuantity=0; shortfallQuantity=0`},
	},
	"09-lost-cancelled-returned": {
		{"F77", 7, "promise.changed", `0.moved.#=1; 0.moved.0.days=7; 0.moved.0.from="2026-03-11"; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-18"`},
		{"F77", 7, "supply.shortfall", `0.short.#=1; 0.short.0.orderId="113-2"; 0.short.0.units=3`},
		{"F23", 7, "availability.changed", `0.availability.futureSupplyBuyableQuantity=0`},
		{"F23", 8, "answer", `lots.0.verdict.code="OPEN"; lots.1.verdict.code="LOST"; futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=4; shortfallQuantity=3; inbound.shipped=4`},
		{"F77", 9, "answer", `status="RESERVED"; firstPromised="2026-03-11"; promised="2026-03-18"`},
		{"F77", 10, "answer", `status="SHORTFALL"; firstPromised="2026-03-11"; promised=null; deliveryDate=null`},
		{"F77", 11, "promise.changed", `0.moved.#=2`},
		{"F77", 12, "answer", `status="RESERVED"; promised="2026-03-13"`},
		{"F23", 15, "answer", `status="CANCELLED"`},
		{"F23", 15, "availability.changed", `0.availability.futureSupplyBuyableQuantity=0; 0.availability.verdict="CANCELLED"`},
		{"F77", 15, "supply.shortfall", `0.short.0.orderId="113-3"; 0.short.0.units=2`},
		{"F182", 16, "answer", `verdict.evidence="shipment FBA4: the shipment was cancelled"`},
		{"F23", 16, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=0; shortfallQuantity=2; verdict.code="CANCELLED"; inbound.shipped=0`},
		{"F23", 19, "availability.changed", `0.availability.futureSupplyBuyableQuantity=0; 0.availability.verdict="RETURNED"`},
		{"F77", 19, "supply.shortfall", `0.short.0.orderId="113-4"; 0.short.0.units=2`},
		{"F182", 20, "answer", `verdict.evidence="shipment FBA5: the carrier is returning the shipment to its sender"`},
		{"F23", 20, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=0; shortfallQuantity=2; verdict.code="RETURNED"`},
		{"F23", 22, "answer", `futureSupplyBuyableQuantity=27; reservedFutureSupplyQuantity=7; shortfallQuantity=0`},
	},
	"10-the-counts": {
		{"F27", 11, "answer", `unfulfillableQuantity=5; fulfillableQuantity=20; pendingCustomerOrderQuantity=10; warehouseQuantity=35`},
		{"F28", 11, "answer", `totalQuantity=55; inbound={"receiving":5,"shipped":5,"working":10}`},
		{"F28", 13, "answer", `fulfillableQuantity=0; pendingCustomerOrderQuantity=30; reservedFutureSupplyQuantity=3; warehouseQuantity=35; totalQuantity=55`},
		{"F32", 15, "answer", `unfulfillable={"carrierDamagedQuantity":5,"customerDamagedQuantity":3,"defectiveQuantity":2,"distributorDamagedQuantity":6,"expiredQuantity":4,"warehouseDamagedQuantity":1}; unfulfillableQuantity=21; researching={"researchingQuantityInLongTerm":3,"researchingQuantityInMidTerm":2,"researchingQuantityInShortTerm":1}; researchingQuantity=6; warehouseQuantity=51`},
		{"F32", 16, "answer", `payload.inventorySummaries.0.inventoryDetails.reservedQuantity={"fcProcessingQuantity":0,"pendingCustomerOrderQuantity":30,"pendingTransshipmentQuantity":0,"totalReservedQuantity":30}; payload.inventorySummaries.0.inventoryDetails.researchingQuantity.researchingQuantityBreakdown=[{"name":"researchingQuantityInShortTerm","quantity":1},{"name":"researchingQuantityInMidTerm","quantity":2},{"name":"researchingQuantityInLongTerm","quantity":3}]; payload.inventorySummaries.0.inventoryDetails.unfulfillableQuantity.totalUnfulfillableQuantity=21`},
	},
	"11-working-becomes-shipped": {
		{"F30", 4, "answer", `status="WORKING"`},
		{"F30", 5, "answer", `inbound.working=100; inbound.shipped=0`},
		{"F30", 6, "answer", `status="SHIPPED"`},
		{"F30", 7, "answer", `inbound.working=0; inbound.shipped=100`},
		{"F30", 9, "answer", `status="SHIPPED"`},
		{"F30", 10, "answer", `status="SHIPPED"`},
		{"F30", 11, "answer", `inbound.working=0; inbound.shipped=170`},
		{"F30", 12, "answer", `status="WORKING"`},
		{"F30", 13, "answer", `inbound.working=50; inbound.shipped=120`},
	},
	"12-duplicates": {
		{"F41", 5, "orders.decided", `0.accepted.#=1; 0.rejected=absent`},
		{"F41", 6, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=99`},
		{"F42", 7, "orders.decided", `#=0`},
		{"F42", 7, "availability.changed", `#=0`},
		{"F42", 8, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=99`},
		{"F42", 9, "orders.decided", `#=0`},
		{"F42", 9, "availability.changed", `#=0`},
		{"F42", 10, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=99`},
		{"F42", 11, "orders.decided", `#=0`},
		{"F42", 11, "availability.changed", `#=0`},
		{"F42", 12, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=99`},
		{"F42", 14, "orders.decided", `#=0`},
		{"F42", 15, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=100`},
		{"F42", 16, "orders.decided", `0.rejected=[{"orderId":"113-2","reason":"TOO_OLD","revision":1,"units":1}]; 0.accepted.#=1`},
		{"F42", 17, "availability.changed", `#=0`},
		{"F42", 18, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=99`},
	},
	"13-same-order-another-body": {
		{"F43", 6, "alert.raised", `0.alert.code="IDEMPOTENCY_MISMATCH"; 0.alert.orderId="113-1"`},
		{"F43", 6, "orders.decided", `#=0`},
		{"F43", 6, "answer", `batchItemFailures.#=0`},
		{"F43", 6, "availability.changed", `#=0`},
		{"F43", 7, "alert.raised", `#=0`},
		{"F43", 8, "answer", `status="RESERVED"; units=2; reason=null`},
		{"F43", 9, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=98`},
	},
	"14-lines-of-one-sku": {
		{"F39", 4, "orders.decided", `0.rejected=[{"orderId":"113-1","reason":"INSUFFICIENT_SUPPLY","revision":1,"units":120}]; 0.accepted=absent`},
		{"F39", 5, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=100`},
		{"F39", 6, "orders.decided", `0.accepted.0.units=100`},
		{"F39", 7, "answer", `reservedFutureSupplyQuantity=100; futureSupplyBuyableQuantity=0; verdict.code="SOLD_OUT"`},
	},
	"15-all-or-nothing": {
		{"F40", 6, "orders.decided/KETTLE-1", `0.rejected.0.reason="OTHER_LINE_REFUSED"`},
		{"F40", 6, "orders.decided/MUG-1", `0.rejected.0.reason="INSUFFICIENT_SUPPLY"`},
		{"F40", 6, "availability.changed", `#=0`},
		{"F40", 7, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=10`},
		{"F40", 8, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=2`},
		{"F40", 9, "answer", `status="REJECTED"; reason="OTHER_LINE_REFUSED"`},
		{"F40", 10, "orders.decided/KETTLE-1", `0.accepted.0.promised="2026-03-11"`},
		{"F40", 10, "orders.decided/MUG-1", `0.rejected.0.reason="INSUFFICIENT_SUPPLY"`},
		{"F40", 11, "answer", `reservedFutureSupplyQuantity=3; futureSupplyBuyableQuantity=7`},
		{"F40", 13, "answer", `pegs.0.date="2026-03-11"; status="RESERVED"; promised="2026-03-18"`},
		{"F40", 14, "answer", `promised="2026-03-18"`},
		{"F40", 15, "orders.released", `0.released=[{"actual":"2026-03-10","orderId":"113-2"}]`},
		{"F40", 16, "answer", `released=false; actual=null`},
		{"F40", 17, "orders.released/MUG-1", `0.released=[{"actual":"2026-03-17","orderId":"113-3"}]`},
		{"F40", 18, "answer", `released=true; actual="2026-03-17"`},
		{"F40", 19, "orders.decided/KETTLE-1", `0.accepted.0.units=3`},
		{"F40", 19, "orders.decided/MUG-1", `0.accepted.0.units=2`},
		{"F40", 20, "orders.decided/KETTLE-1", `0.rejected.0.reason="OTHER_LINE_REFUSED"`},
		{"F40", 20, "orders.decided/MUG-1", `0.rejected.0.revision=3`},
		{"F40", 21, "answer", `units=3; status="RESERVED"; released=true`},
		{"F40", 24, "answer", `status="RESERVED"; units=3`},
		{"F40", 25, "answer", `status="RESERVED"; units=1`},
		{"F40", 26, "answer", `status="REJECTED"; reason="SOLD_OUT"`},
		{"F40", 27, "answer", `reservedFutureSupplyQuantity=10; futureSupplyBuyableQuantity=0`},
	},
	"16-long-orders": {
		{"F59", 5, "orders.decided", `#=90`},
		{"F59", 5, "availability.changed/SKU-090", `0.availability.reservedFutureSupplyQuantity=1`},
		{"F59", 5, "answer", `batchItemFailures.#=0`},
		{"F59", 6, "answer", `status="RESERVED"; promised="2026-03-11"`},
		{"F59", 7, "orders.decided", `#=91`},
		{"F59", 7, "orders.decided/SKU-001", `0.rejected.0.reason="TOO_MANY_ITEMS"`},
		{"F59", 7, "orders.decided/SKU-091", `0.rejected.0.reason="TOO_MANY_ITEMS"`},
		{"F59", 7, "availability.changed", `#=0`},
		{"F59", 8, "answer", `status="REJECTED"; reason="TOO_MANY_ITEMS"`},
		{"F59", 9, "orders.decided/SKU-042", `0.rejected.0.reason="INSUFFICIENT_SUPPLY"`},
		{"F59", 9, "orders.decided/SKU-001", `0.rejected.0.reason="OTHER_LINE_REFUSED"`},
		{"F59", 9, "availability.changed", `#=0`},
		{"F59", 10, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=1`},
		{"F59", 11, "orders.decided", `#=150`},
		{"F59", 11, "orders.decided/SKU-150", `0.accepted.0.orderId="113-150"`},
		{"F59", 12, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=0`},
		{"F59", 13, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=1`},
	},
	"17-cancelling": {
		{"F46", 6, "answer", `reservedFutureSupplyQuantity=7; futureSupplyBuyableQuantity=93`},
		{"F46", 7, "orders.decided", `0.cancelled=[{"orderId":"113-1"}]`},
		{"F46", 8, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=98`},
		{"F46", 9, "orders.decided", `#=0`},
		{"F46", 9, "availability.changed", `#=0`},
		{"F46", 10, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=98`},
		{"F47", 11, "answer", `batchItemFailures.#=0`},
		{"F47", 12, "availability.changed", `#=0`},
		{"F47", 13, "answer", `status="CANCELLED"; promised=null`},
		{"F47", 14, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=98`},
		{"F52", 15, "alert.raised", `0.alert.code="ALREADY_CANCELLED"`},
		{"F52", 15, "availability.changed", `#=0`},
		{"F52", 16, "alert.raised", `#=0`},
		{"F52", 17, "answer", `status="CANCELLED"`},
	},
	"18-holds": {
		{"F48", 6, "answer", `holdUntil="2026-03-02T10:15:00Z"; status="RESERVED"; promised="2026-03-11"`},
		{"F49", 7, "orders.decided", `#=0`},
		{"F49", 8, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=0; verdict.code="SOLD_OUT"; verdict.nextChangeAt="2026-03-02T10:15:00Z"`},
		{"F49", 9, "orders.decided", `0.rejected.0.reason="SOLD_OUT"`},
		{"F48", 10, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=0`},
		{"F48", 11, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=1; verdict.code="BUYABLE"`},
		{"F48", 12, "answer", `status="CANCELLED"; reason="HOLD_EXPIRED"`},
		{"F48", 13, "orders.decided", `0.accepted.0.orderId="113-3"`},
		{"F49", 15, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=0`},
		{"F49", 16, "answer", `holdUntil=null; revision=2; status="RESERVED"`},
		{"F48", 17, "alert.raised", `0.alert.code="ALREADY_CANCELLED"`},
		{"F48", 18, "answer", `status="CANCELLED"`},
		{"F49", 19, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=0`},
	},
	"19-changing-the-units": {
		{"F50", 6, "orders.decided", `0.rejected.0={"orderId":"113-1","reason":"INSUFFICIENT_SUPPLY","revision":2,"units":5}`},
		{"F50", 7, "answer", `revision=1; status="RESERVED"; units=3`},
		{"F50", 8, "answer", `reservedFutureSupplyQuantity=3; futureSupplyBuyableQuantity=1`},
		{"F50", 9, "orders.decided", `0.accepted.0.units=4`},
		{"F50", 10, "answer", `reservedFutureSupplyQuantity=4; futureSupplyBuyableQuantity=0`},
		{"F50", 12, "answer", `units=1; promised="2026-03-11"; firstPromised="2026-03-11"`},
		{"F50", 13, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=3`},
		{"F50", 14, "availability.changed", `#=0`},
		{"F50", 15, "answer", `reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=3`},
	},
	"20-shipped-in-part": {
		{"F51", 5, "orders.released", `0.released.0.orderId="113-1"`},
		{"F51", 6, "answer", `pendingCustomerOrderQuantity=5; fulfillableQuantity=0; reservedFutureSupplyQuantity=0`},
		{"F51", 8, "answer", `pendingCustomerOrderQuantity=3; fulfillableQuantity=0`},
		{"F51", 10, "answer", `reservedFutureSupplyQuantity=0; pendingCustomerOrderQuantity=0; fulfillableQuantity=2; warehouseQuantity=2`},
		{"F51", 11, "answer", `shippedUnits=3; status="SHIPPED"; released=true; actual="2026-03-10"`},
		{"F52", 12, "availability.changed", `#=0`},
		{"F52", 12, "answer", `batchItemFailures.#=0`},
		{"F52", 13, "answer", `fulfillableQuantity=2; pendingCustomerOrderQuantity=0`},
		{"F52", 14, "answer", `status="SHIPPED"`},
	},
	"21-cap-per-order": {
		{"F53", 5, "orders.decided", `0.rejected=[{"orderId":"113-1","reason":"MAX_UNITS_PER_ORDER","revision":1,"units":6}]; 0.accepted.0.orderId="113-2"`},
		{"F53", 6, "answer", `maxUnitsPerOrder=5; reservedFutureSupplyQuantity=5; futureSupplyBuyableQuantity=95`},
		{"F53", 7, "orders.decided", `0.rejected.0.reason="MAX_UNITS_PER_ORDER"`},
		{"F53", 8, "orders.decided", `0.rejected.0.reason="MAX_UNITS_PER_ORDER"`},
	},
	"22-on-hand-and-future-in-one-order": {
		{"F54", 5, "orders.decided", `0.accepted.0.promised="2026-03-11"`},
		{"F54", 6, "answer", `pegs=[{"date":"2026-03-02","source":"ON_HAND","units":2},{"date":"2026-03-11","source":"FBA1","units":1}]; status="RESERVED"; released=false; orderType="BackOrder"; promised="2026-03-11"`},
		{"F54", 7, "answer", `fulfillableQuantity=0; pendingCustomerOrderQuantity=2; reservedFutureSupplyQuantity=1; futureSupplyBuyableQuantity=3`},
		{"F54", 8, "orders.decided", `0.rejected.0.reason="INSUFFICIENT_SUPPLY"`},
	},
	"23-first-come-first-served": {
		{"F55", 5, "orders.decided", `0.accepted.0={"orderId":"113-1","promised":"2026-03-11","revision":1,"units":70}; 0.accepted.1={"orderId":"113-2","promised":"2026-03-18","revision":1,"units":1}`},
		{"F55", 6, "answer", `pegs.0.source="FBA2"; promised="2026-03-18"; orderType="BackOrder"`},
		{"F57", 6, "answer", `orderType="BackOrder"`},
		{"F55", 7, "answer", `lots.0.reserved=70; lots.1.reserved=1; reservedFutureSupplyQuantity=71; futureSupplyBuyableQuantity=29; offer.inStockDate="2026-03-18"`},
		{"F55", 8, "orders.decided", `0.rejected.0.reason="INSUFFICIENT_SUPPLY"`},
	},
	"24-stock-edit-below-what-is-sold": {
		{"F58", 6, "http", `status=200`},
		{"F58", 6, "supply.shortfall", `0.short.#=1; 0.short.0.orderId="113-1"; 0.short.0.units=20`},
		{"F58", 7, "answer", `reservedFutureSupplyQuantity=50; futureSupplyBuyableQuantity=0; shortfallQuantity=20; inbound.shipped=50; fulfillableQuantity=0`},
		{"F58", 8, "answer", `status="RESERVED"; promised="2026-03-11"`},
		{"F58", 9, "answer", `status="SHORTFALL"; promised=null; firstPromised="2026-03-11"`},
		{"F58", 10, "promise.changed", `0.moved.0.days=0; 0.moved.0.from=null; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-11"`},
		{"F58", 11, "answer", `reservedFutureSupplyQuantity=70; futureSupplyBuyableQuantity=10; shortfallQuantity=0`},
		{"F58", 12, "answer", `fulfillableQuantity=0; pendingCustomerOrderQuantity=5; reservedFutureSupplyQuantity=65`},
		{"F58", 13, "answer", `pendingCustomerOrderQuantity=5; reservedFutureSupplyQuantity=65`},
	},
	"25-promise-dates": {
		{"F61", 7, "answer", `promised="2026-05-27"; deliveryDate="2026-05-28"; firstPromised="2026-05-27"`},
		{"F81", 11, "answer", `promised="2026-05-26"; deliveryDate="2026-05-27"`},
		{"F81", 14, "answer", `offer.inStockDate="2026-05-26"`},
		{"F81", 15, "answer", `offer.inStockDate="2026-05-25"`},
		{"F82", 17, "answer", `offer.inStockDate="2026-05-26"`},
		{"F82", 19, "answer", `offer.inStockDate="2026-10-26"; verdict.nextChangeAt="2026-10-25T23:00:00Z"`},
		{"F82", 21, "answer", `offer.inStockDate="2026-10-27"; verdict.nextChangeAt="2026-10-26T23:00:00Z"`},
		{"F82", 23, "answer", `offer.inStockDate="2026-10-26"; verdict.nextChangeAt="2026-10-25T23:00:00Z"`},
	},
	"26-a-slip-saved-by-another-shipment": {
		{"F65", 6, "orders.decided", `0.accepted.#=70`},
		{"F63", 7, "promise.changed", `#=0`},
		{"F67", 9, "promise.changed", `#=1; 0.cause={"code":"supply","shipmentId":"FBAX"}`},
		{"F65", 9, "promise.changed", `0.moved.#=50; 0.moved.0.days=5; 0.moved.0.from="2026-03-11"; 0.moved.0.orderId="113-0021"; 0.moved.0.to="2026-03-16"`},
		{"F63", 9, "promise.changed", `0.moved.49.orderId="113-0070"`},
		{"F62", 9, "promise.changed", `0.moved.49.days=5`},
		{"F63", 9, "promise.changed/MUG-1", `#=0`},
		{"F65", 10, "answer", `lots.0.shipmentId="FBAY"; lots.0.reserved=20; reservedFutureSupplyQuantity=70; futureSupplyBuyableQuantity=50`},
		{"F62", 10, "answer", `lots.1.inStockDate="2026-03-16"`},
		{"F67", 10, "answer", `lots.1.reserved=50`},
		{"F65", 11, "answer", `pegs.0.source="FBAY"; promised="2026-03-11"; firstPromised="2026-03-11"`},
		{"F64", 12, "answer", `firstPromised="2026-03-11"; promised="2026-03-16"; actual=null; deliveryDate="2026-03-17"`},
		{"F63", 13, "answer", `promised="2026-03-11"`},
	},
	"27-an-earlier-shipment": {
		{"F66", 5, "promise.changed", `0.moved.#=2; 0.moved.0.days=-7; 0.moved.0.from="2026-03-18"; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-11"; 0.moved.1.days=-7; 0.moved.1.from="2026-03-18"; 0.moved.1.orderId="113-2"; 0.moved.1.to="2026-03-11"`},
		{"F67", 5, "promise.changed", `0.cause.shipmentId="FBA2"`},
		{"F66", 6, "answer", `pegs=[{"date":"2026-03-11","source":"FBA2","units":1},{"date":"2026-03-18","source":"FBA1","units":1}]; promised="2026-03-18"`},
		{"F64", 7, "answer", `firstPromised="2026-03-18"; promised="2026-03-11"`},
	},
	"28-three-dates": {
		{"F64", 6, "answer", `firstPromised="2026-03-11"; promised="2026-03-11"; actual=null`},
		{"F62", 7, "promise.changed", `0.moved.0.days=5`},
		{"F64", 8, "answer", `firstPromised="2026-03-11"; promised="2026-03-16"; actual=null`},
		{"F64", 10, "answer", `firstPromised="2026-03-11"; actual=null; released=false`},
		{"F64", 12, "answer", `firstPromised="2026-03-11"; actual="2026-03-14"; released=true`},
	},
	"29-jitter": {
		{"F69", 7, "promise.changed", `#=0`},
		{"F69", 8, "promise.changed", `#=0`},
		{"F69", 9, "promise.changed", `#=0`},
		{"F69", 10, "answer", `promised="2026-03-11"`},
		{"F69", 11, "promise.changed", `0.moved.0.days=1; 0.moved.0.from="2026-03-11"; 0.moved.0.orderId="113-1"; 0.moved.0.to="2026-03-12"`},
		{"F69", 12, "promise.changed", `#=0`},
		{"F69", 16, "orders.decided", `0.accepted.0.promised="2026-03-10"`},
		{"F69", 17, "promise.changed", `0.moved.0.days=1; 0.moved.0.from="2026-03-10"; 0.moved.0.orderId="113-2"; 0.moved.0.to="2026-03-11"`},
	},
	"30-short-receipt": {
		{"F73", 6, "answer", `reservedFutureSupplyQuantity=95; futureSupplyBuyableQuantity=5`},
		{"F73", 7, "orders.released", `0.released.#=92; 0.released.91.orderId="113-0092"`},
		{"F73", 7, "supply.shortfall", `0.short.#=3; 0.short.0.orderId="113-0093"; 0.short.0.units=1; 0.short.1.orderId="113-0094"; 0.short.1.units=1; 0.short.2.orderId="113-0095"; 0.short.2.units=1`},
		{"F73", 7, "answer", `discrepancies=[{"sku":"KETTLE-1","units":-8}]`},
		{"F73", 8, "answer", `pendingCustomerOrderQuantity=92; fulfillableQuantity=0; reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=0; shortfallQuantity=3; inbound.receiving=0`},
		{"F73", 9, "answer", `status="SHORTFALL"; promised=null; firstPromised="2026-03-11"`},
		{"F73", 10, "orders.decided", `0.cancelled.#=1`},
		{"F73", 11, "answer", `shortfallQuantity=2; pendingCustomerOrderQuantity=92`},
		{"F73", 12, "promise.changed", `0.moved.#=2`},
		{"F73", 13, "answer", `status="RESERVED"; promised="2026-03-18"; firstPromised="2026-03-11"`},
		{"F73", 14, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=8; shortfallQuantity=0`},
	},
	"31-over-receipt": {
		{"F74", 5, "answer", `discrepancies=[{"sku":"KETTLE-1","units":5}]`},
		{"F74", 6, "answer", `pendingCustomerOrderQuantity=70; fulfillableQuantity=35; reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=0; totalQuantity=105`},
		{"F74", 8, "answer", `discrepancies=[{"sku":"SURPRISE-1","units":3}]`},
		{"F74", 9, "answer", `fulfillableQuantity=3`},
	},
	"32-a-parcel-of-eight-scans": {
		{"F84", 7, "http", `status=200`},
		{"F84", 7, "availability.changed", `0.availability.futureSupplyBuyableQuantity=100`},
		{"F84", 8, "answer", `units.0.events=1; units.0.status="PRE_TRANSIT"; units.0.eta.to="2026-03-04T00:00:00Z"`},
		{"F86", 10, "http", `status=200`},
		{"F86", 10, "availability.changed", `#=0`},
		{"F86", 12, "answer", `units.0.events=2`},
		{"F84", 12, "answer", `status="IN_TRANSIT"`},
		{"F84", 15, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-05"; verdict.code="BUYABLE"`},
		{"F88", 16, "availability.changed", `0.availability.inStockDate="2026-03-06"`},
		{"F88", 17, "availability.changed", `0.availability.inStockDate="2026-03-09"`},
		{"F87", 18, "availability.changed", `#=0`},
		{"F87", 19, "answer", `units.0.events=5`},
		{"F88", 19, "answer", `units.0.eta.to="2026-03-06T00:00:00Z"`},
		{"F84", 23, "answer", `units.0.events=8; units.0.status="DELIVERED"; units.0.lastScan.text="Delivered, dock 4"; status="DELIVERED"; arrivedAt="2026-03-04T10:42:00Z"`},
		{"F87", 24, "availability.changed", `#=0`},
		{"F84", 25, "answer", `units.0.events=8; units.0.status="DELIVERED"; units.0.lastScan.text="Delivered, dock 4"; status="DELIVERED"; arrivedAt="2026-03-04T10:42:00Z"`},
		{"F86", 37, "answer", `units.0.events=8`},
		{"F84", 37, "answer", `units.0.status="DELIVERED"; units.0.lastScan.text="Delivered, dock 4"; status="DELIVERED"; arrivedAt="2026-03-04T10:42:00Z"`},
		{"F84", 39, "answer", `fulfillableQuantity=100; futureSupplyBuyableQuantity=0`},
	},
	"33-several-boxes": {
		{"F89", 5, "answer", `boxes.#=2; boxes.0.trackingId="1ZBOX1"; boxes.1.trackingId="1ZBOX2"; units.#=2`},
		{"F89", 8, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-12"`},
		{"F89", 9, "answer", `units.0.number="1ZBOX1"; units.0.events=1; units.1.events=1; units.0.eta.to="2026-03-09T12:00:00Z"; eta.to="2026-03-11T12:00:00Z"`},
		{"F89", 12, "answer", `status="IN_TRANSIT"; arrivedAt=null`},
		{"F89", 13, "supply.shortfall", `0.short.#=1; 0.short.0.orderId="113-1"; 0.short.0.units=40`},
		{"F89", 14, "answer", `lots.0.expected=40; futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=40; shortfallQuantity=40; inbound.shipped=40`},
		{"F89", 17, "availability.changed", `0.availability.verdict="QTY_NOT_CONFIDENT"`},
		{"F89", 17, "supply.shortfall", `#=0`},
		{"F89", 18, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=4; atRiskQuantity=4; shortfallQuantity=0`},
	},
	"34-the-end-of-the-window": {
		{"F90", 5, "answer", `lots.0.eta={"from":"2026-03-01T08:00:00Z","kind":"DELIVERY","precision":"WINDOW","to":"2026-03-03T18:00:00Z"}; offer.inStockDate="2026-03-03"`},
		{"F90", 6, "orders.decided", `0.accepted.0.promised="2026-03-03"`},
		{"F90", 7, "promise.changed", `#=0`},
		{"F90", 7, "availability.changed", `#=0`},
	},
	"35-the-webhook-comes-first": {
		{"F91", 3, "http", `status=200`},
		{"F91", 4, "http", `status=404`},
		{"F91", 5, "answer", `status="IN_TRANSIT"; eta.to="2026-03-10T12:00:00Z"`},
		{"F91", 5, "availability.changed", `0.availability.futureSupplyBuyableQuantity=100`},
		{"F91", 6, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-11"; verdict.code="BUYABLE"`},
		{"F91", 8, "answer", `status="SHIPPED"`},
		{"F91", 9, "answer", `futureSupplyBuyableQuantity=0; verdict.code="NO_ETA"`},
	},
	"36-poison": {
		{"F44", 5, "answer", `batchItemFailures=[{"itemIdentifier":"5.2"}]`},
		{"F44", 5, "orders.decided", `0.accepted.#=9`},
		{"F44", 6, "answer", `reservedFutureSupplyQuantity=9; futureSupplyBuyableQuantity=91`},
		{"F45", 7, "answer", `batchItemFailures.#=6`},
		{"F45", 7, "orders.decided", `0.accepted.0.orderId="113-17"`},
		{"F45", 8, "answer", `reservedFutureSupplyQuantity=10; futureSupplyBuyableQuantity=90`},
		{"F45", 9, "orders.decided", `0.accepted.0.orderId="113-3"`},
		{"F45", 9, "answer", `batchItemFailures.#=0`},
		{"F45", 10, "answer", `reservedFutureSupplyQuantity=11; futureSupplyBuyableQuantity=89`},
	},
	"37-bad-input": {
		{"F95", 6, "http", `status=200`},
		{"F95", 7, "http", `status=200`},
		{"F95", 7, "availability.changed", `#=0`},
		{"F95", 8, "http", `status=200`},
		{"F95", 8, "availability.changed", `0.availability.inStockDate="2026-03-12"`},
		{"F95", 9, "http", `status=200`},
		{"F95", 10, "http", `status=200`},
		{"F95", 11, "http", `status=401`},
		{"F95", 12, "http", `status=400`},
		{"F95", 12, "answer", `errors.0.code="UNKNOWN_FIELD"`},
		{"F95", 13, "http", `status=400`},
		{"F95", 14, "http", `status=400`},
		{"F95", 14, "answer", `errors.0.code="INVALID_INPUT"`},
		{"F95", 15, "http", `status=400`},
		{"F95", 16, "http", `status=400`},
		{"F95", 17, "http", `status=400`},
		{"F95", 18, "http", `status=400`},
		{"F95", 19, "http", `status=400`},
		{"F95", 20, "http", `status=404`},
		{"F95", 21, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-12"; inbound.shipped=100`},
	},
	"38-once-and-only-from-what-was-seen": {
		{"F152", 4, "http", `status=201`},
		{"F152", 5, "http", `status=201`},
		{"F152", 5, "answer", `createdAt="2026-03-02T09:00:00Z"`},
		{"F152", 6, "http", `status=409`},
		{"F152", 6, "answer", `errors.0.code="IDEMPOTENCY_KEY_REUSED"`},
		{"F152", 7, "http", `status=409`},
		{"F152", 7, "answer", `errors.0.code="SHIPMENT_EXISTS"`},
		{"F152", 10, "answer", `fulfillableQuantity=10; inbound.receiving=90`},
		{"F151", 11, "http", `status=200`},
		{"F151", 11, "answer", `fulfillableQuantity=8`},
		{"F151", 12, "http", `status=409`},
		{"F151", 12, "answer", `errors.0.code="CONFLICT"; errors.0.details="8"`},
		{"F151", 13, "answer", `version=4`},
		{"F151", 14, "http", `status=200`},
		{"F151", 14, "answer", `version=5`},
		{"F151", 15, "http", `status=409`},
		{"F151", 15, "answer", `errors.0.details="5"`},
		{"F151", 16, "answer", `productName="Kettle, red"; safetyBuffer=2; fulfillableQuantity=8`},
	},
	"39-amazons-summaries": {
		{"F174", 6, "answer", `payload.inventorySummaries.0.inventoryDetails.futureSupplyQuantity={"futureSupplyBuyableQuantity":30,"reservedFutureSupplyQuantity":70}; payload.inventorySummaries.0.inventoryDetails.inboundShippedQuantity=100; payload.inventorySummaries.0.totalQuantity=100; payload.inventorySummaries.0.sellerSku="KETTLE-1"; payload.granularity.granularityId="A1PA6795UKMFR9"`},
		{"F174", 7, "answer", `payload.inventorySummaries.0.inventoryDetails=absent`},
		{"F175", 9, "answer", `payload.inventorySummaries.#=50; payload.inventorySummaries.0.sellerSku="KETTLE-1"; payload.inventorySummaries.49.sellerSku="SKU-49"`},
		{"F175", 11, "answer", `payload.inventorySummaries.#=11; payload.inventorySummaries.0.sellerSku="SKU-50"; payload.inventorySummaries.10.sellerSku="SKU-60"; pagination.nextToken=absent`},
		{"F176", 13, "answer", `payload.inventorySummaries.#=1; payload.inventorySummaries.0.sellerSku="KETTLE-1"`},
		{"F176", 14, "answer", `payload.inventorySummaries.#=0`},
		{"F174", 15, "answer", `payload.inventorySummaries.#=2`},
		{"F177", 16, "http", `status=400`},
		{"F177", 16, "answer", `errors.0.code="InvalidInput"`},
	},
	"40-why-and-since-when": {
		{"F182", 5, "answer", `verdict.code="NO_TRACKING"; lots.0.verdict.code="NO_TRACKING"`},
		{"F182", 9, "answer", `verdict.code="BUYABLE"; verdict.nextChangeAt="2026-03-10T23:00:00Z"; numbers.reservedFutureSupplyQuantity=4; numbers.futureSupplyBuyableQuantity=96; lots.0.verdict.code="OPEN"`},
		{"F182", 11, "answer", `verdict.code="CUSTOMS_HOLD"; numbers.futureSupplyBuyableQuantity=0; numbers.atRiskQuantity=4`},
		{"F182", 14, "answer", `verdict.code="IN_STOCK"; numbers.fulfillableQuantity=96`},
		{"F182", 16, "answer", `verdict.code="NO_INBOUND"`},
		{"F183", 17, "answer", `timeline.#=7; timeline.0.at="2026-03-02T09:00:00Z"; timeline.0.event="REASON_CHANGED"; timeline.0.verdict="NO_TRACKING"; timeline.0.futureSupplyBuyableQuantity=0; timeline.1.at="2026-03-02T10:00:00Z"; timeline.1.event="REASON_CHANGED"; timeline.1.verdict="NO_ETA"; timeline.1.futureSupplyBuyableQuantity=0; timeline.2.at="2026-03-02T11:00:00Z"; timeline.2.event="SELLING_BEGAN"; timeline.2.verdict="BUYABLE"; timeline.2.futureSupplyBuyableQuantity=100; timeline.3.at="2026-03-03T09:00:00Z"; timeline.3.event="SELLING_STOPPED"; timeline.3.verdict="CUSTOMS_HOLD"; timeline.3.futureSupplyBuyableQuantity=0; timeline.4.at="2026-03-03T15:00:00Z"; timeline.4.event="SELLING_BEGAN"; timeline.4.verdict="BUYABLE"; timeline.4.futureSupplyBuyableQuantity=96; timeline.5.at="2026-03-10T09:00:00Z"; timeline.5.event="SELLING_STOPPED"; timeline.5.verdict="IN_STOCK"; timeline.5.futureSupplyBuyableQuantity=0; timeline.6.at="2026-03-10T10:00:00Z"; timeline.6.event="REASON_CHANGED"; timeline.6.verdict="NO_INBOUND"; timeline.6.futureSupplyBuyableQuantity=0`},
	},
	"41-the-ledger-adds-up": {
		{"F60", 8, "answer", `equal=true; items.0.equal=true; items.0.orders=4`},
		{"F60", 12, "answer", `equal=true`},
		{"F185", 12, "answer", `items.0.drift=[]; items.0.edits.#=1; items.0.edits.0.what="fulfillableQuantity 0 -> 3"; items.0.edits.0.reason="found in a van"`},
		{"F185", 13, "http", `status=200`},
		{"F185", 13, "answer", `equal=true`},
		{"F60", 14, "answer", `fulfillableQuantity=15; pendingCustomerOrderQuantity=0; reservedFutureSupplyQuantity=0; shortfallQuantity=0`},
	},
	"42-two-sellers": {
		{"sellers", 4, "answer", `status="SHIPPED"`},
		{"sellers", 5, "answer", `lines.0.units=7`},
		{"sellers", 7, "answer", `futureSupplyBuyableQuantity=100; verdict.code="BUYABLE"`},
		{"sellers", 8, "answer", `futureSupplyBuyableQuantity=0; verdict.code="NO_ETA"`},
		{"sellers", 11, "answer", `reservedFutureSupplyQuantity=5; futureSupplyBuyableQuantity=95; offer.inStockDate="2026-03-11"`},
		{"sellers", 12, "answer", `reservedFutureSupplyQuantity=2; futureSupplyBuyableQuantity=5; offer.inStockDate="2026-03-18"`},
		{"sellers", 13, "answer", `status="CANCELLED"`},
		{"sellers", 14, "answer", `reservedFutureSupplyQuantity=5; futureSupplyBuyableQuantity=95; shortfallQuantity=0`},
		{"sellers", 15, "answer", `status="SHORTFALL"; units=2`},
		{"sellers", 16, "http", `status=404`},
		{"sellers", 17, "http", `status=404`},
	},
	"43-silence": {
		{"F92", 6, "answer", `futureSupplyBuyableQuantity=8; verdict.code="BUYABLE"; verdict.nextChangeAt="2026-03-12T09:00:00Z"`},
		{"F92", 7, "answer", `futureSupplyBuyableQuantity=0; reservedFutureSupplyQuantity=2; verdict.code="STALE"; atRiskQuantity=2; shortfallQuantity=0`},
		{"F92", 8, "orders.decided", `0.rejected.0.reason="STALE"`},
		{"F92", 9, "answer", `status="RESERVED"; promised="2026-03-30"`},
		{"F92", 11, "answer", `futureSupplyBuyableQuantity=8; verdict.code="BUYABLE"; verdict.nextChangeAt="2026-03-23T08:00:00Z"; atRiskQuantity=0`},
	},
	"51-a-quote": {
		{"F79", 6, "answer", `accepted=true; reason=null; units=4; availableQuantity=10; orderType="BackOrder"; promised="2026-03-11"; deliveryDate="2026-03-12"; pegs=[{"date":"2026-03-11","source":"FBA1","units":4}]`},
		{"F79", 7, "answer", `accepted=true; availableQuantity=10; promised="2026-03-11"`},
		{"F79", 7, "availability.changed", `#=0`},
		{"F79", 7, "orders.decided", `#=0`},
		{"F79", 8, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=10; lots.0.reserved=0; version=1`},
		{"F79", 9, "orders.decided", `0.accepted.0.promised="2026-03-11"`},
		{"F79", 10, "answer", `accepted=false; reason="INSUFFICIENT_SUPPLY"; availableQuantity=6; promised=null; pegs=[]`},
		{"F79", 11, "answer", `accepted=true; promised="2026-03-18"; deliveryDate="2026-03-19"; lines.0.sku="KETTLE-1"; lines.0.promised="2026-03-11"; lines.1.promised="2026-03-18"`},
		{"F79", 12, "answer", `accepted=false; reason="INSUFFICIENT_SUPPLY"; promised=null; lines.0.reason="OTHER_LINE_REFUSED"; lines.1.reason="INSUFFICIENT_SUPPLY"; lines.1.availableQuantity=5`},
		{"F79", 13, "answer", `accepted=false; promised="2026-03-11"; lines.0.accepted=true; lines.1.accepted=false`},
		{"F79", 14, "answer", `accepted=false; reason="NO_SUPPLY"`},
		{"F79", 15, "http", `status=400`},
		{"F79", 16, "answer", `reason="TOO_OLD"`},
		{"F79", 18, "answer", `promised="2026-03-11"; availableQuantity=12; pegs=[{"date":"2026-03-02","source":"ON_HAND","units":2},{"date":"2026-03-11","source":"FBA1","units":1}]`},
	},
	"52-buckets": {
		{"F80", 9, "answer", `buckets.#=3; buckets.0={"buyable":6,"expected":10,"from":"2026-03-01","onHand":0,"reserved":4,"to":"2026-04-01"}; buckets.1={"buyable":20,"expected":20,"from":"2026-04-01","onHand":0,"reserved":0,"to":"2026-05-01"}; buckets.2.expected=0`},
		{"F80", 9, "answer", `before.expected=0; after={"buyable":30,"expected":30,"onHand":0,"reserved":0}; undated={"buyable":0,"expected":5,"onHand":0,"reserved":0}; total={"buyable":56,"expected":65,"onHand":0,"reserved":4}`},
		{"F80", 9, "answer", `numbers.futureSupplyBuyableQuantity=56; numbers.reservedFutureSupplyQuantity=4; numbers.inbound.shipped=65`},
		{"F80", 10, "answer", `buckets.#=2; buckets.0.from="2026-03-11"; buckets.0.to="2026-03-16"; buckets.0.reserved=4; buckets.1.to="2026-03-18"; after.expected=50`},
		{"F80", 11, "answer", `buckets.#=3; buckets.0.expected=0; buckets.1.from="2026-03-11"; buckets.1.to="2026-03-12"; buckets.1.expected=10`},
		{"F80", 13, "answer", `buckets.0={"buyable":12,"expected":10,"from":"2026-03-01","onHand":2,"reserved":0,"to":"2026-04-01"}; total={"buyable":62,"expected":65,"onHand":2,"reserved":0}; numbers.fulfillableQuantity=2`},
		{"F80", 14, "http", `status=400`},
		{"F80", 15, "http", `status=400`},
	},
	"53-what-if": {
		{"F184", 9, "answer", `before.lots.0.reserved=10; after.reservedFutureSupplyQuantity=10; after.futureSupplyBuyableQuantity=4; after.offer.inStockDate="2026-03-16"; after.lots.0.shipmentId="FBA2"; after.lots.0.reserved=4; after.lots.1.reserved=6; after.lots.1.inStockDate="2026-03-16"`},
		{"F184", 9, "answer", `movedOrders=2; orders.0={"allocated":0,"days":5,"from":"2026-03-11","orderId":"113-1","shortfallQuantity":0,"to":"2026-03-16","units":6}; orders.1.to="2026-03-13"`},
		{"F184", 9, "promise.changed", `#=0`},
		{"F184", 10, "answer", `lots.0.shipmentId="FBA1"; lots.0.reserved=10; futureSupplyBuyableQuantity=4; offer.inStockDate="2026-03-13"`},
		{"F184", 11, "promise.changed", `0.moved.0.to="2026-03-16"; 0.moved.1.to="2026-03-13"`},
		{"F184", 12, "answer", `reservedFutureSupplyQuantity=10; futureSupplyBuyableQuantity=4; offer.inStockDate="2026-03-16"; lots.0.shipmentId="FBA2"; lots.0.reserved=4; lots.1.reserved=6; lots.1.inStockDate="2026-03-16"`},
		{"F184", 13, "answer", `promised="2026-03-16"`},
		{"F184", 14, "answer", `promised="2026-03-13"`},
		{"F184", 15, "answer", `after.pendingCustomerOrderQuantity=3; after.shortfallQuantity=3; after.reservedFutureSupplyQuantity=4; shortOrders=1; keptOrders=1; orders.0.orderId="113-1"; orders.0.to=null; orders.0.shortfallQuantity=3; orders.1.allocated=3`},
		{"F184", 16, "supply.shortfall", `0.short.#=1; 0.short.0.orderId="113-1"; 0.short.0.units=3`},
		{"F184", 17, "answer", `pendingCustomerOrderQuantity=3; shortfallQuantity=3; reservedFutureSupplyQuantity=4`},
		{"F184", 18, "answer", `after.verdict.code="WITHHELD_BY_SELLER"; after.futureSupplyBuyableQuantity=0; after.reservedFutureSupplyQuantity=4`},
		{"F184", 19, "http", `status=422`},
		{"F184", 20, "http", `status=400`},
	},
	"54-slip-report": {
		{"F67", 7, "answer", `slips.#=0`},
		{"F67", 8, "promise.changed", `0.moved.#=5`},
		{"F67", 9, "answer", `slips.#=1; slips.0.cause={"code":"supply","shipmentId":"FBAX"}; slips.0.at="2026-03-03T08:00:00Z"; slips.0.inStockDate={"from":"2026-03-11","to":"2026-03-16"}; slips.0.reservedUnits=7; slips.0.movedUnits=5; slips.0.keptUnits=2; slips.0.shortUnits=0; slips.0.moved.#=5`},
		{"F67", 9, "answer", `slips.0.moved.0={"days":5,"from":"2026-03-11","orderId":"113-3","to":"2026-03-16","units":1}; text.#=1`},
		{"F67", 10, "answer", `slips.#=0`},
		{"F67", 11, "answer", `reservedFutureSupplyQuantity=7`},
		{"F67", 14, "answer", `slips.#=1; slips.0.cause={"code":"receipt","shipmentId":"FBAX"}; slips.0.inStockDate=null; slips.0.reservedUnits=5; slips.0.movedUnits=0; slips.0.keptUnits=4; slips.0.shortUnits=1; slips.0.short=[{"orderId":"113-7","units":1}]`},
	},
	"55-needed-by": {
		{"F78", 5, "answer", `needBy=null; needByAtRisk=false; lines.0.needBy=null`},
		{"F78", 7, "answer", `needBy="2026-03-15"; needByAtRisk=false; lines.0.needBy="2026-03-15"; lines.1.needBy=null`},
		{"F78", 8, "alert.raised/KETTLE-1", `#=0`},
		{"F78", 9, "alert.raised/KETTLE-1", `#=1; 0.alert.code="NEED_BY_AT_RISK"; 0.alert.shipmentId="FBA1"`},
		{"F78", 9, "promise.changed", `#=0`},
		{"F78", 10, "answer", `needBy="2026-03-15"; needByAtRisk=true; lines.1.needByAtRisk=false`},
		{"F78", 11, "alert.raised", `#=0`},
		{"F78", 12, "alert.cleared/KETTLE-1", `0.alert.code="NEED_BY_AT_RISK"`},
		{"F78", 12, "promise.changed", `#=0`},
		{"F78", 13, "promise.changed", `0.moved.#=1; 0.moved.0.orderId="113-1"; 0.moved.0.from="2026-03-16"; 0.moved.0.to="2026-03-23"; 0.moved.0.days=7`},
		{"F78", 14, "answer", `needBy="2026-03-22"; needByAtRisk=false`},
		{"F78", 15, "alert.raised/KETTLE-1", `#=1`},
		{"F78", 16, "alert.cleared/KETTLE-1", `#=1`},
	},
	"56-what-if-a-shipment-slips": {
		{"F184", 5, "answer", `items.#=2; items.0.sku="KETTLE-1"; items.0.orders.0.to="2026-03-18"; items.0.after.lots.0.inStockDate="2026-03-18"; items.1.orders.0.to="2026-03-18"`},
		{"F184", 6, "answer", `items.#=3; items.0.after.pendingCustomerOrderQuantity=6; items.0.after.fulfillableQuantity=4; items.1.sku="LID-1"; items.1.after.fulfillableQuantity=1; items.2.after.shortfallQuantity=1; items.2.orders.0.shortfallQuantity=1`},
		{"F184", 7, "answer", `status="SHIPPED"; needBy="2026-03-10"`},
		{"F184", 9, "answer", `promised="2026-03-18"`},
		{"F184", 11, "answer", `status="SHORTFALL"; allocated=6`},
		{"F184", 12, "answer", `pendingCustomerOrderQuantity=4; shortfallQuantity=1`},
		{"F184", 13, "http", `status=404`},
	},
	"61-how-sure-a-date-is": {
		{"F8", 7, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-20"; lots.0.confidence.score=0.9405; lots.0.confidence.paddingDays=3`},
		{"F9", 8, "answer", `lots.0.confidence.score=0.9438; lots.0.confidence.paddingDays=3`},
		{"F8", 9, "answer", `lots.0.confidence.factors.0.name="date"; lots.0.confidence.factors.0.value=0.99; lots.0.confidence.factors.0.needed=0.95`},
		{"F8", 9, "answer", `lots.0.confidence.factors.1.name="quantity"; lots.0.confidence.factors.1.value=0.95; lots.0.confidence.factors.2.value=1`},
		{"F92", 9, "answer", `lots.0.confidence.factors.2.name="liveness"; lots.0.confidence.factors.2.nextChangeAt="2026-03-03T09:00:00Z"`},
		{"F92", 10, "answer", `lots.0.confidence.score=0.9311; lots.0.confidence.factors.2.value=0.99`},
		{"F92", 11, "answer", `lots.0.confidence.score=0.9123; lots.0.confidence.factors.2.value=0.97`},
		{"F92", 12, "answer", `lots.0.confidence.score=0.8465; lots.0.confidence.factors.2.value=0.9; futureSupplyBuyableQuantity=100`},
		{"F92", 14, "answer", `lots.0.confidence.score=0.9405`},
		{"F8", 16, "answer", `lots.0.confidence.lane="OCEAN/OWN"; lots.0.confidence.paddingDays=7; offer.inStockDate="2026-03-24"`},
	},
	"62-a-lane-that-breaks-its-dates": {
		{"F5", 11, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-13"`},
		{"F5", 18, "answer", `futureSupplyBuyableQuantity=0; verdict.code="DATE_NOT_CONFIDENT"; lots.0.verdict.code="DATE_NOT_CONFIDENT"; lots.0.confidence.factors.0.value=0.9425; lots.0.confidence.lane="SPD/OWN/SLOWLINE"`},
		{"F5", 20, "answer", `futureSupplyBuyableQuantity=0; verdict.code="DATE_NOT_CONFIDENT"; verdict.evidence="shipment QUICK-1: of the latest 6 dates of all shipments 6 were broken, more than 5: nothing new is sold until that is better"`},
		{"F5", 22, "orders.decided", `0.rejected.0.reason="DATE_NOT_CONFIDENT"`},
	},
	"63-a-vendor-that-sends-less": {
		{"F6", 13, "answer", `futureSupplyBuyableQuantity=80; lots.0.exposable=80; lots.0.expected=100; lots.0.confidence.withheld=20; lots.0.verdict.code="OPEN"; lots.0.verdict.evidence="in stock 2026-03-20: ETA until 2026-03-16T12:00:00Z, last heard 2026-03-04T09:00:00Z. QTY_NOT_CONFIDENT: 13.6 % of the lines of TEAPOTSLTD come short, with 90.0 % certainty 80 of the 100 units still to come do"`},
		{"F7", 14, "answer", `futureSupplyBuyableQuantity=92`},
		{"F7", 15, "answer", `futureSupplyBuyableQuantity=100`},
		{"F6", 17, "orders.decided", `0.accepted.0.units=80`},
		{"F6", 18, "orders.decided", `0.rejected.0.reason="SOLD_OUT"`},
	},
	"64-docks-by-appointment": {
		{"F10", 8, "answer", `futureSupplyBuyableQuantity=0; verdict.code="NO_APPOINTMENT"`},
		{"F10", 9, "answer", `futureSupplyBuyableQuantity=100; verdict.code="BUYABLE"`},
		{"F10", 10, "answer", `verdict.code="NO_APPOINTMENT"`},
		{"F10", 11, "answer", `futureSupplyBuyableQuantity=100`},
	},
	"65-sold-without-a-date": {
		{"F11", 11, "answer", `futureSupplyBuyableQuantity=0; verdict.code="DATE_NOT_CONFIDENT"; lots.0.confidence.exposure="HIDDEN"`},
		{"F11", 14, "answer", `futureSupplyBuyableQuantity=100; verdict.code="BUYABLE"; offer.status="ACTIVE"; offer.inStockDate=null; lots.0.inStockDate=null; lots.0.confidence.exposure="NO_DATE"`},
		{"F11", 16, "answer", `status="RESERVED"; promised=null; deliveryDate=null; pegs=[{"date":null,"source":"SLOW-4","units":2}]`},
		{"F11", 17, "promise.changed", `0.moved.0.orderId="113-1"; 0.moved.0.from=null; 0.moved.0.to="2026-04-17"`},
		{"F11", 18, "answer", `status="RESERVED"; promised="2026-04-17"`},
		{"F11", 19, "answer", `lots.0.confidence.exposure="DATED"; offer.inStockDate="2026-04-17"`},
	},
	"66-from-eta-to-buyable": {
		{"F12", 7, "answer", `swept=3`}, // the state of two shipments and a number that nobody knows: no alert of the 48 hours
		{"F12", 8, "alert.raised", `#=1; 0.alert.code="ETA_NOT_BUYABLE"; 0.alert.shipmentId="FBA-1"; 0.at="2026-03-04T09:00:01Z"`},
		{"F12", 9, "answer", `swept=1`}, // the letter that tells both alerts
		{"F12", 9, "alert.raised", `#=0`},
		{"F12", 9, "mails", `#=1; 0.news.items.1.alerts.0.code="ETA_NOT_BUYABLE"`},
		{"F12", 10, "alert.cleared", `#=1; 0.alert.code="ETA_NOT_BUYABLE"; 0.alert.shipmentId="FBA-1"`},
		{"F12", 11, "answer", `futureSupplyBuyableQuantity=100`},
	},
	"44-one-shipment-many-numbers": {
		{"F91", 5, "answer", `status="IN_TRANSIT"; units.#=3; units.0.kind="CONTAINER"; units.1.kind="BOL"; units.1.events=1; units.1.validation="VALIDATED"; units.2.kind="BOOKING"`},
		{"F91", 6, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-12"`},
		{"F89", 9, "answer", `units.0.events=1; units.1.events=1; units.2.events=1; units.0.eta.to="2026-03-12T12:00:00Z"; units.1.eta.to="2026-03-11T12:00:00Z"`},
		{"F89", 10, "answer", `offer.inStockDate="2026-03-13"`},
		{"F89", 12, "answer", `status="DELIVERED"; arrivedAt="2026-03-12T10:30:00Z"; units.1.status="IN_TRANSIT"`},
		{"F89", 13, "answer", `futureSupplyBuyableQuantity=100; offer.inStockDate="2026-03-13"`},
	},
	"45-two-shipments-in-one-container": {
		{"F89", 7, "answer", `futureSupplyBuyableQuantity=100; lots.0.buyable=60; lots.1.buyable=40; offer.inStockDate="2026-03-11"`},
		{"F89", 8, "orders.decided", `0.accepted.0.units=100`},
		{"F89", 9, "orders.decided", `0.rejected.0.reason="SOLD_OUT"`},
		{"F89", 11, "answer", `verdict.code="CUSTOMS_HOLD"; lots.0.verdict.code="CUSTOMS_HOLD"; lots.1.verdict.code="CUSTOMS_HOLD"; atRiskQuantity=100`},
		{"F89", 14, "promise.changed", `0.moved.0.to="2026-03-18"`},
		{"F89", 15, "answer", `reservedFutureSupplyQuantity=100; shortfallQuantity=0; lots.0.eta.to="2026-03-10T12:00:00Z"; lots.1.eta.to="2026-03-17T12:00:00Z"`},
		{"F89", 16, "answer", `pegs=[{"date":"2026-03-11","source":"FBA1","units":60},{"date":"2026-03-18","source":"FBA2","units":40}]`},
		{"F89", 17, "availability.changed", `0.availability.futureSupplyBuyableQuantity=1; 0.availability.inStockDate="2026-03-11"`},
		{"F89", 23, "http", `status=201`},
		{"F89", 24, "http", `status=422`},
		{"F89", 24, "answer", `errors.0.code="NUMBER_FULL"`},
	},
	"46-a-parcel-is-one-shipments": {
		{"F89", 6, "http", `status=409`},
		{"F89", 6, "answer", `errors.0.code="NUMBER_TAKEN"; errors.0.details="FBA1"`},
		{"F89", 8, "http", `status=409`},
		{"F89", 9, "answer", `futureSupplyBuyableQuantity=10`},
		{"F89", 11, "answer", `futureSupplyBuyableQuantity=0`},
		{"F89", 14, "answer", `futureSupplyBuyableQuantity=10; offer.inStockDate="2026-03-12"`},
		{"F89", 19, "answer", `futureSupplyBuyableQuantity=10; lots.0.buyable=6; lots.1.buyable=4; lots.1.inStockDate="2026-03-13"`},
		{"F89", 20, "orders.decided", `0.accepted.0.promised="2026-03-13"`},
		{"F89", 21, "orders.decided", `0.rejected.0.reason="SOLD_OUT"`},
		{"F89", 22, "answer", `reservedFutureSupplyQuantity=10; futureSupplyBuyableQuantity=0; shortfallQuantity=0`},
	},
	"47-a-number-used-again": {
		{"F91", 6, "answer", `status="CLOSED"`},
		{"F91", 10, "answer", `status="IN_TRANSIT"; units.0.events=1; units.0.eta.to="2026-03-16T12:00:00Z"; arrivedAt=null`},
		{"F91", 11, "answer", `status="CLOSED"; units.0.status="DELIVERED"`},
		{"F91", 12, "answer", `fulfillableQuantity=10; lots.0.shipmentId="FBA2"; lots.0.buyable=20; lots.0.inStockDate="2026-03-17"`},
	},
	"48-the-port-is-not-our-dock": {
		{"F91", 5, "answer", `verdict.code="NO_ETA"; inbound.shipped=100`},
		{"F90", 7, "answer", `eta={"from":"2026-03-14T18:00:00Z","kind":"ARRIVAL_PORT","precision":"INSTANT","to":"2026-03-14T18:00:00Z"}; units.0.eta.classifier="EST"; units.0.validation="VALIDATED"`},
		{"F90", 8, "answer", `offer.inStockDate="2026-03-23"; lots.0.eta.kind="ARRIVAL_PORT"`},
		{"F90", 9, "answer", `lots.0.verdict.evidence="in stock 2026-03-23: ETA (ARRIVAL_PORT, 7 days from the dock) until 2026-03-14T18:00:00Z, last heard 2026-03-03T06:00:02Z"`},
		{"F90", 10, "orders.decided", `0.accepted.0.promised="2026-03-23"`},
		{"F90", 13, "answer", `offer.inStockDate="2026-03-19"; lots.0.eta.kind="DELIVERY"`},
		{"F90", 14, "answer", `firstPromised="2026-03-23"; promised="2026-03-19"`},
		{"F90", 16, "answer", `status="IN_TRANSIT"; arrivedAt=null; eta.kind="DELIVERY"; units.0.events=2`},
		{"F90", 17, "answer", `offer.inStockDate="2026-03-19"`},
	},
	"49-a-despatch-advice": {
		{"F89", 7, "answer", `futureSupplyBuyableQuantity=0; verdict.code="QTY_NOT_CONFIDENT"`},
		{"F89", 9, "answer", `futureSupplyBuyableQuantity=60; lots.0.expected=60`},
		{"F89", 10, "answer", `manifest={"reason":"","status":"APPLIED"}; boxes.1.lines=[{"sku":"KETTLE-1","units":40}]; lines.0.removed=40`},
		{"F89", 16, "answer", `futureSupplyBuyableQuantity=60`},
		{"F89", 18, "answer", `manifest={"reason":"what the seller says of box FBA2U2 stands","status":"APPLIED"}; boxes.1.lines=[{"sku":"KETTLE-1","units":30}]`},
		{"F89", 19, "answer", `futureSupplyBuyableQuantity=70`},
		{"F89", 23, "answer", `manifest.status="IGNORED"; boxes.0.lines=[]; lines.0.removed=0`},
	},
	"50-a-number-no-carrier-knows": {
		{"F119", 6, "answer", `units.0.validation="NOT_VALIDATED"; units.1.validation="VALIDATED"; units.2.validation="NOT_VALIDATED"`},
		{"F119", 7, "answer", `swept=0`},
		{"F119", 7, "alert.raised", `#=0`},
		{"F119", 8, "alert.raised", `#=1; 0.alert.code="TRACKING_NOT_VALIDATED"; 0.alert.shipmentId="FBA1"; 0.alert.numbers=["1Z1","1Z3"]`},
		{"F119", 9, "alert.raised", `#=0`},
		{"F119", 10, "answer", `units.0.alerted=true; units.1.alerted=false; units.2.alerted=true`},
		{"F119", 11, "alert.cleared", `#=1; 0.alert.numbers=["1Z1"]`},
		{"F119", 12, "alert.cleared", `0.alert.numbers=["1Z3"]`},
		{"F119", 13, "answer", `units.0.validation="VALIDATED"; units.0.alerted=false; units.2.number="1Z33"; units.2.validation="NOT_VALIDATED"; units.2.alerted=false`},
		{"F119", 14, "alert.raised", `#=0`},
		{"F119", 15, "alert.raised", `0.alert.numbers=["1Z33"]`},
	},
	"57-a-second-delay-needs-a-yes": {
		{"F70", 7, "promise.changed", `0.moved.0.consent.needed=false; 0.moved.0.consent.silence="ACCEPTS"; 0.moved.0.consent.by="2026-03-13"; 0.moved.0.consent.law="16 CFR 435.2"`},
		{"F70", 9, "promise.changed", `0.moved.0.consent.needed=true; 0.moved.0.consent.silence="CANCELS"; 0.moved.0.consent.by="2026-03-13"; 0.moved.1.consent.needed=true`},
		{"F70", 11, "answer", `consent.needed=true; consent.by="2026-03-13"; consent.agreedTo="2026-03-13"; consent.lapsed=absent`},
		{"F70", 12, "promise.changed", `#=0`},
		{"F70", 13, "promise.changed", `0.moved.0.consent.needed=false`},
		{"F70", 14, "answer", `consent.needed=false; consent.silence="ACCEPTS"; promised="2026-03-12"`},
		{"F70", 15, "orders.refund_due", `#=0`},
		{"F70", 16, "answer", `status="RESERVED"; consent.lapsed=absent`},
		{"F70", 17, "answer", `status="RESERVED"; consent.lapsed=true`},
		{"F70", 18, "orders.decided", `0.cancelled=[{"orderId":"113-1","reason":"DELAY_NOT_ACCEPTED"},{"orderId":"113-2","reason":"DELAY_NOT_ACCEPTED"}]; 0.cause.code="clock"`},
		{"F70", 18, "orders.refund_due", `#=1; 0.at="2026-03-14T07:00:00Z"; 0.refunds=[{"law":"16 CFR 435.2","orderId":"113-1","reason":"DELAY_NOT_ACCEPTED","units":1},{"law":"16 CFR 435.2","orderId":"113-2","reason":"DELAY_NOT_ACCEPTED","units":1}]`},
		{"F70", 19, "answer", `status="CANCELLED"; reason="DELAY_NOT_ACCEPTED"; consent=absent`},
		{"F70", 20, "answer", `reservedFutureSupplyQuantity=0; futureSupplyBuyableQuantity=10`},
		{"F70", 21, "answer", `status="RESERVED"; promised="2026-03-12"`},
		{"F70", 22, "orders.refund_due", `#=0`},
		{"F70", 23, "alert.raised", `0.alert.code="ALREADY_CANCELLED"; 0.alert.orderId="113-1"`},
	},
	"58-how-long-a-first-delay-may-be": {
		{"F70", 8, "promise.changed", `0.moved.0.to="2026-04-09"; 0.moved.0.days=30; 0.moved.0.consent.needed=false; 0.moved.0.consent.silence="ACCEPTS"`},
		{"F70", 9, "promise.changed", `0.moved.0.to="2026-04-10"; 0.moved.0.days=31; 0.moved.0.consent.needed=true; 0.moved.0.consent.silence="CANCELS"; 0.moved.0.consent.by="2026-04-09"; 0.moved.0.consent.agreedTo="2026-03-10"`},
		{"F70", 10, "supply.shortfall", `0.short.0.consent.needed=true; 0.short.0.consent.by="2026-04-09"`},
		{"F70", 14, "orders.refund_due", `#=0`},
		{"F70", 15, "orders.refund_due/KETTLE-1", `#=0`},
		{"F70", 15, "orders.refund_due/MUG-1", `0.refunds.0.orderId="113-2"; 0.refunds.0.units=1`},
		{"F70", 15, "orders.refund_due/PAN-1", `0.refunds.0.orderId="113-3"; 0.refunds.0.units=2`},
		{"F70", 16, "answer", `status="RESERVED"`},
		{"F70", 17, "answer", `status="CANCELLED"; reason="DELAY_NOT_ACCEPTED"`},
		{"F70", 18, "answer", `status="CANCELLED"; reason="DELAY_NOT_ACCEPTED"`},
	},
	"59-other-laws": {
		{"F71", 10, "promise.changed", `0.moved.0.consent.needed=false; 0.moved.0.consent.silence="KEEPS"; 0.moved.0.consent.by=null; 0.moved.0.consent.agreedTo="2026-03-10"; 0.moved.0.consent.law="Directive 2011/83/EU, Art. 18"`},
		{"F71", 11, "promise.changed", `0.moved.0.consent.silence="KEEPS"; 0.moved.0.consent.law="Consumer Rights Act 2015, s. 28"`},
		{"F71", 12, "promise.changed", `0.moved.0.to="2026-03-12"; 0.moved.0.consent=absent`},
		{"F71", 13, "promise.changed", `0.moved.0.consent.needed=false; 0.moved.0.consent.silence="KEEPS"; 0.moved.0.consent.agreedTo="2026-03-10"`},
		{"F71", 16, "orders.refund_due", `#=0`},
		{"F71", 17, "orders.refund_due", `#=0`},
		{"F71", 18, "answer", `status="RESERVED"; promised="2026-05-20"; consent.needed=false; consent.silence="KEEPS"`},
		{"F71", 19, "answer", `status="RESERVED"; consent.law="Consumer Rights Act 2015, s. 28"`},
		{"F71", 20, "answer", `status="RESERVED"; consent=absent`},
		{"F71", 21, "http", `status=200`},
		{"F71", 21, "orders.refund_due", `0.refunds=[{"law":"Directive 2011/83/EU, Art. 18","orderId":"113-1","reason":"BUYER_DECLINED_DELAY","units":1}]; 0.cause.code="buyer"`},
		{"F71", 22, "answer", `status="CANCELLED"; reason="BUYER_DECLINED_DELAY"`},
	},
	"60-a-buyers-link": {
		{"F72", 7, "http", `status=200`},
		{"F72", 8, "answer", `futureSupplyBuyableQuantity=6; reservedFutureSupplyQuantity=4`},
		{"F72", 9, "http", `status=200`},
		{"F72", 9, "orders.decided", `0.cancelled=[{"orderId":"113-1","reason":"BUYER_DECLINED_DELAY"}]; 0.cause.code="buyer"`},
		{"F72", 9, "orders.refund_due", `0.refunds=[{"law":"16 CFR 435.2","orderId":"113-1","reason":"BUYER_DECLINED_DELAY","units":1}]`},
		{"F72", 10, "answer", `status="CANCELLED"; reason="BUYER_DECLINED_DELAY"`},
		{"F72", 11, "answer", `futureSupplyBuyableQuantity=7; reservedFutureSupplyQuantity=3`},
		{"F72", 12, "http", `status=200`},
		{"F72", 12, "orders.refund_due", `#=0`},
		{"F72", 13, "http", `status=200`},
		{"F72", 14, "answer", `futureSupplyBuyableQuantity=7; reservedFutureSupplyQuantity=3`},
		{"F72", 15, "promise.changed", `0.moved.#=2; 0.moved.0.consent.needed=true`},
		{"F72", 16, "http", `status=404`},
		{"F72", 17, "http", `status=200`},
		{"F72", 18, "http", `status=200`},
		{"F72", 19, "answer", `status="RESERVED"; consent={"agreedTo":"2026-03-18","by":null,"law":"16 CFR 435.2","link":null,"needed":false,"silence":null}`},
		{"F72", 20, "orders.refund_due", `0.refunds.#=1; 0.refunds.0.orderId="113-3"; 0.refunds.0.units=2`},
		{"F72", 21, "answer", `status="RESERVED"; promised="2026-03-18"`},
		{"F72", 22, "answer", `status="CANCELLED"; reason="DELAY_NOT_ACCEPTED"`},
		{"F72", 23, "http", `status=200`},
		{"F72", 23, "orders.decided", `#=0`},
		{"F72", 24, "http", `status=404`},
		{"F72", 25, "http", `status=404`},
		{"F72", 26, "http", `status=400`},
		{"F72", 27, "http", `status=405`},
	},
	"69-out-of-stock-again-and-again": {
		{"F16", 7, "answer", `stockOuts.#=2; stockOuts.1.end=null; advisories.#=1; advisories.0.code="LOW_COVER"`},
		{"F16", 10, "answer", `stockOuts.#=3; advisories.0.code="CHRONIC_OOS"; advisories.0.numbers={"daysOut":9,"spells":3,"withinDays":90}`},
		{"F16", 11, "answer", `items.0.sku="KETTLE-1"; items.0.advisories.0.code="CHRONIC_OOS"; nextToken=absent`},
		{"F16", 13, "answer", `stockOuts.#=2; advisories.#=0`},
	},
	"70-weeks-of-cover": {
		{"F17", 10, "answer", `weeksOfCover=2.9; cover.unitsPerDay=10; cover.fulfillableQuantity=200; advisories.0.code="LOW_COVER"; advisories.0.numbers.weeks=2.9; advisories.0.numbers.sendAtLeast=80`},
		{"F17", 11, "answer", `items.#=1; items.0.advisories.0.numbers.weeks=2.9`},
		{"F17", 13, "answer", `weeksOfCover=4; cover.inboundQuantity=80; advisories.#=0`},
	},
	"71-days-from-shipment-to-sale": {
		{"F34", 5, "answer", `medianDaysShippedToSold=null`},
		{"F34", 9, "answer", `medianDaysShippedToSold=7`},
		{"F34", 11, "answer", `medianDaysShippedToSold=14`},
	},
	"72-sold-before-it-arrived": {
		{"F35", 14, "answer", `soldBeforeArrival=[{"cancelledBeforeArrival":0,"month":"2026-03","sold":20,"soldBeforeArrival":10},{"cancelledBeforeArrival":10,"month":"2026-04","sold":50,"soldBeforeArrival":20}]`},
		{"F35", 15, "answer", `soldBeforeArrival=[{"cancelledBeforeArrival":0,"month":"2026-03","sold":5,"soldBeforeArrival":5}]`},
	},
	"73-promises-kept": {
		{"F83", 8, "answer", `promisesKept.resolved=0; promisesKept.rate=null`},
		{"F83", 10, "answer", `promisesKept.kept=8; promisesKept.resolved=8; promisesKept.rate=1`},
		{"F83", 11, "answer", `promisesKept.kept=8; promisesKept.resolved=10; promisesKept.overdue=2; promisesKept.rate=0.8`},
		{"F83", 13, "answer", `promisesKept.kept=8; promisesKept.resolved=10; promisesKept.overdue=0; promisesKept.rate=0.8; promisesKept.late.1={"count":2,"days":2}`},
		{"F83", 13, "answer", `calibration=[{"from":0.95,"kept":8,"rate":0.8,"resolved":10,"stated":0.95,"to":0.98}]`},
	},
	"74-a-pause-and-its-cut-off": {
		{"F14", 6, "answer", `status="ACTIVE"; effectiveAt=null; change=null`},
		{"F96", 9, "answer", `status="PAUSING"; mail.status="OWED"; pending=true`},
		{"F96", 9, "mails", `#=1; 0.to="acme@example.com"; 0.program.paused=true; 0.program.regions=["UK","DE","FR","IT","ES"]; 0.program.cutOff="2026-03-05T10:00:00Z"`},
		{"F105", 10, "answer", `status="PAUSING"; change.number=1`},
		{"F105", 10, "mails", `#=0`},
		{"F105", 11, "answer", `region="UK"; change.number=1; cutOff="2026-03-05T10:00:00Z"`},
		{"F105", 11, "mails", `#=0`},
		{"F14", 12, "answer", `status="PAUSING"; effectiveAt="2026-03-05T10:00:00Z"; regions.#=5; mail.status="SENT"`},
		{"F100", 13, "answer", `status="ACTIVE"; regions.#=1`},
		{"F97", 15, "answer", `futureSupplyBuyableQuantity=10; verdict.code="BUYABLE"`},
		{"F97", 17, "answer", `futureSupplyBuyableQuantity=0; verdict.code="PROGRAM_PAUSED"; lots.0.verdict.code="PROGRAM_PAUSED"`},
		{"F14", 18, "answer", `status="PAUSED"; effectiveAt="2026-03-05T10:00:00Z"`},
		{"F100", 18, "answer", `regions=[{"effectiveAt":"2026-03-05T10:00:00Z","marketplace":"A1F83G8C2ARO7P","region":"UK","status":"PAUSED"},{"effectiveAt":"2026-03-05T10:00:00Z","marketplace":"A1PA6795UKMFR9","region":"DE","status":"PAUSED"},{"effectiveAt":"2026-03-05T10:00:00Z","marketplace":"A13V1IB3VIYZZH","region":"FR","status":"PAUSED"},{"effectiveAt":"2026-03-05T10:00:00Z","marketplace":"APJ6JRA9NG5V4","region":"IT","status":"PAUSED"},{"effectiveAt":"2026-03-05T10:00:00Z","marketplace":"A1RKKUPIHCS9HS","region":"ES","status":"PAUSED"}]`},
		{"F100", 20, "answer", `futureSupplyBuyableQuantity=10; verdict.code="BUYABLE"`},
		{"F100", 21, "program.changed", `#=5; 0.at="2026-03-05T10:05:00Z"; 0.program.status="PAUSED"; 4.program.status="PAUSED"; 4.at="2026-03-05T10:05:00Z"`},
		{"F98", 22, "answer", `futureSupplyBuyableQuantity=30; reservedFutureSupplyQuantity=70; verdict.code="BUYABLE"`},
		{"F97", 23, "orders.decided", `0.rejected=[{"orderId":"113-2","reason":"PROGRAM_PAUSED","revision":1,"units":1}]`},
		{"F107", 26, "answer", `status="RESERVED"; units=70; released=true; actual="2026-03-17"`},
		{"F99", 28, "answer", `fulfillableQuantity=10; verdict.code="IN_STOCK"`},
	},
	"75-reactivated": {
		{"F108", 8, "answer", `cutOff="2026-03-05T10:00:00Z"; touched=[]; kept.#=1; kept.0.shipmentId="FBA1"; kept.0.reserved=70; kept.0.buyable=30; kept.0.buyableAfter=30; orders=1`},
		{"F193", 9, "mails", `#=1; 0.to="ops@acme.example"; 0.language="de"; 0.subject="Ihre Pause ist bestätigt: Vereinigtes Königreich, Deutschland, Frankreich, Italien und Spanien"`},
		{"F98", 11, "answer", `futureSupplyBuyableQuantity=30; reservedFutureSupplyQuantity=70; lots.1.verdict.code="PROGRAM_PAUSED"`},
		{"F108", 12, "answer", `touched.#=2; touched.0.sku="KETTLE-1"; touched.0.shipmentId="FBA2"; touched.0.buyableAfter=20; touched.1.sku="PAN-1"; touched.1.buyableAfter=10; kept.#=1; orders=1`},
		{"F101", 14, "answer", `status="REACTIVATING"; change.number=2`},
		{"F101", 14, "mails", `#=0`},
		{"F102", 15, "answer", `pending=true; deadline="2026-03-07T12:00:00Z"; mail.diagnosis.code="UNREACHABLE"`},
		{"F101", 16, "answer", `futureSupplyBuyableQuantity=0`},
		{"F106", 17, "answer", `status="PAUSING"; change.number=3; cutOff="2026-03-05T10:00:00Z"; mails.1.status="WITHDRAWN"`},
		{"F106", 19, "mails", `#=1; 0.id="P/acme/EUROPE/3"; 0.program.cutOff="2026-03-05T10:00:00Z"`},
		{"F106", 20, "answer", `status="PAUSED"; effectiveAt="2026-03-05T10:00:00Z"`},
		{"F101", 21, "mails", `#=1; 0.id="P/acme/EUROPE/4"; 0.program.paused=false`},
		{"F101", 22, "answer", `status="ACTIVE"; effectiveAt="2026-03-06T09:00:00Z"; cutOff=null`},
		{"F108", 23, "answer", `futureSupplyBuyableQuantity=10`},
		{"F108", 24, "answer", `futureSupplyBuyableQuantity=50; reservedFutureSupplyQuantity=70`},
		{"F105", 25, "answer", `status="ACTIVE"; change.number=4`},
		{"F105", 25, "mails", `#=0`},
		{"F106", 27, "answer", `status="REACTIVATING"`},
		{"F106", 27, "mails", `#=1; 0.id="P/acme/US/2"`},
		{"F106", 29, "answer", `status="ACTIVE"; cutOff=null; change.number=2`},
		{"F14", 30, "http", `status=404`},
	},
	"76-no-mail-comes": {
		{"F104", 5, "mails", `#=0`},
		{"F104", 6, "answer", `status="PAUSING"; cutOff=null; mail.diagnosis.code="THROTTLED"; mail.nextTryAt="2026-03-02T09:01:00Z"; history.0.what="MAIL_FAILED"`},
		{"F104", 9, "answer", `cutOff=null; mail.diagnosis.code="UNREACHABLE"; mail.attempts=2; history.0.detail="UNREACHABLE"; history.1.detail="THROTTLED"`},
		{"F102", 10, "alert.raised", `#=0`},
		{"F102", 11, "answer", `pending=true; deadline="2026-03-04T09:00:00Z"; overdue=[]`},
		{"F102", 12, "alert.raised", `#=2; 0.alert.code="CONFIRMATION_MAIL_OVERDUE"; 1.alert.code="PROGRAM_STATUS_OVERDUE"`},
		{"F103", 13, "answer", `status="PAUSING"; overdue=["CONFIRMATION_MAIL","STATUS"]; mail.diagnosis.code="UNREACHABLE"`},
		{"F104", 15, "mails", `#=1; 0.program.confirmedAt="2026-03-04T12:00:00Z"; 0.program.cutOff="2026-03-07T12:00:00Z"`},
		{"F102", 15, "alert.cleared", `#=2`},
		{"F104", 16, "answer", `cutOff="2026-03-07T12:00:00Z"; change.confirmedBy="MAIL"; overdue=[]`},
		{"F104", 17, "http", `status=429`},
		{"F104", 18, "mails", `#=1; 0.id="P/acme/US/1"; 0.program.cutOff="2026-03-07T12:00:00Z"`},
		{"F103", 22, "answer", `status="PAUSING"; cutOff=null; mail.status="FAILED"; mail.to="o…s@globex.example"; mail.diagnosis.code="UNSUBSCRIBED"`},
		{"F104", 23, "answer", `cutOff="2026-03-08T09:02:00Z"; change.confirmedBy="PAGE"; mail.diagnosis.code="UNSUBSCRIBED"`},
		{"F104", 24, "answer", `cutOff="2026-03-08T09:02:00Z"`},
		{"F103", 25, "alert.raised", `#=1; 0.alert.code="CONFIRMATION_MAIL_OVERDUE"`},
		{"F103", 26, "mails", `#=1; 0.language="zh"; 0.program.cutOff="2026-03-08T09:02:00Z"`},
		{"F103", 27, "answer", `mail.status="SENT"; mail.diagnosis=null; change.confirmedBy="PAGE"`},
		{"F97", 29, "answer", `status="PAUSED"; effectiveAt="2026-03-08T09:02:00Z"`},
	},
	"77-news-by-mail": {
		{"F172", 11, "mails", `#=0`},
		{"F172", 14, "mails", `#=0`},
		{"F172", 15, "mails", `#=1; 0.to="ops@acme.example"; 0.language="fr"; 0.news.items.#=2; 0.news.items.0.sku="KETTLE-1"; 0.news.items.0.movedOrders=1; 0.news.items.0.latest="2026-03-13"; 0.news.items.0.laterByDays=2; 0.news.items.1.sku="MUG-1"; 0.news.items.1.laterByDays=6`},
		{"F172", 16, "mails", `#=0`},
		{"F172", 19, "mails", `#=0`},
		{"F193", 22, "mails", `#=1; 0.to="boss@acme.example"; 0.language="en"; 0.news.items.#=1; 0.news.items.0.sku="MUG-1"; 0.news.items.0.shortfallQuantity=5`},
	},
}
