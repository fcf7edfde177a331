// Package config turns the environment of a Lambda function into a Config, or
// into one error that lists every fault at once, so that one deployment mends
// them all. The two tables in it, of variables and of functions, are what the
// template, the documentation and the tests are held to. It reads nothing by
// itself: the environment is an argument.
package config

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// Config is what a function is told. What it does not need (see For) may be
// empty; LogLevel and Policy are always usable.
type Config struct {
	Table                string // DynamoDB table
	TrackingQueueURL     string
	BusName              string // EventBridge bus for published events
	SecretsPrefix        string // SSM path above the webhook sources: <prefix>/<source>
	PublicURL            string // what stands in front of links
	MailFrom             string // the address that mails to sellers come from; "" = none are sent
	MailConfigurationSet string // of SES, which tells what becomes of mails; "" = nobody hears of it
	LogLevel             slog.Level
	Policy               supply.Policy
}

// Variable is one row of the table of environment variables.
type Variable struct {
	Name    string // HEADSTART_...
	Default string // what leaving it unset means; "" where a function needs it
	Wants   string // what to give, with unit and limits; ends a sentence "give ..."

	set func(*Config, string) bool // reports whether the value makes sense
}

// The variables' names.
const (
	Table                = "HEADSTART_TABLE"
	TrackingQueueURL     = "HEADSTART_TRACKING_QUEUE_URL"
	BusName              = "HEADSTART_BUS_NAME"
	SecretsPrefix        = "HEADSTART_SECRETS_PREFIX"
	PublicURL            = "HEADSTART_PUBLIC_URL"
	MailFrom             = "HEADSTART_MAIL_FROM"
	MailConfigurationSet = "HEADSTART_MAIL_CONFIGURATION_SET"
	LogLevel             = "HEADSTART_LOG_LEVEL"
	PaddingDays          = "HEADSTART_PADDING_DAYS"
	ReceivingDays        = "HEADSTART_RECEIVING_DAYS"
	ShipDays             = "HEADSTART_SHIP_DAYS"
	HorizonDays          = "HEADSTART_HORIZON_DAYS"
	StaleAfterHours      = "HEADSTART_STALE_AFTER_HOURS"
	JitterHours          = "HEADSTART_JITTER_HOURS"
	OnCarriageDays       = "HEADSTART_ON_CARRIAGE_DAYS"
	ConfidenceLevels     = "HEADSTART_CONFIDENCE"
	MaxPaddingDays       = "HEADSTART_MAX_PADDING_DAYS"
	SellUndated          = "HEADSTART_SELL_UNDATED"
)

// needs says what each function cannot start without.
var needs = map[string][]string{
	"tracking-webhook": {Table, TrackingQueueURL, SecretsPrefix}, // what it cannot write now goes to the queue
	"tracking-queue":   {Table},
	"order-queue":      {Table},
	"supply-stream":    {Table},
	"notice-stream":    {Table, BusName, SecretsPrefix}, // it signs the links of its notices
	"mail-queue":       {Table},
	"sweep":            {Table, SecretsPrefix}, // so do its mails
	"api":              {Table, SecretsPrefix}, // it reads them again
}

// mailing are the functions that send mails to sellers where MailFrom says so.
var mailing = []string{"notice-stream", "sweep"}

// Mails reports whether the function sends mails, and so makes use of MailFrom and
// MailConfigurationSet.
func Mails(function string) bool { return slices.Contains(mailing, function) }

// Functions returns the names of all functions, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(needs)) }

// For returns the names of the variables that the function cannot start
// without; nil for a function that does not exist.
func For(function string) []string { return slices.Clone(needs[function]) }

// Variables returns the whole table, for documentation and for tests.
func Variables() []Variable { return slices.Clone(variables) }

// Load reads the function's configuration through getenv (os.Getenv, or a map
// in a test). An empty variable is an unset one. Whatever is set is checked,
// needed or not. It returns fault.Invalid with one line per fault, each naming
// the variable and what to give it.
func Load(function string, getenv func(string) string) (Config, error) {
	needed, known := needs[function]
	if !known {
		return Config{}, fault.New(fault.Invalid, "INVALID_CONFIG",
			"there is no function %q; the functions are %s", function, strings.Join(Functions(), ", "))
	}
	var config Config
	var faults []string
	for _, v := range variables {
		value := getenv(v.Name)
		switch {
		case value != "":
			if !v.set(&config, value) {
				faults = append(faults, fmt.Sprintf("%s is %.100q: give %s", v.Name, value, v.Wants))
			}
		case v.Default != "":
			v.set(&config, v.Default)
		case slices.Contains(needed, v.Name):
			faults = append(faults, fmt.Sprintf("%s is not set: give %s", v.Name, v.Wants))
		}
	}
	if faults != nil {
		return Config{}, fault.New(fault.Invalid, "INVALID_CONFIG",
			"%s cannot start, faults in its environment: %d\n  %s", function, len(faults), strings.Join(faults, "\n  "))
	}
	return config, nil
}
