package api_test

// These tests switch the programme by its page, as a browser does. They would catch
// a change without a preview or without its mail, a double click that asks twice, a
// page that says another status than the engine, and an error that loses what was
// sent.

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/store/memory"
)

// mailbox takes letters, or refuses them.
type mailbox struct {
	letters []engine.Letter
	broken  bool
}

func (m *mailbox) Mail(_ context.Context, l engine.Letter) (string, error) {
	if m.broken {
		return "", fault.New(fault.Throttled, "UNREACHABLE", "away")
	}
	m.letters = append(m.letters, l)
	return "id", nil
}

// follow leads a browser to the page that a form led to, and returns it.
func (b *browser) follow(w *httptest.ResponseRecorder) string {
	b.t.Helper()
	require.Equal(b.t, 303, w.Code, w.Body)
	return b.page(w.Header().Get("Location"))
}

func (b *browser) page(path string) string {
	b.t.Helper()
	w := b.get(path)
	require.Equal(b.t, 200, w.Code, w.Body)
	return w.Body.String()
}

// address lets acme be told there.
func (b *browser) address(email string) {
	b.t.Helper()
	form := b.form("/program", "/program/account")
	form.Set("email", email)
	form.Set("language", "de")
	require.Contains(b.t, b.follow(b.post("/program/account", form, nil)), "Your address and language are saved.")
}

// europe returns the part of the page that is about the five.
func europe(page string) string {
	_, part, _ := strings.Cut(page, `<section aria-labelledby="EUROPE">`)
	part, _, _ = strings.Cut(part, "</section>")
	return part
}

func TestThePageShowsEveryRegionBeforeAnythingWasAsked(t *testing.T) {
	b := consoleOn(t, memory.New()).signedIn()
	page := b.page("/program")
	require.Contains(t, page, `<h2 id="EUROPE">UK, DE, FR, IT, ES: ACTIVE</h2>`)
	require.Less(t, strings.Index(page, `id="EUROPE"`), strings.Index(page, `id="US"`))
	require.Equal(t, 12, strings.Count(page, "<section ")-1, "and one for mail")
	require.Equal(t, 12, strings.Count(page, "/preview?action=pause"))
	require.NotContains(t, page, "Confirm here")
	require.NotContains(t, page, "Send the mail again")
	require.Contains(t, page, "<em>blocked</em>: not sold before they arrive")
	require.Less(t, len(page), 50_000)
}

func TestAPauseIsShownBeforeItIsAskedForAndConfirmedOnThePage(t *testing.T) {
	b := soldPart(t)
	preview := b.page("/program/UK/preview?action=pause")
	require.Contains(t, preview, "<h1>Pause UK, DE, FR, IT, ES</h1>")
	require.Contains(t, preview, `<time datetime="2026-03-05T10:00:00Z">2026-03-05 10:00 UTC</time>: 72 hours after the confirmation.`)
	require.Contains(t, preview, "Open orders with units among these shipments: 1. All are honoured.")
	require.Contains(t, preview, `<tr><th scope="row">FBA1</th><td><a href="/items/A1PA6795UKMFR9/KETTLE-1">KETTLE-1</a> DE</td>`)
	require.Contains(t, europe(b.page("/program")), "ACTIVE</h2>", "a preview changes nothing")

	form := b.form("/program/UK/preview?action=pause", "/program/UK/pause")
	page := b.follow(b.post("/program/UK/pause", form, nil))
	require.Contains(t, page, `role="status">You asked for a pause.`)
	part := europe(page)
	for _, want := range []string{"UK, DE, FR, IT, ES: PAUSING</h2>", "its cut-off comes 72 hours after its confirmation", `<strong>Pending</strong>: to be done by <time datetime="2026-03-04T10:00:00Z">`,
		"PAUSE asked for <time", "(PAGE)", "Reactivate UK, DE, FR, IT, ES…", "<li>ES PAUSING</li>"} {
		require.Contains(t, part, want)
	}
	require.Contains(t, page, `<h2 id="US">US: ACTIVE</h2>`)

	b.now = b.now.Add(time.Hour)
	part = europe(b.follow(b.post("/program/UK/confirm", b.form("/program", "/program/UK/confirm"), nil)))
	require.Contains(t, part, "by PAGE")
	require.Contains(t, part, `<li>DE PAUSING, effective <time datetime="2026-03-05T11:00:00Z">`)
	require.NotContains(t, part, "Confirm here")

	b.now = b.now.Add(72 * time.Hour)
	b.signIn(b.keys["acme"], "")
	part = europe(b.page("/program"))
	require.Contains(t, part, "PAUSED</h2>")
	require.Contains(t, part, "Reactivate UK, DE, FR, IT, ES…")
	require.Contains(t, part, "Shipments created at the cut-off or later are blocked; older ones stay for sale.")
	part = europe(b.follow(b.post("/program/UK/reactivate", b.form("/program/UK/preview?action=reactivate", "/program/UK/reactivate"), nil)))
	require.Contains(t, part, "REACTIVATING</h2>")
	require.Contains(t, part, "Pause UK, DE, FR, IT, ES…")
}

func TestADoubleClickIsOneRequestAndTwoTabsAreOnePause(t *testing.T) {
	b := consoleOn(t, memory.New()).signedIn()
	first := b.form("/program/US/preview?action=pause", "/program/US/pause")
	second := b.form("/program/US/preview?action=pause", "/program/US/pause")
	require.NotEqual(t, first.Get("once"), second.Get("once"))
	for _, form := range []url.Values{first, first, second, second, first} {
		require.Equal(t, 303, b.post("/program/US/pause", form, nil).Code)
	}
	view := b.ask(200, "GET", "/v1/program/US", "")
	require.Equal(t, []any{"PAUSING", 1.}, []any{view["status"], view["change"].(map[string]any)["number"]})
	require.Len(t, view["mails"], 1)
	b.follow(b.post("/program/US/confirm", b.form("/program", "/program/US/confirm"), nil))
	require.Equal(t, 303, b.post("/program/US/pause", first, nil).Code)
	require.Equal(t, 409, b.post("/program/US/reactivate", first, nil).Code, "a form's key serves no other request")
	require.Equal(t, "ACTIVE", b.as(200, request{method: "GET", path: "/v1/program/US", seller: "other"})["status"])
}

