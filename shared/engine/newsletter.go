package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/program"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// lookForReach is how often to look whether the seller can be told again.
const lookForReach = time.Hour

// sendNews sends the letter of news that a seller is owed, if it is time for it. It
// is taken in hand by a conditional write first, so that only one sends it, under a
// number that stays the same for a repetition, and marked as sent afterwards. Who is
// stopped in between leaves it to the next sweep: a letter may come twice, never
// not at all. A letter that cannot be sent is no failure. It reports whether one
// was sent.
func (e *Engine) sendNews(ctx context.Context, now time.Time, seller supply.SellerID) (sent bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, err
		}
		records, err := e.store.Get(ctx, true, store.NewsKey(seller), store.AccountKey(seller))
		if err != nil {
			return false, fault.Wrap(err, "reading news")
		}
		n, err := readLetters(&records[0])
		if err != nil {
			return false, err
		}
		a, err := store.ReadAccount(&records[1])
		if due := n.due(); err != nil || due.IsZero() || now.Before(due) {
			return false, err
		}
		letter, err := e.takeNews(ctx, now, seller, &n, &account{a, records[1].Version})
		if err != nil {
			return false, err
		}
		if ok, err := e.putNews(ctx, seller, &n); err != nil {
			return false, err
		} else if !ok { // another has it in hand, or there is more to tell
			continue
		}
		if letter == nil {
			return false, nil
		}
		_, failed := e.post(ctx, *letter)
		_, err = e.changeNews(ctx, seller, func(current *letters) bool { return current.posted(n.Letter, now, failed) })
		return failed == nil, err
	}
	return false, fault.New(fault.Transient, "BUSY", "the news of %s: lost %d races", seller, maxAttempts)
}

// takeNews takes the letter that is due in hand and returns it, to be sent once n is
// written; nil when nothing is to be sent, which is to be written too.
func (e *Engine) takeNews(ctx context.Context, now time.Time, seller supply.SellerID, n *letters, a *account) (*Letter, error) {
	if a.unreachable() != program.NoProblem {
		n.wait(now)
		return nil, nil
	}
	if len(n.Hand) == 0 {
		n.Letter++
		n.Hand, n.HandMore, n.Notes, n.More = n.Notes, n.More, nil, 0
		for i := range n.Seen {
			n.Seen[i].Over = false
		}
	}
	items, err := e.newsItems(ctx, now, seller, n.Hand)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		n.dismiss()
		return nil, nil
	}
	n.Attempts++
	n.Leased = now.Add(program.LeaseFor)
	return &Letter{ID: fmt.Sprintf("%s%s/%d", newsLetterPrefix, seller, n.Letter), Seller: seller, To: a.Address(),
		Language: Language(cmp.Or(a.Language, string(English))), Console: e.links.Base + "/program",
		Unsubscribe: e.unsubscribeLink(ctx, seller, a.Address()), News: &NewsLetter{Items: items, More: n.HandMore}}, nil
}

// dismiss ends the letter in hand.
func (n *letters) dismiss() {
	n.Hand, n.HandMore, n.Leased, n.Next, n.Attempts = nil, 0, time.Time{}, time.Time{}, 0
}

// wait keeps what is to be told for a while: perhaps the seller can be told later.
func (n *letters) wait(now time.Time) {
	n.putBack()
	n.dropOlder(now)
	n.Leased, n.Next, n.Attempts = time.Time{}, time.Time{}, 0
	if len(n.Notes) > 0 {
		n.Next = now.Add(lookForReach)
	}
}

// hurry lets what waits for a better moment be tried by the next sweep.
func (n *letters) hurry() bool {
	waits := !n.Next.IsZero()
	n.Next, n.Attempts = time.Time{}, 0
	return waits
}

// putBack makes the notes of the letter in hand notes of the next one.
func (n *letters) putBack() {
	later := n.Notes
	n.Notes, n.More = n.Hand, n.More+n.HandMore
	n.Hand, n.HandMore = nil, 0
	for i := range later {
		if at := slices.IndexFunc(n.Notes, about(&later[i])); at >= 0 {
			join(&n.Notes[at], &later[i])
		} else if len(n.Notes) < newsItems {
			n.Notes = append(n.Notes, later[i])
		} else {
			n.More++
		}
	}
}

