package shared

// Builds every function and starts the real binary as Lambda does: behind the
// runtime's HTTP interface, with the environment of the template and nothing
// else, against a cloud that allows what the template's role allows. It would
// catch a function that does not start, an event that is answered wrongly, a
// permission that is missing, and a failure that loses a message.
//
// With HEADSTART_DYNAMODB_ENDPOINT (.ci/dynamodb-local) the cloud has a table;
// without it the parts that need one are skipped and say so.

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/config"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
	"headstart/shared/store/memory"
)

var update = flag.Bool("update", false, "write events/*-stream-*.json anew")

// patience is far above what a function needs on a busy machine.
const patience = 60 * time.Second

// lambda is one running function and the runtime interface it talks to.
type lambda struct {
	*cloud
	next   chan []byte
	answer chan string
	exited chan struct{}
	out    *output
}

// output is what a process has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// ServeHTTP speaks the Lambda runtime API. An error is answered with its JSON
// behind "error ".
//
// Source: Lambda developer guide, "Using the Lambda runtime API", 2018-06-01.
func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const root = "/2018-06-01/runtime/invocation/"
	switch path := r.URL.Path; {
	case path == root+"next":
		select {
		case event := <-l.next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(30*time.Second).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:headstart")
			_, _ = w.Write(event)
		case <-r.Context().Done():
		}
	case strings.HasPrefix(path, root):
		body, _ := io.ReadAll(r.Body)
		if !strings.HasSuffix(path, "/response") {
			body = append([]byte("error "), body...)
		}
		w.WriteHeader(http.StatusAccepted)
		l.answer <- string(body)
	default:
		http.NotFound(w, r)
	}
}

// invoke hands the function an event and returns its answer.
func (l *lambda) invoke(t *testing.T, event []byte) string {
	t.Helper()
	l.next <- event
	select {
	case answer := <-l.answer:
		return answer
	case <-l.exited:
		t.Fatalf("the function ended:\n%s", l.out)
	case <-time.After(patience):
		t.Fatalf("no answer:\n%s", l.out)
	}
	return ""
}

// cloud is AWS as far as one function may see it.
type cloud struct {
	allowed []permission
	names   map[string]string // of the resources
	table   http.Handler      // DynamoDB Local; nil = away

	mu        sync.Mutex
	throttled string // beginning of the partitions that cannot be written now; "" = none
	refused   []permission
	sent      []string // to queues
	published []string // to the bus: detail type and detail
	mailed    []string // subjects and addresses
}

// mailIdentity is the default of MailIdentity; an operator gives one with a MailFrom of it.
const mailIdentity = "headstart.invalid"

// secret signs the webhooks of one source that the cloud knows, pathToken stands at
// the end of the other's address.
const (
	secret     = "whsec_dGhlIGNsb3VkIG9mIGEgdGVzdCBzaWducyB0b28="
	linkSecret = "the buyers' links of this test, and nothing else" // signs what opens a page without a login
	pathToken  = "4c9d1f0b7e2a86355d0c9be4f7a1286093b5de17c4f80a6b2e91d3a75f60c8e2"
)

var parameters = map[any]string{"/headstart/sources/standard/acme": secret, "/headstart/sources/x12/acme": pathToken,
	"/headstart/sources/consent/links": linkSecret}

// ServeHTTP answers the calls that AWS's SDK makes.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if r.Method == http.MethodPost && r.URL.Path == "/v2/email/outbound-emails" { // of all, SES alone speaks REST
		operation = "SendEmail"
	}
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	for _, p := range c.needs(operation, in) {
		if !c.allows(p) {
			c.mu.Lock()
			c.refused = append(c.refused, p)
			c.mu.Unlock()
			failure(w, http.StatusBadRequest, "AccessDeniedException")
			return
		}
	}
	if c.throttles(fmt.Sprint(at(in, "Item", store.AttrPartition, "S"))) {
		failure(w, http.StatusBadRequest, "ProvisionedThroughputExceededException")
		return
	}
	switch operation {
	case "SendMessageBatch":
		c.send(w, in)
	case "PutEvents":
		c.publish(w, in)
	case "SendEmail":
		c.mail(w, in)
	case "GetParameter":
		known := parameters[at(in, "Name")]
		if known == "" {
			failure(w, http.StatusBadRequest, "ParameterNotFound")
			return
		}
		respond(w, map[string]any{"Parameter": map[string]any{"Value": `{"seller":"acme","secrets":["` + known + `"]}`}})
	default:
		if c.table == nil {
			failure(w, http.StatusServiceUnavailable, "InternalServerError")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.table.ServeHTTP(w, r)
	}
}

