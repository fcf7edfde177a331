package notice

// Letters of every kind in every language are held against golden files (-update
// writes them), the languages against each other, and names that a stranger chose
// against what they must never do. They would catch a phrase without a translation, a
// placeholder that is not filled, a date or a limit said wrongly, and a name that
// becomes a tag, a header, a link or a turn of the text's direction.

import (
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

var update = flag.Bool("update", false, "write testdata/*.golden.* anew")

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func letter() engine.Letter {
	return engine.Letter{ID: "P/acme/EUROPE/1", Seller: "acme", To: "anna@example.com", Language: engine.English,
		Console: "https://headstart.example/program", Unsubscribe: "https://headstart.example/u/token"}
}

// kinds are one letter of each kind. The first of a month is counted in a way of its
// own in French and Italian.
var kinds = map[string]func(*engine.Letter){
	"paused": func(l *engine.Letter) {
		l.Program = &engine.ProgramLetter{Paused: true, Regions: []string{"UK", "DE", "FR", "IT", "ES"}, RequestedAt: instant("2026-03-29T00:30:00+01:00"),
			ConfirmedAt: instant("2026-03-29T09:00:07Z"), CutOff: instant("2026-04-01T09:00:07Z")}
	},
	"reactivated": func(l *engine.Letter) {
		l.Program = &engine.ProgramLetter{Regions: []string{"US"}, RequestedAt: instant("2026-12-31T23:59:59Z"), ConfirmedAt: instant("2027-01-01T00:00:00Z")}
	},
	"news": func(l *engine.Letter) {
		l.News = &engine.NewsLetter{More: 3, Items: []engine.NewsItem{
			{Marketplace: "A1PA6795UKMFR9", SKU: "KETTLE-1", ProductName: "Kettle 1.7 l", Moved: 12, Latest: day("2026-04-03"), LaterBy: 9, Short: 4,
				Alerts: []engine.NewsAlert{{Code: "NEED_BY_AT_RISK", ShipmentID: "FBA15ABC"}, {Code: "ETA_NOT_BUYABLE", ShipmentID: "FBA15ABC"}, {Code: "IDEMPOTENCY_MISMATCH", ShipmentID: ""}, {Code: "NEVER_HEARD_OF", ShipmentID: "FBA15ABC"}}},
			{Marketplace: "ATVPDKIKX0DER", SKU: "TOASTER-2", Moved: 1, LaterBy: 1},
			{Marketplace: "A1XYZ", SKU: "LAMP-3", ProductName: "灯", Moved: 2, Latest: day("2026-03-01"), LaterBy: -2, Short: 1},
			{Alerts: []engine.NewsAlert{{Code: "TRACKING_NOT_VALIDATED", ShipmentID: "FBA15XYZ"}}},
			{Alerts: []engine.NewsAlert{{Code: "CONFIRMATION_MAIL_OVERDUE", ShipmentID: ""}, {Code: "PROGRAM_STATUS_OVERDUE", ShipmentID: ""}}},
		}}
	},
	"news-of-one": func(l *engine.Letter) {
		l.Console, l.Unsubscribe = "", ""
		l.News = &engine.NewsLetter{Items: []engine.NewsItem{{Marketplace: "A1F83G8C2ARO7P", SKU: "KETTLE-1", ProductName: "Kettle 1.7 l", Moved: 1, Latest: day("2026-04-01"), LaterBy: -1}}}
	},
}

func day(s string) supply.Day {
	d, err := supply.ParseDay("day", s)
	if err != nil {
		panic(err)
	}
	return d
}

func render(t require.TestingT, l engine.Letter) Mail {
	m, err := Render(l)
	require.NoError(t, err)
	return m
}

func TestEveryKindOfLetterReadsAsItsGoldenFileInEveryLanguage(t *testing.T) { // F193
	for kind, write := range kinds {
		for language := range languages {
			l := letter()
			l.Language = language
			write(&l)
			m := render(t, l)
			golden(t, kind+"."+string(language)+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, kind+"."+string(language)+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, name)
}

// said are all texts of a language by where they stand, "means" without an end where
// the number of sentences is the language's own.
func said(w *words) map[string]string {
	all := make(map[string]string)
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			all[path] = v.String()
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Array, reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprint(path, i), v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(path+"."+key.String(), v.MapIndex(key))
			}
		default:
			panic(path)
		}
	}
	walk("", reflect.ValueOf(w).Elem())
	delete(all, ".first")
	return all
}

var placeholder = regexp.MustCompile(`\{[a-z]*\}`)

