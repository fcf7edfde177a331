package main

// These tests drive the console in headless Chromium over the real stack of one
// machine, with and without JavaScript, and hold every page to axe-core, to its own
// content policy, to one host and to the width of a phone. They would catch a page
// that needs its script, a style or script that the policy refuses, a form that
// asks twice, a picture of the state that is not the state, and a page that some
// people cannot use. Each page's screenshot is kept in build/screens.

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"headstart/shared/boot/local"
	"headstart/shared/supply"
)

const (
	screens   = "../build/screens"
	patience  = 60 * time.Second
	longSKU   = "A-SKU-THAT-IS-AS-LONG-AS-ANY-CAN-BE-0001"
	phoneWide = 360
)

// shop is a running stack with a seller, and a browser for it.
type shop struct {
	t       *testing.T
	base    string
	key     string
	axe     string
	browser context.Context

	mu    sync.Mutex
	posts map[string]int // forms that arrived, by path
}

// openShop starts stack and browser, or skips the test where a part is missing.
func openShop(t *testing.T) *shop {
	if testing.Short() {
		t.Skip("a browser is not started in short mode")
	}
	s := &shop{t: t, posts: map[string]int{}}
	chromium := findChromium(t)
	named := os.Getenv("HEADSTART_AXE")
	axe, err := os.ReadFile(cmp.Or(named, "../build/tools/axe-core/axe.min.js"))
	if err != nil && named == "" {
		t.Skipf("axe-core is not here (%v): .ci/browser brings it, or set HEADSTART_AXE", err)
	}
	require.NoError(t, err)
	s.axe = string(axe)
	s.serve()
	s.stock()

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1100, 800))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	require.NoError(t, chromedp.Do(browser), "Chromium must start")
	s.browser = browser
	require.NoError(t, os.MkdirAll(screens, 0o755))
	return s
}

func findChromium(t *testing.T) string {
	if named := os.Getenv("HEADSTART_CHROMIUM"); named != "" {
		return named
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("Chromium is not installed: .ci/browser brings it, or set HEADSTART_CHROMIUM")
	return ""
}

func (s *shop) serve() {
	t := s.t
	stack, err := local.Open(t.Context(), t.TempDir(), supply.DefaultPolicy(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	s.key, err = stack.Welcome(t.Context(), "acme")
	require.NoError(t, err)
	ctx, halt := context.WithCancel(context.Background())
	halted := make(chan struct{})
	go func() { defer close(halted); stack.Run(ctx) }()
	handler := stack.HTTP()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			s.mu.Lock()
			s.posts[r.URL.Path]++
			s.mu.Unlock()
		}
		handler.ServeHTTP(w, r)
	}))
	s.base = server.URL
	t.Cleanup(func() {
		server.Close()
		halt()
		<-halted
		require.NoError(t, stack.Close())
	})
}

// stock sells 70 of 100 kettles on their way, and lists an item whose name and SKU
// are as long as any.
func (s *shop) stock() {
	r := running{base: s.base, key: s.key}
	call := func(want int, method, path string, body any) {
		status, reply := r.send(method, path, method+path, body)
		require.Equal(s.t, want, status, "%s %s: %s", method, path, reply)
	}
	call(http.StatusOK, http.MethodPut, "/v1/items/"+storyMarketplace+"/"+longSKU, map[string]any{"productName": strings.Repeat("Donaudampfschiff", 20)})
	call(http.StatusCreated, http.MethodPost, "/v1/shipments", newShipment("FBA1", 100))
	shows := func(number string) {
		require.Eventually(s.t, func() bool {
			_, reply := r.send(http.MethodGet, kettleCall, "", nil)
			return strings.Contains(string(reply), number)
		}, patience, 50*time.Millisecond, number)
	}
	shows(`"futureSupplyBuyableQuantity":100,`) // an order that is decided before that is refused
	call(http.StatusAccepted, http.MethodPost, "/queues/orders", map[string]any{"type": "order.placed", "orderId": "113-1", "seller": "acme", "marketplace": storyMarketplace,
		"placedAt": time.Now().UTC().Format(time.RFC3339), "lines": []any{map[string]any{"sku": "KETTLE-1", "units": 70}}})
	shows(`"reservedFutureSupplyQuantity":70,`)
}