func TestWhatWentWrongStandsOnThePageWithWhatToDo(t *testing.T) {
	b := consoleOn(t, memory.New()).signedIn()
	form := b.form("/program/US/preview?action=pause", "/program/US/pause")
	w := b.post("/program/US/confirm", form, nil)
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `<p class="problem" role="alert">the programme in US was never paused.</p>`)
	require.Contains(t, w.Body.String(), "<h1>Programme</h1>")
	require.Equal(t, 404, b.post("/program/XX/pause", form, nil).Code)
	require.Equal(t, 403, b.post("/program/US/pause", url.Values{"once": {"a"}}, nil).Code)
	for path, want := range map[string]int{"/program/US": 404, "/program/US/pause": 405, "/program/XX/preview?action=pause": 404, "/program/US/preview": 400,
		"/program/US/preview?action=stop": 400, "/program/US/preview?action=pause&nextToken=x": 400, "/program?done=%3Cb%3E": 200} {
		require.Equal(t, want, b.get(path).Code, path)
	}
	require.NotContains(t, b.page("/program?done=<b>"), `role="status"`)
	anonymous := &browser{place: b.place}
	w = anonymous.post("/program/US/pause", form, nil)
	require.Equal(t, []any{303, "/signin?next=%2Fprogram"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, "ACTIVE", b.ask(200, "GET", "/v1/program/US", "")["status"])
}

func TestAMailThatDoesNotComeIsExplainedAndSentAgain(t *testing.T) {
	p := consoleOn(t, memory.New())
	mail := &mailbox{broken: true}
	p.engine.UseMailer(mail)
	b := p.signedIn()
	b.follow(b.post("/program/US/pause", b.form("/program/US/preview?action=pause", "/program/US/pause"), nil))
	b.notify()
	page := b.page("/program")
	require.Contains(t, page, `<p class="problem"><strong>NO_ADDRESS</strong> The confirmation mail: no mail address is known. What to do: give one on the programme page`)

	b.address("seller@example.com")
	b.now = b.now.Add(time.Hour)
	b.notify() // the mail is owed again
	b.notify() // and tried
	page = b.page("/program")
	require.Contains(t, page, "<strong>UNREACHABLE</strong>")
	require.Contains(t, page, "PAUSE: <strong>FAILED</strong>")
	require.Contains(t, page, "1 attempts, next <time")

	mail.broken = false
	b.follow(b.post("/program/US/resend", b.form("/program", "/program/US/resend"), nil))
	b.notify()
	require.Len(t, mail.letters, 1)
	page = b.page("/program")
	require.Contains(t, page, "PAUSE: <strong>SENT</strong> to s…r@example.com at <time")
	require.Contains(t, page, "by MAIL")
	require.NotContains(t, page, "Confirm here")
	w := b.post("/program/US/resend", b.form("/program", "/program/US/resend"), nil)
	require.Equal(t, 429, w.Code)
	require.Contains(t, w.Body.String(), "the mail was sent a moment ago; ask again in")
}

func TestWhatTakesTooLongStandsOnThePage(t *testing.T) {
	b := consoleOn(t, memory.New()).signedIn()
	b.follow(b.post("/program/US/pause", b.form("/program/US/preview?action=pause", "/program/US/pause"), nil))
	b.now = b.now.Add(48*time.Hour - time.Second)
	b.signIn(b.keys["acme"], "")
	require.NotContains(t, b.page("/program"), "Overdue")
	b.now = b.now.Add(time.Second)
	page := b.page("/program")
	for _, late := range []string{"CONFIRMATION_MAIL", "STATUS"} {
		require.Contains(t, page, "<strong>Overdue: "+late+"</strong>")
	}
}

func TestTheAddressIsSavedAndWhatIsNotTakenStandsInTheFormAgain(t *testing.T) {
	b := consoleOn(t, memory.New()).signedIn()
	require.Contains(t, b.page("/program"), "No mail reaches you")
	b.address("seller@example.com")
	page := b.page("/program")
	require.Contains(t, page, `value="seller@example.com"`)
	require.Contains(t, page, `<option value="de" selected>Deutsch</option>`)
	require.NotContains(t, page, "No mail reaches you")

	form := b.form("/program", "/program/account")
	stale := url.Values{}
	for name := range form {
		stale.Set(name, form.Get(name))
	}
	form.Set("email", "no \"address\"\r\nBcc: all@example.com")
	form.Set("language", "fr")
	w := b.post("/program/account", form, nil)
	require.Equal(t, 400, w.Code)
	require.Contains(t, w.Body.String(), `<p class="problem" role="alert">email`)
	require.Contains(t, w.Body.String(), `value="no &#34;address&#34;`)
	require.Contains(t, w.Body.String(), `<option value="fr" selected>`)

	b.address("other@example.com")
	w = b.post("/program/account", stale, nil)
	require.Equal(t, 409, w.Code, "what another tab saved is not overwritten")
	form = b.form("/program", "/program/account")
	form.Set("email", "")
	require.Contains(t, b.follow(b.post("/program/account", form, nil)), "No mail reaches you")
	other := &browser{place: b.place}
	other.signIn(b.keys["other"], "")
	require.NotContains(t, other.page("/program"), "example.com")
}
