package store

import (
	"encoding/json"
	"strings"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/supply"
)

// What a seller's programme is made of stands in one partition: a record for each
// group of regions that are switched together, the seller's account, and one mark
// for every shipment that a pause blocks.

const (
	accountSort  = "ACCOUNT"
	groupPrefix  = "G#"
	blockedSpace = "B#"
)

// ProgramPartition returns the partition of a seller's programme: P#seller.
func ProgramPartition(seller supply.SellerID) string { return "P#" + string(seller) }

// ProgramKey returns the key of the programme in a group of regions.
func ProgramKey(seller supply.SellerID, group string) Key {
	return Key{ProgramPartition(seller), groupPrefix + group}
}

// AccountKey returns the key of where and how a seller is told.
func AccountKey(seller supply.SellerID) Key { return Key{ProgramPartition(seller), accountSort} }

// BlockedKey returns the key of the mark that a pause of the group blocks the
// shipment.
func BlockedKey(seller supply.SellerID, group string, id supply.ShipmentID) Key {
	return Key{ProgramPartition(seller), blockedSpace + group + "#" + string(id)}
}

// BlockedQuery lists the marks of a group, in the order of the shipments' ids.
func BlockedQuery(seller supply.SellerID, group, next string, limit int) Query {
	return Query{Index: Main, Partition: ProgramPartition(seller), Prefix: blockedSpace + group + "#", Strong: true, Next: next, Limit: limit}
}

// ProgramQuery lists the programmes of a seller that were ever switched.
func ProgramQuery(seller supply.SellerID, next string) Query {
	return Query{Index: Main, Partition: ProgramPartition(seller), Prefix: groupPrefix, Strong: true, Next: next}
}

// ParseProgramKey reads what ProgramKey wrote; ok is false for any other key.
func ParseProgramKey(k Key) (seller supply.SellerID, group string, ok bool) {
	name, isProgram := strings.CutPrefix(k.Partition, "P#")
	group, isGroup := strings.CutPrefix(k.Sort, groupPrefix)
	return supply.SellerID(name), group, isProgram && isGroup
}

// ParseBlockedKey reads what BlockedKey wrote; ok is false for any other key.
func ParseBlockedKey(k Key) (id supply.ShipmentID, ok bool) {
	parts := strings.SplitN(k.Sort, "#", 3)
	if !strings.HasPrefix(k.Partition, "P#") || len(parts) != 3 || parts[0]+"#" != blockedSpace {
		return "", false
	}
	return supply.ShipmentID(parts[2]), true
}

// ParseAccountKey reads what AccountKey wrote; ok is false for any other key.
func ParseAccountKey(k Key) (seller supply.SellerID, ok bool) {
	name, ok := strings.CutPrefix(k.Partition, "P#")
	return supply.SellerID(name), ok && k.Sort == accountSort
}

// ProgramRecord returns the programme as the store keeps it. It is due when time
// alone changes it or its mail is to be tried.
func ProgramRecord(seller supply.SellerID, group string, p *program.Program, version int64) (Record, error) {
	packed, err := packJSON(programBodyOf(p))
	return Record{Key: ProgramKey(seller, group), Version: version, Due: dueHour(p.Due()), Attrs: []Attr{
		Text("status", p.Status.String()), Bytes("body", packed),
	}}, err
}

// ReadProgram reads what ProgramRecord made; Version 0 gives a programme that was
// never switched. It returns fault.Internal for a damaged record.
func ReadProgram(r *Record) (program.Program, error) {
	if r.Version == 0 {
		return program.Program{}, nil
	}
	var body programBody
	if err := unpackJSON(r, &body); err != nil {
		return program.Program{}, err
	}
	return body.program(), nil
}

