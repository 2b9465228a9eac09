package steps

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sampanml/sampan/internal/nearest"
)

// makers make a step with its defaults, by name.
var makers = map[string]func() Step{}

// register adds a step; it is for init functions.
func register(name string, make func() Step) { makers[name] = make }

// Names lists the steps.
func Names() []string { return slices.Sorted(maps.Keys(makers)) }

// New makes a step with the settings of a YAML mapping, which may be nil. Keys that the
// step does not know are errors.
func New(name string, settings *yaml.Node) (Step, error) {
	make, ok := makers[name]
	if !ok {
		text := fmt.Sprintf("step %q is not known", name)
		if near := nearest.Name(name, Names()); near != "" {
			return nil, fmt.Errorf("%s; did you mean %q?", text, near)
		}
		return nil, fmt.Errorf("%s; known are %s", text, strings.Join(Names(), ", "))
	}
	s := make()
	if settings == nil {
		return s, nil
	}
	to := any(s)
	if of, ok := s.(interface{ Settings() any }); ok {
		to = of.Settings()
	}
	known := fields(reflect.TypeOf(to).Elem())
	for i := 0; i+1 < len(settings.Content); i += 2 {
		if key := settings.Content[i].Value; !slices.Contains(known, key) {
			text := fmt.Sprintf("%s: setting %q is not known", name, key)
			if near := nearest.Name(key, known); near != "" {
				text += fmt.Sprintf("; did you mean %q?", near)
			}
			return nil, fmt.Errorf("%s", text)
		}
	}
	if err := settings.Decode(to); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", " "), "yaml: "))
	}
	if v, ok := to.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

// fields are the settings of a step's type.
func fields(t reflect.Type) (names []string) {
	for f := range t.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(f.Tag.Get("yaml"), ",inline"):
			names = append(names, fields(f.Type)...)
		case tag != "" && tag != "-":
			names = append(names, tag)
		}
	}
	return names
}
