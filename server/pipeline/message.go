package pipeline

import (
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/internal/numpytext"
	"github.com/sampanml/sampan/internal/pipewire"
	"github.com/sampanml/sampan/kitex_gen/pipelineserving"
)

// unpack makes named values of what a caller sent: texts as they are, tensors as arrays.
// A value without a key is passed over, as by Paddle Serving.
func unpack(req *pipelineserving.Request) ([]Value, error) {
	values := make([]Value, 0, len(req.GetKey())+len(req.GetTensors()))
	for i, key := range req.GetKey() {
		if i >= len(req.GetValue()) {
			return nil, badPackage(fmt.Errorf("list index (%d) out of range", i))
		}
		values = append(values, Text(key, req.Value[i]))
	}
	for _, t := range req.GetTensors() {
		if text, ok := pipewire.Text(t); ok {
			values = append(values, Text(t.GetName(), text))
			continue
		}
		array, err := pipewire.Decode(t)
		if err != nil {
			return nil, badPackage(err)
		}
		values = append(values, Array(t.GetName(), array))
		lod, ok, err := pipewire.LoD(t)
		if err != nil {
			return nil, badPackage(err)
		}
		if ok {
			values = append(values, Array(t.GetName()+".lod", lod))
		}
	}
	return values, nil
}

func badPackage(err error) *Failure {
	return &Failure{No: BadPackage, Message: "rpc package error: " + err.Error()}
}

// pack makes the answer of the last op's result: all texts as they are, or all arrays as
// numpy prints them.
func pack(result Result) *pipelineserving.Response {
	resp := &pipelineserving.Response{
		Key: make([]string, 0, len(result)), Value: make([]string, 0, len(result)),
	}
	arrays := len(result) > 0 && allArrays(result)
	for _, v := range result {
		text, ok := v.Data.(string)
		if arrays {
			repr, err := numpytext.AppendRepr(nil, v.Data.(sampan.Tensor))
			if err != nil {
				return refuse(resp, &Failure{No: WrongType, Message: fmt.Sprintf("@DAGExecutor fetch var %s: %v", v.Name, err)})
			}
			text, ok = string(repr), true
		}
		if !ok {
			return refuse(resp, &Failure{No: WrongType, Message: fmt.Sprintf("@DAGExecutor fetch var type must be str(<class '%s'>).", class(v.Data))})
		}
		resp.Key, resp.Value = append(resp.Key, v.Name), append(resp.Value, text)
	}
	return resp
}

func allArrays(result Result) bool {
	for _, v := range result {
		if _, ok := v.Data.(sampan.Tensor); !ok {
			return false
		}
	}
	return true
}

// class is what Python calls a value's type, which is what the message is known by.
func class(v any) string {
	switch v.(type) {
	case sampan.Tensor:
		return "numpy.ndarray"
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return "int"
	case float32, float64:
		return "float"
	case bool:
		return "bool"
	case nil:
		return "NoneType"
	}
	return fmt.Sprintf("%T", v)
}

// refuse makes an answer an error; what it has already stays.
func refuse(resp *pipelineserving.Response, f *Failure) *pipelineserving.Response {
	resp.ErrNo, resp.ErrMsg = f.No, f.Message
	return resp
}
