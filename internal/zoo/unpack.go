package zoo

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// Bounds of what an archive may become.
const (
	maxFiles = 10_000
	maxDepth = 32
	maxPath  = 1024
	// maxRatio is how many times as large as the archive the files may be, if they are
	// more than freeBytes.
	maxRatio  = 100
	freeBytes = 64 << 20
)

// unpacker writes files into a directory and nowhere else.
type unpacker struct {
	root *os.Root
	// files and left are what has come and how many bytes may come.
	files int
	left  int64
	// most is what left was.
	most int64
}

// unpack writes an archive's files into a directory that is there and empty. Only
// files and directories are unpacked; an archive with anything else, with a path that
// leads elsewhere, a file that is there twice, or one that outgrows the bounds, is
// refused.
func unpack(archive *os.File, f format, to string) error {
	info, err := archive.Stat()
	if err != nil {
		return onDisk(err)
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return onDisk(err)
	}
	defer root.Close()
	most := max(freeBytes, maxRatio*min(info.Size(), maxSize/maxRatio))
	u := &unpacker{root: root, left: most, most: most}
	switch f {
	case zipped:
		err = u.zip(archive, info.Size())
	case gzipped:
		err = u.gzip(archive)
	default:
		err = u.tar(archive)
	}
	if err == nil && u.files == 0 {
		err = errors.New("there are no files in it")
	}
	if known := new(sampan.Error); err == nil || errors.As(err, &known) {
		return err
	}
	return sampan.Errorf(sampan.InvalidArgument, "the archive: %w", err)
}

func (u *unpacker) gzip(archive io.Reader) error {
	r, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	return u.tar(r)
}

func (u *unpacker) tar(archive io.Reader) error {
	r := tar.NewReader(archive)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeDir:
			err = u.directory(h.Name)
		case tar.TypeReg:
			err = u.file(h.Name, r)
		case tar.TypeXGlobalHeader:
		default:
			err = fmt.Errorf("%q is a link or a device, want files and directories", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

// cleanPath is a path within the directory. What leads elsewhere is refused, and so is
// what people or shells could misread.
func cleanPath(name string) (string, error) {
	odd := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	clean := path.Clean(name)
	switch {
	case len(name) > maxPath || strings.Count(name, "/") > maxDepth:
		return "", fmt.Errorf("the path %.40q… is longer than %d bytes or deeper than %d directories", name, maxPath, maxDepth)
	case name == "" || !utf8.ValidString(name) || strings.ContainsFunc(name, odd):
		return "", fmt.Errorf("the path %q is no plain text", name)
	case !fs.ValidPath(clean) || strings.HasPrefix(name, "../") || strings.Contains(name, "/../"):
		return "", fmt.Errorf("the path %q leads out of the archive", name)
	}
	return clean, nil
}

// count counts a file or directory.
func (u *unpacker) count() error {
	if u.files++; u.files > maxFiles {
		return sampan.Errorf(sampan.ResourceExhausted, "the archive has more than %d files", maxFiles)
	}
	return nil
}

func (u *unpacker) directory(name string) error {
	clean, err := cleanPath(name)
	if err != nil {
		return err
	}
	if err := u.count(); err != nil {
		return err
	}
	return made(clean, u.root.MkdirAll(clean, 0o755))
}

func (u *unpacker) file(name string, r io.Reader) error {
	clean, err := cleanPath(name)
	if err != nil {
		return err
	}
	if err := u.count(); err != nil {
		return err
	}
	if dir := path.Dir(clean); dir != "." {
		if err := u.root.MkdirAll(dir, 0o755); err != nil {
			return made(clean, err)
		}
	}
	file, err := u.root.OpenFile(clean, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return made(clean, err)
	}
	err = u.copy(file, r, clean)
	if closed := errors.Join(file.Sync(), file.Close()); err == nil && closed != nil {
		err = onDisk(closed)
	}
	return err
}

// copy writes a file within the bytes that are left.
func (u *unpacker) copy(file *os.File, r io.Reader, name string) error {
	n, err := io.Copy(diskWriter{file}, io.LimitReader(r, u.left+1))
	if u.left -= n; u.left < 0 {
		return sampan.Errorf(sampan.ResourceExhausted, "the archive has more than %d bytes of files", u.most)
	}
	if known := new(sampan.Error); err == nil || errors.As(err, &known) {
		return err
	}
	return fmt.Errorf("%q: %w", name, err)
}

// diskWriter tells the disk's faults from the archive's.
type diskWriter struct{ file *os.File }

func (w diskWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if err != nil {
		err = onDisk(err)
	}
	return n, err
}

// made explains why a file or a directory could not be made: by the archive's fault, or
// the disk's.
func made(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%q is there twice, or within a file", name)
	}
	return onDisk(err)
}
