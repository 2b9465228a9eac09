package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// node is a JSON value as encoding/json's tokens give it, with the keys in order.
type node struct {
	keys  []string
	nodes []*node
	// leaf is a string, json.Number, bool or nil; json.Delim for lists and objects.
	leaf any
}

func parseNode(d *json.Decoder) *node {
	token, err := d.Token()
	if err != nil {
		panic(err) // the caller has seen to it that it is JSON
	}
	n := &node{leaf: token}
	if delim, ok := token.(json.Delim); ok {
		for d.More() {
			if delim == '{' {
				key, err := d.Token()
				if err != nil {
					panic(err)
				}
				n.keys = append(n.keys, key.(string))
			}
			n.nodes = append(n.nodes, parseNode(d))
		}
		if _, err := d.Token(); err != nil {
			panic(err)
		}
	}
	return n
}

func parseJSON(body []byte) *node {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return parseNode(d)
}

// get returns the first value of a key.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k == key {
			return n.nodes[i]
		}
	}
	return nil
}

// reference fills a message from JSON by the rules of json2pb, slowly.
func reference(n *node, m protoreflect.Message) error {
	if n.leaf != json.Delim('{') {
		return fmt.Errorf("not an object")
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		value := n.get(string(field.Name()))
		if value == nil || value.leaf == nil {
			continue
		}
		if !field.IsList() {
			if field.Kind() == protoreflect.BytesKind {
				if text, ok := value.leaf.(string); ok {
					data, err := anyBase64(text)
					if err != nil {
						return err
					}
					m.Set(field, protoreflect.ValueOfBytes(data))
				}
			} else if v, ok := scalar(field.Kind(), value); ok {
				m.Set(field, v)
			}
			continue
		}
		if value.leaf != json.Delim('[') {
			return fmt.Errorf("%s is not a list", field.Name())
		}
		list := m.Mutable(field).List()
		for _, element := range value.nodes {
			if field.Kind() == protoreflect.MessageKind {
				v := list.NewElement()
				if err := reference(element, v.Message()); err != nil {
					return err
				}
				list.Append(v)
				continue
			}
			v, ok := scalar(field.Kind(), element)
			if !ok {
				return fmt.Errorf("wrong element of %s", field.Name())
			}
			list.Append(v)
		}
	}
	return nil
}

func scalar(kind protoreflect.Kind, n *node) (v protoreflect.Value, ok bool) {
	number, isNumber := n.leaf.(json.Number)
	text, isText := n.leaf.(string)
	digits := string(number)
	if isText && (kind == protoreflect.Int64Kind || kind == protoreflect.Uint64Kind) && !strings.HasPrefix(text, "+") && json.Valid([]byte(text)) && strings.TrimSpace(text) == text {
		digits = text
	}
	if digits == "-0" {
		digits = "0"
	}
	switch kind {
	case protoreflect.BoolKind:
		b, ok := n.leaf.(bool)
		return protoreflect.ValueOfBool(b), ok
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), isText
	case protoreflect.Int32Kind:
		i, err := strconv.ParseInt(digits, 10, 32)
		return protoreflect.ValueOfInt32(int32(i)), err == nil
	case protoreflect.Uint32Kind:
		i, err := strconv.ParseUint(digits, 10, 32)
		return protoreflect.ValueOfUint32(uint32(i)), err == nil
	case protoreflect.Int64Kind:
		i, err := strconv.ParseInt(digits, 10, 64)
		return protoreflect.ValueOfInt64(i), err == nil
	case protoreflect.Uint64Kind:
		i, err := strconv.ParseUint(digits, 10, 64)
		return protoreflect.ValueOfUint64(i), err == nil
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		bits := 32
		if kind == protoreflect.DoubleKind {
			bits = 64
		}
		f, _ := strconv.ParseFloat(string(number), bits)
		if isText {
			switch text {
			case "NaN":
				f, isNumber = math.NaN(), true
			case "Infinity":
				f, isNumber = math.Inf(1), true
			case "-Infinity":
				f, isNumber = math.Inf(-1), true
			}
		}
		if bits == 32 {
			return protoreflect.ValueOfFloat32(float32(f)), isNumber
		}
		return protoreflect.ValueOfFloat64(f), isNumber
	}
	panic(kind)
}

func anyBase64(text string) (data []byte, err error) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if data, err = enc.DecodeString(text); err == nil {
			return data, nil
		}
	}
	return nil, err
}
