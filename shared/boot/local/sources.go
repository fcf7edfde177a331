package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"headstart/shared/boot"
	"headstart/shared/carrier"
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
	known := len(all)
	for _, adapter := range carrier.Adapters() {
		name := adapter.Name + "/" + string(seller)
		if _, known := all[name]; !known {
			all[name] = boot.Source{Seller: seller, Secrets: []string{NewSecret(adapter)}}
		}
	}
	if len(all) == known {
		return nil
	}
	return writeSources(path, all)
}

// NewSecret makes a secret for a source of the adapter.
func NewSecret(adapter carrier.Adapter) string {
	var random [32]byte
	rand.Read(random[:])
	return adapter.Secret(random[:])
}

// Secret returns what a source of the stack in the folder signs with. It returns
// fault.NotFound for a source that does not exist.
func Secret(ctx context.Context, folder, adapter, source string) (string, error) {
	s, err := fileSources{sourcesPath(folder)}.Source(ctx, adapter, source)
	if err == nil && len(s.Secrets) == 0 {
		err = fault.New(fault.NotFound, "UNKNOWN_SOURCE", "the source %s/%s has no secret", adapter, source)
	}
	if err != nil {
		return "", err
	}
	return s.Secrets[0], nil
}

// linksPath is the file of the secrets that sign buyers' links, one source like
// any other but nobody's to send with.
func linksPath(folder string) string { return filepath.Join(folder, "links.json") }

// addLinkSecret makes a secret for buyers' links where there is no file of them.
func addLinkSecret(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fault.As(fault.Internal, err, "looking for the secrets of buyers' links")
	}
	return writeSources(path, map[string]boot.Source{"consent/links": {Secrets: []string{NewSecret(carrier.Adapter{})}}})
}

func sourcesPath(folder string) string { return filepath.Join(folder, "sources.json") }

// writeSources replaces the file whole, for its owner only: a webhook that reads
// it meanwhile finds the old one or the new one.
func writeSources(path string, all map[string]boot.Source) error {
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fault.As(fault.Internal, err, "encoding webhook sources")
	}
	if err := os.WriteFile(path+".new", append(body, '\n'), 0o600); err != nil {
		return fault.As(fault.Internal, err, "writing webhook sources")
	}
	return fault.As(fault.Internal, os.Rename(path+".new", path), "writing webhook sources")
}
