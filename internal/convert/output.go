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
	staged := make([]string, len(outputs))
	defer func() {
		for _, path := range staged {
			if path != "" {
				err = errors.Join(err, os.RemoveAll(path))
			}
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
		if staged[i], err = o.stage(); err != nil {
			return nil, unwritable(o.path, err)
		}
	}
	for i, o := range outputs {
		old, err := swap(staged[i], o.path)
		if err != nil {
			return replaced, unwritable(o.path, err)
		}
		if staged[i] = old; old != "" {
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
func (o *output) stage() (dir string, err error) {
	parent := filepath.Dir(o.path)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(parent, ".sampan-*"); err != nil {
		return "", err
	}
	if err = os.Chmod(dir, 0o755); err != nil {
		return dir, err
	}
	for _, f := range o.files {
		if err := f.write(filepath.Join(dir, f.name)); err != nil {
			return dir, err
		}
	}
	return dir, nil
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
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// swap moves a directory to its place and returns where the one that was there is now;
// empty if there was none.
func swap(staged, place string) (old string, err error) {
	if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
		return "", os.Rename(staged, place)
	}
	old = staged + ".old"
	if err := os.Rename(place, old); err != nil {
		return "", err
	}
	if err := os.Rename(staged, place); err != nil {
		return "", errors.Join(err, os.Rename(old, place))
	}
	return old, nil
}

// WriteFile writes a file beside its place and moves it there. It says whether another
// one was there.
func WriteFile(path string, data []byte) (replaced bool, err error) {
	info, err := os.Stat(path)
	if replaced = err == nil; replaced && !info.Mode().IsRegular() {
		return false, sampan.Errorf(sampan.InvalidArgument, "%s is not a file", path)
	}
	staged, err := os.CreateTemp(filepath.Dir(path), ".sampan-*")
	if err != nil {
		return false, unwritable(path, err)
	}
	_, err = staged.Write(data)
	if err = errors.Join(err, staged.Chmod(0o644), staged.Close()); err == nil {
		err = os.Rename(staged.Name(), path)
	}
	if err != nil {
		return false, errors.Join(unwritable(path, err), os.Remove(staged.Name()))
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
