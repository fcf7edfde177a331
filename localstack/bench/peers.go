package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"headstart/shared/fault"
	"headstart/shared/store/dynamo"
)

// The expressions of the peers. None uses a sort key or an index, which would
// only add to their units.
const (
	ifAbsent  = "attribute_not_exists(pk)"
	ifEnough  = "stock >= :n"
	takeStock = "SET stock = stock - :n"
	// Powertools' own two, in its words.
	ifFree   = "attribute_not_exists(pk) OR expiration < :now OR (#status = :inprogress AND in_progress_expiration < :nowMillis)"
	complete = "SET #status = :done, expiration = :expiry, #data = :data"

	conditionFailed = "ConditionalCheckFailed"
	inProgress      = "INPROGRESS"
	completed       = "COMPLETED"
)

// placed is what the peers read of a message.
type placed struct {
	Type        string    `json:"type"`
	OrderID     string    `json:"orderId"`
	Seller      string    `json:"seller"`
	Marketplace string    `json:"marketplace"`
	PlacedAt    time.Time `json:"placedAt"`
	Revision    int       `json:"revision"`
	Lines       []struct {
		SKU   string `json:"sku"`
		Units int64  `json:"units"`
	} `json:"lines"`
}

func (o *placed) itemKey() string {
	return "ITEM#" + o.Seller + "#" + o.Marketplace + "#" + o.Lines[0].SKU
}

// record is the order's item, the mark that it was decided.
func (o *placed) record(status string) item {
	return item{"pk": text("ORDER#" + o.Seller + "#" + o.OrderID), "marketplace": text(o.Marketplace), "sku": text(o.Lines[0].SKU),
		"units": number(o.Lines[0].Units), "placedAt": text(o.PlacedAt.Format(time.RFC3339)), "revision": number(int64(o.Revision)), "status": text(status)}
}

// peer is a scheme that others recommend, with its table.
type peer struct {
	db       *dynamodb.Client
	name     string // of the table
	table    *table
	decide   func(context.Context, *peer, []delivered) (failed []string)
	verified func(items map[string]item, o wanted) (sold bool, err error)
}

// delivered is one message as a peer decoded it.
type delivered struct {
	id    string
	order placed
}

func openPeer(name string, decide func(context.Context, *peer, []delivered) []string,
	verified func(map[string]item, wanted) (bool, error)) opener {
	return func(ctx context.Context, p place, stock map[string]int64) (scheme, error) {
		t := &table{serves: p.endpoint == "", asks: !p.timed, items: make(map[string]item)}
		plain, _ := dynamo.Local(p.endpoint)
		peer := &peer{db: t.metered(plain), name: p.table(name), table: t, decide: decide, verified: verified}
		if !t.serves {
			if err := createTable(ctx, plain, peer.name); err != nil {
				return nil, err
			}
		}
		for sku, units := range stock {
			o := placed{Seller: seller, Marketplace: marketplace}
			o.Lines = append(o.Lines, struct {
				SKU   string `json:"sku"`
				Units int64  `json:"units"`
			}{SKU: sku})
			if _, err := peer.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &peer.name,
				Item: item{"pk": text(o.itemKey()), "stock": number(units)}}); err != nil {
				return nil, fault.As(fault.Internal, err, "storing stock")
			}
		}
		peer.reset()
		return peer, nil
	}
}

// consumer is the handler as one writes it with aws-lambda-go.
func (p *peer) consumer() lambda.Handler {
	return lambda.NewHandler(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		var response events.SQSEventResponse
		fail := func(id string) {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		batch := make([]delivered, 0, len(event.Records))
		for i := range event.Records {
			d := delivered{id: event.Records[i].MessageId}
			if err := json.Unmarshal([]byte(event.Records[i].Body), &d.order); err != nil || len(d.order.Lines) != 1 {
				fail(d.id)
				continue
			}
			batch = append(batch, d)
		}
		for _, id := range p.decide(ctx, p, batch) {
			fail(id)
		}
		return response, nil
	})
}

func (p *peer) reset() {
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	p.table.settle()
	p.table.used = usage{}
}

func (p *peer) usage(context.Context) (usage, error) {
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	p.table.settle()
	return p.table.used, nil
}

