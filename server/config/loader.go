package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sampanml/sampan/internal/prototxt"
	"github.com/sampanml/sampan/kitex_gen/configure"
	"github.com/sampanml/sampan/server/graph"
)

// loader gathers what the files say, and what is wrong with it.
type loader struct {
	dir string

	service   *configure.InferService
	port      int
	workflows []graph.Spec
	engines   []Engine
	// enginesKnown says that all files with engines could be read.
	enginesKnown bool

	faults []error
	notes  []string
}

// file is one of the files, for messages.
type file struct {
	l    *loader
	path string
}

// fault reports what is wrong at a place in the file.
func (f file) fault(place, format string, args ...any) {
	f.l.faults = append(f.l.faults, fmt.Errorf("%s: %s: %w", f.path, place, fmt.Errorf(format, args...)))
}

// note reports what has no effect.
func (f file) note(place, format string, args ...any) {
	f.l.notes = append(f.l.notes, fmt.Sprintf("%s: %s: %s", f.path, place, fmt.Sprintf(format, args...)))
}

func (c *Config) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// read decodes a file. It reports false, and why, if that cannot be done.
func (f file) read(m proto.Message) bool {
	data, err := prototxt.ReadFile(f.path)
	if err == nil {
		err = prototxt.Unmarshal(data, m)
	} else if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
		err = cause.Err
	}
	if err != nil {
		f.l.faults = append(f.l.faults, fmt.Errorf("%s: %w", f.path, err))
		return false
	}
	return f.complete(m.ProtoReflect(), "")
}

// complete reports whether every required field is there, and each that is not.
func (f file) complete(m protoreflect.Message, at string) bool {
	complete := true
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		d := fields.Get(i)
		switch {
		case d.Cardinality() == protoreflect.Required:
			if !m.Has(d) {
				f.fault(at+string(d.Name()), "is missing")
				complete = false
			}
		case d.IsList() && d.Message() != nil:
			list := m.Get(d).List()
			for j := range list.Len() {
				complete = f.complete(list.Get(j).Message(), fmt.Sprintf("%s%s[%d].", at, d.Name(), j)) && complete
			}
		}
	}
	return complete
}

// own returns the file of that name in the directory; of several names the first that
// is there, or else the first.
func (l *loader) own(names ...string) file {
	for _, name := range names {
		if path := filepath.Join(l.dir, name); exists(path) {
			return file{l, path}
		}
	}
	return file{l, filepath.Join(l.dir, names[0])}
}

// locate finds what a file names, as [Load] says.
func (l *loader) locate(path string) (string, error) {
	if filepath.IsAbs(path) {
		if exists(path) {
			return filepath.Clean(path), nil
		}
		return "", fmt.Errorf("%s does not exist", path)
	}
	for _, base := range []string{l.dir, filepath.Dir(filepath.Clean(l.dir)), ""} {
		if try := filepath.Join(base, path); exists(try) {
			return try, nil
		}
	}
	return "", fmt.Errorf("%s is neither in %s, nor beside it, nor in the working directory", path, l.dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
