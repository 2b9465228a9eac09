package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan/internal/nearest"
)

// section is a mapping while it is read: each known key is asked for, and those that
// remain at the end are unknown. A key without a value is as one that is not there.
type section struct {
	*reader
	path  string
	line  int
	keys  []*yaml.Node
	value map[string]*yaml.Node
	known []string
}

func (r *reader) section(path string, n *yaml.Node) *section {
	s := &section{reader: r, path: path, line: n.Line, value: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		s.keys = append(s.keys, n.Content[i])
		s.value[n.Content[i].Value] = n.Content[i+1]
	}
	return s
}

// end reports the keys that nobody asked for.
func (s *section) end() {
	for _, key := range s.keys {
		if slices.Contains(s.known, key.Value) {
			continue
		}
		what := "unknown key"
		if meant := nearest.Name(key.Value, s.known); meant != "" {
			what += fmt.Sprintf(", perhaps %q is meant", meant)
		}
		s.unknown(key.Line, join(s.path, key.Value), what)
	}
}

// get is a key's value; nil where it is not there or empty.
func (s *section) get(key string) *yaml.Node {
	s.known = append(s.known, key)
	if n := s.value[key]; n != nil && kindOf(n) != null {
		return n
	}
	return nil
}

// want reports that a value is not what it should be.
func (s *section) want(n *yaml.Node, key, what string) {
	s.fault(n.Line, join(s.path, key), "got %s, want %s", describe(n), what)
}

// noted notes that a key has no effect.
func (s *section) noted(key, why string) { s.note(join(s.path, key), why) }

// integer is a number from least to most; usual where there is none.
func (s *section) integer(key string, usual, least, most int) int {
	n := s.get(key)
	if n == nil {
		return usual
	}
	v, ok := number(n)
	if kindOf(n) == integer && ok && v >= int64(least) && v <= int64(most) {
		return int(v)
	}
	what := "an integer"
	switch {
	case most < math.MaxInt32, digits(n) && (!ok || v != int64(int32(v))):
		what += fmt.Sprintf(" from %d to %d", least, most)
	case least > math.MinInt32:
		what += fmt.Sprintf(" of at least %d", least)
	}
	s.want(n, key, what)
	return usual
}

// count is an integer of at least least.
func (s *section) count(key string, usual, least int) int {
	return s.integer(key, usual, least, math.MaxInt32)
}

// span is a number of units of time; 0 where there is none, or one below 1.
func (s *section) span(key string, unit time.Duration) time.Duration {
	return time.Duration(max(0, s.integer(key, 0, math.MinInt32, math.MaxInt32))) * unit
}

func (s *section) boolean(key string, usual bool) bool {
	n := s.get(key)
	if n == nil {
		return usual
	}
	v, ok := word(n.Value)
	if kindOf(n) != boolean || !ok {
		s.want(n, key, "True or False")
		return usual
	}
	return v
}

// text is a text; "" where there is none.
func (s *section) text(key string) string {
	n := s.get(key)
	if n == nil {
		return ""
	}
	if kindOf(n) != text {
		s.want(n, key, "a text")
		return ""
	}
	return n.Value
}

// choice is one of some texts; usual where there is none.
func (s *section) choice(key, usual string, of ...string) string {
	n := s.get(key)
	if n == nil {
		return usual
	}
	if kindOf(n) != text || !slices.Contains(of, n.Value) {
		s.want(n, key, "one of "+strings.Join(of, ", "))
		return usual
	}
	return n.Value
}

// texts is a list of texts that are not empty.
func (s *section) texts(key string) []string {
	n := s.get(key)
	if n == nil {
		return nil
	}
	if kindOf(n) != list {
		s.want(n, key, "a list of texts")
		return nil
	}
	var out []string
	for i, item := range n.Content {
		if kindOf(item) != text || item.Value == "" {
			s.want(item, key+"["+strconv.Itoa(i)+"]", "a text")
			continue
		}
		out = append(out, item.Value)
	}
	return out
}

// inner is a mapping in this one; empty where there is none.
func (s *section) inner(key string) *section {
	n := s.get(key)
	if n == nil {
		return s.reader.section(join(s.path, key), &yaml.Node{Line: s.line})
	}
	if kindOf(n) != mapping {
		s.want(n, key, "a mapping")
		n = &yaml.Node{Line: n.Line}
	}
	return s.reader.section(join(s.path, key), n)
}

// extra takes keys as they are.
func (s *section) extra(keys []string) map[string]*yaml.Node {
	var out map[string]*yaml.Node
	for _, key := range keys {
		s.known = append(s.known, key)
		if n := s.value[key]; n != nil {
			if out == nil {
				out = map[string]*yaml.Node{}
			}
			out[key] = n
		}
	}
	return out
}
