package numpytext

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// words are an array's elements as texts, all of the same width where numpy aligns them.
type words interface {
	append(dst []byte, i int) []byte
	// length is that of a word, in characters.
	length(word []byte) int
	// scalar appends str of the only element of an array without dimensions.
	scalar(dst []byte) []byte
}

// wordsOf prepares the elements; shown are those that the width depends on, nil for all.
func wordsOf(t sampan.Tensor, shown []int) (words, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	switch t.DType {
	case sampan.Bool:
		v, err := sampan.View[bool](t)
		return bools{v, len(t.Shape) > 0}, err
	case sampan.Int8:
		return integersOf[int8](t, shown)
	case sampan.Int16:
		return integersOf[int16](t, shown)
	case sampan.Int32:
		return integersOf[int32](t, shown)
	case sampan.Int64:
		return integersOf[int64](t, shown)
	case sampan.Uint8:
		return integersOf[uint8](t, shown)
	case sampan.Uint16:
		return integersOf[uint16](t, shown)
	case sampan.Uint32:
		return integersOf[uint32](t, shown)
	case sampan.Uint64:
		return integersOf[uint64](t, shown)
	case sampan.Float16:
		v, err := sampan.View[sampan.F16](t)
		return newFloats(16, len(v), func(i int) float64 { return float64(v[i].Float32()) }, shown), err
	case sampan.Float32:
		v, err := sampan.View[float32](t)
		return newFloats(32, len(v), func(i int) float64 { return float64(v[i]) }, shown), err
	case sampan.Float64:
		v, err := sampan.View[float64](t)
		return newFloats(64, len(v), func(i int) float64 { return v[i] }, shown), err
	case sampan.String:
		v, err := t.Strings()
		return texts(v), err
	}
	return nil, sampan.Errorf(sampan.Unimplemented, "an array of %s has no text", t.DType)
}

// typeName is what repr calls the element type.
func typeName(t sampan.Tensor, w words) string {
	if t.DType != sampan.String {
		return t.DType.String()
	}
	longest := 0
	for _, s := range w.(texts) {
		longest = max(longest, utf8.RuneCountInString(s))
	}
	return fmt.Sprintf("'<U%d'", max(1, longest))
}

type bools struct {
	values []bool
	padded bool
}

func (b bools) append(dst []byte, i int) []byte {
	switch {
	case !b.values[i]:
		return append(dst, "False"...)
	case b.padded:
		return append(dst, " True"...)
	}
	return append(dst, "True"...)
}

func (bools) length(word []byte) int { return len(word) }

func (b bools) scalar(dst []byte) []byte { return b.append(dst, 0) }

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

type integers[T integer] struct {
	values []T
	width  int
}

func integersOf[T interface {
	integer
	sampan.Element
}](t sampan.Tensor, shown []int) (words, error) {
	values, err := sampan.View[T](t)
	if err != nil || len(values) == 0 {
		return integers[T]{}, err
	}
	look := values
	if shown != nil {
		look = make([]T, len(shown))
		for i, at := range shown {
			look[i] = values[at]
		}
	}
	w := integers[T]{values: values}
	for _, v := range []T{slices.Min(look), slices.Max(look)} {
		w.width = max(w.width, len(appendInteger(nil, v)))
	}
	return w, nil
}

func appendInteger[T integer](dst []byte, v T) []byte {
	if v < 0 {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendUint(dst, uint64(v), 10)
}

func (w integers[T]) append(dst []byte, i int) []byte {
	start := len(dst)
	dst = appendInteger(dst, w.values[i])
	return padLeft(dst, start, w.width)
}

func (integers[T]) length(word []byte) int { return len(word) }

func (w integers[T]) scalar(dst []byte) []byte { return w.append(dst, 0) }

// padLeft puts spaces before the word that begins at start.
func padLeft(dst []byte, start, width int) []byte {
	missing := width - (len(dst) - start)
	if missing <= 0 {
		return dst
	}
	dst = appendSpaces(dst, missing)
	copy(dst[start+missing:], dst[start:len(dst)-missing])
	for i := range missing {
		dst[start+i] = ' '
	}
	return dst
}

type texts []string

// append has Python's repr of a str: in single quotes unless there are such in it and no
// double ones.
func (w texts) append(dst []byte, i int) []byte {
	s := w[i]
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	dst = append(dst, quote)
	for _, r := range s {
		switch {
		case r == '\\' || r == rune(quote):
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case strconv.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		case r < 0x100:
			dst = fmt.Appendf(dst, `\x%02x`, r)
		case r < 0x10000:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = fmt.Appendf(dst, `\U%08x`, r)
		}
	}
	return append(dst, quote)
}

func (texts) length(word []byte) int { return utf8.RuneCount(word) }

func (w texts) scalar(dst []byte) []byte { return append(dst, w[0]...) }
