package supply

// These tests write entries and read them back, byte by byte. They would catch
// a field that is lost in storage, an entry that grew, and a reader that
// believes corrupt bytes.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func someEntries() []Entry {
	day := DayOf(time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC))
	return []Entry{
		{Kind: EntryAccepted, Order: "113-4821771-7654321", Revision: 1, Units: 1, Day: day},
		{Kind: EntryAccepted, Order: "a", Revision: 70_000, Units: MaxUnits, Day: dayEpoch - 1, Full: true, Split: true, Allocated: 3,
			Hold: time.UnixMilli(1_770_000_000_123).UTC(), Siblings: []SKU{"B", "größe 2"}},
		{Kind: EntryRefused, Order: "b", Revision: 2, Units: 4, Reason: InsufficientSupply, Anchor: "A"},
		{Kind: EntryRefused, Order: "b", Revision: 3, Units: 4, Reason: ReasonVerdict + Reason(SoldOut)},
		{Kind: EntryCancelled, Order: "c", Reason: HoldExpired},
		{Kind: EntryShipped, Order: "d", Units: 2, Full: true},
		{Kind: EntryAllocated, Order: "e", Units: 2, Day: dayEpoch, Multi: true},
		{Kind: EntryPromised, Order: "f", Day: 0, Was: day, Units: 5},
		{Kind: EntryPromised, Order: "f", Day: 1, Was: 0},
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 5, 0, time.UTC)
	first := Frame{First: 41, At: at, Cause: CauseReceipt, About: "FBA15ABC", Moves: []Move{{1, Undated, 20525}, {65535, 20518, Undated}}}
	second := Frame{First: 100, At: at.Add(-time.Hour)}
	all := someEntries()
	b := AppendFrame(nil, first, 0, time.Time{})
	for i := range all[:5] {
		b = AppendEntry(b, &all[i])
	}
	b = AppendFrame(b, second, 46, first.At)
	for i := range all[5:] {
		b = AppendEntry(b, &all[5+i])
	}
	var read []Entry
	var seqs []uint64
	require.NoError(t, Decode(b, 7, func(f Frame, seq uint64, e *Entry) error {
		want := first
		if seq >= 100 {
			want = second
		}
		require.Equal(t, want, f)
		read, seqs = append(read, *e), append(seqs, seq)
		return nil
	}))
	require.Equal(t, all, read)
	require.Equal(t, []uint64{41, 42, 43, 44, 45, 100, 101, 102, 103}, seqs)
	for cut := 1; cut < len(b); cut++ {
		n := 0
		err := Decode(b[:cut], 7, func(Frame, uint64, *Entry) error { n++; return nil })
		require.True(t, err != nil || n < len(all), "cut at %d", cut)
	}
}

func TestAnOrdinaryEntryTakesSixBytesBesideItsID(t *testing.T) {
	e := someEntries()[0]
	require.Len(t, AppendEntry(nil, &e), len(e.Order)+6)
}

func FuzzDecode(f *testing.F) {
	b := AppendFrame(nil, Frame{First: 3, At: time.Unix(1_770_000_000, 0).UTC()}, 0, time.Time{})
	for _, e := range someEntries() {
		b = AppendEntry(b, &e)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		line := NewLine()
		_ = Decode(b, 0, func(f Frame, seq uint64, e *Entry) error {
			line.Apply(f.At, seq, e)
			return nil
		})
	})
}
