package engine

import (
	"context"
	"time"

	"headstart/shared/supply"
)

// Letter is what a seller is to be told by mail: facts, no words. Exactly one of
// Program and News is set.
type Letter struct {
	ID          string // the same each time the letter is sent
	Seller      supply.SellerID
	To          string // a plain address
	Language    Language
	Console     string // the address of the programme page
	Unsubscribe string // where one click ends all mail to the address; "" = there is no such place
	Program     *ProgramLetter
	News        *NewsLetter
}

// ProgramLetter confirms a change of the programme.
type ProgramLetter struct {
	Paused      bool      `json:"paused"`  // else it was reactivated
	Regions     []string  `json:"regions"` // codes: UK, DE, FR, IT, ES
	RequestedAt time.Time `json:"requestedAt"`
	ConfirmedAt time.Time `json:"confirmedAt"`
	CutOff      time.Time `json:"cutOff,omitzero"` // of a pause: shipments created then or later are blocked
}

// NewsLetter tells what became of a seller's promises, supply and alerts, as it is
// when the letter is written.
type NewsLetter struct {
	Items []NewsItem `json:"items"`
	More  int        `json:"more"` // items that are not listed
}

// NewsItem is what is new of one item, or of one shipment; then SKU is empty.
type NewsItem struct {
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku,omitempty"`
	ProductName string               `json:"productName,omitempty"`
	Moved       int                  `json:"movedOrders"`       // orders whose promised date is another than they were told
	Latest      supply.Day           `json:"latest,omitzero"`   // the latest date that any of them was given; 0 = none
	LaterBy     int                  `json:"laterByDays"`       // calendar days, the most of any; below zero when all are earlier
	Short       supply.Units         `json:"shortfallQuantity"` // units of open orders that nothing can serve
	Alerts      []NewsAlert          `json:"alerts,omitempty"`
}

// NewsAlert is an alert that stands.
type NewsAlert struct {
	Code       string            `json:"code"` // as published: NEED_BY_AT_RISK
	ShipmentID supply.ShipmentID `json:"shipmentId,omitempty"`
}

// Language is one that letters are written in, as an ISO 639-1 code.
type Language string

// The languages.
const (
	English Language = "en"
	German  Language = "de"
	French  Language = "fr"
	Italian Language = "it"
	Spanish Language = "es"
	Chinese Language = "zh"
)

// Mailer sends letters. It may be called again with the same letter.
//
// It returns the mail server's name for the mail once it was taken. An error says
// what became of it: fault.Throttled, not sent, try again later (code THROTTLED or
// UNREACHABLE); fault.Invalid or fault.Refused, not sent, and trying again will not
// help (code REJECTED); every other kind, nobody knows whether it was taken.
type Mailer interface {
	Mail(ctx context.Context, l Letter) (id string, err error)
}

// MailEvent is what became of a letter after the mail server took it, as the mail
// server told later.
type MailEvent struct {
	LetterID string
	Seller   supply.SellerID
	To       string // the address that it was sent to; "" where the event does not name it
	Problem  string // BOUNCED, COMPLAINED or REJECTED; "" = delivered
	Final    bool   // of BOUNCED: the mailbox will never take mail; else it may be full
	At       time.Time
}
