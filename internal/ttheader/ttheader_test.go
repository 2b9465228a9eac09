package ttheader

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sampanml/sampan"
)

// section is one of a header, of pairs by name or, where the keys are two bytes, by number.
func section(kind byte, pairs ...string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(pairs)/2))
	for i, text := range pairs {
		if kind == byName || i%2 == 1 {
			b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
		}
		b = append(b, text...)
	}
	return b
}

// frame makes one of a header's sections and what is within.
func frame(within []byte, sections ...[]byte) []byte {
	header := append([]byte{0, 0}, bytes.Join(sections, nil)...)
	for len(header)%4 != 0 {
		header = append(header, padding)
	}
	b := []byte{0, 0, 0, 0, 0x10, 0, 0, 1, 0, 0, 0, 9}
	b = binary.BigEndian.AppendUint16(b, uint16(len(header)/4))
	b = append(b, header...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(within))), within...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// call is what is within the frame of one.
func call(kind Kind, method string, number uint32, message string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0x90, 0x01}, uint16(kind))
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(method))), method...)
	return append(binary.BigEndian.AppendUint32(b, number), message...)
}

func TestParse(t *testing.T) {
	good := call(KindCall, "inference", 7, "message")
	for name, c := range map[string]struct {
		frame []byte
		want  Call
	}{
		"plain":       {frame(good), Call{Number: 7, Method: []byte("inference"), Message: []byte("message")}},
		"one way":     {frame(call(KindOneWay, "m", 1, "")), Call{Number: 1, Method: []byte("m"), Message: []byte{}}},
		"a service":   {frame(good, section(byName, "a", "b", "isn", "Service")), Call{Number: 7, Service: []byte("Service"), Method: []byte("inference"), Message: []byte("message")}},
		"a timeout":   {frame(good, section(byKey, "\x00\x03", "me", "\x00\x0c", "1500")), Call{Number: 7, Method: []byte("inference"), Message: []byte("message"), Timeout: 1500 * time.Millisecond}},
		"no timeout":  {frame(good, section(byKey, "\x00\x0c", "soon")), Call{Number: 7, Method: []byte("inference"), Message: []byte("message")}},
		"negative":    {frame(good, section(byKey, "\x00\x0c", "-5")), Call{Number: 7, Method: []byte("inference"), Message: []byte("message")}},
		"everything":  {frame(good, []byte{padding}, []byte{token, 0, 1, 'x'}, section(byKey, "\x00\x0c", "1"), section(byName, "isn", "S")), Call{Number: 7, Service: []byte("S"), Method: []byte("inference"), Message: []byte("message"), Timeout: time.Millisecond}},
		"a model":     {frame(good, section(byName, "RPC_TRANSIT_sampan-model", "m:2")), Call{Number: 7, Model: []byte("m:2"), Method: []byte("inference"), Message: []byte("message")}},
		"passed on":   {frame(good, section(byName, "RPC_TRANSIT_UPSTREAM_sampan-model", "m")), Call{Number: 7, Model: []byte("m"), Method: []byte("inference"), Message: []byte("message")}},
		"empty pairs": {frame(good, section(byName), section(byKey)), Call{Number: 7, Method: []byte("inference"), Message: []byte("message")}},
	} {
		got, err := Parse(c.frame)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Number != c.want.Number || got.Timeout != c.want.Timeout || !bytes.Equal(got.Service, c.want.Service) || !bytes.Equal(got.Model, c.want.Model) ||
			!bytes.Equal(got.Method, c.want.Method) || !bytes.Equal(got.Message, c.want.Message) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := call(KindCall, "inference", 7, "message")
	whole := frame(good, section(byName, "isn", "Service"))
	changed := func(at int, to byte) []byte {
		b := bytes.Clone(whole)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"empty":               nil,
		"another size":        append(bytes.Clone(whole), 0),
		"another magic":       changed(4, 0x11),
		"a larger header":     changed(12, 0xff),
		"another protocol":    changed(14, 2),
		"transforms":          changed(15, 0xff),
		"no header":           append([]byte{0, 0, 0, 10, 0x10, 0, 0, 1, 0, 0, 0, 9, 0, 0}, 0, 0, 0, 0),
		"an unknown section":  frame(good, []byte{0x77}),
		"pairs are cut":       frame(good, []byte{byName, 0xff, 0xff, 0, 1}),
		"numbers are cut":     frame(good, []byte{byKey, 0xff, 0xff}),
		"a token is cut":      frame(good, []byte{token, 0xff, 0xff}),
		"nothing within":      frame(nil),
		"another kind":        frame(call(KindReply, "m", 1, "")),
		"a method is cut":     frame(append([]byte{0x90, 0x01, 0, 1, 0xff, 0xff, 0xff, 0xff}, "inference"...)),
		"not protobuf within": frame(append([]byte{0x80, 0x01, 0, 1}, good[4:]...)),
	} {
		if _, err := Parse(b); sampan.CodeOf(err) != sampan.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("the first %d bytes are a frame", n)
		}
	}
}

