package text

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendWords appends text's words with a space after each, as BERT's basic tokenizer
// divides them: control characters are dropped; blanks, punctuation and Chinese
// characters divide, and the last two are words. Unless keepCase, words are in lower
// case and without accents.
func (s *scratch) appendWords(dst []byte, text string, keepCase bool) []byte {
	s.word = s.word[:0]
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z':
			s.word = append(s.word, byte(r))
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			dst = s.appendWord(dst, keepCase)
		case r < utf8.RuneSelf && r > ' ' && r != 0x7f:
			s.word = append(s.word, byte(r))
		case r == utf8.RuneError || unicode.Is(unicode.C, r):
		case blank(r):
			dst = s.appendWord(dst, keepCase)
		case chinese(r):
			dst = s.appendWord(dst, keepCase)
			s.word = utf8.AppendRune(s.word, r)
			dst = s.appendWord(dst, keepCase)
		default:
			s.word = utf8.AppendRune(s.word, r)
		}
	}
	return s.appendWord(dst, keepCase)
}

// appendWord appends s.word, which has no blanks, divided at punctuation, and empties
// it.
func (s *scratch) appendWord(dst []byte, keepCase bool) []byte {
	if len(s.word) == 0 {
		return dst
	}
	word := s.word
	s.word = s.word[:0]
	if !keepCase {
		s.lower = appendLower(s.lower[:0], word)
		word = s.lower
		if bytes.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			word = s.decompose(word)
		}
	}
	open := false
	for i := 0; i < len(word); {
		r, size := rune(word[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(word[i:])
		}
		here := word[i : i+size]
		i += size
		switch {
		case !keepCase && r >= utf8.RuneSelf && unicode.Is(unicode.Mn, r):
			continue
		case punctuation(r):
			if open {
				dst = append(dst, ' ')
			}
			dst = append(append(dst, here...), ' ')
			open = false
		default:
			dst = append(dst, here...)
			open = true
		}
	}
	if open {
		dst = append(dst, ' ')
	}
	return dst
}

// decompose gives s.folded with a word's characters decomposed (NFD).
func (s *scratch) decompose(word []byte) []byte {
	s.folded = s.folded[:0]
	for s.iter.Init(norm.NFD, word); !s.iter.Done(); {
		s.folded = append(s.folded, s.iter.Next()...)
	}
	return s.folded
}

// punctuation reports whether a rune is a word by itself: all of ASCII's that are
// neither letters nor digits, and Unicode's.
func punctuation(r rune) bool {
	if r < utf8.RuneSelf {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		return r > ' ' && r != 0x7f && !letter && (r < '0' || r > '9')
	}
	return unicode.Is(unicode.P, r)
}

// chinese reports whether a rune is in one of Unicode's blocks of CJK ideographs, as
// BERT's tokenizer has them: kana and hangul are not.
func chinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4dbf, 0x4e00 <= r && r <= 0x9fff, 0xf900 <= r && r <= 0xfaff,
		0x20000 <= r && r <= 0x2a6df, 0x2a700 <= r && r <= 0x2ceaf, 0x2f800 <= r && r <= 0x2fa1f:
		return true
	}
	return false
}
