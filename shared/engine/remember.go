package engine

import (
	"context"
	"slices"

	"headstart/shared/advice"
	"headstart/shared/fault"
	"headstart/shared/store"
	"headstart/shared/supply"
)

// past is what a batch of changes published of items, on its way into their
// histories.
type past struct {
	items map[supply.ItemKey][]pastCommit
	order []supply.ItemKey
}

// pastCommit is one commit of an item as the change feed told it.
type pastCommit struct {
	key           supply.ItemKey
	sequence      string
	before, after *store.Head
	entries       []at
}

func (p *past) add(c pastCommit) {
	if p.items[c.key] == nil {
		p.order = append(p.order, c.key)
	}
	p.items[c.key] = append(p.items[c.key], c)
}

// remember folds commits into the histories of their items: at most one write
// unit per item and batch, none where nothing worth remembering happened. It
// returns the sequences of the changes that must come again. A history that
// cannot be read must not hold up the news: it is begun anew.
func (e *Engine) remember(ctx context.Context, p *past) (failed []string) {
	for _, key := range p.order {
		commits := p.items[key]
		if err := e.rememberItem(ctx, key, commits); err != nil {
			e.log.WarnContext(ctx, "history goes back", "kind", fault.Of(err).String(), "key", store.ItemPartition(key), "err", err)
			for i := range commits {
				failed = append(failed, commits[i].sequence)
			}
		}
	}
	return failed
}

func (e *Engine) rememberItem(ctx context.Context, key supply.ItemKey, commits []pastCommit) error {
	for attempt := range maxAttempts {
		if err := e.pause(ctx, attempt); err != nil {
			return err
		}
		done, err := e.foldItem(ctx, key, commits, attempt > 0)
		if done || err != nil {
			return err
		}
	}
	return fault.New(fault.Transient, "BUSY", "history of %s: lost %d races", key.SKU, maxAttempts)
}

// foldItem folds the commits that the stored history does not have yet; done is
// false when another reader was faster.
func (e *Engine) foldItem(ctx context.Context, key supply.ItemKey, commits []pastCommit, strong bool) (done bool, err error) {
	records, err := e.store.Get(ctx, strong, store.HistoryKey(key))
	if err != nil {
		return false, fault.Wrap(err, "reading a history")
	}
	h := e.readHistory(ctx, &records[0])
	commits = slices.DeleteFunc(slices.Clone(commits), func(c pastCommit) bool { return c.after.Version <= h.Head })
	if len(commits) == 0 {
		return true, nil
	}
	kept, missed, err := e.lineAt(ctx, key, h.Next, &commits[0])
	if err != nil {
		return false, err
	}
	news, err := e.foldAll(ctx, key, h, kept.line, commits, missed)
	if err != nil {
		return false, err
	}
	if news {
		next := store.Record{Key: store.HistoryKey(key), Version: records[0].Version + 1, Attrs: []store.Attr{store.Bytes("h", h.Append(nil))}}
		if _, done, err = e.store.Put(ctx, store.Write{Record: next, Expect: records[0].Version}); err != nil || !done {
			return false, fault.Wrap(err, "writing a history")
		}
	}
	kept.line.Next = h.Next
	// Another Gone means that a compaction forgot orders: so must this memory.
	if commits[len(commits)-1].after.Gone == kept.line.Gone {
		e.folded.keep(key, kept)
	}
	return true, nil
}

// readHistory returns the history of a record; an empty one, saying so, where it
// cannot be read.
func (e *Engine) readHistory(ctx context.Context, r *store.Record) *advice.History {
	h, err := advice.Read(r.Attr("h").Bytes)
	if err != nil {
		e.log.ErrorContext(ctx, "history begins anew", "key", r.Key.Partition, "err", err)
		return &advice.History{}
	}
	return h
}