// needs returns what a call must be allowed, with the template's names of the
// resources.
func (c *cloud) needs(operation string, in map[string]any) (all []permission) {
	resource := func(name any) string {
		for id, physical := range c.names {
			if physical == name {
				return id + ".Arn"
			}
		}
		return fmt.Sprint(name)
	}
	table := resource(at(in, "TableName"))
	switch operation {
	case "SendMessageBatch":
		return []permission{{"sqs:SendMessage", resource(at(in, "QueueUrl"))}}
	case "PutEvents":
		for _, e := range list(at(in, "Entries")) {
			all = append(all, permission{"events:PutEvents", resource(at(e, "EventBusName"))})
		}
		return all
	case "SendEmail":
		const ses = "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:"
		return []permission{{"ses:SendEmail", fmt.Sprint(ses, "identity/", mailIdentity)}, {"ses:SendEmail", fmt.Sprint(ses, "configuration-set/", at(in, "ConfigurationSetName"))}}
	case "GetParameter":
		return []permission{{"ssm:GetParameter", fmt.Sprint("arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter", at(in, "Name"))}}
	case "BatchGetItem":
		for name := range at(in, "RequestItems").(map[string]any) {
			all = append(all, permission{"dynamodb:BatchGetItem", resource(name)})
		}
		return all
	case "TransactWriteItems":
		for _, item := range list(at(in, "TransactItems")) {
			for kind, of := range item.(map[string]any) {
				action := map[string]string{"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Update": "UpdateItem"}[kind]
				all = append(all, permission{"dynamodb:" + action, resource(at(of, "TableName"))})
			}
		}
		return all
	}
	if index, ok := at(in, "IndexName").(string); ok {
		table += "/index/" + index
	}
	return []permission{{"dynamodb:" + operation, table}}
}

func (c *cloud) allows(p permission) bool {
	return slices.ContainsFunc(c.allowed, func(a permission) bool {
		prefix, all := strings.CutSuffix(a.resource, "*")
		return a.action == p.action && (a.resource == p.resource || all && strings.HasPrefix(p.resource, prefix))
	})
}

func (c *cloud) throttles(partition string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.throttled != "" && strings.HasPrefix(partition, c.throttled)
}

// throttle makes partitions that begin so impossible to write; "" ends it.
func (c *cloud) throttle(partitions string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.throttled = partitions
}

// told returns what went to queues and to the bus so far.
func (c *cloud) told() (sent, published []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent), slices.Clone(c.published)
}

func (c *cloud) send(w http.ResponseWriter, in map[string]any) {
	var done []any
	for _, e := range list(at(in, "Entries")) {
		body := fmt.Sprint(at(e, "MessageBody"))
		sum := md5.Sum([]byte(body))
		c.mu.Lock()
		c.sent = append(c.sent, body)
		c.mu.Unlock()
		done = append(done, map[string]any{"Id": at(e, "Id"), "MessageId": "m-" + fmt.Sprint(at(e, "Id")), "MD5OfMessageBody": hex.EncodeToString(sum[:])})
	}
	respond(w, map[string]any{"Successful": done, "Failed": []any{}})
}

func (c *cloud) publish(w http.ResponseWriter, in map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range list(at(in, "Entries")) {
		c.published = append(c.published, fmt.Sprint(at(e, "Source"), " ", at(e, "DetailType"), " ", at(e, "Detail")))
	}
	respond(w, map[string]any{"FailedEntryCount": 0, "Entries": []any{}})
}

