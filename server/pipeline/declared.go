package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/server/pipeline/config"
	"github.com/sampanml/sampan/server/pipeline/steps"
)

// declared is an op that is written in YAML: steps before its model and after it. It
// implements [Step].
type declared struct {
	name      string
	after     []string
	pre, post []stage
	// feed has the value for an input of the model where its name is another.
	feed map[string]string
	// give are the values that the op gives; nil is what the last steps made.
	give []string
	next []route
}

// stage is one step with the names of its values.
type stage struct {
	name string
	from []string
	to   string
	// method is that of the calls that it is for, or, after "!", is not for; empty is all.
	method string
	step   steps.Step
}

// isFor tells whether the step is for calls of a method.
func (s *stage) isFor(method string) bool {
	if not, ok := strings.CutPrefix(s.method, "!"); ok {
		return method != not
	}
	return s.method == "" || s.method == method
}

// route goes on to an op if a condition holds.
type route struct {
	to   string
	when condition
}

// Declared begins a pipeline whose ops are all in the section ops of a config.yml. The
// service's name is its key name.
func Declared(configFile string, o Options) *Service {
	s := New("", configFile, o)
	if s.config != nil {
		s.declare(configFile)
	}
	return s
}

// declare adds the ops of the section ops.
func (s *Service) declare(file string) {
	fault := func(format string, args ...any) { s.faults = append(s.faults, fmt.Errorf(format, args...)) }
	if node := s.config.Extra["name"]; node != nil {
		s.name = node.Value
	}
	if s.name == "" || strings.ContainsAny(s.name, "/?#% ") {
		fault("%s: name: got %q, want the service's name, one path element", file, s.name)
	}
	list := s.config.Extra["ops"]
	if list == nil || list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		fault("%s: ops: want a list of ops; a pipeline without it is written in Go", file)
		return
	}
	nodes := map[string]*Node{"request": s.Request()}
	last := nodes["request"]
	for i, n := range list.Content {
		path := fmt.Sprintf("%s:%d: ops[%d]", file, n.Line, i)
		d, err := declaration(n, path, s.config)
		if err != nil {
			s.faults = append(s.faults, err)
			continue
		}
		var after []*Node
		for _, name := range d.after {
			if nodes[name] == nil {
				fault("%s: after: op %q is not known; an op comes after those before it, or after request", path, name)
				continue
			}
			after = append(after, nodes[name])
		}
		if d.after == nil {
			after = []*Node{last}
		}
		if nodes[d.name] != nil {
			fault("%s: name: there are two ops %q", path, d.name)
			continue
		}
		last = s.Add(d.name, d, after...)
		nodes[d.name] = last
	}
	s.Respond(last)
}

// declaration reads one op.
func declaration(n *yaml.Node, path string, c *config.Config) (*declared, error) {
	d := &declared{}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want keys with values", path)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i].Value, n.Content[i+1]
		var err error
		switch key {
		case "name":
			err = v.Decode(&d.name)
		case "after":
			d.after, err = names(v)
		case "pre":
			d.pre, err = stages(v, c)
		case "post":
			d.post, err = stages(v, c)
		case "feed":
			err = v.Decode(&d.feed)
		case "give":
			d.give, err = names(v)
		case "next":
			d.next, err = routes(v)
		default:
			err = errors.New("is not known; known are name, after, pre, feed, post, give, next")
		}
		if err != nil {
			fault("%s: %s: %s", path, key, strings.TrimPrefix(err.Error(), "yaml: "))
		}
	}
	if d.name == "" {
		fault("%s: name is missing", path)
	}
	return d, errors.Join(faults...)
}

// names reads a name or a list of them.
func names(v *yaml.Node) (out []string, err error) {
	if v.Kind == yaml.ScalarNode {
		return []string{v.Value}, nil
	}
	return out, v.Decode(&out)
}

// stages reads a list of steps, each a name with settings.
func stages(v *yaml.Node, c *config.Config) (out []stage, err error) {
	if v.Kind != yaml.SequenceNode {
		return nil, errors.New("want a list of steps")
	}
	var faults []error
	for i, n := range v.Content {
		s, err := newStage(n)
		if err == nil {
			if opener, ok := s.step.(steps.Opener); ok {
				err = opener.Open(c.Path)
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: step %d: %w", n.Line, i, err))
		}
		out = append(out, s)
	}
	return out, errors.Join(faults...)
}

func newStage(n *yaml.Node) (s stage, err error) {
	if n.Kind == yaml.ScalarNode {
		s.name = n.Value
		s.step, err = steps.New(s.name, nil)
	} else if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return s, errors.New("want STEP: {from: VALUE, to: VALUE, ...}")
	} else {
		s.name = n.Content[0].Value
		settings := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line}
		of := n.Content[1]
		for i := 0; i+1 < len(of.Content); i += 2 {
			switch key, v := of.Content[i].Value, of.Content[i+1]; key {
			case "from":
				s.from, err = names(v)
			case "to":
				err = v.Decode(&s.to)
			case "method":
				err = v.Decode(&s.method)
			default:
				settings.Content = append(settings.Content, of.Content[i], v)
			}
			if err != nil {
				return s, err
			}
		}
		s.step, err = steps.New(s.name, settings)
	}
	if err != nil {
		return s, err
	}
	if len(s.from) == 0 {
		return s, fmt.Errorf("%s: from is missing: the name of the value that it works on", s.name)
	}
	if s.to == "" {
		s.to, _ = optional(s.from[0])
	}
	return s, nil
}

