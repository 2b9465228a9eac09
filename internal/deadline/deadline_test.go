package deadline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sampanml/sampan/internal/deadline"
)

func TestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		parent time.Duration
		end    func(cancelParent, cancel func())
		want   error
	}{
		"its own time":      {0, func(_, _ func()) { time.Sleep(time.Second) }, context.DeadlineExceeded},
		"its parent's time": {time.Millisecond, func(_, _ func()) { time.Sleep(time.Millisecond) }, context.DeadlineExceeded},
		"its parent":        {0, func(parent, _ func()) { parent() }, context.Canceled},
		"cancel":            {0, func(_, own func()) { own() }, context.Canceled},
	} {
		for _, armed := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				parent, cancelParent := context.WithCancel(context.Background())
				if c.parent > 0 {
					parent, cancelParent = context.WithTimeout(parent, c.parent)
				}
				defer cancelParent()
				ctx, cancel := deadline.WithTimeout(parent, time.Second)
				defer cancel()
				if armed {
					select {
					case <-ctx.Done():
						t.Errorf("%s: done at once", name)
					default:
					}
				}
				if err := ctx.Err(); err != nil {
					t.Errorf("%s: %v at once", name, err)
				}
				c.end(cancelParent, cancel)
				synctest.Wait()
				if err := ctx.Err(); !errors.Is(err, c.want) {
					t.Errorf("%s, armed %v: %v, want %v", name, armed, err, c.want)
				}
				<-ctx.Done()
				if err := ctx.Err(); !errors.Is(err, c.want) {
					t.Errorf("%s, armed %v, after Done: %v, want %v", name, armed, err, c.want)
				}
			})
		}
	}
}

func TestChildrenAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := deadline.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if at, ok := ctx.Deadline(); !ok || time.Until(at) != time.Minute {
			t.Errorf("deadline %v %v", at, ok)
		}
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		time.Sleep(time.Minute)
		<-child.Done()
		if !errors.Is(child.Err(), context.DeadlineExceeded) {
			t.Errorf("the child: %v", child.Err())
		}
	})
}

func BenchmarkWithTimeout(b *testing.B) {
	for name, with := range map[string]func(context.Context, time.Duration) (context.Context, func()){
		"lazy":     deadline.WithTimeout,
		"standard": func(p context.Context, d time.Duration) (context.Context, func()) { return context.WithTimeout(p, d) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ctx, cancel := with(context.Background(), time.Minute)
				if ctx.Err() != nil {
					b.Fatal(ctx.Err())
				}
				cancel()
			}
		})
	}
}
