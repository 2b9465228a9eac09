// Command sampan serves trained models and calls, measures and checks servers.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is main with its arguments; it returns the exit status.
func run(args []string) int {
	ctx, stop := signals()
	defer stop()
	var err error
	if launched(args) {
		err = launch(ctx, args, os.Stdout, os.Stderr)
	} else {
		root := newRoot()
		root.SetArgs(spreadLists(joinTruths(args)))
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	}
	fmt.Fprintln(os.Stderr, "sampan:", err)
	return 1
}

// errSilent ends the program with status 1 after the fault has been told.
var errSilent = errors.New("failed")

// signals returns a context that ends at SIGINT or SIGTERM. A second signal ends the
// program at once.
func signals() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-caught:
		case <-done:
			return
		}
		cancel()
		select {
		case <-caught:
			fmt.Fprintln(os.Stderr, "sampan: stopped at once")
			os.Exit(1)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(caught)
		close(done)
		cancel()
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "sampan",
		Short: "Serve trained models over HTTP, gRPC and RPC",
		Long: `Sampan serves trained models: ONNX files and Paddle inference models.

  sampan serve --model examples/fit_a_line/uci_housing_model --name uci --port 9393
  curl -X POST -H 'Content-Type: application/json' \
    -d '{"feed":[{"x":[…13 numbers…]}],"fetch":["price"]}' http://127.0.0.1:9393/uci/prediction`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), pipelineCommand(), predictCommand(), benchCommand(), checkCommand(), convertCommand(), modelsCommand(), versionCommand(), echoCommand())
	root.SetFlagErrorFunc(explainFlag)
	return root
}
