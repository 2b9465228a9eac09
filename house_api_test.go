package sampan_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// declaration is one exported name.
type declaration struct {
	// name such as "Open" or "Model.Run".
	name string
	doc  bool
	// signature has the types that a user of the name meets.
	signature []ast.Node
	at        token.Pos
}

// declarations of a file that others can see.
func declarations(f *ast.File) []declaration {
	var out []declaration
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				receiver := typeName(d.Recv.List[0].Type)
				if !ast.IsExported(receiver) {
					continue
				}
				name = receiver + "." + name
			}
			if d.Name.IsExported() {
				out = append(out, declaration{name, d.Doc != nil, []ast.Node{d.Type}, d.Pos()})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				out = append(out, specified(d, spec)...)
			}
		}
	}
	return out
}

// specified are the names of one line of a const, var or type declaration. A comment
// on the whole declaration speaks of each.
func specified(d *ast.GenDecl, spec ast.Spec) []declaration {
	var out []declaration
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		signature := []ast.Node{s.Type}
		if s.TypeParams != nil {
			signature = append(signature, s.TypeParams)
		}
		out = append(out, declaration{s.Name.Name, d.Doc != nil || s.Doc != nil, signature, s.Pos()})
		if list, ok := s.Type.(*ast.InterfaceType); ok {
			for _, m := range list.Methods.List {
				for _, name := range m.Names {
					if name.IsExported() {
						out = append(out, declaration{s.Name.Name + "." + name.Name, m.Doc != nil || m.Comment != nil, nil, m.Pos()})
					}
				}
			}
		}
	case *ast.ValueSpec:
		// Without a type of its own a variable has that of its value.
		signature := []ast.Node{}
		if s.Type != nil {
			signature = append(signature, s.Type)
		} else {
			for _, v := range s.Values {
				signature = append(signature, v)
			}
		}
		for _, name := range s.Names {
			if name.IsExported() {
				out = append(out, declaration{name.Name, d.Doc != nil || s.Doc != nil || s.Comment != nil, signature, name.Pos()})
			}
		}
	}
	return out
}

// typeName of a receiver: T, *T, T[P] or *T[P].
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// shown lists the import paths of the types in a signature. Fields that are not
// exported and bodies of functions do not count.
func shown(n ast.Node, imports map[string]string) []string {
	var out []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.StructType:
			for _, f := range n.Fields.List {
				if fieldIsExported(f) {
					out = append(out, shown(f.Type, imports)...)
				}
			}
			return false
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" {
				out = append(out, imports[x.Name])
			}
		}
		return true
	})
	return out
}

func fieldIsExported(f *ast.Field) bool {
	for _, name := range f.Names {
		if name.IsExported() {
			return true
		}
	}
	// What is embedded shows its methods under whichever name.
	return len(f.Names) == 0
}

func TestNoFrameworkInASignature(t *testing.T) {
	names := 0
	for path, p := range readHouse(t) {
		if strings.HasPrefix(path, "kitex_gen") || p.name() == "main" {
			continue
		}
		for _, f := range p.files {
			from := importsByName(f)
			for _, d := range declarations(f) {
				names++
				for _, n := range d.signature {
					for _, to := range shown(n, from) {
						if below(to, frameworks) {
							t.Errorf("%s: %s.%s shows a type of %s", houseFiles.Position(d.at), p.name(), d.name, to)
						}
					}
				}
			}
		}
	}
	if names < 100 {
		t.Errorf("%d exported names in the module: this test looks for the wrong thing", names)
	}
}

func TestEveryExportedNameHasAComment(t *testing.T) {
	for path, p := range readHouse(t) {
		if strings.HasPrefix(path, "kitex_gen") {
			continue
		}
		comments := 0
		for name, f := range p.files {
			if f.Doc != nil {
				comments++
				start := "Package " + p.name() + " "
				if p.name() == "main" {
					start = "Command "
				}
				if text := f.Doc.Text(); !strings.HasPrefix(text, start) {
					t.Errorf("%s: the package comment starts %.20q, want %q", name, text, start)
				}
			}
			if p.name() == "main" || strings.HasPrefix(path, "internal/") {
				continue
			}
			for _, d := range declarations(f) {
				if !d.doc {
					t.Errorf("%s: %s.%s has no comment", houseFiles.Position(d.at), p.name(), d.name)
				}
			}
		}
		if comments != 1 {
			t.Errorf("package %s has %d package comments, want 1", path, comments)
		}
	}
}
