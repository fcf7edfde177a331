package shared

// These tests read template.yaml as CloudFormation would and hold it to the
// folders of functions/, the tables of boot and config, the definition of the
// DynamoDB table and the keys of the store. They catch a function that is not
// deployed, a permission that is wider than its use, a queue that loses
// messages and a limit of Lambda's that is overstepped. Each rule is shown to
// fail on a template that breaks it.

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"headstart/shared/boot"
	"headstart/shared/config"
	"headstart/shared/notice"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
	"headstart/shared/supply"
)

// template is template.yaml with its intrinsic functions in their long form.
type template struct{ root map[string]any }

func parseTemplate(text []byte) (template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return template{}, err
	}
	long(&document)
	var t template
	return t, document.Decode(&t.root)
}

// long turns "!GetAtt X.Arn" into {"Fn::GetAtt": "X.Arn"}, and so on.
func long(n *yaml.Node) {
	for _, child := range n.Content {
		long(child)
	}
	if !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return
	}
	name := "Fn::" + n.Tag[1:]
	if n.Tag == "!Ref" {
		name = "Ref"
	}
	value := *n
	value.Tag = ""
	*n = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, &value}}
}

// at walks down maps by name; nil where there is nothing.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func whole(v any) int { n, _ := v.(int); return n }

// resources returns the properties of all resources of a type by their names.
func (t template) resources(kind string) map[string]any {
	found := map[string]any{}
	for name, r := range at(t.root, "Resources").(map[string]any) {
		if at(r, "Type") == kind {
			found[name] = at(r, "Properties")
		}
	}
	return found
}

var inSub = regexp.MustCompile(`\$\{([^}]+)\}`)

// text resolves a value as far as it is known before a deployment: a parameter
// is its default, a resource or its attribute stands as its name.
func (t template) text(v any) string {
	name := func(s string) string {
		if p := at(t.root, "Parameters", s); p != nil {
			return fmt.Sprint(at(p, "Default"))
		}
		return s
	}
	if ref, ok := at(v, "Ref").(string); ok {
		return name(ref)
	}
	if att, ok := at(v, "Fn::GetAtt").(string); ok {
		return att
	}
	if sub, ok := at(v, "Fn::Sub").(string); ok {
		return inSub.ReplaceAllStringFunc(sub, func(s string) string { return name(s[2 : len(s)-1]) })
	}
	return fmt.Sprint(v)
}

// function is a Lambda function of the template.
type function struct {
	id, folder string
	properties any
	variables  map[string]any
	timeout    int // seconds
	events     map[string]any
}

func (t template) functions() (all []function) {
	for id, p := range t.resources("AWS::Serverless::Function") {
		f := function{id: id, properties: p, timeout: whole(at(p, "Timeout")), variables: map[string]any{}}
		uri, _ := at(p, "CodeUri").(string)
		f.folder = strings.TrimSuffix(strings.TrimPrefix(uri, "functions/"), "/")
		for _, from := range []any{at(t.root, "Globals", "Function"), p} {
			variables, _ := at(from, "Environment", "Variables").(map[string]any)
			maps.Copy(f.variables, variables)
		}
		f.events, _ = at(p, "Events").(map[string]any)
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b function) int { return strings.Compare(a.id, b.id) })
	return all
}

// of returns the function's events of a type, HttpApi, SQS or DynamoDB.
func (f function) of(kind string) (sources []any) {
	for _, name := range slices.Sorted(maps.Keys(f.events)) {
		if at(f.events[name], "Type") == kind {
			sources = append(sources, at(f.events[name], "Properties"))
		}
	}
	return sources
}

// permission is one action on one resource, resolved.
type permission struct{ action, resource string }

func (t template) permissions(role any) (all []permission) {
	for _, policy := range list(at(role, "Policies")) {
		for _, s := range list(at(policy, "PolicyDocument", "Statement")) {
			for _, action := range list(at(s, "Action")) {
				for _, resource := range list(at(s, "Resource")) {
					all = append(all, permission{fmt.Sprint(action), t.text(resource)})
				}
			}
		}
	}
	return all
}

