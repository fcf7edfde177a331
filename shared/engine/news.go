package engine

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// What is published of a seller's promises, supply and alerts is told to the seller
// too: by one letter for all items, a quarter of an hour after the first of it. What
// happened is noted as it is published; what the letter says is what is true when it
// is written, so that it tells nothing which was over before.

// The limits of a letter of news.
const (
	newsAfter     = 15 * time.Minute // from the first note to the letter
	newsKept      = 24 * time.Hour   // what nobody could be told for so long is dropped
	newsItems     = 50               // noted for one letter; more are counted
	newsOrders    = 20               // noted for one item; more are counted
	newsSeenItems = 1000             // for which a change that comes twice is known
)

// newsNote is what one published change has for the seller's letter.
type newsNote struct {
	store.NewsNote
	of       uint64 // hash of the record's partition
	version  int64
	sequence string
}

// news is what a batch of changes has for letters, by seller.
type news struct {
	notes   map[supply.SellerID][]newsNote
	sellers []supply.SellerID
}

func (n *news) add(seller supply.SellerID, c *store.Change, note store.NewsNote) {
	if len(note.Orders) == 0 && len(note.Alerts) == 0 {
		return
	}
	if n.notes == nil {
		n.notes = make(map[supply.SellerID][]newsNote)
	}
	if n.notes[seller] == nil {
		n.sellers = append(n.sellers, seller)
	}
	of := fnv.New64a()
	of.Write([]byte(c.Key.Partition))
	n.notes[seller] = append(n.notes[seller], newsNote{note, of.Sum64(), c.New.Version, c.Sequence})
}

// item adds what was published of a commit: the orders whose promise moved or went,
// each with the day that was known before, and the alerts that were raised. One
// that is cleared needs no note: the letter looks at what stands.
func (n *news) item(c *store.Change, commit *pastCommit, events []Event) {
	note := store.NewsNote{Marketplace: commit.key.Marketplace, SKU: commit.key.SKU, Alerts: raised(events)}
	for i := range commit.entries {
		if entry := &commit.entries[i].entry; entry.Kind == supply.EntryPromised && !entry.Full {
			note.Short = note.Short || !entry.Day.Known()
			note.Orders = append(note.Orders, store.NewsOrder{ID: entry.Order, Told: entry.Was})
		}
	}
	n.add(commit.key.Seller, c, note)
}

// shipment adds the alerts that were raised of a shipment.
func (n *news) shipment(c *store.Change, events []Event) {
	if len(events) > 0 {
		n.add(events[0].Seller, c, store.NewsNote{Marketplace: events[0].Marketplace, Alerts: raised(events)})
	}
}

func raised(events []Event) (alerts []store.NewsAlert) {
	for i := range events {
		a := store.NewsAlert{}
		if e := &events[i]; e.Type == AlertRaised {
			a = store.NewsAlert{Code: e.Alert.Code, Shipment: e.Alert.ShipmentID, Order: e.Alert.OrderID}
		}
		if a.Code != "" && !slices.Contains(alerts, a) {
			alerts = append(alerts, a)
		}
	}
	return alerts
}

// noteNews keeps what a batch has for letters: one write for each seller who has
// any, none for the others. It returns the sequences of the changes that must come
// again.
func (e *Engine) noteNews(ctx context.Context, now time.Time, batch *news) (failed []string) {
	for _, seller := range batch.sellers {
		notes := batch.notes[seller]
		_, err := e.changeNews(ctx, seller, func(n *letters) bool { return n.noteAll(now, notes) })
		if err == nil {
			continue
		}
		e.log.WarnContext(ctx, "news go back", "kind", fault.Of(err).String(), "seller", seller, "err", err)
		for i := range notes {
			failed = append(failed, notes[i].sequence)
		}
	}
	return failed
}

// letters is a seller's news as they were read; version 0 = none are stored.
type letters struct {
	store.News
	version int64
}

func readLetters(r *store.Record) (letters, error) {
	n, err := store.ReadNews(r)
	return letters{n, r.Version}, err
}

