package engine

import (
	"time"

	"headstart/shared/supply"
)

// ProgramView is the programme of the region that was asked for, and of those that
// are switched together with it. Instants are UTC; nil = there is none.
type ProgramView struct {
	Region      string               `json:"region"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	Group       string               `json:"group"`
	Status      string               `json:"status"`      // ACTIVE, PAUSING, PAUSED or REACTIVATING
	EffectiveAt *time.Time           `json:"effectiveAt"` // when the status takes, or took, effect; nil = not known yet, or always so
	CutOff      *time.Time           `json:"cutOff"`      // shipments created then or later are blocked
	Pending     bool                 `json:"pending"`     // the latest change does not count yet
	Deadline    *time.Time           `json:"deadline"`    // when a pending change is overdue
	Overdue     []string             `json:"overdue"`     // CONFIRMATION_MAIL, STATUS
	Regions     []RegionView         `json:"regions"`     // all that are switched together
	Change      *ChangeView          `json:"change"`      // the latest that was asked for
	Mail        *MailView            `json:"mail"`        // its confirmation
	Mails       []MailView           `json:"mails"`       // newest first
	History     []HistoryView        `json:"history"`     // newest first
	Version     int64                `json:"version"`
}

// RegionView is one region of a group.
type RegionView struct {
	Region      string               `json:"region"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	Status      string               `json:"status"`
	EffectiveAt *time.Time           `json:"effectiveAt"`
}

// ChangeView is one request that changed the programme.
type ChangeView struct {
	Number      int64      `json:"number"`
	Action      string     `json:"action"` // PAUSE or REACTIVATE
	RequestedAt time.Time  `json:"requestedAt"`
	Via         string     `json:"via"` // API or PAGE
	ConfirmedAt *time.Time `json:"confirmedAt"`
	ConfirmedBy string     `json:"confirmedBy"` // MAIL or PAGE; "" = not yet
}

// MailView is one confirmation mail.
type MailView struct {
	Change    int64          `json:"change"`
	Action    string         `json:"action"`
	Status    string         `json:"status"` // OWED, SENT, FAILED or WITHDRAWN
	SentAt    *time.Time     `json:"sentAt"`
	To        string         `json:"to"` // masked
	Attempts  int            `json:"attempts"`
	NextTryAt *time.Time     `json:"nextTryAt"`
	Diagnosis *DiagnosisView `json:"diagnosis"` // nil while nothing is wrong
}

// DiagnosisView says why a mail is not there.
type DiagnosisView struct {
	Code     string `json:"code"` // NO_ADDRESS, UNSUBSCRIBED, BOUNCED, COMPLAINED, REJECTED, THROTTLED, UNREACHABLE, NO_ANSWER or OTHER_ADDRESS
	Evidence string `json:"evidence"`
	Remedy   string `json:"remedy"`
}

// HistoryView is one line of what happened to the programme.
type HistoryView struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Change int64     `json:"change"`
	Detail string    `json:"detail"`
}

// PreviewView is what an action would do to what is on its way now.
type PreviewView struct {
	Action    string            `json:"action"`
	Status    string            `json:"status"`  // what it is now
	CutOff    *time.Time        `json:"cutOff"`  // of a pause: the earliest, were it confirmed at once
	Touched   []PreviewShipment `json:"touched"` // shipments whose units begin or cease to be for sale
	Kept      []PreviewShipment `json:"kept"`    // shipments that stay as they are, while they are for sale or reserved
	Orders    int               `json:"orders"`  // open orders on the shipments of this page; all are honoured
	NextToken string            `json:"nextToken"`
}

// PreviewShipment is one inbound shipment line in a preview.
type PreviewShipment struct {
	Shipment    supply.ShipmentID    `json:"shipmentId"`
	Marketplace supply.MarketplaceID `json:"marketplace"`
	SKU         supply.SKU           `json:"sku"`
	CreatedAt   time.Time            `json:"createdAt"`
	Reserved    supply.Units         `json:"reserved"`
	Buyable     supply.Units         `json:"buyable"`      // now
	After       supply.Units         `json:"buyableAfter"` // once the action counts
}
