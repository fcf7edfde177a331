package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"headstart/localstack/evaluate"
	"headstart/shared/boot"
	"headstart/shared/fault"
)

// evaluateCommand plays a shipment history as it happened, and prints how well
// our dates would have been kept beside those of simpler methods.
func evaluateCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("evaluate", flag.ContinueOnError)
	from := flags.Float64("from", 0, "score the shipments after this part of the history, 0 to 1; all of it teaches")
	asJSON := flags.Bool("json", false, "print one JSON object")
	files, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(files) != 1 || !(*from >= 0 && *from < 1) {
		return fault.New(fault.Invalid, "INVALID_INPUT", "evaluate wants one FILE.csv, and -from from 0 to less than 1")
	}
	began := boot.Now()
	report, err := evaluate.File(ctx, files[0], *from)
	if err != nil {
		return err
	}
	if !*asJSON {
		return report.Print(out, boot.Now().Sub(began))
	}
	body, err := json.Marshal(report)
	if err != nil {
		return fault.As(fault.Internal, err, "encoding the report")
	}
	fmt.Fprintln(out, string(body))
	return nil
}
