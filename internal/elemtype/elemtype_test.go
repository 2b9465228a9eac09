package elemtype

import (
	"testing"

	"github.com/sampanml/sampan"
)

// The numbers are those of the original's general_model_service.proto.
func TestNumbers(t *testing.T) {
	want := map[int32]sampan.DType{
		0: sampan.Int64, 1: sampan.Float32, 2: sampan.Int32, 3: sampan.Float64, 4: sampan.Int16,
		5: sampan.Float16, 6: sampan.BFloat16, 7: sampan.Uint8, 8: sampan.Int8, 9: sampan.Bool,
		10: sampan.Complex64, 11: sampan.Complex128, 20: sampan.String,
	}
	for elem := int32(-2); elem < 40; elem++ {
		d, ok := ToDType(elem)
		w, known := want[elem]
		if ok != known || d != w {
			t.Errorf("ToDType(%d) = %v, %t; want %v, %t", elem, d, ok, w, known)
		}
	}
	for d := range sampan.DType(40) {
		elem, ok := FromDType(d)
		if !ok {
			for e, w := range want {
				if w == d {
					t.Errorf("FromDType(%v) is not known, want %d", d, e)
				}
			}
			continue
		}
		if want[elem] != d {
			t.Errorf("FromDType(%v) = %d, which is %v", d, elem, want[elem])
		}
	}
}
