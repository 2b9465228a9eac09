package engine

import "time"

// Observer is told of a model's runs, those of the warm-up apart. It is called in the goroutines of requests, many
// at once, so it has to be quick.
type Observer interface {
	// Ran tells of a run and how long it took; 0 where that was not measured, as of a
	// model whose runs take microseconds only one of a few is.
	Ran(took time.Duration)
	// Waited tells how long a request was in the queue. Of those that found a place at
	// once it is not told.
	Waited(d time.Duration)
	// Merged tells of a run for several requests how many they were, and their rows.
	Merged(requests int, rows int64)
}

// nobody is told nothing.
type nobody struct{}

func (nobody) Ran(time.Duration)    {}
func (nobody) Waited(time.Duration) {}
func (nobody) Merged(int, int64)    {}