// programBody's names are stored, so they never change.
type programBody struct {
	Status  program.Status `json:"status"`
	Since   time.Time      `json:"since,omitzero"`
	Change  changeBody     `json:"change"`
	CutOff  time.Time      `json:"cutOff,omitzero"`
	Opening bool           `json:"opening,omitempty"`
	Mails   []mailBody     `json:"mails,omitempty"`
	Alerts  program.Alert  `json:"alerts,omitempty"`
	History []eventBody    `json:"history,omitempty"`
}

type changeBody struct {
	Number    int64          `json:"n"`
	Action    program.Action `json:"a,omitempty"`
	Requested time.Time      `json:"at,omitzero"`
	Via       program.Way    `json:"via,omitempty"`
	Confirmed time.Time      `json:"ok,omitzero"`
	By        program.Way    `json:"by,omitempty"`
}

type mailBody struct {
	Change    int64           `json:"n"`
	Action    program.Action  `json:"a,omitempty"`
	Stamp     time.Time       `json:"stamp,omitzero"`
	Attempts  int             `json:"tries,omitempty"`
	Leased    time.Time       `json:"lease,omitzero"`
	Doubt     bool            `json:"doubt,omitempty"`
	Next      time.Time       `json:"next,omitzero"`
	Sent      time.Time       `json:"sent,omitzero"`
	Again     bool            `json:"again,omitempty"`
	ID        string          `json:"id,omitempty"`
	To        string          `json:"to,omitempty"`
	Mailbox   uint64          `json:"box,omitempty"`
	Problem   program.Problem `json:"why,omitempty"`
	Withdrawn bool            `json:"gone,omitempty"`
}

type eventBody struct {
	At     time.Time    `json:"at"`
	What   program.What `json:"what"`
	Change int64        `json:"n,omitempty"`
	Detail string       `json:"d,omitempty"`
}

func programBodyOf(p *program.Program) programBody {
	b := programBody{Status: p.Status, Since: p.Since, Change: changeBody(p.Change), CutOff: p.CutOff, Opening: p.Opening, Alerts: p.Alerts}
	for _, m := range p.Mails {
		b.Mails = append(b.Mails, mailBody(m))
	}
	for _, e := range p.History {
		b.History = append(b.History, eventBody(e))
	}
	return b
}

func (b *programBody) program() program.Program {
	p := program.Program{Status: b.Status, Since: b.Since, Change: program.Change(b.Change), CutOff: b.CutOff, Opening: b.Opening, Alerts: b.Alerts}
	for _, m := range b.Mails {
		p.Mails = append(p.Mails, program.Mail(m))
	}
	for _, e := range b.History {
		p.History = append(p.History, program.Event(e))
	}
	return p
}

// Account is where and how a seller is told. The zero Account has no address.
type Account struct {
	Email      string          `json:"email,omitempty"`    // set by the seller
	Given      time.Time       `json:"given,omitzero"`     // when an address was last given: nothing older is about it
	Own        string          `json:"own,omitempty"`      // the address of the account itself, set by the operator
	Language   string          `json:"language,omitempty"` // ISO 639-1; "" = English
	Suppressed program.Problem `json:"stop,omitempty"`     // why nothing is sent to the address any more
	Since      time.Time       `json:"since,omitzero"`     // of that
}

// Address returns where mail goes: what the seller set, else the account's own.
func (a *Account) Address() string {
	if a.Email != "" {
		return a.Email
	}
	return a.Own
}

// AccountRecord returns the account as the store keeps it.
func AccountRecord(seller supply.SellerID, a *Account, version int64) (Record, error) {
	body, err := json.Marshal(a)
	return Record{Key: AccountKey(seller), Version: version, Attrs: []Attr{Bytes("body", Pack(body))}}, fault.As(fault.Internal, err, "packing an account")
}

// ReadAccount reads what AccountRecord made; Version 0 gives the zero Account. It
// returns fault.Internal for a damaged record.
func ReadAccount(r *Record) (a Account, err error) {
	if r.Version > 0 {
		err = unpackJSON(r, &a)
	}
	return a, err
}
