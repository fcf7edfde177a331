// Package notice turns the engine's letters into mails and hands them to a mail
// server: Amazon SES, any server that speaks SMTP, or a folder where a person reads
// them. A mail has a text and an HTML that say the same, in the seller's language;
// what a stranger may have named, a product for one, can neither break out of it nor
// become a link. It also reads what SES tells later of a mail. No error and no log
// line of this package has an address in it.
package notice

import (
	"embed"
	htmltemplate "html/template"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// Mail is a letter in words.
type Mail struct {
	Subject string // one line
	Text    string // the whole mail for readers without HTML
	HTML    string
}

//go:embed mail.html mail.txt
var files embed.FS

// One template each for all languages and all kinds: they lay out a page, and know
// no words.
var (
	htmlMail = htmltemplate.Must(htmltemplate.ParseFS(files, "mail.html"))
	textMail = texttemplate.Must(texttemplate.ParseFS(files, "mail.txt"))
)

// page is a mail before it is laid out.
type page struct {
	Language engine.Language
	Colon    string
	Subject  string
	Title    string
	Lead     string
	Facts    []fact
	Points   []string
	Items    []item
	More     string

	Console     string // an address; "" = there is none
	OpenConsole string
	Unsubscribe string // an address; "" = there is none
	NoMoreMail  string
	Why         string
}

type fact struct{ Label, Value string }

type item struct {
	Name  string
	Place string
	Lines []string
}

// Render returns the letter in words, in its language, or in English when no mail is
// written in that. It returns fault.Invalid, code REJECTED, for a letter that tells
// nothing, or two things.
func Render(l engine.Letter) (Mail, error) {
	p, err := pageOf(l)
	if err != nil {
		return Mail{}, err
	}
	var html, text strings.Builder
	if err := htmlMail.Execute(&html, p); err != nil {
		return Mail{}, fault.As(fault.Internal, err, "laying out a mail's HTML")
	}
	if err := textMail.Execute(&text, p); err != nil {
		return Mail{}, fault.As(fault.Internal, err, "laying out a mail's text")
	}
	return Mail{p.Subject, text.String(), html.String()}, nil
}

func pageOf(l engine.Letter) (page, error) {
	if (l.Program == nil) == (l.News == nil) {
		return page{}, fault.New(fault.Invalid, "REJECTED", "letter %q tells nothing, or two things", l.ID)
	}
	language := l.Language
	w, written := languages[language]
	if !written {
		language, w = engine.English, &english
	}
	p := page{Language: language, Colon: w.colon, Console: l.Console, OpenConsole: w.console, Unsubscribe: l.Unsubscribe, NoMoreMail: w.unsubscribe,
		Why: fill(w.why, "seller", tame(string(l.Seller), maxName))}
	if l.Program != nil {
		w.program(&p, l.Program)
	} else {
		w.news(&p, l.News)
	}
	return p, nil
}

func (w *words) program(p *page, l *engine.ProgramLetter) {
	regions := w.list(l.Regions)
	p.Subject, p.Title, p.Lead, p.Points = fill(w.resumeSubject, "regions", regions), w.resumeTitle, w.resumeLead, w.resumeMeans
	p.Facts = []fact{{w.regionsLabel, regions}, {w.requestedLabel, w.at(l.RequestedAt)}, {w.confirmedLabel, w.at(l.ConfirmedAt)}}
	if l.Paused {
		p.Subject, p.Title, p.Lead, p.Points = fill(w.pauseSubject, "regions", regions), w.pauseTitle, w.pauseLead, w.pauseMeans
		p.Facts = append(p.Facts, fact{w.cutOffLabel, w.at(l.CutOff)})
	}
}

func (w *words) news(p *page, l *engine.NewsLetter) {
	for i := range l.Items {
		p.Items = append(p.Items, w.item(&l.Items[i]))
	}
	n := int64(len(l.Items) + l.More)
	name := ""
	if len(p.Items) > 0 {
		name = p.Items[0].Name
	}
	p.Subject = fill(w.newsSubject.of(n), "n", strconv.FormatInt(n, 10), "item", name)
	p.Title, p.Lead = w.newsTitle, w.newsLead
	if l.More > 0 {
		p.More = count(w.more, int64(l.More))
	}
}

// item says what is new of an item, or of a shipment, or of the account.
func (w *words) item(n *engine.NewsItem) item {
	i := item{Name: tame(n.ProductName, maxName)}
	shipment := supply.ShipmentID("")
	switch {
	case n.SKU != "":
		sku := tame(string(n.SKU), maxName)
		i.Place = fill(w.place, "sku", sku, "region", w.region(n.Marketplace))
		if i.Name == "" {
			i.Name = sku
		}
	case len(n.Alerts) > 0 && n.Alerts[0].ShipmentID != "":
		shipment = n.Alerts[0].ShipmentID
		i.Name = fill(w.shipment, "shipment", tame(string(shipment), maxName))
	default:
		i.Name = w.account
	}
	i.Lines = w.orders(n)
	for _, a := range n.Alerts {
		i.Lines = append(i.Lines, w.alert(a, shipment))
	}
	return i
}

func (w *words) orders(n *engine.NewsItem) (lines []string) {
	if n.Moved > 0 {
		line := []string{count(w.moved, int64(n.Moved)), w.noDate}
		if n.Latest.Known() {
			line[1] = fill(w.latest, "date", w.day(n.Latest.Date()))
		}
		switch {
		case !n.Latest.Known():
		case n.LaterBy > 0:
			line = append(line, count(w.later, int64(n.LaterBy)))
		case n.LaterBy < 0:
			line = append(line, count(w.earlier, -int64(n.LaterBy)))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	if n.Short > 0 {
		lines = append(lines, count(w.short, int64(n.Short)))
	}
	return lines
}

// alert says what an alert means, and of which shipment unless that is named above.
func (w *words) alert(a engine.NewsAlert, named supply.ShipmentID) string {
	line, known := w.alerts[a.Code]
	if !known {
		line = fill(w.unknown, "code", tame(a.Code, maxName))
	}
	if a.ShipmentID == "" || a.ShipmentID == named {
		return line
	}
	return fill(w.of, "alert", line, "shipment", tame(string(a.ShipmentID), maxName))
}

// region names a marketplace's country; a marketplace that is in none by its id.
func (w *words) region(id supply.MarketplaceID) string {
	for _, group := range program.Groups() {
		for _, r := range group.Regions {
			if r.Marketplace == id {
				return w.country(r.Code)
			}
		}
	}
	return tame(string(id), maxName)
}

func (w *words) country(code string) string {
	if name, known := w.regions[code]; known {
		return name
	}
	return tame(code, maxName)
}

// list names countries as a sentence does: A, B and C.
func (w *words) list(codes []string) string {
	var all strings.Builder
	for i, code := range codes {
		switch {
		case i == 0:
		case i == len(codes)-1:
			all.WriteString(w.and[1])
		default:
			all.WriteString(w.and[0])
		}
		all.WriteString(w.country(code))
	}
	return all.String()
}

// at writes an instant to the second, in UTC.
func (w *words) at(t time.Time) string {
	t = t.UTC()
	return fill(w.instant, "date", w.day(t), "time", t.Format(time.TimeOnly))
}

func (w *words) day(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 && w.first != "" {
		day = w.first
	}
	return fill(w.date, "weekday", w.weekdays[t.Weekday()], "day", day, "month", w.months[t.Month()-1], "year", strconv.Itoa(t.Year()))
}

func count(p plural, n int64) string { return fill(p.of(n), "n", strconv.FormatInt(n, 10)) }

// fill puts values where a phrase has their names in braces. What a value holds is
// never read as a placeholder.
func fill(phrase string, namesAndValues ...string) string {
	pairs := make([]string, 0, len(namesAndValues))
	for i := 0; i < len(namesAndValues); i += 2 {
		pairs = append(pairs, "{"+namesAndValues[i]+"}", namesAndValues[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(phrase)
}
