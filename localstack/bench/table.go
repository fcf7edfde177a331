package main

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"headstart/shared/fault"
)

// item is an item as the SDK hands it over.
type item = map[string]types.AttributeValue

// table meters the peers' writes by the published rules and, where no DynamoDB
// answers, is the table they write to. It stands in their client's middleware:
// with a DynamoDB it only notes each call, which is billed after the timing.
type table struct {
	serves bool // there is no DynamoDB: answer from here
	asks   bool // ask DynamoDB what a single write consumed

	mu    sync.Mutex
	items map[string]item
	notes []note
	used  usage
}

// note is a call that was answered.
type note struct {
	in       any
	lost     bool    // by its condition
	reported float64 // units that DynamoDB Local said; 0 when it did not
}

// metered returns the client with the table in its middleware.
func (t *table) metered(client *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("table", t.note), middleware.Before)
		})
	})
}

func (t *table) note(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.serves {
		out.Result, err = t.serve(in.Parameters)
	} else {
		if t.asks {
			ask(in.Parameters)
		}
		t.mu.Unlock()
		out, metadata, err = next.HandleInitialize(ctx, in)
		t.mu.Lock()
	}
	if n := (note{in: in.Parameters, lost: lost(err), reported: reported(out.Result)}); err == nil || n.lost {
		t.notes = append(t.notes, n)
		if t.serves {
			t.settle()
		}
	}
	return out, metadata, err
}

// lost reports whether a write's condition, or one of a transaction, did not
// hold.
func lost(err error) bool {
	if cancelled, is := errors.AsType[*types.TransactionCanceledException](err); is {
		return cancelled != nil
	}
	_, is := errors.AsType[*types.ConditionalCheckFailedException](err)
	return is
}

