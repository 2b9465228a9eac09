package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/engine/onnx"
)

// version is set when the program is linked.
var version = "unknown"

func versionCommand() *cobra.Command {
	var short bool
	var library string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of sampan, Go and onnxruntime",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&short, "short", false, "print the version alone")
	cmd.Flags().StringVar(&library, "onnxruntime", "", "`path` of libonnxruntime.so")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		w := cmd.OutOrStdout()
		if short {
			fmt.Fprintln(w, version)
			return nil
		}
		fmt.Fprintf(w, "sampan %s\n%s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		if _, err := onnx.Open(library); err != nil {
			fmt.Fprintln(w, err)
			return nil
		}
		path, ort := onnx.Library()
		fmt.Fprintf(w, "onnxruntime %s (%s)\n", ort, path)
		return nil
	}
	return cmd
}
