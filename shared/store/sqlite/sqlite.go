// Package sqlite is the store of one machine: one SQLite file in WAL mode with
// synchronous FULL, so what a method reports as done survives kill -9 and a
// power cut. One goroutine writes; calls that wait for it are committed
// together, each answered after the commit. Readers have connections of their
// own. It knows no rule of the business.
package sqlite

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"sync"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"headstart/shared/fault"
	"headstart/shared/store"
)

//go:embed schema.sql
var schema string

// schemaVersion is the PRAGMA user_version of a file made by schema.sql.
const schemaVersion = 1

// Store implements store.Store.
type Store struct {
	writer, reader *sql.DB
	write          writeStatements
	read           readStatements

	jobs      chan job
	closing   chan struct{} // closed by Close
	stopped   chan struct{} // closed when the writing goroutine has ended
	close     sync.Once
	committed chan struct{}
}

// Open opens the database file, creating it where it does not exist. Several
// processes may open one file; Notify tells of this process's commits only. It
// returns fault.Invalid for a path that is no file of ours or was made by a
// newer program, and fault.Transient when another process holds the file.
func Open(path string) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, fault.New(fault.Invalid, "STORE_PATH", "path: %q, name a file; package memory needs none", path)
	}
	s := &Store{
		jobs: make(chan job), closing: make(chan struct{}), stopped: make(chan struct{}),
		committed: make(chan struct{}, 1),
	}
	if err := s.open(path); err != nil {
		return nil, errors.Join(err, s.shut())
	}
	go s.serve()
	return s, nil
}

// create makes the file readable by its owner alone: it holds what buyers and
// sellers trusted us with. A file that exists is left to SQLite: closing a
// second handle of it would drop SQLite's locks in this process.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fault.As(fault.Invalid, err, "sqlite store: create")
	}
	return fault.As(fault.Internal, f.Close(), "sqlite store: create")
}

func (s *Store) open(path string) error {
	if err := create(path); err != nil {
		return err
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=synchronous(full)"
	var err error
	if s.writer, err = sql.Open("sqlite", name+"&_pragma=journal_mode(wal)&_txlock=immediate"); err != nil {
		return classify(err, "open "+path)
	}
	s.writer.SetMaxOpenConns(1) // SQLite writes one transaction at a time anyway
	if err := migrate(s.writer, path); err != nil {
		return err
	}
	if s.reader, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
		return classify(err, "open "+path)
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	if err := s.write.prepare(s.writer); err != nil {
		return classify(err, "open "+path)
	}
	return classify(s.read.prepare(s.reader), "open "+path)
}

// migrate makes the schema in a new file and refuses one it does not know.
func migrate(db *sql.DB, path string) error {
	tx, err := db.Begin()
	if err != nil {
		return classify(err, "open "+path)
	}
	defer tx.Rollback()
	var found int
	if err := tx.QueryRow("pragma user_version").Scan(&found); err != nil {
		return classify(err, "open "+path)
	}
	switch {
	case found == schemaVersion:
		return nil
	case found != 0:
		return fault.New(fault.Invalid, "STORE_SCHEMA", "%s has schema %d and this program knows %d: open it with the newer program that made it", path, found, schemaVersion)
	}
	if _, err := tx.Exec(schema); err != nil {
		return classify(err, "open "+path)
	}
	return classify(tx.Commit(), "open "+path)
}

// Close answers what was accepted, ends the writing goroutine and closes the
// file. Calls that come later fail with fault.Transient.
func (s *Store) Close() error {
	var err error
	s.close.Do(func() {
		close(s.closing)
		<-s.stopped
		err = s.shut()
	})
	return err
}

func (s *Store) shut() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return fault.As(fault.Internal, errors.Join(errs...), "close sqlite store")
}

// DB returns the handle that writes: one connection, whose transactions wait
// for their turn at the start. What shares the file (the durable queue) uses
// it; a transaction that stays open stops the store.
func (s *Store) DB() *sql.DB { return s.writer }

// Notify returns the channel that holds a token after one or more commits of
// this process brought changes; one reader may wait on it instead of polling.
func (s *Store) Notify() <-chan struct{} { return s.committed }

// kinds tells by SQLite's primary result code what may succeed another time.
var kinds = map[int]fault.Kind{
	codes.SQLITE_BUSY:      fault.Transient,
	codes.SQLITE_LOCKED:    fault.Transient,
	codes.SQLITE_INTERRUPT: fault.Transient,
	codes.SQLITE_FULL:      fault.Transient, // the disk; somebody makes room
	codes.SQLITE_IOERR:     fault.Transient,
	codes.SQLITE_NOMEM:     fault.Transient,
	codes.SQLITE_NOTADB:    fault.Invalid, // the file named is something else
	codes.SQLITE_CANTOPEN:  fault.Invalid,
	codes.SQLITE_READONLY:  fault.Invalid,
}

func classify(err error, op string) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*fault.Error](err); known {
		return err
	}
	kind := fault.Internal
	if e, ok := errors.AsType[*driver.Error](err); ok {
		kind = kinds[e.Code()&0xff] // the low byte is the primary code; absent: Internal
	}
	return fault.As(kind, err, "sqlite store: "+op)
}

func alive(ctx context.Context, op string) error {
	return fault.As(fault.Transient, ctx.Err(), "sqlite store: "+op)
}

var _ store.Store = (*Store)(nil)
