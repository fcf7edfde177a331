package advice

// These tests run an item through sales, receipts and the passing of time, fold
// each commit as the stream does, and compare what is remembered with numbers
// written by hand. They would catch a sale counted twice or in the wrong month, a
// stock-out that a cancelled order ends, a velocity that stock-outs pull down and
// a promise that was broken and counts as kept.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"headstart/shared/supply"
)

// plain is a calendar in UTC on which every day is a business day.
type plain struct{}

func (plain) Day(t time.Time) supply.Day                     { return supply.DayOf(t.UTC()) }
func (plain) Start(d supply.Day) time.Time                   { return d.Date() }
func (plain) AddBusinessDays(d supply.Day, n int) supply.Day { return d + supply.Day(n) }
func on(s string) supply.Day                                 { d, _ := supply.ParseDay("day", s); return d }
func at(s string) time.Time                                  { return must(time.Parse(time.RFC3339, s)) }
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// shop is an item whose every commit is folded.
type shop struct {
	item     *supply.Item
	rules    supply.Rules
	history  History
	line     *supply.Line
	stated   int
	adjusted supply.Units
	version  int64
	done     int
	commits  []Commit
}

func open(day string) *shop {
	rules := supply.Rules{Policy: supply.DefaultPolicy(), Calendar: plain{}, Now: on(day).Date()}
	rules.Policy.PaddingDays, rules.Policy.ReceivingDays, rules.Policy.StaleAfter = 0, 0, 10000*time.Hour
	return &shop{item: &supply.Item{Listed: true, Detailed: true, Line: supply.NewLine()}, rules: rules, line: supply.NewLine()}
}

// on moves the clock to noon of a day.
func (s *shop) on(day string) *shop {
	s.rules.Now = on(day).Date().Add(12 * time.Hour)
	return s
}

// commit folds what was done since the last commit.
func (s *shop) commit() {
	s.version++
	entries := s.item.Entries()[s.done:]
	c := Commit{Version: s.version, At: s.rules.Now, OnHand: s.item.Fulfillable() > 0,
		ForSale: s.item.Fulfillable() > 0 || s.item.FutureSupplyBuyable() > 0,
		Supply:  &Supply{Lots: append([]supply.Lot(nil), s.item.Lots...), Adjusted: s.adjusted}, Next: s.item.Line.Next, Stated: s.stated}
	for i, e := range entries {
		c.Entries = append(c.Entries, Entry{Seq: uint64(s.done + i), At: s.rules.Now, Entry: e})
	}
	s.done += len(entries)
	s.commits = append(s.commits, c)
	s.history.Fold(s.rules, s.line, c)
}

func (s *shop) adjust(units supply.Units) {
	before := s.item.Stock
	s.item.Adjust(s.rules, units)
	s.adjusted += s.item.Stock - before
	s.commit()
}

// lot tells the item what is known of a shipment.
func (s *shop) lot(id supply.ShipmentID, created string, shipped, received supply.Units, eta string) {
	l := supply.Lot{Shipment: id, Created: on(created).Date(), Status: supply.Shipped, Shipped: shipped, Received: received,
		Heard: s.rules.Now, Version: s.version + 1}
	l.ETA = supply.Window{From: on(eta).Date(), To: on(eta).Date()}
	if received > 0 {
		l.Arrived, l.Counted, l.Status = s.rules.Now, s.rules.Now, supply.Receiving
	}
	s.item.Resupply(s.rules, []supply.Lot{l})
	s.commit()
}

func (s *shop) wish(kind supply.WishKind, id string, revision uint32, units supply.Units) {
	s.item.Decide(s.rules, []supply.Wish{{Kind: kind, Order: supply.OrderID(id), Revision: revision, Units: units, Final: true}})
	s.commit()
}

func (s *shop) order(id string, units supply.Units) { s.wish(supply.WishTake, id, 1, units) }
func (s *shop) change(id string, revision uint32, units supply.Units) {
	s.wish(supply.WishTake, id, revision, units)
}
func (s *shop) cancel(id string)                   { s.wish(supply.WishCancel, id, 0, 0) }
func (s *shop) ship(id string, units supply.Units) { s.wish(supply.WishShip, id, 0, units) }

