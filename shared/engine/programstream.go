package engine

import (
	"context"
	"fmt"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// ProgramState is what a program.changed event says of one region.
type ProgramState struct {
	Region      string     `json:"region"`
	Status      string     `json:"status"`
	EffectiveAt *time.Time `json:"effectiveAt"` // nil = not known yet
	Change      int64      `json:"change"`
}

// programChange publishes what a change of a programme means, then does what the
// programme owes: its mail, and the opening of blocked shipments. What cannot be
// done now is found due by the sweep.
func (e *Engine) programChange(ctx context.Context, now time.Time, c *store.Change, to Publisher) error {
	seller, name, _ := store.ParseProgramKey(c.Key)
	group, ok := program.FindGroup(name)
	if !ok {
		return fault.New(fault.Internal, "CORRUPT_RECORD", "a programme under %q", c.Key.Sort)
	}
	before, err := openProgram(seller, group, &c.Old)
	if err != nil {
		return err
	}
	after, err := openProgram(seller, group, &c.New)
	if err != nil {
		return err
	}
	if events := programEvents(now, &before, &after); len(events) > 0 {
		if err := to.Publish(ctx, events); err != nil {
			return fault.Wrap(err, "publishing")
		}
	}
	return e.settleProgram(ctx, now, seller, group)
}

// settleProgram does what a programme owes.
func (e *Engine) settleProgram(ctx context.Context, now time.Time, seller supply.SellerID, group program.Group) error {
	if _, err := e.confirmByMail(ctx, now, seller, group); err != nil {
		return err
	}
	return e.openBlocked(ctx, now, seller, group)
}

// sweepProgram does what time alone has brought about, and what was left undone.
func (e *Engine) sweepProgram(ctx context.Context, now time.Time, key store.Key) (done bool, err error) {
	seller, name, _ := store.ParseProgramKey(key)
	group, ok := program.FindGroup(name)
	if !ok {
		return false, fault.New(fault.Internal, "CORRUPT_RECORD", "a programme under %q", key.Sort)
	}
	done, err = e.changeProgram(ctx, seller, group, func(s *switched) bool { return s.Advance(now) })
	if err != nil {
		return done, err
	}
	return done, e.settleProgram(ctx, now, seller, group)
}

// accountChange lets the mails be tried again that could not be sent, now that the
// seller has another address.
func (e *Engine) accountChange(ctx context.Context, _ time.Time, c *store.Change, _ Publisher) error {
	seller, _ := store.ParseAccountKey(c.Key)
	if _, err := e.changeNews(ctx, seller, (*letters).hurry); err != nil {
		return err
	}
	query := store.ProgramQuery(seller, "")
	for {
		page, next, err := e.store.List(ctx, query)
		if err != nil {
			return fault.Wrap(err, "listing programmes")
		}
		for i := range page {
			_, name, _ := store.ParseProgramKey(page[i].Key)
			group, _ := program.FindGroup(name)
			if _, err := e.changeProgram(ctx, seller, group, func(s *switched) bool { return s.Retry() }); err != nil {
				return err
			}
		}
		if query.Next = next; next == "" {
			return nil
		}
	}
}

// programEvents returns what changed of a programme: one event for each region, all
// of one instant, and the alerts of its group.
func programEvents(now time.Time, before, after *switched) (events []Event) {
	id := fmt.Sprintf("P#%s#%s@%d:", after.seller, after.group.Name, after.version)
	event := Event{At: now.UTC().Truncate(time.Second), Seller: after.seller}
	if before.Status != after.Status || !before.EffectiveAt().Equal(after.EffectiveAt()) {
		for _, r := range after.group.Regions {
			e := event
			e.ID, e.Type, e.Marketplace = id+string(ProgramChanged)+":"+r.Code, ProgramChanged, r.Marketplace
			e.Program = &ProgramState{r.Code, after.Status.String(), instantView(after.EffectiveAt()), after.Change.Number}
			events = append(events, e)
		}
	}
	event.Marketplace = after.group.Regions[0].Marketplace
	for _, late := range overdues {
		e := event
		switch {
		case after.Alerts&^before.Alerts&late.alert != 0:
			e.Type, e.Alert = AlertRaised, &Alert{Code: late.code, Message: after.group.Name + ": " + late.message}
		case before.Alerts&^after.Alerts&late.alert != 0:
			e.Type, e.Alert = AlertCleared, &Alert{Code: late.code, Message: after.group.Name + ": " + late.over}
		default:
			continue
		}
		e.ID = id + string(e.Type) + ":" + late.name
		events = append(events, e)
	}
	return events
}
