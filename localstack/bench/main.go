// Command bench counts what an order costs: write units, read units, calls,
// client CPU and allocations, of Headstart and beside it of the designs that
// others recommend, in one run from one seed. Every case ends with the check
// that all orders were decided exactly once and nothing was oversold.
//
//	go run ./localstack/bench                                  counts only, in this process
//	.ci/dynamodb-local go run ./localstack/bench               all of it, against DynamoDB Local
//
// Units are counted by DynamoDB's published rules, index writes included; a
// cancelled transaction is billed in full, which AWS does not say of it nor deny.
// Client CPU is this process's own, user and system; DynamoDB Local is another
// process. Without one there is no CPU to compare: the stores are then inside.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	seed := flags.Uint64("seed", 20260302, "of all workloads")
	orders := flags.Int("orders", 10_000, "orders of a case; at least 2,000")
	only := flags.String("case", "", "run this case alone")
	file := flags.String("out", "build/bench.json", "where the figures go as JSON; empty for nowhere")
	if err := flags.Parse(args); err != nil {
		return fault.As(fault.Invalid, err, "arguments")
	}
	if *orders < 2000 || flags.NArg() > 0 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "-orders is %d, at least 2000; there are no arguments but flags", *orders)
	}
	p := place{endpoint: os.Getenv(local.DynamoEndpoint), seed: *seed, log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))}
	b := &bench{place: p, orders: *orders, out: out}
	b.introduce()
	if err := b.all(ctx, *only); err != nil {
		return err
	}
	b.sort()
	b.print()
	if err := b.write(*file); err != nil {
		return err
	}
	return b.missed()
}

// all runs the cases, or the one that is named.
func (b *bench) all(ctx context.Context, only string) error {
	ran := false
	for _, c := range cases {
		if only != "" && only != c.name {
			continue
		}
		began := boot.Now()
		if err := c.run(ctx, b); err != nil {
			return fault.Wrap(err, "case "+c.name)
		}
		fmt.Fprintf(os.Stderr, "bench: %s took %.1f s\n", c.name, boot.Now().Sub(began).Seconds())
		ran = true
	}
	if !ran {
		return fault.New(fault.Invalid, "INVALID_INPUT", "-case is %q; there is none of the name", only)
	}
	return nil
}
