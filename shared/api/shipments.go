package api

import (
	"bytes"
	"context"

	"headstart/shared/engine"
)

func (a *api) createShipment(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.NewShipment
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.CreateShipment(ctx, c.now, c.once, body)
}

func (a *api) getShipment(ctx context.Context, c *call) (engine.Answer, error) {
	return show(a.engine.Shipment(ctx, c.seller, c.PathValue("shipmentId")))
}

func (a *api) putTracking(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.TrackingRequest
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.PutTracking(ctx, c.now, c.once, c.PathValue("shipmentId"), body)
}

func (a *api) putLines(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.LinesRequest
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.PutLines(ctx, c.now, c.once, c.PathValue("shipmentId"), body)
}

// cancelShipment takes no body; an empty object is one of them.
func (a *api) cancelShipment(ctx context.Context, c *call) (engine.Answer, error) {
	if len(bytes.TrimSpace(c.body)) > 0 {
		if err := decode(c.body, &struct{}{}); err != nil {
			return engine.Answer{}, err
		}
	}
	return a.engine.CancelShipment(ctx, c.now, c.once, c.PathValue("shipmentId"))
}

func (a *api) receive(ctx context.Context, c *call) (engine.Answer, error) {
	var body engine.ReceiptRequest
	if err := decode(c.body, &body); err != nil {
		return engine.Answer{}, err
	}
	return a.engine.Receive(ctx, c.now, c.once, c.PathValue("shipmentId"), body)
}
