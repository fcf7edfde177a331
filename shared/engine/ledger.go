package engine

import (
	"context"
	"time"

	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// loaded is an item as it was read: its value with the folded line, the card
// (nil unless asked for), and the head it came from. A missing item has version
// 0 and an empty, unlisted item.
type loaded struct {
	key   supply.ItemKey
	rules supply.Rules
	item  *supply.Item
	card  *store.Card
	head  *store.Head
	line  *keptLine
	spare sealing // segments that a lost race left, stored already
}

// load reads items, with their cards when detailed. Without strong the state
// may be some milliseconds old, which the write condition notices. Every loaded
// item must be given back by release.
func (e *Engine) load(ctx context.Context, now time.Time, detailed, strong bool, keys ...supply.ItemKey) ([]*loaded, error) {
	items := make([]*loaded, len(keys))
	for i, key := range keys {
		rules, err := e.rules(key.Marketplace, now)
		if err != nil {
			return nil, err
		}
		items[i] = &loaded{key: key, rules: rules}
	}
	if err := e.readHeads(ctx, items, detailed, strong); err != nil {
		return nil, err
	}
	for _, l := range items {
		if err := e.readLine(ctx, l); err != nil {
			e.release(items...)
			return nil, err
		}
	}
	return items, nil
}

// loadOne is load for one item.
func (e *Engine) loadOne(ctx context.Context, now time.Time, detailed, strong bool, key supply.ItemKey) (*loaded, error) {
	items, err := e.load(ctx, now, detailed, strong, key)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// release gives the lines back to the cache, without what was not committed.
func (e *Engine) release(items ...*loaded) {
	for _, l := range items {
		if l.line != nil {
			l.line.line.Undo()
			e.lines.keep(l.key, l.line)
			l.line = nil
		}
	}
}

func (e *Engine) readHeads(ctx context.Context, items []*loaded, detailed, strong bool) error {
	keys := make([]store.Key, 0, 2*len(items))
	for _, l := range items {
		keys = append(keys, store.HeadKey(l.key))
	}
	if detailed {
		for _, l := range items {
			keys = append(keys, store.CardKey(l.key))
		}
	}
	records, err := e.store.Get(ctx, strong, keys...)
	if err != nil {
		return fault.Wrap(err, "reading heads")
	}
	for i, l := range items {
		if l.head, err = store.ReadHead(l.key, &records[i]); err != nil {
			return err
		}
		l.item = l.head.Item
		if detailed {
			if err := e.readCard(ctx, l, &records[len(items)+i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readCard joins head and card. They are committed together but read one after
// the other, so a card of another version is read again with its head.
func (e *Engine) readCard(ctx context.Context, l *loaded, card *store.Record) (err error) {
	for attempt := 0; card.Version != l.head.Card; attempt++ {
		if attempt == maxAttempts {
			return fault.New(fault.Transient, "BUSY", "item %s changes faster than it can be read", l.key.SKU)
		}
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		records, err := e.store.Get(ctx, true, store.HeadKey(l.key), store.CardKey(l.key))
		if err != nil {
			return fault.Wrap(err, "reading a card")
		}
		if l.head, err = store.ReadHead(l.key, &records[0]); err != nil {
			return err
		}
		l.item, card = l.head.Item, &records[1]
	}
	l.card, err = store.ReadCard(card, l.item)
	// A sweep may have moved lots without writing the card. Whoever commits what was
	// read must not put them back into the card's order: orders take the first lot.
	sortLots(l.item.Lots)
	return err
}

// readLine folds the item's line: what is kept of it is caught up with what the
// head lists.
func (e *Engine) readLine(ctx context.Context, l *loaded) error {
	kept := e.lines.take(l.key)
	if kept == nil || kept.line.Next > l.head.Next {
		// A line ahead of an eventually consistent head would hide that the head is old.
		kept = &keptLine{line: supply.NewLine()}
	}
	if err := e.catchUp(ctx, l, kept); err != nil {
		return err
	}
	kept.line.Gone = l.head.Gone
	kept.line.Mark()
	l.line, l.item.Line = kept, kept.line
	return nil
}

// changed reports whether there is anything to commit.
func (l *loaded) changed() bool { return len(l.item.Entries()) > 0 }
