package notice

// The events in events/ and pieces of them are read, whole, broken and hostile. They
// would catch a bounce that nobody hears of, a full mailbox that is taken for a dead
// one, another's mail taken for ours, and a piece of an event in an error.

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// delivered returns the body of the first message of a Lambda event.
func delivered(t testing.TB, name string) string {
	text, err := os.ReadFile("../../events/" + name + ".json")
	require.NoError(t, err)
	var envelope struct{ Records []struct{ Body string } }
	require.NoError(t, json.Unmarshal(text, &envelope))
	require.NotEmpty(t, envelope.Records)
	return envelope.Records[0].Body
}

func TestSESEventsAreReadAsWhatBecameOfALetter(t *testing.T) { // F103
	want := engine.MailEvent{LetterID: "P/acme/EUROPE/1", Seller: "acme", To: "anna@example.com"}
	for _, c := range []struct {
		event, problem, at string
		final              bool
		old, new           string
	}{
		{"mail-queue-bounced", "BOUNCED", "2026-03-04T09:00:05.669Z", true, "", ""},
		{"mail-queue-bounced", "BOUNCED", "2026-03-04T09:00:05.669Z", false, `"Permanent"`, `"Transient"`},
		{"mail-queue-bounced", "BOUNCED", "2026-03-04T09:00:05.669Z", false, `"Permanent"`, `"Undetermined"`},
		{"mail-queue-complaint", "COMPLAINED", "2026-03-04T11:30:00Z", false, "", ""},
		{"mail-queue-delivered", "", "2026-03-04T09:00:03.1Z", false, "", ""},
		{"mail-queue-delivered", "REJECTED", "2026-03-04T09:00:03.1Z", false, "Email Delivered", "Email Rejected"},
		{"mail-queue-delivered", "REJECTED", "2026-03-04T09:00:03.1Z", false, "Email Delivered", "Email Rendering Failed"},
	} {
		body := delivered(t, c.event)
		require.Contains(t, body, c.old)
		got, err := ReadEvent([]byte(strings.Replace(body, c.old, c.new, 1)))
		require.NoError(t, err, c.event)
		want.Problem, want.Final, want.At = c.problem, c.final, instant(c.at)
		require.Equal(t, want, got, "%s %s", c.event, c.new)
	}
}

func TestALettersIDComesBackAsItWentOut(t *testing.T) {
	for _, id := range []string{"P/acme/EUROPE/1", "ü\n\x00", strings.Repeat("x", maxID), "a", "../..", "a=b, c=d"} {
		tag := tagOf(id)
		require.Regexp(t, `^[A-Za-z0-9_-]{1,256}$`, tag)
		back, err := idOf(tag)
		require.NoError(t, err)
		require.Equal(t, id, back)
	}
}

func TestWhatSaysNothingOfALetterIsDone(t *testing.T) {
	for _, edit := range [][2]string{
		{"Email Bounced", "Email Sent"}, {"Email Bounced", "Email Opened"}, {"Email Bounced", ""}, {`"aws.ses"`, `"acme"`}, {`"letter"`, `"letters"`},
	} {
		body := delivered(t, "mail-queue-bounced")
		require.Contains(t, body, edit[0])
		_, err := ReadEvent([]byte(strings.Replace(body, edit[0], edit[1], 1)))
		require.True(t, fault.Is(err, fault.Stale), "%v: %v", edit, err)
	}
}

func TestAnEventThatCannotBeReadIsRefusedWithoutARepetition(t *testing.T) {
	body := delivered(t, "mail-queue-bounced")
	edits := [][2]string{
		{`"UC9hY21lL0VVUk9QRS8x"`, `"!"`}, {`"UC9hY21lL0VVUk9QRS8x"`, `""`}, {`"UC9hY21lL0VVUk9QRS8x"`, `"YQ","YQ"`}, {`"UC9hY21lL0VVUk9QRS8x"`, `7`},
		{`["acme"]`, `["Acme!"]`}, {`["acme"]`, `[]`}, {`["acme"]`, `["acme","other"]`}, {`["acme"]`, `"acme"`},
		{`"detail-type"`, `"source":"aws.ses","detail-type"`}, {`"anna@example.com"`, "\"anna\xff@example.com\""}, {`"anna@example.com"`, "\"anna\n@example.com\""},
		{`"2026-03-04T09:00:05.669Z"`, `"yesterday"`}, {`"2026-03-04T09:00:05.669Z"`, `1e999`}, {`"mail":{`, `"mail":null,"mail":{`},
		{`"tags"`, `"deep":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `,"tags"`}, {`"tags"`, `"long":"` + strings.Repeat("x", maxEvent) + `","tags"`},
	}
	for _, edit := range edits {
		require.Contains(t, body, edit[0])
		_, err := ReadEvent([]byte(strings.Replace(body, edit[0], edit[1], 1)))
		require.True(t, fault.Is(err, fault.Invalid), "%.60v: %v", edit, err)
		require.NotContains(t, err.Error(), "anna")
		require.Less(t, len(err.Error()), 80)
	}
	for _, text := range []string{"", "null", "[]", "7", "{", body + body, body + "x", "\x00"} {
		_, err := ReadEvent([]byte(text))
		require.Error(t, err, "%.20q", text)
		require.NotContains(t, err.Error(), "anna")
	}
}

func TestAnAddressThatIsNoneOfOursIsLeftOut(t *testing.T) {
	for _, to := range []string{`["Anna <anna@example.com>"]`, `["a@example.com","b@example.com"]`, `[]`, `["anna@example.com\r\nBcc: b@example.com"]`} {
		got, err := ReadEvent([]byte(strings.Replace(delivered(t, "mail-queue-bounced"), `["anna@example.com"]`, to, 1)))
		require.NoError(t, err)
		require.Empty(t, got.To)
	}
}

func FuzzEvent(f *testing.F) {
	for _, name := range []string{"mail-queue-bounced", "mail-queue-complaint", "mail-queue-delivered"} {
		f.Add([]byte(delivered(f, name)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := ReadEvent(body)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid) || fault.Is(err, fault.Stale))
			return
		}
		require.NotEmpty(t, got.LetterID)
		require.NotEmpty(t, got.Seller)
		require.False(t, got.At.IsZero())
	})
}
