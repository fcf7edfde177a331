package notice

// Letters are written to a folder of the test's own and read back with the standard
// library's mail reader. They would catch a mail that other programs cannot read, a
// header that is missing or that a stranger wrote, and a letter that becomes two files
// or one outside of the folder.

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"headstart/shared/engine"
	"headstart/shared/fault"
)

const from = "programme@headstart.example"

func folder(t testing.TB) (*Folder, string) {
	path := filepath.Join(t.TempDir(), "mails")
	f, err := NewFolder(path, from)
	require.NoError(t, err)
	return f, path
}

// received is a mail as another program reads it.
type received struct {
	mail.Header
	subject, text, html string
}

func read(t require.TestingT, raw io.Reader) received {
	m, err := mail.ReadMessage(raw)
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	r := received{Header: m.Header, subject: subject}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return r
		}
		require.NoError(t, err)
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			r.text = text
		case "text/html":
			r.html = text
		default:
			require.Fail(t, kind)
		}
	}
}

func open(t testing.TB, path ...string) received {
	file, err := os.Open(filepath.Join(path...))
	require.NoError(t, err)
	defer file.Close()
	return read(t, file)
}

func TestALetterInAFolderIsAMailThatProgramsRead(t *testing.T) {
	for kind, write := range kinds {
		for language := range languages {
			f, path := folder(t)
			l := letter()
			l.Language = language
			write(&l)
			name, err := f.Mail(t.Context(), l)
			require.NoError(t, err, kind)
			got, want := open(t, path, name), render(t, l)
			require.Equal(t, want.Subject, got.subject)
			require.Equal(t, strings.TrimSpace(want.Text), strings.TrimSpace(got.text))
			require.Equal(t, strings.TrimSpace(want.HTML), strings.TrimSpace(got.html))
			require.Equal(t, "<anna@example.com>", got.Get("To"))
			require.Equal(t, `"Headstart" <programme@headstart.example>`, got.Get("From"))
			require.Equal(t, "<"+digest(l)+"@headstart.example>", got.Get("Message-ID"))
			require.Equal(t, "auto-generated", got.Get("Auto-Submitted"))
			_, err = got.Date()
			require.NoError(t, err)
			if l.Unsubscribe != "" {
				require.Equal(t, "<https://headstart.example/u/token>", got.Get("List-Unsubscribe"))
				require.Equal(t, "List-Unsubscribe=One-Click", got.Get("List-Unsubscribe-Post"))
			}
			require.Len(t, got.Header, map[bool]int{true: 10, false: 8}[l.Unsubscribe != ""], "%v", got.Header)
		}
	}
}

func TestOneClickIsOfferedOverHTTPSAlone(t *testing.T) {
	f, path := folder(t)
	l := letter()
	kinds["paused"](&l)
	l.Unsubscribe = "http://127.0.0.1:8080/u/token"
	name, err := f.Mail(t.Context(), l)
	require.NoError(t, err)
	got := open(t, path, name)
	require.Equal(t, "<http://127.0.0.1:8080/u/token>", got.Get("List-Unsubscribe"))
	require.Empty(t, got.Get("List-Unsubscribe-Post"))
}

func TestAHostileNameAddsNoHeader(t *testing.T) {
	for _, h := range hostile {
		f, path := folder(t)
		l := letter()
		kinds["news-of-one"](&l)
		l.News.Items[0].ProductName = h.name
		name, err := f.Mail(t.Context(), l)
		require.NoError(t, err)
		got := open(t, path, name)
		require.Equal(t, "News: "+h.shown, got.subject)
		require.Len(t, got.Header, 8, "%v", got.Header)
	}
}

func TestTheSameLetterIsOneFileAndAnotherIsAnother(t *testing.T) {
	f, path := folder(t)
	names := make(map[string]bool)
	for _, id := range []string{"P/acme/EUROPE/1", "P/acme/EUROPE/1", "P/acme/EUROPE/2", "P_acme_EUROPE_1", "../../escape", "..", "/etc/passwd", ".", "a\x00b", "CON", "ü\n", strings.Repeat("../", 60)} {
		l := letter()
		kinds["paused"](&l)
		l.ID = id
		name, err := f.Mail(t.Context(), l)
		require.NoError(t, err)
		require.Equal(t, filepath.Base(name), name)
		names[name] = true
	}
	entries, err := os.ReadDir(path)
	require.NoError(t, err)
	require.Len(t, entries, 11, "nothing else, no half a file either")
	for _, e := range entries {
		require.True(t, names[e.Name()], e.Name())
		require.True(t, strings.HasSuffix(e.Name(), ".eml"))
	}
	outside, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, outside, 1)
}

func TestALetterThatCannotBeOneMailToOneAddressIsRejected(t *testing.T) {
	f, path := folder(t)
	for why, spoil := range map[string]func(*engine.Letter){
		"two addresses":   func(l *engine.Letter) { l.To = "anna@example.com, bob@example.com" },
		"a header":        func(l *engine.Letter) { l.To = "anna@example.com\r\nBcc: bob@example.com" },
		"no address":      func(l *engine.Letter) { l.To = "" },
		"no id":           func(l *engine.Letter) { l.ID = "" },
		"a long id":       func(l *engine.Letter) { l.ID = strings.Repeat("x", maxID+1) },
		"a broken link":   func(l *engine.Letter) { l.Unsubscribe = "https://headstart.example/u\r\nBcc: bob@example.com" },
		"a second link":   func(l *engine.Letter) { l.Unsubscribe = "https://headstart.example/u>,<https://evil.example" },
		"a script":        func(l *engine.Letter) { l.Unsubscribe = "javascript:alert(1)" },
		"nothing to tell": func(l *engine.Letter) { l.Program = nil },
	} {
		l := letter()
		kinds["paused"](&l)
		spoil(&l)
		_, err := f.Mail(t.Context(), l)
		known(t, err, fault.Invalid, "REJECTED")
		require.NotContains(t, err.Error(), "anna", why)
	}
	require.NoDirExists(t, path)
}

// known holds the kind and the code of an error.
func known(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	require.Error(t, err)
	found, ok := err.(*fault.Error)
	require.True(t, ok, "%T", err)
	require.Equal(t, kind, found.Kind, "%v", err)
	require.Equal(t, code, found.Code)
}

func TestAFolderThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	_, path := folder(t)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	f, err := NewFolder(path, from)
	require.NoError(t, err)
	l := letter()
	kinds["paused"](&l)
	_, err = f.Mail(t.Context(), l)
	known(t, err, fault.Throttled, "UNREACHABLE")
	_, err = NewFolder(path, "Headstart <programme@headstart.example>")
	require.True(t, fault.Is(err, fault.Invalid))
}
