package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"headstart/shared/boot/local"
	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/notice"
	"headstart/shared/supply"
)

// step is one line of a scenario file: an instant and one thing that happens.
type step struct {
	At       time.Time `json:"at"`
	Do       string    `json:"do"`
	Get      string    `json:"get"`
	Webhook  string    `json:"webhook"`
	Queue    string    `json:"queue"`
	Schedule string    `json:"schedule"`

	MailServer string           `json:"mailServer"`
	Policy     *policyLine      `json:"policy"`
	Body       jsontext.Value   `json:"body"` // a string stands for a text that is not JSON
	Bodies     []jsontext.Value `json:"bodies"`
	File       string           `json:"file"`
	Seller     string           `json:"seller"`
	Key        string           `json:"key"`
	Note       string           `json:"note"` // for the reader of the story
}

func (st *step) seller() string { return cmp.Or(st.Seller, "acme") }

// policyLine is the policy of a scenario; what is left out keeps its value. A
// padding fixes the whole way from the ETA to the dock: then only the on-carriage
// that is given beside it counts, and nothing is learnt or doubted.
type policyLine struct {
	PaddingDays     *int           `json:"paddingDays"`
	ReceivingDays   *int           `json:"receivingDays"`
	ShipDays        *int           `json:"shipDays"`
	HorizonDays     *int           `json:"horizonDays"`
	StaleAfterHours *int           `json:"staleAfterHours"`
	JitterHours     *int           `json:"jitterHours"`
	SellUndated     *bool          `json:"sellUndated"`
	OnCarriageDays  map[string]int `json:"onCarriageDays"` // by the kind of place
}

func (l *policyLine) apply(p supply.Policy) (supply.Policy, error) {
	hours := func(d time.Duration) int { return int(d / time.Hour) }
	stale, jitter := hours(p.StaleAfter), hours(p.Jitter)
	for _, field := range []struct {
		name  string
		value *int
		to    *int
		most  int
	}{
		{"paddingDays", l.PaddingDays, &p.PaddingDays, 365}, {"receivingDays", l.ReceivingDays, &p.ReceivingDays, 365},
		{"shipDays", l.ShipDays, &p.ShipDays, 365}, {"horizonDays", l.HorizonDays, &p.HorizonDays, 3650},
		{"staleAfterHours", l.StaleAfterHours, &stale, 87600}, {"jitterHours", l.JitterHours, &jitter, 8760},
	} {
		if field.value == nil {
			continue
		}
		if *field.value < 0 || *field.value > field.most {
			return p, fault.New(fault.Invalid, "INVALID_INPUT", "policy.%s is %d; it must be from 0 to %d", field.name, *field.value, field.most)
		}
		*field.to = *field.value
	}
	if l.SellUndated != nil {
		p.SellUndated = *l.SellUndated
	}
	p.StaleAfter, p.Jitter = time.Duration(stale)*time.Hour, time.Duration(jitter)*time.Hour
	return p, l.onCarriage(&p)
}

func (l *policyLine) onCarriage(p *supply.Policy) error {
	if l.PaddingDays != nil {
		p.Learnt, p.OnCarriage = false, supply.OnCarriage{}
	}
	for name, days := range l.OnCarriageDays {
		kind, known := supply.ParseETAKind(name)
		if !known || kind == supply.AtDock || days < 0 || days > 365 {
			return fault.New(fault.Invalid, "INVALID_INPUT", "policy.onCarriageDays.%s is %d; it must be one of AVAILABLE, ARRIVAL_INLAND, ARRIVAL_PORT and from 0 to 365", name, days)
		}
		p.OnCarriage[kind] = days
	}
	return nil
}

// scenario plays a file against the real handlers on a fresh stack and prints
// what they answer, publish and mail.
type scenario struct {
	stack  *local.Stage
	folder string
	out    *json.Encoder
	now    time.Time
	line   int
}

// playScenario runs the file line by line. It returns fault.Invalid, naming the
// line, for a file that is malformed.
func playScenario(ctx context.Context, stack *local.Stage, path string, out io.Writer) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.As(fault.Invalid, err, "opening the scenario")
	}
	defer file.Close()
	s := scenario{stack: stack, folder: filepath.Dir(path), out: json.NewEncoder(out)}
	s.out.SetEscapeHTML(false)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		s.line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 || bytes.HasPrefix(text, []byte("#")) {
			continue
		}
		if err := s.play(ctx, text); err != nil {
			return fault.Wrap(err, fmt.Sprintf("%s line %d", path, s.line))
		}
	}
	return fault.As(fault.Invalid, lines.Err(), fmt.Sprintf("%s line %d", path, s.line+1))
}

