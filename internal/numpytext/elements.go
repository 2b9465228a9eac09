package numpytext

import (
	"fmt"
	"strconv"

	"github.com/sampanml/sampan"
)

// tensor makes the array of the elements that were read. dtype is 0 where none was named.
func (p *parser) tensor(shape sampan.Shape, dtype sampan.DType) (sampan.Tensor, error) {
	if shape == nil {
		shape = sampan.Shape{}
	}
	if dtype == 0 {
		dtype = map[kind]sampan.DType{none: sampan.Float64, boolean: sampan.Bool, whole: sampan.Int64, real: sampan.Float64, quoted: sampan.String}[p.kind]
	}
	if (dtype == sampan.String) != (p.kind == quoted) && p.kind != none {
		return sampan.Tensor{}, fmt.Errorf("dtype %s does not go with the elements", dtype)
	}
	switch dtype {
	case sampan.String:
		return p.strings(shape)
	case sampan.Bool:
		return parsed(p, shape, func(text string) (bool, error) {
			f, err := number(text)
			return f != 0, err
		})
	case sampan.Float16:
		return parsed(p, shape, func(text string) (sampan.F16, error) {
			f, err := number(text)
			return sampan.ToF16(float32(f)), err
		})
	case sampan.Float32:
		return parsed(p, shape, func(text string) (float32, error) {
			if f, err := strconv.ParseFloat(text, 32); err == nil || isRange(err) {
				return float32(f), nil
			}
			f, err := number(text)
			return float32(f), err
		})
	case sampan.Float64:
		return parsed(p, shape, number)
	case sampan.Int8:
		return integersIn[int8](p, shape, 8)
	case sampan.Int16:
		return integersIn[int16](p, shape, 16)
	case sampan.Int32:
		return integersIn[int32](p, shape, 32)
	case sampan.Int64:
		return integersIn[int64](p, shape, 64)
	case sampan.Uint8:
		return unsigned[uint8](p, shape, 8)
	case sampan.Uint16:
		return unsigned[uint16](p, shape, 16)
	case sampan.Uint32:
		return unsigned[uint32](p, shape, 32)
	}
	return unsigned[uint64](p, shape, 64)
}

// parsed makes an array of what read gives for each element.
func parsed[T sampan.Element](p *parser, shape sampan.Shape, read func(string) (T, error)) (sampan.Tensor, error) {
	out := make([]T, len(p.words))
	for i, w := range p.words {
		var err error
		if out[i], err = read(string(p.text[w.start:w.end])); err != nil {
			p.at = w.start
			return sampan.Tensor{}, err
		}
	}
	return sampan.Of(shape, out)
}

// number reads a float, and True as 1. What is too large is infinite, as in numpy.
func number(text string) (float64, error) {
	switch text {
	case "True":
		return 1, nil
	case "False":
		return 0, nil
	case "-nan":
		text = "nan"
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !isRange(err) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return f, nil
}

func integersIn[T interface {
	int8 | int16 | int32 | int64
	sampan.Element
}](p *parser, shape sampan.Shape, bits int) (sampan.Tensor, error) {
	return parsed(p, shape, func(text string) (T, error) {
		n, err := strconv.ParseInt(digits(text), 10, bits)
		if err != nil {
			return 0, fmt.Errorf("%q is not an integer of %d bits", text, bits)
		}
		return T(n), nil
	})
}

func unsigned[T interface {
	uint8 | uint16 | uint32 | uint64
	sampan.Element
}](p *parser, shape sampan.Shape, bits int) (sampan.Tensor, error) {
	return parsed(p, shape, func(text string) (T, error) {
		n, err := strconv.ParseUint(digits(text), 10, bits)
		if err != nil {
			return 0, fmt.Errorf("%q is not an unsigned integer of %d bits", text, bits)
		}
		return T(n), nil
	})
}

// digits is True and False as integers.
func digits(text string) string {
	switch text {
	case "True":
		return "1"
	case "False":
		return "0"
	}
	return text
}

// strings reads Python's texts with their escapes.
func (p *parser) strings(shape sampan.Shape) (sampan.Tensor, error) {
	out := make([]string, len(p.words))
	for i, w := range p.words {
		text, err := unescape(p.text[w.start+1 : w.end-1])
		if err != nil {
			p.at = w.start
			return sampan.Tensor{}, err
		}
		out[i] = text
	}
	return sampan.OfStrings(shape, out)
}

func unescape(text []byte) (string, error) {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		if text[0] != '\\' {
			out, text = append(out, text[0]), text[1:]
			continue
		}
		quote := byte('"')
		if len(text) > 1 && text[1] == '\'' {
			quote = '\''
		}
		r, _, rest, err := strconv.UnquoteChar(string(text), quote)
		if err != nil {
			return "", fmt.Errorf("a text with an escape that is not known")
		}
		out, text = append(out, string(r)...), text[len(text)-len(rest):]
	}
	return string(out), nil
}
