package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Bounds of a document once its aliases are resolved.
const (
	maxValues = 100_000
	maxDepth  = 100
)

// document reads a file's text as a mapping without aliases, merges or keys that are
// there twice; nil where that cannot be done.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxSize {
		r.fault(1, "", "the file is larger than %d bytes", maxSize)
		return nil
	}
	var n, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&n)
	if errors.Is(err, io.EOF) {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1}
	}
	if err == nil {
		err = decoder.Decode(&second)
	}
	switch {
	case err == nil:
		r.fault(second.Line, "", "a second document begins here, want one")
		return nil
	case !errors.Is(err, io.EOF):
		r.syntax(err)
		return nil
	}
	e := &expander{reader: r}
	root := e.expand(n.Content[0], "", 0)
	switch {
	case e.full:
		return nil
	case kindOf(root) == null:
		root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: root.Line}
	case kindOf(root) != mapping:
		r.fault(root.Line, "", "got %s, want a mapping", describe(root))
		return nil
	}
	return root
}

// yamlFault is how the parser tells what is wrong.
var yamlFault = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

func (r *reader) syntax(err error) {
	line, text := 1, err.Error()
	if m := yamlFault.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = max(1, n)
		}
	}
	r.fault(line, "", "not YAML: %s", text)
}

// expander copies a document, or the value of an override.
type expander struct {
	*reader
	override bool
	// values have been copied.
	values int
	// full says that a bound was met, which was reported.
	full bool
}

// empty is a value that is not there.
func empty(line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: line}
}

// expand copies a node without aliases, merges and keys that are there twice.
func (e *expander) expand(n *yaml.Node, path string, depth int) *yaml.Node {
	line := n.Line
	if e.override {
		line = 0
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	e.values++
	if !e.full && (e.values > maxValues || depth > maxDepth) {
		e.full = true
		e.fault(line, "", "with the aliases resolved there is too much, want at most %d values, %d deep", maxValues, maxDepth)
	}
	if e.full {
		return empty(line)
	}
	out := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: line}
	switch n.Kind {
	case yaml.MappingNode:
		e.pairs(out, n, path, depth)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			out.Content = append(out.Content, e.expand(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
	}
	return out
}

// pairs copies what is in a mapping; its own keys win over those that it merges.
func (e *expander) pairs(out, n *yaml.Node, path string, depth int) {
	lines := map[string]int{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content) && !e.full; i += 2 {
		key, value := e.expand(n.Content[i], path, depth+1), n.Content[i+1]
		first, twice := lines[key.Value]
		switch {
		case e.full:
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		case kindOf(key) != text:
			e.fault(key.Line, path, "got %s as a key, want a text", describe(key))
		case twice:
			e.twice(key, path, first)
		default:
			lines[key.Value] = key.Line
			out.Content = append(out.Content, key, e.expand(value, join(path, key.Value), depth+1))
		}
	}
	for _, m := range merges {
		e.merge(out, lines, e.expand(m, join(path, "<<"), depth+1), join(path, "<<"))
	}
}

func (e *expander) twice(key *yaml.Node, path string, first int) {
	if e.override {
		e.fault(0, join(path, key.Value), "is there twice")
		return
	}
	e.fault(key.Line, join(path, key.Value), "is there twice, first on line %d", first)
}

// merge adds the keys that are not there yet, of a mapping or of several.
func (e *expander) merge(out *yaml.Node, lines map[string]int, from *yaml.Node, path string) {
	if e.full {
		return
	}
	switch kindOf(from) {
	case list:
		for _, item := range from.Content {
			e.merge(out, lines, item, path)
		}
	case mapping:
		for i := 0; i+1 < len(from.Content); i += 2 {
			key := from.Content[i]
			if _, ok := lines[key.Value]; !ok {
				lines[key.Value] = key.Line
				out.Content = append(out.Content, key, from.Content[i+1])
			}
		}
	default:
		e.fault(from.Line, path, "got %s, want a mapping or a list of mappings", describe(from))
	}
}
