// Package api is the HTTP face of the engine: /v1 for sellers and their tools,
// Amazon's own path for inventory summaries, so that clients written for Amazon
// read this system too, the console's pages for sellers, and the pages behind signed
// links, on which a buyer answers a delay and a seller ends mail. It turns a request
// into calls of the engine and their answers or errors into JSON or a page; it
// decides nothing itself. Who asks is known from the bearer key, or from the session
// that a page began with one, so no request can name another seller; a buyer's link
// leads to one order, a seller's to one address.
package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// MaxBodyBytes is the largest body of a request. Source: design section 5.
const MaxBodyBytes = 1 << 20

// Options is what a composition root chooses. Status and Read are required;
// without Marketplaces a list must say which one it is of.
type Options struct {
	Status       func(fault.Kind) int   // the HTTP status of an error by its kind
	Marketplaces []supply.MarketplaceID // those that are served
	Read         engine.Reader          // reads a carrier's body that is replayed
	Feed         Feed                   // what GET /v1/events reads; nil where events go elsewhere
	FBARate      float64                // requests per second and seller on Amazon's paths; 0 = DefaultFBARate
	Log          *slog.Logger           // nil = slog's default
}

// api answers requests. It is safe for concurrent use.
type api struct {
	engine  *engine.Engine
	clock   func() time.Time
	options Options
	keys    keyCache
	limit   limiter
	guesses limiter // of keys, by address
	openapi []byte
}

// New returns the handler of all paths below /v1, /fba, /c and /u, and of the
// console's pages. clock gives the time of each request.
func New(e *engine.Engine, clock func() time.Time, o Options) http.Handler {
	if o.FBARate == 0 {
		o.FBARate = DefaultFBARate
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	a := &api{engine: e, clock: clock, options: o, limit: limiter{rate: o.FBARate}, guesses: limiter{rate: guessRate, burst: guessBurst}, openapi: openAPI(o.Marketplaces)}
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for _, r := range a.routes() {
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) { a.serve(w, req, r) })
		allowed[r.path] = append(allowed[r.path], r.method)
	}
	a.mountPages(mux, allowed)
	for path, methods := range allowed {
		mux.HandleFunc(path, func(w http.ResponseWriter, req *http.Request) { a.wrongMethod(w, req, methods) })
	}
	mux.HandleFunc("GET "+delayPath, a.showDelay)
	mux.HandleFunc("POST "+delayPath, a.answerDelay)
	mux.HandleFunc(delayPath, func(w http.ResponseWriter, r *http.Request) { a.wrongMethod(w, r, []string{"GET", "POST"}) })
	mux.HandleFunc("GET "+unsubscribePath, a.showSubscription)
	mux.HandleFunc("POST "+unsubscribePath, a.unsubscribe)
	mux.HandleFunc(unsubscribePath, func(w http.ResponseWriter, r *http.Request) { a.wrongMethod(w, r, []string{"GET", "POST"}) })
	mux.HandleFunc("/", a.unknownPath)
	return a.guard(mux)
}

// handler answers one authenticated request.
type handler func(context.Context, *call) (engine.Answer, error)

// route is one row of the table of what can be asked.
type route struct {
	method string
	path   string   // a pattern of http.ServeMux
	query  []string // the parameters it knows
	handle handler
}

func (a *api) routes() []route {
	const item, shipment, quarantined = "/v1/items/{marketplace}/{sku}", "/v1/shipments/{shipmentId}", "/v1/quarantine/{id}"
	const programme = "/v1/program/{region}"
	return []route{
		{"POST", "/v1/shipments", nil, a.createShipment},
		{"GET", shipment, nil, a.getShipment},
		{"PUT", shipment + "/tracking", nil, a.putTracking},
		{"PUT", shipment + "/lines", nil, a.putLines},
		{"POST", shipment + "/cancel", nil, a.cancelShipment},
		{"POST", shipment + "/receipts", nil, a.receive},
		{"GET", "/v1/items", []string{"status", "marketplace", "nextToken"}, a.listItems},
		{"PUT", item, nil, a.putItem},
		{"GET", item, nil, a.getItem},
		{"POST", item + "/adjustments", nil, a.adjust},
		{"POST", "/v1/quote", nil, a.quote},
		{"POST", item + "/quote", nil, a.quoteItem},
		{"POST", item + "/what-if", nil, a.whatIf},
		{"POST", shipment + "/what-if", nil, a.shipmentWhatIf},
		{"GET", shipment + "/slip-report", []string{"since", "nextToken"}, a.slipReport},
		{"GET", item + "/buckets", []string{"from", "to", "by"}, a.buckets},
		{"GET", item + "/explain", nil, a.explain},
		{"GET", item + "/timeline", nil, a.timeline},
		{"GET", item + "/advice", nil, a.advice},
		{"GET", item + "/orders", []string{"nextToken"}, a.listOrders},
		{"GET", item + "/orders/{orderId}", nil, a.getOrder},
		{"GET", "/v1/program", nil, a.listPrograms},
		{"GET", programme, nil, a.getProgram},
		{"GET", programme + "/preview", []string{"action", "nextToken"}, a.previewProgram},
		{"POST", programme + "/pause", nil, a.pauseProgram},
		{"POST", programme + "/reactivate", nil, a.reactivateProgram},
		{"POST", programme + "/confirm", nil, a.confirmProgram},
		{"POST", programme + "/resend", nil, a.resendProgramMail},
		{"GET", "/v1/advice", []string{"marketplace", "nextToken"}, a.listAdvice},
		{"GET", "/v1/audit", []string{"marketplace", "nextToken"}, a.audit},
		{"POST", "/v1/audit", nil, a.repair},
		{"GET", "/v1/quarantine", []string{"nextToken"}, a.listQuarantine},
		{"GET", quarantined, nil, a.getQuarantined},
		{"POST", quarantined + "/replay", nil, a.replay},
		{"DELETE", quarantined, nil, a.dismiss},
		{"GET", "/v1/seller", nil, a.getSeller},
		{"PUT", "/v1/seller", nil, a.putSeller},
		{"GET", "/v1/events", []string{"nextToken", "limit"}, a.events},
		{"GET", openAPIPath, nil, a.getOpenAPI},
		{"GET", summariesPath, nil, a.summaries},
	}
}