func TestEveryLanguageHasEveryPhraseWithTheSamePlaceholders(t *testing.T) {
	want := said(&english)
	require.Greater(t, len(want), 80)
	for language, w := range languages {
		got := said(w)
		require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)), language)
		for path, text := range got {
			require.NotEmpty(t, strings.TrimSpace(text), "%s%s", language, path)
			ours, theirs := placeholder.FindAllString(text, -1), placeholder.FindAllString(want[path], -1)
			slices.Sort(ours)
			slices.Sort(theirs)
			require.Equal(t, theirs, ours, "%s%s", language, path)
			require.Equal(t, len(ours), strings.Count(text, "{"), "%s%s", language, path)
			require.True(t, utf8.ValidString(text))
		}
	}
}

func TestNoPhraseIsLeftInEnglishByMistake(t *testing.T) {
	same := map[string]bool{".unknown": true} // of few letters
	for language, w := range languages {
		for path, text := range said(w) {
			sentence := strings.Count(text, " ") > 3
			require.False(t, language != engine.English && sentence && !same[path] && text == said(&english)[path], "%s%s: %s", language, path, text)
		}
	}
}

func TestEveryRegionHasANameInEveryLanguage(t *testing.T) {
	for _, group := range program.Groups() {
		for _, r := range group.Regions {
			for language, w := range languages {
				require.NotEmpty(t, w.regions[r.Code], "%s %s", language, r.Code)
				require.Equal(t, w.regions[r.Code], w.region(r.Marketplace))
			}
		}
	}
}

func TestThePauseMailSaysTheCutOffToTheSecondInUTC(t *testing.T) { // F96, F97
	for language, cutOff := range map[engine.Language]string{
		engine.English: "Cut-off: Wednesday, 1 April 2026, 09:00:07 UTC", engine.German: "Stichzeitpunkt: Mittwoch, 1. April 2026, 09:00:07 Uhr UTC",
		engine.French: "Échéance : mercredi 1er avril 2026 à 09:00:07 UTC", engine.Italian: "Termine: mercoledì 1º aprile 2026, ore 09:00:07 UTC",
		engine.Spanish: "Momento de corte: miércoles, 1 de abril de 2026, 09:00:07 UTC", engine.Chinese: "截止时间：2026年4月1日 星期三 09:00:07 UTC",
	} {
		l := letter()
		l.Language = language
		kinds["paused"](&l)
		require.Contains(t, render(t, l).Text, "\n"+cutOff+"\n")
	}
	l := letter()
	kinds["paused"](&l)
	require.Contains(t, render(t, l).Text, "Requested: Saturday, 28 March 2026, 23:30:00 UTC", "an instant of another zone")
	require.Equal(t, "Your pause is confirmed: United Kingdom, Germany, France, Italy and Spain", render(t, l).Subject)
}

func TestALanguageThatNobodyWritesIsEnglish(t *testing.T) {
	l, english := letter(), letter()
	kinds["paused"](&l)
	kinds["paused"](&english)
	l.Language = "tlh"
	require.Equal(t, render(t, english), render(t, l))
}

func TestALetterThatTellsNothingOrTwoThingsIsRefused(t *testing.T) {
	l := letter()
	_, err := Render(l)
	require.True(t, fault.Is(err, fault.Invalid))
	kinds["paused"](&l)
	kinds["news"](&l)
	_, err = Render(l)
	require.True(t, fault.Is(err, fault.Invalid))
}

// hostile are names that strangers may choose, with what is left of them.
var hostile = []struct{ name, shown string }{
	{"<script>alert(1)</script>", "<script>alert(1)</script>"}, // escaped in HTML
	{"Kettle\r\nBcc: all@example.com", "Kettle Bcc: all@ example. com"},
	{"Kettle\u2028\u2029\u0085\x00\x1b[31m\x7f x", "Kettle [31m x"},
	{"\u202egnp.elttek", "gnp. elttek"},
	{"a\u2066b\u2069\u200e\u200f\u061cc", "abc"},
	{"Ke\u200btt\u200dle\ufeff\u00ad\u2060\u3164", "Kettle"},
	{strings.Repeat("x", 10_000), strings.Repeat("x", maxName-1) + "…"},
	{"https://evil.example/login?a=b", "https: //evil. example/login?a=b"},
	{"www.evil.com", "www. evil. com"},
	{"write to eve@evil.example", "write to eve@ evil. example"},
	{"Kettle 2.5 l, v1.7", "Kettle 2.5 l, v1.7"},
	{"{n} {item} {{.Why}} %s", "{n} {item} {{. Why}} %s"},
	{"bad\xffutf8", "badutf8"},
	{"  two   spaces ", "two spaces"},
	{"\u200b\u202e", "KETTLE-1"}, // nothing is left: the SKU speaks for it
	{"Chaleira elétrica 灯 غلاية", "Chaleira elétrica 灯 غلاية"},
}

