package prototxt

import "google.golang.org/protobuf/reflect/protoreflect"

// nearest returns the field of a message, or of those inside it, whose name differs
// least from the given one; none if all differ by more than a third.
func nearest(name string, message protoreflect.MessageDescriptor) string {
	best, least := "", len(name)/3+1
	seen := map[protoreflect.FullName]bool{}
	var visit func(protoreflect.MessageDescriptor)
	visit = func(d protoreflect.MessageDescriptor) {
		if seen[d.FullName()] {
			return
		}
		seen[d.FullName()] = true
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if n := distance(name, f.TextName(), least); n < least {
				best, least = f.TextName(), n
			}
			if f.Message() != nil {
				visit(f.Message())
			}
		}
	}
	visit(message)
	return best
}

// distance is Levenshtein's; names whose lengths alone differ by limit are not
// compared.
func distance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
