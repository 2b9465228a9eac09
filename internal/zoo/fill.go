package zoo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/sampanml/sampan"
)

// fill puts the model's files into a directory.
func (s *Store) fill(ctx context.Context, m Model, to string) error {
	u := m.index.base
	switch {
	case m.URL != "":
		u, _ = parseRemote(m.URL)
	case u != nil:
		u = u.JoinPath(m.Path)
	case formatOf(m.Path) == directory:
		return s.copyTree(m, to)
	default:
		return s.copyFile(m, to)
	}
	part := s.part(m.Name, m.SHA256)
	d := &download{from: u, to: part, size: m.Size, sum: m.SHA256, pause: s.pause}
	if d.pause == 0 {
		d.pause = 500 * time.Millisecond
	}
	if s.Progress != nil {
		d.progress = func(done, total int64) { s.Progress(m, done, total) }
	}
	if err := d.run(ctx); err != nil {
		return err
	}
	err := place(part, path.Base(u.Path), to)
	if err != nil && sampan.CodeOf(err) == sampan.Internal {
		// The disk's fault; what has come is good.
		return err
	}
	if removed := os.Remove(part); err == nil && removed != nil && !errors.Is(removed, fs.ErrNotExist) {
		return onDisk(removed)
	}
	return err
}

// place puts a checked file, or what is in it, into a directory.
func place(file, name, to string) error {
	f := formatOf(name)
	if f == single {
		clean, err := cleanPath(name)
		if err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "%w", err)
		}
		if err := os.Rename(file, filepath.Join(to, clean)); err != nil {
			return onDisk(err)
		}
		return nil
	}
	archive, err := os.Open(file)
	if err != nil {
		return onDisk(err)
	}
	defer archive.Close()
	return unpack(archive, f, to)
}

// copyFile takes a file from beside the index.
func (s *Store) copyFile(m Model, to string) error {
	one, err := fs.Sub(m.index.files, path.Dir(m.Path))
	if err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	file, err := one.Open(path.Base(m.Path))
	if err != nil {
		return sampan.Errorf(sampan.NotFound, "%w", err)
	}
	defer file.Close()
	part := s.part(m.Name, m.SHA256)
	defer os.Remove(part)
	size, sum, err := copyTo(part, io.LimitReader(file, m.Size+1))
	if err != nil {
		return err
	}
	if err := matches(m, size, sum); err != nil {
		return err
	}
	return place(part, path.Base(m.Path), to)
}

// copyTo writes a file and gives its size and checksum.
func copyTo(to string, r io.Reader) (size int64, sum string, err error) {
	file, err := os.Create(to)
	if err != nil {
		return 0, "", onDisk(err)
	}
	digest := sha256.New()
	size, err = io.Copy(file, io.TeeReader(r, digest))
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, "", onDisk(err)
	}
	return size, hex.EncodeToString(digest.Sum(nil)), nil
}

// copyTree takes a directory from beside the index.
func (s *Store) copyTree(m Model, to string) error {
	tree, err := fs.Sub(m.index.files, m.Path)
	if err != nil {
		return sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return onDisk(err)
	}
	defer root.Close()
	u := &unpacker{root: root, left: maxSize, most: maxSize}
	size, sum, err := Tree(tree, u.file)
	if err != nil {
		return err
	}
	return matches(m, size, sum)
}

// matches compares what has come with what the index says.
func matches(m Model, size int64, sum string) error {
	if size != m.Size {
		return sampan.Errorf(sampan.FailedPrecondition, "%s: %w: want %d bytes", m.Path, errOther, m.Size)
	}
	if sum != m.SHA256 {
		return sampan.Errorf(sampan.FailedPrecondition, "%s: %w: its SHA-256 is %s, want %s", m.Path, errOther, sum, m.SHA256)
	}
	return nil
}