func (s *shop) months() (all []string) {
	for _, m := range s.history.Months {
		all = append(all, fmt.Sprintf("%s %d %d %d", m.Name(), m.Sold, m.BeforeArrival, m.Cancelled))
	}
	return all
}

func TestUnitsSoldBeforeTheyArriveCountInTheMonthOfTheirSale(t *testing.T) {
	s := open("2026-03-02")
	s.adjust(10)
	s.order("on hand", 4)
	s.lot("FBA1", "2026-03-03", 100, 0, "2026-04-20")
	s.on("2026-03-31").order("both", 9) // 6 on hand, 3 on their way
	s.on("2026-04-01").order("ahead", 20)
	s.change("ahead", 2, 26)
	s.change("ahead", 3, 24)
	s.order("regretted", 7)
	s.cancel("regretted")
	require.Equal(t, []string{"2026-03 13 3 0", "2026-04 33 33 9"}, s.months())

	s.on("2026-04-20").lot("FBA1", "2026-03-03", 100, 100, "2026-04-20")
	s.order("after", 5)
	s.cancel("ahead")
	require.Equal(t, []string{"2026-03 13 3 0", "2026-04 38 33 9"}, s.months(), "what has arrived is not given up on its way")
}

func TestAnOrderThatGrowsTakesWhatIsOnHandFirst(t *testing.T) {
	s := open("2026-03-02")
	s.adjust(10)
	s.lot("FBA1", "2026-03-02", 100, 0, "2026-03-20")
	s.order("o", 4)
	s.change("o", 2, 12)
	require.Equal(t, []string{"2026-03 12 2 0"}, s.months())
	s.ship("o", 11)
	require.Equal(t, []string{"2026-03 12 2 1"}, s.months(), "the last unit is not sent: it was given up on its way")
}

func TestStockOutsOfTheLastNinetyDaysCountAlsoTheOneThatGoesOn(t *testing.T) {
	s := open("2026-01-01")
	require.Empty(t, s.history.StockOuts(s.rules.Now))
	s.commit()
	s.on("2026-01-05").adjust(0)
	require.Empty(t, s.history.Spells, "what never was on hand is new")
	for _, span := range [][2]string{{"2026-01-10", "2026-01-12"}, {"2026-02-10", "2026-02-13"}} {
		s.adjust(5)
		s.on(span[0]).adjust(0)
		s.on(span[1]).adjust(5)
	}
	require.Len(t, s.history.StockOuts(s.rules.Now), 2)
	require.Empty(t, s.history.Advise(s.rules, Stock{OnHand: 5}))

	s.on("2026-03-10").order("last", 5)
	s.on("2026-03-15")
	advised := s.history.Advise(s.rules, Stock{})
	require.Equal(t, ChronicOOS, advised[0].Code)
	require.Equal(t, map[string]float64{"spells": 3, "withinDays": 90, "daysOut": 10}, advised[0].Numbers)
	require.Contains(t, advised[0].Evidence, "out of stock 3 times in 90 days, 10 days in all")

	s.on("2026-04-13")
	advised = s.history.Advise(s.rules, Stock{})
	require.Equal(t, []Code{LowCover}, []Code{advised[0].Code})
	require.Len(t, advised, 1, "the first spell is past")
	s.rules.Now = at("2026-04-12T12:00:00Z")
	require.Len(t, s.history.StockOuts(s.rules.Now), 2, "90 days after its end a spell is past")
	s.rules.Now = s.rules.Now.Add(-time.Second)
	require.Len(t, s.history.StockOuts(s.rules.Now), 3)
}

func TestAUnitThatComesBackForLessThanADayEndsNoStockOut(t *testing.T) {
	for hours, spells := range map[time.Duration]int{23: 1, 24: 2} {
		s := open("2026-03-02")
		s.adjust(2)
		s.order("o1", 2)
		s.rules.Now = s.rules.Now.Add(time.Hour)
		s.cancel("o1")
		s.rules.Now = s.rules.Now.Add(hours * time.Hour)
		s.order("o2", 2)
		require.Len(t, s.history.Spells, spells)
		require.Zero(t, s.history.Spells[spells-1].End)
	}
}