// tab is one tab of a browser that has no cookies but its own.
type tab struct {
	*shop
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // what the console said, and requests that went elsewhere
	refused  bool     // an answer that is an error is expected
}

// tab opens one; another's tab shares its session.
func (s *shop) tab(t *testing.T, beside *tab) *tab {
	t.Helper()
	b := &tab{shop: s, t: t}
	own, parent := []chromedp.ContextOption{chromedp.WithListener(b.hear), chromedp.WithNewBrowserContext()}, s.browser
	if beside != nil {
		own, parent = own[:1], beside.ctx
	}
	ctx, end := chromedp.NewContext(parent, own...)
	t.Cleanup(end)
	b.ctx = ctx
	tell(b, network.Enable, network.EnableParams{})
	tell(b, log.Enable, cdp.Empty{})
	tell(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"})
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		require.Empty(t, b.troubles)
	})
	return b
}

// hear notes errors of the console, refusals of the policy, and other hosts.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		expected := b.refused && e.Entry.Source == log.EntrySourceNetwork
		if e.Entry.Level != log.EntryLevelInfo && e.Entry.Level != log.EntryLevelVerbose && !expected {
			b.troubles = append(b.troubles, fmt.Sprintf("%s %s %s: %s", e.Entry.Level, e.Entry.Source, e.Entry.URL, e.Entry.Text))
		}
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.troubles = append(b.troubles, fmt.Sprint("console.", e.Type))
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || "http://"+u.Host != b.base {
			b.troubles = append(b.troubles, "a request to "+e.Request.URL)
		}
	}
}

// do runs steps, value one that finds something out, tell a command of the
// protocol; each within its time.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	value(b, chromedp.Steps(steps...))
}

func value[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	require.NoError(b.t, err)
	return v
}

func tell[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) })
	require.NoError(b.t, err)
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// press clicks what leads to another page and waits for that.
func (b *tab) press(selector chromedp.CSS) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(selector, chromedp.NodeVisible))
	require.NoError(b.t, err, selector)
}

// pressTwice is a double click, as a mouse makes it.
func (b *tab) pressTwice(selector chromedp.CSS) {
	b.t.Helper()
	box := value(b, chromedp.Dimensions(selector, chromedp.NodeVisible)).Content
	x, y := (box[0]+box[4])/2, (box[1]+box[5])/2
	b.do(chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)), chromedp.WaitVisible(chromedp.CSS("[role=status]")))
}

// text returns what the part of the page says.
func (b *tab) text(selector chromedp.CSS) string {
	b.t.Helper()
	return value(b, chromedp.Text(selector, chromedp.NodeVisible))
}

func (b *tab) path() string {
	b.t.Helper()
	return strings.TrimPrefix(value(b, chromedp.Location()), b.base)
}

func (b *tab) signIn(path string) {
	b.t.Helper()
	b.open(path)
	require.True(b.t, strings.HasPrefix(b.path(), "/signin"), b.path())
	b.do(chromedp.SendKeys(chromedp.ID("key"), b.key))
	b.press("main button")
	require.Equal(b.t, path, b.path())
}