// changeNews writes what change makes of a seller's news; nothing when it reports
// that nothing changed. It runs once more after a lost race or an unknown outcome.
func (e *Engine) changeNews(ctx context.Context, seller supply.SellerID, change func(*letters) bool) (changed bool, err error) {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return false, err
		}
		records, err := e.store.Get(ctx, true, store.NewsKey(seller))
		if err != nil {
			return false, fault.Wrap(err, "reading news")
		}
		n, err := readLetters(&records[0])
		if err != nil || !change(&n) {
			return false, err
		}
		ok, err := e.putNews(ctx, seller, &n)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, fault.New(fault.Transient, "BUSY", "the news of %s: lost %d races", seller, maxAttempts)
}

// putNews writes the news in place of what was read; ok is false when that is not
// there any more, or nobody knows.
func (e *Engine) putNews(ctx context.Context, seller supply.SellerID, n *letters) (ok bool, err error) {
	record, err := store.NewsRecord(seller, &n.News, n.due(), n.version+1)
	if err != nil {
		return false, err
	}
	_, ok, err = e.store.Put(ctx, store.Write{Record: record, Expect: n.version})
	if fault.Is(err, fault.Transient) {
		return false, nil
	}
	return ok, fault.Wrap(err, "writing news")
}

// due returns when a letter is to be sent; zero = there is nothing to tell.
func (n *letters) due() time.Time {
	switch {
	case !n.Leased.IsZero():
		return n.Leased
	case len(n.Hand) > 0:
		return n.Next
	case len(n.Notes) == 0:
		return time.Time{}
	}
	at := n.Notes[0].At.Add(newsAfter)
	if n.Next.After(at) {
		return n.Next
	}
	return at
}

// noteAll notes what was not noted before.
func (n *letters) noteAll(now time.Time, notes []newsNote) (changed bool) {
	n.Seen = slices.DeleteFunc(n.Seen, func(s store.NewsSeen) bool { return now.Sub(time.Unix(s.At, 0)) > newsKept })
	for i := range notes {
		if seen := n.seen(now, &notes[i]); seen != nil {
			n.note(now, &notes[i].NewsNote, seen)
			changed = true
		}
	}
	return changed
}

// seen returns the mark of the note's record, or nil for a change that came before.
func (n *letters) seen(now time.Time, note *newsNote) *store.NewsSeen {
	i := slices.IndexFunc(n.Seen, func(s store.NewsSeen) bool { return s.Of == note.of })
	if i < 0 {
		n.Seen = append(n.Seen, store.NewsSeen{Of: note.of})
		n.Seen = n.Seen[max(0, len(n.Seen)-newsSeenItems):]
		i = len(n.Seen) - 1
	}
	s := &n.Seen[i]
	if s.Version >= note.version {
		return nil
	}
	s.Version, s.At = note.version, now.Unix()
	return s
}

// note adds what happened to the notes of its item, or counts the item when there
// is no room.
func (n *letters) note(now time.Time, news *store.NewsNote, seen *store.NewsSeen) {
	i := slices.IndexFunc(n.Notes, about(news))
	switch {
	case i >= 0:
	case len(n.Notes) < newsItems:
		i = len(n.Notes)
		n.Notes = append(n.Notes, store.NewsNote{Marketplace: news.Marketplace, SKU: news.SKU, At: now.UTC()})
	case !seen.Over:
		seen.Over = true
		n.More++
		return
	default:
		return
	}
	join(&n.Notes[i], news)
}

// about returns what knows other notes of the same item, or of the same shipment.
func about(news *store.NewsNote) func(store.NewsNote) bool {
	return func(known store.NewsNote) bool {
		if known.Marketplace != news.Marketplace || known.SKU != news.SKU {
			return false
		}
		return news.SKU != "" || known.Alerts[0].Shipment == news.Alerts[0].Shipment
	}
}

// join adds later news to a note. What was known of an order before the first of
// its moves is what counts.
func join(note *store.NewsNote, news *store.NewsNote) {
	over := news.MoreOrders
	for _, o := range news.Orders {
		known := slices.ContainsFunc(note.Orders, func(k store.NewsOrder) bool { return k.ID == o.ID })
		switch {
		case known:
		case len(note.Orders) < newsOrders:
			note.Orders = append(note.Orders, o)
		default:
			over++
		}
	}
	note.MoreOrders = max(note.MoreOrders, over) // each may have moved more than once
	note.Short = note.Short || news.Short
	for _, a := range news.Alerts {
		if !slices.Contains(note.Alerts, a) {
			note.Alerts = append(note.Alerts, a)
		}
	}
}