func (c *cloud) mail(w http.ResponseWriter, in map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mailed = append(c.mailed, fmt.Sprint(at(in, "Content", "Simple", "Subject", "Data"), " to ", list(at(in, "Destination", "ToAddresses"))))
	respond(w, map[string]any{"MessageId": fmt.Sprint("mail-", len(c.mailed))})
}

func respond(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(body)
}

func failure(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Errortype", code)
	body := fmt.Sprintf(`{"__type":%q,"message":"no"}`, code)
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10)) // DynamoDB's client checks it
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// stack is the functions of the template, built, beside one table or none.
type stack struct {
	folder string // of the binaries
	template
	names map[string]string
	table http.Handler
}

func buildStack(t *testing.T) *stack {
	t.Helper()
	folder := t.TempDir()
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", folder+string(filepath.Separator), "../functions/...")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	parsed, _ := readTemplate(t)
	return &stack{folder: folder, template: parsed, names: map[string]string{
		"Table": "headstart-" + rand.Text(), "TrackingQueue": "https://sqs.eu-central-1.amazonaws.com/123456789012/tracking",
		"MailQueue": "https://sqs.eu-central-1.amazonaws.com/123456789012/mails", "Bus": "headstart"}}
}

// command returns the process of a function that was not started, with the
// environment that Lambda would give it.
func (s *stack) command(fn function, more ...string) *exec.Cmd {
	process := exec.Command(filepath.Join(s.folder, fn.folder))
	process.Env = []string{"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_LAMBDA_FUNCTION_NAME=" + fn.id}
	for name, value := range fn.variables {
		text := s.text(value)
		if physical := s.names[text]; physical != "" {
			text = physical
		}
		process.Env = append(process.Env, name+"="+text)
	}
	if _, mails := fn.variables[config.MailFrom]; mails {
		process.Env = append(process.Env, config.MailFrom+"=headstart@"+mailIdentity)
	}
	process.Env = append(process.Env, more...)
	return process
}

func (s *stack) start(t *testing.T, folder string) *lambda {
	t.Helper()
	i := slices.IndexFunc(s.functions(), func(f function) bool { return f.folder == folder })
	require.GreaterOrEqual(t, i, 0, folder)
	fn := s.functions()[i]
	l := &lambda{next: make(chan []byte, 1), answer: make(chan string, 1), exited: make(chan struct{}), out: &output{},
		cloud: &cloud{names: s.names, table: s.table, allowed: s.permissions(s.roleOf(fn))}}
	runtime, aws := httptest.NewServer(l), httptest.NewServer(l.cloud)
	process := s.command(fn, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(runtime.URL, "http://"), "AWS_ENDPOINT_URL="+aws.URL)
	process.Stdout, process.Stderr = l.out, l.out
	require.NoError(t, process.Start())
	go func() {
		_ = process.Wait()
		close(l.exited)
	}()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-l.exited
		runtime.CloseClientConnections()
		runtime.Close()
		aws.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		require.Empty(t, l.refused, "%s: the template's role does not allow this", folder)
		for _, known := range parameters {
			require.False(t, strings.Contains(l.out.String(), known), "%s logs a secret", folder)
		}
	})
	return l
}

// withTable gives the stack a fresh table in DynamoDB Local, or skips the test.
func (s *stack) withTable(t *testing.T) *dynamo.Store {
	t.Helper()
	endpoint := os.Getenv(local.DynamoEndpoint)
	if endpoint == "" {
		t.Skip(local.DynamoEndpoint + " is not set: there is no DynamoDB Local to run the functions on; .ci/dynamodb-local starts one")
	}
	client, streams := dynamo.Local(endpoint)
	s.names["Table"] = "headstart-" + rand.Text()
	require.NoError(t, dynamo.CreateTable(t.Context(), client, s.names["Table"]))
	address, err := url.Parse(endpoint)
	require.NoError(t, err)
	s.table = httputil.NewSingleHostReverseProxy(address)
	t.Cleanup(func() { s.table = nil })
	return dynamo.New(client, streams, s.names["Table"])
}

