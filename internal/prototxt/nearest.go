package prototxt

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sampanml/sampan/internal/nearest"
)

// nearestField returns the field of a message, or of those inside it, that name was
// perhaps meant to be; "" if there is none.
func nearestField(name string, message protoreflect.MessageDescriptor) string {
	var names []string
	seen := map[protoreflect.FullName]bool{}
	var visit func(protoreflect.MessageDescriptor)
	visit = func(d protoreflect.MessageDescriptor) {
		if seen[d.FullName()] {
			return
		}
		seen[d.FullName()] = true
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			names = append(names, f.TextName())
			if f.Message() != nil {
				visit(f.Message())
			}
		}
	}
	visit(message)
	return nearest.Name(name, names)
}