func (s *scenario) play(ctx context.Context, text []byte) error {
	var st step
	if err := jsonv2.Unmarshal(text, &st, jsonv2.RejectUnknownMembers(true)); err != nil {
		return fault.As(fault.Invalid, err, "not a step")
	}
	if st.At.IsZero() || st.At.Before(s.now) {
		return fault.New(fault.Invalid, "INVALID_INPUT", "at is missing or goes back behind %s", s.now.Format(time.RFC3339))
	}
	s.now = st.At.UTC()
	s.stack.Set(s.now)
	answer, err := s.do(ctx, &st)
	if err != nil {
		return err
	}
	if err := s.stack.Drain(ctx); err != nil {
		return err
	}
	return s.print(answer)
}

// answer is what a step got back.
type answer struct {
	status int
	body   []byte
}

// do runs the one thing that the step names.
func (s *scenario) do(ctx context.Context, st *step) (answer, error) {
	kinds := []struct {
		name string
		set  bool
		with []string // what may stand beside it
		run  func(context.Context, *step) (answer, error)
	}{
		{"do", st.Do != "", []string{"body", "key", "seller"}, s.call}, {"get", st.Get != "", []string{"seller"}, s.read},
		{"webhook", st.Webhook != "", []string{"body", "file"}, s.webhook}, {"queue", st.Queue != "", []string{"body", "bodies"}, s.queue},
		{"schedule", st.Schedule != "", nil, s.schedule}, {"policy", st.Policy != nil, nil, s.policy},
		{"mailServer", st.MailServer != "", nil, s.mailServer},
	}
	chosen := -1
	var names []string
	for i, kind := range kinds {
		names = append(names, kind.name)
		if kind.set && chosen >= 0 {
			return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "a step holds only one of %s", strings.Join(names, ", "))
		}
		if kind.set {
			chosen = i
		}
	}
	if chosen < 0 {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "a step needs one of %s", strings.Join(names, ", "))
	}
	for _, name := range st.beside() {
		if !slices.Contains(kinds[chosen].with, name) {
			return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "%s means nothing beside %s", name, kinds[chosen].name)
		}
	}
	return kinds[chosen].run(ctx, st)
}

// beside returns the names of the fields that say how the step's one thing is
// done.
func (st *step) beside() (names []string) {
	for _, field := range []struct {
		name string
		set  bool
	}{{"body", st.Body != nil}, {"bodies", st.Bodies != nil}, {"file", st.File != ""}, {"key", st.Key != ""}, {"seller", st.Seller != ""}} {
		if field.set {
			names = append(names, field.name)
		}
	}
	return names
}

func (s *scenario) call(ctx context.Context, st *step) (answer, error) {
	method, path, found := strings.Cut(st.Do, " ")
	if !found || !strings.HasPrefix(path, "/") {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "do is %q; write METHOD and path, as in POST /v1/shipments", st.Do)
	}
	key := st.Key
	if key == "" {
		key = fmt.Sprintf("line-%d", s.line)
	}
	status, body, err := s.stack.Call(ctx, st.seller(), method, path, key, sent(st.Body))
	return answer{status, body}, err
}

func (s *scenario) read(ctx context.Context, st *step) (answer, error) {
	status, body, err := s.stack.Call(ctx, st.seller(), "GET", st.Get, "", nil)
	return answer{status, body}, err
}

func (s *scenario) webhook(ctx context.Context, st *step) (answer, error) {
	if st.Body != nil && st.File != "" {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "a webhook has only one of body and file")
	}
	body := sent(st.Body)
	if st.File != "" {
		content, err := os.ReadFile(filepath.Join(s.folder, st.File))
		if err != nil {
			return answer{}, fault.As(fault.Invalid, err, "file")
		}
		body = content
	}
	status, reply, err := s.stack.Webhook(ctx, st.Webhook, fmt.Sprintf("msg_line_%d", s.line), body)
	return answer{status, reply}, err
}

