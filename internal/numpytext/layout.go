package numpytext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

const (
	// lineWidth is numpy's linewidth.
	lineWidth = 75
	// threshold is the number of elements above which str leaves some out, and edge how
	// many it shows at each end of a dimension.
	threshold = 1000
	edge      = 3
)

// AppendRepr appends repr(array), with every element whatever their number, as with
// numpy.set_printoptions(threshold=sys.maxsize).
func AppendRepr(dst []byte, t sampan.Tensor) ([]byte, error) {
	w, err := wordsOf(t, nil)
	if err != nil {
		return dst, err
	}
	const prefix = "array("
	n, _ := t.Shape.Elements()
	implied := n > 0 && (t.DType == sampan.Bool || t.DType == sampan.Int64 || t.DType == sampan.Float64 || t.DType == sampan.Complex128)
	start := len(dst)
	dst = append(dst, prefix...)
	l := layout{words: w, shape: t.Shape, separator: ", ", indent: len(prefix)}
	switch {
	case n > 0:
		dst = l.append(dst)
	case len(t.Shape) == 1:
		dst = append(dst, "[]"...)
	default:
		dst = append(dst, "[], shape="...)
		dst = appendShape(dst, t.Shape)
	}
	if implied {
		return append(dst, ')'), nil
	}
	dst = append(dst, ',')
	name := "dtype=" + typeName(t, w) + ")"
	text := string(dst[start:])
	last := utf8.RuneCountInString(text[strings.LastIndexByte(text, '\n')+1:])
	if last+len(name)+1 > lineWidth {
		dst = append(dst, "\n      "...)
	} else {
		dst = append(dst, ' ')
	}
	return append(dst, name...), nil
}

// AppendStr appends str(array), which above a thousand elements has only the first and
// last three of each dimension.
func AppendStr(dst []byte, t sampan.Tensor) ([]byte, error) {
	if err := t.Validate(); err != nil {
		return dst, err
	}
	n, _ := t.Shape.Elements()
	var shown []int
	if n > threshold {
		shown = corners(t.Shape)
	}
	w, err := wordsOf(t, shown)
	switch {
	case err != nil:
		return dst, err
	case len(t.Shape) == 0:
		return w.scalar(dst), nil
	case n == 0:
		return append(dst, "[]"...), nil
	}
	l := layout{words: w, shape: t.Shape, separator: " ", abridged: n > threshold}
	return l.append(dst), nil
}

// corners are the elements that an abridged text shows.
func corners(shape sampan.Shape) []int {
	at := []int{0}
	for _, size := range shape {
		var next []int
		for _, base := range at {
			for i := int64(0); i < size; i++ {
				if size > 2*edge && i >= edge && i < size-edge {
					continue
				}
				next = append(next, base*int(size)+int(i))
			}
		}
		at = next
	}
	return at
}

func appendShape(dst []byte, shape sampan.Shape) []byte {
	dst = append(dst, '(')
	for i, d := range shape {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = fmt.Append(dst, d)
	}
	return append(dst, ')')
}

// layout puts words into brackets and lines.
type layout struct {
	words     words
	shape     sampan.Shape
	separator string
	// indent is how far lines after the first begin, besides one for each open bracket.
	indent   int
	abridged bool
	// column is how many characters the line has.
	column int
}

func (l *layout) append(dst []byte) []byte {
	// What closes the text has room on the last line.
	return l.dimension(dst, 0, 0, l.indent+1, lineWidth-boolInt(l.indent > 0))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dimension appends what is below one index of the dimensions before axis. indent is that
// of its lines, width what they may have.
func (l *layout) dimension(dst []byte, axis, at, indent, width int) []byte {
	left := len(l.shape) - axis
	if left == 0 {
		return l.words.append(dst, at)
	}
	size := int(l.shape[axis])
	dst = append(dst, '[')
	if left == 1 {
		l.column = indent
		dst = l.row(dst, at*size, size, indent, width)
		return append(dst, ']')
	}
	for i := range l.shown(size) {
		if i > 0 {
			dst = append(dst, strings.TrimRight(l.separator, " ")...)
			for range left - 1 {
				dst = append(dst, '\n')
			}
			dst = appendSpaces(dst, indent)
		}
		if at2, gap := l.place(i, size); gap {
			dst = append(dst, "..."...)
		} else {
			dst = l.dimension(dst, axis+1, at*size+at2, indent+1, width-1)
		}
	}
	return append(dst, ']')
}

// row appends the elements of the last dimension and breaks lines.
func (l *layout) row(dst []byte, at, size, indent, width int) []byte {
	width -= max(len(strings.TrimRight(l.separator, " ")), len("]"))
	for i := range l.shown(size) {
		if i > 0 {
			dst = append(dst, l.separator...)
			l.column += len(l.separator)
		}
		start := len(dst)
		if place, gap := l.place(i, size); gap {
			dst = append(dst, "..."...)
		} else {
			dst = l.words.append(dst, at+place)
		}
		length := l.words.length(dst[start:])
		if l.column+length > width && l.column > indent {
			dst = l.breakLine(dst, start, indent)
			l.column = indent
		}
		l.column += length
	}
	return dst
}

// breakLine moves the word that begins at start to a new line.
func (l *layout) breakLine(dst []byte, start, indent int) []byte {
	word := string(dst[start:])
	dst = dst[:start]
	for len(dst) > 0 && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	dst = append(dst, '\n')
	dst = appendSpaces(dst, indent)
	return append(dst, word...)
}

// shown is how many entries a dimension has in the text.
func (l *layout) shown(size int) int {
	if l.abridged && size > 2*edge {
		return 2*edge + 1
	}
	return size
}

// place is the index of a shown entry; gap says that it stands for those left out.
func (l *layout) place(i, size int) (at int, gap bool) {
	switch {
	case l.shown(size) == size || i < edge:
		return i, false
	case i == edge:
		return 0, true
	}
	return size - (2*edge + 1 - i), false
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
