package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/steps"
	"github.com/sampanml/sampan/server/pipeline/config"
)

// declared is an op that is written in YAML: steps before its model and after it. It
// implements [Step].
type declared struct {
	name      string
	after     []string
	pre, post steps.Program
	// feed has the value for an input of the model where its name is another.
	feed map[string]string
	// give are the values that the op gives; nil is what the last steps made.
	give []string
	next []route
}

// Declared begins a pipeline whose ops are all in the section ops of a config.yml. The
// service's name is its key name.
func Declared(configFile string, o Options) *Service {
	s := New("", configFile, o)
	s.inYAML = true
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
	if !isName(s.name) {
		fault("%s: name: got %q, %s", file, s.name, wantName)
	}
	list := s.config.Extra["ops"]
	if list == nil || list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		fault("%s: ops: want a list of ops; a pipeline without it is written in Go", file)
		return
	}
	nodes := map[string]*Node{"request": s.Request()}
	last := nodes["request"]
	paths := map[*Node]string{}
	for i, n := range list.Content {
		path := fmt.Sprintf("%s: ops[%d]", s.config.At(n.Line), i)
		d, err := declaration(n, path, s.config)
		if err != nil {
			s.faults = append(s.faults, err)
		}
		if d.name == "" {
			continue
		}
		if nodes[d.name] != nil {
			fault("%s: name: there are two ops %q", path, d.name)
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
		if len(after) == 0 {
			after = []*Node{last}
		}
		last = s.Add(d.name, d, after...)
		nodes[d.name], paths[last] = last, path
	}
	s.Respond(last)
	for _, n := range s.nodes {
		if d, ok := n.step.(*declared); ok {
			s.checkNext(n, d.next, paths[n])
		}
		if n != last && n.step != nil && !s.leads(n) {
			fault("%s: no op comes after %q, and the answer is that of the last, %q", paths[n], n.name, last.name)
		}
	}
}

// checkNext refuses conditions on ops that do not come after this one.
func (s *Service) checkNext(n *Node, next []route, path string) {
	for i, r := range next {
		if !slices.ContainsFunc(s.nodes, func(other *Node) bool { return other.name == r.To && slices.Contains(other.after, n) }) {
			s.faults = append(s.faults, fmt.Errorf("%s: next: entry %d: no op %q comes after %q", path, i, r.To, n.name))
		}
	}
}

// declaration reads one op. Beside an error there is what could be read.
func declaration(n *yaml.Node, path string, c *config.Config) (*declared, error) {
	d := &declared{}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if n.Kind != yaml.MappingNode {
		return d, fmt.Errorf("%s: want keys with values", path)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i].Value, n.Content[i+1]
		var err error
		switch key {
		case "name":
			err = v.Decode(&d.name)
		case "after":
			if d.after, err = steps.NamesIn(v); err == nil && len(d.after) == 0 {
				err = errors.New("want an op or request, or several")
			}
		case "pre":
			d.pre, err = steps.Parse(v, c.Path)
		case "post":
			d.post, err = steps.Parse(v, c.Path)
		case "feed":
			err = v.Decode(&d.feed)
		case "give":
			d.give, err = steps.NamesIn(v)
		case "next":
			d.next, err = routes(v)
		default:
			err = errors.New("is not known; known are name, after, pre, feed, post, give, next")
		}
		for _, one := range separate(err) {
			fault("%s: %s: %s", path, key, yamlWords.Replace(one.Error()))
		}
	}
	if d.name == "" {
		fault("%s: name is missing", path)
	}
	return d, errors.Join(faults...)
}

// separate are the faults in an error, which may be none.
func separate(err error) []error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return several.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// yamlWords makes one line of the parser's messages.
var yamlWords = strings.NewReplacer("yaml: unmarshal errors:\n  ", "", "yaml: ", "", "\n  ", "; ")

// fits refuses a feed for inputs that the op's model does not have.
func (d *declared) fits(m model) error {
	if m == nil && d.feed != nil {
		return errors.New("feed: the op has no model")
	}
	if m == nil || m.inputs() == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(d.feed)) {
		if !slices.Contains(m.inputs(), name) {
			return fmt.Errorf("feed: %q is not known; the model takes %s", name, quoted(m.inputs()))
		}
	}
	return nil
}

// scope has the values that an op's steps see. It implements [steps.Values].
type scope struct {
	in     Inputs
	values []Value
	// made are the names that the last steps wrote.
	made []string
}

// Value finds a value: one that a step made, one of an op before, or OP.NAME for that of a
// certain op.
func (s *scope) Value(name string) (any, error) {
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

// Set writes a value that a step or the model made.
func (s *scope) Set(name string, data any) {
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

// Preprocess runs the steps before the model and feeds it.
func (d *declared) Preprocess(ctx context.Context, in Inputs) (Feed, error) {
	s := &scope{in: in}
	if err := d.pre.Run(ctx, in.Method(), s); err != nil {
		return Feed{}, err
	}
	if in.model == nil {
		return Feed{Skip: true, Keep: s}, nil
	}
	feed, err := d.feeds(s, in.model.inputs())
	feed.Keep = s
	return feed, err
}

// feeds makes the model's runs: one, or one for each element where a value is a list. inputs
// are nil where only the other side knows them; then texts go as they are.
func (d *declared) feeds(s *scope, inputs []string) (Feed, error) {
	read := asTensor
	if inputs == nil {
		var err error
		if inputs, err = d.offers(s); err != nil {
			return Feed{}, err
		}
		read = asTensorOrText
	}
	values, runs := make([]any, len(inputs)), -1
	for i, name := range inputs {
		from := name
		if other, ok := d.feed[name]; ok {
			from = other
		}
		v, err := s.Value(from)
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
			t, err := read(Value{Name: name, Data: v})
			if err != nil {
				return Feed{}, err
			}
			feed.Runs[r] = append(feed.Runs[r], Input(name, t))
		}
	}
	if runs >= 0 {
		s.Set(listed, true)
	}
	return feed, nil
}

// offers are the names for a model that takes any: those of feed, or else of what the steps
// made, or else of what the op before gave.
func (d *declared) offers(s *scope) ([]string, error) {
	if d.feed != nil {
		return slices.Sorted(maps.Keys(d.feed)), nil
	}
	values := s.values
	if len(values) == 0 {
		var err error
		if values, err = s.in.Only(); err != nil {
			return nil, err
		}
	}
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
	}
	return names, nil
}

// listed is the name under which a scope remembers that the model ran for a list.
const listed = "\x00listed"

// Postprocess runs the steps after the model.
func (d *declared) Postprocess(ctx context.Context, in Inputs, out Fetch) (Result, error) {
	s := out.Keep.(*scope)
	_, err := s.Value(listed)
	each := err == nil
	if !out.Skipped {
		s.made = nil
		s.take(out.Runs, each)
	}
	made := s.made
	s.made = nil
	if err := d.post.Run(ctx, in.Method(), s); err != nil {
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
		v, err := s.Value(name)
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
			s.Set(runs[0][i].Public(), runs[0][i].Tensor)
		}
		return
	}
	lists := map[string]steps.List{}
	var order []string
	if len(runs) == 0 {
		for _, name := range s.in.model.outputs() {
			s.Set(name, steps.List{})
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
		s.Set(name, lists[name])
	}
}
