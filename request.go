package sampan

// Named is a tensor as it travels between rooms.
type Named struct {
	// Name is the variable's name in the model. A caller may leave it empty and give
	// the alias alone, or neither: then the position counts.
	Name string
	// Alias is the public name; empty where there is no other than Name.
	Alias  string
	Tensor Tensor
}

// Public returns the alias, or the name where there is none.
func (n *Named) Public() string {
	if n.Alias != "" {
		return n.Alias
	}
	return n.Name
}

// Request is what every front door makes of a call. Its deadline travels in the
// context.
type Request struct {
	// Model is the one that is asked, as NAME or NAME:VERSION, where VERSION is a number
	// or a label; empty means what the server serves when nobody says.
	Model  string
	Inputs []Named
	// Outputs are the aliases of the wanted outputs; none means all.
	Outputs []string
	// Profile asks for the time stamps of every op.
	Profile bool
	// LogID is the caller's mark for this call; it is echoed.
	LogID uint64
}

// Reply is the answer to a [Request].
type Reply struct {
	// Outputs has one entry for each engine whose results are returned.
	Outputs []Output
	// Profile is pairs of start and end in microseconds since the epoch: those of
	// every op where the request asked for them, else of the last op alone.
	Profile []int64
}

// Output is what one engine answered.
type Output struct {
	// Engine is the name of the graph node that made the tensors.
	Engine  string
	Tensors []Named
}
