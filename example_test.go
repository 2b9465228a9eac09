package sampan_test

import (
	"errors"
	"fmt"

	"github.com/sampanml/sampan"
)

func ExampleOf() {
	x := []float32{0.0137, -0.1136, 0.2553}
	t, err := sampan.Of(sampan.Shape{1, 3}, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.DType, t.Shape, len(t.Data), "bytes")
	// The tensor shares x's memory.
	x[0] = 7
	view, _ := sampan.View[float32](t)
	fmt.Println(view)
	// Output:
	// float32 [1 3] 12 bytes
	// [7 -0.1136 0.2553]
}

func ExampleView() {
	t, _ := sampan.New(sampan.Int64, sampan.Shape{2, 2})
	ids, err := sampan.View[int64](t)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(ids, []int64{8, 233, 52, 601})
	_, err = sampan.View[int32](t)
	fmt.Println(ids, err)
	// Output: [8 233 52 601] tensor has int64 elements, not int32
}

func ExampleOfStrings() {
	t, _ := sampan.OfStrings(sampan.Shape{2}, []string{"a good film", "a bad one"})
	texts, _ := t.Strings()
	fmt.Printf("%v %v %q\n", t.DType, t.Shape, texts)
	// Output: string [2] ["a good film" "a bad one"]
}

// Two sentences of two and three words, one row a word.
func ExampleLoD() {
	words, _ := sampan.Of(sampan.Shape{5, 1}, []int64{8, 233, 52, 601, 7})
	words.LoD = sampan.LoD{{0, 2, 5}}
	fmt.Println(words.Validate())
	words.LoD = sampan.LoD{{0, 2, 4}}
	fmt.Println(words.Validate())
	// Output:
	// <nil>
	// lod level 0 ends at 4, want the number of rows, 5
}

func ExampleShape_Fits() {
	want := sampan.Shape{-1, 13}
	fmt.Println(sampan.Shape{4, 13}.Fits(want), sampan.Shape{4, 12}.Fits(want), sampan.Shape{13}.Fits(want))
	// Output: true false false
}

func ExampleToF16() {
	third := sampan.ToF16(1.0 / 3)
	fmt.Printf("%#04x %v %v\n", uint16(third), third.Float32(), sampan.ToF16(1e6).Float32())
	// Output: 0x3555 0.33325195 +Inf
}

func ExampleErrorf() {
	err := error(sampan.Errorf(sampan.InvalidArgument, "input %q: shape %v, want %v", "x", sampan.Shape{1, 12}, sampan.Shape{-1, 13}))
	var e *sampan.Error
	if errors.As(err, &e) {
		e.Model = "uci"
	}
	fmt.Println(sampan.CodeOf(err), err)
	// Output: InvalidArgument model "uci": input "x": shape [1 12], want [-1 13]
}
