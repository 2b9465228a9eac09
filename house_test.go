package sampan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/sampanml/sampan"

// housePackage is a package of this module as its files are written, whatever their
// build constraints. Tests are not part of it.
type housePackage struct {
	// path inside the module; "." for the root.
	path string
	// files by their path inside the module.
	files map[string]*ast.File
}

// name of the package.
func (p *housePackage) name() string {
	for _, f := range p.files {
		return f.Name.Name
	}
	return ""
}

// house reads the module, once. It reads the files itself and does not ask `go list`,
// because Go takes a test's result from its cache unless the test has seen the change.
var house = sync.OnceValues(func() (map[string]*housePackage, error) {
	root := os.DirFS(".")
	packages := map[string]*housePackage{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_') {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(houseFiles, filepath.FromSlash(name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if packages[dir] == nil {
			packages[dir] = &housePackage{path: dir, files: map[string]*ast.File{}}
		}
		packages[dir].files[name] = f
		return nil
	})
	return packages, err
})

var houseFiles = token.NewFileSet()

func readHouse(t *testing.T) map[string]*housePackage {
	t.Helper()
	packages, err := house()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".", "engine", "engine/onnx", "server", "client", "cmd/sampan"} {
		if packages[path] == nil {
			t.Fatalf("package %s was not found", path)
		}
	}
	return packages
}

// imports lists what a file imports.
func imports(f *ast.File) []string {
	out := make([]string, len(f.Imports))
	for i, spec := range f.Imports {
		// The parser has checked the literal.
		out[i], _ = strconv.Unquote(spec.Path.Value)
	}
	return out
}

// importsByName are the imports by the names that they have in the file.
func importsByName(f *ast.File) map[string]string {
	out := map[string]string{}
	for i, to := range imports(f) {
		name := path.Base(to)
		if f.Imports[i].Name != nil {
			name = f.Imports[i].Name.Name
		}
		out[name] = to
	}
	return out
}
