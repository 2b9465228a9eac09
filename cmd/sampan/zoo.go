package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/sampanml/sampan/examples"
	"github.com/sampanml/sampan/internal/zoo"
)

// zooPrefix is what models that are asked for by their name begin with.
const zooPrefix = "zoo:"

// zooFlags say where models with names come from and go to.
type zooFlags struct {
	indexes []string
	dir     string
}

func (f *zooFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.indexes, "index", nil, "more models with names: an index `file`, its directory, or its URL (http, https, s3); may be repeated")
	flags.StringVar(&f.dir, "models_dir", "", "`directory` of models that are got by name (default: $"+zoo.StoreEnv+", else sampan/models in the user's cache)")
}

// open reads the indexes: those of the flags, then the one that ships.
func (f *zooFlags) open(ctx context.Context) ([]*zoo.Index, error) {
	var all []*zoo.Index
	for _, place := range f.indexes {
		index, err := zoo.OpenIndex(ctx, place)
		if err != nil {
			return nil, fmt.Errorf("--index %s: %w", place, err)
		}
		all = append(all, index)
	}
	own, err := zoo.ReadIndex(examples.Models, zoo.IndexFile)
	if err != nil {
		return nil, err
	}
	own.Origin = "sampan itself"
	return append(all, own), nil
}

// store is where models go. What it does is told on notes.
func (f *zooFlags) store(notes io.Writer) (*zoo.Store, error) {
	s := &zoo.Store{Dir: f.dir, Waiting: func(m zoo.Model) {
		fmt.Fprintf(notes, "note: somebody else is getting %s; waiting\n", m.Name)
	}}
	if s.Dir == "" {
		var err error
		if s.Dir, err = zoo.DefaultDir(); err != nil {
			return nil, err
		}
	}
	if file, ok := notes.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		s.Progress = showDownload(file)
	}
	return s, nil
}

// showDownload draws a bar for each model.
func showDownload(w io.Writer) func(zoo.Model, int64, int64) {
	var bar *progressbar.ProgressBar
	return func(m zoo.Model, done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
				progressbar.OptionSetDescription(m.Name), progressbar.OptionClearOnFinish())
		}
		// It fails if the terminal is gone, which is nobody's loss.
		_ = bar.Set64(done)
		if done == total {
			bar = nil
		}
	}
}

// resolve gets the models that are asked for by name, and gives each model's path and
// name; the name is "" for a path.
func (f *zooFlags) resolve(ctx context.Context, models []string, notes io.Writer) (paths, names []string, err error) {
	paths, names = append(paths, models...), make([]string, len(models))
	var indexes []*zoo.Index
	for i, text := range models {
		name, asked := strings.CutPrefix(text, zooPrefix)
		if !asked {
			continue
		}
		if indexes == nil {
			if indexes, err = f.open(ctx); err != nil {
				return nil, nil, err
			}
		}
		if paths[i], err = f.get(ctx, indexes, name, notes); err != nil {
			return nil, nil, err
		}
		names[i] = name
	}
	return paths, names, nil
}

// get brings a model to disk and gives what to serve of it.
func (f *zooFlags) get(ctx context.Context, indexes []*zoo.Index, name string, notes io.Writer) (string, error) {
	m, err := zoo.Find(indexes, name)
	if err != nil {
		return "", err
	}
	s, err := f.store(notes)
	if err != nil {
		return "", err
	}
	if at, there := s.Path(m); there {
		return at, nil
	}
	fmt.Fprintf(notes, "getting %s, %s, from %s\n", m.Name, bytesText(m.Size), m.Origin())
	return s.Get(ctx, m)
}

// bytesText is a size for people.
func bytesText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	size := float64(n)
	for _, unit := range []string{"kB", "MB", "GB"} {
		if size /= 1000; size < 999.95 {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
	}
	return fmt.Sprintf("%.1f TB", size/1000)
}
