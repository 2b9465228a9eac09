package convert

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/sampanml/sampan"
)

// file is to be written: data, or a copy of the file at from.
type file struct {
	name string
	data []byte
	from string
}

// output is a directory to be written.
type output struct {
	path  string
	files []file
}

// write makes all directories, each beside its place first, and then moves them to
// their places. A directory that is there already is replaced if it has no other
// files.
func write(outputs []output) (replaced []string, err error) {
	boxes := make([]box, len(outputs))
	defer func() {
		for _, b := range boxes {
			err = errors.Join(err, b.remove())
		}
	}()
	for i := range outputs {
		o := &outputs[i]
		if real, err := filepath.EvalSymlinks(o.path); err == nil {
			o.path = real
		}
		if err := o.checkPlace(); err != nil {
			return nil, err
		}
		if boxes[i], err = o.stage(); err != nil {
			return nil, unwritable(o.path, err)
		}
	}
	for i, o := range outputs {
		was, err := boxes[i].swap(o.path)
		if err != nil {
			return replaced, unwritable(o.path, err)
		}
		if was {
			replaced = append(replaced, o.path)
		}
	}
	return replaced, nil
}

// checkPlace refuses a path that holds something else.
func (o *output) checkPlace() error {
	info, err := os.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(o.path, err)
	case !info.IsDir():
		return sampan.Errorf(sampan.InvalidArgument, "%s is a file, want a directory", o.path)
	}
	entries, err := os.ReadDir(o.path)
	if err != nil {
		return unwritable(o.path, err)
	}
	for _, e := range entries {
		if !slices.ContainsFunc(o.files, func(f file) bool { return f.name == e.Name() }) {
			return sampan.Errorf(sampan.InvalidArgument, "%s has %s, which would be lost; want a new directory, or an earlier output of this model", o.path, e.Name())
		}
	}
	return nil
}

// stage writes the files into a new directory beside the output's place.
func (o *output) stage() (box, error) {
	parent := filepath.Dir(o.path)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return "", err
	}
	b, err := newBox(parent)
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(b.next(), 0o777); err != nil {
		return b, err
	}
	for _, f := range o.files {
		if err := f.write(filepath.Join(b.next(), f.name)); err != nil {
			return b, err
		}
	}
	return b, nil
}

// write makes the file, which must not be there.
func (f file) write(path string) error {
	var from io.Reader = bytes.NewReader(f.data)
	if f.from != "" {
		opened, err := os.Open(f.from)
		if err != nil {
			return err
		}
		defer opened.Close()
		from = opened
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// WriteFile writes a file beside its place and moves it there. It says whether another
// one was there.
func WriteFile(path string, data []byte) (replaced bool, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return false, sampan.Errorf(sampan.InvalidArgument, "%s is not a file", path)
	}
	b, err := newBox(filepath.Dir(path))
	if err != nil {
		return false, unwritable(path, err)
	}
	defer func() { err = errors.Join(err, b.remove()) }()
	if err := (file{data: data}).write(b.next()); err != nil {
		return false, unwritable(path, err)
	}
	if replaced, err = b.swap(path); err != nil {
		return false, unwritable(path, err)
	}
	return replaced, nil
}

// unwritable names the output instead of the places on the way to it.
func unwritable(path string, err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return sampan.Errorf(sampan.FailedPrecondition, "write %s: %w", path, err)
}