func event(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../events/" + name + ".json")
	require.NoError(t, err)
	return text
}

// edit changes one field of an event.
func edit(t *testing.T, event []byte, change func(map[string]any)) []byte {
	t.Helper()
	var fields map[string]any
	require.NoError(t, json.Unmarshal(event, &fields))
	change(fields)
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return text
}

// signed signs a webhook's event now.
func signed(t *testing.T, event []byte) []byte {
	return edit(t, event, func(e map[string]any) {
		adapter, _ := carrier.Lookup("standard")
		for name, values := range adapter.Push("acme", []byte(e["body"].(string)), secret, "msg_1", time.Now()).Header {
			e["headers"].(map[string]any)[strings.ToLower(name)] = values[0]
		}
	})
}

// spoken is an HTTP answer as "status body"; any other answer is itself.
func spoken(t *testing.T, answer string) string {
	t.Helper()
	var h struct {
		StatusCode int
		Body       string
	}
	require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(answer, "error ")), &h), answer)
	if h.StatusCode == 0 {
		return answer
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", h.StatusCode, drawn.ReplaceAllString(h.Body, "…")))
}

// drawn are the request ids in answers.
var drawn = regexp.MustCompile(`[A-Z2-7]{26}`)

const (
	busy = `503 {"errors":[{"code":"BUSY","message":"briefly not able to answer; send the same request again","details":""}]}`
	none = `{"batchItemFailures":[]}`
)

// answers is what each function says to each of its events on an empty table,
// and while DynamoDB is away: then nothing is lost, everything comes again. An
// answer that ends with … begins like that. The events are of March 2026, so
// their orders are too old and their signature has expired.
var answers = []struct{ function, event, empty, away string }{
	{"api", "api-openapi", `200 {"components":{…`, `200 {"components":{…`},
	{"api", "api-get-item", `404 {"errors":[{"code":"NOT_FOUND","message":"no item has the SKU \"KETTLE-1\" in marketplace A1PA6795UKMFR9; …`, busy},
	{"api", "api-summaries", `200 {"payload":{"granularity":{"granularityType":"Marketplace","granularityId":"A1PA6795UKMFR9"},"inventorySummaries":[]},"pagination":{}}`,
		strings.Replace(busy, "BUSY", "ServiceUnavailable", 1)},
	{"api", "api-create-shipment", `201 {"shipmentId":"FBA15ABC",…`, busy},
	{"api", "api-pause-program", `200 {"region":"DE","marketplace":"A1PA6795UKMFR9","group":"EUROPE","status":"PAUSING",…`, busy},
	{"api", "api-unsubscribe", "200 <!DOCTYPE html>\n…", "503 <!DOCTYPE html>\n…"}, // of an address that is nobody's now
	{"api", "api-delay-page", "404 <!DOCTYPE html>\n…", "503 <!DOCTYPE html>\n…"},  // signed for an order that nobody knows
	{"tracking-webhook", "tracking-webhook-probe", `200`, `200`},
	{"tracking-webhook", "tracking-webhook-standard", `401 {"errors":[{"code":"UNAUTHENTICATED",…`, `401 {"errors":[{"code":"UNAUTHENTICATED",…`},
	{"tracking-webhook", "tracking-webhook-standard, signed", `200`, `503 {"errors":[{"code":"BUSY",…`},
	{"tracking-webhook", "tracking-webhook-x12", `200 ISA*00*          *00*          *ZZ*HEADSTART      *02*ALDW           *…`, `503 {"errors":[{"code":"BUSY",…`},
	{"tracking-queue", "tracking-queue-kept", none,
		`{"batchItemFailures":[{"itemIdentifier":"2e3dba6c-8563-5b43-ae51-52306760adef"}]}`},
	{"mail-queue", "mail-queue-bounced", none, `{"batchItemFailures":[{"itemIdentifier":"5a2e3dba-6c85-463b-ae51-52306760ad01"}]}`},
	{"mail-queue", "mail-queue-complaint", none, `{"batchItemFailures":[{"itemIdentifier":"5a2e3dba-6c85-463b-ae51-52306760ad02"}]}`},
	{"mail-queue", "mail-queue-delivered", none, none},
	{"order-queue", "order-queue-placed", none,
		`{"batchItemFailures":[{"itemIdentifier":"8bc061c6-3491-51c6-9135-54911511f8bb"},{"itemIdentifier":"8d1e9e92-7639-5428-b6e0-a249289ff778"},{"itemIdentifier":"35997f96-8a78-5443-bc1b-564a2ecbfa8a"}]}`},
	{"order-queue", "order-queue-poison", `{"batchItemFailures":[{"itemIdentifier":"8d1e9e92-7639-5428-b6e0-a249289ff778"}]}`,
		`{"batchItemFailures":[{"itemIdentifier":"8bc061c6-3491-51c6-9135-54911511f8bb"},{"itemIdentifier":"8d1e9e92-7639-5428-b6e0-a249289ff778"},{"itemIdentifier":"35997f96-8a78-5443-bc1b-564a2ecbfa8a"}]}`},
	{"supply-stream", "supply-stream-shipment", none, `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439090"}]}`},
	{"supply-stream", "supply-stream-unit", none, `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439090"}]}`},
	{"notice-stream", "notice-stream-item", none,
		`{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439090"},{"itemIdentifier":"4421584500000000017450439091"}]}`},
	{"notice-stream", "notice-stream-program", none, `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439090"}]}`},
	{"sweep", "sweep-schedule", `null`, `error {"errorMessage":"listing what is due: …`},
}

