// Package server assembles a serving process: models, graph, front doors, and their
// life from start to drained stop.
//
//	s, err := server.New(ctx, server.Config{Name: "uci", Models: []server.ModelConfig{{Path: dir}}, Port: 9393})
//	err = s.Run(ctx) // until ctx ends, then drains
//
// Nothing here handles signals: main does, by ending the context. Invariant: models
// are closed after the last call has left.
package server
