package advice

import (
	"fmt"
	"math"
	"time"

	"headstart/shared/supply"
)

// Code names a piece of advice.
type Code string

// The advice that there is.
const (
	ChronicOOS Code = "CHRONIC_OOS" // out of stock again and again: selling ahead is for occasional stock-outs
	LowCover   Code = "LOW_COVER"   // the units do not last as long as they should
)

// Advisory is one piece of advice with what it rests on.
type Advisory struct {
	Code     Code
	Evidence string
	Numbers  map[string]float64
}

const (
	chronicSpells = 3 // Source: feature F16
	chronicWithin = 90 * 24 * time.Hour
	// Weeks of sales that should be on hand or on their way. Source: Amazon's help
	// page of In-Stock Head Start, "four to eight weeks of expected sales".
	coverLeast, coverMost = 4, 8
	velocityWeeks         = 13 // of which the velocity is made: a quarter, so that one season counts
	velocityLeast         = 7 * 24 * time.Hour
	secondsPerDay         = 24 * 3600
)

// Stock is what can still be sold of an item.
type Stock struct {
	OnHand  supply.Units // free now
	Inbound supply.Units // on their way with a date, and not sold yet
}

// StockOf returns what can still be sold of a detailed item that was advanced to
// the time of the reading. A lot without a date, because nobody named one or it has
// passed, is nothing to plan with.
func StockOf(it *supply.Item) Stock {
	s := Stock{OnHand: it.Fulfillable()}
	for i := range it.Lots {
		l := &it.Lots[i]
		if !l.Code.Over() && l.Day.Known() {
			s.Inbound += max(0, l.Expected()-l.Pegged)
		}
	}
	return s
}

// Cover is how long an item's units last.
type Cover struct {
	Stock
	Sold    supply.Units  // in the last 13 weeks
	ForSale time.Duration // of them, in which a buyer could buy
}

// PerDay returns the units sold per day on which a buyer could buy: days without
// anything to sell say nothing of the demand.
func (c *Cover) PerDay() float64 {
	return float64(c.Sold) * secondsPerDay / c.ForSale.Seconds()
}

// Weeks returns how many weeks the units last.
func (c *Cover) Weeks() float64 { return float64(c.OnHand+c.Inbound) / c.PerDay() / 7 }

// Missing returns how many more units so many weeks of sales need.
func (c *Cover) Missing(weeks int) supply.Units {
	return max(0, supply.Units(math.Ceil(c.PerDay()*7*float64(weeks)-1e-9))-c.OnHand-c.Inbound)
}

// Cover returns how long the stock lasts at the present velocity; false when the
// item sold nothing in the last 13 weeks, or was for sale for less than a week of
// them: too little to say.
func (h *History) Cover(r supply.Rules, s Stock) (Cover, bool) {
	c := Cover{Stock: s}
	first := weekOf(r.Today()) - velocityWeeks + 1
	var sold, seconds int64
	for i := range h.Weeks {
		if h.Weeks[i].Week >= first {
			sold, seconds = sold+h.Weeks[i].Sold, seconds+h.Weeks[i].ForSale
		}
	}
	if h.Head != 0 && h.ForSale {
		forSale(r.Calendar, h.At, r.Now, func(week int32, more int64) {
			if week >= first {
				seconds += more
			}
		})
	}
	c.Sold, c.ForSale = supply.Units(sold), time.Duration(seconds)*time.Second
	return c, c.Sold > 0 && c.ForSale >= velocityLeast
}

// StockOuts returns the spells of the last 90 days with nothing on hand, the one
// that goes on among them.
func (h *History) StockOuts(now time.Time) (spells []Spell) {
	since := now.Add(-chronicWithin)
	for _, s := range h.Spells {
		if s.Start.Before(now) && (s.End.IsZero() || s.End.After(since)) {
			spells = append(spells, s)
		}
	}
	return spells
}

// MedianDays returns within how many days of the announcement of their shipment
// half of the units were sold; false when none was.
func (h *History) MedianDays() (days int, known bool) { return h.travel.median() }

// Advise returns what the seller should know, the most pressing first.
func (h *History) Advise(r supply.Rules, s Stock) (all []Advisory) {
	for _, rule := range []func(*History, supply.Rules, Stock) (Advisory, bool){chronic, low} {
		if a, ok := rule(h, r, s); ok {
			all = append(all, a)
		}
	}
	return all
}

func chronic(h *History, r supply.Rules, _ Stock) (Advisory, bool) {
	spells := h.StockOuts(r.Now)
	if len(spells) < chronicSpells {
		return Advisory{}, false
	}
	var out time.Duration
	for _, s := range spells {
		end := s.End
		if end.IsZero() {
			end = r.Now
		}
		from := latest(s.Start, r.Now.Add(-chronicWithin))
		out += end.Sub(from)
	}
	days := round(out.Hours()/24, 1)
	return Advisory{Code: ChronicOOS,
		Evidence: fmt.Sprintf("out of stock %d times in 90 days, %g days in all; selling ahead bridges an occasional stock-out: ship earlier, or more", len(spells), days),
		Numbers:  map[string]float64{"spells": float64(len(spells)), "withinDays": 90, "daysOut": days}}, true
}

func low(h *History, r supply.Rules, s Stock) (Advisory, bool) {
	c, known := h.Cover(r, s)
	if !known || c.Weeks() >= coverLeast {
		return Advisory{}, false
	}
	weeks, perDay := round(c.Weeks(), 1), round(c.PerDay(), 1)
	least, most := c.Missing(coverLeast), c.Missing(coverMost)
	return Advisory{Code: LowCover,
		Evidence: fmt.Sprintf("%d units last %g weeks at %g a day; keep %d to %d weeks: send %d to %d more", c.OnHand+c.Inbound, weeks, perDay, coverLeast, coverMost, least, most),
		Numbers: map[string]float64{"weeks": weeks, "unitsPerDay": perDay, "units": float64(c.OnHand + c.Inbound),
			"sendAtLeast": float64(least), "sendAtMost": float64(most)}}, true
}

// round returns x with so many decimals, as it is shown.
func round(x float64, decimals int) float64 {
	shift := math.Pow10(decimals)
	return math.Round(x*shift) / shift
}
