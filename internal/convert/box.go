package convert

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// box is a directory beside an output's place, where the output is made before it goes
// there. The zero value is none.
type box string

func newBox(parent string) (box, error) {
	dir, err := os.MkdirTemp(parent, ".sampan-*")
	return box(dir), err
}

// next is the path of the output to come, last that of the one that was there.
func (b box) next() string { return filepath.Join(string(b), "next") }
func (b box) last() string { return filepath.Join(string(b), "last") }

// swap moves what is next to its place, and what is there into the box.
func (b box) swap(place string) (replaced bool, err error) {
	if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
		return false, os.Rename(b.next(), place)
	}
	if err := os.Rename(place, b.last()); err != nil {
		return false, err
	}
	if err := os.Rename(b.next(), place); err != nil {
		return false, errors.Join(err, os.Rename(b.last(), place))
	}
	return true, os.RemoveAll(b.last())
}

// remove removes the box, unless it still has what was at the place.
func (b box) remove() error {
	if b == "" {
		return nil
	}
	if _, err := os.Lstat(b.last()); err == nil {
		return fmt.Errorf("what was there before is now %s", b.last())
	}
	return os.RemoveAll(string(b))
}
