package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sampanml/sampan/engine"
)

// A repository serves what is in a directory; versions come and go while it is used.
func ExampleRepository() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	version := func(number string) {
		path := filepath.Join(dir, "doubler", number)
		if err := os.MkdirAll(path, 0o700); err != nil {
			fmt.Println(err)
		}
		if err := os.WriteFile(filepath.Join(path, "model.onnx"), []byte(number), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	version("1")
	r := engine.NewRepository(engine.RepositoryOptions{
		Dir:   dir,
		Found: engine.Source{Policy: engine.VersionPolicy{Latest: 2}, Options: engine.Options{Backend: doubler{}}},
	})
	defer r.Close()
	ctx := context.Background()
	if err := r.LoadAll(ctx); err != nil {
		fmt.Println(err)
	}
	version("2")
	if err := r.Load(ctx, "doubler"); err != nil {
		fmt.Println(err)
	}
	if err := r.Label("doubler", "stable", "1"); err != nil {
		fmt.Println(err)
	}
	for _, m := range r.Status() {
		for _, v := range m.Versions {
			fmt.Println(m.Name, v.Version, v.State)
		}
	}
	for _, wanted := range []string{"", "stable"} {
		m, err := r.Model("doubler", wanted)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q is version %s\n", wanted, m.Version())
	}
	if err := r.Unload("doubler"); err != nil {
		fmt.Println(err)
	}
	_, err = r.Model("doubler", "")
	fmt.Println(err)
	// Output:
	// doubler 1 ready
	// doubler 2 ready
	// "" is version 2
	// "stable" is version 1
	// model "doubler" is not loaded
}
