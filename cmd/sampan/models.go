package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sampanml/sampan/internal/zoo"
)

func modelsCommand() *cobra.Command {
	var f zooFlags
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, get and remove models by name",
		Long: `Models with names: what each is for, how large it is, its licence and its checksum are
in an index. Some ship with sampan; --index adds yours, which is a JSON file, and what
it names may be beside it, behind a URL or in an S3 store.

  sampan models list
  sampan models describe fit_a_line
  sampan models get fit_a_line                     prints the path to serve
  sampan serve --model zoo:fit_a_line              gets it if it is not there, and serves
  sampan models list --index https://models.example.org/index.json
  sampan models rm fit_a_line

A download that is cut off goes on where it ended. Nothing appears before its checksum
was right. The network is used only for the indexes and models that you name. For
s3://BUCKET/KEY, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN and AWS_REGION mean what they mean to AWS's own tools.

docs/models.md says what an index looks like.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f.add(cmd.PersistentFlags())
	cmd.AddCommand(modelsListCommand(&f), modelsGetCommand(&f), modelsDescribeCommand(&f), modelsRemoveCommand(&f))
	return cmd
}

func modelsListCommand(f *zooFlags) *cobra.Command {
	var task string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--task TASK] [--json]",
		Short: "Print the models of all indexes",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().StringVar(&task, "task", "", "only models for this `task`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the entries as the indexes have them")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		indexes, err := f.open(cmd.Context())
		if err != nil {
			return err
		}
		s, err := f.store(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		shown := []zoo.Model{}
		for _, m := range zoo.Models(indexes) {
			if task == "" || m.Task == task {
				shown = append(shown, m)
			}
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), shown)
		}
		return printModels(cmd.OutOrStdout(), s, shown)
	}
	return cmd
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// printModels prints a table.
func printModels(out io.Writer, s *zoo.Store, models []zoo.Model) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tTASK\tSIZE\tLICENCE\tHERE\tDESCRIPTION")
	for _, m := range models {
		here := "no"
		if _, there := s.Path(m); there {
			here = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.Name, m.Task, bytesText(m.Size), m.Licence, here, m.Description)
	}
	return w.Flush()
}

func modelsGetCommand(f *zooFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "get NAME...",
		Short: "Bring models to disk and print their paths",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, names []string) error {
			indexes, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			for _, name := range names {
				at, err := f.get(cmd.Context(), indexes, name, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), at)
			}
			return nil
		},
	}
}

func modelsDescribeCommand(f *zooFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "describe NAME",
		Short: "Print what an index says of a model, and where it is",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			indexes, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			m, err := zoo.Find(indexes, args[0])
			if err != nil {
				return err
			}
			s, err := f.store(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return describeEntry(cmd.OutOrStdout(), s, m)
		},
	}
}

func describeEntry(out io.Writer, s *zoo.Store, m zoo.Model) error {
	at, there := s.Path(m)
	if !there {
		at = "not here yet; `sampan models get " + m.Name + "` gets it"
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"name", m.Name}, {"task", m.Task}, {"description", m.Description}, {"licence", m.Licence},
		{"size", bytesText(m.Size)}, {"sha256", m.SHA256}, {"index", m.Origin()}, {"url", m.URL}, {"path", m.Path},
		{"model", m.Model}, {"here", at}, {"serve", "sampan serve --model " + zooPrefix + m.Name},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	return w.Flush()
}

func modelsRemoveCommand(f *zooFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "rm NAME...",
		Short: "Remove models from disk",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, names []string) error {
			s, err := f.store(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			for _, name := range names {
				if err := s.Remove(cmd.Context(), name); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