// roleOf returns the role of a function.
func (t template) roleOf(f function) any {
	id, _, _ := strings.Cut(t.text(at(f.properties, "Role")), ".")
	return t.resources("AWS::IAM::Role")[id]
}

// deadLetters are the queues that others give messages up to.
func (t template) deadLetters() map[string]bool {
	dead := map[string]bool{}
	for _, q := range t.resources("AWS::SQS::Queue") {
		dead[t.text(at(q, "RedrivePolicy", "deadLetterTargetArn"))] = true
	}
	for _, f := range t.functions() {
		for _, s := range f.of("DynamoDB") {
			dead[t.text(at(s, "DestinationConfig", "OnFailure", "Destination"))] = true
		}
	}
	return dead
}

// faults collects what a rule has against a template.
type faults []string

func (f *faults) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// rules are what a template is held to. F188, F189, F190.
var rules = []struct {
	name  string
	check func(template, *faults)
}{
	{"a function is a folder, a resource, and a row of both tables", eachIsEverywhere},
	{"a function is built by SAM's Go builder for provided.al2023 on arm64", eachIsBuilt},
	{"a function's environment is what config says", environments},
	{"the table is the store's", tableIsTheStores},
	{"a role is one function's, for named actions on named resources", leastPrivilege},
	{"a queue gives up after 10 receives to a queue that keeps as long", redrives},
	{"an event source reports failures one by one and keeps Lambda's limits", eventSources},
	{"a message stays hidden while it is worked on, and a batch fits the timeout", timing},
	{"a stream reader is told its own keys and no others", filters},
	{"a stream reader gives up in the end, and notes what", streamsEnd},
	{"a function logs to a group of its own that forgets", retention},
	{"the sweep runs every five minutes, one at a time", schedules},
	{"mails leave from one address, and what becomes of them comes back", mails},
	{"every path has a route", routes},
	{"every queue, stream and door has an alarm", alarms},
	{"a line that is counted is one that the code logs", countedLines},
	{"the door's log holds nothing of who calls and what they send", accessLogs},
}

func eachIsEverywhere(t template, f *faults) {
	folders, _ := filepath.Glob("../functions/*/main.go")
	want := make([]string, len(folders))
	for i, path := range folders {
		want[i] = filepath.Base(filepath.Dir(path))
		main, _ := os.ReadFile(path)
		f.unless(strings.Contains(string(main), fmt.Sprintf("boot.Start(%q)", want[i])), "%s starts another function", path)
	}
	var got []string
	for _, fn := range t.functions() {
		got = append(got, fn.folder)
	}
	for what, names := range map[string][]string{"template": got, "boot": boot.Functions(), "config": config.Functions()} {
		slices.Sort(names)
		f.unless(slices.Equal(want, names), "%s has the functions %v, functions/ %v", what, names, want)
	}
}

func eachIsBuilt(t template, f *faults) {
	globals := at(t.root, "Globals", "Function")
	f.unless(at(globals, "Runtime") == "provided.al2023", "Runtime is %v", at(globals, "Runtime"))
	f.unless(at(globals, "Handler") == "bootstrap", "Handler is %v", at(globals, "Handler"))
	f.unless(reflect.DeepEqual(at(globals, "Architectures"), []any{"arm64"}), "Architectures are %v", at(globals, "Architectures"))
	for _, fn := range t.functions() {
		method := at(t.root, "Resources", fn.id, "Metadata", "BuildMethod")
		f.unless(method == "go1.x", "%s: BuildMethod is %v", fn.id, method)
	}
}

// givers says what each variable is made of.
var givers = map[string]string{
	config.Table: "AWS::DynamoDB::Table", config.TrackingQueueURL: "AWS::SQS::Queue", config.BusName: "AWS::Events::EventBus",
	config.MailConfigurationSet: "AWS::SES::ConfigurationSet",
}

