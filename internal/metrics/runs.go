package metrics

import "time"

// Runs counts and times the runs of one version of a model. It is an engine.Observer.
type Runs struct {
	// Count has all runs, Took only those that were measured; a nil Count counts none.
	Count *Counter
	Took  *Histogram
	// Queue is the time of requests that waited, Rows those of merged runs.
	Queue, Rows *Histogram
}

// Ran counts a run; took is 0 where it was not measured.
func (r *Runs) Ran(took time.Duration) {
	if r.Count != nil {
		r.Count.Add(1)
	}
	if took > 0 {
		r.Took.Observe(int64(took))
	}
}

// Waited counts a request that waited.
func (r *Runs) Waited(d time.Duration) { r.Queue.Observe(int64(d)) }

// Merged counts a run for several requests.
func (r *Runs) Merged(_ int, rows int64) { r.Rows.Observe(rows) }
