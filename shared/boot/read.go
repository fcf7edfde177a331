package boot

import (
	"headstart/shared/carrier"
	"headstart/shared/engine"
	"headstart/shared/fault"
)

// read returns all that the adapter finds in a body. An error means that some
// or all of it can never be read; what can be is returned beside it.
func read(a carrier.Adapter, body []byte) (found engine.Read, unread error) {
	found.Reports, unread = a.Parse(body)
	if a.Contents == nil {
		return found, unread
	}
	manifests, err := a.Contents(body)
	if unread == nil {
		unread = err
	}
	found.Manifests = manifests
	return found, unread
}

// Read reads a body with today's adapters. It implements engine.Reader.
func (h *Handlers) Read(adapter string, body []byte) (engine.Read, error) {
	a, ok := h.lookup(adapter)
	if !ok {
		return engine.Read{}, fault.New(fault.Invalid, "UNKNOWN_ADAPTER", "there is no adapter %q any more", adapter)
	}
	return read(a, body)
}