func environments(t template, f *faults) {
	defaults := map[string]string{}
	for _, v := range config.Variables() {
		defaults[v.Name] = v.Default
	}
	for _, fn := range t.functions() {
		needed := config.For(fn.folder)
		if config.Mails(fn.folder) {
			needed = append(needed, config.MailFrom, config.MailConfigurationSet, config.PublicURL)
		}
		for _, name := range needed {
			f.unless(fn.variables[name] != nil, "%s: %s is not set", fn.id, name)
		}
		for name, value := range fn.variables {
			usual, known := defaults[name]
			f.unless(known, "%s: %s is not in config's table", fn.id, name)
			f.unless(slices.Contains(needed, name) || usual != "", "%s: does not need %s", fn.id, name)
			f.unless(usual == "" || t.text(value) == usual, "%s: %s is %q, in config %q", fn.id, name, t.text(value), usual)
			if kind := givers[name]; kind != "" {
				ref, _ := at(value, "Ref").(string)
				f.unless(at(t.root, "Resources", ref, "Type") == kind, "%s: %s is %q, no %s", fn.id, name, ref, kind)
			}
		}
	}
}

// plain returns v as JSON knows it, without what is not set.
func plain(v any) any {
	text, _ := json.Marshal(v)
	var out any
	_ = json.Unmarshal(text, &out)
	return compact(out)
}

func compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, value any) bool { return value == nil })
		for name := range v {
			v[name] = compact(v[name])
		}
	case []any:
		for i := range v {
			v[i] = compact(v[i])
		}
	}
	return v
}

func tableIsTheStores(t template, f *faults) {
	table := t.resources("AWS::DynamoDB::Table")["Table"]
	want := dynamo.Definition("any")
	for _, c := range []struct {
		name string
		want any
	}{
		{"BillingMode", want.BillingMode}, {"KeySchema", want.KeySchema}, {"AttributeDefinitions", want.AttributeDefinitions},
		{"GlobalSecondaryIndexes", want.GlobalSecondaryIndexes},
		{"StreamSpecification", map[string]any{"StreamViewType": want.StreamSpecification.StreamViewType}},
		{"TimeToLiveSpecification", map[string]any{"AttributeName": store.AttrExpires, "Enabled": true}},
		{"PointInTimeRecoverySpecification", map[string]any{"PointInTimeRecoveryEnabled": true}},
		{"SSESpecification", map[string]any{"SSEEnabled": true}},
	} {
		got := plain(at(table, c.name))
		f.unless(reflect.DeepEqual(plain(c.want), got), "%s is %v, in the store %v", c.name, got, plain(c.want))
	}
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		f.unless(at(t.root, "Resources", "Table", policy) == "Retain", "%s is not Retain: the table must outlive a mistake", policy)
	}
}

// leastPrivilege refuses every star but one: as the last character, behind the
// path of the webhook sources, whose names no template knows. A log group's Arn
// names its streams, as CloudFormation writes it.
func leastPrivilege(t template, f *faults) {
	users := map[string]int{}
	for _, fn := range t.functions() {
		role := t.text(at(fn.properties, "Role"))
		users[role]++
		f.unless(t.roleOf(fn) != nil, "%s: its role %s is not in the template", fn.id, role)
		f.unless(users[role] == 1, "%s: shares its role %s", fn.id, role)
		f.unless(at(fn.properties, "Policies") == nil, "%s: Policies would add to a role nobody reads", fn.id)
	}
	sources := "parameter" + t.text(map[string]any{"Ref": "SecretsPrefix"}) + "/*"
	for id, role := range t.resources("AWS::IAM::Role") {
		f.unless(at(role, "ManagedPolicyArns") == nil, "%s: a managed policy allows what others decide", id)
		for _, p := range t.permissions(role) {
			f.unless(regexp.MustCompile(`^[a-z]+:[A-Za-z]+$`).MatchString(p.action), "%s: the action %q is not one action", id, p.action)
			own := strings.TrimSuffix(p.resource, sources)
			f.unless(!strings.Contains(own, "*") && own != "", "%s: %s on %q", id, p.action, p.resource)
		}
	}
}

const receives = 10 // before a message is given up

