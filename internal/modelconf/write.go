package modelconf

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/elemtype"
	"github.com/sampanml/sampan/kitex_gen/configure"
)

// FileShape is a model's shape, batch first, as Paddle Serving's converter writes it:
// without every size that is not fixed; of a LoD tensor -1.
func FileShape(model sampan.Shape, lod bool) sampan.Shape {
	if lod {
		return sampan.Shape{-1}
	}
	var out sampan.Shape
	for _, d := range model {
		if d >= 0 {
			out = append(out, d)
		}
	}
	return out
}

// Marshal returns both forms of a file, text and binary, byte for byte as Paddle
// Serving's converter writes them. A dtype without a number in the format is
// Unimplemented.
func (c *Conf) Marshal() (text, binary []byte, err error) {
	m := &configure.GeneralModelConfig{}
	var out strings.Builder
	for _, v := range c.Feeds {
		f, err := v.fields("feed")
		if err != nil {
			return nil, nil, err
		}
		f.text(&out, "feed")
		m.FeedVar = append(m.FeedVar, &configure.FeedVar{
			Name: &f.Name, AliasName: &f.Alias, IsLodTensor: &f.LoD, FeedType: &f.elem, Shape: f.shape,
		})
	}
	for _, v := range c.Fetches {
		f, err := v.fields("fetch")
		if err != nil {
			return nil, nil, err
		}
		f.text(&out, "fetch")
		m.FetchVar = append(m.FetchVar, &configure.FetchVar{
			Name: &f.Name, AliasName: &f.Alias, IsLodTensor: &f.LoD, FetchType: &f.elem, Shape: f.shape,
		})
	}
	if binary, err = proto.Marshal(m); err != nil {
		return nil, nil, sampan.Errorf(sampan.InvalidArgument, "write the signature: %w", err)
	}
	return []byte(out.String()), binary, nil
}

// fields are a variable's as the file has them.
type fields struct {
	Var
	elem  int32
	shape []int32
}

func (v Var) fields(list string) (fields, error) {
	f := fields{Var: v}
	if !utf8.ValidString(v.Name + v.Alias) {
		return f, sampan.Errorf(sampan.InvalidArgument, "%s %q, alias %q: want UTF-8", list, v.Name, v.Alias)
	}
	var ok bool
	if f.elem, ok = elemtype.FromDType(v.DType); !ok {
		return f, sampan.Errorf(sampan.Unimplemented, "%s %q has dtype %s, for which Paddle Serving's files have no number", list, v.Name, v.DType)
	}
	for _, d := range v.Shape {
		if d < -1 || d > math.MaxInt32 {
			return f, sampan.Errorf(sampan.InvalidArgument, "%s %q has size %d, which is not an int32", list, v.Name, d)
		}
		f.shape = append(f.shape, int32(d))
	}
	return f, nil
}

// text writes the variable. Go's own text form is made to differ from build to build.
func (f fields) text(out *strings.Builder, list string) {
	fmt.Fprintf(out, "%s_var {\n  name: \"%s\"\n  alias_name: \"%s\"\n  is_lod_tensor: %t\n  %s_type: %d\n",
		list, escape(f.Name), escape(f.Alias), f.LoD, list, f.elem)
	for _, d := range f.shape {
		fmt.Fprintf(out, "  shape: %d\n", d)
	}
	out.WriteString("}\n")
}

// escape writes a text as protobuf's text form does: quotes, backslashes and
// everything that is not printable ASCII behind a backslash.
func escape(s string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		switch c {
		case '\n':
			out.WriteString(`\n`)
		case '\r':
			out.WriteString(`\r`)
		case '\t':
			out.WriteString(`\t`)
		case '"', '\'', '\\':
			out.Write([]byte{'\\', c})
		default:
			if c < ' ' || c >= 0x7f {
				fmt.Fprintf(&out, `\%03o`, c)
			} else {
				out.WriteByte(c)
			}
		}
	}
	return out.String()
}
