package api

import (
	"bytes"
	"context"

	"headstart/shared/engine"
)

func (a *api) listQuarantine(ctx context.Context, c *call) (engine.Answer, error) {
	return show(a.engine.Quarantined(ctx, c.seller, c.URL.Query().Get("nextToken")))
}

func (a *api) getQuarantined(ctx context.Context, c *call) (engine.Answer, error) {
	return show(a.engine.QuarantinedBody(ctx, c.now, c.seller, c.PathValue("id")))
}

func (a *api) replay(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.Replay(ctx, c.now, c.once, c.PathValue("id"), a.options.Read)
}

func (a *api) dismiss(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.Dismiss(ctx, c.now, c.once, c.PathValue("id"))
}

// nothing refuses a body where none is read; an empty object is none.
func (c *call) nothing() error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	return decode(c.body, &struct{}{})
}