func redrives(t template, f *faults) {
	queues, dead := t.resources("AWS::SQS::Queue"), t.deadLetters()
	for id, q := range queues {
		f.unless(at(q, "SqsManagedSseEnabled") == true, "%s: is not encrypted", id)
		if dead[id+".Arn"] {
			f.unless(whole(at(q, "MessageRetentionPeriod")) == 14*24*3600, "%s: a dead letter is kept the 14 days that SQS keeps one", id)
			continue
		}
		target, _, _ := strings.Cut(t.text(at(q, "RedrivePolicy", "deadLetterTargetArn")), ".")
		count := at(q, "RedrivePolicy", "maxReceiveCount")
		f.unless(queues[target] != nil && target != id, "%s: has no dead-letter queue", id)
		f.unless(count == receives, "%s: gives up after %v receives", id, count)
		kept := whole(at(queues[target], "MessageRetentionPeriod"))
		f.unless(whole(at(q, "MessageRetentionPeriod")) <= kept, "%s: a message would be forgotten on its way to %s", id, target)
	}
}

// eventSources: Source: Lambda developer guide, "Using Lambda with Amazon SQS"
// and "Process Amazon DynamoDB records with Lambda".
func eventSources(t template, f *faults) {
	const most = 10000
	for _, fn := range t.functions() {
		for _, s := range append(fn.of("SQS"), fn.of("DynamoDB")...) {
			batch, window := whole(at(s, "BatchSize")), whole(at(s, "MaximumBatchingWindowInSeconds"))
			f.unless(reflect.DeepEqual(at(s, "FunctionResponseTypes"), []any{"ReportBatchItemFailures"}), "%s: one failure brings back the whole batch", fn.id)
			f.unless(0 < batch && batch <= most, "%s: a batch of %d", fn.id, batch)
			f.unless(batch <= 10 || window >= 1, "%s: a batch of %d needs a window of a second", fn.id, batch)
		}
		for _, s := range fn.of("SQS") {
			consumers := whole(at(s, "ScalingConfig", "MaximumConcurrency"))
			f.unless(2 <= consumers && consumers <= 5, "%s: %d consumers: races grow with them, batches shrink", fn.id, consumers)
		}
	}
}

// perRecord is how long one record may take, in milliseconds, when every one of
// a batch needs calls of its own, one after the other.
var perRecord = map[string]int{"order-queue": 50, "tracking-queue": 5000, "mail-queue": 5000, "supply-stream": 100, "notice-stream": 100}

func timing(t template, f *faults) {
	const grace = 2 // seconds that package edge keeps back
	queues := t.resources("AWS::SQS::Queue")
	for _, fn := range t.functions() {
		for _, s := range append(fn.of("SQS"), fn.of("DynamoDB")...) {
			need := whole(at(s, "BatchSize")) * perRecord[fn.folder]
			f.unless(need > 0 && need <= (fn.timeout-grace)*1000, "%s: a batch takes up to %d ms, the timeout is %d s", fn.id, need, fn.timeout)
		}
		for _, s := range fn.of("SQS") {
			id, _, _ := strings.Cut(t.text(at(s, "Queue")), ".")
			hidden := whole(at(queues[id], "VisibilityTimeout"))
			least := 6*fn.timeout + whole(at(s, "MaximumBatchingWindowInSeconds"))
			f.unless(hidden >= least, "%s: hides a message for %d s, its consumer needs %d", id, hidden, least)
		}
		f.unless(len(fn.of("HttpApi")) == 0 || fn.timeout < 30, "%s: the gateway waits for 30 s, the function takes up to %d", fn.id, fn.timeout)
	}
}

// matches reads the part of Lambda's filter language that the template uses: a
// list of texts, prefixes and existence, of which one must fit.
func matches(pattern any, record any) bool {
	if fields, ok := pattern.(map[string]any); ok {
		for name, p := range fields {
			if !matches(p, at(record, name)) {
				return false
			}
		}
		return true
	}
	return slices.ContainsFunc(list(pattern), func(want any) bool {
		prefix, isPrefix := at(want, "prefix").(string)
		text, _ := record.(string)
		return want == record || isPrefix && strings.HasPrefix(text, prefix) || at(want, "exists") == true && record != nil
	})
}

var kettle = supply.ItemKey{Seller: "acme", Marketplace: "A1PA6795UKMFR9", SKU: "KETTLE-1"}

