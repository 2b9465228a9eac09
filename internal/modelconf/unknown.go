package modelconf

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// unknownField finds a field that the message's type does not have, at any depth:
// `feed_var[1].9` is number 9 in the second feed_var.
func unknownField(m protoreflect.Message) (path string, found bool) {
	if raw := m.GetUnknown(); len(raw) > 0 {
		number, _, _ := protowire.ConsumeTag(raw)
		return fmt.Sprint(number), true
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Message() == nil || !f.IsList() {
			return true
		}
		for i := range v.List().Len() {
			if path, found = unknownField(v.List().Get(i).Message()); found {
				path = fmt.Sprintf("%s[%d].%s", f.Name(), i, path)
				return false
			}
		}
		return true
	})
	return path, found
}
