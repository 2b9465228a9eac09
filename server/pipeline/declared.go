package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

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
