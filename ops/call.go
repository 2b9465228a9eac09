package ops

// Call is what the caller of a pipeline sent.
type Call struct {
	// Method is the second element of /NAME/METHOD; empty where there was none.
	Method string
	// LogID is the caller's mark for this call.
	LogID int64
	// ClientIP is the caller's address as the caller gives it.
	ClientIP string
	// Values are the texts and arrays, in the order in which they came.
	Values []Value
	// Own is what the pipeline keeps of the call.
	Own any
}

// Value is what a pipeline's caller or op gives under a name: a text (string), an array
// (sampan.Tensor), or whatever one op of a pipeline hands to the next.
type Value struct {
	Name string
	Data any
}
