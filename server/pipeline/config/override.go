package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// override puts the values of [Options].Overrides into a document.
func (r *reader) override(root *yaml.Node) {
	for _, o := range r.options.Overrides {
		path, value, ok := strings.Cut(strings.TrimSpace(o), "=")
		keys := strings.Split(path, ".")
		if !ok || slices.Contains(keys, "") {
			r.fault(0, "", "got %s, want PATH=VALUE, such as op.uci.concurrency=2", short(o))
			continue
		}
		if n := r.overrideValue(path, value); n != nil {
			r.put(root, keys, n)
		}
	}
}

// overrideValue reads the text after "="; nil where it cannot be read.
func (r *reader) overrideValue(path, value string) *yaml.Node {
	var n yaml.Node
	if len(value) > maxSize || yaml.Unmarshal([]byte(value), &n) != nil {
		r.fault(0, path, "got %s, want YAML of at most %d bytes", short(value), maxSize)
		return nil
	}
	if len(n.Content) == 0 {
		return empty(0)
	}
	e := &expander{reader: r, override: true}
	return e.expand(n.Content[0], path, 0)
}

// put replaces the value at a path, and makes the mappings on the way.
func (r *reader) put(root *yaml.Node, keys []string, value *yaml.Node) {
	at, path := root, ""
	for i, key := range keys {
		path = join(path, key)
		slot := find(at, key)
		if slot == nil {
			at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, empty(0))
			slot = &at.Content[len(at.Content)-1]
		}
		if i == len(keys)-1 {
			*slot = value
			return
		}
		switch kindOf(*slot) {
		case null:
			*slot = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		case mapping:
		default:
			r.fault(0, strings.Join(keys, "."), "%s is %s, want a mapping", path, describe(*slot))
			return
		}
		at = *slot
	}
}

// find is where a mapping has a key's value; nil where it has none.
func find(n *yaml.Node, key string) **yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return &n.Content[i+1]
		}
	}
	return nil
}
