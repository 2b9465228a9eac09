package ops

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sampanml/sampan"
)

type nothing struct{}

func (nothing) Run(context.Context, *Frame) error { return nil }

var errCold = errors.New("cold")

func init() {
	Register("TestOp", func(c Config) (Op, error) {
		switch c.Node {
		case "fails":
			return nil, errCold
		case "empty":
			return nil, nil
		}
		return nothing{}, nil
	})
}

func TestRegistry(t *testing.T) {
	if _, err := New("TestOp", Config{Node: "works"}); err != nil {
		t.Error(err)
	}
	if _, err := New("TestOp", Config{Node: "fails"}); !errors.Is(err, errCold) || text(err) != `node "fails": cold` {
		t.Errorf("a failing factory: %v", err)
	}
	if _, err := New("TestOp", Config{Node: "empty"}); text(err) != `node "empty": op type "TestOp" made no op` {
		t.Errorf("an empty factory: %v", err)
	}
	_, err := New("TestOpp", Config{Node: "n"})
	if sampan.CodeOf(err) != sampan.Unimplemented || !strings.HasPrefix(text(err), `node "n": op type "TestOpp" is not known; known are `) {
		t.Errorf("an unknown type: %v", err)
	}
	types := Types()
	if !slices.IsSorted(types) {
		t.Errorf("not sorted: %v", types)
	}
	for _, want := range []string{GeneralReader, GeneralInfer, GeneralResponse, "TestOp"} {
		if !slices.Contains(types, want) {
			t.Errorf("%v lacks %s", types, want)
		}
	}
}

func TestRegisterPanics(t *testing.T) {
	factory := func(Config) (Op, error) { return nothing{}, nil }
	for _, c := range []struct {
		name string
		f    Factory
		want string
	}{
		{"", factory, "ops: Register needs a name and a factory"},
		{"NoFactory", nil, "ops: Register needs a name and a factory"},
		{GeneralReader, factory, `ops: op type "GeneralReaderOp" is registered twice`},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("Register(%q): %v, want a panic: %s", c.name, got, c.want)
				}
			}()
			Register(c.name, c.f)
		}()
	}
	if _, err := New("NoFactory", Config{}); err == nil {
		t.Error("an op without a factory was registered")
	}
}
