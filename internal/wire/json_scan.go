package wire

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds how deep lists and objects may nest, and so the stack.
const maxDepth = 100

// scanner reads JSON (RFC 8259) in one pass, straight into its destination. A method
// leaves pos behind what it read; where it fails pos has no meaning.
type scanner struct {
	body  []byte
	pos   int
	depth int
}

// syntaxError says that the body is not JSON.
type syntaxError struct {
	offset int
	text   string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("not JSON at byte %d: %s", e.offset, e.text)
}

// valueError says that a value is not what its place wants. The path grows from the
// inside out while the error climbs.
type valueError struct {
	path, text string
	// list says that the value is a list.
	list bool
}

func (e *valueError) Error() string {
	if e.path == "" {
		return "body: " + e.text
	}
	return strings.TrimPrefix(e.path, ".") + ": " + e.text
}

// atKey puts a key in front of the path of err, if it has one.
func atKey(err error, key []byte) error {
	if v, ok := err.(*valueError); ok {
		v.path = "." + string(key) + v.path
	}
	return err
}

// atIndex puts an index in front of the path of err, if it has one.
func atIndex(err error, i int) error {
	if v, ok := err.(*valueError); ok {
		v.path = "[" + strconv.Itoa(i) + "]" + v.path
	}
	return err
}

// space skips white space and returns the next byte; 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.body); s.pos++ {
		if c := s.body[s.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// unexpected is the error for the byte at pos.
func (s *scanner) unexpected(want string) error {
	got := "the end"
	if s.pos < len(s.body) {
		got = fmt.Sprintf("byte 0x%02x", s.body[s.pos])
		if c := s.body[s.pos]; c >= ' ' && c < 0x7f {
			got = strconv.QuoteRune(rune(c))
		}
	}
	return &syntaxError{s.pos, got + ", want " + want}
}

// mismatch is the error for the value at pos, which must be JSON all the same.
func (s *scanner) mismatch(want string) error {
	kind := s.space()
	start := s.pos
	if err := s.skip(); err != nil {
		return err
	}
	var got string
	switch kind {
	case '[':
		got = "a list"
	case '{':
		got = "an object"
	default:
		got = brief(s.body[start:s.pos])
	}
	return &valueError{text: got + ", want " + want, list: kind == '['}
}

// open enters a list or an object, whose bracket is at pos.
func (s *scanner) open() error {
	if s.depth++; s.depth > maxDepth {
		return &syntaxError{s.pos, fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	s.pos++
	return nil
}

// next steps over a comma (true) or the closing bracket (false).
func (s *scanner) next(closing byte) (bool, error) {
	switch s.space() {
	case ',':
		s.pos++
		return true, nil
	case closing:
		s.pos++
		s.depth--
		return false, nil
	}
	return false, s.unexpected("',' or " + strconv.QuoteRune(rune(closing)))
}

// object reads an object; field reads the value of each key, which lies at pos. The
// key is only lent.
func (s *scanner) object(field func(key []byte) error) error {
	if s.space() != '{' {
		return s.mismatch("an object")
	}
	if err := s.open(); err != nil {
		return err
	}
	if s.space() == '}' {
		_, err := s.next('}')
		return err
	}
	for {
		if s.space() != '"' {
			return s.unexpected("a key")
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		if s.space() != ':' {
			return s.unexpected("':'")
		}
		s.pos++
		s.space()
		if err := field(key); err != nil {
			return err
		}
		if more, err := s.next('}'); !more {
			return err
		}
	}
}

// array reads a list; element reads each value, which lies at pos.
func (s *scanner) array(want string, element func(i int) error) error {
	if s.space() != '[' {
		return s.mismatch(want)
	}
	if err := s.open(); err != nil {
		return err
	}
	if s.space() == ']' {
		_, err := s.next(']')
		return err
	}
	for i := 0; ; i++ {
		s.space()
		if err := element(i); err != nil {
			return atIndex(err, i)
		}
		if more, err := s.next(']'); !more {
			return err
		}
	}
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.space(); s.pos < len(s.body) {
		return s.unexpected("the end")
	}
	return nil
}

// skip reads any value.
func (s *scanner) skip() error {
	switch c := s.space(); c {
	case '{':
		return s.object(func([]byte) error { return s.skip() })
	case '[':
		return s.array("", func(int) error { return s.skip() })
	case '"':
		_, err := s.rawText()
		return err
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	if _, ok := s.decimal(); !ok {
		return s.unexpected("a value")
	}
	return nil
}

// literal reads one of JSON's three words.
func (s *scanner) literal(word string) error {
	for i := range len(word) {
		if s.pos == len(s.body) || s.body[s.pos] != word[i] {
			return s.unexpected(word)
		}
		s.pos++
	}
	return nil
}
