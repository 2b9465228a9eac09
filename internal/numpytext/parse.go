package numpytext

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/sampanml/sampan"
)

const (
	// maxDepth is the most dimensions, as numpy has it.
	maxDepth = 32
	// maxWord bounds what may be a number or a name.
	maxWord = 400
)

// Parse reads an array: nested lists or tuples of numbers, of True and False, or of
// texts, with commas or, as str prints arrays, spaces between them, alone or in array(…), np.array(…) or numpy.array(…) with a dtype, and a single
// number too. Integers become int64 and other numbers float64 where no dtype is named, as
// in numpy.
func Parse(text []byte) (sampan.Tensor, error) {
	p := &parser{text: text}
	t, err := p.array()
	if err != nil {
		return sampan.Tensor{}, sampan.Errorf(sampan.InvalidArgument, "the text is not an array: at character %d: %w",
			utf8.RuneCount(text[:p.at]), err)
	}
	return t, nil
}

type parser struct {
	text []byte
	at   int
	// shape is what the first elements of each depth say; -1 where none is whole yet.
	shape sampan.Shape
	// flat says that the depth of the numbers is known: it is len(shape).
	flat bool

	kind  kind
	words []span
}

// span is where an element stands.
type span struct{ start, end int }

// kind is the widest of the elements' types.
type kind uint8

const (
	none kind = iota
	boolean
	whole
	real
	quoted
)

func (p *parser) array() (sampan.Tensor, error) {
	call := false
	for _, name := range []string{"numpy.array", "np.array", "array"} {
		if p.takeWord(name) {
			call = true
			break
		}
	}
	if call && !p.take('(') {
		return sampan.Tensor{}, p.want(`"("`)
	}
	if err := p.value(0); err != nil {
		return sampan.Tensor{}, err
	}
	dtype := sampan.DType(0)
	shape := p.shape
	if call {
		for p.take(',') {
			switch {
			case p.takeWord("dtype"):
				var err error
				if dtype, err = p.dtype(); err != nil {
					return sampan.Tensor{}, err
				}
			case p.takeWord("shape"):
				var err error
				if shape, err = p.emptyShape(); err != nil {
					return sampan.Tensor{}, err
				}
			default:
				return sampan.Tensor{}, p.want("dtype or shape")
			}
		}
		if !p.take(')') {
			return sampan.Tensor{}, p.want(`")"`)
		}
	}
	if p.skip(); p.at < len(p.text) {
		return sampan.Tensor{}, p.want("the end")
	}
	return p.tensor(shape, dtype)
}

