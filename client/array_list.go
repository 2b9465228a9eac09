package client

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/sampanml/sampan"
)

// leaf is the Go type of a list's elements.
type leaf struct {
	reflect.Type
	// dtype is what it mirrors; Invalid for a Go int, which is converted.
	dtype sampan.DType
}

var (
	f16Type   = reflect.TypeFor[sampan.F16]()
	bf16Type  = reflect.TypeFor[sampan.BF16]()
	bytesType = reflect.TypeFor[[]byte]()
)

var leafKinds = map[reflect.Kind]sampan.DType{
	reflect.Float32: sampan.Float32, reflect.Float64: sampan.Float64,
	reflect.Int8: sampan.Int8, reflect.Int16: sampan.Int16,
	reflect.Int32: sampan.Int32, reflect.Int64: sampan.Int64,
	reflect.Uint8: sampan.Uint8, reflect.Uint16: sampan.Uint16,
	reflect.Uint32: sampan.Uint32, reflect.Uint64: sampan.Uint64,
	reflect.Bool: sampan.Bool, reflect.String: sampan.String,
	reflect.Complex64: sampan.Complex64, reflect.Complex128: sampan.Complex128,
	reflect.Int: sampan.Invalid,
}

// leafOf finds the element type and how deep it lies. Where strings are wanted a
// []byte is one.
func leafOf(t reflect.Type, want sampan.DType) (l leaf, depth int, ok bool) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		if t == bytesType && want == sampan.String {
			return leaf{t, sampan.String}, depth, true
		}
		t = t.Elem()
		depth++
	}
	switch t {
	case f16Type:
		return leaf{t, sampan.Float16}, depth, true
	case bf16Type:
		return leaf{t, sampan.BFloat16}, depth, true
	}
	dtype, ok := leafKinds[t.Kind()]
	return leaf{t, dtype}, depth, ok
}

// fromList takes a number, a string, or nested lists of them apart. One flat slice is
// shared, everything else copied.
func fromList(value any, want sampan.DType) (array, error) {
	v := reflect.ValueOf(value)
	l, depth, ok := leafOf(v.Type(), want)
	if !ok {
		return array{}, fmt.Errorf("a %T cannot be fed", value)
	}
	if depth == 0 {
		one := reflect.MakeSlice(reflect.SliceOf(v.Type()), 1, 1)
		one.Index(0).Set(v)
		v, depth = one, 1
	}
	w := &walker{leaf: l, shape: make(sampan.Shape, depth)}
	for i, level := 0, v; ; level = level.Index(0) {
		w.shape[i] = int64(level.Len())
		if i++; i == depth || level.Len() == 0 {
			break
		}
	}
	if depth > 1 {
		n, ok := w.shape.Elements()
		size, fits := l.dtype.Size(n)
		if l.Kind() == reflect.Int {
			size, fits = sampan.Int64.Size(n)
		}
		if ok && fits {
			w.data = make([]byte, 0, size)
		}
	}
	if r := w.walk(v, 0); r != nil {
		return array{}, fmt.Errorf("the list is ragged: %s has %d elements, want %d", r.path, r.len, r.want)
	}
	a := array{flat: depth == 1}
	a.Shape = w.shape
	var err error
	a.DType, a.Data, err = w.elements(want)
	return a, err
}

// walker collects the elements of nested lists and holds them to the shape of the
// first ones.
type walker struct {
	leaf
	shape   sampan.Shape
	data    []byte
	strings []string
}

// ragged is a list that is not as long as its siblings.
type ragged struct {
	path      string
	len, want int64
}

func (w *walker) walk(v reflect.Value, depth int) *ragged {
	if n := int64(v.Len()); n != w.shape[depth] {
		return &ragged{len: n, want: w.shape[depth]}
	}
	if depth+1 < len(w.shape) {
		for i := range v.Len() {
			if r := w.walk(v.Index(i), depth+1); r != nil {
				r.path = fmt.Sprintf("[%d]%s", i, r.path)
				return r
			}
		}
		return nil
	}
	if v.Kind() == reflect.Array {
		s := reflect.MakeSlice(reflect.SliceOf(w.Type), v.Len(), v.Len())
		reflect.Copy(s, v)
		v = s
	}
	if w.dtype == sampan.String {
		for i := range v.Len() {
			if e := v.Index(i); w.Kind() == reflect.String {
				w.strings = append(w.strings, e.String())
			} else {
				w.strings = append(w.strings, string(e.Bytes()))
			}
		}
		return nil
	}
	row := unsafe.Slice((*byte)(v.UnsafePointer()), v.Len()*int(w.Size()))
	if len(w.shape) == 1 {
		w.data = row
	} else {
		w.data = append(w.data, row...)
	}
	return nil
}

// elements returns what was collected in the wanted type.
func (w *walker) elements(want sampan.DType) (sampan.DType, []byte, error) {
	switch {
	case w.Kind() == reflect.Int:
		data, err := fromInts(w.data, want)
		return want, data, err
	case w.dtype == sampan.Float64 && want == sampan.Float32:
		numbers := unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(w.data))), len(w.data)/8)
		return want, sampan.Bytes(narrow(numbers)), nil
	case w.dtype != want:
		return 0, nil, fmt.Errorf("%s elements, want %s", w.dtype, want)
	case want == sampan.String:
		t, err := sampan.OfStrings(sampan.Shape{int64(len(w.strings))}, w.strings)
		return want, t.Data, err
	}
	return want, w.data, nil
}
