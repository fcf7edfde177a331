// Loads configurations from maps. It would catch a default, a limit or a need
// that moved, a fault that hides another, and a message that does not help.
package config_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/config"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

var update = flag.Bool("update", false, "write the golden files anew")

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// complete is an environment in which every function starts.
func complete() map[string]string {
	return map[string]string{
		config.Table:            "headstart-Table-1A2B",
		config.TrackingQueueURL: "http://127.0.0.1:4566/000000000000/tracking",
		config.BusName:          "headstart/bus",
		config.SecretsPrefix:    "/headstart/sources",
	}
}

func TestEveryFieldComesFromItsVariable(t *testing.T) {
	env := complete()
	for name, value := range map[string]string{
		config.MailFrom: "Programme@Shop.Example", config.MailConfigurationSet: "headstart-mails",
		config.PublicURL: "https://shop.example/late", config.LogLevel: "debug", config.PaddingDays: "0", config.ReceivingDays: "1", config.ShipDays: "4",
		config.HorizonDays: "90", config.StaleAfterHours: "72", config.JitterHours: "6", config.OnCarriageDays: "ARRIVAL_PORT=5,AVAILABLE=0",
		config.ConfidenceLevels: "96,A1PA6795UKMFR9=97.5,ATVPDKIKX0DER=95", config.MaxPaddingDays: "10", config.SellUndated: "yes",
	} {
		env[name] = value
	}
	got, err := config.Load("api", environment(env))
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Table:            "headstart-Table-1A2B",
		TrackingQueueURL: "http://127.0.0.1:4566/000000000000/tracking",
		BusName:          "headstart/bus",
		SecretsPrefix:    "/headstart/sources",
		PublicURL:        "https://shop.example/late",
		MailFrom:         "Programme@shop.example", MailConfigurationSet: "headstart-mails",
		LogLevel: slog.LevelDebug,
		Policy: supply.Policy{SellUndated: true, PaddingDays: 0, ReceivingDays: 1, ShipDays: 4, HorizonDays: 90,
			StaleAfter: 72 * time.Hour, Jitter: 6 * time.Hour,
			OnCarriage: supply.OnCarriage{supply.AtDock: 0, supply.ForPickup: 0, supply.AtInlandPoint: 3, supply.AtPort: 5},
			Confidence: supply.Confidence{Level: 9600, MaxPadding: 10, MaxBroken: 5, MaxShort: 1000, Quantity: 9000},
			Levels:     map[supply.MarketplaceID]supply.Share{"A1PA6795UKMFR9": 9750, "ATVPDKIKX0DER": 9500}},
	}, got)
}

func TestWhatIsUnsetHasTheDesignsDefaults(t *testing.T) {
	got, err := config.Load("supply-stream", environment(map[string]string{config.Table: "headstart"}))
	require.NoError(t, err)
	require.Equal(t, config.Config{Table: "headstart", PublicURL: "http://127.0.0.1:8080", LogLevel: slog.LevelInfo, Policy: supply.DefaultPolicy()}, got)
}

func TestEachFunctionStartsWithWhatItNeedsAndNotWithLess(t *testing.T) {
	for _, function := range config.Functions() {
		env := map[string]string{}
		for _, name := range config.For(function) {
			env[name] = complete()[name]
		}
		_, err := config.Load(function, environment(env))
		require.NoError(t, err, function)
		for _, name := range config.For(function) {
			value := env[name]
			env[name] = ""
			_, err := config.Load(function, environment(env))
			require.ErrorContains(t, err, name+" is not set: give ", function)
			env[name] = value
		}
	}
}

