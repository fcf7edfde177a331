package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// session is who a browser is signed in as. It is stored nowhere: the browser
// keeps it, signed, in a cookie.
type session struct {
	seller supply.SellerID
	key    engine.KeyHash // what was signed in with; the session ends with it
	id     [16]byte       // random
	ends   time.Time
}

const (
	signInPath    = "/signin"
	sessionLasts  = 12 * time.Hour
	sessionCookie = "__Host-headstart" // the prefix lets a browser take it from this host by https alone
	maxKey        = 200                // bytes; a longer text is no key
)

// sessionVersion heads a session's bytes. Behind it stand the second in which it
// ends, the id, the hash of the key, the seller, and the signature.
const sessionVersion = 1

const sessionHead = 1 + 8 + len(session{}.id) + len(session{}.key)

func (s *session) bytes() []byte {
	b := binary.BigEndian.AppendUint64([]byte{sessionVersion}, uint64(s.ends.Unix()))
	b = append(b, s.id[:]...)
	b = append(b, s.key[:]...)
	return append(b, s.seller...)
}

func readSession(b []byte) (s session, ok bool) {
	if len(b) <= sessionHead || b[0] != sessionVersion {
		return s, false
	}
	s.ends = time.Unix(int64(binary.BigEndian.Uint64(b[1:])), 0).UTC()
	copy(s.id[:], b[9:])
	copy(s.key[:], b[9+len(s.id):])
	s.seller = supply.SellerID(b[sessionHead:])
	return s, true
}

// cookieText is strict, so that a session has one spelling only.
var cookieText = base64.RawURLEncoding.Strict()

// session returns the session of the request's cookie, or fault.Unauthenticated
// when there is none, it has ended, or its key was taken back.
func (a *api) session(r *http.Request, now time.Time) (*session, error) {
	none := fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "nobody is signed in")
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, none
	}
	signed, err := cookieText.DecodeString(cookie.Value)
	if err != nil || len(signed) < sha256.Size {
		return nil, none
	}
	body, signature := signed[:len(signed)-sha256.Size], signed[len(signed)-sha256.Size:]
	s, whole := readSession(body)
	if !whole || !now.Before(s.ends) {
		return nil, none
	}
	if ours, err := a.engine.Signed(r.Context(), engine.ForSession, body, signature); err != nil || !ours {
		return nil, orElse(err, none)
	}
	seller, err := a.sellerOf(r.Context(), s.key, now)
	if err != nil || seller != s.seller {
		return nil, orElse(err, none)
	}
	return &s, nil
}

func orElse(err error, other *fault.Error) error {
	if err != nil {
		return err
	}
	return other
}

// formToken returns what every form of the session carries, so that nobody who
// cannot read its pages can send one.
func (a *api) formToken(ctx context.Context, s *session) (string, error) {
	signature, err := a.engine.Sign(ctx, engine.ForForm, s.bytes())
	return cookieText.EncodeToString(signature), err
}

// ownForm refuses a form that carries no token of its session. A form that comes
// with a bearer key needs none: no browser adds that by itself.
func (a *api) ownForm(c *call, token string) error {
	if c.session == nil {
		return nil
	}
	signature, _ := cookieText.DecodeString(token) // what is no token is signed by nobody
	ours, err := a.engine.Signed(c.Context(), engine.ForForm, c.session.bytes(), signature)
	if err != nil || ours {
		return err
	}
	return fault.New(fault.Forbidden, "FORM_TOKEN", "the form is not one of this session; load the page again and send it from there")
}

// signInPage is what the page of the key shows.
type signInPage struct {
	Next    string
	Problem string
	NoKey   bool // no secret is set up, so that nobody can sign in
}

func (a *api) showSignIn(w http.ResponseWriter, r *http.Request) {
	shown, status := signInPage{Next: localPath(r.URL.Query().Get("next"))}, http.StatusOK
	if _, err := a.engine.Sign(r.Context(), engine.ForSession, nil); err != nil {
		a.failSignIn(w, r, shown, err)
		return
	}
	a.writeSignIn(w, r, status, shown)
}

