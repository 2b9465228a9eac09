package http

import (
	"unicode/utf8"

	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// scanPipelineJSON reads the usual call, {"key":[texts],"value":[texts]} without escapes, in
// a tenth of the time that encoding/json takes. Whatever else it meets it leaves to that.
// The texts share the body's memory.
func scanPipelineJSON(body string) (req *pipelineserving.Request, ok bool) {
	s := &pipelineScanner{rest: body}
	req = &pipelineserving.Request{}
	if !s.take('{') {
		return nil, false
	}
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return nil, false
		}
		name, ok := s.text()
		if !ok || !s.take(':') {
			return nil, false
		}
		to := &req.Key
		switch {
		case name == "value":
			to = &req.Value
		case name != "key":
			return nil, false
		}
		if *to != nil || !s.texts(to) {
			return nil, false
		}
	}
	s.skip()
	return req, s.rest == "" && utf8.ValidString(body)
}

type pipelineScanner struct{ rest string }

func (s *pipelineScanner) skip() {
	for s.rest != "" && (s.rest[0] == ' ' || s.rest[0] == '\n' || s.rest[0] == '\t' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

func (s *pipelineScanner) take(c byte) bool {
	s.skip()
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text reads a text without escapes.
func (s *pipelineScanner) text() (string, bool) {
	if !s.take('"') {
		return "", false
	}
	for i := range len(s.rest) {
		switch c := s.rest[i]; {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text, true
		case c < ' ' || c == '\\':
			return "", false
		}
	}
	return "", false
}

func (s *pipelineScanner) texts(to *[]string) bool {
	if !s.take('[') {
		return false
	}
	*to = []string{}
	for !s.take(']') {
		if len(*to) > 0 && !s.take(',') {
			return false
		}
		text, ok := s.text()
		if !ok {
			return false
		}
		*to = append(*to, text)
	}
	return true
}