func TestEachBuiltFunctionAnswersItsEvents(t *testing.T) {
	s := buildStack(t)
	t.Run("while DynamoDB is away", func(t *testing.T) { s.answerAll(t, true) })
	t.Run("on an empty table", func(t *testing.T) {
		putKey(t, s.withTable(t))
		s.answerAll(t, false)
	})
	t.Run("in a faulty environment, by naming every fault", s.refuseEnvironments)
	t.Run("as a story from shipment to promise", s.story)
}

func (s *stack) answerAll(t *testing.T, away bool) {
	running := map[string]*lambda{}
	for _, c := range answers {
		l := running[c.function]
		if l == nil {
			l = s.start(t, c.function)
			running[c.function] = l
		}
		name, sign := strings.CutSuffix(c.event, ", signed")
		in := event(t, name)
		if sign {
			in = signed(t, in)
		}
		want := c.empty
		if away {
			want = c.away
		}
		got := spoken(t, l.invoke(t, in))
		if begin, cut := strings.CutSuffix(want, "…"); cut {
			got, want = got[:min(len(got), len(begin))], begin
		}
		require.Equal(t, want, got, "%s\n%s", c.event, l.out)
	}
	require.Len(t, running, len(boot.Functions()), "a function without an event")
}

// exampleKey is the bearer key of the events.
const exampleKey = "hs_EXAMPLE00000000000000000000"

// putKey lets exampleKey be acme's, as localstack key makes it an operator does it.
func putKey(t *testing.T, s store.Store) {
	t.Helper()
	hash := sha256.Sum256([]byte(exampleKey))
	_, ok, err := s.Put(t.Context(), store.Write{Expect: store.Absent, Record: store.Record{
		Key: store.BearerKey(hex.EncodeToString(hash[:])), Version: 1, Attrs: []store.Attr{store.Text("seller", "acme")}}})
	require.NoError(t, err)
	require.True(t, ok)
}

