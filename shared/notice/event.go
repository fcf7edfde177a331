package notice

import (
	"time"

	json "github.com/go-json-experiment/json"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// maxEvent is the longest event that is read, in bytes: what SQS took of EventBridge
// for years. maxNesting is deeper than SES nests.
const (
	maxEvent   = 256 << 10
	maxNesting = 24
)

// sesEvents are the events of a mail that change anything, with the problem each
// tells; "" = it arrived. An EventBridge rule lets these through and no others.
//
// Source: Amazon SES developer guide, "Monitoring SES events using Amazon
// EventBridge", and the examples of event publishing.
var sesEvents = map[string]string{
	"Email Bounced":            "BOUNCED",
	"Email Complaint Received": "COMPLAINED",
	"Email Rejected":           "REJECTED",
	"Email Rendering Failed":   "REJECTED",
	"Email Delivered":          "",
}

// Events returns the detail types that ReadEvent reads, in no order.
func Events() (types []string) {
	for name := range sesEvents {
		types = append(types, name)
	}
	return types
}

// sesEvent is what EventBridge delivers of SES. Only what is read has a name here.
type sesEvent struct {
	Type   string    `json:"detail-type"`
	Source string    `json:"source"`
	Time   time.Time `json:"time"`
	Detail struct {
		Mail struct {
			Destination []string            `json:"destination"`
			Tags        map[string][]string `json:"tags"`
		} `json:"mail"`
		Bounce struct {
			Type string    `json:"bounceType"` // Permanent, Transient or Undetermined
			At   time.Time `json:"timestamp"`
		} `json:"bounce"`
		Complaint struct {
			At time.Time `json:"timestamp"`
		} `json:"complaint"`
		Delivery struct {
			At time.Time `json:"timestamp"`
		} `json:"delivery"`
	} `json:"detail"`
}

// ReadEvent reads what EventBridge delivers when SES has news of a mail. It returns
// fault.Invalid for what cannot be read, and fault.Stale for what says nothing of a
// letter: another kind of event, another's mail. Errors repeat nothing of the event.
func ReadEvent(body []byte) (engine.MailEvent, error) {
	if len(body) > maxEvent || nesting(body) > maxNesting {
		return engine.MailEvent{}, unreadable("is too long, or nests too deep")
	}
	var e sesEvent
	if err := json.Unmarshal(body, &e); err != nil {
		return engine.MailEvent{}, unreadable("is not the JSON of SES")
	}
	problem, tells := sesEvents[e.Type]
	if !tells || e.Source != "aws.ses" {
		return engine.MailEvent{}, fault.New(fault.Stale, "NOTHING_TO_DO", "an event of another kind")
	}
	return e.read(problem)
}

func unreadable(why string) error {
	return fault.New(fault.Invalid, "INVALID_EVENT", "a mail event %s", why)
}

func (e *sesEvent) read(problem string) (engine.MailEvent, error) {
	letters, sellers := e.Detail.Mail.Tags[letterTag], e.Detail.Mail.Tags[sellerTag]
	if len(letters) == 0 {
		return engine.MailEvent{}, fault.New(fault.Stale, "NOTHING_TO_DO", "an event of a mail that is no letter")
	}
	id, err := idOf(letters[0])
	if err != nil || id == "" || len(id) > maxID || len(letters) != 1 || len(sellers) != 1 {
		return engine.MailEvent{}, unreadable("has tags that no letter has")
	}
	seller, err := supply.ParseSellerID("seller", sellers[0])
	if err != nil {
		return engine.MailEvent{}, unreadable("names no seller")
	}
	told := engine.MailEvent{LetterID: id, Seller: seller, Problem: problem, Final: problem == "BOUNCED" && e.Detail.Bounce.Type == "Permanent", At: e.at()}
	if told.At.IsZero() {
		return engine.MailEvent{}, unreadable("has no time")
	}
	if to := e.Detail.Mail.Destination; len(to) == 1 {
		told.To, _ = program.ParseAddress("destination", to[0]) // "" where it is none of ours
	}
	return told, nil
}

// at is when it happened, UTC; without that, when SES said so.
func (e *sesEvent) at() time.Time {
	for _, at := range []time.Time{e.Detail.Bounce.At, e.Detail.Complaint.At, e.Detail.Delivery.At} {
		if !at.IsZero() {
			return at.UTC()
		}
	}
	return e.Time.UTC()
}

// nesting counts how deep JSON nests; of what is not JSON it may say anything.
func nesting(body []byte) (deepest int) {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}
