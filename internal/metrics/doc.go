// Package metrics counts and times what happens while requests are served, and writes
// it in Prometheus' text format.
//
// Counting takes no lock and no memory: a [Counter] or [Histogram] is found once by its
// labels ([Registry.Counter], [Registry.Histogram]) and kept by who counts. What
// somebody else counts already is read when the text is written ([Registry.Read]).
//
// All is safe for concurrent use. One invariant: the text is valid whatever the labels'
// values, and a number in it never falls that may only rise.
package metrics
