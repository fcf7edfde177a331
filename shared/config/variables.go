package config

import (
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"headstart/shared/program"
	"headstart/shared/supply"
)

// variables is the table of everything the environment can say. The defaults of
// the policy are those of supply.DefaultPolicy; a test holds them together.
//
// Sources of the patterns: the API references of DynamoDB (CreateTable),
// EventBridge (PutEvents) and Systems Manager (PutParameter).
var variables = []Variable{
	text(Table, "the name of the DynamoDB table, 3 to 255 of letters, digits, _ . -",
		`[a-zA-Z0-9_.-]{3,255}`, func(c *Config) *string { return &c.Table }),
	address(TrackingQueueURL, "the URL of the tracking queue, https://...",
		func(c *Config) *string { return &c.TrackingQueueURL }),
	text(BusName, "the name of the EventBridge bus, up to 256 of letters, digits, / _ . -",
		`[a-zA-Z0-9/_.-]{1,256}`, func(c *Config) *string { return &c.BusName }),
	text(SecretsPrefix, "the path above the webhook sources' parameters, as /headstart/sources: no / at its end",
		`(/[a-zA-Z0-9_.-]+){1,13}`, func(c *Config) *string { return &c.SecretsPrefix }),
	{PublicURL, "http://127.0.0.1:8080", "the address in front of buyers' links, https://...: no / at its end", setPublicURL},
	{MailFrom, "", "the one plain address that mails to sellers come from, as programme@example.com, or nothing to send none", setMailFrom},
	text(MailConfigurationSet, "the name of the SES configuration set that tells what becomes of mails, up to 64 of letters, digits, _ -",
		`[a-zA-Z0-9_-]{1,64}`, func(c *Config) *string { return &c.MailConfigurationSet }),
	{LogLevel, "info", "debug, info, warn or error", setLogLevel},
	{PaddingDays, "learnt", "learnt, or a whole number of days from 0 to 90: then every shipment has them and no confidence is asked for", setPadding},
	days(ReceivingDays, 2, 0, 90, func(c *Config) *int { return &c.Policy.ReceivingDays }),
	days(ShipDays, 1, 0, 90, func(c *Config) *int { return &c.Policy.ShipDays }),
	days(HorizonDays, 180, 1, 730, func(c *Config) *int { return &c.Policy.HorizonDays }),
	hours(StaleAfterHours, 240, 1, 8760, func(c *Config) *time.Duration { return &c.Policy.StaleAfter }),
	hours(JitterHours, 12, 0, 240, func(c *Config) *time.Duration { return &c.Policy.Jitter }),
	{OnCarriageDays, "AVAILABLE=2,ARRIVAL_INLAND=3,ARRIVAL_PORT=7",
		"days from each kind of place to the dock, 0 to 90 each, as AVAILABLE=2,ARRIVAL_INLAND=3,ARRIVAL_PORT=7: a kind that is left out has its default", setOnCarriage},
	{ConfidenceLevels, "95", "how sure a date must be in per cent, 95 to 99.9, and where a marketplace wants another: 95,A1PA6795UKMFR9=97.5", setConfidence},
	days(MaxPaddingDays, 7, 0, 90, func(c *Config) *int { return &c.Policy.Confidence.MaxPadding }),
	{SellUndated, "no", "yes, to sell without a date what comes for sure, nobody knows when, or no", func(c *Config, value string) bool {
		c.Policy.SellUndated = value == "yes"
		return value == "yes" || value == "no"
	}},
}

// setPadding reads what is added to the carrier's ETA.
func setPadding(c *Config, value string) bool {
	usual := supply.DefaultPolicy()
	c.Policy.Learnt, c.Policy.PaddingDays = value == "learnt", usual.PaddingDays
	if c.Policy.Learnt {
		return true
	}
	n, err := strconv.Atoi(value)
	c.Policy.PaddingDays = n
	return err == nil && 0 <= n && n <= 90
}

// setConfidence reads how sure dates must be, everywhere and by marketplace. Below
// 95 % the history is known to be too confident of itself.
func setConfidence(c *Config, value string) bool {
	c.Policy.Confidence, c.Policy.Levels = supply.DefaultConfidence(), nil
	for i, term := range strings.Split(value, ",") {
		name, number, named := strings.Cut(term, "=")
		if !named {
			name, number = "", term
		}
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent >= 95 && percent <= 99.9) || named == (i == 0) {
			return false
		}
		level := supply.Share(math.Round(percent * 100))
		if !named {
			c.Policy.Confidence.Level = level
			continue
		}
		id, err := supply.ParseMarketplaceID("marketplace", name)
		if _, twice := c.Policy.Levels[id]; err != nil || twice {
			return false
		}
		if c.Policy.Levels == nil {
			c.Policy.Levels = make(map[supply.MarketplaceID]supply.Share)
		}
		c.Policy.Levels[id] = level
	}
	return true
}

// setPublicURL takes an address that a path can be put behind.
func setPublicURL(c *Config, value string) bool {
	c.PublicURL = value
	u, err := url.Parse(value)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(value, "?#") && !strings.HasSuffix(value, "/") && len(value) <= maxPublicURL
}

func setMailFrom(c *Config, value string) bool {
	address, err := program.ParseAddress(MailFrom, value)
	c.MailFrom = address
	return err == nil
}

// maxPublicURL keeps a link short enough for a mail, in bytes.
const maxPublicURL = 200

// setOnCarriage reads the days of each kind of place that is named; the others
// keep their defaults.
func setOnCarriage(c *Config, value string) bool {
	c.Policy.OnCarriage = supply.DefaultPolicy().OnCarriage
	seen := make(map[supply.ETAKind]bool)
	for _, term := range strings.Split(value, ",") {
		name, number, _ := strings.Cut(term, "=")
		kind, known := supply.ParseETAKind(name)
		days, err := strconv.Atoi(number)
		if !known || kind == supply.AtDock || seen[kind] || err != nil || days < 0 || days > 90 {
			return false
		}
		seen[kind], c.Policy.OnCarriage[kind] = true, days
	}
	return true
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func setLogLevel(c *Config, value string) (ok bool) {
	c.LogLevel, ok = logLevels[value]
	return ok
}

func text(name, wants, pattern string, field func(*Config) *string) Variable {
	whole := regexp.MustCompile("^" + pattern + "$")
	return Variable{name, "", wants, func(c *Config, value string) bool {
		*field(c) = value
		return whole.MatchString(value)
	}}
}

func address(name, wants string, field func(*Config) *string) Variable {
	return Variable{name, "", wants, func(c *Config, value string) bool {
		*field(c) = value
		u, err := url.Parse(value)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(u.Path) > 1
	}}
}

func days(name string, usual, least, most int, field func(*Config) *int) Variable {
	return number(name, "days", usual, least, most, func(c *Config, n int) { *field(c) = n })
}

func hours(name string, usual, least, most int, field func(*Config) *time.Duration) Variable {
	return number(name, "hours", usual, least, most, func(c *Config, n int) { *field(c) = time.Duration(n) * time.Hour })
}

func number(name, unit string, usual, least, most int, set func(*Config, int)) Variable {
	wants := fmt.Sprintf("a whole number of %s from %d to %d, or nothing for %d", unit, least, most, usual)
	return Variable{name, strconv.Itoa(usual), wants, func(c *Config, value string) bool {
		n, err := strconv.Atoi(value)
		set(c, n)
		return err == nil && least <= n && n <= most
	}}
}