func TestEveryVariableIsNeededBySomeFunctionOrHasADefault(t *testing.T) {
	needed := map[string]bool{}
	for _, function := range config.Functions() {
		for _, name := range config.For(function) {
			needed[name] = true
		}
	}
	for _, v := range config.Variables() {
		optional := v.Name == config.MailFrom || v.Name == config.MailConfigurationSet // without them no mail is sent
		require.NotEqual(t, needed[v.Name], v.Default != "" || optional, v.Name)
		delete(needed, v.Name)
	}
	require.Empty(t, needed, "needed, but not in the table of variables")
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, err := config.Load("tracking-webhook", environment(map[string]string{
		config.Table:          "a table",
		config.SecretsPrefix:  "headstart/",
		config.LogLevel:       "loud\x1b[31m",
		config.PaddingDays:    "three",
		config.HorizonDays:    "0",
		config.JitterHours:    "99999999999999999999",
		config.OnCarriageDays: "ARRIVAL_PORT=5, AVAILABLE=2",
		config.BusName:        "a bus", // not needed here, but wrong
	}))
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.Equal(t, `tracking-webhook cannot start, faults in its environment: 9
  HEADSTART_TABLE is "a table": give the name of the DynamoDB table, 3 to 255 of letters, digits, _ . -
  HEADSTART_TRACKING_QUEUE_URL is not set: give the URL of the tracking queue, https://...
  HEADSTART_BUS_NAME is "a bus": give the name of the EventBridge bus, up to 256 of letters, digits, / _ . -
  HEADSTART_SECRETS_PREFIX is "headstart/": give the path above the webhook sources' parameters, as /headstart/sources: no / at its end
  HEADSTART_LOG_LEVEL is "loud\x1b[31m": give debug, info, warn or error
  HEADSTART_PADDING_DAYS is "three": give learnt, or a whole number of days from 0 to 90: then every shipment has them and no confidence is asked for
  HEADSTART_HORIZON_DAYS is "0": give a whole number of days from 1 to 730, or nothing for 180
  HEADSTART_JITTER_HOURS is "99999999999999999999": give a whole number of hours from 0 to 240, or nothing for 12
  HEADSTART_ON_CARRIAGE_DAYS is "ARRIVAL_PORT=5, AVAILABLE=2": give days from each kind of place to the dock, 0 to 90 each, as AVAILABLE=2,ARRIVAL_INLAND=3,ARRIVAL_PORT=7: a kind that is left out has its default`, err.Error())
}

func TestAnUnknownFunctionIsToldTheKnownOnes(t *testing.T) {
	_, err := config.Load("sweeper", environment(complete()))
	require.EqualError(t, err, `there is no function "sweeper"; the functions are `+
		`api, mail-queue, notice-stream, order-queue, supply-stream, sweep, tracking-queue, tracking-webhook`)
	require.Equal(t, fault.Invalid, fault.Of(err))
	require.Nil(t, config.For("sweeper"))
}

