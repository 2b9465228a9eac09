// Package loopback serves the models of an example on this machine while the example
// asks them.
package loopback

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sampanml/sampan/engine/onnx"
	"github.com/sampanml/sampan/server"
)

// Example is a program that serves models and asks them.
type Example struct {
	// Name is in front of errors.
	Name string
	// Models are .onnx files; each has a server of its own.
	Models []string
	// Port is that of the first server, the next one has the next port. 0 lets the
	// system choose.
	Port int
	// Once ends the servers after the answers.
	Once bool
	// Ask asks the servers, HOST:PORT in the order of Models, and prints the answers.
	Ask func(ctx context.Context, w io.Writer, servers []string) error
}

// Flags are those of every example: where its files are, its port, and once.
func Flags(name string, port int) (dir *string, e *Example) {
	e = &Example{Name: name}
	dir = flag.String("dir", "examples/"+name, "directory with the example's files")
	flag.IntVar(&e.Port, "port", port, "first port on the loopback; 0 lets the system choose")
	flag.BoolVar(&e.Once, "once", false, "end after the answers")
	return dir, e
}

// Main is Run until ^C, and the end of the program.
func (e *Example) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := e.Run(ctx, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", e.Name, err)
		os.Exit(1)
	}
}

// Run serves, asks, and serves on until ctx ends, or ends at once.
func (e *Example) Run(ctx context.Context, w io.Writer) (err error) {
	backend, err := onnx.Open("")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, len(e.Models))
	var servers []string
	defer func() {
		cancel()
		for range servers {
			err = errors.Join(err, <-ended)
		}
	}()
	for i, model := range e.Models {
		config := server.Config{Host: "127.0.0.1", Models: []server.ModelConfig{{Path: model}}, Backend: backend}
		if e.Port != 0 {
			config.Port = e.Port + i
		}
		s, err := server.New(ctx, config)
		if err != nil {
			return err
		}
		servers = append(servers, s.Addr().String())
		go func() { ended <- s.Run(ctx) }()
	}
	if err := e.Ask(ctx, w, servers); err != nil || e.Once {
		return err
	}
	for i, address := range servers {
		fmt.Fprintf(w, "Serving %s on %s until ^C.\n", e.Models[i], address)
	}
	<-ctx.Done()
	return nil
}