// lineAt returns the line as it was when the history was folded last, which is
// what its next entries are compared with, and the entries between that and the
// first commit: those of changes that never came.
func (e *Engine) lineAt(ctx context.Context, key supply.ItemKey, next uint64, first *pastCommit) (*keptLine, []at, error) {
	kept := e.folded.take(key)
	fresh := kept != nil && kept.line.Next == next && kept.line.Gone == first.before.Gone
	if !fresh {
		kept = &keptLine{line: supply.NewLine()}
	}
	if fresh && first.before.Next <= next || first.before.Next == 0 {
		return kept, nil, nil
	}
	records, err := e.store.Get(ctx, true, store.HeadKey(key))
	if err != nil {
		return nil, nil, fault.Wrap(err, "reading a head")
	}
	head, err := store.ReadHead(key, &records[0])
	if err != nil {
		return nil, nil, err
	}
	entries, err := e.entriesSince(ctx, key, head, kept.line.Next)
	if err != nil {
		return nil, nil, err
	}
	known := slices.IndexFunc(entries, func(a at) bool { return a.seq >= next })
	if known < 0 {
		known = len(entries)
	}
	for i := range entries[:known] {
		kept.line.Apply(entries[i].frame.At, entries[i].seq, &entries[i].entry)
	}
	kept.line.Next, kept.line.Gone = next, first.before.Gone
	entries = entries[known:]
	missed := slices.IndexFunc(entries, func(a at) bool { return a.seq >= first.before.Next })
	if missed < 0 {
		missed = len(entries)
	}
	return kept, entries[:missed], nil
}

// foldAll folds the commits in their order; news is false when none said anything
// worth remembering.
func (e *Engine) foldAll(ctx context.Context, key supply.ItemKey, h *advice.History, line *supply.Line, commits []pastCommit, missed []at) (news bool, err error) {
	rules, err := e.rules(key.Marketplace, commits[0].after.At)
	if err != nil {
		return false, err
	}
	known, err := e.sources(ctx, key, h, commits)
	if err != nil {
		return false, err
	}
	for i := range commits {
		c := &commits[i]
		it := c.after.Item
		fulfillable := it.Fulfillable() > 0
		commit := advice.Commit{Version: c.after.Version, At: c.after.At, OnHand: fulfillable,
			ForSale: fulfillable || it.FutureSupplyBuyable() > 0, Next: c.after.Next, Entries: remembered(missed, c.entries), Stated: stated(rules.Policy)}
		if missed = nil; c.suppliedAnew() || h.Head == 0 {
			commit.Supply = known
		}
		news = h.Fold(rules, line, commit) || news
	}
	return news, nil
}

// stated returns how sure promises are said to be: as the policy asks, where the
// padding is learnt to that level; of a fixed padding nobody says.
func stated(p supply.Policy) int {
	if !p.Learnt {
		return 0
	}
	return int(p.Confidence.Level.Of(1000))
}

// suppliedAnew reports whether the commit changed the item's supply or controls.
func (c *pastCommit) suppliedAnew() bool { return c.before.Card != c.after.Card }

func remembered(parts ...[]at) []advice.Entry {
	var all []advice.Entry
	for _, part := range parts {
		for i := range part {
			all = append(all, advice.Entry{Seq: part[i].seq, At: part[i].frame.At, Entry: part[i].entry})
		}
	}
	return all
}

// sources reads where the item's units come from, when any of the commits changed
// that or when nothing is known yet.
func (e *Engine) sources(ctx context.Context, key supply.ItemKey, h *advice.History, commits []pastCommit) (*advice.Supply, error) {
	if h.Head != 0 && !slices.ContainsFunc(commits, func(c pastCommit) bool { return c.suppliedAnew() }) {
		return nil, nil
	}
	records, err := e.store.Get(ctx, true, store.CardKey(key))
	if err != nil {
		return nil, fault.Wrap(err, "reading a card")
	}
	it := &supply.Item{Key: key}
	card, err := store.ReadCard(&records[0], it)
	if err != nil {
		return nil, err
	}
	return &advice.Supply{Lots: it.Lots, Adjusted: card.Adjusted}, nil
}
