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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
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

func TestTheTableIsAsItIsDefined(t *testing.T) {
	client, _, table := local(t)
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
	require.NoError(t, err)
	want, got := dynamo.Definition(table), described.Table
	require.Equal(t, types.TableStatusActive, got.TableStatus)
	require.Equal(t, want.KeySchema, got.KeySchema)
	require.ElementsMatch(t, want.AttributeDefinitions, got.AttributeDefinitions)
	require.Equal(t, want.StreamSpecification, got.StreamSpecification)
	require.Equal(t, want.BillingMode, got.BillingModeSummary.BillingMode)
	require.Len(t, got.GlobalSecondaryIndexes, len(want.GlobalSecondaryIndexes))
	for _, index := range got.GlobalSecondaryIndexes {
		require.Contains(t, want.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
		})
	}

	expiry, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	require.NoError(t, err)
	require.Equal(t, types.TimeToLiveStatusEnabled, expiry.TimeToLiveDescription.TimeToLiveStatus)
	require.Equal(t, store.AttrExpires, *expiry.TimeToLiveDescription.AttributeName)
}

func TestATableThatExistsIsNotCreatedAgain(t *testing.T) {
	client, _, table := local(t)
	require.Equal(t, fault.Conflict, fault.Of(dynamo.CreateTable(t.Context(), client, table)))
}

func TestNextReplacesFrom(t *testing.T) {
	s := open(t)
	for _, sort := range []string{"a", "b", "c", "d"} {
		_, ok, err := s.Put(t.Context(), store.Write{Record: store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: 1}})
		require.NoError(t, err)
		require.True(t, ok)
	}
	page, next, err := s.List(t.Context(), store.Query{Partition: "p", From: "a", Limit: 1, Strong: true})
	require.NoError(t, err)
	require.Equal(t, "b", page[0].Key.Sort)
	page, _, err = s.List(t.Context(), store.Query{Partition: "p", From: "z", Next: next, Strong: true})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, "c", page[0].Key.Sort)
}