func (s *stack) refuseEnvironments(t *testing.T) {
	for _, fn := range s.functions() {
		process := s.command(fn, config.Table+"=", config.HorizonDays+"=0", config.LogLevel+"=loud")
		printed, err := process.CombinedOutput()
		require.Error(t, err, "%s starts", fn.id)
		require.Equal(t, 1, process.ProcessState.ExitCode(), "%s", printed)
		_, want := config.Load(fn.folder, func(name string) string {
			for _, pair := range slices.Backward(process.Env) {
				if value, is := strings.CutPrefix(pair, name+"="); is {
					return value
				}
			}
			return ""
		})
		require.ErrorContains(t, want, "faults in its environment: 3")
		var line struct{ Level, Function, Err string }
		require.NoError(t, json.Unmarshal(printed, &line), "%s", printed)
		require.Equal(t, "ERROR "+fn.folder+" "+want.Error(), line.Level+" "+line.Function+" "+line.Err)
	}
}

// story tells through the binaries, on a real table, what the events tell in
// March, from today on. Changes go to the readers that the template's filters
// choose.
func (s *stack) story(t *testing.T) {
	records := s.withTable(t)
	putKey(t, records)
	running, cursor := map[string]*lambda{}, ""
	for _, name := range boot.Functions() {
		running[name] = s.start(t, name)
	}
	say := func(function string, event []byte) string {
		t.Helper()
		answer := spoken(t, running[function].invoke(t, event))
		cursor = s.feed(t, running, records, cursor)
		return answer
	}

	now := func(name string) []byte { return fromToday(event(t, name)) }

	require.Regexp(t, `^201 \{"shipmentId":"FBA15ABC"`, say("api", now("api-create-shipment")))

	running["tracking-webhook"].throttle("T#") // the push is kept whole, and worked off from the queue
	require.Equal(t, "200", say("tracking-webhook", signed(t, now("tracking-webhook-standard"))))
	sent, _ := running["tracking-webhook"].told()
	require.Len(t, sent, 1)
	require.Equal(t, none, say("tracking-queue", edit(t, now("tracking-queue-kept"), func(e map[string]any) {
		list(e["Records"])[0].(map[string]any)["body"] = sent[0]
	})))

	require.Equal(t, none, say("order-queue", now("order-queue-placed")))
	item := say("api", now("api-get-item"))
	require.Contains(t, item, `"reservedFutureSupplyQuantity":70`)
	require.Contains(t, item, `"futureSupplyBuyableQuantity":30`)
	require.Contains(t, say("api", now("api-summaries")), `"sellerSku":"KETTLE-1"`)
	require.Equal(t, "null", say("sweep", now("sweep-schedule")))

	require.Regexp(t, `^200 .*"email":"ops@acme.example"`, say("api", edit(t, asking(t, "PUT", "/v1/seller", "account"), func(e map[string]any) {
		e["body"] = `{"email":"ops@acme.example","language":"it"}`
	})))
	require.Regexp(t, `^200 .*"status":"PAUSING"`, say("api", now("api-pause-program")))
	require.Regexp(t, `^200 .*"confirmedBy":"MAIL"`, say("api", asking(t, "GET", "/v1/program/DE", "")))
	require.Regexp(t, `^200 `, say("api", event(t, "api-unsubscribe")))
	require.Regexp(t, `^200 .*"suppressed":"UNSUBSCRIBED"`, say("api", asking(t, "GET", "/v1/seller", "")))
	require.Equal(t, []string{"La pausa è confermata: Regno Unito, Germania, Francia, Italia e Spagna to [ops@acme.example]"}, running["notice-stream"].mailed)

	unreadable := edit(t, event(t, "tracking-webhook-standard"), func(e map[string]any) { e["body"] = `{"type":` })
	require.Equal(t, "200", say("tracking-webhook", signed(t, unreadable)))
	require.Contains(t, running["tracking-webhook"].out.String(), `"msg":"unreadable webhook kept"`)
	id := regexp.MustCompile(`"id":"([0-9a-f]{32})"`).FindStringSubmatch(say("api", asking(t, "GET", "/v1/quarantine", "")))
	require.Len(t, id, 2)
	require.Contains(t, say("api", asking(t, "GET", "/v1/quarantine/"+id[1], "")), `"body":"{\"type\":"`)
	require.Regexp(t, `^422 .*STILL_UNREADABLE`, say("api", asking(t, "POST", "/v1/quarantine/"+id[1]+"/replay", "replay")))
	require.Regexp(t, `^200 .*"DISMISSED"`, say("api", asking(t, "DELETE", "/v1/quarantine/"+id[1], "dismiss")))
	require.Equal(t, `200 {"items":[]}`, say("api", asking(t, "GET", "/v1/quarantine", "")))

	_, events := running["notice-stream"].told()
	published := strings.Join(events, "\n")
	require.Contains(t, published, `headstart orders.decided {`)
	require.Regexp(t, `"accepted":\[\{"orderId":"113-0000001".*\{"orderId":"113-0000002".*"rejected":\[\{"orderId":"113-0000003"`, published)
	require.Contains(t, published, `headstart availability.changed {`)
}

