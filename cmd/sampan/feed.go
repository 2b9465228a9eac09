package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// parseFeeds reads `NAME=JSON` arguments, or `NAME=@FILE` with JSON in the file, and
// `NAME=OFFSETS` arguments that divide the rows of a variable with LoD.
func parseFeeds(args, lods []string, vars []client.Var) (client.Feed, error) {
	feed := client.Feed{}
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("--feed %q: want NAME=JSON, such as x=[0.1,0.2]", arg)
		}
		if _, twice := feed[name]; twice {
			return nil, fmt.Errorf("--feed %q is there twice", name)
		}
		data := []byte(text)
		if file, isFile := strings.CutPrefix(text, "@"); isFile {
			var err error
			if data, err = os.ReadFile(file); err != nil {
				return nil, fmt.Errorf("--feed %s: %w", name, err)
			}
		}
		value, err := parseFeed(data, varOf(vars, name))
		if err != nil {
			return nil, fmt.Errorf("--feed %s: %w", name, err)
		}
		feed[name] = value
	}
	for _, arg := range lods {
		if err := divide(feed, arg); err != nil {
			return nil, err
		}
	}
	return feed, nil
}

// varOf finds the variable; the client complains of names that are not known.
func varOf(vars []client.Var, alias string) client.Var {
	for _, v := range vars {
		if v.Alias == alias {
			return v
		}
	}
	return client.Var{DType: sampan.Float32}
}

// parseFeed makes a flat slice of a flat list and a tensor of a nested one. For a
// variable with LoD lists of lists are sequences.
func parseFeed(data []byte, v client.Var) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("not JSON: more after the value")
	}
	if v.LoD {
		return parseSequences(value, v.DType)
	}
	return parseElements(value, v.DType)
}

func parseElements(value any, dtype sampan.DType) (any, error) {
	var l leaves
	if err := l.walk(value, 0); err != nil {
		return nil, err
	}
	switch dtype {
	case sampan.String:
		return typed(l, func(s string) (string, error) { return s, nil })
	case sampan.Bool:
		return typed(l, strconv.ParseBool)
	case sampan.Int64:
		return typed(l, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case sampan.Int32:
		return typed(l, func(s string) (int32, error) { n, err := strconv.ParseInt(s, 10, 32); return int32(n), err })
	case sampan.Int16:
		return typed(l, func(s string) (int16, error) { n, err := strconv.ParseInt(s, 10, 16); return int16(n), err })
	case sampan.Int8:
		return typed(l, func(s string) (int8, error) { n, err := strconv.ParseInt(s, 10, 8); return int8(n), err })
	case sampan.Uint8:
		return typed(l, func(s string) (uint8, error) { n, err := strconv.ParseUint(s, 10, 8); return uint8(n), err })
	case sampan.Float64:
		return typed(l, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	case sampan.Float16:
		return typed(l, func(s string) (sampan.F16, error) {
			f, err := strconv.ParseFloat(s, 32)
			return sampan.ToF16(float32(f)), err
		})
	case sampan.Float32:
		return typed(l, func(s string) (float32, error) { f, err := strconv.ParseFloat(s, 32); return float32(f), err })
	}
	return nil, fmt.Errorf("elements of %s cannot be fed from the command line; use the SDK", dtype)
}

// leaves are the elements of nested lists as text, and the lists' shape.
type leaves struct {
	text  []string
	shape sampan.Shape
}

func (l *leaves) walk(value any, depth int) error {
	if list, ok := value.([]any); ok {
		switch {
		case depth == len(l.shape) && len(l.text) == 0:
			l.shape = append(l.shape, int64(len(list)))
		case depth >= len(l.shape) || l.shape[depth] != int64(len(list)):
			return fmt.Errorf("the list is ragged")
		}
		for _, e := range list {
			if err := l.walk(e, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if depth != len(l.shape) {
		return fmt.Errorf("the list is ragged")
	}
	switch v := value.(type) {
	case json.Number:
		l.text = append(l.text, v.String())
	case string:
		l.text = append(l.text, v)
	case bool:
		l.text = append(l.text, strconv.FormatBool(v))
	default:
		return fmt.Errorf("want numbers, texts or lists of them, not %T", value)
	}
	return nil
}

// typed parses the leaves: a flat list stays a slice, which takes the variable's
// shape; a nested one becomes a tensor of its own shape.
func typed[T any](l leaves, parse func(string) (T, error)) (any, error) {
	out := make([]T, len(l.text))
	for i, s := range l.text {
		var err error
		if out[i], err = parse(s); err != nil {
			return nil, fmt.Errorf("element %d: %q is not %s", i, s, article(out[i]))
		}
	}
	if len(l.shape) < 2 {
		return out, nil
	}
	switch data := any(out).(type) {
	case []string:
		return sampan.OfStrings(l.shape, data)
	case []float32:
		return sampan.Of(l.shape, data)
	case []float64:
		return sampan.Of(l.shape, data)
	case []int64:
		return sampan.Of(l.shape, data)
	case []int32:
		return sampan.Of(l.shape, data)
	case []int16:
		return sampan.Of(l.shape, data)
	case []int8:
		return sampan.Of(l.shape, data)
	case []uint8:
		return sampan.Of(l.shape, data)
	case []bool:
		return sampan.Of(l.shape, data)
	case []sampan.F16:
		return sampan.Of(l.shape, data)
	}
	return nil, fmt.Errorf("elements of %T cannot be fed", out)
}

// article names a Go type for a message.
func article(v any) string {
	switch v.(type) {
	case float32, float64, sampan.F16:
		return "a number"
	case bool:
		return "true or false"
	}
	return fmt.Sprintf("a whole number of %T", v)
}
