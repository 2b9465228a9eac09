package cluster

import "sync"

// weights are the state of the weighted turns: every endpoint gains its weight at every
// turn, and the one that has gained most gives the sum of all back and has the turn.
type weights struct {
	mu     sync.Mutex
	gained []int64
}

// next returns the usable endpoint whose turn it is; nil if there is none.
func (w *weights) next(r *Round) *Endpoint {
	w.mu.Lock()
	defer w.mu.Unlock()
	best, sum := -1, int64(0)
	for i, e := range r.set.endpoints {
		if !r.usable(e) {
			continue
		}
		weight := int64(e.weight.Load())
		w.gained[i] += weight
		sum += weight
		if best < 0 || w.gained[i] > w.gained[best] {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	w.gained[best] -= sum
	return r.set.endpoints[best]
}
