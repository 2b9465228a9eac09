package zoo

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
)

// maxDirectory bounds what is read of a zip's own directory, in bytes: archive/zip
// keeps all of it in memory.
const maxDirectory = maxFiles * 1536

func (u *unpacker) zip(archive io.ReaderAt, size int64) error {
	at := &bounded{archive, maxDirectory}
	r, err := zip.NewReader(at, size)
	if err != nil {
		return err
	}
	at.left = math.MaxInt64
	for _, f := range r.File {
		switch mode := f.Mode(); {
		case mode.IsDir():
			err = u.directory(f.Name)
		case mode.IsRegular():
			err = u.zipFile(f)
		default:
			err = fmt.Errorf("%q is a link or a device, want files and directories", f.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) zipFile(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%q: %w", f.Name, err)
	}
	defer r.Close()
	return u.file(f.Name, r)
}

// bounded fails after so many bytes.
type bounded struct {
	io.ReaderAt
	left int64
}

// ReadAt reads within the bound.
func (b *bounded) ReadAt(p []byte, offset int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errors.New("its directory is too large")
	}
	return b.ReaderAt.ReadAt(p, offset)
}
