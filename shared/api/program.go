package api

import (
	"context"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
)

// programList is the body of GET /v1/program.
type programList struct {
	Programs []engine.ProgramView `json:"programs"` // one for each group of regions, Europe's five first
}

func (a *api) listPrograms(ctx context.Context, c *call) (engine.Answer, error) {
	programs, err := a.engine.Programs(ctx, c.now, c.seller)
	return show(programList{programs}, err)
}

func (a *api) getProgram(ctx context.Context, c *call) (engine.Answer, error) {
	return show(a.engine.Program(ctx, c.now, c.seller, c.PathValue("region")))
}

func (a *api) pauseProgram(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.AskProgram(ctx, c.now, c.once, c.PathValue("region"), program.Pause, program.ByAPI)
}

func (a *api) reactivateProgram(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.AskProgram(ctx, c.now, c.once, c.PathValue("region"), program.Reactivate, program.ByAPI)
}

func (a *api) confirmProgram(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.ConfirmProgram(ctx, c.now, c.once, c.PathValue("region"))
}

func (a *api) resendProgramMail(ctx context.Context, c *call) (engine.Answer, error) {
	if err := c.nothing(); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.ResendProgramMail(ctx, c.now, c.once, c.PathValue("region"))
}

func (a *api) previewProgram(ctx context.Context, c *call) (engine.Answer, error) {
	query := c.URL.Query()
	action, err := previewedAction(query.Get("action"))
	if err != nil {
		return engine.Answer{}, err
	}
	return show(a.engine.PreviewProgram(ctx, c.now, c.seller, c.PathValue("region"), action, query.Get("nextToken")))
}

func previewedAction(name string) (program.Action, error) {
	switch name {
	case "pause":
		return program.Pause, nil
	case "reactivate":
		return program.Reactivate, nil
	}
	return 0, fault.New(fault.Invalid, "INVALID_INPUT", "the parameter action is %.40q; give pause or reactivate", name)
}
