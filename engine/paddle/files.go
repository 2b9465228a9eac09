package paddle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/sampanml/sampan"
)

// layout says which files of a directory make up the model.
type layout struct {
	// programs has the program; more than one only if nothing tells which is meant.
	programs []string
	// pir says that the program is one of Paddle 3, in JSON.
	pir bool
	// params is the file with all parameters; empty where each has its own.
	params string
	// several are the files that could each be params.
	several []string
}

// Names that are preferred to others with the same ending, in this order.
var (
	programNames = []string{"__model__", "model.pdmodel", "inference.pdmodel"}
	pirNames     = []string{"model.json", "inference.json"}
)

// locate looks for a program and for the file with its parameters. What the format
// names is not looked for.
func (f Format) locate(fsys fs.FS) (layout, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return layout{}, sampan.Errorf(sampan.NotFound, "look for a Paddle program: %w", reason(err))
	}
	var names []string
	for _, e := range entries {
		if isFile(fsys, e.Name()) {
			names = append(names, e.Name())
		}
	}
	var l layout
	if f.Program != "" {
		if !fs.ValidPath(f.Program) {
			return layout{}, sampan.Errorf(sampan.InvalidArgument, "program %q is not a file of the directory", f.Program)
		}
		l.programs, l.pir = []string{f.Program}, isPIR(fsys, f.Program)
	} else {
		l.programs, l.pir = locatePrograms(fsys, names)
	}
	if f.Params != "" {
		if !fs.ValidPath(f.Params) {
			return layout{}, sampan.Errorf(sampan.InvalidArgument, "params %q is not a file of the directory", f.Params)
		}
		l.params = f.Params
	} else if len(l.programs) == 1 {
		l.params, l.several = locateParams(l.programs[0], names)
	}
	return l, nil
}

// locatePrograms returns the programs, and whether they are of Paddle 3. Of both
// kinds the older is taken.
func locatePrograms(fsys fs.FS, names []string) (programs []string, pir bool) {
	for _, name := range programNames {
		if slices.Contains(names, name) {
			return []string{name}, false
		}
	}
	if programs = withSuffix(names, ".pdmodel"); len(programs) > 0 {
		return programs, false
	}
	if slices.Contains(names, "model") {
		return []string{"model"}, false
	}
	programs = slices.DeleteFunc(withSuffix(names, ".json"), func(name string) bool { return !isPIR(fsys, name) })
	for _, name := range pirNames {
		if slices.Contains(programs, name) {
			return []string{name}, true
		}
	}
	return programs, len(programs) > 0
}

// locateParams returns the file with a program's parameters, or those that could be it.
func locateParams(program string, names []string) (file string, several []string) {
	stem := strings.TrimSuffix(program, path.Ext(program))
	for _, name := range []string{stem + ".pdiparams", "__params__", "params"} {
		if slices.Contains(names, name) {
			return name, nil
		}
	}
	if several = withSuffix(names, ".pdiparams"); len(several) == 1 {
		return several[0], nil
	}
	return "", several
}

// check reports what keeps the layout from being read.
func (l layout) check() error {
	switch {
	case len(l.programs) == 0:
		return sampan.Errorf(sampan.NotFound, "there is no Paddle program; want __model__, *.pdmodel, model or *.json")
	case len(l.programs) > 1:
		return sampan.Errorf(sampan.InvalidArgument, "there are several Paddle programs (%s); want one", list(l.programs))
	case len(l.several) > 0:
		return sampan.Errorf(sampan.InvalidArgument, "%s could go with %s; want one of them", l.programs[0], list(l.several))
	}
	return nil
}

// read reads the program.
func (l layout) read(fsys fs.FS) (*program, error) {
	if l.pir {
		return readPIR(fsys, l.programs[0])
	}
	return readProgram(fsys, l.programs[0])
}

// files lists the model's files. Of a program that cannot be read the separate
// parameter files are not known.
func (l layout) files(fsys fs.FS) []string {
	out := slices.Clone(l.programs)
	if l.params != "" {
		return append(out, l.params)
	}
	if l.check() != nil {
		return out
	}
	p, err := l.read(fsys)
	if err != nil {
		return out
	}
	for _, name := range p.persistable {
		if isFile(fsys, name) {
			out = append(out, name)
		}
	}
	return out
}

// withSuffix returns the names that end in suffix and have more than that.
func withSuffix(names []string, suffix string) (out []string) {
	for _, name := range names {
		if strings.HasSuffix(name, suffix) && name != suffix {
			out = append(out, name)
		}
	}
	return out
}

// pirHead is as much of a JSON file as is searched for the mark of a program, which
// the writer puts first.
const pirHead = 512

func isPIR(fsys fs.FS, name string) bool {
	f, err := fsys.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head, _ := io.ReadAll(io.LimitReader(f, pirHead))
	return bytes.Contains(head, []byte(`"base_code"`)) && bytes.Contains(head, []byte(`"pir"`))
}

// isFile keeps pipes and devices, which could block, from being opened.
func isFile(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}

// readFile returns a file's content, up to limit bytes.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: it is not a file", name)
	}
	if info.Size() > limit {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read %s: %d bytes, more than %d are not supported", name, info.Size(), limit)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return data, nil
}

func unreadable(name string, err error) error {
	code := sampan.InvalidArgument
	if errors.Is(err, fs.ErrNotExist) {
		code = sampan.NotFound
	}
	return sampan.Errorf(code, "read %s: %w", name, reason(err))
}

// reason strips the operation and the path, which the message has already.
func reason(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// list joins names, cut after the first few.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
