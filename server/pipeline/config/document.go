package config

import (
	"bytes"
	"errors"
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
// there twice. It is empty where the text cannot be read.
func (r *reader) document(data []byte) *yaml.Node {
	empty := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1}
	if len(data) > maxSize {
		r.fault(1, "", "the file is larger than %d bytes", maxSize)
		return empty
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var n, second yaml.Node
	err := decoder.Decode(&n)
	if errors.Is(err, io.EOF) {
		return empty
	}
	if err == nil {
		if err = decoder.Decode(&second); err == nil {
			r.fault(second.Line, "", "a second document begins here, want one")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		r.syntax(err)
		return empty
	}
	e := &expander{reader: r, left: maxValues}
	root := e.expand(n.Content[0], "", 0)
	switch kindOf(root) {
	case mapping:
		return root
	case null:
	default:
		r.fault(root.Line, "", "got %s, want a mapping", describe(root))
	}
	return empty
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

// expander copies a document.
type expander struct {
	*reader
	// left is the number of values that may still be copied; negative once that was
	// reported.
	left int
	// override says that the text is not the file's.
	override bool
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
	out := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: line, Column: n.Column}
	if e.left--; e.left < 0 || depth > maxDepth {
		if e.left >= -1 {
			e.fault(line, path, "there is too much in it: want at most %d values, %d deep", maxValues, maxDepth)
		}
		e.left = min(e.left, -1)
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: line}
	}
	switch n.Kind {
	case yaml.MappingNode:
		e.pairs(out, n, path, depth)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			out.Content = append(out.Content, e.expand(item, path+"["+strconv.Itoa(i)+"]", depth+1))
		}
	}
	return out
}

// pairs copies what is in a mapping; its own keys win over those that it merges.
func (e *expander) pairs(out, n *yaml.Node, path string, depth int) {
	seen := map[string]*yaml.Node{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := e.expand(n.Content[i], path, depth+1), n.Content[i+1]
		switch first := seen[key.Value]; {
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		case kindOf(key) != text:
			e.fault(key.Line, path, "got %s as a key, want a text", describe(key))
		case first != nil:
			e.fault(key.Line, join(path, key.Value), "is there twice, first on line %d", first.Line)
		default:
			seen[key.Value] = key
			out.Content = append(out.Content, key, e.expand(value, join(path, key.Value), depth+1))
		}
	}
	for _, m := range merges {
		merged := e.expand(m, join(path, "<<"), depth+1)
		sources := []*yaml.Node{merged}
		if kindOf(merged) == list {
			sources = merged.Content
		}
		for _, s := range sources {
			if kindOf(s) != mapping {
				e.fault(merged.Line, join(path, "<<"), "got %s, want a mapping or a list of mappings", describe(s))
				continue
			}
			for i := 0; i+1 < len(s.Content); i += 2 {
				if key := s.Content[i]; seen[key.Value] == nil {
					seen[key.Value] = key
					out.Content = append(out.Content, key, s.Content[i+1])
				}
			}
		}
	}
}
