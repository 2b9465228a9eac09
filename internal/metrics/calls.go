package metrics

import (
	"github.com/sampanml/sampan"
)

// Calls counts and times the calls of one protocol. A nil Calls counts nothing.
type Calls struct {
	// total has a histogram for each code, OK first.
	total  [int(lastCode) + 1]*Histogram
	encode *Histogram
}

// lastCode is the highest of our codes.
const lastCode = sampan.Unavailable

// NewCalls makes the calls of a protocol out of two families: total has the labels
// protocol and code, encode has protocol.
func NewCalls(protocol string, total, encode func(labels ...string) *Histogram) *Calls {
	c := &Calls{encode: encode(protocol)}
	c.total[0] = total(protocol, "OK")
	for code := sampan.Canceled; code <= lastCode; code++ {
		if name := code.String(); name != "Unknown" {
			c.total[code] = total(protocol, name)
		}
	}
	return c
}

// Done counts a call that began then and ended now.
func (c *Calls) Done(began Instant, err error) {
	if c != nil {
		c.end(began, Now(), err)
	}
}

// Encoded is Done for a call whose reply was written since encoding began; 0 if that was
// not measured.
func (c *Calls) Encoded(began, encoding Instant, err error) {
	if c == nil {
		return
	}
	now := Now()
	if encoding != 0 && err == nil {
		c.encode.Observe(int64(now - encoding))
	}
	c.end(began, now, err)
}

func (c *Calls) end(began, now Instant, err error) {
	code := sampan.Code(0)
	if err != nil {
		if code = sampan.CodeOf(err); int(code) >= len(c.total) || c.total[code] == nil {
			code = sampan.Internal
		}
	}
	c.total[code].Observe(int64(now - began))
}