func (n *letters) dropOlder(now time.Time) {
	n.Notes = slices.DeleteFunc(n.Notes, func(note store.NewsNote) bool { return now.Sub(note.At) >= newsKept })
	if len(n.Notes) == 0 {
		n.More = 0
	}
}

// posted notes what became of the letter of that number. One that was surely not
// sent is written anew later; one that the mail server refuses is given up; one that
// may have been sent is repeated under its number, for a day.
func (n *letters) posted(number int64, now time.Time, failed error) bool {
	if n.Letter != number || len(n.Hand) == 0 {
		return false // another has marked it
	}
	next := now.Add(program.Wait(n.Attempts))
	switch problem := problemOf(failed); {
	case failed == nil || problem == program.Rejected:
		n.dismiss()
		return true
	case problem != program.NoAnswer:
		n.putBack()
	case now.Sub(n.Hand[0].At) >= newsKept:
		n.dismiss()
		return true
	}
	n.Leased, n.Next = time.Time{}, next
	return true
}

// newsItems returns what is new of the noted items as they are now: an order whose
// date is what the seller knew, a shortfall that is served again and an alert that
// no longer stands are no news.
func (e *Engine) newsItems(ctx context.Context, now time.Time, seller supply.SellerID, notes []store.NewsNote) (told []NewsItem, err error) {
	for i := range notes {
		note, item := &notes[i], NewsItem{}
		if note.SKU == "" {
			item, err = e.newsOfShipment(ctx, seller, note)
		} else {
			item, err = e.newsOfItem(ctx, now, seller, note)
		}
		if err != nil {
			return nil, err
		}
		if item.Moved > 0 || item.Short > 0 || len(item.Alerts) > 0 {
			told = append(told, item)
		}
	}
	return told, nil
}

func (e *Engine) newsOfShipment(ctx context.Context, seller supply.SellerID, note *store.NewsNote) (item NewsItem, err error) {
	item.Marketplace = note.Marketplace
	for _, a := range note.Alerts {
		records, err := e.store.Get(ctx, true, store.StateKey(seller, a.Shipment))
		if err != nil {
			return item, fault.Wrap(err, "reading a shipment's state")
		}
		if numbers, err := alerted(&records[0]); err != nil || len(numbers) == 0 {
			return item, err
		}
		item.Alerts = append(item.Alerts, NewsAlert{a.Code, a.Shipment})
	}
	return item, nil
}

func (e *Engine) newsOfItem(ctx context.Context, now time.Time, seller supply.SellerID, note *store.NewsNote) (item NewsItem, err error) {
	l, err := e.loadOne(ctx, now, true, true, supply.ItemKey{Seller: seller, Marketplace: note.Marketplace, SKU: note.SKU})
	if err != nil {
		return item, err
	}
	defer e.release(l)
	l.advance()
	item = NewsItem{Marketplace: note.Marketplace, SKU: note.SKU, ProductName: l.card.ProductName}
	if note.Short {
		item.Short = l.item.Short
	}
	for _, o := range note.Orders {
		item.moved(o.Told, l.item.Line.Order(o.ID))
	}
	if item.Moved > 0 { // what was not noted moved with what was
		item.Moved += note.MoreOrders
	}
	for _, a := range note.Alerts {
		if stands(l.item, a) {
			item.Alerts = append(item.Alerts, NewsAlert{a.Code, a.Shipment})
		}
	}
	return item, nil
}

// moved counts an open order whose date is another than the seller knew.
func (item *NewsItem) moved(told supply.Day, o supply.Order) {
	if !o.Open() || !o.Promised.Known() || o.Promised == told {
		return
	}
	if later := int(o.Promised - told); told.Known() && (item.LaterBy == 0 || later > item.LaterBy) {
		item.LaterBy = later
	}
	item.Moved++
	item.Latest = max(item.Latest, o.Promised)
}

// stands reports whether an alert of an item still holds. One that is not about a
// mark of a lot was somebody's mistake with an order, which nothing takes back.
func stands(it *supply.Item, a store.NewsAlert) bool {
	for _, known := range lotAlerts {
		if known.code == a.Code {
			lot := it.Lot(a.Shipment)
			return lot != nil && known.marked(lot)
		}
	}
	return true
}
