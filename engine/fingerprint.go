package engine

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// timeFile is the file that Paddle Serving's users touch when a model has been copied
// whole. Where it is there, nothing else tells of a change.
const timeFile = "fluid_time_file"

// maxFiles bounds the files of a model that are looked at.
const maxFiles = 10_000

// fingerprint describes a model's files such that any change of them changes it: names,
// sizes and times. Two equal ones some time apart mean that nobody is writing.
func fingerprint(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", reason(err)
	}
	if !info.IsDir() {
		return stamp("", info), nil
	}
	if info, err := os.Stat(filepath.Join(path, timeFile)); err == nil {
		return stamp(timeFile, info), nil
	}
	var all strings.Builder
	n := 0
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		// Stat, not the entry's own info, so that a link tells of what it points to.
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if n++; n > maxFiles {
			return fmt.Errorf("more than %d files", maxFiles)
		}
		all.WriteString(stamp(file[len(path):], info))
		return nil
	})
	if err != nil {
		return "", reason(err)
	}
	return all.String(), nil
}

func stamp(name string, info fs.FileInfo) string {
	return fmt.Sprintf("%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
}
