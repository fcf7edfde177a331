package dynamo_test

// Reads a stream made by hand, with what DynamoDB Local's never has: several
// shards, stretches without records, expired iterators, records no longer
// kept. It would catch a change that is skipped, or read before an older one
// of its key.

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/store/dynamo"
)

// shard is a part of the stream. Its records have the numbers 100, 101, ...;
// number 0 stands for a stretch without a record.
type shard struct {
	id, parent string
	numbers    []int
	closed     bool
}

// stream answers DynamoDB Streams' requests from shards. It gives one shard a
// page and two records a page at most; an iterator is "id/place/epoch".
type stream struct {
	shards []shard
	epoch  int // iterators of another epoch have expired
}

func (s *stream) open() (*dynamo.Store, *service) {
	wire := &service{answer: func(_ int, r request) answer { return s.answer(r) }}
	return wire.open(), wire
}

func (s *stream) answer(r request) answer {
	switch r.operation {
	case "DescribeTable":
		return reply(map[string]any{"Table": map[string]any{"LatestStreamArn": "arn"}})
	case "DescribeStream":
		return s.describe(r)
	case "GetShardIterator":
		return s.iterator(r)
	}
	return s.records(r)
}

func reply(body any) answer {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return answer{status: 200, body: string(text)}
}

func (s *stream) find(id string) int {
	for i := range s.shards {
		if s.shards[i].id == id {
			return i
		}
	}
	return -1
}

func (s *stream) describe(r request) answer {
	at := 0
	if start, given := r.body["ExclusiveStartShardId"].(string); given {
		at = s.find(start) + 1
	}
	listed := map[string]any{"ShardId": s.shards[at].id}
	if s.shards[at].parent != "" {
		listed["ParentShardId"] = s.shards[at].parent
	}
	out := map[string]any{"Shards": []any{listed}}
	if at+1 < len(s.shards) {
		out["LastEvaluatedShardId"] = s.shards[at].id
	}
	return reply(map[string]any{"StreamDescription": out})
}

