// Package elemtype maps Paddle Serving's element type numbers (Tensor.elem_type,
// feed_type, fetch_type) to dtypes.
package elemtype

import "github.com/sampanml/sampan"

// String is the number of the string type.
const String = 20

var dtypes = [...]sampan.DType{
	0:  sampan.Int64,
	1:  sampan.Float32,
	2:  sampan.Int32,
	3:  sampan.Float64,
	4:  sampan.Int16,
	5:  sampan.Float16,
	6:  sampan.BFloat16,
	7:  sampan.Uint8,
	8:  sampan.Int8,
	9:  sampan.Bool,
	10: sampan.Complex64,
	11: sampan.Complex128,
}

// ToDType returns the dtype of an element type; false for an unknown number.
func ToDType(elem int32) (sampan.DType, bool) {
	if elem == String {
		return sampan.String, true
	}
	if elem < 0 || int(elem) >= len(dtypes) {
		return sampan.Invalid, false
	}
	return dtypes[elem], true
}

// FromDType is the way back; false for a dtype that the protocol cannot name.
func FromDType(d sampan.DType) (int32, bool) {
	if d == sampan.String {
		return String, true
	}
	for elem, dtype := range dtypes {
		if dtype == d {
			return int32(elem), true
		}
	}
	return 0, false
}
