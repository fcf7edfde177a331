// Command localstack runs Headstart on one machine: the API, the webhooks, the
// order queue, the change feed and the sweep in one process over one SQLite
// file. It needs no account, no Docker and no configuration.
//
//	go run ./localstack                      serve on 127.0.0.1:8080
//	go run ./localstack -story               serve, and tell the story first
//	go run ./localstack send ADAPTER/SOURCE FILE…
//	                                         sign and post files as the provider would
//	go run ./localstack scenario FILE        play a scenario file on a fresh store
//	go run ./localstack evaluate FILE.csv    how well dates would have been kept, on a history of shipments
//	go run ./localstack secret ADAPTER       make a webhook secret, for a stack on AWS
//	go run ./localstack key -table T SELLER  make a bearer key in a deployed table
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for a clean end
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "localstack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return serveCommand(ctx, nil, out)
	}
	switch args[0] {
	case "send":
		return sendCommand(ctx, args[1:], os.Stdin, out, os.Stderr)
	case "scenario":
		return scenarioCommand(ctx, args[1:], out)
	case "evaluate":
		return evaluateCommand(ctx, args[1:], out)
	case "learn":
		return learnCommand(ctx, args[1:], out, os.Stderr)
	case "key":
		return keyCommand(ctx, args[1:], out)
	case "secret":
		return secretCommand(args[1:], out)
	}
	return serveCommand(ctx, args, out)
}

// parse lets flags stand before and after the arguments.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, fault.As(fault.Invalid, err, "arguments")
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func scenarioCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("scenario", flag.ContinueOnError)
	kind := flags.String("store", "sqlite", "where to play it: sqlite, memory or dynamo (at HEADSTART_DYNAMODB_ENDPOINT)")
	files, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "scenario wants one FILE, got %d", len(files))
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	stage, end, err := local.FreshStage(ctx, *kind, log)
	if err != nil {
		return err
	}
	defer end()
	return playScenario(ctx, stage, files[0], out)
}

// keyCommand prints a new bearer key of a seller of a stack on AWS.
func keyCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("key", flag.ContinueOnError)
	table := flags.String("table", "", "the stack's DynamoDB table")
	email := flags.String("email", "", "the address of the seller's account, where mail goes until PUT /v1/seller sets another")
	sellers, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(sellers) != 1 || *table == "" {
		return fault.New(fault.Invalid, "INVALID_INPUT", "key wants -table TABLE and one SELLER")
	}
	key, err := boot.CloudKey(ctx, *table, supply.SellerID(sellers[0]), *email)
	if err == nil {
		fmt.Fprintln(out, key)
	}
	return err
}

// secretCommand prints a fresh secret of a webhook source. On AWS its place is
// the SSM parameter that the template's SecretsPrefix says.
func secretCommand(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "secret wants one ADAPTER")
	}
	adapter, err := adapterNamed(args[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(out, local.NewSecret(adapter))
	return nil
}

func serveCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("localstack", flag.ContinueOnError)
	folder := flags.String("dir", "build/local", "folder of the database file, the keys and the webhook secrets")
	address := flags.String("addr", "127.0.0.1:8080", "address to listen on")
	public := flags.String("url", "", "the address in front of buyers' links where it is another than that of -addr, as https://shop.example: no / at its end")
	mails := flags.String("mail", "", "where mails to sellers go: a folder, or a server as smtp://user:password@host:587 or smtps://...; by default the folder mails in that of -dir")
	from := flags.String("from", "headstart@localhost", "the address that mails come from")
	seller := flags.String("seller", "acme", "the seller who gets a bearer key and webhook secrets where there are none; others keep theirs")
	email := flags.String("email", "", "the address of the seller's account, where mail goes until PUT /v1/seller sets another")
	tell := flags.Bool("story", false, "tell the story of a hundred kettles before going on")
	level := slog.LevelWarn
	flags.TextVar(&level, "log", level, "the least that is logged: debug, info, warn or error")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "unknown command %q; there are send, scenario, evaluate, learn, key, secret and the flags of -help", rest[0])
	}
	first, err := supply.ParseSellerID("-seller", *seller)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	stack, err := local.Open(ctx, *folder, supply.DefaultPolicy(), log)
	if err != nil {
		return err
	}
	if *email != "" {
		if err := stack.SetOwnAddress(ctx, first, *email); err != nil {
			return errors.Join(err, stack.Close())
		}
	}
	if err := post(stack, cmp.Or(*mails, filepath.Join(*folder, "mails")), *from, out); err != nil {
		return errors.Join(err, stack.Close())
	}
	return errors.Join(serve(ctx, stack, first, *address, *public, *folder, *tell, out), stack.Close())
}

