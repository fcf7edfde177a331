package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"time"

	"headstart/localstack/evaluate"
	"headstart/shared/boot"
	"headstart/shared/boot/local"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// learnCommand lets a seller's lanes learn from the seller's own past, so that a
// new install knows what its carriers are like.
func learnCommand(ctx context.Context, args []string, out io.Writer, progress io.Writer) error {
	flags := flag.NewFlagSet("learn", flag.ContinueOnError)
	folder := flags.String("dir", "build/local", "folder of the stack on this machine")
	table := flags.String("table", "", "the DynamoDB table of a stack on AWS, instead")
	seller := flags.String("seller", "acme", "whose lanes learn")
	program := flags.String("program", supply.OwnCarrier.String(), "under which programme the carriers were chosen: OWN, PARTNERED or GLOBAL_LOGISTICS")
	replace := flags.Bool("replace", false, "forget what the lanes have learnt before")
	files, err := parse(flags, args)
	if err != nil {
		return err
	}
	who, err := supply.ParseSellerID("-seller", *seller)
	under, known := supply.ParseProgram(*program)
	if err != nil || len(files) != 1 || !known {
		return errors.Join(err, fault.New(fault.Invalid, "INVALID_INPUT", "learn wants one FILE.csv, and -program OWN, PARTNERED or GLOBAL_LOGISTICS"))
	}
	outcomes, err := pastOf(files[0], under)
	if err != nil {
		return err
	}
	began := boot.Now()
	records, err := seed(ctx, *folder, *table, who, outcomes, *replace, counter(progress, len(outcomes)))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d shipments taught the lanes of %s: %d records in %s\n", len(outcomes), who, records, boot.Now().Sub(began).Round(1e6))
	return nil
}

func seed(ctx context.Context, folder, table string, seller supply.SellerID, outcomes []engine.Outcome, replace bool, done func()) (int, error) {
	if table != "" {
		return boot.CloudSeed(ctx, table, seller, outcomes, replace, done)
	}
	stack, err := local.Open(ctx, folder, supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	records, err := stack.Seed(ctx, seller, outcomes, replace, done)
	return records, errors.Join(err, stack.Close())
}

// counter returns what to call for each of total shipments: it says, once a
// second, how many there were.
func counter(progress io.Writer, total int) func() {
	count, shown := 0, boot.Now()
	return func() {
		count++
		if now := boot.Now(); now.Sub(shown) >= time.Second {
			shown = now
			fmt.Fprintf(progress, "%d of %d shipments\n", count, total)
		}
	}
}

// pastOf reads a history whose lane is mode, carrier, vendor.
func pastOf(file string, program supply.Program) ([]engine.Outcome, error) {
	past, err := evaluate.Read(file)
	outcomes := make([]engine.Outcome, len(past))
	for i, p := range past {
		outcomes[i] = engine.Outcome{
			Shipment: supply.Shipment{Mode: modeOf(p.Names[0]), Vendor: p.Names[2], Carrier: supply.Carrier{Program: program, Name: p.Names[1]}},
			Dated:    p.Decide, Known: p.Reveal,
			ETA: int(math.Floor(p.ETA)), Arrived: int(math.Floor(p.ETA)) + int(math.Ceil(p.Actual-p.ETA)),
		}
	}
	return outcomes, err
}

// modeWords are what people call modes; the first that a name holds is meant.
var modeWords = []struct {
	word string
	mode supply.Mode
}{
	{"OCEAN", supply.Ocean}, {"SEA", supply.Ocean}, {"VESSEL", supply.Ocean}, {"RAIL", supply.Rail}, {"TRAIN", supply.Rail},
	{"LTL", supply.LTL}, {"FTL", supply.FTL}, {"TRUCK", supply.FTL}, {"ROAD", supply.FTL}, {"AIR", supply.Air},
}

// modeOf returns the mode that a name speaks of; SPD where it names none.
func modeOf(name string) supply.Mode {
	for _, w := range modeWords {
		if strings.Contains(strings.ToUpper(name), w.word) {
			return w.mode
		}
	}
	return supply.SPD
}
