package rpc

import (
	"sync"
	"sync/atomic"
)

// workers run calls. A few goroutines are kept for the next call, as a new one spends a
// tenth of a small call on letting its stack grow.
type workers struct {
	calls  chan func()
	kept   atomic.Int64
	quit   chan struct{}
	ending sync.Once
}

// maxWorkers bounds the goroutines that wait for a call.
const maxWorkers = 256

func newWorkers() *workers {
	return &workers{calls: make(chan func()), quit: make(chan struct{})}
}

// run begins a call and does not wait for it.
func (w *workers) run(call func()) {
	select {
	case w.calls <- call:
	default:
		go w.work(call)
	}
}

func (w *workers) work(call func()) {
	for {
		call()
		if w.kept.Add(1) > maxWorkers {
			w.kept.Add(-1)
			return
		}
		select {
		case call = <-w.calls:
			w.kept.Add(-1)
		case <-w.quit:
			return
		}
	}
}

// end lets the goroutines go that wait. Calls may still be run.
func (w *workers) end() { w.ending.Do(func() { close(w.quit) }) }