// keys are the keys of all kinds of records, with the function that is to hear
// of them.
var keys = []struct {
	key    store.Key
	reader string
}{
	{store.UnitKey("acme", "1ZFBA15ABC"), "supply-stream"},
	{store.StateKey("acme", "FBA15ABC"), "supply-stream"},
	{store.HeadKey(kettle), "notice-stream"},
	{store.ProgramKey("acme", "EUROPE"), "notice-stream"},
	{store.AccountKey("acme"), "notice-stream"},
	{store.BlockedKey("acme", "EUROPE", "FBA15ABC"), ""},
	{store.ContentsKey("acme", "FBA15ABC"), ""},
	{store.PackingKey("acme", "FBA15ABC"), ""},
	{store.NumberPackingKey("acme", "BOL9"), ""},
	{store.CardKey(kettle), ""},
	{store.OutboxKey(kettle), ""},
	{store.SegmentKey(kettle, store.Tag{1}), ""},
	{store.DiscardKey(kettle, store.Tag{1}), ""},
	{store.BearerKey("00ff"), ""},
	{store.IdempotencyKey("acme", "key"), ""},
	{store.RawKey("id", "000"), ""},
}

func filters(t template, f *faults) {
	for _, fn := range t.functions() {
		for _, s := range fn.of("DynamoDB") {
			for _, k := range keys {
				for _, name := range []string{"INSERT", "MODIFY", "REMOVE"} {
					got := filtered(f, s, name, &store.Change{Key: k.key})
					want := k.reader == fn.folder && name != "REMOVE"
					f.unless(got == want, "%s: takes %s of %v: %v, should be %v", fn.id, name, k.key, got, want)
				}
			}
			for _, c := range alerting {
				f.unless(filtered(f, s, "MODIFY", &c), "%s: does not take a state whose alerts come or go", fn.id)
			}
		}
	}
}

// alerting are a state that has an alert and one that had it; both readers are to
// hear of them.
var alerting = []store.Change{
	{Key: store.StateKey("acme", "FBA15ABC"), New: store.Record{Attrs: []store.Attr{store.Int(store.AlertsAttr, 1)}}},
	{Key: store.StateKey("acme", "FBA15ABC"), Old: store.Record{Attrs: []store.Attr{store.Int(store.AlertsAttr, 1)}}},
}

// filtered reports whether a reader hears of a change. Of the images it knows the
// one attribute that the template looks at.
func filtered(f *faults, source any, event string, c *store.Change) bool {
	image := func(r *store.Record) any {
		if r.Attr(store.AlertsAttr).Int == 0 {
			return nil
		}
		return map[string]any{store.AlertsAttr: map[string]any{"N": fmt.Sprint(r.Attr(store.AlertsAttr).Int)}}
	}
	record := map[string]any{"eventName": event, "dynamodb": map[string]any{"NewImage": image(&c.New), "OldImage": image(&c.Old), "Keys": map[string]any{
		store.AttrPartition: map[string]any{"S": c.Key.Partition}, store.AttrSort: map[string]any{"S": c.Key.Sort}}}}
	for _, filter := range list(at(source, "FilterCriteria", "Filters")) {
		var pattern map[string]any
		err := json.Unmarshal([]byte(fmt.Sprint(at(filter, "Pattern"))), &pattern)
		f.unless(err == nil, "a filter is no JSON: %v", err)
		if matches(pattern, record) {
			return true
		}
	}
	return false
}

func streamsEnd(t template, f *faults) {
	readers := 0
	for _, fn := range t.functions() {
		for _, s := range fn.of("DynamoDB") {
			readers++
			tries, age := whole(at(s, "MaximumRetryAttempts")), whole(at(s, "MaximumRecordAgeInSeconds"))
			to := t.text(at(s, "DestinationConfig", "OnFailure", "Destination"))
			f.unless(0 < tries && tries <= 100, "%s: tries a bad record %d times", fn.id, tries)
			f.unless(0 < age && age <= 12*3600, "%s: leaves no time to read what it gave up: the stream keeps 24 hours", fn.id)
			f.unless(at(s, "BisectBatchOnFunctionError") == true, "%s: a bad record takes its batch with it", fn.id)
			f.unless(at(s, "StartingPosition") == "TRIM_HORIZON", "%s: a new stack would miss its first changes", fn.id)
			f.unless(slices.Contains(t.permissions(t.roleOf(fn)), permission{"sqs:SendMessage", to}), "%s: may not note what it gave up in %s", fn.id, to)
			f.unless(t.text(at(s, "Stream")) == "Table.StreamArn", "%s: reads another stream", fn.id)
		}
	}
	f.unless(readers == 2, "the stream has %d readers; DynamoDB allows two", readers)
}

