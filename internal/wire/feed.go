package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sampanml/sampan"
)

// FeedVar describes one input to [DecodeFeed].
type FeedVar struct {
	// Name is the variable's name in the model, Alias the one that callers use. Both
	// are accepted; an empty Alias means that there is only Name.
	Name, Alias string
	DType       sampan.DType
	// Shape is that of one sample, without the batch dimension; -1 is a size that the
	// samples decide. For a LoD input it is that of one row; a -1 in front, as Paddle's
	// converter writes it, stands for the rows and is passed over.
	Shape sampan.Shape
	// LoD says that a sample is a sequence of rows, of any length.
	LoD bool
}

func (f *FeedVar) public() string {
	if f.Alias != "" {
		return f.Alias
	}
	return f.Name
}

// DecodeFeed reads a request in the old web service's dialect:
//
//	{"feed":[{"x":[0.0137,…]},{"x":[…]}],"fetch":["price"]}
//
// feed is a list of samples, or one sample, and every sample has a value for each of
// feeds. A value is a list, flat or nested, that is given the feed's shape whatever its
// own, as numpy's reshape does; a sample of one element may be that element. The
// samples are joined along a new first dimension. A size of -1 is taken from the
// nesting where that fits the shape, else from the number of elements where it is the
// only one; all samples must agree. A LoD feed's samples are joined along the rows,
// with the offsets between them as the LoD: shape [rows, row…]; where the feed's shape
// does not say what a row is the nesting does, so a flat list has rows of one element
// and shape [rows].
//
// Integers may be written 3.0 but not 3.5 or beyond the type's range, bools as 0 and
// 1, floats also as "NaN", "Infinity", "-Infinity"; a float16 or bfloat16 is rounded by
// way of float32. fetch is a list of names, one name, or null; none means all outputs.
// Other keys are ignored.
//
// Errors are InvalidArgument: for what is not JSON (or nests deeper than 100) with the
// offset, else with the path, `feed[0].x[3]: "abc", want a number`. A feed whose type
// cannot be written as JSON, such as complex64, is Unimplemented.
func DecodeFeed(body []byte, feeds []FeedVar) (*sampan.Request, error) {
	d := feedDecoder{scanner: scanner{body: body}, columns: make([]column, len(feeds))}
	for i := range feeds {
		values, ok := newValues(feeds[i].DType)
		if !ok {
			return nil, sampan.Errorf(sampan.Unimplemented, "feed %q: %s elements cannot be given as JSON",
				feeds[i].public(), feeds[i].DType)
		}
		d.columns[i] = column{feed: &feeds[i], values: values}
	}
	if err := d.decode(); err != nil {
		return nil, sampan.Errorf(sampan.InvalidArgument, "%w", err)
	}
	request := &sampan.Request{Inputs: make([]sampan.Named, len(feeds)), Outputs: d.fetch}
	for i := range d.columns {
		c := &d.columns[i]
		t, err := c.tensor()
		if err != nil {
			return nil, sampan.Errorf(sampan.InvalidArgument, "feed %q: %w", c.feed.public(), err)
		}
		request.Inputs[i] = sampan.Named{Name: c.feed.Name, Alias: c.feed.Alias, Tensor: t}
	}
	return request, nil
}

// feedDecoder reads one body.
type feedDecoder struct {
	scanner
	columns []column
	samples int
	fetch   []string
}

func (d *feedDecoder) decode() error {
	if d.space(); d.pos == len(d.body) {
		return fmt.Errorf("body is empty, want a JSON object with feed and fetch")
	}
	hasFeed, hasFetch := false, false
	err := d.object(func(key []byte) (err error) {
		switch string(key) {
		case "feed":
			if hasFeed {
				return fmt.Errorf("feed is given twice")
			}
			hasFeed = true
			err = d.readFeed()
		case "fetch":
			if hasFetch {
				return fmt.Errorf("fetch is given twice")
			}
			hasFetch = true
			d.fetch, err = d.readFetch()
		default:
			return d.skip()
		}
		return atKey(err, key)
	})
	if err == nil {
		err = d.end()
	}
	switch {
	case err != nil:
		return err
	case !hasFeed:
		return fmt.Errorf("feed is missing")
	case !hasFetch:
		return fmt.Errorf("fetch is missing")
	case d.samples == 0:
		return fmt.Errorf("feed is empty, want at least one sample")
	}
	return nil
}

func (d *feedDecoder) readFetch() ([]string, error) {
	switch d.space() {
	case 'n':
		return nil, d.literal("null")
	case '"':
		name, err := d.string()
		return []string{name}, err
	case '[':
		return list(&d.scanner, nil, (*scanner).string)
	}
	return nil, d.mismatch("a list of names")
}

func (d *feedDecoder) readFeed() error {
	if d.space() == '{' {
		return d.readSample("feed")
	}
	return d.array("a list of samples", func(i int) error {
		return d.readSample("feed[" + strconv.Itoa(i) + "]")
	})
}

// readSample reads the object of one sample; where is its path.
func (d *feedDecoder) readSample(where string) error {
	d.samples++
	err := d.object(func(key []byte) error {
		c := d.column(key)
		switch {
		case c == nil:
			return fmt.Errorf("feed %q is not known; known are %s", brief(key), d.known())
		case c.samples == d.samples:
			return fmt.Errorf("%s has %q twice", where, key)
		}
		c.samples++
		return atKey(c.read(&d.scanner), key)
	})
	if err != nil {
		return err
	}
	for i := range d.columns {
		if d.columns[i].samples < d.samples {
			return fmt.Errorf("%s has no %q", where, d.columns[i].feed.public())
		}
	}
	return nil
}

// column finds a feed by alias or, failing that, by name.
func (d *feedDecoder) column(key []byte) *column {
	for i := range d.columns {
		if d.columns[i].feed.public() == string(key) {
			return &d.columns[i]
		}
	}
	i := slices.IndexFunc(d.columns, func(c column) bool { return c.feed.Name == string(key) })
	if i < 0 {
		return nil
	}
	return &d.columns[i]
}

func (d *feedDecoder) known() string {
	names := make([]string, len(d.columns))
	for i := range d.columns {
		names[i] = strconv.Quote(d.columns[i].feed.public())
	}
	return strings.Join(names, ", ")
}