// optional gives the name of a value, and whether a step may do without it: "(name)".
func optional(name string) (string, bool) {
	if inside, ok := strings.CutPrefix(name, "("); ok {
		return strings.CutSuffix(inside, ")")
	}
	return name, false
}

// scope has the values that an op's steps see.
type scope struct {
	in     Inputs
	values []Value
	// made are the names that the last steps wrote.
	made []string
}

// value finds a value: one that a step made, one of an op before, or OP.NAME for that of a
// certain op.
func (s *scope) value(name string) (any, error) {
	for i := range s.values {
		if s.values[i].Name == name {
			return s.values[i].Data, nil
		}
	}
	if op, of, ok := strings.Cut(name, "."); ok {
		for _, v := range s.in.Of(op) {
			if v.Name == of {
				return v.Data, nil
			}
		}
	}
	return s.in.Value(name)
}

func (s *scope) set(name string, data any) {
	if !slices.Contains(s.made, name) {
		s.made = append(s.made, name)
	}
	for i := range s.values {
		if s.values[i].Name == name {
			s.values[i].Data = data
			return
		}
	}
	s.values = append(s.values, Value{Name: name, Data: data})
}

// run applies steps in order.
func (s *scope) run(ctx context.Context, stages []stage) error {
	for i := range stages {
		st := &stages[i]
		if !st.isFor(s.in.Method()) {
			continue
		}
		in := make([]any, len(st.from))
		for j, name := range st.from {
			name, may := optional(name)
			var err error
			if in[j], err = s.value(name); err != nil && !may {
				return err
			}
		}
		out, err := steps.Apply(ctx, st.step, in)
		if err != nil {
			return fmt.Errorf("%s of %q: %w", st.name, strings.Join(st.from, ", "), err)
		}
		s.set(st.to, out)
	}
	return nil
}

// Preprocess runs the steps before the model and feeds it.
func (d *declared) Preprocess(ctx context.Context, in Inputs) (Feed, error) {
	s := &scope{in: in}
	if err := s.run(ctx, d.pre); err != nil {
		return Feed{}, err
	}
	if in.model == nil {
		return Feed{Skip: true, Keep: s}, nil
	}
	feed, err := d.feeds(s, in.model.inputs())
	feed.Keep = s
	return feed, err
}

// feeds makes the model's runs: one, or one for each element where a value is a list.
func (d *declared) feeds(s *scope, inputs []string) (Feed, error) {
	if inputs == nil {
		for _, v := range s.values {
			inputs = append(inputs, v.Name)
		}
	}
	values, runs := make([]any, len(inputs)), -1
	for i, name := range inputs {
		from := name
		if other, ok := d.feed[name]; ok {
			from = other
		}
		v, err := s.value(from)
		if err != nil {
			return Feed{}, err
		}
		values[i] = v
		if list, ok := v.(steps.List); ok {
			if runs >= 0 && runs != len(list) {
				return Feed{}, sampan.Errorf(sampan.InvalidArgument, "input %q is a list of %d values, another has %d", name, len(list), runs)
			}
			runs = len(list)
		}
	}
	feed := Feed{Runs: make([][]sampan.Named, max(runs, 0), max(runs, 1))}
	if runs < 0 {
		feed.Runs = feed.Runs[:1]
	}
	for r := range feed.Runs {
		for i, name := range inputs {
			v := values[i]
			if list, ok := v.(steps.List); ok {
				v = list[r]
			}
			t, err := asTensor(Value{Name: name, Data: v})
			if err != nil {
				return Feed{}, err
			}
			feed.Runs[r] = append(feed.Runs[r], Input(name, t))
		}
	}
	if runs >= 0 {
		s.set(listed, true)
	}
	return feed, nil
}

// listed is the name under which a scope remembers that the model ran for a list.
const listed = "\x00listed"

// Postprocess runs the steps after the model.
func (d *declared) Postprocess(ctx context.Context, in Inputs, out Fetch) (Result, error) {
	s := out.Keep.(*scope)
	_, err := s.value(listed)
	each := err == nil
	if !out.Skipped {
		s.made = nil
		s.take(out.Runs, each)
	}
	made := s.made
	s.made = nil
	if err := s.run(ctx, d.post); err != nil {
		return nil, err
	}
	if s.made == nil {
		s.made = made
	}
	give := d.give
	if give == nil {
		give = s.made
	}
	if len(give) == 0 {
		return in.Only()
	}
	result := make(Result, 0, len(give))
	for _, name := range give {
		v, err := s.value(name)
		if err != nil {
			return nil, err
		}
		result = append(result, Value{Name: name, Data: v})
	}
	return result, nil
}

// take puts the model's outputs among the values, as lists where it ran for a list.
func (s *scope) take(runs [][]sampan.Named, each bool) {
	if !each {
		for i := range runs[0] {
			s.set(runs[0][i].Public(), runs[0][i].Tensor)
		}
		return
	}
	lists := map[string]steps.List{}
	var order []string
	if len(runs) == 0 {
		for _, name := range s.in.model.outputs() {
			s.set(name, steps.List{})
		}
	}
	for _, run := range runs {
		for i := range run {
			name := run[i].Public()
			if lists[name] == nil {
				order = append(order, name)
			}
			lists[name] = append(lists[name], run[i].Tensor)
		}
	}
	for _, name := range order {
		s.set(name, lists[name])
	}
}
