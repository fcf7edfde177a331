package engine

// These tests hold the timeline to its rules: one entry per change of verdict,
// named by what it meant for selling, bounded. They would catch an entry per
// commit, a stop without its began, and a record that outgrows the store.

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

func TestATimelineSaysWhenSellingBeganAndStopped(t *testing.T) {
	var timeline []TimelineEntry
	for i, verdict := range []supply.Code{supply.NoTracking, supply.Buyable, supply.Buyable, supply.SoldOut, supply.Overdue, supply.Buyable, supply.InStock} {
		timeline = appendTimeline(timeline, TimelineEntry{At: monday.Add(time.Duration(i) * time.Hour), Verdict: verdict.String()})
	}
	var got []string
	for _, e := range timeline {
		got = append(got, fmt.Sprintf("%d %s %s", e.At.Hour(), e.Event, e.Verdict))
	}
	require.Equal(t, []string{"10 REASON_CHANGED NO_TRACKING", "11 SELLING_BEGAN BUYABLE", "13 SELLING_STOPPED SOLD_OUT",
		"14 REASON_CHANGED OVERDUE", "15 SELLING_BEGAN BUYABLE", "16 SELLING_STOPPED IN_STOCK"}, got)
}

func TestATimelineKeepsTheLatestEntries(t *testing.T) {
	var timeline []TimelineEntry
	for i := range 2 * maxTimeline {
		verdict := supply.Buyable
		if i%2 == 1 {
			verdict = supply.BeyondHorizon
		}
		day := supply.DayOf(monday)
		timeline = appendTimeline(timeline, TimelineEntry{At: monday.Add(time.Duration(i) * time.Nanosecond), Verdict: verdict.String(), FutureSupplyBuyable: supply.MaxUnits, InStockDate: &day})
	}
	require.Len(t, timeline, maxTimeline)
	require.Equal(t, monday.Add((2*maxTimeline-1)*time.Nanosecond), timeline[maxTimeline-1].At)
	body, err := encodeTimeline(timeline)
	require.NoError(t, err)
	require.Less(t, len(body), store.MaxRecordBytes/2)
	again, err := decodeTimeline(body)
	require.NoError(t, err)
	require.Equal(t, timeline, again)
}

func TestATimelineIsReadFromTheOutbox(t *testing.T) {
	ctx, e := context.Background(), newTestEngine()
	_, err := e.Timeline(ctx, monday, kettle)
	require.True(t, fault.Is(err, fault.NotFound))
	list(t, e, kettle, monday)
	view, err := e.Timeline(ctx, monday, kettle)
	require.NoError(t, err)
	require.Empty(t, view.Timeline)

	entries := appendTimeline(nil, TimelineEntry{At: monday, Verdict: "BUYABLE", FutureSupplyBuyable: 30, InStockDate: on("2026-03-18")})
	body, err := encodeTimeline(entries)
	require.NoError(t, err)
	_, ok, err := e.store.Put(ctx, store.Write{Expect: store.Absent, Record: store.Record{Key: store.OutboxKey(kettle), Version: 1, Attrs: []store.Attr{store.Text("body", body)}}})
	require.NoError(t, err)
	require.True(t, ok)
	view, err = e.Timeline(ctx, monday, kettle)
	require.NoError(t, err)
	require.Equal(t, entries, view.Timeline)
	_, err = decodeTimeline(`{"timeline":7}`)
	require.True(t, fault.Is(err, fault.Internal))
}
