package api

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"headstart/shared/engine"
	"headstart/shared/program"
)

const (
	programPath = "/program"
	groupPath   = programPath + "/{region}"
)

// programPage is what the page of the programme shows.
type programPage struct {
	Done   string // what the form that led here has done; "" = none did
	Groups []groupView
	Mail   accountForm
}

// groupView is the programme of the regions that are switched together.
type groupView struct {
	engine.ProgramView
	Names   string // of its regions
	Means   string // what the status means, in a sentence
	Path    string // what can be done to it stands below
	Action  string // what can be asked for: pause or reactivate
	Ask     string // the same as the name of a button
	Confirm bool   // it can be confirmed here
	Resend  bool   // it has a mail that can be sent again
}

// done says what a form has done, by the word that it leads on with.
var done = map[string]string{
	"pause":      "You asked for a pause. It counts from its confirmation: by mail, or below.",
	"reactivate": "You asked to reactivate. It counts from its confirmation: by mail, or below.",
	"confirm":    "The change is confirmed.",
	"resend":     "The mail will be sent again.",
	"account":    "Your address and language are saved.",
}

// statusMeanings say what a status means, while its change is confirmed and while it is
// not.
var statusMeanings = map[string]struct{ confirmed, waiting string }{
	program.Active.String(): {"Shipments on their way are sold before they arrive.", "Shipments on their way are sold before they arrive."},
	program.Pausing.String(): {"Shipments created before the cut-off stay for sale; those created at it or later will be blocked.",
		"The pause does not count yet: its cut-off comes 72 hours after its confirmation."},
	program.Paused.String(): {"Shipments created at the cut-off or later are blocked; older ones stay for sale.",
		"Shipments created at the cut-off or later are blocked; older ones stay for sale."},
	program.Reactivating.String(): {"Blocked shipments are being opened; this may take up to 48 hours.",
		"The reactivation does not count yet: it needs its confirmation. Until then blocked shipments stay blocked."},
}

func (a *api) programPage(ctx context.Context, c *call) (any, error) {
	views, err := a.engine.Programs(ctx, c.now, c.seller)
	if err != nil {
		return nil, err
	}
	account, err := a.engine.Account(ctx, c.seller)
	if err != nil {
		return nil, err
	}
	shown := programPage{Done: done[c.URL.Query().Get("done")], Mail: accountOf(&account, c.sent)}
	for i := range views {
		shown.Groups = append(shown.Groups, groupOf(&views[i]))
	}
	return shown, nil
}

func groupOf(v *engine.ProgramView) groupView {
	g := groupView{ProgramView: *v, Path: programPath + "/" + v.Region, Action: "pause", Ask: "Pause"}
	var names []string
	for _, r := range v.Regions {
		names = append(names, r.Region)
	}
	g.Names = strings.Join(names, ", ")
	if v.Status == program.Pausing.String() || v.Status == program.Paused.String() {
		g.Action, g.Ask = "reactivate", "Reactivate"
	}
	waiting := v.Change != nil && v.Change.ConfirmedAt == nil
	g.Means, g.Confirm = statusMeanings[v.Status].confirmed, waiting
	if waiting {
		g.Means = statusMeanings[v.Status].waiting
	}
	g.Resend = v.Mail != nil && v.Mail.Status != "WITHDRAWN"
	return g
}

// previewPage shows what an action would do, with the form that asks for it.
type previewPage struct {
	engine.PreviewView
	Names string
	Ask   string
	Path  string       // of the form
	Next  template.URL // the query of the next page; "" on the last
	Lists []previewList
	Hours int // from a confirmation to its cut-off
}

// previewList is one list of shipments in a preview.
type previewList struct {
	ID, Title, About string
	Shipments        []previewShipment
}

// previewShipment is a line of it with its marketplace as people know it.
type previewShipment struct {
	engine.PreviewShipment
	Place, Path string
}

func (v previewPage) title() string { return v.Ask + " " + v.Names }

func (a *api) previewPage(ctx context.Context, c *call) (any, error) {
	query, region := c.URL.Query(), c.PathValue("region")
	action, err := previewedAction(query.Get("action"))
	if err != nil {
		return nil, err
	}
	now, err := a.engine.Program(ctx, c.now, c.seller, region)
	if err != nil {
		return nil, err
	}
	v, err := a.engine.PreviewProgram(ctx, c.now, c.seller, region, action, query.Get("nextToken"))
	if err != nil {
		return nil, err
	}
	shown := previewPage{PreviewView: v, Names: groupOf(&now).Names, Ask: "Pause", Path: programPath + "/" + now.Region + "/pause", Next: nextPage(query, v.NextToken), Hours: int(program.CutOffAfter / time.Hour)}
	about := "Nothing that is on its way is touched: a pause blocks what is created from its cut-off on."
	if action == program.Reactivate {
		shown.Ask, shown.Path = "Reactivate", programPath+"/"+now.Region+"/reactivate"
		about = "Shipments that are blocked now and will be for sale."
	}
	shown.Lists = []previewList{{"touched", "What changes", about, previewed(v.Touched)},
		{"kept", "What stays", "Shipments that stay as they are.", previewed(v.Kept)}}
	return shown, nil
}

func previewed(lines []engine.PreviewShipment) (shown []previewShipment) {
	for _, l := range lines {
		shown = append(shown, previewShipment{l, placeName(l.Marketplace), itemPath("/items/", l.Marketplace, l.SKU)})
	}
	return shown
}

// programForms are what the page of the programme can be told.
func (a *api) programForms() []form {
	led := func(word string, do func(context.Context, *call, string) (engine.Answer, error)) form {
		return form{groupPath + "/" + word, nil, programPath, func(ctx context.Context, _ http.ResponseWriter, c *call, _ url.Values) (string, error) {
			_, err := do(ctx, c, c.PathValue("region"))
			return programPath + "?done=" + word, err
		}}
	}
	ask := func(action program.Action) func(context.Context, *call, string) (engine.Answer, error) {
		return func(ctx context.Context, c *call, region string) (engine.Answer, error) {
			return a.engine.AskProgram(ctx, c.now, c.once, region, action, program.ByPage)
		}
	}
	return []form{
		{accountPath, []string{"email", "language", "version"}, programPath, a.saveAccount},
		led("pause", ask(program.Pause)), led("reactivate", ask(program.Reactivate)),
		led("confirm", func(ctx context.Context, c *call, region string) (engine.Answer, error) {
			return a.engine.ConfirmProgram(ctx, c.now, c.once, region)
		}),
		led("resend", func(ctx context.Context, c *call, region string) (engine.Answer, error) {
			return a.engine.ResendProgramMail(ctx, c.now, c.once, region)
		}),
	}
}
