package wire

import (
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/kitex_gen/generalmodel"
)

// ParseJSON reads a request message of the general model service from JSON as brpc's
// json2pb does: names in snake_case; unknown keys are ignored; of two equal keys the first
// counts; null leaves a field out; a single field of the wrong kind is left out without
// a word, but a wrong element of a list is an error. Numbers are rounded to the nearest
// value of their type, and floats beyond it become infinity, which may also be written
// "Infinity", "-Infinity", "NaN". 64-bit integers may be texts. Bytes are base64. An
// empty body is an empty request.
//
// Errors are InvalidArgument: for what is not JSON (or nests deeper than 100) with the
// offset, else with the path, `tensor[0].shape[1]: "13", want an int32`.
func ParseJSON(body []byte) (*generalmodel.Request, error) {
	m := &generalmodel.Request{}
	if len(body) == 0 {
		return m, nil
	}
	s := scanner{body: body}
	err := s.message(m)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	return m, nil
}

func (s *scanner) message(m *generalmodel.Request) error {
	var seen fieldSet
	return s.object(func(key []byte) (err error) {
		f := requestField(key)
		if !seen.add(f) || s.null() {
			return s.skip()
		}
		switch f {
		case 1:
			err = s.array("a list", func(i int) error {
				if i == maxTensors {
					return fmt.Errorf("more than %d tensors", maxTensors)
				}
				t := &generalmodel.Tensor{}
				m.Tensor = append(m.Tensor, t)
				return s.tensor(t)
			})
		case 2:
			m.FetchVarNames, err = list(s, nil, (*scanner).string)
		case 3:
			m.ProfileServer, err = single(s, (*scanner).bool)
		case 4:
			m.LogId, err = single(s, intText[uint64])
		}
		return atKey(err, key)
	})
}

func (s *scanner) tensor(t *generalmodel.Tensor) error {
	var seen fieldSet
	return s.object(func(key []byte) (err error) {
		f := tensorField(key)
		if !seen.add(f) || s.null() {
			return s.skip()
		}
		switch f {
		case 1:
			t.Int64Data, err = numbers(s, nil, intText[int64])
		case 2:
			t.FloatData, err = numbers(s, nil, (*scanner).float32)
		case 3:
			t.IntData, err = numbers(s, nil, intOf[int32])
		case 4:
			t.Float64Data, err = numbers(s, nil, (*scanner).float64)
		case 5:
			t.Uint32Data, err = numbers(s, nil, intOf[uint32])
		case 6:
			t.BoolData, err = list(s, nil, (*scanner).bool)
		case 7:
			t.Complex64Data, err = numbers(s, nil, (*scanner).float32)
		case 8:
			t.Complex128Data, err = numbers(s, nil, (*scanner).float64)
		case 9:
			t.Data, err = list(s, nil, (*scanner).string)
		case 10:
			t.ElemType, err = single(s, intOf[int32])
		case 11:
			t.Shape, err = numbers(s, nil, intOf[int32])
		case 12:
			t.Lod, err = numbers(s, nil, intOf[int32])
		case 13:
			t.Name, err = single(s, (*scanner).string)
		case 14:
			t.AliasName, err = single(s, (*scanner).string)
		case 15:
			if s.space() != '"' {
				return s.skip()
			}
			t.TensorContent, err = s.base64()
		}
		return atKey(err, key)
	})
}

// fieldSet has a bit for each field number.
type fieldSet uint32

// add reports whether f is a field (not 0) and new.
func (f *fieldSet) add(field int) bool {
	bit := fieldSet(1) << field
	if field == 0 || *f&bit != 0 {
		return false
	}
	*f |= bit
	return true
}

// requestField is the number of a field of Request; 0 for an unknown name.
func requestField(key []byte) int {
	switch string(key) {
	case "tensor":
		return 1
	case "fetch_var_names":
		return 2
	case "profile_server":
		return 3
	case "log_id":
		return 4
	}
	return 0
}

// tensorField is the number of a field of Tensor; 0 for an unknown name.
func tensorField(key []byte) int {
	switch string(key) {
	case "int64_data":
		return 1
	case "float_data":
		return 2
	case "int_data":
		return 3
	case "float64_data":
		return 4
	case "uint32_data":
		return 5
	case "bool_data":
		return 6
	case "complex64_data":
		return 7
	case "complex128_data":
		return 8
	case "data":
		return 9
	case "elem_type":
		return 10
	case "shape":
		return 11
	case "lod":
		return 12
	case "name":
		return 13
	case "alias_name":
		return 14
	case "tensor_content":
		return 15
	}
	return 0
}

// null reports whether the value at pos begins as null does.
func (s *scanner) null() bool { return s.space() == 'n' }

// bool reads true or false.
func (s *scanner) bool() (bool, error) {
	switch s.space() {
	case 't':
		return true, s.literal("true")
	case 'f':
		return false, s.literal("false")
	}
	return false, s.mismatch("true or false")
}

// single reads a field that is left out if its value is of the wrong kind.
func single[T any](s *scanner, next func(*scanner) (T, error)) (T, error) {
	s.space()
	v, err := next(s)
	if _, wrong := err.(*valueError); wrong {
		// next has read the value to its end to say what it is.
		var zero T
		return zero, nil
	}
	return v, err
}
