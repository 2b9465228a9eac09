package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/sampanml/sampan/ops"
	"github.com/sampanml/sampan/server/graph"
	"github.com/sampanml/sampan/server/pipeline/config"
)

// Service is a pipeline while it is put together. Make one with [New]; what is wrong with
// it is told, all at once, by [Service.Listen] or [Service.Run].
type Service struct {
	name    string
	options Options
	config  *config.Config
	nodes   []*Node
	last    *Node
	// inYAML says that name and ops are those of config.yml, and have been checked.
	inYAML bool
	// page is the front page's HTML; nil without one.
	page   []byte
	faults []error
}

// Node is an op of a service, for the ops that come after it.
type Node struct {
	name  string
	step  Step
	after []*Node
}

// requestNode is the name of the node that every pipeline begins with.
const requestNode = "@DAGExecutor"

// ownKeys are those of config.yml that Paddle Serving does not have.
var ownKeys = []string{"name", "ops", "page"}

// New begins a pipeline of that name, the first element of /NAME/prediction, with the
// settings of a config.yml.
func New(name, configFile string, o Options) *Service {
	c, err := config.Load(configFile, config.Options{Strict: o.Strict, Overrides: o.Overrides, Known: ownKeys})
	return newService(name, c, err, o)
}

// Parse is [New] with the text of a config.yml; paths in it are relative to the working
// directory.
func Parse(name string, text []byte, o Options) *Service {
	c, err := config.Parse("config.yml", text, config.Options{Strict: o.Strict, Overrides: o.Overrides, Known: ownKeys})
	return newService(name, c, err, o)
}

func newService(name string, c *config.Config, err error, o Options) *Service {
	s := &Service{name: name, options: o.withDefaults(), config: c}
	if err != nil {
		s.faults = append(s.faults, err)
	}
	if c != nil {
		if s.page, err = page(c); err != nil {
			s.faults = append(s.faults, err)
		}
	}
	return s
}

// maxPage bounds the file of the front page, in bytes.
const maxPage = 1 << 20

// page reads the front page that the key page names.
func page(c *config.Config) ([]byte, error) {
	node := c.Extra["page"]
	if node == nil {
		return nil, nil
	}
	path := c.Path(node.Value)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	defer f.Close()
	html, err := io.ReadAll(io.LimitReader(f, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if len(html) > maxPage {
		return nil, fmt.Errorf("page: %s is larger than %d bytes", path, maxPage)
	}
	return html, nil
}

// Request is where the pipeline begins: it gives what the caller sent.
func (s *Service) Request() *Node {
	for _, n := range s.nodes {
		if n.step == nil {
			return n
		}
	}
	n := &Node{name: requestNode}
	s.nodes = append(s.nodes, n)
	return n
}

// Add adds an op of that name, which takes what the ops before it give. Its settings are
// those of op.NAME in config.yml; an op without any there has no model.
func (s *Service) Add(name string, step Step, after ...*Node) *Node {
	n := &Node{name: name, step: step, after: after}
	if step == nil {
		n.step = Op{}
	}
	if len(after) == 0 || slices.Contains(after, nil) {
		s.faults = append(s.faults, fmt.Errorf("op %q comes after nothing; give it the request or an op", name))
	}
	s.nodes = append(s.nodes, n)
	return n
}

// Respond makes the op the last: what it gives is the answer.
func (s *Service) Respond(last *Node) {
	if s.last != nil {
		s.faults = append(s.faults, fmt.Errorf("two ops answer: %q and %q; want one", s.last.name, last.name))
	}
	s.last = last
}

// Notes say which settings of config.yml are not known, or were understood but have no
// effect.
func (s *Service) Notes() []string {
	if s.config == nil {
		return nil
	}
	return slices.Concat(s.config.Warnings, s.config.Notes)
}

// Run loads the models, takes the ports and serves until ctx ends, then drains.
func (s *Service) Run(ctx context.Context) error {
	server, err := s.Listen(ctx)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

// check tells every fault of the service's form.
func (s *Service) check() error {
	faults := s.faults
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if s.config == nil {
		return errors.Join(faults...)
	}
	for _, op := range s.config.Ops {
		if len(s.nodes) > 0 && !s.has(op.Name) {
			fault("%s: op.%s is not an op of the pipeline", s.config.At(op.Line), op.Name)
		}
	}
	if s.inYAML {
		return errors.Join(faults...)
	}
	if !isName(s.name) {
		fault("name: got %q, %s", s.name, wantName)
	}
	switch {
	case s.last == nil:
		fault("no op answers; call Respond with the last")
	case s.last.step == nil:
		fault("the request itself cannot be the answer; add an op")
	case s.leads(s.last):
		fault("op %q answers, and another comes after it", s.last.name)
	}
	spec := s.spec(nil)
	return errors.Join(append(faults, spec.Validate())...)
}

// isName tells whether a name can be that of a service.
func isName(name string) bool { return name != "" && !strings.ContainsAny(name, "/?#% ") }

const wantName = "want the service's name, one path element"

func (s *Service) has(name string) bool {
	return slices.ContainsFunc(s.nodes, func(n *Node) bool { return n.name == name })
}

// leads tells whether an op comes after a node.
func (s *Service) leads(n *Node) bool {
	return slices.ContainsFunc(s.nodes, func(other *Node) bool { return slices.Contains(other.after, n) })
}

// spec is the pipeline as a graph.
func (s *Service) spec(nodes map[*Node]*node) graph.Spec {
	spec := graph.Spec{Name: s.name, Parallel: true, Logger: s.options.Logger}
	for _, n := range s.nodes {
		ns := graph.NodeSpec{Name: n.name, Op: request{}}
		if n.step != nil {
			ns.Op = nodes[n]
		}
		for _, before := range n.after {
			if before != nil {
				ns.Depends = append(ns.Depends, before.name)
			}
		}
		spec.Nodes = append(spec.Nodes, ns)
	}
	return spec
}

// request is the first node: it gives what the caller sent.
type request struct{}

// Run implements [ops.Op].
func (request) Run(_ context.Context, f *ops.Frame) error {
	f.Output.Values = f.Call.Values
	return nil
}
