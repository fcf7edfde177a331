// Package supply is the domain: what is on hand, what is on its way, which
// order is served by which of it, and what may still be sold. An Item's state
// is a fold over an append-only line of entries and over the lots that carriers
// and receipts keep current; everything a buyer sees is computed from those two.
//
// It is pure: no I/O, no clock, no context, no concurrency. Time is an argument
// of every rule, and a change is a value that the engine commits or drops.
package supply
