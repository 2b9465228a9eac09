package ttheader

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/sampanml/sampan"
)

const (
	// prefix is what precedes the header, in bytes.
	prefix = 14
	magic  = 0x1000
	// messageMagic begins the frame within.
	messageMagic = 0x9001
)

// Kind of a message.
type Kind uint16

// Kinds of messages. A caller who wants no reply sends one as a call, too.
const (
	KindCall      Kind = 1
	KindReply     Kind = 2
	KindException Kind = 3
	KindOneWay    Kind = 4
)

// Call is a call as it came.
type Call struct {
	// Number is what the reply repeats.
	Number uint32
	// Service is empty where the caller names none.
	Service, Method []byte
	// Model is the one that the caller names, by Kitex's metainfo "sampan-model"; empty
	// where it names none.
	Model []byte
	// Timeout is the time that the caller has; 0 where it does not say.
	Timeout time.Duration
	Message []byte
}

// Parse reads a whole frame. What is no call is InvalidArgument.
func Parse(frame []byte) (Call, error) {
	r := reader{rest: frame}
	size, first := r.uint32(), r.uint16()
	r.take(6)
	header := r.take(4 * int(r.uint16()))
	if r.short || first != magic || int64(size) != int64(len(frame))-4 {
		return Call{}, sampan.Errorf(sampan.InvalidArgument, "%d bytes are no frame of TTHeader", len(frame))
	}
	var c Call
	if err := c.pairs(header); err != nil {
		return Call{}, err
	}
	within := reader{rest: r.take(int(r.uint32()))}
	if r.short {
		return Call{}, sampan.Errorf(sampan.InvalidArgument, "the message in a frame of TTHeader is cut off")
	}
	first, kind := within.uint16(), Kind(within.uint16())
	c.Method = within.take(int(within.uint32()))
	c.Number = within.uint32()
	c.Message = within.rest
	if within.short || first != messageMagic || kind != KindCall && kind != KindOneWay {
		return Call{}, sampan.Errorf(sampan.InvalidArgument, "a frame of TTHeader has no call in protobuf within")
	}
	return c, nil
}

// Kinds of sections of a header, and the keys of pairs.
const (
	padding = 0x00
	byName  = 0x01
	byKey   = 0x10
	token   = 0x11

	keyTimeout = 12
	keyKind    = 22
	serviceKey = "isn"
	modelKey   = "RPC_TRANSIT_sampan-model"
	// passedOnModelKey is what one server says to the next.
	passedOnModelKey = "RPC_TRANSIT_UPSTREAM_sampan-model"
)

// pairs reads a header.
func (c *Call) pairs(header []byte) error {
	r := reader{rest: header}
	protocol := r.take(1)
	r.take(int(r.uint8()))
	if r.short || protocol[0] != 0 && protocol[0] != 4 {
		return sampan.Errorf(sampan.InvalidArgument, "a header of TTHeader of another protocol than protobuf")
	}
	for len(r.rest) > 0 && !r.short {
		switch section := r.uint8(); section {
		case padding:
		case byName:
			for range r.uint16() {
				key, value := r.text(), r.text()
				if r.short {
					break
				}
				switch string(key) {
				case serviceKey:
					c.Service = value
				case modelKey, passedOnModelKey:
					c.Model = value
				}
			}
		case byKey:
			for range r.uint16() {
				key, value := r.uint16(), r.text()
				if r.short {
					break
				}
				if key == keyTimeout {
					c.Timeout = milliseconds(value)
				}
			}
		case token:
			r.text()
		default:
			return sampan.Errorf(sampan.InvalidArgument, "a header of TTHeader has a section %#x", section)
		}
	}
	if r.short {
		return sampan.Errorf(sampan.InvalidArgument, "a header of TTHeader is cut off")
	}
	return nil
}

// milliseconds reads a number of them; what is none, or not positive, is 0.
func milliseconds(text []byte) time.Duration {
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// reader takes numbers and bytes off the front. Where there are too few it says so in
// the end, and gives none.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.rest, r.short = nil, true
	}
	if r.short {
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// text is bytes behind their number.
func (r *reader) text() []byte { return r.take(int(r.uint16())) }
