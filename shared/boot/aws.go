package boot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"headstart/shared/config"
	"headstart/shared/edge"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/queue"
	"headstart/shared/store/dynamo"
	"headstart/shared/supply"
)

// functions are the Lambda functions by name; each folder of functions/ starts
// the one of its own name.
var functions = map[string]func(*Handlers) lambda.Handler{
	"tracking-webhook": func(h *Handlers) lambda.Handler { return edge.HTTP(h.Webhook()) },
	"tracking-queue":   (*Handlers).TrackingQueue,
	"order-queue":      (*Handlers).OrderQueue,
	"mail-queue":       (*Handlers).MailQueue,
	"supply-stream":    func(h *Handlers) lambda.Handler { return edge.Stream(dynamo.DecodeChange, h.SupplyChanges) },
	"notice-stream":    func(h *Handlers) lambda.Handler { return edge.Stream(dynamo.DecodeChange, h.HeadChanges) },
	"sweep": func(h *Handlers) lambda.Handler {
		return edge.Schedule(func(ctx context.Context) error { _, err := h.Sweep(ctx); return err })
	},
	"api": func(h *Handlers) lambda.Handler { return edge.HTTP(h.API()) },
}

// Functions returns the names of all Lambda functions, in no order.
func Functions() []string {
	names := make([]string, 0, len(functions))
	for name := range functions {
		names = append(names, name)
	}
	return names
}

// Start runs the named function until Lambda ends it. A faulty environment is
// logged whole, and ends the process before it takes an event. All lines of the
// log are JSON, which the template's filter reads.
func Start(name string) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	handler, err := Function(context.Background(), name, os.Getenv)
	if err != nil {
		slog.Error("function cannot start", "function", name, "err", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// Function returns the handler of the named function, configured by getenv. It
// returns fault.Invalid for a function that does not exist and for a faulty
// environment.
func Function(ctx context.Context, name string, getenv func(string) string) (lambda.Handler, error) {
	build, ok := functions[name]
	if !ok {
		return nil, fault.New(fault.Invalid, "UNKNOWN_FUNCTION", "there is no function %q", name)
	}
	c, err := config.Load(name, getenv)
	if err != nil {
		return nil, err
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fault.As(fault.Invalid, err, "loading the AWS configuration")
	}
	place, err := awsPlace(cloud, c)
	if err != nil {
		return nil, err
	}
	return build(New(place)), nil
}

// CloudKey makes a bearer key for a seller of the stack whose table is named, in
// the account that the environment gives access to, and returns it. An email that
// is not empty becomes the account's own address. It returns fault.Invalid for a
// malformed seller or address, or an unusable environment.
func CloudKey(ctx context.Context, table string, seller supply.SellerID, email string) (string, error) {
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return "", fault.As(fault.Invalid, err, "loading the AWS configuration")
	}
	return cloudKey(ctx, cloud, table, seller, email)
}

// CloudSeed lets the lanes of a seller of the stack whose table is named learn from
// the past, as Engine.Seed does.
func CloudSeed(ctx context.Context, table string, seller supply.SellerID, outcomes []engine.Outcome, replace bool, done func()) (int, error) {
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return 0, fault.As(fault.Invalid, err, "loading the AWS configuration")
	}
	db, streams := dynamo.Clients(cloud)
	place := Place{Store: dynamo.New(db, streams, table), Policy: supply.DefaultPolicy, Random: rand.Uint64, Log: slog.Default()}
	return New(place).engine.Seed(ctx, seller, outcomes, replace, done)
}

func cloudKey(ctx context.Context, cloud aws.Config, table string, seller supply.SellerID, email string) (string, error) {
	db, streams := dynamo.Clients(cloud)
	cases := New(Place{Store: dynamo.New(db, streams, table), Random: rand.Uint64, Log: slog.Default()}).engine
	if email != "" {
		if err := cases.SetOwnAddress(ctx, Now(), seller, email); err != nil {
			return "", err
		}
	}
	return cases.CreateKey(ctx, Now(), seller)
}

