package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"headstart/shared/store"
)

// The names of the table's indexes.
const (
	ByOwnerIndex = "by-seller"
	DueIndex     = "due"
)

// Definition returns the table's keys, indexes and stream. The field names are
// CloudFormation's too, so the template can be compared with it. The table
// also expires records by the attribute store.AttrExpires.
func Definition(table string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   &table,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(store.AttrPartition, store.AttrSort),
		AttributeDefinitions: []types.AttributeDefinition{
			keyAttribute(store.AttrPartition, types.ScalarAttributeTypeS),
			keyAttribute(store.AttrSort, types.ScalarAttributeTypeS),
			keyAttribute(store.AttrOwner, types.ScalarAttributeTypeS),
			keyAttribute(store.AttrOwnerSort, types.ScalarAttributeTypeS),
			keyAttribute(store.AttrDueShard, types.ScalarAttributeTypeN),
			keyAttribute(store.AttrDue, types.ScalarAttributeTypeN),
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			keysOnly(ByOwnerIndex, store.AttrOwner, store.AttrOwnerSort),
			keysOnly(DueIndex, store.AttrDueShard, store.AttrDue),
		},
		StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		},
	}
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partition, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

func keyAttribute(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: kind}
}

func keysOnly(index, partition, sort string) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName: &index, KeySchema: keySchema(partition, sort),
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
	}
}

// createTimeout is far above the seconds DynamoDB takes.
const createTimeout = 2 * time.Minute

// CreateTable creates the table and returns when it can be used. On AWS the
// template does this. It fails with fault.Conflict when there is one of the name.
func CreateTable(ctx context.Context, client *dynamodb.Client, table string) error {
	if _, err := client.CreateTable(ctx, Definition(table)); err != nil {
		return classify(err, "create table "+table)
	}
	created := &dynamodb.DescribeTableInput{TableName: &table}
	if err := dynamodb.NewTableExistsWaiter(client).Wait(ctx, created, createTimeout); err != nil {
		return classify(err, "create table "+table)
	}
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(store.AttrExpires), Enabled: aws.Bool(true),
		},
	})
	return classify(err, "expire records of table "+table)
}