// check reads the whole table back: every order decided, stock and orders add up.
func (p *peer) check(ctx context.Context, w *workload) (float64, error) {
	plain := dynamodb.New(p.db.Options(), func(o *dynamodb.Options) { o.APIOptions = nil })
	items, err := p.table.scan(ctx, plain, p.name)
	if err != nil {
		return 0, err
	}
	sold := make(map[string]int64)
	for _, o := range w.orders {
		took, err := p.verified(items, o)
		if err != nil {
			return 0, err
		}
		if took {
			sold[o.sku] += o.units
		}
	}
	for sku, stock := range w.stock {
		left := numberOf(items["ITEM#"+seller+"#"+marketplace+"#"+sku]["stock"])
		if left != stock-sold[sku] || left < 0 {
			return 0, wrong("%s: %d units are left of %d after %d were sold", sku, left, stock, sold[sku])
		}
	}
	return 0, nil
}

// hasOrder verifies the schemes that keep one item per order.
func hasOrder(items map[string]item, o wanted) (sold bool, err error) {
	it := items["ORDER#"+seller+"#"+o.id]
	if it == nil || textOf(it["sku"]) != o.sku || numberOf(it["units"]) != o.units {
		return false, wrong("order %s is not stored as it was wanted", o.id)
	}
	return textOf(it["status"]) == "ACCEPTED", nil
}

// reasons returns why a transaction was cancelled, by action; nil for any other
// outcome.
func reasons(err error) []types.CancellationReason {
	if cancelled, is := errors.AsType[*types.TransactionCanceledException](err); is {
		return cancelled.CancellationReasons
	}
	return nil
}

func failedAt(reasons []types.CancellationReason, i int) bool {
	return i < len(reasons) && aws.ToString(reasons[i].Code) == conditionFailed
}

func (p *peer) putOrder(o *placed, status string) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &p.name, Item: o.record(status), ConditionExpression: aws.String(ifAbsent)}}
}

func (p *peer) take(key string, units int64) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{TableName: &p.name, Key: item{"pk": text(key)},
		UpdateExpression: aws.String(takeStock), ConditionExpression: aws.String(ifEnough), ExpressionAttributeValues: item{":n": number(units)}}}
}

// refuse records that an order was not served, so that a redelivery finds it.
func (p *peer) refuse(ctx context.Context, o *placed) error {
	_, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.name, Item: o.record("REFUSED"), ConditionExpression: aws.String(ifAbsent)})
	if lost(err) {
		return nil
	}
	return err
}

// perOrder is the shape of AWS's own samples: one transaction per order, which
// puts the order if it is absent and takes the stock if there is enough.
// Source: DynamoDB developer guide, "Amazon DynamoDB transactions example";
// aws-samples, resource counters with a marker.
func perOrder(ctx context.Context, p *peer, batch []delivered) (failed []string) {
	for i := range batch {
		o := &batch[i].order
		_, err := p.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{p.putOrder(o, "ACCEPTED"), p.take(o.itemKey(), o.Lines[0].Units)},
		})
		why := reasons(err)
		switch {
		case failedAt(why, 0): // a duplicate
			err = nil
		case failedAt(why, 1):
			err = p.refuse(ctx, o)
		}
		if err != nil {
			failed = append(failed, batch[i].id)
		}
	}
	return failed
}

// guarded is the shape of Powertools' idempotency around a plain update: lock,
// work, complete. It is not atomic: a crash after the work and before the
// completion does the work again when the lock expires.
// Source: docs.powertools.aws.dev, Idempotency, "DynamoDB as persistent storage".
func guarded(ctx context.Context, p *peer, batch []delivered) (failed []string) {
	for i := range batch {
		if err := p.guard(ctx, &batch[i].order); err != nil {
			failed = append(failed, batch[i].id)
		}
	}
	return failed
}

const (
	guardKept    = 28 * 24 * time.Hour // as long as our own ids, so that both keep the same promise
	guardPending = time.Minute         // what the function has left
)

func guardKey(o string) string {
	sum := md5.Sum([]byte(o))
	return "orders.handler#" + hex.EncodeToString(sum[:])
}

