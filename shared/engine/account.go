package engine

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// AccountView is where and how a seller is told. The address that was set is the
// seller's to read; the account's own, which the operator set, is masked.
type AccountView struct {
	Email    *string   `json:"email"` // null = the account's own
	Language Language  `json:"language"`
	Account  *string   `json:"account"` // the account's own address, masked; null = there is none
	Mail     ReachView `json:"mail"`
	Version  int64     `json:"version"`
}

// ReachView says whether mail reaches the seller, and if not, why and what helps.
type ReachView struct {
	Deliverable bool       `json:"deliverable"`
	Suppressed  *string    `json:"suppressed"` // UNSUBSCRIBED, BOUNCED or COMPLAINED
	Since       *time.Time `json:"since"`
	Remedy      string     `json:"remedy"` // "" = nothing is wrong
}

// AccountRequest replaces where and how a seller is told.
type AccountRequest struct {
	Email    *string // nil = the account's own
	Language string  // "" = English
	Version  *int64  // nil = whatever is stored
}

// languages are all that letters are written in.
var languages = []Language{English, German, French, Italian, Spanish, Chinese}

// ParseLanguage returns the language of that code, English for none, or
// fault.Invalid naming the field.
func ParseLanguage(field, code string) (Language, error) {
	l := Language(cmp.Or(code, string(English)))
	if !slices.Contains(languages, l) {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "%s is %.40q; use one of %s", field, code, languages)
	}
	return l, nil
}

// Account returns where and how the seller is told.
func (e *Engine) Account(ctx context.Context, seller supply.SellerID) (AccountView, error) {
	a, err := e.account(ctx, seller)
	return a.view(), err
}

// PutAccount replaces where and how the seller is told. An address that is given
// is the seller's own word: mail goes there again, whatever stopped it before. It
// returns fault.Invalid naming the field, and fault.Conflict when the version given
// is not the current one.
func (e *Engine) PutAccount(ctx context.Context, now time.Time, once Once, r AccountRequest) (Answer, error) {
	answer, err := e.write(ctx, now, once, func(ctx context.Context) ([]store.Write, Answer, error) {
		a, err := e.account(ctx, once.Seller)
		if err != nil {
			return nil, Answer{}, err
		}
		if r.Version != nil && *r.Version != a.version {
			return nil, Answer{}, conflict(strconv.FormatInt(a.version, 10), "version is %d; the account's is %d: read it again and decide anew", *r.Version, a.version)
		}
		if err := a.replace(now, r); err != nil {
			return nil, Answer{}, err
		}
		write, err := a.write(once.Seller)
		if err != nil {
			return nil, Answer{}, err
		}
		a.version++
		view := a.view()
		view.Email = nil // the answer is kept, the address in no second place
		answer, err := answerWith(view)
		return []store.Write{write}, answer, err
	})
	if err != nil {
		return Answer{}, err
	}
	return withAddress(answer, r)
}

// withAddress puts the address of the request into its answer.
func withAddress(kept Answer, r AccountRequest) (Answer, error) {
	if r.Email == nil {
		return kept, nil
	}
	var view AccountView
	if err := json.Unmarshal(kept.Body, &view); err != nil {
		return Answer{}, fault.As(fault.Internal, err, "reading a kept answer")
	}
	email, err := program.ParseAddress("email", *r.Email)
	if err != nil {
		return Answer{}, err
	}
	view.Email = &email
	return answerWith(view)
}

// SetOwnAddress sets the address of the seller's account itself, where the seller
// is told as long as none is set by PutAccount. It returns fault.Invalid for what
// is no seller and no address.
func (e *Engine) SetOwnAddress(ctx context.Context, now time.Time, seller supply.SellerID, email string) error {
	if _, err := supply.ParseSellerID("seller", string(seller)); err != nil {
		return err
	}
	email, err := program.ParseAddress("email", email)
	if err != nil {
		return err
	}
	return e.changeAccount(ctx, seller, func(a *account) (bool, error) {
		if a.Own == email {
			return false, nil
		}
		before := a.Address()
		a.Own = email
		a.moved(now, before)
		return true, nil
	})
}