// asks reports whether the route only asks what would be: such a body changes
// nothing and needs no Idempotency-Key.
func (r *route) asks() bool {
	return r.method == http.MethodPost && (strings.HasSuffix(r.path, "/quote") || strings.HasSuffix(r.path, "/what-if"))
}

const (
	openAPIPath   = "/v1/openapi.json" // asks for no key: it says how to get on
	summariesPath = "/fba/inventory/v1/summaries"
)

// call is one request as a handler sees it.
type call struct {
	*http.Request
	seller  supply.SellerID // whose key it was; "" where none is asked for
	now     time.Time
	body    []byte      // of a write or a question
	once    engine.Once // of a write
	session *session    // of a page that a browser asks for; nil elsewhere
	sent    url.Values  // the form that was sent; nil where none was
}

// serve answers one request of the route.
func (a *api) serve(w http.ResponseWriter, r *http.Request, route route) {
	answer, err := a.answer(w, r, route)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.write(w, answer.Status, answer.Body)
}

func (a *api) answer(w http.ResponseWriter, r *http.Request, route route) (engine.Answer, error) {
	c := &call{Request: r, now: a.clock()}
	if route.path == openAPIPath {
		return route.handle(r.Context(), c)
	}
	var err error
	if c.seller, err = a.authenticate(r, c.now); err != nil {
		return engine.Answer{}, err
	}
	if amazon(r) {
		if err := a.limit.take(c.seller, c.now); err != nil {
			return engine.Answer{}, err
		}
	} else if err := knownQuery(r, route.query); err != nil {
		return engine.Answer{}, err
	}
	if route.method != http.MethodGet {
		if err := c.readBody(w, !route.asks()); err != nil {
			return engine.Answer{}, err
		}
	}
	return route.handle(r.Context(), c)
}

// readBody reads the body of a write, and what makes it happen once, or of a
// question.
func (c *call) readBody(w http.ResponseWriter, once bool) (err error) {
	c.body, err = io.ReadAll(http.MaxBytesReader(w, c.Body, MaxBodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return fault.New(fault.TooLarge, "TOO_LARGE", "the body has more than %d bytes; send less in one request", MaxBodyBytes)
	}
	if err != nil || !once {
		return fault.As(fault.Invalid, err, "the body ended early")
	}
	c.once, err = engine.NewOnce(c.seller, c.Header.Get("Idempotency-Key"), c.Method, c.URL.EscapedPath(), c.body)
	return err
}

// guard is around everything: it names the request, keeps the paths that
// http.ServeMux would redirect away from it, and turns a panic into an answer.
func (a *api) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(requestIDHeader, rand.Text())
		if amazon(r) {
			w.Header().Set(rateHeader, fmt.Sprintf("%.1f", a.options.FBARate))
		}
		defer func() {
			if p := recover(); p != nil {
				err := fault.New(fault.Internal, "PANIC", "panic: %v\n%s", p, debug.Stack())
				if console(r) {
					a.failPage(w, &call{Request: r}, r.URL.Path, err)
					return
				}
				a.fail(w, r, err)
			}
		}()
		if clean := path.Clean(r.URL.EscapedPath()); clean != r.URL.EscapedPath() {
			a.unknownPath(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *api) unknownPath(w http.ResponseWriter, r *http.Request) {
	if console(r) {
		a.strayPage(w, r, http.StatusNotFound, "There is no such page.")
		return
	}
	a.fail(w, r, fault.New(fault.NotFound, "NOT_FOUND", "there is nothing at %s; GET %s lists all paths", r.URL.EscapedPath(), openAPIPath))
}

func (a *api) wrongMethod(w http.ResponseWriter, r *http.Request, methods []string) {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(slices.Clone(methods), http.MethodHead)
	}
	slices.Sort(methods)
	allow := strings.Join(methods, ", ")
	w.Header().Set("Allow", allow)
	if console(r) {
		a.strayPage(w, r, http.StatusMethodNotAllowed, fmt.Sprintf("%s is not possible here; use %s.", r.Method, allow))
		return
	}
	a.write(w, http.StatusMethodNotAllowed, errorBody("METHOD_NOT_ALLOWED", fmt.Sprintf("%s is not possible at this path; use %s", r.Method, allow), allow))
}

// amazon reports whether a path is one of Amazon's, which answers in its words.
func amazon(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/fba/") }

func (a *api) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who is gone needs no answer
}

// knownQuery refuses a parameter that nobody reads, so that a misspelt filter is
// noticed.
func knownQuery(r *http.Request, known []string) error {
	query, err := readQuery(r)
	if err != nil {
		return err
	}
	for name, values := range query {
		if !slices.Contains(known, name) {
			return fault.New(fault.Invalid, "INVALID_INPUT", "the parameter %q is unknown; this path knows %q", name, known)
		}
		if len(values) > 1 {
			return fault.New(fault.Invalid, "INVALID_INPUT", "the parameter %s is given %d times; give it once", name, len(values))
		}
	}
	return nil
}