func retention(t template, f *faults) {
	groups := t.resources("AWS::Logs::LogGroup")
	for id, g := range groups {
		f.unless(t.text(at(g, "RetentionInDays")) == "30", "%s: keeps its lines for ever", id)
	}
	used := map[string]bool{}
	for _, fn := range t.functions() {
		id := t.text(at(fn.properties, "LoggingConfig", "LogGroup"))
		f.unless(groups[id] != nil && !used[id], "%s: has no log group of its own", fn.id)
		used[id] = true
		for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
			f.unless(slices.Contains(t.permissions(t.roleOf(fn)), permission{action, id + ".Arn"}), "%s: may not %s in %s", fn.id, action, id)
		}
	}
}

func schedules(t template, f *faults) {
	s := t.resources("AWS::Scheduler::Schedule")["SweepSchedule"]
	rate, target := at(s, "ScheduleExpression"), t.text(at(s, "Target", "Arn"))
	role, _, _ := strings.Cut(t.text(at(s, "Target", "RoleArn")), ".")
	f.unless(rate == "rate(5 minutes)", "the sweep runs at %v", rate)
	f.unless(target == "Sweep.Arn", "the schedule starts %s", target)
	f.unless(slices.Contains(t.permissions(t.resources("AWS::IAM::Role")[role]), permission{"lambda:InvokeFunction", target}), "%s may not start %s", role, target)
	for _, fn := range t.functions() {
		f.unless(fn.id != "Sweep" || fn.timeout < 5*60, "a sweep of %d s meets the next", fn.timeout)
	}
}

// mails: who sends may use the one identity and the one set, nobody else may; what SES
// tells goes over its bus and a queue to the function that reads all of it.
func mails(t template, f *faults) {
	const ours = "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:"
	for _, fn := range t.functions() {
		for _, to := range []string{"identity/headstart.invalid", "configuration-set/MailConfigurationSet"} {
			may := slices.Contains(t.permissions(t.roleOf(fn)), permission{"ses:SendEmail", ours + to})
			f.unless(may == config.Mails(fn.folder), "%s: may send mails as %s: %v", fn.id, to, may)
		}
		if fn.folder == "mail-queue" {
			f.unless(len(fn.of("SQS")) == 1 && t.text(at(fn.of("SQS")[0], "Queue")) == "MailQueue.Arn", "%s: reads another queue", fn.id)
		}
	}
	tells := t.resources("AWS::SES::ConfigurationSetEventDestination")["MailEvents"]
	f.unless(t.text(at(tells, "ConfigurationSetName")) == "MailConfigurationSet", "SES tells of another set")
	f.unless(at(tells, "EventDestination", "Enabled") == true, "SES tells nothing")
	bus := t.text(at(tells, "EventDestination", "EventBridgeDestination", "EventBusArn"))
	f.unless(bus == "arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default", "SES does not speak to %s", bus)
	f.unless(len(list(at(tells, "EventDestination", "MatchingEventTypes"))) == len(notice.Events()), "SES tells too much, or too little")
	mailRule(t, f)
}