func TestAHostileNameIsNeutralisedInBothAlternativesAndInTheSubject(t *testing.T) {
	for _, h := range hostile {
		l := letter()
		kinds["news-of-one"](&l)
		l.News.Items[0].ProductName = h.name
		m := render(t, l)
		require.Equal(t, "News: "+h.shown, m.Subject)
		require.Contains(t, m.Text, "\n"+h.shown+"\n")
		require.Contains(t, textOf(t, m.HTML), h.shown)
		harmless(t, m)
	}
}

// textOf is what an HTML reader shows, and fails for elements and attributes that a
// mail of ours never has.
func textOf(t require.TestingT, page string) string {
	allowed := strings.Fields("html head meta title body div h1 h2 p span br strong ul li a")
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var text strings.Builder
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch n := token.(type) {
		case xml.CharData:
			text.Write(n)
		case xml.StartElement:
			require.Contains(t, allowed, n.Name.Local)
			attributes(t, n)
		}
	}
	return text.String()
}

func attributes(t require.TestingT, n xml.StartElement) {
	for _, a := range n.Attr {
		require.Contains(t, strings.Fields("lang style href role aria-label dir charset name content"), a.Name.Local)
		if a.Name.Local == "href" {
			require.True(t, strings.HasPrefix(a.Value, "https://headstart.example/"), a.Value)
		}
	}
}

// harmless holds what no mail may have, whatever names are in it.
func harmless(t require.TestingT, m Mail) {
	require.NotContains(t, m.Subject, "\n")
	require.NotContains(t, m.Text, "\r")
	for _, part := range []string{m.Subject, m.Text, textOf(t, m.HTML)} {
		require.True(t, utf8.ValidString(part))
		for _, r := range part {
			require.False(t, r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp), "%U", r)
		}
	}
	for _, part := range []string{m.Subject, strings.ReplaceAll(m.Text, "https://headstart.example/", "")} {
		require.NotContains(t, part, "://")
		require.NotRegexp(t, `\S@\S`, part)
		require.NotRegexp(t, `(?i)\.(com|example|net|org)\b`, strings.ReplaceAll(part, ". ", ""))
	}
}

func TestNoNameWhateverItIsBreaksAMail(t *testing.T) {
	runes := rapid.RuneFrom([]rune("ab.:/@<>&\"'{}\r\n\t\u200b\u202e\u2066\ufeffü灯\x00\x1b"), unicode.Cf, unicode.L)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(runes, 0, 200, -1)
		l := letter()
		l.News = &engine.NewsLetter{Items: []engine.NewsItem{{SKU: supply.SKU("x" + name.Draw(t, "sku")), ProductName: name.Draw(t, "name"), Marketplace: supply.MarketplaceID(name.Draw(t, "marketplace")),
			Alerts: []engine.NewsAlert{{Code: name.Draw(t, "code"), ShipmentID: supply.ShipmentID(name.Draw(t, "shipment"))}}}}}
		m := render(t, l)
		harmless(t, m)
		require.Less(t, len(m.Subject), 1000)
		require.Less(t, len(m.Text)+len(m.HTML), 20_000)
	})
}

func TestTheTextSaysAllThatTheHTMLSays(t *testing.T) {
	for kind, write := range kinds {
		for language := range languages {
			l := letter()
			l.Language = language
			write(&l)
			m := render(t, l)
			for line := range strings.SplitSeq(textOf(t, m.HTML), "\n") {
				if line = strings.TrimSpace(line); line != "" && line != m.Subject && !strings.Contains(line, string(l.Seller)) {
					for _, f := range pageFacts(l) {
						line = strings.TrimPrefix(line, f)
					}
					require.Contains(t, m.Text, line, "%s %s", kind, language)
				}
			}
			for _, address := range []string{l.Console, l.Unsubscribe} {
				require.Contains(t, m.Text, address)
			}
		}
	}
}

// pageFacts are the labels, which stand beside their values.
func pageFacts(l engine.Letter) (labels []string) {
	p, _ := pageOf(l)
	for _, f := range p.Facts {
		labels = append(labels, f.Label)
	}
	return labels
}

func TestTheHTMLNeedsNothingFromElsewhereAndFitsAPhone(t *testing.T) {
	for kind, write := range kinds {
		for language := range languages {
			l := letter()
			l.Language = language
			write(&l)
			page := render(t, l).HTML
			textOf(t, page) // no picture, no script, no style sheet
			require.Contains(t, page, fmt.Sprintf("<html lang=%q>", language))
			require.Contains(t, page, `content="width=device-width, initial-scale=1"`)
			require.Contains(t, page, `<meta name="color-scheme" content="light dark">`)
			require.NotRegexp(t, `(?i)[^-]color:|background|url\(|<table|width:\d{3,}px;(?:[^m]|$)`, strings.ReplaceAll(page, "max-width:560px", ""), kind)
			require.Less(t, len(page), 20_000)
		}
	}
}
