package sampan

import "math"

// F16 is the bit pattern of an IEEE 754 half-precision number ([Float16]).
type F16 uint16

// BF16 is the bit pattern of a bfloat16 number ([BFloat16]): the upper half of a
// float32.
type BF16 uint16

// Float32 returns the number's value, which float32 holds exactly.
func (h F16) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10)&0x1f, uint32(h)&0x3ff
	switch {
	case exp == 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
	f := float32(frac) / (1 << 24)
	return math.Float32frombits(sign | math.Float32bits(f))
}

// ToF16 rounds to the nearest half-precision number, ties to even; what is too large
// becomes infinity.
func ToF16(f float32) F16 {
	bits := math.Float32bits(f)
	sign := F16(bits >> 16 & 0x8000)
	exp, frac := int(bits>>23&0xff)-112, bits&0x7fffff
	switch {
	case bits&0x7fffffff > 0x7f800000:
		return sign | 0x7e00 | F16(frac>>13)
	case exp >= 0x1f:
		return sign | 0x7c00
	case exp <= -11:
		return sign
	case exp <= 0:
		frac |= 0x800000
		shift := uint(14 - exp)
		return sign | F16(roundShift(frac, shift))
	}
	return sign + F16(roundShift(uint32(exp)<<23|frac, 13))
}

// roundShift is v >> shift, rounded to nearest, ties to even.
func roundShift(v uint32, shift uint) uint32 {
	half := uint32(1) << (shift - 1)
	rest := v & (half<<1 - 1)
	v >>= shift
	if rest > half || rest == half && v&1 == 1 {
		v++
	}
	return v
}

// Float32 returns the number's value, which float32 holds exactly.
func (b BF16) Float32() float32 { return math.Float32frombits(uint32(b) << 16) }

// ToBF16 rounds to the nearest bfloat16 number, ties to even.
func ToBF16(f float32) BF16 {
	bits := math.Float32bits(f)
	if bits&0x7fffffff > 0x7f800000 {
		return BF16(bits>>16) | 0x40
	}
	return BF16(roundShift(bits, 16))
}
