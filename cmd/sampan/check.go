package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/engine"
	"github.com/sampanml/sampan/server"
)

func checkCommand() *cobra.Command {
	var load loadFlags
	cmd := &cobra.Command{
		Use:   "check --model DIR",
		Short: "Load a model or a graph, print its signature and faults, and exit",
		Args:  cobra.NoArgs,
	}
	load.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := load.config()
		if err != nil {
			return err
		}
		w := cmd.OutOrStdout()
		if err := server.Check(cmd.Context(), c, func(m *engine.Model) { describe(w, m) }); err != nil {
			return err
		}
		_, err = fmt.Fprintln(w, "ok")
		return err
	}
	return cmd
}