func (s *scenario) queue(ctx context.Context, st *step) (answer, error) {
	if st.Queue != "orders" {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "queue is %q; there is only orders", st.Queue)
	}
	bodies := st.Bodies
	if st.Body != nil {
		bodies = append(bodies, st.Body)
	}
	if len(bodies) == 0 {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "queue needs a body or bodies")
	}
	raw := make([][]byte, len(bodies))
	for i := range bodies {
		raw[i] = sent(bodies[i])
	}
	reply, err := s.stack.Enqueue(ctx, fmt.Sprint(s.line), raw)
	return answer{200, reply}, err
}

// sent returns what goes over the wire: a JSON string stands for a text that is
// not JSON, so that a scenario can show what happens to it.
func sent(body jsontext.Value) []byte {
	var text string
	if body.Kind() == '"' && jsonv2.Unmarshal(body, &text) == nil {
		return []byte(text)
	}
	return body
}

func (s *scenario) schedule(ctx context.Context, st *step) (answer, error) {
	if st.Schedule != "sweep" {
		return answer{}, fault.New(fault.Invalid, "INVALID_INPUT", "schedule is %q; there is only sweep", st.Schedule)
	}
	swept, err := s.stack.Sweep(ctx)
	return answer{200, fmt.Appendf(nil, `{"swept":%d}`, swept)}, err
}

func (s *scenario) mailServer(_ context.Context, st *step) (answer, error) {
	return answer{200, []byte("null")}, s.stack.MailServer(st.MailServer)
}

func (s *scenario) policy(_ context.Context, st *step) (answer, error) {
	policy, err := st.Policy.apply(s.stack.Policy())
	if err == nil {
		s.stack.SetPolicy(policy)
	}
	return answer{200, []byte("null")}, err
}

// print writes the answer, then what was published because of it.
func (s *scenario) print(a answer) error {
	body := a.body
	if !json.Valid(body) {
		quoted, err := jsontext.AppendQuote(nil, bytes.ToValidUTF8(body, []byte("?"))) // a page stays readable: < is no \u003c
		if err != nil {
			return fault.As(fault.Internal, err, "printing an answer")
		}
		body = quoted
		if len(a.body) == 0 {
			body = []byte("null")
		}
	}
	result := struct {
		Line   int             `json:"line"`
		At     time.Time       `json:"at"`
		Status int             `json:"status"`
		Body   json.RawMessage `json:"body"`
	}{s.line, s.now, a.status, body}
	if err := s.out.Encode(result); err != nil {
		return fault.As(fault.Internal, err, "printing")
	}
	for _, letter := range s.stack.Mailed() {
		written, err := notice.Render(letter)
		if err != nil {
			return err
		}
		if err := s.out.Encode(struct {
			Line int  `json:"line"`
			Mail mail `json:"mail"`
		}{s.line, mailOf(&letter, written.Subject)}); err != nil {
			return fault.As(fault.Internal, err, "printing")
		}
	}
	for _, event := range byItem(s.stack.Published()) {
		if err := s.out.Encode(struct {
			Line  int          `json:"line"`
			Event engine.Event `json:"event"`
		}{s.line, event}); err != nil {
			return fault.As(fault.Internal, err, "printing")
		}
	}
	return nil
}

// mail is a letter as a scenario prints it.
type mail struct {
	ID       string                `json:"id"`
	To       string                `json:"to"`
	Language engine.Language       `json:"language"`
	Subject  string                `json:"subject"`
	Leave    string                `json:"unsubscribe"`
	Program  *engine.ProgramLetter `json:"program,omitempty"`
	News     *engine.NewsLetter    `json:"news,omitempty"`
}

func mailOf(l *engine.Letter, subject string) mail {
	return mail{l.ID, l.To, cmp.Or(l.Language, engine.English), subject, l.Unsubscribe, l.Program, l.News}
}

// byItem sorts events by their item. Items are committed side by side, so only
// the order of one item's own events means anything.
func byItem(events []engine.Event) []engine.Event {
	slices.SortStableFunc(events, func(a, b engine.Event) int {
		return cmp.Or(cmp.Compare(a.Seller, b.Seller), cmp.Compare(a.Marketplace, b.Marketplace), cmp.Compare(a.SKU, b.SKU))
	})
	return events
}