// changeAccount writes what change makes of a seller's account; nothing when it
// reports that nothing changed. It runs once more after a lost race.
func (e *Engine) changeAccount(ctx context.Context, seller supply.SellerID, change func(*account) (bool, error)) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		a, err := e.account(ctx, seller)
		if err != nil {
			return err
		}
		if changed, err := change(&a); err != nil || !changed {
			return err
		}
		write, err := a.write(seller)
		if err != nil {
			return err
		}
		_, ok, err := e.store.Put(ctx, write)
		if err != nil && !fault.Is(err, fault.Transient) {
			return fault.Wrap(err, "writing an account")
		}
		if ok {
			return nil
		}
	}
	return fault.New(fault.Transient, "BUSY", "the account of %s: lost %d races", seller, maxAttempts)
}

// account is a seller's account as it was read; version 0 = none is stored.
type account struct {
	store.Account
	version int64
}

// account reads where and how a seller is told.
func (e *Engine) account(ctx context.Context, seller supply.SellerID) (account, error) {
	records, err := e.store.Get(ctx, true, store.AccountKey(seller))
	if err != nil {
		return account{}, fault.Wrap(err, "reading an account")
	}
	found, err := store.ReadAccount(&records[0])
	return account{found, records[0].Version}, err
}

// write returns the write of the account as it is now in place of what was read.
func (a *account) write(seller supply.SellerID) (store.Write, error) {
	record, err := store.AccountRecord(seller, &a.Account, a.version+1)
	return store.Write{Record: record, Expect: a.version}, err
}

// replace sets what the seller wants.
func (a *account) replace(now time.Time, r AccountRequest) error {
	language, err := ParseLanguage("language", r.Language)
	if err != nil {
		return err
	}
	before, email := a.Address(), ""
	if r.Email != nil {
		if email, err = program.ParseAddress("email", *r.Email); err != nil {
			return err
		}
		before = "" // the same address given again is as good as another
	}
	a.Email, a.Language = email, string(language)
	a.moved(now, before)
	return nil
}

// moved lifts what stopped mail to the address before when mail goes elsewhere now.
func (a *account) moved(now time.Time, before string) {
	if mailbox(a.Address()) != mailbox(before) {
		a.Suppressed, a.Since, a.Given = program.NoProblem, time.Time{}, now.UTC()
	}
}

// suppress stops mail to the mailbox from an instant on, for the first reason that
// is told. It reports false where mail goes elsewhere or is stopped already.
func (a *account) suppress(box uint64, why program.Problem, at time.Time) bool {
	if box == 0 || mailbox(a.Address()) != box || a.Suppressed != program.NoProblem || at.Before(a.Given) {
		return false
	}
	a.Suppressed, a.Since = why, at.UTC()
	return true
}

// unreachable returns why no mail can be sent to the seller; NoProblem when it can.
func (a *account) unreachable() program.Problem {
	if a.Address() == "" {
		return program.NoAddress
	}
	return a.Suppressed
}

func (a *account) view() AccountView {
	v := AccountView{Language: Language(cmp.Or(a.Language, string(English))), Version: a.version}
	if a.Email != "" {
		v.Email = &a.Email
	}
	if own := masked(a.Own); own != "" {
		v.Account = &own
	}
	why := a.unreachable()
	v.Mail = ReachView{Deliverable: why == program.NoProblem, Since: instantView(a.Since), Remedy: diagnoses[why].remedy}
	if a.Suppressed != program.NoProblem {
		name := a.Suppressed.String()
		v.Mail.Suppressed = &name
	}
	return v
}

// mailbox names an address without telling it.
func mailbox(address string) uint64 {
	if address == "" {
		return 0
	}
	hash := fnv.New64a()
	hash.Write([]byte(strings.ToLower(address)))
	return hash.Sum64()
}

// masked shows an address to its owner and to nobody else: a…n@example.com.
func masked(address string) string {
	name, domain, found := strings.Cut(address, "@")
	letters := []rune(name)
	if !found || len(letters) == 0 {
		return ""
	}
	if len(letters) < 3 {
		return "…@" + domain
	}
	return string(letters[0]) + "…" + string(letters[len(letters)-1]) + "@" + domain
}