func (p *peer) guard(ctx context.Context, o *placed) error {
	key := guardKey(o.OrderID)
	expiry := number(start.Add(guardKept).Unix())
	_, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &p.name,
		Item: item{"pk": text(key), "status": text(inProgress), "expiration": expiry,
			"in_progress_expiration": number(start.Add(guardPending).UnixMilli())},
		ConditionExpression: aws.String(ifFree), ExpressionAttributeNames: map[string]string{"#status": "status"},
		ExpressionAttributeValues:           item{":now": number(start.Unix()), ":nowMillis": number(start.UnixMilli()), ":inprogress": text(inProgress)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if held, is := errors.AsType[*types.ConditionalCheckFailedException](err); is {
		if textOf(held.Item["status"]) == completed {
			return nil
		}
		return fault.New(fault.Transient, "IN_PROGRESS", "order %s is being worked on", o.OrderID)
	}
	if err != nil {
		return err
	}
	outcome := "ACCEPTED"
	_, err = p.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &p.name, Key: item{"pk": text(o.itemKey())},
		UpdateExpression: aws.String(takeStock), ConditionExpression: aws.String(ifEnough), ExpressionAttributeValues: item{":n": number(o.Lines[0].Units)}})
	if lost(err) {
		outcome, err = "REFUSED", nil
	}
	if err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"orderId": o.OrderID, "sku": o.Lines[0].SKU, "units": o.Lines[0].Units, "status": outcome})
	if err != nil {
		return err
	}
	_, err = p.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &p.name, Key: item{"pk": text(key)},
		UpdateExpression: aws.String(complete), ExpressionAttributeNames: map[string]string{"#status": "status", "#data": "data"},
		ExpressionAttributeValues: item{":done": text(completed), ":expiry": expiry, ":data": text(string(data))}})
	return err
}

// hasGuard verifies the guarded scheme by its completed records.
func hasGuard(items map[string]item, o wanted) (sold bool, err error) {
	it := items[guardKey(o.id)]
	var data struct{ Status string }
	if textOf(it["status"]) != completed || json.Unmarshal([]byte(textOf(it["data"])), &data) != nil {
		return false, wrong("order %s was not completed", o.id)
	}
	return data.Status == "ACCEPTED", nil
}

// groupSize is how many orders fit a transaction beside their item.
const groupSize = 99

// grouped takes up to 99 orders of one SKU in one transaction. A duplicate
// cancels it for all; it is then tried again without those that are known.
func grouped(ctx context.Context, p *peer, batch []delivered) (failed []string) {
	bySKU := make(map[string][]delivered)
	var keys []string
	ids := make(map[string][]string) // messages by order: a transaction names an item once
	for _, d := range batch {
		if ids[d.order.OrderID] = append(ids[d.order.OrderID], d.id); len(ids[d.order.OrderID]) > 1 {
			continue
		}
		key := d.order.itemKey()
		if bySKU[key] == nil {
			keys = append(keys, key)
		}
		bySKU[key] = append(bySKU[key], d)
	}
	for _, key := range keys {
		for orders := bySKU[key]; len(orders) > 0; {
			n := min(groupSize, len(orders))
			if err := p.group(ctx, key, orders[:n]); err != nil {
				for _, d := range orders[:n] {
					failed = append(failed, ids[d.order.OrderID]...)
				}
			}
			orders = orders[n:]
		}
	}
	return failed
}

func (p *peer) group(ctx context.Context, key string, orders []delivered) error {
	for len(orders) > 0 {
		var units int64
		writes := make([]types.TransactWriteItem, 0, len(orders)+1)
		for i := range orders {
			units += orders[i].order.Lines[0].Units
			writes = append(writes, p.putOrder(&orders[i].order, "ACCEPTED"))
		}
		_, err := p.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: append(writes, p.take(key, units))})
		why := reasons(err)
		var fresh []delivered
		for i := range orders {
			if !failedAt(why, i) {
				fresh = append(fresh, orders[i])
			}
		}
		switch {
		case err == nil:
			return nil
		case why == nil:
			return err
		case len(fresh) < len(orders):
			orders = fresh
		case !failedAt(why, len(orders)):
			return err
		case len(orders) == 1:
			return p.refuse(ctx, &orders[0].order)
		default: // too many units for what is left: half of them may fit
			half := len(orders) / 2
			if err := p.group(ctx, key, orders[:half]); err != nil {
				return err
			}
			orders = orders[half:]
		}
	}
	return nil
}