// asking is a call of the API.
func asking(t *testing.T, method, path, key string) []byte {
	return edit(t, event(t, "api-get-item"), func(e map[string]any) {
		e["rawPath"] = path
		at(e, "requestContext", "http").(map[string]any)["method"] = method
		e["headers"].(map[string]any)["idempotency-key"] = key
	})
}

// feed hands new changes to their readers until none come, and returns how far
// it has read. DynamoDB Local shows a change within a few milliseconds.
func (s *stack) feed(t *testing.T, running map[string]*lambda, records store.Store, cursor string) string {
	t.Helper()
	for quiet := 0; quiet < 8; quiet++ {
		changes, next, err := records.Changes(t.Context(), cursor, 0)
		require.NoError(t, err)
		cursor = next
		for _, fn := range s.functions() {
			for _, source := range fn.of("DynamoDB") {
				mine := slices.DeleteFunc(slices.Clone(changes), func(c store.Change) bool { return !filtered(&faults{}, source, nameOf(&c), &c) })
				if len(mine) > 0 {
					require.Equal(t, none, running[fn.folder].invoke(t, streamEvent(t, mine...)), "%s", running[fn.folder].out)
				}
			}
		}
		if len(changes) > 0 {
			quiet = 0
		}
		<-time.After(10 * time.Millisecond)
	}
	return cursor
}

var date = regexp.MustCompile(`2026-\d\d-\d\d`)

// fromToday moves the dates of an event so that 5 March 2026 is today.
func fromToday(event []byte) []byte {
	then := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	shift := time.Now().UTC().Truncate(24 * time.Hour).Sub(then)
	return date.ReplaceAllFunc(event, func(day []byte) []byte {
		at, err := time.Parse(time.DateOnly, string(day))
		if err != nil {
			return day
		}
		return []byte(at.Add(shift).Format(time.DateOnly))
	})
}

func nameOf(c *store.Change) string {
	switch {
	case c.New.Version == 0:
		return "REMOVE"
	case c.Old.Version == 0:
		return "INSERT"
	}
	return "MODIFY"
}

// streamEvent is what Lambda hands to a function that reads the table's stream.
//
// Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB".
func streamEvent(t *testing.T, changes ...store.Change) []byte {
	t.Helper()
	records := make([]any, len(changes))
	for i := range changes {
		c := &changes[i]
		images := map[string]any{
			"Keys": map[string]any{store.AttrPartition: asText(c.Key.Partition), store.AttrSort: asText(c.Key.Sort)}, "SequenceNumber": c.Sequence,
			"StreamViewType": "NEW_AND_OLD_IMAGES", "SizeBytes": c.New.Size() + c.Old.Size()}
		for name, r := range map[string]*store.Record{"OldImage": &c.Old, "NewImage": &c.New} {
			if r.Version != 0 {
				images[name] = image(r)
			}
		}
		records[i] = map[string]any{"eventName": nameOf(c), "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-central-1", "dynamodb": images,
			"eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/headstart/stream/2026-03-01T00:00:00.000"}
	}
	text, err := json.MarshalIndent(map[string]any{"Records": records}, "", "  ")
	require.NoError(t, err)
	return append(text, '\n')
}

func asText(text string) map[string]string { return map[string]string{"S": text} }

