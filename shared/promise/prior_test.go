package promise_test

// Works by asking priors and receipts what they say against numbers worked out by
// hand. It would catch a new install that promises other days than the documents
// say, and a vendor that is trusted with units it never sends.

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"headstart/shared/fault"
	"headstart/shared/promise"
)

func TestAPriorSaysWhatItIsMadeFrom(t *testing.T) {
	n := promise.Prior{OnTime: 0.8, Tail: 0.5}.Node(100_000)
	f := promise.Foretell([]*promise.Node{&n}, -30)
	for day, want := range map[int]float64{-1: 0, 0: 0.8, 1: 0.9, 2: 0.95, 3: 0.975, 34: 1} {
		require.InDelta(t, want, f.By(day), 0.001, "day %d", day)
	}
	late := promise.Foretell([]*promise.Node{&n}, 5)
	require.InDelta(t, 0.5, late.By(5), 0.01, "half of those late come each day")
}

func TestFewShipmentsDoNotOutweighAPriorAndManyDo(t *testing.T) {
	n := promise.Prior{OnTime: 0.8, Tail: 0.5}.Node(200)
	lane := []*promise.Node{&n}
	before := promise.Foretell(lane, -14)
	teach(lane, 20)
	few := promise.Foretell(lane, -14)
	require.InDelta(t, before.By(3), few.By(3), 0.01)
	for range 3000 {
		teach(lane, 5)
	}
	many := promise.Foretell(lane, -14)
	require.Less(t, many.By(4), 0.05)
}

func TestWhatAVendorsLinesShow(t *testing.T) {
	type line struct{ received, announced int64 }
	for _, c := range []struct {
		why   string
		lines []line
		times int
		short float64
		sure  float64
	}{
		{"nothing known: five of a hundred lines", nil, 0, 0.05, 1},
		{"one line with a fifth missing", []line{{80, 100}}, 1, 1.5 / 11, 0.80},
		{"one line with 92 of 100", []line{{92, 100}}, 1, 1.5 / 11, 0.92},
		{"rounded down, never up", []line{{9299, 10000}}, 1, 1.5 / 11, 0.92},
		{"over is whole", []line{{105, 100}}, 1, 0.5 / 11, 1},
		{"nothing came", []line{{0, 100}}, 2, 0.208, 0},
		{"nothing announced teaches nothing", []line{{5, 0}}, 3, 0.05, 1},
		{"many whole lines", []line{{100, 100}}, 150, 0.0045, 1},
	} {
		var r promise.Receipts
		for range c.times {
			for _, l := range c.lines {
				r.Count(l.received, l.announced)
			}
		}
		require.InDelta(t, c.short, r.Short(), 0.0005, c.why)
		require.InDelta(t, c.sure, r.Sure(0.9), 1e-9, c.why)
	}
}

func TestAVendorWinsTrustBack(t *testing.T) {
	var r promise.Receipts
	for range 3 {
		r.Count(80, 100)
	}
	lines := 0
	for ; r.Short() > 0.10; lines++ {
		r.Count(100, 100)
		require.Less(t, lines, 60)
	}
	require.Greater(t, lines, 10, "three short lines are not forgotten after a few whole ones")
}

func TestReceiptsAreStoredAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r promise.Receipts
		for range rapid.IntRange(0, 50).Draw(t, "lines") {
			r.Count(rapid.Int64Range(-5, 300).Draw(t, "received"), rapid.Int64Range(-1, 200).Draw(t, "announced"))
		}
		packed := r.AppendBinary(nil)
		require.Len(t, packed, promise.ReceiptsBytes)
		back, err := promise.UnpackReceipts(packed)
		require.NoError(t, err)
		require.Equal(t, r, back)
		require.GreaterOrEqual(t, r.Sure(0.5), r.Sure(0.9))
		require.True(t, r.Short() >= 0 && r.Short() <= 1)
		_, err = promise.UnpackReceipts(packed[1:])
		require.True(t, fault.Is(err, fault.Internal))
		packed[3], packed[4] = 0xc0, 0x7f
		_, err = promise.UnpackReceipts(packed)
		require.True(t, fault.Is(err, fault.Internal), "not a number")
	})
}
