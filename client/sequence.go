package client

import (
	"fmt"
	"reflect"

	"github.com/sampanml/sampan"
)

// Sequence is a feed value that is divided into sequences, made by [Sequences].
type Sequence struct{ list any }

// Sequences feeds a variable with LoD. The list's outermost dimension are the
// sequences, which may differ in length and be empty; the next one are the rows of
// each. Rows that are plain elements, as word ids are, become rows of one:
//
//	client.Feed{"words": client.Sequences([][]int64{{8, 233, 52}, {601}})}
//
// is sent with shape [4 1] and LoD [[0 3 4]].
//
// There are two shorter ways for a variable with LoD: a value that is no Sequence is
// sent as one sequence, and a [sampan.Tensor] that has a LoD is sent as it is.
func Sequences(list any) Sequence { return Sequence{list} }

// tensor lays the rows of all sequences one behind the other.
func (s Sequence) tensor(want sampan.DType) (sampan.Tensor, error) {
	v := reflect.ValueOf(s.list)
	if !v.IsValid() || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return sampan.Tensor{}, fmt.Errorf("sequences of %T, want a list of lists", s.list)
	}
	out := sampan.Tensor{DType: want}
	offsets := make([]int64, 1, 1+v.Len())
	for i := range v.Len() {
		a, err := toArray(v.Index(i).Interface(), want)
		switch {
		case err != nil:
		case a.LoD != nil:
			err = fmt.Errorf("a tensor with LoD of its own")
		case len(a.Shape) == 0 || a.flat && !isList(v.Index(i)):
			err = fmt.Errorf("a single value, want a list of rows")
		}
		if err != nil {
			return sampan.Tensor{}, fmt.Errorf("sequence %d: %w", i, err)
		}
		one := oneSequence(a)
		row := one.Shape[1:]
		switch {
		case one.Rows() == 0 && out.Shape != nil:
		case out.Shape == nil || out.Shape[0] == 0:
			out.Shape = append(sampan.Shape{0}, row...)
		case !out.Shape[1:].Equal(row):
			return sampan.Tensor{}, fmt.Errorf("sequence %d has rows of shape %v, want %v", i, row, out.Shape[1:])
		}
		out.Shape[0] += one.Rows()
		out.Data = append(out.Data, one.Data...)
		offsets = append(offsets, out.Shape[0])
	}
	if out.Shape == nil {
		return sampan.Tensor{}, fmt.Errorf("no sequences")
	}
	out.LoD = sampan.LoD{offsets}
	return out, nil
}

// isList tells a list of rows from a lone element.
func isList(v reflect.Value) bool {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v.Kind() == reflect.Slice || v.Kind() == reflect.Array || v.Kind() == reflect.Pointer
}

// oneSequence makes all rows one sequence where the value does not say otherwise. A
// list of elements becomes rows of one.
func oneSequence(a array) sampan.Tensor {
	t := a.Tensor
	if t.LoD != nil {
		return t
	}
	if len(t.Shape) < 2 {
		t.Shape = sampan.Shape{t.Rows(), 1}
	}
	t.LoD = sampan.LoD{{0, t.Rows()}}
	return t
}
