package detection_test

import (
	"bytes"
	"fmt"

	"github.com/sampanml/sampan"
	"github.com/sampanml/sampan/ops/detection"
)

// PicoDet's outputs bbox and bbox_num for one picture.
func ExampleBoxes_Decode() {
	rows, _ := sampan.Of(sampan.Shape{2, 6}, []float32{
		1, 0.91, 10, 20, 110, 220,
		0, 0.12, 0, 0, 639, 479,
	})
	counts, _ := sampan.Of(sampan.Shape{1}, []int32{2})
	boxes, err := detection.Boxes{Labels: detection.Labels{"cat", "dog"}, Threshold: 0.5}.Decode(rows, counts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range boxes[0] {
		fmt.Printf("%s %.2f from (%v, %v) to (%v, %v)\n", b.Label, b.Score, b.X1, b.Y1, b.X2, b.Y2)
	}
	// Output: dog 0.91 from (10, 20) to (110, 220)
}

func ExampleRCNNPostprocess_Results() {
	rows, _ := sampan.Of(sampan.Shape{1, 6}, []float32{0, 0.5, 30, 40, 50, 61})
	results, err := detection.RCNNPostprocess{}.Results(rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := detection.JSON(results)
	fmt.Println(string(text))
	// Output:
	// [
	//     {
	//         "category_id": 0,
	//         "bbox": [
	//             30,
	//             40,
	//             21,
	//             22
	//         ],
	//         "score": 0.5
	//     }
	// ]
}

func ExampleDraw() {
	picture, _ := sampan.New(sampan.Uint8, sampan.Shape{60, 80, 3})
	box := detection.Box{Class: 1, Label: "dog", Score: 0.91, X1: 10, Y1: 20, X2: 70, Y2: 50}
	text := detection.Mark{Points: [][2]float32{{5, 5}, {40, 8}, {39, 16}, {4, 13}}, Label: "1"}
	drawn, err := detection.Draw(picture, box.Mark(), text)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	err = detection.EncodePNG(&file, drawn)
	fmt.Println(file.Len() > 0, err)
	// Output: true <nil>
}
