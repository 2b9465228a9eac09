package wire

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
)

// appendList writes a list of elements.
func appendList[T any](dst []byte, elements []T, put func([]byte, T) []byte) []byte {
	dst = slices.Grow(dst, 2+4*len(elements))
	dst = append(dst, '[')
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = put(dst, e)
	}
	return append(dst, ']')
}

func appendInt[T int8 | int16 | int32 | int64](dst []byte, v T) []byte {
	return strconv.AppendInt(dst, int64(v), 10)
}

func appendUint[T uint8 | uint16 | uint32 | uint64](dst []byte, v T) []byte {
	return strconv.AppendUint(dst, uint64(v), 10)
}

// appendFloat writes the shortest text that reads back as the same float64, which for a
// float32 is the one of equal value. There is always a point or an exponent: 1.0,
// -0.0, 1e30, 5e-324.
func appendFloat[T float32 | float64](dst []byte, v T) []byte {
	f := float64(v)
	abs := math.Abs(f)
	switch {
	case abs < 1e15 && abs == math.Trunc(abs):
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		dst = strconv.AppendUint(dst, uint64(abs), 10)
		return append(dst, '.', '0')
	case abs >= 1e-6 && abs < 1e21:
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		if dst, ok := appendShortest(dst, abs); ok {
			return dst
		}
		dst = strconv.AppendFloat(dst, abs, 'f', -1, 64)
		if abs == math.Trunc(abs) {
			dst = append(dst, '.', '0')
		}
		return dst
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// 1e-07 and 1e+21 become 1e-7 and 1e21.
	sign := start + slices.Index(dst[start:], 'e') + 1
	digits := sign + 1
	for dst[digits] == '0' {
		digits++
	}
	if dst[sign] == '-' {
		sign++
	}
	return append(dst[:sign], dst[digits:]...)
}

func appendBase64(dst, data []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, '"')
}
