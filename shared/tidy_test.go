package shared

// These tests hold the architecture as data: who may import whom, who may ask
// the time, which names are refused. They read the source as text, so they
// catch an arrow that turned round on the day it does.

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// arrows says what each package of shared may import of the project, and why
// the rest is refused. A package without a row may import nothing of it.
var arrows = map[string]struct {
	may []string
	why string
}{
	"fault":           {nil, "it is what all others speak"},
	"supply":          {[]string{"fault"}, "the domain is pure: it knows no store, no transport and no clock"},
	"promise":         {[]string{"fault"}, "the lateness model is pure: it knows no store, no transport and no clock"},
	"advice":          {[]string{"fault", "supply"}, "advice is pure: it knows no store, no transport and no clock"},
	"program":         {[]string{"fault", "supply"}, "the programme is pure: it knows no store, no transport and no clock"},
	"notice":          {[]string{"fault", "supply", "program", "engine"}, "mails are written from the engine's letters; adapters never import each other"},
	"order":           {[]string{"fault", "supply"}, "adapters never import each other"},
	"carrier":         {[]string{"fault", "supply"}, "adapters never import each other"},
	"queue":           {[]string{"fault"}, "adapters never import each other"},
	"config":          {[]string{"fault", "supply", "program"}, "configuration is read before anything is built"},
	"edge":            {[]string{"fault"}, "protocols know no business"},
	"store":           {[]string{"fault", "supply", "program"}, "the contract and its codecs know the domain's values only"},
	"store/storetest": {[]string{"fault", "store", "supply"}, "the suite tests any store by its contract"},
	"store/memory":    {[]string{"fault", "store"}, "a store knows its contract only"},
	"store/sqlite":    {[]string{"fault", "store"}, "a store knows its contract only"},
	"store/dynamo":    {[]string{"fault", "store"}, "a store knows its contract only"},
	"engine":          {[]string{"fault", "supply", "promise", "program", "advice", "store", "order"}, "use cases know the pure packages and two contracts, no adapter"},
	"api":             {[]string{"fault", "supply", "program", "engine"}, "HTTP calls the use cases"},
	"boot":            {[]string{"*"}, "the composition root knows everything"},
	"boot/local":      {[]string{"*"}, "a place knows what it provides"},
}

// pure packages import the standard library only, and none of its I/O.
var pure = map[string]bool{"supply": true, "promise": true, "program": true, "advice": true, "fault": true}

var impure = []string{"context", "io/fs", "net", "net/http", "os", "os/exec", "log", "log/slog", "database/sql", "syscall", "math/rand", "math/rand/v2", "crypto/rand", "sync"}

// drawers are names that say nothing about what is inside.
var drawers = []string{"util", "utils", "common", "types", "helpers", "helper", "models", "misc", "base", "lib"}

const module = "headstart/"

type source struct {
	folder string // below the module's root
	path   string
	file   *ast.File
	tokens *token.FileSet
}

func sources(t *testing.T) (all []source) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "build" || entry.Name() == ".git" || entry.Name() == ".aws-sam" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		tokens := token.NewFileSet()
		file, err := parser.ParseFile(tokens, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel("..", filepath.Dir(path))
		all = append(all, source{filepath.ToSlash(folder), path, file, tokens})
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 50, "the walk must see the project")
	return all
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) imports() (paths []string) {
	for _, spec := range s.file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, path)
	}
	return paths
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, s := range sources(t) {
		name, shared := strings.CutPrefix(s.folder, "shared/")
		if s.test() {
			continue
		}
		for _, path := range s.imports() {
			target, own := strings.CutPrefix(path, module)
			if !own {
				continue
			}
			target = strings.TrimPrefix(target, "shared/")
			require.False(t, name == "boot" && strings.HasPrefix(target, "store/sqlite"), "%s: no Lambda function carries a database along", s.path)
			if !shared {
				if strings.HasPrefix(s.folder, "functions/") {
					require.Equal(t, "boot", target, "%s: a function is a main of boot and nothing else", s.path)
				}
				continue
			}
			row, listed := arrows[name]
			require.True(t, listed, "%s: package %s has no row in arrows; give it one with its reason", s.path, name)
			require.True(t, len(row.may) == 1 && row.may[0] == "*" || contains(row.may, target),
				"%s imports %s: refused, because %s", s.path, target, row.why)
		}
	}
}

func TestThePureStayPure(t *testing.T) {
	for _, s := range sources(t) {
		name, _ := strings.CutPrefix(s.folder, "shared/")
		if !pure[name] || s.test() {
			continue
		}
		for _, path := range s.imports() {
			require.False(t, contains(impure, path), "%s imports %s: the domain does no I/O and has no clock", s.path, path)
			require.True(t, strings.HasPrefix(path, module) || !strings.Contains(path, "."), "%s imports %s: the domain stands on the standard library", s.path, path)
		}
	}
}

func TestTheClockIsReadInBootAlone(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.folder == "shared/boot" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := call.X.(*ast.Ident)
			if ok && pkg.Name == "time" && (call.Sel.Name == "Now" || call.Sel.Name == "Since" || call.Sel.Name == "Until") && clocked(s.folder) {
				t.Errorf("%s reads the clock: time is an argument", s.tokens.Position(call.Pos()))
			}
			return true
		})
	}
}

// clocked says whose clock use matters: measuring tools may look at one.
func clocked(folder string) bool {
	return strings.HasPrefix(folder, "shared/") && folder != "shared/store/storetest" || strings.HasPrefix(folder, "functions/")
}

func TestEveryErrorHasAKind(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.folder == "shared/fault" || s.folder == "shared/store/storetest" || !strings.HasPrefix(s.folder, "shared/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := name.X.(*ast.Ident)
			bare := ok && (pkg.Name == "errors" && name.Sel.Name == "New" || pkg.Name == "fmt" && name.Sel.Name == "Errorf")
			if bare {
				t.Errorf("%s makes an error without a kind: use fault.New or fault.As", s.tokens.Position(call.Pos()))
			}
			return true
		})
	}
}

func TestPackagesAreNamedForWhatTheyProvide(t *testing.T) {
	documented := make(map[string]bool)
	for _, s := range sources(t) {
		for part := range strings.SplitSeq(s.folder, "/") {
			require.False(t, contains(drawers, part), "%s: %q says nothing about what is inside", s.path, part)
		}
		documented[s.folder] = documented[s.folder] || s.file.Doc != nil
		require.NotContains(t, s.path, module+"shared\"")
	}
	for folder, ok := range documented {
		if folder != "shared" {
			require.True(t, ok, "package %s has no comment that a colleague could repeat", folder)
		}
	}
}

func contains(list []string, s string) bool {
	for _, each := range list {
		if each == s {
			return true
		}
	}
	return false
}