// TestReply reads what it wrote with the reader for calls, which differ in their kind
// alone.
func TestReply(t *testing.T) {
	for name, r := range map[string]Reply{
		"good":     {Number: 7, Method: []byte("inference")},
		"bad":      {Number: 1 << 31, Method: []byte("m"), Code: 3, Text: "input \"x\" is missing"},
		"last":     {Closing: true},
		"bad last": {Method: []byte("debug"), Code: 8, Text: strings.Repeat("ä", maxText), Closing: true},
	} {
		b := append(r.Append([]byte("before")), "message"...)[6:]
		if err := Finish(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if most := Room + len(r.Method) + len(r.Text) + len("message"); len(b) > most {
			t.Errorf("%s: %d bytes, want at most %d", name, len(b), most)
		}
		for _, text := range []string{codeKey, textKey, closingKey} {
			if want := text == closingKey && r.Closing || text != closingKey && r.Code != 0; bytes.Contains(b, []byte(text)) != want {
				t.Errorf("%s: %q is there: %v", name, text, !want)
			}
		}
		if r.Code != 0 && len(r.Text) < 100 && !bytes.Contains(b, []byte(r.Text)) {
			t.Errorf("%s: the text is missing", name)
		}
		within := prefix + 4*int(binary.BigEndian.Uint16(b[prefix-2:]))
		b[within+7] = byte(KindCall)
		c, err := Parse(b)
		if err != nil || c.Number != r.Number || !bytes.Equal(c.Method, r.Method) || string(c.Message) != "message" {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
	b := (&Reply{Number: 5, Method: []byte("m")}).AppendException(nil, UnknownMethod, "unknown method m")
	within := prefix + 4*int(binary.BigEndian.Uint16(b[prefix-2:]))
	b[within+7] = byte(KindCall)
	c, err := Parse(b)
	number, n := protowire.ConsumeVarint(c.Message[1:])
	text, _ := protowire.ConsumeString(c.Message[n+2:])
	if err != nil || number != UnknownMethod || text != "unknown method m" {
		t.Errorf("%+v %v: %d %q", c, err, number, text)
	}
}

func FuzzParse(f *testing.F) {
	good := call(KindCall, "inference", 7, "message")
	f.Add(frame(good, section(byKey, "\x00\x0c", "1500"), section(byName, "isn", "Service")))
	f.Add(frame(good, []byte{token, 0, 1, 'x'}))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Parse(b)
		if err != nil {
			if sampan.CodeOf(err) != sampan.InvalidArgument {
				t.Errorf("%v", err)
			}
			return
		}
		if n := len(c.Service) + len(c.Method) + len(c.Message); n > len(b) || c.Timeout < 0 {
			t.Errorf("%d bytes of %d, timeout %v", n, len(b), c.Timeout)
		}
	})
}
