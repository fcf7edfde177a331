package dynamo

import (
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"headstart/shared/fault"
)

const (
	maxAttempts    = 3                     // tries of one call, the first included
	attemptTimeout = 5 * time.Second       // of one try; DynamoDB answers in milliseconds or not at all
	localTimeout   = time.Minute           // the same for an emulator, which may stall on a busy machine
	firstPause     = 50 * time.Millisecond // before the second try at most; doubles with each further one
)

// Clients returns the two clients New takes. A call is tried three times, with
// a pause of up to 50 ms and then 100 ms, when its failure is fault.Transient;
// one try takes at most 5 seconds unless cfg brings an HTTP client that is not
// the SDK's own.
func Clients(cfg aws.Config) (*dynamodb.Client, *dynamodbstreams.Client) {
	cfg.Retryer = newRetryer
	cfg.RetryMaxAttempts = 0 // the retryer knows
	switch own := cfg.HTTPClient.(type) {
	case nil:
		cfg.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
	case *awshttp.BuildableClient:
		cfg.HTTPClient = own.WithTimeout(attemptTimeout)
	}
	return dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg)
}

// Local returns clients of a DynamoDB Local or LocalStack at endpoint, like
// http://127.0.0.1:8000. It needs no account and reads no configuration. One try
// takes at most a minute.
func Local(endpoint string) (*dynamodb.Client, *dynamodbstreams.Client) {
	return Clients(aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		BaseEndpoint: &endpoint,
		HTTPClient:   awshttp.NewBuildableClient().WithTimeout(localTimeout).Freeze(),
	})
}

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return backoff(attempt), nil
		})
		o.Retryables = []retry.IsErrorRetryable{
			retry.NoRetryCanceledError{},
			retry.RetryableError{}, // a wrong clock, which the client then corrects
			retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				return aws.BoolTernary(kindOf(err) == fault.Transient)
			}),
		}
	})
}

// backoff is the pause after the failed tries: random, so that those who met
// do not meet again.
func backoff(failed int) time.Duration {
	return rand.N(firstPause << max(0, failed-1))
}