// post lets letters to sellers go to a folder or a mail server, and says where.
func post(stack *local.Stack, to, from string, out io.Writer) error {
	mailer, err := local.Mailer(to, from)
	if err != nil {
		return err
	}
	stack.Mails(mailer)
	fmt.Fprintf(out, "Mails to sellers go to %s, from %s\n", withoutPassword(to), from)
	return nil
}

// withoutPassword shows where mails go, a server without who signs in to it.
func withoutPassword(to string) string {
	scheme, server, is := strings.Cut(to, "://")
	if !is {
		return to
	}
	return scheme + "://" + server[strings.LastIndexByte(server, '@')+1:]
}

func serve(ctx context.Context, stack *local.Stack, seller supply.SellerID, address, public, folder string, tell bool, out io.Writer) error {
	key, err := stack.Welcome(ctx, seller)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fault.As(fault.Invalid, err, "listening; choose another with -addr")
	}
	base := "http://" + listener.Addr().String()
	stack.Serve(cmp.Or(public, base))
	server := &http.Server{Handler: stack.HTTP(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	working, halt := context.WithCancel(ctx)
	pumped := make(chan struct{})
	go func() { defer close(pumped); stack.Run(working) }()

	welcome(out, base, key, seller, folder)
	if tell {
		err = newStory(stack, base, key, seller, out).tell(ctx)
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-served:
		}
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	ended := server.Shutdown(closing)
	if errors.Is(ended, context.DeadlineExceeded) { // somebody holds a connection open and sends nothing
		ended = server.Close()
	}
	err = errors.Join(err, ended)
	halt()
	<-pumped
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func welcome(out io.Writer, base, key string, seller supply.SellerID, folder string) {
	fmt.Fprintf(out, `Headstart serves %[1]s (data in %[4]s)

  bearer key of seller %[3]s: %[2]s
  the console, for a browser: %[1]s/items (sign in with the key)

Try:
  curl -s %[1]s/v1/items?status=all -H 'Authorization: Bearer %[2]s'
  curl -s %[1]s/v1/shipments -H 'Authorization: Bearer %[2]s' -H 'Idempotency-Key: 1' -d '{"shipmentId":"FBA1","marketplace":"A1PA6795UKMFR9","mode":"SPD","boxes":[{"boxId":"FBA1U000001","trackingId":"1Z999"}],"eta":{"from":"%[5]s","to":"%[5]s"},"lines":[{"sku":"KETTLE-1","units":100}]}'
  curl -s %[1]s/queues/orders -H 'Authorization: Bearer %[2]s' -d '{"type":"order.placed","orderId":"113-1","seller":"%[3]s","marketplace":"A1PA6795UKMFR9","placedAt":"%[6]s","lines":[{"sku":"KETTLE-1","units":2}]}'
  curl -s %[1]s/v1/items/A1PA6795UKMFR9/KETTLE-1/explain -H 'Authorization: Bearer %[2]s'
  go run ./localstack send easypost/%[3]s events/webhook-easypost-in-transit.json -to %[1]s -dir %[4]s
  the webhook secrets are in %[4]s/sources.json, the calls in %[1]s/v1/openapi.json

`, base, key, seller, folder, soon(10), soon(0))
}

// soon returns the instant so many days ahead, for an example that works today.
func soon(days int) string {
	return boot.Now().AddDate(0, 0, days).Truncate(time.Minute).Format(time.RFC3339)
}
