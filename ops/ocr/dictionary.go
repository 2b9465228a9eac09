package ocr

import (
	"bytes"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// maxDictionaryBytes bounds a dictionary; that of Chinese has 26 KB.
const maxDictionaryBytes = 16 << 20

// Dictionary is the characters that a recognition model tells apart, in the order of
// its classes, without the blank and without the space that PaddleOCR adds at the end.
type Dictionary []string

// LoadDictionary reads a file such as ppocr_keys_v1.txt.
func LoadDictionary(path string) (Dictionary, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, sampan.Errorf(sampan.NotFound, "open dictionary: %w", err)
	}
	defer file.Close()
	return ReadDictionary(file)
}

// ReadDictionary reads a dictionary in UTF-8 with one character a line. Empty lines do
// not count; a line of several characters is one class.
func ReadDictionary(r io.Reader) (Dictionary, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDictionaryBytes+1))
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "read dictionary: %w", err)
	}
	if len(data) > maxDictionaryBytes {
		return nil, sampan.Errorf(sampan.InvalidArgument, "dictionary has more than %d bytes", maxDictionaryBytes)
	}
	var out Dictionary
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if !utf8.Valid(line) {
			return nil, sampan.Errorf(sampan.InvalidArgument, "dictionary: line %d is not UTF-8", number)
		}
		if text := strings.Trim(string(line), "\r\n"); text != "" {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return nil, sampan.Errorf(sampan.InvalidArgument, "dictionary has no characters")
	}
	return out, nil
}
