package local

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"headstart/shared/boot"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// fileSources reads sources from a file that only its owner may read, anew at
// each use, so that a rotation needs no restart.
type fileSources struct{ path string }

// Source implements boot.Sources. The file maps "adapter/source" to a Source.
func (f fileSources) Source(_ context.Context, adapter, source string) (boot.Source, error) {
	all, err := readSources(f.path)
	if err != nil {
		return boot.Source{}, err
	}
	found, ok := all[adapter+"/"+source]
	if !ok {
		return boot.Source{}, fault.New(fault.NotFound, "UNKNOWN_SOURCE", "no source %s/%s", adapter, source)
	}
	return found, nil
}

func readSources(path string) (all map[string]boot.Source, err error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.As(fault.Internal, err, "reading webhook sources")
	}
	return all, fault.As(fault.Internal, json.Unmarshal(body, &all), "reading webhook sources in "+path)
}

// addSources gives the seller a source with each provider, named as the seller
// is. A source of that name stays as it is.
func addSources(path string, seller supply.SellerID) error {
	all, err := readSources(path)
	if errors.Is(err, os.ErrNotExist) {
		all, err = make(map[string]boot.Source), nil
	}
	if err != nil {
		return err
	}
	for _, adapter := range []string{"easypost", "standard"} {
		name := adapter + "/" + string(seller)
		if _, known := all[name]; !known {
			all[name] = boot.Source{Seller: seller, Secrets: []string{newSecret()}}
		}
	}
	return writeSources(path, all)
}

// writeSources writes the file, for its owner only.
func writeSources(path string, all map[string]boot.Source) error {
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err, "encoding webhook sources")
	}
	return fault.As(fault.Internal, os.WriteFile(path, append(body, '\n'), 0o600), "writing webhook sources")
}
