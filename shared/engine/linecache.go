package engine

import (
	"sync"

	"headstart/shared/supply"
)

// lineCache keeps the folded lines of items between batches. Segments never
// change and a head says how far its line goes, so a kept line needs no
// invalidation: it is only ever behind, and is caught up from the head.
type lineCache struct {
	mu     sync.Mutex
	lines  map[supply.ItemKey]*keptLine
	orders int // of all kept lines
	most   int // of orders
}

// keptLine is a line with what it was folded from. It is used by one goroutine
// at a time: whoever takes it out of the cache.
type keptLine struct {
	line *supply.Line
	end  tail // the head's tail as folded
}

// maxKeptOrders bounds the cache: about 300 bytes an order, so well below half
// of a function's 1,769 MB. maxFoldedOrders bounds that of the lines as they are
// folded into histories, which the smaller notice reader keeps.
const (
	maxKeptOrders   = 1_500_000
	maxFoldedOrders = 300_000
)

func newLineCache(most int) *lineCache {
	return &lineCache{lines: make(map[supply.ItemKey]*keptLine), most: most}
}

// take removes and returns the kept line of the item, or nil.
func (c *lineCache) take(key supply.ItemKey) *keptLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.lines[key]
	if kept != nil {
		delete(c.lines, key)
		c.orders -= kept.line.Len()
	}
	return kept
}

// keep puts a line back. When the cache is full, others are dropped first.
func (c *lineCache) keep(key supply.ItemKey, kept *keptLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.lines[key]; other != nil {
		if other.line.Next > kept.line.Next {
			return
		}
		c.orders -= other.line.Len()
	}
	for victim, other := range c.lines {
		if c.orders+kept.line.Len() <= c.most {
			break
		}
		c.orders -= other.line.Len()
		delete(c.lines, victim)
	}
	c.lines[key] = kept
	c.orders += kept.line.Len()
}

// Forget drops all kept lines, as a new process would start.
func (e *Engine) Forget() {
	e.lines, e.folded = newLineCache(maxKeptOrders), newLineCache(maxFoldedOrders)
}
