#!/usr/bin/env bash
# LocalStack runs this once it is ready. A test holds it to template.yaml.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

awslocal dynamodb create-table --cli-input-json "file://$here/table.json"
awslocal dynamodb update-time-to-live --table-name headstart \
  --time-to-live-specification Enabled=true,AttributeName=ttl

# queue NAME SECONDS: a queue that hides a message for so long, and its dead letters.
queue() {
  awslocal sqs create-queue --queue-name "$1-dead-letters" \
    --attributes '{"MessageRetentionPeriod":"1209600"}'
  awslocal sqs create-queue --queue-name "$1" \
    --attributes '{"VisibilityTimeout":"'"$2"'","MessageRetentionPeriod":"1209600","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:'"$1"'-dead-letters\",\"maxReceiveCount\":\"10\"}"}'
}
queue orders 361
queue tracking 360

awslocal events create-event-bus --name headstart

awslocal ssm put-parameter --type SecureString --name /headstart/sources/standard/acme \
  --value '{"seller":"acme","secrets":["whsec_bG9jYWxzdGFjayBpcyBub3QgYSBzZWNyZXQgcGxhY2U="]}'