func awsPlace(cloud aws.Config, c config.Config) (Place, error) {
	db, streams := dynamo.Clients(cloud)
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel}))
	sources := &parameterSources{client: ssm.NewFromConfig(cloud), prefix: c.SecretsPrefix, kept: make(map[string]keptSource)}
	mailer, err := cloudMailer(cloud, c)
	return Place{
		Store: dynamo.New(db, streams, c.Table), Clock: Now, Policy: func() supply.Policy { return c.Policy },
		Sources: sources, Links: engine.Links{Base: c.PublicURL, Secrets: LinkSecrets(sources)},
		Tracking:  queue.NewSQS(sqs.NewFromConfig(cloud), c.TrackingQueueURL),
		Publisher: bus{eventbridge.NewFromConfig(cloud), c.BusName}, Mailer: mailer, Random: rand.Uint64, Log: log,
	}, err
}

// bus publishes to EventBridge.
type bus struct {
	client *eventbridge.Client
	name   string
}

const (
	busTogether = 10        // entries of one PutEvents call
	busBytes    = 240 << 10 // of one call; EventBridge takes 256 KiB
)

// Publish implements engine.Publisher.
func (b bus) Publish(ctx context.Context, events []engine.Event) error {
	var entries []bridgetypes.PutEventsRequestEntry
	size := 0
	for i := range events {
		detail, err := json.Marshal(&events[i])
		if err != nil {
			return fault.As(fault.Internal, err, "encoding event "+events[i].ID)
		}
		if len(entries) == busTogether || size+len(detail) > busBytes {
			if err := b.put(ctx, entries); err != nil {
				return err
			}
			entries, size = nil, 0
		}
		size += len(detail)
		entries = append(entries, bridgetypes.PutEventsRequestEntry{EventBusName: aws.String(b.name), Source: aws.String("headstart"),
			DetailType: aws.String(string(events[i].Type)), Detail: aws.String(string(detail)), Time: aws.Time(events[i].At)})
	}
	return b.put(ctx, entries)
}

func (b bus) put(ctx context.Context, entries []bridgetypes.PutEventsRequestEntry) error {
	if len(entries) == 0 {
		return nil
	}
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		return fault.As(fault.Transient, err, "publishing")
	}
	if out.FailedEntryCount > 0 {
		return fault.New(fault.Transient, "PUBLISHING", "%d of %d events were not taken", out.FailedEntryCount, len(entries))
	}
	return nil
}

// parameterSources reads webhook sources from SSM: one SecureString a source,
// with a Source as JSON. What was read is kept for some minutes, so a rotation
// needs both secrets for that long, and longer while SSM does not answer.
type parameterSources struct {
	client *ssm.Client
	prefix string

	mu   sync.Mutex
	kept map[string]keptSource
}

type keptSource struct {
	source Source
	until  time.Time
}

const sourceKept = 5 * time.Minute

// sourceName is what a parameter's last part may be.
//
// Source: Systems Manager API reference, PutParameter.
var sourceName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// Source implements Sources.
func (p *parameterSources) Source(ctx context.Context, adapter, source string) (Source, error) {
	name := strings.TrimSuffix(p.prefix, "/") + "/" + adapter + "/" + source
	p.mu.Lock()
	known, ok := p.kept[name]
	p.mu.Unlock()
	if ok && Now().Before(known.until) {
		return known.source, nil
	}
	if !sourceName.MatchString(source) { // SSM would read a selector in it, or refuse the call
		return Source{}, fault.New(fault.NotFound, "UNKNOWN_SOURCE", "no source %.80q", source)
	}
	out, err := p.client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name), WithDecryption: aws.Bool(true)})
	if err = classify(err, name); ok && fault.Is(err, fault.Transient) {
		return known.source, nil // better than to turn carriers away
	}
	if err != nil {
		return Source{}, err
	}
	var found Source
	if err := json.Unmarshal([]byte(aws.ToString(out.Parameter.Value)), &found); err != nil {
		return Source{}, fault.As(fault.Internal, err, "reading parameter "+name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[name] = keptSource{found, Now().Add(sourceKept)}
	return found, nil
}

// classify tells a source that does not exist from SSM being away.
func classify(err error, name string) error {
	if _, missing := errors.AsType[*ssmtypes.ParameterNotFound](err); missing {
		return fault.New(fault.NotFound, "UNKNOWN_SOURCE", "no parameter %s", name)
	}
	return fault.As(fault.Transient, err, "reading parameter "+name)
}
