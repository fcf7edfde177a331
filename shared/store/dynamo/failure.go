package dynamo

import (
	"context"
	"errors"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"headstart/shared/fault"
)

// kinds is what DynamoDB's error codes and the reasons of a cancelled
// transaction mean; a code that is not here means Internal, or Transient with
// an HTTP status above 499. fault.Conflict is a lost condition, which the
// store answers instead of failing. What is Transient is also what the client
// tries again on its own.
//
// Source: DynamoDB developer guide, "Error handling with DynamoDB"; API
// reference, TransactWriteItems, "CancellationReasons".
var kinds = map[string]fault.Kind{
	"ConditionalCheckFailed":          fault.Conflict,
	"ConditionalCheckFailedException": fault.Conflict,

	"TransactionConflict":                    fault.Transient,
	"TransactionConflictException":           fault.Transient,
	"TransactionInProgressException":         fault.Transient,
	"ReplicatedWriteConflictException":       fault.Transient,
	"ProvisionedThroughputExceeded":          fault.Transient,
	"ProvisionedThroughputExceededException": fault.Transient,
	"RequestLimitExceeded":                   fault.Transient,
	"ThrottlingError":                        fault.Transient,
	"ThrottlingException":                    fault.Transient,
	"LimitExceededException":                 fault.Transient, // streams: too many readers of a shard

	"ValidationError":                          fault.Invalid,
	"ValidationException":                      fault.Invalid,
	"ItemCollectionSizeLimitExceeded":          fault.Invalid,
	"ItemCollectionSizeLimitExceededException": fault.Invalid,

	"ResourceInUseException": fault.Conflict, // the table to create exists
}

// classify gives err its kind; op says what was tried.
func classify(err error, op string) error { return fault.As(kindOf(err), err, op) }

func kindOf(err error) fault.Kind {
	if cancelled, is := errors.AsType[*types.TransactionCanceledException](err); is {
		return kindOfReasons(cancelled.CancellationReasons)
	}
	if answer, is := errors.AsType[smithy.APIError](err); is {
		if kind, known := kinds[answer.ErrorCode()]; known {
			return kind
		}
	}
	// Status 0 is no answer, and an answer of 2xx that is an error was cut off
	// on its way: it may have happened or not.
	if answer, is := errors.AsType[*awshttp.ResponseError](err); is {
		if status := answer.HTTPStatusCode(); status >= 500 || status < 300 {
			return fault.Transient
		}
		return fault.Internal
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.Transient
	}
	return fault.Internal
}

// kindOfReasons is the gravest kind among the reasons: what can never succeed,
// then a lost condition, then what nobody knows, then what may pass.
func kindOfReasons(reasons []types.CancellationReason) fault.Kind {
	for _, kind := range []fault.Kind{fault.Invalid, fault.Conflict, fault.Internal, fault.Transient} {
		for i := range reasons {
			if code := reasons[i].Code; code != nil && *code != "None" && kinds[*code] == kind {
				return kind
			}
		}
	}
	return fault.Internal
}
