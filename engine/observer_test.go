package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sampanml/sampan"
)

// told is an observer that remembers.
type told struct {
	mu      sync.Mutex
	of      string
	ran     []time.Duration
	waited  []time.Duration
	members []int
	rows    []int64
}

func (o *told) Ran(took time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ran = append(o.ran, took)
}

func (o *told) Waited(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waited = append(o.waited, d)
}

func (o *told) Merged(requests int, rows int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.members, o.rows = append(o.members, requests), append(o.rows, rows)
}

func TestObserver(t *testing.T) {
	for name, c := range map[string]struct {
		batching    *Batching
		ran, waited []time.Duration
		members     []int
		rows        []int64
	}{
		"alone": {
			ran: []time.Duration{time.Second, time.Second, time.Second}, waited: []time.Duration{time.Second, 2 * time.Second},
		},
		"merged": {
			batching: &Batching{MaxRows: 8}, ran: []time.Duration{time.Second, time.Second},
			waited: []time.Duration{time.Second, time.Second}, members: []int{2}, rows: []int64{4},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := &told{}
			m := load(t, slow(), "", Options{Concurrency: 1, Batching: c.batching, WarmUp: 1,
				Observe: func(model, version string) Observer {
					o.of = model + " " + version
					return o
				}})
			var calls sync.WaitGroup
			for range 3 {
				calls.Go(func() {
					if _, err := m.Run(context.Background(), []sampan.Tensor{rows(t, 2, 1)}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
			}
			calls.Wait()
			for what, diff := range map[string]string{
				"ran": cmp.Diff(c.ran, o.ran), "waited": cmp.Diff(c.waited, o.waited),
				"members": cmp.Diff(c.members, o.members), "rows": cmp.Diff(c.rows, o.rows), "of": cmp.Diff("m 1", o.of),
			} {
				if diff != "" {
					t.Errorf("%s, %s:\n%s", name, what, diff)
				}
			}
		})
	}
}
