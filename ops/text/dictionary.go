package text

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/sampanml/sampan"
)

// maxDictionary bounds a dictionary's file, in bytes.
const maxDictionary = 256 << 20

// eachLine calls f with every line of a file and its number from 1. Lines end as
// Python's text files' do: at \n, \r\n or \r. An error of f gets the file and the line
// in front.
func eachLine(path string, f func(number int, line string) error) error {
	text, err := readText(path)
	if err != nil {
		return err
	}
	for number := 1; text != ""; number++ {
		line, rest := text, ""
		if end := strings.IndexAny(text, "\r\n"); end >= 0 {
			line, rest = text[:end], text[end+1:]
			if text[end] == '\r' {
				rest = strings.TrimPrefix(rest, "\n")
			}
		}
		err := valid(line)
		if err == nil {
			err = f(number, line)
		}
		if err != nil {
			return sampan.Errorf(sampan.InvalidArgument, "%s: line %d: %w", path, number, err)
		}
		text = rest
	}
	return nil
}

// readText reads a whole file within the bound.
func readText(path string) (string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", sampan.Errorf(sampan.NotFound, "%w", err)
	}
	if err != nil {
		return "", sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	defer file.Close()
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(file, maxDictionary+1))
	if err != nil {
		return "", sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	if n > maxDictionary {
		return "", sampan.Errorf(sampan.InvalidArgument, "%s: more than %d bytes, want a dictionary", path, maxDictionary)
	}
	return b.String(), nil
}
