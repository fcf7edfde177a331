package local

import (
	"context"
	"encoding/json"
	"os"

	"headstart/shared/boot"
	"headstart/shared/fault"
)

// fileSources reads sources from a file that only its owner may read, anew at
// each use, so that a rotation needs no restart.
type fileSources struct{ path string }

// Source implements boot.Sources. The file maps "adapter/source" to a Source.
func (f fileSources) Source(_ context.Context, adapter, source string) (boot.Source, error) {
	body, err := os.ReadFile(f.path)
	if err != nil {
		return boot.Source{}, fault.As(fault.Internal, err, "reading webhook sources")
	}
	var all map[string]boot.Source
	if err := json.Unmarshal(body, &all); err != nil {
		return boot.Source{}, fault.As(fault.Internal, err, "reading webhook sources in "+f.path)
	}
	found, ok := all[adapter+"/"+source]
	if !ok {
		return boot.Source{}, fault.New(fault.NotFound, "UNKNOWN_SOURCE", "no source %s/%s", adapter, source)
	}
	return found, nil
}

// writeSources creates the file, for its owner only.
func writeSources(path string, all map[string]boot.Source) error {
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err, "encoding webhook sources")
	}
	return fault.As(fault.Internal, os.WriteFile(path, append(body, '\n'), 0o600), "writing webhook sources")
}
