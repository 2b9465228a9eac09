package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/steps"
)

// route goes on to an op, if a condition on a value of the op's result holds.
type route struct {
	To    string `yaml:"to"`
	Value string `yaml:"value"`
	// Of these one is given, or with no Value none. Above and Below are for numbers,
	// Equals for texts and numbers, Empty for texts, arrays and lists.
	Above  *float64 `yaml:"above"`
	Below  *float64 `yaml:"below"`
	Equals *string  `yaml:"equals"`
	Empty  *bool    `yaml:"empty"`
}

// routeKeys are the keys of a [route].
var routeKeys = []string{"to", "value", "above", "below", "equals", "empty"}

// routes reads the list of ops to go on to.
func routes(list *yaml.Node) (out []route, err error) {
	if list.Kind != yaml.SequenceNode {
		return nil, errors.New("want a list of {to: OP, ...}")
	}
	var faults []error
	for i, n := range list.Content {
		r, err := newRoute(n)
		if err != nil {
			faults = append(faults, fmt.Errorf("entry %d: %w", i, err))
		}
		out = append(out, r)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return out, nil
}

func newRoute(n *yaml.Node) (r route, err error) {
	if err := n.Decode(&r); err != nil {
		return r, err
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Value; !slices.Contains(routeKeys, key) {
			return r, fmt.Errorf("%s is not known; known are %s", key, strings.Join(routeKeys, ", "))
		}
	}
	given := 0
	for _, is := range []bool{r.Above != nil, r.Below != nil, r.Equals != nil, r.Empty != nil} {
		if is {
			given++
		}
	}
	if r.To == "" || r.Value == "" && given > 0 || r.Value != "" && given != 1 {
		return r, errors.New("want {to: OP, value: NAME, and one of above, below, equals, empty}, or {to: OP} alone")
	}
	return r, nil
}

// Next names the ops whose conditions hold; without any written it is all.
func (d *declared) Next(_ context.Context, _ Inputs, result Result) ([]string, error) {
	if d.next == nil {
		return nil, nil
	}
	on := []string{}
	for _, r := range d.next {
		ok, err := r.holds(result)
		if err != nil {
			return nil, fmt.Errorf("next: %w", err)
		}
		if ok {
			on = append(on, r.To)
		}
	}
	return on, nil
}

func (r *route) holds(result Result) (bool, error) {
	if r.Value == "" {
		return true, nil
	}
	for _, v := range result {
		if v.Name != r.Value {
			continue
		}
		switch {
		case r.Empty != nil:
			return *r.Empty == empty(v.Data), nil
		case r.Equals != nil:
			if text, ok := v.Data.(string); ok {
				return text == *r.Equals, nil
			}
			want, err := strconv.ParseFloat(*r.Equals, 64)
			if err != nil {
				return false, fmt.Errorf("%q is %s and not a text", r.Value, steps.Kind(v.Data))
			}
			n, err := scalarOf(v.Data)
			return n == want, err
		}
		n, err := scalarOf(v.Data)
		if err != nil {
			return false, fmt.Errorf("%q: %w", r.Value, err)
		}
		return r.Above != nil && n > *r.Above || r.Below != nil && n < *r.Below, nil
	}
	return false, fmt.Errorf("the op gives no %q", r.Value)
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
