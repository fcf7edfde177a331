package dynamo_test

// Runs the suite of all stores, and what only this store does, against
// DynamoDB Local, and would catch a request DynamoDB does not take, an answer
// read wrongly, and a table whose definition does not serve the queries.

import (
	"context"
	"crypto/rand"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/stretchr/testify/require"

	"headstart/shared/store"
	"headstart/shared/store/dynamo"
	"headstart/shared/store/storetest"
)

// endpoint returns where DynamoDB Local is; without one it skips the test.
func endpoint(t *testing.T) string {
	t.Helper()
	endpoint := os.Getenv("HEADSTART_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		t.Skip("HEADSTART_DYNAMODB_ENDPOINT is not set: there is no DynamoDB Local to test against; .ci/dynamodb-local starts one")
	}
	return endpoint
}

// local returns clients of DynamoDB Local and the name of a table of the
// test's own, which a feed read from its beginning needs to be short.
func local(t *testing.T) (*dynamodb.Client, *dynamodbstreams.Client, string) {
	t.Helper()
	client, streams := dynamo.Local(endpoint(t))
	table := "headstart-" + rand.Text()
	require.NoError(t, dynamo.CreateTable(t.Context(), client, table))
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table})
		require.NoError(t, err)
	})
	return client, streams, table
}

func open(t *testing.T) store.Store {
	client, streams, table := local(t)
	return dynamo.New(client, streams, table)
}

func TestDynamoKeepsTheContract(t *testing.T) {
	endpoint(t) // skips once, not in every case
	storetest.Run(t, open)
}
