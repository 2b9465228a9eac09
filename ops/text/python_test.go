package text

import "testing"

func TestLowerAsPython(t *testing.T) {
	for _, c := range python(t).Lower {
		if got := string(appendLower(nil, []byte(c[0]))); got != c[1] {
			t.Errorf("%q in lower case is %q, want %q", c[0], got, c[1])
		}
	}
}

func TestBlankAsPython(t *testing.T) {
	// The blanks of str.isspace.
	blanks := "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
	n := 0
	for r := range rune(0x110000) {
		if blank(r) {
			n++
		}
	}
	if n != len([]rune(blanks)) {
		t.Errorf("%d blanks, want %d", n, len([]rune(blanks)))
	}
	for _, r := range blanks {
		if !blank(r) {
			t.Errorf("%q is no blank", r)
		}
	}
}
