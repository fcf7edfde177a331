package shared

// Runs LocalStack's init script against an awslocal that only notes what it is
// told, and holds that to the template and to the store. It would catch a table,
// a queue or a bus that on one machine is not what it is on AWS.

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"headstart/shared/boot"
	"headstart/shared/config"
	"headstart/shared/store/dynamo"
)

const initFolder = "../localstack/init/"

// told runs the init script and returns the calls it made, one list of
// arguments each.
func told(t *testing.T) (calls [][]string) {
	t.Helper()
	folder := t.TempDir()
	notes := filepath.Join(folder, "notes")
	script := "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\037' \"$a\" >>" + notes + "; done\necho >>" + notes + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "awslocal"), []byte(script), 0o755))
	run := exec.Command("bash", initFolder+"resources.sh")
	run.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	printed, err := run.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	text, err := os.ReadFile(notes)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		calls = append(calls, strings.Split(strings.TrimSuffix(line, "\x1f\n"), "\x1f"))
	}
	return calls
}

// argument returns the value behind a flag.
func argument(call []string, flag string) string {
	for i := range call[1:] {
		if call[i] == flag {
			return call[i+1]
		}
	}
	return ""
}

func TestLocalStackHasTheTemplatesResources(t *testing.T) {
	parsed, _ := readTemplate(t)
	queues, made := parsed.resources("AWS::SQS::Queue"), map[string]bool{}
	for _, call := range told(t) {
		what := call[1]
		switch what {
		case "create-table":
			text, err := os.ReadFile(strings.TrimPrefix(argument(call, "--cli-input-json"), "file://"))
			require.NoError(t, err)
			var got any
			require.NoError(t, json.Unmarshal(text, &got))
			require.Equal(t, plain(dynamo.Definition("headstart")), got)
		case "update-time-to-live":
			expiry := at(parsed.resources("AWS::DynamoDB::Table")["Table"], "TimeToLiveSpecification", "AttributeName")
			require.Equal(t, "Enabled=true,AttributeName="+expiry.(string), argument(call, "--time-to-live-specification"))
		case "create-queue":
			var got map[string]string
			require.NoError(t, json.Unmarshal([]byte(argument(call, "--attributes")), &got))
			name := argument(call, "--queue-name")
			what += " " + name
			want := queues[map[string]string{"orders": "OrderQueue", "orders-dead-letters": "OrderDeadLetters",
				"tracking": "TrackingQueue", "tracking-dead-letters": "TrackingDeadLetters"}[name]]
			for _, attribute := range []string{"VisibilityTimeout", "MessageRetentionPeriod"} {
				n, _ := strconv.Atoi(got[attribute])
				require.Equal(t, whole(at(want, attribute)), n, "%s %s", name, attribute)
			}
			if at(want, "RedrivePolicy") != nil {
				require.JSONEq(t, `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:`+name+`-dead-letters","maxReceiveCount":"10"}`, got["RedrivePolicy"])
			}
		case "put-parameter":
			require.Equal(t, "SecureString", argument(call, "--type"))
			var source boot.Source
			require.NoError(t, json.Unmarshal([]byte(argument(call, "--value")), &source))
			require.NotEmpty(t, source.Secrets)
			require.Equal(t, parsed.text(map[string]any{"Ref": "SecretsPrefix"})+"/standard/"+string(source.Seller), argument(call, "--name"))
		}
		made[what] = true
	}
	require.Equal(t, map[string]bool{"create-table": true, "update-time-to-live": true, "create-event-bus": true, "put-parameter": true,
		"create-queue orders": true, "create-queue orders-dead-letters": true, "create-queue tracking": true, "create-queue tracking-dead-letters": true}, made)
}

func TestLocalStackIsPinnedAndListensOnThisMachineAlone(t *testing.T) {
	text, err := os.ReadFile("../localstack/compose.yaml")
	require.NoError(t, err)
	var compose any
	require.NoError(t, yaml.Unmarshal(text, &compose))
	service := at(compose, "services", "localstack")
	require.Equal(t, "localstack/localstack:4.14.0", at(service, "image"))
	require.Equal(t, []any{"127.0.0.1:4566:4566"}, at(service, "ports"))
	require.Equal(t, []any{"./init:/etc/localstack/init/ready.d:ro"}, at(service, "volumes"))
	info, err := os.Stat(initFolder + "resources.sh")
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&0o100, "LocalStack runs what is executable")
}

func TestEveryFunctionStartsWithTheEnvironmentForSAM(t *testing.T) {
	text, err := os.ReadFile("../localstack/env.json")
	require.NoError(t, err)
	var file struct{ Parameters map[string]string }
	require.NoError(t, json.Unmarshal(text, &file))
	for _, function := range config.Functions() {
		_, err := config.Load(function, func(name string) string { return file.Parameters[name] })
		require.NoError(t, err)
	}
}
