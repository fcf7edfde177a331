package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

// accountPath takes where and how a seller is told.
const accountPath = programPath + "/account"

// accountForm is the form of that on the page of the programme.
type accountForm struct {
	Email     string // as it was sent, else as it is
	Own       string // the account's own address, masked; "" = there is none
	Languages []choice
	Version   int64
	Stopped   *engine.ReachView // why no mail comes; nil while it does
}

// languageNames are the languages of mails, each in its own words.
var languageNames = []struct {
	code engine.Language
	name string
}{
	{engine.English, "English"}, {engine.German, "Deutsch"}, {engine.French, "français"},
	{engine.Italian, "italiano"}, {engine.Spanish, "español"}, {engine.Chinese, "中文"},
}

// accountOf shows the seller's account. What was sent and not taken stands in the
// form again.
func accountOf(v *engine.AccountView, sent url.Values) accountForm {
	shown := accountForm{Version: v.Version}
	if v.Email != nil {
		shown.Email = *v.Email
	}
	if v.Account != nil {
		shown.Own = *v.Account
	}
	language := v.Language
	if sent.Has("email") {
		shown.Email, language = sent.Get("email"), engine.Language(sent.Get("language"))
	}
	for _, l := range languageNames {
		shown.Languages = append(shown.Languages, choice{string(l.code), l.name, l.code == cmp.Or(language, engine.English)})
	}
	if !v.Mail.Deliverable {
		shown.Stopped = &v.Mail
	}
	return shown
}

func (a *api) saveAccount(ctx context.Context, _ http.ResponseWriter, c *call, values url.Values) (string, error) {
	r := engine.AccountRequest{Language: values.Get("language")}
	if email := values.Get("email"); email != "" {
		r.Email = &email
	}
	version, err := strconv.ParseInt(values.Get("version"), 10, 64)
	if err != nil {
		return "", fault.New(fault.Invalid, "INVALID_INPUT", "the form has no version; load the page again and send it from there")
	}
	r.Version = &version
	_, err = a.engine.PutAccount(ctx, c.now, c.once, r)
	return programPath + "?done=account", err
}
