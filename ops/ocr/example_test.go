package ocr_test

import (
	"fmt"
	"strings"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/ocr"
)

// A detector's map of 40 × 20 pixels has one region; the picture was twice as large.
func ExampleDBPostProcess_Boxes() {
	values := make([]float32, 20*40)
	for y := 6; y < 12; y++ {
		for x := 10; x < 30; x++ {
			values[40*y+x] = 0.9
		}
	}
	probability, _ := sampan.Of(sampan.Shape{1, 1, 20, 40}, values)
	found, err := ocr.DBPostProcess{}.Boxes(probability, []ocr.Ratio{{H: 0.5, W: 0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	boxes := ocr.FilterBoxes{Width: 10, Height: 10}.Filter(found[0], 40, 80)
	for _, box := range (ocr.SortedBoxes{}).Sort(boxes) {
		fmt.Println(box)
	}
	// Output: [{14 6} {64 6} {64 28} {14 28}]
}

// A crop that is at least one and a half times as high as wide is turned.
func ExampleGetRotateCropImage_Crop() {
	picture, _ := sampan.New(sampan.Uint8, sampan.Shape{100, 60, 3})
	crop, err := ocr.GetRotateCropImage{}.Crop(picture, ocr.Box{{10, 10}, {30, 10}, {30, 90}, {10, 90}})
	fmt.Println(crop.Shape, err)
	// Output: [20 80 3] <nil>
}

// Four steps with the classes blank, a, b and space: "a", "a" again, blank, "b".
func ExampleCTC_Decode() {
	dictionary, _ := ocr.ReadDictionary(strings.NewReader("a\nb\n"))
	probabilities, _ := sampan.Of(sampan.Shape{1, 4, 4}, []float32{
		0.1, 0.9, 0, 0,
		0.2, 0.8, 0, 0,
		0.9, 0.1, 0, 0,
		0.2, 0, 0.7, 0.1,
	})
	texts, err := ocr.CTC{Dictionary: dictionary}.Decode(probabilities)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q %.2f\n", texts[0].Text, texts[0].Score)
	// Output: "ab" 0.80
}

// Crops are recognised in batches of similar width.
func ExampleRecognition_Batches() {
	var crops []sampan.Tensor
	for _, width := range []int64{400, 100, 900} {
		crop, _ := sampan.New(sampan.Uint8, sampan.Shape{48, width, 3})
		crops = append(crops, crop)
	}
	batches, err := ocr.Recognition{BatchSize: 2}.Batches(crops)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range batches {
		fmt.Println(b.Lines.Shape, "has the crops", b.Crops)
	}
	// Output:
	// [2 3 48 400] has the crops [1 0]
	// [1 3 48 900] has the crops [2]
}