func (p *parser) skip() {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func (p *parser) take(c byte) bool {
	p.skip()
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) takeWord(word string) bool {
	p.skip()
	if bytes.HasPrefix(p.text[p.at:], []byte(word)) {
		p.at += len(word)
		return true
	}
	return false
}

func (p *parser) want(what string) error {
	p.skip()
	if p.at == len(p.text) {
		return fmt.Errorf("it ends, want %s", what)
	}
	r, _ := utf8.DecodeRune(p.text[p.at:])
	return fmt.Errorf("got %q, want %s", r, what)
}

// value reads an element or a list, whose depth is that of its dimension.
func (p *parser) value(depth int) error {
	p.skip()
	closing := byte(']')
	switch {
	case p.take('['):
	case p.take('('):
		closing = ')'
	default:
		return p.element(depth)
	}
	if depth >= maxDepth {
		return fmt.Errorf("more than %d brackets in each other", maxDepth)
	}
	if p.flat && depth >= len(p.shape) {
		return fmt.Errorf("a list where others have a number")
	}
	if depth == len(p.shape) {
		p.shape = append(p.shape, -1)
	}
	n := int64(0)
	for !p.take(closing) {
		if n > 0 {
			comma := p.take(',')
			if comma && p.take(closing) {
				break
			}
			// As str prints arrays, there are spaces alone.
			if !comma && (p.at == len(p.text) || !isSpace(p.text[p.at-1])) {
				return p.want(fmt.Sprintf(`"," or "%c"`, closing))
			}
		}
		if err := p.value(depth + 1); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		p.flat = true
	}
	if size := p.shape[depth]; size >= 0 && size != n {
		return fmt.Errorf("a list of %d elements, the first of its dimension has %d", n, size)
	}
	if n == 0 && depth+1 < len(p.shape) {
		return fmt.Errorf("an empty list where others have elements")
	}
	p.shape[depth] = n
	return nil
}

// element reads a number, a name or a text.
func (p *parser) element(depth int) error {
	if !p.flat && depth == len(p.shape) {
		p.flat = true
	}
	if depth != len(p.shape) {
		return fmt.Errorf("a number where others have a list")
	}
	start := p.at
	k, err := p.word()
	if err != nil {
		return err
	}
	if p.kind != none && (k == quoted) != (p.kind == quoted) {
		p.at = start
		return fmt.Errorf("texts and numbers in one array")
	}
	p.kind = max(p.kind, k)
	p.words = append(p.words, span{start, p.at})
	return nil
}

// word passes over an element and says what it is.
func (p *parser) word() (kind, error) {
	if p.at < len(p.text) && (p.text[p.at] == '\'' || p.text[p.at] == '"') {
		return quoted, p.quoted()
	}
	start := p.at
	for p.at < len(p.text) && isWord(p.text[p.at]) {
		p.at++
	}
	word := p.text[start:p.at]
	if len(word) > maxWord {
		p.at = start
		return none, fmt.Errorf("a number of %d characters", len(word))
	}
	switch s := string(word); s {
	case "":
		return none, p.want("a number, a text or a list")
	case "True", "False":
		return boolean, nil
	case "nan", "inf", "-inf", "-nan", "+inf":
		return real, nil
	default:
		if _, err := strconv.ParseInt(s, 10, 64); err == nil {
			return whole, nil
		}
		if _, err := strconv.ParseFloat(s, 64); (err == nil || isRange(err)) && !bytes.ContainsAny(word, "xXpPiInN_") {
			return real, nil
		}
		p.at = start
		return none, fmt.Errorf("%q is not a number", s)
	}
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' || c == '+' || c == '_'
}

// quoted passes over a text.
func (p *parser) quoted() error {
	start, quote := p.at, p.text[p.at]
	for p.at++; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '\\':
			p.at++
		case quote:
			p.at++
			return nil
		}
	}
	p.at = start
	return fmt.Errorf("a text without its end")
}

// dtype reads "=float32" and the like.
func (p *parser) dtype() (sampan.DType, error) {
	if !p.take('=') {
		return 0, p.want(`"="`)
	}
	p.skip()
	if !p.takeWord("np.") {
		p.takeWord("numpy.")
	}
	start := p.at
	quote := p.take('\'') || p.take('"')
	word := p.at
	for p.at < len(p.text) && (isWord(p.text[p.at]) || p.text[p.at] == '<' || p.text[p.at] == '|') {
		p.at++
	}
	name := string(p.text[word:p.at])
	if quote && !p.take('\'') && !p.take('"') {
		return 0, p.want("the end of the text")
	}
	switch name {
	case "int":
		return sampan.Int64, nil
	case "float":
		return sampan.Float64, nil
	case "bool", "bool_":
		return sampan.Bool, nil
	}
	for _, d := range []sampan.DType{
		sampan.Float32, sampan.Float64, sampan.Float16, sampan.Int8, sampan.Int16, sampan.Int32, sampan.Int64,
		sampan.Uint8, sampan.Uint16, sampan.Uint32, sampan.Uint64,
	} {
		if name == d.String() {
			return d, nil
		}
	}
	if len(name) > 1 && (name[:2] == "<U" || name[:2] == "|S") {
		return sampan.String, nil
	}
	p.at = start
	return 0, fmt.Errorf("dtype %q is not known", name)
}

// emptyShape reads "=(0, 3)", which numpy prints for arrays without elements.
func (p *parser) emptyShape() (sampan.Shape, error) {
	if !p.take('=') || !p.take('(') {
		return nil, p.want(`"=("`)
	}
	if len(p.words) > 0 {
		return nil, fmt.Errorf("a shape beside elements")
	}
	shape := sampan.Shape{}
	for !p.take(')') {
		if len(shape) > 0 && !p.take(',') {
			return nil, p.want(`"," or ")"`)
		}
		if len(shape) > 0 && p.take(')') {
			break
		}
		p.skip()
		start := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.ParseInt(string(p.text[start:p.at]), 10, 32)
		if err != nil || len(shape) == maxDepth {
			p.at = start
			return nil, p.want("a size")
		}
		shape = append(shape, n)
	}
	if n, ok := shape.Elements(); !ok || n != 0 {
		return nil, fmt.Errorf("shape %v has elements, and none are given", shape)
	}
	return shape, nil
}