func asNumber(number int64) map[string]string {
	return map[string]string{"N": strconv.FormatInt(number, 10)}
}

func image(r *store.Record) map[string]any {
	out := map[string]any{store.AttrPartition: asText(r.Key.Partition), store.AttrSort: asText(r.Key.Sort), store.AttrVersion: asNumber(r.Version)}
	for _, a := range r.Attrs {
		switch a.Kind {
		case store.IntAttr:
			out[a.Name] = asNumber(a.Int)
		case store.TextAttr:
			out[a.Name] = asText(a.Text)
		default:
			out[a.Name] = map[string][]byte{"B": a.Bytes}
		}
	}
	if r.Owner != "" {
		out[store.AttrOwner], out[store.AttrOwnerSort] = asText(r.Owner), asText(r.OwnerSort)
	}
	if r.Due != 0 {
		out[store.AttrDueShard], out[store.AttrDue] = asNumber(int64(store.DueShard(r.Key))), asNumber(r.Due)
	}
	if r.Expires != 0 {
		out[store.AttrExpires] = asNumber(r.Expires)
	}
	return out
}

// TestTheStreamEventsAreWhatTheStoreWrites plays the events' story on a stage:
// the files hold the first change of the shipment's state and of the programme, the
// last one of its unit, and the last two of the item.
func TestTheStreamEventsAreWhatTheStoreWrites(t *testing.T) {
	ctx, records := context.Background(), memory.New()
	stage := local.NewStage(records, 0, slog.New(slog.DiscardHandler))
	body := func(name string) []byte {
		var e struct{ Body string }
		require.NoError(t, json.Unmarshal(event(t, name), &e))
		return []byte(e.Body)
	}
	stage.Set(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	status, reply, err := stage.Call(ctx, "acme", "POST", "/v1/shipments", "announce FBA15ABC", body("api-create-shipment"))
	require.NoError(t, err)
	require.Equal(t, 201, status, "%s", reply)
	require.NoError(t, stage.Drain(ctx))
	stage.Set(time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC))
	status, _, err = stage.Webhook(ctx, "standard/acme", "msg_1", body("tracking-webhook-standard"))
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.NoError(t, stage.Drain(ctx))
	var orders struct{ Records []struct{ Body string } }
	require.NoError(t, json.Unmarshal(event(t, "order-queue-placed"), &orders))
	bodies := make([][]byte, len(orders.Records))
	for i := range bodies {
		bodies[i] = []byte(orders.Records[i].Body)
	}
	stage.Set(time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC))
	_, err = stage.Enqueue(ctx, "orders", bodies)
	require.NoError(t, err)
	status, _, err = stage.Call(ctx, "acme", "POST", "/v1/program/DE/pause", "pause-de-1", nil)
	require.NoError(t, err)
	require.Equal(t, 200, status)

	changes, _, err := records.Changes(ctx, "", 0)
	require.NoError(t, err)
	of := func(key store.Key) (found []store.Change) {
		for _, c := range changes {
			if c.Key == key {
				found = append(found, c)
			}
		}
		require.NotEmpty(t, found, "%v", key)
		return found
	}
	unit, head := of(store.UnitKey("acme", "1ZFBA15ABC")), of(store.HeadKey(kettle))
	for name, want := range map[string][]store.Change{
		"supply-stream-shipment": of(store.StateKey("acme", "FBA15ABC"))[:1],
		"supply-stream-unit":     unit[len(unit)-1:],
		"notice-stream-item":     head[len(head)-2:],
		"notice-stream-program":  of(store.ProgramKey("acme", "EUROPE"))[:1],
	} {
		for i := range want {
			want[i].Sequence = fmt.Sprintf("442158450000000001745043909%d", i)
		}
		if *update {
			require.NoError(t, os.WriteFile("../events/"+name+".json", streamEvent(t, want...), 0o644))
		}
		require.Equal(t, string(event(t, name)), string(streamEvent(t, want...)), "%s: run with -update when records are meant to change", name)
	}
}
