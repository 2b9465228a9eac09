// Package modelconf reads the signature files that Paddle Serving writes beside a
// model and hands to clients: serving_server_conf.prototxt and
// serving_client_conf.prototxt, and their binary twins *.stream.prototxt.
//
// The values are plain and never change once read.
package modelconf

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
	"github.com/sampanml/sampan/internal/prototxt"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

// Var is one feed or fetch variable.
type Var struct {
	// Name is the variable's name in the model, Alias the public one.
	Name, Alias string
	// DType of the elements; String for type 20.
	DType sampan.DType
	// Shape is without the batch dimension. For a LoD tensor it says nothing
	// reliable (the original's converter writes -1 there).
	Shape sampan.Shape
	// LoD says that the rows are divided into sequences.
	LoD bool
}

// Conf is a whole file.
type Conf struct {
	Feeds, Fetches []Var
}

// Load reads a file: binary if its name ends in .stream.prototxt, else text. Unknown
// fields are errors.
func Load(path string) (*Conf, error) {
	data, err := prototxt.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parse := Parse
	if strings.HasSuffix(path, ".stream.prototxt") {
		parse = ParseBinary
	}
	conf, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return conf, nil
}

// Parse reads the text form.
func Parse(data []byte) (*Conf, error) {
	var m configure.GeneralModelConfig
	if err := prototxt.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	return fromProto(&m)
}

// ParseBinary reads the binary form.
func ParseBinary(data []byte) (*Conf, error) {
	var m configure.GeneralModelConfig
	if proto.Unmarshal(data, &m) != nil {
		return nil, fmt.Errorf("the file is not a binary model config")
	}
	if path, found := unknownField(m.ProtoReflect()); found {
		return nil, fmt.Errorf("unknown field %s", path)
	}
	return fromProto(&m)
}

func fromProto(m *configure.GeneralModelConfig) (*Conf, error) {
	if len(m.FeedVar) == 0 || len(m.FetchVar) == 0 {
		return nil, fmt.Errorf("%d feed_var and %d fetch_var, want at least one of each", len(m.FeedVar), len(m.FetchVar))
	}
	c := &Conf{}
	var err error
	if c.Feeds, err = vars("feed_var", "feed_type", m.FeedVar, (*configure.FeedVar).GetFeedType); err != nil {
		return nil, err
	}
	c.Fetches, err = vars("fetch_var", "fetch_type", m.FetchVar, (*configure.FetchVar).GetFetchType)
	return c, err
}

// variable is what FeedVar and FetchVar have in common.
type variable interface {
	GetName() string
	GetAliasName() string
	GetIsLodTensor() bool
	GetShape() []int32
}

func vars[V variable](list, typeField string, in []V, elem func(V) int32) ([]Var, error) {
	out := make([]Var, len(in))
	seen := map[string]bool{}
	for i, v := range in {
		if v.GetName() == "" {
			return nil, fmt.Errorf("%s %d has no name", list, i)
		}
		if !utf8.ValidString(v.GetName()) || !utf8.ValidString(v.GetAliasName()) {
			return nil, fmt.Errorf("%s %d: name %q, alias_name %q: want UTF-8", list, i, v.GetName(), v.GetAliasName())
		}
		o := Var{Name: v.GetName(), Alias: v.GetAliasName(), LoD: v.GetIsLodTensor()}
		if o.Alias == "" {
			o.Alias = o.Name
		}
		if seen[o.Alias] {
			return nil, fmt.Errorf("%s: alias %q is there twice", list, o.Alias)
		}
		seen[o.Alias] = true
		var ok bool
		if o.DType, ok = elemtype.ToDType(elem(v)); !ok {
			return nil, fmt.Errorf("%s %q: %s %d is not known", list, o.Alias, typeField, elem(v))
		}
		for _, d := range v.GetShape() {
			if d < -1 {
				return nil, fmt.Errorf("%s %q: shape has dimension %d", list, o.Alias, d)
			}
			o.Shape = append(o.Shape, int64(d))
		}
		out[i] = o
	}
	return out, nil
}
