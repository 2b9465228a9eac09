package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan/ops"
)

// gives is an op that gives its node's name behind what it gets, and goes on to next.
func gives(next ...string) op {
	return func(_ context.Context, f *ops.Frame) error {
		var from []string
		for _, in := range f.Inputs {
			if !in.Skipped {
				from = append(from, fmt.Sprint(in.Values[0].Data))
			}
		}
		text := strings.TrimPrefix(strings.Join(from, "+")+">"+f.Node, ">")
		f.Output.Values, f.Next = []ops.Value{{Name: "way", Data: text}}, next
		return nil
	}
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		name string
		next []string
		want string
	}{
		{"all", nil, "a>b>d+a>c>e>f"},
		{"left", []string{"b"}, "a>b>d>f"},
		{"right", []string{"c"}, "a>c>e>f"},
		{"none", []string{}, `no node goes on to "f", the last`},
		{"stranger", []string{"f"}, `op "a" goes on to "f", which does not depend on it`},
	} {
		for _, parallel := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, parallel %v", c.name, parallel), func(t *testing.T) {
				p := mustCompile(t, Spec{Parallel: parallel, Nodes: []NodeSpec{
					does("a", gives(c.next...)), does("b", gives(), "a"), does("c", gives(), "a"),
					does("d", gives(), "b"), does("e", gives(), "c"), does("f", gives(), "d", "e"),
				}})
				for range 3 {
					values, err := p.Call(t.Context(), &ops.Call{})
					got := text(err)
					if err == nil {
						got = values[0].Data.(string)
					}
					if got != c.want {
						t.Errorf("got %q, want %q", got, c.want)
					}
				}
			})
		}
	}
}

// TestNodesBeginWhenTheyCan has two branches of 10 ms and 1 ms, in opposite order: at once
// they take 11 ms, and not 20 as they would if they waited for each other half way.
func TestNodesBeginWhenTheyCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sleeps := func(d time.Duration) op {
			return func(context.Context, *ops.Frame) error { time.Sleep(d); return nil }
		}
		p := mustCompile(t, Spec{Parallel: true, Nodes: []NodeSpec{
			does("a", sleeps(0)),
			does("b1", sleeps(10*time.Millisecond), "a"), does("b2", sleeps(time.Millisecond), "b1"),
			does("c1", sleeps(time.Millisecond), "a"), does("c2", sleeps(10*time.Millisecond), "c1"),
			does("d", sleeps(0), "b2", "c2"),
		}})
		began := time.Now()
		if _, err := p.Call(t.Context(), &ops.Call{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 11*time.Millisecond {
			t.Errorf("took %v, want 11ms", took)
		}
	})
}

func TestFailingBranchStopsTheOther(t *testing.T) {
	boom, began := errors.New("boom"), make(chan struct{})
	var mu sync.Mutex
	var ran []string
	note := func(name string) {
		mu.Lock()
		defer mu.Unlock()
		ran = append(ran, name)
	}
	p := mustCompile(t, Spec{Parallel: true, Nodes: []NodeSpec{
		does("a", func(context.Context, *ops.Frame) error { return nil }),
		does("b", func(context.Context, *ops.Frame) error { <-began; return boom }, "a"),
		does("c", func(ctx context.Context, _ *ops.Frame) error { close(began); <-ctx.Done(); note("c"); return ctx.Err() }, "a"),
		does("d", func(context.Context, *ops.Frame) error { note("d"); return nil }, "b", "c"),
	}})
	if _, err := p.Call(t.Context(), &ops.Call{}); !errors.Is(err, boom) {
		t.Errorf("got %v, want the failing branch's error", err)
	}
	if !slices.Equal(ran, []string{"c"}) {
		t.Errorf("ran %q, want the other branch ended and what comes after not begun", ran)
	}
}