func (b *tab) withoutScript() {
	tell(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// europe returns the part of the programme's page that is about the five.
func (b *tab) europe() string { return b.text(`section[aria-labelledby=EUROPE]`) }

const (
	pauseEurope      = `a[href="/program/UK/preview?action=pause"]`
	reactivateEurope = `a[href="/program/UK/preview?action=reactivate"]`
	kettlePath       = "/items/" + storyMarketplace + "/KETTLE-1"
	kettleCall       = "/v1" + kettlePath
)

// inspect holds the page that is open to axe-core and to the width of a phone, in
// light and in dark, and keeps its picture.
func (b *tab) inspect(name string) {
	b.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		tell(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		for _, wide := range []int64{1100, phoneWide} {
			b.do(chromedp.EmulateViewport(wide, 800))
			require.LessOrEqual(b.t, value(b, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")), wide, "%s scrolls sideways", name)
			b.axeFinds(name + " " + scheme)
			picture := value(b, chromedp.FullScreenshot(100))
			size := map[int64]string{1100: "desk", phoneWide: "phone"}[wide]
			require.NoError(b.t, os.WriteFile(filepath.Join(screens, name+"-"+size+"-"+scheme+".png"), picture, 0o644))
		}
	}
	b.do(chromedp.EmulateViewport(1100, 800))
}

// axeRun returns what axe-core finds in the page that is open, as JSON.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify({passes: r.passes.length,
	violations: r.violations.map(v => ({id: v.id, impact: v.impact, at: v.nodes.map(n => n.html + " " + n.failureSummary)}))}))`

// axeFinds fails the test where axe-core finds a serious or critical violation.
func (b *tab) axeFinds(name string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](b.axe + ";true"))
	found := value(b, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	var result struct {
		Passes     int
		Violations []struct {
			ID, Impact string
			At         []string
		}
	}
	require.NoError(b.t, json.Unmarshal([]byte(found), &result))
	require.Greater(b.t, result.Passes, 10, "axe-core must look at the page")
	for _, v := range result.Violations {
		require.NotContains(b.t, []string{"serious", "critical"}, v.Impact, "%s: %s at %s", name, v.ID, strings.Join(v.At, "\n"))
	}
}

func TestTheConsoleInABrowser(t *testing.T) {
	s := openShop(t)
	t.Run("a key signs in and every page passes", s.lookAtEverything)
	t.Run("the programme is paused, confirmed and reactivated", s.switchProgram)
	t.Run("all of it works without JavaScript", s.switchWithoutScript)
	t.Run("a double click is one request, and so are two tabs", s.clickTwice)
	t.Run("errors are pages", s.meetErrors)
	t.Run("an address is saved", s.saveAddress) // last: mail may go from now on
}

func (s *shop) lookAtEverything(t *testing.T) {
	b := s.tab(t, nil)
	b.open("/signin")
	b.inspect("signin")
	b.signIn("/items")
	require.Empty(t, value(b, chromedp.Evaluate[string]("document.cookie")), "no script may read the session")
	b.inspect("items")
	b.press(`a[href="` + kettlePath + `"]`)
	require.Equal(t, kettlePath, b.path())
	require.Contains(t, b.text("main"), "FBA1")
	require.Contains(t, b.text("time"), " here)", "the browser's own time stands beside UTC")
	b.inspect("item")
	for name, path := range map[string]string{"orders": kettlePath + "/orders", "program": "/program", "preview": "/program/UK/preview?action=pause",
		"advice": "/advice", "item-advice": "/advice/" + storyMarketplace + "/KETTLE-1", "long": "/items/" + storyMarketplace + "/" + longSKU} {
		b.open(path)
		b.inspect(name)
	}
	b.open("/items?sku=KETTLE")
	require.NotContains(t, b.text("main"), longSKU)
	require.Equal(t, "0 available", b.text("summary"))
	b.do(chromedp.Click(chromedp.CSS("summary")), chromedp.WaitVisible(chromedp.CSS("details[open] dl")))
	opened := strings.Join(strings.Fields(b.text("details dl")), " ")
	require.Equal(t, "Available 0 Inbound 100 Future Supply Buyable 30 Reserved Future Supply 70", opened)
	b.inspect("items-opened")
	b.press("header button")
	require.Equal(t, "/signin", b.path())
	b.open("/items")
	require.Equal(t, "/signin?next=%2Fitems", b.path())
}

func (s *shop) switchProgram(t *testing.T) {
	b := s.tab(t, nil)
	b.signIn("/program")
	require.Contains(t, b.europe(), "UK, DE, FR, IT, ES: ACTIVE")
	b.press(pauseEurope)
	require.Contains(t, b.text("main"), "FBA1")
	b.press("main form button")
	require.Equal(t, "/program?done=pause", b.path())
	require.Contains(t, b.europe(), "UK, DE, FR, IT, ES: PAUSING")
	require.Contains(t, b.europe(), "Pending")
	b.inspect("program-pausing")
	b.press(`form[action="/program/UK/confirm"] button`)
	require.Contains(t, b.europe(), "by PAGE")
	require.NotContains(t, b.europe(), "Confirm here")
	b.do(chromedp.Click(chromedp.CSS(`section[aria-labelledby=EUROPE] details:last-of-type summary`)))
	require.Contains(t, b.europe(), "PAUSE_REQUESTED PAGE")
	b.inspect("program-confirmed")
	b.press(reactivateEurope)
	b.inspect("preview-reactivate")
	b.press("main form button")
	b.press(`form[action="/program/UK/confirm"] button`)
	b.open("/program")
	require.Regexp(t, "(REACTIVATING|ACTIVE)", b.europe())
}

func (s *shop) switchWithoutScript(t *testing.T) {
	b := s.tab(t, nil)
	b.withoutScript()
	b.signIn("/items?sku=KETTLE")
	b.do(chromedp.Click(chromedp.CSS("summary")), chromedp.WaitVisible(chromedp.CSS("details[open] dl")))
	require.Contains(t, b.text("details dl"), "Reserved Future Supply")
	b.press(`a[href="` + kettlePath + `"]`)
	require.NotContains(t, b.text("time"), "here", "no script has run")
	b.press(`nav a[href="/program"]`)
	b.press(`a[href="/program/CA/preview?action=pause"]`)
	b.press("main form button")
	require.Contains(t, b.text(`section[aria-labelledby=CA]`), "PAUSING")
	b.press(`form[action="/program/CA/confirm"] button`)
	require.Contains(t, b.text(`section[aria-labelledby=CA]`), "by PAGE")
	b.press("header button")
	require.Equal(t, "/signin", b.path())
}

// asked returns how many changes were asked for in a region, and how many forms
// came for it.
func (s *shop) asked(t *testing.T, region string) (changes float64, forms int) {
	_, reply := running{base: s.base, key: s.key}.send(http.MethodGet, "/v1/program/"+region, "", nil)
	var view struct {
		Change struct{ Number float64 }
		Mails  []any
	}
	require.NoError(t, json.Unmarshal(reply, &view))
	require.Len(t, view.Mails, int(view.Change.Number))
	s.mu.Lock()
	defer s.mu.Unlock()
	return view.Change.Number, s.posts["/program/"+region+"/pause"]
}

func (s *shop) clickTwice(t *testing.T) {
	b := s.tab(t, nil)
	b.signIn("/program")
	b.open("/program/US/preview?action=pause")
	other := s.tab(t, b)
	other.open("/program/US/preview?action=pause")
	b.pressTwice("main form button")
	changes, forms := s.asked(t, "US")
	require.Equal(t, []any{1., 1}, []any{changes, forms}, "the script lets one form go")
	other.press("main form button")
	require.Contains(t, other.text(`section[aria-labelledby=US]`), "PAUSING")
	changes, forms = s.asked(t, "US")
	require.Equal(t, []any{1., 2}, []any{changes, forms}, "a second tab asks for what is so")

	b.withoutScript()
	b.open("/program/MX/preview?action=pause")
	b.pressTwice("main form button")
	changes, _ = s.asked(t, "MX")
	require.Equal(t, 1., changes, "and without a script the form's own key does")
}

func (s *shop) meetErrors(t *testing.T) {
	b := s.tab(t, nil)
	b.refused = true
	b.open("/signin")
	b.do(chromedp.SendKeys(chromedp.ID("key"), "hs_WRONG"))
	b.press("main button")
	require.Contains(t, b.text("[role=alert]"), "This key is not known here.")
	b.inspect("signin-wrong")
	b.signIn("/items")
	b.open("/items/" + storyMarketplace + "/NONE")
	require.Contains(t, b.text("main"), "no item has the SKU")
	b.inspect("not-found")
}

func (s *shop) saveAddress(t *testing.T) {
	b := s.tab(t, nil)
	b.signIn("/program")
	require.Contains(t, b.text(`section[aria-labelledby=mail]`), "No mail reaches you")
	b.do(chromedp.SendKeys(chromedp.ID("email"), "seller@example.com"), chromedp.SetValue(chromedp.ID("language"), "de"))
	b.press(`form[action="/program/account"] button`)
	require.Equal(t, "Your address and language are saved.", b.text("[role=status]"))
	require.Equal(t, "seller@example.com", value(b, chromedp.Value(chromedp.ID("email"))))
	require.Equal(t, "de", value(b, chromedp.Value(chromedp.ID("language"))))
	require.NotContains(t, b.text(`section[aria-labelledby=mail]`), "No mail reaches you")
	b.inspect("program-address")
}
