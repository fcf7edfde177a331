package advice

// Works by leading an item through random sales, changes, cancellations, receipts
// and adjustments, and folding its commits one by one, in batches of any size, and
// again and again. It would catch a commit that counts twice when it comes twice,
// a number that is lost between two batches, a count that is not the difference
// the item itself shows, and a record that outgrows its kilobyte.

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/supply"
)

// books are the numbers of a shop as a bookkeeper beside the counter sees them.
type books struct{ sold, early supply.Units }

func (s *shop) counted(id string, do func(), b *books) {
	was := s.item.Line.Order(supply.OrderID(id))
	do()
	is := s.item.Line.Order(supply.OrderID(id))
	if is.Open() { // a refusal sells nothing, and only unknown and open orders are asked for
		b.sold += max(0, is.Units-was.Units)
	}
	b.early += max(0, is.Waiting()-was.Waiting())
}

// live leads a shop through n random commits, at least so many hours apart, and
// returns its books.
func live(rng *rand.Rand, n, apart int) (*shop, books) {
	var b books
	s := open("2026-01-02")
	s.stated = rng.IntN(1001)
	received := map[string]supply.Units{}
	for i := range n {
		s.rules.Now = s.rules.Now.Add(time.Duration(apart+rng.IntN(40)) * time.Hour)
		id := fmt.Sprint("o", rng.IntN(n))
		units := supply.Units(1 + rng.IntN(9))
		lot := fmt.Sprint("FBA", rng.IntN(5))
		eta := s.rules.Now.AddDate(0, 0, rng.IntN(40)).Format(time.DateOnly)
		switch rng.IntN(9) {
		case 0:
			s.adjust(supply.Units(rng.IntN(30)))
		case 1, 2:
			if rng.IntN(2) == 0 {
				received[lot] = min(60, received[lot]+units)
			}
			s.lot(supply.ShipmentID(lot), "2026-01-01", 50, received[lot], eta)
		case 3:
			s.cancel(id)
		case 4:
			if o := s.item.Line.Order(supply.OrderID(id)); o.Open() {
				s.ship(id, min(o.Units, units))
			}
		case 5:
			if s.item.Line.Order(supply.OrderID(id)).State == supply.Reserved {
				s.counted(id, func() { s.change(id, uint32(2+i), units) }, &b)
			}
		default:
			if s.item.Line.Order(supply.OrderID(id)).State == supply.Unknown {
				s.counted(id, func() { s.order(id, units) }, &b)
			}
		}
	}
	return s, b
}

func TestAnyBatchingAndRedeliveryGivesTheSameBytes(t *testing.T) {
	early := supply.Units(0)
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 7))
		s, b := live(rng, 120, 0)
		want := s.history.Append(nil)

		var sold, before supply.Units
		for _, m := range s.history.Months {
			sold, before = sold+m.Sold, before+m.BeforeArrival
		}
		require.Equal(t, b, books{sold, before}, "seed %d", seed)
		early += before

		var stored []byte
		for from := 0; from < len(s.commits); {
			to := min(len(s.commits), from+1+rng.IntN(7))
			h, err := Read(stored)
			require.NoError(t, err)
			line := s.lineAt(h.Next)
			for i := max(0, from-rng.IntN(5)); i < to; i++ { // some come again
				require.Equal(t, i >= from, h.Fold(s.rules, line, s.commits[i]), "seed %d", seed)
			}
			stored, from = h.Append(nil), to
		}
		require.Equal(t, want, stored, "seed %d", seed)
	}
	require.Greater(t, early, supply.Units(1000), "the shops sold something before it arrived")
}

// lineAt folds the line anew up to a sequence, as a process does that has just
// started.
func (s *shop) lineAt(next uint64) *supply.Line {
	line := supply.NewLine()
	for i := range s.commits {
		for _, e := range s.commits[i].Entries {
			if e.Seq < next {
				line.Apply(e.At, e.Seq, &e.Entry)
			}
		}
	}
	return line
}

