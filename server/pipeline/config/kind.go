package config

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// kind is what PyYAML makes of a value.
type kind string

const (
	null    kind = "nothing"
	boolean kind = "a boolean"
	integer kind = "an integer"
	text    kind = "a text"
	list    kind = "a list"
	mapping kind = "a mapping"
	// other are fractions, dates and what has a tag of its own.
	other kind = "another value"
)

// quotes are the styles of what is a text whatever it says.
const quotes = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func kindOf(n *yaml.Node) kind {
	switch n.Kind {
	case yaml.MappingNode:
		return mapping
	case yaml.SequenceNode:
		return list
	}
	switch n.ShortTag() {
	case "!!null":
		return null
	case "!!bool":
		return boolean
	case "!!int":
		return integer
	case "!!str":
		if _, ok := word(n.Value); ok && n.Style&(yaml.TaggedStyle|quotes) == 0 {
			return boolean
		}
		return text
	}
	return other
}

// word is the value of a boolean of YAML 1.1.
func word(text string) (value, ok bool) {
	switch text {
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true, true
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

// number is the value of an integer; false if it needs more than 64 bits.
func number(n *yaml.Node) (int64, bool) {
	v, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64)
	return v, err == nil
}

// digits reports whether a value is written as an integer, perhaps one that needs more
// than 64 bits, which is not of that kind.
func digits(n *yaml.Node) bool {
	k := kindOf(n)
	return (k == integer || k == other) && strings.Trim(n.Value, "+-0123456789_") == ""
}

// describe says what is there: texts in quotes, other values as they are written.
func describe(n *yaml.Node) string {
	switch k := kindOf(n); {
	case k == null || k == list || k == mapping:
		return string(k)
	case k == text || len(n.Value) > maxShown:
		return short(n.Value)
	case n.Style&yaml.TaggedStyle != 0:
		return short(n.Tag + " " + n.Value)
	}
	return n.Value
}
