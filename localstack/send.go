package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"headstart/shared/boot/local"
	"headstart/shared/carrier"
	"headstart/shared/fault"
)

const sendUsage = "send wants ADAPTER/SOURCE and one or more of FILE, FOLDER or - for what comes in, as in: send easypost/acme events/webhook-easypost-in-transit.json"

// sender signs and posts files as a provider would.
type sender struct {
	adapter     carrier.Adapter
	source      string
	secret      string
	to          string // address of the stack, without a slash at its end
	bodies      []outgoing
	repeats     int
	rate        float64 // posts per second; 0 = as fast as answers come
	connections int
}

// outgoing is one body to be sent: a file, read when its turn comes, or what
// came in.
type outgoing struct {
	name string
	body []byte // nil: in the file
}

// sendCommand posts files to a webhook of a stack and says how it answered. It
// returns fault.Refused when any was not accepted.
func sendCommand(ctx context.Context, args []string, in io.Reader, out io.Writer, progress *os.File) error {
	flags := flag.NewFlagSet("send", flag.ContinueOnError)
	to := flags.String("to", "http://127.0.0.1:8080", "address of the stack")
	folder := flags.String("dir", "build/local", "the stack's folder, whose sources.json holds the secrets")
	secret := flags.String("secret", "", "sign with this instead of the secret in sources.json")
	rate := flags.Float64("rate", 0, "posts per second; 0 = as fast as answers come")
	repeats := flags.Int("n", 1, "send the whole list so many times")
	connections := flags.Int("c", 1, "connections at once; with one, the order stays")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return fault.New(fault.Invalid, "INVALID_INPUT", sendUsage)
	}
	if *rate < 0 || *repeats < 1 || *connections < 1 {
		return fault.New(fault.Invalid, "INVALID_INPUT", "-rate must not be negative, -n and -c must be at least 1")
	}
	s := sender{to: strings.TrimSuffix(*to, "/"), secret: *secret, repeats: *repeats, rate: *rate, connections: *connections}
	if err := s.as(ctx, rest[0], *folder); err != nil {
		return err
	}
	if s.bodies, err = outgoings(rest[1:], in); err != nil {
		return err
	}
	return s.run(ctx, newTally(out, progress, len(s.bodies)*s.repeats))
}

// as reads ADAPTER/SOURCE and finds what it signs with.
func (s *sender) as(ctx context.Context, name, folder string) (err error) {
	adapter, source, _ := strings.Cut(name, "/")
	if s.adapter, err = adapterNamed(adapter); err != nil {
		return err
	}
	if s.source = source; source == "" || strings.Contains(source, "/") {
		return fault.New(fault.Invalid, "INVALID_INPUT", sendUsage)
	}
	if s.secret == "" {
		if s.secret, err = local.Secret(ctx, folder, adapter, source); errors.Is(err, fs.ErrNotExist) {
			return fault.New(fault.NotFound, "UNKNOWN_SOURCE", "%s holds no stack; start one with go run ./localstack, or say -dir or -secret", folder)
		}
	}
	return err
}

// adapterNamed returns an adapter, or fault.Invalid with the names of all.
func adapterNamed(name string) (carrier.Adapter, error) {
	if a, ok := carrier.Lookup(name); ok {
		return a, nil
	}
	var names []string
	for _, a := range carrier.Adapters() {
		names = append(names, a.Name)
	}
	return carrier.Adapter{}, fault.New(fault.Invalid, "INVALID_INPUT", "there is no adapter %q; there are %s", name, strings.Join(names, ", "))
}

// outgoings lists what the arguments name: files as they are, of folders all
// that lies below them, in order, but nothing that begins with a dot.
func outgoings(args []string, in io.Reader) (all []outgoing, err error) {
	for _, arg := range args {
		if arg == "-" {
			body, err := io.ReadAll(in)
			if err != nil {
				return nil, fault.As(fault.Invalid, err, "reading what comes in")
			}
			all = append(all, outgoing{name: arg, body: append([]byte{}, body...)})
			continue
		}
		if err := filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
			hidden := path != arg && strings.HasPrefix(filepath.Base(path), ".")
			switch {
			case err != nil:
				return err
			case hidden && entry.IsDir():
				return filepath.SkipDir
			case !hidden && !entry.IsDir():
				all = append(all, outgoing{name: path})
			}
			return nil
		}); err != nil {
			return nil, fault.As(fault.Invalid, err, "listing what to send")
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "INVALID_INPUT", "there is nothing to send in %s", strings.Join(args, " "))
	}
	return all, nil
}