func mailRule(t template, f *faults) {
	rule := t.resources("AWS::Events::Rule")["MailRule"]
	var through []string
	for _, name := range list(at(rule, "EventPattern", "detail-type")) {
		through = append(through, fmt.Sprint(name))
	}
	read := notice.Events()
	slices.Sort(through)
	slices.Sort(read)
	f.unless(slices.Equal(through, read), "the rule lets through %v, read are %v", through, read)
	f.unless(reflect.DeepEqual(at(rule, "EventPattern", "source"), []any{"aws.ses"}), "the rule listens to another source")
	for _, set := range append(list(at(rule, "EventPattern", "detail", "mail", "tags", "ses:configuration-set")), any(nil))[:1] {
		f.unless(t.text(set) == "MailConfigurationSet", "the rule takes others' mails")
	}
	for _, target := range append(list(at(rule, "Targets")), any(nil))[:1] {
		f.unless(t.text(at(target, "Arn")) == "MailQueue.Arn", "the rule tells another queue")
		f.unless(t.text(at(target, "DeadLetterConfig", "Arn")) == "MailDeadLetters.Arn", "what the rule cannot bring is lost")
	}
	policy := t.resources("AWS::SQS::QueuePolicy")["MailQueuePolicy"]
	for _, s := range append(list(at(policy, "PolicyDocument", "Statement")), any(nil))[:1] {
		f.unless(t.text(at(s, "Condition", "ArnEquals", "aws:SourceArn")) == "MailRule.Arn", "anybody may write to the mail queue")
		var queues []string
		for _, queue := range list(at(s, "Resource")) {
			queues = append(queues, t.text(queue))
		}
		f.unless(slices.Equal(queues, []string{"MailQueue.Arn", "MailDeadLetters.Arn"}) && at(s, "Principal", "Service") == "events.amazonaws.com", "the rule may not write to its queues")
	}
}

// pagePaths are the pages for people, which the API's document does not list.
var pagePaths = []string{"GET /advice", "GET /advice/{marketplace}/{sku}", "GET /", "ANY /signin", "ANY /signout", "ANY /items", "ANY /items/{proxy+}", "ANY /program", "ANY /program/{proxy+}"}

// wanted are the routes beside the API's, which its own document lists.
var wanted = map[string][]string{"tracking-webhook": {
	"GET /webhooks/{adapter}/{source}", "GET /webhooks/{adapter}/{source}/{tail+}",
	"HEAD /webhooks/{adapter}/{source}", "HEAD /webhooks/{adapter}/{source}/{tail+}",
	"OPTIONS /webhooks/{adapter}/{source}", "OPTIONS /webhooks/{adapter}/{source}/{tail+}",
	"POST /webhooks/{adapter}/{source}", "POST /webhooks/{adapter}/{source}/{tail+}"}}

func routes(t template, f *faults) {
	for _, fn := range t.functions() {
		var got []string
		for _, s := range fn.of("HttpApi") {
			got = append(got, fmt.Sprintf("%v %v", at(s, "Method"), at(s, "Path")))
			f.unless(fmt.Sprint(at(s, "PayloadFormatVersion")) == "2.0", "%s: package edge reads payload format 2.0", fn.id)
		}
		slices.Sort(got)
		if fn.folder != "api" {
			f.unless(slices.Equal(got, wanted[fn.folder]), "%s: answers %v, should answer %v", fn.id, got, wanted[fn.folder])
			continue
		}
		for _, page := range pagePaths {
			f.unless(slices.Contains(got, page), "no route leads to the page %s", page)
		}
		for _, path := range append(apiPaths(), "/c/{token}", "/u/{token}") { // pages behind links stand in no API's description
			f.unless(slices.ContainsFunc(got, func(r string) bool {
				prefix, all := strings.CutSuffix(strings.TrimPrefix(r, "ANY "), "{proxy+}")
				return all && strings.HasPrefix(path, prefix)
			}), "no route leads to %s", path)
		}
	}
}

func apiPaths() []string {
	var document struct{ Paths map[string]any }
	text, _ := os.ReadFile("api/openapi.json")
	_ = json.Unmarshal(text, &document)
	return slices.Sorted(maps.Keys(document.Paths))
}

