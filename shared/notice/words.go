package notice

import "headstart/shared/engine"

// words is all that mails say in one language. A name in braces is a placeholder;
// every language has the same ones in the same phrase, which a test holds.
type words struct {
	weekdays [7]string  // Sunday first
	months   [12]string // January first
	first    string     // how the first of a month is counted; "" = as a number
	date     string     // {weekday} {day} {month} {year}
	instant  string     // {date} {time}
	and      [2]string  // between names of a list, and before the last
	colon    string     // between a label and what it names
	regions  map[string]string

	regionsLabel, requestedLabel, confirmedLabel, cutOffLabel string

	pauseSubject, pauseTitle, pauseLead string
	pauseMeans                          []string // one sentence a line
	resumeSubject, resumeTitle          string
	resumeLead                          string
	resumeMeans                         []string

	newsSubject plural // {item}: of one; {n}: of several
	newsTitle   string
	newsLead    string
	place       string // SKU and country of an item
	shipment    string
	account     string // news of no item and no shipment
	moved       plural
	latest      string
	noDate      string
	later       plural
	earlier     plural
	short       plural
	alerts      map[string]string
	unknown     string // an alert without a sentence
	of          string // behind an alert of a shipment
	more        plural

	console, unsubscribe, why string
}

// plural is a phrase for one and for several. A language without the difference has
// the same twice.
type plural struct{ one, many string }

func (p plural) of(n int64) string {
	if n == 1 {
		return p.one
	}
	return p.many
}

// languages are the languages that mails are written in.
var languages = map[engine.Language]*words{
	engine.English: &english, engine.German: &german, engine.French: &french,
	engine.Italian: &italian, engine.Spanish: &spanish, engine.Chinese: &chinese,
}
