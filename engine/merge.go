package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/modelconf"
)

// merged is a signature and, for each of its fields, the position in the session's.
type merged struct {
	Signature
	inputs, outputs []int
}

// merge gives the session's signature the names, aliases, order and LoD flags of the
// signature file. Where both speak of a dtype or a size they have to agree; every
// contradiction is reported. Only an output of a translated model may have another
// dtype than the file says, with a warning: Paddle programs declare some wrongly, such
// as the indices of top_k, and Paddle Serving's converter copies that.
func merge(session Signature, conf *modelconf.Conf, translated bool) (merged, error) {
	if conf == nil {
		return merged{session, identity(len(session.Inputs)), identity(len(session.Outputs))}, nil
	}
	var m merged
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, sampan.Errorf(sampan.InvalidArgument, format, args...))
	}
	pick := func(list, typeField string, vars []modelconf.Var, fields []Field, agree func(file, model sampan.Shape) bool) (out []Field, from []int) {
		for _, v := range vars {
			i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == v.Name })
			if i < 0 {
				fault("%s %q is not in the model, which has %s", list, v.Name, Aliases(fields))
				continue
			}
			f := fields[i]
			f.Alias, f.LoD = v.Alias, v.LoD || f.Levels > 0
			switch {
			case v.DType == f.DType:
			case translated && list == "fetch_var":
				slog.Warn("the signature file has another type than the model", list, v.Name, "file", v.DType, "model", f.DType)
			default:
				fault("%s %q: %s says %s, the model has %s", list, v.Name, typeField, v.DType, f.DType)
			}
			if !v.LoD && !agree(v.Shape, f.Shape) {
				fault("%s %q: shape %v without the batch, the model has %v", list, v.Name, v.Shape, f.Shape)
			}
			out, from = append(out, f), append(from, i)
		}
		return out, from
	}
	m.Inputs, m.inputs = pick("feed_var", "feed_type", conf.Feeds, session.Inputs, agrees)
	m.Outputs, m.outputs = pick("fetch_var", "fetch_type", conf.Fetches, session.Outputs, agreesOutput)
	for i, f := range session.Inputs {
		// A feed_var that is not known is probably this input, misspelt.
		if !slices.Contains(m.inputs, i) && len(m.inputs) == len(conf.Feeds) {
			fault("the model's input %q has no feed_var", f.Name)
		}
	}
	if len(m.inputs) > len(session.Inputs) {
		fault("%d feed_var, the model has %d inputs", len(m.inputs), len(session.Inputs))
	}
	if len(faults) > 0 {
		return merged{}, fmt.Errorf("the signature file contradicts the model: %w", errors.Join(faults...))
	}
	return m, nil
}

// agrees compares a shape of a signature file with the model's. The file's lacks the
// batch dimension, and the original's converter leaves out every size that is not
// fixed, so the file may have fewer dimensions.
func agrees(file, model sampan.Shape) bool {
	if len(file)+1 == len(model) && compatible(file, model[1:]) || len(file) == len(model) && compatible(file, model) {
		return true
	}
	fixed := func(s sampan.Shape) sampan.Shape {
		return slices.DeleteFunc(slices.Clone(s), func(d int64) bool { return d < 0 })
	}
	if len(model) == 0 {
		return len(fixed(file)) == 0
	}
	return fixed(file).Equal(fixed(model[1:])) || fixed(file).Equal(fixed(model))
}

// agreesOutput is agrees for an output, of which the runtime finds more sizes to be
// fixed than the converter did: those of the file have to be among them, in order.
func agreesOutput(file, model sampan.Shape) bool {
	if agrees(file, model) {
		return true
	}
	for _, d := range model {
		if len(file) > 0 && file[0] == d {
			file = file[1:]
		}
	}
	return len(file) == 0
}

// compatible reports whether no dimension that both fix differs.
func compatible(a, b sampan.Shape) bool {
	for i := range a {
		if a[i] >= 0 && b[i] >= 0 && a[i] != b[i] {
			return false
		}
	}
	return true
}

func identity(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func isIdentity(list []int, n int) bool {
	return slices.Equal(list, identity(n))
}