// run sends everything and prints the summary, also when it is interrupted: what
// is on its way then is waited for.
func (s *sender) run(ctx context.Context, t *tally) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = s.connections
	client := &http.Client{Transport: transport, Timeout: s.adapter.Deadline, // then the provider would hang up
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	queue := make(chan outgoing)
	var sending sync.WaitGroup
	for range s.connections {
		sending.Go(func() {
			for o := range queue {
				if err := s.send(context.WithoutCancel(ctx), client, o, t); err != nil {
					stop(err)
				}
			}
		})
	}
	s.feed(ctx, queue)
	close(queue)
	sending.Wait()
	t.summary(s.to+"/webhooks/"+s.adapter.Name+"/"+s.source, s.adapter.Success)
	switch cause := context.Cause(ctx); {
	case fault.Is(cause, fault.Invalid):
		return cause
	case t.count < t.total:
		return fault.New(fault.Refused, "INTERRUPTED", "interrupted: %d of %d sent", t.count, t.total)
	case t.refused > 0:
		return fault.New(fault.Refused, "NOT_ACCEPTED", "%d of %d were not accepted", t.refused, t.count)
	}
	return nil
}

// feed hands out what is to be sent, each at its time, until the context ends.
func (s *sender) feed(ctx context.Context, queue chan<- outgoing) {
	start := time.Now()
	for n := range len(s.bodies) * s.repeats {
		if s.rate > 0 {
			due := start.Add(time.Duration(float64(n) / s.rate * float64(time.Second)))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return
		}
		select {
		case queue <- s.bodies[n%len(s.bodies)]:
		case <-ctx.Done():
			return
		}
	}
}

// send posts one body. It returns an error when there is no use in going on.
func (s *sender) send(ctx context.Context, client *http.Client, o outgoing, t *tally) error {
	body := o.body
	if body == nil {
		var err error
		if body, err = os.ReadFile(o.name); err != nil {
			return fault.As(fault.Invalid, err, "reading what to send")
		}
	}
	push := s.adapter.Push(s.source, body, s.secret, "msg_"+rand.Text(), time.Now().UTC())
	address := s.to + push.Path
	if query := push.Query.Encode(); query != "" {
		address += "?" + query
	}
	request, err := http.NewRequestWithContext(ctx, push.Method, address, bytes.NewReader(push.Body))
	if err != nil {
		return fault.New(fault.Invalid, "INVALID_INPUT", "-to %q is no address; use http://HOST:PORT", s.to)
	}
	request.Header = push.Header
	start := time.Now()
	status, reply, err := do(client, request)
	if err != nil && t.answered() == 0 {
		return fault.New(fault.Invalid, "NO_ANSWER", "%s does not answer: %v; start a stack with go run ./localstack", s.to, err)
	}
	t.add(result{name: o.name, status: status, accepted: status == s.adapter.Success, bytes: len(body), took: time.Since(start), reply: reply, err: err})
	return nil
}

// shownReply is how much of an answer is printed, in bytes.
const shownReply = 200

// do returns the status and the beginning of the answer. Its error does not name
// the address, which may hold a secret.
func do(client *http.Client, request *http.Request) (status int, reply []byte, err error) {
	response, err := client.Do(request)
	if err != nil {
		at, ok := errors.AsType[*url.Error](err)
		if ok {
			err = at.Err
		}
		return 0, nil, err
	}
	defer response.Body.Close()
	reply, err = io.ReadAll(io.LimitReader(response.Body, shownReply))
	_, rest := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // so that the connection can be used again
	return response.StatusCode, reply, cmp.Or(err, rest)
}