func (s *stream) iterator(r request) answer {
	at := s.find(r.body["ShardId"].(string))
	place := 0
	if r.body["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER" {
		number, _ := strconv.Atoi(r.body["SequenceNumber"].(string))
		for place < len(s.shards[at].numbers) && s.shards[at].numbers[place] != number {
			place++
		}
		if place == len(s.shards[at].numbers) {
			return streamRefusal("TrimmedDataAccessException")
		}
		place++
	}
	return reply(map[string]any{"ShardIterator": fmt.Sprintf("%s/%d/%d", s.shards[at].id, place, s.epoch)})
}

func streamRefusal(code string) answer {
	return answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"told by the test"}`}
}

func (s *stream) records(r request) answer {
	var id string
	var place, epoch int
	parts := strings.Split(r.body["ShardIterator"].(string), "/")
	id = parts[0]
	place, _ = strconv.Atoi(parts[1])
	if epoch, _ = strconv.Atoi(parts[2]); epoch != s.epoch {
		return streamRefusal("ExpiredIteratorException")
	}
	from := s.shards[s.find(id)]
	records, limit := []any{}, min(2, int(r.body["Limit"].(float64)))
	for place < len(from.numbers) && len(records) < limit {
		place++
		if from.numbers[place-1] == 0 {
			break
		}
		records = append(records, map[string]any{"dynamodb": streamRecord(from.numbers[place-1])})
	}
	out := map[string]any{"Records": records}
	if place < len(from.numbers) || !from.closed {
		out["NextShardIterator"] = fmt.Sprintf("%s/%d/%d", id, place, epoch)
	}
	return reply(out)
}

// streamRecord is an insert of version number.
func streamRecord(number int) map[string]any {
	key := map[string]any{"pk": map[string]any{"S": "p"}, "sk": map[string]any{"S": strconv.Itoa(number)}}
	return map[string]any{
		"SequenceNumber": strconv.Itoa(number), "Keys": key,
		"NewImage": map[string]any{"pk": key["pk"], "sk": key["sk"], "v": map[string]any{"N": strconv.Itoa(number)}},
	}
}

// drain calls Changes n times and returns the numbers it brought.
func drain(t *testing.T, s *dynamo.Store, cursor string, limit, n int) (numbers []int, next string) {
	t.Helper()
	for range n {
		changes, after, err := s.Changes(t.Context(), cursor, limit)
		require.NoError(t, err)
		if limit > 0 {
			require.LessOrEqual(t, len(changes), limit)
		}
		for _, c := range changes {
			number, err := strconv.Atoi(c.Sequence)
			require.NoError(t, err)
			require.Equal(t, store.Change{
				Sequence: c.Sequence, Key: store.Key{Partition: "p", Sort: c.Sequence},
				New: store.Record{Key: store.Key{Partition: "p", Sort: c.Sequence}, Version: int64(number)},
			}, c)
			numbers = append(numbers, number)
		}
		cursor = after
	}
	return numbers, cursor
}

// split is a stream whose shard split twice; children are listed first.
func split() *stream {
	return &stream{shards: []shard{
		{id: "grandchild", parent: "child-2", numbers: []int{140}},
		{id: "child-1", parent: "root", numbers: []int{120, 121}},
		{id: "child-2", parent: "root", numbers: []int{130, 131}, closed: true},
		{id: "root", parent: "long gone", numbers: []int{100, 101, 102}, closed: true},
	}}
}

func TestAShardIsReadAfterItsParentHoweverTheyAreListed(t *testing.T) {
	s, _ := split().open()
	got, _ := drain(t, s, "", 0, 1)
	require.Equal(t, []int{100, 101, 102, 120, 121, 130, 131, 140}, got)
}

func TestAShardWaitsUntilItsParentIsReadToItsEnd(t *testing.T) {
	made := split()
	made.shards[3].closed = false
	s, _ := made.open()
	got, cursor := drain(t, s, "", 0, 3)
	require.Equal(t, []int{100, 101, 102}, got)

	made.shards[3].numbers = append(made.shards[3].numbers, 103)
	made.shards[3].closed = true
	got, _ = drain(t, s, cursor, 0, 1)
	require.Equal(t, []int{103, 120, 121, 130, 131, 140}, got)
}

func TestTheFeedGoesOnFromEachCursorWithoutGapOrRepeat(t *testing.T) {
	for limit := 1; limit <= 9; limit++ {
		s, _ := split().open()
		got, cursor := drain(t, s, "", limit, 20)
		require.Equal(t, []int{100, 101, 102, 120, 121, 130, 131, 140}, got, "limit %d", limit)
		again, same := drain(t, s, cursor, limit, 1)
		require.Empty(t, again)
		require.Equal(t, cursor, same, "nothing came, nothing moved")
	}
}

func TestAStretchWithoutRecordsIsCrossed(t *testing.T) {
	s, _ := (&stream{shards: []shard{{id: "a", numbers: []int{0, 0, 100, 0, 0, 0, 101, 0}}}}).open()
	got, _ := drain(t, s, "", 0, 8)
	require.Equal(t, []int{100, 101}, got)
}

func TestAnExpiredIteratorIsReplacedFromTheLastSequenceNumber(t *testing.T) {
	made := split()
	s, _ := made.open()
	got, cursor := drain(t, s, "", 4, 1)
	require.Equal(t, []int{100, 101, 102, 120}, got)
	made.epoch++
	got, _ = drain(t, s, cursor, 0, 1)
	require.Equal(t, []int{121, 130, 131, 140}, got)
}

func TestAPositionNoLongerKeptGoesOnAtTheOldestThatIs(t *testing.T) {
	made := &stream{shards: []shard{{id: "a", numbers: []int{100, 101, 102, 103}}}}
	s, _ := made.open()
	_, cursor := drain(t, s, "", 2, 1)
	made.epoch++
	made.shards[0].numbers = []int{103}
	got, _ := drain(t, s, cursor, 0, 1)
	require.Equal(t, []int{103}, got)
}

func TestTheCursorForgetsShardsThatAreGone(t *testing.T) {
	made := split()
	s, _ := made.open()
	_, cursor := drain(t, s, "", 0, 1)
	made.shards = made.shards[:2]
	got, next := drain(t, s, cursor, 0, 1)
	require.Empty(t, got)
	require.NotContains(t, next, "root")
	require.NotContains(t, next, "child-2")
	require.Contains(t, next, "grandchild")
}

func TestTheStreamIsLookedUpOnce(t *testing.T) {
	s, wire := split().open()
	drain(t, s, "", 0, 3)
	lookups := 0
	for _, r := range wire.asked {
		if r.operation == "DescribeTable" {
			lookups++
		}
	}
	require.Equal(t, 1, lookups)
}

func TestATableWithoutAStreamIsAnInternalFault(t *testing.T) {
	_, _, err := always(answer{status: 200, body: `{"Table":{}}`}).open().Changes(t.Context(), "", 0)
	require.Equal(t, fault.Internal, fault.Of(err))
	require.ErrorContains(t, err, "no stream")
}

func TestACursorThatIsNoneIsInvalid(t *testing.T) {
	s, wire := split().open()
	for _, cursor := range []string{"x", "[]", `{"a":1}`, `{"a":{},"a":{}}`, "{\"\xff\":{}}"} {
		_, _, err := s.Changes(t.Context(), cursor, 0)
		require.Error(t, err, "%s", cursor)
		require.Equal(t, fault.Invalid, fault.Of(err), "%s", cursor)
	}
	require.Empty(t, wire.asked)
}
