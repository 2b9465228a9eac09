package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/client"
)

// parseSequences reads a value for a variable with LoD: the sequences, or the elements
// of one.
func parseSequences(value any, dtype sampan.DType) (any, error) {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return parseElements(value, dtype)
	}
	if _, nested := list[0].([]any); !nested {
		return parseElements(value, dtype)
	}
	sequences := make([]any, len(list))
	for i, sequence := range list {
		var err error
		if sequences[i], err = parseElements(sequence, dtype); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	return client.Sequences(sequences), nil
}

// divide reads `NAME=[0,2,5]`, or several levels as a list of lists, and divides the
// rows of what is fed under that name.
func divide(feed client.Feed, arg string) error {
	name, text, ok := strings.Cut(arg, "=")
	if !ok {
		return fmt.Errorf("--lod %q: want NAME=OFFSETS, such as words=[0,2,5]", arg)
	}
	var lod sampan.LoD
	var level []int64
	if json.Unmarshal([]byte(text), &level) == nil {
		lod = sampan.LoD{level}
	} else if err := json.Unmarshal([]byte(text), &lod); err != nil {
		return fmt.Errorf("--lod %s: want offsets such as [0,2,5]", name)
	}
	t, err := rows(feed[name])
	if err != nil {
		return fmt.Errorf("--lod %s: %w", name, err)
	}
	t.LoD = lod
	feed[name] = t
	return nil
}

// rows makes a tensor of a fed value: plain elements are rows of one.
func rows(value any) (sampan.Tensor, error) {
	switch v := value.(type) {
	case nil:
		return sampan.Tensor{}, fmt.Errorf("nothing is fed under that name")
	case sampan.Tensor:
		return v, nil
	case client.Sequence:
		return sampan.Tensor{}, fmt.Errorf("the lists in the feed are sequences already; give a flat list, or leave --lod out")
	case []string:
		return sampan.OfStrings(sampan.Shape{int64(len(v)), 1}, v)
	case []float32:
		return sampan.Of(sampan.Shape{int64(len(v)), 1}, v)
	case []float64:
		return sampan.Of(sampan.Shape{int64(len(v)), 1}, v)
	case []int64:
		return sampan.Of(sampan.Shape{int64(len(v)), 1}, v)
	case []int32:
		return sampan.Of(sampan.Shape{int64(len(v)), 1}, v)
	}
	return sampan.Tensor{}, fmt.Errorf("elements of %T cannot be divided; give a list of lists", value)
}
