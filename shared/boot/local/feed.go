package local

import (
	"context"
	"database/sql"
	"encoding/json"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/supply"
)

// feed keeps published events in the database file of one machine, each once,
// and reads them again for their seller.
type feed struct{ db *sql.DB }

func openFeed(ctx context.Context, db *sql.DB) (*feed, error) {
	_, err := db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS published (
			n      INTEGER PRIMARY KEY AUTOINCREMENT,
			id     TEXT NOT NULL UNIQUE,
			seller TEXT NOT NULL,
			body   TEXT NOT NULL
		);
		CREATE INDEX IF NOT EXISTS published_by_seller ON published (seller, n);
		CREATE TABLE IF NOT EXISTS reader (name TEXT PRIMARY KEY, cursor TEXT NOT NULL)`)
	return &feed{db}, fault.As(fault.Transient, err, "creating the feed of published events")
}

// Publish implements engine.Publisher: all events or none, and none twice.
func (f *feed) Publish(ctx context.Context, events []engine.Event) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return fault.As(fault.Transient, err, "publishing")
	}
	defer tx.Rollback()
	for i := range events {
		body, err := json.Marshal(&events[i])
		if err != nil {
			return fault.As(fault.Internal, err, "encoding event "+events[i].ID)
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO published (id, seller, body) VALUES (?, ?, ?)`,
			events[i].ID, string(events[i].Seller), string(body)); err != nil {
			return fault.As(fault.Transient, err, "publishing event "+events[i].ID)
		}
	}
	return fault.As(fault.Transient, tx.Commit(), "publishing")
}

// Events returns up to limit of the seller's events after the n-th of the feed,
// and the number to go on from.
func (f *feed) Events(ctx context.Context, seller supply.SellerID, after int64, limit int) (events []json.RawMessage, next int64, err error) {
	rows, err := f.db.QueryContext(ctx, `SELECT n, body FROM published WHERE seller = ? AND n > ? ORDER BY n LIMIT ?`, string(seller), after, limit)
	if err != nil {
		return nil, after, fault.As(fault.Transient, err, "reading events")
	}
	defer rows.Close()
	next = after
	for rows.Next() {
		var body string
		if err := rows.Scan(&next, &body); err != nil {
			return nil, after, fault.As(fault.Transient, err, "reading events")
		}
		events = append(events, json.RawMessage(body))
	}
	return events, next, fault.As(fault.Transient, rows.Err(), "reading events")
}

// cursor returns how far the named reader of the change feed has come; "" at
// its first start.
func (f *feed) cursor(ctx context.Context, reader string) (cursor string, err error) {
	err = f.db.QueryRowContext(ctx, `SELECT cursor FROM reader WHERE name = ?`, reader).Scan(&cursor)
	if err == sql.ErrNoRows {
		return "", nil
	}
	return cursor, fault.As(fault.Transient, err, "reading how far "+reader+" has come")
}

func (f *feed) advance(ctx context.Context, reader, cursor string) error {
	_, err := f.db.ExecContext(ctx, `INSERT INTO reader VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`, reader, cursor)
	return fault.As(fault.Transient, err, "noting how far "+reader+" has come")
}
