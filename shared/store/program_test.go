package store

// Programmes and accounts are written and read again, with every field set to
// something. They would catch a field that is not kept, and a key that another kind
// of record can be taken for.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/program"
	"headstart/shared/supply"
)

func TestAProgrammeReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p program.Program
		now := shipDay
		for range rapid.IntRange(0, 12).Draw(t, "inputs") {
			now = now.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 73 * time.Hour}).Draw(t, "later"))
			switch rapid.IntRange(0, 7).Draw(t, "input") {
			case 0:
				p.Ask(program.Pause, now, program.ByAPI)
			case 1:
				p.Ask(program.Reactivate, now, program.ByPage)
			case 2:
				p.ConfirmOnPage(now)
			case 3:
				if p.Mail() != nil {
					p.Begin(now, "a…n@example.com", 1<<63+7)
				}
			case 4:
				p.Sent(p.Change.Number, now, "id-1")
			case 5:
				p.Failed(p.Change.Number, now, program.NoAnswer)
			case 6:
				p.Resend(now)
			case 7:
				p.Advance(now)
			}
		}
		r, err := ProgramRecord("acme", "EUROPE", &p, 9)
		require.NoError(t, err)
		require.Less(t, r.Size(), 4<<10, "a programme takes few write units")
		back, err := ReadProgram(&r)
		require.NoError(t, err)
		require.Equal(t, p, back)
		require.Equal(t, dueHour(p.Due()), r.Due)
	})
}

func TestTheRecordsOfAProgrammeAreToldApart(t *testing.T) {
	for _, key := range []Key{ProgramKey("acme", "EUROPE"), AccountKey("acme"), BlockedKey("acme", "EUROPE", "FBA1"), StateKey("acme", "FBA1"), HeadKey(supply.ItemKey{Seller: "P", Marketplace: "G", SKU: "x"})} {
		seller, group, isProgram := ParseProgramKey(key)
		require.Equal(t, key == ProgramKey("acme", "EUROPE"), isProgram)
		if isProgram {
			require.Equal(t, [2]string{"acme", "EUROPE"}, [2]string{string(seller), group})
		}
		_, isAccount := ParseAccountKey(key)
		require.Equal(t, key == AccountKey("acme"), isAccount)
		id, isMark := ParseBlockedKey(key)
		require.Equal(t, key == BlockedKey("acme", "EUROPE", "FBA1"), isMark)
		if isMark {
			require.Equal(t, supply.ShipmentID("FBA1"), id)
		}
	}
}

func TestANewRecordIsAProgrammeThatWasNeverSwitched(t *testing.T) {
	p, err := ReadProgram(&Record{})
	require.NoError(t, err)
	require.Equal(t, program.Program{}, p)
	_, err = ReadProgram(&Record{Version: 1, Attrs: []Attr{Bytes("body", []byte("?"))}})
	require.Error(t, err)
}