func ask(in any) {
	switch in := in.(type) {
	case *dynamodb.PutItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.UpdateItemInput:
		in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
}

func reported(result any) float64 {
	var c *types.ConsumedCapacity
	switch out := result.(type) {
	case *dynamodb.PutItemOutput:
		c = out.ConsumedCapacity
	case *dynamodb.UpdateItemOutput:
		c = out.ConsumedCapacity
	}
	if c == nil {
		return 0
	}
	return aws.ToFloat64(c.CapacityUnits)
}

// settle bills the calls noted and keeps what they wrote. A lost condition is
// billed like the write it stopped, a cancelled transaction in full.
func (t *table) settle() {
	for _, n := range t.notes {
		units, factor := 0.0, 1.0
		actions := actionsOf(n.in)
		if len(actions) > 1 {
			factor = 2 // prepare and commit
		}
		for _, a := range actions {
			before := t.items[a.key]
			after := a.apply(before)
			if n.lost && factor == 1 {
				after = before
			}
			units += factor * float64(max(1, (max(sizeOf(before), sizeOf(after))+1023)/1024))
			if !n.lost {
				t.items[a.key] = after
			}
		}
		t.used.writes += units
		t.used.calls++
		if n.lost {
			t.used.lost++
		}
		if n.reported > 0 {
			t.used.compared, t.used.metered, t.used.reported = t.used.compared+1, t.used.metered+units, t.used.reported+n.reported
		}
	}
	t.notes = nil
}

// serve answers a call from the table; it changes nothing, for settle does.
func (t *table) serve(in any) (result any, err error) {
	actions := actionsOf(in)
	reasons := make([]types.CancellationReason, len(actions))
	held := true
	for i, a := range actions {
		reasons[i].Code = aws.String("None")
		if !a.holds(t.items[a.key]) {
			held, reasons[i].Code = false, aws.String(conditionFailed)
		}
	}
	switch in.(type) {
	case *dynamodb.TransactWriteItemsInput:
		if !held {
			return nil, &types.TransactionCanceledException{CancellationReasons: reasons}
		}
		return &dynamodb.TransactWriteItemsOutput{}, nil
	case *dynamodb.UpdateItemInput:
		result = &dynamodb.UpdateItemOutput{}
	default:
		result = &dynamodb.PutItemOutput{}
	}
	if !held {
		return nil, &types.ConditionalCheckFailedException{Item: maps.Clone(t.items[actions[0].key])}
	}
	return result, nil
}

// action is one write of a call, alone or in a transaction.
type action struct {
	key               string
	put               item   // the whole item, or
	update, condition string // expressions
	values            item
}

func actionsOf(in any) []action {
	put := func(it item, condition *string, values item) action {
		return action{key: textOf(it["pk"]), put: it, condition: aws.ToString(condition), values: values}
	}
	update := func(key item, update, condition *string, values item) action {
		return action{key: textOf(key["pk"]), update: aws.ToString(update), condition: aws.ToString(condition), values: values}
	}
	switch in := in.(type) {
	case *dynamodb.PutItemInput:
		return []action{put(in.Item, in.ConditionExpression, in.ExpressionAttributeValues)}
	case *dynamodb.UpdateItemInput:
		return []action{update(in.Key, in.UpdateExpression, in.ConditionExpression, in.ExpressionAttributeValues)}
	case *dynamodb.TransactWriteItemsInput:
		actions := make([]action, len(in.TransactItems))
		for i := range in.TransactItems {
			if p := in.TransactItems[i].Put; p != nil {
				actions[i] = put(p.Item, p.ConditionExpression, p.ExpressionAttributeValues)
				continue
			}
			u := in.TransactItems[i].Update
			actions[i] = update(u.Key, u.UpdateExpression, u.ConditionExpression, u.ExpressionAttributeValues)
		}
		return actions
	}
	return nil
}

// holds evaluates the conditions that the peers use, and no others.
func (a *action) holds(it item) bool {
	switch a.condition {
	case "":
		return true
	case ifAbsent:
		return it == nil
	case ifEnough:
		return it != nil && numberOf(it["stock"]) >= numberOf(a.values[":n"])
	case ifFree:
		return it == nil || numberOf(it["expiration"]) < numberOf(a.values[":now"]) ||
			textOf(it["status"]) == inProgress && numberOf(it["in_progress_expiration"]) < numberOf(a.values[":nowMillis"])
	}
	return false
}

// apply returns what the action makes of the item: the updates of the peers.
func (a *action) apply(it item) item {
	after := maps.Clone(it)
	switch a.update {
	case "":
		return a.put
	case takeStock:
		if after != nil {
			after["stock"] = number(numberOf(it["stock"]) - numberOf(a.values[":n"]))
		}
	case complete:
		if after != nil {
			after["status"], after["expiration"], after["data"] = a.values[":done"], a.values[":expiry"], a.values[":data"]
		}
	}
	return after
}

// sizeOf is an item's size by the published rules: names and values, a number
// one byte per two digits plus one.
// Source: DynamoDB developer guide, "DynamoDB Item sizes and formats".
func sizeOf(it item) (n int) {
	for name, value := range it {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += (len(strings.TrimRight(v.Value, "0"))+1)/2 + 1
		}
	}
	return n
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// numberOf returns 0 for what is not a number.
func numberOf(v types.AttributeValue) int64 {
	if s, ok := v.(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(s.Value, 10, 64)
		return n
	}
	return 0
}

// bill adds up what DynamoDB Local says that our own single-item writes
// consumed.
type bill struct {
	mu    sync.Mutex
	units float64
}

func (b *bill) asked(client *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("bill", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				ask(in.Parameters)
				out, metadata, err := next.HandleInitialize(ctx, in)
				b.mu.Lock()
				b.units += reported(out.Result)
				b.mu.Unlock()
				return out, metadata, err
			}), middleware.Before)
		})
	})
}

func (b *bill) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.units = 0
}

func (b *bill) total() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.units
}

// createTable creates a table with a partition key alone, as the peers' guides do.
func createTable(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
	})
	return fault.As(fault.Internal, err, "creating table "+name)
}

// scan returns all items, from DynamoDB or from here.
func (t *table) scan(ctx context.Context, client *dynamodb.Client, name string) (all map[string]item, err error) {
	if t.serves {
		return t.items, nil
	}
	all = make(map[string]item)
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.As(fault.Internal, err, "reading table "+name)
		}
		for _, it := range page.Items {
			all[textOf(it["pk"])] = it
		}
	}
	return all, nil
}
