package ops

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sampanml/sampan"
)

// Config is what a factory knows of the node that it makes an op for.
type Config struct {
	// Node is the node's name.
	Node string
	// Argument is what follows the prefix of the op's type, as the file of "steps:FILE".
	Argument string
	// Depends are the names of the nodes that it depends on, in the order of
	// [Frame.Inputs].
	Depends []string
	// Model is the node's model; nil for a node without one.
	Model Model
	// First is the graph's first model and Last its last, in the order in which they
	// run: what callers feed and fetch. Nil where the graph has no model.
	First, Last Model
	// Behind are the ops of the nodes that depend on this one.
	Behind []Op
}

// Factory makes a node's op when the graph is compiled. An error stops the load.
type Factory func(Config) (Op, error)

var registry = struct {
	sync.RWMutex
	factories map[string]Factory
}{factories: map[string]Factory{}}

// Register adds an op type; one whose name ends with a colon is a prefix, and what
// follows it is the op's [Config.Argument]. It panics if the name is taken or empty, as it is meant
// for init functions.
func Register(name string, f Factory) {
	registry.Lock()
	defer registry.Unlock()
	if name == "" || f == nil {
		panic("ops: Register needs a name and a factory")
	}
	if _, taken := registry.factories[name]; taken {
		panic(fmt.Sprintf("ops: op type %q is registered twice", name))
	}
	registry.factories[name] = f
}

// New makes an op of the given type. An unknown type is Unimplemented.
func New(name string, c Config) (Op, error) {
	registry.RLock()
	f, ok := registry.factories[name]
	if at := strings.Index(name, ":"); !ok && at >= 0 {
		f, ok = registry.factories[name[:at+1]]
		c.Argument = name[at+1:]
	}
	registry.RUnlock()
	if !ok {
		return nil, sampan.Errorf(sampan.Unimplemented, "node %q: op type %q is not known; known are %s",
			c.Node, name, strings.Join(Types(), ", "))
	}
	op, err := f(c)
	if err == nil && op == nil {
		err = fmt.Errorf("op type %q made no op", name)
	}
	if err != nil {
		return nil, fmt.Errorf("node %q: %w", c.Node, err)
	}
	return op, nil
}

// Types lists the registered op types, sorted.
func Types() []string {
	registry.RLock()
	defer registry.RUnlock()
	return slices.Sorted(maps.Keys(registry.factories))
}
