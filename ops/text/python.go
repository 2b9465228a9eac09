package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

// blank reports whether Python's str.isspace, str.strip and re's \s take r for a blank:
// Unicode's blanks and the four separators of ASCII.
func blank(r rune) bool {
	return 0x1c <= r && r <= 0x1f || unicode.IsSpace(r)
}

// strip is Python's str.strip().
func strip(s string) string { return strings.TrimFunc(s, blank) }

// valid refuses a text that is not UTF-8.
func valid(s string) error {
	if utf8.ValidString(s) {
		return nil
	}
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return sampan.Errorf(sampan.InvalidArgument, "text: byte %d is %#02x, want UTF-8", i, s[i])
		}
	}
	return nil
}

// appendLower appends Python's s.lower() of valid UTF-8: Unicode's full mapping, with
// the sigma of a word's end.
func appendLower(dst, s []byte) []byte {
	// cased says whether the last rune that counts was a letter with a case.
	cased := false
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			if !ignoresCase(rune(c)) {
				cased = 'a' <= c && c <= 'z'
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		i += size
		switch r {
		case 'İ':
			dst = append(dst, "i\u0307"...)
		case 'Σ':
			if cased && !nextIsCased(s[i:]) {
				dst = append(dst, "ς"...)
			} else {
				dst = append(dst, "σ"...)
			}
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		if !ignoresCase(r) {
			cased = hasCase(r)
		}
	}
	return dst
}

// nextIsCased reports whether the first rune of s that counts has a case.
func nextIsCased(s []byte) bool {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if !ignoresCase(r) {
			return hasCase(r)
		}
		s = s[size:]
	}
	return false
}

// hasCase is Unicode's property Cased.
func hasCase(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// ignoresCase is Unicode's property Case_Ignorable: marks, signs of format, modifiers,
// and the punctuation that may stand within a word.
func ignoresCase(r rune) bool {
	switch r {
	case '\'', '.', ':', '^', '`', '\u00b7', '\u0387', '\u055f', '\u05f4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\ufe13', '\ufe52', '\ufe55', '\uff07', '\uff0e', '\uff1a':
		return true
	}
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