func (a *api) writeSignIn(w http.ResponseWriter, r *http.Request, status int, shown signInPage) {
	c := &call{Request: r, now: a.clock()}
	if err := a.writePage(w, c, status, "signin", frame{Title: "Sign in", Problem: shown.Problem, Body: shown}); err != nil {
		a.failPage(w, c, shown.Next, err)
	}
}

// failSignIn shows the form again. It says nothing of what a wrong key lacks.
func (a *api) failSignIn(w http.ResponseWriter, r *http.Request, shown signInPage, err error) {
	kind := fault.Of(err)
	status := a.options.Status(kind)
	switch kind {
	case fault.Unauthenticated:
		shown.Problem = "This key is not known here. Look for another one."
	case fault.Throttled:
		w.Header().Set("Retry-After", "10")
		shown.Problem = "Too many keys were tried from your address. Wait a minute."
	case fault.NotFound:
		shown.NoKey, status = true, http.StatusServiceUnavailable
	default:
		a.failPage(w, &call{Request: r, now: a.clock()}, shown.Next, err)
		return
	}
	a.writeSignIn(w, r, status, shown)
}

func (a *api) signIn(w http.ResponseWriter, r *http.Request) {
	shown := signInPage{Next: itemsPath}
	if err := crossOrigin.Check(r); err != nil {
		a.failPage(w, &call{Request: r, now: a.clock()}, itemsPath, fault.New(fault.Forbidden, "CROSS_ORIGIN", "the form was sent from another site; open %s here", signInPath))
		return
	}
	values, err := readForm(w, r, []string{"key", "next"})
	if err != nil {
		a.failPage(w, &call{Request: r, now: a.clock()}, itemsPath, err)
		return
	}
	shown.Next = localPath(values.Get("next"))
	cookie, err := a.begin(r, strings.TrimSpace(values.Get("key")))
	if err != nil {
		a.failSignIn(w, r, shown, err)
		return
	}
	http.SetCookie(w, cookie)
	seeOther(w, shown.Next)
}

// begin returns the cookie of a new session for the key. It returns
// fault.Unauthenticated for a key that nobody has, and fault.Throttled for an
// address from which too many of those came to this process.
func (a *api) begin(r *http.Request, key string) (*http.Cookie, error) {
	now, from := a.clock(), supply.SellerID(address(r))
	if err := a.guesses.take(from, now); err != nil {
		return nil, err
	}
	if key == "" || len(key) > maxKey {
		return nil, fault.New(fault.Unauthenticated, "UNAUTHENTICATED", "no key")
	}
	s := session{key: engine.HashKey(key), ends: now.Add(sessionLasts)}
	var err error
	if s.seller, err = a.sellerOf(r.Context(), s.key, now); err != nil {
		return nil, err
	}
	a.guesses.giveBack(from)
	_, _ = rand.Read(s.id[:]) // never fails
	body := s.bytes()
	signature, err := a.engine.Sign(r.Context(), engine.ForSession, body)
	if err != nil {
		return nil, err
	}
	return cookieOf(cookieText.EncodeToString(append(body, signature...)), int(sessionLasts/time.Second)), nil
}

func cookieOf(value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

// address returns where a request comes from: of IPv6 the half that one customer
// has to himself.
func address(r *http.Request) string {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := port.Addr().Unmap()
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.WithZone("").Prefix(64)
	return prefix.String()
}

func (a *api) signOut(_ context.Context, w http.ResponseWriter, _ *call, _ url.Values) (string, error) {
	http.SetCookie(w, cookieOf("", -1))
	return signInPath, nil
}

// localPath returns next where every browser takes it for one of the pages, and
// the items' page otherwise.
func localPath(next string) string {
	u, err := url.Parse(next)
	switch {
	case !strings.HasPrefix(next, "/"), err != nil, u.Scheme != "", u.Host != "", u.User != nil, u.Opaque != "",
		strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }),
		!console(&http.Request{URL: u}), path.Clean(u.Path) != u.Path, u.Path == signInPath:
		return itemsPath
	}
	return next
}
