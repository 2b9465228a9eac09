package wire

import (
	"fmt"

	"github.com/sampanml/sampan"
)

// column gathers one feed's samples.
type column struct {
	feed    *FeedVar
	values  values
	samples int
	// shape is that of every sample so far; of every row for a LoD feed. Nil until
	// the first one has settled it.
	shape sampan.Shape
	// offsets are where a LoD feed's sequences begin and the last one ends.
	offsets []int64
	// dims is the nesting of the sample that is being read.
	dims []int64
}

// read reads the next sample's value.
func (c *column) read(s *scanner) error {
	before := c.values.len()
	c.dims = c.dims[:0]
	var err error
	if s.space() == '[' {
		c.values.reserve(c.room(s))
		err = c.list(s, 0)
	} else {
		err = c.values.single(s)
	}
	if err != nil {
		return err
	}
	n := int64(c.values.len() - before)
	if c.feed.LoD {
		return c.addSequence(n)
	}
	return c.addSample(n)
}

// room is how many elements the sample will have by the feed's shape; no more than
// the rest of the body can hold.
func (c *column) room(s *scanner) int {
	n, _ := c.feed.Shape.Elements()
	return int(min(n, int64(len(s.body)-s.pos)/2+1))
}

// list reads a list that depth lists surround. Either all its elements are lists, each
// as long as the others at its depth, or none is one.
func (c *column) list(s *scanner, depth int) error {
	leaf := depth+1 == len(c.dims)
	if depth == len(c.dims) {
		c.dims = append(c.dims, -1)
		leaf = s.afterBracket() != '['
	}
	var count int64
	var err error
	if leaf {
		count, err = c.leaves(s)
	} else {
		count, err = c.lists(s, depth)
	}
	if err != nil {
		return err
	}
	if want := c.dims[depth]; want >= 0 && want != count {
		return &valueError{text: fmt.Sprintf("list is ragged: length %d, want %d as of the lists before it", count, want)}
	}
	c.dims[depth] = count
	return nil
}

// leaves reads a list of elements and returns its length.
func (c *column) leaves(s *scanner) (int64, error) {
	before := c.values.len()
	err := c.values.list(s)
	if v, ok := err.(*valueError); ok && v.list {
		v.text = "list is ragged: " + v.text
	}
	return int64(c.values.len() - before), err
}

// lists reads a list of lists and returns its length.
func (c *column) lists(s *scanner, depth int) (count int64, err error) {
	err = s.array("a list", func(int) error {
		count++
		if s.space() == '[' {
			return c.list(s, depth+1)
		}
		return s.mismatch("a list as before it")
	})
	return count, err
}

// afterBracket is the first byte inside the list at pos; 0 at the end.
func (s *scanner) afterBracket() byte {
	inside := scanner{body: s.body, pos: s.pos + 1}
	return inside.space()
}

// addSample checks a sample of n elements and settles the shape.
func (c *column) addSample(n int64) error {
	shape, err := c.sampleShape(n)
	if err != nil {
		return err
	}
	return c.settle(shape)
}

func (c *column) sampleShape(n int64) (sampan.Shape, error) {
	want := c.feed.Shape
	free, rest := 0, make(sampan.Shape, 0, len(want))
	for _, d := range want {
		if d < 0 {
			free++
		} else {
			rest = append(rest, d)
		}
	}
	size, ok := rest.Elements()
	switch {
	case !ok:
		return nil, &valueError{text: fmt.Sprintf("%s for shape %v, which is too large", c.counted(n), want)}
	case free == 0 && n == size:
		return want, nil
	case free == 0:
		return nil, &valueError{text: fmt.Sprintf("%s, want %d for shape %v", c.counted(n), size, want)}
	case sampan.Shape(c.dims).Fits(want):
		return sampan.Shape(c.dims), nil
	case len(c.dims) == 0:
		return nil, &valueError{text: fmt.Sprintf("a single value, want a list for shape %v", want)}
	case free > 1:
		return nil, &valueError{text: fmt.Sprintf("nested as %v, want %v", sampan.Shape(c.dims), want)}
	case size == 0 || n%size != 0:
		return nil, &valueError{text: fmt.Sprintf("%s, want a multiple of %d for shape %v", c.counted(n), size, want)}
	}
	shape := append(sampan.Shape{}, want...)
	for i, d := range shape {
		if d < 0 {
			shape[i] = n / size
		}
	}
	return shape, nil
}

// addSequence checks a sequence of n elements, settles the shape of a row and adds the
// offset of the sequence's end.
func (c *column) addSequence(n int64) error {
	if len(c.dims) == 0 {
		return &valueError{text: "a single value, want a list of rows"}
	}
	row := c.feed.Shape
	if len(row) > 0 && row[0] < 0 {
		row = row[1:]
	}
	rows, open := c.dims[0], len(row) == 0
	for _, d := range row {
		open = open || d < 0
	}
	if open {
		nested := sampan.Shape(c.dims[1:])
		if len(row) > 0 && rows > 0 && !nested.Fits(row) {
			return &valueError{text: fmt.Sprintf("rows of shape %v, want %v", nested, row)}
		}
		row = nested
	} else {
		size, ok := row.Elements()
		if !ok || size == 0 || n%size != 0 {
			return &valueError{text: fmt.Sprintf("%s, want a multiple of %d for rows of shape %v", c.counted(n), size, row)}
		}
		rows = n / size
	}
	// An empty list does not say what its rows would be.
	if rows > 0 || !open {
		if err := c.settle(row); err != nil {
			return err
		}
	}
	if len(c.offsets) == 0 {
		c.offsets = append(c.offsets, 0)
	}
	c.offsets = append(c.offsets, c.offsets[len(c.offsets)-1]+rows)
	return nil
}

// settle takes the first shape and holds the others against it.
func (c *column) settle(shape sampan.Shape) error {
	switch {
	case c.shape == nil:
		c.shape = append(sampan.Shape{}, shape...)
	case !c.shape.Equal(shape):
		return &valueError{text: fmt.Sprintf("shape %v, want %v as in the samples before it", shape, c.shape)}
	}
	return nil
}

// tensor joins the samples.
func (c *column) tensor() (sampan.Tensor, error) {
	size, lod := int64(c.samples), sampan.LoD(nil)
	if c.feed.LoD {
		size, lod = c.offsets[len(c.offsets)-1], sampan.LoD{c.offsets}
	}
	t, err := c.values.tensor(append(sampan.Shape{size}, c.shape...))
	t.LoD = lod
	return t, err
}

// counted is a number of values in words.
func (c *column) counted(n int64) string {
	noun := "number"
	switch c.feed.DType {
	case sampan.String:
		noun = "text"
	case sampan.Bool:
		noun = "bool"
	}
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
