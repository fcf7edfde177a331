package shared

// Breaks the template on purpose, each time in one place, and would catch a
// rule that could not fail.

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// broken templates: the first old of the template becomes new, and the rule says so.
var broken = []struct{ rule, old, new, says string }{
	{"a function is a folder", "CodeUri: functions/sweep/", "CodeUri: functions/sweeper/", "template has the functions"},
	{"a function is a folder", "  Sweep:\n    Type: AWS::Serverless::Function", "  Sweep:\n    Type: AWS::Lambda::Function", "template has the functions"},
	{"a function is built", "[arm64]", "[x86_64]", "Architectures are"},
	{"a function is built", "provided.al2023", "go1.x", "Runtime is"},
	{"a function is built", "Handler: bootstrap", "Handler: main", "Handler is"},
	{"a function is built", "BuildMethod: go1.x", "BuildMethod: makefile", "BuildMethod is"},
	{"a function's environment", "          HEADSTART_BUS_NAME: !Ref Bus\n", "", "HEADSTART_BUS_NAME is not set"},
	{"a function's environment", "HEADSTART_SHIP_DAYS:", "HEADSTART_SHIPPING_DAYS:", "is not in config's table"},
	{"a function's environment", "          HEADSTART_TABLE: !Ref Table\n", "          HEADSTART_TABLE: !Ref Table\n          HEADSTART_BUS_NAME: !Ref Bus\n", "does not need HEADSTART_BUS_NAME"},
	{"a function's environment", "Default: 180", "Default: 365", `HEADSTART_HORIZON_DAYS is "365"`},
	{"a function's environment", "HEADSTART_TABLE: !Ref Table", "HEADSTART_TABLE: !Ref Bus", "no AWS::DynamoDB::Table"},
	{"the table", "{AttributeName: sk, KeyType: RANGE}", "{AttributeName: sort, KeyType: RANGE}", "KeySchema is"},
	{"the table", "{AttributeName: ds, AttributeType: N}", "{AttributeName: ds, AttributeType: S}", "AttributeDefinitions is"},
	{"the table", "ProjectionType: KEYS_ONLY", "ProjectionType: ALL", "GlobalSecondaryIndexes is"},
	{"the table", "StreamViewType: NEW_AND_OLD_IMAGES", "StreamViewType: NEW_IMAGE", "StreamSpecification is"},
	{"the table", "AttributeName: ttl", "AttributeName: expires", "TimeToLiveSpecification is"},
	{"the table", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "PointInTimeRecoverySpecification is"},
	{"the table", "{SSEEnabled: true}", "{SSEEnabled: false}", "SSESpecification is"},
	{"the table", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "DeletionPolicy is not Retain"},
	{"a role", "Action: [events:PutEvents]", "Action: [events:*]", `the action "events:*"`},
	{"a role", "Action: [events:PutEvents]", `Action: "*"`, `the action "*"`},
	{"a role", "Resource: !GetAtt Bus.Arn", `Resource: "*"`, "events:PutEvents on"},
	{"a role", "${Table.Arn}/index/due", "${Table.Arn}/index/*", "dynamodb:Query on"},
	{"a role", "parameter${SecretsPrefix}/*", "parameter/*", "ssm:GetParameter on"},
	{"a role", "Role: !GetAtt ApiRole.Arn", "Role: !GetAtt SweepRole.Arn", "shares its role"},
	{"a role", "Role: !GetAtt ApiRole.Arn", "Role: arn:aws:iam::1:role/admin", "is not in the template"},
	{"a role", "      Role: !GetAtt ApiRole.Arn\n", "      Role: !GetAtt ApiRole.Arn\n      Policies: AdministratorAccess\n", "Policies would add"},
	{"a role", "      Policies:\n        - PolicyName: own", "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      Policies:\n        - PolicyName: own", "a managed policy"},
	{"a queue", "maxReceiveCount: 10", "maxReceiveCount: 3", "gives up after 3"},
	{"a queue", "deadLetterTargetArn: !GetAtt OrderDeadLetters.Arn", "deadLetterTargetArn: !GetAtt Gone.Arn", "has no dead-letter queue"},
	{"a queue", "SqsManagedSseEnabled: true", "SqsManagedSseEnabled: false", "is not encrypted"},
	{"a queue", "  OrderDeadLetters:\n    Type: AWS::SQS::Queue\n    Properties:\n      MessageRetentionPeriod: 1209600", "  OrderDeadLetters:\n    Type: AWS::SQS::Queue\n    Properties:\n      MessageRetentionPeriod: 345600", "would be forgotten"},
	{"an event source", "FunctionResponseTypes: [ReportBatchItemFailures]", "FunctionResponseTypes: []", "brings back the whole batch"},
	{"an event source", "            BatchSize: 1000\n            MaximumBatchingWindowInSeconds: 1\n", "            BatchSize: 1000\n", "needs a window"},
	{"an event source", "BatchSize: 1000", "BatchSize: 20000", "a batch of 20000"},
	{"an event source", "MaximumConcurrency: 5", "MaximumConcurrency: 50", "50 consumers"},
	{"a message", "VisibilityTimeout: 361", "VisibilityTimeout: 360", "hides a message for 360 s, its consumer needs 361"},
	{"a message", "BatchSize: 500", "BatchSize: 1000", "a batch takes up to"},
	{"a message", "Timeout: 29", "Timeout: 60", "the gateway waits"},
	{"a stream reader is told", `[{"prefix":"T#"}]`, `[{"prefix":"U#"}]`, "takes INSERT of {T#"},
	{"a stream reader is told", `"sk":{"S":["STATE"]}`, `"sk":{"S":["STATE","CONTENTS"]}`, "takes INSERT of {S#acme#FBA15ABC CONTENTS}"},
	{"a stream reader is told", `,"sk":{"S":["HEAD"]}`, ``, "CARD}: true"},
	{"a stream reader is told", `["INSERT","MODIFY"]`, `["INSERT"]`, "takes MODIFY"},
	{"a stream reader is told", `{"eventName":["INSERT","MODIFY"],`, `{`, "takes REMOVE"},
	{"a stream reader is told", `"pk":{"S":[{"prefix":"I#"}]}`, `"pk":{"S":[{"prefix":"I#"}]`, "a filter is no JSON"},
	{"a stream reader is told", `"OldImage":{"alerts":{"N":[{"exists":true}]}}`, `"OldImage":{"alarms":{"N":[{"exists":true}]}}`, "does not take a state whose alerts come or go"},
	{"a stream reader is told", `,"NewImage":{"alerts":{"N":[{"exists":true}]}}`, "", "NoticeStream: takes INSERT"},
	{"a stream reader gives up", "            MaximumRetryAttempts: 60\n", "", "tries a bad record 0 times"},
	{"a stream reader gives up", "MaximumRecordAgeInSeconds: 43200", "MaximumRecordAgeInSeconds: 86400", "leaves no time"},
	{"a stream reader gives up", "BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false", "takes its batch with it"},
	{"a stream reader gives up", "StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST", "miss its first changes"},
	{"a stream reader gives up", "Action: [sqs:SendMessage]\n                Resource: !GetAtt StreamDeadLetters.Arn", "Action: [sqs:SendMessage]\n                Resource: !GetAtt OrderQueue.Arn", "may not note"},
	{"a stream reader gives up", "Stream: !GetAtt Table.StreamArn", "Stream: !GetAtt Other.StreamArn", "reads another stream"},
	{"a function logs", "RetentionInDays: !Ref LogDays", "KmsKeyId: none", "keeps its lines for ever"},
	{"a function logs", "LogGroup: !Ref SweepLogs", "LogGroup: !Ref ApiLogs", "has no log group of its own"},
	{"a function logs", "Resource: !GetAtt SweepLogs.Arn", "Resource: !GetAtt ApiLogs.Arn", "may not logs:"},
	{"the sweep", "rate(5 minutes)", "rate(1 day)", "the sweep runs at"},
	{"the sweep", "Timeout: 240", "Timeout: 600", "meets the next"},
	{"the sweep", "Arn: !GetAtt Sweep.Arn", "Arn: !GetAtt Api.Arn", "the schedule starts Api.Arn"},
	{"the sweep", "Action: [lambda:InvokeFunction], Resource: !GetAtt Sweep.Arn", "Action: [lambda:InvokeFunction], Resource: !GetAtt Api.Arn", "may not start Sweep.Arn"},
	{"a function's environment", "          HEADSTART_MAIL_FROM: !Ref MailFrom\n", "", "HEADSTART_MAIL_FROM is not set"},
	{"a function's environment", "HEADSTART_MAIL_CONFIGURATION_SET: !Ref MailConfigurationSet", "HEADSTART_MAIL_CONFIGURATION_SET: !Ref MailQueue", "no AWS::SES::ConfigurationSet"},
	{"a stream reader is told", `[{"prefix":"G#"},"ACCOUNT"]`, `[{"prefix":"G#"}]`, "ACCOUNT}: false"},
	{"a stream reader is told", `"sk":{"S":[{"prefix":"G#"},"ACCOUNT"]}`, `"sk":{"S":[{"exists":true}]}`, "B#EUROPE#FBA15ABC}: true"},
	{"a role", "identity/${MailIdentity}", "identity/*", "ses:SendEmail on"},
	{"mails", "identity/${MailIdentity}", "identity/another", "may send mails as identity/headstart.invalid: false"},
	{"mails", "configuration-set/${MailConfigurationSet}", "configuration-set/another", "may send mails as configuration-set/MailConfigurationSet: false"},
	{"mails", "dynamodb:PutItem]\n                Resource: !GetAtt Table.Arn\n", "dynamodb:PutItem]\n                Resource: !GetAtt Table.Arn\n              - Effect: Allow\n                Action: [ses:SendEmail]\n                Resource: !Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}\n", "headstart.invalid: true"},
	{"mails", "event-bus/default", "event-bus/mails", "SES does not speak to"},
	{"mails", "[bounce, complaint, delivery,", "[bounce, delivery,", "SES tells too much, or too little"},
	{"mails", "Enabled: true\n        MatchingEventTypes", "Enabled: false\n        MatchingEventTypes", "SES tells nothing"},
	{"mails", "      ConfigurationSetName: !Ref MailConfigurationSet", "      ConfigurationSetName: another", "SES tells of another set"},
	{"mails", "[Email Bounced, ", "[Email Opened, ", "the rule lets through"},
	{"mails", "source: [aws.ses]", "source: [aws.sns]", "the rule listens to another source"},
	{"mails", `{"ses:configuration-set": [!Ref MailConfigurationSet]}`, `{"ses:configuration-set": [another]}`, "the rule takes others' mails"},
	{"mails", "{Id: queue, Arn: !GetAtt MailQueue.Arn,", "{Id: queue, Arn: !GetAtt OrderQueue.Arn,", "the rule tells another queue"},
	{"mails", "            Queue: !GetAtt MailQueue.Arn", "            Queue: !GetAtt TrackingQueue.Arn", "reads another queue"},
	{"mails", ", DeadLetterConfig: {Arn: !GetAtt MailDeadLetters.Arn}", "", "what the rule cannot bring is lost"},
	{"mails", "Resource: [!GetAtt MailQueue.Arn, !GetAtt MailDeadLetters.Arn]", "Resource: !GetAtt MailQueue.Arn", "the rule may not write to its queues"},
	{"mails", "aws:SourceArn: !GetAtt MailRule.Arn", "aws:SourceArn: !Ref AWS::AccountId", "anybody may write to the mail queue"},
	{"mails", "Action: [sqs:SendMessage]\n            Resource: [!GetAtt MailQueue.Arn,", "Action: [sqs:SendMessage]\n            Resource: [!GetAtt OrderQueue.Arn,", "the rule may not write to its queue"},
	{"every path", "Method: HEAD", "Method: PUT", "should answer"},
	{"every path", "{source}/{tail+}", "{source}/events", "should answer"},
	{"every path", `Path: "/fba/{proxy+}"`, `Path: "/amazon/{proxy+}"`, "no route leads to /fba/"},
	{"every path", "Path: /advice,", "Path: /advise,", "no route leads to the page GET /advice"},
	{"every path", "Path: /signout, Method: ANY", "Path: /signout, Method: GET", "no route leads to the page ANY /signout"},
	{"every path", `PayloadFormatVersion: "2.0"`, `PayloadFormatVersion: "1.0"`, "payload format 2.0"},
	{"every queue", "Value: !GetAtt OrderDeadLetters.QueueName", "Value: !GetAtt OrderQueue.QueueName", "ApproximateNumberOfMessagesVisible of OrderDeadLetters"},
	{"every queue", "{Name: FunctionName, Value: !Ref NoticeStream}", "{Name: FunctionName, Value: !Ref Api}", "that NoticeStream is late"},
	{"every queue", "MetricName: 5xx", "MetricName: 4xx", "5xx Http"},
	{"every queue", "AlarmActions:", "InsufficientDataActions:", "tells nobody"},
	{"every queue", "      MetricName: UnmappedCodes\n", "      MetricName: UnmappedCode\n", "nobody hears of UnmappedCodes"},
	{"a line", `"unreadable webhook kept"`, `"webhook unreadable"`, "QuarantineFilter: filters"},
	{"a line", "LogGroupName: !Ref TrackingQueueFunctionLogs", "LogGroupName: !Ref TrackingWebhookLogs", "should be in [TrackingQueueFunctionLogs TrackingWebhookLogs]"},
	{"a line", "MetricValue: $.scans", `MetricValue: "1"`, "UnmappedFilter: counts 1"},
	{"a line", "MetricName: UnmappedCodes, MetricValue", "MetricName: Others, MetricValue", "a filter counts what nobody logs"},
	{"a line", "MetricNamespace: !Ref AWS::StackName", "MetricNamespace: Headstart", "shares its metric"},
	{"the door", "$context.routeKey", "$context.path", "the door logs path"},
	{"the door", "$context.requestId", "$context.identity.sourceIp", "the door logs identity.sourceIp"},
	{"the door", `        Format: '{`, `        Formats: '{`, "the door logs nothing"},
}

func TestEveryRuleCanFail(t *testing.T) {
	_, text := readTemplate(t)
	failed := map[string]bool{}
	for _, b := range broken {
		require.Contains(t, text, b.old, "nothing to break")
		parsed, err := parseTemplate([]byte(strings.Replace(text, b.old, b.new, 1)))
		require.NoError(t, err)
		said := false
		for _, rule := range rules {
			if strings.HasPrefix(rule.name, b.rule) {
				var found faults
				rule.check(parsed, &found)
				require.Contains(t, strings.Join(found, "\n"), b.says, "%s\n- %s\n+ %s", rule.name, b.old, b.new)
				said, failed[rule.name] = true, true
			}
		}
		require.True(t, said, "there is no rule %q", b.rule)
	}
	require.Len(t, failed, len(rules), "a rule that no template breaks")
}