func TestTwoHundredUnitsAtTenADayLastTwoPointNineWeeks(t *testing.T) {
	s := open("2026-02-02")
	s.adjust(480)
	for i, day := range []string{"2026-02-08", "2026-02-15", "2026-02-22", "2026-03-01"} {
		s.on(day).order(fmt.Sprint("week ", i), 70)
	}
	s.rules.Now = on("2026-03-02").Date()
	c, known := s.history.Cover(s.rules, StockOf(s.item))
	require.True(t, known)
	require.Equal(t, 10.0, c.PerDay())
	advised := s.history.Advise(s.rules, StockOf(s.item))
	require.Len(t, advised, 1)
	require.Equal(t, LowCover, advised[0].Code)
	require.Equal(t, map[string]float64{"weeks": 2.9, "unitsPerDay": 10, "units": 200, "sendAtLeast": 80, "sendAtMost": 360}, advised[0].Numbers)

	require.Len(t, s.history.Advise(s.rules, Stock{OnHand: 200, Inbound: 79}), 1)
	require.Empty(t, s.history.Advise(s.rules, Stock{OnHand: 200, Inbound: 80}), "four weeks are enough")
}

func TestDaysWithNothingToSellDoNotPullTheVelocityDown(t *testing.T) {
	s := open("2026-02-02")
	s.adjust(100)
	s.on("2026-02-11").order("all", 100) // after 9.5 days
	s.on("2026-03-01")
	c, known := s.history.Cover(s.rules, Stock{OnHand: 200})
	require.True(t, known)
	require.Equal(t, 228*time.Hour, c.ForSale)
	require.InDelta(t, 10.526, c.PerDay(), 0.001)
	s.adjust(200)
	s.on("2026-03-02")
	c, _ = s.history.Cover(s.rules, StockOf(s.item))
	require.Equal(t, 252*time.Hour, c.ForSale, "the days without count neither before nor after the next delivery")

	s = open("2026-02-02")
	s.adjust(100)
	s.on("2026-02-08").order("all", 100) // 6.5 days say too little
	_, known = s.history.Cover(s.rules, Stock{OnHand: 200})
	require.False(t, known)
	require.Empty(t, s.history.Advise(s.rules, Stock{OnHand: 1}))
}

func TestAQuarterOfSalesMakesTheVelocity(t *testing.T) {
	s := open("2026-01-05") // a Monday
	s.adjust(1000)
	s.order("long ago", 700)
	s.on("2026-01-14").order("of the quarter", 90)
	s.rules.Now = at("2026-04-13T00:00:00Z") // 13 weeks from January 19th on
	c, known := s.history.Cover(s.rules, StockOf(s.item))
	require.False(t, known, "%v", c)
	s.rules.Now = at("2026-04-12T23:59:59Z") // from January 12th on
	c, known = s.history.Cover(s.rules, StockOf(s.item))
	require.True(t, known)
	require.EqualValues(t, 90, c.Sold)
	require.InDelta(t, 91*24, c.ForSale.Hours(), 0.001)
}

func TestTheMedianIsOverUnitsTheFirstShipmentSellsFirst(t *testing.T) {
	s := open("2026-03-01")
	_, known := s.history.MedianDays()
	require.False(t, known)
	s.adjust(10)
	s.lot("FBA1", "2026-03-01", 30, 0, "2026-04-20")
	s.on("2026-03-05").lot("FBA2", "2026-03-05", 50, 0, "2026-04-25")
	s.on("2026-03-06").order("no shipment brought these", 10)
	_, known = s.history.MedianDays()
	require.False(t, known)
	s.on("2026-03-11").order("a", 20) // FBA1 after 10 days
	days, _ := s.history.MedianDays()
	require.Equal(t, 10, days)
	s.on("2026-03-21").order("b", 30) // FBA1 10 after 20 days, FBA2 20 after 16
	days, _ = s.history.MedianDays()
	require.Equal(t, 16, days)
	s.cancel("a")
	s.on("2026-05-24").order("c", 12) // what came back sells again, of FBA2, overdue or not: it is closed to new orders
	days, _ = s.history.MedianDays()
	require.Equal(t, 16, days)
}