func alarms(t template, f *faults) {
	heard := map[string]bool{}
	for id, a := range t.resources("AWS::CloudWatch::Alarm") {
		for _, d := range append(list(at(a, "Dimensions")), any(nil)) {
			heard[fmt.Sprint(at(a, "MetricName"), " ", t.text(at(d, "Value")))] = true
		}
		f.unless(at(a, "AlarmActions") != nil, "%s: tells nobody", id)
	}
	dead := t.deadLetters()
	for id := range t.resources("AWS::SQS::Queue") {
		metric := "ApproximateAgeOfOldestMessage"
		if dead[id+".Arn"] {
			metric = "ApproximateNumberOfMessagesVisible"
		}
		f.unless(heard[metric+" "+id+".QueueName"], "nobody hears of %s of %s", metric, id)
	}
	for _, fn := range t.functions() {
		f.unless(fn.of("DynamoDB") == nil || heard["IteratorAge "+fn.id], "nobody hears that %s is late", fn.id)
	}
	for _, want := range []string{"5xx Http", "Errors Sweep", "UnreadableWebhooks <nil>", "UnmappedCodes <nil>"} {
		f.unless(heard[want], "nobody hears of %s", want)
	}
}

// counted are the log lines that become metrics: where the code says them, and
// in which functions' logs they may stand.
var counted = []struct {
	metric, line, source, value string
	logs                        []string
}{
	{"UnreadableWebhooks", `"unreadable webhook kept"`, "engine/quarantine.go", "1", []string{"TrackingQueueFunctionLogs", "TrackingWebhookLogs"}},
	{"UnmappedCodes", `"unmapped carrier code"`, "boot/webhook.go", "$.scans", []string{"TrackingWebhookLogs"}},
	{"EtaToBuyableSeconds", `"eta to buyable"`, "engine/commit.go", "$.eta_to_buyable_seconds", []string{"SupplyStreamLogs"}},
}

func countedLines(t template, f *faults) {
	known := 0
	for _, c := range counted {
		var logs []string
		for id, filter := range t.resources("AWS::Logs::MetricFilter") {
			for _, m := range list(at(filter, "MetricTransformations")) {
				if at(m, "MetricName") != c.metric {
					continue
				}
				known++
				logs = append(logs, t.text(at(filter, "LogGroupName")))
				f.unless(at(filter, "FilterPattern") == "{ $.msg = "+c.line+" }", "%s: filters %v", id, at(filter, "FilterPattern"))
				f.unless(at(m, "MetricValue") == c.value, "%s: counts %v", id, at(m, "MetricValue"))
				f.unless(t.text(at(m, "MetricNamespace")) == "AWS::StackName", "%s: shares its metric with other stacks", id)
			}
		}
		slices.Sort(logs)
		f.unless(slices.Equal(logs, c.logs), "%s is counted in %v, should be in %v", c.metric, logs, c.logs)
		source, _ := os.ReadFile(c.source)
		f.unless(strings.Contains(string(source), c.line), "%s does not log %s", c.source, c.line)
	}
	f.unless(known == len(t.resources("AWS::Logs::MetricFilter")), "a filter counts what nobody logs")
}

// said is all that the door's log may say of a request: the path may end with a
// secret, the address and the agent are a caller's.
var said = []string{"requestId", "routeKey", "status", "responseLatency", "responseLength"}

func accessLogs(t template, f *faults) {
	format := fmt.Sprint(at(t.resources("AWS::Serverless::HttpApi")["Http"], "AccessLogSettings", "Format"))
	names := regexp.MustCompile(`\$context\.([\w.]+)`).FindAllStringSubmatch(format, -1)
	f.unless(len(names) > 0, "the door logs nothing")
	for _, name := range names {
		f.unless(slices.Contains(said, name[1]), "the door logs %s", name[1])
	}
}

const templatePath = "../template.yaml"

func readTemplate(t *testing.T) (template, string) {
	text, err := os.ReadFile(templatePath)
	require.NoError(t, err)
	parsed, err := parseTemplate(text)
	require.NoError(t, err)
	return parsed, string(text)
}

func TestTheTemplateKeepsEveryRule(t *testing.T) {
	parsed, _ := readTemplate(t)
	require.Len(t, parsed.functions(), len(boot.Functions()))
	require.NotEmpty(t, apiPaths())
	for _, rule := range rules {
		var found faults
		rule.check(parsed, &found)
		require.Empty(t, found, rule.name)
	}
}
