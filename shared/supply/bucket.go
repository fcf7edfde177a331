package supply

import "time"

// Step is how long a bucket of days is.
type Step uint8

// The steps, on the calendar: a week is Monday to Sunday.
const (
	ByDay Step = iota
	ByWeek
	ByMonth
	stepCount
)

var stepNames = [stepCount]string{ByDay: "day", ByWeek: "week", ByMonth: "month"}

// String returns the step as it is asked for: week.
func (s Step) String() string { return stepNames[s] }

// ParseStep returns the step named s, and whether there is one.
func ParseStep(s string) (Step, bool) {
	for step, name := range stepNames {
		if s == name {
			return Step(step), true
		}
	}
	return 0, false
}

// next returns the first day after d's own day, week or month.
func (s Step) next(d Day) Day {
	date := d.Date()
	switch s {
	case ByWeek:
		return d + 7 - (Day(date.Weekday())+6)%7
	case ByMonth:
		return DayOf(time.Date(date.Year(), date.Month()+1, 1, 0, 0, 0, 0, time.UTC))
	}
	return d + 1
}

// Bucket is what an item has in stock on the days from From to before To: units
// on their way count on the in-stock date of their lot, units on hand today.
type Bucket struct {
	From, To Day
	OnHand   Units // free on hand
	Buyable  Units // OnHand, and what new orders may take from lots
	Expected Units // still to come
	Reserved Units // of those, bought already
}

func (b *Bucket) add(o Bucket) {
	b.OnHand += o.OnHand
	b.Buyable += o.Buyable
	b.Expected += o.Expected
	b.Reserved += o.Reserved
}

// Buckets is an item's supply by date. All of it stands in exactly one bucket.
type Buckets struct {
	Days    []Bucket // from the first day asked for, cut at the last
	Before  Bucket
	After   Bucket
	Undated Bucket // lots that nobody can date: overdue ones, and those without an ETA
}

// Total returns all of it.
func (o *Buckets) Total() (t Bucket) {
	for _, b := range o.Days {
		t.add(b)
	}
	t.add(o.Before)
	t.add(o.After)
	t.add(o.Undated)
	return t
}

// Buckets returns the item's supply by date, in buckets from the day from to
// before the day to. The item must be Detailed and advanced to r.Now. It changes
// nothing.
func (it *Item) Buckets(r Rules, from, to Day, by Step) Buckets {
	o := Buckets{Before: Bucket{To: from}, After: Bucket{From: to}}
	for day := from; day < to; {
		next := min(by.next(day), to)
		o.Days = append(o.Days, Bucket{From: day, To: next})
		day = next
	}
	o.at(r.Today()).add(Bucket{OnHand: it.Fulfillable(), Buyable: it.Fulfillable()})
	ahead := it.owed()
	for i := range it.Lots {
		l := &it.Lots[i]
		cut := min(ahead, l.Pegged)
		ahead -= cut
		if l.Code.Over() {
			continue
		}
		b := Bucket{Expected: l.Expected(), Reserved: l.Pegged - cut}
		if it.forbidden() == CodeNone {
			b.Buyable = l.Buyable()
		}
		o.at(l.Day).add(b)
	}
	return o
}

// at returns the bucket of a day.
func (o *Buckets) at(d Day) *Bucket {
	switch {
	case !d.Known():
		return &o.Undated
	case d < o.Before.To:
		return &o.Before
	case d >= o.After.From:
		return &o.After
	}
	i := 0
	for d >= o.Days[i].To {
		i++
	}
	return &o.Days[i]
}
