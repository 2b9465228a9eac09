package prototxt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// maxSize bounds a file, in bytes: a signature of a thousand variables takes 100 KB.
const maxSize = 16 << 20

// ReadFile returns a file's content, up to 16 MiB.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = fmt.Errorf("%s: more than %d bytes", path, maxSize)
	}
	return data, err
}

// Unmarshal reads the text form of m. The error begins with the place in the text:
// `line 3:5: unknown field "model_dri"; did you mean "model_dir"?`. Required fields are
// not looked for: whoever knows the field's place in the file reports them better.
func Unmarshal(data []byte, m proto.Message) error {
	err := prototext.UnmarshalOptions{AllowPartial: true}.Unmarshal(data, m)
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(strings.Map(printable, err.Error()), "proto: ")
	if text == io.ErrUnexpectedEOF.Error() {
		return fmt.Errorf("line %d: unexpected end of the file", bytes.Count(bytes.TrimSpace(data), []byte("\n"))+1)
	}
	return errors.New(explain(text, m))
}

var (
	placed  = regexp.MustCompile(`^(syntax error )?\((line \d+:\d+)\): (.*)$`)
	unknown = regexp.MustCompile(`^unknown field: (.*)$`)
)

// explain puts the place first and adds what is known.
func explain(text string, m proto.Message) string {
	match := placed.FindStringSubmatch(text)
	if match == nil {
		return text
	}
	place, text := match[2], match[3]
	if match[1] != "" {
		text = "syntax error: " + text
	}
	if field := unknown.FindStringSubmatch(text); field != nil {
		text = fmt.Sprintf("unknown field %q", field[1])
		if near := nearestField(field[1], m.ProtoReflect().Descriptor()); near != "" {
			text += fmt.Sprintf("; did you mean %q?", near)
		}
	}
	return place + ": " + text
}

// printable keeps bytes of a file that is no text out of messages, and the spaces that
// the library changes from build to build.
func printable(r rune) rune {
	switch {
	case r == '\u00a0':
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return unicode.ReplacementChar
}
