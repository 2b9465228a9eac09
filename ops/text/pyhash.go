package text

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Python's hash(str) of 64-bit builds: that of version 2 as in its stringobject.c,
// those of version 3 as in its pyhash.c.

// pythonNever is the one value that Python's hashes do not take.
const pythonNever = -1

// hashPython2 is the hash of Python 2, without its option -R, over the bytes.
func hashPython2(s []byte) int64 {
	if len(s) == 0 {
		return 0
	}
	h := uint64(s[0]) << 7
	for _, c := range s {
		h = h*1000003 ^ uint64(c)
	}
	return offNever(h ^ uint64(len(s)))
}

// hashPython3 is SipHash of the text as Python keeps it, with as many rounds for each
// word and at the end, under the key that PYTHONHASHSEED gives.
func hashPython3(s []byte, rounds, finalRounds int, seed uint32) int64 {
	if len(s) == 0 {
		return 0
	}
	k0, k1 := pythonKey(seed)
	return offNever(sipHash(pythonText(s), rounds, finalRounds, k0, k1))
}

func offNever(h uint64) int64 {
	if int64(h) == pythonNever {
		return pythonNever - 1
	}
	return int64(h)
}

// pythonKey is the key of PYTHONHASHSEED: zeros for 0, else the output of a linear
// congruential generator.
func pythonKey(seed uint32) (k0, k1 uint64) {
	if seed == 0 {
		return 0, 0
	}
	var key [16]byte
	for i := range key {
		seed = seed*214013 + 2531011
		key[i] = byte(seed >> 16)
	}
	return binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])
}

// pythonText is UTF-8 as Python 3.3 and later keep it: one, two or four bytes a
// character, as the largest one needs.
func pythonText(s []byte) []byte {
	largest, ascii := rune(0), true
	for _, r := range string(s) {
		largest, ascii = max(largest, r), ascii && r < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	var out []byte
	for _, r := range string(s) {
		switch {
		case largest < 1<<8:
			out = append(out, byte(r))
		case largest < 1<<16:
			out = binary.LittleEndian.AppendUint16(out, uint16(r))
		default:
			out = binary.LittleEndian.AppendUint32(out, uint32(r))
		}
	}
	return out
}

// sipHash is SipHash-rounds-finalRounds.
func sipHash(s []byte, rounds, finalRounds int, k0, k1 uint64) uint64 {
	v0, v1 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d
	v2, v3 := k0^0x6c7967656e657261, k1^0x7465646279746573
	mix := func(n int) {
		for range n {
			v0 += v1
			v2 += v3
			v1 = bits.RotateLeft64(v1, 13) ^ v0
			v3 = bits.RotateLeft64(v3, 16) ^ v2
			v0 = bits.RotateLeft64(v0, 32)
			v2 += v1
			v0 += v3
			v1 = bits.RotateLeft64(v1, 17) ^ v2
			v3 = bits.RotateLeft64(v3, 21) ^ v0
			v2 = bits.RotateLeft64(v2, 32)
		}
	}
	last := uint64(len(s)) << 56
	for ; len(s) >= 8; s = s[8:] {
		word := binary.LittleEndian.Uint64(s)
		v3 ^= word
		mix(rounds)
		v0 ^= word
	}
	for i, c := range s {
		last |= uint64(c) << (8 * i)
	}
	v3 ^= last
	mix(rounds)
	v0 ^= last
	v2 ^= 0xff
	mix(finalRounds)
	return v0 ^ v1 ^ v2 ^ v3
}
