package wire

import (
	"strconv"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// AppendJSON appends a reply as brpc's json2pb writes the response message: names in
// snake_case and the contract's order, fields that are zero or empty left out, 64-bit
// integers as numbers, a float32 as the float64 of the same value (18.901151657104492,
// 1.0, 1e30), bytes as padded base64. Two things differ from json2pb: floats have the
// fewest digits that read back equal, and what JSON has no number for is written
// "NaN", "Infinity", "-Infinity". Strings that are not UTF-8 get U+FFFD in the place of
// each wrong byte.
//
// Errors are those of [ToResponse]; dst is then returned as it came.
func AppendJSON(dst []byte, reply *sampan.Reply, req *sampan.Request) ([]byte, error) {
	m, err := toResponse(reply, req)
	if err != nil {
		return dst, err
	}
	w := writer{buf: dst}
	w.open('{')
	if len(m.Outputs) > 0 {
		w.name("outputs")
		w.open('[')
		for _, o := range m.Outputs {
			w.comma()
			w.output(o)
		}
		w.close(']')
	}
	writeList(&w, "profile_time", m.ProfileTime, appendInt)
	if m.ProfileServer {
		w.name("profile_server")
		w.buf = append(w.buf, "true"...)
	}
	if m.LogId != 0 {
		w.name("log_id")
		w.buf = strconv.AppendUint(w.buf, m.LogId, 10)
	}
	w.close('}')
	return w.buf, nil
}

// writer writes JSON without white space.
type writer struct {
	buf []byte
}

func (w *writer) open(bracket byte) { w.buf = append(w.buf, bracket) }

func (w *writer) close(bracket byte) { w.buf = append(w.buf, bracket) }

// comma separates an element from the one before it.
func (w *writer) comma() {
	if c := w.buf[len(w.buf)-1]; c != '[' && c != '{' {
		w.buf = append(w.buf, ',')
	}
}

// name writes a key, with the comma before it.
func (w *writer) name(key string) {
	w.comma()
	w.buf = appendText(w.buf, key)
	w.buf = append(w.buf, ':')
}

func (w *writer) output(o *generalmodel.ModelOutput) {
	w.open('{')
	if len(o.Tensor) > 0 {
		w.name("tensor")
		w.open('[')
		for _, t := range o.Tensor {
			w.comma()
			w.tensor(t)
		}
		w.close(']')
	}
	w.text("engine_name", o.EngineName)
	w.close('}')
}

func (w *writer) tensor(t *generalmodel.Tensor) {
	w.open('{')
	writeList(w, "int64_data", t.Int64Data, appendInt)
	writeList(w, "float_data", t.FloatData, appendFloat)
	writeList(w, "int_data", t.IntData, appendInt)
	writeList(w, "float64_data", t.Float64Data, appendFloat)
	writeList(w, "bool_data", t.BoolData, strconv.AppendBool)
	writeList(w, "complex64_data", t.Complex64Data, appendFloat)
	writeList(w, "complex128_data", t.Complex128Data, appendFloat)
	writeList(w, "data", t.Data, appendText)
	if t.ElemType != 0 {
		w.name("elem_type")
		w.buf = appendInt(w.buf, t.ElemType)
	}
	writeList(w, "shape", t.Shape, appendInt)
	writeList(w, "lod", t.Lod, appendInt)
	w.text("name", t.Name)
	w.text("alias_name", t.AliasName)
	if len(t.TensorContent) > 0 {
		w.name("tensor_content")
		w.buf = appendBase64(w.buf, t.TensorContent)
	}
	w.close('}')
}

// text writes a field that is left out if it is empty.
func (w *writer) text(key, value string) {
	if value != "" {
		w.name(key)
		w.buf = appendText(w.buf, value)
	}
}

// writeList writes a field that is left out if it is empty.
func writeList[T any](w *writer, key string, elements []T, put func([]byte, T) []byte) {
	if len(elements) > 0 {
		w.name(key)
		w.buf = appendList(w.buf, elements, put)
	}
}
