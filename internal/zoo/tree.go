package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"

	"github.com/sampanml/sampan"
)

// Tree is the size and the checksum of a directory, as an index has them: SHA-256 of
// "<SHA-256 of the file>  <path>\n" for each file in the order of the paths, which is
// what sha256sum prints. If visit is not nil, it is called with each file.
func Tree(files fs.FS, visit func(path string, r io.Reader) error) (size int64, sum string, err error) {
	names, err := filesOf(files)
	if err != nil {
		return 0, "", sampan.Errorf(sampan.InvalidArgument, "the directory of a model: %w", err)
	}
	all := sha256.New()
	for _, name := range names {
		n, err := addFile(all, files, name, visit)
		if err != nil {
			return 0, "", sampan.Errorf(sampan.CodeOf(err), "%s: %w", name, err)
		}
		size += n
	}
	return size, hex.EncodeToString(all.Sum(nil)), nil
}

// filesOf lists the files of a directory and of those within, in order.
func filesOf(files fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is a link or a device, want files and directories", name)
		case len(names) == maxFiles:
			return fmt.Errorf("more than %d files", maxFiles)
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// addFile adds a file's line to a directory's checksum.
func addFile(all hash.Hash, files fs.FS, name string, visit func(string, io.Reader) error) (int64, error) {
	file, err := files.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	sum := sha256.New()
	n := &counter{}
	r := io.TeeReader(file, io.MultiWriter(sum, n))
	if visit != nil {
		err = visit(name, r)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	fmt.Fprintf(all, "%x  %s\n", sum.Sum(nil), name)
	return n.bytes, err
}

// counter counts what is written.
type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}
