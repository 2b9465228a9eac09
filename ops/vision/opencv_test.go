package vision_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sampanml/sampan/ops/vision"
)

// TestAsOpenCV reads each of testdata/pictures, written by testdata/pictures.py, as OpenCV
// 4.6.0 did: the same bytes, or 2 levels away at most where it is a JPEG.
func TestAsOpenCV(t *testing.T) {
	recorded, err := filepath.Glob("testdata/pictures/*.opencv.png")
	if err != nil || len(recorded) < 14 {
		t.Fatal(len(recorded), err)
	}
	for _, path := range recorded {
		name := strings.TrimSuffix(path, ".opencv.png")
		t.Run(filepath.Base(name), func(t *testing.T) {
			want, err := vision.Decoder{}.File(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := vision.Decoder{}.File(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Data) != len(want.Data) || got.Shape[0] != want.Shape[0] {
				t.Fatalf("shape %v, want %v", got.Shape, want.Shape)
			}
			most := 0
			if strings.HasSuffix(name, ".jpg") {
				most = 2
			}
			for i, v := range got.Data {
				if apart := int(v) - int(want.Data[i]); apart > most || apart < -most {
					t.Fatalf("byte %d is %d, want %d to %d", i, v, want.Data[i], most)
				}
			}
		})
	}
}
