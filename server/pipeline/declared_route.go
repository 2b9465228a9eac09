package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/steps"
)

// condition is on a value of the op's result.
type condition struct {
	Value string
	// Of these one is given. Above and Below are for numbers, Equals for texts and
	// numbers, Empty for texts, arrays and lists.
	Above, Below *float64
	Equals       *string
	Empty        *bool
}

// routes reads the list of ops to go on to.
func routes(v *yaml.Node) (out []route, err error) {
	var list []struct {
		To     string   `yaml:"to"`
		Value  string   `yaml:"value"`
		Above  *float64 `yaml:"above"`
		Below  *float64 `yaml:"below"`
		Equals *string  `yaml:"equals"`
		Empty  *bool    `yaml:"empty"`
	}
	if err := v.Decode(&list); err != nil {
		return nil, err
	}
	for i, r := range list {
		given := 0
		for _, is := range []bool{r.Above != nil, r.Below != nil, r.Equals != nil, r.Empty != nil} {
			if is {
				given++
			}
		}
		if r.To == "" || r.Value == "" && given > 0 || r.Value != "" && given != 1 {
			return nil, fmt.Errorf("entry %d: want {to: OP, value: NAME, and one of above, below, equals, empty}, or {to: OP} alone", i)
		}
		out = append(out, route{r.To, condition{r.Value, r.Above, r.Below, r.Equals, r.Empty}})
	}
	return out, nil
}

// Next names the ops whose conditions hold; without any written it is all.
func (d *declared) Next(_ context.Context, _ Inputs, result Result) ([]string, error) {
	if d.next == nil {
		return nil, nil
	}
	on := []string{}
	for _, r := range d.next {
		ok, err := r.when.holds(result)
		if err != nil {
			return nil, fmt.Errorf("next: %w", err)
		}
		if ok {
			on = append(on, r.to)
		}
	}
	return on, nil
}

func (c *condition) holds(result Result) (bool, error) {
	if c.Value == "" {
		return true, nil
	}
	for _, v := range result {
		if v.Name != c.Value {
			continue
		}
		switch {
		case c.Empty != nil:
			return *c.Empty == empty(v.Data), nil
		case c.Equals != nil:
			if text, ok := v.Data.(string); ok {
				return text == *c.Equals, nil
			}
			want, err := strconv.ParseFloat(*c.Equals, 64)
			if err != nil {
				return false, fmt.Errorf("%q is %s and not a text", c.Value, steps.Kind(v.Data))
			}
			n, err := scalarOf(v.Data)
			return n == want, err
		}
		n, err := scalarOf(v.Data)
		if err != nil {
			return false, fmt.Errorf("%q: %w", c.Value, err)
		}
		return c.Above != nil && n > *c.Above || c.Below != nil && n < *c.Below, nil
	}
	return false, fmt.Errorf("the op gives no %q", c.Value)
}

func empty(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case steps.List:
		return len(v) == 0
	case sampan.Tensor:
		return len(v.Data) == 0
	}
	return v == nil
}

// scalarOf is the number that a text or an array of one element is.
func scalarOf(v any) (float64, error) {
	switch v := v.(type) {
	case string:
		return strconv.ParseFloat(strings.TrimSpace(v), 64)
	case sampan.Tensor:
		wide, err := cast(v, sampan.Float64)
		if err != nil {
			return 0, err
		}
		numbers, err := sampan.View[float64](wide)
		if err == nil && len(numbers) == 1 {
			return numbers[0], nil
		}
		if err != nil {
			return 0, err
		}
	case steps.List:
		return float64(len(v)), nil
	}
	return 0, errors.New("it is " + steps.Kind(v) + ", want a number")
}
