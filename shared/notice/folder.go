package notice

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"headstart/shared/engine"
	"headstart/shared/fault"
	"headstart/shared/program"
)

// Folder is a mail server for one machine: it puts each letter into a folder as a
// file that mail programs open. It implements engine.Mailer.
type Folder struct{ path, from string }

// NewFolder returns the Mailer that writes to a folder, which it makes when there is
// none. It returns fault.Invalid for an address that mails cannot come from.
func NewFolder(path, from string) (*Folder, error) {
	from, err := program.ParseAddress("the sender's address", from)
	if err != nil {
		return nil, err
	}
	return &Folder{path, from}, nil
}

// Mail writes the letter and returns the file's name. The same letter has the same
// file, which is there as a whole or not at all.
func (f *Folder) Mail(_ context.Context, l engine.Letter) (string, error) {
	m, err := message(l, f.from)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return "", away(l, err)
	}
	file, err := os.CreateTemp(f.path, ".letter-*")
	if err != nil {
		return "", away(l, err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // of no use, unless it was renamed
	_, err = m.WriteTo(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	name := fileName(l)
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(f.path, name))
	}
	return name, away(l, err)
}

// away says that nothing was written. A path has no address in it.
func away(l engine.Letter, err error) error {
	if err == nil {
		return nil
	}
	return &fault.Error{Kind: fault.Throttled, Code: "UNREACHABLE", Message: "letter " + digest(l) + " could not be written", Err: err}
}

// fileName is a letter's file: what a person can read of its id, and what tells it
// from every other.
func fileName(l engine.Letter) string {
	readable := strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", r) {
			return r
		}
		return '_'
	}, l.ID[:min(len(l.ID), 60)])
	return readable + "-" + digest(l)[:12] + ".eml"
}