func TestTheEdgesOfEachVariable(t *testing.T) {
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{config.PaddingDays, "learnt", true},
		{config.PaddingDays, "90", true},
		{config.PaddingDays, "91", false},
		{config.PaddingDays, "Learnt", false},
		{config.ConfidenceLevels, "95", true},
		{config.ConfidenceLevels, "94.9", false},
		{config.ConfidenceLevels, "99.9,A1PA6795UKMFR9=95", true},
		{config.ConfidenceLevels, "99.91", false},
		{config.ConfidenceLevels, "NaN", false},
		{config.ConfidenceLevels, "A1PA6795UKMFR9=95", false},
		{config.ConfidenceLevels, "95,96", false},
		{config.ConfidenceLevels, "95,A1PA6795UKMFR9=95,A1PA6795UKMFR9=96", false},
		{config.SellUndated, "no", true},
		{config.SellUndated, "true", false},
		{config.MaxPaddingDays, "0", true},
		{config.MaxPaddingDays, "91", false},
		{config.Table, "abc", true},
		{config.Table, "ab", false},
		{config.Table, strings.Repeat("t", 255), true},
		{config.Table, strings.Repeat("t", 256), false},
		{config.Table, "abc\n", false},
		{config.TrackingQueueURL, "https://sqs/1/q", true},
		{config.TrackingQueueURL, "https://sqs/", false},
		{config.TrackingQueueURL, "https:///1/q", false},
		{config.TrackingQueueURL, "arn:aws:sqs:eu-central-1:1:q", false},
		{config.TrackingQueueURL, "ftp://sqs/1/q", false},
		{config.TrackingQueueURL, "https://sqs/1/q\x00", false},
		{config.BusName, "default", true},
		{config.BusName, "a bus", false},
		{config.BusName, strings.Repeat("b", 257), false},
		{config.SecretsPrefix, "/a", true},
		{config.SecretsPrefix, "/", false},
		{config.SecretsPrefix, "//a", false},
		{config.SecretsPrefix, strings.Repeat("/a", 13), true},
		{config.SecretsPrefix, strings.Repeat("/a", 14), false}, // SSM has 15 levels; two are left for a source and its secret
		{config.PublicURL, "https://shop.example", true},
		{config.PublicURL, "https://shop.example/", false},
		{config.PublicURL, "https://shop.example?a=b", false},
		{config.PublicURL, "https://shop.example#a", false},
		{config.PublicURL, "https://me:secret@shop.example", false},
		{config.PublicURL, "shop.example", false},
		{config.PublicURL, "https://" + strings.Repeat("s", 192), true},
		{config.PublicURL, "https://" + strings.Repeat("s", 193), false},
		{config.MailFrom, "programme@shop.example", true},
		{config.MailFrom, "Headstart <programme@shop.example>", false},
		{config.MailFrom, "a@shop.example,b@shop.example", false},
		{config.MailConfigurationSet, strings.Repeat("m", 64), true},
		{config.MailConfigurationSet, strings.Repeat("m", 65), false},
		{config.MailConfigurationSet, "a set", false},
		{config.LogLevel, "error", true},
		{config.LogLevel, "ERROR", false},
		{config.PaddingDays, "90", true},
		{config.PaddingDays, "91", false},
		{config.PaddingDays, "-1", false},
		{config.PaddingDays, "1.5", false},
		{config.PaddingDays, " 1", false},
		{config.ReceivingDays, "0", true},
		{config.ShipDays, "91", false},
		{config.HorizonDays, "1", true},
		{config.HorizonDays, "730", true},
		{config.HorizonDays, "731", false},
		{config.StaleAfterHours, "0", false},
		{config.StaleAfterHours, "8760", true},
		{config.JitterHours, "0", true},
		{config.JitterHours, "241", false},
		{config.OnCarriageDays, "ARRIVAL_INLAND=90", true},
		{config.OnCarriageDays, "ARRIVAL_INLAND=91", false},
		{config.OnCarriageDays, "ARRIVAL_INLAND=-1", false},
		{config.OnCarriageDays, "ARRIVAL_INLAND", false},
		{config.OnCarriageDays, "ARRIVAL_INLAND=1,ARRIVAL_INLAND=2", false},
		{config.OnCarriageDays, "DELIVERY=1", false}, // our dock is where it is
		{config.OnCarriageDays, "ARRIVAL_MOON=1", false},
		{config.OnCarriageDays, "7", false},
	} {
		env := complete()
		env[c.name] = c.value
		_, err := config.Load("api", environment(env))
		require.Equal(t, c.ok, err == nil, "%s=%.40q: %v", c.name, c.value, err)
	}
}

func TestTheTablesAreAsPrinted(t *testing.T) {
	var b strings.Builder
	for _, v := range config.Variables() {
		fmt.Fprintf(&b, "%-30s default %-6q %s\n", v.Name, v.Default, v.Wants)
	}
	for _, function := range config.Functions() {
		fmt.Fprintf(&b, "\n%s needs\n  %s\n", function, strings.Join(config.For(function), "\n  "))
	}
	const golden = "testdata/environment.golden"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
