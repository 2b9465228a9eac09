package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// raw is a part of the body that is not read yet.
type raw = json.RawMessage

// parsePipelineJSON reads a call as the gateway does: a field has its name in the message
// or in camel case, unknown ones are passed over, null is nothing, integers and floats may
// be texts. The errors are encoding/json's, which are the gateway's. It keeps nothing of
// the body.
func parsePipelineJSON(body []byte) (*pipelineserving.Request, error) {
	if req, ok := scanPipelineJSON(string(body)); ok {
		return req, nil
	}
	return decodePipelineJSON(body)
}

func decodePipelineJSON(body []byte) (*pipelineserving.Request, error) {
	req := &pipelineserving.Request{}
	var whole raw
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&whole); err != nil {
		if errors.Is(err, io.EOF) {
			return req, nil
		}
		return nil, err
	}
	return req, object(whole, func(name string, v raw) (err error) {
		switch name {
		case "key":
			req.Key, err = list(v, text)
		case "value":
			req.Value, err = list(v, text)
		case "tensors":
			req.Tensors, err = list(v, pipelineTensor)
		case "name":
			req.Name, err = text(v)
		case "method":
			req.Method, err = text(v)
		case "logid":
			req.Logid, err = integer[int64](v)
		case "clientip":
			req.Clientip, err = text(v)
		}
		return err
	})
}

func pipelineTensor(v raw) (*pipelineserving.Tensor, error) {
	t := &pipelineserving.Tensor{}
	return t, object(v, func(name string, v raw) (err error) {
		switch name {
		case "int64data":
			t.Int64Data, err = list(v, integer[int64])
		case "floatdata":
			t.FloatData, err = list(v, float[float32])
		case "intdata":
			t.IntData, err = list(v, integer[int32])
		case "float64data":
			t.Float64Data, err = list(v, float[float64])
		case "uint32data":
			t.Uint32Data, err = list(v, integer[uint32])
		case "booldata":
			t.BoolData, err = list(v, value[bool])
		case "strdata":
			t.StrData, err = list(v, text)
		case "bytedata":
			t.ByteData, err = value[[]byte](v)
		case "elemtype":
			t.ElemType, err = integer[int32](v)
		case "shape":
			t.Shape, err = list(v, integer[int32])
		case "lod":
			t.Lod, err = list(v, integer[int32])
		case "name":
			t.Name, err = text(v)
		}
		return err
	})
}

// object reads an object's fields. Their names come without underscores and capitals, so
// that both spellings are one.
func object(v raw, field func(name string, v raw) error) error {
	var fields map[string]raw
	if err := json.Unmarshal(v, &fields); err != nil {
		return err
	}
	// In order, so that of two faults it is always the same that is told.
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := fields[name]
		if string(v) == "null" {
			continue
		}
		if err := field(strings.ToLower(strings.ReplaceAll(name, "_", "")), v); err != nil {
			return err
		}
	}
	return nil
}

func list[T any](v raw, element func(raw) (T, error)) ([]T, error) {
	var parts []raw
	if err := json.Unmarshal(v, &parts); err != nil {
		return nil, err
	}
	out := make([]T, len(parts))
	for i, part := range parts {
		var err error
		if out[i], err = element(part); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func value[T any](v raw) (out T, err error) { return out, json.Unmarshal(v, &out) }

func text(v raw) (string, error) { return value[string](v) }

// unquoted is a number that came as a text.
func unquoted(v raw) raw {
	if len(v) > 1 && v[0] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

func integer[T int32 | int64 | uint32](v raw) (T, error) { return value[T](unquoted(v)) }

func float[T float32 | float64](v raw) (T, error) {
	switch string(v) {
	case `"NaN"`:
		return T(math.NaN()), nil
	case `"Infinity"`:
		return T(math.Inf(1)), nil
	case `"-Infinity"`:
		return T(math.Inf(-1)), nil
	}
	return value[T](unquoted(v))
}

// appendPipelineJSON writes an answer as the gateway does: every field is there.
func appendPipelineJSON(dst []byte, resp *pipelineserving.Response) []byte {
	dst = append(dst, `{"err_no":`...)
	dst = strconv.AppendInt(dst, int64(resp.GetErrNo()), 10)
	dst = append(dst, `,"err_msg":`...)
	dst = appendQuoted(dst, resp.GetErrMsg())
	dst = append(dst, `,"key":`...)
	dst = appendTexts(dst, resp.GetKey())
	dst = append(dst, `,"value":`...)
	dst = appendTexts(dst, resp.GetValue())
	return append(dst, `,"tensors":[]}`...)
}

func appendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, t := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, t)
	}
	return append(dst, ']')
}

// appendQuoted writes a text with encoding/json's escapes.
func appendQuoted(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return append(dst, quote(text)...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}

func quote(text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return fmt.Appendf(nil, "%q", text)
	}
	return quoted
}
