package npy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// header is what the file says of its array.
type header struct {
	descr   string
	fortran bool
	shape   sampan.Shape
}

// maxHeader bounds the header, in bytes, and maxRank the shape; numpy's own bounds
// are 10000 and 64.
const (
	maxHeader = 10_000
	maxRank   = 64
)

// parseHeader reads a Python dictionary with exactly the three keys:
// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
func parseHeader(text string) (header, error) {
	if len(text) > maxHeader {
		return header{}, fmt.Errorf("the header has %d bytes, more than %d are not read", len(text), maxHeader)
	}
	s := scanner{rest: text}
	var h header
	seen := map[string]bool{}
	s.want("{")
	for s.err == nil && !s.take("}") {
		key := s.quoted()
		s.want(":")
		switch key {
		case "descr":
			h.descr = s.descr()
		case "fortran_order":
			h.fortran = s.boolean()
		case "shape":
			h.shape = s.shape()
		default:
			s.fail("key %q is not known", key)
		}
		seen[key] = true
		if !s.take(",") {
			s.want("}")
			break
		}
	}
	if s.skip(); s.err == nil && s.rest != "" {
		s.fail("%q follows the dictionary", s.rest)
	}
	if s.err == nil && len(seen) != 3 {
		s.fail("%d keys, want descr, fortran_order and shape", len(seen))
	}
	if s.err != nil {
		return header{}, fmt.Errorf("the header is not as numpy writes it: %w", s.err)
	}
	return h, nil
}

// scanner reads pieces of a Python literal; after a fault it gives zeros.
type scanner struct {
	rest string
	err  error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

func (s *scanner) skip() { s.rest = strings.TrimLeft(s.rest, " \n") }

// take steps over a token if it is next.
func (s *scanner) take(token string) bool {
	s.skip()
	rest, ok := strings.CutPrefix(s.rest, token)
	if ok && s.err == nil {
		s.rest = rest
		return true
	}
	return false
}

func (s *scanner) want(token string) {
	if !s.take(token) {
		s.fail("want %q at %.20q", token, s.rest)
	}
}

// quoted reads a text in single quotes; no text that matters has an escape.
func (s *scanner) quoted() string {
	s.want("'")
	text, rest, ok := strings.Cut(s.rest, "'")
	if !ok {
		s.fail("a text does not end")
	}
	if s.err != nil {
		return ""
	}
	s.rest = rest
	return text
}

// descr reads an element type. Structured ones are lists.
func (s *scanner) descr() string {
	if s.take("[") {
		s.fail("an array of structures is not supported")
	}
	return s.quoted()
}

func (s *scanner) boolean() bool {
	if s.take("True") {
		return true
	}
	s.want("False")
	return false
}

// shape reads (), (13,) or (1, 13); never nil.
func (s *scanner) shape() sampan.Shape {
	shape := sampan.Shape{}
	s.want("(")
	for s.err == nil && !s.take(")") {
		shape = append(shape, s.integer())
		if len(shape) > maxRank {
			s.fail("more than %d dimensions", maxRank)
		}
		if !s.take(",") {
			s.want(")")
			break
		}
	}
	return shape
}

func (s *scanner) integer() int64 {
	s.skip()
	end := 0
	for end < len(s.rest) && s.rest[end] >= '0' && s.rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(s.rest[:end], 10, 64)
	if err != nil {
		s.fail("want a size at %.20q", s.rest)
		return 0
	}
	s.rest = s.rest[end:]
	return n
}