func TestTheNextCommitBringsTheEntriesOfOneThatWasLost(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 8))
		s, _ := live(rng, 80, 1)
		h, line := &History{}, supply.NewLine()
		var lost []Entry
		for i, c := range s.commits {
			c.Entries = append(lost, c.Entries...)
			lost = c.Entries
			if i == len(s.commits)-1 || rng.IntN(3) > 0 {
				h.Fold(s.rules, line, c)
				lost = nil
			}
		}
		require.Equal(t, s.months(), (&shop{history: *h}).months(), "seed %d", seed)
		require.Equal(t, s.history.Promises.Resolved(), h.Promises.Resolved(), "seed %d", seed)
	}
}

// full is a history in which nothing more has room.
func full() *History {
	h := &History{Next: 1 << 40, Head: 1 << 40, At: at("2027-01-01T10:00:00Z"), OnHand: true, ForSale: true,
		loose: 9999, taken: 99_999, adjusted: -99_999, ordinal: 65_535, Promises: Promises{Kept: 99_999}}
	for i := range maxMonths {
		h.Months = append(h.Months, Month{monthOf(on("2026-01-01")) + int32(i), 150_000, 150_000, 15_000})
	}
	for i := range maxWeeks {
		h.Weeks = append(h.Weeks, Week{weekOf(on("2026-07-01")) + int32(i), 50_000, 7 * 24 * 3600})
	}
	for i := range maxSpells {
		start := at("2026-01-01T10:00:00Z").Add(time.Duration(i) * 18 * 24 * time.Hour)
		h.Spells = append(h.Spells, Spell{start, start.Add(9 * 24 * time.Hour)})
	}
	for i := range maxSources {
		h.sources = append(h.sources, source{uint16(65_000 + i), on("2026-09-01") + supply.Day(7*i), 15_000})
		h.stated = append(h.stated, stated{on("2026-09-01") + supply.Day(3*i), 955})
	}
	for i := range h.travel {
		h.travel[i] = travelUnits / travelBins
	}
	for i := range h.Promises.Late {
		h.Promises.Late[i] = 9999
	}
	for i := range h.Promises.Stated {
		h.Promises.Stated[i] = Stated{9999, 9999, 9_999_000}
	}
	h.Spells[maxSpells-1].End = time.Time{}
	return h
}

func TestAFullHistoryFitsAWriteUnitAndComesBackAsItWas(t *testing.T) {
	h := full()
	b := h.Append(nil)
	require.Less(t, len(b), 880, "a write unit less the key of an item with a long SKU")
	again, err := Read(b)
	require.NoError(t, err)
	require.Equal(t, h, again)

	h, err = Read(nil)
	require.NoError(t, err)
	require.Equal(t, &History{}, h)
	again, err = Read(h.Append(nil))
	require.NoError(t, err)
	require.Equal(t, h, again)
}

func TestACutOrForeignHistoryIsRefused(t *testing.T) {
	b := full().Append(nil)
	accepted := 0
	for n := 1; n < len(b); n++ {
		if _, err := Read(b[:n]); err == nil {
			accepted++
		} else {
			require.True(t, fault.Is(err, fault.Internal))
		}
	}
	require.LessOrEqual(t, accepted, travelBins, "only a list that stands last can be shorter unseen")
	for _, bad := range [][]byte{{2, 0}, append(b[:len(b):len(b)], 1, 1), []byte("\x01\x00" + strings.Repeat("\xff", 40)), append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 0}, 14)} {
		_, err := Read(bad)
		require.True(t, fault.Is(err, fault.Internal), "%x", bad)
	}
}

func TestTheOldestMakesRoom(t *testing.T) {
	h := &History{}
	for i := range int32(30) {
		h.week(i).Sold++
		h.month(i).Sold++
		h.observe(at("2026-01-01T00:00:00Z").Add(time.Duration(48*i)*time.Hour), i%2 == 0)
	}
	h.week(0).Sold++
	require.Equal(t, []int{maxWeeks, maxMonths, 15}, []int{len(h.Weeks), len(h.Months), len(h.Spells)})
	require.EqualValues(t, 4, h.Weeks[0].Week, "what is older than all is counted nowhere")
	require.EqualValues(t, 17, h.Months[0].Month)
	for i := range 30 {
		h.observe(at("2027-01-01T00:00:00Z").Add(time.Duration(48*i)*time.Hour), i%2 == 0)
	}
	require.Len(t, h.Spells, maxSpells)
}
