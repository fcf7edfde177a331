package local

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store/dynamo"
	"headstart/shared/store/memory"
	"headstart/shared/store/sqlite"
)

// DynamoEndpoint names the variable that says where DynamoDB Local listens.
const DynamoEndpoint = "HEADSTART_DYNAMODB_ENDPOINT"

// FreshStage returns a Stage on a new store of the kind sqlite, memory or
// dynamo, and the function that ends its use. It returns fault.Invalid for
// another kind, and for dynamo without an endpoint.
func FreshStage(ctx context.Context, kind string, log *slog.Logger) (*Stage, func(), error) {
	switch kind {
	case "memory":
		return NewStage(memory.New(), 0, log), func() {}, nil
	case "sqlite":
		return sqliteStage(log)
	case "dynamo":
		return dynamoStage(ctx, log)
	}
	return nil, nil, fault.New(fault.Invalid, "INVALID_INPUT", "-store is %q; it must be sqlite, memory or dynamo", kind)
}

func sqliteStage(log *slog.Logger) (*Stage, func(), error) {
	folder, err := os.MkdirTemp("", "headstart-")
	if err != nil {
		return nil, nil, fault.As(fault.Internal, err, "creating a folder")
	}
	s, err := sqlite.Open(filepath.Join(folder, "scenario.db"))
	if err != nil {
		return nil, nil, err
	}
	end := func() {
		_ = s.Close()
		_ = os.RemoveAll(folder)
	}
	return NewStage(s, 0, log), end, nil
}

func dynamoStage(ctx context.Context, log *slog.Logger) (*Stage, func(), error) {
	endpoint := os.Getenv(DynamoEndpoint)
	if endpoint == "" {
		return nil, nil, fault.New(fault.Invalid, "INVALID_INPUT", "-store dynamo needs %s, the address of a DynamoDB Local", DynamoEndpoint)
	}
	client, streams := dynamo.Local(endpoint)
	table := fmt.Sprintf("scenario-%x", rand.Uint64())
	if err := dynamo.CreateTable(ctx, client, table); err != nil {
		return nil, nil, err
	}
	const streamDelay = 60 * time.Millisecond // DynamoDB Local shows a change within a few
	return NewStage(dynamo.New(client, streams, table), streamDelay, log), func() {}, nil
}