func TestWeeksStandForLongJourneys(t *testing.T) {
	var j travel
	for _, span := range [][3]int{{41, 41, 41}, {42, 48, 45}, {181, 175, 178}, {182, 400, 185}} {
		require.Equal(t, travelBin(span[0]), travelBin(span[1]))
		require.Equal(t, span[2], binDays(travelBin(span[0])))
	}
	j.add(5, 15_000)
	j.add(9, 15_000)
	require.EqualValues(t, 15_000, j.total(), "the past fades")
	j.add(9, supply.MaxUnits)
	days, _ := j.median()
	require.Equal(t, 9, days)
	require.LessOrEqual(t, j.total(), uint64(travelUnits))
}

func TestAPromiseIsResolvedOnceAndAgainstItsFirstDate(t *testing.T) {
	s := open("2026-03-02")
	s.lot("FBA1", "2026-03-02", 100, 0, "2026-03-20")
	for _, id := range []string{"kept", "late", "regretted", "given up", "sent early"} {
		s.order(id, 20)
	}
	s.cancel("regretted")
	s.on("2026-03-10").lot("FBA1", "2026-03-02", 100, 0, "2026-03-27")
	s.on("2026-03-20").lot("FBA1", "2026-03-02", 100, 20, "2026-03-27")
	require.Equal(t, []uint32{1, 1}, []uint32{s.history.Promises.Kept, s.history.Promises.Resolved()})
	s.ship("kept", 20)
	s.ship("sent early", 20)
	s.on("2026-03-21").cancel("given up")
	s.on("2026-03-27").lot("FBA1", "2026-03-02", 100, 80, "2026-03-27")
	require.Equal(t, Promises{Kept: 2, Late: [6]uint32{1, 0, 0, 1, 0, 0}}, s.history.Promises, "a buyer who gives up after the date was let down")
	s.order("on hand", 1)
	s.ship("late", 20)
	require.EqualValues(t, 4, s.history.Promises.Resolved())
}

func TestOfAHundredPromisesSaidToBeEightyPerCentSureEightyAreKept(t *testing.T) {
	s := open("2026-03-02")
	s.stated = 800
	s.lot("FBA1", "2026-03-02", 80, 0, "2026-03-20")
	s.lot("FBA2", "2026-03-02", 20, 0, "2026-03-20")
	s.lot("FBA3", "2026-03-02", 10, 0, "2026-03-21")
	for i := range 110 {
		if i == 100 {
			s.stated = 950
		}
		s.order(fmt.Sprint(i), 1)
	}
	s.on("2026-03-20").lot("FBA1", "2026-03-02", 80, 80, "2026-03-20")
	s.on("2026-03-21").lot("FBA3", "2026-03-02", 10, 10, "2026-03-21")
	s.on("2026-03-25").lot("FBA2", "2026-03-02", 20, 20, "2026-03-20")
	p := s.history.Promises
	require.Equal(t, Stated{Resolved: 100, Kept: 80, Sum: 80_000}, p.Stated[4])
	require.Equal(t, 800, StatedFrom[4])
	require.Equal(t, Stated{Resolved: 10, Kept: 10, Sum: 9500}, p.Stated[6])
}

func TestWhatNobodyStatedIsNotCalibrated(t *testing.T) {
	var p Promises
	p.add(0, 0)
	p.add(-3, 499)
	p.add(16, 1000)
	require.EqualValues(t, 3, p.Resolved())
	require.Equal(t, Stated{Resolved: 1, Kept: 1, Sum: 499}, p.Stated[0])
	require.Equal(t, Stated{Resolved: 1, Sum: 1000}, p.Stated[8])
	require.EqualValues(t, 1, p.Late[5])
}
