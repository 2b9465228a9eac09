package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// span is the inside of a text as it stands in the body.
type span struct {
	bytes   []byte
	escaped bool
}

// rawText reads the text at pos, whose opening quote is known to be there.
func (s *scanner) rawText() (span, error) {
	s.pos++
	start, escaped := s.pos, false
	for {
		s.pos += plain(s.body[s.pos:])
		if s.pos == len(s.body) {
			return span{}, s.unexpected("a closing quote")
		}
		switch s.body[s.pos] {
		case '"':
			s.pos++
			return span{s.body[start : s.pos-1], escaped}, nil
		case '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return span{}, err
			}
		default:
			return span{}, s.unexpected("control characters escaped")
		}
	}
}

// escape steps over one escape.
func (s *scanner) escape() error {
	s.pos++
	if s.pos == len(s.body) {
		return s.unexpected("an escape")
	}
	switch s.body[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return nil
	case 'u':
		s.pos++
		for range 4 {
			if s.pos == len(s.body) || !isHex(s.body[s.pos]) {
				return s.unexpected("a hexadecimal digit")
			}
			s.pos++
		}
		return nil
	}
	return s.unexpected("an escape")
}

func isHex(c byte) bool {
	return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// text reads the text at pos. The result lies in the body if nothing had to change.
func (s *scanner) text() ([]byte, error) {
	t, err := s.rawText()
	if err != nil || !t.escaped && utf8.Valid(t.bytes) {
		return t.bytes, err
	}
	return unquote(t.bytes), nil
}

// string reads the text at pos, which is refused if it is something else.
func (s *scanner) string() (string, error) {
	if s.space() != '"' {
		return "", s.mismatch("a text")
	}
	text, err := s.text()
	return string(text), err
}

// base64 reads the text at pos, in the standard alphabet or that of URLs, with or
// without padding.
func (s *scanner) base64() ([]byte, error) {
	text, err := s.text()
	if err != nil {
		return nil, err
	}
	enc, padded := base64.StdEncoding, len(text) > 0 && text[len(text)-1] == '='
	switch urls := bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0; {
	case urls && padded:
		enc = base64.URLEncoding
	case urls:
		enc = base64.RawURLEncoding
	case !padded:
		enc = base64.RawStdEncoding
	}
	out := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Decode(out, text)
	if err != nil {
		at, _ := err.(base64.CorruptInputError)
		return nil, &valueError{text: fmt.Sprintf("not base64 at byte %d of %d", int64(at), len(text))}
	}
	return out[:n], nil
}

// plain returns the length of the part of b before the first quote, backslash or
// control character.
func plain(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		v := binary.LittleEndian.Uint64(b[n:])
		quote, slash := v^ones*'"', v^ones*'\\'
		// A byte's high bit is set where the byte is a find; the lowest is exact.
		found := (v - ones*' ') &^ v
		found |= (quote - ones) &^ quote
		found |= (slash - ones) &^ slash
		if found &= highs; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for ; n < len(b); n++ {
		if c := b[n]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return n
}

// unquote replaces the escapes of a text that rawText has accepted. Half a surrogate
// pair and bytes that are not UTF-8 become U+FFFD.
func unquote(b []byte) []byte {
	out := make([]byte, 0, len(b)+utf8.UTFMax)
	for len(b) > 0 {
		c := b[0]
		switch {
		case c == '\\' && b[1] == 'u':
			r := hex4(b[2:])
			b = b[6:]
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(b) >= 6 && b[0] == '\\' && b[1] == 'u' {
					pair = utf16.DecodeRune(r, hex4(b[2:]))
				}
				if r = pair; pair != utf8.RuneError {
					b = b[6:]
				}
			}
			out = utf8.AppendRune(out, r)
		case c == '\\':
			out = append(out, unescaped(b[1]))
			b = b[2:]
		case c < utf8.RuneSelf:
			out = append(out, c)
			b = b[1:]
		default:
			r, size := utf8.DecodeRune(b)
			out = utf8.AppendRune(out, r)
			b = b[size:]
		}
	}
	return out
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// hex4 is the value of four hexadecimal digits.
func hex4(b []byte) rune {
	v, _ := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(v)
}

// appendText writes a JSON text: raw UTF-8, with quotes, backslashes and control
// characters escaped. Bytes that are not UTF-8 become U+FFFD.
func appendText[S string | []byte](dst []byte, text S) []byte {
	dst = append(dst, '"')
	start := len(dst)
	dst = append(dst, text...)
	if b := dst[start:]; plain(b) == len(b) && utf8.Valid(b) {
		return append(dst, '"')
	}
	dst = dst[:start]
	for b := []byte(text); len(b) > 0; {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\b':
			dst = append(dst, `\b`...)
		case r == '\f':
			dst = append(dst, `\f`...)
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
		b = b[size:]
	}
	return append(dst, '"')
}
